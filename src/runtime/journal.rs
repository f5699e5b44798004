//! The one thread that writes the journal: edits reach the disk in order, at most a second after they are made, and no
//! key press waits for them.

use crate::app::effect::JournalLine;
use crate::app::msg::{self, Moment, Recovered};
use crate::app::{JobId, Msg};
use crate::domain::draft::{Change, Edit, Snapshot};
use crate::domain::manifest::Manifest;
use crate::domain::request::Fingerprint;
use crate::io::store::{self, Fit, Ledger, Mark, SessionId, StoreError, renumbered};
use jiff::tz::TimeZone;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;
use tokio::sync::mpsc as results;

/// How long a save waits for the journal.
const PATIENCE: Duration = Duration::from_secs(10);
/// An order that takes longer is told of: the ledger waits 5 seconds for a lock.
const STUCK: Duration = Duration::from_secs(7);

enum JournalOrder {
    Open {
        job: JobId,
        path: PathBuf,
        manifest: Arc<Manifest>,
    },
    Lines(Vec<JournalLine>),
    /// The file is about to be replaced; answered when this is on disk.
    Saving(Snapshot, Sender<Result<(), String>>),
    ForgetRecovered,
    ForgetEarlier,
    Forget,
    End {
        keep: bool,
        done: Sender<()>,
    },
}

/// A handle to the thread.
#[derive(Debug, Clone)]
pub struct Journal {
    orders: Sender<JournalOrder>,
}

impl Journal {
    pub fn start(state: PathBuf, results: results::Sender<Msg>) -> Journal {
        let (orders, queue) = channel();
        let spawned =
            std::thread::Builder::new().name("journal".into()).spawn(move || Keeper::new(state, results).run(&queue));
        if let Err(error) = spawned {
            tracing::error!(%error, "no thread for the journal");
        }
        Journal { orders }
    }

    /// A file was opened: look for its unsaved edits.
    pub fn open(&self, job: JobId, path: PathBuf, manifest: Arc<Manifest>) {
        let _ = self.orders.send(JournalOrder::Open { job, path, manifest });
    }

    pub fn record(&self, lines: Vec<JournalLine>) {
        let _ = self.orders.send(JournalOrder::Lines(lines));
    }

    /// Call before a save replaces the file. Waits until it is on disk.
    pub fn saving(&self, snapshot: Snapshot) -> Result<(), String> {
        let (answer, answered) = channel();
        let _ = self.orders.send(JournalOrder::Saving(snapshot, answer));
        // The file is saved in any case: its content says more than the journal could.
        answered.recv_timeout(PATIENCE).unwrap_or_else(|_| Err("the journal does not answer".into()))
    }

    pub fn forget_recovered(&self) {
        let _ = self.orders.send(JournalOrder::ForgetRecovered);
    }

    /// Edits from before the last read are not needed any more, or were recorded again.
    pub fn forget_earlier(&self) {
        let _ = self.orders.send(JournalOrder::ForgetEarlier);
    }

    pub fn forget(&self) {
        let _ = self.orders.send(JournalOrder::Forget);
    }

    /// Waits until everything is written. Without `keep` this session's edits are deleted: the file contains them.
    pub fn end(&self, keep: bool) {
        let (done, over) = channel();
        if self.orders.send(JournalOrder::End { keep, done }).is_ok() {
            let _ = over.recv_timeout(Duration::from_secs(5));
        }
    }
}

/// A session of this process.
struct Session {
    id: SessionId,
    /// Number of marks on disk.
    written: usize,
    /// Marks not on disk yet: a write failed.
    unwritten: Vec<Mark>,
}

impl Session {
    /// Writes failed marks together with later ones, so that every undo matches its own edit.
    fn write(&mut self, ledger: &mut Ledger) -> Result<(), StoreError> {
        if !self.unwritten.is_empty() {
            ledger.record(self.id, self.written, &self.unwritten, now_ms())?;
            self.written += self.unwritten.len();
            self.unwritten.clear();
        }
        Ok(())
    }
}

