//! Transcripts: the measured cases of SRT and WebVTT, other files, and properties of any bytes.

mod field;
mod other;
mod properties;
mod srt;
mod summary;
mod vtt;

use cuecard::domain::rules::Severity;
use cuecard::domain::subtitle::{FaultKind, Format, Inspected, Transcript, inspect};

/// The expected description of a fault.
type Said<'a> = (FaultKind, &'a str, Severity, u32);

fn transcript(bytes: &[u8]) -> Transcript {
    match inspect(bytes, false) {
        Inspected::Subtitles(found) => *found,
        Inspected::Other(other) => panic!("{other:?}: {:?}", String::from_utf8_lossy(bytes)),
    }
}

/// A case of the tables: its fault, the number of cues, the number that all parsers recover, and its faults with rule,
/// severity and line, in any order.
fn expect(name: &str, format: Format, bytes: &[u8], apparent: u32, recovered: u32, said: &[Said<'_>]) {
    let found = transcript(bytes);
    let counts = (found.format, found.apparent, found.recovered);
    assert_eq!(counts, (format, apparent, recovered), "{name}: {:#?}", found.faults);
    let mut got: Vec<_> = found.faults.iter().map(|f| (f.kind, f.kind.rule().code(), f.severity, f.line)).collect();
    let mut said = said.to_vec();
    got.sort_unstable();
    said.sort_unstable();
    assert_eq!(got, said, "{name}");
}

#[test]
fn every_fault_has_words_and_a_rule_about_transcripts() {
    let rules = ["cues-lost", "cue-timing", "cue-order", "cue-overlap", "cue-format", "cues-repeated", "encoding"];
    for kind in FaultKind::ALL {
        assert!(rules.contains(&kind.rule().code()), "{kind:?}");
        let words = kind.words();
        assert!(!words.is_empty() && words.len() < 130 && !words.ends_with('.'), "{kind:?}: {words}");
        assert!(!words.chars().any(char::is_control), "{kind:?}");
    }
}
