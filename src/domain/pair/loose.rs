//! Looser name matches: reordered words, a folder's name inside the file's, an episode with a title, an id. Only for
//! what the plain comparison left unmatched.

use super::evidence::{Doubt, Edge, Likeness, Near};
use super::folders::Folder;
use super::places::{Lie, Places};
use super::reading::{Above, Name, Reading};
use super::settle::{State, Status};
use super::weigh::{Meeting, weigh};
use super::world::{NOTHING, World};
use crate::names::Step;
use crate::s3_url::key;
use std::sync::atomic::{AtomicBool, Ordering};

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

impl Readings {
    /// Readings of videos without a transcript and of transcripts without a video.
    pub fn of(
        world: &World<'_>,
        places: &Places<'_>,
        state: &State,
        read: &Read<'_>,
        stop: &AtomicBool,
    ) -> Option<Readings> {
        if !(0..).zip(&world.videos).any(|(id, _)| state.status(id) == Status::Open) {
            return Some(Readings { videos: Vec::new(), transcripts: Vec::new() });
        }
        let videos = || {
            let mut readings = Vec::new();
            let mut recent = (NOTHING, Above::default());
            for (id, video) in (0..).zip(&world.videos).filter(|(id, _)| state.status(*id) == Status::Open) {
                if id.is_multiple_of(1_024) && stop.load(Ordering::Relaxed) {
                    return None;
                }
                let key = world.video_key(id);
                if recent.0 != video.folder {
                    recent = (video.folder, Above::of(places.video_parts(video.folder), key::folder(&key)));
                }
                let mut name = Name::video(&key, &recent.1);
                name.is_folder = world.video_folders.get(video.folder).is_some_and(Folder::is_name);
                read(id, &name, &mut readings);
            }
            readings.sort_unstable_by_key(|reading: &Reading| (reading.hash, reading.id));
            Some(readings)
        };
        let transcripts = || {
            let mut readings = Vec::new();
            let mut recent = (NOTHING, Above::default());
            for (id, transcript) in (0..).zip(&world.transcripts).filter(|(id, _)| state.is_free(*id)) {
                if id.is_multiple_of(1_024) && stop.load(Ordering::Relaxed) {
                    return None;
                }
                let key = world.transcript_key(id);
                if recent.0 != transcript.folder {
                    recent =
                        (transcript.folder, Above::of(places.transcript_parts(transcript.folder), key::folder(key)));
                }
                let mut name = Name::transcript(key, &recent.1);
                name.says_nothing = transcript.says_nothing;
                name.is_folder = world.transcript_folders.get(transcript.folder).is_some_and(Folder::is_name);
                read(id, &name, &mut readings);
            }
            readings.sort_unstable_by_key(|reading: &Reading| (reading.hash, reading.id));
            Some(readings)
        };
        std::thread::scope(|scope| {
            let transcripts = scope.spawn(transcripts);
            Some(Readings { videos: videos()?, transcripts: transcripts.join().ok()?? })
        })
    }

    /// All pairs of equal readings; if many share a hash, only those in matching folders.
    pub fn meet(
        &self,
        world: &World<'_>,
        places: &mut Places<'_>,
        stop: &AtomicBool,
        meet: &mut dyn FnMut(&mut Places<'_>, &Reading, &Reading),
    ) -> Option<()> {
        let (mut videos, mut transcripts) = (self.videos.as_slice(), self.transcripts.as_slice());
        while let (Some(a), Some(b)) = (videos.first(), transcripts.first()) {
            if a.hash < b.hash {
                videos = take_run(videos).1;
            } else if a.hash > b.hash {
                transcripts = take_run(transcripts).1;
            } else {
                let (own, rest) = take_run(videos);
                let (theirs, others) = take_run(transcripts);
                (videos, transcripts) = (rest, others);
                if stop.load(Ordering::Relaxed) {
                    return None;
                }
                if own.len().min(theirs.len()) <= SMALL {
                    for a in own {
                        theirs.iter().for_each(|b| meet(places, a, b));
                    }
                    continue;
                }
                let mut by_path: Vec<(u64, usize)> = Vec::new();
                for (at, a) in own.iter().enumerate() {
                    let folder = world.videos.get(a.id as usize).map_or(NOTHING, |video| video.folder);
                    by_path.extend(
                        places
                            .video_paths(folder, a.above)
                            .into_iter()
                            .filter(|path| *path != 0)
                            .map(|path| (path, at)),
                    );
                }
                by_path.sort_unstable();
                for b in theirs {
                    let folder = world.transcripts.get(b.id as usize).map_or(NOTHING, |it| it.folder);
                    let mut met: Vec<usize> = Vec::new();
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
                    met.iter().filter_map(|at| own.get(*at)).for_each(|a| meet(places, a, b));
                }
            }
        }
        Some(())
    }
}

fn take_run(readings: &[Reading]) -> (&[Reading], &[Reading]) {
    let hash = readings.first().map_or(0, |reading| reading.hash);
    let end = readings.iter().position(|reading| reading.hash != hash).unwrap_or(readings.len());
    readings.split_at_checked(end).unwrap_or((readings, &[]))
}

/// Candidate pairs by looser readings.
pub(super) fn edges(world: &World<'_>, places: &mut Places<'_>, state: &State, stop: &AtomicBool) -> Option<Vec<Edge>> {
    let read: &Read<'_> = &|id, name, out| name.readings(id, out);
    let readings = Readings::of(world, places, state, read, stop)?;
    let mut edges = Vec::new();
    readings.meet(world, places, stop, &mut |places, a, b| edges.extend(edge(world, places, a, b)))?;
    Some(edges)
}

fn edge(world: &World<'_>, places: &mut Places<'_>, a: &Reading, b: &Reading) -> Option<Edge> {
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
    if is_id {
        let (video_key, transcript_key) = (world.video_key(a.id), world.transcript_key(b.id));
        if !says_no_other(&video_key, transcript_key) {
            return None;
        }
        if lie.is_veto && video.has_id && transcript.has_id {
            lie = Lie::open(Near::Unrelated);
        }
    }
    // A number alone counts only in related folders.
    if !a.is_telling && lie.near == Near::Unrelated {
        return None;
    }
    let doubt = match a.is_doubtful || b.is_doubtful {
        true => Doubt::Date,
        false if video.is_content && a.left.step > Step::Whole => Doubt::Content,
        false => Doubt::None,
    };
    weigh(
        world,
        &Meeting { video: (a.id, a.left), transcript: (b.id, b.left), lie, likeness, doubt, is_language: &|_| false },
    )
}

/// Besides the shared id, the numbers of both names agree, and neither name has additional words. With a random id the
/// words are ignored: the title may have been edited.
fn says_no_other(video: &str, transcript: &str) -> bool {
    let above = Above::default();
    let (a, b) = (Name::video(video, &above), Name::transcript(transcript, &above));
    let ((words, numbers), (other_words, other_numbers)) = (a.beside_ids(), b.beside_ids());
    let within = |a: &[u64], b: &[u64]| a.iter().all(|x| b.contains(x)) || b.iter().all(|x| a.contains(x));
    let is_random = a.has_id();
    within(&numbers, &other_numbers) && (is_random || within(&words, &other_words))
}
