//! Transcript keys to pick from: parsing listings, and ranking keys for one video.
//!
//! Nothing here opens a file or sends a request: `io::key_sources` does, and passes the data to [`listing`].

mod list;
mod listed;
pub mod listing;
mod name;
mod rank;
mod source;
mod summary;

use crate::s3_url;
use std::borrow::Cow;
use std::sync::Arc;

pub use list::{Entry, KeyList, KeyRef};
pub use listed::Listed;
pub use rank::{KeyOffer, Ranked, Ranking, Reason, complete, rank};
pub use source::{Column, Columns, Input, Source, SourceError, SourcePlace};
pub use summary::{
    EXPECTED, End, Endings, KnownSource, NotKeys, Shape, SourceFault, Summary, TableColumn, Unit, WhichColumns,
};

/// One object of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    pub bucket: String,
    pub key: String,
    /// In bytes.
    pub size: Option<u64>,
    /// In the listing's format: `2026-11-12T…` or `2026-11-12 13:58:00`.
    pub modified: Option<String>,
}

impl Key {
    /// A key without size and date.
    pub fn named(bucket: impl Into<String>, key: impl Into<String>) -> Key {
        Key { bucket: bucket.into(), key: key.into(), size: None, modified: None }
    }

    pub fn entry(&self) -> Entry<'_> {
        Entry { bucket: &self.bucket, key: &self.key, size: self.size, modified: self.modified.as_deref() }
    }
}

/// A pair of video and transcript from a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// `s3://bucket/key`, or the text in the table if it names no bucket.
    pub video: String,
    /// `s3://bucket/key`, or the text in the table if it names no bucket and none is known.
    pub transcript: String,
    /// From 1.
    pub line: u64,
    /// The name of the table.
    pub by: Arc<str>,
}

/// The new transcripts of a source since the last page; everything else is counted in the [`Summary`].
#[derive(Clone, Debug, Default)]
pub struct Page {
    pub keys: KeyList,
    pub given: Vec<Given>,
}

/// Bucket and key of a text that names both, in any form used by S3's tools and pages.
fn s3_object(text: &str) -> Option<(Cow<'_, str>, Cow<'_, str>)> {
    if let Some((bucket, key)) = s3_url::split(text) {
        return (!bucket.is_empty() && !key.is_empty()).then_some((bucket.into(), key.into()));
    }
    let plain = s3_url::recognise(text)?;
    let (bucket, key) = s3_url::split(&plain)?;
    (!key.is_empty()).then(|| (bucket.to_owned().into(), key.to_owned().into()))
}

/// The bucket of all these addresses; None if there are several or none.
pub fn only_bucket<'a>(urls: impl IntoIterator<Item = Cow<'a, str>>) -> Option<String> {
    let mut only: Option<String> = None;
    for url in urls {
        let Some((bucket, _)) = s3_object(&url) else { continue };
        match &only {
            Some(known) if *known != bucket => return None,
            Some(_) => {}
            None => only = Some(bucket.into_owned()),
        }
    }
    only
}

/// Whether a key ends in `.srt` or `.vtt`, in any case: the formats the service accepts.
pub fn is_transcript(key: &str) -> bool {
    let bytes = key.as_bytes();
    bytes
        .len()
        .checked_sub(4)
        .and_then(|at| bytes.get(at..))
        .is_some_and(|end| end.eq_ignore_ascii_case(b".srt") || end.eq_ignore_ascii_case(b".vtt"))
}
