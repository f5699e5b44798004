//! Draws what became of the rows of an attempt: bar, counts, rows; while nothing is there yet, how to come back; while
//! the outcome is unknown, what the tasks say about it. A guess is called one wherever its number stands.

mod beside;
mod claim;
mod rows;
mod waiting;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::text::{Line, Span};

use super::body::{head, key_and, marked, more, place_in, window, write, write_lines, write_right};
use super::frame::{Title, rect, titled_rule};
use super::send::{host, short_hash};
use super::text::{cut_end, safe, thousands, width, wrap};
use super::theme::{Mark, Theme};
use crate::app::action::Action;
use crate::app::layout::{Area, Layout};
use crate::app::model::Model;
use crate::app::screens::Following;
use crate::app::screens::follow::{ABOVE, BESIDE_FROM};
use crate::domain::follow::{Look, State, Status, span};
use crate::domain::outcome::{Attempt, became};

/// Cells of the bar.
const BAR: u16 = 30;
/// Right end of the counts, exclusive, and the column of their remarks.
const COUNT_END: u16 = 24;
const REMARK_AT: u16 = 27;
/// First column of the rows beside the counts.
const BESIDE_AT: u16 = 44;

pub fn draw(model: &Model, screen: &Following, layout: &Layout, theme: &Theme, frame: &mut Frame<'_>) {
    let buffer = frame.buffer_mut();
    let phrase = screen.attempt.as_deref().map(|attempt| title(model, screen, attempt, layout)).unwrap_or_default();
    let place = screen.look.place.map(|(at, all)| format!("{} of {}", thousands(at.into()), thousands(all.into())));
    let right = place.unwrap_or_default();
    let title = Title { name: "follow", phrase: &phrase, phrase_at: Title::PHRASE_AT, right: &right };
    head(buffer, layout, theme, layout.body, &title, "");
    let body = layout.body;
    let Some(attempt) = screen.attempt.as_deref() else {
        let said = match &screen.fault {
            None => vec![marked(theme, Mark::Checking, "reading the ledger")],
            Some(fault) => {
                let cells = usize::from(body.width).saturating_sub(4);
                wrap(&safe(&fault.why), cells).into_iter().map(Line::raw).collect()
            }
        };
        write_lines(buffer, body, &said);
        return;
    };
    if screen.shows_claim() {
        let lines = claim::lines(model, &screen.look, attempt, theme, usize::from(body.width).saturating_sub(2));
        write_lines(buffer, body, &lines);
        let used = u16::try_from(lines.len() + 1).unwrap_or(u16::MAX);
        let left = body.height.saturating_sub(used);
        if left > 5 && screen.look.counts().with_task() > 0 {
            let list = Area { y: body.y + used, height: left, width: body.width.saturating_sub(1), ..body };
            rows::newest(model, screen, list, 4, theme, buffer);
        }
        return;
    }
    let look = &*screen.look;
    let row = Area { width: body.width.saturating_sub(1), ..body };
    above(model, screen, row, theme, buffer);
    if screen.waits() {
        counts(screen, Area { y: body.y + ABOVE, height: 2, ..row }, row.width, theme, buffer);
        let below = Area { y: body.y + ABOVE + 3, height: body.height.saturating_sub(ABOVE + 3), ..body };
        write_lines(buffer, below, &waiting::lines(model, screen, attempt, theme, below));
        return;
    }
    let len = u16::try_from(screen.lines().len()).unwrap_or(u16::MAX);
    if layout.window.width >= BESIDE_FROM {
        let left = Area { y: body.y + ABOVE, height: body.height.saturating_sub(ABOVE), ..row };
        let tall = len.min(left.height);
        counts(screen, Area { height: tall, ..left }, BESIDE_AT, theme, buffer);
        let remarks =
            Area { y: left.y + tall + 1, height: left.height.saturating_sub(tall + 1), width: BESIDE_AT - 2, ..left };
        write_lines(buffer, remarks, &beside::lines(model, screen, attempt, theme, usize::from(BESIDE_AT) - 4));
        let list = Area { y: left.y, height: left.height, ..row };
        rows::draw(model, screen, list, BESIDE_AT, theme, buffer);
        return;
    }
    let tall = Following::counts_height(body.height, len);
    counts(screen, Area { y: body.y + ABOVE, height: tall, ..row }, row.width, theme, buffer);
    let y = body.y + ABOVE + tall;
    let word = screen.chosen.as_ref().map_or("all", |state| state.word(look.is_settled()));
    let list = Area { y: y + 1, height: body.bottom().saturating_sub(y + 1), ..row };
    let order = match screen.in_rows {
        true => place_in(screen.scroll, screen.shown.len(), list.height),
        false => {
            let seen = window(screen.scroll, screen.shown.len(), list.height);
            format!("newest first{}", more(seen.start > 0, seen.end < screen.shown.len()))
        }
    };
    let name = format!("{}, {order}", safe(word));
    // How the rows are known stands beside the list's name, in as many words as there is room for.
    let room = usize::from(layout.window.width).saturating_sub(width(&name) + 7);
    let how = identity(look);
    let how = how.iter().find(|how| width(how) <= room).map_or("", String::as_str);
    titled_rule(buffer, layout, theme, y, &name, how, screen.in_rows);
    rows::draw(model, screen, list, 0, theme, buffer);
}

