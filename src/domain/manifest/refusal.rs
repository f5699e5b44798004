//! Why a file is not a manifest, in the operator's words. It explains a fault found elsewhere and never decides that
//! there is one.

use super::index::{Fault, Index};
use super::lines::{self, BOM};
use super::members::Members;

/// Why and where a file is not a valid manifest.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {why}")]
pub struct Refusal {
    /// In the operator's words: `expected a comma or ], found {`.
    pub why: String,
    /// What to do, shown under the fault: `a comma is missing after the row above`. May be empty.
    pub advice: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// Byte offset from the start of the file.
    pub byte: usize,
    /// Well-formed rows before the fault.
    pub rows_before: u32,
}

/// The sentence for a fault, and its byte.
struct RefusalWords {
    why: String,
    advice: &'static str,
    byte: usize,
}

pub(super) fn refuse(bytes: &[u8], index: &Index, fault: &Fault) -> Refusal {
    let known = not_text(bytes).or_else(|| match fault {
        Fault::Encoding { byte } if next_ink(bytes, text_start(bytes)) == *byte => None,
        _ => not_an_array(bytes),
    });
    let words = known.unwrap_or_else(|| match fault {
        Fault::Encoding { byte } => encoding(bytes, *byte),
        Fault::TooManyRows { byte } => RefusalWords {
            why: format!("more than {} rows", index.len()),
            advice: "split the file; this many rows cannot be counted",
            byte: *byte,
        },
        Fault::Syntax { error } => {
            let last_row = index.len().checked_sub(1).and_then(|row| index.span(row)).map(|span| span.end);
            Syntax { bytes, byte: fault_byte(bytes, error), last_row }.words(error)
        }
    });
    let (line, column) = lines::line_column(bytes, words.byte);
    Refusal {
        why: words.why,
        advice: words.advice.to_owned(),
        line,
        column,
        byte: words.byte,
        rows_before: index.len(),
    }
}

/// File types that people mistake for JSON text.
fn not_text(bytes: &[u8]) -> Option<RefusalWords> {
    let (why, advice) = match bytes {
        [] => ("the file is empty", "a manifest is at least []"),
        [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0xFE, 0xFF, ..] | [b'[', 0, 0, 0, ..] | [0, 0, 0, b'[', ..] => {
            ("the file is UTF-32 text", "save it as UTF-8")
        }
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] | [b'[', 0, ..] | [0, b'[', ..] => {
            ("the file is UTF-16 text", "save it as UTF-8")
        }
        [0x1F, 0x8B, ..] => ("the file is gzip-compressed", "unpack it first"),
        [b'P', b'K', 3, 4, ..] => ("the file is a zip archive", "unpack it first"),
        _ => return None,
    };
    Some(RefusalWords { why: why.to_owned(), advice, byte: 0 })
}

/// A top level other than an array.
fn not_an_array(bytes: &[u8]) -> Option<RefusalWords> {
    let start = text_start(bytes);
    let first = next_ink(bytes, start);
    let (what, advice) = match bytes.get(first) {
        Some(b'[') => return None,
        None => {
            let why = "the file contains nothing but blanks".to_owned();
            return Some(RefusalWords { why, advice: "a manifest is at least []", byte: start });
        }
        Some(b'{') if holds_json_lines(bytes.get(first..).unwrap_or_default()) => (
            "objects without a list",
            "this looks like JSON Lines; put the rows between [ and ] with commas between them",
        ),
        Some(b'{') if holds_a_list(bytes.get(first..).unwrap_or_default()) => {
            ("an object", "a list stands inside it; keep only the part from its [ to its ]")
        }
        Some(b'{') => ("an object", "put [ before the first row and ] after the last"),
        Some(b'"') => ("a text", "a manifest is a list of rows between [ and ]"),
        Some(b'0'..=b'9' | b'-') => ("a number", "a manifest is a list of rows between [ and ]"),
        Some(_) if bytes.get(first..).is_some_and(|rest| rest.starts_with(b"null")) => {
            ("null", "a manifest is a list of rows between [ and ]")
        }
        Some(b'<') => ("<", "this looks like a web page, not JSON"),
        Some(_) => {
            let why = format!("expected a list of rows, found {}", found(bytes, first));
            return Some(RefusalWords { why, advice: "a manifest is a list of rows between [ and ]", byte: first });
        }
    };
    Some(RefusalWords { why: format!("expected a list of rows, found {what}"), advice, byte: first })
}

