//! The journal of edits, in `ledger.db`: what brings unsaved work back after a crash.
//!
//! A session is one file as one process opened it: the file's canonical path and its content then (the *base*). Its
//! marks are only ever added: did, undid, redid, and *saving*. Since a draft's base never moves, every edit of a
//! session speaks of the rows of its base, before and after a save.
//!
//! Saves. `Mark::Saving` carries the content the file is about to have, and is committed **before** the file is
//! replaced. Which content the file really has is seen when it is next opened: the newest mark that matches it is the
//! save that counts, and only what was done after it is to be recovered. So a crash between mark and replace, or
//! between replace and anything else, needs no repair. A save that leaves out excluded rows gives the file fewer rows
//! than the base; the mark keeps which, and [`renumbered`] takes recovered edits to the file's own row numbers.
//!
//! Operations that were saved and then undone before the crash stand in the file; they are counted, not undone.

use super::{Ledger, StoreError, path_key};
use crate::domain::row_set::RowSet;
use crate::io::process::{Writer, is_alive, own};
use rusqlite::{Connection, params};
use std::path::Path;

pub type SessionId = i64;

/// One line of the journal. The text of an edit is the caller's: it comes back as it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mark {
    Did(String),
    Undid,
    Redid,
    /// The file is about to be replaced by this content (its hash), without these rows of the base.
    Saving {
        content: String,
        left_out: RowSet,
    },
}

/// How a session's edits fit the file as it is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// The file is as it was opened: the edits speak of its rows.
    Base,
    /// The file is as the session last saved it.
    Save,
    /// The file has been changed since, by somebody else: the edits' row numbers may mean other rows.
    Neither,
}

/// Edits that a crash left behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovered {
    pub session: SessionId,
    /// Of the last edit, Unix time in milliseconds.
    pub changed_ms: i64,
    pub fit: Fit,
    /// Oldest first, in row numbers of the session's base.
    pub edits: Vec<String>,
    /// Rows of the base that the file no longer has; see [`renumbered`].
    pub left_out: RowSet,
    /// Operations that had been saved and then undone: the file still has them.
    pub undone_after_save: usize,
}

impl Ledger {
    /// Opens a session for a file as it was read. `content` is the hash of its bytes; any text that differs when they do.
    pub fn open_session(&mut self, path: &Path, content: &str, now_ms: i64) -> Result<SessionId, StoreError> {
        self.database.write(|transaction| {
            transaction.execute(
                "INSERT INTO session (process, identity, path, base, started_ms, changed_ms)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?5)",
                params![own().process, own().identity, path_key(path), content, now_ms],
            )?;
            Ok(transaction.last_insert_rowid())
        })
    }

    /// Writes marks, all or none, as those after the session's first `before`, and returns when they are on the disk.
    /// What stood there is replaced: after a failure, which may have come too late to undo the write, the same marks
    /// are written again with those since, and none stands twice.
    pub fn record(&mut self, session: SessionId, before: usize, marks: &[Mark], now_ms: i64) -> Result<(), StoreError> {
        self.database.write(|transaction| {
            let first = i64::try_from(before).unwrap_or(i64::MAX).saturating_add(1);
            transaction.execute("DELETE FROM mark WHERE session = ?1 AND seq >= ?2", params![session, first])?;
            let mut insert = transaction
                .prepare("INSERT INTO mark (session, seq, kind, text, left_out) VALUES (?1, ?2, ?3, ?4, ?5)")?;
            for (mark, seq) in marks.iter().zip(first..) {
                let (kind, text, left_out) = match mark {
                    Mark::Did(edit) => ("did", edit.as_str(), String::new()),
                    Mark::Undid => ("undid", "", String::new()),
                    Mark::Redid => ("redid", "", String::new()),
                    Mark::Saving { content, left_out } => ("saving", content.as_str(), ranges_text(left_out)),
                };
                insert.execute(params![session, seq, kind, text, left_out])?;
            }
            transaction.execute("UPDATE session SET changed_ms = ?2 WHERE id = ?1", params![session, now_ms])?;
            Ok(())
        })
    }

