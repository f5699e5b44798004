//! `cuecard submit`: checks, asks, uploads once, and prints the reply. All obstacles are found before the API key is
//! read.

mod asking;
mod known;
mod rows;

use super::arguments::{Format, Route, Submit};
use super::signals::Signals;
use super::{Context, Failure, print, say};
use crate::domain::draft::Snapshot;
use crate::domain::format::{counted, exact_bytes, thousands, took};
use crate::domain::manifest::Manifest;
use crate::domain::outcome::{Attempt, BodyState, How, Outcome, Reply, ReplyContext, words};
use crate::domain::printable::printable;
use crate::domain::request::curl;
use crate::domain::rows::Slow;
use crate::domain::rules::Severity;
use crate::domain::sent_before::RowsBefore;
use crate::domain::submission::{Earlier, Facts, Phase};
use crate::io::error_words;
use crate::io::files::{self, NotRead};
use crate::io::store::Ledger;
use crate::io::threads;
use crate::settings::Origin;
use crate::submission::{Parcel, Sent, Submissions, WhyNot};
use jiff::{Timestamp, tz::TimeZone};
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Why a stream can't be sent.
fn read_twice(what: &str) -> Failure {
    Failure::usage(format!(
        "{what}: an upload is read twice, to check it and to send exactly what was checked. Save it to a file, and name that."
    ))
}

/// The requested upload, without the API key.
struct Upload<'a> {
    arguments: &'a Submit,
    context: &'a Context,
    submissions: Arc<Submissions>,
    facts: Facts,
    snapshot: Snapshot,
}

/// # Errors
/// [`Failure`] if it ends before the first byte could be sent.
pub fn run(arguments: &Submit, context: &Context) -> Result<u8, Failure> {
    threads::ends_with(Failure::not_sent("").exit);
    if arguments.route == Route::Tasks {
        return rows::run(arguments, context);
    }
    has_effect(arguments, context)?;
    let upload = Upload::prepare(arguments, context)?;
    if arguments.dry_run {
        // With --dry-run this is data; before a question it is narration.
        print(&upload.described().iter().map(|line| format!("{}\n", printable(line))).collect::<String>())?;
        say("Nothing was sent: this was a dry run.");
    }
    upload.may_be_sent()?;
    if arguments.dry_run {
        return Ok(0);
    }
    let runtime = threads::runtime(Some(2));
    let runtime = runtime.map_err(|_| Failure::not_sent("No threads could be started. Nothing was sent."))?;
    let exit = runtime.block_on(upload.deliver());
    // An unanswered question must not delay the end, nor a fault of the runtime's own change what became of the upload.
    std::mem::forget(runtime);
    exit
}

/// Options of the other route are no part of this one.
fn has_effect(arguments: &Submit, context: &Context) -> Result<(), Failure> {
    let is_aws = matches!(context.settings.s3_credentials.origin, Origin::Flag(_));
    let given = [
        ("aws", is_aws),
        ("skip-blocked", arguments.skip_blocked),
        ("without-transcripts", arguments.without_transcripts),
        ("wait", arguments.wait),
        ("resume", arguments.resume.is_some()),
        ("format", arguments.format == Format::Json),
    ];
    match given.iter().find(|(_, is_given)| *is_given) {
        Some((name, _)) => {
            Err(Failure::usage(format!("--{name} has no effect on `cuecard submit` without --route tasks")))
        }
        None => Ok(()),
    }
}

/// The manifest of a file that can be read twice.
fn read(path: &Path) -> Result<Snapshot, Failure> {
    if path == Path::new(files::DASH) {
        return Err(read_twice("- is standard input"));
    }
    let wrong = |why: &dyn std::fmt::Display| Failure::usage(format!("{}: {why}", path.display()));
    let loaded = super::patiently(super::FILE_IS_SLOW, || files::read(path, |_, _| true));
    let loaded = loaded.map_err(|error| match error {
        NotRead::NotAFile(kind) => read_twice(&format!("{} is {kind}", path.display())),
        error => wrong(&error),
    })?;
    let manifest = Manifest::parse(loaded.bytes).map_err(|refusal| wrong(&refusal))?;
    if manifest.is_empty() {
        return Err(Failure::blocked("This manifest has no rows. There is nothing to upload."));
    }
    Ok(Snapshot::of(Arc::new(manifest)))
}

