//! Shorter forms of texts and numbers that are kept by the million. In JSON they stand as they are.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;

/// What half a byte says: these letters are most of a text and of a name.
const OFTEN: &[u8; 13] = b" etaoinsrhldu";
/// What two halves say, of which the first is 13, 14 or 15.
const SELDOM: &[u8; 47] = b"mcfgypwbvk.,/-_'?!:0123456789xjqzITASWHBCMNEDYO";
/// Begins a shortened text, and no other.
const SHORT: u8 = 0xFF;

/// The place of each byte in [`OFTEN`] and then in [`SELDOM`]; 60 for those in neither, which follow as they are.
#[expect(clippy::indexing_slicing, reason = "it is computed by the compiler, which would refuse a wrong index")]
const PLACES: [u8; 256] = {
    let mut places = [60; 256];
    let mut at = 0;
    while at < 60 {
        let byte = if at < OFTEN.len() { OFTEN[at] } else { SELDOM[at - OFTEN.len()] };
        places[byte as usize] = at as u8;
        at += 1;
    }
    places
};

/// The text in about two thirds of its bytes if it is mostly of usual letters, or else as it is.
pub(crate) fn shorten(text: &str) -> Cow<'_, [u8]> {
    let mut short = vec![SHORT];
    let mut first = None;
    let mut put = |half: u8| match first.take() {
        Some(first) => short.push(first << 4 | half),
        None => first = Some(half),
    };
    for byte in text.bytes() {
        let place = PLACES.get(usize::from(byte)).copied().unwrap_or(60);
        let Some(pair) = place.checked_sub(13) else {
            put(place);
            continue;
        };
        put(13 + pair / 16);
        put(pair % 16);
        if place == 60 {
            put(byte >> 4);
            put(byte & 15);
        }
    }
    // At the end, half a pair says nothing.
    if let Some(first) = first {
        short.push(first << 4 | 15);
    }
    if short.len() < text.len() { short.into() } else { text.as_bytes().into() }
}

/// The text that was shortened; None if none was.
pub(crate) fn expand(bytes: &[u8]) -> Option<String> {
    let Some(short) = bytes.strip_prefix(&[SHORT]) else { return String::from_utf8(bytes.to_vec()).ok() };
    let mut halves = short.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let mut text = Vec::with_capacity(short.len() * 2);
    while let Some(half) = halves.next() {
        if let Some(byte) = OFTEN.get(usize::from(half)) {
            text.push(*byte);
            continue;
        }
        let Some(second) = halves.next() else { break };
        match SELDOM.get(usize::from((half - 13) * 16 + second)) {
            Some(byte) => text.push(*byte),
            None => text.push(halves.next()? << 4 | halves.next()?),
        }
    }
    String::from_utf8(text).ok()
}

/// Where cues are: most texts have some everywhere, and a varint of nothing is a byte.
pub(crate) mod slices {
    use super::*;

    pub fn serialize<S: Serializer>(slices: &[u64; 2], to: S) -> Result<S::Ok, S::Error> {
        if to.is_human_readable() { slices.serialize(to) } else { slices.map(|part| !part).serialize(to) }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<[u64; 2], D::Error> {
        let is_plain = from.is_human_readable();
        let slices = <[u64; 2]>::deserialize(from)?;
        Ok(if is_plain { slices } else { slices.map(|part| !part) })
    }
}

/// The region of a bucket: nearly all are in the one that the service wants.
pub(crate) mod region {
    use super::*;

    const HOME: &str = "us-west-2";

    #[derive(Serialize, Deserialize)]
    enum Short<'a> {
        Home,
        Unknown,
        Other(Cow<'a, str>),
    }

    pub fn serialize<S: Serializer>(region: &Option<Box<str>>, to: S) -> Result<S::Ok, S::Error> {
        let short = match region.as_deref() {
            _ if to.is_human_readable() => return region.serialize(to),
            Some(HOME) => Short::Home,
            Some(other) => Short::Other(other.into()),
            None => Short::Unknown,
        };
        short.serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Box<str>>, D::Error> {
        if from.is_human_readable() {
            return Option::deserialize(from);
        }
        Ok(match Short::deserialize(from)? {
            Short::Home => Some(HOME.into()),
            Short::Unknown => None,
            Short::Other(other) => Some(other.into()),
        })
    }
}

/// An ETag: of an object that was uploaded at once, the quoted MD5 of its bytes.
pub(crate) mod etag {
    use super::*;

