//! The result of a run: a proposal for each row, counts by class, and the open questions.

use super::evidence::{Doubt, Edge, Likeness, Near};
use super::given::{Origin, pair_number};
use super::hash::{ByHash, raw_hash};
use super::scheme::Scheme;
use super::settle::{State, Status};
use super::shift::Alarm;
use super::world::{NOTHING, Video, World};
use crate::draft::{Edit, Snapshot};
use crate::keys::KeyList;
use crate::manifest::RowId;
use crate::names::mix;
use crate::parallel::{self, Sorted};
use crate::s3_url::key;
use std::sync::OnceLock;
use std::sync::atomic::AtomicBool;

/// Rows that a thread works on at a time.
const CHUNK: usize = 4_096;

/// How certain a proposal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// The same name in the same place.
    Exact,
    /// The same name in another spelling.
    Normalised,
    /// Names with the same meaning.
    Likely,
    /// A person must decide.
    Ambiguous,
    /// Nothing fits.
    None,
}

impl Class {
    pub const ALL: [Class; 5] = [Class::Exact, Class::Normalised, Class::Likely, Class::Ambiguous, Class::None];

    pub const fn name(self) -> &'static str {
        match self {
            Class::Exact => "exact",
            Class::Normalised => "normalised",
            Class::Likely => "likely",
            Class::Ambiguous => "ambiguous",
            Class::None => "none",
        }
    }

    /// The class explained in a few words.
    pub const fn why(self) -> &'static str {
        match self {
            Class::Exact => "same name, same folder",
            Class::Normalised => "same name, other writing",
            Class::Likely => "words and numbers agree",
            Class::Ambiguous => "two fit, or a doubt",
            Class::None => "nothing fits",
        }
    }

    /// Its transcript may be taken without a decision.
    pub fn is_sure(self) -> bool {
        self <= Class::Likely
    }
}

/// Why a proposal of a sure class still needs a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mark {
    None,
    /// Without this transcript, another would be proposed.
    CloseSecond,
    /// A counter in the folder may be off by one.
    Shifted,
}

/// The proposal for a row without a transcript.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proposal {
    pub row: RowId,
    pub class: Class,
    pub mark: Mark,
    /// Index into the list of keys; only in a sure class.
    pub(super) transcript: u32,
    pub(super) video: u32,
    /// Index into [`Pairing::questions`].
    pub(super) question: u32,
}

impl Proposal {
    /// The proposed key, as an index into the list.
    pub fn transcript(&self) -> Option<u32> {
        (self.transcript != NOTHING).then_some(self.transcript)
    }

    /// May be taken without a decision.
    pub fn is_sure(&self) -> bool {
        self.class.is_sure() && self.mark == Mark::None
    }

    /// Index into [`Pairing::questions`]; None if there is no question.
    pub fn question(&self) -> Option<usize> {
        (self.question != NOTHING).then_some(self.question as usize)
    }
}

/// Rows of one class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClassCount {
    pub rows: u32,
    pub sure: u32,
    pub to_decide: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Overview {
    /// In the order of [`Class::ALL`].
    pub classes: [ClassCount; 5],
    /// Rows that get what a table states for them.
    pub given: u32,
    /// Keys that no row gets or may choose.
    pub unused: u32,
}

impl Overview {
    pub fn of(&self, class: Class) -> ClassCount {
        self.classes.get(class as usize).copied().unwrap_or_default()
    }

    pub fn sure(&self) -> u32 {
        self.classes.iter().map(|class| class.sure).sum()
    }

    pub fn to_decide(&self) -> u32 {
        self.classes.iter().map(|class| class.to_decide).sum()
    }

    pub fn nothing_fits(&self) -> u32 {
        self.of(Class::None).rows
    }
}

/// The same doubt about the same kind of candidates: one answer serves all its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Question {
    /// Equal in every run over the same names.
    pub key: u64,
    pub rows: u32,
    /// The first row with this question.
    pub first: RowId,
}

/// A video that a transcript fits, in the order in which they are looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Claim {
    pub transcript: u32,
    pub level: u8,
    pub video: u32,
}

/// What a run found.
pub(super) struct Found {
    pub edges: Vec<Edge>,
    pub schemes: Vec<Scheme>,
    pub alarms: Vec<Alarm>,
    /// Videos whose counter may be off by one, ascending.
    pub shifted: Vec<u32>,
    pub origins: ByHash<u64, Origin>,
    pub listed: KeyList,
}

