//! Problems reported by operators: pasting, picking, completing, finding commands and files.

use crate::app_driver::{App, NOW};
use cuecard::app::command::Keymap;
use cuecard::app::msg::Recent;
use cuecard::app::screens::Screen;
use cuecard::app::{Effect, Msg};
use cuecard::domain::keys::{Shape, Summary};
use cuecard::domain::manifest::Field;
use std::collections::BTreeMap;

const VIDEOS: &str = r#"[
  {"index_id":"6298d673f1090f1100476d4c","language":"en","object":"s3://acme-video/news/0712.mp4","transcription":""},
  {"index_id":"6298d673f1090f1100476d4c","language":"en","object":"s3://acme-video/news/0713.mp4","transcription":""}
]"#;

fn value(app: &App, row: u32, field: Field) -> String {
    app.model.session().unwrap().now().value(row, field).text().to_owned()
}

fn with_listing() -> App {
    App::open(VIDEOS).with_keys("acme-captions", &["news/0712.srt", "news/0713.srt", "talks/opening night.vtt"])
}

#[test]
fn a_transcript_pasted_while_the_index_has_the_focus_goes_into_the_transcript() {
    let url = "s3://acme-captions/news/0712.srt";
    let app = App::open(VIDEOS).keys("hh").paste(url).keys("<Enter>");
    assert_eq!(value(&app, 0, Field::Transcription), url);
    assert_eq!(value(&app, 0, Field::IndexId), "6298d673f1090f1100476d4c");
    let app = App::open(VIDEOS).paste("6298d673f1090f1100476aaa").keys("<Enter>");
    assert_eq!(value(&app, 0, Field::IndexId), "6298d673f1090f1100476aaa");
    // A value that fits no field goes to the focused one, with a message.
    App::open(VIDEOS).keys("h").paste("de").draw().shows("editing language of row 1");
}

#[test]
fn a_key_taken_to_be_edited_is_not_kept_before_the_editor_keeps_it() {
    let app = with_listing().keys("o<^e>");
    assert_eq!(value(&app, 0, Field::Transcription), "");
    app.draw().shows("s3://acme-captions/news/0712.srt");
    let app = app.keys("<Esc>");
    assert_eq!(value(&app, 0, Field::Transcription), "");
    assert!(!app.model.session().unwrap().draft.is_dirty());
}

#[test]
fn a_source_says_how_many_keys_it_brought_and_whose_they_are() {
    let mut app = App::open(VIDEOS).keys(":source keys.txt<Enter>");
    let job = app.effects.iter().find_map(|effect| match effect {
        Effect::ReadKeys { job, id, .. } => Some((*job, *id)),
        _ => None,
    });
    let summary = Summary {
        shape: Shape::default(),
        keys: 1_980,
        usable: 1_968,
        assumed_bucket: Some("acme-captions".into()),
        ..Summary::default()
    };
    let (job, id) = job.unwrap();
    app.send(Msg::KeysEnded(job, id, Ok(Box::new(summary))));
    app.draw().shows("1,980 keys in keys.txt, 1,968 are transcripts").shows("acme-captions");
    app.keys("o").draw().shows("taken to be in s3://acme-captions, 14:01");
}

#[test]
fn a_key_that_cannot_be_pressed_is_refused_with_what_can() {
    let refused = |name: &str, key: &str| {
        Keymap::remapped(&BTreeMap::from([(name.to_owned(), vec![key.to_owned()])])).expect_err(key)
    };
    for key in ["C-o", "ctrl-u", "<C-o>", "shift-x"] {
        assert!(refused("pick", key).contains("^o"), "{key}");
    }
    assert!(refused("pick", "7").contains("a digit is a count"));
    assert!(refused("pick", "^i").contains("Tab"));
    assert!(refused("keep", "k").contains("letters are text there"));
    assert!(refused("pick", "g").contains("first"), "gg could not be pressed any more");
    assert!(Keymap::remapped(&BTreeMap::from([("pick".to_owned(), vec!["gp".to_owned(), "^o".to_owned()])])).is_ok());
}

