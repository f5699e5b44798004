//! Between intent and outcome: however a send ends, the ledger records it, now or as soon as possible.

use super::Submissions;
use crate::domain::outcome::{Ended, How};
use crate::io::store::{Ledger, StoreError};
use std::sync::{Arc, Mutex, PoisonError};

/// Finished uploads of this process whose outcome is not in the ledger, where they look unfinished. The next opening of
/// the ledger retries.
#[derive(Debug, Default)]
pub(super) struct Unwritten(Mutex<Vec<(i64, Ended)>>);

impl Unwritten {
    fn keep(&self, id: i64, ended: Ended) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((id, ended));
    }

    pub(super) fn write_into(&self, ledger: &mut Ledger) -> Result<(), StoreError> {
        let mut unwritten = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some((id, ended)) = unwritten.last() {
            ledger.finish(*id, ended)?;
            unwritten.pop();
        }
        Ok(())
    }
}

/// An upload with an intent but no outcome in the ledger.
#[derive(Debug)]
pub(super) struct UnderWay {
    id: i64,
    submissions: Arc<Submissions>,
    has_ended: bool,
}

impl UnderWay {
    pub(super) fn new(id: i64, submissions: Arc<Submissions>) -> UnderWay {
        UnderWay { id, submissions, has_ended: false }
    }

    pub(super) fn id(&self) -> i64 {
        self.id
    }

    /// Records the outcome.
    ///
    /// # Errors
    /// If the ledger fails. The outcome is kept and written when the ledger is opened again.
    pub(super) fn finish(mut self, ended: Ended) -> Result<(), StoreError> {
        self.has_ended = true;
        self.submissions.unwritten.keep(self.id, ended);
        self.submissions.ledger().map(drop)
    }
}

/// Only for a panic or a dropped task: then the outcome is unknown.
impl Drop for UnderWay {
    fn drop(&mut self) {
        if !self.has_ended {
            let ended = Ended { how: How::Interrupted, begun: true, sent: 0, took_ms: 0 };
            self.submissions.unwritten.keep(self.id, ended);
        }
    }
}
