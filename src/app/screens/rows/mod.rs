//! Sending row by row: the gate, and the board that shows the rows while they go and afterwards. `gate`, `board` and
//! `words` use this module, not each other.

mod board;
mod gate;
mod sheet;
mod words;

pub use board::{Board, Count, Leaving, word};
pub use gate::{RowsBlock, RowsGate, RowsNeeded, Whole, block};
pub use sheet::Sheet;

use crate::app::action::Action;
use crate::app::command::{Scope, Why};
use crate::app::context::{Act, Ctx, Heard};
use crate::app::effect::{Effect, SendRows};
use crate::app::jobs::Task;
use crate::app::line_input::LineInput;
use crate::app::message::Message;
use crate::app::msg::{Msg, RowsRead};
use crate::app::next::{Next, Purpose, Request, Target};
use crate::app::options::AppOptions;
use crate::app::session::online::InSight;
use crate::app::session::{Changed, Session};
use crate::domain::rows::RowState;

#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one of it, behind one box")]
pub enum RowsScreen {
    Gate(RowsGate),
    Board(Board),
}

impl RowsScreen {
    /// Opens the gate. Never sends. `why`: what came before.
    pub fn open(ctx: &mut Ctx<'_>, why: Option<String>) -> Option<RowsScreen> {
        RowsGate::open(ctx, why).map(RowsScreen::Gate)
    }

    /// A send from the ledger, with each row.
    pub fn of_kept(ctx: &mut Ctx<'_>, read: &RowsRead) -> RowsScreen {
        RowsScreen::Board(Board::of_kept(ctx, read))
    }

    /// Rows are going, or wait to go on.
    pub fn is_sending(&self) -> bool {
        matches!(self, RowsScreen::Board(board) if board.ended.is_none())
    }

    /// What stands in the message line while nothing else is said.
    pub fn words(&self) -> Option<Message> {
        match self {
            RowsScreen::Gate(gate) => gate.board.as_ref().and_then(|board| board.cut_off_words()),
            RowsScreen::Board(board) => board.stands().filter(|_| board.ended.is_none()),
        }
    }

    /// What the gate waits to have typed.
    pub fn to_type(&self, session: &Session, options: &AppOptions) -> Option<String> {
        let RowsScreen::Gate(gate) = self else { return None };
        match block(session, options, gate) {
            Some(RowsBlock::Type(need)) if gate.confirmation.is_typing() => Some(need.words()),
            _ => None,
        }
    }

    /// The rows while they go, or wait to go on.
    pub fn sending(&self) -> Option<&Board> {
        match self {
            RowsScreen::Board(board) => Some(board).filter(|board| board.ended.is_none()),
            RowsScreen::Gate(gate) => gate.board.as_deref(),
        }
    }

    /// A send that was cut off goes on from its board, if nothing is in the way; else the gate says what is.
    fn was_cut_off(&mut self, ctx: &Ctx<'_>) {
        let RowsScreen::Gate(gate) = self else { return };
        let (Some(session), Some(ready)) = (ctx.session(), &gate.ready) else { return };
        let Some(found) = session.cut_off.filter(|found| ready.attempt == Some(found.attempt)) else { return };
        if block(session, ctx.options, gate).is_none() {
            gate.board = Some(Box::new(Board::cut_off(ctx, gate, ready, found)));
        }
    }

    /// Sends if nothing blocks it; else says or asks what is missing.
    fn confirm(&mut self, ctx: &mut Ctx<'_>) {
        let RowsScreen::Gate(gate) = self else { return };
        let Some(ready) = gate.confirm(ctx) else { return };
        if let Some(session) = ctx.session_mut() {
            session.cut_off = None;
        }
        let job = ctx.begin(Task::SendRows);
        let path = ctx.session().map(|session| session.path.clone()).unwrap_or_default();
        let evidence = ctx.session().and_then(|session| session.findings.as_ref());
        let evidence = evidence.map(|findings| findings.evidence().clone()).unwrap_or_default();
        let (snapshot, plan) = (gate.snapshot.clone(), ready.plan.clone());
        let fingerprint = ready.facts.fingerprint;
        *ctx.message = None;
        ctx.ask(Effect::SendRows(SendRows { job, snapshot, path, fingerprint, plan, evidence }));
        *self = RowsScreen::Board(Board::new(ctx, gate, &ready));
    }
}

