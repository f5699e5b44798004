//! The input of pairing: videos and transcripts, read once, as a few numbers each.
//!
//! A name becomes entries: hashes of its meaning, whole and with its end cut. Names that share a hash may belong
//! together; everything else is decided later.

use super::Inputs;
use super::folders::Folders;
use super::hash::{ByHash, raw_hash};
use crate::draft::Snapshot;
use crate::manifest::{Field, RowId, Value};
use crate::names::words::Meaning;
use crate::names::{Language, Step, Tag};
use crate::s3_url;
use std::borrow::Cow;

/// No row, key or edge.
pub(super) const NOTHING: u32 = u32::MAX;

/// A row of the manifest.
#[derive(Clone, Copy, Debug)]
pub(super) struct Video {
    pub row: RowId,
    pub folder: u32,
    /// Hash of the stem's bytes.
    pub raw: u64,
    pub signs: Signs,
    pub tag: Option<Tag>,
    /// Has a transcript. It keeps it, and still claims its own so that no other row takes it.
    pub is_filled: bool,
    /// The name has an id, which outweighs the folder.
    pub has_id: bool,
    /// `video.mp4`: the folder name identifies the video.
    pub says_nothing: bool,
    /// The parts usually cut from its name distinguish it from another video.
    pub is_content: bool,
}

/// A key of the list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Transcript {
    pub folder: u32,
    pub raw: u64,
    pub signs: Signs,
    /// The row that already uses it.
    pub used_by: u32,
    pub is_preferred: bool,
    pub has_id: bool,
    /// `en.srt`, `2_English.srt`: the folder name identifies the video.
    pub says_nothing: bool,
    /// The key occurs earlier in the list.
    pub is_double: bool,
}

/// One reading of a name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub hash: u64,
    /// Index of the video or transcript.
    pub id: u32,
    what: u32,
}

/// What an [`Entry`] cut off.
#[derive(Clone, Copy, Debug)]
pub(super) struct Left {
    pub step: Step,
    pub tag: Option<Tag>,
    pub marks: Marks,
}

/// The relevant marks, as bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Marks(u8);

impl Marks {
    pub const FORCED: Marks = Marks(1);
    pub const OTHER_TEXT: Marks = Marks(2);
    pub const VERSION: Marks = Marks(4);
    pub const COPY: Marks = Marks(8);
    pub const IMPAIRED: Marks = Marks(16);
    pub const AUTO: Marks = Marks(32);

    pub fn of(meaning: Meaning) -> Marks {
        [
            (Meaning::FORCED, Marks::FORCED),
            (Meaning::OTHER_TEXT, Marks::OTHER_TEXT),
            (Meaning::VERSION, Marks::VERSION),
            (Meaning::COPY, Marks::COPY),
            (Meaning::IMPAIRED, Marks::IMPAIRED),
            (Meaning::AUTO, Marks::AUTO),
        ]
        .into_iter()
        .filter(|(of, _)| meaning.is(*of))
        .fold(Marks::default(), |marks, (_, mark)| Marks(marks.0 | mark.0))
    }

    pub fn is(self, mark: Marks) -> bool {
        self.0 & mark.0 != 0
    }
}

/// Flag in [`Entry::what`].
const CONTENT: u32 = 1 << 30;

impl Entry {
    /// The part cut off distinguishes two videos of the folder.
    pub fn is_content(&self) -> bool {
        self.what & CONTENT != 0
    }

    pub fn new(hash: u64, id: u32, left: Left) -> Entry {
        Entry { hash, id, what: left.packed() }
    }

    /// The same in a list with `others` before it.
    pub fn after(self, others: u32) -> Entry {
        Entry { id: self.id + others, ..self }
    }

    pub fn left(&self) -> Left {
        Left::unpacked(self.what)
    }

    /// By hash, then by name.
    pub fn rank(&self) -> u128 {
        u128::from(self.hash) << 32 | u128::from(self.id)
    }
}

impl Left {
    pub fn packed(self) -> u32 {
        let letter = |byte: u8| match byte {
            b'a'..=b'z' => u32::from(byte - b'a') + 1,
            b'4' => 27,
            b'9' => 28,
            _ => 0,
        };
        let tag = self.tag.map_or(0, |tag| {
            1 | u32::from(tag.language.number()) << 1
                | u32::from(tag.is_doubtful) << 9
                | letter(tag.region[0]) << 10
                | letter(tag.region[1]) << 15
        });
        tag | u32::from(self.marks.0) << 20 | (self.step as u32) << 28
    }

