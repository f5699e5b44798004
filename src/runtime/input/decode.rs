//! Turns the bytes of a terminal into keys and pastes. It reads nothing and has no clock: it is told what came, when, and
//! when nothing came.
//!
//! A paste is never keys:
//! - One that the terminal marks is known however its bytes are cut, also after the first one of the mark, which alone is
//!   the Esc key. So Esc counts only after a pause; and should the rest of a mark come later still, the paste is known
//!   all the same.
//! - One from a terminal that marks none is known where what comes at once is surely no typing: see [`is_pasted`]. What a
//!   script sends is typing: `:w` and Enter, `gg`, an address and Enter into an input.

use crossterm::event::Event;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Esc alone, and the end of a paste without marks: nothing came for so long. The bytes of one key or mark are further
/// apart only on very bad lines.
pub const PAUSE: Duration = Duration::from_millis(50);
/// So long after an Esc the rest of a mark is still taken for that.
const LATE: Duration = Duration::from_secs(5);
/// A paste whose end does not come is left with ^c after so long; before, ^c is part of it.
const GIVEN_UP: Duration = Duration::from_secs(1);
/// No key is as long, in bytes.
const LONGEST_KEY: usize = 64;

const ESC: u8 = 0x1b;
const CTRL_C: u8 = 0x03;
const START: &[u8] = b"\x1b[200~";
const END: &[u8] = b"\x1b[201~";

#[derive(Debug, Default)]
pub struct Decoder {
    /// The bytes of a key or a mark that is not whole yet.
    begun: Vec<u8>,
    /// The Esc at the front of `begun` was told as a key already: what follows is a mark or typed.
    late: bool,
    paste: Option<Paste>,
    last: Option<Instant>,
    /// When an Esc was told because nothing followed.
    esc: Option<Instant>,
}

#[derive(Debug)]
enum Paste {
    Marked(Vec<u8>),
    Unmarked(Vec<u8>),
}

impl Decoder {
    /// What one read of the terminal brought. `typing`: an input has the focus, and what comes is meant for it.
    pub fn feed(&mut self, bytes: &[u8], at: Instant, typing: bool, out: &mut VecDeque<Event>) {
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
            } else if is_pasted(bytes, typing) {
                self.paste = Some(Paste::Unmarked(bytes.to_vec()));
                return;
            }
        }
        self.keys(bytes, out);
    }

    /// How long nothing must come until that means something.
    pub fn patience(&self) -> Option<Duration> {
        let waits = self.begun == [ESC] || self.late || matches!(self.paste, Some(Paste::Unmarked(_)));
        waits.then_some(PAUSE)
    }

    /// Nothing came for [`PAUSE`].
    pub fn pause(&mut self, at: Instant, out: &mut VecDeque<Event>) {
        if matches!(self.paste, Some(Paste::Unmarked(_))) {
            self.end_paste(out);
        } else if self.late {
            self.was_typed(out);
        } else if self.begun == [ESC] {
            self.begun.clear();
            self.esc = Some(at);
            tell(&[ESC], out);
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
                // Whether it is a key by itself is seen by what follows, here or later.
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

    /// What followed an Esc that was told already is no mark.
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

/// Tells the key that these bytes are; true when they are done with: one, or none.
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

/// Characters, blanks and ends of lines alone.
fn is_plain(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| !byte.is_ascii_control() || matches!(byte, b'\r' | b'\n' | b'\t'))
}

/// What came at once is surely no typing, by its looks: a line that begins as an address does, or is JSON, or prose. Into
/// an input the first line may be typed; in front of any other screen no key begins like that. A line of any other kind
/// is taken for keys: so is all that begins with a command, a search, or the key that opens an input.
fn is_pasted(bytes: &[u8], typing: bool) -> bool {
    // No hand is as fast, and the rest need not be looked at.
    if bytes.len() < 8 || !is_plain(bytes) {
        return false;
    }
    let text = String::from_utf8_lossy(bytes);
    text.split(['\r', '\n']).skip(usize::from(typing)).any(|line| {
        let line = line.trim_start();
        let bare = line.trim_start_matches(['"', '\'', '<', '(', '[', ',', '-', ' ']);
        is_address(bare) || is_json(line) || is_prose(bare)
    })
}

fn is_address(line: &str) -> bool {
    ["s3://", "s3a://", "http://", "https://", "arn:aws"]
        .iter()
        .any(|scheme| line.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)))
}

fn is_json(line: &str) -> bool {
    line.starts_with(['{', '[', '"']) && line.contains("\":")
}

/// Three words at least, and nothing but.
fn is_prose(line: &str) -> bool {
    let mut words = line.split(' ').take(3);
    let is_word = |word: &str| word.chars().count() > 1 && word.chars().all(|c| c.is_alphabetic() || c == ',');
    (0..3).all(|_| words.next().is_some_and(is_word))
}

#[cfg(test)]
mod tests;
