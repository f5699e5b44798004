//! The rows in view, their order and the cursor: search, filter, sort, and going to the next problem.

use super::{Done, Env, Session};
use crate::app::action::Action;
use crate::app::compute::Compute;
use crate::app::effect::Effect;
use crate::app::jobs::Task;
use crate::app::layout::{Column, Layout, Shape};
use crate::app::message::{Mark, Message};
use crate::app::msg::{JobId, Progress, RowList};
use crate::app::scroll::Scroll;
use crate::domain::format::{counted, row_number, thousands};
use crate::domain::manifest::{Field, RowId};
use crate::domain::printable::printable;
use crate::domain::row_set::RowSet;
use crate::domain::rules::Severity;
use crate::domain::search::{End, Hit, Nth, Query, SortKey, StateFilter};

/// The table's filter, order, cursor and focus.
#[derive(Clone, Debug)]
pub struct View {
    pub query: Query,
    /// None: all rows in file order.
    pub rows: Option<RowList>,
    /// Whether the query is still running, so that `rows` is incomplete.
    pub partial: bool,
    /// The query asks what the rules found, and nothing was found yet: it is run again when the first check ends.
    pub awaits_findings: bool,
    pub scroll: Scroll,
    /// The row the cursor returns to when the rows in view change.
    pub anchor: RowId,
    pub focus: Field,
    pub shape: Shape,
}

impl Default for View {
    fn default() -> Self {
        View {
            query: Query::default(),
            rows: None,
            partial: false,
            awaits_findings: false,
            scroll: Scroll::default(),
            anchor: 0,
            focus: Field::Transcription,
            shape: Shape::default(),
        }
    }
}

/// How columns and sorts are called where they are kept.
const COLUMNS: [(Column, &str); 3] =
    [(Column::Video, "video"), (Column::Language, "language"), (Column::Transcript, "transcript")];
const SORTS: [(SortKey, &str); 5] = [
    (SortKey::File, "file"),
    (SortKey::Video, "video"),
    (SortKey::Transcript, "transcript"),
    (SortKey::Language, "language"),
    (SortKey::State, "state"),
];

impl View {
    /// A field whose column is not hidden; the index has none.
    pub fn is_in_sight(&self, field: Field) -> bool {
        match field {
            Field::IndexId => true,
            Field::Language => self.shape.shows(Column::Language),
            Field::Object => self.shape.shows(Column::Video),
            Field::Transcription => self.shape.shows(Column::Transcript),
        }
    }

    /// Number of rows in view, of `total`.
    pub fn len(&self, total: u32) -> usize {
        self.rows.as_ref().map_or(total as usize, |rows| rows.len())
    }

    /// The row at a position of the view.
    pub fn row_at(&self, position: usize, total: u32) -> Option<RowId> {
        match &self.rows {
            Some(rows) => rows.get(position).copied(),
            None => u32::try_from(position).ok().filter(|row| *row < total),
        }
    }

    /// The row under the cursor.
    pub fn current(&self, total: u32) -> Option<RowId> {
        self.row_at(self.scroll.cursor, total)
    }

    /// View position of a row. In file order, of the nearest row if it is not in view: the next one, else the last.
    /// Takes a binary search in file order, else a scan.
    pub fn position_of(&self, row: RowId, total: u32) -> Option<usize> {
        match &self.rows {
            None => (row < total).then_some(row as usize),
            Some(rows) if self.query.is_in_file_order() => {
                let at = rows.partition_point(|r| *r < row);
                rows.len().checked_sub(1).map(|last| at.min(last))
            }
            Some(rows) => rows.iter().position(|r| *r == row),
        }
    }
}

impl Session {
    /// Moves the cursor by `steps` rows in view.
    pub fn step_rows(&mut self, size: (u16, u16), steps: isize) {
        let (len, height) = (self.in_view(), self.page(size));
        self.view.scroll.step(steps, len, height);
        self.remember();
    }

    /// Moves the cursor to a view position.
    pub fn to_position(&mut self, size: (u16, u16), position: usize) {
        let (len, height) = (self.in_view(), self.page(size));
        self.view.scroll.to(position, len, height);
        self.remember();
    }

