//! What the spelling of a line of times costs in SRT, by the measured parsers (facts/subtitles.md §1.1).

use super::fault::FaultKind;
use super::lines::Line;
use super::summary::Report;
use super::time::{Gap, Sign, Stamp, Timing, has_arrow};

/// Reports its faults. `is_first`: it is that of the first cue.
pub(super) fn judge(line: &Line<'_>, timing: &Timing<'_>, is_first: bool, report: &mut Report) {
    // FFmpeg identifies a file by its first cue and is more tolerant of others.
    let costs = |report: &mut Report, kind, place| {
        if is_first { report.refuse(kind, place) } else { report.lose(kind, place) }
    };
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
        if is_first { report.refuse(FaultKind::ArrowTight, arrow) } else { report.note(FaultKind::ArrowTight, arrow) }
    }
    let stamps = [(&timing.start, timing.indent), (&timing.end, timing.end_at)];
    // Once per cue: usually both times have the same fault.
    let find = |wrong: fn(&Stamp) -> bool| stamps.iter().find(|(stamp, _)| wrong(stamp)).map(|(_, at)| line.at(*at));
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
    if let Some(at) = find(|s| s.is_ambiguous) {
        report.note(FaultKind::LongMillis, at);
    } else if let Some(at) = find(|s| !matches!(s.milli_digits, 0 | 3)) {
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
        // One parser splits the line at arrows and its end at signs of times, and drops the cue if there are more.
        let glued = timing.rest.split(' ').next().unwrap_or_default();
        let is_costly = glued.contains([',', '.', ':']) || has_arrow(timing.rest);
        if is_costly && rest.bytes().all(|byte| matches!(byte, b',' | b'-' | b'>' | b' ')) {
            report.lose(FaultKind::SignsAfterTimes, at);
        } else if is_costly {
            report.refuse(FaultKind::SignsAfterTimes, at);
        } else {
            report.refuse(if is_coordinates { FaultKind::Coordinates } else { FaultKind::AfterTimes }, at);
        }
    }
}
