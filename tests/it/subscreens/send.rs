//! The upload from gate to result, and the log of earlier ones.

use super::{NOW, SIZES, draw, edits, model, now, pictures, saved};
use crossterm::event::KeyCode;
use cuecard::app::line_input::LineInput;
use cuecard::app::model::Model;
use cuecard::app::msg::{GateFacts, Phase};
use cuecard::app::screens::send::{Gate, OpenFile, ResultPane, Sending};
use cuecard::app::screens::{Confirmation, Log, Palette, Screen, SendScreen};
use cuecard::app::scroll::Scroll;
use cuecard::app::{Effect, Msg, update};
use cuecard::domain::outcome::{Attempt, BodyState, Ended, Followed, How, Intent, Reply, Settlement, judge};
use cuecard::domain::request::Fingerprint;
use cuecard::domain::rows::Tally;
use cuecard::domain::submission::Earlier;
use cuecard::ui;
use cuecard::ui::theme::Theme;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use std::collections::BTreeMap;

const API_KEY: &str = "tlk_CANARY_0123456789";

fn facts(model: &Model) -> GateFacts {
    GateFacts {
        fingerprint: Fingerprint::of(model.session().unwrap().now().pieces()),
        same_on_disk: true,
        key_origin: Some("from TWELVELABS_API_KEY in the environment".into()),
        proxy: None,
        earlier: Earlier::default(),
        ledger_fault: None,
    }
}

fn gate(model: &Model, change: impl FnOnce(&mut Gate)) -> Screen {
    let mut gate = Gate {
        snapshot: model.session().unwrap().now().clone(),
        facts: Some(Box::new(facts(model))),
        fault: None,
        confirmation: Confirmation { armed_at: Some(NOW), input: None },
        given: Vec::new(),
    };
    change(&mut gate);
    Screen::Send(Box::new(SendScreen::Gate(gate)))
}

fn reply(status: u16, reason: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
    Reply {
        status,
        reason: reason.into(),
        version: "HTTP/1.1".into(),
        headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        body: body.to_vec(),
        body_state: BodyState::Whole,
    }
}

pub(super) fn attempt(id: i64, how: How, begun: bool) -> Attempt {
    let fingerprint = Fingerprint { bytes: 2_981_204, ..Fingerprint::of([&b"news"[..]]) };
    let sent = if begun { 2_981_204 } else { 0 };
    let ended = Ended { how, begun, sent, took_ms: 1_800 };
    Attempt {
        id,
        intent: Intent {
            started_ms: NOW - (3 - id) * 3_600_000,
            address: "https://api.twelvelabs.io/v1.2/tasks/transfers".into(),
            profile: Some("prod".into()),
            file: "/home/op/news-2026.json".into(),
            fingerprint,
            rows: 12_468,
            key_origin: "from TWELVELABS_API_KEY in the environment".into(),
        },
        outcome: judge(&ended),
        ended,
        under_way: false,
        settled: None,
        settled_before: Vec::new(),
        followed: None,
        tally: None,
    }
}

pub(super) fn accepted(id: i64) -> Attempt {
    let headers = [
        ("Date", "Mon, 23 Nov 2026 14:03:09 GMT"),
        ("x-api-version", "v1.2"),
        ("x-ratelimit-limit", "1000"),
        ("x-ratelimit-remaining", "987"),
        ("x-ratelimit-reset", "1795478400"),
    ];
    attempt(id, How::Replied(reply(204, "No Content", &headers, b"")), true)
}

pub(super) fn refused(id: i64) -> Attempt {
    let body = br#"{"code":"api_key_invalid","message":"API key is invalid or expired.","docs_url":"https://docs.twelvelabs.io/reference/error-codes"}"#;
    attempt(id, How::Replied(reply(401, "Unauthorized", &[("Date", "today"), ("server", "gw")], body)), true)
}

pub(super) fn unknown(id: i64) -> Attempt {
    attempt(id, How::NoReply("connection reset by peer".into()), true)
}

fn shown(attempt: Attempt) -> Screen {
    let earlier = vec![attempt.clone(), refused(2), accepted(1)];
    // Wide enough: nothing is wrapped.
    Screen::Send(Box::new(SendScreen::Result(ResultPane::new(attempt, earlier, OpenFile::Same, (u16::MAX, 0)))))
}

fn pane(screen: &mut Screen, change: impl FnOnce(&mut ResultPane)) {
    if let Screen::Send(send) = screen
        && let SendScreen::Result(pane) = &mut **send
    {
        change(pane);
    }
}

