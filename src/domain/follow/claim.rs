//! What the tasks say about an attempt whose outcome is unknown. A guess: the operator decides.

use super::Counts;
use crate::format::{length, thousands};
use std::time::Duration;

/// Before this it is too early to say anything from missing tasks.
const EARLY_MS: i64 = 10 * 60 * 1_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// Nine of ten rows or more have a new task.
    VeryLikely,
    Part,
    /// None has, after ten minutes.
    Unlikely,
    TooEarly,
}

impl Claim {
    /// `waited_ms`: since the upload.
    pub fn of(counts: &Counts, waited_ms: i64) -> Claim {
        let (with, all) = (u64::from(counts.with_task()), u64::from(counts.all()));
        match with {
            0 if waited_ms < EARLY_MS => Claim::TooEarly,
            0 => Claim::Unlikely,
            _ if with * 10 >= all * 9 => Claim::VeryLikely,
            _ => Claim::Part,
        }
    }

    /// `12,441 of 12,468 rows have a new task. The manifest was very likely accepted.`
    pub fn words(self, counts: &Counts, waited_ms: i64) -> String {
        let [with, all] = [counts.with_task(), counts.all()].map(|count| thousands(count.into()));
        let have = match (counts.all(), counts.with_task()) {
            (1, _) => format!("{with} of 1 row has"),
            (_, 1) => format!("1 of {all} rows has"),
            _ => format!("{with} of {all} rows have"),
        };
        match self {
            Claim::VeryLikely => format!("{have} a new task. The manifest was very likely accepted."),
            Claim::Part => {
                format!("{have} a new task. Part of it, or somebody else's upload. Wait, or look in the dashboard.")
            }
            Claim::Unlikely => format!(
                "No row has a new task after {}. It looks as if it was not accepted, but nothing proves it.",
                waited(waited_ms)
            ),
            Claim::TooEarly => "No row has a new task yet.".to_owned(),
        }
    }

    /// `very likely accepted`, for one line.
    pub const fn in_short(self) -> &'static str {
        match self {
            Claim::VeryLikely => "very likely accepted",
            Claim::Part => "part of it, or somebody else's upload",
            Claim::Unlikely => "probably not accepted",
            Claim::TooEarly => "too early to say",
        }
    }
}

/// `32 min`, from two hours on `2:05:00`.
fn waited(ms: i64) -> String {
    let seconds = u64::try_from(ms / 1_000).unwrap_or(0);
    if seconds < 7_200 { format!("{} min", seconds / 60) } else { length(Duration::from_secs(seconds)) }
}
