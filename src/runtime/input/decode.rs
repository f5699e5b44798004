//! Decodes the bytes of a terminal into keystrokes and pastes. It reads nothing and has no clock: the caller passes
//! bytes, times and pauses.
//!
//! A paste never becomes keystrokes:
//! - A bracketed paste is recognised however its bytes are split, even after the first byte of the mark, which alone is the
//!   Esc key. So Esc counts only after a pause; and if the rest of a mark arrives even later, the paste is still
//!   recognised.
//! - Without brackets, input that arrives at once and certainly isn't typed counts as a paste: see [`is_pasted`] and
//!   [`Listening::reads_like_text`]. Input of scripts is typing: `:w` and Enter, `gg`, an address and Enter into an input.
//! - A key that does more than move waits for [`HOLD`]: what arrives meanwhile is judged together with it. No hand is so
//!   quick, but a paste whose bytes are split is. Moves wait only within such a burst.

use crate::app::burst::Listening;
use crossterm::event::Event;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Silence that ends a single Esc or a paste without brackets. The bytes of one keystroke or mark are further apart
/// only on very slow lines.
pub const PAUSE: Duration = Duration::from_millis(50);
/// Silence after which a key was typed and does not begin a paste. Characters of a paste are closer together, at 1,200
/// baud and more; those of a quick hand or of a held key are 20 ms apart and more.
pub const HOLD: Duration = Duration::from_millis(8);
/// For this long after an Esc, the rest of a mark still completes it.
const LATE: Duration = Duration::from_secs(5);
/// After this long, ^c ends a paste whose end mark is missing; before, ^c is part of it.
const GIVEN_UP: Duration = Duration::from_secs(1);
/// More bytes than any keystroke has.
const LONGEST_KEY: usize = 64;

const ESC: u8 = 0x1b;
const CTRL_C: u8 = 0x03;
const START: &[u8] = b"\x1b[200~";
const END: &[u8] = b"\x1b[201~";

#[derive(Debug, Default)]
pub struct Decoder {
    /// The bytes of an incomplete keystroke or mark.
    begun: Vec<u8>,
    /// The Esc at the start of `begun` was already reported as a key: what follows is a mark or typed.
    late: bool,
    /// Keystrokes that wait for [`HOLD`].
    held: Vec<u8>,
    /// Moves that did not wait, less than [`HOLD`] ago.
    told: Vec<u8>,
    paste: Option<Paste>,
    last: Option<Instant>,
    /// When an Esc was reported because nothing followed.
    esc: Option<Instant>,
}

#[derive(Debug)]
enum Paste {
    Marked(Vec<u8>),
    Unmarked(Vec<u8>),
}

impl Decoder {
    /// Processes one read of the terminal.
    pub fn feed(&mut self, bytes: &[u8], at: Instant, listening: &Listening, out: &mut VecDeque<Event>) {
        let quiet = self.last.replace(at).map_or(Duration::MAX, |last| at.saturating_duration_since(last));
        match &mut self.paste {
            Some(Paste::Marked(_)) if bytes == [CTRL_C] && quiet >= GIVEN_UP => self.paste = None,
            Some(Paste::Marked(_)) => return self.paste_on(bytes, out),
            Some(Paste::Unmarked(text)) if quiet < PAUSE && is_plain(bytes) => return text.extend_from_slice(bytes),
            Some(Paste::Unmarked(_)) => self.end_paste(out),
            None => {}
        }
        let is_next = bytes.first().is_some_and(|first| START.get(1..).unwrap_or_default().first() == Some(first));
        if self.begun == [ESC] && !self.late && !is_next && bytes.first() != Some(&b'O') {
            self.begun.clear();
            tell(&[ESC], out);
        }
        if self.begun.is_empty() {
            let after_esc = self.esc.take().is_some_and(|esc| at.saturating_duration_since(esc) < LATE);
            if after_esc && is_next {
                self.begun.push(ESC);
                self.late = true;
            } else {
                return self.burst(bytes, quiet, listening, out);
            }
        }
        self.keys(bytes, out);
    }

    /// Input outside a mark or an incomplete keystroke.
    fn burst(&mut self, bytes: &[u8], quiet: Duration, listening: &Listening, out: &mut VecDeque<Event>) {
        let begins = quiet >= HOLD || bytes.contains(&ESC);
        if begins {
            self.tell_held(out);
        }
        self.held.extend_from_slice(bytes);
        let burst = [&self.told, self.held.as_slice()].concat();
        if is_pasted(&burst, listening) {
            self.told.clear();
            self.paste = Some(Paste::Unmarked(std::mem::take(&mut self.held)));
        } else if burst.len() > LONGEST_KEY || burst.contains(&ESC) {
            self.tell_held(out);
        } else if begins && only_moves(bytes, listening) {
            // Judged together with what follows, but answered at once.
            self.tell_held(out);
            self.told.extend_from_slice(bytes);
        } else if listening.typing {
            // What is typed is shown at once; the end of the line leaves the input.
            let end = self.held.iter().position(|byte| matches!(byte, b'\r' | b'\n')).unwrap_or(self.held.len());
            let line: Vec<u8> = self.held.drain(..end).collect();
            self.keys(&line, out);
        }
    }

    fn tell_held(&mut self, out: &mut VecDeque<Event>) {
        self.told.clear();
        let held = std::mem::take(&mut self.held);
        self.keys(&held, out);
    }

    /// How long to wait for more bytes before calling [`Decoder::pause`].
    pub fn patience(&self) -> Option<Duration> {
        let waits = self.begun == [ESC] || self.late || matches!(self.paste, Some(Paste::Unmarked(_)));
        if self.held.is_empty() { waits.then_some(PAUSE) } else { Some(HOLD) }
    }

