//! Active operations, indexed for fast row lookup: an operation on few rows is listed under each of them, one on many
//! rows is a layer over all. Knows nothing of undo, files or bytes.
//!
//! The latest operation that names a row decides its state, slot by slot. "Back to the base" is stored as such, so
//! nothing is decoded again.

use super::{Change, Edit, Size, Summary};
use crate::manifest::{Field, Manifest, RowId, Value};
use crate::row_set::RowSet;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// Operations on more rows than this become layers.
const FEW: usize = 64;
/// Rows per shared, copy-on-write block: keeps snapshots cheap when many rows are edited one by one.
const BLOCK: RowId = 256;

/// The part of a row that an operation changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    Field(Field),
    Excluded,
}

impl Slot {
    pub const ALL: [Slot; 5] = [
        Slot::Field(Field::IndexId),
        Slot::Field(Field::Language),
        Slot::Field(Field::Object),
        Slot::Field(Field::Transcription),
        Slot::Excluded,
    ];
}

/// An edit resolved against the state it was applied to.
#[derive(Debug)]
pub(super) struct Operation {
    /// Its position among the active operations.
    sequence: usize,
    slot: Slot,
    /// Rows whose slot now holds a text (empty for [`Slot::Excluded`]).
    on: RowSet,
    /// Rows whose slot is back to the base.
    off: RowSet,
    texts: Texts,
}

/// A text and its JSON encoding.
#[derive(Debug)]
struct Written {
    text: String,
    /// With quotes.
    json: String,
}

impl Written {
    /// Checks that the JSON reads back as the same text. Every `str` is encodable, so this never fails.
    fn new(text: &str) -> Option<Written> {
        let json = serde_json::to_string(text).ok()?;
        let reads_back = serde_json::from_str::<String>(&json).is_ok_and(|back| back == text);
        reads_back.then(|| Written { text: text.to_owned(), json })
    }
}

#[derive(Debug)]
enum Texts {
    Same(Written),
    Each(Each),
}

/// A text for each of many rows, one after another: a million texts cost little more than their bytes.
#[derive(Debug, Default)]
struct Each {
    /// Ascending.
    rows: Vec<RowId>,
    /// The texts as JSON, with quotes.
    json: String,
    /// The end of each text in `json`.
    ends: Vec<usize>,
    /// By place: texts that JSON writes with escapes.
    escaped: BTreeMap<usize, String>,
}

impl Each {
    fn push(&mut self, row: RowId, written: Written) {
        self.json.push_str(&written.json);
        if written.json.get(1..written.json.len() - 1) != Some(&written.text) {
            self.escaped.insert(self.rows.len(), written.text);
        }
        self.rows.push(row);
        self.ends.push(self.json.len());
    }

    fn json(&self, row: RowId) -> Option<&str> {
        self.json_at(self.rows.binary_search(&row).ok()?)
    }

    fn json_at(&self, place: usize) -> Option<&str> {
        let start = place.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied())?;
        self.json.get(start..*self.ends.get(place)?)
    }

    fn text(&self, row: RowId) -> Option<&str> {
        let place = self.rows.binary_search(&row).ok()?;
        match self.escaped.get(&place) {
            Some(text) => Some(text),
            None => self.json_at(place)?.strip_prefix('"')?.strip_suffix('"'),
        }
    }
}

impl Operation {
    /// None if the edit changes nothing.
    pub fn resolve(edit: &Edit, base: &Manifest, edits: &Edits, sequence: usize) -> Option<Operation> {
        let there = RowSet::range(0, base.len());
        let rows = edit.rows.intersection(&there);
        if let Change::SetEach(field, texts) = &edit.change {
            return Operation::resolve_each(edit, *field, texts, base, edits, sequence);
        }
        let (slot, text, (on, off)) = match &edit.change {
            Change::Exclude => (Slot::Excluded, "", (rows.difference(&edits.excluded), RowSet::new())),
            Change::Restore => (Slot::Excluded, "", (RowSet::new(), rows.intersection(&edits.excluded))),
            Change::Set(field, text) => {
                (Slot::Field(*field), text.as_str(), edits.split(&rows, base, *field, |_| text))
            }
            Change::Clear(field) => (Slot::Field(*field), "", edits.split(&rows, base, *field, |_| "")),
            Change::Revert(field) => {
                let slot = Slot::Field(*field);
                let edited = rows.intersection(&edits.edited);
                let changed = edited.iter().filter(|&row| edits.text(row, slot).is_some()).collect();
                (slot, "", (RowSet::new(), changed))
            }
            Change::SetEach(..) | Change::Together(_) => return None,
        };
        let changes = !on.is_empty() || !off.is_empty();
        let written = Written::new(text)?;
        changes.then_some(Operation { sequence, slot, on, off, texts: Texts::Same(written) })
    }

    fn resolve_each(
        edit: &Edit,
        field: Field,
        texts: &[String],
        base: &Manifest,
        edits: &Edits,
        sequence: usize,
    ) -> Option<Operation> {
        let texts: Vec<(RowId, &str)> = edit.rows.iter().zip(texts.iter().map(String::as_str)).collect();
        let rows: RowSet = texts.iter().map(|(row, _)| *row).filter(|row| *row < base.len()).collect();
        let text = |row: RowId| {
            let at = texts.binary_search_by_key(&row, |(row, _)| *row).ok();
            at.and_then(|at| texts.get(at)).map_or("", |(_, text)| *text)
        };
        let (on, off) = edits.split(&rows, base, field, text);
        let mut each = Each::default();
        for row in on.iter() {
            each.push(row, Written::new(text(row))?);
        }
        let changes = !on.is_empty() || !off.is_empty();
        changes.then_some(Operation { sequence, slot: Slot::Field(field), on, off, texts: Texts::Each(each) })
    }

