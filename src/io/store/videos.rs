//! Which video each attempt sends in which row, and what earlier attempts had of the rows of another file. It, `ledger`,
//! `follow` and `sent_rows` use each other: all of them keep one attempt.

use super::ledger::{Ledger, attempts_at};
use super::{StoreError, follow, sent_rows};
use crate::domain::follow::{SentRow, Why, stand};
use crate::domain::outcome::{Attempt, Outcome};
use crate::domain::request::Fingerprint;
use crate::domain::rows::RowState;
use crate::domain::sent_before::{Before, HadRows, RowBefore, RowsBefore, VideoAt, transcript_key};
use rusqlite::{Connection, Transaction, params};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

pub(super) const STEP: &str = "CREATE TABLE sent_video (
        video INTEGER NOT NULL,
        attempt INTEGER NOT NULL REFERENCES attempt (id) ON DELETE CASCADE,
        place INTEGER NOT NULL,
        PRIMARY KEY (video, attempt, place)
     ) STRICT, WITHOUT ROWID;
     ALTER TABLE manifest_rows ADD COLUMN has_videos INTEGER NOT NULL DEFAULT 0;
     ALTER TABLE sent_row DROP COLUMN key;";

/// What the ledger keeps of the rows of an attempt when it begins, made ready before the ledger is locked.
#[derive(Debug, Default)]
pub struct RowsToKeep {
    /// All rows of the file as sent; empty if they are not known.
    pub(super) packed: Vec<u8>,
    /// Those that are to go, in order.
    pub(super) videos: Vec<VideoAt>,
}

impl RowsToKeep {
    /// `rows` in the order of the file as sent; `videos` of those that are to go, in order.
    pub fn new(rows: impl Iterator<Item = SentRow>, videos: Vec<VideoAt>) -> RowsToKeep {
        RowsToKeep { packed: follow::packed(rows), videos }
    }
}

/// Whom the rows to be sent are compared with.
#[derive(Clone, Copy, Debug)]
pub struct Compared<'a> {
    /// In order.
    pub videos: &'a [VideoAt],
    /// Rows of the file.
    pub all: u32,
    /// Any address of the service.
    pub address: &'a str,
    pub fingerprint: &'a Fingerprint,
    /// The attempt that goes on; its rows are known one by one.
    pub goes_on: Option<i64>,
}

impl Ledger {
    /// What earlier attempts at the same service had of these rows. Attempts with the same bytes are told as such, and
    /// are left out here. `videos` must be in order.
    pub fn rows_before(&mut self, compared: &Compared<'_>) -> Result<RowsBefore, StoreError> {
        self.keep_older_videos()?;
        self.database.read(|connection| rows_before(connection, compared))
    }

    /// Whether any attempt had rows: without one, nobody needs to work out the keys of a million.
    pub fn has_sent_rows(&mut self) -> Result<bool, StoreError> {
        let find =
            "SELECT EXISTS (SELECT 1 FROM sent_video) OR EXISTS (SELECT 1 FROM manifest_rows WHERE has_videos = 0)";
        self.database.read(|connection| connection.query_row(find, [], |row| row.get(0)))
    }

    /// Attempts of before their videos were kept.
    fn keep_older_videos(&mut self) -> Result<(), StoreError> {
        let older: Vec<i64> = self.database.read(|connection| {
            let mut statement = connection.prepare("SELECT attempt FROM manifest_rows WHERE has_videos = 0")?;
            statement.query_map([], |row| row.get(0))?.collect()
        })?;
        for attempt in older {
            let rows = self.sent_rows(attempt)?.unwrap_or_default();
            let mut videos: Vec<VideoAt> =
                (0u32..).zip(&rows).map(|(place, row)| VideoAt { video: row.video(), place, transcript: 0 }).collect();
            videos.sort_unstable();
            self.database.write(|transaction| {
                keep_videos(transaction, attempt, &videos)?;
                transaction.execute("UPDATE manifest_rows SET has_videos = 1 WHERE attempt = ?1", [attempt])
            })?;
        }
        Ok(())
    }
}

/// Keeps the rows with the intent to send them, in its transaction.
pub(super) fn keep(transaction: &Transaction<'_>, attempt: i64, rows: &RowsToKeep) -> rusqlite::Result<()> {
    if !rows.packed.is_empty() {
        transaction.execute(
            "INSERT OR REPLACE INTO manifest_rows (attempt, rows, has_videos) VALUES (?1, ?2, 1)",
            params![attempt, rows.packed],
        )?;
    }
    keep_videos(transaction, attempt, &rows.videos)
}

fn keep_videos(transaction: &Transaction<'_>, attempt: i64, videos: &[VideoAt]) -> rusqlite::Result<()> {
    let mut statement =
        transaction.prepare_cached("INSERT OR IGNORE INTO sent_video (video, attempt, place) VALUES (?1, ?2, ?3)")?;
    // In the order of the key the pages of the table are filled one after the other.
    for at in videos {
        statement.execute(params![at.video.0, attempt, at.place])?;
    }
    Ok(())
}

