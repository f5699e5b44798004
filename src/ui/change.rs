//! Draws the old value of a field above the new one: the difference is bold, and an invisible one is described.
//! It must never show credentials, nor an empty value as nothing.

use ratatui::text::Span;

use super::difference::{side_by_side, unseen};
use super::text::{cut_middle, width, without_secret};
use super::theme::{Mark, Theme};
use crate::domain::manifest::Value;

/// One of the two lines.
pub struct Line {
    pub mark: Mark,
    pub text: Vec<Span<'static>>,
    /// Shown dim at the right edge; the text leaves room for it.
    pub right: String,
}

/// The lines of a change, each at most `cells` wide including its right part. An empty old value has no line of its
/// own.
pub fn lines(theme: &Theme, label: &str, old: &Value<'_>, new: &Value<'_>, cells: usize) -> Vec<Line> {
    let room = |right: &str| cells.saturating_sub(width(right));
    let (old_text, new_text) = (shown(old), shown(new));
    let alone = |mark: Mark, text: &str, right: String| {
        let text = vec![Span::raw(cut_middle(text, room(&right), theme.ellipsis()))];
        vec![Line { mark, text, right }]
    };
    match (old.is_empty(), new.is_empty()) {
        (false, false) => {
            let [of_old, of_new] = what_differs(&old_text, &new_text);
            let of_old = joined(label, &of_old);
            let [old, new] = side_by_side(&old_text, &new_text, room(&of_old).min(room(&of_new)), theme.ellipsis());
            vec![
                Line { mark: Mark::Removed, text: old.spans(theme), right: of_old },
                Line { mark: Mark::Added, text: new.spans(theme), right: of_new },
            ]
        }
        (false, true) => alone(Mark::Removed, &old_text, joined(label, "cleared")),
        (true, _) => alone(Mark::Added, &new_text, joined(label, &format!("was {old_text}"))),
    }
}

/// Describes a difference that is invisible in the shown values; empty when it is visible.
fn what_differs(old: &str, new: &str) -> [String; 2] {
    if old == new {
        // Credentials are the only part that is not shown.
        return ["another secret".to_owned(), String::new()];
    }
    unseen(old, new).unwrap_or_default()
}

fn joined(a: &str, b: &str) -> String {
    if a.is_empty() || b.is_empty() { format!("{a}{b}") } else { format!("{a}  {b}") }
}

/// A value for display; its three empty states have names.
pub fn shown(value: &Value<'_>) -> String {
    match value {
        Value::Absent => "no key".to_owned(),
        Value::Null => "null".to_owned(),
        Value::Text(text) if text.is_empty() => "\"\"".to_owned(),
        Value::Text(text) => without_secret(text).into_owned(),
        Value::Other(json) => without_secret(json).into_owned(),
    }
}
