//! The receipt of one attempt, as JSON to keep or to hand on: what was sent, when, where to, and what came back. It holds
//! a checksum of itself, which shows damage but proves no author.
//!
//! Never in it: the API key and where it came from, presigned links, cookies, the text of transcripts, the user's name;
//! and the folder only on demand.

mod digests;
mod text;
mod verdict;

pub use digests::{Digests, row_digests};
pub use verdict::{RowsAsSent, Verdict};

use crate::draft::{Snapshot, Summary};
use crate::manifest::Field;
use crate::outcome::{Attempt, BodyState, Settlement};
use crate::rows::Tally;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::path::Path;

/// The first member, and the version of the form.
const MARK: &str = "cuecard_receipt";
const VERSION: u64 = 1;

/// What a receipt says of the rows, known when they are sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentFacts {
    /// Rows of the file as opened that were left out.
    pub excluded: u64,
    pub without_transcript: u64,
    /// Since the file was opened.
    pub filled: u64,
    pub changed: u64,
    pub cleared: u64,
}

impl SentFacts {
    /// Of a state that is sent.
    pub fn of(snapshot: &Snapshot) -> SentFacts {
        let Summary { filled, changed, cleared, excluded } = snapshot.summary();
        let kept = (0..snapshot.len()).filter(|row| !snapshot.is_excluded(*row));
        let empty = kept.filter(|row| snapshot.value(*row, Field::Transcription).is_empty());
        SentFacts { excluded, without_transcript: empty.count() as u64, filled, changed, cleared }
    }

    fn has_changes(&self) -> bool {
        self.filled + self.changed + self.cleared + self.excluded > 0
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    cuecard_receipt: u64,
    pub attempt: i64,
    pub file: SentFile,
    pub address: String,
    pub began: String,
    pub ended: Option<String>,
    pub status: Option<u16>,
    pub outcome: String,
    pub rows: SentRows,
    pub changed: Option<Changed>,
    pub reason: Option<String>,
    /// Why there is no reply.
    pub cause: Option<String>,
    pub profile: Option<String>,
    /// The program's version.
    pub cuecard: String,
    pub bytes_sent: u64,
    pub headers: Vec<(String, String)>,
    pub body: SentBody,
    pub settled: Option<Settled>,
    pub settled_before: Vec<Settled>,
    /// Row by row: what became of the requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row_outcomes: Option<RowOutcomes>,
    /// What became of the rows then, as last seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub followed: Option<FollowedRows>,
    /// Of every row sent.
    pub row_digests: Option<Digests>,
    /// Of all the rest.
    #[serde(default)]
    pub checksum: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentFile {
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
    pub bytes: u64,
    pub sha256: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentRows {
    pub sent: u32,
    pub excluded: Option<u64>,
    pub without_transcript: Option<u64>,
}

/// Since the file was opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    pub filled: u64,
    pub changed: u64,
    pub cleared: u64,
    pub excluded: u64,
}

/// The reply's body: its text may be anything, so only its measure is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentBody {
    pub bytes: u64,
    pub sha256: Option<String>,
    pub is_whole: bool,
}

/// The operator's word on an unknown outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled {
    pub accepted: bool,
    pub at: String,
}

/// Rows that were sent one by one, by the outcome of their requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowOutcomes {
    pub accepted: u64,
    pub refused: u64,
    pub unknown: u64,
    /// They could go, and did not.
    #[serde(default)]
    pub not_sent: u64,
    #[serde(default)]
    pub cannot_go: u64,
    /// Of the accepted ones, those that the operator settled.
    #[serde(default)]
    pub by_word: u64,
}

impl RowOutcomes {
    fn of(tally: &Tally) -> RowOutcomes {
        RowOutcomes {
            accepted: tally.accepted,
            refused: tally.refused,
            unknown: tally.unknown + tally.under_way,
            not_sent: tally.not_sent,
            cannot_go: tally.cannot_go,
            by_word: tally.by_word,
        }
    }

    /// Rows that were asked for.
    pub fn sent(&self) -> u64 {
        self.accepted + self.refused + self.unknown
    }

