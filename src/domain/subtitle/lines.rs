//! Splits a text into lines with any kind of ending. Allocates nothing.

use super::fault::Position;
use super::time::{USUAL_BYTES, usual_times};
use memchr::memchr2;

/// A line without its end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'a> {
    /// From 1.
    pub number: u32,
    pub text: &'a str,
    pub end: End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Lf,
    CrLf,
    Cr,
    /// The end of the text.
    Nothing,
}

impl<'a> Line<'a> {
    pub fn place(&self) -> Position<'a> {
        Position { line: self.number, before: "" }
    }

    /// The position `bytes` into the line.
    pub fn at(&self, bytes: usize) -> Position<'a> {
        Position { line: self.number, before: self.text.get(..bytes).unwrap_or(self.text) }
    }

    /// The text without blanks around it.
    pub fn trimmed(&self) -> &'a str {
        // Most lines begin and end with something to see.
        match self.text.as_bytes() {
            [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => self.text,
            _ => self.text.trim(),
        }
    }

    /// Surely neither blank nor of numbers or times: what most lines of text are.
    pub fn is_plain(&self) -> bool {
        let is_plain = |first: char| match first {
            '0'..='9' | '-' | '{' | '[' => false,
            first => !first.is_whitespace(),
        };
        self.text.starts_with(is_plain)
    }

    /// Empty or only invisible characters.
    pub fn is_blank(&self) -> bool {
        // Fast path: most lines start with a letter or a digit.
        !self.text.as_bytes().first().is_some_and(u8::is_ascii_graphic) && self.text.trim_start().is_empty()
    }
}

/// The first lines of a cue in the usual form.
#[derive(Clone, Copy, Debug)]
pub(super) struct UsualCue<'a> {
    pub number: Option<(Line<'a>, u64)>,
    pub line: Line<'a>,
    /// In milliseconds.
    pub start: u64,
    pub end: u64,
}

/// The lines of a text. A final line end is not followed by an empty line.
#[derive(Clone, Debug)]
pub(super) struct Lines<'a> {
    rest: &'a str,
    number: u32,
}

impl<'a> Lines<'a> {
    pub fn of(text: &'a str) -> Lines<'a> {
        Lines { rest: text, number: 0 }
    }

    /// A line of times in the usual form, with this sign, perhaps under a number, which some formats want: if
    /// those are the next lines.
    pub fn usual_cue(&mut self, sign: u8, has_number: bool) -> Option<UsualCue<'a>> {
        let mut ahead = self.clone();
        let (mut value, mut digits) = (0, 0);
        for digit in self.rest.bytes().take(9).take_while(u8::is_ascii_digit) {
            value = value * 10 + u64::from(digit - b'0');
            digits += 1;
        }
        // The hours of times are digits, too.
        let number = if digits > 0 { ahead.line_of(digits) } else { None };
        if has_number && number.is_none() {
            return None;
        }
        let (start, end) = usual_times(ahead.rest.as_bytes().first_chunk()?, sign)?;
        let line = ahead.line_of(USUAL_BYTES)?;
        *self = ahead;
        Some(UsualCue { number: number.map(|line| (line, value)), line, start, end })
    }

    /// The next line, if it has this many bytes and ends in LF or CRLF.
    fn line_of(&mut self, bytes: usize) -> Option<Line<'a>> {
        let (text, ending) = self.rest.split_at_checked(bytes)?;
        let (end, rest) = match ending.as_bytes() {
            [b'\n', ..] => (End::Lf, ending.get(1..)?),
            [b'\r', b'\n', ..] => (End::CrLf, ending.get(2..)?),
            _ => return None,
        };
        self.rest = rest;
        self.number = self.number.saturating_add(1);
        Some(Line { number: self.number, text, end })
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = Line<'a>;

    fn next(&mut self) -> Option<Line<'a>> {
        // Half of the lines are blank or a number, and not worth a search.
        let at = match self.rest.as_bytes() {
            [] => return None,
            [b'\n' | b'\r', ..] => 0,
            [_, b'\n' | b'\r', ..] => 1,
            [_, _, b'\n' | b'\r', ..] => 2,
            [_, _, _, b'\n' | b'\r', ..] => 3,
            bytes => memchr2(b'\n', b'\r', bytes).unwrap_or(bytes.len()),
        };
        // A line end is one ASCII byte, so both cuts are at character boundaries.
        let (text, ending) = self.rest.split_at_checked(at)?;
        let (end, rest) = match ending.as_bytes() {
            [b'\n', ..] => (End::Lf, ending.get(1..)),
            [b'\r', b'\n', ..] => (End::CrLf, ending.get(2..)),
            [b'\r', ..] => (End::Cr, ending.get(1..)),
            _ => (End::Nothing, None),
        };
        self.rest = rest.unwrap_or("");
        self.number = self.number.saturating_add(1);
        Some(Line { number: self.number, text, end })
    }
}
