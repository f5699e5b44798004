//! Saves the draft to its file or to a copy, and asks when a save needs the operator's consent.

use super::load::RecoveredMark;
use super::{Changed, Done, Env, Session};
use crate::app::action::Action;
use crate::app::effect::{Effect, Save};
use crate::app::jobs::Task;
use crate::app::message::Message;
use crate::app::msg::{JobId, SaveEnd};
use crate::domain::draft::Snapshot;
use crate::domain::evidence::{Plan, Scope};
use crate::domain::format::{counted, thousands};
use crate::domain::printable::printable;
use std::path::PathBuf;

/// What follows a successful save.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterSave {
    Stay,
    Quit,
    /// As `Quit`, after saving what was edited during the save.
    SaveAllAndQuit,
}

/// What the operator consented to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Consent {
    /// Overwrite another program's changes, or recreate a file it removed.
    pub over_changes: bool,
    /// Lose the file's owner, mode, attributes or other names.
    pub with_losses: bool,
}

#[derive(Debug)]
pub struct Saving {
    pub then: AfterSave,
    /// A copy at this path (`:w PATH`): the draft stays as dirty as it is.
    pub copy: Option<PathBuf>,
    /// What the operator has consented to so far.
    pub consent: Consent,
}

/// What the operator has to decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// A save needs consent: why, what follows it, and what a yes consents to.
    Consent { why: String, then: AfterSave, consent: Consent },
    /// Saved in order to quit, but more was edited during the save.
    StillUnsaved,
    /// A crashed session left edits: take or drop them.
    Recovered(RecoveredMark),
    /// Whether to start an online check that needs many requests.
    CheckOnline { words: String, plan: Plan, scope: Scope },
}

impl Session {
    /// Saves the draft to its file; `then` follows once it is durable.
    pub fn save(&mut self, env: &mut Env<'_>, then: AfterSave, consent: Consent) -> Done {
        if then != AfterSave::Stay && self.saving.is_some() {
            return self.quit_when_saved(AfterSave::SaveAllAndQuit);
        }
        let (target, expected) = (self.path.clone(), Some(self.draft.saved().clone()));
        self.write(env, target, expected, Saving { then, copy: None, consent })
    }

    /// Makes the running save quit the program when it succeeds. If it fails, the program stays and says so.
    pub fn quit_when_saved(&mut self, then: AfterSave) -> Done {
        let Some(saving) = &mut self.saving else { return Done::nothing() };
        saving.then = then;
        Done::plain("saving the file; cuecard quits when it is saved")
    }

    /// With nothing to save: whether the file still holds what was read or saved last. If not, asks what to do.
    pub fn compare_with_disk(&mut self, env: &mut Env<'_>) -> Done {
        let idle = self.is_ready() && !self.draft.is_dirty() && !env.jobs.has(Task::Save);
        if idle { self.save(env, AfterSave::Stay, Consent::default()) } else { Done::nothing() }
    }

    /// Saves the draft to another file; the open file stays as it is.
    pub fn save_copy(&mut self, env: &mut Env<'_>, target: PathBuf) -> Done {
        let saving = Saving { then: AfterSave::Stay, copy: Some(target.clone()), consent: Consent::default() };
        self.write(env, target, None, saving)
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
        let is_unchanged = expected.is_some() && !over_changes && !self.draft.is_dirty();
        let save = Save { job, snapshot, expected, target, over_changes, with_losses, is_unchanged };
        done.effects.push(Effect::Save(save));
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
            SaveEnd::Unchanged => {
                let note = Message::plain("nothing changed since the save");
                return Done::said(note).then(self.leave_after(env, &saving));
            }
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
                (format!("not saved: {name} no longer exists"), Consent { over_changes: true, ..saving.consent })
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
        if let Some(path) = &saving.copy {
            let path = path.display().to_string();
            let note = Message::fine(format!("saved a copy as {}; this file stays as it was", printable(&path)));
            return Done::said(note).then(self.leave_after(env, saving));
        }
        let name = printable(&self.name()).into_owned();
        let left_out = snapshot.excluded_rows().len();
        let first_without = left_out > 0 && self.draft.saved().excluded_rows().is_empty();
        let changed = self.draft.unsaved_rows().difference(snapshot.excluded_rows()).len();
        self.draft.mark_saved(snapshot);
        self.saved_at = Some(env.now);
        let out = match left_out {
            0 => String::new(),
            n => format!("{} left out, ", counted(n as u64, "row")),
        };
        let rows = format!("{} changed", counted(changed as u64, "row"));
        let confirmed = unconfirmed.is_none();
        let mut note = match unconfirmed {
            None if saving.consent.over_changes => {
                Message::warning(format!("saved {name} whole, {out}{rows}; what was in the file is replaced")).staying()
            }
            // The way back needs the room.
            None if first_without => {
                let out = counted(left_out as u64, "row");
                let changed =
                    if changed == 0 { String::new() } else { format!(", {} changed", thousands(changed as u64)) };
                Message::fine(format!("saved; {out} left out{changed}."))
            }
            None => Message::fine(format!("saved {name}, {out}{rows}, every other byte as it was")),
            Some(why) => Message::warning(format!("written, but the disk has not confirmed it: {why}")).staying(),
        };
        if first_without {
            note = note.offer(Action::Undo, "takes them back").offer_with(Action::Write, "PATH", "keeps both");
        }
        let done = Done { changed: Changed::SAVED, note: Some(note), ..Done::default() };
        if confirmed { done.then(self.leave_after(env, saving)) } else { done }
    }

    /// Does what follows the save: quits if nothing would be lost, else saves again or asks.
    fn leave_after(&mut self, env: &mut Env<'_>, saving: &Saving) -> Done {
        match saving.then {
            AfterSave::Stay => Done::nothing(),
            AfterSave::Quit | AfterSave::SaveAllAndQuit if !self.draft.is_dirty() => Done::effects([Effect::Quit(0)]),
            AfterSave::Quit => Done { question: Some(Question::StillUnsaved), ..Done::default() },
            AfterSave::SaveAllAndQuit => self.save(env, AfterSave::Quit, Consent::default()),
        }
    }
}