    /// Nothing arrived for as long as [`Decoder::patience`].
    pub fn pause(&mut self, at: Instant, out: &mut VecDeque<Event>) {
        if !self.held.is_empty() {
            self.tell_held(out);
        } else if matches!(self.paste, Some(Paste::Unmarked(_))) {
            self.end_paste(out);
        } else if self.late {
            self.was_typed(out);
        } else if self.begun == [ESC] {
            self.begun.clear();
            self.esc = Some(at);
            tell(&[ESC], out);
        }
    }

    /// Something else happens than input: what was pasted without brackets, or is held, is complete.
    pub fn interrupted(&mut self, out: &mut VecDeque<Event>) {
        self.tell_held(out);
        if matches!(self.paste, Some(Paste::Unmarked(_))) {
            self.end_paste(out);
        }
    }

    fn keys(&mut self, bytes: &[u8], out: &mut VecDeque<Event>) {
        for (at, byte) in bytes.iter().enumerate() {
            let rest = bytes.get(at + 1..).unwrap_or_default();
            self.begun.push(*byte);
            if self.begun == START {
                self.begun.clear();
                self.late = false;
                self.paste = Some(Paste::Marked(Vec::new()));
                return self.paste_on(rest, out);
            }
            if self.late {
                if !START.starts_with(&self.begun) {
                    self.was_typed(out);
                }
                continue;
            }
            match self.begun.as_slice() {
                // The next bytes, now or later, show whether it is a key by itself.
                [ESC] => {}
                [ESC, ESC] => {
                    self.begun.pop();
                    tell(&[ESC], out);
                }
                key => {
                    if tell(key, out) || key.len() > LONGEST_KEY {
                        self.begun.clear();
                    }
                }
            }
        }
    }

    /// The bytes after a reported Esc are not a mark.
    fn was_typed(&mut self, out: &mut VecDeque<Event>) {
        self.late = false;
        let begun = std::mem::take(&mut self.begun);
        self.keys(begun.get(1..).unwrap_or_default(), out);
    }

    fn paste_on(&mut self, bytes: &[u8], out: &mut VecDeque<Event>) {
        let Some(Paste::Marked(text)) = &mut self.paste else { return };
        let searched = text.len().saturating_sub(END.len() - 1);
        text.extend_from_slice(bytes);
        let found = memchr::memmem::find(text.get(searched..).unwrap_or_default(), END);
        if let Some(end) = found.map(|at| searched + at) {
            let rest = text.split_off(end);
            self.end_paste(out);
            self.keys(rest.get(END.len()..).unwrap_or_default(), out);
        }
    }

    fn end_paste(&mut self, out: &mut VecDeque<Event>) {
        if let Some(Paste::Marked(text) | Paste::Unmarked(text)) = self.paste.take() {
            out.push_back(Event::Paste(String::from_utf8_lossy(&text).into_owned()));
        }
    }
}

/// Reports the key in these bytes; returns true if they are complete, with or without a key.
fn tell(bytes: &[u8], out: &mut VecDeque<Event>) -> bool {
    match terminput::Event::parse_from(bytes) {
        Ok(Some(event)) => {
            out.extend(terminput_crossterm::to_crossterm(event).ok());
            true
        }
        Ok(None) => false,
        Err(_) => true,
    }
}

/// Only characters, blanks and line ends.
fn is_plain(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| !byte.is_ascii_control() || matches!(byte, b'\r' | b'\n' | b'\t'))
}

/// Whether input that arrived at once is certainly not typed: a line that starts like an address, JSON, or prose, or
/// bytes that are no UTF-8. In an input field the first line may be typed; on any other screen no command starts like
/// that. Anything else counts as keystrokes, including all that starts with a command, a search, or the key that opens
/// an input field.
fn is_pasted(bytes: &[u8], listening: &Listening) -> bool {
    if bytes.len() < 2 || bytes.contains(&ESC) {
        return false;
    }
    let typing = listening.typing;
    let Some(text) = whole_characters(bytes) else { return true };
    listening.reads_like_text(text)
        || text.split(['\r', '\n']).skip(usize::from(typing)).any(|line| {
            let line = line.trim_start();
            let bare = line.trim_start_matches(['"', '\'', '<', '(', '[', ',', '-', ' ']);
            is_address(bare) || is_json(line) || is_prose(bare)
        })
}

fn only_moves(bytes: &[u8], listening: &Listening) -> bool {
    whole_characters(bytes).is_none_or(|text| listening.only_moves(text))
}

/// Without the character that the end cuts; None if it is no UTF-8.
fn whole_characters(bytes: &[u8]) -> Option<&str> {
    match str::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(error) if error.error_len().is_none() => str::from_utf8(bytes.get(..error.valid_up_to())?).ok(),
        Err(_) => None,
    }
}

fn is_address(line: &str) -> bool {
    ["s3://", "s3a://", "http://", "https://", "arn:aws"]
        .iter()
        .any(|scheme| line.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)))
}

fn is_json(line: &str) -> bool {
    line.starts_with(['{', '[', '"']) && line.contains("\":")
}

/// At least three words and nothing else.
fn is_prose(line: &str) -> bool {
    let mut words = line.split(' ').take(3);
    let is_word = |word: &str| word.chars().count() > 1 && word.chars().all(|c| c.is_alphabetic() || c == ',');
    (0..3).all(|_| words.next().is_some_and(is_word))
}

#[cfg(test)]
mod tests;
