//! Whether cue after cue says the same: captions that roll up, and recognisers that go round in circles. A line is known
//! again by a few of its bytes, so that looking costs next to nothing for each.

use super::{Format, plain};

/// Lines before a cue that it is held against: three that roll up, or a circle of so many cues.
const BEFORE: usize = 4;

/// Cues that may say the same by chance, or in a song.
const FEW: u32 = 3;
/// So many in a row say the same by no chance.
const RUN: u32 = 8;

#[derive(Debug, Default)]
pub(super) struct Repeats {
    /// The last lines of earlier cues; 0 is none.
    before: [u64; BEFORE],
    /// Where the next one goes.
    next: usize,
    /// Lines of the cue in hand.
    lines: [u64; BEFORE],
    count: usize,
    is_repeated: bool,
    /// Line of the first repeated text.
    first: Option<u32>,
    repeated: u32,
    run: u32,
    longest: u32,
    cues: u32,
    text: String,
}

impl Repeats {
    /// A line of the cue in hand, and where it stands.
    pub fn line(&mut self, line: &str, number: u32, format: Format) {
        let line = line.trim();
        let key = if memchr::memchr3(b'<', b'{', b'&', line.as_bytes()).is_some() {
            self.text.clear();
            plain::add(line, format, &mut self.text);
            key(self.text.trim())
        } else {
            key(line)
        };
        if key == 0 {
            return;
        }
        if self.before.contains(&key) {
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
            if let Some(slot) = self.before.get_mut(self.next) {
                *slot = *key;
            }
            self.next = (self.next + 1) % BEFORE;
        }
        (self.count, self.is_repeated) = (0, false);
    }

    /// The line of the first one and how many cues, when they are so many that nobody wrote it so.
    pub fn found(&self) -> Option<(u32, u32)> {
        let is_many = self.repeated >= FEW && self.repeated >= self.cues.div_ceil(3);
        self.first.filter(|_| is_many || self.longest >= RUN).map(|line| (line, self.repeated))
    }
}

/// What a line is known again by: its length and three times eight of its bytes. 0 for one that says nothing, such as
/// `[music]` or `♪`: those may stand again and again.
fn key(line: &str) -> u64 {
    let bytes = line.as_bytes();
    let is_sound = matches!(bytes, [b'[', .., b']'] | [b'(', .., b')'] | [b'*', .., b'*']) || line.starts_with('♪');
    if is_sound || bytes.len() < 2 || !line.chars().any(char::is_alphanumeric) {
        return 0;
    }
    let word = |at: usize| {
        let eight = bytes.get(at..).unwrap_or_default().iter().take(8);
        eight.fold(0_u64, |word, byte| word << 8 | u64::from(*byte))
    };
    let mix = |hash: u64, word: u64| (hash ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29);
    let places = [0, bytes.len() / 2, bytes.len().saturating_sub(8)];
    places.into_iter().map(word).fold(bytes.len() as u64, mix).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether cues of these lines repeat, and how many.
    fn found(cues: &[&str]) -> Option<(u32, u32)> {
        let mut repeats = Repeats::default();
        let mut number = 0;
        for cue in cues {
            for line in cue.split('|') {
                number += 1;
                repeats.line(line, number, Format::Srt);
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
