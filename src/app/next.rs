//! Where a screen leads: plain data, so that no screen has to know another.

use super::action::Action;
use super::message::Message;
use super::session::{Question, Unsaved};
use crate::domain::bulk::Column;
use crate::domain::manifest::{Field, RowId};
use crate::domain::outcome::Attempt;
use crate::domain::pair::Class;
use crate::domain::rules::Rule;
use std::path::PathBuf;

/// What becomes of the screens after one of them acted.
#[derive(Debug, Default)]
pub enum Next {
    #[default]
    Stay,
    /// The screen in front is closed.
    Close,
    /// All screens over the table are closed.
    ToTable,
    Open(Target),
    /// The screen in front makes room for another.
    Instead(Target),
    /// The screen in front is closed, and what lies below carries this out.
    Run(Request),
    /// A prompt is closed, and what lies below gets its answer.
    Answer(Purpose, String),
    /// Another file takes the place of what is open.
    Load(PathBuf),
    /// The file is read again.
    ReadAgain(Unsaved),
    /// Back to the list of files.
    Choose,
    /// Leaves the program if nothing would be lost, else asks.
    Quit,
    /// `^c`: stops what runs; with nothing running, twice leaves the program.
    Interrupt,
    /// Not done, and this is why.
    Refuse(Message),
}

/// A command to be carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub action: Action,
    pub count: Option<u32>,
    /// What was typed behind the command's name.
    pub words: String,
    /// It was pressed, not chosen from a list or typed by its name.
    pub is_pressed: bool,
}

impl Request {
    pub fn of(action: Action) -> Request {
        Request { action, count: None, words: String::new(), is_pressed: false }
    }
}

/// A screen to be opened.
#[derive(Debug)]
pub enum Target {
    /// The editor of a field, with a text of its own or the field's.
    Editor {
        row: RowId,
        field: Field,
        text: Text,
    },
    Find(FindKind),
    Picker,
    Palette(String),
    Help,
    Problems,
    Pair,
    Decide(Ask),
    /// A change of many rows, counted before it is made.
    Bulk(BulkForm),
    Review,
    Gate,
    /// An upload of the ledger, and those around it.
    Result {
        attempt: Box<Attempt>,
        earlier: Vec<Attempt>,
    },
    Log,
    Prompt(Purpose, String),
    Menu(Menu),
}

/// Which rows are decided one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// All that want a decision.
    All,
    /// Those of a class that want one.
    Class(Class),
    /// All rows of a class, to look through.
    Through(Class),
    /// Filled rows that contradict their names.
    Contradict,
}

/// What a change of many rows is to be. Where nothing else is said: of the selection, else of the row in hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BulkForm {
    Set(Field, String),
    Clear(Field),
    Replace(Field),
    CopyAbove(Field),
    /// Pasted lines: to the selected rows, else from the row in hand on.
    FillDown(Field, Column),
    Fix,
    /// All rows; of all rules, or this one first.
    FixEverything(Option<Rule>),
}

/// What the editor opens with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Text {
    AsItIs,
    Empty,
    /// A text that was chosen elsewhere.
    Chosen(String),
    /// A text that was pasted: other forms of an S3 address are recognised.
    Pasted(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FindKind {
    Search,
    Filter,
}

/// What a line of text is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    OpenPath,
    SaveReply,
    ApiKey,
    SearchReply,
}

/// A question answered by one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Menu {
    Yank,
    FilterBy,
    SortBy,
    /// There are changes that are not saved.
    Quit,
    /// Of the session.
    Decide(Question),
}
