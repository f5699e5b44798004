//! Loading a manifest: its first rows, the whole file, then redoing unsaved edits or offering those of a crashed
//! session.

use super::{Changed, Done, Env, Question, Session};
use crate::app::action::Action;
use crate::app::effect::{Effect, JournalLine};
use crate::app::jobs::Task;
use crate::app::message::{Mark, Message};
use crate::app::msg::{Fit, JobId, Loaded, LookedBack, Moment, Reading, Recovered};
use crate::domain::draft::{Draft, Snapshot};
use crate::domain::format::{counted, thousands};
use crate::domain::manifest::Manifest;
use crate::domain::rebase::UnsavedEdits;
use std::path::PathBuf;
use std::sync::Arc;

/// Whether unsaved changes survive reading the file again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsaved {
    /// They are redone on the file as read.
    Keep,
    Drop,
}

/// The edited manifest whose transcripts are merged into a fresh export.
#[derive(Clone, Debug)]
pub struct MergeFrom {
    pub old: Snapshot,
    /// Its file, and the file's name.
    pub path: PathBuf,
    pub name: String,
}

/// Summary of changes found in the journal and not yet taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecoveredMark {
    /// Number of rows that differ from the file, as the header counts unsaved changes.
    pub changes: usize,
    /// Number of edits this version cannot read.
    pub unreadable: usize,
    pub last: Moment,
}

impl RecoveredMark {
    /// `37 changes from 13:40 were recovered`
    pub fn words(&self) -> String {
        let were = if self.changes == 1 { "was" } else { "were" };
        format!("{} from {} {were} recovered", counted(self.changes as u64, "change"), self.last.short_clock())
    }
}

impl Session {
    pub fn rows_so_far(&mut self, env: &Env<'_>, job: JobId, manifest: Manifest, reading: Reading) -> Done {
        if env.jobs.awaits(Task::Load, job) {
            self.loading = Some(reading);
            // A longer prefix of the same file: cursor and viewport stay where they are.
            if manifest.len() >= self.total() && !manifest.is_empty() {
                self.draft = Draft::new(Arc::new(manifest));
            }
        }
        Done::nothing()
    }

    pub fn loaded(&mut self, env: &mut Env<'_>, job: JobId, loaded: Loaded) -> Done {
        if !env.jobs.finish(Task::Load, job) {
            return Done::nothing();
        }
        self.loading = None;
        self.path = loaded.path;
        self.draft = Draft::new(Arc::new(loaded.manifest));
        self.accepted = None;
        self.rescroll(env.size);
        let mut done = Done::nothing();
        if self.tour {
            let note = Message::plain("sandbox: no real key, nothing leaves this machine.");
            done.note = Some(note.offer_with(Action::Tour, "off", "ends the tour").read_first());
        }
        if self.total() == 0 {
            done.note = Some(Message::plain("This manifest has no rows. There is nothing to upload."));
        }
        done = done.then(self.check_again(env)).then(self.read_sources_of_options(env));
        if self.merge_from.is_some() {
            // The merge includes unsaved changes; the journal keeps them until it is closed.
            (self.unsaved_edits, self.read_again) = (None, None);
            return done;
        }
        done = done.then(match (self.unsaved_edits.take(), self.read_again.take()) {
            (Some(unsaved), Some(Unsaved::Drop)) => {
                let dropped = changes(unsaved.len());
                Done::said(Message::warning(format!("read again; dropped what was not saved: {dropped}")))
            }
            (Some(unsaved), _) => self.rebase_edits(env, &unsaved),
            (None, Some(_)) => {
                Done::said(Message::fine(format!("read again, {}", counted(self.total().into(), "row"))))
            }
            (None, None) => Done::nothing(),
        });
        // All earlier edits of this process are now in this session's journal, saved or dropped.
        let mut effects = vec![Effect::ForgetEarlier];
        let job = env.jobs.begin(Task::LookBack, &mut effects);
        effects.push(Effect::LookBack(job, self.draft.saved().clone()));
        done.then(Done::effects(effects))
    }

    /// Keeps what the ledger knows of the rows, and offers to go on with a send row by row that was cut off. Nothing goes by
    /// itself.
    pub fn looked_back(&mut self, env: &mut Env<'_>, job: JobId, found: LookedBack) -> Done {
        if !env.jobs.finish(Task::LookBack, job) {
            return Done::nothing();
        }
        self.before = Arc::new(found.before);
        self.cut_off = found.cut_off;
        match found.cut_off {
            Some(found) => {
                let message = Message::new(Mark::Unknown, found.words()).staying();
                Done::said(message.offer_with(Action::OpenGate, "tasks", "goes on"))
            }
            None => Done::nothing(),
        }
    }

