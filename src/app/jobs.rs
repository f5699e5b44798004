//! Table of running jobs: kind, whether an interrupt stops them, and their status text. The spinner, interrupts,
//! failures and the check for stale results use it.

use super::effect::Effect;
use super::msg::{JobId, SourceId};
use std::collections::BTreeMap;

/// Kind of a job. At most one of each kind runs: a new one replaces it. Ordered by importance to the operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Task {
    Load,
    Save,
    Apply,
    Find,
    View,
    /// Reads a source of S3 keys.
    ListKeys(SourceId),
    /// Merges the S3 keys of all sources.
    Gather,
    /// Looks for transcripts that were not found among the keys, in another case.
    Spell,
    /// Learns a template from rows filled by hand.
    Learn,
    /// Learns a template from one answer.
    LearnAnswer,
    /// Reads, saves or forgets templates.
    Templates,
    /// Looks for possible sources of S3 keys.
    FindBuckets,
    FindLists,
    CompletePath,
    Check,
    /// Counts what a bulk change would do.
    Count,
    /// Compares an edited manifest with a fresh export.
    Merge,
    Plan,
    /// A transcript for every row without one.
    Pair,
    /// How the rows of a pairing stand now.
    Stand,
    /// The filled rows, held against their names.
    Compare,
    /// What the edits come to.
    Sums,
    /// The same answer for all rows that ask the same.
    Same,
    /// Collects the facts for the gate.
    Prepare,
    Send,
    SendRows,
    /// Whoever changes rows is given a moment before proposals are made anew.
    PairPause,
    /// Ranks S3 keys for the picker's row.
    Rank,
    /// Completes the editor's text from the S3 keys.
    Complete,
    /// Reads two transcripts for their first difference.
    Cues,
    /// Debounce: S3 keys are looked up once typing pauses.
    TypingPause,
    /// Debounce: visible rows are checked online once scrolling pauses.
    SightPause,
    ReadLog,
    /// Reads the uploads listed at the foot of a result.
    ReadEarlier,
    ReadAttempt,
    /// Reads a receipt and compares a file with it.
    ReadReceipt,
    /// Follows the rows of an attempt.
    Follow,
    /// Writes a draft of rows to send again.
    Draft,
    /// Looks in the ledger for the rows of the file that was opened.
    LookBack,
    /// Hashes the open file to compare it with a result's bytes.
    Fingerprint,
    ListFiles,
    ReadJournal,
    WriteFile,
    EditText,
    EditFile,
    /// Online checks of the open manifest.
    Online,
}

/// What an interrupt does to a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Cancels it; nothing is lost.
    Cancel,
    /// Lets it go on and says why.
    Refuse(&'static str),
    /// Ignores it: it is stopped elsewhere, or ends too soon to matter.
    Unasked,
}