impl<'a> Upload<'a> {
    /// Reads and checks the manifest; a wrong address or file is reported first.
    fn prepare(arguments: &'a Submit, context: &'a Context) -> Result<Upload<'a>, Failure> {
        let submissions = Arc::new(context.submissions()?);
        let path = &arguments.manifest;
        let wrong = |why: &dyn std::fmt::Display| Failure::usage(format!("{}: {why}", path.display()));
        let snapshot = read(path)?;
        check(&snapshot, arguments, context)?;
        let prepare = || submissions.prepare(&snapshot, path);
        let facts = super::patiently(super::DISK_IS_SLOW, prepare).map_err(|error| wrong(&error_words(&error)))?;
        Ok(Upload { arguments, context, submissions, facts, snapshot })
    }

    /// Obstacles in the ledger and on disk.
    fn may_be_sent(&self) -> Result<(), Failure> {
        if let Some(fault) = &self.facts.ledger_fault {
            return Err(without_ledger(fault));
        }
        if !self.facts.same_on_disk {
            return Err(Failure::not_sent("The file changed on disk while it was checked. Nothing was sent."));
        }
        if self.facts.earlier.is_unsettled() {
            return Err(unsettled(&self.facts.earlier.rows));
        }
        if self.facts.earlier.blocks() && !self.arguments.again {
            return Err(sent_before(&self.facts.earlier));
        }
        Ok(())
    }

    /// Gets the API key and the operator's confirmation, and sends. Until the first byte, a signal ends it with nothing
    /// sent.
    async fn deliver(&self) -> Result<u8, Failure> {
        let mut signals = Signals::listen();
        signals.unless(asking::have_key(&self.submissions)).await?;
        signals.unless(self.confirm()).await?;
        let (sent, signal) = self.send(&mut signals).await?;
        if let Some(fault) = sent.unwritten {
            say(&format!("{fault}. The ledger shows this upload as unknown."));
        }
        self.report(&sent.attempt);
        Ok(signal.map_or_else(|| sent.attempt.outcome.exit_code(), |number| 128 + number))
    }

    /// The content of the gate, line by line.
    fn described(&self) -> Vec<String> {
        let to = self.submissions.to();
        let profile = to.profile.as_ref().map(|profile| format!("{profile}  ")).unwrap_or_default();
        let mut lines = vec![
            format!("to       {profile}{}", to.address.as_str()),
            format!("file     {}", self.arguments.manifest.display()),
            format!("size     {}", exact_bytes(self.facts.fingerprint.bytes)),
            format!("sha-256  {}", self.facts.fingerprint.hex()),
            format!("rows     {}", thousands(self.snapshot.len().into())),
            format!("key      {}", self.facts.key_origin.as_deref().unwrap_or("none yet, it will be asked for")),
        ];
        lines.extend(self.facts.proxy.as_ref().map(|proxy| format!("proxy    {proxy}")));
        if self.facts.ledger_fault.is_none() {
            lines.push(format!("before   {}", self.facts.earlier.words(on)));
        }
        let request =
            curl(&to.address, &self.arguments.manifest.to_string_lossy(), self.submissions.api_keys().variable());
        let last = request.len().saturating_sub(1);
        lines.extend(request.iter().enumerate().map(|(at, part)| {
            let label = if at == 0 { "request  " } else { "             " };
            format!("{label}{part}{}", if at < last { " \\" } else { "" })
        }));
        lines
    }

    /// Asks, unless told not to. A protected profile always asks for the number of rows.
    async fn confirm(&self) -> Result<(), Failure> {
        let protect = self.context.settings.protect;
        if self.arguments.yes && !protect {
            return Ok(());
        }
        let host = self.submissions.to().address.host();
        asking::confirm(protect, self.snapshot.len(), &self.described(), &format!("upload to {host}")).await
    }

    /// Sends, and returns the signal that ended it, if any.
    async fn send(&self, signals: &mut Signals) -> Result<(Sent, Option<u8>), Failure> {
        let parcel = Parcel {
            file: self.arguments.manifest.clone(),
            fingerprint: self.facts.fingerprint,
            rows: self.snapshot.len(),
            snapshot: self.snapshot.clone(),
            again: self.arguments.again,
        };
        let stop = CancellationToken::new();
        let (moved, mut moves) = watch::channel(Phase::Connecting);
        let sending = self.submissions.send(parcel, narrator(moved), stop.clone());
        tokio::pin!(sending);
        let host = self.submissions.to().address.host();
        // A task of its own: what blocks this one must not silence it.
        let slow = tokio::spawn(async move {
            let mut what = super::sentence(Slow::Begin.words());
            // Said once, then waited for in silence.
            while let Ok(moved) = tokio::time::timeout(super::SLOW, moves.changed()).await {
                if moved.is_err() {
                    // The exchange has ended, and this task ends when that is recorded.
                    what = super::sentence(Slow::Upload.words());
                    tokio::time::sleep(super::SLOW).await;
                    break;
                }
                what = match *moves.borrow() {
                    Phase::Reading => format!("Still reading: the answer of {host} comes slowly."),
                    _ => format!("Still trying: {host} does not answer."),
                };
            }
            say(&what);
        });
        let (sent, signal) = tokio::select! {
            sent = &mut sending => (sent, None),
            number = signals.next() => {
                stop.cancel();
                (sending.await, Some(number))
            }
        };
        slow.abort();
        let sent = sent.map_err(|not_begun| match not_begun.why {
            WhyNot::NotKnown(why) => sent_before(&Earlier { not_known: Some(why.to_string()), ..Earlier::default() }),
            WhyNot::SentBefore(attempt) => sent_before(&Earlier { blocking: Some(attempt), ..Earlier::default() }),
            WhyNot::RowsSentBefore(rows) if rows.has_unknown() => unsettled(&rows),
            WhyNot::RowsSentBefore(rows) => sent_before(&Earlier { rows: *rows, ..Earlier::default() }),
            WhyNot::Key(error) => Failure::usage(format!("{error}. Nothing was sent.")),
            WhyNot::Ledger(error) => without_ledger(&error.to_string()),
            why @ (WhyNot::Setup(_) | WhyNot::Broken) => Failure::not_sent(format!("{why}. Nothing was sent.")),
        })?;
        threads::ends_with(sent.attempt.outcome.exit_code());
        // A reply that arrived before the signal is the better answer.
        let signal = signal.filter(|_| matches!(sent.attempt.ended.how, How::Stopped));
        Ok((sent, signal))
    }

    /// The explanation is narration; status and body are data. A closed pipe must not hide the outcome.
    fn report(&self, attempt: &Attempt) {
        let ended = &attempt.ended;
        let host = self.submissions.to().address.host();
        let now = Timestamp::now();
        let wait = ended.reply().and_then(|reply| reply.opens_again_in(now.as_second()));
        let opens = wait.and_then(|wait| now.checked_add(wait).ok()).map(|at| at.to_zoned(TimeZone::system()));
        let clock = opens.map(|at| at.strftime("%H:%M").to_string());
        let place =
            ReplyContext { host: &host, bytes: self.facts.fingerprint.bytes, reset: clock.as_deref().zip(wait) };
        let words = words(ended, attempt.outcome, &place);
        let [meaning, now] = &words.sentences;
        say(&format!("{}  {}  {}", words.word, words.status, took(Duration::from_millis(ended.took_ms))));
        say(&format!("{meaning} {now}"));
        if let Some(error) = ended.reply().and_then(Reply::vendor_error) {
            let both = [error.code, error.message];
            say(&format!("The service says: {}", both.into_iter().flatten().collect::<Vec<_>>().join(": ")));
        }
        if let Some(cause) = ended.cause() {
            say(&format!("Cause: {cause}."));
        }
        if words.outcome == Outcome::Unknown {
            say(
                "Look in the dashboard for new tasks of the index. If there are none, --again sends these bytes again.",
            );
        }
        let Some(reply) = ended.reply() else { return };
        let body = reply.shown_body();
        let lines: String = body.lines.iter().map(|line| format!("{line}\n")).collect();
        let _ = print(&format!("Status code: {}\n{lines}", reply.status));
        match reply.body_state {
            BodyState::Whole | BodyState::NotLoaded => {}
            BodyState::Cut => say("The reply's body is incomplete."),
            BodyState::Truncated => say("The reply's body is longer than what is kept and shown."),
        }
    }
}

