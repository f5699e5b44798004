//! The messages that [`super::update()`] handles: terminal events and results of effects, named in the past tense.

use super::count::{Counted, Fault, Merged};
use super::filling::Filled;
use super::pairs::{Paired, Told};
use crate::domain::draft::{Draft, Edit, Snapshot};
use crate::domain::evidence::{Observed, Plan, Progress as OnlineProgress, Shard, Subject};
use crate::domain::findings::Findings;
use crate::domain::follow::{self, Look};
use crate::domain::keys::{Given, KeyList, KeyOffer, KnownSource, Listed, SourceFault, Summary};
use crate::domain::manifest::{ExcerptLine, Manifest, Refusal, RowId};
use crate::domain::outcome::Attempt;
use crate::domain::pair::{Progress as PairProgress, Standing, Table};
use crate::domain::receipt::{Receipt, RowsAsSent};
use crate::domain::request::Fingerprint;
use crate::domain::row_set::RowSet;
use crate::domain::rows::{Quota, RowsCutOff, RowsNews, RowsPlan, RowsSent, SentRow, Slow};
use crate::domain::search::{Hit, Nth};
use crate::domain::sent_before::RowsBefore;
pub use crate::domain::submission::{Facts as GateFacts, Phase};
use crate::domain::subtitle::Difference;
use crate::domain::template::{LearntTemplate, SavedTemplate, TemplateFault};
use crossterm::event::{KeyEvent, MouseEvent};
use jiff::{Timestamp, civil::DateTime, tz::Offset};
use std::path::PathBuf;
use std::sync::Arc;

/// Identifies one job. A result whose id is no longer awaited is stale and dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JobId(pub u64);

/// A point in time with the local UTC offset. The event loop supplies it: the model reads no clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// Milliseconds since 1970-01-01 UTC.
    pub unix_ms: i64,
    /// Local time minus UTC, in seconds.
    pub offset_s: i32,
}

impl Moment {
    /// `14:03:07`, local.
    pub fn clock(self) -> String {
        self.local().strftime("%H:%M:%S").to_string()
    }

    /// `14:03`, local.
    pub fn short_clock(self) -> String {
        self.local().strftime("%H:%M").to_string()
    }

    /// Another time with the same UTC offset.
    pub fn at(self, unix_ms: i64) -> Moment {
        Moment { unix_ms, ..self }
    }

    /// A time as it is written down, `2026-11-23T13:03:07.112Z`, with the same UTC offset.
    pub fn of(self, text: &str) -> Option<Moment> {
        text.parse::<Timestamp>().ok().map(|at| self.at(at.as_millisecond()))
    }

    /// `23 Nov 2026`, local.
    pub fn date(self) -> String {
        self.local().strftime("%-d %b %Y").to_string()
    }

    pub fn year(self) -> i16 {
        self.local().year()
    }

    /// `Mon 23 Nov`, local.
    pub fn day(self) -> String {
        self.local().strftime("%a %-d %b").to_string()
    }

    /// Formats `unix_ms`, with `self` as now: `14:03:07` today, `Mon 23 Nov 14:03:07` this year, else `23 Nov 2025
    /// 14:03:07`.
    pub fn tell(self, unix_ms: i64) -> String {
        let at = self.at(unix_ms);
        let day = match () {
            () if at.date() == self.date() => return at.clock(),
            () if at.year() == self.year() => at.day(),
            () => at.date(),
        };
        format!("{day} {}", at.clock())
    }

    /// `23 Nov`, local.
    pub fn short_date(self) -> String {
        self.local().strftime("%-d %b").to_string()
    }

    /// Local civil time. Reads neither a clock nor a time zone database.
    fn local(self) -> DateTime {
        // A time out of range comes from a damaged file or database: it is shown as 1970, UTC.
        let offset = Offset::from_seconds(self.offset_s).unwrap_or(Offset::UTC);
        offset.to_datetime(Timestamp::from_millisecond(self.unix_ms).unwrap_or_default())
    }
}

