//! Online checks: what to request now, what was requested, and the progress of a check of many rows. Requested unasked
//! are only transcripts, never videos: those of rows on the screen, under the cursor and edited.

use super::{Changed, Done, Env, Question, Session, targets};
use crate::app::action::Action;
use crate::app::compute::Compute;
use crate::app::effect::{Effect, SweepOrder};
use crate::app::jobs::Task;
use crate::app::message::{Mark, Message};
use crate::app::msg::JobId;
use crate::domain::evidence::{Answer, Fact, Observed, Plan, Progress, Scope, Subject, SubjectKind, SweepState};
use crate::domain::findings::Affected;
use crate::domain::format::{counted, row_number, thousands};
use crate::domain::keys::Listed;
use crate::domain::manifest::RowId;
use crate::domain::printable::printable;
use crate::domain::row_set::RowSet;
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

/// Debounce before visible rows are requested, in milliseconds.
pub(super) const STILL_MS: u64 = 250;
/// At most this many edited rows are requested unasked; more need `:check`.
const EDITED: usize = 200;
/// Up to this many rows are requested without first confirming the number of requests.
const AT_ONCE: usize = 20;

pub const OFFLINE: &str = "offline: nothing is checked. Start cuecard without --offline to check";

#[derive(Debug)]
pub struct Online {
    /// Id of this manifest's online checks: results with another id are stale.
    pub job: JobId,
    /// What the operator looks at, most important first, known or not.
    wanted: Vec<(RowId, Subject)>,
    /// Whether `wanted` was requested.
    is_asked: bool,
    /// Edited rows, latest first.
    edited: VecDeque<RowId>,
    /// What the operator asked to check and is not answered yet.
    told: BTreeSet<(RowId, SubjectKind)>,
    /// An observation may concern rows it was not requested for: all rows need a new check.
    is_news_for_others: bool,
    /// Rows whose requests are being counted.
    planning: Option<Scope>,
    pub sweep: Option<Scope>,
    /// Number of the latest check of many rows.
    sweeps: u64,
    pub progress: Progress,
}

/// State of the request for a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    Now,
    Waits,
}

impl Online {
    pub fn new(job: JobId) -> Online {
        Online {
            job,
            wanted: Vec::new(),
            is_asked: false,
            edited: VecDeque::new(),
            told: BTreeSet::new(),
            is_news_for_others: false,
            planning: None,
            sweep: None,
            sweeps: 0,
            progress: Progress::default(),
        }
    }

    /// Whether a check of many rows is running or being counted, or one the operator asked for is in flight.
    pub fn is_busy(&self) -> bool {
        self.planning.is_some()
            || matches!(self.progress.state, SweepState::Running)
            || (!self.told.is_empty() && !self.progress.now.is_empty())
    }

    /// Whether the requests of a check are being counted.
    pub fn is_planning(&self) -> bool {
        self.planning.is_some()
    }

    /// Counting the requests of a check failed.
    pub fn not_planned(&mut self) {
        self.planning = None;
    }

    /// Remembers whether an observation may concern rows it was not requested for.
    pub fn affected(&mut self, told: &Affected) {
        self.is_news_for_others |= !told.is_all;
    }

    /// Queues edited rows for an unasked check, unless they are too many to be single edits.
    pub fn edited(&mut self, rows: &RowSet) {
        if rows.len() > EDITED {
            return;
        }
        for row in rows.iter() {
            self.edited.retain(|known| *known != row);
            self.edited.push_front(row);
        }
        self.edited.truncate(EDITED);
    }
}

/// State of the request for a row's transcript; None when there is none or it is answered.
pub fn asked(session: &Session, row: RowId) -> Option<Asked> {
    let online = &session.online;
    if online.progress.now.contains(&row) {
        return Some(Asked::Now);
    }
    if online.told.range((row, SubjectKind::Transcript)..=(row, SubjectKind::Index)).next().is_some() {
        return Some(Asked::Waits);
    }
    let on_screen = online.is_asked && online.wanted.iter().any(|(wanted, _)| *wanted == row);
    let in_sweep = online.sweep.as_ref().is_some_and(|scope| {
        row >= online.progress.next_row && scope.rows.as_ref().is_none_or(|rows| rows.contains(row))
    });
    let waits = on_screen || in_sweep;
    let unknown = || session.findings.as_ref()?.unknown(session.now(), row, SubjectKind::Transcript);
    (waits && unknown().is_some()).then_some(Asked::Waits)
}

