//! The result of both scanners: faults, which cues are lost, and when cues are shown. Knows no syntax.

use super::fault::{FaultKind, Faults, Position};
use super::glance::Glance;
use super::lines::Line;
use super::repeats::Repeats;
use super::{Cue, Encoding, Fault, Format, SLICES, Transcript, language, plain};

/// How much of the text is kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct Keep {
    /// Cues from the first one on.
    pub cues: usize,
    /// Characters of each.
    pub chars: usize,
}

impl Keep {
    /// What is remembered of every transcript: a session may hold a million.
    pub const OPENING: Keep = Keep { cues: 4, chars: 160 };
    /// For as long as two are compared.
    pub const ALL: Keep = Keep { cues: usize::MAX, chars: usize::MAX };
}

/// Tracks which cues every measured parser recovers.
#[derive(Debug, Default)]
struct Fate {
    apparent: u32,
    kept: u32,
    /// A parser loses the current cue.
    is_lost: bool,
    /// A parser stops here.
    is_stopped: bool,
    /// A parser refuses the file.
    is_refused: bool,
}

/// The transcript as read so far.
#[derive(Debug)]
pub(super) struct Report {
    format: Format,
    glance: Glance,
    keep: Keep,
    pub faults: Faults,
    fate: Fate,
    /// Start and end of each cue, in milliseconds, in file order.
    times: Vec<(u64, u64)>,
    latest_start: u64,
    latest_end: u64,
    opening: Vec<Cue>,
    sample: language::Sample,
    repeats: Repeats,
    text: String,
    has_cue: bool,
    /// The first NUL byte, and their number; `is_costly` if a parser loses a cue by them.
    nuls: Option<Fault>,
    is_costly: bool,
}

/// How many cues a text is likely to have, so that a list of them seldom grows; never many, whatever the text.
pub(super) fn likely_cues(text: &str) -> usize {
    (text.len() / 64).min(4096)
}

impl Report {
    /// Starts with the faults of decoding, which may already make parsers refuse the file.
    pub fn new(text: &str, format: Format, glance: Glance, faults: Faults, keep: Keep) -> Report {
        let is_refused = faults.kinds().any(FaultKind::is_undecodable);
        Report {
            format,
            glance,
            keep,
            faults,
            fate: Fate { is_refused, ..Fate::default() },
            times: Vec::with_capacity(likely_cues(text)),
            latest_start: 0,
            latest_end: 0,
            opening: Vec::new(),
            sample: language::Sample::default(),
            repeats: Repeats::default(),
            text: String::new(),
            has_cue: false,
            nuls: None,
            is_costly: false,
        }
    }

    /// Records a fault that loses no cue.
    pub fn note(&mut self, kind: FaultKind, place: Position<'_>) {
        self.faults.add(kind, place);
    }

    /// Records a fault that makes a parser lose the current cue.
    pub fn lose(&mut self, kind: FaultKind, place: Position<'_>) {
        self.faults.add(kind, place);
        self.lose_cue();
    }

    /// The current cue is lost because of a fault reported before.
    pub fn lose_cue(&mut self) {
        self.fate.is_lost = true;
    }

    /// Records a fault at which a parser stops: earlier cues stay, the current one and all later ones are lost.
    pub fn stop(&mut self, kind: FaultKind, place: Position<'_>) {
        self.faults.add(kind, place);
        self.fate.is_stopped = true;
    }

    /// As [`Report::stop`], but the current cue is kept.
    pub fn stop_after(&mut self, kind: FaultKind, place: Position<'_>) {
        self.end_cue();
        self.stop(kind, place);
    }

    /// Records a fault for which a parser refuses the file.
    pub fn refuse(&mut self, kind: FaultKind, place: Position<'_>) {
        self.faults.add(kind, place);
        self.fate.is_refused = true;
    }

    /// Records a line with a NUL byte.
    pub fn nul(&mut self, place: Position<'_>) {
        match &mut self.nuls {
            Some(nuls) => nuls.count = nuls.count.saturating_add(1),
            None => self.nuls = Some(place.fault(FaultKind::NulKept)),
        }
    }

    /// A parser loses the current cue by a NUL byte.
    pub fn lose_to_nul(&mut self) {
        self.is_costly = true;
        self.lose_cue();
    }

    /// Cues so far, including the current one.
    pub fn apparent(&self) -> u32 {
        self.fate.apparent
    }

