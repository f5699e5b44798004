//! One part of a divided online check, and the joining of all parts: `--shard` and `--merge`.
//!
//! A part holds what was learnt. The join judges all rows again with all answers, so that its findings, rules across rows
//! included, are those of one run.

use super::online::{Round, Unclear, ask, scope};
use super::{Asked, Check, FINE, UNREADABLE, read};
use crate::commands::{Context, Failure, say};
use crate::domain::draft::Snapshot;
use crate::domain::evidence::{Evidence, Scope, Shard, Share, Shares, Subject, unasked};
use crate::domain::findings::Findings;
use crate::domain::format::{counted, thousands};
use crate::domain::limits::Limits;
use crate::domain::report::{Format, Gap, Report};
use crate::domain::request::Fingerprint;
use crate::domain::rules::Rule;
use crate::io::files::Saved;
use crate::io::parts::{self, Head, Part};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::path::Path;
use std::sync::Arc;

/// Asks about one part of what the manifest names and writes what was learnt. The exit code says whether the part is
/// there, not what was found: a scheduler repeats what failed.
///
/// # Errors
/// [`Failure`] if the manifest can't be read, nobody answers, or the part can't be written.
pub(in crate::commands) fn part(
    arguments: &Check,
    context: &Context,
    shard: Shard,
    output: &Path,
) -> Result<u8, Failure> {
    let name = output.display();
    let (_, snapshot) = read(&arguments.manifest)?;
    let mut scope = scope(arguments);
    let Some(shares) = Shares::of(&snapshot, &scope, shard.of, || true) else { return Ok(UNREADABLE) };
    scope.share = Some(Share { shares: Arc::new(shares), number: shard.number });
    let s3 = context.s3()?;
    let sha256 = Fingerprint::of([snapshot.base().bytes()]).hex();
    let mut head = Head::new(sha256, snapshot.len(), shard, s3.store(), s3.credentials.is_some(), scope.videos);
    let Round { evidence, requests, stood_still, unclear } = ask(arguments, context, &snapshot, scope)?;
    if stood_still || !unclear.is_connected() {
        return Err(Failure::usage(format!(
            "Without a connection part {} of {} is not written. The same command asks again.",
            shard.number, shard.of
        )));
    }
    (head.ended, head.requests) = (Timestamp::now(), requests);
    let answers = evidence.len() as u64;
    let (findings, count) = online_findings(&snapshot, evidence.clone());
    let saved = parts::write(output, &head, &evidence, &findings);
    match saved.map_err(|why| Failure::usage(format!("{name}: {why}")))? {
        Saved::Durable => {}
        saved => say(&format!("{name}: {saved}")),
    }
    let (answers, count) = (counted(answers, "answer"), counted(count, "finding"));
    say(&format!("{name} is part {} of {}: {answers}, {count}.", shard.number, shard.of));
    Ok(FINE)
}

/// The findings that answers alone bring, as a JSON array, and their number.
fn online_findings(snapshot: &Snapshot, evidence: Evidence) -> (Vec<u8>, u64) {
    let Some(findings) = Findings::check_with(snapshot, evidence, |_| true) else { return (b"[]".to_vec(), 0) };
    let mut json = Vec::new();
    let mut keep = |bytes: &[u8]| -> Result<(), Infallible> {
        json.extend_from_slice(bytes);
        Ok(())
    };
    let Ok(mut report) = Report::begin(Format::Json, "", &mut keep);
    let Ok(()) = report.rows(snapshot, &findings, 0..snapshot.len(), Rule::is_online);
    let Ok(count) = report.end(None);
    (json, count.all())
}

/// The answers of all parts. Parts of another file, or of another check, are refused.
///
/// # Errors
/// [`Failure`] that names the part.
pub(in crate::commands) fn joined(arguments: &Check, limits: Limits, snapshot: &Snapshot) -> Result<Asked, Failure> {
    let sha256 = Fingerprint::of([snapshot.base().bytes()]).hex();
    let mut evidence = Evidence::new(limits);
    let mut unclear = Unclear::default();
    let mut heads: BTreeMap<Shard, (String, Head)> = BTreeMap::new();
    let mut twice = 0;
    for path in &arguments.merge {
        let name = path.display().to_string();
        let refused = |why: String| Failure::usage(format!("{name} {why}"));
        let Part { head, shard, answers } = parts::read(path).map_err(|why| refused(why.to_string()))?;
        if head.sha256 != sha256 {
            return Err(refused(format!("is of sha-256 {}, not {}", short(&head.sha256), short(&sha256))));
        }
        if let Some((other, (its_name, its_head))) = heads.first_key_value()
            && let Some(why) = differs((shard, &head), (*other, its_head))
        {
            return Err(refused(format!("{why} {its_name}")));
        }
        if let Some((other, _)) = heads.insert(shard, (name.clone(), head)) {
            return Err(refused(format!("is part {} of {}, as is {other}", shard.number, shard.of)));
        }
        for (subject, observation) in answers {
            twice += u64::from(evidence.has(&subject));
            unclear.count(subject.kind(), &observation);
            evidence.observe(&subject, &observation);
        }
    }
    let gap = gap(arguments, snapshot, &heads);
    match &gap {
        None => say(&told(&heads, snapshot.len(), &sha256, twice)),
        Some(gap) if gap.is_allowed => say(&format!("warning: {}", gap.words)),
        Some(gap) => say(&gap.words),
    }
    unclear.say();
    Ok(Asked { is_verified: unclear.is_somebody_there(), evidence, gap })
}

