//! Everything that runs in the background, in one table: what it is, whether `^c` stops it, and what is said of it meanwhile.
//! The spinner, `^c`, failures and late results all read it.

use super::effect::Effect;
use super::msg::JobId;
use std::collections::BTreeMap;

/// What a job does. There is one of a kind at a time: a new one takes the place of the one before. The order is that of
/// importance to whoever waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Task {
    Load,
    Save,
    Apply,
    Find,
    View,
    ListKeys,
    Check,
    /// What a change of many rows would come to.
    Count,
    Plan,
    /// A transcript for every row without one.
    Pair,
    /// How the rows of a pairing stand now.
    Stand,
    /// The filled rows, held against their names.
    Compare,
    /// The same answer for all rows that ask the same.
    Same,
    /// Facts for the gate.
    Prepare,
    Send,
    /// Whoever changes rows is given a moment before proposals are made anew.
    PairPause,
    /// The keys that fit the row of the picker.
    Rank,
    /// The keys that complete what is typed in the editor.
    Complete,
    /// Whoever types is given a moment before keys are looked up.
    TypingPause,
    /// Whoever scrolls is given a moment before visible rows are requested.
    SightPause,
    ReadLog,
    /// Uploads for the foot of a result.
    ReadEarlier,
    ReadAttempt,
    /// Whether the open file holds the bytes of a result.
    Fingerprint,
    ListFiles,
    ReadJournal,
    WriteFile,
    EditText,
    EditFile,
    /// The online checks of the open manifest.
    Online,
}

/// What `^c` does to a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// It is stopped, and nothing is lost.
    Cancel,
    /// It goes on, and that is said.
    Refuse(&'static str),
    /// It has a way of its own to be stopped, or is over before anybody could want that.
    Unasked,
}

impl Task {
    /// What is said of it while it runs; empty for what nobody waits for.
    pub const fn words(self) -> &'static str {
        match self {
            Task::Load => "reading",
            Task::Save => "saving",
            Task::Apply => "changing rows",
            Task::Find => "searching",
            Task::View => "filtering",
            Task::ListKeys => "listing keys",
            Task::Check => "checking",
            Task::Count => "counting",
            Task::Plan => "counting what to ask",
            Task::Pair => "pairing",
            Task::Compare => "comparing with their names",
            Task::Prepare => "looking at the file, the key and the ledger",
            Task::Send => "sending",
            Task::ReadLog => "reading the ledger",
            _ => "",
        }
    }

    pub const fn stop(self) -> Stop {
        match self {
            Task::Apply
            | Task::Find
            | Task::View
            | Task::ListKeys
            | Task::Check
            | Task::Count
            | Task::Plan
            | Task::Pair
            | Task::Compare => Stop::Cancel,
            Task::Save => Stop::Refuse("the file is being saved; that is not stopped half-way"),
            _ => Stop::Unasked,
        }
    }

    /// It is the open manifest's: with another one nobody waits for it.
    const fn is_of_session(self) -> bool {
        matches!(
            self,
            Task::Load
                | Task::Save
                | Task::Apply
                | Task::Find
                | Task::View
                | Task::ListKeys
                | Task::Check
                | Task::Count
                | Task::Plan
                | Task::Pair
                | Task::Stand
                | Task::Compare
                | Task::Same
                | Task::PairPause
                | Task::ReadJournal
                | Task::EditText
                | Task::SightPause
                | Task::Online
        )
    }

    /// It is over by itself, sooner than stopping it would be worth.
    const fn runs_out(self) -> bool {
        matches!(
            self,
            Task::TypingPause | Task::SightPause | Task::PairPause | Task::Online | Task::ReadJournal | Task::Save
        )
    }
}

#[derive(Debug, Default)]
pub struct Jobs {
    last: u64,
    running: BTreeMap<Task, JobId>,
}

