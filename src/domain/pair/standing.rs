//! How the rows of a pairing stand now: which are open, taken or left, and what there is to decide, in order. It takes a look
//! at all rows, so it is worked out away from the screen, and the screen reads the outcome.

use super::result::{Class, ClassCount, Mark, Pairing};
use crate::draft::Snapshot;
use crate::manifest::{Field, RowId};
use crate::row_set::RowSet;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Rows that are shown of a class: the first, the middle and the last.
const SAMPLES: usize = 3;

/// Rows in the order in which they are decided.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Queue {
    rows: Vec<RowId>,
    /// Where each question begins. None begins in rows that are only looked through.
    starts: Vec<usize>,
}

impl Queue {
    /// Rows to look through, one by one.
    pub fn of_rows(rows: Vec<RowId>) -> Queue {
        Queue { rows, starts: Vec::new() }
    }

    /// Of a question's number and a row each, in any order.
    fn of_questions(mut asked: Vec<(usize, RowId)>) -> Queue {
        asked.sort_unstable();
        let mut queue = Queue::default();
        let mut last = None;
        for (question, row) in asked {
            if last != Some(question) {
                queue.starts.push(queue.rows.len());
                last = Some(question);
            }
            queue.rows.push(row);
        }
        queue
    }

    pub fn rows(&self) -> &[RowId] {
        &self.rows
    }

    pub fn row(&self, at: usize) -> Option<RowId> {
        self.rows.get(at).copied()
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub fn questions(&self) -> usize {
        self.starts.len()
    }

    /// The question that the row at a place asks, from 0, and the places of all rows that ask it.
    pub fn question_at(&self, at: usize) -> Option<(usize, Range<usize>)> {
        let number = self.starts.partition_point(|start| *start <= at).checked_sub(1)?;
        let start = *self.starts.get(number)?;
        Some((number, start..self.starts.get(number + 1).copied().unwrap_or(self.rows.len())))
    }
}

/// The rows of one class.
#[derive(Clone, Debug, Default)]
pub struct OfClass {
    /// All of them, those that are taken meanwhile too, but none that was filled by other means.
    pub rows: Arc<Vec<RowId>>,
    /// `sure` and `to_decide` without the rows that are taken.
    pub count: ClassCount,
    pub taken: u32,
    /// Open rows whose transcript would be another if it were missing, and the first of them.
    pub close_seconds: u32,
    pub seconds: Vec<RowId>,
    /// Open rows whose folder may be shifted by one.
    pub shifted: u32,
    pub samples: Vec<RowId>,
    /// What is to decide of it.
    pub queue: Arc<Queue>,
}

#[derive(Clone, Debug, Default)]
pub struct Standing {
    classes: [OfClass; 5],
    /// All that is to decide, the question that most rows ask first.
    pub queue: Arc<Queue>,
    /// Sure rows that nobody took yet.
    pub sure: Arc<RowSet>,
    pub to_decide: Arc<RowSet>,
    /// Rows that nothing fits and that nobody filled.
    pub nothing: Arc<RowSet>,
    /// By class, in the order of [`Class::ALL`].
    taken: [RowSet; 5],
}

/// What a standing is worked out from, besides the pairing and the rows.
#[derive(Clone, Debug, Default)]
pub struct Terms {
    /// Only these rows count.
    pub scope: Option<Arc<RowSet>>,
    /// Rows about which nothing is asked any more.
    pub left: RowSet,
    /// Rows whose transcript was taken from a pairing, as long as they have one.
    pub took: RowSet,
    /// What was taken of an earlier pairing still counts.
    pub before: Option<Arc<Standing>>,
}

impl Standing {
    /// None when `stop` was set meanwhile.
    pub fn of(pairing: &Pairing, now: &Snapshot, terms: &Terms, stop: &AtomicBool) -> Option<Standing> {
        let counts = |row: RowId| terms.scope.as_ref().is_none_or(|scope| scope.contains(row)) && !now.is_excluded(row);
        let is_filled = |row: RowId| !now.value(row, Field::Transcription).is_empty();
        let mut standing = Standing::default();
        let mut rows: [Vec<RowId>; 5] = Default::default();
        let mut taken: [Vec<RowId>; 5] = Default::default();
        let mut asked: [Vec<(usize, RowId)>; 5] = Default::default();
        let (mut sure, mut to_decide, mut nothing) = (Vec::new(), Vec::new(), Vec::new());
        for (at, proposal) in pairing.proposals().iter().enumerate() {
            if at.is_multiple_of(4096) && stop.load(Ordering::Relaxed) {
                return None;
            }
            let (row, class) = (proposal.row, proposal.class as usize);
            let Some(of_class) = standing.classes.get_mut(class).filter(|_| counts(row)) else { continue };
            if is_filled(row) && !terms.took.contains(row) {
                continue;
            }
            rows.get_mut(class)?.push(row);
            of_class.count.rows += 1;
            if is_filled(row) {
                of_class.taken += 1;
                taken.get_mut(class)?.push(row);
            } else if proposal.is_sure() {
                of_class.count.sure += 1;
                sure.push(row);
            } else if let Some(question) = proposal.question().filter(|_| !terms.left.contains(row)) {
                of_class.count.to_decide += 1;
                asked.get_mut(class)?.push((question, row));
                to_decide.push(row);
                of_class.shifted += u32::from(proposal.mark == Mark::Shifted);
                if proposal.mark == Mark::CloseSecond {
                    of_class.close_seconds += 1;
                    if of_class.seconds.len() < SAMPLES {
                        of_class.seconds.push(row);
                    }
                }
            } else if proposal.class == Class::None {
                nothing.push(row);
            }
        }
        if let Some(before) = &terms.before {
            for (class, earlier) in before.taken.iter().enumerate() {
                let (Some(of_class), Some(rows), Some(taken)) =
                    (standing.classes.get_mut(class), rows.get_mut(class), taken.get_mut(class))
                else {
                    continue;
                };
                let old =
                    earlier.iter().filter(|row| counts(*row) && pairing.of_row(*row).is_none() && is_filled(*row));
                for row in old {
                    of_class.count.rows += 1;
                    of_class.taken += 1;
                    rows.push(row);
                    taken.push(row);
                }
                rows.sort_unstable();
                taken.sort_unstable();
            }
        }
        standing.queue = Arc::new(Queue::of_questions(asked.iter().flatten().copied().collect()));
        for ((of_class, rows), asked) in standing.classes.iter_mut().zip(rows).zip(asked) {
            of_class.samples = samples(&rows);
            of_class.rows = Arc::new(rows);
            of_class.queue = Arc::new(Queue::of_questions(asked));
        }
        standing.taken = taken.map(|rows| rows.into_iter().collect());
        standing.sure = Arc::new(sure.into_iter().collect());
        standing.to_decide = Arc::new(to_decide.into_iter().collect());
        standing.nothing = Arc::new(nothing.into_iter().collect());
        Some(standing)
    }

