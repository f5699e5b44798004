//! Container headers, sans-IO: the probe requests bytes, receives them, and returns facts. It never reads frames, and
//! its requests and bytes are bounded. Source: facts/video.md.
//!
//! A reader is a plain function over the bytes received so far. If some are missing it stops, the probe requests them,
//! and the reader starts again: headers are small, so restarting is cheaper than keeping a position.

mod bytes;
mod iso;
mod magic;
mod matroska;

use bytes::{Held, Stop};
use magic::FileKind;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::Range;

/// The facts in a header. None means unknown, never "no".
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
    /// Why some facts are unknown.
    pub doubt: Option<Doubt>,
    /// Who told the facts, if it was not our own probe.
    pub teller: Option<Teller>,
}

/// An installed ffprobe that the operator allows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Teller {
    Ffprobe,
    /// It was asked and did not tell; why, after its name: `can't read it`.
    NotFfprobe(Box<str>),
}

/// Playing time, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Length {
    pub ms: u64,
    /// An estimate, for example from a segment index.
    pub is_rough: bool,
    /// The length of the longest track, if it differs from what players show.
    pub media_ms: Option<u64>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Container {
    /// MP4, MOV, M4V, 3GP, with the major brand.
    IsoMedia(Box<str>),
    Matroska,
    WebM,
    /// Identified by its first bytes, but not parsed: `AVI`, `MPEG-TS`.
    Other(Box<str>),
    /// Not a video: `an HTML page`, `an S3 error`, `text`.
    NotVideo(Box<str>),
    #[default]
    Unknown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Doubt {
    /// Fragments without an index: the whole file would have to be read.
    Fragmented,
    /// A recording that is unfinished or still running.
    Unfinished,
    /// There is no movie header where one must be: no player can open the file.
    Headless,
    /// There is a movie header, and not one frame: an upload that ended behind it, or frames in another file.
    Frameless,
    /// The file begins with zeros instead of a header.
    Zeros,
    /// The header is longer than the budget.
    Budget,
    /// The object ends before the file does.
    Truncated,
    /// S3 returned fewer bytes than the object has.
    Withheld,
    /// The header is compressed (very old QuickTime) or contradicts itself.
    Unreadable,
    /// The frames are encrypted; the header can still be read.
    Encrypted,
}

impl fmt::Display for Doubt {
    /// `the file is cut off`: a clause without a full stop.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Doubt::Fragmented => "the file is fragmented and has no index",
            Doubt::Unfinished => "the recording was never finished",
            Doubt::Headless => "the file has no movie header",
            Doubt::Frameless => "the file has no frames",
            Doubt::Zeros => "the file begins with zeros",
            Doubt::Budget => "the header is longer than is read",
            Doubt::Truncated => "the file is cut off",
            Doubt::Withheld => "fewer bytes came than were asked for",
            Doubt::Unreadable => "the header can't be read",
            Doubt::Encrypted => "the frames are encrypted",
        })
    }
}

impl Facts {
    /// What proves that the service can't read the file; None if nothing does.
    pub fn broken(&self) -> Option<Doubt> {
        self.doubt.filter(|doubt| matches!(doubt, Doubt::Truncated | Doubt::Headless | Doubt::Frameless | Doubt::Zeros))
    }

