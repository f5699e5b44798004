//! Draws the gate: what would be sent, and what blocks it or how to confirm it.

use ratatui::Frame;
use ratatui::text::{Line, Span};

use super::{form, when};
use crate::app::action::Action;
use crate::app::command::Scope;
use crate::app::layout::Layout;
use crate::app::message::Message;
use crate::app::model::Model;
use crate::app::screens::send::{Block, Gate, Needed, block, said};
use crate::domain::outcome::Outcome;
use crate::domain::request::{curl, request_bytes, wire_name};
use crate::ui::body::{VALUE_AT, counted, head, labelled, marked, told, write_lines};
use crate::ui::evidence::verified;
use crate::ui::frame::{Title, line_width};
use crate::ui::text::{cut_end, safe, thousands, width, wrap};
use crate::ui::theme::{Mark, Theme};
use crate::ui::{confirm, sent_before};

/// What sending rows again may come to.
const SKIPS: &str =
    "  The service says it skips a video that the index has already. Whether it tells so is not documented.";

/// From this width on, the request is shown as a curl command.
const CURL_FROM: u16 = 110;

pub fn draw(model: &Model, gate: &Gate, layout: &Layout, theme: &Theme, frame: &mut Frame<'_>) {
    let facts = gate.facts.as_deref();
    let again = facts.filter(|facts| facts.earlier.tells_of_rows()).and_then(|facts| facts.earlier.rows.only());
    let again = again.map(|had| format!("{} again, from attempt {}", counted(gate.rows().into(), "row"), had.attempt));
    let phrase = match facts.and_then(|facts| facts.earlier.telling()) {
        _ if again.is_some() => again.as_deref().unwrap_or_default(),
        Some(attempt) if attempt.outcome != Outcome::NotSent => "not sent again yet",
        _ if facts.is_some_and(|facts| facts.earlier.blocks()) => "not sent yet",
        _ => "nothing has been sent yet",
    };
    let title = Title { name: "upload", phrase, phrase_at: Title::PHRASE_AT, right: "" };
    head(frame.buffer_mut(), layout, theme, layout.body, &title, "");
    let cells = layout.window.width.saturating_sub(2);

    let mut lines = form(model, &gate.snapshot, facts, theme, usize::from(cells).saturating_sub(VALUE_AT));
    lines.extend([Line::default(), counts(model, gate, theme, cells)]);
    let mut said = before(model, gate, theme, cells.into());
    // In a low window, keep the room for what is needed to go on.
    said.truncate(if layout.body.height < 16 { 2 } else { 4 });
    if !said.is_empty() {
        lines.push(Line::default());
    }
    lines.extend(said);
    if let Some(facts) = facts.filter(|facts| cells + 2 >= CURL_FROM && facts.earlier.tells_of_rows()) {
        if facts.earlier.blocks() && !facts.earlier.is_unsettled() {
            lines.extend([Line::default(), Line::raw(SKIPS)]);
        }
        lines.extend(sent_before::listed(theme, &facts.earlier.rows, &gate.snapshot, cells.into()));
    }
    lines.push(Line::default());
    lines.extend(request(model, gate, theme, cells));
    lines.push(Line::default());
    lines.extend(last(model, gate, theme, usize::from(cells)));
    confirm::fit(&mut lines, layout.body.height);
    write_lines(frame.buffer_mut(), layout.body, &lines);
    confirm::input(frame, layout, theme, &gate.confirmation, &lines);
}

/// The counts for and against the upload, shorter in a narrow window.
fn counts(model: &Model, gate: &Gate, theme: &Theme, cells: u16) -> Line<'static> {
    let mut full = counts_with(model, gate, theme, "   ", " before");
    if line_width(&full) > cells {
        return counts_with(model, gate, theme, "  ", "");
    }
    // The least important count: only if there is room.
    let verified = model.session().and_then(|session| verified::in_short(model, session));
    if let Some((mark, words)) =
        verified.filter(|(_, words)| usize::from(line_width(&full)) + 5 + width(words) <= cells.into())
    {
        full.spans.extend([Span::raw("   "), theme.mark(mark), Span::raw(format!(" {words}"))]);
    }
    full
}

