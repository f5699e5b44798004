//! The sources of keys, and the line that takes one more.

use super::{now, pictures, saved};
use cuecard::app::jobs::Task;
use cuecard::app::model::Model;
use cuecard::app::msg::{Bucket, FoundList, KeysSoFar, Msg, SourceId};
use cuecard::app::screens::{Screen, keys::Keys};
use cuecard::app::session::{KeySource, SourceState};
use cuecard::app::update;
use cuecard::domain::keys::{
    Column, Columns, Endings, Key, KeyList, NotKeys, Shape, Source, SourceFault, Summary, TableColumn, WhichColumns,
};
use std::sync::Arc;

fn source(id: u32, name: &str, state: SourceState, usable: u32) -> KeySource {
    let list: KeyList = (0..usable).map(|n| Key::named("acme-captions", format!("{id}/{n}.srt"))).collect();
    let source = KeySource::new(SourceId(id), Source::parse(name).unwrap(), state);
    KeySource { list: Arc::new(list), ..source }
}

fn read(shape: Shape, keys: u64, usable: u64, minutes: i64, more: impl FnOnce(&mut Summary)) -> SourceState {
    let mut summary = Summary { shape, keys, usable, entries: keys, ..Summary::default() };
    more(&mut summary);
    SourceState::Read { summary: Box::new(summary), at: now().at(now().unix_ms - minutes * 60_000) }
}

fn table() -> SourceState {
    let column = |name: &str, first: &str, videos, transcripts| TableColumn {
        name: Some(name.into()),
        first: first.into(),
        filled: 200,
        videos,
        transcripts,
        objects: Some(videos),
        ..TableColumn::default()
    };
    let which = WhichColumns {
        source: Source::parse("pairs.csv").unwrap(),
        columns: vec![
            column("asset", "ep-001", 0, 0),
            column("source_file", "shows/ep-001/master.mov", 200, 0),
            column("captions", "subs/ep-001.en.vtt", 0, 198),
            column("owner", "m.holm", 0, 0),
        ],
        guess: Some(Columns { video: Some(Column::Number(2)), transcript: Column::Number(3) }),
        missing: None,
    };
    SourceState::Refused(Box::new(SourceFault::Columns(Box::new(which))))
}

fn model(size: (u16, u16)) -> Model {
    let mut model = saved(size, Vec::new());
    let sources = &mut model.session_mut().unwrap().keys;
    let doubtful = |summary: &mut Summary| {
        summary.not_keys = NotKeys::default();
        for line in 1..=83 {
            summary.not_keys.add(line * 24, "--More--");
        }
        let mut others = Endings::default();
        for (ending, count) in [("json", 8), ("txt", 3), ("jpg", 1)] {
            (0..count).for_each(|n| others.count(&format!("{n}.{ending}")));
        }
        summary.others = others;
    };
    sources.all = vec![
        source(1, "s3://acme-captions/", read(Shape::Bucket { signed: false }, 9_214, 8_934, 5, |_| {}), 8_934),
        source(2, "captions-2025.txt", read(Shape::AwsLs { recursive: true }, 1_980, 1_968, 4, doubtful), 1_968),
        source(3, "s3://acme-legacy/subs/", read(Shape::Bucket { signed: true }, 12, 12, 3, |_| {}), 12),
        source(4, "pairs.csv", table(), 0),
    ];
    let all = sources.all.iter().map(|source| &*source.list);
    sources.list = Arc::new(cuecard::domain::keys::Listed::of_all(all).keys().clone());
    model
}

fn open(model: &mut Model, cursor: usize) -> Screen {
    let _ = model;
    let mut keys = Keys::default();
    keys.scroll.cursor = cursor;
    Screen::Keys(keys)
}

#[test]
fn a_table_asks_its_columns_among_the_sources() {
    pictures("sources", model, |model| open(model, 3));
}

#[test]
fn unread_lines_are_shown_for_the_selected_source() {
    pictures("sources-doubt", model, |model| open(model, 1));
}

#[test]
fn a_source_that_is_read_and_one_that_is_refused_stand_among_the_others() {
    let mixed = |size| {
        let mut model = model(size);
        let sources = &mut model.session_mut().unwrap().keys;
        let so_far = KeysSoFar { list: sources.all[0].list.clone(), ..KeysSoFar::default() };
        sources.all[0].state = SourceState::Reading(so_far);
        let gone = SourceFault::NoFile { source: Box::new(Source::parse("captions-2025.txt").unwrap()) };
        sources.all[1].state = SourceState::Refused(Box::new(gone));
        sources.all[1].list = Arc::default();
        model
    };
    pictures("sources-mixed", mixed, |model| open(model, 1));
}

#[test]
fn one_more_source_is_typed_or_taken_from_what_was_found() {
    let found = |model: &mut Model| {
        model.session_mut().unwrap().keys = Default::default();
        for key in ":sources".chars().map(crossterm::event::KeyCode::Char) {
            update(model, Msg::Key(key.into()));
        }
        update(model, Msg::Key(crossterm::event::KeyCode::Enter.into()));
        update(model, Msg::Key(crossterm::event::KeyCode::Enter.into()));
        let job = |model: &Model, task| model.jobs.id(task).unwrap();
        let bucket = Bucket { name: "acme-video".into(), transcripts: 0, videos: 20 };
        update(model, Msg::BucketsFound(job(model, Task::FindBuckets), vec![bucket]));
        let list = |path: &str, shape: &str, size, when: &str| FoundList {
            path: path.into(),
            shape: shape.into(),
            size,
            when: when.into(),
        };
        let lists = vec![
            list("captions-2025.txt", "aws s3 ls", 214_000, "today 13:40"),
            list("pairs.csv", "a table", 31_000, "yesterday"),
        ];
        update(model, Msg::ListsFound(job(model, Task::FindLists), lists));
        let Some(Screen::AddSource(mut screen)) = model.screens.pop() else { panic!("it is open") };
        model.screens.clear();
        // As pairing leads to it, when no keys are known.
        screen.then = Some(cuecard::app::action::Action::Sources);
        Screen::AddSource(screen)
    };
    pictures("add-source", |size| saved(size, Vec::new()), found);
}
