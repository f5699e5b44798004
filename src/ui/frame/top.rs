//! Draws the rows above the body: the header with file and upload target, the tallies, the title or headings, the rule.
//! The positions of the tallies depend only on the window and the number of rows: a count never moves another one.

use ratatui::buffer::Buffer;
use ratatui::text::{Line, Span};

use super::{line_width, put, put_right};
use crate::app::layout::{Area, Column, Layout};
use crate::ui::text::{cut_end, cut_middle, safe, thousands, width};
use crate::ui::theme::{Mark, Theme};

/// Whether the draft differs from its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsaved {
    Saved,
    /// Changes since the last save.
    Changes(u64),
    Reading,
    NotLoaded,
    /// A fresh export that another manifest is still to be merged into.
    NotMerged,
    /// No file is open.
    NoFile,
}

#[derive(Debug, Clone, Copy)]
pub struct Header<'a> {
    /// The file's name without its folder.
    pub file: &'a str,
    pub unsaved: Unsaved,
    /// Empty when there is none.
    pub profile: &'a str,
    pub host: &'a str,
}

/// Cells reserved for the file name before the right part is shortened.
const FILE_CELLS: usize = 16;

pub fn header(buffer: &mut Buffer, layout: &Layout, theme: &Theme, header: &Header<'_>) {
    let row = layout.header;
    let word = match header.unsaved {
        Unsaved::Saved => Span::styled("saved", theme.dim()),
        Unsaved::Changes(count) => Span::styled(format!("{} unsaved", thousands(count)), theme.bold()),
        Unsaved::Reading => Span::raw("reading"),
        Unsaved::NotLoaded => Span::raw("not loaded"),
        Unsaved::NotMerged => Span::styled("not merged", theme.bold()),
        Unsaved::NoFile => Span::raw(""),
    };
    let host = Span::raw(cut_middle(header.host, usize::from(row.width / 2), theme.ellipsis()));
    let to = Span::styled("upload to ", theme.dim());
    let profile = match cut_end(header.profile, FILE_CELLS, theme.ellipsis()) {
        none if none.is_empty() => Span::raw(none),
        named => Span::styled(format!("{named} "), theme.bold()),
    };
    let mut right = Line::from(vec![to, profile, host]);
    let mut name = Line::from(vec![Span::styled("cuecard", theme.bold()), Span::raw("  ")]);

    // A margin at each side, two blanks after the file name, two before the right part.
    let fixed = 6 + width(&word.content);
    let wanted = width(&safe(header.file)).min(FILE_CELLS);
    let room = |name: &Line<'_>, right: &Line<'_>| {
        usize::from(row.width).saturating_sub(fixed + usize::from(line_width(name) + line_width(right)))
    };
    for given_up in [1, 0] {
        // First the profile goes, then `upload to`: the host alone still says where.
        if room(&name, &right) < wanted && right.spans.len() > given_up {
            right.spans.remove(given_up);
        }
    }
    if room(&name, &right) < wanted {
        name = Line::default();
    }
    let file = cut_middle(header.file, room(&name, &right), theme.ellipsis());
    name.spans.extend([Span::raw(file), Span::raw("  "), word]);
    put_right(buffer, row, &right);
    put(buffer, row, 1, &name);
}

/// Counts over all rows; None is not known yet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tallies {
    pub errors: Option<u64>,
    pub warnings: Option<u64>,
    pub missing: Option<u64>,
    pub edited: Option<u64>,
    /// Hidden while not known.
    pub excluded: Option<u64>,
    /// Hidden while not known.
    pub rows: Option<u64>,
}

pub fn tallies(buffer: &mut Buffer, layout: &Layout, theme: &Theme, tallies: &Tallies) {
    let row = layout.tallies;
    let slots = [
        (Mark::Error, "errors", tallies.errors),
        (Mark::Warning, "warnings", tallies.warnings),
        (Mark::Missing, "missing", tallies.missing),
        (Mark::Edited, "edited", tallies.edited),
        (Mark::Excluded, "excluded", tallies.excluded),
    ];
    // Glyph, word and digits, with a blank between each.
    let cells = |word: &str| word.len() as u16 + layout.digits + 3;
    let Shape { slots: shown, gap, total } =
        Shape::of(row.width, layout.digits, &slots.map(|(_, word, _)| cells(word)));

    if let Some(rows) = tallies.rows.filter(|_| total > 0) {
        let label = if total > layout.digits { "rows " } else { "" };
        let line = Line::from(vec![Span::styled(label, theme.dim()), Span::raw(thousands(rows))]);
        put_right(buffer, row, &line);
    }
    // With tens of millions of rows in a narrow window, the counts move together so that none is cut.
    let crowded = 1 + slots.iter().take(shown).map(|(_, word, _)| cells(word) + gap).sum::<u16>() > row.width;
    let mut x = 1;
    for (mark, word, count) in slots.into_iter().take(shown) {
        let number = match count {
            Some(count) => Span::styled(thousands(count), theme.bold()),
            None if mark == Mark::Excluded => break,
            None => Span::styled(theme.not_known(), theme.dim()),
        };
        let line = Line::from(vec![theme.mark(mark), Span::raw(format!(" {word} ")), number]);
        put(buffer, row, x, &line);
        x += if crowded { line_width(&line) + 2 } else { cells(word) + gap };
    }
}

/// The tallies that fit.
struct Shape {
    slots: usize,
    gap: u16,
    /// Width of the number of rows, with or without its word; 0 to leave it out.
    total: u16,
}

