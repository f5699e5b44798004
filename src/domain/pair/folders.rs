//! The folders of one side as a few hashes each: what the path says, and whether a part of it is a language.

use super::hash::{ByHash, raw_hash};
use crate::names::folders::{Part, Parts};
use crate::names::{Language, mix};
use std::ops::Range;

pub(super) const NEAR_PATHS: usize = 5;

#[derive(Clone, Copy, Debug)]
pub(super) struct Folder {
    /// Hash of bucket and path.
    id: u64,
    /// The path as written, without the bucket.
    pub raw: u64,
    /// Its parts in [`Folders::parts`].
    first_part: u32,
    parts: u8,
    /// The meaning of its parts; 0 if there is none.
    pub path: u64,
    pub last: u64,
    pub first: u64,
    pub depth: u8,
    /// The path and its shortened forms, where similar folders meet. 0 if there is none.
    pub paths: [u64; NEAR_PATHS],
    /// A part that may be a language, and the path without it.
    pub language: Option<Language>,
    language_part: u64,
    without: Bare,
    /// The part is a language, so the path does not include it.
    pub is_language: bool,
    pub is_stale: bool,
    /// Number of names in it, and of those without meaning.
    names: u32,
    silent: u32,
}

impl Folder {
    fn part_range(&self) -> Range<usize> {
        let first = self.first_part as usize;
        first..first + usize::from(self.parts)
    }

    /// Its path without the part that may be a language.
    pub fn bare_path(&self) -> u64 {
        if self.language.is_some() { self.without.path } else { self.path }
    }

    /// None of its names has a meaning: the folder name identifies the video.
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
    fn of(parts: &[Part]) -> Bare {
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

/// The path and its shortened forms: without the first or last part, and each of those alone.
pub(super) fn near_paths(parts: &[Part]) -> [u64; NEAR_PATHS] {
    let path =
        |parts: &[Part]| if parts.is_empty() { 0 } else { parts.iter().fold(1, |path, part| mix(path ^ part.hash)) };
    let mut paths = [path(parts).max(1), 0, 0, 0, 0];
    if let [first, rest @ ..] = parts
        && let Some(last) = rest.last()
    {
        let without_last = parts.len() - 1;
        paths = [
            path(parts),
            path(rest),
            path(parts.get(..without_last).unwrap_or_default()),
            path(std::slice::from_ref(first)),
            path(std::slice::from_ref(last)),
        ];
        // A path of two parts produces duplicates.
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
    parts: Vec<Part>,
    recent: Option<(u64, u32)>,
    /// Path parts that are a language's name or code.
    languages: ByHash<u64, ()>,
}

impl Folders {
    pub fn get(&self, id: u32) -> Option<&Folder> {
        self.all.get(id as usize)
    }

    pub fn iter(&self) -> std::slice::Iter<'_, Folder> {
        self.all.iter()
    }

    pub fn intern(&mut self, bucket: &str, folder: &str) -> u32 {
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
                let first_part = self.parts.len() as u32;
                self.parts.extend_from_slice(&parts);
                self.all.push(Folder {
                    id: hash,
                    raw: raw_hash(&[folder]),
                    first_part,
                    parts: parts.len() as u8,
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

    /// Takes in the folders of another part of the names, and returns the number of each in this list.
    pub fn take_in(&mut self, more: Folders) -> Vec<u32> {
        self.languages.extend(more.languages);
        let number = |folder: &Folder| {
            *self.by_hash.entry(folder.id).or_insert_with(|| {
                let first_part = self.parts.len() as u32;
                self.parts.extend_from_slice(more.parts.get(folder.part_range()).unwrap_or_default());
                self.all.push(Folder { first_part, ..*folder });
                self.all.len() as u32 - 1
            })
        };
        more.all.iter().map(number).collect()
    }

    /// The parts of its path; a part that is a language is none.
    pub fn parts(&self, folder: u32) -> &[Part] {
        self.get(folder).and_then(|folder| self.parts.get(folder.part_range())).unwrap_or_default()
    }

    pub fn count(&mut self, folder: u32, says_nothing: bool) {
        if let Some(folder) = self.all.get_mut(folder as usize) {
            folder.names += 1;
            folder.silent += u32::from(says_nothing);
        }
    }

    /// Languages that are place names here: parts of the videos' own paths.
    pub fn languages(&self) -> ByHash<u64, ()> {
        self.languages.clone()
    }

    /// Forgets languages that are place names.
    pub fn forget_languages(&mut self, places: &ByHash<u64, ()>) {
        for folder in self.all.iter_mut().filter(|folder| places.contains_key(&folder.language_part)) {
            folder.language = None;
        }
    }

    /// The paths at which a part may be a language, without it.
    pub fn language_paths(&self) -> ByHash<u64, ()> {
        let folders = self.all.iter().filter(|folder| folder.language.is_some());
        folders.map(|folder| (folder.without.path, ())).collect()
    }

    /// Decides which folders are languages: only those with a sibling (or parent) that holds the same names in another
    /// language.
    ///
    /// `names`: (meaning of a name, its folder), sorted by meaning; at least those at [`Folders::language_paths`].
    pub fn settle_languages(&mut self, names: impl Iterator<Item = (u64, u32)>) {
        let by_path = self.language_paths();
        if by_path.is_empty() {
            return;
        }
        let mut sure: ByHash<u64, ()> = ByHash::default();
        // The first language seen at each path for the current name.
        let (mut now, mut seen): (u64, Vec<(u64, Option<Language>)>) = (0, Vec::new());
        for (name, folder) in names {
            if name != now {
                (now, seen) = (name, Vec::new());
            }
            let Some(folder) = self.get(folder) else { continue };
            let path = folder.bare_path();
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
        for folder in self.all.iter_mut().filter(|folder| folder.language.is_some()) {
            if sure.contains_key(&folder.without.path) {
                folder.is_language = true;
                if let Some(parts) = self.parts.get_mut(folder.part_range())
                    && let Some(at) = parts.iter().rposition(|part| part.language.is_some())
                    && let Some(from) = parts.get_mut(at..)
                {
                    from.rotate_left(1);
                    folder.parts -= 1;
                }
                (folder.path, folder.last) = (folder.without.path, folder.without.last);
                (folder.first, folder.depth, folder.paths) =
                    (folder.without.first, folder.without.depth, folder.without.paths);
            }
        }
    }
}
