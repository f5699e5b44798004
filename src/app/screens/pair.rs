//! Pairs for many rows: proposals by class. Sure ones are taken at once, the others decided one by one. If every row has a
//! transcript, compares the filled rows with their names.

use crate::app::action::Action;
use crate::app::command::{Scope, Why};
use crate::app::context::{Act, Ctx};
use crate::app::jobs::{Jobs, Task};
use crate::app::message::Message;
use crate::app::msg::Moment;
use crate::app::next::{Ask, Next, Request, Target};
use crate::app::options::AppOptions;
use crate::app::session::online::InSight;
use crate::app::session::{Changed, KeysState, Session, has_selection, keys_state, selected};
use crate::domain::draft::{Change, Edit};
use crate::domain::format::{counted, thousands};
use crate::domain::manifest::Field;
use crate::domain::pair::{Class, Pairing, Standing, Verdict};

/// What may be taken without a person.
pub const SURE: [Class; 3] = [Class::Exact, Class::Normalised, Class::Likely];

/// A run shorter than this is not shown, in milliseconds.
const UNSEEN_MS: i64 = 150;

/// Number of excluded rows searched for one without a transcript.
const EXCLUDED: usize = 1_000;

#[derive(Debug)]
pub struct Pair {
    /// The selected line: of [`Class::ALL`], or of [`Verdict::ALL`] while filled rows are compared.
    pub at: usize,
    bar: Bar,
    opened: Moment,
}

/// The line that is selected when the counts arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bar {
    FirstWithRows,
    FirstToDecide,
    Stays,
}

/// What there is to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    NoRows,
    /// All rows without a transcript are excluded.
    NoneLeft,
    /// Keys are still being read: the counts grow.
    Reading,
    /// The first run over this list is under way.
    Working,
    /// It was stopped: nothing is known of this list.
    Stopped,
    Pairs,
    Comparing,
    Compared,
}

pub fn stage(session: &Session, jobs: &Jobs) -> Stage {
    let proposals = &session.proposals;
    if let Some(stage) = nothing_to_pair(session) {
        return stage;
    }
    if keys_state(session, jobs) == KeysState::Reading {
        return Stage::Reading;
    }
    let runs = [Task::Pair, Task::Stand, Task::PairPause].iter().any(|task| jobs.has(*task));
    let is_of_list = |pairing: &Pairing| pairing.listed().is_same(&session.keys.list) && !proposals.is_partial;
    let standing = match (&proposals.standing, &proposals.pairing) {
        (Some(standing), Some(pairing)) if runs || is_of_list(pairing) => standing,
        _ if runs => return Stage::Working,
        _ => return Stage::Stopped,
    };
    match () {
        () if standing.rows() > 0 => Stage::Pairs,
        () if proposals.comparison.is_some() => Stage::Compared,
        () => Stage::Comparing,
    }
}

/// Why there is nothing to pair, whatever the keys: no rows, or none that is not excluded and without a transcript.
pub fn nothing_to_pair(session: &Session) -> Option<Stage> {
    let now = session.now();
    let is_open = |row| now.value(row, Field::Transcription).is_empty();
    let excluded = now.excluded_rows();
    let is_untouched = session.proposals.standing.as_ref().is_none_or(|standing| standing.rows() == 0);
    match session.findings.as_ref().map(|findings| findings.tallies().missing) {
        _ if session.total() == 0 => Some(Stage::NoRows),
        _ if excluded.len() == session.total() as usize => Some(Stage::NoneLeft),
        Some(0) if is_untouched && excluded.iter().take(EXCLUDED).any(is_open) => Some(Stage::NoneLeft),
        _ => None,
    }
}

impl Pair {
    /// # Errors
    /// Where that leads instead, when no source of keys is known.
    pub fn open(ctx: &mut Ctx<'_>) -> Pair {
        *ctx.message = None;
        ctx.on(|session, env| {
            let scope = has_selection(session).then(|| selected(session));
            let done = session.show_pairs(env, true, scope);
            let is_current =
                session.proposals.pairing.as_ref().is_some_and(|pairing| {
                    pairing.listed().is_same(&session.keys.list) && !session.proposals.is_partial
                });
            if is_current || env.jobs.has(Task::Pair) { done } else { done.then(session.pair_again(env)) }
        });
        let mut pair = Pair { at: 0, bar: Bar::FirstWithRows, opened: ctx.now };
        pair.settle(ctx);
        pair
    }

