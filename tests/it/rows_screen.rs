//! The screens of a send row by row: the gate, the rows while they go, and the result.

use crate::app_driver::{App, NOW};
use crate::manifests::{manifest, row};
use cuecard::app::jobs::Task;
use cuecard::app::msg::{GateFacts, JobId, LookedBack, RowsRead, RowsReady};
use cuecard::app::{Effect, Msg};
use cuecard::domain::follow;
use cuecard::domain::outcome::{About, Attempt, Ended, How, Intent, Outcome, Settlement};
use cuecard::domain::request::{Address, Fingerprint};
use cuecard::domain::rows::{
    Hold, Quota, RowEnd, RowLinks, RowRequest, RowState, RowsControl, RowsCutOff, RowsNews, RowsPlan, RowsSent,
    RowsWhy, SentRow, Slow, Stop, Tally, Wait, curl_of_row,
};
use cuecard::domain::rules::Severity;
use cuecard::domain::sent_before::RowsBefore;
use cuecard::domain::submission::Earlier;
use std::collections::HashMap;
use std::sync::Arc;

/// Longer than one line of a narrow window has room for.
const REASON: &str = "Unable to read the video: 403 Forbidden, https://acme-sport.s3.us-west-2.amazonaws.com/w47/heat-03.mp4 is not public";

/// Twelve heats; the third without a transcript, the fifth with a wrong index.
fn heats() -> String {
    manifest((1..=12).map(|n| {
        let heat = row(format!("s3://acme-sport/w47/heat-{n:02}.mp4")).index(if n == 5 { "no" } else { INDEX });
        if n == 3 { heat } else { heat.transcript(format!("s3://acme-captions/w47/heat-{n:02}.srt")) }
    }))
}

const INDEX: &str = "6298d673f1090f1100476d4c";

fn app() -> App {
    let mut app = App::open(&heats());
    app.model.options.address = Address::parse("https://api.twelvelabs.io/v1.2", false).ok();
    app
}

/// Answers the gate's question for its facts, as the program does.
fn prepared(app: &mut App, change: impl FnOnce(&mut RowsReady)) {
    let at = app.effects.iter().rposition(|effect| matches!(effect, Effect::PrepareRows(_)));
    let Effect::PrepareRows(order) = app.effects.remove(at.expect("the facts are asked for")) else { unreachable!() };
    let is_wrong = |row| order.findings.worst(row) == Some(Severity::Error);
    let plan = RowsPlan::of(&order.snapshot, order.terms, is_wrong, |_| false, &HashMap::new());
    let facts = GateFacts {
        fingerprint: Fingerprint::of(order.snapshot.pieces()),
        same_on_disk: true,
        key_origin: Some("from TWELVELABS_API_KEY in the environment".into()),
        proxy: None,
        earlier: Earlier::default(),
        ledger_fault: None,
    };
    let links =
        RowLinks { video: "VIDEO_LINK".into(), transcript: Some("https://acme-captions.s3/heat-01.srt".into()) };
    let request = RowRequest::new(true, &order.snapshot.row(0), links);
    let address = app.model.options.address.clone().unwrap();
    let curl = curl_of_row(&address, &request, None);
    let mut ready = RowsReady {
        facts,
        attempt: None,
        under_way: false,
        before: RowsBefore::default(),
        quota: None,
        plan,
        rows: Vec::new(),
        curl,
        can_sign: false,
        unchecked: 10,
    };
    change(&mut ready);
    app.send(Msg::RowsPrepared(order.job, Ok(Box::new(ready))));
    app.model.now.unix_ms += 1_000;
}

fn gate() -> App {
    let mut app = app().keys(":submit tasks<Enter>");
    prepared(&mut app, |_| {});
    app
}

/// Sends and hands back the job and the plan.
fn sending() -> (App, JobId, RowsPlan) {
    let mut app = gate().keys("Y");
    let at = app.effects.iter().position(|effect| matches!(effect, Effect::SendRows(_)));
    let Effect::SendRows(order) = app.effects.remove(at.expect("it is sent")) else { unreachable!() };
    app.send(Msg::RowsMoved(order.job, RowsNews::Begun { attempt: 38, interrupted: 0 }));
    (app, order.job, order.plan)
}

fn intent(plan: &RowsPlan, at: usize) -> SentRow {
    let going = plan.going[at];
    SentRow::intent(going.place, format!("s3://acme-sport/w47/{at}.mp4"), NOW.unix_ms + 2_000)
}

