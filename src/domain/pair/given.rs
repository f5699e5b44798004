//! Pairs stated by a table: they take precedence over names.

use super::Inputs;
use super::evidence::{Doubt, Edge, Likeness, Near};
use super::hash::{ByHash, raw_hash};
use super::world::{NOTHING, World};
use crate::keys::{Entry, KeyList};
use crate::manifest::Field;
use crate::s3_url::{key, split};
use std::sync::Arc;

/// The table and line that state a pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    pub by: Arc<str>,
    pub line: u64,
}

/// The stated pairs, and the keys with those that only a table names.
pub(super) struct Stated {
    pub keys: KeyList,
    /// By the hash of a video's name: its transcripts, and the place of each pair in [`Inputs::given`].
    by_video: ByHash<u64, Vec<(u32, usize)>>,
}

impl Stated {
    pub fn of(input: &Inputs<'_>) -> Stated {
        let mut stated = Stated { keys: input.keys.clone(), by_video: ByHash::default() };
        if input.given.is_empty() {
            return stated;
        }
        let transcripts = || input.given.iter().filter_map(|pair| split(&pair.transcript));
        let mut places: ByHash<u64, u32> =
            transcripts().map(|(bucket, key)| (raw_hash(&[bucket, key]), NOTHING)).collect();
        for id in 0..input.keys.len() {
            if let Some((bucket, key)) = input.keys.name(id)
                && let Some(place) = places.get_mut(&raw_hash(&[bucket, key]))
            {
                *place = id.min(*place);
            }
        }
        for (at, pair) in input.given.iter().enumerate() {
            let Some((bucket, key)) = split(&pair.transcript) else { continue };
            let Some(place) = places.get_mut(&raw_hash(&[bucket, key])) else { continue };
            if *place == NOTHING && stated.keys.push(Entry::named(bucket, key)) {
                *place = stated.keys.len() - 1;
            }
            if *place != NOTHING {
                let (bucket, key) = split(&pair.video).unwrap_or(("", &pair.video));
                stated.by_video.entry(raw_hash(&[bucket, key])).or_default().push((*place, at));
            }
        }
        stated
    }

    /// The pairs as edges, and the origin of each by [`pair_number`]. A video is named by its address, key, or file
    /// name; a transcript by its address.
    pub fn edges(&self, world: &World<'_>) -> (Vec<Edge>, ByHash<u64, Origin>) {
        let (mut edges, mut origins) = (Vec::new(), ByHash::default());
        if self.by_video.is_empty() {
            return (edges, origins);
        }
        for (id, video) in (0..).zip(&world.videos) {
            let object = world.input.snapshot.value(video.row, Field::Object);
            let (bucket, whole) = split(object.text()).unwrap_or(("", object.text()));
            let names = [[bucket, whole], ["", whole], ["", key::file_name(whole)]];
            let found = names.iter().find_map(|name| self.by_video.get(&raw_hash(name)));
            for (transcript, at) in found.into_iter().flatten() {
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
                if let Some(pair) = world.input.given.get(*at) {
                    let origin = || Origin { by: Arc::clone(&pair.by), line: pair.line };
                    origins.entry(pair_number(id, *transcript)).or_insert_with(origin);
                }
            }
        }
        (edges, origins)
    }
}

pub(super) fn pair_number(video: u32, transcript: u32) -> u64 {
    u64::from(video) << 32 | u64::from(transcript)
}
