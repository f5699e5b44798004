//! Glyphs, state words and styles. No other module names a colour, dims text or writes a glyph.
//! It must never colour a sentence, set a background or make a colour bold: bold yellow turns bright and vanishes on
//! white, and each of the other colours vanishes in some common palette.

use std::borrow::Cow;

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::Span;

/// The meanings of a glyph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mark {
    Ok,
    Warning,
    Error,
    Missing,
    Checking,
    Queued,
    Excluded,
    Edited,
    Selected,
    Unknown,
    Note,
    /// The cursor of a list under a text input.
    Choice,
    Added,
    Removed,
    /// Underlines a fault in a text: one glyph a cell, without a blank after it.
    Caret,
}

/// The state of a row in the state column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    Excluded,
    Error(u32),
    Checking,
    Queued,
    Warning(u32),
    /// A transcript is proposed that may be taken; it is not in the file.
    Proposed,
    /// So many transcripts to choose from.
    Choose(u32),
    Missing,
    Ok,
    Unknown,
    /// Checked online without a clear answer.
    Untold,
}

/// A glyph and the word for the same state: no state is shown by colour or shape alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sign {
    pub glyph: &'static str,
    pub word: Cow<'static, str>,
    pub glyph_style: Style,
    pub word_style: Style,
}

impl Sign {
    /// The glyph, the blank that every glyph needs after it, and the word.
    pub fn spans(&self) -> [Span<'static>; 3] {
        [Span::styled(self.glyph, self.glyph_style), Span::raw(" "), Span::styled(self.word.clone(), self.word_style)]
    }
}

/// Whether the cursor is on a row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Cursor {
    #[default]
    Away,
    Here,
    /// On this row, while another pane has the focus.
    HereUnfocused,
}

/// Contents of a row's gutter.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Gutter {
    pub cursor: Cursor,
    pub selected: bool,
    pub edited: bool,
    /// Takes the cell of `edited`.
    pub excluded: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    /// Use ASCII glyphs only.
    pub ascii: bool,
    /// Off with `NO_COLOR`.
    pub color: bool,
    /// Nothing is dim.
    pub high_contrast: bool,
}

impl Default for Theme {
    fn default() -> Theme {
        Theme { ascii: false, color: true, high_contrast: false }
    }
}

impl Theme {
    pub fn plain(&self) -> Style {
        Style::new()
    }

    /// For what may be overlooked. Never for what needs action: some terminals ignore it, some overdo it.
    pub fn dim(&self) -> Style {
        if self.high_contrast { Style::new() } else { Style::new().add_modifier(Modifier::DIM) }
    }

    pub fn bold(&self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// Only for the focused cell, the text cursor, the outcome's word and the confirm key.
    pub fn reversed(&self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// A key to press, in hints and sentences.
    pub fn key(&self) -> Style {
        self.bold()
    }

    /// Highlights `area` as the cursor's row: bold and not dim; coloured cells stay as they are.
    pub fn stand_out(&self, buffer: &mut Buffer, area: Rect) {
        for position in area.intersection(buffer.area).positions() {
            if let Some(cell) = buffer.cell_mut(position).filter(|cell| cell.fg == Color::Reset) {
                cell.modifier.remove(Modifier::DIM);
                cell.modifier.insert(Modifier::BOLD);
            }
        }
    }

    /// Dims `area`, as the row of an excluded video; coloured cells stay as they are.
    pub fn step_back(&self, buffer: &mut Buffer, area: Rect) {
        for position in area.intersection(buffer.area).positions() {
            if let Some(cell) = buffer.cell_mut(position).filter(|cell| cell.fg == Color::Reset) {
                cell.modifier.remove(Modifier::BOLD);
                cell.set_style(self.dim());
            }
        }
    }

    fn colored(&self, color: Color) -> Style {
        if self.color { Style::new().fg(color) } else { Style::new() }
    }

    fn pick(&self, glyph: &'static str, ascii: &'static str) -> &'static str {
        if self.ascii { ascii } else { glyph }
    }

    /// The glyph of a mark. A blank must follow it, because some terminals draw it two cells wide.
    pub fn glyph(&self, mark: Mark) -> &'static str {
        match mark {
            Mark::Ok => self.pick("✓", "+"),
            Mark::Warning => self.pick("▲", "!"),
            Mark::Error => self.pick("✗", "x"),
            Mark::Missing => self.pick("○", "o"),
            Mark::Checking => self.pick("◌", ":"),
            Mark::Queued => self.pick("·", "."),
            Mark::Excluded | Mark::Removed => "-",
            Mark::Edited => "~",
            Mark::Selected => self.pick("◆", "*"),
            Mark::Unknown => "?",
            Mark::Note => "i",
            Mark::Choice => self.pick("›", ">"),
            Mark::Added => "+",
            Mark::Caret => "^",
        }
    }