fn end(outcome: Outcome) -> RowEnd {
    let (task, code, status) = match outcome {
        Outcome::Accepted => (Some("66f0c1d27b0e9a4411f3a215".to_owned()), None, Some(201)),
        Outcome::Refused => (None, Some("video_resolution_too_low".to_owned()), Some(400)),
        _ => (None, None, None),
    };
    let message = match outcome {
        Outcome::Unknown => Some("connection reset by peer".to_owned()),
        Outcome::Refused => Some(REASON.to_owned()),
        _ => None,
    };
    RowEnd { outcome, status, code, message, task, quota: None, halt: None }
}

fn come(app: &mut App, job: JobId, plan: &RowsPlan, outcomes: &[Outcome]) {
    for (at, outcome) in outcomes.iter().enumerate() {
        app.send(Msg::RowsMoved(job, RowsNews::Rows(vec![intent(plan, at)])));
        let row = intent(plan, at).ended(&end(*outcome), NOW.unix_ms + 3_000);
        app.send(Msg::RowsMoved(job, RowsNews::Rows(vec![row])));
    }
}

fn over(app: &mut App, job: JobId, why: RowsWhy) {
    app.send(Msg::RowsEnded(job, Ok(RowsSent { attempt: 38, why, tally: Tally::default(), unwritten: None })));
}

fn stands(app: &mut App, job: JobId, hold: Option<Hold>, wait: Option<Wait>) {
    app.send(Msg::RowsMoved(job, RowsNews::Stands { hold, wait, not_sent: 4 }));
}

fn controls(app: &App) -> Vec<RowsControl> {
    let control = |effect: &Effect| if let Effect::OrderRows(_, control) = effect { Some(*control) } else { None };
    app.effects.iter().filter_map(control).collect()
}

#[test]
fn the_gate_says_what_goes_and_what_cannot_and_only_a_fresh_key_sends() {
    let app = gate();
    for (width, height) in [(80, 24), (120, 40)] {
        let app = gate().size(width, height);
        let picture = app.draw();
        picture
            .shows("row by row")
            .shows("https://api.twelvelabs.io/v1.2/tasks, one POST ")
            .shows("you asked for it")
            .shows("10, at most 4 at once; each row is recorded before and after")
            .shows("- 2 of 12 rows cannot go   ✗ 1 error   ○ 1 without transcript")
            .shows("Y   send 10 rows one by one to api.twelvelabs.io")
            .shows("back, nothing is sent");
    }
    gate().size(120, 40).draw().shows("index-id-format").shows("-F video_url=VIDEO_LINK");
    let mut early = app.keys("<Esc>:submit tasks<Enter>");
    prepared(&mut early, |_| {});
    early.model.now.unix_ms -= 1_000;
    let early = early.keys("Y");
    assert!(!early.effects.iter().any(|effect| matches!(effect, Effect::SendRows(_))));
    early.draw().shows("nothing was sent");
    let entered = gate().keys("<Enter>");
    assert!(!entered.effects.iter().any(|effect| matches!(effect, Effect::SendRows(_))));
}

#[test]
fn what_blocks_the_gate_is_said_and_nothing_is_sent() {
    type Spoil = fn(&mut RowsReady);
    let cases: [(Spoil, &str); 5] = [
        (|ready| ready.facts.key_origin = None, "no API key"),
        (|ready| ready.facts.same_on_disk = false, "holds something else"),
        (|ready| ready.facts.ledger_fault = Some("full".into()), "the ledger can't be written"),
        (|ready| ready.plan.going.clear(), "no row can go with its transcript"),
        (|ready| ready.facts.earlier.not_known = Some("the ledger is lost".into()), "sent before: the ledger is lost"),
    ];
    for (change, words) in cases {
        let mut app = app().keys(":submit tasks<Enter>");
        prepared(&mut app, change);
        app.draw().shows(words);
        let app = app.keys("Y");
        assert!(!app.effects.iter().any(|effect| matches!(effect, Effect::SendRows(_))), "{words}");
    }
}

#[test]
fn a_version_without_transcripts_asks_for_the_words_and_then_plans_anew() {
    let mut app = app();
    app.model.options.address = Address::parse("https://api.twelvelabs.io/v1.3", false).ok();
    let mut app = app.keys(":submit tasks<Enter>");
    prepared(&mut app, |_| {});
    app.draw().shows("takes no transcript: 10 would be lost");
    let mut app = app.keys("Ywithout transcripts<Enter>");
    prepared(&mut app, |_| {});
    app.draw().shows("send 11 rows one by one");
}

