//! The outcome of a send, and the record of it. Decides from facts alone: no clock, no network.
//!
//! `NotSent` promises that the service cannot have the manifest, so it requires that nothing left this machine.
//! Whatever is unclear is `Unknown`, and an unknown outcome blocks a blind resend. `rows` and this use each other: a send
//! row by row has an outcome for each row, and an attempt counts them.

mod about;
mod reply;
mod shown;
mod tenor;
mod words;

pub use about::About;
pub use reply::{BodyState, Reply, VendorError};
pub use shown::ShownBody;
pub use words::{OutcomeWords, ReplyContext, became, settled_words, words};

use super::follow::{Counts, State};
use super::format::thousands;
use super::printable::printable;
use super::request::Fingerprint;
use super::rows::Tally;
use tenor::Tenor;

/// The outcome of a finished submission. Exit codes: 0, 3, 4, 5.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Accepted,
    NotSent,
    Refused,
    Unknown,
}

impl Outcome {
    /// `ACCEPTED`, as the result screen shows it.
    pub const fn word(self) -> &'static str {
        match self {
            Outcome::Accepted => "ACCEPTED",
            Outcome::NotSent => "NOT SENT",
            Outcome::Refused => "REFUSED",
            Outcome::Unknown => "OUTCOME UNKNOWN",
        }
    }

    /// `accepted`, as the ledger, the log and JSON output name it.
    pub const fn code(self) -> &'static str {
        match self {
            Outcome::Accepted => "accepted",
            Outcome::NotSent => "not_sent",
            Outcome::Refused => "refused",
            Outcome::Unknown => "unknown",
        }
    }

    pub fn from_code(code: &str) -> Option<Outcome> {
        [Outcome::Accepted, Outcome::NotSent, Outcome::Refused, Outcome::Unknown].into_iter().find(|o| o.code() == code)
    }

    /// The exit code of the headless command.
    pub const fn exit_code(self) -> u8 {
        match self {
            Outcome::Accepted => 0,
            Outcome::NotSent => 3,
            Outcome::Refused => 4,
            Outcome::Unknown => 5,
        }
    }
}

/// How one exchange with the service ended, as observed by the adapter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum How {
    /// A complete reply head arrived; the body may be truncated.
    Replied(Reply),
    /// It never began: the file or the TLS set-up failed.
    NotStarted(String),
    /// Name lookup, connection or TLS handshake failed.
    NotConnected(String),
    /// The server's certificate is not trusted. Nothing was sent.
    NotTrusted(String),
    /// Connected, but no complete reply head arrived.
    NoReply(String),
    /// Connected, but nothing moved any more until the timeout.
    TimedOut(String),
    /// Stopped by the operator.
    Stopped,
    /// The opened file differs from the checked bytes.
    FileChanged,
    /// The process ended before it recorded an outcome.
    Interrupted,
    /// Not one exchange, but one for each row: see `rows`.
    RowByRow,
}

/// How an exchange ended, and how much had been passed to the network by then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    pub how: How,
    /// Sending had begun: some byte may have reached the service.
    pub begun: bool,
    /// Bytes of the file passed to the network, including those in flight.
    pub sent: u64,
    /// From opening the file to the end of the reply, in milliseconds.
    pub took_ms: u64,
}

impl Ended {
    /// An exchange that ended before anything was sent.
    pub fn before_anything_left(how: How) -> Ended {
        Ended { how, begun: false, sent: 0, took_ms: 0 }
    }

    pub fn reply(&self) -> Option<&Reply> {
        match &self.how {
            How::Replied(reply) => Some(reply),
            _ => None,
        }
    }

    /// Why there is no reply: one printable phrase for the line `cause`.
    pub fn cause(&self) -> Option<String> {
        match &self.how {
            How::Replied(_) | How::RowByRow => None,
            How::NotStarted(cause) | How::NotConnected(cause) | How::NotTrusted(cause) | How::NoReply(cause) => {
                Some(printable(cause).into_owned())
            }
            How::TimedOut(cause) => Some(format!("time-out: {}", printable(cause))),
            How::Stopped => Some("stopped by you".into()),
            How::FileChanged => Some("the file changed on disk".into()),
            How::Interrupted => Some("cuecard ended before the reply was recorded".into()),
        }
    }
}

/// Decides the outcome of a send.
///
/// Only a failed connection, or our own stop before the first byte, proves that nothing was received. A reset, a hang
/// and garbage are indistinguishable from here. A status alone proves nothing: a sign-in page also comes with 200, and
/// so do some of the service's own errors.
pub fn judge(ended: &Ended) -> Outcome {
    match &ended.how {
        How::Replied(reply) => match reply.status {
            200..=299 => judge_success(reply),
            // A gateway ended the connection to the service, which may have taken what it got.
            444 | 460 | 499 => Outcome::Unknown,
            300..=499 if reply.is_time_out() => Outcome::Unknown,
            300..=499 => Outcome::Refused,
            _ => Outcome::Unknown,
        },
        How::NotStarted(_) | How::NotConnected(_) | How::NotTrusted(_) => Outcome::NotSent,
        How::Stopped | How::FileChanged if !ended.begun => Outcome::NotSent,
        How::Stopped | How::FileChanged | How::NoReply(_) | How::TimedOut(_) | How::Interrupted | How::RowByRow => {
            Outcome::Unknown
        }
    }
}

