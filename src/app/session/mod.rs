//! The open manifest: its draft, its findings and the operator's view of it.
//!
//! Every function over it returns a [`Done`]: what changed, the effects to run, and a message or question. None knows a
//! screen: `update` tells the screens what changed. Files of this folder use each other downwards only: `load`, `save`,
//! `sources` and `online` start checks, `sources` and `edit` have pairs made by `pairing`, which edits; `check` and `edit`
//! use `view`, which uses none; `online` has pairs in sight compared by `cues`.

mod check;
mod cues;
mod edit;
mod load;
pub mod online;
mod pairing;
mod save;
mod selection;
mod sources;
mod templates;
mod view;

pub use check::Checking;
pub use cues::Cues;
pub use edit::{APPLYING, Applying, BULK, Step, StepFrom};
pub use load::{MergeFrom, RecoveredMark, Unsaved};
pub use pairing::{KeysState, Proposals, keys_state};
pub use save::{AfterSave, Consent, Question, Saving};
pub use selection::{count_selected, has_selection, selected, targets};
pub use sources::{Answer, Asks, KeySource, SourceState, TranscriptSources, asks};

pub use crate::domain::keys::KeyOffer;
pub use templates::Templates;
pub use view::View;

use super::effect::Effect;
use super::jobs::Jobs;
use super::layout::Layout;
use super::message::Message;
use super::msg::{JobId, Moment, Reading, Recovered};
use super::options::AppOptions;
use crate::domain::draft::{Draft, Snapshot};
use crate::domain::evidence::Shard;
use crate::domain::findings::Findings;
use crate::domain::manifest::{Manifest, RowId};
use crate::domain::rebase::UnsavedEdits;
use crate::domain::row_set::RowSet;
use crate::domain::rows::RowsCutOff;
use crate::domain::search::{Hit, Nth};
use crate::domain::sent_before::RowsBefore;
use online::Online;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What functions over the session may use besides the session.
#[derive(Debug)]
pub struct Env<'a> {
    pub jobs: &'a mut Jobs,
    pub options: &'a AppOptions,
    pub now: Moment,
    /// Columns and rows of the terminal, in cells.
    pub size: (u16, u16),
}

/// What a function over the session did.
#[derive(Debug, Default)]
#[must_use]
pub struct Done {
    pub changed: Changed,
    pub effects: Vec<Effect>,
    pub note: Option<Message>,
    /// A decision the operator has to make.
    pub question: Option<Question>,
}

/// Which parts of the session changed, for the screens to follow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    /// Values of rows.
    pub rows: bool,
    pub findings: bool,
    /// The file on disk, by a save.
    pub saved: bool,
    /// The list of transcript S3 keys.
    pub keys: bool,
    /// Rows have other proposals, or stand otherwise to them.
    pub proposals: bool,
}

impl Changed {
    const NOTHING: Changed = Changed { rows: false, findings: false, saved: false, keys: false, proposals: false };
    pub const ROWS: Changed = Changed { rows: true, findings: true, ..Changed::NOTHING };
    pub const FINDINGS: Changed = Changed { findings: true, ..Changed::NOTHING };
    pub const SAVED: Changed = Changed { saved: true, ..Changed::NOTHING };
    pub const KEYS: Changed = Changed { keys: true, ..Changed::NOTHING };
    pub const PROPOSALS: Changed = Changed { proposals: true, ..Changed::NOTHING };

    pub fn any(self) -> bool {
        self != Changed::default()
    }

    #[must_use]
    pub fn and(self, other: Changed) -> Changed {
        Changed {
            rows: self.rows || other.rows,
            findings: self.findings || other.findings,
            saved: self.saved || other.saved,
            keys: self.keys || other.keys,
            proposals: self.proposals || other.proposals,
        }
    }
}

impl Done {
    pub fn nothing() -> Done {
        Done::default()
    }

    pub fn said(message: Message) -> Done {
        Done { note: Some(message), ..Done::default() }
    }

    pub fn plain(text: impl Into<String>) -> Done {
        Done::said(Message::plain(text))
    }

    pub fn changed(changed: Changed) -> Done {
        Done { changed, ..Done::default() }
    }

    pub fn effects(effects: impl IntoIterator<Item = Effect>) -> Done {
        Done { effects: effects.into_iter().collect(), ..Done::default() }
    }

    /// Both in turn; the later note and question win.
    pub fn then(mut self, next: Done) -> Done {
        self.changed = self.changed.and(next.changed);
        self.effects.extend(next.effects);
        self.note = next.note.or(self.note);
        self.question = next.question.or(self.question);
        self
    }
}

