//! From the gate to the ledger: gathers the facts, sends once, writes down what came of it.

use super::work::{Stop, World};
use crate::app::effect;
use crate::app::msg::{GateFacts, Phase};
use crate::app::{JobId, Msg};
use crate::domain::draft::Snapshot;
use crate::domain::outcome::{Attempt, Ended, How, Intent, Outcome, Settlement, judge, settled_words};
use crate::domain::request::Fingerprint;
use crate::io::api_key;
use crate::io::files::{OnDisk, on_disk};
use crate::io::store::{BeginError, Ledger, StoreError};
use crate::io::twelve_labs::{self, Limits, Order, Progress, Proxy};
use crate::settings::{KeySource, Setting};
use secrecy::SecretString;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::mpsc::Sender;

/// Attempts shown in the log.
const LOG: usize = 500;
/// Progress is told at most so often.
const TELL: Duration = Duration::from_millis(50);

/// Where the API key is to be had, and the one that was typed in. It leaves here for the network only.
#[derive(Debug)]
pub struct Keys {
    configured: Setting<KeySource>,
    typed: Mutex<Option<SecretString>>,
}

impl Keys {
    pub fn new(configured: Setting<KeySource>) -> Keys {
        Keys { configured, typed: Mutex::new(None) }
    }

    pub fn keep(&self, key: SecretString) {
        *self.typed.lock().unwrap_or_else(PoisonError::into_inner) = Some(key);
    }

    /// Where the key would come from; None when nobody said.
    fn origin(&self) -> Option<String> {
        if self.typed.lock().unwrap_or_else(PoisonError::into_inner).is_some() {
            return Some("typed in for this session".into());
        }
        match &self.configured.value {
            KeySource::Missing => None,
            KeySource::Given(_) => Some(self.configured.origin.to_string()),
            KeySource::File(path) => Some(format!("from the file {}", path.display())),
            KeySource::Command(_) => Some(format!("from a command, {}", self.configured.origin)),
        }
    }

    /// The key, if it can be had without asking anybody. May run a command.
    pub fn key(&self) -> Result<SecretString, String> {
        use secrecy::ExposeSecret;
        let typed = self.typed.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let key = match (typed, &self.configured.value) {
            (Some(key), _) => api_key::sound(key.expose_secret()),
            (None, KeySource::Given(key)) => api_key::sound(key.expose_secret()),
            (None, KeySource::File(path)) => api_key::from_file(path),
            (None, KeySource::Command(command)) => api_key::from_command(command),
            (None, KeySource::Missing) => Err(api_key::KeyError::Missing),
        };
        key.map_err(|error| error.to_string())
    }
}

/// Uploads of this process that ended, and whose end is not in the ledger yet: there they look like under way. Whoever
/// opens the ledger next tries again.
#[derive(Debug, Default)]
pub struct Unwritten(Mutex<Vec<(i64, Ended)>>);

impl Unwritten {
    fn keep(&self, id: i64, ended: Ended) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((id, ended));
    }

    /// The ledger, with what was missing in it.
    fn ledger(&self, world: &World) -> Result<Ledger, StoreError> {
        let mut ledger = Ledger::open(&world.state)?;
        let mut unwritten = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some((id, ended)) = unwritten.last() {
            ledger.finish(*id, ended)?;
            unwritten.pop();
        }
        Ok(ledger)
    }
}

/// An upload between its intent and its outcome. When its task ends in any other way than by an outcome, that is known.
struct UnderWay {
    id: i64,
    unwritten: Arc<Unwritten>,
    ended: Ended,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.unwritten.keep(self.id, self.ended.clone());
    }
}

pub fn proxy(world: &World) -> Option<Proxy> {
    Proxy::from_environment(&world.address, |name| std::env::var(name).ok())
}

/// What the gate has to know.
pub fn prepare(
    world: &World,
    keys: &Keys,
    unwritten: &Unwritten,
    snapshot: &Snapshot,
    path: &Path,
) -> Result<Box<GateFacts>, String> {
    let fingerprint = Fingerprint::of(snapshot.pieces());
    let same_on_disk = match on_disk(path, snapshot) {
        Ok(found) => found == OnDisk::Same,
        Err(error) => return Err(format!("{} can't be read: {error}", path.display())),
    };
    let before = unwritten.ledger(world).and_then(|ledger| ledger.last_same(&fingerprint, world.address.as_str()));
    let (sent_before, ledger_fault) = match before {
        Ok(attempt) => (attempt.map(Box::new), None),
        Err(error) => (None, Some(error.to_string())),
    };
    let (key_origin, proxy) = (keys.origin(), proxy(world).map(|proxy| proxy.shown()));
    Ok(Box::new(GateFacts { fingerprint, same_on_disk, key_origin, proxy, sent_before, ledger_fault }))
}

