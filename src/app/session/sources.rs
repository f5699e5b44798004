//! Transcript keys to pick from and to pair: the sources they come from, what became of each, and the one list of them all.

use super::{Changed, Done, Env, Session};
use crate::app::action::Action;
use crate::app::compute::Compute;
use crate::app::effect::Effect;
use crate::app::jobs::Task;
use crate::app::message::{Mark, Message};
use crate::app::msg::{JobId, KeysSoFar, Moment, SourceId};
use crate::domain::format::{counted, thousands};
use crate::domain::keys::{
    Columns, End, Given, Input, KeyList, KnownSource, Listed, Place, Source, SourceFault, Summary, WhichColumns,
};
use crate::domain::manifest::{Field, RowId};
use crate::domain::printable::printable;
use crate::domain::s3_url::S3Url;
use std::sync::Arc;

/// Where transcript keys come from.
#[derive(Debug, Default)]
pub struct TranscriptSources {
    /// The keys of all sources. Each is there once as soon as all are read.
    pub list: Arc<KeyList>,
    /// The same, to ask whether an address is among them: as of when they were last put together.
    pub listed: Arc<Listed>,
    /// In the order they were named.
    pub all: Vec<KeySource>,
    /// Taken out of the list with the place they had; the last one comes back first.
    removed: Vec<(usize, KeySource)>,
    last: u32,
    /// So many keys were last put together.
    gathered: u32,
}

/// A source of keys.
#[derive(Clone, Debug)]
pub struct KeySource {
    pub id: SourceId,
    pub source: Source,
    pub state: SourceState,
    /// Its keys that can be used, with those of a reading before while it is read again.
    pub list: Arc<KeyList>,
    /// Pairs that a table gives.
    pub given: Arc<Vec<Given>>,
}

/// What became of a source.
#[derive(Clone, Debug)]
pub enum SourceState {
    /// It was read in an earlier session of the file, and is read again only when that is asked.
    Known(KnownSource),
    Reading(KeysSoFar),
    /// It brought nothing: it can't be read, or something has to be answered first.
    Refused(Box<SourceFault>),
    Read {
        summary: Box<Summary>,
        at: Moment,
    },
}

/// What has to be answered before a source can be read.
#[derive(Clone, Copy, Debug)]
pub enum Asks<'a> {
    Columns(&'a WhichColumns),
    /// Where its names belong.
    Place,
}

impl KeySource {
    pub fn new(id: SourceId, source: Source, state: SourceState) -> KeySource {
        KeySource { id, source, state, list: Arc::default(), given: Arc::default() }
    }

    /// As the operator names it.
    pub fn name(&self) -> String {
        self.source.to_string()
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

    /// It was read, or is being read, in this session.
    fn is_used(&self) -> bool {
        !matches!(self.state, SourceState::Known(_))
    }
}

/// What a fault asks.
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
    pub fn get(&self, id: SourceId) -> Option<&KeySource> {
        self.all.iter().find(|source| source.id == id)
    }

    fn get_mut(&mut self, id: SourceId) -> Option<&mut KeySource> {
        self.all.iter_mut().find(|source| source.id == id)
    }

    /// The source of that name, whatever columns were named for it.
    pub fn named(&self, source: &Source) -> Option<&KeySource> {
        let name = source.named();
        self.all.iter().find(|known| known.source.named() == name)
    }

    /// A source was read, or asked for, since the file was opened.
    pub fn is_used(&self) -> bool {
        self.all.iter().any(KeySource::is_used)
    }

    /// The sources that keys came from.
    pub fn read(&self) -> impl Iterator<Item = (&KeySource, &Summary, Moment)> {
        self.all.iter().filter_map(|source| match &source.state {
            SourceState::Read { summary, at } => Some((source, &**summary, *at)),
            _ => None,
        })
    }

    /// The buckets that were taken for keys without one: nobody named them.
    pub fn assumed_buckets(&self) -> Vec<&str> {
        self.read().filter_map(|(_, summary, _)| summary.assumed_bucket.as_deref()).collect()
    }

