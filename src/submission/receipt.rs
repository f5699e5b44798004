//! Receipts of the attempts in the ledger.

use super::Submissions;
use crate::domain::outcome::Attempt;
use crate::domain::receipt::Receipt;
use crate::io::store::StoreError;
use std::path::Path;

impl Submissions {
    /// The receipt of an attempt, and the attempt. Without a number that of the newest one of `file`, or else of all.
    /// `with_folder`: the file's folder is in it.
    pub fn receipt(
        &self,
        id: Option<i64>,
        file: Option<&Path>,
        with_folder: bool,
    ) -> Result<Option<(Receipt, Attempt)>, StoreError> {
        let ledger = self.ledger_to_read()?;
        let newest = || -> Result<Option<i64>, StoreError> {
            let all = ledger.attempts(super::LOG)?;
            let of_file = all.iter().find(|attempt| file.is_some_and(|file| Path::new(&attempt.intent.file) == file));
            Ok(of_file.or(all.first()).map(|attempt| attempt.id))
        };
        let Some(id) = id.map_or_else(newest, |id| Ok(Some(id)))? else { return Ok(None) };
        let Some(attempt) = ledger.attempt(id)? else { return Ok(None) };
        let known = ledger.receipt(id)?;
        let receipt = Receipt::of(&attempt, known.as_ref(), instant, with_folder);
        Ok(Some((receipt, attempt)))
    }
}

/// `2026-11-23T13:03:07.112Z`
fn instant(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms).unwrap_or_default().to_string()
}
