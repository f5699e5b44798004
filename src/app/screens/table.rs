//! The table: moving, selecting, editing, finding, copying.

use super::super::change::{self, change};
use super::super::desk::{AfterSave, Desk};
use super::super::effect::Effect;
use super::super::keymap::{Action, What};
use super::super::layout::{Column, Layout, Place, Side};
use super::super::model::{Mark, Model};
use super::super::msg::{JobId, Progress, RowList};
use super::super::update::{perform, quit};
use super::super::view::View;
use super::{Menu, Screen, editor, find, picker, problems, review, send, show};
use crate::domain::amounts::thousands;
use crate::domain::draft::{Change, Edit};
use crate::domain::manifest::{Field, RowId, Value};
use crate::domain::row_set::RowSet;
use crate::domain::rules::{Finding, Fix, Severity};
use crate::domain::search::{Query, SortKey, StateFilter};
use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};

/// The fields `h` and `l` go through, as they stand on the screen. The video is read-only.
const FOCUS: [Field; 3] = [Field::IndexId, Field::Language, Field::Transcription];

pub fn layout(model: &Model) -> Layout {
    let total = model.desk().map_or(0, Desk::expected_rows);
    Layout::new(model.size.0, model.size.1, total)
}

/// Rows of the table that fit on the screen.
fn height(model: &Model) -> usize {
    usize::from(layout(model).page())
}

pub fn act(model: &mut Model, action: Action, count: Option<u32>) -> Vec<Effect> {
    use Action as A;
    let height = height(model);
    let many = count.unwrap_or(1).max(1) as isize;
    let page = height.saturating_sub(1).max(1) as isize;
    match action {
        A::Down | A::Up | A::PageDown | A::PageUp | A::HalfDown | A::HalfUp if in_inspector(model) => {
            scroll_inspector(model, action);
            Vec::new()
        }
        A::Down => step(model, many),
        A::Up => step(model, -many),
        A::PageDown => step(model, page * many),
        A::PageUp => step(model, -page * many),
        A::HalfDown => step(model, (page / 2).max(1) * many),
        A::HalfUp => step(model, -(page / 2).max(1) * many),
        A::First | A::Last => {
            let row = match (count, action) {
                (Some(number), _) => number.saturating_sub(1),
                (None, A::First) => return to_position(model, 0),
                _ => return to_position(model, usize::MAX),
            };
            to_row(model, row)
        }
        A::FocusLeft | A::FocusRight => {
            if let Some(desk) = model.desk_mut() {
                let at = FOCUS.iter().position(|f| *f == desk.view.focus).unwrap_or(2);
                let to = if action == A::FocusLeft { at.saturating_sub(1) } else { (at + 1).min(2) };
                desk.view.focus = FOCUS.get(to).copied().unwrap_or(Field::Transcription);
            }
            focus_message(model)
        }
        A::Inspector => {
            if let Some(desk) = model.desk_mut() {
                desk.in_inspector = !desk.in_inspector;
                desk.inspector_top = 0;
            }
            Vec::new()
        }
        A::Edit => editor::open(model, false),
        A::ClearAndEdit => editor::open(model, true),
        A::Clear => clear(model),
        A::Exclude => exclude(model),
        A::Fix => fix(model),
        A::Pick => picker::open(model),
        A::Undo => change::undo(model),
        A::Redo => change::redo(model),
        A::YankMenu => menu(model, Menu::Yank),
        A::Yank(what) => yank(model, what),
        A::Put => put(model),
        A::Select => select(model, many),
        A::SelectRange => select_range(model),
        A::SelectAll => select_all(model),
        A::Search => find::open(model, find::Kind::Search),
        A::Filter => find::open(model, find::Kind::Filter),
        A::SearchNext => search(model, true),
        A::SearchPrevious => search(model, false),
        A::FilterByState => menu(model, Menu::FilterBy),
        A::Sort => menu(model, Menu::SortBy),
        A::Show(state) => show_state(model, state),
        A::SortBy(key) => sort_by(model, key),
        A::Refresh => refresh(model),
        A::NextProblem => problem(model, true),
        A::PreviousProblem => problem(model, false),
        A::Problems => problems::open(model),
        A::Review => review::open(model),
        A::Submit => send::open(model),
        A::Save => change::save(model, AfterSave::Stay, false),
        A::Back => back(model),
        A::Quit => quit(model),
        _ => Vec::new(),
    }
}

