//! Transcript S3 keys to pick and to pair: their sources, the state of each source, and one merged list.

use super::{Changed, Done, Env, Session};
use crate::app::action::Action;
use crate::app::compute::Compute;
use crate::app::effect::Effect;
use crate::app::jobs::Task;
use crate::app::message::{Mark, Message};
use crate::app::msg::{JobId, KeysSoFar, Moment, SourceId};
use crate::domain::format::{counted, thousands};
use crate::domain::keys::{
    Columns, End, Given, Input, KeyList, KnownSource, Listed, Source, SourceFault, SourcePlace, Summary, WhichColumns,
};
use crate::domain::manifest::{Field, RowId};
use crate::domain::pair::{Lack, Table};
use crate::domain::printable::printable;
use crate::domain::s3_url::S3Url;
use std::sync::Arc;

/// The sources of transcript S3 keys, and their keys.
#[derive(Debug, Default)]
pub struct TranscriptSources {
    /// The S3 keys of all sources; free of duplicates once all sources are read.
    pub list: Arc<KeyList>,
    /// Index over the list, as of the last merge: tells whether a URL is in it.
    pub listed: Arc<Listed>,
    /// In the order the operator named them.
    pub all: Vec<KeySource>,
    /// Removed sources with their former positions; the last one is restored first.
    removed: Vec<(usize, KeySource)>,
    last: u32,
    /// Number of S3 keys in the last merge.
    gathered: u32,
}

/// A source of S3 keys.
#[derive(Clone, Debug)]
pub struct KeySource {
    pub id: SourceId,
    pub source: Source,
    pub state: SourceState,
    /// Its usable S3 keys; while it is read again, those of the previous reading until there are more.
    pub list: Arc<KeyList>,
    /// Pairs of video and transcript, if it is a table of them: as they stand there,
    pub given: Arc<Vec<Given>>,
    /// and as far as they are of this manifest.
    pub table: Arc<Table>,
    /// What was there before it is read again.
    pub earlier: Option<Box<Earlier>>,
    /// Why it could not be read again: what it had before stays.
    pub not_again: Option<Box<SourceFault>>,
}

/// What a source had when it was read last.
#[derive(Clone, Debug)]
pub struct Earlier {
    state: SourceState,
    list: Arc<KeyList>,
    given: Arc<Vec<Given>>,
}

/// State of a source.
#[derive(Clone, Debug)]
pub enum SourceState {
    /// Read in an earlier session of this file; read again only on request.
    Known(KnownSource),
    Reading(KeysSoFar),
    /// Not read: it is unreadable, or needs an answer first.
    Refused(Box<SourceFault>),
    Read {
        summary: Box<Summary>,
        at: Moment,
    },
}

/// What the operator must answer before a source can be read.
#[derive(Clone, Copy, Debug)]
pub enum Asks<'a> {
    Columns(&'a WhichColumns),
    /// The bucket and folder of its names.
    Place,
}

impl KeySource {
    pub fn new(id: SourceId, source: Source, state: SourceState) -> KeySource {
        let (list, given, table) = (Arc::default(), Arc::default(), Arc::default());
        KeySource { id, source, state, list, given, table, earlier: None, not_again: None }
    }

    /// Starts to be read. What it has is kept for the case that this fails.
    fn begin(&mut self) {
        self.not_again = None;
        let state = std::mem::replace(&mut self.state, SourceState::Reading(KeysSoFar::default()));
        if matches!(state, SourceState::Known(_) | SourceState::Read { .. }) {
            let (list, given) = (Arc::clone(&self.list), Arc::clone(&self.given));
            self.earlier = Some(Box::new(Earlier { state, list, given }));
        }
    }

    /// Takes back what it had, unless it had less than now.
    fn restore(&mut self, len: u32) -> bool {
        let Some(earlier) = self.earlier.take().filter(|earlier| earlier.list.len() >= len) else { return false };
        Earlier { state: self.state, list: self.list, given: self.given } = *earlier;
        true
    }

