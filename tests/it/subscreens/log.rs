//! The log of all files, and a result opened from it: it refers to its own file, whatever is open.

use super::send::{accepted, attempt, refused, unknown};
use super::{NOW, saved};
use crate::app_driver::Picture;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use cuecard::app::jobs::Task;
use cuecard::app::model::Model;
use cuecard::app::screens::{Log, Screen};
use cuecard::app::{Effect, Msg, update};
use cuecard::domain::outcome::{Attempt, How, Settlement};
use cuecard::domain::request::Fingerprint;
use cuecard::ui;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

const SIZES: [(u16, u16); 2] = [(80, 24), (120, 40)];

/// Over `/home/op/news-2026.json`, whose upload 3 was refused; upload 2 is another file's, with an unknown outcome.
fn log(size: (u16, u16)) -> Model {
    let mut model = saved(size, Vec::new());
    let mut archive = unknown(2);
    archive.intent.file = "/srv/ingest/archive-03.json".into();
    archive.intent.started_ms = NOW - 4 * 86_400_000;
    archive.intent.rows = 1;
    let mut changed = refused(3);
    changed.intent.fingerprint = Fingerprint::of([&b"before it was mended"[..]]);
    model.screens.push(Screen::Log(Log::of(Some(vec![changed, archive, accepted(1)]))));
    model
}

fn press(model: &mut Model, keys: &str) -> Vec<Effect> {
    let mut effects = Vec::new();
    for key in keys.chars() {
        let code = match key {
            '⏎' => KeyCode::Enter,
            '⎋' => KeyCode::Esc,
            key => KeyCode::Char(key),
        };
        let shift = if key.is_uppercase() { KeyModifiers::SHIFT } else { KeyModifiers::NONE };
        effects.extend(update(model, Msg::Key(KeyEvent::new(code, shift))));
    }
    effects
}

fn picture(model: &Model) -> Picture {
    let mut terminal = Terminal::new(TestBackend::new(model.size.0, model.size.1)).unwrap();
    terminal.draw(|frame| ui::draw(model, frame)).unwrap();
    Picture { buffer: terminal.backend().buffer().clone(), cursor: None }
}

fn hints(model: &Model) -> String {
    picture(model).row(model.size.1 - 1)
}

/// Computes the fingerprint of the open file.
fn looked_at(model: &mut Model, effects: Vec<Effect>, fingerprint: Fingerprint) {
    for effect in effects {
        if let Effect::Fingerprint(job, _) = effect {
            update(model, Msg::Fingerprinted(job, fingerprint));
        }
    }
}

#[test]
fn a_result_from_the_log_says_whose_it_is_and_offers_nothing_of_the_open_file() {
    for size in SIZES {
        let mut model = log(size);
        press(&mut model, "j⏎");
        let picture = picture(&model);
        picture.shows("archive-03.json, sent Thu 19 Nov 14:03:07").shows("2 of 3");
        picture.shows("2, of archive-03.json; open now is news-2026.json").shows("/srv/ingest/archive-03.json");
        picture
            .shows("prod  https://api.twelvelabs.io/v1.2/tasks/transfers")
            .shows(&unknown(2).intent.fingerprint.hex());
        picture.shows("1 row, 2,981,204 of 2,981,204 bytes, no status line read");
        picture.shows("▌ A  it was accepted      archive-03.json counts as sent");
        picture.shows("▌ N  it was not           archive-03.json can be sent again");
        picture.shows("? outcome of archive-03.json unknown");
        picture.hides("send again   ").hides("another key");
        assert!(hints(&model).contains("O open its file"), "{}", hints(&model));
        let effects = press(&mut model, "S");
        assert!(effects.is_empty() && matches!(model.screens.last(), Some(Screen::Send(_))), "{effects:?}");
        self::picture(&model).shows("it may have been taken: say so first");
    }
}

#[test]
fn only_the_same_bytes_of_the_open_file_are_sent_again() {
    for (is_same, offered) in [(true, true), (false, false)] {
        let mut model = log((120, 40));
        let effects = press(&mut model, "⏎");
        assert!(!hints(&model).contains("send again"), "nobody knows yet whether these are the bytes");
        let sent = Fingerprint::of([&b"before it was mended"[..]]);
        looked_at(&mut model, effects, if is_same { sent } else { Fingerprint::of([&b"mended"[..]]) });
        assert_eq!(hints(&model).contains("S send again"), offered, "{}", hints(&model));
        assert_eq!(picture(&model).text().contains("holds other bytes now"), !offered);
        press(&mut model, "S");
        assert_eq!(model.jobs.has(Task::Prepare), offered);
    }
}

#[test]
fn another_file_s_result_opens_that_file_unless_changes_would_be_lost() {
    let mut model = log((80, 24));
    let effects = press(&mut model, "j⏎O");
    let opened =
        effects.iter().any(|effect| matches!(effect, Effect::Load(_, path) if path.ends_with("archive-03.json")));
    assert!(opened, "{effects:?}");
    assert!(model.screens.is_empty());

    let mut model = super::model((80, 24), super::edits());
    let mut other = accepted(1);
    other.intent.file = "/srv/other.json".into();
    model.screens.push(Screen::Log(Log::of(Some(vec![other]))));
    let effects = press(&mut model, "⏎O");
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Load(..))), "{effects:?}");
    picture(&model).shows("the changes are not saved.");
}

