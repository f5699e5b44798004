//! Whether and where a bucket exists: one `HEAD` for both (Amazon S3 API, HeadBucket).

use super::S3;
use super::address::bucket_by_path;
use super::exchange::{Ask, NO_HEADERS};
use crate::domain::evidence::Unclear;
use reqwest::Method;

/// What is known of a bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bucket {
    /// None if unknown.
    pub exists: Option<bool>,
    /// Amazon reports it regardless of permissions; other stores may not.
    pub region: Option<Box<str>>,
    /// Why there is no answer.
    pub unclear: Option<Unclear>,
    pub requests: u32,
}

impl S3 {
    /// Requests a bucket. Only status and headers count: a `HEAD` has no body.
    pub async fn bucket(&self, name: &str) -> Bucket {
        let mut bucket = Bucket::default();
        let Some(url) = bucket_by_path(self.options.endpoint.as_ref(), name) else {
            return Bucket { unclear: Some(Unclear::NotAskable), ..bucket };
        };
        match self.ask(&Ask { method: Method::HEAD, ..Ask::get(&url) }, 0, &mut bucket.requests).await {
            Err(failed) => bucket.unclear = Some(self.unclear(failed)),
            Ok(reply) if let Some(why) = reply.not_from_a_store(self.options.endpoint.is_some()) => {
                bucket.unclear = Some(why);
            }
            Ok(reply) => {
                bucket.region = reply.region().map(Into::into);
                match reply.status {
                    // Only a page's headers come with a `HEAD`, and no store answers with a page.
                    400..=599 if bucket.region.is_none() && reply.is_web_page() => {
                        bucket.unclear = Some(Unclear::Gateway(reply.status));
                    }
                    404 if self.options.endpoint.is_none() && !reply.is_marked() => {
                        bucket.unclear = Some(Unclear::Status(404, Some(NO_HEADERS.into())));
                    }
                    404 => bucket.exists = Some(false),
                    200..=299 | 301 | 307 => bucket.exists = Some(true),
                    // A missing bucket has no region.
                    _ if bucket.region.is_some() => bucket.exists = Some(true),
                    // A store that hides its buckets from anonymous requests.
                    401 | 403 => {}
                    429 | 503 => bucket.unclear = Some(Unclear::Throttled),
                    status => bucket.unclear = Some(Unclear::Status(status, None)),
                }
            }
        }
        bucket
    }
}