    pub fn wheel(&mut self, size: (u16, u16), lines: isize) {
        let (len, height) = (self.in_view(), self.page(size));
        self.view.scroll.wheel(lines, len, height);
        self.remember();
    }

    /// Scrolls the cursor back into the viewport after a resize.
    pub fn rescroll(&mut self, size: (u16, u16)) {
        let (cursor, len, height) = (self.view.scroll.cursor, self.in_view(), self.page(size));
        self.view.scroll.to(cursor, len, height);
    }

    /// The viewport line a row is on, from 0; None when it is scrolled out.
    pub fn line_of(&self, layout: &Layout, row: RowId) -> Option<u16> {
        let first = self.view.scroll.top;
        (0..layout.page()).find(|line| self.view.row_at(first + usize::from(*line), self.total()) == Some(row))
    }

    /// Scrolls as little as an editor needs to stand under or above a row without hiding it.
    pub fn make_room_for_editor(&mut self, size: (u16, u16), row: RowId) {
        let layout = self.layout(size);
        let Some(line) = self.line_of(&layout, row) else { return };
        let editor = layout.editor(layout.table.y + line);
        if editor.contains(editor.x, layout.table.y + line) {
            let lacking = (line + 1 + editor.height).saturating_sub(layout.page());
            self.view.scroll.top += usize::from(lacking.min(line));
        }
    }

    /// Height of the viewport, in rows.
    fn page(&self, size: (u16, u16)) -> usize {
        usize::from(self.layout(size).page())
    }

    /// Moves the cursor to a row, or to the nearest one in view.
    pub fn go_to(&mut self, size: (u16, u16), row: RowId) {
        let row = row.min(self.total().saturating_sub(1));
        if let Some(position) = self.view.position_of(row, self.total()) {
            self.to_position(size, position);
        }
    }

    /// As [`Session::go_to`], with a message when the row is not in view.
    pub fn go_to_number(&mut self, size: (u16, u16), row: RowId) -> Done {
        let row = row.min(self.total().saturating_sub(1));
        self.go_to(size, row);
        if self.current() == Some(row) {
            return Done::nothing();
        }
        let text = format!("row {} is not in view; this is the nearest one.", row_number(row));
        Done::said(Message::plain(text).offer(Action::Back, "shows all rows"))
    }

    /// Moves the cursor to a row, and removes filter and sort if they hide it.
    pub fn show_row(&mut self, env: &mut Env<'_>, row: RowId) -> Done {
        let mut done = Done::nothing();
        let at = self.view.position_of(row, self.total());
        if at.and_then(|at| self.view.row_at(at, self.total())) != Some(row) {
            self.view.query = Query::default();
            self.view.rows = None;
            self.view.partial = false;
            done.effects.extend(env.jobs.end(Task::View));
        }
        self.go_to(env.size, row);
        done
    }

    /// Makes the row under the cursor the anchor.
    pub fn remember(&mut self) {
        if let Some(row) = self.current() {
            self.view.anchor = row;
            self.inspector_top = 0;
        }
    }

    /// Searches for the search text from a view position on, excluding that position.
    pub fn find_from(&mut self, env: &mut Env<'_>, from: usize, forward: bool) -> Done {
        let mut done = Done::nothing();
        self.marks_search = true;
        let job = env.jobs.begin(Task::Find, &mut done.effects);
        let (snapshot, rows, text) = (self.now().clone(), self.view.rows.clone(), self.search.clone());
        done.effects.push(Effect::Compute(job, Compute::Find { snapshot, text, rows, from, forward }));
        done
    }

    /// Searches again from the row after the cursor, or before it.
    pub fn find_next(&mut self, env: &mut Env<'_>, forward: bool) -> Done {
        self.find_from(env, self.view.scroll.cursor, forward)
    }

    /// Takes in a search result: first the hit, later its rank among all hits.
    pub fn found(&mut self, env: &mut Env<'_>, job: JobId, hit: Option<Hit>, place: Option<Nth>) -> Done {
        if !env.jobs.awaits(Task::Find, job) {
            return Done::nothing();
        }
        let Some(hit) = hit else {
            env.jobs.finish(Task::Find, job);
            self.hit = Some((job, None, None));
            return Done { note: self.hit_in_words(), ..Done::default() };
        };
        let was_told = self.hit.is_some_and(|(told, ..)| told == job);
        self.hit = Some((job, Some(hit), place));
        let mut done = if was_told { Done::nothing() } else { self.go_to_number(env.size, hit.row) };
        if place.is_some() {
            env.jobs.finish(Task::Find, job);
        }
        done.note = done.note.or_else(|| self.hit_in_words());
        done
    }

