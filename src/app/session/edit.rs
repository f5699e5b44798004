//! Edits, undo and redo: they change the draft, its findings and the journal. Bulk edits run in the background.

use super::{Changed, Done, Env, Session};
use crate::app::action::Action;
use crate::app::compute::{Bulk, Compute};
use crate::app::count::Chosen;
use crate::app::effect::{Effect, JournalLine};
use crate::app::jobs::Task;
use crate::app::message::{Mark, Message};
use crate::app::msg::JobId;
use crate::domain::draft::{Change, Draft, Edit, Snapshot};
use crate::domain::format::{counted, row_number, thousands};
use crate::domain::manifest::RowId;
use crate::domain::row_set::RowSet;
use crate::domain::search::{self, SearchWords};
use std::sync::Arc;

/// Edits of more rows than this run in the background, so that no keystroke waits for them.
pub const BULK: usize = 2_000;

/// Why nothing can be edited while a bulk edit runs: its result replaces the draft.
pub const APPLYING: &str = "a bulk edit is still running";

/// A bulk edit running in the background.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applying {
    pub step: Step,
    /// Expected number of changed rows, and the message for exactly that number.
    said: Option<(usize, String)>,
}

/// How a bulk edit changes the list of operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Do,
    Undo,
    Redo,
}

/// Where an earlier step of the draft stands now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepFrom {
    /// It was undone elsewhere, or stopped before it was applied.
    Gone,
    /// Undo takes it back.
    Last,
    /// Other steps were made since.
    NotLast,
}