#[test]
fn rows_are_counted_and_listed_newest_first_while_they_go() {
    use Outcome::{Accepted, Refused, Unknown};
    let (mut app, job, plan) = sending();
    come(&mut app, job, &plan, &[Accepted, Accepted, Refused, Unknown]);
    app.send(Msg::RowsMoved(job, RowsNews::Rows(vec![intent(&plan, 4)])));
    app.send(Msg::RowsMoved(
        job,
        RowsNews::Quota(Quota { left: 775, most: Some(1_000), reset_s: Some(1_795_478_400) }),
    ));
    for (width, height) in [(80, 24), (120, 40), (60, 18)] {
        app.send(Msg::Resized(width, height));
        let picture = app.draw();
        picture.shows("4 of 10 rows have an answer").shows("775 of 1,000 ").shows("left");
        picture.shows("✓ accepted           2").shows("✗ refused            1   video_resolution_too_low 1");
        picture.shows("◌ under way          1").shows("· not sent           5").shows("- cannot go          2");
        picture.shows("newest first").shows("attempt 38");
    }
    let (first, _) = app.draw().find("under way   ");
    assert!(first > 8, "{}", app.draw().text());
}

#[test]
fn pausing_stopping_and_giving_up_are_orders_and_the_words_say_what_holds() {
    let (mut app, job, plan) = sending();
    come(&mut app, job, &plan, &[Outcome::Accepted]);
    let mut app = app.keys("<space>");
    assert_eq!(controls(&app), [RowsControl::Pause]);
    stands(&mut app, job, Some(Hold::Paused), None);
    app.draw().shows("· paused, nothing under way").shows("9 not sent").hides("a second").hides("sending");
    let mut app = app.keys("<space>");
    assert_eq!(controls(&app), [RowsControl::Pause, RowsControl::GoOn]);
    stands(&mut app, job, None, Some(Wait { until_ms: NOW.unix_ms + 61_000, is_told: true }));
    app.draw().shows("limit used up").shows("goes on at 14:02:01");
    let mut app = app.keys("<space>");
    assert_eq!(controls(&app).len(), 2, "space does not overrule the service");
    stands(&mut app, job, Some(Hold::Stopped(Stop { status: 401, about: About::Key })), None);
    app.draw().shows("401, the API key was not accepted");
    let mut app = app.keys("<^c>");
    app.send(Msg::RowsMoved(job, RowsNews::Rows(vec![intent(&plan, 4)])));
    let app = app.keys("<^c>");
    assert_eq!(controls(&app)[2..], [RowsControl::End, RowsControl::Abandon]);
    assert!(app.model.is_sending());
    app.draw().shows("stopping, 1 under way").shows("^c again leaves them unknown");
}

#[test]
fn rows_that_go_say_which_key_stops_them_and_what_stands_is_counted_anew() {
    let (mut app, job, plan) = sending();
    app.send(Msg::Resized(80, 24));
    come(&mut app, job, &plan, &[Outcome::Accepted]);
    app.draw().shows("sending, 4 at once").shows("^c stops after the rows under way").shows("? help");
    app.send(Msg::RowsMoved(job, RowsNews::Rows(vec![intent(&plan, 1), intent(&plan, 2)])));
    stands(&mut app, job, Some(Hold::Stopped(Stop { status: 401, about: About::Key })), None);
    app.draw().shows("✗ stopped: 401, the API key was not accepted. 7 rows not sent").shows("no rate");
    // One that was under way comes back without having been looked at.
    let back = intent(&plan, 1).ended(&end(Outcome::NotSent), NOW.unix_ms + 3_000);
    app.send(Msg::RowsMoved(job, RowsNews::Rows(vec![back])));
    app.draw().shows("8 rows not sent").shows("K another key, then");
    app.press("Knew<Enter>");
    app.draw().shows("the API key is taken.  space goes on");
    for about in [About::Forbidden, About::Plan, About::Region, About::Credit, About::Endpoint] {
        stands(&mut app, job, Some(Hold::Stopped(Stop { status: 401, about })), None);
        app.draw().shows("✗ stopped: ").shows("not sent");
    }
}

#[test]
fn a_pause_that_is_left_asks_to_quit_and_not_to_pause() {
    let (mut app, job, plan) = sending();
    come(&mut app, job, &plan, &[Outcome::Accepted]);
    stands(&mut app, job, Some(Hold::Paused), None);
    let app = app.keys("q");
    app.draw().shows("1 of 10 rows has an answer. Quit? The rest can go on later").shows("y quit").shows("Esc stay");
}

