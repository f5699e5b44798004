//! One upload from gate to result, one machine: a stage can't be skipped, and a result can't turn back into a gate.

use super::super::change;
use super::super::desk::AfterSave;
use super::super::effect::{self, Effect};
use super::super::keymap::{Action, Scope};
use super::super::line_input::LineInput;
use super::super::model::{Mark, Model};
use super::super::msg::{GateFacts, JobId, Moment, Phase};
use super::super::view::Scroll;
use super::prompt::{self, Purpose};
use super::{Screen, close, log, move_in, review, show};
use crate::domain::draft::Snapshot;
use crate::domain::outcome::{Attempt, Outcome};
use crate::domain::request;
use std::path::PathBuf;

/// `Y` is taken this long after the gate stands complete on the screen, in milliseconds: what was typed ahead is not.
const ARMED_AFTER: i64 = 300;

/// What has to be typed before `Y` is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needed {
    /// There are this many errors: `send anyway`.
    Anyway(u64),
    /// The same bytes went to the same address before: `send again`.
    Again,
    /// The profile is protected: the number of rows.
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
    /// Set while the facts are gathered.
    pub job: Option<JobId>,
    /// What would be sent.
    pub snapshot: Snapshot,
    pub facts: Option<Box<GateFacts>>,
    pub fault: Option<String>,
    /// `Y` counts from this moment on, in unix milliseconds: what was typed before was meant for another screen.
    pub armed_at: Option<i64>,
    /// Still to be typed, in this order.
    pub needed: Vec<Needed>,
    /// The input for the first of `needed`.
    pub input: Option<LineInput>,
    /// What was typed already.
    pub given: Vec<Needed>,
}

#[derive(Debug)]
pub struct Sending {
    pub job: JobId,
    pub facts: Box<GateFacts>,
    pub snapshot: Snapshot,
    pub started: Moment,
    pub phase: Phase,
    /// When each phase began, in unix milliseconds: connecting, sending, waiting, reading.
    pub began: [Option<i64>; 4],
    pub stopping: bool,
}

#[derive(Debug)]
pub struct ResultPane {
    pub attempt: Attempt,
    /// The ledger is being read for `earlier`.
    pub job: Option<JobId>,
    /// Uploads in the ledger, newest first, this one included.
    pub earlier: Vec<Attempt>,
    pub scroll: Scroll,
    pub all_headers: bool,
    pub search: String,
    /// The line of the body that the search stands on. While there is one, `scroll` counts from the body's first line.
    pub matched: Option<usize>,
    /// The body as lines, for showing and searching.
    pub body: Vec<String>,
    /// `JSON`, `text`, `empty`…
    pub body_kind: &'static str,
}

#[derive(Debug)]
pub enum SendScreen {
    Gate(Gate),
    Sending(Sending),
    Result(ResultPane),
}

impl SendScreen {
    pub fn scopes(&self) -> Vec<Scope> {
        match self {
            SendScreen::Gate(gate) if gate.input.is_some() => vec![Scope::Prompt, Scope::Input],
            SendScreen::Gate(_) => vec![Scope::Gate, Scope::Global],
            SendScreen::Sending(_) => vec![Scope::Sending],
            SendScreen::Result(_) if self.can_be_settled() => vec![Scope::Settle, Scope::Result, Scope::Global],
            SendScreen::Result(_) => vec![Scope::Result, Scope::Global],
        }
    }

    pub fn input(&mut self) -> Option<&mut LineInput> {
        match self {
            SendScreen::Gate(gate) => gate.input.as_mut(),
            _ => None,
        }
    }

    pub fn can_be_settled(&self) -> bool {
        matches!(self, SendScreen::Result(pane) if pane.attempt.can_be_settled())
    }
}

/// Why the gate does not offer `Y`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    Unsaved(usize),
    Gathering,
    /// The findings of all rows are not there yet.
    Checking,
    NotOnDisk,
    NoKey,
    Fault(String),
    Type(Needed),
}

