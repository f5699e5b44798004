//! Cost of pairing: a bucket with many schemes, and shapes that tempt to compare everything with everything.

#![expect(clippy::unwrap_used, reason = "a bench may stop at a fault of its own")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use cuecard::domain::draft::Snapshot;
use cuecard::domain::keys::{Key, KeyList};
use cuecard::domain::manifest::Manifest;
use cuecard::domain::pair::{Inputs, Pairing, run};
use std::fmt::Write;
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

struct World {
    snapshot: Snapshot,
    keys: KeyList,
    rows: u64,
}

impl World {
    /// `pair`: the keys of the video and the transcript with a number.
    fn new(rows: u64, pair: impl Fn(u64) -> (String, String)) -> World {
        let mut json = String::from("[");
        let mut keys = Vec::new();
        for row in 0..rows {
            let (video, transcript) = pair(row);
            let comma = if row == 0 { "\n" } else { ",\n" };
            write!(
                json,
                "{comma}{{\"index_id\": \"6298d673f1090f1100476d4c\", \"language\": \"en\", \"object\": \"s3://acme-video/{video}\", \
                 \"transcription\": \"\"}}"
            )
            .unwrap();
            keys.push(Key::named("acme-captions", transcript));
        }
        json.push_str("\n]\n");
        let snapshot = Snapshot::of(Arc::new(Manifest::parse(json.into_bytes()).unwrap()));
        World { snapshot, keys: keys.into_iter().collect(), rows }
    }

    /// With the sentence of every row.
    fn pair(&self) -> usize {
        let pairing: Pairing = run(&Inputs::new(&self.snapshot, &self.keys), &|_| {}, &AtomicBool::new(false)).unwrap();
        pairing.proposals().iter().map(|proposal| pairing.reason(proposal).len()).sum()
    }
}

/// Folders of 24 in seven schemes.
fn schemes(at: u64) -> (String, String) {
    let (folder, file) = (at / 24, at % 24);
    let show = format!("harbour-{folder}");
    match folder % 7 {
        0 => (format!("uploads/{show}/2023/ep{file}.mp4"), format!("subs/{show}/2023/ep{file}.srt")),
        1 => (format!("media/{show}/part{file}.mp4"), format!("captions/{show}/part{file}.en.vtt")),
        2 => (format!("in/{show}/The Tide Talk_{file:02}.MP4"), format!("out/{show}/the-tide-talk-{file}.srt")),
        3 => (
            format!("vod/{show}/Season 1/{show}.S01E{file:02}.1080p.mp4"),
            format!("text/{show}/{show}_1x{file:02}.srt"),
        ),
        4 => (format!("shoot/{show}/A{file:03}/C0001.MP4"), format!("shoot-text/{show}/A{file:03}_C0001.srt")),
        5 => (
            format!("news/{show}/2024-01-{:02} evening.mp4", file + 1),
            format!("text/{show}/evening_202401{:02}.srt", file + 1),
        ),
        _ => (
            format!("lms/{show}/Week {}/Lecture {} - Tides.mp4", file / 3 + 1, file % 3 + 1),
            format!("lms-text/{show}/w{:02}-l{:02}.en.vtt", file / 3 + 1, file % 3 + 1),
        ),
    }
}

fn one_folder(at: u64) -> (String, String) {
    (format!("v/clip {at}.mp4"), format!("t/clip_{at}.srt"))
}

fn same_names(at: u64) -> (String, String) {
    (format!("uploads/show {}/ep{}.mp4", at / 10, at % 10), format!("subs/show {}/ep{}.srt", at / 10, at % 10))
}

/// No folder of one side has a counterpart on the other.
fn same_names_elsewhere(at: u64) -> (String, String) {
    (format!("uploads/{}x/ep{}.mp4", word(at / 10), at % 10), format!("subs/{}y/ep{}.srt", word(at / 10), at % 10))
}

/// The only transcript that fits, among others.
fn intro(at: u64) -> String {
    if at == 0 { "intro".to_owned() } else { format!("other {at}") }
}

/// A few transcripts that fit every video but for its last word.
fn talk(at: u64) -> String {
    if at < 10 { format!("{at}/talk") } else { format!("other {at}") }
}

/// A number in letters.
fn word(at: u64) -> String {
    at.to_string().bytes().map(|digit| char::from(digit - b'0' + b'k')).collect()
}

fn pairing(c: &mut Criterion) {
    const ROWS: u64 = 100_000;
    let mut group = c.benchmark_group("pair");
    group.sample_size(10);
    for (name, world) in [
        ("many schemes", World::new(ROWS, schemes)),
        // A tenth of the rows must take about a tenth of the time.
        ("one folder of 10,000", World::new(ROWS / 10, one_folder)),
        ("one folder", World::new(ROWS, one_folder)),
        ("the same names in 1,000 folders", World::new(ROWS / 10, same_names)),
        ("the same names in 10,000 folders", World::new(ROWS, same_names)),
        ("the same names in 1,000 folders, elsewhere", World::new(ROWS / 10, same_names_elsewhere)),
        ("the same names in 10,000 folders, elsewhere", World::new(ROWS, same_names_elsewhere)),
        (
            "one id in all names",
            World::new(ROWS, |at| {
                (
                    format!("v/{}/HN004512A {}.mp4", word(at), at % 7),
                    format!("t/{}/HN004512A {}.srt", word(at + 50 * ROWS), at % 9),
                )
            }),
        ),
        (
            "the same names in folders that say nothing",
            World::new(ROWS, |at| (format!("alpha{}/intro.mp4", at + 7), format!("beta{}/intro.srt", at * 3))),
        ),
        // All names are the same but for one number; the transcripts' numbers begin where the videos' end.
        ("one number", World::new(ROWS, |at| (format!("v/clip {at}.mp4"), format!("t/clip {}.srt", at + ROWS)))),
        ("a number more", World::new(ROWS, |at| (format!("v/clip {at}.mp4"), format!("t/clip {at} {}.srt", at % 7)))),
        (
            "one transcript for all",
            World::new(ROWS, |at| (format!("v/{at}/intro.mp4"), format!("t/{}.srt", intro(at)))),
        ),
        ("a word more", World::new(ROWS, |at| (format!("v/talk {}.mp4", word(at)), format!("t/{}.srt", talk(at))))),
        ("nothing fits", World::new(ROWS, |at| (format!("v/{at:x}a.mp4"), format!("t/other/{at:x}b.srt")))),
    ] {
        group.throughput(Throughput::Elements(world.rows));
        group.bench_function(name, |b| b.iter(|| black_box(world.pair())));
    }
    group.finish();
}

criterion_group!(benches, pairing);
criterion_main!(benches);