struct Keeper {
    state: PathBuf,
    results: results::Sender<Msg>,
    ledger: Option<Ledger>,
    session: Option<Session>,
    /// Sessions of files opened or read before.
    earlier: Vec<Session>,
    /// The session whose edits were offered.
    recovered: Option<SessionId>,
    /// Sessions whose edits this one takes over: deleted when those are on disk.
    replaced: Vec<SessionId>,
    /// Why the open file has no session. Told again with the first edit, which is kept nowhere.
    fault: Option<String>,
}

impl Keeper {
    fn new(state: PathBuf, results: results::Sender<Msg>) -> Keeper {
        let (earlier, replaced) = (Vec::new(), Vec::new());
        Keeper { state, results, ledger: None, session: None, earlier, recovered: None, replaced, fault: None }
    }

    fn run(mut self, queue: &Receiver<JournalOrder>) {
        let watch = Watch::start(self.results.clone(), STUCK);
        while let Ok(order) = queue.recv() {
            let end = watch.during(|| self.take(order));
            if let Some(done) = end {
                let _ = done.send(());
                return;
            }
        }
    }

    /// Executes an order. Returns who to notify if it was the last one.
    fn take(&mut self, order: JournalOrder) -> Option<Sender<()>> {
        match order {
            JournalOrder::Open { job, path, manifest } => {
                let found = self.open(&path, &manifest).map_err(|error| error.to_string());
                self.fault = found.as_ref().err().cloned();
                let _ = self.results.blocking_send(Msg::JournalRead(job, found));
                if let Some(aside) = self.ledger.as_ref().and_then(Ledger::set_aside) {
                    let _ = self.results.blocking_send(Msg::Failed(aside.short()));
                }
            }
            JournalOrder::Lines(lines) => {
                let failed = self.record(lines.into_iter().map(mark)).err().map(|error| error.to_string());
                if let Some(fault) = failed.or_else(|| self.fault.take()) {
                    let _ = self.results.blocking_send(Msg::JournalFailed(fault));
                }
            }
            JournalOrder::Saving(snapshot, answer) => {
                let content = Fingerprint::of(snapshot.pieces()).hex();
                let left_out = snapshot.excluded_rows().clone();
                let written = self.record([Mark::Saving { content, left_out }]);
                let _ = answer.send(written.map_err(|e| e.to_string()));
            }
            JournalOrder::ForgetRecovered => {
                self.replaced.extend(self.recovered.take());
                self.write_or_warn();
            }
            JournalOrder::ForgetEarlier => {
                self.replaced.extend(self.earlier.drain(..).map(|session| session.id));
                self.write_or_warn();
            }
            JournalOrder::Forget => self.forget_own(),
            JournalOrder::End { keep, done } => {
                if !keep {
                    self.forget_own();
                }
                self.write_or_warn();
                return Some(done);
            }
        }
        None
    }

    /// Starts a session for a file. The previous one stays until the app has taken over or dropped its edits.
    fn open(&mut self, path: &Path, manifest: &Manifest) -> Result<Option<Recovered>, StoreError> {
        self.write_or_warn();
        self.earlier.extend(self.session.take());
        self.recovered = None;
        let content = Fingerprint::of([manifest.bytes()]).hex();
        let ledger = match &mut self.ledger {
            Some(ledger) => ledger,
            none => none.insert(Ledger::open(&self.state)?),
        };
        let found = ledger.recover(path, &content)?;
        let id = ledger.open_session(path, &content, now_ms())?;
        self.session = Some(Session { id, written: 0, unwritten: Vec::new() });
        Ok(found.map(|found| {
            self.recovered = Some(found.session);
            offer(&found)
        }))
    }

    fn record(&mut self, marks: impl IntoIterator<Item = Mark>) -> Result<(), StoreError> {
        if let Some(session) = &mut self.session {
            session.unwritten.extend(marks);
        }
        self.write()
    }

