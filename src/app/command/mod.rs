//! What can be done, in one table: each command with its name, keys, scope, words, and what it needs. Dispatch, footer,
//! help, palette, `:` line, remapping, the README's table and the manual page all read [`TABLE`].

mod keymap;
pub mod needs;
mod table;

pub use keymap::{Keymap, Lookup};
pub use table::TABLE;

use super::action::Action;
use super::message::Message;
use super::session::Session;

/// Where a command's keys hold. A screen looks in its own scope first, then in those behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// Everywhere, unless letters are text.
    Global,
    /// Everywhere, also where letters are text.
    Always,
    /// After `:`, on whatever screen: a command that takes words, or that has no key.
    Typed,
    Table,
    /// Whatever has one line of text to type into.
    Input,
    Editor,
    Find,
    Picker,
    Palette,
    Help,
    Problems,
    Pair,
    Decide,
    Bulk,
    /// New values would be errors: they are written only if somebody says so.
    Breaks,
    Review,
    Recovery,
    Gate,
    Sending,
    /// A result whose outcome the operator may settle.
    Settle,
    Result,
    Log,
    Chooser,
    Unreadable,
    Prompt,
    Yank,
    FilterBy,
    SortBy,
    Quit,
    Changed,
    CheckOnline,
}

impl Scope {
    /// Where its keys hold, in words.
    pub const fn title(self) -> &'static str {
        match self {
            Scope::Global => "every list",
            Scope::Always => "every screen",
            Scope::Typed => "typed after :",
            Scope::Table => "the table",
            Scope::Input => "a line of text",
            Scope::Editor => "the editor",
            Scope::Find => "search and filter",
            Scope::Picker => "the picker",
            Scope::Palette => "the commands",
            Scope::Help => "the help",
            Scope::Problems => "the problems",
            Scope::Pair => "pairs",
            Scope::Decide => "deciding row by row",
            Scope::Bulk => "a change of many rows",
            Scope::Breaks => "values that would be errors",
            Scope::Review => "the review",
            Scope::Recovery => "recovered changes",
            Scope::Gate => "the upload",
            Scope::Sending => "an upload under way",
            Scope::Settle => "an unknown outcome",
            Scope::Result => "the result",
            Scope::Log => "earlier uploads",
            Scope::Chooser => "the list of files",
            Scope::Unreadable => "a file that can't be read",
            Scope::Prompt => "a question for a line",
            Scope::Yank => "what to copy",
            Scope::FilterBy => "which rows to show",
            Scope::SortBy => "what to sort by",
            Scope::Quit => "leaving with changes",
            Scope::Changed => "a file changed meanwhile",
            Scope::CheckOnline => "what to check online",
        }
    }
}

/// The blocks of the help screen and of the README's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Group {
    Move,
    Change,
    Select,
    Find,
    Send,
    Answer,
    Type,
    Leave,
}

impl Group {
    pub const fn title(self) -> &'static str {
        match self {
            Group::Move => "move",
            Group::Change => "change",
            Group::Select => "select",
            Group::Find => "find",
            Group::Send => "send",
            Group::Answer => "answer",
            Group::Type => "type",
            Group::Leave => "leave",
        }
    }
}

/// Whether a command can be carried out on the open manifest, if there is one; else why not.
pub type Needs = fn(Option<&Session>) -> Result<(), Why>;

/// Why a command can't be carried out now, and the command that changes that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Why {
    pub text: &'static str,
    pub offer: Option<(Action, &'static str)>,
}

impl From<&'static str> for Why {
    fn from(text: &'static str) -> Why {
        Why { text, offer: None }
    }
}

impl Why {
    pub const fn but(text: &'static str, action: Action, words: &'static str) -> Why {
        Why { text, offer: Some((action, words)) }
    }

    pub fn message(self) -> Message {
        let message = Message::plain(self.text);
        match self.offer {
            Some((action, words)) => message.offer(action, words),
            None => message,
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub struct Command {
    pub scope: Scope,
    /// As written for people; the first is the one that hints show.
    pub keys: &'static [&'static str],
    /// What the screen in front, or the program, does with it.
    pub action: Action,
    /// Its name in the palette and in the settings' `[keys]` table.
    pub name: &'static str,
    /// Other names that are typed after `:`, the shortest first, and words that people look for.
    pub aliases: &'static [&'static str],
    /// What follows the name: `PATH`, `[all]`.
    pub takes: &'static str,
    /// Two or three words for hints and help.
    pub label: &'static str,
    pub group: Group,
    /// Place on the hint line, most useful first; 0 is never shown there.
    pub hint: u8,
    pub needs: Needs,
}

impl Command {
    /// What is typed after `:` for it.
    pub fn typed(&self) -> &'static str {
        match self.scope {
            Scope::Typed => self.aliases.first().copied().unwrap_or(self.name),
            _ => self.name,
        }
    }

    /// It has this name.
    pub fn is_called(&self, name: &str) -> bool {
        self.name == name || self.aliases.contains(&name)
    }

    /// It can be carried out without words.
    pub fn is_whole(&self) -> bool {
        self.takes.is_empty() || self.takes.starts_with('[')
    }
}
