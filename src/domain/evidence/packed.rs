//! Answers as they are kept: each subject and its answer in the form that postcard gives them, some 250 bytes, one after
//! the other. What is read is the answer that was put, equal in every field.

use super::{Observation, Subject, SubjectKind};
use crate::short::{expand, shorten};

/// What stands before a name in an address.
const SCHEME: &str = "s3://";

#[derive(Clone, Debug, Default)]
pub(super) struct Packed {
    /// The hash of each subject and where its entry begins, ascending by hash.
    places: Vec<(u32, u32)>,
    /// An entry is the key of the subject, and then whether the answer is from the cache, and the answer.
    bytes: Vec<u8>,
}

impl Packed {
    pub fn get(&self, hash: u32, subject: &Subject) -> Option<Observation> {
        let key = key(subject);
        let at = self.find(hash, &key).ok()?;
        Some(self.answer(at, key.len())?.0)
    }

    pub fn has(&self, hash: u32, subject: &Subject) -> bool {
        self.find(hash, &key(subject)).is_ok()
    }

    pub fn iter(&self) -> impl Iterator<Item = (Subject, Observation)> {
        (0..self.places.len()).filter_map(|at| {
            let (subject, length) = subject(self.entry(at))?;
            Some((subject, self.answer(at, length)?.0))
        })
    }

    pub fn subjects(&self) -> impl Iterator<Item = Subject> {
        (0..self.places.len()).filter_map(|at| Some(subject(self.entry(at))?.0))
    }

    /// Puts an answer, and returns the one that it replaces.
    pub fn put(&mut self, hash: u32, subject: &Subject, observation: &Observation) -> Option<Observation> {
        let key = key(subject);
        // Plain data in a vector is always written.
        let answer = postcard::to_allocvec(&(observation.cached, observation)).unwrap_or_default();
        let (at, before) = match self.find(hash, &key) {
            Ok(at) => (at, self.take(at, key.len())),
            Err(at) => (at, None),
        };
        let length = key.len() + answer.len();
        if self.bytes.capacity() - self.bytes.len() < length {
            // Doubling would leave a quarter of the memory unused.
            self.bytes.reserve_exact(length + self.bytes.len() / 16);
        }
        self.places.insert(at, (hash, u32::try_from(self.bytes.len()).unwrap_or(u32::MAX)));
        self.bytes.extend_from_slice(&key);
        self.bytes.extend_from_slice(&answer);
        before
    }

    /// Removes an entry and returns its answer.
    fn take(&mut self, at: usize, key: usize) -> Option<Observation> {
        let (observation, answer) = self.answer(at, key)?;
        let (_, start) = self.places.remove(at);
        let length = key + answer;
        self.bytes.drain(start as usize..start as usize + length);
        for (_, other) in self.places.iter_mut().filter(|(_, other)| *other > start) {
            *other -= length as u32;
        }
        Some(observation)
    }

    /// The place of a subject, or the one it would have.
    fn find(&self, hash: u32, key: &[u8]) -> Result<usize, usize> {
        let first = self.places.partition_point(|(known, _)| *known < hash);
        let same = self.places.iter().enumerate().skip(first).take_while(|(_, (known, _))| *known == hash);
        same.map(|(at, _)| at).find(|at| self.entry(*at).starts_with(key)).ok_or(first)
    }

    /// The bytes from an entry on.
    fn entry(&self, at: usize) -> &[u8] {
        let start = self.places.get(at).map_or(usize::MAX, |(_, start)| *start as usize);
        self.bytes.get(start..).unwrap_or_default()
    }

    /// The answer of an entry, behind a key of some length, and its own length.
    fn answer(&self, at: usize, key: usize) -> Option<(Observation, usize)> {
        let bytes = self.entry(at).get(key..)?;
        let ((cached, observation), rest) = postcard::take_from_bytes::<(bool, Observation)>(bytes).ok()?;
        Some((Observation { cached, ..observation }, bytes.len() - rest.len()))
    }
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
