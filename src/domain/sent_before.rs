//! Rows that earlier attempts at the same service had, in whatever file: which, what became of them, and the words for it.
//! Rows are the same by index and video; with another transcript, a row was edited since.

use crate::draft::Snapshot;
use crate::format::{counted, row_number, thousands};
use crate::manifest::{Field, Row};
use crate::many::in_chunks;
use crate::row_set::RowSet;
use crate::stable;
use std::collections::BTreeMap;

/// Attempts that are named one by one.
const NAMED: usize = 3;

/// The same index and video have the same key, in whatever file they stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VideoKey(pub i64);

impl VideoKey {
    pub fn of(index: &str, object: &str) -> VideoKey {
        // A byte that no text holds keeps the two apart.
        let bytes = index.bytes().chain([0xff]).chain(object.bytes());
        VideoKey(stable::hash(bytes).cast_signed())
    }

    pub fn of_row(row: &Row<'_>) -> VideoKey {
        VideoKey::of(row.text(Field::IndexId), row.text(Field::Object))
    }
}

/// What tells one transcript from another.
pub fn transcript_key(transcript: &str) -> u64 {
    stable::hash(transcript.bytes())
}

/// One row of a manifest that is to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct VideoAt {
    pub video: VideoKey,
    /// In the file as sent, from 0.
    pub place: u32,
    /// [`transcript_key`]
    pub transcript: u64,
}

/// The rows that go with a snapshot, by their key: an ordered look-up is a fast one.
pub fn videos_of(snapshot: &Snapshot) -> Vec<VideoAt> {
    let kept = snapshot.kept_rows();
    let videos = |chunk: &RowSet| {
        let of = |row| {
            let row = snapshot.row(row);
            (VideoKey::of_row(&row), transcript_key(row.text(Field::Transcription)))
        };
        chunk.iter().map(of).collect::<Vec<_>>()
    };
    let videos = in_chunks(&kept, &|_| true, videos).unwrap_or_default();
    let placed = (0u32..).zip(videos.into_iter().flatten());
    let mut videos: Vec<VideoAt> =
        placed.map(|(place, (video, transcript))| VideoAt { video, place, transcript }).collect();
    videos.sort_unstable();
    videos
}

/// What became of a row in an earlier attempt. The later ones weigh more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Before {
    Refused,
    Failed,
    /// Accepted, and everything else of its attempt has settled without it.
    NotSeen,
    Accepted,
    Unknown,
}

/// One row that was sent before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowBefore {
    /// In the file as sent, from 0.
    pub place: u32,
    /// The newest attempt in which that became of it, and where it stood in its file.
    pub attempt: i64,
    pub then: u32,
    pub state: Before,
    /// The service said why it failed.
    pub has_reason: bool,
    /// It had another transcript then.
    pub is_edited: bool,
}

/// An attempt that had some of the rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HadRows {
    pub attempt: i64,
    pub started_ms: i64,
    /// The name of its file, untrusted.
    pub file: String,
    /// Another cuecard is sending it.
    pub under_way: bool,
    /// Its rows have outcomes of their own, which are settled one by one.
    pub is_row_by_row: bool,
}

/// What earlier attempts had of the rows of a manifest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowsBefore {
    /// One for each row that was sent before, in the order of the file.
    pub rows: Vec<RowBefore>,
    /// Newest first.
    pub attempts: Vec<HadRows>,
    /// Rows of the manifest; 0 if none of them was sent before.
    pub all: u32,
    /// Of each attempt. Summed once: a gate is drawn many times.
    sums: BTreeMap<i64, Sums>,
    edited: u64,
}

/// How many rows of one attempt are in which state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sums {
    refused: u64,
    failed: u64,
    with_reason: u64,
    not_seen: u64,
    accepted: u64,
    unknown: u64,
}

impl Sums {
    fn add(&mut self, row: &RowBefore) {
        match row.state {
            Before::Refused => self.refused += 1,
            Before::Failed => self.failed += 1,
            Before::NotSeen => self.not_seen += 1,
            Before::Accepted => self.accepted += 1,
            Before::Unknown => self.unknown += 1,
        }
        self.with_reason += u64::from(row.has_reason && row.state == Before::Failed);
    }

