//! All answers, by kind and name. A copy is cheap and immutable: a new answer copies only a small part of the whole.

use super::packed::Packed;
use super::{Observation, Subject, SubjectKind};
use crate::limits::Limits;
use crate::printable::printable;
use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

/// Number of copy-on-write parts: a million answers make parts of about a thousand, and a new one copies few pages.
const PARTS: usize = 1024;

/// The answers, and the limits they are measured against.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// Empty until the first answer.
    parts: Vec<Arc<Packed>>,
    keys: RandomState,
    len: usize,
    between: Option<(i64, i64)>,
    /// For how many subjects something could not be told, and why.
    untold: BTreeMap<(SubjectKind, String), u64>,
    limits: Limits,
}

/// How many, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Untold<'a> {
    pub count: u64,
    /// The reason of most.
    most: Option<&'a str>,
    /// Reasons besides that.
    others: usize,
}

impl Untold<'_> {
    /// `connection refused`, `connection refused and 2 other reasons`; None where everything was told.
    pub fn why(&self) -> Option<String> {
        let most = printable(self.most?);
        Some(match self.others {
            0 => most.into_owned(),
            1 => format!("{most} and another reason"),
            others => format!("{most} and {others} other reasons"),
        })
    }
}

impl Default for Evidence {
    fn default() -> Self {
        Evidence::new(Limits::default())
    }
}

impl Evidence {
    pub fn new(limits: Limits) -> Evidence {
        Evidence { parts: Vec::new(), keys: RandomState::new(), len: 0, between: None, untold: BTreeMap::new(), limits }
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

    pub fn get(&self, subject: &Subject) -> Option<Observation> {
        let (part, hash) = self.place(subject);
        self.parts.get(part)?.get(hash, subject)
    }

    /// Whether there is an answer.
    pub fn has(&self, subject: &Subject) -> bool {
        let (part, hash) = self.place(subject);
        self.parts.get(part).is_some_and(|part| part.has(hash, subject))
    }

    /// Every subject with an answer, in no order.
    pub fn subjects(&self) -> impl Iterator<Item = Subject> {
        self.parts.iter().flat_map(|part| part.subjects())
    }

    /// Every answer, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (Subject, Observation)> {
        self.parts.iter().flat_map(|part| part.iter())
    }

    /// The answer about the subject a field's text names. None also if the text can't be checked online.
    pub fn about(&self, kind: SubjectKind, text: &str) -> Option<Observation> {
        if self.is_empty() {
            return None;
        }
        self.get(&Subject::of(kind, text)?)
    }

    /// Stores an answer in place of an earlier one.
    pub fn observe(&mut self, subject: &Subject, observation: &Observation) {
        if self.parts.is_empty() {
            self.parts = vec![Arc::default(); PARTS];
        }
        let at = observation.at_ms;
        let (oldest, newest) = self.between.unwrap_or((at, at));
        self.between = Some((oldest.min(at), newest.max(at)));
        let ((part, hash), kind) = (self.place(subject), subject.kind());
        let Some(part) = self.parts.get_mut(part) else { return };
        if let Some(why) = observation.untold() {
            *self.untold.entry((kind, why)).or_default() += 1;
        }
        match Arc::make_mut(part).put(hash, subject, observation) {
            None => self.len += 1,
            Some(before) => {
                let key = before.untold().map(|why| (kind, why));
                if let Some(count) = key.as_ref().and_then(|key| self.untold.get_mut(key)) {
                    *count -= 1;
                }
                self.untold.retain(|_, count| *count > 0);
            }
        }
    }

    /// Subjects of which something could not be told, whether nothing was or only a part. Private videos are none.
    pub fn untold(&self, of: impl Fn(SubjectKind) -> bool) -> Untold<'_> {
        let mut whys: BTreeMap<&str, u64> = BTreeMap::new();
        for ((_, why), count) in self.untold.iter().filter(|((kind, _), _)| of(*kind)) {
            *whys.entry(why).or_default() += count;
        }
        let most = whys.iter().max_by_key(|(_, count)| **count).map(|(why, _)| *why);
        Untold { count: whys.values().sum(), most, others: whys.len().saturating_sub(1) }
    }

    /// The part that keeps a subject, and its hash there.
    fn place(&self, subject: &Subject) -> (usize, u32) {
        let hash = self.keys.hash_one(subject);
        ((hash % PARTS as u64) as usize, (hash >> 32) as u32)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that can't go on fails by panicking")]

    use super::*;
    use crate::evidence::{Answer, Fact, Object, Unclear};

    #[test]
    fn what_could_not_be_told_is_counted_once_for_each_subject_with_its_reasons() {
        let refused = |why: &str| Answer::Unclear(Unclear::Unreachable(why.into()));
        let told = |answer| {
            let fact = Fact::Transcript(Object { region: None, signed: false, answer });
            Observation { at_ms: 1, requests: 1, cached: false, fact }
        };
        let subject = |name: &str| Subject::of(SubjectKind::Transcript, &format!("s3://acme/{name}.srt")).unwrap();
        let mut evidence = Evidence::default();
        let all = |evidence: &Evidence| {
            let untold = evidence.untold(|_| true);
            (untold.count, untold.why())
        };
        assert_eq!(all(&evidence), (0, None));
        for name in ["a", "b", "a"] {
            evidence.observe(&subject(name), &told(refused("connection refused")));
        }
        assert_eq!(all(&evidence), (2, Some("no connection, connection refused".into())));
        evidence.observe(&subject("c"), &told(refused("timed out")));
        assert_eq!(all(&evidence), (3, Some("no connection, connection refused and another reason".into())));
        assert_eq!(evidence.untold(|kind| kind == SubjectKind::Video).count, 0);
        for name in ["a", "b", "c"] {
            evidence.observe(&subject(name), &told(Answer::Empty));
        }
        assert_eq!(all(&evidence), (0, None), "asked again, and answered");
    }
}
