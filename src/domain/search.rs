//! Filters and sorts rows: by text, state and rule.

use super::draft::Snapshot;
use super::findings::Findings;
use super::manifest::{Field, Row, RowId};
use super::parallel;
use super::row_set::RowSet;
use super::row_state::RowState;
use super::rules::{Rule, Severity};
use memchr::memmem::Finder;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::Receiver;

/// The states to filter by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StateFilter {
    All,
    Missing,
    Error,
    Warning,
    Edited,
    Excluded,
    Selected,
    /// A transcript is proposed that may be taken; the rows are the selected ones.
    Proposed,
    /// A proposal wants a decision; likewise.
    ToDecide,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SortKey {
    File,
    Video,
    Transcript,
    Language,
    State,
}

/// A filter and an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// Words that must all occur in the row's known fields.
    pub text: String,
    pub state: StateFilter,
    pub rule: Option<Rule>,
    pub sort: SortKey,
    /// In descending order.
    pub descending: bool,
    /// The selection, for that state.
    pub selected: RowSet,
}

impl Default for Query {
    fn default() -> Self {
        Query {
            text: String::new(),
            state: StateFilter::All,
            rule: None,
            sort: SortKey::File,
            descending: false,
            selected: RowSet::new(),
        }
    }
}

impl Query {
    /// Keeps every row, in file order.
    pub fn is_plain(&self) -> bool {
        !self.narrows() && self.is_in_file_order()
    }

    /// Row numbers are ascending.
    pub fn is_in_file_order(&self) -> bool {
        self.sort == SortKey::File && !self.descending
    }

    /// Whether it asks what the rules found: without findings its rows are not known yet.
    pub fn reads_findings(&self) -> bool {
        self.rule.is_some()
            || self.sort == SortKey::State
            || matches!(self.state, StateFilter::Error | StateFilter::Warning)
    }

    /// Whether it may exclude rows.
    pub fn narrows(&self) -> bool {
        !self.text.trim().is_empty() || self.state != StateFilter::All || self.rule.is_some()
    }
}

/// Words to search for. Without a capital letter, case is ignored.
#[derive(Debug)]
pub struct SearchWords {
    words: Vec<Finder<'static>>,
    fold: bool,
}

impl SearchWords {
    pub fn new(text: &str) -> SearchWords {
        let fold = !text.chars().any(char::is_uppercase);
        let words = text.split_whitespace().map(|w| Finder::new(w.as_bytes()).into_owned()).collect();
        SearchWords { words, fold }
    }

    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Whether case is ignored.
    pub fn folds(&self) -> bool {
        self.fold
    }

    /// Byte ranges of every match. If case is ignored, `text` must be in lower case.
    pub fn places<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
        let of_word = |word: &'a Finder<'static>| {
            let length = word.needle().len();
            word.find_iter(text.as_bytes()).map(move |at| at..at + length)
        };
        self.words.iter().flat_map(of_word)
    }

    /// A quick test on the raw element: false only if [`SearchWords::are_in`] would be false for its row. Rejects most rows
    /// without decoding them.
    fn may_be_in(&self, element: &[u8]) -> bool {
        let mut plain = None;
        self.words
            .iter()
            .all(|word| word.find(element).is_some() || !*plain.get_or_insert_with(|| is_plain(element, self.fold)))
    }

    /// Whether every word occurs in the row's known fields.
    pub fn are_in(&self, row: &Row<'_>) -> bool {
        self.words.iter().all(|word| {
            Field::ALL.iter().any(|field| {
                let text = row.text(*field);
                if self.fold && text.chars().any(char::is_uppercase) {
                    word.find(text.to_lowercase().as_bytes()).is_some()
                } else {
                    word.find(text.as_bytes()).is_some()
                }
            })
        })
    }
}

/// Whether the bytes can be searched directly: no escapes and, if case is ignored, nothing that has another case.
fn is_plain(element: &[u8], fold: bool) -> bool {
    // Without an early exit, the compiler vectorises this.
    let odd = |byte: u8| byte == b'\\' || (fold && (byte.is_ascii_uppercase() || byte >= 0x80));
    !element.iter().fold(false, |found, byte| found | odd(*byte))
}