    /// Taken in, whatever became of it then.
    const fn taken(self) -> u64 {
        self.failed + self.not_seen + self.accepted
    }
}

impl RowsBefore {
    /// Of a row that several attempts had, what weighs most counts.
    pub fn of(found: impl IntoIterator<Item = RowBefore>, mut attempts: Vec<HadRows>, all: u32) -> RowsBefore {
        let mut rows: BTreeMap<u32, RowBefore> = BTreeMap::new();
        for row in found {
            let kept = rows.entry(row.place).or_insert(row);
            if (row.state, row.attempt) > (kept.state, kept.attempt) {
                *kept = row;
            }
        }
        let rows: Vec<RowBefore> = rows.into_values().collect();
        let mut sums: BTreeMap<i64, Sums> = BTreeMap::new();
        rows.iter().for_each(|row| sums.entry(row.attempt).or_default().add(row));
        let edited = rows.iter().filter(|row| row.is_edited).count() as u64;
        attempts.retain(|attempt| sums.contains_key(&attempt.attempt));
        attempts.sort_unstable_by_key(|attempt| std::cmp::Reverse(attempt.attempt));
        let all = if rows.is_empty() { 0 } else { all };
        RowsBefore { rows, attempts, all, sums, edited }
    }

    /// A blind send is blocked: some row was accepted and didn't fail, or may have been.
    pub fn blocks(&self) -> bool {
        self.count(|sums| sums.not_seen + sums.accepted + sums.unknown) > 0
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    fn count(&self, of: fn(&Sums) -> u64) -> u64 {
        self.sums.values().map(of).sum()
    }

    pub fn edited(&self) -> u64 {
        self.edited
    }

    pub fn has_unknown(&self) -> bool {
        self.count(|sums| sums.unknown) > 0
    }

    /// The attempts in which rows are unknown, newest first.
    pub fn unknown(&self) -> impl Iterator<Item = &HadRows> {
        self.attempts.iter().filter(|had| self.sums.get(&had.attempt).is_some_and(|sums| sums.unknown > 0))
    }

    /// `59 rows are in attempt 41, whose outcome is unknown`: what has to be settled first. Empty where nothing has.
    pub fn unsettled(&self) -> String {
        let one = |had: &HadRows| {
            let rows = self.sums.get(&had.attempt).map_or(0, |sums| sums.unknown);
            let are = if rows == 1 { "is" } else { "are" };
            let which = if had.under_way { "which another cuecard is sending" } else { "whose outcome is unknown" };
            format!("{} {are} in attempt {}, {which}", counted(rows, "row"), had.attempt)
        };
        self.unknown().take(NAMED).map(one).collect::<Vec<_>>().join("; ")
    }

    /// What became of one row: `attempt 41, row 4,713: failed, no reason given`.
    pub fn of_place(&self, place: u32) -> Option<String> {
        let at = self.rows.binary_search_by_key(&place, |row| row.place).ok()?;
        let row = self.rows.get(at)?;
        let state = match row.state {
            Before::Refused => "refused",
            Before::Failed if row.has_reason => "failed",
            Before::Failed => "failed, no reason given",
            Before::NotSeen => "not seen",
            Before::Accepted => "accepted",
            Before::Unknown => "unknown",
        };
        let edited = if row.is_edited { "; its transcript was another one" } else { "" };
        Some(format!("attempt {}, row {}: {state}{edited}", row.attempt, row_number(row.then)))
    }

    /// The attempt that had every row of the manifest, if one had.
    pub fn only(&self) -> Option<&HadRows> {
        match self.attempts.as_slice() {
            [only] if self.rows.len() == self.all as usize => Some(only),
            _ => None,
        }
    }

    /// `31 rows sent before, all failed`, for a line of its own.
    pub fn in_short(&self) -> String {
        let rows = counted(self.rows.len() as u64, "row");
        let all = if self.rows.len() == 1 { "" } else { "all " };
        let (refused, failed) = (self.count(|sums| sums.refused), self.count(|sums| sums.failed));
        match (self.blocks(), refused, failed) {
            (true, ..) => format!("{rows} sent before"),
            (false, _, 0) => format!("{rows} sent before, {all}refused"),
            (false, 0, _) => format!("{rows} sent before, {all}failed"),
            (false, ..) => format!("{rows} sent before, all failed or refused"),
        }
    }

    /// For each attempt what it had: `12 of 12,468 rows were accepted on Monday, in sports.json`, and what became of them.
    /// `at` formats a time in Unix milliseconds with its preposition.
    pub fn told(&self, at: impl Fn(i64) -> String) -> Vec<Told> {
        let all = counted(self.all.into(), "row");
        let had = |attempt: &HadRows| {
            let sums = self.sums.get(&attempt.attempt).copied().unwrap_or_default();
            let place = format!("{}, in {}", at(attempt.started_ms), attempt.file);
            let of = |count: u64| format!("{} of {all}", thousands(count));
            let were = |count: u64| if count == 1 { "was" } else { "were" };
            let mut told = Told { said: String::new(), then: Vec::new(), attempt: attempt.attempt };
            told.said = match (sums.unknown, sums.taken()) {
                (unknown @ 1.., _) => {
                    let are = if unknown == 1 { "is" } else { "are" };
                    let which = match attempt.under_way {
                        true => "which another cuecard is sending".to_owned(),
                        false => format!("whose outcome is unknown, sent {place}"),
                    };
                    format!("{} {are} in attempt {}, {which}", of(unknown), attempt.attempt)
                }
                (0, 0) => format!("{} {} refused {place}", of(sums.refused), were(sums.refused)),
                (0, taken) => format!("{} {} accepted {place}", of(taken), were(taken)),
            };
            if sums.unknown > 0 && sums.taken() > 0 {
                let taken = sums.taken();
                told.then.push((format!("{} {} accepted", thousands(taken), were(taken)), String::new()));
            }
            if sums.failed > 0 {
                let (with, without) = (sums.with_reason, sums.failed - sums.with_reason);
                let reasons = format!("{} with a reason, {} without", thousands(with), thousands(without));
                told.then.push((format!("{} failed since then", thousands(sums.failed)), reasons));
            }
            if sums.not_seen > 0 {
                let whoever = if sums.not_seen == 1 { "it" } else { "they" };
                let risk = format!("{whoever} may still come, and would then come twice");
                told.then.push((format!("{} {} not seen", thousands(sums.not_seen), were(sums.not_seen)), risk));
            }
            if sums.refused > 0 && sums.taken() + sums.unknown > 0 {
                told.then.push((format!("{} {} refused", thousands(sums.refused), were(sums.refused)), String::new()));
            }
            told
        };
        self.attempts.iter().map(had).collect()
    }

    /// The same in one sentence without its full stop.
    pub fn words(&self, at: impl Fn(i64) -> String) -> String {
        let told = self.told(at);
        let one = |told: &Told| {
            let then: Vec<&str> = told.then.iter().map(|(what, _)| what.as_str()).collect();
            if then.is_empty() { told.said.clone() } else { format!("{}: {}", told.said, then.join(", ")) }
        };
        let mut words = told.iter().take(NAMED).map(one).collect::<Vec<_>>().join("; ");
        if let Some(more) = told.len().checked_sub(NAMED).filter(|more| *more > 0) {
            words.push_str(&format!("; and {}", counted(more as u64, "more attempt")));
        }
        if !self.blocks() && !words.is_empty() {
            words.push_str("; none of them stands accepted");
        }
        words
    }
}

/// What one attempt had of the rows, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    pub said: String,
    /// What became of them, and what is to know of that.
    pub then: Vec<(String, String)>,
    pub attempt: i64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::Manifest;
    use std::sync::Arc;

