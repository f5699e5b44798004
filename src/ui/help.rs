//! Draws the help: the bindings of the screen below in blocks, from the key map. It must never name a key itself.

use ratatui::Frame;
use ratatui::text::{Line, Span};

use super::body::{head, input, more, row, write, write_right};
use super::frame::Title;
use super::text::{cut_end, pad_to, width};
use super::theme::{Mark, Theme};
use crate::app::action::Action;
use crate::app::layout::{Area, Layout};
use crate::app::screens::help::{Item, KEYS, SIGNS};
use crate::app::screens::{Help, Offered};

const EXPLAINED: [(Mark, &str); SIGNS] = [
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

pub fn draw(screen: &Help, layout: &Layout, theme: &Theme, frame: &mut Frame<'_>) {
    let (entries, all) = screen.entries();
    let body = layout.body;
    let area = Area { y: body.y + 2, height: body.height.saturating_sub(2), ..body };
    let pages = screen.pages(layout);
    let number = screen.page.min(pages.len().saturating_sub(1));
    let page = pages.get(number);

    let buffer = frame.buffer_mut();
    let place = screen.scopes.first().map_or("this screen", |scope| scope.title());
    let (of, other) = match screen.all {
        false => (format!("keys for {place}"), "all screens"),
        true => ("keys of all screens".to_owned(), "this one"),
    };
    let tab = screen.offered.iter().find(|it| it.command.action == Action::OtherScope);
    let other = match tab.and_then(|it| it.keys.first()) {
        Some(key) => format!("{other} with {key}"),
        None => format!("only {of}"),
    };
    let phrase = format!("{of}  {} of {all}, {other}", entries.len());
    let label = match pages.len() {
        0 | 1 => String::new(),
        len => format!("page {} of {len}{}", number + 1, more(number > 0, number + 1 < len)),
    };
    let title = Title { name: "help", phrase: &phrase, phrase_at: Title::PHRASE_AT, right: "" };
    head(buffer, layout, theme, body, &title, &label);

    let marks_choice = !screen.input.text().is_empty() || screen.choice > 0;
    let wide = body.width / screen.columns(body.width);
    for (column, x) in page.into_iter().flat_map(|page| &page.columns).zip((0..).map(|at: u16| 1 + at * wide)) {
        let cells = usize::from(wide.saturating_sub(2));
        for (y, item) in (area.y..area.bottom()).zip(column) {
            match item {
                Item::Blank => {}
                Item::Heading(title) => write(buffer, area, y, x, Line::styled(*title, theme.dim())),
                Item::Sign(at) => {
                    let Some((mark, word)) = EXPLAINED.get(*at) else { continue };
                    let gap = " ".repeat(KEYS - width(theme.glyph(*mark)));
                    write(buffer, area, y, x, vec![theme.mark(*mark), Span::raw(gap), Span::raw(*word)]);
                }
                Item::Key(at) => {
                    let Some(entry) = entries.get(*at) else { continue };
                    write(buffer, area, y, x, key_line(theme, entry, cells));
                    if marks_choice && *at == screen.choice {
                        write(buffer, area, y, x - 1, theme.mark(Mark::Choice));
                    }
                }
            }
        }
    }
    if entries.is_empty() {
        write(buffer, area, area.y, 1, "No key here does that.");
    }
    // The columns have no room for the reason why an entry is off: it is shown beside the input.
    let off = entries.get(screen.choice).filter(|_| marks_choice).and_then(|entry| entry.off.as_ref());
    let off = cut_end(off.map_or("", |why| &why.text), usize::from(body.width / 2), theme.ellipsis());
    let end = write_right(buffer, body, body.y, body.right().saturating_sub(1), Line::styled(off, theme.dim()));
    write(buffer, body, body.y, 1, Span::styled(">", theme.bold()));
    let line = Area { width: end.saturating_sub(2), ..row(body, body.y) };
    input(frame, line, 3, theme, &screen.input);
}

fn key_line(theme: &Theme, entry: &Offered, cells: usize) -> Line<'static> {
    let keys = entry.short_keys();
    let keys = if width(&keys) < KEYS { pad_to(&keys, KEYS) } else { format!("{keys} ") };
    let label = cut_end(&entry.label, cells.saturating_sub(width(&keys)), theme.ellipsis());
    match entry.off {
        None => Line::from(vec![Span::styled(keys, theme.key()), Span::raw(label)]),
        Some(_) => Line::from(vec![Span::styled(keys, theme.dim()), Span::styled(label, theme.dim())]),
    }
}
