//! What a change of many rows comes to, counted before it is made: a pure job over rows, worked out away from the screen.

use crate::domain::bulk::{Action, Class, Mend, Part, Pattern, Plan, mend, plan};
use crate::domain::draft::{Edit, Snapshot};
use crate::domain::findings::Findings;
use crate::domain::keys::{KeyList, Listed};
use crate::domain::manifest::Field;
use crate::domain::row_set::RowSet;
use crate::domain::rules::Rule;
use std::ops::Range;
use std::sync::Arc;

#[derive(Debug)]
pub struct Count {
    pub order: Order,
    pub snapshot: Snapshot,
    pub rows: RowSet,
    /// To tell which new transcripts are known to exist.
    pub keys: Arc<KeyList>,
    /// The same keys, from an earlier count.
    pub listed: Option<Arc<Listed>>,
}

/// What is to be done, as it was typed: reading a pattern may take longer than a key press.
#[derive(Clone, Debug)]
pub enum Order {
    Do(Action),
    Set(Field, String),
    Replace { field: Field, find: String, with: String },
    Fix(Arc<Findings>),
}

/// What is wrong with what was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Of the form.
    pub line: usize,
    /// In bytes of that line.
    pub span: Range<usize>,
    pub words: String,
}

/// What came of it, at the moment of the snapshot.
#[derive(Clone, Debug)]
pub enum Counted {
    Plan { plan: Arc<Plan>, listed: Option<Arc<Listed>> },
    Fixes { mend: Arc<Mend>, rows: Arc<RowSet>, findings: Arc<Findings> },
}

/// A part of it that can be done as one step.
#[derive(Clone, Debug)]
pub enum Chosen {
    Class(Arc<Plan>, Class),
    /// Of one rule, or of all.
    Fixes(Arc<Mend>, Arc<Findings>, Option<Rule>),
}

impl Chosen {
    /// None when there is nothing to do.
    pub fn edit(&self, now: &Snapshot) -> Option<Edit> {
        match self {
            Chosen::Class(plan, class) => plan.edit(now, &[*class], |_| true),
            Chosen::Fixes(mend, findings, rule) => mend.edit(findings, now, *rule, |_| true),
        }
    }
}

impl Count {
    /// `progress` gets the rows done so far and returns false to stop (then None).
    pub fn run(self, progress: impl Fn(u32) -> bool + Sync) -> Option<Result<Counted, Fault>> {
        let Count { order, snapshot, rows, keys, listed } = self;
        let action = match order {
            Order::Fix(findings) => {
                let mend = mend(&findings, &snapshot, &rows, progress)?;
                let rows = Arc::new(mend.rows());
                return Some(Ok(Counted::Fixes { mend: Arc::new(mend), rows, findings }));
            }
            Order::Do(action) => Ok(action),
            Order::Set(field, text) => set(field, &text),
            Order::Replace { field, find, with } => replace(field, &find, &with),
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
        // The template is read without the blanks around it.
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
