//! Earlier submissions from the ledger.

use super::{Screen, SendScreen, close, move_in, send, show};
use crate::app::effect::Effect;
use crate::app::keymap::Action;
use crate::app::model::Model;
use crate::app::msg::JobId;
use crate::app::view::Scroll;
use crate::domain::outcome::Attempt;

#[derive(Debug)]
pub struct Log {
    pub job: JobId,
    /// None while it is read. Newest first.
    pub attempts: Option<Vec<Attempt>>,
    pub fault: Option<String>,
    pub scroll: Scroll,
}

pub fn open(model: &mut Model) -> Vec<Effect> {
    let job = model.new_job();
    show(model, Screen::Log(Log { job, attempts: None, fault: None, scroll: Scroll::default() }));
    vec![Effect::ReadLog(job)]
}

/// What the ledger holds came back: for the log, or for the lines under a result.
pub fn read(model: &mut Model, job: JobId, attempts: Result<Vec<Attempt>, String>) -> Vec<Effect> {
    for screen in &mut model.screens {
        match screen {
            Screen::Log(log) if log.job == job => match &attempts {
                Ok(attempts) => log.attempts = Some(attempts.clone()),
                Err(fault) => log.fault = Some(fault.clone()),
            },
            Screen::Send(send) => {
                if let SendScreen::Result(pane) = &mut **send
                    && pane.job == Some(job)
                {
                    pane.job = None;
                    pane.earlier = attempts.clone().unwrap_or_default();
                }
            }
            _ => {}
        }
    }
    Vec::new()
}

pub fn act(model: &mut Model, action: Action, count: Option<u32>) -> Vec<Effect> {
    let lines = usize::from(model.size.1).saturating_sub(6).max(1);
    let Some(Screen::Log(log)) = model.screens.last_mut() else { return Vec::new() };
    match action {
        Action::Back => close(model),
        Action::Accept => {
            let chosen = log.attempts.as_ref().and_then(|attempts| attempts.get(log.scroll.cursor)).cloned();
            let earlier = log.attempts.clone().unwrap_or_default();
            if let Some(attempt) = chosen {
                show(model, Screen::Send(Box::new(send::result(attempt, earlier))));
                send::wrap(model);
            }
        }
        _ => {
            let len = log.attempts.as_ref().map_or(0, Vec::len);
            move_in(&mut log.scroll, action, count, len, lines);
        }
    }
    Vec::new()
}
