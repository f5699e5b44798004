//! The rows of attempts that were sent row by row: each row's intent before its first byte, its outcome afterwards. A row
//! whose intent has no outcome, and whose process is gone, is unknown. It, `ledger`, `follow` and `videos` use each other: an attempt
//! is kept there, and its layout here.

use super::ledger::{BeginError, Ledger, compared, earlier, one, signed};
use super::videos::{self, RowsToKeep, rows_before};
use super::{StoreError, trust::SetAside};
use crate::domain::outcome::{Attempt, How, Intent, Outcome, Settlement};
use crate::domain::request::Fingerprint;
use crate::domain::rows::{RowState, RowsCutOff, SentRow, Tally};
use crate::io::process::own;
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::collections::HashMap;

pub(super) const STEP: &str = "CREATE TABLE sent_row (
        attempt INTEGER NOT NULL REFERENCES attempt (id) ON DELETE CASCADE,
        place INTEGER NOT NULL,
        key BLOB NOT NULL,
        object TEXT NOT NULL,
        state TEXT NOT NULL,
        status INTEGER,
        code TEXT,
        message TEXT,
        task TEXT,
        at_ms INTEGER NOT NULL,
        settled_accepted INTEGER,
        settled_ms INTEGER,
        PRIMARY KEY (attempt, place)
     ) STRICT, WITHOUT ROWID;";

/// How many rows of an attempt could go, sent or not: counted when it begins or goes on, not with every look.
pub(super) const ABLE_STEP: &str = "ALTER TABLE attempt ADD COLUMN able INTEGER;
     UPDATE attempt SET able = (SELECT count(*) FROM sent_video WHERE sent_video.attempt = attempt.id)
        WHERE address LIKE '%/tasks' AND EXISTS (SELECT 1 FROM sent_video WHERE sent_video.attempt = attempt.id);";

/// What a row is in when its process ended first.
const INTERRUPTED: &str = "cuecard ended before the answer was recorded";

/// An attempt that may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowsBegun {
    pub id: i64,
    /// It was begun before.
    pub is_resumed: bool,
    /// Rows that were under way when cuecard ended: unknown from now on.
    pub interrupted: u64,
}

impl Ledger {
    /// Commits the intent to send a file row by row, or takes up the attempt with the same bytes at the same address:
    /// no row is asked twice. `rows` are those that are to go: where one of them was accepted by now, or may have been, or
    /// the bytes as a whole, none goes.
    ///
    /// # Errors
    /// [`BeginError`]; in any case nothing may be sent.
    pub fn begin_rows(&mut self, intent: &Intent, rows: &RowsToKeep, again: bool) -> Result<RowsBegun, BeginError> {
        let not_known: Option<SetAside> = self.set_aside().filter(|_| !again).cloned();
        self.database.write(|transaction| {
            let before = earlier(transaction, &intent.fingerprint, &intent.address, false)?;
            if let Some(blocking) = before.blocking {
                return Ok(Err(BeginError::SentBefore(blocking)));
            }
            let goes_on = attempt_of(transaction, &intent.fingerprint, &intent.address)?;
            let other = goes_on.map(|id| one(transaction, id)).transpose()?.flatten();
            if let Some(other) = other.filter(|attempt| attempt.under_way) {
                return Ok(Err(BeginError::SentBefore(Box::new(other))));
            }
            let before = rows_before(transaction, &compared(intent, rows, goes_on))?;
            if before.blocks() {
                return Ok(Err(BeginError::RowsSentBefore(Box::new(before))));
            }
            if let Some(id) = goes_on {
                transaction.execute(
                    "UPDATE attempt SET process = ?2, identity = ?3, outcome = NULL, how = NULL, cause = NULL,
                        key_origin = ?4 WHERE id = ?1",
                    params![id, own().process, own().identity, intent.key_origin],
                )?;
                let interrupted = transaction.execute(
                    "UPDATE sent_row SET state = 'unknown', message = ?2 WHERE attempt = ?1 AND state = 'under_way'",
                    params![id, INTERRUPTED],
                )?;
                videos::keep(transaction, id, rows)?;
                count_able(transaction, id)?;
                return Ok(Ok(RowsBegun { id, is_resumed: true, interrupted: interrupted as u64 }));
            }
            if let Some(aside) = not_known {
                return Ok(Err(BeginError::NotKnown(aside)));
            }
            let id = Ledger::insert(transaction, intent)?;
            videos::keep(transaction, id, rows)?;
            count_able(transaction, id)?;
            Ok(Ok(RowsBegun { id, is_resumed: false, interrupted: 0 }))
        })?
    }

