//! Helpers shared by the bodies of the screens: lines, labelled values, the viewport of a list, an input.
//! It must never know which screen it draws.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::text::{Line, Span};
use std::ops::Range;

use super::frame::{Title, line_width, pane_title, put, rect, rule, title, titled_rule};
use super::text::{pad_to, safe, width, wrap};
use super::theme::{Mark, State, Theme};
use crate::app::Model;
use crate::app::action::Action;
use crate::app::layout::{Area, Layout, Side};
use crate::app::line_input::LineInput;
use crate::app::message::{Message, Offer};
use crate::app::scroll::Scroll;
use crate::app::session::Session;
use crate::app::session::online::{self, Asked};
use crate::domain::evidence::SubjectKind;
use crate::domain::manifest::RowId;
use crate::domain::row_state::RowState;

/// Column of the values in a form, from the form's first cell.
pub const VALUE_AT: usize = 14;

/// The row `y` of an area; empty if `y` is outside the area.
pub fn row(area: Area, y: u16) -> Area {
    Area { y, height: u16::from(area.contains(area.x, y)), ..area }
}

/// Draws a line at `x`, `y` of the window, cut at the area's right edge.
pub fn write<'a>(buffer: &mut Buffer, area: Area, y: u16, x: u16, line: impl Into<Line<'a>>) {
    put(buffer, row(area, y), x, &line.into());
}

/// Draws a line that ends before the column `end` and returns its first column.
pub fn write_right<'a>(buffer: &mut Buffer, area: Area, y: u16, end: u16, line: impl Into<Line<'a>>) -> u16 {
    let line = line.into();
    let x = end.saturating_sub(line_width(&line)).max(area.x);
    put(buffer, Area { width: end.saturating_sub(area.x).min(area.width), ..row(area, y) }, x, &line);
    x
}

/// Draws lines from the top of an area, with a margin of one cell at each side.
pub fn write_lines(buffer: &mut Buffer, area: Area, lines: &[Line<'_>]) {
    let area = Area { width: area.width.saturating_sub(1), ..area };
    for (y, line) in (area.y..area.bottom()).zip(lines) {
        write(buffer, area, y, area.x + 1, line.clone());
    }
}

/// Draws the title over the main pane, and the rule with a label that ends at the pane's right edge.
pub fn head(buffer: &mut Buffer, layout: &Layout, theme: &Theme, main: Area, words: &Title<'_>, label: &str) {
    let own = Layout { headings: Area { width: main.right(), ..layout.headings }, ..*layout };
    title(buffer, &own, theme, words);
    rule(buffer, layout, theme, None);
    if !label.is_empty() {
        let end = main.right().min(layout.window.width.saturating_sub(2));
        let label = Line::styled(format!(" {} ", safe(label)), theme.dim());
        write_right(buffer, layout.rule, layout.rule.y, end, label);
    }
}

/// The key without its bucket while all keys come from one bucket.
pub fn shown_key<'a>(session: &Session, url: &'a str) -> &'a str {
    match session.keys.list.buckets() {
        [bucket] => url
            .strip_prefix("s3://")
            .and_then(|rest| rest.strip_prefix(bucket.as_str())?.strip_prefix('/'))
            .filter(|key| !key.is_empty())
            .unwrap_or(url),
        _ => url,
    }
}

/// What stands in the second pane of a screen.
pub struct SidePane {
    pub title: String,
    /// At the right of the title.
    pub right: String,
    pub lines: Vec<Line<'static>>,
}

/// Draws a second pane, beside the main one or under a rule. `of` gets the area for its lines, and whether it is beside.
pub fn side_pane(
    buffer: &mut Buffer,
    layout: &Layout,
    theme: &Theme,
    side: Side,
    of: impl FnOnce(Area, bool) -> SidePane,
) {
    let area = match side {
        Side::Beside(area) => Area { width: area.width.saturating_sub(1), ..area },
        Side::Below { area, .. } => Area { x: 1, width: area.width.saturating_sub(2), ..area },
        Side::Hidden => return,
    };
    let SidePane { title, right, lines } = of(area, matches!(side, Side::Beside(_)));
    match side {
        Side::Beside(whole) => pane_title(buffer, layout, theme, whole, &title, &right, false),
        Side::Below { rule, .. } => titled_rule(buffer, layout, theme, rule, &title, &right, false),
        Side::Hidden => {}
    }
    for (y, line) in (area.y..area.bottom()).zip(lines) {
        write(buffer, area, y, area.x, line);
    }
}

