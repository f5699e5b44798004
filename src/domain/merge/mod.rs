//! Carries the transcripts of an edited manifest into a fresh export: by index and video, then by video alone.
//!
//! The export keeps every byte that no transcript replaces. Nothing is guessed: if a video occurs in two rows, or both
//! files have a transcript, the operator decides. Every transcript of the old file is carried over, already in the
//! export, up for decision, or listed as gone.

mod matching;

pub use matching::merge;

use crate::draft::{Change, Edit, Snapshot};
use crate::manifest::{Field, RowId};
use crate::row_set::RowSet;
use crate::s3_url::stored_form;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// How a row of one file relates to the other file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// Index and video agree; the old file has a transcript, the export has none.
    SameRow,
    /// The video agrees, the index differs.
    SameVideo,
    /// Both have a transcript, but different ones.
    Conflict,
    /// Language or index differ; the export's are kept. Such a row may belong to another class, too.
    Changed,
    /// Only in the export.
    New,
    /// Only in the old file; the rows are the old file's.
    Gone,
}

impl Class {
    pub const ALL: [Class; 6] =
        [Class::SameRow, Class::SameVideo, Class::Conflict, Class::Changed, Class::New, Class::Gone];

    pub fn word(self) -> &'static str {
        match self {
            Class::SameRow => "same row",
            Class::SameVideo => "same video",
            Class::Conflict => "conflict",
            Class::Changed => "changed",
            Class::New => "new",
            Class::Gone => "gone",
        }
    }

    /// The name in JSON output.
    pub fn code(self) -> &'static str {
        match self {
            Class::SameRow => "same_row",
            Class::SameVideo => "same_video",
            Class::Conflict => "conflict",
            Class::Changed => "changed",
            Class::New => "new",
            Class::Gone => "gone",
        }
    }

    /// Whether its rows may get a transcript, by themselves or after a decision.
    pub fn carries(self) -> bool {
        matches!(self, Class::SameRow | Class::SameVideo | Class::Conflict)
    }
}

/// The comparison of two files, each at one revision.
#[derive(Clone, Debug)]
pub struct Merge {
    old: Snapshot,
    new: Snapshot,
    /// For each row of the export, the matching row of the old file.
    from: Vec<RowId>,
    classes: [RowSet; Class::ALL.len()],
    sure: RowSet,
    to_decide: BTreeMap<RowId, u32>,
    /// For each question, the rows of the old file with the transcripts to choose from, each transcript once.
    choices: Vec<Vec<RowId>>,
    /// Rows of the export that already have the old file's transcript.
    agree: RowSet,
    exclude: RowSet,
    /// Rows of the export whose video is in the old file.
    common: u64,
    gone_transcripts: u64,
}

/// In [`Merge::from`]: no row.
const NONE: RowId = RowId::MAX;

/// A decision about one row of the export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// (row of the old file, its transcript).
    pub yours: Vec<(RowId, String)>,
    /// The export's own transcript.
    pub export: Option<String>,
}

impl Merge {
    pub fn old(&self) -> &Snapshot {
        &self.old
    }

    pub fn export(&self) -> &Snapshot {
        &self.new
    }

    /// Rows of the export; for [`Class::Gone`], of the old file.
    pub fn rows(&self, class: Class) -> &RowSet {
        const EMPTY: &RowSet = &RowSet::new();
        self.classes.get(class as usize).unwrap_or(EMPTY)
    }

    /// Rows of a class that need no decision.
    pub fn sure(&self, class: Class) -> RowSet {
        if class.carries() { self.rows(class).intersection(&self.sure) } else { RowSet::new() }
    }

    /// Rows of a class that need a decision.
    pub fn to_decide(&self, class: Class) -> RowSet {
        if class.carries() { self.rows(class).difference(&self.sure) } else { RowSet::new() }
    }

    /// Number of transcripts carried over if everything sure is taken.
    pub fn carried(&self) -> u64 {
        self.sure.len() as u64
    }

    pub fn questions(&self) -> u64 {
        self.to_decide.len() as u64
    }

    /// Rows of the export that already have the old file's transcript.
    pub fn agree(&self) -> &RowSet {
        &self.agree
    }

    /// Rows of the export that were excluded in the old draft.
    pub fn excluded(&self) -> &RowSet {
        &self.exclude
    }

