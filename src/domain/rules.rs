//! The rules for one row: one rule, one code, one severity, one sentence, perhaps one fix.

use super::manifest::{Field, Row};
use std::ops::Range;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    Error,
    Warning,
    Note,
}

/// A rule of the catalogue. Its code is an interface and never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Rule {
    RowNotObject,
    // …
}

impl Rule {
    /// `row-not-object`
    pub fn code(self) -> &'static str {
        todo!()
    }

    /// What the rule is about, for the list of problems: `not .srt or .vtt`.
    pub fn title(self) -> &'static str {
        todo!()
    }
}

/// A rule that a row breaks. Small: its sentence is written by [`explain`] when it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    pub rule: Rule,
    pub severity: Severity,
    pub field: Option<Field>,
    /// The part of the field's text at fault, in bytes of the decoded text.
    pub span: Range<u32>,
}

/// A hit, written out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub rule: Rule,
    pub severity: Severity,
    pub field: Option<Field>,
    pub span: Range<u32>,
    /// One sentence, printable.
    pub message: String,
    pub fix: Option<Fix>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fix {
    Set(Field, String),
    Exclude,
}

/// The rules that need nothing but the row itself, worst first.
pub fn check_row(_row: &Row<'_>, _hits: &mut Vec<Hit>) {
    todo!()
}

/// The sentence and the fix of a hit of [`check_row`].
pub fn explain(_row: &Row<'_>, _hit: &Hit) -> Finding {
    todo!()
}
