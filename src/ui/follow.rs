//! Draws what became of the rows of an attempt: bar, counts, rows; while nothing is there yet, how to come back; while
//! the outcome is unknown, what the tasks say about it. A guess is called one wherever its number stands.

mod claim;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::text::{Line, Span};
use std::time::Duration;

use super::body::{head, labelled, marked, more, place_in, window, write, write_lines, write_right};
use super::frame::{Title, rect, titled_rule};
use super::send::{host, short_hash};
use super::text::{cut_end, cut_middle, cut_start, pad_left, pad_to, safe, thousands, wrap};
use super::theme::{Mark, Theme};
use crate::app::action::Action;
use crate::app::command::Scope;
use crate::app::layout::{Area, Layout};
use crate::app::model::Model;
use crate::app::screens::Following;
use crate::app::screens::follow::{ABOVE, BESIDE_FROM};
use crate::app::scroll::Scroll;
use crate::domain::follow::{Guess, Look, State, Status, span};
use crate::domain::format::{length, row_number};
use crate::domain::outcome::Attempt;

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
    let title = Title { name: "follow", phrase: &phrase, phrase_at: Title::PHRASE_AT, right: "" };
    head(buffer, layout, theme, layout.body, &title, "");
    let body = layout.body;
    let Some(attempt) = screen.attempt.as_deref() else {
        let said = match &screen.fault {
            None => vec![marked(theme, Mark::Checking, "reading the ledger")],
            Some(fault) => {
                let cells = usize::from(body.width).saturating_sub(4);
                wrap(&safe(fault), cells).into_iter().map(Line::raw).collect()
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
        if left > 5 {
            let list = Area { y: body.y + used, height: 6.min(left), width: body.width.saturating_sub(1), ..body };
            rows(model, screen, list, 4, theme, buffer);
        }
        return;
    }
    let look = &*screen.look;
    let row = Area { width: body.width.saturating_sub(1), ..body };
    above(model, look, row, theme, buffer);
    if look.counts().with_task() == 0 && !look.is_settled() {
        counts(screen, Area { y: body.y + ABOVE, height: 2, ..row }, row.width, theme, buffer);
        let below = Area { y: body.y + ABOVE + 3, height: body.height.saturating_sub(ABOVE + 3), ..body };
        write_lines(buffer, below, &waiting(model, screen, attempt, theme, below));
        return;
    }
    let len = u16::try_from(screen.lines().len()).unwrap_or(u16::MAX);
    if layout.window.width >= BESIDE_FROM {
        let left = Area { y: body.y + ABOVE, height: body.height.saturating_sub(ABOVE), ..row };
        let tall = len.min(left.height);
        counts(screen, Area { height: tall, ..left }, BESIDE_AT, theme, buffer);
        let remarks =
            Area { y: left.y + tall + 1, height: left.height.saturating_sub(tall + 1), width: BESIDE_AT - 2, ..left };
        write_lines(buffer, remarks, &beside(model, screen, theme, usize::from(BESIDE_AT) - 4));
        let list = Area { y: left.y, height: left.height, ..row };
        rows(model, screen, list, BESIDE_AT, theme, buffer);
        return;
    }
    let tall = Following::counts_height(body.height, len);
    counts(screen, Area { y: body.y + ABOVE, height: tall, ..row }, row.width, theme, buffer);
    let y = body.y + ABOVE + tall;
    let word = screen.chosen.as_ref().map_or("all", |state| state.word(look.is_settled()));
    let list = Area { y: y + 1, height: body.bottom().saturating_sub(y + 1), ..row };
    let order = match screen.in_rows {
        true => place_in(screen.scroll, screen.shown.len(), list.height),
        false => format!("newest first{}", goes_on(screen, list.height)),
    };
    titled_rule(buffer, layout, theme, y, &format!("{}, {order}", safe(word)), identity(look), screen.in_rows);
    rows(model, screen, list, 0, theme, buffer);
}

/// Where the list stands: at its top, the newest, until the rows have the focus.
fn in_sight(screen: &Following) -> Scroll {
    if screen.in_rows { screen.scroll } else { Scroll::default() }
}

fn goes_on(screen: &Following, height: u16) -> &'static str {
    more(false, screen.shown.len() > usize::from(height))
}

/// `rows are guessed by name and length`, unless the service told each task's id.
fn identity(look: &Look) -> &'static str {
    match look.knows_each_task() {
        true => "each row by its task id",
        false => "rows are guessed by name and length",
    }
}

