//! Container headers, sans-IO: the probe says which bytes it needs, is given them, and says what it learnt. It never reads
//! frames, and spends a bounded number of requests and bytes. Source: facts/video.md.
//!
//! A reader is a plain function over the bytes held so far. Where it misses some it stops, the probe asks for them, and the
//! reader starts again: headers are small, so beginning anew costs less than remembering a place.

mod bytes;
mod iso;
mod magic;
mod matroska;

use bytes::{Held, Stop};
use magic::Kind;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::Range;

/// What a header says. None is "can't be told", never "no".
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    pub container: Container,
    pub duration: Option<Length>,
    /// Width and height of the coded picture, in pixels.
    pub coded: Option<(u32, u32)>,
    /// Width and height as shown, before rotation, in pixels.
    pub display: Option<(u32, u32)>,
    /// Clockwise, in degrees: 0, 90, 180 or 270.
    pub rotation: u16,
    pub has_video: Option<bool>,
    pub has_audio: Option<bool>,
    /// Why something could not be told.
    pub doubt: Option<Doubt>,
}

/// How long it plays, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Length {
    pub ms: u64,
    /// It is an estimate: from a segment index, say.
    pub is_rough: bool,
    /// The length of the longest track, where it is another than what players show.
    pub media_ms: Option<u64>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Container {
    /// MP4, MOV, M4V, 3GP; the major brand.
    IsoMedia(Box<str>),
    Matroska,
    WebM,
    /// Known by its first bytes and not looked into: `AVI`, `MPEG-TS`.
    Other(Box<str>),
    /// No video at all: `an HTML page`, `an S3 error`, `text`.
    NotVideo(Box<str>),
    #[default]
    Unknown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Doubt {
    /// Pieces without an index: the whole file would have to be read.
    Fragmented,
    /// A recording that was never finished, or is still going on.
    Unfinished,
    /// The header is longer than may be read.
    Budget,
    /// The object ends before the file does, or S3 gave fewer bytes than it has.
    Truncated,
    /// The header is compressed (very old QuickTime) or contradicts itself.
    Unreadable,
    /// The frames are encrypted; the header can still be read.
    Encrypted,
}

impl fmt::Display for Doubt {
    /// `the file is cut off`: a clause without an end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Doubt::Fragmented => "the file is in pieces without an index",
            Doubt::Unfinished => "the recording was never finished",
            Doubt::Budget => "the header is longer than is read",
            Doubt::Truncated => "the file is cut off",
            Doubt::Unreadable => "the header can't be read",
            Doubt::Encrypted => "the frames are encrypted",
        })
    }
}

/// What a probe wants next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// These bytes; fewer will do where the object ends.
    Need(Range<u64>),
    Done(Facts),
}

/// Bytes of the first request, and of most others.
pub const FIRST: u64 = 64 * 1024;

/// Requests for one object at most.
pub const MOST_REQUESTS: usize = 8;

/// Bytes of one object at most, asked for and kept.
pub const MOST_BYTES: u64 = 2 * 1024 * 1024;

/// Bytes by which the kind of a file is recognised.
const HEAD: usize = 4 * 1024;

/// Asks for bytes until it knows enough.
#[derive(Clone, Debug, Default)]
pub struct Probe {
    held: Held,
    /// Asked for and not given yet.
    pending: Option<Range<u64>>,
    /// Where each request began.
    asked: Vec<u64>,
    /// Bytes of all requests.
    spent: u64,
    done: Option<Facts>,
}

impl Probe {
    pub fn new() -> Probe {
        Probe::default()
    }

    /// What it wants now. The first range is always the first [`FIRST`] bytes; until something is given, the same range is
    /// wanted again.
    pub fn step(&mut self) -> Step {
        if let Some(facts) = &self.done {
            return Step::Done(facts.clone());
        }
        if let Some(range) = &self.pending {
            return Step::Need(range.clone());
        }
        if self.asked.is_empty() {
            return self.ask(0..FIRST);
        }
        let (mut facts, end) = look(&self.held);
        let doubt = match end {
            Ok(()) => None,
            Err(Stop::End) => Some(Doubt::Truncated),
            Err(Stop::Bad) => Some(Doubt::Unreadable),
            Err(Stop::Missing(range)) => {
                let end = range.end.max(range.start.saturating_add(FIRST)).min(self.held.size());
                let cost = end.saturating_sub(range.start);
                if self.asked.contains(&range.start) {
                    // It was asked for and did not come: asking again would go on for ever.
                    Some(Doubt::Truncated)
                } else if self.asked.len() >= MOST_REQUESTS || self.spent.saturating_add(cost) > MOST_BYTES {
                    Some(Doubt::Budget)
                } else {
                    return self.ask(range.start..end);
                }
            }
        };
        facts.doubt = facts.doubt.or(doubt);
        self.done = Some(facts.clone());
        Step::Done(facts)
    }

    /// Bytes from `at` on, and the size of the whole object. More or fewer than were asked for are welcome; what was not asked
    /// for at all is not kept.
    pub fn give(&mut self, at: u64, bytes: &[u8], size: u64) {
        if self.pending.take().is_some() {
            self.held.add(at, bytes, size);
        }
    }

    fn ask(&mut self, range: Range<u64>) -> Step {
        self.asked.push(range.start);
        self.spent = self.spent.saturating_add(range.end.saturating_sub(range.start));
        self.pending = Some(range.clone());
        Step::Need(range)
    }
}

/// What the bytes held so far say, and whether more are needed to say all.
fn look(held: &Held) -> (Facts, Result<(), Stop>) {
    let wanted = HEAD.min(usize::try_from(held.size()).unwrap_or(HEAD));
    let head = held.head(HEAD);
    if head.len() < wanted {
        let missing = head.len() as u64..wanted as u64;
        return (Facts::default(), Err(Stop::Missing(missing)));
    }
    let facts = match magic::recognise(&head) {
        Kind::IsoMedia => return iso::read(held),
        Kind::Ebml => return matroska::read(held),
        Kind::Other(name) => Facts { container: Container::Other(name.into()), ..Facts::default() },
        Kind::Sound(name) => Facts {
            container: Container::NotVideo(name.into()),
            has_video: Some(false),
            has_audio: Some(true),
            ..Facts::default()
        },
        Kind::NotVideo(name) => {
            Facts { container: Container::NotVideo(name), has_video: Some(false), ..Facts::default() }
        }
        Kind::Unknown => Facts::default(),
    };
    (facts, Ok(()))
}

/// Ticks of a clock as milliseconds. None for a clock that stands still.
fn milliseconds(ticks: u64, per_second: u32) -> Option<u64> {
    let ms = u128::from(ticks).checked_mul(1_000)?.checked_div(per_second.into())?;
    u64::try_from(ms).ok()
}
