//! Answers as they are kept: each subject and its answer in the form that postcard gives them, some 250 bytes, one after
//! the other. What is read is the answer that was put, equal in every field.

use super::{Observation, Subject, SubjectKind};
use crate::short::{expand, shorten};
use crate::stable;
use std::sync::Arc;

/// What stands before a name in an address.
const SCHEME: &str = "s3://";

/// Bytes of a block: with what an allocator adds, two pages.
const BLOCK: usize = 8176;

/// Bytes that few answers exceed.
const LIKELY: usize = 512;

/// A copy shares the blocks, and copies those that change.
#[derive(Clone, Debug, Default)]
pub(super) struct Packed {
    /// Ascending by hash.
    places: Vec<Place>,
    /// Entries without a gap: the key of a subject, whether the answer is from the cache, and the answer.
    blocks: Vec<Arc<Vec<u8>>>,
}

/// Where the entry of a subject with this hash begins.
#[derive(Clone, Copy, Debug)]
struct Place {
    hash: u32,
    block: u16,
    start: u16,
}

impl Observation {
    /// In a quarter of the bytes that JSON takes, with a checksum: to keep many on a disk.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.packed();
        bytes.extend(checksum(&bytes));
        bytes
    }

    /// Reads [`Observation::to_bytes`] of the same [`VERSION`](super::VERSION). None for other or damaged bytes.
    pub fn from_bytes(bytes: &[u8]) -> Option<Observation> {
        let (bytes, sum) = bytes.split_last_chunk()?;
        let (observation, length) = answer(bytes, 0).filter(|_| checksum(bytes) == *sum)?;
        (length == bytes.len()).then_some(observation)
    }

    fn packed(&self) -> Vec<u8> {
        // Plain data in a vector is always written.
        postcard::to_extend(&(self.cached, self), Vec::with_capacity(LIKELY)).unwrap_or_default()
    }
}

impl Packed {
    pub fn get(&self, hash: u32, subject: &Subject) -> Option<Observation> {
        let key = key(subject);
        let at = self.find(hash, &key).ok()?;
        Some(answer(self.entry(at), key.len())?.0)
    }

    pub fn has(&self, hash: u32, subject: &Subject) -> bool {
        self.find(hash, &key(subject)).is_ok()
    }

    pub fn iter(&self) -> impl Iterator<Item = (Subject, Observation)> {
        self.entries().filter_map(|entry| {
            let (subject, length) = subject(entry)?;
            Some((subject, answer(entry, length)?.0))
        })
    }

    pub fn subjects(&self) -> impl Iterator<Item = Subject> {
        self.entries().filter_map(|entry| Some(subject(entry)?.0))
    }

    /// Puts an answer, and returns the one that it replaces.
    pub fn put(&mut self, hash: u32, subject: &Subject, observation: &Observation) -> Option<Observation> {
        let key = key(subject);
        let answer = observation.packed();
        let (at, before) = match self.find(hash, &key) {
            Ok(at) => (at, self.take(at, key.len())),
            Err(at) => (at, None),
        };
        let length = key.len() + answer.len();
        // Where an answer was replaced there is most often room for the next.
        let freed = before.as_ref().map(|(_, block)| usize::from(*block));
        let fits = |at: &usize| self.blocks.get(*at).is_some_and(|block| block.len() + length <= BLOCK);
        let last = self.blocks.len().checked_sub(1);
        let block = freed.into_iter().chain(last).find(fits).unwrap_or(self.blocks.len());
        if block == self.blocks.len() {
            self.blocks.push(Arc::default());
        }
        if let Some(bytes) = self.blocks.get_mut(block).map(Arc::make_mut) {
            if bytes.capacity() - bytes.len() < length {
                bytes.reserve_exact(length.max((2 * bytes.len()).min(BLOCK) - bytes.len()));
            }
            let (block, start) = (block as u16, bytes.len() as u16);
            self.places.insert(at, Place { hash, block, start });
            bytes.extend_from_slice(&key);
            bytes.extend_from_slice(&answer);
        }
        before.map(|(observation, _)| observation)
    }

    /// Removes an entry and returns its answer, and the block in which it was.
    fn take(&mut self, at: usize, key: usize) -> Option<(Observation, u16)> {
        let (observation, length) = answer(self.entry(at), key)?;
        let Place { block, start, .. } = self.places.remove(at);
        let bytes = self.blocks.get_mut(usize::from(block)).map(Arc::make_mut)?;
        bytes.drain(usize::from(start)..usize::from(start) + length);
        for place in self.places.iter_mut().filter(|place| place.block == block && place.start > start) {
            place.start -= length as u16;
        }
        Some((observation, block))
    }

    /// The place of a subject, or the one it would have.
    fn find(&self, hash: u32, key: &[u8]) -> Result<usize, usize> {
        let first = self.places.partition_point(|known| known.hash < hash);
        let same = self.places.iter().enumerate().skip(first).take_while(|(_, known)| known.hash == hash);
        same.map(|(at, _)| at).find(|at| self.entry(*at).starts_with(key)).ok_or(first)
    }

    /// An entry, with what stands behind it in its block.
    fn entry(&self, at: usize) -> &[u8] {
        let bytes = self
            .places
            .get(at)
            .and_then(|place| self.blocks.get(usize::from(place.block))?.get(usize::from(place.start)..));
        bytes.unwrap_or_default()
    }

    fn entries(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.places.len()).map(|at| self.entry(at))
    }
}

fn checksum(bytes: &[u8]) -> [u8; 4] {
    (stable::hash(bytes.iter().copied()) as u32).to_le_bytes()
}

/// The answer of an entry, behind a key of some length, and the length of both.
fn answer(entry: &[u8], key: usize) -> Option<(Observation, usize)> {
    let ((cached, observation), rest) = postcard::take_from_bytes::<(bool, Observation)>(entry.get(key..)?).ok()?;
    Some((Observation { cached, ..observation }, entry.len() - rest.len()))
}

/// Kind, whether the name is an address, and the rest of the name: the same for no two subjects, and no beginning of
/// another.
fn key(subject: &Subject) -> Vec<u8> {
    let name = subject.name();
    let (is_address, name) = name.strip_prefix(SCHEME).map_or((false, name), |rest| (true, rest));
    postcard::to_allocvec(&(subject.kind(), is_address, &*shorten(name))).unwrap_or_default()
}

/// The subject of an entry, and the length of its key.
fn subject(entry: &[u8]) -> Option<(Subject, usize)> {
    let ((kind, is_address, name), rest) = postcard::take_from_bytes::<(SubjectKind, bool, &[u8])>(entry).ok()?;
    let name = expand(name)?;
    let name = if is_address { format!("{SCHEME}{name}") } else { name };
    Some((Subject { kind, name: name.into() }, entry.len() - rest.len()))
}

#[cfg(test)]
mod tests;