fn title(model: &Model, screen: &Following, attempt: &Attempt, layout: &Layout) -> String {
    let wide = layout.window.width >= BESIDE_FROM;
    let took = i64::try_from(attempt.ended.took_ms).unwrap_or(0);
    let became = if screen.is_open_question() {
        format!("sent {}, outcome unknown", model.now.tell(attempt.intent.started_ms))
    } else {
        format!("accepted {}", model.now.tell(attempt.intent.started_ms.saturating_add(took)))
    };
    let to = if wide { format!(", {}", host(&attempt.intent.address)) } else { String::new() };
    format!("{}, {became}{to}, sha-256 {}", safe(&screen.file_name()), short_hash(attempt))
}

/// The bar and the pace.
fn above(model: &Model, look: &Look, area: Area, theme: &Theme, buffer: &mut Buffer) {
    let counts = look.counts();
    let fraction = f64::from(counts.finished()) / f64::from(counts.all().max(1));
    // Only all of it is a full bar.
    let fraction = if counts.finished() < counts.all() { fraction.min(0.99) } else { 1.0 };
    let mut bar = Line::from(theme.progress(fraction, BAR).to_vec());
    bar.push_span(format!("   {}", look.progress()));
    write(buffer, area, area.y, 1, bar);
    write_right(buffer, area, area.y, area.width, Line::raw(format!("{}%", counts.percent())));
    let now = model.now.unix_ms;
    let asked = asked(model, look);
    let pace = match (&look.trouble, look.asked_ms) {
        (Some(_), Some(at)) => format!("as of {}", model.now.tell(at)),
        _ => look.pace_words(now),
    };
    write(buffer, area, area.y + 1, 1, Line::raw(pace));
    write_right(buffer, area, area.y + 1, area.width, Line::styled(asked, theme.dim()));
}

/// `asked 14:58:12, again in 0:48`
fn asked(model: &Model, look: &Look) -> String {
    let Some(at) = look.asked_ms else { return "not asked yet".to_owned() };
    let again = match look.next_ms {
        Some(next) => format!("again in {}", span(next - model.now.unix_ms)),
        None if look.reading.is_some() => "asking".to_owned(),
        None => "not again".to_owned(),
    };
    format!("asked {}, {again}", model.now.tell(at))
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

/// Under the counts, in a wide window: remarks, and the task of the row under the cursor.
fn beside(model: &Model, screen: &Following, theme: &Theme, cells: usize) -> Vec<Line<'static>> {
    let look = &*screen.look;
    let mut lines: Vec<Line<'_>> = Vec::new();
    for (state, count) in look.counts().each() {
        let Some(remark) = remark(look, state, count) else { continue };
        let text = format!("{} {}: {remark}", thousands(count.into()), state.word(look.is_settled()));
        lines.extend(wrap(&text, cells).into_iter().map(Line::raw));
    }
    match look.standing.without_row {
        0 => {}
        1 => lines.push(Line::raw("1 new task fits no row of this file")),
        many => lines.push(Line::raw(format!("{} new tasks fit no row of this file", thousands(many.into())))),
    }
    let Some(at) = screen.row() else { return lines };
    let (Some(row), Some(sent)) = (look.standing.rows.get(at as usize), look.rows.get(at as usize)) else {
        return lines;
    };
    if !lines.is_empty() {
        lines.push(Line::default());
    }
    lines.push(Line::styled(format!("row {}", row_number(screen.number(at))), theme.bold()));
    lines.push(Line::raw(cut_middle(&sent.object, cells, theme.ellipsis())));
    lines.push(Line::default());
    let fact = |label: &str, value: &str| {
        let value = cut_middle(value, cells.saturating_sub(10), theme.ellipsis());
        Line::from(vec![Span::styled(pad_to(label, 10), theme.dim()), Span::raw(value)])
    };
    let time =
        |ms: Option<i64>| ms.map_or_else(|| theme.not_known().to_owned(), |ms| model.now.tell(ms - look.ahead_ms));
    if let Some(task) = look.standing.task(row) {
        lines.push(fact("task", &task.id));
        lines.push(fact("status", task.status.word()));
        lines.push(fact("created", &time(task.created_ms)));
        lines.push(fact("changed", &time(task.changed_ms)));
        let same = if task.name.as_deref() == Some(sent.name()) { "    same" } else { "" };
        lines.push(fact("its name", &format!("{}{same}", task.name.as_deref().unwrap_or("none"))));
        let long =
            |ms: Option<u64>| ms.map_or_else(|| theme.not_known().to_owned(), |ms| length(Duration::from_millis(ms)));
        lines.push(fact("length", &format!("{}, ours {}", long(task.length_ms), long(sent.length_ms))));
        if task.status == Status::Failed {
            lines.push(fact("reason", task.reason.as_deref().unwrap_or("no reason given")));
        }
        lines.push(Line::default());
    }
    lines.extend(wrap(why(row.guess), cells).into_iter().map(Line::raw));
    if let Some(other) = row.also {
        lines.extend(wrap(&format!("Attempt {other} holds this row, too."), cells).into_iter().map(Line::raw));
    }
    lines
}

