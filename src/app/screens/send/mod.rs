//! The state machine of one upload: gate, sending, result. No stage can be skipped, and a result becomes a gate only
//! when the operator asks to send again. `gate` and `result` use this module, not each other.

mod gate;
mod result;

pub use gate::{Block, Gate, Needed, block, curl, said};
pub use result::{OpenFile, ResultPane, came_to, can_be_followed};

use crate::app::action::Action;
use crate::app::command::{Scope, Why};
use crate::app::context::{Act, Ctx, Heard};
use crate::app::effect;
use crate::app::effect::Effect;
use crate::app::jobs::Task;
use crate::app::line_input::LineInput;
use crate::app::message::Message;
use crate::app::msg::{GateFacts, Moment, Msg, Phase};
use crate::app::next::{Next, Purpose, Request, Target};
use crate::app::options::AppOptions;
use crate::app::session::online::InSight;
use crate::app::session::{Changed, Session};
use crate::domain::draft::Snapshot;
use crate::domain::outcome::{Attempt, Outcome};
use crate::domain::rows::Slow;

#[derive(Debug)]
pub struct Sending {
    pub facts: Box<GateFacts>,
    pub snapshot: Snapshot,
    pub started: Moment,
    pub phase: Phase,
    /// Start of each phase in Unix milliseconds: connecting, sending, waiting, reading.
    pub began: [Option<i64>; 4],
    pub stopping: bool,
    pub slow: Option<Slow>,
}

#[derive(Debug)]
pub enum SendScreen {
    Gate(Gate),
    Sending(Sending),
    Result(ResultPane),
}

impl SendScreen {
    /// Opens the gate. Never sends.
    pub fn gate(ctx: &mut Ctx<'_>) -> Option<SendScreen> {
        Gate::open(ctx).map(SendScreen::Gate)
    }

    /// Shows an upload from the ledger.
    pub fn result(ctx: &mut Ctx<'_>, attempt: Attempt, earlier: Vec<Attempt>) -> SendScreen {
        SendScreen::Result(ResultPane::from_log(ctx, attempt, earlier))
    }

    pub fn is_sending(&self) -> bool {
        matches!(self, SendScreen::Sending(_))
    }

    /// Notes that the upload is being stopped.
    pub fn stopping(&mut self) {
        if let SendScreen::Sending(sending) = self {
            sending.stopping = true;
        }
    }

    /// What a send under way is told as.
    pub fn words(&self) -> Option<Message> {
        if let SendScreen::Sending(sending) = self { Some(sending.words()) } else { None }
    }

    /// What the gate waits to have typed.
    pub fn to_type(&self, session: &Session, options: &AppOptions) -> Option<String> {
        let SendScreen::Gate(gate) = self else { return None };
        match block(session, options, gate) {
            Some(Block::Type(need)) if gate.confirmation.is_typing() => Some(need.words()),
            _ => None,
        }
    }

    pub fn can_be_settled(&self) -> bool {
        matches!(self, SendScreen::Result(pane) if pane.can_say(true) || pane.can_say(false))
    }

    /// Sends if nothing blocks the upload; else says or asks what is missing.
    fn confirm(&mut self, ctx: &mut Ctx<'_>) {
        let SendScreen::Gate(gate) = self else { return };
        let Some(facts) = gate.confirm(ctx) else { return };
        let job = ctx.begin(Task::Send);
        let path = ctx.session().map(|session| session.path.clone()).unwrap_or_default();
        let again = gate.given.contains(&Needed::Again);
        let (snapshot, rows, fingerprint) = (gate.snapshot.clone(), gate.rows(), facts.fingerprint);
        ctx.ask(Effect::Send(effect::Send { job, snapshot: snapshot.clone(), path, fingerprint, rows, again }));
        *ctx.message = None;
        *self = SendScreen::Sending(Sending {
            facts,
            snapshot,
            started: ctx.now,
            phase: Phase::Connecting,
            began: [Some(ctx.now.unix_ms), None, None, None],
            stopping: false,
            slow: None,
        });
    }

