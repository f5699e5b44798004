//! Loading a manifest: its first rows, the whole file, then redoing unsaved edits or offering those of a crashed
//! session.

use super::{Changed, Done, Env, Question, Session};
use crate::app::action::Action;
use crate::app::effect::{Effect, JournalLine};
use crate::app::jobs::Task;
use crate::app::message::Message;
use crate::app::msg::{Fit, JobId, Loaded, Moment, Reading, Recovered};
use crate::domain::draft::{Draft, Snapshot};
use crate::domain::format::{counted, thousands};
use crate::domain::manifest::Manifest;
use crate::domain::rebase::UnsavedEdits;
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
    /// Name of its file.
    pub name: String,
}

/// Summary of changes found in the journal and not yet taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecoveredMark {
    /// Number of edits applied from the journal.
    pub edits: usize,
    /// Number of edits this version cannot read.
    pub unreadable: usize,
    pub last: Moment,
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
        self.rescroll(env.size);
        let mut done = Done::nothing();
        if self.tour {
            let note = Message::plain("sandbox: no real key, nothing leaves this machine.");
            done.note = Some(note.offer_with(Action::Tour, "off", "ends the tour"));
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
        done.then(Done::effects([Effect::ForgetEarlier]))
    }

    /// Redoes the operator's unsaved changes on the file as it is now.
    fn rebase_edits(&mut self, env: &mut Env<'_>, unsaved: &UnsavedEdits) -> Done {
        let (edits, left_out) = unsaved.rebase(self.draft.now().base());
        let lines = edits.iter().cloned().map(JournalLine::Did).collect();
        for edit in edits {
            self.draft.apply(edit);
        }
        let changes = changes(unsaved.len());
        let note = match left_out {
            0 => Message::fine(format!("read again with your {changes}")),
            n => Message::warning(format!(
                "read again; {n} of your {changes} left out: the file holds something else there"
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
            Err(fault) => Done::said(Message::warning(format!("edits are not kept in the journal: {fault}")).staying()),
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
            let undone = changes(recovered.undone_after_save);
            let still = if recovered.undone_after_save == 1 { "it" } else { "them" };
            let text = format!("{undone} of {at} had been saved and then undone; the file still holds {still}");
            return Done::said(Message::warning(text)).then(Done::effects([Effect::ForgetRecovered]));
        }
        if recovered.edits.is_empty() || edited {
            let why = match recovered.fit {
                _ if edited => "opening the file again offers them",
                Fit::ChangedSince => "another program changed the file since.",
                Fit::AsOpened | Fit::AsSaved => "this version can't read them.",
            };
            let note = Message::warning(format!("the journal holds {} from {at}: {why}", changes(recovered.found)));
            let drops = if recovered.found == 1 { "drops it" } else { "drops them" };
            return Done::said(if edited { note } else { note.offer(Action::ForgetJournal, drops) });
        }
        let mark =
            RecoveredMark { edits: recovered.edits.len(), unreadable: recovered.unreadable, last: recovered.last };
        for edit in recovered.edits {
            self.draft.apply(edit);
        }
        let changed = Done { changed: Changed::ROWS, question: Some(Question::Recovered(mark)), ..Done::default() };
        changed.then(self.check_again(env))
    }

    /// Takes the recovered edits: they stay in the draft and move to this session's journal.
    pub fn take_recovered(&mut self, unreadable: usize) -> Done {
        let lines = self.draft.operations().iter().cloned().map(JournalLine::Did).collect();
        let mut done = Done::effects([Effect::Journal(lines)]);
        if unreadable == 0 {
            let note = Message::fine("the recovered changes are taken.");
            done.note = Some(note.offer(Action::Undo, "undoes them, one by one"));
            done.effects.push(Effect::ForgetRecovered);
        } else {
            let text = format!("taken; {unreadable} that this version can't read stay in the journal");
            done.note = Some(Message::warning(text));
        }
        done
    }

    /// Drops the recovered edits: the draft is the file again.
    pub fn drop_recovered(&mut self, env: &mut Env<'_>) -> Done {
        self.draft = Draft::new(self.now().base().clone());
        let mut done = Done::plain("the recovered changes are dropped");
        done.effects.push(Effect::ForgetRecovered);
        done.changed = Changed::ROWS;
        done.then(self.check_again(env))
    }
}

/// `1 change`, `12 changes`.
fn changes(count: usize) -> String {
    if count == 1 { "1 change".into() } else { format!("{} changes", thousands(count as u64)) }
}
