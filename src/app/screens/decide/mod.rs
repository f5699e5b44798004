//! Decides one row at a time: shows its candidates by number and its neighbours in the file, and gives an answer to all
//! rows with the same question. Every answer is an edit at once.

mod answers;
mod row;

pub use row::{Choice, Neighbour, question};

use answers::{Given, What, changed_by};

use crate::app::action::Action;
use crate::app::command::{Scope, Why};
use crate::app::context::{Act, Ctx, Heard};
use crate::app::jobs::Task;
use crate::app::message::Message;
use crate::app::msg::Msg;
use crate::app::next::{Ask, Next, Request, Target};
use crate::app::options::AppOptions;
use crate::app::session::online::InSight;
use crate::app::session::{Changed, Session};
use crate::domain::draft::{Change, Edit};
use crate::domain::evidence::{Subject, SubjectKind};
use crate::domain::format::{row_number, thousands};
use crate::domain::manifest::{Field, RowId};
use crate::domain::pair::{Pairing, Proposal, Queue, Verdict};
use crate::domain::printable::printable;
use crate::domain::row_set::RowSet;
use crate::domain::s3_url::{key, without_secret};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Number of numbered candidates.
pub const MOST: usize = 9;
/// Answers from which on the time left is told, and those it is told from.
const TELLS_AFTER: usize = 5;
const TOLD_FROM: usize = 20;
/// Number of candidates whose cues are read.
const READ: usize = 3;

#[derive(Debug)]
pub struct Decide {
    pub ask: Ask,
    pub queue: Arc<Queue>,
    pub at: usize,
    /// The numbered ones, best first.
    pub choices: Vec<Choice>,
    /// How many fit, numbered or not.
    pub fitting: usize,
    /// The selected candidate. None while two fit equally well, so that holding Enter down fills nothing.
    pub hand: Option<usize>,
    given: Vec<Given>,
    /// Rows that were answered here.
    pub done: RowSet,
    /// The answered rows of each question.
    answered: BTreeMap<usize, usize>,
    /// How long the last answers took, in milliseconds.
    pace: Vec<i64>,
    last_ms: i64,
    /// What the last answer would fill of the rows with the same question.
    rest: Rest,
    /// What `T` does, after it was pressed and until Enter.
    pub same: Option<Offered>,
    /// Another key is picked for the row in hand.
    is_picking: bool,
}

/// An answer for all rows with the same question.
#[derive(Clone, Debug)]
pub enum Offered {
    Edit(Arc<Edit>),
    Leave(RowSet),
}

/// The rows that the last answer would fill, too.
#[derive(Debug)]
enum Rest {
    /// There is no answer that could.
    NotAsked,
    /// They are being looked up; `T` waits for them.
    Counting {
        is_wanted: bool,
    },
    Fits(Arc<Edit>),
    /// It fits no other row; a template may.
    FitsNone,
}

impl Decide {
    /// None when there is nothing to decide.
    pub fn open(ctx: &mut Ctx<'_>, ask: Ask) -> Option<Decide> {
        let proposals = &ctx.session()?.proposals;
        let standing = proposals.standing.as_ref();
        let queue = match ask {
            Ask::All => standing?.queue.clone(),
            Ask::Class(class) => standing?.of_class(class)?.queue.clone(),
            Ask::Through(class) => Arc::new(Queue::of_rows((*standing?.of_class(class)?.rows).clone())),
            Ask::Contradict => {
                Arc::new(Queue::of_rows((**proposals.comparison.as_ref()?.of(Verdict::Contradict)).clone()))
            }
        };
        if queue.is_empty() {
            return None;
        }
        let mut decide = Decide {
            ask,
            queue,
            at: 0,
            choices: Vec::new(),
            fitting: 0,
            hand: None,
            given: Vec::new(),
            done: RowSet::new(),
            answered: BTreeMap::new(),
            pace: Vec::new(),
            last_ms: ctx.now.unix_ms,
            rest: Rest::NotAsked,
            same: None,
            is_picking: false,
        };
        *ctx.message = None;
        if !decide.is_asked(ctx.session()?) && decide.asks_questions() {
            decide.go_on(ctx);
        }
        decide.look(ctx.session()?);
        Some(decide)
    }

    pub fn row(&self) -> Option<RowId> {
        self.queue.row(self.at)
    }

    /// Whether rows are decided, not only looked through.
    pub fn asks_questions(&self) -> bool {
        matches!(self.ask, Ask::All | Ask::Class(_))
    }

