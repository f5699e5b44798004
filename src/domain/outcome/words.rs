//! The words for an outcome: one for the state, two sentences for what it means and what to do now. The screen and the
//! command line say the same.

use super::{BodyState, Ended, How, Outcome, Reply, Settlement, judge};
use crate::domain::format::{length, thousands};
use crate::domain::printable::printable;
use std::time::Duration;

/// What an outcome is called and what it means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    pub outcome: Outcome,
    /// `ACCEPTED`
    pub word: &'static str,
    /// What stands beside it: `204 No Content`, or why there is no status.
    pub status: String,
    /// What it means; what now.
    pub sentences: [String; 2],
}

/// What the sentences need to know of the world around.
#[derive(Clone, Debug)]
pub struct Place<'a> {
    /// The host that was to be reached.
    pub host: &'a str,
    /// Bytes of the file.
    pub bytes: u64,
    /// For 429: the local time at which the limit opens, `00:00`, and how long until then ([`Reply::opens_again_in`]).
    pub reset: Option<(&'a str, Duration)>,
}

const BLOCKED: &str = "The service may have taken the manifest. Sending it again is blocked for now.";
const ANY_TIME: &str = "Try again any time.";

pub fn words(ended: &Ended, place: &Place<'_>) -> Words {
    let outcome = judge(ended);
    let (status, [meaning, now]) = match &ended.how {
        How::Replied(reply) => (reply.status_line(), of_reply(reply, place)),
        _ if outcome == Outcome::NotSent => ("nothing left this machine".to_owned(), not_sent(ended, place)),
        _ => ("no status came back".to_owned(), no_reply(ended, place)),
    };
    Words { outcome, word: outcome.word(), status, sentences: [meaning, now] }
}

/// What the operator said about an unknown outcome, for the log: `accepted, says the operator`.
pub fn settled_words(settlement: Settlement) -> &'static str {
    if settlement.accepted { "accepted, says the operator" } else { "not accepted, says the operator" }
}

fn of_reply(reply: &Reply, place: &Place<'_>) -> [String; 2] {
    let its_words = if reply.body.is_empty() { "It gave no reason." } else { "Its words are below." };
    let [meaning, now] = match reply.status {
        200..=299 if reply.body_state == BodyState::Cut => {
            ["The status arrived, the rest of the reply did not.", "Do not send again."]
        }
        200..=299 if reply.body.is_empty() => [
            "The service took the manifest. This endpoint answers with an empty body.",
            "Indexing runs later and may still refuse single videos; look in the dashboard.",
        ],
        200..=299 => ["The service took the manifest.", "Its reply is below."],
        300..=399 => {
            ["The server points to another address; cuecard does not follow.", "Check the host in the settings."]
        }
        400 | 422 => ["The service found the manifest wrong.", its_words],
        401 => [
            "The API key was not accepted. Nothing was taken in; your edits are safe.",
            "Keys expire after two months. K takes another key, then S sends again.",
        ],
        403 => ["The key is known but may not do this.", "It may need a paid plan."],
        404 | 410 => ["This API version has no such upload.", "Check the address in the settings."],
        413 => ["The file is too big for the service.", "Fewer rows at a time may pass."],
        429 => {
            let opens = match place.reset {
                Some((clock, wait)) => {
                    format!("The limit opens again at {}, in {}.", printable(clock), length(wait))
                }
                None => "The service does not say when the limit opens again.".to_owned(),
            };
            return ["Too many requests.".to_owned(), opens];
        }
        402..=499 => ["The service refused the request.", its_words],
        500..=599 => ["The service, or a gateway before it, failed.", "It may have taken the manifest."],
        _ => ["The server answered with a status that HTTP does not know.", "It may have taken the manifest."],
    };
    [meaning.to_owned(), now.to_owned()]
}

fn not_sent(ended: &Ended, place: &Place<'_>) -> [String; 2] {
    match &ended.how {
        How::Stopped => ["Stopped before the first byte. Nothing left this machine.".into(), ANY_TIME.into()],
        How::FileChanged => [
            "The file on disk is not the one that was checked. Nothing left this machine.".into(),
            "Read it again, look, then send.".into(),
        ],
        How::NotStarted(cause) => {
            [format!("{}. Nothing left this machine.", capital(&printable(cause))), ANY_TIME.into()]
        }
        _ => [format!("No connection to {}. Nothing left this machine.", printable(place.host)), ANY_TIME.into()],
    }
}

fn no_reply(ended: &Ended, place: &Place<'_>) -> [String; 2] {
    let left = if ended.sent >= place.bytes {
        "All bytes left this machine".to_owned()
    } else {
        format!("{} of {} bytes left this machine", thousands(ended.sent), thousands(place.bytes))
    };
    match &ended.how {
        How::Interrupted => ["cuecard ended before the reply was recorded.".into(), BLOCKED.into()],
        How::FileChanged => [format!("{left}, then the file changed on disk and cuecard stopped."), BLOCKED.into()],
        _ => [format!("{left}, then the connection closed without a reply."), BLOCKED.into()],
    }
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}
