//! Spreads computing over the cores. The outcome is the same on any number of them.

use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

/// Below this a second thread costs more than it brings.
const FEW: usize = 50_000;

/// How many threads run at once on this machine.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Runs the same work on so many threads, this one among them, and waits for all.
///
/// Compiled once, whatever the work: starting a thread is some 800 lines for each type of what it runs.
pub fn on_threads(threads: usize, work: &(dyn Fn() + Sync)) {
    std::thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(work);
        }
        work();
    });
}

/// Works on ranges of `size` of `0..len` and returns the results in order. None if `stop` was set.
pub fn ranges<T: Send>(
    len: usize,
    size: usize,
    stop: &AtomicBool,
    work: impl Fn(Range<usize>) -> T + Sync,
) -> Option<Vec<T>> {
    let count = len.div_ceil(size);
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::with_capacity(count)));
    on_threads(cores().min(count), &|| {
        loop {
            let at = next.fetch_add(1, Relaxed);
            if at >= count || stop.load(Relaxed) {
                return;
            }
            let result = work(at * size..len.min((at + 1) * size));
            if let Ok(mut done) = done.lock() {
                done.push((at, result));
            }
        }
    });
    let mut done = done.into_inner().ok()?;
    if done.len() < count {
        return None;
    }
    done.sort_unstable_by_key(|(at, _)| *at);
    Some(done.into_iter().map(|(_, result)| result).collect())
}

/// Runs two works at once and waits for both.
pub fn join(one: &mut (dyn FnMut() + Send), other: &mut (dyn FnMut() + Send)) {
    std::thread::scope(|scope| {
        scope.spawn(one);
        other();
    });
}

/// Sorts by a key. Only equal elements may have equal keys: their order is not kept.
pub fn sort<T: Send, K: Ord>(all: &mut [T], key: impl Fn(&T) -> K + Copy + Send + Sync) {
    sort_on(cores(), all, key);
}

fn sort_on<T: Send, K: Ord>(cores: usize, all: &mut [T], key: impl Fn(&T) -> K + Copy + Send + Sync) {
    if cores < 2 || all.len() < FEW {
        return all.sort_unstable_by_key(key);
    }
    let middle = all.len() / cores * (cores / 2);
    let (left, _, right) = all.select_nth_unstable_by_key(middle, key);
    join(&mut || sort_on(cores / 2, left, key), &mut || sort_on(cores - cores / 2, right, key));
}

/// The indexes of `0..len` by their texts, in byte order; equal texts by index.
///
/// Sorts by eight bytes at a time, held beside the index: far fewer looks at the texts than by comparing them.
pub fn order_of_texts<'t>(len: u32, text: impl Fn(u32) -> &'t str + Copy + Send + Sync) -> Vec<u32> {
    let mut heads: Vec<(u64, u32)> = (0..len).map(|index| (head(text(index), 0), index)).collect();
    sort(&mut heads, |head| *head);
    sort_runs(cores(), &mut heads, &text);
    heads.into_iter().map(|(_, index)| index).collect()
}

/// The eight bytes at an offset; zeros after the end.
fn head(text: &str, from: usize) -> u64 {
    let rest = text.as_bytes().get(from..).unwrap_or_default();
    match rest.first_chunk::<8>() {
        Some(bytes) => u64::from_be_bytes(*bytes),
        None => {
            let value = rest.iter().fold(0, |value, byte| value << 8 | u64::from(*byte));
            value.checked_shl(64 - 8 * rest.len() as u32).unwrap_or(0)
        }
    }
}

fn sort_runs<'t>(cores: usize, heads: &mut [(u64, u32)], text: &(impl Fn(u32) -> &'t str + Send + Sync)) {
    let middle = heads.get(heads.len() / 2).map_or(0, |(head, _)| *head);
    let cut = heads.partition_point(|(head, _)| *head < middle);
    if cores > 1
        && heads.len() >= FEW
        && let Some((left, right)) = heads.split_at_mut_checked(cut)
    {
        let sort_half = |half: &mut [(u64, u32)]| {
            half.chunk_by_mut(|a, b| a.0 == b.0).for_each(|run| sort_run(run, 8, text));
        };
        return join(&mut || sort_half(left), &mut || sort_half(right));
    }
    heads.chunk_by_mut(|a, b| a.0 == b.0).for_each(|run| sort_run(run, 8, text));
}

/// Texts whose first `from` bytes are the same, in order of index.
fn sort_run<'t>(run: &mut [(u64, u32)], from: usize, text: &impl Fn(u32) -> &'t str) {
    const SMALL: usize = 8;
    if run.len() < 2 {
        return;
    }
    let first = run.first().map_or(0, |(_, index)| text(*index).len());
    let (mut is_one_length, mut longest) = (true, 0);
    for (_, index) in run.iter() {
        let len = text(*index).len();
        is_one_length &= len == first;
        longest = longest.max(len);
    }
    if longest <= from && is_one_length {
        return;
    }
    if run.len() <= SMALL || longest <= from {
        return run.sort_unstable_by(|(_, a), (_, b)| text(*a).cmp(text(*b)).then(a.cmp(b)));
    }
    for (head_, index) in run.iter_mut() {
        *head_ = head(text(*index), from);
    }
    run.sort_unstable();
    run.chunk_by_mut(|a, b| a.0 == b.0).for_each(|run| sort_run(run, from + 8, text));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ranges_come_back_in_order_and_not_at_all_when_stopped() {
        let go = AtomicBool::new(false);
        assert_eq!(ranges(10, 3, &go, |range| range), Some(vec![0..3, 3..6, 6..9, 9..10]));
        assert_eq!(ranges(0, 3, &go, |range| range), Some(vec![]));
        assert_eq!(ranges(10, 3, &AtomicBool::new(true), |range| range), None);
    }

    #[test]
    fn parallel_sort_equals_sequential_sort() {
        for cores in [1, 2, 3, 8] {
            let mut all: Vec<u64> = (0..3 * FEW as u64).map(|at| at.wrapping_mul(0x9E37_79B9_7F4A_7C15)).collect();
            let mut sorted = all.clone();
            sorted.sort_unstable();
            sort_on(cores, &mut all, |number| *number);
            assert!(all == sorted, "{cores}");
        }
    }

    proptest! {
        #[test]
        fn texts_are_ordered_by_their_bytes(texts in prop::collection::vec("(aaaaaaaa|b\u{0}|é){0,3}[a\u{0}é]{0,3}", 0..60)) {
            let mut expected: Vec<u32> = (0..texts.len() as u32).collect();
            expected.sort_by_key(|index| &texts[*index as usize]);
            prop_assert_eq!(order_of_texts(texts.len() as u32, |index| &texts[index as usize]), expected);
        }
    }
}
