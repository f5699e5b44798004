//! Spreads computing over the cores. The outcome is the same on any number of them.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::sync_channel;
use std::sync::{Mutex, OnceLock};

/// Below this a second thread costs more than it brings.
const FEW: usize = 50_000;

/// How many threads run at once on this machine. The system is asked once: it reads files for the answer.
pub fn cores() -> usize {
    static CORES: OnceLock<usize> = OnceLock::new();
    *CORES.get_or_init(|| std::thread::available_parallelism().map_or(1, usize::from))
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

/// The results of two works that run at once: what one of them does alone doesn't keep the other cores waiting.
pub fn both<A: Send, B: Send>(a: impl FnOnce() -> A + Send, b: impl FnOnce() -> B + Send) -> Option<(A, B)> {
    let (mut a, mut b) = (Some(a), Some(b));
    let (mut of_a, mut of_b) = (None, None);
    join(&mut || of_a = a.take().map(|a| a()), &mut || of_b = b.take().map(|b| b()));
    of_a.zip(of_b)
}

/// Works on ranges of `size` of `0..len` and hands the results over in order, while others are still worked on. The first
/// error ends it.
///
/// # Errors
/// Those of `each`.
pub fn in_order<T: Send, E>(
    len: usize,
    size: usize,
    work: &(dyn Fn(Range<usize>) -> T + Sync),
    each: &mut dyn FnMut(T) -> Result<(), E>,
) -> Result<(), E> {
    let (count, next) = (len.div_ceil(size), AtomicUsize::new(0));
    // A full channel holds the others back, so few results wait.
    let (out, results) = sync_channel(4 * cores());
    std::thread::scope(|scope| {
        for _ in 0..cores().min(count) {
            let (out, next) = (out.clone(), &next);
            scope.spawn(move || {
                loop {
                    let at = next.fetch_add(1, Relaxed);
                    if at >= count || out.send((at, work(at * size..len.min((at + 1) * size)))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(out);
        let (mut early, mut wanted) = (BTreeMap::new(), 0);
        // After an error the results are dropped with the receiver, and nobody can send any more.
        for (at, result) in results {
            early.insert(at, result);
            while let Some(result) = early.remove(&wanted) {
                each(result)?;
                wanted += 1;
            }
        }
        Ok(())
    })
}

/// Joins the parts and sorts them, first by a hash whose values are spread evenly. Only equal elements may be equal in
/// `order`: the order in which they came is not kept.
///
/// Divided by their first bits, the elements are sorted in pieces that fit the processor's cache.
pub fn sort_by_hash<T: Copy + Send>(
    parts: Vec<Vec<T>>,
    hash: impl Fn(&T) -> u64 + Copy,
    order: impl Fn(&T, &T) -> Ordering + Copy + Send + Sync,
) -> Vec<T> {
    const BITS: u32 = 10;
    let piece = |it: &T| (hash(it) >> (u64::BITS - BITS)) as usize;
    let mut places = vec![0; 1 << BITS];
    for it in parts.iter().flatten() {
        if let Some(count) = places.get_mut(piece(it)) {
            *count += 1;
        }
    }
    let mut len = 0;
    for place in &mut places {
        len += std::mem::replace(place, len);
    }
    let Some(first) = parts.iter().flatten().next() else { return Vec::new() };
    let mut all = vec![*first; len];
    for it in parts.into_iter().flatten() {
        if let Some(place) = places.get_mut(piece(&it))
            && let Some(slot) = all.get_mut(*place)
        {
            *slot = it;
            *place += 1;
        }
    }
    // Each place is now the end of its piece.
    sort_pieces(cores(), 0, &mut all, &places, order);
    all
}

/// `ends`: of each piece; `from`: the start of `all`.
fn sort_pieces<T: Send>(
    cores: usize,
    from: usize,
    all: &mut [T],
    ends: &[usize],
    order: impl Fn(&T, &T) -> Ordering + Copy + Send + Sync,
) {
    let (left_ends, right_ends) = ends.split_at(ends.len() / 2);
    let cut = left_ends.last().map_or(0, |end| end - from);
    if cores < 2 || all.len() < FEW || left_ends.is_empty() {
        let (mut rest, mut from) = (all, from);
        for end in ends {
            let Some((piece, others)) = rest.split_at_mut_checked(end - from) else { return };
            piece.sort_unstable_by(order);
            (rest, from) = (others, *end);
        }
        return;
    }
    let Some((left, right)) = all.split_at_mut_checked(cut) else { return };
    join(&mut || sort_pieces(cores / 2, from, left, left_ends, order), &mut || {
        sort_pieces(cores - cores / 2, from + cut, right, right_ends, order);
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

/// Texts in byte order.
#[derive(Clone, Debug, Default)]
pub struct Sorted {
    /// Their indexes; those of equal texts ascend.
    pub indexes: Vec<u32>,
    /// The first eight bytes of each.
    heads: Vec<u64>,
}

impl Sorted {
    /// Sorts the texts of `0..len` by eight bytes at a time, held beside the index: far fewer looks at the texts than by
    /// comparing them.
    pub fn of<'t>(len: u32, text: impl Fn(u32) -> &'t str + Copy + Send + Sync) -> Sorted {
        let mut heads: Vec<(u64, u32)> = (0..len).map(|index| (head(text(index), 0), index)).collect();
        sort(&mut heads, |(head, index)| u128::from(*head) << 32 | u128::from(*index));
        let firsts = heads.iter().map(|(head, _)| *head).collect();
        sort_runs(cores(), &mut heads, &text);
        Sorted { indexes: heads.into_iter().map(|(_, index)| index).collect(), heads: firsts }
    }

    /// How many come before this text. Most are told apart by their first bytes, without a look at them.
    pub fn place<'t>(&self, wanted: &str, text: impl Fn(u32) -> &'t str) -> usize {
        let first = head(wanted, 0);
        let from = self.heads.partition_point(|known| *known < first);
        let alike = self.heads.get(from..).unwrap_or_default().partition_point(|known| *known == first);
        let alike = self.indexes.get(from..from + alike).unwrap_or_default();
        from + alike.partition_point(|index| text(*index) < wanted)
    }
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
    fn results_come_in_order_until_one_is_refused() {
        let mut seen = Vec::new();
        let mut take = |range| {
            seen.push(range);
            Ok::<(), ()>(())
        };
        let all = in_order(10, 3, &|range| range, &mut take);
        assert_eq!((all, &seen[..]), (Ok(()), &[0..3, 3..6, 6..9, 9..10][..]));
        assert_eq!(in_order(0, 3, &|range| range, &mut |_| Err(())), Ok(()));
        let mut taken = 0;
        let refused = in_order(100_000, 1, &|range| range, &mut |range| {
            taken += 1;
            if range.start == 7 { Err(range.start) } else { Ok(()) }
        });
        assert_eq!((refused, taken), (Err(7), 8));
    }

    #[test]
    fn sorting_by_hash_equals_sequential_sort() {
        let hash = |at: u64| (at % 50_000).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let part = |from: u64| (from..from + FEW as u64).map(|at| (hash(at), at)).collect::<Vec<_>>();
        let parts = vec![part(0), Vec::new(), part(70_000), vec![(0, 7), (u64::MAX, 0)]];
        let mut sorted: Vec<(u64, u64)> = parts.iter().flatten().copied().collect();
        sorted.sort_unstable();
        assert!(sort_by_hash(parts, |it| it.0, |a, b| a.cmp(b)) == sorted);
        assert!(sort_by_hash(vec![Vec::<u64>::new()], |it| *it, Ord::cmp).is_empty());
        for cores in [1, 2, 3, 8] {
            let mut all = sorted.clone();
            // Two pieces, the first of which is out of order.
            let cut = all.partition_point(|it| it.0 < 1 << 63);
            all[..cut].reverse();
            let len = all.len();
            sort_pieces(cores, 0, &mut all, &[0, cut, cut, len], |a, b| a.cmp(b));
            assert!(all == sorted, "{cores}");
        }
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
            let sorted = Sorted::of(texts.len() as u32, |index| &texts[index as usize]);
            prop_assert_eq!(&sorted.indexes, &expected);
            for wanted in ["", "a", "aaaaaaaa", "aaaaaaaaa", "é", "\u{0}"].into_iter().chain(texts.iter().map(String::as_str)) {
                let before = texts.iter().filter(|text| text.as_str() < wanted).count();
                prop_assert_eq!(sorted.place(wanted, |index| &texts[index as usize]), before, "{:?}", wanted);
            }
        }
    }
}
