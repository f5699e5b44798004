//! A set of rows, kept as sorted ranges: what a selection, a bulk edit and a filter hand around.

use super::manifest::RowId;

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct RowSet {
    /// Sorted, disjoint, not touching; start inclusive, end exclusive.
    ranges: Vec<(RowId, RowId)>,
}

impl RowSet {
    pub fn new() -> Self {
        RowSet::default()
    }

    pub fn one(row: RowId) -> Self {
        RowSet { ranges: vec![(row, row + 1)] }
    }

    /// All of `start..end`.
    pub fn range(start: RowId, end: RowId) -> Self {
        RowSet { ranges: if start < end { vec![(start, end)] } else { Vec::new() } }
    }

    pub fn contains(&self, row: RowId) -> bool {
        self.position(row).is_ok()
    }

    /// How many rows.
    pub fn len(&self) -> usize {
        self.ranges.iter().map(|(start, end)| (end - start) as usize).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// In ascending order.
    pub fn iter(&self) -> impl Iterator<Item = RowId> + '_ {
        self.ranges.iter().flat_map(|&(start, end)| start..end)
    }

    /// The ranges themselves, start inclusive and end exclusive: what the journal keeps.
    pub fn ranges(&self) -> &[(RowId, RowId)] {
        &self.ranges
    }

    pub fn insert(&mut self, row: RowId) {
        if let Err(at) = self.position(row) {
            let joins_left = at > 0 && self.ranges[at - 1].1 == row;
            let joins_right = self.ranges.get(at).is_some_and(|r| r.0 == row + 1);
            match (joins_left, joins_right) {
                (true, true) => {
                    self.ranges[at - 1].1 = self.ranges[at].1;
                    self.ranges.remove(at);
                }
                (true, false) => self.ranges[at - 1].1 = row + 1,
                (false, true) => self.ranges[at].0 = row,
                (false, false) => self.ranges.insert(at, (row, row + 1)),
            }
        }
    }

    pub fn remove(&mut self, row: RowId) {
        if let Ok(at) = self.position(row) {
            let (start, end) = self.ranges[at];
            match (start == row, end == row + 1) {
                (true, true) => {
                    self.ranges.remove(at);
                }
                (true, false) => self.ranges[at].0 = row + 1,
                (false, true) => self.ranges[at].1 = row,
                (false, false) => {
                    self.ranges[at].1 = row;
                    self.ranges.insert(at + 1, (row + 1, end));
                }
            }
        }
    }

    /// Every row of both.
    pub fn union(&self, other: &RowSet) -> RowSet {
        let mut all: Vec<_> = self.ranges.iter().chain(&other.ranges).copied().collect();
        all.sort_unstable();
        let mut ranges: Vec<(RowId, RowId)> = Vec::with_capacity(all.len());
        for (start, end) in all {
            match ranges.last_mut() {
                Some(last) if start <= last.1 => last.1 = last.1.max(end),
                _ => ranges.push((start, end)),
            }
        }
        RowSet { ranges }
    }

    /// The index of the range that holds `row`, or where a new range would go.
    fn position(&self, row: RowId) -> Result<usize, usize> {
        self.ranges.binary_search_by(|&(start, end)| {
            if row < start {
                std::cmp::Ordering::Greater
            } else if row >= end {
                std::cmp::Ordering::Less
            } else {
                std::cmp::Ordering::Equal
            }
        })
    }
}

impl FromIterator<RowId> for RowSet {
    fn from_iter<I: IntoIterator<Item = RowId>>(rows: I) -> Self {
        let mut rows: Vec<RowId> = rows.into_iter().collect();
        rows.sort_unstable();
        rows.dedup();
        let mut ranges: Vec<(RowId, RowId)> = Vec::new();
        for row in rows {
            match ranges.last_mut() {
                Some(last) if last.1 == row => last.1 = row + 1,
                _ => ranges.push((row, row + 1)),
            }
        }
        RowSet { ranges }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn inserts_and_removes_agree_with_a_plain_set(steps in prop::collection::vec((any::<bool>(), 0u32..40), 0..200)) {
            let mut set = RowSet::new();
            let mut plain = BTreeSet::new();
            for (insert, row) in steps {
                if insert {
                    set.insert(row);
                    plain.insert(row);
                } else {
                    set.remove(row);
                    plain.remove(&row);
                }
                prop_assert_eq!(set.iter().collect::<Vec<_>>(), plain.iter().copied().collect::<Vec<_>>());
                prop_assert_eq!(set.len(), plain.len());
                prop_assert_eq!(&set, &plain.iter().copied().collect::<RowSet>());
            }
        }

        #[test]
        fn a_union_holds_what_either_holds(a in prop::collection::vec(0u32..60, 0..30), b in prop::collection::vec(0u32..60, 0..30)) {
            let union = a.iter().copied().collect::<RowSet>().union(&b.iter().copied().collect());
            prop_assert_eq!(union, a.into_iter().chain(b).collect::<RowSet>());
        }
    }
}
