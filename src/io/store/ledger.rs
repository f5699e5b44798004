//! The ledger of submissions: the intent is written before the first byte, the outcome afterwards. An intent without an
//! outcome means that the outcome is unknown. It, `follow`, `sent_rows` and `videos` use each other: all of them keep one
//! attempt.

use super::trust::{self, SetAside};
use super::videos::{self, Compared, RowsToKeep, rows_before};
use super::{Database, StoreError, follow, has_remains, receipts, sent_rows, templates};
use crate::domain::outcome::{Attempt, BodyState, Ended, How, Intent, Outcome, Reply, Settlement, judge};
use crate::domain::request::{Fingerprint, service_of};
use crate::domain::rows::{RowState, Tally};
use crate::domain::sent_before::RowsBefore;
use crate::domain::submission::Earlier;
use crate::io::process::{Writer, is_alive, own};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params, params};
use std::collections::HashMap;
use std::io;
use std::path::Path;

/// The schema migrations, each applied once and never changed.
const STEPS: [&str; 9] = [
    "CREATE TABLE attempt (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        process INTEGER NOT NULL,
        started_ms INTEGER NOT NULL,
        address TEXT NOT NULL,
        profile TEXT,
        file TEXT NOT NULL,
        sha256 BLOB NOT NULL,
        bytes INTEGER NOT NULL,
        rows INTEGER NOT NULL,
        key_origin TEXT NOT NULL,
        outcome TEXT,
        how TEXT,
        cause TEXT,
        begun INTEGER,
        sent INTEGER,
        took_ms INTEGER,
        status INTEGER,
        reason TEXT,
        version TEXT,
        headers TEXT,
        body BLOB,
        body_state TEXT,
        settled_accepted INTEGER,
        settled_ms INTEGER
     ) STRICT;
     CREATE INDEX attempt_of_bytes ON attempt (sha256, address);
     CREATE TABLE session (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        process INTEGER NOT NULL,
        path BLOB NOT NULL,
        base TEXT NOT NULL,
        started_ms INTEGER NOT NULL,
        changed_ms INTEGER NOT NULL
     ) STRICT;
     CREATE INDEX session_of_path ON session (path);
     CREATE TABLE mark (
        session INTEGER NOT NULL REFERENCES session (id) ON DELETE CASCADE,
        seq INTEGER NOT NULL,
        kind TEXT NOT NULL,
        text TEXT NOT NULL,
        left_out TEXT NOT NULL,
        PRIMARY KEY (session, seq)
     ) STRICT, WITHOUT ROWID;",
    // Process numbers are reused, so identify the process. Bodies get their own table, so that lists don't read them.
    "ALTER TABLE attempt ADD COLUMN identity TEXT NOT NULL DEFAULT '';
     ALTER TABLE session ADD COLUMN identity TEXT NOT NULL DEFAULT '';
     CREATE TABLE reply_body (
        attempt INTEGER PRIMARY KEY REFERENCES attempt (id) ON DELETE CASCADE,
        body BLOB NOT NULL
     ) STRICT;
     INSERT INTO reply_body SELECT id, body FROM attempt WHERE length(body) > 0;
     ALTER TABLE attempt DROP COLUMN body;",
    // The operator's verdict can be corrected, and earlier ones are kept.
    "CREATE TABLE settlement (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        attempt INTEGER NOT NULL REFERENCES attempt (id) ON DELETE CASCADE,
        accepted INTEGER NOT NULL,
        at_ms INTEGER NOT NULL
     ) STRICT;
     CREATE INDEX settlement_of_attempt ON settlement (attempt);
     INSERT INTO settlement (attempt, accepted, at_ms) SELECT id, settled_accepted, settled_ms FROM attempt
        WHERE settled_accepted IS NOT NULL AND settled_ms IS NOT NULL ORDER BY settled_ms;
     ALTER TABLE attempt DROP COLUMN settled_accepted;
     ALTER TABLE attempt DROP COLUMN settled_ms;",
    templates::STEP,
    sent_rows::STEP,
    follow::STEP,
    receipts::STEP,
    videos::STEP,
    sent_rows::ABLE_STEP,
];

const NAME: &str = "ledger.db";

/// After a day without an outcome there will be none: the process number belongs to another process.
const LONGEST_MS: i64 = 24 * 3600 * 1000;

