//! Owns the help: the keys of the screen below in blocks, made from the key table. It must never name a key itself.

use ratatui::Frame;
use ratatui::text::{Line, Span};

use super::body::{head, input, row, write, write_right};
use super::frame::Title;
use super::text::{cut_end, pad_to, width};
use super::theme::{Mark, Theme};
use crate::app::command::Scope;
use crate::app::layout::{Area, Layout};
use crate::app::screens::{Help, Offered};

/// The cells of the keys before what they do.
const KEYS: usize = 9;
/// From this width on the signs are explained too.
const SIGNS_FROM: u16 = 110;

const SIGNS: [(Mark, &str); 10] = [
    (Mark::Ok, "ok"),
    (Mark::Warning, "warning"),
    (Mark::Error, "error"),
    (Mark::Missing, "no transcript"),
    (Mark::Checking, "being checked"),
    (Mark::Queued, "queued for a check"),
    (Mark::Edited, "changed by you"),
    (Mark::Excluded, "excluded"),
    (Mark::Selected, "selected"),
    (Mark::Unknown, "outcome unknown"),
];

/// A line of a column.
enum Item<'a> {
    Heading(&'static str),
    Key(usize, &'a Offered),
    Sign(Mark, &'static str),
}

pub fn draw(screen: &Help, layout: &Layout, theme: &Theme, frame: &mut Frame<'_>) {
    let (entries, all) = screen.entries();
    let body = layout.body;
    let area = Area { y: body.y + 2, height: body.height.saturating_sub(2), ..body };
    let blocks = blocks(&entries, layout.window.width >= SIGNS_FROM && screen.input.text().is_empty());
    let columns = if body.width < 72 { 2 } else { 3 };
    let pages = pages(&blocks, columns, usize::from(area.height));
    let has_choice = |page: &&Vec<Vec<Option<&Item<'_>>>>| {
        let chosen = |item: &Option<&Item<'_>>| matches!(item, Some(Item::Key(at, _)) if *at == screen.choice);
        page.iter().any(|column| column.iter().any(chosen))
    };
    let page = pages.iter().find(has_choice).or(pages.first());

    let buffer = frame.buffer_mut();
    let (of, other) = match screen.all {
        false => (format!("keys for {}", place(screen.scopes.first().copied())), "all screens with Tab"),
        true => ("keys of all screens".to_owned(), "this one with Tab"),
    };
    let phrase = format!("{of}  {} of {all}, {other}", entries.len());
    let number = page.and_then(|page| pages.iter().position(|other| std::ptr::eq(page, other))).unwrap_or(0) + 1;
    let label = if pages.len() > 1 { format!("page {number} of {}", pages.len()) } else { String::new() };
    let title = Title { name: "help", phrase: &phrase, phrase_at: Title::PHRASE_AT, right: "" };
    head(buffer, layout, theme, body, &title, &label);

    let marks_choice = !screen.input.text().is_empty() || screen.choice > 0;
    let wide = body.width / columns as u16;
    for (column, x) in page.into_iter().flatten().zip((0..).map(|at: u16| 1 + at * wide)) {
        let cells = usize::from(wide.saturating_sub(2));
        for (y, item) in (area.y..area.bottom()).zip(column) {
            match item {
                None => {}
                Some(Item::Heading(title)) => write(buffer, area, y, x, Line::styled(*title, theme.dim())),
                Some(Item::Sign(mark, word)) => {
                    let gap = " ".repeat(KEYS - width(theme.glyph(*mark)));
                    write(buffer, area, y, x, vec![theme.mark(*mark), Span::raw(gap), Span::raw(*word)]);
                }
                Some(Item::Key(at, entry)) => {
                    write(buffer, area, y, x, key_line(theme, entry, cells));
                    if marks_choice && *at == screen.choice {
                        write(buffer, area, y, x - 1, theme.mark(Mark::Choice));
                    }
                }
            }
        }
    }
    if entries.is_empty() {
        write(buffer, area, area.y, 1, "No key does that here.  Tab looks in all screens");
    }
    // There is no room for the reason in a column.
    let off = entries.get(screen.choice).filter(|_| marks_choice).and_then(|entry| entry.off);
    let off = cut_end(off.map_or("", |why| why.text), usize::from(body.width / 2), theme.ellipsis());
    let end = write_right(buffer, body, body.y, body.right().saturating_sub(1), Line::styled(off, theme.dim()));
    write(buffer, body, body.y, 1, Span::styled(">", theme.bold()));
    let line = Area { width: end.saturating_sub(2), ..row(body, body.y) };
    input(frame, line, 3, theme, &screen.input);
}

fn key_line(theme: &Theme, entry: &Offered, cells: usize) -> Line<'static> {
    let mut keys = String::new();
    for key in &entry.keys {
        let longer = if keys.is_empty() { key.clone() } else { format!("{keys} {key}") };
        if !keys.is_empty() && width(&longer) >= KEYS {
            break;
        }
        keys = longer;
    }
    let keys = if width(&keys) < KEYS { pad_to(&keys, KEYS) } else { format!("{keys} ") };
    let label = cut_end(entry.command.label, cells.saturating_sub(width(&keys)), theme.ellipsis());
    match entry.off {
        None => Line::from(vec![Span::styled(keys, theme.key()), Span::raw(label)]),
        Some(_) => Line::from(vec![Span::styled(keys, theme.dim()), Span::styled(label, theme.dim())]),
    }
}