fn in_inspector(model: &Model) -> bool {
    model.desk().is_some_and(|desk| desk.in_inspector)
}

fn scroll_inspector(model: &mut Model, action: Action) {
    if let Some(desk) = model.desk_mut() {
        let lines = if matches!(action, Action::Down | Action::HalfDown | Action::PageDown) { 1 } else { -1 };
        desk.inspector_top = desk.inspector_top.saturating_add_signed(lines).min(200);
    }
}

fn step(model: &mut Model, steps: isize) -> Vec<Effect> {
    let height = height(model);
    if let Some(desk) = model.desk_mut() {
        let len = desk.in_view();
        desk.view.scroll.step(steps, len, height);
        remember(desk);
    }
    Vec::new()
}

fn to_position(model: &mut Model, position: usize) -> Vec<Effect> {
    let height = height(model);
    if let Some(desk) = model.desk_mut() {
        let len = desk.in_view();
        desk.view.scroll.to(position, len, height);
        remember(desk);
    }
    Vec::new()
}

fn to_row(model: &mut Model, row: RowId) -> Vec<Effect> {
    let row = model.desk().map_or(row, |desk| row.min(desk.total().saturating_sub(1)));
    go_to(model, row);
    if model.desk().and_then(Desk::current) != Some(row) {
        model.say(Mark::Plain, format!("row {} is not in view; this is the nearest.  Esc shows all rows", number(row)));
    }
    Vec::new()
}

/// Puts the cursor on a row, or on the nearest one in view.
pub fn go_to(model: &mut Model, row: RowId) {
    let height = height(model);
    if let Some(desk) = model.desk_mut() {
        let row = row.min(desk.total().saturating_sub(1));
        if let Some(position) = desk.view.position_of(row, desk.total()) {
            let len = desk.in_view();
            desk.view.scroll.to(position, len, height);
            remember(desk);
        }
    }
}

/// The row the cursor stands on is the one to come back to when the view changes.
fn remember(desk: &mut Desk) {
    if let Some(row) = desk.current() {
        desk.view.anchor = row;
        desk.inspector_top = 0;
    }
}

pub fn rescroll(model: &mut Model) {
    let height = height(model);
    if let Some(desk) = model.desk_mut() {
        let (cursor, len) = (desk.view.scroll.cursor, desk.in_view());
        desk.view.scroll.to(cursor, len, height);
    }
}

fn focus_message(model: &mut Model) -> Vec<Effect> {
    if let Some((field, row)) = model.desk().and_then(|d| Some((d.view.focus, d.current()?)))
        && field == Field::IndexId
        && layout(model).inspector == Side::Hidden
    {
        // The index has no column of its own; where the inspector is hidden its value is told here.
        let value = model.desk().map(|d| d.now().row(row).text(field).to_owned()).unwrap_or_default();
        let shown = crate::domain::printable::printable(&value).into_owned();
        model.say(Mark::Plain, format!("index {shown}"));
    }
    Vec::new()
}

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