    /// Records intents and outcomes of rows, all in one transaction. An intent must be on disk before its first byte
    /// leaves. A row with an outcome other than not sent keeps it.
    ///
    /// # Errors
    /// Then nothing more may be sent. A row whose intent is recorded twice is an error of cuecard, and is not sent.
    pub fn keep_rows(&mut self, attempt: i64, rows: &[SentRow]) -> Result<(), StoreError> {
        self.database.write(|transaction| {
            let mut statement = transaction.prepare_cached(
                "INSERT INTO sent_row (attempt, place, object, state, status, code, message, task, at_ms)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
                 ON CONFLICT (attempt, place) DO UPDATE SET state = excluded.state, status = excluded.status,
                    code = excluded.code, message = excluded.message, task = excluded.task, at_ms = excluded.at_ms,
                    settled_accepted = NULL, settled_ms = NULL
                 WHERE CASE excluded.state WHEN 'under_way' THEN sent_row.state = 'not_sent'
                    OR sent_row.state = 'unknown' AND sent_row.settled_accepted = 0
                    ELSE sent_row.state = 'under_way' END",
            )?;
            for row in rows {
                let changed = statement.execute(params![
                    attempt,
                    row.place,
                    row.object,
                    row.state.code(),
                    row.status,
                    row.code,
                    row.message,
                    row.task,
                    row.at_ms,
                ])?;
                if changed != 1 {
                    return Err(rusqlite::Error::StatementChangedRows(changed));
                }
            }
            Ok(())
        })
    }

    /// Nothing of this attempt is under way in this process any more: its outcome is the worst of its rows. Rows left
    /// without an outcome are unknown. `not_sent` rows were not begun.
    pub fn finish_rows(&mut self, attempt: i64, not_sent: u64, sent: u64, took_ms: u64) -> Result<(), StoreError> {
        self.database.write(|transaction| {
            transaction.execute(
                "UPDATE sent_row SET state = 'unknown', message = ?2 WHERE attempt = ?1 AND state = 'under_way'",
                params![attempt, INTERRUPTED],
            )?;
            let mut tally = tally(transaction, attempt)?;
            tally.not_sent = tally.not_sent.max(not_sent);
            transaction.execute(
                "UPDATE attempt SET outcome = ?2, how = 'row_by_row', begun = 1, sent = coalesce(sent, 0) + ?4,
                    took_ms = coalesce(took_ms, 0) + ?3 WHERE id = ?1",
                params![attempt, outcome_of(&tally), signed(took_ms), signed(sent)],
            )?;
            Ok(())
        })
    }

    /// The attempt with these bytes at this address, if its process ended before it did.
    pub fn cut_off(&self, fingerprint: &Fingerprint, address: &str) -> Result<Option<RowsCutOff>, StoreError> {
        self.database.read(|connection| {
            let found = attempt_of(connection, fingerprint, address)?;
            let found = found.map(|id| one(connection, id)).transpose()?.flatten();
            // Without an outcome, and nobody sends it.
            let is_cut_off = |attempt: &Attempt| !attempt.under_way && matches!(attempt.ended.how, How::Interrupted);
            let Some(attempt) = found.filter(is_cut_off) else { return Ok(None) };
            let find = "SELECT coalesce(max(place) + 1, 0), count(*) FILTER (WHERE state = 'under_way'),
                    count(*) FILTER (WHERE state <> 'not_sent') FROM sent_row WHERE attempt = ?1";
            let read = |row: &Row<'_>| Ok((row.get(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?));
            let (last, unknown, begun) = connection.query_row(find, [attempt.id], read)?;
            let all = "SELECT count(*) FROM sent_video WHERE attempt = ?1";
            let all: i64 = connection.query_row(all, [attempt.id], |row| row.get(0))?;
            let count = |count: i64| u64::try_from(count).unwrap_or(0);
            let (unknown, not_sent) = (count(unknown), count(all - begun));
            Ok(Some(RowsCutOff { attempt: attempt.id, last, unknown, not_sent }))
        })
    }

    /// The rows of an attempt that were begun, in the file's order.
    pub fn rows_of(&self, attempt: i64) -> Result<Vec<SentRow>, StoreError> {
        self.database.read(|connection| {
            let is_gone = one(connection, attempt)?.is_none_or(|attempt| !attempt.under_way);
            let mut statement = connection.prepare("SELECT * FROM sent_row WHERE attempt = ?1 ORDER BY place")?;
            statement.query_map([attempt], |row| sent_row(row, is_gone))?.collect()
        })
    }

    /// The places of the rows of an attempt that could go, in the file's order.
    pub fn able_rows(&self, attempt: i64) -> Result<Vec<u32>, StoreError> {
        self.database.read(|connection| {
            let mut statement = connection.prepare("SELECT place FROM sent_video WHERE attempt = ?1 ORDER BY place")?;
            statement.query_map([attempt], |row| row.get(0))?.collect()
        })
    }

