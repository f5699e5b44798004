//! The SRT scanner. It finds cues as a person would and records what the measured parsers do with each.
//!
//! A cue starts at a line of times. Only then is it known whether the line before is its number or text of the previous
//! cue, so one line is always held back.

use super::any_line::{self, Oddities};
use super::fault::FaultKind;
use super::lines::{End, Line, Lines};
use super::summary::Report;
use super::time::{self, Gap, Sign, Stamp, Timing};

/// The line held back.
#[derive(Clone, Copy, Debug)]
struct Held<'a> {
    line: Line<'a>,
    is_number: bool,
    /// It follows a blank line or the start of the text.
    after_blank: bool,
    /// A blank line follows it.
    before_blank: bool,
}

#[derive(Debug)]
struct Scanner<'a, 'r> {
    report: &'r mut Report,
    oddities: Oddities,
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
    /// The end of the line before.
    last_end: End,
    /// Line ends of CR CR LF or LF CR occurred.
    has_doubled_returns: bool,
    /// A line of times ended in LF or CRLF.
    has_lf: bool,
    /// The line before is one of times that ends in CR alone, unlike earlier ones.
    is_cr_among_lf: bool,
    /// A blank line follows the number of the current cue, or a parser takes what follows for one.
    is_apart: bool,
}

/// Scans a whole text.
pub(super) fn scan(text: &str, is_cut: bool, report: &mut Report) {
    let mut scanner = Scanner {
        report,
        oddities: Oddities::of(text),
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
        has_doubled_returns: false,
        has_lf: false,
        is_cr_among_lf: false,
        is_apart: false,
    };
    let mut last_end = End::Nothing;
    for line in Lines::of(text) {
        last_end = line.end;
        scanner.line(line);
    }
    scanner.finish(is_cut, last_end);
}

impl<'a> Scanner<'a, '_> {
    fn line(&mut self, line: Line<'a>) {
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
            let is_number = is_number(line.text.trim());
            self.held = Some(Held { line, is_number, after_blank: self.after_blank, before_blank: false });
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
        any_line::look(line, self.oddities, self.report);
        if let Some(at) = self.oddities.nul(line.text) {
            // FFmpeg stops here and keeps the current cue if it has any text.
            let has_text = self.texts > 0 || self.held.is_some_and(|held| !held.after_blank);
            if has_text {
                self.report.stop_after(FaultKind::Nul, line.at(at))
            } else {
                self.report.stop(FaultKind::Nul, line.at(at))
            }
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
            } else {
                self.report.lose(FaultKind::MixedReturns, line.place());
            }
        }
        self.last_end = line.end;
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
        self.was_number = held.is_number || looks_like_number(line.text.trim());
        if time::holds_two(line.text, false) {
            self.report.note(FaultKind::TwoTimesInText, line.place());
        }
        self.texts = self.texts.saturating_add(1);
        self.report.text(&line);
    }

    /// Handles a line of times.
    fn begin(&mut self, line: Line<'a>, timing: &Timing<'a>) {
        let is_first = self.report.apparent() == 0;
        let before = self.before_times();
        self.end_cue(false);
        self.report.begin_cue(&timing.start, &timing.end, line.place());
        self.start(line, before);
        self.judge(&line, timing, is_first);
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
        match line.end {
            End::Cr => self.is_cr_among_lf = self.has_lf,
            End::Lf | End::CrLf => self.has_lf = true,
            End::Nothing => {}
        }
        if let Before::Index(index) = &before
            && any_line::ends_twice(index.line.text)
            && any_line::ends_twice(line.text)
        {
            self.report.lose(FaultKind::OddLineEnds, line.place());
        }
        match before {
            Before::Index(index) => self.judge_index(&index),
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
        let is_index = if held.is_number || looks_like_number(held.line.text.trim()) {
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
        if text.len() != text.trim().len() {
            self.report.stop(FaultKind::IndexPadded, place);
        }
        let number = text.trim().parse::<u64>().unwrap_or(u64::MAX);
        let expected = self.index.map_or(1, |last| last.saturating_add(1));
        if number != expected {
            self.report.note(FaultKind::IndexOrder, place);
        }
        self.index = Some(number);
        self.had_index = true;
    }

    fn judge(&mut self, line: &Line<'a>, timing: &Timing<'a>, is_first: bool) {
        // FFmpeg identifies a file by its first cue and is more tolerant of others.
        let costs = |report: &mut Report, kind, place| {
            if is_first { report.refuse(kind, place) } else { report.lose(kind, place) }
        };
        let report = &mut *self.report;
        if timing.indent > 0 {
            costs(report, FaultKind::Indented, line.place());
        }
        let arrow = line.at(timing.arrow_at);
        if !timing.is_arrow {
            report.refuse(FaultKind::ArrowWrong, arrow);
        } else if timing.gaps.contains(&Gap::Odd) {
            report.refuse(FaultKind::OddBlank, arrow);
        } else if timing.gaps.contains(&Gap::Tabs) {
            report.refuse(FaultKind::ArrowTabs, arrow);
        } else if timing.gaps.contains(&Gap::Nothing) {
            if is_first {
                report.refuse(FaultKind::ArrowTight, arrow)
            } else {
                report.note(FaultKind::ArrowTight, arrow)
            }
        }
        let stamps = [(&timing.start, timing.indent), (&timing.end, timing.end_at)];
        // Once per cue: usually both times have the same fault.
        let find =
            |wrong: fn(&Stamp) -> bool| stamps.iter().find(|(stamp, _)| wrong(stamp)).map(|(_, at)| line.at(*at));
        if let Some(at) = find(|s| s.is_huge) {
            report.refuse(FaultKind::BrokenTiming, at);
        }
        if let Some(at) = find(|s| s.sign == Sign::Absent) {
            costs(report, FaultKind::NoMillis, at);
        }
        if let Some(at) = find(|s| s.hour_digits == 0) {
            report.refuse(FaultKind::NoHours, at);
        }
        if let Some(at) = find(|s| s.sign == Sign::Odd) {
            report.refuse(FaultKind::BadSeparator, at);
        }
        if let Some(at) = find(|s| s.sign == Sign::Point) {
            report.refuse(FaultKind::PointForComma, at);
        }
        if let Some(at) = find(|s| s.is_over) {
            report.note(FaultKind::OverFiftyNine, at);
        }
        if let Some(at) = find(|s| !matches!(s.milli_digits, 0 | 3)) {
            report.note(FaultKind::MillisDigits, at);
        }
        if let Some(at) = find(|s| s.hour_digits == 1 || s.minute_digits == 1 || s.second_digits == 1) {
            report.note(FaultKind::FieldDigits, at);
        }
        if let Some(at) = find(|s| s.hours > 99) {
            report.note(FaultKind::HoursOver99, at);
        }
        let rest = timing.rest.trim();
        if !rest.is_empty() {
            let is_coordinates = timing.rest.starts_with([' ', '\t']) && rest.starts_with(['X', 'Y']);
            let at = line.at(line.text.len() - timing.rest.len());
            report.refuse(if is_coordinates { FaultKind::Coordinates } else { FaultKind::AfterTimes }, at);
        }
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
