//! An open manifest: its draft, what is known of it, and where the operator stands in it.

use super::change::Consent;
use super::msg::{JobId, Moment, Reading, Recovered};
use super::online::Online;
use super::view::View;
use crate::domain::draft::{Draft, Snapshot};
use crate::domain::evidence::Observed;
use crate::domain::findings::Findings;
use crate::domain::keys::KeyList;
use crate::domain::manifest::{Field, Manifest, RowId};
use crate::domain::rebase::UnsavedEdits;
use crate::domain::row_set::RowSet;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A check of all rows that is on its way.
#[derive(Debug)]
pub struct Checking {
    pub job: JobId,
    /// What is being checked.
    pub snapshot: Snapshot,
    /// Rows edited since: they are followed up when the result is there.
    pub touched: RowSet,
    pub done: u32,
    /// What was learnt online since.
    pub observed: Vec<Observed>,
}

/// What to do once the file is saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterSave {
    Stay,
    Quit,
}

/// A bulk edit that is being worked out away from the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Applying {
    pub job: JobId,
    pub step: Step,
}

/// What happens to the list of operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Do,
    Undo,
    Redo,
}

#[derive(Debug)]
pub struct Saving {
    pub job: JobId,
    pub then: AfterSave,
    /// Written elsewhere by `:w PATH`: the draft stays as dirty as it is.
    pub copy: bool,
    /// What the operator agreed to already.
    pub consent: Consent,
}

/// Transcript keys to pick from, from every source that was read.
#[derive(Debug, Default)]
pub struct TranscriptSources {
    pub list: Arc<KeyList>,
    pub job: Option<JobId>,
    /// As the operator names it: `s3://bucket/prefix` or a file.
    pub source: Option<String>,
    /// All that were read or asked for, in their order.
    pub sources: Vec<String>,
    /// Sources still to be read.
    pub waiting: Vec<String>,
    pub fault: Option<String>,
    pub read_at: Option<Moment>,
}

#[derive(Debug)]
pub struct Session {
    pub path: PathBuf,
    /// Set while the file is read; rows can be walked, not edited.
    pub loading: Option<(JobId, Reading)>,
    /// The journal is asked what it knows of the file.
    pub journal: Option<JobId>,
    pub draft: Draft,
    pub findings: Option<Arc<Findings>>,
    /// The moment of the draft that the findings speak of.
    pub findings_of: u64,
    pub checking: Option<Checking>,
    pub view: View,
    /// What `/` last looked for.
    pub search: String,
    pub searching: Option<JobId>,
    pub selection: RowSet,
    /// View position where a range selection began.
    pub range_from: Option<usize>,
    /// The inspector has the keys.
    pub in_inspector: bool,
    pub inspector_top: usize,
    pub saving: Option<Saving>,
    /// A bulk edit on its way, and what the journal will be told of it.
    pub applying: Option<Applying>,
    pub saved_at: Option<Moment>,
    pub edited_at: BTreeMap<RowId, Moment>,
    pub keys: TranscriptSources,
    /// Edits to do again when the file is read anew.
    pub unsaved_edits: Option<UnsavedEdits>,
    /// Edits of a crashed session that are to be offered as soon as nothing else is in front.
    pub offer: Option<Recovered>,
    /// What is asked online.
    pub online: Online,
    /// The value that is in $EDITOR.
    pub handed_over: Option<(JobId, RowId, Field)>,
}

impl Session {
    pub fn new(path: PathBuf, job: JobId) -> Session {
        let empty = Arc::new(Manifest::prefix(Vec::new()));
        Session {
            path,
            loading: Some((job, Reading::default())),
            journal: Some(job),
            draft: Draft::new(empty),
            findings: None,
            findings_of: 0,
            checking: None,
            view: View::default(),
            search: String::new(),
            searching: None,
            selection: RowSet::new(),
            range_from: None,
            in_inspector: false,
            inspector_top: 0,
            saving: None,
            applying: None,
            saved_at: None,
            edited_at: BTreeMap::new(),
            keys: TranscriptSources::default(),
            unsaved_edits: None,
            offer: None,
            online: Online::new(job),
            handed_over: None,
        }
    }

    /// The file's name without its folders.
    pub fn name(&self) -> String {
        file_name(&self.path)
    }

    pub fn now(&self) -> &Snapshot {
        self.draft.now()
    }

    /// Rows of the file, excluded ones included.
    pub fn total(&self) -> u32 {
        self.draft.now().len()
    }

    /// Rows of the file; while it is read, as many as its size promises, so that the columns have their widths already.
    pub fn expected_rows(&self) -> u64 {
        let rows = u64::from(self.total());
        let (Some((_, reading)), base) = (self.loading, self.now().base()) else { return rows };
        let last = self.total().checked_sub(1).and_then(|row| base.row_span(row));
        let size = reading.total.max(base.bytes().len() as u64);
        let expected = last.map_or(rows, |span| rows.saturating_mul(size) / (span.end as u64).max(1));
        expected.clamp(rows, RowId::MAX.into())
    }

    /// How many rows are in view.
    pub fn in_view(&self) -> usize {
        self.view.len(self.total())
    }

    /// The row under the cursor.
    pub fn current(&self) -> Option<RowId> {
        self.view.current(self.total())
    }

    pub fn is_ready(&self) -> bool {
        self.loading.is_none()
    }

    /// The findings speak of the rows as they are now.
    pub fn is_checked(&self) -> bool {
        self.findings.is_some() && self.findings_of == self.now().revision()
    }

    /// Something runs that the operator may want to see or stop.
    pub fn is_busy(&self) -> bool {
        self.loading.is_some()
            || self.checking.is_some()
            || self.saving.is_some()
            || self.applying.is_some()
            || self.searching.is_some()
            || self.keys.job.is_some()
            || self.view.job.is_some()
            || self.online.is_busy()
    }
}

/// A path's last part, for people.
pub fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}
