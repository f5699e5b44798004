//! Finds transcripts shared by rows with different videos after some rows get new ones.
//!
//! Texts are compared by hash and then byte by byte, in two sorted lists instead of a table of a million strings.

use crate::draft::Snapshot;
use crate::manifest::{Field, RowId, Value};
use crate::many::in_chunks;
use crate::row_set::RowSet;
use std::borrow::Cow;
use std::hash::{BuildHasher, RandomState};

/// Rows whose new transcript is also held or received by a row with another video.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clashes {
    /// (row, first other row that receives the same transcript), ascending.
    pub twice: Vec<(RowId, RowId)>,
    /// (row, first row that already has it and keeps it), ascending.
    pub used: Vec<(RowId, RowId)>,
}

/// Hash used to compare texts.
pub fn hash_of(keys: &RandomState, text: &str) -> u64 {
    keys.hash_one(text)
}

/// `new`: rows with the hash of their new transcript. `text` returns that transcript.
pub fn clashes<'a>(
    snapshot: &'a Snapshot,
    mut new: Vec<(u64, RowId)>,
    keys: &RandomState,
    text: &(impl Fn(RowId) -> Option<Cow<'a, str>> + Sync),
    progress: &(impl Fn(u32) -> bool + Sync),
) -> Option<Clashes> {
    new.sort_unstable();
    let changing: RowSet = new.iter().map(|(_, row)| *row).collect();
    let kept = RowSet::range(0, snapshot.len()).difference(&changing).difference(snapshot.excluded_rows());
    let total = snapshot.len();
    // These rows are counted already; this only asks whether to continue.
    let parts = in_chunks(&kept, &|_| progress(total), |chunk| {
        let mut found = Vec::new();
        for row in chunk.iter() {
            let value = snapshot.value(row, Field::Transcription);
            if !value.text().is_empty() {
                let hash = hash_of(keys, value.text());
                if new.binary_search_by_key(&hash, |(hash, _)| *hash).is_ok() {
                    found.push((hash, row));
                }
            }
        }
        found
    })?;
    let mut holders: Vec<(u64, RowId)> = parts.into_iter().flatten().collect();
    holders.sort_unstable();

    let video = |row: RowId| snapshot.value(row, Field::Object);
    let mut clashes = Clashes::default();
    let mut rest = holders.as_slice();
    for same in new.chunk_by(|a, b| a.0 == b.0) {
        let Some(&(hash, _)) = same.first() else { continue };
        let skipped = rest.partition_point(|(other, _)| *other < hash);
        rest = rest.get(skipped..).unwrap_or_default();
        let own = rest.get(..rest.partition_point(|(other, _)| *other == hash)).unwrap_or_default();
        if same.len() == 1 && own.is_empty() {
            continue;
        }
        // Nearly always one text and one video: the first row stands for all, so rows need no pairwise comparison.
        let others = Group::of(same.iter().map(|(_, row)| *row), text, video);
        let holders = Group::of(
            own.iter().map(|(_, row)| *row),
            |row| Some(snapshot.value(row, Field::Transcription).text().to_owned().into()),
            video,
        );
        for &(_, row) in same {
            let (Some(text), video) = (text(row), video(row)) else { continue };
            clashes.twice.extend(others.first_other(&text, video.text()).map(|other| (row, other)));
            clashes.used.extend(holders.first_other(&text, video.text()).map(|other| (row, other)));
        }
    }
    clashes.twice.sort_unstable();
    clashes.used.sort_unstable();
    Some(clashes)
}

/// Rows with one hash: for each text its first row, and the first row with another video.
struct Group {
    texts: Vec<(String, String, RowId, Option<RowId>)>,
}

impl Group {
    fn of<'a, 'b>(
        rows: impl Iterator<Item = RowId>,
        text: impl Fn(RowId) -> Option<Cow<'a, str>>,
        video: impl Fn(RowId) -> Value<'b>,
    ) -> Group {
        let mut group = Group { texts: Vec::new() };
        for row in rows {
            let (Some(text), video) = (text(row), video(row)) else { continue };
            match group.texts.iter_mut().find(|(known, ..)| *known == text) {
                Some((_, first, _, other)) if first != video.text() => *other = other.or(Some(row)),
                Some(_) => {}
                None => group.texts.push((text.into_owned(), video.text().to_owned(), row, None)),
            }
        }
        group
    }

    /// The first row with this text and another video.
    fn first_other(&self, text: &str, video: &str) -> Option<RowId> {
        let (_, first_video, first, other) = self.texts.iter().find(|(known, ..)| known == text)?;
        if first_video == video { *other } else { Some(*first) }
    }
}
