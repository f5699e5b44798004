//! Fills rows by a template: typed, learnt or saved, with counts of what it would fill. Enter fills exactly the rows of
//! the selected count, as one undo step.

use crate::app::action::Action;
use crate::app::command::{Scope, Why};
use crate::app::compute::Compute;
use crate::app::context::{Act, Ctx, Heard};
use crate::app::count::Chosen;
use crate::app::effect::Effect;
use crate::app::filling::{Fill, Filled, Learning};
use crate::app::jobs::Task;
use crate::app::line_input::LineInput;
use crate::app::message::Message;
use crate::app::msg::{Moment, Msg};
use crate::app::next::{AnswerOf, Next, Purpose, Request, Target};
use crate::app::scroll::Scroll;
use crate::app::session::{Changed, Session, has_selection, selected};
use crate::domain::format::{counted, row_number, thousands};
use crate::domain::manifest::RowId;
use crate::domain::row_set::RowSet;
use crate::domain::template::{Fit, Rival, TemplateFault};
use std::sync::Arc;

/// Debounce before rows are counted, in milliseconds.
const PAUSE: u64 = 120;

#[derive(Debug)]
pub struct Templating {
    pub input: LineInput,
    pub origin: Origin,
    /// The rows to fill; None for all rows without a transcript.
    pub only: Option<RowSet>,
    /// The answered row whose template is applied to the rows with the same question.
    pub answer: Option<RowId>,
    pub filled: Option<Arc<Filled>>,
    /// Whether the counts are of an earlier text.
    pub is_stale: bool,
    pub fault: Option<TemplateFault>,
    /// Rows counted so far, and when the count started.
    pub done: u32,
    pub since: Moment,
    /// Over the rows of the selected count.
    pub scroll: Scroll,
    /// A second template fits the examples, too: the operator first chooses which value is right.
    pub rival: Option<Rival>,
    fit: Option<Fit>,
    enter_waits: bool,
}

/// Origin of the template in the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    Typed,
    Learnt(Vec<RowId>),
    Saved(String),
}

impl Templating {
    /// # Errors
    /// Why there is no row to fill.
    pub fn open(ctx: &mut Ctx<'_>, answer: Option<AnswerOf>) -> Result<Templating, Message> {
        let session = ctx.session().ok_or_else(|| Message::plain("no manifest is open"))?;
        let row = answer.as_ref().map(|answer| answer.row).or(session.current());
        let row = row.ok_or_else(|| Message::plain("no row is in view"))?;
        let templates = &session.templates;
        let only = match &answer {
            Some(answer) => Some(answer.rows.clone()),
            None => has_selection(session).then(|| selected(session)),
        };
        let learnt = templates.learnt.clone().filter(|_| answer.is_none());
        let mut screen = Templating {
            input: LineInput::new(""),
            origin: Origin::Typed,
            only,
            answer: answer.as_ref().map(|answer| answer.row),
            filled: None,
            is_stale: true,
            fault: None,
            done: 0,
            since: ctx.now,
            scroll: Scroll::default(),
            rival: learnt.as_ref().and_then(|learnt| learnt.rival.clone()),
            fit: None,
            enter_waits: false,
        };
        if let Some(learnt) = &learnt {
            screen.input = LineInput::new(&learnt.template.to_string());
            screen.origin = Origin::Learnt(templates.learnt_from.clone());
        }
        *ctx.message = None;
        ctx.on(|session, env| session.read_templates(env, row));
        match answer {
            Some(answer) => screen.learn_from(ctx, answer),
            None => screen.count(ctx),
        }
        Ok(screen)
    }

    /// Starts learning the template of an answer.
    fn learn_from(&self, ctx: &mut Ctx<'_>, answer: AnswerOf) {
        let Some(session) = ctx.session() else { return };
        let ground = session.ground(Some(answer.rows));
        let learning = Learning { examples: vec![answer.row], held: RowSet::one(answer.row), ground };
        let job = ctx.begin(Task::LearnAnswer);
        ctx.ask(Effect::Compute(job, Compute::Learn(Box::new(learning))));
    }

    /// The selected count, whose rows are listed and filled.
    pub fn fit(&self) -> Option<Fit> {
        let applied = &self.filled.as_ref()?.applied;
        Some(self.fit.filter(|fit| applied.count(*fit) > 0).unwrap_or_else(|| applied.first()))
    }

    /// The rows of the selected count.
    pub fn rows(&self) -> Option<&RowSet> {
        Some(self.filled.as_ref()?.applied.rows(self.fit()?))
    }