    /// In a word: the file is accepted only with every row of it.
    const fn code(&self) -> &'static str {
        match self {
            RowOutcomes { unknown: 1.., .. } => "unknown",
            RowOutcomes { accepted: 1.., refused: 0, not_sent: 0, cannot_go: 0, .. } => "accepted",
            RowOutcomes { accepted: 1.., .. } => "partly_accepted",
            RowOutcomes { refused: 1.., .. } => "refused",
            _ => "not_sent",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FollowedRows {
    pub asked: String,
    pub settled: bool,
    pub ready: u32,
    pub failed: u32,
    pub running: u32,
    pub unclear: u32,
    pub without_task: u32,
}

/// Why a text is no receipt to rely on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    #[error("is not a receipt")]
    NotAReceipt,
    #[error("the receipt's own checksum does not fit; it was edited or cut")]
    Damaged,
    #[error("is a receipt of a newer cuecard")]
    Newer,
}

impl Receipt {
    /// `instant` writes a time in Unix milliseconds: `2026-11-23T13:03:07.112Z`. `with_folder`: the operator wants the
    /// file's folder in it.
    pub fn of(
        attempt: &Attempt,
        known: Option<&(SentFacts, Digests)>,
        instant: impl Fn(i64) -> String,
        with_folder: bool,
    ) -> Receipt {
        let (intent, ended) = (&attempt.intent, &attempt.ended);
        let path = Path::new(&intent.file);
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        let folder = path.parent().filter(|_| with_folder).map(|folder| folder.to_string_lossy().into_owned());
        let reply = ended.reply();
        let facts = known.map(|(facts, _)| facts);
        let settled = |it: &Settlement| Settled { accepted: it.accepted, at: instant(it.at_ms) };
        let by_row = attempt.tally.as_ref().map(RowOutcomes::of);
        let has_ended = ended.took_ms > 0 || attempt.tally.is_some_and(|tally| tally.last_ms.is_some());
        let body = reply.map(|reply| &reply.body).filter(|body| !body.is_empty());
        let receipt = Receipt {
            cuecard_receipt: VERSION,
            cuecard: env!("CARGO_PKG_VERSION").to_owned(),
            attempt: attempt.id,
            file: SentFile { name, folder, bytes: intent.fingerprint.bytes, sha256: intent.fingerprint.hex() },
            address: intent.address.clone(),
            profile: intent.profile.clone(),
            began: instant(intent.started_ms),
            ended: has_ended.then(|| instant(attempt.ended_ms())),
            status: reply.map(|reply| reply.status),
            outcome: by_row.map_or(attempt.outcome.code(), |by_row| by_row.code()).to_owned(),
            reason: reply.map(|reply| reply.reason.clone()).filter(|reason| !reason.is_empty()),
            cause: ended.cause(),
            rows: SentRows {
                sent: by_row.map_or(intent.rows, |by_row| u32::try_from(by_row.sent()).unwrap_or(intent.rows)),
                excluded: facts.map(|facts| facts.excluded),
                without_transcript: facts.map(|facts| facts.without_transcript),
            },
            changed: facts.filter(|facts| facts.has_changes()).map(|facts| Changed {
                filled: facts.filled,
                changed: facts.changed,
                cleared: facts.cleared,
                excluded: facts.excluded,
            }),
            bytes_sent: ended.sent,
            headers: reply.map(|reply| told_headers(&reply.headers)).unwrap_or_default(),
            body: SentBody {
                bytes: body.map_or(0, Vec::len) as u64,
                sha256: body.map(|body| hex(&Sha256::digest(body))),
                is_whole: reply.is_some_and(|reply| reply.body_state == BodyState::Whole),
            },
            settled: attempt.settled.as_ref().map(settled),
            settled_before: attempt.settled_before.iter().map(settled).collect(),
            row_outcomes: by_row,
            followed: attempt.followed.as_ref().map(|followed| FollowedRows {
                asked: instant(followed.asked_ms),
                settled: followed.settled,
                ready: followed.counts.ready(),
                failed: followed.counts.failed(),
                running: followed.counts.running(),
                unclear: followed.counts.unclear(),
                without_task: followed.counts.no_task(),
            }),
            row_digests: known.map(|(_, digests)| digests.clone()),
            checksum: String::new(),
        };
        let checksum = checksum(&receipt.members());
        Receipt { checksum, ..receipt }
    }

    /// # Errors
    /// [`ReceiptError`].
    pub fn parse(bytes: &[u8]) -> Result<Receipt, ReceiptError> {
        let Ok(mut json) = serde_json::from_slice::<Value>(bytes) else {
            return Err(if Receipt::begins(bytes) { ReceiptError::Damaged } else { ReceiptError::NotAReceipt });
        };
        match json.get(MARK).and_then(Value::as_u64) {
            Some(VERSION) => {}
            Some(newer) if newer > VERSION => return Err(ReceiptError::Newer),
            _ => return Err(ReceiptError::NotAReceipt),
        }
        let receipt: Receipt = serde_json::from_value(json.clone()).map_err(|_| ReceiptError::Damaged)?;
        if let Some(members) = json.as_object_mut() {
            members.remove("checksum");
        }
        if checksum(&json) == receipt.checksum { Ok(receipt) } else { Err(ReceiptError::Damaged) }
    }

    /// Whether a file begins as a receipt does.
    pub fn begins(bytes: &[u8]) -> bool {
        let start = bytes.get(..64).unwrap_or(bytes);
        memchr::memmem::find(start, MARK.as_bytes()).is_some()
    }

    /// What a receipt says whose checksum does not fit; None if that can't be read.
    pub fn parse_damaged(bytes: &[u8]) -> Option<Receipt> {
        serde_json::from_slice(bytes).ok()
    }

    /// The outcome in a word, or in the operator's if they settled it.
    pub fn outcome_words(&self) -> String {
        match &self.settled {
            Some(said) if said.accepted => "accepted by your word".to_owned(),
            Some(_) => "not accepted by your word".to_owned(),
            None => self.outcome.replace('_', " "),
        }
    }

    /// As a file: JSON with one fact a line.
    pub fn text(&self) -> String {
        text::of(&serde_json::to_value(self).unwrap_or_default())
    }

    fn members(&self) -> Value {
        // Plain data with text keys always serialises.
        let mut json = serde_json::to_value(self).unwrap_or_default();
        if let Some(members) = json.as_object_mut() {
            members.remove("checksum");
        }
        json
    }
}

/// Of the values and their order, however they are laid out.
fn checksum(json: &Value) -> String {
    hex(&Sha256::digest(serde_json::to_vec(json).unwrap_or_default()))
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// Without what could identify or admit somebody.
fn told_headers(headers: &[(String, String)]) -> Vec<(String, String)> {
    let is_told = |name: &str| {
        let name = name.to_ascii_lowercase();
        !["cookie", "auth", "key", "token", "secret", "location"].iter().any(|word| name.contains(word))
    };
    let carries = |value: &str| value.contains("://") && value.contains('?');
    headers.iter().filter(|(name, value)| is_told(name) && !carries(value)).cloned().collect()
}
