//! The result of an upload: outcome, reply, and settling an unknown outcome.

use crate::app::action::Action;
use crate::app::command::Why;
use crate::app::context::Ctx;
use crate::app::effect::Effect;
use crate::app::jobs::Task;
use crate::app::message::{Mark, Message};
use crate::app::next::{Next, Purpose, ReceiptOf, Request, Target};
use crate::app::scroll::Scroll;
use crate::app::session::file_name;
use crate::domain::format::counted;
use crate::domain::outcome::{About, Attempt, BodyState, Outcome};
use crate::domain::printable::printable;
use crate::domain::request::{Address, Fingerprint};
use std::path::{Path, PathBuf};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// How the open file relates to the one that was sent: only the same bytes can be sent again from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenFile {
    /// The same file; its bytes are being compared.
    Looking,
    Same,
    /// The same file with other bytes.
    Changed,
    /// The same file, but it went to another endpoint than the current one.
    Elsewhere,
    Other,
}

#[derive(Debug)]
pub struct ResultPane {
    pub attempt: Attempt,
    pub open_file: OpenFile,
    /// Whether it was opened from the log and returns there.
    pub is_from_log: bool,
    /// Uploads in the ledger, newest first, including this one.
    pub earlier: Vec<Attempt>,
    pub scroll: Scroll,
    pub all_headers: bool,
    pub search: String,
    /// The line of `shown` with the current match. While it is set, `scroll` counts from the body's first line.
    pub matched: Option<usize>,
    /// The lines of the body, for copying.
    pub body: Vec<String>,
    /// The same lines wrapped to the window's width, for display and search.
    pub shown: Vec<String>,
    /// `JSON`, `text`, `empty`…
    pub body_kind: &'static str,
}

