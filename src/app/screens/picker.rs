//! The list of transcript keys for one row: searched as you type, ranked for its video before you do.

use super::table::number;
use super::{Screen, close, editor, move_in, show, table};
use crate::app::effect::{Effect, Rank};
use crate::app::keymap::Action;
use crate::app::line_input::LineInput;
use crate::app::model::{Mark, Model};
use crate::app::msg::JobId;
use crate::app::view::Scroll;
use crate::domain::keys::{KeyList, Ranked};
use crate::domain::manifest::{Field, RowId};
use crate::domain::s3_url::S3Url;
use std::sync::Arc;

/// Keys that are ranked and can be scrolled through; typing narrows the rest.
const LIMIT: usize = 1_000;

/// A key that can be picked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// `s3://bucket/key`
    pub url: String,
    /// `same name`, `used by 4,713`…
    pub reason: String,
    /// In bytes.
    pub size: Option<u64>,
    /// As the listing gives it.
    pub modified: Option<String>,
}

#[derive(Debug)]
pub struct Picker {
    pub row: RowId,
    pub input: LineInput,
    pub offers: Vec<Offer>,
    /// How many keys match, shown or not.
    pub matches: u32,
    pub scroll: Scroll,
    pub job: Option<JobId>,
}

/// The picker that is open, also while help is over it.
fn picker(model: &mut Model) -> Option<&mut Picker> {
    model.screens.iter_mut().rev().find_map(|screen| match screen {
        Screen::Picker(picker) => Some(&mut **picker),
        _ => None,
    })
}

/// A ranking ended without its answer.
pub fn job_failed(model: &mut Model, job: JobId) {
    if let Some(picker) = picker(model) {
        picker.job.take_if(|waiting| *waiting == job);
    }
}

/// Lines of the list on the screen.
fn height(model: &Model) -> usize {
    usize::from(table::layout(model).picker().main.height)
}

pub fn open(model: &mut Model) -> Vec<Effect> {
    let Some(session) = model.session() else { return Vec::new() };
    let Some(row) = session.current() else { return Vec::new() };
    if !session.now().row(row).is_object {
        model.say(Mark::Error, format!("row {} is no object and can't be edited; x leaves it out", number(row)));
        return Vec::new();
    }
    let picker =
        Picker { row, input: LineInput::new(""), offers: Vec::new(), matches: 0, scroll: Scroll::default(), job: None };
    show(model, Screen::Picker(Box::new(picker)));
    model.message = None;
    let mut effects = Vec::new();
    if !model.options.offline && model.session().is_some_and(|d| d.keys.source.is_none() && d.keys.job.is_none()) {
        effects = list(model);
    }
    effects.extend(rank(model));
    effects
}

/// The bucket and folder to list for a row: its transcript's, else that of the manifest's other transcripts, else its
/// video's.
pub fn place_of(model: &Model, row: RowId) -> Option<String> {
    let session = model.session()?;
    let folder = |row: RowId, field: Field| {
        let url = S3Url::parse(session.now().value(row, field).text()).ok()?;
        Some(format!("s3://{}/{}", url.bucket(), url.folder()))
    };
    // A neighbour with a transcript tells more than the video's own bucket: look around, not at a million rows.
    let near = (row.saturating_sub(200)..row.saturating_add(200).min(session.total()))
        .find_map(|r| folder(r, Field::Transcription));
    folder(row, Field::Transcription).or(near).or_else(|| folder(row, Field::Object))
}

/// Lists the row's own bucket and folder.
fn list(model: &mut Model) -> Vec<Effect> {
    let Some(row) = picker(model).map(|picker| picker.row) else { return Vec::new() };
    let again = model.session().and_then(|session| session.keys.source.clone());
    match again.or_else(|| place_of(model, row)) {
        Some(source) => read_source(model, source),
        None => {
            model.say(Mark::Plain, "this row names no bucket.  :source s3://bucket/prefix or :source FILE");
            Vec::new()
        }
    }
}

/// Reads keys from a source and adds them to the list. One that was read before is read again, with all others: a list
/// only grows at its end, so what a source gave can't be taken out of it.
pub fn read_source(model: &mut Model, source: String) -> Vec<Effect> {
    let Some(session) = model.session_mut() else { return Vec::new() };
    let earlier = session.keys.job.take().map(Effect::Cancel);
    let (mut sources, waiting) = (std::mem::take(&mut session.keys.sources), std::mem::take(&mut session.keys.waiting));
    if sources.contains(&source) || earlier.is_some() {
        session.keys.list = Arc::default();
        if !sources.contains(&source) {
            sources.push(source);
        }
        session.keys.waiting = sources;
        session.keys.waiting.extend(waiting);
        if let Some(picker) = picker(model) {
            picker.offers.clear();
            picker.job = None;
        }
    } else {
        session.keys.sources = sources;
        session.keys.waiting = waiting;
        session.keys.waiting.insert(0, source);
    }
    let mut effects: Vec<Effect> = earlier.into_iter().collect();
    effects.extend(read_next_source(model));
    effects
}

