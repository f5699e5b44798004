//! A send row by row: the intent of each row is committed before its first byte, its outcome afterwards, and
//! [`Pace`] decides when the next may go. The caller shows the progress and passes on what the operator wants.

use super::{Submissions, WhyNot};
use crate::domain::draft::Snapshot;
use crate::domain::follow;
use crate::domain::manifest::Field;
use crate::domain::outcome::{Attempt, Ended, How, Intent, Settlement};
use crate::domain::request::Fingerprint;
use crate::domain::rows::{
    Action, Event, Going, Hold, KnownRows, Pace, Quota, RowEnd, RowLinks, RowRequest, RowState, RowsControl,
    RowsCutOff, RowsNews, RowsPlan, RowsSent, RowsWhy, SentRow, Slow, Tally, known_rows, takes_transcripts,
};
use crate::domain::s3_url::S3Url;
use crate::domain::sent_before::{RowsBefore, VideoAt};
use crate::domain::submission::Facts;
use crate::io::s3::{Place, S3};
use crate::io::store::{Ledger, RowsBegun, RowsToKeep, StoreError};
use crate::io::twelve_labs::{Limits, Singles};
use jiff::Timestamp;
use std::collections::{HashMap, VecDeque};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::{JoinError, JoinHandle, JoinSet, spawn_blocking};
use tokio_util::sync::CancellationToken;

/// After this long, what should be instant is reported.
const SLOW: Duration = Duration::from_secs(4);

/// Where the videos are, by `s3://` address; those that are not there count as public.
pub type Places = HashMap<String, Place>;

/// The facts needed before a send row by row.
#[derive(Clone, Debug)]
pub struct RowsFacts {
    pub facts: Facts,
    /// The attempt that goes on.
    pub attempt: Option<i64>,
    /// Another cuecard is sending it now.
    pub under_way: bool,
    /// What other attempts had of the rows.
    pub before: RowsBefore,
    pub known: KnownRows,
    /// Its rows so far.
    pub rows: Vec<SentRow>,
    /// What the last answer in this session told of the limit; None once that has opened again.
    pub quota: Option<Quota>,
}

/// A send row by row, as the ledger keeps it.
#[derive(Clone, Debug)]
pub struct RowsKept {
    pub attempt: Attempt,
    /// Those that were begun.
    pub rows: Vec<SentRow>,
    /// The places of those that could go.
    pub able: Vec<u32>,
    /// All rows of the file.
    pub sent: Vec<follow::SentRow>,
}

/// What to send row by row.
#[derive(Clone, Debug)]
pub struct RowsParcel {
    pub file: PathBuf,
    pub fingerprint: Fingerprint,
    pub snapshot: Snapshot,
    pub plan: RowsPlan,
    pub places: Places,
    pub s3: S3,
    /// The operator confirmed it although an earlier ledger is lost.
    pub again: bool,
}

/// What to do where nothing goes on by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Manner {
    /// Wait for the limit's reset; otherwise it ends.
    pub waits: bool,
    /// Hold for the operator; otherwise it ends.
    pub holds: bool,
}

impl Submissions {
    /// As [`Submissions::prepare`], with what is known of the rows.
    ///
    /// # Errors
    /// If the file exists but can't be read.
    pub fn prepare_rows(&self, snapshot: &Snapshot, file: &Path) -> io::Result<RowsFacts> {
        let mut facts = self.facts(snapshot, file)?;
        let single = self.to.address.single();
        let known = || -> Result<_, StoreError> {
            let mut ledger = self.ledger()?;
            let earlier = ledger.earlier_whole(&facts.fingerprint, self.to.address.as_str())?;
            let attempt = ledger.rows_attempt(&facts.fingerprint, &single)?;
            let rows = attempt.map(|id| ledger.rows_of(id)).transpose()?.unwrap_or_default();
            let going_on = attempt.map(|id| ledger.attempt(id)).transpose()?.flatten();
            let before = self.rows_before(&mut ledger, &facts.fingerprint, snapshot, attempt)?;
            Ok((earlier, attempt, going_on.is_some_and(|attempt| attempt.under_way), before, rows))
        };
        match known() {
            Ok((earlier, attempt, under_way, before, rows)) => {
                let asked = rows.iter().filter(|row| row.state_now() != RowState::NotSent).map(|row| row.place);
                let known = known_rows(&before, asked);
                facts.earlier = earlier;
                if attempt.is_some() {
                    // This ledger knows these bytes.
                    facts.earlier.not_known = None;
                }
                Ok(RowsFacts { facts, attempt, under_way, before, known, rows, quota: self.quota() })
            }
            Err(error) => {
                facts.ledger_fault = Some(error.to_string());
                let (before, known, rows) = (RowsBefore::default(), KnownRows::new(), Vec::new());
                Ok(RowsFacts { facts, attempt: None, under_way: false, before, known, rows, quota: self.quota() })
            }
        }
    }

