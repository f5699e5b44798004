//! Cost of the document at 100,000 and 1,000,000 rows: loading, decoding, editing, the bytes to save, the save.
//!
//! `cargo bench --bench document`; part of a name after `--` selects benchmarks.

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use cuecard::domain::draft::{Change, Draft, Edit};
use cuecard::domain::manifest::{Field, Manifest};
use cuecard::domain::row_set::RowSet;
use cuecard::io::files::{Over, Saved, read, save};
use std::fmt::Write as _;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

/// A manifest as the dashboard exports it: pretty-printed, a third of the transcripts filled.
fn manifest(rows: u32) -> Vec<u8> {
    let shows = ["news", "sports", "lectures", "interviews", "archive", "ads", "docu séries", "日本語"];
    let languages = ["en", "en", "en", "es", "ko", "ja", "fr", "de"];
    let mut state = 7u64;
    let mut random = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mut text = String::from("[\n");
    for row in 0..rows {
        let show = shows.get(random(8) as usize).copied().unwrap_or_default();
        let name = show.split(' ').next().unwrap_or_default();
        let stem = format!("{show}/{}/{row:07}-{name}-ep{:03}", 2015 + row % 11, 1 + random(399));
        let language = languages.get(random(8) as usize).copied().unwrap_or_default();
        let extension = if random(2) == 0 { "srt" } else { "vtt" };
        let transcription = match random(10) {
            0..3 => format!("s3://twelve-labs-docs/captions/{stem}.{extension}"),
            _ => String::new(),
        };
        let comma = if row + 1 < rows { "," } else { "" };
        let _ = write!(
            text,
            "  {{\n    \"index_id\": \"5270e9a1bb3c4d2f80617253\",\n    \"language\": \"{language}\",\n    \
             \"object\": \"s3://twelve-labs-docs/videos/{stem}.mp4\",\n    \"transcription\": \"{transcription}\"\n  }}{comma}\n"
        );
    }
    text.push_str("]\n");
    text.into_bytes()
}

fn one(row: u32) -> Edit {
    Edit { rows: RowSet::one(row), change: Change::Set(Field::Transcription, "s3://acme/captions/x.vtt".into()) }
}

fn document(criterion: &mut Criterion) {
    for (rows, name) in [(100_000, "100k"), (1_000_000, "1M")] {
        let bytes = Arc::new(manifest(rows));
        let mut group = criterion.benchmark_group(name);
        group.sample_size(10).measurement_time(Duration::from_secs(3));
        group.throughput(Throughput::Bytes(bytes.len() as u64));
        group.bench_function("index", |bencher| {
            bencher.iter(|| Manifest::parse_with(Arc::clone(&bytes), |_| true).map(|manifest| manifest.len()));
        });
        let Ok(base) = Manifest::parse_with(Arc::clone(&bytes), |_| true).map(Arc::new) else { return };
        group.throughput(Throughput::Elements(u64::from(rows)));
        group.bench_function("decode every row", |bencher| {
            bencher.iter(|| (0..rows).map(|row| base.row(row).text(Field::Object).len()).sum::<usize>());
        });
        group.bench_function("line of every row", |bencher| {
            bencher.iter(|| {
                let mut lines = base.lines();
                (0..rows).filter_map(|row| Some(lines.line_of(base.row_span(row)?.start))).sum::<usize>()
            });
        });
        let all = || Edit { rows: RowSet::range(0, rows), change: Change::Set(Field::Language, "fr".into()) };
        group.bench_function("set a field of every row", |bencher| {
            bencher.iter_batched(
                || Draft::new(Arc::clone(&base)),
                |mut draft| {
                    draft.apply(all());
                    draft
                },
                BatchSize::LargeInput,
            );
        });
        let mut bulk = Draft::new(Arc::clone(&base));
        bulk.apply(all());
        group.bench_function("pieces with every row edited", |bencher| {
            bencher.iter(|| bulk.now().pieces().map(<[u8]>::len).sum::<usize>());
        });
        group.throughput(Throughput::Elements(1));
        let mut draft = Draft::new(Arc::clone(&base));
        (0..rows).step_by(100).for_each(|row| drop(draft.apply(one(row))));
        group.bench_function("one more edit and undo, a hundredth edited, a snapshot held", |bencher| {
            bencher.iter(|| {
                let held = draft.now().clone();
                draft.apply(one(rows / 2 + 1));
                draft.undo();
                black_box(held)
            });
        });
        drop(group);
        save_after_one_edit(criterion, name, &base);
    }
}

fn save_after_one_edit(criterion: &mut Criterion, name: &str, base: &Arc<Manifest>) {
    let Ok(folder) = tempfile::tempdir() else { return };
    let path = folder.path().join("manifest.json");
    let mut draft = Draft::new(Arc::clone(base));
    let saved = save(&path, Over::Nothing, draft.now(), false);
    assert!(saved.is_ok(), "{saved:?}");
    let mut group = criterion.benchmark_group(name);
    group.sample_size(10).measurement_time(Duration::from_secs(5));
    group.throughput(Throughput::Bytes(base.bytes().len() as u64));
    group.bench_function("save after one edit", |bencher| {
        bencher.iter(|| {
            let row = draft.operations().len() as u32;
            draft.apply(one(row));
            let now = draft.now().clone();
            assert_eq!(save(&path, Over::This(draft.saved()), &now, false), Ok(Saved::Durable));
            draft.mark_saved(&now);
        });
    });
    group.bench_function("copy durably, for comparison", |bencher| {
        let copy = folder.path().join("copy.json");
        bencher.iter(|| std::fs::copy(&path, &copy).and_then(|_| std::fs::File::open(&copy)?.sync_all()).is_ok());
    });
    group.bench_function("read the file", |bencher| bencher.iter(|| read(&path, |_, _| true).is_ok()));
}

criterion_group!(benches, document);
criterion_main!(benches);
