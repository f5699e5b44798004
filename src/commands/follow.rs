//! `cuecard follow`: what became of each row of an attempt. The rows are data, the progress is narration.

use super::attempts::{counts, escaped, instant};
use super::signals::Signals;
use super::{Context, Failure, print, say};
use crate::domain::follow::{Claim, Guess, Look, RowStanding, State, Status, Tone, Trouble};
use crate::domain::format::{counted, thousands};
use crate::domain::outcome::{Attempt, Outcome, became};
use crate::domain::printable::printable;
use crate::submission::{Follower, NoFollow};
use jiff::civil::Time;
use jiff::{SignedDuration, Timestamp, Zoned, tz::TimeZone};
use serde_json::{Value, json};
use std::io::{self, IsTerminal, Write};
use std::sync::Arc;
use std::time::Duration;

/// Without a terminal, the counting line comes this often.
const TELL: Duration = Duration::from_secs(60);

/// See what became of each row that was sent; only reads
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    /// Number of the attempt, as `cuecard history` shows it [default: the newest accepted or unknown one]
    pub attempt: Option<i64>,
    /// Stop at this time, 16:00 or 2026-11-23T16:00:00Z, or after 90m
    #[arg(long, value_name = "TIME", conflicts_with = "once")]
    pub until: Option<String>,
    /// Ask once, don't wait for the rest
    #[arg(long)]
    pub once: bool,
    /// Print every row, also those that are ready
    #[arg(long)]
    pub all: bool,
    /// Output format; jsonl prints one object for each change while it runs
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Only warnings on standard error
    #[arg(long)]
    pub quiet: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    Text,
    Json,
    Jsonl,
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// Nothing more is to come.
    Settled,
    /// At the time it was to stop.
    Stopped,
    /// The service refuses to tell.
    Refused,
    Signal(u8),
}

/// # Errors
/// [`Failure`] if there is nothing to follow.
pub fn run(arguments: &Arguments, context: &Context) -> Result<u8, Failure> {
    let until = arguments.until.as_deref().map(deadline).transpose()?;
    let offline = &context.settings.offline;
    if offline.value {
        return Err(Failure::usage(format!("following needs the network, but offline is set {}", offline.origin)));
    }
    let submissions = Arc::new(context.submissions()?);
    let follower = super::patiently(super::DISK_IS_SLOW, || submissions.follower(arguments.attempt, None));
    let follower = follower.map_err(|why| Failure::usage(sentence(&why)))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.map_err(|_| Failure::usage("No threads could be started."))?;
    runtime.block_on(follow(follower, arguments, until))
}

pub(super) fn sentence(why: &NoFollow) -> String {
    let advice = match why {
        NoFollow::Elsewhere(..) => " --api-url names another.",
        _ => "",
    };
    format!("{}{advice}", super::sentence(&why.to_string()))
}

async fn follow(mut follower: Follower, arguments: &Arguments, until: Option<Timestamp>) -> Result<u8, Failure> {
    let mut signals = Signals::listen();
    let mut told = Telling::new(arguments, &follower);
    told.begins(&follower);
    let rounds_before = follower.look().rounds;
    let end = loop {
        let over = async {
            let Some(until) = until else { return std::future::pending().await };
            let wait = Duration::try_from(until.duration_since(Timestamp::now())).unwrap_or_default();
            tokio::time::sleep(wait).await;
        };
        let mut hear = |look: &Look| told.heard(look);
        tokio::select! {
            biased;
            number = signals.next() => break End::Signal(number),
            () = over => break End::Stopped,
            () = follower.round(&mut hear) => {}
        }
        let look = follower.look();
        told.round_ended(look)?;
        match &look.trouble {
            Some(Trouble::Refused(_) | Trouble::Gone(_)) => break End::Refused,
            Some(Trouble::Untrusted(_)) => break End::Stopped,
            _ if look.is_settled() => break End::Settled,
            _ if arguments.once => break End::Stopped,
            _ => {}
        }
        let over = async {
            let Some(until) = until else { return std::future::pending().await };
            let wait = Duration::try_from(until.duration_since(Timestamp::now())).unwrap_or_default();
            tokio::time::sleep(wait).await;
        };
        tokio::select! {
            biased;
            number = signals.next() => break End::Signal(number),
            () = over => break End::Stopped,
            () = follower.pause() => {}
        }
    };
    follower.keep().await;
    told.ended(&follower)?;
    let look = follower.look();
    Ok(exit_code(look, end, look.rounds > rounds_before))
}

