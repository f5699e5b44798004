//! However the program ends, the terminal is restored and the exit code says why.

use super::screen::{Place, Screen};
use super::{five_rows, rows};
use rustix::process::Signal;
use std::time::Duration;

fn five() -> Place {
    Place::new().with("m.json", rows(5))
}

/// With one transcript pasted but not saved.
fn edited(place: &Place) -> Screen {
    let mut screen = five_rows(place);
    screen.paste("s3://acme-captions/00001.srt").keys("\r").until("1 unsaved");
    screen
}

#[test]
fn q_with_unsaved_changes_asks_and_esc_stays() {
    let place = five();
    let mut screen = edited(&place);
    screen.keys("q").until("1 change of m.json is not saved").esc("discard and quit");
    screen.keys("q").until("discard and quit").keys("d");
    assert_eq!(screen.ends(), 0);
    screen.is_given_back();
    assert_eq!(place.read("m.json"), rows(5), "discarded");
    let mut screen = five_rows(&place);
    screen.keys("q");
    assert_eq!(screen.ends(), 0, "nothing is offered and nothing is asked");
}

#[test]
fn q_can_save_before_it_leaves() {
    let place = five();
    let mut screen = edited(&place);
    screen.keys("q").until("save and quit").keys("s");
    assert_eq!(screen.ends(), 0);
    screen.is_given_back();
    assert!(place.read("m.json").contains("s3://acme-captions/00001.srt"));
}

#[test]
fn every_signal_gives_the_terminal_back_and_keeps_the_edits() {
    for (signal, number) in [(Signal::TERM, 15), (Signal::HUP, 1), (Signal::INT, 2), (Signal::QUIT, 3)] {
        let place = five();
        let mut screen = edited(&place);
        // In any place: in the editor, in a list, in the table.
        screen.keys(["e", "!", "R", ""][number as usize % 4]);
        screen.signal(signal);
        assert_eq!(screen.ends(), 128 + number, "{signal:?}");
        screen.is_given_back();
        assert_eq!(place.read("m.json"), rows(5), "the file is untouched");

        let mut screen = place.cuecard(&["m.json"]);
        screen.until("recovered.  t takes it, d drops it").until("+ s3://acme-captions/00001.srt");
        screen.settles();
        screen.keys("t").until("took the recovered changes").until("1 unsaved").keys(":w\r").until("saved m.json");
        screen.keys("q");
        assert_eq!(screen.ends(), 0);
        assert!(place.read("m.json").contains("s3://acme-captions/00001.srt"));
    }
}

#[test]
fn two_interrupts_from_the_keyboard_leave_and_the_journal_keeps_the_edits() {
    let place = five();
    let mut screen = edited(&place);
    screen.keys("\x03").until("the journal keeps the changes.  ^c again quits").keys("\x03");
    assert_eq!(screen.ends(), 0);
    screen.is_given_back();
    place.cuecard(&["m.json"]).until("recovered");
}

/// A shell with job control that runs cuecard, inspects the terminal whenever it stops, and resumes it.
pub const SHELL: &str = r#"set -m
stty -a >before
"$0" m.json
stty -a >stopped
echo "stopped with $?"
read -r line
fg >/dev/null
echo "ended with $?"
stty -a >after"#;

#[test]
fn suspend_restores_the_shell_and_fg_redraws_the_screen() {
    for from_outside in [false, true] {
        let place = five();
        let mut screen = place.run("/bin/bash", &["-c", SHELL, env!("CARGO_BIN_EXE_cuecard")]);
        screen.until("missing 5").paste("s3://acme-captions/00001.srt").keys("\r").until("1 unsaved");
        if from_outside {
            let children = std::fs::read_to_string(format!("/proc/{0}/task/{0}/children", screen.pid())).unwrap();
            let child = rustix::process::Pid::from_raw(children.trim().parse().unwrap()).unwrap();
            rustix::process::kill_process(child, Signal::TSTP).unwrap();
        } else {
            screen.keys("\x1a");
        }
        screen.until("stopped with");
        screen.is_left();
        assert_eq!(place.read("stopped"), place.read("before"), "the shell's modes");
        screen.keys("\n").until("1 unsaved").until("00005.mp4").until("acme-captions/00001.srt");
        screen.keys("jx").until("excluded 1").keys("qd").until("ended with 0");
        screen.ends();
        screen.is_given_back();
        assert_eq!(place.read("after"), place.read("before"));
    }
}

#[test]
fn suspend_without_a_waiting_shell_says_so_and_goes_on() {
    let mut screen = five_rows(&five());
    screen.keys("\x1a").until("no shell waits").keys("j").until("2 of 5").keys("q");
    assert_eq!(screen.ends(), 0);
}

#[test]
fn a_terminal_that_vanishes_ends_the_program_within_two_seconds() {
    let place = five();
    let mut screen = edited(&place);
    screen.hang_up();
    let exit = screen.ends_within(Duration::from_secs(2));
    assert_eq!((exit, &screen.killed_by), (129, &None));
    place.cuecard(&["m.json"]).until("recovered");
}

#[test]
#[cfg(debug_assertions)]
fn a_fault_while_drawing_gives_the_terminal_back_before_it_is_told() {
    let place = five().env("CUECARD_PANIC_ON", "3");
    let mut screen = edited(&place);
    screen.paste("s3://acme-captions/00002.srt");
    // The same key makes the edit and triggers the fault.
    screen.keys("\r");
    assert_eq!(screen.ends(), 101);
    screen.is_given_back();
    screen.until("this is a bug in cuecard").until("a fault on purpose").until("Edits are in the journal");

    let place = place.env("CUECARD_PANIC_ON", "");
    place.cuecard(&["m.json"]).until("2 changes").until("00001.srt").until("00002.srt");
}
