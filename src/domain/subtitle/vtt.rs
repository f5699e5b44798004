//! The WebVTT scanner: splits blocks like the W3C parser (<https://www.w3.org/TR/webvtt1/#file-parsing>), judges them
//! by the grammar for authors, and records what the measured parsers do with each cue.

use super::any_line;
use super::fault::FaultKind;
use super::glance::Glance;
use super::lines::{End, Line, Lines, UsualCue};
use super::summary::{Report, likely_cues};
use super::time::{self, Gap, Sign, Stamp, Timing, has_arrow};
use super::vtt_blocks::{Blocks, Reading};
use super::vtt_settings;
use super::vtt_text::Payload;
use memchr::memchr2;
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
    glance: Glance,
    state: State<'a>,
    /// A blank line before the first line of text.
    leading: Option<Line<'a>>,
    payload: Payload,
    times: Option<Line<'a>>,
    texts: u32,
    /// The identifiers of cues.
    ids: Vec<Line<'a>>,
    /// They are numbers in the usual form that rise, so none is there twice.
    do_rise: bool,
    /// The least number above the last one.
    above: u64,
    /// What FFmpeg reads, and what it made of the current line.
    blocks: Blocks,
    reading: Reading,
    has_bom: bool,
    /// The first line that ends in CR alone.
    first_cr: Option<Line<'a>>,
    /// FFmpeg loses a cue because of it.
    is_lost_by_cr: bool,
    /// Lines that belong to nothing, which lose cues if a cue follows.
    stray: Option<Line<'a>>,
    /// The number of the line with the signature, where text stands before it.
    late_header: Option<u32>,
}

/// Scans a whole text.
pub(super) fn scan(text: &str, glance: Glance, has_bom: bool, is_cut: bool, report: &mut Report) {
    let mut scanner = Scanner {
        report,
        glance,
        state: State::Start,
        leading: None,
        payload: Payload::default(),
        times: None,
        texts: 0,
        ids: Vec::with_capacity(likely_cues(text)),
        do_rise: true,
        above: 0,
        blocks: Blocks::default(),
        reading: Reading::Swallowed,
        has_bom,
        first_cr: None,
        is_lost_by_cr: false,
        stray: None,
        late_header: late_header(text),
    };
    let mut last = None;
    let mut lines = Lines::of(text);
    loop {
        if matches!(scanner.state, State::Between)
            && glance.is_quiet
            && let Some(cue) = lines.usual_cue(b'.', false)
        {
            last = Some(cue.line);
            scanner.usual_cue(cue);
            continue;
        }
        let Some(line) = lines.next() else { break };
        last = Some(line);
        scanner.line(line);
    }
    scanner.finish(is_cut, last);
}

