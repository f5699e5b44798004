//! The current pairing: proposals for rows without a transcript, and which were taken or left. It is recomputed in the
//! background when S3 keys arrive or the operator edits rows; an edit that takes a proposal does not trigger that.

use super::{BULK, Changed, Done, Env, Session};
use crate::app::action::Action;
use crate::app::compute::{Bulk, Compute};
use crate::app::effect::Effect;
use crate::app::jobs::{Jobs, Task};
use crate::app::message::Message;
use crate::app::msg::{JobId, Moment};
use crate::app::pairs::{Pair, Paired, Stand, Told};
use crate::app::session::Step;
use crate::domain::draft::{Change, Edit};
use crate::domain::evidence::Evidence;
use crate::domain::format::{counted, thousands};
use crate::domain::manifest::{Field, RowId};
use crate::domain::pair::{Class, Pairing, Progress, Proposal, Standing, Terms};
use crate::domain::row_set::RowSet;
use std::sync::Arc;

/// Debounce between an edit by hand and new proposals, in milliseconds.
const PAUSE_MS: u64 = 300;

#[derive(Debug, Default)]
pub struct Proposals {
    pub pairing: Option<Arc<Pairing>>,
    /// Which of its rows are open, taken, left or to decide.
    pub standing: Option<Arc<Standing>>,
    /// The list of S3 keys was incomplete.
    pub is_partial: bool,
    /// Filled rows compared with their names; computed when no row is without a transcript.
    pub comparison: Option<Arc<Told>>,
    /// The selection the pair screen was opened with; None for all rows.
    pub scope: Option<Arc<RowSet>>,
    /// Rows the operator left: not asked about again in this session.
    pub left: RowSet,
    /// Rows whose transcript was taken from a proposal or by a decision.
    pub took: RowSet,
    /// Progress of the running job.
    pub progress: Option<Progress>,
    /// Rows that changed since the pairing was computed.
    changed: RowSet,
    /// Start of the running job, or of the last one.
    pub began: Moment,
    /// Duration of the last job, in milliseconds.
    pub took_ms: i64,
    /// The next result is announced on the message line.
    is_news: bool,
    /// Number of rows with a proposal that was announced last.
    told: u32,
    /// The next result follows a command that has said something already.
    pub is_quiet: bool,
    /// The pair screen is open and shows the result itself.
    is_shown: bool,
}

/// How complete the list of S3 keys is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeysState {
    /// No source was named.
    None,
    Reading,
    /// A source was not read to its end.
    Partial,
    Whole,
}

/// State of the list of S3 keys, from its sources and running jobs.
pub fn keys_state(session: &Session, jobs: &Jobs) -> KeysState {
    let keys = &session.keys;
    match () {
        () if jobs.reads_keys() || jobs.has(Task::Gather) => KeysState::Reading,
        () if keys.list.is_empty() && !keys.is_used() => KeysState::None,
        () if keys.is_incomplete() => KeysState::Partial,
        () => KeysState::Whole,
    }
}

impl Session {
    /// The proposal of a row that is still open.
    pub fn proposal_of(&self, row: RowId) -> Option<&Proposal> {
        let pairing = self.proposals.pairing.as_ref().filter(|_| !self.proposals.is_partial)?;
        let proposal = pairing.of_row(row)?;
        let now = self.now();
        (!now.is_excluded(row) && now.value(row, Field::Transcription).is_empty()).then_some(proposal)
    }

    fn terms(&self, before: Option<Arc<Standing>>) -> Terms {
        let Proposals { scope, left, took, .. } = &self.proposals;
        Terms { scope: scope.clone(), left: left.clone(), took: took.clone(), before }
    }

    fn inputs(&self) -> Pair {
        let evidence: Option<Evidence> = self.findings.as_ref().map(|findings| findings.evidence().clone());
        Pair {
            snapshot: self.now().clone(),
            keys: self.keys.list.clone(),
            given: Arc::new(self.keys.given()),
            evidence,
            terms: self.terms(self.proposals.standing.clone()),
            earlier: self.proposals.pairing.clone(),
        }
    }

    /// Starts computing proposals for all rows in the background.
    pub fn pair_again(&mut self, env: &mut Env<'_>) -> Done {
        if !self.is_ready() || self.keys.list.is_empty() {
            return Done::nothing();
        }
        let mut done = Done::nothing();
        let job = env.jobs.begin(Task::Pair, &mut done.effects);
        done.effects.extend(env.jobs.end(Task::Stand));
        done.effects.extend(env.jobs.end(Task::PairPause));
        self.proposals.changed = RowSet::new();
        self.proposals.progress = None;
        self.proposals.began = env.now;
        self.proposals.is_partial = keys_state(self, env.jobs) == KeysState::Reading;
        done.effects.push(Effect::Compute(job, Compute::Pair(Box::new(self.inputs()))));
        done
    }