/// The first line, or the first value, is a complete object and another follows.
fn holds_json_lines(bytes: &[u8]) -> bool {
    let mut values = serde_json::Deserializer::from_slice(bytes).into_iter::<serde::de::IgnoredAny>();
    matches!(values.next(), Some(Ok(_))) && bytes.get(next_ink(bytes, values.byte_offset())) == Some(&b'{')
}

/// One of the object's first members is an array: rows wrapped in an object.
fn holds_a_list(bytes: &[u8]) -> bool {
    Members::of(bytes).take(50).any(|member| bytes.get(member.value.start) == Some(&b'['))
}

fn encoding(bytes: &[u8], byte: usize) -> RefusalWords {
    let why = format!("byte {:#04X} is not UTF-8 text", bytes.get(byte).copied().unwrap_or_default());
    RefusalWords { why, advice: "save the file as UTF-8", byte }
}

/// The byte offset of serde_json's line and column (in bytes).
fn fault_byte(bytes: &[u8], error: &serde_json::Error) -> usize {
    let text_start = text_start(bytes);
    let line_start = match error.line().checked_sub(2) {
        None => text_start,
        Some(line) => memchr::memchr_iter(b'\n', bytes).nth(line).map_or(text_start, |end| end + 1),
    };
    let byte = match line_start + error.column() {
        _ if error.is_eof() => bytes.len(),
        // It reports the byte it stopped before, otherwise the end of the faulty byte.
        before if kind(&error.to_string()).starts_with("control character") => before,
        after => after.saturating_sub(1),
    };
    byte.min(bytes.len())
}

/// serde_json's message without its position.
fn kind(message: &str) -> &str {
    message.split(" at line ").next().unwrap_or_default()
}

struct Syntax<'a> {
    bytes: &'a [u8],
    byte: usize,
    last_row: Option<usize>,
}

