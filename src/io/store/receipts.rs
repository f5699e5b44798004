//! What a receipt needs beside its attempt, kept when that begins: counts of the rows, and a digest of each.

use super::{Ledger, StoreError};
use crate::domain::receipt::{Digests, SentFacts};
use rusqlite::{OptionalExtension, params};

pub(super) const STEP: &str = "CREATE TABLE receipt (
        attempt INTEGER PRIMARY KEY REFERENCES attempt (id) ON DELETE CASCADE,
        facts TEXT NOT NULL,
        digests BLOB NOT NULL
     ) STRICT;";

impl Ledger {
    pub fn keep_receipt(&mut self, attempt: i64, facts: &SentFacts, digests: &Digests) -> Result<(), StoreError> {
        // Plain data always serialises.
        let facts = serde_json::to_string(facts).unwrap_or_default();
        self.database.write(|transaction| {
            transaction.execute(
                "INSERT OR REPLACE INTO receipt (attempt, facts, digests) VALUES (?1, ?2, ?3)",
                params![attempt, facts, digests.bytes()],
            )?;
            Ok(())
        })
    }

    /// None for attempts of before receipts were kept.
    pub fn receipt(&self, attempt: i64) -> Result<Option<(SentFacts, Digests)>, StoreError> {
        let found: Option<(String, Vec<u8>)> = self.database.read(|connection| {
            let mut statement = connection.prepare("SELECT facts, digests FROM receipt WHERE attempt = ?1")?;
            statement.query_row([attempt], |row| Ok((row.get("facts")?, row.get("digests")?))).optional()
        })?;
        Ok(found.and_then(|(facts, digests)| Some((serde_json::from_str(&facts).ok()?, Digests::from_bytes(digests)?))))
    }
}