impl<'a> Scanner<'a, '_> {
    /// Times in the usual form after a blank line, perhaps with a number: nothing to judge.
    fn usual_cue(&mut self, UsualCue { number, line, start, end }: UsualCue<'a>) {
        if let Some((number, value)) = number {
            self.ids.push(number);
            self.do_rise &= value >= self.above;
            self.above = value + 1;
        }
        self.reading = self.blocks.usual_cue(number.map(|(number, _)| number), &line);
        let is_stray = self.open(line);
        self.report.begin_cue(start, end, line.place());
        self.payload.begin(start, end);
        self.read_on(is_stray);
    }

    /// A line of text that is nothing else, or the blank line after it: what most lines are.
    fn plain(&mut self, line: Line<'a>) -> bool {
        let is_fine = any_line::is_fine(&line, self.glance) && line.end != End::Cr;
        if !is_fine || !matches!(self.state, State::Cue) {
            return false;
        }
        if line.text.is_empty() {
            self.reading = self.blocks.line(&line, false);
            self.blank(line);
            return true;
        }
        if !line.is_plain() {
            return false;
        }
        self.blocks.line(&line, false);
        if memchr2(b':', b'>', line.text.as_bytes()).is_some() {
            if time::holds_two(line.text, true) {
                self.report.note(FaultKind::TwoTimesInText, line.place());
            }
            self.text(line);
        } else {
            self.words(line);
        }
        true
    }

    fn line(&mut self, line: Line<'a>) {
        if self.plain(line) {
            return;
        }
        self.letters(&line);
        if line.text.is_empty() {
            return self.blank(line);
        }
        if self.late_header == Some(line.number) {
            (self.state, self.stray) = (State::Header, None);
            return;
        }
        let may_begin = matches!(self.state, State::Between | State::Id(_));
        if may_begin && line.end == End::Nothing && time::is_stub(line.text) {
            return self.broken(line, FaultKind::Truncated);
        }
        let timing = time::timing(line.text);
        let is_pair = timing.is_none() && may_begin && time::is_pair(line.text);
        if timing.is_none() && !is_pair && time::holds_two(line.text, true) {
            self.report.note(FaultKind::TwoTimesInText, line.place());
        }
        match self.state {
            _ if is_pair => self.broken(line, FaultKind::ArrowWrong),
            State::Start => self.signature(line),
            State::Header => match timing {
                Some(timing) => self.begin(line, &timing, None),
                None if has_arrow(line.text) => self.broken(line, FaultKind::BrokenCueTimes),
                None => {
                    let is_map = line.text.starts_with("X-TIMESTAMP-MAP");
                    self.report
                        .note(if is_map { FaultKind::TimestampMap } else { FaultKind::HeaderLine }, line.place());
                }
            },
            State::Between => self.first_of_block(line),
            State::Id(id) => match timing {
                Some(timing) => self.begin(line, &timing, Some(id)),
                None if has_arrow(line.text) => self.broken(line, FaultKind::BrokenCueTimes),
                None => self.state = State::Stray(id),
            },
            State::Cue => match timing {
                Some(timing) => self.begin(line, &timing, None),
                None => self.text(line),
            },
            State::Block => {
                if has_arrow(line.text) {
                    self.report.note(FaultKind::ArrowInBlock, line.place());
                }
            }
            State::Stray(first) => match timing {
                Some(timing) => {
                    self.stray = self.stray.or(Some(first));
                    self.begin(line, &timing, None);
                }
                None if has_arrow(line.text) => self.broken(line, FaultKind::BrokenCueTimes),
                None => {}
            },
        }
    }

    /// Checks that apply to any line.
    fn letters(&mut self, line: &Line<'a>) {
        if line.end == End::Cr {
            self.first_cr = self.first_cr.or(Some(*line));
        }
        any_line::look(line, self.glance, false, self.report);
        let nul = self.glance.nul(line.text);
        if let Some(at) = nul {
            self.report.nul(line.at(at));
        }
        self.reading = self.blocks.line(line, nul.is_some());
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
    }

    fn signature(&mut self, line: Line<'a>) {
        self.state = State::Header;
        let signature = signature(line.text);
        if let Some(leading) = self.leading.filter(|_| signature != Signature::None) {
            self.report.refuse(FaultKind::BlankBeforeSignature, leading.place());
        }
        match signature {
            Signature::Sound if has_arrow(line.text) => self.report.refuse(FaultKind::ArrowInBlock, line.place()),
            Signature::Sound => {}
            Signature::Bad => self.report.refuse(FaultKind::BadSignature, line.place()),
            Signature::None => {
                let is_late = self.late_header.is_some();
                let kind = if is_late { FaultKind::TextBeforeSignature } else { FaultKind::NoSignature };
                self.report.refuse(kind, line.place());
                self.state = State::Between;
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
            self.state = State::Block;
            if has_arrow(line.text) {
                self.report.note(FaultKind::ArrowInBlock, line.place());
            }
            if !is_note {
                let is_late = self.report.apparent() > 0;
                self.report.note(if is_late { FaultKind::LateBlock } else { FaultKind::EarlyBlock }, line.place());
            }
        } else if has_arrow(line.text) {
            self.broken(line, FaultKind::BrokenCueTimes);
        } else if line.number > 1 && matches!(signature(line.text), Signature::Sound) {
            self.report.note(FaultKind::SecondHeader, line.place());
            self.state = State::Block;
        } else {
            self.state = State::Id(line);
        }
    }

    fn begin(&mut self, line: Line<'a>, timing: &Timing<'a>, id: Option<Line<'a>>) {
        let was_cue = matches!(self.state, State::Cue);
        let was_header = matches!(self.state, State::Header);
        let is_stray = self.open(line);
        self.report.begin_cue(timing.start.ms, timing.end.ms, line.place());
        self.payload.begin(timing.start.ms, timing.end.ms);
        if was_header && self.reading != Reading::Cue {
            self.report.lose(FaultKind::NoBlankAfterHeader, line.place());
        } else if was_cue {
            self.report.lose(FaultKind::BlankMissing, line.place());
        }
        self.read_on(was_header || was_cue || is_stray);
        if let Some(id) = id {
            self.ids.push(id);
            self.do_rise = false;
        }
        self.judge(&line, timing);
    }

    /// Judges the cue that begins by what FFmpeg made of its times. `is_inside`: the line before is not blank.
    fn read_on(&mut self, is_inside: bool) {
        match self.reading {
            Reading::Cue => {}
            Reading::Unread if self.blocks.is_stopped_by_nul() => self.report.lose_to_nul(),
            Reading::Unread => self.report.lose_cue(),
            Reading::Swallowed => {
                // Between two blocks, only line ends can hide a cue.
                self.is_lost_by_cr |= !is_inside;
                self.report.lose_cue();
            }
        }
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

    /// Begins a cue, and returns whether lines stand before it that belong to nothing.
    fn open(&mut self, line: Line<'a>) -> bool {
        if matches!(self.state, State::Cue) {
            self.end_cue();
        }
        let stray = self.stray.take();
        if let Some(stray) = stray {
            let costs = self.reading != Reading::Cue && !self.blocks.is_stopped_by_nul();
            self.report.note(if costs { FaultKind::StrayText } else { FaultKind::StrayLines }, stray.place());
        }
        self.state = State::Cue;
        (self.times, self.texts) = (Some(line), 0);
        stray.is_some()
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
            report.refuse(FaultKind::BrokenCueTimes, at);
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
        self.words(line);
    }

    /// A line of text without an arrow.
    fn words(&mut self, line: Line<'a>) {
        if self.glance.has_marks {
            let report = &mut *self.report;
            self.payload.line(line.text, |kind, at| report.note(kind, line.at(at)));
        }
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

    fn judge_ids(&mut self) {
        let order = |id: &Line<'a>| (id.trimmed().len(), id.trimmed());
        if self.do_rise || self.ids.is_sorted_by(|a, b| order(a) < order(b)) {
            return;
        }
        let mut seen = HashSet::with_capacity(self.ids.len());
        for line in &self.ids {
            if !seen.insert(line.trimmed()) {
                self.report.note(FaultKind::DuplicateId, line.place());
            }
        }
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
            self.report.note(FaultKind::StrayLines, stray.place());
        }
        self.judge_ids();
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

/// The number of the line with the signature, if text stands before it and no cue.
pub(super) fn late_header(text: &str) -> Option<u32> {
    let mut before = Lines::of(text).filter(|line| !line.text.is_empty());
    let is_header = |line: &Line<'_>| signature(line.text) == Signature::Sound;
    if before.next().is_none_or(|first| signature(first.text) != Signature::None || time::timing(first.text).is_some())
    {
        return None;
    }
    before.find(|line| is_header(line) || time::timing(line.text).is_some()).filter(is_header).map(|line| line.number)
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
