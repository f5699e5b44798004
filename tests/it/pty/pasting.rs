//! Pastes over slow lines and from old terminals: none of their content runs as keys.

use super::screen::{Place, Screen};
use super::{five_rows, rows};
use std::time::Duration;

fn five() -> (Place, Screen) {
    let place = Place::new().with("m.json", rows(5));
    let screen = five_rows(&place);
    (place, screen)
}

/// The delay between two pieces on a slow line. It must be a time, because times distinguish them from keys.
fn the_line_is_slow() {
    std::thread::sleep(Duration::from_millis(15));
}

#[test]
fn a_paste_that_comes_in_two_after_its_first_byte_is_a_paste() {
    for open in ["", "e"] {
        let (_place, mut screen) = five();
        screen.keys(open);
        if !open.is_empty() {
            screen.until("Enter");
        }
        screen.keys("\x1b");
        the_line_is_slow();
        screen.keys("[200~s3://acme/q:q.srt").keys("\x1b");
        the_line_is_slow();
        screen.keys("[201~").until("acme/q:q.srt").keys("\r").until("1 unsaved").keys("u").until_gone("1 unsaved");
        screen.keys("q");
        assert_eq!(screen.ends(), 0);
    }
}

#[test]
fn a_paste_at_the_gate_does_nothing_however_it_is_cut() {
    let (_place, mut screen) = five();
    screen.keys("RS").until("nothing has been sent yet").keys("\x1b");
    the_line_is_slow();
    screen.keys("[200~q:q\rYY\x1b[201~").until("a paste does nothing here").until("nothing has been sent yet");
}

#[test]
fn a_paste_from_a_terminal_that_marks_none_runs_no_command() {
    let (place, mut screen) = five();
    screen.keys("s3://acme/q:q.srt\rs3://acme/dd.srt\rq:q\r:w\r").until("4 lines from row 1");
    screen.esc("4 lines from row 1");
    screen.keys("j").until("2 of 5").keys("e").until("Enter");
    screen.keys("a.srt\rs3://acme/q:q.srt\rq:q\r").until("the paste has 3 lines");
    screen.esc("Enter").keys("qd");
    assert_eq!(screen.ends(), 0);
    assert_eq!(place.read("m.json"), rows(5));
}

#[test]
fn a_few_letters_from_a_terminal_that_marks_no_paste_run_no_command_either() {
    let (place, mut screen) = five();
    for text in ["q:q", "dd", "Xavier", "x.d", "한국"] {
        screen.keys(text).until(text).until("Enter");
        screen.esc("Enter");
    }
    screen.keys("q");
    assert_eq!(screen.ends(), 0, "nothing is unsaved");
    assert_eq!(place.read("m.json"), rows(5));
}

#[test]
fn a_paste_that_comes_byte_by_byte_without_marks_changes_nothing() {
    let (place, mut screen) = five();
    for text in ["xylophone lesson.srt\r", "axe.srt\r", "delete this\r"] {
        for byte in text.chars() {
            screen.keys(&byte.to_string());
            std::thread::sleep(Duration::from_millis(1));
        }
        screen.until("Enter").until_gone("unsaved");
        screen.esc("Enter");
    }
    screen.keys("q");
    assert_eq!(screen.ends(), 0, "nothing is unsaved");
    assert_eq!(place.read("m.json"), rows(5));
}

#[test]
fn keys_sent_in_one_go_are_keys() {
    let (place, mut screen) = five();
    screen.keys("jje\x15s3://acme-captions/news/long-name-of-a-transcript.srt\r").until("1 unsaved");
    screen.keys("j:w\r").until("saved m.json").keys("gg:q\r");
    assert_eq!(screen.ends(), 0);
    assert!(place.read("m.json").contains("long-name-of-a-transcript.srt"));
}

#[test]
fn esc_is_answered_soon() {
    let (_place, mut screen) = five();
    for _ in 0..3 {
        screen.keys("?").until("help");
        let began = std::time::Instant::now();
        screen.keys("\x1b").until("missing 5");
        assert!(began.elapsed() < Duration::from_millis(400), "{:?}", began.elapsed());
    }
}
