//! Sends the facts, phases and end of a submission to the screen as messages.

use super::world::{Stop, tell_if_slow};
use crate::app::effect;
use crate::app::msg::{GateFacts, Phase};
use crate::app::{JobId, Msg};
use crate::domain::draft::Snapshot;
use crate::domain::rows::Slow;
use crate::io::error_words;
use crate::submission::{Parcel, Submissions};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::mpsc::Sender;
use tokio::sync::oneshot;

/// Minimum interval between progress messages.
const TELL: Duration = Duration::from_millis(50);

/// The facts for the gate.
pub fn prepare(submissions: &Submissions, snapshot: &Snapshot, path: &Path) -> Result<Box<GateFacts>, String> {
    let facts = submissions.prepare(snapshot, path);
    facts.map(Box::new).map_err(|error| format!("{} can't be read: {}", path.display(), error_words(&error)))
}

pub async fn send(submissions: Arc<Submissions>, order: effect::Send, results: Sender<Msg>, stop: Stop) {
    let effect::Send { job, snapshot, path, fingerprint, rows, again } = order;
    let parcel = Parcel { file: path, fingerprint, rows, snapshot, again };
    let (begun, waiting) = oneshot::channel();
    tokio::spawn(tell_if_slow(waiting, Msg::SendSlow(job, Slow::Begin), results.clone()));
    let (answered, heard) = oneshot::channel();
    let (recorded, recording) = oneshot::channel();
    tokio::spawn(tell_if_unrecorded(job, heard, recording, results.clone()));
    let narrate = narrator(job, results.clone(), begun);
    // Dropped with the end of the exchange.
    let narrator = move |phase| {
        let _during = &answered;
        narrate(phase);
    };
    let attempt = match submissions.send(parcel, narrator, stop.token).await {
        Ok(sent) => {
            if sent.unwritten.is_some() {
                let fault = "the outcome is not in the ledger yet: if cuecard ends now, this upload becomes unknown";
                let _ = results.send(Msg::Failed(fault.into())).await;
            }
            sent.attempt
        }
        Err(not_begun) => not_begun.attempt(),
    };
    drop(recorded);
    let _ = results.send(Msg::Sent(job, Box::new(attempt))).await;
}

/// Reports an outcome that takes long to be recorded: both senders are dropped, when the exchange ends and when it is
/// recorded.
async fn tell_if_unrecorded(
    job: JobId,
    exchange: oneshot::Receiver<()>,
    recording: oneshot::Receiver<()>,
    results: Sender<Msg>,
) {
    let _ = exchange.await;
    tell_if_slow(recording, Msg::SendSlow(job, Slow::Upload), results).await;
}

/// The network task must not wait for the screen: messages that don't fit into the channel are dropped.
fn narrator(job: JobId, results: Sender<Msg>, begun: oneshot::Sender<()>) -> impl Fn(Phase) + Send + Sync {
    let (reported, begun) = (Mutex::new(None::<Instant>), Mutex::new(Some(begun)));
    move |phase| {
        drop(begun.lock().unwrap_or_else(PoisonError::into_inner).take());
        let mut reported = reported.lock().unwrap_or_else(PoisonError::into_inner);
        let due = reported.is_none_or(|at| at.elapsed() > TELL);
        if due || !matches!(phase, Phase::Sending { sent, total } if sent < total) {
            *reported = Some(Instant::now());
            let _ = results.try_send(Msg::SendMoved(job, phase));
        }
    }
}

/// The entries of the log. If a damaged ledger may have held more, an empty list would claim that nothing was sent.
pub fn log(job: JobId, submissions: &Submissions, tell: &dyn Fn(Msg)) {
    match submissions.log() {
        Ok((attempts, Some(aside))) if attempts.is_empty() => tell(Msg::LogRead(job, Err(aside.short()))),
        Ok((attempts, aside)) => {
            tell(Msg::LogRead(job, Ok(attempts)));
            if let Some(aside) = aside {
                tell(Msg::Failed(aside.short()));
            }
        }
        Err(error) => tell(Msg::LogRead(job, Err(error.to_string()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::mpsc;

    #[tokio::test]
    async fn an_outcome_that_the_disk_does_not_take_is_told_and_one_that_it_takes_is_not() {
        for is_taken in [true, false] {
            let (results, mut told) = mpsc::channel(4);
            let (answered, exchange) = oneshot::channel();
            let (recorded, recording) = oneshot::channel();
            let telling = tokio::spawn(tell_if_unrecorded(JobId(1), exchange, recording, results));
            drop(answered);
            let still_recording = (!is_taken).then_some(recorded);
            telling.await.unwrap();
            let told = told.recv().await;
            assert!(matches!(told, Some(Msg::SendSlow(_, Slow::Upload))) != is_taken);
            drop(still_recording);
        }
    }
}
