//! Draws a send row by row: head, counts, and under a titled rule the rows of the chosen count; while they go, the newest.
//! Only rows in sight are built.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::text::{Line, Span};
use std::collections::BTreeMap;
use std::time::Duration;

use super::list;
use crate::app::layout::{Area, Layout, Side};
use crate::app::model::Model;
use crate::app::screens::rows::{Board, Count, word};
use crate::domain::format::length;
use crate::domain::rows::{RowState, RowsWhy, Tally};
use crate::ui::body::{apart, counted, head, labelled, write, write_lines, write_right};
use crate::ui::frame::{Title, titled_rule};
use crate::ui::text::{cut_end, cut_middle, safe, thousands, took, wrap};
use crate::ui::theme::{Mark, Theme};

/// Right end of the counts, and where their remarks begin.
const COUNT_END: u16 = 24;
const REMARK_AT: u16 = 27;
const BAR: u16 = 30;

pub fn draw(model: &Model, board: &Board, layout: &Layout, theme: &Theme, frame: &mut Frame<'_>) {
    let buffer = frame.buffer_mut();
    let counts = board.counts();
    let panes = layout.rows(u16::try_from(counts.len()).unwrap_or(u16::MAX), board.ended.is_some(), board.in_rows);
    let right = board.attempt.map(|attempt| format!("attempt {attempt}")).unwrap_or_default();
    let at = model.now.tell(board.started.unix_ms);
    let began = if board.ended.is_some() { "sent" } else { "started" };
    let room =
        usize::from(layout.headings.width).saturating_sub(usize::from(Title::PHRASE_AT) + right.len() + at.len() + 14);
    let phrase = format!("{}, {began} {at}", cut_middle(&board.file, room, theme.ellipsis()));
    let title = Title { name: "row by row", phrase: &phrase, phrase_at: Title::PHRASE_AT, right: &right };
    head(buffer, layout, theme, layout.body, &title, "");

    let cells = layout.body.width.saturating_sub(2);
    let mut top = match &board.ended {
        Some((why, at)) => outcome(board, why, at.unix_ms - board.started.unix_ms, theme, cells, model),
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
    let at = |cursor: usize| format!("{} of {}", thousands(cursor as u64 + 1), thousands(len as u64));
    let place = if board.in_rows { at(board.row_scroll.cursor) } else { String::new() };
    titled_rule(buffer, layout, theme, rule, &name, &place, board.in_rows);
    list::chosen(buffer, model, board, area, theme);
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
    // Rows of this run only: earlier ones say nothing of its pace.
    let since = model.now.unix_ms.saturating_sub(board.started.unix_ms);
    let here = board.rows.values().filter(|row| row.at_ms >= board.started.unix_ms && row.state != RowState::UnderWay);
    let here = here.take(2_000).count() as u64;
    let pace = match (u64::try_from(since), board.wait) {
        (_, Some(wait)) => {
            let left = Duration::from_millis(u64::try_from(wait.until_ms - model.now.unix_ms).unwrap_or(0));
            let guess = if wait.is_told { "" } else { " (a guess)" };
            format!("goes on at {}, in {}{guess}", model.now.tell(wait.until_ms), length(left))
        }
        (Ok(since), None) if here >= 3 && since > 0 && here < 2_000 => {
            let rate = here as f64 * 1_000.0 / since as f64;
            let left = Duration::from_secs_f64((all - done) as f64 / rate);
            format!("{rate:.1} a second, about {} left (a guess)", length(left))
        }
        _ => "no rate yet".to_owned(),
    };
    let limit = board.quota.map_or_else(String::new, |quota| {
        let most = quota.most.map(|most| format!(" of {}", thousands(most))).unwrap_or_default();
        let back =
            quota.reset_s.map(|at| format!(", back at {}", model.now.at(at.saturating_mul(1_000)).short_clock()));
        let label = if cells >= 108 { "limit: " } else { "" };
        format!("{label}{}{most} left{}", thousands(quota.left), back.unwrap_or_default())
    });
    vec![bar, apart(Line::raw(pace), Line::raw(limit), cells), Line::default()]
}

/// The outcome, what it means, and where it went.
fn outcome(board: &Board, why: &RowsWhy, took_ms: i64, theme: &Theme, cells: u16, model: &Model) -> Vec<Line<'static>> {
    let tally = board.tally();
    let (accepted, all) = (tally.accepted, tally.rows());
    let is = |rows: u64| if rows == 1 { "is" } else { "are" };
    let (mark, beside) = match tally {
        Tally { unknown: 1.., .. } => {
            (Mark::Unknown, format!("{} {} unknown", counted(tally.unknown, "row"), is(tally.unknown)))
        }
        Tally { refused: 1.., .. } => (Mark::Warning, format!("{} refused", counted(tally.refused, "row"))),
        Tally { not_sent: 1.., .. } => (Mark::Warning, format!("{} not sent", counted(tally.not_sent, "row"))),
        _ => (Mark::Ok, String::new()),
    };
    let word = Span::styled(
        format!(" ACCEPTED {} OF {} ", thousands(accepted), thousands(all)),
        theme.reversed().patch(theme.bold()),
    );
    let left = Line::from(vec![theme.mark(mark), Span::raw(" "), word, Span::raw(format!("  {beside}"))]);
    let time = took(Duration::from_millis(u64::try_from(took_ms).unwrap_or(0)));
    let mut lines = vec![apart(left, Line::raw(time), cells), Line::default()];
    let text = sentence(&tally, why);
    let wrapped = wrap(&text, usize::from(cells).min(76));
    lines.extend((0..2).map(|at| Line::raw(wrapped.get(at).map(ToString::to_string).unwrap_or_default())));
    lines.push(Line::default());
    let room = usize::from(cells).saturating_sub(crate::ui::body::VALUE_AT);
    let profile = model.options.profile.as_ref().map(|profile| format!("{profile}  ")).unwrap_or_default();
    let fact =
        |label: &str, text: String| labelled(theme, label, [Span::raw(cut_middle(&text, room, theme.ellipsis()))]);
    let until = model.now.tell(board.ended.as_ref().map_or(board.started.unix_ms, |(_, at)| at.unix_ms));
    lines.extend([
        fact("to", format!("{profile}{}", board.address)),
        fact("sha-256", board.fingerprint.hex()),
        fact("record", format!("kept in the ledger row by row, until {until}")),
        Line::default(),
    ]);
    lines
}