    /// As the operator wrote it.
    pub fn name(&self) -> String {
        self.source.named()
    }

    pub fn summary(&self) -> Option<&Summary> {
        match &self.state {
            SourceState::Read { summary, .. } => Some(summary),
            _ => None,
        }
    }

    pub fn asks(&self) -> Option<Asks<'_>> {
        match &self.state {
            SourceState::Refused(fault) => asks(fault),
            _ => None,
        }
    }

    /// Whether this session read it or tried to.
    fn is_used(&self) -> bool {
        !matches!(self.state, SourceState::Known(_))
    }
}

/// The question a fault raises; None when no answer would help.
pub fn asks(fault: &SourceFault) -> Option<Asks<'_>> {
    match fault {
        SourceFault::Columns(which) => Some(Asks::Columns(which)),
        SourceFault::RelativeNames { .. } | SourceFault::NoBucket { .. } | SourceFault::SomeWithPrefix { .. } => {
            Some(Asks::Place)
        }
        _ => None,
    }
}

impl TranscriptSources {
    /// Whether a source was removed that can be brought back.
    pub fn has_removed(&self) -> bool {
        !self.removed.is_empty()
    }

    pub fn get(&self, id: SourceId) -> Option<&KeySource> {
        self.all.iter().find(|source| source.id == id)
    }

    fn get_mut(&mut self, id: SourceId) -> Option<&mut KeySource> {
        self.all.iter_mut().find(|source| source.id == id)
    }

    /// The source with the same name, regardless of its columns.
    pub fn named(&self, source: &Source) -> Option<&KeySource> {
        let name = source.named();
        self.all.iter().find(|known| known.source.named() == name)
    }

    /// Whether this session read any source or tried to.
    pub fn is_used(&self) -> bool {
        self.all.iter().any(KeySource::is_used)
    }

    /// The sources that were read.
    pub fn read(&self) -> impl Iterator<Item = (&KeySource, &Summary, Moment)> {
        self.all.iter().filter_map(|source| match &source.state {
            SourceState::Read { summary, at } => Some((source, &**summary, *at)),
            _ => None,
        })
    }

    /// Buckets assumed for S3 keys that were listed without one.
    pub fn assumed_buckets(&self) -> Vec<&str> {
        self.read().filter_map(|(_, summary, _)| summary.assumed_bucket.as_deref()).collect()
    }

    /// When the oldest of the listings was read.
    pub fn oldest(&self) -> Option<Moment> {
        self.read().map(|(_, _, at)| at).min()
    }

    /// `10,914 keys, 13:58`: the number of usable S3 keys, and when the oldest listing was read.
    pub fn heading(&self) -> Option<String> {
        let oldest = self.oldest()?;
        Some(format!("{}, {}", counted(self.list.len().into(), "key"), oldest.short_clock()))
    }

    /// Whether S3 keys may be missing: a source ended early or was stopped.
    pub fn is_incomplete(&self) -> bool {
        self.read().any(|(_, summary, _)| summary.end != End::Whole)
    }

    /// The pairs from all tables that are of this manifest, in order.
    pub fn given(&self) -> Vec<Given> {
        self.all.iter().flat_map(|source| source.table.given.iter().cloned()).collect()
    }

    fn known(&self) -> Vec<KnownSource> {
        let known = |source: &KeySource| match &source.state {
            SourceState::Known(known) => Some(known.clone()),
            SourceState::Read { summary, at } => Some(KnownSource::new(source.source.clone(), summary, at.unix_ms)),
            _ => None,
        };
        self.all.iter().filter_map(known).collect()
    }

    fn push(&mut self, source: Source, state: SourceState) -> SourceId {
        self.last += 1;
        let id = SourceId(self.last);
        self.all.push(KeySource::new(id, source, state));
        id
    }
}

/// How many neighbours on each side are searched for a folder of transcripts.
const AROUND: u32 = 200;

