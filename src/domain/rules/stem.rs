//! Decides whether a video and a transcript have matching names.
//!
//! [`crate::names`] interprets names; this only decides whether two of them, with their folders, can belong
//! together. In doubt they can: operators stop reading a warning that is mostly wrong. `places` compares the folders,
//! `eased` takes the second look.

use super::eased;
use super::places::{folders, last_folder, offset};
use crate::names::folders::Parts;
use crate::names::words::Meaning;
use crate::names::{Cut, Step, Tag, Token, Tokens, clean, ends, sense};
use crate::s3_url::key;
use std::borrow::Cow;

/// Two names that differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Difference<'a> {
    /// The part of the video's name without a counterpart.
    pub video: &'a str,
    pub transcript: &'a str,
    /// Byte offset of `transcript` in the transcript's key.
    pub at: usize,
    /// Both are the only number in which the names differ.
    pub is_number: bool,
}

/// None if the names of two keys agree; true if they differ in a number or a folder.
pub(crate) fn names_differ(video_key: &str, transcript_key: &str) -> Option<bool> {
    let difference = difference(video_key, transcript_key)?;
    Some(difference.is_number || key::stem(video_key) == key::stem(transcript_key))
}

/// None if the names agree.
pub(super) fn difference<'a>(video_key: &'a str, transcript_key: &'a str) -> Option<Difference<'a>> {
    let found = compared(video_key, transcript_key)?;
    let agrees = |video: &str, transcript: &str| compared(video, transcript).is_none();
    (!eased::agree(video_key, transcript_key, agrees)).then_some(found)
}

fn compared<'a>(video_key: &'a str, transcript_key: &'a str) -> Option<Difference<'a>> {
    let (video, transcript) = (key::stem(video_key), key::stem(transcript_key));
    if video == transcript {
        return folders(video_key, transcript_key);
    }
    let (a, b) = (Name::of(video, Side::Video), Name::of(transcript, Side::Transcript));
    let contradicts =
        matches!((a.tag, b.tag), (Some(a), Some(b)) if !a.language.is_same(b.language)) && a.whole() != b.whole();
    if !contradicts && a.agrees(&b) {
        return folders(video_key, transcript_key);
    }
    // `VIDEO.mp4` with `Subs/VIDEO/2_English.srt`.
    let nearest = key::folder(transcript_key).strip_suffix('/').map(key::file_name);
    if b.says_nothing && !contradicts && nearest.is_some_and(|folder| folder.eq_ignore_ascii_case(video)) {
        return None;
    }
    // `0711/video.mp4` with `captions/0711.srt` or `0711/en.srt`: the folder name identifies the video.
    let video_folder = a.is_generic().then(|| last_folder(video_key)).flatten();
    let transcript_folder = (b.says_nothing || b.is_generic()).then(|| last_folder(transcript_key)).flatten();
    if video_folder.is_some() || transcript_folder.is_some() {
        let x = video_folder.map_or_else(|| a.clone(), |folder| Name::of(folder, Side::Video));
        let y = transcript_folder.map_or_else(|| b.clone(), |folder| Name::of(folder, Side::Video));
        // `Film (2019)/Film.mkv` with `Film (2019)/Subs/3_English.srt`: all in it is of the one film.
        let is_beside = !contradicts && transcript_folder.is_some() && last_folder(video_key) == transcript_folder;
        if is_beside || x.agrees(&y) || transcript_folder.is_some() && a.agrees(&y) {
            return None;
        }
        if !contradicts {
            return Some(told(transcript_key, video_folder.unwrap_or(a.core), transcript_folder.unwrap_or(b.core)));
        }
    }
    if !contradicts && say_the_same_with_folders(video_key, transcript_key) {
        return None;
    }
    // Without versions at their ends they may be equal.
    let (a, b) = if contradicts || a.core == b.core { (video, transcript) } else { (a.core, b.core) };
    Some(told(transcript_key, a, b))
}

