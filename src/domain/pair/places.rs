//! Matches the folders of both sides before their files.
//!
//! A transcript folder that mirrors a video folder is closed to all others. That prevents wrong pairs between folders
//! with the same file names, and saves comparing them.

use super::evidence::{Doubt, Near};
use super::folders::{Folder, NEAR_PATHS, near_paths};
use super::hash::ByHash;
use super::world::World;
use crate::names::folders::{Part, Parts, Relation, relation};
use crate::names::{Token, Tokens, clean};
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
    /// Nothing but their names tells the folders apart: see [`Lie::of_names`].
    pub is_open_telling: bool,
}

impl Lie {
    pub fn open(near: Near) -> Lie {
        Lie::new(near, Doubt::None)
    }

    /// For two keys: without the doubt if the video's name is more than a counter, or a folder has no word.
    pub fn of_names(self, video_key: &str, transcript_key: &str) -> Lie {
        let named = |key| {
            let folder = key::folder(key);
            let parts = Parts::of(folder);
            parts.iter().filter_map(|part| folder.get(part.start as usize..part.end as usize)).any(has_long_word)
        };
        if self.is_open_telling && !(is_counter(video_key) && named(video_key) && named(transcript_key)) {
            return Lie { doubt: Doubt::None, ..self };
        }
        self
    }

    const VETO: Lie = Lie {
        near: Near::Unrelated,
        doubt: Doubt::Folder,
        is_veto: true,
        is_open_alone: false,
        is_open_telling: false,
    };

    fn new(near: Near, doubt: Doubt) -> Lie {
        Lie { near, doubt, is_veto: false, is_open_alone: false, is_open_telling: false }
    }
}

/// Compares folders.
pub(super) struct Places<'w> {
    world: &'w World<'w>,
    /// By folder of videos.
    own: Vec<Known>,
    /// By folder of transcripts.
    theirs: Vec<Known>,
    /// The first parts of the videos' paths differ, so they are meaningful.
    has_many_roots: bool,
    /// The videos are in several folders, so folder names distinguish them.
    has_many_folders: bool,
}

/// A folder's path, and what the other side has of it.
#[derive(Clone, Copy)]
struct Known {
    path: u64,
    /// A folder with the same path.
    has_path: bool,
    /// A folder of the same name.
    has_last: bool,
}

