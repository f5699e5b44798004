//! Transitions between screens, as plain data: no screen has to know another.

use super::action::Action;
use super::message::Message;
use super::msg::{RowsRead, SourceId};
use super::session::{Question, Unsaved};
use crate::domain::bulk::Column;
use crate::domain::manifest::{Field, RowId};
use crate::domain::outcome::Attempt;
use crate::domain::pair::Class;
use crate::domain::row_set::RowSet;
use crate::domain::rules::Rule;
use std::path::PathBuf;

/// What happens to the stack of screens after one of them acted.
#[derive(Debug, Default)]
pub enum Next {
    #[default]
    Stay,
    /// Closes the screen in front.
    Close,
    /// Closes all screens over the table.
    ToTable,
    Open(Target),
    /// Replaces the screen in front.
    Instead(Target),
    /// Closes the screen in front and carries this out on the one below.
    Run(Request),
    /// Closes the prompt and passes its answer to the screen below.
    Answer(Purpose, String),
    /// Opens another file in place of the open one.
    Load(PathBuf),
    /// As [`Next::Load`], and says why.
    LoadSaying(PathBuf, Message),
    /// Opens a fresh export in place of the open manifest, to merge that one's transcripts into it.
    Merge(PathBuf),
    /// Reads the file again.
    ReadAgain(Unsaved),
    /// Goes back to the file chooser.
    Choose,
    /// Quits if nothing would be lost, else asks.
    Quit,
    /// Stops what runs; with nothing running, the second interrupt quits.
    Interrupt,
    /// Closes the screen in front and says why nothing was done.
    Refuse(Message),
}

/// A command to carry out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub action: Action,
    pub count: Option<u32>,
    /// Arguments typed after the command's name.
    pub words: String,
    /// It was invoked by its binding, not from a list or by its name.
    pub is_pressed: bool,
}

impl Request {
    pub fn of(action: Action) -> Request {
        Request { action, count: None, words: String::new(), is_pressed: false }
    }
}

/// A screen to open.
#[derive(Debug)]
pub enum Target {
    /// The editor of a field.
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
    /// A bulk change, counted before it is made.
    Bulk(BulkForm),
    Merge,
    Review,
    Gate,
    /// The gate before a send row by row, with what came before it.
    RowsGate(Option<String>),
    /// An upload from the ledger, with the other ones in it.
    Result {
        attempt: Box<Attempt>,
        earlier: Vec<Attempt>,
    },
    /// A send row by row from the ledger.
    RowsOf(Box<RowsRead>),
    Log,
    Receipt(ReceiptOf),
    /// What became of the rows of an attempt; None for the newest one of the open file.
    Follow(Option<i64>),
    /// The sources of transcript S3 keys.
    Keys,
    /// Adds a source of S3 keys. Once it has some, `then` runs on the screen below. With `place`, asks for the bucket
    /// and folder of that source.
    AddSource {
        then: Option<Action>,
        place: Option<SourceId>,
    },
    /// The template screen, with the template of an answer, else the learnt one.
    Template(Option<AnswerOf>),
    Prompt(Purpose, String),
    Menu(Menu),
}

/// Which receipt to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiptOf {
    /// None for the newest attempt of the open file, or else of all.
    pub attempt: Option<i64>,
    /// Another file to compare than the one that was sent.
    pub against: Option<PathBuf>,
    /// The screen it is opened from; empty for any.
    pub from: &'static str,
    /// Its place among the attempts, from 1, and their number.
    pub place: Option<(usize, usize)>,
}

impl ReceiptOf {
    /// `:receipt [N] [PATH]`
    pub fn typed(words: &str) -> ReceiptOf {
        let (first, rest) = words.split_once(char::is_whitespace).unwrap_or((words, ""));
        let (attempt, path) = match first.parse() {
            Ok(attempt) => (Some(attempt), rest.trim()),
            Err(_) => (None, words),
        };
        let against = (!path.is_empty()).then(|| PathBuf::from(path));
        ReceiptOf { attempt, against, from: "", place: None }
    }
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

/// Kind of bulk change. Unless a variant says otherwise, it applies to the selection, else to the row under the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BulkForm {
    Set(Field, String),
    Clear(Field),
    Replace(Field),
    CopyAbove(Field),
    /// Pasted lines, one a row: into the selection, else from the row under the cursor on.
    FillDown(Field, Column),
    Fix,
    /// Fixes of all rules in all rows; those of the given rule come first.
    FixEverything(Option<Rule>),
}

/// A row that was answered, and the rows with the same question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerOf {
    pub row: RowId,
    pub rows: RowSet,
}

/// Initial text of the editor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Text {
    AsItIs,
    Empty,
    /// Text chosen on another screen.
    Chosen(String),
    /// Pasted text: other forms of an S3 URL are recognised.
    Pasted(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FindKind {
    Search,
    Filter,
}

/// What a prompt asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    OpenPath,
    SaveReply,
    ApiKey,
    SearchReply,
    TemplateName,
    VerifyFile,
}

/// A question answered with one keystroke.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Menu {
    Yank,
    FilterBy,
    SortBy,
    /// Quitting with unsaved changes.
    Quit,
    /// A question of the session.
    Decide(Question),
}
