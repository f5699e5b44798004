//! Orders the subjects that are waiting, under way, answered or to be reported, without a clock, a network or a task.
//! Each subject is in it once, however many rows name it.

use crate::domain::evidence::{Observation, Observed, Subject};
use crate::domain::manifest::RowId;
use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

/// Most rows reported as being checked now.
const MOST_NOW: usize = 48;

/// Why a subject is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    /// The operator ordered it.
    Order { afresh: bool },
    /// It is visible.
    Sight,
    /// It is part of a sweep.
    Sweep { afresh: bool },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Looked up in the cache.
    Recalling,
    Waits,
    UnderWay,
}

/// A subject without an answer yet.
#[derive(Debug)]
struct Open {
    rows: Vec<RowId>,
    stage: Stage,
    ordered: bool,
    seen: bool,
    swept: bool,
    /// Cached answers don't count.
    afresh: bool,
}

/// A subject whose answer was told. It is not kept here: a session holds a million.
#[derive(Debug)]
struct Answered {
    is_settled: bool,
    /// The sweep during or after which it was answered; 0 before the first.
    sweep: u32,
    /// The last sweep that counted it.
    counted: u32,
}

#[derive(Debug, Default)]
pub(super) struct Queue {
    open: HashMap<Subject, Open>,
    /// By the hash of the subject: of a million, two share one in a case of 30 million. The second is then not asked about.
    known: HashMap<u64, Answered>,
    hashes: RandomState,
    /// Waiting subjects in order. Stale entries stay in and are skipped.
    ordered: VecDeque<Subject>,
    seen: VecDeque<Subject>,
    swept: VecDeque<(RowId, Subject)>,
    /// Subjects to look up next, and those being looked up.
    fresh: VecDeque<(RowId, Subject)>,
    recalling: Vec<(RowId, Subject)>,
    /// Whether there is a cache.
    recalls: bool,
    out: Outbox,
    /// The number of the sweep, and its counts.
    sweep: u32,
    done: u64,
    swept_open: usize,
}

impl Queue {
    pub fn new(recalls: bool) -> Queue {
        Queue { recalls, ..Queue::default() }
    }

    /// Sets what is visible now, nearest first. Earlier visible subjects that are not under way are dropped.
    pub fn look(&mut self, wanted: Vec<(RowId, Subject)>) {
        self.seen.clear();
        self.give_up(|open| open.seen = false);
        for (row, subject) in wanted {
            self.want(row, subject, By::Sight);
        }
    }

    /// Adds a row that wants an answer.
    pub fn want(&mut self, row: RowId, subject: Subject, by: By) {
        if let Some(open) = self.open.get_mut(&subject) {
            if open.rows.last() != Some(&row) {
                open.rows.push(row);
            }
            let is_new = match by {
                By::Order { afresh } => {
                    open.afresh |= afresh;
                    !std::mem::replace(&mut open.ordered, true)
                }
                By::Sight => !std::mem::replace(&mut open.seen, true),
                By::Sweep { afresh } => {
                    open.afresh |= afresh;
                    let is_new = !std::mem::replace(&mut open.swept, true);
                    self.swept_open += usize::from(is_new);
                    is_new
                }
            };
            if is_new && open.stage == Stage::Waits {
                self.line_up(row, &subject, by);
            }
            return;
        }
        if self.is_answered(&subject, by) {
            self.out.put(subject, &[row], None);
            return;
        }
        let (mut ordered, mut seen, mut swept, mut again) = (false, false, false, false);
        match by {
            By::Order { afresh } => (ordered, again) = (true, afresh),
            By::Sight => seen = true,
            By::Sweep { afresh } => (swept, again) = (true, afresh),
        }
        self.swept_open += usize::from(swept);
        let recalls = self.recalls && !again;
        let stage = if recalls { Stage::Recalling } else { Stage::Waits };
        self.open.insert(subject.clone(), Open { rows: vec![row], stage, ordered, seen, swept, afresh: again });
        if recalls {
            self.fresh.push_back((row, subject));
        } else {
            self.line_up(row, &subject, by);
        }
    }

    /// Whether there is an answer that is good enough.
    fn is_answered(&mut self, subject: &Subject, by: By) -> bool {
        let Some(known) = self.known.get_mut(&self.hashes.hash_one(subject)) else { return false };
        match by {
            By::Sight => true,
            By::Order { afresh } => !afresh && known.is_settled,
            By::Sweep { afresh } => {
                // One request per sweep is enough, whatever the answer.
                let is_of_this = known.sweep == self.sweep;
                if is_of_this && known.counted != self.sweep {
                    known.counted = self.sweep;
                    self.done += 1;
                }
                is_of_this || (!afresh && known.is_settled)
            }
        }
    }

    fn line_up(&mut self, row: RowId, subject: &Subject, by: By) {
        match by {
            By::Order { .. } => self.ordered.push_back(subject.clone()),
            By::Sight => self.seen.push_back(subject.clone()),
            By::Sweep { .. } => self.swept.push_back((row, subject.clone())),
        }
    }

    /// Removes a reason to ask. A subject without any reason left is dropped unless it is under way.
    fn give_up(&mut self, take_back: impl Fn(&mut Open)) {
        self.open.retain(|_, open| {
            take_back(open);
            open.ordered || open.seen || open.swept || open.stage == Stage::UnderWay
        });
    }

    /// Subjects to look up in the cache. None while a lookup is running.
    pub fn recall(&mut self, most: usize) -> Option<Vec<Subject>> {
        if !self.recalling.is_empty() || self.fresh.is_empty() {
            return None;
        }
        self.recalling = self.fresh.drain(..most.min(self.fresh.len())).collect();
        Some(self.recalling.iter().map(|(_, subject)| subject.clone()).collect())
    }

