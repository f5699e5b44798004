//! Joins names: which transcripts may belong to which videos, and how well they fit.
//!
//! Entries of both sides with the same hash form a group. A name that occurs in thousands of folders is not compared
//! with all of them: a large group is joined by folder first.

use super::evidence::{Doubt, Edge, Likeness, Near};
use super::folders::NEAR_PATHS;
use super::places::{Lie, Places};
use super::weigh::{Meeting, weigh};
use super::world::{Entry, NOTHING, World};
use crate::names::Step;
use std::sync::atomic::{AtomicBool, Ordering};

/// Up to this many videos and transcripts, a group is compared pairwise; above it the cost grows linearly.
const SMALL: usize = 16;

/// Most candidates that one transcript or one place may add to a large group.
const MOST: usize = 32;

/// Candidate pairs by name alone.
pub(super) fn edges(world: &World<'_>, places: &mut Places<'_>, stop: &AtomicBool) -> Option<Vec<Edge>> {
    let mut edges = Vec::with_capacity(world.videos.len());
    let (mut videos, mut transcripts) = (world.video_entries.as_slice(), world.transcript_entries.as_slice());
    let mut groups = 0_u32;
    while let (Some(a), Some(b)) = (videos.first(), transcripts.first()) {
        if a.hash == b.hash {
            let (own, rest) = take_run(videos);
            let (theirs, others) = take_run(transcripts);
            (videos, transcripts) = (rest, others);
            groups += 1;
            if groups.is_multiple_of(4_096) && stop.load(Ordering::Relaxed) {
                return None;
            }
            Group { world, videos: own, transcripts: theirs }.meet(places, &mut edges);
        } else if a.hash < b.hash {
            videos = take_run(videos).1;
        } else {
            transcripts = take_run(transcripts).1;
        }
    }
    Some(edges)
}

fn take_run(entries: &[Entry]) -> (&[Entry], &[Entry]) {
    let hash = entries.first().map_or(0, |entry| entry.hash);
    let end = entries.iter().position(|entry| entry.hash != hash).unwrap_or(entries.len());
    entries.split_at_checked(end).unwrap_or((entries, &[]))
}

/// Keeps the best edge for each pair.
pub(super) fn best_each(mut edges: Vec<Edge>, more: Vec<Edge>) -> Vec<Edge> {
    edges.extend(more);
    edges.sort_unstable_by_key(|edge| (edge.video, edge.transcript, edge.order()));
    edges.dedup_by_key(|edge| (edge.video, edge.transcript));
    edges
}

/// The entries with one hash.
struct Group<'g> {
    world: &'g World<'g>,
    videos: &'g [Entry],
    transcripts: &'g [Entry],
}

