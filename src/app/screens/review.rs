//! Old and new of every change, revert one, what will be sent and what blocks it.

use super::table::number;
use super::{Screen, close, move_in, open, problems, send, show};
use crate::app::change::{self, Consent, change};
use crate::app::effect::Effect;
use crate::app::keymap::Action;
use crate::app::model::{Mark, Model};
use crate::app::msg::Moment;
use crate::app::session::{AfterSave, Session};
use crate::app::view::Scroll;
use crate::domain::draft::{Change, Edit};
use crate::domain::format::thousands;
use crate::domain::manifest::RowId;
use crate::domain::row_set::RowSet;
use crate::domain::rules::Severity;

/// Changes found in the journal, not yet taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecoveredMark {
    /// Operations in the journal.
    pub edits: usize,
    /// Those that this version can't read.
    pub unreadable: usize,
    pub last: Moment,
}

#[derive(Debug)]
pub struct Review {
    /// The changed rows, ascending.
    pub rows: Vec<RowId>,
    /// Over `rows`.
    pub scroll: Scroll,
    /// The changes come from the journal: they are to be taken or dropped.
    pub recovered: Option<RecoveredMark>,
    /// `d` was pressed once: the next one drops them.
    pub drop_asked: bool,
}

fn review(model: &mut Model) -> Option<&mut Review> {
    match model.screens.last_mut() {
        Some(Screen::Review(review)) => Some(review),
        _ => None,
    }
}

fn changed_rows(model: &Model) -> Vec<RowId> {
    model.session().map(|session| session.now().edited_rows().iter().collect()).unwrap_or_default()
}

pub fn open(model: &mut Model) -> Vec<Effect> {
    let rows = changed_rows(model);
    // The change nearest to the cursor is the one the operator has in mind.
    let at = model.session().and_then(Session::current).map_or(0, |row| rows.partition_point(|r| *r < row));
    let mut scroll = Scroll::default();
    scroll.to(at, rows.len(), 4);
    model.message = None;
    match model.session().and_then(|session| session.findings.as_ref()).map_or(0, |findings| findings.tallies().errors)
    {
        0 => {}
        1 => model.say(Mark::Error, "1 error blocks the upload.  } goes to it"),
        n => model.say(Mark::Error, format!("{} errors block the upload.  }} goes to the first", thousands(n))),
    }
    show(model, Screen::Review(Review { rows, scroll, recovered: None, drop_asked: false }));
    Vec::new()
}

pub fn open_recovered(model: &mut Model, edits: usize, last: Moment, unreadable: usize) {
    let rows = changed_rows(model);
    let at = last.short_clock();
    let what = if edits == 1 { "1 change" } else { &format!("{} changes", thousands(edits as u64)) };
    let were = if edits == 1 { "was" } else { "were" };
    show(
        model,
        Screen::Review(Review {
            rows,
            scroll: Scroll::default(),
            recovered: Some(RecoveredMark { edits, unreadable, last }),
            drop_asked: false,
        }),
    );
    model.say(Mark::Warning, format!("{what} from {at} {were} recovered.  t takes them, d drops them"));
}

/// The draft changed under the review.
pub fn follow(model: &mut Model) {
    if !matches!(model.screens.last(), Some(Screen::Review(_))) {
        return;
    }
    let rows = changed_rows(model);
    if let Some(review) = review(model) {
        let len = rows.len();
        review.rows = rows;
        review.scroll.to(review.scroll.cursor, len, 4);
    }
}

/// Lines one changed row takes in the list, without the blank after it.
pub fn lines_of(session: &Session, row: RowId) -> usize {
    let fields: usize = session
        .now()
        .changes(row)
        .iter()
        .map(|(_, old, new)| usize::from(!old.is_empty()) + usize::from(!new.is_empty() || old.is_empty()))
        .sum();
    1 + fields
}

pub fn act(model: &mut Model, action: Action, count: Option<u32>) -> Vec<Effect> {
    let lines = usize::from(model.size.1).saturating_sub(8).max(1);
    let Some(review) = review(model) else { return Vec::new() };
    let row = review.rows.get(review.scroll.cursor).copied();
    let recovered = review.recovered.is_some();
    let unreadable = review.recovered.map_or(0, |recovered| recovered.unreadable);
    match action {
        Action::Take => {
            close(model);
            return open::take_recovered(model, unreadable);
        }
        Action::Drop if !review.drop_asked => {
            review.drop_asked = true;
            model.say(Mark::Warning, "d again drops them for good; t takes them");
        }
        Action::Drop => {
            close(model);
            return open::drop_recovered(model);
        }
        Action::Back | Action::Quit if recovered => {
            model.say(Mark::Plain, "t takes the recovered changes, d drops them; ^c ^c quits and keeps them for later");
        }
        Action::Back => close(model),
        Action::Accept => {
            if let Some(row) = row {
                close(model);
                return problems::show_row(model, row);
            }
        }
        Action::Revert => {
            let Some(row) = row else { return Vec::new() };
            return revert(model, row);
        }
        Action::Undo => return change::undo(model),
        Action::Submit => return send::open(model),
        Action::Save => return change::save(model, AfterSave::Stay, Consent::default()),
        Action::NextProblem => return first_error(model),
        _ => {
            let len = review.rows.len();
            // Rows take several lines each: how far the list scrolls is for the view to fit.
            move_in(&mut review.scroll, action, count, len, (lines / 4).max(1));
        }
    }
    Vec::new()
}

/// Leaves for the first row that blocks the upload.
pub fn first_error(model: &mut Model) -> Vec<Effect> {
    let Some(session) = model.session() else { return Vec::new() };
    let last = session.total().saturating_sub(1);
    let first = session.findings.as_ref().and_then(|f| f.next(session.now(), last, true, Severity::Error));
    match first {
        Some(row) => {
            model.screens.clear();
            model.pending = Default::default();
            return problems::show_row(model, row);
        }
        None => model.say(Mark::Fine, "no errors"),
    }
    Vec::new()
}

/// Puts a row back as it is in the file as opened: one step of undo for each thing that was changed.
fn revert(model: &mut Model, row: RowId) -> Vec<Effect> {
    let Some(session) = model.session() else { return Vec::new() };
    let changes = session.now().changes(row);
    let mut edits: Vec<Change> = changes.iter().map(|(field, ..)| Change::Revert(*field)).collect();
    if session.now().is_excluded(row) {
        edits.push(Change::Restore);
    }
    let mut effects = Vec::new();
    for change_to in edits {
        effects.extend(change(model, Edit { rows: RowSet::one(row), change: change_to }, |_| {
            format!("put back row {}.  u undo", number(row))
        }));
    }
    effects
}
