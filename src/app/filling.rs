//! Background jobs for templates: learning one from filled rows, and counting what one would fill.

use crate::domain::draft::Snapshot;
use crate::domain::keys::{KeyList, Listed};
use crate::domain::manifest::{Field, RowId};
use crate::domain::row_set::RowSet;
use crate::domain::template::{Applied, Fit, LearntTemplate, Lesson, Template, TemplateFault, apply, learn};
use std::sync::Arc;

/// The rows a template is for, and the listed S3 keys.
#[derive(Clone, Debug)]
pub struct Ground {
    pub snapshot: Snapshot,
    /// None for all rows without a transcript.
    pub rows: Option<RowSet>,
    pub list: Arc<KeyList>,
    /// Index over the S3 keys, as of the last merge; may be older than `list`.
    pub listed: Arc<Listed>,
}

impl Ground {
    fn rows(&self) -> RowSet {
        self.rows
            .clone()
            .unwrap_or_else(|| (0..self.snapshot.len()).filter(|row| is_missing(&self.snapshot, *row)).collect())
    }

    fn listed(&self) -> Arc<Listed> {
        let is_of_now = self.listed.keys().is_same(&self.list);
        if is_of_now { Arc::clone(&self.listed) } else { Arc::new(Listed::of(&self.list)) }
    }
}

/// Whether a row is a JSON object that will be sent and has no transcript.
pub fn is_missing(snapshot: &Snapshot, row: RowId) -> bool {
    snapshot.value(row, Field::Transcription).text().is_empty()
        && !snapshot.is_excluded(row)
        && snapshot.row(row).is_object
}

/// Counts what a typed template would fill.
#[derive(Debug)]
pub struct Fill {
    pub text: String,
    pub ground: Ground,
}

/// What a template would fill, as of a snapshot.
#[derive(Clone, Debug)]
pub struct Filled {
    pub template: Template,
    pub applied: Applied,
    pub revision: u64,
}

impl Fill {
    /// `progress` receives the number of rows done and returns false to stop; the result is None then.
    pub fn run(self, progress: impl Fn(u32) -> bool + Sync) -> Option<Result<Filled, TemplateFault>> {
        let Fill { text, ground } = self;
        let template = match Template::read(&text) {
            Ok(template) => template,
            Err(fault) => return Some(Err(fault)),
        };
        let applied = apply(&template, &ground.snapshot, &ground.rows(), Some(&*ground.listed()), progress)?;
        Some(Ok(Filled { template, applied, revision: ground.snapshot.revision() }))
    }
}

impl Filled {
    /// The edit that fills the rows of a count, as one undo step; None if there is nothing to fill.
    pub fn edit(&self, now: &Snapshot, fit: Fit) -> Option<crate::domain::draft::Edit> {
        self.applied.edit(&self.template, now, fit, |_| true)
    }
}

/// Learns a template from rows that were filled by hand.
#[derive(Debug)]
pub struct Learning {
    pub examples: Vec<RowId>,
    /// Rows with known transcripts, which no template may contradict.
    pub held: RowSet,
    pub ground: Ground,
}

impl Learning {
    /// None if no template explains the examples, or when `goes_on` returns false.
    pub fn run(&self, goes_on: impl Fn(u32) -> bool + Sync) -> Option<LearntTemplate> {
        let (gain, listed) = (self.ground.rows(), self.ground.listed());
        let lesson = Lesson {
            snapshot: &self.ground.snapshot,
            examples: &self.examples,
            held: &self.held,
            gain: &gain,
            listed: Some(&listed),
        };
        learn(&lesson, goes_on)
    }
}
