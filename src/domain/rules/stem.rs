//! Whether a video and a transcript are named for the same thing.
//!
//! Compared are letters and numbers, not how they are written: case, separators, leading zeros and the two Unicode forms of
//! an accent (NFC and NFD) don't count, nor do words for a language, a picture size or the kind of file at the end of a name.
//! When in doubt the names agree: a warning that is mostly wrong is soon not read.

use crate::domain::printable::unseen;
use crate::domain::s3_url::key;

/// Two names that differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Difference<'a> {
    /// The part of the video's name that has no counterpart.
    pub video: &'a str,
    pub transcript: &'a str,
    /// Where `transcript` stands in the transcript's key, in bytes.
    pub at: usize,
    /// Both are the one number in which the names differ.
    pub is_number: bool,
}

/// `None` when the names agree.
pub(super) fn difference<'a>(video_key: &'a str, transcript_key: &'a str) -> Option<Difference<'a>> {
    let (video, transcript) = (key::stem(video_key), key::stem(transcript_key));
    if video == transcript || same(video, transcript) {
        return None;
    }
    let (video_name, transcript_name) = (stripped(video), stripped(transcript));
    let languages = (language_at_end(video), language_at_end(transcript));
    let contradicts = matches!(languages, (Some(a), Some(b)) if a != b);
    if !contradicts && same(video_name, transcript_name) {
        return None;
    }
    // `0711/video.mp4` with `captions/0711.srt` or `0711/en.srt`: the folder is the name.
    let video_folder = is_generic(video_name).then(|| last_folder(video_key)).flatten();
    let transcript_folder = is_decoration(transcript_name).then(|| last_folder(transcript_key)).flatten();
    let (a, b) = (video_folder.unwrap_or(video_name), transcript_folder.unwrap_or(transcript_name));
    if (video_folder.is_some() || transcript_folder.is_some()) && same(a, b) {
        return None;
    }
    let (a, b) = if contradicts { (video, transcript) } else { (a, b) };
    let (video, transcript, is_number) = one_number(a, b).map_or((a, b, false), |(a, b)| (a, b, true));
    Some(Difference { video, transcript, at: offset(transcript_key, transcript), is_number })
}

/// Where a part of `text` stands in it.
fn offset(text: &str, part: &str) -> usize {
    (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize)
}

fn last_folder(key: &str) -> Option<&str> {
    let folder = key::file_name(key::folder(key).strip_suffix('/')?);
    (!folder.is_empty()).then_some(folder)
}

/// The numbers that differ, when the names have equally many and all but one agree.
fn one_number<'a>(a: &'a str, b: &'a str) -> Option<(&'a str, &'a str)> {
    let (mut left, mut right) = (numbers(a), numbers(b));
    let mut found = None;
    loop {
        match (left.next(), right.next()) {
            (None, None) => return found,
            (Some(x), Some(y)) if significant(x) == significant(y) => {}
            (Some(x), Some(y)) if found.is_none() => found = Some((x, y)),
            _ => return None,
        }
    }
}

fn numbers(name: &str) -> impl Iterator<Item = &str> {
    name.split(|c: char| !c.is_ascii_digit()).filter(|run| !run.is_empty())
}

fn significant(number: &str) -> &str {
    number.trim_start_matches('0')
}

/// What counts in a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit<'a> {
    /// A run of digits, without leading zeros.
    Number(&'a str),
    Letter(char),
    /// A combining accent.
    Accent,
}

#[derive(Clone)]
struct Units<'a> {
    rest: &'a str,
    /// What is left of a letter that became several: Hangul syllables, and a few capitals.
    pending: [char; 2],
}

impl<'a> Units<'a> {
    fn of(name: &'a str) -> Self {
        Units { rest: name, pending: ['\0'; 2] }
    }

    /// Skips accents that follow; says whether there were any.
    fn skip_accents(&mut self) -> bool {
        let mut any = false;
        loop {
            let mut ahead = self.clone();
            if ahead.next() != Some(Unit::Accent) {
                return any;
            }
            any = true;
            *self = ahead;
        }
    }
}

impl<'a> Iterator for Units<'a> {
    type Item = Unit<'a>;

    fn next(&mut self) -> Option<Unit<'a>> {
        let [pending, after] = self.pending;
        if pending != '\0' {
            self.pending = [after, '\0'];
            return Some(Unit::Letter(pending));
        }
        loop {
            let c = self.rest.chars().next()?;
            if c.is_ascii_digit() {
                let end = self.rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(self.rest.len());
                let (number, rest) = self.rest.split_at_checked(end)?;
                self.rest = rest;
                return Some(Unit::Number(significant(number)));
            }
            self.rest = self.rest.get(c.len_utf8()..)?;
            if is_accent(c) {
                return Some(Unit::Accent);
            }
            if !c.is_alphanumeric() || unseen(c).is_some() {
                continue;
            }
            let [first, pending @ ..] = folded(c);
            self.pending = pending;
            return Some(Unit::Letter(first));
        }
    }
}

