//! Transcript keys to pick from: which sources are read, one after another, into one list.

use super::{Changed, Done, Env, Session};
use crate::app::action::Action;
use crate::app::effect::Effect;
use crate::app::jobs::Task;
use crate::app::message::Message;
use crate::app::msg::{JobId, Moment};
use crate::domain::keys::{KeyList, Ranked};
use crate::domain::manifest::{Field, RowId};
use crate::domain::s3_url::S3Url;
use std::sync::Arc;

/// Transcript keys from every source that was read.
#[derive(Debug, Default)]
pub struct TranscriptSources {
    pub list: Arc<KeyList>,
    /// The one read last, as the operator names it: `s3://bucket/prefix` or a file.
    pub source: Option<String>,
    /// All that were read or asked for, in their order.
    pub sources: Vec<String>,
    /// Sources still to be read.
    pub waiting: Vec<String>,
    pub fault: Option<String>,
    pub read_at: Option<Moment>,
}

/// A key that can be picked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyOffer {
    /// `s3://bucket/key`
    pub url: String,
    /// `same name`, `used by 4,713`…
    pub reason: String,
    /// In bytes.
    pub size: Option<u64>,
    /// As the listing gives it.
    pub modified: Option<String>,
}

impl KeyOffer {
    /// The keys of a ranking, as they are shown.
    pub fn all(list: &KeyList, ranked: &[Ranked]) -> Vec<KeyOffer> {
        let offer = |ranked: &Ranked| {
            let key = list.get(ranked.index)?;
            let (size, modified) = (key.size, key.modified.clone());
            Some(KeyOffer { url: key.url(), reason: ranked.reason.to_string(), size, modified })
        };
        ranked.iter().filter_map(offer).collect()
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

    /// Lists again what was read last, or what lies around a row.
    pub fn list_around(&mut self, env: &mut Env<'_>, row: RowId) -> Done {
        match self.keys.source.clone().or_else(|| self.place_of(row)) {
            Some(source) => self.read_source(env, source),
            None => {
                let note = Message::plain("this row names no bucket.");
                Done::said(note.offer_with(Action::ReadSource, "s3://bucket/prefix", "lists one"))
            }
        }
    }

    /// Reads keys from a source and adds them to the list. One that was read before is read again, with all others: a list
    /// only grows at its end, so what a source gave can't be taken out of it.
    pub fn read_source(&mut self, env: &mut Env<'_>, source: String) -> Done {
        let earlier = env.jobs.end(Task::ListKeys);
        let keys = &mut self.keys;
        let mut done = Done::nothing();
        if keys.sources.contains(&source) || earlier.is_some() {
            keys.list = Arc::default();
            done.changed = Changed::KEYS;
            if !keys.sources.contains(&source) {
                keys.sources.push(source);
            }
            let later = std::mem::take(&mut keys.waiting);
            keys.waiting = std::mem::take(&mut keys.sources);
            keys.waiting.extend(later);
        } else {
            keys.waiting.insert(0, source);
        }
        done.effects.extend(earlier);
        done.then(self.read_next_source(env))
    }

    /// Reads the next source that waits; offline, only files.
    pub fn read_next_source(&mut self, env: &mut Env<'_>) -> Done {
        if self.keys.waiting.is_empty() {
            return Done::nothing();
        }
        let source = self.keys.waiting.remove(0);
        if env.options.offline && source.starts_with("s3://") {
            let note = Message::plain("offline, buckets are not listed.");
            let said = Done::said(note.offer_with(Action::ReadSource, "FILE", "reads a saved listing"));
            return said.then(self.read_next_source(env));
        }
        let mut done = Done::nothing();
        let job = env.jobs.begin(Task::ListKeys, &mut done.effects);
        self.keys.source = Some(source.clone());
        self.keys.fault = None;
        if !self.keys.sources.contains(&source) {
            self.keys.sources.push(source.clone());
        }
        let (list, snapshot) = (self.keys.list.clone(), self.now().clone());
        done.effects.push(Effect::ListKeys { job, list, source, snapshot });
        done
    }

    pub fn keys_listed(&mut self, env: &Env<'_>, job: JobId, list: Arc<KeyList>) -> Done {
        if !env.jobs.awaits(Task::ListKeys, job) {
            return Done::nothing();
        }
        self.keys.list = list;
        self.keys.read_at = Some(env.now);
        Done::changed(Changed::KEYS)
    }

    pub fn keys_ended(&mut self, env: &mut Env<'_>, job: JobId, end: Result<(), String>) -> Done {
        if !env.jobs.finish(Task::ListKeys, job) {
            return Done::nothing();
        }
        let mut done = Done::changed(Changed::KEYS);
        if let Err(fault) = end {
            self.keys.fault = Some(fault.clone());
            done.note = Some(Message::error(fault));
        }
        done.then(self.read_next_source(env))
    }
}
