//! What an edit sets in motion: the draft, its findings, the journal, the view, and in the end the file.

use super::effect::{Bulk, Effect, JournalLine, Save};
use super::model::{Mark, Model};
use super::msg::{JobId, SaveEnd};
use super::online;
use super::screens::{self, Menu, Screen, problems, review, send};
use super::session::{AfterSave, Applying, Checking, Saving, Step};
use crate::domain::draft::{Change, Draft, Edit, Snapshot};
use crate::domain::evidence::Evidence;
use crate::domain::findings::Findings;
use crate::domain::fixes::together;
use crate::domain::format::thousands;
use crate::domain::manifest::RowId;
use crate::domain::printable::printable;
use crate::domain::row_set::RowSet;
use crate::domain::rules::Rule;
use crate::domain::s3_url;
use crate::domain::search::{self, Words};
use std::path::PathBuf;
use std::sync::Arc;

/// Edits of more rows than this are applied away from the screen, so that no key press waits for them.
const BULK: usize = 2_000;

/// Why nothing can be edited while a bulk edit runs: its result takes the draft's place.
pub const APPLYING: &str = "an edit of many rows is still being applied";

/// Why rows can't be edited now. Every edit goes through this, whatever screen it comes from.
fn blocked(model: &Model) -> Option<&'static str> {
    let session = model.session()?;
    if session.loading.is_some() {
        return Some("rows can be changed when the file is read");
    }
    session.applying.is_some().then_some(APPLYING)
}

/// Applies an edit. `said` words the message from the number of rows that changed.
pub fn change(model: &mut Model, edit: Edit, said: impl Fn(usize) -> String) -> Vec<Effect> {
    if let Some(reason) = blocked(model) {
        model.say(Mark::Plain, reason);
        return Vec::new();
    }
    let edit = without_secrets(edit);
    if edit.rows.len() > BULK {
        return in_bulk(model, Step::Do, Bulk::Edit(edit));
    }
    let Some(session) = model.session_mut() else { return Vec::new() };
    let before = session.now().clone();
    let rows = session.draft.apply(edit);
    if rows.is_empty() {
        model.say(Mark::Plain, "nothing to change there");
        return Vec::new();
    }
    let line = session.draft.operations().last().cloned().map(JournalLine::Did);
    model.say(Mark::Fine, said(rows.len()));
    let mut effects = follow(model, &before, &rows);
    effects.extend(line.map(|line| Effect::Journal(vec![line])));
    effects
}

/// A signed link is a password: it gets into no draft, and so into no journal.
fn without_secrets(edit: Edit) -> Edit {
    let clean = |text: String| s3_url::stored_form(&text).unwrap_or(text);
    let change = match edit.change {
        Change::Set(field, text) => Change::Set(field, clean(text)),
        Change::SetEach(field, texts) => Change::SetEach(field, texts.into_iter().map(clean).collect()),
        Change::Together(edits) => Change::Together(edits.into_iter().map(without_secrets).collect()),
        change => change,
    };
    Edit { change, ..edit }
}

/// Has many rows changed away from the screen, so that no key press waits for them.
fn in_bulk(model: &mut Model, step: Step, what: Bulk) -> Vec<Effect> {
    let job = model.new_job();
    let Some(session) = model.session_mut() else { return Vec::new() };
    session.applying = Some(Applying { job, step });
    vec![Effect::Apply { job, draft: Box::new(session.draft.clone()), what }]
}

/// Applies the fixes of one rule to all these rows, as one step.
pub fn fix_all(model: &mut Model, findings: Arc<Findings>, rule: Rule, rows: Vec<RowId>) -> Vec<Effect> {
    if let Some(reason) = blocked(model) {
        model.say(Mark::Plain, reason);
        return Vec::new();
    }
    if rows.len() > BULK {
        return in_bulk(model, Step::Do, Bulk::Fixes { findings, rule, rows });
    }
    let Some(session) = model.session() else { return Vec::new() };
    let edit = together(&findings, session.now(), &rows, rule);
    drop(findings);
    let said = |n: usize| {
        let rows = if n == 1 { "row" } else { "rows" };
        format!("fixed {} of {} {rows}.  u undo", rule.code(), thousands(n as u64))
    };
    edit.map(|edit| change(model, edit, said)).unwrap_or_default()
}

