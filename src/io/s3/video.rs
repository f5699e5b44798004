//! Reads a video's header in a few small ranges. The probe chooses them; here they are fetched, all from the same
//! version of the object. Where it can't read the header, an allowed ffprobe is asked.

use super::S3;
use super::bucket::Bucket;
use super::ffprobe;
use super::object::{Asked, content};
use crate::domain::evidence::{Answer, Found, Object, Unclear};
use crate::domain::s3_url::S3Url;
use crate::domain::video::{Container, Facts, Probe, Step};

/// The result of one attempt.
enum Read {
    Done(Answer<Facts>),
    /// The object was replaced meanwhile.
    Changed,
}

impl S3 {
    /// Checks a video's header, never its frames; anonymously first, then with the operator's credentials if there are
    /// any. Also returns the number of requests.
    pub async fn video(&self, url: &S3Url, bucket: &Bucket) -> (Object<Facts>, u32) {
        let mut asked = Asked::new(self, url, bucket);
        if bucket.exists == Some(false) {
            return asked.done(Answer::NoBucket);
        }
        let mut attempts = 2;
        while attempts > 0 {
            match read(&mut asked, url).await {
                Read::Changed => attempts -= 1,
                // Videos are usually private: only signed requests get further.
                Read::Done(Answer::Refused { .. }) if asked.sign() => {}
                Read::Done(answer @ Answer::Missing { .. }) => {
                    let answer = asked.with_instead(answer).await;
                    return asked.done(answer);
                }
                Read::Done(mut answer) => {
                    if let Answer::Found(found) = &mut answer
                        && matches!(found.what.container, Container::Other(_))
                        && found.what.broken().is_none()
                        && let Some(ffprobe) = &self.options.ffprobe
                    {
                        let (size, etag) = (found.size, found.etag.as_deref());
                        asked.requests += ffprobe::complete(&asked, ffprobe, &mut found.what, size, etag).await;
                    }
                    return asked.done(answer);
                }
            }
        }
        asked.done(Answer::Unclear(Unclear::Changing))
    }
}

async fn read(asked: &mut Asked<'_>, url: &S3Url) -> Read {
    let mut probe = Probe::new();
    // From the first reply: all others must belong to the same object.
    let mut first: Option<(u64, Option<Box<str>>)> = None;
    loop {
        let range = match (probe.step(), &first) {
            (Step::Need(range), _) => range,
            (Step::Done(what), Some((size, etag))) => {
                return Read::Done(Answer::Found(Found { size: *size, etag: etag.clone(), what }));
            }
            // The probe finished without having been given any bytes.
            (Step::Done(_), None) => return Read::Done(Answer::Unclear(Unclear::Garbled)),
        };
        let at = range.start;
        // A weak ETag never matches in `If-Match`.
        let tag = first.as_ref().and_then(|(_, etag)| etag.as_deref()).filter(|etag| !etag.starts_with("W/"));
        let reply = match asked.get(url, range, tag).await {
            Ok(reply) => reply,
            Err(unclear) => return Read::Done(Answer::Unclear(unclear)),
        };
        if first.is_some() && matches!(reply.status, 412 | 416) {
            return Read::Changed;
        }
        let size = match content(&reply, at) {
            Ok(size) => size,
            Err(answer) => return Read::Done(answer),
        };
        let etag: Option<Box<str>> = reply.header("etag").map(Into::into);
        match &first {
            Some(same) if *same != (size, etag.clone()) => return Read::Changed,
            Some(_) => {}
            None => first = Some((size, etag)),
        }
        probe.give(at, &reply.body, size);
    }
}