    /// The upload is over: shows its result.
    fn sent(&mut self, ctx: &mut Ctx<'_>, attempt: Attempt) {
        ctx.say(came_to(&attempt));
        if let Some(session) = ctx.session_mut().filter(|_| attempt.outcome == Outcome::Accepted) {
            session.accepted = Some(session.draft.saved().revision());
        }
        let job = ctx.begin(Task::ReadEarlier);
        ctx.ask(Effect::ReadLog(job));
        *self = SendScreen::Result(ResultPane::new(attempt, Vec::new(), OpenFile::Same, ctx.size));
    }
}

impl Sending {
    fn moved(&mut self, ctx: &Ctx<'_>, phase: Phase) {
        (self.phase, self.slow) = (phase, None);
        let at = match phase {
            Phase::Connecting => 0,
            Phase::Sending { .. } => 1,
            Phase::Waiting => 2,
            Phase::Reading => 3,
        };
        for slot in self.began.iter_mut().take(at + 1) {
            slot.get_or_insert(ctx.now.unix_ms);
        }
    }

    /// What stands in the message line as long as it runs, whatever was said meanwhile.
    fn words(&self) -> Message {
        match self.phase {
            _ if let Some(slow) = self.slow => Message::warning(slow.words()),
            Phase::Connecting => Message::plain("stopping now sends nothing"),
            _ => Message::warning("stopping now may leave the outcome unknown"),
        }
    }
}

