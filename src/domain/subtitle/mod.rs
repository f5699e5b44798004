//! SRT and WebVTT: cues, faults with line and column, and what a file is that is neither.
//!
//! The type is decided by content, never by a name. Every scanner is linear and bounded. Sources: facts/subtitles.md §1.1
//! (SRT, measured on five parsers) and §2.1 (WebVTT, W3C grammar and parser).

mod any_line;
mod encoding;
mod english;
mod fault;
mod language;
mod lines;
mod plain;
mod repeats;
mod sniff;
mod srt;
mod summary;
mod time;
mod vtt;
mod vtt_settings;
mod vtt_text;

pub use fault::FaultKind;
pub use language::same_language;

use super::rules::{Rule, Severity};
use fault::{Faults, Place};
use lines::Lines;
use serde::{Deserialize, Serialize};
use summary::Report;
use time::Sign;
use vtt::Signature;

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
    /// Cues that every one of the measured parsers recovers; 0 when one of them refuses the file. Some fault in `faults`
    /// tells why it is less than `apparent`.
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

impl Transcript {
    /// How many cues are left to an operator who meets the strictest parser, where a fault says that some are lost. A form
    /// that one parser refuses and the others take is a warning, and no loss.
    pub fn left(&self) -> Option<u32> {
        let says_so = self.faults.iter().any(|fault| fault.kind.rule() == Rule::CuesLost);
        (says_so && self.recovered < self.apparent).then_some(self.recovered)
    }
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

/// Looks at the bytes of an object; `is_cut` when it goes on after them.
///
/// Linear in the bytes, of which [`MOST_BYTES`] are looked at. Memory: 16 bytes a cue, and the text once more when it is no
/// UTF-8.
pub fn inspect(bytes: &[u8], is_cut: bool) -> Inspected {
    let (bytes, is_cut) = match bytes.get(..MOST_BYTES) {
        Some(most) => (most, is_cut || most.len() < bytes.len()),
        None => (bytes, is_cut),
    };
    if let Some(other) = sniff::container(bytes) {
        return Inspected::Other(other);
    }
    let mut faults = Faults::default();
    let (text, encoding) = encoding::decode(bytes, is_cut, &mut faults);
    let text = if is_cut { whole_lines(&text) } else { &text };
    if text.chars().all(|c| c.is_whitespace() || c == '\0') {
        return Inspected::Other(Other::Blank);
    }
    if let Some(other) = sniff::markup(text) {
        return Inspected::Other(other);
    }
    let first = Lines::of(text).find(|line| !line.text.is_empty()).map_or("", |line| line.text);
    let has_bom = encoding == Encoding::Utf8 { bom: true };
    if has_bom {
        faults.add(FaultKind::Bom, Place { line: 1, before: "" });
    }
    damaged(text, &mut faults);
    let signature = vtt::signature(first);
    let format =
        if signature != Signature::None || is_webvtt_without_signature(text) { Format::WebVtt } else { Format::Srt };
    let mut report = Report::new(format, faults);
    match format {
        Format::Srt => srt::scan(text, is_cut, &mut report),
        Format::WebVtt => vtt::scan(text, has_bom, is_cut, &mut report),
    }
    if report.apparent() == 0 && signature != Signature::Sound {
        let other = if sniff::is_binary(bytes) { Other::Binary } else { sniff::without_cues(text) };
        return Inspected::Other(other);
    }
    Inspected::Subtitles(Box::new(report.finish(encoding, is_cut)))
}

/// The text up to its last line end; all of it when it has none.
fn whole_lines(text: &str) -> &str {
    let end = memchr::memrchr2(b'\n', b'\r', text.as_bytes()).map_or(text.len(), |at| at + 1);
    text.get(..end).unwrap_or(text)
}

/// Times as WebVTT has them, in a text that does not begin as WebVTT must: the first line of times has points, and hours
/// are missing, or settings follow, or no number stands above it.
fn is_webvtt_without_signature(text: &str) -> bool {
    let mut above = "";
    for line in Lines::of(text) {
        let Some(timing) = time::timing(line.text) else {
            above = line.text.trim();
            continue;
        };
        let is_number = !above.is_empty() && above.bytes().all(|b| b.is_ascii_digit());
        let has_points = timing.start.sign == Sign::Point && timing.end.sign == Sign::Point;
        let has_settings = !timing.rest.trim().is_empty() && vtt_settings::first_bad(timing.rest).is_none();
        return has_points && (timing.start.hour_digits == 0 || has_settings || !is_number);
    }
    false
}

/// Text that was lost before it came here.
fn damaged(text: &str, faults: &mut Faults) {
    if faults.kinds().any(FaultKind::is_undecodable)
        || memchr::memmem::find(text.as_bytes(), "\u{FFFD}".as_bytes()).is_none()
    {
        return;
    }
    for line in Lines::of(text) {
        if let Some(at) = line.text.find('\u{FFFD}') {
            faults.add(FaultKind::Replacement, line.at(at));
        }
    }
}
