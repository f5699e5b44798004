//! The SRT scanner. It finds cues as a person would and records what the measured parsers do with each.
//!
//! A cue starts at a line of times. Only then is it known whether the line before is its number or text of the previous
//! cue, so one line is always held back.

use super::any_line;
use super::fault::FaultKind;
use super::glance::Glance;
use super::lines::{End, Line, Lines, UsualCue};
use super::srt_times;
use super::summary::Report;
use super::time::{self, Timing};

/// The line held back.
#[derive(Clone, Copy, Debug)]
struct Held<'a> {
    line: Line<'a>,
    is_number: bool,
    /// It follows a blank line or the start of the text.
    after_blank: bool,
    /// A blank line follows it.
    before_blank: bool,
    /// The end of the line before it.
    end_before: End,
}

#[derive(Debug)]
struct Scanner<'a, 'r> {
    report: &'r mut Report,
    glance: Glance,
    held: Option<Held<'a>>,
    /// Text lines of the current cue.
    texts: u32,
    /// A blank line inside the current cue has already been reported.
    is_split: bool,
    /// The line of times of the current cue.
    times: Option<Line<'a>>,
    /// The last cue number.
    index: Option<u64>,
    had_index: bool,
    /// The last text line was only a number.
    was_number: bool,
    is_leading: bool,
    after_blank: bool,
    /// The ends of this line and of the line before.
    last_end: End,
    end_before: End,
    /// Line ends of CR CR LF or LF CR occurred.
    has_doubled_returns: bool,
    /// A line of times ended in LF or CRLF.
    has_lf: bool,
    /// The line before is one of times that ends in CR alone, unlike earlier ones.
    is_cr_among_lf: bool,
    /// And the line of its number ends in LF, so that one parser expects a cue there.
    is_cr_after_lf: bool,
    /// A blank line follows the number of the current cue, or a parser takes what follows for one.
    is_apart: bool,
    /// A NUL byte, at which FFmpeg stops, stands above.
    after_nul: bool,
}

/// Scans a whole text.
pub(super) fn scan(text: &str, glance: Glance, is_cut: bool, report: &mut Report) {
    let mut scanner = Scanner {
        report,
        glance,
        held: None,
        texts: 0,
        is_split: false,
        times: None,
        index: None,
        had_index: false,
        was_number: false,
        is_leading: true,
        after_blank: true,
        last_end: End::Nothing,
        end_before: End::Nothing,
        has_doubled_returns: false,
        has_lf: false,
        is_cr_among_lf: false,
        is_cr_after_lf: false,
        is_apart: false,
        after_nul: false,
    };
    let mut last_end = End::Nothing;
    let mut lines = Lines::of(text);
    loop {
        if scanner.after_blank
            && scanner.last_end != End::Cr
            && glance.is_quiet
            && let Some(cue @ UsualCue { number: Some((number, value)), .. }) = lines.usual_cue(b',', true)
        {
            scanner.usual_cue(cue, number, value);
            last_end = cue.line.end;
            continue;
        }
        let Some(line) = lines.next() else { break };
        last_end = line.end;
        scanner.line(line);
    }
    scanner.finish(is_cut, last_end);
}