#[test]
fn the_gate_offers_the_upload() {
    pictures("gate", |size| saved(size, edits()[..1].to_vec()), |model| gate(model, |_| {}));
}

#[test]
fn the_hints_of_the_gate_say_what_its_key_does_now() {
    let hints = |model: Model, change: fn(&mut Gate)| {
        let mut model = model;
        let screen = gate(&model, change);
        model.screens.push(screen);
        whole(&model).lines().last().unwrap_or_default().to_owned()
    };
    for size in [(80, 24), (120, 40)] {
        let clean = || saved(size, Vec::new());
        let shown = hints(clean(), |_| {});
        assert!(shown.contains("Y upload") && !shown.contains("first error"), "{shown}");
        let shown = hints(saved(size, edits()), |_| {});
        assert!(shown.contains("} first error   Y send anyway") && !shown.contains("Y upload"), "{shown}");
        let again: fn(&mut Gate) = |gate| gate.facts.as_mut().unwrap().earlier.blocking = Some(Box::new(accepted(3)));
        let shown = hints(clean(), again);
        assert!(shown.contains("Y send again") && !shown.contains("Y upload"), "{shown}");
        let mut protected = clean();
        protected.options.protect = true;
        let shown = hints(protected, |_| {});
        assert!(shown.contains("Y type the number of rows"), "{shown}");
        for (model, change) in [
            (model(size, edits()), (|_| {}) as fn(&mut Gate)),
            (clean(), |gate| gate.facts.as_mut().unwrap().key_origin = None),
            (clean(), |gate| gate.facts.as_mut().unwrap().ledger_fault = Some("disk full".into())),
            (clean(), |gate| gate.facts = None),
        ] {
            let shown = hints(model, change);
            assert!(!shown.contains("Y "), "{shown}");
        }
    }
}

/// All rows of the window.
fn whole(model: &Model) -> String {
    let mut terminal = Terminal::new(TestBackend::new(model.size.0, model.size.1)).unwrap();
    terminal.draw(|frame| ui::draw(model, frame)).unwrap();
    super::text(terminal.backend().buffer())
}

#[test]
fn waiting_for_the_reply_counts_the_seconds() {
    let mut model = saved((80, 24), Vec::new());
    let sending = Sending {
        facts: Box::new(facts(&model)),
        snapshot: model.session().unwrap().now().clone(),
        started: now(),
        phase: Phase::Waiting,
        began: [Some(NOW), Some(NOW + 100), Some(NOW + 200), None],
        stopping: false,
        slow: None,
    };
    let screen = Screen::Send(Box::new(SendScreen::Sending(sending)));
    model.now.unix_ms = NOW + 3_200;
    assert!(draw(&model, &screen).contains("3.0 s"), "{}", draw(&model, &screen));
    model.now.unix_ms = NOW + 9_200;
    assert!(draw(&model, &screen).contains("9.0 s"), "{}", draw(&model, &screen));
}

#[test]
fn the_warning_of_a_send_under_way_stands_whatever_key_is_pressed() {
    let mut model = saved((80, 24), Vec::new());
    let sending = Sending {
        facts: Box::new(facts(&model)),
        snapshot: model.session().unwrap().now().clone(),
        started: now(),
        phase: Phase::Waiting,
        began: [Some(NOW), Some(NOW + 100), Some(NOW + 200), None],
        stopping: false,
        slow: None,
    };
    model.screens.push(Screen::Send(Box::new(SendScreen::Sending(sending))));
    for key in [KeyCode::F(1), KeyCode::Esc, KeyCode::Char('q'), KeyCode::Esc] {
        update(&mut model, Msg::Key(crossterm::event::KeyEvent::from(key)));
    }
    assert!(whole(&model).contains("▲ stopping now may leave the outcome unknown"), "{}", whole(&model));
    // What goes wrong meanwhile is told.
    update(&mut model, Msg::Failed("the disk is full".into()));
    assert!(whole(&model).contains("the disk is full"));
}

#[test]
fn a_reply_without_a_body_is_neither_saved_nor_searched() {
    for (attempt, has_body) in [(accepted(3), false), (unknown(3), false), (refused(3), true)] {
        let mut model = saved((120, 40), Vec::new());
        model.screens.push(shown(attempt));
        let picture = whole(&model);
        assert_eq!(picture.contains("save reply"), has_body, "{picture}");
        update(&mut model, Msg::Key(crossterm::event::KeyEvent::from(KeyCode::Char('/'))));
        assert_eq!(whole(&model).contains("the reply has no body"), !has_body, "{}", whole(&model));
    }
}