    /// Gone rows that had a transcript.
    pub fn gone_transcripts(&self) -> u64 {
        self.gone_transcripts
    }

    /// Rows of the export whose video is also in the old file.
    pub fn common(&self) -> u64 {
        self.common
    }

    /// Both files have rows but no video in common: probably the wrong file.
    pub fn has_nothing_in_common(&self) -> bool {
        self.common == 0 && !(self.old.is_empty() && self.new.is_empty())
    }

    /// The export has the same rows and transcripts.
    pub fn is_same(&self) -> bool {
        self.classes.iter().all(RowSet::is_empty) && self.exclude.is_empty()
    }

    /// The old file's row for a row of the export; None if there are several.
    pub fn old_row(&self, row: RowId) -> Option<RowId> {
        self.from.get(row as usize).copied().filter(|from| *from != NONE)
    }

    /// The decision for a row of the export.
    pub fn question(&self, row: RowId) -> Option<Question> {
        let choices = self.choices.get(*self.to_decide.get(&row)? as usize)?;
        let text = |old: &RowId| (*old, self.old.value(*old, Field::Transcription).text().to_owned());
        let export = self.new.value(row, Field::Transcription);
        Some(Question {
            yours: choices.iter().map(text).collect(),
            export: (!export.is_empty()).then(|| export.text().to_owned()),
        })
    }

    /// Fields other than the transcript that differ: the old value and the export's.
    pub fn changes(&self, row: RowId) -> Vec<(Field, String, String)> {
        let Some(old) = self.old_row(row) else { return Vec::new() };
        let (old, new) = (self.old.row(old), self.new.row(row));
        let fields = [Field::IndexId, Field::Language].into_iter();
        fields
            .filter(|field| old.text(*field) != new.text(*field))
            .map(|field| (field, old.text(field).to_owned(), new.text(field).to_owned()))
            .collect()
    }

    /// Takes the sure rows among these: one edit of the export, one undo step. None if there are none.
    pub fn take(&self, rows: &RowSet) -> Option<Edit> {
        let rows = rows.intersection(&self.sure);
        let text = |row| self.old_row(row).map_or_else(String::new, |old| self.transcript(old));
        let texts: Vec<String> = rows.iter().map(text).collect();
        (!rows.is_empty()).then_some(Edit { rows, change: Change::SetEach(Field::Transcription, texts) })
    }

    /// Everything that needs no decision: sure transcripts and exclusions.
    pub fn take_all_sure(&self) -> Option<Edit> {
        let exclude = Edit { rows: self.exclude.clone(), change: Change::Exclude };
        let edits = self.take(&self.sure).into_iter().chain((!self.exclude.is_empty()).then_some(exclude));
        Edit::together(edits.collect())
    }

    /// Gives a row the transcript of this row of the old file.
    pub fn choose(&self, row: RowId, old: RowId) -> Edit {
        let change = Change::Set(Field::Transcription, self.transcript(old));
        Edit { rows: RowSet::one(row), change }
    }

    /// Restores language and index of the old file.
    pub fn put_back(&self, row: RowId) -> Option<Edit> {
        let set = |(field, old, _)| Edit { rows: RowSet::one(row), change: Change::Set(field, old) };
        Edit::together(self.changes(row).into_iter().map(set).collect())
    }

    /// Gone rows with transcripts as a pasteable table: video, transcript, language, index.
    pub fn gone_table(&self) -> String {
        let mut table = String::from("object\ttranscription\tlanguage\tindex_id\n");
        for row in self.rows(Class::Gone).iter() {
            let row = self.old.row(row);
            if !row.text(Field::Transcription).is_empty() {
                let fields = [Field::Object, Field::Transcription, Field::Language, Field::IndexId];
                let _ = writeln!(table, "{}", fields.map(|field| cell(row.text(field))).join("\t"));
            }
        }
        table
    }

    /// A signed link is a credential: a draft never stores it.
    fn transcript(&self, old: RowId) -> String {
        let value = self.old.value(old, Field::Transcription);
        stored_form(value.text()).unwrap_or_else(|| value.text().to_owned())
    }
}

/// Quoted as spreadsheets expect.
fn cell(text: &str) -> String {
    let text = stored_form(text).unwrap_or_else(|| text.to_owned());
    if text.contains(['\t', '\n', '\r', '"']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests;
