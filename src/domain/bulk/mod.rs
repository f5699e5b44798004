//! One change to many rows: what it would come to, told before it is made, and the one
//! [`Edit`](crate::domain::draft::Edit) that makes it.
//!
//! A plan keeps which rows belong to which count and no new value: values are worked out again when they are shown or
//! written, so a plan over a million rows is small. Nothing here changes a draft.

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

use crate::domain::manifest::Field;
use crate::domain::s3_url::{recognise, stored_form};
use crate::domain::template::{Template, TemplateFault};

/// What is done to each row.
#[derive(Clone, Debug)]
pub enum Action {
    /// The same text; see [`Action::set`].
    Set(Field, String),
    /// Back to the row's own empty state.
    Clear(Field),
    Replace(Field, Pattern),
    /// What the row above holds: in a run of rows, what stands above the run, as in a spreadsheet.
    CopyAbove(Field),
    /// To each of some rows its own line.
    FillDown(Field, FillDown),
    /// To each row what a template comes to for it.
    Fill(Field, Template),
}

impl Action {
    /// As it was typed or pasted: other forms of an S3 address as `s3://`, a signed link without its secret.
    pub fn set(field: Field, text: &str) -> Action {
        Action::Set(field, plain(field, text))
    }

    /// A value that was typed: with braces it is a template, whatever the field.
    ///
    /// # Errors
    /// [`TemplateFault`] with its place.
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

    /// The counts that its form shows even when they are 0, in order.
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

/// What comes of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    Changes,
    /// It holds the value already.
    AlreadySo,
    NoMatch,
    NothingAbove,
    /// The row has none of something that the template asks for.
    NoValue,
    /// The new value would be an error by the rules.
    WouldBreak,
    /// Of pasted lines, those without a row. They are no rows.
    LinesLeft,
    /// Of the rows that lines were pasted onto, those that an empty line skipped or that no line was left for.
    RowsLeft,
    /// The row is no object: nothing can be set in it.
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

    /// Its word before the count.
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

    /// Its name in data.
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

    /// A plan can make an edit of it.
    pub fn can_be_written(self) -> bool {
        matches!(self, Class::Changes | Class::WouldBreak)
    }
}

/// What a person typed or pasted, as it may stand in a draft.
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
