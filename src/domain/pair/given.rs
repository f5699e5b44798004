//! Pairs stated by a table: they take precedence over names.

use super::Inputs;
use super::evidence::{Doubt, Edge, Likeness, Near};
use super::hash::{ByHash, raw_hash};
use super::world::{NOTHING, World};
use crate::keys::{Entry, Given, KeyList, only_bucket};
use crate::manifest::Field;
use crate::s3_url::{key, split};
use std::borrow::Cow;
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

/// The addresses of the stated transcripts, in order. A name without a bucket is that of the only listed key of this name,
/// or else stands in the only bucket that the manifest names; otherwise it stays as it is.
fn with_buckets<'a>(input: &Inputs<'a>) -> Vec<Cow<'a, str>> {
    let is_relative = |pair: &&Given| split(&pair.transcript).is_none();
    let mut listed: ByHash<u64, Option<u32>> =
        input.given.iter().filter(is_relative).map(|pair| (raw_hash(&[&pair.transcript]), None)).collect();
    if listed.is_empty() {
        return input.given.iter().map(|pair| Cow::Borrowed(pair.transcript.as_str())).collect();
    }
    for id in 0..input.keys.len() {
        if let Some((_, key)) = input.keys.name(id)
            && let Some(found) = listed.get_mut(&raw_hash(&[key]))
        {
            // Of several none is meant: NOTHING.
            *found = Some(if found.is_none() { id } else { NOTHING });
        }
    }
    let objects =
        (0..input.snapshot.len()).map(|row| input.snapshot.value(row, Field::Object).text().to_owned().into());
    let bucket = only_bucket(objects);
    let address = |pair: &'a Given| match listed.get(&raw_hash(&[&pair.transcript])) {
        Some(Some(id)) if *id != NOTHING => {
            input.keys.name(*id).map(|(bucket, key)| Cow::Owned(format!("s3://{bucket}/{key}")))
        }
        Some(None) => bucket.as_ref().map(|bucket| Cow::Owned(format!("s3://{bucket}/{}", pair.transcript))),
        _ => None,
    };
    input.given.iter().map(|pair| address(pair).unwrap_or(Cow::Borrowed(pair.transcript.as_str()))).collect()
}

impl Stated {
    pub fn of(input: &Inputs<'_>) -> Stated {
        let mut stated = Stated { keys: input.keys.clone(), by_video: ByHash::default() };
        if input.given.is_empty() {
            return stated;
        }
        let addresses = with_buckets(input);
        let transcripts = || addresses.iter().filter_map(|address| split(address));
        let mut places: ByHash<u64, u32> =
            transcripts().map(|(bucket, key)| (raw_hash(&[bucket, key]), NOTHING)).collect();
        for id in 0..input.keys.len() {
            if let Some((bucket, key)) = input.keys.name(id)
                && let Some(place) = places.get_mut(&raw_hash(&[bucket, key]))
            {
                *place = id.min(*place);
            }
        }
        for (at, (pair, address)) in input.given.iter().zip(&addresses).enumerate() {
            let Some((bucket, key)) = split(address) else { continue };
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

#[cfg(test)]
mod tests {
    use crate::draft::Snapshot;
    use crate::keys::{Given, Key, KeyList};
    use crate::manifest::{Field, Manifest};
    use crate::pair::{Inputs, run};
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    #[test]
    fn a_table_with_names_without_a_bucket_outweighs_the_names() {
        let row = |n: u32| {
            serde_json::json!({"index_id": "65a1b2c3d4e5f60718293a4b", "language": "en",
                "object": format!("s3://b/news/{n:02}.mp4"), "transcription": ""})
        };
        let rows = serde_json::to_vec(&[row(1), row(2)]).unwrap();
        let snapshot = Snapshot::of(Arc::new(Manifest::parse(rows).unwrap()));
        let keys: KeyList =
            ["captions/01.srt", "captions/02.srt"].into_iter().map(|key| Key::named("b", key)).collect();
        let given = |video: &str, transcript: &str| Given {
            video: video.into(),
            transcript: transcript.into(),
            line: 2,
            by: "pairs.csv".into(),
        };
        // The other way round than the names say.
        let stated = [given("news/01.mp4", "captions/02.srt"), given("news/02.mp4", "captions/01.srt")];
        for keys in [&keys, &KeyList::new()] {
            let inputs = Inputs { given: &stated, ..Inputs::new(&snapshot, keys) };
            let pairing = run(&inputs, &|_| {}, &AtomicBool::new(false)).unwrap();
            for proposal in pairing.proposals() {
                let object = snapshot.value(proposal.row, Field::Object).text().to_owned();
                let wanted =
                    if object.ends_with("01.mp4") { "s3://b/captions/02.srt" } else { "s3://b/captions/01.srt" };
                let keys: Vec<String> = pairing.choices(proposal).into_iter().map(|key| pairing.url(key)).collect();
                assert_eq!(keys.first().map(String::as_str), Some(wanted), "{object} {keys:?}");
            }
        }
    }
}