#[test]
fn the_result_counts_lists_and_goes_to_a_row() {
    use Outcome::{Accepted, Refused, Unknown};
    let (mut app, job, plan) = sending();
    come(&mut app, job, &plan, &[Accepted, Refused, Accepted, Unknown]);
    over(&mut app, job, RowsWhy::Ended);
    for (width, height) in [(80, 24), (120, 40), (60, 18)] {
        app.send(Msg::Resized(width, height));
        let picture = app.draw();
        picture.shows("✗ refused            1   video_resolution_too_low 1").shows("refused, 1 row");
    }
    app.send(Msg::Resized(80, 24));
    app.draw().shows("ACCEPTED 2 OF 10").shows("1 row is unknown").shows("kept in the ledger row by row");
    app.draw().shows("400 video_resolution_too_low");
    let app = app.keys("<Tab><Enter>");
    assert!(app.model.screens.is_empty());
    assert_eq!(app.model.session().unwrap().current(), Some(1));
}

#[test]
fn a_disk_that_does_not_answer_is_told_until_it_does() {
    for slow in [Slow::Begin, Slow::Rows] {
        let (app, job, plan) = sending();
        let mut app = app.size(80, 24);
        app.send(Msg::RowsMoved(job, RowsNews::Slow(slow)));
        app.draw().shows(slow.words());
        come(&mut app, job, &plan, &[Outcome::Accepted]);
        app.draw().hides("does not answer");
    }
}

#[test]
fn an_unknown_row_is_settled_by_itself_and_the_rest_is_sent_from_a_new_gate() {
    let (mut app, job, plan) = sending();
    come(&mut app, job, &plan, &[Outcome::Accepted, Outcome::Unknown]);
    over(&mut app, job, RowsWhy::Ended);
    let mut app = app.keys("A");
    assert!(!app.effects.iter().any(|effect| matches!(effect, Effect::SettleRow { .. })), "no row is chosen");
    app.press("<Tab>N");
    let settled =
        app.effects.iter().any(|effect| matches!(effect, Effect::SettleRow { attempt: 38, place: 1, accepted: false }));
    assert!(settled, "{:?}", app.effects);
    let row = intent(&plan, 1).ended(&end(Outcome::Unknown), NOW.unix_ms);
    let row = SentRow { settled: Some(Settlement { accepted: false, at_ms: NOW.unix_ms }), ..row };
    assert_eq!(row.state_now(), RowState::NotSent);
    app.send(Msg::RowSettled(Ok(row)));
    app.draw().shows("row 2 can be sent again");
    let app = app.keys("<space>");
    assert!(app.effects.iter().any(|effect| matches!(effect, Effect::PrepareRows(_))));
    assert!(!app.model.is_sending());
}

#[test]
fn all_accepted_says_that_following_needs_no_guess() {
    let (mut app, job, plan) = sending();
    come(&mut app, job, &plan, &[Outcome::Accepted; 10]);
    over(&mut app, job, RowsWhy::Done);
    app.send(Msg::Resized(80, 24));
    app.draw().shows("ACCEPTED 10 OF 10").shows("Every row has a task id, so following them needs no guess.");
    let app = app.keys("<space>");
    assert!(!app.effects.iter().any(|effect| matches!(effect, Effect::PrepareRows(_))), "nothing is left");
}

#[test]
fn the_cursor_stays_in_its_place_when_a_row_is_settled() {
    use Outcome::{Accepted, Unknown};
    let (mut app, job, plan) = sending();
    come(&mut app, job, &plan, &[Accepted, Unknown, Unknown, Unknown]);
    over(&mut app, job, RowsWhy::Ended);
    let asked = |app: &App| {
        app.effects.iter().rev().find_map(|effect| match effect {
            Effect::SettleRow { place, .. } => Some(*place),
            _ => None,
        })
    };
    let mut app = app.size(80, 24).keys("<Tab>j");
    app.draw().shows("A accepted   N it was not");
    app.press("A");
    assert_eq!(asked(&app), Some(3));
    let settled = |at: usize| SentRow {
        settled: Some(Settlement { accepted: true, at_ms: NOW.unix_ms }),
        ..intent(&plan, at).ended(&end(Unknown), NOW.unix_ms)
    };
    app.send(Msg::RowSettled(Ok(settled(2))));
    app.press("A");
    assert_eq!(asked(&app), Some(5), "the next row, which stands where the settled one stood");
    app.send(Msg::RowSettled(Ok(settled(3))));
    app.press("N");
    assert_eq!(asked(&app), Some(1), "the last one took the place of the end of the list");
    app.press("<Esc>");
    // Neither word is taken for the service's.
    app.draw().shows("ACCEPTED 3 OF 10").shows("1 row is unknown, 6 not sent");
}