/// The only number in which they differ, or both names in full.
fn told<'a>(transcript_key: &'a str, a: &'a str, b: &'a str) -> Difference<'a> {
    let (video, transcript, is_number) = one_number(a, b).map_or((a, b, false), |(a, b)| (a, b, true));
    Difference { video, transcript, at: offset(transcript_key, transcript), is_number }
}

/// The name of one side contains folders of the other: `A001/C0004.mp4` with `A001_C0004.srt`.
fn say_the_same_with_folders(video_key: &str, transcript_key: &str) -> bool {
    let name = |key, folders, side| with_folders(key, folders).map(|text| Name::of(text, side));
    [(1, 0), (2, 0), (0, 1), (0, 2), (1, 1)].into_iter().any(|(above, below)| {
        let (video, transcript) = (name(video_key, above, Side::Video), name(transcript_key, below, Side::Transcript));
        video
            .zip(transcript)
            .is_some_and(|(video, transcript)| video.says_as(&transcript) || video.counts_as(&transcript))
    })
}

/// The stem with so many of the folders before it.
fn with_folders(key: &str, count: usize) -> Option<&str> {
    let parts = Parts::of(key::folder(key));
    let from = match count {
        0 => key::folder(key).len(),
        count => parts.get(parts.len().checked_sub(count)?)?.start as usize,
    };
    key.get(from..key::folder(key).len() + key::stem(key).len())
}

/// The differing numbers, if both names have equally many and all others agree.
fn one_number<'a>(a: &'a str, b: &'a str) -> Option<(&'a str, &'a str)> {
    let (mut left, mut right) = (numbers(a), numbers(b));
    let mut found = None;
    loop {
        match (left.next(), right.next()) {
            (None, None) => return found,
            (Some(x), Some(y)) if significant(x) == significant(y) => {}
            (Some(x), Some(y)) if found.is_none() => found = Some((x, y)),
            _ => return None,
        }
    }
}

fn numbers(name: &str) -> impl Iterator<Item = &str> {
    name.split(|c: char| !c.is_ascii_digit()).filter(|run| !run.is_empty())
}

pub(super) fn significant(number: &str) -> &str {
    number.trim_start_matches('0')
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Video,
    Transcript,
}

/// Most cuts of a name that are tried.
const CUTS: usize = 8;

/// A name taken apart.
#[derive(Clone)]
struct Name<'a> {
    text: Cow<'a, str>,
    tokens: Tokens,
    cuts: [Option<(Cut, u64)>; CUTS],
    tag: Option<Tag>,
    /// A transcript's name that consists of language and kind.
    says_nothing: bool,
    /// The shortest cut.
    core: &'a str,
}

impl<'a> Name<'a> {
    fn of(stem: &'a str, side: Side) -> Name<'a> {
        let text = clean(stem);
        let tokens = Tokens::of(&text);
        let mut cuts = [None; CUTS];
        let mut slots = cuts.iter_mut();
        let mut last = Cut { to: tokens.len(), ..Cut::default() };
        let mut take = |cut: Cut| {
            last = cut;
            if let Some(slot) = slots.next() {
                *slot = Some((cut, cut.hash(&tokens)));
            }
        };
        let says_nothing = match side {
            Side::Transcript => ends::of_transcript(&text, &tokens, &mut take),
            Side::Video => {
                ends::of_video(&text, &tokens, &mut take);
                false
            }
        };
        let core = match (&text, last.of(&tokens)) {
            (Cow::Borrowed(text), [first, .., end]) => text.get(first.start as usize..end.end as usize),
            (Cow::Borrowed(text), [only]) => text.get(only.start as usize..only.end as usize),
            _ => None,
        };
        let core = core.filter(|core| !core.is_empty()).unwrap_or(stem);
        Name { tokens, cuts, tag: last.tag, says_nothing, core, text }
    }

    fn whole(&self) -> u64 {
        self.cuts.first().copied().flatten().map_or(0, |(_, hash)| hash)
    }

    fn cuts(&self) -> impl Iterator<Item = (Cut, u64)> {
        self.cuts.iter().copied().flatten()
    }

    fn is_generic(&self) -> bool {
        ends::is_generic(&self.text, &self.tokens)
    }

    /// Whether the two can name the same video.
    fn agrees(&self, transcript: &Name<'_>) -> bool {
        if self.tokens.is_empty() || transcript.tokens.is_empty() {
            return self.tokens.is_empty() == transcript.tokens.is_empty();
        }
        let meet = |(a, hash): (Cut, u64)| {
            transcript.cuts().any(|(b, other)| {
                hash == other && !b.marks.is(Meaning::OTHER_TEXT) && !self.versions(&a, transcript, &b)
            })
        };
        self.cuts().any(meet) || self.says_as(transcript) || self.is_episode_of(transcript)
    }

    /// Both have versions, and different ones.
    fn versions(&self, a: &Cut, transcript: &Name<'_>, b: &Cut) -> bool {
        let number = |name: &Name<'_>, cut: &Cut| {
            let rest: &[Token] = &name.tokens;
            rest.get(cut.to..).unwrap_or_default().iter().find(|token| token.is_number()).map(|token| token.hash)
        };
        a.step == Step::Version
            && b.step == Step::Version
            && matches!((number(self, a), number(transcript, b)), (Some(x), Some(y)) if x != y)
    }

