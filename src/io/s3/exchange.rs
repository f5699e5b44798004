//! One request with its complete, bounded reply; retries when S3 asks to slow down, and follows S3 to other regions.
//! Knows status and headers, but not what they mean for an object.

use super::S3;
use super::address::is_region;
use crate::domain::evidence::Unclear;
use crate::domain::printable::printable;
use crate::io::client::cause_of;
use reqwest::header::{HeaderMap, HeaderName, IF_MATCH, RANGE};
use reqwest::{Method, Request, Response};
use std::ops::Range;
use std::time::Duration;

/// Most attempts for a throttled request, including the first.
pub(super) const TRIES: u32 = 4;

/// More than any S3 error contains.
const MOST_OF_AN_ERROR: usize = 64 * 1024;

/// What is wrong with a reply that anything may have sent.
pub(super) const NO_HEADERS: &str = "without any of S3's headers, so something else answered";

/// Most characters of S3's own sentence that are kept.
const LONGEST_MESSAGE: usize = 240;

/// A reply, with its body read up to the limit.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    headers: HeaderMap,
    pub(super) body: Vec<u8>,
    /// The body is longer than what was read.
    pub(super) is_cut: bool,
}

/// Why there is no complete reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Failed {
    /// No connection, with the cause.
    Unreachable(String),
    /// A truncated or malformed reply, with the cause.
    Broken(String),
    /// No byte for the time that [`super::S3Options::silence`] allows.
    Silent,
    /// It took longer than [`super::S3Options::most`].
    Slow,
    /// No usable credentials: where they are expected, and what is wrong.
    Unsigned(String),
}

