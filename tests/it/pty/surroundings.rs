//! Terminal features, files to choose from, and idling.

use super::screen::Place;
use super::{five_rows, rows};
use std::time::Duration;

fn five() -> Place {
    Place::new().with("m.json", rows(5))
}

#[test]
fn idle_program_writes_nothing_and_uses_no_cpu_time() {
    let mut screen = five_rows(&five());
    screen.keys("j").until("2 of 5");
    // The last frame, and the check's thread.
    screen.watch(Duration::from_millis(300));
    let before = screen.ticks();
    assert_eq!(screen.watch(Duration::from_secs(1)), b"", "no frame while nothing happens");
    assert!(screen.ticks() - before <= 1, "{} ticks", screen.ticks() - before);
}

#[test]
fn without_arguments_files_of_this_folder_are_offered() {
    let place = five().with("other.json", rows(2)).with("notes.txt", "no manifest");
    let mut screen = place.cuecard(&[]);
    screen.until("Open a manifest").until("m.json").until("other.json");
    assert!(!screen.shows("notes.txt"));
    screen.keys("j\r").until("missing 2").keys("q");
    assert_eq!(screen.ends(), 0);
    // The most recent file comes first.
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
        .until("Nothing was sent")
        .esc("Nothing was sent");
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
    screen.resize(59, 17).until("Nothing is lost: 1 change is kept.").keys("q");
    screen.until("is not saved.").until("d discard and quit").keys("d");
    assert_eq!(screen.ends(), 0);
}