    pub fn class(&self) -> Class {
        Class::ALL.get(self.at).copied().unwrap_or(Class::None)
    }

    /// Whether a run takes long enough to be shown.
    pub fn is_slow(&self, now: Moment) -> bool {
        now.unix_ms - self.opened.unix_ms >= UNSEEN_MS
    }

    /// Enter looks through the class in hand: there is nothing to decide in it.
    pub fn looks_through(&self, session: &Session) -> bool {
        let Some(standing) = session.proposals.standing.as_deref() else { return false };
        let count = standing.count(self.class());
        let decides_all = standing.open() == 0 && standing.to_decide() > 0;
        count.rows > 0 && count.to_decide == 0 && !decides_all
    }

    fn standing<'a>(&self, ctx: &'a Ctx<'_>) -> Option<&'a Standing> {
        ctx.session()?.proposals.standing.as_deref()
    }

    /// Selects a line, and starts the comparison if every row has a transcript.
    fn settle(&mut self, ctx: &mut Ctx<'_>) {
        let Some(stage) = ctx.session().map(|session| stage(session, ctx.jobs)) else { return };
        match stage {
            Stage::Comparing if !ctx.jobs.has(Task::Compare) => ctx.on(|session, env| session.compare(env)),
            Stage::Compared if self.bar == Bar::FirstWithRows => {
                self.at = 1;
                self.bar = Bar::Stays;
            }
            Stage::Pairs => {
                let Some(standing) = self.standing(ctx) else { return };
                let has = |bar: Bar, class: &Class| match bar {
                    Bar::FirstWithRows => standing.count(*class).rows > 0,
                    Bar::FirstToDecide => standing.count(*class).to_decide > 0,
                    Bar::Stays => false,
                };
                if let Some(at) = Class::ALL.iter().position(|class| has(self.bar, class)) {
                    self.at = at;
                    self.bar = Bar::Stays;
                }
            }
            _ => {}
        }
    }

    fn undo(ctx: &mut Ctx<'_>) {
        ctx.on(|session, env| {
            let last = session.draft.operations().last();
            let filled = last.filter(|edit| matches!(edit.change, Change::SetEach(Field::Transcription, _)));
            let words = filled.map(|edit| {
                let are = if edit.rows.len() == 1 { "is" } else { "are" };
                format!("- undone, {} {are} empty again", counted(edit.rows.len() as u64, "row"))
            });
            session.undo_saying(env, words)
        });
    }

    fn accept(&self, ctx: &mut Ctx<'_>) -> Next {
        let Some(session) = ctx.session() else { return Next::Stay };
        let standing = session.proposals.standing.as_deref();
        match (stage(session, ctx.jobs), standing) {
            (Stage::Stopped, _) if session.keys.list.is_empty() => return Next::Open(Target::Keys),
            (Stage::Stopped, _) => {
                *ctx.message = None;
                ctx.on(|session, env| session.pair_again(env));
            }
            (Stage::Working, _) => {
                ctx.say(Message::plain("names are still being compared.").offer(Action::Interrupt, "stops"))
            }
            (Stage::Compared, _) => {
                let verdict = Verdict::ALL.get(self.at).copied();
                let told = session.proposals.comparison.as_ref().zip(verdict).map(|(told, of)| told.of(of).len());
                if verdict == Some(Verdict::Contradict) && told.is_some_and(|rows| rows > 0) {
                    return Next::Open(Target::Decide(Ask::Contradict));
                }
                ctx.say(Message::plain("there is nothing to decide in it"));
            }
            (Stage::Pairs | Stage::Reading, Some(standing)) => {
                let class = self.class();
                let count = standing.count(class);
                let is_taken = standing.open() == 0 && standing.to_decide() > 0;
                if is_taken && stage(session, ctx.jobs) == Stage::Pairs {
                    return Next::Open(Target::Decide(Ask::All));
                }
                if count.to_decide > 0 {
                    return Next::Open(Target::Decide(Ask::Class(class)));
                }
                if count.rows > 0 {
                    return Next::Open(Target::Decide(Ask::Through(class)));
                }
                ctx.say(Message::plain(format!("no row is {}", class.name())));
            }
            _ => {}
        }
        Next::Stay
    }
}