/// Some of the rows' tasks were told by the service.
fn tells_ids(look: &Look) -> bool {
    look.rows.iter().any(|row| row.task.is_some())
}

/// `rows are guessed by name and length`, unless the service told each task's id. The longest first.
fn identity(look: &Look) -> Vec<String> {
    let guessed = look.rows.iter().filter(|row| row.task.is_none()).count() as u64;
    let texts: &[&str] = match guessed {
        0 => &["each row by its task id"],
        _ if !tells_ids(look) => &["rows are guessed by name and length", "guessed by name and length", "guessed"],
        1 => &["by task id, 1 row guessed by name and length", "by task id, 1 row guessed"],
        rows => {
            let rows = thousands(rows);
            return vec![
                format!("by task id, {rows} rows guessed by name and length"),
                format!("by task id, {rows} rows guessed"),
            ];
        }
    };
    texts.iter().map(|&text| text.to_owned()).collect()
}

fn title(model: &Model, screen: &Following, attempt: &Attempt, layout: &Layout) -> String {
    let wide = layout.window.width >= BESIDE_FROM;
    let became = became(attempt, |ms| model.now.tell(ms));
    let to = if wide { format!(", {}", host(&attempt.intent.address)) } else { String::new() };
    format!("{}, {became}{to}, sha-256 {}", safe(&screen.file_name()), short_hash(attempt))
}

/// The bar and the pace.
fn above(model: &Model, screen: &Following, area: Area, theme: &Theme, buffer: &mut Buffer) {
    let look = &*screen.look;
    let counts = look.counts();
    let fraction = f64::from(counts.finished()) / f64::from(counts.all().max(1));
    // Only all of it is a full bar.
    let fraction = if counts.finished() < counts.all() { fraction.min(0.99) } else { 1.0 };
    let (progress, percent) = (look.progress(), format!("{}%", counts.percent()));
    // A narrow window has a shorter bar: the numbers stay.
    let numbers = u16::try_from(width(&progress) + width(&percent)).unwrap_or(u16::MAX).saturating_add(6);
    let mut bar = Line::default();
    if let cells @ 4.. = area.width.saturating_sub(numbers).min(BAR) {
        bar.spans.extend(theme.progress(fraction, cells));
        bar.push_span("   ");
    }
    bar.push_span(progress);
    write(buffer, area, area.y, 1, bar);
    write_right(buffer, area, area.y, area.width, Line::raw(percent));
    let pace = match (&look.trouble, look.asked_ms) {
        (Some(_), Some(at)) => format!("as of {}", model.now.tell(at)),
        _ => look.pace_words(model.now.unix_ms),
    };
    let room = usize::from(area.width).saturating_sub(width(&pace) + 3);
    let asked = asked(model, screen, theme);
    let asked = asked.into_iter().find(|line| line.width() <= room).unwrap_or_default();
    write_right(buffer, area, area.y + 1, area.width, asked);
    write(buffer, area, area.y + 1, 1, Line::raw(cut_end(&pace, usize::from(area.width) - 1, theme.ellipsis())));
}

/// `asked 14:58:12, again in 0:48`
fn asked_words(model: &Model, screen: &Following) -> String {
    let look = &*screen.look;
    let Some(at) = look.asked_ms else { return "not asked yet".to_owned() };
    let again = match look.next_ms {
        _ if screen.stands => "not again".to_owned(),
        Some(next) => format!("again in {}", span(next - model.now.unix_ms)),
        None if look.reading.is_some() => "asking".to_owned(),
        None => "not again".to_owned(),
    };
    format!("asked {}, {again}", model.now.tell(at))
}