impl Reply {
    #[cfg(test)]
    pub(super) fn told(status: u16, headers: &[(&'static str, &str)]) -> Reply {
        let pair = |(name, value): &(&'static str, &str)| (HeaderName::from_static(name), value.parse().unwrap());
        Reply { status, headers: headers.iter().map(pair).collect(), body: Vec::new(), is_cut: false }
    }

    /// The header as text. None if it is not visible ASCII.
    pub(super) fn header(&self, name: &'static str) -> Option<&str> {
        self.headers.get(HeaderName::from_static(name))?.to_str().ok().map(str::trim).filter(|text| !text.is_empty())
    }

    /// The region named by S3, if it is safe in a host name.
    pub(super) fn region(&self) -> Option<&str> {
        self.header("x-amz-bucket-region").filter(|region| is_region(region))
    }

    /// The text of an element in an XML error, if it is a plain word: `NoSuchKey`.
    pub(super) fn says(&self, element: &str) -> Option<&str> {
        let text = str::from_utf8(&self.body).ok()?;
        // A simple search is enough: errors are flat, and only a short word is taken.
        let text = text.get(text.find("<Error")?..)?;
        let (_, rest) = text.split_once(&format!("<{element}>"))?;
        let (word, _) = rest.split_once("</")?;
        let is_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        ((1..=64).contains(&word.len()) && word.bytes().all(is_word)).then_some(word)
    }

    /// The code in an XML error.
    pub(super) fn code(&self) -> Option<&str> {
        self.says("Code")
    }

    /// S3's own sentence in an XML error, printable and short.
    pub(super) fn message(&self) -> Option<String> {
        let text = str::from_utf8(&self.body).ok()?;
        let (_, rest) = text.get(text.find("<Error")?..)?.split_once("<Message>")?;
        let (message, _) = rest.split_once("</")?;
        let message: String = message.trim().chars().take(LONGEST_MESSAGE).collect();
        (!message.is_empty()).then(|| printable(&message).into_owned())
    }

    /// A code with S3's own sentence.
    pub(super) fn reason(&self, code: Option<&str>) -> Option<Box<str>> {
        let code = code?;
        let message = self.message();
        // It becomes a clause, whose sentence ends elsewhere.
        let message = message.as_deref().map(|message| message.trim_end_matches('.'));
        Some(message.map_or_else(|| code.into(), |message| format!("{code}: {message}").into()))
    }

    /// S3's sentence, if it asks for credentials because of the object's encryption or its owner's bill, and not because
    /// of permissions; and whether it says so only of objects that exist.
    pub(super) fn wants_credentials(&self) -> Option<(String, Option<bool>)> {
        self.code()?;
        let message = self.message()?;
        let lower = message.to_ascii_lowercase();
        let is_encrypted = lower.contains("kms") || lower.contains("server side encryption");
        let is_paid = lower.contains("requester pays") || lower.contains("request-payer");
        (is_encrypted || is_paid).then_some((message, is_encrypted.then_some(true)))
    }

    /// S3's words, if it refuses the object whoever asks.
    pub(super) fn bars_everyone(&self) -> Option<String> {
        let code = self.code()?;
        let message = self.message().unwrap_or_else(|| code.to_owned());
        // The customer's own key comes with each request, or not at all.
        let is_own_key = code == "InvalidRequest" && message.to_ascii_lowercase().contains("server side encryption");
        let is_lost_key = code.strip_prefix("KMS.").is_some_and(|fault| {
            ["Disabled", "NotFound", "InvalidState", "KMSInvalidState"].iter().any(|lost| fault.starts_with(lost))
        });
        let is_closed = matches!(code, "AllAccessDisabled" | "AccountProblem");
        (is_own_key || is_lost_key || is_closed).then_some(message)
    }

    /// In what an object is refused, if S3 never refuses in that: JSON, or plain words.
    pub(super) fn foreign_words(&self) -> Option<&'static str> {
        match self.body.trim_ascii_start().first() {
            _ if self.code().is_some() => None,
            Some(b'{' | b'[') => Some("in JSON, which is not how S3 refuses"),
            Some(b'<') | None => None,
            Some(_) => (!self.is_marked()).then_some("in plain words, which is not how S3 refuses"),
        }
    }

    /// S3 rejects these credentials.
    pub(super) fn rejects_credentials(&self) -> bool {
        let codes = ["InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken", "NotSignedUp"];
        self.code().is_some_and(|code| codes.contains(&code))
    }

    /// A web page, which S3 never sends as an error.
    pub(super) fn is_web_page(&self) -> bool {
        let start = self.body.trim_ascii_start().get(..9).unwrap_or_default().to_ascii_lowercase();
        self.is_of_type("html") || start.starts_with(b"<html") || start.starts_with(b"<!doctype")
    }

    fn is_of_type(&self, word: &str) -> bool {
        self.header("content-type").is_some_and(|kind| kind.to_ascii_lowercase().contains(word))
    }

    /// A header that only stores send: Amazon's own, or that of one that speaks its language.
    pub(super) fn is_marked(&self) -> bool {
        let marks = ["x-amz", "x-goog-", "x-guploader-", "x-minio-", "x-rgw-", "x-oss-", "x-obs-", "x-cos-"];
        self.headers.keys().any(|name| marks.iter().any(|mark| name.as_str().starts_with(mark)))
    }

    /// Why this is no store's answer, if it is none: a sign-in page, a proxy or a gateway sent it. A refusal of an object
    /// is not judged here, but by its words.
    pub(super) fn not_from_a_store(&self, is_own_store: bool) -> Option<Unclear> {
        // What an object contains says nothing about who sent it.
        let is_refusal = self.status >= 300 && self.code().is_some();
        if is_refusal || self.is_marked() {
            return None;
        }
        let is_page = match self.header("content-type") {
            Some(_) => self.is_of_type("html") || self.is_of_type("captive"),
            None => self.is_web_page(),
        };
        match (self.status, self.points_to()) {
            (300..=399, Some(host)) => Some(Unclear::Redirected(host)),
            (200..=299, _) if is_page => Some(Unclear::Gateway(self.status)),
            // Every reply of Amazon's has such a header. Those of other stores need not.
            (200..=399, _) if !is_own_store => Some(Unclear::Status(self.status, Some(NO_HEADERS.into()))),
            _ => None,
        }
    }

    /// The host in a `Location`. It may hold secrets behind that, and is never followed.
    fn points_to(&self) -> Option<Box<str>> {
        let location = self.header("location")?;
        let url = url::Url::parse(location).ok();
        let host = url.as_ref().and_then(url::Url::host_str).unwrap_or("another address");
        Some(printable(host).into())
    }

    pub(super) fn is_throttled(&self) -> bool {
        matches!(self.status, 429 | 500 | 502 | 503 | 504)
    }
}

/// A request. The URL is already encoded.
#[derive(Clone, Debug)]
pub(super) struct Ask<'a> {
    pub(super) method: Method,
    pub(super) url: &'a str,
    pub(super) range: Option<Range<u64>>,
    pub(super) if_match: Option<&'a str>,
    /// Sign for a bucket in this region; None for anonymous.
    pub(super) sign_for: Option<&'a str>,
}

impl<'a> Ask<'a> {
    pub(super) fn get(url: &'a str) -> Ask<'a> {
        Ask { method: Method::GET, url, range: None, if_match: None, sign_for: None }
    }
}

impl S3 {
    /// Sends the request, and retries with growing pauses while S3 asks to slow down. A truncated reply is requested
    /// once more: a kept connection may have been closed. Counts each request and reads at most `most_bytes`.
    pub(super) async fn ask(&self, ask: &Ask<'_>, most_bytes: usize, requests: &mut u32) -> Result<Reply, Failed> {
        let mut pause = self.options.pause;
        let mut broke = false;
        let mut attempt = 0;
        loop {
            attempt += 1;
            let request = self.request(ask).await?;
            *requests += 1;
            match self.ask_once(request, most_bytes).await {
                Ok(reply) if !reply.is_throttled() || attempt >= TRIES => return Ok(reply),
                Err(Failed::Broken(_)) if !broke => broke = true,
                Err(failed) => return Err(failed),
                Ok(_) => {}
            }
            // Jitter: throttled requests must not return together.
            tokio::time::sleep(pause + jitter(pause)).await;
            pause *= 2;
        }
    }

