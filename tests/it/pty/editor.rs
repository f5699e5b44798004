//! $EDITOR with the terminal: its input, its output, and who gets the signals meanwhile.

use super::leaving::SHELL;
use super::screen::Place;
use super::{five_rows, rows};
use rustix::process::Signal;
use std::os::unix::fs::PermissionsExt;

fn five() -> Place {
    Place::new().with("m.json", rows(5))
}

/// With a script as $EDITOR; it gets the file, after `+LINE` if there is one.
fn with_editor(place: Place, script: &str) -> Place {
    let path = place.path("editor");
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = path.display().to_string();
    place.env("EDITOR", &path)
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
fn the_operators_editor_is_not_told_the_key() {
    for name in cuecard::io::api_key::VARIABLES {
        let script = r#"env >environment; printf 's3://acme-captions/edited.srt\n' >"$1""#;
        let place = with_editor(five(), script).env(name, super::KEY);
        let mut screen = five_rows(&place);
        screen.keys(":edit\r").until("edited.srt").keys("qd");
        assert_eq!(screen.ends(), 0);
        let environment = place.read("environment");
        assert!(environment.contains("CUECARD_STATE_DIR") && !environment.contains(super::KEY), "{environment}");
    }
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
fn stopped_editor_returns_to_the_shell_and_fg_resumes_both() {
    // Itself, as some editors do; its whole group, as vim does; and by a typed key.
    for stops in ["kill -TSTP $$", "kill -STOP $$", "kill -TSTP 0", "read -r line"] {
        let script = format!("echo editing; {stops}; echo awake; read -r line; echo $line >\"$1\"");
        let place = with_editor(five(), &script);
        let mut screen = place.run("/bin/bash", &["-c", SHELL, env!("CARGO_BIN_EXE_cuecard")]);
        screen.until("missing 5").keys("xj").until("excluded 1").keys(":edit\r").until("editing");
        if stops.starts_with("read") {
            screen.keys("\x1a");
        }
        screen.until("stopped with").keys("\n");
        if stops.starts_with("read") {
            screen.keys("\n");
        }
        screen.until("awake").keys("s3://acme-captions/edited.srt\n");
        screen.until("2 unsaved").until("edited.srt").keys("j").until("3 of 5").keys("qd").until("ended with 0");
        screen.ends();
        screen.is_given_back();
        assert_eq!(place.read("after"), place.read("before"), "{stops}");
    }
}

#[test]
fn stopped_editor_is_resumed_when_no_shell_waits() {
    let place = with_editor(five(), r#"kill -STOP $$; echo s3://acme-captions/edited.srt >"$1""#);
    let mut screen = five_rows(&place);
    screen.keys(":edit\r").until("1 unsaved").until("edited.srt").keys("qd");
    assert_eq!(screen.ends(), 0);
    screen.is_given_back();
}

#[test]
fn a_signal_ends_cuecard_and_its_editor_at_once() {
    for (signal, number) in [(Signal::TERM, 15), (Signal::HUP, 1)] {
        // One ends when told to; the other ignores it and keeps the terminal's modes.
        for trap in ["trap 'echo bye >>told; exit 0' TERM HUP", "trap 'echo bye >>told' TERM HUP"] {
            let script = format!("{trap}; echo $$ >pid; stty raw -echo; echo editing; while :; do sleep 0.05; done");
            let place = with_editor(five(), &script);
            let mut screen = five_rows(&place);
            screen.keys("x").until("excluded 1").keys(":edit\r").until("editing").signal(signal);
            // The editor that was left still holds the terminal: only the program's own end can be awaited.
            assert_eq!(screen.exits(), 128 + number, "{signal:?}, {trap}");
            screen.is_given_back();
            assert!(place.read("told").starts_with("bye"));
            if !trap.contains("exit") {
                let pid = place.read("pid").trim().parse().unwrap();
                rustix::process::kill_process(rustix::process::Pid::from_raw(pid).unwrap(), Signal::KILL).unwrap();
            }
            place.cuecard(&["m.json"]).until("recovered");
        }
    }
}

#[test]
fn what_happens_in_the_background_goes_on_while_the_editor_is_open() {
    let place = with_editor(
        five(),
        r#"echo editing; until grep -q captions m.json; do sleep 0.02; done; echo s3://acme-captions/edited.srt >"$1""#,
    );
    let mut screen = five_rows(&place);
    screen.paste("s3://acme-captions/00001.srt").keys("\r").until("1 unsaved");
    screen.keys(":w\r:edit\r").until("edited.srt").until("1 unsaved").keys("qd");
    assert_eq!(screen.ends(), 0);
}

#[test]
fn more_than_a_value_can_hold_is_not_taken_over() {
    let place = with_editor(five(), r#"head -c 3000000 /dev/zero >"$1""#);
    let mut screen = five_rows(&place);
    screen.keys(":edit\r").until("longer than a value can be").keys("q");
    assert_eq!(screen.ends(), 0);
}

#[test]
fn the_window_may_change_while_the_editor_is_open() {
    let place = with_editor(five(), "echo editing; read -r line");
    let mut screen = five_rows(&place);
    screen.keys(":edit\r").until("editing").resize(120, 40).keys("\n").until("missing 5");
    screen.until_it("a frame of the new size", |screen| screen.text().lines().next().is_some_and(|l| l.len() > 80));
    screen.keys("q");
    assert_eq!(screen.ends(), 0);
}
