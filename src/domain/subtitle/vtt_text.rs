//! The text of a WebVTT cue by the grammar for authors (<https://www.w3.org/TR/webvtt1/#webvtt-cue-text>): tags,
//! escapes and timestamps. Parsers tolerate all faults in it, so none loses a cue.

use super::fault::FaultKind;
use super::time::{self, Sign};

/// Most open tags; deeper ones are ignored.
const DEEPEST: usize = 16;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tag {
    Class,
    Italic,
    Bold,
    Underline,
    Ruby,
    RubyText,
    Voice,
    Language,
}

/// The current cue.
#[derive(Debug, Default)]
pub(super) struct Payload {
    open: [Option<Tag>; DEEPEST],
    depth: usize,
    end: u64,
    /// The start time, then the last timestamp in the text.
    latest: u64,
}

impl Payload {
    pub fn begin(&mut self, start: u64, end: u64) {
        *self = Payload { end, latest: start, ..Payload::default() };
    }

    /// Checks a line and reports each fault with its byte offset.
    pub fn line(&mut self, line: &str, mut tell: impl FnMut(FaultKind, usize)) {
        let mut at = 0;
        while let Some(rest) = line.get(at..)
            && let Some(found) = memchr::memchr2(b'<', b'&', rest.as_bytes())
        {
            let Some((_, from)) = rest.split_at_checked(found) else { return };
            let place = at + found;
            if from.starts_with('&') {
                if !is_escape(from) {
                    tell(FaultKind::BadEscape, place);
                }
                at = place + 1;
                continue;
            }
            let Some(close) = memchr::memchr(b'>', from.as_bytes()) else {
                // Only tags with an annotation may continue on a later line, which is rare.
                return tell(FaultKind::BadTag, place);
            };
            if let Some(kind) = from.get(1..close).and_then(|inner| self.tag(inner)) {
                tell(kind, place);
            }
            at = place + close + 1;
        }
    }

    /// The fault of a tag, from the text between `<` and `>`.
    fn tag(&mut self, inner: &str) -> Option<FaultKind> {
        if inner.starts_with(|c: char| c.is_ascii_digit()) {
            return self.time(inner);
        }
        if let Some(name) = inner.strip_prefix('/') {
            return self.close(name);
        }
        let name_end = inner.find(['.', ' ', '\t']).unwrap_or(inner.len());
        let (name, after) = inner.split_at_checked(name_end)?;
        let annotation = after.split_once([' ', '\t']).map_or("", |(_, text)| text).trim();
        let Some(tag) = named(name).filter(|tag| *tag != Tag::RubyText || self.top() == Some(Tag::Ruby)) else {
            return Some(FaultKind::BadTag);
        };
        let wants_annotation = matches!(tag, Tag::Voice | Tag::Language);
        if let Some(slot) = self.open.get_mut(self.depth) {
            *slot = Some(tag);
        }
        self.depth = self.depth.saturating_add(1);
        (wants_annotation == annotation.is_empty()).then_some(FaultKind::BadTag)
    }

    fn top(&self) -> Option<Tag> {
        self.depth.checked_sub(1).and_then(|top| self.open.get(top).copied().flatten())
    }

    fn close(&mut self, name: &str) -> Option<FaultKind> {
        if self.depth > DEEPEST {
            self.depth -= 1;
            return None;
        }
        let Some(tag) = named(name) else { return Some(FaultKind::BadTag) };
        // The end tag of a ruby text may be omitted at the end of the ruby.
        if tag == Tag::Ruby && self.top() == Some(Tag::RubyText) {
            self.depth = self.depth.saturating_sub(2);
            return None;
        }
        if self.top() == Some(tag) {
            self.depth = self.depth.saturating_sub(1);
            return None;
        }
        Some(FaultKind::BadTag)
    }

    fn time(&mut self, inner: &str) -> Option<FaultKind> {
        let Some((stamp, "")) = time::stamp(inner) else { return Some(FaultKind::BadInlineTime) };
        let is_sound = stamp.sign == Sign::Point
            && stamp.milli_digits == 3
            && (stamp.minute_digits, stamp.second_digits) == (2, 2)
            && stamp.hour_digits != 1
            && !stamp.is_over
            && self.latest < stamp.ms
            && stamp.ms < self.end;
        self.latest = self.latest.max(stamp.ms);
        (!is_sound).then_some(FaultKind::BadInlineTime)
    }

    /// Ends the cue and returns whether a tag is still open. A voice tag may stay open.
    pub fn end(&mut self) -> bool {
        let open = self.open.iter().take(self.depth).any(|tag| *tag != Some(Tag::Voice));
        self.depth = 0;
        open
    }
}

fn named(name: &str) -> Option<Tag> {
    Some(match name {
        "c" => Tag::Class,
        "i" => Tag::Italic,
        "b" => Tag::Bold,
        "u" => Tag::Underline,
        "ruby" => Tag::Ruby,
        "rt" => Tag::RubyText,
        "v" => Tag::Voice,
        "lang" => Tag::Language,
        _ => return None,
    })
}

/// `&amp;`, `&#8212;`, `&#x2014;` and any other name of HTML.
fn is_escape(text: &str) -> bool {
    // The longest name in HTML has 31 letters: keeps a line full of & linear.
    let end = text.bytes().take(34).position(|b| b == b';').unwrap_or(0);
    let Some(inner) = text.get(1..end) else { return false };
    match inner.strip_prefix('#') {
        Some(number) => match number.strip_prefix(['x', 'X']) {
            Some(hex) => (1..=6).contains(&hex.len()) && hex.bytes().all(|b| b.is_ascii_hexdigit()),
            None => (1..=7).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit()),
        },
        None => {
            (2..=32).contains(&inner.len())
                && inner.starts_with(|c: char| c.is_ascii_alphabetic())
                && inner.bytes().all(|b| b.is_ascii_alphanumeric())
        }
    }
}