/// Edits in the journal that the file on disk does not contain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// Number of edits in the journal; 0 when the only ones were saved and then undone.
    pub found: usize,
    /// The readable ones that apply to the file as it is; empty when another program changed it since.
    pub edits: Vec<Edit>,
    pub last: Moment,
    pub fit: Fit,
    /// Number of edits that were saved and then undone: the file still contains them.
    pub undone_after_save: usize,
    /// How many of `found` this version cannot read. Forgetting the others forgets these too.
    pub unreadable: usize,
}

/// Whether the journal's edits apply to the file on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// Yes: the file has not changed when the edits were made.
    AsOpened,
    /// Yes: the file has not changed saved between the edits.
    AsSaved,
    /// No: another program changed the file since, so the edits may name the wrong rows.
    ChangedSince,
}

/// Result of a save.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SaveEnd {
    Saved,
    /// Nothing was changed, and the file holds what it held when it was read or last saved: it was not written.
    Unchanged,
    /// Written, but the system did not confirm that it would survive a power cut; why.
    NotConfirmed(String),
    /// Saved, with a warning to show: a whole sentence.
    SavedBut(String),
    /// Not written: another program changed the file since it was read.
    ChangedOnDisk,
    /// Not written: the file no longer exists.
    Missing,
    /// Not written: what replacing the file would lose, as in `its owner or group would change, …`.
    WouldLose(String),
    /// A whole sentence, shown as it is, that says what state the file is in.
    Failed(String),
}

/// One line of the file chooser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recent {
    pub path: PathBuf,
    pub rows: Option<u32>,
    /// For display: `today 13:40`, `in this folder`.
    pub when: String,
}

/// Identifies a source of transcript S3 keys while its file is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub u32);

/// What was read of a source so far.
#[derive(Clone, Debug, Default)]
pub struct KeysSoFar {
    pub list: Arc<KeyList>,
    pub given: Arc<Vec<Given>>,
}

/// A bucket that the manifest names, with the numbers of transcripts and videos in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    pub name: String,
    pub transcripts: u32,
    pub videos: u32,
}

/// A file beside the manifest that looks like a list of S3 keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundList {
    /// As it is shown and read.
    pub path: PathBuf,
    /// `aws s3 ls`, `a table`
    pub shape: String,
    /// In bytes.
    pub size: u64,
    /// `today 13:40`, `yesterday`
    pub when: String,
}

/// The rows that match a query, in view order.
pub type RowList = Arc<Vec<RowId>>;

/// Why an attempt can't be followed: a sentence without its full stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CannotFollow {
    pub why: String,
    /// It could be with an API key.
    pub needs_key: bool,
}

#[derive(Debug)]
pub enum Msg {
    Clock(Moment),
    Key(KeyEvent),
    Paste(String),
    Mouse(MouseEvent),
    Resized(u16, u16),
    /// A frame was drawn: what was asked stands on the screen.
    Drawn,
    /// Sent four times a second while something runs, with the current time.
    Ticked(Moment),

    FilesListed(JobId, Vec<Recent>),
    /// The first rows of the file, before the whole file is read.
    PrefixRead(JobId, Manifest, Reading),
    RowsIndexed(JobId, Manifest, Reading),
    Loaded(JobId, Box<Loaded>),
    LoadRefused(JobId, Box<Refusal>, Vec<ExcerptLine>),
    LoadFailed(JobId, String),

    Checking(JobId, u32),
    Checked(JobId, Box<Findings>),
    /// Results of online checks, in small batches.
    Observed(JobId, Vec<Observed>),
    OnlineMoved(JobId, OnlineProgress),
    /// The part that a check uses was read, or why not.
    PartRead(JobId, Result<PartRead, String>),
    Planned(JobId, Plan),
    /// The first difference of the two transcripts in sight, or why it is not known.
    CuesCompared(JobId, Result<Difference, String>),
    Viewed(JobId, RowList, Progress),
    Found(JobId, Option<Hit>, Option<Nth>),
    /// Rows counted so far for a bulk change.
    Counting(JobId, u32),
    Counted(JobId, Result<Counted, Fault>),
    /// Rows compared so far for a merge.
    Merging(JobId, u32),
    Merged(JobId, Merged),
    /// A background job applied a bulk change.
    Applied(JobId, Box<Draft>, RowSet),

