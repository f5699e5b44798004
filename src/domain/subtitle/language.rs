//! Detects the language of a text, if certain, and compares it with a row's language.

use super::{Format, english, plain};
use crate::names::Language;
use std::ops::Range;
use whatlang::Lang;

/// Most bytes of text examined: more doesn't improve the result, and this dominates the cost of an inspection.
const MOST: usize = 2 * 1024;

/// Bytes that few lines of text exceed.
const LIKELY_LINE: usize = 256;

/// Minimum number of letters.
const FEWEST_LETTERS: usize = 200;

/// A second script with at least this share of the letters is a second language, not a few names.
const SECOND_SCRIPT: usize = 5;

/// Text of the first cues, and some of the later ones.
#[derive(Debug, Default)]
pub(super) struct Sample {
    text: String,
    /// Every so many lines after those: the second half may be in another language.
    later: String,
    /// A power of two, and the lines since the last one taken.
    stride: u32,
    skipped: u32,
    /// The first and the last lines of what is shown at one time, where that has several: in bilingual captions one is
    /// a translation of the other.
    tops: String,
    bottoms: String,
    /// The lines shown at one time so far: where the first one ends and the last one begins.
    lines: usize,
    first: Range<usize>,
    last: Range<usize>,
}

impl Sample {
    pub fn is_full(&self) -> bool {
        self.text.len() >= MOST
    }

    pub fn add(&mut self, line: &str, format: Format) {
        if self.is_full() {
            return;
        }
        if self.text.is_empty() {
            self.text.reserve(MOST + LIKELY_LINE);
        }
        let start = self.text.len();
        plain::add(line, format, &mut self.text);
        self.last = start..self.text.len();
        self.text.push('\n');
        if self.last.is_empty() {
            return;
        }
        if self.lines == 0 {
            self.first = self.last.clone();
        }
        self.lines += 1;
    }

    /// A line after the sample is full. Costs nearly nothing for most of them.
    pub fn add_later(&mut self, line: &str, format: Format) {
        self.skipped += 1;
        if self.skipped < self.stride {
            return;
        }
        self.skipped = 0;
        if self.later.is_empty() {
            self.later.reserve(MOST + LIKELY_LINE);
        }
        if self.later.len() >= MOST {
            // What is kept is spread over the later half, however long the text.
            let half = memchr::memchr(b'\n', self.later.as_bytes().get(MOST / 2..).unwrap_or_default());
            self.later.drain(..half.map_or(self.later.len(), |at| MOST / 2 + at + 1));
            self.stride = self.stride.saturating_mul(2).max(2);
        }
        plain::add(line, format, &mut self.later);
        self.later.push('\n');
    }

    /// The next line is shown at another time.
    pub fn another_time(&mut self) {
        if std::mem::take(&mut self.lines) < 2 {
            return;
        }
        for (range, side) in [(&self.first, &mut self.tops), (&self.last, &mut self.bottoms)] {
            side.push_str(self.text.get(range.clone()).unwrap_or_default());
            side.push('\n');
        }
    }

    /// ISO 639-1, or 639-3 if there is none. None for two languages, but `fr and ru` where both are certain and neither is
    /// English.
    pub fn language(&mut self) -> Option<Box<str>> {
        self.another_time();
        if is_mixed(&self.text) {
            let [latin, other] = by_script(&self.text);
            return (!english::is_partly_english(&latin)).then(|| both(certain(&latin)?, certain(&other)?))?;
        }
        // Two languages in one script: each line of a cue is told apart.
        let [top, bottom] = [&self.tops, &self.bottoms].map(|side| certain(side));
        if let (Some(top), Some(bottom)) = (top, bottom)
            && same_language(top, bottom) == Some(false)
        {
            return both(top, bottom);
        }
        let whole = certain(&self.text)?;
        if whole != "en" && [&self.text, &self.later].iter().any(|text| english::is_partly_english(text)) {
            return None;
        }
        let is_other = |side: Option<&str>| side.is_some_and(|side| same_language(side, whole) == Some(false));
        (!is_other(top) && !is_other(bottom) && !is_other(certain(&self.later))).then(|| whole.into())
    }
}

