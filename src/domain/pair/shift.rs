//! Detects counters that are off by one: if one side has an extra number at its start and the other at its end, every
//! pair between them may belong to its neighbour.

use super::hash::ByHash;
use super::loose::CHUNK;
use super::settle::{State, Status};
use super::world::{NOTHING, World};
use crate::manifest::RowId;
use crate::names::{Tokens, clean, ends, joined, mix};
use crate::parallel;
use crate::s3_url::key;
use std::sync::atomic::AtomicBool;

/// A counter needs at least this many pairs.
const FEWEST: usize = 3;

/// A folder with a counter that may be off by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alarm {
    /// The doubtful pairs.
    pub rows: u32,
    /// The unpaired row at one end.
    pub row: RowId,
    /// The unused key at the other end, as an index into the list.
    pub left: u32,
}

/// The only counter of a name: a hash of the rest, and its value.
fn counter(name: &str, is_transcript: bool) -> Option<(u64, u64)> {
    let text = clean(key::stem(name));
    let tokens = Tokens::of(&text);
    let mut end = tokens.len();
    if is_transcript {
        ends::of_transcript(&text, &tokens, &mut |cut| {
            if cut.from == 0 {
                end = cut.to;
            }
        });
    }
    let kept = tokens.get(..end)?;
    let at = kept.iter().rposition(|token| token.is_number() && token.letters <= 5)?;
    let (before, rest) = kept.split_at_checked(at)?;
    let (number, after) = rest.split_first()?;
    Some((mix(joined(before)) ^ joined(after), number.hash))
}

/// Names in one folder with the same counter.
#[derive(Default)]
struct Counter {
    /// (number, video, folder of its transcript).
    paired: Vec<(u64, u32, u32)>,
    open: Vec<(u64, u32)>,
}

/// The videos whose pairs may be off by one, ascending, and the alarms. None if `stop` was set.
pub(super) fn alarms(world: &World<'_>, state: &State, stop: &AtomicBool) -> Option<(Vec<u32>, Vec<Alarm>)> {
    // Only folders with one or two unpaired videos can be off by one, so only their names are read.
    let mut left_over = vec![(0_u32, 0_u32); world.video_folders.iter().len()];
    for (id, video) in (0..).zip(&world.videos) {
        if let Some((open, paired)) = left_over.get_mut(video.folder as usize) {
            *open += u32::from(state.status(id) == Status::Open);
            *paired += u32::from(state.status(id) == Status::Paired);
        }
    }
    let is_wanted = |folder: u32| {
        let counts = left_over.get(folder as usize);
        counts.is_some_and(|(open, paired)| (1..=2).contains(open) && *paired as usize >= FEWEST)
    };
    let videos = parallel::ranges(world.videos.len(), CHUNK, stop, |range| {
        let wanted = range.filter_map(|id| Some((id as u32, world.videos.get(id)?.folder)));
        let wanted = wanted.filter(|(_, folder)| is_wanted(*folder));
        wanted.filter_map(|(id, folder)| Some((id, folder, counter(world.video_key(id), false)?))).collect::<Vec<_>>()
    })?;
    let mut counters: ByHash<u64, Counter> = ByHash::default();
    let mut wanted: ByHash<u32, ()> = ByHash::default();
    for (id, folder, (rest, number)) in videos.into_iter().flatten() {
        let own = counters.entry(mix(rest) ^ u64::from(folder)).or_default();
        match state.pairs.get(id as usize).filter(|pair| **pair != NOTHING) {
            Some(pair) => {
                let folder = world.transcripts.get(*pair as usize).map_or(NOTHING, |it| it.folder);
                wanted.insert(folder, ());
                own.paired.push((number, id, folder));
            }
            None if state.status(id) == Status::Open => own.open.push((number, id)),
            None => {}
        }
    }
    // Unused keys in the folders of the pairs, by their name without the number.
    let mut free: ByHash<u64, Vec<(u64, u32)>> = ByHash::default();
    let unused = parallel::ranges(world.transcripts.len(), CHUNK, stop, |range| {
        let unused = range.map(|id| id as u32).filter(|id| state.is_free(*id));
        let folders = unused.filter_map(|id| Some((id, world.transcripts.get(id as usize)?.folder)));
        let own = folders.filter(|(_, folder)| wanted.contains_key(folder));
        own.filter_map(|(id, folder)| Some((id, folder, counter(world.transcript_key(id), true)?))).collect::<Vec<_>>()
    })?;
    for (id, folder, (rest, number)) in unused.into_iter().flatten() {
        free.entry(mix(rest) ^ u64::from(folder)).or_default().push((number, id));
    }
    let (mut shifted, mut alarms) = (Vec::new(), Vec::new());
    for mut own in counters.into_values() {
        own.paired.sort_unstable();
        let (Some(first), Some(last), [(open, video)]) = (own.paired.first(), own.paired.last(), own.open.as_slice())
        else {
            continue;
        };
        let is_run = own.paired.len() >= FEWEST && last.0 - first.0 + 1 == own.paired.len() as u64;
        let is_one_folder = own.paired.iter().all(|(_, _, folder)| *folder == first.2);
        let Some(pair) = state.pairs.get(first.1 as usize).filter(|_| is_run && is_one_folder) else { continue };
        let Some((rest, _)) = counter(world.transcript_key(*pair), true) else { continue };
        let Some([(left, id)]) = free.get(&(mix(rest) ^ u64::from(first.2))).map(Vec::as_slice) else { continue };
        let is_shifted = (open + 1 == first.0 && *left == last.0 + 1) || (*open == last.0 + 1 && left + 1 == first.0);
        if is_shifted {
            shifted.extend(own.paired.iter().map(|(_, video, _)| *video));
            let row = world.videos.get(*video as usize).map_or(0, |video| video.row);
            alarms.push(Alarm { rows: own.paired.len() as u32, row, left: *id });
        }
    }
    shifted.sort_unstable();
    alarms.sort_unstable_by_key(|alarm| (std::cmp::Reverse(alarm.rows), alarm.row));
    Some((shifted, alarms))
}
