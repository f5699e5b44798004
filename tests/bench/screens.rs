//! A million rows on the screen: from key to drawn frame, and the live filter.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a bench may stop at a fault of its own"
)]

use criterion::{Criterion, criterion_group, criterion_main};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use cuecard::app::command::Keymap;
use cuecard::app::compute::Compute;
use cuecard::app::model::Model;
use cuecard::app::msg::Loaded;
use cuecard::app::options::{AppOptions, Look};
use cuecard::app::{Effect, Msg, update};
use cuecard::domain::findings::Findings;
use cuecard::domain::manifest::Manifest;
use cuecard::domain::search::{self, Query};
use cuecard::ui;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

const ROWS: u32 = 1_000_000;

/// Rows as the dashboard exports them, 204 MB in all, a third with a transcript.
fn manifest() -> Manifest {
    let shows = ["news", "sports", "lectures", "interviews", "archive", "ads", "docu séries", "日本語"];
    let mut text = String::from("[\n");
    for row in 0..ROWS {
        let show = shows[row as usize % shows.len()];
        let stem = format!("{show}/{}/{row:07}-{show}-ep{:03}", 2015 + row % 11, row * 7 % 400);
        let transcript =
            if row % 3 == 0 { format!("s3://twelve-labs-docs/captions/{stem}.srt") } else { String::new() };
        let comma = if row + 1 < ROWS { "," } else { "" };
        let _ = write!(
            text,
            "  {{\n    \"index_id\": \"6298d673f1090f1100476d4c\",\n    \"language\": \"en\",\n    \"object\": \"s3://twelve-labs-docs/videos/{stem}.mp4\",\n    \"transcription\": \"{transcript}\"\n  }}{comma}\n"
        );
    }
    text.push_str("]\n");
    Manifest::parse(text.into_bytes()).unwrap()
}

fn opened() -> Model {
    let mut model = Model::new(AppOptions::default(), Look::default(), Keymap::default(), (120, 40));
    let effects = cuecard::app::load(&mut model, PathBuf::from("m.json"));
    let Some(Effect::Load(job, path)) = effects.into_iter().next() else { panic!("a load begins") };
    for effect in update(&mut model, Msg::Loaded(job, Box::new(Loaded { manifest: manifest(), path }))) {
        if let Effect::Compute(job, Compute::Check { snapshot, .. }) = effect {
            let findings = Findings::check(&snapshot, |_| true).unwrap();
            update(&mut model, Msg::Checked(job, Box::new(findings)));
        }
    }
    model
}

fn press(model: &mut Model, code: KeyCode) {
    update(model, Msg::Key(KeyEvent::new(code, KeyModifiers::NONE)));
}

fn key_to_frame(criterion: &mut Criterion) {
    let mut model = opened();
    let mut terminal = Terminal::new(TestBackend::new(120, 40)).unwrap();
    let mut group = criterion.benchmark_group("key to frame, a million rows");
    let keys = [
        ("move down", vec![KeyCode::Char('j')]),
        ("last and first row", vec![KeyCode::Char('G'), KeyCode::Char('g'), KeyCode::Char('g')]),
        ("next problem", vec![KeyCode::Char('}')]),
        ("open the editor and leave", vec![KeyCode::Char('e'), KeyCode::Esc]),
        ("clear a value and undo", vec![KeyCode::Char('d'), KeyCode::Char('u')]),
        ("list of problems and back", vec![KeyCode::Char('!'), KeyCode::Esc]),
        ("review and back", vec![KeyCode::Char('R'), KeyCode::Esc]),
        ("select all and none", vec![KeyCode::Char('a'), KeyCode::Char('a')]),
    ];
    for (name, keys) in keys {
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                for key in &keys {
                    press(&mut model, *key);
                    terminal.draw(|frame| ui::draw(&model, frame)).unwrap();
                }
            });
        });
    }
    group.finish();
}

/// Presses a key, and works out at once what that asks for.
fn press_and_wait(model: &mut Model, code: KeyCode) {
    let mut waiting = update(model, Msg::Key(KeyEvent::new(code, KeyModifiers::NONE)));
    while let Some(effect) = waiting.pop() {
        let msg = match effect {
            Effect::Compute(job, what) => what.run(job, &|_| {}, &AtomicBool::new(false)),
            Effect::After { job, .. } => Some(Msg::Elapsed(job)),
            _ => None,
        };
        waiting.extend(msg.into_iter().flat_map(|msg| update(model, msg)));
    }
}

fn bulk(criterion: &mut Criterion) {
    let mut model = opened();
    let mut terminal = Terminal::new(TestBackend::new(120, 40)).unwrap();
    let enter = |c: char| if c == '\n' { KeyCode::Enter } else { KeyCode::Char(c) };
    for c in "a:replace\n^(.+)\\.srt$\n$1.vtt".chars() {
        press_and_wait(&mut model, enter(c));
    }
    let mut group = criterion.benchmark_group("bulk preview, a million rows");
    let keys = [
        ("next count", vec![KeyCode::Tab]),
        ("more of the values and back", vec![KeyCode::PageDown, KeyCode::PageUp]),
        ("type while rows are counted", vec![KeyCode::Char('x'), KeyCode::Backspace]),
    ];
    for (name, keys) in keys {
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                for key in &keys {
                    press(&mut model, *key);
                    terminal.draw(|frame| ui::draw(&model, frame)).unwrap();
                }
            });
        });
    }
    group.finish();
}

fn filter(criterion: &mut Criterion) {
    let model = opened();
    let session = model.session().unwrap();
    let mut group = criterion.benchmark_group("filter a million rows");
    group.sample_size(10);
    for text in ["ep399", "0999999", "news 2019", "日本語", "nothing holds this"] {
        let query = Query { text: text.to_owned(), ..Query::default() };
        let run = |stop: &AtomicBool, so_far: &mut dyn FnMut(Vec<u32>)| {
            search::run(&query, session.now(), session.findings.as_deref(), stop, so_far)
        };
        group.bench_function(format!("{text}, all"), |bencher| {
            bencher.iter(|| run(&AtomicBool::new(false), &mut |_| {}));
        });
        group.bench_function(format!("{text}, first hits"), |bencher| {
            bencher.iter(|| {
                let stop = AtomicBool::new(false);
                run(&stop, &mut |_| stop.store(true, Ordering::Relaxed))
            });
        });
    }
    group.finish();
}

criterion_group!(benches, key_to_frame, bulk, filter);
criterion_main!(benches);
