//! Online findings of each row, as bits beside those of the local rules, updated with edits and answers.
//!
//! Nothing is allocated until the first answer. Rows are stored in copy-on-write chunks: after a copy went to a job,
//! the next answer copies one chunk and not all rows.

use super::set_bits;
use crate::draft::Snapshot;
use crate::evidence::{Evidence, Observed};
use crate::judge::{judge, known};
use crate::manifest::{Field, Row, RowId};
use crate::parallel;
use crate::rules::{Finding, Hit, Rule, Severity};
use std::ops::Range;
use std::sync::Arc;

/// Rows per chunk.
const CHUNK: usize = 1024;

/// Each has one bit for every severity it can have.
const RULES: &[(Rule, Field)] = &[
    (Rule::BucketNotFound, Field::Transcription),
    (Rule::BucketNotFound, Field::Object),
    (Rule::BucketRegion, Field::Transcription),
    (Rule::BucketRegion, Field::Object),
    (Rule::TranscriptNotFound, Field::Transcription),
    (Rule::TranscriptNotPublic, Field::Transcription),
    (Rule::TranscriptArchived, Field::Transcription),
    (Rule::TranscriptEmpty, Field::Transcription),
    (Rule::TranscriptNotSubtitles, Field::Transcription),
    (Rule::Encoding, Field::Transcription),
    (Rule::CuesLost, Field::Transcription),
    (Rule::CueTiming, Field::Transcription),
    (Rule::FormatExtension, Field::Transcription),
    (Rule::CueOrder, Field::Transcription),
    (Rule::CueFormat, Field::Transcription),
    (Rule::CueOverlap, Field::Transcription),
    (Rule::LanguageMismatch, Field::Transcription),
    (Rule::CuesPastEnd, Field::Transcription),
    (Rule::CuesSparse, Field::Transcription),
    (Rule::CuesRepeated, Field::Transcription),
    (Rule::CuesStartLate, Field::Transcription),
    (Rule::ObjectNotVideo, Field::Object),
    (Rule::VideoUnreadable, Field::Object),
    (Rule::VideoDuration, Field::Object),
    (Rule::VideoResolution, Field::Object),
    (Rule::VideoSize, Field::Object),
    (Rule::VideoAudio, Field::Object),
    (Rule::VideoAspect, Field::Object),
    (Rule::IndexNotFound, Field::IndexId),
    (Rule::IndexExpired, Field::IndexId),
    (Rule::IndexAudio, Field::IndexId),
    (Rule::NotChecked, Field::Transcription),
    (Rule::NotChecked, Field::Object),
    (Rule::NotChecked, Field::IndexId),
];

/// Three severities per rule, and above them the bits for what was checked.
const BITS: usize = RULES.len() * 3;
/// One more bit for a rule whose finding has a fix.
const FIXED: [(Rule, u128); 3] =
    [(Rule::TranscriptNotFound, 1 << 117), (Rule::TranscriptNotPublic, 1 << 118), (Rule::VideoUnreadable, 1 << 119)];
const TRANSCRIPT_KNOWN: u128 = 1 << 120;
const TRANSCRIPT_UNCLEAR: u128 = 1 << 121;
const VIDEO_KNOWN: u128 = 1 << 122;
const VIDEO_UNCLEAR: u128 = 1 << 123;
const INDEX_KNOWN: u128 = 1 << 124;
const INDEX_UNCLEAR: u128 = 1 << 125;
/// A video was asked about and not judged, or not in full; not because it is private.
const VIDEO_UNTOLD: u128 = 1 << 126;
const _: () = assert!(BITS < 117);

/// How many rows were checked online, and with what success.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// Rows with an answer about their transcript, good or bad.
    pub transcripts: u64,
    /// Rows whose transcript was checked without a clear answer.
    pub transcripts_unclear: u64,
    pub videos: u64,
    pub videos_unclear: u64,
    /// Of those, the ones that are not just private.
    pub videos_untold: u64,
    pub indexes: u64,
    pub indexes_unclear: u64,
    /// Times of the oldest and newest answer, in Unix milliseconds.
    pub between: Option<(i64, i64)>,
}

