//! Counts the requests of a check of many rows before any is sent.

use super::{Evidence, Share, Subject, SubjectKind};
use crate::draft::Snapshot;
use crate::format::{about, counted, thousands};
use crate::manifest::RowId;
use crate::row_set::RowSet;
use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

/// Default number of concurrent requests (facts/s3.md §5).
pub const AT_ONCE: usize = 16;

/// Assumed time of a request until one is measured.
const USUALLY: Duration = Duration::from_millis(80);

/// Which rows to check, and what in them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// None for all rows.
    pub rows: Option<RowSet>,
    pub transcripts: bool,
    pub videos: bool,
    pub indexes: bool,
    /// Check again even what has an answer.
    pub afresh: bool,
    /// Only what one of several processes asks about; None for everything.
    pub share: Option<Share>,
}

impl Scope {
    pub fn has(&self, kind: SubjectKind) -> bool {
        match kind {
            SubjectKind::Transcript => self.transcripts,
            SubjectKind::Video => self.videos,
            SubjectKind::Index => self.indexes,
        }
    }

    /// The rows in scope, in order.
    pub fn rows<'a>(&'a self, snapshot: &Snapshot) -> Box<dyn Iterator<Item = RowId> + 'a> {
        let len = snapshot.len();
        match &self.rows {
            Some(rows) => Box::new(rows.iter().filter(move |row| *row < len)),
            None => Box::new(0..len),
        }
    }

    /// What a row names, as far as it is in scope; nothing if it is excluded.
    pub fn subjects(&self, snapshot: &Snapshot, row: RowId) -> Vec<Subject> {
        if snapshot.is_excluded(row) {
            return Vec::new();
        }
        let mut subjects = Subject::of_row(&snapshot.row(row), |kind| self.has(kind));
        if let Some(share) = &self.share {
            subjects.retain(|subject| share.has(subject));
        }
        subjects
    }
}

/// What will be checked: distinct subjects without an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    pub transcripts: u64,
    pub videos: u64,
    pub indexes: u64,
    pub buckets: u64,
    /// Distinct subjects with an answer, which are skipped.
    pub known: u64,
}

impl Plan {
    /// Counts subjects. `go_on` is polled now and then; None if it returns false.
    pub fn of(snapshot: &Snapshot, scope: &Scope, evidence: &Evidence, go_on: impl Fn() -> bool) -> Option<Plan> {
        let mut plan = Plan::default();
        let keys = RandomState::new();
        let mut seen: HashSet<u64> = HashSet::new();
        let mut buckets: HashSet<Box<str>> = HashSet::new();
        for (at, row) in scope.rows(snapshot).enumerate() {
            if at % 1024 == 0 && !go_on() {
                return None;
            }
            for subject in scope.subjects(snapshot, row) {
                if !seen.insert(keys.hash_one(&subject)) {
                    continue;
                }
                if !scope.afresh && evidence.get(&subject).is_some_and(|observation| observation.is_settled()) {
                    plan.known += 1;
                    continue;
                }
                match subject.kind() {
                    SubjectKind::Transcript => plan.transcripts += 1,
                    SubjectKind::Video => plan.videos += 1,
                    SubjectKind::Index => plan.indexes += 1,
                }
                if let Some(url) = subject.url()
                    && !buckets.contains(url.bucket())
                {
                    buckets.insert(url.bucket().into());
                }
            }
        }
        plan.buckets = buckets.len() as u64;
        Some(plan)
    }

    /// `9,368 transcripts, 12,480 videos, 2 buckets: 21,850 requests, about 2:05 min`
    pub fn words(&self, each: Option<Duration>) -> String {
        let indexes =
            if self.indexes == 1 { "1 index".to_owned() } else { format!("{} indexes", thousands(self.indexes)) };
        let things: Vec<String> = [
            (self.transcripts, counted(self.transcripts, "transcript")),
            (self.videos, counted(self.videos, "video")),
            (self.indexes, indexes),
            (self.buckets, counted(self.buckets, "bucket")),
        ]
        .into_iter()
        .filter_map(|(number, words)| (number > 0).then_some(words))
        .collect();
        format!("{}: {}, {}", things.join(", "), counted(self.requests(), "request"), about(self.takes(each)))
    }

    /// A lower bound: a video with its header at the end takes two or three.
    pub fn requests(&self) -> u64 {
        self.transcripts + self.videos + self.indexes + self.buckets
    }

    /// Estimated time, at `each` per request.
    pub fn takes(&self, each: Option<Duration>) -> Duration {
        let each = each.unwrap_or(USUALLY);
        let rounds = self.requests().div_ceil(AT_ONCE as u64);
        each.saturating_mul(u32::try_from(rounds).unwrap_or(u32::MAX))
    }
}

/// Progress of a check of many rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Number of the check that this describes; 0 for none.
    pub sweep: u64,
    /// Distinct subjects answered, out of those in the plan.
    pub done: u64,
    pub total: u64,
    /// Rows being checked right now; few.
    pub now: Vec<RowId>,
    /// Rows below this one have been queued; later ones in scope still wait.
    pub next_row: RowId,
    /// Requests sent so far.
    pub requests: u64,
    /// Recent time per request.
    pub each: Option<Duration>,
    pub state: SweepState,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum SweepState {
    /// Only visible rows are checked.
    #[default]
    None,
    Running,
    /// Paused by the operator.
    Paused,
    /// Paused by itself, with the reason.
    Resting(String),
    /// Everything in scope has been requested.
    Done,
}

impl Progress {
    /// Estimated remaining time at the recent rate.
    pub fn left(&self) -> Option<Duration> {
        let rounds = self.total.saturating_sub(self.done).div_ceil(AT_ONCE as u64);
        Some(self.each?.saturating_mul(u32::try_from(rounds).ok()?))
    }
}
