//! Draws the review: old and new value of every change, and what will be sent. Reads only the visible changes.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::text::{Line, Span};

use super::body::{apart, counted, head, more, state_of, write, write_lines, write_right};
use super::change::{self, shown};
use super::difference::names_apart;
use super::evidence::verified;
use super::frame::{Title, pane_title, rect};
use super::text::{cut_end, exact_bytes, pad_left, thousands, width};
use super::theme::{Mark, Theme};
use crate::app::action::Action;
use crate::app::command::Scope;
use crate::app::layout::{Area, Layout, Side};
use crate::app::model::Model;
use crate::app::screens::Review;
use crate::app::screens::review::lines_of;
use crate::app::session::{BULK, Session};
use crate::domain::draft::Summary;
use crate::domain::format::row_number;
use crate::domain::manifest::{Field, RowId};
use crate::domain::rules::Severity;

/// Column of the title's phrase.
const PHRASE_AT: u16 = 20;
/// From this height on, a row above the changes stays blank.
const ROOMY: u16 = 16;
/// Width of a state, in cells.
const STATE: u16 = 10;

pub fn draw(model: &Model, screen: &Review, layout: &Layout, theme: &Theme, frame: &mut Frame<'_>) {
    let Some(session) = model.session() else { return };
    let buffer = frame.buffer_mut();
    let panes = layout.review();
    let beside = matches!(panes.side, Side::Beside(_));

    let sums = session.now().sums(BULK);
    let summary = sums.map(|(_, summary)| summary);
    let count = summary.map(|it| it.filled + it.changed + it.cleared + it.excluded);
    let phrase = match &screen.recovered {
        Some(mark) => mark.words(),
        None => match (count, summary) {
            (Some(count), Some(summary)) if !beside && count > 0 => in_words(count, &summary, panes.main.width),
            (Some(count), _) => counted(count, "change"),
            (None, _) => "the changes are being counted".to_owned(),
        },
    };
    let name = if screen.recovered.is_some() { "recovered" } else { "review" };
    let title = Title { name, phrase: &phrase, phrase_at: PHRASE_AT, right: "" };
    let len = screen.rows.len();
    let list = match panes.side {
        Side::Beside(area) => {
            what_will_be_sent(buffer, layout, theme, model, session, area);
            panes.main
        }
        _ => {
            let main = panes.main;
            let cells = main.width.saturating_sub(2);
            write_lines(
                buffer,
                main,
                &[in_one_line(session, cells), verified::in_one_line(model, session, theme, cells)],
            );
            let above = if main.height < ROOMY { 2 } else { 3 };
            Area { y: main.y + above, height: main.height.saturating_sub(above), ..main }
        }
    };
    if len == 0 {
        head(buffer, layout, theme, panes.main, &title, "");
        let words = match session.total() {
            0 => "This manifest has no rows. There is nothing to upload.",
            _ => "Nothing is changed. The file would be sent as it is.",
        };
        write(buffer, list, list.y, 1, words);
        return;
    }
    // Beside a pane the list needs no margin at its right: there is the gap.
    let end = if beside { list.right() } else { list.right().saturating_sub(1) };
    let in_sight = in_sight(session, screen, Area { width: end, ..list }, u16::from(beside));
    let above = in_sight.first().is_some_and(|change| change.at > 0);
    let below = in_sight.last().is_some_and(|change| change.at + 1 < len);
    let place = format!("{} of {}", thousands(screen.scroll.cursor as u64 + 1), thousands(len as u64));
    head(buffer, layout, theme, panes.main, &title, &(place + more(above, below)));
    changes(buffer, layout, theme, session, screen, &in_sight);
}

/// A visible change.
struct InSight {
    /// Index in the list.
    at: usize,
    row: RowId,
    area: Area,
}

