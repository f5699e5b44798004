//! The gate before an upload: what would be sent, what blocks it, and the confirmation that sends it.

use crate::app::action::Action;
use crate::app::command::Why;
use crate::app::context::Ctx;
use crate::app::effect::Effect;
use crate::app::jobs::{Jobs, Task};
use crate::app::message::Message;
use crate::app::msg::{GateFacts, Moment};
use crate::app::next::{Next, Purpose, Target};
use crate::app::options::AppOptions;
use crate::app::screens::{Confirmation, review};
use crate::app::session::Session;
use crate::domain::draft::Snapshot;
use crate::domain::format::thousands;
use crate::domain::request;
use crate::domain::row_set::RowSet;

/// What the operator must type before confirmation is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needed {
    /// `send anyway`: there are this many errors.
    Anyway(u64),
    /// `send again`: the same bytes or some of the rows went to the same service before.
    Again,
    /// The number of rows: the profile is protected.
    Rows(u32),
}

impl Needed {
    pub fn words(self) -> String {
        match self {
            Needed::Anyway(_) => "send anyway".into(),
            Needed::Again => "send again".into(),
            Needed::Rows(rows) => rows.to_string(),
        }
    }
}

#[derive(Debug)]
pub struct Gate {
    /// What would be sent.
    pub snapshot: Snapshot,
    pub facts: Option<Box<GateFacts>>,
    pub fault: Option<String>,
    pub confirmation: Confirmation,
    /// What has been typed so far.
    pub given: Vec<Needed>,
}

/// Why confirmation is not offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    Unsaved(usize),
    Gathering,
    /// The check of all rows is still running.
    Checking,
    NotOnDisk,
    /// Rows stand in an attempt whose outcome is unknown, in words: somebody has to settle that one first.
    Unsettled(String),
    NoKey,
    Fault(String),
    Type(Needed),
}

/// What blocks the upload; None when confirmation is offered.
pub fn block(session: &Session, options: &AppOptions, gate: &Gate) -> Option<Block> {
    match (gate.stands_against(session), gate.needed(session, options)) {
        // Errors are mended here, a key is fetched elsewhere: without both, the errors come first.
        (Some(Block::NoKey), Some(need @ Needed::Anyway(_))) => Some(Block::Type(need)),
        (against, need) => against.or(need.map(Block::Type)),
    }
}

impl Gate {
    /// A block that nothing typed at the gate clears.
    fn stands_against(&self, session: &Session) -> Option<Block> {
        let gate = self;
        if session.draft.is_dirty() {
            return Some(Block::Unsaved(session.draft.unsaved()));
        }
        if let Some(fault) = &gate.fault {
            return Some(Block::Fault(fault.clone()));
        }
        let Some(facts) = &gate.facts else { return Some(Block::Gathering) };
        if let Some(fault) = &facts.ledger_fault {
            return Some(Block::Fault(format!("the ledger can't be written, so nothing is sent: {fault}")));
        }
        if !facts.same_on_disk {
            return Some(Block::NotOnDisk);
        }
        if facts.earlier.is_unsettled() {
            return Some(Block::Unsettled(facts.earlier.rows.unsettled()));
        }
        if facts.key_origin.is_none() {
            return Some(Block::NoKey);
        }
        (!session.is_checked()).then_some(Block::Checking)
    }

    /// Whether [`Action::Confirm`] is available: it sends, or asks for what has to be typed.
    ///
    /// # Errors
    /// What blocks it, and the command that clears that.
    pub fn can_confirm(&self, session: &Session) -> Result<(), Why> {
        Err(match self.stands_against(session) {
            None | Some(Block::Type(_)) => return Ok(()),
            Some(Block::Unsaved(_)) => Why::but("the changes are not saved.", Action::Save, "saves them"),
            Some(Block::NotOnDisk) => {
                Why::but("the file on disk holds something else.", Action::Reload, "reads it again")
            }
            Some(Block::Unsettled(_)) => {
                Why::but("rows are in an attempt whose outcome is unknown.", Action::Log, "shows it")
            }
            Some(Block::NoKey) => Why::but("there is no API key.", Action::AnotherKey, "takes one"),
            Some(Block::Gathering) => "the file is being looked at".into(),
            Some(Block::Checking) => "the rows are still being checked".into(),
            Some(Block::Fault(_)) => "not sent, for the reason that stands above".into(),
        })
    }