/// Submissions and the journal of edits.
#[derive(Debug)]
pub struct Ledger {
    pub(super) database: Database,
    aside: Option<SetAside>,
}

#[derive(Debug, thiserror::Error)]
pub enum BeginError {
    #[error("these bytes were sent to this service before")]
    SentBefore(Box<Attempt>),
    #[error("some of these rows were sent to this service before")]
    RowsSentBefore(Box<RowsBefore>),
    /// An earlier ledger was damaged and set aside: it may have known these bytes.
    #[error(transparent)]
    NotKnown(SetAside),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Ledger {
    /// Whether this folder has a ledger. Creates nothing.
    pub fn exists(folder: &Path) -> bool {
        let file = folder.join(NAME);
        // A link to nothing, or a folder that can't be looked into, may have been one.
        let is_missing = file.symlink_metadata().is_err_and(|error| error.kind() == io::ErrorKind::NotFound);
        !is_missing || has_remains(&file) || trust::set_aside_before(&file).is_some()
    }

    /// Opens the ledger of this folder. A damaged one is set aside first; see [`Ledger::set_aside`].
    ///
    /// # Errors
    /// [`StoreError`]: then nothing may be sent, and edits are not journaled.
    pub fn open(folder: &Path) -> Result<Ledger, StoreError> {
        let file = folder.join(NAME);
        let database = trust::open_or_set_aside(folder, &file, || {
            let database = Database::open(folder, NAME, "FULL", &STEPS)?;
            database.read(|connection| {
                trust::is_whole(connection, &["attempt", "session"])?;
                trust::has_all_rows(connection, &["attempt", "settlement"])?;
                // A table with another schema can also be intact.
                let mut statement = connection.prepare(WITHOUT_BODY)?;
                statement.query_map([], attempt)?.try_for_each(|attempt| attempt.map(drop))
            })?;
            Ok(database)
        })?;
        Ok(Ledger { database, aside: trust::set_aside_before(&file) })
    }

    /// The newest ledger of this folder that was damaged and set aside. While it exists, earlier sends are unknown, and
    /// sending needs a confirmation.
    pub fn set_aside(&self) -> Option<&SetAside> {
        self.aside.as_ref()
    }

    /// Commits the intent to send, with the rows. Only after this returns may the first byte leave. Unless `again`, the
    /// same transaction looks for an attempt that [blocks](Attempt::blocks) the same bytes or had one of the rows, so two
    /// processes can't both begin; and an unknown history doesn't count as "never sent".
    ///
    /// # Errors
    /// [`BeginError`]; in either case nothing may be sent.
    pub fn begin(&mut self, intent: &Intent, rows: &RowsToKeep, again: bool) -> Result<i64, BeginError> {
        // An unknown history is not "never sent".
        let not_known = self.aside.as_ref().filter(|_| !again).cloned();
        self.database.write(|transaction| {
            if !again && let Some(blocking) = earlier(transaction, &intent.fingerprint, &intent.address, true)?.blocking
            {
                return Ok(Err(BeginError::SentBefore(blocking)));
            }
            let before = rows_before(transaction, &compared(intent, rows, None))?;
            // Rows of an attempt that nobody knows of wait for a word about it, whatever was confirmed.
            if before.has_unknown() || (!again && before.blocks()) {
                return Ok(Err(BeginError::RowsSentBefore(Box::new(before))));
            }
            if let Some(aside) = not_known {
                return Ok(Err(BeginError::NotKnown(aside)));
            }
            let id = Ledger::insert(transaction, intent)?;
            videos::keep(transaction, id, rows)?;
            Ok(Ok(id))
        })?
    }

    pub(super) fn insert(transaction: &Transaction<'_>, intent: &Intent) -> rusqlite::Result<i64> {
        transaction.execute(
            "INSERT INTO attempt (process, identity, started_ms, address, profile, file, sha256, bytes, rows, key_origin)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            params![
                own().process,
                own().identity,
                intent.started_ms,
                intent.address,
                intent.profile,
                intent.file,
                intent.fingerprint.sha256,
                signed(intent.fingerprint.bytes),
                intent.rows,
                intent.key_origin,
            ],
        )?;
        Ok(transaction.last_insert_rowid())
    }