    fn keep_quota(&self, quota: Quota) {
        *self.quota.lock().unwrap_or_else(PoisonError::into_inner) = Some(quota);
    }

    fn quota(&self) -> Option<Quota> {
        let quota = *self.quota.lock().unwrap_or_else(PoisonError::into_inner);
        quota.filter(|quota| quota.reset_s.is_none_or(|reset| reset > now_ms() / 1000))
    }

    /// What the ledger knows of a file that was opened: a send row by row that was cut off, and rows that were sent before.
    /// Blocks.
    pub fn look_back(&self, snapshot: &Snapshot) -> (Option<RowsCutOff>, RowsBefore) {
        let look = || -> Result<_, StoreError> {
            let mut ledger = self.ledger_to_read()?;
            let fingerprint = Fingerprint::of(snapshot.pieces());
            let cut_off = ledger.cut_off(&fingerprint, &self.to.address.single())?;
            Ok((cut_off, self.rows_before(&mut ledger, &fingerprint, snapshot, None)?))
        };
        if Ledger::exists(&self.state) { look().unwrap_or_default() } else { Default::default() }
    }

    /// Sends row by row. Nothing goes before its intent is in the ledger.
    ///
    /// `narrate` must not block.
    ///
    /// # Errors
    /// [`WhyNot`] if it ended before anything was sent.
    pub async fn send_rows(
        self: &Arc<Self>,
        parcel: RowsParcel,
        manner: Manner,
        control: UnboundedReceiver<RowsControl>,
        narrate: impl Fn(RowsNews) + Send,
    ) -> Result<RowsSent, WhyNot> {
        let intent = self.rows_intent(&parcel);
        let begun = {
            let this = Arc::clone(self);
            let begin = spawn_blocking(move || this.begin_rows(&intent, &parcel).map(|begun| (begun, parcel)));
            patiently(begin, Slow::Begin, &narrate).await
        };
        let ((begun, ledger, singles), parcel) = begun.unwrap_or(Err(WhyNot::Broken))?;
        tracing::info!(id = begun.id, rows = parcel.plan.going.len(), "sending row by row");
        narrate(RowsNews::Begun { attempt: begun.id, interrupted: begun.interrupted });
        let mut run = Run::new(Arc::clone(self), begun.id, ledger, singles, parcel);
        let why = run.go_on(manner, control, &narrate).await;
        let sent = run.finish(why, &narrate).await;
        tracing::info!(id = sent.attempt, tally = sent.tally.words(), "ended");
        Ok(sent)
    }

    /// Records the operator's verdict on one unknown row in the ledger.
    ///
    /// # Errors
    /// In words, if the ledger refuses it or there is nothing to settle.
    pub fn settle_row(&self, attempt: i64, place: u32, accepted: bool) -> Result<SentRow, String> {
        let word = Settlement { accepted, at_ms: now_ms() };
        let settle = || -> Result<_, StoreError> {
            let mut ledger = self.ledger()?;
            let is_settled = ledger.settle_row(attempt, place, word)?;
            Ok(ledger.rows_of(attempt)?.into_iter().find(|row| row.place == place).filter(|_| is_settled))
        };
        settle().map_err(|error| error.to_string())?.ok_or_else(|| "this row is not open, or that is recorded".into())
    }