    fn row(place: u32, attempt: i64, state: Before) -> RowBefore {
        RowBefore { place, attempt, then: place, state, has_reason: place == 0, is_edited: false }
    }

    fn had(attempt: i64) -> HadRows {
        let file = format!("{attempt}.json");
        HadRows { attempt, started_ms: attempt, file, under_way: false, is_row_by_row: false }
    }

    fn before(rows: &[(u32, i64, Before)], all: u32) -> RowsBefore {
        let rows = rows.iter().map(|(place, attempt, state)| row(*place, *attempt, *state));
        RowsBefore::of(rows, (1..9).map(had).collect(), all)
    }

    #[test]
    fn what_weighs_most_counts_and_of_equals_the_newest_attempt() {
        use Before::{Accepted, Failed, Refused, Unknown};
        let before = before(
            &[(0, 1, Accepted), (0, 2, Failed), (1, 1, Failed), (1, 3, Failed), (2, 4, Unknown), (2, 5, Refused)],
            3,
        );
        let rows: Vec<_> = before.rows.iter().map(|row| (row.place, row.attempt, row.state)).collect();
        assert_eq!(rows, [(0, 1, Accepted), (1, 3, Failed), (2, 4, Unknown)]);
        assert_eq!(before.attempts.iter().map(|had| had.attempt).collect::<Vec<_>>(), [4, 3, 1]);
        assert!(before.blocks() && before.has_unknown() && before.only().is_none());
        assert_eq!(before.unsettled(), "1 row is in attempt 4, whose outcome is unknown");
    }

