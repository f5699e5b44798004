//! After the upload: what came of it, its reply, and the operator's word on an unknown outcome.

use super::super::prompt::{self, Purpose};
use super::super::{Screen, log, move_in};
use super::{SendScreen, gate};
use crate::app::effect::Effect;
use crate::app::keymap::Action;
use crate::app::model::{Mark, Model};
use crate::app::msg::JobId;
use crate::app::view::Scroll;
use crate::domain::format::counted;
use crate::domain::outcome::{Attempt, BodyState, Outcome};
use std::path::PathBuf;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

#[derive(Debug)]
pub struct ResultPane {
    pub attempt: Attempt,
    /// The ledger is being read for `earlier`.
    pub job: Option<JobId>,
    /// Uploads in the ledger, newest first, this one included.
    pub earlier: Vec<Attempt>,
    pub scroll: Scroll,
    pub all_headers: bool,
    pub search: String,
    /// The line of `shown` that the search stands on. While there is one, `scroll` counts from the body's first line.
    pub matched: Option<usize>,
    /// The body as lines, for copying.
    pub body: Vec<String>,
    /// The same, broken to the width of the window: for showing and searching.
    pub shown: Vec<String>,
    /// `JSON`, `text`, `empty`…
    pub body_kind: &'static str,
}

pub fn sent(model: &mut Model, job: JobId, attempt: Attempt) -> Vec<Effect> {
    let waiting = model.screens.iter().position(
        |screen| matches!(screen, Screen::Send(send) if matches!(&**send, SendScreen::Sending(s) if s.job == job)),
    );
    let Some(at) = waiting else { return Vec::new() };
    let read = model.new_job();
    let (mark, text) = match attempt.outcome {
        Outcome::Accepted => (Mark::Fine, format!("accepted, {}", counted(attempt.intent.rows.into(), "row"))),
        Outcome::Refused => (Mark::Error, "refused, nothing was taken in".into()),
        Outcome::NotSent => (Mark::Plain, "not sent, nothing left this machine".into()),
        Outcome::Unknown => (Mark::Unknown, "outcome unknown, sending again is blocked".into()),
    };
    model.say(mark, text);
    let mut pane = result(attempt, Vec::new());
    pane_mut(&mut pane, |pane| pane.job = Some(read));
    if let Some(screen) = model.screens.get_mut(at) {
        *screen = Screen::Send(Box::new(pane));
    }
    wrap(model);
    vec![Effect::ReadLog(read)]
}

fn pane_mut(screen: &mut SendScreen, change: impl FnOnce(&mut ResultPane)) {
    if let SendScreen::Result(pane) = screen {
        change(pane);
    }
}

/// The result pane of an attempt, new or from the ledger.
pub fn result(attempt: Attempt, earlier: Vec<Attempt>) -> SendScreen {
    let shown = attempt.ended.reply().map(|reply| reply.shown_body());
    let (body_kind, body) = shown.map_or(("empty", Vec::new()), |shown| (shown.kind, shown.lines));
    SendScreen::Result(ResultPane {
        attempt,
        job: None,
        earlier,
        scroll: Scroll::default(),
        all_headers: false,
        search: String::new(),
        matched: None,
        shown: body.clone(),
        body,
        body_kind,
    })
}

pub(super) fn in_result(model: &mut Model, action: Action, count: Option<u32>) -> Vec<Effect> {
    let lines = usize::from(model.size.1).saturating_sub(6).max(1);
    let name = super::super::open::shown_name(model).unwrap_or_default();
    let Some(Screen::Send(send)) = model.screens.last_mut() else { return Vec::new() };
    let SendScreen::Result(pane) = &mut **send else { return Vec::new() };
    match action {
        Action::Back | Action::Quit => {
            // Back to the table, past the review that led here.
            model.screens.clear();
            model.pending = Default::default();
        }
        Action::ItWasAccepted | Action::ItWasNot => {
            let accepted = action == Action::ItWasAccepted;
            return vec![Effect::Settle { id: pane.attempt.id, accepted }];
        }
        Action::AnotherKey => prompt::open(model, Purpose::ApiKey, ""),
        Action::Submit => return gate::open(model),
        Action::Curl => {
            let text = if pane.body.is_empty() { status_text(pane) } else { pane.body.join("\n") };
            model.say(Mark::Fine, "copied the reply");
            return vec![Effect::Copy(text)];
        }
        Action::Save => {
            if pane.attempt.ended.reply().is_none_or(|reply| reply.body.is_empty()) {
                model.say(Mark::Plain, "the reply has no body to save");
            } else {
                let stem = name.trim_end_matches(".json").to_owned();
                let kind = if pane.body_kind == "JSON" { "json" } else { "txt" };
                prompt::open(model, Purpose::SaveReply, &format!("{stem}.reply.{kind}"));
            }
        }
        Action::Search => prompt::open(model, Purpose::SearchReply, ""),
        Action::SearchNext => return next_match(model, true),
        Action::SearchPrevious => return next_match(model, false),
        Action::Headers => pane.all_headers = !pane.all_headers,
        Action::Log => return log::open(model),
        _ => {
            if action == Action::First {
                // From here on the lines are counted from the facts again, not from the body.
                pane.matched = None;
            }
            let len = pane.shown.len() + lines;
            move_in(&mut pane.scroll, action, count, len, 1);
            pane.scroll.top = pane.scroll.cursor;
        }
    }
    Vec::new()
}

