//! SRT and WebVTT: cues, faults with line and column, and the kind of other files.
//!
//! The format is detected by content, never by name. Every scanner is linear and bounded. Sources: facts/subtitles.md
//! §1.1 (SRT, measured on five parsers) and §2.1 (WebVTT, W3C grammar and parser).

mod any_line;
mod difference;
mod encoding;
mod english;
mod fault;
mod glance;
mod language;
mod lines;
mod opening;
mod plain;
mod repeats;
mod sniff;
mod srt;
mod srt_times;
mod summary;
mod time;
mod vtt;
mod vtt_blocks;
mod vtt_settings;
mod vtt_text;

pub use difference::{Body, Difference, difference};
pub use fault::FaultKind;
pub use language::same_language;

use super::rules::{Rule, Severity};
use super::short;
use fault::{Faults, Position};
use glance::Glance;
use lines::Lines;
use serde::{Deserialize, Serialize};
use summary::{Keep, Report};
use time::Sign;
use vtt::Signature;

/// Most bytes of a transcript that are read.
pub const MOST_BYTES: usize = 10 * 1024 * 1024;

/// Slices of the time from 0 to the end of the last cue, to draw where cues are.
pub const SLICES: u32 = 128;

/// The kind of a file.
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

/// A file that is not a transcript.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Other {
    /// Only blanks and line ends.
    Blank,
    /// NUL bytes, and at most blanks beside them.
    Nuls,
    /// The object goes on behind what was read, and there was no cue up to there: nobody can tell.
    Unread,
    Html,
    /// An S3 error saved as an object, with its code.
    S3Error(Option<Box<str>>),
    Xml,
    Json,
    Gzip,
    Zip,
    Pdf,
    /// Other bytes that are not text.
    Binary,
    /// What a transcriber prints while it works: `[00:00.000 --> 00:02.380]  Hi`.
    Console,
    /// Text without any cue.
    Text,
}

/// The encoding of the text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Encoding {
    Utf8 {
        bom: bool,
    },
    Utf16 {
        little_endian: bool,
        bom: bool,
    },
    /// Not UTF-8: the likely code page (`windows-1252`).
    Legacy(Box<str>),
}

/// The summary of a transcript.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transcript {
    pub format: Format,
    pub encoding: Encoding,
    /// Cues as a person would count them.
    pub apparent: u32,
    /// Cues that every measured parser recovers; 0 if one of them refuses the file. `faults` explains a difference to
    /// `apparent`.
    pub recovered: u32,
    /// Start of the first cue, in milliseconds.
    pub first_ms: u64,
    /// The latest end of a cue, in milliseconds.
    pub last_ms: u64,
    /// Time covered by cues, in milliseconds.
    pub covered_ms: u64,
    /// Which of [`SLICES`] equal parts of 0..last_ms contain a cue; the lowest bit of the first word is the first.
    #[serde(with = "short::slices")]
    pub slices: [u64; 2],
    /// The first few cues, with tags removed and text cut to a line or two.
    #[serde(with = "opening")]
    pub opening: Vec<Cue>,
    /// One per kind of fault, worst first.
    pub faults: Vec<Fault>,
    /// The language of the text as ISO 639-1, or 639-3 if there is none, or two: `fr and ru`; only if certain.
    pub language: Option<Box<str>>,
    /// The object continues beyond what was read, so this describes only its beginning.
    pub is_cut: bool,
}

impl Transcript {
    /// Cues that the strictest parser recovers, if a fault says that some are lost. A format that one parser refuses
    /// and others accept is a warning and not a loss.
    pub fn left(&self) -> Option<u32> {
        let says_so = self.faults.iter().any(|fault| fault.kind.rule() == Rule::CuesLost);
        (says_so && self.recovered < self.apparent).then_some(self.recovered)
    }

