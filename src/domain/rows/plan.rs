//! Which rows of a manifest can go row by row, in which order, and why the others can't.

use crate::draft::Snapshot;
use crate::format::{counted, thousands};
use crate::manifest::{Field, Row, RowId};
use crate::s3_url::S3Url;
use crate::sent_before::{Before, RowsBefore, VideoKey};
use std::collections::HashMap;

/// What the operator and the version of the API allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// See [`super::takes_transcripts`].
    pub takes_transcripts: bool,
    /// The operator lets rows go without their transcript.
    pub without_transcripts: bool,
    /// Private videos go by presigned link.
    pub by_link: bool,
}

/// What the ledger knows of rows, by their place in the file.
pub type KnownRows = HashMap<u32, Known>;

/// What the ledger knows of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// This very file has it, with any outcome but not sent: it is not asked twice.
    Here,
    /// Accepted in another attempt, by its number.
    Accepted(i64),
    /// Unknown in another attempt, by its number.
    Unknown(i64),
}

/// What is known of the rows: `asked` are the places that were asked before in the attempt that goes on.
pub fn known_rows(before: &RowsBefore, asked: impl Iterator<Item = u32>) -> KnownRows {
    let elsewhere = before.rows.iter().filter_map(|row| {
        let known = match row.state {
            // It may go once more.
            Before::Refused | Before::Failed => return None,
            Before::NotSeen | Before::Accepted => Known::Accepted(row.attempt),
            Before::Unknown => Known::Unknown(row.attempt),
        };
        Some((row.place, known))
    });
    elsewhere.chain(asked.map(|place| (place, Known::Here))).collect()
}

/// Why a row can't go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CannotGo {
    /// It has a finding of severity error.
    Error,
    WithoutTranscript,
    /// This version of the API takes no transcript: it would be lost.
    TranscriptLost,
    /// Nobody but its owner can read the video.
    Private,
    /// The same index and video as that row.
    Repeats(RowId),
    /// The key has `.` or `..` segments, which the service's client would rewrite.
    NotAskable,
    /// Its outcome is unknown in that attempt.
    UnknownBefore(i64),
    /// Not in the file.
    Excluded,
}

impl CannotGo {
    /// Its kind in words, with how many there are: `2 errors`, `5 without transcript`.
    fn words(self, count: u64) -> String {
        let are = |phrase: &str| format!("{} {phrase}", thousands(count));
        match self {
            CannotGo::Error => counted(count, "error"),
            CannotGo::WithoutTranscript => are("without transcript"),
            CannotGo::TranscriptLost => are("would lose their transcript")
                .replace("would lose their", if count == 1 { "would lose its" } else { "would lose their" }),
            CannotGo::Private => are("private"),
            CannotGo::Repeats(_) => are("twice in the file"),
            CannotGo::NotAskable => are("with . or .. in the key"),
            CannotGo::UnknownBefore(_) => are("unknown in an earlier attempt"),
            CannotGo::Excluded => are("excluded"),
        }
    }

    const fn kind(self) -> u8 {
        match self {
            CannotGo::Error => 0,
            CannotGo::WithoutTranscript => 1,
            CannotGo::TranscriptLost => 2,
            CannotGo::Private => 3,
            CannotGo::Repeats(_) => 4,
            CannotGo::NotAskable => 5,
            CannotGo::UnknownBefore(_) => 6,
            CannotGo::Excluded => 7,
        }
    }
}

/// A row that goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Going {
    pub row: RowId,
    /// In the file as sent, from 0: excluded rows are not in it.
    pub place: u32,
    pub video: VideoKey,
    /// The video goes by presigned link.
    pub by_link: bool,
    pub with_transcript: bool,
}

/// What goes and what doesn't. Each row of the snapshot is in one of the lists or was asked before in this attempt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowsPlan {
    /// In the file's order.
    pub going: Vec<Going>,
    /// In the file's order. Excluded rows are counted, but they are not in the file.
    pub cannot: Vec<(RowId, CannotGo)>,
    /// Accepted in another attempt.
    pub left_out: Vec<RowId>,
    /// Asked before in this attempt.
    pub asked: u64,
    /// In the file as sent.
    pub rows: u32,
}

