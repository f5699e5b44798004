//! The terminal's own ways, $EDITOR, files that can't be read, and standing idle.

use super::screen::Place;
use super::{five_rows, rows};
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

fn five() -> Place {
    Place::new().with("m.json", rows(5))
}

/// With a script as $EDITOR; it gets `+LINE FILE`.
fn with_editor(place: Place, script: &str) -> Place {
    let path = place.path("editor");
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = path.display().to_string();
    place.env("EDITOR", &path)
}

#[test]
fn idle_it_writes_nothing_and_uses_no_time() {
    let mut screen = five_rows(&five());
    screen.keys("j").until("2 of 5");
    // The last frame, and the check's thread.
    screen.watch(Duration::from_millis(300));
    let before = screen.ticks();
    assert_eq!(screen.watch(Duration::from_secs(1)), b"", "no frame while nothing happens");
    assert!(screen.ticks() - before <= 1, "{} ticks", screen.ticks() - before);
}

#[test]
fn the_value_goes_to_the_operators_editor_and_comes_back() {
    let place =
        with_editor(five(), r#"stty -a >modes; cat "$1" >handed; printf 's3://acme-captions/edited.srt\n' >"$1""#);
    let place = place.with("m.json", rows(5).replacen("\"\"", "\"s3://acme-captions/old.srt\"", 1));
    let mut screen = place.cuecard(&["m.json"]);
    screen.until("missing 4").keys(":edit\r").until("1 unsaved").until("edited.srt");
    assert_eq!(place.read("handed"), "s3://acme-captions/old.srt");
    let modes = place.read("modes");
    assert!(
        ["icanon", "echo", "isig"].iter().all(|mode| modes.split_whitespace().any(|word| word == *mode)),
        "{modes}"
    );
    screen.keys("u").until("old.srt").keys("q");
    assert_eq!(screen.ends(), 0);
    screen.is_given_back();
}

#[test]
fn an_interrupt_typed_at_the_editor_does_not_end_cuecard() {
    let place = with_editor(five(), r#"trap 'exit 1' INT; echo editing; read -r line"#);
    let mut screen = five_rows(&place);
    screen.keys("x").until("excluded 1").keys(":edit\r").until("editing").keys("\x03");
    screen.until("nothing was taken over").until("excluded 1").keys("j").until("2 of 5").keys("qd");
    assert_eq!(screen.ends(), 0);
    screen.is_given_back();
}

#[test]
fn a_broken_file_shows_its_line_and_is_untouched_and_can_be_mended_on_the_spot() {
    let broken = rows(3).replacen("},\n", "}\n", 1);
    let place = with_editor(
        Place::new().with("m.json", &broken),
        r#"echo "$1" >line; sed -i 's/}$/},/; $d' "$2"; sed -i '$ s/,$/]/' "$2""#,
    );
    let mut screen = place.cuecard(&["m.json"]);
    screen.until("cannot be read as a manifest").until("line 3, column 3").until("not loaded, the file is as it was");
    assert_eq!(place.read("m.json"), broken);
    screen.keys("E").until("missing 3");
    assert_eq!(place.read("line").trim(), "+3");
    screen.keys("q");
    assert_eq!(screen.ends(), 0);
}

#[test]
fn without_arguments_files_of_this_folder_are_offered() {
    let place = five().with("other.json", rows(2)).with("notes.txt", "no manifest");
    let mut screen = place.cuecard(&[]);
    screen.until("Open a manifest").until("m.json").until("other.json");
    assert!(!screen.shows("notes.txt"));
    screen.keys("j\r").until("missing 2").keys("q");
    assert_eq!(screen.ends(), 0);
    // What was open lately stands first.
    let mut screen = place.cuecard(&[]);
    screen.until("other.json").until("today").keys("\r").until("missing 2").keys("q");
    assert_eq!(screen.ends(), 0);
    screen.is_given_back();
}

#[test]
fn without_colour_and_in_ascii_nothing_else_is_written() {
    let place = five().env("NO_COLOR", "1");
    let mut screen = place.cuecard(&["m.json", "--ascii"]);
    screen.until("missing 5").keys("x").until("excluded 1").keys("R").until("put back").esc("put back").keys("!");
    screen
        .until("only these")
        .esc("only these")
        .keys("?")
        .until("do it")
        .esc("do it")
        .keys("L")
        .until("show it")
        .esc("show it");
    screen
        .keys("RS")
        .until("nothing has been sent yet")
        .esc("nothing has been sent")
        .keys(":")
        .until("complete")
        .esc("complete");
    screen.keys("qqd");
    assert_eq!(screen.ends(), 0);
    let raw = String::from_utf8(screen.raw().to_vec()).unwrap();
    assert!(raw.is_ascii(), "{:?}", raw.chars().find(|c| !c.is_ascii()));
    for sequence in raw.split("\x1b[").skip(1) {
        let Some((parameters, _)) = sequence.split_once('m') else { continue };
        if parameters.chars().all(|c| c.is_ascii_digit() || c == ';') {
            let colour = |p: &&str| matches!(p.parse().unwrap_or(0), 30..=38 | 40..=48 | 90..=107);
            assert_eq!(parameters.split(';').find(colour), None, "in {parameters}");
        }
    }
}

#[test]
fn a_locale_without_utf8_gets_ascii_by_itself() {
    let mut screen = five().env("LANG", "C").cuecard(&["m.json"]);
    screen.until("o missing 5").keys("q");
    assert_eq!(screen.ends(), 0);
    assert!(screen.raw().is_ascii());
}

#[test]
fn any_window_is_drawn_and_in_one_too_small_nothing_is_changed() {
    let mut screen = five_rows(&five());
    screen.resize(40, 10).until("This window is too small").keys("jxd");
    screen.resize(120, 40).until("excluded 0").until("1 of 5").keys("x").until("excluded 1");
    screen.resize(60, 18).until("1 unsaved").until("00005.mp4");
    screen.resize(59, 17).until("This window is too small").keys("q");
    assert_eq!(screen.ends(), 0);
}
