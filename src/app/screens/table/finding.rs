//! Which rows are in view, and going to those that matter: search, filter, sort, problems.

use super::{go_to, height, selected, to_row};
use crate::app::effect::Effect;
use crate::app::model::{Mark, Model};
use crate::app::msg::{JobId, Progress, RowList};
use crate::domain::format::thousands;
use crate::domain::manifest::RowId;
use crate::domain::rules::Severity;
use crate::domain::search::{SortKey, StateFilter};

/// Looks for the last search text from the row after (or before) the cursor.
pub fn search(model: &mut Model, forward: bool) -> Vec<Effect> {
    let job = model.new_job();
    let Some(session) = model.session_mut() else { return Vec::new() };
    let earlier = session.searching.replace(job).map(Effect::Cancel);
    let (snapshot, rows) = (session.now().clone(), session.view.rows.clone());
    let (text, from) = (session.search.clone(), session.view.scroll.cursor);
    earlier.into_iter().chain([Effect::Find { job, snapshot, text, rows, from, forward }]).collect()
}

pub fn found(model: &mut Model, job: JobId, row: Option<RowId>) -> Vec<Effect> {
    let Some(session) = model.session_mut() else { return Vec::new() };
    if session.searching.take_if(|waiting| *waiting == job).is_none() {
        return Vec::new();
    }
    match row {
        Some(row) => to_row(model, row),
        None => {
            let text = crate::domain::printable::printable(&session.search).into_owned();
            model.say(Mark::Plain, format!("no row holds {text}"));
            Vec::new()
        }
    }
}

pub(super) fn show_state(model: &mut Model, state: StateFilter) -> Vec<Effect> {
    let Some(session) = model.session_mut() else { return Vec::new() };
    session.view.query.state = state;
    session.view.query.rule = None;
    if state == StateFilter::Selected {
        session.view.query.selected = selected(session);
    }
    if state == StateFilter::All {
        session.view.query.text.clear();
    }
    refresh(model)
}

pub(super) fn sort_by(model: &mut Model, key: SortKey) -> Vec<Effect> {
    let Some(session) = model.session_mut() else { return Vec::new() };
    session.view.query.sort = key;
    refresh(model)
}

/// Filters and sorts anew.
pub fn refresh(model: &mut Model) -> Vec<Effect> {
    let job = model.new_job();
    let Some(session) = model.session_mut() else { return Vec::new() };
    let mut effects: Vec<_> = session.view.job.take().map(Effect::Cancel).into_iter().collect();
    if session.view.query.is_plain() {
        session.view.rows = None;
        session.view.partial = false;
        let anchor = session.view.anchor;
        go_to(model, anchor);
        return effects;
    }
    session.view.job = Some(job);
    effects.push(Effect::View {
        job,
        snapshot: session.now().clone(),
        findings: session.findings.clone(),
        query: session.view.query.clone(),
    });
    effects
}

pub fn viewed(model: &mut Model, job: JobId, rows: RowList, progress: Progress) -> Vec<Effect> {
    let height = height(model);
    let Some(session) = model.session_mut() else { return Vec::new() };
    if session.view.job != Some(job) {
        return Vec::new();
    }
    session.view.partial = progress == Progress::SoFar;
    if progress == Progress::Whole {
        session.view.job = None;
    }
    session.range_from = None;
    let (len, anchor) = (rows.len(), session.view.anchor);
    session.view.rows = Some(rows);
    let position = session.view.position_of(anchor, session.total()).unwrap_or(0);
    session.view.scroll.to(position, len, height);
    Vec::new()
}

pub(super) fn problem(model: &mut Model, forward: bool) -> Vec<Effect> {
    let Some(session) = model.session() else { return Vec::new() };
    let Some(findings) = &session.findings else { return Vec::new() };
    let (view, total) = (&session.view, session.total());
    let from = view.scroll.cursor;
    let is_bad = |row: &RowId| findings.worst(*row).is_some_and(|worst| worst <= Severity::Warning);
    // In the order of the view: what is not in it is not gone to.
    let to = match &view.rows {
        None => findings.next(session.now(), session.current().unwrap_or(0), forward, Severity::Warning),
        Some(rows) if forward => rows.iter().skip(from + 1).chain(rows.iter().take(from + 1)).copied().find(is_bad),
        Some(rows) => {
            let before = rows.iter().take(from).rev();
            before.chain(rows.iter().skip(from).rev()).copied().find(is_bad)
        }
    };
    match to {
        Some(row) if session.current() == Some(row) => model.say(Mark::Plain, "this is the only row with a problem"),
        Some(row) => {
            go_to(model, row);
            explain(model, row);
        }
        None if view.rows.is_some() => model.say(Mark::Fine, "No problems in the rows in view.  Esc shows all rows"),
        None => model.say(Mark::Fine, format!("No problems in {} rows.", thousands(total.into()))),
    }
    Vec::new()
}

/// The worst finding of a row on the message line.
pub(super) fn explain(model: &mut Model, row: RowId) {
    let Some(session) = model.session() else { return };
    let Some(findings) = &session.findings else { return };
    if let Some(hit) = findings.of_row(session.now(), row).first() {
        let finding = findings.explain(session.now(), row, hit);
        let mark = if finding.severity == Severity::Error { Mark::Error } else { Mark::Warning };
        let fix = if finding.fix.is_some() { "  . fix" } else { "" };
        model.say(mark, format!("{}  {}{fix}", finding.rule.code(), finding.message));
    }
}
