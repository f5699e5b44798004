//! What became of the rows that were sent: tasks as the service tells them, which row each most likely belongs to, and
//! what that adds up to. After a transfer no task ids are told, so a row's task is a guess by index, name and length,
//! and a guess is never made where two rows fit.

mod claim;
mod counts;
mod known;
mod look;
mod matching;
mod pace;
mod retry;
mod round;
mod sent;
mod told;

pub use claim::Claim;
pub use counts::Counts;
pub use known::Known;
pub use look::{Look, Said, Tone, Trouble, span};
pub use matching::{Guess, Other, RowStanding, Standing, stand};
pub use pace::{Limit, Pace, Patience, Rate, about_left};
pub use retry::{Why, draft_of, located, to_retry};
pub use round::Round;
pub use sent::{SentRow, sent_rows};
pub use told::{PAGE, Page};

use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::sync::Arc;

/// A task may be this much older than the upload by its own clock: times are told in whole seconds, and the clocks are
/// compared by one reply.
pub const MARGIN_MS: i64 = 2_000;

/// A task's status. One that cuecard doesn't know is kept as the service wrote it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Status {
    Ready,
    Failed,
    Indexing,
    Queued,
    Pending,
    Validating,
    Uploading,
    /// Untrusted.
    Other(Arc<str>),
}

impl Status {
    const KNOWN: [(&'static str, Status); 7] = [
        ("ready", Status::Ready),
        ("failed", Status::Failed),
        ("indexing", Status::Indexing),
        ("queued", Status::Queued),
        ("pending", Status::Pending),
        ("validating", Status::Validating),
        ("uploading", Status::Uploading),
    ];

    /// The documents write it in lower case in JSON and with a capital in prose.
    pub fn read(text: &str) -> Status {
        let text = text.trim();
        let known = Status::KNOWN.iter().find(|(word, _)| word.eq_ignore_ascii_case(text));
        known.map_or_else(
            || Status::Other(text.chars().take(MOST_STATUS).collect::<String>().into()),
            |(_, status)| status.clone(),
        )
    }

    /// As the service writes it. Untrusted if [`Status::Other`].
    pub fn word(&self) -> &str {
        match self {
            Status::Other(word) => word,
            known => Status::KNOWN.iter().find(|(_, status)| status == known).map_or("", |(word, _)| word),
        }
    }

    /// Nothing follows it.
    pub fn is_final(&self) -> bool {
        matches!(self, Status::Ready | Status::Failed)
    }
}

/// Most characters of an unknown status.
const MOST_STATUS: usize = 40;

impl From<String> for Status {
    fn from(text: String) -> Status {
        Status::read(&text)
    }
}

impl From<Status> for String {
    fn from(status: Status) -> String {
        status.word().to_owned()
    }
}

/// One task as the service told it. All its texts are untrusted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    pub id: Box<str>,
    /// The index it is in; None if it was not told.
    pub index: Option<Box<str>>,
    pub status: Status,
    /// Unix milliseconds by the service's clock, as are all times here.
    pub created_ms: Option<i64>,
    pub changed_ms: Option<i64>,
    /// Of the file, without folders.
    pub name: Option<Box<str>>,
    pub length_ms: Option<u64>,
    /// Why it failed. No version documents a reason, and most tasks have none.
    pub reason: Option<Box<str>>,
}

/// What became of a row.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum State {
    Of(Status),
    /// Several rows fit the same tasks, and these differ.
    Unclear,
    /// Called "not seen" once everything has settled.
    NoTask,
}

impl State {
    /// `ready`, `unclear`, `no task yet`. Untrusted if the status is unknown.
    pub fn word(&self, settled: bool) -> &str {
        match self {
            State::Of(status) => status.word(),
            State::Unclear => "unclear",
            State::NoTask if settled => "not seen",
            State::NoTask => "no task yet",
        }
    }

    /// `not-seen`: as commands print it.
    pub fn code(&self, settled: bool) -> Cow<'_, str> {
        Cow::Owned(self.word(settled).replace(' ', "-"))
    }

    /// The row's task runs.
    pub fn runs(&self) -> bool {
        matches!(self, State::Of(status) if !status.is_final())
    }
}

#[cfg(test)]
mod tests;
