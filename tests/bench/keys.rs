//! Cost of the picker and of completion over a million transcript keys, the first results as the screen gets them.

#![expect(clippy::unwrap_used, reason = "a bench may stop at a fault of its own")]

use criterion::{Criterion, criterion_group, criterion_main};
use cuecard::domain::keys::{Key, KeyList, complete, rank};
use std::hint::black_box;
use std::sync::atomic::AtomicBool;

const KEYS: u32 = 1_000_000;
const LIMIT: usize = 1_000;

/// Folders of 24 in four schemes.
fn key(at: u32) -> String {
    let (folder, file) = (at / 24, at % 24);
    match folder % 4 {
        0 => format!("subs/harbour-{folder}/2023/ep{file}.srt"),
        1 => format!("captions/harbour-{folder}/part{file}.en.vtt"),
        2 => format!("text/tide-{folder}/the-tide-talk-{file}.srt"),
        _ => format!("text/harbour-{folder}/harbour-{folder}_1x{file:02}.srt"),
    }
}

fn keys(c: &mut Criterion) {
    let list: KeyList = (0..KEYS).map(|at| Key::named("acme-captions", key(at))).collect();
    let go = AtomicBool::new(false);
    let mut group = c.benchmark_group("a million keys");
    group.sample_size(20);
    for (video, query) in [
        ("media/harbour-20001/part7.mp4", ""),
        ("text/harbour-20003/harbour-20003.S01E05.1080p.mp4", ""),
        ("in/tide-20002/The Tide Talk_07.MP4", ""),
        ("media/harbour-20001/part7.mp4", "p"),
        ("media/harbour-20001/part7.mp4", "part7"),
        ("media/harbour-20001/part7.mp4", "harbour-2000"),
    ] {
        let name = format!("rank {query:?} for {}", video.rsplit_once('/').unwrap().1);
        let ranked = || rank(&list, video, query, &|_| None, LIMIT, &go).unwrap();
        group.bench_function(name, |b| b.iter(|| black_box(ranked())));
    }
    for typed in ["s3://acme-captions/captions/harbour-2", "part7"] {
        let completed = || complete(&list, typed, "media/harbour-20001/part7.mp4", &|_| None, LIMIT, &go).unwrap();
        group.bench_function(format!("complete {typed:?}"), |b| b.iter(|| black_box(completed())));
    }
    group.finish();
}

criterion_group!(benches, keys);
criterion_main!(benches);
