//! A Twelve Labs and a few public buckets on loopback, for rehearsal, demos and tests.
//!
//! Uses nothing else of this crate, so that it can't share a mistake with what it tests. It listens on 127.0.0.1 only,
//! keeps everything in memory, and goes away when it is dropped.

mod answer;
mod assets;
mod bucket;
mod footage;
mod index;
mod listing;
mod manifest;
mod objects;
mod record;
mod serve;
mod signature;
mod twelve_labs;

pub use answer::Answer;
pub use assets::MANIFEST;
pub use bucket::{CAPTIONS, CLOSED, DOTTED, ELSEWHERE, FOOTAGE, VIDEOS};
pub use footage::Video;
pub use record::Request;
pub use signature::Owner;
pub use twelve_labs::Transfer;

use footage::Sparse;
use objects::Objects;
use record::Record;
use serve::Listening;
use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// What a sandbox is started with.
#[derive(Clone, Debug)]
pub struct Options {
    /// 0 takes any free one.
    pub api_port: u16,
    /// 0 takes any free one.
    pub s3_port: u16,
    /// What transfers are answered until [`Sandbox::answer_with`] or `PUT /answer/NAME` says otherwise.
    pub answer: Answer,
    /// How long [`Answer::Slow`] takes.
    pub slow: Duration,
    /// Most keys in one page of a listing; S3's own most is 1,000.
    pub page: usize,
    /// How long each answer of S3 takes to begin.
    pub delay: Duration,
    /// Who may read and list what the public may not. None: nobody.
    pub owner: Option<Owner>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            api_port: 0,
            s3_port: 0,
            answer: Answer::NoContent,
            slow: Duration::from_secs(5),
            page: 1_000,
            delay: Duration::ZERO,
            owner: None,
        }
    }
}

/// A running sandbox. It is ready when [`Sandbox::start`] returns.
#[derive(Debug)]
pub struct Sandbox {
    api: Arc<twelve_labs::State>,
    s3: Record,
    objects: Objects,
    api_url: String,
    s3_endpoint: String,
    _listening: [Listening; 2],
}

impl Sandbox {
    /// Starts both servers on the current runtime.
    ///
    /// # Errors
    /// When a port is taken.
    pub async fn start(options: Options) -> io::Result<Sandbox> {
        let (s3, objects) = (Record::default(), bucket::stocked());
        let buckets = bucket::router(&options, s3.clone(), objects.clone());
        let store = serve::listen(options.s3_port, buckets).await?;
        let s3_endpoint = format!("http://{}", store.address);
        // Another origin than the API's: a client that follows a redirect is caught with the key in its hand.
        let elsewhere = format!("{s3_endpoint}/{CAPTIONS}/moved-here");
        let api = Arc::new(twelve_labs::State::new(options.answer, options.slow, elsewhere));
        let labs = serve::listen(options.api_port, twelve_labs::router(Arc::clone(&api))).await?;
        let api_url = format!("http://{}/v1.2", labs.address);
        Ok(Sandbox { api, s3, objects, api_url, s3_endpoint, _listening: [labs, store] })
    }

    /// `http://127.0.0.1:PORT/v1.2`: what `--api-url` takes.
    pub fn api_url(&self) -> &str {
        &self.api_url
    }

    /// `http://127.0.0.1:PORT`: what `--s3-endpoint` takes.
    pub fn s3_endpoint(&self) -> &str {
        &self.s3_endpoint
    }

    /// The demo's source of transcripts: what `--from` takes.
    pub fn captions(&self) -> String {
        format!("s3://{CAPTIONS}/")
    }

    /// The transfers so far, oldest first: the last few hundred of them.
    pub fn received(&self) -> Vec<Transfer> {
        self.api.received()
    }

    /// The requests for indexes and tasks so far, oldest first: the last thousand of them.
    pub fn api_requests(&self) -> Vec<Request> {
        self.api.record.last()
    }

    /// The requests for buckets so far, oldest first: the last thousand of them.
    pub fn s3_requests(&self) -> Vec<Request> {
        self.s3.last()
    }

    /// How many requests for buckets there were, the forgotten ones too.
    pub fn s3_count(&self) -> u64 {
        self.s3.all()
    }

    /// How often each object and bucket was asked for: `GET /bucket/key`, as it stood in the request.
    pub fn s3_targets(&self) -> BTreeMap<String, u64> {
        self.s3.targets()
    }

    /// The most requests for buckets that were open at once.
    pub fn most_at_once(&self) -> usize {
        self.s3.most_at_once()
    }

    /// Forgets the requests for buckets so far.
    pub fn forget_s3_requests(&self) {
        self.s3.clear();
    }

    /// Answers transfers like this from now on. A key that ends in an answer's name, such as `sandbox-401`, still gets
    /// its own.
    pub fn answer_with(&self, answer: Answer) {
        self.api.answer_with(answer);
    }

    /// Puts an object into a bucket, as its owner would.
    pub fn put(&self, bucket: &str, key: &str, bytes: &[u8]) {
        self.objects.put(bucket, key, Sparse::whole(bytes.to_vec()));
    }

    /// Puts a video into [`FOOTAGE`], in place of one that may be there.
    pub fn put_video(&self, key: &str, video: &Video) {
        self.objects.put(FOOTAGE, key, Sparse::of(video));
    }
}