impl Shape {
    /// Gives up in this order: the third cell of the gaps, the word `rows`, `excluded`, the number of rows, `edited`.
    /// The first three counts always stay.
    fn of(width: u16, digits: u16, cells: &[u16]) -> Shape {
        const ROWS: u16 = 5;
        let shapes =
            [(5, 3, digits + ROWS), (5, 2, digits + ROWS), (5, 2, digits), (4, 2, digits), (4, 2, 0), (3, 2, 0)];
        let fits = |&(slots, gap, total): &(usize, u16, u16)| {
            let left: u16 = cells.iter().take(slots).map(|cells| cells + gap).sum();
            // The last gap separates the total and goes with it.
            2 + left + total - if total == 0 { gap } else { 0 } <= width
        };
        let (slots, gap, total) = shapes.into_iter().find(fits).unwrap_or((3, 1, 0));
        Shape { slots, gap, total }
    }
}

/// Name of a screen and a phrase about what it shows.
#[derive(Debug, Clone, Copy, Default)]
pub struct Title<'a> {
    pub name: &'a str,
    pub phrase: &'a str,
    /// Column of the phrase, unless the name is longer.
    pub phrase_at: u16,
    pub right: &'a str,
}

impl Title<'_> {
    /// Column of most phrases, aligned with the values of the forms.
    pub const PHRASE_AT: u16 = 15;
}

pub fn title(buffer: &mut Buffer, layout: &Layout, theme: &Theme, title: &Title<'_>) {
    let row = layout.headings;
    let right = Line::styled(safe(title.right), theme.dim());
    let end = if title.right.is_empty() { row.right() } else { put_right(buffer, row, &right).saturating_sub(1) };
    let left = Area { width: end, ..row };
    let name = cut_middle(title.name, usize::from(left.width.saturating_sub(2)), theme.ellipsis());
    let at = title.phrase_at.max(u16::try_from(width(&name)).unwrap_or(u16::MAX).saturating_add(3));
    put(buffer, left, 1, &Line::styled(name, theme.bold()));
    let phrase = cut_end(title.phrase, usize::from(left.right().saturating_sub(at + 1)), theme.ellipsis());
    put(buffer, left, at, &Line::raw(phrase));
}

/// Draws the table's headings: the focused column in bold, the sorted one with an arrow.
pub fn headings(
    buffer: &mut Buffer,
    layout: &Layout,
    theme: &Theme,
    focused: Option<Column>,
    sorted: Option<(Column, bool)>,
) {
    for (column, cells) in layout.columns.each() {
        let word = match column {
            Column::Number => "#",
            Column::Video => "video",
            Column::Language => "lang",
            Column::Transcript => "transcript",
            Column::State => "state",
        };
        let word = match sorted {
            // In a narrow column there is no blank before the arrow.
            Some((by, descending)) if by == column && usize::from(cells.width) < width(word) + 2 => {
                format!("{word}{}", theme.order(descending))
            }
            Some((by, descending)) if by == column => format!("{word} {}", theme.order(descending)),
            _ => word.to_owned(),
        };
        let wide = u16::try_from(width(&word)).unwrap_or(u16::MAX);
        let x = if column == Column::Number { cells.right().saturating_sub(wide) } else { cells.x };
        let style = if focused == Some(column) { theme.bold() } else { theme.dim() };
        put(buffer, layout.headings, x, &Line::styled(word, style));
    }
}

/// Draws the title of a side pane, in the row of headings; bold while the pane has the focus.
pub fn pane_title(
    buffer: &mut Buffer,
    layout: &Layout,
    theme: &Theme,
    area: Area,
    name: &str,
    right: &str,
    focused: bool,
) {
    let row = Area { x: area.x, width: area.width, ..layout.headings };
    let start = put_right(buffer, row, &Line::styled(safe(right), theme.dim()));
    let style = if focused { theme.bold() } else { theme.plain() };
    let name = cut_end(name, usize::from(start.saturating_sub(row.x + 2)), theme.ellipsis());
    put(buffer, row, row.x, &Line::styled(name, style));
}

/// Draws the rule under the headings, with a label at the table's right edge.
pub fn rule(buffer: &mut Buffer, layout: &Layout, theme: &Theme, label: Option<&str>) {
    line_across(buffer, layout.rule, theme);
    if let Some(label) = label {
        let line = Line::styled(format!(" {} ", safe(label)), theme.dim());
        put(buffer, layout.rule, layout.label_end().saturating_sub(line_width(&line)), &line);
    }
}

/// Draws the rule between two stacked panes in row `y`, with the title of the lower one.
pub fn titled_rule(
    buffer: &mut Buffer,
    layout: &Layout,
    theme: &Theme,
    y: u16,
    name: &str,
    right: &str,
    focused: bool,
) {
    let row = Area { y, ..layout.rule };
    line_across(buffer, row, theme);
    let style = if focused { theme.bold() } else { theme.dim() };
    let mut end = row.right();
    if !right.is_empty() {
        end = put_right(buffer, row, &Line::styled(format!(" {} ", safe(right)), theme.dim()));
    }
    let name = cut_middle(name, usize::from(end.saturating_sub(5)), theme.ellipsis());
    put(buffer, row, 1, &Line::styled(format!(" {name} "), style));
}

fn line_across(buffer: &mut Buffer, row: Area, theme: &Theme) {
    put(buffer, row, row.x, &Line::styled(theme.line().repeat(usize::from(row.width)), theme.dim()));
}
