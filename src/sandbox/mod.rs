//! A Twelve Labs and a few public buckets on loopback, for rehearsal, demos and tests.
//!
//! Uses no other module of this crate, so that it can't share a bug with what it tests. It listens on 127.0.0.1 only,
//! keeps everything in memory, and ends when dropped.

mod answer;
mod assets;
mod bucket;
mod footage;
mod index;
mod listing;
mod manifest;
mod objects;
mod record;
mod replies;
mod serve;
mod signature;
mod single;
mod tasks;
mod twelve_labs;

pub use answer::Answer;
pub use assets::MANIFEST;
pub use bucket::{CAPTIONS, CLOSED, DOTTED, ELSEWHERE, FOOTAGE, VIDEOS};
pub use footage::Video;
pub use record::Request;
pub use signature::Owner;
pub use tasks::Shape;
pub use twelve_labs::Transfer;

use footage::Sparse;
use jiff::SignedDuration;
use objects::Objects;
use record::Record;
use serve::Listening;
use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// The options of a sandbox.
#[derive(Clone, Debug)]
pub struct SandboxOptions {
    /// 0 for any free port.
    pub api_port: u16,
    /// 0 for any free port.
    pub s3_port: u16,
    /// The answer to transfers until [`Sandbox::answer_with`] or `PUT /answer/NAME` changes it.
    pub answer: Answer,
    /// Delay of [`Answer::Slow`].
    pub slow: Duration,
    /// Most keys per listing page; S3's limit is 1,000.
    pub page: usize,
    /// Delay before each S3 reply.
    pub delay: Duration,
    /// Credentials that may read and list private objects. None for nobody.
    pub owner: Option<Owner>,
    /// From a transfer to the end of its last task.
    pub life: Duration,
    /// The service's clock minus this machine's.
    pub ahead: SignedDuration,
    /// The limit of transfers and single videos a day. Twelve of them are used up from the start.
    pub videos_a_day: u64,
}

impl Default for SandboxOptions {
    fn default() -> Self {
        SandboxOptions {
            api_port: 0,
            s3_port: 0,
            answer: Answer::NoContent,
            slow: Duration::from_secs(5),
            page: 1_000,
            delay: Duration::ZERO,
            owner: None,
            life: Duration::from_secs(32),
            ahead: SignedDuration::ZERO,
            videos_a_day: 1_000,
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
    /// If a port is taken.
    pub async fn start(options: SandboxOptions) -> io::Result<Sandbox> {
        let (s3, objects) = (Record::default(), bucket::stocked());
        let buckets = bucket::router(&options, s3.clone(), objects.clone());
        let store = serve::listen(options.s3_port, buckets).await?;
        let s3_endpoint = format!("http://{}", store.address);
        let api = Arc::new(twelve_labs::State::new(&options, &s3_endpoint, objects.clone()));
        let labs = serve::listen(options.api_port, twelve_labs::router(Arc::clone(&api))).await?;
        let api_url = format!("http://{}/v1.2", labs.address);
        Ok(Sandbox { api, s3, objects, api_url, s3_endpoint, _listening: [labs, store] })
    }

    /// `http://127.0.0.1:PORT/v1.2`, for `--api-url`.
    pub fn api_url(&self) -> &str {
        &self.api_url
    }

    /// `http://127.0.0.1:PORT`, for `--s3-endpoint`.
    pub fn s3_endpoint(&self) -> &str {
        &self.s3_endpoint
    }

    /// The demo's source of transcripts, for `--from`.
    pub fn captions(&self) -> String {
        format!("s3://{CAPTIONS}/")
    }

    /// The last few hundred transfers, oldest first.
    pub fn received(&self) -> Vec<Transfer> {
        self.api.received()
    }

    /// The last thousand requests for indexes and tasks, oldest first.
    pub fn api_requests(&self) -> Vec<Request> {
        self.api.record.last()
    }

    /// The number of all requests for indexes and tasks.
    pub fn api_count(&self) -> u64 {
        self.api.record.all()
    }

    /// The last thousand bucket requests, oldest first.
    pub fn s3_requests(&self) -> Vec<Request> {
        self.s3.last()
    }

    /// The number of all bucket requests.
    pub fn s3_count(&self) -> u64 {
        self.s3.all()
    }

    /// How often each object and bucket was requested: `GET /bucket/key`, with the raw target.
    pub fn s3_targets(&self) -> BTreeMap<String, u64> {
        self.s3.targets()
    }

    /// The most concurrent bucket requests.
    pub fn most_at_once(&self) -> usize {
        self.s3.most_at_once()
    }

    /// Clears the bucket requests so far.
    pub fn forget_s3_requests(&self) {
        self.s3.clear();
    }

    /// Sets the answer to transfers. An API key that ends in an answer's name, such as `sandbox-401`, still gets that
    /// one.
    pub fn answer_with(&self, answer: Answer) {
        self.api.answer_with(answer);
    }

    /// Sets the answer to single videos, `POST /tasks`; `NoContent` for the documented one. An API key that asks for an
    /// error still gets that one, unless it says that the transfer endpoint is gone.
    pub fn answer_single_with(&self, answer: Answer) {
        self.api.answer_single_with(answer);
    }

    /// Sets the answer to questions for tasks, as [`Sandbox::answer_single_with`] does.
    pub fn answer_listing_with(&self, answer: Answer) {
        self.api.answer_listing_with(answer);
    }

    /// Lets time pass for the tasks at once; the service's clock stands still meanwhile.
    pub fn let_pass(&self, time: Duration) {
        self.api.with_tasks(|tasks| tasks.let_pass(time));
    }

    /// Sets the shape of `GET /tasks`.
    pub fn shape_tasks(&self, shape: Shape) {
        self.api.with_tasks(|tasks| tasks.shape = shape);
    }

    /// Puts a status that no version documents in place of `indexing`.
    pub fn odd_status(&self, status: &str) {
        self.api.with_tasks(|tasks| tasks.odd_status = Some(status.to_owned()));
    }

    /// Stores an object in a bucket, as its owner would.
    pub fn put(&self, bucket: &str, key: &str, bytes: &[u8]) {
        self.objects.put(bucket, key, Sparse::whole(bytes.to_vec()));
    }

    /// Stores a video in [`FOOTAGE`], replacing one with the same key.
    pub fn put_video(&self, key: &str, video: &Video) {
        self.objects.put(FOOTAGE, key, Sparse::of(video));
    }
}