    /// The first of the kept cues in which two transcripts differ, from 0. None says nothing of the other cues.
    pub fn opening_differs(&self, other: &Transcript) -> Option<usize> {
        let (one, two) = (&self.opening, &other.opening);
        let differ = one.iter().zip(two).position(|(a, b)| a.text != b.text || a.start_ms != b.start_ms);
        differ.or((one.len() != two.len()).then_some(one.len().min(two.len())))
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cue {
    pub start_ms: u64,
    pub end_ms: u64,
    /// Not sanitised: the view does that.
    pub text: Box<str>,
}

/// One kind of fault: its first position, and its count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    pub kind: FaultKind,
    pub severity: Severity,
    /// Of the first one, from 1.
    pub line: u32,
    /// In characters, from 1.
    pub column: u32,
    pub count: u32,
}

/// Inspects the bytes of an object; `is_cut` if it continues after them.
///
/// Linear in the bytes, up to [`MOST_BYTES`]. Memory: 16 bytes per cue, and another copy of text that is not UTF-8.
pub fn inspect(bytes: &[u8], is_cut: bool) -> Inspected {
    read(bytes, is_cut, Keep::OPENING)
}

fn read(bytes: &[u8], is_cut: bool, keep: Keep) -> Inspected {
    let (bytes, is_cut) = match bytes.get(..MOST_BYTES) {
        Some(most) => (most, is_cut || most.len() < bytes.len()),
        None => (bytes, is_cut),
    };
    if let Some(other) = sniff::container(bytes) {
        return Inspected::Other(other);
    }
    let mut faults = Faults::default();
    let bytes = without_padding(bytes, &mut faults);
    let (text, encoding) = encoding::decode(bytes, is_cut, &mut faults);
    let text = if is_cut { whole_lines(&text) } else { &text };
    if text.chars().all(|c| c.is_whitespace() || c == '\0') {
        return Inspected::Other(match text.contains('\0') {
            _ if is_cut => Other::Unread,
            true => Other::Nuls,
            false => Other::Blank,
        });
    }
    if let Some(other) = sniff::markup(text) {
        return Inspected::Other(other);
    }
    let first = Lines::of(text).find(|line| !line.text.is_empty()).map_or("", |line| line.text);
    let has_bom = encoding == Encoding::Utf8 { bom: true };
    if has_bom {
        faults.add(FaultKind::Bom, Position { line: 1, before: "" });
    }
    let glance = Glance::of(text);
    if glance.has_replacements {
        damaged(text, &mut faults);
    }
    let signature = vtt::signature(first);
    let format =
        if signature != Signature::None || is_webvtt_without_signature(text) { Format::WebVtt } else { Format::Srt };
    let mut report = Report::new(text, format, glance, faults, keep);
    match format {
        Format::Srt => srt::scan(text, glance, is_cut, &mut report),
        Format::WebVtt => vtt::scan(text, glance, has_bom, is_cut, &mut report),
    }
    if report.apparent() == 0 && signature != Signature::Sound {
        return Inspected::Other(match sniff::is_binary(bytes) {
            true => Other::Binary,
            false => match sniff::without_cues(text) {
                Other::Text if is_cut => Other::Unread,
                other => other,
            },
        });
    }
    Inspected::Subtitles(Box::new(report.finish(encoding, is_cut)))
}

/// Without the NUL bytes that some programs fill the last block with. Others are part of the text, or of UTF-16.
fn without_padding<'a>(bytes: &'a [u8], faults: &mut Faults) -> &'a [u8] {
    let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    let (text, padding) = bytes.split_at_checked(end).unwrap_or((bytes, &[]));
    if text.is_empty() || padding.is_empty() || memchr::memchr(0, text).is_some() {
        return bytes;
    }
    let line = memchr::memchr_iter(b'\n', text).count() + 1;
    faults.add(FaultKind::NulPadding, Position { line: u32::try_from(line).unwrap_or(u32::MAX), before: "" });
    text
}

/// The text up to its last line end; all of it if there is none.
fn whole_lines(text: &str) -> &str {
    let end = memchr::memrchr2(b'\n', b'\r', text.as_bytes()).map_or(text.len(), |at| at + 1);
    text.get(..end).unwrap_or(text)
}

/// WebVTT times in a text that does not begin with the signature: the first line of times uses points, and has no hours,
/// or is followed by settings, or has no number above it, or the signature somewhere above.
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
        return has_points
            && (timing.start.hour_digits == 0 || has_settings || !is_number || vtt::late_header(text).is_some());
    }
    false
}

/// Characters that were already lost when the file was written.
fn damaged(text: &str, faults: &mut Faults) {
    if faults.kinds().any(FaultKind::is_undecodable) {
        return;
    }
    for line in Lines::of(text) {
        if let Some(at) = line.text.find('\u{FFFD}') {
            faults.add(FaultKind::Replacement, line.at(at));
        }
    }
}
