//! The rows of an attempt and what following them has told: kept so that it goes on after a restart, also when the file
//! is gone.

use super::{Ledger, StoreError};
use crate::domain::follow::{Known, SentRow, Task};
use crate::domain::outcome::Followed;
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use rusqlite::{OptionalExtension, params};
use std::collections::HashSet;
use std::io::{self, BufRead, BufReader, Write};
use std::sync::Arc;

/// One row in the ledger: index, object, transcript, length in milliseconds, the task's id.
type Line = (String, String, String, Option<u64>, Option<String>);

pub(super) const STEP: &str = "CREATE TABLE manifest_rows (
        attempt INTEGER PRIMARY KEY REFERENCES attempt (id) ON DELETE CASCADE,
        rows BLOB NOT NULL
     ) STRICT;
     CREATE TABLE followed (
        attempt INTEGER PRIMARY KEY REFERENCES attempt (id) ON DELETE CASCADE,
        known TEXT NOT NULL,
        summary TEXT NOT NULL
     ) STRICT;
     CREATE TABLE followed_task (
        attempt INTEGER NOT NULL REFERENCES attempt (id) ON DELETE CASCADE,
        id TEXT NOT NULL,
        task TEXT NOT NULL,
        PRIMARY KEY (attempt, id)
     ) STRICT, WITHOUT ROWID;";

impl Ledger {
    /// Keeps the rows of an attempt, in the order of the file.
    ///
    /// # Errors
    /// [`StoreError`]; then they can only be read from the file, while it stays as it was sent.
    pub fn keep_manifest_rows(&mut self, attempt: i64, rows: impl Iterator<Item = SentRow>) -> Result<(), StoreError> {
        // Writing to memory doesn't fail.
        let packed = packed(rows).unwrap_or_default();
        self.database.write(|transaction| {
            transaction.execute(
                "INSERT OR REPLACE INTO manifest_rows (attempt, rows) VALUES (?1, ?2)",
                params![attempt, packed],
            )?;
            Ok(())
        })
    }

    /// The rows of an attempt; None if they were not kept: by an older cuecard, or by accident.
    pub fn sent_rows(&self, attempt: i64) -> Result<Option<Vec<SentRow>>, StoreError> {
        let packed: Option<Vec<u8>> = self.database.read(|connection| {
            let find = "SELECT rows FROM manifest_rows WHERE attempt = ?1";
            connection.query_row(find, [attempt], |row| row.get(0)).optional()
        })?;
        Ok(packed.and_then(|packed| unpacked(&packed).ok()))
    }

    /// What following an attempt has told so far.
    pub fn known(&self, attempt: i64) -> Result<Option<Known>, StoreError> {
        self.database.read(|connection| {
            let find = "SELECT known FROM followed WHERE attempt = ?1";
            let kept: Option<String> = connection.query_row(find, [attempt], |row| row.get(0)).optional()?;
            let Some(mut known) = kept.and_then(|kept| serde_json::from_str::<Known>(&kept).ok()) else {
                return Ok(None);
            };
            let mut statement = connection.prepare("SELECT task FROM followed_task WHERE attempt = ?1")?;
            let tasks = statement.query_map([attempt], |row| row.get::<_, String>(0))?;
            let tasks: Vec<String> = tasks.collect::<rusqlite::Result<_>>()?;
            known.restore(tasks.iter().filter_map(|task| serde_json::from_str::<Task>(task).ok()));
            Ok(Some(known))
        })
    }

    /// Keeps what a round has told: the tasks that are new or changed, and what all of them come to.
    pub fn keep_known(
        &mut self,
        attempt: i64,
        known: &Known,
        news: &[Task],
        summary: &Followed,
    ) -> Result<(), StoreError> {
        // Plain data always serialises.
        let text = |value: Result<String, serde_json::Error>| value.unwrap_or_default();
        let (known, summary) = (text(serde_json::to_string(known)), text(serde_json::to_string(summary)));
        self.database.write(|transaction| {
            transaction.execute(
                "INSERT OR REPLACE INTO followed (attempt, known, summary) VALUES (?1, ?2, ?3)",
                params![attempt, known, summary],
            )?;
            let mut statement = transaction
                .prepare_cached("INSERT OR REPLACE INTO followed_task (attempt, id, task) VALUES (?1, ?2, ?3)")?;
            for task in news {
                statement.execute(params![attempt, task.id, text(serde_json::to_string(task))])?;
            }
            Ok(())
        })
    }
}

fn packed(rows: impl Iterator<Item = SentRow>) -> io::Result<Vec<u8>> {
    let mut out = GzEncoder::new(Vec::new(), Compression::fast());
    for row in rows {
        let SentRow { index, object, transcript, length_ms, task } = row;
        serde_json::to_writer(&mut out, &(&*index, object, transcript, length_ms, task))?;
        out.write_all(b"\n")?;
    }
    out.finish()
}

fn unpacked(packed: &[u8]) -> io::Result<Vec<SentRow>> {
    let mut indexes: HashSet<Arc<str>> = HashSet::new();
    let mut rows = Vec::new();
    for line in BufReader::new(GzDecoder::new(packed)).lines() {
        let (index, object, transcript, length_ms, task): Line = serde_json::from_str(&line?)?;
        let index = match indexes.get(&*index) {
            Some(known) => Arc::clone(known),
            None => {
                let new: Arc<str> = index.into();
                indexes.insert(Arc::clone(&new));
                new
            }
        };
        rows.push(SentRow {
            index,
            object: object.into(),
            transcript: transcript.into(),
            length_ms,
            task: task.map(Into::into),
        });
    }
    Ok(rows)
}
