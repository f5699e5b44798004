//! Transcript keys to pick from: reading lists of them, and ranking them for one video.
//!
//! Nothing here asks a bucket: `io::s3` lists, [`parse()`] reads saved lists, both fill a [`KeyList`].

mod list;
mod listed;
mod name;
pub mod parse;
mod rank;
mod source;
mod summary;

pub use list::{KeyList, KeyRef};
pub use listed::Listed;
pub use parse::{Parsed, parse};
pub use rank::{Ranked, Ranking, Reason, complete, rank};
pub use source::{Input, Place, Source, SourceError};
pub use summary::{EXPECTED, End, Endings, NotKeys, Shape, SourceFault, Summary};

/// A pair of video and transcript that a table gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// `s3://bucket/key`, or as it stands in the table where it names no bucket.
    pub video: String,
    pub transcript: String,
    /// From 1.
    pub line: u64,
}

/// What came of a source so far: transcripts only, everything else is counted in the [`Summary`].
#[derive(Clone, Debug, Default)]
pub struct Page {
    pub keys: KeyList,
    pub given: Vec<Given>,
}

/// One object of a bucket, as a listing tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    pub bucket: String,
    pub key: String,
    /// In bytes.
    pub size: Option<u64>,
    /// As the listing gives it: `2026-11-12T…` or `2026-11-12 13:58:00`.
    pub modified: Option<String>,
}

impl Key {
    /// A key of which nothing but its name is known.
    pub fn named(bucket: impl Into<String>, key: impl Into<String>) -> Key {
        Key { bucket: bucket.into(), key: key.into(), size: None, modified: None }
    }
}

/// The name ends in `.srt` or `.vtt`, in any case: the two formats the service takes.
pub fn is_transcript(key: &str) -> bool {
    let bytes = key.as_bytes();
    bytes
        .len()
        .checked_sub(4)
        .and_then(|at| bytes.get(at..))
        .is_some_and(|end| end.eq_ignore_ascii_case(b".srt") || end.eq_ignore_ascii_case(b".vtt"))
}
