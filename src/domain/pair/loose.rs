//! Looser name matches: reordered words, a folder's name inside the file's, an episode with a title, an id. Only for
//! what the plain comparison left unmatched.

use super::evidence::{Doubt, Edge, Likeness, Near};
use super::folders::Folder;
use super::hash::Sieve;
use super::join::{Hashed, meet_equal};
use super::places::{Lie, Places};
use super::reading::{Above, Name, Reading, Scratch};
use super::settle::{State, Status};
use super::weigh::{Meeting, weigh};
use super::world::{NOTHING, World};
use crate::names::Step;
use crate::parallel;
use crate::s3_url::key;
use std::sync::atomic::AtomicBool;

/// Up to this many of both sides are compared pairwise; a larger group only where folders match.
const SMALL: usize = 16;
const MOST: usize = 32;

/// All readings of the unmatched names, by hash.
pub(super) struct Readings {
    pub videos: Vec<Reading>,
    pub transcripts: Vec<Reading>,
}

/// Produces the readings of a name.
pub(super) type Read<'r> = dyn Fn(u32, &Name<'_>, &mut Vec<Reading>) + Sync + 'r;

/// Names that a thread reads at a time.
pub(super) const CHUNK: usize = 4_096;

impl Readings {
    /// Readings of videos without a transcript and of transcripts without a video.
    pub fn of(
        world: &World<'_>,
        places: &Places<'_>,
        state: &State,
        read: &Read<'_>,
        stop: &AtomicBool,
    ) -> Option<Readings> {
        let sort = |parts| parallel::sort_by_hash(parts, |it: &Reading| it.hash, Reading::order);
        let videos = parallel::ranges(world.videos.len(), CHUNK, stop, |range| {
            let (mut found, mut scratch, mut above) = (Vec::new(), Scratch::default(), (NOTHING, Above::default()));
            for id in range.map(|id| id as u32).filter(|id| state.status(*id) == Status::Open) {
                let Some(video) = world.videos.get(id as usize) else { continue };
                let key = world.video_key(id);
                if above.0 != video.folder {
                    above = (video.folder, Above::of(places.video_parts(video.folder), key::folder(key)));
                }
                let mut name = Name::video(key, &above.1, scratch);
                name.is_folder = world.video_folders.get(video.folder).is_some_and(Folder::is_name);
                read(id, &name, &mut found);
                scratch = name.scratch;
            }
            found
        })?;
        if videos.iter().all(Vec::is_empty) {
            return Some(Readings { videos: Vec::new(), transcripts: Vec::new() });
        }
        let wanted = Sieve::of(&videos, |reading| reading.hash);
        let read_transcripts = || {
            parallel::ranges(world.transcripts.len(), CHUNK, stop, |range| {
                let (mut found, mut scratch, mut above) = (Vec::new(), Scratch::default(), (NOTHING, Above::default()));
                for id in range.map(|id| id as u32).filter(|id| state.is_free(*id)) {
                    let Some(transcript) = world.transcripts.get(id as usize) else { continue };
                    let key = world.transcript_key(id);
                    if above.0 != transcript.folder {
                        above = (
                            transcript.folder,
                            Above::of(places.transcript_parts(transcript.folder), key::folder(key)),
                        );
                    }
                    let mut name = Name::transcript(key, &above.1, scratch);
                    name.says_nothing = transcript.says_nothing;
                    name.is_folder = world.transcript_folders.get(transcript.folder).is_some_and(Folder::is_name);
                    read(id, &name, &mut found);
                    scratch = name.scratch;
                }
                // Together, so that the processor waits for memory once for many.
                found.retain(|reading| wanted.may_have(reading.hash));
                found.shrink_to_fit();
                found
            })
        };
        let (videos, transcripts) = parallel::both(|| sort(videos), read_transcripts)?;
        Some(Readings { videos, transcripts: sort(transcripts?) })
    }