/// The message line while there is no other message.
pub fn words(session: &Session, jobs: &Jobs) -> Option<Message> {
    match stage(session, jobs) {
        Stage::Pairs => {}
        Stage::Stopped if session.keys.list.is_empty() => {
            return Some(Message::plain("no keys are known.").offer(Action::Accept, "names a source"));
        }
        Stage::Stopped => return Some(Message::plain("nothing is paired.").offer(Action::Accept, "pairs")),
        _ => return None,
    }
    let standing = session.proposals.standing.as_deref()?;
    let (rows, questions) = (standing.to_decide(), standing.queue.questions());
    if rows > 0 {
        let want = if rows == 1 { "wants" } else { "want" };
        let which = if questions == 1 { "1 question" } else { "different questions" };
        let many = if questions == 1 { String::new() } else { format!("{} ", thousands(questions as u64)) };
        return Some(Message::plain(format!("{} {want} your decision: {many}{which}", counted(rows.into(), "row"))));
    }
    if standing.open() > 0 {
        return None;
    }
    match standing.nothing_fits() {
        0 => Some(Message::fine("every row is taken or left.").offer(Action::Review, "review")),
        _ => Some(Message::fine("every row that something fits is taken or left.").offer(Action::Review, "review")),
    }
}

impl Act for Pair {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Pair, Scope::Global]
    }

    fn can(&self, session: Option<&Session>, action: Action) -> Result<(), Why> {
        let Some(session) = session else { return Err("no manifest is open".into()) };
        let standing = session.proposals.standing.as_deref();
        let class = self.class();
        let count = standing.map(|standing| standing.count(class)).unwrap_or_default();
        let compares = session.proposals.comparison.as_ref();
        let verdict = Verdict::ALL.get(self.at).copied();
        let (open, to_decide) = standing.map_or((0, 0), |standing| (standing.open(), standing.to_decide()));
        let is_of_rows = matches!(action, Action::TakeAll | Action::TakeClass | Action::Accept | Action::Exclude);
        match action {
            _ if is_of_rows && nothing_to_pair(session).is_some() => Err("there is nothing to pair".into()),
            Action::TakeAll | Action::TakeClass if session.proposals.is_partial => {
                let why = "taking waits for the end of the list.";
                Err(Why::but(why, Action::Interrupt, "ends it here"))
            }
            Action::TakeAll | Action::TakeClass if standing.is_none() => Err("nothing is paired yet".into()),
            Action::TakeAll if open == 0 && to_decide == 0 => Err("nothing to take".into()),
            Action::TakeAll if open == 0 => {
                Err(Why::but("nothing to take: rows want a decision.", Action::Accept, "decides"))
            }
            Action::TakeClass if count.sure == 0 => Err("nothing of this class is sure and open".into()),
            Action::Accept
                if compares.is_some_and(|told| {
                    verdict != Some(Verdict::Contradict) || told.of(Verdict::Contradict).is_empty()
                }) =>
            {
                Err("there is nothing to decide in it".into())
            }
            Action::Accept if compares.is_some() => Ok(()),
            Action::Accept if standing.is_some_and(|standing| standing.rows() == 0) => {
                Err("no row is without a transcript".into())
            }
            Action::Accept if standing.is_some() && count.rows == 0 && (open > 0 || to_decide == 0) => {
                Err("no row is in this class".into())
            }
            Action::Exclude if self.class() != Class::None => {
                Err("only rows that nothing fits are excluded here".into())
            }
            Action::Exclude if standing.is_none_or(|standing| standing.nothing.is_empty()) => {
                Err("something fits every row".into())
            }
            _ => Ok(()),
        }
    }

    fn refusal(&self, session: Option<&Session>, action: Action) -> Option<Message> {
        let standing = session?.proposals.standing.as_deref()?;
        let to_decide = standing.to_decide();
        let is_it = action == Action::TakeAll && standing.open() == 0 && to_decide > 0;
        let text = format!("nothing to take: {} to decide.", thousands(to_decide.into()));
        (is_it && !session?.proposals.is_partial).then(|| Message::plain(text).offer(Action::Accept, "decides"))
    }

    /// What Enter and `a` do with the class in hand, in words that leave room for the other hints at 80 cells.
    fn label(&self, _session: Option<&Session>, _options: &AppOptions, action: Action) -> Option<String> {
        (action == Action::TakeClass).then(|| "this class".to_owned())
    }

    fn answers(&self, action: Action) -> bool {
        matches!(action, Action::TakeAll | Action::TakeClass | Action::Exclude | Action::Accept)
    }

    fn asks(&self, session: Option<&Session>) -> u64 {
        let standing = session.and_then(|session| session.proposals.standing.as_deref());
        let counts = standing.map_or([0; 3], |it| [it.open(), it.to_decide(), it.rows()]);
        counts.iter().fold(self.at as u64, |sum, count| sum.wrapping_mul(1_000_003).wrapping_add((*count).into()))
    }

    fn act(&mut self, ctx: &mut Ctx<'_>, request: &Request) -> Next {
        let lines = match ctx.session().map(|session| stage(session, ctx.jobs)) {
            Some(Stage::Compared | Stage::Comparing) => Verdict::ALL.len(),
            _ => Class::ALL.len(),
        };
        match request.action {
            Action::TakeAll => {
                self.bar = Bar::FirstToDecide;
                ctx.on(|session, env| session.take_sure(env, &SURE));
            }
            Action::TakeClass => {
                self.bar = Bar::FirstToDecide;
                let class = self.class();
                ctx.on(|session, env| session.take_sure(env, &[class]));
            }
            Action::Accept => return self.accept(ctx),
            Action::Undo => Pair::undo(ctx),
            Action::Exclude => ctx.on(|session, env| {
                let rows = session.proposals.standing.as_ref().map(|standing| standing.nothing.clone());
                let rows = rows.map(|rows| (*rows).clone()).unwrap_or_default();
                session.edit(env, Edit { rows, change: Change::Exclude }, |n| {
                    format!("left out {} that nothing fits, one step.", counted(n as u64, "row"))
                })
            }),
            Action::Sources => return Next::Open(Target::Keys),
            Action::Review => return Next::Open(Target::Review),
            Action::Back => return Next::Close,
            action => {
                let mut scroll = crate::app::scroll::Scroll { cursor: self.at, top: 0 };
                scroll.act(action, request.count, lines, lines);
                self.at = scroll.cursor;
                self.bar = Bar::Stays;
            }
        }
        Next::Stay
    }

    fn follow(&mut self, ctx: &mut Ctx<'_>, changed: Changed) {
        if changed.keys && ctx.jobs.reads_keys() && !ctx.jobs.has(Task::Pair) {
            // Proposals grow with the list; the last run follows when it is complete.
            ctx.on(|session, env| session.pair_again(env));
        }
        if changed.proposals {
            let slow = ctx.session().map(|session| (session.proposals.took_ms, session.proposals.is_partial));
            let is_done = self.bar == Bar::FirstWithRows && !ctx.jobs.has(Task::Pair);
            if let Some((took, false)) = slow
                && is_done
                && took >= UNSEEN_MS
            {
                self.say_done(ctx, took);
            }
            self.settle(ctx);
        }
    }

    fn closed(&mut self, ctx: &mut Ctx<'_>) {
        ctx.end(Task::Compare);
        ctx.on(|session, env| session.show_pairs(env, false, None));
    }

    fn in_sight(&self) -> InSight {
        InSight::default()
    }
}

impl Pair {
    /// `10,914 keys, 10,000 rows, 0.4 s`
    fn say_done(&self, ctx: &mut Ctx<'_>, took_ms: i64) {
        let Some(standing) = self.standing(ctx) else { return };
        let keys = ctx.session().map_or(0, |session| session.keys.list.len());
        let took = crate::domain::format::took(std::time::Duration::from_millis(took_ms.unsigned_abs()));
        let text = format!("{}, {}, {took}", counted(keys.into(), "key"), counted(standing.rows().into(), "row"));
        ctx.say(Message::fine(text));
    }
}
