//! Persistent data in two SQLite databases in the state folder: `ledger.db` (submissions and the journal of edits;
//! every commit is on disk before it returns) and `cache.db` (recent files and online answers; may be deleted at any
//! time).
//!
//! It stores and looks up; it decides nothing. It never holds an API key. All calls block: the runtime makes them on a
//! blocking thread. Several processes may share a folder.

mod cache;
mod evidence_cache;
mod follow;
mod journal;
mod known_sources;
mod ledger;
mod receipts;
mod sent_rows;
mod templates;
mod trust;
mod videos;

pub use cache::{Cache, Recent};
pub use journal::{Fit, Mark, Recovered, SessionId, renumbered};
pub use ledger::{BeginError, Ledger};
pub use sent_rows::RowsBegun;
pub use trust::SetAside;
pub use videos::{Compared, RowsToKeep};

use super::error_words;
use rusqlite::{Connection, ErrorCode};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Lock timeout: other processes write only briefly, so longer means that something is wrong.
const PATIENCE: Duration = Duration::from_secs(5);

/// The ending of a file that stands beside a database from before it is created until its schema is committed: a creation
/// that was killed or failed is then not mistaken for a database that lost its content.
const BEGUN: &str = "-begun";

/// Why the store is unusable. The program continues without it, but sends nothing without a ledger.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the state folder {} can't be used: {}; set CUECARD_STATE_DIR to another one", folder.display(), error_words(source))]
    Folder { folder: PathBuf, source: std::io::Error },
    #[error("{} is damaged or not a database: move it away and start again", file.display())]
    Damaged { file: PathBuf },
    #[error("{} is {what}: move it away", file.display())]
    NotAFile { file: PathBuf, what: &'static str },
    #[error("{} was written by a newer cuecard (layout {found}, this one knows {known})", file.display())]
    Newer { file: PathBuf, found: u32, known: u32 },
    #[error("{} is in use by another program; try again in a moment", file.display())]
    Locked { file: PathBuf },
    #[error("{}: {why}", file.display())]
    Other { file: PathBuf, why: String },
}

