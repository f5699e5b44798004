//! The journal of edits, in `ledger.db`: it restores unsaved work after a crash.
//!
//! A session is one file as one process opened it: the file's canonical path and its content at that time (the *base*).
//! Marks are only ever appended: did, undid, redid, and *saving*. A draft's base never changes, so every edit of a
//! session refers to rows of its base, before and after a save.
//!
//! Saves. `Mark::Saving` holds the hash of the new content and is committed **before** the file is replaced. The next
//! time the file is opened, the newest mark that matches its content is the save that counts, and only later edits are
//! recovered. So a crash between mark and replacement, or right after it, needs no repair. A save that leaves out
//! excluded rows gives the file fewer rows than the base; the mark records which, and [`renumbered`] converts recovered
//! edits to the file's own row numbers.
//!
//! Operations that were saved and then undone before the crash are still in the file; they are counted, not undone.

use super::{Ledger, StoreError, path_key};
use crate::domain::row_set::RowSet;
use crate::io::process::{Writer, is_alive, own};
use rusqlite::{Connection, params};
use std::path::Path;

pub type SessionId = i64;

/// One journal entry. The text of an edit is opaque and returned unchanged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mark {
    Did(String),
    Undid,
    Redid,
    /// The file is about to be replaced by this content (a hash), without these rows of the base.
    Saving {
        content: String,
        left_out: RowSet,
    },
}

/// How a session's edits match the current file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// The file is unchanged since it was opened, so row numbers match.
    Base,
    /// The file is as this session last saved it.
    Save,
    /// Another program changed the file: the row numbers may refer to other rows.
    Neither,
}

/// Edits that survived a crash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovered {
    pub session: SessionId,
    /// Time of the last edit, in Unix milliseconds.
    pub changed_ms: i64,
    pub fit: Fit,
    /// Oldest first, with row numbers of the session's base.
    pub edits: Vec<String>,
    /// Rows of the base that are missing in the file; see [`renumbered`].
    pub left_out: RowSet,
    /// Number of operations saved and then undone: the file still contains them.
    pub undone_after_save: usize,
}

impl Ledger {
    /// Starts a session for a file. `content` is the hash of its bytes; any text that changes with them.
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

    /// Writes marks after the session's first `before` ones, all or none, and returns when they are on disk. Later
    /// marks are replaced: after a failed write, which may still have happened, the caller writes the same marks again
    /// together with newer ones, and none is duplicated.
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

    /// Unsaved edits of ended sessions of this file. `content` is the hash of the file's current bytes. Edits that
    /// match the file come first, newest session first, so that others can't hide them. Sessions without edits are
    /// deleted on the way.
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

    /// Deletes a session whose edits are saved, taken over, or discarded by the operator.
    pub fn forget(&mut self, session: SessionId) -> Result<(), StoreError> {
        self.database.write(|transaction| {
            transaction.execute("DELETE FROM session WHERE id = ?1", [session])?;
            Ok(())
        })
    }
}

/// Converts the rows of a recovered edit to the file's numbering: left-out rows are removed and later ones move up. It
/// takes whole ranges: a damaged journal may name four billion rows.
pub fn renumbered(rows: &RowSet, left_out: &RowSet) -> RowSet {
    let mut gone = left_out.ranges().iter().peekable();
    let mut before = 0;
    let moved_up = |&(start, end): &(u32, u32)| {
        while let Some((from, to)) = gone.next_if(|(_, to)| *to <= start) {
            before += to - from;
        }
        (start - before, end - before)
    };
    RowSet::from(rows.difference(left_out).ranges().iter().map(moved_up).collect::<Vec<_>>())
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

/// Replays the marks and finds the newest point at which the file had its current content.
fn replay(marks: &[Mark], base: &str, content: &str) -> Recovered {
    // An edit is identified by its position: the same text twice is two edits.
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
