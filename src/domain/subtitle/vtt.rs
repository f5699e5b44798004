//! The WebVTT scanner: splits blocks like the W3C parser (<https://www.w3.org/TR/webvtt1/#file-parsing>), judges them
//! by the grammar for authors, and records what the measured parsers do with each cue.

use super::any_line::{self, Oddities};
use super::fault::FaultKind;
use super::lines::{End, Line, Lines};
use super::summary::Report;
use super::time::{self, Gap, Sign, Stamp, Timing, has_arrow};
use super::vtt_settings;
use super::vtt_text::Payload;
use std::collections::HashSet;

/// The scanner's state.
#[derive(Clone, Copy, Debug)]
enum State<'a> {
    /// Only blank lines so far.
    Start,
    /// After the signature, before the first blank line.
    Header,
    /// After a blank line.
    Between,
    /// After one line that may be a cue identifier.
    Id(Line<'a>),
    /// In a cue.
    Cue,
    /// In a comment, style or region.
    Block,
    /// In lines that belong to nothing; harmless at the end of the file.
    Stray(Line<'a>),
}

#[derive(Debug)]
struct Scanner<'a, 'r> {
    report: &'r mut Report,
    oddities: Oddities,
    state: State<'a>,
    /// A blank line before the first line of text.
    leading: Option<Line<'a>>,
    payload: Payload,
    times: Option<Line<'a>>,
    texts: u32,
    ids: HashSet<&'a str>,
    /// FFmpeg ignores everything before the first blank line.
    in_header: bool,
    has_bom: bool,
    /// The first line that ends in CR alone.
    first_cr: Option<Line<'a>>,
    /// FFmpeg loses a cue because of it.
    is_lost_by_cr: bool,
    /// After the header, a comment, a style or a region. If lines end in CR alone, FFmpeg takes the following cue for
    /// part of it.
    after_block: bool,
    /// Lines that belong to nothing, which lose cues if a cue follows.
    stray: Option<Line<'a>>,
}

/// Scans a whole text.
pub(super) fn scan(text: &str, has_bom: bool, is_cut: bool, report: &mut Report) {
    let mut scanner = Scanner {
        report,
        oddities: Oddities::of(text),
        state: State::Start,
        leading: None,
        payload: Payload::default(),
        times: None,
        texts: 0,
        ids: HashSet::new(),
        in_header: true,
        has_bom,
        first_cr: None,
        is_lost_by_cr: false,
        after_block: true,
        stray: None,
    };
    let mut last = None;
    for line in Lines::of(text) {
        last = Some(line);
        scanner.line(line);
    }
    scanner.finish(is_cut, last);
}

impl<'a> Scanner<'a, '_> {
    fn line(&mut self, line: Line<'a>) {
        self.letters(&line);
        if line.text.is_empty() {
            return self.blank(line);
        }
        let may_begin = matches!(self.state, State::Between | State::Id(_));
        if may_begin && line.end == End::Nothing && time::is_stub(line.text) {
            return self.broken(line, FaultKind::Truncated);
        }
        if time::holds_two(line.text, true) && time::timing(line.text).is_none() {
            self.report.note(FaultKind::TwoTimesInText, line.place());
        }
        match self.state {
            State::Start => self.signature(line),
            State::Header => match time::timing(line.text) {
                Some(timing) => self.begin(line, &timing, None),
                None if has_arrow(line.text) => self.broken(line, FaultKind::BrokenTiming),
                None => {
                    let is_map = line.text.starts_with("X-TIMESTAMP-MAP");
                    self.report
                        .note(if is_map { FaultKind::TimestampMap } else { FaultKind::HeaderLine }, line.place());
                }
            },
            State::Between => self.first_of_block(line),
            State::Id(id) => match time::timing(line.text) {
                Some(timing) => self.begin(line, &timing, Some(id)),
                None if has_arrow(line.text) => self.broken(line, FaultKind::BrokenTiming),
                None => self.state = State::Stray(id),
            },
            State::Cue => match time::timing(line.text) {
                Some(timing) => self.begin(line, &timing, None),
                None => self.text(line),
            },
            State::Block => {
                if has_arrow(line.text) {
                    self.report.note(FaultKind::ArrowInBlock, line.place());
                }
            }
            State::Stray(first) => match time::timing(line.text) {
                Some(timing) => {
                    self.stray = self.stray.or(Some(first));
                    self.begin(line, &timing, None);
                }
                None if has_arrow(line.text) => self.broken(line, FaultKind::BrokenTiming),
                None => {}
            },
        }
    }

    /// Checks that apply to any line.
    fn letters(&mut self, line: &Line<'a>) {
        if line.end == End::Cr {
            self.first_cr = self.first_cr.or(Some(*line));
        }
        any_line::look(line, self.oddities, self.report);
        if let Some(at) = self.oddities.nul(line.text) {
            // FFmpeg ends a block there and ignores the rest.
            let place = line.at(at);
            if self.texts > 0 || self.times.is_some() {
                self.report.stop_after(FaultKind::Nul, place);
            } else {
                self.report.stop(FaultKind::Nul, place);
            }
        }
    }

    fn blank(&mut self, line: Line<'a>) {
        match self.state {
            State::Start => {
                self.leading = self.leading.or(Some(line));
                return;
            }
            State::Id(first) | State::Stray(first) => self.stray = self.stray.or(Some(first)),
            State::Cue => self.end_cue(),
            State::Header | State::Between | State::Block => {}
        }
        self.state = State::Between;
        self.in_header = false;
    }

    fn signature(&mut self, line: Line<'a>) {
        self.state = State::Header;
        let signature = signature(line.text);
        if let Some(leading) = self.leading.filter(|_| signature != Signature::None) {
            self.report.refuse(FaultKind::BlankBeforeSignature, leading.place());
        }
        match signature {
            Signature::Sound => {}
            Signature::Bad => self.report.refuse(FaultKind::BadSignature, line.place()),
            Signature::None => {
                self.report.refuse(FaultKind::NoSignature, line.place());
                self.state = State::Between;
                self.in_header = false;
                self.first_of_block(line);
            }
        }
    }

    fn first_of_block(&mut self, line: Line<'a>) {
        if let Some(timing) = time::timing(line.text) {
            return self.begin(line, &timing, None);
        }
        let is_named = |name| line.text.strip_prefix(name).is_some_and(|rest: &str| rest.trim().is_empty());
        let is_note =
            line.text.strip_prefix("NOTE").is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t']));
        if is_note || is_named("STYLE") || is_named("REGION") {
            (self.state, self.after_block) = (State::Block, true);
            if has_arrow(line.text) {
                self.report.note(FaultKind::ArrowInBlock, line.place());
            }
            if !is_note {
                let is_late = self.report.apparent() > 0;
                self.report.note(if is_late { FaultKind::LateBlock } else { FaultKind::EarlyBlock }, line.place());
            }
        } else if has_arrow(line.text) {
            self.broken(line, FaultKind::BrokenTiming);
        } else if line.number > 1 && matches!(signature(line.text), Signature::Sound) {
            self.report.note(FaultKind::SecondHeader, line.place());
            (self.state, self.after_block) = (State::Block, true);
        } else {
            self.state = State::Id(line);
        }
    }

    fn begin(&mut self, line: Line<'a>, timing: &Timing<'a>, id: Option<Line<'a>>) {
        let was_cue = matches!(self.state, State::Cue);
        let was_header = matches!(self.state, State::Header);
        self.open(line);
        self.report.begin_cue(&timing.start, &timing.end, line.place());
        self.payload.begin(timing.start.ms, timing.end.ms);
        if was_header {
            self.report.lose(FaultKind::NoBlankAfterHeader, line.place());
        } else if was_cue {
            self.report.lose(FaultKind::BlankMissing, line.place());
        }
        if self.in_header {
            self.report.lose_cue();
        }
        if self.first_cr.is_some() && self.after_block {
            self.is_lost_by_cr = true;
            self.report.lose_cue();
        }
        self.after_block = false;
        if let Some(id) = id
            && !self.ids.insert(id.text.trim())
        {
            self.report.note(FaultKind::DuplicateId, id.place());
        }
        self.judge(&line, timing);
    }

    /// Handles a line with an arrow but without readable times.
    fn broken(&mut self, line: Line<'a>, kind: FaultKind) {
        self.open(line);
        self.report.begin_lost_cue();
        if kind == FaultKind::Truncated {
            self.times = None;
        }
        if kind == FaultKind::Truncated && !has_arrow(line.text) {
            self.report.lose(kind, line.place());
        } else {
            self.report.refuse(kind, line.place());
        }
    }

    fn open(&mut self, line: Line<'a>) {
        if matches!(self.state, State::Cue) {
            self.end_cue();
        }
        if let Some(stray) = self.stray.take() {
            self.report.stop_after(FaultKind::StrayText, stray.place());
        }
        self.state = State::Cue;
        (self.times, self.texts) = (Some(line), 0);
    }

    fn judge(&mut self, line: &Line<'a>, timing: &Timing<'a>) {
        let report = &mut *self.report;
        if timing.indent > 0 {
            report.refuse(FaultKind::IndentedTimes, line.place());
        }
        let arrow = line.at(timing.arrow_at);
        if !timing.is_arrow {
            report.refuse(FaultKind::ArrowWrong, arrow);
        } else if timing.gaps.contains(&Gap::Odd) {
            report.refuse(FaultKind::OddBlank, arrow);
        } else if timing.gaps.contains(&Gap::Nothing) {
            report.refuse(FaultKind::ArrowTight, arrow);
        }
        let stamps = [(&timing.start, timing.indent), (&timing.end, timing.end_at)];
        let find =
            |wrong: fn(&Stamp) -> bool| stamps.iter().find(|(stamp, _)| wrong(stamp)).map(|(_, at)| line.at(*at));
        if let Some(at) = find(|s| s.is_huge && s.minute_digits <= 2 && s.second_digits <= 2 && s.milli_digits <= 3) {
            report.refuse(FaultKind::BrokenTiming, at);
        }
        if let Some(at) = find(|s| s.sign == Sign::Absent) {
            report.refuse(FaultKind::NoMillis, at);
        }
        if let Some(at) = find(|s| s.sign == Sign::Comma) {
            report.refuse(FaultKind::CommaForPoint, at);
        }
        if let Some(at) = find(|s| s.sign == Sign::Odd) {
            report.refuse(FaultKind::BadSigns, at);
        }
        if let Some(at) = find(|s| !matches!(s.milli_digits, 0 | 3)) {
            report.refuse(FaultKind::BadMillisDigits, at);
        }
        if let Some(at) = find(|s| s.minute_digits != 2 || s.second_digits != 2) {
            report.refuse(FaultKind::BadFieldDigits, at);
        }
        if let Some(at) = find(|s| s.is_over) {
            report.lose(FaultKind::OverFiftyNine, at);
        }
        if let Some(at) = find(|s| s.hour_digits == 1) {
            report.note(FaultKind::HourDigits, at);
        }
        if self.has_bom && find(|s| s.hour_digits == 0).is_some() {
            report.lose(FaultKind::BomHidesCues, line.place());
        }
        if let Some(at) = vtt_settings::first_bad(timing.rest) {
            report.note(FaultKind::BadSetting, line.at(line.text.len() - timing.rest.len() + at));
        }
    }

    fn text(&mut self, line: Line<'a>) {
        if has_arrow(line.text) {
            self.report.refuse(FaultKind::ArrowInText, line.place());
        }
        let report = &mut *self.report;
        self.payload.line(line.text, |kind, at| report.note(kind, line.at(at)));
        if !line.is_blank() {
            self.texts = self.texts.saturating_add(1);
            self.report.text(&line);
        }
    }

    fn end_cue(&mut self) {
        let Some(times) = self.times.take() else { return };
        if self.texts == 0 {
            self.report.lose(FaultKind::EmptyText, times.place());
        }
        if self.payload.end() {
            self.report.note(FaultKind::UnclosedTag, times.place());
        }
        self.texts = 0;
        self.report.end_cue();
    }

    fn finish(mut self, is_cut: bool, last: Option<Line<'a>>) {
        let is_open = matches!(self.state, State::Cue) && self.texts == 0;
        if is_cut && is_open {
            self.times = None;
        } else if is_open && let (Some(times), Some(Line { end: End::Nothing, .. })) = (self.times, last) {
            self.times = None;
            self.report.lose(FaultKind::Truncated, times.place());
        }
        if matches!(self.state, State::Cue) {
            self.end_cue();
        }
        if let State::Id(first) | State::Stray(first) = self.state
            && !is_cut
        {
            self.stray = self.stray.or(Some(first));
        }
        if let Some(stray) = self.stray {
            self.report.note(FaultKind::StrayEnd, stray.place());
        }
        if let Some(line) = self.first_cr {
            let kind = if self.is_lost_by_cr { FaultKind::CarriageReturns } else { FaultKind::CrOnly };
            self.report.note(kind, line.at(line.text.len()));
        }
        if self.report.apparent() == 0 && !is_cut {
            self.report.note(FaultKind::NoCues, Line { number: 1, text: "", end: End::Nothing }.place());
        }
    }
}

/// The first line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signature {
    Sound,
    /// Nearly right: `WEBVTTx`, `webvtt`, or leading blanks.
    Bad,
    None,
}

/// Judges the first line, without the BOM.
pub(super) fn signature(line: &str) -> Signature {
    if let Some(rest) = line.strip_prefix("WEBVTT")
        && (rest.is_empty() || rest.starts_with([' ', '\t']))
    {
        return Signature::Sound;
    }
    let is_near = line.trim_start().get(..6).is_some_and(|start| start.eq_ignore_ascii_case("WEBVTT"));
    if is_near { Signature::Bad } else { Signature::None }
}