fn status_text(pane: &ResultPane) -> String {
    let status = pane.attempt.ended.reply().map(|reply| reply.status_line());
    status.unwrap_or_else(|| pane.attempt.outcome.word().to_owned())
}

pub fn save_reply(model: &mut Model, path: PathBuf) -> Vec<Effect> {
    let job = model.new_job();
    let Some(Screen::Send(send)) = model.screens.last() else { return Vec::new() };
    let SendScreen::Result(pane) = &**send else { return Vec::new() };
    let bytes = pane.attempt.ended.reply().map(|reply| reply.body.clone()).unwrap_or_default();
    vec![Effect::WriteFile { job, path, bytes }]
}

pub fn search(model: &mut Model, text: &str) -> Vec<Effect> {
    if let Some(Screen::Send(send)) = model.screens.last_mut() {
        pane_mut(send, |pane| text.clone_into(&mut pane.search));
    }
    next_match(model, true)
}

/// Scrolls the body to the next line that holds the search text.
fn next_match(model: &mut Model, forward: bool) -> Vec<Effect> {
    let Some(Screen::Send(send)) = model.screens.last_mut() else { return Vec::new() };
    let SendScreen::Result(pane) = &mut **send else { return Vec::new() };
    let wanted = pane.search.to_lowercase();
    if wanted.is_empty() {
        model.say(Mark::Plain, "nothing was searched for,  / searches");
        return Vec::new();
    }
    let hits: Vec<usize> = pane
        .body
        .iter()
        .enumerate()
        .filter(|(_, line)| line.to_lowercase().contains(&wanted))
        .map(|(at, _)| at)
        .collect();
    let now = pane.matched;
    let next = if forward {
        hits.iter().find(|at| now.is_none_or(|n| **at > n)).or(hits.first())
    } else {
        hits.iter().rev().find(|at| now.is_none_or(|n| **at < n)).or(hits.last())
    };
    match next.copied() {
        Some(at) => {
            pane.matched = Some(at);
            pane.scroll = Scroll { cursor: at, top: at };
            let number = hits.iter().position(|hit| *hit == at).unwrap_or(0) + 1;
            let all = hits.len();
            model.say(Mark::Plain, format!("match {number} of {all}.  n goes on"));
        }
        None => {
            let shown = crate::domain::printable::printable(&wanted).into_owned();
            model.say(Mark::Plain, format!("the reply does not hold {shown}"));
        }
    }
    Vec::new()
}

/// The operator's word on an unknown outcome is in the ledger; show it.
pub fn settled(model: &mut Model, result: Result<Box<Attempt>, String>) -> Vec<Effect> {
    match result {
        Ok(attempt) => {
            let words = if attempt.settled.is_some_and(|s| s.accepted) {
                "it counts as sent"
            } else {
                "the upload is open again"
            };
            model.say(Mark::Fine, format!("written to the ledger: {words}"));
            for screen in &mut model.screens {
                if let Screen::Send(send) = screen {
                    pane_mut(send, |pane| {
                        if pane.attempt.id == attempt.id {
                            pane.attempt = (*attempt).clone();
                        }
                    });
                }
            }
        }
        Err(fault) => model.say(Mark::Error, format!("not written to the ledger: {fault}")),
    }
    Vec::new()
}

/// Breaks the bodies of open results to the width of the window.
pub fn wrap(model: &mut Model) {
    // What stands before a body's text on its line, and one cell after it.
    let cells = usize::from(model.size.0).saturating_sub(18).max(20);
    for screen in &mut model.screens {
        if let Screen::Send(send) = screen {
            pane_mut(send, |pane| {
                // Beside the first line stands how long the body is, and what became of its rest.
                let whole = pane.attempt.ended.reply().is_none_or(|reply| reply.body_state == BodyState::Whole);
                let beside = if whole { 28 } else { 54 };
                let first = cells.saturating_sub(beside).max(10);
                let broken = |(at, line): (usize, &String)| broken(line, if at == 0 { first } else { cells }, cells);
                pane.shown = pane.body.iter().enumerate().flat_map(broken).collect();
                pane.matched = None;
            });
        }
    }
}

/// A line in pieces, the first one of at most `first` cells, the others of `cells`.
fn broken(line: &str, first: usize, cells: usize) -> Vec<String> {
    let (mut pieces, mut piece, mut used) = (Vec::new(), String::new(), 0);
    for grapheme in line.graphemes(true) {
        let most = if pieces.is_empty() { first } else { cells };
        if used + grapheme.width() > most {
            pieces.push(std::mem::take(&mut piece));
            used = 0;
        }
        piece.push_str(grapheme);
        used += grapheme.width();
    }
    pieces.push(piece);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_line_loses_nothing_and_fits() {
        let line = "{\"message\": \"한국어 and a long text that does not fit\"}";
        let pieces = broken(line, 12, 20);
        assert_eq!(pieces.concat(), line);
        assert!(pieces[0].width() <= 12 && pieces[1..].iter().all(|piece| piece.width() <= 20));
    }
}