/// Two languages, neither of them English: that is confused with others where it is mixed with them.
fn both(one: &str, two: &str) -> Option<Box<str>> {
    (one != "en" && two != "en").then(|| format!("{one}{AND}{two}").into())
}

/// Between two languages.
const AND: &str = " and ";

/// The words in Latin letters, and those in others.
fn by_script(text: &str) -> [String; 2] {
    let mut sides = [String::new(), String::new()];
    for word in text.split_whitespace() {
        let [latin, other] = &mut sides;
        let side = if word.chars().find(|c| c.is_alphabetic()).is_none_or(is_latin) { latin } else { other };
        side.push_str(word);
        side.push(' ');
    }
    sides
}

fn is_latin(c: char) -> bool {
    matches!(c, ..'\u{250}' | '\u{1E00}'..'\u{1F00}')
}

/// The language of a text, if certain.
fn certain(text: &str) -> Option<&'static str> {
    if english::is_surely_english(text) {
        return Some("en");
    }
    // In these scripts a character is a syllable or word, so fewer are enough.
    let weight = |c: char| if is_syllabic(c) { 4 } else { usize::from(c.is_alphabetic()) };
    let letters: usize = text.chars().map(weight).sum();
    if letters < FEWEST_LETTERS {
        return None;
    }
    let info = whatlang::detect(text).filter(whatlang::Info::is_reliable)?;
    Some(short(info.lang()))
}

fn is_syllabic(c: char) -> bool {
    ('\u{3040}'..='\u{D7FF}').contains(&c)
}

/// Whether a text is in Latin letters and in others, as captions in two languages are.
fn is_mixed(text: &str) -> bool {
    if text.is_ascii() {
        return false;
    }
    let (mut latin, mut other) = (0usize, 0usize);
    for c in text.chars().filter(|c| c.is_alphabetic()) {
        if is_latin(c) {
            latin += 1;
        } else {
            other += if is_syllabic(c) { 3 } else { 1 };
        }
    }
    latin.min(other) * SECOND_SCRIPT > latin + other
}

/// Whether a row's language is the detected one. None if the row's is not understood, or the two are too similar to be
/// distinguished.
///
/// A row says `en`, `en-US`, `eng`, `English`; the detected one comes from [`super::Transcript::language`]. Of two, one is
/// enough.
pub fn same_language(row_language: &str, detected: &str) -> Option<bool> {
    if let Some((one, two)) = detected.split_once(AND) {
        return match (same_language(row_language, one), same_language(row_language, two)) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), Some(false)) => Some(false),
            _ => None,
        };
    }
    let named = Language::named(row_language)?.code();
    if family(named) == family(detected) {
        return Some(true);
    }
    // A language the detector doesn't know is reported as a similar one.
    if !Lang::all().iter().any(|lang| family(short(*lang)) == family(named)) {
        return None;
    }
    // Danish and Norwegian, or Serbian, Croatian and Bosnian, are confused.
    let is_pair = |group: &[&str]| group.contains(&family(named)) && group.contains(&family(detected));
    let close: [&[&str]; 8] = [
        &["da", "no", "sv"],
        &["sr", "hr", "bs", "sl", "mk", "bg"],
        &["cs", "sk"],
        &["id", "ms", "jv", "tl"],
        &["ru", "uk", "be"],
        &["es", "pt", "ca", "gl", "it"],
        &["nl", "af"],
        &["hi", "mr", "ne"],
    ];
    if close.into_iter().any(is_pair) { None } else { Some(false) }
}

/// Groups languages that share a written form or whose names are used for each other.
fn family(code: &str) -> &str {
    match code {
        "nb" | "nn" | "no" => "no",
        "zh" | "cmn" | "yue" => "zh",
        "fil" | "tl" => "tl",
        "iw" => "he",
        "in" => "id",
        other => other,
    }
}