/// Marks the line of a list that the cursor is on.
pub fn chosen_line(buffer: &mut Buffer, theme: &Theme, line: Area) {
    theme.stand_out(buffer, rect(line));
    write(buffer, line, line.y, line.x, theme.bar());
}

/// A line of a form: a dim label and its value.
pub fn labelled(theme: &Theme, label: &str, value: impl IntoIterator<Item = Span<'static>>) -> Line<'static> {
    let mut line = Line::from(Span::styled(pad_to(label, VALUE_AT), theme.dim()));
    line.spans.extend(value);
    line
}

/// Joins two parts of a line, the second right-aligned in `cells`; it is dropped if it does not fit.
pub fn apart(mut left: Line<'static>, right: Line<'static>, cells: u16) -> Line<'static> {
    let blanks = cells.saturating_sub(line_width(&left) + line_width(&right));
    if blanks > 0 {
        left.push_span(" ".repeat(usize::from(blanks)));
        left.spans.extend(right.spans);
    }
    left
}

/// A sentence of the program. After two blanks comes a key, drawn as such, and what it does.
pub fn sentence(theme: &Theme, text: &str) -> Vec<Span<'static>> {
    let text = safe(text);
    match text.split_once("  ") {
        Some((said, rest)) => {
            let (key, does) = rest.split_once(' ').unwrap_or((rest, ""));
            vec![
                Span::raw(format!("{said}  ")),
                Span::styled(key.to_owned(), theme.key()),
                Span::raw(format!(" {does}")),
            ]
        }
        None => vec![Span::raw(text.into_owned())],
    }
}

/// A message with its mark, wrapped; the offered commands get a line of their own if they do not fit.
pub fn told(model: &Model, theme: &Theme, mark: Mark, message: &Message, cells: usize) -> Vec<Line<'static>> {
    let mut keys = Vec::new();
    for (key, words) in answers(model, message) {
        keys.extend([Span::raw(if keys.is_empty() { "  " } else { ", " })]);
        keys.extend([Span::styled(safe(&key).into_owned(), theme.key()), Span::raw(format!(" {words}"))]);
    }
    let keys_width: usize = keys.iter().map(|span| width(&span.content)).sum();
    if width(&safe(&message.text)) + 2 + keys_width <= cells {
        let mut line = marked(theme, mark, &message.text);
        line.spans.extend(keys);
        return vec![line];
    }
    let mut wrapped = wrap(&message.text, cells.saturating_sub(2)).into_iter();
    let mut lines = vec![marked(theme, mark, &wrapped.next().unwrap_or_default())];
    lines.extend(wrapped.map(|line| Line::raw(format!("  {line}"))));
    if !keys.is_empty() {
        lines.push(Line::from(keys));
    }
    lines
}

/// The available commands a message offers, each as its current binding or `:` command, and its words.
pub fn answers(model: &Model, message: &Message) -> Vec<(String, String)> {
    let called = |offer: &Offer| {
        model.enabled(offer.action).ok()?;
        let key = model.key_for(offer.action)?;
        let takes =
            if key.starts_with(':') && !offer.takes.is_empty() { format!(" {}", offer.takes) } else { String::new() };
        let then = offer.then.and_then(|then| model.keymap.any_key_for(then)).map(|key| format!(" {key}"));
        let words = offer.words.replace('#', &super::text::thousands(offer.count));
        Some((format!("{key}{takes}{}", then.unwrap_or_default()), words))
    };
    message.offers.iter().filter_map(called).collect()
}

