//! The folders of both sides, and how they lie to each other: folders find their counterparts before files do.
//!
//! A transcript's folder that mirrors one of the videos' is closed to all others. That ends wrong pairs between folders whose
//! files have the same names, and it ends the cost of comparing them.

use super::evidence::{Doubt, Near};
use super::world::{ByHash, Entry, Transcript, World, object_key, raw_hash};
use crate::domain::names::folders::{Part, Parts, Relation, relation};
use crate::domain::names::{Language, mix};
use crate::domain::s3_url::key;

pub(super) const NEAR_PATHS: usize = 5;

#[derive(Clone, Copy, Debug)]
pub(super) struct Folder {
    /// A row or a key in it.
    pub example: u32,
    /// The path as it is written, without the bucket.
    pub raw: u64,
    /// What its parts say; 0 when nothing.
    pub path: u64,
    pub last: u64,
    pub first: u64,
    pub depth: u8,
    /// The path, and those that are a little less: where folders that lie alike meet. 0 where there is none.
    pub paths: [u64; NEAR_PATHS],
    /// A part that may be a language, and the path without it.
    pub language: Option<Language>,
    language_part: u64,
    without: Bare,
    /// It is one: the path says nothing of it.
    pub is_language: bool,
    pub is_stale: bool,
    /// Names in it, and those that say nothing.
    names: u32,
    silent: u32,
}