    /// What a run over names is doing.
    Pairing(JobId, PairProgress),
    Paired(JobId, Box<Paired>),
    /// How the rows stand, and whether those that changed hold what was proposed for them.
    Stood(JobId, Arc<Standing>, bool),
    Compared(JobId, Arc<Told>),
    /// The snapshot knows its sums now.
    Summed(JobId),
    /// The answer of one row for those that ask the same, as one edit; None where it fits no other row.
    SameFor(JobId, Option<Arc<Edit>>),

    Saved(JobId, Snapshot, SaveEnd),
    /// What the journal holds for the file that was loaded.
    JournalRead(JobId, Result<Option<Recovered>, String>),
    JournalFailed(String),

    KeysListed(JobId, SourceId, KeysSoFar),
    KeysEnded(JobId, SourceId, Result<Box<Summary>, Box<SourceFault>>),
    /// Sources from earlier sessions of the file. The id is that of the file's online checks.
    SourcesKnown(JobId, Vec<KnownSource>),
    /// How the table of the manifest was sorted and arranged last.
    LookKnown(JobId, String),
    /// The S3 keys of all sources, merged without duplicates, and what each table gives.
    Gathered(JobId, Arc<Listed>, Vec<Table>),
    /// Transcripts that were not found and whose key is listed in another case.
    Spelled(JobId, Vec<Subject>),
    BucketsFound(JobId, Vec<Bucket>),
    /// What a typed template would fill, or what is wrong with it.
    TemplateCounted(JobId, Result<Filled, TemplateFault>),
    /// The template learnt from rows filled by hand; None if none explains them.
    Learnt(JobId, Option<Box<LearntTemplate>>),
    /// The saved templates of a bucket, and the message on forgetting one.
    TemplatesRead(JobId, Result<(Vec<SavedTemplate>, Option<String>), String>),
    /// Files beside the manifest that look like lists of S3 keys.
    ListsFound(JobId, Vec<FoundList>),
    /// A typed path, completed.
    PathCompleted(JobId, String),
    Ranked(JobId, Vec<KeyOffer>, u32),

    Prepared(JobId, Result<Box<GateFacts>, String>),
    SendMoved(JobId, Phase),
    SendSlow(JobId, Slow),
    Sent(JobId, Box<Attempt>),
    Settled(Result<Box<Attempt>, String>),
    RowsPrepared(JobId, Result<Box<RowsReady>, String>),
    RowsMoved(JobId, RowsNews),
    RowsEnded(JobId, Result<RowsSent, String>),
    RowSettled(Result<SentRow, String>),
    /// A send row by row from the ledger; None if it is not there any more.
    RowsRead(JobId, Result<Option<Box<RowsRead>>, String>),
    LookedBack(JobId, LookedBack),
    LogRead(JobId, Result<Vec<Attempt>, String>),
    ReceiptRead(JobId, Result<Box<ReceiptRead>, String>),
    /// Following has begun: the attempt, and what is known of it from earlier; or why it can't be followed.
    FollowBegan(JobId, Result<(Box<Attempt>, Arc<Look>), CannotFollow>),
    FollowMoved(JobId, Arc<Look>),
    /// The draft of rows to send again was written: its path, and what to say.
    Drafted(JobId, Result<(PathBuf, String), String>),

    /// Size and SHA-256 of the open file's contents.
    Fingerprinted(JobId, Fingerprint),
    /// The requested SHA-256, in hex.
    Hashed(String),
    Copied(Result<(), String>),
    FileWritten(JobId, Result<PathBuf, String>),
    /// `$EDITOR` was closed: the text it saved, or why there is none.
    EditorClosed(JobId, Result<String, String>),
    /// The delay requested by [`super::Effect::After`] is over.
    Elapsed(JobId),
    /// A job ended without a result; the reason, for display.
    JobFailed(JobId, String),
    /// Background work that no job awaits failed; the reason, for display.
    Failed(String),
}