    fn unpacked(what: u32) -> Left {
        let letter = |code: u32| match code & 31 {
            0 => 0,
            27 => b'4',
            28 => b'9',
            code => b'a' + (code as u8 - 1),
        };
        let tag = (what & 1 == 1).then(|| Tag {
            language: Language::from_number((what >> 1) as u8),
            region: [letter(what >> 10), letter(what >> 15)],
            is_doubtful: what >> 9 & 1 == 1,
        });
        let step = match what >> 28 & 3 {
            0 => Step::Whole,
            1 => Step::Tags,
            2 => Step::Size,
            _ => Step::Version,
        };
        Left { step, tag, marks: Marks((what >> 20) as u8) }
    }
}

/// Characters other than letters that can distinguish two names: `C`, `C++` and `C#`, `T-10` and `T+10`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Signs {
    marks: u16,
    /// Sign before a number after a single letter: 1 plus, 2 minus.
    sign: u8,
}

impl Signs {
    pub fn of(text: &str) -> Signs {
        let is_plain =
            |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b' ' | b'_' | b'.' | b'-' | b'(' | b')' | b'[' | b']');
        let bytes = text.as_bytes();
        if bytes.iter().all(is_plain) {
            // Only the `-` in `T-10` counts.
            let is_minus = |at: usize| {
                let before = |back: usize, is: fn(&u8) -> bool| {
                    at.checked_sub(back).and_then(|at| bytes.get(at)).is_some_and(is)
                };
                before(1, u8::is_ascii_alphabetic)
                    && !before(2, u8::is_ascii_alphanumeric)
                    && bytes.get(at + 1).is_some_and(u8::is_ascii_digit)
            };
            let is_signed = memchr::memchr_iter(b'-', bytes).any(is_minus);
            return Signs { marks: 0, sign: if is_signed { 2 } else { 0 } };
        }
        let mut signs = Signs::default();
        let chars: Vec<char> = text.chars().collect();
        for (at, c) in chars.iter().enumerate() {
            let next = chars.get(at + 1);
            let before = at.checked_sub(1).and_then(|at| chars.get(at));
            let counts = match c {
                '±' | '♯' | '♭' | '°' => true,
                '#' => !next.is_some_and(char::is_ascii_digit),
                '+' => {
                    next.is_none_or(|next| !next.is_alphanumeric())
                        && before.is_some_and(|before| *before != ' ' && *before != '-')
                }
                _ => false,
            };
            if counts {
                signs.marks = signs.marks.wrapping_mul(31).wrapping_add((*c as u32 % 65_521) as u16 + 1);
            }
            let is_single = before.is_some_and(|c| c.is_alphabetic())
                && at.checked_sub(2).and_then(|at| chars.get(at)).is_none_or(|c| !c.is_alphanumeric());
            if matches!(c, '+' | '-') && is_single && next.is_some_and(|next| next.is_ascii_digit()) {
                signs.sign = if *c == '+' { 1 } else { 2 };
            }
        }
        signs
    }

    /// Whether the names may mean the same.
    pub fn agree(self, other: Signs) -> bool {
        self.marks == other.marks && (self.sign == other.sign || self.sign == 0 || other.sign == 0)
    }
}

/// Everything that is compared.
pub(super) struct World<'a> {
    pub input: &'a Inputs<'a>,
    /// Treat filled rows as empty.
    pub as_empty: bool,
    pub videos: Vec<Video>,
    /// By video: found in the file once, since a name is read again where it is not matched.
    pub video_keys: Vec<Cow<'a, str>>,
    pub transcripts: Vec<Transcript>,
    pub video_folders: Folders,
    pub transcript_folders: Folders,
    /// By hash.
    pub video_entries: Vec<Entry>,
    pub transcript_entries: Vec<Entry>,
}

