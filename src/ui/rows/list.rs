//! Draws the rows of a send row by row, each with its state and the service's words beneath it: a reason is never cut.

use ratatui::buffer::Buffer;
use ratatui::text::Span;

use super::gate::reason;
use crate::app::layout::Area;
use crate::app::model::Model;
use crate::app::screens::rows::{Board, Count};
use crate::app::scroll::Scroll;
use crate::domain::format::row_number;
use crate::domain::manifest::RowId;
use crate::domain::rows::{RowState, SentRow};
use crate::ui::body::{file_part, write};
use crate::ui::frame::rect;
use crate::ui::text::{cut_end, cut_middle, pad_left, pad_to, safe, width, wrap};
use crate::ui::theme::{Cursor, Gutter, Mark, Theme};

/// Where the words beneath a row begin.
const BENEATH: u16 = 10;
/// From this width on, names have more room.
const WIDE: u16 = 110;

pub const fn mark(count: Count) -> Mark {
    match count {
        Count::State(RowState::Accepted) => Mark::Ok,
        Count::State(RowState::Refused) => Mark::Error,
        Count::State(RowState::Unknown) => Mark::Unknown,
        Count::State(RowState::UnderWay) => Mark::Checking,
        Count::State(RowState::NotSent) => Mark::Queued,
        Count::CannotGo => Mark::Excluded,
    }
}

/// Marks a line as the one under the cursor.
pub fn mark_row(buffer: &mut Buffer, theme: &Theme, area: Area, focused: bool) {
    let cursor = if focused { Cursor::Here } else { Cursor::HereUnfocused };
    let [bar, ..] = theme.gutter(Gutter { cursor, ..Gutter::default() });
    theme.stand_out(buffer, rect(area));
    write(buffer, area, area.y, area.x, bar);
}

/// The rows that changed last, newest first.
pub fn newest(buffer: &mut Buffer, model: &Model, board: &Board, area: Area, theme: &Theme) {
    let mut y = area.y;
    for row in board.newest.iter().filter_map(|place| board.rows.get(place)) {
        if y >= area.bottom() {
            break;
        }
        y += one_row(buffer, model, board, row, Area { y, height: area.bottom() - y, ..area }, theme);
    }
}

/// The rows of the chosen count, with the one under the cursor in sight. Says whether there are more above and below.
pub fn chosen(buffer: &mut Buffer, model: &Model, board: &Board, area: Area, theme: &Theme) -> (bool, bool) {
    let count = board.chosen();
    let Scroll { cursor, top } = board.row_scroll;
    // A row takes two lines or more where it has words: from which row on does that under the cursor still fit?
    let first = top.min(cursor).max((cursor + 1).saturating_sub(usize::from(area.height)));
    let listed = board.listed(first, usize::from(area.height).max(1) + cursor - first);
    let height = |place: u32| match (count, board.rows.get(&place)) {
        (Count::State(_), Some(row)) => 1 + beneath(row, area).len(),
        _ => 1,
    };
    let mut skip = 0;
    let mut lines: usize = listed.iter().take(cursor - first + 1).map(|place| height(*place)).sum();
    while lines > usize::from(area.height) && skip < cursor - first {
        lines -= listed.get(skip).map_or(0, |place| height(*place));
        skip += 1;
    }
    let mut y = area.y;
    let mut whole = first + skip;
    for (at, place) in (first..).zip(listed).skip(skip) {
        // Words that would be cut wait until their row is the first.
        let is_first = at == first + skip;
        if y >= area.bottom() || !is_first && at > cursor && usize::from(area.bottom() - y) < height(place) {
            break;
        }
        whole += usize::from(usize::from(area.bottom() - y) >= height(place));
        let rest = Area { y, height: area.bottom() - y, ..area };
        let taken = match (count, board.rows.get(&place)) {
            (Count::CannotGo, _) => cannot_go(buffer, model, board, at, rest, theme),
            (Count::State(_), Some(row)) => one_row(buffer, model, board, row, rest, theme),
            (Count::State(_), None) => not_begun(buffer, board, board.row_of(place), rest, theme),
        };
        if at == board.row_scroll.cursor && board.in_rows {
            mark_row(buffer, theme, Area { height: 1, ..rest }, true);
        }
        y = y.saturating_add(taken);
    }
    (first + skip > 0, whole < usize::try_from(board.count_of(count)).unwrap_or(usize::MAX))
}