/// Whether a row is kept.
pub fn keeps(query: &Query, words: &SearchWords, snapshot: &Snapshot, findings: Option<&Findings>, row: RowId) -> bool {
    let state = match query.state {
        StateFilter::All => true,
        StateFilter::Missing => !snapshot.is_excluded(row) && snapshot.value(row, Field::Transcription).is_empty(),
        StateFilter::Error => worst(findings, row) == Some(Severity::Error),
        StateFilter::Warning => worst(findings, row) == Some(Severity::Warning),
        StateFilter::Edited => snapshot.is_edited(row),
        StateFilter::Excluded => snapshot.is_excluded(row),
        StateFilter::Selected => query.selected.contains(row),
        StateFilter::Proposed | StateFilter::ToDecide => {
            query.selected.contains(row) && snapshot.value(row, Field::Transcription).is_empty()
        }
    };
    state
        && query
            .rule
            .is_none_or(|rule| findings.is_some_and(|f| f.of_row(snapshot, row).iter().any(|hit| hit.rule == rule)))
        && (words.is_empty() || holds(words, snapshot, row))
}

fn holds(words: &SearchWords, snapshot: &Snapshot, row: RowId) -> bool {
    (snapshot.is_edited(row) || words.may_be_in(snapshot.base().element(row))) && words.are_in(&snapshot.row(row))
}

fn worst(findings: Option<&Findings>, row: RowId) -> Option<Severity> {
    findings?.worst(row)
}

/// Rows per thread between two checks of `stop`.
const CHUNK: u32 = 16_384;

/// The rows of a query in its order. While searching in file order, `so_far` gets growing prefixes of the result. None
/// if `stop` was set. Uses all cores.
pub fn run(
    query: &Query,
    snapshot: &Snapshot,
    findings: Option<&Findings>,
    stop: &AtomicBool,
    mut so_far: impl FnMut(Vec<RowId>),
) -> Option<Vec<RowId>> {
    run_told(query, snapshot, findings, stop, &mut so_far)
}

