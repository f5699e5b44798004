//! SRT and WebVTT: cues, faults with line and column, and what a file is that is neither.
//!
//! The type is decided by content, never by a name. Every scanner is linear and bounded. Sources: facts/subtitles.md §1.1
//! (SRT, measured on five parsers) and §2.1 (WebVTT, W3C grammar and parser).

use super::rules::{Rule, Severity};
use serde::{Deserialize, Serialize};

/// Bytes of a transcript that are read at most.
pub const MOST_BYTES: usize = 10 * 1024 * 1024;

/// Parts into which the time from 0 to the end of the last cue is cut, to draw where cues stand.
pub const SLICES: u32 = 128;

/// What a file is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Inspected {
    Subtitles(Box<Transcript>),
    /// Neither SRT nor WebVTT.
    Other(Other),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Format {
    Srt,
    WebVtt,
}

/// What is no transcript.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Other {
    /// Only blanks and line ends.
    Blank,
    Html,
    /// An error of S3, saved as the object; its code.
    S3Error(Option<Box<str>>),
    Xml,
    Json,
    Gzip,
    Zip,
    Pdf,
    /// Any other bytes that are no text.
    Binary,
    /// Text without a cue.
    Text,
}

/// How the text is encoded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Encoding {
    Utf8 {
        bom: bool,
    },
    Utf16 {
        little_endian: bool,
        bom: bool,
    },
    /// Bytes that are no UTF-8: the likely code page (`windows-1252`).
    Legacy(Box<str>),
}

/// The summary of a transcript.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transcript {
    pub format: Format,
    pub encoding: Encoding,
    /// Cues that stand there, as a person would count them.
    pub apparent: u32,
    /// Cues that the strictest of the measured parsers recovers; 0 when one of them refuses the file.
    pub recovered: u32,
    /// Start of the first cue, in milliseconds.
    pub first_ms: u64,
    /// End of the cue that ends last, in milliseconds.
    pub last_ms: u64,
    /// Time during which a cue stands, in milliseconds.
    pub covered_ms: u64,
    /// Which of [`SLICES`] equal parts of 0..last_ms hold a cue; the lowest bit of the first word is the beginning.
    pub slices: [u64; 2],
    /// The first few cues, their text cut to a line or two, without tags.
    pub opening: Vec<Cue>,
    /// One for each kind of fault, worst first.
    pub faults: Vec<Fault>,
    /// The language of the text as ISO 639-1, or 639-3 where there is none; only when it is sure.
    pub language: Option<Box<str>>,
    /// The object is longer than was read; the summary speaks of the beginning.
    pub is_cut: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cue {
    pub start_ms: u64,
    pub end_ms: u64,
    /// Not sanitised: the view's business.
    pub text: Box<str>,
}

/// One kind of fault: where it stands first, and how often.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    pub kind: FaultKind,
    pub severity: Severity,
    /// Of the first one, counted from 1.
    pub line: u32,
    /// In characters, counted from 1.
    pub column: u32,
    pub count: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum FaultKind {
    /// A placeholder until the scanners say more.
    EndBeforeStart,
}

impl FaultKind {
    /// The rule it breaks: `cues-lost`, `cue-timing`, `cue-overlap`, `cue-order`, `cue-format`, `encoding`.
    pub fn rule(self) -> Rule {
        Rule::CueTiming
    }

    /// A sentence without its end, with what to do where that is known: `the end is before the start`.
    pub fn words(self) -> &'static str {
        "the end is before the start"
    }
}

/// Looks at the bytes of an object; `is_cut` when it goes on after them.
pub fn inspect(_bytes: &[u8], _is_cut: bool) -> Inspected {
    Inspected::Other(Other::Text)
}

/// Whether a row's `language` (`en`, `en-US`, `english`) is the detected one; None when it is not understood.
pub fn same_language(_row: &str, _detected: &str) -> Option<bool> {
    None
}