/// Number and name of a row, and where what follows begins.
fn named(buffer: &mut Buffer, board: &Board, row: RowId, area: Area, theme: &Theme) -> u16 {
    let name_cells = if area.width >= WIDE { 36 } else { 14 };
    let name = board.sheet.object(row);
    let name = cut_middle(file_part(&name), name_cells, theme.ellipsis());
    let line = format!("{}  {}", pad_left(&row_number(row), 6), pad_to(&safe(&name), name_cells));
    write(buffer, area, area.y, 2, line);
    12 + u16::try_from(name_cells).unwrap_or(0)
}

/// What stands beside a row's state: the task's id, else status and code.
fn beside(row: &SentRow) -> String {
    if let Some(task) = &row.task {
        return safe(task).into_owned();
    }
    let status = row.status.map(|status| status.to_string());
    let words = [status.as_deref(), row.code.as_deref()];
    safe(&words.into_iter().flatten().collect::<Vec<_>>().join(" ")).into_owned()
}

/// The words of the service, or why there is no answer, in lines of their own.
fn beneath(row: &SentRow, area: Area) -> Vec<String> {
    let Some(words) = row.message.as_deref().filter(|_| row.task.is_none()) else { return Vec::new() };
    let cells = usize::from(area.width.saturating_sub(BENEATH + 1)).max(20);
    wrap(words, cells)
}

/// Draws a row and the words beneath it; returns how many lines it took.
fn one_row(buffer: &mut Buffer, model: &Model, board: &Board, row: &SentRow, area: Area, theme: &Theme) -> u16 {
    let x = named(buffer, board, board.row_of(row.place), area, theme);
    let state = row.state_now();
    let said = match row.settled {
        Some(_) => "by your word",
        None => state.word(),
    };
    write(buffer, area, area.y, x, vec![theme.mark(mark(Count::State(state))), Span::raw(format!(" {said}"))]);
    write(buffer, area, area.y, x + 14, model.now.at(row.at_ms).clock());
    let room = usize::from(area.right().saturating_sub(x + 24));
    write(buffer, area, area.y, x + 24, cut_end(&beside(row), room, theme.ellipsis()));
    let mut words = beneath(row, area);
    if board.ended.is_none() && words.len() == 1 && beside(row).is_empty() {
        // The only words there are stand in the column, as an id does.
        let line = words.pop().unwrap_or_default();
        write(buffer, area, area.y, x + 24, cut_end(&line, room, theme.ellipsis()));
    }
    let room = usize::from(area.bottom().saturating_sub(area.y + 1));
    for (at, (y, line)) in (area.y + 1..area.bottom()).zip(&words).enumerate() {
        let is_cut = at + 1 == room && words.len() > room;
        let line = if is_cut { format!("{line} {}", theme.ellipsis()) } else { line.clone() };
        write(buffer, area, y, BENEATH, line);
    }
    u16::try_from(1 + words.len()).unwrap_or(u16::MAX)
}

fn not_begun(buffer: &mut Buffer, board: &Board, row: RowId, area: Area, theme: &Theme) -> u16 {
    let x = named(buffer, board, row, area, theme);
    write(buffer, area, area.y, x, vec![theme.mark(Mark::Queued), Span::raw(" not sent")]);
    1
}

fn cannot_go(buffer: &mut Buffer, model: &Model, board: &Board, at: usize, area: Area, theme: &Theme) -> u16 {
    let Some((row, why)) = board.cannot.get(at) else { return 1 };
    let x = named(buffer, board, *row, area, theme);
    let (mark, words) = why.map_or_else(|| (Mark::Excluded, "left out".to_owned()), |why| reason(model, *row, why));
    let room = usize::from(area.right().saturating_sub(x + 3));
    let words = cut_end(&words, room, theme.ellipsis());
    debug_assert!(width(&words) <= room);
    write(buffer, area, area.y, x, vec![theme.mark(mark), Span::raw(format!(" {words}"))]);
    1
}