    pub fn mark_style(&self, mark: Mark) -> Style {
        match mark {
            Mark::Ok | Mark::Added => self.colored(Color::Green),
            Mark::Warning => self.colored(Color::Yellow),
            Mark::Error | Mark::Removed | Mark::Caret => self.colored(Color::Red),
            Mark::Unknown => self.colored(Color::Magenta),
            Mark::Edited => self.colored(Color::Cyan),
            Mark::Missing | Mark::Selected => self.plain(),
            Mark::Checking | Mark::Queued | Mark::Excluded | Mark::Note => self.dim(),
            Mark::Choice => self.bold(),
        }
    }

    pub fn mark(&self, mark: Mark) -> Span<'static> {
        Span::styled(self.glyph(mark), self.mark_style(mark))
    }

    /// The sign of a row's state, at most the 10 cells of its column wide.
    pub fn sign(&self, state: State) -> Sign {
        let (mark, word, word_style) = match state {
            State::Ok => (Mark::Ok, Cow::Borrowed("ok"), self.plain()),
            State::Warning(count) => (Mark::Warning, Cow::Owned(format!("warn {}", count.min(999))), self.plain()),
            State::Error(count) => (Mark::Error, Cow::Owned(format!("error {}", count.min(99))), self.bold()),
            State::Proposed => (Mark::Choice, Cow::Borrowed("proposed"), self.dim()),
            State::Choose(count) => (Mark::Choice, Cow::Owned(format!("choose {}", count.min(9))), self.dim()),
            State::Missing => (Mark::Missing, Cow::Borrowed("missing"), self.plain()),
            State::Checking => (Mark::Checking, Cow::Borrowed("checking"), self.dim()),
            State::Queued => (Mark::Queued, Cow::Borrowed("queued"), self.dim()),
            State::Excluded => (Mark::Excluded, Cow::Borrowed("excluded"), self.dim()),
            State::Unknown => (Mark::Unknown, Cow::Borrowed("unknown"), self.bold()),
            State::Untold => (Mark::Unknown, Cow::Borrowed("unclear"), self.plain()),
        };
        // It is bold only where something is typed.
        let glyph_style = if mark == Mark::Choice { self.plain() } else { self.mark_style(mark) };
        Sign { glyph: self.glyph(mark), word, glyph_style, word_style }
    }

    /// The four cells of the gutter.
    pub fn gutter(&self, gutter: Gutter) -> [Span<'static>; 4] {
        let blank = Span::raw(" ");
        let cursor = match gutter.cursor {
            Cursor::Away => blank.clone(),
            Cursor::Here => self.bar(),
            Cursor::HereUnfocused => self.bar_unfocused(),
        };
        let selected = if gutter.selected { self.mark(Mark::Selected) } else { blank.clone() };
        let change = if gutter.excluded {
            self.mark(Mark::Excluded)
        } else if gutter.edited {
            self.mark(Mark::Edited)
        } else {
            blank.clone()
        };
        [cursor, selected, change, blank]
    }

    /// The cursor's row in a list without the focus.
    pub fn bar_unfocused(&self) -> Span<'static> {
        Span::raw(self.pick("│", ":"))
    }

    /// The bar that marks the cursor's row; also along the editor and before the choices of the gate.
    pub fn bar(&self) -> Span<'static> {
        Span::styled(self.pick("▌", "|"), self.bold())
    }

    /// A progress bar: the done part plain, the rest dim. Numbers must accompany it.
    pub fn progress(&self, fraction: f64, cells: u16) -> [Span<'static>; 2] {
        let cells = usize::from(cells);
        // NaN casts to 0, and `min` bounds a fraction above 1.
        let done = ((fraction.max(0.0) * cells as f64) as usize).min(cells);
        let head = usize::from(fraction > 0.0 && done < cells);
        let bar = self.pick("━", "=").repeat(done) + &self.pick("╸", ">").repeat(head);
        [Span::raw(bar), Span::styled(self.line().repeat(cells - done - head), self.dim())]
    }

    /// A cell of the timeline with a cue in it; one without is [`Theme::line`], dim.
    pub fn covered(&self) -> Span<'static> {
        Span::raw(self.pick("━", "="))
    }

    /// The spinner. `tick` counts quarters of a second.
    pub fn spinner(&self, tick: u64) -> Span<'static> {
        let frame = match tick % 4 {
            0 => self.pick("◓", "|"),
            1 => self.pick("◑", "/"),
            2 => self.pick("◒", "-"),
            _ => self.pick("◐", "\\"),
        };
        Span::styled(frame, self.colored(Color::Cyan))
    }

    /// The glyph of a rule and of the rest of a progress bar.
    pub fn line(&self) -> &'static str {
        self.pick("─", "-")
    }

    /// The arrow after the heading of the sorted column.
    pub fn order(&self, descending: bool) -> &'static str {
        if descending { self.pick("↓", "v") } else { self.pick("↑", "^") }
    }

    /// Highlights a cell of a search match.
    pub fn mark_found(&self, cell: &mut Cell) {
        cell.modifier.remove(Modifier::DIM);
        cell.modifier.insert(Modifier::BOLD | Modifier::UNDERLINED);
    }

    /// In place of cut text.
    pub fn ellipsis(&self) -> &'static str {
        self.pick("…", "..")
    }

    /// In place of each character of a secret.
    pub fn dot(&self) -> &'static str {
        self.pick("•", "*")
    }

    /// In place of a number or fact that is not known yet.
    pub fn not_known(&self) -> &'static str {
        self.pick("–", "-")
    }
}

