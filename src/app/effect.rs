//! What must be done: imperative, plain data, carried out by the runtime.

use super::compute::Compute;
use super::msg::{JobId, SourceId};
use crate::domain::draft::{Edit, Snapshot};
use crate::domain::evidence::{Scope, Subject};
use crate::domain::keys::{KnownSource, Source};
use crate::domain::manifest::RowId;
use crate::domain::request::Fingerprint;
use secrecy::SecretString;
use std::path::PathBuf;

/// One line for the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JournalLine {
    Did(Edit),
    Undid,
    Redid,
}

/// What becomes of a check of many rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SweepOrder {
    Pause,
    GoOn,
    /// What is under way still comes in; nothing more is asked.
    Stop,
}

#[derive(Debug)]
pub enum Effect {
    ListFiles(JobId),
    Load(JobId, PathBuf),
    /// Works something out over all rows, away from the screen.
    Compute(JobId, Compute),

    /// Asks about what the operator looks at, in this order. It takes the place of what was wanted before and is not under
    /// way yet.
    AskInSight {
        job: JobId,
        wanted: Vec<(RowId, Subject)>,
    },
    /// Asks about this first, however long it takes: the operator said so.
    AskNow {
        job: JobId,
        wanted: Vec<(RowId, Subject)>,
        /// What is known is asked again.
        afresh: bool,
    },
    /// Asks about rows one after another, behind what the operator looks at.
    AskAll {
        job: JobId,
        /// Every word about how far it is carries it.
        id: u64,
        snapshot: Snapshot,
        scope: Scope,
        /// Distinct things that will be asked for.
        total: u64,
    },
    OrderOnline(JobId, SweepOrder),

    Journal(Vec<JournalLine>),
    /// This session's edits are not wanted any more.
    ForgetJournal,
    /// The edits that were offered after a crash are taken or dropped.
    ForgetRecovered,
    /// What this program did on the file it had open before is done again, or not wanted.
    ForgetEarlier,
    Save(Save),

    /// Reads the transcript keys of a source.
    ReadKeys {
        job: JobId,
        id: SourceId,
        source: Source,
        snapshot: Snapshot,
    },
    /// Remembers where the keys of a manifest came from.
    KeepSources(PathBuf, Vec<KnownSource>),
    /// Looks for lists of keys beside a manifest.
    FindLists(JobId, PathBuf),
    CompletePath(JobId, String),

    Prepare {
        job: JobId,
        snapshot: Snapshot,
        path: PathBuf,
    },
    Send(Send),
    KeepKey(SecretString),
    Settle {
        id: i64,
        accepted: bool,
    },
    ReadLog(JobId),
    /// One upload with the body of its reply; the answer is a log of this one.
    ReadAttempt {
        job: JobId,
        id: i64,
    },

    /// Works out size and SHA-256 of what the open file holds.
    Fingerprint(JobId, Snapshot),
    Copy(String),
    /// Copies the SHA-256 of what would be saved.
    CopySha256(Snapshot),
    WriteFile {
        job: JobId,
        path: PathBuf,
        bytes: Vec<u8>,
    },
    /// Hands a text to $EDITOR; the answer is what it saved.
    EditText {
        job: JobId,
        text: String,
    },
    /// Opens a file in $EDITOR at a line; the answer comes when it is closed.
    EditFile {
        job: JobId,
        path: PathBuf,
        line: usize,
    },
    After {
        job: JobId,
        ms: u64,
    },
    Cancel(JobId),
    Suspend,
    /// Leaves for the demo.
    Demo,
    Quit(u8),
}

#[derive(Debug)]
pub struct Save {
    pub job: JobId,
    /// What is written.
    pub snapshot: Snapshot,
    /// What the file should hold now; None for a new file.
    pub expected: Option<Snapshot>,
    pub target: PathBuf,
    /// Write over what another program wrote: the operator said so.
    pub over_changes: bool,
    /// Write although the file's owner, mode, attributes or other names can't be kept: the operator said so.
    pub with_losses: bool,
}

#[derive(Debug)]
pub struct Send {
    pub job: JobId,
    pub snapshot: Snapshot,
    pub path: PathBuf,
    pub fingerprint: Fingerprint,
    pub rows: u32,
    /// The operator typed that the same bytes are to be sent again.
    pub again: bool,
}
