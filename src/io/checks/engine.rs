//! The task: takes orders, starts questions, reports answers. The queue decides what comes next, the rate limit how
//! fast, the asker whom to ask.

use super::ask::broken;
use super::cursor::Cursor;
use super::evidence_cache::EvidenceCache;
use super::lanes::Lanes;
use super::queue::{By, Queue};
use super::rate_limit::RateLimit;
use super::{CheckOptions, CheckOrder, Report};
use crate::domain::evidence::{AT_ONCE, Observation, Observed, Progress, Subject, SweepState};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::{Sender, UnboundedReceiver};
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::Instant;

/// How long answers are collected into a batch.
const BATCH: Duration = Duration::from_millis(50);
/// Rows per batch.
const ROWS: usize = 256;
/// Interval between progress reports.
const TELL: Duration = Duration::from_millis(100);
/// Most subjects of a sweep in the queue: enough to keep all requests busy while the next ones are looked up in the
/// cache.
const AHEAD: usize = 512;
/// Rows visited before other work is looked at, and subjects looked up in the cache at once: one by one they would wake
/// the cache's thread and lock its file for each.
const STRIDE: usize = 256;

pub(super) struct Engine {
    at_once: usize,
    lanes: Lanes,
    evidence_cache: Option<EvidenceCache>,
    rate_limit: RateLimit,
    orders: UnboundedReceiver<CheckOrder>,
    reports: Sender<Report>,

    queue: Queue,
    questions: JoinSet<Observation>,
    /// The subject of each question, when it began, and on which lane.
    about: HashMap<Id, (Subject, Instant, usize)>,
    recalling: Option<BoxFuture<'static, HashMap<Subject, Observation>>>,

    cursor: Option<Cursor>,
    /// The number given by the caller; 0 without a sweep.
    sweep: u64,
    state: SweepState,
    total: u64,
    /// Requests sent before the sweep.
    earlier: u64,
    /// Recent duration of a question.
    took: Option<Duration>,

    /// Time of the first answer in the next batch.
    batch_since: Option<Instant>,
    reported: Progress,
    told_at: Instant,
    /// The progress has changed since the last report.
    moved: bool,
}

impl Engine {
    pub fn new(
        lanes: Lanes,
        options: CheckOptions,
        orders: UnboundedReceiver<CheckOrder>,
        reports: Sender<Report>,
    ) -> Engine {
        let now = Instant::now();
        let evidence_cache = options.evidence_cache.and_then(|(folder, places)| EvidenceCache::open(folder, places));
        Engine {
            at_once: options.at_once.clamp(1, 64),
            lanes,
            rate_limit: RateLimit::new(options.per_second, options.shared_by, options.pause, now),
            orders,
            reports,
            queue: Queue::new(evidence_cache.is_some()),
            evidence_cache,
            questions: JoinSet::new(),
            about: HashMap::new(),
            recalling: None,
            cursor: None,
            sweep: 0,
            state: SweepState::None,
            total: 0,
            earlier: 0,
            took: None,
            batch_since: None,
            reported: Progress::default(),
            told_at: now,
            moved: false,
        }
    }

    /// Runs until all senders of orders or the receiver of reports are gone.
    pub async fn run(mut self) {
        let reports = self.reports.clone();
        loop {
            let now = Instant::now();
            let goes_on = self.move_on(now);
            let due = self.report_due(now);
            let wake = self.wakes(now);
            tokio::select! {
                biased;
                order = self.orders.recv() => match order {
                    Some(order) => self.obey(order),
                    None => break,
                },
                room = reports.reserve(), if due => match room {
                    Ok(room) => room.send(self.report()),
                    Err(_) => break,
                },
                Some(end) = self.questions.join_next_with_id(), if !self.questions.is_empty() => self.ended(end),
                found = recalled(&mut self.recalling), if self.recalling.is_some() => {
                    self.recalling = None;
                    self.queue.recalled(found);
                }
                () = tokio::time::sleep_until(wake.unwrap_or(now)), if wake.is_some() => {}
                () = tokio::task::yield_now(), if goes_on => {}
                else => break,
            }
        }
        self.questions.abort_all();
        // Unreported answers are still worth caching.
        self.remember();
        if let Some(evidence_cache) = self.evidence_cache.take() {
            evidence_cache.close().await;
        }
    }

