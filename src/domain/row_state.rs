//! The state of a row in the file: what the table calls it, and the order in which rows are sorted by it. What is
//! proposed for a row or being asked about it is not in the file, and no state.

use super::draft::Snapshot;
use super::findings::Findings;
use super::manifest::RowId;

/// In the order of a sort by state: what needs work comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowState {
    /// So many errors, whatever else is found.
    Error(u64),
    Warning(u64),
    /// No transcript, and nothing else is wrong.
    Missing,
    /// Checked online without a clear answer.
    Unclear,
    Ok,
    /// The check of all rows has not reported yet.
    Unchecked,
    /// The file is sent without it.
    Excluded,
}

impl RowState {
    pub fn of(snapshot: &Snapshot, findings: Option<&Findings>, row: RowId) -> RowState {
        if snapshot.is_excluded(row) {
            return RowState::Excluded;
        }
        let Some(findings) = findings else { return RowState::Unchecked };
        let found = findings.tallies_of(row);
        match (found.errors, found.warnings, found.missing) {
            (0, 0, 0) if findings.is_untold(row) => RowState::Unclear,
            (0, 0, 0) => RowState::Ok,
            (0, 0, _) => RowState::Missing,
            (0, warnings, _) => RowState::Warning(warnings),
            (errors, ..) => RowState::Error(errors),
        }
    }

    /// Its place in a sort. Rows of one place keep their order, however much is found in them.
    pub fn place(self) -> u8 {
        match self {
            RowState::Error(_) => 0,
            RowState::Warning(_) => 1,
            RowState::Missing => 2,
            RowState::Unclear => 3,
            RowState::Ok => 4,
            RowState::Unchecked => 5,
            RowState::Excluded => 6,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that can't go on fails by panicking")]

    use super::*;
    use crate::draft::{Change, Draft, Edit};
    use crate::manifest::Manifest;
    use crate::row_set::RowSet;
    use crate::search::{self, Query, SortKey};
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    const INDEX: &str = "6298d673f1090f1100476d4c";

    fn row(name: &str, index: &str, language: &str, ending: &str) -> String {
        let transcript = if ending.is_empty() { String::new() } else { format!("s3://acme-captions/{name}.{ending}") };
        format!(
            r#"{{"index_id":"{index}","language":"{language}","object":"s3://acme-video/{name}.mp4","transcription":"{transcript}"}}"#
        )
    }

    #[test]
    fn the_word_of_a_row_and_its_place_in_a_sort_by_state_are_one() {
        let rows = [
            row("one", INDEX, "en", "srt"),
            row("two", INDEX, "en", ""),
            row("three", INDEX, "en-US", "srt"),
            row("four", "short", "en", ""),
            row("five", INDEX, "en", "srt"),
            row("six", "short", "", "vt"),
        ];
        let manifest = Manifest::parse(format!("[{}]", rows.join(",")).into()).unwrap();
        let mut draft = Draft::new(Arc::new(manifest));
        draft.apply(Edit { rows: RowSet::one(4), change: Change::Exclude });
        let now = draft.now();
        let findings = Findings::check(now, |_| true).unwrap();
        let states: Vec<_> = (0..6).map(|row| RowState::of(now, Some(&findings), row)).collect();
        assert!(
            matches!(
                states.as_slice(),
                [
                    RowState::Ok,
                    RowState::Missing,
                    RowState::Warning(1),
                    RowState::Error(1),
                    RowState::Excluded,
                    RowState::Error(3)
                ]
            ),
            "{states:?}"
        );
        let sorted = |findings: Option<&Findings>, descending| {
            let query = Query { sort: SortKey::State, descending, ..Query::default() };
            search::run(&query, now, findings, &AtomicBool::new(false), |_| {}).unwrap()
        };
        assert_eq!(sorted(Some(&findings), false), [3, 5, 2, 1, 0, 4]);
        assert_eq!(sorted(Some(&findings), true), [4, 0, 1, 2, 3, 5]);
        assert_eq!(sorted(None, false), [0, 1, 2, 3, 5, 4], "before the check only the excluded one is told apart");
    }
}