    /// Records the outcome, once.
    pub fn finish(&mut self, id: i64, ended: &Ended) -> Result<(), StoreError> {
        let reply = ended.reply();
        let headers = reply.map(|reply| serde_json::to_string(&reply.headers).unwrap_or_default());
        let cause = match &ended.how {
            How::NotStarted(cause)
            | How::NotConnected(cause)
            | How::NotTrusted(cause)
            | How::NoReply(cause)
            | How::TimedOut(cause) => Some(cause),
            _ => None,
        };
        self.database.write(|transaction| {
            let written = transaction.execute(
                "UPDATE attempt SET outcome = :outcome, how = :how, cause = :cause, begun = :begun, sent = :sent,
                    took_ms = :took_ms, status = :status, reason = :reason, version = :version, headers = :headers,
                    body_state = :body_state WHERE id = :id AND outcome IS NULL",
                named_params! {
                    ":id": id,
                    ":outcome": judge(ended).code(),
                    ":how": how_code(&ended.how),
                    ":cause": cause,
                    ":begun": ended.begun,
                    ":sent": signed(ended.sent),
                    ":took_ms": signed(ended.took_ms),
                    ":status": reply.map(|r| r.status),
                    ":reason": reply.map(|r| &r.reason),
                    ":version": reply.map(|r| &r.version),
                    ":headers": headers,
                    ":body_state": reply.map(|r| body_state_code(r.body_state)),
                },
            )?;
            if written > 0
                && let Some(reply) = reply.filter(|reply| !reply.body.is_empty())
            {
                transaction
                    .execute("INSERT INTO reply_body (attempt, body) VALUES (?1, ?2)", params![id, reply.body])?;
            }
            Ok(())
        })
    }

    /// Earlier attempts with these bytes at this service, as a whole or row by row.
    pub fn earlier(&self, fingerprint: &Fingerprint, address: &str) -> Result<Earlier, StoreError> {
        let earlier = self.database.read(|connection| earlier(connection, fingerprint, address, true))?;
        Ok(Earlier { not_known: self.aside.as_ref().map(SetAside::to_string), ..earlier })
    }

    /// Earlier attempts with these bytes as a whole at this service.
    pub fn earlier_whole(&self, fingerprint: &Fingerprint, address: &str) -> Result<Earlier, StoreError> {
        let earlier = self.database.read(|connection| earlier(connection, fingerprint, address, false))?;
        Ok(Earlier { not_known: self.aside.as_ref().map(SetAside::to_string), ..earlier })
    }

    /// The newest attempts, at most `limit`, newest first. Replies come without their bodies
    /// ([`BodyState::NotLoaded`]); [`Ledger::attempt`] loads one.
    pub fn attempts(&self, limit: usize) -> Result<Vec<Attempt>, StoreError> {
        self.database.read(|connection| {
            let mut statement = connection.prepare(&format!("{WITHOUT_BODY} ORDER BY attempt.id DESC LIMIT ?1"))?;
            statement.query_map([signed(limit as u64)], attempt)?.collect()
        })
    }

    /// Every attempt with the reply's body, newest first, one in memory at a time, until `visit` returns false.
    pub fn each(&self, mut visit: impl FnMut(Attempt) -> bool) -> Result<(), StoreError> {
        self.database.read(|connection| {
            let mut statement = connection.prepare(&format!("{WITH_BODY} ORDER BY attempt.id DESC"))?;
            for attempt in statement.query_map([], attempt)? {
                if !visit(attempt?) {
                    break;
                }
            }
            Ok(())
        })
    }

    /// One attempt, with the reply's body.
    pub fn attempt(&self, id: i64) -> Result<Option<Attempt>, StoreError> {
        self.database.read(|connection| one(connection, id))
    }

    /// Records or corrects the operator's verdict on an unknown outcome; all are kept. False if not allowed
    /// ([`Attempt::settle`]).
    pub fn settle(&mut self, id: i64, settlement: Settlement) -> Result<bool, StoreError> {
        self.database.write(|transaction| {
            let found = one(transaction, id)?;
            if !found.is_some_and(|mut attempt| attempt.settle(settlement)) {
                return Ok(false);
            }
            transaction.execute(
                "INSERT INTO settlement (attempt, accepted, at_ms) VALUES (?1, ?2, ?3)",
                params![id, settlement.accepted, settlement.at_ms],
            )?;
            Ok(true)
        })
    }
}

