//! How much the name of a transcript looks like the name of a video.
//!
//! Called for every key of a listing at every ranking, so it allocates nothing for a key.

use crate::domain::s3_url::{self, key};

/// What a key's name says about it and the video. Better is less.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Likeness {
    /// The same but for case, punctuation and a language at the end: `0712.mp4`, `0712.en.vtt`.
    Same,
    /// One name within the other: `0712.mp4`, `0712-draft.srt`.
    Close,
    /// The same but for the last number, which is one more: `0712.mp4`, `0713.srt`.
    Next,
    None,
}

/// Where the key lies, seen from the video's folder. Nearer is less.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Nearness {
    /// The whole path is the same.
    Same,
    /// The last folder is: `video/news/2026/` and `captions/2026/`.
    Last,
    Elsewhere,
}

/// A video's name taken apart once, to hold many keys against it.
#[derive(Clone, Debug, Default)]
pub struct VideoName {
    folder: String,
    /// The last part of the folder.
    last: String,
    parts: Vec<String>,
}

/// Ends of a name that tell the language or the kind of a subtitle and not which video it belongs to.
const SUFFIXES: [&str; 34] = [
    "en", "eng", "ko", "kor", "ja", "jpn", "es", "spa", "fr", "fra", "de", "deu", "ger", "it", "ita", "pt", "por",
    "zh", "zho", "chi", "ru", "rus", "ar", "hi", "nl", "sv", "pl", "tr", "vi", "us", "gb", "br", "sdh", "cc",
];

/// More parts than a name has; what comes after is not looked at.
const MOST_PARTS: usize = 24;

impl VideoName {
    /// From an object's key, or from anything that ends like one, such as `s3://bucket/key`.
    pub fn new(object: &str) -> VideoName {
        let object = s3_url::split(object).map_or(object, |(_, key)| key);
        let folder = key::folder(object).to_owned();
        let parts = Parts::of(key::stem(object)).map(str::to_lowercase).take(MOST_PARTS).collect();
        VideoName { last: last_part(&folder).to_owned(), folder, parts }
    }

    /// Holds a transcript's key against the video.
    pub fn likeness(&self, transcript: &str) -> Likeness {
        if self.parts.is_empty() {
            return Likeness::None;
        }
        let mut parts = [""; MOST_PARTS];
        let mut count = 0;
        for (slot, part) in parts.iter_mut().zip(Parts::of(key::stem(transcript))) {
            *slot = part;
            count += 1;
        }
        let parts = parts.get(..count).unwrap_or_default();
        if self.is_same(parts) {
            return Likeness::Same;
        }
        let core = without_language(parts);
        if core.len() < parts.len() && self.is_same(core) {
            Likeness::Same
        } else if self.is_next(core) {
            Likeness::Next
        } else if self.is_close(core) {
            Likeness::Close
        } else {
            Likeness::None
        }
    }

    /// Where a key lies, seen from the video.
    pub fn nearness(&self, transcript: &str) -> Nearness {
        let folder = key::folder(transcript);
        if folder == self.folder {
            return Nearness::Same;
        }
        let is_last = !self.last.is_empty() && last_part(folder) == self.last;
        if is_last { Nearness::Last } else { Nearness::Elsewhere }
    }

    fn is_same(&self, parts: &[&str]) -> bool {
        parts.len() == self.parts.len() && parts.iter().zip(&self.parts).all(|(part, own)| is_equal(part, own))
    }

    /// All parts but the last number are the same, and that is one more.
    fn is_next(&self, parts: &[&str]) -> bool {
        let Some(at) = self.parts.iter().rposition(|part| is_number(part)) else { return false };
        parts.len() == self.parts.len()
            && parts.iter().zip(&self.parts).enumerate().all(|(index, (part, own))| {
                if index != at {
                    return is_equal(part, own);
                }
                match (part.parse::<u64>(), own.parse::<u64>()) {
                    (Ok(number), Ok(own)) => own.checked_add(1) == Some(number),
                    _ => false,
                }
            })
    }

    /// One name's parts stand in the other's, in order, and they are enough to mean something.
    fn is_close(&self, parts: &[&str]) -> bool {
        if parts.len() > self.parts.len() {
            is_within(self.parts.iter().map(String::as_str), parts.iter().copied())
        } else {
            is_within(parts.iter().copied(), self.parts.iter().map(String::as_str))
        }
    }
}

/// The shorter name's parts stand in the longer's, in order: both begin alike, or it is half of the longer name, or it
/// has a number long enough to be no accident.
fn is_within<'a>(
    shorter: impl ExactSizeIterator<Item = &'a str> + Clone,
    mut longer: impl ExactSizeIterator<Item = &'a str> + Clone,
) -> bool {
    let is_digits = |part: &str| part.starts_with(|c: char| c.is_ascii_digit());
    let begins_alike = shorter.clone().zip(longer.clone()).next().is_some_and(|(a, b)| is_alike(a, b));
    // By far most keys of a listing end here.
    if !begins_alike && shorter.len() == longer.len() {
        return false;
    }
    (begins_alike
        || shorter.len() * 2 >= longer.len()
        || shorter.clone().any(|part| part.len() >= 3 && is_digits(part)))
        && shorter.clone().any(|part| part.len() >= 4 || is_digits(part))
        && shorter.clone().all(|part| longer.any(|other| is_alike(part, other)))
}

