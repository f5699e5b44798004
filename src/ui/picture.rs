//! Draws a frame as SVG, for pages that show the program. The same frame gives the same bytes.
//! It must never differ from the terminal: each run of text is pinned to its cells.

use std::fmt::Write as _;

use ratatui::buffer::{Buffer, CellWidth};
use ratatui::style::{Color, Modifier};

const CELL: (u16, u16) = (10, 21);
const MARGIN: u16 = 8;
/// Baseline of the text, in pixels from the top of its cell.
const BASELINE: u16 = 16;
const FONT_SIZE: f32 = 16.6;

/// The colours of a terminal, as CSS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Palette {
    pub background: &'static str,
    pub text: &'static str,
    pub dim: &'static str,
    pub red: &'static str,
    pub green: &'static str,
    pub yellow: &'static str,
    pub magenta: &'static str,
    pub cyan: &'static str,
}

impl Palette {
    pub const DARK: Palette = Palette {
        background: "#16181d",
        text: "#d2d4db",
        dim: "#7d8089",
        red: "#e06c75",
        green: "#98c379",
        yellow: "#d9b060",
        magenta: "#c678dd",
        cyan: "#56b6c2",
    };

    pub const LIGHT: Palette = Palette {
        background: "#ffffff",
        text: "#24292f",
        dim: "#7b828a",
        red: "#b3202c",
        green: "#1a7f37",
        yellow: "#8a6100",
        magenta: "#8250df",
        cyan: "#0b7285",
    };

    fn color(&self, color: Color) -> Option<&'static str> {
        match color {
            Color::Red => Some(self.red),
            Color::Green => Some(self.green),
            Color::Yellow => Some(self.yellow),
            Color::Magenta => Some(self.magenta),
            Color::Cyan => Some(self.cyan),
            _ => None,
        }
    }
}

/// Adjacent cells with the same look.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Run {
    x: u16,
    cells: u16,
    text: String,
    look: Look,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Look {
    fill: &'static str,
    bold: bool,
    reversed: bool,
}

/// `buffer` as an SVG document; `title` is for screen readers.
pub fn svg(buffer: &Buffer, palette: &Palette, title: &str) -> String {
    let (columns, rows) = (buffer.area.width, buffer.area.height);
    let (width, height) = (columns * CELL.0 + 2 * MARGIN, rows * CELL.1 + 2 * MARGIN);
    let mut svg = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">
<title>{}</title>
<rect width="{width}" height="{height}" rx="6" fill="{}"/>
<g font-family="'DejaVu Sans Mono', Menlo, Consolas, 'Liberation Mono', monospace" font-size="{FONT_SIZE}" xml:space="preserve">
"#,
        escape(title),
        palette.background,
    );
    for y in 0..rows {
        let top = MARGIN + y * CELL.1;
        for run in runs(buffer, palette, y) {
            let (x, cells) = (MARGIN + run.x * CELL.0, run.cells * CELL.0);
            let mut fill = run.look.fill;
            // Writing to a `String` never fails.
            if run.look.reversed {
                let _ = writeln!(svg, r#"<rect x="{x}" y="{top}" width="{cells}" height="{}" fill="{fill}"/>"#, CELL.1);
                fill = palette.background;
            }
            if run.text.trim().is_empty() {
                continue;
            }
            let weight = if run.look.bold { r#" font-weight="bold""# } else { "" };
            let _ = writeln!(
                svg,
                r#"<text x="{x}" y="{}" textLength="{cells}" lengthAdjust="spacingAndGlyphs" fill="{fill}"{weight}>{}</text>"#,
                top + BASELINE,
                escape(&run.text),
            );
        }
    }
    svg.push_str("</g>\n</svg>\n");
    svg
}

/// The runs of row `y`, without the blanks between them. A wide character is a run of its own, because fonts disagree
/// about its width.
fn runs(buffer: &Buffer, palette: &Palette, y: u16) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut x = 0;
    while x < buffer.area.width {
        let Some(cell) = buffer.cell((buffer.area.x + x, buffer.area.y + y)) else { break };
        let symbol = if cell.symbol().is_empty() { " " } else { cell.symbol() };
        let cells = symbol.cell_width().max(1);
        let dim = if cell.modifier.contains(Modifier::DIM) { palette.dim } else { palette.text };
        let look = Look {
            fill: palette.color(cell.fg).unwrap_or(dim),
            bold: cell.modifier.contains(Modifier::BOLD),
            reversed: cell.modifier.contains(Modifier::REVERSED),
        };
        match runs.last_mut() {
            Some(run) if run.look == look && run.x + run.cells == x && cells == 1 && run.cells == count(&run.text) => {
                run.cells += 1;
                run.text.push_str(symbol);
            }
            _ if symbol == " " && !look.reversed => {}
            _ => runs.push(Run { x, cells, text: symbol.to_owned(), look }),
        }
        x += cells;
    }
    for run in runs.iter_mut().filter(|run| !run.look.reversed) {
        let blanks = run.text.len() - run.text.trim_end_matches(' ').len();
        run.text.truncate(run.text.len() - blanks);
        run.cells -= u16::try_from(blanks).unwrap_or(0);
    }
    runs
}

