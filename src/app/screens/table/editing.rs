//! What the table does to its rows: clear, leave out, set, fix, copy and put.

use super::super::send;
use super::{has_selection, name, number, targets};
use crate::app::change::change;
use crate::app::effect::Effect;
use crate::app::keymap::What;
use crate::app::model::{Mark, Model};
use crate::app::session::Session;
use crate::domain::draft::{Change, Edit};
use crate::domain::fixes::edit_of;
use crate::domain::format::thousands;
use crate::domain::manifest::{Field, RowId, Value};
use crate::domain::row_set::RowSet;
use crate::domain::rules::{Finding, Fix};
use crate::domain::s3_url;

pub(super) fn clear(model: &mut Model) -> Vec<Effect> {
    let Some(session) = model.session() else { return Vec::new() };
    let field = session.view.focus;
    let (rows, selected) = (targets(session), has_selection(session));
    change(model, Edit { rows, change: Change::Clear(field) }, |n| {
        format!("cleared {} of {}.  u undo", name(field), counted(n, selected))
    })
}

pub(super) fn exclude(model: &mut Model) -> Vec<Effect> {
    let Some(session) = model.session() else { return Vec::new() };
    let (rows, selected) = (targets(session), has_selection(session));
    let excluded = rows.iter().all(|row| session.now().is_excluded(row));
    let (change_to, verb) = if excluded { (Change::Restore, "took back in") } else { (Change::Exclude, "left out") };
    change(model, Edit { rows, change: change_to }, |n| format!("{verb} {}.  u undo", counted(n, selected)))
}

/// `:set FIELD VALUE` on the selection, else on the row.
pub fn set(model: &mut Model, field: Field, value: &str) -> Vec<Effect> {
    let Some(session) = model.session() else { return Vec::new() };
    let (rows, selected) = (targets(session), has_selection(session));
    let change_to = if value.is_empty() { Change::Clear(field) } else { Change::Set(field, value.to_owned()) };
    change(model, Edit { rows, change: change_to }, |n| {
        format!("set {} of {}.  u undo", name(field), counted(n, selected))
    })
}

pub(super) fn put(model: &mut Model) -> Vec<Effect> {
    let Some(text) = model.clipboard.clone() else { return Vec::new() };
    let Some(field) = model.session().map(|session| session.view.focus) else { return Vec::new() };
    set(model, field, &text)
}

/// The first fix of a row's findings, the focused field's first.
pub fn fix_of(session: &Session, row: RowId) -> Option<(Finding, Fix)> {
    let findings = session.findings.as_ref()?;
    let mut found: Vec<Finding> =
        findings.of_row(session.now(), row).iter().map(|hit| findings.explain(session.now(), row, hit)).collect();
    found.sort_by_key(|f| (f.severity, f.field != Some(session.view.focus)));
    found.into_iter().find_map(|finding| finding.fix.clone().map(|fix| (finding, fix)))
}

pub(super) fn fix(model: &mut Model) -> Vec<Effect> {
    let Some(session) = model.session() else { return Vec::new() };
    let Some(row) = session.current() else { return Vec::new() };
    if session.findings.is_none() {
        model.say(Mark::Plain, "the rows are still being checked");
        return Vec::new();
    }
    let Some((finding, fix)) = fix_of(session, row) else {
        model.say(Mark::Plain, "no fix is known for this row.  e edits it");
        return Vec::new();
    };
    change(model, edit_of(&fix, RowSet::one(row)), |_| {
        format!("fixed {} of row {}.  u undo", finding.rule.code(), number(row))
    })
}

pub(super) fn yank(model: &mut Model, what: What) -> Vec<Effect> {
    let Some(session) = model.session() else { return Vec::new() };
    let Some(row) = session.current() else { return Vec::new() };
    let (text, said) = match what {
        What::Value => match session.now().value(row, session.view.focus) {
            Value::Text(text) => {
                (text.into_owned(), format!("copied {} of row {}", name(session.view.focus), number(row)))
            }
            Value::Other(raw) => {
                (raw.to_owned(), format!("copied {} of row {}", name(session.view.focus), number(row)))
            }
            Value::Absent | Value::Null => {
                model.say(Mark::Plain, "there is no value to copy");
                return Vec::new();
            }
        },
        What::Row => (session.now().row_json(row), format!("copied row {} as JSON", number(row))),
        What::Curl => (send::curl(model), "copied the curl command; the key stays out of it".into()),
        What::Sha256 => {
            let effect = Effect::CopySha256(session.now().clone());
            model.say(Mark::Plain, "copying the SHA-256 of what would be saved");
            return vec![effect];
        }
    };
    if what == What::Row && s3_url::carries_secret(&text) {
        model.say(Mark::Plain, "the row holds a signed link, which is a password: not copied.  . takes the secret out");
        return Vec::new();
    }
    // A signed link is a password: its form without one is copied.
    let text = if what == What::Value { s3_url::stored_form(&text).unwrap_or(text) } else { text };
    if what == What::Value {
        model.clipboard = Some(text.clone());
    }
    model.say(Mark::Fine, said);
    vec![Effect::Copy(text)]
}

pub(super) fn counted(rows: usize, selected: bool) -> String {
    match (rows, selected) {
        (1, false) => "this row".into(),
        (1, true) => "1 selected row".into(),
        (n, _) => format!("{} selected rows", thousands(n as u64)),
    }
}
