//! Draws a send row by row: head, counts, and under a titled rule the rows of the chosen count; while they go, the newest.
//! Only rows in sight are built.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::text::{Line, Span};
use std::collections::BTreeMap;
use std::time::Duration;

use super::list;
use crate::app::action::Action;
use crate::app::command::Scope;
use crate::app::layout::{Area, Layout, Side};
use crate::app::model::Model;
use crate::app::screens::rows::{Board, Count, word};
use crate::domain::format::length;
use crate::domain::rows::{RowState, RowsWhy, SentRow, Tally};
use crate::ui::body::{apart, counted, head, labelled, more, write, write_lines, write_right};
use crate::ui::frame::{Title, titled_rule};
use crate::ui::send::host;
use crate::ui::text::{cut_end, cut_middle, safe, thousands, took, width, wrap};
use crate::ui::theme::{Mark, Theme};

/// Right end of the counts, and where their remarks begin.
const COUNT_END: u16 = 24;
const REMARK_AT: u16 = 27;
const BAR: u16 = 30;
const A_DAY_MS: i64 = 24 * 3_600 * 1_000;

pub fn draw(model: &Model, board: &Board, layout: &Layout, theme: &Theme, frame: &mut Frame<'_>) {
    let buffer = frame.buffer_mut();
    let counts = board.counts();
    let panes = layout.rows(u16::try_from(counts.len()).unwrap_or(u16::MAX), board.ended.is_some(), board.in_rows);
    let right = board.attempt.map(|attempt| format!("attempt {attempt}")).unwrap_or_default();
    let at = model.now.tell(board.started.unix_ms);
    let began = if board.ended.is_some() { "sent" } else { "started" };
    let room =
        usize::from(layout.headings.width).saturating_sub(usize::from(Title::PHRASE_AT) + right.len() + at.len() + 14);
    let mut phrase = format!("{}, {began} {at}", cut_middle(&board.file, room, theme.ellipsis()));
    let hash = board.fingerprint.hex();
    let which = format!(", {}, sha-256 {}", host(&board.address), hash.get(..8).unwrap_or_default());
    let taken = usize::from(Title::PHRASE_AT) + width(&phrase) + width(&which) + right.len() + 3;
    if board.ended.is_none() && taken <= usize::from(layout.headings.width) {
        phrase.push_str(&which);
    }
    let title = Title { name: "row by row", phrase: &phrase, phrase_at: Title::PHRASE_AT, right: &right };
    head(buffer, layout, theme, layout.body, &title, "");

    let cells = layout.body.width.saturating_sub(2);
    let mut top = match &board.ended {
        Some((why, _)) => outcome(board, why, theme, cells, model),
        None => progress(model, board, theme, cells),
    };
    top.truncate(usize::from(panes.main.y - layout.body.y));
    write_lines(buffer, layout.body, &top);

    for (y, (at, count)) in (panes.main.y..panes.main.bottom()).zip(counts.iter().enumerate()) {
        one_count(buffer, theme, board, *count, panes.main, y);
        if board.ended.is_some() && at == board.scroll.cursor {
            list::mark_row(
                buffer,
                theme,
                Area { y, height: 1, width: panes.main.width.saturating_sub(1), ..panes.main },
                !board.in_rows,
            );
        }
    }
    let Side::Below { rule, area } = panes.side else { return };
    let area = Area { width: area.width.saturating_sub(1), ..area };
    if board.ended.is_none() {
        titled_rule(buffer, layout, theme, rule, "newest first", "", false);
        list::newest(buffer, model, board, area, theme);
        return;
    }
    let chosen = board.chosen();
    let len = usize::try_from(board.count_of(chosen)).unwrap_or(usize::MAX);
    let name = format!("{}, {}", word(chosen), counted(len as u64, "row"));
    let (above, below) = list::chosen(buffer, model, board, area, theme);
    let at = |cursor: usize| format!("{} of {}", thousands(cursor as u64 + 1), thousands(len as u64));
    let rest = more(above, below);
    let place =
        if board.in_rows { at(board.row_scroll.cursor) + rest } else { rest.trim_start_matches(", ").to_owned() };
    titled_rule(buffer, layout, theme, rule, &name, &place, board.in_rows);
}

/// Bar and pace, while rows go.
fn progress(model: &Model, board: &Board, theme: &Theme, cells: u16) -> Vec<Line<'static>> {
    let tally = board.tally();
    let (done, all) = (tally.answered(), tally.rows());
    let fraction = if all == 0 { 1.0 } else { done as f64 / all as f64 };
    let percent = done.saturating_mul(100).checked_div(all).unwrap_or(100);
    // A narrow window keeps the words whole.
    let mut bar = theme.progress(fraction, BAR.min(cells.saturating_sub(48))).to_vec();
    let have = if done == 1 || all == 1 { "has" } else { "have" };
    bar.push(Span::raw(format!("   {} of {} {have} an answer", thousands(done), counted(all, "row"))));
    let bar = apart(Line::from(bar), Line::raw(format!("{percent}%")), cells);
    vec![
        bar,
        apart(Line::raw(pace(model, board, &tally)), Line::raw(limit(model, board, cells)), cells),
        Line::default(),
    ]
}