impl<'a> Scanner<'a, '_> {
    /// A number and times in the usual form after a blank line: nothing to judge but their order.
    fn usual_cue(&mut self, cue: UsualCue<'a>, number: Line<'a>, value: u64) {
        let UsualCue { line, start, end, .. } = cue;
        if let Some(held) = self.held.take() {
            self.text(held);
        }
        self.end_cue(false);
        self.report.begin_cue(start, end, line.place());
        self.times = Some(line);
        (self.texts, self.is_split, self.was_number, self.is_apart) = (0, false, false, false);
        (self.end_before, self.last_end, self.has_lf, self.after_blank) = (number.end, line.end, true, false);
        self.judge_number(&number, value);
    }

    /// A line of text that is nothing else, and no number of the next cue: what most lines are.
    fn plain(&mut self, line: &Line<'a>) -> bool {
        let may_be = line.is_plain() && any_line::is_fine(line, self.glance) && line.end != End::Cr;
        let is_inside = !self.after_blank && self.times.is_some() && !self.held.is_some_and(|held| held.is_number);
        if !may_be || !is_inside {
            return false;
        }
        if let Some(held) = self.held.take() {
            self.text(held);
        }
        self.returns(line);
        self.was_number = false;
        self.add_text(line);
        true
    }

    fn line(&mut self, line: Line<'a>) {
        if self.plain(&line) {
            return;
        }
        self.letters(&line);
        self.returns(&line);
        if line.is_blank() {
            if self.is_leading && self.report.apparent() == 0 && self.held.is_none() {
                self.report.refuse(FaultKind::LeadingBlank, line.place());
                self.is_leading = false;
            }
            if let Some(held) = self.held.as_mut() {
                held.before_blank = true;
            }
            self.after_blank = true;
            return;
        }
        if self.is_stub(&line) {
            self.broken(line, FaultKind::Truncated);
        } else if let Some(timing) = time::timing(line.text) {
            self.begin(line, &timing);
        } else if self.is_attempt(&line) {
            self.broken(line, FaultKind::BrokenTiming);
        } else {
            if let Some(held) = self.held.take() {
                self.text(held);
            }
            let is_number = is_number(line.trimmed());
            let (after_blank, end_before) = (self.after_blank, self.end_before);
            self.held = Some(Held { line, is_number, after_blank, before_blank: false, end_before });
        }
        self.after_blank = false;
    }

    /// Checks that apply to any line.
    fn letters(&mut self, line: &Line<'a>) {
        if line.end == End::Cr {
            let at = line.at(line.text.len());
            let is_text = !line.is_blank() && !is_number(line.text) && time::timing(line.text).is_none();
            if is_text || self.has_lf {
                self.report.note(FaultKind::CrOnly, at)
            } else {
                self.report.refuse(FaultKind::CrOnly, at)
            }
        }
        let is_first_text = self.times.is_some() && self.texts == 0 && self.held.is_none();
        any_line::look(line, self.glance, is_first_text, self.report);
        if let Some(at) = self.glance.nul(line.text) {
            // FFmpeg stops here and keeps the current cue if it has any text.
            let has_text = self.texts > 0 || self.held.is_some_and(|held| !held.after_blank);
            self.report.nul(line.at(at));
            if has_text {
                self.report.end_cue();
            } else if self.times.is_some() && !self.after_nul {
                self.report.lose_to_nul();
            }
            self.after_nul = true;
        }
    }

    /// Compares the line's end with the one before.
    fn returns(&mut self, line: &Line<'a>) {
        let is_doubled =
            line.text.is_empty() && matches!((self.last_end, line.end), (End::Cr, End::CrLf) | (End::Lf, End::Cr));
        self.has_doubled_returns |= is_doubled;
        if std::mem::take(&mut self.is_cr_among_lf) {
            if is_doubled {
                self.report.refuse(FaultKind::CrOnly, line.place());
            } else if std::mem::take(&mut self.is_cr_after_lf) {
                self.report.refuse(FaultKind::MixedReturns, line.place());
            } else {
                self.report.lose(FaultKind::MixedReturns, line.place());
            }
        }
        self.end_before = std::mem::replace(&mut self.last_end, line.end);
    }

    fn text(&mut self, held: Held<'a>) {
        let Held { line, after_blank, .. } = held;
        if self.times.is_none() {
            if self.report.apparent() == 0 {
                self.report.refuse(FaultKind::TextBeforeCues, line.place());
            }
            return;
        }
        if after_blank && self.texts == 0 && self.is_apart {
            // One parser finds a number, times and a text, and no cue.
            let kind = if self.has_doubled_returns { FaultKind::DoubledReturns } else { FaultKind::SplitCue };
            self.report.lose(kind, line.place());
        }
        if after_blank && !self.is_split {
            self.is_split = true;
            // One parser stops and keeps what it has, which may be nothing; for digits of any script it refuses the
            // file.
            let place = line.place();
            if line.text.trim().chars().all(char::is_numeric) {
                self.report.refuse(FaultKind::BlankInText, place);
            } else if self.texts == 0 {
                self.report.stop(FaultKind::BlankInText, place);
            } else {
                self.report.stop_after(FaultKind::BlankInText, place);
            }
        }
        if (after_blank || self.was_number) && starts_like_time(line.text) {
            self.report.refuse(FaultKind::TextLikeTime, line.place());
        }
        self.was_number = held.is_number || looks_like_number(line.trimmed());
        self.add_text(&line);
    }

    fn add_text(&mut self, line: &Line<'a>) {
        if time::holds_two(line.text, false) {
            self.report.note(FaultKind::TwoTimesInText, line.place());
        }
        self.texts = self.texts.saturating_add(1);
        self.report.text(line);
    }

    /// Handles a line of times.
    fn begin(&mut self, line: Line<'a>, timing: &Timing<'a>) {
        let is_first = self.report.apparent() == 0;
        let before = self.before_times();
        self.end_cue(false);
        self.report.begin_cue(timing.start.ms, timing.end.ms, line.place());
        self.start(line, before);
        srt_times::judge(&line, timing, is_first, self.report);
    }

    /// Handles an unreadable line of times.
    fn broken(&mut self, line: Line<'a>, kind: FaultKind) {
        let before = self.before_times();
        self.end_cue(false);
        self.report.begin_lost_cue();
        self.start(line, before);
        self.report.refuse(kind, line.place());
    }

    fn start(&mut self, line: Line<'a>, before: Before<'a>) {
        self.times = Some(line);
        (self.texts, self.is_split, self.was_number, self.is_apart) = (0, false, false, false);
        if self.after_nul {
            self.report.lose_to_nul();
        }
        let before_index = match &before {
            Before::Index(index) => index.end_before,
            Before::Nothing => End::Nothing,
        };
        if self.has_lf && line.end != End::Cr && [before_index, self.end_before].contains(&End::Cr) {
            // Python's srt takes the cue for text of the one before.
            self.report.lose(FaultKind::MixedReturns, line.place());
        }
        match line.end {
            End::Cr => self.is_cr_among_lf = self.has_lf,
            End::Lf | End::CrLf => self.has_lf = true,
            End::Nothing => {}
        }
        if self.glance.has_odd_ends
            && let Before::Index(index) = &before
            && any_line::ends_twice(index.line.text)
            && any_line::ends_twice(line.text)
        {
            self.report.lose(FaultKind::OddLineEnds, line.place());
        }
        match before {
            Before::Index(index) => {
                self.is_cr_after_lf = self.is_cr_among_lf && index.line.end != End::Cr;
                self.judge_index(&index);
            }
            Before::Nothing => {
                self.report.stop(FaultKind::NoIndex, line.place());
                if !self.after_blank {
                    self.report.lose(FaultKind::BlankMissing, line.place());
                }
            }
        }
    }

    /// Uses the line held back as the number of the new cue or as text of the previous one.
    fn before_times(&mut self) -> Before<'a> {
        let Some(held) = self.held.take() else { return Before::Nothing };
        let is_index = if held.is_number || looks_like_number(held.line.trimmed()) {
            // Between a text line and a blank one it is text, unless cues are numbered here.
            held.after_blank || !held.before_blank || self.had_index
        } else {
            held.after_blank && !held.before_blank
        };
        if is_index {
            return Before::Index(held);
        }
        self.text(held);
        Before::Nothing
    }

    fn judge_index(&mut self, index: &Held<'a>) {
        let text = index.line.text;
        let place = index.line.place();
        if !index.after_blank {
            self.report.lose(FaultKind::BlankMissing, place);
        }
        self.is_apart = index.before_blank;
        if index.before_blank {
            self.report.refuse(FaultKind::BlankAfterIndex, place);
        }
        if !index.is_number {
            if starts_like_time(text) {
                self.report.refuse(FaultKind::TextLikeTime, place);
            }
            self.report.stop(FaultKind::IndexNotNumber, place);
            return;
        }
        if text.len() != index.line.trimmed().len() {
            // One parser takes such a number, and with it the cue, for text of the cue before.
            let is_indented = text.starts_with(char::is_whitespace) && self.report.apparent() > 1;
            self.report.stop(if is_indented { FaultKind::IndexIndented } else { FaultKind::IndexPadded }, place);
        }
        self.judge_number(&index.line, index.line.trimmed().parse().unwrap_or(u64::MAX));
    }

    fn judge_number(&mut self, line: &Line<'a>, number: u64) {
        let expected = self.index.map_or(1, |last| last.saturating_add(1));
        if number != expected {
            self.report.note(FaultKind::IndexOrder, line.place());
        }
        self.index = Some(number);
        self.had_index = true;
    }

    fn end_cue(&mut self, is_last_and_cut: bool) {
        if let Some(times) = self.times.take()
            && self.texts == 0
            && !is_last_and_cut
        {
            self.report.lose(FaultKind::EmptyText, times.place());
        }
        self.report.end_cue();
    }

    /// Whether a line was meant as times: an arrow or two times after a number line, or something like times with an
    /// arrow after a blank line. Text in a cue may contain an arrow.
    fn is_attempt(&self, line: &Line<'a>) -> bool {
        let number = self.held.filter(|held| held.is_number);
        if number.is_none() && !self.after_blank {
            return false;
        }
        if !time::has_arrow(line.text) {
            return number.is_some_and(|held| held.after_blank) && time::holds_two(line.text, false);
        }
        let start = line.text.trim_start().trim_start_matches(['-', '+']);
        let is_like_time = start.starts_with(char::is_numeric) && line.text.contains([':', '：']);
        number.is_some() || (self.after_blank && is_like_time)
    }

    /// The start of a line of times after a number, truncated by the end of the file.
    fn is_stub(&self, line: &Line<'a>) -> bool {
        let is_after_index = || self.held.is_some_and(|held| held.after_blank && !held.before_blank && held.is_number);
        line.end == End::Nothing && is_after_index() && time::is_stub(line.text)
    }

    fn finish(mut self, is_cut: bool, last_end: End) {
        if is_cut {
            // The last lines may be the start of anything.
            self.end_cue(true);
            return;
        }
        match self.held.take() {
            Some(held) if held.after_blank && self.times.is_some() && held.is_number => {
                // One parser requires times after it.
                self.end_cue(false);
                self.report.refuse(FaultKind::Truncated, held.line.place());
            }
            Some(held) => self.text(held),
            None => {
                if let Some(times) = self.times.take_if(|_| self.texts == 0 && last_end == End::Nothing)
                    && !time::is_stub(times.text)
                {
                    self.report.lose(FaultKind::Truncated, times.place());
                }
            }
        }
        self.end_cue(false);
    }
}

/// What precedes a line of times.
enum Before<'a> {
    Index(Held<'a>),
    Nothing,
}

/// A number line that every parser accepts.
fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// A number line that the most tolerant parser accepts: `-?\d+\.?\d*`.
fn looks_like_number(text: &str) -> bool {
    if !text.starts_with(|c: char| c.is_ascii_digit() || c == '-') {
        return false;
    }
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    is_number(whole) && part.bytes().all(|b| b.is_ascii_digit())
}

/// Three numbers with separators, as in `1.567.202`: after a blank line or a number line, Python's srt parses it as the
/// times of a cue.
fn starts_like_time(text: &str) -> bool {
    let is_sign = |c: char| matches!(c, ',' | '.' | ':' | '，' | '．' | '。' | '：');
    let mut rest = text;
    for part in 0..3 {
        if part > 0 {
            let Some(after) = rest.strip_prefix(is_sign) else { return false };
            rest = after;
        }
        let after = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        if after.len() == rest.len() {
            return false;
        }
        rest = after;
    }
    true
}