/// What the screen in front shows that can be checked online.
#[derive(Clone, Debug, Default)]
pub struct InSight {
    /// Transcripts being typed, picked or decided about, and the row they are for.
    pub typed: Vec<(RowId, Subject)>,
    /// Whether rows of the table are visible.
    pub rows: bool,
    /// Two transcripts that are shown side by side.
    pub pair: Option<[Subject; 2]>,
}

/// Excluded rows are not sent, so they are not checked.
const NOTHING_TO_CHECK: &str = "these rows have nothing to check online: they are excluded, or hold no address";

impl Session {
    /// Restarts the debounce when something else is in sight than before.
    pub fn settle(&mut self, env: &mut Env<'_>, mut in_sight: InSight) -> Done {
        let compared = self.compare_cues(env, in_sight.pair.take());
        compared.then(self.settle_wanted(env, in_sight))
    }

    fn settle_wanted(&mut self, env: &mut Env<'_>, in_sight: InSight) -> Done {
        let wanted = self.wanted(env, in_sight);
        if self.online.wanted == wanted {
            return Done::nothing();
        }
        let mut done = Done::nothing();
        let job = env.jobs.begin(Task::SightPause, &mut done.effects);
        self.online.wanted = wanted;
        self.online.is_asked = false;
        done.effects.push(Effect::After { job, ms: STILL_MS });
        done
    }

    /// The debounce is over: requests what is in sight and unknown.
    pub fn ask_in_sight(&mut self) -> Done {
        self.online.is_asked = true;
        let Some(findings) = &self.findings else { return Done::nothing() };
        let unknown = |it: &&(RowId, Subject)| !findings.evidence().has(&it.1);
        let wanted: Vec<_> = self.online.wanted.iter().filter(unknown).cloned().collect();
        // An empty list, too: it clears queued requests that are out of sight now.
        Done::effects([Effect::AskInSight { job: self.online.job, wanted }])
    }

    /// What the operator looks at: what is typed, the row under the cursor, the rows on the screen, then edited rows.
    fn wanted(&self, env: &Env<'_>, in_sight: InSight) -> Vec<(RowId, Subject)> {
        if env.options.offline || !self.is_ready() || self.findings.is_none() {
            return Vec::new();
        }
        let layout = self.layout(env.size);
        if layout.is_too_small() {
            return Vec::new();
        }
        let now = self.now();
        let of_row = |row: RowId| {
            let sent = !now.is_excluded(row);
            let subject =
                sent.then(|| Subject::of_row(&now.row(row), |kind| kind == SubjectKind::Transcript).pop())??;
            Some((row, subject))
        };
        let mut rows: Vec<RowId> = self.current().into_iter().collect();
        if in_sight.rows {
            let top = self.view.scroll.top;
            rows.extend((top..top + usize::from(layout.page())).filter_map(|at| self.view.row_at(at, self.total())));
        }
        rows.extend(&self.online.edited);
        if self.tour {
            // The sample is small, and its tour counts errors: none may come to light by scrolling.
            rows.extend(0..self.total());
        }
        let mut seen = BTreeSet::new();
        rows.retain(|row| seen.insert(*row));
        in_sight.typed.into_iter().chain(rows.into_iter().filter_map(of_row)).collect()
    }

    /// `:check` and `:recheck`: checks the selection, else the row under the cursor; with `all` every row. Includes
    /// videos and indexes, because the operator asked.
    pub fn check_online(&mut self, env: &mut Env<'_>, words: &str, afresh: bool) -> Done {
        let rows = match words {
            "all" => None,
            "" => Some(targets(self)),
            _ => return Done::plain(":check takes no argument, or all"),
        };
        let stale = !self.is_checked() && self.checking.is_none();
        let mut done = if stale { self.check_again(env) } else { Done::nothing() };
        if env.options.offline {
            return done.then(Done::plain(OFFLINE));
        }
        let scope = Scope { rows, transcripts: true, videos: true, indexes: true, afresh, share: None };
        if scope.rows.as_ref().is_some_and(|rows| rows.len() <= AT_ONCE) {
            return done.then(self.ask_now(&scope));
        }
        let evidence = self.findings.as_ref().map(|findings| findings.evidence().clone()).unwrap_or_default();
        let job = env.jobs.begin(Task::Plan, &mut done.effects);
        self.online.planning = Some(scope.clone());
        done.effects.push(Effect::Compute(job, Compute::Plan { snapshot: self.now().clone(), scope, evidence }));
        done
    }

