//! Executes effects: starts tasks, remembers how to stop them, and sends back their results.

use super::external::Errand;
use super::journal::Journal;
use super::online::Online;
use super::world::{Stop, World, tell_if_slow};
use super::{check_part, cues, follow, load, now, receipt, recent, rows, save, transcript_keys, upload};
use crate::app::compute::Compute;
use crate::app::effect::{Effect, TemplateOrder};
use crate::app::{JobId, Msg};
use crate::domain::request::Fingerprint;
use crate::domain::rows::RowsControl;
use crate::domain::template::SavedTemplate;
use crate::io::checks::Checks;
use crate::io::files::{self, Over};
use crate::io::key_sources::World as KeyWorld;
use crate::io::s3::S3;
use crate::io::store::{Cache, Ledger, StoreError};
use crate::submission::Submissions;
use crate::terminal;
use std::collections::{HashMap, HashSet};
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Notify;
use tokio::sync::mpsc::{Receiver, Sender, UnboundedSender};
use tokio::task::{self, JoinSet};

/// How long the end of the program waits for files being written.
const LAST_WRITES: Duration = Duration::from_secs(30);
/// How long it waits for the answers to rows under way. Who told it to end may kill it soon.
const LAST_ROWS: Duration = Duration::from_secs(8);
/// Minimum interval between progress messages.
const TELL: Duration = Duration::from_millis(50);

pub struct Worker {
    pub jobs: JoinSet<()>,
    /// Work that needs the terminal.
    pub errand: Option<Errand>,
    world: Arc<World>,
    results: Sender<Msg>,
    running: HashMap<JobId, Stop>,
    /// The job of each task.
    tasks: HashMap<task::Id, JobId>,
    /// Tasks that write a file.
    writing: HashSet<task::Id>,
    journal: Journal,
    s3: Option<S3>,
    online: Option<Online>,
    /// What the rows that are being sent are told.
    rows: Option<(JobId, UnboundedSender<RowsControl>)>,
    /// The attempt that is followed, and how to ask at once.
    follow: Option<(JobId, Arc<Notify>)>,
    /// Everything is written.
    ended: bool,
}

/// However the loop ends, even by a bug, the edits so far reach the journal.
impl Drop for Worker {
    fn drop(&mut self) {
        if !self.ended {
            self.journal.end(true);
        }
    }
}

impl Worker {
    pub fn new(world: World, results: Sender<Msg>) -> Worker {
        Worker {
            jobs: JoinSet::new(),
            errand: None,
            journal: Journal::start(world.state.clone(), results.clone()),
            world: Arc::new(world),
            results,
            running: HashMap::new(),
            tasks: HashMap::new(),
            writing: HashSet::new(),
            s3: None,
            online: None,
            rows: None,
            follow: None,
            ended: false,
        }
    }

    /// Ends a send row by row after the rows under way, so that they are not unknown because the program ends.
    pub async fn end_rows(&mut self, results: &mut Receiver<Msg>) {
        let Some((job, control)) = self.rows.take() else { return };
        if control.send(RowsControl::End).is_err() {
            return;
        }
        let over = async {
            while let Some(msg) = results.recv().await {
                if matches!(msg, Msg::RowsEnded(ended, _) if ended == job) {
                    break;
                }
            }
        };
        let _ = tokio::time::timeout(LAST_ROWS, over).await;
    }

    /// Ends the program. With `keep` the journal keeps this session's edits.
    pub async fn end(&mut self, keep: bool) {
        let written = async {
            while !self.writing.is_empty() {
                let Some(end) = self.jobs.join_next_with_id().await else { break };
                self.ended(end);
            }
        };
        // Wait for a half-written file, but not forever for a disk that hangs.
        let _ = tokio::time::timeout(LAST_WRITES, written).await;
        if let Some(online) = self.online.take() {
            online.end().await;
        }
        let journal = self.journal.clone();
        let _ = task::spawn_blocking(move || journal.end(keep)).await;
        self.ended = true;
    }

