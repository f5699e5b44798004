//! Which rows are in view and in what order, where the cursor is, and how far the list is scrolled.

use super::msg::{JobId, RowList};
use crate::domain::manifest::{Field, RowId};
use crate::domain::search::{Query, SortKey};

/// A list position: what is chosen and what is the first line on the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scroll {
    pub cursor: usize,
    pub top: usize,
}

impl Scroll {
    /// Moves the cursor by `steps` inside `len` lines and keeps it inside a window of `height` lines.
    pub fn step(&mut self, steps: isize, len: usize, height: usize) {
        self.to(self.cursor.saturating_add_signed(steps), len, height);
    }

    pub fn to(&mut self, cursor: usize, len: usize, height: usize) {
        self.cursor = cursor.min(len.saturating_sub(1));
        let height = height.max(1);
        // A line of what comes next stays in sight, where there is room for it.
        let margin = usize::from(height > 4);
        let lowest_top = (self.cursor + 1 + margin).saturating_sub(height);
        let highest_top = self.cursor.saturating_sub(margin);
        self.top = self.top.clamp(lowest_top.min(highest_top), highest_top.max(lowest_top));
        self.top = self.top.min(len.saturating_sub(height));
    }

    /// Scrolls without moving the cursor out of the window.
    pub fn wheel(&mut self, lines: isize, len: usize, height: usize) {
        self.top = self.top.saturating_add_signed(lines).min(len.saturating_sub(height));
        self.cursor =
            self.cursor.clamp(self.top, (self.top + height.max(1) - 1).min(len.saturating_sub(1)).max(self.top));
    }
}

/// The table's view.
#[derive(Clone, Debug)]
pub struct View {
    pub query: Query,
    /// None: all rows, in the file's order.
    pub rows: Option<RowList>,
    /// The job whose rows are awaited.
    pub job: Option<JobId>,
    /// Rows of the query are still being found.
    pub partial: bool,
    pub scroll: Scroll,
    /// The row the cursor goes back to when its position is lost.
    pub anchor: RowId,
    pub focus: Field,
}

impl Default for View {
    fn default() -> Self {
        View {
            query: Query::default(),
            rows: None,
            job: None,
            partial: false,
            scroll: Scroll::default(),
            anchor: 0,
            focus: Field::Transcription,
        }
    }
}

impl View {
    /// How many rows are in view, of `total`.
    pub fn len(&self, total: u32) -> usize {
        self.rows.as_ref().map_or(total as usize, |rows| rows.len())
    }

    /// The row at a position of the view.
    pub fn row_at(&self, position: usize, total: u32) -> Option<RowId> {
        match &self.rows {
            Some(rows) => rows.get(position).copied(),
            None => u32::try_from(position).ok().filter(|row| *row < total),
        }
    }

    /// The row under the cursor.
    pub fn current(&self, total: u32) -> Option<RowId> {
        self.row_at(self.scroll.cursor, total)
    }

    /// The position of a row, or of the nearest one after it. Rows in file order are searched, others scanned.
    pub fn position_of(&self, row: RowId, total: u32) -> Option<usize> {
        match &self.rows {
            None => (row < total).then_some(row as usize),
            Some(rows) if self.query.sort == SortKey::File => {
                let at = rows.partition_point(|r| *r < row);
                rows.len().checked_sub(1).map(|last| at.min(last))
            }
            Some(rows) => rows.iter().position(|r| *r == row),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_cursor_never_leaves_the_window(
            moves in prop::collection::vec((-30isize..30, 0usize..60, 1usize..20, any::<bool>()), 1..40)
        ) {
            let mut scroll = Scroll::default();
            for (steps, len, height, wheel) in moves {
                if wheel { scroll.wheel(steps, len, height) } else { scroll.step(steps, len, height) }
                prop_assert!(scroll.cursor < len.max(1));
                if !wheel {
                    prop_assert!(scroll.top <= scroll.cursor && scroll.cursor < scroll.top + height);
                }
                prop_assert!(scroll.top <= len.saturating_sub(height));
            }
        }
    }
}
