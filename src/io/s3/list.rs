//! The listing of a bucket, page by page (Amazon S3 API, ListObjectsV2).
//!
//! A listing ends by itself at the last page; dropping its future, or the receiver of its pages, ends it earlier.

use super::S3;
use super::address::{self, HOME, bucket_url};
use super::exchange::{Ask, Failed, Next, Reply, where_next};
use crate::domain::certificate::Untrusted;
use crate::domain::evidence::Unclear;
use crate::domain::format::counted;
use crate::domain::keys::Key;
use serde::Deserialize;
use std::collections::HashSet;
use tokio::sync::mpsc;

/// A page of 1,000 keys of 1,024 bytes, each byte as `%XX`, plus the rest of the entries.
const MOST_BYTES: usize = 8 * 1024 * 1024;

/// Pages without a key before a listing counts as endless: a folder's deleted versions may fill some.
const MOST_EMPTY: u32 = 1000;

/// The keys of one page, in bucket order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    pub keys: Vec<Key>,
}

/// A finished listing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    pub keys: u64,
    /// Requests sent.
    pub requests: u32,
    /// Keys that are not UTF-8, which are left out.
    pub unreadable: u64,
    /// The receiver of the pages was dropped before the end.
    pub stopped: bool,
}

/// Why a bucket could not be listed completely. The pages so far are good.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    #[error("{0} is not a bucket name")]
    BadBucket(String),
    #[error(
        "The bucket does not let us list. Save a listing with your own access: aws s3 ls --recursive s3://{bucket}/{prefix} > keys.txt, then :source keys.txt@s3://{bucket}"
    )]
    Refused { bucket: String, prefix: String },
    #[error("The AWS credentials can't be used: {0}.")]
    Unsigned(String),
    #[error("There is no bucket {0}.")]
    NoBucket(String),
    #[error("S3 points to another address; cuecard does not follow. Is {0} in another region or partition?")]
    Redirected(String),
    #[error("Something else than S3 answered, with a web page and status {0}: a proxy, a gateway or a sign-in page.")]
    Gateway(u16),
    #[error("Something else than S3 answered, and points to {0}: a proxy, a gateway or a sign-in page.")]
    Portal(String),
    #[error("S3 asks to slow down. Try again in a minute.")]
    Throttled,
    #[error("S3 could not be reached: {0}.")]
    Unreachable(String),
    #[error("S3 was silent for {}.", counted(*.0, "second"))]
    Silent(u64),
    #[error("S3 answered {status}{}.", code.as_deref().map(|code| format!(" {code}")).unwrap_or_default())]
    Answer { status: u16, code: Option<String> },
    #[error("The listing can't be read: {0}.")]
    Garbled(String),
}

impl S3 {
    /// Lists a bucket and sends each page as it arrives. A full channel pauses the listing.
    ///
    /// # Errors
    /// [`ListError`]; the pages sent before it are good.
    pub async fn list(&self, bucket: &str, prefix: &str, pages: mpsc::Sender<Page>) -> Result<Summary, ListError> {
        let mut region: Box<str> = HOME.into();
        let mut moved = false;
        let mut signed = self.signing.is_some();
        let mut summary = Summary::default();
        let mut token: Option<String> = None;
        let (mut seen, mut last_keys, mut empty) = (HashSet::new(), HashSet::new(), 0);
        loop {
            let url = bucket_url(self.options.endpoint.as_ref(), &region, bucket)
                .ok_or_else(|| ListError::BadBucket(bucket.to_owned()))?;
            let mut pairs = vec![("list-type", "2"), ("encoding-type", "url"), ("prefix", prefix)];
            pairs.extend(token.as_deref().map(|token| ("continuation-token", token)));
            let ask = format!("{url}?{}", address::query(&pairs));
            let ask = Ask { sign_for: signed.then_some(&*region), ..Ask::get(&ask) };
            let reply = self.page(&ask, &mut summary.requests).await?;
            if let Some(why) = reply.not_from_a_store(self.options.endpoint.is_some()) {
                return Err(strange(why));
            }
            match where_next(&reply, &region, self.options.endpoint.is_some()) {
                Next::Take => {}
                Next::Region(home) if !moved => {
                    region = home;
                    moved = true;
                    continue;
                }
                Next::Region(_) | Next::Nowhere(_) => return Err(ListError::Redirected(bucket.to_owned())),
            }
            if signed && reply.rejects_credentials() {
                return Err(ListError::Unsigned("S3 does not take them".to_owned()));
            }
            // A public bucket may allow anonymous listing but not these credentials.
            if signed && reply.status == 403 && token.is_none() && !reply.is_web_page() {
                signed = false;
                continue;
            }
            if reply.status != 200 {
                return Err(refusal(&reply, bucket, prefix));
            }
            let (page, after, unreadable) = read_page(&reply.body, bucket)?;
            // A new token each time doesn't make it a new page: no key comes last twice.
            let is_repeated = match page.keys.last() {
                Some(last) => !last_keys.insert(last.key.clone()),
                None => {
                    empty += 1;
                    empty > MOST_EMPTY
                }
            };
            if is_repeated {
                return Err(ListError::Garbled("it goes in a circle and never ends".to_owned()));
            }
            summary.keys += page.keys.len() as u64;
            summary.unreadable += unreadable;
            if pages.send(page).await.is_err() {
                return Ok(Summary { stopped: true, ..summary });
            }
            match after {
                After::Nothing => return Ok(summary),
                After::Unclear(why) => return Err(ListError::Garbled(why.to_owned())),
                After::Page(next) if !seen.insert(next.clone()) => {
                    return Err(ListError::Garbled("it repeats the same page".to_owned()));
                }
                After::Page(next) => token = Some(next),
            }
        }
    }

