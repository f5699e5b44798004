//! What a part of a divided online check learnt, as evidence for the open manifest.

use super::recent;
use crate::app::msg::PartRead;
use crate::domain::draft::Snapshot;
use crate::domain::evidence::{Evidence, Observation};
use crate::domain::request::Fingerprint;
use crate::io::parts::{self, Part, PartError};
use std::path::Path;

/// Adds a part's answers to the evidence; where both have one, the later stays. A part of another file is refused, as by the
/// command that joins parts.
///
/// # Errors
/// A clause that names the file.
pub fn read(path: &Path, snapshot: &Snapshot, mut evidence: Evidence) -> Result<(PartRead, Evidence), String> {
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    let Part { head, shard, answers } = parts::read(path).map_err(|why| match why {
        PartError::NotRead(why) => format!("{name}: {why}"),
        why => format!("{name} {why}"),
    })?;
    let ours = Fingerprint::of([snapshot.base().bytes()]).hex();
    let short = |hex: &str| hex.chars().take(8).collect::<String>();
    if ours != head.sha256 {
        return Err(format!("{name} is of sha-256 {}, not {}", short(&head.sha256), short(&ours)));
    }
    let count = answers.len() as u64;
    for (subject, observation) in answers {
        if evidence.get(&subject).is_none_or(|known| known.at_ms < observation.at_ms) {
            evidence.observe(&subject, &Observation { cached: true, ..observation });
        }
    }
    let when = recent::when(head.ended.as_millisecond());
    Ok((PartRead { shard, answers: count, when }, evidence))
}
