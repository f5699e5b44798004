//! The members of one JSON object, located by a tokenizer that never decodes or recurses.
//!
//! It relies on serde_json having validated the bytes: on invalid input it ends early or returns wrong positions, but
//! never panics or loops.

use super::Field;
use memchr::{memchr, memchr2};
use std::ops::Range;

/// One `"key": value`, as offsets into the element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    /// Without quotes.
    pub key: Range<usize>,
    /// The documented field with this name.
    pub field: Option<Field>,
    /// With quotes or brackets.
    pub value: Range<usize>,
}

/// End of the key whose text starts at `at`, and the field it names; escapes such as `"obj\u0065ct"` are decoded.
fn read_key(bytes: &[u8], at: usize) -> Option<(usize, Option<Field>)> {
    let end = string_end(bytes, at)?;
    let field = match bytes.get(at..end)? {
        b"index_id" => Some(Field::IndexId),
        b"language" => Some(Field::Language),
        b"object" => Some(Field::Object),
        b"transcription" => Some(Field::Transcription),
        key if memchr(b'\\', key).is_some() => {
            let name = serde_json::from_slice::<String>(bytes.get(at.checked_sub(1)?..=end)?).ok();
            name.and_then(|name| Field::ALL.into_iter().find(|field| field.name() == name))
        }
        _ => None,
    };
    Some((end, field))
}

/// The members of an element, in order. None for an element that is not an object.
#[derive(Clone, Debug)]
pub(crate) struct Members<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Members<'a> {
    pub fn of(element: &'a [u8]) -> Members<'a> {
        let at = if element.first() == Some(&b'{') { 1 } else { element.len() };
        Members { bytes: element, at }
    }

    fn next_member(&mut self) -> Option<Member> {
        let mut at = blanks_end(self.bytes, self.at);
        if self.bytes.get(at) == Some(&b',') {
            at = blanks_end(self.bytes, at + 1);
        }
        if self.bytes.get(at) != Some(&b'"') {
            return None;
        }
        let (key_end, field) = read_key(self.bytes, at + 1)?;
        let key = at + 1..key_end;
        at = blanks_end(self.bytes, key.end + 1);
        if self.bytes.get(at) != Some(&b':') {
            return None;
        }
        at = blanks_end(self.bytes, at + 1);
        let value = at..value_end(self.bytes, at)?;
        self.at = value.end;
        Some(Member { key, field, value })
    }
}

impl Iterator for Members<'_> {
    type Item = Member;

    fn next(&mut self) -> Option<Member> {
        let member = self.next_member();
        if member.is_none() {
            self.at = self.bytes.len();
        }
        member
    }
}

/// The first byte at or after `at` that is not JSON whitespace.
fn blanks_end(bytes: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\n' | b'\r' | b'\t') = bytes.get(at) {
        at += 1;
    }
    at
}

/// The closing quote of a string whose text starts at `at`.
fn string_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let found = at + memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes.get(found) == Some(&b'"') {
            return Some(found);
        }
        at = found + 2;
    }
}

/// The end of the value that starts at `at`.
fn value_end(bytes: &[u8], at: usize) -> Option<usize> {
    match bytes.get(at)? {
        b'"' => Some(string_end(bytes, at + 1)? + 1),
        b'{' | b'[' => nested_end(bytes, at),
        _ => {
            let rest = bytes.get(at..)?;
            let len = rest.iter().position(|byte| matches!(byte, b',' | b'}' | b']' | b' ' | b'\n' | b'\r' | b'\t'));
            Some(at + len.unwrap_or(rest.len()))
        }
    }
}

/// The end of the object or array that starts at `at`. Counts brackets without their kind, which serde_json has
/// validated.
fn nested_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    let mut depth = 0usize;
    loop {
        match bytes.get(at)? {
            b'"' => at = string_end(bytes, at + 1)?,
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
        at += 1;
    }
}
