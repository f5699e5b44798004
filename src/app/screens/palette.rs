//! The palette: runs a command by its exact name or alias, else the selected entry.

use super::help::Offered;
use crate::app::action::Action;
use crate::app::command::{Command, Scope, TABLE, Why};
use crate::app::context::{Act, Ctx};
use crate::app::line_input::LineInput;
use crate::app::message::Message;
use crate::app::next::{Next, Request, Target};
use crate::app::scroll::Scroll;
use crate::app::session::Session;
use crate::domain::printable::printable;

#[derive(Debug)]
pub struct Palette {
    pub input: LineInput,
    pub choice: usize,
    /// The commands of the screen that it was opened on.
    pub offered: Vec<Offered>,
}

impl Palette {
    pub fn new(text: &str, scopes: &[Scope], offered: Vec<Offered>) -> Palette {
        let hidden = |action| matches!(action, Action::Palette | Action::Back | Action::Confirm | Action::Text(_));
        let is_here = |it: &Offered| it.command.scope == Scope::Typed || scopes.contains(&it.command.scope);
        let mut offered: Vec<Offered> =
            offered.into_iter().filter(|it| is_here(it) && !hidden(it.command.action)).collect();
        if scopes.contains(&Scope::Chooser) || scopes.contains(&Scope::Unreadable) {
            // Without a table, its unavailable commands are noise.
            offered.retain(|it| it.off.is_none());
        }
        // Commands without a binding come first: they are found only here.
        offered.sort_by_key(|it| it.command.scope != Scope::Typed);
        Palette { input: LineInput::new(text), choice: 0, offered }
    }

    /// The commands that match the typed text, best first.
    pub fn entries(&self) -> Vec<&Offered> {
        let word = self.input.text().split_whitespace().next().unwrap_or_default().to_lowercase();
        let mut all: Vec<&Offered> = self.offered.iter().collect();
        if !word.is_empty() {
            all.retain(|it| rank(it.command, &word) < 4);
            all.sort_by_key(|it| rank(it.command, &word));
        }
        all
    }

    /// Runs the command with exactly this name or alias, else the selected entry; a number goes to that row.
    fn run(&self) -> Next {
        let text = self.input.text().trim();
        let (name, words) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        if let Ok(number) = name.replace(',', "").parse::<u32>()
            && self.offered.iter().any(|it| it.command.scope == Scope::Table)
        {
            return Next::Run(Request { count: Some(number), ..Request::of(Action::Last) });
        }
        let exact = self.offered.iter().find(|it| it.command.is_called(name));
        if let Some(exact) = exact {
            return Next::Run(Request { words: words.trim().to_owned(), ..Request::of(exact.command.action) });
        }
        match self.entries().get(self.choice) {
            Some(chosen) if chosen.command.is_whole() => Next::Run(Request::of(chosen.command.action)),
            Some(chosen) => Next::Instead(Target::Palette(format!("{} ", chosen.command.typed()))),
            None if name.is_empty() => Next::Close,
            None => {
                // A command of another screen is called so; without a file most are out of reach.
                let is_known = TABLE.iter().any(|command| command.is_called(name));
                let text = match is_known {
                    true => format!("{} does nothing here.", printable(name)),
                    false => format!("no command is called {}.", printable(name)),
                };
                Next::Refuse(Message::plain(text).offer(Action::Palette, "lists them"))
            }
        }
    }
}

impl Act for Palette {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Palette, Scope::Input]
    }

    fn can(&self, _session: Option<&Session>, action: Action) -> Result<(), Why> {
        match action {
            Action::Complete if self.entries().is_empty() => Err("nothing to complete: no command is called so".into()),
            _ => Ok(()),
        }
    }

    fn input(&mut self) -> Option<&mut LineInput> {
        Some(&mut self.input)
    }

    fn line(&self) -> Option<&LineInput> {
        Some(&self.input)
    }

    fn typed(&mut self, _ctx: &mut Ctx<'_>) -> Next {
        self.choice = 0;
        Next::Stay
    }

    fn act(&mut self, ctx: &mut Ctx<'_>, request: &Request) -> Next {
        match request.action {
            Action::Down | Action::Up | Action::PageDown | Action::PageUp => {
                // The input and a blank row are above the list.
                let height = usize::from(ctx.layout().body.height).saturating_sub(2);
                let mut scroll = Scroll { cursor: self.choice, top: 0 };
                scroll.act(request.action, None, self.entries().len(), height);
                self.choice = scroll.cursor;
            }
            Action::Complete => {
                let name = self.entries().get(self.choice).map(|chosen| format!("{} ", chosen.command.typed()));
                if let Some(name) = name {
                    self.input.replace(&name);
                }
            }
            Action::Back => return Next::Close,
            Action::Accept => return self.run(),
            _ => {}
        }
        Next::Stay
    }
}

/// How well a command matches a word: 0 exactly, 4 not at all.
fn rank(command: &Command, word: &str) -> u8 {
    let begins = |name: &&str| name.starts_with(word);
    match command {
        command if command.is_called(word) => 0,
        command if command.name.starts_with(word) || command.aliases.iter().any(begins) => 1,
        command if command.name.contains(word) => 2,
        command if command.label.to_lowercase().contains(word) => 3,
        _ => 4,
    }
}
