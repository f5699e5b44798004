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
        if key.len() >= SHORTEST {
            for key in [key.to_owned(), key.to_ascii_lowercase(), key.to_ascii_uppercase()] {
                let key = key.as_bytes();
                let backwards: Vec<u8> = key.iter().rev().copied().collect();
                lengths.extend([hex(key), hex(&backwards)].map(|form| (piece * 2, form)));
                lengths.extend((0..3).map(|before| ((piece * 4).div_ceil(3), in_base64(before, key))));
                lengths.extend((0..5).map(|before| ((piece * 8).div_ceil(5), in_base32(before, key))));
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
            let whole = layer.without_broken_escapes();
            let begun =
                (SHORTEST_CUT..form.len()).rev().find(|len| whole.ends_with(form.get(..*len).unwrap_or_default()));
            if let Some(len) = begun.filter(|_| is_cut) {
                found.extend(layer.source(whole.len() - len, layer.bytes.len()));
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
mod tests {
    use super::*;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    use proptest::prelude::*;

    const KEY: &str = "tlk_CANARY?0123>456~789";

    fn json(text: &str) -> String {
        text.bytes().map(|byte| format!("\\u{byte:04X}")).collect()
    }

    fn percent(text: &str) -> String {
        text.bytes().map(|byte| format!("%{byte:02X}")).collect()
    }

    fn backwards(text: &str) -> String {
        text.chars().rev().collect()
    }

    fn redacted(text: &str) -> String {
        String::from_utf8(Redactor::new(KEY).redacted(text.as_bytes(), false)).unwrap()
    }

    fn with_between(key: &str, between: &str) -> String {
        key.chars().map(String::from).collect::<Vec<_>>().join(between)
    }

    const FORMS: [fn(&str) -> String; 28] = [
        str::to_owned,
        str::to_lowercase,
        str::to_uppercase,
        |key| key.replacen('t', "\\u0074", 1),
        json,
        percent,
        |key| percent(&json(key)),
        |key| json(&percent(key)),
        |key| key.bytes().map(|byte| format!("&#x{byte:x};")).collect(),
        |key| key.bytes().map(|byte| format!("&#{byte};")).collect(),
        |key| key.bytes().map(|byte| format!("\\x{byte:02x}")).collect(),
        |key| String::from_utf8(hex(key.as_bytes())).unwrap(),
        |key| String::from_utf8(hex(key.as_bytes())).unwrap().to_uppercase(),
        backwards,
        |key| STANDARD.encode(key.to_lowercase()),
        |key| json(&backwards(&key.to_lowercase())),
        |key| with_between(key, "\u{200b}"),
        |key| with_between(key, "\u{feff}\u{ad}"),
        |key| with_between(key, "\\u200b"),
        |key| with_between(key, "%E2%80%8B"),
        |key| with_between(key, "&#8203;"),
        |key| with_between(key, "&shy;"),
        |key| with_between(key, "\0"),
        |key| with_between(key, "\u{e0020}"),
        |key| key.bytes().map(|byte| format!("={byte:02X}")).collect(),
        |key| key.bytes().map(|byte| format!("\\{byte:03o}")).collect(),
        |key| key.bytes().map(|byte| format!("\\u{{{byte:x}}}")).collect(),
        |key| key.chars().map(|c| char::from_u32(u32::from(c) - 0x21 + 0xFF01).unwrap()).collect(),
    ];

    #[test]
    fn a_key_that_comes_in_pieces_is_taken_out_in_all_but_the_short_ones() {
        for at in 0..=KEY.len() {
            let (head, tail) = KEY.split_at(at);
            for said in [
                format!("{{\"a\":\"{head}\",\"b\":\"{tail}\"}}"),
                format!("{{\"b\":\"{}\",\"a\":\"{}\"}}", percent(tail), json(head)),
                format!("{} … {}", backwards(head), with_between(tail, "\u{200b}")),
                format!("{} … {}", String::from_utf8(hex(head.as_bytes())).unwrap(), tail.to_uppercase()),
            ] {
                let marked = redacted(&said).to_lowercase();
                for part in KEY.to_lowercase().as_bytes().windows(SHORTEST_PIECE) {
                    let part = str::from_utf8(part).unwrap();
                    assert!(!marked.contains(part) && !marked.contains(&backwards(part)), "{at}: {said}: {marked}");
                }
                assert!(marked.contains("‹the api key›"), "{at}: {said}: {marked}");
            }
        }
        // What a service shows to name a key stays.
        assert_eq!(redacted("the key tlk_CAN…~789 has expired"), "the key tlk_CAN…~789 has expired");
    }

    #[test]
    fn a_key_within_base32_is_taken_out_wherever_it_stands() {
        const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        for before in 0..6 {
            let text = format!("{}{KEY}.....", "x".repeat(before));
            let bits: Vec<u8> = text.bytes().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).collect();
            let value = |five: &[u8]| five.iter().fold(0usize, |value, bit| value << 1 | usize::from(*bit));
            let coded: String = bits.chunks(5).map(|five| char::from(ALPHABET[value(five)])).collect();
            let marked = redacted(&format!("seen: {coded}."));
            assert!(marked.contains("‹the API key›") && marked.len() < 50, "{before}: {coded}: {marked}");
        }
    }

    #[test]
    fn a_key_is_taken_out_in_whatever_form_a_server_echoes_it() {
        for (at, form) in FORMS.into_iter().enumerate() {
            let said = format!("{{\"message\":\"the key {} is not known\"}}", form(KEY));
            let marked = redacted(&said);
            // Of base64, the last character says less than one of the key's.
            let marked = marked.replace("›k=", "›");
            assert_eq!(marked, "{\"message\":\"the key ‹the API key› is not known\"}", "form {at}: {said}");
        }
    }

    #[test]
    fn a_key_within_base64_is_taken_out_wherever_it_stands() {
        for engine in [&STANDARD as &dyn Coding, &URL_SAFE_NO_PAD] {
            for before in ["", "u", "us", "use", "x-api-key: "] {
                for after in ["", ".", "..", "\nHost: example.com"] {
                    let coded = engine.coded(&format!("{before}{KEY}{after}"));
                    let marked = redacted(&format!("seen: {coded}."));
                    assert!(marked.contains("‹the API key›"), "{before:?} {after:?}: {coded}");
                    // What is left of the characters at its edges says less than one of the key's.
                    let left = marked.replace("‹the API key›", "").len() + KEY.len() * 8 / 6;
                    assert!(left <= "seen: .".len() + coded.len() + 3, "{marked}");
                }
            }
        }
        let coded = STANDARD.encode(format!("x-api-key: {KEY}"));
        let (head, tail) = coded.split_at(25);
        for broken in [format!("{head}\r\n{tail}"), format!("\"{head}\\n{tail}\""), percent(&coded)] {
            assert!(redacted(&broken).contains("‹the API key›"), "{broken}");
        }
    }

    trait Coding {
        fn coded(&self, text: &str) -> String;
    }

    impl<E: base64::Engine> Coding for E {
        fn coded(&self, text: &str) -> String {
            self.encode(text)
        }
    }

    #[test]
    fn a_reply_that_is_cut_within_the_key_keeps_none_of_it() {
        let redactor = Redactor::new(KEY);
        for form in FORMS {
            let said = format!("no such key: {}", form(KEY));
            for len in 0..said.len() {
                let Some(cut) = said.get(..len) else { continue };
                let marked = String::from_utf8(redactor.redacted(cut.as_bytes(), true)).unwrap();
                let shown = cut.strip_prefix("no such key: ").unwrap_or_default();
                // Its first three characters are the same for every key, and an escape has six for one.
                let harmless = form(KEY.get(..3).unwrap()).len().max(form(KEY).len() * 4 / KEY.len() + 6);
                // After it may stand what is invisible, or the rest of a character of base64.
                let is_marked = marked.rsplit_once("‹the API key›").is_some_and(|(_, rest)| rest.len() < 10);
                assert!(shown.len() <= harmless || is_marked, "{cut}: {marked}");
            }
        }
    }

    #[test]
    fn text_without_the_key_is_unchanged() {
        for text in [
            "",
            "{\"code\":\"api_key_invalid\",\"message\":\"Key tlk_\\u2026 is 100% wrong &amp; expired\"}",
            "tlk_CAN…",
            "\\u0000%zz&#;&#x;\\",
        ] {
            assert_eq!(redacted(text), text);
        }
        assert_eq!(Redactor::new("short").redacted(b"short", true), b"short");
    }

    proptest! {
        #[test]
        fn no_layers_of_escapes_hide_a_key(
            key in "[!-~]{8,40}",
            forms in proptest::collection::vec(proptest::sample::select(vec![0_usize, 1, 2, 4, 5, 6]), 0..3),
            before in "[a-z ]{0,20}",
            after in "[a-z ]{0,20}",
        ) {
            let coded = forms.iter().fold(key.clone(), |text, form| FORMS[*form](&text));
            let said = format!("{before}{coded}{after}");
            let marked = Redactor::new(&key).redacted(said.as_bytes(), false);
            let marked = String::from_utf8(marked).unwrap();
            prop_assert!(marked.contains("‹the API key›"), "{}: {}", said, marked);
            prop_assert!(!marked.contains(&coded), "{}: {}", said, marked);
        }

        #[test]
        fn redacting_any_text_adds_at_most_one_mark(text in proptest::collection::vec(any::<u8>(), 0..200), is_cut: bool) {
            let marked = Redactor::new(KEY).redacted(&text, is_cut);
            prop_assert!(marked.len() <= text.len() + MARK.len());
        }
    }
}