    async fn page(&self, ask: &Ask<'_>, requests: &mut u32) -> Result<Reply, ListError> {
        let reply = self.ask(ask, MOST_BYTES, requests).await.map_err(|failed| match failed {
            Failed::Unreachable(cause) | Failed::Broken(cause) => {
                ListError::Unreachable(Untrusted::told(&cause).unwrap_or(cause))
            }
            Failed::Silent => ListError::Silent(self.options.silence.as_secs()),
            Failed::Slow => ListError::Silent(self.options.most.as_secs()),
            Failed::Unsigned(cause) => ListError::Unsigned(cause),
        })?;
        match (reply.is_throttled(), reply.is_cut) {
            (true, _) => Err(ListError::Throttled),
            (_, true) => Err(ListError::Garbled("a page is larger than 8 MiB".to_owned())),
            _ => Ok(reply),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListBucketResult {
    is_truncated: Option<bool>,
    encoding_type: Option<String>,
    next_continuation_token: Option<String>,
    #[serde(default)]
    contents: Vec<Object>,
}

/// The keys and folders directly in a folder; the first thousand. None if this is no such listing.
pub(super) fn read_folder(body: &[u8]) -> Option<Vec<String>> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Folder {
        encoding_type: Option<String>,
        #[serde(default)]
        contents: Vec<Object>,
        #[serde(default)]
        common_prefixes: Vec<Prefix>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Prefix {
        prefix: String,
    }
    let text = xml(body).ok().filter(|text| text.contains("<ListBucketResult"))?;
    let folder: Folder = quick_xml::de::from_str(text).ok()?;
    let is_encoded = folder.encoding_type.as_deref() == Some("url");
    let keys = folder.contents.into_iter().map(|object| object.key);
    let names = keys.chain(folder.common_prefixes.into_iter().map(|prefix| prefix.prefix));
    Some(names.filter_map(|name| if is_encoded { form_decoded(&name) } else { Some(name) }).collect())
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Object {
    key: String,
    size: Option<u64>,
    last_modified: Option<String>,
}

/// What a page says about the next one.
enum After {
    Nothing,
    /// Its token.
    Page(String),
    /// It contradicts itself: the page is good, but more may follow.
    Unclear(&'static str),
}

/// The keys of a page, what follows it, and the number of unreadable keys.
fn read_page(body: &[u8], bucket: &str) -> Result<(Page, After, u64), ListError> {
    let text = xml(body)?;
    if !text.contains("<ListBucketResult") {
        return Err(ListError::Garbled("the reply is not a listing. Is this an S3 address?".to_owned()));
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
    let token = result.next_continuation_token.filter(|token| !token.is_empty());
    let after = match (result.is_truncated, token) {
        (Some(false) | None, None) => After::Nothing,
        (Some(true) | None, Some(token)) => After::Page(token),
        (Some(true), None) => After::Unclear("it says that there are more pages, but not where they are"),
        (Some(false), Some(_)) => After::Unclear("it says that there are no more pages, and where the next one is"),
    };
    Ok((Page { keys }, after, unreadable))
}

/// The text of a listing. Entity definitions are rejected.
fn xml(body: &[u8]) -> Result<&str, ListError> {
    let text = str::from_utf8(body).map_err(|_| ListError::Garbled("it is not UTF-8 text".to_owned()))?;
    if text.contains("<!DOCTYPE") || text.contains("<!ENTITY") {
        return Err(ListError::Garbled("it defines entities, which S3 never does".to_owned()));
    }
    Ok(text)
}

/// S3 form-encodes keys: `+` is a blank. None if the bytes are not UTF-8.
fn form_decoded(key: &str) -> Option<String> {
    let spaced = key.replace('+', " ");
    percent_encoding::percent_decode_str(&spaced).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

fn strange(why: Unclear) -> ListError {
    match why {
        Unclear::Gateway(status) => ListError::Gateway(status),
        Unclear::Redirected(host) => ListError::Portal(host.into()),
        Unclear::Status(status, code) => ListError::Answer { status, code: code.map(Into::into) },
        other => ListError::Garbled(other.to_string()),
    }
}

fn refusal(reply: &Reply, bucket: &str, prefix: &str) -> ListError {
    match (reply.status, reply.code()) {
        (status, None) if reply.is_web_page() => ListError::Gateway(status),
        (401 | 403, _) => ListError::Refused { bucket: bucket.to_owned(), prefix: prefix.to_owned() },
        (404, Some("NoSuchBucket") | None) => ListError::NoBucket(bucket.to_owned()),
        (300..=399, _) => ListError::Redirected(bucket.to_owned()),
        (status, code) => ListError::Answer { status, code: reply.reason(code).map(Into::into) },
    }
}
