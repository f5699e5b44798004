//! What is worked out over all rows, away from the screen: pure jobs that report how far they are and can be stopped. The
//! runtime gives them a thread, the tests call them.

use super::count::{Chosen, Count};
use super::msg::{JobId, Msg, Progress, RowList};
use super::pairs::{Pair, Same, Stand};
use crate::domain::draft::{Draft, Edit, Snapshot};
use crate::domain::evidence::{Evidence, Plan, Scope};
use crate::domain::findings::Findings;
use crate::domain::keys::{self, KeyList, KeyRef};
use crate::domain::manifest::RowId;
use crate::domain::pair::{Class, Pairing};
use crate::domain::row_set::RowSet;
use crate::domain::search::{self, Query};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

#[derive(Debug)]
pub enum Compute {
    /// Checks all rows, and holds against them what is known already.
    Check {
        snapshot: Snapshot,
        evidence: Evidence,
    },
    /// Which rows the query keeps, in its order.
    View {
        snapshot: Snapshot,
        findings: Option<Arc<Findings>>,
        query: Query,
    },
    /// The nearest row in view that holds the text, from a position of the view on, wrapping round.
    Find {
        snapshot: Snapshot,
        text: String,
        rows: Option<RowList>,
        from: usize,
        forward: bool,
    },
    /// Counts what a check of these rows would ask for.
    Plan {
        snapshot: Snapshot,
        scope: Scope,
        evidence: Evidence,
    },
    Rank(Rank),
    /// Proposes a transcript for every row without one.
    Pair(Box<Pair>),
    /// Holds the filled rows against their names.
    Compare(Box<Pair>),
    /// Counts how the rows of a pairing stand.
    Stand(Stand),
    Same(Same),
    /// Counts what a change of many rows would come to.
    Count(Count),
    /// Changes many rows. It is not stopped: where its result is not waited for any more, nothing has changed.
    Apply {
        draft: Box<Draft>,
        what: Bulk,
    },
}

/// A change of many rows.
#[derive(Debug)]
pub enum Bulk {
    Edit(Edit),
    /// What was counted before.
    Chosen(Chosen),
    /// The sure proposals of these classes.
    Take {
        pairing: Arc<Pairing>,
        classes: Vec<Class>,
        scope: Option<Arc<RowSet>>,
    },
    Undo,
    Redo,
}

impl Bulk {
    /// Changes the draft, and says which rows changed.
    pub fn apply(self, draft: &mut Draft) -> RowSet {
        match self {
            Bulk::Edit(edit) => draft.apply(edit),
            Bulk::Chosen(chosen) => chosen.edit(draft.now()).map(|edit| draft.apply(edit)).unwrap_or_default(),
            Bulk::Take { pairing, classes, scope } => {
                let edit = pairing.take(&classes, scope.as_deref(), draft.now());
                edit.map(|edit| draft.apply(edit)).unwrap_or_default()
            }
            Bulk::Undo => draft.undo().map(|edit| edit.rows).unwrap_or_default(),
            Bulk::Redo => draft.redo().map(|edit| edit.rows).unwrap_or_default(),
        }
    }
}

#[derive(Debug)]
pub struct Rank {
    pub list: Arc<KeyList>,
    /// The video's URL.
    pub object: String,
    pub query: String,
    /// The query is the beginning of a key, not a search.
    pub complete: bool,
    /// To tell which keys other rows use.
    pub snapshot: Snapshot,
    pub findings: Option<Arc<Findings>>,
    pub row: RowId,
    pub limit: usize,
}

impl Compute {
    /// Works it out. `progress` is told what there is so far, as often as it comes; None when it was stopped.
    pub fn run(self, job: JobId, progress: &(dyn Fn(Msg) + Sync), stop: &AtomicBool) -> Option<Msg> {
        let goes_on = || !stop.load(Ordering::Relaxed);
        match self {
            Compute::Check { snapshot, evidence } => {
                let so_far = |done| {
                    progress(Msg::Checking(job, done));
                    goes_on()
                };
                Findings::check_with(&snapshot, evidence, so_far).map(|f| Msg::Checked(job, Box::new(f)))
            }
            Compute::View { snapshot, findings, query } => {
                let so_far = |rows: Vec<RowId>| progress(Msg::Viewed(job, Arc::new(rows), Progress::SoFar));
                let rows = search::run(&query, &snapshot, findings.as_deref(), stop, so_far)?;
                Some(Msg::Viewed(job, Arc::new(rows), Progress::Whole))
            }
            Compute::Find { snapshot, text, rows, from, forward } => {
                let rows = rows.as_ref().map(|rows| rows.as_slice());
                let Some(hit) = search::next(&text, &snapshot, rows, from, forward, stop) else {
                    return goes_on().then_some(Msg::Found(job, None, None));
                };
                // It is gone to at once; counting takes a look at all rows.
                progress(Msg::Found(job, Some(hit), None));
                let place = search::place(&text, &snapshot, rows, hit.at, stop)?;
                Some(Msg::Found(job, Some(hit), Some(place)))
            }
            Compute::Plan { snapshot, scope, evidence } => {
                Plan::of(&snapshot, &scope, &evidence, goes_on).map(|plan| Msg::Planned(job, plan))
            }
            Compute::Rank(rank) => rank.run(job, stop),
            Compute::Pair(pair) => {
                let paired = pair.run(&|at| progress(Msg::Pairing(job, at)), stop)?;
                Some(Msg::Paired(job, Box::new(paired)))
            }
            Compute::Compare(pair) => Some(Msg::Compared(job, Arc::new(pair.compare(stop)?))),
            Compute::Stand(stand) => {
                let (standing, explains) = stand.run(stop)?;
                Some(Msg::Stood(job, Arc::new(standing), explains))
            }
            Compute::Same(same) => {
                let edit = same.run(stop);
                goes_on().then_some(Msg::SameFor(job, edit.map(Arc::new)))
            }
            Compute::Count(count) => {
                let so_far = |done| {
                    progress(Msg::Counting(job, done));
                    goes_on()
                };
                count.run(so_far).map(|counted| Msg::Counted(job, counted))
            }
            Compute::Apply { mut draft, what } => {
                let rows = what.apply(&mut draft);
                Some(Msg::Applied(job, draft, rows))
            }
        }
    }
}

impl Rank {
    fn run(&self, job: JobId, stop: &AtomicBool) -> Option<Msg> {
        let used = |key: &KeyRef<'_>| self.findings.as_ref()?.used_by(&self.snapshot, &key.url(), Some(self.row));
        let Rank { list, query, object, limit, .. } = self;
        if self.complete {
            let mut ranked = keys::complete(list, query, object, &used, *limit, stop)?;
            if ranked.len() < *limit {
                // Any part of a key's name leads to it, what is typed first of all; nothing typed, to the video's own.
                let others = keys::rank(list, object, query, &used, *limit, stop)?.keys;
                let new: Vec<_> =
                    others.into_iter().filter(|other| ranked.iter().all(|it| it.index != other.index)).collect();
                ranked.extend(new);
                ranked.truncate(*limit);
            }
            let matches = u32::try_from(ranked.len()).unwrap_or(u32::MAX);
            return Some(Msg::Ranked(job, ranked, matches));
        }
        let ranking = keys::rank(list, object, query, &used, *limit, stop)?;
        Some(Msg::Ranked(job, ranking.keys, ranking.matches))
    }
}