#[test]
fn what_ended_before_all_rows_went_says_how_to_go_on_and_whose_word_counts() {
    use Outcome::{Accepted, Refused, Unknown};
    let ended = |outcomes: &[Outcome], why: RowsWhy| {
        let (mut app, job, plan) = sending();
        come(&mut app, job, &plan, outcomes);
        over(&mut app, job, why);
        app.size(80, 24)
    };
    let app = ended(&[Accepted, Unknown, Unknown], RowsWhy::Ended);
    app.draw()
        .shows("2 rows are unknown, 7 not sent")
        .shows("Stopped by you. 7 rows were not sent; space goes on. Unknown rows are not")
        .shows("sent again by themselves; F looks for their tasks.")
        .shows("space send the rest");
    ended(&[Accepted], RowsWhy::Ended).draw().shows("Stopped by you. 9 rows were not sent; space goes on.");
    ended(&[Unknown; 10], RowsWhy::Done)
        .draw()
        .shows("No row has a task id. Unknown rows are not sent again by themselves; F looks")
        .hides("0 rows have");
    let mut refused = ended(&[Refused; 10], RowsWhy::Done);
    refused.draw().shows("No row was taken in.");
    refused.press("<space>");
    refused.draw().shows("nothing is left to send.  D drafts the refused rows");
    // A row without a task id never counts as one that has it.
    let (mut app, job, plan) = sending();
    come(
        &mut app,
        job,
        &plan,
        &[Accepted, Unknown, Refused, Refused, Refused, Refused, Refused, Refused, Refused, Refused],
    );
    over(&mut app, job, RowsWhy::Done);
    let row = intent(&plan, 1).ended(&end(Unknown), NOW.unix_ms + 3_000);
    let row = SentRow { settled: Some(Settlement { accepted: true, at_ms: NOW.unix_ms + 9_000 }), ..row };
    app.send(Msg::RowSettled(Ok(row)));
    app.size(80, 24)
        .draw()
        .shows("ACCEPTED 2 OF 10")
        .shows("1 row has a task id; 1 was accepted by your word.")
        .hides("Every other row");
}

#[test]
fn a_send_from_the_log_shows_its_rows_and_goes_back_to_the_log() {
    let mut app = app().size(80, 24);
    let rows: Vec<SentRow> = (0..4)
        .map(|place| {
            let outcome = [Outcome::Accepted, Outcome::Refused, Outcome::Unknown, Outcome::Unknown][place as usize];
            SentRow::intent(place, format!("s3://acme-sport/w47/heat-{place:02}.mp4"), NOW.unix_ms - 60_000)
                .ended(&end(outcome), NOW.unix_ms - 50_000 + i64::from(place))
        })
        .collect();
    let tally = Tally { accepted: 1, refused: 1, unknown: 2, not_sent: 3, cannot_go: 2, ..Tally::default() };
    let attempt = Attempt {
        id: 38,
        intent: Intent {
            started_ms: NOW.unix_ms - 60_000,
            address: "https://api.twelvelabs.io/v1.2/tasks".into(),
            profile: None,
            file: "/srv/sports-w47.json".into(),
            fingerprint: Fingerprint::of([]),
            rows: 9,
            key_origin: String::new(),
        },
        ended: Ended { how: How::RowByRow, begun: true, sent: 1, took_ms: 10_000 },
        outcome: Outcome::Unknown,
        under_way: false,
        settled: None,
        settled_before: Vec::new(),
        followed: None,
        tally: Some(tally),
    };
    app.press("L");
    let job = app.model.jobs.id(Task::ReadLog).unwrap();
    app.send(Msg::LogRead(job, Ok(vec![attempt.clone()])));
    app.draw().shows("? 1 of 7").shows("1 accepted, 1 refused, 2 unknown, 3 not sent, until 14:00:10");
    app.press("<Enter>");
    let job = app.model.jobs.id(Task::ReadAttempt).expect("its rows are read");
    let sent = (0..9).map(|place| follow::SentRow {
        place,
        index: INDEX.into(),
        object: format!("s3://acme-sport/w47/heat-{place:02}.mp4").into(),
        transcript: "".into(),
        length_ms: None,
        task: None,
        is_unknown: false,
    });
    let read = RowsRead { attempt, rows: rows.clone(), able: (0..7).collect(), sent: Arc::new(sent.collect()) };
    app.send(Msg::RowsRead(job, Ok(Some(Box::new(read)))));
    app.draw()
        .shows("ACCEPTED 1 OF 7")
        .shows("sports-w47.json, sent ")
        .shows("✗ refused            1")
        .shows("- cannot go          2")
        .shows("Esc log");
    // Its rows are not those of the table.
    app.press("<space>");
    app.draw().shows("these rows are of sports-w47.json.  O opens it");
    app.press("j<Tab>jA");
    assert!(app.effects.iter().any(|effect| matches!(effect, Effect::SettleRow { attempt: 38, place: 3, .. })));
    let row = SentRow { settled: Some(Settlement { accepted: true, at_ms: NOW.unix_ms }), ..rows[3].clone() };
    app.send(Msg::RowSettled(Ok(row)));
    assert!(app.model.jobs.has(Task::ReadLog), "the log below counts anew");
    app.press("<Esc><Esc>");
    app.draw().shows("log ").shows("attempt 38");
}

