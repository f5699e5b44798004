//! The vendor's limits for videos: named, dated tables, and what a video breaks of them (facts/twelvelabs.md §6).

use super::evidence::Index;
use super::rules::{Rule, Severity};
use super::video::Facts;

/// Which table counts, and what is known of the index a video goes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    pub profile: Profile,
}

/// A dated table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Profile {
    /// The page of v1.2 that this program's job is described on.
    #[default]
    V12,
}

/// What a video breaks, or comes near to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    pub rule: Rule,
    pub severity: Severity,
    /// One sentence or two, with the limit and the table's name.
    pub message: String,
}

impl Limits {
    /// What a video of that size in bytes breaks; with the index, what its engines ask for. Nothing is said of what can't be
    /// told.
    pub fn breaches(&self, _facts: &Facts, _size: u64, _index: Option<&Index>) -> Vec<Breach> {
        Vec::new()
    }
}

/// What is wrong with an index as of a moment in unix milliseconds, for a row that has a transcript or has none.
pub fn index_faults(_index: &Index, _now_ms: i64, _has_transcript: bool) -> Vec<Breach> {
    Vec::new()
}
