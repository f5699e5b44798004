//! Converts byte offsets to lines and columns. Never interprets the content.

use memchr::{memchr_iter, memrchr};

/// The byte order mark that some editors put before UTF-8 text. It is not part of the first line.
pub(super) const BOM: &[u8] = b"\xEF\xBB\xBF";

/// Counts lines incrementally between offsets: the lines of a million findings cost one pass over the file.
#[derive(Clone, Debug)]
pub struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    line: usize,
}

impl<'a> Lines<'a> {
    pub fn of(bytes: &'a [u8]) -> Lines<'a> {
        Lines { bytes, at: 0, line: 1 }
    }

    /// From an offset whose line is known.
    pub fn from(bytes: &'a [u8], at: usize, line: usize) -> Lines<'a> {
        Lines { bytes, at: at.min(bytes.len()), line }
    }

    /// The line of a byte offset, from 1. Works in any order; ascending order is cheap.
    pub fn line_of(&mut self, byte: usize) -> usize {
        let byte = byte.min(self.bytes.len());
        let between = |from, to| memchr_iter(b'\n', self.bytes.get(from..to).unwrap_or_default()).count();
        self.line =
            if byte >= self.at { self.line + between(self.at, byte) } else { self.line - between(byte, self.at) };
        self.at = byte;
        self.line
    }
}

/// Line and column of a byte offset, from 1; the column in characters.
pub(super) fn line_column(bytes: &[u8], byte: usize) -> (usize, usize) {
    let byte = byte.min(bytes.len());
    let line = Lines::of(bytes).line_of(byte);
    let start = line_start(bytes, byte);
    (line, 1 + characters(bytes.get(start..byte).unwrap_or_default()))
}

/// Start of the line that contains the offset, after a byte order mark.
pub(super) fn line_start(bytes: &[u8], byte: usize) -> usize {
    let before = bytes.get(..byte).unwrap_or(bytes);
    match memrchr(b'\n', before) {
        Some(end) => end + 1,
        None if before.starts_with(BOM) => BOM.len(),
        None => 0,
    }
}

/// Number of characters: all bytes except continuation bytes.
fn characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|&&byte| byte & 0xC0 != 0x80).count()
}
