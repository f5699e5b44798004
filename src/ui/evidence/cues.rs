//! Draws cues: the first ones with their times, and a timeline of all of them.
//! It must never show the text of a cue unescaped: anybody may have written it.

use ratatui::text::{Line, Span};
use std::time::Duration;

use crate::domain::subtitle::{Cue, SLICES, Transcript};
use crate::domain::video::Length;
use crate::ui::text::{cue_clock, cue_time, pad_left, width, wrap};
use crate::ui::theme::{Mark, Theme};

/// Only this many bytes of a cue's text are read.
const LONGEST: usize = 2_048;

/// The first cues: number, time and wrapped text.
pub fn cue_lines(transcript: &Transcript, cells: usize, theme: &Theme) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for (number, cue) in (1..).zip(&transcript.opening) {
        let head = format!("{}  {}  ", pad_left(&format!("{number}"), 2), start(cue));
        let indent = width(&head);
        let mut head = Span::styled(head, theme.dim());
        for text in text_lines(cue).flat_map(|line| wrap(line, cells.saturating_sub(indent).max(8))) {
            lines.push(Line::from(vec![head, Span::raw(text)]));
            head = Span::raw(" ".repeat(indent));
        }
    }
    lines
}

/// The first cue on one line.
pub fn first_cue(transcript: &Transcript, theme: &Theme) -> Option<Line<'static>> {
    let cue = transcript.opening.first()?;
    let text = text_lines(cue).collect::<Vec<_>>().join(" ");
    let head = Span::styled(format!("1  {}  ", start(cue)), theme.dim());
    Some(Line::from(vec![head, Span::raw(wrap(&text, usize::MAX).join(" "))]))
}

fn start(cue: &Cue) -> String {
    cue_time(Duration::from_millis(cue.start_ms))
}

/// The non-blank lines of a cue's text; one empty line when there are none.
fn text_lines(cue: &Cue) -> impl Iterator<Item = &str> {
    let text = cue.text.get(..cue.text.floor_char_boundary(LONGEST)).unwrap_or_default();
    let lines = text.split(['\n', '\r']).map(str::trim).filter(|line| !line.is_empty());
    let none = text.trim().is_empty().then_some("");
    lines.chain(none)
}

/// Start of the first cue, end of the last, and the share of the video they cover: `0:01 to 12:31, 93 %`.
pub fn span(transcript: &Transcript, video: Option<Length>) -> String {
    let (first, last) = (cue_clock(transcript.first_ms), cue_clock(transcript.last_ms));
    if transcript.is_cut {
        return format!("{first} to {last} and more");
    }
    // Cues that run past the video's end have no meaningful share.
    let video =
        video.filter(|video| transcript.covered_ms <= video.ms && transcript.last_ms / 1_000 <= video.ms / 1_000);
    let share = video.map(|video| u128::from(transcript.covered_ms) * 100 / u128::from(video.ms.max(1)));
    let share = share.map_or_else(String::new, |percent| format!(", {percent} %"));
    format!("{first} to {last}{share}")
}

/// A timeline of the cues over the length of the video or, if that is not known, of the cues; and its scale below. With
/// `is_past`, the part past the video's end is marked as a fault.
pub fn timeline(
    transcript: &Transcript,
    video: Option<Length>,
    is_past: bool,
    cells: usize,
    theme: &Theme,
) -> Vec<Line<'static>> {
    let last = transcript.last_ms;
    let end = video.map_or(last, |video| video.ms);
    let whole = end.max(last);
    if last == 0 || cells == 0 {
        return Vec::new();
    }
    let mut bar = Line::default();
    for at in 0..cells {
        let is_covered = has_cue(transcript, place(at, whole, cells), place(at + 1, whole, cells));
        bar.push_span(if is_covered { theme.covered() } else { Span::styled(theme.line(), theme.dim()) });
    }
    let past = if is_past { (cells_of(end, whole, cells)).min(cells.saturating_sub(1)) } else { cells };
    let about = if video.is_some_and(|video| video.is_rough) { "about " } else { "" };
    let label = format!("{about}{}", cue_clock(if is_past { end } else { whole }));
    let zero = "0:00";
    // Keep a blank between the label and the marks.
    let label_end = if is_past { past.saturating_sub(1) } else { cells };
    let fits = label_end >= zero.len() + 1 + label.len();
    let words = match (fits, past > zero.len()) {
        (true, _) => format!("{zero}{}", pad_left(&label, label_end - zero.len())),
        (false, true) => zero.to_owned(),
        (false, false) => String::new(),
    };
    let blanks = " ".repeat(past.saturating_sub(width(&words)));
    let mut scale = Line::from(vec![Span::styled(words, theme.dim()), Span::raw(blanks)]);
    scale.spans.extend((past..cells).map(|_| theme.mark(Mark::Caret)));
    vec![bar, scale]
}

/// Start time of a cell of the bar, in milliseconds.
fn place(cell: usize, whole: u64, cells: usize) -> u128 {
    u128::from(whole) * cell as u128 / cells.max(1) as u128
}

/// Number of cells from the start to a time, rounded up.
fn cells_of(ms: u64, whole: u64, cells: usize) -> usize {
    usize::try_from((u128::from(ms) * cells as u128).div_ceil(u128::from(whole.max(1)))).unwrap_or(cells)
}

/// Whether a cue overlaps a span of time, in milliseconds.
fn has_cue(transcript: &Transcript, from: u128, to: u128) -> bool {
    let last = u128::from(transcript.last_ms.max(1));
    let slices = u128::from(SLICES);
    let (first, end) = (from * slices / last, (to * slices).div_ceil(last).min(slices));
    (first..end).any(|slice| {
        let (word, bit) = (slice / 64, slice % 64);
        let word = usize::try_from(word).ok().and_then(|word| transcript.slices.get(word));
        word.is_some_and(|word| word >> bit & 1 == 1)
    })
}
