//! Draws an upload in progress: its four phases, all visible from the start, with their times and the bytes sent.

use ratatui::Frame;
use ratatui::text::{Line, Span};
use std::time::Duration;

use super::form;
use crate::app::layout::{Area, Layout};
use crate::app::model::Model;
use crate::app::msg::Phase;
use crate::app::screens::send::Sending;
use crate::ui::body::{VALUE_AT, head, marked, write, write_lines, write_right};
use crate::ui::frame::Title;
use crate::ui::text::{thousands, took, width};
use crate::ui::theme::{Mark, Theme};

/// Text of each phase before, during and after it.
const PHASES: [[&str; 3]; 4] = [
    ["connecting", "connecting", "connected"],
    ["sending", "sending", "sent"],
    ["waiting for the reply", "waiting for the reply", "the reply came"],
    ["reading the reply", "reading the reply", "reply read"],
];
/// Least and greatest width of the bar, in cells.
const BAR: (u16, u16) = (10, 30);

pub fn draw(model: &Model, sending: &Sending, layout: &Layout, theme: &Theme, frame: &mut Frame<'_>) {
    let buffer = frame.buffer_mut();
    let phrase = format!("started {}", sending.started.clock());
    let title = Title { name: "uploading", phrase: &phrase, phrase_at: Title::PHRASE_AT, right: "" };
    head(buffer, layout, theme, layout.body, &title, "");

    let area = Area { width: layout.body.width.saturating_sub(1), ..layout.body };
    let cells = usize::from(area.width).saturating_sub(1 + VALUE_AT);
    let lines = form(model, &sending.snapshot, Some(&sending.facts), theme, cells);
    write_lines(buffer, layout.body, &lines);
    // In a low window the blank line is dropped, as in the gate.
    let form_end = area.y.saturating_add(u16::try_from(lines.len()).unwrap_or(u16::MAX));
    let mut y = form_end + u16::from(form_end + 6 <= area.bottom());

    let reached = match sending.phase {
        Phase::Connecting => 0,
        Phase::Sending { .. } => 1,
        Phase::Waiting => 2,
        Phase::Reading => 3,
    };
    let narrow = area.width < 70;
    let time_end = if narrow { 31 } else { 34 };
    for (at, ([before, during, after], began)) in PHASES.into_iter().zip(sending.began).enumerate() {
        let (glyph, word, style) = match at.cmp(&reached) {
            std::cmp::Ordering::Less => (theme.mark(Mark::Ok), after, theme.plain()),
            std::cmp::Ordering::Equal => (theme.spinner(model.ticks), during, theme.plain()),
            std::cmp::Ordering::Greater => (theme.mark(Mark::Queued), before, theme.dim()),
        };
        write(buffer, area, y, 1, vec![glyph, Span::raw(" "), Span::styled(word, style)]);
        if let Some(began) = began.filter(|_| at <= reached) {
            let until = sending.began.get(at + 1).copied().flatten().unwrap_or(model.now.unix_ms);
            let millis = u64::try_from(until.saturating_sub(began)).unwrap_or(0);
            // What is over took some time, however little.
            let millis = if at < reached { millis.max(1) } else { millis };
            write_right(buffer, area, y, time_end, took(Duration::from_millis(millis)));
        }
        if at == 1 {
            progress(buffer, theme, area, y, time_end, sending);
        }
        y += 1;
    }
    if sending.stopping {
        write(buffer, area, y + 1, 1, marked(theme, Mark::Warning, "stopping, the result comes in a moment"));
    }
}

/// Draws the numbers and, as there is room, the percentage and the bar.
fn progress(buffer: &mut ratatui::buffer::Buffer, theme: &Theme, area: Area, y: u16, time_end: u16, sending: &Sending) {
    let all = sending.facts.fingerprint.bytes;
    let (sent, total) = match sending.phase {
        Phase::Connecting => return,
        Phase::Sending { sent, total } => (sent, total),
        Phase::Waiting | Phase::Reading => (all, all),
    };
    let fraction = if total == 0 { 1.0 } else { sent as f64 / total as f64 };
    let percent = format!("{}%", sent.saturating_mul(100).checked_div(total).unwrap_or(100).min(100));
    let numbers = format!("{} of {}", thousands(sent), thousands(total));
    let from = time_end + 4;
    let room = usize::from(area.right().saturating_sub(from));
    let unit = if area.width >= 100 { " bytes" } else { "" };
    let right = [format!("{numbers}{unit}   {percent:>3}"), format!("{numbers}{unit}"), numbers]
        .into_iter()
        .find(|right| width(right) <= room + 2)
        .unwrap_or_default();
    let start = write_right(buffer, area, y, area.right(), right);
    let bar = start.saturating_sub(from + 3).min(BAR.1);
    if bar >= BAR.0 {
        write(buffer, area, y, from, Line::from(theme.progress(fraction, bar).to_vec()));
    }
}
