//! Before there is a table: choosing a file, reading it, and a file that can't be read.

use super::prompt::{self, Purpose};
use super::{picker, review, table};
use crate::app::change::check_again;
use crate::app::effect::{Effect, JournalLine};
use crate::app::keymap::Action;
use crate::app::model::{Mark, Model, Stage};
use crate::app::msg::{Fit, JobId, Loaded, Reading, Recent, Recovered};
use crate::app::session::{Session, file_name};
use crate::app::update::quit;
use crate::app::view::Scroll;
use crate::domain::draft::Draft;
use crate::domain::format::thousands;
use crate::domain::manifest::{ExcerptLine, Manifest, Refusal};
use crate::domain::rebase::UnsavedEdits;
use std::path::PathBuf;
use std::sync::Arc;

/// No file was given: recent ones and JSON files here.
#[derive(Debug, Default)]
pub struct Chooser {
    pub job: Option<JobId>,
    pub files: Vec<Recent>,
    pub scroll: Scroll,
}

/// A file that is no manifest, with the lines around the fault.
#[derive(Debug)]
pub struct Unreadable {
    pub path: PathBuf,
    /// None when the file could not even be read.
    pub refusal: Option<Refusal>,
    pub excerpt: Vec<ExcerptLine>,
    /// In words, when there is no refusal.
    pub fault: String,
    /// Changes that are not saved, to be done again when the file can be read.
    pub unsaved_edits: Option<UnsavedEdits>,
}

/// Lists files to choose from.
pub fn choose(model: &mut Model) -> Vec<Effect> {
    let job = model.new_job();
    model.stage = Stage::Choosing(Chooser { job: Some(job), ..Chooser::default() });
    vec![Effect::ListFiles(job)]
}

/// Reads a file; what was open before is gone.
pub fn load(model: &mut Model, path: PathBuf) -> Vec<Effect> {
    let job = model.new_job();
    model.stage = Stage::Open(Box::new(Session::new(path.clone(), job)));
    model.screens.clear();
    model.message = None;
    vec![Effect::Load(job, path)]
}

pub fn files_listed(model: &mut Model, job: JobId, files: Vec<Recent>) -> Vec<Effect> {
    if let Stage::Choosing(chooser) = &mut model.stage
        && chooser.job.take_if(|waiting| *waiting == job).is_some()
    {
        chooser.files = files;
    }
    Vec::new()
}

fn awaited(model: &mut Model, job: JobId) -> Option<&mut Session> {
    model.session_mut().filter(|session| session.loading.as_ref().is_some_and(|(waiting, _)| *waiting == job))
}

pub fn rows_so_far(model: &mut Model, job: JobId, manifest: Manifest, reading: Reading) -> Vec<Effect> {
    if let Some(session) = awaited(model, job) {
        session.loading = Some((job, reading));
        // A longer beginning of the same file: what is walked stays where it is.
        if manifest.len() >= session.total() && !manifest.is_empty() {
            session.draft = Draft::new(Arc::new(manifest));
        }
    }
    Vec::new()
}

pub fn loaded(model: &mut Model, job: JobId, loaded: Loaded) -> Vec<Effect> {
    let sources = model.options.sources.clone();
    let Some(session) = awaited(model, job) else { return Vec::new() };
    session.loading = None;
    session.journal = Some(job);
    session.path = loaded.path;
    session.draft = Draft::new(Arc::new(loaded.manifest));
    session.keys.waiting = sources;
    let unsaved_edits = session.unsaved_edits.take();
    let empty = session.total() == 0;
    table::rescroll(model);
    if empty {
        model.say(Mark::Plain, "This manifest has no rows. There is nothing to upload.");
    }
    let mut effects = check_again(model);
    effects.extend(picker::read_next_source(model));
    if let Some(unsaved_edits) = unsaved_edits {
        effects.extend(rebase_edits(model, &unsaved_edits));
    }
    // Whatever this program did before is now in this session's journal, or saved, or dropped.
    effects.push(Effect::ForgetEarlier);
    effects
}