    /// Requests a few rows without confirmation.
    fn ask_now(&mut self, scope: &Scope) -> Done {
        let now = self.now();
        let mut wanted = Vec::new();
        for row in scope.rows(now) {
            let subjects = scope.subjects(now, row);
            wanted.extend(subjects.into_iter().map(|subject| (row, subject)));
        }
        // Known subjects are passed on too: they are answered without a request, and the row gets the answer.
        let asked = || wanted.iter().filter(|(_, subject)| scope.afresh || !self.is_known(subject));
        let rows: BTreeSet<RowId> = asked().map(|(row, _)| *row).collect();
        let told: Vec<(RowId, SubjectKind)> = asked().map(|(row, subject)| (*row, subject.kind())).collect();
        let note = match (rows.first(), rows.len()) {
            (None, _) if wanted.is_empty() => return Done::plain(NOTHING_TO_CHECK),
            (None, _) => {
                let note = Message::plain("everything there is to check was checked.");
                return Done::said(note.offer(Action::Recheck, "asks again"));
            }
            (Some(row), 1) => format!("row {} is being checked online", row_number(*row)),
            (Some(_), many) => format!("{many} rows are being checked online"),
        };
        self.online.told.extend(told);
        let ask = Effect::AskNow { job: self.online.job, wanted, afresh: scope.afresh };
        Done::plain(note).then(Done::effects([ask]))
    }

    fn is_known(&self, subject: &Subject) -> bool {
        let known = self.findings.as_ref().and_then(|findings| findings.evidence().get(subject));
        known.is_some_and(|observation| observation.is_settled())
    }

    /// The requests of a check are counted: asks the operator whether to send them.
    pub fn planned(&mut self, env: &mut Env<'_>, job: JobId, plan: Plan) -> Done {
        if !env.jobs.finish(Task::Plan, job) {
            return Done::nothing();
        }
        let Some(scope) = self.online.planning.take() else { return Done::nothing() };
        if plan.transcripts + plan.videos + plan.indexes == 0 {
            if plan.known == 0 {
                return Done::plain(NOTHING_TO_CHECK);
            }
            let note = Message::plain("everything there is to check was checked.");
            return Done::said(note.offer_with(Action::Recheck, "all", "asks again"));
        }
        let each = self.online.progress.each;
        Done { question: Some(Question::CheckOnline { words: plan.words(each), plan, scope }), ..Done::default() }
    }

    /// The operator agreed: starts a check of many rows.
    pub fn check_many(&mut self, mut scope: Scope, plan: &Plan, videos: bool) -> Done {
        scope.videos &= videos;
        scope.indexes &= videos;
        let total = plan.transcripts + if videos { plan.videos + plan.indexes } else { 0 };
        let each = self.online.progress.each;
        self.online.sweeps += 1;
        let id = self.online.sweeps;
        self.online.progress = Progress { sweep: id, total, each, state: SweepState::Running, ..Progress::default() };
        self.online.sweep = Some(scope.clone());
        let (job, snapshot) = (self.online.job, self.now().clone());
        Done::effects([Effect::AskAll { job, id, snapshot, scope, total }])
    }

