//! Removes the API key from the service's replies, in any form a server may echo it: unchanged, in other case,
//! JSON-escaped, percent-encoded, quoted-printable, HTML-escaped, octal, hexadecimal, base64 and base32 at any offset,
//! reversed, in wide characters, with blanks or invisible characters in it, or several of these combined; and its longer
//! pieces. It is found by its value; the text around it stays unchanged.

use crate::domain::printable::unseen;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use std::collections::HashSet;

/// Shorter than any real API key: replacing it would only garble the reply.
const SHORTEST: usize = 6;
/// Where a text was cut, this many leading bytes count as the API key.
const SHORTEST_CUT: usize = 4;
/// A piece of the key with at least so many characters, and at least this part of all of them, is taken out, too. Less
/// is what a service shows to name a key: `tlk_…x7Qz`.
const SHORTEST_PIECE: usize = 8;
const PIECE: usize = 4;
/// Most nested escapes.
const LAYERS: usize = 4;
const MARK: &str = "‹the API key›";

/// Finds one API key, or another secret.
pub(super) struct Redactor {
    /// In lower case; comparison ignores case.
    forms: Vec<Vec<u8>>,
    /// For each length of a piece in some form, all pieces of that length.
    pieces: Vec<(usize, HashSet<Vec<u8>>)>,
    /// What stands in its place.
    mark: &'static str,
}

/// The forms are the secret.
impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Redactor").field("mark", &self.mark).finish_non_exhaustive()
    }
}

impl Redactor {
    pub(super) fn new(key: &str) -> Redactor {
        Redactor::marking(key, MARK)
    }

    pub(super) fn marking(key: &str, mark: &'static str) -> Redactor {
        let mut forms: Vec<Vec<u8>> = Vec::new();
        // Characters of a form for characters of the key: as many more as it takes.
        let mut lengths: Vec<(usize, Vec<u8>)> = Vec::new();
        let piece = SHORTEST_PIECE.max(key.len().div_ceil(PIECE));
        // What a piece determines alone, wherever it stands: up to four bits of its first character of base64 or base32
        // are another's.
        let characters_of = |bits: usize| (piece * 8 - 4) / bits;
        if key.len() >= SHORTEST {
            for key in [key.to_owned(), key.to_ascii_lowercase(), key.to_ascii_uppercase()] {
                let key = key.as_bytes();
                let backwards: Vec<u8> = key.iter().rev().copied().collect();
                lengths.extend([hex(key), hex(&backwards)].map(|form| (piece * 2, form)));
                lengths.extend((0..3).map(|before| (characters_of(6), in_base64(before, key))));
                lengths.extend((0..5).map(|before| (characters_of(5), in_base32(before, key))));
                lengths.extend([key.to_vec(), backwards].map(|form| (piece, form)));
            }
            let url_safe = |(len, form): &(usize, Vec<u8>)| (*len, form.iter().map(|byte| url_safe(*byte)).collect());
            lengths.extend(lengths.iter().map(url_safe).collect::<Vec<_>>());
        }
        let mut pieces: Vec<(usize, HashSet<Vec<u8>>)> = Vec::new();
        for (len, mut form) in lengths {
            form.make_ascii_lowercase();
            let all = form.windows(len).map(<[u8]>::to_vec);
            match pieces.iter_mut().find(|(known, _)| *known == len) {
                Some((_, set)) => set.extend(all),
                None => pieces.push((len, all.collect())),
            }
            forms.push(form);
        }
        forms.sort();
        forms.dedup();
        Redactor { forms, pieces, mark }
    }

    /// Replaces the API key by a mark. `is_cut`: the text may end inside it.
    pub(super) fn redacted(&self, text: &[u8], is_cut: bool) -> Vec<u8> {
        let mut found: Vec<(usize, usize)> = Vec::new();
        let mut layer = Layer::of(text);
        for _ in 0..=LAYERS {
            self.find(&layer, is_cut, &mut found);
            // Base64 may be broken into lines, as in mail; what is invisible may be anywhere.
            if let Some(joined) = layer.without_blanks() {
                self.find(&joined, is_cut, &mut found);
            }
            let Some(inner) = layer.unescaped() else { break };
            layer = inner;
        }
        replaced(text, found, self.mark)
    }

