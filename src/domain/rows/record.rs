//! What the ledger keeps of one row, and how many rows are in which state.

use super::RowEnd;
use crate::format::thousands;
use crate::outcome::{Outcome, Settlement};

/// The state of one row of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RowState {
    Accepted,
    Refused,
    Unknown,
    /// Its intent is recorded, its outcome is not. If nobody sends it any more, it is unknown.
    UnderWay,
    NotSent,
}

impl RowState {
    pub const ALL: [RowState; 5] =
        [RowState::Accepted, RowState::Refused, RowState::Unknown, RowState::UnderWay, RowState::NotSent];

    /// `not_sent`, as the ledger and JSON name it.
    pub const fn code(self) -> &'static str {
        match self {
            RowState::Accepted => "accepted",
            RowState::Refused => "refused",
            RowState::Unknown => "unknown",
            RowState::UnderWay => "under_way",
            RowState::NotSent => "not_sent",
        }
    }

    /// `not sent`, for people.
    pub const fn word(self) -> &'static str {
        match self {
            RowState::UnderWay => "under way",
            RowState::NotSent => "not sent",
            state => state.code(),
        }
    }

    pub fn from_code(code: &str) -> Option<RowState> {
        RowState::ALL.into_iter().find(|state| state.code() == code)
    }
}

impl From<Outcome> for RowState {
    fn from(outcome: Outcome) -> RowState {
        match outcome {
            Outcome::Accepted => RowState::Accepted,
            Outcome::NotSent => RowState::NotSent,
            Outcome::Refused => RowState::Refused,
            Outcome::Unknown => RowState::Unknown,
        }
    }
}

/// One row of an attempt, as the ledger keeps it. It holds no link and no key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentRow {
    /// Its place in the file as sent, from 0.
    pub place: u32,
    /// `s3://bucket/key` of the video.
    pub object: String,
    pub state: RowState,
    pub status: Option<u16>,
    /// The service's error code, printable.
    pub code: Option<String>,
    /// The service's words, or why there is no answer. Printable.
    pub message: Option<String>,
    pub task: Option<String>,
    /// When the state began, in Unix milliseconds.
    pub at_ms: i64,
    /// The operator's verdict on an unknown outcome.
    pub settled: Option<Settlement>,
}

impl SentRow {
    /// The intent to send a row, to be recorded before its first byte.
    pub fn intent(place: u32, object: String, at_ms: i64) -> SentRow {
        let (status, code, message, task, settled) = (None, None, None, None, None);
        SentRow { place, object, state: RowState::UnderWay, status, code, message, task, at_ms, settled }
    }

    /// The same row with its outcome.
    #[must_use]
    pub fn ended(self, end: &RowEnd, at_ms: i64) -> SentRow {
        SentRow {
            state: end.outcome.into(),
            status: end.status,
            code: end.code.clone(),
            message: end.message.clone(),
            task: end.task.clone(),
            at_ms,
            ..self
        }
    }

    /// The state that counts: the operator's word decides on an unknown row.
    pub fn state_now(&self) -> RowState {
        match (self.state, self.settled) {
            (RowState::Unknown, Some(word)) if word.accepted => RowState::Accepted,
            (RowState::Unknown, Some(_)) => RowState::NotSent,
            (state, _) => state,
        }
    }
}

/// How many rows are in which state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub accepted: u64,
    pub refused: u64,
    pub unknown: u64,
    pub under_way: u64,
    pub not_sent: u64,
    pub cannot_go: u64,
    /// Of the accepted ones, those that the operator settled: no task id was told for them.
    pub by_word: u64,
    /// When the last row that the ledger knows changed, in Unix milliseconds.
    pub last_ms: Option<i64>,
}

impl Tally {
    /// `count` tells how many rows are in a state.
    pub fn of(count: impl Fn(RowState) -> u64) -> Tally {
        let mut tally = Tally::default();
        RowState::ALL.into_iter().for_each(|state| *tally.at(state) = count(state));
        tally
    }

    pub fn of_states(states: impl IntoIterator<Item = RowState>) -> Tally {
        let mut tally = Tally::default();
        states.into_iter().for_each(|state| *tally.at(state) += 1);
        tally
    }

