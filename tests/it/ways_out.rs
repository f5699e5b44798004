//! The way out of every screen: shown in any window, under any key, and never a loss.

use crate::app_driver::App;
use cuecard::app::Effect;
use cuecard::app::command::Keymap;
use cuecard::app::screens::Screen;
use std::collections::BTreeMap;

const VIDEOS: &str = r#"[
  {"index_id":"6298d673f1090f1100476d4c","language":"en","object":"s3://acme-video/news/0712.mp4","transcription":""},
  {"index_id":"6298d673f1090f1100476d4","language":"en","object":"s3://acme-video/news/0713.mp4","transcription":"s3://acme/a.vt"}
]"#;

fn open(keys: &str) -> App {
    App::open(VIDEOS).with_keys("acme-captions", &["news/0712.srt"]).keys(keys)
}

fn remapped(app: &mut App, keys: &[(&str, &str)]) {
    let table: BTreeMap<_, _> = keys.iter().map(|(name, key)| ((*name).to_owned(), vec![(*key).to_owned()])).collect();
    app.model.keymap = Keymap::remapped(&table).unwrap();
}

fn quits(app: &App) -> bool {
    app.effects.iter().any(|effect| matches!(effect, Effect::Quit(_)))
}

#[test]
fn every_screen_hints_its_way_out_in_every_window() {
    for keys in [
        "e",
        "o",
        "P",
        "T",
        "!",
        "R",
        "RS",
        "L",
        ":",
        "?",
        "/",
        "f",
        "y",
        "F",
        "s",
        ":sources<Enter>",
        "a:replace<Enter>",
    ] {
        for (width, height) in [(60, 18), (80, 24), (120, 40)] {
            let picture = open(keys).size(width, height).draw();
            assert!(picture.row(height - 1).contains("Esc "), "{keys} at {width}:\n{}", picture.text());
        }
    }
}

#[test]
fn a_key_of_the_operators_own_stands_wherever_the_key_is_named() {
    let mut app = open("!G");
    remapped(&mut app, &[("fix-one", "z"), ("leave-problems", "Z")]);
    app.press("kk");
    app.draw().shows("z add t").shows("Z table");
    let mut app = App::new();
    remapped(&mut app, &[("type-path", "z")]);
    app.draw().shows("z types a path").shows(":demo starts the sandbox");
    let mut app = open("").keys("12");
    remapped(&mut app, &[("back", "Z")]);
    app.draw().shows("12 typed so far   Z drops it");
    app.press("Z");
    app.draw().hides("typed so far");
    let mut app = open("").size(50, 10);
    remapped(&mut app, &[("quit", "Z")]);
    app.draw().shows("Z quit");
}

#[test]
fn in_a_window_too_small_to_read_quitting_asks_what_becomes_of_the_changes() {
    let app = open("x").size(50, 10);
    app.draw().shows("Nothing is lost: 1 change is kept.").shows("q quit");
    let app = app.keys("q");
    assert!(!quits(&app));
    app.draw()
        .shows("1 change of news-2026.json is not saved.")
        .shows("s save and quit   d discard and quit   Esc stay");
    let app = app.keys("q<Esc>");
    assert!(!quits(&app) && app.model.screens.is_empty());
    assert!(quits(&app.keys("qd")));
    assert!(quits(&open("").size(50, 10).keys("q")));
    // Where letters are text, q is none.
    let app = open("xe").size(50, 10).keys("qq");
    assert!(!quits(&app));
    app.draw().shows("^c twice quits");
    assert!(quits(&app.keys("<^c><^c>")));
}

#[test]
fn close_closes_a_screen_and_from_the_table_it_quits() {
    for name in ["close", "q", "exit"] {
        for keys in ["R", "!", ":sources<Enter>", "L"] {
            let app = open(&format!("x{keys}:{name}<Enter>"));
            assert!(app.model.screens.is_empty(), "{name} on {keys}");
            assert!(!quits(&app));
        }
        assert!(matches!(open(&format!("x:{name}<Enter>")).model.screens.as_slice(), [Screen::Menu(_)]));
        assert!(quits(&open(&format!(":{name}<Enter>"))));
    }
}

#[test]
fn the_palette_tells_where_the_settings_are() {
    let mut app = open("");
    app.model.options.settings_file = Some("/home/ana/.config/cuecard/config.toml".into());
    for name in ["settings", "config", "preferences"] {
        app.press(&format!(":{name}<Enter>"));
        app.draw().shows("settings are read at the start from /home/ana/.config/cuecard/config.toml");
    }
}

#[test]
fn where_nothing_can_be_changed_enter_is_not_offered() {
    let app = App::open(
        r#"[{"index_id":"6298d673f1090f1100476d4c","language":"en","object":"s3://v/a.mp4","transcription":""}]"#,
    );
    let app = app.keys("a.").size(80, 24);
    app.draw().hides("fix 0").shows("Esc as it was");
    app.keys("<Enter>").draw().shows("nothing would change");
}
