//! Iterates over the rows of a sweep in small steps, without listing a million subjects.

use crate::domain::draft::Snapshot;
use crate::domain::evidence::{Scope, Subject};
use crate::domain::manifest::RowId;

#[derive(Debug)]
pub(super) struct Cursor {
    snapshot: Snapshot,
    scope: Scope,
    next: RowId,
}

impl Cursor {
    pub fn new(snapshot: Snapshot, scope: Scope) -> Cursor {
        Cursor { snapshot, scope, next: 0 }
    }

    /// The first row not visited yet.
    pub fn row(&self) -> RowId {
        self.next
    }

    pub fn is_afresh(&self) -> bool {
        self.scope.afresh
    }

    pub fn is_over(&self) -> bool {
        self.following().is_none()
    }

    /// The next row with its subjects; None after the last one.
    pub fn step(&mut self) -> Option<(RowId, Vec<Subject>)> {
        let row = self.following()?;
        self.next = row + 1;
        Some((row, self.scope.subjects(&self.snapshot, row)))
    }

    fn following(&self) -> Option<RowId> {
        let row = match &self.scope.rows {
            None => self.next,
            Some(rows) => {
                let ranges = rows.ranges();
                let at = ranges.partition_point(|(_, end)| *end <= self.next);
                ranges.get(at)?.0.max(self.next)
            }
        };
        (row < self.snapshot.len()).then_some(row)
    }
}
