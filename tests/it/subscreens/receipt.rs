//! The receipt: in words, against a file, and as a file.

use super::send::{accepted, unknown};
use super::{NOW, pictures, saved};
use crate::app_driver::Picture;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use cuecard::app::effect::ReceiptOrder;
use cuecard::app::model::Model;
use cuecard::app::msg::{ReceiptRead, ReceiptVerdict};
use cuecard::app::screens::{Log, Screen};
use cuecard::app::{Effect, Msg, update};
use cuecard::domain::outcome::{Attempt, Followed};
use cuecard::domain::receipt::{Digests, Receipt, RowsAsSent, SentFacts};
use cuecard::ui;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use std::collections::BTreeMap;
use std::path::PathBuf;

fn receipt(attempt: &Attempt) -> Receipt {
    let facts = SentFacts { excluded: 12, without_transcript: 3_112, filled: 31, changed: 4, cleared: 0 };
    let known = (facts, Digests::from_bytes(vec![7; 9]).unwrap());
    let instant = |ms: i64| jiff::Timestamp::from_millisecond(ms).unwrap().to_string();
    Receipt::of(attempt, Some(&known), instant, false)
}

fn read(attempt: &Attempt, verdict: ReceiptVerdict) -> Box<ReceiptRead> {
    let receipt = receipt(attempt);
    let (text, file) = (receipt.text(), Some(attempt.intent.file.clone()));
    Box::new(ReceiptRead { receipt, text, verdict, name: "news-2026.json".into(), is_given: false, file })
}

fn press(model: &mut Model, keys: &str) -> Vec<Effect> {
    let mut effects = Vec::new();
    for key in keys.chars() {
        let (code, modifiers) = match key {
            '⏎' => (KeyCode::Enter, KeyModifiers::NONE),
            '⎋' => (KeyCode::Esc, KeyModifiers::NONE),
            'Ⓢ' => (KeyCode::Char('s'), KeyModifiers::CONTROL),
            key => (KeyCode::Char(key), KeyModifiers::NONE),
        };
        effects.extend(update(model, Msg::Key(KeyEvent::new(code, modifiers))));
    }
    effects
}

fn picture(model: &Model) -> Picture {
    let mut terminal = Terminal::new(TestBackend::new(model.size.0, model.size.1)).unwrap();
    terminal.draw(|frame| ui::draw(model, frame)).unwrap();
    Picture { buffer: terminal.backend().buffer().clone(), cursor: None }
}

/// What is asked for, answered with this.
fn answered(model: &mut Model, effects: Vec<Effect>, read: Result<Box<ReceiptRead>, String>) -> ReceiptOrder {
    let mut found = None;
    for effect in effects {
        if let Effect::ReadReceipt(job, order) = effect {
            found = Some(order);
            update(model, Msg::ReceiptRead(job, read.clone()));
        }
    }
    found.expect("a receipt is asked for")
}

/// The receipt of upload 41, opened from the log.
fn opened(size: (u16, u16), verdict: ReceiptVerdict) -> Model {
    let mut model = saved(size, Vec::new());
    let mut attempt = accepted(3);
    attempt.id = 41;
    attempt.intent.started_ms = NOW + 112;
    attempt.ended.took_ms = 1_822;
    model.screens.push(Screen::Log(Log::of(Some(vec![attempt.clone(), unknown(2), accepted(1)]))));
    let effects = press(&mut model, "r");
    let order = answered(&mut model, effects, Ok(read(&attempt, verdict)));
    assert_eq!((order.attempt, order.against), (Some(41), None));
    model
}

#[test]
fn a_receipt_says_what_was_sent_and_whether_the_file_still_is() {
    pictures("receipt", |size| opened(size, ReceiptVerdict::Same), |model| model.screens.pop().unwrap());
}

