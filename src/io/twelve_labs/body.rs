//! Streams the file: opened once, compared while it is sent, counted. Its last piece is held back until every byte
//! matches the checked ones, so a file that changes meanwhile never arrives complete.

use crate::domain::request::Fingerprint;
use crate::domain::submission::Phase;
use crate::io::files::{Real, System as _};
use bytes::Bytes;
use futures_util::stream::{self, Stream};
use sha2::{Digest, Sha256};
use std::io::{self, Read, Seek};
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::time::{Duration, Instant};
use tokio::io::AsyncReadExt;

const PIECE: usize = 64 * 1024;

/// What has been sent, and when something last moved.
pub(super) struct Meter {
    total: u64,
    sent: AtomicU64,
    begun: AtomicBool,
    changed: AtomicBool,
    /// Nothing more may be sent.
    closed: AtomicBool,
    moved: Mutex<Option<Instant>>,
    progress: Box<dyn Fn(Phase) + Send + Sync>,
}

impl Meter {
    pub(super) fn new(total: u64, progress: Box<dyn Fn(Phase) + Send + Sync>) -> Meter {
        Meter {
            total,
            sent: AtomicU64::new(0),
            begun: AtomicBool::new(false),
            changed: AtomicBool::new(false),
            closed: AtomicBool::new(false),
            moved: Mutex::new(None),
            progress,
        }
    }

    pub(super) fn report(&self, progress: Phase) {
        (self.progress)(progress);
    }

    pub(super) fn begin(&self) {
        if !self.begun.swap(true, SeqCst) {
            self.touch();
            self.report(Phase::Sending { sent: 0, total: self.total });
        }
    }

    pub(super) fn begun(&self) -> bool {
        self.begun.load(SeqCst)
    }

    pub(super) fn sent(&self) -> u64 {
        self.sent.load(SeqCst)
    }

    pub(super) fn changed(&self) -> bool {
        self.changed.load(SeqCst)
    }

    pub(super) fn close(&self) {
        self.closed.store(true, SeqCst);
    }

    /// Resolves after `idle` without progress on an open connection. Connecting has its own timeout.
    pub(super) async fn stands_still(&self, idle: Duration) {
        loop {
            let moved = *self.moved.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            let due = moved.unwrap_or_else(Instant::now) + idle;
            if moved.is_some() && due <= Instant::now() {
                return;
            }
            tokio::time::sleep_until(due.into()).await;
        }
    }

    fn touch(&self) {
        *self.moved.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = Some(Instant::now());
    }

    fn hand_over(&self, bytes: usize) {
        let sent = self.sent.fetch_add(bytes as u64, SeqCst) + bytes as u64;
        self.touch();
        self.report(Phase::Sending { sent, total: self.total });
        if sent == self.total {
            self.report(Phase::Waiting);
        }
    }
}

pub(super) enum Checked {
    /// Rewound to its start.
    Same(tokio::fs::File),
    Differs,
}

/// Opens the file and reads it once: this detects most changes before anything is sent.
pub(super) async fn open(path: PathBuf, expected: Fingerprint) -> io::Result<Checked> {
    let read = move || {
        let mut file = Real.open(&path)?;
        if !file.metadata()?.is_file() {
            return Err(io::Error::other("it is not a regular file"));
        }
        let mut hash = Sha256::new();
        let mut bytes = 0u64;
        let mut piece = vec![0; PIECE];
        loop {
            let read = file.read(&mut piece)?;
            if read == 0 {
                break;
            }
            hash.update(piece.get(..read).unwrap_or_default());
            bytes += read as u64;
        }
        file.rewind()?;
        let same = Fingerprint { sha256: hash.finalize().into(), bytes } == expected;
        Ok(same.then_some(file))
    };
    let file = tokio::task::spawn_blocking(read).await.map_err(io::Error::other)??;
    Ok(file.map_or(Checked::Differs, |file| Checked::Same(tokio::fs::File::from_std(file))))
}

struct Outgoing {
    file: tokio::fs::File,
    hash: Sha256,
    read: u64,
    expected: Fingerprint,
    meter: std::sync::Arc<Meter>,
}

/// The file's bytes. Fails before its last piece if they differ from the expected ones.
pub(super) fn stream(
    file: tokio::fs::File,
    expected: Fingerprint,
    meter: std::sync::Arc<Meter>,
) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
    let start = Outgoing { file, hash: Sha256::new(), read: 0, expected, meter };
    stream::try_unfold(start, |mut outgoing| async move {
        let piece = outgoing.next_piece().await?;
        Ok(piece.map(|piece| (piece, outgoing)))
    })
}

impl Outgoing {
    async fn next_piece(&mut self) -> io::Result<Option<Bytes>> {
        if self.read == self.expected.bytes {
            return Ok(None);
        }
        let mut piece = vec![0; PIECE];
        let read = self.file.read(&mut piece).await?;
        piece.truncate(read);
        self.hash.update(&piece);
        self.read += read as u64;
        if self.meter.closed.load(SeqCst) {
            return Err(io::Error::other("stopped"));
        }
        let is_last = self.read == self.expected.bytes;
        let sound = match read {
            0 => false,
            _ if is_last => self.hash.clone().finalize().as_slice() == self.expected.sha256 && self.is_at_end().await?,
            _ => self.read < self.expected.bytes,
        };
        if !sound {
            self.meter.changed.store(true, SeqCst);
            return Err(io::Error::other("the file changed on disk"));
        }
        self.meter.hand_over(read);
        Ok(Some(piece.into()))
    }

    /// A file that grew is a different file.
    async fn is_at_end(&mut self) -> io::Result<bool> {
        Ok(self.file.read(&mut [0]).await? == 0)
    }
}
