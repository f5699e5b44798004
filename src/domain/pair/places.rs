//! Matches the folders of both sides before their files.
//!
//! A transcript folder that mirrors a video folder is closed to all others. That prevents wrong pairs between folders
//! with the same file names, and saves comparing them.

use super::evidence::{Doubt, Near};
use super::folders::{Folder, NEAR_PATHS, near_paths};
use super::hash::ByHash;
use super::world::{World, object_key};
use crate::names::folders::{Parts, Relation, relation};
use crate::names::mix;
use crate::s3_url::key;

/// How two folders relate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lie {
    pub near: Near,
    /// [`Doubt::Folder`] or [`Doubt::Stale`], or none.
    pub doubt: Doubt,
    /// They contradict, or the transcript folder mirrors another video folder.
    pub is_veto: bool,
    /// The doubt is dropped if no other file has the name.
    pub is_open_alone: bool,
}

impl Lie {
    pub fn open(near: Near) -> Lie {
        Lie::new(near, Doubt::None)
    }

    const VETO: Lie = Lie { near: Near::Unrelated, doubt: Doubt::Folder, is_veto: true, is_open_alone: false };

    fn new(near: Near, doubt: Doubt) -> Lie {
        Lie { near, doubt, is_veto: false, is_open_alone: false }
    }
}

/// Computes and caches how folders relate.
pub(super) struct Places<'w> {
    world: &'w World<'w>,
    memo: ByHash<u64, Lie>,
    above_videos: ByHash<u64, [u64; NEAR_PATHS]>,
    above_transcripts: ByHash<u64, [u64; NEAR_PATHS]>,
    video_paths: ByHash<u64, ()>,
    video_lasts: ByHash<u64, ()>,
    transcript_paths: ByHash<u64, ()>,
    transcript_lasts: ByHash<u64, ()>,
    /// The first parts of the videos' paths differ, so they are meaningful.
    has_many_roots: bool,
    /// The videos are in several folders, so folder names distinguish them.
    has_many_folders: bool,
}