impl Session {
    /// The `s3://bucket/folder` to list for a row: its transcript's, else that of a neighbour's transcript, else its
    /// video's.
    pub fn place_of(&self, row: RowId) -> Option<String> {
        let folder = |row: RowId, field: Field| {
            let url = S3Url::parse(self.now().value(row, field).text()).ok()?;
            Some(format!("s3://{}/{}", url.bucket(), url.folder()))
        };
        // A neighbour's transcript is a better hint than the video's bucket, but scanning a million rows is too slow.
        let near = (row.saturating_sub(AROUND)..row.saturating_add(AROUND).min(self.total()))
            .find_map(|row| folder(row, Field::Transcription));
        folder(row, Field::Transcription).or(near).or_else(|| folder(row, Field::Object))
    }

    /// Reads all used sources again, or else the folder that fits a row.
    pub fn list_around(&mut self, env: &mut Env<'_>, row: RowId) -> Done {
        let used: Vec<SourceId> = self.keys.all.iter().filter(|it| it.is_used()).map(|it| it.id).collect();
        if used.is_empty() {
            return match self.place_of(row) {
                Some(source) => self.read_named(env, &source),
                None => {
                    let note = Message::plain("this row names no bucket.");
                    Done::said(note.offer_with(Action::ReadSource, "s3://bucket/prefix", "lists one"))
                }
            };
        }
        used.into_iter().fold(Done::nothing(), |done, id| done.then(self.read_again(env, id)))
    }

    /// Reads the source the operator typed, again if it is known.
    pub fn read_named(&mut self, env: &mut Env<'_>, text: &str) -> Done {
        match Source::parse(text) {
            Ok(Source::File { file: Input::Stdin, .. }) => {
                Done::said(Message::error("standard input is the keyboard here: save the list to a file first"))
            }
            Ok(source) => self.read_source(env, source).1,
            Err(why) => Done::said(Message::error(why.to_string())),
        }
    }

    /// Reads a source, again if it is known, and returns its id.
    pub fn read_source(&mut self, env: &mut Env<'_>, source: Source) -> (SourceId, Done) {
        let id = match self.keys.named(&source) {
            Some(known) => known.id,
            None => self.keys.push(source, SourceState::Reading(KeysSoFar::default())),
        };
        let done = self.read_again(env, id);
        (id, done)
    }

    /// Reads a source again with the answer to its question.
    pub fn answer_source(&mut self, env: &mut Env<'_>, id: SourceId, answer: Answer) -> Done {
        let Some(known) = self.keys.get_mut(id) else { return Done::nothing() };
        let source = known.source.clone();
        known.source = match answer {
            Answer::Columns(columns) => source.with_columns(columns),
            Answer::Place(place) => source.at(place),
        };
        self.read_again(env, id)
    }

    /// Reads a source from its beginning. Offline, a bucket is refused.
    pub fn read_again(&mut self, env: &mut Env<'_>, id: SourceId) -> Done {
        let snapshot = self.now().clone();
        let Some(known) = self.keys.get_mut(id) else { return Done::nothing() };
        if env.options.offline && matches!(known.source, Source::Bucket(_)) {
            let why = "offline, buckets are not listed.";
            let fault = Box::new(SourceFault::Unreadable(why.to_owned()));
            match known.state {
                SourceState::Known(_) | SourceState::Read { .. } => known.not_again = Some(fault),
                _ => known.state = SourceState::Refused(fault),
            }
            let note = Message::plain(why).offer_with(Action::ReadSource, "FILE", "reads a saved listing");
            return Done::said(note).then(Done::changed(Changed::KEYS));
        }
        let mut done = Done::changed(Changed::KEYS);
        let job = env.jobs.begin(Task::ListKeys(id), &mut done.effects);
        known.begin();
        done.effects.push(Effect::ReadKeys { job, id, source: known.source.clone(), snapshot });
        done
    }