/// The visible changes, with `gap` blank rows between them; the selected one is visible whole.
fn in_sight(session: &Session, screen: &Review, area: Area, gap: u16) -> Vec<InSight> {
    let lines = |row: RowId| lines_of(session, row) + usize::from(gap);
    let mut in_sight = Vec::new();
    let mut y = area.y;
    for (at, row) in screen.rows.iter().enumerate().skip(first(screen, usize::from(area.height), lines)) {
        if y >= area.bottom() {
            break;
        }
        let height = u16::try_from(lines_of(session, *row)).unwrap_or(u16::MAX);
        in_sight.push(InSight { at, row: *row, area: Area { y, height: height.min(area.bottom() - y), ..area } });
        y = y.saturating_add(height + gap);
    }
    in_sight
}

fn changes(
    buffer: &mut Buffer,
    layout: &Layout,
    theme: &Theme,
    session: &Session,
    screen: &Review,
    in_sight: &[InSight],
) {
    let now = session.now();
    let videos: Vec<_> = in_sight.iter().map(|change| shown(&now.value(change.row, Field::Object))).collect();
    let right = in_sight.first().map_or(0, |change| change.area.right());
    let room = usize::from(right.saturating_sub(STATE + layout.columns.number.right() + 4));
    let names = names_apart(videos.iter().map(|video| video.as_str().into()), room, theme.ellipsis());
    for (InSight { at, row, area }, name) in in_sight.iter().zip(names) {
        one_change(buffer, layout, theme, session, *row, &name, *area);
        if *at == screen.scroll.cursor {
            theme.stand_out(buffer, rect(Area { height: 1, ..*area }));
            for y in area.y..area.bottom() {
                write(buffer, *area, y, area.x, theme.bar());
            }
        }
    }
}

/// Index of the first visible change. Looks at no more changes than fit on the screen.
fn first(screen: &Review, height: usize, lines: impl Fn(RowId) -> usize) -> usize {
    let cursor = screen.scroll.cursor.min(screen.rows.len().saturating_sub(1));
    // The first change that fits when the one before `end` is at the bottom.
    let reach = |end: usize| {
        let mut left = height;
        let mut first = end;
        for row in screen.rows.iter().take(end).rev() {
            let Some(rest) = left.checked_sub(lines(*row)) else { break };
            left = rest;
            first -= 1;
        }
        first
    };
    let lowest = reach(cursor + 1).min(cursor);
    let highest = reach(screen.rows.len()).min(cursor);
    screen.scroll.top.min(highest).max(lowest).min(cursor)
}

fn one_change(
    buffer: &mut Buffer,
    layout: &Layout,
    theme: &Theme,
    session: &Session,
    row: RowId,
    name: &str,
    area: Area,
) {
    let number = layout.columns.number;
    let text_at = number.right() + 2;
    let state_at = area.right().saturating_sub(STATE);
    let now = session.now();

    write(buffer, area, area.y, number.x, pad_left(&row_number(row), usize::from(number.width)));
    write(buffer, area, area.y, text_at, name);
    write(buffer, area, area.y, state_at, Line::from(theme.sign(state_of(session, row)).spans().to_vec()));

    let mut y = area.y + 1;
    let mut line = |mark: Mark, text: Vec<Span<'static>>, right: String| {
        write_right(buffer, area, y, area.right(), Line::styled(right, theme.dim()));
        write(buffer, area, y, text_at, theme.mark(mark));
        write(buffer, area, y, text_at + 2, text);
        y += 1;
    };
    let cells = usize::from(area.right().saturating_sub(text_at + 2));
    for (field, old, new) in now.changes(row) {
        let label = if field == Field::Transcription { "" } else { field.word() };
        for change in change::lines(theme, label, &old, &new, cells) {
            line(change.mark, change.text, change.right);
        }
    }
}

/// The changes by kind; in a narrow window those that are 0 are left out, so that no number is cut.
fn in_words(count: u64, summary: &Summary, cells: u16) -> String {
    let kinds = [
        (summary.filled, "filled"),
        (summary.changed, "changed"),
        (summary.cleared, "cleared"),
        (summary.excluded, "excluded"),
    ];
    let of = |least: u64| {
        let kinds = kinds.iter().filter(|(number, _)| *number >= least);
        kinds.map(|(number, word)| format!("{} {word}", thousands(*number))).collect::<Vec<_>>().join(", ")
    };
    let words = |kinds: &str| format!("{}: {kinds}", counted(count, "change"));
    let all = words(&of(0));
    if usize::from(PHRASE_AT) + all.len() < usize::from(cells) { all } else { words(&of(1)) }
}