#[test]
fn settling_applies_to_the_shown_attempt_and_updates_its_log_line() {
    let mut model = log((80, 24));
    let effects = press(&mut model, "j⏎A");
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Settle { id: 2, accepted: true })), "{effects:?}");
    let mut settled = unknown(2);
    settled.intent.file = "/srv/ingest/archive-03.json".into();
    settled.settled = Some(Settlement { accepted: true, at_ms: NOW });
    update(&mut model, Msg::Settled(Ok(Box::new(settled))));
    let shown = picture(&model);
    shown.shows("written to the ledger: archive-03.json counts as sent").hides("▌ A  it was accepted");
    shown.shows("▌ N  it was not           archive-03.json can be sent again");
    press(&mut model, "⎋");
    let (_, line) = picture(&model).find("archive-03.json");
    assert!(line.starts_with('▌') && line.contains("✓ by your word"), "{line}");
}

#[test]
fn the_log_has_one_line_an_attempt_and_spells_out_the_chosen_one() {
    for size in SIZES {
        let mut model = log(size);
        let shown = picture(&model);
        shown.shows("3 attempts from this machine, newest first").shows("1 of 3");
        let (y, headings) = shown.find(" sent ");
        assert!(y == 4 && headings.contains("outcome") && headings.contains("sha-256"), "{headings}");
        shown.shows("✗ refused 401").shows("? unknown").shows("✓ accepted 204").shows("─ attempt 3 ─");
        press(&mut model, "j");
        picture(&model).shows("─ attempt 2 ─").shows("/srv/ingest/archive-03.json").shows("unknown Thu 19 Nov");
    }
}

#[test]
fn the_log_is_filtered_by_file_address_outcome_and_hash() {
    let hash: String = refused(1).intent.fingerprint.hex().chars().take(6).collect();
    for (typed, found) in [
        ("archive", 1),
        ("NEWS", 2),
        ("refused", 1),
        ("401", 1),
        ("twelvelabs", 3),
        (hash.as_str(), 2),
        ("news 204", 1),
        ("nothing", 0),
    ] {
        let mut model = log((80, 24));
        press(&mut model, &format!("f{typed}"));
        let Some(Screen::Log(log)) = model.screens.last() else { panic!("it is in front") };
        assert_eq!(log.shown().len(), found, "{typed}");
    }
    let mut model = log((80, 24));
    press(&mut model, "fnothing⏎");
    picture(&model).shows("No attempt matches nothing.  Esc clears the filter");
    press(&mut model, "⎋");
    picture(&model).shows("✗ refused 401");
    assert_eq!(model.screens.len(), 1);
    press(&mut model, "⎋");
    assert_eq!(model.screens.len(), 0);
}

#[test]
fn the_log_does_not_offer_itself_and_a_result_leads_back_to_it() {
    let mut model = log((120, 40));
    assert!(!hints(&model).contains("L "), "{}", hints(&model));
    press(&mut model, "L");
    assert_eq!(model.screens.len(), 1);
    press(&mut model, "jj⏎L");
    assert!(matches!(model.screens.as_slice(), [Screen::Log(log)] if log.scroll.cursor == 2));
    press(&mut model, "⏎⎋");
    assert!(matches!(model.screens.as_slice(), [Screen::Log(log)] if log.scroll.cursor == 2));
}

#[test]
fn a_long_log_is_paged_and_the_chosen_line_is_in_sight() {
    for size in SIZES {
        let mut model = saved(size, Vec::new());
        let many: Vec<Attempt> = (1..=200).rev().map(|id| attempt(id, How::Stopped, false)).collect();
        model.screens.push(Screen::Log(Log::of(Some(many))));
        let page = |model: &mut Model, code| {
            update(model, Msg::Key(KeyEvent::new(code, KeyModifiers::NONE)));
            let shown = picture(model);
            let Some(Screen::Log(log)) = model.screens.last() else { panic!("it is in front") };
            let id = log.shown()[log.scroll.cursor].id;
            shown.shows(&format!("─ attempt {id} ─"));
            let in_list = (5..size.1).any(|y| shown.row(y).starts_with('▌') && shown.row(y).contains(&id.to_string()));
            assert!(in_list, "{}", shown.text());
            id
        };
        let first = page(&mut model, KeyCode::PageDown);
        let second = page(&mut model, KeyCode::PageDown);
        assert!(first < 200 && first - second == 200 - first, "{first} {second}");
        assert_eq!(page(&mut model, KeyCode::End), 1);
        assert_eq!(page(&mut model, KeyCode::Home), 200);
    }
}

#[test]
fn a_word_on_an_outcome_is_corrected_by_the_other_word() {
    let mut model = saved((80, 24), Vec::new());
    let mut told = unknown(2);
    told.settled = Some(Settlement { accepted: true, at_ms: NOW });
    model.screens.push(Screen::Log(Log::of(Some(vec![told]))));
    press(&mut model, "⏎");
    let effects = press(&mut model, "N");
    let word = effects.iter().find_map(|effect| match effect {
        Effect::Settle { accepted, .. } => Some(*accepted),
        _ => None,
    });
    assert_eq!(word, Some(false), "{effects:?}");
}
