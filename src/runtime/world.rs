//! What the loop's jobs share: the world outside the program, and how a job is told to stop.

use crate::app::Msg;
use crate::io;
use crate::submission::Submissions;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::mpsc::Sender;
use tokio::sync::oneshot::Receiver;
use tokio_util::sync::CancellationToken;

/// What takes longer, and should take no time, is told.
const SLOW: Duration = Duration::from_secs(4);

/// What the program works with outside itself.
#[derive(Clone, Debug)]
pub struct World {
    /// Of the databases.
    pub state: PathBuf,
    pub submissions: Arc<Submissions>,
    pub s3: io::s3::Options,
    /// Nothing is asked online.
    pub offline: bool,
    /// Questions under way at once.
    pub at_once: usize,
}

/// How a job is stopped: code that computes asks the flag, code that waits is told by the token.
#[derive(Clone, Debug, Default)]
pub struct Stop {
    pub flag: Arc<AtomicBool>,
    pub token: CancellationToken,
}

impl Stop {
    pub fn stop(&self) {
        self.flag.store(true, Ordering::Relaxed);
        self.token.cancel();
    }

    pub fn is_asked(&self) -> bool {
        self.flag.load(Ordering::Relaxed)
    }
}

/// Says so when something is not done after a while; `done` is told, or dropped, when it is.
pub async fn tell_if_slow(done: Receiver<()>, what: &'static str, results: Sender<Msg>) {
    if tokio::time::timeout(SLOW, done).await.is_err() {
        let _ = results.send(Msg::Failed(what.into())).await;
    }
}
