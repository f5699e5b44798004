//! Transcript keys to pick from: which sources are read, one after another, into one list.

use super::{Changed, Done, Env, Session};
use crate::app::action::Action;
use crate::app::effect::Effect;
use crate::app::jobs::Task;
use crate::app::message::{Mark, Message};
use crate::app::msg::{JobId, Moment};
use crate::domain::format::thousands;
use crate::domain::keys::{KeyList, Ranked, Summary};
use crate::domain::manifest::{Field, RowId};
use crate::domain::printable::printable;
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
    /// What each source that was read held, in the order they were read.
    pub read: Vec<ReadSource>,
}

/// A source that was read.
#[derive(Clone, Debug)]
pub struct ReadSource {
    /// As the operator names it.
    pub source: String,
    pub summary: Summary,
    pub at: Moment,
}

impl TranscriptSources {
    /// The buckets that were taken for keys without one: nobody named them.
    pub fn assumed_buckets(&self) -> Vec<&str> {
        self.read.iter().filter_map(|read| read.summary.assumed_bucket.as_deref()).collect()
    }

    /// When the source was read that was read first.
    pub fn oldest(&self) -> Option<Moment> {
        self.read.iter().map(|read| read.at).min()
    }
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
            keys.read.clear();
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
            return self.keys_are_read(env);
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

    pub fn keys_ended(&mut self, env: &mut Env<'_>, job: JobId, end: Result<Box<Summary>, String>) -> Done {
        if !env.jobs.finish(Task::ListKeys, job) {
            return Done::nothing();
        }
        let mut done = Done::changed(Changed::KEYS);
        let source = self.keys.source.clone().unwrap_or_default();
        // What the command line named is read unasked: only what deserves a look is told.
        let is_unasked =
            env.options.sources.contains(&source) && !self.keys.read.iter().any(|read| read.source == source);
        let note = match end {
            Ok(summary) => {
                let note = in_words(&source, &summary);
                if summary.usable == 0 && summary.given == 0 {
                    self.keys.fault = Some(note.text.clone());
                }
                self.keys.read.retain(|read| read.source != source);
                self.keys.read.push(ReadSource { source, summary: *summary, at: env.now });
                note
            }
            Err(fault) => {
                self.keys.fault = Some(fault.clone());
                Message::error(fault)
            }
        };
        done.note = (!is_unasked || note.mark != Mark::Fine).then_some(note);
        done.then(self.read_next_source(env))
    }
}

/// How many keys a source brought, and what deserves to be told of it first.
fn in_words(source: &str, summary: &Summary) -> Message {
    let source = printable(source);
    let keys = if summary.keys == 1 { "1 key".to_owned() } else { format!("{} keys", thousands(summary.keys)) };
    let usable = match summary.usable {
        0 => "none is an .srt or .vtt".to_owned(),
        n if n == summary.keys => "all transcripts".to_owned(),
        1 => "1 is a transcript".to_owned(),
        n => format!("{} are transcripts", thousands(n)),
    };
    let remark = summary.remarks().into_iter().find(|_| summary.is_doubtful() || summary.assumed_bucket.is_some());
    let remark = remark.filter(|_| summary.usable > 0).map_or_else(String::new, |remark| format!("; {remark}"));
    let text = format!("{keys} in {source}, {usable}{remark}");
    match (summary.usable + summary.given, remark.is_empty()) {
        (0, _) => Message::error(text),
        (_, true) => Message::fine(text),
        (_, false) => Message::warning(text),
    }
}
