//! Draws the file chooser, and a file that cannot be read.
//! It must never say that a file is damaged: the program has not changed it.

use ratatui::buffer::Buffer;
use ratatui::text::{Line, Span};

use super::body::{key_and, place_in};
use super::frame::{self, Title, put};
use super::text::{cut_end, cut_middle, pad_left, pad_to, safe, thousands, width, wrap};
use super::theme::{Mark, Theme};
use crate::app::Model;
use crate::app::action::Action;
use crate::app::jobs::Task;
use crate::app::layout::{Area, Layout};
use crate::app::screens::{Chooser, Unreadable};
use crate::app::session::file_name;
use crate::domain::format::counted;
use crate::domain::manifest::Refusal;

/// Draws the file chooser.
pub fn chooser(model: &Model, chooser: &Chooser, layout: &Layout, theme: &Theme, buffer: &mut Buffer) {
    let body = layout.body;
    frame::title(buffer, layout, theme, &Title { name: "Open a manifest", ..Title::default() });
    frame::rule(buffer, layout, theme, None);
    let row = |y: u16| Area { y, height: 1, ..body };
    if chooser.files.is_empty() {
        let words = if model.jobs.has(Task::ListFiles) {
            Line::styled("looking for manifests", theme.dim())
        } else {
            let mut words = Line::raw("No JSON file here.  ");
            words.spans.extend(key_and(model, theme, Action::OpenAnother, "types a path, "));
            words.spans.extend(key_and(model, theme, Action::Demo, "starts the sandbox"));
            words
        };
        return put(buffer, row(body.y + 1), 1, &words);
    }
    let files = chooser.shown();
    if files.is_empty() {
        return put(buffer, row(body.y + 1), 1, &Line::raw("No path here contains that."));
    }
    let place = place_in(chooser.scroll, files.len(), body.height.saturating_sub(1));
    frame::rule(buffer, layout, theme, Some(&place));
    let ellipsis = theme.ellipsis();
    let name_cells = usize::from(body.width / 3);
    let (rows_cells, when_cells) = (12, 16);
    let path_at = 2 + name_cells + rows_cells + 2 + when_cells + 2;
    let path_cells = usize::from(body.width).saturating_sub(path_at + 1);
    let shown = usize::from(body.height.saturating_sub(1));
    for (line, (at, file)) in (body.y + 1..).zip(files.into_iter().enumerate().skip(chooser.scroll.top).take(shown)) {
        let chosen = at == chooser.scroll.cursor;
        let name = cut_middle(&file_name(&file.path), name_cells, ellipsis);
        let rows = file.rows.map_or_else(String::new, |rows| counted(rows.into(), "row"));
        let when = cut_end(&file.when, when_cells, ellipsis);
        let folder = file.path.parent().map(|folder| folder.display().to_string()).unwrap_or_default();
        let folder = cut_middle(&folder, path_cells, ellipsis);
        let bar = if chosen { theme.bar() } else { Span::raw(" ") };
        let line_of_file = Line::from(vec![
            bar,
            Span::raw(" "),
            Span::styled(pad_to(&name, name_cells), if chosen { theme.bold() } else { theme.plain() }),
            Span::styled(pad_left(&rows, rows_cells), theme.dim()),
            Span::raw("  "),
            Span::raw(pad_to(&when, when_cells)),
            Span::raw("  "),
            Span::styled(folder, theme.dim()),
        ]);
        put(buffer, row(line), body.x, &line_of_file);
    }
}

/// Draws why a file cannot be read, with the lines around the fault.
pub fn unreadable(unreadable: &Unreadable, layout: &Layout, theme: &Theme, buffer: &mut Buffer) {
    let name = file_name(&unreadable.path);
    let phrase = if unreadable.refusal.is_some() { "cannot be read as a manifest" } else { "cannot be read" };
    frame::title(buffer, layout, theme, &Title { name: &name, phrase, ..Title::default() });
    frame::rule(buffer, layout, theme, None);
    let mut lines = vec![Line::default()];
    let room = usize::from(layout.body.width.saturating_sub(4));
    let fault = match &unreadable.refusal {
        Some(Refusal { why, line, column, .. }) => {
            format!("line {}, column {}: {why}", thousands(*line as u64), thousands(*column as u64))
        }
        None => unreadable.fault.clone(),
    };
    for (at, text) in wrap(&fault, room).into_iter().enumerate() {
        let sign = if at == 0 { theme.mark(Mark::Error) } else { Span::raw(" ") };
        lines.push(Line::from(vec![Span::raw(" "), sign, Span::raw(" "), Span::raw(text)]));
    }
    if let Some(refusal) = &unreadable.refusal {
        lines.push(Line::default());
        lines.extend(excerpt(unreadable, refusal, layout, theme));
        lines.push(Line::default());
        lines.push(Line::raw(match refusal.rows_before {
            0 => " No row before this line is complete.".to_owned(),
            1 => " 1 row before this line is well formed.".to_owned(),
            rows => format!(" {} rows before this line are well formed.", thousands(rows.into())),
        }));
    }
    for (y, line) in (layout.body.y..layout.body.bottom()).zip(&lines) {
        put(buffer, Area { y, height: 1, ..layout.body }, layout.body.x, line);
    }
}

/// The numbered lines around the fault, with the advice under it.
fn excerpt(unreadable: &Unreadable, refusal: &Refusal, layout: &Layout, theme: &Theme) -> Vec<Line<'static>> {
    let digits = thousands(refusal.line as u64).len().max(6);
    let start = 1 + digits + 2;
    let room = usize::from(layout.body.width).saturating_sub(start + 1);
    let mut lines = Vec::new();
    for line in &unreadable.excerpt {
        let number = pad_left(&thousands(line.number as u64), digits);
        lines.push(Line::from(vec![
            Span::styled(format!(" {number}  "), theme.dim()),
            Span::raw(cut_end(&line.text, room, theme.ellipsis())),
        ]));
    }
    let caret = unreadable.excerpt.iter().find_map(|line| Some(cells_before(&line.text, line.caret?)));
    let caret = caret.filter(|cells| *cells < room);
    if let Some(cells) = caret {
        let advice = cut_end(&refusal.advice, room.saturating_sub(cells + 2), theme.ellipsis());
        // Advice that does not fit behind the caret goes below it.
        let advice = if width(&advice) < width(&refusal.advice) { String::new() } else { advice };
        let said = !advice.is_empty() || refusal.advice.is_empty();
        lines.push(Line::from(vec![
            Span::raw(" ".repeat(start + cells)),
            theme.mark(Mark::Caret),
            Span::raw(format!(" {advice}")),
        ]));
        if said {
            return lines;
        }
    }
    let advice = wrap(&refusal.advice, room).into_iter().filter(|line| !line.is_empty());
    lines.extend(advice.map(|line| Line::raw(format!("{}{line}", " ".repeat(start)))));
    lines
}

/// Width of the first `characters` `char`s of a line as shown, in cells.
fn cells_before(text: &str, characters: usize) -> usize {
    let before: String = text.chars().take(characters).collect();
    width(&safe(&before))
}