    fn obey(&mut self, order: CheckOrder) {
        self.moved = true;
        match order {
            CheckOrder::Look(wanted) => self.queue.look(wanted),
            CheckOrder::Ask(wanted, afresh) => {
                self.lanes.asker().look_for_key();
                for (row, subject) in wanted {
                    if let Some(url) = subject.url().filter(|_| afresh) {
                        self.lanes.asker().forget_bucket(url.bucket());
                    }
                    self.queue.want(row, subject, By::Order { afresh });
                }
            }
            CheckOrder::Sweep { id, what, total } => {
                let (snapshot, scope) = *what;
                self.lanes.asker().look_for_key();
                if scope.afresh {
                    self.lanes.asker().forget_buckets();
                }
                self.queue.begin_sweep();
                self.rate_limit.forgive();
                self.cursor = Some(Cursor::new(snapshot, scope));
                self.sweep = id;
                self.state = SweepState::Running;
                self.total = total;
                self.earlier = self.lanes.asker().requests();
            }
            CheckOrder::Pause if self.state == SweepState::Running => self.state = SweepState::Paused,
            CheckOrder::Resume if matches!(self.state, SweepState::Paused | SweepState::Resting(_)) => {
                self.rate_limit.forgive();
                self.state = SweepState::Running;
            }
            CheckOrder::Pause | CheckOrder::Resume => {}
            CheckOrder::Stop => {
                self.queue.end_sweep();
                self.queue.drop_orders();
                self.cursor = None;
                self.sweep = 0;
                self.state = SweepState::None;
            }
        }
    }

    /// Starts what may start now. Returns true if there are more rows to visit at once.
    fn move_on(&mut self, now: Instant) -> bool {
        let is_running = self.state == SweepState::Running;
        if self.is_held_up() {
            return false;
        }
        if let Some(cursor) = self.cursor.as_mut().filter(|_| is_running && has_room(&self.queue)) {
            let by = By::Sweep { afresh: cursor.is_afresh() };
            for _ in 0..STRIDE {
                let Some((row, subjects)) = cursor.step() else { break };
                subjects.into_iter().for_each(|subject| self.queue.want(row, subject, by));
                if self.queue.waiting() >= AHEAD || self.queue.out().rows() >= ROWS {
                    break;
                }
            }
        }
        if let Some(evidence_cache) = self.evidence_cache.as_ref().filter(|_| self.recalling.is_none())
            && let Some(subjects) = self.queue.recall(STRIDE)
        {
            self.recalling = Some(evidence_cache.recall(subjects).boxed());
        }
        while self.questions.len() < self.at_once && now >= self.rate_limit.opens() {
            let Some(subject) = self.queue.next(is_running) else { break };
            self.rate_limit.spend(1, now);
            self.moved = true;
            if let Some((id, lane)) = self.lanes.ask(subject.clone(), &mut self.questions) {
                self.about.insert(id, (subject, now, lane));
            }
        }
        if self.queue.out().rows() > 0 {
            self.batch_since.get_or_insert(now);
        }
        let is_over = self.cursor.as_ref().is_none_or(Cursor::is_over);
        if is_running && is_over && self.queue.swept_open() == 0 {
            self.state = SweepState::Done;
        }
        is_running && !is_over && has_room(&self.queue) && !self.is_held_up()
    }

    /// The last batch has not been received yet.
    fn is_held_up(&mut self) -> bool {
        self.queue.out().rows() >= ROWS
    }