/// Number of rows that stay in the file.
fn rows_sent(session: &Session) -> u64 {
    u64::from(session.total()) - session.now().excluded_rows().len() as u64
}

/// What will be sent, on one line: as much of it as fits.
fn in_one_line(session: &Session, cells: u16) -> Line<'static> {
    let mut parts = vec![format!("sends {}", counted(rows_sent(session), "row"))];
    if let Some((size, _)) = session.now().sums(BULK) {
        parts.push(format!("bytes {}", thousands(size.bytes)));
        parts.push(format!("untouched {} as they were", exact_bytes(size.untouched)));
    }
    let mut line = String::new();
    for part in parts {
        let wanted = width(&line) + width(&part) + if line.is_empty() { 0 } else { 3 };
        if wanted <= usize::from(cells) {
            line = format!("{line}{}{part}", if line.is_empty() { "" } else { "   " });
        }
    }
    Line::raw(line)
}

fn what_will_be_sent(
    buffer: &mut Buffer,
    layout: &Layout,
    theme: &Theme,
    model: &Model,
    session: &Session,
    area: Area,
) {
    pane_title(buffer, layout, theme, area, "what will be sent", "", false);
    let cells = area.width.saturating_sub(1);
    let now = session.now();
    let (size, summary) = now.sums(BULK).unzip();
    let number = |label: &str, number: u64| apart(Line::raw(label.to_owned()), Line::raw(thousands(number)), cells);
    // A dash until it is counted.
    let sum = |label: &'static str, number: Option<u64>| {
        apart(Line::raw(label), number.map_or(Line::raw("–"), |number| Line::raw(thousands(number))), cells)
    };
    let mut lines = vec![
        number("rows", rows_sent(session)),
        number("excluded", now.excluded_rows().len() as u64),
        sum("bytes", size.map(|size| size.bytes)),
        sum("untouched", size.map(|size| size.untouched)),
        Line::default(),
        sum("filled", summary.map(|summary| summary.filled)),
        sum("changed", summary.map(|summary| summary.changed)),
        sum("cleared", summary.map(|summary| summary.cleared)),
        sum("excluded", summary.map(|summary| summary.excluded)),
        Line::default(),
    ];
    match session.findings.as_deref() {
        None => lines.push(Line::styled("the rows are still being checked", theme.dim())),
        Some(findings) => {
            let missing = findings.tallies().missing;
            lines.push(number("with transcript", rows_sent(session).saturating_sub(missing)));
            lines.push(number("without", missing));
            lines.push(Line::default());
            lines.extend(verified::block(model, session, theme, cells));
            let groups = findings.groups();
            for (severity, mark, heading) in [
                (Severity::Error, Mark::Error, "blocks the upload"),
                (Severity::Warning, Mark::Warning, "worth a look"),
            ] {
                let mut of_severity = groups.iter().filter(|group| group.severity == severity).peekable();
                if of_severity.peek().is_none() {
                    continue;
                }
                lines.extend([Line::default(), Line::styled(heading, theme.dim())]);
                lines.extend(of_severity.map(|group| {
                    let name = cut_end(group.rule.code(), usize::from(cells).saturating_sub(10), theme.ellipsis());
                    let left = Line::from(vec![theme.mark(mark), Span::raw(format!(" {name}"))]);
                    apart(left, Line::raw(thousands(group.count)), cells)
                }));
            }
        }
    }
    let height = usize::from(area.height);
    if lines.len() > height {
        let left_out = lines.len() - height + 1;
        lines.truncate(height.saturating_sub(1));
        let key = model.keymap.key_for(&[Scope::Table], Action::Problems);
        let lists = key.map(|key| format!(", {key} in the table lists them")).unwrap_or_default();
        lines.push(Line::styled(format!("+{left_out} more{lists}"), theme.dim()));
    }
    for (y, line) in (area.y..area.bottom()).zip(lines) {
        write(buffer, area, y, area.x, line);
    }
}
