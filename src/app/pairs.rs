//! The background jobs of pairing, as pure functions over all rows: making proposals, counting what became of them,
//! comparing filled rows with their names, and giving all rows with the same question the same answer.

use crate::domain::draft::{Edit, Snapshot};
use crate::domain::evidence::Evidence;
use crate::domain::keys::{Given, KeyList};
use crate::domain::manifest::RowId;
use crate::domain::pair::{self, Comparison, Inputs, Pairing, Progress, Standing, Terms, Verdict};
use crate::domain::row_set::RowSet;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// What to pair.
#[derive(Debug)]
pub struct Pair {
    pub snapshot: Snapshot,
    pub keys: Arc<KeyList>,
    pub given: Arc<Vec<Given>>,
    pub evidence: Option<Evidence>,
    pub terms: Terms,
    /// The current pairing, to tell which proposals are new.
    pub earlier: Option<Arc<Pairing>>,
}

/// The result of a run.
#[derive(Clone, Debug)]
pub struct Paired {
    pub pairing: Arc<Pairing>,
    pub standing: Arc<Standing>,
    /// Number of rows whose proposal changed.
    pub changed: u32,
}

/// Compares rows that have a transcript with their names.
#[derive(Debug)]
pub struct Told {
    pub comparison: Comparison,
    agree: Arc<Vec<RowId>>,
    contradict: Arc<Vec<RowId>>,
    unclear: Arc<Vec<RowId>>,
}

/// What became of the proposals of a pairing.
#[derive(Debug)]
pub struct Stand {
    pub pairing: Arc<Pairing>,
    pub snapshot: Snapshot,
    pub terms: Terms,
    /// Rows that changed since the pairing.
    pub changed: RowSet,
}

/// Gives the answer of one row to all rows with the same question.
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
    /// The rows with this verdict.
    pub fn of(&self, verdict: Verdict) -> &Arc<Vec<RowId>> {
        match verdict {
            Verdict::Agree => &self.agree,
            Verdict::Contradict => &self.contradict,
            Verdict::CannotTell => &self.unclear,
        }
    }
}

impl Stand {
    /// Also whether the changed rows took what was proposed for them: then all other proposals still hold.
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