/// What the journal knows of the file: edits of a session that crashed are offered, never applied unseen.
pub fn journal_read(model: &mut Model, job: JobId, found: Result<Option<Recovered>, String>) -> Vec<Effect> {
    let Some(session) = model.session_mut() else { return Vec::new() };
    if session.journal.take_if(|waiting| *waiting == job).is_none() {
        return Vec::new();
    }
    match found {
        Err(fault) => {
            model.say(Mark::Warning, format!("edits are not kept in the journal: {fault}"));
            Vec::new()
        }
        Ok(None) => Vec::new(),
        Ok(Some(recovered)) => {
            session.offer = Some(recovered);
            offer_recovered(model)
        }
    }
}

/// Offers what a crashed session left, as soon as nothing else is in front.
pub fn offer_recovered(model: &mut Model) -> Vec<Effect> {
    if !model.screens.is_empty() || !model.pending.is_empty() {
        return Vec::new();
    }
    let Some(session) = model.session_mut().filter(|session| session.is_ready()) else { return Vec::new() };
    let edited = session.draft.can_undo();
    let Some(recovered) = session.offer.take() else { return Vec::new() };
    let at = recovered.last.short_clock();
    if recovered.found == 0 {
        let undone = counted(recovered.undone_after_save);
        model.say(Mark::Warning, format!("{undone} of {at} had been saved and then undone; the file still holds them"));
        return vec![Effect::ForgetRecovered];
    }
    if recovered.edits.is_empty() || edited {
        let why = match recovered.fit {
            _ if edited => "opening the file again offers them",
            Fit::ChangedSince => "another program changed the file since.  :forget drops them",
            Fit::AsOpened | Fit::AsSaved => "this version can't read them.  :forget drops them",
        };
        model.say(Mark::Warning, format!("the journal holds {} from {at}: {why}", counted(recovered.found)));
        return Vec::new();
    }
    model.block_typeahead();
    recover(model, recovered)
}

/// Does the operator's unsaved changes again on the file as it is now.
fn rebase_edits(model: &mut Model, unsaved_edits: &UnsavedEdits) -> Vec<Effect> {
    let Some(session) = model.session_mut() else { return Vec::new() };
    let (edits, left_out) = unsaved_edits.rebase(session.draft.now().base());
    let lines = edits.iter().cloned().map(JournalLine::Did).collect();
    for edit in edits {
        session.draft.apply(edit);
    }
    match left_out {
        0 => model.say(Mark::Fine, format!("read again with your {}", counted(unsaved_edits.len()))),
        n => model.say(
            Mark::Warning,
            format!(
                "read again; {} of your {} left out: the file holds something else there",
                n,
                counted(unsaved_edits.len())
            ),
        ),
    }
    let mut effects = vec![Effect::Journal(lines)];
    effects.extend(check_again(model));
    effects
}

fn counted(edits: usize) -> String {
    if edits == 1 { "1 change".into() } else { format!("{} changes", thousands(edits as u64)) }
}

/// Shows what the journal holds as a review; nothing else can be done before it is taken or dropped.
fn recover(model: &mut Model, recovered: Recovered) -> Vec<Effect> {
    let (count, unreadable) = (recovered.edits.len(), recovered.unreadable);
    let Some(session) = model.session_mut() else { return Vec::new() };
    for edit in recovered.edits {
        session.draft.apply(edit);
    }
    let effects = check_again(model);
    review::open_recovered(model, count, recovered.last, unreadable);
    effects
}

pub fn refused(model: &mut Model, job: JobId, refusal: Refusal, excerpt: Vec<ExcerptLine>) -> Vec<Effect> {
    let Some(session) = awaited(model, job) else { return Vec::new() };
    let (path, unsaved_edits) = (session.path.clone(), session.unsaved_edits.take());
    model.screens.clear();
    let fault = String::new();
    model.stage = Stage::Unreadable(Unreadable { path, refusal: Some(refusal), excerpt, fault, unsaved_edits });
    model.say(Mark::Error, "not loaded, the file is as it was");
    Vec::new()
}

