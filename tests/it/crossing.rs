//! Edits, saves, checks and sends that overlap: nothing is lost, and nothing is sent that was not checked.

use crate::app_driver::{App, NOW};
use crate::manifests::{manifest, row};
use cuecard::app::compute::Compute;
use cuecard::app::jobs::Task;
use cuecard::app::msg::{Fit, GateFacts, Recovered, SaveEnd};
use cuecard::app::screens::{Screen, SendScreen};
use cuecard::app::{Effect, Msg};
use cuecard::domain::draft::{Change, Edit};
use cuecard::domain::manifest::Field;
use cuecard::domain::request::Fingerprint;
use cuecard::domain::row_set::RowSet;
use cuecard::domain::rows::Slow;
use cuecard::domain::submission::{Earlier, Phase};

/// Sound rows, all without a transcript.
fn rows(count: usize) -> String {
    manifest((0..count).map(|n| row(format!("s3://acme-video/{n:05}.mp4"))))
}

/// Answers the gate's last request as if all were well.
fn prepared(app: &mut App) {
    let at = app.effects.iter().rposition(|effect| matches!(effect, Effect::Prepare { .. }));
    let Effect::Prepare { job, snapshot, .. } = app.effects.remove(at.expect("the gate asks")) else { unreachable!() };
    let facts = GateFacts {
        fingerprint: Fingerprint::of(snapshot.pieces()),
        same_on_disk: true,
        key_origin: Some("from a test".into()),
        proxy: None,
        earlier: Earlier::default(),
        ledger_fault: None,
    };
    app.send(Msg::Prepared(job, Ok(Box::new(facts))));
    app.model.now.unix_ms += 1_000;
}

fn sends(app: &App) -> usize {
    app.effects.iter().filter(|effect| matches!(effect, Effect::Send(_))).count()
}

fn take_held(app: &mut App, wanted: fn(&Effect) -> bool) -> Effect {
    let at = app.effects.iter().rposition(wanted).expect("it was asked for");
    app.effects.remove(at)
}

#[test]
fn only_the_key_itself_sends() {
    for typed in [":upload<Enter>", "?upload<Enter>", "<Enter>", "<F1>upload<Enter>"] {
        let mut app = App::open(&rows(3)).keys("RS");
        prepared(&mut app);
        app.press(typed);
        assert_eq!(sends(&app), 0, "{typed}");
        while matches!(app.model.screens.last(), Some(Screen::Palette(_) | Screen::Help(_) | Screen::Log(_))) {
            app.press("<Esc>");
        }
        // The palette's nearest match reopens the gate.
        prepared_again(&mut app);
        app.press("Y");
        assert_eq!(sends(&app), 1, "{typed}, then Y");
    }
}

#[test]
fn what_a_send_waits_for_is_told_until_it_goes_on() {
    let mut app = App::open(&rows(3)).size(80, 24).keys("RS");
    prepared(&mut app);
    app.press("Y");
    let send = take_held(&mut app, |effect| matches!(effect, Effect::Send(_)));
    let Effect::Send(order) = send else { unreachable!() };
    for (slow, next) in [(Slow::Begin, Phase::Connecting), (Slow::Upload, Phase::Reading)] {
        app.send(Msg::SendSlow(order.job, slow));
        app.draw().shows(slow.words());
        app.send(Msg::SendMoved(order.job, next));
        app.draw().hides("does not answer").shows("stopping now");
    }
}

#[test]
fn a_paste_and_what_was_typed_ahead_send_nothing() {
    let mut app = App::open(&rows(3)).keys("RS").paste("Y").keys("Y");
    assert_eq!(sends(&app), 0, "the facts are not there yet");
    prepared(&mut app);
    app.model.now.unix_ms -= 900;
    app.press("Y");
    assert_eq!(sends(&app), 0, "within a moment of the gate standing complete");
}

#[test]
fn the_gate_does_not_trust_findings_of_other_rows() {
    let mut app = App::open(&rows(3_000));
    app.held = true;
    app.press("a:set index bad<Enter><Tab><Enter>Y");
    let bulk = take_held(&mut app, |effect| matches!(effect, Effect::Compute(_, Compute::Apply { .. })));
    let Effect::Compute(job, Compute::Apply { mut draft, what }) = bulk else { unreachable!() };
    let changed = what.apply(&mut draft);
    app.send(Msg::Applied(job, draft, changed));
    // The check that would find three thousand errors is stopped.
    app.press("<^c>");
    let mut app = app.keys("<^s>").saved().keys("RS");
    prepared(&mut app);
    app.press("Y");
    assert_eq!(sends(&app), 0);
    app.draw().shows("still being checked");
    app.held = false;
    let check = take_held(&mut app, |effect| matches!(effect, Effect::Compute(_, Compute::Check { .. })));
    app.carry_out(check);
    prepared_again(&mut app);
    app.press("Y");
    assert_eq!(sends(&app), 0);
    app.draw().shows("send anyway");
}