impl Session {
    /// Why rows can't be edited now; None when they can. Every edit checks this, whatever screen it comes from.
    pub fn why_not_editable(&self) -> Option<&'static str> {
        if self.loading.is_some() {
            return Some("rows can be changed once the file is read");
        }
        self.applying.is_some().then_some(APPLYING)
    }

    /// Applies an edit. `said` makes the message from the number of rows that changed.
    pub fn edit(&mut self, env: &mut Env<'_>, edit: Edit, said: impl Fn(usize) -> String) -> Done {
        if let Some(reason) = self.why_not_editable() {
            return Done::plain(reason);
        }
        if edit.rows.len() > BULK {
            let said = (edit.rows.len(), said(edit.rows.len()));
            return self.in_bulk(env, Step::Do, Bulk::Edit(edit), Some(said));
        }
        let before = self.now().clone();
        let rows = self.draft.apply(edit);
        if rows.is_empty() {
            return Done::plain("that changes nothing");
        }
        let line = self.draft.operations().last().cloned().map(JournalLine::Did);
        let note = Message::fine(said(rows.len())).offer(Action::Undo, "undo");
        let mut done = self.rows_changed(env, &before, &rows, note);
        // A tick beside a value that the service will refuse would say that all is well.
        let errors = rows.iter().next().filter(|_| rows.len() == 1).map_or(0, |row| self.errors_of(row));
        if errors > 0
            && let Some(note) = &mut done.note
        {
            note.mark = Mark::Warning;
            note.text = format!("{}, which has {}.", note.text.trim_end_matches('.'), counted(errors, "error"));
        }
        done.then(Done::effects(line.map(|line| Effect::Journal(vec![line]))))
    }

    /// Where the step stands that was begun when the draft had `before` operations.
    pub fn step_from(&self, before: usize) -> StepFrom {
        match self.draft.operations().len() {
            len if len <= before => StepFrom::Gone,
            len if len == before + 1 => StepFrom::Last,
            _ => StepFrom::NotLast,
        }
    }

    /// Number of known errors in a row that is not excluded.
    fn errors_of(&self, row: RowId) -> u64 {
        let checked = self.findings.as_ref().filter(|_| self.is_checked());
        checked.map_or(0, |findings| findings.tallies_of(row).errors)
    }

    /// Starts a bulk edit in the background.
    pub(super) fn in_bulk(&mut self, env: &mut Env<'_>, step: Step, what: Bulk, said: Option<(usize, String)>) -> Done {
        let mut done = Done::nothing();
        let job = env.jobs.begin(Task::Apply, &mut done.effects);
        self.applying = Some(Applying { step, said });
        done.effects.push(Effect::Compute(job, Compute::Apply { draft: Box::new(self.draft.clone()), what }));
        done
    }

    /// Applies a change that was counted before, to these `rows` rows, as one undo step.
    pub fn carry_out(
        &mut self,
        env: &mut Env<'_>,
        chosen: Chosen,
        rows: usize,
        said: impl Fn(usize) -> String,
    ) -> Done {
        if let Some(reason) = self.why_not_editable() {
            return Done::plain(reason);
        }
        if rows > BULK {
            return self.in_bulk(env, Step::Do, Bulk::Chosen(chosen), Some((rows, said(rows))));
        }
        let edit = chosen.edit(self.now());
        // It may share the findings that the edit updates: a second owner would force a copy of them.
        drop(chosen);
        edit.map_or_else(|| Done::plain("nothing would change"), |edit| self.edit(env, edit, said))
    }

    pub fn undo(&mut self, env: &mut Env<'_>) -> Done {
        let last = self.draft.operations().last().map(|edit| edit.rows.len());
        self.step(env, Step::Undo, last.unwrap_or(0))
    }

    /// As [`Session::undo`]; `words` say what that comes to.
    pub fn undo_saying(&mut self, env: &mut Env<'_>, words: Option<String>) -> Done {
        let rows = self.draft.operations().last().map_or(0, |edit| edit.rows.len());
        let mut done = self.undo(env);
        let Some(words) = words else { return done };
        match &mut self.applying {
            Some(applying) => applying.said = Some((rows, words)),
            None => done.note = Some(Message::plain(words)),
        }
        done
    }

    pub fn redo(&mut self, env: &mut Env<'_>) -> Done {
        let next = self.draft.undone().map(|edit| edit.rows.len());
        self.step(env, Step::Redo, next.unwrap_or(0))
    }

    fn step(&mut self, env: &mut Env<'_>, step: Step, rows: usize) -> Done {
        if let Some(reason) = self.why_not_editable() {
            return Done::plain(reason);
        }
        if rows > BULK {
            return self.in_bulk(env, step, if step == Step::Undo { Bulk::Undo } else { Bulk::Redo }, None);
        }
        let before = self.now().clone();
        let (edit, line, word) = match step {
            Step::Undo => (self.draft.undo(), JournalLine::Undid, "undone"),
            _ => (self.draft.redo(), JournalLine::Redid, "redone"),
        };
        let (back, does) = if step == Step::Undo { (Action::Redo, "redo") } else { (Action::Undo, "undo") };
        let Some(edit) = edit else { return Done::nothing() };
        let note = Message::fine(format!("{word}: {}.", in_words(&edit))).offer(back, does);
        if let Some(row) = edit.rows.iter().next() {
            self.go_to(env.size, row);
        }
        self.rows_changed(env, &before, &edit.rows, note).then(Done::effects([Effect::Journal(vec![line])]))
    }

    /// Updates findings and view after `rows` changed; `note` says what was changed.
    fn rows_changed(&mut self, env: &mut Env<'_>, before: &Snapshot, rows: &RowSet, note: Message) -> Done {
        self.online.edited(rows);
        let done = Done { changed: Changed::ROWS, ..Done::default() }.then(self.proposals_follow(env, rows));
        if rows.len() > BULK {
            return done.then(Done::said(note)).then(self.check_again(env));
        }
        for row in rows.iter() {
            self.edited_at.insert(row, env.now);
        }
        let after = self.now().clone();
        // Only findings of the revision before this edit can be updated; for others a new check is running.
        if let Some(findings) = self.findings.as_mut().filter(|_| self.findings_of == before.revision()) {
            Arc::make_mut(findings).update(before, &after, rows);
            self.findings_of = after.revision();
        }
        if let Some(checking) = &mut self.checking {
            checking.touched = checking.touched.union(rows);
        }
        done.then(Done::said(match self.no_longer_matching(rows) {
            0 => note,
            1 => Message { text: format!("{} 1 row no longer matches.", note.text), ..note }
                .offer(Action::Refresh, "refreshes"),
            n => Message { text: format!("{} {} rows no longer match.", note.text, thousands(n as u64)), ..note }
                .offer(Action::Refresh, "refreshes"),
        }))
    }

    /// How many of these rows the filter no longer keeps. They stay in view until the next refresh.
    fn no_longer_matching(&self, rows: &RowSet) -> usize {
        let query = &self.view.query;
        if !query.narrows() {
            return 0;
        }
        let words = SearchWords::new(&query.text);
        rows.iter().filter(|row| !search::keeps(query, &words, self.now(), self.findings.as_deref(), *row)).count()
    }

    /// A bulk edit is done: its result becomes the draft, as one undo step.
    pub fn applied(&mut self, env: &mut Env<'_>, job: JobId, draft: Draft, rows: &RowSet) -> Done {
        if !env.jobs.finish(Task::Apply, job) {
            return Done::nothing();
        }
        let Some(applying) = self.applying.take() else { return Done::nothing() };
        if rows.is_empty() {
            return Done::plain("that changes nothing");
        }
        let (before, saved) = (self.now().clone(), self.draft.saved().clone());
        self.draft = draft;
        // A save may have completed while it ran.
        if self.draft.saved().revision() != saved.revision() {
            self.draft.mark_saved(&saved);
        }
        let (line, word, action, offer) = match applying.step {
            Step::Do => {
                (self.draft.operations().last().cloned().map(JournalLine::Did), "changed", Action::Undo, "undo")
            }
            Step::Undo => (Some(JournalLine::Undid), "undone in", Action::Redo, "redo"),
            Step::Redo => (Some(JournalLine::Redid), "redone in", Action::Undo, "undo"),
        };
        let said = match applying.said {
            Some((expected, said)) if expected == rows.len() => said,
            _ => format!("{word} {}.", counted(rows.len() as u64, "row")),
        };
        let note = Message::new(Mark::Fine, said);
        self.rows_changed(env, &before, rows, note.offer(action, offer))
            .then(Done::effects(line.map(|line| Effect::Journal(vec![line]))))
    }
}

/// Describes an edit: `set transcription of row 4,711`.
fn in_words(edit: &Edit) -> String {
    let verb = match &edit.change {
        Change::Set(field, _) | Change::SetEach(field, _) => format!("set {} of", field.word()),
        Change::Clear(field) => format!("clear {} of", field.word()),
        Change::Revert(field) => format!("put back {} of", field.word()),
        Change::Together(_) => "change".into(),
        Change::Exclude => "exclude".into(),
        Change::Restore => "restore".into(),
    };
    let mut rows = edit.rows.iter();
    match (rows.next(), edit.rows.len()) {
        (Some(row), 1) => format!("{verb} row {}", row_number(row)),
        (_, many) => format!("{verb} {} rows", thousands(many as u64)),
    }
}
