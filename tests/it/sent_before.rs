//! The gates of a file in which rows stand that were sent before: what they say, and what they ask for.

use crate::app_driver::{App, NOW};
use crate::manifests::{manifest, row};
use cuecard::app::msg::{GateFacts, LookedBack};
use cuecard::app::{Effect, Msg};
use cuecard::domain::outcome::{Attempt, Ended, How, Intent, Settlement, judge};
use cuecard::domain::request::{Address, Fingerprint};
use cuecard::domain::sent_before::{Before, HadRows, RowBefore, RowsBefore};
use cuecard::domain::submission::Earlier;

const DAY: i64 = 24 * 3_600_000;

/// Fourteen rows without errors.
fn rows() -> String {
    manifest((1..=14).map(|n| {
        row(format!("s3://acme-video/news/2026/{n:04}.mp4"))
            .index("6298d673f1090f1100476d4c")
            .transcript(format!("s3://acme-captions/news/2026/{n:04}.srt"))
    }))
}

/// The first rows in these states, all of attempt 41, the last of them edited since.
fn before(states: &[Before]) -> RowsBefore {
    let started_ms = NOW.unix_ms - 3 * DAY;
    let file = "sports.json".into();
    let had = HadRows { attempt: 41, started_ms, file, under_way: false, is_row_by_row: false };
    let found = (0u32..).zip(states).map(|(place, state)| RowBefore {
        place,
        attempt: 41,
        then: place,
        state: *state,
        has_reason: place == 0,
        is_edited: place as usize + 1 == states.len(),
    });
    RowsBefore::of(found, vec![had], 14)
}

fn gate(size: (u16, u16), rows_before: RowsBefore) -> App {
    let mut app = App::open(&rows()).size(size.0, size.1);
    app.model.options.address = Address::parse("https://api.twelvelabs.io/v1.2", false).ok();
    app.press("RS");
    answer(&mut app, rows_before);
    app
}

/// The facts that the gate asks for.
fn answer(app: &mut App, rows_before: RowsBefore) {
    let at = app.effects.iter().rposition(|effect| matches!(effect, Effect::Prepare { .. }));
    let Effect::Prepare { job, snapshot, .. } = app.effects.remove(at.expect("the gate asks")) else { unreachable!() };
    let facts = GateFacts {
        fingerprint: Fingerprint::of(snapshot.pieces()),
        same_on_disk: true,
        key_origin: Some("from TWELVELABS_API_KEY in the environment".into()),
        proxy: None,
        earlier: Earlier { rows: rows_before, ..Earlier::default() },
        ledger_fault: None,
    };
    app.send(Msg::Prepared(job, Ok(Box::new(facts))));
    app.model.now.unix_ms += 1_000;
}

/// Whether each send was confirmed as one of rows sent before.
fn sends(app: &App) -> Vec<bool> {
    let sent = |effect: &Effect| if let Effect::Send(order) = effect { Some(order.again) } else { None };
    app.effects.iter().filter_map(sent).collect()
}

#[test]
fn rows_that_were_accepted_ask_for_words_before_they_go_again() {
    for (size, name) in [((80, 24), "sent-before-80x24"), ((120, 40), "sent-before-120x40")] {
        let picture = gate(size, before(&[Before::Accepted; 5])).draw();
        picture.shows("▲ 5 rows sent before").shows("▲ 5 of 14 rows were accepted Fri 20 Nov 14:01:00, in sports.json");
        picture.shows("Y asks for words").shows("1 edited since").hides("never sent before");
        insta::assert_snapshot!(name, picture.text());
    }
    let mut app = gate((80, 24), before(&[Before::Accepted; 5]));
    app.press("Y");
    app.draw()
        .shows("type  send again  to upload 14 rows >")
        .shows("▲ 5 of 14 rows were accepted")
        .shows("type send again, then Enter");
    app.press("send agian<Enter>");
    app.model.now.unix_ms += 1_000;
    app.press("Y");
    assert!(sends(&app).is_empty());
    app.press("send again<Enter>");
    app.model.now.unix_ms += 1_000;
    app.draw().shows("upload 14 rows to api.twelvelabs.io");
    app.press("Y");
    assert_eq!(sends(&app), [true]);
}

#[test]
fn a_single_row_that_was_not_seen_is_one_row_and_no_key_is_named_where_letters_are_typed() {
    let mut app = gate((80, 24), before(&[Before::Failed, Before::NotSeen]));
    app.draw().shows("1 was not seen").shows("it may still come, and would then come twice").shows("c copies the curl");
    app.press("Y");
    app.draw().shows("send again").hides("copies the curl");
}