    #[derive(Serialize, Deserialize)]
    enum Short<'a> {
        None,
        Md5([u8; 16]),
        /// Uploaded in so many parts.
        Parts([u8; 16], u32),
        Other(Cow<'a, str>),
    }

    impl Short<'_> {
        fn of(etag: Option<&str>) -> Short<'_> {
            let Some(etag) = etag else { return Short::None };
            let short = md5(etag).filter(|short| short.text().as_deref() == Some(etag));
            short.unwrap_or(Short::Other(Cow::Borrowed(etag)))
        }

        fn text(&self) -> Option<String> {
            let hex = |bytes: &[u8; 16]| format!("{:032x}", u128::from_be_bytes(*bytes));
            match self {
                Short::None => None,
                Short::Md5(bytes) => Some(format!("\"{}\"", hex(bytes))),
                Short::Parts(bytes, parts) => Some(format!("\"{}-{parts}\"", hex(bytes))),
                Short::Other(text) => Some(text.clone().into_owned()),
            }
        }
    }

    /// What is perhaps one.
    fn md5(etag: &str) -> Option<Short<'static>> {
        let inner = etag.strip_prefix('"')?.strip_suffix('"')?;
        let (hex, parts) = inner.split_once('-').map_or((inner, None), |(hex, parts)| (hex, Some(parts)));
        let bytes = u128::from_str_radix(hex, 16).ok()?.to_be_bytes();
        Some(match parts {
            None => Short::Md5(bytes),
            Some(parts) => Short::Parts(bytes, parts.parse().ok()?),
        })
    }

    pub fn serialize<S: Serializer>(etag: &Option<Box<str>>, to: S) -> Result<S::Ok, S::Error> {
        if to.is_human_readable() { etag.serialize(to) } else { Short::of(etag.as_deref()).serialize(to) }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Box<str>>, D::Error> {
        if from.is_human_readable() {
            return Option::deserialize(from);
        }
        Ok(Short::deserialize(from)?.text().map(Into::into))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that can't go on fails by panicking")]

    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_text_of_usual_letters_is_two_thirds_as_long_and_none_is_longer() {
        let english = "The harbour is open again, and ferries to the islands run from tomorrow morning.";
        assert_eq!(english.len(), 80);
        assert!(shorten(english).len() <= 50);
        let russian = "Гавань снова открыта";
        assert_eq!(shorten(russian).len(), russian.len());
    }

    #[test]
    fn an_md5_is_kept_in_17_bytes_and_other_etags_as_they_are() {
        #[derive(Serialize, Deserialize)]
        struct Own(#[serde(with = "etag")] Option<Box<str>>);
        let hex = "00f3c0de5a1b2c3d4e5f60718293a4b5";
        for (text, length) in [
            (Some(format!("\"{hex}\"")), 17),
            (Some(format!("\"{hex}-12\"")), 18),
            (None, 1),
            (Some(hex.to_owned()), 34),
            (Some(format!("\"{}\"", hex.to_uppercase())), 36),
            (Some(format!("\"{hex}-012\"")), 40),
            (Some(format!("W/\"{hex}\"")), 38),
            (Some("\"\"".to_owned()), 4),
            (Some("\"+f\"".to_owned()), 6),
        ] {
            let own = Own(text.clone().map(Into::into));
            let bytes = postcard::to_allocvec(&own).unwrap();
            assert_eq!(bytes.len(), length, "{text:?}");
            assert_eq!(postcard::from_bytes::<Own>(&bytes).unwrap().0, own.0);
            assert_eq!(serde_json::to_string(&own).unwrap(), serde_json::to_string(&text).unwrap());
        }
    }

    proptest! {
        #[test]
        fn a_shortened_text_expands_to_itself(text in prop_oneof![any::<String>(), "[ -~\n]{0,200}", "[a-z ]{0,200}"]) {
            let short = shorten(&text);
            prop_assert!(short.len() <= text.len());
            prop_assert_eq!(expand(&short), Some(text));
        }

        #[test]
        fn any_bytes_expand_to_a_text_or_to_none(bytes: Vec<u8>) {
            let _ = expand(&bytes);
        }
    }
}
