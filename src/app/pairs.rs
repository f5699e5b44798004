//! The jobs of pairing, as pure functions over all rows: proposals, how rows stand to them, filled rows held against their
//! names, and one answer for all rows that ask the same.

use crate::domain::draft::{Edit, Snapshot};
use crate::domain::evidence::Evidence;
use crate::domain::keys::{Given, KeyList};
use crate::domain::manifest::RowId;
use crate::domain::pair::{self, Comparison, Inputs, Pairing, Progress, Standing, Terms, Verdict};
use crate::domain::row_set::RowSet;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// What is paired.
#[derive(Debug)]
pub struct Pair {
    pub snapshot: Snapshot,
    pub keys: Arc<KeyList>,
    pub given: Arc<Vec<Given>>,
    pub evidence: Option<Evidence>,
    pub terms: Terms,
    /// The pairing that is in force, to tell what is new.
    pub earlier: Option<Arc<Pairing>>,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Paired {
    pub pairing: Arc<Pairing>,
    pub standing: Arc<Standing>,
    /// Rows that had another proposal.
    pub changed: u32,
}

/// Rows that have a transcript, held against their names.
#[derive(Debug)]
pub struct Told {
    pub comparison: Comparison,
    agree: Arc<Vec<RowId>>,
    contradict: Arc<Vec<RowId>>,
    unclear: Arc<Vec<RowId>>,
}

/// How the rows of a pairing stand now.
#[derive(Debug)]
pub struct Stand {
    pub pairing: Arc<Pairing>,
    pub snapshot: Snapshot,
    pub terms: Terms,
    /// Rows that changed since it was made.
    pub changed: RowSet,
}

/// What was answered for one row is to be the answer for all that ask the same.
#[derive(Debug)]
pub struct Same {
    pub pairing: Arc<Pairing>,
    pub answered: RowId,
    pub key: u32,
    pub rows: Vec<RowId>,
    pub snapshot: Snapshot,
}

impl Pair {
    fn inputs(&self) -> Inputs<'_> {
        Inputs { given: &self.given, evidence: self.evidence.as_ref(), ..Inputs::new(&self.snapshot, &self.keys) }
    }

    pub fn run(&self, progress: &dyn Fn(Progress), stop: &AtomicBool) -> Option<Paired> {
        let pairing = pair::run(&self.inputs(), progress, stop)?;
        let standing = Standing::of(&pairing, &self.snapshot, &self.terms, stop)?;
        pairing.prepare_words();
        let changed = self.earlier.as_ref().map_or(0, |earlier| pairing.differs(earlier));
        Some(Paired { pairing: Arc::new(pairing), standing: Arc::new(standing), changed })
    }

    pub fn compare(&self, stop: &AtomicBool) -> Option<Told> {
        let comparison = pair::compare(&self.inputs(), &|_| {}, stop)?;
        comparison.pairing.prepare_words();
        let scope = self.terms.scope.as_ref();
        let of = |verdict: Verdict| {
            let rows = comparison.rows.iter().filter(|row| row.verdict == verdict).map(|row| row.row);
            Arc::new(rows.filter(|row| scope.is_none_or(|scope| scope.contains(*row))).collect())
        };
        let (agree, contradict, unclear) = (of(Verdict::Agree), of(Verdict::Contradict), of(Verdict::CannotTell));
        Some(Told { comparison, agree, contradict, unclear })
    }
}

impl Told {
    /// The rows of a verdict.
    pub fn of(&self, verdict: Verdict) -> &Arc<Vec<RowId>> {
        match verdict {
            Verdict::Agree => &self.agree,
            Verdict::Contradict => &self.contradict,
            Verdict::CannotTell => &self.unclear,
        }
    }
}

impl Stand {
    /// And whether the rows that changed hold what was proposed for them, so that all other proposals still hold.
    pub fn run(&self, stop: &AtomicBool) -> Option<(Standing, bool)> {
        let explains = self.pairing.explains(&self.snapshot, &self.changed);
        Some((Standing::of(&self.pairing, &self.snapshot, &self.terms, stop)?, explains))
    }
}

impl Same {
    pub fn run(&self, stop: &AtomicBool) -> Option<Edit> {
        self.pairing.same_for(self.answered, self.key, &self.rows, &self.snapshot, stop)
    }
}
