//! Answers one question: S3 is asked about objects and buckets, Twelve Labs about indexes. The two clients are
//! separate: the S3 client never sees the API key.

use crate::domain::evidence::{Answer, Fact, IndexAnswer, Object, Observation, Subject, SubjectKind, Unclear};
use crate::domain::request::Address;
use crate::domain::s3_url::S3Url;
use crate::io::s3::{Bucket, S3};
use crate::io::twelve_labs::{Indexes, Route};
use futures_util::FutureExt;
use futures_util::future::{self, BoxFuture};
use secrecy::SecretString;
use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync;
use tokio::time::Instant;

/// How long an unclear answer about a bucket is kept before it is requested again.
const UNCLEAR: Duration = Duration::from_secs(60);

/// How to ask Twelve Labs.
#[derive(Clone)]
pub struct Labs {
    pub address: Address,
    pub route: Route,
    /// The API key, if available without prompting. Called before the first index request, on a thread that may block.
    pub api_key: Arc<dyn Fn() -> Option<Arc<SecretString>> + Send + Sync>,
}

impl fmt::Debug for Labs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Labs").field("address", &self.address).finish_non_exhaustive()
    }
}

/// Cheap to clone; answers about buckets are shared.
#[derive(Clone)]
pub(super) struct Asker {
    s3: S3,
    shared: Arc<Shared>,
}

struct Shared {
    labs: Option<Labs>,
    indexes: sync::Mutex<Client>,
    /// Requested once; everyone who needs the answer waits for it.
    buckets: Mutex<HashMap<Box<str>, Asked>>,
    requests: Arc<Requests>,
}

#[derive(Debug, Default)]
struct Requests {
    all: AtomicU64,
    /// Bucket requests not yet reported.
    buckets: AtomicU64,
}

#[derive(Clone)]
struct Asked {
    bucket: future::Shared<BoxFuture<'static, Bucket>>,
    at: Instant,
}

impl Asked {
    /// An old answer without a result: a new request may do better.
    fn is_stale(&self) -> bool {
        let unclear = self.bucket.peek().and_then(|bucket| bucket.unclear.as_ref());
        unclear.is_some_and(|why| *why != Unclear::NotAskable) && self.at.elapsed() >= UNCLEAR
    }
}

/// The client for indexes.
enum Client {
    NotNeeded,
    /// There is no API key.
    Without,
    Ready(Indexes),
}

impl Asker {
    pub fn new(s3: S3, labs: Option<Labs>) -> Asker {
        let indexes = sync::Mutex::new(Client::NotNeeded);
        let shared = Shared { labs, indexes, buckets: Mutex::default(), requests: Arc::default() };
        Asker { s3, shared: Arc::new(shared) }
    }

    /// The same, but S3 is asked over other connections.
    pub fn on_own_connections(&self) -> Asker {
        Asker { s3: self.s3.on_own_connections(), shared: Arc::clone(&self.shared) }
    }

    /// Requests sent so far, including those for buckets.
    pub fn requests(&self) -> u64 {
        self.shared.requests.all.load(Ordering::Relaxed)
    }

    /// Bucket requests since the last call.
    pub fn bucket_requests(&self) -> u32 {
        u32::try_from(self.shared.requests.buckets.swap(0, Ordering::Relaxed)).unwrap_or(u32::MAX)
    }

    /// Requests the bucket again with the next object in it.
    pub fn forget_bucket(&self, name: &str) {
        self.buckets().remove(name);
    }

    /// As [`Asker::forget_bucket`], for all buckets.
    pub fn forget_buckets(&self) {
        self.buckets().clear();
    }

    /// Looks for an API key again if there was none.
    pub fn look_for_key(&self) {
        // If it is locked, the holder is looking for the key now.
        if let Ok(mut client) = self.shared.indexes.try_lock()
            && matches!(*client, Client::Without)
        {
            *client = Client::NotNeeded;
        }
    }

    pub async fn ask(&self, subject: &Subject) -> Observation {
        let (fact, requests) = match subject.kind() {
            SubjectKind::Transcript => {
                let (object, requests) = match self.place(subject).await {
                    Ok((url, bucket)) => self.s3.transcript(&url, &bucket).await,
                    Err(why) => (unclear(why), 0),
                };
                (Fact::Transcript(object), requests)
            }
            SubjectKind::Video => {
                let (object, requests) = match self.place(subject).await {
                    Ok((url, bucket)) => self.s3.video(&url, &bucket).await,
                    Err(why) => (unclear(why), 0),
                };
                (Fact::Video(Box::new(object)), requests)
            }
            SubjectKind::Index => {
                let (answer, requests) = self.index(subject.name()).await;
                (Fact::Index(answer), requests)
            }
        };
        self.shared.requests.all.fetch_add(requests.into(), Ordering::Relaxed);
        Observation { at_ms: now_ms(), requests, cached: false, fact }
    }