    /// As [`Gate::can_confirm`], where that names a number.
    pub fn refusal(&self, session: &Session) -> Option<Message> {
        self.stands_against(session).filter(|block| matches!(block, Block::Unsettled(_))).map(|block| said(&block))
    }

    /// What confirming does, where it asks for something first.
    pub fn label(&self, session: &Session, options: &AppOptions) -> Option<String> {
        match block(session, options, self) {
            Some(Block::Type(need)) => Some(match need {
                Needed::Rows(_) => "type the number of rows".into(),
                words => words.words(),
            }),
            _ => None,
        }
    }

    /// What has to be typed next.
    fn needed(&self, session: &Session, options: &AppOptions) -> Option<Needed> {
        let errors = session.errors();
        let again = self.facts.as_ref().is_some_and(|facts| facts.earlier.blocks());
        let wanted = [
            (errors > 0).then_some(Needed::Anyway(errors)),
            again.then_some(Needed::Again),
            options.protect.then_some(Needed::Rows(self.rows())),
        ];
        wanted.into_iter().flatten().find(|need| !self.given.contains(need))
    }

    /// Number of rows that would be sent.
    pub fn rows(&self) -> u32 {
        self.snapshot.len() - u32::try_from(self.snapshot.excluded_rows().len()).unwrap_or(0)
    }

    /// Opens the gate. Never sends.
    pub fn open(ctx: &mut Ctx<'_>) -> Option<Gate> {
        let snapshot = ctx.session()?.now().clone();
        *ctx.message = None;
        let confirmation = Confirmation::default();
        let mut gate = Gate { snapshot, facts: None, fault: None, confirmation, given: Vec::new() };
        gate.gather(ctx);
        Some(gate)
    }

    /// Gathers the facts again, after an edit, a save or another API key.
    pub fn gather(&mut self, ctx: &mut Ctx<'_>) {
        ctx.end(Task::Prepare);
        let Some(session) = ctx.session() else { return };
        let (snapshot, path, dirty) = (session.now().clone(), session.path.clone(), session.draft.is_dirty());
        let unchecked = !session.is_checked() && session.checking.is_none();
        self.snapshot = snapshot.clone();
        self.facts = None;
        self.fault = None;
        // What was typed confirmed other bytes.
        self.given.clear();
        self.confirmation = Confirmation::default();
        if !dirty {
            let job = ctx.begin(Task::Prepare);
            ctx.ask(Effect::Prepare { job, snapshot, path });
        }
        if unchecked {
            // Without a new check, a stopped one would block the gate for ever.
            ctx.on(|session, env| session.check_again(env));
        }
    }

    /// Whether the facts are being gathered.
    pub fn is_gathering(&self, jobs: &Jobs) -> bool {
        jobs.has(Task::Prepare)
    }

    pub fn prepared(&mut self, now: Moment, facts: Result<Box<GateFacts>, String>) {
        match facts {
            Ok(facts) => self.facts = Some(facts),
            Err(fault) => self.fault = Some(fault),
        }
        self.confirmation.arm(now);
    }

    pub fn not_prepared(&mut self) {
        self.fault = Some("the facts could not be gathered; the gate gathers them when it is opened again".into());
    }

    pub fn act(&mut self, ctx: &mut Ctx<'_>, action: Action) -> Next {
        let typing = self.confirmation.is_typing();
        match action {
            Action::Accept if typing => self.typed_enough(ctx),
            Action::Back if typing => self.confirmation.input = None,
            Action::Back | Action::Quit => return Next::Close,
            Action::Curl => {
                let text = curl(ctx.options, ctx.session());
                ctx.say(Message::handed("the curl command, without the key"));
                ctx.ask(Effect::Copy(text));
            }
            Action::AnotherKey => return Next::Open(Target::Prompt(Purpose::ApiKey, String::new())),
            Action::NextProblem if self.shows_rows_before(ctx.session()) => {
                ctx.show_only(self.rows_before(), "that were sent before");
                return Next::ToTable;
            }
            Action::NextProblem => return review::first_error(ctx),
            _ => {}
        }
        Next::Stay
    }

