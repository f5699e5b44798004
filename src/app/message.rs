//! The message line: a sentence on what just happened, and the commands offered with it. It names commands, never
//! keystrokes: the current bindings are filled in when it is drawn.

use super::action::Action;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    Fine,
    Warning,
    Error,
    Unknown,
    /// Nothing runs, as the operator wanted.
    Still,
    /// Nothing is there yet.
    Missing,
    Plain,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub mark: Mark,
    pub text: String,
    /// The same for narrower windows: each leaves out the least.
    pub shorter: Vec<String>,
    pub offers: Vec<Offer>,
    /// It remains until the next message, instead of going with the next command.
    pub stays: bool,
    /// Nobody asked for it: it does not take the place of one that is to be read first.
    pub unasked: bool,
    /// It is shown only where no other message stands: it must not take the place of an answer to a key.
    pub gives_way: bool,
    /// It is said once: what comes in the background waits until a key was pressed.
    pub read_first: bool,
}

/// A command offered with a message: `u undo`, `:source FILE reads a list`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer {
    pub action: Action,
    /// A second action, on the screen that the first one opens.
    pub then: Option<Action>,
    /// Argument of a `:` command: `FILE`.
    pub takes: &'static str,
    /// What it does here.
    pub words: &'static str,
    /// It takes the place of `#` in the words.
    pub count: u64,
}

impl Message {
    pub fn new(mark: Mark, text: impl Into<String>) -> Message {
        Message {
            mark,
            text: text.into(),
            shorter: Vec::new(),
            offers: Vec::new(),
            stays: false,
            unasked: false,
            gives_way: false,
            read_first: false,
        }
    }

    pub fn plain(text: impl Into<String>) -> Message {
        Message::new(Mark::Plain, text)
    }

    pub fn fine(text: impl Into<String>) -> Message {
        Message::new(Mark::Fine, text)
    }

    pub fn warning(text: impl Into<String>) -> Message {
        Message::new(Mark::Warning, text)
    }

    pub fn error(text: impl Into<String>) -> Message {
        Message::new(Mark::Error, text)
    }

    /// Text was sent to the terminal's clipboard. Terminals do not confirm that they took it.
    pub fn handed(what: &str) -> Message {
        Message::plain(format!("{what}: handed to the terminal's clipboard"))
    }

    /// Where the line is too short, what comes before the last colon is cut: this must not be.
    pub fn no_journal(fault: &str) -> Message {
        let fault = fault.replace(": ", ", ");
        Message::warning(format!("{fault}: the journal keeps no edits, save often")).staying()
    }

    /// See [`Message::shorter`].
    #[must_use]
    pub fn or_shorter(self, texts: impl IntoIterator<Item = String>) -> Message {
        Message { shorter: texts.into_iter().collect(), ..self }
    }

    #[must_use]
    pub fn staying(self) -> Message {
        Message { stays: true, ..self }
    }

    #[must_use]
    pub fn read_first(self) -> Message {
        Message { read_first: true, ..self }
    }

    #[must_use]
    pub fn unasked(self) -> Message {
        Message { unasked: true, ..self }
    }

    /// See [`Message::gives_way`].
    pub fn giving_way(self) -> Message {
        Message { gives_way: true, ..self }
    }

    #[must_use]
    pub fn offer(self, action: Action, words: &'static str) -> Message {
        self.offer_with(action, "", words)
    }

    /// Offers a `:` command with its argument.
    #[must_use]
    pub fn offer_with(mut self, action: Action, takes: &'static str, words: &'static str) -> Message {
        self.offers.push(Offer { action, then: None, takes, words, count: 0 });
        self
    }

    /// Offers a command that opens a screen, and an action on that screen.
    #[must_use]
    pub fn offer_then(mut self, action: Action, then: Action, words: &'static str) -> Message {
        self.offers.push(Offer { action, then: Some(then), takes: "", words, count: 0 });
        self
    }

    /// A command that does something to so many: `does that to the # like it`.
    #[must_use]
    pub fn offer_count(mut self, action: Action, words: &'static str, count: u64) -> Message {
        self.offers.push(Offer { action, then: None, takes: "", words, count });
        self
    }
}