impl Jobs {
    /// Starts a job; one of the same kind that still runs is stopped, and its result will not be taken.
    pub fn begin(&mut self, task: Task, effects: &mut Vec<Effect>) -> JobId {
        effects.extend(self.end(task));
        self.last += 1;
        self.running.insert(task, JobId(self.last));
        JobId(self.last)
    }

    /// A part of a job that answers by itself, under the same id.
    pub fn share(&mut self, task: Task, job: JobId) {
        self.running.insert(task, job);
    }

    /// Nobody waits for it any more.
    pub fn end(&mut self, task: Task) -> Option<Effect> {
        let job = self.running.remove(&task)?;
        (!task.runs_out()).then_some(Effect::Cancel(job))
    }

    /// Its result is there: whether it is the one that is waited for.
    pub fn finish(&mut self, task: Task, job: JobId) -> bool {
        let is_awaited = self.awaits(task, job);
        if is_awaited {
            self.running.remove(&task);
        }
        is_awaited
    }

    /// A part of its result is there: whether it is the one that is waited for.
    pub fn awaits(&self, task: Task, job: JobId) -> bool {
        self.running.get(&task) == Some(&job)
    }

    pub fn has(&self, task: Task) -> bool {
        self.running.contains_key(&task)
    }

    pub fn id(&self, task: Task) -> Option<JobId> {
        self.running.get(&task).copied()
    }

    /// It ended without a result. None when nobody waited for it.
    pub fn fail(&mut self, job: JobId) -> Option<Task> {
        let task = self.running.iter().find(|(_, id)| **id == job).map(|(task, _)| *task)?;
        self.running.remove(&task);
        Some(task)
    }

    /// What runs and is worth a word, the most important first.
    pub fn seen(&self) -> impl Iterator<Item = Task> + '_ {
        self.running.keys().copied().filter(|task| !task.words().is_empty())
    }

    /// The open manifest is another one: what ran for the one before is not waited for. A file that is being written is
    /// written all the same.
    pub fn leave_session(&mut self) -> Vec<Effect> {
        let left: Vec<Task> = self.running.keys().copied().filter(|task| task.is_of_session()).collect();
        left.into_iter().filter_map(|task| self.end(task)).collect()
    }

    /// `^c`: stops what can be stopped.
    pub fn stop_all(&mut self) -> Vec<Effect> {
        let stopped: Vec<Task> = self.running.keys().copied().filter(|task| task.stop() == Stop::Cancel).collect();
        stopped.into_iter().filter_map(|task| self.end(task)).collect()
    }

    /// What `^c` does not stop, in words.
    pub fn refusal(&self) -> Option<&'static str> {
        self.running.keys().find_map(|task| match task.stop() {
            Stop::Refuse(why) => Some(why),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_job_of_a_kind_takes_the_place_of_the_older() {
        let (mut jobs, mut effects) = (Jobs::default(), Vec::new());
        let first = jobs.begin(Task::View, &mut effects);
        let second = jobs.begin(Task::View, &mut effects);
        assert!(matches!(effects.as_slice(), [Effect::Cancel(job)] if *job == first));
        assert!(!jobs.finish(Task::View, first));
        assert!(jobs.finish(Task::View, second));
        assert!(!jobs.has(Task::View));
    }

    #[test]
    fn a_job_that_died_leaves_nothing_behind() {
        let mut jobs = Jobs::default();
        let job = jobs.begin(Task::Check, &mut Vec::new());
        assert_eq!(jobs.seen().collect::<Vec<_>>(), [Task::Check]);
        assert_eq!(jobs.fail(job), Some(Task::Check));
        assert_eq!(jobs.fail(job), None);
        assert_eq!(jobs.seen().next(), None);
    }

    #[test]
    fn a_save_is_not_stopped_half_way() {
        let mut jobs = Jobs::default();
        jobs.begin(Task::Save, &mut Vec::new());
        jobs.begin(Task::Find, &mut Vec::new());
        assert_eq!(jobs.stop_all().len(), 1);
        assert!(jobs.has(Task::Save));
        assert!(jobs.refusal().is_some());
    }
}
