//! Before the upload: what exactly would be sent, what stands against it, and the one key that sends it.

use super::super::prompt::{self, Purpose};
use super::super::{Screen, close, review, show};
use super::{SendScreen, Sending};
use crate::app::change::{self, Consent};
use crate::app::effect::{self, Effect};
use crate::app::keymap::Action;
use crate::app::line_input::LineInput;
use crate::app::model::{Mark, Model};
use crate::app::msg::{GateFacts, JobId, Phase};
use crate::app::session::AfterSave;
use crate::domain::draft::Snapshot;
use crate::domain::request;

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
    /// For what has to be typed first.
    pub input: Option<LineInput>,
    /// What was typed already.
    pub given: Vec<Needed>,
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
    let session = model.session()?;
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
    if facts.key_origin.is_none() {
        return Some(Block::NoKey);
    }
    if !session.is_checked() {
        return Some(Block::Checking);
    }
    needed(model, gate).map(Block::Type)
}

/// The next thing to be typed.
fn needed(model: &Model, gate: &Gate) -> Option<Needed> {
    let errors = model.session().and_then(|d| d.findings.as_ref()).map_or(0, |f| f.tallies().errors);
    let again = gate.facts.as_ref().is_some_and(|facts| facts.earlier.blocking.is_some());
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
    // Not the one in front: what was asked for comes back also while help or the log is over it.
    model.screens.iter_mut().rev().find_map(|screen| match screen {
        Screen::Send(send) => match &mut **send {
            SendScreen::Gate(gate) => Some(gate),
            _ => None,
        },
        _ => None,
    })
}

/// `S`: opens the gate. It never sends.
pub fn open(model: &mut Model) -> Vec<Effect> {
    let Some(session) = model.session() else { return Vec::new() };
    let snapshot = session.now().clone();
    // A gate over a result would leave the result standing under it.
    if matches!(model.screens.last(), Some(Screen::Send(_))) {
        close(model);
    }
    let gate = Gate { job: None, snapshot, facts: None, fault: None, armed_at: None, input: None, given: Vec::new() };
    show(model, Screen::Send(Box::new(SendScreen::Gate(gate))));
    model.message = None;
    look_again(model)
}

/// Gathers the facts anew, if a gate is open: the draft changed, the file was saved, or another key was given.
pub fn look_again(model: &mut Model) -> Vec<Effect> {
    let job = model.new_job();
    let Some(session) = model.session() else { return Vec::new() };
    let (snapshot, path, dirty) = (session.now().clone(), session.path.clone(), session.draft.is_dirty());
    let unchecked = !session.is_checked() && session.checking.is_none();
    let Some(gate) = gate(model) else { return Vec::new() };
    let earlier = gate.job.take().map(Effect::Cancel);
    gate.snapshot = snapshot.clone();
    gate.facts = None;
    gate.fault = None;
    gate.armed_at = None;
    // What was typed spoke of other bytes.
    gate.given.clear();
    gate.input = None;
    let mut effects: Vec<Effect> = earlier.into_iter().collect();
    if !dirty {
        gate.job = Some(job);
        effects.push(Effect::Prepare { job, snapshot, path });
    }
    if unchecked {
        // A check that was stopped must not leave the gate shut for ever.
        effects.extend(change::check_again(model));
    }
    effects
}

/// The facts could not be gathered.
pub(super) fn job_failed(model: &mut Model, job: JobId) {
    if let Some(gate) = gate(model).filter(|gate| gate.job == Some(job)) {
        gate.job = None;
        gate.fault = Some("the facts could not be gathered.  Esc, then S asks again".into());
    }
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

pub(super) fn in_gate(model: &mut Model, action: Action) -> Vec<Effect> {
    let typing = gate(model).is_some_and(|gate| gate.input.is_some());
    match action {
        Action::Accept if typing => return typed_enough(model),
        Action::Back if typing => {
            if let Some(gate) = gate(model) {
                gate.input = None;
            }
        }
        Action::Back | Action::Quit => close(model),
        Action::Save => return change::save(model, AfterSave::Stay, Consent::default()),
        Action::Curl => {
            let text = curl(model);
            model.say(Mark::Fine, "copied the curl command; the key stays out of it");
            return vec![Effect::Copy(text)];
        }
        Action::AnotherKey => prompt::open(model, Purpose::ApiKey, ""),
        Action::NextProblem => return review::first_error(model),
        _ => {}
    }
    Vec::new()
}

/// `Y`: sends, if nothing stands against it; else says or asks what is missing.
pub fn confirm(model: &mut Model) -> Vec<Effect> {
    let now = model.now;
    let Some(Screen::Send(send)) = model.screens.last() else { return Vec::new() };
    let SendScreen::Gate(open_gate) = &**send else { return Vec::new() };
    if open_gate.input.is_some() {
        return Vec::new();
    }
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
    let path = model.session().map(|session| session.path.clone()).unwrap_or_default();
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
    let file = model.session().map(|session| session.path.display().to_string()).unwrap_or_default();
    request::curl(address, &file, model.options.key_variable).join(" \\\n  ")
}