    /// Reads the sources named on the command line.
    pub(super) fn read_sources_of_options(&mut self, env: &mut Env<'_>) -> Done {
        let named = env.options.sources.clone();
        named.iter().fold(Done::nothing(), |done, source| done.then(self.read_named(env, source)))
    }

    /// Adds the sources an earlier session of this file read, without reading them.
    pub fn sources_known(&mut self, job: JobId, known: Vec<KnownSource>) -> Done {
        if self.online.job != job {
            return Done::nothing();
        }
        for known in known {
            if self.keys.named(&known.source).is_none() {
                self.keys.push(known.source.clone(), SourceState::Known(known));
            }
        }
        Done::changed(Changed::KEYS)
    }

    /// Takes in the S3 keys read so far.
    pub fn keys_listed(&mut self, env: &mut Env<'_>, job: JobId, id: SourceId, so_far: KeysSoFar) -> Done {
        if !env.jobs.awaits(Task::ListKeys(id), job) {
            return Done::nothing();
        }
        let Some(source) = self.keys.get_mut(id) else { return Done::nothing() };
        let grows = so_far.list.len() > source.list.len();
        if grows {
            // The previous reading is used until this one has more.
            source.list = Arc::clone(&so_far.list);
            source.given = Arc::clone(&so_far.given);
        }
        source.state = SourceState::Reading(so_far);
        if grows { self.gather(env) } else { Done::changed(Changed::KEYS) }
    }

    pub fn keys_ended(
        &mut self,
        env: &mut Env<'_>,
        job: JobId,
        id: SourceId,
        end: Result<Box<Summary>, Box<SourceFault>>,
    ) -> Done {
        if !env.jobs.finish(Task::ListKeys(id), job) {
            return Done::nothing();
        }
        let at = env.now;
        let Some(source) = self.keys.get_mut(id) else { return Done::nothing() };
        let name = source.name();
        let so_far = match std::mem::replace(&mut source.state, SourceState::Reading(KeysSoFar::default())) {
            SourceState::Reading(so_far) => so_far,
            _ => KeysSoFar::default(),
        };
        let read = so_far.list.len();
        (source.list, source.given) = (so_far.list, so_far.given);
        // Sources from the command line are read unasked: report only problems with them.
        let is_unasked = env.options.sources.contains(&name);
        let note = match end {
            Ok(summary) => match &summary.end {
                End::Early(why) if source.earlier.is_some() && source.restore(read + 1) => {
                    let why = format!("{name} broke off after {}: {why}", counted(read.into(), "transcript"));
                    not_again(source, Box::new(SourceFault::Unreadable(why)))
                }
                _ => {
                    let note = in_words(&name, &summary);
                    source.state = SourceState::Read { summary, at };
                    source.earlier = None;
                    note
                }
            },
            Err(fault) if asks(&fault).is_none() && source.restore(0) => not_again(source, fault),
            Err(fault) => {
                let note = refused(&name, &fault);
                source.state = SourceState::Refused(fault);
                note
            }
        };
        let mut done = self.gather(env);
        let note = if note.mark == Mark::Fine { note.unasked() } else { note };
        done.note = (!is_unasked || note.mark != Mark::Fine).then_some(note);
        done.then(self.keep_sources())
    }

    /// Handles an interrupt: keeps the S3 keys read so far.
    pub(super) fn stopped_reading(&mut self, env: &mut Env<'_>) -> Done {
        let mut stopped = false;
        for source in &mut self.keys.all {
            let SourceState::Reading(so_far) = &source.state else { continue };
            stopped = true;
            let read = so_far.list.len();
            if source.restore(read + 1) {
                continue;
            }
            let usable = u64::from(read);
            let summary = Summary { keys: usable, usable, entries: usable, end: End::Stopped, ..Summary::default() };
            source.state = SourceState::Read { summary: Box::new(summary), at: env.now };
            source.earlier = None;
        }
        if stopped { self.gather(env).then(self.keep_sources()) } else { Done::nothing() }
    }

