//! Where two transcripts differ beyond the first cues, which is all that is kept of every answer. The two in sight are read
//! once more, one pair at a time, and only their first difference is kept.

use super::online::STILL_MS;
use super::{Changed, Done, Env, Session};
use crate::app::effect::Effect;
use crate::app::jobs::Task;
use crate::app::msg::JobId;
use crate::domain::evidence::{Fact, Object, Subject};
use crate::domain::subtitle::{Difference, Inspected};
use std::collections::VecDeque;

/// Pairs whose difference is remembered.
const KEPT: usize = 32;

#[derive(Debug, Default)]
pub struct Cues {
    /// The pair that is asked about.
    asked: Option<[Subject; 2]>,
    told: VecDeque<Told>,
}

#[derive(Debug)]
struct Told {
    pair: [Subject; 2],
    difference: Result<Difference, String>,
}

impl Cues {
    pub fn of(&self, pair: &[Subject; 2]) -> Option<Result<&Difference, &str>> {
        let told = self.told.iter().find(|told| told.pair == *pair)?;
        Some(told.difference.as_ref().map_err(String::as_str))
    }

    /// Whether a pair is being read.
    pub fn reads(&self, pair: &[Subject; 2]) -> bool {
        self.asked.as_ref() == Some(pair)
    }

    /// There is a new answer about a transcript.
    pub fn forget(&mut self, subject: &Subject) {
        self.told.retain(|told| !told.pair.contains(subject));
    }

    /// The comparison ended without an answer.
    pub fn failed(&mut self) {
        let why = || Err("it could not be compared".to_owned());
        self.told.extend(self.asked.take().map(|pair| Told { pair, difference: why() }));
    }
}

impl Session {
    /// Asks about the pair in sight if the first cues don't show how its two differ, and about no other.
    pub(super) fn compare_cues(&mut self, env: &mut Env<'_>, pair: Option<[Subject; 2]>) -> Done {
        let regions = pair.as_ref().filter(|_| !env.options.offline).and_then(|pair| self.alike_so_far(pair));
        let wanted = pair.filter(|_| regions.is_some());
        if self.cues.asked == wanted {
            return Done::nothing();
        }
        let mut effects: Vec<Effect> = env.jobs.end(Task::Cues).into_iter().collect();
        self.cues.asked.clone_from(&wanted);
        if let (Some(pair), Some(regions)) = (wanted, regions) {
            let job = env.jobs.begin(Task::Cues, &mut effects);
            effects.push(Effect::CompareCues { job, pair, regions, after_ms: STILL_MS });
        }
        Done::effects(effects)
    }

    /// The regions of two transcripts that may differ after their first cues, as far as is known.
    fn alike_so_far(&self, pair: &[Subject; 2]) -> Option<[Option<Box<str>>; 2]> {
        let [one, two] = pair.each_ref().map(|subject| self.read(subject));
        let (one, two) = (one?, two?);
        let (a, b) = (one.found()?, two.found()?);
        let (Inspected::Subtitles(first), Inspected::Subtitles(second)) = (&a.what, &b.what) else { return None };
        let is_open = !a.has_bytes_of(b) && first.opening_differs(second).is_none();
        (is_open && self.cues.of(pair).is_none()).then_some([one.region, two.region])
    }

    fn read(&self, subject: &Subject) -> Option<Object<Inspected>> {
        match self.findings.as_ref()?.evidence().get(subject)?.fact {
            Fact::Transcript(object) => Some(object),
            _ => None,
        }
    }

    pub fn cues_compared(&mut self, env: &mut Env<'_>, job: JobId, difference: Result<Difference, String>) -> Done {
        if env.jobs.finish(Task::Cues, job)
            && let Some(pair) = self.cues.asked.take()
        {
            self.cues.told.push_back(Told { pair, difference });
            self.cues.told.drain(..self.cues.told.len().saturating_sub(KEPT));
        }
        Done::changed(Changed::NOTHING)
    }
}
