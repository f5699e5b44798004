//! When the next row may go: at most a few at once, waiting where the limit is used up, holding where going on would
//! only do harm. A state machine: events in, actions out.

use super::{Halt, RowEnd, Stop};
use crate::outcome::Outcome;
use std::collections::BTreeSet;

/// Most rows under way.
pub const AT_ONCE: usize = 4;
/// After this many rows in a row without a clear answer nothing more goes by itself.
const SILENT: u32 = 5;
/// Waits in milliseconds: at least, also where the limit is told to be over; the first if no time is told; the longest.
const LEAST_WAIT: i64 = 1000;
const FIRST_WAIT: i64 = 2 * 60 * 1000;
const LONGEST_WAIT: i64 = 15 * 60 * 1000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// Begin, or go on after a hold.
    GoOn,
    /// The operator pauses.
    Pause,
    /// The operator ends it after the rows under way.
    End,
    /// The operator doesn't wait for the rows under way.
    Abandon,
    /// A row came back. `is_silent`: see [`RowEnd::is_silent`].
    Answered { place: u32, end: &'a RowEnd, is_silent: bool },
    /// Time passed.
    Tick,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Send this row, after its intent is recorded.
    Send(u32),
    /// Stop the rows under way.
    BreakOff,
}

/// Why nothing new goes until the operator says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// By the operator.
    Paused,
    /// Too many rows in a row without a clear answer.
    Silent(u32),
    /// The service refuses all rows.
    Stopped(Stop),
    /// For good: only the rows under way are waited for.
    Ending,
}

/// The limit is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// In Unix milliseconds.
    pub until_ms: i64,
    /// The service told the time; otherwise it is a guess.
    pub is_told: bool,
}

#[derive(Clone, Debug)]
pub struct Pace {
    not_sent: BTreeSet<u32>,
    under_way: BTreeSet<u32>,
    hold: Option<Hold>,
    wait: Option<Wait>,
    silent: u32,
    next_wait: i64,
    /// A limit may be told to be over at once, again and again.
    least_wait: i64,
}

impl Pace {
    /// Holds until [`Event::GoOn`].
    pub fn new(places: impl IntoIterator<Item = u32>) -> Pace {
        Pace {
            not_sent: places.into_iter().collect(),
            under_way: BTreeSet::new(),
            hold: Some(Hold::Paused),
            wait: None,
            silent: 0,
            next_wait: FIRST_WAIT,
            least_wait: LEAST_WAIT,
        }
    }

    pub fn on(&mut self, event: Event<'_>, now_ms: i64) -> Vec<Action> {
        match event {
            Event::GoOn if self.hold == Some(Hold::Ending) => {}
            Event::GoOn => {
                self.hold = None;
                self.silent = 0;
            }
            // A reason that is worse than a pause stays.
            Event::Pause => self.hold = self.hold.or(Some(Hold::Paused)),
            Event::End => self.hold = Some(Hold::Ending),
            Event::Abandon => {
                self.hold = Some(Hold::Ending);
                return vec![Action::BreakOff];
            }
            Event::Answered { place, end, is_silent } => self.answered(place, end, is_silent, now_ms),
            Event::Tick => {}
        }
        self.wait = self.wait.filter(|wait| now_ms < wait.until_ms);
        let mut actions = Vec::new();
        while self.hold.is_none() && self.wait.is_none() && self.under_way.len() < AT_ONCE {
            let Some(place) = self.not_sent.pop_first() else { break };
            self.under_way.insert(place);
            actions.push(Action::Send(place));
        }
        actions
    }

