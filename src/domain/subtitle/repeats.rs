//! Detects cues that repeat the same text: rolling and growing captions, and looping recognisers. Of earlier lines only a
//! fingerprint is kept.

use super::{Format, plain};

/// Earlier lines that a cue is compared with: three of rolling captions, or a loop of this many cues.
const BEFORE: usize = 4;

/// Cues that may repeat by chance, or in a song.
const FEW: u32 = 3;
/// A run of this many is no coincidence.
const RUN: u32 = 8;

#[derive(Debug, Default)]
pub(super) struct Repeats {
    /// The last lines of earlier cues; 0 for none.
    before: [u64; BEFORE],
    /// Where the next one goes.
    next: usize,
    /// The last line of the cue before, and its length: captions that grow say it again with a word more.
    last: Option<(u64, usize)>,
    /// The last line of the current cue.
    own: Option<(u64, usize)>,
    /// Lines of the current cue.
    lines: [u64; BEFORE],
    count: usize,
    is_repeated: bool,
    /// Line number of the first repeated text.
    first: Option<u32>,
    repeated: u32,
    run: u32,
    longest: u32,
    cues: u32,
    text: String,
}

impl Repeats {
    /// Adds a line of the current cue, without blanks around it, and its number. `may_have_marks`: tags and escapes.
    pub fn line(&mut self, line: &str, number: u32, format: Format, may_have_marks: bool) {
        let line = if may_have_marks && memchr::memchr3(b'<', b'{', b'&', line.as_bytes()).is_some() {
            self.text.clear();
            plain::add(line, format, &mut self.text);
            self.text.trim()
        } else {
            line
        };
        let key = key(line);
        if key == 0 {
            return;
        }
        self.own = Some((key, line.len()));
        if self.before.contains(&key) || self.last.is_some_and(|last| is_grown(line, last)) {
            self.is_repeated = true;
            self.first = self.first.or(Some(number));
        }
        if let Some(slot) = self.lines.get_mut(self.count) {
            *slot = key;
            self.count += 1;
        }
    }

    pub fn end_cue(&mut self) {
        self.cues = self.cues.saturating_add(1);
        self.run = if self.is_repeated { self.run + 1 } else { 0 };
        self.longest = self.longest.max(self.run);
        self.repeated += u32::from(self.is_repeated);
        for key in self.lines.iter().take(self.count) {
            if let Some(slot) = self.before.get_mut(self.next % BEFORE) {
                *slot = *key;
            }
            self.next = self.next.wrapping_add(1);
        }
        self.last = self.own.take();
        (self.count, self.is_repeated) = (0, false);
    }

    /// (line of the first repetition, number of cues), if there are too many to be intended.
    pub fn found(&self) -> Option<(u32, u32)> {
        let is_many = self.repeated >= FEW && self.repeated >= self.cues.div_ceil(3);
        self.first.filter(|_| is_many || self.longest >= RUN).map(|line| (line, self.repeated))
    }
}

/// Whether a line is the earlier one with more words.
fn is_grown(line: &str, (earlier, length): (u64, usize)) -> bool {
    let parts = line.split_at_checked(length).filter(|(_, more)| more.starts_with(|c: char| !c.is_alphanumeric()));
    parts.is_some_and(|(start, _)| key(start) == earlier)
}

/// A line's fingerprint: its length and all of its bytes. 0 for a line such as `[music]` or `♪`, which
/// may repeat.
fn key(line: &str) -> u64 {
    let bytes = line.as_bytes();
    let is_speech = || {
        let is_sound = matches!(bytes, [b'[', .., b']'] | [b'(', .., b')'] | [b'*', .., b'*']) || line.starts_with('♪');
        !is_sound && line.chars().any(char::is_alphanumeric)
    };
    // Most lines begin with a letter.
    if bytes.len() < 2 || !(bytes.first().is_some_and(u8::is_ascii_alphanumeric) || is_speech()) {
        return 0;
    }
    let mix = |hash: u64, word: u64| (hash ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29);
    let (words, rest) = bytes.as_chunks::<8>();
    // Some of these bytes are mixed in twice, which is faster than to take the rest alone.
    let last = bytes.last_chunk().map_or_else(
        || rest.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)),
        |eight| u64::from_be_bytes(*eight),
    );
    let mut hash = bytes.len() as u64;
    for eight in words {
        hash = mix(hash, u64::from_be_bytes(*eight));
    }
    mix(hash, last).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether cues with these lines repeat, and how many.
    fn found(cues: &[&str]) -> Option<(u32, u32)> {
        let mut repeats = Repeats::default();
        let mut number = 0;
        for cue in cues {
            for line in cue.split('|') {
                number += 1;
                repeats.line(line, number, Format::Srt, false);
            }
            repeats.end_cue();
        }
        repeats.found()
    }

    #[test]
    fn rolling_and_looping_texts_are_told_from_those_that_people_write() {
        let rolling = ["one", "one|two", "two|three", "three|four", "four|five"];
        assert_eq!(found(&rolling), Some((2, 4)));
        let loops: Vec<&str> = ["a line", "and another"].into_iter().cycle().take(9).collect();
        assert_eq!(found(&loops), Some((3, 7)));
        let mut stuck: Vec<String> = (0..100).map(|n| format!("text {n} of a talk")).collect();
        assert_eq!(found(&stuck.iter().map(String::as_str).collect::<Vec<_>>()), None);
        stuck.splice(50..50, std::iter::repeat_n("Thank you.".to_owned(), 10));
        assert_eq!(found(&stuck.iter().map(String::as_str).collect::<Vec<_>>()), Some((52, 9)));
        let growing = ["the", "the harbour", "the harbour is", "the harbour is open", "Today", "Today we"];
        assert_eq!(found(&growing), Some((2, 4)));
        let counted: Vec<String> = (0..60).map(|n| format!("Sentence {n}, early in the morning")).collect();
        assert_eq!(found(&counted.iter().map(String::as_str).collect::<Vec<_>>()), None);
        for people in [
            &["Lot 12, sold for forty", "Lot 13, sold for forty", "Lot 14, sold for forty", "Lot 15, sold for forty"][..],
            &["Go", "Gone", "Goners", "Good", "Go-"],
        ] {
            assert_eq!(found(people), None, "{people:?}");
        }
        for people in [
            &["Yes.", "Yes.", "No.", "What?", "Why not?", "Because.", "So."][..],
            &["[music]", "[music]", "[music]", "[music]"],
            &["♪ la la", "♪ la la", "♪ la la", "♪ la la"],
            &["-", "-", "-", "-", "-"],
            &["", "", "", ""],
            &["the first of them", "the other of them", "the fifth of them", "the ninth of them"],
            &["same", "same"],
        ] {
            assert_eq!(found(people), None, "{people:?}");
        }
    }
}