#[derive(Debug)]
pub struct Session {
    pub path: PathBuf,
    /// Set while the file is being read: rows can be viewed, not edited.
    pub loading: Option<Reading>,
    pub draft: Draft,
    pub findings: Option<Arc<Findings>>,
    /// Revision of the draft that the findings are of.
    pub findings_of: u64,
    /// The running check of all rows.
    pub checking: Option<Checking>,
    pub view: View,
    /// The last search text.
    pub search: String,
    /// Whether matches of the search are highlighted.
    pub marks_search: bool,
    /// Result of the last search job.
    pub hit: Option<(JobId, Option<Hit>, Option<Nth>)>,
    pub selection: RowSet,
    /// View position where the range selection began.
    pub range_from: Option<usize>,
    /// Whether the inspector has the focus.
    pub in_inspector: bool,
    pub inspector_top: usize,
    /// The running save.
    pub saving: Option<Saving>,
    /// The running bulk edit.
    pub applying: Option<Applying>,
    /// Earlier inputs of bulk forms, oldest first; each is the lines of one form.
    pub earlier: Vec<Vec<String>>,
    pub saved_at: Option<Moment>,
    pub edited_at: BTreeMap<RowId, Moment>,
    pub keys: TranscriptSources,
    /// What is proposed for the rows without a transcript.
    pub proposals: Proposals,
    pub templates: Templates,
    /// Edits to redo once the file is read again.
    pub unsaved_edits: Option<UnsavedEdits>,
    /// Set when the file is a fresh export: the manifest to merge into it.
    pub merge_from: Option<Box<MergeFrom>>,
    /// Set while the file is read again: whether to redo or drop those edits.
    pub read_again: Option<Unsaved>,
    /// Edits of a crashed session, to be offered once no screen is open.
    pub offer: Option<Recovered>,
    pub online: Online,
    pub cues: Cues,
    /// Whether the demo's tour is shown.
    pub tour: bool,
    /// The revision of the file whose upload was accepted last, in this session.
    pub accepted: Option<u64>,
    /// A send row by row of the file as opened that was cut off, until it goes on.
    pub cut_off: Option<RowsCutOff>,
    /// What earlier attempts had of the rows of the file as opened.
    pub before: Arc<RowsBefore>,
    /// The parts of a divided check that were taken in.
    pub parts: BTreeSet<Shard>,
    /// The value that is open in `$EDITOR`.
    pub handed_over: Option<(RowId, crate::domain::manifest::Field)>,
}

impl Session {
    /// A session for a file that is about to be read. `online` is the job id of its online checks.
    pub fn new(path: PathBuf, online: JobId) -> Session {
        let empty = Arc::new(Manifest::prefix(Vec::new()));
        Session {
            path,
            loading: Some(Reading::default()),
            draft: Draft::new(empty),
            findings: None,
            findings_of: 0,
            checking: None,
            view: View::default(),
            search: String::new(),
            marks_search: false,
            hit: None,
            selection: RowSet::new(),
            range_from: None,
            in_inspector: false,
            inspector_top: 0,
            cut_off: None,
            before: Arc::default(),
            parts: BTreeSet::new(),
            saving: None,
            applying: None,
            earlier: Vec::new(),
            saved_at: None,
            edited_at: BTreeMap::new(),
            keys: TranscriptSources::default(),
            proposals: Proposals::default(),
            templates: Templates::default(),
            unsaved_edits: None,
            merge_from: None,
            read_again: None,
            offer: None,
            online: Online::new(online),
            cues: Cues::default(),
            tour: false,
            accepted: None,
            handed_over: None,
        }
    }

    /// The file's name without its folders, unescaped.
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

    /// Rows of the file; while it is being read, an estimate from its size, so that the columns have their final
    /// widths.
    pub fn expected_rows(&self) -> u64 {
        let rows = u64::from(self.total());
        let (Some(reading), base) = (self.loading, self.now().base()) else { return rows };
        let last = self.total().checked_sub(1).and_then(|row| base.row_span(row));
        let size = reading.total.max(base.bytes().len() as u64);
        let expected = last.map_or(rows, |span| rows.saturating_mul(size) / (span.end as u64).max(1));
        expected.clamp(rows, RowId::MAX.into())
    }

    /// Number of rows in view.
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

    /// Whether the findings are of the current draft.
    pub fn is_checked(&self) -> bool {
        self.findings.is_some() && self.findings_of == self.now().revision()
    }

    pub fn layout(&self, size: (u16, u16)) -> Layout {
        Layout::shaped(size.0, size.1, self.expected_rows(), self.tour, self.view.shape)
    }

    /// The file as it is now was uploaded in this session, and accepted.
    pub fn was_accepted(&self) -> bool {
        !self.draft.is_dirty() && self.accepted == Some(self.draft.saved().revision())
    }

    /// Number of known errors in all rows.
    pub fn errors(&self) -> u64 {
        self.findings.as_ref().map_or(0, |findings| findings.tallies().errors)
    }
}

/// The last part of a path, for display.
pub fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}
