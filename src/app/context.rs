//! The [`Act`] trait: how the router drives a screen. [`Ctx`]: the state a screen may change besides its own.

use super::action::Action;
use super::command::{Keymap, Scope, Why};
use super::effect::Effect;
use super::jobs::{Jobs, Task};
use super::layout::Layout;
use super::line_input::{LONGEST, LineInput, Rejected};
use super::message::Message;
use super::msg::{JobId, Moment, Msg};
use super::next::{Next, Purpose, Request};
use super::options::AppOptions;
use super::session::online::InSight;
use super::session::{Changed, Done, Env, Question, Session};
use crate::domain::format::{counted, exact_bytes};
use crate::domain::row_set::RowSet;
use crate::domain::search::StateFilter;

/// A screen: its commands, its text input, and how it follows changes made elsewhere.
pub trait Act {
    /// The scopes its keystrokes are looked up in, innermost first. A scope with a text input binds no letters.
    fn scopes(&self) -> &'static [Scope];

    /// Carries out a command.
    fn act(&mut self, ctx: &mut Ctx<'_>, request: &Request) -> Next;

    /// Whether it can carry out a command now. The command's own `needs` are checked first.
    ///
    /// # Errors
    /// Why not.
    fn can(&self, _session: Option<&Session>, _action: Action) -> Result<(), Why> {
        Ok(())
    }

    /// Why it can't, where that names a number.
    fn refusal(&self, _session: Option<&Session>, _action: Action) -> Option<Message> {
        None
    }

    /// An action answers what stands on the screen: pressed before that was drawn, it was meant for something else.
    fn answers(&self, _action: Action) -> bool {
        false
    }

    /// Another number for everything else that it may ask.
    fn asks(&self, _session: Option<&Session>) -> u64 {
        0
    }

    /// What an action does here and now, where that is not what the table of commands says.
    fn label(&self, _session: Option<&Session>, _options: &AppOptions, _action: Action) -> Option<String> {
        None
    }

    /// The text input with the focus, if there is one.
    fn input(&mut self) -> Option<&mut LineInput> {
        None
    }

    /// The same, to look at.
    fn line(&self) -> Option<&LineInput> {
        None
    }

    /// Called with every keystroke's command, before it is carried out or refused; None when the key is not bound. What
    /// wants the same key twice ends here.
    fn pressed(&mut self, _action: Option<Action>) {}

    /// Called after the text of its input changed.
    fn typed(&mut self, _ctx: &mut Ctx<'_>) -> Next {
        Next::Stay
    }

    /// Handles a paste. Pasted text is never interpreted as keystrokes.
    fn paste(&mut self, ctx: &mut Ctx<'_>, text: &str) -> Next {
        let Some(input) = self.input() else {
            ctx.say(Message::plain("a paste does nothing here"));
            return Next::Stay;
        };
        match input.paste(text) {
            Ok(()) => self.typed(ctx),
            Err(why) => {
                ctx.say(refused(why, text));
                Next::Stay
            }
        }
    }

    /// Whether digits pick a numbered choice, instead of typing a count.
    fn numbers(&self, _session: Option<&Session>) -> bool {
        false
    }

    /// Handles the digit of a numbered choice.
    fn number(&mut self, _ctx: &mut Ctx<'_>, _number: usize) -> Next {
        Next::Stay
    }

    /// Called when a prompt over it was answered.
    fn answered(&mut self, _ctx: &mut Ctx<'_>, _purpose: Purpose, _text: &str) -> Next {
        Next::Stay
    }

    /// Called when the session changed.
    fn follow(&mut self, _ctx: &mut Ctx<'_>, _changed: Changed) {}

    /// Offers it a job's result: it takes a result of its own and hands back any other.
    fn hear(&mut self, _ctx: &mut Ctx<'_>, msg: Msg) -> Heard {
        Heard::NotMine(msg)
    }

    /// Called when a job ended without a result.
    fn job_failed(&mut self, _ctx: &mut Ctx<'_>, _task: Task) -> Next {
        Next::Stay
    }

    /// Called when the terminal was resized, with its new columns and rows.
    fn resized(&mut self, _size: (u16, u16)) {}

    /// Called when it is closed: it cancels its jobs.
    fn closed(&mut self, _ctx: &mut Ctx<'_>) {}

    /// What it shows that can be checked online.
    fn in_sight(&self) -> InSight {
        InSight { rows: true, ..InSight::default() }
    }
}

/// What a screen did with a result.
#[derive(Debug)]
pub enum Heard {
    /// The result belongs to another screen.
    NotMine(Msg),
    Taken(Next),
}

/// Message for a rejected paste, with the commands that accept several lines.
pub fn refused(why: Rejected, text: &str) -> Message {
    match why {
        Rejected::SeveralLines => {
            let lines = text.trim_end_matches(['\r', '\n']).replace("\r\n", "\n").split(['\r', '\n']).count();
            Message::error(format!("the paste has {lines} lines, a field takes 1."))
                .offer(Action::Pick, "picks from a list")
                .offer_with(Action::ReadSource, "FILE", "reads a list")
        }
        Rejected::TooLong => {
            Message::error(format!("the paste is too long: a field takes at most {}", exact_bytes(LONGEST as u64)))
        }
    }
}

/// The state a screen may use and change besides its own. Collects effects for the router.
#[derive(Debug)]
pub struct Ctx<'a> {
    pub options: &'a AppOptions,
    pub keymap: &'a Keymap,
    pub jobs: &'a mut Jobs,
    /// The text last copied; [`Action::Put`] inserts it.
    pub clipboard: &'a mut Option<String>,
    pub message: &'a mut Option<Message>,
    pub now: Moment,
    /// Columns and rows of the terminal, in cells.
    pub size: (u16, u16),
    session: Option<&'a mut Session>,
    taken: Taken,
}

/// What a [`Ctx`] collected: effects to run, what changed in the session, and a question to ask.
#[derive(Debug, Default)]
pub struct Taken {
    pub effects: Vec<Effect>,
    pub changed: Changed,
    pub question: Option<Question>,
    leads_to: Option<Next>,
}

impl<'a> Ctx<'a> {
    #[expect(clippy::too_many_arguments, reason = "it is made in one place, from the parts of the model")]
    pub fn new(
        options: &'a AppOptions,
        keymap: &'a Keymap,
        jobs: &'a mut Jobs,
        clipboard: &'a mut Option<String>,
        message: &'a mut Option<Message>,
        now: Moment,
        size: (u16, u16),
        session: Option<&'a mut Session>,
    ) -> Ctx<'a> {
        Ctx { options, keymap, jobs, clipboard, message, now, size, session, taken: Taken::default() }
    }

    /// Ends the borrow and returns what was collected.
    pub fn taken(self) -> Taken {
        self.taken
    }

    pub fn session(&self) -> Option<&Session> {
        self.session.as_deref()
    }

    pub fn session_mut(&mut self) -> Option<&mut Session> {
        self.session.as_deref_mut()
    }

    /// Runs a function over the open manifest and collects what it did. Does nothing when none is open.
    pub fn on(&mut self, act: impl FnOnce(&mut Session, &mut Env<'_>) -> Done) {
        let Some(session) = self.session.as_deref_mut() else { return };
        let mut env = Env { jobs: &mut *self.jobs, options: self.options, now: self.now, size: self.size };
        let done = act(session, &mut env);
        self.take(done);
    }

    pub fn take(&mut self, done: Done) {
        self.taken.effects.extend(done.effects);
        self.taken.changed = self.taken.changed.and(done.changed);
        self.taken.question = done.question.or(self.taken.question.take());
        let waits = |note: &Message| {
            self.message.as_ref().is_some_and(|shown| note.gives_way || note.unasked && shown.read_first)
        };
        if let Some(note) = done.note.filter(|note| !waits(note)) {
            *self.message = Some(note);
        }
    }

    /// Requests a transition from outside a command, for instance when a job ends. The router drops it if the screen is
    /// no longer in front.
    pub fn lead_to(&mut self, next: Next) {
        self.taken.leads_to = Some(next);
    }

    pub(super) fn leads_to(&mut self) -> Option<Next> {
        self.taken.leads_to.take()
    }

    pub fn say(&mut self, message: Message) {
        *self.message = Some(message);
    }

    /// Filters the table by these rows, and says so. `which`: what comes before or behind the noun, as in `failed` or
    /// `that cannot go`.
    pub fn show_only(&mut self, rows: RowSet, which: &str) {
        let count = rows.len() as u64;
        let noun = counted(count, "row");
        let text = match (which.starts_with("that "), which.contains(' '), noun.split_once(' ')) {
            (true, ..) => {
                let verb = if count == 1 { which.replace("that were ", "that was ") } else { which.to_owned() };
                format!("only the {noun} {verb}.")
            }
            (_, false, Some((number, noun))) => format!("only the {number} {which} {noun}."),
            _ => format!("only the {noun}: {which}."),
        };
        self.on(|session, env| session.show_state(env, StateFilter::Selected, rows));
        self.say(Message::plain(text).offer(Action::Back, "shows all rows"));
    }

    pub fn ask(&mut self, effect: Effect) {
        self.taken.effects.push(effect);
    }

    /// Starts a job. A running job of the same kind is cancelled.
    pub fn begin(&mut self, task: Task) -> JobId {
        self.jobs.begin(task, &mut self.taken.effects)
    }

    /// Cancels a job: a late result is dropped.
    pub fn end(&mut self, task: Task) {
        let cancel = self.jobs.end(task);
        self.taken.effects.extend(cancel);
    }

    pub fn layout(&self) -> Layout {
        match self.session() {
            Some(session) => session.layout(self.size),
            None => Layout::new(self.size.0, self.size.1, 0),
        }
    }
}