    fn ended(&mut self, end: Result<(Id, Observation), JoinError>) {
        let now = Instant::now();
        let (id, observation) = match end {
            Ok((id, observation)) => (id, Some(observation)),
            Err(error) => (error.id(), None),
        };
        let Some((subject, began, lane)) = self.about.remove(&id) else { return };
        self.lanes.ended(lane);
        // A bug here must not leave anyone waiting.
        let observation = observation.unwrap_or_else(|| broken(subject.kind()));
        self.moved = true;
        self.rate_limit.spend(self.lanes.asker().bucket_requests(), now);
        match observation.requests {
            0 => self.rate_limit.refund(),
            requests => {
                self.rate_limit.spend(requests - 1, now);
                let took = now - began;
                self.took = Some(self.took.map_or(took, |before| (before * 15 + took) / 16));
            }
        }
        if let Some(why) = self.rate_limit.heard(&observation, began, now)
            && self.state == SweepState::Running
        {
            self.state = SweepState::Resting(why);
        }
        self.queue.answered(&subject, Arc::new(observation));
        self.batch_since.get_or_insert(now);
    }

    /// When the next timer is due. What is due already waits for the receiver, not for the clock.
    fn wakes(&mut self, now: Instant) -> Option<Instant> {
        let batch = self.batch_since.map(|since| since + BATCH);
        let progress = self.moved.then(|| self.told_at + TELL);
        let may_ask = self.questions.len() < self.at_once && self.queue.waiting() > 0 && !self.is_held_up();
        let rate_limit = may_ask.then(|| self.rate_limit.opens());
        [batch, progress, rate_limit].into_iter().flatten().filter(|at| *at > now).min()
    }

    fn report_due(&mut self, now: Instant) -> bool {
        if self.batch_due(now) || self.state == SweepState::Done {
            return true;
        }
        if self.moved && now >= self.told_at + TELL {
            self.moved = self.progress() != self.reported;
            return self.moved;
        }
        false
    }

    fn batch_due(&mut self, now: Instant) -> bool {
        let rows = self.queue.out().rows();
        let is_old = self.batch_since.is_some_and(|since| now >= since + BATCH);
        rows > 0 && (rows >= ROWS || is_old || self.state == SweepState::Done)
    }

    fn report(&mut self) -> Report {
        let now = Instant::now();
        if self.batch_due(now) {
            return Report::Observed(self.remember());
        }
        let progress = self.progress();
        self.reported = progress.clone();
        self.told_at = now;
        self.moved = false;
        if self.state == SweepState::Done {
            self.state = SweepState::None;
            self.cursor = None;
            self.sweep = 0;
            // Reported once; nothing has changed since.
            self.reported.state = SweepState::None;
            self.reported.sweep = 0;
        }
        Report::Moved(progress)
    }

    /// Caches the unreported answers and returns them.
    fn remember(&mut self) -> Vec<Observed> {
        self.batch_since = None;
        let batch = self.queue.out().take();
        if let Some(evidence_cache) = &self.evidence_cache {
            let new = |it: &Observed| {
                let observation = it.observation.as_ref().filter(|observation| !observation.cached)?;
                Some((it.subject.clone(), Arc::clone(observation)))
            };
            let observed: Vec<_> = batch.iter().filter_map(new).collect();
            if !observed.is_empty() {
                evidence_cache.keep(observed);
            }
        }
        batch
    }

    fn progress(&self) -> Progress {
        let scale = |duration: Duration| duration * AT_ONCE as u32;
        // The average over concurrent requests: with less concurrency, or a rate limit, each takes longer.
        let each = self.took.map(|took| (scale(took) / self.at_once as u32).max(scale(self.rate_limit.every())));
        Progress {
            sweep: self.sweep,
            done: self.queue.done(),
            total: self.total.max(self.queue.done()),
            now: self.queue.now(),
            next_row: self.cursor.as_ref().map_or(self.reported.next_row, |cursor| self.queue.next_row(cursor.row())),
            requests: self.lanes.asker().requests() - self.earlier,
            each,
            state: self.state.clone(),
        }
    }
}

/// Whether the queue has room for a whole stride.
fn has_room(queue: &Queue) -> bool {
    queue.waiting() <= AHEAD - STRIDE
}

async fn recalled(
    recalling: &mut Option<BoxFuture<'static, HashMap<Subject, Observation>>>,
) -> HashMap<Subject, Observation> {
    match recalling {
        Some(recalling) => recalling.await,
        None => std::future::pending().await,
    }
}