/// The entries under the headings of their groups, and the signs.
fn blocks<'a>(entries: &[&'a Offered], signs: bool) -> Vec<Vec<Item<'a>>> {
    let mut blocks: Vec<Vec<Item<'a>>> = Vec::new();
    let mut group = None;
    for (at, entry) in entries.iter().enumerate() {
        if group.replace(entry.command.group) != Some(entry.command.group) {
            blocks.push(vec![Item::Heading(entry.command.group.title())]);
        }
        blocks.last_mut().into_iter().for_each(|block| block.push(Item::Key(at, entry)));
    }
    if signs {
        let signs_of = SIGNS.iter().map(|(mark, word)| Item::Sign(*mark, word));
        blocks.push(std::iter::once(Item::Heading("signs")).chain(signs_of).collect());
    }
    blocks
}

type Column<'a, 'b> = Vec<Option<&'b Item<'a>>>;

/// The blocks in columns, in columns as short as possible; over several pages where they are more than fit.
fn pages<'a, 'b>(blocks: &'b [Vec<Item<'a>>], columns: usize, height: usize) -> Vec<Vec<Column<'a, 'b>>> {
    let flowed = (1..=height).map(|height| flow(blocks, height)).find(|flowed| flowed.len() <= columns);
    let flowed = flowed.unwrap_or_else(|| flow(blocks, height.max(1)));
    let mut pages: Vec<Vec<Column<'a, 'b>>> = Vec::new();
    for (at, column) in flowed.into_iter().enumerate() {
        if at.is_multiple_of(columns.max(1)) {
            pages.push(Vec::new());
        }
        pages.last_mut().into_iter().for_each(|page| page.push(column.clone()));
    }
    pages
}

/// A block goes on in the next column where it must, but never leaves its heading alone.
fn flow<'a, 'b>(blocks: &'b [Vec<Item<'a>>], height: usize) -> Vec<Column<'a, 'b>> {
    let mut columns: Vec<Column<'a, 'b>> = vec![Vec::new()];
    for block in blocks {
        let used = columns.last().map_or(0, Vec::len);
        let left = height.saturating_sub(used + usize::from(used > 0));
        // A block is kept whole where the next column has room for it.
        let breaks = used > 0 && left < block.len() && (block.len() <= height || left < 3);
        if breaks {
            columns.push(Vec::new());
        } else if used > 0 {
            columns.last_mut().into_iter().for_each(|column| column.push(None));
        }
        for item in block {
            if columns.last().is_some_and(|column| column.len() >= height) {
                columns.push(Vec::new());
            }
            columns.last_mut().into_iter().for_each(|column| column.push(Some(item)));
        }
    }
    columns
}

/// The screen of a scope, in words.
fn place(scope: Option<Scope>) -> &'static str {
    match scope {
        Some(Scope::Table) => "the table",
        Some(Scope::Editor) => "the editor",
        Some(Scope::Find) => "search and filter",
        Some(Scope::Picker) => "the picker",
        Some(Scope::Palette) => "the commands",
        Some(Scope::Problems) => "the problems",
        Some(Scope::Review | Scope::Recovery) => "the review",
        Some(Scope::Gate | Scope::Sending) => "the upload",
        Some(Scope::Result) => "the result",
        Some(Scope::Log) => "earlier uploads",
        Some(Scope::Chooser) => "the list of files",
        Some(Scope::Unreadable) => "a file that can't be read",
        _ => "this screen",
    }
}
