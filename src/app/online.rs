//! Asking online: what is wanted now, what was asked for, and how far a check of many rows is. It decides what may be asked
//! without being told: transcripts of rows on the screen, of the row in hand, and of edited rows. Never a video.

use super::change;
use super::effect::{Effect, SweepOrder};
use super::model::{Mark, Model, Stage};
use super::msg::JobId;
use super::screens::menu::Menu;
use super::screens::table::{self, number};
use super::screens::{Screen, problems, show};
use super::session::Session;
use crate::domain::evidence::{Kind, Observed, Plan, Progress, Scope, Subject, SweepState};
use crate::domain::findings::Affected;
use crate::domain::format::{counted, thousands};
use crate::domain::manifest::{Field, RowId};
use crate::domain::row_set::RowSet;
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

/// So long nothing may change on the screen before it is asked about: who scrolls or types has not arrived yet.
const STILL_MS: u64 = 250;
/// Edited rows that are asked about by themselves; more want `:check`.
const EDITED: usize = 200;
/// Rows that are asked about without saying first how many requests it takes.
const AT_ONCE: usize = 20;

pub const OFFLINE: &str = "offline: nothing is asked.  cuecard without --offline asks";

#[derive(Debug)]
pub struct Online {
    /// Answers of another manifest carry another one.
    pub job: JobId,
    /// What the operator looks at, nearest first, known or not.
    wanted: Vec<(RowId, Subject)>,
    /// `wanted` was handed over.
    is_asked: bool,
    timer: Option<JobId>,
    /// Rows that were edited, the last one first.
    edited: VecDeque<RowId>,
    /// What the operator told to ask, until the answer is there.
    told: BTreeSet<(RowId, Kind)>,
    /// Something was learnt that rows which did not ask may name, too: all are to be checked against it.
    is_news_for_others: bool,
    planning: Option<(JobId, Scope)>,
    pub sweep: Option<Scope>,
    /// Checks of many rows so far: the number of the latest.
    sweeps: u64,
    pub progress: Progress,
}

/// How far the question about a row is.
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
            timer: None,
            edited: VecDeque::new(),
            told: BTreeSet::new(),
            is_news_for_others: false,
            planning: None,
            sweep: None,
            sweeps: 0,
            progress: Progress::default(),
        }
    }

    /// Many rows are being checked, or it is being counted how many.
    pub fn is_busy(&self) -> bool {
        self.planning.is_some()
            || matches!(self.progress.state, SweepState::Running)
            || (!self.told.is_empty() && !self.progress.now.is_empty())
    }

    /// It is being counted what a check of many rows asks for.
    pub fn is_planning(&self) -> bool {
        self.planning.is_some()
    }

    /// Findings took something in.
    pub fn affected(&mut self, told: &Affected) {
        self.is_news_for_others |= !told.is_all;
    }

    /// Rows changed: those that a person edits are few, and are asked about by themselves.
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

/// How far the question about a row's transcript is; None when nobody asked, or the answer is there.
pub fn asked(session: &Session, row: RowId) -> Option<Asked> {
    let online = &session.online;
    if online.progress.now.contains(&row) {
        return Some(Asked::Now);
    }
    if online.told.range((row, Kind::Transcript)..=(row, Kind::Index)).next().is_some() {
        return Some(Asked::Waits);
    }
    let on_screen = online.is_asked && online.wanted.iter().any(|(wanted, _)| *wanted == row);
    let in_sweep = online.sweep.as_ref().is_some_and(|scope| {
        row >= online.progress.next_row && scope.rows.as_ref().is_none_or(|rows| rows.contains(row))
    });
    let waits = on_screen || in_sweep;
    let unknown = || session.findings.as_ref()?.unknown(session.now(), row, Kind::Transcript);
    (waits && unknown().is_some()).then_some(Asked::Waits)
}

/// After something happened: if other things are looked at now, they are asked about in a moment.
pub fn settle(model: &mut Model) -> Vec<Effect> {
    let wanted = wanted(model);
    if model.session().is_none_or(|session| session.online.wanted == wanted) {
        return Vec::new();
    }
    let job = model.new_job();
    let Some(session) = model.session_mut() else { return Vec::new() };
    session.online.wanted = wanted;
    session.online.is_asked = false;
    // An earlier timer runs out unheard.
    session.online.timer = Some(job);
    vec![Effect::After { job, ms: STILL_MS }]
}

