//! Everything that following an attempt can tell at one moment, and the words for it. The screen and the command say the
//! same.

use super::{Counts, Limit, Pace, Rate, SentRow, Standing, State, about_left};
use crate::certificate::Untrusted;
use crate::format::{length, thousands};
use crate::printable::printable;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// A clock that is off by less is not worth a word, in milliseconds.
const CLOCK_MS: i64 = 60_000;

/// Times are Unix milliseconds by this machine's clock.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Look {
    pub rows: Arc<Vec<SentRow>>,
    pub standing: Arc<Standing>,
    pub began_ms: i64,
    /// Complete readings.
    pub rounds: u32,
    pub first_asked_ms: Option<i64>,
    pub asked_ms: Option<i64>,
    /// When it is asked again; None if not.
    pub next_ms: Option<i64>,
    /// The page that is being read.
    pub reading: Option<u32>,
    pub limit: Option<Limit>,
    pub trouble: Option<Trouble>,
    /// The service's clock minus this machine's, in milliseconds.
    pub ahead_ms: i64,
    pub pace: Pace,
    /// Nothing runs, and nothing new came for a while: since when.
    pub settled_ms: Option<i64>,
    /// The list changed while it was read, twice.
    pub disagreed: bool,
    /// Other accepted or unknown attempts, with how many of these rows they hold.
    pub others: Vec<(i64, u32)>,
    /// It goes on from an earlier session: when that asked last, and how many tasks it knew.
    pub resumed: Option<(i64, usize)>,
    /// Rows that became ready with the last answer.
    pub newly_ready: u32,
    /// The newest task from before this upload, by the service's clock.
    pub before_ms: Option<i64>,
    /// The address that is asked, without page.
    pub url: String,
}

impl Look {
    /// Rows that were told a task id that another row was told, too.
    pub fn shared_ids(&self) -> usize {
        let mut rows: HashMap<&str, usize> = HashMap::new();
        for id in self.rows.iter().filter_map(|row| row.task.as_deref()) {
            *rows.entry(id).or_default() += 1;
        }
        rows.values().filter(|rows| **rows > 1).sum()
    }
}

/// Why the last question has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// 429, and when to ask again was told.
    Limited,
    /// 429 without a word; how many in a row.
    LimitedUntold(u32),
    /// No answer, or none that is a list of tasks: the cause, untrusted; how many in a row.
    Silent(String, u32),
    /// A certificate that is not trusted, with the library's words: asking again would change nothing.
    Untrusted(String),
    /// 401 or 403.
    Refused(u16),
    /// 404 or 410.
    Gone(u16),
}

/// How a sentence is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Plain,
    Good,
    Warning,
    Bad,
}

impl Look {
    pub fn counts(&self) -> &Counts {
        &self.standing.counts
    }

    pub fn is_settled(&self) -> bool {
        self.settled_ms.is_some()
    }

    /// The service told the id of each row's task: no row is guessed.
    pub fn knows_each_task(&self) -> bool {
        !self.rows.is_empty() && self.rows.iter().all(|row| row.task.is_some())
    }

    pub fn all_ready(&self) -> bool {
        self.counts().ready() == self.counts().all()
    }

    /// `8,442 of 12,468 rows ready or failed`
    pub fn progress(&self) -> String {
        let all = self.counts().all();
        let rows = if all == 1 { "row" } else { "rows" };
        format!("{} of {} {rows} ready or failed", thousands(self.counts().finished().into()), thousands(all.into()))
    }

    /// `153 a minute, so about 26 min left (a guess)`
    pub fn pace_words(&self, now_ms: i64) -> String {
        if let Some(settled) = self.settled_ms {
            return format!("finished in {}", span(settled - self.began_ms));
        }
        let rate = self.pace.rate(now_ms);
        match (rate, about_left(rate, self.counts().all() - self.counts().finished())) {
            (Rate::NotYet, _) => "no rate yet".to_owned(),
            (Rate::Nothing { ms }, _) => format!("nothing finished for {}", span(ms)),
            (Rate::PerMinute(rate), Some(left)) => format!("{} a minute, so {left} (a guess)", rounded(rate)),
            (Rate::PerMinute(rate), None) => format!("{} a minute", rounded(rate)),
        }
    }

