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
        false => lie.of_names(world.video_key(a.id), world.transcript_key(b.id)),
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

#[cfg(test)]
mod tests {
    use crate::draft::Snapshot;
    use crate::keys::{Key, KeyList};
    use crate::manifest::Manifest;
    use crate::pair::{Inputs, run};
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    /// Whether the only key is sure for the only row.
    fn is_sure(video: &str, key: &str) -> bool {
        let row = serde_json::json!([{"index_id": "65a1b2c3d4e5f60718293a4b", "language": "en",
            "object": format!("s3://b/{video}"), "transcription": ""}]);
        let snapshot = Snapshot::of(Arc::new(Manifest::parse(serde_json::to_vec(&row).unwrap()).unwrap()));
        let keys: KeyList = [Key::named("b", key)].into_iter().collect();
        let pairing = run(&Inputs::new(&snapshot, &keys), &|_| {}, &AtomicBool::new(false)).unwrap();
        pairing.proposals()[0].is_sure()
    }

    #[test]
    fn a_count_of_a_camera_is_no_id_and_a_contradicting_folder_outweighs_it() {
        for (video, key) in [
            ("shoot/x/B001/C0004.MP4", "text/x/A001_C0004.srt"),
            ("shoot/x/B001/C0004.MP4", "text/x/A001_C0004-trailer.srt"),
            ("shoot/x/B/DSC01234.MP4", "text/x/A_DSC01234.srt"),
            ("x/day1/GH010042.MP4", "text/x/day2_GH010042.srt"),
            ("v/2024-01-01/C0004.MP4", "t/2024-01-02_C0004.srt"),
            ("v/R1/A0123.mov", "t/R2_A0123.srt"),
            ("v/heron/C0004.MP4", "t/marsh_C0004.srt"),
            ("clients/acme/C0040.MP4", "subs/globex/C0040.srt"),
            ("s/A/C0001.MP4", "t/A_C0001-trailer.srt"),
        ] {
            assert!(!is_sure(video, key), "{video} {key}");
        }
        for (video, key) in [
            ("shoot/x/A001/C0004.MP4", "text/x/A001_C0004.srt"),
            ("s/A/C0001.MP4", "t/A_C0001.srt"),
            ("v/C0004.MP4", "t/C0004.srt"),
            ("shoot/C0004.MP4", "shoot/C0004.srt"),
            ("x/day1/GH010042.MP4", "text/x/day1_GH010042.srt"),
        ] {
            assert!(is_sure(video, key), "{video} {key}");
        }
    }

    #[test]
    fn a_row_does_not_get_what_its_filled_neighbour_left() {
        let rows = serde_json::json!([
            {"index_id": "65a1b2c3d4e5f60718293a4b", "language": "en", "object": "s3://b/a/01.mp4",
                "transcription": "s3://b/a/01.srt"},
            {"index_id": "65a1b2c3d4e5f60718293a4b", "language": "en", "object": "s3://b/a/01.mov", "transcription": ""},
        ]);
        let snapshot = Snapshot::of(Arc::new(Manifest::parse(serde_json::to_vec(&rows).unwrap()).unwrap()));
        let keys: KeyList = ["a/01.srt", "a/01.vtt"].into_iter().map(|key| Key::named("b", key)).collect();
        let pairing = run(&Inputs::new(&snapshot, &keys), &|_| {}, &AtomicBool::new(false)).unwrap();
        assert!(pairing.proposals().iter().all(|proposal| !proposal.is_sure()), "{:?}", pairing.proposals());
    }

    #[test]
    fn a_trailer_has_the_id_of_its_video_and_is_not_its_transcript() {
        for (video, key) in [
            ("v/Title [aB3dE5gH7iJ].mp4", "v/Title [aB3dE5gH7iJ]-trailer.srt"),
            ("v/Title [aB3dE5gH7iJ].mp4", "v/Title trailer [aB3dE5gH7iJ].srt"),
            ("v/0b3e698c-a3f1-4c55-9d3a-0f2f6c1c2b7e.mp4", "t/0b3e698c-a3f1-4c55-9d3a-0f2f6c1c2b7e-trailer.srt"),
            ("v/HN004512A.mp4", "t/HN004512A trailer.srt"),
            ("v/[9NDE9SYXO3a].mp4", "t/[9NDE9SYXO3a]9999.srt"),
            ("v/Title [aB3dE5gH7iJ].mp4", "v/Title part 2 [aB3dE5gH7iJ].srt"),
            ("v/0b3e698c-a3f1-4c55-9d3a-0f2f6c1c2b7e.mp4", "t/0b3e698c-a3f1-4c55-9d3a-0f2f6c1c2b7e-old.srt"),
            ("v/0b3e698c-a3f1-4c55-9d3a-0f2f6c1c2b7e.mp4", "t/0b3e698c-a3f1-4c55-9d3a-0f2f6c1c2b7e-b.srt"),
            ("v/Salt.Road.S01E02.mp4", "t/Salt.Road.S01E02-part2.srt"),
            ("v/Salt.Road.S01E02.mp4", "t/Salt.Road.S01E02-b.srt"),
            ("v/Salt.Road.S01E02.mp4", "t/Salt.Road.S01E02-draft.srt"),
            ("v/Heron.S01E01.mp4", "t/Heron.S01E01E02.srt"),
            ("v/Heron.S01E01.mp4", "t/Heron.S01E01-02.srt"),
        ] {
            assert!(!is_sure(video, key), "{video} {key}");
        }
        assert!(is_sure("v/Title [aB3dE5gH7iJ].mp4", "t/An edited title [aB3dE5gH7iJ].srt"));
        assert!(is_sure("v/HN004512A.mp4", "t/HN004512A.en.srt"));
        assert!(is_sure("v/Salt.Road.S01E02.Return.mp4", "t/Salt.Road.S01E02.srt"));
    }
}