    /// Takes in the progress of a check of many rows.
    pub fn online_moved(&mut self, env: &mut Env<'_>, job: JobId, progress: Progress) -> Done {
        if self.online.job != job {
            return Done::nothing();
        }
        let running = self.online.sweep.is_some();
        if running && progress.sweep != self.online.sweeps {
            // From an earlier check or from single rows: it has no progress of this check.
            self.online.progress.now = progress.now;
            self.online.progress.each = progress.each;
            return Done::nothing();
        }
        // A stopped check may still report requests that were in flight.
        let state = if running { progress.state.clone() } else { SweepState::None };
        let rested = matches!(self.online.progress.state, SweepState::Resting(_));
        self.online.progress = Progress { state: state.clone(), ..progress };
        let done = match state {
            SweepState::Done => {
                self.online.sweep = None;
                let (done, requests) = (self.online.progress.done, self.online.progress.requests);
                let errors = self.errors();
                let untold = self.findings.as_deref().map(|findings| findings.evidence().untold(|_| true));
                let untold = untold.filter(|untold| untold.count > 0);
                let mark = if errors > 0 || untold.is_some() { Mark::Warning } else { Mark::Fine };
                let found = match errors {
                    0 => "no errors".to_owned(),
                    1 => "1 error in all rows.".to_owned(),
                    many => format!("{} in all rows.", counted(many, "error")),
                };
                let (done, requests) = (thousands(done), counted(requests, "request"));
                let text = match untold.and_then(|untold| Some((untold.count, untold.why()?))) {
                    None => format!("checked {done} online with {requests}; {found}"),
                    Some((count, why)) => {
                        let count = thousands(count);
                        format!("asked {done} online with {requests}, {count} could not be checked: {why}; {found}")
                    }
                };
                let note = Message::new(mark, text);
                let lists = if errors == 1 { "lists it" } else { "lists them" };
                Done::said(if errors > 0 { note.offer(Action::Problems, lists) } else { note })
            }
            // The progress display says why.
            SweepState::Resting(_) if !rested => {
                let note = Message::warning("the online check has paused.");
                Done::said(note.offer(Action::ResumeCheck, "goes on").offer(Action::Interrupt, "stops it"))
            }
            _ => Done::nothing(),
        };
        done.then(self.tell_other_rows(env))
    }

    /// Takes in a batch of observations.
    pub fn observed(&mut self, env: &mut Env<'_>, job: JobId, batch: Vec<Observed>) -> Done {
        if self.online.job != job {
            return Done::nothing();
        }
        let now = self.now().clone();
        let batch: Vec<Observed> = batch.into_iter().map(|it| spelled_as_listed(&self.keys.listed, it)).collect();
        let mut answered = BTreeSet::new();
        for observed in &batch {
            if observed.observation.is_some() {
                self.cues.forget(&observed.subject);
            }
            for row in &observed.rows {
                if self.online.told.remove(&(*row, observed.subject.kind())) {
                    answered.insert(*row);
                }
            }
        }
        let is_last = self.online.told.is_empty();
        if let Some(findings) = &mut self.findings {
            let affected = Arc::make_mut(findings).observe(&now, &batch);
            self.online.affected(&affected);
        }
        let lost = self.lost(&batch);
        if let Some(checking) = &mut self.checking {
            checking.observed.extend(batch);
        }
        let note = answered.last().filter(|_| is_last).and_then(|row| self.answer_in_words(*row));
        let done = Done { changed: Changed::FINDINGS, note, ..Done::default() }.then(self.tell_other_rows(env));
        if lost.is_empty() {
            return done;
        }
        done.then(Done::effects([Effect::AskNow { job: self.online.job, wanted: lost, afresh: true }]))
    }

    /// What was told before and is not known: it came while the rows were first checked, and that was stopped.
    fn lost(&self, batch: &[Observed]) -> Vec<(RowId, Subject)> {
        let is_known = |subject: &Subject| self.findings.as_ref().is_some_and(|it| it.evidence().has(subject));
        let is_lost = |it: &&Observed| it.observation.is_none() && self.checking.is_none() && !is_known(&it.subject);
        let lost = batch.iter().filter(is_lost);
        lost.filter_map(|it| Some((*it.rows.first()?, it.subject.clone()))).collect()
    }

    /// The keys of all sources are known: transcripts that were not found may stand among them in another case.
    pub fn keys_are_known(&mut self, env: &mut Env<'_>) -> Done {
        let mut done = Done::nothing();
        if let Some(findings) = &self.findings
            && !findings.evidence().is_empty()
        {
            let job = env.jobs.begin(Task::Spell, &mut done.effects);
            let (evidence, listed) = (findings.evidence().clone(), Arc::clone(&self.keys.listed));
            done.effects.push(Effect::Compute(job, Compute::Spell { evidence, listed }));
        }
        done
    }