#[test]
fn a_saved_reply_is_named_for_what_it_is() {
    let page = How::Replied(reply(502, "Bad Gateway", &[], b"<html><body>gateway</body></html>"));
    for (attempt, kind) in [(refused(3), "json"), (attempt(3, page, true), "txt")] {
        let mut model = saved((80, 24), Vec::new());
        model.screens.push(shown(attempt));
        let control_s = crossterm::event::KeyEvent::new(KeyCode::Char('s'), crossterm::event::KeyModifiers::CONTROL);
        update(&mut model, Msg::Key(control_s));
        assert!(whole(&model).contains(&format!("news-2026.reply.{kind}")), "{}", whole(&model));
    }
}

#[test]
fn copying_a_reply_that_never_came_says_what_was_copied_instead() {
    let mut model = saved((80, 24), Vec::new());
    model.screens.push(shown(unknown(3)));
    let effects = update(&mut model, Msg::Key(crossterm::event::KeyEvent::from(KeyCode::Char('y'))));
    let copied = effects.iter().any(|effect| matches!(effect, Effect::Copy(_)));
    assert!(!whole(&model).contains("the reply:") && copied, "{}", whole(&model));
}

#[test]
fn a_gate_that_is_blocked_has_no_confirm_key() {
    let confirm = "upload 20 rows to api.twelvelabs.io";
    for size in SIZES {
        let open = saved(size, Vec::new());
        assert!(draw(&open, &gate(&open, |_| {})).contains(confirm));

        let dirty = model(size, edits());
        let picture = draw(&dirty, &gate(&dirty, |_| {}));
        assert!(picture.contains("✗ 9 changes are not saved.  ^s saves"), "{picture}");
        let errors = saved(size, edits());
        let picture = draw(&errors, &gate(&errors, |_| {}));
        assert!(picture.contains("✗ 1 error blocks the upload."), "{picture}");
        type Spoil = fn(&mut GateFacts);
        let spoil: [(Spoil, &str); 4] = [
            (|facts| facts.same_on_disk = false, "✗ the file on disk holds something else."),
            (|facts| facts.key_origin = None, "✗ no API key"),
            (|facts| facts.ledger_fault = Some("disk full".into()), "✗ the ledger can't be written"),
            (
                |facts| facts.earlier.blocking = Some(Box::new(unknown(3))),
                "✗ these bytes were sent at 14:03 today, with no known",
            ),
        ];
        for (spoil, words) in spoil {
            let screen = gate(&open, |gate| spoil(gate.facts.as_mut().unwrap()));
            let picture = draw(&open, &screen);
            assert!(picture.contains(words), "{picture}");
            assert!(!picture.contains(confirm), "{picture}");
        }
    }
}

#[test]
fn bytes_that_were_accepted_before_are_named_with_their_day() {
    let open = saved((80, 24), Vec::new());
    let before = |attempt| gate(&open, |gate| gate.facts.as_mut().unwrap().earlier.blocking = Some(Box::new(attempt)));
    let today = draw(&open, &before(accepted(0)));
    assert!(today.contains("▲ these bytes were accepted with 204 No Content at 11:03 today"), "{today}");
    assert!(today.contains("▲ sent before") && today.contains("not sent again yet"), "{today}");
    let days_ago = draw(&open, &before(accepted(-70)));
    assert!(days_ago.contains("▲ these bytes were accepted with 204 No Content at 13:03 on 20 Nov"), "{days_ago}");
}

#[test]
fn what_a_damaged_ledger_may_have_known_is_asked_about_before_it_is_sent() {
    for size in SIZES {
        let open = saved(size, Vec::new());
        let why = Some("what was sent before is not known: the old ledger was damaged".to_owned());
        let picture = draw(&open, &gate(&open, |gate| gate.facts.as_mut().unwrap().earlier.not_known = why));
        assert!(picture.contains("? perhaps sent") && !picture.contains("never sent"), "{picture}");
        assert!(picture.contains("▲ what was sent before is not known"), "{picture}");
        assert!(picture.contains("Y asks for words") && !picture.contains("Esc  back"), "{picture}");
    }
}

#[test]
fn never_sent_before_is_not_said_after_an_attempt_that_failed() {
    let not_sent = attempt(3, How::NotConnected("connection refused".into()), false);
    let open_again = Attempt { settled: Some(Settlement { accepted: false, at_ms: NOW }), ..unknown(3) };
    let cases = [
        (refused(3), "▲ these bytes were refused with 401 Unauthorized at 14:03", "not sent again yet"),
        (not_sent, "✓ these bytes were not sent yet; an attempt at 14:03", "nothing has been sent yet"),
        (open_again, "? these bytes were sent at 14:03 today, not accepted, says", "not sent again yet"),
    ];
    for (attempt, words, phrase) in cases {
        for size in SIZES {
            let open = saved(size, Vec::new());
            let newest = Some(Box::new(attempt.clone()));
            let picture = draw(&open, &gate(&open, |gate| gate.facts.as_mut().unwrap().earlier.newest = newest));
            assert!(picture.contains(words) && picture.contains(phrase), "{picture}");
            assert!(
                !picture.contains("never sent") && picture.contains(" Y ") && picture.contains("Esc  back"),
                "{picture}"
            );
        }
    }
}