/// The result of a run. Shares its snapshot and key list without copying.
#[derive(Clone, Debug)]
pub struct Pairing {
    pub(super) snapshot: Snapshot,
    pub(super) keys: KeyList,
    /// The keys in the lists. [`Pairing::keys`] has after them those that only a table names.
    listed: KeyList,
    /// The origin of each stated pair by its number.
    pub(super) origins: ByHash<u64, Origin>,
    pub(super) videos: Vec<Video>,
    /// By video, best first.
    pub(super) edges: Vec<Edge>,
    starts: Vec<u32>,
    pub(super) taken: Vec<u32>,
    pub(super) used_by: ByHash<u32, RowId>,
    /// Who claims each transcript, and keys by file name: built when a sentence needs them.
    pub(super) claims: OnceLock<Vec<Claim>>,
    pub(super) by_name: OnceLock<Sorted>,
    proposals: Vec<Proposal>,
    questions: Vec<Question>,
    overview: Overview,
    schemes: Vec<Scheme>,
    alarms: Vec<Alarm>,
}

impl Pairing {
    /// None if `stop` was set.
    pub(super) fn new(world: &World<'_>, found: Found, state: &State, stop: &AtomicBool) -> Option<Pairing> {
        let Found { mut edges, schemes, alarms, shifted, origins, listed } = found;
        edges.chunk_by_mut(|a, b| a.video == b.video).for_each(|own| own.sort_unstable_by_key(Edge::order));
        let mut starts = Vec::with_capacity(world.videos.len() + 1);
        let mut at = 0;
        for id in 0..=world.videos.len() as u32 {
            at += edges.get(at..).unwrap_or_default().iter().take_while(|edge| edge.video < id).count();
            starts.push(at as u32);
        }
        let used_by =
            (0..).zip(&world.transcripts).filter(|(_, it)| it.used_by != NOTHING).map(|(id, it)| (id, it.used_by));
        let mut pairing = Pairing {
            snapshot: world.input.snapshot.clone(),
            keys: world.input.keys.clone(),
            listed,
            origins,
            videos: world.videos.clone(),
            edges,
            starts,
            taken: state.taken.clone(),
            used_by: used_by.collect(),
            claims: OnceLock::new(),
            by_name: OnceLock::new(),
            proposals: Vec::new(),
            questions: Vec::new(),
            overview: Overview::default(),
            schemes,
            alarms,
        };
        let wanted = |row| world.input.rows.is_none_or(|rows| rows.contains(row));
        let proposals = parallel::ranges(world.videos.len(), CHUNK, stop, |range| {
            let videos = range.filter_map(|id| Some((id as u32, world.videos.get(id)?)));
            let open = videos.filter(|(_, video)| !video.is_filled && wanted(video.row));
            open.map(|(id, video)| pairing.propose(id, video, state, &shifted)).collect::<Vec<_>>()
        })?;
        pairing.proposals = proposals.into_iter().flatten().collect();
        pairing.ask(stop)?;
        pairing.count(world.transcripts.iter().map(|transcript| transcript.is_double).collect());
        Some(pairing)
    }

    fn propose(&self, id: u32, video: &Video, state: &State, shifted: &[u32]) -> Proposal {
        let mut proposal = Proposal {
            row: video.row,
            class: Class::None,
            mark: Mark::None,
            transcript: NOTHING,
            video: id,
            question: NOTHING,
        };
        match state.status(id) {
            Status::Paired if state.pairs.get(id as usize).is_some_and(|pair| self.is_unlisted(*pair)) => {
                proposal.class = Class::Ambiguous;
            }
            Status::Paired => {
                let transcript = state.pairs.get(id as usize).copied().unwrap_or(NOTHING);
                if let Some(edge) = self.edges_of(id).iter().find(|edge| edge.transcript == transcript) {
                    proposal.class = class(edge);
                    proposal.transcript = transcript;
                    // Without the transcript that a table states, a person would decide.
                    if edge.likeness == Likeness::Given {
                        proposal.mark = Mark::None;
                    } else if self.second(id, edge).is_some() {
                        proposal.mark = Mark::CloseSecond;
                    } else if shifted.binary_search(&id).is_ok() {
                        proposal.mark = Mark::Shifted;
                    }
                }
            }
            Status::Tied => proposal.class = Class::Ambiguous,
            Status::Open if self.candidates(id).next().is_some() => proposal.class = Class::Ambiguous,
            Status::Open | Status::Lost => {}
        }
        proposal
    }