    /// Writes pending marks, and only then deletes the sessions they may come from.
    fn write(&mut self) -> Result<(), StoreError> {
        let Some(ledger) = &mut self.ledger else { return Ok(()) };
        // A failed one must not block the others.
        let mut written = Ok(());
        for session in self.earlier.iter_mut().chain(&mut self.session) {
            written = written.and(session.write(ledger));
        }
        written?;
        while let Some(replaced) = self.replaced.last() {
            ledger.forget(*replaced)?;
            self.replaced.pop();
        }
        Ok(())
    }

    fn write_or_warn(&mut self) {
        if let Err(error) = self.write() {
            tracing::warn!(%error, "the journal is behind");
        }
    }

    fn forget_own(&mut self) {
        if let (Some(session), Some(ledger)) = (self.session.take(), &mut self.ledger)
            && let Err(error) = ledger.forget(session.id)
        {
            tracing::warn!(%error, "a session was not forgotten");
        }
    }
}

/// Tells that edits are kept nowhere while an order gets no answer from the disk.
struct Watch(Sender<()>);

impl Watch {
    /// Without a thread, nobody watches.
    fn start(results: results::Sender<Msg>, patience: Duration) -> Watch {
        let (turns, turned) = channel();
        let watch = move || {
            // Each order begins with a turn and ends with one.
            while turned.recv().is_ok() {
                if turned.recv_timeout(patience) == Err(RecvTimeoutError::Timeout) {
                    let _ = results.blocking_send(Msg::JournalFailed("the disk does not answer".into()));
                    if turned.recv().is_err() {
                        return;
                    }
                }
            }
        };
        if let Err(error) = std::thread::Builder::new().name("journal watch".into()).spawn(watch) {
            tracing::warn!(%error, "no thread watches the journal");
        }
        Watch(turns)
    }

    fn during<T>(&self, work: impl FnOnce() -> T) -> T {
        let _ = self.0.send(());
        let result = work();
        let _ = self.0.send(());
        result
    }
}

/// The message to the app about a session that crashed.
fn offer(found: &store::Recovered) -> Recovered {
    let read: Vec<Edit> = found.edits.iter().filter_map(|text| serde_json::from_str(text).ok()).collect();
    let unreadable = found.edits.len() - read.len();
    let fit = match found.fit {
        Fit::Base => msg::Fit::AsOpened,
        Fit::Save => msg::Fit::AsSaved,
        Fit::Neither => msg::Fit::ChangedSince,
    };
    let edits = match found.fit {
        Fit::Neither => Vec::new(),
        Fit::Base | Fit::Save => read.into_iter().map(|edit| moved_up(edit, &found.left_out)).collect(),
    };
    let last = Moment { unix_ms: found.changed_ms, offset_s: offset_at(found.changed_ms, &TimeZone::system()) };
    let undone_after_save = found.undone_after_save;
    Recovered { found: found.edits.len(), edits, last, fit, undone_after_save, unreadable }
}

/// An edit that can't be serialised keeps its position: a later undo must not hit another edit.
fn mark(line: JournalLine) -> Mark {
    match line {
        JournalLine::Did(edit) => Mark::Did(serde_json::to_string(&*edit).unwrap_or_default()),
        JournalLine::Undid => Mark::Undid,
        JournalLine::Redid => Mark::Redid,
    }
}

/// An edit renumbered for a file that lost rows in a save.
fn moved_up(edit: Edit, left_out: &crate::domain::row_set::RowSet) -> Edit {
    let change = match edit.change {
        Change::SetEach(field, texts) => {
            let kept = edit.rows.iter().zip(texts).filter(|(row, _)| !left_out.contains(*row));
            Change::SetEach(field, kept.map(|(_, text)| text).collect())
        }
        Change::Together(edits) => Change::Together(edits.into_iter().map(|edit| moved_up(edit, left_out)).collect()),
        change => change,
    };
    Edit { rows: renumbered(&edit.rows, left_out), change }
}

fn now_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

/// Of that moment, not of today: summer time may have ended since.
fn offset_at(unix_ms: i64, zone: &TimeZone) -> i32 {
    let at = jiff::Timestamp::from_millisecond(unix_ms).unwrap_or_default();
    zone.to_offset(at).seconds()
}

#[cfg(test)]
mod tests;
