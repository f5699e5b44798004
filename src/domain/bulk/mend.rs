//! Everything in some rows that can be fixed, by rule, and what can't be.

use crate::draft::{Edit, Snapshot};
use crate::findings::Findings;
use crate::fixes::{Fixes, together};
use crate::manifest::{Field, RowId};
use crate::many::in_chunks;
use crate::row_set::RowSet;
use crate::rules::{Fix, Rule, Severity, check_row, explain, with_text};
use std::collections::BTreeMap;

/// A fix may expose another fault: first blanks around a web address, then the address. No text needs more rounds.
const ROUNDS: usize = 4;

/// The fixable rows by rule, in catalogue order. A row is listed under each rule that has a fix for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mend {
    pub rules: Vec<(Rule, RowSet)>,
    /// Rows with an error or a warning that have no fix.
    pub cannot: RowSet,
}

/// Collects the fixes. `progress` gets the number of rows done and returns false to stop; then None.
pub fn mend(
    findings: &Findings,
    snapshot: &Snapshot,
    rows: &RowSet,
    progress: impl Fn(u32) -> bool + Sync,
) -> Option<Mend> {
    let rows = rows.intersection(&RowSet::range(0, snapshot.len()));
    let parts = in_chunks(&rows, &progress, |chunk| {
        let mut rules: BTreeMap<Rule, Vec<RowId>> = BTreeMap::new();
        let mut cannot = Vec::new();
        for row in chunk.iter().filter(|row| findings.worst(*row).is_some()) {
            let mut is_left = false;
            for hit in findings.of_row(snapshot, row) {
                if findings.explain(snapshot, row, &hit).fix.is_none() {
                    is_left |= hit.severity < Severity::Note;
                    continue;
                }
                let rows = rules.entry(hit.rule).or_default();
                if rows.last() != Some(&row) {
                    rows.push(row);
                }
            }
            cannot.extend(is_left.then_some(row));
        }
        (rules, cannot)
    })?;
    let mut rules: BTreeMap<Rule, Vec<RowId>> = BTreeMap::new();
    let mut cannot = Vec::new();
    for (part, left) in parts {
        cannot.extend(left);
        for (rule, rows) in part {
            rules.entry(rule).or_default().extend(rows);
        }
    }
    let rules = rules.into_iter().map(|(rule, rows)| (rule, rows.into_iter().collect())).collect();
    Some(Mend { rules, cannot: cannot.into_iter().collect() })
}

impl Mend {
    /// Every fixable row.
    pub fn rows(&self) -> RowSet {
        self.rules.iter().fold(RowSet::new(), |rows, (_, more)| rows.union(more))
    }

    /// One undo step that fixes one rule, or everything fixable. A row that leaves the file is not fixed as well.
    pub fn edit(
        &self,
        findings: &Findings,
        snapshot: &Snapshot,
        rule: Option<Rule>,
        progress: impl Fn(u32) -> bool + Sync,
    ) -> Option<Edit> {
        if let Some(rule) = rule {
            let (_, rows) = self.rules.iter().find(|(own, _)| *own == rule)?;
            return together(findings, snapshot, &rows.iter().collect::<Vec<_>>(), rule);
        }
        let parts = in_chunks(&self.rows(), &progress, |chunk| {
            chunk
                .iter()
                .flat_map(|row| fixes_of(findings, snapshot, row).into_iter().map(move |fix| (row, fix)))
                .collect::<Vec<_>>()
        })?;
        let mut fixes = Fixes::default();
        parts.into_iter().flatten().for_each(|(row, fix)| fixes.add(row, fix));
        fixes.edit()
    }
}

/// All fixes for a row, repeated until no field has another fix.
pub fn fixes_of(findings: &Findings, snapshot: &Snapshot, row: RowId) -> Vec<Fix> {
    let hits = findings.of_row(snapshot, row);
    let first: Vec<Fix> = hits.iter().filter_map(|hit| findings.explain(snapshot, row, hit).fix).collect();
    if first.contains(&Fix::Exclude) {
        return vec![Fix::Exclude];
    }
    let decoded = snapshot.row(row);
    let mut fixes: Vec<(Field, String)> = Vec::new();
    for fix in first {
        if let Fix::Set(field, mut text) = fix
            && !fixes.iter().any(|(known, _)| *known == field)
        {
            for _ in 1..ROUNDS {
                let fixed = with_text(&decoded, field, &text);
                let mut hits = Vec::new();
                check_row(&fixed, &mut hits);
                let next = hits.iter().filter(|hit| hit.field == Some(field)).find_map(|hit| explain(&fixed, hit).fix);
                match next {
                    Some(Fix::Set(_, next)) if next != text => text = next,
                    _ => break,
                }
            }
            fixes.push((field, text));
        }
    }
    fixes.into_iter().map(|(field, text)| Fix::Set(field, text)).collect()
}
