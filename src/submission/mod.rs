//! The protocol of a send, shared by the screen and the command line: gather the facts, commit the intent to the ledger
//! before the first byte, send once, record the outcome. The caller shows the progress and decides nothing.
//!
//! Functions that are not `async` block: call them on a thread that may.

mod api_keys;
mod follow;
mod receipt;
pub mod rows;
mod under_way;

pub use api_keys::{ApiKeys, Configured};
pub use follow::{Follower, NoFollow, standing_of};

use crate::domain::draft::Snapshot;
use crate::domain::follow::{SentRow, sent_rows};
use crate::domain::outcome::{Attempt, Ended, How, Intent, Settlement, judge, settled_words};
use crate::domain::receipt::{SentFacts, row_digests};
use crate::domain::request::{Address, Fingerprint};
use crate::domain::rows::Quota;
use crate::domain::sent_before::{RowsBefore, videos_of};
use crate::domain::submission::{Earlier, Facts, Phase};
use crate::io::api_key::KeyError;
use crate::io::files::{OnDisk, on_disk};
use crate::io::store::{BeginError, Cache, Compared, Ledger, RowsToKeep, SetAside, StoreError};
use crate::io::twelve_labs::{self, Limits, Proxy, Route, UploadRequest};
use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;
use under_way::{UnderWay, Unwritten};

/// Most attempts in the log.
const LOG: usize = 500;

/// Where manifests are sent, and how.
#[derive(Clone, Debug)]
pub struct Destination {
    pub address: Address,
    pub profile: Option<String>,
    pub route: Route,
    /// Timeout without progress.
    pub idle: Duration,
}

/// What to send: exactly the checked bytes.
#[derive(Clone, Debug)]
pub struct Parcel {
    pub file: PathBuf,
    pub fingerprint: Fingerprint,
    pub rows: u32,
    /// The rows, for the ledger: it knows which were sent after the file is gone.
    pub snapshot: Snapshot,
    /// The operator confirmed that the same bytes may go to the same address again.
    pub again: bool,
}

/// A submission that was begun and has ended, with any outcome.
#[derive(Debug)]
pub struct Sent {
    pub attempt: Attempt,
    /// Why the outcome is not in the ledger yet. The next opening of the ledger in this process retries.
    pub unwritten: Option<String>,
}

/// A submission that ended before its intent was committed.
#[derive(Debug)]
pub struct NotBegun {
    pub intent: Intent,
    pub why: WhyNot,
}

#[derive(Debug, thiserror::Error)]
pub enum WhyNot {
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error("the same bytes were sent to this service meanwhile")]
    SentBefore(Box<Attempt>),
    #[error("some of these rows were sent to this service meanwhile")]
    RowsSentBefore(Box<RowsBefore>),
    #[error(transparent)]
    NotKnown(SetAside),
    #[error(transparent)]
    Ledger(#[from] StoreError),
    #[error("{0}")]
    Setup(String),
    #[error("the upload could not begin: a part of cuecard failed")]
    Broken,
}

impl From<BeginError> for WhyNot {
    fn from(error: BeginError) -> WhyNot {
        match error {
            BeginError::SentBefore(attempt) => WhyNot::SentBefore(attempt),
            BeginError::RowsSentBefore(rows) => WhyNot::RowsSentBefore(rows),
            BeginError::NotKnown(aside) => WhyNot::NotKnown(aside),
            BeginError::Store(error) => WhyNot::Ledger(error),
        }
    }
}

impl NotBegun {
    /// The same as an attempt that is not in the ledger.
    pub fn attempt(self) -> Attempt {
        let ended = Ended::before_anything_left(How::NotStarted(self.why.to_string()));
        Attempt {
            id: 0,
            outcome: judge(&ended),
            intent: self.intent,
            ended,
            under_way: false,
            settled: None,
            settled_before: Vec::new(),
            followed: None,
            tally: None,
        }
    }
}

/// The submissions of this process: destination, API key and ledger.
#[derive(Debug)]
pub struct Submissions {
    state: PathBuf,
    to: Destination,
    api_keys: ApiKeys,
    unwritten: Unwritten,
    /// Told by the answers to single rows.
    quota: Mutex<Option<Quota>>,
}

impl Submissions {
    /// `state` is the folder of the ledger.
    pub fn new(state: PathBuf, to: Destination, api_keys: ApiKeys) -> Submissions {
        Submissions { state, to, api_keys, unwritten: Unwritten::default(), quota: Mutex::default() }
    }

    pub fn to(&self) -> &Destination {
        &self.to
    }

    pub fn api_keys(&self) -> &ApiKeys {
        &self.api_keys
    }