#[test]
fn every_verdict_has_its_words() {
    let rows = RowsAsSent { sent: 12_468, as_sent: 12_466, differ: vec![4_711, 5_002] };
    for (verdict, words) in [
        (ReceiptVerdict::Same, &["✓  SAME BYTES   news-2026.json on disk is what was sent"][..]),
        (
            ReceiptVerdict::Other(Some(rows)),
            &[
                "▲  OTHER BYTES   news-2026.json was changed since: 12,466 of 12,468 rows are as sent",
                "differ        rows 4,711, 5,002",
            ],
        ),
        (ReceiptVerdict::Other(None), &["▲  OTHER BYTES   news-2026.json was changed since"]),
        (ReceiptVerdict::NoFile, &["-  NO FILE   news-2026.json is not there; the receipt stands by itself"]),
        (ReceiptVerdict::Damaged, &["✗  DAMAGED   the receipt's own checksum does not fit; it was edited or cut"]),
    ] {
        let model = opened((120, 40), verdict);
        for words in words {
            picture(&model).shows(words);
        }
    }
}

#[test]
fn a_row_without_a_task_is_not_seen_once_everything_has_settled_in_the_log_and_in_the_receipt() {
    for (settled, word) in [(false, "37 ready, 3 without a task"), (true, "37 ready, 3 not seen")] {
        let counts = BTreeMap::from([("ready".to_owned(), 37), ("-".to_owned(), 3)]);
        let followed = Some(Followed { asked_ms: NOW - 60_000, settled, counts: counts.into() });
        let attempt = Attempt { followed, ..accepted(3) };
        let mut model = saved((80, 24), Vec::new());
        model.screens.push(Screen::Log(Log::of(Some(vec![attempt.clone()]))));
        picture(&model).shows(word);
        let effects = press(&mut model, "r");
        answered(&mut model, effects, Ok(read(&attempt, ReceiptVerdict::Same)));
        picture(&model).shows(word);
    }
}

#[test]
fn receipt_can_be_saved_copied_and_compared_with_another_file() {
    let mut model = opened((80, 24), ReceiptVerdict::Same);
    let hints = picture(&model).row(23);
    assert_eq!(hints, " ^s save it as a file   y copy it   v verify another file   Esc log      ? help");
    let saving = press(&mut model, "Ⓢ");
    let [Effect::WriteFile { job, path, bytes }] = saving.as_slice() else { panic!("{saving:?}") };
    assert_eq!(path, &PathBuf::from("/home/op/news-2026.receipt-41.json"));
    let receipt = Receipt::parse(bytes).unwrap();
    assert_eq!((receipt.attempt, receipt.file.folder), (41, None));
    update(&mut model, Msg::FileWritten(*job, Ok(path.clone())));
    picture(&model).shows("✓ saved news-2026.receipt-41.json, ");
    let copied = press(&mut model, "y");
    assert!(matches!(copied.as_slice(), [Effect::Copy(text)] if text.as_bytes() == bytes.as_slice()));
    let effects = press(&mut model, "vother.json⏎");
    let other = ReceiptVerdict::Other(None);
    let order = answered(&mut model, effects, Ok(read(&accepted(3), other)));
    assert_eq!((order.attempt, order.against), (Some(41), Some("other.json".into())));
    picture(&model).shows("OTHER BYTES");
    // What can't be read leaves what stands there.
    let effects = press(&mut model, "vnone⏎");
    answered(&mut model, effects, Err("none: there is no such file".into()));
    picture(&model).shows("OTHER BYTES").shows("none: there is no such file");
    press(&mut model, "⎋");
    assert!(matches!(model.screens.as_slice(), [Screen::Log(_)]));
}

#[test]
fn receipt_command_takes_an_attempt_and_a_file() {
    let order = |attempt, against: Option<&str>| (attempt, against.map(PathBuf::from));
    for (typed, wanted) in [
        (":receipt⏎", order(None, None)),
        (":receipt 41⏎", order(Some(41), None)),
        (":receipt 41 a b.json⏎", order(Some(41), Some("a b.json"))),
        (":receipt a b.json⏎", order(None, Some("a b.json"))),
    ] {
        let mut model = saved((80, 24), Vec::new());
        let effects = press(&mut model, typed);
        let asked = answered(&mut model, effects, Err("there is no attempt 41".into()));
        assert_eq!((asked.attempt, asked.against), wanted, "{typed}");
        assert!(asked.open.is_some());
        picture(&model).shows("✗ there is no attempt 41").shows("Esc back");
    }
}
