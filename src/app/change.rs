//! What an edit sets in motion: the draft, its findings, the journal, the view, and in the end the file.

use super::desk::{AfterSave, Checking, Saving};
use super::effect::{Effect, JournalLine, Save};
use super::model::{Mark, Model};
use super::msg::{JobId, SaveEnd};
use super::screens::{self, Menu, Screen, problems, review, send};
use crate::domain::amounts::thousands;
use crate::domain::draft::{Change, Draft, Edit, Snapshot};
use crate::domain::findings::Findings;
use crate::domain::fixes::together;
use crate::domain::manifest::RowId;
use crate::domain::row_set::RowSet;
use crate::domain::rules::Rule;
use crate::domain::search::{self, Words};
use std::path::PathBuf;
use std::sync::Arc;

/// Edits of more rows than this are applied away from the screen, so that no key press waits for them.
const BULK: usize = 2_000;

/// Applies an edit. `said` words the message from the number of rows that changed.
pub fn change(model: &mut Model, edit: Edit, said: impl Fn(usize) -> String) -> Vec<Effect> {
    let job = (edit.rows.len() > BULK).then(|| model.new_job());
    let Some(desk) = model.desk_mut() else { return Vec::new() };
    if let Some(job) = job {
        desk.applying = Some(job);
        let rows = thousands(edit.rows.len() as u64);
        let effect = Effect::Apply { job, draft: Box::new(desk.draft.clone()), edit };
        model.say(Mark::Plain, format!("changing {rows} rows"));
        return vec![effect];
    }
    let before = desk.now().clone();
    let rows = desk.draft.apply(edit);
    if rows.is_empty() {
        model.say(Mark::Plain, "nothing to change there");
        return Vec::new();
    }
    let line = desk.draft.operations().last().cloned().map(JournalLine::Did);
    model.say(Mark::Fine, said(rows.len()));
    let mut effects = follow(model, &before, &rows);
    effects.extend(line.map(|line| Effect::Journal(vec![line])));
    effects
}

/// Applies the fixes of one rule to all these rows, as one step.
pub fn fix_all(model: &mut Model, findings: Arc<Findings>, rule: Rule, rows: Vec<RowId>) -> Vec<Effect> {
    let job = model.new_job();
    let Some(desk) = model.desk_mut() else { return Vec::new() };
    if rows.len() <= BULK {
        let edit = together(&findings, desk.now(), &rows, rule);
        drop(findings);
        let said = |n| format!("fixed {} of {} rows.  u undo", rule.code(), thousands(n as u64));
        return edit.map(|edit| change(model, edit, said)).unwrap_or_default();
    }
    desk.applying = Some(job);
    let draft = Box::new(desk.draft.clone());
    model.say(Mark::Plain, format!("fixing {} rows", thousands(rows.len() as u64)));
    vec![Effect::FixAll { job, draft, findings, rule, rows }]
}

pub fn undo(model: &mut Model) -> Vec<Effect> {
    step(model, Draft::undo, JournalLine::Undid, "undone")
}

pub fn redo(model: &mut Model) -> Vec<Effect> {
    step(model, Draft::redo, JournalLine::Redid, "done again")
}

fn step(model: &mut Model, go: fn(&mut Draft) -> Option<Edit>, line: JournalLine, word: &str) -> Vec<Effect> {
    let Some(desk) = model.desk_mut() else { return Vec::new() };
    let before = desk.now().clone();
    let Some(edit) = go(&mut desk.draft) else { return Vec::new() };
    let what = what(&edit);
    model.say(Mark::Fine, format!("{word}: {what}"));
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
    let Some(desk) = model.desk_mut() else { return Vec::new() };
    if rows.len() <= BULK {
        for row in rows.iter() {
            desk.edited_at.insert(row, now);
        }
    }
    let mut effects = Vec::new();
    if rows.len() > BULK {
        effects = check_again(model);
    } else {
        let after = desk.now().clone();
        if let Some(findings) = &mut desk.findings {
            Arc::make_mut(findings).follow(before, &after, rows);
        }
        if let Some(checking) = &mut desk.checking {
            checking.touched = checking.touched.union(rows);
        }
        say_no_longer_matching(model, rows);
    }
    review::follow(model);
    problems::follow(model);
    effects
}

/// With a filter or sort active rows stay where they are; the operator is told that some no longer belong there.
fn say_no_longer_matching(model: &mut Model, rows: &RowSet) {
    let Some(desk) = model.desk() else { return };
    let query = &desk.view.query;
    if !query.narrows() {
        return;
    }
    let words = Words::new(&query.text);
    let gone =
        rows.iter().filter(|row| !search::keeps(query, &words, desk.now(), desk.findings.as_deref(), *row)).count();
    if gone > 0
        && let Some(message) = &mut model.message
    {
        let rows = if gone == 1 { "1 row no longer matches".into() } else { format!("{gone} rows no longer match") };
        message.text = format!("{}  {rows}, r refreshes", message.text);
    }
}

/// Starts a check of all rows; an earlier one that is still on its way is stopped.
pub fn check_again(model: &mut Model) -> Vec<Effect> {
    let job = model.new_job();
    let Some(desk) = model.desk_mut() else { return Vec::new() };
    let snapshot = desk.now().clone();
    let checking = Checking { job, snapshot: snapshot.clone(), touched: RowSet::new(), done: 0 };
    let earlier = desk.checking.replace(checking).map(|c| Effect::Cancel(c.job));
    earlier.into_iter().chain([Effect::Check(job, snapshot)]).collect()
}

