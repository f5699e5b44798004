//! Draws the two rows below the body: the message line with the running job, and the hint line.
//! It must never turn more than one spinner, and never drop the hint for the help.

use ratatui::buffer::Buffer;
use ratatui::text::{Line, Span};

use super::{line_width, put, put_right};
use crate::app::layout::{Area, Layout};
use crate::ui::text::{cut_before_reason, cut_end, cut_names, safe, thousands, width};
use crate::ui::theme::{Mark, Theme};

/// What just happened, and the keys of the commands offered with it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Message<'a> {
    pub sign: Option<Mark>,
    pub text: &'a str,
    /// Shown where `text` does not fit; if empty, `text` is cut.
    pub short: &'a str,
    /// Keys with what they do, as in `u undo`.
    pub keys: &'a [(&'a str, &'a str)],
}

impl Message<'_> {
    fn line(&self, theme: &Theme, text: &str, keys: &[(&str, &str)]) -> Line<'static> {
        let mut line = Line::default();
        if let Some(mark) = self.sign {
            line.spans.extend([theme.mark(mark), Span::raw(" ")]);
        }
        line.push_span(text.to_owned());
        for (at, (key, action)) in keys.iter().enumerate() {
            line.push_span(if at == 0 { "  " } else { ", " });
            line.spans
                .extend([Span::styled(safe(key).into_owned(), theme.key()), Span::raw(format!(" {}", safe(action)))]);
        }
        line
    }

    fn shortest(&self) -> &str {
        if self.short.is_empty() { self.text } else { self.short }
    }

    /// The longer of the two texts that fits with the keys. Else names in it are cut in their middle, then keys are dropped
    /// from the right, but for the first (a success keeps all), and at last the text is cut. A reason of a refusal that
    /// needs the whole line takes the keys' place.
    fn fit(&self, theme: &Theme, cells: u16) -> Line<'static> {
        let least = if self.sign == Some(Mark::Ok) { self.keys.len() } else { self.keys.len().min(1) };
        let room = |keys: &[(&str, &str)]| usize::from(cells.saturating_sub(line_width(&self.line(theme, "", keys))));
        for keys in (least..=self.keys.len()).rev().filter_map(|len| self.keys.get(..len)) {
            for text in [safe(self.text), safe(self.shortest())] {
                if width(&text) <= room(keys) {
                    return self.line(theme, &text, keys);
                }
            }
            if let Some(text) = cut_names(self.shortest(), room(keys), theme.ellipsis()) {
                return self.line(theme, &text, keys);
            }
        }
        let least = self.keys.get(..least).unwrap_or_default();
        let reason = safe(self.shortest()).split_once(": ").map_or(0, |(_, reason)| width(reason));
        let keys = if self.sign == Some(Mark::Error) && reason > room(least) { &[] } else { least };
        // A short text without a sign begins with what matters: cut its end.
        let cut = if self.sign.is_none() && !self.short.is_empty() { cut_end } else { cut_before_reason };
        self.line(theme, &cut(self.shortest(), room(keys), theme.ellipsis()), keys)
    }
}

/// The one background activity that is shown.
#[derive(Debug, Clone, Copy)]
pub enum Running<'a> {
    /// At the right: spinner, text with numbers and, where there is room, a bar and the time left.
    Job { text: &'a str, fraction: Option<f64>, left: &'a str },
    /// Over the whole row: spinner and word at the left unless a message is there, bar and numbers at the right.
    Reading { word: &'a str, fraction: f64, numbers: &'a str },
    /// At the right, without a spinner: `offline, links are not checked`.
    Note(&'a str),
    /// Spinner and words at the left unless a message is there, and a note at the right: `sending, 4 at once`.
    Left { word: &'a str, note: &'a str },
}

/// From this width on there is a progress bar; narrower windows show only its numbers.
const BAR_FROM: u16 = 110;

impl Running<'_> {
    fn right(&self, theme: &Theme, tick: u64, cells: u16, bar: bool, time: bool) -> Line<'static> {
        let cut = |text: &str, around: u16| cut_end(text, usize::from(cells.saturating_sub(around)), theme.ellipsis());
        match *self {
            Running::Note(text) | Running::Left { note: text, .. } => Line::raw(cut(text, 0)),
            Running::Job { text, fraction, left } => {
                let mut line = Line::from(vec![theme.spinner(tick), Span::raw(" "), Span::raw(cut(text, 2))]);
                if time && !left.is_empty() {
                    line.push_span(format!(", {}", cut(left, 4)));
                }
                if let Some(fraction) = fraction.filter(|_| bar) {
                    line.push_span("  ");
                    line.spans.extend(theme.progress(fraction, 12));
                }
                line
            }
            Running::Reading { fraction, numbers, .. } => {
                let mut line = Line::from(theme.progress(fraction, 20).to_vec());
                line.push_span(format!("   {}", cut(numbers, 23)));
                line
            }
        }
    }
}