    /// The job that reads a source failed.
    pub(super) fn reading_failed(&mut self, id: SourceId) {
        if let Some(source) = self.keys.get_mut(id) {
            let fault = Box::new(SourceFault::Unreadable("it could not be read".to_owned()));
            if source.restore(0) {
                source.not_again = Some(fault);
            } else {
                source.state = SourceState::Refused(fault);
            }
        }
    }

    /// Removes a source and its S3 keys.
    pub fn remove_source(&mut self, env: &mut Env<'_>, id: SourceId) -> Done {
        let Some(at) = self.keys.all.iter().position(|source| source.id == id) else { return Done::nothing() };
        let cancel = env.jobs.end(Task::ListKeys(id));
        let mut source = self.keys.all.remove(at);
        if cancel.is_some() && !source.restore(0) {
            source.state = SourceState::Refused(Box::new(SourceFault::Unreadable("not read".to_owned())));
        }
        let note = Message::plain(format!("removed {}.", printable(&source.name())));
        self.keys.removed.push((at, source));
        self.proposals.is_quiet = true;
        let done = Done::effects(cancel).then(self.gather(env)).then(self.keep_sources());
        done.then(Done::said(note.offer(Action::Undo, "brings it back")))
    }

    /// Restores the source removed last.
    pub fn bring_back_source(&mut self, env: &mut Env<'_>) -> Done {
        let Some((at, source)) = self.keys.removed.pop() else { return Done::plain("nothing was removed") };
        if self.keys.named(&source.source).is_some() {
            return Done::plain(format!("{} is in the list again already", printable(&source.name())));
        }
        let note = Message::fine(format!("{} is back", printable(&source.name())));
        self.keys.all.insert(at.min(self.keys.all.len()), source);
        self.proposals.is_quiet = true;
        self.gather(env).then(self.keep_sources()).then(Done::said(note))
    }

    /// Drops a source that was unreadable or whose question was not answered; it cannot be restored.
    pub fn forget_source(&mut self, id: SourceId) {
        self.keys.all.retain(|source| source.id != id);
    }

    fn keep_sources(&self) -> Done {
        Done::effects([Effect::KeepSources(self.path.clone(), self.keys.known())])
    }

    /// Merges the S3 keys of all sources in the background. The list of a single source is usable at once.
    fn gather(&mut self, env: &mut Env<'_>) -> Done {
        let mut done = Done::changed(Changed::KEYS);
        let lists: Vec<Arc<KeyList>> =
            self.keys.all.iter().map(|source| Arc::clone(&source.list)).filter(|list| !list.is_empty()).collect();
        let total: u32 = lists.iter().map(|list| list.len()).fold(0, u32::saturating_add);
        if let [] | [_] = lists.as_slice() {
            self.keys.list = lists.first().cloned().unwrap_or_default();
        }
        let given: Vec<Arc<Vec<Given>>> =
            self.keys.all.iter().map(|source| Arc::clone(&source.given)).filter(|given| !given.is_empty()).collect();
        if lists.is_empty() && given.is_empty() {
            done.effects.extend(env.jobs.end(Task::Gather));
            (self.keys.listed, self.keys.gathered) = (Arc::default(), 0);
            return done;
        }
        // While sources are being read, merge again only after growth by a quarter, which keeps the total cost linear.
        let has_few_new = total < self.keys.gathered.saturating_add(self.keys.gathered / 4);
        if env.jobs.reads_keys() && (lists.len() <= 1 || has_few_new || env.jobs.has(Task::Gather)) {
            return done;
        }
        self.keys.gathered = total;
        let job = env.jobs.begin(Task::Gather, &mut done.effects);
        let snapshot = self.now().clone();
        done.effects.push(Effect::Compute(job, Compute::Gather { snapshot, lists, given }));
        done
    }