impl<'w> Places<'w> {
    pub fn new(world: &'w World<'w>) -> Places<'w> {
        let videos = || world.video_folders.iter().filter(|folder| folder.depth > 0);
        let mut roots = videos().map(|folder| folder.first);
        let root = roots.next();
        Places {
            world,
            memo: ByHash::default(),
            above_videos: ByHash::default(),
            above_transcripts: ByHash::default(),
            video_paths: videos().map(|folder| (folder.path, ())).collect(),
            video_lasts: videos().map(|folder| (folder.last, ())).collect(),
            transcript_paths: world
                .transcript_folders
                .iter()
                .filter(|folder| folder.depth > 0 && !folder.is_stale)
                .map(|folder| (folder.path, ()))
                .collect(),
            transcript_lasts: world
                .transcript_folders
                .iter()
                .filter(|folder| folder.depth > 0 && !folder.is_stale)
                .map(|folder| (folder.last, ()))
                .collect(),
            has_many_roots: roots.any(|other| Some(other) != root),
            has_many_folders: videos().map(|folder| folder.path).collect::<std::collections::HashSet<_>>().len() > 1,
        }
    }

    pub fn lie(&mut self, video: u32, transcript: u32) -> Lie {
        let (Some(a), Some(b)) = (self.world.video_folders.get(video), self.world.transcript_folders.get(transcript))
        else {
            return Lie::VETO;
        };
        if a.path == b.path {
            let near = if a.raw == b.raw { Near::Same } else { Near::Mirrored };
            return Lie::new(near, stale(a, b));
        }
        let key = u64::from(video) << 32 | u64::from(transcript);
        if let Some(known) = self.memo.get(&key) {
            return *known;
        }
        let (video, transcript) = (self.video_parts(video), self.transcript_parts(transcript));
        let lie = self.judge(a, b, &video, &transcript);
        self.memo.insert(key, lie);
        lie
    }

    /// As [`Places::lie`], if some of the last parts were already part of the compared names.
    pub fn lie_above(&mut self, video: u32, above: u8, transcript: u32, below: u8) -> Lie {
        if above == 0 && below == 0 {
            return self.lie(video, transcript);
        }
        let (Some(a), Some(b)) = (self.world.video_folders.get(video), self.world.transcript_folders.get(transcript))
        else {
            return Lie::VETO;
        };
        let key = mix(u64::from(video) << 32 | u64::from(transcript)) ^ (u64::from(above) << 8 | u64::from(below));
        if let Some(known) = self.memo.get(&key) {
            return *known;
        }
        let cut =
            |parts: Parts, off: u8| parts.get(..parts.len().saturating_sub(off.into())).unwrap_or_default().to_vec();
        let video = cut(self.video_parts(video), above);
        let transcript = cut(self.transcript_parts(transcript), below);
        let near = match relation(&video, &transcript) {
            Relation::Mirrored => Some(Near::Mirrored),
            Relation::OtherRoot => Some(Near::OtherRoot),
            Relation::More => Some(Near::More),
            Relation::Unrelated => Some(Near::Unrelated),
            Relation::Siblings | Relation::Contradict => None,
        };
        let lie = match near {
            None => Lie::VETO,
            Some(Near::Unrelated) if video.len() > 1 && transcript.len() > 1 => {
                Lie::new(Near::Unrelated, Doubt::Folder)
            }
            Some(near) => Lie::new(near, stale(a, b)),
        };
        self.memo.insert(key, lie);
        lie
    }

    /// The paths of a video's folder without its last `above` parts: see [`Folder::paths`].
    pub fn video_paths(&mut self, folder: u32, above: u8) -> [u64; NEAR_PATHS] {
        if above == 0 {
            return self.world.video_folders.get(folder).map(|folder| folder.paths).unwrap_or_default();
        }
        let key = u64::from(folder) << 8 | u64::from(above);
        if let Some(paths) = self.above_videos.get(&key) {
            return *paths;
        }
        let paths = paths_above(&self.video_parts(folder), above);
        self.above_videos.insert(key, paths);
        paths
    }

    pub fn transcript_paths(&mut self, folder: u32, above: u8) -> [u64; NEAR_PATHS] {
        if above == 0 {
            return self.world.transcript_folders.get(folder).map(|folder| folder.paths).unwrap_or_default();
        }
        let key = u64::from(folder) << 8 | u64::from(above);
        if let Some(paths) = self.above_transcripts.get(&key) {
            return *paths;
        }
        let paths = paths_above(&self.transcript_parts(folder), above);
        self.above_transcripts.insert(key, paths);
        paths
    }

    pub fn video_parts(&self, folder: u32) -> Parts {
        let example = self.world.video_folders.get(folder).map_or(0, |folder| folder.example);
        Parts::of(key::folder(&object_key(self.world.input.snapshot, example)))
    }

    pub fn transcript_parts(&self, folder: u32) -> Parts {
        let Some(folder) = self.world.transcript_folders.get(folder) else { return Parts::default() };
        let parts = Parts::of(key::folder(self.world.transcript_key(folder.example)));
        if !folder.is_language {
            return parts;
        }
        let at = parts.iter().rposition(|part| part.language.is_some());
        let language = at.and_then(|at| parts.get(at).copied());
        parts.without(|part| Some(*part) == language)
    }

    fn judge(&self, a: &Folder, b: &Folder, video: &Parts, transcript: &Parts) -> Lie {
        let relation = relation(video, transcript);
        let closed = b.depth > 0 && self.video_paths.contains_key(&b.path);
        let has_own = a.depth > 0 && self.transcript_paths.contains_key(&a.path);
        let shown = |near| Lie::new(near, Doubt::Folder);
        let open = |near| Lie::new(near, stale(a, b));
        let has_namesake = a.depth > 0 && self.transcript_lasts.contains_key(&a.last);
        match relation {
            _ if closed => Lie::VETO,
            Relation::Contradict => Lie::VETO,
            Relation::Mirrored => open(Near::Mirrored),
            Relation::OtherRoot if has_own || self.has_many_roots => shown(Near::OtherRoot),
            Relation::OtherRoot => open(Near::OtherRoot),
            Relation::More => open(Near::More),
            Relation::Siblings => shown(Near::Unrelated),
            Relation::Unrelated if b.depth > 0 && self.video_lasts.contains_key(&b.last) => Lie::VETO,
            Relation::Unrelated if has_own || has_namesake || (video.len() > 1 && transcript.len() > 1) => {
                shown(Near::Unrelated)
            }
            Relation::Unrelated if self.has_many_folders => Lie { is_open_alone: true, ..shown(Near::Unrelated) },
            Relation::Unrelated => open(Near::Unrelated),
        }
    }
}

fn paths_above(parts: &Parts, above: u8) -> [u64; NEAR_PATHS] {
    near_paths(parts.get(..parts.len().saturating_sub(above.into())).unwrap_or_default())
}

fn stale(a: &Folder, b: &Folder) -> Doubt {
    if b.is_stale && !a.is_stale { Doubt::Stale } else { Doubt::None }
}
