//! The keys of the screen below, from the table of commands; typing filters, Enter runs.

use crate::app::action::Action;
use crate::app::command::{Command, Scope, Why};
use crate::app::context::{Act, Ctx};
use crate::app::line_input::LineInput;
use crate::app::next::{Next, Request};

/// A command with the keys it has now.
#[derive(Clone, Debug)]
pub struct Offered {
    pub command: &'static Command,
    pub keys: Vec<String>,
    /// Why it can't be done now.
    pub off: Option<Why>,
}

#[derive(Debug)]
pub struct Help {
    pub input: LineInput,
    /// The scopes of the screen that help was called on.
    pub scopes: Vec<Scope>,
    /// All screens instead.
    pub all: bool,
    pub choice: usize,
    /// Every command that has a key, in the order of the table.
    pub offered: Vec<Offered>,
}

impl Help {
    pub fn new(scopes: Vec<Scope>, offered: Vec<Offered>) -> Help {
        let offered = offered.into_iter().filter(|it| !it.command.keys.is_empty()).collect();
        Help { input: LineInput::new(""), scopes, all: false, choice: 0, offered }
    }

    /// The lines that match what is typed, by group; how many there would be without.
    pub fn entries(&self) -> (Vec<&Offered>, usize) {
        let word = self.input.text().trim().to_lowercase();
        let shown: Vec<&Offered> =
            self.offered.iter().filter(|it| self.all || self.scopes.contains(&it.command.scope)).collect();
        let all = shown.len();
        let matches = |it: &&Offered| {
            word.is_empty()
                || it.command.label.to_lowercase().contains(&word)
                || it.command.name.contains(&word)
                || it.keys.iter().any(|key| key.to_lowercase() == word)
        };
        let mut entries: Vec<&Offered> = shown.into_iter().filter(matches).collect();
        entries.sort_by_key(|it| it.command.group);
        (entries, all)
    }
}

impl Act for Help {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Help, Scope::Input]
    }

    fn input(&mut self) -> Option<&mut LineInput> {
        Some(&mut self.input)
    }

    fn typed(&mut self, _ctx: &mut Ctx<'_>) -> Next {
        self.choice = 0;
        Next::Stay
    }

    fn act(&mut self, _ctx: &mut Ctx<'_>, request: &Request) -> Next {
        let (entries, _) = self.entries();
        let last = entries.len().saturating_sub(1);
        match request.action {
            Action::Down => self.choice = (self.choice + 1).min(last),
            Action::Up => self.choice = self.choice.saturating_sub(1),
            Action::OtherScope => {
                self.all = !self.all;
                self.choice = 0;
            }
            Action::Back | Action::Help => return Next::Close,
            Action::Accept => {
                // A key of another screen means nothing here, and `Y` is pressed in the gate or not at all.
                let chosen = entries.get(self.choice).map(|it| it.command);
                let chosen = chosen.filter(|it| self.scopes.contains(&it.scope) && it.action != Action::Confirm);
                return chosen.map_or(Next::Close, |command| Next::Run(Request::of(command.action)));
            }
            _ => {}
        }
        Next::Stay
    }
}
