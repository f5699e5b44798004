//! Whether a bucket is there, and where: one `HEAD` for both (Amazon S3 API, HeadBucket).

use super::S3;
use super::address::bucket_by_path;
use super::exchange::Ask;
use crate::domain::evidence::Unclear;
use reqwest::Method;

/// What is known of a bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bucket {
    /// None when it can't be told.
    pub exists: Option<bool>,
    /// Amazon tells it whatever the permissions; other stores may not.
    pub region: Option<Box<str>>,
    /// Why nothing is known.
    pub unclear: Option<Unclear>,
    pub requests: u32,
}

impl S3 {
    /// Asks for a bucket. What it answers is taken from status and headers alone: a `HEAD` has no body.
    pub async fn bucket(&self, name: &str) -> Bucket {
        let mut bucket = Bucket::default();
        let Some(url) = bucket_by_path(self.options.endpoint.as_ref(), name) else {
            return Bucket { unclear: Some(Unclear::NotAskable), ..bucket };
        };
        match self.ask(&Ask { method: Method::HEAD, ..Ask::get(&url) }, 0, &mut bucket.requests).await {
            Err(failed) => bucket.unclear = Some(self.unclear(failed)),
            Ok(reply) => {
                bucket.region = reply.region().map(Into::into);
                match reply.status {
                    404 => bucket.exists = Some(false),
                    200..=299 | 301 | 307 => bucket.exists = Some(true),
                    // What is nowhere has no region.
                    _ if bucket.region.is_some() => bucket.exists = Some(true),
                    // A store that hides its buckets from the public.
                    401 | 403 => {}
                    429 | 503 => bucket.unclear = Some(Unclear::Throttled),
                    status => bucket.unclear = Some(Unclear::Status(status, None)),
                }
            }
        }
        bucket
    }
}