#[cfg(test)]
mod tests {
    use ratatui::style::Modifier;
    use ratatui::text::Line;

    use super::*;
    use crate::ui::text::width;

    const STATES: [State; 8] = [
        State::Ok,
        State::Warning(2),
        State::Error(1),
        State::Missing,
        State::Checking,
        State::Queued,
        State::Excluded,
        State::Unknown,
    ];

    fn words(theme: Theme) -> Vec<String> {
        STATES.map(|state| Line::from(theme.sign(state).spans().to_vec()).to_string()).to_vec()
    }

    #[test]
    fn every_state_is_a_glyph_and_a_word() {
        assert_eq!(
            words(Theme::default()),
            ["✓ ok", "▲ warn 2", "✗ error 1", "○ missing", "◌ checking", "· queued", "- excluded", "? unknown"]
        );
        assert_eq!(
            words(Theme { ascii: true, ..Theme::default() }),
            ["+ ok", "! warn 2", "x error 1", "o missing", ": checking", ". queued", "- excluded", "? unknown"]
        );
    }

    #[test]
    fn a_state_is_never_wider_than_its_column() {
        for count in [0, 9, 10, 99, 100, 1_000, u32::MAX] {
            for state in STATES.into_iter().chain([State::Warning(count), State::Error(count)]) {
                let spans = Theme::default().sign(state).spans();
                assert!(spans.iter().map(|span| width(&span.content)).sum::<usize>() <= 10, "{state:?}");
            }
        }
    }