/// Answers the gate if it asked again.
fn prepared_again(app: &mut App) {
    if app.effects.iter().any(|effect| matches!(effect, Effect::Prepare { .. })) {
        prepared(app);
    }
}

#[test]
fn nothing_is_edited_while_a_bulk_edit_runs() {
    let mut app = App::open(&rows(3_000));
    app.held = true;
    app.press("a:set language de<Enter><Enter>");
    let before = app.model.session().unwrap().now().revision();
    for keys in ["x", "d", "u", ".", ":set language fr<Enter>", "p"] {
        app.press(keys);
    }
    let session = app.model.session().unwrap();
    assert_eq!(session.now().revision(), before);
    assert!(!session.draft.can_undo());
}

#[test]
fn a_bulk_edit_that_ends_after_a_save_keeps_what_the_save_said() {
    let mut app = App::open(&rows(3_000)).keys("x<^s>");
    app.held = true;
    app.press("a:set language de<Enter><Enter>");
    let mut app = app.saved();
    let saved = app.model.session().unwrap().draft.saved().revision();
    app.held = false;
    let bulk = take_held(&mut app, |effect| matches!(effect, Effect::Compute(_, Compute::Apply { .. })));
    app.carry_out(bulk);
    let draft = &app.model.session().unwrap().draft;
    assert_eq!(draft.saved().revision(), saved, "the disk still holds what was saved");
    assert_eq!(draft.unsaved(), 3_000);
}

#[test]
fn a_second_save_waits_for_the_first() {
    let app = App::open(&rows(3)).keys("x<^s><^s>:w copy.json<Enter>q");
    let saves = app.effects.iter().filter(|effect| matches!(effect, Effect::Save(_))).count();
    assert_eq!(saves, 1);
    assert!(!app.effects.iter().any(|effect| matches!(effect, Effect::Quit(_))), "nor does q cut it short");
    let app = app.saved();
    assert!(!app.model.session().unwrap().draft.is_dirty());
}

#[test]
fn typeahead_does_not_answer_a_new_question() {
    let mut app = App::open(&rows(3)).keys("x<^s>");
    let save = take_held(&mut app, |effect| matches!(effect, Effect::Save(_)));
    let Effect::Save(save) = save else { unreachable!() };
    app.send(Msg::Saved(save.job, save.snapshot, SaveEnd::ChangedOnDisk));
    app.press("o");
    assert!(!app.effects.iter().any(|effect| matches!(effect, Effect::Save(_))), "typed for the picker");
    app.model.now.unix_ms += 1_000;
    app.press("o");
    let Some(Effect::Save(again)) = app.effects.last() else { panic!("o writes over it") };
    assert!(again.over_changes && !again.with_losses);
}

#[test]
fn while_the_editor_is_open_a_failed_save_asks_nothing() {
    let mut app = App::open(&rows(3)).keys("x<^s>jo<Esc>e");
    let save = take_held(&mut app, |effect| matches!(effect, Effect::Save(_)));
    let Effect::Save(save) = save else { unreachable!() };
    app.send(Msg::Saved(save.job, save.snapshot, SaveEnd::ChangedOnDisk));
    app.press("o");
    assert!(matches!(app.model.screens.last(), Some(Screen::Editor(editor)) if editor.input.text() == "o"));
    app.draw().shows("changed by another program");
}

#[test]
fn recovered_changes_are_answered_before_anything_else_happens() {
    let mut app = App::open(&rows(3));
    let job = app.model.jobs.id(Task::ReadJournal).expect("the journal is asked");
    let edit = Edit { rows: RowSet::one(1), change: Change::Set(Field::Language, "de".into()) };
    let (fit, undone_after_save, unreadable) = (Fit::AsOpened, 0, 0);
    let recovered = Recovered { found: 1, edits: vec![edit], last: NOW, fit, undone_after_save, unreadable };
    app.send(Msg::JournalRead(job, Ok(Some(recovered))));
    app.model.now.unix_ms += 1_000;
    app.press("<^s>S:w<Enter>ux");
    assert!(!app.effects.iter().any(|effect| matches!(effect, Effect::Save(_) | Effect::Prepare { .. })));
    app.press("d");
    assert!(app.model.is_recovering(), "one key drops nothing");
    for between in ["j", "<Esc>", "S", "ä", "<F9>"] {
        app.press(between);
        app.press("d");
        assert!(app.model.is_recovering(), "d after {between} is the first of two");
    }
    app.press("d");
    assert!(!app.model.is_recovering() && !app.model.session().unwrap().draft.is_dirty());
}

#[test]
fn edits_that_no_journal_keeps_are_told_so_however_long_the_path_of_the_state_is() {
    let fault = |long: usize| {
        let folder = "state/".repeat(long);
        format!("/home/ana/{folder}ledger.db: can't be written; check who owns it and its mode")
    };
    for width in [60, 80, 120] {
        for long in [1, 4, 40] {
            let mut app = App::open(&rows(3)).size(width, 24);
            app.send(Msg::JournalFailed(fault(long)));
            app.draw().shows("the journal keeps no edits, save often");
        }
    }
}