    /// The same words, numbers and dates in another order or spelling.
    fn says_as(&self, transcript: &Name<'_>) -> bool {
        let sense = |name: &Name<'_>, cut: &Cut| sense::of(cut.of(&name.tokens));
        // The whole name, and its shortest cut.
        let ends = |name: &Name<'_>| [name.cuts().next(), name.cuts().last()].into_iter().flatten().map(|(cut, _)| cut);
        ends(self).any(|a| {
            let own = sense(self, &a);
            ends(transcript).any(|b| {
                let other = sense(transcript, &b);
                let same = own.hash == other.hash || Some(own.hash) == other.or || own.or == Some(other.hash);
                same && !b.marks.is(Meaning::OTHER_TEXT) && !self.versions(&a, transcript, &b)
            })
        })
    }

    /// One name has numbers alone, all labelled, and the other the same and a title: `l02` and `Lecture 2 - Tides`.
    fn counts_as(&self, transcript: &Name<'_>) -> bool {
        let last = |name: &Name<'_>| name.cuts().last().map(|(cut, _)| cut);
        let (Some(a), Some(b)) = (last(self), last(transcript)) else { return false };
        let (a, b) = (a.of(&self.tokens), b.of(&transcript.tokens));
        let numbers = |tokens: &[Token]| {
            let mut all = Vec::new();
            sense::numbers(tokens, &mut |label, number| all.push((label, number)));
            all.sort_unstable();
            all
        };
        let (own, theirs) = (numbers(a), numbers(b));
        own == theirs
            && own.iter().all(|(label, _)| *label != 0)
            && !own.is_empty()
            && (sense::of(a).words == 0 || sense::of(b).words == 0)
    }

