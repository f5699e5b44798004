//! The table: moving in it, and handing the rest of its keys to those who do it.

mod editing;
mod finding;
mod marking;

pub use editing::{fix_of, set};
pub use finding::{found, refresh, search, viewed};
pub use marking::{has_selection, selected, targets};

use super::{Menu, Screen, editor, find, picker, problems, review, send, show};
use crate::app::change::{self, Consent};
use crate::app::effect::Effect;
use crate::app::keymap::Action;
use crate::app::layout::{Column, Layout, Place, Side};
use crate::app::model::{Mark, Model};
use crate::app::online;
use crate::app::session::{AfterSave, Session};
use crate::app::update::{perform, quit};
use crate::domain::format::thousands;
use crate::domain::manifest::{Field, RowId};
use crate::domain::row_set::RowSet;
use crate::domain::search::{Query, SortKey};
use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};

/// The fields `h` and `l` go through, as they stand on the screen. The video is read-only.
const FOCUS: [Field; 3] = [Field::IndexId, Field::Language, Field::Transcription];

pub fn layout(model: &Model) -> Layout {
    let total = model.session().map_or(0, Session::expected_rows);
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
            if let Some(session) = model.session_mut() {
                let at = FOCUS.iter().position(|f| *f == session.view.focus).unwrap_or(2);
                let to = if action == A::FocusLeft { at.saturating_sub(1) } else { (at + 1).min(2) };
                session.view.focus = FOCUS.get(to).copied().unwrap_or(Field::Transcription);
            }
            focus_message(model)
        }
        A::Inspector => {
            if let Some(session) = model.session_mut() {
                session.in_inspector = !session.in_inspector;
                session.inspector_top = 0;
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
    model.session().is_some_and(|session| session.in_inspector)
}

fn scroll_inspector(model: &mut Model, action: Action) {
    if let Some(session) = model.session_mut() {
        let lines = if matches!(action, Action::Down | Action::HalfDown | Action::PageDown) { 1 } else { -1 };
        session.inspector_top = session.inspector_top.saturating_add_signed(lines).min(200);
    }
}

fn step(model: &mut Model, steps: isize) -> Vec<Effect> {
    let height = height(model);
    if let Some(session) = model.session_mut() {
        let len = session.in_view();
        session.view.scroll.step(steps, len, height);
        remember(session);
    }
    Vec::new()
}

fn to_position(model: &mut Model, position: usize) -> Vec<Effect> {
    let height = height(model);
    if let Some(session) = model.session_mut() {
        let len = session.in_view();
        session.view.scroll.to(position, len, height);
        remember(session);
    }
    Vec::new()
}

fn to_row(model: &mut Model, row: RowId) -> Vec<Effect> {
    let row = model.session().map_or(row, |session| row.min(session.total().saturating_sub(1)));
    go_to(model, row);
    if model.session().and_then(Session::current) != Some(row) {
        model.say(Mark::Plain, format!("row {} is not in view; this is the nearest.  Esc shows all rows", number(row)));
    }
    Vec::new()
}

/// Puts the cursor on a row, or on the nearest one in view.
pub fn go_to(model: &mut Model, row: RowId) {
    let height = height(model);
    if let Some(session) = model.session_mut() {
        let row = row.min(session.total().saturating_sub(1));
        if let Some(position) = session.view.position_of(row, session.total()) {
            let len = session.in_view();
            session.view.scroll.to(position, len, height);
            remember(session);
        }
    }
}

/// The row the cursor stands on is the one to come back to when the view changes.
fn remember(session: &mut Session) {
    if let Some(row) = session.current() {
        session.view.anchor = row;
        session.inspector_top = 0;
    }
}

pub fn rescroll(model: &mut Model) {
    let height = height(model);
    if let Some(session) = model.session_mut() {
        let (cursor, len) = (session.view.scroll.cursor, session.in_view());
        session.view.scroll.to(cursor, len, height);
    }
}

fn focus_message(model: &mut Model) -> Vec<Effect> {
    if let Some((field, row)) = model.session().and_then(|d| Some((d.view.focus, d.current()?)))
        && field == Field::IndexId
        && layout(model).inspector == Side::Hidden
    {
        // The index has no column of its own; where the inspector is hidden its value is told here.
        let value = model.session().map(|d| d.now().row(row).text(field).to_owned()).unwrap_or_default();
        let shown = crate::domain::printable::printable(&value).into_owned();
        model.say(Mark::Plain, format!("index {shown}"));
    }
    Vec::new()
}

/// Esc: one layer less, and never more than that.
fn back(model: &mut Model) -> Vec<Effect> {
    model.message.take_if(|message| message.mark == Mark::Plain);
    let Some(session) = model.session_mut() else { return Vec::new() };
    if session.in_inspector {
        session.in_inspector = false;
    } else if session.range_from.take().is_some() {
    } else if !session.view.query.is_plain() {
        let sort = session.view.query.sort;
        let narrowed = session.view.query.narrows();
        session.view.query = Query { sort: if narrowed { sort } else { SortKey::File }, ..Query::default() };
        return refresh(model);
    } else {
        session.selection = RowSet::new();
    }
    Vec::new()
}

/// Stops what runs for the table.
pub fn stop(model: &mut Model) -> Vec<Effect> {
    let Some(session) = model.session_mut() else { return Vec::new() };
    let jobs = [
        session.applying.take().map(|applying| applying.job),
        session.searching.take(),
        session.view.job.take(),
        session.keys.job.take(),
        session.checking.take().map(|c| c.job),
    ];
    let mut stopped: Vec<Effect> = jobs.into_iter().flatten().map(Effect::Cancel).collect();
    stopped.extend(online::stop(session));
    if !stopped.is_empty() {
        stopped.extend(online::tell_others(model));
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
    if !model.screens.is_empty() || model.session().is_none() {
        let action = if lines > 0 { Action::Down } else { Action::Up };
        let typing = model.screens.last_mut().is_some_and(|screen| screen.input().is_some());
        let listed = matches!(model.screens.last(), Some(Screen::Picker(_) | Screen::Help(_) | Screen::Palette(_)));
        return if typing && !listed { Vec::new() } else { perform(model, action, None) };
    }
    let height = usize::from(layout.page());
    if let Some(session) = model.session_mut() {
        let len = session.in_view();
        session.view.scroll.wheel(lines, len, height);
        remember(session);
    }
    Vec::new()
}

fn click(model: &mut Model, layout: &Layout, event: MouseEvent) -> Vec<Effect> {
    let Some(Place::Row { line, column }) = layout.place(event.column, event.row) else { return Vec::new() };
    if let Some(session) = model.session_mut() {
        let position = session.view.scroll.top + usize::from(line);
        if position < session.in_view() {
            session.view.scroll.cursor = position;
            session.view.focus = match column {
                Some(Column::Language) => Field::Language,
                Some(Column::Transcript) => Field::Transcription,
                _ => session.view.focus,
            };
            session.in_inspector = false;
            remember(session);
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
