//! The list of followed rows: number, video, state, time, and how the row's task is known.

use ratatui::buffer::Buffer;
use ratatui::text::{Line, Span};

use super::{mark, tells_ids};
use crate::app::layout::Area;
use crate::app::model::Model;
use crate::app::screens::Following;
use crate::domain::follow::{Guess, Look, RowStanding, State, Status};
use crate::domain::format::row_number;
use crate::ui::body::{place_in, window, write, write_right};
use crate::ui::frame::rect;
use crate::ui::text::{cut_end, cut_middle, cut_start, pad_left, safe};
use crate::ui::theme::Theme;

/// Columns of the list, by the area's width.
struct Columns {
    number_at: u16,
    video_at: u16,
    video: u16,
    state_at: u16,
    time_at: u16,
    guess_at: u16,
}

impl Columns {
    /// Gutter 2 below the counts, row number 6, video 28 or what is left, state 13, time 8; the guess takes the rest.
    fn of(area: Area, x: u16) -> Columns {
        let number_at = x + if x > 0 { 0 } else { 2 };
        let video_at = number_at + 8;
        let rest = area.width.saturating_sub(video_at);
        let video = if rest < 28 + 2 + 12 + 2 + 8 + 2 + 12 { rest.saturating_sub(38) } else { 28 };
        let state_at = video_at + video + 2;
        Columns { number_at, video_at, video, state_at, time_at: state_at + 14, guess_at: state_at + 24 }
    }
}

/// The rows of the chosen count, from column `x`; beside the counts with headings above and the position below.
pub(super) fn draw(model: &Model, screen: &Following, area: Area, x: u16, theme: &Theme, buffer: &mut Buffer) {
    let mut list = area;
    if x > 0 {
        let last = if tells_ids(&screen.look) { "task" } else { "guessed by" };
        headings(area, x, ["row", "video", "status", "changed", last], theme, buffer);
        list = Area { y: area.y + 1, height: area.height.saturating_sub(2), ..area };
        let place = Line::styled(place_in(screen.scroll, screen.shown.len(), list.height), theme.dim());
        write_right(buffer, area, list.bottom(), area.width, place);
    }
    if screen.shown.is_empty() {
        write(buffer, list, list.y, Columns::of(list, x).video_at, Line::styled("no row", theme.dim()));
        return;
    }
    for (y, at) in (list.y..list.bottom()).zip(window(screen.scroll, screen.shown.len(), list.height)) {
        line(model, screen, Area { y, height: 1, ..list }, x, at, theme, buffer);
    }
}

/// The newest tasks under a claim, by their creation, and how many more there are.
pub(super) fn newest(model: &Model, screen: &Following, area: Area, x: u16, theme: &Theme, buffer: &mut Buffer) {
    let with_task = screen.look.counts().with_task();
    let room = u32::from(area.height.saturating_sub(1));
    headings(area, x, ["row", "video", "status", "created", "guessed by"], theme, buffer);
    // The last line says how many more there are.
    let seen = if with_task > room { room.saturating_sub(1) } else { with_task };
    for (at, y) in (0..seen as usize).zip(area.y + 1..area.bottom()) {
        line(model, screen, Area { y, height: 1, ..area }, x, at, theme, buffer);
    }
    if let more @ 1.. = with_task - seen {
        let words = format!("{}and {} more   ", theme.ellipsis(), crate::ui::text::thousands(more.into()));
        let mut line = Line::from(words);
        line.spans.extend(crate::ui::body::key_and(
            model,
            theme,
            crate::app::action::Action::NextCount,
            "shows all of them",
        ));
        write(buffer, area, area.bottom().saturating_sub(1), Columns::of(area, x).video_at, line);
    }
}

fn headings(area: Area, x: u16, words: [&'static str; 5], theme: &Theme, buffer: &mut Buffer) {
    let columns = Columns::of(area, x);
    let [number, others @ ..] = words.map(|word| Line::styled(word, theme.dim()));
    write_right(buffer, area, area.y, columns.number_at + 6, number);
    let places = [columns.video_at, columns.state_at, columns.time_at, columns.guess_at];
    for (at, heading) in places.into_iter().zip(others) {
        write(buffer, area, area.y, at, heading);
    }
}

/// The row at a place of the list.
fn line(model: &Model, screen: &Following, list: Area, x: u16, at: usize, theme: &Theme, buffer: &mut Buffer) {
    let (look, y) = (&*screen.look, list.y);
    let Columns { number_at, video_at, video, state_at, time_at, guess_at } = Columns::of(list, x);
    let Some(position) = screen.shown.get(at).copied() else { return };
    let (Some(row), Some(sent)) = (look.standing.rows.get(position as usize), look.rows.get(position as usize)) else {
        return;
    };
    write_right(buffer, list, y, number_at + 6, Line::styled(row_number(screen.number(position)), theme.dim()));
    write(buffer, list, y, video_at, Line::raw(cut_middle(sent.name(), video.into(), theme.ellipsis())));
    let word = cut_end(&safe(row.state.word(look.is_settled())), 11, theme.ellipsis());
    write(buffer, list, y, state_at, Line::from(vec![theme.mark(mark(&row.state)), Span::raw(format!(" {word}"))]));
    let changed = look.standing.latest(row).and_then(|task| match screen.shows_claim() {
        true => task.created_ms,
        false => task.changed_ms.or(task.created_ms),
    });
    let changed = changed.map(|ms| when(model, ms - look.ahead_ms)).unwrap_or_default();
    write(buffer, list, y, time_at, Line::styled(pad_left(&changed, 8), theme.dim()));
    let room = usize::from(list.width.saturating_sub(guess_at));
    // Ids made one after the other differ in their ends.
    let cut = if row.guess == Some(Guess::TaskId) { cut_start } else { cut_end };
    write(buffer, list, y, guess_at, Line::raw(cut(&last_column(look, row), room, theme.ellipsis())));
    if at == screen.scroll.cursor && !screen.shows_claim() {
        let bar_at = x.saturating_sub(1);
        if screen.in_rows {
            theme.stand_out(buffer, rect(Area { x, y, width: list.width.saturating_sub(x), height: 1 }));
            write(buffer, list, y, bar_at, theme.bar());
        } else {
            write(buffer, list, y, bar_at, theme.bar_unfocused());
        }
    }
}

/// The service's reason, the task's id or how it was guessed; then the attempt that holds the row, too.
fn last_column(look: &Look, row: &RowStanding) -> String {
    let task = look.standing.task(row);
    let known = match (&row.state, task.and_then(|task| task.reason.as_deref())) {
        (State::Of(Status::Failed), Some(reason)) => safe(reason).into_owned(),
        _ if row.guess == Some(Guess::TaskId) => task.map(|task| task.id.to_string()).unwrap_or_default(),
        _ => row.guess.map(Guess::words).unwrap_or_default(),
    };
    let also = row.also.map(|other| format!("{other}?"));
    [(!known.is_empty()).then_some(known), also].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// `14:58:11`, of another day `23 Nov`.
fn when(model: &Model, ms: i64) -> String {
    let at = model.now.at(ms);
    if at.date() == model.now.date() { at.clock() } else { at.short_date() }
}