    /// The line that says how it stands. `clock` formats a time.
    pub fn says(&self, now_ms: i64, clock: impl Fn(i64) -> String) -> Option<(Tone, String)> {
        let until = self.next_ms.map(|next| span(next - now_ms)).unwrap_or_default();
        let at = |ms: Option<i64>| ms.map(&clock).unwrap_or_default();
        let again = at(self.next_ms);
        Some(match &self.trouble {
            Some(Trouble::Limited) => {
                (Tone::Warning, format!("the limit is used up: asking again at {again}, in {until}"))
            }
            Some(Trouble::LimitedUntold(_)) => {
                (Tone::Warning, format!("too many requests, no time told: asking again in {until} (a guess)"))
            }
            Some(Trouble::Silent(cause, tries)) => {
                let since = self.asked_ms.map(|at| format!(" since {}", clock(at))).unwrap_or_default();
                let cause = printable(cause);
                (Tone::Warning, format!("no answer{since}: {cause}. Asking again in {until}, try {}", tries + 1))
            }
            Some(Trouble::Untrusted(cause)) => {
                let told = Untrusted::read(cause).map(|it| format!("{}; {}", it.way_out, it.why));
                let told = told.unwrap_or_else(|| printable(cause).into_owned());
                (Tone::Bad, format!("untrusted certificate; {told}. Following stands still."))
            }
            Some(Trouble::Refused(status)) => {
                (Tone::Bad, format!("{status}: the API key was not accepted. Following stands still."))
            }
            Some(Trouble::Gone(status)) => {
                (Tone::Bad, format!("{status}: this address has no tasks to read. Nothing can be followed here."))
            }
            None if self.all_ready() && self.rounds > 0 => {
                let all = self.counts().all();
                let rows =
                    if all == 1 { "the row is".to_owned() } else { format!("all {} rows are", thousands(all.into())) };
                (Tone::Good, format!("{rows} ready"))
            }
            None if self.is_settled() => (Tone::Good, format!("settled {}: {}", at(self.settled_ms), self.came_to())),
            None if self.disagreed => {
                (Tone::Warning, "the list changed while it was read; counts may lag by one round".to_owned())
            }
            None if let Some((from, tasks)) = self.resumed
                && self.reading.is_some() =>
            {
                let known = if tasks == 1 { "1 task".to_owned() } else { format!("{} tasks", thousands(tasks as u64)) };
                (Tone::Plain, format!("goes on from {}: {known} known, reading what is new", clock(from)))
            }
            None if self.ahead_ms.abs() > CLOCK_MS => {
                (Tone::Warning, format!("{}; taken into account", self.clock_words()))
            }
            None if let Some((attempt, rows)) = self.others.first()
                && self.newly_ready == 0 =>
            {
                let held = if *rows == 1 {
                    "1 of these rows".to_owned()
                } else {
                    format!("{} of these rows", thousands((*rows).into()))
                };
                let words = "too: their tasks count for the newest attempt that could have made them";
                (Tone::Warning, format!("attempt {attempt} holds {held}, {words}"))
            }
            None => match self.newly_ready {
                0 => return None,
                1 => (Tone::Good, "1 row is ready since the last answer".to_owned()),
                rows => (Tone::Good, format!("{} rows are ready since the last answer", thousands(rows.into()))),
            },
        })
    }

    /// `12,403 ready, 31 failed, 28 not seen, 6 unclear`
    pub fn came_to(&self) -> String {
        let counts = self.counts();
        let order = [
            (counts.ready(), "ready"),
            (counts.failed(), "failed"),
            (counts.running(), "running"),
            (counts.no_task(), State::NoTask.word(self.is_settled())),
            (counts.unclear(), "unclear"),
        ];
        let told = order.into_iter().filter(|(count, word)| *count > 0 || *word == "ready");
        told.map(|(count, word)| format!("{} {word}", thousands(count.into()))).collect::<Vec<_>>().join(", ")
    }

    /// `the service's clock is 10:02 ahead of this machine`
    pub fn clock_words(&self) -> String {
        let side = if self.ahead_ms < 0 { "behind" } else { "ahead of" };
        format!("the service's clock is {} {side} this machine", span(self.ahead_ms.abs()))
    }

    /// How many failed rows have a reason.
    pub fn with_reason(&self) -> u32 {
        let failed = self.standing.rows.iter().filter(|row| row.state == State::Of(super::Status::Failed));
        let told = failed.filter(|row| self.standing.task(row).is_some_and(|task| task.reason.is_some()));
        u32::try_from(told.count()).unwrap_or(u32::MAX)
    }
}

/// `0:48`, `1:28:31`; not below 0.
pub fn span(ms: i64) -> String {
    length(Duration::from_millis(u64::try_from(ms).unwrap_or(0)))
}

fn rounded(rate: f64) -> String {
    match rate {
        ..0.095 => "under 0.1".to_owned(),
        ..9.95 => format!("{rate:.1}"),
        _ => thousands(rate.round() as u64),
    }
}
