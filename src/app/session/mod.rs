//! The open manifest: its draft, what is known of it, and where the operator stands in it.
//!
//! Every function over it returns what it changed, what must be done, and what is to be said. None knows a screen: screens
//! are told of changes by `update`. Files of this folder know each other downwards only: `load`, `save`, `sources` and
//! `online` start checks, `sources` and `edit` have pairs made by `pairing`, which edits; `check` and `edit` use `view`, which
//! uses nothing.

mod check;
mod edit;
mod load;
pub mod online;
mod pairing;
mod save;
mod selection;
mod sources;
mod view;

pub use check::Checking;
pub use edit::{APPLYING, Applying, BULK, Step};
pub use load::{RecoveredMark, Unsaved};
pub use pairing::{KeysState, Proposals, keys_state};
pub use save::{AfterSave, Consent, Question, Saving};
pub use selection::{count_selected, has_selection, selected, targets};
pub use sources::{KeyOffer, ReadSource, TranscriptSources};
pub use view::View;

use super::effect::Effect;
use super::jobs::Jobs;
use super::layout::Layout;
use super::message::Message;
use super::msg::{JobId, Moment, Reading, Recovered};
use super::options::Options;
use crate::domain::draft::{Draft, Snapshot};
use crate::domain::findings::Findings;
use crate::domain::manifest::{Manifest, RowId};
use crate::domain::rebase::UnsavedEdits;
use crate::domain::row_set::RowSet;
use crate::domain::search::{Hit, Nth};
use online::Online;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What functions over the session may use besides it.
#[derive(Debug)]
pub struct Env<'a> {
    pub jobs: &'a mut Jobs,
    pub options: &'a Options,
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
    /// The file changed meanwhile, or a save would lose something: a person decides.
    pub question: Option<Question>,
}

/// What the screens may have to follow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    /// Rows hold other values.
    pub rows: bool,
    pub findings: bool,
    /// The file on disk is another.
    pub saved: bool,
    /// The list of keys grew or is complete.
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

    /// This, and then that: what is said last is heard.
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
    /// Set while the file is read; rows can be viewed, not edited.
    pub loading: Option<Reading>,
    pub draft: Draft,
    pub findings: Option<Arc<Findings>>,
    /// The moment of the draft that the findings speak of.
    pub findings_of: u64,
    /// A check of all rows that is on its way.
    pub checking: Option<Checking>,
    pub view: View,
    /// What `/` last looked for.
    pub search: String,
    /// What it looked for is marked in the rows.
    pub marks_search: bool,
    /// What it found last, if anything.
    pub hit: Option<(JobId, Option<Hit>, Option<Nth>)>,
    pub selection: RowSet,
    /// View position where a range selection began.
    pub range_from: Option<usize>,
    /// The inspector has the keys.
    pub in_inspector: bool,
    pub inspector_top: usize,
    /// A save on its way.
    pub saving: Option<Saving>,
    /// A bulk edit on its way, and what the journal will be told of it.
    pub applying: Option<Applying>,
    /// What was typed into forms that change many rows, oldest first: each with its lines.
    pub earlier: Vec<Vec<String>>,
    pub saved_at: Option<Moment>,
    pub edited_at: BTreeMap<RowId, Moment>,
    pub keys: TranscriptSources,
    /// What is proposed for the rows without a transcript.
    pub proposals: Proposals,
    /// Edits to do again when the file is read anew.
    pub unsaved_edits: Option<UnsavedEdits>,
    /// The file is read again, and what becomes of those edits.
    pub read_again: Option<Unsaved>,
    /// Edits of a crashed session that are to be offered as soon as nothing else is in front.
    pub offer: Option<Recovered>,
    pub online: Online,
    /// The demo's tour leads through it: a line of its own names the next step.
    pub tour: bool,
    /// The value that is in $EDITOR.
    pub handed_over: Option<(RowId, crate::domain::manifest::Field)>,
}

impl Session {
    /// A file that is about to be read. `online` names its online checks.
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
            saving: None,
            applying: None,
            earlier: Vec::new(),
            saved_at: None,
            edited_at: BTreeMap::new(),
            keys: TranscriptSources::default(),
            proposals: Proposals::default(),
            unsaved_edits: None,
            read_again: None,
            offer: None,
            online: Online::new(online),
            tour: false,
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
        let (Some(reading), base) = (self.loading, self.now().base()) else { return rows };
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

    pub fn layout(&self, size: (u16, u16)) -> Layout {
        Layout::with_line(size.0, size.1, self.expected_rows(), self.tour)
    }

    /// Errors in all rows, as far as they are known.
    pub fn errors(&self) -> u64 {
        self.findings.as_ref().map_or(0, |findings| findings.tallies().errors)
    }
}

/// A path's last part, for people.
pub fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}