/// A success status: checks that the service wrote the reply and that the body agrees. What proves neither success nor
/// failure, such as an undocumented code, is unknown.
fn judge_success(reply: &Reply) -> Outcome {
    match reply.tenor() {
        Tenor::Fine => Outcome::Accepted,
        Tenor::Refusal => Outcome::Refused,
        Tenor::Foreign => Outcome::Unknown,
    }
}

/// What is about to be sent, and where: committed to the ledger before the first byte leaves. Never holds the API key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intent {
    /// Unix time in milliseconds.
    pub started_ms: i64,
    /// The whole URL.
    pub address: String,
    pub profile: Option<String>,
    /// The file's path, for display.
    pub file: String,
    pub fingerprint: Fingerprint,
    pub rows: u32,
    /// `from TWELVELABS_API_KEY in the environment`
    pub key_origin: String,
}

impl Intent {
    /// One request for each row, not one for the whole file.
    pub fn is_row_by_row(&self) -> bool {
        self.address.ends_with("/tasks")
    }
}

/// The operator's finding about an unknown outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settlement {
    pub accepted: bool,
    /// Unix time in milliseconds.
    pub at_ms: i64,
}

/// One line of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    pub id: i64,
    pub intent: Intent,
    /// [`How::Interrupted`] if no outcome was recorded.
    pub ended: Ended,
    pub outcome: Outcome,
    /// No outcome yet, and the sending process is still alive.
    pub under_way: bool,
    /// The operator's verdict; the last one counts.
    pub settled: Option<Settlement>,
    /// Earlier verdicts, oldest first.
    pub settled_before: Vec<Settlement>,
    /// What following it has told last.
    pub followed: Option<Followed>,
    /// Row by row: how many rows are in which state.
    pub tally: Option<Tally>,
}

/// What became of an attempt's rows, as last seen.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Followed {
    /// When the service last answered, in Unix milliseconds.
    pub asked_ms: i64,
    /// Nothing runs, and nothing new came for a while.
    pub settled: bool,
    pub counts: Counts,
}

impl Followed {
    /// `8,411 ready, 31 failed`; of a followed attempt without any, `no task yet`.
    pub fn in_short(&self) -> String {
        let told = [(self.counts.ready(), "ready"), (self.counts.failed(), "failed")];
        let told = told.into_iter().filter(|(count, _)| *count > 0);
        let told: Vec<String> = told.map(|(count, word)| format!("{} {word}", thousands(count.into()))).collect();
        match (told.is_empty(), self.counts.running()) {
            (false, _) => told.join(", "),
            (true, 0) => State::NoTask.word(self.settled).to_owned(),
            (true, running) => format!("{} running", thousands(running.into())),
        }
    }
}

impl Attempt {
    /// The same bytes must not go to the same address again without the operator's confirmation.
    pub fn blocks(&self) -> bool {
        match (self.outcome, self.settled) {
            (Outcome::Accepted, _) => true,
            (Outcome::Unknown, settled) => settled.is_none_or(|s| s.accepted),
            (Outcome::NotSent | Outcome::Refused, _) => false,
        }
    }

    /// The reply's body, if any, is loaded: lists from the ledger come without bodies.
    pub fn is_whole(&self) -> bool {
        self.ended.reply().is_none_or(|reply| reply.body_state != BodyState::NotLoaded)
    }

    /// A short label for lists: `accepted 204`, `unknown`, `by your word`, `629 of 633`.
    pub fn in_short(&self) -> String {
        if let Some(tally) = self.tally.filter(|_| !self.under_way) {
            return format!("{} of {}", thousands(tally.accepted), thousands(tally.rows()));
        }
        let status = self.ended.reply().filter(|_| self.outcome != Outcome::Unknown);
        let status = status.map_or_else(String::new, |reply| format!(" {}", reply.status));
        match (self.outcome, self.settled) {
            _ if self.under_way => "under way".into(),
            (Outcome::Unknown, Some(_)) => "by your word".into(),
            (outcome, _) => format!("{}{status}", outcome.code().replace('_', " ")),
        }
    }

    /// When it ended, in Unix milliseconds: of a send row by row, when its last row was answered.
    pub fn ended_ms(&self) -> i64 {
        let took = i64::try_from(self.ended.took_ms).unwrap_or(0);
        let last = self.tally.and_then(|tally| tally.last_ms);
        last.unwrap_or_else(|| self.intent.started_ms.saturating_add(took))
    }

    /// See [`Intent::is_row_by_row`].
    pub fn is_row_by_row(&self) -> bool {
        self.intent.is_row_by_row()
    }

    /// Whether the operator may record an outcome. Row by row, each row has its own.
    pub fn can_be_settled(&self) -> bool {
        !self.is_row_by_row() && self.outcome == Outcome::Unknown && self.settled.is_none() && !self.under_way
    }

    /// Whether the operator may reverse the recorded outcome.
    pub fn can_be_corrected(&self) -> bool {
        !self.is_row_by_row() && self.outcome == Outcome::Unknown && self.settled.is_some() && !self.under_way
    }

    /// Records the operator's verdict: the first on an open outcome, or one that differs from the last. False if not
    /// allowed.
    pub fn settle(&mut self, word: Settlement) -> bool {
        let is_news = self.settled.is_none_or(|said| said.accepted != word.accepted);
        let takes_it = is_news && (self.can_be_settled() || self.can_be_corrected());
        if takes_it {
            self.settled_before.extend(self.settled.replace(word));
        }
        takes_it
    }
}

#[cfg(test)]
mod tests;
