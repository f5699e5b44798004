//! The gate before a send row by row: which rows would go and which can't, and the confirmation that sends them.

use super::Board;
use crate::app::action::Action;
use crate::app::command::Why;
use crate::app::context::Ctx;
use crate::app::effect::{Effect, PrepareRows};
use crate::app::jobs::Task;
use crate::app::message::Message;
use crate::app::msg::{Moment, RowsReady};
use crate::app::next::{Next, Purpose, Target};
use crate::app::options::AppOptions;
use crate::app::screens::Confirmation;
use crate::app::session::Session;
use crate::domain::draft::Snapshot;
use crate::domain::format::counted;
use crate::domain::manifest::RowId;
use crate::domain::outcome::Outcome;
use crate::domain::row_set::RowSet;
use crate::domain::rows::{CannotGo, RowState, Terms, takes_transcripts};
use crate::domain::submission::Earlier;

/// What the operator must type before confirmation is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowsNeeded {
    /// Nothing can go otherwise.
    WithoutTranscripts,
    /// The number of rows: the profile is protected.
    Rows(u64),
}

impl RowsNeeded {
    pub fn words(self) -> String {
        match self {
            RowsNeeded::WithoutTranscripts => "without transcripts".into(),
            RowsNeeded::Rows(rows) => rows.to_string(),
        }
    }
}

#[derive(Debug)]
pub struct RowsGate {
    /// What would be sent.
    pub snapshot: Snapshot,
    /// `the transfer upload answered 410 Gone, Fri 20 Nov 17:45:31`
    pub why: Option<String>,
    pub ready: Option<Box<RowsReady>>,
    pub fault: Option<String>,
    pub confirmation: Confirmation,
    pub without_transcripts: bool,
    /// Private videos go by presigned link, where there are credentials.
    pub by_link: bool,
    typed_rows: Option<u64>,
    /// The rows of a send that was cut off, shown instead of the form where nothing is in the way of going on.
    pub board: Option<Box<Board>>,
}

/// An earlier send of the same bytes as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whole {
    Accepted {
        rows: u64,
        at_ms: i64,
        /// By the operator's word.
        by_word: bool,
    },
    Unknown {
        rows: u64,
        attempt: i64,
    },
    /// The ledger does not know; why.
    NotKnown(String),
}

impl Whole {
    fn of(earlier: &Earlier) -> Option<Whole> {
        let not_known = || earlier.not_known.clone().map(Whole::NotKnown);
        let Some(attempt) = earlier.blocking.as_deref() else { return not_known() };
        let (rows, at_ms) = (u64::from(attempt.intent.rows), attempt.intent.started_ms);
        Some(match (attempt.outcome, attempt.settled) {
            (Outcome::Accepted, _) => Whole::Accepted { rows, at_ms, by_word: false },
            (_, Some(said)) if said.accepted => Whole::Accepted { rows, at_ms, by_word: true },
            _ => Whole::Unknown { rows, attempt: attempt.id },
        })
    }
}

/// Why confirmation is not offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowsBlock {
    Unsaved,
    Gathering,
    Checking,
    NotOnDisk,
    NoKey,
    /// What is known of these bytes as a whole: accepted, or with an unknown outcome.
    SentBefore(Whole),
    /// Another cuecard is sending this attempt.
    UnderWay(i64),
    /// Nothing is left to send.
    AllSent,
    NoRow,
    Fault(String),
    Type(RowsNeeded),
}

/// What blocks it; None when confirmation is offered.
pub fn block(session: &Session, options: &AppOptions, gate: &RowsGate) -> Option<RowsBlock> {
    let rows = gate.ready.as_ref().map_or(0, |ready| ready.plan.going.len() as u64);
    let is_typed = !options.protect || gate.typed_rows == Some(rows);
    stands_against(session, gate).or_else(|| (!is_typed).then_some(RowsBlock::Type(RowsNeeded::Rows(rows))))
}

/// The same, but for what the profile wants typed.
fn stands_against(session: &Session, gate: &RowsGate) -> Option<RowsBlock> {
    if session.draft.is_dirty() {
        return Some(RowsBlock::Unsaved);
    }
    if let Some(fault) = &gate.fault {
        return Some(RowsBlock::Fault(fault.clone()));
    }
    if !session.is_checked() {
        return Some(RowsBlock::Checking);
    }
    let Some(ready) = &gate.ready else { return Some(RowsBlock::Gathering) };
    if let Some(fault) = &ready.facts.ledger_fault {
        return Some(RowsBlock::Fault(format!("the ledger can't be written, so nothing is sent: {fault}")));
    }
    if !ready.facts.same_on_disk {
        return Some(RowsBlock::NotOnDisk);
    }
    if let Some(attempt) = ready.attempt.filter(|_| ready.under_way) {
        return Some(RowsBlock::UnderWay(attempt));
    }
    let whole = ready.facts.earlier.blocking.as_deref();
    if let Some(attempt) = whole.filter(|attempt| attempt.under_way) {
        return Some(RowsBlock::UnderWay(attempt.id));
    }
    if let Some(whole) = Whole::of(&ready.facts.earlier) {
        return Some(RowsBlock::SentBefore(whole));
    }
    if ready.plan.going.is_empty() {
        let loses = |why: &CannotGo| matches!(why, CannotGo::TranscriptLost | CannotGo::WithoutTranscript);
        let typing_helps = !gate.without_transcripts && ready.plan.cannot.iter().any(|(_, why)| loses(why));
        return Some(match typing_helps {
            true => RowsBlock::Type(RowsNeeded::WithoutTranscripts),
            false if ready.plan.asked > 0 || !ready.plan.left_out.is_empty() => RowsBlock::AllSent,
            false => RowsBlock::NoRow,
        });
    }
    ready.facts.key_origin.is_none().then_some(RowsBlock::NoKey)
}

