//! Messages about the end of a save: each once, and only facts.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use crate::app_driver::{App, Picture};
use cuecard::app::msg::SaveEnd;
use cuecard::app::{Effect, Msg};

/// The screen's message for the end of a save, and the effect of `o`.
fn told(end: SaveEnd) -> (Picture, App) {
    let mut app = App::open(r#"[{"object": "s3://acme/1.mp4", "language": "en"}]"#).keys("x:w<Enter>");
    let Some(Effect::Save(save)) = app.effects.pop() else { panic!("no save was asked for") };
    app.send(Msg::Saved(save.job, save.snapshot, end));
    (app.draw(), app)
}

#[test]
fn a_save_that_failed_is_told_in_its_own_words_only() {
    let why = "the file is whole; whether it holds the old or the new bytes is unknown: no answer";
    let (picture, _) = told(SaveEnd::Failed(why.into()));
    picture.shows(why).hides("untouched").hides("not saved");
    let (picture, _) = told(SaveEnd::Failed("not saved, file untouched: writing: the disk is full".into()));
    assert_eq!(picture.text().matches("not saved").count(), 1);
}

#[test]
fn save_conflict_asks_once_and_waits_for_the_answer() {
    let losses = "its owner or group would change, its mode would change";
    for (end, words) in [
        (SaveEnd::WouldLose(losses.into()), losses),
        (SaveEnd::ChangedOnDisk, "changed by another program"),
        (SaveEnd::Missing, "no longer exists"),
    ] {
        let (picture, app) = told(end.clone());
        picture.shows(words);
        assert_eq!(
            picture.text().matches("not saved").count(),
            1 + picture.text().matches("leave it, not saved").count()
        );
        let mut app = app;
        // A question that appears by itself ignores keys typed for another screen.
        app.model.now.unix_ms += 1_000;
        let app = app.keys("o");
        let Some(Effect::Save(save)) = app.effects.last() else { panic!("{end:?}: nothing was written") };
        assert!(save.over_changes || save.with_losses, "{end:?}");
    }
}

/// Ends the last requested save.
fn end(app: &mut App, end: SaveEnd) {
    let at = app.effects.iter().rposition(|effect| matches!(effect, Effect::Save(_)));
    let Effect::Save(save) = app.effects.remove(at.expect("a save was asked for")) else { unreachable!() };
    app.send(Msg::Saved(save.job, save.snapshot, end));
}

fn quits(app: &App) -> bool {
    app.effects.iter().any(|effect| matches!(effect, Effect::Quit(0)))
}

const ROWS: &str =
    r#"[{"object": "s3://acme/1.mp4", "language": "en"}, {"object": "s3://acme/2.mp4", "language": "en"}]"#;

#[test]
fn leaving_while_the_file_is_saved_leaves_when_it_is() {
    for leave in ["q", ":q<Enter>", ":x<Enter>", ":wq<Enter>"] {
        let mut app = App::open(ROWS).keys("x:w<Enter>").keys(leave);
        assert!(!quits(&app), "{leave}: the file is not saved yet");
        app.draw().shows("cuecard quits when it is saved");
        end(&mut app, SaveEnd::Saved);
        assert!(quits(&app), "{leave}");
    }
}

#[test]
fn a_save_that_fails_does_not_leave_and_says_why() {
    for leave in ["q", ":x<Enter>"] {
        let mut app = App::open(ROWS).keys("x:w<Enter>").keys(leave);
        end(&mut app, SaveEnd::Failed("not saved, file untouched: writing: the disk is full".into()));
        assert!(!quits(&app), "{leave}");
        app.draw().shows("the disk is full");
        let app = app.keys("q");
        app.draw().shows("1 change of news-2026.json is not saved");
    }
}

#[test]
fn edits_during_a_save_are_saved_or_asked_about_before_quitting() {
    let mut app = App::open(ROWS).keys("x:w<Enter>jxq");
    end(&mut app, SaveEnd::Saved);
    assert!(!quits(&app));
    app.draw().shows("1 change of news-2026.json is not saved");
    let mut app = App::open(ROWS).keys("x:w<Enter>jx:x<Enter>");
    end(&mut app, SaveEnd::Saved);
    assert!(!quits(&app), "the second change is being saved");
    end(&mut app, SaveEnd::Saved);
    assert!(quits(&app));
}

#[test]
fn saving_without_changes_compares_the_file_on_disk() {
    for keys in ["<^s>", ":w<Enter>"] {
        for (found, words) in [
            (SaveEnd::Unchanged, "nothing changed since the save"),
            (SaveEnd::ChangedOnDisk, "changed by another program"),
            (SaveEnd::Missing, "no longer exists"),
        ] {
            let mut app = App::open(ROWS).keys(keys);
            let Some(Effect::Save(save)) = app.effects.last() else { panic!("{keys}: nothing looks at the file") };
            assert!(save.is_unchanged && !save.over_changes);
            end(&mut app, found);
            app.draw().shows(words);
        }
    }
}

#[test]
fn only_a_save_of_the_open_file_without_changes_is_a_mere_comparison() {
    let asked = |app: &App| match app.effects.last() {
        Some(Effect::Save(save)) => (save.is_unchanged, save.over_changes),
        other => panic!("{other:?}"),
    };
    assert_eq!(asked(&App::open(ROWS).keys("x:w<Enter>")), (false, false), "edited");
    assert_eq!(asked(&App::open(ROWS).keys(":w copy.json<Enter>")), (false, false), "a copy");
    let mut gone = App::open(ROWS).keys(":w<Enter>");
    end(&mut gone, SaveEnd::Missing);
    gone.model.now.unix_ms += 1_000;
    assert_eq!(asked(&gone.keys("o")), (false, true), "to be written anew");
}

#[test]
fn a_version_that_stays_beside_the_saved_file_is_named() {
    let words = "saved, but the old version could not be removed: it is in .cuecard-1-1.old";
    let (picture, app) = told(SaveEnd::SavedBut(words.into()));
    picture.shows("the old version could not be removed");
    app.keys("q").draw().hides("is not saved");
}

#[test]
fn writing_over_another_programs_changes_does_not_claim_that_every_other_byte_is_as_it_was() {
    let (_, mut app) = told(SaveEnd::ChangedOnDisk);
    app.model.now.unix_ms += 1_000;
    app.press("o");
    end(&mut app, SaveEnd::Saved);
    app.draw().shows("what was in the file is replaced").hides("every other byte");
}

#[test]
fn the_save_key_saves_on_every_screen_that_shows_it() {
    let mut shown = Vec::new();
    for way in ["", "R", "!", "L", "P", "S", ":sources<Enter>"] {
        let app = App::open(ROWS).with_keys("acme", &["1.srt", "2.srt"]).size(160, 40).keys("x").keys(way);
        if app.draw().text().lines().last().is_some_and(|hints| hints.contains("^s save")) {
            let app = app.keys("<^s>");
            assert!(app.effects.iter().any(|effect| matches!(effect, Effect::Save(_))), "after {way:?}");
            shown.push(way);
        }
    }
    assert!(["", "R", "P"].iter().all(|way| shown.contains(way)), "{shown:?}");
}

#[test]
fn a_gate_that_waits_for_a_save_looks_at_the_file_when_it_is_saved() {
    let looks = |app: &App| {
        let is_look = |effect: &&Effect| matches!(effect, Effect::Prepare { .. } | Effect::PrepareRows(_));
        app.effects.iter().filter(is_look).count()
    };
    for gate in [":submit<Enter>", ":submit tasks<Enter>"] {
        let mut app = App::open(ROWS).keys("x").keys(gate).keys("<^s>");
        assert_eq!(looks(&app), 0, "{gate}: what it would send is not saved");
        end(&mut app, SaveEnd::Saved);
        assert_eq!(looks(&app), 1, "{gate}");
    }
}
