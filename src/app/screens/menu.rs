//! Questions answered by one key: what to copy, which rows to show, what to do before leaving.

use super::{Screen, close, open};
use crate::app::change::{self, Consent};
use crate::app::effect::Effect;
use crate::app::keymap::{Action, Scope};
use crate::app::model::Model;
use crate::app::online;
use crate::app::session::AfterSave;
use crate::app::update::perform;
use crate::domain::evidence::{self, Plan};
use crate::domain::format::thousands;
use crate::domain::printable::printable;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Menu {
    Yank,
    FilterBy,
    SortBy,
    Quit,
    /// What a check of many rows will ask for.
    CheckOnline {
        plan: Plan,
        scope: evidence::Scope,
    },
    /// A save needs a word: in words why, what comes after it, and what the operator agrees to by saying yes.
    Changed {
        question: String,
        then: AfterSave,
        consent: Consent,
    },
}

impl Menu {
    pub fn scope(&self) -> Scope {
        match self {
            Menu::Yank => Scope::Yank,
            Menu::FilterBy => Scope::FilterBy,
            Menu::SortBy => Scope::SortBy,
            Menu::Quit => Scope::Quit,
            Menu::CheckOnline { .. } => Scope::CheckOnline,
            Menu::Changed { .. } => Scope::Changed,
        }
    }

    /// The question, for the message line; its answers are the hints below.
    pub fn question(&self, model: &Model) -> String {
        match self {
            Menu::Yank => "copy what?".into(),
            Menu::FilterBy => "show which rows?".into(),
            Menu::SortBy => "sort by what?".into(),
            Menu::Quit => model.session().map_or_else(String::new, |session| {
                let name = printable(&session.name()).into_owned();
                match session.draft.unsaved() {
                    1 => format!("1 change of {name} is not saved"),
                    unsaved => format!("{} changes of {name} are not saved", thousands(unsaved as u64)),
                }
            }),
            Menu::CheckOnline { plan, .. } => online::question(model, plan),
            Menu::Changed { question, .. } => question.clone(),
        }
    }
}

pub fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    // What moves a list, such as the wheel, is no answer.
    let answers = matches!(
        action,
        Action::SaveAndQuit
            | Action::DiscardAndQuit
            | Action::Overwrite
            | Action::CheckTranscripts
            | Action::CheckEverything
            | Action::ReadAgain
            | Action::Yank(_)
            | Action::Show(_)
            | Action::SortBy(_)
            | Action::Back
    );
    let Some(Screen::Menu(menu)) = model.screens.last().filter(|_| answers) else { return Vec::new() };
    let menu = menu.clone();
    close(model);
    match (action, menu) {
        (Action::SaveAndQuit, _) => change::save(model, AfterSave::Quit, Consent::default()),
        (Action::DiscardAndQuit, _) => vec![Effect::ForgetJournal, Effect::Quit(0)],
        (Action::Overwrite, Menu::Changed { then, consent, .. }) => change::save(model, then, consent),
        (Action::CheckTranscripts, Menu::CheckOnline { plan, scope }) => online::start(model, scope, &plan, false),
        (Action::CheckEverything, Menu::CheckOnline { plan, scope }) => online::start(model, scope, &plan, true),
        (Action::ReadAgain, _) => open::read_again(model),
        (Action::Yank(_) | Action::Show(_) | Action::SortBy(_), _) => perform(model, action, None),
        _ => Vec::new(),
    }
}