    fn at(&mut self, state: RowState) -> &mut u64 {
        match state {
            RowState::Accepted => &mut self.accepted,
            RowState::Refused => &mut self.refused,
            RowState::Unknown => &mut self.unknown,
            RowState::UnderWay => &mut self.under_way,
            RowState::NotSent => &mut self.not_sent,
        }
    }

    /// A row goes from one state to another.
    pub fn move_row(&mut self, from: RowState, to: RowState) {
        let from = self.at(from);
        *from = from.saturating_sub(1);
        *self.at(to) += 1;
    }

    /// Rows that can go, whatever became of them.
    pub fn rows(&self) -> u64 {
        self.answered() + self.under_way + self.not_sent
    }

    /// Rows that the service told a task id for.
    pub fn with_task(&self) -> u64 {
        self.accepted.saturating_sub(self.by_word)
    }

    /// Rows that are not to be sent any more.
    pub fn answered(&self) -> u64 {
        self.accepted + self.refused + self.unknown
    }

    /// The outcome of the whole attempt: the worst of its rows.
    pub fn worst(&self) -> Outcome {
        match self {
            Tally { unknown: 1.., .. } | Tally { under_way: 1.., .. } => Outcome::Unknown,
            Tally { refused: 1.., .. } => Outcome::Refused,
            Tally { not_sent: 1.., .. } => Outcome::NotSent,
            Tally { accepted: 1.., .. } => Outcome::Accepted,
            _ => Outcome::NotSent,
        }
    }

    /// `629 accepted, 3 refused, 21 not sent`: those that there are.
    pub fn in_short(&self) -> String {
        let all = [
            (self.accepted, "accepted"),
            (self.refused, "refused"),
            (self.unknown, "unknown"),
            (self.under_way, "under way"),
            (self.not_sent, "not sent"),
        ];
        let told = all.into_iter().filter(|(rows, _)| *rows > 0);
        let told: Vec<String> = told.map(|(rows, word)| format!("{} {word}", thousands(rows))).collect();
        if told.is_empty() { "no row".to_owned() } else { told.join(", ") }
    }

    /// `629 accepted, 3 refused, 1 unknown, 0 not sent`
    pub fn words(&self) -> String {
        let Tally { accepted, refused, unknown, not_sent, .. } = *self;
        let [accepted, refused, unknown, not_sent] = [accepted, refused, unknown, not_sent].map(thousands);
        format!("{accepted} accepted, {refused} refused, {unknown} unknown, {not_sent} not sent")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_row_is_the_outcome_of_the_attempt() {
        use RowState::{Accepted, NotSent, Refused, UnderWay, Unknown};
        for (states, worst) in [
            (&[][..], Outcome::NotSent),
            (&[Accepted, Accepted], Outcome::Accepted),
            (&[Accepted, NotSent], Outcome::NotSent),
            (&[Accepted, NotSent, Refused], Outcome::Refused),
            (&[Accepted, NotSent, Refused, Unknown], Outcome::Unknown),
            (&[Accepted, UnderWay], Outcome::Unknown),
        ] {
            let tally = Tally::of_states(states.iter().copied());
            assert_eq!((tally.worst(), tally.rows()), (worst, states.len() as u64), "{states:?}");
        }
    }

    #[test]
    fn the_operators_word_decides_only_on_an_unknown_row() {
        let row = |state, accepted| SentRow {
            state,
            settled: Some(Settlement { accepted, at_ms: 1 }),
            ..SentRow::intent(0, "s3://b/a.mp4".into(), 0)
        };
        assert_eq!(row(RowState::Unknown, true).state_now(), RowState::Accepted);
        assert_eq!(row(RowState::Unknown, false).state_now(), RowState::NotSent);
        assert_eq!(row(RowState::Refused, true).state_now(), RowState::Refused);
    }

    #[test]
    fn every_state_has_a_code_of_its_own() {
        for state in RowState::ALL {
            assert_eq!(RowState::from_code(state.code()), Some(state));
        }
        assert_eq!(RowState::from_code("done"), None);
    }
}
