//! What just happened, in a sentence, and the commands that answer it. It names commands, never keys: those are put in from
//! the key map in force when the message is drawn.

use super::action::Action;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    Fine,
    Warning,
    Error,
    Unknown,
    Plain,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub mark: Mark,
    pub text: String,
    pub offers: Vec<Offer>,
    /// It is too important to go with the next key: it waits for the next message.
    pub stays: bool,
}

/// A command that answers a message: `u undo`, `:source FILE reads a list`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer {
    pub action: Action,
    /// What is pressed after it, on the screen that it opens.
    pub then: Option<Action>,
    /// What follows a typed command's name: `FILE`.
    pub takes: &'static str,
    /// What it does here.
    pub words: &'static str,
    /// It takes the place of `#` in the words.
    pub count: u64,
}

impl Message {
    pub fn new(mark: Mark, text: impl Into<String>) -> Message {
        Message { mark, text: text.into(), offers: Vec::new(), stays: false }
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

    /// Something was copied. Whether the terminal put it into the clipboard it does not say.
    pub fn handed(what: &str) -> Message {
        Message::fine(format!("{what}: handed to the terminal to copy"))
    }

    #[must_use]
    pub fn staying(self) -> Message {
        Message { stays: true, ..self }
    }

    #[must_use]
    pub fn offer(self, action: Action, words: &'static str) -> Message {
        self.offer_with(action, "", words)
    }

    /// A command that is typed, and what follows its name.
    #[must_use]
    pub fn offer_with(mut self, action: Action, takes: &'static str, words: &'static str) -> Message {
        self.offers.push(Offer { action, then: None, takes, words, count: 0 });
        self
    }

    /// A command that opens a screen, and what is chosen there.
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