impl StoreError {
    fn of(file: &Path, error: &rusqlite::Error) -> StoreError {
        use rusqlite::Error;
        let file = file.to_owned();
        // Our statements and types are correct: a mismatch means that we didn't write this data.
        let is_foreign = matches!(
            error,
            Error::SqlInputError { .. }
                | Error::InvalidColumnType(..)
                | Error::InvalidColumnName(_)
                | Error::IntegralValueOutOfRange(..)
                | Error::FromSqlConversionFailure(..)
                | Error::Utf8Error(..)
        );
        match error.sqlite_error_code() {
            _ if is_foreign => StoreError::Damaged { file },
            Some(ErrorCode::Unknown) => StoreError::Damaged { file },
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

/// A database with its path, so that every error can name it.
#[derive(Debug)]
struct Database {
    file: PathBuf,
    connection: Connection,
}

impl Database {
    /// Opens the database, creates it with mode 0600 if it is missing, and applies the migrations in `steps`, each
    /// once.
    fn open(folder: &Path, name: &str, synchronous: &str, steps: &[&str]) -> Result<Database, StoreError> {
        Database::open_within(PATIENCE, folder, name, synchronous, steps)
    }

    /// As [`Database::open`], with a lock timeout for this and later calls.
    fn open_within(
        patience: Duration,
        folder: &Path,
        name: &str,
        synchronous: &str,
        steps: &[&str],
    ) -> Result<Database, StoreError> {
        let file = folder.join(name);
        for ending in trust::all_endings() {
            must_be_a_file(&with_ending(&file, ending))?;
        }
        // SQLite would treat it as new: what it held would be forgotten. Looked at twice, because another process may
        // end its creation in between.
        let is_begun = || with_ending(&file, BEGUN).try_exists().unwrap_or(true);
        let is_gone = || !file.exists() && has_remains(&file);
        if is_gone() && !is_begun() && is_gone() || is_empty(&file) && !is_begun() && is_empty(&file) {
            return Err(StoreError::Damaged { file });
        }
        create_private(folder, &file).map_err(|source| StoreError::Folder { folder: folder.to_owned(), source })?;
        let open = || -> rusqlite::Result<Option<(Connection, u32)>> {
            let was_empty = is_empty(&file);
            let mut connection = Connection::open(&file)?;
            connection.busy_timeout(patience)?;
            // Answers `delete` on file systems without shared memory; slower there, but as safe.
            connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
            connection.pragma_update(None, "synchronous", synchronous)?;
            connection.pragma_update(None, "foreign_keys", true)?;
            let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
            let found: u32 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
            if found == 0 {
                let tables: u32 = transaction.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
                // Another process may have filled it since, or died while it created it.
                let is_begun = with_ending(&file, BEGUN).try_exists();
                let is_begun = is_begun.map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
                if tables > 0 || !(was_empty || is_begun) {
                    return Ok(None);
                }
            }
            for (at, step) in steps.iter().enumerate().skip(found as usize) {
                transaction.execute_batch(step)?;
                transaction.pragma_update(None, "user_version", at as u32 + 1)?;
            }
            transaction.commit()?;
            Ok(Some((connection, found)))
        };
        // While another process switches a new database to WAL, SQLite reports "locked" without waiting.
        let give_up = Instant::now() + patience;
        let (connection, found) = loop {
            match open().map_err(|error| StoreError::of(&file, &error)) {
                Err(StoreError::Locked { .. }) if Instant::now() < give_up => {}
                Ok(None) => return Err(StoreError::Damaged { file }),
                Ok(Some(opened)) => break opened,
                Err(error) => return Err(error),
            }
            std::thread::sleep(Duration::from_millis(10));
        };
        let _ = std::fs::remove_file(with_ending(&file, BEGUN));
        let known = steps.len() as u32;
        if found > known {
            return Err(StoreError::Newer { file, found, known });
        }
        Ok(Database { file, connection })
    }

    /// Runs `work` in one transaction: when this returns, either all of it is on disk or nothing.
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

    /// All that `work` reads is of one moment, and the file is locked once.
    fn read<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        let run = || {
            let transaction = self.connection.unchecked_transaction()?;
            let result = work(&transaction)?;
            transaction.commit()?;
            Ok(result)
        };
        run().map_err(|error| StoreError::of(&self.file, &error))
    }
}

/// Creates the file if it is missing. SQLite gives its extra files the database's mode.
fn create_private(folder: &Path, file: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    builder.mode(0o700);
    builder.create(folder)?;
    if file.exists() {
        return Ok(());
    }
    let create = |path: &Path| {
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true).mode(0o600);
        match options.open(path) {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
            _ => Ok(()),
        }
    };
    create(&with_ending(file, BEGUN))?;
    create(file)
}

/// Opening a pipe blocks until there is a peer, and opening a device can have side effects.
fn must_be_a_file(file: &Path) -> Result<(), StoreError> {
    // A missing file is created; other errors are reported when it is opened.
    let Ok(metadata) = std::fs::metadata(file) else { return Ok(()) };
    if metadata.is_file() {
        return Ok(());
    }
    let what = crate::io::files::kind(&metadata);
    Err(StoreError::NotAFile { file: file.to_owned(), what })
}

fn is_empty(file: &Path) -> bool {
    std::fs::metadata(file).is_ok_and(|metadata| metadata.len() == 0)
}

/// Extra files of a database exist although the database itself is missing.
fn has_remains(file: &Path) -> bool {
    ["-wal", "-shm", "-journal"]
        .iter()
        .any(|ending| std::fs::metadata(with_ending(file, ending)).is_ok_and(|metadata| metadata.len() > 0))
}

fn with_ending(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// A path as bytes, for lookups.
fn path_key(path: &Path) -> Vec<u8> {
    path.as_os_str().as_encoded_bytes().to_vec()
}
