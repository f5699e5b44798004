//! A set of rows as sorted ranges, used by selections, bulk edits and filters.

use super::manifest::RowId;
use serde::{Deserialize, Serialize};

/// Up to this many rows, changing a set in place is faster than rebuilding it.
const FEW: usize = 64;

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "Vec<(RowId, RowId)>", into = "Vec<(RowId, RowId)>")]
pub struct RowSet {
    /// Sorted, disjoint, not touching; start inclusive, end exclusive.
    ranges: Vec<(RowId, RowId)>,
}

impl RowSet {
    pub const fn new() -> Self {
        RowSet { ranges: Vec::new() }
    }

    pub fn one(row: RowId) -> Self {
        RowSet::range(row, row.saturating_add(1))
    }

    /// All of `start..end`.
    pub fn range(start: RowId, end: RowId) -> Self {
        RowSet { ranges: if start < end { vec![(start, end)] } else { Vec::new() } }
    }

    pub fn contains(&self, row: RowId) -> bool {
        self.position(row).is_ok()
    }

    /// The range (end exclusive) that contains the row. Its neighbours are not in the set.
    pub fn range_of(&self, row: RowId) -> Option<(RowId, RowId)> {
        self.position(row).ok().and_then(|at| self.ranges.get(at).copied())
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.ranges.iter().map(|(start, end)| (end - start) as usize).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// How many of these rows (without repeats, in any order) are in the set. It runs between two frames for up to a
    /// million rows: beyond a few, the set is expanded to bits to avoid searching for each.
    pub fn count_of(&self, rows: &[RowId]) -> usize {
        let Some((_, end)) = self.ranges.last() else { return 0 };
        if rows.len() <= FEW {
            return rows.iter().filter(|row| self.contains(**row)).count();
        }
        let mut bits = vec![0_u64; (end / 64 + 1) as usize];
        for &(start, end) in &self.ranges {
            let (first, last) = ((start / 64) as usize, ((end - 1) / 64) as usize);
            for (word, bits) in bits.iter_mut().enumerate().take(last + 1).skip(first) {
                let from = if word == first { u64::MAX << (start % 64) } else { u64::MAX };
                let to = if word == last { u64::MAX >> (63 - (end - 1) % 64) } else { u64::MAX };
                *bits |= from & to;
            }
        }
        let is_set = |row: &RowId| bits.get((row / 64) as usize).is_some_and(|word| word >> (row % 64) & 1 == 1);
        rows.iter().filter(|row| is_set(row)).count()
    }

    /// The same rows as sets of at most `most` rows, ascending.
    pub fn chunks(&self, most: usize) -> Vec<RowSet> {
        let most = RowId::try_from(most.max(1)).unwrap_or(RowId::MAX);
        let (mut chunks, mut open, mut room) = (Vec::new(), RowSet::new(), most);
        for &(mut start, end) in &self.ranges {
            while start < end {
                let stop = end.min(start.saturating_add(room));
                open.ranges.push((start, stop));
                room -= stop - start;
                start = stop;
                if room == 0 {
                    chunks.push(std::mem::take(&mut open));
                    room = most;
                }
            }
        }
        chunks.extend((!open.is_empty()).then_some(open));
        chunks
    }

    /// In ascending order.
    pub fn iter(&self) -> impl Iterator<Item = RowId> + '_ {
        self.ranges.iter().flat_map(|&(start, end)| start..end)
    }

