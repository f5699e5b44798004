//! The rules for one row: one rule, one code, one severity, one sentence, perhaps one fix.
//!
//! [`check_row`] runs for every row and at every keystroke: it allocates nothing for a sound row and writes no
//! sentence. [`explain()`] writes the sentence when it is shown. Neither ever puts the query of a signed URL into a
//! message.
//!
//! One mistake gives one finding: a text that is not an S3 address is not judged as bucket and key; a signed link is
//! only a signed link; blanks around a value are reported and the trimmed value is judged; an empty language is not
//! also undocumented; a missing key has no extension to judge.
//!
//! `null` in a required field is [`Rule::FieldNotString`]; in `transcription` it is one of the three ways to say
//! "none".

mod catalogue;
mod eased;
mod explain;
mod places;
mod stem;
mod values;

pub use catalogue::{Rule, Severity};
pub use explain::{explain, may_fix};
pub(crate) use stem::names_differ;
pub use values::is_index_id;
pub(crate) use values::is_video_extension;

use super::manifest::{Field, Row, Value};
use std::borrow::Cow;
use std::ops::Range;

/// A rule that a row breaks. Small: [`explain()`] writes its sentence when it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    pub rule: Rule,
    pub severity: Severity,
    pub field: Option<Field>,
    /// The faulty part of the field's decoded text, in bytes.
    pub span: Range<u32>,
}

impl Hit {
    fn new(rule: Rule, field: Field, span: Range<usize>) -> Hit {
        // No field is 4 GB long; a longer one would only lose its caret.
        let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Hit { rule, severity: rule.severity(), field: Some(field), span: place(span.start)..place(span.end) }
    }

    fn with(self, severity: Severity) -> Hit {
        Hit { severity, ..self }
    }

    fn after(mut self, bytes: usize) -> Hit {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        self.span = self.span.start.saturating_add(bytes)..self.span.end.saturating_add(bytes);
        self
    }
}

/// A hit with its sentence and fix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub rule: Rule,
    pub severity: Severity,
    pub field: Option<Field>,
    pub span: Range<u32>,
    /// One or two sentences, printable.
    pub message: String,
    pub fix: Option<Fix>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fix {
    Set(Field, String),
    Exclude,
}

/// The rules that need only the row itself, worst first. Appends to `hits`, at most one for each rule and field.
pub fn check_row(row: &Row<'_>, hits: &mut Vec<Hit>) {
    let start = hits.len();
    if !row.is_object {
        let rule = Rule::RowNotObject;
        hits.push(Hit { rule, severity: rule.severity(), field: None, span: 0..0 });
        return;
    }
    let mut keys = [None, None];
    if row.misspelt().is_some() {
        let rule = Rule::FieldMisspelt;
        hits.push(Hit { rule, severity: rule.severity(), field: None, span: 0..0 });
    }
    for field in Field::ALL {
        if row.is_repeated(field) {
            hits.push(Hit::new(Rule::FieldDuplicate, field, 0..row.text(field).len()));
        }
        match (field, row.value(field)) {
            (Field::Transcription, value) if value.is_empty() => {
                hits.push(Hit::new(Rule::TranscriptionMissing, field, 0..0))
            }
            (_, Value::Absent) => hits.push(Hit::new(Rule::FieldMissing, field, 0..0)),
            (_, Value::Null | Value::Other(_)) => hits.push(Hit::new(Rule::FieldNotString, field, 0..0)),
            (Field::IndexId, Value::Text(text)) => values::index_id(text, hits),
            (Field::Language, Value::Text(text)) => values::language(text, hits),
            (Field::Object, Value::Text(text)) => keys[0] = values::url(field, text, hits),
            (Field::Transcription, Value::Text(text)) => keys[1] = values::url(field, text, hits),
        }
    }
    let [object, transcription] = keys;
    if let Some((at, key)) = object {
        values::video_name(at, key, hits);
    }
    if let Some((at, key)) = transcription {
        values::transcript_name(at, key, hits);
        if let Some((_, video)) = object
            && let Some(difference) = stem::difference(video, key)
        {
            let from = at + difference.at;
            hits.push(Hit::new(Rule::StemMismatch, Field::Transcription, from..from + difference.transcript.len()));
        }
    }
    if let Some(new) = hits.get_mut(start..)
        && new.len() > 1
    {
        new.sort_by_key(|hit| (hit.severity, hit.rule, hit.field));
    }
}

/// The worst error a text would cause in a field, independent of the row. `hits` is a scratch buffer.
pub fn error_in(field: Field, text: &str, hits: &mut Vec<Hit>) -> Option<Rule> {
    hits.clear();
    match field {
        Field::IndexId => values::index_id(text, hits),
        Field::Language => values::language(text, hits),
        Field::Transcription if text.is_empty() => {}
        Field::Object | Field::Transcription => {
            let key = values::url(field, text, hits);
            if let Some((at, key)) = key.filter(|_| field == Field::Transcription) {
                values::transcript_name(at, key, hits);
            }
        }
    }
    hits.iter().filter(|hit| hit.severity == Severity::Error).map(|hit| hit.rule).min()
}

/// The row with another text in a field: what the editor checks while the operator types.
pub fn with_text<'a>(row: &Row<'a>, field: Field, text: &'a str) -> Row<'a> {
    let value = |f: Field| if f == field { Value::Text(Cow::Borrowed(text)) } else { row.value(f).clone() };
    let repeated = Field::ALL.into_iter().filter(|f| row.is_repeated(*f)).fold(0, |bits, f| bits | 1 << f as u8);
    Row::new(row.is_object, Field::ALL.map(value), repeated).misspelt_as(row)
}
