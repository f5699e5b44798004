//! The demo's tour: one line that names the next step. It is derived from the state, not from past keystrokes, so that
//! no detour can lose it and undo takes it back a step.

use super::action::Action;
use super::message::Message;
use super::model::Model;
use super::screens::{Screen, SendScreen};
use super::session::Session;
use crate::domain::format::counted;
use crate::domain::outcome::Outcome;
use crate::domain::rules::Severity;
use crate::domain::search::StateFilter;

/// Number of steps.
pub const STEPS: u8 = 9;

/// A step of the tour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// From 1; None on a screen outside the tour.
    pub step: Option<u8>,
    /// The situation, and the commands that lead on.
    pub line: Message,
}

impl Stop {
    fn new(step: u8, line: Message) -> Option<Stop> {
        Some(Stop { step: Some(step), line })
    }
}

/// The step for the screen in front; None when there is no tour.
pub fn stop(model: &Model) -> Option<Stop> {
    let session = model.session().filter(|session| session.tour && session.is_ready())?;
    // Over a menu or a prompt the hint line shows its answers: the step is that of the screen below.
    let asks = |screen: &&Screen| matches!(screen, Screen::Menu(_) | Screen::Find(_) | Screen::Prompt(_));
    match model.screens.iter().rev().find(|screen| !asks(screen)) {
        None => at_table(session),
        Some(Screen::Problems(_)) => at_problems(session),
        Some(Screen::Bulk(bulk)) if bulk.is_of_fixes() && open_fixes(session) > 0 => {
            let line = Message::plain("What would change, and what cannot be fixed.")
                .or_shorter(["What would change.".to_owned()]);
            Stop::new(2, line.offer(Action::Accept, "applies them"))
        }
        Some(Screen::Pair(_)) if sure_pairs(session) > 0 => {
            let line = Message::plain("Each pair says why it fits.");
            Stop::new(4, line.offer(Action::TakeAll, "takes all that are sure"))
        }
        Some(Screen::Pair(_)) => {
            let line = Message::plain("The rest may stay empty: a transcript is optional.")
                .or_shorter(["The rest may stay empty.".to_owned()]);
            Stop::new(4, line.offer(Action::Back, "back"))
        }
        Some(Screen::Review(review)) if review.recovered.is_none() => {
            let line = Message::plain("Old and new of each row. Nothing is sent.")
                .or_shorter(["Nothing is sent here.".to_owned()]);
            Stop::new(7, line.offer(Action::Submit, "opens the upload"))
        }
        Some(Screen::Send(send)) => at_upload(send, session.errors()),
        Some(Screen::Follow(follow)) if follow.look.is_settled() => {
            let line = Message::plain("The end. Yours: cuecard FILE.");
            Stop::new(9, line.offer(Action::DraftToRetry, "drafts the failed rows"))
        }
        Some(Screen::Follow(_)) => Stop::new(
            9,
            Message::plain("Tasks come in. Which row is which is a guess: no ids are told")
                .or_shorter(["Tasks come in. Which row is which is a guess".to_owned()]),
        ),
        Some(_) => Some(Stop { step: None, line: Message::plain("").offer(Action::Back, "goes back to the tour") }),
    }
}

