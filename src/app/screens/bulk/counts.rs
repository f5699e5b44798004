//! The counts of a bulk change: the name of each, its rows, and the change it stands for.

use crate::app::count::{Chosen, Counted};
use crate::domain::bulk::Class;
use crate::domain::row_set::RowSet;
use crate::domain::rules::Rule;
use std::sync::Arc;

/// One of the counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Class(Class),
    AllFixes,
    Fixes(Rule),
    CannotBeFixed,
}

/// The counts in order, each with its name and number.
pub fn of(counted: &Counted) -> Vec<(Part, &'static str, u64)> {
    match counted {
        Counted::Plan { plan, .. } => plan
            .counts()
            .into_iter()
            .map(|(class, count)| (Part::Class(class), class.word(plan.action()), count))
            .collect(),
        Counted::Fixes { mend, rows, .. } => {
            let rules = mend.rules.iter().map(|(rule, rows)| (Part::Fixes(*rule), rule.code(), rows.len() as u64));
            let all = (Part::AllFixes, "all", rows.len() as u64);
            let cannot = (Part::CannotBeFixed, "cannot be fixed", mend.cannot.len() as u64);
            [all].into_iter().chain(rules).chain([cannot]).collect()
        }
    }
}

pub fn rows(counted: &Counted, part: Part) -> &RowSet {
    const NONE: &RowSet = &RowSet::new();
    match (counted, part) {
        (Counted::Plan { plan, .. }, Part::Class(class)) => plan.rows(class),
        (Counted::Fixes { rows, .. }, Part::AllFixes) => rows,
        (Counted::Fixes { mend, .. }, Part::CannotBeFixed) => &mend.cannot,
        (Counted::Fixes { mend, .. }, Part::Fixes(rule)) => {
            mend.rules.iter().find(|(own, _)| *own == rule).map_or(NONE, |(_, rows)| rows)
        }
        _ => NONE,
    }
}

/// The change a count stands for; None for rows that cannot be changed.
pub fn chosen(counted: &Counted, part: Part) -> Option<Chosen> {
    match (counted, part) {
        (Counted::Plan { plan, .. }, Part::Class(class)) if class.can_be_written() => {
            Some(Chosen::Class(Arc::clone(plan), class))
        }
        (Counted::Fixes { mend, findings, .. }, Part::AllFixes) => {
            Some(Chosen::Fixes(Arc::clone(mend), Arc::clone(findings), None))
        }
        (Counted::Fixes { mend, findings, .. }, Part::Fixes(rule)) => {
            Some(Chosen::Fixes(Arc::clone(mend), Arc::clone(findings), Some(rule)))
        }
        _ => None,
    }
}