    pub fn pairing(&mut self, env: &Env<'_>, job: JobId, progress: Progress) -> Done {
        if env.jobs.awaits(Task::Pair, job) {
            self.proposals.progress = Some(progress);
        }
        Done::nothing()
    }

    pub fn paired(&mut self, env: &mut Env<'_>, job: JobId, paired: Paired) -> Done {
        if !env.jobs.finish(Task::Pair, job) {
            return Done::nothing();
        }
        self.proposals.took_ms = env.now.unix_ms.saturating_sub(self.proposals.began.unix_ms).max(0);
        self.proposals.pairing = Some(paired.pairing);
        self.proposals.standing = Some(paired.standing.clone());
        self.proposals.progress = None;
        self.proposals.comparison = None;
        let mut done = Done::changed(Changed::PROPOSALS);
        let is_quiet = !self.proposals.is_partial && std::mem::take(&mut self.proposals.is_quiet);
        let is_news = !is_quiet && !self.proposals.is_partial && std::mem::take(&mut self.proposals.is_news);
        let with = paired.standing.rows() - paired.standing.nothing_fits() - paired.standing.taken();
        done.note = match (is_news, paired.changed) {
            (true, _) if with > 0 && with != self.proposals.told => {
                self.proposals.told = with;
                let have = if with == 1 { "has" } else { "have" };
                let note = Message::plain(format!("{} {have} a proposal.", counted(with.into(), "row")));
                Some(note.unasked().offer(Action::Pair, if with == 1 { "shows it" } else { "shows them" }))
            }
            (false, changed) if changed > 0 && !is_quiet && !self.proposals.is_partial => {
                Some(Message::plain(format!("{} changed", counted(changed.into(), "proposal"))).giving_way())
            }
            _ => None,
        };
        if self.proposals.changed.is_empty() { done } else { done.then(self.stand_again(env)) }
    }

    /// Starts recounting which rows are open, taken, left or to decide.
    pub fn stand_again(&mut self, env: &mut Env<'_>) -> Done {
        let Some(pairing) = self.proposals.pairing.clone() else { return Done::nothing() };
        if env.jobs.has(Task::Pair) {
            // Its result includes the count.
            return Done::nothing();
        }
        let mut done = Done::nothing();
        let job = env.jobs.begin(Task::Stand, &mut done.effects);
        let (snapshot, changed) = (self.now().clone(), self.proposals.changed.clone());
        let terms = self.terms(self.proposals.standing.clone());
        done.effects.push(Effect::Compute(job, Compute::Stand(Stand { pairing, snapshot, terms, changed })));
        done
    }

    /// `explains`: every changed row got its own proposal, so all other proposals remain valid.
    pub fn stood(&mut self, env: &mut Env<'_>, job: JobId, standing: Arc<Standing>, explains: bool) -> Done {
        if !env.jobs.finish(Task::Stand, job) {
            return Done::nothing();
        }
        self.proposals.standing = Some(standing);
        let done = Done::changed(Changed::PROPOSALS);
        if explains {
            return done;
        }
        let mut pause = Done::nothing();
        let job = env.jobs.begin(Task::PairPause, &mut pause.effects);
        pause.effects.push(Effect::After { job, ms: PAUSE_MS });
        done.then(pause)
    }

    /// Called when rows changed.
    pub fn proposals_follow(&mut self, env: &mut Env<'_>, rows: &RowSet) -> Done {
        self.proposals.comparison = None;
        if self.proposals.pairing.is_none() && !env.jobs.has(Task::Pair) {
            return Done::nothing();
        }
        self.proposals.changed = self.proposals.changed.union(rows);
        self.stand_again(env)
    }

    /// Called when all sources are read: starts pairing if rows lack a transcript.
    pub fn keys_are_read(&mut self, env: &mut Env<'_>) -> Done {
        let none_missing = self.findings.as_ref().is_some_and(|findings| findings.tallies().missing == 0);
        if none_missing && self.proposals.pairing.is_none() {
            return Done::nothing();
        }
        self.proposals.is_news = !self.proposals.is_shown && !self.keys.list.is_empty() && !self.proposals.is_quiet;
        self.pair_again(env)
    }

    /// Called when the pair screen opens, for `scope` or all rows, and when it closes.
    pub fn show_pairs(&mut self, env: &mut Env<'_>, is_shown: bool, scope: Option<RowSet>) -> Done {
        self.proposals.is_shown = is_shown;
        self.proposals.is_news &= !is_shown;
        let scope = scope.map(Arc::new);
        if self.proposals.scope == scope {
            return Done::nothing();
        }
        self.proposals.scope = scope;
        self.proposals.comparison = None;
        self.stand_again(env)
    }

    /// Starts comparing filled rows with their names in the background.
    pub fn compare(&mut self, env: &mut Env<'_>) -> Done {
        let mut done = Done::nothing();
        let job = env.jobs.begin(Task::Compare, &mut done.effects);
        self.proposals.began = env.now;
        done.effects.push(Effect::Compute(job, Compute::Compare(Box::new(self.inputs()))));
        done
    }

