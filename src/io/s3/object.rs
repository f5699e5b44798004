//! One object: does it exist, is it public, and what does it contain. Distinguishes all answers of S3 (Amazon S3 API,
//! GetObject); the rules decide what they mean for a manifest.

use super::S3;
use super::address::{HOME, is_region, object_url};
use super::beside::Place;
use super::bucket::Bucket;
use super::exchange::{Ask, Next, Reply, where_next};
use crate::domain::evidence::{Answer, Found, Object, Unclear};
use crate::domain::s3_url::{S3Url, key};
use crate::domain::subtitle::{self, Inspected};
use std::ops::Range;
use unicode_normalization::UnicodeNormalization;

/// Inspecting more than this would block an async task for too long.
const QUICK: usize = 256 * 1024;

/// An object, and what is known about how to reach it.
#[derive(Debug)]
pub(super) struct Asked<'a> {
    s3: &'a S3,
    url: &'a S3Url,
    /// The region to ask in.
    region: Box<str>,
    /// The region it is known to be in.
    home: Option<Box<str>>,
    /// Sign from now on.
    signed: bool,
    pub(super) requests: u32,
}

impl S3 {
    /// Checks a transcript, with a single request in the normal case: existence, public access, size and content. Also
    /// returns the number of requests.
    ///
    /// If the key is missing, other spellings of the same name are tried, and looked for in the folder.
    pub async fn transcript(&self, url: &S3Url, bucket: &Bucket) -> (Object<Inspected>, u32) {
        let mut asked = Asked::new(self, url, bucket);
        let answer = match bucket.exists {
            Some(false) => Answer::NoBucket,
            _ => asked.transcript().await,
        };
        asked.done(answer)
    }
}

impl S3 {
    /// The bytes of a transcript that was found before, up to [`subtitle::MOST_BYTES`], and whether it goes on after them.
    ///
    /// # Errors
    /// Why they can't be had now.
    pub async fn transcript_bytes(&self, url: &S3Url, region: Option<Box<str>>) -> Result<(Vec<u8>, bool), Unclear> {
        let mut asked = Asked::new(self, url, &Bucket { region, ..Bucket::default() });
        let reply = asked.get(url, 0..subtitle::MOST_BYTES as u64, None).await?;
        match content::<()>(&reply, 0) {
            Ok(size) => {
                let is_cut = size > reply.body.len() as u64;
                Ok((reply.body, is_cut))
            }
            Err(Answer::Unclear(why)) => Err(why),
            // It was there a moment ago.
            Err(_) => Err(Unclear::Changing),
        }
    }
}