    /// When the source was read that was read first.
    pub fn oldest(&self) -> Option<Moment> {
        self.read().map(|(_, _, at)| at).min()
    }

    /// `10,914 keys, 13:58`: how many can be used, and how old the oldest are.
    pub fn heading(&self) -> Option<String> {
        let oldest = self.oldest()?;
        Some(format!("{}, {}", counted(self.list.len().into(), "key"), oldest.short_clock()))
    }

    /// The keys that are there may not be all: a source ended early, or was stopped.
    pub fn is_incomplete(&self) -> bool {
        self.read().any(|(_, summary, _)| summary.end != End::Whole)
    }

    /// The pairs that tables give, in the order of the tables.
    pub fn given(&self) -> Vec<Given> {
        self.all.iter().flat_map(|source| source.given.iter().cloned()).collect()
    }

    /// Which table gives a pair, and in which line, for `given by pairs.csv, line 17`.
    pub fn given_by(&self, video: &str, transcript: &str) -> Option<(String, u64)> {
        self.all.iter().find_map(|source| {
            let is_it = |given: &&Given| given.transcript == transcript && video.ends_with(&given.video);
            Some((source.name(), source.given.iter().find(is_it)?.line))
        })
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

/// Rows to either side of one in hand whose transcripts tell where its own may lie.
const AROUND: u32 = 200;

impl Session {
    /// The bucket and folder to list for a row: its transcript's, else that of a neighbour's transcript, else its video's.
    pub fn place_of(&self, row: RowId) -> Option<String> {
        let folder = |row: RowId, field: Field| {
            let url = S3Url::parse(self.now().value(row, field).text()).ok()?;
            Some(format!("s3://{}/{}", url.bucket(), url.folder()))
        };
        // A neighbour with a transcript tells more than the video's own bucket: look around, not at a million rows.
        let near = (row.saturating_sub(AROUND)..row.saturating_add(AROUND).min(self.total()))
            .find_map(|row| folder(row, Field::Transcription));
        folder(row, Field::Transcription).or(near).or_else(|| folder(row, Field::Object))
    }

    /// Reads again what was read before, or what lies around a row.
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

    /// Reads what the operator names: one that was read before is read again.
    pub fn read_named(&mut self, env: &mut Env<'_>, text: &str) -> Done {
        match Source::parse(text) {
            Ok(Source::File { file: Input::Stdin, .. }) => {
                Done::said(Message::error("standard input is the keyboard here: save the list to a file"))
            }
            Ok(source) => self.read_source(env, source).1,
            Err(why) => Done::said(Message::error(why.to_string())),
        }
    }

    /// Reads keys from a source, and says as which one it is known from now on.
    pub fn read_source(&mut self, env: &mut Env<'_>, source: Source) -> (SourceId, Done) {
        let id = match self.keys.named(&source) {
            Some(known) => known.id,
            None => self.keys.push(source, SourceState::Reading(KeysSoFar::default())),
        };
        let done = self.read_again(env, id);
        (id, done)
    }

    /// The same source, with what it asked for.
    pub fn answer_source(&mut self, env: &mut Env<'_>, id: SourceId, answer: Answer) -> Done {
        let Some(known) = self.keys.get_mut(id) else { return Done::nothing() };
        let source = known.source.clone();
        known.source = match answer {
            Answer::Columns(columns) => source.with_columns(columns),
            Answer::Place(place) => source.at(place),
        };
        self.read_again(env, id)
    }

    /// Reads a source from its beginning; offline, only files.
    pub fn read_again(&mut self, env: &mut Env<'_>, id: SourceId) -> Done {
        let snapshot = self.now().clone();
        let Some(known) = self.keys.get_mut(id) else { return Done::nothing() };
        if env.options.offline && matches!(known.source, Source::Bucket(_)) {
            let why = "offline, buckets are not listed.";
            known.state = SourceState::Refused(Box::new(SourceFault::Unreadable(why.to_owned())));
            let note = Message::plain(why).offer_with(Action::ReadSource, "FILE", "reads a saved listing");
            return Done::said(note).then(Done::changed(Changed::KEYS));
        }
        let mut done = Done::changed(Changed::KEYS);
        let job = env.jobs.begin(Task::ListKeys(id), &mut done.effects);
        known.state = SourceState::Reading(KeysSoFar::default());
        done.effects.push(Effect::ReadKeys { job, id, source: known.source.clone(), snapshot });
        done
    }

    /// Reads the sources that the command line names.
    pub(super) fn read_sources_of_options(&mut self, env: &mut Env<'_>) -> Done {
        let named = env.options.sources.clone();
        named.iter().fold(Done::nothing(), |done, source| done.then(self.read_named(env, source)))
    }

    /// Sources that an earlier session of the file read are offered again.
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

    /// Keys came, and there may be more.
    pub fn keys_listed(&mut self, env: &mut Env<'_>, job: JobId, id: SourceId, so_far: KeysSoFar) -> Done {
        if !env.jobs.awaits(Task::ListKeys(id), job) {
            return Done::nothing();
        }
        let Some(source) = self.keys.get_mut(id) else { return Done::nothing() };
        let grows = so_far.list.len() > source.list.len();
        if grows {
            // What was read before is used until there is more.
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
        let Some(source) = self.keys.get_mut(id) else { return Done::nothing() };
        let name = source.name();
        let so_far = match std::mem::replace(&mut source.state, SourceState::Reading(KeysSoFar::default())) {
            SourceState::Reading(so_far) => so_far,
            _ => KeysSoFar::default(),
        };
        (source.list, source.given) = (so_far.list, so_far.given);
        // What the command line named is read unasked: only what deserves a look is told.
        let is_unasked = env.options.sources.contains(&name);
        let note = match end {
            Ok(summary) => {
                let note = in_words(&name, &summary);
                source.state = SourceState::Read { summary, at: env.now };
                note
            }
            Err(fault) => {
                let note = refused(&name, &fault);
                source.state = SourceState::Refused(fault);
                note
            }
        };
        let mut done = self.gather(env);
        done.note = (!is_unasked || note.mark != Mark::Fine).then_some(note);
        done.then(self.keep_sources())
    }

    /// `^c`: what came until now is used.
    pub(super) fn stopped_reading(&mut self, env: &mut Env<'_>) -> Done {
        let mut stopped = false;
        for source in &mut self.keys.all {
            let SourceState::Reading(_) = source.state else { continue };
            let usable = u64::from(source.list.len());
            let summary = Summary { keys: usable, usable, entries: usable, end: End::Stopped, ..Summary::default() };
            source.state = SourceState::Read { summary: Box::new(summary), at: env.now };
            stopped = true;
        }
        if stopped { self.gather(env).then(self.keep_sources()) } else { Done::nothing() }
    }

    /// The job that read it broke off.
    pub(super) fn reading_failed(&mut self, id: SourceId) {
        if let Some(source) = self.keys.get_mut(id) {
            source.state = SourceState::Refused(Box::new(SourceFault::Unreadable("reading it failed".to_owned())));
        }
    }

    /// Takes a source out of the list, and its keys with it.
    pub fn remove_source(&mut self, env: &mut Env<'_>, id: SourceId) -> Done {
        let Some(at) = self.keys.all.iter().position(|source| source.id == id) else { return Done::nothing() };
        let cancel = env.jobs.end(Task::ListKeys(id));
        let mut source = self.keys.all.remove(at);
        if cancel.is_some() {
            source.state = SourceState::Refused(Box::new(SourceFault::Unreadable("not read".to_owned())));
        }
        let note = Message::plain(format!("removed {}.", printable(&source.name())));
        self.keys.removed.push((at, source));
        let done = Done::effects(cancel).then(self.gather(env)).then(self.keep_sources());
        done.then(Done::said(note.offer(Action::Undo, "brings it back")))
    }

    /// Brings back what was removed last.
    pub fn bring_back_source(&mut self, env: &mut Env<'_>) -> Done {
        let Some((at, source)) = self.keys.removed.pop() else { return Done::plain("nothing was removed") };
        if self.keys.named(&source.source).is_some() {
            return Done::plain(format!("{} is there again already", printable(&source.name())));
        }
        let note = Message::fine(format!("{} is back", printable(&source.name())));
        self.keys.all.insert(at.min(self.keys.all.len()), source);
        self.gather(env).then(self.keep_sources()).then(Done::said(note))
    }

    /// A source that asked for something and was not answered, or could not be read, leaves no trace.
    pub fn forget_source(&mut self, id: SourceId) {
        self.keys.all.retain(|source| source.id != id);
    }

    fn keep_sources(&self) -> Done {
        Done::effects([Effect::KeepSources(self.path.clone(), self.keys.known())])
    }

    /// Puts the keys of all sources together, away from the screen; what one source alone brings is there at once.
    fn gather(&mut self, env: &mut Env<'_>) -> Done {
        let mut done = Done::changed(Changed::KEYS);
        let lists: Vec<Arc<KeyList>> =
            self.keys.all.iter().map(|source| Arc::clone(&source.list)).filter(|list| !list.is_empty()).collect();
        let total: u32 = lists.iter().map(|list| list.len()).fold(0, u32::saturating_add);
        if let [] | [_] = lists.as_slice() {
            self.keys.list = lists.first().cloned().unwrap_or_default();
        }
        if lists.is_empty() {
            done.effects.extend(env.jobs.end(Task::Gather));
            (self.keys.listed, self.keys.gathered) = (Arc::default(), 0);
            return done;
        }
        // While keys still come they are put together again only when many more are there: all in all that is one time.
        let has_few_new = total < self.keys.gathered.saturating_add(self.keys.gathered / 4);
        if env.jobs.reads_keys() && (lists.len() == 1 || has_few_new || env.jobs.has(Task::Gather)) {
            return done;
        }
        self.keys.gathered = total;
        let job = env.jobs.begin(Task::Gather, &mut done.effects);
        done.effects.push(Effect::Compute(job, Compute::Gather(lists)));
        done
    }

    pub fn gathered(&mut self, env: &mut Env<'_>, job: JobId, listed: Arc<Listed>) -> Done {
        if !env.jobs.finish(Task::Gather, job) {
            return Done::nothing();
        }
        self.keys.list = Arc::new(listed.keys().clone());
        self.keys.listed = listed;
        let done = Done::changed(Changed::KEYS);
        if env.jobs.reads_keys() { done } else { done.then(self.keys_are_read(env)) }
    }
}

/// What was answered to a source that asked.
#[derive(Clone, Debug)]
pub enum Answer {
    Columns(Columns),
    Place(Place),
}

/// Why a source brought nothing, and what answers it.
fn refused(source: &str, fault: &SourceFault) -> Message {
    let source = printable(source);
    match asks(fault) {
        Some(Asks::Columns(_)) => {
            let text = format!("{source} is a table: which columns are meant?");
            Message::warning(text).offer(Action::Sources, "asks")
        }
        Some(Asks::Place) => {
            Message::error(format!("{source} names no bucket.")).offer(Action::Sources, "asks where its names belong")
        }
        None => Message::error(fault.to_string()),
    }
}

/// How many keys a source brought, and what deserves to be told of it first.
fn in_words(source: &str, summary: &Summary) -> Message {
    let source = printable(source);
    let keys = counted(summary.keys, "key");
    let usable = match summary.usable {
        0 => "none is an .srt or .vtt".to_owned(),
        n if n == summary.keys => "all transcripts".to_owned(),
        1 => "1 is a transcript".to_owned(),
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
