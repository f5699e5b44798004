//! Finds rows with equal values by hash: a sorted table from the check, and the changes since.
//!
//! Invariant: rows in the table under one hash hold equal values, compared byte by byte on insertion. A row whose value
//! differs from the others of its hash stays out, so a collision can hide a finding but never invent one. Hash keys are
//! random per process, so a file can't be crafted to collide.

use crate::manifest::RowId;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A row under the hash of the value it is compared by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
    pub hash: u64,
    /// A second hash that separates the rows of one hash, or 0.
    pub other: u32,
    pub row: RowId,
}

impl Entry {
    /// No row.
    pub const NONE: Entry = Entry { hash: u64::MAX, other: u32::MAX, row: RowId::MAX };
}

#[derive(Clone, Debug, Default)]
pub(super) struct DuplicateIndex {
    base: Arc<Vec<Entry>>,
    /// Entries of the base that no longer hold.
    removed: BTreeSet<Entry>,
    added: BTreeSet<Entry>,
}

impl DuplicateIndex {
    /// `equal` compares the values of two rows.
    pub fn build(mut entries: Vec<Entry>, equal: impl Fn(RowId, RowId) -> bool) -> DuplicateIndex {
        entries.retain(|entry| entry.row != RowId::MAX);
        entries.shrink_to_fit();
        entries.sort_unstable();
        let mut strangers: BTreeSet<Entry> = BTreeSet::new();
        for same in entries.chunk_by(|a, b| a.hash == b.hash) {
            if let [first, rest @ ..] = same {
                strangers.extend(rest.iter().filter(|entry| !equal(first.row, entry.row)));
            }
        }
        if !strangers.is_empty() {
            entries.retain(|entry| !strangers.contains(entry));
        }
        DuplicateIndex { base: Arc::new(entries), removed: BTreeSet::new(), added: BTreeSet::new() }
    }

    /// The entries at the time of the check, grouped by hash.
    pub fn groups(&self) -> impl Iterator<Item = &[Entry]> {
        self.base.chunk_by(|a, b| a.hash == b.hash)
    }

    pub fn remove(&mut self, entry: Entry) {
        if !self.added.remove(&entry) && self.base.binary_search(&entry).is_ok() {
            self.removed.insert(entry);
        }
    }

    /// Adds a row, unless its value differs from those under its hash.
    pub fn insert(&mut self, entry: Entry, equal: impl Fn(RowId, RowId) -> bool) {
        if self.first(entry.hash).is_some_and(|first| !equal(first.row, entry.row)) {
            return;
        }
        if !self.removed.remove(&entry) {
            self.added.insert(entry);
        }
    }

    pub fn contains(&self, entry: Entry) -> bool {
        self.added.contains(&entry) || (!self.removed.contains(&entry) && self.base.binary_search(&entry).is_ok())
    }

    /// The smallest entry of a hash: by `other`, then by row.
    pub fn first(&self, hash: u64) -> Option<Entry> {
        let in_base = self.base_of(hash).iter().find(|entry| !self.removed.contains(entry)).copied();
        let in_added = self.added.range(range_of(hash)).next().copied();
        in_base.into_iter().chain(in_added).min()
    }

    fn last(&self, hash: u64) -> Option<Entry> {
        let in_base = self.base_of(hash).iter().rfind(|entry| !self.removed.contains(entry)).copied();
        let in_added = self.added.range(range_of(hash)).next_back().copied();
        in_base.into_iter().chain(in_added).max()
    }

    /// Whether rows under the hash differ in `other`.
    pub fn is_mixed(&self, hash: u64) -> bool {
        self.first(hash).map(|entry| entry.other) != self.last(hash).map(|entry| entry.other)
    }

    /// Entries of a hash, in no order.
    pub fn members(&self, hash: u64) -> impl Iterator<Item = Entry> + '_ {
        let in_base = self.base_of(hash).iter().filter(|entry| !self.removed.contains(entry));
        in_base.chain(self.added.range(range_of(hash))).copied()
    }

    fn base_of(&self, hash: u64) -> &[Entry] {
        let start = self.base.partition_point(|entry| entry.hash < hash);
        let rest = self.base.get(start..).unwrap_or_default();
        // Nearly always one row: look at the next few before searching a million.
        let few = rest.iter().take(8).take_while(|entry| entry.hash == hash).count();
        let count = if few < 8 { few } else { rest.partition_point(|entry| entry.hash == hash) };
        rest.get(..count).unwrap_or_default()
    }
}

fn range_of(hash: u64) -> std::ops::RangeInclusive<Entry> {
    Entry { hash, other: 0, row: 0 }..=Entry { hash, other: u32::MAX, row: RowId::MAX }
}
