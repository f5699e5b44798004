//! Cost of counting over a million rows: bulk edit preview, template, merge. The budget is a second each. And of ranking a
//! million keys for one video: 50 ms.

#![expect(clippy::unwrap_used, reason = "a bench may stop at a fault of its own")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use cuecard::domain::bulk::{Action, Class, Pattern, plan};
use cuecard::domain::draft::Snapshot;
use cuecard::domain::keys::{Key, KeyList, Listed, rank};
use cuecard::domain::manifest::{Field, Manifest};
use cuecard::domain::merge::merge;
use cuecard::domain::row_set::RowSet;
use cuecard::domain::template::{Lesson, Template, apply, learn};
use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

const ROWS: u32 = 1_000_000;

/// Half of the rows have a transcript if `filled`.
fn snapshot(filled: bool) -> Snapshot {
    let mut json = String::from("[");
    for row in 0..ROWS {
        let comma = if row == 0 { "" } else { "," };
        let transcript = if filled && row % 2 == 0 { format!("s3://old-captions/{row:07}.srt") } else { String::new() };
        write!(
            json,
            "{comma}\n  {{\n    \"index_id\": \"6298d673f1090f1100476d4c\",\n    \"language\": \"en\",\n    \
             \"object\": \"s3://acme-video/news/{}/{row:07}.mp4\",\n    \"transcription\": \"{transcript}\"\n  }}",
            row % 1000
        )
        .unwrap();
    }
    json.push_str("\n]\n");
    Snapshot::of(Arc::new(Manifest::parse(json.into_bytes()).unwrap()))
}

fn keys() -> KeyList {
    (0..ROWS).map(|row| Key::named("acme-captions", format!("news/{}/{row:07}.en.vtt", row % 1000))).collect()
}

fn counts(c: &mut Criterion) {
    let (filled, empty, keys) = (snapshot(true), snapshot(false), keys());
    let all = RowSet::range(0, ROWS);
    let mut group = c.benchmark_group("a million rows");
    group.sample_size(10).throughput(Throughput::Elements(ROWS.into()));
    group.bench_function("hash the list of keys", |b| b.iter(|| Listed::of(&keys)));
    let listed = Listed::of(&keys);
    group.bench_function("set", |b| {
        b.iter(|| plan(Action::set(Field::Language, "en-US"), &filled, &all, None, |_| true));
    });
    let pattern = || Pattern::new("^s3://old-captions/(.+)\\.srt$", "s3://acme-captions/$1.vtt").unwrap();
    group.bench_function("replace", |b| {
        b.iter(|| plan(Action::Replace(Field::Transcription, pattern()), &filled, &all, Some(&listed), |_| true));
    });
    let replace = plan(Action::Replace(Field::Transcription, pattern()), &filled, &all, None, |_| true).unwrap();
    group
        .bench_function("the edit of a replacement", |b| b.iter(|| replace.edit(&filled, &[Class::Changes], |_| true)));
    let template = Template::read("s3://acme-captions/{folder}/{stem}.{lang}.vtt").unwrap();
    group.bench_function("template", |b| b.iter(|| apply(&template, &empty, &all, Some(&listed), |_| true)));
    group.bench_function("merge", |b| b.iter(|| merge(filled.clone(), empty.clone(), |_| true)));
}

/// Keys for one video, as the picker ranks them after each letter.
fn picking(c: &mut Criterion) {
    let keys = keys();
    let mut group = c.benchmark_group("pick one of a million keys");
    group.sample_size(10);
    for query in ["", "n", "news 0712", "0712345", "nothing holds this"] {
        let go = AtomicBool::new(false);
        let video = "s3://acme-video/news/345/0712345.mp4";
        group.bench_function(format!("{query:?}"), |b| b.iter(|| rank(&keys, video, query, &|_| None, 1_000, &go)));
    }
    group.finish();
}

fn learning(c: &mut Criterion) {
    let names = [("0700", "s3://acme-captions/news/0/0700.en.vtt"), ("0701", "s3://acme-captions/news/0/0701.en.vtt")];
    let row = |(stem, transcript): (&str, &str)| {
        format!(r#"{{"language":"en","object":"s3://acme-video/news/0/{stem}.mp4","transcription":"{transcript}"}}"#)
    };
    let json = format!("[{}]", names.map(row).join(","));
    let snapshot = Snapshot::of(Arc::new(Manifest::parse(json.into_bytes()).unwrap()));
    let (held, gain) = (RowSet::range(0, 2), RowSet::new());
    c.bench_function("learn from two rows", |b| {
        b.iter(|| {
            let lesson = Lesson { snapshot: &snapshot, examples: &[0, 1], held: &held, gain: &gain, listed: None };
            learn(&lesson, |_| true)
        });
    });
}

criterion_group!(benches, counts, picking, learning);
criterion_main!(benches);
