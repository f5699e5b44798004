//! One question about one thing, answered by whoever knows: S3 for objects and their buckets, Twelve Labs for indexes. The
//! two clients share nothing: the one that asks S3 never sees the API key.

use crate::domain::evidence::{Answer, Fact, IndexAnswer, Kind, Looked, Object, Subject, Unclear};
use crate::domain::request::Address;
use crate::io::s3::{Bucket, S3};
use crate::io::twelve_labs::{Indexes, Proxy};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use secrecy::SecretString;
use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync;

/// How to ask Twelve Labs.
#[derive(Clone)]
pub struct Labs {
    pub address: Address,
    pub proxy: Option<Proxy>,
    /// The API key, if it can be had without asking anybody. Called on a thread where it may block, when the first index is
    /// to be asked for.
    pub key: Arc<dyn Fn() -> Option<SecretString> + Send + Sync>,
}

impl fmt::Debug for Labs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Labs").field("address", &self.address).finish_non_exhaustive()
    }
}

/// Cheap to clone; what is known of buckets is shared.
#[derive(Clone)]
pub(super) struct Asker(Arc<Inner>);

struct Inner {
    s3: S3,
    labs: Option<Labs>,
    indexes: sync::Mutex<Client>,
    /// Asked for once, and waited for by all who need it.
    buckets: Mutex<HashMap<Box<str>, Asked>>,
    requests: Arc<AtomicU64>,
}

type Asked = Shared<BoxFuture<'static, Bucket>>;

/// The client for indexes.
enum Client {
    NotNeeded,
    /// There was no key.
    Without,
    Ready(Indexes),
}

impl Asker {
    pub fn new(s3: S3, labs: Option<Labs>) -> Asker {
        let indexes = sync::Mutex::new(Client::NotNeeded);
        Asker(Arc::new(Inner { s3, labs, indexes, buckets: Mutex::default(), requests: Arc::default() }))
    }

    /// Requests sent so far, those for buckets too.
    pub fn requests(&self) -> u64 {
        self.0.requests.load(Ordering::Relaxed)
    }

    /// What is known of a bucket is asked again with the next object in it.
    pub fn forget_bucket(&self, name: &str) {
        self.buckets().remove(name);
    }

    /// As [`Asker::forget_bucket`], all of them.
    pub fn forget_buckets(&self) {
        self.buckets().clear();
    }

    /// If there was no key, it is looked for again.
    pub fn look_for_key(&self) {
        // Whoever holds it is looking for the key now.
        if let Ok(mut client) = self.0.indexes.try_lock()
            && matches!(*client, Client::Without)
        {
            *client = Client::NotNeeded;
        }
    }

    pub async fn ask(&self, subject: &Subject) -> Looked {
        let (fact, requests) = match subject.kind() {
            Kind::Transcript => {
                let (object, requests) = self.transcript(subject).await;
                (Fact::Transcript(object), requests)
            }
            Kind::Video => {
                let (object, requests) = self.video(subject).await;
                (Fact::Video(object), requests)
            }
            Kind::Index => {
                let (answer, requests) = self.index(subject.name()).await;
                (Fact::Index(answer), requests)
            }
        };
        self.0.requests.fetch_add(requests.into(), Ordering::Relaxed);
        Looked { at_ms: now_ms(), requests, remembered: false, fact }
    }

    async fn transcript(&self, subject: &Subject) -> (Object<crate::domain::subtitle::Inspected>, u32) {
        let Some(url) = subject.url() else { return (unclear(Unclear::NotAskable), 0) };
        let bucket = self.bucket(url.bucket()).await;
        match lost(&bucket) {
            Some(why) => (unclear(why), 0),
            None => self.0.s3.transcript(&url, &bucket).await,
        }
    }

    async fn video(&self, subject: &Subject) -> (Object<crate::domain::video::Facts>, u32) {
        let Some(url) = subject.url() else { return (unclear(Unclear::NotAskable), 0) };
        let bucket = self.bucket(url.bucket()).await;
        match lost(&bucket) {
            Some(why) => (unclear(why), 0),
            None => self.0.s3.video(&url, &bucket).await,
        }
    }

    /// A bucket, asked for once. What a later question might better is not kept.
    async fn bucket(&self, name: &str) -> Bucket {
        let asked = self.buckets().entry(name.into()).or_insert_with(|| self.ask_bucket(name)).clone();
        let bucket = asked.clone().await;
        let is_settled = !matches!(bucket.unclear, Some(ref why) if *why != Unclear::NotAskable);
        if !is_settled {
            let mut buckets = self.buckets();
            if buckets.get(name).is_some_and(|known| known.ptr_eq(&asked)) {
                buckets.remove(name);
            }
        }
        bucket
    }

    fn ask_bucket(&self, name: &str) -> Asked {
        let (s3, requests, name) = (self.0.s3.clone(), Arc::clone(&self.0.requests), name.to_owned());
        let ask = async move {
            let bucket = s3.bucket(&name).await;
            requests.fetch_add(bucket.requests.into(), Ordering::Relaxed);
            bucket
        };
        ask.boxed().shared()
    }

    fn buckets(&self) -> std::sync::MutexGuard<'_, HashMap<Box<str>, Asked>> {
        self.0.buckets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn index(&self, id: &str) -> (IndexAnswer, u32) {
        let Some(indexes) = self.indexes().await else { return (IndexAnswer::Unclear(Unclear::NoKey), 0) };
        let answer = indexes.index(id).await;
        if matches!(answer, IndexAnswer::Unclear(Unclear::Status(401, _))) {
            // The next question is asked with the key of that moment.
            *self.0.indexes.lock().await = Client::NotNeeded;
        }
        (answer, 1)
    }

    async fn indexes(&self) -> Option<Indexes> {
        let labs = self.0.labs.as_ref()?;
        let mut client = self.0.indexes.lock().await;
        if matches!(*client, Client::NotNeeded) {
            let key = Arc::clone(&labs.key);
            let key = tokio::task::spawn_blocking(move || key()).await.ok().flatten();
            let made = key.map(|key| Indexes::new(&labs.address, &key, labs.proxy.as_ref(), Indexes::PATIENCE));
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

/// Why the objects of a bucket need not be asked for: nobody answers.
fn lost(bucket: &Bucket) -> Option<Unclear> {
    bucket.unclear.clone().filter(|why| matches!(why, Unclear::Unreachable(_)))
}

fn unclear<T>(why: Unclear) -> Object<T> {
    Object { region: None, signed: false, answer: Answer::Unclear(why) }
}

/// What stands for the answer when the question itself broke off.
pub(super) fn broken(kind: Kind) -> Looked {
    let fact = match kind {
        Kind::Transcript => Fact::Transcript(unclear(Unclear::Garbled)),
        Kind::Video => Fact::Video(unclear(Unclear::Garbled)),
        Kind::Index => Fact::Index(IndexAnswer::Unclear(Unclear::Garbled)),
    };
    Looked { at_ms: now_ms(), requests: 0, remembered: false, fact }
}

/// In unix milliseconds.
pub(super) fn now_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}
