//! Owns the log: earlier uploads, newest first, as the ledger has them.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::text::Line;

use super::body::{counted, head, marked, place_in, window, write};
use super::frame::{Title, rect};
use super::send::{host, outcome_line, started};
use super::text::{cut_end, cut_middle, pad_left, short_bytes, thousands};
use super::theme::{Mark, Theme};
use crate::app::layout::{Area, Layout};
use crate::app::model::Model;
use crate::app::screens::Log;
use crate::app::session::file_name;
use crate::domain::outcome::Attempt;
use std::path::Path;

pub fn draw(model: &Model, screen: &Log, layout: &Layout, theme: &Theme, frame: &mut Frame<'_>) {
    let buffer = frame.buffer_mut();
    let attempts = screen.attempts.as_deref().unwrap_or_default();
    let phrase = if attempts.is_empty() {
        String::new()
    } else {
        format!("{}, newest first", counted(attempts.len() as u64, "earlier upload"))
    };
    let label = place_in(screen.scroll, attempts.len(), layout.body.height);
    let title = Title { name: "log", phrase: &phrase, phrase_at: Title::PHRASE_AT, right: "" };
    head(buffer, layout, theme, layout.body, &title, &label);

    let area = Area { width: layout.body.width.saturating_sub(1), ..layout.body };
    if attempts.is_empty() {
        let said = match (&screen.fault, &screen.attempts) {
            (Some(fault), _) => marked(theme, Mark::Error, &format!("the ledger can't be read: {fault}")),
            (None, None) => marked(theme, Mark::Checking, "reading the ledger"),
            (None, Some(_)) => Line::raw("Nothing has been sent from this file."),
        };
        write(buffer, area, area.y, 1, said);
        return;
    }
    for (y, at) in (area.y..area.bottom()).zip(window(screen.scroll, attempts.len(), area.height)) {
        let Some(attempt) = attempts.get(at) else { break };
        one(buffer, theme, model, attempt, Area { y, height: 1, ..area });
        if at == screen.scroll.cursor {
            theme.stand_out(buffer, rect(Area { y, height: 1, ..area }));
            write(buffer, area, y, 0, theme.bar());
        }
    }
}

/// When, what came of it, how much of what, where to, from which file: what there is room for, in that order.
fn one(buffer: &mut Buffer, theme: &Theme, model: &Model, attempt: &Attempt, area: Area) {
    let intent = &attempt.intent;
    let at = started(model, attempt);
    let (wide, roomy) = (area.width >= 109, area.width >= 79);
    let ellipsis = theme.ellipsis();
    let mut columns: Vec<(u16, Line<'_>)> = Vec::with_capacity(8);
    let mut column = |cells: u16, line: Line<'static>| columns.push((cells, line));
    // The year and the seconds stay only where they are not missed elsewhere.
    if wide {
        column(20, Line::raw(format!("{} {}", pad_left(&at.date(), 11), at.clock())));
    } else {
        column(12, Line::raw(format!("{} {}", pad_left(&at.short_date(), 6), at.short_clock())));
    }
    column(10, outcome_line(attempt, theme));
    column(3, Line::raw(attempt.ended.reply().map(|reply| reply.status.to_string()).unwrap_or_default()));
    let rows = thousands(intent.rows.into());
    if wide {
        column(14, Line::raw(pad_left(&counted(intent.rows.into(), "row"), 14)));
    } else {
        column(9, Line::raw(pad_left(&rows, 9)));
    }
    if roomy {
        column(7, Line::raw(pad_left(&short_bytes(intent.fingerprint.bytes), 7)));
        let sha256: String = intent.fingerprint.hex().chars().take(8).collect();
        column(10, Line::raw(format!("{sha256}{ellipsis}")));
    }
    if wide {
        column(20, Line::raw(cut_middle(host(&intent.address), 20, ellipsis)));
    }
    let mut x = 2;
    for (cells, line) in columns {
        write(buffer, Area { width: (x + cells).min(area.width), ..area }, area.y, x, line);
        x += cells + 2;
    }
    let name = cut_end(&file_name(Path::new(&intent.file)), usize::from(area.width.saturating_sub(x)), ellipsis);
    write(buffer, area, area.y, x, Line::styled(name, theme.dim()));
}
