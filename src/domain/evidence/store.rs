//! All answers, by kind and name. A copy is cheap and immutable: a new answer copies only a small part of the whole.

use super::{Observation, Subject, SubjectKind};
use crate::limits::Limits;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

/// Number of copy-on-write parts: a million subjects make parts of about a thousand, and copying one takes
/// microseconds.
const PARTS: usize = 1024;

type Part = HashMap<Subject, Arc<Observation>>;

/// The answers, and the limits they are measured against.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// Empty until the first answer.
    parts: Vec<Arc<Part>>,
    keys: RandomState,
    len: usize,
    between: Option<(i64, i64)>,
    limits: Limits,
}

impl Default for Evidence {
    fn default() -> Self {
        Evidence::new(Limits::default())
    }
}

impl Evidence {
    pub fn new(limits: Limits) -> Evidence {
        Evidence { parts: Vec::new(), keys: RandomState::new(), len: 0, between: None, limits }
    }

    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Number of subjects with an answer.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Times of the oldest and newest answer, in Unix milliseconds.
    pub fn between(&self) -> Option<(i64, i64)> {
        self.between
    }

    pub fn get(&self, subject: &Subject) -> Option<&Arc<Observation>> {
        self.parts.get(self.part(subject))?.get(subject)
    }

    /// Every answer, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (&Subject, &Observation)> {
        self.parts.iter().flat_map(|part| part.iter()).map(|(subject, observation)| (subject, observation.as_ref()))
    }

    /// The answer about the subject a field's text names. None also if the text can't be checked online.
    pub fn about(&self, kind: SubjectKind, text: &str) -> Option<&Observation> {
        if self.is_empty() {
            return None;
        }
        self.get(&Subject::of(kind, text)?).map(Arc::as_ref)
    }

    /// Stores an answer unless a later one is there already.
    pub fn observe(&mut self, subject: Subject, observation: Arc<Observation>) {
        if self.parts.is_empty() {
            self.parts.resize_with(PARTS, Arc::default);
        }
        let at = observation.at_ms;
        let (oldest, newest) = self.between.unwrap_or((at, at));
        self.between = Some((oldest.min(at), newest.max(at)));
        let part = self.part(&subject);
        if let Some(part) = self.parts.get_mut(part)
            && Arc::make_mut(part).insert(subject, observation).is_none()
        {
            self.len += 1;
        }
    }

    fn part(&self, subject: &Subject) -> usize {
        (self.keys.hash_one(subject) % PARTS as u64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subtitle::{Fault, Transcript};

    /// A session may hold a million of each.
    #[test]
    fn what_is_held_for_each_subject_is_small() {
        assert!(size_of::<(Subject, Arc<Observation>)>() <= 32);
        assert!(size_of::<Observation>() <= 96);
        assert!(size_of::<Transcript>() <= 144);
        assert!(size_of::<Fault>() <= 20);
    }
}
