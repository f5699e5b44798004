//! Turns a match of two names into an edge with its level and doubts.

use super::evidence::{Doubt, Edge, FORMAT, Likeness};
use super::places::Lie;
use super::world::{Left, Marks, NOTHING, Transcript, Video, World};
use crate::names::{Step, Tag};

/// Two names with something in common.
pub(super) struct Meeting<'m> {
    pub video: (u32, Left),
    pub transcript: (u32, Left),
    pub lie: Lie,
    pub likeness: Likeness,
    /// The doubt that comes from the match itself.
    pub doubt: Doubt,
    /// Whether a two-letter code at the end of the transcript's name is a language.
    pub is_language: &'m dyn Fn(&Tag) -> bool,
}

/// None if they can't belong together.
pub(super) fn weigh(world: &World<'_>, meeting: &Meeting<'_>) -> Option<Edge> {
    let (id, own) = meeting.video;
    let (other, theirs) = meeting.transcript;
    let video: &Video = world.videos.get(id as usize)?;
    let transcript: &Transcript = world.transcripts.get(other as usize)?;
    let Lie { near, doubt: folder, is_veto, .. } = meeting.lie;
    if is_veto || theirs.marks.is(Marks::OTHER_TEXT) {
        return None;
    }
    let folder_tag = world.folder_tag(transcript.folder);
    let language = language(video.tag, theirs.tag, folder_tag, meeting.is_language)?;
    // A language tag in a video's name that differs from the row's is a word.
    if let Some(tag) = own.tag
        && !video.tag.is_some_and(|row| row.language.is_same(tag.language))
    {
        return None;
    }
    let is_its_own = video.is_filled && transcript.used_by == video.row;
    let doubts = [
        (transcript.used_by != NOTHING && !is_its_own, Doubt::Used),
        (theirs.marks.is(Marks::FORCED), Doubt::Forced),
        (true, language.doubt),
        (true, folder),
        (theirs.marks.is(Marks::COPY), Doubt::Copy),
        (theirs.marks.is(Marks::VERSION), Doubt::Version),
        (true, meeting.doubt),
        (own.step == Step::Size && theirs.step == Step::Size, Doubt::Size),
        (meeting.likeness > Likeness::Exact && !video.signs.agree(transcript.signs), Doubt::Signs),
    ];
    let doubt = doubts.into_iter().filter(|(is, _)| *is).map(|(_, doubt)| doubt).find(|doubt| *doubt != Doubt::None);
    Some(Edge {
        video: id,
        transcript: other,
        level: Edge::level(near, meeting.likeness),
        choice: language.rank + kind(theirs) + if transcript.is_preferred { 0 } else { FORMAT },
        likeness: meeting.likeness,
        near,
        doubt: doubt.unwrap_or(Doubt::None),
        has_tag: theirs.tag.is_some() || folder_tag.is_some(),
        fits_alone: false,
    })
}

/// How a transcript's language fits the row's.
struct Fit {
    /// Best first: the same tag, the language without region, no tag, a region of it.
    rank: u8,
    doubt: Doubt,
}

/// None if the end of the name is a word here and not a language.
fn language(row: Option<Tag>, tag: Option<Tag>, folder: Option<Tag>, is_real: &dyn Fn(&Tag) -> bool) -> Option<Fit> {
    let is_own = tag.zip(row).is_some_and(|(tag, row)| tag.language.is_same(row.language));
    if let Some(tag) = tag
        && !is_own
        && tag.is_doubtful
        && !is_real(&tag)
    {
        return None;
    }
    let fit = |rank, doubt| Some(Fit { rank, doubt });
    let (Some(tag), Some(row)) = (tag.or(folder), row) else { return fit(16, Doubt::None) };
    if !tag.language.is_same(row.language) {
        return fit(48, Doubt::Language);
    }
    match (tag.region, row.region) {
        (a, b) if a == b => fit(0, Doubt::None),
        ([0, 0], _) => fit(8, Doubt::None),
        (_, [0, 0]) => fit(32, Doubt::None),
        _ => fit(48, Doubt::Region),
    }
}

/// Plain first, then for the hard of hearing, then machine-generated.
fn kind(left: Left) -> u8 {
    match (left.marks.is(Marks::IMPAIRED), left.marks.is(Marks::AUTO)) {
        (false, false) => 0,
        (true, _) => 2,
        (false, true) => 4,
    }
}