    /// In ascending order, without the first `skipped` rows: what is skipped is not walked row by row.
    pub fn iter_from(&self, skipped: usize) -> impl Iterator<Item = RowId> + '_ {
        let mut left = skipped;
        self.ranges.iter().flat_map(move |&(start, end)| {
            let skip = left.min((end - start) as usize);
            left -= skip;
            start.saturating_add(RowId::try_from(skip).unwrap_or(RowId::MAX)).min(end)..end
        })
    }

    /// The rows at these places of the set, counted from 0 and ascending; places beyond its end are left out.
    pub fn at_places(&self, places: impl Iterator<Item = u32>) -> RowSet {
        let (mut ranges, mut from) = (self.ranges.iter().peekable(), 0);
        let row = |place: u32| {
            while let Some((start, end)) = ranges.peek() {
                match start.checked_add(place.checked_sub(from)?).filter(|row| row < end) {
                    Some(row) => return Some(row),
                    None => from += end - start,
                }
                ranges.next();
            }
            None
        };
        places.filter_map(row).collect()
    }

    /// The ranges (end exclusive) as stored in the journal.
    pub fn ranges(&self) -> &[(RowId, RowId)] {
        &self.ranges
    }

    /// [`RowId::MAX`] is never a row: the count would overflow.
    #[expect(clippy::indexing_slicing, reason = "`position` returns an index of a range, or the place for one")]
    pub fn insert(&mut self, row: RowId) {
        if row < RowId::MAX
            && let Err(at) = self.position(row)
        {
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

    #[expect(clippy::indexing_slicing, reason = "`position` returns the index of a range")]
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

    /// Rows in either set.
    pub fn union(&self, other: &RowSet) -> RowSet {
        let (mut left, mut right) = (self.ranges.iter().peekable(), other.ranges.iter().peekable());
        let mut ranges: Vec<(RowId, RowId)> = Vec::with_capacity(self.ranges.len() + other.ranges.len());
        loop {
            let next = match (left.peek(), right.peek()) {
                (Some(a), Some(b)) if a.0 <= b.0 => left.next(),
                (_, Some(_)) => right.next(),
                (_, None) => left.next(),
            };
            let Some(&(start, end)) = next else { break RowSet { ranges } };
            match ranges.last_mut() {
                Some(last) if start <= last.1 => last.1 = last.1.max(end),
                _ => ranges.push((start, end)),
            }
        }
    }

    /// Rows in both sets.
    pub fn intersection(&self, other: &RowSet) -> RowSet {
        let (mut left, mut right) = (self.ranges.iter().peekable(), other.ranges.iter().peekable());
        let mut ranges = Vec::new();
        while let (Some(&&(a_start, a_end)), Some(&&(b_start, b_end))) = (left.peek(), right.peek()) {
            let (start, end) = (a_start.max(b_start), a_end.min(b_end));
            if start < end {
                ranges.push((start, end));
            }
            if a_end < b_end {
                left.next()
            } else {
                right.next()
            };
        }
        RowSet { ranges }
    }

    /// Rows in this set but not the other.
    pub fn difference(&self, other: &RowSet) -> RowSet {
        let mut ranges = Vec::new();
        let mut holes = other.ranges.iter().peekable();
        for &(mut start, end) in &self.ranges {
            while holes.next_if(|hole| hole.1 <= start).is_some() {}
            while let Some(&&(hole_start, hole_end)) = holes.peek()
                && hole_start < end
            {
                if start < hole_start {
                    ranges.push((start, hole_start));
                }
                start = hole_end.min(end);
                if hole_end > end {
                    break;
                }
                holes.next();
            }
            if start < end {
                ranges.push((start, end));
            }
        }
        RowSet { ranges }
    }

    /// Adds the rows of the other set: a few in place, many by merging.
    pub fn add(&mut self, other: &RowSet) {
        if other.len() <= FEW {
            other.iter().for_each(|row| self.insert(row));
        } else {
            *self = self.union(other);
        }
    }

    /// Removes the rows of the other set.
    pub fn subtract(&mut self, other: &RowSet) {
        if other.len() <= FEW {
            other.iter().for_each(|row| self.remove(row));
        } else {
            *self = self.difference(other);
        }
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
        let mut ranges: Vec<(RowId, RowId)> = Vec::new();
        // A view in file order is ascending: no sorting needed.
        let mut ascend = true;
        for row in rows.into_iter().filter(|row| *row < RowId::MAX) {
            match ranges.last_mut() {
                Some(last) if last.1 == row => last.1 = row + 1,
                last => {
                    ascend &= last.is_none_or(|last| last.1 < row);
                    ranges.push((row, row + 1));
                }
            }
        }
        if ascend { RowSet { ranges } } else { RowSet::from(ranges) }
    }
}

/// Ranges in any order, as a journal may contain them.
impl From<Vec<(RowId, RowId)>> for RowSet {
    fn from(mut all: Vec<(RowId, RowId)>) -> Self {
        all.retain(|(start, end)| start < end);
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
}

impl From<RowSet> for Vec<(RowId, RowId)> {
    fn from(set: RowSet) -> Self {
        set.ranges
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
        fn set_arithmetic_agrees_with_plain_sets(
            a in prop::collection::vec((0u32..400, 0u32..30), 0..20),
            b in prop::collection::vec((0u32..400, 0u32..30), 0..20),
        ) {
            let set = |ranges: &[(u32, u32)]| RowSet::from(ranges.iter().map(|&(s, n)| (s, s + n)).collect::<Vec<_>>());
            let plain = |ranges: &[(u32, u32)]| ranges.iter().flat_map(|&(s, n)| s..s + n).collect::<BTreeSet<_>>();
            let (left, right, (a, b)) = (set(&a), set(&b), (plain(&a), plain(&b)));
            let same = |set: RowSet, plain: Vec<u32>| set == plain.into_iter().collect::<RowSet>();
            prop_assert!(same(left.union(&right), a.union(&b).copied().collect()));
            prop_assert!(same(left.intersection(&right), a.intersection(&b).copied().collect()));
            prop_assert!(same(left.difference(&right), a.difference(&b).copied().collect()));
            let (mut added, mut subtracted) = (left.clone(), left.clone());
            added.add(&right);
            subtracted.subtract(&right);
            prop_assert_eq!(added, left.union(&right));
            prop_assert_eq!(subtracted, left.difference(&right));
        }

        #[test]
        fn rows_in_any_order_make_the_same_set_and_are_counted_in_it(
            rows in prop::collection::btree_set(0u32..300, 0..150).prop_flat_map(|rows| {
                let ascending: Vec<_> = rows.into_iter().collect();
                (Just(ascending.clone()), Just(ascending).prop_shuffle())
            }),
            other in prop::collection::btree_set(0u32..400, 0..150),
        ) {
            let (ascending, shuffled) = rows;
            let set: RowSet = shuffled.iter().copied().collect();
            prop_assert_eq!(&set, &ascending.iter().copied().collect::<RowSet>());
            prop_assert_eq!(set.iter().collect::<Vec<_>>(), ascending.clone());
            let both = ascending.iter().filter(|row| other.contains(row)).count();
            let other: RowSet = other.into_iter().collect();
            prop_assert_eq!(other.count_of(&shuffled), both);
            prop_assert_eq!(other.count_of(&ascending), both);
        }

        #[test]
        fn chunks_are_full_but_the_last_and_hold_every_row_in_order(
            rows in prop::collection::btree_set(0u32..300, 0..150),
            most in 1usize..40,
        ) {
            let set: RowSet = rows.iter().copied().collect();
            let chunks = set.chunks(most);
            prop_assert!(chunks.iter().rev().skip(1).all(|chunk| chunk.len() == most));
            prop_assert!(chunks.iter().all(|chunk| (1..=most).contains(&chunk.len())));
            prop_assert_eq!(chunks.iter().flat_map(RowSet::iter).collect::<Vec<_>>(), set.iter().collect::<Vec<_>>());
        }

        #[test]
        fn rows_at_places_are_those_counted_one_by_one(
            rows in prop::collection::btree_set(0u32..300, 0..150),
            places in prop::collection::btree_set(0u32..200, 0..100),
        ) {
            let set: RowSet = rows.iter().copied().collect();
            let expected: RowSet = places.iter().filter_map(|place| rows.iter().nth(*place as usize)).copied().collect();
            prop_assert_eq!(set.at_places(places.into_iter()), expected);
        }

        #[test]
        fn a_union_holds_what_either_holds(a in prop::collection::vec(0u32..60, 0..30), b in prop::collection::vec(0u32..60, 0..30)) {
            let union = a.iter().copied().collect::<RowSet>().union(&b.iter().copied().collect());
            prop_assert_eq!(union, a.into_iter().chain(b).collect::<RowSet>());
        }
    }
}
