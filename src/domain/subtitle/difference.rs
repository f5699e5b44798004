//! Compares two transcripts cue by cue. Only the first difference is kept, so that the texts can be forgotten.

use super::summary::Keep;
use super::{Cue, Inspected, read};

/// Of a longer text only this many bytes are kept, around the difference.
const LONGEST: usize = 4 * 1024;

/// The bytes of a transcript.
#[derive(Clone, Copy, Debug)]
pub struct Body<'a> {
    pub bytes: &'a [u8],
    /// The object goes on after them.
    pub is_cut: bool,
}

/// Where two transcripts differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    SameBytes,
    /// The first cue, from 1, with another start or text. None for the one that has ended before.
    At {
        cue: usize,
        one: Option<Cue>,
        two: Option<Cue>,
    },
    /// Both have as many cues, and no text is in both at the same place.
    Everywhere {
        one: Cue,
        two: Cue,
    },
    /// So many cues are alike. If not `is_whole`, one of them goes on after what was read.
    Nowhere {
        cues: usize,
        is_whole: bool,
    },
    /// One of them has no cues.
    NoCues,
}

/// Finds the first cue in which two transcripts differ.
pub fn difference(one: Body<'_>, two: Body<'_>) -> Difference {
    if one.bytes == two.bytes && !one.is_cut && !two.is_cut {
        return Difference::SameBytes;
    }
    let (Some(a), Some(b)) = (cues(one), cues(two)) else { return Difference::NoCues };
    let both = || a.iter().zip(&b);
    let is_whole = !one.is_cut && !two.is_cut;
    let differ = both().position(|(a, b)| a.text != b.text || a.start_ms != b.start_ms);
    // What comes after the end of a cut one is not known.
    let ends = || {
        let (shorter, at) = if a.len() < b.len() { (one, a.len()) } else { (two, b.len()) };
        (a.len() != b.len() && !shorter.is_cut).then_some(at)
    };
    let Some(at) = differ.or_else(ends) else {
        return Difference::Nowhere { cues: a.len().min(b.len()), is_whole };
    };
    let text = |cues: &[Cue]| cues.get(at).map(|cue| cue.text.clone()).unwrap_or_default();
    let same = text(&a).bytes().zip(text(&b).bytes()).take_while(|(a, b)| a == b).count();
    let (first, second) = (a.get(at).map(|cue| around(cue, same)), b.get(at).map(|cue| around(cue, same)));
    match (first, second) {
        (Some(one), Some(two)) if is_whole && a.len() == b.len() && both().all(|(a, b)| a.text != b.text) => {
            Difference::Everywhere { one, two }
        }
        (one, two) => Difference::At { cue: at + 1, one, two },
    }
}

fn cues(body: Body<'_>) -> Option<Vec<Cue>> {
    let Inspected::Subtitles(mut transcript) = read(body.bytes, body.is_cut, Keep::ALL) else { return None };
    if transcript.is_cut {
        // Its text may go on.
        transcript.opening.pop();
    }
    Some(transcript.opening)
}

/// A cue with the part of its text around byte `at`.
fn around(cue: &Cue, at: usize) -> Cue {
    let text = &cue.text;
    if text.len() <= LONGEST {
        return cue.clone();
    }
    let start = text.floor_char_boundary(at.saturating_sub(LONGEST / 4));
    let part = text.get(start..text.floor_char_boundary(start + LONGEST)).unwrap_or_default();
    Cue { text: part.into(), ..*cue }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn srt(texts: impl IntoIterator<Item = impl AsRef<str>>) -> String {
        let cue = |(at, text): (usize, &str)| {
            let (minute, second) = (at / 60, at % 60);
            format!("{}\n00:{minute:02}:{second:02},000 --> 00:{minute:02}:{second:02},900\n{text}\n\n", at + 1)
        };
        texts.into_iter().enumerate().map(|(at, text)| cue((at, text.as_ref()))).collect()
    }

    fn of(one: &str, two: &str) -> Difference {
        cut(one, two, [false, false])
    }

    fn cut(one: &str, two: &str, cut: [bool; 2]) -> Difference {
        let body = |text, is_cut| Body { bytes: str::as_bytes(text), is_cut };
        difference(body(one, cut[0]), body(two, cut[1]))
    }

    fn lines(count: usize) -> Vec<String> {
        (0..count).map(|n| format!("line {n}")).collect()
    }

    #[test]
    fn the_first_cue_that_differs_is_found_however_late_it_stands() {
        for at in [0, 3, 4, 5, 13, 299] {
            let mut other = lines(300);
            other[at] = "the color of the harbor".into();
            let Difference::At { cue, one: Some(one), two: Some(two) } = of(&srt(lines(300)), &srt(&other)) else {
                panic!("they differ at {at}");
            };
            assert_eq!((cue, &*one.text, &*two.text), (at + 1, &*format!("line {at}"), "the color of the harbor"));
        }
    }

    #[test]
    fn another_start_is_a_difference_too() {
        let one = srt(lines(20));
        let two = one.replace("00:00:13,000", "00:00:13,200");
        assert!(matches!(of(&one, &two), Difference::At { cue: 14, .. }));
    }

    #[test]
    fn the_one_that_ends_first_has_no_cue_to_show() {
        let difference = of(&srt(lines(9)), &srt(lines(12)));
        assert!(matches!(difference, Difference::At { cue: 10, one: None, two: Some(_) }), "{difference:?}");
    }

    #[test]
    fn where_nothing_differs_that_is_told_and_how_much_was_read() {
        let one = srt(lines(7));
        assert_eq!(of(&one, &one), Difference::SameBytes);
        // Another file with the same cues: other numbers, a blank line more.
        let two = format!("\n{one}\n");
        assert_eq!(of(&one, &two), Difference::Nowhere { cues: 7, is_whole: true });
        // The last cue of a cut one may go on, so it tells nothing.
        assert_eq!(cut(&one, &two, [true, false]), Difference::Nowhere { cues: 6, is_whole: false });
        assert_eq!(cut(&one, &srt(lines(40)), [true, false]), Difference::Nowhere { cues: 6, is_whole: false });
        assert!(matches!(cut(&one, &srt(lines(40)), [false, true]), Difference::At { cue: 8, one: None, .. }));
        assert!(matches!(cut(&one, &one, [true, true]), Difference::Nowhere { is_whole: false, .. }));
    }

    #[test]
    fn that_every_cue_differs_is_told_only_of_whole_ones() {
        let other = |count: usize| srt((0..count).map(|n| format!("ligne {n}")));
        assert!(matches!(of(&srt(lines(30)), &other(30)), Difference::Everywhere { .. }));
        assert!(matches!(of(&srt(lines(30)), &other(31)), Difference::At { cue: 1, .. }));
        assert!(matches!(cut(&srt(lines(30)), &other(30), [false, true]), Difference::At { cue: 1, .. }));
    }

    #[test]
    fn of_a_long_text_the_part_that_differs_is_kept() {
        let long = "word ".repeat(20_000);
        let difference = of(&srt(["a", &format!("{long}colour")]), &srt(["a", &format!("{long}color")]));
        let Difference::At { cue: 2, one: Some(one), two: Some(two) } = difference else { panic!("{difference:?}") };
        assert!(one.text.len() <= LONGEST && one.text.ends_with("colour") && two.text.ends_with("color"));
    }

    #[test]
    fn what_is_no_transcript_has_no_cues_to_compare() {
        assert_eq!(of(&srt(lines(3)), "<html><body>not found</body></html>"), Difference::NoCues);
        assert_eq!(of("", &srt(lines(3))), Difference::NoCues);
    }
}
