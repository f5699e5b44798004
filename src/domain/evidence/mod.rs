//! Results of online checks of transcripts, videos and indexes. The io adapters produce them, the rules read them. A
//! check without a clear answer is [`Unclear`]; the only finding about that is that it could not be checked.

mod packed;
mod plan;
mod shard;
mod store;

pub use plan::{AT_ONCE, Plan, Progress, Scope, SweepState};
pub use shard::{Shard, Share, Shares, unasked};
pub use store::Evidence;

use super::certificate::Untrusted;
use super::format::counted;
pub use super::index::Index;
use super::manifest::{Field, Row, RowId};
use super::rules::{Severity, check_row};
use super::s3_url::{S3Url, carries_secret};
use super::short;
use super::subtitle::{self, Inspected, Other};
use super::video;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// Stored answers are only valid for the same program version, since others may inspect differently.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "/5");

/// What kind of subject is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum SubjectKind {
    Transcript,
    Video,
    /// A Twelve Labs index.
    Index,
}

/// Something that can be checked online. Cheap to clone: the name is shared.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Subject {
    kind: SubjectKind,
    /// `s3://bucket/key`, or an index id.
    name: Arc<str>,
}

impl Subject {
    /// The subject that a field's text names: a possible `s3://` address or a well-formed index id. None for any other
    /// text, and for one with a secret, which is neither sent nor stored.
    pub fn of(kind: SubjectKind, text: &str) -> Option<Subject> {
        let can_be_asked = match kind {
            SubjectKind::Transcript | SubjectKind::Video => S3Url::parse(text).is_ok() && !carries_secret(text),
            SubjectKind::Index => super::rules::is_index_id(text),
        };
        can_be_asked.then(|| Subject { kind, name: text.into() })
    }

    /// The subjects of a row. A field with a local error is skipped until it is fixed: otherwise a video in the
    /// transcript field would be fetched as a transcript.
    pub fn of_row(row: &Row<'_>, wants: impl Fn(SubjectKind) -> bool) -> Vec<Subject> {
        let mut hits = Vec::new();
        check_row(row, &mut hits);
        let is_sound = |field| !hits.iter().any(|hit| hit.field == Some(field) && hit.severity == Severity::Error);
        let asked = SubjectKind::ALL.into_iter().filter(|kind| wants(*kind) && is_sound(kind.field()));
        asked.filter_map(|kind| Subject::of(kind, row.text(kind.field()))).collect()
    }

    pub fn kind(&self) -> SubjectKind {
        self.kind
    }

    /// `s3://bucket/key`, or an index id.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The object's address; None for an index.
    pub fn url(&self) -> Option<S3Url> {
        S3Url::parse(&self.name).ok()
    }
}

impl SubjectKind {
    pub const ALL: [SubjectKind; 3] = [SubjectKind::Transcript, SubjectKind::Video, SubjectKind::Index];

