//! The words for an outcome: a label, and two sentences for what it means and what to do. The screen and the command
//! line share them.

use super::{About, Attempt, BodyState, Ended, How, Outcome, Reply, Settlement};
use crate::certificate::Untrusted;
use crate::format::{counted, length, thousands};
use crate::printable::printable;
use std::time::Duration;

/// The label of an outcome and its explanation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutcomeWords {
    pub outcome: Outcome,
    /// `ACCEPTED`
    pub word: &'static str,
    /// Shown beside it: `204 No Content`, or why there is no status.
    pub status: String,
    /// What it means; what to do.
    pub sentences: [String; 2],
}

/// The context that the sentences need.
#[derive(Clone, Debug)]
pub struct ReplyContext<'a> {
    /// The host of the request.
    pub host: &'a str,
    /// Size of the file.
    pub bytes: u64,
    /// For 429: the local time at which the limit resets, `00:00`, and the time until then ([`Reply::opens_again_in`]).
    pub reset: Option<(&'a str, Duration)>,
}

const BLOCKED: &str = "The service may have taken the manifest. Sending again asks for typed words.";
const ANY_TIME: &str = "Try again any time.";

/// `outcome` is the judgement made when it ended.
pub fn words(ended: &Ended, outcome: Outcome, place: &ReplyContext<'_>) -> OutcomeWords {
    let (status, [meaning, now]) = match &ended.how {
        How::Replied(reply) => (reply.status_line(), of_reply(reply, outcome, place)),
        How::RowByRow => ("row by row".to_owned(), row_by_row(outcome)),
        _ if outcome == Outcome::NotSent => ("nothing left this machine".to_owned(), not_sent(ended, place)),
        _ => ("no status came back".to_owned(), no_reply(ended, place)),
    };
    OutcomeWords { outcome, word: outcome.word(), status, sentences: [meaning, now] }
}

/// What became of an attempt and when, for a title: `accepted 14:03:09`, `sent 17:52:09, 629 of 633 rows accepted`,
/// `not accepted, by your word 14:22:03`. `clock` formats a time.
pub fn became(attempt: &Attempt, clock: impl Fn(i64) -> String) -> String {
    let sent = clock(attempt.intent.started_ms);
    if attempt.is_row_by_row() {
        let accepted = attempt.tally.map_or(0, |tally| tally.accepted);
        return format!(
            "sent {sent}, {} of {} accepted",
            thousands(accepted),
            counted(attempt.intent.rows.into(), "row")
        );
    }
    match (attempt.outcome, attempt.settled) {
        (Outcome::Unknown, None) => format!("sent {sent}, outcome unknown"),
        (Outcome::Unknown, Some(said)) => {
            format!("{}accepted, by your word {}", if said.accepted { "" } else { "not " }, clock(said.at_ms))
        }
        _ => {
            let took = i64::try_from(attempt.ended.took_ms).unwrap_or(0);
            format!("accepted {}", clock(attempt.intent.started_ms.saturating_add(took)))
        }
    }
}

/// The operator's verdict on an unknown outcome, for the log: `accepted, says the operator`.
pub fn settled_words(settlement: Settlement) -> &'static str {
    if settlement.accepted { "accepted, says the operator" } else { "not accepted, says the operator" }
}

const ITS_WORDS: &str = "Its words are below.";
const NO_REASON: &str = "It gave no reason.";

fn of_reply(reply: &Reply, outcome: Outcome, place: &ReplyContext<'_>) -> [String; 2] {
    let [meaning, now] = match (outcome, reply.status) {
        (Outcome::Accepted, _) if reply.body_state == BodyState::Cut => {
            ["The status arrived, the rest of the reply did not.", "Do not send again."]
        }
        (Outcome::Accepted, _) if reply.body.is_empty() => [
            "The service took the manifest. This endpoint answers with an empty body.",
            "Indexing runs later and may still refuse single videos.",
        ],
        (Outcome::Accepted, _) => ["The service took the manifest.", "Its reply is below."],
        (Outcome::Refused, _) => return refused(reply, place),
        (_, 200..=299) if reply.is_web_page() => [
            "Something other than the service answered: a web page, as a gateway or a sign-in page sends.",
            "The service may have taken the manifest all the same. Sending again asks for typed words.",
        ],
        (_, 200..=299) if reply.vendor_error().is_some_and(|error| error.code.is_some()) => {
            ["The service answered with an error code that is not documented.", BLOCKED]
        }
        (_, 200..=299) if reply.body.is_empty() && reply.body_state == BodyState::Cut => {
            ["The status arrived, the reply that it announced did not.", BLOCKED]
        }
        (_, 200..=299) if reply.body.is_empty() => {
            ["Something other than the service answered, without a word.", BLOCKED]
        }
        (_, 200..=299) => ["Something other than the service answered. Its words are below.", BLOCKED],
        (_, 400..=499) => ["The request was given up on before it was answered.", BLOCKED],
        (_, 500..=599) => ["The service, or a gateway before it, failed.", "It may have taken the manifest."],
        _ => ["The server answered with a status that HTTP does not know.", "It may have taken the manifest."],
    };
    [meaning.to_owned(), now.to_owned()]
}

