//! The state of a submission before its end: the facts to confirm, earlier sends of the same bytes, and the progress.

use super::format::{counted, thousands};
use super::outcome::{Attempt, Outcome, settled_words};
use super::request::Fingerprint;
use super::sent_before::RowsBefore;

/// The facts needed before a send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    pub fingerprint: Fingerprint,
    /// Whether the file on disk holds exactly these bytes.
    pub same_on_disk: bool,
    /// The origin of the API key, never the key itself; None if there is none.
    pub key_origin: Option<String>,
    /// The proxy in use, without credentials.
    pub proxy: Option<String>,
    /// Empty if the ledger can't be read.
    pub earlier: Earlier,
    /// Why the ledger is unusable: nothing may be sent.
    pub ledger_fault: Option<String>,
}

/// The progress of a submission. Bytes count the file's bytes passed to the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    Connecting,
    /// From the first byte on, there is a connection.
    Sending {
        sent: u64,
        total: u64,
    },
    /// All bytes are sent; no reply yet.
    Waiting,
    /// The reply's head has arrived.
    Reading,
}

/// Earlier attempts at the same service, with the same bytes or with some of the rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Earlier {
    /// The newest attempt, with any outcome.
    pub newest: Option<Box<Attempt>>,
    /// The newest one that [blocks](Attempt::blocks) a blind resend.
    pub blocking: Option<Box<Attempt>>,
    /// Why the ledger is incomplete: a damaged one may have held these bytes.
    pub not_known: Option<String>,
    /// Rows that stand in other files that were sent. Not worked out where the bytes themselves block.
    pub rows: RowsBefore,
}

impl Earlier {
    /// From attempts with the same bytes at the same service, newest first.
    pub fn of<E>(attempts: impl IntoIterator<Item = Result<Attempt, E>>) -> Result<Earlier, E> {
        let mut earlier = Earlier::default();
        for attempt in attempts {
            let attempt = Box::new(attempt?);
            if attempt.blocks() {
                earlier.newest.get_or_insert_with(|| attempt.clone());
                earlier.blocking = Some(attempt);
                break;
            }
            earlier.newest.get_or_insert(attempt);
        }
        Ok(earlier)
    }

    /// The attempt to show before a send: the blocking one, else the newest.
    pub fn telling(&self) -> Option<&Attempt> {
        self.blocking.as_deref().or(self.newest.as_deref())
    }

    /// A blind resend is blocked: these bytes or some of their rows were accepted, may have been, or the history is
    /// unknown.
    pub fn blocks(&self) -> bool {
        self.blocking.is_some() || self.not_known.is_some() || self.rows.blocks()
    }

    /// Rows stand in other files whose outcome nobody knows, and none may go before somebody says what became of those. No
    /// typed word stands in for that: at this gate nobody sees whether these rows came, and whoever types it has not looked.
    /// The very same bytes are another case. The whole of that attempt is sent once more, knowingly, and the gate tells
    /// of it and asks for `send again`.
    pub fn is_unsettled(&self) -> bool {
        self.blocking.is_none() && self.rows.has_unknown()
    }

    /// It is the rows that are told, not the bytes: those were not sent, or nothing of them was taken in.
    pub fn tells_of_rows(&self) -> bool {
        self.blocking.is_none() && !self.rows.is_empty()
    }

    /// One sentence without its full stop, for the gate and the command line: the outcome of earlier sends. `at`
    /// formats a time in Unix milliseconds with its preposition: `at 14:03 today`.
    pub fn words(&self, at: impl Fn(i64) -> String) -> String {
        if self.tells_of_rows() {
            let why = self.not_known.as_ref().map(|why| format!("; {why}")).unwrap_or_default();
            return self.rows.words(at) + &why;
        }
        match (self.telling(), &self.not_known) {
            (None, None) => "never sent before".to_owned(),
            (None, Some(why)) => why.clone(),
            (Some(attempt), Some(why)) if !attempt.blocks() => {
                format!("{}; {why}", became(attempt, &at(attempt.intent.started_ms)))
            }
            (Some(attempt), _) => became(attempt, &at(attempt.intent.started_ms)),
        }
    }
}

