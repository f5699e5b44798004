//! The table: moving in it, and handing the rest of its keys to those who do it.

mod editing;
mod finding;
mod marking;

pub use editing::{fix_of, set};
pub use finding::{found, refresh, search, viewed};
pub use marking::{has_selection, selected, targets};

use super::{Menu, Screen, editor, find, picker, problems, review, send, show};
use crate::app::change::{self, Consent};
use crate::app::desk::{AfterSave, Desk};
use crate::app::effect::Effect;
use crate::app::keymap::Action;
use crate::app::layout::{Column, Layout, Place, Side};
use crate::app::looking;
use crate::app::model::{Mark, Model};
use crate::app::update::{perform, quit};
use crate::domain::amounts::thousands;
use crate::domain::manifest::{Field, RowId};
use crate::domain::row_set::RowSet;
use crate::domain::search::{Query, SortKey};
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
        A::Clear => editing::clear(model),
        A::Exclude => editing::exclude(model),
        A::Fix => editing::fix(model),
        A::Pick => picker::open(model),
        A::Undo => change::undo(model),
        A::Redo => change::redo(model),
        A::YankMenu => menu(model, Menu::Yank),
        A::Yank(what) => editing::yank(model, what),
        A::Put => editing::put(model),
        A::Select => marking::select(model, many),
        A::SelectRange => marking::select_range(model),
        A::SelectAll => marking::select_all(model),
        A::Search => find::open(model, find::Kind::Search),
        A::Filter => find::open(model, find::Kind::Filter),
        A::SearchNext => search(model, true),
        A::SearchPrevious => search(model, false),
        A::FilterByState => menu(model, Menu::FilterBy),
        A::Sort => menu(model, Menu::SortBy),
        A::Show(state) => finding::show_state(model, state),
        A::SortBy(key) => finding::sort_by(model, key),
        A::Refresh => refresh(model),
        A::NextProblem => finding::problem(model, true),
        A::PreviousProblem => finding::problem(model, false),
        A::Problems => problems::open(model),
        A::Review => review::open(model),
        A::Submit => send::open(model),
        A::Save => change::save(model, AfterSave::Stay, Consent::default()),
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

/// Esc: one layer less, and never more than that.
fn back(model: &mut Model) -> Vec<Effect> {
    model.message.take_if(|message| message.mark == Mark::Plain);
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
        desk.applying.take().map(|applying| applying.job),
        desk.searching.take(),
        desk.view.job.take(),
        desk.keys.job.take(),
        desk.checking.take().map(|c| c.job),
    ];
    let mut stopped: Vec<Effect> = jobs.into_iter().flatten().map(Effect::Cancel).collect();
    stopped.extend(looking::stop(desk));
    if !stopped.is_empty() {
        stopped.extend(looking::tell_others(model));
    }
    stopped
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