    /// The facts to send with; None when something blocks the upload, after saying or asking what is missing.
    pub fn confirm(&mut self, ctx: &mut Ctx<'_>) -> Option<Box<GateFacts>> {
        if self.confirmation.is_typing() {
            return None;
        }
        match block(ctx.session()?, ctx.options, self) {
            Some(Block::Type(_)) => {
                self.confirmation.ask();
                return None;
            }
            Some(block) => {
                ctx.say(said(&block));
                return None;
            }
            None => {}
        }
        self.confirmation.counts(ctx, "uploads").then(|| self.facts.clone()).flatten()
    }

    /// The rows that were sent before are shown: errors come first.
    pub fn shows_rows_before(&self, session: Option<&Session>) -> bool {
        let has_some = self.facts.as_ref().is_some_and(|facts| facts.earlier.tells_of_rows());
        has_some && session.is_none_or(|session| session.errors() == 0)
    }

    fn rows_before(&self) -> RowSet {
        let before = self.facts.iter().flat_map(|facts| &facts.earlier.rows.rows);
        self.snapshot.kept_rows().at_places(before.map(|row| row.place))
    }

    /// Accepts what was typed if it is exactly what was asked for.
    fn typed_enough(&mut self, ctx: &mut Ctx<'_>) {
        let wanted = ctx.session().and_then(|session| self.needed(session, ctx.options));
        if self.confirmation.typed(ctx, wanted.map(Needed::words)) {
            self.given.extend(wanted);
            self.confirmation.arm(ctx.now);
        }
    }
}

/// Message on a block, with the commands that clear it.
pub fn said(block: &Block) -> Message {
    use Action as A;
    match block {
        Block::Unsaved(1) => Message::error("1 change is not saved.").offer(A::Save, "saves"),
        Block::Unsaved(n) => {
            Message::error(format!("{} changes are not saved.", thousands(*n as u64))).offer(A::Save, "saves")
        }
        Block::Gathering => Message::error("looking at the file"),
        Block::Checking => Message::error("the rows are still being checked"),
        Block::NotOnDisk => Message::error("the file on disk holds something else.")
            .offer(A::Reload, "reads it again")
            .offer(A::WriteOver, "writes over it"),
        Block::Unsettled(rows) => Message::error(format!("{rows}.")).offer(A::Log, "shows it"),
        Block::NoKey => Message::error("no API key: TWELVELABS_API_KEY is not set.")
            .offer(A::AnotherKey, "takes one for this session"),
        Block::Fault(fault) => Message::error(fault.clone()),
        Block::Type(Needed::Anyway(1)) => Message::error("1 error blocks the upload.")
            .offer(A::NextProblem, "goes to it")
            .offer(A::Confirm, "sends anyway"),
        Block::Type(Needed::Anyway(n)) => Message::error(format!("{} errors block the upload.", thousands(*n)))
            .offer(A::NextProblem, "goes to the first")
            .offer(A::Confirm, "sends anyway"),
        Block::Type(Needed::Again) => Message::error("these bytes, or some of the rows, were sent before.")
            .offer(A::Confirm, "asks to send them again"),
        Block::Type(Needed::Rows(_)) => {
            Message::error("this profile is protected.").offer(A::Confirm, "asks for the number of rows")
        }
    }
}

/// The request as a curl command, with the API key as its environment variable.
pub fn curl(options: &AppOptions, session: Option<&Session>) -> String {
    let Some(address) = &options.address else { return String::new() };
    let file = session.map(|session| session.path.display().to_string()).unwrap_or_default();
    request::curl(address, &file, options.key_variable).join(" \\\n  ")
}
