//! What cuecard remembers between runs, in two SQLite databases in the state folder: `ledger.db` (submissions and the
//! journal of edits; every commit is on the disk before it returns) and `cache.db` (recent files, and what was learnt online;
//! may be deleted at any time).
//!
//! It persists and looks up; it decides nothing. It never holds an API key. All calls block: the runtime makes them from
//! a blocking thread. Two processes may use the same folder.

mod cache;
mod evidence_cache;
mod journal;
mod ledger;
mod process;

pub use cache::{Cache, Recent};
pub use journal::{Fit, Mark, Recovered, SessionId, renumbered};
pub use ledger::{BeginError, Ledger};

use super::error_words;
use rusqlite::{Connection, ErrorCode};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Another process writes for a moment only; longer than this something is wrong.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why the store can't be used. The program goes on without it, but sends nothing without a ledger.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the state folder {} can't be used: {}; set CUECARD_STATE_DIR to another one", folder.display(), error_words(source))]
    Folder { folder: PathBuf, source: std::io::Error },
    #[error("{} is damaged or no database: move it away and start again", file.display())]
    Damaged { file: PathBuf },
    #[error("{} was written by a newer cuecard (layout {found}, this one knows {known})", file.display())]
    Newer { file: PathBuf, found: u32, known: u32 },
    #[error("{} is in use by another program; try again in a moment", file.display())]
    Locked { file: PathBuf },
    #[error("{}: {why}", file.display())]
    Other { file: PathBuf, why: String },
}

impl StoreError {
    fn of(file: &Path, error: &rusqlite::Error) -> StoreError {
        let file = file.to_owned();
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => StoreError::Damaged { file },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Locked { file },
            Some(ErrorCode::DiskFull) => StoreError::Other { file, why: "the disk is full".into() },
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
                StoreError::Other { file, why: "can't be written; check who owns it and its mode".into() }
            }
            _ => StoreError::Other { file, why: error.to_string() },
        }
    }
}

/// A database and where it is, so that every error can say so.
#[derive(Debug)]
struct Database {
    file: PathBuf,
    connection: Connection,
}

impl Database {
    /// Opens it, creates it with mode 0600 where it isn't there, and brings it to the newest layout: `steps` in order,
    /// each once for ever.
    fn open(folder: &Path, name: &str, synchronous: &str, steps: &[&str]) -> Result<Database, StoreError> {
        Database::open_within(PATIENCE, folder, name, synchronous, steps)
    }

    /// As [`Database::open`], and now and later waits so long at most while another process writes.
    fn open_within(
        patience: Duration,
        folder: &Path,
        name: &str,
        synchronous: &str,
        steps: &[&str],
    ) -> Result<Database, StoreError> {
        let file = folder.join(name);
        create_private(folder, &file).map_err(|source| StoreError::Folder { folder: folder.to_owned(), source })?;
        let open = || -> rusqlite::Result<(Connection, u32)> {
            let mut connection = Connection::open(&file)?;
            connection.busy_timeout(patience)?;
            // Answers `delete` on file systems without shared memory; slower there, and as safe.
            connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
            connection.pragma_update(None, "synchronous", synchronous)?;
            connection.pragma_update(None, "foreign_keys", true)?;
            let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
            let found: u32 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
            for (at, step) in steps.iter().enumerate().skip(found as usize) {
                transaction.execute_batch(step)?;
                transaction.pragma_update(None, "user_version", at as u32 + 1)?;
            }
            transaction.commit()?;
            Ok((connection, found))
        };
        // While another process turns a new database to WAL, SQLite says "locked" without waiting.
        let give_up = Instant::now() + patience;
        let (connection, found) = loop {
            match open().map_err(|error| StoreError::of(&file, &error)) {
                Err(StoreError::Locked { .. }) if Instant::now() < give_up => {
                    std::thread::sleep(Duration::from_millis(10));
                }
                opened => break opened?,
            }
        };
        let known = steps.len() as u32;
        if found > known {
            return Err(StoreError::Newer { file, found, known });
        }
        Ok(Database { file, connection })
    }

    /// Runs `work` in one transaction: all of it is on the disk when this returns, or nothing.
    fn write<T>(
        &mut self,
        work: impl FnOnce(&rusqlite::Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let run = || {
            let transaction = self.connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
            let result = work(&transaction)?;
            transaction.commit()?;
            Ok(result)
        };
        run().map_err(|error| StoreError::of(&self.file, &error))
    }

    fn read<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        work(&self.connection).map_err(|error| StoreError::of(&self.file, &error))
    }
}

/// SQLite gives its own extra files the mode of the database.
fn create_private(folder: &Path, file: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create(true);
    builder.mode(0o700);
    options.mode(0o600);
    builder.create(folder)?;
    options.open(file).map(drop)
}

/// A path as bytes, to find it again.
fn path_key(path: &Path) -> Vec<u8> {
    path.as_os_str().as_encoded_bytes().to_vec()
}
