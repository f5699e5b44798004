//! How many rows are in which state. Each row is counted once.

use super::{State, Status};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "BTreeMap<String, u32>", into = "BTreeMap<String, u32>")]
pub struct Counts {
    of: BTreeMap<State, u32>,
    all: u32,
    /// Rows that a task was made of; None where only the states are known.
    with_task: Option<u32>,
}

/// Not a word that a service would use for a status.
const UNCLEAR: &str = "?";
const NO_TASK: &str = "-";

impl From<BTreeMap<String, u32>> for Counts {
    fn from(kept: BTreeMap<String, u32>) -> Counts {
        let state = |word: String| match &*word {
            UNCLEAR => State::Unclear,
            NO_TASK => State::NoTask,
            _ => State::Of(Status::from(word)),
        };
        let all = kept.values().fold(0u32, |all, count| all.saturating_add(*count));
        Counts { of: kept.into_iter().map(|(word, count)| (state(word), count)).collect(), all, with_task: None }
    }
}

impl From<Counts> for BTreeMap<String, u32> {
    fn from(counts: Counts) -> BTreeMap<String, u32> {
        let word = |state: State| match state {
            State::Unclear => UNCLEAR.to_owned(),
            State::NoTask => NO_TASK.to_owned(),
            State::Of(status) => status.into(),
        };
        counts.of.into_iter().map(|(state, count)| (word(state), count)).collect()
    }
}

impl Counts {
    pub fn of<'a>(states: impl IntoIterator<Item = &'a State>) -> Counts {
        let mut counts = Counts::default();
        for state in states {
            *counts.of.entry(state.clone()).or_default() += 1;
            counts.all += 1;
        }
        counts
    }

    pub fn all(&self) -> u32 {
        self.all
    }

    pub fn get(&self, state: &State) -> u32 {
        self.of.get(state).copied().unwrap_or(0)
    }

    pub fn ready(&self) -> u32 {
        self.get(&State::Of(Status::Ready))
    }

    pub fn failed(&self) -> u32 {
        self.get(&State::Of(Status::Failed))
    }

    /// Ready or failed: these alone move the bar.
    pub fn finished(&self) -> u32 {
        self.ready() + self.failed()
    }

    pub fn running(&self) -> u32 {
        self.of.iter().filter(|(state, _)| state.runs()).map(|(_, count)| count).sum()
    }

    pub fn unclear(&self) -> u32 {
        self.get(&State::Unclear)
    }

    pub fn no_task(&self) -> u32 {
        self.get(&State::NoTask)
    }

    /// Of so many rows a task was made.
    pub fn have_tasks(&mut self, rows: u32) {
        self.with_task = Some(rows);
    }

    /// Rows that a task was made of, as far as is known: not more than all but those without one.
    pub fn with_task(&self) -> u32 {
        self.with_task.unwrap_or_else(|| self.all.saturating_sub(self.no_task()))
    }

    /// Those above 0, in the order they are shown.
    pub fn each(&self) -> impl Iterator<Item = (&State, u32)> {
        self.of.iter().map(|(state, count)| (state, *count))
    }

    /// The whole percent that is finished, never rounded up.
    pub fn percent(&self) -> u32 {
        let share = u64::from(self.finished()) * 100 / u64::from(self.all.max(1));
        u32::try_from(share).unwrap_or(100)
    }
}
