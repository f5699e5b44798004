//! A shorter form of the first cues, for memory: each time from the one before, and all texts as one. In JSON the cues
//! stand as they are.

use super::Cue;
use crate::short::{expand, shorten};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// From the end of the cue before to the start, from there to the end, and the bytes of the text.
type Extent = (i64, i64, usize);

pub fn serialize<S: Serializer>(cues: &[Cue], to: S) -> Result<S::Ok, S::Error> {
    if to.is_human_readable() {
        return cues.serialize(to);
    }
    let mut before = 0;
    let extent = |cue: &Cue| -> Extent {
        let start = cue.start_ms.wrapping_sub(std::mem::replace(&mut before, cue.end_ms));
        (start as i64, cue.end_ms.wrapping_sub(cue.start_ms) as i64, cue.text.len())
    };
    let extents: Vec<Extent> = cues.iter().map(extent).collect();
    let text: String = cues.iter().map(|cue| &*cue.text).collect();
    (extents, &*shorten(&text)).serialize(to)
}

pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Cue>, D::Error> {
    if from.is_human_readable() {
        return Vec::deserialize(from);
    }
    let (extents, text) = <(Vec<Extent>, Vec<u8>)>::deserialize(from)?;
    let text = expand(&text).unwrap_or_default();
    let (mut rest, mut before) = (text.as_str(), 0_u64);
    let cue = |(start, length, bytes): Extent| {
        let (own, after) = rest.split_at_checked(bytes)?;
        let start_ms = before.wrapping_add(start as u64);
        let end_ms = start_ms.wrapping_add(length as u64);
        (rest, before) = (after, end_ms);
        Some(Cue { start_ms, end_ms, text: own.into() })
    };
    let cues: Option<Vec<Cue>> = extents.into_iter().map(cue).collect();
    cues.ok_or_else(|| D::Error::custom("texts are missing"))
}