    /// The row whose parts are shown.
    pub fn row_in_hand(&self, session: &Session) -> Option<RowId> {
        let listed = self.rows().and_then(|rows| rows.iter_from(self.scroll.cursor).next());
        listed.or(self.answer).or(session.current())
    }

    /// The label for Enter: `fill 8,390`.
    pub fn enter_words(&self) -> String {
        match (&self.filled, self.fit()) {
            (Some(filled), Some(fit)) if !self.is_stale => match filled.applied.fillable(fit).len() {
                0 => "fill".to_owned(),
                rows => format!("fill {}", thousands(rows as u64)),
            },
            _ => "fill".to_owned(),
        }
    }

    fn count(&mut self, ctx: &mut Ctx<'_>) {
        ctx.end(Task::TypingPause);
        (self.is_stale, self.done, self.since) = (true, 0, ctx.now);
        let text = self.input.text().trim().to_owned();
        if text.is_empty() {
            self.filled = None;
            ctx.end(Task::Count);
            return;
        }
        let Some(ground) = ctx.session().map(|session| session.ground(self.only.clone())) else { return };
        let job = ctx.begin(Task::Count);
        ctx.ask(Effect::Compute(job, Compute::Fill(Box::new(Fill { text, ground }))));
    }

    /// Replaces the template in the input and counts it.
    fn put(&mut self, ctx: &mut Ctx<'_>, text: &str, origin: Origin) {
        self.input.replace(text);
        self.origin = origin;
        self.changed();
        self.count(ctx);
    }

    fn changed(&mut self) {
        (self.is_stale, self.fault, self.fit, self.enter_waits) = (true, None, None, false);
        self.scroll = Scroll::default();
    }

    fn take(&mut self, ctx: &mut Ctx<'_>, filled: Result<Filled, TemplateFault>) -> Next {
        self.is_stale = false;
        match filled {
            Err(fault) => (self.filled, self.fault) = (None, Some(fault)),
            Ok(filled) => {
                self.fault = None;
                self.filled = Some(Arc::new(filled));
                self.tell(ctx);
            }
        }
        let len = self.rows().map_or(0, RowSet::len);
        self.scroll.to(self.scroll.cursor, len, height(ctx));
        if std::mem::take(&mut self.enter_waits) { self.enter(ctx) } else { Next::Stay }
    }

    /// Says how many of the new transcripts are in the list.
    fn tell(&self, ctx: &mut Ctx<'_>) {
        let Some(applied) = self.filled.as_ref().map(|filled| &filled.applied) else { return };
        let (exist, all, others) = (applied.count(Fit::Exist), applied.count(Fit::All), applied.count(Fit::NotListed));
        if !applied.has_list() {
            let note = Message::warning("no list: whether they exist is not known.");
            let is_filled = self.fit().is_some_and(|fit| !applied.fillable(fit).is_empty());
            ctx.say(if is_filled { note.offer(Action::Accept, "fills them all the same") } else { note });
            return;
        }
        let note = Message::plain(format!("in the list: {} of {}.", thousands(exist), thousands(all)));
        ctx.say(match others {
            0 => note,
            1 => note.offer(Action::NextCount, "shows the one that is not"),
            _ => note.offer(Action::NextCount, "shows those that are not"),
        });
    }

    /// Why Enter fills nothing; None while rows are counted.
    fn why_not(&self) -> Option<Message> {
        if self.input.text().trim().is_empty() {
            return Some(Message::plain("type a template first: s3://bucket/{folder}/{stem}.srt"));
        }
        if let Some(fault) = &self.fault {
            return Some(Message::error(fault.why.clone()));
        }
        let (filled, fit) = self.filled.as_ref().filter(|_| !self.is_stale).zip(self.fit())?;
        if !filled.applied.fillable(fit).is_empty() {
            return None;
        }
        let why = match fit {
            Fit::Exist if filled.applied.count(Fit::NotListed) > 0 => {
                let why = Message::plain("none of these keys is in the list.");
                return Some(why.offer(Action::NextCount, "chooses those that are not"));
            }
            Fit::Twice => "two videos would get the same transcript",
            Fit::InUse => "another row uses the transcript",
            Fit::NoValue => "these rows have no value for it",
            Fit::WouldBreak => "these values would be errors",
            _ => "there is nothing to fill",
        };
        Some(Message::plain(why))
    }