/// Draws the message line. `tick` turns the spinner; it counts quarters of a second.
pub fn message(
    buffer: &mut Buffer,
    layout: &Layout,
    theme: &Theme,
    tick: u64,
    message: Option<&Message<'_>>,
    running: Option<&Running<'_>>,
) {
    let row = layout.message;
    let wanted = message.map_or(0, |message| line_width(&message.line(theme, &safe(message.text), message.keys)));
    let mut room = row.width.saturating_sub(2);
    if let Some(running) = running {
        // Two thirds of the row at most, so that some of the message is always visible.
        let most = row.width / 3 * 2;
        let wide = row.width >= BAR_FROM;
        let fits = |line: &Line<'_>| line_width(line) + wanted + 3 <= room;
        // The time left goes first, then the bar; the numbers stay.
        let mut shapes = [(wide, true), (wide, false)].into_iter();
        let right = shapes
            .find_map(|(bar, time)| Some(running.right(theme, tick, most, bar, time)).filter(fits))
            .unwrap_or_else(|| running.right(theme, tick, most, false, false));
        // What is no success, and what it offers, is never cut for a running job; nothing is for what stands still.
        let is_still = matches!(running, Running::Note(_) | Running::Left { .. });
        let whole = message.filter(|message| is_still || message.sign != Some(Mark::Ok));
        let least =
            whole.map_or(0, |message| line_width(&message.line(theme, &safe(message.shortest()), message.keys)));
        let taken = line_width(&right) + 3;
        if least + taken <= room || least == 0 {
            put_right(buffer, row, &right);
            room = room.saturating_sub(taken);
        }
    }
    let left = match (message, running) {
        (Some(message), _) => message.fit(theme, room),
        (None, Some(Running::Reading { word, .. } | Running::Left { word, .. })) => {
            Line::from(vec![theme.spinner(tick), Span::raw(" "), Span::raw(safe(word).into_owned())])
        }
        (None, _) => return,
    };
    put(buffer, Area { width: room + 1, ..row }, 1, &left);
}

/// A key and what it does on this screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hint<'a> {
    pub keys: &'a str,
    pub label: &'a str,
    /// Hints with the lowest priority are dropped first; among equals, the rightmost.
    pub priority: u8,
}

impl Hint<'_> {
    fn cells(&self) -> usize {
        width(&safe(self.keys)) + 1 + width(&safe(self.label))
    }

    fn spans(&self, theme: &Theme) -> [Span<'static>; 2] {
        [Span::styled(safe(self.keys).into_owned(), theme.key()), Span::raw(format!(" {}", safe(self.label)))]
    }
}

/// Draws the hints in the given order, and at the right the number of selected rows and the hint for the help, which
/// always stays. `help` is None only while the help is open.
pub fn hints(
    buffer: &mut Buffer,
    layout: &Layout,
    theme: &Theme,
    hints: &[Hint<'_>],
    selected: u64,
    help: Option<Hint<'_>>,
) {
    let row = layout.hints;
    let mut right = Line::default();
    if selected > 0 {
        right.spans.extend([theme.mark(Mark::Selected), Span::raw(format!(" {} selected", thousands(selected)))]);
    }
    if let Some(help) = help {
        if selected > 0 {
            right.push_span("   ");
        }
        right.spans.extend(help.spans(theme));
    }
    put_right(buffer, row, &right);

    let room = usize::from(row.width.saturating_sub(2).saturating_sub(match line_width(&right) {
        0 => 0,
        cells => cells + SEPARATOR.len() as u16,
    }));
    let mut left = Line::default();
    for hint in kept(hints, room) {
        if !left.spans.is_empty() {
            left.push_span(SEPARATOR);
        }
        left.spans.extend(hint.spans(theme));
    }
    put(buffer, row, 1, &left);
}

const SEPARATOR: &str = "   ";

/// The hints that fit into `cells`, in order.
fn kept<'a, 'b>(hints: &'b [Hint<'a>], cells: usize) -> Vec<&'b Hint<'a>> {
    let mut kept: Vec<&Hint<'_>> = hints.iter().collect();
    while kept.iter().map(|hint| hint.cells() + SEPARATOR.len()).sum::<usize>() > cells + SEPARATOR.len() {
        // The last of the lowest: `min_by_key` would return the first.
        let Some(least) = kept.iter().map(|hint| hint.priority).min() else { break };
        let Some(at) = kept.iter().rposition(|hint| hint.priority == least) else { break };
        kept.remove(at);
    }
    kept
}
