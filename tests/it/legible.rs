//! What an operator must be able to read on a screen of any size: different rows look different, lists show that they
//! continue, and more room never shows less.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use cuecard::app::command::{Scope, TABLE};
use cuecard::app::screens::Screen;
use ratatui::style::Modifier;

use crate::app_driver::{App, Picture};
use crate::screens::{clean, news};

const UUIDS: [&str; 3] = [
    "7c9e6679-7425-40de-944b-e07fc1f90ae7",
    "0f8fad5b-d9cb-469f-a165-70867728950e",
    "d290f1ee-6c54-4b01-90e6-d701748f0851",
];

/// Recordings that differ only in their folder.
fn recordings() -> App {
    let rows = UUIDS.map(|id| {
        format!(
            r#"{{"index_id":"65f1c0ffee0123456789abcd","language":"en","object":"s3://acme-clips/{id}/recording.mp4","transcription":""}}"#
        )
    });
    App::open(&format!("[{}]", rows.join(",")))
}

fn bold(picture: &Picture, y: u16) -> String {
    let cells = (0..picture.buffer.area.width).filter(|x| picture.buffer[(*x, y)].modifier.contains(Modifier::BOLD));
    cells.map(|x| picture.buffer[(x, y)].symbol()).collect()
}

#[test]
fn the_review_shows_what_became_of_a_long_address_when_only_its_bucket_is_another() {
    let key = format!("{}/{}/recording.srt", UUIDS[0], UUIDS[1]);
    let manifest = format!(
        r#"[{{"index_id":"65f1c0ffee0123456789abcd","language":"en","object":"s3://v/a.mp4","transcription":"s3://acme-captions-old/{key}"}}]"#
    );
    for (width, height) in [(60, 18), (80, 24), (120, 40)] {
        let app = App::open(&manifest).size(width, height);
        let app = app.keys(&format!(":set transcript s3://acme-captions-new/{key}<Enter><Enter>R"));
        let picture = clean(&app);
        let (old, before) = picture.find("- s3://acme");
        let (new, after) = picture.find("+ s3://acme");
        assert!(before.contains("captions-old/") && after.contains("captions-new/"), "{}", picture.text());
        assert!(before.contains("recording.srt") && after.contains("recording.srt"), "{}", picture.text());
        assert_eq!(before.find("-old"), after.find("-new"), "{}", picture.text());
        // The bar and the differing word.
        assert_eq!((bold(&picture, old), bold(&picture, new)), ("▌old".into(), "▌new".into()));
    }
}

#[test]
fn the_review_tells_of_a_blank_and_of_letters_that_look_the_same() {
    let manifest = |transcript: &str| {
        format!(
            r#"[{{"index_id":"65f1c0ffee0123456789abcd","language":"en","object":"s3://v/a.mp4","transcription":"{transcript}"}}]"#
        )
    };
    let changed = |to: &str| {
        clean(
            &App::open(&manifest("s3://captions/caf\u{e9}.srt ")).keys(&format!(":set transcript {to}<Enter><Enter>R")),
        )
    };
    changed("s3://captions/caf\u{e9}.srt").shows("with a blank").shows("without the blank");
    let app = App::open(&manifest("s3://captions/caf\u{e9}.srt"))
        .keys(":set transcript s3://captions/cafe\u{301}.srt<Enter><Enter>R");
    clean(&app).shows("U+00E9").shows("U+0065 U+0301");
}

#[test]
fn the_editor_shows_the_part_of_the_old_value_that_the_typed_one_differs_in() {
    let key = "a-folder-with-a-long-name/another-folder-with-a-long-name/and-one-more-of-them/recording.srt";
    let manifest = format!(
        r#"[{{"index_id":"65f1c0ffee0123456789abcd","language":"en","object":"s3://v/a.mp4","transcription":"s3://captions-old/{key}"}}]"#
    );
    let app = App::open(&manifest).size(80, 24).keys(&format!("cs3://captions-new/{key}"));
    clean(&app).shows("was s3://captions-old/a-f");
}

#[test]
fn recordings_that_differ_in_their_folder_alone_can_be_told_apart_everywhere() {
    let app = recordings().size(80, 24);
    let apart = |picture: &Picture| {
        for id in UUIDS {
            assert!(picture.text().contains(&id[..4]), "{id} is nowhere in\n{}", picture.text());
        }
    };
    let picture = clean(&app);
    apart(&picture);
    let (_, heading) = picture.find("transcript");
    assert_eq!(heading.find("lang"), clean(&App::open(&news()).size(80, 24)).find("transcript").1.find("lang"));
    // The rows of a rule, and the changes.
    apart(&clean(&recordings().size(80, 24).keys("!")));
    apart(&clean(&recordings().size(80, 24).keys("a:set language es<Enter><Enter>R")));
    // The keys to pick from.
    let names = UUIDS.map(|id| format!("{id}/transcripts/of-this-recording/in-english/recording.srt"));
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut app = recordings().size(80, 24).with_keys("acme-captions", &names);
    app.press("o");
    if matches!(app.model.screens.last(), Some(Screen::Picker(_))) {
        apart(&clean(&app));
    }
}