fn pace(model: &Model, board: &Board, tally: &Tally) -> String {
    if let Some(wait) = board.wait {
        let left = Duration::from_millis(u64::try_from(wait.until_ms - model.now.unix_ms).unwrap_or(0));
        let guess = if wait.is_told { "" } else { " (a guess)" };
        return format!("goes on at {}, in {}{guess}", model.now.tell(wait.until_ms), length(left));
    }
    if board.hold.is_some() || board.is_ending {
        return "no rate: nothing new goes".to_owned();
    }
    // Rows of this run only: earlier ones say nothing of its pace.
    let since = model.now.unix_ms.saturating_sub(board.run_ms);
    let is_answered = |row: &SentRow| !matches!(row.state, RowState::UnderWay | RowState::NotSent);
    let here = board.rows.values().filter(|row| row.at_ms >= board.run_ms && is_answered(row)).take(2_000).count();
    match u64::try_from(since) {
        Ok(since) if (3..2_000).contains(&here) && since > 0 => {
            let rate = here as f64 * 1_000.0 / since as f64;
            let left = Duration::from_secs_f64(tally.rows().saturating_sub(tally.answered()) as f64 / rate);
            format!("{rate:.1} a second, about {} left (a guess)", length(left))
        }
        _ => "no rate yet".to_owned(),
    }
}

/// `775 of 1,000 left, back at 00:00`
fn limit(model: &Model, board: &Board, cells: u16) -> String {
    let Some(quota) = board.quota else { return String::new() };
    let most = quota.most.map(|most| format!(" of {}", thousands(most))).unwrap_or_default();
    let back = quota.reset_s.map(|at| model.now.at(at.saturating_mul(1_000)));
    let is_wide = cells >= 108;
    let today = if back.is_some_and(|back| back.unix_ms - model.now.unix_ms <= A_DAY_MS) { " today" } else { "" };
    let (label, tasks) = if is_wide { ("limit: ", format!(" tasks left{today}")) } else { ("", " left".to_owned()) };
    let back = back.map(|back| format!(", back at {}", back.short_clock())).unwrap_or_default();
    format!("{label}{}{most}{tasks}{back}", thousands(quota.left))
}

/// The outcome, what it means, and where it went.
fn outcome(board: &Board, why: &RowsWhy, theme: &Theme, cells: u16, model: &Model) -> Vec<Line<'static>> {
    let tally = board.tally();
    let mark = match tally {
        Tally { unknown: 1.., .. } => Mark::Unknown,
        Tally { refused: 1.., .. } | Tally { not_sent: 1.., .. } => Mark::Warning,
        _ => Mark::Ok,
    };
    let word = Span::styled(
        format!(" ACCEPTED {} OF {} ", thousands(tally.accepted), thousands(tally.rows())),
        theme.reversed().patch(theme.bold()),
    );
    let left = Line::from(vec![theme.mark(mark), Span::raw(" "), word, Span::raw(format!("  {}", beside(&tally)))]);
    let end = board.ended.as_ref().map_or(board.started.unix_ms, |(_, at)| at.unix_ms);
    let until = board.last_ms.unwrap_or(end);
    let time = u64::try_from(until - board.started.unix_ms).ok().filter(|_| board.is_one_run);
    let time = time.map(|ms| took(Duration::from_millis(ms))).unwrap_or_default();
    let mut lines = vec![apart(left, Line::raw(time), cells), Line::default()];
    let text = sentence(model, board, &tally, why);
    let wrapped = wrap(&text, usize::from(cells).min(76));
    lines.extend((0..2).map(|at| Line::raw(wrapped.get(at).map(ToString::to_string).unwrap_or_default())));
    lines.push(Line::default());
    let room = usize::from(cells).saturating_sub(crate::ui::body::VALUE_AT);
    let profile = model.options.profile.as_ref().map(|profile| format!("{profile}  ")).unwrap_or_default();
    let fact =
        |label: &str, text: String| labelled(theme, label, [Span::raw(cut_middle(&text, room, theme.ellipsis()))]);
    lines.extend([
        fact("to", format!("{profile}{}", board.address)),
        fact("sha-256", board.fingerprint.hex()),
        fact("record", format!("kept in the ledger row by row, until {}", model.now.tell(until))),
        Line::default(),
    ]);
    lines
}

/// `5 rows are unknown, 3 refused, 8 not sent`
fn beside(tally: &Tally) -> String {
    let is = if tally.unknown == 1 { "is unknown" } else { "are unknown" };
    let all = [(tally.unknown, is), (tally.refused, "refused"), (tally.not_sent, "not sent")];
    let there = all.into_iter().filter(|(rows, _)| *rows > 0).enumerate();
    let told = there.map(|(at, (rows, word))| match at {
        0 => format!("{} {word}", counted(rows, "row")),
        _ => format!("{} {word}", thousands(rows)),
    });
    told.collect::<Vec<_>>().join(", ")
}

