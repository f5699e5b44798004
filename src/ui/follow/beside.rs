//! Under the counts of a wide window: remarks on them, and the task of the row under the cursor.

use ratatui::text::{Line, Span};
use std::time::Duration;

use super::remark;
use crate::app::model::Model;
use crate::app::screens::Following;
use crate::domain::follow::{Guess, Status};
use crate::domain::format::{counted, length, row_number};
use crate::domain::outcome::Attempt;
use crate::ui::text::{cut_middle, pad_to, thousands, wrap};
use crate::ui::theme::Theme;

/// Under the counts, in a wide window: remarks, and the task of the row under the cursor.
pub(super) fn lines(
    model: &Model,
    screen: &Following,
    attempt: &Attempt,
    theme: &Theme,
    cells: usize,
) -> Vec<Line<'static>> {
    let look = &*screen.look;
    let mut lines: Vec<Line<'_>> = Vec::new();
    for (state, count) in look.counts().each() {
        let Some(remark) = remark(look, state, count) else { continue };
        let text = format!("{} {}: {remark}", thousands(count.into()), state.word(look.is_settled()));
        lines.extend(wrap(&text, cells).into_iter().map(Line::raw));
    }
    match look.standing.without_row {
        0 => {}
        1 => lines.push(Line::raw("1 new task fits no row of this file")),
        many => lines.push(Line::raw(format!("{} new tasks fit no row of this file", thousands(many.into())))),
    }
    // Row by row, some of the file's rows were refused or not sent: no task comes of them.
    let left_out = u64::from(attempt.intent.rows).saturating_sub(look.rows.len() as u64);
    if attempt.is_row_by_row() && left_out > 0 {
        let were = if left_out == 1 { "was not accepted and is" } else { "were not accepted and are" };
        let text = format!("{} {were} not followed", counted(left_out, "row"));
        lines.extend(wrap(&text, cells).into_iter().map(Line::raw));
    }
    let Some(at) = screen.row() else { return lines };
    let (Some(row), Some(sent)) = (look.standing.rows.get(at as usize), look.rows.get(at as usize)) else {
        return lines;
    };
    if !lines.is_empty() {
        lines.push(Line::default());
    }
    let other = screen.other_number(at).map(|row| format!(", {} in the table", row_number(row))).unwrap_or_default();
    lines.push(Line::styled(format!("row {}{other}", row_number(screen.number(at))), theme.bold()));
    lines.push(Line::raw(cut_middle(&sent.object, cells, theme.ellipsis())));
    lines.push(Line::default());
    let fact = |label: &str, value: &str| {
        let value = cut_middle(value, cells.saturating_sub(10), theme.ellipsis());
        Line::from(vec![Span::styled(pad_to(label, 10), theme.dim()), Span::raw(value)])
    };
    let time =
        |ms: Option<i64>| ms.map_or_else(|| theme.not_known().to_owned(), |ms| model.now.tell(ms - look.ahead_ms));
    if let Some(task) = look.standing.task(row) {
        lines.push(fact("task", &task.id));
        lines.push(fact("status", task.status.word()));
        lines.push(fact("created", &time(task.created_ms)));
        lines.push(fact("changed", &time(task.changed_ms)));
        let same = if task.name.as_deref() == Some(sent.name()) { "    same" } else { "" };
        lines.push(fact("its name", &format!("{}{same}", task.name.as_deref().unwrap_or("none"))));
        let long =
            |ms: Option<u64>| ms.map_or_else(|| theme.not_known().to_owned(), |ms| length(Duration::from_millis(ms)));
        lines.push(fact("length", &format!("{}, ours {}", long(task.length_ms), long(sent.length_ms))));
        if task.status == Status::Failed {
            lines.push(fact("reason", task.reason.as_deref().unwrap_or("no reason given")));
        }
        lines.push(Line::default());
    }
    let why = if sent.is_unknown && row.guess.is_none() { UNKNOWN } else { why(row.guess) };
    lines.extend(wrap(why, cells).into_iter().map(Line::raw));
    if let Some(other) = row.also {
        lines.extend(wrap(&format!("Attempt {other} holds this row, too."), cells).into_iter().map(Line::raw));
    }
    lines
}

const UNKNOWN: &str = "Whether this row was taken in is not known, and no new task fits it.";

fn why(guess: Option<Guess>) -> &'static str {
    match guess {
        Some(Guess::TaskId) => "why this row: the service told the task's id.",
        Some(Guess::NameAndLength) => {
            "why this row: name and length agree. It is a guess; the transfer upload tells no task ids."
        }
        Some(Guess::NameOnly) => {
            "why this row: the name agrees, a length is not known or differs. It is a guess; the transfer upload tells \
             no task ids."
        }
        Some(Guess::LengthOnly) => {
            "why this row: only the length agrees, and nothing else is as long. It is a guess; the transfer upload tells \
             no task ids."
        }
        Some(Guess::Several(_)) => "Other rows fit the same tasks, so no task is called this row's.",
        Some(Guess::Tasks(_)) => "Several tasks have this name and differ, so none is called this row's.",
        Some(Guess::OtherLength) => "A task has this name, but the video is longer or shorter than its file.",
        None => "No new task fits this row.",
    }
}
