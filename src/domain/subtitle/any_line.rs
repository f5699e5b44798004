//! Faults that can occur in any line of SRT or WebVTT.

use super::fault::FaultKind;
use super::lines::Line;
use super::summary::Report;
use super::time;
use memchr::memmem::find;
use memchr::{memchr, memchr3};

/// FFmpeg cuts lines after this many bytes.
const LONG: usize = 4000;

/// Unusual content anywhere in a text: if there is none, most lines need no separate check.
#[derive(Clone, Copy, Debug)]
pub(super) struct Oddities {
    line_ends: bool,
    nuls: bool,
    /// Section names of SubStation.
    sections: bool,
}

impl Oddities {
    pub fn of(text: &str) -> Oddities {
        let bytes = text.as_bytes();
        let has = |mark: &str| find(bytes, mark.as_bytes()).is_some();
        Oddities {
            line_ends: memchr3(0xB, 0xC, 0x1C, bytes).is_some()
                || memchr3(0x1D, 0x1E, 0x85, bytes).is_some_and(|_| text.contains(is_line_end))
                || (memchr(0xE2, bytes).is_some() && (has("\u{2028}") || has("\u{2029}"))),
            nuls: memchr(0, bytes).is_some(),
            sections: SECTIONS.iter().any(|name| has(name)),
        }
    }

    /// The first NUL of a line.
    pub fn nul(self, line: &str) -> Option<usize> {
        if self.nuls { memchr(0, line.as_bytes()) } else { None }
    }
}

const SECTIONS: [&str; 3] = ["[Script Info]", "V4+ Styles", "V4 Styles"];

pub(super) fn look(line: &Line<'_>, oddities: Oddities, report: &mut Report) {
    if line.text.len() > LONG {
        report.note(FaultKind::LongLine, line.place());
    }
    if oddities.line_ends
        && let Some(at) = line.text.find(is_line_end)
    {
        let place = line.at(at);
        let mut parts = line.text.split(is_line_end).map(|part| part.trim().is_empty());
        let is_number = line.text.trim().bytes().all(|b| b.is_ascii_digit());
        if is_number || time::timing(line.text).is_some() {
            report.refuse(FaultKind::OddLineEnd, place);
        } else if parts.any(|is_blank| is_blank) {
            // Some parsers see a blank line there.
            report.stop_after(FaultKind::OddLineEnd, place);
        } else {
            report.note(FaultKind::OddLineEnd, place);
        }
    }
    if is_of_another_format(line.text, oddities) && time::timing(line.text).is_none() {
        report.refuse(FaultKind::OtherFormat, line.place());
    }
}

/// A character that Python and others treat as a line end.
fn is_line_end(c: char) -> bool {
    matches!(c, '\u{B}' | '\u{C}' | '\u{1C}'..='\u{1E}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Whether a line has a second end, which Python takes for a blank line after it.
pub(super) fn ends_twice(line: &str) -> bool {
    line.ends_with(is_line_end)
}

/// A line that makes pysubs2 detect another format: MicroDVD `{1}{2}text`, MPL2 `[1][2]text`, TMP `0:00:01:text`,
/// SubStation. It refuses to choose between two formats.
fn is_of_another_format(line: &str, oddities: Oddities) -> bool {
    let start = line.trim_start();
    match start.as_bytes() {
        [b'{', ..] => in_pairs(start, '{', '}'),
        [b'[', ..] if in_pairs(start, '[', ']') => true,
        [b'0'..=b'9', ..] => is_tmp(line),
        _ => oddities.sections && SECTIONS.iter().any(|name| line.contains(name)),
    }
}

/// `{1}{25}`, with or without blanks.
fn in_pairs(text: &str, open: char, close: char) -> bool {
    let number = |text| -> Option<&str> {
        let (inner, rest) = str::strip_prefix(text, open)?.split_once(close)?;
        let digits = inner.trim().trim_start_matches('-');
        (!digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())).then(|| rest.trim_start())
    };
    number(text).and_then(number).is_some()
}

/// `\d{1,2}:\d{2}:\d{2}:.`
fn is_tmp(line: &str) -> bool {
    let (hours, rest) = match line.as_bytes() {
        [hour, b':', rest @ ..] => ([b'0', *hour], rest),
        [ten, hour, b':', rest @ ..] => ([*ten, *hour], rest),
        _ => return false,
    };
    let [m1, m2, b':', s1, s2, b':', _, ..] = rest else { return false };
    hours.iter().chain([m1, m2, s1, s2]).all(u8::is_ascii_digit)
}
