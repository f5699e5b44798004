//! The answers a person may give for a row, and the same answer for rows with the same question. Candidates correspond by
//! what distinguishes them, never by their position alone. A key goes to one row: if two rows would get it, neither does.

use super::hash::{ByHash, raw_hash};
use super::result::{Class, Pairing, Proposal};
use crate::draft::{Change, Edit, Snapshot};
use crate::manifest::{Field, RowId};
use crate::row_set::RowSet;
use std::sync::atomic::{AtomicBool, Ordering};

/// The choice made for a row, in a form that fits similar rows.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    /// What distinguishes it from the other that fits as well: `en-GB`.
    Label(String),
    /// Its position among the candidates, and its reason.
    Place(usize, String),
}

impl Pairing {
    /// The candidates of a row, best first: the proposed one, then the others that fit. Indices into the list.
    pub fn choices(&self, proposal: &Proposal) -> Vec<u32> {
        proposal.transcript().into_iter().chain(self.alternatives(proposal)).collect()
    }

    fn kind(&self, proposal: &Proposal, choices: &[u32], key: u32) -> Option<Kind> {
        let at = choices.iter().position(|choice| *choice == key)?;
        if let ([first, second, ..], Class::Ambiguous, 0 | 1) = (choices, proposal.class, at)
            && self.fit_alike(proposal)
        {
            let (one, two) = self.labels(*first, *second);
            return Some(Kind::Label(if at == 0 { one } else { two }));
        }
        // The reason without the row's number: `claimed by 7,210`.
        let word = self.candidate(proposal, key);
        let word = word.trim_end_matches(|c: char| c.is_ascii_digit() || c == ',').to_owned();
        Some(Kind::Place(at, word))
    }

    /// The corresponding choice for a row with the same question.
    fn alike_in(&self, proposal: &Proposal, kind: &Kind) -> Option<u32> {
        let choices = self.choices(proposal);
        let mut fitting =
            choices.iter().copied().filter(|key| self.kind(proposal, &choices, *key).as_ref() == Some(kind));
        let key = fitting.next()?;
        fitting.next().is_none().then_some(key)
    }

    /// Gives rows with the same question the same answer as `answered`, which took `key`: those that are open, have such a
    /// candidate, and share it with no other row. One edit; None when there is none, or `stop` was set.
    pub fn same_for(
        &self,
        answered: RowId,
        key: u32,
        rows: &[RowId],
        now: &Snapshot,
        stop: &AtomicBool,
    ) -> Option<Edit> {
        let proposal = self.of_row(answered)?;
        let kind = self.kind(proposal, &self.choices(proposal), key)?;
        let mut found: Vec<(RowId, u32)> = Vec::new();
        let mut claims: ByHash<u32, u32> = ByHash::default();
        for (at, row) in rows.iter().enumerate() {
            if at.is_multiple_of(256) && stop.load(Ordering::Relaxed) {
                return None;
            }
            let is_open = !now.is_excluded(*row) && now.value(*row, Field::Transcription).is_empty();
            let fitting = self.of_row(*row).filter(|_| is_open).and_then(|like| self.alike_in(like, &kind));
            if let Some(key) = fitting {
                *claims.entry(key).or_insert(0) += 1;
                found.push((*row, key));
            }
        }
        // Keys that other rows got since.
        let mut given: ByHash<u64, ()> = ByHash::default();
        for proposal in self.proposals() {
            let text = now.value(proposal.row, Field::Transcription);
            if !text.is_empty() {
                given.insert(raw_hash(&[text.text()]), ());
            }
        }
        found.retain(|(_, key)| claims.get(key) == Some(&1) && !given.contains_key(&raw_hash(&[&self.url(*key)])));
        found.sort_unstable();
        let rows: RowSet = found.iter().map(|(row, _)| *row).collect();
        let texts = found.iter().map(|(_, key)| self.url(*key)).collect();
        (!rows.is_empty()).then_some(Edit { rows, change: Change::SetEach(Field::Transcription, texts) })
    }

    /// Gives each open sure row of these classes, and of `scope`, its transcript. One edit; None when there is none.
    pub fn take(&self, classes: &[Class], scope: Option<&RowSet>, now: &Snapshot) -> Option<Edit> {
        let mut rows = Vec::new();
        let mut texts = Vec::new();
        for proposal in self.proposals().iter().filter(|it| it.is_sure() && classes.contains(&it.class)) {
            let row = proposal.row;
            let is_open = !now.is_excluded(row) && now.value(row, Field::Transcription).is_empty();
            if let Some(key) = proposal.transcript().filter(|_| is_open && scope.is_none_or(|rows| rows.contains(row)))
            {
                rows.push(row);
                texts.push(self.url(key));
            }
        }
        let rows: RowSet = rows.into_iter().collect();
        (!rows.is_empty()).then_some(Edit { rows, change: Change::SetEach(Field::Transcription, texts) })
    }
}