    #[test]
    fn each_state_has_its_words_and_only_what_may_come_twice_blocks() {
        use Before::{Accepted, Failed, NotSeen, Refused, Unknown};
        for (rows, blocks, short, words) in [
            (&[][..], false, "", ""),
            (
                &[(0, 1, Failed), (1, 1, Failed)],
                false,
                "2 rows sent before, all failed",
                "2 of 5 rows were accepted at 1, in 1.json: 2 failed since then; none of them stands accepted",
            ),
            (
                &[(3, 1, Refused)],
                false,
                "1 row sent before, refused",
                "1 of 5 rows was refused at 1, in 1.json; none of them stands accepted",
            ),
            (
                &[(0, 2, Failed), (1, 2, NotSeen)],
                true,
                "2 rows sent before",
                "2 of 5 rows were accepted at 2, in 2.json: 1 failed since then, 1 was not seen",
            ),
            (
                &[(0, 2, Accepted), (1, 1, Unknown)],
                true,
                "2 rows sent before",
                "1 of 5 rows was accepted at 2, in 2.json; 1 of 5 rows is in attempt 1, whose outcome is unknown, sent at 1, in 1.json",
            ),
        ] {
            let before = before(rows, 5);
            assert_eq!((before.blocks(), before.words(|ms| format!("at {ms}")).as_str()), (blocks, words));
            if !rows.is_empty() {
                assert_eq!(before.in_short(), short);
            }
        }
    }

    #[test]
    fn a_video_is_the_same_in_another_place_of_another_file_and_not_in_another_index() {
        let snapshot = |rows: &[(&str, &str, &str)]| {
            let rows: Vec<_> = rows
                .iter()
                .map(|(index, object, text)| serde_json::json!({"index_id": index, "object": object, "transcription": text}))
                .collect();
            Snapshot::of(Arc::new(Manifest::parse(serde_json::to_vec(&rows).unwrap()).unwrap()))
        };
        let one = videos_of(&snapshot(&[("i", "a", "t"), ("i", "b", "")]));
        let other = videos_of(&snapshot(&[("i", "b", "x"), ("j", "a", "t"), ("ia", "", "")]));
        assert!(one.is_sorted() && other.is_sorted());
        let shared: Vec<_> = other.iter().filter(|at| one.iter().any(|known| known.video == at.video)).collect();
        let [shared] = shared.as_slice() else { panic!("{shared:?}") };
        assert_eq!(shared.place, 0);
        assert_ne!(shared.transcript, transcript_key(""));
    }
}
