//! Formats a reply's body as lines for a terminal. The body is untrusted and this runs between two key presses, so the
//! work is bounded by what is shown, never by the body's nesting.

use crate::format::{counted, exact_bytes};
use crate::printable::printable;
use serde::de::IgnoredAny;

/// A body for reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownBody {
    /// `empty`, `JSON`, `text` or `binary`.
    pub kind: &'static str,
    /// Printable, one entry per line.
    pub lines: Vec<String>,
}

/// JSON nested deeper is shown unformatted.
const DEEPEST: usize = 128;
/// Most bytes shown: this much takes some milliseconds.
const MOST_BYTES: usize = 1024 * 1024;
const MOST_LINES: usize = 20_000;
/// Bytes converted at a time: an invisible character grows up to twelve times.
const PIECE: usize = 4 * 1024;

pub(super) fn shown(body: &[u8]) -> ShownBody {
    let bytes = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    if bytes.is_empty() {
        return ShownBody { kind: "empty", lines: Vec::new() };
    }
    // Text truncated inside a character is still text.
    let text = String::from_utf8_lossy(bytes);
    if std::str::from_utf8(bytes).is_err() {
        let strange = text.chars().filter(|c| *c == char::REPLACEMENT_CHARACTER).count();
        if strange * 50 > text.chars().count() {
            let what = format!("{} of binary data", exact_bytes(bytes.len() as u64));
            return ShownBody { kind: "binary", lines: vec![what] };
        }
    } else if serde_json::from_str::<IgnoredAny>(&text).is_ok() {
        let lines = indented(&text).unwrap_or_else(|| as_it_is(&text));
        return ShownBody { kind: "JSON", lines };
    }
    ShownBody { kind: "text", lines: as_it_is(&text) }
}

/// Printable lines up to a limit.
struct Page {
    lines: Vec<String>,
    room: usize,
}

impl Page {
    fn new() -> Page {
        Page { lines: Vec::new(), room: MOST_BYTES }
    }

    fn is_full(&self) -> bool {
        self.lines.len() == MOST_LINES || self.room == 0
    }

    /// Adds as much of a line as fits, and returns the number of bytes that did not.
    fn add(&mut self, line: &str) -> usize {
        if self.is_full() {
            return line.len();
        }
        let (mut safe, mut rest) = (String::new(), line);
        while !rest.is_empty() && safe.len() < self.room {
            let (piece, after) = rest.split_at_checked(rest.floor_char_boundary(PIECE)).unwrap_or((rest, ""));
            if piece.contains('\t') {
                safe.push_str(&printable(&piece.replace('\t', "    ")));
            } else {
                safe.push_str(&printable(piece));
            }
            rest = after;
        }
        self.room = self.room.saturating_sub(safe.len().max(1));
        self.lines.push(safe);
        rest.len()
    }

    /// Appends a note about what is missing.
    fn without(mut self, left_out: usize) -> Vec<String> {
        self.lines.push(format!("… {}, not shown here", counted(left_out as u64, "more byte")));
        self.lines
    }
}

fn as_it_is(text: &str) -> Vec<String> {
    let mut page = Page::new();
    let mut rest = text;
    while !rest.is_empty() {
        if page.is_full() {
            return page.without(rest.len());
        }
        let (line, after) = match rest.split_once('\n') {
            Some((line, after)) => (line.strip_suffix('\r').unwrap_or(line), after),
            None => (rest, ""),
        };
        let left_out = page.add(line);
        if left_out > 0 {
            return page.without(left_out + rest.len() - line.len());
        }
        rest = after;
    }
    page.lines
}

/// Valid JSON, indented by two; None if nested too deep. Works on the text and not on values, so `1.10`, duplicate keys
/// and escapes stay unchanged.
fn indented(json: &str) -> Option<Vec<String>> {
    let mut page = Page::new();
    let (mut line, mut depth, mut rest) = (String::new(), 0usize, json.trim_ascii());
    while let Some(first) = rest.bytes().next() {
        let token;
        (token, rest) = rest.split_at_checked(token_len(rest)).unwrap_or((rest, ""));
        rest = rest.trim_ascii_start();
        let mut breaks = false;
        match first {
            b'{' | b'[' => {
                line.push_str(token);
                if let Some(after) = rest.strip_prefix(['}', ']']) {
                    line.push(if first == b'{' { '}' } else { ']' });
                    rest = after.trim_ascii_start();
                } else {
                    depth += 1;
                    breaks = true;
                }
            }
            b':' => line.push_str(": "),
            _ => {
                line.push_str(token);
                breaks = first == b',';
            }
        }
        let closes = rest.starts_with(['}', ']']);
        if closes {
            depth = depth.saturating_sub(1);
        }
        if depth > DEEPEST {
            return None;
        }
        if breaks || closes || rest.is_empty() {
            let left_out = page.add(&line);
            if left_out > 0 {
                return Some(page.without(left_out + rest.len()));
            }
            line.clear();
            line.extend(std::iter::repeat_n("  ", depth));
        }
    }
    Some(page.lines)
}

/// Length in bytes of the string, punctuation, word or number at the start of the text.
fn token_len(text: &str) -> usize {
    let bytes = text.as_bytes();
    match bytes.first() {
        Some(b'"') => {
            let mut escaped = false;
            let ends = |b: &u8| {
                let ends = *b == b'"' && !escaped;
                escaped = *b == b'\\' && !escaped;
                ends
            };
            bytes.iter().skip(1).position(ends).map_or(bytes.len(), |at| at + 2)
        }
        Some(b'{' | b'}' | b'[' | b']' | b',' | b':') => 1,
        _ => {
            let ends = |b: &u8| matches!(b, b'}' | b']' | b',' | b':') || b.is_ascii_whitespace();
            bytes.iter().position(ends).unwrap_or(bytes.len()).max(1)
        }
    }
}
