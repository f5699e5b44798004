//! What occurs anywhere in a text, so that what doesn't need not be looked for in each line.

use memchr::memmem::find;
use memchr::{memchr, memchr3};

#[derive(Clone, Copy, Debug)]
pub(super) struct Glance {
    /// Characters that some parsers take for line ends.
    pub has_odd_ends: bool,
    /// Section names of SubStation.
    pub has_sections: bool,
    /// `<`, `{` or `&`: tags and escapes.
    pub has_marks: bool,
    /// The replacement character.
    pub has_replacements: bool,
    has_nuls: bool,
    /// No odd line ends, sections or NUL bytes.
    pub is_quiet: bool,
}

/// Section names of SubStation.
pub(super) const SECTIONS: [&str; 3] = ["[Script Info]", "V4+ Styles", "V4 Styles"];

impl Glance {
    pub fn of(text: &str) -> Glance {
        let bytes = text.as_bytes();
        let has = |mark: &str| find(bytes, mark.as_bytes()).is_some();
        let is_control = |byte: &u8| *byte < b' ' && !matches!(byte, b'\n' | b'\r');
        // Without a branch, so that the compiler takes many bytes at a time.
        let has_controls = bytes.iter().fold(false, |any, byte| any | is_control(byte));
        let is_ascii = text.is_ascii();
        let is_odd = |c: char| !c.is_ascii() && is_line_end(c);
        let has_odd_ends = (has_controls && bytes.iter().any(|b| b.is_ascii() && is_line_end(char::from(*b))))
            || (!is_ascii && (has("\u{2028}") || has("\u{2029}")))
            || (!is_ascii && memchr(0x85, bytes).is_some() && text.contains(is_odd));
        let has_sections = (memchr(b'[', bytes).is_some() && has("[Script Info]")) || has(" Styles");
        let has_nuls = has_controls && memchr(0, bytes).is_some();
        Glance {
            has_odd_ends,
            has_sections,
            has_marks: memchr3(b'<', b'{', b'&', bytes).is_some(),
            has_replacements: !is_ascii && has("\u{FFFD}"),
            has_nuls,
            is_quiet: !(has_odd_ends || has_sections || has_nuls),
        }
    }

    /// The first NUL of a line.
    pub fn nul(self, line: &str) -> Option<usize> {
        if self.has_nuls { memchr(0, line.as_bytes()) } else { None }
    }
}

/// A character that Python and others treat as a line end.
pub(super) fn is_line_end(c: char) -> bool {
    matches!(c, '\u{B}' | '\u{C}' | '\u{1C}'..='\u{1E}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}
