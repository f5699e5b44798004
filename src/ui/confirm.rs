//! What both gates draw alike: the request as a curl command, and how to confirm.

use ratatui::Frame;
use ratatui::text::{Line, Span};

use super::body::{self, labelled};
use super::frame::line_width;
use super::text::{cut_end, safe};
use super::theme::Theme;
use crate::app::action::Action;
use crate::app::command::Scope;
use crate::app::layout::{Area, Layout};
use crate::app::model::Model;
use crate::app::screens::Confirmation;

/// Confirm or go back. `sends`: what confirming does.
pub fn choices(model: &Model, theme: &Theme, scope: Scope, sends: &str) -> Vec<Line<'static>> {
    let key = |action| model.keymap.key_for(&[scope], action).map(|key| safe(&key).into_owned()).unwrap_or_default();
    let go = vec![
        theme.bar(),
        Span::raw(" "),
        Span::styled(format!(" {} ", key(Action::Confirm)), theme.reversed().patch(theme.bold())),
        Span::raw(format!("  {sends}")),
    ];
    let leave = vec![
        theme.bar(),
        Span::raw(" "),
        Span::styled(key(Action::Back), theme.key()),
        Span::raw("  back, nothing is sent"),
    ];
    vec![Line::from(go), Line::from(leave)]
}

/// What has to be typed, with the input behind it, and how to leave. `to`: what it does then.
pub fn to_type(model: &Model, theme: &Theme, words: String, to: &str) -> Vec<Line<'static>> {
    let back = model.keymap.key_for(&[Scope::Prompt], Action::Back).map(|key| safe(&key).into_owned());
    let ask =
        vec![theme.bar(), Span::raw(" type  "), Span::styled(words, theme.bold()), Span::raw(format!("  {to} >"))];
    let leave = vec![
        theme.bar(),
        Span::raw(" "),
        Span::styled(back.unwrap_or_default(), theme.key()),
        Span::raw("  back, nothing is sent"),
    ];
    vec![Line::from(ask), Line::from(leave)]
}

/// The input behind what [`to_type`] asks for, in the last lines of a gate.
pub fn input(
    frame: &mut Frame<'_>,
    layout: &Layout,
    theme: &Theme,
    confirmation: &Confirmation,
    lines: &[Line<'static>],
) {
    let Some(input) = &confirmation.input else { return };
    let Some(at) = lines.len().checked_sub(2) else { return };
    let asked = lines.get(at).map_or(0, line_width);
    let y = layout.body.y.saturating_add(u16::try_from(at).unwrap_or(u16::MAX));
    let row = body::row(layout.body, y);
    let row = Area { width: row.width.saturating_sub(1), ..row };
    body::input(frame, row, asked + 2, theme, input);
}

/// A curl command, one entry per line. `of`: what it is the request of.
pub fn curl(theme: &Theme, parts: &[String], of: &str, room: usize) -> Vec<Line<'static>> {
    let last = parts.len().saturating_sub(1);
    let line = |(at, part): (usize, &String)| {
        let (label, indent) = match at {
            0 => ("request", ""),
            1 => (of, "     "),
            _ => ("", "     "),
        };
        let end = if at < last { " \\" } else { "" };
        let part = cut_end(part, room.saturating_sub(indent.len() + end.len()), theme.ellipsis());
        labelled(theme, label, [Span::raw(format!("{indent}{part}{end}"))])
    };
    parts.iter().enumerate().map(line).collect()
}

/// In a low window, drops blank lines, then facts: where it goes to, which comes first, and the last lines matter most.
pub fn fit(lines: &mut Vec<Line<'static>>, height: u16) {
    while lines.len() > usize::from(height) {
        let Some(blank) = lines.iter().position(|line| line.spans.is_empty()) else { break };
        lines.remove(blank);
    }
    let over = lines.len().saturating_sub(usize::from(height)).min(lines.len().saturating_sub(1));
    lines.drain(1..1 + over);
}
