//! Assigns transcripts: strongest claims first, one transcript per video, and none where claims are equal.
//!
//! A video claims only at its best level. If its best candidate is taken it gets none, never a leftover; if a level has
//! several candidates for it, or several videos for one transcript, a person decides.

use super::evidence::{Doubt, Edge, Likeness};
use super::world::{NOTHING, World};
use crate::parallel;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Open,
    Paired,
    /// Two candidates fit, or another video has an equal claim.
    Tied,
    /// Another video has the better claim.
    Lost,
}

/// A filled row claims what fits it as well as its own transcript does, as any other row would: its neighbour must not get
/// what it left. `edges` by video.
pub(super) fn share_claims(world: &World<'_>, edges: &mut [Edge]) {
    let is_filled = |edge: &Edge| world.videos.get(edge.video as usize).is_some_and(|video| video.is_filled);
    let mut claimed: Vec<u8> = Vec::new();
    for own in edges.chunk_by(|a, b| a.video == b.video).filter(|own| own.first().is_some_and(is_filled)) {
        let sure = || own.iter().filter(|edge| edge.doubt == Doubt::None);
        let Some(best) = sure().map(|edge| edge.level).min() else { continue };
        claimed.resize(world.transcripts.len(), u8::MAX);
        for edge in sure().filter(|edge| edge.level == best) {
            if let Some(level) = claimed.get_mut(edge.transcript as usize) {
                *level = best.min(*level);
            }
        }
    }
    if claimed.is_empty() {
        return;
    }
    for edge in edges.iter_mut().filter(|edge| edge.doubt == Doubt::None && edge.likeness != Likeness::Given) {
        let is_claimed = claimed.get(edge.transcript as usize).is_some_and(|level| *level <= edge.level);
        if is_claimed && !is_filled(edge) {
            edge.doubt = Doubt::Content;
        }
    }
}

#[derive(Debug)]
pub(super) struct State {
    pub videos: Vec<Status>,
    /// The transcript of each paired video.
    pub pairs: Vec<u32>,
    /// The video of each transcript.
    pub taken: Vec<u32>,
    /// Transcripts with several equal claims.
    reserved: Vec<bool>,
}

enum Choice<'e> {
    One(&'e Edge),
    Tie(Vec<&'e Edge>),
}

impl State {
    pub fn new(world: &World<'_>) -> State {
        let (videos, transcripts) = (world.videos.len(), world.transcripts.len());
        State {
            videos: vec![Status::Open; videos],
            pairs: vec![NOTHING; videos],
            taken: vec![NOTHING; transcripts],
            reserved: world.transcripts.iter().map(|transcript| transcript.is_double).collect(),
        }
    }

    pub fn status(&self, video: u32) -> Status {
        self.videos.get(video as usize).copied().unwrap_or(Status::Lost)
    }

    /// Neither taken nor reserved.
    pub fn is_free(&self, transcript: u32) -> bool {
        !self.is_taken(transcript) && !self.reserved.get(transcript as usize).copied().unwrap_or(true)
    }

    pub fn is_taken(&self, transcript: u32) -> bool {
        self.taken.get(transcript as usize).is_none_or(|video| *video != NOTHING)
    }

    /// Settles the undoubted edges below a level.
    pub fn settle(&mut self, world: &World<'_>, edges: &[Edge], below: u8) {
        let mut order: Vec<Edge> = edges
            .iter()
            .filter(|edge| edge.doubt == Doubt::None && edge.level < below && self.status(edge.video) == Status::Open)
            .copied()
            .collect();
        parallel::sort(&mut order, Edge::strength);
        for level in order.chunk_by(|a, b| a.level == b.level) {
            self.settle_level(world, level);
        }
    }

    fn settle_level(&mut self, world: &World<'_>, edges: &[Edge]) {
        let mut claims: Vec<(u32, u32)> = Vec::new();
        let mut tied: Vec<u32> = Vec::new();
        let mut contested: Vec<u32> = Vec::new();
        for own in edges.chunk_by(|a, b| a.video == b.video) {
            let Some(video) = own.first().map(|edge| edge.video).filter(|video| self.status(*video) == Status::Open)
            else {
                continue;
            };
            match choose(world, own) {
                Choice::One(edge) if self.is_free(edge.transcript) => claims.push((edge.transcript, video)),
                Choice::One(_) => self.set(video, Status::Lost),
                Choice::Tie(several) => {
                    let free: Vec<u32> =
                        several.iter().map(|edge| edge.transcript).filter(|it| !self.is_taken(*it)).collect();
                    if free.is_empty() {
                        self.set(video, Status::Lost);
                    } else {
                        tied.push(video);
                        contested.extend(free);
                    }
                }
            }
        }
        contested.sort_unstable();
        claims.sort_unstable();
        let mut several: Vec<u32> = Vec::new();
        for claimants in claims.chunk_by(|a, b| a.0 == b.0) {
            match claimants {
                [(transcript, video)] if contested.binary_search(transcript).is_err() => self.pair(*video, *transcript),
                _ => {
                    tied.extend(claimants.iter().map(|(_, video)| *video));
                    several.extend(claimants.first().map(|(transcript, _)| *transcript));
                }
            }
        }
        for video in tied {
            self.set(video, Status::Tied);
        }
        for transcript in contested.into_iter().chain(several) {
            if let Some(reserved) = self.reserved.get_mut(transcript as usize) {
                *reserved = true;
            }
        }
    }

    pub fn set(&mut self, video: u32, status: Status) {
        if let Some(own) = self.videos.get_mut(video as usize) {
            *own = status;
        }
    }

    pub fn has(&self, video: u32, transcript: u32) -> bool {
        self.pairs.get(video as usize) == Some(&transcript)
    }

    /// Undoes a pair so that a person decides.
    pub fn part(&mut self, video: u32, transcript: u32) {
        self.set(video, Status::Open);
        if let Some(pair) = self.pairs.get_mut(video as usize) {
            *pair = NOTHING;
        }
        if let Some(taken) = self.taken.get_mut(transcript as usize) {
            *taken = NOTHING;
        }
    }

    pub fn pair(&mut self, video: u32, transcript: u32) {
        self.set(video, Status::Paired);
        if let Some(pair) = self.pairs.get_mut(video as usize) {
            *pair = transcript;
        }
        if let Some(taken) = self.taken.get_mut(transcript as usize) {
            *taken = video;
        }
    }
}

/// Within a level, transcripts in one place differ by language, kind and format, so the best is chosen. For those in
/// several places nothing shows which one is right.
fn choose<'e>(world: &World<'_>, own: &'e [Edge]) -> Choice<'e> {
    let path = |edge: &Edge| {
        let folder = world.transcripts.get(edge.transcript as usize).map_or(NOTHING, |it| it.folder);
        world.transcript_folders.get(folder).map_or(0, |folder| folder.path)
    };
    match own {
        [only] => Choice::One(only),
        [first, rest @ ..] => {
            if rest.iter().any(|edge| path(edge) != path(first)) {
                return Choice::Tie(own.iter().collect());
            }
            // In order of choice.
            if rest.first().is_some_and(|second| second.choice == first.choice) {
                return Choice::Tie(own.iter().take_while(|edge| edge.choice == first.choice).collect());
            }
            Choice::One(first)
        }
        [] => Choice::Tie(Vec::new()),
    }
}
