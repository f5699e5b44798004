//! Checks whether the ledger is intact. A damaged one is renamed with all its content, and a new one is created. While
//! the old one exists, earlier sends are unknown.

use super::{Database, StoreError, with_ending};
use crate::io::files::names_in;
use rusqlite::Connection;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// SQLite's extra files beside a database.
const ENDINGS: [&str; 3] = ["-wal", "-shm", "-journal"];

/// Those, after the database itself.
pub(super) fn all_endings() -> impl Iterator<Item = &'static str> {
    [""].into_iter().chain(ENDINGS)
}

/// Opens a database with `open`, or sets it aside and opens a new one.
pub(super) fn open_or_set_aside(
    folder: &Path,
    file: &Path,
    open: impl Fn() -> Result<Database, StoreError>,
) -> Result<Database, StoreError> {
    match open() {
        Err(StoreError::Damaged { .. }) => {}
        opened => return opened,
    }
    // Of two processes, one sets it aside and the other then finds the new one. Without locks both may try.
    let lock = File::open(folder);
    if let Ok(lock) = &lock {
        let _ = lock.lock();
    }
    match open() {
        Err(StoreError::Damaged { .. }) => {}
        opened => return opened,
    }
    set_aside(file).map_err(|source| StoreError::Folder { folder: folder.to_owned(), source })?;
    open()
}

/// Renames the database and its extra files. The database goes first: without it nobody mistakes the rest for one.
fn set_aside(file: &Path) -> io::Result<()> {
    let now = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ");
    let name = |count: u32| match count {
        0 => with_ending(file, &format!("{MARK}{now}")),
        _ => with_ending(file, &format!("{MARK}{now}-{count}")),
    };
    let taken = |name: &Path| all_endings().any(|ending| with_ending(name, ending).exists());
    let Some(aside) = (0..100).map(name).find(|name| !taken(name)) else {
        return Err(io::ErrorKind::AlreadyExists.into());
    };
    for ending in all_endings() {
        match fs::rename(with_ending(file, ending), with_ending(&aside, ending)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    tracing::warn!(file = %file.display(), aside = %aside.display(), "can't be trusted and was set aside");
    Ok(())
}

const MARK: &str = ".damaged-";

/// A damaged ledger that was set aside. While it exists, earlier sends are unknown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("what was sent before is not known: the old ledger was damaged and is set aside as {}", path.display())]
pub struct SetAside {
    /// The database; SQLite's extra files have its name plus their endings.
    pub path: PathBuf,
}

impl SetAside {
    /// The same in one line.
    pub fn short(&self) -> String {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        format!("the ledger was damaged; its content is in {name}")
    }
}

/// The newest one of a database.
pub(super) fn set_aside_before(file: &Path) -> Option<SetAside> {
    let name = file.file_name()?.to_str()?;
    let names = names_in(file.parent()?).filter_map(|name| name.into_string().ok());
    let of_this = names.filter(|other| other.strip_prefix(name).is_some_and(|rest| rest.starts_with(MARK)));
    let without_ending = |name: String| ENDINGS.iter().find_map(|e| name.strip_suffix(e)).unwrap_or(&name).to_owned();
    let newest = of_this.map(without_ending).max()?;
    Some(SetAside { path: file.with_file_name(newest) })
}

/// Verifies pages, index and the type of every value.
///
/// # Errors
/// [`rusqlite::Error`] of a kind that [`StoreError::of`] calls damaged.
pub(super) fn is_whole(connection: &Connection, tables: &[&str]) -> rusqlite::Result<()> {
    for table in tables {
        let mut said = Vec::new();
        connection.pragma(None, "integrity_check", table, |row| {
            said.push(row.get::<_, String>(0)?);
            Ok(())
        })?;
        if said != ["ok"] {
            tracing::warn!(table, said = said.first(), "not whole");
            return Err(corrupt());
        }
    }
    Ok(())
}

/// Verifies that no row is gone from tables of which none is ever deleted: SQLite counts what was put into them.
///
/// # Errors
/// As [`is_whole`].
pub(super) fn has_all_rows(connection: &Connection, tables: &[&str]) -> rusqlite::Result<()> {
    for table in tables {
        let find = format!(
            "SELECT (SELECT count(*) FROM {table}), coalesce((SELECT seq FROM sqlite_sequence WHERE name = '{table}'), 0)"
        );
        let (rows, put): (i64, i64) = connection.query_row(&find, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
        if rows != put {
            tracing::warn!(table, rows, put, "rows are gone");
            return Err(corrupt());
        }
    }
    Ok(())
}

/// What SQLite itself says of a damaged database.
pub(super) fn corrupt() -> rusqlite::Error {
    rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT), None)
}