fn run_told(
    query: &Query,
    snapshot: &Snapshot,
    findings: Option<&Findings>,
    stop: &AtomicBool,
    so_far: &mut dyn FnMut(Vec<RowId>),
) -> Option<Vec<RowId>> {
    let words = SearchWords::new(&query.text);
    let chunks = snapshot.len().div_ceil(CHUNK);
    let next = AtomicU32::new(0);
    let (tell, told) = std::sync::mpsc::channel();
    let mut rows = Vec::new();
    std::thread::scope(|scope| {
        for _ in 0..parallel::cores() {
            let (tell, words, next) = (tell.clone(), &words, &next);
            scope.spawn(move || {
                loop {
                    let chunk = next.fetch_add(1, Ordering::Relaxed);
                    if chunk >= chunks || stop.load(Ordering::Relaxed) {
                        return;
                    }
                    let first = chunk * CHUNK;
                    let end = first.saturating_add(CHUNK).min(snapshot.len());
                    let kept: Vec<RowId> =
                        (first..end).filter(|row| keeps(query, words, snapshot, findings, *row)).collect();
                    if tell.send((chunk, kept)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(tell);
        collect(&told, query.is_in_file_order(), &mut rows, so_far);
    });
    if stop.load(Ordering::Relaxed) {
        return None;
    }
    sort(&mut rows, query, snapshot, findings);
    Some(rows)
}

/// Orders chunks as they arrive, and emits complete prefixes now and then.
fn collect(
    told: &Receiver<(u32, Vec<RowId>)>,
    in_file_order: bool,
    rows: &mut Vec<RowId>,
    so_far: &mut dyn FnMut(Vec<RowId>),
) {
    let mut early: BTreeMap<u32, Vec<RowId>> = BTreeMap::new();
    let mut next = 0;
    let mut handed_out = 0;
    for (chunk, kept) in told {
        early.insert(chunk, kept);
        while let Some(kept) = early.remove(&next) {
            rows.extend(kept);
            next += 1;
        }
        // The first screenful at once, then after each doubling.
        if in_file_order && !rows.is_empty() && rows.len() >= handed_out * 2 {
            handed_out = rows.len().max(1_000);
            so_far(rows.clone());
        }
    }
}

fn sort(rows: &mut [RowId], query: &Query, snapshot: &Snapshot, findings: Option<&Findings>) {
    let by_text = |rows: &mut [RowId], field: Field| {
        rows.sort_by_cached_key(|row| snapshot.value(*row, field).text().to_owned());
    };
    if query.descending {
        // Reversed before and after, so that equal rows stay in file order.
        rows.reverse();
    }
    match query.sort {
        SortKey::File => {}
        SortKey::Video => by_text(rows, Field::Object),
        SortKey::Transcript => by_text(rows, Field::Transcription),
        SortKey::Language => by_text(rows, Field::Language),
        SortKey::State => rows.sort_by_cached_key(|row| RowState::of(snapshot, findings, *row).place()),
    }
    if query.descending && query.sort != SortKey::File {
        rows.reverse();
    }
}

/// A matching row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    pub row: RowId,
    /// Its position in the view.
    pub at: usize,
    /// The end of the view that the search passed.
    pub from_end: Option<End>,
}

/// An end of the view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Top,
    Bottom,
}

/// The number of a match, from 1, in view order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nth {
    pub nth: u64,
    pub of: u64,
}

/// The next row after (or before) position `from` of `rows` that contains the words, wrapping around; the row at `from`
/// comes last. `rows` are the rows in view, in order; None for all rows of the file.
pub fn next(
    text: &str,
    snapshot: &Snapshot,
    rows: Option<&[RowId]>,
    from: usize,
    forward: bool,
    stop: &AtomicBool,
) -> Option<Hit> {
    let words = SearchWords::new(text);
    let len = rows.map_or(snapshot.len() as usize, <[RowId]>::len);
    let row_at = |at: usize| match rows {
        Some(rows) => rows.get(at).copied(),
        None => RowId::try_from(at).ok(),
    };
    let running = |at: &usize| !at.is_multiple_of(1024) || !stop.load(Ordering::Relaxed);
    let from = from.min(len.saturating_sub(1));
    let is_hit = |at: usize| {
        let row = row_at(at).filter(|row| holds(&words, snapshot, *row))?;
        let from_end = if forward { (at <= from).then_some(End::Top) } else { (at >= from).then_some(End::Bottom) };
        // A single match was not passed.
        Some(Hit { row, at, from_end: from_end.filter(|_| at != from) })
    };
    if forward {
        (from + 1..len).chain(0..len.min(from + 1)).take_while(running).find_map(is_hit)
    } else {
        (0..from).rev().chain((from..len).rev()).take_while(running).find_map(is_hit)
    }
}

/// The number of the match at a position of the view, and the count of all matches; None if `stop` was set. Uses all
/// cores.
pub fn place(text: &str, snapshot: &Snapshot, rows: Option<&[RowId]>, at: usize, stop: &AtomicBool) -> Option<Nth> {
    let words = SearchWords::new(text);
    let len = rows.map_or(snapshot.len() as usize, <[RowId]>::len);
    let chunk = CHUNK as usize;
    let next = AtomicUsize::new(0);
    let (nth, of) = (AtomicU64::new(0), AtomicU64::new(0));
    parallel::on_threads(parallel::cores(), &|| {
        loop {
            let first = next.fetch_add(chunk, Ordering::Relaxed);
            if first >= len || stop.load(Ordering::Relaxed) {
                return;
            }
            let (mut before, mut all) = (0, 0);
            for position in first..first.saturating_add(chunk).min(len) {
                let row = match rows {
                    Some(rows) => rows.get(position).copied(),
                    None => RowId::try_from(position).ok(),
                };
                if row.is_some_and(|row| holds(&words, snapshot, row)) {
                    all += 1;
                    before += u64::from(position <= at);
                }
            }
            nth.fetch_add(before, Ordering::Relaxed);
            of.fetch_add(all, Ordering::Relaxed);
        }
    });
    (!stop.load(Ordering::Relaxed)).then(|| Nth { nth: nth.into_inner(), of: of.into_inner() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::Manifest;
    use std::sync::Arc;

    fn snapshot() -> Snapshot {
        let rows = [
            r#"{"object":"s3://b/News/0700.mp4","transcription":""}"#,
            r#"{"object":"s3://b/sport/0701.mp4","transcription":"s3://c/sport/0701.srt","note":"news"}"#,
            r#"{"object":"s3:\/\/b\/n\u0065ws\/0702.mp4","transcription":null}"#,
            r#"{"object":"s3://b/ÉTÉ/0703.mp4","language":"fr"}"#,
        ];
        Snapshot::of(Arc::new(Manifest::parse(format!("[{}]", rows.join(",")).into_bytes()).unwrap()))
    }

    fn found(text: &str) -> Vec<RowId> {
        let query = Query { text: text.into(), ..Query::default() };
        run(&query, &snapshot(), None, &AtomicBool::new(false), |_| {}).unwrap()
    }

    #[test]
    fn words_are_found_in_known_fields_however_they_are_written() {
        let cases: [(&str, &[RowId]); 9] = [
            ("news", &[0, 2]),
            ("News", &[0]),
            ("0701 srt", &[1]),
            ("été", &[3]),
            ("object", &[]),
            ("s3://b/news", &[0, 2]),
            ("note", &[]),
            ("FR", &[]),
            ("fr", &[3]),
        ];
        for (text, rows) in cases {
            assert_eq!(found(text), rows, "{text}");
        }
    }

    #[test]
    fn the_next_hit_wraps_round_and_the_row_itself_comes_last() {
        let snapshot = snapshot();
        let next = |text, from, forward| {
            let hit = next(text, &snapshot, None, from, forward, &AtomicBool::new(false))?;
            Some((hit.row, hit.from_end))
        };
        assert_eq!(next("news", 0, true), Some((2, None)));
        assert_eq!(next("news", 2, true), Some((0, Some(End::Top))));
        assert_eq!(next("news", 0, false), Some((2, Some(End::Bottom))));
        assert_eq!(next("0703", 3, true), Some((3, None)));
        assert_eq!(next("nowhere", 1, true), None);
        let in_view = super::next("news", &snapshot, Some(&[3, 2, 1]), 1, true, &AtomicBool::new(false));
        assert_eq!(in_view.map(|hit| hit.row), Some(2), "rows out of view are not gone to");
    }

    #[test]
    fn a_hit_is_counted_in_the_order_of_the_view() {
        let snapshot = snapshot();
        let place = |rows, at| place("news", &snapshot, rows, at, &AtomicBool::new(false));
        assert_eq!(place(None, 0), Some(Nth { nth: 1, of: 2 }));
        assert_eq!(place(None, 2), Some(Nth { nth: 2, of: 2 }));
        assert_eq!(place(Some(&[3, 2, 1, 0]), 1), Some(Nth { nth: 1, of: 2 }));
        assert_eq!(super::place("news", &snapshot, None, 0, &AtomicBool::new(true)), None);
    }

    #[test]
    fn rows_are_sorted_both_ways_and_equals_stay_in_the_order_of_the_file() {
        let sorted = |sort, descending| {
            let query = Query { sort, descending, ..Query::default() };
            run(&query, &snapshot(), None, &AtomicBool::new(false), |_| {}).unwrap()
        };
        assert_eq!(sorted(SortKey::File, true), [3, 2, 1, 0]);
        assert_eq!(sorted(SortKey::Language, false), [0, 1, 2, 3]);
        assert_eq!(sorted(SortKey::Language, true), [3, 0, 1, 2]);
        assert_eq!(sorted(SortKey::Transcript, true), [1, 0, 2, 3]);
    }

    #[test]
    fn state_filter_selects_the_rows_in_that_state() {
        let findings = Findings::check(&snapshot(), |_| true).unwrap();
        let missing = Query { state: StateFilter::Missing, ..Query::default() };
        let rows = run(&missing, &snapshot(), Some(&findings), &AtomicBool::new(false), |_| {}).unwrap();
        assert_eq!(rows, [0, 2, 3]);
    }
}
