//! `cuecard submit`: checks, asks, uploads once, and prints what came back. Everything that stands against sending is
//! found out before a key is touched; nothing is sent unless the ledger took the intent.

use super::arguments::Submit;
use super::signals::Signals;
use super::{Context, Failure, print, say};
use crate::domain::draft::Snapshot;
use crate::domain::findings::Findings;
use crate::domain::format::{exact_bytes, thousands, took};
use crate::domain::manifest::Manifest;
use crate::domain::outcome::{Attempt, BodyState, Ended, How, Intent, Outcome, Place, Reply, judge, words};
use crate::domain::request::{Address, Fingerprint, curl};
use crate::domain::rules::Severity;
use crate::io::api_key;
use crate::io::files;
use crate::io::store::{BeginError, Ledger};
use crate::io::twelve_labs::{self, Limits, Order, Progress, Proxy};
use crate::settings::KeySource;
use jiff::{Timestamp, tz::TimeZone};
use secrecy::SecretString;
use std::io::{self, BufRead, IsTerminal, Write};
use std::sync::Mutex;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// What is about to be sent, as far as it is known without a key.
struct Parcel<'a> {
    arguments: &'a Submit,
    context: &'a Context,
    address: Address,
    proxy: Option<Proxy>,
    fingerprint: Fingerprint,
    rows: u32,
}

/// # Errors
/// [`Failure`] for everything that ends before the first byte could leave.
pub fn run(arguments: &Submit, context: &Context) -> Result<u8, Failure> {
    let parcel = Parcel::prepare(arguments, context)?;
    if arguments.dry_run {
        parcel.describe();
        return parcel.sent_before(&parcel.ledger()?).map(|()| 0);
    }
    let mut ledger = parcel.ledger()?;
    parcel.sent_before(&ledger)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.map_err(|_| Failure::not_sent("No threads could be started. Nothing was sent."))?;
    let exit = runtime.block_on(parcel.deliver(&mut ledger));
    // A question that nobody answered must not hold up the end.
    runtime.shutdown_background();
    exit
}

