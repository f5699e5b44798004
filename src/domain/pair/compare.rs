//! Compares the transcripts that rows already have with the ones their names suggest.

use super::hash::{ByHash, raw_hash};
use super::result::{Class, Pairing};
use super::world::object_key;
use super::{Inputs, Progress, pair};
use crate::keys::{Key, KeyList};
use crate::manifest::{Field, RowId};
use crate::row_set::RowSet;
use crate::rules::names_differ;
use crate::s3_url;
use std::sync::atomic::AtomicBool;

/// How a filled row's transcript fits its names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verdict {
    Agree,
    /// Another transcript fits the row, or another row the transcript, or a number differs.
    Contradict,
    CannotTell,
}

impl Verdict {
    pub const ALL: [Verdict; 3] = [Verdict::Agree, Verdict::Contradict, Verdict::CannotTell];

    pub const fn name(self) -> &'static str {
        match self {
            Verdict::Agree => "agree",
            Verdict::Contradict => "contradict",
            Verdict::CannotTell => "cannot be told",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compared {
    pub row: RowId,
    pub verdict: Verdict,
    /// The transcript that the names suggest instead, as an index into [`Pairing::keys`].
    pub better: Option<u32>,
}

/// The result of [`compare`]. Its key list ends with the rows' own transcripts.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// The pairing as if all rows were empty.
    pub pairing: Pairing,
    /// In row order.
    pub rows: Vec<Compared>,
}

impl Comparison {
    pub fn count(&self, verdict: Verdict) -> u32 {
        self.rows.iter().filter(|row| row.verdict == verdict).count() as u32
    }
}

/// Pairs all rows as if they were empty and compares the filled ones with the result. None if `stop` was set.
pub fn compare(inputs: &Inputs<'_>, progress: &dyn Fn(Progress), stop: &AtomicBool) -> Option<Comparison> {
    let snapshot = inputs.snapshot;
    let filled = |row: &RowId| !snapshot.is_excluded(*row) && !snapshot.value(*row, Field::Transcription).is_empty();
    let rows: Vec<RowId> = (0..snapshot.len()).filter(filled).collect();
    let mut known: ByHash<u64, u32> = ByHash::default();
    for id in 0..inputs.keys.len() {
        if let Some((bucket, key)) = inputs.keys.name(id) {
            known.entry(raw_hash(&[bucket, key])).or_insert(id);
        }
    }
    let mut keys: KeyList = inputs.keys.clone();
    let mut own: Vec<Option<u32>> = Vec::with_capacity(rows.len());
    for row in &rows {
        let value = snapshot.value(*row, Field::Transcription);
        own.push(s3_url::split(value.text()).filter(|(bucket, key)| !bucket.is_empty() && !key.is_empty()).and_then(
            |(bucket, key)| {
                let hash = raw_hash(&[bucket, key]);
                if let Some(id) = known.get(&hash) {
                    return Some(*id);
                }
                let id = keys.len();
                keys.append([Key::named(bucket, key)]);
                // A list takes only .srt and .vtt keys.
                (keys.len() > id).then(|| {
                    known.insert(hash, id);
                    id
                })
            },
        ));
    }
    let wanted: RowSet = rows.iter().copied().collect();
    let inputs = Inputs { keys: &keys, rows: Some(&wanted), ..*inputs };
    let pairing = pair(&inputs, true, progress, stop)?;
    let rows = rows.into_iter().zip(own).map(|(row, own)| verdict(&pairing, row, own)).collect();
    Some(Comparison { pairing, rows })
}

fn verdict(pairing: &Pairing, row: RowId, own: Option<u32>) -> Compared {
    let told = |verdict, better| Compared { row, verdict, better };
    let (Some(own), Some(proposal)) = (own, pairing.of_row(row)) else { return told(Verdict::CannotTell, None) };
    if let Some(best) = proposal.transcript() {
        let is_own = best == own || pairing.is_twin(best, own);
        return if is_own { told(Verdict::Agree, None) } else { told(Verdict::Contradict, Some(best)) };
    }
    if proposal.class == Class::Ambiguous && pairing.alternatives(proposal).contains(&own) {
        return told(Verdict::CannotTell, None);
    }
    // By name its transcript belongs to another row, or has another number than the video.
    let is_others = pairing.owner(own).is_some_and(|owner| owner != row);
    let key = pairing.keys().name(own).map_or("", |(_, key)| key);
    let differs = names_differ(&object_key(pairing.snapshot(), row), key);
    match differs {
        None => told(Verdict::CannotTell, None),
        Some(is_fact) if is_fact || is_others => told(Verdict::Contradict, None),
        Some(_) => told(Verdict::CannotTell, None),
    }
}