impl RowsBlock {
    /// In words, with the commands that clear it.
    pub fn message(&self, now: Moment) -> Message {
        use Action as A;
        match self {
            RowsBlock::Unsaved => Message::error("the changes are not saved.").offer(A::Save, "saves"),
            RowsBlock::Gathering => Message::error("looking at the file"),
            RowsBlock::Checking => Message::error("the rows are still being checked"),
            RowsBlock::NotOnDisk => {
                Message::error("the file on disk holds something else.").offer(A::Reload, "reads it again")
            }
            RowsBlock::NoKey => Message::error("no API key: TWELVELABS_API_KEY is not set.")
                .offer(A::AnotherKey, "takes one for this session"),
            RowsBlock::SentBefore(Whole::Accepted { rows, at_ms, by_word }) => {
                let (were, they) = if *rows == 1 { ("was", "it is") } else { ("were", "they are") };
                let by = if *by_word { ", by your word" } else { "" };
                let rows = counted(*rows, "row");
                Message::warning(format!("{rows} {were} accepted {}{by}; {they} left out.", now.tell(*at_ms)))
                    .offer(A::Log, "shows it")
            }
            RowsBlock::SentBefore(Whole::Unknown { rows, attempt }) => {
                let are = if *rows == 1 { "is" } else { "are" };
                let rows = counted(*rows, "row");
                Message::error(format!("{rows} {are} in attempt {attempt}, whose outcome is unknown."))
                    .offer(A::Log, "shows it")
            }
            RowsBlock::SentBefore(Whole::NotKnown(why)) => {
                Message::error(format!("these rows may have been sent before: {why}"))
            }
            RowsBlock::UnderWay(attempt) => {
                Message::error(format!("attempt {attempt} is being sent by another cuecard.")).offer(A::Log, "shows it")
            }
            RowsBlock::AllSent => Message::plain("nothing is left to send.").offer(A::Log, "shows what was"),
            RowsBlock::NoRow => Message::error("no row can go"),
            RowsBlock::Fault(fault) => Message::error(fault.clone()),
            RowsBlock::Type(RowsNeeded::WithoutTranscripts) => {
                Message::error("no row can go with its transcript.").offer(A::Confirm, "asks to send without")
            }
            RowsBlock::Type(RowsNeeded::Rows(_)) => {
                Message::error("this profile is protected.").offer(A::Confirm, "asks for the number of rows")
            }
        }
    }
}

impl RowsGate {
    /// Opens the gate. Never sends.
    pub fn open(ctx: &mut Ctx<'_>, why: Option<String>) -> Option<RowsGate> {
        let snapshot = ctx.session()?.now().clone();
        *ctx.message = None;
        let mut gate = RowsGate {
            snapshot,
            why,
            ready: None,
            fault: None,
            confirmation: Confirmation::default(),
            without_transcripts: false,
            by_link: true,
            typed_rows: None,
            board: None,
        };
        gate.gather(ctx);
        Some(gate)
    }

    /// Gathers the facts again, after an edit, a save, an answer or another choice.
    pub fn gather(&mut self, ctx: &mut Ctx<'_>) {
        ctx.end(Task::Prepare);
        self.board = None;
        self.ready = None;
        self.fault = None;
        self.confirmation = Confirmation::default();
        let Some(session) = ctx.session() else { return };
        self.snapshot = session.now().clone();
        let Some(findings) = session.findings.clone().filter(|_| session.is_checked()) else {
            if session.checking.is_none() {
                ctx.on(|session, env| session.check_again(env));
            }
            return;
        };
        if session.draft.is_dirty() {
            return;
        }
        let (snapshot, path) = (self.snapshot.clone(), session.path.clone());
        let terms = Terms {
            takes_transcripts: ctx.options.address.as_ref().is_none_or(takes_transcripts),
            without_transcripts: self.without_transcripts,
            by_link: self.by_link,
        };
        let job = ctx.begin(Task::Prepare);
        ctx.ask(Effect::PrepareRows(PrepareRows { job, snapshot, path, findings, terms }));
    }

    pub fn prepared(&mut self, now: Moment, ready: Result<Box<RowsReady>, String>) {
        match ready {
            Ok(ready) => self.ready = Some(ready),
            Err(fault) => self.fault = Some(fault),
        }
        self.confirmation.arm(now);
    }

