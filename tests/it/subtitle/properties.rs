//! Properties of any bytes, and of any sound file.

use cuecard::domain::subtitle::{FaultKind, Format, Inspected, Transcript, inspect};
use proptest::collection::vec;
use proptest::prelude::*;
use std::fmt::Write;

/// Pieces that are hard for scanners.
const PIECES: &[&str] = &[
    "\n",
    "\n\n",
    "\r\n",
    "\r",
    "1",
    "2",
    "42",
    " ",
    "\t",
    "00:00:01,000",
    "00:00:02,000",
    " --> ",
    "-->",
    "->",
    "00:01.000",
    "00:02.000",
    "WEBVTT",
    "NOTE",
    "STYLE",
    "REGION",
    "<b>",
    "</b>",
    "<v ",
    "<00:01.500>",
    "&amp;",
    "&",
    "\0",
    "\u{FEFF}",
    "text",
    "é",
    "日本",
    "\u{2028}",
    "{\\an8}",
    "{1}{2}",
    "X1:1",
    "align:start",
    "99999999999999999999:00:00,000",
    ":",
    ",",
    ".",
];

fn any_bytes() -> impl Strategy<Value = Vec<u8>> {
    let pieces = vec(prop::sample::select(PIECES), 0..60).prop_map(|pieces| pieces.concat().into_bytes());
    prop_oneof![pieces, vec(any::<u8>(), 0..300)]
}

fn hold(bytes: &[u8], found: &Transcript) {
    assert!(found.recovered <= found.apparent);
    assert!(
        found.first_ms <= found.last_ms
            || found.apparent == 0
            || found.faults.iter().any(|f| f.kind == FaultKind::EndBeforeStart)
    );
    assert!(found.covered_ms <= found.last_ms);
    assert!(found.opening.len() <= 4 && found.opening.iter().all(|cue| cue.text.chars().count() <= 160));
    let lines = bytes.iter().filter(|b| matches!(b, b'\n' | b'\r')).count() + 1;
    for fault in &found.faults {
        assert!((1..=lines).contains(&(fault.line as usize)) && fault.column >= 1 && fault.count >= 1, "{fault:?}");
        assert!(fault.column as usize <= bytes.len() + 1, "{fault:?}");
    }
    assert!(found.recovered == found.apparent || !found.faults.is_empty(), "a loss is explained");
    assert!(found.faults.is_sorted_by_key(|fault| fault.severity));
}

/// Cues as start, length, pause and lines of text.
fn cues() -> impl Strategy<Value = Vec<(u64, u64, Vec<String>)>> {
    let line = "[A-Za-zäö日][A-Za-z0-9 ,.!?'äö日-]{0,30}";
    vec((0u64..5000, 1u64..5000, vec(line, 1..4)), 1..30)
}

fn written(format: Format, newline: &str, cues: &[(u64, u64, Vec<String>)]) -> String {
    let mut out = String::new();
    let sign = if format == Format::Srt { ',' } else { '.' };
    let clock =
        |ms: u64| format!("{:02}:{:02}:{:02}{sign}{:03}", ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60, ms % 1000);
    if format == Format::WebVtt {
        write!(out, "WEBVTT{newline}{newline}").unwrap();
    }
    let mut at = 3_590_000;
    for (index, (pause, length, text)) in cues.iter().enumerate() {
        let (start, end) = (at + pause, at + pause + length);
        let text: Vec<_> = text.iter().map(|line| line.trim_end()).collect();
        let text = text.join(newline);
        write!(out, "{}{newline}{} --> {}{newline}{text}{newline}{newline}", index + 1, clock(start), clock(end))
            .unwrap();
        at = end;
    }
    out
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in any_bytes(), is_cut: bool, has_header: bool) {
        let bytes = if has_header { [b"WEBVTT\n\n", &bytes[..]].concat() } else { bytes };
        if let Inspected::Subtitles(found) = inspect(&bytes, is_cut) {
            hold(&bytes, &found);
        }
    }

    #[test]
    fn a_sound_file_has_all_its_cues_and_no_fault(cues in cues(), is_srt: bool, is_crlf: bool) {
        let format = if is_srt { Format::Srt } else { Format::WebVtt };
        let text = written(format, if is_crlf { "\r\n" } else { "\n" }, &cues);
        let Inspected::Subtitles(found) = inspect(text.as_bytes(), false) else { panic!("no subtitles") };
        prop_assert_eq!(&found.faults, &[]);
        prop_assert_eq!((found.format, found.apparent as usize, found.recovered as usize), (format, cues.len(), cues.len()));
        let covered: u64 = cues.iter().map(|(_, length, _)| length).sum();
        prop_assert_eq!(found.covered_ms, covered);
    }

    /// A cue in the usual form is read by a short cut; one in another form that means the same is not.
    #[test]
    fn a_cue_means_the_same_whether_or_not_its_form_is_usual(cues in cues(), is_srt: bool, is_crlf: bool) {
        let format = if is_srt { Format::Srt } else { Format::WebVtt };
        let usual = written(format, if is_crlf { "\r\n" } else { "\n" }, &cues);
        // A blank behind each line of times turns the short cut off and is allowed by every parser.
        let unusual = usual.lines().map(|line| if line.contains(" --> ") { format!("{line} \n") } else { format!("{line}\n") });
        let [usual, unusual] = [usual.clone(), unusual.collect()].map(|text| inspect(text.as_bytes(), false));
        prop_assert_eq!(usual, unusual);
    }

    #[test]
    fn removing_a_line_never_adds_cues(cues in cues(), is_srt: bool, line in 0usize..100) {
        let text = written(if is_srt { Format::Srt } else { Format::WebVtt }, "\n", &cues);
        let mut lines: Vec<_> = text.split_inclusive('\n').collect();
        lines.remove(line % lines.len());
        if let Inspected::Subtitles(found) = inspect(lines.concat().as_bytes(), false) {
            prop_assert!(found.apparent as usize <= cues.len());
            prop_assert!(found.recovered <= found.apparent);
        }
    }
}
