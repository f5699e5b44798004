//! Applies a template to many rows: which of its values exist, and which can't be filled.

use super::Template;
use crate::clashes::{clashes, hash_of};
use crate::draft::{Change, Edit, Snapshot};
use crate::keys::Listed;
use crate::manifest::{Field, RowId};
use crate::many::in_chunks;
use crate::row_set::RowSet;
use crate::rules::error_in;
use std::borrow::Cow;
use std::hash::RandomState;

/// What happens to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Fit {
    /// The value is in the list.
    Exist,
    NotListed,
    /// Another of these rows, with another video, gets the same value.
    Twice,
    /// A row that is not filled, with another video, uses it.
    InUse,
    /// The row lacks something the template asks for.
    NoValue,
    /// The value would break a rule of severity error.
    WouldBreak,
    /// All rows.
    All,
}

impl Fit {
    pub const ALL: [Fit; 7] =
        [Fit::Exist, Fit::NotListed, Fit::Twice, Fit::InUse, Fit::NoValue, Fit::WouldBreak, Fit::All];

    /// The label shown before the count.
    pub fn word(self) -> &'static str {
        match self {
            Fit::Exist => "exist",
            Fit::NotListed => "not listed",
            Fit::Twice => "twice",
            Fit::InUse => "in use",
            Fit::NoValue => "no value",
            Fit::WouldBreak => "would break",
            Fit::All => "all",
        }
    }
}

/// A template applied to rows of one snapshot. Stores no values: [`Template::value`] computes them again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    all: RowSet,
    exist: RowSet,
    /// Without a list, every row with a valid value.
    not_listed: RowSet,
    twice: RowSet,
    in_use: RowSet,
    no_value: RowSet,
    would_break: RowSet,
    /// (row, other row that gets or uses the same value), ascending.
    others: Vec<(RowId, RowId)>,
    has_list: bool,
}

/// Applies a template to these rows. `progress` gets the number of rows done and returns false to stop; then None.
pub fn apply(
    template: &Template,
    snapshot: &Snapshot,
    rows: &RowSet,
    listed: Option<&Listed>,
    progress: impl Fn(u32) -> bool + Sync,
) -> Option<Applied> {
    let all = rows.intersection(&RowSet::range(0, snapshot.len()));
    let listed = listed.filter(|listed| !listed.is_empty());
    let keys = RandomState::new();
    let parts = in_chunks(&all, &progress, |chunk| {
        let mut part = Rows::default();
        let (mut text, mut room) = (String::new(), Vec::new());
        for row in chunk.iter() {
            if template.fill_row(snapshot, row, &mut text).is_err() || !snapshot.base().is_object(row) {
                part.no_value.push(row);
            } else if error_in(Field::Transcription, &text, &mut room).is_some() || text.is_empty() {
                part.would_break.push(row);
            } else {
                part.hashes.push((hash_of(&keys, &text), row));
                let is_listed = listed.is_some_and(|listed| listed.contains(&text));
                if is_listed { part.exist.push(row) } else { part.not_listed.push(row) }
            }
        }
        part
    })?;
    let mut found = Rows::default();
    for part in parts {
        found.no_value.extend(part.no_value);
        found.would_break.extend(part.would_break);
        found.hashes.extend(part.hashes);
        found.exist.extend(part.exist);
        found.not_listed.extend(part.not_listed);
    }
    let text = |row| template.value(snapshot, row).ok().map(Cow::Owned);
    let clashes = clashes(snapshot, found.hashes, &keys, &text, &progress)?;
    let of = |rows: &[(RowId, RowId)]| rows.iter().map(|(row, _)| *row).collect::<RowSet>();
    let twice = of(&clashes.twice);
    let in_use = of(&clashes.used).difference(&twice);
    let cannot = twice.union(&in_use);
    let rest = |rows: Vec<RowId>| rows.into_iter().collect::<RowSet>().difference(&cannot);
    let mut others = clashes.twice;
    others.extend(clashes.used.into_iter().filter(|(row, _)| in_use.contains(*row)));
    others.sort_unstable();
    Some(Applied {
        exist: rest(found.exist),
        not_listed: rest(found.not_listed),
        no_value: found.no_value.into_iter().collect(),
        would_break: found.would_break.into_iter().collect(),
        all,
        twice,
        in_use,
        others,
        has_list: listed.is_some(),
    })
}