    pub fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::ListFiles(job) => {
                let world = Arc::clone(&self.world);
                self.compute(job, move |tell, _| tell(Msg::FilesListed(job, recent::files(&world.state))));
            }
            Effect::Load(job, path) => {
                let (journal, world) = (self.journal.clone(), Arc::clone(&self.world));
                self.compute(job, move |tell, stop| load::load(job, &path, &journal, &world, tell, stop));
            }
            Effect::Compute(job, what) => self.compute(job, move |tell, stop| {
                let reported: Mutex<Option<Instant>> = Mutex::new(None);
                // Throttle mere progress.
                let progress = |msg| {
                    let mut reported = reported.lock().unwrap_or_else(PoisonError::into_inner);
                    let is_rows = matches!(msg, Msg::Viewed(..));
                    if is_rows || reported.is_none_or(|at| at.elapsed() > TELL) {
                        *reported = Some(Instant::now());
                        tell(msg);
                    }
                };
                if let Some(msg) = what.run(job, &progress, &stop.flag) {
                    tell(msg);
                }
            }),
            Effect::AskInSight { job, wanted } => self.online(job, |checks| checks.look(wanted)),
            Effect::AskNow { job, wanted, afresh } => self.online(job, |checks| checks.ask(wanted, afresh)),
            Effect::AskAll { job, id, snapshot, scope, total } => {
                self.online(job, |checks| checks.sweep(id, snapshot, scope, total));
            }
            Effect::OrderOnline(job, order) => {
                if let Some(online) = self.online.as_ref().filter(|online| online.job() == job) {
                    online.order(order);
                }
            }
            Effect::CompareCues { job, pair, regions, after_ms } => match self.s3() {
                Ok(s3) => {
                    let (pair, after) = (cues::Pair { subjects: pair, regions }, Duration::from_millis(after_ms));
                    self.wait(job, move |results, stop| cues::compare(s3, job, pair, after, results, stop));
                }
                Err(why) => self.tell(Msg::CuesCompared(job, Err(why))),
            },
            Effect::ReadPart { job, path, snapshot, evidence } => {
                self.compute(job, move |tell, stop| match check_part::read(&path, &snapshot, evidence) {
                    Ok((read, evidence)) => {
                        tell(Msg::PartRead(job, Ok(read)));
                        let check = Compute::Check { snapshot, evidence };
                        check.run(job, &|_| {}, &stop.flag).into_iter().for_each(tell);
                    }
                    Err(why) => tell(Msg::PartRead(job, Err(why))),
                })
            }
            Effect::Journal(lines) => self.journal.record(lines),
            Effect::ForgetJournal => self.journal.forget(),
            Effect::ForgetRecovered => self.journal.forget_recovered(),
            Effect::ForgetEarlier => self.journal.forget_earlier(),
            Effect::Save(save) => {
                let journal = self.journal.clone();
                self.write(save.job, move || save::save(save, &journal));
            }
            Effect::ReadKeys { job, id, source, snapshot } => {
                let world = KeyWorld { s3: self.s3(), manifest: snapshot, ask_columns: true };
                self.wait(job, move |results, stop| transcript_keys::read(job, id, world, source, results, stop));
            }
            Effect::KeepLook(path, words) => {
                let world = Arc::clone(&self.world);
                self.quietly(move |_| {
                    let kept = Cache::open(&world.state).and_then(|mut cache| cache.keep_look(&path, &words));
                    if let Err(error) = kept {
                        tracing::warn!(%error, "the sort and the columns are not remembered");
                    }
                });
            }
            Effect::KeepSources(path, sources) => {
                let world = Arc::clone(&self.world);
                self.quietly(move |_| {
                    let kept = Cache::open(&world.state).and_then(|mut cache| cache.keep_sources(&path, &sources));
                    if let Err(error) = kept {
                        tracing::warn!(%error, "the sources of keys are not remembered");
                    }
                });
            }
            Effect::FindLists(job, manifest) => {
                self.compute(job, move |tell, _| tell(Msg::ListsFound(job, transcript_keys::lists_beside(&manifest))));
            }
            Effect::Templates(job, order) => {
                let world = Arc::clone(&self.world);
                let is_read = matches!(order, TemplateOrder::Read { .. });
                let carry_out = move || {
                    let done = templates(&world.state, &order);
                    Msg::TemplatesRead(job, done.map_err(|error| not_done(&order, &error)))
                };
                match is_read {
                    true => self.compute(job, move |tell, _| tell(carry_out())),
                    false => self.write(job, carry_out),
                }
            }
            Effect::CompletePath(job, begun) => {
                self.compute(job, move |tell, _| tell(Msg::PathCompleted(job, transcript_keys::completed(&begun))));
            }
            Effect::Prepare { job, snapshot, path } => {
                let submissions = self.submissions();
                self.compute(job, move |tell, _| {
                    tell(Msg::Prepared(job, upload::prepare(&submissions, &snapshot, &path)));
                });
            }
            Effect::Send(order) => {
                let submissions = self.submissions();
                self.wait(order.job, move |results, stop| upload::send(submissions, order, results, stop));
            }
            Effect::PrepareRows(order) => {
                let (submissions, s3, job) = (self.submissions(), self.s3(), order.job);
                self.compute(job, move |tell, _| {
                    tell(Msg::RowsPrepared(job, s3.and_then(|s3| rows::prepare(&submissions, &s3, order))));
                });
            }
            Effect::SendRows(order) => match self.s3() {
                Ok(s3) => {
                    let submissions = self.submissions();
                    let (control, wanted) = tokio::sync::mpsc::unbounded_channel();
                    self.rows = Some((order.job, control));
                    self.wait(order.job, move |results, _| rows::send(submissions, s3, order, wanted, results));
                }
                Err(fault) => self.tell(Msg::RowsEnded(order.job, Err(fault))),
            },
            Effect::OrderRows(job, control) => {
                if let Some((_, rows)) = self.rows.as_ref().filter(|(rows, _)| *rows == job) {
                    // If nobody listens any more, it has ended.
                    let _ = rows.send(control);
                }
            }
            Effect::SettleRow { attempt, place, accepted } => {
                let submissions = self.submissions();
                self.quietly(move |tell| tell(Msg::RowSettled(submissions.settle_row(attempt, place, accepted))));
            }
            Effect::KeepKey(key) => self.world.submissions.api_keys().type_in(key),
            Effect::Settle { id, accepted } => {
                let submissions = self.submissions();
                self.quietly(move |tell| tell(Msg::Settled(submissions.settle(id, accepted).map(Box::new))));
            }
            Effect::ReadLog(job) => {
                let submissions = self.submissions();
                self.compute(job, move |tell, _| upload::log(job, &submissions, tell));
            }
            Effect::LookBack(job, snapshot) => {
                let submissions = self.submissions();
                self.compute(job, move |tell, _| tell(Msg::LookedBack(job, rows::look_back(&submissions, &snapshot))));
            }
            Effect::ReadReceipt(job, order) => {
                let submissions = self.submissions();
                self.compute(job, move |tell, _| tell(Msg::ReceiptRead(job, receipt::read(&submissions, order))));
            }
            Effect::ReadAttempt { job, id } => {
                let submissions = self.submissions();
                self.compute(job, move |tell, _| {
                    let found = submissions.attempt(id).map_err(|e| e.to_string());
                    tell(Msg::LogRead(job, found.map(|attempt| attempt.into_iter().collect())));
                });
            }
            Effect::ReadRows { job, id } => {
                let submissions = self.submissions();
                self.compute(job, move |tell, _| tell(Msg::RowsRead(job, rows::kept(&submissions, id))));
            }
            Effect::Follow { job, id, file } => {
                let (submissions, now) = (self.submissions(), Arc::new(Notify::new()));
                self.follow = Some((job, Arc::clone(&now)));
                self.wait(job, move |results, stop| follow::follow(submissions, (job, id, file), now, results, stop));
            }
            Effect::AskTasksNow(job) => {
                if let Some((_, now)) = self.follow.as_ref().filter(|(followed, _)| *followed == job) {
                    now.notify_one();
                }
            }
            Effect::DraftToRetry { job, file, sent, rows, words } => {
                self.write(job, move || Msg::Drafted(job, follow::draft(&file, &sent, &rows, &words)));
            }
            Effect::Fingerprint(job, snapshot) => self.compute(job, move |tell, _| {
                tell(Msg::Fingerprinted(job, Fingerprint::of(snapshot.pieces())));
            }),
            Effect::Copy(text) => self.tell(Msg::Copied(terminal::copy(&text).map_err(|e| e.to_string()))),
            Effect::CopySha256(snapshot) => self.quietly(move |tell| {
                let hex = Fingerprint::of(snapshot.pieces()).hex();
                tell(Msg::Hashed(hex));
            }),
            Effect::WriteFile { job, path, bytes } => {
                self.write(job, move || Msg::FileWritten(job, write_file(path, bytes)));
            }
            Effect::EditText { job, text } => self.errand = Some(Errand::EditText(job, text)),
            Effect::EditFile { job, path, line } => self.errand = Some(Errand::EditFile(job, path, line)),
            Effect::Suspend => self.errand = Some(Errand::Suspend),
            Effect::After { job, ms } => self.wait(job, move |results, _| async move {
                tokio::time::sleep(Duration::from_millis(ms)).await;
                let _ = results.send(Msg::Elapsed(job)).await;
            }),
            Effect::Cancel(job) => {
                if let Some(stop) = self.running.remove(&job) {
                    stop.stop();
                }
            }
            // Handled by the loop.
            Effect::Quit(_) | Effect::Demo => {}
        }
    }

    fn submissions(&self) -> Arc<Submissions> {
        Arc::clone(&self.world.submissions)
    }

    /// Creates the client on first use: that reads the system's certificates.
    fn s3(&mut self) -> Result<S3, String> {
        if self.s3.is_none() {
            self.s3 = Some(S3::new(self.world.s3.clone()).map_err(|error| error.to_string())?);
        }
        self.s3.clone().ok_or_else(String::new)
    }

    /// Sends an order to the engine, which is created on first use, and again for another manifest: the old manifest's
    /// orders are dropped.
    fn online(&mut self, job: JobId, order: impl FnOnce(&Checks)) {
        if self.world.offline {
            return;
        }
        if self.online.as_ref().is_none_or(|online| online.job() != job) {
            self.online = None;
            match self.s3() {
                Ok(s3) => {
                    let results = self.results.clone();
                    self.online = Some(Online::start(job, s3, &self.world, results));
                }
                Err(fault) => return self.tell(Msg::Failed(fault)),
            }
        }
        if let Some(online) = &self.online {
            order(online.checks());
        }
    }

    fn tell(&mut self, msg: Msg) {
        let results = self.results.clone();
        self.spawn(Box::pin(async move {
            let _ = results.send(msg).await;
        }));
    }

    /// Runs CPU-bound work on a blocking thread.
    fn compute(&mut self, job: JobId, work: impl FnOnce(&(dyn Fn(Msg) + Sync), &Stop) + Send + 'static) {
        let (results, stop) = (self.results.clone(), self.remember(job));
        let task = self.block(Box::new(move || {
            let tell = |msg| {
                let _ = results.blocking_send(msg);
            };
            work(&tell, &stop);
        }));
        self.tasks.insert(task, job);
    }

    // A task of tokio is some 2,000 lines to compile, again for each type of what it runs: so ours have one type each.
    fn block(&mut self, work: Box<dyn FnOnce() + Send>) -> task::Id {
        self.jobs.spawn_blocking(work).id()
    }

    fn spawn(&mut self, work: Pin<Box<dyn Future<Output = ()> + Send>>) -> task::Id {
        self.jobs.spawn(work).id()
    }

    /// As [`Worker::compute`], but the program waits for its end: it writes a file.
    fn write(&mut self, job: JobId, work: impl FnOnce() -> Msg + Send + 'static) {
        let results = self.results.clone();
        let (done, waiting) = tokio::sync::oneshot::channel::<()>();
        let slow = "writing takes long: the disk does not answer yet";
        self.spawn(Box::pin(tell_if_slow(waiting, Msg::Failed(slow.into()), results.clone())));
        let task = self.block(Box::new(move || {
            // At the end of the program nobody listens any more; the file is written in any case.
            let msg = work();
            drop(done);
            let _ = results.blocking_send(msg);
        }));
        self.tasks.insert(task, job);
        self.writing.insert(task);
    }

    /// A task ended. If it failed, its job's owner must be reported.
    pub fn ended(&mut self, end: Result<(task::Id, ()), task::JoinError>) -> Option<Msg> {
        let (id, broke) = match &end {
            Ok((id, ())) => (*id, false),
            Err(error) => (error.id(), error.is_panic()),
        };
        self.writing.remove(&id);
        let job = self.tasks.remove(&id);
        if !broke {
            return None;
        }
        let note = terminal::take_panics().pop().unwrap_or_else(|| "something in the background failed".into());
        Some(job.map_or_else(|| Msg::Failed(note.clone()), |job| Msg::JobFailed(job, note.clone())))
    }

    /// Runs work that can't be stopped.
    fn quietly(&mut self, work: impl FnOnce(&dyn Fn(Msg)) + Send + 'static) {
        let results = self.results.clone();
        self.block(Box::new(move || {
            work(&|msg| {
                let _ = results.blocking_send(msg);
            });
        }));
    }

    /// Runs work that mostly waits.
    fn wait<F>(&mut self, job: JobId, work: impl FnOnce(Sender<Msg>, Stop) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let stop = self.remember(job);
        let task = self.spawn(Box::pin(work(self.results.clone(), stop)));
        self.tasks.insert(task, job);
    }

    fn remember(&mut self, job: JobId) -> Stop {
        // Remove finished jobs now and then.
        if self.running.len() > 64 {
            self.running.retain(|_, stop| Arc::strong_count(&stop.flag) > 1);
        }
        let stop = Stop::default();
        self.running.insert(job, stop.clone());
        stop
    }
}

