//! Parallel work over up to a million rows: in chunks, on all cores, with progress and cancellation. Results keep the
//! row order.

use super::parallel::ranges;
use super::row_set::RowSet;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};

/// Rows a thread takes at a time: enough to make scheduling free, few enough to stop promptly.
pub(crate) const CHUNK: usize = 4096;

/// Calls `work` on chunks of rows and returns the results in order. `progress` gets the number of rows done and returns
/// false to stop; then None.
pub fn in_chunks<T: Send>(
    rows: &RowSet,
    progress: &(impl Fn(u32) -> bool + Sync),
    work: impl Fn(&RowSet) -> T + Sync,
) -> Option<Vec<T>> {
    let chunks = rows.chunks(CHUNK);
    let (done, stopped) = (AtomicU32::new(0), AtomicBool::new(false));
    let made = ranges(chunks.len(), 1, &stopped, |one| {
        let chunk = chunks.get(one.start)?;
        let result = work(chunk);
        // A chunk is never longer than a row number allows.
        let count = u32::try_from(chunk.len()).unwrap_or(u32::MAX);
        if !progress(done.fetch_add(count, Relaxed) + count) {
            stopped.store(true, Relaxed);
        }
        Some(result)
    });
    made.filter(|_| !stopped.load(Relaxed))?.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_worked_on_once_and_the_results_keep_their_order() {
        let rows = RowSet::range(3, 20_000).difference(&RowSet::range(5_000, 9_000));
        let made = in_chunks(&rows, &|_| true, |chunk| chunk.iter().collect::<Vec<_>>());
        assert_eq!(made.map(|made| made.concat()), Some(rows.iter().collect::<Vec<_>>()));
        assert_eq!(in_chunks(&RowSet::new(), &|_| true, RowSet::len), Some(Vec::new()));
    }

    #[test]
    fn progress_counts_up_to_all_rows_and_can_stop() {
        let rows = RowSet::range(0, 20_000);
        let most = AtomicU32::new(0);
        let told = |done: u32| {
            most.fetch_max(done, Relaxed);
            true
        };
        assert!(in_chunks(&rows, &told, RowSet::len).is_some());
        assert_eq!(most.load(Relaxed), 20_000);
        assert_eq!(in_chunks(&rows, &|_| false, RowSet::len), None);
    }
}
