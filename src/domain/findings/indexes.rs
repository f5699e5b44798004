//! Which index each row goes to, and which index most rows go to.
//!
//! Only well-formed ids count: another id is a finding of its own and says nothing about a mixture. Two bytes a row.

use crate::domain::manifest::RowId;
use std::collections::HashMap;

/// A row without a well-formed index id.
pub(super) const NO_INDEX: u16 = u16::MAX;
/// Ids beyond the table. A file with 65,000 indexes is mixed whatever else it is.
const UNLISTED: u16 = u16::MAX - 1;

#[derive(Clone, Debug, Default)]
pub(super) struct Indexes {
    of_row: Vec<u16>,
    /// 24 hex digits are 96 bits.
    ids: Vec<(u128, u32)>,
    by_id: HashMap<u128, u16>,
    /// The index of the most rows; of equals the one with the smaller id.
    common: Option<u16>,
}

impl Indexes {
    /// The number under which an id is counted from now on.
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

    /// Takes the numbers of all rows over.
    pub fn count(&mut self, of_row: Vec<u16>) {
        for number in &of_row {
            if let Some((_, rows)) = self.ids.get_mut(usize::from(*number)) {
                *rows += 1;
            }
        }
        self.of_row = of_row;
        self.settle();
    }

    /// A row goes to another index. [`Indexes::settle`] when all have moved.
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

    /// Works out the most common index anew.
    pub fn settle(&mut self) {
        let used = (0..).zip(&self.ids).filter(|(_, (_, rows))| *rows > 0);
        let best = used.max_by_key(|(_, (id, rows))| (*rows, std::cmp::Reverse(*id)));
        self.common = best.map(|(number, _)| number);
    }

    /// The row goes to another index than most rows.
    pub fn is_odd(&self, row: RowId) -> bool {
        let number = self.of_row.get(row as usize).copied().unwrap_or(NO_INDEX);
        number != NO_INDEX && self.common != Some(number)
    }

    /// How many rows go to another index than most.
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

    /// Every index and how many rows go there, the most common first.
    pub fn all(&self) -> Vec<(u128, u32)> {
        let mut all: Vec<_> = self.ids.iter().copied().filter(|(_, rows)| *rows > 0).collect();
        all.sort_by_key(|(id, rows)| (std::cmp::Reverse(*rows), *id));
        all
    }

    /// The index of most rows and how many go there.
    pub fn common(&self) -> Option<(u128, u32)> {
        self.ids.get(usize::from(self.common?)).copied()
    }

    /// How many rows go where this row goes.
    pub fn rows_like(&self, row: RowId) -> u32 {
        let number = self.of_row.get(row as usize).copied().unwrap_or(NO_INDEX);
        self.ids.get(usize::from(number)).map_or(1, |(_, rows)| *rows)
    }
}
