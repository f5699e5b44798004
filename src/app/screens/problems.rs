//! Problems grouped by rule, with the rows of the chosen one; fix one, fix all, go there.

use super::table::{go_to, number};
use super::{Screen, close, move_in, show, table};
use crate::app::change::{self, change};
use crate::app::effect::Effect;
use crate::app::keymap::Action;
use crate::app::model::{Mark, Model};
use crate::app::view::Scroll;
use crate::domain::findings::Group;
use crate::domain::fixes::{edit_of, fix_for};
use crate::domain::format::thousands;
use crate::domain::manifest::RowId;
use crate::domain::printable::printable;
use crate::domain::row_set::RowSet;
use crate::domain::rules::{Fix, Rule};
use crate::domain::search::{Query, StateFilter};

#[derive(Debug)]
pub struct Problems {
    /// In the order of the moment the list was opened; counts are looked up when shown.
    pub groups: Vec<Group>,
    pub scroll: Scroll,
    /// Rows of the chosen group.
    pub rows: Vec<RowId>,
    pub row_scroll: Scroll,
    /// The keys move in the rows, not in the groups.
    pub in_rows: bool,
    /// `A` was pressed once: the next one applies the fixes.
    pub confirm_fix_all: bool,
}

impl Problems {
    pub fn rule(&self) -> Option<Rule> {
        self.groups.get(self.scroll.cursor).map(|group| group.rule)
    }

    /// Whether a key of the list does something for the chosen group; else why not.
    pub fn can(&self, action: Action) -> Result<(), &'static str> {
        match (self.groups.get(self.scroll.cursor), action) {
            (None, _) => Err("there is no problem"),
            (Some(group), Action::Fix | Action::FixAll) if group.fixes == 0 => Err("no fix is known for this rule"),
            _ => Ok(()),
        }
    }

    /// The row that `.` fixes and Enter goes to.
    pub fn row(&self) -> Option<RowId> {
        self.rows.get(if self.in_rows { self.row_scroll.cursor } else { 0 }).copied()
    }
}

fn problems(model: &mut Model) -> Option<&mut Problems> {
    match model.screens.last_mut() {
        Some(Screen::Problems(problems)) => Some(problems),
        _ => None,
    }
}

pub fn open(model: &mut Model) -> Vec<Effect> {
    let groups = model.session().and_then(|d| d.findings.as_ref()).map(|f| f.groups()).unwrap_or_default();
    show(
        model,
        Screen::Problems(Problems {
            groups,
            scroll: Scroll::default(),
            rows: Vec::new(),
            row_scroll: Scroll::default(),
            in_rows: false,
            confirm_fix_all: false,
        }),
    );
    model.message = None;
    choose(model);
    Vec::new()
}

/// Looks up the rows of the chosen group.
fn choose(model: &mut Model) {
    let Some(rule) = problems(model).and_then(|p| p.rule()) else { return };
    let rows = model
        .session()
        .and_then(|session| Some(session.findings.as_ref()?.rows_of(session.now(), rule)))
        .unwrap_or_default();
    if let Some(problems) = problems(model) {
        let len = rows.len();
        problems.rows = rows;
        problems.row_scroll.to(problems.row_scroll.cursor, len, usize::MAX / 2);
        problems.confirm_fix_all = false;
    }
}

/// Findings changed: counts and rows follow, the order stays.
pub fn follow(model: &mut Model) {
    let Some(groups) = model.session().and_then(|d| d.findings.as_ref()).map(|f| f.groups()) else { return };
    let Some(Screen::Problems(problems)) = model.screens.last_mut() else { return };
    for group in &mut problems.groups {
        let now = groups.iter().find(|g| g.rule == group.rule);
        (group.count, group.fixes) = now.map_or((0, 0), |now| (now.count, now.fixes));
    }
    for group in groups {
        if !problems.groups.iter().any(|g| g.rule == group.rule) {
            problems.groups.push(group);
        }
    }
    choose(model);
}

/// Something was learnt: as [`follow`], when the list is in front.
pub fn counted(model: &mut Model) {
    if matches!(model.screens.last(), Some(Screen::Problems(_))) {
        follow(model);
    }
}