#[test]
fn a_gate_that_is_blocked_says_why_and_offers_no_key_that_does_nothing() {
    let whole = |outcome, settled: Option<bool>, under_way| {
        let settled = settled.map(|accepted| Settlement { accepted, at_ms: NOW.unix_ms });
        Box::new(Attempt {
            id: 6,
            intent: Intent {
                started_ms: NOW.unix_ms - 9_000,
                address: "https://api.twelvelabs.io/v1.2/tasks/transfers".into(),
                profile: None,
                file: "/videos/news-2026.json".into(),
                fingerprint: Fingerprint::of([]),
                rows: 12,
                key_origin: String::new(),
            },
            ended: Ended { how: How::Interrupted, begun: true, sent: 0, took_ms: 0 },
            outcome,
            under_way,
            settled,
            settled_before: Vec::new(),
            followed: None,
            tally: None,
        })
    };
    type Spoil = Box<dyn Fn(&mut RowsReady)>;
    let cases: [(Spoil, &str); 6] = [
        (
            Box::new(move |ready| ready.facts.earlier.blocking = Some(whole(Outcome::Unknown, None, false))),
            "✗ 12 rows are in attempt 6, whose outcome is unknown.  L shows it",
        ),
        (
            Box::new(move |ready| ready.facts.earlier.blocking = Some(whole(Outcome::Accepted, None, false))),
            "▲ 12 rows were accepted 14:00:51; they are left out.  L shows it",
        ),
        (
            Box::new(move |ready| ready.facts.earlier.blocking = Some(whole(Outcome::Unknown, Some(true), false))),
            "▲ 12 rows were accepted 14:00:51, by your word; they are left out.  L shows it",
        ),
        (
            Box::new(move |ready| ready.facts.earlier.blocking = Some(whole(Outcome::Unknown, None, true))),
            "✗ attempt 6 is being sent by another cuecard.  L shows it",
        ),
        (
            Box::new(|ready| (ready.attempt, ready.under_way) = (Some(1), true)),
            "✗ attempt 1 is being sent by another cuecard.  L shows it",
        ),
        (
            Box::new(|ready| {
                ready.plan.going.clear();
                ready.plan.cannot.clear();
                ready.plan.asked = 12;
            }),
            "nothing is left to send.  L shows what was",
        ),
    ];
    for (spoil, words) in cases {
        for size in [(80, 24), (120, 40)] {
            let mut app = app().size(size.0, size.1).keys(":submit tasks<Enter>");
            prepared(&mut app, &spoil);
            app.draw().shows(words).hides("can go").hides("Y send").hides("▌");
            app.draw().hides("at most 4 at once").hides(" a second").hides("by public address");
            let app = app.keys("Y");
            assert!(!app.effects.iter().any(|effect| matches!(effect, Effect::SendRows(_))), "{words}");
        }
    }
}

#[test]
fn what_was_asked_before_is_told_whole_and_shown_in_the_table() {
    for (width, height) in [(80, 24), (120, 40), (60, 24)] {
        let mut app = app().size(width, height).keys(":submit tasks<Enter>");
        prepared(&mut app, |ready| {
            ready.attempt = Some(38);
            ready.rows = ready
                .plan
                .going
                .iter()
                .take(6)
                .map(|going| {
                    let outcome = if going.place < 2 { Outcome::Refused } else { Outcome::Accepted };
                    SentRow::intent(going.place, String::new(), NOW.unix_ms).ended(&end(outcome), NOW.unix_ms)
                })
                .collect();
            ready.plan.asked = 6;
            ready.plan.going.drain(..6);
        });
        let text: String = app.draw().text().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains("} shows them"), "{text}");
        assert!(text.contains("6 rows were asked before: 4 accepted, 2 refused; they are left out"), "{text}");
    }
    let mut app = app().size(80, 24).keys(":submit tasks<Enter>");
    prepared(&mut app, |ready| {
        ready.plan.cannot.clear();
        ready.plan.left_out = vec![1, 4];
        ready.plan.going.retain(|going| ![1, 4].contains(&going.row));
    });
    let app = app.keys("}");
    app.draw().shows("only the 2 rows that were sent before.");
}

