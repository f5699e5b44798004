//! Properties of every frame, for any file, any keys and any window size.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use cuecard::app::layout::Layout;
use cuecard::app::msg::Reading;
use cuecard::app::screens::Screen;
use cuecard::app::{Model, Msg};
use cuecard::domain::manifest::Manifest;
use cuecard::domain::printable::hidden;
use cuecard::ui;
use cuecard::ui::sanitize::style_faults;
use proptest::prelude::*;

use crate::app_driver::{App, Picture};

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "(s3://)?[a-z]{1,9}/[a-zA-Z0-9 한뉴/._%-]{0,60}(\\.srt|\\.vt|\\.mp4)?".prop_map(quoted),
        1 => any::<String>().prop_map(quoted),
        1 => "[\u{0}-\u{1f}\u{200b}-\u{202e}\u{300}👩\u{200d}👧e\u{301}ab/]{0,20}".prop_map(quoted),
        1 => prop::sample::select(vec!["\"\"", "null", "42", "[]", "{\"a\": 1}", "\"en\"", "\"\\ud800\""]).prop_map(str::to_owned),
    ]
}

fn quoted(text: String) -> String {
    serde_json::to_string(&text).expect("a text is JSON")
}

fn row() -> impl Strategy<Value = String> {
    let names = ["index_id", "language", "object", "transcription"];
    let fields = prop::collection::vec(prop::option::weighted(0.9, value()), 4);
    let object = fields.prop_map(move |fields| {
        let members = names.iter().zip(fields).filter_map(|(name, value)| Some(format!("\"{name}\": {}", value?)));
        format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
    });
    prop_oneof![9 => object, 1 => value()]
}

fn manifest() -> impl Strategy<Value = String> {
    prop::collection::vec(row(), 0..40).prop_map(|rows| format!("[{}]", rows.join(",\n")))
}

const KEYS: &[&str] = &[
    "j",
    "j",
    "k",
    "G",
    "gg",
    "h",
    "l",
    "e",
    "c",
    "d",
    "x",
    "<space>",
    "v",
    "a",
    "f",
    "/",
    "n",
    "F",
    "s",
    "r",
    "y",
    "q",
    "u",
    "U",
    "p",
    ".",
    "}",
    "!",
    "R",
    "?",
    ":",
    "L",
    "o",
    "S",
    "2",
    "9",
    "m",
    "w",
    "<Tab>",
    "<Enter>",
    "<Enter>",
    "<Esc>",
    "<Left>",
    "<Right>",
    "<Home>",
    "<Backspace>",
    "<PgDn>",
    "<^n>",
    "<^t>",
    "<^c>",
    "<F1>",
    "P",
    "A",
    "T",
    "1",
];

#[derive(Clone, Debug)]
enum Step {
    Key(&'static str),
    Paste(String),
    Resize(u16, u16),
    Tick,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => prop::sample::select(KEYS).prop_map(Step::Key),
        2 => prop_oneof![any::<String>(), "s3://[a-z]{1,5}/[가-힣a-z]{0,90}\\.vt"].prop_map(Step::Paste),
        1 => (1u16..170, 1u16..50).prop_map(|(width, height)| Step::Resize(width, height)),
        1 => Just(Step::Tick),
    ]
}

/// The promises of §1 of the screens about the frame's own rows.
fn frame_holds(model: &Model, picture: &Picture) -> Result<(), TestCaseError> {
    let theme = ui::theme(model);
    prop_assert_eq!(style_faults(&picture.buffer, &theme), Vec::<String>::new());
    for cell in &picture.buffer.content {
        prop_assert_eq!(hidden(cell.symbol()).count(), 0, "{:?}", cell.symbol());
    }
    if let Some(cursor) = picture.cursor {
        prop_assert!(cursor.x < model.size.0 && cursor.y < model.size.1);
    }
    let layout = model.layout();
    if layout.is_too_small() {
        prop_assert!(picture.cursor.is_none());
        return Ok(());
    }
    let row = |y: u16| picture.row(y);
    let text = picture.text();
    prop_assert!(row(0).ends_with("api.twelvelabs.io"), "{}", text);
    if let Some(session) = model.session() {
        let state = match session.draft.unsaved() {
            _ if !session.is_ready() => "reading".to_owned(),
            0 => "saved".to_owned(),
            changes => format!("{changes} unsaved"),
        };
        prop_assert!(row(0).contains(&state), "{}", text);
        for tally in ["✗ errors ", "▲ warnings ", "○ missing "] {
            prop_assert!(row(1).contains(tally), "{}", text);
        }
    }
    let helped = matches!(model.screens.last(), Some(Screen::Help(_)));
    prop_assert!(helped || row(model.size.1 - 1).ends_with(" help"), "{}", text);
    if model.screens.is_empty() && model.session().is_some() {
        prop_assert!(row(3).starts_with("───"), "{}", text);
    }
    if model.screens.is_empty()
        && let Some(message) = &model.message
    {
        let start: String = ui::text::safe(&message.text).chars().take(3).collect();
        prop_assert!(row(model.size.1 - 2).contains(start.trim()), "{}", text);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn every_frame_is_whole_after_any_keys_at_any_size(
        json in manifest(), steps in prop::collection::vec(step(), 0..40), width in 60u16..150, height in 18u16..45
    ) {
        let mut app = App::open(&json).size(width, height);
        for step in steps {
            match step {
                Step::Key(key) => app.press(key),
                Step::Paste(text) => app.send(Msg::Paste(text)),
                Step::Resize(width, height) => app.send(Msg::Resized(width, height)),
                Step::Tick => app.send(Msg::Ticked(crate::app_driver::NOW)),
            }
            frame_holds(&app.model, &app.draw())?;
        }
    }

    #[test]
    fn every_frame_is_whole_while_a_file_is_read(
        json in manifest(), cut in 0usize..3_000, read in any::<u64>(), total in any::<u64>(), width in 60u16..150
    ) {
        let mut app = App::new().size(width, 24);
        let job = app.begin_loading();
        frame_holds(&app.model, &app.draw())?;
        let manifest = Manifest::prefix(json.into_bytes().into_iter().take(cut).collect());
        app.send(Msg::PrefixRead(job, manifest, Reading { read, total }));
        frame_holds(&app.model, &app.draw())?;
    }

    #[test]
    fn a_check_changes_nothing_but_states_tallies_inspector_and_message(json in manifest(), width in 60u16..150) {
        let mut app = App::new().size(width, 24);
        app.held = true;
        app.load(&json);
        let before = app.draw();
        app.held = false;
        let effects = std::mem::take(&mut app.effects);
        for effect in effects {
            app.carry_out(effect);
        }
        let after = app.draw();
        let layout = Layout::new(width, 24, app.model.layout().total);
        for y in 4..layout.table.bottom() {
            for x in 0..layout.columns.state.x {
                prop_assert_eq!(&before.buffer[(x, y)], &after.buffer[(x, y)], "cell {},{}", x, y);
            }
        }
        for y in [0, 2, 3] {
            prop_assert_eq!(before.row(y), after.row(y));
        }
    }
}
