//! `cuecard history`: prints the ledger of submissions as a table or JSON; `receipt` prints one of them.

use super::arguments::{Format, History, Past};
use super::attempts::{counts, escaped, instant};
use super::{Context, Failure, print, say};
use crate::domain::outcome::{Attempt, Settlement, settled_words};
use crate::domain::printable::printable;
use crate::io::store::Ledger;
use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Value, json};

/// # Errors
/// [`Failure`] with exit code 2 if the ledger can't be read or is incomplete.
pub fn run(arguments: &History, context: &Context) -> Result<u8, Failure> {
    match &arguments.past {
        None => list(arguments.format, context),
        Some(Past::Show(show)) => super::receipt::show(show, context),
        Some(Past::Settle { attempt, outcome, row: None }) => settle(*attempt, *outcome == Said::Accepted, context),
        Some(Past::Settle { attempt, outcome, row: Some(row) }) => {
            settle_row(*attempt, row.get(), *outcome == Said::Accepted, context)
        }
        Some(Past::Draft(draft)) => super::retry::run(draft, context),
    }
}

/// The operator's word on an unknown outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Said {
    Accepted,
    NotAccepted,
}

fn settle(id: i64, accepted: bool, context: &Context) -> Result<u8, Failure> {
    let submissions = context.submissions()?;
    let settle = || submissions.settle(id, accepted);
    let attempt = super::patiently(super::DISK_IS_SLOW, settle).map_err(|why| Failure::usage(super::sentence(&why)))?;
    let words = attempt.settled.map(settled_words).unwrap_or_default();
    say(&format!("attempt {id}, {}: {words}", attempt.intent.file));
    Ok(0)
}

fn settle_row(id: i64, row: u32, accepted: bool, context: &Context) -> Result<u8, Failure> {
    let submissions = context.submissions()?;
    let settle = || submissions.settle_row(id, row - 1, accepted);
    let settled = super::patiently(super::DISK_IS_SLOW, settle)
        .map_err(|why| Failure::usage(format!("Row {row} of attempt {id}: {why}.")))?;
    let words = settled.settled.map(settled_words).unwrap_or_default();
    say(&format!("attempt {id}, row {row}, {}: {words}", settled.object));
    Ok(0)
}

fn list(format: Format, context: &Context) -> Result<u8, Failure> {
    let open = || Ledger::open(&context.folders.state);
    let ledger = super::patiently(super::DISK_IS_SLOW, open).map_err(|error| Failure::usage(error.to_string()))?;
    let mut printed = Ok(());
    let mut count = 0_usize;
    ledger
        .each(|attempt| {
            let text = match format {
                Format::Text if count == 0 => format!("{HEADINGS}{}", line(&attempt)),
                Format::Text => line(&attempt),
                Format::Json => format!("{}{}", if count == 0 { "[\n" } else { ",\n" }, element(&attempt)),
            };
            count += 1;
            printed = print(&text);
            printed.is_ok()
        })
        .map_err(|error| Failure::usage(error.to_string()))?;
    printed?;
    match (format, count) {
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
fn element(attempt: &Attempt) -> String {
    let text = serde_json::to_string_pretty(&as_json(attempt)).unwrap_or_default();
    format!("  {}", escaped(&text).replace('\n', "\n  "))
}

const HEADINGS: &str = " #  sent                 outcome                   rows  since then              sha-256   address            file\n";

/// `41  2026-11-23 14:03:07  accepted 204  12468  8411 ready, 31 failed  3f9a1c07  api.twelvelabs.io  /srv/news.json`
fn line(attempt: &Attempt) -> String {
    let intent = &attempt.intent;
    let outcome = match attempt.settled {
        _ if let Some(tally) = attempt.tally.filter(|_| !attempt.under_way) => {
            format!("{} of {}", tally.accepted, tally.rows())
        }
        Some(said) if said.accepted => "accepted, by you".to_owned(),
        Some(_) => "not accepted, by you".to_owned(),
        None => attempt.in_short(),
    };
    let host = url::Url::parse(&intent.address).ok().and_then(|url| url.host_str().map(str::to_owned));
    let since = attempt.followed.as_ref().map_or_else(|| "-".to_owned(), |followed| followed.in_short());
    format!(
        "{:>2}  {}  {outcome:<20}  {:>8}  {since:<22}  {}  {:<17}  {}\n",
        attempt.id,
        local(intent.started_ms).strftime("%Y-%m-%d %H:%M:%S"),
        intent.rows,
        intent.fingerprint.hex().get(..8).unwrap_or_default(),
        printable(host.as_deref().unwrap_or(&intent.address)),
        printable(&intent.file),
    )
}

fn as_json(attempt: &Attempt) -> Value {
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
    let outcomes = attempt.tally.map(|tally| {
        json!({ "accepted": tally.accepted, "refused": tally.refused, "unknown": tally.unknown,
            "under_way": tally.under_way, "not_sent": tally.not_sent, "cannot_go": tally.cannot_go,
            "by_word": tally.by_word })
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
        "follow": attempt.followed.as_ref().map(|followed| json!({
            "asked": instant(followed.asked_ms),
            "settled": followed.settled,
            "counts": counts(&followed.counts),
        })),
        "settled": attempt.settled.as_ref().map(word),
        "settled_before": attempt.settled_before.iter().map(word).collect::<Vec<_>>(),
        "reply": reply,
    })
}

fn local(ms: i64) -> jiff::Zoned {
    Timestamp::from_millisecond(ms).unwrap_or_default().to_zoned(TimeZone::system())
}