pub fn undo(model: &mut Model) -> Vec<Effect> {
    let last = model.session().and_then(|session| session.draft.operations().last()).map(|edit| edit.rows.len());
    step(model, Step::Undo, last.unwrap_or(0))
}

pub fn redo(model: &mut Model) -> Vec<Effect> {
    let next = model.session().and_then(|session| session.draft.undone()).map(|edit| edit.rows.len());
    step(model, Step::Redo, next.unwrap_or(0))
}

fn step(model: &mut Model, step: Step, rows: usize) -> Vec<Effect> {
    if let Some(reason) = blocked(model) {
        model.say(Mark::Plain, reason);
        return Vec::new();
    }
    if rows > BULK {
        return in_bulk(model, step, if step == Step::Undo { Bulk::Undo } else { Bulk::Redo });
    }
    let Some(session) = model.session_mut() else { return Vec::new() };
    let before = session.now().clone();
    let (edit, line, word) = match step {
        Step::Undo => (session.draft.undo(), JournalLine::Undid, "undone"),
        _ => (session.draft.redo(), JournalLine::Redid, "done again"),
    };
    let Some(edit) = edit else { return Vec::new() };
    model.say(Mark::Fine, format!("{word}: {}", what(&edit)));
    if let Some(row) = edit.rows.iter().next() {
        screens::table::go_to(model, row);
    }
    let mut effects = follow(model, &before, &edit.rows);
    effects.push(Effect::Journal(vec![line]));
    effects
}

/// An edit in a few words: `set transcription of row 4,711`.
fn what(edit: &Edit) -> String {
    let verb = match &edit.change {
        Change::Set(field, _) | Change::SetEach(field, _) => format!("set {} of", field.name()),
        Change::Clear(field) => format!("clear {} of", field.name()),
        Change::Revert(field) => format!("put back {} of", field.name()),
        Change::Together(_) => "change".into(),
        Change::Exclude => "exclude".into(),
        Change::Restore => "restore".into(),
    };
    let mut rows = edit.rows.iter();
    match (rows.next(), edit.rows.len()) {
        (Some(row), 1) => format!("{verb} row {}", thousands(u64::from(row) + 1)),
        (_, many) => format!("{verb} {} rows", thousands(many as u64)),
    }
}

/// Brings findings, view and screens up to a change of some rows.
pub fn follow(model: &mut Model, before: &Snapshot, rows: &RowSet) -> Vec<Effect> {
    let now = model.now;
    let Some(session) = model.session_mut() else { return Vec::new() };
    session.online.edited(rows);
    if rows.len() <= BULK {
        for row in rows.iter() {
            session.edited_at.insert(row, now);
        }
    }
    let mut effects = Vec::new();
    if rows.len() > BULK {
        effects = check_again(model);
    } else {
        let after = session.now().clone();
        // Findings of another moment than the one before this edit can't be led on; a new check is on its way then.
        if let Some(findings) = session.findings.as_mut().filter(|_| session.findings_of == before.revision()) {
            Arc::make_mut(findings).follow(before, &after, rows);
            session.findings_of = after.revision();
        }
        if let Some(checking) = &mut session.checking {
            checking.touched = checking.touched.union(rows);
        }
        say_no_longer_matching(model, rows);
    }
    review::follow(model);
    problems::follow(model);
    effects.extend(send::look_again(model));
    effects
}

/// With a filter or sort active rows stay where they are; the operator is told that some no longer belong there.
fn say_no_longer_matching(model: &mut Model, rows: &RowSet) {
    let Some(session) = model.session() else { return };
    let query = &session.view.query;
    if !query.narrows() {
        return;
    }
    let words = Words::new(&query.text);
    let gone = rows
        .iter()
        .filter(|row| !search::keeps(query, &words, session.now(), session.findings.as_deref(), *row))
        .count();
    if gone > 0
        && let Some(message) = &mut model.message
    {
        let rows = if gone == 1 { "1 row no longer matches".into() } else { format!("{gone} rows no longer match") };
        message.text = format!("{}  {rows}, r refreshes", message.text);
    }
}