    /// All pairs of equal readings; if many share a hash, only those in matching folders.
    pub fn meet<T: Send>(
        &self,
        world: &World<'_>,
        places: &Places<'_>,
        stop: &AtomicBool,
        meet: impl Fn(&Reading, &Reading) -> Option<T> + Sync,
    ) -> Option<Vec<T>> {
        meet_equal(&self.videos, &self.transcripts, stop, |own, theirs, out| {
            if own.len().min(theirs.len()) <= SMALL {
                for a in own {
                    out.extend(theirs.iter().filter_map(|b| meet(a, b)));
                }
                return;
            }
            let mut by_path: Vec<(u64, usize)> = Vec::new();
            for (at, a) in own.iter().enumerate() {
                let folder = world.videos.get(a.id as usize).map_or(NOTHING, |video| video.folder);
                let paths = places.video_paths(folder, a.above).into_iter().filter(|path| *path != 0);
                by_path.extend(paths.map(|path| (path, at)));
            }
            by_path.sort_unstable();
            let mut met: Vec<usize> = Vec::new();
            for b in theirs {
                let folder = world.transcripts.get(b.id as usize).map_or(NOTHING, |it| it.folder);
                met.clear();
                for path in places.transcript_paths(folder, b.above).into_iter().filter(|path| *path != 0) {
                    let start = by_path.partition_point(|(known, _)| *known < path);
                    let found = by_path.get(start..).unwrap_or_default();
                    let end = found.iter().take(MOST + 1).take_while(|(known, _)| *known == path).count();
                    if end <= MOST {
                        met.extend(found.iter().take(end).map(|(_, at)| *at));
                    }
                }
                met.sort_unstable();
                met.dedup();
                out.extend(met.iter().filter_map(|at| own.get(*at)).filter_map(|a| meet(a, b)));
            }
        })
    }
}

impl Hashed for Reading {
    fn hash(&self) -> u64 {
        self.hash
    }
}

/// Candidate pairs by looser readings.
pub(super) fn edges(world: &World<'_>, places: &Places<'_>, state: &State, stop: &AtomicBool) -> Option<Vec<Edge>> {
    let read: &Read<'_> = &|id, name, out| name.readings(id, out);
    let readings = Readings::of(world, places, state, read, stop)?;
    readings.meet(world, places, stop, |a, b| edge(world, places, a, b))
}

fn edge(world: &World<'_>, places: &Places<'_>, a: &Reading, b: &Reading) -> Option<Edge> {
    let (video, transcript) = (world.videos.get(a.id as usize)?, world.transcripts.get(b.id as usize)?);
    let likeness = a.likeness.max(b.likeness);
    let is_id = a.likeness == Likeness::Id;
    if is_id != (b.likeness == Likeness::Id) || (a.likeness == Likeness::Episode) != (b.likeness == Likeness::Episode) {
        return None;
    }
    if a.has_title && b.has_title || a.is_bare && b.is_bare {
        return None;
    }
    let mut lie = places.lie_above(video.folder, a.above, transcript.folder, b.above);
    if is_id && lie.is_veto && video.has_id && transcript.has_id {
        lie = Lie::open(Near::Unrelated);
    }
    // A number alone counts only in related folders.
    if !a.is_telling && lie.near == Near::Unrelated {
        return None;
    }
    let lie = match is_id && lie.is_open_telling {
        true => Lie::open(lie.near),
        false => lie.of_name(world.video_key(a.id)),
    };
    let doubt = match a.is_doubtful || b.is_doubtful {
        true => Doubt::Date,
        false if is_id => beside_id(world.video_key(a.id), world.transcript_key(b.id))?,
        false => Doubt::None,
    };
    let doubt = match doubt {
        Doubt::None if video.is_content && a.left.step > Step::Whole => Doubt::Content,
        doubt => doubt,
    };
    weigh(
        world,
        &Meeting { video: (a.id, a.left), transcript: (b.id, b.left), lie, likeness, doubt, is_language: &|_| false },
    )
}

/// The doubt that the rest of two names with the same id leaves.
fn beside_id(video: &str, transcript: &str) -> Option<Doubt> {
    let above = Above::default();
    let a = Name::video(video, &above, Scratch::default());
    let b = Name::transcript(transcript, &above, Scratch::default());
    a.beside_ids().doubt(&b.beside_ids(), a.has_id())
}