/// What stands between the gate and the upload; None when `Y` is offered.
pub fn block(model: &Model, gate: &Gate) -> Option<Block> {
    let desk = model.desk()?;
    if desk.draft.is_dirty() {
        return Some(Block::Unsaved(desk.draft.unsaved()));
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
    if facts.key_origin.is_none() {
        return Some(Block::NoKey);
    }
    if desk.findings.is_none() {
        return Some(Block::Checking);
    }
    needed(model, gate).map(Block::Type)
}

/// The next thing to be typed.
fn needed(model: &Model, gate: &Gate) -> Option<Needed> {
    let errors = model.desk().and_then(|d| d.findings.as_ref()).map_or(0, |f| f.tallies().errors);
    let again = gate.facts.as_ref().is_some_and(|facts| facts.sent_before.is_some());
    let rows = gate.rows();
    let wanted = [
        (errors > 0).then_some(Needed::Anyway(errors)),
        again.then_some(Needed::Again),
        model.options.protect.then_some(Needed::Rows(rows)),
    ];
    wanted.into_iter().flatten().find(|need| !gate.given.contains(need))
}

impl Gate {
    /// Rows that would be sent.
    pub fn rows(&self) -> u32 {
        self.snapshot.len() - u32::try_from(self.snapshot.excluded_rows().len()).unwrap_or(0)
    }
}

fn gate(model: &mut Model) -> Option<&mut Gate> {
    match model.screens.last_mut() {
        Some(Screen::Send(send)) => match &mut **send {
            SendScreen::Gate(gate) => Some(gate),
            _ => None,
        },
        _ => None,
    }
}

/// `S`: opens the gate. It never sends.
pub fn open(model: &mut Model) -> Vec<Effect> {
    let Some(desk) = model.desk() else { return Vec::new() };
    let snapshot = desk.now().clone();
    // A gate over a result would leave the result standing under it.
    if matches!(model.screens.last(), Some(Screen::Send(_))) {
        close(model);
    }
    let gate = Gate {
        job: None,
        snapshot,
        facts: None,
        fault: None,
        armed_at: None,
        needed: Vec::new(),
        input: None,
        given: Vec::new(),
    };
    show(model, Screen::Send(Box::new(SendScreen::Gate(gate))));
    model.message = None;
    look_again(model)
}

/// Gathers the facts: the file was saved, or another key was given.
pub fn look_again(model: &mut Model) -> Vec<Effect> {
    let job = model.new_job();
    let Some(desk) = model.desk() else { return Vec::new() };
    let (snapshot, path, dirty) = (desk.now().clone(), desk.path.clone(), desk.draft.is_dirty());
    let Some(gate) = gate(model) else { return Vec::new() };
    gate.snapshot = snapshot.clone();
    gate.facts = None;
    gate.fault = None;
    gate.armed_at = None;
    if dirty {
        return Vec::new();
    }
    gate.job = Some(job);
    vec![Effect::Prepare { job, snapshot, path }]
}

pub fn prepared(model: &mut Model, job: JobId, facts: Result<Box<GateFacts>, String>) -> Vec<Effect> {
    let now = model.now.unix_ms;
    let Some(gate) = gate(model).filter(|gate| gate.job == Some(job)) else { return Vec::new() };
    gate.job = None;
    match facts {
        Ok(facts) => gate.facts = Some(facts),
        Err(fault) => gate.fault = Some(fault),
    }
    gate.armed_at = Some(now + ARMED_AFTER);
    Vec::new()
}

pub fn act(model: &mut Model, action: Action, count: Option<u32>) -> Vec<Effect> {
    let Some(Screen::Send(send)) = model.screens.last_mut() else { return Vec::new() };
    match &mut **send {
        SendScreen::Gate(_) => in_gate(model, action),
        SendScreen::Sending(_) => Vec::new(),
        SendScreen::Result(_) => in_result(model, action, count),
    }
}

fn in_gate(model: &mut Model, action: Action) -> Vec<Effect> {
    let typing = gate(model).is_some_and(|gate| gate.input.is_some());
    match action {
        Action::Accept if typing => return typed_enough(model),
        Action::Back if typing => {
            if let Some(gate) = gate(model) {
                gate.input = None;
            }
        }
        Action::Back | Action::Quit => close(model),
        Action::Save => return change::save(model, AfterSave::Gate, false),
        Action::Curl => {
            let text = curl(model);
            model.say(Mark::Fine, "copied the curl command; the key stays out of it");
            return vec![Effect::Copy(text)];
        }
        Action::AnotherKey => prompt::open(model, Purpose::ApiKey, ""),
        Action::NextProblem => return review::first_error(model),
        Action::Confirm => return confirm(model),
        _ => {}
    }
    Vec::new()
}

/// `Y`: sends, if nothing stands against it; else says or asks what is missing.
fn confirm(model: &mut Model) -> Vec<Effect> {
    let now = model.now;
    let Some(Screen::Send(send)) = model.screens.last() else { return Vec::new() };
    let SendScreen::Gate(open_gate) = &**send else { return Vec::new() };
    match block(model, open_gate) {
        Some(Block::Type(_)) => {
            if let Some(gate) = gate(model) {
                gate.input = Some(LineInput::new(""));
            }
            return Vec::new();
        }
        Some(block) => {
            model.say(Mark::Error, said(&block));
            return Vec::new();
        }
        None => {}
    }
    if open_gate.armed_at.is_none_or(|at| now.unix_ms < at) {
        model.say(Mark::Plain, "that Y came before this could be read; nothing was sent.  Y uploads");
        return Vec::new();
    }
    let job = model.new_job();
    let path = model.desk().map(|desk| desk.path.clone()).unwrap_or_default();
    let Some(gate) = gate(model) else { return Vec::new() };
    let Some(facts) = gate.facts.clone() else { return Vec::new() };
    let again = gate.given.contains(&Needed::Again);
    let (snapshot, rows) = (gate.snapshot.clone(), gate.rows());
    let order = effect::Send { job, snapshot: snapshot.clone(), path, fingerprint: facts.fingerprint, rows, again };
    let sending = Sending {
        job,
        facts,
        snapshot,
        started: now,
        phase: Phase::Connecting,
        began: [Some(now.unix_ms), None, None, None],
        stopping: false,
    };
    model.screens.pop();
    model.say(Mark::Plain, "stopping now sends nothing");
    show(model, Screen::Send(Box::new(SendScreen::Sending(sending))));
    vec![Effect::Send(order)]
}

/// A block in words that end with what to press.
pub fn said(block: &Block) -> String {
    match block {
        Block::Unsaved(1) => "1 change is not saved.  ^s saves".into(),
        Block::Unsaved(n) => format!("{n} changes are not saved.  ^s saves"),
        Block::Gathering => "looking at the file".into(),
        Block::Checking => "the rows are still being checked".into(),
        Block::NotOnDisk => "the file on disk holds something else.  Esc, then ^s saves or :open reads it again".into(),
        Block::NoKey => "no API key: TWELVELABS_API_KEY is not set.  K takes one for this session".into(),
        Block::Fault(fault) => fault.clone(),
        Block::Type(Needed::Anyway(1)) => "1 error blocks the upload.  } goes to it, Y sends anyway".into(),
        Block::Type(Needed::Anyway(n)) => format!("{n} errors block the upload.  }} goes to the first, Y sends anyway"),
        Block::Type(Needed::Again) => "these bytes went to this address before.  Y asks to send them again".into(),
        Block::Type(Needed::Rows(_)) => "this profile is protected.  Y asks for the number of rows".into(),
    }
}

/// Enter after a typed confirmation: it must be the words asked for.
fn typed_enough(model: &mut Model) -> Vec<Effect> {
    let now = model.now.unix_ms;
    let wanted = match model.screens.last() {
        Some(Screen::Send(send)) => match &**send {
            SendScreen::Gate(gate) => needed(model, gate),
            _ => None,
        },
        _ => None,
    };
    let Some(gate) = gate(model) else { return Vec::new() };
    let typed = gate.input.take().map(|input| input.text().trim().to_owned()).unwrap_or_default();
    match wanted {
        Some(need) if need.words() == typed.replace(',', "") => {
            gate.given.push(need);
            gate.armed_at = Some(now + ARMED_AFTER);
        }
        Some(need) => model.say(Mark::Plain, format!("that was not «{}»; nothing is sent", need.words())),
        None => {}
    }
    Vec::new()
}

/// The request as a curl command, the key by its variable's name.
pub fn curl(model: &Model) -> String {
    let Some(address) = &model.options.address else { return String::new() };
    let file = model.desk().map(|desk| desk.path.display().to_string()).unwrap_or_default();
    request::curl(address, &file).join(" \\\n  ")
}

pub fn moved(model: &mut Model, job: JobId, phase: Phase) -> Vec<Effect> {
    let now = model.now.unix_ms;
    if let Some(Screen::Send(send)) = model.screens.last_mut()
        && let SendScreen::Sending(sending) = &mut **send
        && sending.job == job
    {
        sending.phase = phase;
        let at = match phase {
            Phase::Connecting => 0,
            Phase::Sending { .. } => 1,
            Phase::Waiting => 2,
            Phase::Reading => 3,
        };
        for slot in sending.began.iter_mut().take(at + 1) {
            slot.get_or_insert(now);
        }
        if phase != Phase::Connecting {
            model.say(Mark::Warning, "stopping now may leave the outcome unknown");
        }
    }
    Vec::new()
}

pub fn sent(model: &mut Model, job: JobId, attempt: Attempt) -> Vec<Effect> {
    let waiting = model.screens.iter().position(
        |screen| matches!(screen, Screen::Send(send) if matches!(&**send, SendScreen::Sending(s) if s.job == job)),
    );
    let Some(at) = waiting else { return Vec::new() };
    let read = model.new_job();
    let (mark, text) = match attempt.outcome {
        Outcome::Accepted => {
            (Mark::Fine, format!("accepted, {} rows", crate::domain::amounts::thousands(attempt.intent.rows.into())))
        }
        Outcome::Refused => (Mark::Error, "refused, nothing was taken in".into()),
        Outcome::NotSent => (Mark::Plain, "not sent, nothing left this machine".into()),
        Outcome::Unknown => (Mark::Unknown, "outcome unknown, sending again is blocked".into()),
    };
    model.say(mark, text);
    let mut pane = result(attempt, Vec::new());
    pane_mut(&mut pane, |pane| pane.job = Some(read));
    if let Some(screen) = model.screens.get_mut(at) {
        *screen = Screen::Send(Box::new(pane));
    }
    vec![Effect::ReadLog(read)]
}

fn pane_mut(screen: &mut SendScreen, change: impl FnOnce(&mut ResultPane)) {
    if let SendScreen::Result(pane) = screen {
        change(pane);
    }
}

/// The result pane of an attempt, new or from the ledger.
pub fn result(attempt: Attempt, earlier: Vec<Attempt>) -> SendScreen {
    let shown = attempt.ended.reply().map(|reply| reply.shown_body());
    let (body_kind, body) = shown.map_or(("empty", Vec::new()), |shown| (shown.kind, shown.lines));
    SendScreen::Result(ResultPane {
        attempt,
        job: None,
        earlier,
        scroll: Scroll::default(),
        all_headers: false,
        search: String::new(),
        matched: None,
        body,
        body_kind,
    })
}

fn in_result(model: &mut Model, action: Action, count: Option<u32>) -> Vec<Effect> {
    let lines = usize::from(model.size.1).saturating_sub(6).max(1);
    let name = super::open::shown_name(model).unwrap_or_default();
    let Some(Screen::Send(send)) = model.screens.last_mut() else { return Vec::new() };
    let SendScreen::Result(pane) = &mut **send else { return Vec::new() };
    match action {
        Action::Back | Action::Quit => {
            // Back to the table, past the review that led here.
            model.screens.clear();
            model.pending = Default::default();
        }
        Action::ItWasAccepted | Action::ItWasNot => {
            let accepted = action == Action::ItWasAccepted;
            return vec![Effect::Settle { id: pane.attempt.id, accepted }];
        }
        Action::AnotherKey => prompt::open(model, Purpose::ApiKey, ""),
        Action::Submit => return open(model),
        Action::Curl => {
            let text = if pane.body.is_empty() { status_text(pane) } else { pane.body.join("\n") };
            model.say(Mark::Fine, "copied the reply");
            return vec![Effect::Copy(text)];
        }
        Action::Save => {
            if pane.attempt.ended.reply().is_none_or(|reply| reply.body.is_empty()) {
                model.say(Mark::Plain, "the reply has no body to save");
            } else {
                let stem = name.trim_end_matches(".json").to_owned();
                prompt::open(model, Purpose::SaveReply, &format!("{stem}.reply.txt"));
            }
        }
        Action::Search => prompt::open(model, Purpose::SearchReply, ""),
        Action::SearchNext => return next_match(model, true),
        Action::SearchPrevious => return next_match(model, false),
        Action::Headers => pane.all_headers = !pane.all_headers,
        Action::Log => return log::open(model),
        _ => {
            if action == Action::First {
                // From here on the lines are counted from the facts again, not from the body.
                pane.matched = None;
            }
            let len = pane.body.len() + lines;
            move_in(&mut pane.scroll, action, count, len, 1);
            pane.scroll.top = pane.scroll.cursor;
        }
    }
    Vec::new()
}

fn status_text(pane: &ResultPane) -> String {
    let status = pane.attempt.ended.reply().map(|reply| reply.status_line());
    status.unwrap_or_else(|| pane.attempt.outcome.word().to_owned())
}

pub fn save_reply(model: &mut Model, path: PathBuf) -> Vec<Effect> {
    let job = model.new_job();
    let Some(Screen::Send(send)) = model.screens.last() else { return Vec::new() };
    let SendScreen::Result(pane) = &**send else { return Vec::new() };
    let bytes = pane.attempt.ended.reply().map(|reply| reply.body.clone()).unwrap_or_default();
    vec![Effect::WriteFile { job, path, bytes }]
}

pub fn search(model: &mut Model, text: &str) -> Vec<Effect> {
    if let Some(Screen::Send(send)) = model.screens.last_mut() {
        pane_mut(send, |pane| text.clone_into(&mut pane.search));
    }
    next_match(model, true)
}

/// Scrolls the body to the next line that holds the search text.
fn next_match(model: &mut Model, forward: bool) -> Vec<Effect> {
    let Some(Screen::Send(send)) = model.screens.last_mut() else { return Vec::new() };
    let SendScreen::Result(pane) = &mut **send else { return Vec::new() };
    let wanted = pane.search.to_lowercase();
    if wanted.is_empty() {
        model.say(Mark::Plain, "nothing was searched for,  / searches");
        return Vec::new();
    }
    let hits: Vec<usize> = pane
        .body
        .iter()
        .enumerate()
        .filter(|(_, line)| line.to_lowercase().contains(&wanted))
        .map(|(at, _)| at)
        .collect();
    let now = pane.matched;
    let next = if forward {
        hits.iter().find(|at| now.is_none_or(|n| **at > n)).or(hits.first())
    } else {
        hits.iter().rev().find(|at| now.is_none_or(|n| **at < n)).or(hits.last())
    };
    match next.copied() {
        Some(at) => {
            pane.matched = Some(at);
            pane.scroll = Scroll { cursor: at, top: at };
            let number = hits.iter().position(|hit| *hit == at).unwrap_or(0) + 1;
            let all = hits.len();
            model.say(Mark::Plain, format!("match {number} of {all}.  n N go on"));
        }
        None => {
            let shown = crate::domain::printable::printable(&wanted).into_owned();
            model.say(Mark::Plain, format!("the reply does not hold {shown}"));
        }
    }
    Vec::new()
}

/// The operator's word on an unknown outcome is in the ledger; show it.
pub fn settled(model: &mut Model, result: Result<Box<Attempt>, String>) -> Vec<Effect> {
    match result {
        Ok(attempt) => {
            let words = if attempt.settled.is_some_and(|s| s.accepted) {
                "it counts as sent"
            } else {
                "the upload is open again"
            };
            model.say(Mark::Fine, format!("written to the ledger: {words}"));
            if let Some(Screen::Send(send)) = model.screens.last_mut() {
                pane_mut(send, |pane| pane.attempt = *attempt);
            }
        }
        Err(fault) => model.say(Mark::Error, format!("not written to the ledger: {fault}")),
    }
    Vec::new()
}
