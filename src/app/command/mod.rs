//! All commands in one table: name, bindings, scope, texts and requirements. Dispatch, footer, help, palette, `:` line,
//! remapping, the README's table and the manual page all read [`TABLE`].

mod keymap;
pub mod needs;
mod table;

pub use keymap::{Keymap, Lookup};
pub use table::TABLE;

use super::action::Action;
use super::message::Message;
use super::session::Session;
use std::borrow::Cow;

/// Where a command's bindings apply. A screen lists its scopes, innermost first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// On every screen, unless a text input has the focus.
    Global,
    /// On every screen, even in a text input.
    Always,
    /// After `:` on any screen: commands with arguments or without a binding.
    Typed,
    Table,
    /// Any one-line text input.
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
    /// Confirms writing new values that would be errors.
    Breaks,
    Merge,
    /// The rows of one class of a merge.
    MergeRows,
    /// Confirms leaving a merge with rows that are not taken or decided.
    LeaveMerge,
    Review,
    Recovery,
    Gate,
    Sending,
    /// A result with an unknown outcome, which the operator may settle.
    Settle,
    Result,
    RowsGate,
    SendingRows,
    /// Confirms leaving the program while rows go.
    LeavingRows,
    RowsResult,
    Log,
    Receipt,
    Follow,
    Keys,
    AddSource,
    Template,
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
    /// Its name, for the help.
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
            Scope::Merge => "the merge",
            Scope::MergeRows => "the rows of a merge",
            Scope::LeaveMerge => "leaving a merge",
            Scope::Review => "the review",
            Scope::Recovery => "recovered changes",
            Scope::Gate => "the upload",
            Scope::Sending => "an upload under way",
            Scope::Settle => "an unknown outcome",
            Scope::Result => "the result",
            Scope::RowsGate => "the upload row by row",
            Scope::SendingRows => "rows under way",
            Scope::LeavingRows => "leaving while rows go",
            Scope::RowsResult => "the result row by row",
            Scope::Log => "earlier uploads",
            Scope::Receipt => "the receipt",
            Scope::Follow => "following",
            Scope::Keys => "the sources of keys",
            Scope::AddSource => "one more source",
            Scope::Template => "the template",
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

/// Sections of the help screen and of the README's table.
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

/// Whether a command is available for the open manifest, if there is one; else why not.
pub type Needs = fn(Option<&Session>) -> Result<(), Why>;

/// Why a command is not available, and a command that helps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Why {
    pub text: Cow<'static, str>,
    pub offer: Option<(Action, &'static str)>,
}

impl From<&'static str> for Why {
    fn from(text: &'static str) -> Why {
        Why { text: Cow::Borrowed(text), offer: None }
    }
}

impl Why {
    pub const fn but(text: &'static str, action: Action, words: &'static str) -> Why {
        Why { text: Cow::Borrowed(text), offer: Some((action, words)) }
    }

    /// As [`Why::but`], where the sentence names something.
    pub fn naming(text: String, action: Action, words: &'static str) -> Why {
        Why { text: Cow::Owned(text), offer: Some((action, words)) }
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
    /// Default bindings in written form; hints show the first.
    pub keys: &'static [&'static str],
    /// The action it requests.
    pub action: Action,
    /// Name in the palette and in the settings' `[keys]` table.
    pub name: &'static str,
    /// Other names: what is typed after `:`, shortest first, and search words.
    pub aliases: &'static [&'static str],
    /// Arguments: `PATH`, or optional `[all]`.
    pub takes: &'static str,
    /// Two or three words for hints and help.
    pub label: &'static str,
    pub group: Group,
    /// Order on the hint line, from 1; 0 is not shown there.
    pub hint: u8,
    pub needs: Needs,
}

impl Command {
    /// The name to type after `:`.
    pub fn typed(&self) -> &'static str {
        match self.scope {
            Scope::Typed => self.aliases.first().copied().unwrap_or(self.name),
            _ => self.name,
        }
    }

    /// Whether this is its name or an alias.
    pub fn is_called(&self, name: &str) -> bool {
        self.name == name || self.aliases.contains(&name)
    }

    /// Whether it can run without arguments.
    pub fn is_whole(&self) -> bool {
        self.takes.is_empty() || self.takes.starts_with('[')
    }
}
