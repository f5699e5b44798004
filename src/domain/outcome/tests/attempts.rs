//! The record of a send: its words, and what the operator may say of it.

use super::*;
use crate::follow::Status;

fn attempt(outcome: Outcome) -> Attempt {
    Attempt {
        id: 1,
        intent: Intent {
            started_ms: 0,
            address: "https://x/v1.2/tasks/transfers".into(),
            profile: None,
            file: "m.json".into(),
            fingerprint: Fingerprint::of([b"x".as_slice()]),
            rows: 12_468,
            key_origin: String::new(),
        },
        ended: ended(How::Replied(reply(204, "")), true, 0),
        outcome,
        under_way: false,
        settled: None,
        settled_before: Vec::new(),
        followed: None,
        tally: None,
    }
}

fn said(accepted: bool, at_ms: i64) -> Settlement {
    Settlement { accepted, at_ms }
}

#[test]
fn settling_as_not_accepted_unblocks_the_upload() {
    let blocks = |outcome, settled| Attempt { settled, ..attempt(outcome) }.blocks();
    assert!(blocks(Outcome::Accepted, None));
    assert!(blocks(Outcome::Unknown, None));
    assert!(blocks(Outcome::Unknown, Some(said(true, 1))));
    assert!(!blocks(Outcome::Unknown, Some(said(false, 1))));
    assert!(!blocks(Outcome::Refused, None));
    assert!(!blocks(Outcome::NotSent, None));
}

#[test]
fn only_an_unknown_outcome_is_settled_by_word_and_the_last_word_counts() {
    let mut unknown = attempt(Outcome::Unknown);
    assert!(unknown.can_be_settled() && !unknown.can_be_corrected());
    assert!(unknown.settle(said(false, 1)));
    assert!(!unknown.can_be_settled() && unknown.can_be_corrected());
    assert!(!unknown.settle(said(false, 2)), "the same again is no news");
    assert!(unknown.settle(said(true, 3)));
    assert_eq!((unknown.settled, unknown.settled_before.as_slice()), (Some(said(true, 3)), &[said(false, 1)][..]));
    assert_eq!(settled_words(said(true, 1)), "accepted, says the operator");
    assert_eq!(settled_words(said(false, 1)), "not accepted, says the operator");

    let by_row = |outcome| {
        let attempt = attempt(outcome);
        Attempt { intent: Intent { address: "https://x/v1.2/tasks".into(), ..attempt.intent.clone() }, ..attempt }
    };
    assert!(by_row(Outcome::Unknown).is_row_by_row() && !attempt(Outcome::Unknown).is_row_by_row());
    for open in [
        attempt(Outcome::Accepted),
        attempt(Outcome::Refused),
        attempt(Outcome::NotSent),
        by_row(Outcome::Unknown),
        Attempt { under_way: true, ..attempt(Outcome::Unknown) },
    ] {
        for settled in [None, Some(said(true, 1))] {
            let mut attempt = Attempt { settled, ..open.clone() };
            assert!(!attempt.can_be_settled() && !attempt.can_be_corrected(), "{attempt:?}");
            assert!(!attempt.settle(said(false, 2)) && attempt.settled == settled, "{attempt:?}");
        }
    }
}

#[test]
fn an_attempt_is_told_in_a_word_or_two() {
    let unknown = attempt(Outcome::Unknown);
    // Of the rows that could go: others are not sent by this route.
    let tally = Some(Tally { accepted: 1_629, refused: 4, not_sent: 10, cannot_go: 7, ..Tally::default() });
    for (attempt, told) in [
        (attempt(Outcome::Accepted), "accepted 204"),
        (attempt(Outcome::Refused), "refused 204"),
        (Attempt { ended: ended(How::Stopped, false, 0), ..attempt(Outcome::NotSent) }, "not sent"),
        (unknown.clone(), "unknown"),
        (Attempt { settled: Some(said(true, 1)), ..unknown.clone() }, "by your word"),
        (Attempt { under_way: true, ..unknown.clone() }, "under way"),
        (Attempt { tally, ..unknown.clone() }, "1,629 of 1,643"),
        (Attempt { tally, under_way: true, ..unknown }, "under way"),
    ] {
        assert_eq!(attempt.in_short(), told);
    }
}

#[test]
fn a_title_tells_what_became_of_an_attempt_and_when() {
    let begun_at =
        |ms, attempt: Attempt| Attempt { intent: Intent { started_ms: ms, ..attempt.intent.clone() }, ..attempt };
    let took = |ms, attempt: Attempt| Attempt { ended: Ended { took_ms: ms, ..attempt.ended.clone() }, ..attempt };
    let by_row = |rows, attempt: Attempt| Attempt {
        intent: Intent { address: "https://x/v1.2/tasks".into(), rows, ..attempt.intent.clone() },
        ..attempt
    };
    let unknown = || begun_at(1_000, attempt(Outcome::Unknown));
    let settled = |accepted| Attempt { settled: Some(said(accepted, 9_000)), ..unknown() };
    let tally = Some(Tally { accepted: 1_629, ..Tally::default() });
    for (attempt, told) in [
        (took(250, begun_at(1_000, attempt(Outcome::Accepted))), "accepted at 1250"),
        (took(u64::MAX, begun_at(1_000, attempt(Outcome::Accepted))), "accepted at 1000"),
        (unknown(), "sent at 1000, outcome unknown"),
        (settled(true), "accepted, by your word at 9000"),
        (settled(false), "not accepted, by your word at 9000"),
        (Attempt { tally, ..by_row(1_643, unknown()) }, "sent at 1000, 1,629 of 1,643 rows accepted"),
        (Attempt { tally: None, ..by_row(1, unknown()) }, "sent at 1000, 0 of 1 row accepted"),
    ] {
        assert_eq!(became(&attempt, |ms| format!("at {ms}")), told);
    }
}

#[test]
fn an_attempt_from_a_list_says_that_its_body_is_not_loaded() {
    let with = |body_state| {
        let reply = Reply { body_state, ..reply(204, "") };
        Attempt { ended: ended(How::Replied(reply), true, 0), ..attempt(Outcome::Accepted) }.is_whole()
    };
    assert!(!with(BodyState::NotLoaded));
    assert!(with(BodyState::Whole) && with(BodyState::Cut));
    assert!(Attempt { ended: ended(How::Stopped, true, 0), ..attempt(Outcome::Unknown) }.is_whole());
}

#[test]
fn what_became_of_the_rows_is_told_by_those_that_are_finished_else_by_those_that_run() {
    let of = |status| State::Of(status);
    let followed = |states: &[State], settled| Followed { asked_ms: 1, settled, counts: Counts::of(states) }.in_short();
    assert_eq!(followed(&[of(Status::Ready), of(Status::Failed), of(Status::Ready)], true), "2 ready, 1 failed");
    assert_eq!(followed(&[of(Status::Failed), State::NoTask], true), "1 failed");
    assert_eq!(followed(&[of(Status::Other("indexing".into())), State::NoTask], false), "1 running");
    assert_eq!(followed(&[State::NoTask], false), "no task yet");
    assert_eq!(followed(&[State::NoTask], true), "not seen");
}
