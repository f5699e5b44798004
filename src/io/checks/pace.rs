//! How fast questions may follow each other: so many a second, slower when S3 asks for it, and not at all when nobody
//! answers. It is told the time and waits for nothing.

use crate::domain::evidence::{Fact, Looked, Unclear};
use std::time::Duration;
use tokio::time::Instant;

/// Questions that may come at once after a quiet while.
const BURST: u32 = 32;
/// The longest pause when S3 goes on asking for one.
const LONGEST: Duration = Duration::from_secs(60);
/// So many questions in a row without a connection: there is none.
const LOST: u32 = 30;

#[derive(Debug)]
pub(super) struct Pace {
    /// From one question to the next; zero: as fast as may be.
    every: Duration,
    /// When the next one would be due if they came evenly.
    due: Instant,
    /// The first pause when S3 asks to slow down.
    first_pause: Duration,
    /// The next one.
    pause: Duration,
    until: Instant,
    unreachable: u32,
}

impl Pace {
    pub fn new(per_second: Option<u32>, first_pause: Duration, now: Instant) -> Pace {
        let every = per_second.map_or(Duration::ZERO, |rate| Duration::from_secs(1) / rate.max(1));
        Pace { every, due: now, first_pause, pause: first_pause, until: now, unreachable: 0 }
    }

    /// From one question to the next.
    pub fn every(&self) -> Duration {
        self.every
    }

    /// When the next question may begin.
    pub fn opens(&self) -> Instant {
        let even = self.due.checked_sub(self.every * BURST).unwrap_or(self.due);
        even.max(self.until)
    }

    /// Requests are sent.
    pub fn spend(&mut self, requests: u32, now: Instant) {
        // A quiet while is worth a burst, and no more than one.
        self.due = self.due.max(now) + self.every * requests;
    }

    /// A question that was paid for needed no request.
    pub fn refund(&mut self) {
        self.due = self.due.checked_sub(self.every).unwrap_or(self.due);
    }

    /// An answer of S3 came to a question that began then. Returns why nobody can be asked any more, once.
    pub fn heard(&mut self, looked: &Looked, began: Instant, now: Instant) -> Option<String> {
        if matches!(looked.fact, Fact::Index(_)) {
            return None;
        }
        let unclear = looked.unclear();
        if matches!(unclear, Some(Unclear::Throttled)) {
            // Those under way at the same time say the same once more.
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
            // Nobody was asked.
            Some(Unclear::NotAskable) => None,
            _ => {
                self.unreachable = 0;
                None
            }
        }
    }

    /// The operator says that there is a connection again.
    pub fn forgive(&mut self) {
        self.unreachable = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::evidence::{Answer, Object};

    const SECOND: Duration = Duration::from_secs(1);

    fn looked(why: Option<Unclear>) -> Looked {
        let answer = why.map_or(Answer::Empty, Answer::Unclear);
        let fact = Fact::Video(Object { region: None, signed: false, answer });
        Looked { at_ms: 1, requests: 1, remembered: false, fact }
    }

    #[test]
    fn no_more_than_so_many_begin_in_a_second() {
        let start = Instant::now();
        let mut pace = Pace::new(Some(100), SECOND, start);
        let mut now = start;
        let mut began = 0;
        while now < start + SECOND * 5 {
            while pace.opens() <= now {
                pace.spend(1, now);
                began += 1;
            }
            now += Duration::from_millis(3);
        }
        assert!((500..=500 + BURST + 1).contains(&began), "{began}");
        // A question that took three requests is paid for.
        let before = pace.opens();
        pace.spend(2, now);
        assert!(pace.opens() > before);
        let before = pace.opens();
        pace.spend(1, now);
        pace.refund();
        assert_eq!(pace.opens(), before);
    }

    #[test]
    fn a_pause_grows_while_s3_asks_for_it_and_once_for_those_that_began_together() {
        let start = Instant::now();
        let mut pace = Pace::new(None, SECOND, start);
        let slower = looked(Some(Unclear::Throttled));
        for _ in 0..16 {
            assert_eq!(pace.heard(&slower, start, start), None);
        }
        assert_eq!(pace.opens(), start + SECOND);
        let later = start + SECOND;
        pace.heard(&slower, later, later);
        assert_eq!(pace.opens(), later + SECOND * 2);
        // One that began before the pause says nothing about it.
        pace.heard(&looked(None), start, later);
        let later = later + SECOND * 2;
        pace.heard(&slower, later, later);
        assert_eq!(pace.opens(), later + SECOND * 4);
        let later = later + SECOND * 4;
        pace.heard(&looked(None), later, later);
        pace.heard(&slower, later, later);
        assert_eq!(pace.opens(), later + SECOND);
    }

    #[test]
    fn after_many_in_a_row_nobody_is_there() {
        let start = Instant::now();
        let mut pace = Pace::new(None, SECOND, start);
        let gone = looked(Some(Unclear::Unreachable("refused".into())));
        for _ in 1..LOST {
            assert_eq!(pace.heard(&gone, start, start), None);
        }
        pace.heard(&looked(None), start, start);
        for _ in 1..LOST {
            assert_eq!(pace.heard(&gone, start, start), None);
        }
        assert_eq!(pace.heard(&gone, start, start).as_deref(), Some("no connection, refused"));
        assert_eq!(pace.heard(&gone, start, start), None);
    }
}
