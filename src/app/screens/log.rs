//! Earlier submissions from the ledger.

use super::{Screen, SendScreen, close, move_in, send, show};
use crate::app::effect::Effect;
use crate::app::keymap::Action;
use crate::app::model::{Mark, Model};
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
    /// The body of the chosen one's reply is being read.
    pub opening: Option<JobId>,
}

pub fn open(model: &mut Model) -> Vec<Effect> {
    let job = model.new_job();
    show(model, Screen::Log(Log { job, attempts: None, fault: None, scroll: Scroll::default(), opening: None }));
    vec![Effect::ReadLog(job)]
}

/// What the ledger holds came back: for the log, for one of its lines, or for the lines under a result.
pub fn read(model: &mut Model, job: JobId, attempts: Result<Vec<Attempt>, String>) -> Vec<Effect> {
    if let Some(Screen::Log(log)) = model.screens.last_mut()
        && log.opening.take_if(|waiting| *waiting == job).is_some()
    {
        let earlier = log.attempts.clone().unwrap_or_default();
        match attempts.map(|mut attempts| attempts.pop()) {
            Ok(Some(attempt)) => show_one(model, attempt, earlier),
            Ok(None) => model.say(Mark::Error, "this upload is not in the ledger any more"),
            Err(fault) => model.say(Mark::Error, format!("the ledger can't be read: {fault}")),
        }
        return Vec::new();
    }
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

fn show_one(model: &mut Model, attempt: Attempt, earlier: Vec<Attempt>) {
    show(model, Screen::Send(Box::new(send::result(attempt, earlier))));
    send::wrap(model);
}

pub fn act(model: &mut Model, action: Action, count: Option<u32>) -> Vec<Effect> {
    let lines = usize::from(model.size.1).saturating_sub(6).max(1);
    let job = model.new_job();
    let Some(Screen::Log(log)) = model.screens.last_mut() else { return Vec::new() };
    match action {
        Action::Back => close(model),
        Action::Accept => {
            let attempts = log.attempts.as_deref().unwrap_or_default();
            match attempts.get(log.scroll.cursor) {
                Some(chosen) if chosen.is_whole() => {
                    let (chosen, earlier) = (chosen.clone(), attempts.to_vec());
                    show_one(model, chosen, earlier);
                }
                Some(chosen) => {
                    let id = chosen.id;
                    log.opening = Some(job);
                    return vec![Effect::ReadAttempt { job, id }];
                }
                None => {}
            }
        }
        _ => {
            let len = log.attempts.as_ref().map_or(0, Vec::len);
            move_in(&mut log.scroll, action, count, len, lines);
        }
    }
    Vec::new()
}
