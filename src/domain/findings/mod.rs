//! Findings over all rows: tallies, groups by rule, the next problem, and the rules that compare rows.
//!
//! The findings of a row are bits in 8 bytes; sentences are written when shown. Three rules compare rows:
//!
//! * `object-duplicate`: all but the first of the rows with the same index and video.
//! * `transcription-shared`: all rows of a transcript that is used for different videos. The same video in two indexes, or
//!   twice in one, may have one transcript.
//! * `index-mixed`: rows with a well-formed index id other than the most common one (among equally common ones, the
//!   smaller id counts as the most common).
//!
//! Answers of online checks are applied too: see [`Findings::observe`].
//!
//! An excluded row has no findings and doesn't count for other rows. Nothing here may hold a decoded copy of the rows.

mod duplicates;
mod indexes;
mod kinds;
mod online;
mod scan;

pub use online::Verified;

use super::draft::Snapshot;
use super::evidence::{Evidence, Observed, Subject, SubjectKind};
use super::manifest::{Field, Row, RowId};
use super::row_set::RowSet;
use super::rules::{self, Finding, Fix, Hit, Rule, Severity, check_row};
use crate::format::thousands;
use duplicates::{DuplicateIndex, Entry};
use indexes::Indexes;
use online::Online;
use scan::{Keys, transcript_hash};
use std::collections::BTreeMap;
use std::hash::RandomState;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tallies {
    pub errors: u64,
    pub warnings: u64,
    pub notes: u64,
    /// Rows without a transcript, excluded ones not counted.
    pub missing: u64,
}

/// One answer updates at most this many rows at once: a key press may be waiting.
const MOST_TOLD: usize = 2_000;

/// The rows that an answer updated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Affected {
    /// Rows judged again.
    pub rows: Vec<RowId>,
    /// No other row can name these subjects.
    pub is_all: bool,
}

/// One rule's findings, for the list of problems.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    pub rule: Rule,
    /// The worst severity among them.
    pub severity: Severity,
    pub count: u64,
    /// How many of them have a fix.
    pub fixes: u64,
}

/// The result of checking all rows, updated with every edit.
#[derive(Clone, Debug)]
pub struct Findings {
    /// The broken rules per row; see [`kinds`]. `index-mixed` is derived from `indexes`.
    bits: Vec<u64>,
    counts: [u32; 64],
    /// Rows by index and video.
    videos: DuplicateIndex,
    /// Rows by transcript; `other` is the hash of the video.
    transcripts: DuplicateIndex,
    indexes: Indexes,
    keys: RandomState,
    online: Online,
}

impl Findings {
    /// Checks every row on all cores. `progress` gets the number of rows done and returns false to stop; then None.
    pub fn check(snapshot: &Snapshot, progress: impl Fn(u32) -> bool + Sync) -> Option<Findings> {
        Findings::check_with(snapshot, Evidence::default(), progress)
    }

    /// As [`Findings::check`], with the answers known so far.
    pub fn check_with(
        snapshot: &Snapshot,
        evidence: Evidence,
        progress: impl Fn(u32) -> bool + Sync,
    ) -> Option<Findings> {
        let mut findings = scan::check(snapshot, &progress)?;
        findings.online.evidence = evidence;
        findings.online.judge_all(snapshot, &|| !progress(snapshot.len()))?;
        Some(findings)
    }

    /// Applies answers to the rows that asked and still name the subject and, for a transcript, to all other rows that
    /// name it. Any rows beyond those need a check of all rows: see [`Affected`].
    pub fn observe(&mut self, now: &Snapshot, batch: &[Observed]) -> Affected {
        let mut rows: Vec<RowId> = Vec::new();
        let mut is_all = true;
        for observed in batch {
            let is_news = self.online.observe(observed);
            rows.extend(observed.rows.iter().take(MOST_TOLD).filter(|row| **row < now.len()));
            is_all &= observed.rows.len() <= MOST_TOLD;
            if !is_news {
                continue;
            }
            if observed.subject.kind() == SubjectKind::Transcript {
                let hash = transcript_hash(&self.keys, observed.subject.name());
                let before = rows.len();
                rows.extend(self.transcripts.members(hash).map(|entry| entry.row).take(MOST_TOLD));
                is_all &= rows.len() - before < MOST_TOLD;
            } else {
                // No index maps a video or a Twelve Labs index to its rows.
                is_all = false;
            }
        }
        rows.sort_unstable();
        rows.dedup();
        for row in &rows {
            self.online.update(now, *row);
        }
        Affected { rows, is_all }
    }