    #[test]
    fn no_color_keeps_everything_else_and_high_contrast_drops_only_the_dim() {
        let (full, bare, high) = (
            Theme::default(),
            Theme { color: false, ..Theme::default() },
            Theme { high_contrast: true, ..Theme::default() },
        );
        for state in STATES {
            let (full, bare, high) = (full.sign(state), bare.sign(state), high.sign(state));
            assert_eq!(bare.glyph_style.fg, None);
            assert_eq!(bare.glyph_style.add_modifier, full.glyph_style.add_modifier);
            assert_eq!((bare.glyph, &bare.word, bare.word_style), (full.glyph, &full.word, full.word_style));
            assert_eq!(high.glyph_style.fg, full.glyph_style.fg);
            assert!(!high.glyph_style.add_modifier.contains(Modifier::DIM));
            assert_eq!(high.word_style.add_modifier, full.word_style.add_modifier - Modifier::DIM);
        }
    }

    #[test]
    fn the_gutter_tells_cursor_selection_and_change_apart() {
        let theme = Theme::default();
        let shown = |gutter: Gutter, theme: Theme| Line::from(theme.gutter(gutter).to_vec()).to_string();
        let both = Gutter { selected: true, edited: true, ..Gutter::default() };
        assert_eq!(shown(both, theme), " ◆~ ");
        assert_eq!(shown(Gutter { cursor: Cursor::Here, ..both }, theme), "▌◆~ ");
        assert_eq!(shown(Gutter { cursor: Cursor::HereUnfocused, excluded: true, ..both }, theme), "│◆- ");
        let ascii = Theme { ascii: true, ..theme };
        assert_eq!(shown(Gutter { cursor: Cursor::Here, ..both }, ascii), "|*~ ");
        assert_eq!(shown(Gutter { cursor: Cursor::HereUnfocused, ..both }, ascii), ":*~ ");
    }

    #[test]
    fn the_cursor_row_stands_out_without_making_a_colour_bold() {
        let theme = Theme::default();
        let mut buffer = Buffer::empty(Rect::new(0, 0, 8, 1));
        buffer.set_line(0, 0, &Line::from(theme.gutter(Gutter { edited: true, ..Gutter::default() }).to_vec()), 8);
        buffer.set_string(4, 0, "acme", theme.dim());
        theme.stand_out(&mut buffer, Rect::new(0, 0, 80, 9));
        assert_eq!((buffer[(2, 0)].fg, buffer[(2, 0)].modifier), (Color::Cyan, Modifier::empty()));
        assert_eq!(buffer[(4, 0)].modifier, Modifier::BOLD);
        theme.step_back(&mut buffer, Rect::new(0, 0, 8, 1));
        assert_eq!(buffer[(4, 0)].modifier, Modifier::DIM);
    }

    #[test]
    fn progress_bar_has_a_head_only_between_0_and_100_percent() {
        let shown = |fraction, cells, theme: Theme| Line::from(theme.progress(fraction, cells).to_vec()).to_string();
        let theme = Theme::default();
        assert_eq!(shown(1_204.0 / 9_368.0, 12, theme), "━╸──────────");
        assert_eq!(shown(1_441_792.0 / 2_981_204.0, 10, theme), "━━━━╸─────");
        assert_eq!(shown(124.0 / 204.0, 20, theme), "━━━━━━━━━━━━╸───────");
        assert_eq!(shown(0.4, 8, Theme { ascii: true, ..theme }), "===>----");
        for (fraction, bar) in
            [(0.0, "────"), (0.001, "╸───"), (1.0, "━━━━"), (7.0, "━━━━"), (-1.0, "────"), (f64::NAN, "────")]
        {
            assert_eq!(shown(fraction, 4, theme), bar, "{fraction}");
        }
    }
}