    fn find(&self, layer: &Layer, is_cut: bool, found: &mut Vec<(usize, usize)>) {
        for (len, pieces) in &self.pieces {
            let hits = (0..).zip(layer.bytes.windows(*len)).filter(|(_, window)| pieces.contains(*window));
            found.extend(hits.filter_map(|(at, _)| layer.source(at, at + len)));
        }
        for form in &self.forms {
            let hits = memchr::memmem::find_iter(&layer.bytes, form);
            found.extend(hits.filter_map(|at| layer.source(at, at + form.len())));
            if is_cut {
                let begins = |text: &[u8]| {
                    let ends = |len: &usize| text.ends_with(form.get(..*len).unwrap_or_default());
                    (SHORTEST_CUT..form.len()).rev().find(ends).map(|len| text.len() - len)
                };
                // What looks like an escape that is cut may be a sign before the key: `?api-key=tlk_`.
                let from = begins(&layer.bytes).or_else(|| begins(layer.without_broken_escapes()));
                found.extend(from.and_then(|from| layer.source(from, layer.bytes.len())));
            }
        }
    }
}

/// A decoded text in lower case, with the position of each byte in the original.
struct Layer {
    bytes: Vec<u8>,
    /// (start, end) in the original, end exclusive.
    places: Vec<(u32, u32)>,
}

impl Layer {
    fn of(text: &[u8]) -> Layer {
        Layer { bytes: text.to_ascii_lowercase(), places: (0..).zip(1..).take(text.len()).collect() }
    }

    fn source(&self, from: usize, to: usize) -> Option<(usize, usize)> {
        let (start, end) = (self.places.get(from)?.0, self.places.get(to.checked_sub(1)?)?.1);
        Some((start as usize, end as usize))
    }

    /// Decodes one layer of escapes; None if there is none.
    fn unescaped(&self) -> Option<Layer> {
        let is_mark = |byte: &u8| matches!(byte, b'\\' | b'%' | b'&' | b'=') || !byte.is_ascii();
        self.bytes.iter().position(is_mark)?;
        let mut inner = Layer { bytes: Vec::with_capacity(self.bytes.len()), places: Vec::new() };
        let mut at = 0;
        while let Some(byte) = self.bytes.get(at) {
            let rest = self.bytes.get(at..).unwrap_or_default();
            let (byte, len) = escape(rest).or_else(|| character(rest)).unwrap_or((*byte, 1));
            let place = self.source(at, at + len).unwrap_or_default();
            inner.bytes.push(byte.to_ascii_lowercase());
            inner.places.push((place.0 as u32, place.1 as u32));
            at += len;
        }
        (inner.bytes.len() < self.bytes.len()).then_some(inner)
    }

    fn without_blanks(&self) -> Option<Layer> {
        // The zeros are those of two bytes a character.
        let is_blank = |byte: &u8| byte.is_ascii_whitespace() || *byte == 0;
        if !self.bytes.iter().any(is_blank) {
            return None;
        }
        let kept = self.bytes.iter().zip(&self.places).filter(|(byte, _)| !is_blank(byte));
        let (bytes, places) = kept.map(|(byte, place)| (*byte, *place)).unzip();
        Some(Layer { bytes, places })
    }

    /// Without incomplete escapes at the end; they may be nested.
    fn without_broken_escapes(&self) -> &[u8] {
        let mut whole = self.bytes.as_slice();
        for _ in 0..LAYERS {
            let tail = whole.len().saturating_sub(7);
            let last = whole.iter().skip(tail).rposition(|byte| matches!(byte, b'\\' | b'%' | b'&' | b'='));
            match last.map(|at| whole.split_at(tail + at)) {
                Some((before, broken)) if escape(broken).is_none() => whole = before,
                _ => break,
            }
        }
        whole
    }
}