/// Errors block unless allowed; all findings are counted.
fn check(snapshot: &Snapshot, arguments: &Submit, context: &Context) -> Result<(), Failure> {
    let findings = known::findings(context, snapshot)?;
    let tallies = findings.tallies();
    for group in findings.groups().iter().filter(|group| group.severity != Severity::Note) {
        let severity = if group.severity == Severity::Error { "error" } else { "warning" };
        let first = findings.rows_of(snapshot, group.rule).first().map(|row| format!(", first in row {}", row + 1));
        let (code, title) = (group.rule.code(), group.rule.title());
        say(&format!("{severity:<7}  {code}  {}  {title}{}", thousands(group.count), first.unwrap_or_default()));
    }
    if tallies.errors == 0 || arguments.allow_errors {
        return Ok(());
    }
    let (errors, block) = (counted(tallies.errors, "error"), if tallies.errors == 1 { "blocks" } else { "block" });
    Err(Failure::blocked(format!(
        "{errors} {block} the upload. Nothing was sent. `cuecard check` lists them; --allow-errors sends anyway."
    )))
}

fn without_ledger(fault: &str) -> Failure {
    Failure::not_sent(format!("{fault}. Without the ledger nothing is sent: it prevents sending a manifest twice."))
}

fn sent_before(earlier: &Earlier) -> Failure {
    Failure::blocked(format!("{} Nothing was sent; --again sends them once more.", sentence(earlier)))
}