#[test]
fn several_indexes_stand_with_their_rows() {
    use cuecard::domain::draft::{Change, Edit};
    use cuecard::domain::manifest::Field;
    use cuecard::domain::row_set::RowSet;
    let other = |row, id: &str| Edit { rows: RowSet::one(row), change: Change::Set(Field::IndexId, id.into()) };
    let edits = vec![other(3, "629d807aa9e2a3a33a92c00b"), other(4, "629d807aa9e2a3a33a92c00b")];
    let open = saved((80, 24), edits);
    let picture = draw(&open, &gate(&open, |_| {}));
    assert!(picture.contains("index         6298…00476d4c 18 rows, 629d…3a92c00b 2 rows"), "{picture}");
}

#[test]
fn a_typed_confirmation_stands_where_the_confirm_key_would() {
    pictures(
        "gate-typing",
        |size| saved(size, edits()),
        |model| gate(model, |gate| gate.confirmation.input = Some(LineInput::new("send any"))),
    );
}

#[test]
fn the_cursor_of_the_terminal_stands_behind_what_is_typed() {
    for size in SIZES {
        let model = saved(size, edits());
        let screen = gate(&model, |gate| gate.confirmation.input = Some(LineInput::new("send any")));
        let mut terminal = Terminal::new(TestBackend::new(size.0, size.1)).unwrap();
        let Screen::Send(send) = &screen else { unreachable!() };
        let layout = model.layout();
        terminal.draw(|frame| ui::send::draw(&model, send, &layout, &Theme::default(), frame)).unwrap();
        let cursor = terminal.get_cursor_position().unwrap();
        let before: String = (1..cursor.x).map(|x| terminal.backend().buffer()[(x, cursor.y)].symbol()).collect();
        assert_eq!(before, "▌ type  send anyway  to upload 19 rows > send any");
    }
}

#[test]
fn the_upload_shows_four_phases_from_the_start() {
    let sending = |model: &mut Model| {
        model.ticks = 4;
        let mut facts = facts(model);
        facts.fingerprint.bytes = 2_981_204;
        Screen::Send(Box::new(SendScreen::Sending(Sending {
            facts: Box::new(facts),
            snapshot: model.session().unwrap().now().clone(),
            started: now().at(NOW - 1_500),
            phase: Phase::Sending { sent: 1_441_792, total: 2_981_204 },
            began: [Some(NOW - 1_500), Some(NOW - 1_300), None, None],
            stopping: false,
            slow: None,
        })))
    };
    pictures("sending", |size| saved(size, Vec::new()), sending);
}

#[test]
fn a_result_of_each_kind_has_one_shape() {
    let fresh = |size| saved(size, Vec::new());
    pictures("result-accepted", fresh, |_| shown(accepted(3)));
    pictures("result-refused", fresh, |_| shown(refused(3)));
    pictures("result-unknown", fresh, |_| shown(unknown(3)));
}

#[test]
fn only_an_open_outcome_can_be_answered() {
    let model = saved((80, 24), Vec::new());
    assert!(draw(&model, &shown(unknown(3))).contains("▌ A  it was accepted      news-2026.json counts as sent"));
    let settled = Attempt { settled: Some(Settlement { accepted: false, at_ms: NOW }), ..unknown(3) };
    let picture = draw(&model, &shown(settled));
    assert!(!picture.contains("▌ N") && picture.contains("the file can be sent again"), "{picture}");
    let under_way = Attempt { under_way: true, ..attempt(3, How::Interrupted, true) };
    let picture = draw(&model, &shown(under_way));
    assert!(!picture.contains("▌ A") && picture.contains("UNDER WAY"), "{picture}");
}

