//! Which index each row goes to, and which one most rows go to.
//!
//! Only well-formed ids count: a malformed id is a finding of its own and says nothing about mixed indexes. Two bytes
//! per row.

use crate::manifest::RowId;
use std::collections::HashMap;

/// A row without a well-formed index id.
pub(super) const NO_INDEX: u16 = u16::MAX;
/// Ids beyond the table. A file with 65,000 indexes is mixed in any case.
const UNLISTED: u16 = u16::MAX - 1;

#[derive(Clone, Debug, Default)]
pub(super) struct Indexes {
    of_row: Vec<u16>,
    /// 24 hex digits are 96 bits.
    ids: Vec<(u128, u32)>,
    by_id: HashMap<u128, u16>,
    /// The most common index; among equals the one with the smaller id.
    common: Option<u16>,
}

impl Indexes {
    /// The number assigned to an id.
    pub fn number(&mut self, id: u128) -> u16 {
        if let Some(&number) = self.by_id.get(&id) {
            return number;
        }
        match u16::try_from(self.ids.len()) {
            Ok(number) if number < UNLISTED => {
                self.ids.push((id, 0));
                self.by_id.insert(id, number);
                number
            }
            _ => UNLISTED,
        }
    }

    /// Sets the numbers of all rows.
    pub fn count(&mut self, of_row: Vec<u16>) {
        for number in &of_row {
            if let Some((_, rows)) = self.ids.get_mut(usize::from(*number)) {
                *rows += 1;
            }
        }
        self.of_row = of_row;
        self.settle();
    }

    /// Moves a row to another index. Call [`Indexes::settle`] after the last one.
    pub fn move_row(&mut self, row: RowId, id: Option<u128>) {
        let number = id.map_or(NO_INDEX, |id| self.number(id));
        let Some(old) = self.of_row.get_mut(row as usize) else { return };
        let old = std::mem::replace(old, number);
        if let Some((_, rows)) = self.ids.get_mut(usize::from(old)) {
            *rows -= 1;
        }
        if let Some((_, rows)) = self.ids.get_mut(usize::from(number)) {
            *rows += 1;
        }
    }

    /// Recomputes the most common index.
    pub fn settle(&mut self) {
        let used = (0..).zip(&self.ids).filter(|(_, (_, rows))| *rows > 0);
        let best = used.max_by_key(|(_, (id, rows))| (*rows, std::cmp::Reverse(*id)));
        self.common = best.map(|(number, _)| number);
    }

    /// Whether the row goes to another index than most rows.
    pub fn is_odd(&self, row: RowId) -> bool {
        let number = self.of_row.get(row as usize).copied().unwrap_or(NO_INDEX);
        number != NO_INDEX && self.common != Some(number)
    }

    /// Number of rows that go to another index than most.
    pub fn odd_rows(&self) -> u64 {
        let Some(common) = self.common else { return 0 };
        match self.ids.len() {
            1 => 0,
            _ if self.by_id.len() >= usize::from(UNLISTED) => {
                self.of_row.iter().filter(|&&number| number != NO_INDEX && number != common).count() as u64
            }
            _ => (0u16..)
                .zip(&self.ids)
                .filter(|(number, _)| *number != common)
                .map(|(_, (_, rows))| u64::from(*rows))
                .sum(),
        }
    }

    /// Every index with its number of rows, most common first.
    pub fn all(&self) -> Vec<(u128, u32)> {
        let mut all: Vec<_> = self.ids.iter().copied().filter(|(_, rows)| *rows > 0).collect();
        all.sort_by_key(|(id, rows)| (std::cmp::Reverse(*rows), *id));
        all
    }

    /// The most common index and its number of rows.
    pub fn common(&self) -> Option<(u128, u32)> {
        self.ids.get(usize::from(self.common?)).copied()
    }

    /// Number of rows with this row's index.
    pub fn rows_like(&self, row: RowId) -> u32 {
        let number = self.of_row.get(row as usize).copied().unwrap_or(NO_INDEX);
        self.ids.get(usize::from(number)).map_or(1, |(_, rows)| *rows)
    }
}