    /// Redoes the operator's unsaved changes on the file as it is now.
    fn rebase_edits(&mut self, env: &mut Env<'_>, unsaved: &UnsavedEdits) -> Done {
        let (edits, left_out) = unsaved.rebase(self.draft.now().base());
        let lines = edits.iter().cloned().map(|edit| JournalLine::Did(Arc::new(edit))).collect();
        for edit in edits {
            self.draft.apply(edit);
        }
        let changes = changes(unsaved.len());
        let note = match left_out {
            0 => Message::fine(format!("read again with your {changes}")),
            1 => Message::warning(format!(
                "read again; 1 of your {changes} is left out: the file has another value there"
            )),
            n => Message::warning(format!(
                "read again; {} of your {changes} are left out: the file has other values there",
                thousands(n as u64)
            )),
        };
        Done::said(note).then(Done::effects([Effect::Journal(lines)])).then(self.check_again(env))
    }

    /// Takes in the journal of this file. Edits of a crashed session are kept to be offered, never applied unseen.
    pub fn journal_read(&mut self, env: &mut Env<'_>, job: JobId, found: Result<Option<Recovered>, String>) -> Done {
        if !env.jobs.finish(Task::ReadJournal, job) {
            return Done::nothing();
        }
        match found {
            Err(fault) => Done::said(Message::no_journal(&fault)),
            Ok(recovered) => {
                self.offer = recovered;
                Done::nothing()
            }
        }
    }

    /// Offers the edits of a crashed session. Called when no screen is open.
    pub fn offer_recovered(&mut self, env: &mut Env<'_>) -> Done {
        if !self.is_ready() {
            return Done::nothing();
        }
        let edited = self.draft.can_undo();
        let Some(recovered) = self.offer.take() else { return Done::nothing() };
        let at = recovered.last.short_clock();
        if recovered.found == 0 {
            let undone = counted(recovered.undone_after_save as u64, "edit");
            let (was, them) = if recovered.undone_after_save == 1 { ("was", "it") } else { ("were", "them") };
            let text = format!("{undone} from {at} {was} saved, then undone without a save; the file still has {them}");
            return Done::said(Message::warning(text)).then(Done::effects([Effect::ForgetRecovered]));
        }
        if recovered.edits.is_empty() || edited {
            let (them, drops) = if recovered.found == 1 { ("it", "drops it") } else { ("them", "drops them") };
            let why = match recovered.fit {
                _ if edited => &format!("open the file again to be offered {them}"),
                Fit::ChangedSince => "the file changed since.",
                Fit::AsOpened | Fit::AsSaved => &format!("this version can't read {them}."),
            };
            let found = counted(recovered.found as u64, "edit");
            let note = Message::warning(format!("{found} of {at} kept; {why}")).staying();
            return Done::said(if edited { note } else { note.offer(Action::ForgetJournal, drops) });
        }
        for edit in recovered.edits {
            self.draft.apply(edit);
        }
        let (changes, unreadable) = (self.draft.unsaved(), recovered.unreadable);
        let mark = RecoveredMark { changes, unreadable, last: recovered.last };
        let changed = Done { changed: Changed::ROWS, question: Some(Question::Recovered(mark)), ..Done::default() };
        changed.then(self.check_again(env))
    }

    /// Takes the recovered edits: they stay in the draft and move to this session's journal.
    pub fn take_recovered(&mut self, unreadable: usize) -> Done {
        let lines = self.draft.operations().iter().cloned().map(JournalLine::Did).collect();
        let mut done = Done::effects([Effect::Journal(lines)]);
        if unreadable == 0 {
            let note = Message::fine("took the recovered changes.");
            done.note = Some(note.offer(Action::Undo, "undoes them, one by one"));
            done.effects.push(Effect::ForgetRecovered);
        } else {
            let left = counted(unreadable as u64, "edit");
            let (stays, it) = if unreadable == 1 { ("stays", "it") } else { ("stay", "them") };
            let text =
                format!("took what this version can read; {left} {stays} in the journal for one that reads {it}");
            done.note = Some(Message::warning(text));
        }
        done
    }

    /// Drops the recovered edits: the draft is the file again.
    pub fn drop_recovered(&mut self, env: &mut Env<'_>) -> Done {
        self.draft = Draft::new(self.now().base().clone());
        let mut done = Done::plain("dropped the recovered changes");
        done.effects.push(Effect::ForgetRecovered);
        done.changed = Changed::ROWS;
        done.then(self.check_again(env))
    }
}

/// `1 change`, `12 changes`.
fn changes(count: usize) -> String {
    if count == 1 { "1 change".into() } else { format!("{} changes", thousands(count as u64)) }
}
