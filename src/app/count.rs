//! Counts what a bulk change would do before it is made: a pure background job over rows.

use super::filling::Filled;
use crate::domain::bulk::{Action, Class, Mend, Part, Pattern, Plan, mend, plan};
use crate::domain::draft::{Edit, Snapshot};
use crate::domain::findings::Findings;
use crate::domain::keys::{KeyList, Listed};
use crate::domain::manifest::Field;
use crate::domain::merge::{self, Merge};
use crate::domain::row_set::RowSet;
use crate::domain::rules::Rule;
use crate::domain::template::Fit;
use std::ops::Range;
use std::sync::Arc;

#[derive(Debug)]
pub struct Count {
    pub order: ChangeToCount,
    pub snapshot: Snapshot,
    pub rows: RowSet,
    /// The listed S3 keys: to tell which new transcripts are known to exist.
    pub keys: Arc<KeyList>,
    /// The index of the same S3 keys, from an earlier count.
    pub listed: Option<Arc<Listed>>,
}

/// The change to count, as typed: parsing a pattern can take longer than a keystroke may.
#[derive(Clone, Debug)]
pub enum ChangeToCount {
    Do(Action),
    Set(Field, String),
    Replace { field: Field, find: String, with: String },
    Fix(Arc<Findings>),
}

/// An error in the typed text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Line of the form, from 0.
    pub line: usize,
    /// Bytes of that line.
    pub span: Range<usize>,
    pub words: String,
}

/// The result, as of the snapshot.
#[derive(Clone, Debug)]
pub enum Counted {
    Plan { plan: Arc<Plan>, listed: Option<Arc<Listed>> },
    Fixes { mend: Arc<Mend>, rows: Arc<RowSet>, findings: Arc<Findings> },
}

/// A part of the change that can be applied as one undo step.
#[derive(Clone, Debug)]
pub enum Chosen {
    Class(Arc<Plan>, Class),
    /// The fixes of one rule, or of all.
    Fixes(Arc<Mend>, Arc<Findings>, Option<Rule>),
    /// What a template would fill.
    Fill(Arc<Filled>, Fit),
    /// The sure matches of one class, or of all classes with the exclusions.
    Merge(Arc<Merge>, Option<merge::Class>),
}

impl Chosen {
    /// The edit that makes the change; None when it would change nothing.
    pub fn edit(&self, now: &Snapshot) -> Option<Edit> {
        match self {
            Chosen::Class(plan, class) => plan.edit(now, &[*class], |_| true),
            Chosen::Fixes(mend, findings, rule) => mend.edit(findings, now, *rule, |_| true),
            Chosen::Fill(filled, fit) => filled.edit(now, *fit),
            Chosen::Merge(merge, Some(class)) => merge.take(merge.rows(*class)),
            Chosen::Merge(merge, None) => merge.take_all_sure(),
        }
    }
}

/// Comparison of an edited manifest with a fresh export.
#[derive(Clone, Debug)]
pub struct Merged {
    pub merge: Arc<Merge>,
    /// Numbers of rows with a transcript in the edited manifest and in the export.
    pub filled: [u64; 2],
}

impl Count {
    /// `progress` receives the number of rows done and returns false to stop; the result is None then.
    pub fn run(self, progress: impl Fn(u32) -> bool + Sync) -> Option<Result<Counted, Fault>> {
        let Count { order, snapshot, rows, keys, listed } = self;
        let action = match order {
            ChangeToCount::Fix(findings) => {
                let mend = mend(&findings, &snapshot, &rows, progress)?;
                let rows = Arc::new(mend.rows());
                return Some(Ok(Counted::Fixes { mend: Arc::new(mend), rows, findings }));
            }
            ChangeToCount::Do(action) => Ok(action),
            ChangeToCount::Set(field, text) => set(field, &text),
            ChangeToCount::Replace { field, find, with } => replace(field, &find, &with),
        };
        let action = match action {
            Ok(action) => action,
            Err(fault) => return Some(Err(fault)),
        };
        let has_list = action.field() == Field::Transcription && !keys.is_empty();
        let listed = has_list.then(|| listed.unwrap_or_else(|| Arc::new(Listed::of(&keys))));
        let plan = plan(action, &snapshot, &rows, listed.as_deref(), progress)?;
        Some(Ok(Counted::Plan { plan: Arc::new(plan), listed }))
    }
}

fn set(field: Field, text: &str) -> Result<Action, Fault> {
    Action::typed(field, text).map_err(|fault| {
        // The template was parsed without its leading blanks: shift the span back by them.
        let before = text.len() - text.trim_start().len();
        Fault { line: 0, span: fault.span.start + before..fault.span.end + before, words: fault.why }
    })
}

fn replace(field: Field, find: &str, with: &str) -> Result<Action, Fault> {
    let pattern = Pattern::new(find, with).map_err(|fault| {
        let line = usize::from(fault.part == Part::With);
        Fault { line, words: fault.to_string(), span: fault.span }
    })?;
    Ok(Action::Replace(field, pattern))
}