fn why(guess: Option<Guess>) -> &'static str {
    match guess {
        Some(Guess::TaskId) => "why this row: the service told the task's id.",
        Some(Guess::NameAndLength) => {
            "why this row: name and length agree. It is a guess; the transfer upload tells no task ids."
        }
        Some(Guess::NameOnly) => {
            "why this row: the name agrees, a length is not known or differs. It is a guess; the transfer upload tells \
             no task ids."
        }
        Some(Guess::LengthOnly) => {
            "why this row: only the length agrees, and nothing else is as long. It is a guess; the transfer upload tells \
             no task ids."
        }
        Some(Guess::Several(_)) => "Other rows fit the same tasks, so no task is called this row's.",
        Some(Guess::Tasks(_)) => "Several tasks have this name and differ, so none is called this row's.",
        Some(Guess::OtherLength) => "A task has this name, but the video is longer or shorter than its file.",
        None => "No new task fits this row.",
    }
}

/// The rows of the chosen count, from column `x`.
fn rows(model: &Model, screen: &Following, area: Area, x: u16, theme: &Theme, buffer: &mut Buffer) {
    let look = &*screen.look;
    let wide = x > 0;
    let mut y = area.y;
    // Row number 6, video 28 or 22, state 13, time 8, the guess takes the rest.
    let gutter = if wide { 0 } else { 2 };
    let number_at = x + gutter;
    let video_at = number_at + 8;
    let rest = area.width.saturating_sub(video_at);
    let video = if rest < 28 + 2 + 12 + 2 + 8 + 2 + 12 { rest.saturating_sub(38) } else { 28 };
    let state_at = video_at + video + 2;
    let (time_at, guess_at) = (state_at + 14, state_at + 24);
    if wide {
        let heading = |text: &'static str| Line::styled(text, theme.dim());
        write_right(buffer, area, y, number_at + 6, heading("row"));
        for (at, text) in [(video_at, "video"), (state_at, "status"), (time_at, "changed")] {
            write(buffer, area, y, at, heading(text));
        }
        write(
            buffer,
            area,
            y,
            guess_at,
            heading(if identity(look).starts_with("each") { "task" } else { "guessed by" }),
        );
        y += 1;
    }
    let list = Area { y, height: area.bottom().saturating_sub(y), ..area };
    if screen.shown.is_empty() {
        write(buffer, list, y, video_at, Line::styled("no row", theme.dim()));
        return;
    }
    for (y, at) in (list.y..list.bottom()).zip(window(in_sight(screen), screen.shown.len(), list.height)) {
        let Some(position) = screen.shown.get(at).copied() else { break };
        let (Some(row), Some(sent)) = (look.standing.rows.get(position as usize), look.rows.get(position as usize))
        else {
            break;
        };
        let task = look.standing.task(row);
        write_right(buffer, list, y, number_at + 6, Line::styled(row_number(screen.number(position)), theme.dim()));
        write(buffer, list, y, video_at, Line::raw(cut_middle(sent.name(), video.into(), theme.ellipsis())));
        let word = cut_end(&safe(row.state.word(look.is_settled())), 11, theme.ellipsis());
        write(buffer, list, y, state_at, Line::from(vec![theme.mark(mark(&row.state)), Span::raw(format!(" {word}"))]));
        let changed = task.and_then(|task| task.changed_ms.or(task.created_ms));
        let changed = changed.map(|ms| when(model, ms - look.ahead_ms)).unwrap_or_default();
        write(buffer, list, y, time_at, Line::styled(pad_left(&changed, 8), theme.dim()));
        let guess = match (&row.state, task.and_then(|task| task.reason.as_deref())) {
            (State::Of(Status::Failed), Some(reason)) => safe(reason).into_owned(),
            _ if row.guess == Some(Guess::TaskId) => task.map(|task| task.id.to_string()).unwrap_or_default(),
            _ => row.guess.map(Guess::words).unwrap_or_default(),
        };
        let also = row.also.map(|other| format!("{other}?"));
        let guess = [(!guess.is_empty()).then_some(guess), also].into_iter().flatten().collect::<Vec<_>>().join(", ");
        let room = usize::from(list.width.saturating_sub(guess_at));
        // Ids made one after the other differ in their ends.
        let cut = if row.guess == Some(Guess::TaskId) { cut_start } else { cut_end };
        write(buffer, list, y, guess_at, Line::raw(cut(&guess, room, theme.ellipsis())));
        if at == screen.scroll.cursor && screen.in_rows {
            theme.stand_out(buffer, rect(Area { x, y, width: list.width.saturating_sub(x), height: 1 }));
            write(buffer, list, y, if wide { x.saturating_sub(1) } else { 0 }, theme.bar());
        }
    }
}