impl RowsPlan {
    /// `is_wrong`: the row has an error. `is_private`: an anonymous request for its video was refused.
    pub fn of(
        snapshot: &Snapshot,
        terms: Terms,
        is_wrong: impl Fn(RowId) -> bool,
        is_private: impl Fn(&str) -> bool,
        known: &KnownRows,
    ) -> RowsPlan {
        let mut plan = RowsPlan::default();
        // One of two transcripts would be lost, or the video indexed twice.
        let mut first: HashMap<VideoKey, RowId> = HashMap::new();
        for row in 0..snapshot.len() {
            if snapshot.is_excluded(row) {
                plan.cannot.push((row, CannotGo::Excluded));
                continue;
            }
            let place = plan.rows;
            plan.rows += 1;
            let decoded = snapshot.row(row);
            let video = VideoKey::of_row(&decoded);
            let object = decoded.text(Field::Object);
            let has_transcript = !decoded.value(Field::Transcription).is_empty();
            let private = is_private(object);
            let repeated = *first.entry(video).or_insert(row);
            let why = if is_wrong(row) {
                Some(CannotGo::Error)
            } else if repeated != row {
                Some(CannotGo::Repeats(repeated))
            } else {
                match known.get(&place) {
                    Some(Known::Here) => {
                        plan.asked += 1;
                        continue;
                    }
                    Some(Known::Accepted(_)) => {
                        plan.left_out.push(row);
                        continue;
                    }
                    Some(Known::Unknown(attempt)) => Some(CannotGo::UnknownBefore(*attempt)),
                    None => cannot(&decoded, terms, has_transcript, private),
                }
            };
            match why {
                Some(why) => plan.cannot.push((row, why)),
                None => plan.going.push(Going {
                    row,
                    place,
                    video,
                    by_link: private,
                    with_transcript: has_transcript && terms.takes_transcripts,
                }),
            }
        }
        plan
    }

    /// The rows in the file that can't go.
    pub fn cannot_go(&self) -> u64 {
        self.blocked().count() as u64
    }

    fn blocked(&self) -> impl Iterator<Item = &(RowId, CannotGo)> {
        self.cannot.iter().filter(|(_, why)| *why != CannotGo::Excluded)
    }

    pub fn by_link(&self) -> u64 {
        self.going.iter().filter(|going| going.by_link).count() as u64
    }

    /// Why rows can't go, the worst first: of each kind one reason, and how many there are, as `2 errors`.
    pub fn reasons(&self) -> Vec<(CannotGo, String)> {
        let mut kinds: Vec<(CannotGo, u64)> = Vec::new();
        for (_, why) in self.blocked() {
            match kinds.iter_mut().find(|(known, _)| known.kind() == why.kind()) {
                Some((_, count)) => *count += 1,
                None => kinds.push((*why, 1)),
            }
        }
        kinds.sort_by_key(|(why, _)| why.kind());
        kinds.into_iter().map(|(why, count)| (why, why.words(count))).collect()
    }

    /// `2 errors, 5 without transcript`; empty if all can go.
    pub fn why_not(&self) -> String {
        self.reasons().into_iter().map(|(_, words)| words).collect::<Vec<_>>().join(", ")
    }
}

