//! How FFmpeg splits WebVTT into blocks, and which lines of times it finds in them (libavformat: subtitles.c
//! `ff_subtitles_read_text_chunk`, webvttdec.c `webvtt_read_header`).
//!
//! It differs from the W3C parser in three ways: two lines that end in CR alone may be no end of a block, a NUL byte
//! ends one, and after a block that it can't read it reads nothing more.

use super::lines::{End, Line};
use super::time::has_arrow;

/// What FFmpeg makes of a line of times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// The times of a cue.
    Cue,
    /// A part of another block.
    Swallowed,
    /// It has stopped before.
    Unread,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Block {
    /// Nothing of it yet.
    #[default]
    Empty,
    /// A line that must be followed by times.
    Id,
    /// And below it hours that are 0: they may end in any blank, a line end among them.
    Hours,
    /// The header, a comment, a style or a region.
    Skipped,
    Cue,
    /// The last block was none that it can read, so there is no other.
    Stopped,
}

/// The block being read.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    block: Block,
    /// Line ends since the last character: as FFmpeg counts them, and in bytes.
    ends: u8,
    bytes: u8,
    /// The last byte of a line end was CR.
    was_return: bool,
    /// The block follows a NUL byte.
    after_nul: bool,
}

/// `00:`
fn is_no_hours(text: &str) -> bool {
    text.strip_suffix(':').is_some_and(|hours| !hours.is_empty() && hours.bytes().all(|byte| byte == b'0'))
}

/// A blank in C.
fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\x0B' | '\x0C')
}

/// FFmpeg ends a block after this many bytes of line ends.
const MOST_END_BYTES: u8 = 4;

impl Blocks {
    /// Adds a line and returns what becomes of its times, if it has any.
    pub fn line(&mut self, line: &Line<'_>, has_nul: bool) -> Reading {
        // Most lines are a cue's text.
        if self.block == Block::Cue && line.end == End::Lf && !line.text.is_empty() && !has_nul {
            (self.ends, self.bytes, self.was_return) = (1, 1, false);
            return Reading::Swallowed;
        }
        let reading = if has_nul { self.pieces(line.text) } else { self.piece(line.text) };
        match line.end {
            End::Lf => self.end(b'\n'),
            End::Cr => self.end(b'\r'),
            End::CrLf => {
                self.end(b'\r');
                self.end(b'\n');
            }
            End::Nothing => {}
        }
        reading
    }

    /// Adds a line of times in the usual form, perhaps under a number.
    pub fn usual_cue(&mut self, number: Option<Line<'_>>, times: &Line<'_>) -> Reading {
        if self.block == Block::Empty && times.end == End::Lf {
            (self.block, self.ends, self.bytes, self.was_return) = (Block::Cue, 1, 1, false);
            return Reading::Cue;
        }
        if let Some(number) = number {
            self.line(&number, false);
        }
        self.line(times, false)
    }

    /// Whether a NUL byte made it stop.
    pub fn is_stopped_by_nul(&self) -> bool {
        self.block == Block::Stopped && self.after_nul
    }

    /// The parts of a line between NUL bytes.
    fn pieces(&mut self, line: &str) -> Reading {
        let mut pieces = line.split('\0');
        let mut reading = self.piece(pieces.next().unwrap_or_default());
        for piece in pieces {
            // An empty block is the end of the file.
            self.block = if self.block == Block::Empty { Block::Stopped } else { self.closed() };
            self.after_nul = true;
            let next = self.piece(piece);
            if reading != Reading::Cue {
                reading = next;
            }
        }
        reading
    }

    fn piece(&mut self, text: &str) -> Reading {
        if !text.is_empty() {
            (self.ends, self.bytes) = (0, 0);
            let is_times =
                || text.trim_start_matches(is_space).starts_with(|c: char| c.is_ascii_digit()) && has_arrow(text);
            let before = self.block;
            self.block = match before {
                Block::Empty if ["WEBVTT", "STYLE", "REGION", "NOTE"].iter().any(|name| text.starts_with(name)) => {
                    Block::Skipped
                }
                Block::Empty | Block::Id if is_times() => Block::Cue,
                Block::Empty if has_arrow(text) => Block::Stopped,
                Block::Empty => Block::Id,
                // It skips blanks before the times.
                Block::Id if text.chars().all(is_space) => Block::Id,
                Block::Id if is_no_hours(text) => Block::Hours,
                Block::Hours if is_times() && text.get(..6).is_some_and(|short| short.ends_with('.')) => Block::Cue,
                Block::Id | Block::Hours => Block::Stopped,
                Block::Skipped | Block::Cue | Block::Stopped => before,
            };
            if self.block == Block::Cue && before != Block::Cue {
                return Reading::Cue;
            }
        }
        if self.block == Block::Stopped { Reading::Unread } else { Reading::Swallowed }
    }

    fn end(&mut self, byte: u8) {
        if matches!(self.block, Block::Empty | Block::Stopped) {
            return;
        }
        self.ends += u8::from(byte == b'\n' || self.was_return);
        self.bytes += 1;
        self.was_return = byte == b'\r';
        if self.ends == 2 || self.bytes == MOST_END_BYTES {
            self.block = self.closed();
            self.after_nul &= self.block == Block::Stopped;
        }
    }

    /// What follows the end of the block.
    fn closed(&mut self) -> Block {
        (self.ends, self.bytes, self.was_return) = (0, 0, false);
        if matches!(self.block, Block::Id | Block::Hours | Block::Stopped) { Block::Stopped } else { Block::Empty }
    }
}
