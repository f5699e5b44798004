//! A manifest plus the operator's operations on it: what changed, undo and redo, and the bytes to save.
//!
//! The base never moves. A save marks a moment, so undo crosses it and row numbers stay. Nothing here interprets or
//! copies the base: an operation is kept, and what it means for a row is worked out when the row is asked for.

mod edits;
mod pieces;

use super::manifest::{Field, Manifest, Row, RowId, Value};
use super::row_set::RowSet;
use edits::{Edits, Operation, Slot};
use pieces::Pieces;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::sync::Arc;

/// One thing the operator did, on one row or many: one step of undo, one row of the journal. Applying a journal's
/// edits in order to the same base gives the same bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    pub rows: RowSet,
    pub change: Change,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Put a text into a field. `""` is the same as [`Change::Clear`].
    Set(Field, String),
    /// Put a text of its own into a field of each row: as many texts as there are rows, in the rows' order.
    SetEach(Field, Vec<String>),
    /// Back to the row's own original empty state, else `""`.
    Clear(Field),
    /// Leave the row out of the saved file.
    Exclude,
    /// Take the row back in.
    Restore,
    /// Put the field back as it is in the file as opened.
    Revert(Field),
    /// Several edits, in order, as one step. The edit's own rows are all of theirs.
    Together(Vec<Edit>),
}

impl Edit {
    /// Several edits as one; the only one as it is. None for none.
    pub fn together(mut edits: Vec<Edit>) -> Option<Edit> {
        if edits.len() < 2 {
            return edits.pop();
        }
        let rows = edits.iter().fold(RowSet::new(), |rows, edit| rows.union(&edit.rows));
        Some(Edit { rows, change: Change::Together(edits) })
    }

    /// What it does, one after the other; itself when it is one.
    fn parts(&self) -> Vec<&Edit> {
        match &self.change {
            Change::Together(edits) => edits.iter().flat_map(Edit::parts).collect(),
            _ => vec![self],
        }
    }
}

/// A moment of a draft: what background work and the screens read. Cheap to clone, never changes.
#[derive(Clone, Debug)]
pub struct Snapshot {
    base: Arc<Manifest>,
    edits: Arc<Edits>,
}

impl Snapshot {
    /// The manifest without any edit.
    pub fn of(base: Arc<Manifest>) -> Snapshot {
        Snapshot { base, edits: Arc::default() }
    }

    pub fn base(&self) -> &Arc<Manifest> {
        &self.base
    }

    /// Rows in the base, excluded ones included.
    pub fn len(&self) -> u32 {
        self.base.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Different for every moment of a draft that was made by another operation, undo or redo.
    pub fn revision(&self) -> u64 {
        self.edits.revision
    }

    /// The row with its edits.
    pub fn row(&self, row: RowId) -> Row<'_> {
        let mut decoded = self.base.row(row);
        if self.is_edited(row) {
            for field in Field::ALL {
                if let Some(text) = self.edits.text(row, Slot::Field(field)) {
                    decoded.replace(field, Value::Text(Cow::Borrowed(text)));
                }
            }
        }
        decoded
    }

