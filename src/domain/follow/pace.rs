//! How fast rows finish, how long the rest may take, and when to ask again.

use std::collections::VecDeque;

const MINUTE_MS: i64 = 60_000;

/// The rate is the mean of this long.
const WINDOW_MS: i64 = 10 * MINUTE_MS;

/// Finished rows over time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pace {
    samples: VecDeque<(i64, u32)>,
    answers: u32,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rate {
    /// Fewer than three answers.
    NotYet,
    /// Nothing finished lately.
    Nothing,
    PerMinute(f64),
}

impl Pace {
    pub fn heard(&mut self, now_ms: i64, finished: u32) {
        self.answers = self.answers.saturating_add(1);
        self.samples.push_back((now_ms, finished));
        // One sample from before the window stays, to measure the whole of it.
        while self.samples.get(1).is_some_and(|(at, _)| *at <= now_ms - WINDOW_MS) {
            self.samples.pop_front();
        }
    }

    pub fn rate(&self) -> Rate {
        if self.answers < 3 {
            return Rate::NotYet;
        }
        let (Some((first_ms, before)), Some((last_ms, after))) = (self.samples.front(), self.samples.back()) else {
            return Rate::NotYet;
        };
        let (grown, took) = (after.saturating_sub(*before), last_ms - first_ms);
        if grown == 0 || took <= 0 {
            return Rate::Nothing;
        }
        Rate::PerMinute(f64::from(grown) * MINUTE_MS as f64 / took as f64)
    }
}

/// `about 26 min left`; None where it would be endless.
pub fn about_left(rate: Rate, open: u32) -> Option<String> {
    let Rate::PerMinute(rate) = rate else { return None };
    let minutes = f64::from(open) / rate;
    Some(match minutes {
        _ if open == 0 || !minutes.is_finite() => return None,
        ..1.0 => "under a minute left".to_owned(),
        ..120.0 => format!("about {} min left", minutes as u64),
        ..2_880.0 => format!("about {} h left", (minutes / 60.0) as u64),
        _ => format!("about {} days left", (minutes / 1_440.0) as u64),
    })
}

/// How often the service is asked, and how long nothing new means that nothing comes any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// Between the first rounds.
    pub first_ms: i64,
    /// Between later ones.
    pub most_ms: i64,
    pub quiet_ms: i64,
    /// As [`Patience::quiet_ms`], while no task was seen at all.
    pub silent_ms: i64,
}

impl Default for Patience {
    fn default() -> Self {
        Patience { first_ms: 10_000, most_ms: MINUTE_MS, quiet_ms: 10 * MINUTE_MS, silent_ms: 60 * MINUTE_MS }
    }
}

impl Patience {
    /// For the sandbox, where everything is over in half a minute.
    pub const REHEARSAL: Patience = Patience { first_ms: 1_000, most_ms: 2_000, quiet_ms: 6_000, silent_ms: 60_000 };

    /// Milliseconds from a complete round to the next one, within the service's limit.
    pub fn after_round(&self, rounds: u32, pages: u32, limit: Option<&Limit>, now_ms: i64) -> i64 {
        let doubled = self.first_ms.saturating_mul(1 << rounds.saturating_sub(3).min(20));
        let usual = doubled.min(self.most_ms);
        let Some(limit) = limit else { return usual };
        let Some(reset_ms) = limit.reset_ms else { return usual };
        let window = (reset_ms - now_ms).max(0);
        match limit.remaining / u64::from(pages.max(1)) {
            0 => window.max(usual),
            // The rest of the limit is spread over the rest of its window.
            rounds => usual.max(window / i64::try_from(rounds).unwrap_or(i64::MAX)),
        }
    }

    /// Milliseconds until the next try, after `tries` without an answer.
    pub fn after_silence(&self, tries: u32) -> i64 {
        self.first_ms.saturating_mul(1 << tries.saturating_sub(1).min(10)).min(self.most_ms)
    }

    /// Milliseconds after `tries` refusals in a row for the limit, without a time told.
    pub fn after_refusal(&self, tries: u32) -> i64 {
        let first = self.most_ms.saturating_mul(2);
        first.saturating_mul(1 << tries.saturating_sub(1).min(10)).min(self.most_ms.saturating_mul(15))
    }
}

/// The service's limit of requests, as its reply told it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    pub most: u64,
    pub remaining: u64,
    /// When it opens again, by this machine's clock.
    pub reset_ms: Option<i64>,
}