/// Sent until it ended: two accepted, two refused, one unknown, the rest not sent.
fn ended() -> App {
    use Outcome::{Accepted, Refused, Unknown};
    let (mut app, job, plan) = sending();
    come(&mut app, job, &plan, &[Accepted, Refused, Accepted, Unknown, Refused]);
    over(&mut app, job, RowsWhy::Ended);
    app
}

#[test]
fn pictures_of_the_gate_the_rows_and_the_result() {
    for (width, height) in [(80, 24), (120, 40)] {
        let size = format!("{width}x{height}");
        insta::assert_snapshot!(format!("rows-gate-{size}"), gate().size(width, height).draw().text());
        let (mut app, job, plan) = sending();
        come(&mut app, job, &plan, &[Outcome::Accepted, Outcome::Refused, Outcome::Unknown]);
        app.send(Msg::RowsMoved(job, RowsNews::Rows(vec![intent(&plan, 3)])));
        insta::assert_snapshot!(format!("rows-running-{size}"), app.size(width, height).draw().text());
        insta::assert_snapshot!(format!("rows-result-{size}"), ended().size(width, height).draw().text());
    }
}

#[test]
fn a_reason_is_whole_on_the_screen_at_any_width() {
    let whole = REASON.split_whitespace().collect::<String>();
    for (width, height) in [(80, 24), (120, 40), (60, 24)] {
        let mut app = ended().size(width, height);
        for keys in ["<Tab>", "j"] {
            app.press(keys);
            let text: String = app.draw().text().split_whitespace().collect();
            assert!(text.contains(&whole), "{width}x{height} {keys}:\n{}", app.draw().text());
        }
        app.draw().shows("2 of 2");
    }
}

#[test]
fn refused_rows_and_rows_not_sent_become_a_draft_and_no_other() {
    let drafted = |keys: &str| {
        let app = ended().keys(keys);
        app.effects.into_iter().find_map(|effect| match effect {
            Effect::DraftToRetry { rows, words, sent, .. } => Some((rows, words, sent.len())),
            _ => None,
        })
    };
    // The cursor stands on what was refused. Places count all rows of the file.
    assert_eq!(drafted("D"), Some((vec![1, 6], "draft of 2 rows: 2 refused".into(), 12)));
    assert_eq!(drafted("jjD"), Some((vec![7, 8, 9, 10, 11], "draft of 5 rows: 5 not sent".into(), 12)));
    assert_eq!(drafted(":draft not-sent<Enter>").map(|(rows, ..)| rows.len()), Some(5));
    assert_eq!(drafted(":draft refused<Enter>").map(|(rows, ..)| rows), Some(vec![1, 6]));
    assert_eq!(drafted(":draft failed<Enter>"), None);
    assert_eq!(drafted("kD"), None, "an accepted row is never sent again");
    assert_eq!(drafted("jD"), None, "nor an unknown one");
    assert_eq!(drafted("jjjD"), None, "what cannot go is to be mended first");
    let mut app = ended().keys("D");
    let job = app.model.jobs.id(Task::Draft).unwrap();
    app.send(Msg::Drafted(job, Ok(("/videos/news-2026-retry-1.json".into(), "draft of 2 rows: 2 refused".into()))));
    let loads = |effect: &Effect| matches!(effect, Effect::Load(_, path) if path.ends_with("news-2026-retry-1.json"));
    assert!(app.effects.iter().any(loads));
}

#[test]
fn the_result_leads_to_following_and_to_the_receipt() {
    let app = ended().keys("F");
    assert!(app.effects.iter().any(|effect| matches!(effect, Effect::Follow { id: Some(38), .. })));
    let app = ended().keys("r");
    let asked = |effect: &Effect| matches!(effect, Effect::ReadReceipt(_, order) if order.attempt == Some(38));
    assert!(app.effects.iter().any(asked), "{:?}", app.effects);
    let (mut app, job, plan) = sending();
    come(&mut app, job, &plan, &[Outcome::Refused]);
    over(&mut app, job, RowsWhy::Ended);
    app.keys("F").draw().shows("nothing was accepted, so there is nothing to follow");
}