/// The facts for the gate before a send row by row.
#[derive(Clone, Debug)]
pub struct RowsReady {
    pub facts: GateFacts,
    /// The attempt that goes on.
    pub attempt: Option<i64>,
    /// Another cuecard is sending it now.
    pub under_way: bool,
    /// What other attempts had of the rows.
    pub before: RowsBefore,
    pub plan: RowsPlan,
    /// The attempt's rows so far.
    pub rows: Vec<SentRow>,
    /// What an answer told of the limit.
    pub quota: Option<Quota>,
    /// Of the first row, one entry per line; `VIDEO_LINK` in the place of a presigned link.
    pub curl: Vec<String>,
    /// There are credentials to sign links with.
    pub can_sign: bool,
    /// Rows whose video nobody asked for: it is taken for public.
    pub unchecked: u64,
}

/// A send row by row, as the ledger keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowsRead {
    pub attempt: Attempt,
    /// Those that were begun.
    pub rows: Vec<SentRow>,
    /// The places of those that could go.
    pub able: Vec<u32>,
    /// All rows of the file.
    pub sent: Arc<Vec<follow::SentRow>>,
}

/// What the ledger knows of the file that was opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LookedBack {
    /// A send row by row of it that was cut off.
    pub cut_off: Option<RowsCutOff>,
    pub before: RowsBefore,
}

/// A part of a divided online check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartRead {
    pub shard: Shard,
    pub answers: u64,
    /// `today 13:40`
    pub when: String,
}

/// A receipt, and what a file on disk is to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiptRead {
    pub receipt: Receipt,
    /// As a file.
    pub text: String,
    pub verdict: ReceiptVerdict,
    /// Of the file that was compared.
    pub name: String,
    /// The operator named that file; else it is the one that was sent.
    pub is_given: bool,
    /// The path of the file that was sent, if this machine knows it.
    pub file: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReceiptVerdict {
    Same,
    /// None where nothing is known of single rows.
    Other(Option<RowsAsSent>),
    NoFile,
    /// The receipt itself was edited or cut.
    Damaged,
}

/// Bytes read of a file, and its size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    pub read: u64,
    pub total: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    SoFar,
    Whole,
}

/// A well-formed file, read to its end.
#[derive(Debug)]
pub struct Loaded {
    pub manifest: Manifest,
    /// With symlinks resolved.
    pub path: PathBuf,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_shown_in_local_time() {
        let shown = |unix_ms, offset_s| {
            let moment = Moment { unix_ms, offset_s };
            let short = (moment.short_clock(), moment.short_date());
            assert!(moment.clock().starts_with(&short.0) && moment.date().starts_with(&short.1));
            format!("{} {}", moment.date(), moment.clock())
        };
        for (unix_ms, offset_s, text) in [
            (0, 0, "1 Jan 1970 00:00:00"),
            (-1, 0, "31 Dec 1969 23:59:59"),
            (0, -3_600, "31 Dec 1969 23:00:00"),
            (1_709_164_799_999, 0, "28 Feb 2024 23:59:59"),
            (1_709_164_800_000, 0, "29 Feb 2024 00:00:00"),
            (1_709_251_200_000, 0, "1 Mar 2024 00:00:00"),
            (1_709_251_200_000, 20_700, "1 Mar 2024 05:45:00"),
            (4_107_542_400_000, 0, "1 Mar 2100 00:00:00"),
            (4_107_542_399_000, 0, "28 Feb 2100 23:59:59"),
            (i64::MAX, i32::MIN, "1 Jan 1970 00:00:00"),
        ] {
            assert_eq!(shown(unix_ms, offset_s), text);
        }
    }
}