    pub fn value(&self, row: RowId, field: Field) -> Value<'_> {
        match self.edits.text(row, Slot::Field(field)) {
            Some(text) => Value::Text(Cow::Borrowed(text)),
            None => self.base.value(row, field),
        }
    }

    pub fn is_excluded(&self, row: RowId) -> bool {
        self.edits.excluded.contains(row)
    }

    /// The field differs from the file as opened.
    pub fn is_changed(&self, row: RowId, field: Field) -> bool {
        self.edits.text(row, Slot::Field(field)).is_some()
    }

    /// Something about the row differs from the file as opened (a field, or it is excluded).
    pub fn is_edited(&self, row: RowId) -> bool {
        self.edits.edited.contains(row)
    }

    /// Every row that differs from the file as opened, ascending.
    pub fn edited_rows(&self) -> &RowSet {
        &self.edits.edited
    }

    pub fn excluded_rows(&self) -> &RowSet {
        &self.edits.excluded
    }

    /// What differs in a row from the file as opened: each changed field with its value then and now.
    pub fn changes(&self, row: RowId) -> Vec<(Field, Value<'_>, Value<'_>)> {
        Field::ALL
            .into_iter()
            .filter_map(|field| {
                let now = self.edits.text(row, Slot::Field(field))?;
                Some((field, self.base.value(row, field), Value::Text(Cow::Borrowed(now))))
            })
            .collect()
    }

    /// The row as JSON with its edits, laid out as in the file.
    pub fn row_json(&self, row: RowId) -> String {
        let bytes: Vec<u8> = Pieces::row(&self.base, &self.edits, row).flat_map(|piece| piece.bytes.to_vec()).collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The bytes to save, in order: long borrowed stretches of the base between short new ones.
    pub fn pieces(&self) -> impl Iterator<Item = &[u8]> + '_ {
        Pieces::of(&self.base, &self.edits).map(|piece| piece.bytes)
    }

    /// How many bytes [`Snapshot::pieces`] yields, and how many of them are the base's own. Counted once.
    pub fn size(&self) -> Size {
        *self.edits.size.get_or_init(|| {
            let mut size = Size { bytes: 0, untouched: 0 };
            for piece in Pieces::of(&self.base, &self.edits) {
                let len = piece.bytes.len() as u64;
                size.bytes += len;
                size.untouched += if piece.untouched { len } else { 0 };
            }
            size
        })
    }

    /// What the edits come to. Counted once; with a million rows edited that takes a few tenths of a second, so let
    /// background work be the first to ask.
    pub fn summary(&self) -> Summary {
        *self.edits.summary.get_or_init(|| {
            let mut summary = Summary { excluded: self.edits.excluded.len() as u64, ..Summary::default() };
            for row in self.edits.edited.difference(&self.edits.excluded).iter() {
                for (_, old, new) in self.changes(row) {
                    match (old.is_empty(), new.is_empty()) {
                        (true, _) => summary.filled += 1,
                        (false, true) => summary.cleared += 1,
                        (false, false) => summary.changed += 1,
                    }
                }
            }
            summary
        })
    }

    fn differs_from(&self, other: &Snapshot, row: RowId) -> bool {
        Slot::ALL.into_iter().any(|slot| self.edits.text(row, slot) != other.edits.text(row, slot))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    pub bytes: u64,
    /// Bytes that stand in the file as opened and that no edit changed.
    pub untouched: u64,
}

/// Counts of values, in rows that stay in the file, and of the rows that don't.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    pub filled: u64,
    pub changed: u64,
    pub cleared: u64,
    /// Rows.
    pub excluded: u64,
}

/// A snapshot and how it came about.
#[derive(Clone, Debug)]
pub struct Draft {
    now: Snapshot,
    /// What the file on disk holds.
    saved: Snapshot,
    /// The rows in which the two differ.
    unsaved: RowSet,
    /// The operations that hold (`..done`) and those that were undone (`done..`), as the journal keeps them.
    history: Vec<Edit>,
    /// The same, worked out: what each of them does, in order.
    operations: Vec<Vec<Arc<Operation>>>,
    done: usize,
    /// Counts every change of `now`, so that no two moments share a number.
    revision: u64,
}

impl Draft {
    pub fn new(base: Arc<Manifest>) -> Draft {
        let now = Snapshot::of(base);
        Draft {
            saved: now.clone(),
            now,
            unsaved: RowSet::new(),
            history: Vec::new(),
            operations: Vec::new(),
            done: 0,
            revision: 0,
        }
    }

    pub fn now(&self) -> &Snapshot {
        &self.now
    }