/// Why two parts don't belong to one check, up to the name of the other part.
fn differs((shard, head): (Shard, &Head), (other, its): (Shard, &Head)) -> Option<String> {
    let signed = |head: &Head| if head.signed { "with AWS credentials" } else { "without AWS credentials" };
    let videos = |head: &Head| if head.videos { "with videos" } else { "without videos" };
    if shard.of != other.of {
        return Some(format!("is part {} of {}, and of {} is", shard.number, shard.of, other.of));
    }
    let differences = [(&*head.store, &*its.store), (signed(head), signed(its)), (videos(head), videos(its))];
    let (own, other) = differences.into_iter().find(|(own, other)| own != other)?;
    Some(format!("was asked {}, and {} was", asked(own), asked(other)))
}

/// `with videos`, or `of aws`.
fn asked(what: &str) -> String {
    if what.starts_with("with") { what.to_owned() } else { format!("of {what}") }
}

/// The missing parts, and how many rows nobody asked about.
fn gap(arguments: &Check, snapshot: &Snapshot, heads: &BTreeMap<Shard, (String, Head)>) -> Option<Gap> {
    let (&Shard { of, .. }, (_, head)) = heads.first_key_value()?;
    let missing: Vec<u32> = (1..=of).filter(|number| !heads.contains_key(&Shard { number: *number, of })).collect();
    let (last, before) = missing.split_last()?;
    let scope = Scope { videos: head.videos, ..scope(&Check::default()) };
    let shares = Shares::of(snapshot, &scope, of, || true)?;
    let is_asked = |subject: &Subject| missing.binary_search(&shares.number(subject)).is_err();
    let rows = unasked(snapshot, &scope, is_asked).count() as u64;
    let were = if rows == 1 { "was" } else { "were" };
    let parts = counted(heads.len() as u64, "part");
    let missing = if before.is_empty() {
        format!("part {last} of {of} is missing")
    } else {
        let before: Vec<String> = before.iter().map(u32::to_string).collect();
        format!("parts {} and {last} of {of} are missing", before.join(", "))
    };
    let words = format!("{parts} of {of}: {missing}, {} {were} not asked about", counted(rows, "row"));
    Some(Gap { words, is_allowed: arguments.allow_missing })
}

/// `8 parts of 8, 12,480 rows, sha-256 3f9a1c07; asked 13:41 to 13:58, 12,911 requests, no object twice`
fn told(heads: &BTreeMap<Shard, (String, Head)>, rows: u32, sha256: &str, twice: u64) -> String {
    let heads = || heads.values().map(|(_, head)| head);
    let requests = heads().map(|head| head.requests).sum();
    let began = heads().map(|head| head.began).min().unwrap_or_default();
    let ended = heads().map(|head| head.ended).max().unwrap_or_default();
    let parts = counted(heads().count() as u64, "part");
    let twice = if twice == 0 { "no object twice".to_owned() } else { format!("{} twice", counted(twice, "object")) };
    format!(
        "{parts} of {}, {}, sha-256 {}; asked {} to {}, {}, {twice}",
        thousands(heads().count() as u64),
        counted(rows.into(), "row"),
        short(sha256),
        local(began),
        local(ended),
        counted(requests, "request"),
    )
}

/// The local time; with the date if it isn't today.
fn local(at: Timestamp) -> String {
    let at = at.to_zoned(TimeZone::system());
    let format = if at.date() == Zoned::now().date() { "%H:%M" } else { "%Y-%m-%d %H:%M" };
    at.strftime(format).to_string()
}

fn short(sha256: &str) -> &str {
    sha256.get(..8).unwrap_or(sha256)
}
