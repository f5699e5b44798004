//! Cost of checking: one row (budget 500 ns), all rows, and one edit among many rows.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a bench may stop at a fault of its own")]

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use cuecard::domain::draft::{Change, Draft, Edit, Snapshot};
use cuecard::domain::evidence::{Answer, Fact, Object, Observation, Observed, Subject, SubjectKind};
use cuecard::domain::findings::Findings;
use cuecard::domain::manifest::{Field, Manifest, Row, Value};
use cuecard::domain::row_set::RowSet;
use cuecard::domain::rules::check_row;
use std::borrow::Cow;
use std::fmt::Write;
use std::hint::black_box;
use std::sync::Arc;

const ROWS: u32 = 200_000;

/// Rows as a dashboard exports them: one index, some folders outside ASCII, a third with a transcript.
fn snapshot() -> Snapshot {
    let mut json = String::from("[\n");
    for row in 0..ROWS {
        let comma = if row == 0 { "" } else { ",\n" };
        let folder = ["news", "docu séries", "日本語", "sports"][row as usize % 4];
        let transcript = if row % 3 == 0 { format!("s3://acme-captions/{folder}/{row:07}.srt") } else { String::new() };
        write!(
            json,
            "{comma}  {{\n    \"index_id\": \"6298d673f1090f1100476d4c\",\n    \"language\": \"en\",\n    \
             \"object\": \"s3://acme-video/{folder}/{row:07}.mp4\",\n    \"transcription\": \"{transcript}\"\n  }}"
        )
        .unwrap();
    }
    json.push_str("\n]\n");
    Snapshot::of(Arc::new(Manifest::parse(json.into_bytes()).unwrap()))
}

fn one_row(c: &mut Criterion) {
    let row = |object, transcription| {
        let text = |text| Value::Text(Cow::Borrowed(text));
        Row::new(true, [text("6298d673f1090f1100476d4c"), text("en"), text(object), text(transcription)], 0)
    };
    let mut group = c.benchmark_group("check_row");
    for (name, row) in [
        ("sound", row("s3://acme-video/news/2026/0711.mp4", "s3://acme-captions/news/2026/0711.srt")),
        ("sound, not ASCII", row("s3://acme-video/日本語/2026/0711.mp4", "s3://acme-captions/日本語/2026/0711.srt")),
        ("names written differently", row("s3://acme-video/news/0711.mp4", "s3://acme-captions/news/0711.en.srt")),
        ("a signed link", row("https://acme.s3.amazonaws.com/1.mp4?X-Amz-Signature=0", "")),
    ] {
        let mut hits = Vec::new();
        group.bench_function(name, |b| {
            b.iter(|| {
                hits.clear();
                check_row(black_box(&row), &mut hits);
            });
        });
    }
}

fn all_rows(c: &mut Criterion) {
    let snapshot = snapshot();
    let mut group = c.benchmark_group("findings");
    group.sample_size(10).throughput(Throughput::Elements(ROWS.into()));
    group.bench_function("check", |b| b.iter(|| Findings::check(&snapshot, |_| true)));

    let mut draft = Draft::new(Arc::clone(snapshot.base()));
    let text = "s3://acme-captions/news/0000000.srt".to_owned();
    let rows = draft.apply(Edit { rows: RowSet::one(4711), change: Change::Set(Field::Transcription, text) });
    let findings = Findings::check(&snapshot, |_| true).unwrap();
    group.throughput(Throughput::Elements(1));
    group.bench_function("follow one edit and back", |b| {
        b.iter_batched_ref(
            || findings.clone(),
            |findings| {
                findings.update(&snapshot, draft.now(), &rows);
                findings.update(draft.now(), &snapshot, &rows);
            },
            BatchSize::LargeInput,
        );
    });
}

/// A batch of answers while a job shares the findings: the first answer copies the chunk that the rest change.
fn learning(c: &mut Criterion) {
    let snapshot = snapshot();
    let findings = Findings::check(&snapshot, |_| true).unwrap();
    let batch: Vec<Observed> = (0..256)
        .map(|at| at * 300)
        .map(|row| {
            let subject =
                Subject::of(SubjectKind::Transcript, snapshot.value(row, Field::Transcription).text()).unwrap();
            let fact = Fact::Transcript(Object { region: None, signed: false, answer: Answer::Empty });
            let observation = Some(Arc::new(Observation { at_ms: 0, requests: 1, cached: false, fact }));
            Observed { rows: vec![row], subject, observation }
        })
        .collect();
    let mut group = c.benchmark_group("learn");
    group.throughput(Throughput::Elements(batch.len() as u64));
    group.bench_function("256 answers", |b| {
        b.iter_batched_ref(|| findings.clone(), |own| own.observe(&snapshot, &batch), BatchSize::LargeInput);
    });
    group.bench_function("256 answers while a filter runs", |b| {
        let shared = Arc::new(findings.clone());
        b.iter_batched_ref(
            || Arc::clone(&shared),
            |own| Arc::make_mut(own).observe(&snapshot, &batch),
            BatchSize::LargeInput,
        );
    });
}

criterion_group!(benches, one_row, all_rows, learning);
criterion_main!(benches);