macro_rules! select {
    ($body:literal) => {
        concat!(
            "SELECT attempt.*, ",
            $body,
            ", (SELECT json_group_array(json_array(accepted, at_ms) ORDER BY settlement.id) FROM settlement
                WHERE settlement.attempt = attempt.id) AS settlements,
             (SELECT summary FROM followed WHERE followed.attempt = attempt.id) AS followed,
             (SELECT json_group_object(now, rows) FROM (SELECT CASE WHEN state NOT IN ('unknown', 'under_way') THEN state
                    ELSE CASE settled_accepted WHEN 1 THEN 'accepted' WHEN 0 THEN 'not_sent' ELSE state END END AS now,
                count(*) AS rows FROM sent_row WHERE sent_row.attempt = attempt.id GROUP BY now)) AS tally,
             (SELECT max(at_ms) FROM sent_row WHERE sent_row.attempt = attempt.id) AS last_ms,
             (SELECT count(*) FROM sent_row WHERE sent_row.attempt = attempt.id AND state IN ('unknown', 'under_way')
                AND settled_accepted = 1) AS by_word
             FROM attempt LEFT JOIN reply_body ON reply_body.attempt = attempt.id"
        )
    };
}

const WITH_BODY: &str = select!("body, body IS NOT NULL AS has_body");
const WITHOUT_BODY: &str = select!("NULL AS body, reply_body.attempt IS NOT NULL AS has_body");

pub(super) fn one(connection: &Connection, id: i64) -> rusqlite::Result<Option<Attempt>> {
    connection.query_row(&format!("{WITH_BODY} WHERE attempt.id = ?1"), [id], attempt).optional()
}

/// `with_rows`: those row by row, too.
pub(super) fn earlier(
    connection: &Connection,
    fingerprint: &Fingerprint,
    address: &str,
    with_rows: bool,
) -> rusqlite::Result<Earlier> {
    let mut statement = connection.prepare(&format!("{WITH_BODY} WHERE sha256 = ?1 ORDER BY attempt.id DESC"))?;
    let attempts = statement.query_map([fingerprint.sha256], attempt)?;
    let service = service_of(address);
    let is_one =
        |attempt: &Attempt| service_of(&attempt.intent.address) == service && (with_rows || !attempt.is_row_by_row());
    Earlier::of(attempts.filter(|attempt| attempt.as_ref().map_or(true, is_one)))
}

/// Every attempt at this service, without bodies.
pub(super) fn attempts_at(connection: &Connection, address: &str) -> rusqlite::Result<Vec<Attempt>> {
    let mut statement = connection.prepare(WITHOUT_BODY)?;
    let attempts = statement.query_map([], attempt)?;
    let service = service_of(address);
    attempts
        .filter(|attempt| attempt.as_ref().map_or(true, |attempt| service_of(&attempt.intent.address) == service))
        .collect()
}

/// What is compared before an attempt begins.
pub(super) fn compared<'a>(intent: &'a Intent, rows: &'a RowsToKeep, goes_on: Option<i64>) -> Compared<'a> {
    let (address, fingerprint) = (intent.address.as_str(), &intent.fingerprint);
    Compared { videos: &rows.videos, all: intent.rows, address, fingerprint, goes_on }
}