/// Number of `char`s: equal to the cells in a run of single cells only, so that nothing is appended to a wide
/// character.
fn count(text: &str) -> u16 {
    u16::try_from(text.chars().count()).unwrap_or(u16::MAX)
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    use super::*;

    fn drawn(parts: &[(u16, &str, Style)]) -> Vec<Run> {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 20, 1));
        for (x, text, style) in parts {
            buffer.set_string(*x, 0, *text, *style);
        }
        runs(&buffer, &Palette::DARK, 0)
    }

    fn told(runs: &[Run]) -> Vec<(u16, u16, &str, &str)> {
        runs.iter().map(|run| (run.x, run.cells, run.text.as_str(), run.look.fill)).collect()
    }

    #[test]
    fn equal_neighbouring_styles_form_one_run() {
        let (plain, dim) = (Style::new(), Style::new().add_modifier(Modifier::DIM));
        let runs = drawn(&[(1, "two words", plain), (10, "dim", dim), (14, "x", Style::new().fg(Color::Red))]);
        assert_eq!(
            told(&runs),
            [
                (1, 9, "two words", Palette::DARK.text),
                (10, 3, "dim", Palette::DARK.dim),
                (14, 1, "x", Palette::DARK.red)
            ]
        );
    }

    #[test]
    fn a_wide_character_is_pinned_to_its_two_cells() {
        assert_eq!(
            told(&drawn(&[(0, "a한b", Style::new())])),
            [(0, 1, "a", Palette::DARK.text), (1, 2, "한", Palette::DARK.text), (3, 1, "b", Palette::DARK.text)]
        );
    }

    #[test]
    fn a_picture_is_one_escaped_document_and_the_same_every_time() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 12, 2));
        buffer.set_string(0, 0, "<a & b>", Style::new().add_modifier(Modifier::REVERSED));
        buffer.set_string(0, 1, "bold", Style::new().add_modifier(Modifier::BOLD));
        let picture = svg(&buffer, &Palette::LIGHT, "a \"table\"");
        assert_eq!(picture, svg(&buffer.clone(), &Palette::LIGHT, "a \"table\""));
        assert!(picture.contains(">&lt;a &amp; b&gt;</text>"), "{picture}");
        assert!(picture.contains("<title>a &quot;table&quot;</title>"));
        assert!(picture.contains(r##"<rect x="8" y="8" width="70" height="21" fill="#24292f"/>"##), "{picture}");
        assert!(picture.contains(r#"font-weight="bold">bold</text>"#));
        let mut reader = quick_xml::Reader::from_str(&picture);
        while !matches!(reader.read_event().expect("well-formed"), quick_xml::events::Event::Eof) {}
    }
}
