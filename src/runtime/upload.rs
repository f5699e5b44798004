//! From the gate to the ledger: gathers the facts, sends once, writes down what came of it.

use super::work::{Stop, World};
use crate::app::effect;
use crate::app::msg::{GateFacts, Phase};
use crate::app::{JobId, Msg};
use crate::domain::draft::Snapshot;
use crate::domain::outcome::{Attempt, Ended, How, Intent, Settlement, judge};
use crate::domain::request::Fingerprint;
use crate::io::api_key;
use crate::io::files::{OnDisk, on_disk};
use crate::io::store::{BeginError, Ledger};
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

    fn key(&self) -> Result<SecretString, String> {
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

fn proxy(world: &World) -> Option<Proxy> {
    Proxy::from_environment(&world.address, |name| std::env::var(name).ok())
}

/// What the gate has to know.
pub fn prepare(world: &World, keys: &Keys, snapshot: &Snapshot, path: &Path) -> Result<Box<GateFacts>, String> {
    let fingerprint = Fingerprint::of(snapshot.pieces());
    let same_on_disk = match on_disk(path, snapshot) {
        Ok(found) => found == OnDisk::Same,
        Err(error) => return Err(format!("{} can't be read: {error}", path.display())),
    };
    let ledger = Ledger::open(&world.state);
    let before = ledger.and_then(|ledger| ledger.last_same(&fingerprint, world.address.as_str()));
    let (sent_before, ledger_fault) = match before {
        Ok(attempt) => (attempt.map(Box::new), None),
        Err(error) => (None, Some(error.to_string())),
    };
    let (key_origin, proxy) = (keys.origin(), proxy(world).map(|proxy| proxy.shown()));
    Ok(Box::new(GateFacts { fingerprint, same_on_disk, key_origin, proxy, sent_before, ledger_fault }))
}

/// Sends the file. The intent is in the ledger before the first byte leaves; a send that can't be written down is none.
pub async fn send(world: Arc<World>, keys: Arc<Keys>, order: effect::Send, results: Sender<Msg>, stop: Stop) {
    let job = order.job;
    let begun = {
        let (world, keys) = (Arc::clone(&world), Arc::clone(&keys));
        tokio::task::spawn_blocking(move || begin(&world, &keys, &order)).await
    };
    let (intent, id, wire) = match begun {
        Ok(Ok(begun)) => begun,
        Ok(Err(NotBegun { intent, why })) => {
            let ended = Ended::before_anything_left(How::NotStarted(why));
            let _ = results.send(Msg::Sent(job, Box::new(attempt(0, *intent, ended)))).await;
            return;
        }
        Err(_) => {
            let _ = results.send(Msg::Failed("the upload could not begin; nothing was sent".into())).await;
            return;
        }
    };
    let progress = tell_progress(job, results.clone());
    let ended = twelve_labs::submit(wire, progress, stop.token.clone()).await;
    let written = {
        let (world, ended) = (Arc::clone(&world), ended.clone());
        tokio::task::spawn_blocking(move || Ledger::open(&world.state)?.finish(id, &ended)).await
    };
    if !matches!(written, Ok(Ok(()))) {
        let _ =
            results.send(Msg::Failed("the outcome is not in the ledger: it shows this upload as unknown".into())).await;
    }
    let _ = results.send(Msg::Sent(job, Box::new(attempt(id, intent, ended)))).await;
}

struct NotBegun {
    intent: Box<Intent>,
    why: String,
}

fn begin(world: &World, keys: &Keys, order: &effect::Send) -> Result<(Intent, i64, Order), NotBegun> {
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
    let mut ledger = Ledger::open(&world.state).map_err(|error| not_begun(error.to_string()))?;
    let id = ledger.begin(&intent, order.again).map_err(|error| match error {
        BeginError::SentBefore(_) => not_begun("the same bytes were sent to this address meanwhile".into()),
        BeginError::Store(error) => not_begun(error.to_string()),
    })?;
    let wire = Order {
        address: world.address.clone(),
        key,
        file: order.path.clone(),
        expected: order.fingerprint,
        proxy: proxy(world),
        limits: Limits { idle: world.idle, ..Limits::default() },
    };
    Ok((intent, id, wire))
}

fn attempt(id: i64, intent: Intent, ended: Ended) -> Attempt {
    Attempt { id, outcome: judge(&ended), intent, ended, under_way: false, settled: None }
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
pub fn settle(world: &World, id: i64, accepted: bool) -> Result<Box<Attempt>, String> {
    let at_ms = jiff::Timestamp::now().as_millisecond();
    let mut ledger = Ledger::open(&world.state).map_err(|error| error.to_string())?;
    ledger.settle(id, Settlement { accepted, at_ms }).map_err(|error| error.to_string())?;
    let attempt = ledger.attempt(id).map_err(|error| error.to_string())?;
    attempt.map(Box::new).ok_or_else(|| "this upload is not in the ledger".into())
}

pub fn log(world: &World) -> Result<Vec<Attempt>, String> {
    Ledger::open(&world.state).and_then(|ledger| ledger.attempts(LOG)).map_err(|error| error.to_string())
}