/// `answered`: the service told all its tasks at least once.
fn exit_code(look: &Look, end: End, answered: bool) -> u8 {
    match end {
        End::Signal(number) => 128 + number,
        End::Refused => 4,
        End::Settled | End::Stopped if !answered => 3,
        End::Settled if look.all_ready() => 0,
        End::Settled => 1,
        End::Stopped => 6,
    }
}

/// What was said so far.
struct Telling<'a> {
    arguments: &'a Arguments,
    rewrites: bool,
    /// When the counting line was last written without a terminal.
    counted: Option<std::time::Instant>,
    /// The line on the terminal that the next one replaces.
    is_open: bool,
    /// The last warning, not to repeat it.
    warned: Option<String>,
    states: Vec<State>,
}

impl<'a> Telling<'a> {
    fn new(arguments: &'a Arguments, follower: &Follower) -> Telling<'a> {
        let rewrites = io::stderr().is_terminal();
        let states = follower.look().standing.rows.iter().map(|row| row.state.clone()).collect();
        Telling { arguments, rewrites, counted: None, is_open: false, warned: None, states }
    }

    fn say(&mut self, line: &str) {
        if std::mem::take(&mut self.is_open) {
            let _ = writeln!(io::stderr().lock());
        }
        say(line);
    }

    fn begins(&mut self, follower: &Follower) {
        if self.arguments.quiet {
            return;
        }
        let Attempt { id, intent, .. } = &follower.attempt;
        let moment = |ms: i64| local(ms).strftime("%Y-%m-%d %H:%M:%S").to_string();
        let rows = match follower.attempt.is_row_by_row() {
            true => String::new(),
            false => format!(", {}", counted(intent.rows.into(), "row")),
        };
        let host = url::Url::parse(&intent.address).ok().and_then(|url| url.host_str().map(str::to_owned));
        self.say(&format!(
            "attempt {id}: {}, {}{rows}, {}, sha-256 {}",
            file_name(&intent.file),
            became(&follower.attempt, moment),
            host.as_deref().unwrap_or(&intent.address),
            intent.fingerprint.hex().get(..8).unwrap_or_default(),
        ));
        self.say(&told_by(follower.look()));
        if let Some((from, tasks)) = follower.look().resumed {
            self.say(&format!("goes on from {}: {} known", clock(from), counted(tasks as u64, "task")));
        }
    }

    /// A page was read.
    fn heard(&mut self, look: &Look) {
        let Some(page) = look.reading.filter(|page| *page > 1) else { return };
        if self.rewrites && !self.arguments.quiet {
            self.rewrite(&format!("{}  reading page {}", clock(now_ms()), thousands(page.into())));
        }
    }

    fn rewrite(&mut self, line: &str) {
        // `\r` to its start, then clear to its end.
        let _ = write!(io::stderr().lock(), "\r{}\x1b[K", printable(line));
        let _ = io::stderr().flush();
        self.is_open = true;
    }

    fn round_ended(&mut self, look: &Look) -> Result<(), Failure> {
        let now = now_ms();
        if look.trouble.is_none() && !self.arguments.quiet && !look.is_settled() {
            let line = format!(
                "{}  {}, {}",
                clock(now),
                look.progress(),
                look.pace_words(now).replace(", so about", ", about")
            );
            if self.rewrites {
                self.rewrite(&line);
            } else if self.counted.is_none_or(|at| at.elapsed() >= TELL) {
                self.counted = Some(std::time::Instant::now());
                self.say(&line);
            }
        }
        let said = look.says(now, clock).filter(|said| matches!(said.tone, Tone::Warning | Tone::Bad));
        let words = said.map(|said| said.whole().to_owned());
        if let Some(words) = words.filter(|words| look.trouble.is_some() || self.warned.as_ref() != Some(words)) {
            self.say(&format!("{}  {words}", clock(now)));
            self.warned = Some(words);
        }
        if self.arguments.format == Format::Jsonl {
            let standing = &look.standing;
            for (at, (row, before)) in standing.rows.iter().zip(&mut self.states).enumerate() {
                if row.state != *before {
                    before.clone_from(&row.state);
                    print(&format!("{}\n", escaped(&as_json(look, at, row).to_string())))?;
                }
            }
        }
        Ok(())
    }

    fn ended(&mut self, follower: &Follower) -> Result<(), Failure> {
        let (look, attempt) = (follower.look(), &follower.attempt);
        let settled = look.is_settled();
        if !self.arguments.quiet && look.asked_ms.is_some() {
            // Without an answer, what was told earlier still stands, as of then.
            let at = look.asked_ms.filter(|_| look.trouble.is_some()).unwrap_or_else(now_ms);
            let what = if settled { "settled" } else { "so far" };
            self.say(&format!("{}  {what}: {}", clock(at), look.came_to()));
        }
        if attempt.can_be_settled() && look.asked_ms.is_some() {
            let waited = now_ms() - look.began_ms;
            let claim = Claim::of(look.counts(), waited);
            let words = claim.words(look.counts(), waited);
            let have = words.split_once('.').map_or(words.as_str(), |(have, _)| have);
            let word = if claim == Claim::VeryLikely { "accepted" } else { "accepted|not-accepted" };
            self.say(&format!("{have}: {} (a guess). cuecard history settle {} {word}", claim.in_short(), attempt.id));
        }
        if std::mem::take(&mut self.is_open) {
            let _ = writeln!(io::stderr().lock());
        }
        match self.arguments.format {
            Format::Text => {
                let mut out = io::BufWriter::new(io::stdout().lock());
                for (at, row) in look.standing.rows.iter().enumerate() {
                    if self.is_shown(row) && writeln!(out, "{}", line(look, at, row)).is_err() {
                        break;
                    }
                }
                let _ = out.flush();
                Ok(())
            }
            Format::Json => {
                let text = serde_json::to_string(&self.whole(look, attempt)).unwrap_or_default();
                print(&format!("{}\n", escaped(&text)))
            }
            Format::Jsonl => Ok(()),
        }
    }

    fn is_shown(&self, row: &RowStanding) -> bool {
        self.arguments.all || row.state != State::Of(Status::Ready)
    }

    fn whole(&self, look: &Look, attempt: &Attempt) -> Value {
        let rows = look.standing.rows.iter().enumerate().filter(|(_, row)| self.is_shown(row));
        let outcome = match (attempt.outcome, attempt.settled) {
            (Outcome::Unknown, Some(said)) if said.accepted => Outcome::Accepted,
            (outcome, _) => outcome,
        };
        json!({
            "attempt": attempt.id,
            "file": file_name(&attempt.intent.file),
            "sha256": attempt.intent.fingerprint.hex(),
            "address": attempt.intent.address,
            "outcome": outcome,
            "asked": look.asked_ms.map(instant),
            "settled": look.is_settled(),
            "identity": identity(look),
            "counts": counts(look.counts()),
            "tasks_without_row": look.standing.without_row,
            "rows": rows.map(|(at, row)| as_json(look, at, row)).collect::<Vec<_>>(),
        })
    }
}

/// How a row's task is known.
fn told_by(look: &Look) -> String {
    const GUESSED: &str = "are guessed by name and length";
    let with_id = look.rows.iter().filter(|row| row.task.is_some()).count();
    let shared = look.shared_ids();
    let shared = match shared {
        0 => String::new(),
        rows => format!("; {} were told a task id that another row was told, too", counted(rows as u64, "row")),
    };
    match with_id {
        _ if look.knows_each_task() => format!("each row is known by its task id{shared}"),
        0 => format!("rows {GUESSED}; no task ids are told after a transfer"),
        _ => {
            let others = match look.rows.len() - with_id {
                1 => "another row is guessed by name and length".to_owned(),
                rows => format!("{} others {GUESSED}", thousands(rows as u64)),
            };
            let told = counted(with_id as u64, "row");
            let were = if with_id == 1 { "the task id of 1 row was" } else { &format!("the task ids of {told} were") };
            format!("{were} told, {others}{shared}")
        }
    }
}

/// `guess` as long as one row's task is one.
fn identity(look: &Look) -> &'static str {
    if look.knows_each_task() { "task-id" } else { "guess" }
}