/// Sends the file. The intent is in the ledger before the first byte leaves; a send that can't be written down is none.
pub async fn send(
    world: Arc<World>,
    keys: Arc<Keys>,
    unwritten: Arc<Unwritten>,
    order: effect::Send,
    results: Sender<Msg>,
    stop: Stop,
) {
    let job = order.job;
    let begun = {
        let world = Arc::clone(&world);
        tokio::task::spawn_blocking(move || begin(&world, &keys, &unwritten, &order)).await
    };
    let (intent, mut under_way, wire) = match begun {
        Ok(Ok(begun)) => begun,
        Ok(Err(NotBegun { intent, why })) => {
            let ended = Ended::before_anything_left(How::NotStarted(why));
            let outcome = judge(&ended);
            let attempt = Attempt { id: 0, outcome, intent: *intent, ended, under_way: false, settled: None };
            let _ = results.send(Msg::Sent(job, Box::new(attempt))).await;
            return;
        }
        Err(_) => {
            let _ = results.send(Msg::Failed("the upload could not begin; nothing was sent".into())).await;
            return;
        }
    };
    let progress = tell_progress(job, results.clone());
    let ended = twelve_labs::submit(wire, progress, stop.token.clone()).await;
    let id = under_way.id;
    under_way.ended = ended.clone();
    let written = tokio::task::spawn_blocking(move || {
        let unwritten = Arc::clone(&under_way.unwritten);
        drop(under_way);
        unwritten.ledger(&world).map(drop)
    });
    if !matches!(written.await, Ok(Ok(()))) {
        let fault = "the outcome is not in the ledger yet: should cuecard end now, this upload is unknown";
        let _ = results.send(Msg::Failed(fault.into())).await;
    }
    let ended = Attempt { id, outcome: judge(&ended), intent, ended, under_way: false, settled: None };
    let _ = results.send(Msg::Sent(job, Box::new(ended))).await;
}

struct NotBegun {
    intent: Box<Intent>,
    why: String,
}

fn begin(
    world: &World,
    keys: &Keys,
    unwritten: &Arc<Unwritten>,
    order: &effect::Send,
) -> Result<(Intent, UnderWay, Order), NotBegun> {
    let intent = Intent {
        started_ms: jiff::Timestamp::now().as_millisecond(),
        address: world.address.as_str().to_owned(),
        profile: world.profile.clone(),
        file: order.path.display().to_string(),
        fingerprint: order.fingerprint,
        rows: order.rows,
        key_origin: keys.origin().unwrap_or_default(),
    };
    let not_begun = |why: String| NotBegun { intent: Box::new(intent.clone()), why };
    let key = keys.key().map_err(not_begun)?;
    let mut ledger = unwritten.ledger(world).map_err(|error| not_begun(error.to_string()))?;
    let id = ledger.begin(&intent, order.again).map_err(|error| match error {
        BeginError::SentBefore(_) => not_begun("the same bytes were sent to this address meanwhile".into()),
        BeginError::Store(error) => not_begun(error.to_string()),
    })?;
    let ended = Ended { how: How::Interrupted, begun: true, sent: 0, took_ms: 0 };
    let under_way = UnderWay { id, unwritten: Arc::clone(unwritten), ended };
    let wire = Order {
        address: world.address.clone(),
        key,
        file: order.path.clone(),
        expected: order.fingerprint,
        proxy: proxy(world),
        limits: Limits { idle: world.idle, ..Limits::default() },
    };
    Ok((intent, under_way, wire))
}

/// The network's task must not wait for the screen: what does not fit into the channel is left out.
fn tell_progress(job: JobId, results: Sender<Msg>) -> impl Fn(Progress) + Send + Sync {
    let told: Mutex<Option<Instant>> = Mutex::new(None);
    move |progress| {
        let phase = match progress {
            Progress::Connecting => Phase::Connecting,
            Progress::Sending { sent, total } => Phase::Sending { sent, total },
            Progress::WaitingForReply => Phase::Waiting,
            Progress::ReadingReply { .. } => Phase::Reading,
        };
        let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
        let due = told.is_none_or(|at| at.elapsed() > TELL);
        if due || !matches!(phase, Phase::Sending { sent, total } if sent < total) {
            *told = Some(Instant::now());
            let _ = results.try_send(Msg::SendMoved(job, phase));
        }
    }
}

/// Writes the operator's word on an unknown outcome into the ledger.
pub fn settle(world: &World, unwritten: &Unwritten, id: i64, accepted: bool) -> Result<Box<Attempt>, String> {
    let settlement = Settlement { accepted, at_ms: jiff::Timestamp::now().as_millisecond() };
    let settle = || -> Result<_, StoreError> {
        let mut ledger = unwritten.ledger(world)?;
        Ok((ledger.settle(id, settlement)?, ledger.attempt(id)?))
    };
    match settle().map_err(|error| error.to_string())? {
        (true, Some(attempt)) => Ok(Box::new(attempt)),
        (false, Some(attempt)) => Err(format!("this upload is not open: {}", not_open(&attempt))),
        (_, None) => Err("this upload is not in the ledger".into()),
    }
}

/// Why there is nothing to settle.
fn not_open(attempt: &Attempt) -> String {
    match (attempt.under_way, attempt.settled, attempt.outcome) {
        (true, ..) => "it is still being sent".into(),
        (_, Some(said), _) => settled_words(said).into(),
        (_, None, Outcome::Accepted) => "it was accepted".into(),
        (_, None, Outcome::Refused) => "it was refused".into(),
        (_, None, Outcome::NotSent) => "it was not sent".into(),
        (_, None, Outcome::Unknown) => "its outcome is unknown".into(),
    }
}

/// The uploads of the log, without the bodies of their replies.
pub fn log(world: &World, unwritten: &Unwritten) -> Result<Vec<Attempt>, String> {
    // What can't be written down must not keep the rest from being read.
    let ledger = unwritten.ledger(world).or_else(|_| Ledger::open(&world.state));
    ledger.and_then(|ledger| ledger.attempts(LOG)).map_err(|error| error.to_string())
}

/// One of them with the body of its reply.
pub fn attempt(world: &World, unwritten: &Unwritten, id: i64) -> Result<Option<Attempt>, String> {
    let ledger = unwritten.ledger(world).or_else(|_| Ledger::open(&world.state));
    ledger.and_then(|ledger| ledger.attempt(id)).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests;