/// Starts a check of all rows; an earlier one that is still on its way is stopped.
pub fn check_again(model: &mut Model) -> Vec<Effect> {
    let (job, limits) = (model.new_job(), model.options.limits);
    let Some(session) = model.session_mut() else { return Vec::new() };
    let snapshot = session.now().clone();
    let checking = Checking { job, snapshot: snapshot.clone(), touched: RowSet::new(), done: 0, observed: Vec::new() };
    let evidence =
        session.findings.as_ref().map_or_else(|| Evidence::new(limits), |findings| findings.evidence().clone());
    let earlier = session.checking.replace(checking).map(|c| Effect::Cancel(c.job));
    earlier.into_iter().chain([Effect::Check(job, snapshot, evidence)]).collect()
}

pub fn checking(model: &mut Model, job: JobId, done: u32) -> Vec<Effect> {
    if let Some(checking) = model.session_mut().and_then(|d| d.checking.as_mut()).filter(|c| c.job == job) {
        checking.done = done;
    }
    Vec::new()
}

pub fn checked(model: &mut Model, job: JobId, mut findings: Findings) -> Vec<Effect> {
    let Some(session) = model.session_mut() else { return Vec::new() };
    let Some(checking) = session.checking.take_if(|c| c.job == job) else { return Vec::new() };
    let now = session.now().clone();
    if checking.touched.len() > BULK {
        // More was edited meanwhile than a key press may wait for.
        findings.observe(&checking.snapshot, &checking.observed);
        session.findings = Some(Arc::new(findings));
        session.findings_of = checking.snapshot.revision();
        return check_again(model);
    }
    findings.follow(&checking.snapshot, &now, &checking.touched);
    let told = findings.observe(&now, &checking.observed);
    session.online.affected(&told);
    session.findings = Some(Arc::new(findings));
    session.findings_of = now.revision();
    problems::follow(model);
    online::tell_others(model)
}

/// A bulk edit came back: it becomes the draft, as one step of undo.
pub fn applied(model: &mut Model, job: JobId, draft: Draft, rows: &RowSet) -> Vec<Effect> {
    let Some(session) = model.session_mut() else { return Vec::new() };
    let Some(applying) = session.applying.take_if(|applying| applying.job == job) else { return Vec::new() };
    if rows.is_empty() {
        model.say(Mark::Plain, "nothing to change there");
        return Vec::new();
    }
    let (before, saved) = (session.now().clone(), session.draft.saved().clone());
    session.draft = draft;
    // A save may have ended meanwhile.
    if session.draft.saved().revision() != saved.revision() {
        session.draft.mark_saved(&saved);
    }
    let (line, word) = match applying.step {
        Step::Do => (session.draft.operations().last().cloned().map(JournalLine::Did), "changed"),
        Step::Undo => (Some(JournalLine::Undid), "undone in"),
        Step::Redo => (Some(JournalLine::Redid), "done again in"),
    };
    model.say(Mark::Fine, format!("{word} {} rows.  u undo", thousands(rows.len() as u64)));
    let mut effects = follow(model, &before, rows);
    effects.extend(line.map(|line| Effect::Journal(vec![line])));
    effects
}

/// A job ended without its answer: whoever waits for it waits no more.
pub fn job_failed(model: &mut Model, job: JobId) -> Vec<Effect> {
    if let Some(session) = model.session_mut() {
        if session.loading.is_some_and(|(waiting, _)| waiting == job) {
            return screens::open::failed(model, job, "reading it failed".into());
        }
        session.checking.take_if(|checking| checking.job == job);
        session.applying.take_if(|applying| applying.job == job);
        session.saving.take_if(|saving| saving.job == job);
        for waiting in [&mut session.view.job, &mut session.searching, &mut session.keys.job] {
            waiting.take_if(|waiting| *waiting == job);
        }
    }
    screens::picker::job_failed(model, job);
    send::job_failed(model, job)
}

/// What the operator agreed to when a save asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Consent {
    /// Write over what another program wrote, or anew where it took the file away.
    pub over_changes: bool,
    /// Lose the file's owner, mode, attributes or other names.
    pub with_losses: bool,
}

fn is_saving(model: &mut Model) -> bool {
    let saving = model.session().is_some_and(|session| session.saving.is_some());
    if saving {
        model.say(Mark::Plain, "the file is being saved");
    }
    saving
}

