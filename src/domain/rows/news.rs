//! What a send row by row tells while it runs and when it has ended, and what the operator wants of it.

use super::{Hold, Quota, SentRow, Stop, Tally, Wait};
use crate::format::thousands;

/// What the operator wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowsControl {
    /// With the API key in use now.
    GoOn,
    Pause,
    /// After the rows under way.
    End,
    /// The rows under way are left unknown.
    Abandon,
}

/// What a send row by row tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowsNews {
    /// `interrupted` rows were under way when cuecard ended: they are unknown from now on.
    Begun {
        attempt: i64,
        interrupted: u64,
    },
    /// These rows changed their state. It is in the ledger.
    Rows(Vec<SentRow>),
    Quota(Quota),
    /// For some seconds the send has waited for the ledger, or before it begins for the command for the key.
    Slow(Slow),
    Stands {
        hold: Option<Hold>,
        wait: Option<Wait>,
        not_sent: u64,
    },
}

/// What a send has waited for longer than it should. It holds until the next news.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slow {
    /// The intent, or the command for the key.
    Begin,
    /// The outcome of an upload.
    Upload,
    /// Intents and outcomes of rows.
    Rows,
}

impl Slow {
    /// As a clause.
    pub fn words(self) -> &'static str {
        match self {
            Slow::Begin => "nothing is sent yet: the disk, or the command for the key, does not answer",
            Slow::Upload => "the upload has ended, but is not recorded yet: the disk does not answer",
            Slow::Rows => "the disk does not answer; no further row is sent until it does",
        }
    }
}

/// A send row by row whose process ended before it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowsCutOff {
    pub attempt: i64,
    /// The last row that was begun, from 1.
    pub last: u32,
    /// Rows that were under way.
    pub unknown: u64,
    pub not_sent: u64,
}

impl RowsCutOff {
    /// `cut off at row 219: 4 unknown, 417 not sent.`
    pub fn words(self) -> String {
        let [last, unknown, not_sent] = [self.last.into(), self.unknown, self.not_sent].map(thousands);
        format!("cut off at row {last}: {unknown} unknown, {not_sent} not sent.")
    }
}

/// Why a send row by row ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowsWhy {
    /// Every row that could go has an outcome.
    Done,
    Ended,
    Limit(Wait),
    Silent(u32),
    Stopped(Stop),
    /// The ledger can't be written: nothing more goes without it.
    Ledger(String),
}

/// A send row by row that was begun and has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowsSent {
    pub attempt: i64,
    pub why: RowsWhy,
    /// Over the whole attempt, with the rows of earlier runs.
    pub tally: Tally,
    /// Why some outcomes are not in the ledger: there these rows are unknown.
    pub unwritten: Option<String>,
}
