//! Templates that the operator keeps, by the bucket of the videos they are for.

use super::{Ledger, StoreError};
use crate::domain::template::SavedTemplate;
use rusqlite::params;

pub(super) const STEP: &str = "CREATE TABLE template (
        bucket TEXT NOT NULL,
        name TEXT NOT NULL,
        text TEXT NOT NULL,
        saved_ms INTEGER NOT NULL,
        PRIMARY KEY (bucket, name)
     ) STRICT, WITHOUT ROWID;";

impl Ledger {
    /// Keeps a template; one of the same name is replaced.
    pub fn keep_template(&mut self, bucket: &str, name: &str, text: &str, now_ms: i64) -> Result<(), StoreError> {
        self.database.write(|transaction| {
            transaction.execute(
                "INSERT INTO template (bucket, name, text, saved_ms) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (bucket, name) DO UPDATE SET text = ?3, saved_ms = ?4",
                params![bucket, name, text, now_ms],
            )?;
            Ok(())
        })
    }

    /// Whether there was one of that name.
    pub fn forget_template(&mut self, bucket: &str, name: &str) -> Result<bool, StoreError> {
        self.database.write(|transaction| {
            let gone =
                transaction.execute("DELETE FROM template WHERE bucket = ?1 AND name = ?2", params![bucket, name])?;
            Ok(gone > 0)
        })
    }

    /// By name.
    pub fn templates(&self, bucket: &str) -> Result<Vec<SavedTemplate>, StoreError> {
        self.database.read(|connection| {
            let mut statement =
                connection.prepare("SELECT name, text, saved_ms FROM template WHERE bucket = ?1 ORDER BY name")?;
            let read = |row: &rusqlite::Row<'_>| {
                Ok(SavedTemplate { name: row.get("name")?, text: row.get("text")?, saved_ms: row.get("saved_ms")? })
            };
            statement.query_map([bucket], read)?.collect()
        })
    }
}
