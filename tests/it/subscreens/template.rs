//! A template for many rows.

use super::{model, pictures};
use crossterm::event::KeyCode;
use cuecard::app::jobs::Task;
use cuecard::app::model::Model;
use cuecard::app::screens::Screen;
use cuecard::app::{Effect, Msg, update};
use cuecard::domain::keys::{Key, KeyList, Listed};
use cuecard::domain::template::SavedTemplate;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Computes what is asked for, as the runtime would.
fn send(model: &mut Model, msg: Msg) {
    let mut waiting = vec![msg];
    while let Some(msg) = waiting.pop() {
        for effect in update(model, msg) {
            match effect {
                Effect::Compute(job, what) => waiting.extend(what.run(job, &|_| {}, &AtomicBool::new(false))),
                Effect::After { job, .. } => waiting.push(Msg::Elapsed(job)),
                _ => {}
            }
        }
    }
}

fn typed(model: &mut Model, text: &str) -> Screen {
    let keys: KeyList = (1..=18).map(|n| Key::named("acme-captions", format!("news/2026/07{n:02}.en.vtt"))).collect();
    let session = model.session_mut().unwrap();
    session.keys.listed = Arc::new(Listed::of(&keys));
    session.keys.list = Arc::new(keys);
    send(model, Msg::Key(KeyCode::Char('T').into()));
    let saved = |name: &str, text: &str| SavedTemplate { name: name.into(), text: text.into(), saved_ms: super::NOW };
    let saved = vec![
        saved("news", "s3://acme-captions/{folder}/{stem}.{lang}.vtt"),
        saved("sport", "s3://acme-captions/sport/{number:1:3}_{lang:long}.srt"),
    ];
    let job = model.jobs.id(Task::Templates).unwrap();
    send(model, Msg::TemplatesRead(job, Ok((saved, None))));
    send(model, Msg::Paste(text.into()));
    model.screens.pop().unwrap()
}

#[test]
fn a_template_shows_what_it_would_fill_and_its_parts() {
    pictures(
        "template",
        |size| model(size, Vec::new()),
        |model| typed(model, "s3://acme-captions/{folder}/{stem}.{lang}.vtt"),
    );
}

#[test]
fn a_fault_of_a_template_stands_under_its_place() {
    pictures("template-fault", |size| model(size, Vec::new()), |model| typed(model, "s3://acme-captions/{stm}.vtt"));
}