    pub fn pairing<'a>(&self, session: &'a Session) -> Option<&'a Pairing> {
        match self.ask {
            Ask::Contradict => session.proposals.comparison.as_ref().map(|told| &told.comparison.pairing),
            _ => session.proposals.pairing.as_deref(),
        }
    }

    pub fn proposal<'a>(&self, session: &'a Session) -> Option<&'a Proposal> {
        self.pairing(session)?.of_row(self.row()?)
    }

    /// Whether the current row is still open.
    fn is_asked(&self, session: &Session) -> bool {
        let Some(row) = self.row() else { return false };
        let now = session.now();
        !self.done.contains(row)
            && !now.is_excluded(row)
            && !session.proposals.left.contains(row)
            && now.value(row, Field::Transcription).is_empty()
    }

    /// Rows of the last answer's question that are still open.
    fn asking_like_it(&self) -> usize {
        let Some((number, range)) = self.last_question() else { return 0 };
        range.len().saturating_sub(self.answered.get(&number).copied().unwrap_or(0))
    }

    /// The rows that `T` would do the same to.
    pub fn like_it(&self) -> usize {
        match (&self.rest, self.took()) {
            (Rest::Fits(edit), true) => edit.rows.len(),
            (_, true) => 0,
            (_, false) => self.asking_like_it(),
        }
    }

    fn last_question(&self) -> Option<(usize, std::ops::Range<usize>)> {
        let last = self.given.last()?;
        if matches!(last.what, What::TookOther | What::Kept) || last.rows.len() != 1 {
            return None;
        }
        self.queue.question_at(last.at)
    }

    /// Rows with the current row's question.
    pub fn asking(&self) -> Option<usize> {
        let (number, range) = self.queue.question_at(self.at)?;
        Some(range.len().saturating_sub(self.answered.get(&number).copied().unwrap_or(0)))
    }

    /// The two candidates whose cues are shown side by side: the first ones, as long as none is in hand.
    fn pair(&self) -> Option<[Subject; 2]> {
        let (None, [one, two, ..]) = (self.hand, self.choices.as_slice()) else { return None };
        let subject = |choice: &Choice| Subject::of(SubjectKind::Transcript, &choice.url);
        Some([subject(one)?, subject(two)?])
    }

    /// The estimated time left, once it is known.
    pub fn time_left(&self) -> Option<String> {
        if self.pace.len() < TELLS_AFTER {
            return None;
        }
        let mut last: Vec<i64> = self.pace.iter().rev().take(TOLD_FROM).copied().collect();
        last.sort_unstable();
        let median = last.get(last.len() / 2).copied()?;
        let rows = i64::try_from(self.queue.len().saturating_sub(self.at)).ok()?;
        match median.saturating_mul(rows) / 60_000 {
            0 => Some("under a minute left".to_owned()),
            minutes => Some(format!("about {} min left", thousands(minutes.unsigned_abs()))),
        }
    }
}