    /// `3 of 17 rows with news, from the top`.
    pub fn hit_in_words(&self) -> Option<Message> {
        let (_, hit, place) = self.hit?;
        let text = printable(self.search.trim());
        let Some(hit) = hit else { return Some(Message::plain(format!("no row contains {text}"))) };
        let end = match hit.from_end {
            Some(End::Top) => "continued from the top",
            Some(End::Bottom) => "continued from the bottom",
            None => "",
        };
        let Some(Nth { nth, of }) = place else {
            return (!end.is_empty()).then(|| Message::plain(end));
        };
        let which = match of {
            1 => format!("the only row with {text}"),
            _ => format!("{} of {} rows with {text}", thousands(nth), thousands(of)),
        };
        Some(Message::plain(if end.is_empty() { which } else { format!("{which}, {end}") }))
    }

    /// Filters by state; `selected` are the rows [`StateFilter::Selected`] shows.
    pub fn show_state(&mut self, env: &mut Env<'_>, state: StateFilter, selected: RowSet) -> Done {
        self.view.query.state = state;
        self.view.query.rule = None;
        if matches!(state, StateFilter::Selected | StateFilter::Proposed | StateFilter::ToDecide) {
            self.view.query.selected = selected;
        }
        if state == StateFilter::All {
            self.view.query.text.clear();
        }
        self.refresh(env)
    }

    /// Sorts by `key`, or reverses the order when the rows are sorted by it already.
    pub fn sort_by(&mut self, env: &mut Env<'_>, key: SortKey) -> Done {
        let query = &mut self.view.query;
        query.descending = query.sort == key && !query.descending;
        query.sort = key;
        self.refresh(env).then(self.keep_look())
    }

    /// Arranges the columns anew.
    pub fn reshape(&mut self, shape: Shape) -> Done {
        self.view.shape = shape;
        self.focus_in_sight();
        self.keep_look()
    }

    /// The focus is never on a column that nobody sees.
    fn focus_in_sight(&mut self) {
        let fields = [self.view.focus, Field::Transcription, Field::Language, Field::IndexId];
        let in_sight = fields.into_iter().find(|field| self.view.is_in_sight(*field));
        self.view.focus = in_sight.unwrap_or(self.view.focus);
    }

    /// The sort and the columns are kept with the file, for its next session.
    fn keep_look(&self) -> Done {
        let mut words = Vec::new();
        for (column, name) in COLUMNS {
            if !self.view.shape.shows(column) {
                words.push(format!("-{name}"));
            }
            if self.view.shape.wide == Some(column) {
                words.push(format!("+{name}"));
            }
        }
        let (sort, descending) = (self.view.query.sort, self.view.query.descending);
        words.extend(SORTS.iter().find(|(key, _)| *key == sort).map(|(_, name)| format!("by {name}")));
        words.extend(descending.then(|| "descending".to_owned()));
        Done::effects([Effect::KeepLook(self.path.clone(), words.join(", "))])
    }

    /// Takes in what was kept; words that nobody knows any more are passed over.
    pub fn look_known(&mut self, env: &mut Env<'_>, job: JobId, words: &str) -> Done {
        if self.online.job != job || !self.view.query.is_plain() {
            return Done::nothing();
        }
        for word in words.split(", ") {
            let column = |name: &str| COLUMNS.iter().find(|(_, own)| *own == name).map(|(column, _)| *column);
            let shape = &mut self.view.shape;
            if let Some(column) = word.strip_prefix('-').and_then(column) {
                let _ = shape.hide(column);
            } else if let Some(column) = word.strip_prefix('+').and_then(column) {
                let _ = shape.widen(column);
            } else if let Some(sort) = word.strip_prefix("by ").and_then(|name| SORTS.iter().find(|it| it.1 == name)) {
                self.view.query.sort = sort.0;
            }
            self.view.query.descending |= word == "descending";
        }
        self.focus_in_sight();
        self.refresh(env)
    }