/// The ASCII character and length of an escape at the start of a lower-case text: `\u0074`, `\u{74}`, `\x74`, `\164`,
/// `\/`, `%74`, `=74`, `&#116;`, `&#x74;`, `&amp;`. What is invisible is a blank: `\u200b`, `&shy;`.
fn escape(text: &[u8]) -> Option<(u8, usize)> {
    let number = |digits: &[u8], radix| {
        let value = u32::from_str_radix(str::from_utf8(digits).ok()?, radix).ok()?;
        // Two digits are a byte, and of a longer character only a part.
        let is_whole = value < 0x80 || digits.len() > 2;
        char::from_u32(value).filter(|_| is_whole).and_then(ascii)
    };
    match text {
        [b'\\', b'u', b'{', rest @ ..] => {
            let end = rest.iter().take(7).position(|byte| *byte == b'}')?;
            number(rest.get(..end)?, 16).map(|c| (c, end + 4))
        }
        [b'\\', b'u', a, b, c, d, ..] => number(&[*a, *b, *c, *d], 16).map(|c| (c, 6)),
        [b'\\', b'x', a, b, ..] => number(&[*a, *b], 16).map(|c| (c, 4)),
        [b'\\', a @ b'0'..=b'1', b @ b'0'..=b'7', c @ b'0'..=b'7', ..] => number(&[*a, *b, *c], 8).map(|c| (c, 4)),
        [b'\\', b'n' | b'r' | b't', ..] => Some((b' ', 2)),
        [b'\\', c @ (b'/' | b'"' | b'\\' | b'\''), ..] => Some((*c, 2)),
        // Three bytes of UTF-8, as an invisible character has.
        [b'%', b'e', _, b'%', a, b, b'%', c, d, ..] if let Some(blank) = of_three(text, &[*a, *b, *c, *d]) => {
            Some((blank, 9))
        }
        // The end of a line in quoted-printable is no part of the text.
        [b'=', b'\r', b'\n', ..] => Some((b' ', 3)),
        [b'=', b'\n', ..] => Some((b' ', 2)),
        [b'%' | b'=', a, b, ..] => number(&[*a, *b], 16).map(|c| (c, 3)),
        [b'&', ..] => {
            let end = text.iter().take(10).position(|byte| *byte == b';')?;
            let c = match text.get(1..end)? {
                [b'#', b'x', digits @ ..] => number(digits, 16)?,
                [b'#', digits @ ..] => number(digits, 10)?,
                b"amp" => b'&',
                b"lt" => b'<',
                b"gt" => b'>',
                b"quot" => b'"',
                b"apos" => b'\'',
                b"shy" | b"nbsp" | b"zwnj" | b"zwj" | b"lrm" | b"rlm" => b' ',
                _ => return None,
            };
            Some((c, end + 1))
        }
        _ => None,
    }
}

/// The character of `%e2%80%8b`.
fn of_three(text: &[u8], last: &[u8; 4]) -> Option<u8> {
    let [a, b, c, d] = *last;
    let pairs = [[b'e', *text.get(2)?], [a, b], [c, d]];
    let mut bytes = [0; 3];
    for (slot, pair) in bytes.iter_mut().zip(&pairs) {
        *slot = u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok()?;
    }
    character(&bytes).map(|(byte, _)| byte)
}

/// The ASCII character that a character outside ASCII stands for, and its length in bytes.
fn character(text: &[u8]) -> Option<(u8, usize)> {
    let length = match text.first()? {
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        _ => return None,
    };
    let c = str::from_utf8(text.get(..length)?).ok()?.chars().next()?;
    ascii(c).map(|byte| (byte, length))
}

/// ASCII itself, its wide form, or a blank for what is invisible. None for other characters.
fn ascii(c: char) -> Option<u8> {
    match c {
        '\u{FF01}'..='\u{FF5E}' => u8::try_from(u32::from(c) - 0xFF01 + 0x21).ok(),
        _ if c.is_ascii() => u8::try_from(c).ok(),
        _ if unseen(c).is_some() || c.is_whitespace() => Some(b' '),
        _ => None,
    }
}

fn hex(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect()
}

/// The base64 characters determined by `bytes` alone, if `before` bytes of a group of three precede them and others
/// follow.
fn in_base64(before: usize, bytes: &[u8]) -> Vec<u8> {
    let padded = [&vec![0; before], bytes].concat();
    let text = STANDARD_NO_PAD.encode(&padded).into_bytes();
    // A character holds six bits: those at the edges also contain bits of the neighbours.
    let (first, last) = ((before * 8).div_ceil(6), padded.len() * 8 / 6);
    text.get(first..last).unwrap_or_default().to_vec()
}

/// As [`in_base64`], in groups of five bytes.
fn in_base32(before: usize, bytes: &[u8]) -> Vec<u8> {
    let padded = [&vec![0; before], bytes].concat();
    let bit = |at: usize| padded.get(at / 8).is_some_and(|byte| byte >> (7 - at % 8) & 1 == 1);
    let character = |at: usize| {
        let value = (at * 5..at * 5 + 5).fold(0u8, |value, at| value << 1 | u8::from(bit(at)));
        if value < 26 { b'a' + value } else { b'2' + value - 26 }
    };
    ((before * 8).div_ceil(5)..padded.len() * 8 / 5).map(character).collect()
}

fn url_safe(byte: u8) -> u8 {
    match byte {
        b'+' => b'-',
        b'/' => b'_',
        other => other,
    }
}

/// Adjacent finds become one mark.
fn replaced(text: &[u8], mut found: Vec<(usize, usize)>, mark: &str) -> Vec<u8> {
    found.sort_unstable();
    let mut out = Vec::with_capacity(text.len());
    let mut rest = 0;
    for (start, end) in found {
        if end <= rest {
            continue;
        }
        if start >= rest {
            out.extend_from_slice(text.get(rest..start).unwrap_or_default());
            out.extend_from_slice(mark.as_bytes());
        }
        rest = end;
    }
    out.extend_from_slice(text.get(rest..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests;