    /// The hits of the last [`Queue::recall`]; the other subjects wait to be requested.
    pub fn recalled(&mut self, mut found: HashMap<Subject, Observation>) {
        for (row, subject) in std::mem::take(&mut self.recalling) {
            let Some(open) = self.open.get_mut(&subject).filter(|open| open.stage == Stage::Recalling) else {
                continue;
            };
            if let Some(observation) = found.remove(&subject).filter(|_| !open.afresh) {
                self.answered(&subject, Arc::new(observation));
                continue;
            }
            open.stage = Stage::Waits;
            let (ordered, seen, swept) = (open.ordered, open.seen, open.swept);
            let reasons =
                [(ordered, By::Order { afresh: false }), (seen, By::Sight), (swept, By::Sweep { afresh: false })];
            for (_, by) in reasons.into_iter().filter(|(holds, _)| *holds) {
                self.line_up(row, &subject, by);
            }
        }
    }

    /// The next subject to request, now under way. Orders come before visible subjects, and those before a sweep.
    pub fn next(&mut self, with_sweep: bool) -> Option<Subject> {
        let open = &mut self.open;
        let mut take = |subject: &Subject, holds: fn(&Open) -> bool| {
            let it = open.get_mut(subject).filter(|it| it.stage == Stage::Waits && holds(it))?;
            it.stage = Stage::UnderWay;
            Some(subject.clone())
        };
        let mut next = None;
        while next.is_none()
            && let Some(subject) = self.ordered.pop_front()
        {
            next = take(&subject, |open| open.ordered);
        }
        while next.is_none()
            && let Some(subject) = self.seen.pop_front()
        {
            next = take(&subject, |open| open.seen);
        }
        while next.is_none()
            && with_sweep
            && let Some((_, subject)) = self.swept.pop_front()
        {
            next = take(&subject, |open| open.swept);
        }
        next
    }

    /// Records an answer.
    pub fn answered(&mut self, subject: &Subject, observation: Arc<Observation>) {
        let mut counted = 0;
        if let Some(open) = self.open.remove(subject) {
            if open.swept {
                self.swept_open -= 1;
                self.done += 1;
                counted = self.sweep;
            }
            self.out.put(subject.clone(), &open.rows, Some(Arc::clone(&observation)));
        }
        let answered = Answered { is_settled: observation.is_settled(), sweep: self.sweep, counted };
        self.known.insert(self.hashes.hash_one(subject), answered);
    }

    /// Starts a sweep.
    pub fn begin_sweep(&mut self) {
        self.end_sweep();
        self.sweep += 1;
        self.done = 0;
    }

    /// Drops what only the sweep wanted and is not under way.
    pub fn end_sweep(&mut self) {
        self.swept.clear();
        self.swept_open = 0;
        self.give_up(|open| open.swept = false);
    }

    /// Drops orders that are not under way.
    pub fn drop_orders(&mut self) {
        self.ordered.clear();
        self.give_up(|open| open.ordered = false);
    }

    /// Distinct subjects that the sweep has an answer for.
    pub fn done(&self) -> u64 {
        self.done
    }

    /// Subjects of the sweep without an answer yet.
    pub fn swept_open(&self) -> usize {
        self.swept_open
    }

    /// Subjects waiting for a lookup or request; some may be stale.
    pub fn waiting(&self) -> usize {
        self.ordered.len() + self.seen.len() + self.swept.len() + self.fresh.len() + self.recalling.len()
    }

    /// Rows of the subjects under way, ascending; few.
    pub fn now(&self) -> Vec<RowId> {
        let under_way = self.open.values().filter(|open| open.stage == Stage::UnderWay);
        let mut rows: Vec<RowId> = under_way.flat_map(|open| open.rows.iter().take(4).copied()).collect();
        rows.sort_unstable();
        rows.dedup();
        rows.truncate(MOST_NOW);
        rows
    }

    /// The first row of the sweep that is waiting, or `visited` if all before it are done.
    pub fn next_row(&self, visited: RowId) -> RowId {
        let waits = |(row, subject): &&(RowId, Subject)| {
            *row < visited && self.open.get(subject).is_some_and(|open| open.swept && open.stage != Stage::UnderWay)
        };
        let first = [self.swept.iter().find(waits), self.recalling.iter().find(waits), self.fresh.iter().find(waits)];
        first.into_iter().flatten().map(|(row, _)| *row).min().unwrap_or(visited)
    }

    pub fn out(&mut self) -> &mut Outbox {
        &mut self.out
    }
}

/// Answers to report, each subject once with all its rows.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    batch: Vec<Observed>,
    places: HashMap<Subject, usize>,
    rows: usize,
}

impl Outbox {
    fn put(&mut self, subject: Subject, rows: &[RowId], observation: Option<Arc<Observation>>) {
        self.rows += rows.len();
        let place = self.places.get(&subject).and_then(|place| self.batch.get_mut(*place));
        match place {
            Some(observed) => {
                observed.rows.extend_from_slice(rows);
                observed.observation = observation.or(observed.observation.take());
            }
            None => {
                self.places.insert(subject.clone(), self.batch.len());
                self.batch.push(Observed { rows: rows.to_vec(), subject, observation });
            }
        }
    }

    /// Number of rows to report.
    pub fn rows(&self) -> usize {
        self.rows
    }

    pub fn take(&mut self) -> Vec<Observed> {
        self.places.clear();
        self.rows = 0;
        std::mem::take(&mut self.batch)
    }
}

#[cfg(test)]
mod tests;