    pub fn gathered(&mut self, env: &mut Env<'_>, job: JobId, listed: Arc<Listed>, tables: Vec<Table>) -> Done {
        if !env.jobs.finish(Task::Gather, job) {
            return Done::nothing();
        }
        self.keys.list = Arc::new(listed.keys().clone());
        self.keys.listed = listed;
        let note = self.take_tables(tables);
        let done = Done { note, ..Done::changed(Changed::KEYS) }.then(self.keys_are_known(env));
        if env.jobs.reads_keys() { done } else { done.then(self.keys_are_read(env)) }
    }
}

impl Session {
    /// Takes what each table gives, and says which gives less than it has.
    fn take_tables(&mut self, tables: Vec<Table>) -> Option<Message> {
        let mut note = None;
        for (source, table) in self.keys.all.iter_mut().filter(|source| !source.given.is_empty()).zip(tables) {
            let (name, of) = (source.name(), Box::new(source.source.clone()));
            let is_news = *source.table != table;
            let lacks = table.lacks;
            let is_read = matches!(source.state, SourceState::Read { .. });
            if table.is_doubtful() && is_news && is_read {
                let text = format!("{}: {}", printable(&name), table.words());
                note = Some(if table.given.is_empty() { Message::error(text) } else { Message::warning(text) });
            }
            source.table = Arc::new(table);
            let fault = match lacks {
                Some(Lack::Bucket) => SourceFault::NoBucket { source: of },
                Some(Lack::Prefix) => SourceFault::RelativeNames { source: of },
                None => continue,
            };
            note = Some(refused(&name, &fault));
            (source.state, source.given) = (SourceState::Refused(Box::new(fault)), Arc::default());
        }
        note
    }
}

/// The operator's answer to a source's question.
#[derive(Clone, Debug)]
pub enum Answer {
    Columns(Columns),
    Place(SourcePlace),
}

/// Message on why a source was not read, with the command that helps.
fn refused(source: &str, fault: &SourceFault) -> Message {
    let source = printable(source);
    match asks(fault) {
        Some(Asks::Columns(_)) => {
            let text = format!("{source} is a table: its columns are not known yet.");
            Message::warning(text).offer(Action::Sources, "asks for them")
        }
        Some(Asks::Place) => {
            Message::error(format!("{source} names no bucket.")).offer(Action::Sources, "asks where its names belong")
        }
        None => Message::error(fault.to_string()),
    }
}

/// Message on a source that has what it had before.
fn not_again(source: &mut KeySource, fault: Box<SourceFault>) -> Message {
    let has = match &source.state {
        SourceState::Read { at, .. } => format!("Its keys of {} stay. ", at.short_clock()),
        _ => String::new(),
    };
    let note = Message::error(format!("{} was not read again. {has}{fault}", printable(&source.name())));
    source.not_again = Some(fault);
    note
}

/// Message on the number of S3 keys in a source, with its most important remark.
fn in_words(source: &str, summary: &Summary) -> Message {
    let source = printable(source);
    let keys = counted(summary.keys, "key");
    let usable = match summary.usable {
        0 => "none is .srt or .vtt".to_owned(),
        1 => "1 is a transcript".to_owned(),
        n if n == summary.keys => "all are transcripts".to_owned(),
        n => format!("{} are transcripts", thousands(n)),
    };
    let remark = summary.remarks().into_iter().find(|_| summary.is_doubtful() || summary.assumed_bucket.is_some());
    let remark = remark.filter(|_| summary.usable > 0).map_or_else(String::new, |remark| format!("; {remark}"));
    let text = match summary.given {
        0 => format!("{keys} in {source}, {usable}{remark}"),
        given => format!("{} in {source}{remark}", counted(given, "pair")),
    };
    match (summary.usable + summary.given, remark.is_empty()) {
        (0, _) => Message::error(text),
        (_, true) => Message::fine(text),
        (_, false) => Message::warning(text),
    }
}
