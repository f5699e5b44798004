//! What happened: keys, and the results of what was asked for. Past tense.

use crate::domain::draft::{Draft, Edit, Snapshot};
use crate::domain::evidence::{Learnt, Plan, Progress as LookingAt};
use crate::domain::findings::Findings;
use crate::domain::keys::{KeyList, Ranked};
use crate::domain::manifest::{ExcerptLine, Manifest, Refusal, RowId};
use crate::domain::outcome::Attempt;
use crate::domain::row_set::RowSet;
pub use crate::domain::submission::{Facts as GateFacts, Phase};
use crossterm::event::{KeyEvent, MouseEvent};
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
        let seconds = (self.unix_ms.div_euclid(1000) + i64::from(self.offset_s)).rem_euclid(86_400);
        format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
    }

    /// `14:03`, local.
    pub fn short_clock(self) -> String {
        self.clock().chars().take(5).collect()
    }

    /// Another time, at the same place on earth.
    pub fn at(self, unix_ms: i64) -> Moment {
        Moment { unix_ms, ..self }
    }

    /// `23 Nov 2026`, local.
    pub fn date(self) -> String {
        const MONTHS: [&str; 12] = ["Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Jan", "Feb"];
        // The Gregorian calendar in eras of 400 years that begin with March, so that the leap day comes last.
        let days = (self.unix_ms.div_euclid(1_000) + i64::from(self.offset_s)).div_euclid(86_400) + 719_468;
        let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let month = (5 * day + 2) / 153;
        let day = day - (153 * month + 2) / 5 + 1;
        let name = usize::try_from(month).ok().and_then(|month| MONTHS.get(month)).copied().unwrap_or_default();
        format!("{day} {name} {}", year + era * 400 + i64::from(month >= 10))
    }

    /// `23 Nov`, local.
    pub fn short_date(self) -> String {
        self.date().rsplit_once(' ').map(|(date, _)| date.to_owned()).unwrap_or_default()
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
    /// Four times a second while something runs.
    Ticked,

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
    Learnt(JobId, Vec<Learnt>),
    Looking(JobId, LookingAt),
    Planned(JobId, Plan),
    Viewed(JobId, RowList, Progress),
    Found(JobId, Option<RowId>),
    /// A bulk edit was applied away from the screen.
    Applied(JobId, Box<Draft>, RowSet),

    Saved(JobId, Snapshot, SaveEnd),
    /// What the journal knows of the file that was loaded.
    JournalRead(JobId, Result<Option<Recovered>, String>),
    JournalFailed(String),

    KeysListed(JobId, Arc<KeyList>),
    KeysEnded(JobId, Result<(), String>),
    Ranked(JobId, Vec<Ranked>, u32),

    Prepared(JobId, Result<Box<GateFacts>, String>),
    SendMoved(JobId, Phase),
    Sent(JobId, Box<Attempt>),
    Settled(Result<Box<Attempt>, String>),
    LogRead(JobId, Result<Vec<Attempt>, String>),

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
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_date_is_that_of_the_calendar(unix_ms in -3_000_000_000_000_i64..8_000_000_000_000, offset_s in -50_000..50_000) {
            let time = jiff::Timestamp::from_millisecond(unix_ms).unwrap();
            let local = jiff::tz::Offset::from_seconds(offset_s).unwrap().to_datetime(time);
            let moment = Moment { unix_ms, offset_s };
            prop_assert_eq!(moment.date(), local.strftime("%-d %b %Y").to_string());
            prop_assert_eq!(moment.short_date(), local.strftime("%-d %b").to_string());
            prop_assert_eq!(moment.clock(), local.strftime("%H:%M:%S").to_string());
        }
    }
}