    /// These transcripts are listed in another case, unless they were found since.
    pub fn spelled(&mut self, env: &mut Env<'_>, job: JobId, subjects: Vec<Subject>) -> Done {
        let is_awaited = env.jobs.finish(Task::Spell, job);
        let Some(findings) = self.findings.as_ref().filter(|_| is_awaited) else { return Done::nothing() };
        let observed = |subject: Subject| {
            let observation = Some(Arc::new(findings.evidence().get(&subject)?));
            Some(Observed { rows: Vec::new(), subject, observation })
        };
        let batch: Vec<Observed> = subjects.into_iter().filter_map(observed).collect();
        if batch.is_empty() { Done::nothing() } else { self.observed(env, self.online.job, batch) }
    }

    /// Message on the answer to a check the operator asked for.
    fn answer_in_words(&self, row: RowId) -> Option<Message> {
        let findings = self.findings.as_ref()?;
        let tallies = findings.tallies_of(row);
        for (kind, what) in [(SubjectKind::Transcript, "transcript"), (SubjectKind::Video, "video")] {
            let text = self.now().value(row, kind.field());
            let known = findings.evidence().about(kind, text.text());
            if let Some(why) = known.and_then(|known| known.untold()).filter(|_| tallies.errors == 0) {
                let (row, why) = (row_number(row), printable(&why));
                return Some(Message::warning(format!("the {what} of row {row} could not be checked: {why}")));
            }
        }
        let (mark, what) = match (tallies.errors, tallies.warnings) {
            (0, 0) => (Mark::Fine, "nothing is wrong with it"),
            (0, _) => (Mark::Warning, "there are warnings"),
            _ => (Mark::Error, "there are errors"),
        };
        Some(Message::new(mark, format!("checked row {} online: {what}", row_number(row))))
    }

    /// Checks all rows against the observations, once no requested check is outstanding.
    pub fn tell_other_rows(&mut self, env: &mut Env<'_>) -> Done {
        let waits = self.online.sweep.is_some() || !self.online.told.is_empty() || self.checking.is_some();
        if waits || !std::mem::take(&mut self.online.is_news_for_others) {
            return Done::nothing();
        }
        self.check_again(env)
    }

    /// `:pause` and `:resume`.
    pub fn order_online(&mut self, order: SweepOrder) -> Done {
        if self.online.sweep.is_none() {
            let note = Message::plain("no online check is running.");
            return Done::said(note.offer_with(Action::Check, "all", "starts one"));
        }
        let state = &mut self.online.progress.state;
        *state = if order == SweepOrder::Pause { SweepState::Paused } else { SweepState::Running };
        Done::effects([Effect::OrderOnline(self.online.job, order)])
    }

    /// Handles an interrupt: stops all jobs over the rows; None when none runs.
    pub fn stop(&mut self, env: &mut Env<'_>) -> Option<Done> {
        let mut effects = env.jobs.stop_all();
        self.applying = None;
        self.checking = None;
        self.online.planning = None;
        let told = !std::mem::take(&mut self.online.told).is_empty();
        let swept = self.online.sweep.take().is_some();
        self.online.progress.state = SweepState::None;
        effects.extend((told || swept).then_some(Effect::OrderOnline(self.online.job, SweepOrder::Stop)));
        if effects.is_empty() {
            return None;
        }
        Some(Done::effects(effects).then(self.stopped_reading(env)).then(self.tell_other_rows(env)))
    }
}

/// Adds to the answer about a missing transcript the key that a listing has in another case.
fn spelled_as_listed(listed: &Listed, mut observed: Observed) -> Observed {
    if let Some(observation) = &mut observed.observation
        && observation.is_not_found()
        && let Some(key) = listed.in_another_case(observed.subject.name())
        && let Fact::Transcript(object) = &mut Arc::make_mut(observation).fact
        && let Answer::Missing { instead, .. } | Answer::Refused { instead, .. } = &mut object.answer
    {
        *instead = Some(key.into());
    }
    observed
}