    async fn ask_once(&self, request: Request, most_bytes: usize) -> Result<Reply, Failed> {
        let exchange = async { read(self.client.execute(request).await.map_err(failed)?, most_bytes).await };
        tokio::time::timeout(self.options.most, exchange).await.unwrap_or(Err(Failed::Slow))
    }

    async fn request(&self, ask: &Ask<'_>) -> Result<Request, Failed> {
        let mut request = self.client.request(ask.method.clone(), ask.url);
        if let Some(range) = &ask.range {
            // The end of an HTTP range is inclusive.
            request = request.header(RANGE, format!("bytes={}-{}", range.start, range.end.saturating_sub(1)));
        }
        if let Some(etag) = ask.if_match {
            request = request.header(IF_MATCH, etag);
        }
        let request = request.build().map_err(failed)?;
        match (ask.sign_for, &self.signing) {
            (Some(region), Some(signing)) => signing.sign(request, region).await,
            _ => Ok(request),
        }
    }

    pub(super) fn unclear(&self, failed: Failed) -> Unclear {
        match failed {
            Failed::Unreachable(cause) => Unclear::Unreachable(cause.into()),
            Failed::Broken(cause) => Unclear::Broken(cause.into()),
            Failed::Silent => Unclear::Silent(self.options.silence.as_secs()),
            Failed::Slow => Unclear::Slow(self.options.most.as_secs()),
            Failed::Unsigned(cause) => Unclear::Unsigned(cause.into()),
        }
    }
}

async fn read(mut response: Response, most_bytes: usize) -> Result<Reply, Failed> {
    let status = response.status().as_u16();
    let most = if response.status().is_success() { most_bytes } else { MOST_OF_AN_ERROR };
    let told = response.content_length().and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
    // The announced length may be wrong: limit what is allocated.
    let mut body = Vec::with_capacity(told.min(most).min(1024 * 1024));
    let headers = std::mem::take(response.headers_mut());
    let mut is_cut = false;
    while !is_cut && let Some(chunk) = response.chunk().await.map_err(failed)? {
        let room = most - body.len();
        is_cut = chunk.len() > room;
        body.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
    }
    Ok(Reply { status, headers, body, is_cut })
}

fn failed(error: reqwest::Error) -> Failed {
    let error = error.without_url();
    match (error.is_connect(), error.is_timeout()) {
        (true, _) => Failed::Unreachable(cause_of(&error)),
        (false, true) => Failed::Silent,
        (false, false) => Failed::Broken(cause_of(&error)),
    }
}

/// Up to half a pause more. A hasher's random seed is good enough.
fn jitter(pause: Duration) -> Duration {
    use std::hash::{BuildHasher, RandomState};
    let share = RandomState::new().hash_one(()) % 512;
    pause * u32::try_from(share).unwrap_or(0) / 1024
}

/// What to do with a reply.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    Take,
    /// Ask again in that region.
    Region(Box<str>),
    /// The bucket is in another region, which a custom endpoint can't reach.
    Nowhere(Option<Box<str>>),
}

/// Where S3 redirects to. Only a region's name counts, never a `Location`.
pub(super) fn where_next(reply: &Reply, asked: &str, is_own_store: bool) -> Next {
    let told = reply.region().filter(|told| *told != asked).map(Into::into);
    // Signed for the wrong region: stores of any kind name the right one.
    if reply.status == 400 && reply.code() == Some("AuthorizationHeaderMalformed") {
        let meant = reply.says("Region").filter(|region| is_region(region) && *region != asked).map(Into::into);
        return meant.or(told).map_or(Next::Take, Next::Region);
    }
    match (reply.status, told) {
        (300..=399, Some(told)) if is_own_store => Next::Nowhere(Some(told)),
        (300..=399, None) if is_own_store && reply.code().is_some_and(|code| code.ends_with("Redirect")) => {
            Next::Nowhere(None)
        }
        // 400: an opt-in region.
        (300..=400, Some(told)) if !is_own_store => Next::Region(told),
        _ => Next::Take,
    }
}

#[cfg(test)]
mod tests {
    use super::super::address::HOME;
    use super::*;

