//! Faults that can occur in any line of SRT or WebVTT.

use super::fault::FaultKind;
use super::glance::{Glance, SECTIONS, is_line_end};
use super::lines::Line;
use super::summary::Report;
use super::time;

/// FFmpeg cuts lines after this many bytes.
const LONG: usize = 4000;

/// Whether [`look`] finds nothing in a line of text that is plain.
pub(super) fn is_fine(line: &Line<'_>, glance: Glance) -> bool {
    line.text.len() <= LONG && glance.is_quiet
}

/// `hides_text`: if the line begins with a line end, a parser takes the blank line before it for the end of its cue.
pub(super) fn look(line: &Line<'_>, glance: Glance, hides_text: bool, report: &mut Report) {
    if line.text.len() > LONG {
        report.note(FaultKind::LongLine, line.place());
    }
    if glance.has_odd_ends
        && let Some(at) = line.text.find(is_line_end)
    {
        let place = line.at(at);
        let mut blanks = line.text.split(is_line_end).map(|part| part.trim().is_empty());
        let is_number = line.text.trim().bytes().all(|b| b.is_ascii_digit());
        if is_number || time::timing(line.text).is_some() {
            report.refuse(FaultKind::OddLineEnd, place);
        } else if hides_text && blanks.clone().take(2).eq([true, false]) {
            report.stop(FaultKind::OddLineEnd, place);
        } else if blanks.any(|is_blank| is_blank) {
            // Some parsers see a blank line there.
            report.stop_after(FaultKind::OddLineEnd, place);
        } else {
            report.note(FaultKind::OddLineEnd, place);
        }
    }
    if is_of_another_format(line.text, glance) && time::timing(line.text).is_none() {
        report.refuse(FaultKind::OtherFormat, line.place());
    }
}

/// Whether a line has a second end, which Python takes for a blank line after it.
pub(super) fn ends_twice(line: &str) -> bool {
    line.ends_with(is_line_end)
}

/// A line that makes pysubs2 detect another format: MicroDVD `{1}{2}text`, MPL2 `[1][2]text`, TMP `0:00:01:text`,
/// SubStation. It refuses to choose between two formats.
fn is_of_another_format(line: &str, glance: Glance) -> bool {
    let start = match line.as_bytes() {
        [first, ..] if first.is_ascii_graphic() => line,
        _ => line.trim_start(),
    };
    match start.as_bytes() {
        [b'{', ..] => in_pairs(start, '{', '}'),
        [b'[', ..] if in_pairs(start, '[', ']') => true,
        [b'0'..=b'9', ..] => is_tmp(line),
        _ => glance.has_sections && SECTIONS.iter().any(|name| line.contains(name)),
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