    /// Starts a cue at a time in milliseconds. Report its faults afterwards.
    pub fn begin_cue(&mut self, start: u64, end: u64, place: Position<'_>) {
        self.begin_lost_cue();
        // Two tracks merged into one file say the same thing at the same time.
        if self.times.last().is_none_or(|(before, _)| *before != start) {
            self.sample.another_time();
        }
        if end < start {
            self.note(FaultKind::EndBeforeStart, place);
        } else if end == start {
            self.note(FaultKind::EndIsStart, place);
        }
        if start < self.latest_start {
            self.note(FaultKind::CueOrder, place);
        } else if start < self.latest_end {
            self.note(FaultKind::CueOverlap, place);
        }
        self.latest_start = self.latest_start.max(start);
        self.latest_end = self.latest_end.max(end);
        self.times.push((start, end));
        if self.opening.len() < self.keep.cues {
            self.opening.push(Cue { start_ms: start, end_ms: end, text: "".into() });
        }
    }

    /// Starts a visible cue with unreadable times.
    pub fn begin_lost_cue(&mut self) {
        self.end_cue();
        self.fate.apparent = self.fate.apparent.saturating_add(1);
        self.fate.is_lost = false;
        self.has_cue = true;
    }

    /// Adds a text line of the current cue.
    pub fn text(&mut self, line: &Line<'_>) {
        if !self.has_cue {
            return;
        }
        self.repeats.line(line.trimmed(), line.number, self.format, self.glance.has_marks);
        let line = line.text;
        let is_opening = self.times.len() <= self.keep.cues;
        if !is_opening && self.sample.is_full() {
            self.sample.add_later(line, self.format);
            return;
        }
        self.sample.add(line, self.format);
        if is_opening && self.text.len() < self.keep.chars.saturating_mul(4) {
            if !self.text.is_empty() {
                self.text.push(' ');
            }
            plain::add(line, self.format, &mut self.text);
            if self.keep.chars == usize::MAX {
                // What is compared must be whole. Of so long a line the rest is kept with its tags.
                self.text.push_str(line.get(plain::head(line).len()..).unwrap_or_default());
            }
        }
    }

    pub fn end_cue(&mut self) {
        if !self.has_cue {
            return;
        }
        self.has_cue = false;
        self.repeats.end_cue();
        if !self.fate.is_lost && !self.fate.is_stopped {
            self.fate.kept = self.fate.kept.saturating_add(1);
        }
        self.fate.is_lost = false;
        if self.times.len() <= self.keep.cues
            && let Some(cue) = self.opening.last_mut()
            && cue.text.is_empty()
        {
            cue.text = self.text.trim().chars().take(self.keep.chars).collect();
        }
        self.text.clear();
    }

    pub fn finish(mut self, encoding: Encoding, is_cut: bool) -> Transcript {
        self.end_cue();
        if let Some((line, count)) = self.repeats.found() {
            let first = Position { line, before: "" }.fault(FaultKind::RepeatedText);
            self.faults.put(Fault { count, ..first });
        }
        if let Some(nuls) = self.nuls {
            let kind = if self.is_costly { FaultKind::Nul } else { FaultKind::NulKept };
            self.faults.put(Fault { kind, severity: kind.severity(), ..nuls });
        }
        let recovered = if self.fate.is_refused { 0 } else { self.fate.kept };
        let last_ms = self.latest_end;
        let first_ms = self.times.iter().map(|(start, _)| *start).min().unwrap_or(0);
        let (covered_ms, slices) = coverage(&mut self.times, last_ms);
        Transcript {
            format: self.format,
            encoding,
            apparent: self.fate.apparent,
            recovered,
            first_ms,
            last_ms,
            covered_ms,
            slices,
            opening: self.opening,
            faults: self.faults.into_sorted(),
            language: self.sample.language(),
            is_cut,
        }
    }
}

/// The time covered by cues, and the slices of 0..`last` that contain one. Sorts the cues.
fn coverage(times: &mut [(u64, u64)], last: u64) -> (u64, [u64; 2]) {
    times.sort_unstable();
    // Where a slice ends, and the next one begins.
    let end_of = |slice: u32| {
        let end = (u128::from(last.max(1)) * u128::from(slice + 1)).div_ceil(u128::from(SLICES));
        u64::try_from(end).unwrap_or(u64::MAX)
    };
    let ends: [u64; (SLICES - 1) as usize] = std::array::from_fn(|slice| end_of(slice as u32));
    // The slice of a time that is not before the slice `from`.
    let slice = |from: usize, at: u64| from + ends.iter().skip(from).take_while(|end| **end <= at).count();
    let mut bits = 0u128;
    let (mut covered, mut reached, mut from) = (0u64, 0u64, 0usize);
    for &(start, end) in times.iter().filter(|(start, end)| start < end) {
        covered = covered.saturating_add(end.saturating_sub(start.max(reached)));
        reached = reached.max(end);
        from = slice(from, start);
        let to = slice(from, end - 1);
        bits |= (u128::MAX >> (SLICES as usize - 1 - to)) & (u128::MAX << from);
    }
    let halves = [bits as u64, (bits >> 64) as u64];
    (covered, halves)
}