    /// The edges of a video, best first.
    pub(super) fn edges_of(&self, video: u32) -> &[Edge] {
        let at = |index: usize| self.starts.get(index).map_or(0, |start| *start as usize);
        self.edges.get(at(video as usize)..at(video as usize + 1)).unwrap_or_default()
    }

    /// Edges to transcripts not taken by another video.
    pub(super) fn candidates(&self, video: u32) -> impl Iterator<Item = &Edge> {
        let is_open = move |edge: &&Edge| {
            self.taken.get(edge.transcript as usize).is_none_or(|owner| *owner == NOTHING || *owner == video)
        };
        self.edges_of(video).iter().filter(is_open)
    }

    /// The proposal if this transcript were missing. Other formats, kinds and languages of the same one don't count.
    pub(super) fn second(&self, video: u32, pair: &Edge) -> Option<&Edge> {
        self.candidates(video).find(|edge| {
            edge.transcript != pair.transcript
                && edge.doubt == Doubt::None
                && !self.is_twin(edge.transcript, pair.transcript)
        })
    }

    /// The same name in the same folder except for its end.
    pub(super) fn is_twin(&self, a: u32, b: u32) -> bool {
        let key = |index| self.keys.name(index).map_or("", |(_, key)| key);
        let name = |index| {
            let text = crate::names::clean(key::stem(key(index)));
            let tokens = crate::names::Tokens::of(&text);
            let mut least = 0;
            crate::names::ends::of_transcript(&text, &tokens, &mut |cut| {
                if cut.step <= crate::names::Step::Tags {
                    least = cut.hash(&tokens);
                }
            });
            least
        };
        key::folder(key(a)) == key::folder(key(b)) && name(a) == name(b)
    }

    /// Groups the open decisions. None if `stop` was set.
    fn ask(&mut self, stop: &AtomicBool) -> Option<()> {
        let keyed = parallel::ranges(self.proposals.len(), CHUNK, stop, |range| {
            let proposals = range.filter_map(|at| Some((at as u32, self.proposals.get(at)?)));
            let asking = proposals.filter(|(_, it)| it.class == Class::Ambiguous || it.mark != Mark::None);
            asking.map(|(at, proposal)| (self.question_key(proposal), at)).collect::<Vec<_>>()
        })?;
        let mut keyed: Vec<(u64, u32)> = keyed.into_iter().flatten().collect();
        keyed.sort_unstable();
        let mut questions: Vec<(Question, &[(u64, u32)])> = keyed
            .chunk_by(|a, b| a.0 == b.0)
            .filter_map(|group| {
                let (key, at) = *group.first()?;
                let first = self.proposals.get(at as usize)?.row;
                Some((Question { key, rows: group.len() as u32, first }, group))
            })
            .collect();
        questions.sort_by_key(|(question, _)| (std::cmp::Reverse(question.rows), question.first));
        for (number, (_, group)) in (0..).zip(&questions) {
            for (_, at) in *group {
                if let Some(proposal) = self.proposals.get_mut(*at as usize) {
                    proposal.question = number;
                }
            }
        }
        self.questions = questions.into_iter().map(|(question, _)| question).collect();
        Some(())
    }

    /// `doubles`: keys that occur earlier in the list.
    fn count(&mut self, doubles: Vec<bool>) {
        let is_given = |it: &&Proposal| self.origins.contains_key(&pair_number(it.video, it.transcript));
        let given = self.proposals.iter().filter(is_given).count() as u32;
        let mut overview = Overview { given, ..Overview::default() };
        for proposal in &self.proposals {
            if let Some(class) = overview.classes.get_mut(proposal.class as usize) {
                class.rows += 1;
                class.sure += u32::from(proposal.is_sure());
                class.to_decide += u32::from(proposal.question != NOTHING);
            }
        }
        let mut wanted = doubles;
        for edge in &self.edges {
            if let Some(wanted) = wanted.get_mut(edge.transcript as usize) {
                *wanted = true;
            }
        }
        overview.unused = wanted.iter().filter(|wanted| !**wanted).count() as u32;
        self.overview = overview;
    }

    pub fn overview(&self) -> &Overview {
        &self.overview
    }

