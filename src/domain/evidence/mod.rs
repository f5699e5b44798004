//! What was learnt of the things a manifest names: transcripts, videos, indexes. Made by the adapters that ask, read by the
//! rules. It never asks, and never guesses: what could not be learnt is [`Unclear`], and that is no finding.

mod plan;
mod store;

pub use plan::{AT_ONCE, Plan, Progress, Scope, SweepState};
pub use store::Evidence;

pub use super::index::Index;
use super::manifest::{Field, Row, RowId};
use super::rules::{Severity, check_row};
use super::s3_url::{S3Url, carries_secret};
use super::subtitle::Inspected;
use super::video;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// What kind of thing is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Kind {
    Transcript,
    Video,
    /// A Twelve Labs index.
    Index,
}

/// A thing that can be asked about. Cheap to clone: the name is shared.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Subject {
    kind: Kind,
    /// `s3://bucket/key`, or an index id.
    name: Arc<str>,
}

impl Subject {
    /// What a field's text names: an `s3://` address that can exist, or a well-formed index id. None for any other text, and
    /// for one that carries a secret: that is neither sent nor kept.
    pub fn of(kind: Kind, text: &str) -> Option<Subject> {
        let can_be_asked = match kind {
            Kind::Transcript | Kind::Video => S3Url::parse(text).is_ok() && !carries_secret(text),
            Kind::Index => super::rules::is_index_id(text),
        };
        can_be_asked.then(|| Subject { kind, name: text.into() })
    }

    /// What a row asks about. A field that is an error as it stands is mended before anybody is asked: a video in the place
    /// of a transcript would be fetched as one.
    pub fn of_row(row: &Row<'_>, wants: impl Fn(Kind) -> bool) -> Vec<Subject> {
        let mut hits = Vec::new();
        check_row(row, &mut hits);
        let is_sound = |field| !hits.iter().any(|hit| hit.field == Some(field) && hit.severity == Severity::Error);
        let asked = Kind::ALL.into_iter().filter(|kind| wants(*kind) && is_sound(kind.field()));
        asked.filter_map(|kind| Subject::of(kind, row.text(kind.field()))).collect()
    }

    pub fn kind(&self) -> Kind {
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

impl Kind {
    pub const ALL: [Kind; 3] = [Kind::Transcript, Kind::Video, Kind::Index];

    /// The field whose text names it.
    pub const fn field(self) -> Field {
        match self {
            Kind::Transcript => Field::Transcription,
            Kind::Video => Field::Object,
            Kind::Index => Field::IndexId,
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// What asking brought, when and how.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// When the answer came, in unix milliseconds.
    pub at_ms: i64,
    /// Requests it took, those for the bucket not counted.
    pub requests: u32,
    /// It was learnt in an earlier run, or for another manifest.
    #[serde(skip)]
    pub remembered: bool,
    pub fact: Fact,
}

impl Observation {
    /// Whether the answer is worth remembering: one that a later question might better is not.
    pub fn is_settled(&self) -> bool {
        self.unclear().is_none()
    }

    /// Why nothing was learnt.
    pub fn unclear(&self) -> Option<&Unclear> {
        match &self.fact {
            Fact::Transcript(object) => object.answer.unclear(),
            Fact::Video(object) => object.answer.unclear(),
            Fact::Index(IndexAnswer::Unclear(why)) => Some(why),
            Fact::Index(_) => None,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Fact {
    Transcript(Object<Inspected>),
    Video(Object<video::Facts>),
    Index(IndexAnswer),
}

/// What S3 said of an object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Object<T> {
    /// The bucket's region, where it is known. Stores that are not Amazon's may not tell.
    pub region: Option<Box<str>>,
    /// It was asked with the operator's own credentials: that it could be read does not make it public.
    pub signed: bool,
    pub answer: Answer<T>,
}

impl<T> Object<T> {
    pub fn is_refused(&self) -> bool {
        matches!(self.answer, Answer::Refused { .. })
    }

    /// The object, when it could be read.
    pub fn found(&self) -> Option<&Found<T>> {
        match &self.answer {
            Answer::Found(found) => Some(found),
            _ => None,
        }
    }
}

/// The answers of facts/s3.md §5, told apart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Answer<T> {
    Found(Found<T>),
    /// 404 NoSuchBucket.
    NoBucket,
    /// 404 NoSuchKey: surely not there, the public may list.
    Missing {
        /// 404 with a delete marker.
        deleted: bool,
        /// The key that is there instead, the same name in another spelling: a decoded `%20`, accents composed otherwise.
        instead: Option<Box<str>>,
    },
    /// 403 AccessDenied: private, or missing in a bucket that hides which.
    Refused {
        /// What the operator's own credentials say: it is there and private, or it is missing. None without them.
        there: Option<bool>,
        /// As in [`Answer::Missing`].
        instead: Option<Box<str>>,
    },
    /// In cold storage: it is there and can't be read. `GLACIER`
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

/// An object that could be read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Found<T> {
    /// In bytes, of the whole object.
    pub size: u64,
    pub etag: Option<Box<str>>,
    pub what: T,
}

/// Why something could not be learnt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unclear {
    /// S3 asked to slow down, again and again.
    Throttled,
    /// No connection; the cause.
    Unreachable(Box<str>),
    /// A reply that broke off, or none that HTTP knows; the cause.
    Broken(Box<str>),
    /// No byte for so many seconds.
    Silent(u64),
    /// Not at its end after so many seconds.
    Slow(u64),
    /// There are no AWS credentials to ask with; where they should be, and what is wrong.
    Unsigned(Box<str>),
    /// Another answer: its status, and S3's code where there was one.
    Status(u16, Option<Box<str>>),
    /// The bucket is in another region, and this store can't be asked there.
    Elsewhere,
    /// The key has `.` or `..` segments: no HTTP client asks for exactly these bytes.
    NotAskable,
    /// The object changed while it was read, again and again.
    Changing,
    /// No API key to ask Twelve Labs with.
    NoKey,
    /// The reply can't be understood.
    Garbled,
}

impl fmt::Display for Unclear {
    /// `S3 asks to slow down`: a clause without an end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unclear::Throttled => f.write_str("it asks to slow down"),
            Unclear::Unreachable(cause) => write!(f, "no connection, {cause}"),
            Unclear::Broken(cause) => write!(f, "the reply broke off, {cause}"),
            Unclear::Slow(seconds) => write!(f, "the reply did not end within {seconds} seconds"),
            Unclear::Unsigned(cause) => write!(f, "the AWS credentials can't be used, {cause}"),
            Unclear::Silent(seconds) => write!(f, "it was silent for {seconds} seconds"),
            Unclear::Status(status, None) => write!(f, "it answers {status}"),
            Unclear::Status(status, Some(code)) => write!(f, "it answers {status} {code}"),
            Unclear::Elsewhere => f.write_str("the bucket is in another region"),
            Unclear::NotAskable => f.write_str("a key with . or .. between slashes can't be asked for exactly"),
            Unclear::Changing => f.write_str("the object changes while it is read"),
            Unclear::NoKey => f.write_str("there is no API key to ask with"),
            Unclear::Garbled => f.write_str("the reply can't be understood"),
        }
    }
}

/// What Twelve Labs said of an index (facts/twelvelabs.md §5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum IndexAnswer {
    Found(Index),
    /// 404 or 400, with `resource_not_exist`.
    Missing,
    Unclear(Unclear),
}

/// One answer, and the rows that asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Observed {
    pub rows: Vec<RowId>,
    pub subject: Subject,
    pub observation: Arc<Observation>,
}