fn became(attempt: &Attempt, at: &str) -> String {
    let status = attempt.ended.reply().map(|reply| format!(" with {}", reply.status_line())).unwrap_or_default();
    match (attempt.under_way, attempt.outcome, attempt.settled) {
        (true, ..) => format!("another cuecard is sending these bytes, begun {at}"),
        (_, Outcome::Accepted, _) if attempt.is_row_by_row() => {
            format!("rows of these bytes were accepted one by one {at}")
        }
        (_, Outcome::Accepted, _) => format!("these bytes were accepted{status} {at}"),
        (_, Outcome::Refused, _) => format!("these bytes were refused{status} {at}, nothing was taken in"),
        (_, Outcome::NotSent, _) => format!("these bytes were not sent yet; an attempt {at} sent nothing"),
        (_, Outcome::Unknown, Some(said)) if said.accepted => {
            let (of, were) = (u64::from(attempt.intent.rows), if attempt.intent.rows == 1 { "was" } else { "were" });
            format!("{} of {} {were} accepted {at}, by your word", thousands(of), counted(of, "row"))
        }
        (_, Outcome::Unknown, Some(said)) => format!("these bytes were sent {at}, {}", settled_words(said)),
        (_, Outcome::Unknown, None) => format!("these bytes were sent {at}, with no known outcome"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::{BodyState, Ended, How, Intent, Reply, Settlement, judge};

    fn attempt(id: i64, how: How) -> Attempt {
        let begun = !matches!(how, How::NotConnected(_));
        let ended = Ended { how, begun, sent: 0, took_ms: 0 };
        Attempt {
            id,
            intent: Intent {
                started_ms: id,
                address: "a".into(),
                profile: None,
                file: "f".into(),
                fingerprint: Fingerprint::of([]),
                rows: 1,
                key_origin: String::new(),
            },
            outcome: judge(&ended),
            ended,
            under_way: false,
            settled: None,
            settled_before: Vec::new(),
            followed: None,
            tally: None,
        }
    }

    fn replied(id: i64, status: u16) -> Attempt {
        let (headers, body, body_state) = (Vec::new(), Vec::new(), BodyState::Whole);
        let (reason, version) = (String::new(), "HTTP/1.1".into());
        attempt(id, How::Replied(Reply { status, reason, version, headers, body, body_state }))
    }

    fn lost(id: i64) -> Attempt {
        attempt(id, How::NoReply("reset".into()))
    }

    fn not_connected(id: i64) -> Attempt {
        attempt(id, How::NotConnected("refused".into()))
    }

    fn earlier(newest_first: impl IntoIterator<Item = Attempt>) -> Earlier {
        Earlier::of(newest_first.into_iter().map(Ok::<_, ()>)).unwrap()
    }

    #[test]
    fn never_sent_is_only_said_when_the_ledger_has_no_attempt_of_these_bytes() {
        let settled = |accepted| Attempt { settled: Some(Settlement { accepted, at_ms: 9 }), ..lost(3) };
        let cases = [
            (vec![], "never sent before"),
            (vec![replied(3, 401)], "these bytes were refused with 401 at 3, nothing was taken in"),
            (vec![not_connected(3)], "these bytes were not sent yet; an attempt at 3 sent nothing"),
            (vec![replied(3, 204)], "these bytes were accepted with 204 at 3"),
            (vec![lost(3)], "these bytes were sent at 3, with no known outcome"),
            (vec![replied(3, 503)], "these bytes were sent at 3, with no known outcome"),
            (vec![settled(true)], "1 of 1 row was accepted at 3, by your word"),
            (vec![settled(false)], "these bytes were sent at 3, not accepted, says the operator"),
            (vec![Attempt { under_way: true, ..lost(3) }], "another cuecard is sending these bytes, begun at 3"),
        ];
        for (attempts, words) in cases {
            assert_eq!(earlier(attempts).words(|ms| format!("at {ms}")), words);
        }
    }

    #[test]
    fn damaged_ledger_prevents_the_words_never_sent() {
        let damaged =
            |attempts: Vec<Attempt>| Earlier { not_known: Some("the ledger is lost".into()), ..earlier(attempts) };
        let cases = [
            (vec![], "the ledger is lost"),
            (vec![not_connected(3)], "these bytes were not sent yet; an attempt at 3 sent nothing; the ledger is lost"),
            (vec![replied(3, 204)], "these bytes were accepted with 204 at 3"),
        ];
        for (attempts, words) in cases {
            let earlier = damaged(attempts);
            assert_eq!((earlier.words(|ms| format!("at {ms}")).as_str(), earlier.blocks()), (words, true));
        }
        assert!(!earlier([]).blocks());
    }

    #[test]
    fn blocking_attempt_is_reported_despite_a_newer_attempt() {
        let earlier = earlier([replied(5, 401), not_connected(4), replied(3, 204), replied(2, 204)]);
        assert_eq!(earlier.newest.as_ref().map(|attempt| attempt.id), Some(5));
        assert_eq!(earlier.blocking.as_ref().map(|attempt| attempt.id), Some(3));
        assert_eq!(earlier.words(|ms| format!("at {ms}")), "these bytes were accepted with 204 at 3");
    }

    #[test]
    fn the_newest_attempt_may_be_the_one_that_blocks() {
        let earlier = earlier([lost(5), replied(4, 401)]);
        let ids = [&earlier.newest, &earlier.blocking].map(|attempt| attempt.as_ref().map(|attempt| attempt.id));
        assert_eq!(ids, [Some(5), Some(5)]);
        let nothing_blocks = self::earlier([replied(5, 401), not_connected(4)]);
        assert_eq!(nothing_blocks.telling().map(|attempt| attempt.id), Some(5));
        assert_eq!(nothing_blocks.blocking, None);
    }
}