/// The last part of a folder that ends in a slash.
fn last_part(folder: &str) -> &str {
    key::file_name(folder.strip_suffix('/').unwrap_or(folder))
}

fn without_language<'p, 'k>(mut parts: &'p [&'k str]) -> &'p [&'k str] {
    while let [rest @ .., last] = parts {
        if rest.is_empty() || !SUFFIXES.iter().any(|suffix| last.eq_ignore_ascii_case(suffix)) {
            break;
        }
        parts = rest;
    }
    parts
}

/// Equal but for case. `own` is lower case already.
fn is_equal(part: &str, own: &str) -> bool {
    part == own
        || part.eq_ignore_ascii_case(own)
        || (!part.is_ascii() && part.chars().flat_map(char::to_lowercase).eq(own.chars()))
}

/// Equal but for case and leading zeros: `7` and `007`. Either may be the one that is lower case already.
fn is_alike(a: &str, b: &str) -> bool {
    let same = if a.is_ascii() { a.eq_ignore_ascii_case(b) } else { is_equal(a, b) || is_equal(b, a) };
    same || (is_number(a) && is_number(b) && a.trim_start_matches('0') == b.trim_start_matches('0'))
}

fn is_number(part: &str) -> bool {
    part.bytes().all(|byte| byte.is_ascii_digit())
}

/// The runs of digits and the runs of letters in a name. Everything beyond ASCII counts as a letter.
struct Parts<'a> {
    rest: &'a str,
}

impl<'a> Parts<'a> {
    fn of(name: &'a str) -> Parts<'a> {
        Parts { rest: name }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Digit,
    Letter,
    Between,
}

const fn kind(byte: u8) -> Kind {
    match byte {
        b'0'..=b'9' => Kind::Digit,
        b'a'..=b'z' | b'A'..=b'Z' | 0x80.. => Kind::Letter,
        _ => Kind::Between,
    }
}

impl<'a> Iterator for Parts<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let bytes = self.rest.as_bytes();
        let start = bytes.iter().position(|&byte| kind(byte) != Kind::Between)?;
        let (&first, after) = bytes.get(start..)?.split_first()?;
        let of = kind(first);
        let end = after.iter().position(|&byte| kind(byte) != of).map_or(bytes.len(), |at| start + 1 + at);
        // Both ends lie beside an ASCII byte or the end of the text, so they are borders of characters.
        let part = self.rest.get(start..end)?;
        self.rest = self.rest.get(end..)?;
        Some(part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_held_against_each_other_as_people_would() {
        use Likeness::{Close, Next, None, Same};
        for (video, key, expected) in [
            ("news/0712.mp4", "0712.vtt", Same),
            ("news/0712.mp4", "any/0712.en.vtt", Same),
            ("news/0712.mp4", "0712_en-US.srt", Same),
            ("news/0712.mp4", "0712-draft.srt", Close),
            ("news/0712.mp4", "712.srt", Close),
            ("news/0712.mp4", "0713.srt", Next),
            ("news/0712.mp4", "0711.srt", None),
            ("news/0712.mp4", "0721.srt", None),
            ("news/0712.mp4", "07.srt", None),
            ("news/0712.mp4", "news-0712-final.srt", Close),
            ("0703-harbour-interview-part-2.mp4", "0703.srt", Close),
            ("0703-harbour-interview-part-2.mp4", "0703_Harbour_Interview_Part_2.VTT", Same),
            ("0703-harbour-interview-part-2.mp4", "0703-harbour-interview-part-3.srt", Next),
            ("0703-harbour-interview-part-2.mp4", "2.srt", None),
            ("ep07.mp4", "EP-07.srt", Same),
            ("한국어 저녁 뉴스.mp4", "한국어_저녁_뉴스.srt", Same),
            ("한국어 저녁 뉴스.mp4", "한국어 아침 뉴스.srt", None),
            ("ÉTÉ 1.mov", "été 1.srt", Same),
            ("a.mp4", "b.srt", None),
            ("...", "---.srt", None),
            ("", "", None),
            ("talk.en.mp4", "talk.en.srt", Same),
            ("99.mp4", "100.srt", Next),
            ("18446744073709551615.mp4", "18446744073709551616.srt", None),
        ] {
            assert_eq!(VideoName::new(video).likeness(key), expected, "{video} and {key}");
        }
    }

    #[test]
    fn a_folder_is_near_when_its_path_or_its_last_part_is_the_same() {
        let video = VideoName::new("s3://acme-video/news/2026/0712.mp4");
        assert_eq!(video.nearness("news/2026/x.srt"), Nearness::Same);
        assert_eq!(video.nearness("captions/2026/x.srt"), Nearness::Last);
        assert_eq!(video.nearness("news/2025/x.srt"), Nearness::Elsewhere);
        assert_eq!(video.nearness("x.srt"), Nearness::Elsewhere);
        assert_eq!(VideoName::new("s3://acme-video/0712.mp4").nearness("x.srt"), Nearness::Same);
    }
}
