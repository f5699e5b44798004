//! A manifest plus the operator's edits: what changed, undo and redo, and the bytes to save.
//!
//! The base never changes. A save only marks a revision, so undo crosses it and row numbers stay stable. The base is
//! not copied: edits are kept, and a row's state is computed when it is read.

mod edits;
mod pieces;

use super::manifest::{Field, Manifest, Row, RowId, Value};
use super::row_set::RowSet;
use super::s3_url::stored_form;
use edits::{Edits, Operation, Slot};
use pieces::Pieces;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::sync::Arc;

/// One operator action on one row or many: one undo step, one journal row. Replaying a journal's edits in order on the
/// same base gives the same bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    pub rows: RowSet,
    pub change: Change,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Set a field. `""` is the same as [`Change::Clear`].
    Set(Field, String),
    /// Set a field to a separate text per row; as many texts as rows, in row order.
    SetEach(Field, Vec<String>),
    /// Restore the row's own original empty state, else `""`.
    Clear(Field),
    /// Leave the row out of the saved file.
    Exclude,
    /// Undo [`Change::Exclude`].
    Restore,
    /// Restore the field as in the file as opened.
    Revert(Field),
    /// Several edits, in order, as one step. `rows` is the union of theirs.
    Together(Vec<Edit>),
}

impl Edit {
    /// Combines edits into one; a single edit is returned as it is, none gives None.
    pub fn together(mut edits: Vec<Edit>) -> Option<Edit> {
        if edits.len() < 2 {
            return edits.pop();
        }
        let rows = edits.iter().fold(RowSet::new(), |rows, edit| rows.union(&edit.rows));
        Some(Edit { rows, change: Change::Together(edits) })
    }

    /// Without the credentials of signed links.
    fn without_secrets(self) -> Edit {
        let clean = |text: String| stored_form(&text).unwrap_or(text);
        let change = match self.change {
            Change::Set(field, text) => Change::Set(field, clean(text)),
            Change::SetEach(field, texts) => Change::SetEach(field, texts.into_iter().map(clean).collect()),
            Change::Together(edits) => Change::Together(edits.into_iter().map(Edit::without_secrets).collect()),
            change => change,
        };
        Edit { change, ..self }
    }

    /// The edits it consists of, in order; itself if it is a single one.
    fn parts(&self) -> Vec<&Edit> {
        match &self.change {
            Change::Together(edits) => edits.iter().flat_map(Edit::parts).collect(),
            _ => vec![self],
        }
    }
}

/// An immutable state of a draft, for background work and screens. Cheap to clone.
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

    /// Changes with every operation, undo and redo.
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

    /// Whether the field differs from the file as opened.
    pub fn is_changed(&self, row: RowId, field: Field) -> bool {
        self.edits.text(row, Slot::Field(field)).is_some()
    }

    /// Whether the row differs from the file as opened, or is excluded.
    pub fn is_edited(&self, row: RowId) -> bool {
        self.edits.edited.contains(row)
    }

    /// Every row that differs from the file as opened, ascending.
    pub fn edited_rows(&self) -> &RowSet {
        &self.edits.edited
    }

    /// The rows that are in the file as it would be saved, in its order: the first is at place 0.
    pub fn kept_rows(&self) -> RowSet {
        RowSet::range(0, self.len()).difference(self.excluded_rows())
    }

    pub fn excluded_rows(&self) -> &RowSet {
        &self.edits.excluded
    }

    /// The changed fields of a row, each with its value as opened and now.
    pub fn changes(&self, row: RowId) -> Vec<(Field, Value<'_>, Value<'_>)> {
        Field::ALL
            .into_iter()
            .filter_map(|field| {
                let now = self.edits.text(row, Slot::Field(field))?;
                Some((field, self.base.value(row, field), Value::Text(Cow::Borrowed(now))))
            })
            .collect()
    }

    /// The row as JSON with its edits, in the file's layout.
    pub fn row_json(&self, row: RowId) -> String {
        let bytes: Vec<u8> = Pieces::row(&self.base, &self.edits, row).flat_map(|piece| piece.bytes.to_vec()).collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The bytes to save, in order: long borrowed ranges of the base between short new ones.
    pub fn pieces(&self) -> impl Iterator<Item = &[u8]> + '_ {
        Pieces::of(&self.base, &self.edits).map(|piece| piece.bytes)
    }

    /// The number of bytes in [`Snapshot::pieces`], and how many are the base's own. Computed once.
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

    /// The sizes and the sums, if they are counted or at most `most` edited rows make that quick.
    pub fn sums(&self, most: usize) -> Option<(Size, Summary)> {
        let is_counted = self.edits.size.get().is_some() && self.edits.summary.get().is_some();
        (is_counted || self.edits.edited.len() <= most).then(|| (self.size(), self.summary()))
    }

    /// Summary of the edits. Counted once for a snapshot and its copies; a million edited rows take a few tenths of a
    /// second.
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
    /// Bytes of the opened file that no edit changed.
    pub untouched: u64,
}

