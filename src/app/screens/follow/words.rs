//! What following says: the message line while nothing else was said, the draft in words, the operator's word on an
//! unknown outcome.

use super::Following;
use crate::app::action::Action;
use crate::app::message::{Mark, Message};
use crate::app::msg::Moment;
use crate::domain::follow::{Tone, Trouble, Why as Again};
use crate::domain::format::{counted, thousands};
use crate::domain::outcome::Settlement;

impl Following {
    /// What stands on the message line while nothing was said.
    pub fn words(&self, now: Moment) -> Option<Message> {
        if self.stands {
            return Some(Message::plain("stands still.").offer(Action::AskNow, "goes on"));
        }
        let attempt = self.attempt.as_ref().filter(|_| self.fault.is_none())?;
        if self.has_new_key {
            return Some(Message::plain("asking with the new key"));
        }
        if self.shows_claim() && self.look.trouble.is_none() {
            return Some(Message::new(Mark::Unknown, "outcome unknown, sending again asks for words"));
        }
        let Some(said) = self.look.says(now.unix_ms, |ms| now.tell(ms)) else {
            if self.look.rounds > 0 && self.look.counts().with_task() == 0 {
                return Some(Message::new(Mark::Missing, "no task yet"));
            }
            return attempt.settled.map(|word| by_your_word(word, now));
        };
        let mark = match said.tone {
            Tone::Plain => Mark::Plain,
            Tone::Good => Mark::Fine,
            Tone::Warning => Mark::Warning,
            Tone::Bad => Mark::Error,
        };
        let again = self.retried().len() as u64;
        let drafts = self.look.trouble.is_none() && self.look.is_settled() && again > 0;
        let stop = if drafts { "." } else { "" };
        let mut texts = said.texts.into_iter().map(|text| format!("{text}{stop}"));
        let message = Message::new(mark, texts.next().unwrap_or_default()).or_shorter(texts);
        Some(match &self.look.trouble {
            Some(Trouble::Refused(_)) => message.offer(Action::AnotherKey, "another key"),
            _ if drafts => message.offer_count(Action::DraftToRetry, "makes a draft of #", again),
            _ => message,
        })
    }

    /// `draft of 59 rows: 31 failed, 28 not seen. 6 unclear rows are not in it`
    pub(super) fn draft_words(&self, rows: &[u32]) -> String {
        let state = |at: &u32| self.look.standing.rows.get(*at as usize).map(|row| &row.state);
        let of = |why: Again| rows.iter().filter(|at| state(at).and_then(Again::of) == Some(why)).count() as u64;
        let told = Again::ALL.map(|why| (of(why), why.words())).into_iter().filter(|(count, _)| *count > 0);
        let told: Vec<String> = told.map(|(count, word)| format!("{} {word}", thousands(count))).collect();
        let unclear = match self.look.counts().unclear() {
            0 => String::new(),
            1 => ". 1 unclear row is not in it".to_owned(),
            unclear => format!(". {} unclear rows are not in it", thousands(unclear.into())),
        };
        format!("draft of {}: {}{unclear}", counted(rows.len() as u64, "row"), told.join(", "))
    }
}

/// `settled by you as accepted 14:22:03.  N corrects it`
pub(super) fn by_your_word(word: Settlement, now: Moment) -> Message {
    let (said, other) =
        if word.accepted { ("accepted", Action::ItWasNot) } else { ("not accepted", Action::ItWasAccepted) };
    Message::fine(format!("settled by you as {said} {}.", now.tell(word.at_ms))).offer(other, "corrects it")
}