    /// Applies an edit to the rows it would change, and forgets what could be redone. Returns the rows that changed;
    /// when there are none, nothing happened and there is nothing to undo.
    ///
    /// Rows that would not change are those that aren't there, that hold the value already, and, for a change of a
    /// field, that are no objects. A value set back to what the file holds is not changed any more: its own bytes are
    /// written again.
    pub fn apply(&mut self, edit: Edit) -> RowSet {
        let mut step: Vec<Arc<Operation>> = Vec::new();
        let last = self.done.checked_sub(1).and_then(|last| self.operations.get(last)?.last());
        let first = last.map_or(0, |operation| operation.sequence() + 1);
        for part in edit.parts() {
            let sequence = first + step.len();
            if let Some(operation) = Operation::resolve(part, &self.now.base, &self.now.edits, sequence) {
                let operation = Arc::new(operation);
                // The next part sees what this one did.
                self.push(&operation);
                step.push(operation);
            }
        }
        if step.is_empty() {
            return RowSet::new();
        }
        let rows = step.iter().fold(RowSet::new(), |rows, operation| rows.union(&operation.rows()));
        self.history.truncate(self.done);
        self.operations.truncate(self.done);
        // The texts go with their rows by place, so rows that hold theirs already stay in the list.
        let kept = if matches!(edit.change, Change::SetEach(..)) { edit.rows } else { rows.clone() };
        self.history.push(Edit { rows: kept, change: edit.change });
        self.operations.push(step);
        self.done += 1;
        rows
    }

    /// Takes the last operation back and returns it.
    pub fn undo(&mut self) -> Option<Edit> {
        let last = self.done.checked_sub(1)?;
        for operation in self.operations.get(last)?.clone().iter().rev() {
            Arc::make_mut(&mut self.now.edits).pop(operation);
            self.moved(operation);
        }
        self.done = last;
        self.history.get(last).cloned()
    }

    pub fn redo(&mut self) -> Option<Edit> {
        let edit = self.history.get(self.done).cloned()?;
        for operation in self.operations.get(self.done)?.clone() {
            self.push(&operation);
        }
        self.done += 1;
        Some(edit)
    }

    pub fn can_undo(&self) -> bool {
        self.done > 0
    }

    pub fn can_redo(&self) -> bool {
        self.done < self.history.len()
    }

    /// What [`Draft::redo`] would do again.
    pub fn undone(&self) -> Option<&Edit> {
        self.history.get(self.done)
    }

    /// The operations that hold now, oldest first.
    pub fn operations(&self) -> &[Edit] {
        self.history.get(..self.done).unwrap_or_default()
    }

    /// The file on disk now holds this moment. A save runs in the background on a snapshot while the operator goes on
    /// editing, so the moment is named, and need not be the present one.
    pub fn mark_saved(&mut self, moment: &Snapshot) {
        self.saved = moment.clone();
        self.unsaved = if moment.revision() == self.now.revision() {
            RowSet::new()
        } else {
            let candidates = self.now.edited_rows().union(moment.edited_rows());
            candidates.iter().filter(|&row| self.now.differs_from(moment, row)).collect()
        };
    }

    /// The last moment that was saved (at first the file as opened): what the disk should hold.
    pub fn saved(&self) -> &Snapshot {
        &self.saved
    }

    /// The file on disk holds something else than this moment.
    pub fn is_dirty(&self) -> bool {
        !self.unsaved.is_empty()
    }

    /// How many rows differ from the file as last saved.
    pub fn unsaved(&self) -> usize {
        self.unsaved.len()
    }

    pub fn unsaved_rows(&self) -> &RowSet {
        &self.unsaved
    }

    fn push(&mut self, operation: &Arc<Operation>) {
        Arc::make_mut(&mut self.now.edits).push(operation);
        self.moved(operation);
    }

    /// Follows an operation that was just applied or taken back.
    fn moved(&mut self, operation: &Operation) {
        self.revision += 1;
        Arc::make_mut(&mut self.now.edits).revision = self.revision;
        let rows = operation.rows();
        let differing: RowSet = rows.iter().filter(|&row| self.now.differs_from(&self.saved, row)).collect();
        self.unsaved.add(&differing);
        if differing != rows {
            self.unsaved.subtract(&rows.difference(&differing));
        }
    }
}