    /// Where the object is, and what is known about its bucket; or why no request is needed.
    async fn place(&self, subject: &Subject) -> Result<(S3Url, Bucket), Unclear> {
        let url = subject.url().ok_or(Unclear::NotAskable)?;
        let bucket = self.bucket(url.bucket()).await;
        match &bucket.unclear {
            Some(why @ Unclear::Unreachable(_)) => Err(why.clone()),
            _ => Ok((url, bucket)),
        }
    }

    /// Answers about a bucket with a single request. An unclear answer is kept for a while; no reply at all is not
    /// kept, so the next object asks again.
    async fn bucket(&self, name: &str) -> Bucket {
        let asked = {
            let mut buckets = self.buckets();
            if buckets.get(name).is_some_and(Asked::is_stale) {
                buckets.remove(name);
            }
            buckets.entry(name.into()).or_insert_with(|| self.ask_bucket(name)).clone()
        };
        let bucket = asked.bucket.clone().await;
        if matches!(bucket.unclear, Some(Unclear::Unreachable(_))) {
            let mut buckets = self.buckets();
            if buckets.get(name).is_some_and(|known| known.bucket.ptr_eq(&asked.bucket)) {
                buckets.remove(name);
            }
        }
        bucket
    }

    fn ask_bucket(&self, name: &str) -> Asked {
        let (s3, requests, name) = (self.s3.clone(), Arc::clone(&self.shared.requests), name.to_owned());
        let ask = async move {
            let bucket = s3.bucket(&name).await;
            requests.all.fetch_add(bucket.requests.into(), Ordering::Relaxed);
            requests.buckets.fetch_add(bucket.requests.into(), Ordering::Relaxed);
            bucket
        };
        Asked { bucket: ask.boxed().shared(), at: Instant::now() }
    }

    fn buckets(&self) -> std::sync::MutexGuard<'_, HashMap<Box<str>, Asked>> {
        self.shared.buckets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn index(&self, id: &str) -> (IndexAnswer, u32) {
        let Some(indexes) = self.indexes().await else { return (IndexAnswer::Unclear(Unclear::NoKey), 0) };
        let answer = indexes.index(id).await;
        if matches!(answer, IndexAnswer::Unclear(Unclear::Status(401, _))) {
            // The next request uses the API key of that time.
            *self.shared.indexes.lock().await = Client::NotNeeded;
        }
        (answer, 1)
    }

    async fn indexes(&self) -> Option<Indexes> {
        let labs = self.shared.labs.as_ref()?;
        let mut client = self.shared.indexes.lock().await;
        if matches!(*client, Client::NotNeeded) {
            let key = Arc::clone(&labs.api_key);
            let key = tokio::task::spawn_blocking(move || key()).await.ok().flatten();
            let made = key.map(|key| Indexes::new(&labs.address, &key, &labs.route, Indexes::PATIENCE));
            *client = match made {
                Some(Ok(indexes)) => Client::Ready(indexes),
                Some(Err(why)) => {
                    tracing::warn!(why, "indexes can't be asked for");
                    Client::Without
                }
                None => Client::Without,
            };
        }
        match &*client {
            Client::Ready(indexes) => Some(indexes.clone()),
            Client::NotNeeded | Client::Without => None,
        }
    }
}

fn unclear<T>(why: Unclear) -> Object<T> {
    Object { region: None, signed: false, answer: Answer::Unclear(why) }
}

/// The answer if the check itself failed.
pub(super) fn broken(kind: SubjectKind) -> Observation {
    let fact = match kind {
        SubjectKind::Transcript => Fact::Transcript(unclear(Unclear::Garbled)),
        SubjectKind::Video => Fact::Video(Box::new(unclear(Unclear::Garbled))),
        SubjectKind::Index => Fact::Index(IndexAnswer::Unclear(Unclear::Garbled)),
    };
    Observation { at_ms: now_ms(), requests: 0, cached: false, fact }
}

/// In Unix milliseconds.
pub(super) fn now_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}