/// Writes the draft to its file, and goes on with `then` when it is safe there.
pub fn save(model: &mut Model, then: AfterSave, consent: Consent) -> Vec<Effect> {
    if is_saving(model) {
        return Vec::new();
    }
    let job = model.new_job();
    let Some(session) = model.session_mut() else { return Vec::new() };
    session.saving = Some(Saving { job, then, copy: false, consent });
    vec![Effect::Save(Save {
        job,
        snapshot: session.now().clone(),
        expected: Some(session.draft.saved().clone()),
        target: session.path.clone(),
        over_changes: consent.over_changes,
        with_losses: consent.with_losses,
    })]
}

/// Writes the draft to another file; this one stays as it is.
pub fn save_copy(model: &mut Model, target: PathBuf) -> Vec<Effect> {
    if is_saving(model) {
        return Vec::new();
    }
    let job = model.new_job();
    let Some(session) = model.session_mut() else { return Vec::new() };
    session.saving = Some(Saving { job, then: AfterSave::Stay, copy: true, consent: Consent::default() });
    let (over_changes, with_losses) = (false, false);
    let snapshot = session.now().clone();
    vec![Effect::Save(Save { job, snapshot, expected: None, target, over_changes, with_losses })]
}

pub fn saved(model: &mut Model, job: JobId, snapshot: &Snapshot, end: SaveEnd) -> Vec<Effect> {
    let Some(session) = model.session_mut() else { return Vec::new() };
    let Some(saving) = session.saving.take_if(|s| s.job == job) else { return Vec::new() };
    let name = printable(&session.name()).into_owned();
    let (question, consent) = match end {
        SaveEnd::Saved => return written(model, &saving, snapshot, None),
        SaveEnd::NotConfirmed(why) => return written(model, &saving, snapshot, Some(why)),
        SaveEnd::Failed(why) => {
            model.say(Mark::Error, why);
            return Vec::new();
        }
        SaveEnd::ChangedOnDisk => (
            format!("{name} was changed by another program; not saved, file untouched"),
            Consent { over_changes: true, ..saving.consent },
        ),
        SaveEnd::WouldLose(what) => {
            (format!("not saved, file untouched: {what}"), Consent { with_losses: true, ..saving.consent })
        }
        SaveEnd::Missing => {
            (format!("{name} is not there any more; not saved"), Consent { over_changes: true, ..saving.consent })
        }
    };
    ask(model, question, saving.then, consent);
    Vec::new()
}

/// A save needs a word from the operator. A question is never put under fingers that type something else.
fn ask(model: &mut Model, question: String, then: AfterSave, consent: Consent) {
    let typing = model.screens.last_mut().is_some_and(|screen| screen.input().is_some());
    if typing {
        model.say(Mark::Error, format!("{question}.  ^s asks what to do"));
        return;
    }
    screens::show(model, Screen::Menu(Menu::Changed { question, then, consent }));
    model.block_typeahead();
}

/// The file holds the new bytes.
fn written(model: &mut Model, saving: &Saving, snapshot: &Snapshot, unconfirmed: Option<String>) -> Vec<Effect> {
    let now = model.now;
    if saving.copy {
        model.say(Mark::Fine, "saved a copy; this file is as it was");
        return Vec::new();
    }
    let Some(session) = model.session_mut() else { return Vec::new() };
    let name = printable(&session.name()).into_owned();
    let left_out = snapshot.excluded_rows().len();
    let first_without = left_out > 0 && session.draft.saved().excluded_rows().is_empty();
    let values = session.draft.unsaved();
    session.draft.mark_saved(snapshot);
    session.saved_at = Some(now);
    let (dirty, confirmed) = (session.draft.is_dirty(), unconfirmed.is_none());
    let offer = if first_without { "; u takes them back, :w PATH keeps both" } else { "" };
    let out = match left_out {
        0 => String::new(),
        1 => format!(", 1 row left out{offer}"),
        n => format!(", {} rows left out{offer}", thousands(n as u64)),
    };
    let rows =
        if values == 1 { "1 row changed".to_owned() } else { format!("{} rows changed", thousands(values as u64)) };
    match unconfirmed {
        None => model.say(Mark::Fine, format!("saved {name}, {rows}{out}, every other byte as it was")),
        Some(why) => model.say(Mark::Warning, format!("written, durability not confirmed: {why}")),
    }
    let effects = send::look_again(model);
    if saving.then == AfterSave::Quit && confirmed {
        if !dirty {
            return vec![Effect::Quit(0)];
        }
        // More was edited since.
        screens::show(model, Screen::Menu(Menu::Quit));
        model.block_typeahead();
    }
    effects
}
