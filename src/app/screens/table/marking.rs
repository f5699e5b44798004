//! Which rows a command means: the selection, the range that is being drawn, or the row under the cursor.

use super::step;
use crate::app::desk::Desk;
use crate::app::effect::Effect;
use crate::app::model::{Mark, Model};
use crate::app::view::View;
use crate::domain::row_set::RowSet;

/// The selection if there is one, else the row under the cursor.
pub fn targets(desk: &Desk) -> RowSet {
    let selected = selected(desk);
    if selected.is_empty() { desk.current().map(RowSet::one).unwrap_or_default() } else { selected }
}

/// The selection with the range that is being drawn.
pub fn selected(desk: &Desk) -> RowSet {
    let Some(from) = desk.range_from else { return desk.selection.clone() };
    desk.selection.union(&positions(&desk.view, desk.total(), from, desk.view.scroll.cursor))
}

pub fn has_selection(desk: &Desk) -> bool {
    !desk.selection.is_empty() || desk.range_from.is_some()
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
    if let Some(desk) = model.desk_mut() {
        if desk.range_from.is_some() {
            desk.selection = selected(desk);
            desk.range_from = None;
            return Vec::new();
        }
        let from = desk.view.scroll.cursor;
        for position in from..from + many.unsigned_abs() {
            let Some(row) = desk.view.row_at(position, desk.total()) else { break };
            if desk.selection.contains(row) { desk.selection.remove(row) } else { desk.selection.insert(row) }
        }
    }
    step(model, many)
}

pub(super) fn select_range(model: &mut Model) -> Vec<Effect> {
    if let Some(desk) = model.desk_mut() {
        if desk.range_from.is_some() {
            desk.selection = selected(desk);
            desk.range_from = None;
        } else {
            desk.range_from = Some(desk.view.scroll.cursor);
            model.say(Mark::Plain, "range: move to its other end, then v or space; Esc leaves");
        }
    }
    Vec::new()
}

pub(super) fn select_all(model: &mut Model) -> Vec<Effect> {
    if let Some(desk) = model.desk_mut() {
        if desk.view.job.is_some() {
            // Not yet the rows that were asked for.
            model.say(Mark::Plain, "the rows are still being filtered");
            return Vec::new();
        }
        let len = desk.in_view();
        if len > 0 {
            let all = positions(&desk.view, desk.total(), 0, len - 1);
            desk.selection = if desk.selection == all { RowSet::new() } else { all };
            desk.range_from = None;
        }
    }
    Vec::new()
}