/// The content of a list of problems, without the lines below it.
fn told(app: &App) -> (usize, usize, usize) {
    let picture = clean(app);
    let text = picture.text();
    let groups = text.lines().skip(4).take_while(|line| !line.is_empty() && !line.starts_with('─'));
    let groups: Vec<&str> = groups.collect();
    let fixes = groups.iter().filter(|line| line.ends_with(" fix") || line.ends_with(" fixes")).count();
    let whole = text.lines().skip(4).filter(|line| !line.contains('…')).count();
    (groups.len(), fixes, whole)
}

#[test]
fn a_wider_window_never_shows_less_of_the_problems() {
    for height in [18, 24, 40] {
        let mut before = (0, 0, 0);
        for width in (60..200).step_by(if height == 24 { 1 } else { 9 }) {
            let app = App::open(&news()).size(width, height).keys("!");
            let now = told(&app);
            assert!(
                now.0 >= before.0 && now.1 >= before.1 && now.2 >= before.2,
                "{width}x{height}: {before:?} became {now:?}\n{}",
                app.draw().text()
            );
            before = now;
        }
    }
}

#[test]
fn no_label_of_the_help_is_cut_and_the_signs_are_explained_at_any_size() {
    for (width, height) in [(60, 18), (80, 24), (100, 30), (120, 40)] {
        for all in ["", "<Tab>"] {
            let mut app = App::open(&news()).size(width, height).keys(&format!("?{all}"));
            let mut pages = Vec::new();
            loop {
                let page = clean(&app).text();
                if pages.last() == Some(&page) {
                    break;
                }
                assert!(!page.lines().skip(4).any(|line| line.contains('…')), "{width}x{height}\n{page}");
                pages.push(page);
                app.press("<PgDn>");
            }
            let seen = pages.concat();
            assert!(
                seen.contains("outcome unknown") && seen.contains("queued for a check"),
                "{width}x{height}\n{seen}"
            );
            let here = [Scope::Table, Scope::Global, Scope::Always];
            for command in
                TABLE.iter().filter(|it| !it.keys.is_empty() && (!all.is_empty() || here.contains(&it.scope)))
            {
                assert!(seen.contains(command.label), "{width}x{height}: {} is nowhere in\n{seen}", command.label);
                assert!(all.is_empty() || seen.contains(command.scope.title()), "{:?}", command.scope);
            }
            assert_eq!(pages.len() > 1, seen.contains("more below"), "{seen}");
            app.press("<PgUp>");
            assert_eq!(pages.len() > 1, clean(&app).text() != pages[pages.len() - 1]);
        }
    }
}

#[test]
fn command_list_pages_and_marks_more_below() {
    let app = App::open(&news()).size(80, 24).keys(":");
    clean(&app).shows("more below");
    let app = app.keys("<PgDn>");
    let picture = clean(&app);
    assert!(!picture.text().contains(" 1 of "), "{}", picture.text());
    clean(&app.keys("<PgDn><PgDn><PgDn><PgDn><PgDn><PgDn>")).shows("more above").hides("more below");
}

#[test]
fn every_answer_to_a_question_is_in_sight() {
    for (width, height) in [(60, 18), (80, 24), (120, 40)] {
        let picture = clean(&App::open(&news()).size(width, height).keys("F"));
        for answer in
            ["m missing", "e errors", "w warnings", "c edited", "x excluded", "s selected", "a all", "Esc as it is"]
        {
            picture.shows(answer);
        }
        let picture = clean(&App::open(&news()).size(width, height).keys("y"));
        picture.shows("v value").shows("s SHA-256").shows("Esc nothing");
    }
}

#[test]
fn selection_commands_name_the_row_count() {
    let app = App::open(&news()).size(80, 24).keys("<space><space><space><space>");
    clean(&app).shows("d clear 4").shows("x exclude 4").shows("◆ 4 selected");
    clean(&app.keys("?")).shows("clear 4");
    clean(&App::open(&news()).size(80, 24)).hides("clear").shows("e edit");
}

#[test]
fn a_filter_that_keeps_nothing_says_so_in_a_sentence() {
    for (keys, said) in [
        ("Fs", "No row is selected."),
        ("Fc", "No row is edited."),
        ("Fx", "No row is excluded."),
        ("fnowhere<Enter>", "No row contains nowhere."),
        ("Fefnowhere<Enter>", "No row has an error and contains nowhere."),
    ] {
        clean(&App::open(&news()).keys(keys)).shows(said);
    }
    let sound = r#"[{"index_id":"65f1c0ffee0123456789abcd","language":"en","object":"s3://acme-video/a.mp4","transcription":"s3://acme-video/a.srt"}]"#;
    clean(&App::open(sound).keys("Fe")).shows("No row has an error.");
    clean(&App::open(sound).keys("Fm")).shows("No row is without a transcript.");
}

