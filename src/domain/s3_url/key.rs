//! Object keys: their parts, and characters that are legal but rarely intended. AWS user guide: "Naming objects".
//!
//! Positions are bytes within the key.

use crate::printable::{Unseen, unseen};
use percent_encoding::percent_decode_str;
use std::borrow::Cow;
use std::ops::Range;

/// The longest key, in bytes of UTF-8.
pub const MAX_BYTES: usize = 1024;

/// The part after the last slash.
pub fn file_name(key: &str) -> &str {
    key.get(name_start(key)..).unwrap_or(key)
}

/// The file name without its extension.
pub fn stem(key: &str) -> &str {
    let name = file_name(key);
    memchr::memrchr(b'.', name.as_bytes()).filter(|dot| *dot > 0).and_then(|dot| name.get(..dot)).unwrap_or(name)
}

/// The part after the last dot of the file name. `.srt` alone is a name, not an extension.
pub fn extension(key: &str) -> Option<&str> {
    let name = file_name(key);
    memchr::memrchr(b'.', name.as_bytes()).filter(|dot| *dot > 0).and_then(|dot| name.get(dot + 1..))
}

/// Everything up to and including the last slash; empty at the top of the bucket.
pub fn folder(key: &str) -> &str {
    key.get(..name_start(key)).unwrap_or_default()
}

/// Behind the last slash.
fn name_start(key: &str) -> usize {
    memchr::memrchr(b'/', key.as_bytes()).map_or(0, |slash| slash + 1)
}

/// A part of a key that is legal and significant to S3, but almost always a mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suspicion {
    LeadingSlash,
    DoubleSlash,
    DotSegment,
    Backslash,
    /// Another `s3://`: two addresses in one value.
    Address,
}

/// The result of a quick check of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Visible ASCII, nothing unusual.
    Plain,
    /// Not all ASCII: it may contain invisible characters.
    Foreign,
    /// A control, `%`, `\`, a parameter character (`?`, `&`, `=`), or a segment that is empty or starts with a dot.
    Odd,
}

const ODD: u8 = 1;
const FOREIGN: u8 = 2;

#[expect(clippy::indexing_slicing, reason = "worked out by the compiler; a wrong index does not compile")]
const MARKS: [u8; 256] = {
    let mut marks = [0; 256];
    let mut b = 0;
    while b < 256 {
        marks[b] = match b as u8 {
            0x80.. => FOREIGN,
            0..0x20 | 0x7F | b'%' | b'\\' | b'?' | b'&' | b'=' => ODD,
            _ => 0,
        };
        b += 1;
    }
    marks
};

/// Runs for two keys per row, so it is one pass without a branch per fault.
#[expect(clippy::indexing_slicing, reason = "a byte indexes a table of 256")]
pub fn look(key: &str) -> Look {
    let mut marks = 0;
    let mut before = b'/';
    for b in key.bytes() {
        marks |= MARKS[b as usize] | u8::from(before == b'/' && matches!(b, b'/' | b'.'));
        before = b;
    }
    match marks {
        0 => Look::Plain,
        FOREIGN => Look::Foreign,
        _ => Look::Odd,
    }
}

/// The first suspicious part.
pub fn suspicion(key: &str) -> Option<(Suspicion, Range<usize>)> {
    if let Some(at) = memchr::memmem::find(key.as_bytes(), b"s3://") {
        return Some((Suspicion::Address, at..at + "s3://".len()));
    }
    if key.starts_with('/') {
        let end = key.len() - key.trim_start_matches('/').len();
        return Some((Suspicion::LeadingSlash, 0..end));
    }
    if let Some(at) = memchr::memmem::find(key.as_bytes(), b"//") {
        return Some((Suspicion::DoubleSlash, at..at + 2));
    }
    let mut at = 0;
    for segment in key.split('/') {
        if matches!(segment, "." | "..") {
            return Some((Suspicion::DotSegment, at..at + segment.len()));
        }
        at += segment.len() + 1;
    }
    key.find('\\').map(|at| (Suspicion::Backslash, at..at + 1))
}

/// The first `%` with two hex digits: it may be literal or an encoding.
pub fn percent(key: &str) -> Option<Range<usize>> {
    let bytes = key.as_bytes();
    memchr::memchr_iter(b'%', bytes)
        .map(|at| at..at + 3)
        .find(|range| bytes.get(range.start + 1..range.end).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit)))
}

/// Percent-decoded once; `+` stays a plus. None if the result isn't UTF-8.
pub fn decoded(key: &str) -> Option<Cow<'_, str>> {
    percent_decode_str(key).decode_utf8().ok()
}

/// The first control, else the first other invisible or misleading character.
pub fn invisible(key: &str) -> Option<(Unseen, char, Range<usize>)> {
    if key.bytes().all(|b| matches!(b, 0x20..=0x7E)) {
        return None;
    }
    let mut first = None;
    let mut before = '\0';
    for (at, c) in key.char_indices() {
        // Keyboards write an emoji with a selector after the symbol.
        let usual = c == '\u{FE0F}' && !before.is_alphanumeric() && !before.is_ascii();
        before = c;
        match unseen(c) {
            Some(kind) if !usual => {
                let found = (kind, c, at..at + c.len_utf8());
                if kind == Unseen::Control {
                    return Some(found);
                }
                first = first.or(Some(found));
            }
            _ => {}
        }
    }
    first
}

/// Without invisible characters, and with plain blanks.
pub fn cleaned(text: &str) -> String {
    let plain = |c| match unseen(c) {
        None => Some(c),
        Some(Unseen::OddBlank) => Some(' '),
        Some(_) => None,
    };
    text.chars().filter_map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_key_has_folder_name_stem_and_extension() {
        for (key, folder_, name, stem_, extension_) in [
            ("news/2026/0711.mp4", "news/2026/", "0711.mp4", "0711", Some("mp4")),
            ("0711.en.srt", "", "0711.en.srt", "0711.en", Some("srt")),
            ("a/promo", "a/", "promo", "promo", None),
            ("a/.srt", "a/", ".srt", ".srt", None),
            ("a.b/c", "a.b/", "c", "c", None),
            ("a/", "a/", "", "", None),
            ("dot.", "", "dot.", "dot", Some("")),
        ] {
            assert_eq!((folder(key), file_name(key), stem(key), extension(key)), (folder_, name, stem_, extension_));
        }
    }

    #[test]
    fn suspicious_parts_are_found_where_they_stand() {
        for (key, expected) in [
            ("/a", Some((Suspicion::LeadingSlash, 0..1))),
            ("///a", Some((Suspicion::LeadingSlash, 0..3))),
            ("a//b", Some((Suspicion::DoubleSlash, 1..3))),
            ("./a", Some((Suspicion::DotSegment, 0..1))),
            ("a/../b", Some((Suspicion::DotSegment, 2..4))),
            ("a/b/..", Some((Suspicion::DotSegment, 4..6))),
            ("a\\b", Some((Suspicion::Backslash, 1..2))),
            ("a/.hidden/...", None),
            ("a/b.c", None),
        ] {
            assert_eq!(suspicion(key), expected, "{key}");
        }
        assert_eq!(percent("a%2b%"), Some(1..4));
        assert_eq!(percent("100%.mp4 %zz %2"), None);
    }

    proptest! {
        #[test]
        fn quick_key_check_finds_every_fault(key in "[a/.\\\\%2?& é\u{200b}\n]{0,8}") {
            let look = look(&key);
            prop_assert!(look != Look::Plain || invisible(&key).is_none());
            prop_assert!(look == Look::Odd || (suspicion(&key).is_none() && percent(&key).is_none()));
        }
    }
}
