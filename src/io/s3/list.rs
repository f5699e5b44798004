//! The anonymous listing of a bucket, page by page (Amazon S3 API, ListObjectsV2).
//!
//! A listing ends by itself at the last page; dropping its future, or the receiver of its pages, ends it earlier.

use super::address::{self, HOME, bucket_url, is_region};
use super::{S3, innermost};
use crate::domain::keys::Key;
use serde::Deserialize;
use std::collections::HashSet;
use std::time::Duration;
use tokio::sync::mpsc;

/// A page of 1,000 keys of 1,024 bytes, each byte written as `%XX`, and room for the rest of their entries.
const MOST_BYTES: usize = 8 * 1024 * 1024;

/// How often a throttled page is asked for, all in all.
const TRIES: u32 = 4;

/// What one page brought, in the bucket's own order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    pub keys: Vec<Key>,
}

/// A listing that came to its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    pub keys: u64,
    /// Requests that were answered.
    pub requests: u32,
    /// Keys that are no UTF-8 text: left out.
    pub unreadable: u64,
    /// The receiver of the pages went away before the end.
    pub stopped: bool,
}

/// Why a bucket could not be listed, or not to its end. The pages before are good.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    #[error("{0} is no name of a bucket")]
    BadBucket(String),
    #[error(
        "The bucket does not let us list. Save a listing with your own access: aws s3 ls --recursive s3://{bucket}/{prefix} > keys.txt, then :source keys.txt@s3://{bucket}"
    )]
    Refused { bucket: String, prefix: String },
    #[error("There is no bucket {0}.")]
    NoBucket(String),
    #[error("S3 points to another address; cuecard does not follow. Is {0} in another region or partition?")]
    Redirected(String),
    #[error("S3 asks to slow down. Try again in a minute.")]
    Throttled,
    #[error("S3 could not be reached: {0}.")]
    Unreachable(String),
    #[error("S3 was silent for {0} seconds.")]
    Silent(u64),
    #[error("S3 answered {status}{}.", code.as_deref().map(|code| format!(" {code}")).unwrap_or_default())]
    Answer { status: u16, code: Option<String> },
    #[error("The listing can't be read: {0}.")]
    Garbled(String),
}

/// A whole reply, as far as it matters.
struct Reply {
    status: u16,
    region: Option<String>,
    body: Vec<u8>,
}

impl S3 {
    /// Lists a bucket and sends each page as it comes. A full channel makes the listing wait.
    ///
    /// # Errors
    /// [`ListError`]; the pages sent before it are good.
    pub async fn list(&self, bucket: &str, prefix: &str, pages: mpsc::Sender<Page>) -> Result<Summary, ListError> {
        let mut region = HOME.to_owned();
        let mut moved = false;
        let mut summary = Summary::default();
        let mut token: Option<String> = None;
        let mut seen = HashSet::new();
        loop {
            let url = bucket_url(self.options.endpoint.as_ref(), &region, bucket)
                .ok_or_else(|| ListError::BadBucket(bucket.to_owned()))?;
            let mut pairs = vec![("list-type", "2"), ("encoding-type", "url"), ("prefix", prefix)];
            pairs.extend(token.as_deref().map(|token| ("continuation-token", token)));
            let reply = self.ask(&format!("{url}?{}", address::query(&pairs)), &mut summary.requests).await?;
            if reply.status == 301 && self.options.endpoint.is_none() && !moved {
                // The region's name is all that is taken from the reply: the host is made here.
                if let Some(home) = reply.region.filter(|home| is_region(home) && *home != region) {
                    region = home;
                    moved = true;
                    continue;
                }
                return Err(ListError::Redirected(bucket.to_owned()));
            }
            if reply.status != 200 {
                return Err(refusal(&reply, bucket, prefix));
            }
            let (page, next, unreadable) = read_page(&reply.body, bucket)?;
            summary.keys += page.keys.len() as u64;
            summary.unreadable += unreadable;
            if pages.send(page).await.is_err() {
                return Ok(Summary { stopped: true, ..summary });
            }
            match next {
                None => return Ok(summary),
                Some(next) if !seen.insert(next.clone()) => {
                    return Err(ListError::Garbled("it goes in a circle".to_owned()));
                }
                next => token = next,
            }
        }
    }