impl Act for Decide {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Decide, Scope::Global]
    }

    fn can(&self, _session: Option<&Session>, action: Action) -> Result<(), Why> {
        match action {
            Action::Same if self.last_question().is_none() => {
                Err("answer one first; then that can be done to all like it".into())
            }
            Action::Same if self.asking_like_it() == 0 => Err("no other row asks that".into()),
            Action::Undo if self.given.is_empty() => Err("nothing was answered here yet".into()),
            Action::NextProblem | Action::PreviousProblem if self.queue.questions() < 2 => {
                Err("there is no other question".into())
            }
            Action::Choose | Action::Down | Action::Up if self.choices.is_empty() => {
                Err(Why::but("nothing fits.", Action::Pick, "picks any key"))
            }
            _ => Ok(()),
        }
    }

    fn numbers(&self, _session: Option<&Session>) -> bool {
        true
    }

    fn number(&mut self, ctx: &mut Ctx<'_>, number: usize) -> Next {
        self.forget_same();
        match number.checked_sub(1).filter(|at| *at < self.choices.len()) {
            Some(at) => self.take(ctx, at),
            None => {
                self.choose_first(ctx);
                Next::Stay
            }
        }
    }

    fn answers(&self, action: Action) -> bool {
        matches!(action, Action::Choose | Action::Accept | Action::Leave | Action::Exclude | Action::Same)
    }

    fn asks(&self, _session: Option<&Session>) -> u64 {
        let same = match &self.same {
            None => 0,
            Some(_) => 1,
        };
        (self.at as u64) * 4 + same + ((self.given.len() as u64) << 40)
    }

    fn label(&self, _session: Option<&Session>, _options: &AppOptions, action: Action) -> Option<String> {
        match (action, &self.rest, &self.same) {
            (Action::Same, _, Some(_)) => Some("as a template".to_owned()),
            (Action::Same, Rest::FitsNone, None) if self.took() => Some("template".to_owned()),
            (Action::Same, _, None) => {
                Some(self.like_it()).filter(|rows| *rows > 0).map(|rows| format!("same for {}", thousands(rows as u64)))
            }
            _ => None,
        }
    }

    fn act(&mut self, ctx: &mut Ctx<'_>, request: &Request) -> Next {
        let offered = self.forget_same();
        match request.action {
            Action::Accept if offered.is_some() => {
                return offered.map_or(Next::Stay, |offered| self.do_same(ctx, offered));
            }
            Action::Back if offered.is_some() => ctx.say(Message::plain("not done")),
            Action::Accept => match self.hand {
                Some(at) => return self.take(ctx, at),
                None => self.choose_first(ctx),
            },
            Action::Down | Action::Up => {
                let last = self.choices.len().saturating_sub(1);
                self.hand = Some(match (request.action, self.hand) {
                    (Action::Down, None) => 0,
                    (Action::Down, Some(at)) => (at + 1).min(last),
                    (_, None) => last,
                    (_, Some(at)) => at.saturating_sub(1),
                });
            }
            Action::Leave => {
                let Some(row) = self.row() else { return Next::Stay };
                let number = row_number(row);
                if self.asks_questions() {
                    ctx.on(|session, env| session.leave_rows(env, &RowSet::one(row), true));
                }
                let next = self.answered(ctx, What::Left, RowSet::one(row));
                self.tell(ctx, Message::plain(format!("{number} left")), &next);
                return next;
            }
            Action::Exclude => {
                let Some(row) = self.row() else { return Next::Stay };
                if !changed_by(ctx, Edit { rows: RowSet::one(row), change: Change::Exclude }) {
                    return Next::Stay;
                }
                let next = self.answered(ctx, What::Excluded, RowSet::one(row));
                self.tell(ctx, Message::plain(format!("- {} excluded", row_number(row))), &next);
                return next;
            }
            Action::Undo => return self.back(ctx),
            Action::Same if self.took() && (offered.is_some() || matches!(self.rest, Rest::FitsNone)) => {
                return self.by_template(ctx);
            }
            Action::Same => self.same(ctx),
            Action::Pick => {
                let Some(row) = self.row() else { return Next::Stay };
                ctx.on(|session, env| {
                    session.takes(&RowSet::one(row));
                    session.show_row(env, row)
                });
                self.is_picking = true;
                return Next::Open(Target::Picker);
            }
            Action::NextProblem => return self.other_question(ctx, true),
            Action::PreviousProblem => return self.other_question(ctx, false),
            Action::Back => return Next::Close,
            _ => {}
        }
        Next::Stay
    }

    fn hear(&mut self, ctx: &mut Ctx<'_>, msg: Msg) -> Heard {
        let Msg::SameFor(job, edit) = msg else { return Heard::NotMine(msg) };
        if ctx.jobs.finish(Task::Same, job) {
            self.rest_is_known(ctx, edit);
        }
        Heard::Taken(Next::Stay)
    }

    fn follow(&mut self, ctx: &mut Ctx<'_>, changed: Changed) {
        let Some(session) = ctx.session() else { return };
        let Some(row) = self.row() else { return };
        if changed.rows && std::mem::take(&mut self.is_picking) {
            let text = session.now().value(row, Field::Transcription).text().to_owned();
            if !text.is_empty() {
                let name = printable(key::file_name(&without_secret(&text))).into_owned();
                let is_last = self.at + 1 >= self.queue.len();
                let next = self.answered(ctx, What::TookOther, RowSet::one(row));
                if matches!(next, Next::Close) || is_last {
                    // It stays on the last row: a screen closes by a key of its own.
                    self.at = self.queue.len().saturating_sub(1);
                    if let Some(session) = ctx.session() {
                        self.look(session);
                    }
                }
                ctx.say(Message::fine(format!("{} took {name}", row_number(row))));
                return;
            }
        }
        if changed.keys {
            // The answer names a key of the list as it was.
            ctx.end(Task::Same);
            (self.rest, self.same) = (Rest::NotAsked, None);
        }
        let Some(session) = ctx.session() else { return };
        if changed.proposals || changed.rows || changed.keys {
            self.look(session);
        }
    }

    fn job_failed(&mut self, _ctx: &mut Ctx<'_>, task: Task) -> Next {
        if task == Task::Same {
            self.rest = Rest::NotAsked;
        }
        Next::Stay
    }

    fn closed(&mut self, ctx: &mut Ctx<'_>) {
        ctx.end(Task::Same);
    }

    fn in_sight(&self) -> InSight {
        let Some(row) = self.row() else { return InSight::default() };
        let held = self.hand.and_then(|at| self.choices.get(at));
        let subject = |choice: &Choice| Some((row, Subject::of(SubjectKind::Transcript, &choice.url)?));
        let mut typed: Vec<(RowId, Subject)> =
            held.into_iter().chain(self.choices.iter().take(READ)).filter_map(subject).collect();
        let mut seen: Vec<Subject> = Vec::new();
        typed.retain(|(_, subject)| {
            let is_new = !seen.contains(subject);
            seen.push(subject.clone());
            is_new
        });
        InSight { typed, rows: false, pair: self.pair() }
    }
}
