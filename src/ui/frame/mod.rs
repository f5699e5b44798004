//! Draws the frame that all screens share: the rows above and below the body. Each row takes plain data and shortens
//! itself in a narrow window.
//! It must never know what the body shows.

mod bottom;
mod top;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::layout::{Area, Layout, SMALLEST};
use crate::ui::text::{safe, width};
use crate::ui::theme::Theme;

pub use bottom::{Hint, Message, Running, hints, message};
pub use top::{Header, Tallies, Title, Unsaved, header, headings, pane_title, rule, tallies, title, titled_rule};

/// The area as a ratatui `Rect`.
pub fn rect(area: Area) -> Rect {
    Rect::new(area.x, area.y, area.width, area.height)
}

/// Width of a line in cells, as the buffer counts them.
pub fn line_width(line: &Line<'_>) -> u16 {
    u16::try_from(line.spans.iter().map(|span| width(&span.content)).sum::<usize>()).unwrap_or(u16::MAX)
}

/// Draws a line at the column `x` of the window, cut at the right edge of `area`.
pub fn put(buffer: &mut Buffer, area: Area, x: u16, line: &Line<'_>) {
    if area.contains(x, area.y) && buffer.area.contains((x, area.y).into()) {
        buffer.set_line(x, area.y, line, area.right() - x);
    }
}

/// Draws a line right-aligned in `area` with a margin of one cell, and returns its first column.
pub fn put_right(buffer: &mut Buffer, area: Area, line: &Line<'_>) -> u16 {
    let x = area.right().saturating_sub(1 + line_width(line)).max(area.x);
    put(buffer, Area { width: area.width.saturating_sub(1), ..area }, x, line);
    x
}

/// Draws the notice for a window that is too small: what becomes of the changes, and the keys that work.
pub fn too_small(buffer: &mut Buffer, layout: &Layout, theme: &Theme, words: &str, keys: &[(String, &str)]) {
    let Area { width, height, .. } = layout.window;
    let mut answers = Line::default();
    for (key, does) in keys {
        let gap = if answers.spans.is_empty() { "" } else { "   " };
        let key = Span::styled(safe(key).into_owned(), theme.key());
        answers.spans.extend([Span::raw(gap), key, Span::raw(format!(" {}", safe(does)))]);
    }
    let lines = [
        (0, Line::styled("cuecard", theme.bold())),
        (2, Line::raw("This window is too small.")),
        (3, Line::raw(format!("It is {width}x{height}; cuecard needs {}x{}.", SMALLEST.0, SMALLEST.1))),
        (5, Line::raw(safe(words))),
        (height.saturating_sub(1).max(6), answers),
    ];
    for (y, line) in lines.into_iter().filter(|(y, _)| *y < height) {
        put(buffer, Area::new(0, y, width, 1), 1, &line);
    }
}