/// The screen has stood still: what is on it and not known is asked for. None when the timer was somebody else's.
pub fn elapsed(model: &mut Model, job: JobId) -> Option<Vec<Effect>> {
    let session = model.session_mut()?;
    session.online.timer.take_if(|timer| *timer == job)?;
    session.online.is_asked = true;
    let Some(findings) = &session.findings else { return Some(Vec::new()) };
    let unknown = |it: &&(RowId, Subject)| findings.evidence().get(&it.1).is_none();
    let wanted: Vec<_> = session.online.wanted.iter().filter(unknown).cloned().collect();
    // An empty list takes back what waits and is out of sight now.
    Some(vec![Effect::AskInSight { job: session.online.job, wanted }])
}

/// What the operator looks at, nearest first.
fn wanted(model: &Model) -> Vec<(RowId, Subject)> {
    let Stage::Open(session) = &model.stage else { return Vec::new() };
    if model.options.offline || !session.is_ready() || session.findings.is_none() {
        return Vec::new();
    }
    let layout = table::layout(model);
    if layout.is_too_small() {
        return Vec::new();
    }
    let now = session.now();
    let of_row = |row: RowId| {
        let sent = !now.is_excluded(row);
        let subject = sent.then(|| Subject::of_row(&now.row(row), |kind| kind == Kind::Transcript).pop())??;
        Some((row, subject))
    };
    let typed = match model.screens.last() {
        // A text with an error is half typed, or names no transcript.
        Some(Screen::Editor(editor)) if editor.field == Field::Transcription && !editor.has_error() => {
            Subject::of(Kind::Transcript, editor.input.text()).map(|subject| (editor.row, subject))
        }
        Some(Screen::Picker(picker)) => {
            let url = picker.offers.get(picker.scroll.cursor).map(|offer| offer.url.as_str());
            url.and_then(|url| Subject::of(Kind::Transcript, url)).map(|subject| (picker.row, subject))
        }
        _ => None,
    };
    let mut rows: Vec<RowId> = session.current().into_iter().collect();
    let table_in_sight = !matches!(
        model.screens.last(),
        Some(Screen::Problems(_) | Screen::Review(_) | Screen::Send(_) | Screen::Log(_))
    );
    if table_in_sight {
        let top = session.view.scroll.top;
        rows.extend((top..top + usize::from(layout.page())).filter_map(|at| session.view.row_at(at, session.total())));
    }
    rows.extend(&session.online.edited);
    let mut seen = BTreeSet::new();
    rows.retain(|row| seen.insert(*row));
    typed.into_iter().chain(rows.into_iter().filter_map(of_row)).collect()
}

/// `:check` and `:recheck`: the selection, else the row under the cursor; with `all` every row. Videos and indexes too: it
/// was asked for.
pub fn check(model: &mut Model, words: &str, afresh: bool) -> Vec<Effect> {
    let rows = match words {
        "all" => None,
        "" => Some(model.session().map(table::targets).unwrap_or_default()),
        _ => {
            model.say(Mark::Plain, ":check takes nothing, or all");
            return Vec::new();
        }
    };
    let stale = model.session().is_some_and(|session| !session.is_checked() && session.checking.is_none());
    let mut effects = if stale { change::check_again(model) } else { Vec::new() };
    if model.options.offline {
        model.say(Mark::Plain, OFFLINE);
        return effects;
    }
    let job = model.new_job();
    let Some(session) = model.session_mut() else { return effects };
    let evidence = session.findings.as_ref().map(|findings| findings.evidence().clone()).unwrap_or_default();
    let scope = Scope { rows, transcripts: true, videos: true, indexes: true, afresh };
    if scope.rows.as_ref().is_some_and(|rows| rows.len() <= AT_ONCE) {
        effects.extend(ask(model, &scope));
        return effects;
    }
    let earlier = session.online.planning.replace((job, scope.clone())).map(|(job, _)| Effect::Cancel(job));
    effects.extend(earlier);
    effects.push(Effect::Plan { job, snapshot: session.now().clone(), scope, evidence });
    effects
}