fn cannot(row: &Row<'_>, terms: Terms, has_transcript: bool, is_private: bool) -> Option<CannotGo> {
    let is_askable = |field| {
        S3Url::parse(row.text(field)).is_ok_and(|url| !url.key().split('/').any(|part| matches!(part, "." | "..")))
    };
    if !terms.without_transcripts && !has_transcript {
        return Some(CannotGo::WithoutTranscript);
    }
    if !terms.without_transcripts && !terms.takes_transcripts {
        return Some(CannotGo::TranscriptLost);
    }
    let sends_transcript = has_transcript && terms.takes_transcripts;
    if !is_askable(Field::Object) || (sends_transcript && !is_askable(Field::Transcription)) {
        return Some(CannotGo::NotAskable);
    }
    (is_private && !terms.by_link).then_some(CannotGo::Private)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draft::{Change, Draft, Edit};
    use crate::manifest::Manifest;
    use crate::row_set::RowSet;
    use std::sync::Arc;

    const TERMS: Terms = Terms { takes_transcripts: true, without_transcripts: false, by_link: false };

    fn row(video: &str, transcript: &str) -> String {
        format!(
            r#"{{"index_id": "6298d673f1090f1100476d4c", "language": "en", "object": "s3://acme/{video}", "transcription": "{transcript}"}}"#
        )
    }

    fn snapshot(rows: &[String]) -> Snapshot {
        Snapshot::of(Arc::new(Manifest::parse(format!("[{}]", rows.join(",")).into_bytes()).unwrap()))
    }

    fn plan(snapshot: &Snapshot, terms: Terms) -> RowsPlan {
        RowsPlan::of(snapshot, terms, |_| false, |object| object.contains("private"), &HashMap::new())
    }

    fn reasons(plan: &RowsPlan) -> Vec<(RowId, CannotGo)> {
        plan.cannot.clone()
    }

    #[test]
    fn each_row_that_cannot_go_says_why_and_the_others_go_in_the_files_order() {
        let srt = "s3://acme/a.srt";
        let rows = [
            row("0.mp4", srt),
            row("1.mp4", ""),
            row("private.mp4", srt),
            row("0.mp4", "s3://acme/other.srt"),
            row("a/../4.mp4", srt),
            row("5.mp4", "s3://acme/./a.srt"),
            row("6.mp4", srt),
        ];
        let snapshot = snapshot(&rows);
        let plan = RowsPlan::of(&snapshot, TERMS, |row| row == 6, |o| o.contains("private"), &HashMap::new());
        assert_eq!(
            reasons(&plan),
            [
                (1, CannotGo::WithoutTranscript),
                (2, CannotGo::Private),
                (3, CannotGo::Repeats(0)),
                (4, CannotGo::NotAskable),
                (5, CannotGo::NotAskable),
                (6, CannotGo::Error),
            ]
        );
        assert_eq!(plan.going.iter().map(|going| going.row).collect::<Vec<_>>(), [0]);
        assert_eq!(
            plan.why_not(),
            "1 error, 1 without transcript, 1 private, 1 twice in the file, 2 with . or .. in the key"
        );
        let by_link = self::plan(&snapshot, Terms { by_link: true, ..TERMS });
        assert_eq!(
            by_link.going.iter().map(|going| (going.row, going.by_link)).collect::<Vec<_>>(),
            [(0, false), (2, true), (6, false)]
        );
        assert_eq!(by_link.by_link(), 1);
    }

    #[test]
    fn a_version_without_transcripts_refuses_every_row_until_the_operator_lets_them_go() {
        let snapshot = snapshot(&[row("0.mp4", "s3://acme/./0.srt"), row("1.mp4", "")]);
        let v13 = Terms { takes_transcripts: false, ..TERMS };
        assert_eq!(reasons(&plan(&snapshot, v13)), [(0, CannotGo::TranscriptLost), (1, CannotGo::WithoutTranscript)]);
        let without = plan(&snapshot, Terms { without_transcripts: true, ..v13 });
        assert_eq!(without.going.iter().map(|going| going.with_transcript).collect::<Vec<_>>(), [false, false]);
        // A version that takes transcripts still gets those that are there.
        let kept = plan(
            &self::snapshot(&[row("0.mp4", "s3://acme/0.srt"), row("1.mp4", "")]),
            Terms { without_transcripts: true, ..TERMS },
        );
        assert_eq!(kept.going.iter().map(|going| going.with_transcript).collect::<Vec<_>>(), [true, false]);
    }

    #[test]
    fn accepted_or_unknown_rows_are_not_sent_again() {
        let rows: Vec<_> = (0..4).map(|at| row(&format!("{at}.mp4"), "s3://acme/a.srt")).collect();
        let snapshot = snapshot(&rows);
        let known = HashMap::from([(0, Known::Accepted(7)), (1, Known::Unknown(8)), (2, Known::Here)]);
        let plan = RowsPlan::of(&snapshot, TERMS, |_| false, |_| false, &known);
        assert_eq!((plan.left_out.as_slice(), plan.asked), (&[0][..], 1));
        assert_eq!(reasons(&plan), [(1, CannotGo::UnknownBefore(8))]);
        assert_eq!(plan.going.iter().map(|going| going.row).collect::<Vec<_>>(), [3]);
    }

    #[test]
    fn an_excluded_row_is_not_in_the_file_and_moves_the_places_behind_it() {
        let rows: Vec<_> = (0..3).map(|at| row(&format!("{at}.mp4"), "s3://acme/a.srt")).collect();
        let mut draft = Draft::new(Arc::clone(snapshot(&rows).base()));
        draft.apply(Edit { rows: RowSet::one(1), change: Change::Exclude });
        let plan = plan(draft.now(), TERMS);
        assert_eq!(plan.going.iter().map(|going| (going.row, going.place)).collect::<Vec<_>>(), [(0, 0), (2, 1)]);
        assert_eq!((plan.rows, plan.cannot_go(), plan.why_not().as_str()), (2, 0, ""));
    }
}
