//! Writing the draft to its file, or a copy of it elsewhere, and what a save that could not be done asks.

use super::load::RecoveredMark;
use super::{Changed, Done, Env, Session};
use crate::app::action::Action;
use crate::app::effect::{Effect, Save};
use crate::app::jobs::Task;
use crate::app::message::Message;
use crate::app::msg::{JobId, SaveEnd};
use crate::domain::draft::Snapshot;
use crate::domain::evidence::{Plan, Scope};
use crate::domain::format::thousands;
use crate::domain::printable::printable;
use std::path::PathBuf;

/// What to do once the file is saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterSave {
    Stay,
    Quit,
    /// As `Quit`, and what is edited meanwhile is saved, too.
    SaveAllAndQuit,
}

/// What the operator agreed to when a save asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Consent {
    /// Write over what another program wrote, or anew where it took the file away.
    pub over_changes: bool,
    /// Lose the file's owner, mode, attributes or other names.
    pub with_losses: bool,
}

#[derive(Debug)]
pub struct Saving {
    pub then: AfterSave,
    /// Written elsewhere by `:w PATH`: the draft stays as dirty as it is.
    pub copy: bool,
    /// What the operator agreed to already.
    pub consent: Consent,
}

/// What a person has to decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// In words why; what comes after it, and what the operator agrees to by saying yes.
    Consent { why: String, then: AfterSave, consent: Consent },
    /// It was saved in order to leave, and more was edited since.
    StillUnsaved,
    /// A crashed session left edits: they are to be taken or dropped.
    Recovered(RecoveredMark),
    /// What a check of many rows would ask for.
    CheckOnline { words: String, plan: Plan, scope: Scope },
}

impl Session {
    /// Writes the draft to its file, and goes on with `then` when it is safe there.
    pub fn save(&mut self, env: &mut Env<'_>, then: AfterSave, consent: Consent) -> Done {
        if then != AfterSave::Stay && self.saving.is_some() {
            return self.quit_when_saved(AfterSave::SaveAllAndQuit);
        }
        let (target, expected) = (self.path.clone(), Some(self.draft.saved().clone()));
        self.write(env, target, expected, Saving { then, copy: false, consent })
    }

    /// The save that is on its way is followed by the end of the program. One that fails says so, and the program stays.
    pub fn quit_when_saved(&mut self, then: AfterSave) -> Done {
        let Some(saving) = &mut self.saving else { return Done::nothing() };
        saving.then = then;
        Done::plain("the file is being saved; cuecard ends when it is")
    }

    /// Writes the draft to another file; this one stays as it is.
    pub fn save_copy(&mut self, env: &mut Env<'_>, target: PathBuf) -> Done {
        self.write(env, target, None, Saving { then: AfterSave::Stay, copy: true, consent: Consent::default() })
    }

    fn write(&mut self, env: &mut Env<'_>, target: PathBuf, expected: Option<Snapshot>, saving: Saving) -> Done {
        if env.jobs.has(Task::Save) {
            return Done::plain("the file is being saved");
        }
        let mut done = Done::nothing();
        let job = env.jobs.begin(Task::Save, &mut done.effects);
        let Consent { over_changes, with_losses } = saving.consent;
        self.saving = Some(saving);
        let snapshot = self.now().clone();
        done.effects.push(Effect::Save(Save { job, snapshot, expected, target, over_changes, with_losses }));
        done
    }

    pub fn saved(&mut self, env: &mut Env<'_>, job: JobId, snapshot: &Snapshot, end: SaveEnd) -> Done {
        if !env.jobs.finish(Task::Save, job) {
            return Done::nothing();
        }
        let Some(saving) = self.saving.take() else { return Done::nothing() };
        let name = printable(&self.name()).into_owned();
        let (why, consent) = match end {
            SaveEnd::Saved => return self.written(env, &saving, snapshot, None),
            SaveEnd::SavedBut(what) => {
                let done = self.written(env, &saving, snapshot, None);
                return Done { note: Some(Message::warning(what).staying()), ..done };
            }
            SaveEnd::NotConfirmed(why) => return self.written(env, &saving, snapshot, Some(why)),
            SaveEnd::Failed(why) => return Done::said(Message::error(why).staying()),
            SaveEnd::ChangedOnDisk => (
                format!("not saved, file untouched: {name} was changed by another program"),
                Consent { over_changes: true, ..saving.consent },
            ),
            SaveEnd::WouldLose(what) => {
                (format!("not saved, file untouched: {what}"), Consent { with_losses: true, ..saving.consent })
            }
            SaveEnd::Missing => {
                (format!("not saved: {name} is not there any more"), Consent { over_changes: true, ..saving.consent })
            }
        };
        Done { question: Some(Question::Consent { why, then: saving.then, consent }), ..Done::default() }
    }

    /// The file holds the new bytes.
    fn written(
        &mut self,
        env: &mut Env<'_>,
        saving: &Saving,
        snapshot: &Snapshot,
        unconfirmed: Option<String>,
    ) -> Done {
        if saving.copy {
            return Done::said(Message::fine("saved a copy; this file is as it was"))
                .then(self.leave_after(env, saving));
        }
        let name = printable(&self.name()).into_owned();
        let left_out = snapshot.excluded_rows().len();
        let first_without = left_out > 0 && self.draft.saved().excluded_rows().is_empty();
        let values = self.draft.unsaved();
        self.draft.mark_saved(snapshot);
        self.saved_at = Some(env.now);
        let out = match left_out {
            0 => String::new(),
            1 => ", 1 row left out".to_owned(),
            n => format!(", {} rows left out", thousands(n as u64)),
        };
        let rows = match values {
            1 => "1 row changed".to_owned(),
            n => format!("{} rows changed", thousands(n as u64)),
        };
        let confirmed = unconfirmed.is_none();
        let mut note = match unconfirmed {
            None => Message::fine(format!("saved {name}, {rows}{out}, every other byte as it was")),
            Some(why) => Message::warning(format!("written, durability not confirmed: {why}")).staying(),
        };
        if first_without {
            note = note.offer(Action::Undo, "takes them back").offer_with(Action::Write, "PATH", "keeps both");
        }
        let done = Done { changed: Changed::SAVED, note: Some(note), ..Done::default() };
        if confirmed { done.then(self.leave_after(env, saving)) } else { done }
    }

    /// The save was made in order to leave: that is done if nothing would be lost.
    fn leave_after(&mut self, env: &mut Env<'_>, saving: &Saving) -> Done {
        match saving.then {
            AfterSave::Stay => Done::nothing(),
            AfterSave::Quit | AfterSave::SaveAllAndQuit if !self.draft.is_dirty() => Done::effects([Effect::Quit(0)]),
            AfterSave::Quit => Done { question: Some(Question::StillUnsaved), ..Done::default() },
            AfterSave::SaveAllAndQuit => self.save(env, AfterSave::Quit, Consent::default()),
        }
    }
}
