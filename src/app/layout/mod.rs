//! Screen geometry, computed from the window's size and the number of rows. `update` pages and hit-tests with it and
//! the screens draw into it, so drawing never feeds back into the state. This file owns the frame and the main screen,
//! `columns` those of the table, `panes` the bodies of the other screens.
//! It must never depend on the rows' contents, or a column would move while a value is typed.

mod columns;
mod panes;

pub use columns::{Cells, Column, Columns, Shape};
pub use panes::{Filling, Keys, Panes, Side};

use columns::{columns, digits};
use panes::table_and_inspector;

/// The smallest window that is drawn, in columns and rows.
pub const SMALLEST: (u16, u16) = (60, 18);
/// Height of the inline editor, in rows.
pub const EDITOR_ROWS: u16 = 9;

/// A rectangle in cells.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Area {
    pub x: u16,
    pub y: u16,
    pub width: u16,
    pub height: u16,
}

impl Area {
    pub const fn new(x: u16, y: u16, width: u16, height: u16) -> Area {
        Area { x, y, width, height }
    }

    /// The first column to the right of it.
    pub const fn right(self) -> u16 {
        self.x.saturating_add(self.width)
    }

    /// The first row below it.
    pub const fn bottom(self) -> u16 {
        self.y.saturating_add(self.height)
    }

    pub const fn contains(self, x: u16, y: u16) -> bool {
        x >= self.x && x < self.right() && y >= self.y && y < self.bottom()
    }

    const fn is_empty(self) -> bool {
        self.width == 0 || self.height == 0
    }
}

/// What is drawn at a cell of the main screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellPlace {
    /// Line of the table's viewport, from 0, and the column, if the cell is in one.
    Row {
        line: u16,
        column: Option<Column>,
    },
    Heading(Column),
    Inspector {
        line: u16,
    },
    Tallies,
    Message,
    Hints,
}

/// The geometry of one window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    pub window: Area,
    /// Rows of the manifest, as passed in.
    pub total: u64,
    /// Width of a row number or count with its separators, in cells.
    pub digits: u16,
    pub header: Area,
    pub tallies: Area,
    pub headings: Area,
    pub rule: Area,
    /// Everything between the rule and the message, without the blank row above the message.
    pub body: Area,
    pub table: Area,
    pub columns: Columns,
    pub inspector: Side,
    pub message: Area,
    pub hints: Area,
}

impl Layout {
    /// `total` is the number of rows in the manifest, even while a filter shows fewer.
    pub fn new(width: u16, height: u16, total: u64) -> Layout {
        Layout::shaped(width, height, total, false, Shape::default())
    }

    /// With `line`, one row under the body is kept free; from 30 rows on there is a blank one anyway.
    pub fn shaped(width: u16, height: u16, total: u64, line: bool, shape: Shape) -> Layout {
        let row = |y: u16| Area::new(0, y.min(height), width, u16::from(y < height));
        // In the smallest window the body keeps at least one row, so the rows of the frame never overlap.
        let blank = u16::from(height >= 30 || line);
        let body = Area::new(0, 4.min(height), width, height.saturating_sub(6 + blank));
        let Panes { main: table, side: inspector } = table_and_inspector(body, height);
        let digits = digits(total);
        Layout {
            window: Area::new(0, 0, width, height),
            total,
            digits,
            header: row(0),
            tallies: row(1),
            headings: row(2),
            rule: row(3),
            body,
            table,
            columns: columns(width, table, digits, shape),
            inspector,
            message: row(height.saturating_sub(2).max(4)),
            hints: row(height.saturating_sub(1).max(5)),
        }
    }

    /// Whether the window is too small to draw anything but a notice.
    pub const fn is_too_small(&self) -> bool {
        self.window.width < SMALLEST.0 || self.window.height < SMALLEST.1
    }

    /// Height of the table's viewport, in rows: a page.
    pub const fn page(&self) -> u16 {
        self.table.height
    }

    /// Right end of the label in the rule, exclusive: the table's right edge, with some rule left after it.
    pub fn label_end(&self) -> u16 {
        self.columns.state.right().min(self.window.width.saturating_sub(2))
    }

    /// The layout while the inline editor is open: an inspector below the table gives its rows to the table.
    pub fn while_editing(mut self) -> Layout {
        if matches!(self.inspector, Side::Below { .. }) {
            self.table.height = self.body.height;
            self.inspector = Side::Hidden;
        }
        self
    }

    /// Area of the inline editor for the table row at `y`: below that row, or above it where too few rows are left.
    pub fn editor(&self, y: u16) -> Area {
        // In a low window, its row stays in sight.
        let height = EDITOR_ROWS.min(self.table.height.saturating_sub(1));
        let below = y.saturating_add(1);
        let top = if below.saturating_add(height) <= self.table.bottom() {
            below
        } else {
            y.min(self.table.bottom()).saturating_sub(height).max(self.table.y)
        };
        Area { y: top, height, ..self.table }
    }

    /// What is drawn at a cell of the main screen; None for blank space.
    pub fn place(&self, x: u16, y: u16) -> Option<CellPlace> {
        let column =
            || self.columns.each().find(|(_, cells)| x >= cells.x && x < cells.right()).map(|(column, _)| column);
        if self.table.contains(x, y) {
            return Some(CellPlace::Row { line: y - self.table.y, column: column() });
        }
        if let Some(area) = self.inspector.area().filter(|area| area.contains(x, y)) {
            return Some(CellPlace::Inspector { line: y - area.y });
        }
        if self.headings.contains(x, y) {
            return column().map(CellPlace::Heading);
        }
        [(self.tallies, CellPlace::Tallies), (self.message, CellPlace::Message), (self.hints, CellPlace::Hints)]
            .into_iter()
            .find(|(area, _)| area.contains(x, y))
            .map(|(_, place)| place)
    }
}

#[cfg(test)]
mod tests;
