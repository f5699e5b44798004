//! The rows of an attempt in the ledger.

use cuecard::domain::outcome::{Ended, How, Intent, Outcome, Settlement};
use cuecard::domain::receipt::Receipt;
use cuecard::domain::request::Fingerprint;
use cuecard::domain::rows::{RowEnd, RowState, SentRow};
use cuecard::domain::sent_before::{Before, RowsBefore, VideoAt, VideoKey};
use cuecard::io::store::{BeginError, Compared, Ledger, RowsToKeep};
use std::path::Path;

const WHOLE: &str = "https://api.twelvelabs.io/v1.2/tasks/transfers";
const SINGLE: &str = "https://api.twelvelabs.io/v1.2/tasks";

fn intent(address: &str) -> Intent {
    Intent {
        started_ms: jiff::Timestamp::now().as_millisecond(),
        address: address.into(),
        profile: None,
        file: "m.json".into(),
        fingerprint: Fingerprint::of([&b"[]"[..]]),
        rows: 3,
        key_origin: "from a test".into(),
    }
}

fn row(place: u32) -> SentRow {
    SentRow::intent(place, format!("s3://b/{place}.mp4"), 5)
}

fn videos() -> Vec<VideoAt> {
    let at = |place: u32| VideoAt { video: VideoKey::of("i", &format!("s3://b/{place}.mp4")), place, transcript: 0 };
    let mut videos: Vec<_> = (0..3).map(at).collect();
    videos.sort_unstable();
    videos
}

fn kept() -> RowsToKeep {
    RowsToKeep::new(std::iter::empty(), videos())
}

/// What is known of the same rows in another file.
fn elsewhere(ledger: &mut Ledger) -> RowsBefore {
    let fingerprint = Fingerprint::of([&b"[ ]"[..]]);
    let compared = Compared { videos: &videos(), all: 3, address: WHOLE, fingerprint: &fingerprint, goes_on: None };
    ledger.rows_before(&compared).unwrap()
}

fn states(before: &RowsBefore) -> Vec<(u32, i64, Before)> {
    before.rows.iter().map(|row| (row.place, row.attempt, row.state)).collect()
}

fn end(outcome: Outcome) -> RowEnd {
    let task = (outcome == Outcome::Accepted).then(|| "66f0".to_owned());
    RowEnd { outcome, status: Some(201), code: None, message: None, task, quota: None, halt: None }
}

/// As if the process that wrote it had ended.
fn orphan(folder: &Path) {
    let connection = rusqlite::Connection::open(folder.join("ledger.db")).unwrap();
    connection.execute("UPDATE attempt SET identity = 'an earlier start'", []).unwrap();
}

#[test]
fn a_row_keeps_its_outcome_and_only_one_that_was_not_sent_goes_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::open(folder.path()).unwrap();
    let id = ledger.begin_rows(&intent(SINGLE), &kept(), false).unwrap().id;
    for (place, outcome, again) in [
        (0, Outcome::Accepted, false),
        (1, Outcome::Refused, false),
        (2, Outcome::Unknown, false),
        (3, Outcome::NotSent, true),
    ] {
        ledger.keep_rows(id, &[row(place)]).unwrap();
        assert!(ledger.keep_rows(id, &[row(place)]).is_err(), "it is under way");
        let ended = row(place).ended(&end(outcome), 6);
        ledger.keep_rows(id, std::slice::from_ref(&ended)).unwrap();
        assert!(ledger.keep_rows(id, std::slice::from_ref(&ended)).is_err(), "it has an outcome");
        assert_eq!(ledger.rows_of(id).unwrap()[place as usize], ended);
        // One bad row leaves none of its transaction.
        assert!(ledger.keep_rows(id, &[row(9), row(0)]).is_err());
        assert_eq!(ledger.keep_rows(id, &[row(place)]).is_ok(), again, "{outcome:?}");
    }
    assert_eq!(ledger.rows_of(id).unwrap().len(), 4);
}

#[test]
fn what_was_under_way_when_the_process_ended_is_unknown_and_the_attempt_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::open(folder.path()).unwrap();
    let id = ledger.begin_rows(&intent(SINGLE), &kept(), false).unwrap().id;
    ledger.keep_rows(id, &[row(0), row(1)]).unwrap();
    ledger.keep_rows(id, &[row(0).ended(&end(Outcome::Accepted), 6)]).unwrap();
    let again = ledger.begin_rows(&intent(SINGLE), &kept(), false);
    assert!(matches!(again, Err(BeginError::SentBefore(other)) if other.under_way), "one at a time");
    orphan(folder.path());
    assert_eq!(ledger.rows_of(id).unwrap()[1].state, RowState::Unknown, "told before anybody goes on");
    let cut_off = ledger.cut_off(&intent(SINGLE).fingerprint, SINGLE).unwrap().unwrap();
    assert_eq!((cut_off.attempt, cut_off.last, cut_off.unknown, cut_off.not_sent), (id, 2, 1, 1));
    let tally = ledger.tally(id).unwrap().unwrap();
    assert_eq!((tally.accepted, tally.unknown, tally.under_way), (1, 1, 0));
    let resumed = ledger.begin_rows(&intent(SINGLE), &kept(), false).unwrap();
    assert_eq!((resumed.id, resumed.is_resumed, resumed.interrupted), (id, true, 1));
    let fingerprint = intent(SINGLE).fingerprint;
    assert_eq!(ledger.cut_off(&fingerprint, SINGLE).unwrap(), None, "it goes");
    let before = elsewhere(&mut ledger);
    let told = [(0, id, Before::Accepted), (1, id, Before::Unknown), (2, id, Before::Unknown)];
    assert_eq!(states(&before), told, "the third may be sent any moment");
    orphan(folder.path());
    assert_eq!(states(&elsewhere(&mut ledger)), told[..2], "another file knows them, too");
}