fn at_table(session: &Session) -> Option<Stop> {
    let findings = session.findings.as_deref()?;
    let is_bad = |row: &u32| findings.worst(*row) == Some(Severity::Error);
    let errors = (0..session.total()).filter(is_bad).count() as u64;
    let only_errors = session.view.query.state == StateFilter::Error;
    if session.was_accepted() {
        let line = Message::plain("Sent.").offer(Action::FollowAttempt, "shows what became of each row");
        return Stop::new(9, line);
    }
    if open_fixes(session) > 0 && errors > 0 {
        let verb = if errors == 1 { "has errors" } else { "have errors" };
        let line = Message::plain(format!("{} {verb}, so the upload is blocked.", counted(errors, "row")))
            .or_shorter([format!("{} {verb}.", counted(errors, "row"))]);
        return Stop::new(1, line.offer(Action::Problems, "lists them"));
    }
    if only_errors && errors > 0 {
        let line = Message::plain("Leave them out of the upload.").or_shorter(["Leave them out.".to_owned()]);
        let line = line.offer(Action::SelectAll, "selects all").offer(Action::Exclude, "excludes them");
        return Stop::new(3, line);
    }
    if only_errors {
        let line = Message::plain("Saving leaves them out of the file.");
        return Stop::new(3, line.offer(Action::Back, "shows all rows"));
    }
    if errors > 0 {
        let line = Message::plain(format!("{} cannot be fixed here.", counted(errors, "row")));
        return Stop::new(
            3,
            line.offer_then(Action::FilterByState, Action::Show(StateFilter::Error), "shows only them")
                .offer(Action::Show(StateFilter::Error), "shows only them"),
        );
    }
    if sure_pairs(session) > 0 {
        let missing = findings.tallies().missing;
        let have = if missing == 1 { "has" } else { "have" };
        let line = Message::plain(format!("{} {have} no transcript.", counted(missing, "video")));
        return Stop::new(4, line.offer(Action::Pair, "finds them in the bucket"));
    }
    if session.draft.is_dirty() {
        let line = Message::plain("No errors left. Only a saved file can be sent.")
            .or_shorter(["Only a saved file can be sent.".to_owned()]);
        return Stop::new(5, line.offer(Action::Save, "saves it"));
    }
    let line = Message::plain("Saved; every other byte is unchanged.");
    Stop::new(6, line.offer(Action::Review, "shows the changes"))
}

fn at_problems(session: &Session) -> Option<Stop> {
    let line = match open_fixes(session) {
        0 => Message::plain("What is left needs you, or cannot be fixed.")
            .or_shorter(["The rest needs you.".to_owned()])
            .offer(Action::Back, "to the table"),
        fixes => {
            let have = if fixes == 1 { "has" } else { "have" };
            let line = Message::plain(format!("{} {have} a sure fix.", counted(fixes, "finding")))
                .or_shorter([format!("{fixes} {have} a sure fix."), format!("{fixes} can be fixed.")]);
            line.offer(Action::FixEverything, "shows all of them").offer(Action::Accept, "applies them")
        }
    };
    Stop::new(2, line)
}

fn at_upload(send: &SendScreen, errors: u64) -> Option<Stop> {
    match send {
        SendScreen::Gate(_) if errors > 0 => {
            let block = if errors == 1 { "blocks" } else { "block" };
            let line = Message::plain(format!("{} {block} the upload.", counted(errors, "error")));
            Stop::new(8, line.offer(Action::NextProblem, "goes to the first"))
        }
        SendScreen::Gate(_) => {
            let line = Message::plain("Read where it goes. Enter never sends.");
            Stop::new(8, line.offer(Action::Confirm, "uploads"))
        }
        SendScreen::Sending(_) => Stop::new(
            8,
            Message::plain("This is the one upload. It is recorded before the first byte")
                .or_shorter(["This is the one upload.".to_owned()]),
        ),
        SendScreen::Result(pane) if pane.attempt.outcome == Outcome::Accepted => {
            let line = Message::plain("204: taken in, not yet indexed.");
            Stop::new(9, line.offer(Action::Follow, "follows each video"))
        }
        SendScreen::Result(_) => {
            let line = Message::plain("The sandbox was told to refuse.");
            Stop::new(8, line.offer(Action::Submit, "opens the upload again"))
        }
    }
}

/// Number of rows whose proposal is sure and not taken.
fn sure_pairs(session: &Session) -> u32 {
    session.proposals.standing.as_ref().map_or(0, |standing| standing.open())
}

/// Number of findings with a known fix.
fn open_fixes(session: &Session) -> u64 {
    session.findings.as_ref().map_or(0, |findings| findings.groups().iter().map(|group| group.fixes).sum())
}
