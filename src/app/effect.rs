//! Effects for the runtime to carry out, as plain data named in the imperative.

use super::compute::Compute;
use super::msg::{JobId, SourceId};
use crate::domain::draft::{Edit, Snapshot};
use crate::domain::evidence::{Evidence, Scope, Subject};
use crate::domain::findings::Findings;
use crate::domain::follow::SentRow;
use crate::domain::keys::{KnownSource, Source};
use crate::domain::manifest::RowId;
use crate::domain::request::Fingerprint;
use crate::domain::rows::{RowsControl, RowsPlan, Terms};
use secrecy::SecretString;
use std::path::PathBuf;
use std::sync::Arc;

/// One record of the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JournalLine {
    Did(Arc<Edit>),
    Undid,
    Redid,
}

/// Pauses, resumes or stops an online check of many rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SweepOrder {
    Pause,
    GoOn,
    /// Sends no more requests; those in flight still report.
    Stop,
}

/// Reads, saves or forgets templates of a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TemplateOrder {
    Read { bucket: String },
    Keep { bucket: String, name: String, text: String },
    Forget { bucket: String, name: String },
}

#[derive(Debug)]
pub enum Effect {
    ListFiles(JobId),
    Load(JobId, PathBuf),
    /// Runs a computation over all rows in the background.
    Compute(JobId, Compute),

    /// Queues online checks of what is on the screen, in this order. Replaces those queued before that have not
    /// started.
    AskInSight {
        job: JobId,
        wanted: Vec<(RowId, Subject)>,
    },
    /// Checks these ahead of all others: the operator asked for them.
    AskNow {
        job: JobId,
        wanted: Vec<(RowId, Subject)>,
        /// Sends a request even where the answer is known.
        afresh: bool,
    },
    /// Checks many rows in order, after what is on the screen.
    AskAll {
        job: JobId,
        /// Number of this check, repeated in its progress reports.
        id: u64,
        snapshot: Snapshot,
        scope: Scope,
        /// Number of distinct requests to send.
        total: u64,
    },
    OrderOnline(JobId, SweepOrder),
    /// Reads two transcripts, which were found before, to their ends and looks for their first difference.
    CompareCues {
        job: JobId,
        pair: [Subject; 2],
        /// The regions they were found in.
        regions: [Option<Box<str>>; 2],
        /// Whoever goes through rows is given a moment first.
        after_ms: u64,
    },
    /// Reads what a part of a divided check learnt, adds it to the evidence and checks all rows with both.
    ReadPart {
        job: JobId,
        path: PathBuf,
        snapshot: Snapshot,
        evidence: Evidence,
    },

    Journal(Vec<JournalLine>),
    /// Drops this session's edits from the journal.
    ForgetJournal,
    /// Drops the edits of a crashed session from the journal: the operator took or dropped them.
    ForgetRecovered,
    /// Drops what this process recorded before it read the file again: those edits are redone, saved or dropped.
    ForgetEarlier,
    /// Looks for what the ledger knows of this file's rows.
    LookBack(JobId, Snapshot),
    /// Stores how the table of a manifest is sorted and arranged, for its next session.
    KeepLook(PathBuf, String),
    Save(Save),

    /// Reads the transcript S3 keys of a source.
    ReadKeys {
        job: JobId,
        id: SourceId,
        source: Source,
        snapshot: Snapshot,
    },
    /// Remembers the S3 key sources of a manifest for later sessions.
    KeepSources(PathBuf, Vec<KnownSource>),
    /// Looks for lists of S3 keys beside a manifest.
    FindLists(JobId, PathBuf),
    CompletePath(JobId, String),
    /// Carries out the order; answered with the saved templates of its bucket.
    Templates(JobId, TemplateOrder),

    Prepare {
        job: JobId,
        snapshot: Snapshot,
        path: PathBuf,
    },
    Send(Send),
    /// Collects the facts and the plan of a send row by row.
    PrepareRows(PrepareRows),
    SendRows(SendRows),
    OrderRows(JobId, RowsControl),
    /// The operator's verdict on one unknown row.
    SettleRow {
        attempt: i64,
        place: u32,
        accepted: bool,
    },
    KeepKey(SecretString),
    Settle {
        id: i64,
        accepted: bool,
    },
    ReadLog(JobId),
    ReadReceipt(JobId, ReceiptOrder),
    /// Reads one upload with its reply body; answered by [`super::Msg::LogRead`] with this one.
    ReadAttempt {
        job: JobId,
        id: i64,
    },

    /// Reads a send row by row with its rows.
    ReadRows {
        job: JobId,
        id: i64,
    },

    /// Asks what became of the rows of an attempt, round by round until it is cancelled; without an id, of the newest
    /// attempt of the file.
    Follow {
        job: JobId,
        id: Option<i64>,
        file: Option<PathBuf>,
    },
    /// Asks now instead of waiting.
    AskTasksNow(JobId),
    /// Writes rows of an attempt, by their position among those sent, to a new file beside the one that was sent.
    DraftToRetry {
        job: JobId,
        file: PathBuf,
        sent: Arc<Vec<SentRow>>,
        rows: Vec<u32>,
        /// What to say of it.
        words: String,
    },

    /// Computes size and SHA-256 of the open file's contents.
    Fingerprint(JobId, Snapshot),
    Copy(String),
    /// Copies the SHA-256 of what would be saved.
    CopySha256(Snapshot),
    WriteFile {
        job: JobId,
        path: PathBuf,
        bytes: Vec<u8>,
    },
    /// Opens a text in `$EDITOR`; answered with the text it saved.
    EditText {
        job: JobId,
        text: String,
    },
    /// Opens a file in `$EDITOR` at a line; answered when it is closed.
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
    /// Ends this program in favour of the demo.
    Demo,
    Quit(u8),
}

#[derive(Debug)]
pub struct Save {
    pub job: JobId,
    /// What to write.
    pub snapshot: Snapshot,
    /// What the file must contain before the save; None for a new file.
    pub expected: Option<Snapshot>,
    pub target: PathBuf,
    /// Overwrite another program's changes: the operator agreed.
    pub over_changes: bool,
    /// Write although the file's owner, mode, attributes or hard links cannot be kept: the operator agreed.
    pub with_losses: bool,
    /// The snapshot is what the file should hold already: it is compared, not written.
    pub is_unchanged: bool,
}

/// Which receipt to read, and the file to compare with what was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiptOrder {
    /// None for the newest attempt of the open file, or else of all.
    pub attempt: Option<i64>,
    pub open: Option<PathBuf>,
    /// Another file than the one that was sent: a manifest, or a receipt to show in place of the attempt's.
    pub against: Option<PathBuf>,
}

#[derive(Debug)]
pub struct PrepareRows {
    pub job: JobId,
    pub snapshot: Snapshot,
    pub path: PathBuf,
    pub findings: Arc<Findings>,
    pub terms: Terms,
}

#[derive(Debug)]
pub struct SendRows {
    pub job: JobId,
    pub snapshot: Snapshot,
    pub path: PathBuf,
    pub fingerprint: Fingerprint,
    pub plan: RowsPlan,
    /// Where the videos are, as far as it was asked.
    pub evidence: Evidence,
}

#[derive(Debug)]
pub struct Send {
    pub job: JobId,
    pub snapshot: Snapshot,
    pub path: PathBuf,
    pub fingerprint: Fingerprint,
    pub rows: u32,
    /// The operator confirmed, by typing, that the same bytes are sent again.
    pub again: bool,
}
