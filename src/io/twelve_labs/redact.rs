//! Removes the API key from the service's replies, in any form a server may echo it: unchanged, in other case,
//! JSON-escaped, percent-encoded, quoted-printable, HTML-escaped, octal, hexadecimal, base64 and base32 at any offset, in
//! base64 twice, as a list of characters or of their numbers, reversed, in wide characters, with blanks, signs or invisible
//! characters in it, or several of these combined; and its longer pieces. It is found by its value; the text around it
//! stays unchanged.

// With its path, so that a fuzz target can include this file.
#[path = "redact/layer.rs"]
mod layer;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use layer::Layer;
use std::collections::{BTreeMap, HashSet};

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
    forms: Forms,
    /// The same without signs, for a text without signs.
    bare: Forms,
    /// What stands in its place.
    mark: &'static str,
}

/// In lower case; comparison ignores case.
#[derive(Default)]
struct Forms {
    whole: Vec<Vec<u8>>,
    /// By their length.
    pieces: BTreeMap<usize, Pieces>,
}

struct Pieces {
    all: HashSet<Vec<u8>>,
    /// Whether some piece begins with these two bytes: most of a text need not be looked up.
    starts: Vec<bool>,
}

/// The forms are the secret.
impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Redactor").field("mark", &self.mark).finish_non_exhaustive()
    }
}

impl Redactor {
    pub(super) fn new(key: &str) -> Redactor {
        Redactor::of(key, MARK, true)
    }

    /// Of another secret, which may be long: not as a list, nor in a code within a code.
    pub(super) fn marking(key: &str, mark: &'static str) -> Redactor {
        Redactor::of(key, mark, false)
    }

    fn of(key: &str, mark: &'static str, is_thorough: bool) -> Redactor {
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
            if is_thorough {
                lengths.extend(twice(key.as_bytes(), piece));
            }
            let url_safe = |(len, form): &(usize, Vec<u8>)| (*len, form.iter().map(|byte| url_safe(*byte)).collect());
            lengths.extend(lengths.iter().map(url_safe).collect::<Vec<_>>());
        }
        let bare = lengths
            .iter()
            .map(|(len, form)| (*len, form.iter().copied().filter(u8::is_ascii_alphanumeric).collect::<Vec<u8>>()));
        let bare = bare.filter(|(_, form)| is_thorough && form.len() >= SHORTEST_PIECE).collect();
        Redactor { forms: Forms::of(lengths), bare: Forms::of(bare), mark }
    }

    /// Replaces the API key by a mark. `is_cut`: the text may end inside it.
    pub(super) fn redacted(&self, text: &[u8], is_cut: bool) -> Vec<u8> {
        let mut found: Vec<(usize, usize)> = Vec::new();
        let mut layer = Layer::of(text);
        for _ in 0..=LAYERS {
            self.forms.find(&layer, is_cut, &mut found);
            // Base64 may be broken into lines, as in mail; what is invisible may be anywhere.
            if let Some(joined) = layer.without_blanks() {
                self.forms.find(&joined, is_cut, &mut found);
            }
            if let Some(bare) = layer.without_signs() {
                self.bare.find(&bare, is_cut, &mut found);
            }
            if let Some(list) = layer.of_numbers(is_cut) {
                self.forms.find(&list, is_cut, &mut found);
            }
            let Some(inner) = layer.unescaped() else { break };
            layer = inner;
        }
        replaced(text, found, self.mark)
    }
}

impl Forms {
    /// Each with the length of the pieces that count.
    fn of(lengths: Vec<(usize, Vec<u8>)>) -> Forms {
        let mut forms = Forms::default();
        for (length, mut form) in lengths {
            form.make_ascii_lowercase();
            let none = || Pieces { all: HashSet::new(), starts: vec![false; 1 << 16] };
            let pieces = forms.pieces.entry(length).or_insert_with(none);
            for piece in form.windows(length) {
                if let Some(start) = pieces.starts.get_mut(start(piece)) {
                    *start = true;
                }
                pieces.all.insert(piece.to_vec());
            }
            forms.whole.push(form);
        }
        forms.whole.sort();
        forms.whole.dedup();
        forms
    }

    fn find(&self, layer: &Layer, is_cut: bool, found: &mut Vec<(usize, usize)>) {
        for (length, Pieces { all, starts }) in &self.pieces {
            let may_be = |piece: &[u8]| starts.get(start(piece)).is_some_and(|is_start| *is_start);
            let windows = (0..).zip(layer.bytes.windows(*length));
            let hits = windows.filter(|(_, piece)| may_be(piece) && all.contains(*piece));
            found.extend(hits.filter_map(|(at, _)| layer.source(at, at + length)));
        }
        for form in &self.whole {
            let hits = memchr::memmem::find_iter(&layer.bytes, form);
            found.extend(hits.filter_map(|at| layer.source(at, at + form.len())));
        }
        if is_cut {
            let whole = layer.without_broken_escapes();
            for form in &self.whole {
                let begins = |text: &[u8]| {
                    let mut begun = (SHORTEST_CUT..form.len()).rev().filter(|len| form.get(len - 1) == text.last());
                    begun.find(|len| text.ends_with(form.get(..*len).unwrap_or_default())).map(|len| text.len() - len)
                };
                // What looks like an escape that is cut may be a sign before the key: `?api-key=tlk_`.
                let from = begins(&layer.bytes).or_else(|| begins(whole));
                found.extend(from.and_then(|from| layer.source(from, layer.bytes.len())));
            }
        }
    }
}

/// The first two bytes as a number.
fn start(piece: &[u8]) -> usize {
    match piece {
        [first, second, ..] => u16::from_be_bytes([*first, *second]).into(),
        _ => 0,
    }
}

/// One encoding within another, with the lengths of the pieces that count.
fn twice(key: &[u8], piece: usize) -> Vec<(usize, Vec<u8>)> {
    let backwards: Vec<u8> = key.iter().rev().copied().collect();
    let once = (0..3).map(|before| ((piece * 4).div_ceil(3), in_base64(before, key)));
    let once: Vec<_> = once.chain([(piece * 2, hex(key)), (piece, backwards)]).collect();
    let safe = once.iter().map(|(len, form)| (*len, form.iter().map(|byte| url_safe(*byte)).collect()));
    let once: Vec<(usize, Vec<u8>)> = safe.chain(once.iter().cloned()).collect();
    let outer = |(len, form): &(usize, Vec<u8>)| {
        let coded = (0..3).map(|before| ((len * 4).div_ceil(3), in_base64(before, form)));
        coded.chain([(len * 2, hex(form))]).collect::<Vec<_>>()
    };
    once.iter().flat_map(outer).collect()
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