#[test]
fn an_unknown_row_is_settled_by_itself_and_goes_again_only_if_it_was_not_accepted() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::open(folder.path()).unwrap();
    let id = ledger.begin_rows(&intent(SINGLE), &kept(), false).unwrap().id;
    ledger.keep_rows(id, &[row(0), row(1)]).unwrap();
    ledger.keep_rows(id, &[row(0).ended(&end(Outcome::Accepted), 6)]).unwrap();
    ledger.keep_rows(id, &[row(1).ended(&end(Outcome::Unknown), 6)]).unwrap();
    let word = |accepted, at_ms| Settlement { accepted, at_ms };
    assert!(!ledger.settle_row(id, 1, word(true, 7)).unwrap(), "it is still being sent");
    ledger.finish_rows(id, 0, 0, 9).unwrap();
    assert_eq!(ledger.attempt(id).unwrap().unwrap().outcome, Outcome::Unknown);
    assert!(!ledger.settle(id, word(true, 7)).unwrap(), "not the attempt as a whole");
    assert!(!ledger.settle_row(id, 0, word(false, 7)).unwrap(), "it was accepted");
    assert!(ledger.settle_row(id, 1, word(true, 7)).unwrap());
    assert!(!ledger.settle_row(id, 1, word(true, 8)).unwrap(), "said already");
    assert_eq!(ledger.attempt(id).unwrap().unwrap().outcome, Outcome::Accepted);
    assert_eq!(states(&elsewhere(&mut ledger)), [(0, id, Before::Accepted), (1, id, Before::Accepted)]);
    assert!(ledger.settle_row(id, 1, word(false, 9)).unwrap());
    assert_eq!(states(&elsewhere(&mut ledger)), [(0, id, Before::Accepted)]);
    let resumed = ledger.begin_rows(&intent(SINGLE), &kept(), false).unwrap();
    ledger.keep_rows(resumed.id, &[row(1)]).unwrap();
    assert_eq!(ledger.rows_of(id).unwrap()[1].settled, None);
}

#[test]
fn an_attempt_of_days_is_still_under_way_while_its_process_lives() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::open(folder.path()).unwrap();
    let started_ms = jiff::Timestamp::now().as_millisecond() - 13 * 24 * 3_600 * 1_000;
    let begun = ledger.begin_rows(&Intent { started_ms, ..intent(SINGLE) }, &kept(), false).unwrap();
    assert!(ledger.attempt(begun.id).unwrap().unwrap().under_way);
    assert!(ledger.begin_rows(&intent(SINGLE), &kept(), false).is_err());
}

#[test]
fn a_whole_upload_and_a_send_row_by_row_of_the_same_bytes_block_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::open(folder.path()).unwrap();
    let whole = ledger.begin(&intent(WHOLE), &kept(), false).unwrap();
    assert!(ledger.begin_rows(&intent(SINGLE), &kept(), false).is_err());
    ledger.finish(whole, &Ended::before_anything_left(How::Stopped)).unwrap();
    let id = ledger.begin_rows(&intent(SINGLE), &kept(), false).unwrap().id;
    assert!(ledger.begin(&intent(WHOLE), &kept(), false).is_err());
    ledger.keep_rows(id, &[row(0)]).unwrap();
    ledger.keep_rows(id, &[row(0).ended(&end(Outcome::Refused), 6)]).unwrap();
    ledger.finish_rows(id, 2, 0, 9).unwrap();
    assert!(ledger.begin(&intent(WHOLE), &kept(), false).is_ok(), "nothing was taken in");
    assert!(ledger.tally(whole).unwrap().is_none());
}

#[test]
fn an_attempt_tells_what_was_not_sent_what_cannot_go_whose_word_counts_and_its_last_answer() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::open(folder.path()).unwrap();
    // Three of five rows can go; two of them do.
    let intent = Intent { rows: 5, ..intent(SINGLE) };
    let id = ledger.begin_rows(&intent, &kept(), false).unwrap().id;
    ledger.keep_rows(id, &[row(0), row(1)]).unwrap();
    ledger.keep_rows(id, &[row(0).ended(&end(Outcome::Accepted), 6)]).unwrap();
    ledger.keep_rows(id, &[row(1).ended(&end(Outcome::Unknown), 8)]).unwrap();
    ledger.finish_rows(id, 1, 0, 9).unwrap();
    assert!(ledger.settle_row(id, 1, Settlement { accepted: true, at_ms: 70 }).unwrap());
    let attempt = ledger.attempt(id).unwrap().unwrap();
    let tally = attempt.tally.unwrap();
    assert_eq!((tally.accepted, tally.not_sent, tally.cannot_go, tally.by_word), (2, 1, 2, 1));
    assert_eq!((attempt.in_short().as_str(), attempt.ended_ms()), ("2 of 3", 8));
    assert_eq!(ledger.able_rows(id).unwrap(), [0, 1, 2]);
    let receipt = Receipt::of(&attempt, None, |ms| ms.to_string(), false);
    let rows = receipt.row_outcomes.unwrap();
    assert_eq!(
        (receipt.rows.sent, receipt.outcome.as_str(), receipt.ended.as_deref()),
        (2, "partly_accepted", Some("8"))
    );
    assert_eq!((rows.not_sent, rows.cannot_go, rows.by_word), (1, 2, 1));
}