    /// Fills the rows of the selected count.
    fn enter(&mut self, ctx: &mut Ctx<'_>) -> Next {
        if let Some(why) = self.why_not() {
            ctx.say(why);
            return Next::Stay;
        }
        let is_of_now = |filled: &Arc<Filled>| ctx.session().is_some_and(|it| it.now().revision() == filled.revision);
        let Some(filled) = self.filled.clone().filter(|filled| !self.is_stale && is_of_now(filled)) else {
            let is_being_counted = ctx.jobs.has(Task::Count) || ctx.jobs.has(Task::TypingPause);
            if !ctx.jobs.has(Task::Count) {
                self.count(ctx);
            }
            if !is_being_counted {
                // The count was stopped. What it comes to has to be seen before another Enter does it.
                *ctx.message = None;
                return Next::Stay;
            }
            self.enter_waits = true;
            ctx.say(Message::plain("counted first, then filled.").offer(Action::Interrupt, "stops"));
            return Next::Stay;
        };
        let Some(fit) = self.fit() else { return Next::Stay };
        let rows = filled.applied.fillable(fit).len();
        if let Some(why) = ctx.session().and_then(Session::why_not_editable) {
            ctx.say(Message::plain(why));
            return Next::Stay;
        }
        let all = filled.applied.count(Fit::All);
        self.filled = None;
        ctx.on(|session, env| {
            session.templates.leave(filled.template.to_string());
            session.carry_out(env, Chosen::Fill(filled, fit), rows, |rows| {
                let left = all.saturating_sub(rows as u64);
                let left = if left > 0 { format!(", {} left", thousands(left)) } else { String::new() };
                format!("filled {}, one step{left}.", counted(rows as u64, "row"))
            })
        });
        Next::Close
    }

    /// The learnt template, then the saved ones.
    fn others(&self, session: &Session) -> Vec<(String, Origin)> {
        let templates = &session.templates;
        let learnt = templates.learnt.iter().filter(|_| self.answer.is_none());
        let learnt = learnt.map(|it| (it.template.to_string(), Origin::Learnt(templates.learnt_from.clone())));
        let saved = templates.saved.iter().map(|it| (it.text.clone(), Origin::Saved(it.name.clone())));
        learnt.chain(saved).collect()
    }

    /// Whether there is one besides that in the input.
    fn has_others(&self, session: &Session) -> bool {
        let own = self.input.text().trim();
        self.others(session).iter().any(|(text, _)| text != own)
    }

    /// Recalls the next or previous of these templates.
    fn recall(&mut self, ctx: &mut Ctx<'_>, action: Action) {
        let Some(session) = ctx.session() else { return };
        let others = self.others(session);
        let at = others.iter().position(|(_, origin)| *origin == self.origin);
        let next = match (at, action) {
            (None, Action::Later) => 0,
            (None, _) => others.len().saturating_sub(1),
            (Some(at), Action::Later) => (at + 1) % others.len().max(1),
            (Some(at), _) => at.checked_sub(1).unwrap_or(others.len().saturating_sub(1)),
        };
        if let Some((text, origin)) = others.into_iter().nth(next) {
            self.put(ctx, &text, origin);
        }
    }
}

/// Height of the list's viewport, in rows.
pub fn height(ctx: &Ctx<'_>) -> usize {
    usize::from(ctx.layout().template().list.height)
}

