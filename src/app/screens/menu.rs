//! Questions answered by one key: what to copy, which rows to show, what to do before leaving.

use super::{close, open};
use crate::app::change;
use crate::app::desk::AfterSave;
use crate::app::effect::Effect;
use crate::app::keymap::{Action, Scope};
use crate::app::model::Model;
use crate::app::update::perform;
use crate::domain::amounts::thousands;
use crate::domain::printable::printable;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Menu {
    Yank,
    FilterBy,
    SortBy,
    Quit,
    /// The file was changed by another program, or replacing it would lose something; in words.
    Changed(String),
}

impl Menu {
    pub fn scope(&self) -> Scope {
        match self {
            Menu::Yank => Scope::Yank,
            Menu::FilterBy => Scope::FilterBy,
            Menu::SortBy => Scope::SortBy,
            Menu::Quit => Scope::Quit,
            Menu::Changed(_) => Scope::Changed,
        }
    }

    /// The question, for the message line; its answers are the hints below.
    pub fn question(&self, model: &Model) -> String {
        match self {
            Menu::Yank => "copy what?".into(),
            Menu::FilterBy => "show which rows?".into(),
            Menu::SortBy => "sort by what?".into(),
            Menu::Quit => model.desk().map_or_else(String::new, |desk| {
                let name = printable(&desk.name()).into_owned();
                match desk.draft.unsaved() {
                    1 => format!("1 change of {name} is not saved"),
                    unsaved => format!("{} changes of {name} are not saved", thousands(unsaved as u64)),
                }
            }),
            Menu::Changed(question) => question.clone(),
        }
    }
}

pub fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    close(model);
    match action {
        Action::SaveAndQuit => change::save(model, AfterSave::Quit, false),
        Action::DiscardAndQuit => vec![Effect::ForgetJournal, Effect::Quit(0)],
        Action::Overwrite => change::save(model, AfterSave::Stay, true),
        Action::ReadAgain => open::read_again(model),
        Action::Yank(_) | Action::Show(_) | Action::SortBy(_) => perform(model, action, None),
        _ => Vec::new(),
    }
}