/// As [`asked_words`], with the key that asks again; the longest first.
fn asked(model: &Model, screen: &Following, theme: &Theme) -> Vec<Line<'static>> {
    let look = &*screen.look;
    let whole = asked_words(model, screen);
    let again = whole.split_once(", ").map_or("", |(_, again)| again).to_owned();
    let mut lines = vec![Line::styled(whole.clone(), theme.dim()), Line::styled(again, theme.dim())];
    if look.is_settled() && !screen.stands && look.next_ms.is_none() && look.reading.is_none() {
        let mut with_key = Line::styled(format!("{whole}.  "), theme.dim());
        with_key.spans.extend(key_and(model, theme, Action::AskNow, "asks"));
        lines.insert(0, with_key);
    }
    lines
}

pub(super) fn mark(state: &State) -> Mark {
    match state {
        State::Of(Status::Ready) => Mark::Ok,
        State::Of(Status::Failed) => Mark::Error,
        State::Of(Status::Indexing) => Mark::Checking,
        State::Of(_) => Mark::Queued,
        State::Unclear => Mark::Unknown,
        State::NoTask => Mark::Missing,
    }
}

/// The counts, with remarks where there is room for them.
fn counts(screen: &Following, area: Area, end: u16, theme: &Theme, buffer: &mut Buffer) {
    let lines = screen.lines();
    let cursor = screen.line();
    let first = cursor.saturating_sub(usize::from(area.height).saturating_sub(1));
    for (y, (at, (state, count))) in (area.y..area.bottom()).zip(lines.iter().enumerate().skip(first)) {
        let sign = state.map_or_else(|| Span::raw(" "), |state| theme.mark(mark(state)));
        let word = state.map_or("all", |state| state.word(screen.look.is_settled()));
        let word = cut_end(&safe(word), 12, theme.ellipsis());
        write(buffer, area, y, 2, Line::from(vec![sign, Span::raw(format!(" {word}"))]));
        write_right(buffer, area, y, COUNT_END, Line::styled(thousands((*count).into()), theme.bold()));
        if end > REMARK_AT + 20 {
            let room = usize::from(end - REMARK_AT - 1);
            let remark = state.and_then(|state| remark(&screen.look, state, *count)).unwrap_or_default();
            write(buffer, area, y, REMARK_AT, Line::styled(cut_end(&remark, room, theme.ellipsis()), theme.dim()));
        }
        if at == cursor {
            let wide = Area { x: 0, y, width: end.min(area.width), height: 1 };
            if screen.in_rows {
                write(buffer, area, y, 0, theme.bar_unfocused());
            } else {
                theme.stand_out(buffer, rect(wide));
                write(buffer, area, y, 0, theme.bar());
            }
        }
    }
}

fn remark(look: &Look, state: &State, count: u32) -> Option<String> {
    match state {
        State::Of(Status::Failed) => {
            let with = look.with_reason();
            Some(format!(
                "{} with a reason, {} without",
                thousands(with.into()),
                thousands((count - with.min(count)).into())
            ))
        }
        State::Unclear => Some("rows with the same name and length".to_owned()),
        _ => None,
    }
}

/// What stands at the right of the message line.
pub(super) fn aside(model: &Model, screen: &Following) -> Option<String> {
    let look = &*screen.look;
    if screen.shows_claim() {
        // The pace isn't shown: when it is asked again is said here.
        return Some(asked_words(model, screen));
    }
    // Once nothing is asked any more, the sentence on the left needs the room.
    let goes_on = !screen.stands && (look.next_ms.is_some() || look.reading.is_some());
    let limit = look.limit.filter(|_| goes_on)?;
    let back = limit.reset_ms.filter(|_| model.size.0 >= BESIDE_FROM);
    let back = back.map(|at| format!(", back at {}", model.now.at(at).short_clock())).unwrap_or_default();
    Some(format!("limit: {} of {} left{back}", thousands(limit.remaining), thousands(limit.most)))
}

/// The page that is being read, from the second on: one page is no work to show.
pub(super) fn reading(screen: &Following) -> Option<String> {
    let page = screen.look.reading.filter(|page| *page > 1 && !screen.stands)?;
    Some(format!("reading page {}", thousands(page.into())))
}
