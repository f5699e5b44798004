//! The rows a command applies to: the selection with an open range, else the row under the cursor.

use super::{Done, Env, Session, View};
use crate::app::action::Action;
use crate::app::jobs::Task;
use crate::app::message::Message;
use crate::domain::row_set::RowSet;

/// The selection if there is one, else the row under the cursor.
pub fn targets(session: &Session) -> RowSet {
    let selected = selected(session);
    if selected.is_empty() { session.current().map(RowSet::one).unwrap_or_default() } else { selected }
}

/// The selection, including an open range.
pub fn selected(session: &Session) -> RowSet {
    let Some(from) = session.range_from else { return session.selection.clone() };
    session.selection.union(&positions(&session.view, session.total(), from, session.view.scroll.cursor))
}

pub fn has_selection(session: &Session) -> bool {
    !session.selection.is_empty() || session.range_from.is_some()
}

/// Number of selected rows, including an open range. Called every frame and both may span all rows, so it counts them
/// without building the union.
pub fn count_selected(session: &Session) -> u64 {
    let Some(from) = session.range_from else { return session.selection.len() as u64 };
    let cursor = session.view.scroll.cursor;
    let (first, end) = (from.min(cursor), (from.max(cursor) + 1).min(session.in_view()));
    let in_both = match &session.view.rows {
        _ if session.selection.is_empty() => 0,
        Some(rows) => session.selection.count_of(rows.get(first..end).unwrap_or_default()),
        None => {
            let row = |position| u32::try_from(position).unwrap_or(u32::MAX);
            session.selection.intersection(&RowSet::range(row(first), row(end))).len()
        }
    };
    (end.saturating_sub(first) + session.selection.len() - in_both) as u64
}

fn positions(view: &View, total: u32, a: usize, b: usize) -> RowSet {
    let (first, last) = (a.min(b), a.max(b));
    match &view.rows {
        None => {
            let end = u32::try_from(last + 1).unwrap_or(u32::MAX).min(total);
            RowSet::range(u32::try_from(first).unwrap_or(u32::MAX).min(end), end)
        }
        Some(rows) => rows.iter().skip(first).take(last - first + 1).copied().collect(),
    }
}

impl Session {
    /// Selects these rows and no others.
    pub fn select_only(&mut self, rows: RowSet) -> Done {
        self.range_from = None;
        self.selection = rows;
        Done::nothing()
    }

    /// Ends an open range; else toggles `many` rows from the cursor on and moves past them.
    pub fn select(&mut self, size: (u16, u16), many: isize) {
        if self.range_from.is_some() {
            self.end_range();
            return;
        }
        let from = self.view.scroll.cursor;
        for position in from..from + many.unsigned_abs() {
            let Some(row) = self.view.row_at(position, self.total()) else { break };
            if self.selection.contains(row) { self.selection.remove(row) } else { self.selection.insert(row) }
        }
        self.step_rows(size, many);
    }

    /// Begins a range at the cursor, or adds the open one to the selection.
    pub fn select_range(&mut self) -> Done {
        if self.range_from.is_some() {
            self.end_range();
            return Done::nothing();
        }
        self.range_from = Some(self.view.scroll.cursor);
        let note = Message::plain("range: move to the other end.")
            .offer(Action::SelectRange, "ends it")
            .offer(Action::Back, "leaves it");
        Done::said(note)
    }

    fn end_range(&mut self) {
        self.selection = selected(self);
        self.range_from = None;
    }

    /// Inverts the selection among the rows in view; rows out of view stay as they are.
    pub fn invert_selection(&mut self, env: &Env<'_>) -> Done {
        if env.jobs.has(Task::View) {
            return Done::plain("the rows are still being filtered");
        }
        self.end_range();
        let Some(last) = self.in_view().checked_sub(1) else { return Done::nothing() };
        let all = positions(&self.view, self.total(), 0, last);
        let others = self.selection.difference(&all);
        self.selection = all.difference(&self.selection).union(&others);
        Done::nothing()
    }

    /// Selects exactly the rows in view, or none when that is the selection already.
    pub fn select_all(&mut self, env: &Env<'_>) -> Done {
        if env.jobs.has(Task::View) {
            // The rows in view are not those of the new query yet.
            return Done::plain("the rows are still being filtered");
        }
        if let Some(last) = self.in_view().checked_sub(1) {
            let all = positions(&self.view, self.total(), 0, last);
            self.selection = if self.selection == all { RowSet::new() } else { all };
            self.range_from = None;
        }
        Done::nothing()
    }
}
