//! What any line of SRT or WebVTT may have that some parsers stumble over, wherever it stands.

use super::fault::FaultKind as Kind;
use super::lines::Line;
use super::summary::Report;
use super::time;
use memchr::memmem::find;

/// Bytes after which FFmpeg cuts a line.
const LONG: usize = 4000;

pub(super) fn look(line: &Line<'_>, report: &mut Report) {
    if line.text.len() > LONG {
        report.note(Kind::LongLine, line.place());
    }
    if let Some(at) = line_end_inside(line.text) {
        let place = line.at(at);
        let mut parts = line.text.split(is_line_end).map(|part| part.trim().is_empty());
        let is_number = line.text.trim().bytes().all(|b| b.is_ascii_digit());
        if is_number || time::timing(line.text).is_some() {
            report.refuse(Kind::OddLineEnd, place);
        } else if parts.any(|is_blank| is_blank) {
            // A blank line to those who end lines there.
            report.stop_after(Kind::OddLineEnd, place);
        } else {
            report.note(Kind::OddLineEnd, place);
        }
    }
    if is_of_another_format(line.text) && time::timing(line.text).is_none() {
        report.refuse(Kind::OtherFormat, line.place());
    }
}

/// Where a line holds a character that Python and others take for a line end.
fn line_end_inside(line: &str) -> Option<usize> {
    // Bytes first: all of them begin with one of few.
    let may_be = line.bytes().any(|b| matches!(b, 0xB | 0xC | 0x1C..=0x1E | 0xC2 | 0xE2));
    if may_be { line.find(is_line_end) } else { None }
}

fn is_line_end(c: char) -> bool {
    matches!(c, '\u{B}' | '\u{C}' | '\u{1C}'..='\u{1E}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// A line by which pysubs2 knows another format: MicroDVD `{1}{2}text`, MPL2 `[1][2]text`, TMP `0:00:01:text`, SubStation.
/// Between two formats it refuses to choose.
fn is_of_another_format(line: &str) -> bool {
    let start = line.trim_start();
    match start.as_bytes() {
        [b'{', ..] => in_pairs(start, '{', '}'),
        [b'[', ..] if in_pairs(start, '[', ']') => true,
        [b'0'..=b'9', ..] => is_tmp(line),
        _ => {
            // Hardly any line has one of these characters, and every line comes here.
            let may_be = memchr::memchr2(b'[', b'4', line.as_bytes()).is_some();
            let has = |mark: &[u8]| may_be && find(line.as_bytes(), mark).is_some();
            has(b"[Script Info]") || has(b"V4+ Styles") || has(b"V4 Styles")
        }
    }
}

/// `{1}{25}`, with blanks or without.
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
    let mut parts = line.splitn(4, ':');
    let mut is_number = |fewest: usize| {
        parts.next().is_some_and(|n| (fewest..=2).contains(&n.len()) && n.bytes().all(|b| b.is_ascii_digit()))
    };
    is_number(1) && is_number(2) && is_number(2) && parts.next().is_some_and(|text| !text.is_empty())
}
