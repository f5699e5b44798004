//! After the upload: what came of it, its reply, and the operator's word on an unknown outcome.

use crate::app::action::Action;
use crate::app::context::Ctx;
use crate::app::effect::Effect;
use crate::app::jobs::Task;
use crate::app::message::Message;
use crate::app::next::{Next, Purpose, Request, Target};
use crate::app::scroll::Scroll;
use crate::app::session::Session;
use crate::domain::outcome::{Attempt, BodyState};
use crate::domain::printable::printable;
use std::path::PathBuf;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

#[derive(Debug)]
pub struct ResultPane {
    pub attempt: Attempt,
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

impl ResultPane {
    /// The result of an attempt, new or from the ledger.
    pub fn new(attempt: Attempt, earlier: Vec<Attempt>, size: (u16, u16)) -> ResultPane {
        let shown = attempt.ended.reply().map(|reply| reply.shown_body());
        let (body_kind, body) = shown.map_or(("empty", Vec::new()), |shown| (shown.kind, shown.lines));
        let mut pane = ResultPane {
            attempt,
            earlier,
            scroll: Scroll::default(),
            all_headers: false,
            search: String::new(),
            matched: None,
            shown: Vec::new(),
            body,
            body_kind,
        };
        pane.wrap(size);
        pane
    }

    pub fn act(&mut self, ctx: &mut Ctx<'_>, request: &Request) -> Next {
        match request.action {
            // Back to the table, past the review that led here.
            Action::Back | Action::Quit => return Next::ToTable,
            Action::ItWasAccepted | Action::ItWasNot => {
                let accepted = request.action == Action::ItWasAccepted;
                ctx.ask(Effect::Settle { id: self.attempt.id, accepted });
            }
            Action::AnotherKey => return Next::Open(Target::Prompt(Purpose::ApiKey, String::new())),
            Action::Curl => {
                let text = if self.body.is_empty() { self.status_text() } else { self.body.join("\n") };
                ctx.say(Message::fine("copied the reply"));
                ctx.ask(Effect::Copy(text));
            }
            Action::Save => {
                if self.attempt.ended.reply().is_none_or(|reply| reply.body.is_empty()) {
                    ctx.say(Message::plain("the reply has no body to save"));
                } else {
                    let name = ctx.session().map(Session::name).unwrap_or_default();
                    let kind = if self.body_kind == "JSON" { "json" } else { "txt" };
                    let path = format!("{}.reply.{kind}", name.trim_end_matches(".json"));
                    return Next::Open(Target::Prompt(Purpose::SaveReply, path));
                }
            }
            Action::Search => return Next::Open(Target::Prompt(Purpose::SearchReply, String::new())),
            Action::SearchNext => self.next_match(ctx, true),
            Action::SearchPrevious => self.next_match(ctx, false),
            Action::Headers => self.all_headers = !self.all_headers,
            Action::Log => return Next::Open(Target::Log),
            action => {
                let lines = usize::from(ctx.size.1).saturating_sub(6).max(1);
                if action == Action::First {
                    // From here on the lines are counted from the facts again, not from the body.
                    self.matched = None;
                }
                self.scroll.act(action, request.count, self.shown.len() + lines, 1);
                self.scroll.top = self.scroll.cursor;
            }
        }
        Next::Stay
    }

    fn status_text(&self) -> String {
        let status = self.attempt.ended.reply().map(|reply| reply.status_line());
        status.unwrap_or_else(|| self.attempt.outcome.word().to_owned())
    }

    pub fn save_reply(&self, ctx: &mut Ctx<'_>, path: PathBuf) {
        let bytes = self.attempt.ended.reply().map(|reply| reply.body.clone()).unwrap_or_default();
        let job = ctx.begin(Task::WriteFile);
        ctx.ask(Effect::WriteFile { job, path, bytes });
    }

    pub fn search(&mut self, ctx: &mut Ctx<'_>, text: &str) {
        text.clone_into(&mut self.search);
        self.next_match(ctx, true);
    }

    /// Scrolls the body to the next line that holds the search text.
    fn next_match(&mut self, ctx: &mut Ctx<'_>, forward: bool) {
        let wanted = self.search.to_lowercase();
        if wanted.is_empty() {
            ctx.say(Message::plain("nothing was searched for yet.").offer(Action::Search, "searches"));
            return;
        }
        let holds = |(_, line): &(usize, &String)| line.to_lowercase().contains(&wanted);
        let hits: Vec<usize> = self.body.iter().enumerate().filter(holds).map(|(at, _)| at).collect();
        let now = self.matched;
        let next = if forward {
            hits.iter().find(|at| now.is_none_or(|n| **at > n)).or(hits.first())
        } else {
            hits.iter().rev().find(|at| now.is_none_or(|n| **at < n)).or(hits.last())
        };
        match next.copied() {
            Some(at) => {
                self.matched = Some(at);
                self.scroll = Scroll { cursor: at, top: at };
                let number = hits.iter().position(|hit| *hit == at).unwrap_or(0) + 1;
                let text = format!("match {number} of {}.", hits.len());
                ctx.say(Message::plain(text).offer(Action::SearchNext, "goes on"));
            }
            None => ctx.say(Message::plain(format!("the reply does not hold {}", printable(&wanted)))),
        }
    }

    /// The operator's word on an unknown outcome is in the ledger; show it.
    pub fn settled(&mut self, ctx: &mut Ctx<'_>, result: Result<Box<Attempt>, String>) {
        match result {
            Ok(attempt) => {
                let accepted = attempt.settled.is_some_and(|settled| settled.accepted);
                let words = if accepted { "it counts as sent" } else { "the upload is open again" };
                ctx.say(Message::fine(format!("written to the ledger: {words}")));
                if self.attempt.id == attempt.id {
                    self.attempt = *attempt;
                }
            }
            Err(fault) => ctx.say(Message::error(format!("not written to the ledger: {fault}"))),
        }
    }

    /// Breaks the body to the width of the window.
    pub fn wrap(&mut self, size: (u16, u16)) {
        // What stands before a body's text on its line, and one cell after it.
        let cells = usize::from(size.0).saturating_sub(18).max(20);
        // Beside the first line stands how long the body is, and what became of its rest.
        let whole = self.attempt.ended.reply().is_none_or(|reply| reply.body_state == BodyState::Whole);
        let beside = if whole { 28 } else { 54 };
        let first = cells.saturating_sub(beside).max(10);
        let broken = |(at, line): (usize, &String)| broken(line, if at == 0 { first } else { cells }, cells);
        self.shown = self.body.iter().enumerate().flat_map(broken).collect();
        self.matched = None;
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
