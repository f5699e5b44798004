//! The one thread that writes the journal: edits reach the disk in order, a second after they were made at the latest,
//! and no key press waits for them.

use crate::app::effect::JournalLine;
use crate::app::msg::{Moment, Recovered};
use crate::app::{JobId, Msg};
use crate::domain::draft::{Change, Edit, Snapshot};
use crate::domain::manifest::Manifest;
use crate::domain::request::Fingerprint;
use crate::io::store::{Fit, Ledger, Mark, SessionId, StoreError, renumbered};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::mpsc as results;

enum Order {
    Open {
        job: JobId,
        path: PathBuf,
        manifest: Arc<Manifest>,
    },
    Lines(Vec<JournalLine>),
    /// The file is about to be replaced; answered when that is on the disk.
    Saving(Snapshot, Sender<Result<(), String>>),
    ForgetRecovered,
    Forget,
    End {
        keep: bool,
        done: Sender<()>,
    },
}

/// The other end of the thread.
#[derive(Debug, Clone)]
pub struct Journal {
    orders: Sender<Order>,
}

impl Journal {
    pub fn start(state: PathBuf, results: results::Sender<Msg>) -> Journal {
        let (orders, queue) = channel();
        let spawned = std::thread::Builder::new()
            .name("journal".into())
            .spawn(move || Keeper { state, results, ledger: None, session: None, recovered: None }.run(&queue));
        if let Err(error) = spawned {
            tracing::error!(%error, "no thread for the journal");
        }
        Journal { orders }
    }

    /// A file was read: what does the journal know of it?
    pub fn open(&self, job: JobId, path: PathBuf, manifest: Arc<Manifest>) {
        let _ = self.orders.send(Order::Open { job, path, manifest });
    }

    pub fn record(&self, lines: Vec<JournalLine>) {
        let _ = self.orders.send(Order::Lines(lines));
    }

    /// Before a save replaces the file. Waits until it is written down.
    pub fn saving(&self, snapshot: Snapshot) -> Result<(), String> {
        let (answer, answered) = channel();
        let _ = self.orders.send(Order::Saving(snapshot, answer));
        answered.recv().unwrap_or_else(|_| Err("the journal's thread is gone".into()))
    }

    pub fn forget_recovered(&self) {
        let _ = self.orders.send(Order::ForgetRecovered);
    }

    pub fn forget_earlier(&self) {}

    pub fn forget(&self) {
        let _ = self.orders.send(Order::Forget);
    }

    /// Waits until everything is written. Without `keep` this session's edits are forgotten: the file has them.
    pub fn end(&self, keep: bool) {
        let (done, over) = channel();
        if self.orders.send(Order::End { keep, done }).is_ok() {
            let _ = over.recv_timeout(std::time::Duration::from_secs(5));
        }
    }
}

struct Keeper {
    state: PathBuf,
    results: results::Sender<Msg>,
    ledger: Option<Ledger>,
    session: Option<SessionId>,
    /// The session whose edits were offered.
    recovered: Option<SessionId>,
}

impl Keeper {
    fn run(mut self, queue: &Receiver<Order>) {
        while let Ok(order) = queue.recv() {
            match order {
                Order::Open { job, path, manifest } => {
                    let found = self.open(&path, &manifest);
                    let _ = self.results.blocking_send(Msg::JournalRead(job, found.map_err(|e| e.to_string())));
                }
                Order::Lines(lines) => {
                    let marks: Vec<Mark> = lines.into_iter().filter_map(mark).collect();
                    if let Err(error) = self.record(&marks) {
                        let _ = self.results.blocking_send(Msg::JournalFailed(error.to_string()));
                    }
                }
                Order::Saving(snapshot, answer) => {
                    let content = Fingerprint::of(snapshot.pieces()).hex();
                    let left_out = snapshot.excluded_rows().clone();
                    let written = self.record(&[Mark::Saving { content, left_out }]);
                    let _ = answer.send(written.map_err(|e| e.to_string()));
                }
                Order::ForgetRecovered => self.forget(|keeper| keeper.recovered.take()),
                Order::Forget => self.forget(|keeper| keeper.session.take()),
                Order::End { keep, done } => {
                    if !keep {
                        self.forget(|keeper| keeper.session.take());
                    }
                    let _ = done.send(());
                    return;
                }
            }
        }
    }

    fn open(&mut self, path: &Path, manifest: &Manifest) -> Result<Option<Recovered>, StoreError> {
        self.forget(|keeper| keeper.session.take());
        self.recovered = None;
        let content = Fingerprint::of([manifest.bytes()]).hex();
        let mut ledger = Ledger::open(&self.state)?;
        let found = ledger.recover(path, &content)?;
        self.session = Some(ledger.open_session(path, &content, now_ms())?);
        self.ledger = Some(ledger);
        Ok(found.map(|found| {
            self.recovered = Some(found.session);
            let edits = match found.fit {
                Fit::Neither => Vec::new(),
                Fit::Base | Fit::Save => {
                    let edits = found.edits.iter().filter_map(|text| serde_json::from_str::<Edit>(text).ok());
                    edits.map(|edit| moved_up(edit, &found.left_out)).collect()
                }
            };
            let last = Moment { unix_ms: found.changed_ms, offset_s: offset_at(found.changed_ms) };
            Recovered { found: found.edits.len(), edits, last }
        }))
    }

    fn record(&mut self, marks: &[Mark]) -> Result<(), StoreError> {
        match (&mut self.ledger, self.session) {
            (Some(ledger), Some(session)) if !marks.is_empty() => ledger.record(session, marks, now_ms()),
            _ => Ok(()),
        }
    }

    fn forget(&mut self, which: impl Fn(&mut Keeper) -> Option<SessionId>) {
        if let (Some(session), Some(ledger)) = (which(self), &mut self.ledger)
            && let Err(error) = ledger.forget(session)
        {
            tracing::warn!(%error, "a session was not forgotten");
        }
    }
}

fn mark(line: JournalLine) -> Option<Mark> {
    Some(match line {
        JournalLine::Did(edit) => Mark::Did(serde_json::to_string(&edit).ok()?),
        JournalLine::Undid => Mark::Undid,
        JournalLine::Redid => Mark::Redid,
    })
}

/// An edit in the numbers of a file that lost some of its rows by a save.
fn moved_up(edit: Edit, left_out: &crate::domain::row_set::RowSet) -> Edit {
    let change = match edit.change {
        Change::SetEach(field, texts) => {
            let kept = edit.rows.iter().zip(texts).filter(|(row, _)| !left_out.contains(*row));
            Change::SetEach(field, kept.map(|(_, text)| text).collect())
        }
        change => change,
    };
    Edit { rows: renumbered(&edit.rows, left_out), change }
}

fn now_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

fn offset_at(unix_ms: i64) -> i32 {
    let at = jiff::Timestamp::from_millisecond(unix_ms).unwrap_or_default();
    jiff::tz::TimeZone::system().to_offset(at).seconds()
}