    /// All answers.
    pub fn evidence(&self) -> &Evidence {
        &self.online.evidence
    }

    /// The subject a field names, if it can be checked online and has no answer yet.
    pub fn unknown(&self, now: &Snapshot, row: RowId, kind: SubjectKind) -> Option<Subject> {
        if row >= now.len() || now.is_excluded(row) {
            return None;
        }
        let subject = Subject::of_row(&now.row(row), |wanted| wanted == kind).pop()?;
        (!self.online.evidence.has(&subject)).then_some(subject)
    }

    /// The row's transcript or video was checked without a clear answer. A private video is none: most are.
    pub fn is_untold(&self, row: RowId) -> bool {
        self.online.is_untold(row)
    }

    /// How many rows were checked online, and when.
    pub fn verified(&self) -> Verified {
        self.online.verified()
    }

    /// Applies an edit: `rows` changed between the two snapshots. Costs as much as the changed rows, never all rows
    /// (except the rows of a transcript that begins or ceases to be shared).
    pub fn update(&mut self, before: &Snapshot, after: &Snapshot, rows: &RowSet) {
        let changed: Vec<Changed> = rows
            .iter()
            .filter(|row| (*row as usize) < self.bits.len())
            .map(|row| Changed { row, old: Keys::of(&self.keys, before, row), new: Keys::of(&self.keys, after, row) })
            .collect();
        // The state of the affected groups before anything moves.
        let firsts = groups(&changed, |keyed| keyed.video, |hash| self.videos.first(hash));
        let shared = groups(&changed, |keyed| keyed.transcript, |hash| self.transcripts.is_mixed(hash));

        for it in &changed {
            it.old.video.into_iter().for_each(|entry| self.videos.remove(entry));
            it.old.transcript.into_iter().for_each(|entry| self.transcripts.remove(entry));
        }
        let mut hits = Vec::new();
        for it in &changed {
            if let Some(entry) = it.new.video {
                self.videos.insert(entry, |a, b| scan::same_video(after, a, b));
            }
            if let Some(entry) = it.new.transcript {
                self.transcripts.insert(entry, |a, b| scan::same_transcript(after, a, b));
            }
            self.indexes.move_row(it.row, it.new.index);
            let bits = scan::bits(after, it.row, &mut hits);
            self.put(it.row, bits);
            self.online.update(after, it.row);
        }
        self.indexes.settle();

        for it in &changed {
            let video = it.new.video.filter(|entry| self.videos.contains(*entry));
            let repeats = video.is_some_and(|entry| self.videos.first(entry.hash) != Some(entry));
            self.flag(it.row, kinds::DUPLICATE, repeats);
            let transcript = it.new.transcript.filter(|entry| self.transcripts.contains(*entry));
            let shares = transcript.is_some_and(|entry| self.transcripts.is_mixed(entry.hash));
            self.flag(it.row, kinds::SHARED, shares);
        }
        for (hash, first_before) in firsts {
            let Some(first) = self.videos.first(hash) else { continue };
            self.flag(first.row, kinds::DUPLICATE, false);
            if let Some(before) = first_before.filter(|before| *before != first && self.videos.contains(*before)) {
                self.flag(before.row, kinds::DUPLICATE, true);
            }
        }
        for (hash, was_shared) in shared {
            let is_shared = self.transcripts.is_mixed(hash);
            if is_shared != was_shared {
                let rows: Vec<RowId> = self.transcripts.members(hash).map(|entry| entry.row).collect();
                rows.into_iter().for_each(|row| self.flag(row, kinds::SHARED, is_shared));
            }
        }
    }

    pub fn tallies(&self) -> Tallies {
        let count = |bits: u64| set_bits(bits).map(|bit| u64::from(self.count(bit))).sum::<u64>();
        Tallies {
            errors: count(kinds::ERRORS) + self.online.count_of(Severity::Error),
            warnings: count(kinds::WARNINGS) + self.indexes.odd_rows() + self.online.count_of(Severity::Warning),
            notes: count(kinds::NOTES) + self.online.count_of(Severity::Note),
            missing: count(kinds::MISSING),
        }
    }