    /// The same season and episode of the same show; one side may add a title.
    fn is_episode_of(&self, transcript: &Name<'_>) -> bool {
        let (Some(a), Some(b)) =
            (sense::episode_of::<Token>(&self.tokens), sense::episode_of::<Token>(&transcript.tokens))
        else {
            return false;
        };
        (a.show, a.season, a.episode) == (b.show, b.season, b.episode)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_same_thing_agree() {
        for (video, transcript) in [
            ("01.mp4", "01.srt"),
            ("01.mp4", "01.en.srt"),
            ("01.mp4", "01_en.vtt"),
            ("01.mp4", "01-english.srt"),
            ("01.mp4", "01.en-US.srt"),
            ("01.mp4", "01_zh_Hans.srt"),
            ("01.mp4", "1.srt"),
            ("Talk 1.mp4", "talk_1.srt"),
            ("Talk 1.mp4", "talk1.srt"),
            ("Talk 1.mp4", "talk-1 (English).vtt"),
            ("01.mp4", "01.mp4.srt"),
            ("01_1080p.mp4", "01.srt"),
            ("01_1080p_h264.mp4", "01_captions_en.srt"),
            ("talk_final.mp4", "talk.srt"),
            ("caf\u{e9} 1.mp4", "cafe\u{301} 1.srt"),
            ("\u{c9}t\u{e9}.mp4", "e\u{301}te\u{301}.srt"),
            ("\u{1ebf}.mp4", "e\u{302}\u{301}.srt"),
            (
                "한국어 저녁.mp4",
                "\u{1112}\u{1161}\u{11ab}\u{1100}\u{116e}\u{11a8}\u{110b}\u{1165} \u{110c}\u{1165}\u{1102}\u{1167}\u{11a8}.srt",
            ),
            ("\u{304c}.mp4", "\u{304b}\u{3099}.srt"),
            ("videos/0711/video.mp4", "captions/0711.srt"),
            ("videos/0711.mp4", "captions/0711/en.srt"),
            ("0711/source.mp4", "0711/subtitles.vtt"),
            ("en.mp4", "en.srt"),
            ("a/b/01.mp4", "c/01.srt"),
            ("news-en.mp4", "news-en.cc.srt"),
            ("日本語.mp4", "日本語.srt"),
            ("GMT20260314-143000_Recording_1920x1080.mp4", "GMT20260314-143000_Recording.transcript.vtt"),
            ("Show 1x02.mp4", "Show.S01E02.srt"),
            ("The.Office.S01E01.720p.BluRay.nHD.x264-NhaNc3.mkv", "The Office - 1x01 - Pilot.en.srt"),
            ("rel/Fen.S01E01.1080p.mp4", "rel/Subs/Fen.S01E01.1080p/2_English.srt"),
            ("Tide pools [u7Yh_3Kd-0A].mp4", "Tide pools [u7Yh_3Kd-0A].en-orig.vtt"),
            ("Tide pools [u7Yh_3Kd-0A].mp4", "Tide pools [u7Yh_3Kd-0A].en-nP7-2PuUl7o.vtt"),
            ("alpha.mp4", "alpha.wav.srt"),
            ("2024-01-25 evening.mp4", "evening_20240125.srt"),
            ("On Rivers Part II.mp4", "on-rivers-part-2.srt"),
            ("Caf\u{e9} 2.mp4", "Caf%C3%A9+2.srt"),
            ("a.mp4", "captions_a.srt"),
            ("uploads/2023/a.mp4", "subs/2023/a.srt"),
            ("show/Season 1/a.mp4", "show/s01/a.srt"),
            ("2023/a.mp4", "captions/a.srt"),
            ("2023/a.mp4", "2023/batch-7/a.srt"),
            ("2024-01-25/a.mp4", "20240125/a.srt"),
            ("2024/01/25/a.mp4", "2024-01-25/a.srt"),
            ("rel/Fen/Fen.mp4", "rel/Fen/Subs/Fen/2_English.srt"),
            ("videos/Season 1/01.mp4", "subs/Season 1/en/01.srt"),
            ("up/2024-01-25/zoom_0.mp4", "captions/zoom_0.srt"),
            ("shoot/x/A001/C0004.mp4", "text/x/A001_C0004.srt"),
            ("lms/Week 3/Lecture 2 - Tools.mp4", "lms-text/w03-l02.en.vtt"),
            ("x/Lecture 2 - Tools.mp4", "y/l02.srt"),
            ("tv/VIDEO.mp4", "tv/Subs/VIDEO/2_English.srt"),
            ("The Lathe (2019)/The Lathe.mkv", "The Lathe (2019)/Subs/3_English.srt"),
            ("The Lathe (2019)/The Lathe.mkv", "The Lathe (2019)/Subs/English.srt"),
            ("video/Room A/01.mp4", "subs/Room A/01.srt"),
            ("Jan 2024/talk.mp4", "January 2024/talk.srt"),
            ("maps/talk.mp4", "marks/talk.srt"),
            ("VIDEO.mp4", "Subs/VIDEO/2_English.srt"),
            ("Clip 7.mp4", "Subs/clip 7/English.srt"),
            // Accents, in two customs.
            ("Peña.mp4", "Pena.srt"),
            ("Café.mp4", "cafe.srt"),
            ("Cafe.mp4", "caf\u{e9}.en.srt"),
            ("Cafe\u{301} 2.mp4", "cafe_2.srt"),
            ("Über uns.mp4", "Ueber uns.srt"),
            ("Über uns.mp4", "Uber uns.srt"),
            ("Straße.mp4", "Strasse.srt"),
            ("Łódź.mp4", "Lodz.srt"),
            ("Smørrebrød.mp4", "Smorrebrod.srt"),
            ("Jalapeño/x.mp4", "Jalapeno/x.srt"),
            // The frame.
            ("Interview 16x9.mp4", "Interview.srt"),
            ("Interview_9x16.mp4", "Interview.en.srt"),
            ("Interview (4x3).mp4", "Interview.srt"),
            ("Interview 9x16.mp4", "Interview 16x9.srt"),
            ("lathe/Video 16x9.mp4", "lathe/Video.srt"),
            // Teams.
            ("Weekly sync-20240105_100000-Meeting Recording.mp4", "Weekly sync-20240105_100000.vtt"),
            ("Weekly sync-20240105_100000UTC-Meeting Recording.mp4", "Weekly sync-20240105_100000UTC.en.vtt"),
            ("Sync-20240105_100000-Besprechungsaufzeichnung.mp4", "Sync-20240105_100000.vtt"),
            ("Sync-20240105_100000UTC-Meeting Recording.mp4", "Sync-20240105_100000UTC-Meeting Transcript.vtt"),
            // Of which day or state the files are, not what they show.
            ("final_v2/talk.mp4", "captions_v3/talk.srt"),
            ("v1/01.mp4", "v2/01.srt"),
            ("show/v1/01.mp4", "show/v2/01.srt"),
            ("upload-2024-01-05/talk.mp4", "transcripts-2024-02-01/talk.srt"),
            ("x/uploaded 20240105/talk.mp4", "x/transcribed_2024-02-01/talk.srt"),
            ("Part A/talk.mp4", "Part A/subs/talk.srt"),
            ("v/talk.mp4", "t/talk.srt"),
            ("V/talk.mp4", "S/talk.srt"),
            ("March of Folly/x.mp4", "April Fools/x.srt"),
            ("Season 1/Disc 1/01.mp4", "Season 1/01.srt"),
            ("Season 1/01.mp4", "Season 1/Disc 2/01.srt"),
        ] {
            assert_eq!(difference(video, transcript), None, "{video} {transcript}");
        }
    }

    #[test]
    fn numbers_or_names_that_differ_are_shown() {
        for (video, transcript, left, right, is_number) in [
            ("01.mp4", "10.srt", "01", "10", true),
            ("news/2026/0711.mp4", "news/2026/0771.srt", "0711", "0771", true),
            ("ep1-2.mp4", "ep12.srt", "ep1-2", "ep12", false),
            ("s01e02.mp4", "s01e03.srt", "02", "03", true),
            ("s01e02.mp4", "s02e03.srt", "s01e02", "s02e03", false),
            ("talk-anna.mp4", "talk-bert.en.srt", "talk-anna", "talk-bert", false),
            ("talk.mp4", "talk2.srt", "talk", "talk2", false),
            ("talk_en.mp4", "talk_es.srt", "talk_en", "talk_es", false),
            ("0711/video.mp4", "0771/en.srt", "0711", "0771", true),
            ("한국어.mp4", "한국인.srt", "한국어", "한국인", false),
            ("カ.mp4", "キ.srt", "カ", "キ", false),
            ("lec/week 3/lecture.mp4", "lec/week 4/lecture.srt", "week 3", "week 4", false),
            ("shows/Season 1/01.mp4", "shows/Season 2/01.srt", "Season 1", "Season 2", false),
            ("shows/Season 1/01.mp4", "shows/Season 2/1.en.srt", "Season 1", "Season 2", false),
            ("up/2023/x/01.mp4", "subs/2024/x/01.srt", "2023", "2024", false),
            ("2024-01-25/a.mp4", "2024-01-26/a.srt", "2024-01-25", "2024-01-26", false),
            ("S01/recording.mp4", "S02/recording.srt", "S01", "S02", false),
            ("0001/video.mp4", "0002/video.srt", "0001", "0002", false),
            (
                "0f8fad5b-d9cb-469f-a165-70867728950e/recording.mp4",
                "7c9e6679-7425-40de-944b-e07fc1f90ae7/recording.vtt",
                "0f8fad5b-d9cb-469f-a165-70867728950e",
                "7c9e6679-7425-40de-944b-e07fc1f90ae7",
                false,
            ),
            ("spot_v1.mp4", "spot_v2.srt", "1", "2", true),
            ("lesson1.mp4", "lesson1.chapters.vtt", "lesson1", "lesson1.chapters", false),
            ("ガ.mp4", "カ.srt", "ガ", "カ", false),
            ("й.mp4", "и.srt", "й", "и", false),
            ("Show S01E02.mp4", "Show 1x03.srt", "02", "03", true),
            ("shoot/B001/C0004.mp4", "text/A001_C0004.srt", "C0004", "A001_C0004", false),
            ("x/Lecture 2 - Tools.mp4", "y/l03.srt", "2", "03", true),
            ("Jan 2024/talk.mp4", "Feb 2024/talk.srt", "Jan 2024", "Feb 2024", false),
            ("video/Monday/talk.mp4", "subs/Tuesday/talk.srt", "Monday", "Tuesday", false),
            ("Room A/01.mp4", "Room B/01.srt", "Room A", "Room B", false),
            ("conf/Room A/video/01.mp4", "conf/Room B/subs/01.srt", "Room A", "Room B", false),
            ("Room A/day 1/01.mp4", "Room B/day 1/01.srt", "Room A", "Room B", false),
            ("RoomA/01.mp4", "RoomB/01.srt", "RoomA", "RoomB", false),
            ("A/01.mp4", "B/01.srt", "A", "B", false),
            ("videos/A/01.mp4", "subs/B/01.srt", "A", "B", false),
            ("1/2/v.mp4", "2/1/v.srt", "2", "1", false),
            ("v/1/2/a.mp4", "t/2/1/a.srt", "2", "1", false),
            ("Season 1/01.mp4", "Season 1/subs/Season 2/01.srt", "Season 1", "Season 2", false),
            ("Group One/x.mp4", "Group Two/x.srt", "Group One", "Group Two", false),
            ("Disc I/x.mp4", "Disc II/x.srt", "Disc I", "Disc II", false),
            ("Januar/x.mp4", "Februar/x.srt", "Januar", "Februar", false),
            ("enero 2024/x.mp4", "marzo 2024/x.srt", "enero 2024", "marzo 2024", false),
            ("lundi/x.mp4", "mardi/x.srt", "lundi", "mardi", false),
            ("Montag/x.mp4", "Dienstag/x.srt", "Montag", "Dienstag", false),
            ("uploads/2024-01-05/a.mp4", "subs/2024-02-01/a.srt", "2024-01-05", "2024-02-01", false),
            ("upload-2024-01-05/a.mp4", "upload-2024-02-01/a.srt", "upload-2024-01-05", "upload-2024-02-01", false),
            ("Show 4x3.mp4", "Show 3x4.srt", "Show 4x3", "Show 3x4", false),
            ("S-20240105_100000-cam1.mp4", "S-20240105_100000-cam2.srt", "1", "2", true),
            ("spot/talk_v1.mp4", "spot/talk_v2.srt", "1", "2", true),
        ] {
            let found = difference(video, transcript).unwrap_or_else(|| panic!("{video} {transcript}"));
            assert_eq!(
                (found.video, found.transcript, found.is_number),
                (left, right, is_number),
                "{video} {transcript}"
            );
            assert!(transcript.get(found.at..).unwrap().starts_with(right));
        }
    }
}
