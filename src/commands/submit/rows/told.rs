//! Tells a send row by row while it goes: each row on stdout as it is answered, the counts on stderr.

use crate::commands::arguments::Format;
use crate::commands::attempts::escaped;
use crate::commands::{print, say, sentence};
use crate::domain::format::{counted, thousands};
use crate::domain::printable::printable;
use crate::domain::rows::{Quota, RowState, RowsNews, SentRow, Tally};
use jiff::{Timestamp, tz::TimeZone};
use serde_json::json;
use std::io::{self, IsTerminal, Write};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Interval between counting lines if stderr is not a terminal.
const SAY: Duration = Duration::from_secs(60);

/// Tells each row as it is answered, and counts on stderr.
pub(super) struct Told {
    format: Format,
    on_terminal: bool,
    rows: u64,
    /// It waits where the limit is used up; otherwise it ends, and that is told then.
    waits: bool,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    tally: Tally,
    last: Option<Instant>,
    quota_is_told: bool,
    wait_is_told: Option<i64>,
}

impl Told {
    pub(super) fn new(format: Format, rows: u64, waits: bool) -> Told {
        Told {
            format,
            on_terminal: io::stderr().is_terminal(),
            rows,
            waits,
            inner: Mutex::new(Inner { tally: Tally { not_sent: rows, ..Tally::default() }, ..Inner::default() }),
        }
    }

    pub(super) fn hear(&self, news: RowsNews) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        match news {
            RowsNews::Begun { interrupted, .. } if interrupted > 0 => {
                let rows = counted(interrupted, "row");
                let are = if interrupted == 1 { "is" } else { "are" };
                self.say(&format!("{rows} under way when cuecard ended {are} unknown, and not sent again."));
            }
            RowsNews::Begun { .. } => {}
            RowsNews::Rows(rows) => {
                let mut text = String::new();
                for row in rows {
                    if row.state == RowState::UnderWay {
                        inner.tally.move_row(RowState::NotSent, RowState::UnderWay);
                        continue;
                    }
                    inner.tally.move_row(RowState::UnderWay, row.state);
                    text.push_str(&line(&row, self.format));
                }
                // A closed pipe ends nothing: what is under way must be recorded.
                let _ = print(&text);
                self.count(&mut inner);
            }
            RowsNews::Quota(quota) if !inner.quota_is_told => {
                inner.quota_is_told = true;
                self.say(&limit(quota));
            }
            RowsNews::Quota(_) => {}
            RowsNews::Slow(slow) => self.say(&sentence(slow.words())),
            RowsNews::Stands { wait: Some(wait), hold: None, .. }
                if self.waits && inner.wait_is_told != Some(wait.until_ms) =>
            {
                inner.wait_is_told = Some(wait.until_ms);
                let (until, guess) =
                    (clock(wait.until_ms), if wait.is_told { "" } else { ", a guess: no time was told" });
                self.say(&format!("The limit is used up until {until}{guess}."));
            }
            RowsNews::Stands { .. } => {}
        }
    }

    fn count(&self, inner: &mut Inner) {
        let pause = if self.on_terminal { Duration::from_millis(100) } else { SAY };
        let Tally { accepted, refused, unknown, .. } = inner.tally;
        let is_due = match inner.last {
            Some(last) => last.elapsed() >= pause,
            // The first line of a log comes after a while.
            None => self.on_terminal,
        };
        if inner.last.is_none() {
            inner.last = Some(Instant::now());
        }
        if !is_due {
            return;
        }
        inner.last = Some(Instant::now());
        let [done, rows, accepted, refused, unknown] =
            [inner.tally.answered(), self.rows, accepted, refused, unknown].map(thousands);
        let now = Timestamp::now().as_millisecond();
        let words =
            format!("{}  {done} of {rows}: {accepted} accepted, {refused} refused, {unknown} unknown", clock(now));
        if self.on_terminal {
            let mut out = io::stderr().lock();
            let _ = write!(out, "\r\x1b[K{words}").and_then(|()| out.flush());
        } else {
            say(&words);
        }
    }

    /// A line of its own, above the counting line.
    pub(super) fn say(&self, words: &str) {
        self.clear();
        say(words);
    }

    pub(super) fn clear(&self) {
        if self.on_terminal {
            let _ = write!(io::stderr().lock(), "\r\x1b[K");
        }
    }
}

/// `limit: 987 of 1,000 left, back at 00:00`
fn limit(quota: Quota) -> String {
    let most = quota.most.map(|most| format!(" of {}", thousands(most))).unwrap_or_default();
    let back = quota.reset_s.map(|at| format!(", back at {}", clock(at.saturating_mul(1000)))).unwrap_or_default();
    format!("limit: {}{most} left{back}", thousands(quota.left))
}

/// `17:54:01`, with the date unless it is today.
pub(super) fn clock(ms: i64) -> String {
    let zone = TimeZone::system();
    let at = Timestamp::from_millisecond(ms).unwrap_or_default().to_zoned(zone.clone());
    let is_today = at.date() == Timestamp::now().to_zoned(zone).date();
    at.strftime(if is_today { "%H:%M:%S" } else { "%Y-%m-%d %H:%M:%S" }).to_string()
}

/// `87   refused   400  video_resolution_too_low  320x240 is too low`
fn line(row: &SentRow, format: Format) -> String {
    let number = row.place + 1;
    match format {
        Format::Text => {
            let status = row.status.map_or_else(|| "-".to_owned(), |status| status.to_string());
            let words = [&row.task, &row.code, &row.message].into_iter().flatten().map(|word| printable(word));
            let words = words.collect::<Vec<_>>().join("  ");
            format!("{number:<4} {:<9} {status:<4} {words}", row.state.word()).trim_end().to_owned() + "\n"
        }
        Format::Json => {
            let at = Timestamp::from_millisecond(row.at_ms).unwrap_or_default().to_string();
            let row = json!({ "row": number, "object": row.object, "outcome": row.state.code(), "status": row.status,
                "code": row.code, "message": row.message, "task": row.task, "at": at });
            format!("{}\n", escaped(&row.to_string()))
        }
    }
}