    /// A send row by row from the ledger, with each row; None if there is no such attempt.
    pub fn rows_sent(&self, attempt: i64) -> Result<Option<RowsKept>, StoreError> {
        let ledger = self.ledger_to_read()?;
        let Some(attempt) = ledger.attempt(attempt)? else { return Ok(None) };
        let (rows, able) = (ledger.rows_of(attempt.id)?, ledger.able_rows(attempt.id)?);
        let sent = ledger.sent_rows(attempt.id)?.unwrap_or_default();
        Ok(Some(RowsKept { attempt, rows, able, sent }))
    }

    fn singles(&self) -> Result<Singles, WhyNot> {
        let api_key = self.api_keys.api_key()?;
        let limits = Limits { idle: self.to.idle, ..Limits::default() };
        Singles::new(&self.to.address, api_key, &self.to.route, limits).map_err(WhyNot::Setup)
    }

    fn rows_intent(&self, parcel: &RowsParcel) -> Intent {
        let file = std::path::absolute(&parcel.file).unwrap_or_else(|_| parcel.file.clone());
        Intent {
            started_ms: now_ms(),
            address: self.to.address.single(),
            profile: self.to.profile.clone(),
            file: file.canonicalize().unwrap_or(file).display().to_string(),
            fingerprint: parcel.fingerprint,
            rows: parcel.plan.rows,
            key_origin: self.api_keys.origin().unwrap_or_default(),
        }
    }

    fn begin_rows(&self, intent: &Intent, parcel: &RowsParcel) -> Result<(RowsBegun, Ledger, Singles), WhyNot> {
        let singles = self.singles()?;
        let mut ledger = self.ledger()?;
        let going = parcel.plan.going.iter();
        let mut videos: Vec<VideoAt> =
            going.map(|going| VideoAt { video: going.video, place: going.place, transcript: 0 }).collect();
        videos.sort_unstable();
        let rows = RowsToKeep::new(self.rows_of(&parcel.snapshot).into_iter(), videos);
        let begun = ledger.begin_rows(intent, &rows, parcel.again)?;
        if !begun.is_resumed {
            self.keep_receipt(begun.id, &parcel.snapshot);
        }
        Ok((begun, ledger, singles))
    }
}

/// One row's exchange, with its place.
type Exchange = (u32, Ended);

struct Run {
    submissions: Arc<Submissions>,
    attempt: i64,
    /// Only this send writes with it; a lock, because each write is on a thread that may block.
    ledger: Arc<Mutex<Ledger>>,
    singles: Singles,
    parcel: Arc<RowsParcel>,
    takes_transcripts: bool,
    going: HashMap<u32, Going>,
    pace: Pace,
    under_way: JoinSet<Exchange>,
    places: HashMap<tokio::task::Id, u32>,
    intents: HashMap<u32, SentRow>,
    /// Outcomes that are not in the ledger yet.
    pending: Vec<SentRow>,
    /// How the rows of this run stand in the ledger.
    kept: HashMap<u32, RowState>,
    stop: CancellationToken,
    began: Instant,
    /// Bytes of all requests.
    sent: u64,
    fault: Option<String>,
}

impl Run {
    fn new(submissions: Arc<Submissions>, attempt: i64, ledger: Ledger, singles: Singles, parcel: RowsParcel) -> Run {
        let going: HashMap<u32, Going> = parcel.plan.going.iter().map(|going| (going.place, *going)).collect();
        Run {
            attempt,
            ledger: Arc::new(Mutex::new(ledger)),
            singles,
            takes_transcripts: takes_transcripts(&submissions.to.address),
            submissions,
            pace: Pace::new(going.keys().copied()),
            going,
            parcel: Arc::new(parcel),
            under_way: JoinSet::new(),
            places: HashMap::new(),
            intents: HashMap::new(),
            pending: Vec::new(),
            kept: HashMap::new(),
            stop: CancellationToken::new(),
            began: Instant::now(),
            sent: 0,
            fault: None,
        }
    }