fn sentence(model: &Model, board: &Board, tally: &Tally, why: &RowsWhy) -> String {
    let key = |action, does: &str| {
        let key = model.keymap.key_for(&[Scope::RowsResult], action).filter(|_| board.can(action).is_ok());
        key.map(|key| format!("; {} {does}", safe(&key))).unwrap_or_default()
    };
    let were = |rows: u64| if rows == 1 { "was" } else { "were" };
    let left = match tally.not_sent {
        0 => String::new(),
        rows => format!("{} {} not sent{}.", counted(rows, "row"), were(rows), key(Action::Submit, "goes on")),
    };
    let stopped = match (tally.not_sent, why) {
        (_, RowsWhy::Ledger(why)) => {
            return format!("The ledger can't be written, so nothing more is sent: {}.", safe(why));
        }
        (0, _) => String::new(),
        (_, RowsWhy::Ended) => format!("Stopped by you. {left}"),
        (_, RowsWhy::Stopped(stop)) => format!("Stopped: {}. {left}", stop.words()),
        _ => left,
    };
    let have = |rows: u64| if rows == 1 { "has" } else { "have" };
    let ids = counted(tally.with_task(), "row");
    let have_ids = format!("{ids} {} a task id", have(tally.with_task()));
    let tasks = match tally {
        _ if tally.by_word > 0 && tally.with_task() > 0 => {
            format!("{have_ids}; {} {} accepted by your word.", thousands(tally.by_word), were(tally.by_word))
        }
        Tally { by_word: by_word @ 1.., .. } => {
            format!("No row has a task id; {} {} accepted by your word.", thousands(*by_word), were(*by_word))
        }
        Tally { accepted: 0, unknown: 0, refused: 1.., .. } => "No row was taken in.".to_owned(),
        Tally { accepted: 0, unknown: 1.., .. } => "No row has a task id.".to_owned(),
        Tally { unknown: 0, refused: 1.., not_sent: 0, .. } => {
            "A refused row was not taken in. Every other row has a task id.".to_owned()
        }
        Tally { unknown: 0, refused: 0, not_sent: 0, .. } => {
            "Every row has a task id, so following them needs no guess.".to_owned()
        }
        _ => format!("{have_ids}, so following them needs no guess."),
    };
    let unknown = match tally.unknown {
        0 => String::new(),
        1 => format!("The unknown row is not sent again by itself{}.", key(Action::Follow, "looks for its task")),
        _ => format!("Unknown rows are not sent again by themselves{}.", key(Action::Follow, "looks for their tasks")),
    };
    // There is room for two sentences: how to go on comes first.
    let first = if stopped.is_empty() { tasks } else { stopped };
    [first, unknown].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ")
}

fn one_count(buffer: &mut Buffer, theme: &Theme, board: &Board, count: Count, area: Area, y: u16) {
    write(buffer, area, y, 2, vec![theme.mark(list::mark(count)), Span::raw(format!(" {}", word(count)))]);
    write_right(buffer, area, y, COUNT_END, thousands(board.count_of(count)));
    let remark = match count {
        Count::State(RowState::Refused) => refusals(board),
        Count::State(RowState::Unknown) if board.count_of(count) > 0 => match &board.ended {
            None => "never sent again by itself".to_owned(),
            Some(_) => first_cause(board),
        },
        Count::CannotGo => board.why_not.clone(),
        Count::State(_) => String::new(),
    };
    let room = usize::from(area.right().saturating_sub(REMARK_AT + 1));
    write(buffer, area, y, REMARK_AT, cut_end(&remark, room, theme.ellipsis()));
}

/// `video_resolution_too_low 2, parameter_invalid 1`
fn refusals(board: &Board) -> String {
    // Enough to tell what goes wrong; this runs with every frame.
    const LOOKED_AT: usize = 1_000;
    let mut kinds: BTreeMap<&str, u64> = BTreeMap::new();
    for row in board.rows.values().filter(|row| row.state == RowState::Refused).take(LOOKED_AT) {
        *kinds.entry(row.code.as_deref().unwrap_or("no code")).or_default() += 1;
    }
    let mut kinds: Vec<_> = kinds.into_iter().collect();
    kinds.sort_by_key(|(code, count)| (std::cmp::Reverse(*count), *code));
    kinds.iter().take(4).map(|(code, count)| format!("{} {count}", safe(code))).collect::<Vec<_>>().join(", ")
}

fn first_cause(board: &Board) -> String {
    let unknown = board.rows.values().find(|row| row.state_now() == RowState::Unknown);
    unknown.and_then(|row| row.message.as_deref()).map(|cause| safe(cause).into_owned()).unwrap_or_default()
}