impl Group<'_> {
    fn meet(&self, places: &mut Places<'_>, edges: &mut Vec<Edge>) {
        let (videos, transcripts) = (self.videos.len(), self.transcripts.len());
        let languages = self.languages();
        let mut meet = |a: &Entry, b: &Entry| edges.extend(self.edge(a, b, &languages, places));
        if videos.min(transcripts) <= SMALL {
            for a in self.videos {
                self.transcripts.iter().for_each(|b| meet(a, b));
            }
            return;
        }
        // In a large group only entries in matching folders are compared: by the whole path first, and if that finds
        // none, by shortened paths. Where a place yields too many, nothing distinguishes them.
        let own = self.paths(self.videos, &|entry| self.video_paths(entry), 1);
        let mut lonely = Vec::new();
        for b in self.transcripts {
            let path = self.transcript_paths(b).first().copied().unwrap_or_default();
            match self.at(&own, path) {
                [] => lonely.push(*b),
                found => found.iter().filter_map(|(_, at)| self.videos.get(*at as usize)).for_each(|a| meet(a, b)),
            }
        }
        if lonely.is_empty() {
            return;
        }
        let own = self.paths(self.videos, &|entry| self.video_paths(entry), NEAR_PATHS);
        for b in &lonely {
            for path in self.transcript_paths(b).into_iter().filter(|path| *path != 0) {
                self.at(&own, path).iter().filter_map(|(_, at)| self.videos.get(*at as usize)).for_each(|a| meet(a, b));
            }
        }
    }

    /// The first paths of each entry, sorted.
    fn paths(&self, entries: &[Entry], of: &dyn Fn(&Entry) -> [u64; NEAR_PATHS], first: usize) -> Vec<(u64, u32)> {
        let each =
            (0..).zip(entries).flat_map(|(at, entry)| of(entry).into_iter().take(first).map(move |path| (path, at)));
        let mut paths: Vec<(u64, u32)> = each.filter(|(path, _)| *path != 0).collect();
        paths.sort_unstable();
        paths
    }

    /// The entries at a path; none if there are too many.
    fn at<'p>(&self, paths: &'p [(u64, u32)], path: u64) -> &'p [(u64, u32)] {
        let start = paths.partition_point(|(known, _)| *known < path);
        let rest = paths.get(start..).unwrap_or_default();
        let end = rest.iter().take(MOST + 1).position(|(known, _)| *known != path).unwrap_or(rest.len().min(MOST + 1));
        if end > MOST { &[] } else { rest.get(..end).unwrap_or_default() }
    }

    fn video_paths(&self, entry: &Entry) -> [u64; NEAR_PATHS] {
        let folder = self.world.videos.get(entry.id as usize).map_or(NOTHING, |video| video.folder);
        self.world.video_folders.get(folder).map(|folder| folder.paths).unwrap_or_default()
    }

    fn transcript_paths(&self, entry: &Entry) -> [u64; NEAR_PATHS] {
        let folder = self.world.transcripts.get(entry.id as usize).map_or(NOTHING, |it| it.folder);
        self.world.transcript_folders.get(folder).map(|folder| folder.paths).unwrap_or_default()
    }

    /// Folders where the names of this group end in several languages: there a two-letter code is a language.
    fn languages(&self) -> Vec<u32> {
        let tagged = |entry: &Entry| {
            let tag = entry.left().tag.filter(|tag| tag.is_doubtful)?;
            Some((self.world.transcripts.get(entry.id as usize)?.folder, tag.language))
        };
        let mut seen: Vec<_> = self.transcripts.iter().filter_map(tagged).collect();
        if seen.len() < 2 {
            return Vec::new();
        }
        seen.sort_unstable();
        seen.dedup();
        let mut folders: Vec<u32> = seen
            .windows(2)
            .filter_map(|pair| match pair {
                [(a, _), (b, _)] if a == b => Some(*a),
                _ => None,
            })
            .collect();
        folders.dedup();
        folders
    }

    fn edge(&self, a: &Entry, b: &Entry, languages: &[u32], places: &mut Places<'_>) -> Option<Edge> {
        let video = self.world.videos.get(a.id as usize)?;
        let transcript = self.world.transcripts.get(b.id as usize)?;
        let (own, theirs) = (a.left(), b.left());
        let mut lie = places.lie(video.folder, transcript.folder);
        if lie.is_veto && video.has_id && transcript.has_id && own.step <= Step::Tags {
            // An id says more than the folder it was exported to.
            lie = Lie::open(Near::Unrelated);
        }
        let is_alone = self.videos.len() == 1 && self.transcripts.len() == 1;
        if lie.is_open_alone && is_alone && self.is_telling(a) {
            lie.doubt = Doubt::None;
        }
        let likeness = match own.step.max(theirs.step) {
            Step::Whole if video.raw == transcript.raw => Likeness::Exact,
            Step::Whole => Likeness::Written,
            Step::Tags => Likeness::Tags,
            Step::Size => Likeness::Size,
            Step::Version => Likeness::Version,
        };
        weigh(
            self.world,
            &Meeting {
                video: (a.id, own),
                transcript: (b.id, theirs),
                lie,
                likeness,
                doubt: if a.is_content() { Doubt::Content } else { Doubt::None },
                is_language: &|_| languages.binary_search(&transcript.folder).is_ok(),
            },
        )
    }

    /// The name is more than a counter: it has a word of at least four letters.
    fn is_telling(&self, entry: &Entry) -> bool {
        let key = self.world.video_key(entry.id);
        let stem = crate::s3_url::key::stem(&key);
        stem.split(|c: char| !c.is_alphabetic()).any(|word| word.chars().count() >= 4)
    }
}