impl Act for RowsScreen {
    fn scopes(&self) -> &'static [Scope] {
        match self {
            RowsScreen::Gate(gate) if gate.confirmation.is_typing() => &[Scope::Prompt, Scope::Input],
            RowsScreen::Gate(RowsGate { board: Some(_), .. }) => &[Scope::SendingRows],
            RowsScreen::Gate(_) => &[Scope::RowsGate, Scope::Global],
            RowsScreen::Board(board) if board.ended.is_none() && board.leaving == Leaving::Asked => {
                &[Scope::LeavingRows]
            }
            RowsScreen::Board(board) if board.ended.is_none() => &[Scope::SendingRows],
            RowsScreen::Board(_) => &[Scope::RowsResult, Scope::Global],
        }
    }

    fn input(&mut self) -> Option<&mut LineInput> {
        match self {
            RowsScreen::Gate(gate) => gate.confirmation.input.as_mut(),
            RowsScreen::Board(_) => None,
        }
    }

    fn line(&self) -> Option<&LineInput> {
        match self {
            RowsScreen::Gate(gate) => gate.confirmation.input.as_ref(),
            RowsScreen::Board(_) => None,
        }
    }

    fn can(&self, session: Option<&Session>, action: Action) -> Result<(), Why> {
        match self {
            RowsScreen::Gate(RowsGate { board: Some(board), .. }) => board.can(action),
            RowsScreen::Gate(gate) => gate.can(session, action),
            RowsScreen::Board(board) => board.can(action),
        }
    }

    fn refusal(&self, _session: Option<&Session>, action: Action) -> Option<Message> {
        match self {
            RowsScreen::Board(board) => board.refusal(action),
            RowsScreen::Gate(_) => None,
        }
    }

    fn label(&self, _session: Option<&Session>, _options: &AppOptions, action: Action) -> Option<String> {
        let (board, is_cut_off) = match self {
            RowsScreen::Gate(RowsGate { board: None, by_link: true, .. }) if action == Action::PresignedLinks => {
                return Some("no presigned links".to_owned());
            }
            RowsScreen::Gate(gate) if gate.board.is_none() => return gate.label(action),
            RowsScreen::Gate(gate) => (gate.board.as_deref()?, true),
            RowsScreen::Board(board) => (board, false),
        };
        let word = match action {
            Action::AnotherKey if board.wants_key() => "another key, then",
            Action::Confirm if board.rests() => "quit",
            Action::Back if board.leaving == Leaving::Asked && board.rests() => "stay",
            // Beside what sends the rest.
            Action::DraftToRetry if board.count_of(Count::State(RowState::NotSent)) > 0 => "draft",
            Action::ItWasAccepted => "accepted",
            Action::Accept if board.in_rows && board.asks_for_word() => "table",
            Action::Accept if board.in_rows => "row in the table",
            Action::Back if board.ended.is_some() && board.in_rows => "counts",
            Action::Back if board.is_from_log => "log",
            Action::PauseRows if board.hold.is_some() => "go on",
            Action::PauseRows => "pause",
            Action::StopRows if board.hold.is_some() => "end",
            Action::Back if is_cut_off => "leave",
            _ => return None,
        };
        Some(word.to_owned())
    }

    fn act(&mut self, ctx: &mut Ctx<'_>, request: &Request) -> Next {
        match self {
            RowsScreen::Gate(RowsGate { board: None, .. }) if request.action == Action::Confirm => {
                // Only the binding itself sends: not the palette, the help or Enter.
                if request.is_pressed {
                    self.confirm(ctx);
                }
                Next::Stay
            }
            RowsScreen::Gate(RowsGate { board: Some(_), .. }) => match request.action {
                // As at the gate.
                Action::PauseRows if request.is_pressed => {
                    self.confirm(ctx);
                    Next::Stay
                }
                Action::StopRows | Action::Back | Action::Quit => Next::Close,
                _ => Next::Stay,
            },
            RowsScreen::Gate(gate) => gate.act(ctx, request.action),
            RowsScreen::Board(_) if request.action == Action::Submit => Next::Instead(Target::RowsGate(None)),
            RowsScreen::Board(board) => board.act(ctx, request),
        }
    }

    /// Rejects pastes: a confirmation has to be typed.
    fn paste(&mut self, ctx: &mut Ctx<'_>, _text: &str) -> Next {
        ctx.say(Message::plain("a paste does nothing here"));
        Next::Stay
    }

    fn answered(&mut self, ctx: &mut Ctx<'_>, purpose: Purpose, _text: &str) -> Next {
        match (self, purpose) {
            (RowsScreen::Gate(gate), Purpose::ApiKey) => gate.gather(ctx),
            (RowsScreen::Board(board), Purpose::ApiKey) if board.ended.is_none() => {
                ctx.say(Message::fine("the API key is taken.").offer(Action::PauseRows, "goes on"));
            }
            _ => {}
        }
        Next::Stay
    }

    fn follow(&mut self, ctx: &mut Ctx<'_>, changed: Changed) {
        match self {
            RowsScreen::Gate(gate) if changed.rows || changed.saved || changed.findings => gate.gather(ctx),
            _ => {}
        }
    }

    fn hear(&mut self, ctx: &mut Ctx<'_>, msg: Msg) -> Heard {
        match (self, msg) {
            (RowsScreen::Gate(gate), Msg::Settled(result)) => {
                gate.gather(ctx);
                return Heard::NotMine(Msg::Settled(result));
            }
            (this @ RowsScreen::Gate(_), Msg::RowsPrepared(job, ready)) if ctx.jobs.finish(Task::Prepare, job) => {
                if let RowsScreen::Gate(gate) = this {
                    gate.prepared(ctx.now, ready);
                }
                this.was_cut_off(ctx);
            }
            (RowsScreen::Board(board), Msg::RowsMoved(job, news)) if ctx.jobs.awaits(Task::SendRows, job) => {
                board.moved(ctx, news);
            }
            (RowsScreen::Board(board), Msg::RowsEnded(job, end)) if ctx.jobs.finish(Task::SendRows, job) => {
                return Heard::Taken(board.over(ctx, end));
            }
            (RowsScreen::Board(_), Msg::Drafted(job, drafted)) if ctx.jobs.finish(Task::Draft, job) => match drafted {
                Ok((path, words)) => return Heard::Taken(Next::LoadSaying(path, Message::fine(words).read_first())),
                Err(fault) => ctx.say(Message::error(fault)),
            },
            (RowsScreen::Board(board), Msg::RowSettled(end)) => {
                board.settled(ctx, &end);
                // The log below counts the rows, too.
                return Heard::NotMine(Msg::RowSettled(end));
            }
            (_, msg) => return Heard::NotMine(msg),
        }
        Heard::Taken(Next::Stay)
    }

    fn job_failed(&mut self, _ctx: &mut Ctx<'_>, task: Task) -> Next {
        match (self, task) {
            // The ledger has every row; those without an outcome count as unknown.
            (RowsScreen::Board(_), Task::SendRows) => return Next::Instead(Target::Log),
            (RowsScreen::Gate(gate), Task::Prepare) => gate.not_prepared(),
            _ => {}
        }
        Next::Stay
    }

    fn closed(&mut self, ctx: &mut Ctx<'_>) {
        ctx.end(Task::Prepare);
        ctx.end(Task::Draft);
    }

    fn in_sight(&self) -> InSight {
        InSight::default()
    }
}
