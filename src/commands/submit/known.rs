//! What online checks told of the rows' objects in the last hours. A send takes it from the cache, and asks nobody.

use crate::commands::{Context, Failure, say};
use crate::domain::draft::Snapshot;
use crate::domain::evidence::{Evidence, Fact, Scope, Subject, SubjectKind};
use crate::domain::findings::Findings;
use crate::domain::format::counted;
use crate::domain::rules::{Rule, Severity};
use crate::io::checks::CheckOptions;
use crate::io::s3::S3;
use crate::io::store::Cache;
use jiff::{Timestamp, tz::TimeZone};

/// Rows looked up at once.
const ROWS: u32 = 1_000;

/// Checks the rows as `cuecard check --online` would without a request, so that a send is blocked by what is known.
///
/// # Errors
/// [`Failure`] if the settings can't be used, or the check did not finish.
pub(super) fn findings(context: &Context, snapshot: &Snapshot) -> Result<Findings, Failure> {
    let evidence = recall(context, snapshot)?;
    let since = evidence.between().map(|(_, newest)| clock(newest));
    let findings = Findings::check_with(snapshot, evidence, |_| true)
        .ok_or_else(|| Failure::not_sent("The check did not finish. Nothing was sent."))?;
    let is_error = |rule: Rule, severity| rule.is_online() && severity == Severity::Error;
    let errors: u64 =
        findings.groups().iter().filter(|group| is_error(group.rule, group.severity)).map(|group| group.count).sum();
    if let Some(since) = since.filter(|_| errors > 0) {
        let (errors, it) = (counted(errors, "error"), if errors == 1 { "is" } else { "are" });
        say(&format!(
            "{errors} {it} known from an online check, the last answer from {since}. `cuecard check --online --afresh` asks again."
        ));
    }
    Ok(findings)
}

/// Whether the last answer was that nobody but the owner reads this video.
pub(super) fn is_private(findings: &Findings, object: &str) -> bool {
    let observation = findings.evidence().about(SubjectKind::Video, object);
    observation.is_some_and(|observation| matches!(&observation.fact, Fact::Video(video) if video.is_refused()))
}

/// `14:03`
fn clock(ms: i64) -> String {
    Timestamp::from_millisecond(ms).unwrap_or_default().to_zoned(TimeZone::system()).strftime("%H:%M").to_string()
}

fn recall(context: &Context, snapshot: &Snapshot) -> Result<Evidence, Failure> {
    let mut evidence = Evidence::new(context.limits()?);
    if !Cache::exists(&context.folders.state) {
        return Ok(evidence);
    }
    let options = context.s3()?;
    // Without a client nothing was asked.
    let Ok(s3) = S3::new(options.clone()) else { return Ok(evidence) };
    let place = CheckOptions::of(&options, &s3, context.folders.state.clone()).evidence_cache.map(|(_, place)| place);
    let Some((place, cache)) = place.zip(Cache::open_in_passing(&context.folders.state).ok()) else {
        return Ok(evidence);
    };
    let scope = Scope { rows: None, transcripts: true, videos: true, indexes: false, afresh: false, share: None };
    let now_ms = Timestamp::now().as_millisecond();
    for first in (0..snapshot.len()).step_by(ROWS as usize) {
        let rows = first..first.saturating_add(ROWS).min(snapshot.len());
        let mut subjects: Vec<Subject> = rows.flat_map(|row| scope.subjects(snapshot, row)).collect();
        subjects.retain(|subject| !evidence.has(subject));
        match cache.recall(&place, &subjects, now_ms) {
            Ok(found) => found.into_iter().for_each(|(subject, told)| evidence.observe(&subject, &told)),
            Err(error) => {
                tracing::warn!(%error, "what was checked online is not known");
                break;
            }
        }
    }
    Ok(evidence)
}
