//! The tasks that accepted videos become: how each lives on a clock, and how `GET /tasks` shows them.

use super::footage;
use super::manifest::Usable;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::{Duration, Instant};

/// The shape of `GET /tasks`, which changed from version to version.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shape {
    /// Wrapped twice, with a `page_info` that denies its pages and times without a zone.
    V10,
    #[default]
    V12,
    /// `system_metadata` in place of `metadata`.
    V13,
}

/// Of the rows of one transfer, counted from 0: the service fails to index these.
const FAILING: [usize; 2] = [4, 11];

/// Of the rows of one transfer, counted from 0: the service takes it and never shows a task.
const LOST: usize = 9;

/// What became of the videos taken in so far.
#[derive(Debug)]
pub(super) struct Tasks {
    all: Vec<Task>,
    /// The newest task of each index and object.
    newest: HashMap<(String, String), usize>,
    /// From a transfer to its last finished task.
    life: Duration,
    begun: Instant,
    /// The service's time of day then.
    begun_at: Timestamp,
    /// Times that a test let pass at once, by the lives of the tasks: when, and how long. The clock stands still
    /// meanwhile.
    passed: Vec<(Duration, Duration)>,
    pub(super) shape: Shape,
    /// A status that no version documents, in place of `indexing`.
    pub(super) odd_status: Option<String>,
}

#[derive(Clone, Debug)]
struct Task {
    id: String,
    index_id: String,
    object: String,
    /// Since the sandbox began.
    created: Duration,
    fails: bool,
    /// In seconds.
    length: f64,
}

impl Tasks {
    pub(super) fn new(life: Duration, ahead: SignedDuration) -> Tasks {
        Tasks {
            all: Vec::new(),
            newest: HashMap::new(),
            life,
            begun: Instant::now(),
            begun_at: Timestamp::now().saturating_add(ahead).unwrap_or(Timestamp::MAX),
            passed: Vec::new(),
            shape: Shape::default(),
            odd_status: None,
        }
    }

    pub(super) fn let_pass(&mut self, time: Duration) {
        self.passed.push((self.now(), time));
    }

    /// Since the sandbox began, with what was let pass.
    fn now(&self) -> Duration {
        self.begun.elapsed() + self.passed.iter().map(|(_, time)| *time).sum::<Duration>()
    }

    /// The service's time of day.
    pub(super) fn clock(&self) -> Timestamp {
        self.at(self.now())
    }

    fn at(&self, since_begun: Duration) -> Timestamp {
        let skipped = self.passed.iter().map(|(from, time)| since_begun.saturating_sub(*from).min(*time)).sum();
        let passed = SignedDuration::try_from(since_begun.saturating_sub(skipped)).unwrap_or_default();
        self.begun_at.saturating_add(passed).unwrap_or(Timestamp::MAX)
    }

    /// The rows of a transfer become tasks one after another. The service skips a video that its index has already
    /// (guide of cloud-to-cloud transfers), unless it failed.
    pub(super) fn take_transfer(&mut self, rows: &[Usable]) {
        let now = self.now();
        for (at, row) in rows.iter().enumerate() {
            let is_known = self.find(row).is_some_and(|task| !task.fails);
            if at == LOST || is_known {
                continue;
            }
            let appears = self.life.mul_f64(at as f64 / rows.len() as f64 / 4.0);
            self.add(row, now + appears, FAILING.contains(&at));
        }
    }

    /// A video sent by itself becomes a task at once, a second time too. The id is the task's.
    pub(super) fn take_one(&mut self, row: &Usable) -> String {
        let fails = row.object.contains("fails");
        self.add(row, self.now(), fails)
    }

    fn find(&self, row: &Usable) -> Option<&Task> {
        self.all.get(*self.newest.get(&(row.index_id.clone(), row.object.clone()))?)
    }

    fn add(&mut self, row: &Usable, created: Duration, fails: bool) -> String {
        let Usable { index_id, object } = row.clone();
        let id = format!("{:024x}", 0x6620_0000_0000_u64 + self.all.len() as u64);
        self.newest.insert((index_id.clone(), object.clone()), self.all.len());
        let length = length(&object);
        self.all.push(Task { id: id.clone(), index_id, object, created, fails, length });
        id
    }

    /// One page, newest first, and the number of all tasks there are.
    pub(super) fn page(&self, index_id: Option<&str>, skip: usize, take: usize) -> (Vec<Value>, usize) {
        let now = self.now();
        let fit = |task: &&Task| task.created <= now && index_id.is_none_or(|wanted| wanted == task.index_id);
        let total = self.all.iter().filter(fit).count();
        let shown = self.all.iter().rev().filter(fit).skip(skip).take(take);
        (shown.map(|task| self.shown(task, now)).collect(), total)
    }

