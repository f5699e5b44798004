//! The answers of earlier runs, on a thread of their own: a slow, locked or broken database never delays a question for
//! long and never stops a check.

use super::ask::now_ms;
use crate::domain::evidence::{Observation, Subject};
use crate::io::store::Cache;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;
use tokio::sync::oneshot;

/// Batches waiting to be written; further ones are not cached.
const WAITING: usize = 64;
/// A lookup that takes longer counts as a miss.
const PATIENCE: Duration = Duration::from_millis(500);
/// How long the end of a check waits for the last writes.
const LAST_WRITES: Duration = Duration::from_secs(5);
/// Batches, about fifty thousand answers, between two removals of the oldest entries.
const TRIM: u32 = 256;
/// After this many failures in a row the cache is not used any more.
const FAILURES: u32 = 3;

enum Errand {
    Recall(Vec<Subject>, oneshot::Sender<HashMap<Subject, Observation>>),
    Keep(Vec<(Subject, Arc<Observation>)>),
}

#[derive(Debug)]
pub(super) struct EvidenceCache {
    errands: SyncSender<Errand>,
    over: oneshot::Receiver<()>,
}

impl EvidenceCache {
    /// Opens the database of a state folder on its own thread; `place` is the store being asked. None if no thread can
    /// be started.
    pub fn open(folder: PathBuf, place: String) -> Option<EvidenceCache> {
        let (errands, todo) = sync_channel(WAITING);
        let (sender, over) = oneshot::channel();
        let thread = std::thread::Builder::new().name("remembered".into()).spawn(move || {
            run(&folder, &place, &todo);
            let _ = sender.send(());
        });
        thread.ok().map(|_| EvidenceCache { errands, over })
    }

    /// Cached answers for these subjects that are recent enough.
    pub fn recall(&self, subjects: Vec<Subject>) -> impl Future<Output = HashMap<Subject, Observation>> + Send + use<> {
        let (sender, receiver) = oneshot::channel();
        let asked = self.errands.try_send(Errand::Recall(subjects, sender)).is_ok();
        async move {
            if !asked {
                return HashMap::new();
            }
            tokio::time::timeout(PATIENCE, receiver).await.ok().and_then(Result::ok).unwrap_or_default()
        }
    }

    pub fn keep(&self, observed: Vec<(Subject, Arc<Observation>)>) {
        if self.errands.try_send(Errand::Keep(observed)).is_err() {
            tracing::debug!("answers arrive faster than they can be stored");
        }
    }

    /// Waits for pending writes, up to a limit.
    pub async fn close(self) {
        let EvidenceCache { errands, over } = self;
        drop(errands);
        let _ = tokio::time::timeout(LAST_WRITES, over).await;
    }
}

fn run(folder: &std::path::Path, place: &str, todo: &Receiver<Errand>) {
    let mut failures = 0;
    let mut batches = 0;
    let mut cache = None;
    for errand in todo {
        if failures >= FAILURES {
            // An unanswered lookup counts as a miss.
            continue;
        }
        let is_batch = matches!(errand, Errand::Keep(_));
        let done = match &mut cache {
            Some(cache) => carry_out(cache, place, errand),
            None => Cache::open_in_passing(folder).and_then(|opened| carry_out(cache.insert(opened), place, errand)),
        };
        // Also after the first batch: most runs write only a few.
        let is_due = is_batch && batches % TRIM == 0;
        batches += u32::from(is_batch);
        let done = match &mut cache {
            Some(cache) if is_due => done.and_then(|()| cache.trim()),
            _ => done,
        };
        match done {
            Ok(()) => failures = 0,
            Err(error) => {
                failures += 1;
                cache = None;
                tracing::warn!(%error, "what was checked online is not stored");
            }
        }
    }
}

fn carry_out(cache: &mut Cache, place: &str, errand: Errand) -> Result<(), crate::io::store::StoreError> {
    match errand {
        Errand::Recall(subjects, sender) => {
            let found = cache.recall(place, &subjects, now_ms())?;
            let _ = sender.send(found);
            Ok(())
        }
        Errand::Keep(observed) => {
            cache.keep(place, observed.iter().map(|(subject, observation)| (subject, observation.as_ref())))
        }
    }
}
