//! What the tasks say for and against an upload whose outcome is unknown, and the operator's choices.

use ratatui::text::{Line, Span};

use super::waiting::clock;
use crate::app::action::Action;
use crate::app::command::Scope;
use crate::app::model::Model;
use crate::domain::follow::{Claim, Guess, Look};
use crate::domain::format::counted;
use crate::domain::outcome::Attempt;
use crate::ui::body::labelled;
use crate::ui::text::{cut_end, pad_to, safe, thousands, wrap};
use crate::ui::theme::{Mark, Theme};

/// What the tasks say about an unknown outcome, and the operator's choices.
pub(super) fn lines(model: &Model, look: &Look, attempt: &Attempt, theme: &Theme, cells: usize) -> Vec<Line<'static>> {
    let counts = look.counts();
    let waited = model.now.unix_ms - attempt.intent.started_ms;
    let words = match look.rounds {
        0 => "Looking for tasks that were made since.".to_owned(),
        _ => Claim::of(counts, waited).words(counts, waited),
    };
    let mut lines: Vec<Line<'static>> = wrap(&words, cells).into_iter().map(Line::raw).collect();
    lines.push(Line::default());
    let mut now = Vec::new();
    let told = [
        (Mark::Ok, "ready", counts.ready()),
        (Mark::Error, "failed", counts.failed()),
        (Mark::Checking, "running", counts.running()),
        (Mark::Unknown, "unclear", counts.unclear()),
        (Mark::Missing, "no task", counts.no_task()),
    ];
    for (mark, word, count) in told.into_iter().filter(|(.., count)| *count > 0) {
        now.extend([theme.mark(mark), Span::raw(format!(" {word} {}   ", thousands(count.into())))]);
    }
    lines.push(labelled(theme, "now", now));
    lines.push(Line::default());
    let facts = |label: &str, texts: Vec<String>| {
        let room = cells.saturating_sub(14);
        let line = |(at, text): (usize, String)| {
            labelled(theme, if at == 0 { label } else { "" }, [Span::raw(cut_end(&text, room, theme.ellipsis()))])
        };
        texts.into_iter().enumerate().map(line).collect::<Vec<_>>()
    };
    lines.extend(facts("for it", in_favour(model, look, attempt)));
    lines.extend(facts("against it", against(look)));
    lines.push(clock(look, theme));
    lines.push(Line::default());
    lines.push(Line::raw("This is a guess by name and length. You decide:"));
    lines.push(Line::default());
    let risk = match counts.with_task() {
        0 => "the upload opens again".to_owned(),
        1 => "the upload opens again; 1 row might go twice".to_owned(),
        rows => format!("the upload opens again; {} rows might go twice", thousands(rows.into())),
    };
    for (action, does, meaning) in [
        (Action::ItWasAccepted, " it was accepted", "the manifest counts as sent".to_owned()),
        (Action::ItWasNot, " it was not", risk),
        (Action::Back, "decide later", "sending again asks for words, also after a restart".to_owned()),
    ] {
        let Some(key) = model.keymap.key_for(&[Scope::Settle, Scope::Follow], action) else { continue };
        let pad = 21_usize.saturating_sub(key.chars().count());
        let choice = vec![
            theme.bar(),
            Span::raw(" "),
            Span::styled(safe(&key).into_owned(), theme.key()),
            Span::raw(pad_to(&format!(" {does}"), pad)),
            Span::raw(cut_end(&meaning, cells.saturating_sub(24), theme.ellipsis())),
        ];
        lines.push(Line::from(choice));
    }
    lines
}

fn in_favour(model: &Model, look: &Look, attempt: &Attempt) -> Vec<String> {
    let of = |guess: Guess| look.standing.rows.iter().filter(|row| row.guess == Some(guess)).count() as u64;
    let (both, name) = (of(Guess::NameAndLength), of(Guess::NameOnly));
    let fit = if both == 1 { "fits" } else { "fit" };
    let mut told = Vec::new();
    match (both, name) {
        (0, 0) => {}
        (0, name) => told.push(format!(
            "{} {} a task by name only",
            counted(name, "row"),
            if name == 1 { "fits" } else { "fit" }
        )),
        (both, 0) => told.push(format!("{} {fit} a task by name and length", counted(both, "row"))),
        (both, name) => {
            told.push(format!(
                "{} {fit} a task by name and length, {} by name only",
                counted(both, "row"),
                thousands(name)
            ));
        }
    }
    if look.counts().with_task() > 0 {
        let began = model.now.tell(attempt.intent.started_ms);
        told.push(format!("those tasks were created after {began}, when the upload began"));
    }
    if look.others.is_empty() {
        told.push("no other accepted or unknown attempt holds any of these rows".to_owned());
    }
    told
}

fn against(look: &Look) -> Vec<String> {
    let mut told: Vec<String> = Vec::new();
    if let Some((other, rows)) = look.others.first() {
        told.push(format!("attempt {other} holds {} of these, too", counted((*rows).into(), "row")));
    }
    match look.counts().no_task() {
        0 => {}
        1 => told.push("1 row has no task yet".to_owned()),
        rows => told.push(format!("{} rows have no task yet", thousands(rows.into()))),
    }
    match look.standing.without_row {
        0 => {}
        1 => told.push("1 new task fits no row: the index may have other users".to_owned()),
        tasks => told.push(format!("{} new tasks fit no row: the index may have other users", thousands(tasks.into()))),
    }
    if told.is_empty() {
        told.push("nothing".to_owned());
    }
    told
}
