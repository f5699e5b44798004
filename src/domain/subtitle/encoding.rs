//! Decodes bytes to text. Other encodings than UTF-8 are decoded only for the summary, and always reported.

use super::fault::{FaultKind, Faults, Position};
use super::{Encoding, sniff};
use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{UTF_8, UTF_16BE, UTF_16LE};
use std::borrow::Cow;

const BOM: &[u8] = b"\xEF\xBB\xBF";
const FIRST: Position<'static> = Position { line: 1, before: "" };

/// Bytes examined to guess the code page.
const SAMPLE: usize = 256 * 1024;

/// Decodes a text. `is_cut`: the object continues, so the last character may be incomplete.
pub(super) fn decode<'a>(bytes: &'a [u8], is_cut: bool, faults: &mut Faults) -> (Cow<'a, str>, Encoding) {
    if let Some(text) = bytes.strip_prefix(BOM) {
        return utf8(text, true, is_cut, faults);
    }
    let utf16 = match bytes {
        [0xFF, 0xFE, text @ ..] => Some((text, true, true)),
        [0xFE, 0xFF, text @ ..] => Some((text, false, true)),
        _ => sniff::utf16_order(bytes).map(|little_endian| (bytes, little_endian, false)),
    };
    let Some((text, little_endian, bom)) = utf16 else { return utf8(bytes, false, is_cut, faults) };
    faults.add(FaultKind::Utf16, FIRST);
    let whole = text.get(..text.len() - text.len() % 2).unwrap_or(text);
    let text = if is_cut { whole } else { text };
    let (text, _) = if little_endian { UTF_16LE } else { UTF_16BE }.decode_without_bom_handling(text);
    (text, Encoding::Utf16 { little_endian, bom })
}

fn utf8<'a>(bytes: &'a [u8], bom: bool, is_cut: bool, faults: &mut Faults) -> (Cow<'a, str>, Encoding) {
    let error = match str::from_utf8(bytes) {
        Ok(text) => return (Cow::Borrowed(text), Encoding::Utf8 { bom }),
        Err(error) => error,
    };
    let sound = bytes.get(..error.valid_up_to()).and_then(|sound| str::from_utf8(sound).ok()).unwrap_or("");
    if is_cut && error.error_len().is_none() {
        return (Cow::Borrowed(sound), Encoding::Utf8 { bom });
    }
    let place = end_of(sound);
    if let Some(text) = joined_surrogates(bytes, is_cut) {
        faults.add(FaultKind::Surrogates, place);
        return (Cow::Owned(text), Encoding::Utf8 { bom });
    }
    if bom || is_mostly_utf8(bytes) {
        faults.add(FaultKind::BrokenUtf8, place);
        let (text, _) = UTF_8.decode_without_bom_handling(bytes);
        return (text, Encoding::Utf8 { bom });
    }
    faults.add(FaultKind::NotUtf8, place);
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes.get(..SAMPLE).unwrap_or(bytes), true);
    // From the first invalid byte on: it may come after much ASCII.
    if error.valid_up_to() >= SAMPLE {
        detector = EncodingDetector::new(Iso2022JpDetection::Deny);
        let strange = bytes.get(error.valid_up_to()..).unwrap_or(bytes);
        detector.feed(strange.get(..SAMPLE).unwrap_or(strange), true);
    }
    let page = detector.guess(None, Utf8Detection::Deny);
    let (text, _) = page.decode_without_bom_handling(bytes);
    (text, Encoding::Legacy(page.name().to_ascii_lowercase().into()))
}

/// The text, if nothing else is wrong with it than that characters are written as two halves of three bytes each, as
/// some programs take UTF-16 for UTF-8 (CESU-8), or that a half stands alone.
fn joined_surrogates(bytes: &[u8], is_cut: bool) -> Option<String> {
    let half = |bytes: &[u8]| match bytes {
        [0xED, high @ 0xA0..=0xBF, low @ 0x80..=0xBF, ..] => {
            Some(0xD000 | u16::from(high & 0x3F) << 6 | u16::from(low & 0x3F))
        }
        _ => None,
    };
    let mut text = String::with_capacity(bytes.len());
    let mut rest = bytes;
    loop {
        let (sound, error) = match str::from_utf8(rest) {
            Ok(sound) => (sound, None),
            Err(error) => (rest.get(..error.valid_up_to()).and_then(|sound| str::from_utf8(sound).ok())?, Some(error)),
        };
        text.push_str(sound);
        rest = rest.get(sound.len()..)?;
        let Some(first) = half(rest) else {
            // At the end of what was read, a character may be cut.
            let is_sound = error.is_none_or(|error| is_cut && error.error_len().is_none());
            return is_sound.then_some(text);
        };
        let second = rest.get(3..).and_then(half);
        let joined = second.and_then(|second| char::decode_utf16([first, second]).next()?.ok());
        text.push(joined.unwrap_or(char::REPLACEMENT_CHARACTER));
        rest = rest.get(if joined.is_some() { 6 } else { 3 }..)?;
    }
}

/// Whether valid multi-byte characters outnumber invalid ones.
fn is_mostly_utf8(bytes: &[u8]) -> bool {
    let (mut sound, mut broken) = (0usize, 0usize);
    for chunk in bytes.utf8_chunks() {
        sound += chunk.valid().bytes().filter(|b| *b >= 0xC0).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    sound > broken
}

/// The place after a text.
fn end_of(text: &str) -> Position<'_> {
    let mut line = 1u32;
    let mut rest = text;
    while let Some(at) = memchr::memchr2(b'\n', b'\r', rest.as_bytes()) {
        let step = if rest.get(at..).is_some_and(|end| end.starts_with("\r\n")) { 2 } else { 1 };
        rest = rest.get(at + step..).unwrap_or("");
        line = line.saturating_add(1);
    }
    Position { line, before: rest }
}
