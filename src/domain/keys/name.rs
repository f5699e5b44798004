//! How similar the name of a transcript is to the name of a video.
//!
//! Called for every key of a listing at every ranking, so it allocates nothing for ASCII keys.

use crate::names::{Step, Token, TokenKind, Tokens, clean, ends, joined};
use crate::s3_url::{self, key};

/// How the key's name relates to the video. Less is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Likeness {
    /// Equal except for case, punctuation and a language at the end: `0712.mp4`, `0712.en.vtt`.
    Same,
    /// One name contains the other: `0712.mp4`, `0712-draft.srt`.
    Close,
    /// Equal except for the last number, which is one higher: `0712.mp4`, `0713.srt`.
    Next,
    None,
}

/// How close the key's folder is to the video's. Less is nearer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Nearness {
    /// The same full path.
    Same,
    /// The same last folder: `video/news/2026/` and `captions/2026/`.
    Last,
    Elsewhere,
}

/// A video's name, tokenised once and compared with many keys.
#[derive(Clone, Debug, Default)]
pub struct VideoName {
    folder: String,
    /// The last part of the folder.
    last: String,
    tokens: Tokens,
    hash: u64,
    /// None: every key must be read.
    glance: Option<Glance>,
}

/// What a look at a key's first token and letters needs to tell that the key is not like the video.
#[derive(Clone, Debug)]
struct Glance {
    /// The letters and digits that an alike name can start with, in lower case.
    starts: [bool; 128],
    /// The first letter of the video's name, if it starts with a word.
    letter: Option<u8>,
    /// The longest token of the video's name, as written but for leading zeros.
    longest: Vec<u8>,
}

impl VideoName {
    /// From an object's key, or any text that ends in one, such as `s3://bucket/key`.
    pub fn new(object: &str) -> VideoName {
        let object = s3_url::split(object).map_or(object, |(_, key)| key);
        let folder = key::folder(object).to_owned();
        let text = clean(key::stem(object));
        let tokens = Tokens::of(&text);
        let glance = Glance::of(&text, &tokens);
        VideoName { last: last_part(&folder).to_owned(), folder, hash: joined(&tokens), tokens, glance }
    }

    /// Compares a transcript's key with the video. `tokens` is a scratch buffer.
    pub fn likeness(&self, transcript: &str, tokens: &mut Tokens) -> Likeness {
        if self.tokens.is_empty() {
            return Likeness::None;
        }
        let stem = key::stem(transcript);
        if !self.may_be_alike(stem) {
            return Likeness::None;
        }
        let text = clean(stem);
        tokens.read(&text);
        let tokens: &[Token] = tokens;
        if self.is_same(tokens) {
            return Likeness::Same;
        }
        let mut core = tokens;
        // Most keys of a listing start differently, so their ends don't matter.
        let begins_alike = tokens.first().map(Token::value) == self.tokens.first().map(Token::value);
        if begins_alike {
            let (mut is_same, mut to) = (false, tokens.len());
            ends::of_transcript(&text, tokens, &mut |cut| {
                if cut.from == 0 && cut.step <= Step::Tags {
                    to = cut.to;
                    is_same |= self.is_same(cut.of(tokens));
                }
            });
            if is_same {
                return Likeness::Same;
            }
            core = tokens.get(..to).unwrap_or_default();
        }
        if self.is_next(core) {
            Likeness::Next
        } else if self.is_close(core) {
            Likeness::Close
        } else {
            Likeness::None
        }
    }

    /// False for most keys of a listing, at a fraction of the cost of reading them: two alike names start alike, or the
    /// shorter one lies within the longer.
    fn may_be_alike(&self, stem: &str) -> bool {
        let Some(glance) = self.glance.as_ref().filter(|_| is_plain(stem)) else { return true };
        let Some(start) = stem.bytes().find(u8::is_ascii_alphanumeric) else { return false };
        (glance.starts.get(usize::from(start.to_ascii_lowercase())) == Some(&true) && self.starts_like(stem))
            || contains(stem.as_bytes(), &glance.longest)
    }

