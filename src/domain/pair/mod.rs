//! Pairs the transcripts and videos of a whole manifest by name.
//!
//! A wrong pair costs more than a missing one. So evidence is ordered and not summed: a veto outweighs any agreement,
//! the strongest claim is settled first, one transcript goes to one video, and a person decides ties. Folders are
//! matched before files. The result doesn't depend on the order of rows and keys.
//!
//! Nothing here asks the operator: [`run`] takes a snapshot and a list of keys and returns a [`Pairing`]. It stores
//! numbers; every sentence is written on demand.

mod answer;
mod compare;
mod evidence;
mod facts;
mod folders;
mod given;
mod hash;
mod join;
mod json;
mod loose;
mod pattern;
mod places;
mod reading;
mod result;
mod scheme;
mod settle;
mod shift;
mod sides;
mod standing;
mod tables;
mod weigh;
mod words;
mod world;

pub use compare::{Compared, Comparison, Verdict, compare};
pub use evidence::{Doubt, Likeness, Near};
pub use result::{Class, ClassCount, Mark, Overview, Pairing, Proposal, Question};
pub use scheme::Scheme;
pub use shift::Alarm;
pub use standing::{OfClass, Queue, Standing, Terms};
pub use tables::{Lack, Table, bucket_of, count_objects, matched};

use super::draft::Snapshot;
use super::evidence::Evidence;
use super::keys::{Given, KeyList};
use super::parallel;
use super::row_set::RowSet;
use std::sync::atomic::{AtomicBool, Ordering};

/// The preferred format of a transcript that exists in both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Prefer {
    #[default]
    Srt,
    Vtt,
}

/// What to pair, and what is known about it.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    pub snapshot: &'a Snapshot,
    pub keys: &'a KeyList,
    /// Pairs stated by a table, which take precedence over names.
    pub given: &'a [Given],
    /// Results of online checks: they can make a pair doubtful or break a tie, but never create a pair.
    pub evidence: Option<&'a Evidence>,
    pub prefer: Prefer,
    /// Only these rows get a proposal. The others still count: they keep their transcripts.
    pub rows: Option<&'a RowSet>,
}

impl<'a> Inputs<'a> {
    pub fn new(snapshot: &'a Snapshot, keys: &'a KeyList) -> Inputs<'a> {
        Inputs { snapshot, keys, given: &[], evidence: None, prefer: Prefer::Srt, rows: None }
    }
}

/// The phase of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Progress {
    Reading,
    Comparing,
    Spelling,
    Schemes,
    Done,
}

/// Proposes a transcript for every row without one. None if `stop` was set.
///
/// A million rows and a million keys take a few seconds on two cores.
pub fn run(inputs: &Inputs<'_>, progress: &dyn Fn(Progress), stop: &AtomicBool) -> Option<Pairing> {
    pair(inputs, false, progress, stop)
}

/// `as_empty`: treat filled rows as empty.
fn pair(inputs: &Inputs<'_>, as_empty: bool, progress: &dyn Fn(Progress), stop: &AtomicBool) -> Option<Pairing> {
    progress(Progress::Reading);
    let stated = given::Stated::of(inputs);
    let listed = inputs.keys.clone();
    let inputs = &Inputs { keys: &stated.keys, ..*inputs };
    let world = sides::read(inputs, as_empty, stop)?;
    let places = places::Places::new(&world);
    let mut state = settle::State::new(&world);
    progress(Progress::Comparing);
    let mut edges = join::edges(&world, &places, stop)?;
    let (given, origins) = stated.edges(&world);
    edges.extend(given);
    let mut edges = join::best_each(Vec::new(), edges);
    settle::share_claims(&world, &mut edges);
    state.settle(&world, &edges, evidence::PLAIN);
    progress(Progress::Spelling);
    let mut edges = join::best_each(edges, loose::edges(&world, &places, &state, stop)?);
    settle::share_claims(&world, &mut edges);
    state.settle(&world, &edges, evidence::SCHEMES);
    progress(Progress::Schemes);
    let mut edges = join::best_each(edges, scheme::edges(&world, &places, &state, stop)?);
    settle::share_claims(&world, &mut edges);
    state.settle(&world, &edges, u8::MAX);
    facts::weigh(&world, &mut edges, &mut state);
    if stop.load(Ordering::Relaxed) {
        return None;
    }
    let (schemes, alarms) =
        parallel::both(|| scheme::found(&world, &edges, &state), || shift::alarms(&world, &state, stop))?;
    let (shifted, alarms) = alarms?;
    progress(Progress::Done);
    let found = result::Found { edges, schemes, alarms, shifted, origins, listed };
    Pairing::new(&world, found, &state, stop)
}
