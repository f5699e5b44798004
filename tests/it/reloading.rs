//! Another program changed the file: every offered way to continue works.

use crate::app_driver::App;
use cuecard::app::jobs::Task;
use cuecard::app::msg::{GateFacts, Loaded};
use cuecard::app::{Effect, Msg};
use cuecard::domain::manifest::Manifest;
use cuecard::domain::request::Fingerprint;
use cuecard::domain::submission::Earlier;

const ROWS: &str =
    r#"[{"object": "s3://acme/1.mp4", "language": "en"}, {"object": "s3://acme/2.mp4", "language": "en"}]"#;

/// The file to be read has this content.
fn read(app: &mut App, json: &str) {
    let load = app.effects.iter().find_map(|effect| match effect {
        Effect::Load(job, path) => Some((*job, path.clone())),
        _ => None,
    });
    let (job, path) = load.expect("the file is read");
    let manifest = Manifest::parse(json.into()).expect("it is a manifest");
    app.send(Msg::Loaded(job, Box::new(Loaded { manifest, path })));
}

#[test]
fn a_file_is_read_again_and_changes_that_are_not_saved_are_kept_or_dropped_as_was_said() {
    for (keys, said, excluded) in [
        (":reload<Enter>", "read again, 2 rows", 0),
        (":e!<Enter>", "read again, 2 rows", 0),
        ("x:reload<Enter>", "read again with your 1 change", 1),
        ("x:e!<Enter>", "dropped what was not saved: 1 change", 0),
    ] {
        let mut app = App::open(ROWS).keys(keys);
        read(&mut app, ROWS);
        app.draw().shows(said);
        let session = app.model.session().expect("it is open");
        assert_eq!(session.now().excluded_rows().len(), excluded, "{keys}");
        assert_eq!(session.draft.is_dirty(), excluded > 0, "{keys}");
    }
}

#[test]
fn failed_reload_keeps_unsaved_changes() {
    let mut app = App::open(ROWS).keys("x:e!<Enter>");
    let job = app.model.jobs.id(Task::Load).expect("it is read");
    app.send(Msg::LoadFailed(job, "it is not there".into()));
    assert!(app.model.has_unsaved());
    app.draw().shows("it is not there; the open file stays open");
    let session = app.model.session().expect("it is open");
    assert!(session.is_ready() && session.now().is_excluded(0) && session.is_checked());
}

#[test]
fn a_file_that_cannot_be_opened_leaves_the_open_one_in_its_place() {
    let mut app = App::open(ROWS).keys("j:open nofile.json<Enter>");
    let job = app.model.jobs.id(Task::Load).expect("it is read");
    app.send(Msg::LoadFailed(job, "there is no such file".into()));
    app.draw().shows("nofile.json: there is no such file; the open file stays open").shows("acme/2.mp4");
    app.press("x");
    let session = app.model.session().expect("it is open");
    assert!(session.now().is_excluded(1), "the cursor is where it was, and rows can be edited");
}

#[test]
fn a_file_read_again_is_shown_where_it_was() {
    let mut app = App::open(ROWS).keys("j:reload<Enter>");
    read(&mut app, ROWS);
    assert_eq!(app.model.session().expect("it is open").current(), Some(1));
}

#[test]
fn a_file_that_is_being_saved_is_not_read_again() {
    let app = App::open(ROWS).keys("x:w<Enter>:reload<Enter>");
    app.draw().shows("the file is being saved");
    assert!(!app.effects.iter().any(|effect| matches!(effect, Effect::Load(..))));
}

#[test]
fn write_over_saves_even_without_changes() {
    for keys in [":w!<Enter>", "x:w!<Enter>"] {
        let app = App::open(ROWS).keys(keys);
        let saves =
            app.effects.iter().filter(|it| matches!(it, Effect::Save(save) if save.over_changes && save.with_losses));
        assert_eq!(saves.count(), 1, "{keys}");
    }
}

#[test]
fn gate_with_a_changed_file_offers_reload_and_no_upload() {
    let mut app = App::open(ROWS).keys(":submit<Enter>");
    let job = app.model.jobs.id(Task::Prepare).expect("the facts are gathered");
    let facts = GateFacts {
        fingerprint: Fingerprint::of([ROWS.as_bytes()]),
        same_on_disk: false,
        key_origin: Some("from TWELVELABS_API_KEY in the environment".into()),
        proxy: None,
        earlier: Earlier::default(),
        ledger_fault: None,
    };
    app.send(Msg::Prepared(job, Ok(Box::new(facts))));
    app.model.now.unix_ms += 1_000;
    let picture = app.draw();
    picture.shows("the file on disk holds something else.").shows(":reload reads it again").shows(":w! writes over it");
    picture.hides("Y upload");
    let mut app = app.keys("Y");
    assert!(!app.effects.iter().any(|effect| matches!(effect, Effect::Send(_))));
    app.press(":reload<Enter>");
    read(&mut app, ROWS);
    app.draw().shows("read again, 2 rows");
}