/// The row in the file as sent, from 1.
fn number(look: &Look, at: usize) -> u64 {
    look.rows.get(at).map_or(0, |row| u64::from(row.place) + 1)
}

/// Row, state, task, guess, video, reason: apart by tabs.
fn line(look: &Look, at: usize, row: &RowStanding) -> String {
    let task = look.standing.task(row);
    let reason = match (&row.state, task.and_then(|task| task.reason.as_deref())) {
        (State::Of(Status::Failed), None) => "no reason given",
        (State::Of(Status::Failed), Some(reason)) => reason,
        _ => "-",
    };
    let guess = row.guess.map_or_else(|| "-".to_owned(), Guess::code);
    let object = look.rows.get(at).map_or("", |row| &row.object);
    [
        &*number(look, at).to_string(),
        &*row.state.code(look.is_settled()),
        task.map_or("-", |task| &task.id),
        &*guess,
        object,
        reason,
    ]
    .map(|part| printable(part).into_owned())
    .join("\t")
}

fn as_json(look: &Look, at: usize, row: &RowStanding) -> Value {
    let task = look.standing.task(row);
    let guessed_by = match row.guess {
        None | Some(Guess::TaskId) => Vec::new(),
        Some(Guess::NameAndLength) => vec!["name".to_owned(), "length".to_owned()],
        Some(other) => vec![other.code()],
    };
    let status = match (&row.state, task) {
        (State::Of(status), _) => Some(status.word()),
        _ => None,
    };
    json!({
        "row": number(look, at),
        "object": look.rows.get(at).map(|row| &row.object),
        "state": match &row.state {
            State::Of(Status::Other(_)) => "running".to_owned(),
            state => state.code(look.is_settled()).replace('-', "_"),
        },
        "status": status,
        "task": task.map(|task| &task.id),
        "guessed_by": guessed_by,
        "reason": task.and_then(|task| task.reason.as_deref()),
        "changed": task.and_then(|task| task.changed_ms).map(instant),
        "also_in_attempt": row.also,
    })
}