    async fn go_on(
        &mut self,
        manner: Manner,
        mut control: UnboundedReceiver<RowsControl>,
        narrate: &(impl Fn(RowsNews) + Send),
    ) -> RowsWhy {
        let mut why = RowsWhy::Done;
        let actions = self.pace.on(Event::GoOn, now_ms());
        self.carry_out(actions, narrate).await;
        let mut is_heard = true;
        while !self.pace.is_over() {
            let wake = self.pace.wakes_at().map(|at| Duration::from_millis(u64::try_from(at - now_ms()).unwrap_or(0)));
            let actions = tokio::select! {
                biased;
                Some(ended) = self.under_way.join_next_with_id() => self.answered(ended, narrate),
                wanted = control.recv(), if is_heard => match wanted {
                    Some(wanted) => {
                        if matches!(wanted, RowsControl::End | RowsControl::Abandon) && self.pace.not_sent() > 0 {
                            why = RowsWhy::Ended;
                        }
                        if wanted == RowsControl::GoOn {
                            self.take_key().await;
                        }
                        self.pace.on(event(wanted), now_ms())
                    }
                    // Nobody is there to go on.
                    None => {
                        is_heard = false;
                        self.pace.on(Event::End, now_ms())
                    }
                },
                // A clock that is set back must not make it wait for ever.
                () = tokio::time::sleep(wake.unwrap_or(Duration::from_secs(30)).min(Duration::from_secs(30))) => {
                    self.pace.on(Event::Tick, now_ms())
                }
            };
            self.carry_out(actions, narrate).await;
            let (hold, wait, not_sent) = (self.pace.hold(), self.pace.wait(), self.pace.not_sent());
            narrate(RowsNews::Stands { hold, wait, not_sent });
            let reason = match (hold, wait) {
                (Some(Hold::Silent(rows)), _) if !manner.holds => Some(RowsWhy::Silent(rows)),
                (Some(Hold::Stopped(stop)), _) if !manner.holds => Some(RowsWhy::Stopped(stop)),
                (None, Some(wait)) if !manner.waits => Some(RowsWhy::Limit(wait)),
                _ => None,
            };
            if let Some(reason) = reason {
                why = reason;
                self.pace.on(Event::End, now_ms());
            }
        }
        self.fault.clone().map_or(why, RowsWhy::Ledger)
    }

    /// The operator may have given another API key.
    async fn take_key(&mut self) {
        let submissions = Arc::clone(&self.submissions);
        if let Ok(Ok(singles)) = spawn_blocking(move || submissions.singles()).await {
            self.singles = singles;
        }
    }

    /// All rows that have come back.
    fn answered(
        &mut self,
        first: Result<(tokio::task::Id, Exchange), JoinError>,
        narrate: &(impl Fn(RowsNews) + Send),
    ) -> Vec<Action> {
        let mut ended = VecDeque::from([first]);
        while let Some(more) = self.under_way.try_join_next_with_id() {
            ended.push_back(more);
        }
        let mut actions = Vec::new();
        for joined in ended {
            let (place, ended) = match joined {
                Ok((id, exchange)) => {
                    self.places.remove(&id);
                    exchange
                }
                // A panic after the intent: whether anything left is unknown.
                Err(error) => match self.places.remove(&error.id()) {
                    Some(place) => (place, Ended { how: How::Interrupted, begun: true, sent: 0, took_ms: 0 }),
                    None => continue,
                },
            };
            let now = now_ms();
            self.sent += ended.sent;
            let end = RowEnd::of(&ended, now / 1000);
            if let Some(intent) = self.intents.remove(&place) {
                self.pending.push(intent.ended(&end, now));
            }
            if let Some(quota) = end.quota {
                self.submissions.keep_quota(quota);
                narrate(RowsNews::Quota(quota));
            }
            let is_silent = end.is_silent(&ended);
            actions.extend(self.pace.on(Event::Answered { place, end: &end, is_silent }, now));
        }
        actions
    }