    /// The facts needed before these bytes may be sent from this file.
    ///
    /// # Errors
    /// If the file exists but can't be read.
    pub fn prepare(&self, snapshot: &Snapshot, file: &Path) -> io::Result<Facts> {
        let mut facts = self.facts(snapshot, file)?;
        match self.earlier_than(&facts.fingerprint, snapshot) {
            Ok(earlier) => facts.earlier = earlier,
            Err(error) => facts.ledger_fault = Some(error.to_string()),
        }
        Ok(facts)
    }

    /// The facts without the ledger.
    fn facts(&self, snapshot: &Snapshot, file: &Path) -> io::Result<Facts> {
        Ok(Facts {
            fingerprint: Fingerprint::of(snapshot.pieces()),
            same_on_disk: on_disk(file, snapshot)? == OnDisk::Same,
            key_origin: self.api_keys.origin(),
            proxy: self.to.route.proxy.as_ref().map(Proxy::shown),
            earlier: Earlier::default(),
            ledger_fault: None,
        })
    }

    /// Earlier attempts at this service with the bytes or rows of this snapshot.
    pub fn earlier(&self, snapshot: &Snapshot) -> Result<Earlier, StoreError> {
        self.earlier_than(&Fingerprint::of(snapshot.pieces()), snapshot)
    }

    fn earlier_than(&self, fingerprint: &Fingerprint, snapshot: &Snapshot) -> Result<Earlier, StoreError> {
        let mut ledger = self.ledger()?;
        let mut earlier = ledger.earlier(fingerprint, self.to.address.as_str())?;
        if earlier.blocking.is_none() {
            earlier.rows = self.rows_before(&mut ledger, fingerprint, snapshot, None)?;
        }
        Ok(earlier)
    }

    fn rows_before(
        &self,
        ledger: &mut Ledger,
        fingerprint: &Fingerprint,
        snapshot: &Snapshot,
        goes_on: Option<i64>,
    ) -> Result<RowsBefore, StoreError> {
        if !ledger.has_sent_rows()? {
            return Ok(RowsBefore::default());
        }
        let videos = videos_of(snapshot);
        let all = u32::try_from(videos.len()).unwrap_or(u32::MAX);
        let address = self.to.address.as_str();
        ledger.rows_before(&Compared { videos: &videos, all, address, fingerprint, goes_on })
    }

    /// Sends once. The intent is in the ledger before the first byte leaves; if it can't be recorded, nothing is sent.
    /// Cancelling `stop` ends it soon, and the result still says how much had been sent.
    ///
    /// `narrate` is called on the network's task and must not block.
    pub async fn send(
        self: &Arc<Self>,
        parcel: Parcel,
        narrate: impl Fn(Phase) + Send + Sync + 'static,
        stop: CancellationToken,
    ) -> Result<Sent, NotBegun> {
        let intent = self.intent(&parcel);
        let begun = {
            let (this, intent) = (Arc::clone(self), intent.clone());
            spawn_blocking(move || this.begin(&intent, parcel)).await
        };
        let (under_way, upload) = match begun.unwrap_or(Err(WhyNot::Broken)) {
            Ok(begun) => begun,
            Err(why) => return Err(NotBegun { intent, why }),
        };
        let id = under_way.id();
        tracing::info!(id, address = intent.address, sha256 = intent.fingerprint.hex(), "sending");
        let ended = twelve_labs::submit(upload, narrate, stop).await;
        let outcome = judge(&ended);
        tracing::info!(id, outcome = outcome.code(), sent = ended.sent, "ended");
        let written = {
            let ended = ended.clone();
            spawn_blocking(move || under_way.finish(ended)).await
        };
        let unwritten = match written {
            Ok(written) => written.err().map(|error| error.to_string()),
            Err(_) => Some("the ledger was not written: a part of cuecard failed".to_owned()),
        };
        let attempt = Attempt {
            id,
            intent,
            outcome,
            ended,
            under_way: false,
            settled: None,
            settled_before: Vec::new(),
            followed: None,
            tally: None,
        };
        Ok(Sent { attempt, unwritten })
    }

    fn intent(&self, parcel: &Parcel) -> Intent {
        let file = std::path::absolute(&parcel.file).unwrap_or_else(|_| parcel.file.clone());
        Intent {
            started_ms: jiff::Timestamp::now().as_millisecond(),
            address: self.to.address.as_str().to_owned(),
            profile: self.to.profile.clone(),
            file: file.canonicalize().unwrap_or_else(|_| file.to_owned()).display().to_string(),
            fingerprint: parcel.fingerprint,
            rows: parcel.rows,
            key_origin: self.api_keys.origin().unwrap_or_default(),
        }
    }

