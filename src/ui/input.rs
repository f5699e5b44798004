//! Draws a text input: scrolls sideways to keep the cursor visible and shows invisible characters as tokens.
//! It must never cut silently: an ellipsis marks where the text goes on.

use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::style::Style;
use ratatui::text::Line;
use unicode_segmentation::UnicodeSegmentation;

use super::frame::put;
use super::text::{safe, width};
use super::theme::Theme;
use crate::app::layout::Area;
use crate::app::line_input::LineInput;

/// A grapheme as shown, and its first cell, counted from the start of the text.
struct Piece {
    cell: usize,
    cells: usize,
    shown: String,
    /// Its byte offset in the typed text.
    byte: usize,
}

/// Positions in an input that was drawn.
pub struct Drawn {
    /// Column of the terminal's cursor.
    pub cursor: u16,
    pieces: Vec<Piece>,
    end: usize,
    /// The visible part of the text, in cells from its start.
    seen: Range<usize>,
    x: u16,
}

impl Drawn {
    /// Columns of a byte range of the text, at least one wide; None when it is not visible.
    pub fn columns(&self, bytes: Range<usize>) -> Option<Range<u16>> {
        let start = cell_of(&self.pieces, self.end, bytes.start);
        let end = self.pieces.iter().find(|piece| piece.byte >= bytes.end).map_or(self.end, |piece| piece.cell);
        let (start, end) = (start.max(self.seen.start), end.max(start + 1).min(self.seen.end));
        let column = |cell: usize| self.x.saturating_add(u16::try_from(cell - self.seen.start).unwrap_or(u16::MAX));
        (start < end).then(|| column(start)..column(end))
    }
}

/// Draws into the first row of `area`. `ghost` is a suggested continuation, drawn dim after the cursor.
pub fn draw(buffer: &mut Buffer, area: Area, input: &LineInput, ghost: &str, theme: &Theme) -> Drawn {
    let (pieces, end) = pieces(input, theme);
    let cursor = cell_of(&pieces, end, if input.masked { usize::MAX } else { input.cursor_byte() });
    let room = usize::from(area.width).max(1);
    // The cursor is kept at two thirds, so that both sides of it are visible.
    let from = if end < room { 0 } else { cursor.saturating_sub(room * 2 / 3).min(end + 1 - room) };
    let to = (from + room).min(end + 1);

    let column = |cell: usize| area.x.saturating_add(u16::try_from(cell - from).unwrap_or(u16::MAX));
    let mut write = |cell: usize, text: &str, style: Style| {
        put(buffer, area, column(cell), &Line::styled(text.to_owned(), style));
    };
    let mark = theme.ellipsis();
    let first = if from > 0 { from + width(mark) } else { from };
    let last = if end > to { to.saturating_sub(width(mark)) } else { to };
    for piece in pieces.iter().filter(|piece| piece.cell >= first && piece.cell + piece.cells <= last) {
        write(piece.cell, &piece.shown, theme.plain());
    }
    if first > from {
        write(from, mark, theme.dim());
    }
    if last < to {
        write(last, mark, theme.dim());
    }
    // The cell under the cursor stays blank: a block cursor would hide the ghost's first character.
    let left = (from + room).saturating_sub(end + 1);
    if cursor == end && left > 0 {
        write(end + 1, &super::text::cut_end(ghost, left, mark), theme.dim());
    }
    Drawn {
        cursor: column(cursor).min(area.right().saturating_sub(1)),
        seen: first..last.max(first),
        pieces,
        end,
        x: column(first),
    }
}

fn cell_of(pieces: &[Piece], end: usize, byte: usize) -> usize {
    let after = pieces.partition_point(|piece| piece.byte <= byte);
    // Inside a grapheme, the cursor is on its first cell; after the last one, behind the text.
    match (pieces.get(after), after.checked_sub(1).and_then(|at| pieces.get(at))) {
        (_, Some(piece)) if piece.byte == byte => first_cell(pieces, byte).unwrap_or(piece.cell),
        (Some(next), _) => next.cell,
        (None, _) => end,
    }
}

fn first_cell(pieces: &[Piece], byte: usize) -> Option<usize> {
    pieces.get(pieces.partition_point(|piece| piece.byte < byte)).map(|piece| piece.cell)
}

fn pieces(input: &LineInput, theme: &Theme) -> (Vec<Piece>, usize) {
    let mut pieces = Vec::new();
    let mut cell = 0;
    for (byte, grapheme) in input.text().grapheme_indices(true) {
        let shown = if input.masked { theme.dot().into() } else { safe(grapheme) };
        for part in shown.graphemes(true) {
            // A lone combining mark has no width: it is drawn on a blank.
            let shown = if width(part) == 0 { format!(" {part}") } else { part.to_owned() };
            let cells = width(&shown);
            pieces.push(Piece { cell, cells, shown, byte });
            cell += cells;
        }
    }
    (pieces, cell)
}