#[test]
fn leaving_while_rows_go_is_asked_and_waits_for_those_under_way() {
    let quits = |app: &App| app.effects.iter().any(|effect| matches!(effect, Effect::Quit(0)));
    let (mut app, job, plan) = sending();
    come(&mut app, job, &plan, &[Outcome::Accepted]);
    app.send(Msg::RowsMoved(job, RowsNews::Rows(vec![intent(&plan, 1)])));
    app.press("q");
    app.draw().shows("1 of 10 rows has an answer. Pause and quit? The rest can go on later").shows("y pause and quit");
    stands(&mut app, job, None, None);
    app.draw().shows("Pause and quit?");
    app.press("<Esc>");
    assert!(controls(&app).is_empty() && app.model.is_sending());
    app.press("qy");
    assert_eq!(controls(&app), [RowsControl::End]);
    assert!(!quits(&app), "one row is under way");
    app.draw().shows("stopping, 1 under way");
    over(&mut app, job, RowsWhy::Ended);
    assert!(quits(&app));
}

#[test]
fn a_send_that_was_cut_off_is_offered_when_its_file_is_opened_and_nothing_goes_by_itself() {
    let mut app = app();
    let asked = app.effects.iter().find_map(|effect| match effect {
        Effect::LookBack(job, _) => Some(*job),
        _ => None,
    });
    let found = RowsCutOff { attempt: 38, last: 219, unknown: 4, not_sent: 417 };
    let found = LookedBack { cut_off: Some(found), ..LookedBack::default() };
    app.send(Msg::LookedBack(asked.expect("the ledger is asked"), found));
    for (width, height) in [(80, 24), (120, 40)] {
        app.send(Msg::Resized(width, height));
        app.draw().shows("? cut off at row 219: 4 unknown, 417 not sent.  :submit tasks goes on");
    }
    assert!(!app.effects.iter().any(|effect| matches!(effect, Effect::SendRows(_) | Effect::PrepareRows(_))));
    // Whoever says yes sees the rows, paused; a key goes on.
    app.press(":submit tasks<Enter>");
    prepared(&mut app, |ready| ready.attempt = Some(38));
    for (width, height) in [(80, 24), (120, 40)] {
        app.send(Msg::Resized(width, height));
        let picture = app.draw();
        picture.shows("attempt 38").shows("· not sent").shows("10");
        picture.shows("· stopped at row 219 when cuecard ended: 4 unknown, 10 not sent");
        picture.shows("space go on   ^c end   q leave").hides("sending, 4 at once");
    }
    assert!(!app.effects.iter().any(|effect| matches!(effect, Effect::SendRows(_))));
    app.press("q");
    assert!(app.model.screens.is_empty(), "nothing runs, so nothing is asked");
    app.press(":submit tasks<Enter>");
    prepared(&mut app, |ready| ready.attempt = Some(38));
    app.press("<Enter>Y");
    assert!(!app.effects.iter().any(|effect| matches!(effect, Effect::SendRows(_))), "only its own key goes on");
    app.model.now.unix_ms += 1_000;
    app.press("<space>");
    assert!(app.effects.iter().any(|effect| matches!(effect, Effect::SendRows(_))));
    // Once it went on, it is no send that was cut off.
    assert!(app.model.session().unwrap().cut_off.is_none());
}

#[test]
fn a_send_that_was_cut_off_and_has_something_in_its_way_is_told_at_the_gate() {
    let mut app = app();
    let asked = app.effects.iter().find_map(|effect| match effect {
        Effect::LookBack(job, _) => Some(*job),
        _ => None,
    });
    let found = RowsCutOff { attempt: 38, last: 219, unknown: 4, not_sent: 417 };
    let found = LookedBack { cut_off: Some(found), ..LookedBack::default() };
    app.send(Msg::LookedBack(asked.expect("the ledger is asked"), found));
    app.press(":submit tasks<Enter>");
    prepared(&mut app, |ready| {
        ready.attempt = Some(38);
        ready.facts.key_origin = None;
    });
    app.draw().shows("row by row").shows("no API key").hides("when cuecard ended");
}

#[test]
fn the_gate_tells_the_limit_that_an_answer_told_before() {
    let mut app = app().size(80, 24).keys(":submit tasks<Enter>");
    let reset = NOW.unix_ms / 1000 + 6 * 3_600;
    prepared(&mut app, |ready| ready.quota = Some(Quota { left: 987, most: Some(1_000), reset_s: Some(reset) }));
    app.draw().shows("limit         987 of 1,000 tasks left, back at 20:01");
    let mut app = self::app().size(80, 24).keys(":submit tasks<Enter>");
    prepared(&mut app, |ready| ready.quota = Some(Quota { left: 0, most: Some(1_000), reset_s: Some(reset) }));
    app.draw().shows("0 of 1,000 left, back at 20:01: the first row waits 5:59:59");
}
