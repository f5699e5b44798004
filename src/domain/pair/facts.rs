//! Compares pairs made by name with the results of online checks.
//!
//! Three-valued: an unknown fact changes nothing. Facts can make a pair doubtful and choose between candidates that
//! names can't distinguish, but never create a pair.

use super::evidence::{Doubt, Edge};
use super::hash::ByHash;
use super::settle::{State, Status};
use super::world::World;
use crate::evidence::{Evidence, Fact, Object, SubjectKind};
use crate::manifest::Field;
use crate::subtitle::{Inspected, Other, same_language};

/// Tolerance for a cue after the end of the video, in milliseconds: containers and cue times round.
const SLACK_MS: u64 = 1_000;

/// Reviews the settled pairs: one that contradicts the facts goes to a person; of several equal candidates, the only
/// one that fits the facts is taken.
pub(super) fn weigh(world: &World<'_>, edges: &mut [Edge], state: &mut State) {
    let Some(evidence) = world.input.evidence.filter(|evidence| !evidence.is_empty()) else { return };
    let mut claims: ByHash<u32, u32> = ByHash::default();
    for edge in edges.iter().filter(|edge| edge.doubt == Doubt::None && state.status(edge.video) == Status::Tied) {
        *claims.entry(edge.transcript).or_insert(0) += 1;
    }
    for own in edges.chunk_by_mut(|a, b| a.video == b.video) {
        let Some(video) = own.first().map(|edge| edge.video) else { continue };
        match state.status(video) {
            Status::Paired => {
                let pair = own.iter_mut().find(|edge| state.has(edge.video, edge.transcript));
                if let Some(edge) = pair.filter(|edge| fit(world, evidence, edge) == Some(false)) {
                    edge.doubt = Doubt::Facts;
                    state.part(video, edge.transcript);
                }
            }
            Status::Tied => {
                let level = own.iter().filter(|edge| edge.doubt == Doubt::None).map(|edge| edge.level).min();
                let alike = || own.iter().filter(|edge| edge.doubt == Doubt::None && Some(edge.level) == level);
                let mut fits = alike().filter(|edge| fit(world, evidence, edge) == Some(true));
                let (only, more) = (fits.next(), fits.next());
                let others = alike().filter(|edge| fit(world, evidence, edge) == Some(false)).count();
                if let (Some(only), None) = (only, more)
                    && others + 1 == alike().count()
                    && others > 0
                    && claims.get(&only.transcript) == Some(&1)
                    && !state.is_taken(only.transcript)
                {
                    let transcript = only.transcript;
                    state.pair(video, transcript);
                    own.iter_mut().filter(|edge| edge.transcript == transcript).for_each(|edge| edge.fits_alone = true);
                }
            }
            Status::Open | Status::Lost => {}
        }
    }
}

/// Whether the cues fit the video; None if unknown.
fn fit(world: &World<'_>, evidence: &Evidence, edge: &Edge) -> Option<bool> {
    let row = world.videos.get(edge.video as usize)?.row;
    let (bucket, key) = world.input.keys.name(edge.transcript)?;
    let known = evidence.about(SubjectKind::Transcript, &format!("s3://{bucket}/{key}"))?;
    let Fact::Transcript(Object { answer, .. }) = &known.fact else { return None };
    let crate::evidence::Answer::Found(found) = answer else { return None };
    let transcript = match &found.what {
        Inspected::Subtitles(transcript) => transcript,
        Inspected::Other(Other::Unread) => return None,
        Inspected::Other(_) => return Some(false),
    };
    let language = world.input.snapshot.value(row, Field::Language);
    if let Some(detected) = transcript.language.as_deref()
        && same_language(language.text(), detected) == Some(false)
    {
        return Some(false);
    }
    let object = world.input.snapshot.value(row, Field::Object);
    let Fact::Video(video) = evidence.about(SubjectKind::Video, object.text())?.fact else { return None };
    let length = video.found()?.what.duration.filter(|length| length.ms > 0)?;
    let slack = if length.is_rough { SLACK_MS.max(length.ms / 20) } else { SLACK_MS };
    Some(transcript.last_ms <= length.ms.saturating_add(slack))
}