    pub fn sequence(&self) -> usize {
        self.sequence
    }

    fn text(&self, row: RowId) -> Option<&str> {
        match &self.texts {
            Texts::Same(written) => Some(&written.text),
            Texts::Each(each) => each.text(row),
        }
    }

    /// With quotes.
    fn json(&self, row: RowId) -> Option<&str> {
        match &self.texts {
            Texts::Same(written) => Some(&written.json),
            Texts::Each(each) => each.json(row),
        }
    }

    pub fn rows(&self) -> RowSet {
        self.on.union(&self.off)
    }

    fn is_large(&self) -> bool {
        self.on.len() + self.off.len() > FEW
    }

    /// What it sets for a row: nothing, back to the base, or itself.
    fn says(&self, row: RowId, slot: Slot) -> Option<Option<&Operation>> {
        if self.slot != slot {
            None
        } else if self.on.contains(row) {
            Some(Some(self))
        } else {
            self.off.contains(row).then_some(None)
        }
    }
}

type Block = BTreeMap<RowId, Vec<Arc<Operation>>>;

#[derive(Clone, Debug, Default)]
pub(super) struct Edits {
    /// Operations on few rows, under each row they name, oldest first; keyed by `row / BLOCK`.
    rows: BTreeMap<RowId, Arc<Block>>,
    /// Operations on many rows, oldest first.
    layers: Vec<Arc<Operation>>,
    /// Rows with any slot that differs from the base.
    pub edited: RowSet,
    pub excluded: RowSet,
    pub revision: u64,
    pub size: OnceLock<Size>,
    pub summary: OnceLock<Summary>,
}

impl Edits {
    /// The text that replaces the base value of a slot.
    pub fn text(&self, row: RowId, slot: Slot) -> Option<&str> {
        self.latest(row, slot)?.text(row)
    }

    /// The same as JSON, with quotes.
    pub fn json(&self, row: RowId, field: Field) -> Option<&str> {
        self.latest(row, Slot::Field(field))?.json(row)
    }

    pub fn push(&mut self, operation: &Arc<Operation>) {
        if operation.is_large() {
            self.layers.push(Arc::clone(operation));
        } else {
            for row in operation.rows().iter() {
                let block = Arc::make_mut(self.rows.entry(row / BLOCK).or_default());
                block.entry(row).or_default().push(Arc::clone(operation));
            }
        }
        self.follow(operation, true);
    }

    /// Removes the operation pushed last.
    pub fn pop(&mut self, operation: &Arc<Operation>) {
        if operation.is_large() {
            self.layers.pop();
        } else {
            for row in operation.rows().iter() {
                let Some(block) = self.rows.get_mut(&(row / BLOCK)).map(Arc::make_mut) else { continue };
                if let Some(list) = block.get_mut(&row) {
                    list.pop();
                    if list.is_empty() {
                        block.remove(&row);
                    }
                }
                if block.is_empty() {
                    self.rows.remove(&(row / BLOCK));
                }
            }
        }
        self.follow(operation, false);
    }

    fn follow(&mut self, operation: &Operation, forward: bool) {
        (self.size, self.summary) = (OnceLock::new(), OnceLock::new());
        if operation.slot == Slot::Excluded {
            // Only changed rows are listed, so undo swaps the two sets.
            let (out, back) = if forward { (&operation.on, &operation.off) } else { (&operation.off, &operation.on) };
            self.excluded.add(out);
            self.excluded.subtract(back);
        }
        let rows = operation.rows();
        let is_edited = |row: &RowId| {
            self.latest(*row, operation.slot).is_some()
                || Slot::ALL.into_iter().any(|slot| slot != operation.slot && self.latest(*row, slot).is_some())
        };
        let edited: RowSet = rows.iter().filter(is_edited).collect();
        self.edited.add(&edited);
        if edited != rows {
            self.edited.subtract(&rows.difference(&edited));
        }
    }

    fn latest(&self, row: RowId, slot: Slot) -> Option<&Operation> {
        let few = self.rows.get(&(row / BLOCK)).and_then(|block| block.get(&row)).into_iter().flatten();
        let few = few.rev().find_map(|operation| Some((operation.sequence, operation.says(row, slot)?)));
        let newer = |layer: &&Arc<Operation>| few.is_none_or(|(sequence, _)| layer.sequence > sequence);
        let layer = self.layers.iter().rev().take_while(newer).find_map(|layer| layer.says(row, slot));
        layer.or(few.map(|(_, said)| said)).flatten()
    }

    /// Rows that a text in a field would change, split into those that get it and those whose base already holds it
    /// (or, for an empty text, any empty state).
    fn split<'t>(
        &self,
        rows: &RowSet,
        base: &Manifest,
        field: Field,
        text: impl Fn(RowId) -> &'t str,
    ) -> (RowSet, RowSet) {
        let (mut on, mut off) = (Vec::new(), Vec::new());
        for row in rows.iter().filter(|&row| base.is_object(row)) {
            let text = text(row);
            let as_in_base = match base.value(row, field) {
                Value::Text(original) => original == text,
                Value::Absent | Value::Null => text.is_empty(),
                Value::Other(_) => false,
            };
            let now = self.text(row, Slot::Field(field));
            match (as_in_base, now) {
                (true, Some(_)) => off.push(row),
                (false, now) if now != Some(text) => on.push(row),
                _ => {}
            }
        }
        (on.into_iter().collect(), off.into_iter().collect())
    }
}