impl<'a> World<'a> {
    /// Learns from both sides together what no name tells alone.
    pub fn prepared(mut self) -> World<'a> {
        self.mark_used();
        self.mark_contents();
        for video in &self.videos {
            self.video_folders.count(video.folder, video.says_nothing);
        }
        for transcript in &self.transcripts {
            self.transcript_folders.count(transcript.folder, transcript.says_nothing);
        }
        let names = self
            .transcript_entries
            .iter()
            .filter_map(|entry| Some((entry.hash, self.transcripts.get(entry.id as usize)?.folder)));
        self.transcript_folders.settle_languages(names);
        self
    }

    /// Marks the keys that filled rows use.
    fn mark_used(&mut self) {
        if self.as_empty {
            return;
        }
        let mut used: ByHash<u64, u32> = ByHash::default();
        for video in self.videos.iter().filter(|video| video.is_filled) {
            let value = self.input.snapshot.value(video.row, Field::Transcription);
            if let Some((bucket, key)) = s3_url::split(value.text()) {
                let first = used.entry(raw_hash(&[bucket, key])).or_insert(video.row);
                *first = video.row.min(*first);
            }
        }
        if used.is_empty() {
            return;
        }
        for (index, transcript) in (0..).zip(&mut self.transcripts) {
            if let Some((bucket, key)) = self.input.keys.name(index)
                && let Some(row) = used.get(&raw_hash(&[bucket, key]))
            {
                transcript.used_by = *row;
            }
        }
    }

    /// Names in one folder that are equal only without size or version: there these parts distinguish videos and count
    /// as content, even `4K`.
    fn mark_contents(&mut self) {
        let mut folders: Vec<u32> = Vec::new();
        for run in self.video_entries.chunk_by_mut(|a, b| a.hash == b.hash) {
            if run.len() < 2 || run.iter().all(|entry| entry.left().step == Step::Whole) {
                continue;
            }
            folders.clear();
            folders.extend(run.iter().filter_map(|entry| self.videos.get(entry.id as usize)).map(|video| video.folder));
            folders.sort_unstable();
            for entry in run.iter_mut().filter(|entry| entry.left().step > Step::Whole) {
                let Some(video) = self.videos.get_mut(entry.id as usize) else { continue };
                let at = folders.partition_point(|known| *known < video.folder);
                if folders.get(at + 1) == Some(&video.folder) {
                    entry.what |= CONTENT;
                    video.is_content = true;
                }
            }
        }
    }

    /// The language in a transcript folder's name.
    pub fn folder_tag(&self, folder: u32) -> Option<Tag> {
        let language = self.transcript_folders.get(folder)?.language?;
        Some(Tag { language, region: [0; 2], is_doubtful: false })
    }

    pub fn video_key(&self, id: u32) -> &str {
        self.video_keys.get(id as usize).map_or("", |key| key)
    }

    pub fn transcript_key(&self, id: u32) -> &'a str {
        self.input.keys.name(id).map_or("", |(_, key)| key)
    }
}

/// The key of a row's video, unchanged.
pub(super) fn object_key(snapshot: &Snapshot, row: RowId) -> Cow<'_, str> {
    key_of(&snapshot.value(row, Field::Object))
}

/// The key in an address, unchanged.
pub(super) fn key_of<'a>(object: &Value<'a>) -> Cow<'a, str> {
    fn key(text: &str) -> &str {
        s3_url::split(text).map_or(text, |(_, key)| key)
    }
    match object {
        Value::Text(Cow::Borrowed(text)) => Cow::Borrowed(key(text)),
        value => Cow::Owned(key(value.text()).to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_differ_in_a_sign_mean_two_things() {
        for (a, b, agree) in [
            ("T-10", "T+10", false),
            ("launch T-10 a", "launch T+10 a", false),
            ("T-10", "T 10", true),
            ("T-10", "T_10", true),
            ("part-10", "part+10", true),
            ("2T-10", "2T+10", true),
            ("T-a", "T+a", true),
            ("C", "C++", false),
            ("C", "C#", false),
            ("a-b", "a b", true),
            ("(T-10)", "(T+10)", false),
        ] {
            assert_eq!(Signs::of(a).agree(Signs::of(b)), agree, "{a} {b}");
        }
        // The quick way for plain text and the other one tell the same.
        for name in ["T-10", "a T-10", "T-10-b", "-10", "T-", "ab-10", "9-10", "T-x", "(a)-1", "T-1 U-2"] {
            assert_eq!(Signs::of(name), Signs::of(&format!("{name}~")), "{name}");
        }
    }
}