#[derive(Clone, Debug)]
pub(super) struct Online {
    pub evidence: Evidence,
    /// Empty until the first answer.
    chunks: Vec<Arc<[u128; CHUNK]>>,
    rows: usize,
    counts: [u32; 128],
}

impl Online {
    pub fn new(rows: usize, evidence: Evidence) -> Online {
        Online { evidence, chunks: Vec::new(), rows, counts: [0; 128] }
    }

    /// Judges every row again, on all cores. None if `stop` ended it early.
    pub fn judge_all(&mut self, snapshot: &Snapshot, stop: &dyn Fn() -> bool) -> Option<()> {
        if self.evidence.is_empty() {
            return Some(());
        }
        let evidence = self.evidence.clone();
        let judged = |rows: Range<usize>| rows.map(|row| judged(&evidence, snapshot, row as RowId)).collect();
        let mut rows = 0..snapshot.len();
        let mut put = |bits: Vec<u128>| {
            for (bits, row) in bits.into_iter().zip(rows.by_ref()) {
                self.put(row, bits);
            }
            if stop() { Err(()) } else { Ok(()) }
        };
        parallel::in_order(snapshot.len() as usize, CHUNK, &judged, &mut put).ok()
    }

    /// Judges one row again, after an edit or an answer.
    pub fn update(&mut self, snapshot: &Snapshot, row: RowId) {
        if !self.evidence.is_empty() {
            self.put(row, judged(&self.evidence, snapshot, row));
        }
    }

    /// Stores an answer and returns whether it differs from the one before. The caller updates the rows that name its
    /// subject.
    pub fn observe(&mut self, observed: &Observed) -> bool {
        let Some(observation) = &observed.observation else { return false };
        let is_news = self.evidence.get(&observed.subject).is_none_or(|known| known.fact != observation.fact);
        self.evidence.observe(&observed.subject, observation);
        is_news
    }

    fn put(&mut self, row: RowId, bits: u128) {
        if self.chunks.is_empty() && bits != 0 {
            self.chunks.resize_with(self.rows.div_ceil(CHUNK), || Arc::new([0; CHUNK]));
        }
        let (chunk, at) = (row as usize / CHUNK, row as usize % CHUNK);
        let old = self.bits(row);
        if old == bits {
            return;
        }
        let Some(own) = self.chunks.get_mut(chunk).and_then(|chunk| Arc::make_mut(chunk).get_mut(at)) else { return };
        *own = bits;
        for bit in set_bits(old & !bits) {
            self.counts.get_mut(bit as usize).into_iter().for_each(|count| *count -= 1);
        }
        for bit in set_bits(bits & !old) {
            self.counts.get_mut(bit as usize).into_iter().for_each(|count| *count += 1);
        }
    }

    fn bits(&self, row: RowId) -> u128 {
        let chunk = self.chunks.get(row as usize / CHUNK);
        chunk.and_then(|chunk| chunk.get(row as usize % CHUNK)).copied().unwrap_or_default()
    }

    pub fn breaks(&self, row: RowId, bits: u128) -> bool {
        self.bits(row) & bits != 0
    }

    pub fn is_untold(&self, row: RowId) -> bool {
        self.breaks(row, TRANSCRIPT_UNCLEAR | VIDEO_UNTOLD)
    }

    /// Findings of a severity in one row.
    pub fn count_in(&self, row: RowId, severity: Severity) -> u64 {
        (self.bits(row) & of_severity(severity)).count_ones().into()
    }

    /// Findings of a severity in all rows.
    pub fn count_of(&self, severity: Severity) -> u64 {
        set_bits(of_severity(severity)).map(|bit| self.count(bit)).sum()
    }

