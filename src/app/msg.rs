//! What happened: keys, and the results of what was asked for. Past tense.

use super::count::{Counted, Fault};
use super::pairs::{Paired, Told};
use crate::domain::draft::{Draft, Edit, Snapshot};
use crate::domain::evidence::{Observed, Plan, Progress as OnlineProgress};
use crate::domain::findings::Findings;
use crate::domain::keys::{KeyList, Ranked, Summary};
use crate::domain::manifest::{ExcerptLine, Manifest, Refusal, RowId};
use crate::domain::outcome::Attempt;
use crate::domain::pair::{Progress as PairProgress, Standing};
use crate::domain::request::Fingerprint;
use crate::domain::row_set::RowSet;
use crate::domain::search::{Hit, Nth};
pub use crate::domain::submission::{Facts as GateFacts, Phase};
use crossterm::event::{KeyEvent, MouseEvent};
use jiff::{Timestamp, civil::DateTime, tz::Offset};
use std::path::PathBuf;
use std::sync::Arc;

/// Names one thing asked for. A result whose id nobody waits for any more is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JobId(pub u64);

/// A moment, as the loop hands it in: the model has no clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// Since 1970 in UTC.
    pub unix_ms: i64,
    /// Of local time to UTC, in seconds.
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

    /// Another time, at the same place on earth.
    pub fn at(self, unix_ms: i64) -> Moment {
        Moment { unix_ms, ..self }
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

    /// As short as it can be told from `self`: `14:03:07` of today, `Mon 23 Nov 14:03:07`, `23 Nov 2025 14:03:07`.
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

    /// What the clocks show where the operator is. No clock and no table of time zones is read.
    fn local(self) -> DateTime {
        // What no calendar reaches is a file's or database's nonsense: it is shown as 1970, in UTC.
        let offset = Offset::from_seconds(self.offset_s).unwrap_or(Offset::UTC);
        offset.to_datetime(Timestamp::from_millisecond(self.unix_ms).unwrap_or_default())
    }
}

/// Edits found in the journal that the file on disk doesn't hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// How many the journal holds. May be none, when there is only something that was undone after a save.
    pub found: usize,
    /// Those that fit the file as it is and can be read; none when another program changed it since.
    pub edits: Vec<Edit>,
    pub last: Moment,
    pub fit: Fit,
    /// Changes that were saved and then undone: the file still holds them.
    pub undone_after_save: usize,
    /// Of `found`, those that this version can't read. Forgetting the rest forgets them too.
    pub unreadable: usize,
}

/// How the file is now, to edits found in the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// As it was when the edits were made.
    AsOpened,
    /// As it was saved between the edits.
    AsSaved,
    /// Another program changed it since: the edits' rows may be others.
    ChangedSince,
}

/// What a save came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SaveEnd {
    Saved,
    /// Written, but the system did not confirm that it would survive a power cut.
    NotConfirmed(String),
    /// Saved as well as that, and something has to be told: a whole sentence.
    SavedBut(String),
    /// Another program changed the file meanwhile; it is untouched.
    ChangedOnDisk,
    /// The file is not there any more; nothing was written.
    Missing,
    /// What replacing the file would lose: `its owner or group would change, …`. It is untouched.
    WouldLose(String),
    /// A whole sentence that says what became of the file, to be shown as it is.
    Failed(String),
}

/// One line of the list of recent files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recent {
    pub path: PathBuf,
    pub rows: Option<u32>,
    /// In words: `today 13:40`, `in this folder`.
    pub when: String,
}

/// Row numbers that match, in the order of the view.
pub type RowList = Arc<Vec<RowId>>;

#[derive(Debug)]
pub enum Msg {
    Clock(Moment),
    Key(KeyEvent),
    Paste(String),
    Mouse(MouseEvent),
    Resized(u16, u16),
    /// A frame was drawn: what was asked stands on the screen.
    Drawn,
    /// Four times a second while something runs, with the time it is.
    Ticked(Moment),

    FilesListed(JobId, Vec<Recent>),
    /// The first rows of the file, before it is read whole.
    PrefixRead(JobId, Manifest, Reading),
    RowsIndexed(JobId, Manifest, Reading),
    Loaded(JobId, Box<Loaded>),
    LoadRefused(JobId, Box<Refusal>, Vec<ExcerptLine>),
    LoadFailed(JobId, String),

    Checking(JobId, u32),
    Checked(JobId, Box<Findings>),
    /// What was learnt online, in small batches.
    Observed(JobId, Vec<Observed>),
    OnlineMoved(JobId, OnlineProgress),
    Planned(JobId, Plan),
    Viewed(JobId, RowList, Progress),
    Found(JobId, Option<Hit>, Option<Nth>),
    /// Rows that are counted so far for a change of many.
    Counting(JobId, u32),
    Counted(JobId, Result<Counted, Fault>),
    /// A bulk edit was applied away from the screen.
    Applied(JobId, Box<Draft>, RowSet),

    /// What a run over names is doing.
    Pairing(JobId, PairProgress),
    Paired(JobId, Box<Paired>),
    /// How the rows stand, and whether those that changed hold what was proposed for them.
    Stood(JobId, Arc<Standing>, bool),
    Compared(JobId, Arc<Told>),
    /// The answer of one row for those that ask the same, as one edit; None where it fits no other row.
    SameFor(JobId, Option<Arc<Edit>>),

    Saved(JobId, Snapshot, SaveEnd),
    /// What the journal knows of the file that was loaded.
    JournalRead(JobId, Result<Option<Recovered>, String>),
    JournalFailed(String),

    KeysListed(JobId, Arc<KeyList>),
    KeysEnded(JobId, Result<Box<Summary>, String>),
    Ranked(JobId, Vec<Ranked>, u32),

    Prepared(JobId, Result<Box<GateFacts>, String>),
    SendMoved(JobId, Phase),
    Sent(JobId, Box<Attempt>),
    Settled(Result<Box<Attempt>, String>),
    LogRead(JobId, Result<Vec<Attempt>, String>),

    /// Size and SHA-256 of what the open file holds.
    Fingerprinted(JobId, Fingerprint),
    /// The SHA-256 that was asked for.
    Hashed(String),
    Copied(Result<(), String>),
    FileWritten(JobId, Result<PathBuf, String>),
    /// What came back from $EDITOR.
    EditorClosed(JobId, Result<String, String>),
    /// A delay asked for by [`super::Effect::After`] is over.
    Elapsed(JobId),
    /// A job ended without its answer; in words.
    JobFailed(JobId, String),
    /// Something in the background failed; in words.
    Failed(String),
}

/// How far a file is read.
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

/// A file that is whole and well formed.
#[derive(Debug)]
pub struct Loaded {
    pub manifest: Manifest,
    /// Symlinks resolved.
    pub path: PathBuf,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_shown_as_the_clocks_and_calendars_there_show_it() {
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
