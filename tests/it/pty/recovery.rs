//! What a crash leaves, and how the next start handles it.

use super::screen::Place;
use super::{five_rows, rows};
use rustix::process::Signal;
use std::time::Duration;

#[test]
fn after_a_kill_the_edits_of_a_second_ago_are_offered_and_can_be_dropped() {
    let place = Place::new().with("m.json", rows(5));
    let mut screen = five_rows(&place);
    screen.paste("s3://acme-captions/00001.srt").keys("\r").until("1 unsaved");
    screen.keys("x").until("excluded 1").keys("jjd").until("that changes nothing").keys("u").until("excluded 0");
    screen.watch(Duration::from_secs(1));
    screen.signal(Signal::KILL);
    screen.ends();

    let mut screen = place.cuecard(&["m.json"]);
    screen.until("1 change").until("recovered.  t takes").until("+ s3://acme-captions/00001.srt");
    // Neither Esc nor q decides.
    screen.settles();
    screen
        .keys("\x1b")
        .until("take or drop the recovered changes first")
        .keys("qe")
        .until("untouched")
        .keys("\x03\x03");
    assert_eq!(screen.ends(), 0);
    let mut screen = place.cuecard(&["m.json"]);
    screen.until("recovered.  t takes").settles();
    screen
        .keys("d")
        .until("dropped changes are gone for good")
        .keys("d")
        .until("dropped the recovered changes")
        .until("missing 5")
        .keys("q");
    assert_eq!(screen.ends(), 0);
    screen.is_given_back();
    assert_eq!(place.read("m.json"), rows(5));

    let mut screen = five_rows(&place);
    screen.keys("q");
    assert_eq!(screen.ends(), 0, "they are not offered again");
}

#[test]
fn edits_made_after_a_save_are_offered_on_what_was_saved() {
    let place = Place::new().with("m.json", rows(5));
    let mut screen = five_rows(&place);
    screen.paste("s3://acme-captions/00001.srt").keys("\r").until("1 unsaved").keys("jx").until("excluded 1");
    screen.keys("\x13").until("✓ saved; 1 row left out").keys("j");
    screen.paste("s3://acme-captions/00004.srt").keys("\r").until("1 unsaved");
    screen.watch(Duration::from_secs(1));
    let saved = place.read("m.json");
    screen.signal(Signal::KILL);
    screen.ends();
    assert_eq!(place.read("m.json"), saved);

    let mut screen = place.cuecard(&["m.json"]);
    screen.until("recovered.  t takes").settles();
    screen.until("+ s3://acme-captions/00004.srt").keys("t").keys(":w\r").until("saved m.json");
    let wanted = saved.replacen(
        r#"00004.mp4", "transcription": """#,
        r#"00004.mp4", "transcription": "s3://acme-captions/00004.srt""#,
        1,
    );
    assert_eq!(place.read("m.json"), wanted);
}

#[test]
fn edits_of_a_file_that_changed_since_are_named_and_not_applied() {
    let place = Place::new().with("m.json", rows(5));
    let mut screen = five_rows(&place);
    screen.keys("x").until("excluded 1").signal(Signal::TERM);
    screen.ends();
    let place = place.with("m.json", rows(4));
    place.cuecard(&["m.json"]).until("kept; the file changed since.").until("excluded 0").until("missing 4");
}