/// Lower case; a Hangul syllable as its letters, as NFD writes it (Unicode 16, section 3.12).
fn folded(c: char) -> [char; 3] {
    let letter = |code: u32| char::from_u32(code).unwrap_or('\0');
    match c {
        'a'..='z' => [c, '\0', '\0'],
        '\u{AC00}'..='\u{D7A3}' => {
            let index = c as u32 - 0xAC00;
            let last = index % 28;
            let tail = if last == 0 { '\0' } else { letter(0x11A7 + last) };
            [letter(0x1100 + index / 588), letter(0x1161 + index % 588 / 28), tail]
        }
        _ => {
            let mut lower = c.to_lowercase();
            // The dotted capital I becomes i and an accent, which is left out.
            [lower.next().unwrap_or(c), '\0', '\0']
        }
    }
}

/// The accents of Latin, Greek and Cyrillic, and the two sound marks of Japanese: what NFD splits off in file names.
fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36F}' | '\u{3099}' | '\u{309A}')
}

fn same(a: &str, b: &str) -> bool {
    let (mut a, mut b) = (Units::of(a), Units::of(b));
    loop {
        match (a.next(), b.next()) {
            (None, None) => return true,
            (Some(Unit::Accent), Some(Unit::Accent)) => {}
            (Some(Unit::Letter(p)), Some(Unit::Letter(q))) => {
                let (on_a, on_b) = (a.skip_accents(), b.skip_accents());
                // A letter with accents of its own may be any accented letter: telling é from è isn't worth a table.
                let composed = (on_b && !p.is_ascii()) || (on_a && !q.is_ascii());
                if p != q && !composed {
                    return false;
                }
            }
            (x, y) if x == y => {}
            _ => return false,
        }
    }
}

/// Without words at the end that don't name the thing. The first word always stays.
pub(crate) fn stripped(name: &str) -> &str {
    let mut name = trim_separators(name);
    loop {
        let Some((before, word)) = last_word(name) else { return name };
        if is_decoration(word) {
            name = before;
        } else if is_region(word) && last_word(before).is_some_and(|(_, word)| language(word).is_some()) {
            name = last_word(before).map_or(before, |(before, _)| before);
        } else {
            return name;
        }
    }
}

fn trim_separators(name: &str) -> &str {
    name.trim_end_matches(|c: char| !c.is_alphanumeric() && !is_accent(c))
}

/// Splits the last word off; `None` when there is only one.
fn last_word(name: &str) -> Option<(&str, &str)> {
    let (before, word) = name.rsplit_once(|c: char| !c.is_alphanumeric() && !is_accent(c))?;
    let before = trim_separators(before);
    (!before.is_empty()).then_some((before, word))
}

/// The language that a name ends with, past words for size and kind.
fn language_at_end(name: &str) -> Option<&'static str> {
    let mut name = trim_separators(name);
    while let Some((before, word)) = last_word(name) {
        match language(word) {
            Some(code) => return Some(code),
            None if is_decoration(word) || is_region(word) => name = before,
            None => return None,
        }
    }
    None
}

fn is_region(word: &str) -> bool {
    let letters = word.len() == 2 && word.bytes().all(|b| b.is_ascii_alphabetic());
    letters || word == "419" || ["hans", "hant", "latn", "cyrl"].iter().any(|script| word.eq_ignore_ascii_case(script))
}

/// A name that says what kind of file it is and not what is in it.
fn is_generic(name: &str) -> bool {
    const NAMES: [&str; 10] =
        ["video", "movie", "clip", "source", "original", "master", "index", "main", "output", "film"];
    NAMES.iter().any(|known| name.eq_ignore_ascii_case(known)) || is_decoration(name)
}

fn is_decoration(word: &str) -> bool {
    const WORDS: &str = "sub subs subtitle subtitles caption captions cc sdh forced transcript transcripts \
                         transcription srt vtt auto hd uhd fhd sd 4k 8k h264 h265 x264 x265 hevc av1 vp9 prores \
                         proxy web final edited fixed corrected";
    let lines = word
        .strip_suffix(['p', 'P', 'i', 'I'])
        .is_some_and(|lines| matches!(lines.len(), 3 | 4) && lines.bytes().all(|b| b.is_ascii_digit()));
    lines
        || WORDS.split_ascii_whitespace().any(|known| word.eq_ignore_ascii_case(known))
        || language(word).is_some()
        || super::values::is_video_extension(word)
}