fn select(model: &mut Model, many: isize) -> Vec<Effect> {
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

fn select_range(model: &mut Model) -> Vec<Effect> {
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

fn select_all(model: &mut Model) -> Vec<Effect> {
    if let Some(desk) = model.desk_mut() {
        let len = desk.in_view();
        if len > 0 {
            let all = positions(&desk.view, desk.total(), 0, len - 1);
            desk.selection = if desk.selection == all { RowSet::new() } else { all };
            desk.range_from = None;
        }
    }
    Vec::new()
}

fn clear(model: &mut Model) -> Vec<Effect> {
    let Some(desk) = model.desk() else { return Vec::new() };
    let field = desk.view.focus;
    let (rows, selected) = (targets(desk), has_selection(desk));
    change(model, Edit { rows, change: Change::Clear(field) }, |n| {
        format!("cleared {} of {}.  u undo", name(field), counted(n, selected))
    })
}

fn exclude(model: &mut Model) -> Vec<Effect> {
    let Some(desk) = model.desk() else { return Vec::new() };
    let (rows, selected) = (targets(desk), has_selection(desk));
    let excluded = rows.iter().all(|row| desk.now().is_excluded(row));
    let (change_to, verb) = if excluded { (Change::Restore, "took back in") } else { (Change::Exclude, "left out") };
    change(model, Edit { rows, change: change_to }, |n| format!("{verb} {}.  u undo", counted(n, selected)))
}

/// `:set FIELD VALUE` on the selection, else on the row.
pub fn set(model: &mut Model, field: Field, value: &str) -> Vec<Effect> {
    let Some(desk) = model.desk() else { return Vec::new() };
    let (rows, selected) = (targets(desk), has_selection(desk));
    let change_to = if value.is_empty() { Change::Clear(field) } else { Change::Set(field, value.to_owned()) };
    change(model, Edit { rows, change: change_to }, |n| {
        format!("set {} of {}.  u undo", name(field), counted(n, selected))
    })
}

fn put(model: &mut Model) -> Vec<Effect> {
    let Some(text) = model.clipboard.clone() else { return Vec::new() };
    let Some(field) = model.desk().map(|desk| desk.view.focus) else { return Vec::new() };
    set(model, field, &text)
}

/// The first fix of a row's findings, the focused field's first.
pub fn fix_of(desk: &Desk, row: RowId) -> Option<(Finding, Fix)> {
    let findings = desk.findings.as_ref()?;
    let mut found: Vec<Finding> =
        findings.of_row(desk.now(), row).iter().map(|hit| findings.explain(desk.now(), row, hit)).collect();
    found.sort_by_key(|f| (f.severity, f.field != Some(desk.view.focus)));
    found.into_iter().find_map(|finding| finding.fix.clone().map(|fix| (finding, fix)))
}

pub fn edit_of(fix: &Fix, rows: RowSet) -> Edit {
    Edit {
        rows,
        change: match fix {
            Fix::Set(field, value) => Change::Set(*field, value.clone()),
            Fix::Exclude => Change::Exclude,
        },
    }
}

fn fix(model: &mut Model) -> Vec<Effect> {
    let Some(desk) = model.desk() else { return Vec::new() };
    let Some(row) = desk.current() else { return Vec::new() };
    if desk.findings.is_none() {
        model.say(Mark::Plain, "the rows are still being checked");
        return Vec::new();
    }
    let Some((finding, fix)) = fix_of(desk, row) else {
        model.say(Mark::Plain, "no fix is known for this row.  e edits it");
        return Vec::new();
    };
    change(model, edit_of(&fix, RowSet::one(row)), |_| {
        format!("fixed {} of row {}.  u undo", finding.rule.code(), number(row))
    })
}

fn yank(model: &mut Model, what: What) -> Vec<Effect> {
    let Some(desk) = model.desk() else { return Vec::new() };
    let Some(row) = desk.current() else { return Vec::new() };
    let (text, said) = match what {
        What::Value => match desk.now().value(row, desk.view.focus) {
            Value::Text(text) => {
                (text.into_owned(), format!("copied {} of row {}", name(desk.view.focus), number(row)))
            }
            Value::Other(raw) => (raw.to_owned(), format!("copied {} of row {}", name(desk.view.focus), number(row))),
            Value::Absent | Value::Null => {
                model.say(Mark::Plain, "there is no value to copy");
                return Vec::new();
            }
        },
        What::Row => (desk.now().row_json(row), format!("copied row {} as JSON", number(row))),
        What::Curl => (send::curl(model), "copied the curl command; the key stays out of it".into()),
        What::Sha256 => {
            let effect = Effect::CopySha256(desk.now().clone());
            model.say(Mark::Plain, "copying the SHA-256 of what would be saved");
            return vec![effect];
        }
    };
    if what == What::Value {
        model.clipboard = Some(text.clone());
    }
    model.say(Mark::Fine, said);
    vec![Effect::Copy(text)]
}

/// Looks for the last search text from the row after (or before) the cursor.
pub fn search(model: &mut Model, forward: bool) -> Vec<Effect> {
    let job = model.new_job();
    let Some(desk) = model.desk_mut() else { return Vec::new() };
    let from = desk.current().unwrap_or(0);
    desk.searching = Some(job);
    let effect = Effect::Find { job, snapshot: desk.now().clone(), text: desk.search.clone(), from, forward };
    vec![effect]
}

pub fn found(model: &mut Model, job: JobId, row: Option<RowId>) -> Vec<Effect> {
    let Some(desk) = model.desk_mut() else { return Vec::new() };
    if desk.searching.take_if(|waiting| *waiting == job).is_none() {
        return Vec::new();
    }
    match row {
        Some(row) => to_row(model, row),
        None => {
            let text = crate::domain::printable::printable(&desk.search).into_owned();
            model.say(Mark::Plain, format!("no row holds {text}"));
            Vec::new()
        }
    }
}

fn show_state(model: &mut Model, state: StateFilter) -> Vec<Effect> {
    let Some(desk) = model.desk_mut() else { return Vec::new() };
    desk.view.query.state = state;
    desk.view.query.rule = None;
    if state == StateFilter::Selected {
        desk.view.query.selected = selected(desk);
    }
    if state == StateFilter::All {
        desk.view.query.text.clear();
    }
    refresh(model)
}

fn sort_by(model: &mut Model, key: SortKey) -> Vec<Effect> {
    let Some(desk) = model.desk_mut() else { return Vec::new() };
    desk.view.query.sort = key;
    refresh(model)
}

/// Filters and sorts anew.
pub fn refresh(model: &mut Model) -> Vec<Effect> {
    let job = model.new_job();
    let Some(desk) = model.desk_mut() else { return Vec::new() };
    let mut effects: Vec<_> = desk.view.job.take().map(Effect::Cancel).into_iter().collect();
    if desk.view.query.is_plain() {
        desk.view.rows = None;
        desk.view.partial = false;
        let anchor = desk.view.anchor;
        go_to(model, anchor);
        return effects;
    }
    desk.view.job = Some(job);
    effects.push(Effect::View {
        job,
        snapshot: desk.now().clone(),
        findings: desk.findings.clone(),
        query: desk.view.query.clone(),
    });
    effects
}

pub fn viewed(model: &mut Model, job: JobId, rows: RowList, progress: Progress) -> Vec<Effect> {
    let height = height(model);
    let Some(desk) = model.desk_mut() else { return Vec::new() };
    if desk.view.job != Some(job) {
        return Vec::new();
    }
    desk.view.partial = progress == Progress::SoFar;
    if progress == Progress::Whole {
        desk.view.job = None;
    }
    desk.range_from = None;
    let (len, anchor) = (rows.len(), desk.view.anchor);
    desk.view.rows = Some(rows);
    let position = desk.view.position_of(anchor, desk.total()).unwrap_or(0);
    desk.view.scroll.to(position, len, height);
    Vec::new()
}

fn problem(model: &mut Model, forward: bool) -> Vec<Effect> {
    let Some(desk) = model.desk() else { return Vec::new() };
    let Some(findings) = &desk.findings else { return Vec::new() };
    let from = desk.current().unwrap_or(0);
    let to = findings.next(desk.now(), from, forward, Severity::Warning);
    match to {
        Some(row) if row == from => model.say(Mark::Plain, "this is the only row with a problem"),
        Some(row) => {
            let in_view = desk.view.position_of(row, desk.total()).and_then(|at| desk.view.row_at(at, desk.total()));
            if in_view == Some(row) {
                go_to(model, row);
                explain(model, row);
            } else {
                model.say(
                    Mark::Plain,
                    format!("the next problem is in row {}, not in view.  Esc shows all rows", number(row)),
                );
            }
        }
        None => model.say(Mark::Fine, format!("No problems in {} rows.", thousands(u64::from(desk.total())))),
    }
    Vec::new()
}

/// The worst finding of a row on the message line.
fn explain(model: &mut Model, row: RowId) {
    let Some(desk) = model.desk() else { return };
    let Some(findings) = &desk.findings else { return };
    if let Some(hit) = findings.of_row(desk.now(), row).first() {
        let finding = findings.explain(desk.now(), row, hit);
        let mark = if finding.severity == Severity::Error { Mark::Error } else { Mark::Warning };
        let fix = if finding.fix.is_some() { "  . fix" } else { "" };
        model.say(mark, format!("{}  {}{fix}", finding.rule.code(), finding.message));
    }
}

/// Esc: one layer less, and never more than that.
fn back(model: &mut Model) -> Vec<Effect> {
    let Some(desk) = model.desk_mut() else { return Vec::new() };
    if desk.in_inspector {
        desk.in_inspector = false;
    } else if desk.range_from.take().is_some() {
    } else if !desk.view.query.is_plain() {
        let sort = desk.view.query.sort;
        let narrowed = desk.view.query.narrows();
        desk.view.query = Query { sort: if narrowed { sort } else { SortKey::File }, ..Query::default() };
        return refresh(model);
    } else {
        desk.selection = RowSet::new();
    }
    Vec::new()
}

/// Stops what runs for the table.
pub fn stop(model: &mut Model) -> Vec<Effect> {
    let Some(desk) = model.desk_mut() else { return Vec::new() };
    let jobs = [
        desk.applying.take(),
        desk.searching.take(),
        desk.view.job.take(),
        desk.keys.job.take(),
        desk.checking.take().map(|c| c.job),
    ];
    jobs.into_iter().flatten().map(Effect::Cancel).collect()
}

fn menu(model: &mut Model, menu: Menu) -> Vec<Effect> {
    show(model, Screen::Menu(menu));
    Vec::new()
}

/// A click goes to a row and its column, the wheel scrolls. Over other screens the wheel moves their list.
pub fn mouse(model: &mut Model, event: MouseEvent) -> Vec<Effect> {
    let layout = layout(model);
    let lines = match event.kind {
        MouseEventKind::ScrollDown => 3,
        MouseEventKind::ScrollUp => -3,
        MouseEventKind::Down(MouseButton::Left) if model.screens.is_empty() => return click(model, &layout, event),
        _ => return Vec::new(),
    };
    if !model.screens.is_empty() || model.desk().is_none() {
        let action = if lines > 0 { Action::Down } else { Action::Up };
        let typing = model.screens.last_mut().is_some_and(|screen| screen.input().is_some());
        let listed = matches!(model.screens.last(), Some(Screen::Picker(_) | Screen::Help(_) | Screen::Palette(_)));
        return if typing && !listed { Vec::new() } else { perform(model, action, None) };
    }
    let height = usize::from(layout.page());
    if let Some(desk) = model.desk_mut() {
        let len = desk.in_view();
        desk.view.scroll.wheel(lines, len, height);
        remember(desk);
    }
    Vec::new()
}

fn click(model: &mut Model, layout: &Layout, event: MouseEvent) -> Vec<Effect> {
    let Some(Place::Row { line, column }) = layout.place(event.column, event.row) else { return Vec::new() };
    if let Some(desk) = model.desk_mut() {
        let position = desk.view.scroll.top + usize::from(line);
        if position < desk.in_view() {
            desk.view.scroll.cursor = position;
            desk.view.focus = match column {
                Some(Column::Language) => Field::Language,
                Some(Column::Transcript) => Field::Transcription,
                _ => desk.view.focus,
            };
            desk.in_inspector = false;
            remember(desk);
        }
    }
    Vec::new()
}

pub fn has_selection(desk: &Desk) -> bool {
    !desk.selection.is_empty() || desk.range_from.is_some()
}

/// `row 4,711`'s number.
pub fn number(row: RowId) -> String {
    thousands(u64::from(row) + 1)
}

/// The field's word for people.
pub fn name(field: Field) -> &'static str {
    match field {
        Field::IndexId => "index",
        Field::Language => "language",
        Field::Object => "video",
        Field::Transcription => "transcript",
    }
}

fn counted(rows: usize, selected: bool) -> String {
    match (rows, selected) {
        (1, false) => "this row".into(),
        (1, true) => "1 selected row".into(),
        (n, _) => format!("{} selected rows", thousands(n as u64)),
    }
}
