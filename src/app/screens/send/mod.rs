//! One upload from gate to result, one machine: a stage can't be skipped, and a result can't turn back into a gate.

mod gate;
mod result;

pub use gate::{Block, Gate, Needed, block, confirm, curl, look_again, open, prepared, said};
pub use result::{ResultPane, result, save_reply, search, sent, settled, wrap};

use super::Screen;
use crate::app::effect::Effect;
use crate::app::keymap::{Action, Scope};
use crate::app::line_input::LineInput;
use crate::app::model::{Mark, Model};
use crate::app::msg::{GateFacts, JobId, Moment, Phase};
use crate::domain::draft::Snapshot;

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
#[expect(clippy::large_enum_variant, reason = "there is one of it, behind one box")]
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

    pub fn is_sending(&self) -> bool {
        matches!(self, SendScreen::Sending(_))
    }

    pub fn can_be_settled(&self) -> bool {
        matches!(self, SendScreen::Result(pane) if pane.attempt.can_be_settled())
    }
}

pub fn act(model: &mut Model, action: Action, count: Option<u32>) -> Vec<Effect> {
    let Some(Screen::Send(send)) = model.screens.last_mut() else { return Vec::new() };
    match &mut **send {
        SendScreen::Gate(_) => gate::in_gate(model, action),
        SendScreen::Sending(_) => Vec::new(),
        SendScreen::Result(_) => result::in_result(model, action, count),
    }
}

/// The upload on its way, wherever it stands: help or the log may be over it.
fn sending(model: &mut Model) -> Option<&mut Sending> {
    model.screens.iter_mut().find_map(|screen| match screen {
        Screen::Send(send) => match &mut **send {
            SendScreen::Sending(sending) => Some(sending),
            _ => None,
        },
        _ => None,
    })
}

/// Stops the upload, if there is one.
pub fn stop(model: &mut Model) -> Option<JobId> {
    let sending = sending(model)?;
    sending.stopping = true;
    Some(sending.job)
}

/// The job of a gate or an upload ended without its answer.
pub fn job_failed(model: &mut Model, job: JobId) -> Vec<Effect> {
    let is_it = |screen: &Screen| matches!(screen, Screen::Send(send) if matches!(&**send, SendScreen::Sending(sending) if sending.job == job));
    if model.screens.iter().any(is_it) {
        // What became of it is in the ledger: the intent is there, and without an outcome it reads as unknown.
        model.screens.retain(|screen| !is_it(screen));
        return super::log::open(model);
    }
    gate::job_failed(model, job);
    Vec::new()
}

pub fn moved(model: &mut Model, job: JobId, phase: Phase) -> Vec<Effect> {
    let now = model.now.unix_ms;
    if let Some(sending) = sending(model).filter(|sending| sending.job == job) {
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