#[test]
fn words_that_people_look_for_find_a_command() {
    for (word, command) in
        [("delete", "clear"), ("remove", "exclude"), ("paste", "put"), ("exit", "quit"), ("theme", "theme")]
    {
        let app = App::open(VIDEOS).keys(&format!(":{word}"));
        let Some(Screen::Palette(palette)) = app.model.screens.last() else { panic!("the palette is open") };
        assert_eq!(palette.entries()[0].command.name, command, "{word}");
    }
}

#[test]
fn before_a_file_is_open_only_what_works_there_is_offered_and_files_are_found_by_typing() {
    let mut app = App::new();
    let Some(Effect::ListFiles(job)) = cuecard::app::choose(&mut app.model).pop() else {
        panic!("a list is asked for")
    };
    let recent = |path: &str| Recent { path: path.into(), rows: Some(3), when: "today".into() };
    app.send(Msg::FilesListed(job, vec![recent("/v/news.json"), recent("/v/sports.json"), recent("/v/talks.json")]));
    app.press(":");
    let Some(Screen::Palette(palette)) = app.model.screens.last() else { panic!("the palette is open") };
    assert!(palette.entries().iter().all(|entry| entry.off.is_none()));
    app.press("<Esc>fSPO");
    app.draw().shows("sports.json").hides("news.json").shows("filter SPO");
    app.press("<Enter>");
    assert!(app.effects.iter().any(|effect| matches!(effect, Effect::Load(_, path) if path.ends_with("sports.json"))));
}

#[test]
fn an_empty_transcript_shows_its_videos_own_key_and_tab_takes_it() {
    let app = with_listing().keys("je");
    app.draw().shows("s3://acme-captions/news/0713.srt");
    let app = app.keys("<Tab><Enter>");
    assert_eq!(value(&app, 1, Field::Transcription), "s3://acme-captions/news/0713.srt");
}

#[test]
fn any_part_of_a_name_completes() {
    let app = with_listing().keys("eopening<Tab><Enter>");
    assert_eq!(value(&app, 0, Field::Transcription), "s3://acme-captions/talks/opening night.vtt");
}

#[test]
fn a_bucket_that_is_typed_is_listed_when_that_is_asked() {
    let app = App::open(VIDEOS).keys("es3://other/subs/x<^r>");
    let listed = app
        .effects
        .iter()
        .any(|effect| matches!(effect, Effect::ReadKeys { source, .. } if source.to_string() == "s3://other/subs/"));
    assert!(listed);
}

#[test]
fn a_message_goes_with_the_next_key() {
    let app = App::open(VIDEOS).keys("x");
    app.draw().shows("left out this row.  u undo");
    app.keys("j").draw().hides("left out this row");
    let app = App::open(VIDEOS).keys("v");
    app.draw().shows("range: move to the other end");
    app.keys("jv").draw().hides("range:");
    assert_eq!(NOW.clock(), "14:01:00");
}

#[test]
fn a_value_the_service_will_refuse_is_not_confirmed_with_a_tick() {
    let app = App::open(VIDEOS).keys("hhexx<Enter>");
    let line = app.draw().find("set index of row 1").1;
    assert!(line.contains("which has 1 error") && !line.contains('✓'), "{line}");
    let line = App::open(VIDEOS).keys("he<^u>en<Enter>u").draw().text();
    assert!(!line.contains("which has"), "{line}");
}

#[test]
fn an_empty_value_is_not_said_to_be_copied() {
    let app = App::open(VIDEOS).keys("yv");
    app.draw().shows("there is no value to copy");
    assert!(!app.effects.iter().any(|effect| matches!(effect, Effect::Copy(_))));
}

#[test]
fn an_undo_names_the_field_as_the_edit_did() {
    let app = App::open(VIDEOS).keys("es3://a-bucket/1.srt<Enter>u");
    app.draw().shows("undone: set transcript of row 1");
}