/// The ISO 639-1 code of a code or a name.
fn language(word: &str) -> Option<&'static str> {
    const CODES: &str = "aa ab af am ar as az ba be bg bn bo br bs ca cs cy da de el en eo es et eu fa fi fj fo fr fy ga gd gl \
                         gu ha he hi hr hu hy ia id is it iw ja ka kk km kn ko ku ky la lb lo lt lv mg mi mk ml mn mr ms mt my \
                         nb ne nl nn no oc om or pa pl ps pt qu rm rn ro ru rw sa sd sg si sk sl sm sn so sq sr ss st su sv sw \
                         ta te tg th ti tk tl tn tr ts tt tw ug uk ur uz vi vo wo xh yi yo zh zu";
    const NAMES: &[(&str, &str)] = &[
        ("en", "english eng"),
        ("es", "spanish spa espanol español"),
        ("fr", "french fra fre francais français"),
        ("de", "german deu ger deutsch"),
        ("it", "italian ita italiano"),
        ("pt", "portuguese por"),
        ("ko", "korean kor 한국어"),
        ("ja", "japanese jpn 日本語"),
        ("zh", "chinese zho chi mandarin 中文"),
        ("ru", "russian rus"),
        ("ar", "arabic ara"),
        ("hi", "hindi hin"),
        ("nl", "dutch nld"),
        ("tr", "turkish tur"),
        ("pl", "polish pol"),
        ("vi", "vietnamese vie"),
        ("th", "thai"),
    ];
    if word.len() == 2 {
        return CODES.split_ascii_whitespace().find(|code| word.eq_ignore_ascii_case(code));
    }
    let is = |name: &str| word.eq_ignore_ascii_case(name);
    NAMES.iter().find(|(_, names)| names.split_ascii_whitespace().any(is)).map(|(code, _)| *code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_same_thing_agree() {
        for (video, transcript) in [
            ("01.mp4", "01.srt"),
            ("01.mp4", "01.en.srt"),
            ("01.mp4", "01_en.vtt"),
            ("01.mp4", "01-english.srt"),
            ("01.mp4", "01.en-US.srt"),
            ("01.mp4", "01_zh_Hans.srt"),
            ("01.mp4", "1.srt"),
            ("Talk 1.mp4", "talk_1.srt"),
            ("Talk 1.mp4", "talk1.srt"),
            ("Talk 1.mp4", "talk-1 (English).vtt"),
            ("01.mp4", "01.mp4.srt"),
            ("01_1080p.mp4", "01.srt"),
            ("01_1080p_h264.mp4", "01_captions_en.srt"),
            ("talk_final.mp4", "talk.srt"),
            ("caf\u{e9} 1.mp4", "cafe\u{301} 1.srt"),
            ("\u{c9}t\u{e9}.mp4", "e\u{301}te\u{301}.srt"),
            ("\u{1ebf}.mp4", "e\u{302}\u{301}.srt"),
            (
                "한국어 저녁.mp4",
                "\u{1112}\u{1161}\u{11ab}\u{1100}\u{116e}\u{11a8}\u{110b}\u{1165} \u{110c}\u{1165}\u{1102}\u{1167}\u{11a8}.srt",
            ),
            ("\u{304c}.mp4", "\u{304b}\u{3099}.srt"),
            ("videos/0711/video.mp4", "captions/0711.srt"),
            ("videos/0711.mp4", "captions/0711/en.srt"),
            ("0711/source.mp4", "0711/subtitles.vtt"),
            ("en.mp4", "en.srt"),
            ("a/b/01.mp4", "c/01.srt"),
            ("news-en.mp4", "news-en.cc.srt"),
            ("日本語.mp4", "日本語.srt"),
        ] {
            assert_eq!(difference(video, transcript), None, "{video} {transcript}");
        }
    }

    #[test]
    fn numbers_or_names_that_differ_are_shown() {
        for (video, transcript, left, right, is_number) in [
            ("01.mp4", "10.srt", "01", "10", true),
            ("news/2026/0711.mp4", "news/2026/0771.srt", "0711", "0771", true),
            ("ep1-2.mp4", "ep12.srt", "ep1-2", "ep12", false),
            ("s01e02.mp4", "s01e03.srt", "02", "03", true),
            ("s01e02.mp4", "s02e03.srt", "s01e02", "s02e03", false),
            ("talk-anna.mp4", "talk-bert.en.srt", "talk-anna", "talk-bert", false),
            ("talk.mp4", "talk2.srt", "talk", "talk2", false),
            ("talk_en.mp4", "talk_es.srt", "talk_en", "talk_es", false),
            ("0711/video.mp4", "0771/en.srt", "0711", "0771", true),
            ("한국어.mp4", "한국인.srt", "한국어", "한국인", false),
            ("カ.mp4", "キ.srt", "カ", "キ", false),
        ] {
            let found = difference(video, transcript).unwrap_or_else(|| panic!("{video} {transcript}"));
            assert_eq!(
                (found.video, found.transcript, found.is_number),
                (left, right, is_number),
                "{video} {transcript}"
            );
            assert!(transcript.get(found.at..).unwrap().starts_with(right));
        }
    }
}