impl Folder {
    /// None of its names says anything: the folder is the name.
    pub fn is_name(&self) -> bool {
        self.names == self.silent
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Bare {
    path: u64,
    last: u64,
    first: u64,
    depth: u8,
    paths: [u64; NEAR_PATHS],
}

impl Bare {
    fn of(parts: &Parts) -> Bare {
        let paths = near_paths(parts);
        Bare {
            path: if parts.is_empty() { 0 } else { paths.first().copied().unwrap_or_default() },
            paths,
            last: parts.last().map_or(0, |part| part.hash),
            first: parts.first().map_or(0, |part| part.hash),
            depth: parts.len() as u8,
        }
    }
}

/// The path, and those that are a little less: without the first part or the last, and each of them alone.
pub(super) fn near_paths(parts: &[Part]) -> [u64; NEAR_PATHS] {
    let path =
        |parts: &[Part]| if parts.is_empty() { 0 } else { parts.iter().fold(1, |path, part| mix(path ^ part.hash)) };
    let mut paths = [path(parts).max(1), 0, 0, 0, 0];
    if let [first, rest @ ..] = &parts
        && let [middle @ .., last] = rest
    {
        let without_last = [std::slice::from_ref(first), middle].concat();
        paths = [
            path(parts),
            path(rest),
            path(&without_last),
            path(std::slice::from_ref(first)),
            path(std::slice::from_ref(last)),
        ];
        // A path of two parts gives the same ones twice.
        for at in 1..NEAR_PATHS {
            let (known, rest) = paths.split_at_mut(at);
            if let Some(path) = rest.first_mut()
                && known.contains(path)
            {
                *path = 0;
            }
        }
    }
    paths
}

#[derive(Debug, Default)]
pub(super) struct Folders {
    by_hash: ByHash<u64, u32>,
    all: Vec<Folder>,
    recent: Option<(u64, u32)>,
    /// Parts of paths that are a language's name or code.
    languages: ByHash<u64, ()>,
}

impl Folders {
    pub fn get(&self, id: u32) -> Option<&Folder> {
        self.all.get(id as usize)
    }

    pub fn iter(&self) -> std::slice::Iter<'_, Folder> {
        self.all.iter()
    }

    pub fn intern(&mut self, bucket: &str, folder: &str, example: u32) -> u32 {
        let hash = raw_hash(&[bucket, folder]);
        if let Some((known, id)) = self.recent
            && known == hash
        {
            return id;
        }
        let id = match self.by_hash.get(&hash) {
            Some(id) => *id,
            None => {
                let id = self.all.len() as u32;
                self.by_hash.insert(hash, id);
                let parts = Parts::of(folder);
                let language = parts.iter().rev().find(|part| part.language.is_some());
                for part in parts.iter().filter(|part| part.language.is_some()) {
                    self.languages.insert(part.hash, ());
                }
                let bare = Bare::of(&parts);
                let without = language.map_or(bare, |language| Bare::of(&parts.without(|part| part == language)));
                self.all.push(Folder {
                    example,
                    raw: raw_hash(&[folder]),
                    path: bare.path,
                    last: bare.last,
                    first: bare.first,
                    depth: bare.depth,
                    paths: bare.paths,
                    language: language.and_then(|part| part.language),
                    language_part: language.map_or(0, |part| part.hash),
                    without,
                    is_language: false,
                    is_stale: parts.iter().any(|part| part.is_stale),
                    names: 0,
                    silent: 0,
                });
                id
            }
        };
        self.recent = Some((hash, id));
        id
    }

    pub fn count(&mut self, folder: u32, says_nothing: bool) {
        if let Some(folder) = self.all.get_mut(folder as usize) {
            folder.names += 1;
            folder.silent += u32::from(says_nothing);
        }
    }

    /// Languages that are places here: parts of the videos' own paths.
    pub fn languages(&self) -> ByHash<u64, ()> {
        self.languages.clone()
    }

    /// A folder is a language only where one beside it (or the one above) holds the same names in another, and no video's
    /// path has it.
    pub fn settle_languages(&mut self, places: &ByHash<u64, ()>, transcripts: &[Transcript], entries: &[Entry]) {
        if self.languages.is_empty() {
            return;
        }
        for folder in self.all.iter_mut().filter(|folder| places.contains_key(&folder.language_part)) {
            folder.language = None;
        }
        let mut by_path: ByHash<u64, u8> = ByHash::default();
        for folder in self.all.iter().filter(|folder| folder.language.is_some()) {
            *by_path.entry(folder.without.path).or_insert(0) |= 1;
        }
        let mut sure: ByHash<u64, ()> = ByHash::default();
        for run in entries.chunk_by(|a, b| a.hash == b.hash).filter(|run| run.len() > 1) {
            // What is seen at each path among the names that are the same: its first language.
            let mut seen: Vec<(u64, Option<Language>)> = Vec::new();
            for entry in run.iter().take(4_096) {
                let Some(folder) = transcripts.get(entry.id as usize).and_then(|it| self.get(it.folder)) else {
                    continue;
                };
                let path = if folder.language.is_some() { folder.without.path } else { folder.path };
                if !by_path.contains_key(&path) || sure.contains_key(&path) || seen.len() > 64 {
                    continue;
                }
                match seen.iter().find(|(known, _)| *known == path) {
                    Some((_, language)) if *language != folder.language => {
                        sure.insert(path, ());
                    }
                    Some(_) => {}
                    None => seen.push((path, folder.language)),
                }
            }
        }
        for folder in self.all.iter_mut().filter(|folder| folder.language.is_some()) {
            if sure.contains_key(&folder.without.path) {
                folder.is_language = true;
                (folder.path, folder.last) = (folder.without.path, folder.without.last);
                (folder.first, folder.depth, folder.paths) =
                    (folder.without.first, folder.without.depth, folder.without.paths);
            }
        }
    }
}

/// How two folders lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lie {
    pub near: Near,
    /// [`Doubt::Folder`] or [`Doubt::Stale`], or none.
    pub doubt: Doubt,
    /// They contradict, or the transcript's folder has its own videos.
    pub is_veto: bool,
    /// The doubt goes when nothing else has the name.
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

/// Answers how folders lie, and remembers it.
pub(super) struct Places<'w> {
    world: &'w World<'w>,
    memo: ByHash<u64, Lie>,
    above_videos: ByHash<u64, [u64; NEAR_PATHS]>,
    above_transcripts: ByHash<u64, [u64; NEAR_PATHS]>,
    video_paths: ByHash<u64, ()>,
    video_lasts: ByHash<u64, ()>,
    transcript_paths: ByHash<u64, ()>,
    /// The first parts of the videos' paths differ: they name something.
    has_many_roots: bool,
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
            has_many_roots: roots.any(|other| Some(other) != root),
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

    /// As [`Places::lie`], when some of the last parts are in the names that were compared.
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

    /// The paths of a video's folder without some of its last parts: see [`Folder::paths`].
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
        match relation {
            _ if closed => Lie::VETO,
            Relation::Contradict => Lie::VETO,
            Relation::Mirrored => open(Near::Mirrored),
            Relation::OtherRoot if has_own || self.has_many_roots => shown(Near::OtherRoot),
            Relation::OtherRoot => open(Near::OtherRoot),
            Relation::More => open(Near::More),
            Relation::Siblings => shown(Near::Unrelated),
            Relation::Unrelated if b.depth > 0 && self.video_lasts.contains_key(&b.last) => Lie::VETO,
            Relation::Unrelated if has_own || (video.len() > 1 && transcript.len() > 1) => shown(Near::Unrelated),
            Relation::Unrelated if self.has_many_roots => Lie { is_open_alone: true, ..shown(Near::Unrelated) },
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
