//! Cost of inspecting a transcript (budgets: 10 µs for 1.5 KB, 40 µs for 28 KB of SRT and 50 µs of WebVTT; telling another
//! language than English takes 120 µs more).

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use cuecard::domain::subtitle::{Format, inspect};
use std::fmt::Write;
use std::hint::black_box;

const ENGLISH: &str = "the harbour reopened today after eleven days of storm and ferries to the islands run again from \
                       tomorrow morning said the chief engineer while we are ready";
const DUTCH: &str = "de haven is vandaag weer open gegaan na elf dagen storm en de veerboten naar de eilanden varen \
                     morgen weer zei de hoofdingenieur";

/// Cues of eight words, four seconds apart.
fn transcript(format: Format, words: &str, cues: usize) -> String {
    let (mut text, sign) = match format {
        Format::Srt => (String::new(), ','),
        Format::WebVtt => (String::from("WEBVTT\n\n"), '.'),
    };
    let mut words = words.split(' ').cycle();
    for cue in 0..cues {
        let time = |s: usize| format!("{:02}:{:02}:{:02}{sign}000", s / 3600, s / 60 % 60, s % 60);
        let line: Vec<&str> = words.by_ref().take(8).collect();
        let (start, end) = (time(cue * 4), time(cue * 4 + 3));
        let _ = write!(text, "{}\n{start} --> {end}\n{}\n\n", cue + 1, line.join(" "));
    }
    text
}

fn transcripts(c: &mut Criterion) {
    let mut group = c.benchmark_group("inspect");
    for (name, format, words, cues) in [
        ("3 cues", Format::Srt, ENGLISH, 3),
        ("20 cues", Format::Srt, ENGLISH, 20),
        ("360 cues", Format::Srt, ENGLISH, 360),
        ("360 cues, WebVTT", Format::WebVtt, ENGLISH, 360),
        ("360 cues, not English", Format::Srt, DUTCH, 360),
    ] {
        let text = transcript(format, words, cues);
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(name, |b| b.iter(|| inspect(black_box(text.as_bytes()), false)));
    }
}

criterion_group!(benches, transcripts);
criterion_main!(benches);
