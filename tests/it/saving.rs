//! How the end of a save is told: each once, and nothing that isn't known.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use crate::app_driver::{App, Picture};
use cuecard::app::msg::SaveEnd;
use cuecard::app::{Effect, Msg};

/// What the screen says when a save came to this, and what `o` does then.
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
fn what_can_be_answered_is_asked_once_and_waits_for_its_answer() {
    let losses = "its owner or group would change, its mode would change";
    for (end, words) in [
        (SaveEnd::WouldLose(losses.into()), losses),
        (SaveEnd::ChangedOnDisk, "changed by another program"),
        (SaveEnd::Missing, "is not there any more"),
    ] {
        let (picture, app) = told(end.clone());
        picture.shows(words);
        assert_eq!(
            picture.text().matches("not saved").count(),
            1 + picture.text().matches("leave it, not saved").count()
        );
        let mut app = app;
        // A question that comes up by itself takes no key typed for another screen.
        app.model.now.unix_ms += 1_000;
        let app = app.keys("o");
        let Some(Effect::Save(save)) = app.effects.last() else { panic!("{end:?}: nothing was written") };
        assert!(save.over_changes || save.with_losses, "{end:?}");
    }
}
