//! One change to many rows: counted before it is made, and applied as a single [`Edit`](crate::draft::Edit).
//!
//! A plan stores which rows belong to which count, but no new values: they are computed again when shown or written, so
//! a plan over a million rows stays small. Nothing here changes a draft.

mod column;
mod condition;
mod mend;
mod pattern;
mod plan;

pub use column::{Column, ColumnFault, FillDown};
pub use condition::{Condition, rows_where};
pub use mend::{Mend, fixes_of, mend};
pub use pattern::{Part, Pattern, PatternFault};
pub use plan::{InList, Plan, Sample, plan};

use crate::manifest::Field;
use crate::s3_url::{recognise, stored_form};
use crate::template::{Template, TemplateFault};

/// What to do to each row.
#[derive(Clone, Debug)]
pub enum Action {
    /// The same text in every row; see [`Action::set`].
    Set(Field, String),
    /// Restore the row's own empty state.
    Clear(Field),
    Replace(Field, Pattern),
    /// The value of the row above. In a run of rows: the row above the run, as in a spreadsheet.
    CopyAbove(Field),
    /// Each row gets its own pasted line.
    FillDown(Field, FillDown),
    /// Each row gets the template filled in for it.
    Fill(Field, Template),
}

impl Action {
    /// Normalises typed or pasted text: S3 address forms become `s3://`, a signed link loses its secret.
    pub fn set(field: Field, text: &str) -> Action {
        Action::Set(field, plain(field, text))
    }

    /// A typed value. With braces it is a template, in any field.
    ///
    /// # Errors
    /// [`TemplateFault`] with its position.
    pub fn typed(field: Field, text: &str) -> Result<Action, TemplateFault> {
        if text.contains(['{', '}']) {
            Template::read(text.trim()).map(|template| Action::Fill(field, template))
        } else {
            Ok(Action::set(field, text))
        }
    }

    pub fn field(&self) -> Field {
        match self {
            Action::Set(field, _)
            | Action::Clear(field)
            | Action::Replace(field, _)
            | Action::CopyAbove(field)
            | Action::FillDown(field, _)
            | Action::Fill(field, _) => *field,
        }
    }

    /// The counts shown even when they are 0, in order.
    pub fn classes(&self) -> &'static [Class] {
        match self {
            Action::Set(..) | Action::Fill(..) => &[Class::Changes, Class::AlreadySo, Class::WouldBreak],
            Action::Clear(_) => &[Class::Changes, Class::AlreadySo],
            Action::Replace(..) => &[Class::Changes, Class::AlreadySo, Class::NoMatch, Class::WouldBreak],
            Action::CopyAbove(_) => &[Class::Changes, Class::AlreadySo, Class::NothingAbove],
            Action::FillDown(..) => {
                &[Class::Changes, Class::AlreadySo, Class::WouldBreak, Class::LinesLeft, Class::RowsLeft]
            }
        }
    }
}

/// What happens to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    Changes,
    /// The row already holds the value.
    AlreadySo,
    NoMatch,
    NothingAbove,
    /// The row lacks something the template asks for.
    NoValue,
    /// The new value would break a rule of severity error.
    WouldBreak,
    /// Pasted lines without a row; they are not rows.
    LinesLeft,
    /// Target rows skipped by an empty line, or left over after the last line.
    RowsLeft,
    /// The row is not an object, so no field can be set.
    NotAnObject,
}

impl Class {
    pub const ALL: [Class; 9] = [
        Class::Changes,
        Class::AlreadySo,
        Class::NoMatch,
        Class::NothingAbove,
        Class::NoValue,
        Class::WouldBreak,
        Class::LinesLeft,
        Class::RowsLeft,
        Class::NotAnObject,
    ];

    /// The label shown before the count.
    pub fn word(self, action: &Action) -> &'static str {
        match self {
            Class::Changes => "changes",
            Class::AlreadySo if matches!(action, Action::Clear(_)) => "already empty",
            Class::AlreadySo => "already so",
            Class::NoMatch => "no match",
            Class::NothingAbove => "nothing above",
            Class::NoValue => "no value",
            Class::WouldBreak => "would break",
            Class::LinesLeft => "lines left",
            Class::RowsLeft => "rows left",
            Class::NotAnObject => "not an object",
        }
    }

    /// The name in JSON output.
    pub fn code(self) -> &'static str {
        match self {
            Class::Changes => "changes",
            Class::AlreadySo => "already_so",
            Class::NoMatch => "no_match",
            Class::NothingAbove => "nothing_above",
            Class::NoValue => "no_value",
            Class::WouldBreak => "would_break",
            Class::LinesLeft => "lines_left",
            Class::RowsLeft => "rows_left",
            Class::NotAnObject => "not_an_object",
        }
    }

    /// Whether a plan can make an edit of this class.
    pub fn can_be_written(self) -> bool {
        matches!(self, Class::Changes | Class::WouldBreak)
    }
}

/// Typed or pasted text in the form a draft may store.
fn plain(field: Field, text: &str) -> String {
    let text = text.trim();
    let url = match field {
        Field::Object | Field::Transcription => recognise(text),
        Field::IndexId | Field::Language => None,
    };
    url.or_else(|| stored_form(text)).unwrap_or_else(|| text.to_owned())
}

#[cfg(test)]
mod tests;