impl ResultPane {
    /// The result screen of an attempt, new or from the ledger.
    pub fn new(attempt: Attempt, earlier: Vec<Attempt>, open_file: OpenFile, size: (u16, u16)) -> ResultPane {
        let shown = attempt.ended.reply().map(|reply| reply.shown_body());
        let (body_kind, body) = shown.map_or(("empty", Vec::new()), |shown| (shown.kind, shown.lines));
        let mut pane = ResultPane {
            attempt,
            open_file,
            is_from_log: false,
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

    /// The result screen of an attempt from the ledger. Starts comparing the open file with it in the background.
    pub fn from_log(ctx: &mut Ctx<'_>, attempt: Attempt, earlier: Vec<Attempt>) -> ResultPane {
        ctx.say(came_to(&attempt));
        let mut pane = ResultPane::new(attempt, earlier, OpenFile::Other, ctx.size);
        pane.is_from_log = true;
        pane.look_at_open_file(ctx);
        pane
    }

    pub fn look_at_open_file(&mut self, ctx: &mut Ctx<'_>) {
        let intent = &self.attempt.intent;
        let Some(session) = ctx.session().filter(|session| session.path.display().to_string() == intent.file) else {
            self.open_file = OpenFile::Other;
            return;
        };
        let is_here = |address: &Address| intent.address == address.as_str() || intent.address == address.single();
        if !ctx.options.address.as_ref().is_some_and(is_here) {
            self.open_file = OpenFile::Elsewhere;
            return;
        }
        self.open_file = OpenFile::Looking;
        let snapshot = session.now().clone();
        let job = ctx.begin(Task::Fingerprint);
        ctx.ask(Effect::Fingerprint(job, snapshot));
    }

    pub fn looked_at(&mut self, fingerprint: Fingerprint) {
        let is_same = fingerprint == self.attempt.intent.fingerprint;
        self.open_file = if is_same { OpenFile::Same } else { OpenFile::Changed };
    }

    /// Its place, newest first, and the number of uploads: of all that the log below shows, else of those of this file.
    pub fn place(&self) -> Option<(usize, usize)> {
        let file = &self.attempt.intent.file;
        let shown = || self.earlier.iter().filter(|other| self.is_from_log || other.intent.file == *file);
        let at = shown().position(|other| other.id == self.attempt.id)?;
        Some((at + 1, shown().count()))
    }

    /// Name of the file that was sent.
    pub fn file_name(&self) -> String {
        file_name(Path::new(&self.attempt.intent.file))
    }

    /// Whether a command applies to this attempt.
    ///
    /// # Errors
    /// Why not.
    pub fn can(&self, action: Action) -> Result<(), Why> {
        match action {
            Action::Submit | Action::AnotherKey => self.can_be_sent_again(),
            Action::RowByRow => self.can_go_row_by_row(),
            Action::Follow => can_be_followed(&self.attempt),
            Action::OpenItsFile if self.open_file != OpenFile::Other => Err("this file is open already".into()),
            Action::SaveReply | Action::Search | Action::SearchNext | Action::SearchPrevious
                if self.body.is_empty() =>
            {
                Err("the reply has no body".into())
            }
            Action::ItWasAccepted if !self.can_say(true) => Err("there is nothing to say of its outcome".into()),
            Action::ItWasNot if !self.can_say(false) => Err("there is nothing to say of its outcome".into()),
            _ => Ok(()),
        }
    }

    /// The transfer upload is gone; single rows may still be taken.
    pub fn is_gone(&self) -> bool {
        let about = self.attempt.ended.reply().map(|reply| reply.about());
        self.attempt.outcome == Outcome::Refused && about == Some(About::Endpoint)
    }

    fn can_go_row_by_row(&self) -> Result<(), Why> {
        match self.open_file {
            _ if !self.is_gone() && !self.attempt.is_row_by_row() => Err("the transfer upload is not gone".into()),
            _ if self.attempt.under_way => Err("it is being sent".into()),
            OpenFile::Other => Err(Why::but("another file is open.", Action::OpenItsFile, "opens the one sent")),
            _ => Ok(()),
        }
    }

    fn can_be_sent_again(&self) -> Result<(), Why> {
        match (self.attempt.outcome, self.open_file) {
            _ if self.attempt.under_way => Err("it is being sent".into()),
            _ if self.attempt.is_row_by_row() => {
                Err(Why::but("its rows were sent one by one.", Action::RowByRow, "goes on with them"))
            }
            (Outcome::Accepted, _) => Err("it was accepted".into()),
            (Outcome::Unknown, _) if self.attempt.blocks() => Err(Why::but(
                "it may have been taken: say so first, or upload from the table.",
                Action::ItWasNot,
                "it was not",
            )),
            (_, OpenFile::Same) => Ok(()),
            (_, OpenFile::Looking) => Err("the open file is being looked at".into()),
            (_, OpenFile::Changed) => {
                Err("the open file holds other bytes than were sent; the table uploads them".into())
            }
            (_, OpenFile::Elsewhere) => Err("it went to another address than uploads go to now".into()),
            (_, OpenFile::Other) => Err(Why::but("another file is open.", Action::OpenItsFile, "opens the one sent")),
        }
    }

    /// Whether the operator can settle the outcome as `accepted`, for the first time or as a correction.
    pub fn can_say(&self, accepted: bool) -> bool {
        let is_news = self.attempt.settled.is_none_or(|said| said.accepted != accepted);
        is_news && (self.attempt.can_be_settled() || self.attempt.can_be_corrected())
    }

    pub fn act(&mut self, ctx: &mut Ctx<'_>, request: &Request) -> Next {
        match request.action {
            Action::Back | Action::Quit if self.is_from_log => return Next::Close,
            // Closes the review that led here, too.
            Action::Back | Action::Quit => return Next::ToTable,
            Action::RowByRow => {
                let at = ctx.now.tell(self.attempt.intent.started_ms);
                let why = match self.attempt.is_row_by_row() {
                    true => format!("to go on with attempt {}, begun {at}", self.attempt.id),
                    false => format!("the transfer upload answered {}, {at}", self.status_text()),
                };
                return Next::Open(Target::RowsGate(Some(why)));
            }
            Action::OpenItsFile => return Next::Load(PathBuf::from(&self.attempt.intent.file)),
            Action::ItWasAccepted | Action::ItWasNot => {
                let accepted = request.action == Action::ItWasAccepted;
                ctx.ask(Effect::Settle { id: self.attempt.id, accepted });
            }
            Action::Receipt => {
                let place = self.place();
                let attempt = Some(self.attempt.id);
                return Next::Open(Target::Receipt(ReceiptOf { attempt, against: None, from: "result", place }));
            }
            Action::AnotherKey => return Next::Open(Target::Prompt(Purpose::ApiKey, String::new())),
            Action::Curl => {
                let (what, text) = match self.body.as_slice() {
                    [] => ("status", self.status_text()),
                    lines => ("reply", lines.join("\n")),
                };
                ctx.say(Message::handed(&format!("the {what}")));
                ctx.ask(Effect::Copy(text));
            }
            Action::SaveReply => {
                let kind = if self.body_kind == "JSON" { "json" } else { "txt" };
                let path = format!("{}.reply.{kind}", self.file_name().trim_end_matches(".json"));
                return Next::Open(Target::Prompt(Purpose::SaveReply, path));
            }
            Action::Search => return Next::Open(Target::Prompt(Purpose::SearchReply, String::new())),
            Action::SearchNext => self.next_match(ctx, true),
            Action::SearchPrevious => self.next_match(ctx, false),
            Action::Headers => self.all_headers = !self.all_headers,
            Action::Log => return Next::Open(Target::Log),
            Action::Follow => return Next::Open(Target::Follow(Some(self.attempt.id))),
            action => {
                let lines = usize::from(ctx.size.1).saturating_sub(6).max(1);
                if action == Action::First {
                    // Without a match, lines count from the facts above the body again.
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

    /// The lines of `shown` on which matches begin; at most one for each line of the body.
    fn hits(&self, wanted: &str) -> Vec<usize> {
        let (mut hits, mut first) = (Vec::new(), 0);
        for line in &self.body {
            let (mut pieces, mut left) = (Vec::new(), line.len());
            for piece in self.shown.get(first..).unwrap_or_default() {
                pieces.push(piece.len());
                left = left.saturating_sub(piece.len());
                if left == 0 {
                    break;
                }
            }
            if let Some(mut at) = line.to_lowercase().find(wanted) {
                let behind = |piece: &&usize| {
                    let is_behind = at >= **piece;
                    at = at.saturating_sub(if is_behind { **piece } else { 0 });
                    is_behind
                };
                let piece = pieces.iter().take_while(behind).count();
                hits.push(first + piece.min(pieces.len().saturating_sub(1)));
            }
            first += pieces.len();
        }
        hits
    }

    /// Scrolls the body to the next match.
    fn next_match(&mut self, ctx: &mut Ctx<'_>, forward: bool) {
        let wanted = self.search.to_lowercase();
        if wanted.is_empty() {
            ctx.say(Message::plain("nothing was searched for yet.").offer(Action::Search, "searches"));
            return;
        }
        let hits = self.hits(&wanted);
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

    /// Shows that an outcome was settled in the ledger.
    pub fn settled(&mut self, ctx: &mut Ctx<'_>, attempt: &Attempt) {
        let name = file_name(Path::new(&attempt.intent.file));
        let accepted = attempt.settled.is_some_and(|settled| settled.accepted);
        let words = if accepted { "counts as sent" } else { "can be sent again" };
        // Where it was said from the screen above, that has the word.
        if !ctx.message.as_ref().is_some_and(|said| said.read_first) {
            ctx.say(Message::fine(format!("written to the ledger: {} {words}", printable(&name))));
        }
        let all = self.earlier.iter_mut().chain([&mut self.attempt]);
        for same in all.filter(|same| same.id == attempt.id) {
            same.settled = attempt.settled;
            same.settled_before.clone_from(&attempt.settled_before);
        }
    }

    /// Wraps the body to the window's width.
    pub fn wrap(&mut self, size: (u16, u16)) {
        // 18 cells: the label before the text, and one cell after it.
        let cells = usize::from(size.0).saturating_sub(18).max(20);
        // The first line also shows the body's length and what was cut.
        let whole = self.attempt.ended.reply().is_none_or(|reply| reply.body_state == BodyState::Whole);
        let beside = if whole { 28 } else { 54 };
        let first = cells.saturating_sub(beside).max(10);
        let broken = |(at, line): (usize, &String)| broken(line, if at == 0 { first } else { cells }, cells);
        self.shown = self.body.iter().enumerate().flat_map(broken).collect();
        self.matched = None;
    }
}

/// Whether an attempt may have made tasks.
///
/// # Errors
/// Why not.
pub fn can_be_followed(attempt: &Attempt) -> Result<(), Why> {
    match attempt.outcome {
        _ if attempt.under_way => Err("it is being sent".into()),
        Outcome::Accepted | Outcome::Unknown if attempt.blocks() => Ok(()),
        _ => Err("nothing was accepted, so there is nothing to follow".into()),
    }
}

/// Message on the outcome of an upload, with the commands that help.
pub fn came_to(attempt: &Attempt) -> Message {
    let mark = match attempt.outcome {
        Outcome::Accepted => Mark::Fine,
        Outcome::Refused => Mark::Error,
        Outcome::NotSent => Mark::Plain,
        Outcome::Unknown => Mark::Unknown,
    };
    let message = Message::new(mark, in_words(attempt));
    let is_key = attempt.ended.reply().is_some_and(|reply| reply.about() == About::Key);
    match attempt.outcome {
        Outcome::Refused if is_key => {
            message.offer(Action::AnotherKey, "takes another key").offer(Action::Submit, "sends again")
        }
        Outcome::Accepted => message.offer(Action::Follow, "follows them"),
        _ => message,
    }
}

fn in_words(attempt: &Attempt) -> String {
    let name = file_name(Path::new(&attempt.intent.file));
    let name = printable(&name);
    match (attempt.outcome, attempt.settled) {
        _ if attempt.under_way => format!("{name} is being sent by another cuecard"),
        (Outcome::Accepted, _) => format!("{name} accepted, {}.", counted(attempt.intent.rows.into(), "row")),
        (Outcome::Refused, _) => format!("{name} refused, nothing was taken in."),
        (Outcome::NotSent, _) => format!("{name} not sent, nothing left this machine"),
        (Outcome::Unknown, None) => format!("outcome of {name} unknown, sending again asks for words"),
        (Outcome::Unknown, Some(said)) if said.accepted => format!("{name} counts as sent, by your word"),
        (Outcome::Unknown, Some(_)) => format!("{name} can be sent again, by your word"),
    }
}

/// Wraps a line into pieces, the first of at most `first` cells, the others of `cells`, after a blank where there is
/// one. The pieces add up to the line.
fn broken(line: &str, first: usize, cells: usize) -> Vec<String> {
    let (mut pieces, mut piece, mut used) = (Vec::new(), String::new(), 0);
    for grapheme in line.graphemes(true) {
        let most = if pieces.is_empty() { first } else { cells };
        if used + grapheme.width() > most {
            // A word longer than half a line is broken anywhere.
            let whole = piece.rfind(' ').map(|blank| blank + 1).filter(|at| piece.len() - at <= most / 2);
            let rest = piece.split_off(whole.unwrap_or(piece.len()));
            pieces.push(std::mem::replace(&mut piece, rest));
            used = piece.width();
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
    fn wrapped_reply_lines_keep_all_text_and_fit() {
        let line = "{\"message\": \"한국어 and a long text that does not fit\"}";
        let pieces = broken(line, 12, 20);
        assert_eq!(pieces.concat(), line);
        assert!(pieces[0].width() <= 12 && pieces[1..].iter().all(|piece| piece.width() <= 20));
    }

    #[test]
    fn words_of_a_reply_stay_whole_where_a_line_is_broken() {
        assert_eq!(broken("the index does not exist", 12, 12), ["the index ", "does not ", "exist"]);
        assert_eq!(broken("6298d673f1090f1100476d4c it is", 12, 12), ["6298d673f109", "0f1100476d4c", " it is"]);
    }
}
