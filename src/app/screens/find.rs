//! The one-line input of `/` search and `f` live filter, on the message line over the table.

use super::{Screen, close, show, table};
use crate::app::effect::Effect;
use crate::app::keymap::Action;
use crate::app::line_input::LineInput;
use crate::app::model::Model;
use crate::domain::manifest::RowId;
use crate::domain::search::Query;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Search,
    Filter,
}

#[derive(Debug)]
pub struct Find {
    pub kind: Kind,
    pub input: LineInput,
    /// What Esc goes back to.
    pub before: Query,
    pub row_before: RowId,
}

pub fn open(model: &mut Model, kind: Kind) -> Vec<Effect> {
    let Some(session) = model.session() else { return Vec::new() };
    let text = if kind == Kind::Filter { session.view.query.text.clone() } else { String::new() };
    let find = Find {
        kind,
        input: LineInput::new(&text),
        before: session.view.query.clone(),
        row_before: session.current().unwrap_or(session.view.anchor),
    };
    model.message = None;
    show(model, Screen::Find(find));
    Vec::new()
}

/// Filters, or goes to the nearest match, at every keystroke.
pub fn typed(model: &mut Model) -> Vec<Effect> {
    let Some(Screen::Find(find)) = model.screens.last() else { return Vec::new() };
    let (kind, text, from) = (find.kind, find.input.text().to_owned(), find.row_before);
    let job = model.new_job();
    let Some(session) = model.session_mut() else { return Vec::new() };
    match kind {
        Kind::Filter if session.view.query.text == text => Vec::new(),
        Kind::Filter => {
            session.view.query.text = text;
            table::refresh(model)
        }
        Kind::Search => {
            session.search.clone_from(&text);
            let earlier = session.searching.take().map(Effect::Cancel);
            if text.is_empty() {
                table::go_to(model, from);
                return earlier.into_iter().collect();
            }
            session.searching = Some(job);
            // From the row itself: it may be the match.
            let len = session.in_view();
            let at = session.view.position_of(from, session.total()).unwrap_or(0);
            let before = at.checked_sub(1).unwrap_or(len.saturating_sub(1));
            let (snapshot, rows) = (session.now().clone(), session.view.rows.clone());
            let find = Effect::Find { job, snapshot, text, rows, from: before, forward: true };
            earlier.into_iter().chain([find]).collect()
        }
    }
}

pub fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(Screen::Find(find)) = model.screens.last() else { return Vec::new() };
    let (kind, before, row) = (find.kind, find.before.clone(), find.row_before);
    match action {
        Action::Accept => {
            close(model);
            Vec::new()
        }
        Action::Back => {
            close(model);
            if kind == Kind::Search {
                let searching = model.session_mut().and_then(|session| session.searching.take());
                table::go_to(model, row);
                return searching.map(Effect::Cancel).into_iter().collect();
            }
            if let Some(session) = model.session_mut() {
                // Esc clears what was typed; what was filtered before the input opened goes with the next Esc.
                session.view.query =
                    if before.text.is_empty() { before } else { Query { text: String::new(), ..before } };
                session.view.anchor = row;
            }
            table::refresh(model)
        }
        _ => Vec::new(),
    }
}
