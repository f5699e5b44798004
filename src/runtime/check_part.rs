//! What a part of a divided online check learnt, as evidence for the open manifest.

use super::recent;
use crate::app::msg::PartRead;
use crate::domain::draft::Snapshot;
use crate::domain::evidence::{Evidence, Observation};
use crate::domain::request::Fingerprint;
use crate::io::parts::{self, Part};
use std::path::Path;

/// Adds a part's answers to the evidence; where both have one, the later stays.
///
/// # Errors
/// A clause that names the file.
pub fn read(path: &Path, snapshot: &Snapshot, mut evidence: Evidence) -> Result<(PartRead, Evidence), String> {
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    let Part { head, shard, answers } = parts::read(path).map_err(|why| format!("{name} {why}"))?;
    let count = answers.len() as u64;
    for (subject, observation) in answers {
        if evidence.get(&subject).is_none_or(|known| known.at_ms < observation.at_ms) {
            evidence.observe(&subject, &Observation { cached: true, ..observation });
        }
    }
    let is_other = Fingerprint::of([snapshot.base().bytes()]).hex() != head.sha256;
    let of_other = is_other.then(|| head.sha256.chars().take(8).collect());
    let when = recent::when(head.ended.as_millisecond());
    Ok((PartRead { shard, answers: count, when, of_other }, evidence))
}