    pub fn of_class(&self, class: Class) -> Option<&OfClass> {
        self.classes.get(class as usize)
    }

    pub fn count(&self, class: Class) -> ClassCount {
        self.of_class(class).map(|of_class| of_class.count).unwrap_or_default()
    }

    fn sum(&self, of: impl Fn(&OfClass) -> u32) -> u32 {
        self.classes.iter().map(of).sum()
    }

    pub fn rows(&self) -> u32 {
        self.sum(|class| class.count.rows)
    }

    /// Sure and not taken.
    pub fn open(&self) -> u32 {
        self.sum(|class| class.count.sure)
    }

    pub fn taken(&self) -> u32 {
        self.sum(|class| class.taken)
    }

    pub fn to_decide(&self) -> u32 {
        self.sum(|class| class.count.to_decide)
    }

    /// Rows that nothing fits and that nobody filled.
    pub fn nothing_fits(&self) -> u32 {
        self.of_class(Class::None).map_or(0, |none| none.count.rows - none.taken)
    }
}

fn samples(rows: &[RowId]) -> Vec<RowId> {
    let last = rows.len().saturating_sub(1);
    let mut at: Vec<usize> = match rows.len() {
        few if few <= SAMPLES => (0..few).collect(),
        many => vec![0, many / 2, last],
    };
    at.dedup();
    at.into_iter().filter_map(|at| rows.get(at).copied()).collect()
}

impl Pairing {
    /// These rows changed since: whether that is only what was proposed for them, so that all other proposals still hold.
    pub fn explains(&self, now: &Snapshot, rows: &RowSet) -> bool {
        let then = self.snapshot();
        rows.iter().filter(|row| *row < then.len()).all(|row| {
            let (text, before) = (now.value(row, Field::Transcription), then.value(row, Field::Transcription));
            let same = now.is_excluded(row) == then.is_excluded(row)
                && now.value(row, Field::Language).text() == then.value(row, Field::Language).text();
            let proposed = || {
                let proposal = self.of_row(row).filter(|_| !text.is_empty())?;
                Some(self.choices(proposal).into_iter().any(|key| self.url(key) == text.text()))
            };
            same && (text.text() == before.text() || proposed().unwrap_or(false))
        })
    }

    /// In how many rows that both speak of another proposal is made. None when the lists are not the same one.
    pub fn differs(&self, earlier: &Pairing) -> u32 {
        let same = |a: Option<u32>, b: Option<u32>| match (a, b) {
            (Some(a), Some(b)) => self.keys().name(a) == earlier.keys().name(b),
            (a, b) => a.is_none() && b.is_none(),
        };
        let other = self.proposals().iter().filter(|proposal| {
            let before = earlier.of_row(proposal.row);
            before.is_some_and(|before| {
                before.class != proposal.class || !same(before.transcript(), proposal.transcript())
            })
        });
        u32::try_from(other.count()).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_decided_question_by_question() {
        let queue = Queue::of_questions(vec![(1, 4), (0, 9), (1, 2), (0, 3)]);
        assert_eq!(queue.rows(), [3, 9, 2, 4]);
        assert_eq!(queue.question_at(1), Some((0, 0..2)));
        assert_eq!(queue.question_at(2), Some((1, 2..4)));
        assert_eq!(queue.questions(), 2);
        assert_eq!(Queue::of_rows(vec![5, 6]).question_at(1), None);
        assert_eq!(Queue::default().question_at(0), None);
    }

    #[test]
    fn a_class_is_shown_by_its_first_middle_and_last_row() {
        for (rows, shown) in
            [(0, vec![]), (1, vec![0]), (2, vec![0, 1]), (3, vec![0, 1, 2]), (9, vec![0, 4, 8]), (100, vec![0, 50, 99])]
        {
            assert_eq!(samples(&(0..rows).collect::<Vec<_>>()), shown, "{rows}");
        }
    }
}
