//! Detects the language of a text, if certain, and compares it with a row's language.

use super::{Format, english, plain};
use crate::names::Language;
use whatlang::Lang;

/// Most bytes of text examined: more doesn't improve the result, and this dominates the cost of an inspection.
const MOST: usize = 4 * 1024;

/// Minimum number of letters.
const FEWEST_LETTERS: usize = 200;

/// Text of the first cues.
#[derive(Debug, Default)]
pub(super) struct Sample {
    text: String,
}

impl Sample {
    pub fn is_full(&self) -> bool {
        self.text.len() >= MOST
    }

    pub fn add(&mut self, line: &str, format: Format) {
        if !self.is_full() {
            plain::add(line, format, &mut self.text);
            self.text.push('\n');
        }
    }

    /// ISO 639-1, or 639-3 if there is none.
    pub fn language(&self) -> Option<Box<str>> {
        if english::is_surely_english(&self.text) {
            return Some("en".into());
        }
        // In these scripts a character is a syllable or word, so fewer are enough.
        let weight = |c: char| if ('\u{3040}'..='\u{D7FF}').contains(&c) { 4 } else { usize::from(c.is_alphabetic()) };
        let letters: usize = self.text.chars().map(weight).sum();
        if letters < FEWEST_LETTERS {
            return None;
        }
        let info = whatlang::detect(&self.text).filter(whatlang::Info::is_reliable)?;
        Some(short(info.lang()).into())
    }
}

/// Whether a row's language is the detected one. None if the row's is not understood, or the two are too similar to be
/// distinguished.
///
/// A row says `en`, `en-US`, `eng`, `English`; the detected one comes from [`super::Transcript::language`].
pub fn same_language(row_language: &str, detected: &str) -> Option<bool> {
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