    fn answered(&mut self, place: u32, end: &RowEnd, is_silent: bool, now_ms: i64) {
        if !self.under_way.remove(&place) {
            return;
        }
        if end.outcome == Outcome::NotSent {
            self.not_sent.insert(place);
        }
        self.silent = if is_silent { self.silent + 1 } else { 0 };
        match end.halt {
            Some(Halt::Stop(stop)) => self.hold_for(Hold::Stopped(stop)),
            Some(Halt::Limit(Some(told))) => {
                let told = i64::try_from(told.as_millis()).unwrap_or(i64::MAX);
                // Those that began together are told the same once.
                let is_first = self.wait.is_none_or(|wait| wait.until_ms <= now_ms);
                let least = if is_first { self.least_wait } else { 0 };
                self.wait_until(now_ms.saturating_add(told.max(least)));
                self.least_wait = (self.least_wait + least).min(LONGEST_WAIT);
            }
            // Those that began together are told the same once.
            Some(Halt::Limit(None)) if self.wait.is_none_or(|wait| wait.until_ms <= now_ms) => {
                self.wait = Some(Wait { until_ms: now_ms.saturating_add(self.next_wait), is_told: false });
                self.next_wait = (self.next_wait * 2).min(LONGEST_WAIT);
            }
            Some(Halt::Limit(None)) => {}
            None if is_silent => {}
            None => {
                self.next_wait = FIRST_WAIT;
                self.least_wait = LEAST_WAIT;
                // The next row would be refused.
                if let Some(reset_s) = end.quota.filter(|quota| quota.left == 0).and_then(|quota| quota.reset_s) {
                    self.wait_until(reset_s.saturating_mul(1000));
                }
            }
        }
        if self.silent >= SILENT {
            self.hold_for(Hold::Silent(self.silent));
        }
    }

    fn hold_for(&mut self, hold: Hold) {
        if self.hold != Some(Hold::Ending) {
            self.hold = Some(hold);
        }
    }

    fn wait_until(&mut self, until_ms: i64) {
        let told = self.wait.filter(|wait| wait.is_told).map_or(until_ms, |wait| wait.until_ms.max(until_ms));
        self.wait = Some(Wait { until_ms: told, is_told: true });
    }

    pub fn hold(&self) -> Option<Hold> {
        self.hold
    }

    /// The wait for the limit, if rows wait for it.
    pub fn wait(&self) -> Option<Wait> {
        self.wait.filter(|_| !self.not_sent.is_empty())
    }

    /// Rows that can go and have not.
    pub fn not_sent(&self) -> u64 {
        self.not_sent.len() as u64
    }

    pub fn under_way(&self) -> u64 {
        self.under_way.len() as u64
    }

    /// When [`Event::Tick`] is due.
    pub fn wakes_at(&self) -> Option<i64> {
        self.wait().filter(|_| self.hold.is_none()).map(|wait| wait.until_ms)
    }

    /// Nothing is under way and nothing will be, unless the operator says so.
    pub fn stands_still(&self) -> bool {
        self.under_way.is_empty() && (self.not_sent.is_empty() || self.hold.is_some())
    }

