//! The tasks known so far, each once, and when they were told. This is the evidence that the ledger keeps.

use super::{Patience, Round, Standing, Task};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// After so many rounds everything is read again, in case an old task came late.
const FULL_EVERY: u32 = 10;

/// Local times in Unix milliseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    #[serde(skip)]
    tasks: HashMap<Box<str>, Task>,
    /// Complete rounds.
    pub rounds: u32,
    /// Pages of the last round.
    pub pages: u32,
    /// The first and the last complete answer.
    pub first_asked_ms: Option<i64>,
    pub asked_ms: Option<i64>,
    /// When a task was last new or changed.
    pub news_ms: Option<i64>,
    /// The first answer by which nothing was to come any more, as long as that holds.
    #[serde(default)]
    pub settled_ms: Option<i64>,
    /// The service's clock minus this machine's.
    pub ahead_ms: i64,
    /// Rounds in a row that missed a task they should have met.
    pub disagreed: u32,
}

impl Known {
    pub fn tasks(&self) -> impl Iterator<Item = &Task> {
        self.tasks.values()
    }

    pub fn count(&self) -> usize {
        self.tasks.len()
    }

    /// What is known besides the tasks.
    pub fn without_tasks(&self) -> Known {
        Known { tasks: HashMap::new(), ..*self }
    }

    /// Restores tasks that were kept.
    pub fn restore(&mut self, tasks: impl IntoIterator<Item = Task>) {
        self.tasks.extend(tasks.into_iter().map(|task| (task.id.clone(), task)));
    }

    pub fn has(&self, id: &str) -> bool {
        self.tasks.contains_key(id)
    }

    /// Whether a task is known, and nothing more is to come of it.
    pub fn is_final(&self, id: &str) -> bool {
        self.tasks.get(id).is_some_and(|task| task.status.is_final())
    }

    /// Takes the tasks of a page, created at `since_ms` or later by the service's clock, and those that are ours whenever
    /// they were created. Returns those that are new or changed. A task is known once, however often the pages repeat it.
    pub fn take(&mut self, tasks: &[Task], since_ms: i64, is_ours: impl Fn(&str) -> bool, now_ms: i64) -> Vec<Task> {
        let (mut news, mut moved) = (Vec::new(), false);
        let is_late = |task: &Task| task.created_ms.is_some_and(|created| created >= since_ms);
        for task in tasks.iter().filter(|task| is_late(task) || is_ours(&task.id)) {
            let known = self.tasks.get(&task.id);
            // Pages that were written at different moments tell different states.
            let is_older = known.is_some_and(|known| known.changed_ms.zip(task.changed_ms).is_some_and(|(a, b)| b < a));
            if !is_older && known != Some(task) {
                // A service that only touches its times tells nothing new.
                moved |= known.is_none_or(|known| known.status != task.status);
                self.tasks.insert(task.id.clone(), task.clone());
                news.push(task.clone());
            }
        }
        if moved {
            self.news_ms = Some(now_ms);
        }
        news
    }

    /// A round that need not read what is known and final.
    pub fn next_floor(&self, since_ms: i64) -> i64 {
        if self.rounds.is_multiple_of(FULL_EVERY) || self.disagreed > 0 {
            return since_ms;
        }
        let running =
            self.tasks.values().filter(|task| !task.status.is_final()).filter_map(|task| task.created_ms).min();
        let newest = self.tasks.values().filter_map(|task| task.created_ms).max();
        running.or(newest).unwrap_or(since_ms).max(since_ms)
    }

    /// Whether anything is still to come, by what is known now: no task runs, and all have finished or nothing was new
    /// for a while. It counts from what the tasks and the ledger tell, not from when somebody began to look.
    pub fn settle(&mut self, standing: &Standing, began_ms: i64, patience: &Patience, now_ms: i64) {
        let counts = &standing.counts;
        // What the tasks tell of themselves is earlier than when it was heard.
        let changed = standing.changed_ms.map(|at| at - self.ahead_ms);
        let changed = changed.or(self.news_ms.filter(|_| counts.with_task() > 0));
        let quiet = if counts.with_task() == 0 { patience.silent_ms } else { patience.quiet_ms };
        let is_quiet = now_ms - changed.unwrap_or(began_ms).min(now_ms) >= quiet;
        let is_settled = !standing.runs && (counts.finished() == counts.all() || is_quiet);
        self.settled_ms = is_settled.then(|| self.settled_ms.unwrap_or(now_ms));
    }

    /// A round came to its end.
    pub fn ended(&mut self, round: &Round, now_ms: i64) {
        let missed = self
            .tasks
            .values()
            .any(|task| task.created_ms.is_some_and(|at| at >= round.floor_ms()) && !round.has_seen(&task.id));
        self.disagreed = if missed { self.disagreed + 1 } else { 0 };
        self.rounds += 1;
        self.pages = round.pages();
        self.first_asked_ms.get_or_insert(now_ms);
        self.asked_ms = Some(now_ms);
    }
}
