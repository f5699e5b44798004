//! What ends something: an interrupt, and quitting.

use super::opening::{choose, put_back};
use super::{close_all, over_session, show};
use crate::app::action::Action;
use crate::app::effect::Effect;
use crate::app::jobs::Task;
use crate::app::message::Message;
use crate::app::model::Model;
use crate::app::next::Menu;
use crate::app::screens::Screen;
use crate::app::session::AfterSave;

/// Stops what runs; with nothing running, the second interrupt quits. The journal keeps the edits.
pub(super) fn interrupt(model: &mut Model) -> Vec<Effect> {
    if let Some(job) = model.jobs.id(Task::Send) {
        for screen in &mut model.screens {
            if let Screen::Send(send) = screen {
                send.stopping();
            }
        }
        return vec![Effect::Cancel(job)];
    }
    if let Some(job) = model.jobs.id(Task::Load) {
        if model.has_unsaved() {
            model.message = Some(Message::plain("still reading: your changes wait for it"));
            return Vec::new();
        }
        model.jobs.finish(Task::Load, job);
        let message = Message::plain("stopped reading, the file has not changed");
        let mut effects = vec![Effect::Cancel(job)];
        if model.before.is_some() {
            effects.extend(put_back(model, message));
        } else {
            effects.extend(close_all(model));
            effects.extend(choose(model));
            model.message = Some(message);
        }
        return effects;
    }
    let mut stopped = false;
    let effects = over_session(model, |session, env| {
        let done = session.stop(env);
        stopped = done.is_some();
        done.unwrap_or_default()
    });
    if stopped {
        let unchecked = model.session().is_some_and(|session| !session.is_checked());
        model.message = Some(match unchecked {
            true => Message::plain("stopped.").offer(Action::Check, "checks the rows again"),
            false => Message::plain("stopped"),
        });
        return effects;
    }
    if let Some(why) = model.jobs.refusal() {
        model.message = Some(Message::plain(why));
        return effects;
    }
    if model.interrupted {
        return vec![Effect::Quit(0)];
    }
    model.interrupted = true;
    let is_dirty = model.session().is_some_and(|session| session.draft.is_dirty());
    let text = if is_dirty { "nothing is running; the journal keeps the changes." } else { "nothing is running." };
    model.message = Some(Message::plain(text).offer(Action::Interrupt, "again quits"));
    effects
}

/// Quits if nothing would be lost, else asks.
pub(super) fn quit(model: &mut Model) -> Vec<Effect> {
    match model.session() {
        Some(session) if session.saving.is_some() => {
            over_session(model, |session, _| session.quit_when_saved(AfterSave::Quit))
        }
        Some(session) if session.draft.is_dirty() => {
            show(model, Screen::Menu(Menu::Quit));
            Vec::new()
        }
        // Edits that were not redone or offered yet stay in the journal.
        _ => vec![Effect::Quit(0)],
    }
}