    /// Why the file was not judged, or not all of it: a clause without a full stop. None if the facts suffice for every
    /// limit, or for a finding that hides the others.
    pub fn untold(&self) -> Option<String> {
        if self.broken().is_some() || self.has_video == Some(false) {
            return None;
        }
        match &self.container {
            Container::Other(name) => match &self.teller {
                Some(Teller::Ffprobe) => {}
                Some(Teller::NotFfprobe(why)) => {
                    return Some(format!("the header of {name} is not read, and ffprobe {why}"));
                }
                None => return Some(format!("the header of {name} is not read")),
            },
            Container::Unknown if self.coded.is_none() && self.duration.is_none() && self.doubt.is_none() => {
                return Some("its format is not known".to_owned());
            }
            Container::NotVideo(_) => return None,
            Container::IsoMedia(_) | Container::Matroska | Container::WebM | Container::Unknown => {}
        }
        if let Some(doubt) = self.doubt {
            return Some(doubt.to_string());
        }
        let missing = [
            (self.has_video.is_none(), "whether there is a picture"),
            (self.duration.is_none(), "how long it plays"),
            (self.coded.is_none() && self.display.is_none(), "the size of the picture"),
            (self.display.is_none(), "the shape of the picture"),
            (self.has_audio.is_none(), "whether there is sound"),
        ];
        let (_, what) = missing.into_iter().find(|(is_missing, _)| *is_missing)?;
        let who = if self.teller.is_some() { "ffprobe" } else { "the header" };
        Some(format!("{who} does not tell {what}"))
    }
}

/// The probe's next step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Request these bytes; fewer are fine at the end of the object.
    Need(Range<u64>),
    Done(Facts),
}

/// Size of the first request, and of most others, in bytes.
pub const FIRST: u64 = 64 * 1024;

/// Most requests for one object.
pub const MOST_REQUESTS: usize = 8;

/// Most bytes of one object that are requested and kept.
pub const MOST_BYTES: u64 = 2 * 1024 * 1024;

/// Bytes examined to identify a file.
const HEAD: usize = 4 * 1024;

/// Requests bytes until the facts are known.
#[derive(Clone, Debug, Default)]
pub struct Probe {
    held: Held,
    /// Requested but not received yet.
    pending: Option<Range<u64>>,
    /// Start of each request.
    asked: Vec<u64>,
    /// Bytes of all requests.
    spent: u64,
    done: Option<Facts>,
}

impl Probe {
    pub fn new() -> Probe {
        Probe::default()
    }

    /// The next step. The first range is always the first [`FIRST`] bytes; until bytes are given, the same range is
    /// returned again.
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
                    // It was requested but didn't arrive: a retry would loop forever.
                    Some(Doubt::Withheld)
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

    /// Adds bytes from `at` on, and the size of the whole object. More or fewer than requested are fine; bytes that
    /// were not requested are ignored.
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

/// The facts in the bytes so far, and whether more are needed.
fn look(held: &Held) -> (Facts, Result<(), Stop>) {
    let wanted = HEAD.min(usize::try_from(held.size()).unwrap_or(HEAD));
    let head = held.head(HEAD);
    if head.len() < wanted {
        let missing = head.len() as u64..wanted as u64;
        return (Facts::default(), Err(Stop::Missing(missing)));
    }
    let facts = match magic::recognise(&head) {
        FileKind::IsoMedia => return iso::read(held),
        FileKind::Ebml => return matroska::read(held),
        FileKind::Other(name) => {
            let is_cut = magic::told_size(&head).is_some_and(|told| told > held.size());
            let doubt = is_cut.then_some(Doubt::Truncated);
            Facts { container: Container::Other(name.into()), doubt, ..Facts::default() }
        }
        FileKind::Zeros => Facts { doubt: Some(Doubt::Zeros), ..Facts::default() },
        FileKind::Sound(name) => Facts {
            container: Container::NotVideo(name.into()),
            has_video: Some(false),
            has_audio: Some(true),
            ..Facts::default()
        },
        FileKind::NotVideo(name) => {
            Facts { container: Container::NotVideo(name), has_video: Some(false), ..Facts::default() }
        }
        FileKind::Unknown => Facts::default(),
    };
    (facts, Ok(()))
}

/// Ticks as milliseconds. None for a clock without a rate.
fn milliseconds(ticks: u64, per_second: u32) -> Option<u64> {
    let ms = u128::from(ticks).checked_mul(1_000)?.checked_div(per_second.into())?;
    u64::try_from(ms).ok()
}
