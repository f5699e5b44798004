//! A manifest plus the operator's operations on it: what changed, undo and redo, and the bytes to save.
//!
//! The base never moves. A save is a mark in the list of operations, so undo crosses it and row numbers stay.

use super::manifest::{Field, Manifest, Row, RowId, Value};
use super::row_set::RowSet;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// One thing the operator did, on one row or many: one step of undo, one row of the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    pub rows: RowSet,
    pub change: Change,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Change {
    /// Put a text into a field.
    Set(Field, String),
    /// Back to the row's own original empty state, else `""`.
    Clear(Field),
    /// Leave the row out of the saved file.
    Exclude,
    /// Take the row back in.
    Restore,
    /// Put the field back as it is in the file as opened.
    Revert(Field),
}

/// A moment of a draft: what background work and the screens read. Cheap to clone, never changes.
#[derive(Clone, Debug)]
pub struct Snapshot {
    base: Arc<Manifest>,
    // edits, shared
}

impl Snapshot {
    /// The manifest without any edit.
    pub fn of(_base: Arc<Manifest>) -> Snapshot {
        todo!()
    }

    pub fn base(&self) -> &Arc<Manifest> {
        &self.base
    }

    /// Rows in the base, excluded ones included.
    pub fn len(&self) -> u32 {
        todo!()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The row with its edits.
    pub fn row(&self, _row: RowId) -> Row<'_> {
        todo!()
    }

    pub fn value(&self, _row: RowId, _field: Field) -> Value<'_> {
        todo!()
    }

    pub fn is_excluded(&self, _row: RowId) -> bool {
        todo!()
    }

    /// The field differs from the file as opened.
    pub fn is_changed(&self, _row: RowId, _field: Field) -> bool {
        todo!()
    }

    /// Something about the row differs from the file as opened (a field, or it is excluded).
    pub fn is_edited(&self, _row: RowId) -> bool {
        todo!()
    }

    /// Every row that differs from the file as opened, ascending.
    pub fn edited_rows(&self) -> RowSet {
        todo!()
    }

    pub fn excluded_rows(&self) -> RowSet {
        todo!()
    }

    /// The bytes to save, in order: long borrowed stretches of the base between short new ones.
    pub fn pieces(&self) -> impl Iterator<Item = &[u8]> + '_ {
        std::iter::empty()
    }

    /// How many bytes [`Snapshot::pieces`] yields, and how many of them are the base's own.
    pub fn size(&self) -> Size {
        todo!()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    pub bytes: u64,
    pub untouched: u64,
}

/// A snapshot and how it came about.
#[derive(Clone, Debug)]
pub struct Draft {
    now: Snapshot,
}

impl Draft {
    pub fn new(base: Arc<Manifest>) -> Draft {
        Draft { now: Snapshot::of(base) }
    }

    pub fn now(&self) -> &Snapshot {
        &self.now
    }

    /// Applies an edit to the rows it would change, and forgets what could be redone. Returns the rows that changed;
    /// when there are none, nothing happened and there is nothing to undo.
    pub fn apply(&mut self, _edit: Edit) -> RowSet {
        todo!()
    }

    /// Takes the last operation back and returns it.
    pub fn undo(&mut self) -> Option<Edit> {
        todo!()
    }

    pub fn redo(&mut self) -> Option<Edit> {
        todo!()
    }

    /// The operations that hold now, oldest first.
    pub fn operations(&self) -> &[Edit] {
        todo!()
    }

    /// The file on disk now holds this moment.
    pub fn mark_saved(&mut self) {
        todo!()
    }

    /// The file on disk holds something else than this moment.
    pub fn is_dirty(&self) -> bool {
        todo!()
    }

    /// Rows that differ from the file as last saved.
    pub fn unsaved(&self) -> usize {
        todo!()
    }
}
