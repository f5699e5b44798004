//! The one function that makes untrusted text safe to show, and the one list of invisible characters.
//!
//! Nothing is ever deleted: invisible characters become visible tokens, so different texts look different.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Why a character is invisible or misleading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unseen {
    /// C0, C1, DEL, and the line and paragraph separators.
    Control,
    /// Overrides, embeddings, isolates and marks that reorder the text around them.
    Bidi,
    /// Zero-width characters, fillers, variation selectors, tags, noncharacters.
    Invisible,
    /// Looks like a blank but isn't U+0020. Harmless on a screen: [`printable`] leaves it.
    OddBlank,
}

/// How a character is invisible; None for ordinary ones.
#[inline]
pub fn unseen(c: char) -> Option<Unseen> {
    match c as u32 {
        0x20..=0x7E => None,
        0x00..=0x1F | 0x7F..=0x9F | 0x2028 | 0x2029 => Some(Unseen::Control),
        0xA0 | 0x1680 | 0x2000..=0x200A | 0x202F | 0x205F | 0x2800 | 0x3000 => Some(Unseen::OddBlank),
        0xA1..=0x34E => (c == '\u{AD}').then_some(Unseen::Invisible),
        0x061C | 0x200E | 0x200F | 0x202A..=0x202E | 0x2066..=0x2069 => Some(Unseen::Bidi),
        0x034F | 0x115F | 0x1160 | 0x17B4 | 0x17B5 | 0x180B..=0x180F => Some(Unseen::Invisible),
        0x200B..=0x200D | 0x2060..=0x2065 | 0x206A..=0x206F | 0x3164 | 0xFE00..=0xFE0F => Some(Unseen::Invisible),
        0xFDD0..=0xFDEF | 0xFEFF | 0xFFA0 | 0xFFF0..=0xFFFB => Some(Unseen::Invisible),
        0x13430..=0x1343F | 0x1BCA0..=0x1BCA3 | 0x1D173..=0x1D17A | 0xE0000..=0xE0FFF => Some(Unseen::Invisible),
        // The two noncharacters at the end of every plane.
        code => (code & 0xFFFE == 0xFFFE).then_some(Unseen::Invisible),
    }
}

/// Replaces every control, bidi, zero-width, tag and other invisible character by a visible token such as `‹U+202E›`;
/// nothing is deleted. That includes `\n` and `\t`: the result is one line. Other text is returned unchanged.
///
/// * The joiners U+200C and U+200D are always replaced, even within an emoji or an Indic word: terminals disagree about the
///   width of joined characters, and object keys that differ only in a joiner must look different.
/// * The emoji and text selectors U+FE0F and U+FE0E stay where they follow a symbol or a keycap digit, once.
/// * Blanks such as U+00A0 and U+3000 stay: they have the width of a blank.
///
/// Idempotent: a second call changes nothing.
pub fn printable(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|b| matches!(b, 0x20..=0x7E)) {
        return Cow::Borrowed(text);
    }
    let Some(first) = hidden(text).next() else { return Cow::Borrowed(text) };
    let mut safe = String::with_capacity(text.len() + 16);
    let mut copied = 0;
    for (at, c) in std::iter::once(first).chain(hidden(text).skip(1)) {
        safe.push_str(text.get(copied..at).unwrap_or_default());
        // Writing to a String doesn't fail.
        let _ = write!(safe, "‹U+{:04X}›", c as u32);
        copied = at + c.len_utf8();
    }
    safe.push_str(text.get(copied..).unwrap_or_default());
    Cow::Owned(safe)
}

/// The characters that [`printable`] replaces, with their byte offsets.
pub fn hidden(text: &str) -> impl Iterator<Item = (usize, char)> + '_ {
    let mut before = '\0';
    text.char_indices().filter(move |&(_, c)| {
        let styles = matches!(c, '\u{FE0E}' | '\u{FE0F}') && takes_selector(before);
        before = c;
        !styles && !matches!(unseen(c), None | Some(Unseen::OddBlank))
    })
}

/// Emoji have a text form and a picture form; after a letter a selector only hides.
fn takes_selector(c: char) -> bool {
    matches!(c, '0'..='9' | '#' | '*') || (!c.is_ascii() && !c.is_alphanumeric() && unseen(c).is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_cannot_be_seen_is_named_and_the_rest_stays() {
        for (text, shown) in [
            ("s3://b/plain key.mp4", "s3://b/plain key.mp4"),
            ("한국어 저녁 뉴스 é 日本語", "한국어 저녁 뉴스 é 日本語"),
            ("a\u{1b}[31mb", "a‹U+001B›[31mb"),
            ("a\nb\tc\r", "a‹U+000A›b‹U+0009›c‹U+000D›"),
            ("\u{7f}\u{9b}x", "‹U+007F›‹U+009B›x"),
            ("mp4\u{202e}4pm", "mp4‹U+202E›4pm"),
            ("a\u{2066}b\u{2069}\u{61c}\u{200f}", "a‹U+2066›b‹U+2069›‹U+061C›‹U+200F›"),
            ("a\u{200b}\u{200c}\u{200d}\u{feff}", "a‹U+200B›‹U+200C›‹U+200D›‹U+FEFF›"),
            ("so\u{ad}ft", "so‹U+00AD›ft"),
            ("\u{2028}\u{2029}", "‹U+2028›‹U+2029›"),
            ("\u{115f}\u{1160}\u{3164}\u{ffa0}", "‹U+115F›‹U+1160›‹U+3164›‹U+FFA0›"),
            ("\u{e0041}\u{e0100}", "‹U+E0041›‹U+E0100›"),
            ("❤\u{fe0f} 1\u{fe0f}\u{20e3}", "❤\u{fe0f} 1\u{fe0f}\u{20e3}"),
            ("a\u{fe0f} ❤\u{fe0f}\u{fe0f}", "a‹U+FE0F› ❤\u{fe0f}‹U+FE0F›"),
            ("-\u{fe0f} é\u{fe0e}", "-‹U+FE0F› é‹U+FE0E›"),
            ("👩\u{200d}👧", "👩‹U+200D›👧"),
            ("a\u{a0}b\u{3000}c", "a\u{a0}b\u{3000}c"),
            ("e\u{301}", "e\u{301}"),
            ("\u{1fffe}\u{ffff}", "‹U+1FFFE›‹U+FFFF›"),
        ] {
            assert_eq!(printable(text), shown);
        }
    }

    #[test]
    fn safe_text_is_not_copied() {
        for text in ["", "plain", "docu séries", "日本語"] {
            assert!(matches!(printable(text), Cow::Borrowed(same) if std::ptr::eq(same, text)));
        }
    }

    proptest! {
        #[test]
        fn nothing_hidden_is_left_and_a_second_call_changes_nothing(text in any::<String>()) {
            let once = printable(&text).into_owned();
            prop_assert_eq!(hidden(&once).count(), 0);
            prop_assert!(!once.chars().any(char::is_control));
            prop_assert_eq!(printable(&once), once.as_str());
        }

        #[test]
        fn printable_text_can_be_turned_back(text in "[a-c\u{0}-\u{1f}\u{200b}-\u{202e}❤\u{fe0f}]{0,12}") {
            let mut back = printable(&text).into_owned();
            for c in hidden(&text).map(|(_, c)| c).collect::<Vec<_>>() {
                back = back.replace(&format!("‹U+{:04X}›", c as u32), &c.to_string());
            }
            prop_assert_eq!(back, text);
        }
    }
}
