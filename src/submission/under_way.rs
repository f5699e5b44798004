//! Between the intent and the outcome: however a send ends, the ledger is told how, now or as soon as it can be.

use super::Submissions;
use crate::domain::outcome::{Ended, How};
use crate::io::store::{Ledger, StoreError};
use std::sync::{Arc, Mutex, PoisonError};

/// Uploads of this process that ended, and whose end is not in the ledger yet: there they look like under way. Whoever
/// opens the ledger next tries again.
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

/// An upload whose intent is in the ledger and whose outcome is not.
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

    /// Writes down how it ended.
    ///
    /// # Errors
    /// When the ledger does not take it now. It is kept, and written when the ledger is opened next.
    pub(super) fn finish(mut self, ended: Ended) -> Result<(), StoreError> {
        self.has_ended = true;
        self.submissions.unwritten.keep(self.id, ended);
        self.submissions.ledger().map(drop)
    }
}

/// Only for a panic, or a task that was given up: then nobody knows how it ended.
impl Drop for UnderWay {
    fn drop(&mut self) {
        if !self.has_ended {
            let ended = Ended { how: How::Interrupted, begun: true, sent: 0, took_ms: 0 };
            self.submissions.unwritten.keep(self.id, ended);
        }
    }
}