/// The underlined text in a row.
fn underlined(picture: &Picture, y: u16) -> String {
    let is_marked = |x: &u16| picture.buffer[(*x, y)].modifier.contains(Modifier::UNDERLINED);
    (0..picture.buffer.area.width).filter(is_marked).map(|x| picture.buffer[(x, y)].symbol()).collect()
}

#[test]
fn search_marks_and_counts_its_matches() {
    let picture = clean(&App::open(&news()).keys("/2026"));
    let (y, _) = picture.find("2026/0700.mp4");
    assert_eq!(underlined(&picture, y), "20262026");
    let app = App::open(&news()).keys("/071<Enter>");
    let picture = clean(&app);
    picture.shows("1 of 10 rows with 071");
    let (y, _) = picture.find("0714.mp4");
    assert_eq!(underlined(&picture, y), "071071");
    clean(&app.keys("nn")).shows("3 of 10 rows with 071").hides("from the top");
    clean(&App::open(&news()).keys("/071<Enter>N")).shows("10 of 10 rows with 071, continued from the bottom");
    clean(&App::open(&news()).keys("/071<Enter>Nn")).shows("1 of 10 rows with 071, continued from the top");
    clean(&App::open(&news()).keys("/harbour<Enter>")).shows("the only row with harbour");
    clean(&App::open(&news()).keys("/nowhere<Enter>")).shows("no row contains nowhere");
    // Also while it is typed; and Esc removes the marks.
    clean(&App::open(&news()).keys("/071")).shows("1 of 10 rows with 071");
    let picture = clean(&App::open(&news()).keys("/071<Enter><Esc>"));
    assert_eq!((0..40).map(|y| underlined(&picture, y)).collect::<String>(), "");
}

#[test]
fn the_same_sort_again_turns_the_rows_round_and_the_heading_says_so() {
    let first = |app: &App| clean(app).row(4);
    let app = App::open(&news()).keys("sv");
    clean(&app).shows("video ↑").shows("by video");
    let app = app.keys("ggsvgg");
    clean(&app).shows("video ↓").shows("by video, descending");
    assert!(first(&app).contains("0747.mp4"), "{}", first(&app));
    let app = App::open(&news()).keys("sf").keys("gg");
    clean(&app).shows("# ↓").shows("last row first");
    assert!(first(&app).contains(" 48 "), "{}", first(&app));
    clean(&app.keys("<Esc>")).hides("last row first").hides("↓");
    clean(&App::open(&news()).size(80, 24).keys("sl")).shows("lang↑").shows("transcript");
}

#[test]
fn next_error_skips_warnings() {
    let at = |keys: &str| {
        let app = App::open(&news()).keys(keys);
        app.model.session().and_then(|session| session.current()).map(|row| row + 1)
    };
    let (first, second) = (at("]"), at("]]"));
    let errors = App::open(&news());
    let findings = errors.model.session().unwrap().findings.clone().unwrap();
    for row in [first, second] {
        assert!(findings.tallies_of(row.unwrap() - 1).errors > 0, "{row:?}");
    }
    assert!(first < second);
    assert_eq!(at("]]["), first);
    assert!(at("}") < first, "a warning comes first");
}

#[test]
fn every_command_can_be_called_for_and_keeps_its_meaning_on_another_key() {
    use cuecard::app::command::{Keymap, Lookup};
    use cuecard::app::key::Key;
    use std::collections::BTreeMap;
    for command in TABLE {
        let is_typed = command.scope == Scope::Typed;
        assert!(is_typed || !command.keys.is_empty(), "{} has no key", command.name);
        assert!(command.is_called(command.typed()), "{} is not called {}", command.name, command.typed());
        let map = Keymap::default();
        for key in command.keys {
            let typed = Key::sequence(key).unwrap();
            assert_eq!(map.look_up(&[command.scope], &typed), Lookup::Found(command.action), "{}", command.name);
        }
        let table = BTreeMap::from([(command.name.to_owned(), vec!["F12".to_owned()])]);
        let map = Keymap::remapped(&table).unwrap_or_else(|why| panic!("{}: {why}", command.name));
        let typed = Key::sequence("F12").unwrap();
        assert_eq!(map.look_up(&[command.scope], &typed), Lookup::Found(command.action), "{}", command.name);
    }
}

#[test]
fn a_typed_command_can_be_given_a_key_that_means_nothing_else_over_the_table() {
    use cuecard::app::command::Keymap;
    use std::collections::BTreeMap;
    let remapped = |key: &str| Keymap::remapped(&BTreeMap::from([("invert".to_owned(), vec![key.to_owned()])]));
    assert!(remapped("u").unwrap_err().contains("undo"), "{:?}", remapped("u"));
    let mut app = App::open(&news());
    app.model.keymap = remapped("F12").unwrap();
    app.press("<space><F12>");
    let session = app.model.session().unwrap();
    assert_eq!(session.selection.len() as u64 + 1, u64::from(session.now().len()));
}