    /// Each broken rule, field and severity, with its count.
    pub fn counts(&self) -> impl Iterator<Item = (Rule, Severity, u64)> + '_ {
        let kinds = RULES.iter().flat_map(|(rule, _)| Severity::ALL.map(|severity| (*rule, severity)));
        (0..)
            .zip(kinds)
            .map(|(bit, (rule, severity))| (rule, severity, self.count(bit)))
            .filter(|(.., count)| *count > 0)
    }

    /// How many findings of a rule have a fix.
    pub fn fixes_of(&self, rule: Rule) -> u64 {
        set_bits(fixed(rule)).map(|bit| self.count(bit)).sum()
    }

    fn count(&self, bit: u32) -> u64 {
        self.counts.get(bit as usize).copied().unwrap_or_default().into()
    }

    pub fn verified(&self) -> Verified {
        let count = |bit: u128| self.count(bit.trailing_zeros());
        Verified {
            transcripts: count(TRANSCRIPT_KNOWN),
            transcripts_unclear: count(TRANSCRIPT_UNCLEAR),
            videos: count(VIDEO_KNOWN),
            videos_unclear: count(VIDEO_UNCLEAR),
            videos_untold: count(VIDEO_UNTOLD),
            indexes: count(INDEX_KNOWN),
            indexes_unclear: count(INDEX_UNCLEAR),
            between: self.evidence.between(),
        }
    }

    /// The findings of a row, in no order.
    pub fn hits(&self, row: &Row<'_>, hits: &mut Vec<Hit>) {
        judge(row, &known(row, &self.evidence), self.evidence.limits(), &mut |verdict| {
            let end = u32::try_from(row.text(verdict.field).len()).unwrap_or(u32::MAX);
            hits.push(Hit { rule: verdict.rule, severity: verdict.severity, field: Some(verdict.field), span: 0..end });
        });
    }

    /// Sentence and fix of a hit from [`Online::hits`]. None if the answer behind it is gone.
    pub fn explain(&self, row: &Row<'_>, hit: &Hit) -> Option<Finding> {
        let mut found = None;
        judge(row, &known(row, &self.evidence), self.evidence.limits(), &mut |verdict| {
            if (verdict.rule, Some(verdict.field), verdict.severity) == (hit.rule, hit.field, hit.severity) {
                let words = (verdict.words)();
                found.get_or_insert_with(|| Finding {
                    rule: hit.rule,
                    severity: hit.severity,
                    field: hit.field,
                    span: hit.span.clone(),
                    message: words.message,
                    fix: words.fix,
                });
            }
        });
        found
    }
}

/// What is wrong with a row, and what is known of it.
fn judged(evidence: &Evidence, snapshot: &Snapshot, row: RowId) -> u128 {
    if snapshot.is_excluded(row) {
        return 0;
    }
    let (row, mut bits) = (snapshot.row(row), 0);
    let known = known(&row, evidence);
    judge(&row, &known, evidence.limits(), &mut |verdict| {
        bits |= bit(verdict.rule, verdict.field, verdict.severity);
        if verdict.has_fix {
            bits |= fixed(verdict.rule);
        }
    });
    let marks = [(TRANSCRIPT_KNOWN, TRANSCRIPT_UNCLEAR), (VIDEO_KNOWN, VIDEO_UNCLEAR), (INDEX_KNOWN, INDEX_UNCLEAR)];
    for (observation, (clear, unclear)) in known.iter().zip(marks) {
        if let Some(observation) = observation {
            bits |= if observation.is_clear() { clear } else { unclear };
        }
    }
    if let [_, Some(video), _] = &known
        && video.untold().is_some()
    {
        bits |= VIDEO_UNTOLD;
    }
    bits
}

fn fixed(rule: Rule) -> u128 {
    FIXED.iter().find(|known| known.0 == rule).map_or(0, |known| known.1)
}

/// The bit of a finding. 0 if [`RULES`] lacks it; a test proves that it lacks none.
fn bit(rule: Rule, field: Field, severity: Severity) -> u128 {
    let place = RULES.iter().position(|known| *known == (rule, field));
    place.map_or(0, |place| 1 << (place * 3 + severity as usize))
}

pub(super) const fn of_severity(severity: Severity) -> u128 {
    let mut bits = 0;
    let mut at = 0;
    while at < RULES.len() {
        bits |= 1 << (at * 3 + severity as usize);
        at += 1;
    }
    bits
}

pub(super) fn of_rule(rule: Rule) -> u128 {
    let places = RULES.iter().enumerate().filter(|(_, known)| known.0 == rule);
    places.fold(0, |bits, (place, _)| bits | 0b111 << (place * 3))
}
