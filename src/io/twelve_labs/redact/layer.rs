//! What a text says with its escapes, blanks or signs taken away, and where each byte of that stands in the original.

use super::{LAYERS, SHORTEST_CUT};
use crate::domain::printable::unseen;

/// A decoded text in lower case, with the position of each byte in the original.
pub(super) struct Layer {
    pub bytes: Vec<u8>,
    /// (start, end) in the original, end exclusive.
    places: Vec<(u32, u32)>,
}

impl Layer {
    pub fn of(text: &[u8]) -> Layer {
        Layer { bytes: text.to_ascii_lowercase(), places: (0..).zip(1..).take(text.len()).collect() }
    }

    pub fn source(&self, from: usize, to: usize) -> Option<(usize, usize)> {
        let (start, end) = (self.places.get(from)?.0, self.places.get(to.checked_sub(1)?)?.1);
        Some((start as usize, end as usize))
    }

    /// Decodes one layer of escapes; None if there is none.
    pub fn unescaped(&self) -> Option<Layer> {
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

    pub fn without_blanks(&self) -> Option<Layer> {
        // The zeros are those of two bytes a character.
        self.without(|byte| byte.is_ascii_whitespace() || byte == 0)
    }

    /// Letters and digits alone: `"t","l","k"`, `74:6c:6b`.
    pub fn without_signs(&self) -> Option<Layer> {
        self.without(|byte| !byte.is_ascii_alphanumeric())
    }

    fn without(&self, is_left_out: impl Fn(u8) -> bool) -> Option<Layer> {
        if !self.bytes.iter().any(|byte| is_left_out(*byte)) {
            return None;
        }
        let kept = self.bytes.iter().zip(&self.places).filter(|(byte, _)| !is_left_out(**byte));
        let (bytes, places) = kept.map(|(byte, place)| (*byte, *place)).unzip();
        Some(Layer { bytes, places })
    }

    /// The characters of a list of numbers: `116, 108, 107`, `0x74 0x6c 0x6b`. None if there are few. `is_cut`: the last
    /// number may be incomplete.
    pub fn of_numbers(&self, is_cut: bool) -> Option<Layer> {
        let mut list = Layer { bytes: Vec::new(), places: Vec::new() };
        let mut at = 0;
        while let Some(byte) = self.bytes.get(at) {
            if !byte.is_ascii_alphanumeric() {
                at += 1;
                continue;
            }
            let word = self.bytes.get(at..).unwrap_or_default();
            let len = word.iter().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(word.len());
            if is_cut && at + len == self.bytes.len() {
                break;
            }
            let number = word.get(..len).and_then(number);
            // Words in between keep lists apart.
            let place = self.source(at, at + len).unwrap_or_default();
            list.bytes.push(number.map_or(0, |number| number.to_ascii_lowercase()));
            list.places.push((place.0 as u32, place.1 as u32));
            at += len;
        }
        (list.bytes.iter().filter(|byte| **byte != 0).count() >= SHORTEST_CUT).then_some(list)
    }

    /// Without incomplete escapes at the end; they may be nested.
    pub fn without_broken_escapes(&self) -> &[u8] {
        let mut whole = self.bytes.as_slice();
        for _ in 0..LAYERS {
            let tail = whole.len().saturating_sub(9);
            let last = whole.iter().skip(tail).rposition(|byte| matches!(byte, b'\\' | b'%' | b'&' | b'='));
            match last.map(|at| whole.split_at(tail + at)) {
                Some((before, broken)) if escape(broken).is_none() => whole = before,
                _ => break,
            }
        }
        whole
    }
}

/// The character of `116` or `0x74`.
fn number(word: &[u8]) -> Option<u8> {
    let text = str::from_utf8(word).ok()?;
    let value = match text.strip_prefix("0x") {
        Some(digits) => u8::from_str_radix(digits, 16),
        None => text.parse(),
    };
    value.ok().filter(|value| (b'!'..=b'~').contains(value))
}

/// The ASCII character and length of an escape at the start of a lower-case text: `\u0074`, `\u{74}`, `\x74`, `\164`,
/// `\000074`, `\/`, `%74`, `%u0074`, `=74`, `&#116;`, `&#116`, `&#x74;`, `&amp;`, `&sol;`. What is invisible is a blank:
/// `\u200b`, `&shy;`.
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
        [b'\\' | b'%', b'u', a, b, c, d, ..] => number(&[*a, *b, *c, *d], 16).map(|c| (c, 6)),
        // As in CSS. Fewer digits at the end of the text are a part of it.
        [b'\\', b'0', b'0', digits @ ..] if digits.iter().take(4).all(u8::is_ascii_hexdigit) => {
            number(text.get(1..7)?, 16).map(|c| (c, 7))
        }
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
        [b'&', b'#', b'x', rest @ ..] => entity(rest, 3, u8::is_ascii_hexdigit, |digits| number(digits, 16)),
        [b'&', b'#', rest @ ..] => entity(rest, 2, u8::is_ascii_digit, |digits| number(digits, 10)),
        [b'&', ..] => {
            let end = text.iter().take(12).position(|byte| *byte == b';')?;
            let c = match text.get(1..end)? {
                b"amp" => b'&',
                b"lt" => b'<',
                b"gt" => b'>',
                b"quot" => b'"',
                b"apos" => b'\'',
                b"lowbar" | b"underbar" => b'_',
                b"sol" => b'/',
                b"plus" => b'+',
                b"equals" => b'=',
                b"period" => b'.',
                b"comma" => b',',
                b"colon" => b':',
                b"semi" => b';',
                b"quest" => b'?',
                b"excl" => b'!',
                b"num" => b'#',
                b"dollar" => b'$',
                b"percnt" => b'%',
                b"ast" | b"midast" => b'*',
                b"commat" => b'@',
                b"hat" => b'^',
                b"grave" => b'`',
                b"lpar" => b'(',
                b"rpar" => b')',
                b"lsqb" | b"lbrack" => b'[',
                b"rsqb" | b"rbrack" => b']',
                b"lcub" | b"lbrace" => b'{',
                b"rcub" | b"rbrace" => b'}',
                b"verbar" | b"vert" => b'|',
                b"bsol" => b'\\',
                b"hyphen" | b"dash" => b'-',
                b"tilde" => b'~',
                // Any other character is none of the key's.
                name if !name.is_empty() && name.iter().all(u8::is_ascii_alphanumeric) => b' ',
                _ => return None,
            };
            Some((c, end + 1))
        }
        _ => None,
    }
}

/// The character of `116;` behind `&#`, and its length with the `before` bytes before it. The semicolon may be missing, but
/// at the end of the text so may be the rest of the number.
fn entity(
    rest: &[u8],
    before: usize,
    is_digit: fn(&u8) -> bool,
    number: impl Fn(&[u8]) -> Option<u8>,
) -> Option<(u8, usize)> {
    let digits = rest.iter().take(7).position(|byte| !is_digit(byte))?;
    let semicolon = usize::from(rest.get(digits) == Some(&b';'));
    number(rest.get(..digits)?).map(|c| (c, before + digits + semicolon))
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