impl<'a> Asked<'a> {
    pub(super) fn new(s3: &'a S3, url: &'a S3Url, bucket: &Bucket) -> Asked<'a> {
        let home = bucket.region.clone().filter(|region| is_region(region));
        Asked { s3, url, region: home.clone().unwrap_or_else(|| HOME.into()), home, signed: false, requests: 0 }
    }

    /// The region asked last.
    pub(super) fn region(&self) -> &str {
        &self.region
    }

    /// What it takes to ask about the same object once more, in the same way.
    pub(super) fn again(&self) -> (S3, S3Url, Bucket, bool) {
        let bucket = Bucket { region: Some(self.region.clone()), ..Bucket::default() };
        (self.s3.clone(), self.url.clone(), bucket, self.signed)
    }

    pub(super) fn done<T>(self, answer: Answer<T>) -> (Object<T>, u32) {
        (Object { region: self.home, signed: self.signed, answer }, self.requests)
    }

    async fn transcript(&mut self) -> Answer<Inspected> {
        let most = subtitle::MOST_BYTES;
        let reply = match self.get(self.url, 0..most as u64, None).await {
            Ok(reply) => reply,
            Err(unclear) => return Answer::Unclear(unclear),
        };
        let size = match content(&reply, 0) {
            Ok(size) => size,
            Err(answer) => return self.with_instead(answer).await,
        };
        let etag = reply.header("etag").map(Into::into);
        let is_cut = size > reply.body.len() as u64;
        let bytes = reply.body;
        let inspected = if bytes.len() <= QUICK {
            Ok(subtitle::inspect(&bytes, is_cut))
        } else {
            tokio::task::spawn_blocking(move || subtitle::inspect(&bytes, is_cut)).await
        };
        match inspected {
            Ok(what) => Answer::Found(Found { size, etag, what }),
            // The inspection panicked: treat the object as unreadable.
            Err(_) => Answer::Unclear(Unclear::Garbled),
        }
    }

    /// Requests a range of an object; if S3 redirects to another region, once more there. Only the region's name is
    /// taken from the reply.
    pub(super) async fn get(
        &mut self,
        url: &S3Url,
        range: Range<u64>,
        if_match: Option<&str>,
    ) -> Result<Reply, Unclear> {
        let endpoint = self.s3.options.endpoint.as_ref();
        let most = usize::try_from(range.end - range.start).unwrap_or(usize::MAX);
        let mut moved = false;
        loop {
            let target = object_url(endpoint, &self.region, url).ok_or(Unclear::NotAskable)?;
            let sign_for = self.signed.then_some(&*self.region);
            let ask = Ask { range: Some(range.clone()), if_match, sign_for, ..Ask::get(&target) };
            let reply = self.s3.ask(&ask, most, &mut self.requests).await.map_err(|failed| self.s3.unclear(failed))?;
            if let Some(why) = reply.not_from_a_store(endpoint.is_some()) {
                return Err(why);
            }
            match where_next(&reply, &self.region, endpoint.is_some()) {
                Next::Take => {
                    // Amazon answers like this only in the bucket's region.
                    if endpoint.is_none() && matches!(reply.status, 200 | 206) {
                        self.home = Some(self.region.clone());
                    }
                    return Ok(reply);
                }
                Next::Region(region) if !moved => {
                    // Custom stores may use region names that Amazon lacks: good for signing only.
                    if endpoint.is_none() {
                        self.home = Some(region.clone());
                    }
                    self.region = region;
                    moved = true;
                }
                Next::Region(_) => return Ok(reply),
                Next::Nowhere(region) => {
                    self.home = region.or(self.home.take());
                    return Err(Unclear::Elsewhere);
                }
            }
        }
    }

    /// Completes a "missing" answer with the result of a signed request and with the spelling under which the object
    /// exists.
    pub(super) async fn with_instead<T>(&mut self, mut answer: Answer<T>) -> Answer<T> {
        let mut is_signed = false;
        if let Answer::Refused { there, .. } = &mut answer
            && self.sign()
        {
            is_signed = true;
            *there = self.is_there(self.url).await.or(*there);
            // Another spelling only helps if it is public.
            self.signed = false;
        }
        match &mut answer {
            // The name is correct.
            Answer::Refused { there: Some(true), .. } => self.signed = is_signed,
            Answer::Missing { instead, .. } => {
                *instead = match self.other_spelling().await {
                    Some(found) => Some(found),
                    // S3 says that it is missing only to those who may list the bucket.
                    None => self.written_otherwise().await,
                }
            }
            Answer::Refused { there, instead, .. } => {
                *instead = self.other_spelling().await;
                self.signed = is_signed && there.is_some();
            }
            _ => {}
        }
        answer
    }

    /// Switches to signed requests. False if there are no credentials or they are already in use.
    pub(super) fn sign(&mut self) -> bool {
        !std::mem::replace(&mut self.signed, self.s3.signing.is_some()) && self.signed
    }

    /// Whether an object exists. None if unknown.
    async fn is_there(&mut self, url: &S3Url) -> Option<bool> {
        // One byte is enough; an empty object has none.
        let reply = self.get(url, 0..1, None).await.ok()?;
        match (reply.status, reply.code()) {
            (200 | 206 | 416, _) | (403, Some("InvalidObjectState")) => Some(true),
            (404, Some("NoSuchKey")) => Some(false),
            _ => None,
        }
    }

    async fn other_spelling(&mut self) -> Option<Box<str>> {
        for key in spellings(self.url.key()) {
            let Ok(url) = S3Url::new(self.url.bucket(), key) else { continue };
            if self.is_there(&url).await == Some(true) {
                return Some(url.key().into());
            }
        }
        None
    }

    /// As the names beside it have it; asked for once more, since the listing may be older, and it may be private.
    async fn written_otherwise(&mut self) -> Option<Box<str>> {
        let (region, bucket) = (self.region.clone(), self.url.bucket());
        let place = Place { bucket, region: &region, is_signed: self.signed };
        let key = self.s3.written_otherwise(place, self.url.key(), &mut self.requests).await?;
        let url = S3Url::new(bucket, key).ok()?;
        (self.is_there(&url).await == Some(true)).then(|| url.key().into())
    }
}

/// Other spellings of a key, likeliest first: percent-decoded, with blanks for `+`, and with composed or decomposed
/// accents. S3 compares bytes; links write a blank as `%20` or `+`; macOS decomposes names, most other systems compose
/// them.
fn spellings(key: &str) -> Vec<String> {
    let decode = |key: &str| key::percent(key).and_then(|_| key::decoded(key)).map(std::borrow::Cow::into_owned);
    let decoded = decode(key);
    let spaced = key.contains('+').then(|| key.replace('+', " "));
    let spaced = spaced.map(|spaced| decode(&spaced).unwrap_or(spaced));
    let mut others: Vec<String> = decoded.into_iter().chain(spaced).collect();
    for meant in others.first().cloned().iter().map(String::as_str).chain([key]) {
        if !meant.is_ascii() {
            others.extend([meant.nfc().collect(), meant.nfd().collect()]);
        }
    }
    let mut tried = Vec::with_capacity(others.len());
    for other in others {
        if other != key && !tried.contains(&other) {
            tried.push(other);
        }
    }
    tried
}

