//! Following an attempt: reads the service's tasks round by round, at the pace that its limit allows, keeps what was
//! told in the ledger, and tells whoever looks. It only reads. It uses `mod` for the ledger and the key.

use super::Submissions;
use crate::domain::certificate::Untrusted;
use crate::domain::draft::Snapshot;
use crate::domain::follow::{
    Known, Look, MARGIN_MS, Other, Patience, Round, SentRow, Standing, Task, Trouble, sent_rows, stand,
};
use crate::domain::manifest::Manifest;
use crate::domain::outcome::{Attempt, Followed, Outcome};
use crate::domain::request::Fingerprint;
use crate::domain::sent_before::VideoKey;
use crate::io::api_key::KeyError;
use crate::io::files;
use crate::io::store::{Ledger, StoreError};
use crate::io::twelve_labs::{Tasks, TasksAnswer, Told};
use std::collections::{BTreeSet, HashSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::spawn_blocking;

/// Most tasks that are asked for one by one in a round.
const MOST_BY_ID: usize = 20;

/// Other attempts whose rows are compared: the newest ones with a video of this one.
const OTHERS: usize = 20;

/// Why an attempt can't be followed. A sentence without its full stop.
#[derive(Debug, thiserror::Error)]
pub enum NoFollow {
    #[error("there is no attempt {0} in the ledger")]
    NoAttempt(i64),
    #[error("no attempt was accepted or is unknown, so there is nothing to follow")]
    Nothing,
    #[error("attempt {0} {1}: nothing was accepted, so there is nothing to follow")]
    NotAccepted(i64, &'static str),
    #[error("attempt {0} is still being sent")]
    UnderWay(i64),
    #[error("attempt {0} went to {1}, and the API's address is now {2}")]
    Elsewhere(i64, String, String),
    #[error("the rows of attempt {0} are not in the ledger, and {1} was changed since or is not there any more")]
    NoRows(i64, String),
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error(transparent)]
    Ledger(#[from] StoreError),
    #[error("{0}")]
    NotAsked(String),
}

/// An attempt that is being followed.
#[derive(Debug)]
pub struct Follower {
    pub attempt: Attempt,
    submissions: Arc<Submissions>,
    tasks: Tasks,
    patience: Patience,
    known: Known,
    /// Their beginnings are by this machine's clock.
    others: Vec<Other>,
    look: Look,
    /// The task ids that the service told for rows.
    ids: BTreeSet<Box<str>>,
    /// Those that it does not know any more.
    gone: HashSet<Box<str>>,
    /// Where to go on asking for tasks one by one, so that each gets its turn.
    next_by_id: usize,
    /// A round that a refusal or a silence broke off: it goes on where it stood.
    open: Option<Round>,
    /// Complete readings of earlier sessions.
    rounds_before: u32,
    /// Tasks that are not in the ledger yet.
    unwritten: Vec<Task>,
    /// Refusals for the limit, and questions without an answer, in a row.
    refusals: u32,
    silences: u32,
}

impl Submissions {
    /// Prepares to follow an attempt; without a number, the newest accepted or unknown one, of a file if one is given.
    /// Asks nothing yet. Blocks.
    ///
    /// # Errors
    /// [`NoFollow`]
    pub fn follower(self: &Arc<Self>, id: Option<i64>, file: Option<&Path>) -> Result<Follower, NoFollow> {
        let ledger = self.ledger_to_read()?;
        let attempts = ledger.attempts(super::LOG)?;
        let attempt = match id {
            Some(id) => ledger.attempt(id)?.ok_or(NoFollow::NoAttempt(id))?,
            None => {
                let is_of = |attempt: &&Attempt| file.is_none_or(|file| Path::new(&attempt.intent.file) == file);
                attempts.iter().filter(|attempt| attempt.blocks()).find(is_of).cloned().ok_or(NoFollow::Nothing)?
            }
        };
        can_be_followed(&attempt)?;
        let ours = self.to.address.url();
        if origin(&attempt) != Some(ours.origin()) {
            let to = attempt.intent.address.clone();
            return Err(NoFollow::Elsewhere(attempt.id, to, ours.to_string()));
        }
        let mut rows =
            rows_of(&ledger, &attempt)?.ok_or_else(|| NoFollow::NoRows(attempt.id, attempt.intent.file.clone()))?;
        if rows.is_empty() {
            return Err(NoFollow::NotAccepted(attempt.id, "has no row that was accepted or is unknown"));
        }
        self.fill_lengths(&mut rows);
        let key = self.api_keys.api_key()?;
        let tasks = Tasks::new(&self.to.address, &key, &self.to.route, Tasks::PATIENCE).map_err(NoFollow::NotAsked)?;
        let others = others(&ledger, &attempts, &attempt, &rows)?;
        let held = |other: &Other| {
            let held = rows.iter().filter(|row| other.videos.contains(&row.video())).count();
            (other.attempt, u32::try_from(held).unwrap_or(u32::MAX))
        };
        let known = ledger.known(attempt.id)?.unwrap_or_default();
        let look = Look {
            others: others.iter().map(held).collect(),
            began_ms: attempt.intent.started_ms,
            rounds: known.rounds,
            first_asked_ms: known.first_asked_ms,
            asked_ms: known.asked_ms,
            ahead_ms: known.ahead_ms,
            resumed: known.asked_ms.map(|asked| (asked, known.count())),
            place: place(&attempts, &attempt),
            url: Tasks::url(&self.to.address),
            rows: Arc::new(rows),
            ..Look::default()
        };
        let submissions = Arc::clone(self);
        let mut follower = Follower {
            attempt,
            submissions,
            tasks,
            patience: Patience::default(),
            rounds_before: known.rounds,
            known,
            others,
            ids: look.rows.iter().filter_map(|row| row.task.clone()).collect(),
            gone: HashSet::new(),
            next_by_id: 0,
            open: None,
            look,
            unwritten: Vec::new(),
            refusals: 0,
            silences: 0,
        };
        follower.look.standing = Arc::new(follower.standing());
        Ok(follower)
    }
}

impl Follower {
    /// How it stands.
    pub fn look(&self) -> &Look {
        &self.look
    }

    /// Reads all tasks once, and sets when to ask again. `tell` hears of every page, and of the end. What breaks off, by
    /// the service's limit or because it is silent, goes on at the same page the next time: a limit may be smaller than
    /// the list.
    pub async fn round(&mut self, tell: &mut (impl FnMut(&Look) + Send)) {
        let ready_before = self.look.counts().ready();
        self.look.next_ms = None;
        let mut round = self.open.take().unwrap_or_else(|| self.next_round());
        loop {
            let Some((index, page)) = round.next().map(|(index, page)| (Arc::clone(index), page)) else {
                match self.ask_for_missing(&round).await {
                    Ok(()) => self.ended(&round, ready_before).await,
                    Err(answer) => self.broke_off(round, answer),
                }
                break;
            };
            if let Some(wait) = self.used_up().filter(|_| round.pages() > 0) {
                self.broke_off(round, TasksAnswer::Limited(Some(wait)));
                break;
            }
            self.look.reading = Some(round.pages() + 1);
            tell(&self.look);
            let told = self.tasks.page(&index, page).await;
            let floor = self.since_ms();
            self.heard_of_limits(&told);
            match told.answer {
                TasksAnswer::Page(page) => {
                    // The clock was not known before the first answer.
                    if self.since_ms() != floor && round.pages() == 0 {
                        round = self.next_round();
                    }
                    self.look.page_len = Some(page.tasks.len());
                    self.take(&page.tasks);
                    round.heard(&page);
                }
                answer => {
                    self.broke_off(round, answer);
                    break;
                }
            }
        }
        self.look.reading = None;
        tell(&self.look);
    }

    fn broke_off(&mut self, round: Round, answer: TasksAnswer) {
        self.open = Some(round);
        self.failed(answer);
    }

    /// Milliseconds until the limit opens again, if the last reply said that nothing is left of it.
    fn used_up(&self) -> Option<i64> {
        let limit = self.look.limit.as_ref().filter(|limit| limit.remaining == 0)?;
        let wait = limit.reset_ms? - now_ms();
        (wait > 0).then(|| wait.clamp(1_000, 86_400_000))
    }

    /// Asks for tasks whose ids the service told, but which no page had, one by one: a list may lag, or end early.
    async fn ask_for_missing(&mut self, round: &Round) -> Result<(), TasksAnswer> {
        let is_missing = |id: &str| !round.has_seen(id) && !self.known.is_final(id) && !self.gone.contains(id);
        let missing: Vec<Box<str>> = self.ids.iter().filter(|id| is_missing(id)).cloned().collect();
        let from = self.next_by_id.checked_rem(missing.len()).unwrap_or(0);
        self.next_by_id = from + MOST_BY_ID;
        for id in missing.iter().cycle().skip(from).take(missing.len().min(MOST_BY_ID)) {
            let Some(told) = self.tasks.one(id).await else {
                self.gone.insert(id.clone());
                continue;
            };
            self.heard_of_limits(&told);
            match told.answer {
                TasksAnswer::Page(page) => self.take(&page.tasks),
                TasksAnswer::Gone(_) => _ = self.gone.insert(id.clone()),
                // A hiccup says nothing about the task: it is asked for again.
                TasksAnswer::Garbled | TasksAnswer::Status(..) => {}
                answer => return Err(answer),
            }
        }
        Ok(())
    }

    /// Whether the service told an id for a row, and has not told yet what became of the task.
    fn is_waiting(&self) -> bool {
        self.ids.iter().any(|id| !id.is_empty() && !self.known.has(id) && !self.gone.contains(id))
    }

    /// Waits until it is time to ask again; for ever if it is not.
    pub async fn pause(&self) {
        let Some(next) = self.look.next_ms else { return std::future::pending().await };
        let wait = next - now_ms();
        tokio::time::sleep(Duration::from_millis(u64::try_from(wait).unwrap_or(0))).await;
    }

    /// Tasks from this time on are of this attempt, by the service's clock.
    fn since_ms(&self) -> i64 {
        self.look.began_ms + self.known.ahead_ms - MARGIN_MS
    }

    fn next_round(&self) -> Round {
        let mut seen = HashSet::new();
        let indexes = self.look.rows.iter().map(|row| &row.index);
        let indexes: Vec<_> = indexes.filter(|index| seen.insert(Arc::clone(index))).cloned().collect();
        Round::new(indexes, self.known.next_floor(self.since_ms()))
    }

    fn heard_of_limits(&mut self, told: &Told) {
        self.look.limit = told.limit.or(self.look.limit);
        if told.rehearses && self.submissions.to.address.is_loopback() {
            self.patience = Patience::REHEARSAL;
        }
        if let Some(ahead) = told.ahead_ms {
            self.known.ahead_ms = ahead;
            self.look.ahead_ms = ahead;
        }
    }

    fn take(&mut self, tasks: &[Task]) {
        let since = self.since_ms();
        let before = tasks.iter().filter_map(|task| task.created_ms).filter(|created| *created < since).max();
        self.look.before_ms = self.look.before_ms.max(before);
        let is_ours = |id: &str| self.ids.contains(id);
        self.unwritten.extend(self.known.take(tasks, since, is_ours, now_ms()));
        (self.refusals, self.silences) = (0, 0);
        self.look.trouble = None;
    }

    fn standing(&self) -> Standing {
        standing(&self.look.rows, &self.known, self.look.began_ms, &self.others)
    }

    async fn ended(&mut self, round: &Round, ready_before: u32) {
        let now = now_ms();
        let is_first = self.known.rounds == 0;
        self.known.ended(round, now);
        let (standing, is_waiting) = (self.standing(), self.is_waiting());
        let look = &mut self.look;
        // Of an accepted row something is still to be told.
        if !is_waiting {
            self.known.settle(&standing, look.began_ms, &self.patience, now);
        }
        look.standing = Arc::new(standing);
        (look.rounds, look.first_asked_ms, look.asked_ms) =
            (self.known.rounds, self.known.first_asked_ms, self.known.asked_ms);
        look.disagreed = self.known.disagreed > 1;
        look.resumed = look.resumed.filter(|_| look.rounds < self.rounds_before + 2);
        look.newly_ready = if is_first { 0 } else { look.counts().ready().saturating_sub(ready_before) };
        look.pace.heard(now, look.counts().finished());
        look.settled_ms = self.known.settled_ms;
        let wait = self.patience.after_round(look.rounds, round.pages(), look.limit.as_ref(), now);
        look.next_ms = (look.settled_ms.is_none()).then_some(now + wait);
        self.keep().await;
    }

    fn failed(&mut self, answer: TasksAnswer) {
        let now = now_ms();
        let mut silent = |cause: String| {
            self.silences += 1;
            (Trouble::Silent(cause, self.silences), Some(self.patience.after_silence(self.silences)))
        };
        let (trouble, wait) = match answer {
            TasksAnswer::Limited(Some(wait)) => (Trouble::Limited, Some(wait)),
            TasksAnswer::Limited(None) => {
                self.refusals += 1;
                (Trouble::LimitedUntold(self.refusals), Some(self.patience.after_refusal(self.refusals)))
            }
            TasksAnswer::Refused(status) => (Trouble::Refused(status), None),
            TasksAnswer::Gone(status) => (Trouble::Gone(status), None),
            TasksAnswer::Silent(cause) if Untrusted::read(&cause).is_some() => (Trouble::Untrusted(cause), None),
            TasksAnswer::Silent(cause) => silent(cause),
            TasksAnswer::Status(status, None) => silent(format!("it answers {status}")),
            TasksAnswer::Status(status, Some(code)) => silent(format!("it answers {status} {code}")),
            TasksAnswer::Garbled | TasksAnswer::Page(_) => silent("the reply can't be understood".to_owned()),
        };
        self.look.trouble = Some(trouble);
        self.look.next_ms = wait.map(|wait| now + wait);
        // What the pages before it told is news, too.
        self.look.standing = Arc::new(self.standing());
    }

    /// Keeps in the ledger what was told. If that fails, it costs a restart and not the follow.
    pub async fn keep(&mut self) {
        let Some(asked_ms) = self.look.asked_ms else { return };
        let summary = Followed { asked_ms, settled: self.look.is_settled(), counts: self.look.counts().clone() };
        let (this, id) = (Arc::clone(&self.submissions), self.attempt.id);
        let news = std::mem::take(&mut self.unwritten);
        // The tasks stay here; what else is known is small.
        let known = self.known.without_tasks();
        let write = move || {
            let written = this.ledger().and_then(|mut ledger| ledger.keep_known(id, &known, &news, &summary));
            written.map_err(|error| (error, news))
        };
        if let Ok(Err((error, news))) = spawn_blocking(write).await {
            tracing::warn!(%error, id, "what was followed is not in the ledger");
            self.unwritten = news;
        }
    }
}

/// How the rows of an attempt stand by what was told, and the rows. The same for whoever asks.
///
/// # Errors
/// If the ledger can't be read, or the rows are neither in it nor in the file.
pub fn standing_of(
    submissions: &Submissions,
    ledger: &Ledger,
    attempt: &Attempt,
    known: &Known,
) -> Result<(Vec<SentRow>, Standing), NoFollow> {
    let no_rows = || NoFollow::NoRows(attempt.id, attempt.intent.file.clone());
    let mut rows = rows_of(ledger, attempt)?.ok_or_else(no_rows)?;
    submissions.fill_lengths(&mut rows);
    let others = others(ledger, &ledger.attempts(super::LOG)?, attempt, &rows)?;
    let standing = standing(&rows, known, attempt.intent.started_ms, &others);
    Ok((rows, standing))
}

/// `began_ms` and those of the others are by this machine's clock.
fn standing(rows: &[SentRow], known: &Known, began_ms: i64, others: &[Other]) -> Standing {
    let ahead = known.ahead_ms;
    let others: Vec<Other> =
        others.iter().map(|other| Other { began_ms: other.began_ms + ahead, ..other.clone() }).collect();
    stand(rows, known.tasks(), began_ms + ahead, &others)
}

fn can_be_followed(attempt: &Attempt) -> Result<(), NoFollow> {
    let id = attempt.id;
    match (attempt.under_way, attempt.outcome) {
        (true, _) => Err(NoFollow::UnderWay(id)),
        (_, Outcome::Accepted | Outcome::Unknown) => Ok(()),
        (_, Outcome::Refused) => Err(NoFollow::NotAccepted(id, "was refused")),
        (_, Outcome::NotSent) => Err(NoFollow::NotAccepted(id, "sent nothing")),
    }
}

/// From the ledger, else from the file if that still has the bytes that were sent.
fn rows_of(ledger: &Ledger, attempt: &Attempt) -> Result<Option<Vec<SentRow>>, StoreError> {
    if let Some(rows) = ledger.followed_rows(attempt)? {
        return Ok(Some(rows));
    }
    let read = || {
        let loaded = files::read(Path::new(&attempt.intent.file), |_, _| true).ok()?;
        let snapshot = Snapshot::of(Arc::new(Manifest::parse(loaded.bytes).ok()?));
        let is_same = Fingerprint::of(snapshot.pieces()) == attempt.intent.fingerprint;
        is_same.then(|| sent_rows(&snapshot).collect())
    };
    // Row by row they are in the ledger.
    Ok(if attempt.is_row_by_row() { None } else { read() })
}

fn others(ledger: &Ledger, attempts: &[Attempt], ours: &Attempt, rows: &[SentRow]) -> Result<Vec<Other>, StoreError> {
    let videos: HashSet<VideoKey> = rows.iter().map(SentRow::video).collect();
    let rivals = attempts.iter().filter(|attempt| attempt.blocks() && attempt.id != ours.id && !attempt.under_way);
    // Tasks at another address are not to be seen here.
    let rivals = rivals.filter(|attempt| origin(attempt) == origin(ours));
    let mut others = Vec::new();
    for attempt in rivals {
        if others.len() == OTHERS {
            break;
        }
        let holds_all = attempt.intent.fingerprint == ours.intent.fingerprint && !attempt.is_row_by_row();
        let held: HashSet<VideoKey> = match holds_all {
            true => videos.clone(),
            false => {
                let sent = ledger.followed_rows(attempt)?.unwrap_or_default();
                sent.iter().map(SentRow::video).filter(|video| videos.contains(video)).collect()
            }
        };
        if !held.is_empty() {
            others.push(Other { attempt: attempt.id, began_ms: attempt.intent.started_ms, videos: held });
        }
    }
    Ok(others)
}

fn origin(attempt: &Attempt) -> Option<url::Origin> {
    url::Url::parse(&attempt.intent.address).map(|url| url.origin()).ok()
}

/// See [`Look::place`].
fn place(attempts: &[Attempt], ours: &Attempt) -> Option<(u32, u32)> {
    let same = || attempts.iter().filter(|attempt| attempt.intent.file == ours.intent.file);
    let at = same().position(|attempt| attempt.id == ours.id)?;
    Some((u32::try_from(at + 1).ok()?, u32::try_from(same().count()).ok()?))
}

fn now_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}
