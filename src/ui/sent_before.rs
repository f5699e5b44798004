//! Draws what earlier attempts had of the rows of the open file: for both gates.

use ratatui::text::{Line, Span};

use super::body::{file_part, told};
use super::text::{cut_end, cut_middle, pad_left, pad_to, safe, without_secret};
use super::theme::{Mark, Theme};
use crate::app::action::Action;
use crate::app::message::Message;
use crate::app::model::Model;
use crate::domain::draft::Snapshot;
use crate::domain::format::{counted, row_number};
use crate::domain::manifest::Field;
use crate::domain::sent_before::{Before, RowsBefore};

/// Attempts that are told, and lines of what became of their rows.
const TOLD: usize = 2;
/// Rows that are listed.
const LISTED: usize = 5;
/// Cells of what became of rows, before what is to know of that.
const THEN: usize = 27;

/// The verdict on the rows, for a line with others.
pub fn in_short(before: &RowsBefore) -> (Mark, String) {
    let mark = match () {
        () if before.has_unknown() => Mark::Unknown,
        () if before.blocks() => Mark::Warning,
        () => Mark::Ok,
    };
    (mark, before.in_short())
}

/// For each attempt what it had of the rows, and what became of them.
/// `are_shown`: the gate has a key that shows the rows.
pub fn lines(model: &Model, theme: &Theme, before: &RowsBefore, cells: usize, are_shown: bool) -> Vec<Line<'static>> {
    let at = |ms: i64| {
        let is_today = model.now.at(ms).date() == model.now.date();
        format!("{}{}", if is_today { "today " } else { "" }, model.now.tell(ms))
    };
    let all = before.told(at);
    let mut lines = Vec::new();
    for said in all.iter().take(TOLD) {
        let is_unknown = before.rows.iter().any(|row| row.attempt == said.attempt && row.state == Before::Unknown);
        let message = Message::plain(safe(&said.said).into_owned());
        let (mark, message) = match (is_unknown, before.blocks()) {
            (true, _) => (Mark::Error, Message::plain(format!("{}.", message.text)).offer(Action::Log, "shows it")),
            (false, true) => (Mark::Warning, message),
            (false, false) => (Mark::Ok, message),
        };
        let message = match are_shown && lines.is_empty() && !is_unknown {
            true => Message { text: message.text + ".", ..message }.offer(Action::NextProblem, "shows them"),
            false => message,
        };
        lines.extend(told(model, theme, mark, &message, cells));
        lines.extend(said.then.iter().map(|(what, risk)| {
            let room = cells.saturating_sub(2 + THEN);
            Line::raw(
                format!("  {}{}", pad_to(what, THEN), cut_end(risk, room, theme.ellipsis())).trim_end().to_owned(),
            )
        }));
    }
    if let Some(more) = all.len().checked_sub(TOLD).filter(|more| *more > 0) {
        lines.push(Line::raw(format!("  and {}", counted(more as u64, "more attempt"))));
    }
    lines
}

/// The first of the rows, for a wide window.
pub fn listed(theme: &Theme, before: &RowsBefore, snapshot: &Snapshot, cells: usize) -> Vec<Line<'static>> {
    let kept = snapshot.kept_rows();
    let mut lines = vec![Line::default()];
    for row in before.rows.iter().take(LISTED) {
        let Some(id) = kept.iter_from(row.place as usize).next() else { continue };
        let (mark, word) = match row.state {
            Before::Refused => (Mark::Error, "refused"),
            Before::Failed if row.has_reason => (Mark::Error, "failed, with a reason"),
            Before::Failed => (Mark::Error, "failed"),
            Before::NotSeen => (Mark::Missing, "not seen"),
            Before::Accepted => (Mark::Ok, "accepted"),
            Before::Unknown => (Mark::Unknown, "unknown"),
        };
        let edited = if row.is_edited { ", edited since" } else { "" };
        let value = snapshot.value(id, Field::Object);
        let name = cut_middle(file_part(&without_secret(value.text())), 36, theme.ellipsis());
        let state = format!(" {word}{edited}, attempt {}", row.attempt);
        let number = pad_left(&row_number(id), 9);
        lines.push(Line::from(vec![
            Span::raw(format!("{number}  {}  ", pad_to(&safe(&name), 36))),
            theme.mark(mark),
            Span::raw(cut_end(&state, cells.saturating_sub(51), theme.ellipsis())),
        ]));
    }
    if let Some(more) = before.rows.len().checked_sub(LISTED).filter(|more| *more > 0) {
        lines.push(Line::raw(format!("           and {}", counted(more as u64, "more row"))));
    }
    lines
}