/// A few rows, at once.
fn ask(model: &mut Model, scope: &Scope) -> Vec<Effect> {
    let Some(session) = model.session_mut() else { return Vec::new() };
    let now = session.now();
    let mut wanted = Vec::new();
    for row in scope.rows(now).filter(|row| !now.is_excluded(*row)) {
        wanted.extend(Subject::of_row(&now.row(row), |kind| scope.has(kind)).into_iter().map(|subject| (row, subject)));
    }
    // What is known is answered without a request; it is handed over so that the row is told of it.
    let asked = || wanted.iter().filter(|(_, subject)| scope.afresh || !is_known(session, subject));
    let rows: BTreeSet<RowId> = asked().map(|(row, _)| *row).collect();
    let told: Vec<(RowId, Kind)> = asked().map(|(row, subject)| (*row, subject.kind())).collect();
    let job = session.online.job;
    match (rows.first(), rows.len()) {
        (None, _) => {
            model.say(Mark::Plain, "all that can be asked is known already.  :recheck asks again");
            return Vec::new();
        }
        (Some(row), 1) => model.say(Mark::Plain, format!("row {} is being checked online", number(*row))),
        (Some(_), many) => model.say(Mark::Plain, format!("{many} rows are being checked online")),
    }
    if let Some(session) = model.session_mut() {
        session.online.told.extend(told);
    }
    vec![Effect::AskNow { job, wanted, afresh: scope.afresh }]
}

fn is_known(session: &Session, subject: &Subject) -> bool {
    let known = session.findings.as_ref().and_then(|findings| findings.evidence().get(subject));
    known.is_some_and(|observation| observation.is_settled())
}

/// It is counted what a check of many rows asks for: the operator decides.
pub fn planned(model: &mut Model, job: JobId, plan: Plan) -> Vec<Effect> {
    let Some(session) = model.session_mut() else { return Vec::new() };
    let Some((_, scope)) = session.online.planning.take_if(|(waiting, _)| *waiting == job) else { return Vec::new() };
    if plan.transcripts + plan.videos + plan.indexes == 0 {
        model.say(Mark::Plain, "all that can be asked is known already.  :recheck all asks again");
        return Vec::new();
    }
    show(model, Screen::Menu(Menu::CheckOnline { plan, scope }));
    Vec::new()
}

/// What a check asks for, before it does: `9,368 transcripts, 12,480 videos, 2 buckets: 21,850 requests, about 2:05 min`.
pub fn question(model: &Model, plan: &Plan) -> String {
    let each = model.session().and_then(|session| session.online.progress.each);
    plan.words(each)
}

/// The operator said yes.
pub fn start(model: &mut Model, mut scope: Scope, plan: &Plan, videos: bool) -> Vec<Effect> {
    scope.videos &= videos;
    scope.indexes &= videos;
    let total = plan.transcripts + if videos { plan.videos + plan.indexes } else { 0 };
    let Some(session) = model.session_mut() else { return Vec::new() };
    let each = session.online.progress.each;
    session.online.sweeps += 1;
    let id = session.online.sweeps;
    session.online.progress = Progress { sweep: id, total, each, state: SweepState::Running, ..Progress::default() };
    session.online.sweep = Some(scope.clone());
    let (job, snapshot) = (session.online.job, session.now().clone());
    model.message = None;
    vec![Effect::AskAll { job, id, snapshot, scope, total }]
}