    /// The row a key is proposed for.
    pub fn owner(&self, key: u32) -> Option<RowId> {
        let video = self.taken.get(key as usize).filter(|video| **video != NOTHING)?;
        self.videos.get(*video as usize).map(|video| video.row)
    }

    /// Schemes of whole folders, most rows first.
    pub fn schemes(&self) -> &[Scheme] {
        &self.schemes
    }

    /// Folders with a counter that may be off by one.
    pub fn alarms(&self) -> &[Alarm] {
        &self.alarms
    }

    /// Rows with a close second candidate.
    pub fn close_seconds(&self) -> u32 {
        self.proposals.iter().filter(|proposal| proposal.mark == Mark::CloseSecond).count() as u32
    }

    /// In row order.
    pub fn proposals(&self) -> &[Proposal] {
        &self.proposals
    }

    /// None for a row that has a transcript.
    pub fn of_row(&self, row: RowId) -> Option<&Proposal> {
        let at = self.proposals.binary_search_by_key(&row, |proposal| proposal.row).ok()?;
        self.proposals.get(at)
    }

    /// The open questions, most rows first.
    pub fn questions(&self) -> &[Question] {
        &self.questions
    }

    /// The rows with a question, in file order.
    pub fn rows_asking(&self, question: usize) -> impl Iterator<Item = &Proposal> {
        self.proposals.iter().filter(move |proposal| proposal.question() == Some(question))
    }

    /// The proposals of a class, in file order.
    pub fn of_class(&self, class: Class) -> impl Iterator<Item = &Proposal> {
        self.proposals.iter().filter(move |proposal| proposal.class == class)
    }

    /// The first, middle and last proposal of a class.
    pub fn samples(&self, class: Class) -> Vec<&Proposal> {
        let all = self.overview.of(class).rows as usize;
        let mut wanted = vec![0, all / 2, all.saturating_sub(1)];
        wanted.dedup();
        self.of_class(class).enumerate().filter(|(at, _)| wanted.contains(at)).map(|(_, proposal)| proposal).collect()
    }

    /// The list that was paired: [`Pairing::keys`] without those that only a table names.
    pub fn listed(&self) -> &KeyList {
        &self.listed
    }

    pub(super) fn is_unlisted(&self, key: u32) -> bool {
        key >= self.listed.len()
    }

    /// The key list that proposals refer to.
    pub fn keys(&self) -> &KeyList {
        &self.keys
    }

    /// The snapshot that was paired.
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// `s3://bucket/key` of a key of the list.
    pub fn url(&self, key: u32) -> String {
        self.keys.name(key).map_or_else(String::new, |(bucket, key)| format!("s3://{bucket}/{key}"))
    }

    /// Other candidates for the row, best first, as indexes into the list; for an undecided row all its candidates.
    pub fn alternatives(&self, proposal: &Proposal) -> Vec<u32> {
        let mut found: Vec<&Edge> =
            self.candidates(proposal.video).filter(|edge| edge.transcript != proposal.transcript).collect();
        // Equal ones by name, so the order doesn't depend on the list's.
        let name = |edge: &&Edge| self.keys.name(edge.transcript);
        found.sort_by(|a, b| {
            (a.doubt != Doubt::None, a.level, a.choice, name(a)).cmp(&(
                b.doubt != Doubt::None,
                b.level,
                b.choice,
                name(b),
            ))
        });
        found.into_iter().map(|edge| edge.transcript).collect()
    }

    /// One undo step that gives every sure row of these classes its transcript. None if there is none.
    pub fn edit(&self, classes: &[Class]) -> Option<Edit> {
        self.take(classes, None, &self.snapshot)
    }

    /// Stable across runs: the doubt, and how the candidates differ.
    fn question_key(&self, proposal: &Proposal) -> u64 {
        let mut parts: Vec<u64> = self.question_parts(proposal).iter().map(|part| raw_hash(&[part])).collect();
        parts.sort_unstable();
        parts.iter().fold(1, |key, part| mix(key ^ part))
    }
}

/// The class of an undoubted pair.
pub(super) fn class(edge: &Edge) -> Class {
    match edge.likeness {
        likeness if likeness >= Likeness::Version || edge.near == Near::Unrelated || edge.fits_alone => Class::Likely,
        Likeness::Given | Likeness::Exact => Class::Exact,
        _ => Class::Normalised,
    }
}