    /// Commits the intent, after every other obstacle is ruled out.
    fn begin(self: Arc<Self>, intent: &Intent, parcel: Parcel) -> Result<(UnderWay, UploadRequest), WhyNot> {
        let api_key = self.api_keys.api_key()?;
        let rows = RowsToKeep::new(self.rows_of(&parcel.snapshot).into_iter(), videos_of(&parcel.snapshot));
        let id = self.ledger()?.begin(intent, &rows, parcel.again)?;
        self.keep_receipt(id, &parcel.snapshot);
        let upload = UploadRequest {
            address: self.to.address.clone(),
            api_key,
            file: parcel.file,
            expected: parcel.fingerprint,
            route: self.to.route.clone(),
            limits: Limits { idle: self.to.idle, ..Limits::default() },
        };
        Ok((UnderWay::new(id, self), upload))
    }

    /// Records the operator's verdict on an unknown outcome in the ledger. A different verdict later corrects it; both
    /// are kept.
    ///
    /// # Errors
    /// In words, if the ledger refuses it or there is nothing to settle.
    pub fn settle(&self, id: i64, accepted: bool) -> Result<Attempt, String> {
        let settlement = Settlement { accepted, at_ms: jiff::Timestamp::now().as_millisecond() };
        let settle = || -> Result<_, StoreError> {
            let mut ledger = self.ledger()?;
            Ok((ledger.settle(id, settlement)?, ledger.attempt(id)?))
        };
        match settle().map_err(|error| error.to_string())? {
            (true, Some(attempt)) => Ok(attempt),
            (false, Some(attempt)) => Err(nothing_to_settle(&attempt)),
            (_, None) => Err("this upload is not in the ledger".into()),
        }
    }

    /// The rows of a snapshot with the lengths of their videos, as far as checks told them.
    fn rows_of(&self, snapshot: &Snapshot) -> Vec<SentRow> {
        let mut rows: Vec<SentRow> = sent_rows(snapshot).collect();
        self.fill_lengths(&mut rows);
        rows
    }

    /// Fills in lengths that online checks have told since.
    fn fill_lengths(&self, rows: &mut [SentRow]) {
        let wanted: HashSet<&str> = rows.iter().filter(|row| row.length_ms.is_none()).map(|row| &*row.object).collect();
        let told = || Cache::open_in_passing(&self.state).ok()?.video_lengths(&wanted).ok();
        let lengths = if wanted.is_empty() { None } else { told() };
        let Some(lengths) = lengths.filter(|lengths| !lengths.is_empty()) else { return };
        for row in rows.iter_mut().filter(|row| row.length_ms.is_none()) {
            row.length_ms = lengths.get(&*row.object).copied();
        }
    }

    /// What the receipt of an attempt needs. A receipt without it says less.
    fn keep_receipt(&self, id: i64, snapshot: &Snapshot) {
        let (facts, digests) = (SentFacts::of(snapshot), row_digests(snapshot));
        if let Err(error) = self.ledger().and_then(|mut ledger| ledger.keep_receipt(id, &facts, &digests)) {
            tracing::warn!(%error, id, "what the receipt needs is not in the ledger");
        }
    }

    /// The uploads in the log, without reply bodies, and the damaged ledger that may have held more.
    pub fn log(&self) -> Result<(Vec<Attempt>, Option<SetAside>), StoreError> {
        let ledger = self.ledger_to_read()?;
        Ok((ledger.attempts(LOG)?, ledger.set_aside().cloned()))
    }

    /// One of them with the reply's body.
    pub fn attempt(&self, id: i64) -> Result<Option<Attempt>, StoreError> {
        self.ledger_to_read()?.attempt(id)
    }

    /// The ledger, after retrying pending writes.
    fn ledger(&self) -> Result<Ledger, StoreError> {
        let mut ledger = Ledger::open(&self.state)?;
        self.unwritten.write_into(&mut ledger)?;
        Ok(ledger)
    }

    /// A failed pending write must not prevent reading.
    fn ledger_to_read(&self) -> Result<Ledger, StoreError> {
        self.ledger().or_else(|_| Ledger::open(&self.state))
    }
}

fn nothing_to_settle(attempt: &Attempt) -> String {
    match (attempt.under_way, attempt.settled, attempt.outcome) {
        (true, ..) => "this upload is still being sent".into(),
        (_, Some(said), _) => format!("this is already recorded: {}", settled_words(said)),
        (_, None, crate::domain::outcome::Outcome::Unknown) if attempt.is_row_by_row() => {
            format!(
                "its rows were sent one by one: cuecard history settle {} accepted --row N, or not-accepted",
                attempt.id
            )
        }
        (_, None, outcome) => format!("this upload is not open: it was {}", outcome.code().replace('_', " ")),
    }
}

#[cfg(test)]
mod tests;
