//! The sources of a manifest's transcript keys, for its next session. Standard input and sources with a non-text name
//! can't be read again, so they are left out.

use super::{Cache, StoreError, path_key};
use crate::domain::keys::{Columns, Input, KnownSource, Source};
use rusqlite::{Row, Transaction, params};
use std::path::{Path, absolute};

pub(super) const STEP: &str = "CREATE TABLE sources (
        path BLOB NOT NULL,
        position INTEGER NOT NULL,
        source TEXT NOT NULL,
        columns TEXT,
        shape TEXT NOT NULL,
        keys INTEGER NOT NULL,
        usable INTEGER NOT NULL,
        read_ms INTEGER NOT NULL,
        PRIMARY KEY (path, position)
     ) STRICT, WITHOUT ROWID;";

impl Cache {
    /// Stores the sources of a manifest, replacing the earlier ones. Use its canonical path; paths of lists become
    /// absolute.
    pub fn keep_sources(&mut self, manifest: &Path, sources: &[KnownSource]) -> Result<(), StoreError> {
        let path = path_key(manifest);
        self.database.write(|transaction| {
            transaction.execute("DELETE FROM sources WHERE path = ?1", [&path])?;
            let mut statement = transaction.prepare_cached(
                "INSERT INTO sources (path, position, source, columns, shape, keys, usable, read_ms)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?;
            let named = sources.iter().filter_map(|known| Some((known, name_of(&known.source)?)));
            for (position, (KnownSource { source, shape, keys, usable, read_ms }, name)) in (0_i64..).zip(named) {
                let columns = match source {
                    Source::File { columns, .. } => columns.as_ref().map(Columns::to_string),
                    _ => None,
                };
                let (keys, usable) = (keys.cast_signed(), usable.cast_signed());
                statement.execute(params![path, position, name, columns, shape, keys, usable, read_ms])?;
            }
            Ok(())
        })
    }

    /// The stored sources of a manifest, in order. The files may no longer exist.
    pub fn known_sources(&self, manifest: &Path) -> Result<Vec<KnownSource>, StoreError> {
        let known = self.database.read(|connection| {
            let mut statement = connection.prepare("SELECT * FROM sources WHERE path = ?1 ORDER BY position")?;
            statement.query_map([path_key(manifest)], known)?.collect::<rusqlite::Result<Vec<_>>>()
        })?;
        Ok(known.into_iter().flatten().collect())
    }
}

/// Sources are kept as long as their manifest is among the recent files.
pub(super) fn forget_of_others(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    transaction.execute("DELETE FROM sources WHERE path NOT IN (SELECT path FROM recent)", []).map(drop)
}

/// A text that [`Source::parse`] reads as the same source from any folder. None if there is none.
fn name_of(source: &Source) -> Option<String> {
    let source = match source {
        Source::File { file: Input::Path(path), at, columns } => {
            let file = Input::Path(absolute(path).ok()?);
            Source::File { file, at: at.clone(), columns: columns.clone() }
        }
        other => other.clone(),
    };
    let name = source.named();
    let same = match (Source::parse(&name).ok()?, &source) {
        (Source::File { file, at, .. }, Source::File { file: own, at: own_at, .. }) => {
            (&file, &at) == (own, own_at) && file != Input::Stdin
        }
        (parsed, own) => parsed == *own,
    };
    same.then_some(name)
}

fn known(row: &Row<'_>) -> rusqlite::Result<Option<KnownSource>> {
    let (source, columns): (String, Option<String>) = (row.get("source")?, row.get("columns")?);
    let (keys, usable): (i64, i64) = (row.get("keys")?, row.get("usable")?);
    let Ok(mut source) = Source::parse(&source) else { return Ok(None) };
    // A list in this folder has the name that is typed for it, so that it is not taken for another one.
    if let Source::File { file: Input::Path(path), .. } = &mut source
        && let Some(here) =
            std::env::current_dir().ok().and_then(|here| path.strip_prefix(here).ok().map(Path::to_owned))
    {
        *path = here;
    }
    if let Some(columns) = columns.and_then(|columns| Columns::parse(&columns).ok()) {
        source = source.with_columns(columns);
    }
    let (keys, usable) = (keys.cast_unsigned(), usable.cast_unsigned());
    Ok(Some(KnownSource { source, shape: row.get("shape")?, keys, usable, read_ms: row.get("read_ms")? }))
}
