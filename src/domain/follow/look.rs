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
    /// Nothing runs, and nothing new came for a while: the first answer by which that held.
    pub settled_ms: Option<i64>,
    /// The list changed while it was read, twice.
    pub disagreed: bool,
    /// Other accepted or unknown attempts, with how many of these rows they hold.
    pub others: Vec<(i64, u32)>,
    /// It goes on from an earlier session: when that asked last, and how many tasks it knew. Told until the second
    /// answer.
    pub resumed: Option<(i64, usize)>,
    /// Rows that became ready with the last answer.
    pub newly_ready: u32,
    /// The newest task from before this upload, by the service's clock.
    pub before_ms: Option<i64>,
    /// The address that is asked, without page.
    pub url: String,
    /// Tasks on the last page that was read.
    pub page_len: Option<usize>,
    /// Which of the attempts with this file it is, newest first, and how many there are.
    pub place: Option<(u32, u32)>,
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

/// One thing said of how it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    pub tone: Tone,
    /// The same, the whole of it first; each later one leaves out the least, for a narrower window.
    pub texts: Vec<String>,
}

impl Said {
    pub fn whole(&self) -> &str {
        self.texts.first().map_or("", String::as_str)
    }
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

    /// When the last task finished, by this machine's clock; None if none did, or none told it.
    pub fn finished_ms(&self) -> Option<i64> {
        let at = self.standing.finished_ms? - self.ahead_ms;
        Some(self.asked_ms.map_or(at, |asked| at.min(asked)))
    }

    /// `153 a minute, so about 26 min left (a guess)`
    pub fn pace_words(&self, now_ms: i64) -> String {
        let finished = self.finished_ms();
        if let Some(settled) = self.settled_ms {
            return match self.counts().finished() {
                0 => "nothing finished".to_owned(),
                _ => format!("finished in {}", span(finished.unwrap_or(settled) - self.began_ms)),
            };
        }
        let rate = self.pace.rate();
        match (rate, about_left(rate, self.counts().all() - self.counts().finished())) {
            (Rate::NotYet, _) => "no rate yet".to_owned(),
            (Rate::Nothing, _) => format!("nothing finished for {}", span(now_ms - finished.unwrap_or(self.began_ms))),
            (Rate::PerMinute(rate), Some(left)) => format!("{} a minute, so {left} (a guess)", rounded(rate)),
            (Rate::PerMinute(rate), None) => format!("{} a minute", rounded(rate)),
        }
    }

    /// The line that says how it stands. `clock` formats a time.
    pub fn says(&self, now_ms: i64, clock: impl Fn(i64) -> String) -> Option<Said> {
        let until = self.next_ms.map(|next| span(next - now_ms)).unwrap_or_default();
        let at = |ms: Option<i64>| ms.map(&clock).unwrap_or_default();
        let again = at(self.next_ms);
        let said = |tone, texts: Vec<String>| Some(Said { tone, texts });
        match &self.trouble {
            Some(Trouble::Limited) => {
                let texts = [
                    format!("the limit is used up: asking again at {again}, in {until}"),
                    format!("the limit is used up: again in {until}"),
                ];
                said(Tone::Warning, texts.into())
            }
            Some(Trouble::LimitedUntold(_)) => {
                let texts = [
                    format!("too many requests, no time told: asking again in {until} (a guess)"),
                    format!("too many requests: again in {until} (a guess)"),
                ];
                said(Tone::Warning, texts.into())
            }
            Some(Trouble::Silent(cause, tries)) => {
                let since = self.asked_ms.map(|at| format!(" since {}", clock(at))).unwrap_or_default();
                let (cause, next) = (printable(cause), tries + 1);
                let texts = [
                    format!("no answer{since}: {cause}. Asking again in {until}, try {next}"),
                    format!("no answer: {cause}. Again in {until}, try {next}"),
                    format!("no answer. Again in {until}, try {next}"),
                ];
                said(Tone::Warning, texts.into())
            }
            Some(Trouble::Untrusted(cause)) => {
                let texts = match Untrusted::read(cause) {
                    Some(it) => vec![
                        format!("untrusted certificate; {}; {}. Following stands still.", it.way_out, it.why),
                        format!("untrusted certificate; {}", it.way_out),
                        it.way_out.to_owned(),
                    ],
                    None => vec![format!("untrusted certificate; {}. Following stands still.", printable(cause))],
                };
                said(Tone::Bad, texts)
            }
            Some(Trouble::Refused(status)) => {
                let what = format!("{status}: the API key was not accepted.");
                said(Tone::Bad, vec![format!("{what} Following stands still."), what])
            }
            Some(Trouble::Gone(status)) => {
                let what = format!("{status}: this address has no tasks to read.");
                said(Tone::Bad, vec![format!("{what} Nothing can be followed here."), what])
            }
            None => self.says_of_rows(clock),
        }
    }

    /// As [`Look::says`], while the service answers.
    fn says_of_rows(&self, clock: impl Fn(i64) -> String) -> Option<Said> {
        let said = |tone, texts: Vec<String>| Some(Said { tone, texts });
        if self.all_ready() && self.rounds > 0 {
            let all = self.counts().all();
            let rows =
                if all == 1 { "the row is".to_owned() } else { format!("all {} rows are", thousands(all.into())) };
            return said(Tone::Good, vec![format!("{rows} ready")]);
        }
        if let Some(settled) = self.settled_ms {
            let came_to = self.came_to();
            let texts = [format!("settled {}: {came_to}", clock(settled)), format!("settled: {came_to}")];
            return said(Tone::Good, texts.into());
        }
        if self.disagreed {
            let what = "the list changed while it was read";
            let texts = [format!("{what}; counts may lag by one round"), what.to_owned()];
            return said(Tone::Warning, texts.into());
        }
        if let Some((from, tasks)) = self.resumed {
            let (from, reads) = (clock(from), self.reading.is_some());
            let known = if tasks == 1 { "1 task".to_owned() } else { format!("{} tasks", thousands(tasks as u64)) };
            let whole = match self.standing.tasks.len().saturating_sub(tasks) {
                _ if reads => format!("goes on from {from}: {known} known, reading what is new"),
                0 => format!("goes on from {from}: {known} known then, none is new"),
                1 => format!("goes on from {from}: {known} known then, 1 is new"),
                new => format!("goes on from {from}: {known} known then, {} are new", thousands(new as u64)),
            };
            return said(Tone::Plain, vec![whole, format!("goes on from {from}: {known} known")]);
        }
        if self.ahead_ms.abs() > CLOCK_MS {
            let what = self.clock_words();
            return said(Tone::Warning, vec![format!("{what}; taken into account"), what]);
        }
        if let Some((attempt, rows)) = self.others.first()
            && self.newly_ready == 0
        {
            let held = match rows {
                1 => "1 of these rows".to_owned(),
                rows => format!("{} of these rows", thousands((*rows).into())),
            };
            let holds = format!("attempt {attempt} holds {held}, too");
            let texts = [
                format!("{holds}: their tasks count for the newest attempt that could have made them"),
                format!("{holds}: tasks count for the newest one"),
                holds,
            ];
            return said(Tone::Warning, texts.into());
        }
        let ready = match self.newly_ready {
            0 => return None,
            1 => "1 row is".to_owned(),
            rows => format!("{} rows are", thousands(rows.into())),
        };
        said(Tone::Good, vec![format!("{ready} ready since the last answer")])
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