    /// The number of findings of a row, and whether its transcript is missing (0 or 1).
    pub fn tallies_of(&self, row: RowId) -> Tallies {
        let bits = self.bits.get(row as usize).copied().unwrap_or_default();
        let count = |of: u64| u64::from((bits & of).count_ones());
        Tallies {
            errors: count(kinds::ERRORS) + self.online.count_in(row, Severity::Error),
            warnings: count(kinds::WARNINGS)
                + u64::from(self.indexes.is_odd(row))
                + self.online.count_in(row, Severity::Warning),
            notes: count(kinds::NOTES) + self.online.count_in(row, Severity::Note),
            missing: count(kinds::MISSING),
        }
    }

    /// The severity of a row's worst finding.
    pub fn worst(&self, row: RowId) -> Option<Severity> {
        Severity::ALL.into_iter().find(|severity| self.breaks(row, Mask::of(*severity)))
    }

    /// Whether a row has a finding.
    pub fn has_any(&self, row: RowId) -> bool {
        const ANY: Mask = Mask::of(Severity::Error).or(Mask::of(Severity::Warning)).or(Mask::of(Severity::Note));
        self.breaks(row, ANY)
    }

    /// All current findings of a row, those across rows included, worst first. Empty for an excluded row.
    pub fn of_row(&self, snapshot: &Snapshot, row: RowId) -> Vec<Hit> {
        if row >= snapshot.len() || snapshot.is_excluded(row) {
            return Vec::new();
        }
        self.of_decoded(row, &snapshot.row(row))
    }

    /// As [`Findings::of_row`], each with its sentence and fix.
    pub fn each_of_row(&self, snapshot: &Snapshot, row: RowId, mut put: impl FnMut(Finding)) {
        if row >= snapshot.len() || snapshot.is_excluded(row) {
            return;
        }
        let decoded = snapshot.row(row);
        for hit in self.of_decoded(row, &decoded) {
            put(self.explain_decoded(snapshot, row, &decoded, &hit));
        }
    }

    fn of_decoded(&self, row: RowId, decoded: &Row<'_>) -> Vec<Hit> {
        let mut hits = Vec::new();
        check_row(decoded, &mut hits);
        let mut across = |holds: bool, rule: Rule, field: Field| {
            if holds {
                let end = u32::try_from(decoded.text(field).len()).unwrap_or(u32::MAX);
                hits.push(Hit { rule, severity: rule.severity(), field: Some(field), span: 0..end });
            }
        };
        let bits = self.bits.get(row as usize).copied().unwrap_or_default();
        across(self.indexes.is_odd(row), Rule::IndexMixed, Field::IndexId);
        across(bits & kinds::DUPLICATE != 0, Rule::ObjectDuplicate, Field::Object);
        across(bits & kinds::SHARED != 0, Rule::TranscriptionShared, Field::Transcription);
        if bits & kinds::BOM != 0 {
            let rule = Rule::ManifestBom;
            hits.push(Hit { rule, severity: rule.severity(), field: None, span: 0..0 });
        }
        self.online.hits(decoded, &mut hits);
        hits.sort_by_key(|hit| (hit.severity, hit.rule, hit.field));
        hits
    }

    /// Sentence and fix of a hit from [`Findings::of_row`].
    pub fn explain(&self, snapshot: &Snapshot, row: RowId, hit: &Hit) -> Finding {
        self.explain_decoded(snapshot, row, &snapshot.row(row), hit)
    }