/// The size of the object, if the reply holds its bytes from `at` on; otherwise the answer.
pub(super) fn content<T>(reply: &Reply, at: u64) -> Result<u64, Answer<T>> {
    let garbled = || Answer::Unclear(Unclear::Garbled);
    let read = reply.body.len() as u64;
    let size = match reply.status {
        206 => {
            let (start, end, size) = reply.header("content-range").and_then(content_range).ok_or_else(garbled)?;
            let told = (end + 1).checked_sub(start).ok_or_else(garbled)?;
            if start != at || read > told || (read < told && !reply.is_cut) || end >= size {
                return Err(garbled());
            }
            size
        }
        // The range was ignored; the body is the beginning of the object.
        200 if at == 0 => match reply.header("content-length").and_then(|length| length.parse().ok()) {
            Some(size) => size,
            None if reply.is_cut => return Err(garbled()),
            None => read,
        },
        _ => return Err(no_content(reply)),
    };
    if size == 0 { Err(Answer::Empty) } else { Ok(size) }
}

/// `bytes 0-65535/1048576`: first and last byte, and the size of the whole.
fn content_range(text: &str) -> Option<(u64, u64, u64)> {
    let (range, size) = text.strip_prefix("bytes ")?.split_once('/')?;
    let (start, end) = range.split_once('-')?;
    let number = |text: &str| text.trim().parse::<u64>().ok().filter(|number| *number < 1 << 60);
    Some((number(start)?, number(end)?, number(size)?))
}

/// The answer in a reply without content (facts: "Anonymous checks", Amazon S3 API, error responses).
fn no_content<T>(reply: &Reply) -> Answer<T> {
    let instead = None;
    match (reply.status, reply.code()) {
        (404, _) if reply.header("x-amz-delete-marker") == Some("true") => Answer::Missing { deleted: true, instead },
        (404, Some("NoSuchKey")) => Answer::Missing { deleted: false, instead },
        (404, Some("NoSuchBucket")) => Answer::NoBucket,
        (403, Some("InvalidObjectState")) => {
            let class = reply.header("x-amz-storage-class").or_else(|| reply.says("StorageClass"));
            Answer::Archived(class.unwrap_or("GLACIER").into())
        }
        // A gateway before S3, which is asked about nothing.
        (_, None) if reply.is_web_page() => Answer::Unclear(Unclear::Gateway(reply.status)),
        (401 | 403, None) if let Some(words) = reply.foreign_words() => {
            Answer::Unclear(Unclear::Status(reply.status, Some(words.into())))
        }
        (400 | 403, _) if let Some(because) = reply.bars_everyone() => Answer::Barred(because.into()),
        // Encrypted with a KMS key, which S3 only says of an object that is there; or the reader has to pay.
        (400 | 403, _) if let Some((because, there)) = reply.wants_credentials() => {
            Answer::Refused { there, instead, because: Some(because.into()) }
        }
        (401, _) | (403, None | Some("AccessDenied")) => Answer::Refused { there: None, instead, because: None },
        // An empty object has no first byte.
        (416, _) => Answer::Empty,
        (429 | 503, _) => Answer::Unclear(Unclear::Throttled),
        (status, code) => Answer::Unclear(Unclear::Status(status, reply.reason(code))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_spellings_are_tried_only_where_a_name_can_be_meant_otherwise() {
        let tried = |key: &str| spellings(key);
        assert_eq!(tried("a/b.srt"), Vec::<String>::new());
        assert_eq!(tried("a%20b%2Bc+d"), ["a b+c+d", "a b+c d"]);
        assert_eq!(tried("my+first+clip.srt"), ["my first clip.srt"]);
        assert_eq!(tried("my%2Bclip.srt"), ["my+clip.srt"]);
        assert_eq!(tried("caf\u{e9}+1"), ["caf\u{e9} 1", "cafe\u{301} 1", "cafe\u{301}+1"]);
        assert_eq!(tried("100%.srt"), Vec::<String>::new());
        assert_eq!(tried("%FF"), Vec::<String>::new());
        assert_eq!(tried("日本語"), Vec::<String>::new());
        assert_eq!(tried("caf\u{e9}"), ["cafe\u{301}"]);
        assert_eq!(tried("cafe\u{301}"), ["caf\u{e9}"]);
        assert_eq!(tried("caf\u{e9} e\u{301}").len(), 2);
        assert_eq!(tried("caf%C3%A9"), ["caf\u{e9}", "cafe\u{301}"]);
    }

    #[test]
    fn a_content_range_is_read_exactly_or_not_at_all() {
        assert_eq!(content_range("bytes 0-9/10"), Some((0, 9, 10)));
        for text in
            ["", "bytes */10", "bytes 0-9/*", "0-9/10", "bytes 0-9", "bytes -1-9/10", "bytes 0-9/99999999999999999999"]
        {
            assert_eq!(content_range(text), None, "{text}");
        }
    }
}
