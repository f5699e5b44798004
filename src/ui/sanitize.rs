//! Checks a finished frame for what must hold on every screen. Screens escape untrusted text where it enters; this is
//! only the safety net.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier};

use super::text::safe;
use super::theme::{Mark, Theme};

/// Replaces invisible content of cells (control characters, direction overrides, joiners, tags) with one visible token,
/// as a cell has no room for an escape. Returns the number of cells replaced.
pub fn sanitize(buffer: &mut Buffer, theme: &Theme) -> usize {
    let mut replaced = 0;
    for cell in &mut buffer.content {
        // The second cell of a wide character is empty.
        if !cell.symbol().is_empty() && matches!(safe(cell.symbol()), Cow::Owned(_)) {
            cell.set_symbol(if theme.ascii { "?" } else { "\u{FFFD}" });
            replaced += 1;
        }
    }
    replaced
}

/// Violations of the style rules in a frame, one line each: a background, a colour outside the five that every palette
/// shows, a bold colour, a coloured glyph without a blank after it.
pub fn style_faults(buffer: &Buffer, theme: &Theme) -> Vec<String> {
    let mut faults = Vec::new();
    for y in buffer.area.top()..buffer.area.bottom() {
        for x in buffer.area.left()..buffer.area.right() {
            let Some(cell) = buffer.cell((x, y)) else { continue };
            let mut fault = |what: &str| faults.push(format!("{what} at {x},{y}: {:?}", cell.symbol()));
            if cell.bg != Color::Reset {
                fault("a background");
            }
            if cell.fg == Color::Reset {
                continue;
            }
            if !matches!(cell.fg, Color::Red | Color::Green | Color::Yellow | Color::Magenta | Color::Cyan) {
                fault("a colour that vanishes in some palette");
            }
            if !theme.color {
                fault("a colour in spite of NO_COLOR");
            }
            if cell.modifier.contains(Modifier::BOLD) {
                fault("a bold colour");
            }
            let blank_after = buffer.cell((x + 1, y)).is_some_and(|next| next.symbol() == " ");
            if !blank_after && cell.symbol() != theme.glyph(Mark::Caret) {
                fault("no blank after a coloured glyph");
            }
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    use super::*;

    fn with(symbol: &str) -> Buffer {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 3, 1));
        buffer[(0, 0)].set_symbol(symbol);
        buffer
    }

    #[test]
    fn invisible_characters_become_tokens() {
        for symbol in ["\u{1b}", "a\u{202E}", "\u{200B}", "\u{E0041}", "\u{7f}", "\u{feff}"] {
            let mut buffer = with(symbol);
            assert_eq!(sanitize(&mut buffer, &Theme::default()), 1, "{symbol:?}");
            assert_eq!(buffer[(0, 0)].symbol(), "\u{FFFD}");
            assert_eq!(sanitize(&mut buffer, &Theme::default()), 0, "{symbol:?}");
        }
        let mut buffer = with("\t");
        sanitize(&mut buffer, &Theme { ascii: true, ..Theme::default() });
        assert_eq!(buffer[(0, 0)].symbol(), "?");
    }

    #[test]
    fn ordinary_text_is_left_alone() {
        for symbol in ["a", "한", "é", "e\u{301}", "✓", "😀", " ", ""] {
            let mut buffer = with(symbol);
            assert_eq!(sanitize(&mut buffer, &Theme::default()), 0, "{symbol:?}");
            assert_eq!(buffer[(0, 0)].symbol(), with(symbol)[(0, 0)].symbol());
        }
    }

    #[test]
    fn each_fault_of_style_is_found() {
        let theme = Theme::default();
        let fine = theme.mark_style(Mark::Error);
        for (text, style, fault) in [
            ("x ", Style::new().bg(Color::Red), "a background"),
            ("x ", Style::new().fg(Color::Blue), "a colour that vanishes"),
            ("x ", Style::new().fg(Color::Indexed(8)), "a colour that vanishes"),
            ("x ", fine.add_modifier(Modifier::BOLD), "a bold colour"),
            ("xx", fine, "no blank after"),
        ] {
            let mut buffer = Buffer::empty(Rect::new(0, 0, 4, 1));
            buffer.set_string(1, 0, text, style);
            let faults = style_faults(&buffer, &theme);
            assert!(faults.iter().any(|found| found.starts_with(fault)), "{fault}: {faults:?}");
        }
        let mut buffer = Buffer::empty(Rect::new(0, 0, 4, 1));
        buffer.set_string(0, 0, "x", fine);
        assert_eq!(style_faults(&buffer, &theme), Vec::<String>::new());
        assert_eq!(style_faults(&buffer, &Theme { color: false, ..theme }).len(), 1);
        buffer.set_string(0, 0, "^^^", theme.mark_style(Mark::Caret));
        assert_eq!(style_faults(&buffer, &theme), Vec::<String>::new());
    }
}