impl<'w> Places<'w> {
    pub fn new(world: &'w World<'w>) -> Places<'w> {
        let videos = || world.video_folders.iter().filter(|folder| folder.depth > 0);
        let transcripts = || world.transcript_folders.iter().filter(|folder| folder.depth > 0 && !folder.is_stale);
        let mut roots = videos().map(|folder| folder.first);
        let root = roots.next();
        let mut paths = videos().map(|folder| folder.path);
        let path = paths.next();
        Places {
            world,
            own: known(world.video_folders.iter(), transcripts()),
            theirs: known(world.transcript_folders.iter(), videos()),
            has_many_roots: roots.any(|other| Some(other) != root),
            has_many_folders: paths.any(|other| Some(other) != path),
        }
    }

    pub fn lie(&self, video: u32, transcript: u32) -> Lie {
        let (Some(own), Some(theirs)) = (self.own.get(video as usize), self.theirs.get(transcript as usize)) else {
            return Lie::VETO;
        };
        // Most meetings of large groups end here.
        if theirs.has_path && own.path != theirs.path {
            return Lie::VETO;
        }
        let (Some(a), Some(b)) = (self.world.video_folders.get(video), self.world.transcript_folders.get(transcript))
        else {
            return Lie::VETO;
        };
        if a.path == b.path {
            let near = if a.raw == b.raw { Near::Same } else { Near::Mirrored };
            return Lie::new(near, stale(a, b));
        }
        let (video, transcript) = (self.video_parts(video), self.transcript_parts(transcript));
        let shown = |near| Lie::new(near, Doubt::Folder);
        let open = |near| Lie::new(near, stale(a, b));
        match relation(video, transcript) {
            Relation::Contradict => Lie::VETO,
            Relation::Mirrored => open(Near::Mirrored),
            Relation::OtherRoot if own.has_path || self.has_many_roots => shown(Near::OtherRoot),
            Relation::OtherRoot => open(Near::OtherRoot),
            Relation::More => open(Near::More),
            Relation::Siblings => shown(Near::Unrelated),
            Relation::Unrelated if theirs.has_last => Lie::VETO,
            Relation::Unrelated if own.has_path || own.has_last || (video.len() > 1 && transcript.len() > 1) => {
                shown(Near::Unrelated)
            }
            Relation::Unrelated if self.has_many_folders => Lie { is_open_alone: true, ..shown(Near::Unrelated) },
            // Both have a name of their own, as of two clients: `acme/C0040.mp4` with `globex/C0040.srt`.
            Relation::Unrelated if !video.is_empty() && !transcript.is_empty() => {
                Lie { is_open_telling: true, ..shown(Near::Unrelated) }
            }
            Relation::Unrelated => open(Near::Unrelated),
        }
    }

    /// As [`Places::lie`], if some of the last parts were already part of the compared names.
    pub fn lie_above(&self, video: u32, above: u8, transcript: u32, below: u8) -> Lie {
        if above == 0 && below == 0 {
            return self.lie(video, transcript);
        }
        let (Some(a), Some(b)) = (self.world.video_folders.get(video), self.world.transcript_folders.get(transcript))
        else {
            return Lie::VETO;
        };
        let (video, transcript) = (cut(self.video_parts(video), above), cut(self.transcript_parts(transcript), below));
        let near = match relation(video, transcript) {
            Relation::Mirrored => Near::Mirrored,
            Relation::OtherRoot => Near::OtherRoot,
            Relation::More => Near::More,
            Relation::Unrelated => Near::Unrelated,
            Relation::Siblings | Relation::Contradict => return Lie::VETO,
        };
        if near == Near::Unrelated && video.len() > 1 && transcript.len() > 1 {
            return Lie::new(Near::Unrelated, Doubt::Folder);
        }
        Lie::new(near, stale(a, b))
    }

    /// The paths of a video's folder without its last `above` parts: see [`Folder::paths`].
    pub fn video_paths(&self, folder: u32, above: u8) -> [u64; NEAR_PATHS] {
        match above {
            0 => self.world.video_folders.get(folder).map(|folder| folder.paths).unwrap_or_default(),
            _ => near_paths(cut(self.video_parts(folder), above)),
        }
    }

    pub fn transcript_paths(&self, folder: u32, above: u8) -> [u64; NEAR_PATHS] {
        match above {
            0 => self.world.transcript_folders.get(folder).map(|folder| folder.paths).unwrap_or_default(),
            _ => near_paths(cut(self.transcript_parts(folder), above)),
        }
    }

    pub fn video_parts(&self, folder: u32) -> &'w [Part] {
        self.world.video_folders.parts(folder)
    }

    pub fn transcript_parts(&self, folder: u32) -> &'w [Part] {
        self.world.transcript_folders.parts(folder)
    }
}

fn known<'f>(
    folders: impl Iterator<Item = &'f Folder>,
    others: impl Iterator<Item = &'f Folder> + Clone,
) -> Vec<Known> {
    let paths: ByHash<u64, ()> = others.clone().map(|folder| (folder.path, ())).collect();
    let lasts: ByHash<u64, ()> = others.map(|folder| (folder.last, ())).collect();
    let of = |folder: &Folder| Known {
        path: folder.path,
        has_path: folder.depth > 0 && paths.contains_key(&folder.path),
        has_last: folder.depth > 0 && lasts.contains_key(&folder.last),
    };
    folders.map(of).collect()
}

/// Without the last `off` parts.
fn cut(parts: &[Part], off: u8) -> &[Part] {
    parts.get(..parts.len().saturating_sub(off.into())).unwrap_or_default()
}

fn stale(a: &Folder, b: &Folder) -> Doubt {
    if b.is_stale && !a.is_stale { Doubt::Stale } else { Doubt::None }
}

pub(super) fn has_long_word(text: &str) -> bool {
    text.split(|c: char| !c.is_alphabetic()).any(|word| word.chars().count() >= 4)
}

/// Names that recur in every folder: `01`, `C0040`, `ep 7`.
fn is_counter(video_key: &str) -> bool {
    let tokens = Tokens::of(&clean(key::stem(video_key)));
    let is_short = |token: &Token| token.letters <= if token.is_number() { 5 } else { 3 };
    tokens.len() <= 2 && tokens.iter().filter(|token| token.is_number()).count() == 1 && tokens.iter().all(is_short)
}