impl Act for SendScreen {
    fn scopes(&self) -> &'static [Scope] {
        match self {
            SendScreen::Gate(gate) if gate.confirmation.is_typing() => &[Scope::Prompt, Scope::Input],
            SendScreen::Gate(_) => &[Scope::Gate, Scope::Global],
            SendScreen::Sending(_) => &[Scope::Sending],
            SendScreen::Result(_) if self.can_be_settled() => &[Scope::Settle, Scope::Result, Scope::Global],
            SendScreen::Result(_) => &[Scope::Result, Scope::Global],
        }
    }

    fn input(&mut self) -> Option<&mut LineInput> {
        match self {
            SendScreen::Gate(gate) => gate.confirmation.input.as_mut(),
            _ => None,
        }
    }

    fn line(&self) -> Option<&LineInput> {
        match self {
            SendScreen::Gate(gate) => gate.confirmation.input.as_ref(),
            _ => None,
        }
    }

    fn label(&self, session: Option<&Session>, options: &AppOptions, action: Action) -> Option<String> {
        match (self, action) {
            (SendScreen::Gate(gate), Action::Confirm) => gate.label(session?, options),
            // Without errors, it shows the rows that were sent before.
            (SendScreen::Gate(gate), Action::NextProblem) if gate.shows_rows_before(session) => {
                Some("rows sent before".into())
            }
            (SendScreen::Result(_), Action::Log) => Some("log".into()),
            (SendScreen::Result(pane), Action::Back) => Some(if pane.is_from_log { "log" } else { "table" }.into()),
            (SendScreen::Result(_), Action::ItWasAccepted) => Some("accepted".into()),
            _ => None,
        }
    }

    fn can(&self, session: Option<&Session>, action: Action) -> Result<(), Why> {
        match (self, action) {
            (SendScreen::Result(pane), action) => pane.can(action),
            (SendScreen::Gate(gate), Action::Confirm) => session.map_or(Ok(()), |session| gate.can_confirm(session)),
            (SendScreen::Gate(gate), Action::NextProblem)
                if session.is_some_and(|session| session.errors() == 0) && !gate.shows_rows_before(session) =>
            {
                Err("there are no errors".into())
            }
            _ => Ok(()),
        }
    }

    fn refusal(&self, session: Option<&Session>, action: Action) -> Option<Message> {
        match self {
            SendScreen::Gate(gate) if action == Action::Confirm => gate.refusal(session?),
            _ => None,
        }
    }

    fn act(&mut self, ctx: &mut Ctx<'_>, request: &Request) -> Next {
        match self {
            SendScreen::Gate(_) if request.action == Action::Confirm => {
                // Only the binding itself sends: not the palette, the help or Enter.
                if request.is_pressed {
                    self.confirm(ctx);
                }
                Next::Stay
            }
            SendScreen::Gate(gate) => gate.act(ctx, request.action),
            SendScreen::Sending(_) => Next::Stay,
            SendScreen::Result(_) if request.action == Action::Submit => {
                if let Some(gate) = SendScreen::gate(ctx) {
                    *self = gate;
                }
                Next::Stay
            }
            SendScreen::Result(pane) => pane.act(ctx, request),
        }
    }

    /// Rejects pastes: a confirmation has to be typed.
    fn paste(&mut self, ctx: &mut Ctx<'_>, _text: &str) -> Next {
        ctx.say(Message::plain("a paste does nothing here"));
        Next::Stay
    }

    fn answered(&mut self, ctx: &mut Ctx<'_>, purpose: Purpose, text: &str) -> Next {
        match (self, purpose) {
            (SendScreen::Gate(gate), Purpose::ApiKey) => gate.gather(ctx),
            (SendScreen::Result(pane), Purpose::ApiKey) => {
                let message = Message::fine("the API key is taken.");
                ctx.say(if pane.can(Action::Submit).is_ok() {
                    message.offer(Action::Submit, "sends again")
                } else {
                    message
                });
            }
            (SendScreen::Result(pane), Purpose::SaveReply) => pane.save_reply(ctx, text.into()),
            (SendScreen::Result(pane), Purpose::SearchReply) => pane.search(ctx, text),
            _ => {}
        }
        Next::Stay
    }

    fn follow(&mut self, ctx: &mut Ctx<'_>, changed: Changed) {
        match self {
            SendScreen::Gate(gate) if changed.rows || changed.saved => gate.gather(ctx),
            SendScreen::Result(pane) if changed.rows => pane.look_at_open_file(ctx),
            _ => {}
        }
    }

    fn hear(&mut self, ctx: &mut Ctx<'_>, msg: Msg) -> Heard {
        match (self, msg) {
            (SendScreen::Gate(gate), Msg::Settled(result)) => {
                gate.gather(ctx);
                return Heard::NotMine(Msg::Settled(result));
            }
            (SendScreen::Gate(gate), Msg::Prepared(job, facts)) if ctx.jobs.finish(Task::Prepare, job) => {
                gate.prepared(ctx.now, facts);
            }
            (SendScreen::Sending(sending), Msg::SendMoved(job, phase)) if ctx.jobs.awaits(Task::Send, job) => {
                sending.moved(ctx, phase);
            }
            (SendScreen::Sending(sending), Msg::SendSlow(job, slow)) if ctx.jobs.awaits(Task::Send, job) => {
                sending.slow = Some(slow);
            }
            (this @ SendScreen::Sending(_), Msg::Sent(job, attempt)) if ctx.jobs.finish(Task::Send, job) => {
                this.sent(ctx, *attempt);
            }
            (SendScreen::Result(pane), Msg::LogRead(job, attempts)) if ctx.jobs.finish(Task::ReadEarlier, job) => {
                pane.earlier = attempts.unwrap_or_default();
            }
            (SendScreen::Result(pane), Msg::Fingerprinted(job, fingerprint))
                if ctx.jobs.finish(Task::Fingerprint, job) =>
            {
                pane.looked_at(fingerprint);
            }
            (SendScreen::Result(pane), Msg::Settled(result)) => {
                if let Ok(attempt) = &result {
                    pane.settled(ctx, attempt);
                }
                // The log below also shows the attempt.
                return Heard::NotMine(Msg::Settled(result));
            }
            (_, msg) => return Heard::NotMine(msg),
        }
        Heard::Taken(Next::Stay)
    }

    fn job_failed(&mut self, _ctx: &mut Ctx<'_>, task: Task) -> Next {
        match (self, task) {
            // The ledger has the intent; without an outcome it counts as unknown.
            (SendScreen::Sending(_), Task::Send) => return Next::Instead(Target::Log),
            (SendScreen::Gate(gate), Task::Prepare) => gate.not_prepared(),
            _ => {}
        }
        Next::Stay
    }

    fn resized(&mut self, size: (u16, u16)) {
        if let SendScreen::Result(pane) = self {
            pane.wrap(size);
        }
    }

    fn closed(&mut self, ctx: &mut Ctx<'_>) {
        ctx.end(Task::Prepare);
        ctx.end(Task::ReadEarlier);
        ctx.end(Task::Fingerprint);
    }

    fn in_sight(&self) -> InSight {
        InSight::default()
    }
}
