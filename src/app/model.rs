//! Everything the screens show. Changed by [`super::update()`] only.

use super::keymap::{Keymap, Scope};
use super::msg::{JobId, Moment};
use super::screens::{Chooser, Screen, SendScreen, Unreadable};
use super::session::Session;
use crate::domain::limits::Limits;
use crate::domain::request::Address;

/// What the settings say that the screens show or obey.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// `api.twelvelabs.io`
    pub host: String,
    /// Where the upload goes.
    pub address: Option<Address>,
    pub profile: Option<String>,
    /// The environment variable that holds the API key, if one does.
    pub key_variable: Option<&'static str>,
    /// The profile wants the row count typed before a send.
    pub protect: bool,
    pub offline: bool,
    /// The vendor's limits that videos are held against.
    pub limits: Limits,
    /// Sources of transcript keys given on the command line.
    pub sources: Vec<String>,
}

/// How the screens look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    pub ascii: bool,
    pub no_color: bool,
    pub high_contrast: bool,
}

/// What just happened, on the message line until the next one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub mark: Mark,
    pub text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    Fine,
    Warning,
    Error,
    Unknown,
    Plain,
}

impl Message {
    pub fn new(mark: Mark, text: impl Into<String>) -> Message {
        Message { mark, text: text.into() }
    }
}

/// What stands under all screens.
#[derive(Debug)]
pub enum Stage {
    Choosing(Chooser),
    Open(Box<Session>),
    Unreadable(Unreadable),
}

/// Keys typed so far that are no whole command yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pending {
    pub count: Option<u32>,
    pub keys: Vec<super::key::Key>,
}

impl Pending {
    pub fn is_empty(&self) -> bool {
        self.count.is_none() && self.keys.is_empty()
    }
}

#[derive(Debug)]
pub struct Model {
    pub options: Options,
    pub look: Look,
    pub keymap: Keymap,
    /// Columns and rows of the terminal, in cells.
    pub size: (u16, u16),
    pub now: Moment,
    pub stage: Stage,
    /// Over the stage, the last one in front.
    pub screens: Vec<Screen>,
    pub message: Option<Message>,
    pub pending: Pending,
    /// What was last copied: what `p` puts.
    pub clipboard: Option<String>,
    /// `^c` was pressed with nothing running: once more quits.
    pub interrupted: bool,
    /// A question came up by itself: keys typed before this moment, in unix milliseconds, were meant for another screen.
    pub typeahead_blocked_until: i64,
    /// Steps of the spinner.
    pub ticks: u64,
    next_job: u64,
}

impl Model {
    pub fn new(options: Options, look: Look, keymap: Keymap, size: (u16, u16)) -> Model {
        Model {
            options,
            look,
            keymap,
            size,
            now: Moment::default(),
            stage: Stage::Choosing(Chooser::default()),
            screens: Vec::new(),
            message: None,
            pending: Pending::default(),
            clipboard: None,
            interrupted: false,
            typeahead_blocked_until: 0,
            ticks: 0,
            next_job: 0,
        }
    }

    /// A number no other job of this session has.
    pub fn new_job(&mut self) -> JobId {
        self.next_job += 1;
        JobId(self.next_job)
    }

    pub fn session(&self) -> Option<&Session> {
        match &self.stage {
            Stage::Open(session) => Some(session),
            _ => None,
        }
    }

    pub fn session_mut(&mut self) -> Option<&mut Session> {
        match &mut self.stage {
            Stage::Open(session) => Some(session),
            _ => None,
        }
    }

    pub fn say(&mut self, mark: Mark, text: impl Into<String>) {
        self.message = Some(Message::new(mark, text));
    }

    /// Something would be lost if the program ended without a journal.
    pub fn has_unsaved(&self) -> bool {
        match &self.stage {
            Stage::Open(session) => {
                session.draft.is_dirty() || session.unsaved_edits.is_some() || session.offer.is_some()
            }
            Stage::Unreadable(unreadable) => unreadable.unsaved_edits.is_some(),
            Stage::Choosing(_) => false,
        }
    }

    pub fn blocks_typeahead(&self) -> bool {
        self.now.unix_ms < self.typeahead_blocked_until
    }

    /// Keys typed right now were not meant for the question that comes up.
    pub fn block_typeahead(&mut self) {
        self.typeahead_blocked_until = self.now.unix_ms + 400;
    }

    /// Changes of a crashed session wait to be taken or dropped.
    pub fn is_recovering(&self) -> bool {
        self.screens.iter().any(|screen| matches!(screen, Screen::Review(review) if review.recovered.is_some()))
    }

    /// The cursor stands on the row of that number, as shown.
    pub fn is_on_row(&self, number: &str) -> bool {
        self.session().and_then(Session::current).is_some_and(|row| (u64::from(row) + 1).to_string() == number)
    }

    /// Something runs: the spinner turns.
    pub fn is_busy(&self) -> bool {
        let sending = self.screens.iter().any(|screen| match screen {
            Screen::Send(send) => match &**send {
                SendScreen::Gate(gate) => gate.job.is_some(),
                SendScreen::Sending(_) => true,
                SendScreen::Result(_) => false,
            },
            Screen::Picker(picker) => picker.job.is_some(),
            _ => false,
        });
        sending || self.session().is_some_and(Session::is_busy)
    }

    /// The scopes a key is looked up in, nearest first.
    pub fn scopes(&self) -> Vec<Scope> {
        let mut scopes = match self.screens.last() {
            Some(screen) => screen.scopes(),
            None => match &self.stage {
                Stage::Choosing(_) => vec![Scope::Chooser, Scope::Global],
                Stage::Open(_) => vec![Scope::Table, Scope::Global],
                Stage::Unreadable(_) => vec![Scope::Unreadable, Scope::Global],
            },
        };
        scopes.push(Scope::Always);
        scopes
    }
}