    /// Records outcomes and intents in one transaction, and only then sends.
    async fn carry_out(&mut self, actions: Vec<Action>, narrate: &(impl Fn(RowsNews) + Send)) {
        let mut begin = Vec::new();
        for action in actions {
            match action {
                Action::Send(place) => begin.extend(self.intent(place)),
                Action::BreakOff => self.stop.cancel(),
            }
        }
        if begin.is_empty() && self.pending.is_empty() {
            return;
        }
        let changes: Vec<SentRow> = self.pending.iter().chain(&begin).cloned().collect();
        match self.keep(changes.clone(), narrate).await {
            Ok(()) => {
                self.pending.clear();
                self.kept.extend(changes.iter().map(|row| (row.place, row.state)));
                for row in begin {
                    self.begin(row);
                }
                narrate(RowsNews::Rows(changes));
            }
            Err(why) => {
                self.fault = Some(why);
                self.pace.on(Event::End, now_ms());
                // Without an intent on disk, none of these has left.
                let never = RowEnd::of(&Ended::before_anything_left(How::Stopped), 0);
                for row in begin {
                    self.pace.on(Event::Answered { place: row.place, end: &never, is_silent: false }, now_ms());
                }
            }
        }
    }

    async fn keep(&self, rows: Vec<SentRow>, narrate: &(impl Fn(RowsNews) + Send)) -> Result<(), String> {
        let (ledger, attempt) = (Arc::clone(&self.ledger), self.attempt);
        let kept =
            spawn_blocking(move || ledger.lock().unwrap_or_else(PoisonError::into_inner).keep_rows(attempt, &rows));
        match patiently(kept, Slow::Rows, narrate).await {
            Ok(kept) => kept.map_err(|error| error.to_string()),
            Err(_) => Err("the ledger was not written: a part of cuecard failed".to_owned()),
        }
    }

    fn intent(&self, place: u32) -> Option<SentRow> {
        let going = self.going.get(&place)?;
        let object = self.parcel.snapshot.value(going.row, Field::Object).text().to_owned();
        Some(SentRow::intent(place, object, now_ms()))
    }

    fn begin(&mut self, intent: SentRow) {
        let place = intent.place;
        let Some(going) = self.going.get(&place).copied() else { return };
        let (singles, parcel, stop) = (self.singles.clone(), Arc::clone(&self.parcel), self.stop.clone());
        let takes = self.takes_transcripts;
        let task = self.under_way.spawn(async move {
            let ended = match request(&parcel, &going, takes).await {
                Ok(request) => singles.send(&request, &stop).await,
                Err(why) => Ended::before_anything_left(How::NotStarted(why)),
            };
            (place, ended)
        });
        self.places.insert(task.id(), place);
        self.intents.insert(place, intent);
    }

    async fn finish(mut self, why: RowsWhy, narrate: &(impl Fn(RowsNews) + Send)) -> RowsSent {
        let pending = std::mem::take(&mut self.pending);
        let mut unwritten = match pending.is_empty() {
            true => None,
            false => self.keep(pending, narrate).await.err(),
        };
        let took_ms = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let (ledger, attempt, not_sent, sent) = (self.ledger, self.attempt, self.pace.not_sent(), self.sent);
        let finished = spawn_blocking(move || {
            let mut ledger = ledger.lock().unwrap_or_else(PoisonError::into_inner);
            let finished = ledger.finish_rows(attempt, not_sent, sent, took_ms);
            (finished, ledger.tally(attempt))
        });
        let finished = patiently(finished, Slow::Rows, narrate).await;
        let (finished, tally) = finished.unwrap_or((Ok(()), Ok(None)));
        unwritten = unwritten.or_else(|| finished.err().map(|error| error.to_string()));
        // A disk that is full can be too full to be read. What was begun is not "not sent" for that.
        let mut tally = tally.ok().flatten().unwrap_or_else(|| Tally::of_states(self.kept.into_values()));
        tally.unknown += std::mem::take(&mut tally.under_way);
        // Rows that were never begun are not in the ledger.
        let tally = Tally { not_sent, cannot_go: self.parcel.plan.cannot_go(), ..tally };
        RowsSent { attempt, why, tally, unwritten }
    }
}