impl Syntax<'_> {
    /// Our words for serde_json's errors. It names them only in its message; `hostile_files_are_refused_in_words` fails
    /// if a new version changes them, and until then its own words are shown.
    fn words(&self, error: &serde_json::Error) -> RefusalWords {
        let message = error.to_string();
        let kind = kind(&message);
        let at = |why: String, advice: &'static str| RefusalWords { why, advice, byte: self.byte };
        let found = || found(self.bytes, self.byte);
        let here = self.bytes.get(self.byte).copied();
        let before = self.ink_before(self.byte);
        match (kind, here) {
            _ if error.is_eof() => self.ends_early(kind),
            ("trailing characters", _) => at(
                format!("expected the end of the file after ], found {}", found()),
                "the list of rows is closed before this; take out what follows, or the ] above",
            ),
            (_, Some(b']' | b'}')) if before == Some(b',') => at(
                format!("expected {} after the comma, found {}", self.item(), found()),
                "take out the comma before it",
            ),
            (_, Some(b',')) if matches!(before, Some(b',' | b'[' | b'{')) => {
                at(format!("expected {}, found a comma", self.item()), "one comma too many")
            }
            ("expected `,` or `]`", _) => at(format!("expected a comma or ], found {}", found()), self.missing_comma()),
            ("expected `,` or `}`", _) => {
                at(format!("expected a comma or }}, found {}", found()), self.missing_comma())
            }
            ("expected `:`", _) => at(format!("expected a colon after the key, found {}", found()), ""),
            ("key must be a string", _) => {
                at(format!("expected a key in double quotes, found {}", found()), self.quotes())
            }
            ("expected value", _) => at(format!("expected a value, found {}", found()), self.quotes()),
            ("expected ident", _) => self.misspelt(),
            ("invalid number", _) => self.number(),
            ("invalid escape", _) => {
                at(format!("expected an escape such as \\n after \\, found {}", found()), "write \\\\ for a backslash")
            }
            (kind, Some(control)) if kind.starts_with("control character") => self.control(control),
            (kind, _) => at(kind.to_owned(), ""),
        }
    }

    fn ends_early(&self, kind: &str) -> RefusalWords {
        let (what, advice) = match kind {
            "EOF while parsing a string" => ("inside a text", "a closing \" is missing, or the file was cut off"),
            "EOF while parsing an object" => ("inside a row", "a } is missing, or the file was cut off"),
            "EOF while parsing a list" if self.last_row == Some(self.ink_end()) => {
                ("before the list of rows is closed", "the last ] is missing, or the file was cut off")
            }
            "EOF while parsing a list" => ("inside a list", "a ] is missing, or the file was cut off"),
            _ => ("where a value is expected", "the file was cut off"),
        };
        RefusalWords { why: format!("the file ends {what}"), advice, byte: self.bytes.len() }
    }

    /// Why a value comes where a comma is expected.
    fn missing_comma(&self) -> &'static str {
        let before = self.bytes.get(..self.byte).unwrap_or_default();
        let previous = before.trim_ascii_end().len();
        let line_break = memchr::memchr(b'\n', before.get(previous..).unwrap_or_default()).is_some();
        let between_rows = self.last_row == Some(previous);
        match self.bytes.get(self.byte) {
            Some(b'}') if between_rows => "one } too many",
            Some(b']' | b'}') => "the brackets do not match",
            Some(b'{') if !between_rows => "the row above is not closed",
            Some(b'{' | b'[' | b'"' | b'0'..=b'9' | b'-' | b't' | b'f' | b'n') => match (between_rows, line_break) {
                (true, true) => "a comma is missing after the row above",
                (true, false) => "a comma is missing before this row",
                (false, true) => "a comma is missing after the value above",
                (false, false) => "a comma is missing before it, or a \" inside a text is not written \\\"",
            },
            Some(b'/' | b'#') => "JSON has no comments",
            Some(b';') => "write a comma",
            _ if between_rows => "",
            _ => "a \" inside a text must be written \\\"",
        }
    }

    fn quotes(&self) -> &'static str {
        match self.bytes.get(self.byte) {
            Some(b'\'') => "write \" instead of '",
            Some(b'/' | b'#') => "JSON has no comments",
            Some(byte) if byte.is_ascii_alphabetic() => "keys and texts need double quotes",
            Some(0xE2) => "write plain double quotes",
            _ => "",
        }
    }

    fn misspelt(&self) -> RefusalWords {
        let before = self.bytes.get(..self.byte).unwrap_or_default();
        let letters = before.iter().rev().take_while(|byte| byte.is_ascii_alphabetic()).count();
        let byte = self.byte - letters;
        let why = format!("expected true, false or null, found {}", found(self.bytes, byte));
        RefusalWords { why, advice: "texts need double quotes", byte }
    }

    fn number(&self) -> RefusalWords {
        let before = self.bytes.get(..self.byte).unwrap_or_default();
        let digits = before.iter().rev().take_while(|byte| is_word(**byte)).count();
        let byte = self.byte - digits;
        let why = format!("expected a number, found {}", found(self.bytes, byte));
        RefusalWords { why, advice: "numbers look like 12 or 1.5; texts need double quotes", byte }
    }

    fn control(&self, control: u8) -> RefusalWords {
        let (why, advice) = match control {
            b'\n' | b'\r' => ("the text is not closed before the line ends", "a closing \" is missing, or write \\n"),
            b'\t' => ("a tab inside a text", "write \\t for it"),
            0 => ("a NUL byte inside a text", "the file may be damaged"),
            _ => ("a control character inside a text", "write it as \\u and four digits"),
        };
        RefusalWords { why: why.to_owned(), advice, byte: self.byte }
    }

    /// What is expected after a comma here.
    fn item(&self) -> &'static str {
        let before = self.bytes.get(..self.byte).unwrap_or_default().trim_ascii_end();
        let last = before.len().saturating_sub(1);
        // Only blanks between the last complete row (or the opening bracket) and the text before the fault.
        let outside = self.last_row.unwrap_or_else(|| next_ink(self.bytes, text_start(self.bytes)) + 1);
        let between = self.bytes.get(outside.min(last)..last).unwrap_or_default();
        let between_rows = between.iter().all(u8::is_ascii_whitespace);
        match self.bytes.get(self.byte) {
            Some(b']' | b',') if between_rows => "a row",
            Some(b'}') => "a key",
            _ => "a value",
        }
    }

    fn ink_before(&self, byte: usize) -> Option<u8> {
        self.bytes.get(..byte)?.trim_ascii_end().last().copied()
    }

    fn ink_end(&self) -> usize {
        self.bytes.trim_ascii_end().len()
    }
}