fn counts_with(model: &Model, gate: &Gate, theme: &Theme, gap: &'static str, before: &str) -> Line<'static> {
    let mut line = Line::default();
    let mut say = |mark: Mark, text: String| {
        if !line.spans.is_empty() {
            line.push_span(gap);
        }
        line.spans.extend([theme.mark(mark), Span::raw(format!(" {text}"))]);
    };
    match model.session().and_then(|session| session.findings.as_ref()).map(|findings| findings.tallies()) {
        None => say(Mark::Checking, "the rows are still being checked".to_owned()),
        Some(tallies) => {
            match tallies.errors {
                0 => say(Mark::Ok, "no errors".to_owned()),
                n => say(Mark::Error, counted(n, "error")),
            }
            match tallies.warnings {
                0 => say(Mark::Ok, "no warnings".to_owned()),
                n => say(Mark::Warning, counted(n, "warning")),
            }
            match tallies.missing {
                0 => say(Mark::Ok, "none missing".to_owned()),
                n => say(Mark::Missing, format!("{} missing", thousands(n))),
            }
        }
    }
    if let Some(facts) = gate.facts.as_deref().filter(|facts| facts.earlier.tells_of_rows()) {
        let (mark, words) = sent_before::in_short(&facts.earlier.rows);
        say(mark, if before.is_empty() { words.replacen(" before", "", 1) } else { words });
        return line;
    }
    let not_known = gate.facts.as_deref().is_some_and(|facts| facts.earlier.not_known.is_some());
    match gate.facts.as_deref().map(|facts| (facts.ledger_fault.is_some(), facts.earlier.telling())) {
        None | Some((true, _)) => {}
        Some((false, attempt)) if not_known && attempt.is_none_or(|attempt| !attempt.blocks()) => {
            say(Mark::Unknown, format!("perhaps sent{before}"));
        }
        Some((false, None)) => say(Mark::Ok, format!("never sent{before}")),
        Some((false, Some(attempt))) if !attempt.blocks() => {}
        Some((false, Some(attempt))) if attempt.outcome == Outcome::Accepted || attempt.settled.is_some() => {
            say(Mark::Warning, format!("sent{before}"));
        }
        Some((false, Some(_))) => say(Mark::Unknown, format!("perhaps sent{before}")),
    }
    line
}

/// The outcome of earlier attempts with the same bytes or rows. It stands there while one confirms, too.
fn before(model: &Model, gate: &Gate, theme: &Theme, cells: usize) -> Vec<Line<'static>> {
    let Some(facts) = gate.facts.as_deref().filter(|facts| facts.ledger_fault.is_none()) else { return Vec::new() };
    if facts.earlier.tells_of_rows() {
        return sent_before::lines(model, theme, &facts.earlier.rows, cells, true);
    }
    let said = facts.earlier.words(|ms| format!("at {}", when(model, model.now.at(ms))));
    let attempt = facts.earlier.telling();
    if attempt
        .is_some_and(|attempt| attempt.blocks() && attempt.outcome == Outcome::Unknown && attempt.settled.is_none())
    {
        let message = Message::plain(format!("{said}.")).offer(Action::Log, "shows it");
        return told(model, theme, Mark::Error, &message, cells);
    }
    let mark = match attempt.map(|attempt| attempt.outcome) {
        _ if facts.earlier.blocks() => Mark::Warning,
        None => return Vec::new(),
        Some(Outcome::NotSent) => Mark::Ok,
        Some(Outcome::Unknown) => Mark::Unknown,
        Some(Outcome::Refused | Outcome::Accepted) => Mark::Warning,
    };
    said_with(theme, mark, &said, cells)
}

/// A sentence behind its mark, wrapped.
fn said_with(theme: &Theme, mark: Mark, said: &str, cells: usize) -> Vec<Line<'static>> {
    let mut wrapped = wrap(said, cells.saturating_sub(2)).into_iter();
    let first = marked(theme, mark, &wrapped.next().unwrap_or_default());
    std::iter::once(first).chain(wrapped.map(|line| Line::raw(format!("  {line}")))).collect()
}

/// The request, with the file name sent if it differs from the file's own.
fn request(model: &Model, gate: &Gate, theme: &Theme, cells: u16) -> Vec<Line<'static>> {
    let name = model.session().map(|session| session.name()).unwrap_or_default();
    let on_wire = wire_name(&name);
    if let Some(address) = model.options.address.as_ref().filter(|_| cells + 2 >= CURL_FROM) {
        let parts = curl(address, &name, model.options.key_variable);
        return confirm::curl(theme, &parts, "", usize::from(cells).saturating_sub(VALUE_AT));
    }
    let named = if on_wire == name { String::new() } else { format!(" named {on_wire}") };
    let bytes = gate.facts.as_deref().map(|facts| request_bytes(&on_wire, facts.fingerprint.bytes));
    let bytes = bytes.map_or_else(|| theme.not_known().to_owned(), thousands);
    let all = format!("POST, one file part{named}, {bytes} bytes in all");
    let room = usize::from(cells).saturating_sub(VALUE_AT);
    let mut value = vec![Span::raw(cut_end(&all, room, theme.ellipsis()))];
    let key = gate_key(model, Action::Curl);
    if !gate.confirmation.is_typing() && all.len() + "    copies the curl".len() + width(&key) <= room {
        value.extend([Span::raw("   "), Span::styled(key, theme.key()), Span::raw(" copies the curl")]);
    }
    vec![labelled(theme, "request", value)]
}

/// The first key of a command of the gate, in the key map in force.
fn gate_key(model: &Model, action: Action) -> String {
    model.keymap.key_for(&[Scope::Gate], action).map(|key| safe(&key).into_owned()).unwrap_or_default()
}

/// The last lines: how to confirm the upload, or what blocks it.
fn last(model: &Model, gate: &Gate, theme: &Theme, cells: usize) -> Vec<Line<'static>> {
    let against = model.session().and_then(|session| block(session, &model.options, gate));
    match (&against, &gate.confirmation.input) {
        (Some(Block::Type(need)), Some(_)) => {
            confirm::to_type(model, theme, need.words(), &format!("to upload {}", counted(gate.rows().into(), "row")))
        }
        (Some(Block::Type(Needed::Again)), None) => vec![Line::from(vec![
            Span::raw("  "),
            Span::styled(gate_key(model, Action::Confirm), theme.key()),
            Span::raw(" asks for words before it sends them again"),
        ])],
        (Some(Block::Unsettled(_)), _) => {
            vec![Line::raw("  Nothing goes before somebody says there what became of it.")]
        }
        (Some(block), _) => {
            let mark = match block {
                Block::Gathering | Block::Checking => Mark::Checking,
                Block::Type(Needed::Rows(_)) => Mark::Warning,
                _ => Mark::Error,
            };
            told(model, theme, mark, &said(block), cells)
        }
        (None, _) => {
            let host = model.options.address.as_ref().map(|address| address.host()).unwrap_or_default();
            let upload = format!("upload {} to {}", counted(gate.rows().into(), "row"), safe(&host));
            confirm::choices(model, theme, Scope::Gate, &upload)
        }
    }
}