    pub fn compared(&mut self, env: &mut Env<'_>, job: JobId, told: Arc<Told>) -> Done {
        if !env.jobs.finish(Task::Compare, job) {
            return Done::nothing();
        }
        self.proposals.comparison = Some(told);
        Done::changed(Changed::PROPOSALS)
    }

    /// Takes the sure rows of these classes as one undo step.
    pub fn take_sure(&mut self, env: &mut Env<'_>, classes: &[Class]) -> Done {
        let (Some(pairing), Some(standing)) = (self.proposals.pairing.clone(), self.proposals.standing.clone()) else {
            return Done::nothing();
        };
        if let Some(reason) = self.why_not_editable() {
            return Done::plain(reason);
        }
        let open = |class: &Class| standing.count(*class).sure;
        let rows: u32 = classes.iter().map(open).sum();
        let mut words = format!("took {}, one step", counted(rows.into(), "row"));
        if env.size.0 >= 110 {
            let by_class: Vec<String> = classes
                .iter()
                .filter(|class| open(class) > 0)
                .map(|class| format!("{} {}", thousands(open(class).into()), class.name()))
                .collect();
            words = format!("{words}: {}", by_class.join(", "));
        }
        let sure = match classes {
            [class] => {
                let rows = standing.of_class(*class).map(|of_class| of_class.rows.iter().copied().collect::<RowSet>());
                standing.sure.intersection(&rows.unwrap_or_default())
            }
            _ => (*standing.sure).clone(),
        };
        self.proposals.took.add(&sure);
        self.take_of(env, pairing, classes, self.proposals.scope.clone(), rows as usize, words + ".")
    }

    /// These rows are about to get a transcript by a decision.
    pub fn takes(&mut self, rows: &RowSet) {
        self.proposals.took.add(rows);
    }

    /// `words`: the message if exactly `rows` rows change.
    fn take_of(
        &mut self,
        env: &mut Env<'_>,
        pairing: Arc<Pairing>,
        classes: &[Class],
        scope: Option<Arc<RowSet>>,
        rows: usize,
        words: String,
    ) -> Done {
        if rows > BULK {
            let what = Bulk::Take { pairing, classes: classes.to_vec(), scope };
            return self.in_bulk(env, Step::Do, what, Some((rows, words)));
        }
        let Some(edit) = pairing.take(classes, scope.as_deref(), self.now()) else {
            return Done::plain("nothing to take");
        };
        self.edit(env, edit, |n| if n == rows { words.clone() } else { format!("took {}.", counted(n as u64, "row")) })
    }

    /// Takes the sure proposals among these rows; None when none of them has a proposal.
    pub fn take_selected(&mut self, env: &mut Env<'_>, rows: &RowSet) -> Option<Done> {
        let pairing = self.proposals.pairing.clone().filter(|_| !self.proposals.is_partial)?;
        let standing = self.proposals.standing.clone()?;
        let sure = standing.sure.intersection(rows).len();
        let to_decide = standing.to_decide.intersection(rows).len();
        if sure + to_decide == 0 {
            return None;
        }
        let want = if to_decide == 1 { "wants" } else { "want" };
        let rest = format!("{} {want} a decision", thousands(to_decide as u64));
        if sure == 0 {
            return Some(Done::said(Message::plain(format!("{rest}.")).offer(Action::Pair, "shows them")));
        }
        let all = thousands((sure + to_decide) as u64);
        let words = match to_decide {
            0 => format!("took {}.", counted(sure as u64, "row")),
            _ => format!("took {} of {all}, {rest}.", thousands(sure as u64)),
        };
        let classes = [Class::Exact, Class::Normalised, Class::Likely];
        self.proposals.took.add(&standing.sure.intersection(rows));
        Some(self.take_of(env, pairing, &classes, Some(Arc::new(rows.clone())), sure, words))
    }

    /// Takes the sure proposal of a row; None when it has none.
    pub fn take_proposal(&mut self, env: &mut Env<'_>, row: RowId) -> Option<Done> {
        let proposal = self.proposal_of(row)?;
        let key = proposal.transcript().filter(|_| proposal.is_sure())?;
        let url = self.proposals.pairing.as_ref()?.url(key);
        let edit = Edit { rows: RowSet::one(row), change: Change::Set(Field::Transcription, url) };
        let number = crate::domain::format::row_number(row);
        self.proposals.took.insert(row);
        Some(self.edit(env, edit, |_| format!("took the proposal of row {number}.")))
    }

    /// Leaves rows, or asks about them again.
    pub fn leave_rows(&mut self, env: &mut Env<'_>, rows: &RowSet, leave: bool) -> Done {
        let left = &mut self.proposals.left;
        if leave {
            left.add(rows)
        } else {
            left.subtract(rows)
        }
        self.stand_again(env)
    }
}