/// Counts of values in rows that stay in the file, and of excluded rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    pub filled: u64,
    pub changed: u64,
    pub cleared: u64,
    /// Rows.
    pub excluded: u64,
}

/// The current snapshot and its history.
#[derive(Clone, Debug)]
pub struct Draft {
    now: Snapshot,
    /// The state on disk.
    saved: Snapshot,
    /// Rows in which the two differ.
    unsaved: RowSet,
    /// Active operations (`..done`) and undone ones (`done..`), in journal form. Shared: an edit may hold a million texts,
    /// and a copy of the draft is made for every bulk edit.
    history: Vec<Arc<Edit>>,
    /// The same, resolved, in order.
    operations: Vec<Vec<Arc<Operation>>>,
    done: usize,
    /// Incremented with every change of `now`, so revisions are unique.
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

    /// Applies an edit to the rows it changes and clears the redo history. Returns the changed rows; if there are none,
    /// nothing happened and there is nothing to undo.
    ///
    /// Unchanged are rows that don't exist, that already hold the value, or that are not objects (for a field change).
    /// A value set back to the file's own counts as unchanged: its original bytes are written again.
    ///
    /// Signed links are stripped of their credentials: neither the draft nor the journal may hold them.
    pub fn apply(&mut self, edit: Edit) -> RowSet {
        let edit = edit.without_secrets();
        let mut step: Vec<Arc<Operation>> = Vec::new();
        let last = self.done.checked_sub(1).and_then(|last| self.operations.get(last)?.last());
        let first = last.map_or(0, |operation| operation.sequence() + 1);
        for part in edit.parts() {
            let sequence = first + step.len();
            if let Some(operation) = Operation::resolve(part, &self.now.base, &self.now.edits, sequence) {
                let operation = Arc::new(operation);
                // The next part must see the result of this one.
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
        // Texts match rows by position, so rows that already hold theirs stay in the list.
        let kept = if matches!(edit.change, Change::SetEach(..)) { edit.rows } else { rows.clone() };
        self.history.push(Arc::new(Edit { rows: kept, change: edit.change }));
        self.operations.push(step);
        self.done += 1;
        rows
    }

    /// Undoes the last operation and returns it.
    pub fn undo(&mut self) -> Option<Arc<Edit>> {
        let last = self.done.checked_sub(1)?;
        for operation in self.operations.get(last)?.clone().iter().rev() {
            Arc::make_mut(&mut self.now.edits).pop(operation);
            self.moved(operation);
        }
        self.done = last;
        self.history.get(last).cloned()
    }

    pub fn redo(&mut self) -> Option<Arc<Edit>> {
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

    /// The operation that [`Draft::redo`] would apply.
    pub fn undone(&self) -> Option<&Edit> {
        self.history.get(self.done).map(Arc::as_ref)
    }

    /// Active operations, oldest first.
    pub fn operations(&self) -> &[Arc<Edit>] {
        self.history.get(..self.done).unwrap_or_default()
    }

    /// Records that the file on disk holds this snapshot. A save runs in the background while the operator goes on
    /// editing, so it need not be the current one.
    pub fn mark_saved(&mut self, moment: &Snapshot) {
        self.saved = moment.clone();
        self.unsaved = if moment.revision() == self.now.revision() {
            RowSet::new()
        } else {
            let candidates = self.now.edited_rows().union(moment.edited_rows());
            candidates.iter().filter(|&row| self.now.differs_from(moment, row)).collect()
        };
    }

    /// The last saved snapshot (at first the file as opened): what the disk should hold.
    pub fn saved(&self) -> &Snapshot {
        &self.saved
    }

    /// Whether the file on disk differs from the current state.
    pub fn is_dirty(&self) -> bool {
        !self.unsaved.is_empty()
    }

    /// Number of rows that differ from the file as last saved.
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

    /// Updates `unsaved` after an operation was applied or undone.
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