/// `14:58:11`, of another day `23 Nov`.
fn when(model: &Model, ms: i64) -> String {
    let at = model.now.at(ms);
    if at.date() == model.now.date() { at.clock() } else { at.short_date() }
}

/// Nothing to see yet: what was asked, and how to come back.
fn waiting(model: &Model, screen: &Following, attempt: &Attempt, theme: &Theme, area: Area) -> Vec<Line<'static>> {
    let look = &*screen.look;
    let since = model.now.tell(attempt.intent.started_ms);
    let asked = match (look.rounds, look.first_asked_ms, look.asked_ms) {
        (0, ..) | (_, None, _) | (.., None) => "It was not asked yet.".to_owned(),
        (1, ..) => "It was asked once.".to_owned(),
        (rounds, Some(first), Some(last)) => {
            let seconds = ((last - first) / 1_000).unsigned_abs();
            let time = if seconds < 120 { format!("{seconds} s") } else { length(Duration::from_secs(seconds)) };
            format!("It was asked {} times in {time}.", thousands(rounds.into()))
        }
    };
    let mut lines = vec![
        Line::raw(format!("No task was created since {since}. {asked}")),
        Line::raw("How long the service takes to show the first task is not documented."),
        Line::default(),
        Line::raw("You may close cuecard: the service works on without it. To go on:"),
        Line::default(),
    ];
    let key = |scope: &[Scope], action| model.keymap.key_for(scope, action);
    if let (Some(log), Some(follow)) = (key(&[Scope::Global], Action::Log), key(&[Scope::Log], Action::Follow)) {
        let keys = vec![
            Span::styled(log, theme.key()),
            Span::raw(", then "),
            Span::styled(follow, theme.key()),
            Span::raw(" on this attempt"),
        ];
        let mut line = Line::from(vec![Span::styled(pad_to("  here", 14), theme.dim())]);
        line.spans.extend(keys);
        lines.push(line);
    }
    let command = format!("cuecard follow {}", attempt.id);
    lines.push(Line::from(vec![Span::styled(pad_to("  in a shell", 14), theme.dim()), Span::raw(command)]));
    if area.height > 14 {
        let cells = usize::from(area.width).saturating_sub(16);
        lines.push(Line::default());
        let url = look
            .rows
            .first()
            .map_or_else(|| look.url.clone(), |row| format!("{}?index_id={}&page=1", look.url, row.index));
        lines.push(labelled(theme, "asked", [Span::raw(cut_middle(&format!("GET {url}"), cells, theme.ellipsis()))]));
        if let Some(before) = look.before_ms {
            let text =
                format!("the newest task was created {}, before this upload", model.now.tell(before - look.ahead_ms));
            lines.push(labelled(theme, "", [Span::raw(text)]));
        }
        lines.push(clock(look, theme));
    }
    lines
}

fn clock(look: &Look, theme: &Theme) -> Line<'static> {
    let text = match look.ahead_ms {
        0 => "the service's clock and this machine's agree".to_owned(),
        _ => format!("{}; taken into account", look.clock_words()),
    };
    labelled(theme, "clock", [Span::raw(text)])
}

/// What stands at the right of the message line.
pub(super) fn aside(model: &Model, screen: &Following) -> Option<String> {
    let look = &*screen.look;
    // Once nothing is asked any more, the sentence on the left needs the room.
    let limit = look.limit.filter(|_| look.next_ms.is_some() || look.reading.is_some())?;
    let back = limit.reset_ms.filter(|_| model.size.0 >= BESIDE_FROM);
    let back = back.map(|at| format!(", back at {}", model.now.at(at).short_clock())).unwrap_or_default();
    Some(format!("limit: {} of {} left{back}", thousands(limit.remaining), thousands(limit.most)))
}

/// The page that is being read, from the second on: one page is no work to show.
pub(super) fn reading(screen: &Following) -> Option<String> {
    let page = screen.look.reading.filter(|page| *page > 1)?;
    Some(format!("reading page {}", thousands(page.into())))
}
