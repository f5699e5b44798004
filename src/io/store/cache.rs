//! Data that may be lost: recent files, online answers (see [`super::evidence_cache`]) and sources of keys (see
//! [`super::known_sources`]).

use super::{Database, PATIENCE, StoreError, evidence_cache, known_sources, path_key, trust, with_ending};
use rusqlite::{Row, params};
use std::path::{Path, PathBuf};
use std::time::Duration;

const STEPS: [&str; 5] = [
    "CREATE TABLE recent (
        path BLOB PRIMARY KEY,
        rows INTEGER NOT NULL,
        opened_ms INTEGER NOT NULL
     ) STRICT, WITHOUT ROWID;",
    evidence_cache::STEP,
    known_sources::STEP,
    "CREATE TABLE looks (path BLOB PRIMARY KEY, words TEXT NOT NULL) STRICT, WITHOUT ROWID;",
    evidence_cache::STEP_TO_BYTES,
];

const NAME: &str = "cache.db";

/// Lock timeout for lookups that could as well be requested again.
const IN_PASSING: Duration = Duration::from_millis(200);

/// More recent files than anyone scrolls through.
const KEPT: u32 = 100;

/// A recently opened file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recent {
    pub path: PathBuf,
    pub rows: u32,
    /// Unix time in milliseconds.
    pub opened_ms: i64,
}

#[derive(Debug)]
pub struct Cache {
    pub(super) database: Database,
}

impl Cache {
    /// Whether there is one in this folder.
    pub fn exists(folder: &Path) -> bool {
        folder.join(NAME).exists()
    }

    /// Opens the cache. A damaged one is deleted and recreated.
    pub fn open(folder: &Path) -> Result<Cache, StoreError> {
        Cache::open_within(PATIENCE, folder)
    }

    /// As [`Cache::open`], but gives up quickly if another process holds the database.
    pub fn open_in_passing(folder: &Path) -> Result<Cache, StoreError> {
        Cache::open_within(IN_PASSING, folder)
    }

    fn open_within(patience: Duration, folder: &Path) -> Result<Cache, StoreError> {
        let open = || Database::open_within(patience, folder, NAME, "NORMAL", &STEPS);
        let database = match open() {
            Err(StoreError::Damaged { file } | StoreError::Newer { file, .. }) => {
                for ending in trust::all_endings() {
                    let _ = std::fs::remove_file(with_ending(&file, ending));
                }
                open()?
            }
            opened => opened?,
        };
        Ok(Cache { database })
    }

    /// Records that a file was opened. Use its canonical path.
    pub fn opened(&mut self, path: &Path, rows: u32, now_ms: i64) -> Result<(), StoreError> {
        self.database.write(|transaction| {
            transaction.execute(
                "INSERT INTO recent (path, rows, opened_ms) VALUES (?1, ?2, ?3)
                 ON CONFLICT (path) DO UPDATE SET rows = ?2, opened_ms = ?3",
                params![path_key(path), rows, now_ms],
            )?;
            transaction.execute(
                "DELETE FROM recent WHERE path NOT IN (SELECT path FROM recent ORDER BY opened_ms DESC LIMIT ?1)",
                [KEPT],
            )?;
            known_sources::forget_of_others(transaction)?;
            transaction.execute("DELETE FROM looks WHERE path NOT IN (SELECT path FROM recent)", [])?;
            Ok(())
        })
    }

    /// Stores how the table of a manifest is sorted and arranged, in words that only the table reads.
    pub fn keep_look(&mut self, path: &Path, words: &str) -> Result<(), StoreError> {
        self.database.write(|transaction| {
            transaction.execute(
                "INSERT INTO looks (path, words) VALUES (?1, ?2) ON CONFLICT (path) DO UPDATE SET words = ?2",
                params![path_key(path), words],
            )?;
            Ok(())
        })
    }

    /// What was stored for a manifest.
    pub fn look(&self, path: &Path) -> Result<Option<String>, StoreError> {
        self.database.read(|connection| {
            let mut statement = connection.prepare("SELECT words FROM looks WHERE path = ?1")?;
            statement.query_map([path_key(path)], |row| row.get(0))?.next().transpose()
        })
    }

    /// Newest first. The files may no longer exist.
    pub fn recent(&self, limit: u32) -> Result<Vec<Recent>, StoreError> {
        self.database.read(|connection| {
            let mut statement =
                connection.prepare("SELECT path, rows, opened_ms FROM recent ORDER BY opened_ms DESC LIMIT ?1")?;
            statement.query_map([limit], recent)?.collect()
        })
    }
}

fn recent(row: &Row<'_>) -> rusqlite::Result<Recent> {
    Ok(Recent { path: path(row.get("path")?), rows: row.get("rows")?, opened_ms: row.get("opened_ms")? })
}

fn path(bytes: Vec<u8>) -> PathBuf {
    use std::os::unix::ffi::OsStringExt;
    std::ffi::OsString::from_vec(bytes).into()
}