fn not_done(order: &TemplateOrder, error: &StoreError) -> String {
    match order {
        TemplateOrder::Read { bucket } => format!("the templates saved for s3://{bucket} can't be read: {error}"),
        TemplateOrder::Keep { name, .. } => format!("{name} is not kept: {error}"),
        TemplateOrder::Forget { name, .. } => format!("{name} is not forgotten: {error}"),
    }
}

/// Keeps or forgets a template; the answer is what is saved now, and what was done to one.
fn templates(state: &Path, order: &TemplateOrder) -> Result<(Vec<SavedTemplate>, Option<String>), StoreError> {
    let mut ledger = Ledger::open(state)?;
    let (bucket, said) = match order {
        TemplateOrder::Read { bucket } => (bucket, None),
        TemplateOrder::Keep { bucket, name, text } => {
            ledger.keep_template(bucket, name, text, now().unix_ms)?;
            (bucket, Some(format!("kept as {name} for s3://{bucket}")))
        }
        TemplateOrder::Forget { bucket, name } => {
            let was = ledger.forget_template(bucket, name)?;
            let said = if was { "is forgotten" } else { "is no template saved for it" };
            (bucket, Some(format!("{name} {said}")))
        }
    };
    Ok((ledger.templates(bucket)?, said))
}

/// Writes a new file; never overwrites an existing one.
fn write_file(path: PathBuf, bytes: Vec<u8>) -> Result<PathBuf, String> {
    match files::save(&path, Over::Nothing, &bytes, false) {
        Ok(_) => Ok(path),
        Err(error) => Err(error.to_string()),
    }
}