    fn explain_decoded(&self, snapshot: &Snapshot, row: RowId, decoded: &Row<'_>, hit: &Hit) -> Finding {
        let keyed = || Keys::of(&self.keys, snapshot, row);
        let (message, fix) = match hit.rule {
            Rule::IndexMixed => (self.mixed_sentence(row), None),
            Rule::ManifestBom => (
                "The file begins with a byte order mark (BOM), and so will the upload; some JSON parsers refuse it."
                    .into(),
                None,
            ),
            Rule::ObjectDuplicate => {
                let first = keyed().video.and_then(|entry| self.videos.first(entry.hash));
                let first = first.map_or_else(|| "Another row".into(), |entry| row_name(entry.row));
                (format!("{first} has the same index and video; the service skips the second."), Some(Fix::Exclude))
            }
            Rule::TranscriptionShared => (self.shared_sentence(keyed().transcript), None),
            _ => {
                // A rule can be broken by the row's own text and by an online answer.
                let is_local = || {
                    let mut own = Vec::new();
                    check_row(decoded, &mut own);
                    own.contains(hit)
                };
                let observed = self.online.explain(decoded, hit).filter(|_| hit.rule.is_online() || !is_local());
                return observed.unwrap_or_else(|| rules::explain(decoded, hit));
            }
        };
        Finding { rule: hit.rule, severity: hit.severity, field: hit.field, span: hit.span.clone(), message, fix }
    }

    /// Errors first, then by count.
    pub fn groups(&self) -> Vec<Group> {
        let mut groups: BTreeMap<Rule, Group> = BTreeMap::new();
        let odd = self.indexes.odd_rows();
        let of_bits =
            kinds::all().map(|(bit, kind)| (kind.rule, kind.severity, kind.has_fix, u64::from(self.count(bit))));
        let mixed = (Rule::IndexMixed, Severity::Warning, false, odd);
        let observed = self.online.counts().map(|(rule, severity, count)| (rule, severity, false, count));
        for (rule, severity, has_fix, count) in of_bits.chain([mixed]).chain(observed).filter(|(.., count)| *count > 0)
        {
            let group = groups.entry(rule).or_insert(Group { rule, severity, count: 0, fixes: 0 });
            group.severity = group.severity.min(severity);
            group.count += count;
            group.fixes += if has_fix { count } else { 0 };
        }
        for group in groups.values_mut() {
            group.fixes += self.online.fixes_of(group.rule);
        }
        let mut groups: Vec<Group> = groups.into_values().collect();
        groups.sort_by_key(|group| (group.severity, std::cmp::Reverse(group.count), group.rule));
        groups
    }

    /// The rows that break a rule, ascending.
    pub fn rows_of(&self, _snapshot: &Snapshot, rule: Rule) -> Vec<RowId> {
        let mask = Mask { local: kinds::of_rule(rule), mixed: rule == Rule::IndexMixed, online: online::of_rule(rule) };
        self.rows().filter(|row| self.breaks(*row, mask)).collect()
    }

    /// The rows with a finding of at least this severity, for a filter.
    pub fn rows_with(&self, at_least: Severity) -> RowSet {
        self.rows().filter(|row| self.is_as_bad(*row, at_least)).collect()
    }

    /// The nearest row after (or before) `from` with a finding of at least this severity, wrapping around.
    pub fn next(&self, _snapshot: &Snapshot, from: RowId, forward: bool, at_least: Severity) -> Option<RowId> {
        let is_bad = |row: &RowId| self.is_as_bad(*row, at_least);
        let all = self.rows();
        let from = from.min(all.end);
        let after = from.saturating_add(1).min(all.end);
        if forward {
            (after..all.end).chain(0..after).find(is_bad)
        } else {
            (from..all.end).chain(0..from).rev().find(is_bad)
        }
    }

    /// A row, other than `except`, that has this transcript.
    pub fn used_by(&self, snapshot: &Snapshot, transcript: &str, except: Option<RowId>) -> Option<RowId> {
        let members = self.transcripts.members(transcript_hash(&self.keys, transcript)).map(|entry| entry.row);
        let row = members.filter(|row| Some(*row) != except).min()?;
        (snapshot.value(row, Field::Transcription).text() == transcript).then_some(row)
    }

    fn rows(&self) -> std::ops::Range<RowId> {
        0..RowId::try_from(self.bits.len()).unwrap_or(RowId::MAX)
    }

    fn is_as_bad(&self, row: RowId, at_least: Severity) -> bool {
        let masks = Severity::ALL.into_iter().filter(|severity| *severity <= at_least).map(Mask::of);
        self.breaks(row, masks.fold(Mask::default(), Mask::or))
    }

    fn breaks(&self, row: RowId, mask: Mask) -> bool {
        self.bits.get(row as usize).is_some_and(|own| own & mask.local != 0)
            || (mask.mixed && self.indexes.is_odd(row))
            || (mask.online != 0 && self.online.breaks(row, mask.online))
    }

