//! Which rows the operator wants to see, and in what order: text, state, rule, sort.

use super::draft::Snapshot;
use super::findings::Findings;
use super::manifest::{Field, Row, RowId};
use super::row_set::RowSet;
use super::rules::{Rule, Severity};
use memchr::memmem::Finder;

/// The states rows can be narrowed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StateFilter {
    All,
    Missing,
    Error,
    Warning,
    Edited,
    Excluded,
    Selected,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SortKey {
    File,
    Video,
    Transcript,
    Language,
    State,
}

/// What narrows and orders the rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// Words that a row must all hold, anywhere in its known fields.
    pub text: String,
    pub state: StateFilter,
    pub rule: Option<Rule>,
    pub sort: SortKey,
    /// The selection, when the state asks for it.
    pub selected: RowSet,
}

impl Default for Query {
    fn default() -> Self {
        Query { text: String::new(), state: StateFilter::All, rule: None, sort: SortKey::File, selected: RowSet::new() }
    }
}

impl Query {
    /// Keeps every row, in the file's order.
    pub fn is_plain(&self) -> bool {
        !self.narrows() && self.sort == SortKey::File
    }

    /// Keeps fewer than all rows.
    pub fn narrows(&self) -> bool {
        !self.text.trim().is_empty() || self.state != StateFilter::All || self.rule.is_some()
    }
}

/// Words to look for. Without a capital letter, case does not matter.
#[derive(Debug)]
pub struct Words {
    words: Vec<Finder<'static>>,
    fold: bool,
}

impl Words {
    pub fn new(text: &str) -> Words {
        let fold = !text.chars().any(char::is_uppercase);
        let words = text.split_whitespace().map(|w| Finder::new(w.as_bytes()).into_owned()).collect();
        Words { words, fold }
    }

    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Every word stands somewhere in the row's known fields.
    pub fn are_in(&self, row: &Row<'_>) -> bool {
        self.words.iter().all(|word| {
            Field::ALL.iter().any(|field| {
                let text = row.text(*field);
                if self.fold && text.chars().any(char::is_uppercase) {
                    word.find(text.to_lowercase().as_bytes()).is_some()
                } else {
                    word.find(text.as_bytes()).is_some()
                }
            })
        })
    }
}

/// Whether a row is kept.
pub fn keeps(query: &Query, words: &Words, snapshot: &Snapshot, findings: Option<&Findings>, row: RowId) -> bool {
    let state = match query.state {
        StateFilter::All => true,
        StateFilter::Missing => !snapshot.is_excluded(row) && snapshot.value(row, Field::Transcription).is_empty(),
        StateFilter::Error => worst(snapshot, findings, row) == Some(Severity::Error),
        StateFilter::Warning => worst(snapshot, findings, row) == Some(Severity::Warning),
        StateFilter::Edited => snapshot.is_edited(row),
        StateFilter::Excluded => snapshot.is_excluded(row),
        StateFilter::Selected => query.selected.contains(row),
    };
    state
        && query
            .rule
            .is_none_or(|rule| findings.is_some_and(|f| f.of_row(snapshot, row).iter().any(|hit| hit.rule == rule)))
        && (words.is_empty() || words.are_in(&snapshot.row(row)))
}

fn worst(snapshot: &Snapshot, findings: Option<&Findings>, row: RowId) -> Option<Severity> {
    findings?.of_row(snapshot, row).iter().map(|hit| hit.severity).min()
}
