//! What can be done while an attempt is followed, and why not.

use super::Following;
use crate::app::action::Action;
use crate::app::command::Why;
use crate::app::session::Session;
use crate::domain::follow::Trouble;
use crate::domain::printable::printable;
use std::path::Path;

impl Following {
    pub(super) fn allows(&self, session: Option<&Session>, action: Action) -> Result<(), Why> {
        let Some(attempt) = &self.attempt else { return self.can_without_attempt(action) };
        let is_open = session.is_some_and(|session| session.path == Path::new(&attempt.intent.file));
        match action {
            Action::Accept if self.shows_claim() => {
                Err(Why::but("nothing is chosen here.", Action::NextCount, "shows counts and rows"))
            }
            Action::NextCount if self.waits() && !self.is_open_question() => Err("no row has a task yet".into()),
            Action::Accept | Action::Down | Action::Up if self.waits() => Err("no row has a task yet".into()),
            Action::Down | Action::Up if self.shows_claim() => Err("nothing is chosen here".into()),
            Action::Accept if self.table.is_none() => Err(match session {
                None => "no file is open".into(),
                Some(_) if is_open => "the open file holds other rows than were sent".into(),
                Some(_) => {
                    let text = format!("these rows are of {}.", printable(&self.file_name()));
                    Why::naming(text, Action::OpenItsFile, "opens it")
                }
            }),
            Action::DraftToRetry if self.is_open_question() => Err("the outcome is not settled yet".into()),
            Action::DraftToRetry if self.retried().is_empty() => Err("no row of these is to be sent again".into()),
            Action::AskNow if self.look.reading.is_some() && !self.stands => Err("it is being asked".into()),
            Action::AskNow if matches!(self.look.trouble, Some(Trouble::Limited)) => {
                Err("the limit is used up; asking would change nothing".into())
            }
            Action::AskNow if matches!(self.look.trouble, Some(Trouble::Gone(_))) => {
                Err("this address has no tasks to read".into())
            }
            Action::AnotherKey if !matches!(self.look.trouble, Some(Trouble::Refused(_))) => {
                Err("the API key was accepted".into())
            }
            Action::OpenItsFile if is_open => Err("this file is open already".into()),
            Action::OpenItsFile if session.is_some_and(|session| session.draft.is_dirty()) => {
                Err(Why::but("the changes are not saved.", Action::Save, "saves them"))
            }
            Action::StopFollowing if self.stands || self.look.next_ms.is_none() && self.look.reading.is_none() => {
                Err("it stands still already".into())
            }
            Action::ItWasAccepted | Action::ItWasNot => self.can_say(action == Action::ItWasAccepted),
            _ => Ok(()),
        }
    }

    /// Whether the operator may say this of the outcome, for the first time or as a correction.
    fn can_say(&self, accepted: bool) -> Result<(), Why> {
        let Some(attempt) = &self.attempt else { return Err("the ledger is being read".into()) };
        match attempt.settled {
            Some(said) if said.accepted == accepted => Err("you said so already".into()),
            _ if attempt.can_be_settled() || attempt.can_be_corrected() => Ok(()),
            _ => Err("there is nothing to say of its outcome".into()),
        }
    }

    fn can_without_attempt(&self, action: Action) -> Result<(), Why> {
        let needs_attempt = matches!(
            action,
            Action::Accept
                | Action::NextCount
                | Action::DraftToRetry
                | Action::AskNow
                | Action::Curl
                | Action::OpenItsFile
                | Action::AnotherKey
                | Action::StopFollowing
                | Action::Down
                | Action::Up
        );
        match (&self.fault, action) {
            (Some(_), Action::AskNow) => Ok(()),
            (Some(fault), Action::AnotherKey) if fault.needs_key => Ok(()),
            (Some(_), _) if needs_attempt => Err("nothing is followed here".into()),
            (None, _) if needs_attempt => Err("the ledger is being read".into()),
            _ => Ok(()),
        }
    }
}
