//! Memory that a session keeps for each checked transcript: the answer, its address and its place among all. Prints bytes.
//!
//!     cargo bench --bench memory -- 1000000

use cuecard::domain::evidence::{Answer, Evidence, Fact, Found, Object, Observation, Subject, SubjectKind};
use cuecard::domain::subtitle::inspect;
use std::fmt::Write;
use std::sync::Arc;

/// A transcript of 20 cues that no other number has.
fn transcript(number: usize) -> String {
    let mut text = String::new();
    for cue in 0..20 {
        let (minutes, seconds) = (cue * 4 / 60, cue * 4 % 60);
        let time = |second: usize| format!("00:{minutes:02}:{second:02},000");
        let (start, end) = (time(seconds), time(seconds + 2));
        let _ =
            write!(text, "{}\n{start} --> {end}\nthe harbour is open again on day {number}, line {cue}\n\n", cue + 1);
    }
    text
}

fn observation(number: usize) -> Observation {
    let text = transcript(number);
    let what = inspect(text.as_bytes(), false);
    let etag = Some(format!("\"{number:032x}\"").into());
    let answer = Answer::Found(Found { size: text.len() as u64, etag, what });
    let fact = Fact::Transcript(Object { region: Some("us-west-2".into()), signed: false, answer });
    Observation { at_ms: 1_790_000_000_000 + number as i64, requests: 1, cached: false, fact }
}

/// Bytes of this process that are in memory; 0 where the system doesn't tell it this way.
fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    statm.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok()).unwrap_or(0) * 4096
}

fn main() {
    let count = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(100_000);
    let mut evidence = Evidence::default();
    let before = resident();
    for number in 0..count {
        let name = format!("s3://captions-of-the-archive/2026/season-07/episode-{number:07}.srt");
        if let Some(subject) = Subject::of(SubjectKind::Transcript, &name) {
            evidence.observe(subject, Arc::new(observation(number)));
        }
    }
    assert_eq!(evidence.len(), count, "every address is one that can be asked about");
    let bytes = resident().saturating_sub(before);
    println!("{count} transcripts: {} bytes each, {} MB in all", bytes / count.max(1), bytes / 1_000_000);
    println!("an observation itself: {} bytes", size_of::<Observation>());
}
