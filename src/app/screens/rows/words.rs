//! What the message line says of a send row by row: while it stands still, when it is over, and of a row that was settled.

use super::{Board, Count};
use crate::app::action::Action;
use crate::app::message::{Mark, Message};
use crate::domain::format::{counted, thousands};
use crate::domain::outcome::About;
use crate::domain::rows::{Hold, RowState, RowsCutOff, Tally};

/// Cells of a message in a narrow window, without its sign.
const NARROW: usize = 74;

impl Board {
    /// What became of the send that was cut off.
    pub fn cut_off_words(&self) -> Option<Message> {
        let RowsCutOff { last, unknown, .. } = self.cut_off?;
        let unknown = if unknown == 0 { String::new() } else { format!("{} unknown, ", thousands(unknown)) };
        let not_sent = thousands(self.count_of(Count::State(RowState::NotSent)));
        let text =
            format!("stopped at row {} when cuecard ended: {unknown}{not_sent} not sent", thousands(last.into()));
        // What goes on stands in the hints.
        Some(Message::new(Mark::Still, text))
    }

    /// Why nothing new goes now. It is worked out with every look: rows under way still come back.
    pub(super) fn stands(&self) -> Option<Message> {
        if let Some(slow) = self.slow {
            return Some(Message::warning(slow.words()));
        }
        let not_sent = self.count_of(Count::State(RowState::NotSent));
        let left = format!("{} not sent", counted(not_sent, "row"));
        let is_still = self.count_of(Count::State(RowState::UnderWay)) == 0;
        if self.is_ending {
            return None;
        }
        Some(match (self.hold, self.wait) {
            (Some(Hold::Paused), _) if is_still => Message::new(Mark::Still, "paused, nothing under way"),
            (Some(Hold::Silent(rows)), _) => {
                let rows = counted(rows.into(), "row");
                Message::warning(format!("paused, {rows} without an answer. {} not sent.", thousands(not_sent)))
                    .offer(Action::PauseRows, "goes on")
            }
            // The keys stand in the hints: the reason and the count need the line.
            (Some(Hold::Stopped(stop)), _) => {
                let text = format!("stopped: {}. {left}", stop.words());
                let short = format!("stopped: {}. {} not sent", stop.words(), thousands(not_sent));
                Message::error(if text.chars().count() > NARROW { short } else { text })
            }
            (None, Some(wait)) if wait.is_told => Message::warning("limit used up, it goes on by itself"),
            (None, Some(_)) => Message::warning("too many requests, no time told: it goes on by itself"),
            _ => return None,
        })
    }

    /// The service refuses the API key.
    pub(super) fn wants_key(&self) -> bool {
        matches!(self.hold, Some(Hold::Stopped(stop)) if matches!(stop.about, About::Key | About::Forbidden))
    }

    pub(super) fn came_to(&self) -> Message {
        let tally = self.tally();
        let are = |rows: u64| if rows == 1 { "is" } else { "are" };
        let were = |rows: u64| if rows == 1 { "was" } else { "were" };
        match tally {
            Tally { unknown: 0, refused: 0, not_sent: 0, accepted, .. } => {
                Message::fine(format!("accepted, {}", counted(accepted, "row")))
            }
            Tally { unknown: 0, refused: 0, not_sent, .. } => {
                Message::plain(format!("{} not sent.", counted(not_sent, "row")))
                    .offer(Action::Submit, "sends the rest")
            }
            Tally { unknown: 0, refused, .. } => {
                Message::warning(format!("{} {} refused", counted(refused, "row"), were(refused)))
            }
            Tally { unknown, refused: 0, .. } => {
                Message::new(Mark::Unknown, format!("{} {} unknown", counted(unknown, "row"), are(unknown)))
            }
            Tally { unknown, refused, .. } => {
                let unknown = format!("{} {} unknown", counted(unknown, "row"), are(unknown));
                Message::new(Mark::Unknown, format!("{unknown}, {} {} refused", thousands(refused), were(refused)))
            }
        }
    }

    /// Whether to leave while rows go, or wait to go on.
    pub(super) fn asks_to_leave(&self) -> Message {
        let (tally, rows) = (self.tally(), self.tally().rows());
        let have = if tally.answered() == 1 || rows == 1 { "has" } else { "have" };
        let answered = format!("{} of {} {have} an answer", thousands(tally.answered()), counted(rows, "row"));
        let question = if self.rests() { "Quit?" } else { "Pause and quit?" };
        Message::plain(format!("{answered}. {question} The rest can go on later")).staying()
    }
}