pub fn failed(model: &mut Model, job: JobId, fault: String) -> Vec<Effect> {
    let Some(session) = awaited(model, job) else { return Vec::new() };
    let (path, unsaved_edits) = (session.path.clone(), session.unsaved_edits.take());
    model.screens.clear();
    model.stage = Stage::Unreadable(Unreadable { path, refusal: None, excerpt: Vec::new(), fault, unsaved_edits });
    model.say(Mark::Error, "not loaded, the file is as it was");
    Vec::new()
}

/// `^c` while a file is read: back to the list of files.
pub fn stop_reading(model: &mut Model) -> Option<Vec<Effect>> {
    let (job, _) = model.session()?.loading?;
    if model.has_unsaved() {
        model.say(Mark::Plain, "reading goes on: your changes wait for it");
        return Some(Vec::new());
    }
    let mut effects = vec![Effect::Cancel(job)];
    effects.extend(choose(model));
    model.say(Mark::Plain, "stopped reading, the file is as it was");
    Some(effects)
}

/// Reads the file again. Changes that are not saved are done again on what is read.
pub fn read_again(model: &mut Model) -> Vec<Effect> {
    let (path, unsaved_edits) = match &mut model.stage {
        Stage::Unreadable(unreadable) => (unreadable.path.clone(), unreadable.unsaved_edits.take()),
        Stage::Open(session) => {
            (session.path.clone(), UnsavedEdits::of(&session.draft).or_else(|| session.unsaved_edits.take()))
        }
        Stage::Choosing(_) => return Vec::new(),
    };
    let effects = load(model, path);
    if let Some(session) = model.session_mut() {
        session.unsaved_edits = unsaved_edits;
    }
    effects
}

pub fn act(model: &mut Model, action: Action, count: Option<u32>) -> Vec<Effect> {
    match action {
        Action::OpenAnother => {
            prompt::open(model, Purpose::OpenPath, "");
            return Vec::new();
        }
        Action::Quit => return quit(model),
        _ => {}
    }
    let job = model.new_job();
    let lines = usize::from(model.size.1).saturating_sub(8).max(1);
    match &mut model.stage {
        Stage::Choosing(chooser) => match action {
            Action::Accept => match chooser.files.get(chooser.scroll.cursor).map(|file| file.path.clone()) {
                Some(path) => load(model, path),
                None => Vec::new(),
            },
            _ => {
                let len = chooser.files.len();
                super::move_in(&mut chooser.scroll, action, count, len, lines);
                Vec::new()
            }
        },
        Stage::Unreadable(unreadable) => match action {
            Action::EditFile => {
                let line = unreadable.refusal.as_ref().map_or(1, |refusal| refusal.line);
                vec![Effect::EditFile { job, path: unreadable.path.clone(), line }]
            }
            Action::ReadAgain => read_again(model),
            _ => Vec::new(),
        },
        Stage::Open(_) => Vec::new(),
    }
}

/// The name a file is shown by.
pub fn shown_name(model: &Model) -> Option<String> {
    match &model.stage {
        Stage::Open(session) => Some(session.name()),
        Stage::Unreadable(unreadable) => Some(file_name(&unreadable.path)),
        Stage::Choosing(_) => None,
    }
}

/// Takes what was recovered: the edits stay, and this session's journal goes on with them.
pub fn take_recovered(model: &mut Model, unreadable: usize) -> Vec<Effect> {
    let edits = model.session().map(|session| session.draft.operations().to_vec()).unwrap_or_default();
    model.say(Mark::Fine, "the recovered changes are taken.  u undoes them, one by one");
    let lines = edits.into_iter().map(JournalLine::Did).collect();
    let mut effects = vec![Effect::Journal(lines)];
    if unreadable == 0 {
        effects.push(Effect::ForgetRecovered);
    } else {
        model.say(Mark::Warning, format!("taken; {unreadable} that this version can't read stay in the journal"));
    }
    effects
}

/// Drops what was recovered: the draft is the file again.
pub fn drop_recovered(model: &mut Model) -> Vec<Effect> {
    if let Some(session) = model.session_mut() {
        session.draft = Draft::new(session.now().base().clone());
    }
    model.say(Mark::Plain, "the recovered changes are dropped");
    let mut effects = vec![Effect::ForgetRecovered];
    effects.extend(check_again(model));
    effects
}
