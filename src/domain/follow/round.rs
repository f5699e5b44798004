//! One reading of all tasks: which page comes next, and when it is enough. Believes neither `page_info` nor that the
//! pages stand still while they are read.

use super::told::Page;
use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

/// More pages than any index can have: a service that repeats itself for ever is left.
const MOST_PAGES: u32 = 40_000;

/// So many pages in a row that bring nothing new end the reading. One alone may repeat the page before, because as many
/// tasks were added at the top meanwhile.
const BARREN: u32 = 2;

/// The indexes still to read, and where the reading stands.
#[derive(Clone, Debug)]
pub struct Round {
    indexes: VecDeque<Arc<str>>,
    page: u32,
    pages: u32,
    /// Tasks created before this need not be read: they belong to an earlier upload, or are known and final.
    floor_ms: i64,
    seen: HashSet<Box<str>>,
    /// Pages in a row without a task that was not seen before.
    barren: u32,
    /// The newest creation time that the next task may have if the list is sorted; None if it is not.
    bound_ms: Option<i64>,
}

impl Round {
    pub fn new(indexes: impl IntoIterator<Item = Arc<str>>, floor_ms: i64) -> Round {
        let indexes = indexes.into_iter().collect();
        Round { indexes, page: 1, pages: 0, floor_ms, seen: HashSet::new(), barren: 0, bound_ms: Some(i64::MAX) }
    }

    /// The index and page to ask for; None at the end.
    pub fn next(&self) -> Option<(&Arc<str>, u32)> {
        self.indexes.front().map(|index| (index, self.page))
    }

    /// Pages read so far.
    pub fn pages(&self) -> u32 {
        self.pages
    }

    pub fn floor_ms(&self) -> i64 {
        self.floor_ms
    }

    /// Whether a task was on one of the pages.
    pub fn has_seen(&self, id: &str) -> bool {
        self.seen.contains(id)
    }

    /// Notes the page that was asked for.
    pub fn heard(&mut self, page: &Page) {
        self.pages += 1;
        let mut news = false;
        let mut reaches_down = true;
        for task in &page.tasks {
            news |= self.seen.insert(task.id.clone());
            self.bound_ms = match (self.bound_ms, task.created_ms) {
                (Some(bound), Some(created)) if created <= bound => Some(created),
                _ => None,
            };
            reaches_down &= task.created_ms.is_some_and(|created| created < self.floor_ms);
        }
        let is_enough = self.bound_ms.is_some() && reaches_down;
        // A short page is the last one only where the service tells how long its pages are.
        let is_last = page.is_short() && page.limit.is_some() && !page.claims_more;
        self.barren = if news { 0 } else { self.barren + 1 };
        if page.is_empty() || self.barren >= BARREN || is_enough || is_last || self.pages >= MOST_PAGES {
            self.indexes.pop_front();
            self.page = 1;
            self.barren = 0;
            self.bound_ms = Some(i64::MAX);
        } else {
            self.page += 1;
        }
    }
}
