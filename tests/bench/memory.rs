//! Memory that a session keeps for each checked transcript: the answer, its address and its place among all. Every
//! transcript has 28 KB, its own first cues and an address of 80 bytes. Prints bytes (budget: 300 each, for a million).
//!
//!     cargo bench --bench memory -- 1000000

#![expect(clippy::indexing_slicing, reason = "a bench may stop at a fault of its own")]

use cuecard::domain::evidence::{Answer, Evidence, Fact, Found, Object, Observation, Subject, SubjectKind};
use cuecard::domain::subtitle::inspect;
use std::fmt::Write;
use std::time::{Duration, Instant};

const WORDS: [&str; 32] = [
    "the", "harbour", "is", "open", "again", "and", "ferries", "to", "islands", "run", "from", "tomorrow", "morning",
    "said", "chief", "engineer", "while", "we", "are", "ready", "for", "Winter,", "nobody", "I", "know", "would",
    "have", "thought", "of", "that.", "Listen:", "it's",
];

/// Cues of two lines, nine words in all, with faults that many transcripts have.
fn cues(text: &mut String, numbers: std::ops::Range<usize>, mut seed: usize) {
    for cue in numbers {
        let time =
            |ms: usize| format!("{:02}:{:02}:{:02},{:03}", ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60, ms % 1000);
        let start = cue * 4_040 + seed % 700;
        let _ = write!(text, "{}\n{} --> {}\n", cue + 1, time(start), time(start + 2_200 + seed % 1_700));
        for word in 0..9 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let end = match word {
                4 => "\n",
                8 => "\n\n",
                _ => " ",
            };
            let _ = write!(text, "{}{end}", WORDS[seed >> 59]);
        }
    }
}

fn observation(number: usize, rest: &str) -> Observation {
    let mut text = String::with_capacity(30_000);
    cues(&mut text, 0..6, number);
    text.push_str(rest);
    let what = inspect(text.as_bytes(), false);
    let seal = (number as u128 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    let etag = Some(format!("\"{seal:032x}\"").into());
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
    let mut rest = String::new();
    cues(&mut rest, 6..340, 1);
    println!("a transcript: {} bytes", rest.len());
    let mut evidence = Evidence::default();
    let before = resident();
    let mut took = Duration::ZERO;
    for number in 0..count {
        let season = number / 1_000;
        let name =
            format!("s3://captions-of-archive/broadcast/2026/season-{season:04}/episode-{number:07}-final.en.srt");
        if let Some(subject) = Subject::of(SubjectKind::Transcript, &name) {
            let observation = observation(number, &rest);
            let began = Instant::now();
            evidence.observe(&subject, &observation);
            took += began.elapsed();
        }
    }
    assert_eq!(evidence.len(), count, "every address is one that can be asked about");
    let bytes = resident().saturating_sub(before);
    println!("{count} transcripts: {} bytes each, {} MB in all", bytes / count.max(1), bytes / 1_000_000);
    println!("to keep one: {} ns", took.as_nanos() / count.max(1) as u128);
}
