//! What the loop's jobs share: the outside world, and how a job is stopped.

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

/// After this long, an operation that should be instant is reported.
const SLOW: Duration = Duration::from_secs(4);

/// The outside world.
#[derive(Clone, Debug)]
pub struct World {
    /// Folder of the databases.
    pub state: PathBuf,
    pub submissions: Arc<Submissions>,
    pub s3: io::s3::S3Options,
    /// No online checks.
    pub offline: bool,
    /// Concurrent questions.
    pub at_once: usize,
}

/// Stops a job: computing code polls the flag, waiting code awaits the token.
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

/// Reports an operation that takes long; `done` is sent to, or dropped, when it ends.
pub async fn tell_if_slow(done: Receiver<()>, what: Msg, results: Sender<Msg>) {
    if tokio::time::timeout(SLOW, done).await.is_err() {
        let _ = results.send(what).await;
    }
}