/// How far it is.
pub fn moved(model: &mut Model, job: JobId, progress: Progress) -> Vec<Effect> {
    let Some(session) = model.session_mut().filter(|session| session.online.job == job) else { return Vec::new() };
    let running = session.online.sweep.is_some();
    if running && progress.sweep != session.online.sweeps {
        // A word of an earlier one, or of single rows: it says nothing of how far this one is.
        session.online.progress.now = progress.now;
        session.online.progress.each = progress.each;
        return Vec::new();
    }
    // What was under way when it was stopped may still be told of.
    let state = if running { progress.state.clone() } else { SweepState::None };
    let rested = matches!(session.online.progress.state, SweepState::Resting(_));
    session.online.progress = Progress { state: state.clone(), ..progress };
    match state {
        SweepState::Done => {
            session.online.sweep = None;
            let (done, requests) = (session.online.progress.done, session.online.progress.requests);
            let errors = session.findings.as_ref().map_or(0, |findings| findings.tallies().errors);
            let mark = if errors > 0 { Mark::Warning } else { Mark::Fine };
            let found = match errors {
                0 => "no errors".to_owned(),
                1 => "1 error in all rows.  ! lists it".to_owned(),
                many => format!("{} in all rows.  ! lists them", counted(many, "error")),
            };
            model.say(
                mark,
                format!("checked {} online with {}; {found}", thousands(done), counted(requests, "request")),
            );
        }
        // Why is told where its progress stands.
        SweepState::Resting(_) if !rested => {
            model.say(Mark::Warning, "the check stands still.  :resume goes on, ^c stops it");
        }
        _ => {}
    }
    tell_others(model)
}

/// Something was learnt.
pub fn observed(model: &mut Model, job: JobId, batch: Vec<Observed>) -> Vec<Effect> {
    let Some(session) = model.session_mut().filter(|session| session.online.job == job) else { return Vec::new() };
    let now = session.now().clone();
    let mut answered = BTreeSet::new();
    for observed in &batch {
        for row in &observed.rows {
            if session.online.told.remove(&(*row, observed.subject.kind())) {
                answered.insert(*row);
            }
        }
    }
    let is_last = session.online.told.is_empty();
    if let Some(findings) = &mut session.findings {
        let told = Arc::make_mut(findings).observe(&now, &batch);
        session.online.affected(&told);
    }
    if let Some(checking) = &mut session.checking {
        checking.observed.extend(batch);
    }
    problems::counted(model);
    if is_last && let Some(row) = answered.last() {
        say_answered(model, *row);
    }
    tell_others(model)
}

/// What the operator told to ask is answered.
fn say_answered(model: &mut Model, row: RowId) {
    let Some(findings) = model.session().and_then(|session| session.findings.as_ref()) else { return };
    let tallies = findings.tallies_of(row);
    let (mark, what) = match (tallies.errors, tallies.warnings) {
        _ if findings.is_untold(row) => (Mark::Warning, "its transcript could not be checked"),
        (0, 0) => (Mark::Fine, "nothing is wrong with it"),
        (0, _) => (Mark::Warning, "there are warnings"),
        _ => (Mark::Error, "there are errors"),
    };
    model.say(mark, format!("checked row {} online: {what}", number(row)));
}

/// When nothing more is on its way, all rows are checked against what was learnt, away from the screen.
pub fn tell_others(model: &mut Model) -> Vec<Effect> {
    let Some(session) = model.session_mut() else { return Vec::new() };
    let online = &session.online;
    let waits = online.sweep.is_some() || !online.told.is_empty() || session.checking.is_some();
    if waits || !std::mem::take(&mut session.online.is_news_for_others) {
        return Vec::new();
    }
    change::check_again(model)
}

/// `:pause`, `:resume`.
pub fn order(model: &mut Model, order: SweepOrder) -> Vec<Effect> {
    let Some(session) = model.session_mut() else { return Vec::new() };
    if session.online.sweep.is_none() {
        model.say(Mark::Plain, "no check of many rows is under way.  :check all starts one");
        return Vec::new();
    }
    let state = &mut session.online.progress.state;
    *state = if order == SweepOrder::Pause { SweepState::Paused } else { SweepState::Running };
    vec![Effect::OrderOnline(session.online.job, order)]
}

/// `^c`: nothing more is asked for many rows.
pub fn stop(session: &mut Session) -> Vec<Effect> {
    let planning = session.online.planning.take().map(|(job, _)| Effect::Cancel(job));
    let told = !std::mem::take(&mut session.online.told).is_empty();
    let swept = session.online.sweep.take().is_some();
    session.online.progress.state = SweepState::None;
    let stop = (told || swept).then_some(Effect::OrderOnline(session.online.job, SweepOrder::Stop));
    planning.into_iter().chain(stop).collect()
}
