//! Container headers, sans-IO: the probe says which bytes it needs, is given them, and says what it learnt. It never reads
//! frames, and spends a bounded number of requests and bytes. Source: facts/video.md.

use serde::{Deserialize, Serialize};
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
    /// The file ends within its header.
    Truncated,
    /// The header is compressed (very old QuickTime) or contradicts itself.
    Unreadable,
}

/// What a probe wants next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// These bytes; fewer will do where the object ends.
    Need(Range<u64>),
    Done(Facts),
}

/// Asks for bytes until it knows enough.
#[derive(Clone, Debug, Default)]
pub struct Probe {}

impl Probe {
    pub fn new() -> Probe {
        Probe::default()
    }

    /// What it wants now. The first range is always the first [`FIRST`] bytes.
    pub fn step(&mut self) -> Step {
        Step::Done(Facts::default())
    }

    /// Bytes from `at` on, and the size of the whole object.
    pub fn give(&mut self, _at: u64, _bytes: &[u8], _size: u64) {}
}

/// Bytes of the first request.
pub const FIRST: u64 = 64 * 1024;