/// The ISO 639-1 code of a detected language, or its 639-3 code if there is none.
fn short(lang: Lang) -> &'static str {
    Language::of(lang.code()).map_or_else(|| lang.code(), Language::code)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENGLISH: [&str; 8] = [
        "The harbour is open again today",
        "and we are ready for the people",
        "who have been waiting for a week",
        "on the other side of the water.",
        "They should have been home by now,",
        "but there was no way to get them",
        "through the storm that we have had.",
        "What do you think about that?",
    ];
    const GERMAN: [&str; 8] = [
        "Der Hafen ist heute wieder offen",
        "und wir sind bereit für die Leute,",
        "die seit einer Woche darauf warten,",
        "auf die andere Seite zu kommen.",
        "Sie sollten längst zu Hause sein,",
        "aber es gab keinen Weg, sie durch",
        "den schweren Sturm nach Hause zu bringen.",
        "Was halten Sie eigentlich davon?",
    ];
    const KOREAN: [&str; 8] = [
        "항구가 오늘 다시 열렸습니다",
        "그리고 우리는 사람들을 맞을 준비가 되었습니다",
        "일주일 동안 기다려 온 사람들입니다",
        "물 건너편에서 말입니다",
        "그들은 벌써 집에 있어야 했습니다",
        "하지만 데려올 방법이 없었습니다",
        "우리가 겪은 폭풍 때문이었습니다",
        "어떻게 생각하십니까?",
    ];

    /// The language of cues of these lines; a blank line is the next time.
    fn language(lines: impl IntoIterator<Item = impl AsRef<str>>) -> Option<Box<str>> {
        let mut sample = Sample::default();
        for line in lines {
            match line.as_ref() {
                "" => sample.another_time(),
                line if sample.is_full() => sample.add_later(line, Format::Srt),
                line => sample.add(line, Format::Srt),
            }
        }
        sample.language()
    }

    #[test]
    fn bilingual_cues_get_no_language() {
        for (name, native) in [("German", GERMAN), ("Korean", KOREAN)] {
            let pairs = || native.into_iter().zip(ENGLISH);
            let flat = |lines: Vec<[String; 3]>| language(lines.into_iter().flatten());
            let own = |text: &str| text.to_owned();
            assert_eq!(flat(pairs().map(|(a, b)| [own(a), own(b), own("")]).collect()), None, "{name} above English");
            assert_eq!(flat(pairs().map(|(a, b)| [own(b), own(a), own("")]).collect()), None, "English above {name}");
            let of_three = pairs().map(|(a, b)| [own(a.split(' ').next().unwrap()), own(a), own(b)]);
            assert_eq!(
                language(of_three.flat_map(|cue| cue.into_iter().chain([own("")]))),
                None,
                "two lines of {name} above English"
            );
        }
        let in_one_line = KOREAN.into_iter().zip(ENGLISH).map(|(a, b)| format!("{a} / {b}"));
        assert_eq!(language(in_one_line), None);
    }

    #[test]
    fn cues_in_two_languages_get_none_however_these_are_told_apart() {
        let own = |text: &str| [text.to_owned(), String::new()];
        let pairs = || GERMAN.into_iter().zip(ENGLISH);
        let blocks =
            |first: [&str; 8], second: [&str; 8]| first.into_iter().chain(second).flat_map(own).collect::<Vec<_>>();
        for (name, lines) in [
            ("cue after cue", pairs().flat_map(|(a, b)| [own(a), own(b)].concat()).collect::<Vec<_>>()),
            ("one half, then the other", blocks(GERMAN, ENGLISH)),
            ("the other half first", blocks(ENGLISH, GERMAN)),
            ("with a slash", pairs().flat_map(|(a, b)| own(&format!("{b} / {a}"))).collect()),
            ("in brackets", pairs().flat_map(|(a, b)| own(&format!("{a} ({b})"))).collect()),
        ] {
            assert_eq!(language(&lines), None, "{name}");
        }
        let long = |lines: [&'static str; 8]| lines.into_iter().cycle().take(4_000);
        let lines: Vec<&str> = long(GERMAN).chain(long(ENGLISH)).collect();
        assert_eq!(language(&lines), None, "a long text whose second half is English");
        assert_eq!(language(long(GERMAN)).as_deref(), Some("de"));
    }

    #[test]
    fn two_languages_of_which_neither_is_the_rows_are_both_told() {
        const RUSSIAN: [&str; 8] = [
            "Гавань сегодня снова открыта",
            "и мы готовы принять людей,",
            "которые терпеливо ждали этого целую неделю",
            "на другом берегу залива.",
            "Они давно должны были быть дома,",
            "но не было никакой возможности",
            "провезти их через этот сильный шторм.",
            "Что вы сами обо всём этом сегодня думаете?",
        ];
        const FRENCH: [&str; 8] = [
            "Le port est de nouveau ouvert aujourd'hui",
            "et nous sommes prêts à accueillir les gens",
            "qui attendent depuis une semaine",
            "de l'autre côté de la baie.",
            "Ils auraient dû être chez eux depuis longtemps,",
            "mais il n'y avait aucun moyen de les faire passer",
            "à travers la tempête que nous avons eue.",
            "Qu'est-ce que vous en pensez ?",
        ];
        let cues = |a: [&str; 8], b: [&str; 8]| {
            language(a.into_iter().zip(b).flat_map(|(a, b)| [a.to_owned(), b.to_owned(), String::new()]))
        };
        for (a, b, told) in [
            (GERMAN, RUSSIAN, "de and ru"),
            (FRENCH, RUSSIAN, "fr and ru"),
            (KOREAN, FRENCH, "fr and ko"),
            (GERMAN, FRENCH, "de and fr"),
        ] {
            assert_eq!(cues(a, b).as_deref(), Some(told));
        }
        assert_eq!((cues(ENGLISH, RUSSIAN), cues(FRENCH, ENGLISH)), (None, None));
        for (row, same) in [("en", Some(false)), ("fr-CA", Some(true)), ("Russian", Some(true)), ("uk", None)] {
            assert_eq!(same_language(row, "fr and ru"), same, "{row}");
        }
    }

    #[test]
    fn cues_of_several_lines_in_one_language_are_in_that() {
        for (lines, expected) in [(ENGLISH, "en"), (GERMAN, "de"), (KOREAN, "ko")] {
            let cues = lines.chunks(2).flat_map(|cue| cue.iter().copied().chain([""]));
            assert_eq!(language(cues).as_deref(), Some(expected), "two lines a cue");
            assert_eq!(language(lines).as_deref(), Some(expected), "all at one time");
        }
        let with_names: Vec<String> = KOREAN.iter().map(|line| format!("{line} BTS")).collect();
        assert_eq!(language(&with_names).as_deref(), Some("ko"), "a name in Latin letters");
    }

    #[test]
    fn every_language_that_can_be_detected_has_a_short_code() {
        let long: Vec<_> = Lang::all().iter().map(|lang| short(*lang)).filter(|code| code.len() != 2).collect();
        assert_eq!(long, [""; 0]);
    }

    #[test]
    fn what_rows_say_is_compared_with_what_was_detected() {
        for (row, detected, same) in [
            ("en", "en", Some(true)),
            ("en-US", "en", Some(true)),
            ("English", "en", Some(true)),
            (" eng ", "en", Some(true)),
            ("English (US)", "en", Some(true)),
            ("ko", "en", Some(false)),
            ("ko_KR", "ko", Some(true)),
            ("no", "nb", Some(true)),
            ("zh-Hant", "zh", Some(true)),
            ("da", "nb", None),
            ("en", "de", Some(false)),
            ("", "en", None),
            ("xx", "en", None),
            ("klingon", "en", None),
            ("sw", "id", None),
        ] {
            assert_eq!(same_language(row, detected), same, "{row} with {detected}");
        }
    }
}
