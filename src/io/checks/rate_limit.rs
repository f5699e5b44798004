//! Limits the rate of questions: a number per second, slower when S3 asks for it, none when nobody answers. It gets the
//! time as an argument and never waits.

use crate::domain::evidence::{Fact, Observation, Unclear};
use std::time::Duration;
use tokio::time::Instant;

/// Questions allowed at once after a quiet period, by all processes that share a limit.
const BURST: u32 = 32;
/// The longest pause when S3 keeps asking for one.
const LONGEST: Duration = Duration::from_secs(60);
/// After this many questions in a row without a connection, the network counts as down.
const LOST: u32 = 30;

#[derive(Debug)]
pub(super) struct RateLimit {
    /// Interval between questions; zero for no limit.
    every: Duration,
    /// Questions allowed at once after a quiet period.
    burst: u32,
    /// When the next one would be due at an even rate.
    due: Instant,
    /// The first pause when S3 asks to slow down.
    first_pause: Duration,
    /// The next pause.
    pause: Duration,
    until: Instant,
    unreachable: u32,
}

impl RateLimit {
    /// `shared_by`: processes that keep the limit together.
    pub fn new(per_second: Option<u32>, shared_by: u32, first_pause: Duration, now: Instant) -> RateLimit {
        let shared_by = shared_by.max(1);
        let every = per_second.map_or(Duration::ZERO, |rate| Duration::from_secs(shared_by.into()) / rate.max(1));
        let burst = (BURST / shared_by).max(1);
        RateLimit { every, burst, due: now, first_pause, pause: first_pause, until: now, unreachable: 0 }
    }

    /// Interval between questions.
    pub fn every(&self) -> Duration {
        self.every
    }

    /// When the next question may begin.
    pub fn opens(&self) -> Instant {
        let even = self.due.checked_sub(self.every * self.burst).unwrap_or(self.due);
        even.max(self.until)
    }

    /// Records sent requests.
    pub fn spend(&mut self, requests: u32, now: Instant) {
        // A quiet period earns one burst at most.
        self.due = self.due.max(now) + self.every * requests;
    }

    /// A question that was counted needed no request.
    pub fn refund(&mut self) {
        self.due = self.due.checked_sub(self.every).unwrap_or(self.due);
    }

    /// Records S3's answer to a question that started at `began`. Returns, once, why nobody can be asked any more.
    pub fn heard(&mut self, observation: &Observation, began: Instant, now: Instant) -> Option<String> {
        if matches!(observation.fact, Fact::Index(_)) {
            return None;
        }
        let unclear = observation.unclear();
        if matches!(unclear, Some(Unclear::Throttled)) {
            // Concurrent questions report the same problem again.
            if began >= self.until {
                self.until = now + self.pause;
                self.pause = (self.pause * 2).min(LONGEST);
            }
        } else if began >= self.until {
            self.pause = self.first_pause;
        }
        match unclear {
            Some(unclear @ Unclear::Unreachable(_)) => {
                self.unreachable += 1;
                (self.unreachable == LOST).then(|| unclear.to_string())
            }
            // No request was made.
            Some(Unclear::NotAskable) => None,
            _ => {
                self.unreachable = 0;
                None
            }
        }
    }

    /// The operator reports that the network is back.
    pub fn forgive(&mut self) {
        self.unreachable = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::evidence::{Answer, Object};

    const SECOND: Duration = Duration::from_secs(1);

    fn observation(why: Option<Unclear>) -> Observation {
        let answer = why.map_or(Answer::Empty, Answer::Unclear);
        let fact = Fact::Video(Box::new(Object { region: None, signed: false, answer }));
        Observation { at_ms: 1, requests: 1, cached: false, fact }
    }

    #[test]
    fn rate_limit_caps_requests_per_second() {
        let start = Instant::now();
        let mut rate_limit = RateLimit::new(Some(100), 1, SECOND, start);
        let mut now = start;
        let mut began = 0;
        while now < start + SECOND * 5 {
            while rate_limit.opens() <= now {
                rate_limit.spend(1, now);
                began += 1;
            }
            now += Duration::from_millis(3);
        }
        assert!((500..=500 + BURST + 1).contains(&began), "{began}");
        // A question that took three requests counts as three.
        let before = rate_limit.opens();
        rate_limit.spend(2, now);
        assert!(rate_limit.opens() > before);
        let before = rate_limit.opens();
        rate_limit.spend(1, now);
        rate_limit.refund();
        assert_eq!(rate_limit.opens(), before);
    }

    #[test]
    fn processes_that_share_a_limit_keep_it_together() {
        const PROCESSES: u32 = 500;
        let start = Instant::now();
        let mut rate_limit = RateLimit::new(Some(100), PROCESSES, SECOND, start);
        let mut began = 0;
        for tenth in 0..600 {
            let now = start + SECOND * tenth / 10;
            while rate_limit.opens() <= now {
                rate_limit.spend(1, now);
                began += 1;
            }
        }
        // 100 a second for a minute, of which each process has its part: 12; and one at the start.
        assert!((12..=14).contains(&began), "{began}");
    }

    #[test]
    fn throttling_pause_grows_once_per_batch_of_requests() {
        let start = Instant::now();
        let mut rate_limit = RateLimit::new(None, 1, SECOND, start);
        let slower = observation(Some(Unclear::Throttled));
        for _ in 0..16 {
            assert_eq!(rate_limit.heard(&slower, start, start), None);
        }
        assert_eq!(rate_limit.opens(), start + SECOND);
        let later = start + SECOND;
        rate_limit.heard(&slower, later, later);
        assert_eq!(rate_limit.opens(), later + SECOND * 2);
        // A question from before the pause says nothing about it.
        rate_limit.heard(&observation(None), start, later);
        let later = later + SECOND * 2;
        rate_limit.heard(&slower, later, later);
        assert_eq!(rate_limit.opens(), later + SECOND * 4);
        let later = later + SECOND * 4;
        rate_limit.heard(&observation(None), later, later);
        rate_limit.heard(&slower, later, later);
        assert_eq!(rate_limit.opens(), later + SECOND);
    }

    #[test]
    fn many_unreachable_answers_in_a_row_report_no_connection() {
        let start = Instant::now();
        let mut rate_limit = RateLimit::new(None, 1, SECOND, start);
        let gone = observation(Some(Unclear::Unreachable("refused".into())));
        for _ in 1..LOST {
            assert_eq!(rate_limit.heard(&gone, start, start), None);
        }
        rate_limit.heard(&observation(None), start, start);
        for _ in 1..LOST {
            assert_eq!(rate_limit.heard(&gone, start, start), None);
        }
        assert_eq!(rate_limit.heard(&gone, start, start).as_deref(), Some("no connection, refused"));
        assert_eq!(rate_limit.heard(&gone, start, start), None);
    }
}