/// Says so if what should be instant takes long.
async fn patiently<T>(
    mut work: JoinHandle<T>,
    slow: Slow,
    narrate: &(impl Fn(RowsNews) + Send),
) -> Result<T, JoinError> {
    match tokio::time::timeout(SLOW, &mut work).await {
        Ok(done) => done,
        Err(_) => {
            narrate(RowsNews::Slow(slow));
            work.await
        }
    }
}

const fn event(wanted: RowsControl) -> Event<'static> {
    match wanted {
        RowsControl::GoOn => Event::GoOn,
        RowsControl::Pause => Event::Pause,
        RowsControl::End => Event::End,
        RowsControl::Abandon => Event::Abandon,
    }
}

/// The request of a row; a presigned link is made now, and lives only in it.
async fn request(parcel: &RowsParcel, going: &Going, takes_transcripts: bool) -> Result<RowRequest, String> {
    let row = parcel.snapshot.row(going.row);
    let url = |field| S3Url::parse(row.text(field)).map_err(|fault| format!("the row can't be asked for: {fault}"));
    let here = Place::default();
    let video = url(Field::Object)?;
    let place = parcel.places.get(row.text(Field::Object)).unwrap_or(&here);
    let public = |url: &S3Url, place: &Place| {
        parcel.s3.public_address(url, place).ok_or("its key can't be asked for exactly".to_owned())
    };
    let video = match going.by_link {
        true => parcel.s3.presigned_address(&video, place).await?,
        false => public(&video, place)?,
    };
    let transcript = match going.with_transcript {
        true => Some(public(&url(Field::Transcription)?, &here)?),
        false => None,
    };
    Ok(RowRequest::new(takes_transcripts, &row, RowLinks { video, transcript }))
}

/// The request of a row for people to read: `VIDEO_LINK` stands in the place of a presigned link.
pub fn shown_request(
    snapshot: &Snapshot,
    going: &Going,
    places: &Places,
    s3: &S3,
    takes_transcripts: bool,
) -> Option<RowRequest> {
    let row = snapshot.row(going.row);
    let address = |field, place: &Place| s3.public_address(&S3Url::parse(row.text(field)).ok()?, place);
    let here = Place::default();
    let video = match going.by_link {
        true => "VIDEO_LINK".to_owned(),
        false => address(Field::Object, places.get(row.text(Field::Object)).unwrap_or(&here))?,
    };
    let transcript = going.with_transcript.then(|| address(Field::Transcription, &here)).flatten();
    Some(RowRequest::new(takes_transcripts, &row, RowLinks { video, transcript }))
}

/// The tally of rows kept in the ledger; nothing is under way.
pub fn tally_of(rows: &[SentRow]) -> Tally {
    let mut tally = Tally::of_states(rows.iter().map(SentRow::state_now));
    tally.unknown += std::mem::take(&mut tally.under_way);
    tally
}

fn now_ms() -> i64 {
    Timestamp::now().as_millisecond()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_ledger_that_does_not_answer_is_told_once_and_waited_for() {
        let told = Mutex::new(Vec::new());
        let (answer, answers) = std::sync::mpsc::channel();
        let work = spawn_blocking(move || answers.recv().is_ok());
        // It answers when it is told of.
        let narrate = |news: RowsNews| {
            told.lock().unwrap().push(news);
            answer.send(()).unwrap();
        };
        assert!(patiently(work, Slow::Rows, &narrate).await.unwrap());
        assert!(patiently(spawn_blocking(|| true), Slow::Rows, &narrate).await.unwrap());
        assert!(matches!(told.into_inner().unwrap()[..], [RowsNews::Slow(Slow::Rows)]));
    }
}
