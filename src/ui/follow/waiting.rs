//! Nothing to see yet: what was asked, how to come back, and what the service tells of its clock.

use ratatui::text::{Line, Span};
use std::time::Duration;

use crate::app::action::Action;
use crate::app::command::Scope;
use crate::app::layout::Area;
use crate::app::model::Model;
use crate::app::screens::Following;
use crate::domain::follow::Look;
use crate::domain::format::{counted, length};
use crate::domain::outcome::Attempt;
use crate::ui::body::labelled;
use crate::ui::text::{cut_middle, pad_to, thousands, wrap};
use crate::ui::theme::Theme;

pub(super) fn lines(
    model: &Model,
    screen: &Following,
    attempt: &Attempt,
    theme: &Theme,
    area: Area,
) -> Vec<Line<'static>> {
    let look = &*screen.look;
    let cells = usize::from(area.width).saturating_sub(2);
    let wrapped = |text: &str| wrap(text, cells).into_iter().map(Line::raw).collect::<Vec<_>>();
    let since = model.now.tell(attempt.intent.started_ms);
    let mut asked = wrapped(&format!("No task was created since {since}. {}", how_often(look)));
    let documented = wrapped("How long the service takes to show the first task is not documented.");
    let close = wrapped("You may close cuecard: the service works on without it. To go on:");
    let back = ways_back(model, attempt, theme);
    // Where the window is low, the way back is the last to go, and the blank lines the first.
    let whole = asked.len() + documented.len() + close.len() + back.len() + 2;
    let (is_whole, room) = (whole <= area.height.into(), usize::from(area.height));
    if is_whole || whole - 2 <= room {
        asked.extend(documented);
    }
    let blank = || is_whole.then(Line::default);
    let mut lines: Vec<Line<'static>> =
        asked.into_iter().chain(blank()).chain(close).chain(blank()).chain(back).collect();
    if area.height > 14 {
        lines.push(Line::default());
        lines.extend(question(model, look, theme, cells.saturating_sub(14)));
        lines.push(clock(look, theme));
    }
    lines
}

fn how_often(look: &Look) -> String {
    match (look.rounds, look.first_asked_ms, look.asked_ms) {
        (0, ..) | (_, None, _) | (.., None) => "It was not asked yet.".to_owned(),
        (1, ..) => "It was asked once.".to_owned(),
        (rounds, Some(first), Some(last)) => {
            let seconds = ((last - first) / 1_000).unsigned_abs();
            let time = if seconds < 120 { format!("{seconds} s") } else { length(Duration::from_secs(seconds)) };
            format!("It was asked {} times in {time}.", thousands(rounds.into()))
        }
    }
}

/// By the log, and by a command in a shell.
fn ways_back(model: &Model, attempt: &Attempt, theme: &Theme) -> Vec<Line<'static>> {
    let key = |scope: &[Scope], action| model.keymap.key_for(scope, action);
    let here = key(&[Scope::Global], Action::Log).zip(key(&[Scope::Log], Action::Follow)).map(|(log, follow)| {
        Line::from(vec![
            Span::styled(pad_to("  here", 14), theme.dim()),
            Span::styled(log, theme.key()),
            Span::raw(", then "),
            Span::styled(follow, theme.key()),
            Span::raw(" on this attempt"),
        ])
    });
    let command = format!("cuecard follow {}", attempt.id);
    let shell = Line::from(vec![Span::styled(pad_to("  in a shell", 14), theme.dim()), Span::raw(command)]);
    here.into_iter().chain([shell]).collect()
}

/// What was asked last, and what came back.
fn question(model: &Model, look: &Look, theme: &Theme, cells: usize) -> Vec<Line<'static>> {
    let url = look.rows.first().map_or_else(
        || look.url.clone(),
        |row| format!("{}?index_id={}&page=1&page_limit={}", look.url, row.index, crate::domain::follow::PAGE),
    );
    let asked = cut_middle(&format!("GET {url}"), cells, theme.ellipsis());
    let mut lines = vec![labelled(theme, "asked", [Span::raw(asked)])];
    if let Some(tasks) = look.page_len {
        let newest = look
            .before_ms
            .map(|ms| format!(", the newest created {}, before this upload", model.now.tell(ms - look.ahead_ms)));
        let answer = format!("200 OK, {}{}", counted(tasks as u64, "task"), newest.unwrap_or_default());
        lines.push(labelled(theme, "", [Span::raw(answer)]));
    }
    lines
}

pub(super) fn clock(look: &Look, theme: &Theme) -> Line<'static> {
    let text = match look.ahead_ms {
        0 => "the service's clock and this machine's agree".to_owned(),
        _ => format!("{}; taken into account", look.clock_words()),
    };
    labelled(theme, "clock", [Span::raw(text)])
}