#[test]
fn an_upload_is_stopped_with_help_in_front() {
    let mut app = App::open(&rows(3)).keys("RS");
    prepared(&mut app);
    app.press("Y<F1><^c>");
    assert!(app.effects.iter().any(|effect| matches!(effect, Effect::Cancel(_))));
    let sending =
        app.model.screens.iter().any(
            |screen| matches!(screen, Screen::Send(send) if matches!(&**send, SendScreen::Sending(s) if s.stopping)),
        );
    assert!(sending);
}

#[test]
fn an_answer_finds_the_gate_behind_another_screen() {
    let mut app = App::open(&rows(3)).keys("RSL");
    prepared(&mut app);
    app.press("<Esc>Y");
    assert_eq!(sends(&app), 1);
}

#[test]
fn failed_save_job_allows_another_save() {
    let mut app = App::open(&rows(3)).keys("x<^s>");
    let Effect::Save(save) = take_held(&mut app, |effect| matches!(effect, Effect::Save(_))) else { unreachable!() };
    app.send(Msg::JobFailed(save.job, "it broke".into()));
    app.press("<^s>");
    assert!(app.effects.iter().any(|effect| matches!(effect, Effect::Save(_))), "a save is possible again");
}

#[test]
fn all_in_view_waits_for_the_view() {
    let mut app = App::open(&rows(30));
    app.held = true;
    app.press("f00001<Enter>a");
    assert!(app.model.session().unwrap().selection.is_empty(), "the rows that were asked for are not there yet");
}

#[test]
fn esc_and_a_key_in_one_read_are_two_keys() {
    let app = App::open(&rows(3)).keys("e").keys("abc");
    let mut app = app;
    app.send(Msg::Key(crossterm::event::KeyEvent::new(
        crossterm::event::KeyCode::Char('x'),
        crossterm::event::KeyModifiers::ALT,
    )));
    assert!(app.model.screens.is_empty());
    assert!(app.model.session().unwrap().now().is_excluded(0));
}

#[test]
fn a_row_with_a_signed_link_is_not_copied() {
    let signed = "https://acme-captions.s3.us-west-2.amazonaws.com/a.srt?X-Amz-Signature=CANARY&X-Amz-Credential=x";
    let json = manifest([row("s3://acme-video/0.mp4").transcript(signed)]);
    let app = App::open(&json).keys("yryv");
    let copied: Vec<&String> = app
        .effects
        .iter()
        .filter_map(|effect| if let Effect::Copy(text) = effect { Some(text) } else { None })
        .collect();
    assert_eq!(copied, ["s3://acme-captions/a.srt"]);
}

#[test]
fn rows_asked_for_by_state_before_the_first_check_come_when_it_ends() {
    for keys in ["Fe", "ss"] {
        let mut app = App::new();
        app.held = true;
        app.load(&manifest((0..3).map(|n| row(format!("s3://acme-video/{n}.mp4")).transcript("nowhere"))));
        app.press(keys);
        while let Some(at) = app.effects.iter().rposition(is_background) {
            let effect = app.effects.remove(at);
            app.held = false;
            app.draw().hides("No row has an error");
            app.carry_out(effect);
        }
        app.draw().shows("✗ error 1");
    }
}

fn is_background(effect: &Effect) -> bool {
    matches!(effect, Effect::Compute(_, Compute::Check { .. } | Compute::View { .. }))
}

#[test]
fn credentials_are_kept_out_of_a_bulk_edit_as_out_of_a_single_one() {
    let signed = "https://acme-captions.s3.amazonaws.com/a.srt?X-Amz-Signature=0123456789abcdef";
    for count in [1, 3_000] {
        let mut app = App::open(&rows(count)).keys("a:set transcript ");
        app.send(Msg::Paste(signed.into()));
        let app = app.keys("<Enter><Tab><Enter>Y");
        let now = app.model.session().unwrap().now();
        let held = (0..now.len()).filter(|row| now.value(*row, Field::Transcription).text().contains("Signature"));
        assert_eq!(held.count(), 0, "{count} rows");
        let told = format!("{:?}", app.effects);
        assert!(!told.contains("0123456789abcdef"), "{count} rows: the journal");
    }
}

#[test]
fn the_review_of_very_many_changes_opens_before_they_are_counted() {
    let app = App::open(&rows(3_000)).keys("a:set language de<Enter><Enter>");
    let mut app = app;
    app.held = true;
    app.press("R");
    app.draw().shows("the changes are being counted").shows("–").hides("3,000 changed");
    let sums = take_held(&mut app, |effect| matches!(effect, Effect::Compute(_, Compute::Sums(_))));
    app.held = false;
    app.carry_out(sums);
    app.draw().shows("3,000 changes").hides("–");
}