/// `16:00` today or tomorrow, an instant, or `90m` from now.
fn deadline(text: &str) -> Result<Timestamp, Failure> {
    let now = Zoned::now();
    let text = text.trim();
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Ok(instant);
    }
    if let Ok(time) = text.parse::<Time>() {
        let today = now.with().time(time).build().ok();
        let next = today.filter(|at| *at > now).or_else(|| now.tomorrow().ok()?.with().time(time).build().ok());
        if let Some(next) = next {
            return Ok(next.timestamp());
        }
    }
    if let Ok(wait) = text.parse::<SignedDuration>()
        && let Ok(at) = now.timestamp().checked_add(wait)
    {
        return Ok(at);
    }
    Err(Failure::usage(format!("--until {text:?} is not a time: it is like 16:00, 2026-11-23T16:00:00Z or 90m")))
}

fn file_name(path: &str) -> String {
    path.rsplit('/').next().unwrap_or(path).to_owned()
}

fn now_ms() -> i64 {
    Timestamp::now().as_millisecond()
}

fn local(ms: i64) -> Zoned {
    Timestamp::from_millisecond(ms).unwrap_or_default().to_zoned(TimeZone::system())
}

/// With the date as soon as it isn't today.
fn clock(ms: i64) -> String {
    let at = local(ms);
    let is_today = at.date() == Zoned::now().date();
    at.strftime(if is_today { "%H:%M:%S" } else { "%Y-%m-%d %H:%M:%S" }).to_string()
}