impl<'a> Parcel<'a> {
    /// Reads and checks the manifest; an address or a file that can't be is told before anything else.
    fn prepare(arguments: &'a Submit, context: &'a Context) -> Result<Parcel<'a>, Failure> {
        let address = context.address()?;
        let path = &arguments.manifest;
        let loaded =
            files::read(path, |_, _| true).map_err(|error| Failure::usage(format!("{}: {error}", path.display())))?;
        let manifest = Manifest::parse(loaded.bytes)
            .map_err(|refusal| Failure::usage(format!("{}: {refusal}", path.display())))?;
        if manifest.is_empty() {
            return Err(Failure::blocked("This manifest has no rows. There is nothing to upload."));
        }
        check(&manifest, arguments)?;
        let proxy = Proxy::from_environment(&address, |name| std::env::var(name).ok());
        let fingerprint = Fingerprint::of([manifest.bytes()]);
        Ok(Parcel { arguments, context, address, proxy, fingerprint, rows: manifest.len() })
    }

    fn ledger(&self) -> Result<Ledger, Failure> {
        Ledger::open(&self.context.folders.state).map_err(|error| {
            Failure::not_sent(format!(
                "{error}. Without the ledger nothing is sent: it keeps a manifest from going twice."
            ))
        })
    }

    fn sent_before(&self, ledger: &Ledger) -> Result<(), Failure> {
        if self.arguments.again {
            return Ok(());
        }
        match ledger.last_same(&self.fingerprint, self.address.as_str()) {
            Ok(None) => Ok(()),
            Ok(Some(attempt)) => Err(sent_before(&attempt)),
            Err(error) => Err(Failure::not_sent(format!("{error}. Nothing was sent."))),
        }
    }

    /// Takes the key and a word of the operator, and sends. Up to the first byte a signal ends it with nothing sent.
    async fn deliver(&self, ledger: &mut Ledger) -> Result<u8, Failure> {
        let mut signals = Signals::listen();
        let (key, key_origin) = signals.unless(key(self.context)).await?;
        signals.unless(self.confirm()).await?;
        let intent = self.intent(key_origin);
        let id = ledger.begin(&intent, self.arguments.again).map_err(|error| match error {
            BeginError::SentBefore(attempt) => sent_before(&attempt),
            BeginError::Store(error) => Failure::not_sent(format!("{error}. Nothing was sent.")),
        })?;
        tracing::info!(id, address = intent.address, sha256 = intent.fingerprint.hex(), "sending");
        let (ended, signal) = self.send(key, &mut signals).await;
        tracing::info!(id, outcome = judge(&ended).code(), sent = ended.sent, "ended");
        if let Err(error) = ledger.finish(id, &ended) {
            say(&format!("{error}. The ledger shows this upload as unknown."));
        }
        self.report(&ended);
        Ok(signal.map_or_else(|| judge(&ended).exit_code(), |number| 128 + number))
    }

    /// The gate in words.
    fn describe(&self) {
        let settings = &self.context.settings;
        let profile = settings.profile.as_ref().map(|p| format!("{}  ", p.value)).unwrap_or_default();
        say(&format!("to       {profile}{}", self.address.as_str()));
        say(&format!("file     {}", self.arguments.manifest.display()));
        say(&format!("size     {}", exact_bytes(self.fingerprint.bytes)));
        say(&format!("sha-256  {}", self.fingerprint.hex()));
        say(&format!("rows     {}", thousands(self.rows.into())));
        let key = match &settings.api_key.value {
            KeySource::Missing => "none yet, it will be asked for".to_owned(),
            _ => settings.api_key.origin.to_string(),
        };
        say(&format!("key      {key}"));
        if let Some(proxy) = &self.proxy {
            say(&format!("proxy    {}", proxy.shown()));
        }
        let lines = curl(&self.address, &self.arguments.manifest.to_string_lossy());
        for (at, line) in lines.iter().enumerate() {
            let label = if at == 0 { "request  " } else { "             " };
            say(&format!("{label}{line}{}", if at + 1 < lines.len() { " \\" } else { "" }));
        }
        if self.arguments.dry_run {
            say("Nothing was sent: this was a dry run.");
        }
    }

    /// Asks unless told not to. A protected profile always asks, for the number of rows.
    async fn confirm(&self) -> Result<(), Failure> {
        let protect = self.context.settings.protect;
        if self.arguments.yes && !protect {
            return Ok(());
        }
        if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
            return Err(Failure::usage(if protect {
                "This profile is protected: the number of rows must be typed, and there is no terminal to ask on. Nothing was sent."
            } else {
                "There is no terminal to ask on; --yes sends without asking. Nothing was sent."
            }));
        }
        self.describe();
        let expected = if protect { self.rows.to_string() } else { "yes".to_owned() };
        // Keys pressed before the question are no answer to it.
        #[cfg(unix)]
        let _ = rustix::termios::tcflush(io::stdin(), rustix::termios::QueueSelector::IFlush);
        let _ = write!(io::stderr().lock(), "Type {expected} to upload to {}: ", self.address.host());
        // A read of a terminal can't be ended: when nobody waits any more, the thread ends with the process.
        let (tell, told) = tokio::sync::oneshot::channel();
        std::thread::spawn(move || {
            let mut typed = String::new();
            let read = io::stdin().lock().read_line(&mut typed);
            let _ = tell.send(read.map(|_| typed));
        });
        if matches!(told.await, Ok(Ok(typed)) if typed.trim() == expected) {
            Ok(())
        } else {
            Err(Failure::not_sent("Not confirmed. Nothing was sent."))
        }
    }

    fn intent(&self, key_origin: String) -> Intent {
        let file = std::path::absolute(&self.arguments.manifest).unwrap_or_else(|_| self.arguments.manifest.clone());
        Intent {
            started_ms: Timestamp::now().as_millisecond(),
            address: self.address.as_str().to_owned(),
            profile: self.context.settings.profile.as_ref().map(|p| p.value.clone()),
            file: file.display().to_string(),
            fingerprint: self.fingerprint,
            rows: self.rows,
            key_origin,
        }
    }

    /// Sends, and tells which signal ended it, if one did.
    async fn send(&self, key: SecretString, signals: &mut Signals) -> (Ended, Option<u8>) {
        let order = Order {
            address: self.address.clone(),
            key,
            file: self.arguments.manifest.clone(),
            expected: self.fingerprint,
            proxy: self.proxy.clone(),
            limits: Limits { idle: Duration::from_secs(self.context.settings.idle_seconds.value), ..Limits::default() },
        };
        let stop = CancellationToken::new();
        let sending = twelve_labs::submit(order, narrator(), stop.clone());
        tokio::pin!(sending);
        let (ended, signal) = tokio::select! {
            ended = &mut sending => (ended, None),
            number = signals.next() => {
                stop.cancel();
                (sending.await, Some(number))
            }
        };
        // A reply that had come before the signal is the better answer.
        let signal = signal.filter(|_| matches!(ended.how, How::Stopped));
        (ended, signal)
    }

    /// What it means is narration, the status and the body are data. A closed pipe must not hide the outcome.
    fn report(&self, ended: &Ended) {
        let host = self.address.host();
        let now = Timestamp::now();
        let wait = ended.reply().and_then(|reply| reply.opens_again_in(now.as_second()));
        let opens = wait.and_then(|wait| now.checked_add(wait).ok()).map(|at| at.to_zoned(TimeZone::system()));
        let clock = opens.map(|at| at.strftime("%H:%M").to_string());
        let place = Place { host: &host, bytes: self.fingerprint.bytes, reset: clock.as_deref().zip(wait) };
        let words = words(ended, &place);
        let [meaning, now] = &words.sentences;
        // On the screen `K` takes another key; here there are no keys to press.
        let is_key_refused = ended.reply().is_some_and(|reply| reply.status == 401);
        let now = if is_key_refused { "Keys expire after two months; set another one." } else { now };
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

/// Errors block unless allowed; what there is, is said.
fn check(manifest: &Manifest, arguments: &Submit) -> Result<(), Failure> {
    let snapshot = Snapshot::of(std::sync::Arc::new(manifest.clone()));
    let findings = Findings::check(&snapshot, |_| true)
        .ok_or_else(|| Failure::not_sent("The check did not come to its end. Nothing was sent."))?;
    let tallies = findings.tallies();
    for group in findings.groups().iter().filter(|group| group.severity != Severity::Note) {
        let severity = if group.severity == Severity::Error { "error" } else { "warning" };
        let first = findings.rows_of(&snapshot, group.rule).first().map(|row| format!(", first in row {}", row + 1));
        let (code, title) = (group.rule.code(), group.rule.title());
        say(&format!("{severity:<7}  {code}  {}  {title}{}", thousands(group.count), first.unwrap_or_default()));
    }
    if tallies.errors == 0 || arguments.allow_errors {
        return Ok(());
    }
    let errors = if tallies.errors == 1 {
        "1 error blocks".into()
    } else {
        format!("{} errors block", thousands(tallies.errors))
    };
    Err(Failure::blocked(format!(
        "{errors} the upload. Nothing was sent. `cuecard check` lists them; --allow-errors sends all the same."
    )))
}

fn sent_before(attempt: &Attempt) -> Failure {
    Failure::blocked(format!("{} Nothing was sent; --again sends them once more.", sent_words(attempt)))
}

fn sent_words(attempt: &Attempt) -> String {
    let when = Timestamp::from_millisecond(attempt.intent.started_ms).unwrap_or_default().to_zoned(TimeZone::system());
    let when = when.strftime("%Y-%m-%d %H:%M:%S");
    let what = match (attempt.under_way, attempt.outcome, attempt.ended.reply()) {
        (true, ..) => "are being sent by another cuecard since".to_owned(),
        (_, Outcome::Accepted, Some(reply)) => format!("were accepted with {} on", reply.status_line()),
        _ => "were sent, with no known outcome, on".to_owned(),
    };
    format!("These bytes {what} {when}, to the same address.")
}

/// When these bytes were sent to the configured address before, in one sentence, for `cuecard check`. Without a ledger,
/// or with one that can't be read, nothing is known.
pub fn already_sent(context: &Context, bytes: &[u8]) -> Option<String> {
    if !Ledger::exists(&context.folders.state) {
        return None;
    }
    let address = context.address().ok()?;
    let ledger = Ledger::open(&context.folders.state).ok()?;
    let found = ledger.last_same(&Fingerprint::of([bytes]), address.as_str()).ok()?;
    found.as_ref().map(sent_words)
}

/// The key, and the words for where it came from.
async fn key(context: &Context) -> Result<(SecretString, String), Failure> {
    let setting = &context.settings.api_key;
    let is_typed = matches!(setting.value, KeySource::Missing) && io::stdin().is_terminal();
    let key = if is_typed {
        api_key::from_terminal("API key (not shown): ").await
    } else {
        let source = setting.value.clone();
        let read = tokio::task::spawn_blocking(move || super::read_key(&source));
        read.await.unwrap_or(Err(api_key::KeyError::Missing)).map(Some)
    };
    match key {
        Ok(Some(key)) if is_typed => Ok((key, "typed".to_owned())),
        Ok(Some(key)) => Ok((key, setting.origin.to_string())),
        Ok(None) => Err(Failure::usage("No API key was given. Nothing was sent.")),
        Err(error) => Err(Failure::usage(format!("{error}. Nothing was sent."))),
    }
}

/// Says how far it is, on one line that is written over, ten times a second at most; nothing unless on a terminal.
fn narrator() -> impl Fn(Progress) + Send + Sync + 'static {
    let on_terminal = io::stderr().is_terminal();
    let last = Mutex::new(None::<Instant>);
    move |progress| {
        let mut last = last.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let often = last.is_some_and(|at| at.elapsed() < Duration::from_millis(100));
        let line = match progress {
            Progress::Sending { sent, total } if sent < total && often => return,
            Progress::Sending { sent, total } => {
                let percent = sent.saturating_mul(100).checked_div(total).unwrap_or(100);
                format!("sending  {} of {}  {percent}%", thousands(sent), exact_bytes(total))
            }
            Progress::Connecting => "connecting".to_owned(),
            Progress::WaitingForReply => "waiting for the reply".to_owned(),
            Progress::ReadingReply { .. } => String::new(),
        };
        if on_terminal {
            *last = Some(Instant::now());
            let mut out = io::stderr().lock();
            let _ = write!(out, "\r\x1b[K{line}").and_then(|()| out.flush());
        }
    }
}