pub fn checking(model: &mut Model, job: JobId, done: u32) -> Vec<Effect> {
    if let Some(checking) = model.desk_mut().and_then(|d| d.checking.as_mut()).filter(|c| c.job == job) {
        checking.done = done;
    }
    Vec::new()
}

pub fn checked(model: &mut Model, job: JobId, mut findings: Findings) -> Vec<Effect> {
    let Some(desk) = model.desk_mut() else { return Vec::new() };
    let Some(checking) = desk.checking.take_if(|c| c.job == job) else { return Vec::new() };
    let now = desk.now().clone();
    if checking.touched.len() > BULK {
        // More was edited meanwhile than a key press may wait for.
        desk.findings = Some(Arc::new(findings));
        return check_again(model);
    }
    findings.follow(&checking.snapshot, &now, &checking.touched);
    desk.findings = Some(Arc::new(findings));
    problems::follow(model);
    Vec::new()
}

/// A bulk edit came back: it becomes the draft, as one step of undo.
pub fn applied(model: &mut Model, job: JobId, draft: Draft, rows: &RowSet) -> Vec<Effect> {
    let Some(desk) = model.desk_mut() else { return Vec::new() };
    if desk.applying.take_if(|waiting| *waiting == job).is_none() {
        return Vec::new();
    }
    if rows.is_empty() {
        model.say(Mark::Plain, "nothing to change there");
        return Vec::new();
    }
    let before = desk.now().clone();
    desk.draft = draft;
    let line = desk.draft.operations().last().cloned();
    model.say(Mark::Fine, format!("changed {} rows.  u undo", thousands(rows.len() as u64)));
    let mut effects = follow(model, &before, rows);
    effects.extend(line.map(|edit| Effect::Journal(vec![JournalLine::Did(edit)])));
    effects
}

/// Writes the draft to its file, and goes on with `then` when it is safe there.
pub fn save(model: &mut Model, then: AfterSave, whatever: bool) -> Vec<Effect> {
    let job = model.new_job();
    let Some(desk) = model.desk_mut() else { return Vec::new() };
    desk.saving = Some(Saving { job, then, copy: false });
    vec![Effect::Save(Save {
        job,
        snapshot: desk.now().clone(),
        expected: Some(desk.draft.saved().clone()),
        target: desk.path.clone(),
        over_changes: whatever,
        with_losses: whatever,
    })]
}

/// Writes the draft to another file; this one stays as it is.
pub fn save_copy(model: &mut Model, target: PathBuf) -> Vec<Effect> {
    let job = model.new_job();
    let Some(desk) = model.desk_mut() else { return Vec::new() };
    desk.saving = Some(Saving { job, then: AfterSave::Stay, copy: true });
    vec![Effect::Save(Save {
        job,
        snapshot: desk.now().clone(),
        expected: None,
        target,
        over_changes: false,
        with_losses: false,
    })]
}

pub fn saved(model: &mut Model, job: JobId, snapshot: &Snapshot, end: SaveEnd) -> Vec<Effect> {
    let now = model.now;
    let Some(desk) = model.desk_mut() else { return Vec::new() };
    let Some(saving) = desk.saving.take_if(|s| s.job == job) else { return Vec::new() };
    let name = desk.name();
    let unconfirmed = match end {
        SaveEnd::Saved => None,
        SaveEnd::NotConfirmed(why) => Some(why),
        SaveEnd::ChangedOnDisk => {
            let question = format!("{name} was changed by another program, not saved, file untouched");
            screens::show(model, Screen::Menu(Menu::Changed(question)));
            return Vec::new();
        }
        SaveEnd::Missing => {
            let question = format!("{name} is not there any more, not saved");
            screens::show(model, Screen::Menu(Menu::Changed(question)));
            return Vec::new();
        }
        SaveEnd::WouldLose(what) => {
            let question = format!("not saved, file untouched: {what}");
            screens::show(model, Screen::Menu(Menu::Changed(question)));
            return Vec::new();
        }
        SaveEnd::Failed(why) => {
            model.say(Mark::Error, why);
            return Vec::new();
        }
    };
    if saving.copy {
        model.say(Mark::Fine, "saved a copy; this file is as it was");
        return Vec::new();
    }
    let values = desk.draft.unsaved();
    let left_out = snapshot.excluded_rows().len();
    desk.draft.mark_saved(snapshot);
    desk.saved_at = Some(now);
    let out = if left_out > 0 {
        format!(", {} rows left out (undo takes them back; :w PATH keeps both files)", thousands(left_out as u64))
    } else {
        String::new()
    };
    let rows =
        if values == 1 { "1 row changed".to_owned() } else { format!("{} rows changed", thousands(values as u64)) };
    match unconfirmed {
        None => model.say(Mark::Fine, format!("saved {name}, {rows}{out}, every other byte as it was")),
        Some(why) => model.say(Mark::Warning, format!("written, durability not confirmed: {why}")),
    }
    match saving.then {
        AfterSave::Quit => vec![Effect::Quit(0)],
        AfterSave::Gate => send::look_again(model),
        AfterSave::Stay => Vec::new(),
    }
}