    /// Asks, and asks again with growing pauses while S3 is throttling.
    async fn ask(&self, url: &str, requests: &mut u32) -> Result<Reply, ListError> {
        let mut pause = self.options.pause;
        for attempt in 1.. {
            let reply = self.ask_once(url).await?;
            *requests += 1;
            if !matches!(reply.status, 429 | 500 | 502 | 503 | 504) {
                return Ok(reply);
            }
            if attempt == TRIES {
                break;
            }
            // Several listings that were throttled together don't come back together.
            tokio::time::sleep(pause + jitter(pause, url, attempt)).await;
            pause *= 2;
        }
        Err(ListError::Throttled)
    }

    async fn ask_once(&self, url: &str) -> Result<Reply, ListError> {
        let failed = |error: reqwest::Error| {
            if error.is_timeout() && !error.is_connect() {
                return ListError::Silent(self.options.silence.as_secs());
            }
            ListError::Unreachable(innermost(&error))
        };
        let mut response = self.client.get(url).send().await.map_err(failed)?;
        let status = response.status().as_u16();
        let region =
            response.headers().get("x-amz-bucket-region").and_then(|value| value.to_str().ok()).map(str::to_owned);
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            if body.len() + chunk.len() > MOST_BYTES {
                return Err(ListError::Garbled("a page is larger than 8 MiB".to_owned()));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Reply { status, region, body })
    }
}

/// Up to half a pause more. The hasher's own seed is chance enough.
fn jitter(pause: Duration, url: &str, attempt: u32) -> Duration {
    use std::hash::{BuildHasher, RandomState};
    let share = RandomState::new().hash_one((url, attempt)) % 512;
    pause * u32::try_from(share).unwrap_or(0) / 1024
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListBucketResult {
    #[serde(default)]
    is_truncated: bool,
    encoding_type: Option<String>,
    next_continuation_token: Option<String>,
    #[serde(default)]
    contents: Vec<Object>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Object {
    key: String,
    size: Option<u64>,
    last_modified: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Fault {
    code: String,
}

/// The keys of a page, the token of the next, and how many keys are no text.
fn read_page(body: &[u8], bucket: &str) -> Result<(Page, Option<String>, u64), ListError> {
    let text = xml(body)?;
    if !text.contains("<ListBucketResult") {
        return Err(ListError::Garbled("the reply is no listing. Is this an S3 address?".to_owned()));
    }
    let result: ListBucketResult =
        quick_xml::de::from_str(text).map_err(|error| ListError::Garbled(error.to_string()))?;
    let encoded = result.encoding_type.as_deref() == Some("url");
    let mut unreadable = 0;
    let mut keys = Vec::with_capacity(result.contents.len());
    for Object { key, size, last_modified } in result.contents {
        match if encoded { form_decoded(&key) } else { Some(key) } {
            Some(key) => keys.push(Key { bucket: bucket.to_owned(), key, size, modified: last_modified }),
            None => unreadable += 1,
        }
    }
    let next = result.next_continuation_token.filter(|token| result.is_truncated && !token.is_empty());
    if result.is_truncated && next.is_none() {
        return Err(ListError::Garbled("it says that it goes on, and not where".to_owned()));
    }
    Ok((Page { keys }, next, unreadable))
}

/// A listing's text. Definitions of entities have no place in it.
fn xml(body: &[u8]) -> Result<&str, ListError> {
    let text = str::from_utf8(body).map_err(|_| ListError::Garbled("it is no UTF-8 text".to_owned()))?;
    if text.contains("<!DOCTYPE") || text.contains("<!ENTITY") {
        return Err(ListError::Garbled("it defines entities, which S3 never does".to_owned()));
    }
    Ok(text)
}

/// S3 encodes keys as a form does: a plus is a blank. None when the bytes are no UTF-8.
fn form_decoded(key: &str) -> Option<String> {
    let spaced = key.replace('+', " ");
    percent_encoding::percent_decode_str(&spaced).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

fn refusal(reply: &Reply, bucket: &str, prefix: &str) -> ListError {
    let code = xml(&reply.body)
        .ok()
        .and_then(|text| quick_xml::de::from_str::<Fault>(text).ok())
        .map(|fault| fault.code)
        .filter(|code| code.len() <= 64 && code.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    match (reply.status, code.as_deref()) {
        (401 | 403, _) => ListError::Refused { bucket: bucket.to_owned(), prefix: prefix.to_owned() },
        (404, Some("NoSuchBucket") | None) => ListError::NoBucket(bucket.to_owned()),
        (300..=399, _) => ListError::Redirected(bucket.to_owned()),
        (status, _) => ListError::Answer { status, code },
    }
}