    /// Filters and sorts again.
    pub fn refresh(&mut self, env: &mut Env<'_>) -> Done {
        let mut done = Done::nothing();
        self.view.awaits_findings = self.findings.is_none() && self.view.query.reads_findings();
        if self.view.query.is_plain() {
            done.effects.extend(env.jobs.end(Task::View));
            self.view.rows = None;
            self.view.partial = false;
            let anchor = self.view.anchor;
            self.go_to(env.size, anchor);
            return done;
        }
        let job = env.jobs.begin(Task::View, &mut done.effects);
        let (snapshot, findings, query) = (self.now().clone(), self.findings.clone(), self.view.query.clone());
        done.effects.push(Effect::Compute(job, Compute::View { snapshot, findings, query }));
        done
    }

    pub fn viewed(&mut self, env: &mut Env<'_>, job: JobId, rows: RowList, progress: Progress) -> Done {
        if !env.jobs.awaits(Task::View, job) {
            return Done::nothing();
        }
        self.view.partial = progress == Progress::SoFar;
        if progress == Progress::Whole {
            env.jobs.finish(Task::View, job);
        }
        self.range_from = None;
        let (len, anchor, height) = (rows.len(), self.view.anchor, self.page(env.size));
        self.view.rows = Some(rows);
        let position = self.view.position_of(anchor, self.total()).unwrap_or(0);
        self.view.scroll.to(position, len, height);
        Done::nothing()
    }

    /// Moves to the next or previous row in view with a finding of severity `least` or worse.
    pub fn next_problem(&mut self, size: (u16, u16), forward: bool, least: Severity) -> Done {
        let Some(findings) = &self.findings else { return Done::nothing() };
        let (view, total) = (&self.view, self.total());
        let from = view.scroll.cursor;
        let (a_problem, problems) =
            if least == Severity::Error { ("an error", "errors") } else { ("a problem", "problems") };
        let is_bad = |row: &RowId| findings.worst(*row).is_some_and(|worst| worst <= least);
        // In view order; rows outside the view are skipped.
        let to = match &view.rows {
            None => findings.next(self.now(), self.current().unwrap_or(0), forward, least),
            Some(rows) if forward => rows.iter().skip(from + 1).chain(rows.iter().take(from + 1)).copied().find(is_bad),
            Some(rows) => {
                let before = rows.iter().take(from).rev();
                before.chain(rows.iter().skip(from).rev()).copied().find(is_bad)
            }
        };
        match to {
            Some(row) if self.current() == Some(row) => Done::plain(format!("this is the only row with {a_problem}")),
            Some(row) => {
                self.go_to(size, row);
                self.focus_on_worst(row);
                self.explain(row).map(Done::said).unwrap_or_default()
            }
            None if view.rows.is_some() => {
                let text = format!("No {problems} in the rows in view.");
                Done::said(Message::fine(text).offer(Action::Back, "shows all rows"))
            }
            None => Done::said(Message::fine(format!("No {problems} in {}.", counted(total.into(), "row")))),
        }
    }

    /// Focuses the field that a row's worst finding is about, so that an edit opens that one. Returns what it focused.
    pub fn focus_on_worst(&mut self, row: RowId) -> Option<Field> {
        let field = self.findings.as_ref()?.of_row(self.now(), row).iter().find_map(|hit| hit.field)?;
        // The video can't be edited.
        if field == Field::Object || !self.view.is_in_sight(field) {
            return None;
        }
        self.view.focus = field;
        Some(field)
    }

    /// Message on the worst finding of a row.
    fn explain(&self, row: RowId) -> Option<Message> {
        let findings = self.findings.as_ref()?;
        let hits = findings.of_row(self.now(), row);
        let finding = findings.explain(self.now(), row, hits.first()?);
        let mark = if finding.severity == Severity::Error { Mark::Error } else { Mark::Warning };
        let message = Message::new(mark, format!("{}  {}", finding.rule.code(), finding.message));
        Some(if finding.fix.is_some() { message.offer(Action::Fix, "fix") } else { message })
    }
}