impl Act for Templating {
    fn scopes(&self) -> &'static [Scope] {
        match self.rival {
            Some(_) => &[Scope::Template],
            None => &[Scope::Template, Scope::Input],
        }
    }

    fn input(&mut self) -> Option<&mut LineInput> {
        if self.rival.is_some() { None } else { Some(&mut self.input) }
    }

    fn line(&self) -> Option<&LineInput> {
        if self.rival.is_some() { None } else { Some(&self.input) }
    }

    fn numbers(&self, _session: Option<&Session>) -> bool {
        self.rival.is_some()
    }

    /// Answers which of the two values is right.
    fn number(&mut self, ctx: &mut Ctx<'_>, number: usize) -> Next {
        match (number, self.rival.take()) {
            (1, Some(_)) => self.tell(ctx),
            (2, Some(rival)) => {
                let origin = self.origin.clone();
                self.put(ctx, &rival.template.to_string(), origin);
            }
            (_, rival) => {
                self.rival = rival;
                ctx.say(Message::plain("choose 1 or 2"));
            }
        }
        Next::Stay
    }

    fn can(&self, session: Option<&Session>, action: Action) -> Result<(), Why> {
        let applied = self.filled.as_ref().map(|filled| &filled.applied);
        match action {
            Action::Earlier | Action::Later if session.is_none_or(|session| !self.has_others(session)) => {
                Err(Why::but("none saved.", Action::KeepTemplate, "keeps this one"))
            }
            Action::NextCount if applied.zip(self.fit()).is_none_or(|(it, fit)| it.after(fit) == fit) => {
                Err("there is no other count".into())
            }
            Action::Accept if self.rival.is_some() => Err("choose 1 or 2".into()),
            Action::Accept if self.why_not().is_some() => Err("there is nothing to fill".into()),
            Action::KeepTemplate if self.fault.is_some() || self.input.text().trim().is_empty() => {
                Err("there is no template to keep yet".into())
            }
            _ => Ok(()),
        }
    }

    fn refusal(&self, _session: Option<&Session>, action: Action) -> Option<Message> {
        if action == Action::Accept && self.rival.is_none() { self.why_not() } else { None }
    }

    fn act(&mut self, ctx: &mut Ctx<'_>, request: &Request) -> Next {
        self.enter_waits = false;
        match request.action {
            Action::Back => {
                let text = self.input.text().trim().to_owned();
                ctx.say(Message::plain("nothing was filled"));
                if let Some(session) = ctx.session_mut() {
                    session.templates.leave(text);
                }
                return Next::Close;
            }
            Action::Accept => return self.enter(ctx),
            Action::NextCount => {
                let next = self.filled.as_ref().zip(self.fit()).map(|(filled, fit)| filled.applied.after(fit));
                self.fit = next.or(self.fit);
                self.scroll = Scroll::default();
            }
            Action::Earlier | Action::Later => self.recall(ctx, request.action),
            Action::KeepTemplate => {
                let name = match &self.origin {
                    Origin::Saved(name) => name.clone(),
                    _ => String::new(),
                };
                return Next::Open(Target::Prompt(Purpose::TemplateName, name));
            }
            action => {
                let len = self.rows().map_or(0, RowSet::len);
                self.scroll.act(action, None, len, height(ctx));
            }
        }
        Next::Stay
    }

    fn answered(&mut self, ctx: &mut Ctx<'_>, purpose: Purpose, name: &str) -> Next {
        if purpose == Purpose::TemplateName {
            let (name, text) = (name.trim().to_owned(), self.input.text().trim().to_owned());
            self.origin = Origin::Saved(name.clone());
            ctx.on(|session, env| session.keep_template(env, name, text));
        }
        Next::Stay
    }

    fn typed(&mut self, ctx: &mut Ctx<'_>) -> Next {
        self.changed();
        self.origin = Origin::Typed;
        ctx.end(Task::Count);
        let job = ctx.begin(Task::TypingPause);
        ctx.ask(Effect::After { job, ms: PAUSE });
        Next::Stay
    }

    fn hear(&mut self, ctx: &mut Ctx<'_>, msg: Msg) -> Heard {
        match msg {
            Msg::Elapsed(job) if ctx.jobs.finish(Task::TypingPause, job) => self.count(ctx),
            Msg::Counting(job, done) if ctx.jobs.awaits(Task::Count, job) => self.done = self.done.max(done),
            Msg::TemplateCounted(job, filled) if ctx.jobs.finish(Task::Count, job) => {
                return Heard::Taken(self.take(ctx, filled));
            }
            Msg::Learnt(job, learnt) if ctx.jobs.finish(Task::LearnAnswer, job) => match learnt {
                Some(learnt) => {
                    let from = self.answer.into_iter().collect();
                    self.put(ctx, &learnt.template.to_string(), Origin::Learnt(from));
                }
                None => {
                    self.is_stale = false;
                    ctx.say(Message::plain(
                        "no template explains this answer: type one, or answer the rows one by one",
                    ));
                }
            },
            msg => return Heard::NotMine(msg),
        }
        Heard::Taken(Next::Stay)
    }

    fn follow(&mut self, ctx: &mut Ctx<'_>, changed: Changed) {
        if changed.rows || changed.keys {
            self.enter_waits = false;
            self.count(ctx);
        }
    }

    fn closed(&mut self, ctx: &mut Ctx<'_>) {
        for task in [Task::Count, Task::TypingPause, Task::LearnAnswer] {
            ctx.end(task);
        }
    }
}

/// The title's phrase.
pub fn title(screen: &Templating) -> String {
    match (&screen.origin, screen.answer) {
        (_, Some(row)) => {
            let rows = screen.only.as_ref().map_or(0, RowSet::len) as u64;
            format!("the answer of {} for {}", row_number(row), counted(rows, "row"))
        }
        (Origin::Learnt(rows), None) => {
            let rows: Vec<String> = rows.iter().map(|row| row_number(*row)).collect();
            format!("learnt from {}", rows.join(" and "))
        }
        (Origin::Saved(name), None) => name.clone(),
        (Origin::Typed, None) => match &screen.only {
            Some(rows) => format!("for {} selected rows", thousands(rows.len() as u64)),
            None => "typed".to_owned(),
        },
    }
}