    pub fn not_prepared(&mut self) {
        self.fault = Some("the facts could not be gathered; the gate gathers them when it is opened again".into());
    }

    /// # Errors
    /// What is in the way.
    pub fn can(&self, session: Option<&Session>, action: Action) -> Result<(), Why> {
        match action {
            Action::Confirm => match session.filter(|session| !session.draft.is_dirty()) {
                None => Err(Why::but("the changes are not saved.", Action::Save, "saves them")),
                Some(session) => match stands_against(session, self) {
                    None | Some(RowsBlock::Type(_)) => Ok(()),
                    Some(RowsBlock::Gathering) => Err("the file is being looked at".into()),
                    Some(RowsBlock::Checking) => Err("the rows are still being checked".into()),
                    Some(RowsBlock::AllSent) => Err("nothing is left to send".into()),
                    Some(RowsBlock::NoRow) => Err("no row can go".into()),
                    Some(_) => Err("not sent, for the reason that stands above".into()),
                },
            },
            Action::PresignedLinks if self.ready.as_ref().is_none_or(|ready| !ready.can_sign) => {
                Err("there are no AWS credentials to sign with: they come with --aws".into())
            }
            Action::NextProblem | Action::Curl if self.ready.is_none() => {
                Err("the rows are still being looked at".into())
            }
            Action::NextProblem if self.left().is_none() => Err("every row can go".into()),
            Action::Curl if self.ready.as_ref().is_some_and(|ready| ready.curl.is_empty()) => {
                Err("no row can go".into())
            }
            _ => Ok(()),
        }
    }

    pub fn act(&mut self, ctx: &mut Ctx<'_>, action: Action) -> Next {
        let typing = self.confirmation.is_typing();
        match action {
            Action::Accept if typing => self.typed_enough(ctx),
            Action::Back if typing => self.confirmation.input = None,
            Action::Back | Action::Quit => return Next::Close,
            Action::Curl => {
                let curl = self.ready.as_ref().map(|ready| ready.curl.join(" \\\n  ")).unwrap_or_default();
                ctx.say(Message::handed("the curl of row 1, without the key"));
                ctx.ask(Effect::Copy(curl));
            }
            Action::PresignedLinks => {
                self.by_link = !self.by_link;
                self.gather(ctx);
            }
            Action::AnotherKey => return Next::Open(Target::Prompt(Purpose::ApiKey, String::new())),
            Action::NextProblem => {
                if let Some((rows, which)) = self.left() {
                    ctx.show_only(rows, which);
                    return Next::ToTable;
                }
            }
            _ => {}
        }
        Next::Stay
    }

    /// The rows that would not go, and which they are: those that can't, else those that were sent before. None if every
    /// row goes.
    fn left(&self) -> Option<(RowSet, &'static str)> {
        let ready = self.ready.as_ref()?;
        let cannot = ready.plan.cannot.iter().filter(|(_, why)| *why != CannotGo::Excluded);
        let cannot: RowSet = cannot.map(|(row, _)| *row).collect();
        if !cannot.is_empty() {
            return Some((cannot, "that cannot go"));
        }
        let asked = ready.rows.iter().filter(|row| row.state_now() != RowState::NotSent).map(|row| row.place);
        let mut rows: Vec<RowId> = self.snapshot.kept_rows().at_places(asked).iter().collect();
        rows.extend(&ready.plan.left_out);
        rows.sort_unstable();
        rows.dedup();
        let rows: RowSet = rows.into_iter().collect();
        (!rows.is_empty()).then_some((rows, "that were sent before"))
    }

    /// What a key does here, where that differs.
    pub fn label(&self, action: Action) -> Option<String> {
        let is_of_sent =
            action == Action::NextProblem && self.left().is_some_and(|(_, which)| which.ends_with("before"));
        is_of_sent.then(|| "rows sent before".to_owned())
    }

    /// What to send; None when something blocks it, after saying or asking what is missing.
    pub fn confirm(&mut self, ctx: &mut Ctx<'_>) -> Option<Box<RowsReady>> {
        if self.confirmation.is_typing() {
            return None;
        }
        match block(ctx.session()?, ctx.options, self) {
            Some(RowsBlock::Type(_)) => {
                self.confirmation.ask();
                return None;
            }
            Some(block) => {
                ctx.say(block.message(ctx.now));
                return None;
            }
            None => {}
        }
        self.confirmation.counts(ctx, "sends").then(|| self.ready.clone()).flatten()
    }

    fn typed_enough(&mut self, ctx: &mut Ctx<'_>) {
        let wanted = match ctx.session().and_then(|session| block(session, ctx.options, self)) {
            Some(RowsBlock::Type(need)) => Some(need),
            _ => None,
        };
        match wanted.filter(|_| self.confirmation.typed(ctx, wanted.map(RowsNeeded::words))) {
            Some(RowsNeeded::WithoutTranscripts) => {
                self.without_transcripts = true;
                self.gather(ctx);
            }
            Some(RowsNeeded::Rows(rows)) => {
                self.typed_rows = Some(rows);
                self.confirmation.arm(ctx.now);
            }
            None => self.confirmation.input = None,
        }
    }
}
