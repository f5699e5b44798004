//! Pairs stated by a table: they take precedence over names.

use super::evidence::{Doubt, Edge, Likeness, Near};
use super::hash::{ByHash, raw_hash};
use super::world::{NOTHING, World};
use crate::manifest::Field;
use crate::s3_url::{key, split};

/// A video is named by its address, key, or file name; a transcript by its address.
pub(super) fn edges(world: &World<'_>) -> Vec<Edge> {
    if world.input.given.is_empty() {
        return Vec::new();
    }
    let mut keys: ByHash<u64, u32> = ByHash::default();
    for id in 0..world.input.keys.len() {
        if let Some((bucket, key)) = world.input.keys.name(id) {
            keys.entry(raw_hash(&[bucket, key])).or_insert(id);
        }
    }
    let mut stated: ByHash<u64, Vec<u32>> = ByHash::default();
    for pair in world.input.given {
        let (bucket, key) = split(&pair.video).unwrap_or(("", &pair.video));
        let transcript = split(&pair.transcript).and_then(|(bucket, key)| keys.get(&raw_hash(&[bucket, key])));
        if let Some(transcript) = transcript {
            stated.entry(raw_hash(&[bucket, key])).or_default().push(*transcript);
        }
    }
    let mut edges = Vec::new();
    for (id, video) in (0..).zip(&world.videos) {
        let object = world.input.snapshot.value(video.row, Field::Object);
        let (bucket, whole) = split(object.text()).unwrap_or(("", object.text()));
        let names = [[bucket, whole], ["", whole], ["", key::file_name(whole)]];
        for transcript in names.iter().find_map(|name| stated.get(&raw_hash(name))).into_iter().flatten() {
            let used_by = world.transcripts.get(*transcript as usize).map_or(NOTHING, |it| it.used_by);
            let is_free = used_by == NOTHING || used_by == video.row;
            edges.push(Edge {
                video: id,
                transcript: *transcript,
                level: Edge::level(Near::Same, Likeness::Given),
                choice: 0,
                likeness: Likeness::Given,
                near: Near::Same,
                doubt: if is_free { Doubt::None } else { Doubt::Used },
                has_tag: false,
                fits_alone: false,
            });
        }
    }
    edges
}