#[derive(Default)]
struct Rows {
    exist: Vec<RowId>,
    not_listed: Vec<RowId>,
    no_value: Vec<RowId>,
    would_break: Vec<RowId>,
    hashes: Vec<(u64, RowId)>,
}

impl Applied {
    /// Whether there was a list.
    pub fn has_list(&self) -> bool {
        self.has_list
    }

    pub fn rows(&self, fit: Fit) -> &RowSet {
        match fit {
            Fit::Exist => &self.exist,
            Fit::NotListed => &self.not_listed,
            Fit::Twice => &self.twice,
            Fit::InUse => &self.in_use,
            Fit::NoValue => &self.no_value,
            Fit::WouldBreak => &self.would_break,
            Fit::All => &self.all,
        }
    }

    pub fn count(&self, fit: Fit) -> u64 {
        self.rows(fit).len() as u64
    }

    /// The counts to show: `exist` and `not listed` only with a list, `no value` and `would break` only if there are
    /// such rows.
    pub fn counts(&self) -> Vec<(Fit, u64)> {
        let is_shown = |fit: &Fit| match fit {
            Fit::Exist | Fit::NotListed => self.has_list,
            Fit::Twice | Fit::InUse | Fit::All => true,
            Fit::NoValue | Fit::WouldBreak => self.count(*fit) > 0,
        };
        Fit::ALL.into_iter().filter(is_shown).map(|fit| (fit, self.count(fit))).collect()
    }

    /// The initially selected count. With a list, keys that are not in it are filled only where the operator chooses so.
    pub fn first(&self) -> Fit {
        if self.has_list { Fit::Exist } else { Fit::All }
    }

    /// The next count that is not 0, for Tab.
    pub fn after(&self, fit: Fit) -> Fit {
        let shown: Vec<Fit> = self.counts().into_iter().filter(|(_, count)| *count > 0).map(|(fit, _)| fit).collect();
        let at = shown.iter().position(|shown| *shown == fit).map_or(0, |at| at + 1);
        shown.get(at).or(shown.first()).copied().unwrap_or(fit)
    }

    /// The rows that Enter fills for a selected count, without those that conflict with another row or would be errors.
    pub fn fillable(&self, fit: Fit) -> RowSet {
        match fit {
            Fit::Exist | Fit::NotListed => self.rows(fit).clone(),
            Fit::All => self.exist.union(&self.not_listed),
            Fit::Twice | Fit::InUse | Fit::NoValue | Fit::WouldBreak => RowSet::new(),
        }
    }

    /// Rows for which the template has a value.
    pub fn fits(&self) -> u64 {
        self.count(Fit::All) - self.count(Fit::NoValue)
    }

    /// The other row that gets or uses the same value.
    pub fn other(&self, row: RowId) -> Option<RowId> {
        let at = self.others.partition_point(|(own, _)| *own < row);
        self.others.get(at).filter(|(own, _)| *own == row).map(|(_, other)| *other)
    }

    /// One undo step that fills the rows of a count. None if there is nothing to fill or `progress` stopped it.
    pub fn edit(
        &self,
        template: &Template,
        snapshot: &Snapshot,
        fit: Fit,
        progress: impl Fn(u32) -> bool + Sync,
    ) -> Option<Edit> {
        let rows = self.fillable(fit);
        if rows.is_empty() {
            return None;
        }
        let texts = in_chunks(&rows, &progress, |chunk| {
            chunk.iter().map(|row| template.value(snapshot, row).unwrap_or_default()).collect::<Vec<_>>()
        })?;
        Some(Edit { rows, change: Change::SetEach(Field::Transcription, texts.into_iter().flatten().collect()) })
    }
}
