//! The local check of all rows in the background, merged with what was edited or observed while it ran.

use super::{BULK, Changed, Done, Env, Session};
use crate::app::compute::Compute;
use crate::app::effect::Effect;
use crate::app::jobs::Task;
use crate::app::message::Message;
use crate::app::msg::{JobId, PartRead};
use crate::domain::draft::Snapshot;
use crate::domain::evidence::{Evidence, Observed};
use crate::domain::findings::Findings;
use crate::domain::format::{counted, thousands};
use crate::domain::judge::{self, Objection};
use crate::domain::manifest::RowId;
use crate::domain::printable::printable;
use crate::domain::row_set::RowSet;
use std::path::PathBuf;
use std::sync::Arc;

/// A running check of all rows.
#[derive(Debug)]
pub struct Checking {
    /// The rows being checked.
    pub snapshot: Snapshot,
    /// Rows edited since the start: their findings are updated when the result arrives.
    pub touched: RowSet,
    pub done: u32,
    /// Online observations since the start.
    pub observed: Vec<Observed>,
}

impl Session {
    /// The problems a row's transcript would have online if it were `text`, worst first.
    pub fn against_transcript(&self, row: RowId, text: &str) -> Vec<Objection> {
        let findings = self.findings.as_deref();
        findings.map(|f| judge::against_transcript(&self.now().row(row), text, f.evidence())).unwrap_or_default()
    }

    /// Starts a check of all rows; a running one is cancelled.
    pub fn check_again(&mut self, env: &mut Env<'_>) -> Done {
        self.begin_check(env, |job, snapshot, evidence| Effect::Compute(job, Compute::Check { snapshot, evidence }))
    }

    /// Starts a check of all rows that also uses what a part of a divided check learnt.
    pub fn read_part(&mut self, env: &mut Env<'_>, path: PathBuf) -> Done {
        self.begin_check(env, |job, snapshot, evidence| Effect::ReadPart { job, path, snapshot, evidence })
    }

    fn begin_check(&mut self, env: &mut Env<'_>, check: impl FnOnce(JobId, Snapshot, Evidence) -> Effect) -> Done {
        let mut done = Done::nothing();
        let job = env.jobs.begin(Task::Check, &mut done.effects);
        let (snapshot, limits) = (self.now().clone(), env.options.limits);
        self.checking =
            Some(Checking { snapshot: snapshot.clone(), touched: RowSet::new(), done: 0, observed: Vec::new() });
        let evidence = self.findings.as_ref().map_or_else(|| Evidence::new(limits), |f| f.evidence().clone());
        done.effects.push(check(job, snapshot, evidence));
        done
    }

    /// The part is read, and its check goes on; or it can't be used.
    pub fn part_read(&mut self, env: &mut Env<'_>, job: JobId, read: Result<PartRead, String>) -> Done {
        if !env.jobs.awaits(Task::Check, job) {
            return Done::nothing();
        }
        let PartRead { shard, answers, when } = match read {
            Ok(read) => read,
            Err(why) => {
                env.jobs.finish(Task::Check, job);
                // The check that this one replaced.
                return self.check_again(env).then(Done::said(Message::error(printable(&why).into_owned())));
            }
        };
        // Parts of another division are another check.
        self.parts.retain(|part| part.of == shard.of);
        let is_new = self.parts.insert(shard);
        let so_far = format!("{} of {}", thousands(self.parts.len() as u64), counted(shard.of.into(), "part"));
        let text = match is_new {
            true => format!("part {} of {}, asked {when}: {}", shard.number, shard.of, counted(answers, "answer")),
            false => format!("part {} of {} was taken in before", shard.number, shard.of),
        };
        Done::said(Message::fine(format!("{text}; {so_far} taken in")))
    }

    pub fn checking(&mut self, env: &mut Env<'_>, job: JobId, done: u32) -> Done {
        if let Some(checking) = self.checking.as_mut().filter(|_| env.jobs.awaits(Task::Check, job)) {
            checking.done = done;
        }
        Done::nothing()
    }

    pub fn checked(&mut self, env: &mut Env<'_>, job: JobId, mut findings: Findings) -> Done {
        if !env.jobs.finish(Task::Check, job) {
            return Done::nothing();
        }
        let Some(checking) = self.checking.take() else { return Done::nothing() };
        let now = self.now().clone();
        if checking.touched.len() > BULK {
            // Updating this many rows would delay the next keystroke.
            findings.observe(&checking.snapshot, &checking.observed);
            self.findings = Some(Arc::new(findings));
            self.findings_of = checking.snapshot.revision();
            return self.check_again(env);
        }
        findings.update(&checking.snapshot, &now, &checking.touched);
        let affected = findings.observe(&now, &checking.observed);
        self.online.affected(&affected);
        self.findings = Some(Arc::new(findings));
        self.findings_of = now.revision();
        let done = Done::changed(Changed::FINDINGS).then(self.tell_other_rows(env));
        if self.view.awaits_findings { done.then(self.refresh(env)) } else { done }
    }

    /// A job ended without a result: stops waiting for it.
    pub fn job_failed(&mut self, task: Task) {
        match task {
            Task::Cues => self.cues.failed(),
            Task::Check => self.checking = None,
            Task::Apply => self.applying = None,
            Task::Save => self.saving = None,
            Task::Plan => self.online.not_planned(),
            Task::Pair => self.proposals.progress = None,
            Task::ListKeys(id) => self.reading_failed(id),
            _ => {}
        }
    }
}