/// Rows of an attempt whose outcome is unknown: --again does not send them.
fn unsettled(rows: &RowsBefore) -> Failure {
    let how = match rows.unknown().next() {
        Some(had) if had.under_way => "It ends first.".to_owned(),
        Some(had) if had.is_row_by_row => {
            format!(
                "Say what became of its rows: cuecard history settle {} accepted --row N, or not-accepted.",
                had.attempt
            )
        }
        had => {
            let attempt = had.map(|had| had.attempt).unwrap_or_default();
            format!("Say what became of it: cuecard history settle {attempt} accepted, or not-accepted.")
        }
    };
    Failure::blocked(format!("{}. Nothing was sent, --again does not send them either. {how}", rows.words(on)))
}

/// `These bytes were accepted with 204 No Content on 2026-11-23 14:03:09, by this service.`
fn sentence(earlier: &Earlier) -> String {
    let words = match earlier.tells_of_rows() {
        true => earlier.words(on),
        false => earlier.words(|ms| format!("{}, to this service", on(ms))),
    };
    super::sentence(&words)
}

/// `on 2026-11-23 14:03:09`
fn on(ms: i64) -> String {
    let when = Timestamp::from_millisecond(ms).unwrap_or_default().to_zoned(TimeZone::system());
    when.strftime("on %Y-%m-%d %H:%M:%S").to_string()
}

/// When these bytes or rows were sent to the configured service before, or why that is unknown, in one sentence for
/// `cuecard check`. None without a ledger.
pub fn already_sent(context: &Context, snapshot: &Snapshot) -> Option<String> {
    if !Ledger::exists(&context.folders.state) {
        return None;
    }
    let submissions = context.submissions().ok()?;
    let earlier = || submissions.earlier(snapshot);
    let earlier = match super::patiently(super::DISK_IS_SLOW, earlier) {
        Ok(earlier) => earlier,
        // Unknown is not "never".
        Err(error) => return Some(format!("It is unknown whether these bytes were sent before: {error}.")),
    };
    earlier.blocks().then(|| sentence(&earlier))
}

/// The exit code of an unknown outcome.
const UNKNOWN: u8 = 5;

/// Shows progress on one line of a terminal, at most ten times per second; otherwise nothing.
fn narrator(moved: watch::Sender<Phase>) -> impl Fn(Phase) + Send + Sync + 'static {
    let on_terminal = io::stderr().is_terminal();
    let last = Mutex::new(None::<Instant>);
    move |phase| {
        moved.send_replace(phase);
        if !matches!(phase, Phase::Connecting) {
            // Until the reply is read nobody knows what became of it.
            threads::ends_with(UNKNOWN);
        }
        let mut last = last.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let often = last.is_some_and(|at| at.elapsed() < Duration::from_millis(100));
        let line = match phase {
            Phase::Sending { sent, total } if sent < total && often => return,
            Phase::Sending { sent, total } => {
                let percent = sent.saturating_mul(100).checked_div(total).unwrap_or(100);
                format!("sending  {} of {}  {percent}%", thousands(sent), exact_bytes(total))
            }
            Phase::Connecting => "connecting".to_owned(),
            Phase::Waiting => "waiting for the reply".to_owned(),
            Phase::Reading => String::new(),
        };
        if on_terminal {
            *last = Some(Instant::now());
            let mut out = io::stderr().lock();
            let _ = write!(out, "\r\x1b[K{line}").and_then(|()| out.flush());
        }
    }
}