impl Task {
    /// Status text while it runs; empty for a job the operator does not wait for.
    pub const fn words(self) -> &'static str {
        match self {
            Task::Load => "reading",
            Task::Save => "saving",
            Task::Apply => "changing rows",
            Task::Find => "searching",
            Task::View => "filtering",
            Task::ListKeys(_) => "listing keys",
            Task::Check => "checking",
            Task::Count => "counting",
            Task::Merge => "comparing the files",
            Task::Plan => "counting what to check",
            Task::Pair => "pairing",
            Task::Compare => "comparing with their names",
            Task::Sums => "counting the changes",
            Task::Prepare => "checking the file, the key and the ledger",
            Task::Send => "sending",
            Task::SendRows => "sending, 4 at once",
            Task::ReadLog => "reading the ledger",
            Task::ReadReceipt => "reading the receipt",
            Task::Follow => "following",
            Task::Draft => "writing the draft",
            _ => "",
        }
    }

    pub const fn stop(self) -> Stop {
        match self {
            Task::Apply
            | Task::Find
            | Task::View
            | Task::ListKeys(_)
            | Task::Check
            | Task::Count
            | Task::Merge
            | Task::Plan
            | Task::Pair
            | Task::Sums
            | Task::Compare => Stop::Cancel,
            Task::Save => Stop::Refuse("the file is being saved; a save is not stopped half-way"),
            _ => Stop::Unasked,
        }
    }

    /// It belongs to the open manifest and ends with it.
    const fn is_of_session(self) -> bool {
        matches!(
            self,
            Task::Load
                | Task::Save
                | Task::Apply
                | Task::Find
                | Task::View
                | Task::ListKeys(_)
                | Task::Gather
                | Task::Spell
                | Task::Learn
                | Task::Templates
                | Task::Check
                | Task::Count
                | Task::Merge
                | Task::Plan
                | Task::Pair
                | Task::Stand
                | Task::Compare
                | Task::Sums
                | Task::Same
                | Task::PairPause
                | Task::ReadJournal
                | Task::LookBack
                | Task::EditText
                | Task::Cues
                | Task::SightPause
                | Task::Online
        )
    }

    /// It is never cancelled: it is brief, shares another job's id, or must complete.
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
    /// Starts a job and returns its id. A running job of the same kind is cancelled and its late result dropped.
    pub fn begin(&mut self, task: Task, effects: &mut Vec<Effect>) -> JobId {
        effects.extend(self.end(task));
        self.last += 1;
        self.running.insert(task, JobId(self.last));
        JobId(self.last)
    }

    /// Registers a part of a job that reports separately, under the same id.
    pub fn share(&mut self, task: Task, job: JobId) {
        self.running.insert(task, job);
    }

    /// Ends interest in a job: a late result is dropped. Returns the effect that stops the job, if it needs one.
    pub fn end(&mut self, task: Task) -> Option<Effect> {
        let job = self.running.remove(&task)?;
        (!task.runs_out()).then_some(Effect::Cancel(job))
    }

    /// Takes a job whose result arrived off the table; false when the result is stale.
    pub fn finish(&mut self, task: Task, job: JobId) -> bool {
        let is_awaited = self.awaits(task, job);
        if is_awaited {
            self.running.remove(&task);
        }
        is_awaited
    }

    /// Whether a partial result belongs to the running job; false when it is stale.
    pub fn awaits(&self, task: Task, job: JobId) -> bool {
        self.running.get(&task) == Some(&job)
    }

    pub fn has(&self, task: Task) -> bool {
        self.running.contains_key(&task)
    }

    /// Whether a source of S3 keys is being read.
    pub fn reads_keys(&self) -> bool {
        self.running.keys().any(|task| matches!(task, Task::ListKeys(_)))
    }

    pub fn id(&self, task: Task) -> Option<JobId> {
        self.running.get(&task).copied()
    }

    /// Takes a job that ended without a result off the table; None when it is not there.
    pub fn fail(&mut self, job: JobId) -> Option<Task> {
        let task = self.running.iter().find(|(_, id)| **id == job).map(|(task, _)| *task)?;
        self.running.remove(&task);
        Some(task)
    }

    /// Running jobs that have a status text, most important first.
    pub fn seen(&self) -> impl Iterator<Item = Task> + '_ {
        self.running.keys().copied().filter(|task| !task.words().is_empty())
    }

    /// Ends the jobs of the open manifest when another takes its place. A save in progress still completes.
    pub fn leave_session(&mut self) -> Vec<Effect> {
        self.of_session().into_iter().filter_map(|task| self.end(task)).collect()
    }

    /// The running jobs of the open manifest.
    pub fn of_session(&self) -> Vec<Task> {
        self.running.keys().copied().filter(|task| task.is_of_session()).collect()
    }

    /// Cancels all jobs that an interrupt stops.
    pub fn stop_all(&mut self) -> Vec<Effect> {
        let stopped: Vec<Task> = self.running.keys().copied().filter(|task| task.stop() == Stop::Cancel).collect();
        stopped.into_iter().filter_map(|task| self.end(task)).collect()
    }

    /// Why an interrupt does not stop a running job; None when none refuses.
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
    fn failed_job_leaves_the_job_table() {
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
