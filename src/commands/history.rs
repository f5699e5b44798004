//! `cuecard history`: prints the ledger of submissions as a table or JSON. Read-only.

use super::arguments::{Format, History};
use super::{Context, Failure, print, say};
use crate::domain::format::thousands;
use crate::domain::outcome::{Attempt, Outcome, Settlement, settled_words};
use crate::domain::printable::printable;
use crate::domain::rows::Tally;
use crate::io::store::Ledger;
use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Value, json};

/// # Errors
/// [`Failure`] with exit code 2 if the ledger can't be read or is incomplete.
pub fn run(arguments: &History, context: &Context) -> Result<u8, Failure> {
    let open = || Ledger::open(&context.folders.state);
    let ledger = super::patiently(super::DISK_IS_SLOW, open).map_err(|error| Failure::usage(error.to_string()))?;
    let mut printed = Ok(());
    let mut count = 0_usize;
    ledger
        .each(|attempt| {
            let tally = if attempt.is_row_by_row() { ledger.tally(attempt.id).unwrap_or_default() } else { None };
            let text = match arguments.format {
                Format::Text => line(&attempt, tally),
                Format::Json => format!("{}{}", if count == 0 { "[\n" } else { ",\n" }, element(&attempt, tally)),
            };
            count += 1;
            printed = print(&text);
            printed.is_ok()
        })
        .map_err(|error| Failure::usage(error.to_string()))?;
    printed?;
    match (arguments.format, count) {
        (Format::Json, 0) => print("[]\n")?,
        (Format::Json, _) => print("\n]\n")?,
        (Format::Text, 0) if ledger.set_aside().is_none() => say("Nothing has been sent."),
        (Format::Text, _) => {}
    }
    match ledger.set_aside() {
        Some(aside) => Err(Failure::usage(format!("This list is incomplete: {aside}."))),
        None => Ok(0),
    }
}

/// An element of the array, indented by two blanks.
fn element(attempt: &Attempt, tally: Option<Tally>) -> String {
    let text = serde_json::to_string_pretty(&as_json(attempt, tally)).unwrap_or_default();
    format!("  {}", escaped(&text).replace('\n', "\n  "))
}

/// `2026-11-23 14:03:09  accepted  204  12,468 rows  sha-256 3f9a1c07  api.twelvelabs.io  news.json`
fn line(attempt: &Attempt, tally: Option<Tally>) -> String {
    let intent = &attempt.intent;
    let state = match (attempt.under_way, attempt.settled) {
        (false, _) if let Some(tally) = tally => {
            format!("{} of {}", thousands(tally.accepted), thousands(intent.rows.into()))
        }
        (true, _) => "being sent".to_owned(),
        (_, Some(settlement)) => format!("unknown, {}", settled_words(settlement)),
        (_, None) => match attempt.outcome {
            Outcome::NotSent => "not sent".to_owned(),
            outcome => outcome.code().to_owned(),
        },
    };
    let status = attempt.ended.reply().map_or_else(|| "-".to_owned(), |reply| reply.status.to_string());
    let sha256 = intent.fingerprint.hex();
    let host = url::Url::parse(&intent.address).ok().and_then(|url| url.host_str().map(str::to_owned));
    let rows = if intent.rows == 1 { "row" } else { "rows" };
    format!(
        "{}  {state:<10}  {status:>3}  {:>9} {rows}  sha-256 {}  {}  {}\n",
        local(intent.started_ms).strftime("%Y-%m-%d %H:%M:%S"),
        thousands(intent.rows.into()),
        sha256.get(..8).unwrap_or_default(),
        printable(host.as_deref().unwrap_or(&intent.address)),
        printable(&intent.file),
    )
}

fn as_json(attempt: &Attempt, tally: Option<Tally>) -> Value {
    let intent = &attempt.intent;
    let ended = &attempt.ended;
    let reply = ended.reply().map(|reply| {
        json!({
            "version": reply.version,
            "headers": reply.headers,
            "body": String::from_utf8_lossy(&reply.body),
            "body_state": reply.body_state,
        })
    });
    // Rows that were never begun are not in the ledger.
    let outcomes = tally.map(|tally| {
        json!({ "accepted": tally.accepted, "refused": tally.refused, "unknown": tally.unknown,
            "under_way": tally.under_way })
    });
    let word = |s: &Settlement| json!({ "accepted": s.accepted, "at": instant(s.at_ms) });
    json!({
        "id": attempt.id,
        "route": if attempt.is_row_by_row() { "tasks" } else { "transfer" },
        "started": instant(intent.started_ms),
        "address": intent.address,
        "profile": intent.profile,
        "file": intent.file,
        "sha256": intent.fingerprint.hex(),
        "bytes": intent.fingerprint.bytes,
        "rows": intent.rows,
        "key": intent.key_origin,
        "outcome": attempt.outcome,
        "outcomes": outcomes,
        "under_way": attempt.under_way,
        "status": ended.reply().map(|reply| reply.status),
        "reason": ended.reply().map(|reply| &reply.reason),
        "cause": ended.cause(),
        "bytes_sent": ended.sent,
        "duration_ms": ended.took_ms,
        "settled": attempt.settled.as_ref().map(word),
        "settled_before": attempt.settled_before.iter().map(word).collect::<Vec<_>>(),
        "reply": reply,
    })
}

/// The same JSON with every character that a terminal wouldn't show written as `\u…`: JSON readers get the same text,
/// terminals get no control sequences.
pub(super) fn escaped(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        let mut bytes = [0; 4];
        if c == '\n' || printable(c.encode_utf8(&mut bytes)) == *c.encode_utf8(&mut [0; 4]) {
            out.push(c);
        } else {
            let mut units = [0; 2];
            out.extend(c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    out
}

fn local(ms: i64) -> jiff::Zoned {
    Timestamp::from_millisecond(ms).unwrap_or_default().to_zoned(TimeZone::system())
}

/// `2026-11-23T14:03:09.120Z`
fn instant(ms: i64) -> String {
    Timestamp::from_millisecond(ms).unwrap_or_default().to_string()
}
