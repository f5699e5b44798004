//! Joins names: which transcripts may belong to which videos, and how well they fit.
//!
//! Entries of both sides with the same hash form a group. A name that occurs in thousands of folders is not compared
//! with all of them: a large group is joined by folder first.

use super::evidence::{Doubt, Edge, Likeness, Near};
use super::folders::NEAR_PATHS;
use super::places::{Lie, Places, has_long_word};
use super::weigh::{Meeting, weigh};
use super::world::{Entry, NOTHING, World};
use crate::names::Step;
use crate::parallel;
use std::sync::atomic::{AtomicBool, Ordering};

/// Up to this many videos and transcripts, a group is compared pairwise; above it the cost grows linearly.
const SMALL: usize = 16;

/// Most candidates that one transcript or one place may add to a large group.
const MOST: usize = 32;

/// What is joined by a hash.
pub(super) trait Hashed {
    fn hash(&self) -> u64;
}

impl Hashed for Entry {
    fn hash(&self) -> u64 {
        self.hash
    }
}

/// Hands every group of equal hashes in two sorted lists to `meet`, and returns what it puts out, by hash. None if `stop`
/// was set.
pub(super) fn meet_equal<A: Hashed + Sync, B: Hashed + Sync, T: Send>(
    a: &[A],
    b: &[B],
    stop: &AtomicBool,
    meet: impl Fn(&[A], &[B], &mut Vec<T>) + Sync,
) -> Option<Vec<T>> {
    // Pieces of both lists between the same hashes.
    const PIECES: usize = 64;
    let cut = |piece: usize| {
        let hash = a.get(a.len() * piece / PIECES).map_or(u64::MAX, Hashed::hash);
        match piece {
            0 => (0, 0),
            PIECES => (a.len(), b.len()),
            _ => (a.partition_point(|it| it.hash() < hash), b.partition_point(|it| it.hash() < hash)),
        }
    };
    let pieces = parallel::ranges(PIECES, 1, stop, |piece| {
        let (from, to) = (cut(piece.start), cut(piece.end));
        let mut a = a.get(from.0..to.0).unwrap_or_default();
        let mut b = b.get(from.1..to.1).unwrap_or_default();
        let mut out = Vec::new();
        while let (Some(first), Some(other)) = (a.first(), b.first()) {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            if first.hash() < other.hash() {
                a = take_run(a).1;
            } else if first.hash() > other.hash() {
                b = take_run(b).1;
            } else {
                let (own, rest) = take_run(a);
                let (theirs, others) = take_run(b);
                (a, b) = (rest, others);
                meet(own, theirs, &mut out);
            }
        }
        out
    })?;
    (!stop.load(Ordering::Relaxed)).then(|| pieces.into_iter().flatten().collect())
}

fn take_run<T: Hashed>(all: &[T]) -> (&[T], &[T]) {
    let hash = all.first().map_or(0, Hashed::hash);
    let end = all.iter().position(|it| it.hash() != hash).unwrap_or(all.len());
    all.split_at_checked(end).unwrap_or((all, &[]))
}

/// Candidate pairs by name alone.
pub(super) fn edges(world: &World<'_>, places: &Places<'_>, stop: &AtomicBool) -> Option<Vec<Edge>> {
    meet_equal(&world.video_entries, &world.transcript_entries, stop, |videos, transcripts, edges| {
        Group { world, videos, transcripts }.meet(places, edges);
    })
}

/// Adds to edges in this order, and keeps the best one for each pair.
pub(super) fn best_each(mut edges: Vec<Edge>, mut more: Vec<Edge>) -> Vec<Edge> {
    if more.is_empty() {
        return edges;
    }
    parallel::sort(&mut more, Edge::rank);
    if edges.is_empty() {
        edges = more;
    } else {
        edges.append(&mut more);
        // Two runs, which this sort merges.
        edges.sort_by_key(Edge::rank);
    }
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
    fn meet(&self, places: &Places<'_>, edges: &mut Vec<Edge>) {
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

    fn edge(&self, a: &Entry, b: &Entry, languages: &[u32], places: &Places<'_>) -> Option<Edge> {
        let video = self.world.videos.get(a.id as usize)?;
        let transcript = self.world.transcripts.get(b.id as usize)?;
        let (own, theirs) = (a.left(), b.left());
        let mut lie = places.lie(video.folder, transcript.folder);
        if lie.is_veto && video.has_id && transcript.has_id && own.step <= Step::Tags {
            // An id says more than the folder it was exported to.
            lie = Lie::open(Near::Unrelated);
        }
        let is_alone = self.videos.len() == 1 && self.transcripts.len() == 1;
        if lie.is_open_alone && is_alone && is_telling(self.world.video_key(a.id)) {
            lie.doubt = Doubt::None;
        }
        let lie = lie.of_names(self.world.video_key(a.id), self.world.transcript_key(b.id));
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
}

/// The name is more than a counter: it has a word of at least four letters.
fn is_telling(video: &str) -> bool {
    has_long_word(crate::s3_url::key::stem(video))
}
