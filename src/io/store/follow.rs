//! The rows of an attempt and what following them has told: kept so that it goes on after a restart, also when the file
//! is gone. It, `ledger`, `sent_rows` and `videos` use each other: all of them keep one attempt.

use super::{Ledger, StoreError, sent_rows};
use crate::domain::follow::{Known, SentRow, Task};
use crate::domain::outcome::{Attempt, Followed};
use crate::domain::rows::{RowState, SentRow as OneRow};
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::{HashMap, HashSet};
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
    /// The rows of an attempt; None if they were not kept: by an older cuecard.
    pub fn sent_rows(&self, attempt: i64) -> Result<Option<Vec<SentRow>>, StoreError> {
        self.database.read(|connection| kept_rows(connection, attempt))
    }

    /// The rows of an attempt that may have a task. Row by row, those are the accepted ones, with the ids that the
    /// service told, and those of which nobody knows; a row that was refused or not sent is none of them.
    pub fn followed_rows(&self, attempt: &Attempt) -> Result<Option<Vec<SentRow>>, StoreError> {
        let rows = self.sent_rows(attempt.id)?;
        if !attempt.is_row_by_row() {
            return Ok(rows);
        }
        let begun = self.rows_of(attempt.id)?.into_iter();
        let mut begun: HashMap<u32, OneRow> = begun.map(|row| (row.place, row)).collect();
        let followed = |row: SentRow| {
            let sent = begun.remove(&row.place)?;
            let may_have = matches!(sent.state_now(), RowState::Accepted | RowState::Unknown);
            may_have.then(|| SentRow { is_unknown: sent.task.is_none(), task: sent.task.map(Into::into), ..row })
        };
        Ok(rows.map(|rows| rows.into_iter().filter_map(followed).collect()))
    }

    /// What following an attempt has told so far.
    pub fn known(&self, attempt: i64) -> Result<Option<Known>, StoreError> {
        self.database.read(|connection| known(connection, attempt))
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

fn kept_rows(connection: &Connection, attempt: i64) -> rusqlite::Result<Option<Vec<SentRow>>> {
    let find = "SELECT rows FROM manifest_rows WHERE attempt = ?1";
    let packed: Option<Vec<u8>> = connection.query_row(find, [attempt], |row| row.get(0)).optional()?;
    Ok(packed.and_then(|packed| unpacked(&packed).ok()))
}

pub(super) fn attempt_rows(connection: &Connection, attempt: &Attempt) -> rusqlite::Result<Option<Vec<SentRow>>> {
    let mut rows = kept_rows(connection, attempt.id)?;
    if let Some(rows) = rows.as_mut().filter(|_| attempt.is_row_by_row()) {
        let mut told = sent_rows::tasks_of(connection, attempt.id)?;
        for (place, row) in (0u32..).zip(rows) {
            // A row without an id was not accepted, and is not guessed either.
            row.task = Some(told.remove(&place).unwrap_or_default().into());
        }
    }
    Ok(rows)
}

pub(super) fn known(connection: &Connection, attempt: i64) -> rusqlite::Result<Option<Known>> {
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
}

/// Writing to memory doesn't fail.
pub(super) fn packed(rows: impl Iterator<Item = SentRow>) -> Vec<u8> {
    pack(rows).unwrap_or_default()
}

fn pack(rows: impl Iterator<Item = SentRow>) -> io::Result<Vec<u8>> {
    let mut out = GzEncoder::new(Vec::new(), Compression::fast());
    for row in rows {
        let SentRow { index, object, transcript, length_ms, task, .. } = row;
        serde_json::to_writer(&mut out, &(&*index, object, transcript, length_ms, task))?;
        out.write_all(b"\n")?;
    }
    out.finish()
}

fn unpacked(packed: &[u8]) -> io::Result<Vec<SentRow>> {
    let mut indexes: HashSet<Arc<str>> = HashSet::new();
    let mut rows = Vec::new();
    for (place, line) in (0u32..).zip(BufReader::new(GzDecoder::new(packed)).lines()) {
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
            place,
            index,
            object: object.into(),
            transcript: transcript.into(),
            length_ms,
            task: task.map(Into::into),
            is_unknown: false,
        });
    }
    Ok(rows)
}