#[test]
fn a_reply_full_of_escape_sequences_shows_tokens() {
    let headers = [("x-\u{1b}[2J", "a\u{202e}b\u{7}")];
    let body = "\u{1b}[31mred\u{1b}]52;c;cGF3bg==\u{7}\n\u{202e}txt\r\n\u{9b}2J";
    let evil = attempt(3, How::Replied(reply(400, "Bad\u{1b}[0m", &headers, body.as_bytes())), true);
    for size in SIZES {
        let model = saved(size, Vec::new());
        let mut screen = shown(evil.clone());
        pane(&mut screen, |pane| {
            pane.all_headers = true;
            pane.scroll.top = if size.1 < 24 { 6 } else { 0 };
        });
        let picture = draw(&model, &screen);
        assert!(!picture.chars().any(|c| c.is_control() && c != '\n'), "{picture:?}");
        assert!(picture.contains("‹U+001B›[31mred"), "{picture}");
    }
}

#[test]
fn a_match_is_in_sight_and_marked_in_a_body_of_any_length() {
    let body: String = (0..20_000).map(|n| format!("line {n}\n")).collect();
    let long = attempt(3, How::Replied(reply(400, "Bad Request", &[], body.as_bytes())), true);
    for size in SIZES {
        let model = saved(size, Vec::new());
        for at in [0, 77, 19_999] {
            let mut screen = shown(long.clone());
            pane(&mut screen, |pane| {
                pane.matched = Some(at);
                pane.scroll = Scroll { cursor: at, top: at };
            });
            let picture = draw(&model, &screen);
            assert!(picture.contains(&format!("› line {at}")), "{picture}");
        }
    }
}

#[test]
fn the_key_is_never_on_the_screen() {
    let model = saved((120, 40), Vec::new());
    for screen in [gate(&model, |_| {}), shown(refused(3)), shown(accepted(3))] {
        assert!(!draw(&model, &screen).contains(API_KEY));
    }
    let mut input = LineInput::masked();
    input.paste(API_KEY).unwrap();
    let screen = Screen::Palette(Palette { input, ..Palette::new("", &[], Vec::new()) });
    assert!(!draw(&model, &screen).contains(API_KEY));
}

#[test]
fn the_log_lists_uploads_and_says_when_there_are_none() {
    let log = |attempts| Screen::Log(Log { scroll: Scroll { cursor: 1, top: 0 }, ..Log::of(attempts) });
    let settled = Attempt { settled: Some(Settlement { accepted: true, at_ms: NOW }), ..unknown(2) };
    let rows = |id, unknown| {
        let tally = Tally { accepted: 12_460, refused: 7, unknown, ..Tally::default() };
        let mut rows = attempt(id, How::RowByRow, true);
        rows.intent.address = "https://api.twelvelabs.io/v1.2/tasks".into();
        Attempt { tally: Some(tally), ..rows }
    };
    let counts = BTreeMap::from([("ready".to_owned(), 8_411), ("failed".to_owned(), 31), ("-".to_owned(), 1_876)]);
    let followed = Some(Followed { asked_ms: NOW - 60_000, settled: false, counts: counts.into() });
    let followed = Attempt { followed, ..accepted(0) };
    let stopped = attempt(-70, How::Stopped, false);
    let all =
        || vec![unknown(3), settled.clone(), refused(1), followed.clone(), rows(-1, 1), rows(-2, 0), stopped.clone()];
    pictures("log", |size| saved(size, Vec::new()), |_| log(Some(all())));
    let model = saved((80, 24), Vec::new());
    assert!(draw(&model, &log(Some(Vec::new()))).contains("Nothing was sent from this machine."));
    assert!(draw(&model, &log(None)).contains("reading the ledger"));
}

#[test]
fn a_line_of_the_log_is_opened_with_the_body_of_its_reply() {
    let mut listed = refused(2);
    let How::Replied(reply) = &mut listed.ended.how else { panic!("it was refused with a reply") };
    (reply.body, reply.body_state) = (Vec::new(), BodyState::NotLoaded);
    let mut model = saved((80, 24), Vec::new());
    let attempts = Some(vec![unknown(3), listed]);
    let scroll = Scroll { cursor: 1, top: 0 };
    model.screens.push(Screen::Log(Log { scroll, ..Log::of(attempts) }));
    let effects = update(&mut model, Msg::Key(KeyCode::Enter.into()));
    // The screen also settles: what is visible is checked in a moment.
    let [Effect::ReadAttempt { job, id: 2 }, Effect::After { .. }] = effects[..] else { panic!("{effects:?}") };
    update(&mut model, Msg::LogRead(job, Ok(vec![refused(2)])));
    let Some(Screen::Send(send)) = model.screens.last() else { panic!("it is shown") };
    let SendScreen::Result(pane) = &**send else { panic!("it is shown") };
    assert!(pane.body.iter().any(|line| line.contains("api_key_invalid")), "{:?}", pane.body);
    assert_eq!(pane.earlier.len(), 2);
}