/// The key in force of a command and what it does here, as in `u undo`; empty where nothing invokes the command.
pub fn key_and(model: &Model, theme: &Theme, action: Action, does: &str) -> Vec<Span<'static>> {
    let Some(key) = model.key_for(action) else { return Vec::new() };
    vec![Span::styled(safe(&key).into_owned(), theme.key()), Span::raw(format!(" {does}"))]
}

/// A mark, a blank and a sentence.
pub fn marked(theme: &Theme, mark: Mark, text: &str) -> Line<'static> {
    let mut line = Line::from(vec![theme.mark(mark), Span::raw(" ")]);
    line.spans.extend(sentence(theme, text));
    line
}

/// Viewport of a list: the lines to draw. Always includes the cursor, and never ends in blank lines while more lines
/// are above.
pub fn window(scroll: Scroll, len: usize, height: u16) -> Range<usize> {
    let height = usize::from(height);
    let top = scroll.top.min(len.saturating_sub(height)).min(scroll.cursor);
    let top = top.max((scroll.cursor + 1).saturating_sub(height).min(len));
    top..(top + height).min(len)
}

/// Position in a list: `3 of 61, more below`. Empty for an empty list.
pub fn place_in(scroll: Scroll, len: usize, height: u16) -> String {
    if len == 0 {
        return String::new();
    }
    let seen = window(scroll, len, height);
    let count = |count: usize| super::text::thousands(count as u64);
    let more = more(seen.start > 0, seen.end < len);
    format!("{} of {}{more}", count(scroll.cursor.min(len - 1) + 1), count(len))
}

/// Where a list continues outside its viewport.
pub fn more(above: bool, below: bool) -> &'static str {
    match (above, below) {
        (false, false) => "",
        (false, true) => ", more below",
        (true, false) => ", more above",
        (true, true) => ", more above and below",
    }
}

/// Draws an input with the terminal's cursor in it, from the column `x` to the end of `row`.
pub fn input(frame: &mut Frame<'_>, row: Area, x: u16, theme: &Theme, input: &LineInput) {
    let area = Area { x, width: row.right().saturating_sub(x), ..row };
    let drawn = super::input::draw(frame.buffer_mut(), area, input, "", theme);
    if rect(area).contains((drawn.cursor, area.y).into()) {
        frame.set_cursor_position((drawn.cursor, area.y));
    }
}

/// The state shown for a row: that in the file, or what is proposed for the row or being asked about it.
pub fn state_of(session: &Session, row: RowId) -> State {
    let count = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
    match RowState::of(session.now(), session.findings.as_deref(), row) {
        RowState::Excluded => State::Excluded,
        RowState::Unchecked => State::Queued,
        RowState::Error(errors) => State::Error(count(errors)),
        RowState::Warning(warnings) => State::Warning(count(warnings)),
        RowState::Missing => proposed(session, row).unwrap_or(State::Missing),
        RowState::Unclear => being_asked(session, row).unwrap_or(State::Untold),
        RowState::Ok => being_asked(session, row).unwrap_or(State::Ok),
    }
}

/// A row without a transcript that one is proposed for, or several are to choose from.
fn proposed(session: &Session, row: RowId) -> Option<State> {
    let proposal = session.proposal_of(row)?;
    if proposal.is_sure() {
        return Some(State::Proposed);
    }
    proposal.question()?;
    let choices = session.proposals.pairing.as_ref()?.choices(proposal).len();
    Some(State::Choose(u32::try_from(choices).unwrap_or(u32::MAX)))
}

/// The state of a row whose transcript is being requested or queued for the first time; a repeated request keeps the
/// old state until it is answered.
fn being_asked(session: &Session, row: RowId) -> Option<State> {
    let asked = online::asked(session, row)?;
    session.findings.as_deref()?.unknown(session.now(), row, SubjectKind::Transcript)?;
    Some(match asked {
        Asked::Now => State::Checking,
        Asked::Waits => State::Queued,
    })
}

/// The last part of an S3 key or URL: the part that differs within a folder.
pub fn file_part(url: &str) -> &str {
    url.trim_end_matches('/').rsplit('/').next().unwrap_or(url)
}

pub use crate::domain::format::counted;