    #[test]
    fn only_the_name_of_a_region_is_taken_from_a_redirect() {
        let next = |status, region: &str, own| {
            let headers = [("x-amz-bucket-region", region), ("location", "https://evil.com/")];
            where_next(&Reply::told(status, &headers), HOME, own)
        };
        assert_eq!(next(301, "eu-west-1", false), Next::Region("eu-west-1".into()));
        assert_eq!(next(307, "eu-west-1", false), Next::Region("eu-west-1".into()));
        assert_eq!(next(400, "af-south-1", false), Next::Region("af-south-1".into()));
        for (status, region) in
            [(301, HOME), (301, "evil.com"), (301, "a/b@evil.com"), (403, "eu-west-1"), (206, "eu-west-1")]
        {
            assert_eq!(next(status, region, false), Next::Take, "{status} {region}");
        }
        assert_eq!(next(301, "eu-west-1", true), Next::Nowhere(Some("eu-west-1".into())));
        assert_eq!(next(302, "evil.com", true), Next::Take);
        assert_eq!(next(400, "eu-west-1", true), Next::Take);
        let body = b"<Error><Code>TemporaryRedirect</Code></Error>".to_vec();
        let reply = Reply { body, ..Reply::told(307, &[]) };
        assert_eq!(where_next(&reply, HOME, true), Next::Nowhere(None));
    }

    #[test]
    fn a_sign_in_page_or_a_proxy_is_told_from_a_store_by_its_headers() {
        let html = ("content-type", "text/html; charset=utf-8");
        let gateway = |status| Some(Unclear::Gateway(status));
        let redirected = |host: &str| Some(Unclear::Redirected(host.into()));
        let headless = |status| Some(Unclear::Status(status, Some(NO_HEADERS.into())));
        let to = |address| ("location", address);
        let portal = to("http://portal.example:8080/login?token=secret");
        // Status, headers, what a store of the operator's is told as, and what Amazon.
        for (status, headers, own, amazon) in [
            (200, vec![html], gateway(200), gateway(200)),
            (206, vec![html, ("etag", "\"a\"")], gateway(206), gateway(206)),
            (200, vec![("content-type", "application/captive+json")], gateway(200), gateway(200)),
            (200, vec![("content-type", "text/plain"), ("etag", "\"a\"")], None, headless(200)),
            (302, vec![portal, html], redirected("portal.example"), redirected("portal.example")),
            (307, vec![to("/login")], redirected("another address"), redirected("another address")),
            (304, vec![], None, headless(304)),
            (403, vec![html], None, None),
            // Objects that are pages, in a store: Amazon and MinIO, moto, Google, Ceph, Alibaba.
            (200, vec![html, ("x-amz-request-id", "4442587FB7D0A2F9")], None, None),
            (206, vec![html, ("x-amzn-requestid", "4442")], None, None),
            (200, vec![html, ("x-guploader-uploadid", "ABP")], None, None),
            (200, vec![html, ("x-goog-generation", "1")], None, None),
            (200, vec![html, ("x-rgw-object-type", "Normal")], None, None),
            (200, vec![html, ("x-oss-request-id", "5C3")], None, None),
            (301, vec![to("https://x/"), ("x-amz-bucket-region", "eu-west-1")], None, None),
        ] {
            let reply = Reply::told(status, &headers);
            assert_eq!(reply.not_from_a_store(true), own, "{status} {headers:?}");
            assert_eq!(reply.not_from_a_store(false), amazon, "{status} {headers:?}");
        }
        // Without a type, the body tells; with one, a page in an object is an object.
        let page = |headers: &[_]| Reply { body: b" <!DOCTYPE html>".to_vec(), ..Reply::told(200, headers) };
        assert_eq!(page(&[]).not_from_a_store(true), gateway(200));
        assert_eq!(page(&[("content-type", "application/x-subrip")]).not_from_a_store(true), None);
        // S3's XML is an answer of S3 where it refuses, not where it is what an object contains.
        let error =
            |status| Reply { body: b"<Error><Code>SlowDown</Code></Error>".to_vec(), ..Reply::told(status, &[]) };
        assert_eq!(error(302).not_from_a_store(false), None);
        assert_eq!(error(200).not_from_a_store(false), headless(200));
    }

    #[test]
    fn an_object_is_refused_in_xml_and_not_in_plain_words() {
        let said = |body: &str, headers: &[_]| {
            Reply { body: body.as_bytes().to_vec(), ..Reply::told(403, headers) }.foreign_words().is_some()
        };
        assert!(said("Blocked by policy", &[]) && said("error code: 1020", &[]) && said(" {\"message\":\"no\"}", &[]));
        assert!(!said("", &[]) && !said("<Error><Code>AccessDenied</Code></Error>", &[]));
        assert!(!said("Access denied", &[("x-amz-request-id", "1")]));
    }
}