fn refused(reply: &Reply, place: &ReplyContext<'_>) -> [String; 2] {
    let its_words = if reply.body.is_empty() { NO_REASON } else { ITS_WORDS };
    let [meaning, now] = match reply.about() {
        About::Elsewhere => {
            ["The server points to another address; cuecard does not follow.", "Check the host in the settings."]
        }
        About::Gateway if !reply.is_web_page() => [
            "Something other than the service refused it, as a proxy or a gateway does.",
            "Check the network, the proxy and the address in the settings.",
        ],
        About::Gateway => [
            "Something other than the service answered: a web page, as a gateway or a sign-in page sends.",
            "Check the network, the proxy and the address in the settings.",
        ],
        About::Manifest => ["The service found the manifest wrong.", its_words],
        About::Key => [
            "The API key was not accepted. Nothing was taken in; your edits are safe.",
            "Keys expire after two months: try with another one.",
        ],
        About::Forbidden => ["The key is known but may not do this.", "It may need a paid plan."],
        About::Plan => ["This upload needs a paid plan.", its_words],
        About::Region => ["The API is not available in your region.", its_words],
        About::Credit => ["The account does not have enough credit left.", its_words],
        About::Missing => ["Something that the manifest names does not exist, most likely an index.", its_words],
        About::Endpoint => [
            "This address has no transfer upload any more.",
            "Check the version in the API's address, in the settings.",
        ],
        About::Size => ["The file is too big for the service.", "Fewer rows at a time may pass."],
        About::Limit => {
            let opens = match place.reset {
                Some((clock, wait)) => {
                    format!("The limit opens again at {}, in {}.", printable(clock), length(wait))
                }
                None => "The service does not say when the limit opens again.".to_owned(),
            };
            return ["Too many requests.".to_owned(), opens];
        }
        About::Other => ["The service refused the request.", its_words],
    };
    [meaning.to_owned(), now.to_owned()]
}

fn row_by_row(outcome: Outcome) -> [String; 2] {
    let what = match outcome {
        Outcome::Accepted => "Rows were accepted one by one.",
        Outcome::NotSent => "No row was accepted, and some were not sent.",
        Outcome::Refused => "No row was accepted.",
        Outcome::Unknown => "Rows were sent one by one, and of some the outcome is unknown.",
    };
    [what.into(), "The same again sends only rows that were not sent.".into()]
}

fn not_sent(ended: &Ended, place: &ReplyContext<'_>) -> [String; 2] {
    match &ended.how {
        How::Stopped => ["Stopped before the first byte. Nothing left this machine.".into(), ANY_TIME.into()],
        How::FileChanged => [
            "The file on disk is not the one that was checked. Nothing left this machine.".into(),
            "Read it again, look, then send.".into(),
        ],
        How::NotStarted(cause) => {
            [format!("{}. Nothing left this machine.", capital(&printable(cause))), ANY_TIME.into()]
        }
        How::NotTrusted(cause) => {
            let now = Untrusted::read(cause).map_or_else(
                || "Check the address in the settings, and the clock of this machine.".to_owned(),
                |Untrusted { why, way_out }| format!("{}: {way_out}.", capital(why)),
            );
            let host = printable(place.host);
            [format!("The certificate of {host} is not trusted. Nothing left this machine."), now]
        }
        _ => [format!("No connection to {}. Nothing left this machine.", printable(place.host)), ANY_TIME.into()],
    }
}

fn no_reply(ended: &Ended, place: &ReplyContext<'_>) -> [String; 2] {
    let left = if ended.sent >= place.bytes {
        "All bytes left this machine".to_owned()
    } else {
        format!("{} of {} left this machine", thousands(ended.sent), counted(place.bytes, "byte"))
    };
    match &ended.how {
        How::Interrupted => ["cuecard ended before the reply was recorded.".into(), BLOCKED.into()],
        How::FileChanged => [format!("{left}, then the file changed on disk and cuecard stopped."), BLOCKED.into()],
        How::TimedOut(cause) => [format!("{left}, then a time-out: {}.", printable(cause)), BLOCKED.into()],
        How::Stopped => [format!("{left}, then you stopped it."), BLOCKED.into()],
        How::NoReply(cause) if is_unreadable(cause) => {
            [format!("{left}, then a reply came that can't be read: {}.", printable(cause)), BLOCKED.into()]
        }
        _ => [format!("{left}, then the connection closed without a reply."), BLOCKED.into()],
    }
}

/// Something came back, but no HTTP: the client's words for a head that it can't parse.
fn is_unreadable(cause: &str) -> bool {
    cause.contains("invalid HTTP") || cause.contains("parsed") || cause.contains("head is too large")
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}