    fn starts_like(&self, stem: &str) -> bool {
        let (Some(first), Some(own)) = (Tokens::first_of(stem), self.tokens.first()) else { return false };
        let letter =
            |glance: &Glance| stem.as_bytes().get(first.start as usize).map(u8::to_ascii_lowercase) == glance.letter;
        // Words are compared without what stands between them: `open day` and `openday`.
        (first.kind == TokenKind::Word && self.glance.as_ref().is_none_or(letter))
            || self.tokens.iter().any(|own| own.value() == first.value())
            || (first.is_number() && precedes(own, &first))
    }

    /// How close a key's folder is to the video's.
    pub fn nearness(&self, transcript: &str) -> Nearness {
        let folder = key::folder(transcript);
        if folder == self.folder {
            return Nearness::Same;
        }
        // The last part is only looked for in folders that end like the video's.
        let ends_alike = folder.strip_suffix('/').is_some_and(|path| path.ends_with(&self.last));
        let is_last = ends_alike && !self.last.is_empty() && last_part(folder) == self.last;
        if is_last { Nearness::Last } else { Nearness::Elsewhere }
    }

    /// Equal except for spelling. Leading zeros count here, so that `0712` comes before `712`.
    fn is_same(&self, tokens: &[Token]) -> bool {
        let digits = |tokens: &[Token]| {
            tokens.iter().filter(|token| token.is_number()).map(|token| u32::from(token.letters)).sum::<u32>()
        };
        joined(tokens) == self.hash && digits(tokens) == digits(&self.tokens)
    }

    /// All parts except the last number are equal, and that is one higher.
    fn is_next(&self, tokens: &[Token]) -> bool {
        let Some(at) = self.tokens.iter().rposition(Token::is_number) else { return false };
        tokens.len() == self.tokens.len()
            && tokens.iter().zip(self.tokens.iter()).enumerate().all(|(index, (token, own))| {
                if index != at {
                    return token.value() == own.value();
                }
                token.is_number() && precedes(own, token)
            })
    }

    /// One name's parts occur in the other's, in order, and are enough to be significant.
    fn is_close(&self, tokens: &[Token]) -> bool {
        if tokens.len() > self.tokens.len() { is_within(&self.tokens, tokens) } else { is_within(tokens, &self.tokens) }
    }
}

impl Glance {
    /// None if spellings beyond ASCII may equal the name.
    fn of(text: &str, tokens: &Tokens) -> Option<Glance> {
        let written = |token: &Token| text.as_bytes().get(token.start as usize..token.end as usize);
        let longest =
            tokens.iter().filter(|token| token.letters < u8::MAX).max_by_key(|token| token.end - token.start)?;
        let zeros = written(longest)?.iter().take_while(|byte| longest.is_number() && **byte == b'0').count();
        let is_zero = |byte: &u8| *byte == b'0';
        let letter = |token: &Token| {
            let mut bytes = written(token)?.iter();
            let first = if token.is_number() { bytes.find(|byte| !is_zero(byte)) } else { bytes.next() };
            first.map(u8::to_ascii_lowercase)
        };
        let mut starts = [false; 128];
        let next = tokens.first().and_then(|first| first.hash.checked_add(1)?.to_string().bytes().next());
        // A number may be written with zeros before it.
        for start in tokens.iter().filter_map(letter).chain(next).chain([b'0']) {
            if let Some(start) = starts.get_mut(usize::from(start)) {
                *start = true;
            }
        }
        let glance = Glance {
            starts,
            letter: tokens.first().filter(|first| first.kind == TokenKind::Word).and_then(letter),
            longest: written(longest)?.get(zeros..)?.to_vec(),
        };
        is_plain(text).then_some(glance)
    }
}

