//! The keys of the screen below, from the key table; typing filters, Enter runs.

use super::{Screen, close, show};
use crate::app::effect::Effect;
use crate::app::keymap::{Action, BINDINGS, Binding, Scope};
use crate::app::line_input::LineInput;
use crate::app::model::Model;
use crate::app::update::{enabled, perform};

#[derive(Debug)]
pub struct Help {
    pub input: LineInput,
    /// The scopes of the screen that help was called on.
    pub scopes: Vec<Scope>,
    /// All screens instead.
    pub all: bool,
    pub choice: usize,
}

/// One line of help.
#[derive(Clone, Debug)]
pub struct Entry {
    pub binding: &'static Binding,
    pub keys: Vec<String>,
    /// Why it can't be done now.
    pub off: Option<&'static str>,
}

pub fn open(model: &mut Model) -> Vec<Effect> {
    if matches!(model.screens.last(), Some(Screen::Help(_))) {
        close(model);
        return Vec::new();
    }
    let scopes = model.scopes();
    show(model, Screen::Help(Help { input: LineInput::new(""), scopes, all: false, choice: 0 }));
    Vec::new()
}

/// The lines that match what is typed, in the order of the key table; how many there would be without.
pub fn entries(model: &Model, help: &Help) -> (Vec<Entry>, usize) {
    let word = help.input.text().trim().to_lowercase();
    let shown: Vec<&'static Binding> =
        BINDINGS.iter().filter(|b| (help.all || help.scopes.contains(&b.scope)) && !b.keys.is_empty()).collect();
    let all = shown.len();
    let mut entries: Vec<Entry> = shown
        .into_iter()
        .map(|binding| Entry {
            binding,
            keys: model
                .keymap
                .of(binding.scope)
                .find(|(b, _)| b.name == binding.name)
                .map(|(_, k)| k)
                .unwrap_or_default(),
            off: enabled(model, binding.action).err(),
        })
        .filter(|entry| {
            word.is_empty()
                || entry.binding.label.to_lowercase().contains(&word)
                || entry.binding.name.contains(&word)
                || entry.keys.iter().any(|key| key.to_lowercase() == word)
        })
        .collect();
    entries.sort_by_key(|entry| entry.binding.group);
    (entries, all)
}

pub fn typed(model: &mut Model) -> Vec<Effect> {
    if let Some(Screen::Help(help)) = model.screens.last_mut() {
        help.choice = 0;
    }
    Vec::new()
}

pub fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(Screen::Help(help)) = model.screens.last() else { return Vec::new() };
    let (offered, _) = entries(model, help);
    let chosen = offered.get(help.choice).map(|entry| (entry.binding.scope, entry.binding.action));
    let called_on = help.scopes.clone();
    let Some(Screen::Help(help)) = model.screens.last_mut() else { return Vec::new() };
    match action {
        Action::Down => help.choice = (help.choice + 1).min(offered.len().saturating_sub(1)),
        Action::Up => help.choice = help.choice.saturating_sub(1),
        Action::OtherScope => {
            help.all = !help.all;
            help.choice = 0;
        }
        Action::Back => close(model),
        Action::Accept => {
            close(model);
            // A key of another screen means nothing here, and `Y` is pressed in the gate or not at all.
            if let Some((scope, action)) = chosen
                && called_on.contains(&scope)
                && action != Action::Confirm
            {
                return perform(model, action, None);
            }
        }
        _ => {}
    }
    Vec::new()
}
