//! What is wrong over all rows: tallies, groups by rule, the next problem, and the rules that look across rows.

use super::draft::Snapshot;
use super::manifest::RowId;
use super::row_set::RowSet;
use super::rules::{Finding, Hit, Rule, Severity};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tallies {
    pub errors: u64,
    pub warnings: u64,
    pub notes: u64,
    /// Rows, not excluded, without a transcript.
    pub missing: u64,
}

/// One rule's findings, for the list of problems.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    pub rule: Rule,
    pub severity: Severity,
    pub count: u64,
}

/// The result of checking all rows, kept up with edits.
#[derive(Clone, Debug)]
pub struct Findings {}

impl Findings {
    /// Checks every row, on all cores. `progress` gets the rows done so far and returns false to stop (then None).
    pub fn check(_snapshot: &Snapshot, _progress: impl Fn(u32) -> bool + Sync) -> Option<Findings> {
        todo!()
    }

    /// Follows an edit: `rows` changed between the two moments. Costs as many rows as changed, never all.
    pub fn follow(&mut self, _before: &Snapshot, _after: &Snapshot, _rows: &RowSet) {
        todo!()
    }

    pub fn tallies(&self) -> Tallies {
        todo!()
    }

    /// All findings of a row now, those across rows included, worst first. Nothing for an excluded row.
    pub fn of_row(&self, _snapshot: &Snapshot, _row: RowId) -> Vec<Hit> {
        todo!()
    }

    /// The sentence and fix of a hit of [`Findings::of_row`].
    pub fn explain(&self, _snapshot: &Snapshot, _row: RowId, _hit: &Hit) -> Finding {
        todo!()
    }

    /// Errors first, then by count.
    pub fn groups(&self) -> Vec<Group> {
        todo!()
    }

    /// The rows that break a rule, ascending.
    pub fn rows_of(&self, _snapshot: &Snapshot, _rule: Rule) -> Vec<RowId> {
        todo!()
    }

    /// The nearest row after (or before) `from` with a finding at least as severe, wrapping round.
    pub fn next(&self, _snapshot: &Snapshot, _from: RowId, _forward: bool, _at_least: Severity) -> Option<RowId> {
        todo!()
    }
}
