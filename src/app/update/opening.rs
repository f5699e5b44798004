//! Which manifest is open: choosing, opening, reading again, merging, and what happens when a file can't be read.

use super::{close_all, over_session};
use crate::app::effect::Effect;
use crate::app::jobs::Task;
use crate::app::message::Message;
use crate::app::model::{Model, Stage};
use crate::app::msg::JobId;
use crate::app::screens::Unreadable;
use crate::app::session::online::Online;
use crate::app::session::{MergeFrom, Session, Unsaved};
use crate::domain::printable::printable;
use crate::domain::rebase::UnsavedEdits;
use std::path::PathBuf;

/// Leaves the open manifest and shows the file chooser.
pub fn choose(model: &mut Model) -> Vec<Effect> {
    let mut effects = model.jobs.leave_session();
    model.before = None;
    let job = model.jobs.begin(Task::ListFiles, &mut effects);
    model.stage = Stage::Choosing(Box::default());
    effects.push(Effect::ListFiles(job));
    effects
}

/// Opens a file in place of the manifest that is open; that one returns if the file's bytes can't be read.
pub fn load(model: &mut Model, path: PathBuf) -> Vec<Effect> {
    let mut effects = close_all(model);
    let ended = model.jobs.of_session();
    effects.extend(model.jobs.leave_session());
    if let Stage::Open(mut session) = std::mem::replace(&mut model.stage, Stage::Choosing(Box::default()))
        && session.is_ready()
    {
        ended.into_iter().for_each(|task| session.job_failed(task));
        model.before = Some(session);
    }
    let job = model.jobs.begin(Task::Load, &mut effects);
    model.jobs.share(Task::ReadJournal, job);
    model.jobs.share(Task::Online, job);
    let mut session = Session::new(path.clone(), job);
    session.tour = model.options.tour.as_ref() == Some(&path);
    model.stage = Stage::Open(Box::new(session));
    model.message = None;
    effects.push(Effect::Load(job, path));
    effects
}

/// Opens a fresh export, to merge the open manifest's transcripts into it, including unsaved changes.
pub(super) fn merge(model: &mut Model, path: PathBuf) -> Vec<Effect> {
    let Some(session) = model.session() else { return Vec::new() };
    let from = Box::new(MergeFrom { old: session.now().clone(), path: session.path.clone(), name: session.name() });
    let unsaved_edits = UnsavedEdits::of(&session.draft);
    let effects = load(model, path);
    if let Some(session) = model.session_mut() {
        session.merge_from = Some(from);
        session.unsaved_edits = unsaved_edits;
    }
    effects
}

/// Reads the file again. Unsaved changes are held until that succeeds; `unsaved` then keeps or drops them.
pub(super) fn read_again(model: &mut Model, unsaved: Unsaved) -> Vec<Effect> {
    let mut merge_from = None;
    let (path, unsaved_edits) = match &mut model.stage {
        Stage::Unreadable(unreadable) => {
            merge_from = unreadable.merge_from.take();
            (unreadable.path.clone(), unreadable.unsaved_edits.take())
        }
        Stage::Open(session) => {
            (session.path.clone(), UnsavedEdits::of(&session.draft).or_else(|| session.unsaved_edits.take()))
        }
        Stage::Choosing(_) => return Vec::new(),
    };
    let effects = load(model, path);
    if let Some(session) = model.session_mut() {
        session.unsaved_edits = unsaved_edits;
        session.read_again = Some(unsaved);
        session.merge_from = merge_from;
    }
    effects
}

pub(super) fn load_failed(model: &mut Model, job: JobId, fault: String) -> Vec<Effect> {
    if model.jobs.awaits(Task::Load, job) && model.before.is_some() {
        model.jobs.finish(Task::Load, job);
        let name = model.session().map(|session| printable(&session.name()).into_owned()).unwrap_or_default();
        return put_back(model, Message::error(format!("{name}: {fault}; the open file stays open")).staying());
    }
    let failed = |path, unsaved_edits, merge_from| Unreadable {
        path,
        refusal: None,
        excerpt: Vec::new(),
        fault,
        unsaved_edits,
        merge_from,
    };
    not_loaded(model, job, failed)
}

/// Shows the manifest again that was open before a file that was not read.
pub(super) fn put_back(model: &mut Model, message: Message) -> Vec<Effect> {
    let Some(mut session) = model.before.take() else { return Vec::new() };
    let mut effects = close_all(model);
    effects.extend(model.jobs.leave_session());
    session.online = Online::new(model.jobs.begin(Task::Online, &mut effects));
    let is_checked = session.is_checked();
    model.stage = Stage::Open(session);
    model.message = Some(message);
    if !is_checked {
        effects.extend(over_session(model, Session::check_again));
    }
    effects
}

pub(super) fn not_loaded(
    model: &mut Model,
    job: JobId,
    unreadable: impl FnOnce(PathBuf, Option<UnsavedEdits>, Option<Box<MergeFrom>>) -> Unreadable,
) -> Vec<Effect> {
    if !model.jobs.finish(Task::Load, job) {
        return Vec::new();
    }
    let Some(session) = model.session_mut() else { return Vec::new() };
    let path = session.path.clone();
    let (unsaved_edits, merge_from) = (session.unsaved_edits.take(), session.merge_from.take());
    let mut effects = close_all(model);
    effects.extend(model.jobs.leave_session());
    model.before = None;
    let unreadable = unreadable(path, unsaved_edits, merge_from);
    // Of a file that is not there, or can't be opened, nothing more is known.
    let is_read = unreadable.refusal.is_some();
    model.stage = Stage::Unreadable(unreadable);
    let said = if is_read { "not loaded, the file is as it was" } else { "not loaded" };
    model.message = Some(Message::error(said).staying());
    effects
}