    /// How many rows of an attempt are in which state. None for a whole upload.
    pub fn tally(&self, attempt: i64) -> Result<Option<Tally>, StoreError> {
        Ok(self.attempt(attempt)?.and_then(|attempt| attempt.tally))
    }

    /// The attempt with these bytes at this address, which a send row by row takes up.
    pub fn rows_attempt(&self, fingerprint: &Fingerprint, address: &str) -> Result<Option<i64>, StoreError> {
        self.database.read(|connection| attempt_of(connection, fingerprint, address))
    }

    /// Records or corrects the operator's verdict on an unknown row. False if the row is not unknown, or it says so
    /// already.
    pub fn settle_row(&mut self, attempt: i64, place: u32, word: Settlement) -> Result<bool, StoreError> {
        self.database.write(|transaction| {
            if one(transaction, attempt)?.is_none_or(|attempt| attempt.under_way) {
                return Ok(false);
            }
            let changed = transaction.execute(
                "UPDATE sent_row SET settled_accepted = ?3, settled_ms = ?4 WHERE attempt = ?1 AND place = ?2
                    AND state IN ('unknown', 'under_way') AND settled_accepted IS NOT ?3",
                params![attempt, place, word.accepted, word.at_ms],
            )?;
            let outcome = outcome_of(&tally(transaction, attempt)?);
            transaction.execute(
                "UPDATE attempt SET outcome = ?2 WHERE id = ?1 AND outcome IS NOT NULL",
                params![attempt, outcome],
            )?;
            Ok(changed == 1)
        })
    }
}

fn count_able(connection: &Connection, attempt: i64) -> rusqlite::Result<()> {
    let count = "UPDATE attempt SET able = (SELECT count(*) FROM sent_video WHERE attempt = ?1) WHERE id = ?1";
    connection.execute(count, [attempt]).map(drop)
}

/// As a whole upload's: what blocks another send of the same bytes.
fn outcome_of(tally: &Tally) -> &'static str {
    match tally.worst() {
        Outcome::Unknown => Outcome::Unknown.code(),
        _ if tally.accepted > 0 => Outcome::Accepted.code(),
        worst => worst.code(),
    }
}

fn attempt_of(connection: &Connection, fingerprint: &Fingerprint, address: &str) -> rusqlite::Result<Option<i64>> {
    let query = "SELECT id FROM attempt WHERE sha256 = ?1 AND address = ?2 ORDER BY id DESC LIMIT 1";
    connection.query_row(query, params![fingerprint.sha256, address], |row| row.get(0)).optional()
}

/// The state that counts of one row; None if it was not begun.
pub(super) fn state_of(connection: &Connection, attempt: i64, place: u32) -> rusqlite::Result<Option<RowState>> {
    let mut statement = connection.prepare_cached("SELECT * FROM sent_row WHERE attempt = ?1 AND place = ?2")?;
    statement.query_row(params![attempt, place], |row| Ok(sent_row(row, false)?.state_now())).optional()
}

/// The ids of the tasks that the service told, by place.
pub(super) fn tasks_of(connection: &Connection, attempt: i64) -> rusqlite::Result<HashMap<u32, String>> {
    let find = "SELECT place, task FROM sent_row WHERE attempt = ?1 AND task IS NOT NULL";
    let mut statement = connection.prepare(find)?;
    statement.query_map([attempt], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

fn tally(connection: &Connection, attempt: i64) -> rusqlite::Result<Tally> {
    let mut statement = connection.prepare("SELECT * FROM sent_row WHERE attempt = ?1")?;
    let states = statement.query_map([attempt], |row| Ok(sent_row(row, false)?.state_now()))?;
    Ok(Tally::of_states(states.collect::<rusqlite::Result<Vec<_>>>()?))
}

fn sent_row(row: &Row<'_>, is_gone: bool) -> rusqlite::Result<SentRow> {
    let state = RowState::from_code(&row.get::<_, String>("state")?).unwrap_or(RowState::Unknown);
    let accepted: Option<bool> = row.get("settled_accepted")?;
    let settled_ms: Option<i64> = row.get("settled_ms")?;
    let is_lost = is_gone && state == RowState::UnderWay;
    let message: Option<String> = row.get("message")?;
    Ok(SentRow {
        place: row.get("place")?,
        object: row.get("object")?,
        state: if is_lost { RowState::Unknown } else { state },
        status: row.get("status")?,
        code: row.get("code")?,
        message: if is_lost { Some(INTERRUPTED.to_owned()) } else { message },
        task: row.get("task")?,
        at_ms: row.get("at_ms")?,
        settled: accepted.zip(settled_ms).map(|(accepted, at_ms)| Settlement { accepted, at_ms }),
    })
}