pub(super) fn rows_before(connection: &Connection, compared: &Compared<'_>) -> rusqlite::Result<RowsBefore> {
    let may_tell = |attempt: &Attempt| {
        let is_told = attempt.intent.fingerprint == *compared.fingerprint && !attempt.is_row_by_row();
        // Row by row, each row has an outcome of its own.
        Some(attempt.id) != compared.goes_on && !is_told && (attempt.is_row_by_row() || attempt.blocks())
    };
    let mut attempts: HashMap<i64, Attempt> = HashMap::new();
    for attempt in attempts_at(connection, compared.address)? {
        if may_tell(&attempt) {
            attempts.insert(attempt.id, attempt);
        }
    }
    if attempts.is_empty() {
        return Ok(RowsBefore::default());
    }
    let mut found: BTreeMap<i64, Vec<(&VideoAt, u32)>> = BTreeMap::new();
    let mut statement = connection.prepare("SELECT attempt, place FROM sent_video WHERE video = ?1")?;
    for at in compared.videos {
        let mut rows = statement.query([at.video.0])?;
        while let Some(row) = rows.next()? {
            let attempt: i64 = row.get(0)?;
            if attempts.contains_key(&attempt) {
                found.entry(attempt).or_default().push((at, row.get(1)?));
            }
        }
    }
    let mut rows = Vec::new();
    for (id, places) in &found {
        if let Some(attempt) = attempts.get(id) {
            of_attempt(connection, attempt, places, &mut rows)?;
        }
    }
    let had = found.keys().filter_map(|id| attempts.get(id)).map(|attempt| HadRows {
        attempt: attempt.id,
        started_ms: attempt.intent.started_ms,
        file: Path::new(&attempt.intent.file).file_name().unwrap_or_default().to_string_lossy().into_owned(),
        under_way: attempt.under_way,
        is_row_by_row: attempt.is_row_by_row(),
    });
    Ok(RowsBefore::of(rows, had.collect(), compared.all))
}

/// What became of some rows of one attempt. `places`: as they stand now, and where they stood then.
fn of_attempt(
    connection: &Connection,
    attempt: &Attempt,
    places: &[(&VideoAt, u32)],
    into: &mut Vec<RowBefore>,
) -> rusqlite::Result<()> {
    let sent = follow::attempt_rows(connection, attempt)?.unwrap_or_default();
    let states = followed_states(connection, attempt, &sent)?;
    for (now, place) in places {
        let then = sent.get(*place as usize);
        let (state, has_reason) = match upload_state(connection, attempt, *place)? {
            None => continue,
            Some(Before::Accepted) => states.get(*place as usize).copied().unwrap_or((Before::Accepted, false)),
            Some(state) => (state, false),
        };
        let is_edited = then.is_some_and(|then| transcript_key(&then.transcript) != now.transcript);
        into.push(RowBefore { place: now.place, attempt: attempt.id, then: *place, state, has_reason, is_edited });
    }
    Ok(())
}

/// What became of the upload of a row; None if it was not sent.
fn upload_state(connection: &Connection, attempt: &Attempt, place: u32) -> rusqlite::Result<Option<Before>> {
    if !attempt.is_row_by_row() {
        let is_open = attempt.outcome == Outcome::Unknown && attempt.settled.is_none();
        return Ok(Some(if is_open { Before::Unknown } else { Before::Accepted }));
    }
    Ok(match sent_rows::state_of(connection, attempt.id, place)? {
        Some(RowState::Accepted) => Some(Before::Accepted),
        Some(RowState::Refused) => Some(Before::Refused),
        Some(RowState::Unknown | RowState::UnderWay) => Some(Before::Unknown),
        // Another cuecard is about to send it.
        Some(RowState::NotSent) | None => attempt.under_way.then_some(Before::Unknown),
    })
}

/// What following an attempt has told of its accepted rows; empty if it was not followed.
fn followed_states(
    connection: &Connection,
    attempt: &Attempt,
    sent: &[SentRow],
) -> rusqlite::Result<Vec<(Before, bool)>> {
    let (Some(followed), Some(known)) = (&attempt.followed, follow::known(connection, attempt.id)?) else {
        return Ok(Vec::new());
    };
    let standing = stand(sent, known.tasks(), attempt.intent.started_ms + known.ahead_ms, &[]);
    let states = standing.rows.iter().map(|row| match Why::of(&row.state) {
        Some(Why::Failed) => (Before::Failed, standing.task(row).is_some_and(|task| task.reason.is_some())),
        Some(Why::NotSeen) if followed.settled => (Before::NotSeen, false),
        _ => (Before::Accepted, false),
    });
    Ok(states.collect())
}