/// Read as it stands: nothing in it is decoded, folded or skipped.
fn is_plain(text: &str) -> bool {
    // Without an early end, so that many bytes are looked at at once.
    let is_odd = |byte: u8| !byte.is_ascii() | (byte == b'%') | (byte == b'\'') | (byte == b'`');
    !text.bytes().fold(false, |odd, byte| odd | is_odd(byte))
}

/// In any case.
fn contains(text: &[u8], wanted: &[u8]) -> bool {
    let Some((first, rest)) = wanted.split_first() else { return true };
    memchr::memchr2_iter(first.to_ascii_lowercase(), first.to_ascii_uppercase(), text)
        .any(|at| text.get(at + 1..at + wanted.len()).is_some_and(|found| found.eq_ignore_ascii_case(rest)))
}

/// The second number is one higher.
fn precedes(own: &Token, other: &Token) -> bool {
    other.letters < 19 && own.hash.checked_add(1) == Some(other.hash)
}

/// The shorter name's parts occur in the longer's, in order, and both start alike, or it is half of the longer name, or
/// it has a number long enough to be no coincidence.
fn is_within(shorter: &[Token], longer: &[Token]) -> bool {
    let is_alike = |(a, b): (&Token, &Token)| a.value() == b.value();
    let begins_alike = shorter.iter().zip(longer).next().is_some_and(is_alike);
    // Most keys of a listing end here.
    if !begins_alike && shorter.len() == longer.len() {
        return false;
    }
    let mut rest = longer.iter();
    (begins_alike
        || shorter.len() * 2 >= longer.len()
        || shorter.iter().any(|token| token.letters >= 3 && token.is_number()))
        && shorter.iter().any(|token| token.letters >= 4 || token.is_number())
        && shorter.iter().all(|token| rest.any(|other| is_alike((token, other))))
}

/// The last part of a folder that ends in a slash.
fn last_part(folder: &str) -> &str {
    key::file_name(folder.strip_suffix('/').unwrap_or(folder))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn likeness_scores_rank_video_and_transcript_names_as_expected() {
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
            ("\u{c9}t\u{e9} 1.mov", "e\u{301}te\u{301} 1.srt", Same),
            ("Tide pools.mp4", "Tide%20pools.en-orig.vtt", Same),
            ("Show 1.mp4", "Show 1.captions.en.srt", Same),
            ("a.mp4", "b.srt", None),
            ("...", "---.srt", None),
            ("", "", None),
            ("talk.en.mp4", "talk.en.srt", Same),
            ("99.mp4", "100.srt", Next),
            ("18446744073709551615.mp4", "18446744073709551616.srt", None),
        ] {
            assert_eq!(VideoName::new(video).likeness(key, &mut Tokens::default()), expected, "{video} and {key}");
        }
    }

    proptest! {
        #[test]
        fn a_glance_at_a_key_never_hides_that_it_is_alike(
            video in "([a-cA-C]{1,3}|0?[0-9]{1,2}|99|S01E05|4f0c9aB2xQ|é|%20|[ _.'-]){0,6}",
            other in "([a-cA-C]{1,3}|0?[0-9]{1,2}|100|x|4f0c9aB2xQ|é|%20|[ _.'-]){0,6}",
            how in 0..5,
        ) {
            let key = match how {
                0 => format!("{other}.srt"),
                1 => format!("{}.en.srt", video.to_uppercase()),
                2 => format!("{other} {video}.srt"),
                3 => format!("{video}{other}.srt"),
                _ => format!("{}.srt", video.get(1..).unwrap_or_default()),
            };
            let video = VideoName::new(&format!("{video}.mp4"));
            let thorough = VideoName { glance: None, ..video.clone() };
            let tokens = &mut Tokens::default();
            prop_assert_eq!(video.likeness(&key, tokens), thorough.likeness(&key, tokens), "{}", key);
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
