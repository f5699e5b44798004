//! Which rows a command means: the selection, the range that is being drawn, or the row under the cursor.

use super::step;
use crate::app::effect::Effect;
use crate::app::model::{Mark, Model};
use crate::app::session::Session;
use crate::app::view::View;
use crate::domain::row_set::RowSet;

/// The selection if there is one, else the row under the cursor.
pub fn targets(session: &Session) -> RowSet {
    let selected = selected(session);
    if selected.is_empty() { session.current().map(RowSet::one).unwrap_or_default() } else { selected }
}

/// The selection with the range that is being drawn.
pub fn selected(session: &Session) -> RowSet {
    let Some(from) = session.range_from else { return session.selection.clone() };
    session.selection.union(&positions(&session.view, session.total(), from, session.view.scroll.cursor))
}

pub fn has_selection(session: &Session) -> bool {
    !session.selection.is_empty() || session.range_from.is_some()
}

pub(super) fn positions(view: &View, total: u32, a: usize, b: usize) -> RowSet {
    let (first, last) = (a.min(b), a.max(b));
    match &view.rows {
        None => {
            let end = u32::try_from(last + 1).unwrap_or(u32::MAX).min(total);
            RowSet::range(u32::try_from(first).unwrap_or(u32::MAX).min(end), end)
        }
        Some(rows) => rows.iter().skip(first).take(last - first + 1).copied().collect(),
    }
}

pub(super) fn select(model: &mut Model, many: isize) -> Vec<Effect> {
    if let Some(session) = model.session_mut() {
        if session.range_from.is_some() {
            session.selection = selected(session);
            session.range_from = None;
            return Vec::new();
        }
        let from = session.view.scroll.cursor;
        for position in from..from + many.unsigned_abs() {
            let Some(row) = session.view.row_at(position, session.total()) else { break };
            if session.selection.contains(row) { session.selection.remove(row) } else { session.selection.insert(row) }
        }
    }
    step(model, many)
}

pub(super) fn select_range(model: &mut Model) -> Vec<Effect> {
    if let Some(session) = model.session_mut() {
        if session.range_from.is_some() {
            session.selection = selected(session);
            session.range_from = None;
        } else {
            session.range_from = Some(session.view.scroll.cursor);
            model.say(Mark::Plain, "range: move to its other end, then v or space; Esc leaves");
        }
    }
    Vec::new()
}

pub(super) fn select_all(model: &mut Model) -> Vec<Effect> {
    if let Some(session) = model.session_mut() {
        if session.view.job.is_some() {
            // Not yet the rows that were asked for.
            model.say(Mark::Plain, "the rows are still being filtered");
            return Vec::new();
        }
        let len = session.in_view();
        if len > 0 {
            let all = positions(&session.view, session.total(), 0, len - 1);
            session.selection = if session.selection == all { RowSet::new() } else { all };
            session.range_from = None;
        }
    }
    Vec::new()
}