fn sentence(tally: &Tally, why: &RowsWhy) -> String {
    let left = |rows: u64| {
        let were = if rows == 1 { "was" } else { "were" };
        format!("{} {were} not sent.", counted(rows, "row"))
    };
    match (tally, why) {
        (_, RowsWhy::Ledger(why)) => format!("The ledger can't be written, so nothing more is sent: {}.", safe(why)),
        (Tally { unknown: 1.., accepted, .. }, _) => format!(
            "{} {} a task id, so following them needs no guess. An unknown row is not sent again by itself.",
            counted(*accepted, "row"),
            if *accepted == 1 { "has" } else { "have" }
        ),
        (Tally { not_sent: not_sent @ 1.., .. }, RowsWhy::Ended) => format!("Stopped by you. {}", left(*not_sent)),
        (Tally { not_sent: not_sent @ 1.., .. }, RowsWhy::Stopped(stop)) => {
            format!("Stopped: {}. {}", stop.words(), left(*not_sent))
        }
        (Tally { not_sent: not_sent @ 1.., .. }, _) => left(*not_sent),
        (Tally { accepted: 0, refused: 1.., .. }, _) => "No row was taken in.".to_owned(),
        (Tally { refused: 1.., .. }, _) => "A refused row was not taken in. Every other row has a task id.".to_owned(),
        _ => "Every row has a task id, so following them needs no guess.".to_owned(),
    }
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
