//! Following on the screen, by its keys: what it asks for, what it shows, what it refuses.

use crate::app_driver::{App, NOW};
use cuecard::app::jobs::Task;
use cuecard::app::msg::CannotFollow;
use cuecard::app::screens::Screen;
use cuecard::app::{Effect, Msg};
use cuecard::domain::follow::{Limit, Look, Pace, SentRow, Status, Trouble, sent_rows, stand};
use cuecard::domain::outcome::{Attempt, BodyState, Ended, How, Intent, Reply, Settlement, judge};
use cuecard::domain::request::Fingerprint;
use std::path::PathBuf;
use std::sync::Arc;

const BEGAN: i64 = NOW.unix_ms - 60_000;

fn manifest() -> String {
    super::rows(0, 12)
}

fn attempt(how: How) -> Attempt {
    let ended = Ended { how, begun: true, sent: 900, took_ms: 1_800 };
    Attempt {
        id: 41,
        intent: Intent {
            started_ms: BEGAN,
            address: "https://api.twelvelabs.io/v1.2/tasks/transfers".into(),
            profile: None,
            file: "/videos/news-2026.json".into(),
            fingerprint: Fingerprint::of([manifest().as_bytes()]),
            rows: 12,
            key_origin: "from a test".into(),
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

fn accepted() -> Attempt {
    let (headers, body, body_state) = (Vec::new(), Vec::new(), BodyState::Whole);
    let reply =
        Reply { status: 204, reason: "No Content".into(), version: "HTTP/1.1".into(), headers, body, body_state };
    attempt(How::Replied(reply))
}

/// Rows 0 and 1 failed, 2 and 3 index, 4 to 9 are ready, 10 and 11 have no task; one task is nobody's.
fn look(app: &App) -> Look {
    let rows: Vec<SentRow> = sent_rows(app.model.session().unwrap().now()).collect();
    let status = |at: usize| match at {
        0 | 1 => "failed",
        2 | 3 => "indexing",
        _ => "ready",
    };
    let task = |at: usize| cuecard::domain::follow::Task {
        id: format!("66f1a90b0e2b5f0c3a7d1c{at:02}").into(),
        index: Some(super::INDEX.into()),
        status: Status::read(status(at)),
        created_ms: Some(BEGAN + 2_000 + at as i64 * 1_000),
        changed_ms: Some(BEGAN + 20_000 + at as i64 * 1_000),
        name: Some(if at == 12 { "other.mp4".into() } else { format!("{at:04}.mp4").into() }),
        length_ms: Some(90_000),
        reason: (at == 1).then(|| "video_resolution_too_low".into()),
    };
    let tasks: Vec<_> = (0..10).chain([12]).map(task).collect();
    let mut pace = Pace::default();
    for (minute, finished) in [(0, 0), (1, 4), (2, 8)] {
        pace.heard(NOW.unix_ms - (2 - minute) * 60_000, finished);
    }
    Look {
        standing: Arc::new(stand(&rows, &tasks, BEGAN, &[])),
        rows: Arc::new(rows),
        began_ms: BEGAN,
        rounds: 3,
        first_asked_ms: Some(BEGAN + 5_000),
        asked_ms: Some(NOW.unix_ms - 12_000),
        next_ms: Some(NOW.unix_ms + 48_000),
        limit: Some(Limit { most: 3_000, remaining: 2_412, reset_ms: Some(NOW.unix_ms + 3_540_000) }),
        pace,
        url: "https://api.twelvelabs.io/v1.2/tasks".into(),
        ..Look::default()
    }
}

fn followed(size: (u16, u16), attempt: Attempt, change: impl FnOnce(&mut Look)) -> App {
    let mut app = App::open(&manifest()).size(size.0, size.1);
    app.press(":follow<Enter>");
    let job = app.model.jobs.id(Task::Follow).expect("the service is asked");
    let asked = |effect: &Effect| matches!(effect, Effect::Follow { id: None, file: Some(file), .. } if file.ends_with("news-2026.json"));
    assert!(app.effects.iter().any(asked), "{:?}", app.effects);
    let mut look = look(&app);
    change(&mut look);
    app.send(Msg::FollowBegan(job, Ok((Box::new(attempt), Arc::new(look)))));
    app
}

#[test]
fn counts_pace_and_rows_stand_together_and_a_guess_is_called_one() {
    for (size, name) in [((80, 24), "follow-80x24"), ((120, 40), "follow-120x40")] {
        let picture = followed(size, accepted(), |_| ()).draw();
        picture.shows("8 of 12 rows ready or failed").shows("66%").shows("4.0 a minute, so about 1 min left (a guess)");
        picture.shows("asked 14:00:48, again in 0:48").shows("limit: 2,412 of 3,000 left");
        for line in
            ["▌   all               12", "✓ ready              6", "✗ failed             2", "○ no task yet        2"]
        {
            picture.shows(line);
        }
        picture.shows("name only").shows("video_resolu");
        insta::assert_snapshot!(name, picture.text());
    }
    followed((80, 24), accepted(), |_| ()).draw().shows("rows are guessed by name and length");
    let wide = followed((120, 40), accepted(), |_| ()).draw();
    wide.shows("1 new task fits no row of this file").shows("2 failed: 1 with a reason, 1 without");
}

#[test]
fn the_counts_are_the_filter_and_enter_opens_the_table_with_these_rows() {
    let mut app = followed((80, 24), accepted(), |_| ());
    app.press("jj");
    let picture = app.draw();
    picture.shows("▌ ✗ failed").shows("─ failed, newest first ").hides("0007.mp4");
    app.press("<Enter>");
    assert!(app.model.screens.is_empty());
    let session = app.model.session().unwrap();
    assert_eq!((session.in_view(), session.current()), (2, Some(0)));
    let mut app = followed((80, 24), accepted(), |_| ());
    app.press("jj<Tab>j<Enter>");
    assert_eq!(app.model.session().unwrap().current(), Some(0), "the older of the two failed rows");
}

#[test]
fn rows_of_another_file_are_not_shown_in_this_table() {
    let mut other = accepted();
    other.intent.file = "/videos/sports.json".into();
    let mut app = followed((80, 24), other, |_| ());
    app.press("<Enter>");
    app.draw().shows("these rows are of sports.json.  O opens it");
    app.press("O");
    assert!(app.effects.iter().any(|effect| matches!(effect, Effect::Load(_, path) if path.ends_with("sports.json"))));
}

#[test]
fn the_message_line_says_why_it_waits() {
    let wait = |trouble, next| {
        move |look: &mut Look| {
            look.trouble = Some(trouble);
            look.next_ms = next;
        }
    };
    let soon = Some(NOW.unix_ms + 108_000);
    for (trouble, next, words) in [
        (Trouble::Limited, soon, "▲ the limit is used up: asking again at 14:02:48, in 1:48"),
        (Trouble::LimitedUntold(1), soon, "▲ too many requests, no time told: asking again in 1:48 (a guess)"),
        (
            Trouble::Silent("connection refused".into(), 3),
            soon,
            "▲ no answer since 14:00:48: connection refused. Asking again in 1:48, try 4",
        ),
        (
            Trouble::Untrusted("invalid peer certificate: UnknownIssuer".into()),
            None,
            "✗ untrusted certificate; set SSL_CERT_FILE, or ca-file in config.toml, to the CA of your proxy or server",
        ),
        (Trouble::Refused(401), None, "✗ 401: the API key was not accepted. Following stands still.  K another key"),
        (Trouble::Gone(404), None, "✗ 404: this address has no tasks to read. Nothing can be followed here."),
    ] {
        let picture = followed((120, 40), accepted(), wait(trouble.clone(), next)).draw();
        picture.shows(words).shows("as of 14:00:48");
    }
    let mut app = followed((80, 24), accepted(), wait(Trouble::Limited, soon));
    app.press("r");
    app.draw().shows("the limit is used up; asking would change nothing");
    let settled = |look: &mut Look| (look.settled_ms, look.next_ms) = (Some(NOW.unix_ms), None);
    let picture = followed((120, 40), accepted(), settled).draw();
    picture.shows("✓ settled 14:01:00: 6 ready, 2 failed, 2 running, 2 not seen").shows("D makes a draft of 4");
    picture.shows("finished in 0:29").shows("asked 14:00:48, not again.  r asks");
    followed((120, 40), accepted(), |look| look.ahead_ms = 602_000)
        .draw()
        .shows("▲ the service's clock is 10:02 ahead of this machine; taken into account");
}

#[test]
fn r_polls_control_c_stops_r_resumes_and_esc_ends_following() {
    let mut app = followed((80, 24), accepted(), |_| ());
    app.press("r");
    assert!(app.effects.iter().any(|effect| matches!(effect, Effect::AskTasksNow(_))));
    app.press("<^c>");
    assert!(!app.model.jobs.has(Task::Follow));
    app.draw().shows("stands still.  r goes on").shows("asked 14:00:48, not again").hides("again in").hides("limit:");
    app.press("r");
    let goes_on = |effect: &Effect| matches!(effect, Effect::Follow { id: Some(41), .. });
    assert!(app.effects.iter().any(goes_on) && app.model.jobs.has(Task::Follow));
    app.press("<Esc>");
    assert!(!app.model.jobs.has(Task::Follow) && app.model.screens.is_empty());
}

#[test]
fn a_draft_takes_only_rows_that_cannot_come_twice() {
    let asked = |keys: &str, settled: bool| {
        let change = |look: &mut Look| look.settled_ms = settled.then_some(NOW.unix_ms);
        let mut app = followed((80, 24), accepted(), change);
        app.press(keys);
        app.effects.into_iter().find_map(|effect| match effect {
            Effect::DraftToRetry { rows, words, .. } => Some((rows, words)),
            _ => None,
        })
    };
    assert_eq!(asked("D", true), Some((vec![0, 1, 10, 11], "draft of 4 rows: 2 failed, 2 not seen".into())));
    assert_eq!(asked("D", false), Some((vec![0, 1], "draft of 2 rows: 2 failed".into())), "the others may still come");
    assert_eq!(asked("jjD", true), Some((vec![0, 1], "draft of 2 rows: 2 failed".into())));
    assert_eq!(asked("jD", true), None, "ready rows are never sent again");
    assert_eq!(asked(":draft failed<Enter>", true), Some((vec![0, 1], "draft of 2 rows: 2 failed".into())));
    assert_eq!(asked(":draft not-seen<Enter>", true), Some((vec![10, 11], "draft of 2 rows: 2 not seen".into())));
    assert_eq!(asked(":draft not-seen<Enter>", false), None, "they may still come");
    assert_eq!(asked(":draft ready<Enter>", true), None);
    App::open(&manifest()).keys(":draft failed<Enter>").draw().shows("a draft is made where rows are followed.");
    let mut app = followed((80, 24), accepted(), |_| ());
    app.press("D");
    let job = app.model.jobs.id(Task::Draft).unwrap();
    app.send(Msg::Drafted(job, Ok((PathBuf::from("/videos/news-2026-retry-1.json"), "draft of 2 rows".into()))));
    assert!(
        app.effects
            .iter()
            .any(|effect| matches!(effect, Effect::Load(_, path) if path.ends_with("news-2026-retry-1.json")))
    );
    app.draw().shows("✓ draft of 2 rows");
}

#[test]
fn waiting_screen_says_what_was_asked_and_how_to_return() {
    for (size, name) in [((80, 24), "follow-waiting-80x24"), ((120, 40), "follow-waiting-120x40")] {
        let nothing = |look: &mut Look| look.standing = Arc::new(stand(&look.rows, &[], BEGAN, &[]));
        let picture = followed(size, accepted(), nothing).draw();
        picture.shows("No task was created since 14:00:00. It was asked 3 times in 43 s.");
        picture.shows("cuecard follow 41").shows("0 of 12 rows ready or failed").shows("L, then F on this attempt");
        insta::assert_snapshot!(name, picture.text());
    }
}

#[test]
fn an_unknown_outcome_is_weighed_and_decided_by_the_operator_alone() {
    let lost = || attempt(How::NoReply("connection reset".into()));
    for (size, name) in [((80, 24), "follow-unknown-80x24"), ((120, 40), "follow-unknown-120x40")] {
        let picture = followed(size, lost(), |_| ()).draw();
        picture.shows("10 of 12 rows have a new task. Part of it, or somebody else's upload.");
        picture
            .shows("10 rows fit a task by name only")
            .shows("1 new task fits no row: the index may have other users");
        picture.shows("A  it was accepted").shows("the upload opens again; 10 rows might go twice");
        picture.shows("? outcome unknown, sending again asks for words");
        insta::assert_snapshot!(name, picture.text());
    }
    let mut app = followed((80, 24), lost(), |_| ());
    app.press("<Enter>D");
    assert!(!app.effects.iter().any(|effect| matches!(effect, Effect::DraftToRetry { .. } | Effect::Settle { .. })));
    app.press("<Tab>");
    app.draw().shows("✗ failed").hides("You decide");
    app.press("<Tab>A");
    assert!(app.effects.iter().any(|effect| matches!(effect, Effect::Settle { id: 41, accepted: true })));
    for (accepted, title, corrects, hidden) in [
        (
            false,
            "not accepted, by your word 14:01:00",
            "settled by you as not accepted 14:01:00.  A corrects it",
            "N it was not",
        ),
        (true, ", accepted, by your word 14:01:00", "settled by you as accepted 14:01:00.  N corrects it", "A it was"),
    ] {
        let settled = Attempt { settled: Some(Settlement { accepted, at_ms: NOW.unix_ms }), ..lost() };
        app.send(Msg::Settled(Ok(Box::new(settled))));
        app.draw().shows(title).shows(corrects).shows("✗ failed").hides("You decide").hides(hidden);
        app.effects.clear();
        app.press(if accepted { "A" } else { "N" });
        assert!(app.effects.is_empty(), "it was said already");
        app.draw().shows("you said so already");
        app.press(if accepted { "N" } else { "A" });
        let corrects =
            |effect: &Effect| matches!(effect, Effect::Settle { id: 41, accepted: said } if *said != accepted);
        assert!(app.effects.iter().any(corrects), "{:?}", app.effects);
    }
}

#[test]
fn what_cannot_be_followed_says_why_and_offline_asks_nothing() {
    let mut app = App::open(&manifest());
    app.press(":follow 7<Enter>");
    let job = app.model.jobs.id(Task::Follow).unwrap();
    app.send(Msg::FollowBegan(
        job,
        Err(CannotFollow { why: "there is no attempt 7 in the ledger".into(), needs_key: false }),
    ));
    app.draw().shows("there is no attempt 7 in the ledger");
    app.press("<Esc>:follow x<Enter>");
    app.draw().shows(":follow takes the number of an attempt");
    app.model.options.offline = true;
    app.press("<Esc>");
    app.effects.clear();
    app.press(":follow<Enter>");
    assert!(app.effects.iter().all(|effect| !matches!(effect, Effect::Follow { .. })), "{:?}", app.effects);
    assert!(!app.model.screens.iter().any(|screen| matches!(screen, Screen::Follow(_))));
    app.draw().shows("offline is set, so the service is not asked");
}

#[test]
fn two_attempts_with_the_same_rows_are_named_at_every_width() {
    let others = |look: &mut Look| look.others = vec![(43, 59)];
    for (size, words) in [
        (
            (120, 40),
            "▲ attempt 43 holds 59 of these rows, too: their tasks count for the newest attempt that could have",
        ),
        ((80, 24), "▲ attempt 43 holds 59 of these rows, too: tasks count for the newest one"),
        ((60, 18), "▲ attempt 43 holds 59 of these rows, too"),
    ] {
        followed(size, accepted(), others).draw().shows(words);
    }
}

#[test]
fn every_fact_fits_the_smallest_window() {
    let picture = followed((60, 18), accepted(), |_| ()).draw();
    picture.shows("8 of 12 rows ready or failed").shows("66%").shows("4.0 a minute").shows("guessed");
    let nothing = |look: &mut Look| look.standing = Arc::new(stand(&look.rows, &[], BEGAN, &[]));
    let picture = followed((60, 18), accepted(), nothing).draw();
    picture
        .shows("It was asked 3 times")
        .shows("in 43 s.")
        .shows("L, then F on this attempt")
        .shows("cuecard follow 41");
    let settled = |look: &mut Look| (look.settled_ms, look.next_ms) = (Some(NOW.unix_ms), None);
    followed((80, 24), accepted(), settled)
        .draw()
        .shows("✓ settled: 6 ready, 2 failed, 2 running, 2 not seen.  D makes a draft of 4")
        .shows("asked 14:00:48, not again.  r asks");
}

#[test]
fn the_keys_that_work_are_hinted_and_those_that_do_not_are_not() {
    let narrow = followed((80, 24), accepted(), |_| ()).draw();
    narrow.shows("j k status   Tab tasks   Enter rows   D draft   r ask now   Esc back");
    followed((120, 40), accepted(), |_| ())
        .draw()
        .shows("j k status   Tab tasks   Enter rows in the table   D draft to retry");
    let nothing = |look: &mut Look| look.standing = Arc::new(stand(&look.rows, &[], BEGAN, &[]));
    let mut waiting = followed((80, 24), accepted(), nothing);
    waiting.draw().shows("○ no task yet").shows("r ask now").shows("y copy the command").hides("Tab").hides("j k");
    waiting.press("<Tab>");
    waiting.draw().shows("no row has a task yet").hides("Tab counts");
    waiting.press("<Enter>");
    assert!(!waiting.model.screens.is_empty(), "no row that was never shown is gone to");
    waiting.press("y");
    assert!(waiting.effects.iter().any(|effect| matches!(effect, Effect::Copy(text) if text == "cuecard follow 41")));
    // Nothing was sent at all.
    let mut app = App::open(&manifest()).keys(":follow<Enter>");
    let job = app.model.jobs.id(Task::Follow).unwrap();
    let cannot = |needs_key| CannotFollow { why: "nothing was sent".into(), needs_key };
    app.send(Msg::FollowBegan(job, Err(cannot(false))));
    app.draw().shows("r try again").hides("O open").hides("another key").hides("Tab");
    app.press("K");
    app.draw().shows("nothing is followed here");
    app.press("r");
    let job = app.model.jobs.id(Task::Follow).expect("it is tried again");
    app.send(Msg::FollowBegan(job, Err(cannot(true))));
    app.draw().shows("K another key");
}

#[test]
fn a_new_key_is_heard_of() {
    let refused = |look: &mut Look| (look.trouble, look.next_ms) = (Some(Trouble::Refused(401)), None);
    let mut app = followed((80, 24), accepted(), refused);
    app.press("Ktlk_new<Enter>");
    let job = app.model.jobs.id(Task::Follow).unwrap();
    app.draw().shows("asking with the new key");
    let mut look = look(&app);
    app.send(Msg::FollowMoved(job, Arc::new(Look { trouble: Some(Trouble::Refused(401)), ..look.clone() })));
    app.draw().shows("✗ 401: the API key was not accepted.").hides("new key");
    app.press("Ktlk_newer<Enter>");
    look.asked_ms = Some(NOW.unix_ms);
    let job = app.model.jobs.id(Task::Follow).unwrap();
    app.send(Msg::FollowMoved(job, Arc::new(look)));
    app.draw().shows("✓ the new key was accepted");
}

#[test]
fn the_list_opens_at_its_top_and_tells_where_it_stands() {
    let many = super::rows(0, 60);
    for size in [(80, 24), (120, 40)] {
        let mut app = App::open(&many).size(size.0, size.1);
        app.press(":follow<Enter>");
        let job = app.model.jobs.id(Task::Follow).unwrap();
        let rows: Vec<SentRow> = sent_rows(app.model.session().unwrap().now()).collect();
        let task = |at: usize, after: i64| cuecard::domain::follow::Task {
            id: format!("t{at}").into(),
            index: Some(super::INDEX.into()),
            status: Status::Ready,
            created_ms: Some(BEGAN + 1_000),
            changed_ms: Some(BEGAN + after),
            name: Some(format!("{at:04}.mp4").into()),
            length_ms: None,
            reason: None,
        };
        let look = |newest: usize| {
            let tasks: Vec<_> = (0..60).map(|at| task(at, if at == newest { 90_000 } else { at as i64 })).collect();
            let standing = Arc::new(stand(&rows, &tasks, BEGAN, &[]));
            Look { standing, rows: Arc::new(rows.clone()), began_ms: BEGAN, rounds: 1, ..look(&app) }
        };
        let (first, second) = (look(7), look(30));
        app.send(Msg::FollowBegan(job, Ok((Box::new(accepted()), Arc::new(first)))));
        app.send(Msg::FollowMoved(job, Arc::new(second)));
        app.press("<Tab>");
        let picture = app.draw();
        picture.shows("1 of 60, more below");
        assert_eq!(app.model.session().unwrap().total(), 60);
        app.press("<Enter>");
        assert_eq!(app.model.session().unwrap().current(), Some(30), "the newest row is the chosen one");
    }
}

#[test]
fn rows_that_were_left_out_of_the_file_keep_the_numbers_of_the_sent_file() {
    // Rows 0 and 1 are left out and saved: row 1 of the file as sent is row 3 of the table.
    let mut app = App::open(&super::rows(0, 14)).size(120, 40).keys("x<Down>x<^s>").saved();
    app.press(":follow<Enter>");
    let job = app.model.jobs.id(Task::Follow).unwrap();
    let rows: Vec<SentRow> = sent_rows(app.model.session().unwrap().draft.saved()).collect();
    let left_out = 14 - rows.len() as u64;
    assert!(left_out > 0);
    let standing = Arc::new(stand(&rows, &[], BEGAN, &[]));
    let settled =
        Look { rows: Arc::new(rows), standing, began_ms: BEGAN, rounds: 1, settled_ms: Some(9), ..Look::default() };
    app.send(Msg::FollowBegan(job, Ok((Box::new(accepted()), Arc::new(settled)))));
    app.draw().shows(&format!("row 1, {} in the table", left_out + 1));
    app.press("<Tab><Enter>");
    assert_eq!(app.model.session().unwrap().current(), Some(left_out as u32));
}