/// Start of the text, after a byte order mark.
fn text_start(bytes: &[u8]) -> usize {
    if bytes.starts_with(BOM) { BOM.len() } else { 0 }
}

/// The first non-blank byte at or after `at`, or the end.
fn next_ink(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(rest.len())
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'+' | b'-' | b'.')
}

/// Names the token at a position: a word, a sign, or a description if it can't be shown.
fn found(bytes: &[u8], byte: usize) -> String {
    let rest = bytes.get(byte..).unwrap_or_default();
    let word: String = rest.iter().take(16).take_while(|b| is_word(**b)).map(|b| *b as char).collect();
    match rest.first() {
        None => "the end of the file".to_owned(),
        Some(0) => "a NUL byte".to_owned(),
        Some(b'\n' | b'\r') => "the end of the line".to_owned(),
        Some(b'\t') => "a tab".to_owned(),
        Some(b',') => "a comma".to_owned(),
        Some(b'\'') => "a single quote".to_owned(),
        Some(_) if !word.is_empty() => word,
        Some(_) => {
            let head = String::from_utf8_lossy(rest.get(..4).unwrap_or(rest)).into_owned();
            match head.chars().next() {
                Some(sign) if sign.is_ascii_graphic() || sign.is_alphanumeric() => sign.to_string(),
                sign => format!("U+{:04X}", sign.map_or(0xFFFD, u32::from)),
            }
        }
    }
}

/// A line of the file near a fault, raw: not yet safe to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExcerptLine {
    /// From 1.
    pub number: usize,
    /// Without the line end, cut to the requested width.
    pub text: String,
    /// On the faulty line: the number of characters of `text` before the fault.
    pub caret: Option<usize>,
}

/// The faulty line and up to `before` lines above it, each cut to `width` characters: the faulty one around the fault,
/// with `…` at the cuts.
pub fn excerpt(bytes: &[u8], refusal: &Refusal, before: usize, width: usize) -> Vec<ExcerptLine> {
    let byte = refusal.byte.min(bytes.len());
    let mut start = lines::line_start(bytes, byte);
    let mut lines = vec![line_at_fault(bytes, start, byte, refusal.line, width.max(8))];
    for number in (1..refusal.line).rev().take(before) {
        let end = start.saturating_sub(1);
        start = lines::line_start(bytes, end);
        let (text, cut) = head(bytes.get(start..end).unwrap_or_default(), width.max(8));
        let text = if cut { text + "…" } else { text };
        lines.push(ExcerptLine { number, text, caret: None });
    }
    lines.reverse();
    lines
}

fn line_at_fault(bytes: &[u8], start: usize, byte: usize, number: usize, width: usize) -> ExcerptLine {
    let line = bytes.get(start..).unwrap_or_default();
    let (whole, cut) = head(line, width);
    let caret = String::from_utf8_lossy(
        bytes
            .get(start..byte)
            .unwrap_or_default()
            .get(..width * 4)
            .unwrap_or(bytes.get(start..byte).unwrap_or_default()),
    )
    .chars()
    .count();
    if caret < width {
        let text = if cut { whole + "…" } else { whole };
        return ExcerptLine { number, text, caret: Some(caret) };
    }
    // Far into a long line: some text before the fault, then what follows.
    let window = bytes.get(byte.saturating_sub(width * 4).max(start)..byte).unwrap_or_default();
    let lead: Vec<char> = String::from_utf8_lossy(window).chars().collect();
    let lead: String = lead.iter().skip(lead.len().saturating_sub(width / 2)).collect();
    let caret = lead.chars().count() + 1;
    let (tail, cut) = head(bytes.get(byte..).unwrap_or_default(), width.saturating_sub(caret).max(1));
    ExcerptLine { number, text: format!("…{lead}{tail}{}", if cut { "…" } else { "" }), caret: Some(caret) }
}

/// The first `width` characters of the line, and whether more follow.
fn head(bytes: &[u8], width: usize) -> (String, bool) {
    let window = bytes.get(..(width + 1) * 4).unwrap_or(bytes);
    let line = window.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let text = String::from_utf8_lossy(line);
    let cut = text.chars().count() > width;
    (text.chars().take(width).collect(), cut)
}