pub fn act(model: &mut Model, action: Action, count: Option<u32>) -> Vec<Effect> {
    let layout = table::layout(model);
    let Some(problems) = problems(model) else { return Vec::new() };
    let panes = layout.problems(u16::try_from(problems.groups.len()).unwrap_or(u16::MAX));
    let groups_height = usize::from(panes.main.height);
    let rows_height = panes.side.area().map_or(1, |area| usize::from(area.height));
    let (rule, row) = (problems.rule(), problems.row());
    match action {
        Action::Back if problems.in_rows => problems.in_rows = false,
        Action::Back => close(model),
        Action::Accept if !problems.in_rows && !problems.rows.is_empty() => problems.in_rows = true,
        Action::Accept => {
            if let Some(row) = row {
                close(model);
                return show_row(model, row);
            }
        }
        Action::Fix => {
            let (Some(rule), Some(row)) = (rule, row) else { return Vec::new() };
            let fix =
                model.session().and_then(|session| fix_for(session.findings.as_deref()?, session.now(), row, rule));
            return match fix {
                Some(fix) => change(model, edit_of(&fix, RowSet::one(row)), |_| {
                    format!("fixed {} of row {}.  u undo", rule.code(), number(row))
                }),
                None => {
                    model.say(Mark::Plain, format!("no fix is known for row {}.  Enter goes there", number(row)));
                    Vec::new()
                }
            };
        }
        Action::FixAll => return fix_all(model),
        Action::OnlyThese => {
            let Some(rule) = rule else { return Vec::new() };
            close(model);
            if let Some(session) = model.session_mut() {
                session.view.query = Query { rule: Some(rule), state: StateFilter::All, ..Query::default() };
            }
            model.say(Mark::Plain, format!("only rows with {}.  Esc shows all rows", rule.code()));
            return table::refresh(model);
        }
        Action::Undo => return change::undo(model),
        _ if problems.in_rows => {
            let len = problems.rows.len();
            move_in(&mut problems.row_scroll, action, count, len, rows_height);
        }
        _ => {
            let len = problems.groups.len();
            let before = problems.scroll.cursor;
            move_in(&mut problems.scroll, action, count, len, groups_height);
            if problems.scroll.cursor != before {
                problems.row_scroll = Scroll::default();
                choose(model);
            }
        }
    }
    Vec::new()
}

/// Goes to a row; a filter that hides it is taken off.
pub fn show_row(model: &mut Model, row: RowId) -> Vec<Effect> {
    let mut effects = Vec::new();
    let hidden = model.session().is_some_and(|session| {
        let at = session.view.position_of(row, session.total());
        at.and_then(|at| session.view.row_at(at, session.total())) != Some(row)
    });
    if hidden && let Some(session) = model.session_mut() {
        session.view.query = Query::default();
        session.view.rows = None;
        session.view.partial = false;
        effects.extend(session.view.job.take().map(Effect::Cancel));
    }
    go_to(model, row);
    effects
}

/// Rows looked through for an example of a fix.
const SAMPLE: usize = 500;

/// `A` shows how many fixes there are, `A` again applies them as one step.
fn fix_all(model: &mut Model) -> Vec<Effect> {
    let Some(problems) = problems(model) else { return Vec::new() };
    let Some(rule) = problems.rule() else { return Vec::new() };
    let (confirmed, rows) = (std::mem::take(&mut problems.confirm_fix_all), problems.rows.clone());
    let Some(session) = model.session() else { return Vec::new() };
    let Some(findings) = session.findings.clone() else { return Vec::new() };
    let group = findings.groups().into_iter().find(|group| group.rule == rule);
    let first = rows.iter().take(SAMPLE).find_map(|row| Some((*row, fix_for(&findings, session.now(), *row, rule)?)));
    let Some(group) = group.filter(|group| group.fixes > 0) else {
        model.say(Mark::Plain, format!("no fix is known for {}", rule.code()));
        return Vec::new();
    };
    if confirmed {
        return change::fix_all(model, findings, rule, rows);
    }
    let example = match first {
        Some((row, Fix::Set(_, value))) => format!("; the first: row {} to {}", number(row), printable(&value)),
        Some((row, Fix::Exclude)) => format!("; the first: row {} is left out", number(row)),
        None => String::new(),
    };
    let left = group.count.saturating_sub(group.fixes);
    let rest = if left > 0 { format!(", {} have none", thousands(left)) } else { String::new() };
    if let Some(problems) = self::problems(model) {
        problems.confirm_fix_all = true;
    }
    model.say(Mark::Warning, format!("{} fixes{rest}{example}.  A applies them", thousands(group.fixes)));
    Vec::new()
}
