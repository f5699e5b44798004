//! The form of a bulk change: its kind, rows, input lines and texts.

use crate::app::count::ChangeToCount;
use crate::app::message::Message;
use crate::app::next::BulkForm;
use crate::app::session::{Session, has_selection, selected};
use crate::domain::bulk::{Action, Column, FillDown};
use crate::domain::format::{counted, row_number};
use crate::domain::manifest::{Field, RowId};
use crate::domain::row_set::RowSet;
use crate::domain::rules::Rule;

#[derive(Clone, Debug)]
pub struct Form {
    pub kind: FormKind,
    pub field: Field,
    /// The rows to change; for pasted lines, those that get one.
    pub rows: RowSet,
    of: Of,
}

#[derive(Clone, Debug)]
pub enum FormKind {
    Set,
    Clear,
    Replace,
    CopyAbove,
    FillDown {
        fill: FillDown,
        lines: usize,
    },
    /// The rule that is selected first.
    Fix(Option<Rule>),
}

/// How the rows were chosen, for the texts.
#[derive(Clone, Copy, Debug)]
enum Of {
    Row(RowId),
    Selection { rows: u64, not_in_view: u64 },
    Everything,
}

impl Form {
    /// # Errors
    /// Why there is nothing to change.
    pub fn of(session: &Session, order: &BulkForm) -> Result<Form, Message> {
        let kind = match order {
            BulkForm::Set(..) => FormKind::Set,
            BulkForm::Clear(_) => FormKind::Clear,
            BulkForm::Replace(_) => FormKind::Replace,
            BulkForm::CopyAbove(_) => FormKind::CopyAbove,
            BulkForm::FillDown(field, column) => {
                let fill = fill_down(session, *field, column);
                FormKind::FillDown { fill, lines: column.len() }
            }
            BulkForm::Fix => FormKind::Fix(None),
            BulkForm::FixEverything(rule) => FormKind::Fix(*rule),
        };
        let field = match order {
            BulkForm::Set(field, _)
            | BulkForm::Clear(field)
            | BulkForm::Replace(field)
            | BulkForm::CopyAbove(field)
            | BulkForm::FillDown(field, _) => *field,
            BulkForm::Fix | BulkForm::FixEverything(_) => session.view.focus,
        };
        let (rows, of) = match order {
            BulkForm::FixEverything(_) => (RowSet::range(0, session.total()), Of::Everything),
            _ if has_selection(session) => {
                let rows = selected(session);
                let in_view = session.view.rows.as_ref().map_or(rows.len(), |view| rows.count_of(view));
                let (all, hidden) = (rows.len() as u64, (rows.len() - in_view) as u64);
                (rows, Of::Selection { rows: all, not_in_view: hidden })
            }
            _ => {
                let row = session.current().ok_or_else(|| Message::plain("no row is in view"))?;
                (RowSet::one(row), Of::Row(row))
            }
        };
        if matches!(kind, FormKind::Fix(_)) && !session.is_checked() {
            return Err(Message::plain("the rows are still being checked"));
        }
        let rows = if let FormKind::FillDown { fill, .. } = &kind { fill.rows().clone() } else { rows };
        Ok(Form { kind, field, rows, of })
    }

    /// The labels of its input lines.
    pub fn labels(&self) -> &'static [&'static str] {
        match self.kind {
            FormKind::Set => &["to"],
            FormKind::Replace => &["find", "with"],
            FormKind::Clear | FormKind::CopyAbove | FormKind::FillDown { .. } | FormKind::Fix(_) => &[],
        }
    }

    pub fn name(&self) -> &'static str {
        match self.kind {
            FormKind::Set => "set",
            FormKind::Clear => "clear",
            FormKind::Replace => "replace",
            FormKind::CopyAbove => "copy",
            FormKind::FillDown { .. } => "fill down",
            FormKind::Fix(_) => "fix",
        }
    }

    /// The verb for what it does to rows.
    pub fn verb(&self) -> &'static str {
        match self.kind {
            FormKind::Clear => "clear",
            FormKind::Fix(_) => "fix",
            _ => "change",
        }
    }

    /// `in the transcript of 8,412 selected rows, 300 not in view`
    pub fn phrase(&self) -> String {
        let (field, rows) = (self.field.word(), self.rows_in_words());
        match (&self.kind, self.of) {
            (FormKind::Set | FormKind::Clear, _) => format!("{field} of {rows}"),
            (FormKind::Replace, _) => format!("in the {field} of {rows}"),
            (FormKind::CopyAbove, _) => format!("from the row above, {field} of {rows}"),
            (FormKind::FillDown { lines, .. }, Of::Row(row)) => {
                format!("{} from row {}", counted(*lines as u64, "line"), row_number(row))
            }
            (FormKind::FillDown { lines, .. }, _) => format!("{} into {rows}", counted(*lines as u64, "line")),
            (FormKind::Fix(_), Of::Everything) => "all that can be fixed".to_owned(),
            (FormKind::Fix(_), _) => format!("all that can be fixed in {rows}"),
        }
    }

    fn rows_in_words(&self) -> String {
        match self.of {
            Of::Row(_) => "this row".to_owned(),
            Of::Selection { rows, not_in_view: 0 } => counted(rows, "selected row"),
            Of::Selection { rows, not_in_view } => {
                format!(
                    "{}, {} not in view",
                    counted(rows, "selected row"),
                    crate::domain::format::thousands(not_in_view)
                )
            }
            Of::Everything => "all rows".to_owned(),
        }
    }

    /// What to count; None while the input is incomplete.
    pub fn order(&self, session: &Session, texts: &[&str]) -> Option<ChangeToCount> {
        let field = self.field;
        Some(match (&self.kind, texts) {
            (FormKind::Set, [text]) if !text.trim().is_empty() => ChangeToCount::Set(field, (*text).to_owned()),
            (FormKind::Replace, [find, with]) if !find.is_empty() => {
                ChangeToCount::Replace { field, find: (*find).to_owned(), with: (*with).to_owned() }
            }
            (FormKind::Set | FormKind::Replace, _) => return None,
            (FormKind::Clear, _) => ChangeToCount::Do(Action::Clear(field)),
            (FormKind::CopyAbove, _) => ChangeToCount::Do(Action::CopyAbove(field)),
            (FormKind::FillDown { fill, .. }, _) => ChangeToCount::Do(Action::FillDown(field, fill.clone())),
            (FormKind::Fix(_), _) => ChangeToCount::Fix(session.findings.clone()?),
        })
    }
}

/// Assigns pasted lines to the selected rows in view order, those out of view last; without a selection, to the rows
/// from the cursor on.
fn fill_down(session: &Session, field: Field, column: &Column) -> FillDown {
    let in_view = |from: usize| (from..session.in_view()).filter_map(|at| session.view.row_at(at, session.total()));
    if !has_selection(session) {
        return FillDown::new(field, column, in_view(session.view.scroll.cursor), false);
    }
    let selection = selected(session);
    let Some(view) = &session.view.rows else { return FillDown::new(field, column, selection.iter(), true) };
    let seen: RowSet = view.iter().copied().filter(|row| selection.contains(*row)).collect();
    let hidden = selection.difference(&seen);
    FillDown::new(field, column, in_view(0).filter(|row| selection.contains(*row)).chain(hidden.iter()), true)
}