    fn count(&self, bit: u32) -> u32 {
        self.counts.get(bit as usize).copied().unwrap_or_default()
    }

    /// Replaces the findings of a row.
    fn put(&mut self, row: RowId, bits: u64) {
        let Some(own) = self.bits.get_mut(row as usize) else { return };
        let old = std::mem::replace(own, bits);
        for bit in set_bits(old & !bits) {
            self.counts.get_mut(bit as usize).into_iter().for_each(|count| *count -= 1);
        }
        for bit in set_bits(bits & !old) {
            self.counts.get_mut(bit as usize).into_iter().for_each(|count| *count += 1);
        }
    }

    fn flag(&mut self, row: RowId, bit: u64, holds: bool) {
        let bits = self.bits.get(row as usize).copied().unwrap_or_default();
        self.put(row, if holds { bits | bit } else { bits & !bit });
    }

    /// Every well-formed index id with its number of rows, most common first.
    pub fn indexes(&self) -> Vec<(String, u64)> {
        self.indexes.all().into_iter().map(|(id, rows)| (format!("{id:024x}"), rows.into())).collect()
    }

    fn mixed_sentence(&self, row: RowId) -> String {
        let Some((common, rows)) = self.indexes.common() else { return Rule::IndexMixed.title().into() };
        let here = self.indexes.rows_like(row);
        let verb = if here == 1 { "row goes" } else { "rows go" };
        format!(
            "{} {verb} to this index, {} to {common:024x}. Is it meant?",
            thousands(here.into()),
            thousands(rows.into())
        )
    }

    fn shared_sentence(&self, own: Option<Entry>) -> String {
        let others = own.into_iter().flat_map(|own| {
            self.transcripts.members(own.hash).filter(move |entry| entry.other != own.other).map(|entry| entry.row)
        });
        let (first, count) = others.fold((RowId::MAX, 0), |(first, count), row| (first.min(row), count + 1));
        match count {
            0 => "Another video has this transcript too.".into(),
            1 => format!("{} has this transcript too, for another video.", row_name(first)),
            2 => format!("{} and another row have this transcript too, for other videos.", row_name(first)),
            _ => format!(
                "{} and {} other rows have this transcript too, for other videos.",
                row_name(first),
                thousands(count as u64 - 1)
            ),
        }
    }
}

/// An edited row, with its old and new comparison keys.
struct Changed {
    row: RowId,
    old: Keys,
    new: Keys,
}

/// The groups that rows leave or join, each with the result of `state`.
fn groups<T>(
    changed: &[Changed],
    entry: impl Fn(&Keys) -> Option<Entry>,
    state: impl Fn(u64) -> T,
) -> BTreeMap<u64, T> {
    let mut found = BTreeMap::new();
    for keys in changed.iter().flat_map(|it| [&it.old, &it.new]) {
        if let Some(entry) = entry(keys) {
            found.entry(entry.hash).or_insert_with(|| state(entry.hash));
        }
    }
    found
}

/// The findings to search for.
#[derive(Clone, Copy, Default)]
struct Mask {
    local: u64,
    /// `index-mixed`
    mixed: bool,
    online: u128,
}

impl Mask {
    const fn of(severity: Severity) -> Mask {
        let local = match severity {
            Severity::Error => kinds::ERRORS,
            Severity::Warning => kinds::WARNINGS,
            Severity::Note => kinds::NOTES,
        };
        Mask { local, mixed: matches!(severity, Severity::Warning), online: online::of_severity(severity) }
    }

    const fn or(self, other: Mask) -> Mask {
        Mask { local: self.local | other.local, mixed: self.mixed || other.mixed, online: self.online | other.online }
    }
}

/// Positions of the set bits.
fn set_bits(bits: impl Into<u128>) -> impl Iterator<Item = u32> {
    let mut bits = bits.into();
    std::iter::from_fn(move || {
        let bit = (bits != 0).then(|| bits.trailing_zeros())?;
        bits &= bits - 1;
        Some(bit)
    })
}

/// `Row 4,711`
fn row_name(row: RowId) -> String {
    format!("Row {}", thousands(u64::from(row) + 1))
}