    /// What a session of this file, whose process is gone, had not saved. `content` is the hash of the file's bytes now.
    /// Edits that fit the file come first, newest session first; what is only to be told of must not hide them.
    /// Sessions that left nothing are forgotten on the way.
    pub fn recover(&mut self, path: &Path, content: &str) -> Result<Option<Recovered>, StoreError> {
        self.database.write(|transaction| {
            let mut sessions = transaction.prepare(
                "SELECT id, process, identity, base, changed_ms FROM session WHERE path = ?1 ORDER BY id DESC",
            )?;
            let sessions: Vec<(i64, u32, String, String, i64)> = sessions
                .query_map([path_key(path)], |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
                })?
                .collect::<rusqlite::Result<_>>()?;
            let mut told = None;
            for (session, process, identity, base, changed_ms) in sessions {
                if is_alive(Writer { process, identity: &identity }) {
                    continue;
                }
                let left = replay(&marks(transaction, session)?, &base, content);
                if left.edits.is_empty() && left.undone_after_save == 0 {
                    transaction.execute("DELETE FROM session WHERE id = ?1", [session])?;
                    continue;
                }
                let left = Recovered { session, changed_ms, ..left };
                if left.fit != Fit::Neither && !left.edits.is_empty() {
                    return Ok(Some(left));
                }
                told.get_or_insert(left);
            }
            Ok(told)
        })
    }

    /// The session's work is saved, taken over by another session, or dropped by the operator.
    pub fn forget(&mut self, session: SessionId) -> Result<(), StoreError> {
        self.database.write(|transaction| {
            transaction.execute("DELETE FROM session WHERE id = ?1", [session])?;
            Ok(())
        })
    }
}

/// The rows of a recovered edit in the numbers of the file as it is: rows that were left out are gone, those after them
/// moved up.
pub fn renumbered(rows: &RowSet, left_out: &RowSet) -> RowSet {
    let moved_up = |row: u32| {
        let before = |&(start, end): &(u32, u32)| end.min(row).saturating_sub(start);
        row - left_out.ranges().iter().map(before).sum::<u32>()
    };
    rows.iter().filter(|row| !left_out.contains(*row)).map(moved_up).collect()
}

fn marks(connection: &Connection, session: SessionId) -> rusqlite::Result<Vec<Mark>> {
    let mut statement = connection.prepare("SELECT kind, text, left_out FROM mark WHERE session = ?1 ORDER BY seq")?;
    let marks = statement.query_map([session], |row| {
        let (kind, text, left_out): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok(match kind.as_str() {
            "did" => Some(Mark::Did(text)),
            "undid" => Some(Mark::Undid),
            "redid" => Some(Mark::Redid),
            "saving" => Some(Mark::Saving { content: text, left_out: ranges(&left_out) }),
            _ => None,
        })
    })?;
    marks.filter_map(Result::transpose).collect()
}

/// Follows the marks, and finds the newest moment at which the file was as it is now.
fn replay(marks: &[Mark], base: &str, content: &str) -> Recovered {
    // An edit is named by its place among the marks: the same text done twice is two edits.
    let (mut done, mut undone): (Vec<usize>, Vec<usize>) = (Vec::new(), Vec::new());
    let nothing = RowSet::new();
    let mut saved = (base == content).then_some((Fit::Base, Vec::new(), &nothing));
    for (at, mark) in marks.iter().enumerate() {
        match mark {
            Mark::Did(_) => {
                done.push(at);
                undone.clear();
            }
            Mark::Undid => undone.extend(done.pop()),
            Mark::Redid => done.extend(undone.pop()),
            Mark::Saving { content: saving, left_out } => {
                if saving == content {
                    saved = Some((Fit::Save, done.clone(), left_out));
                }
            }
        }
    }
    let (fit, saved, left_out) = saved.unwrap_or((Fit::Neither, Vec::new(), &nothing));
    let common = done.iter().zip(&saved).take_while(|(now, then)| now == then).count();
    let text = |at: &usize| match marks.get(*at) {
        Some(Mark::Did(text)) => Some(text.clone()),
        _ => None,
    };
    Recovered {
        session: 0,
        changed_ms: 0,
        fit,
        edits: done.iter().skip(common).filter_map(text).collect(),
        left_out: left_out.clone(),
        undone_after_save: saved.len() - common,
    }
}

fn ranges_text(rows: &RowSet) -> String {
    serde_json::to_string(rows.ranges()).unwrap_or_default()
}

fn ranges(text: &str) -> RowSet {
    let ranges: Vec<(u32, u32)> = serde_json::from_str(text).unwrap_or_default();
    ranges.into_iter().fold(RowSet::new(), |all, (start, end)| all.union(&RowSet::range(start, end)))
}
