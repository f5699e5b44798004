//! Pictures before there is a table: choosing a file, reading it, and a file that is not a manifest.
#![allow(clippy::panic, clippy::expect_used, clippy::indexing_slicing)]

use cuecard::app::layout::Layout;
use cuecard::app::msg::{Reading, Recent};
use cuecard::app::{Effect, Msg};
use cuecard::domain::manifest::Manifest;
use insta::assert_snapshot;

use crate::app_driver::App;
use crate::screens::{clean, news, pictures};

#[test]
fn a_manifest_without_rows_says_so() {
    let picture = clean(&App::open("[]"));
    picture.shows("            This manifest has no rows. There is nothing to upload.").shows("rows 0");
}

pub fn broken() -> App {
    App::open(&news().replace("0703-harbour-interview-part-3.srt\"},", "0703-harbour-interview-part-3.srt\"}"))
}

#[test]
fn a_file_that_is_no_manifest() {
    pictures!("load-error", broken());
}

#[test]
fn a_command_of_the_table_is_known_where_it_does_nothing() {
    clean(&broken().keys(":submit tasks<Enter>")).shows("submit does nothing here.").hides("is called");
    clean(&broken().keys(":sumbit tasks<Enter>")).shows("no command is called sumbit.");
}

#[test]
fn the_caret_stands_under_the_fault() {
    let picture = clean(&App::open("[\n  {\"object\": \"한국\"} x\n]"));
    let (y, _) = picture.find("^");
    let caret = (0..120).find(|x| picture.buffer[(*x, y)].symbol() == "^").expect("a caret");
    assert_eq!(picture.buffer[(caret, y - 1)].symbol(), "x");
    picture.shows("cannot be read as a manifest").shows("not loaded").hides("errors");
}

#[test]
fn a_file_that_is_not_there_says_why() {
    let mut app = App::new();
    let job = app.begin_loading();
    app.send(Msg::LoadFailed(job, "no such file".into()));
    clean(&app).shows("✗ no such file").shows("r read again");
}

fn chooser(files: Vec<Recent>) -> App {
    let mut app = App::new();
    let Some(Effect::ListFiles(job)) = cuecard::app::choose(&mut app.model).pop() else {
        panic!("no list was asked for")
    };
    app.send(Msg::FilesListed(job, files));
    app
}

#[test]
fn the_list_of_files() {
    let recent = |path: &str, rows, when: &str| Recent { path: path.into(), rows, when: when.into() };
    let files = || {
        vec![
            recent("/videos/news-2026.json", Some(12_480), "today 13:40"),
            recent("/videos/a-very-long-name-of-a-manifest-that-was-made-by-a-script.json", Some(3), "12 Nov"),
            recent("/home/kim/sport.json", None, "in this folder"),
        ]
    };
    pictures!("chooser", chooser(files()).keys("j"));
    let empty = clean(&chooser(Vec::new()));
    empty.shows("No JSON file here.  O types a path, :demo starts the sandbox");
    empty.hides("Enter open").hides("f filter");
}

#[test]
fn a_path_is_typed_on_the_message_line_over_what_was_there() {
    let picture = clean(&chooser(Vec::new()).size(80, 24).keys("O/tmp/a b"));
    assert_eq!(picture.row(22), " open /tmp/a b");
    picture.shows("Open a manifest");
}

#[test]
fn first_rows_can_be_browsed_while_the_file_loads() {
    let mut app = App::new().size(80, 24);
    let job = app.begin_loading();
    let prefix = Manifest::prefix(news().into_bytes().into_iter().take(900).collect());
    app.send(Msg::PrefixRead(job, prefix, Reading { read: 124_000_000, total: 204_000_000 }));
    let picture = clean(&app);
    assert_snapshot!("loading-80x24", picture.text());
    let before = Layout::new(80, 24, 1_000_000).columns;
    assert_eq!(picture.row(2).find("state"), Some(usize::from(before.state.x)));
    picture.shows("j k move   ^c stop reading");
}

#[test]
fn a_file_that_is_not_there_is_not_called_as_it_was() {
    let mut app = App::new();
    let job = app.begin_loading();
    app.send(Msg::LoadFailed(job, "there is no such file".into()));
    app.draw().shows("there is no such file").shows("✗ not loaded").hides("as it was");
}

#[test]
fn clearing_is_hinted_only_where_something_is_typed() {
    let app = App::open(&crate::manifests::manifest([crate::manifests::row("s3://a/b.mp4")])).size(120, 40).keys("/");
    app.draw().hides("^u clear");
    let app = app.keys("b");
    app.draw().shows("^u clear");
    app.keys("<^u>").draw().hides("^u clear");
}
