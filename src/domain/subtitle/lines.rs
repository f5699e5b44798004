//! Splits a text into lines with any kind of ending. Allocates nothing.

use super::fault::Position;
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

    /// Empty or only invisible characters.
    pub fn is_blank(&self) -> bool {
        // Fast path: most lines start with a letter or a digit.
        !self.text.starts_with(|c: char| c.is_ascii_graphic()) && self.text.trim_start().is_empty()
    }
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
}

impl<'a> Iterator for Lines<'a> {
    type Item = Line<'a>;

    fn next(&mut self) -> Option<Line<'a>> {
        if self.rest.is_empty() {
            return None;
        }
        let at = memchr2(b'\n', b'\r', self.rest.as_bytes()).unwrap_or(self.rest.len());
        // A line end is one ASCII byte, so both cuts are at character boundaries.
        let (text, ending) = self.rest.split_at_checked(at)?;
        let (end, bytes) = match ending.as_bytes() {
            [b'\r', b'\n', ..] => (End::CrLf, 2),
            [b'\r', ..] => (End::Cr, 1),
            [_, ..] => (End::Lf, 1),
            [] => (End::Nothing, 0),
        };
        self.rest = ending.get(bytes..).unwrap_or("");
        self.number = self.number.saturating_add(1);
        Some(Line { number: self.number, text, end })
    }
}