/// Reads the next source that waits; offline, only files.
pub fn read_next_source(model: &mut Model) -> Vec<Effect> {
    let (job, offline) = (model.new_job(), model.options.offline);
    let Some(session) = model.session_mut() else { return Vec::new() };
    if session.keys.waiting.is_empty() {
        return Vec::new();
    }
    let source = session.keys.waiting.remove(0);
    if offline && source.starts_with("s3://") {
        model.say(Mark::Plain, "offline, buckets are not listed.  :source FILE reads a saved listing");
        return read_next_source(model);
    }
    session.keys.job = Some(job);
    session.keys.source = Some(source.clone());
    session.keys.fault = None;
    if !session.keys.sources.contains(&source) {
        session.keys.sources.push(source.clone());
    }
    let (list, snapshot) = (session.keys.list.clone(), session.now().clone());
    vec![Effect::ListKeys { job, list, source, snapshot }]
}

pub fn keys_listed(model: &mut Model, job: JobId, list: Arc<KeyList>) -> Vec<Effect> {
    let now = model.now;
    let Some(session) = model.session_mut().filter(|session| session.keys.job == Some(job)) else { return Vec::new() };
    session.keys.list = list;
    session.keys.read_at = Some(now);
    // What is being looked at is ranked again only when nothing is on its way: pages can come fast.
    match picker(model) {
        Some(picker) if picker.job.is_none() => rank(model),
        _ => Vec::new(),
    }
}

pub fn keys_ended(model: &mut Model, job: JobId, end: Result<(), String>) -> Vec<Effect> {
    let Some(session) = model.session_mut().filter(|session| session.keys.job == Some(job)) else { return Vec::new() };
    session.keys.job = None;
    if let Err(fault) = end {
        session.keys.fault = Some(fault.clone());
        model.say(Mark::Error, fault);
    }
    let mut effects = read_next_source(model);
    effects.extend(rank(model));
    effects
}

/// Asks for the keys that fit this row and what is typed.
fn rank(model: &mut Model) -> Vec<Effect> {
    let job = model.new_job();
    let Some(session) = model.session() else { return Vec::new() };
    let (list, snapshot, findings) = (session.keys.list.clone(), session.now().clone(), session.findings.clone());
    let Some(picker) = picker(model) else { return Vec::new() };
    let earlier = picker.job.replace(job).map(Effect::Cancel);
    let object = snapshot.value(picker.row, Field::Object).text().to_owned();
    let (query, row) = (picker.input.text().to_owned(), picker.row);
    let rank = Rank { job, list, object, query, complete: false, snapshot, findings, row, limit: LIMIT };
    earlier.into_iter().chain([Effect::Rank(rank)]).collect()
}

pub fn ranked(model: &mut Model, job: JobId, ranked: &[Ranked], matches: u32) -> Vec<Effect> {
    let Some(list) = model.session().map(|session| session.keys.list.clone()) else { return Vec::new() };
    let offers: Vec<Offer> = ranked
        .iter()
        .filter_map(|r| {
            let key = list.get(r.index)?;
            Some(Offer { url: key.url(), reason: r.reason.to_string(), size: key.size, modified: key.modified.clone() })
        })
        .collect();
    let height = height(model);
    let Some(picker) = picker(model) else {
        editor::completed(model, job, offers);
        return Vec::new();
    };
    if picker.job.take_if(|waiting| *waiting == job).is_none() {
        return Vec::new();
    }
    // The choice stays on its key while the listing grows.
    let chosen = picker.offers.get(picker.scroll.cursor).map(|offer| offer.url.clone());
    let at = chosen.filter(|_| picker.scroll.cursor > 0).and_then(|url| offers.iter().position(|o| o.url == url));
    picker.offers = offers;
    picker.matches = matches;
    let len = picker.offers.len();
    picker.scroll.to(at.unwrap_or(0), len, height);
    Vec::new()
}

pub fn typed(model: &mut Model) -> Vec<Effect> {
    if let Some(picker) = picker(model) {
        picker.scroll = Scroll::default();
    }
    rank(model)
}

pub fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let height = height(model);
    let Some(picker) = picker(model) else { return Vec::new() };
    let row = picker.row;
    let chosen = picker.offers.get(picker.scroll.cursor).map(|offer| offer.url.clone());
    match action {
        Action::Accept | Action::UseAndEdit => {
            let Some(url) = chosen else {
                model.say(Mark::Plain, "no key is chosen");
                return Vec::new();
            };
            close(model);
            let mut effects = editor::write(model, row, Field::Transcription, &url);
            if action == Action::UseAndEdit {
                effects.extend(editor::open_on(model, row, Field::Transcription, false));
            } else {
                table::go_to(model, row);
                table::act(model, Action::Down, None);
            }
            effects
        }
        Action::ListAgain => list(model),
        Action::Back => {
            let job = picker.job.take();
            close(model);
            job.map(Effect::Cancel).into_iter().collect()
        }
        _ => {
            let len = picker.offers.len();
            move_in(&mut picker.scroll, action, None, len, height);
            Vec::new()
        }
    }
}