#[test]
fn a_retry_says_what_became_of_its_rows() {
    let mut states = vec![Before::Failed; 9];
    states.extend([Before::NotSeen; 5]);
    for (size, name) in [((80, 24), "retry-gate-80x24"), ((120, 40), "retry-gate-120x40")] {
        let picture = gate(size, before(&states)).draw();
        picture.shows("14 rows again, from attempt 41").shows("▲ 14 of 14 rows were accepted Fri 20 Nov 14:01:00");
        picture.shows("9 failed since then").shows("1 with a reason, 8 without");
        picture.shows("5 were not seen").shows("they may still come, and would then come twice");
        insta::assert_snapshot!(name, picture.text());
    }
}

#[test]
fn rows_that_all_failed_go_again_with_one_key() {
    for states in [&[Before::Failed; 6][..], &[Before::Refused; 3], &[Before::Failed, Before::Refused]] {
        gate((120, 40), before(states)).draw().shows(" rows sent before, all ");
        let mut app = gate((80, 24), before(states));
        app.draw().shows("rows sent, all ").shows(" Y   upload 14 rows to api.twelvelabs.io");
        app.press("Y");
        assert_eq!(sends(&app), [false]);
    }
}

#[test]
fn rows_of_an_unknown_attempt_wait_for_somebody_to_settle_it() {
    for states in [&[Before::Unknown; 14][..], &[Before::Unknown, Before::Accepted]] {
        let mut app = gate((80, 24), before(states));
        let picture = app.draw();
        picture.shows("in attempt 41, whose outcome is unknown").shows("L shows it").hides("send again").hides(" Y ");
        app.press("Y");
        let rows = if states.len() == 14 { "✗ 14 rows are" } else { "✗ 1 row is" };
        app.draw().shows(&format!("{rows} in attempt 41, whose outcome is unknown.  L shows it")).hides("type ");
        app.press("send again<Enter>Y");
        assert!(sends(&app).is_empty());
    }
    let mut app = gate((80, 24), before(&[Before::Unknown; 14]));
    app.press("L");
    assert!(app.effects.iter().any(|effect| matches!(effect, Effect::ReadLog(_))));
    // Once it is settled, the gate looks again.
    let mut settled = Attempt { id: 41, ..unknown() };
    settled.settled = Some(Settlement { accepted: false, at_ms: NOW.unix_ms });
    app.send(Msg::Settled(Ok(Box::new(settled))));
    answer(&mut app, RowsBefore::default());
    app.press("<Esc>");
    app.draw().shows("never sent before").shows(" Y   upload 14 rows to api.twelvelabs.io");
    app.press("Y");
    assert_eq!(sends(&app), [false]);
}

fn unknown() -> Attempt {
    let ended = Ended { how: How::NoReply("reset".into()), begun: true, sent: 0, took_ms: 0 };
    Attempt {
        id: 1,
        intent: Intent {
            started_ms: NOW.unix_ms - 3 * DAY,
            address: "https://api.twelvelabs.io/v1.2/tasks/transfers".into(),
            profile: None,
            file: "sports.json".into(),
            fingerprint: Fingerprint::of([]),
            rows: 14,
            key_origin: String::new(),
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

#[test]
fn the_inspector_tells_what_became_of_a_row_that_was_sent_before() {
    let mut app = App::open(&rows());
    let asked = app.effects.iter().find_map(|effect| match effect {
        Effect::LookBack(job, _) => Some(*job),
        _ => None,
    });
    let before = before(&[Before::Failed, Before::Failed, Before::Accepted]);
    app.send(Msg::LookedBack(asked.expect("the ledger is asked"), LookedBack { before, ..LookedBack::default() }));
    app.draw().shows("sent before  attempt 41, row 1:");
    let app = app.keys("j");
    app.draw().shows("attempt 41, row 2:").shows("failed, no reason given");
    app.keys("jj").draw().hides("sent before");
}

#[test]
fn the_rows_that_were_sent_before_are_shown_in_the_table() {
    let mut app = gate((80, 24), before(&[Before::Accepted; 3]));
    app.press("}");
    assert!(app.model.screens.is_empty());
    assert_eq!(app.model.session().unwrap().in_view(), 3);
    app.draw().shows("only the 3 rows that were sent before.");
}