fn attempt(row: &Row<'_>) -> rusqlite::Result<Attempt> {
    let intent = Intent {
        started_ms: row.get("started_ms")?,
        address: address_of(row)?,
        profile: row.get("profile")?,
        file: row.get("file")?,
        fingerprint: Fingerprint { sha256: row.get("sha256")?, bytes: unsigned(row.get("bytes")?) },
        rows: row.get("rows")?,
        key_origin: row.get("key_origin")?,
    };
    let outcome: Option<String> = row.get("outcome")?;
    let words: Vec<(i64, i64)> = serde_json::from_str(&row.get::<_, String>("settlements")?).unwrap_or_default();
    let mut words: Vec<_> =
        words.into_iter().map(|(accepted, at_ms)| Settlement { accepted: accepted != 0, at_ms }).collect();
    let settled = words.pop();
    let identity: String = row.get("identity")?;
    let writer = Writer { process: row.get("process")?, identity: &identity };
    // Row by row may take weeks, and a process with an identity is not mistaken for another.
    let is_recent = now_ms() - intent.started_ms < LONGEST_MS || (intent.is_row_by_row() && !identity.is_empty());
    let under_way = outcome.is_none() && is_recent && is_alive(writer);
    let (outcome, ended) = match outcome {
        Some(outcome) => (Outcome::from_code(&outcome).unwrap_or(Outcome::Unknown), ended(row)?),
        None => (Outcome::Unknown, Ended { how: How::Interrupted, begun: true, sent: 0, took_ms: 0 }),
    };
    let followed: Option<String> = row.get("followed")?;
    let followed = followed.and_then(|summary| serde_json::from_str(&summary).ok());
    let tally = intent.is_row_by_row().then(|| row.get::<_, String>("tally")).transpose()?.map(|states| {
        let states: HashMap<String, u64> = serde_json::from_str(&states).unwrap_or_default();
        let of = |state: RowState| states.get(state.code()).copied().unwrap_or_default();
        let mut tally = Tally::of(of);
        if !under_way {
            tally.unknown += std::mem::take(&mut tally.under_way);
        }
        // Of older attempts it is not known which rows could go.
        let able = row.get::<_, Option<i64>>("able")?.map_or(intent.rows.into(), unsigned);
        tally.not_sent += able.saturating_sub(tally.rows());
        tally.cannot_go = u64::from(intent.rows).saturating_sub(tally.rows());
        (tally.by_word, tally.last_ms) = (unsigned(row.get("by_word")?), row.get("last_ms")?);
        Ok::<_, rusqlite::Error>(tally)
    });
    let tally = tally.transpose()?;
    let (id, settled_before) = (row.get("id")?, words);
    Ok(Attempt { id, intent, ended, outcome, under_way, settled, settled_before, followed, tally })
}

/// An attempt at no address would be found for none.
fn address_of(row: &Row<'_>) -> rusqlite::Result<String> {
    let address: String = row.get("address")?;
    let is_one = url::Url::parse(&address).is_ok_and(|url| url.has_host());
    if is_one { Ok(address) } else { Err(trust::corrupt()) }
}

fn ended(row: &Row<'_>) -> rusqlite::Result<Ended> {
    let cause = row.get::<_, Option<String>>("cause")?.unwrap_or_default();
    let how = match row.get::<_, String>("how")?.as_str() {
        "replied" => How::Replied(reply(row)?),
        "not_started" => How::NotStarted(cause),
        "not_connected" => How::NotConnected(cause),
        "not_trusted" => How::NotTrusted(cause),
        "no_reply" => How::NoReply(cause),
        "timed_out" => How::TimedOut(cause),
        "stopped" => How::Stopped,
        "file_changed" => How::FileChanged,
        "row_by_row" => How::RowByRow,
        _ => How::Interrupted,
    };
    Ok(Ended {
        how,
        begun: row.get("begun")?,
        sent: unsigned(row.get("sent")?),
        took_ms: unsigned(row.get("took_ms")?),
    })
}

fn reply(row: &Row<'_>) -> rusqlite::Result<Reply> {
    let body: Option<Vec<u8>> = row.get("body")?;
    let body_state = match row.get::<_, String>("body_state")?.as_str() {
        _ if body.is_none() && row.get("has_body")? => BodyState::NotLoaded,
        "whole" => BodyState::Whole,
        "truncated" => BodyState::Truncated,
        _ => BodyState::Cut,
    };
    Ok(Reply {
        status: row.get("status")?,
        reason: row.get("reason")?,
        version: row.get("version")?,
        headers: serde_json::from_str(&row.get::<_, String>("headers")?).unwrap_or_default(),
        body: body.unwrap_or_default(),
        body_state,
    })
}

const fn how_code(how: &How) -> &'static str {
    match how {
        How::Replied(_) => "replied",
        How::NotStarted(_) => "not_started",
        How::NotConnected(_) => "not_connected",
        How::NotTrusted(_) => "not_trusted",
        How::NoReply(_) => "no_reply",
        How::TimedOut(_) => "timed_out",
        How::Stopped => "stopped",
        How::FileChanged => "file_changed",
        How::RowByRow => "row_by_row",
        How::Interrupted => "interrupted",
    }
}

const fn body_state_code(state: BodyState) -> &'static str {
    match state {
        BodyState::Whole => "whole",
        BodyState::Truncated => "truncated",
        // A body that was not loaded is never written; if it were, it would be incomplete.
        BodyState::Cut | BodyState::NotLoaded => "cut",
    }
}

fn now_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

/// SQLite's integers are signed.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