    pub(super) fn one(&self, id: &str) -> Option<Value> {
        let now = self.now();
        let task = self.all.iter().find(|task| task.id == id && task.created <= now)?;
        Some(self.shown(task, now))
    }

    fn shown(&self, task: &Task, now: Duration) -> Value {
        let age = now.saturating_sub(task.created);
        // The states before the indexing are short. The rest of a life is left to those that come late.
        let step = |share: f64| self.life.mul_f64(share);
        let steps = [
            (step(0.7), if task.fails { "failed" } else { "ready" }),
            (step(0.2), self.odd_status.as_deref().unwrap_or("indexing")),
            (step(0.14), "queued"),
            (step(0.07), "pending"),
            (Duration::ZERO, "validating"),
        ];
        let (since, status) =
            steps.into_iter().find(|(from, _)| age >= *from).unwrap_or((Duration::ZERO, "validating"));
        let written = |at: Duration| match self.shape {
            Shape::V10 => self.at(at).strftime("%Y-%m-%dT%H:%M:%S").to_string(),
            _ => self.at(at).strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string(),
        };
        let name = task.object.split('?').next().and_then(|object| object.rsplit('/').next());
        let mut value = json!({
            "_id": task.id, "index_id": task.index_id, "status": status,
            "created_at": written(task.created), "updated_at": written(task.created + since),
            "type": "index_task_info",
        });
        let metadata = json!({ "filename": name, "duration": task.length, "width": 1920, "height": 1080 });
        let member = if self.shape == Shape::V13 { "system_metadata" } else { "metadata" };
        if let Some(members) = value.as_object_mut() {
            members.insert(member.to_owned(), metadata);
            if status == "ready" {
                members.insert("video_id".to_owned(), json!(task.id));
            }
        }
        value
    }

    /// The whole body of a page.
    pub(super) fn listed(&self, index_id: Option<&str>, page: usize, limit: usize) -> Value {
        let (data, total) = self.page(index_id, (page - 1).saturating_mul(limit), limit);
        let pages = total.div_ceil(limit);
        let (page, pages) = if self.shape == Shape::V10 { (0, 0) } else { (page, pages) };
        let info = json!({ "limit_per_page": limit, "page": page, "total_page": pages, "total_results": total });
        let flat = json!({ "data": data, "page_info": info });
        match self.shape {
            Shape::V10 => json!({ "data": flat, "type": "get_tasks" }),
            _ => flat,
        }
    }
}

/// In seconds: that of the public videos, else one that depends on the name alone.
fn length(object: &str) -> f64 {
    let known = footage::all().into_iter().find(|(key, _)| object.ends_with(key));
    known.map_or_else(
        || {
            let mut hash = DefaultHasher::new();
            object.hash(&mut hash);
            (60 + hash.finish() % 1_740) as f64
        },
        |(_, video)| f64::from(video.milliseconds) / 1_000.0,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(count: usize) -> Vec<Usable> {
        (0..count).map(|at| Usable { index_id: "i".into(), object: format!("s3://b/{at}.mp4") }).collect()
    }

    fn statuses(tasks: &Tasks) -> Vec<String> {
        let (data, _) = tasks.page(None, 0, usize::MAX);
        data.iter().map(|task| task["status"].as_str().unwrap_or_default().to_owned()).collect()
    }

    #[test]
    fn the_rows_of_a_transfer_settle_within_their_life_and_two_fail_and_one_is_never_seen() {
        let mut tasks = Tasks::new(Duration::from_secs(1_000), SignedDuration::ZERO);
        tasks.take_transfer(&rows(40));
        assert_eq!(statuses(&tasks), ["validating"]);
        tasks.let_pass(Duration::from_secs(300));
        let seen = statuses(&tasks);
        assert_eq!(seen.len(), 39);
        assert!(seen.contains(&"indexing".to_owned()) && seen.contains(&"validating".to_owned()), "{seen:?}");
        tasks.let_pass(Duration::from_secs(700));
        let seen = statuses(&tasks);
        assert_eq!(seen.iter().filter(|status| *status == "failed").count(), 2);
        assert_eq!(seen.iter().filter(|status| *status == "ready").count(), 37);
    }

    #[test]
    fn a_second_transfer_makes_tasks_only_of_what_failed_or_was_never_seen() {
        let mut tasks = Tasks::new(Duration::ZERO, SignedDuration::ZERO);
        tasks.take_transfer(&rows(12));
        assert_eq!(tasks.all.len(), 11);
        let again: Vec<Usable> = [4, 9, 11, 3].iter().filter_map(|at| rows(12).get(*at).cloned()).collect();
        tasks.take_transfer(&again);
        assert_eq!(tasks.all.len(), 14);
        assert_eq!(statuses(&tasks).iter().filter(|status| *status == "failed").count(), 2);
    }
}