    /// The field whose text names it.
    pub const fn field(self) -> Field {
        match self {
            SubjectKind::Transcript => Field::Transcription,
            SubjectKind::Video => Field::Object,
            SubjectKind::Index => Field::IndexId,
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// The result of one check, with its time and cost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// Time of the answer, in Unix milliseconds.
    pub at_ms: i64,
    /// Requests made, without those for the bucket.
    pub requests: u32,
    /// It comes from the cache: an earlier run or another manifest.
    #[serde(skip)]
    pub cached: bool,
    pub fact: Fact,
}

impl Observation {
    /// Whether the answer is worth caching; one that a later check might improve is not.
    pub fn is_settled(&self) -> bool {
        self.unclear().is_none()
    }

    /// A transcript that is not there, as far as is known, nor in another spelling.
    pub fn is_not_found(&self) -> bool {
        let Fact::Transcript(object) = &self.fact else { return false };
        matches!(
            object.answer,
            Answer::Missing { instead: None, .. }
                | Answer::Refused { there: None | Some(false), instead: None, because: None }
        )
    }

    /// Why the check has no result.
    pub fn unclear(&self) -> Option<&Unclear> {
        match &self.fact {
            Fact::Transcript(object) => object.answer.unclear(),
            Fact::Video(object) => object.answer.unclear(),
            Fact::Index(IndexAnswer::Unclear(why)) => Some(why),
            Fact::Index(_) => None,
        }
    }
}

impl Observation {
    /// Why something about the subject could not be told, as a clause without a full stop: there is no clear answer, or
    /// it was read only in part. None for a private video, which is how most are, and for a question that nobody put.
    pub fn untold(&self) -> Option<String> {
        match &self.fact {
            _ if let Some(why) = self.unclear() => (*why != Unclear::NoKey).then(|| why.to_string()),
            Fact::Transcript(object) => {
                let read = || format!("only the first {} MiB were read", subtitle::MOST_BYTES >> 20);
                match &object.found()?.what {
                    Inspected::Subtitles(transcript) if transcript.is_cut => Some(read()),
                    Inspected::Other(Other::Unread) => Some(format!("{}: no cue there", read())),
                    _ => None,
                }
            }
            Fact::Video(object) => object.found()?.what.untold(),
            Fact::Index(_) => None,
        }
    }

    /// Whether it tells all that a check can tell.
    pub fn is_clear(&self) -> bool {
        // A private video exists, but nothing else is known about it.
        let is_private = matches!(&self.fact, Fact::Video(video) if video.is_refused());
        self.is_settled() && !is_private && self.untold().is_none()
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Fact {
    Transcript(Object<Inspected>),
    /// Boxed: most answers are about transcripts, and a session may hold a million.
    Video(Box<Object<video::Facts>>),
    Index(IndexAnswer),
}

/// S3's answer about an object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Object<T> {
    /// The bucket's region, if known. Stores other than Amazon's may not report it.
    #[serde(default, with = "short::region")]
    pub region: Option<Box<str>>,
    /// Requested with the operator's own credentials, so a readable object is not proven public.
    pub signed: bool,
    pub answer: Answer<T>,
}

impl<T> Object<T> {
    pub fn is_refused(&self) -> bool {
        matches!(self.answer, Answer::Refused { .. })
    }

    /// The object, if it could be read.
    pub fn found(&self) -> Option<&Found<T>> {
        match &self.answer {
            Answer::Found(found) => Some(found),
            _ => None,
        }
    }
}

/// The answers listed in facts/s3.md §5.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Answer<T> {
    Found(Found<T>),
    /// 404 NoSuchBucket.
    NoBucket,
    /// 404 NoSuchKey: certainly missing, because the bucket may be listed publicly.
    Missing {
        /// 404 with a delete marker.
        deleted: bool,
        /// The existing key with the same name in another spelling: a decoded `%20`, other Unicode composition.
        instead: Option<Box<str>>,
    },
    /// 403 AccessDenied: private, or missing in a bucket that hides which. Or any refusal of a request without
    /// credentials.
    Refused {
        /// With the operator's own credentials: private (true) or missing (false). None without them.
        there: Option<bool>,
        /// As in [`Answer::Missing`].
        instead: Option<Box<str>>,
        /// S3's own reason, if it is more than that access is denied: a KMS key, a bucket whose requester pays.
        because: Option<Box<str>>,
    },
    /// Refused whoever asks, with S3's reason: a disabled KMS key, a customer's own key, an account that is closed.
    Barred(Box<str>),
    /// In cold storage: exists but can't be read. `GLACIER`
    Archived(Box<str>),
    /// 0 bytes.
    Empty,
    Unclear(Unclear),
}

impl<T> Answer<T> {
    fn unclear(&self) -> Option<&Unclear> {
        match self {
            Answer::Unclear(why) => Some(why),
            _ => None,
        }
    }
}

/// A readable object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Found<T> {
    /// Size of the whole object, in bytes.
    pub size: u64,
    #[serde(default, with = "short::etag")]
    pub etag: Option<Box<str>>,
    pub what: T,
}

impl<T> Found<T> {
    /// S3 says that the other object has the same bytes. False where it does not say so: a long object that was uploaded
    /// in other parts has another ETag.
    pub fn has_bytes_of(&self, other: &Found<T>) -> bool {
        self.size == other.size && self.etag.is_some() && self.etag == other.etag
    }
}

/// Why a check has no result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unclear {
    /// S3 kept asking to slow down.
    Throttled,
    /// No connection, with the cause.
    Unreachable(Box<str>),
    /// A truncated or malformed reply, with the cause.
    Broken(Box<str>),
    /// No byte received for this many seconds.
    Silent(u64),
    /// Not complete after this many seconds.
    Slow(u64),
    /// No usable AWS credentials: where they are expected and what is wrong.
    Unsigned(Box<str>),
    /// Another answer: its status, and S3's code if there is one, with its sentence.
    Status(u16, Option<Box<str>>),
    /// A web page, with its status: a gateway or a sign-in page answered instead of the service.
    Gateway(u16),
    /// To another host, by something that is not the service: a sign-in page sends everybody to itself.
    Redirected(Box<str>),
    /// The bucket is in another region, where this store can't be reached.
    Elsewhere,
    /// The key has `.` or `..` segments, which HTTP clients rewrite.
    NotAskable,
    /// The object kept changing while it was read.
    Changing,
    /// No API key for Twelve Labs.
    NoKey,
    /// The reply can't be parsed.
    Garbled,
}

impl fmt::Display for Unclear {
    /// `S3 asks to slow down`: a clause without a full stop.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unclear::Throttled => f.write_str("it asks to slow down"),
            Unclear::Unreachable(cause) => match Untrusted::told(cause) {
                Some(told) => f.write_str(&told),
                None => write!(f, "no connection, {cause}"),
            },
            Unclear::Broken(cause) => write!(f, "the reply broke off, {cause}"),
            Unclear::Slow(seconds) => write!(f, "the reply did not end within {}", counted(*seconds, "second")),
            Unclear::Unsigned(cause) => write!(f, "the AWS credentials can't be used, {cause}"),
            Unclear::Silent(seconds) => write!(f, "it was silent for {}", counted(*seconds, "second")),
            Unclear::Status(status, None) => write!(f, "it answers {status}"),
            Unclear::Status(status, Some(code)) => write!(f, "it answers {status} {code}"),
            Unclear::Gateway(status) => write!(f, "something else answered, with a web page and status {status}"),
            Unclear::Redirected(host) => write!(f, "something else answered, and points to {host}"),
            Unclear::Elsewhere => f.write_str("the bucket is in another region"),
            Unclear::NotAskable => f.write_str("a key with . or .. between slashes can't be requested exactly"),
            Unclear::Changing => f.write_str("the object changes while it is read"),
            Unclear::NoKey => f.write_str("there is no API key"),
            Unclear::Garbled => f.write_str("the reply can't be understood"),
        }
    }
}

/// Twelve Labs' answer about an index (facts/twelvelabs.md §5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum IndexAnswer {
    Found(Index),
    /// 404 or 400, with `resource_not_exist`.
    Missing,
    Unclear(Unclear),
}

/// One answer, and the rows that requested it.
#[derive(Clone, Debug, PartialEq)]
pub struct Observed {
    pub rows: Vec<RowId>,
    pub subject: Subject,
    /// None if it was told before, and nothing has changed but the rows.
    pub observation: Option<Arc<Observation>>,
}