    /// Nothing is under way and nothing can be any more.
    pub fn is_over(&self) -> bool {
        self.under_way.is_empty() && (self.not_sent.is_empty() || self.hold == Some(Hold::Ending))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Quota;
    use super::*;
    use crate::outcome::About;
    use proptest::prelude::*;
    use std::collections::HashMap;
    use std::time::Duration;

    const NONE: [u32; 0] = [];

    fn end(outcome: Outcome) -> RowEnd {
        RowEnd { outcome, status: Some(201), code: None, message: None, task: None, quota: None, halt: None }
    }

    fn halted(halt: Halt) -> RowEnd {
        RowEnd { halt: Some(halt), ..end(Outcome::NotSent) }
    }

    fn sent(actions: &[Action]) -> Vec<u32> {
        let place = |action: &Action| if let Action::Send(place) = action { Some(*place) } else { None };
        actions.iter().filter_map(place).collect()
    }

    fn answer(pace: &mut Pace, place: u32, end: &RowEnd, now: i64) -> Vec<u32> {
        let is_silent = end.outcome == Outcome::Unknown;
        sent(&pace.on(Event::Answered { place, end, is_silent }, now))
    }

    fn begun(rows: u32) -> Pace {
        let mut pace = Pace::new(0..rows);
        assert_eq!(sent(&pace.on(Event::Tick, 0)), NONE, "nothing goes before somebody says so");
        assert_eq!(sent(&pace.on(Event::GoOn, 0)), (0..rows.min(4)).collect::<Vec<_>>());
        pace
    }

    #[test]
    fn at_most_four_rows_run_and_each_answer_starts_the_next() {
        let mut pace = begun(6);
        assert_eq!(answer(&mut pace, 2, &end(Outcome::Accepted), 1), [4]);
        assert_eq!(answer(&mut pace, 0, &end(Outcome::Refused), 2), [5]);
        for place in [1, 3, 4, 5] {
            assert!(!pace.is_over());
            assert_eq!(answer(&mut pace, place, &end(Outcome::Accepted), 3), NONE);
        }
        assert!(pace.is_over() && pace.stands_still());
    }

    #[test]
    fn rate_limited_row_is_sent_after_the_reset() {
        let mut pace = begun(6);
        let limit = halted(Halt::Limit(Some(Duration::from_secs(60))));
        for place in 0..4 {
            assert_eq!(answer(&mut pace, place, &limit, i64::from(place)), NONE);
        }
        assert_eq!((pace.not_sent(), pace.wakes_at()), (6, Some(60_003)));
        assert_eq!(sent(&pace.on(Event::GoOn, 59_000)), NONE, "space does not overrule the service");
        assert!(!pace.stands_still());
        assert_eq!(sent(&pace.on(Event::Tick, 60_003)), [0, 1, 2, 3]);
    }

    #[test]
    fn unknown_reset_wait_doubles_to_fifteen_minutes_until_an_answer() {
        let mut pace = begun(40);
        let limit = halted(Halt::Limit(None));
        let mut now = 0;
        let mut waits = Vec::new();
        for _ in 0..5 {
            for place in 0..4 {
                answer(&mut pace, place, &limit, now);
            }
            let until = pace.wait().unwrap();
            assert!(!until.is_told);
            waits.push((until.until_ms - now) / 60_000);
            now = until.until_ms;
            assert_eq!(sent(&pace.on(Event::Tick, now)), [0, 1, 2, 3]);
        }
        assert_eq!(waits, [2, 4, 8, 15, 15]);
        answer(&mut pace, 0, &end(Outcome::Accepted), now);
        answer(&mut pace, 1, &limit, now);
        assert_eq!(pace.wait().map(|wait| wait.until_ms - now), Some(120_000));
    }

    #[test]
    fn limit_that_is_over_at_once_again_and_again_makes_no_busy_loop() {
        let mut pace = begun(40);
        let limit = halted(Halt::Limit(Some(Duration::ZERO)));
        let (mut now, mut waits) = (0, Vec::new());
        for _ in 0..12 {
            for place in 0..4 {
                answer(&mut pace, place, &limit, now);
            }
            let until = pace.wait().unwrap().until_ms;
            waits.push((until - now) / 1000);
            now = until;
            assert_eq!(sent(&pace.on(Event::Tick, now)), [0, 1, 2, 3]);
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
        answer(&mut pace, 0, &end(Outcome::Accepted), now);
        answer(&mut pace, 1, &limit, now);
        assert_eq!(pace.wait().map(|wait| wait.until_ms - now), Some(1000));
    }

    #[test]
    fn exhausted_quota_makes_the_other_rows_wait() {
        let mut pace = begun(9);
        let quota = Some(Quota { left: 0, most: Some(50), reset_s: Some(100) });
        assert_eq!(answer(&mut pace, 0, &RowEnd { quota, ..end(Outcome::Accepted) }, 0), NONE);
        assert_eq!(pace.wait(), Some(Wait { until_ms: 100_000, is_told: true }));
        // A reset in the past says nothing.
        let mut pace = begun(9);
        assert_eq!(answer(&mut pace, 0, &RowEnd { quota, ..end(Outcome::Accepted) }, 100_000), [4]);
    }

    #[test]
    fn refused_key_stops_sending_until_resumed() {
        let mut pace = begun(9);
        let stop = Stop { status: 401, about: About::Key };
        assert_eq!(answer(&mut pace, 1, &halted(Halt::Stop(stop)), 0), NONE);
        assert_eq!(pace.hold(), Some(Hold::Stopped(stop)));
        for place in [0, 2, 3] {
            answer(&mut pace, place, &end(Outcome::Accepted), 0);
        }
        assert!(pace.stands_still() && !pace.is_over());
        assert_eq!(sent(&pace.on(Event::GoOn, 0)), [1, 4, 5, 6]);
    }

    #[test]
    fn five_rows_without_an_answer_pause_and_one_answer_between_them_does_not() {
        let mut pace = begun(40);
        let unknown = end(Outcome::Unknown);
        for place in [0, 1, 2, 3] {
            answer(&mut pace, place, &unknown, 0);
        }
        answer(&mut pace, 4, &end(Outcome::Accepted), 0);
        for place in [5, 6, 7, 8] {
            assert_eq!(pace.hold(), None);
            answer(&mut pace, place, &unknown, 0);
        }
        answer(&mut pace, 9, &unknown, 0);
        assert_eq!(pace.hold(), Some(Hold::Silent(5)));
        assert_eq!(sent(&pace.on(Event::GoOn, 0)), [13]);
        answer(&mut pace, 10, &unknown, 0);
        assert_eq!(pace.hold(), None, "it counts afresh");
    }

    #[test]
    fn stopping_waits_for_running_rows_and_is_final() {
        let mut pace = begun(9);
        assert_eq!(pace.on(Event::End, 0), []);
        for event in [Event::GoOn, Event::Pause, Event::Tick] {
            assert_eq!(pace.on(event, 0), []);
        }
        assert!(!pace.is_over());
        assert_eq!(pace.on(Event::Abandon, 0), [Action::BreakOff]);
        for place in 0..4 {
            answer(&mut pace, place, &end(Outcome::Unknown), 0);
        }
        assert_eq!((pace.is_over(), pace.not_sent()), (true, 5));
    }

    #[derive(Clone, Copy, Debug)]
    enum Step {
        Answer(usize, u8),
        Operator(u8),
        Later(i64),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            6 => (any::<usize>(), 0_u8..8).prop_map(|(which, what)| Step::Answer(which, what)),
            1 => (0_u8..4).prop_map(Step::Operator),
            1 => (0_i64..2_000_000).prop_map(Step::Later),
        ]
    }

    proptest! {
        /// Whatever comes: no row is under way twice, an accepted, refused or unknown one never goes again, none is
        /// lost, and no more than four go at once.
        #[test]
        fn no_row_is_sent_twice_and_none_is_lost(rows in 0_u32..30, steps in proptest::collection::vec(step(), 0..120)) {
            let mut pace = Pace::new(0..rows);
            let mut under_way: Vec<u32> = Vec::new();
            let mut done: HashMap<u32, Outcome> = HashMap::new();
            let mut now = 0;
            let mut was_ended = false;
            for step in [Step::Operator(0)].into_iter().chain(steps) {
                let actions = match step {
                    Step::Answer(..) if under_way.is_empty() => continue,
                    Step::Answer(which, what) => {
                        let place = under_way.swap_remove(which % under_way.len());
                        let end = match what {
                            0..=2 => end(Outcome::Accepted),
                            3 => end(Outcome::Refused),
                            4 => end(Outcome::Unknown),
                            5 => halted(Halt::Limit(None)),
                            6 => halted(Halt::Limit(Some(Duration::from_secs(30)))),
                            _ => halted(Halt::Stop(Stop { status: 403, about: About::Forbidden })),
                        };
                        if end.outcome != Outcome::NotSent {
                            prop_assert_eq!(done.insert(place, end.outcome), None);
                        }
                        let is_silent = end.outcome == Outcome::Unknown;
                        pace.on(Event::Answered { place, end: &end, is_silent }, now)
                    }
                    Step::Operator(what) => {
                        was_ended |= what >= 3;
                        let events = [Event::GoOn, Event::GoOn, Event::Pause, Event::End];
                        pace.on(events[what as usize], now)
                    }
                    Step::Later(by) => {
                        now += by;
                        pace.on(Event::Tick, now)
                    }
                };
                let sent = sent(&actions);
                prop_assert!(!was_ended || sent.is_empty());
                for place in sent {
                    prop_assert!(!under_way.contains(&place) && !done.contains_key(&place) && place < rows);
                    under_way.push(place);
                }
                prop_assert!(under_way.len() <= AT_ONCE);
                prop_assert_eq!(under_way.len() as u64, pace.under_way());
                prop_assert_eq!(pace.not_sent() + under_way.len() as u64 + done.len() as u64, u64::from(rows));
                // It never sits idle without a reason.
                let is_idle = pace.under_way() == 0 && pace.not_sent() > 0;
                prop_assert!(!is_idle || pace.hold().is_some() || pace.wakes_at().is_some_and(|at| at > now));
            }
        }
    }
}
