//! Which rows are in view, and going to those that matter: search, filter, sort, problems.

use super::{go_to, height, number, selected, to_row};
use crate::app::effect::Effect;
use crate::app::model::{Mark, Model};
use crate::app::msg::{JobId, Progress, RowList};
use crate::domain::amounts::thousands;
use crate::domain::manifest::RowId;
use crate::domain::rules::Severity;
use crate::domain::search::{SortKey, StateFilter};

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

pub(super) fn show_state(model: &mut Model, state: StateFilter) -> Vec<Effect> {
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

pub(super) fn sort_by(model: &mut Model, key: SortKey) -> Vec<Effect> {
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

pub(super) fn problem(model: &mut Model, forward: bool) -> Vec<Effect> {
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
pub(super) fn explain(model: &mut Model, row: RowId) {
    let Some(desk) = model.desk() else { return };
    let Some(findings) = &desk.findings else { return };
    if let Some(hit) = findings.of_row(desk.now(), row).first() {
        let finding = findings.explain(desk.now(), row, hit);
        let mark = if finding.severity == Severity::Error { Mark::Error } else { Mark::Warning };
        let fix = if finding.fix.is_some() { "  . fix" } else { "" };
        model.say(mark, format!("{}  {}{fix}", finding.rule.code(), finding.message));
    }
}
