//! Owns the result: one shape for every outcome. The outcome and what it means stay, the rest scrolls. The service's
//! words are shown as they came, made safe by the domain; nothing in them decides anything here.

use ratatui::Frame;
use ratatui::text::{Line, Span};
use std::time::Duration;

use super::{ended, host, outcome_line, outcome_word, started};
use crate::app::layout::{Area, Layout};
use crate::app::model::Model;
use crate::app::screens::send::ResultPane;
use crate::domain::outcome::{About, Attempt, BodyState, Outcome, Place, Reply, Words, settled_words, words};
use crate::ui::body::{VALUE_AT, apart, counted, head, labelled, write_lines};
use crate::ui::frame::{Title, line_width};
use crate::ui::text::{cut_end, cut_middle, exact_bytes, pad_to, thousands, took, wrap};
use crate::ui::theme::{Cursor, Gutter, Mark, Theme};

/// From this height on, earlier uploads stand below the reply.
const EARLIER_FROM: u16 = 30;
/// Where they stand while the reply leaves room, counted from the first row of the body.
const EARLIER_AT: usize = 19;
/// The cells of a header's name.
const HEADER_NAME: usize = 24;

pub fn draw(model: &Model, pane: &ResultPane, layout: &Layout, theme: &Theme, frame: &mut Frame<'_>) {
    let attempt = &pane.attempt;
    let place = pane.earlier.iter().position(|other| other.id == attempt.id);
    let of = place.map(|at| format!("{} of {}", at + 1, pane.earlier.len())).unwrap_or_default();
    let phrase = format!("sent {}", time_of(model, attempt));
    let title = Title { name: "result", phrase: &phrase, phrase_at: Title::PHRASE_AT, right: &of };
    head(frame.buffer_mut(), layout, theme, layout.body, &title, "");

    let cells = layout.body.width.saturating_sub(2);
    let told = told(model, attempt);
    let mut fixed = vec![outcome(attempt, &told, theme, cells), Line::default()];
    fixed.extend(told.sentences.iter().flat_map(|text| wrap(text, usize::from(cells))).map(Line::raw));
    fixed.push(Line::default());
    write_lines(frame.buffer_mut(), layout.body, &fixed);

    let below = u16::try_from(fixed.len()).unwrap_or(u16::MAX).min(layout.body.height);
    let area = Area { y: layout.body.y + below, height: layout.body.height - below, ..layout.body };
    let head = details(model, pane, theme, cells);
    let body_lines = if attempt.ended.reply().is_some() { pane.shown.len().max(1) } else { 0 };
    let mut tail = Vec::new();
    if layout.window.height >= EARLIER_FROM && !pane.earlier.is_empty() {
        let pad = EARLIER_AT.saturating_sub(fixed.len() + head.len() + body_lines).max(1);
        tail.extend(std::iter::repeat_n(Line::default(), pad));
        tail.extend(earlier(model, pane, theme, usize::from(area.height)));
    }
    // After a search the lines are counted from the body on, with two before the one that was found.
    let top = match pane.matched {
        Some(_) => (head.len() + pane.scroll.top).saturating_sub(2),
        None => pane.scroll.top,
    };
    let (height, len) = (usize::from(area.height), head.len() + body_lines + tail.len());
    let top = top.min(len.saturating_sub(height));
    // A body can have half a million lines: none is written that is not on the screen.
    let lines: Vec<Line<'_>> = (top..(top + height).min(len))
        .filter_map(|at| match at.checked_sub(head.len()) {
            None => head.get(at).cloned(),
            Some(at) if at < body_lines => Some(body_line(pane, at, theme, cells)),
            Some(at) => tail.get(at - body_lines).cloned(),
        })
        .collect();
    write_lines(frame.buffer_mut(), area, &lines);
}

/// `14:03:07`, with the date unless it is of today.
fn time_of(model: &Model, attempt: &Attempt) -> String {
    let at = started(model, attempt);
    if at.date() == model.now.date() { at.clock() } else { format!("{} {}", at.short_date(), at.clock()) }
}

/// The words of the outcome, with what the operator added to it since.
fn told(model: &Model, attempt: &Attempt) -> Words {
    let at = ended(model, attempt).unix_ms.div_euclid(1_000);
    let opens = attempt
        .ended
        .reply()
        .and_then(|reply| reply.opens_again_in(at))
        .map(|wait| at.saturating_add_unsigned(wait.as_secs()));
    let clock = opens.map(|opens| model.now.at(opens.saturating_mul(1_000)).short_clock());
    let left = opens.map(|opens| {
        let seconds = opens.saturating_sub(model.now.unix_ms.div_euclid(1_000));
        Duration::from_secs(u64::try_from(seconds).unwrap_or(0))
    });
    let reset = clock.as_deref().zip(left);
    let place = Place { host: host(&attempt.intent.address), bytes: attempt.intent.fingerprint.bytes, reset };
    let mut told = words(&attempt.ended, attempt.outcome, &place);
    let [_, now] = &mut told.sentences;
    if attempt.under_way {
        told.word = "UNDER WAY";
        told.status = "another cuecard is sending it".to_owned();
        told.sentences = ["It was begun and has not ended.".to_owned(), "L shows it again later.".to_owned()];
    } else if let Some(said) = attempt.settled {
        *now = if said.accepted {
            "You said that it was accepted: the manifest counts as sent.".to_owned()
        } else {
            "You said that it was not accepted: the upload is open again.".to_owned()
        };
    }
    told
}

fn outcome(attempt: &Attempt, told: &Words, theme: &Theme, cells: u16) -> Line<'static> {
    let (mark, _) = outcome_word(attempt);
    let word = Span::styled(format!(" {} ", told.word), theme.reversed().patch(theme.bold()));
    let room = usize::from(cells).saturating_sub(told.word.len() + 16);
    let status = Span::raw(format!("  {}", cut_end(&told.status, room, theme.ellipsis())));
    let left = Line::from(vec![theme.mark(mark), Span::raw(" "), word, status]);
    let duration = if attempt.under_way { String::new() } else { took(Duration::from_millis(attempt.ended.took_ms)) };
    apart(left, Line::raw(duration), cells)
}

/// What stands before the body: facts, what can be answered, headers.
fn details(model: &Model, pane: &ResultPane, theme: &Theme, cells: u16) -> Vec<Line<'static>> {
    let room = usize::from(cells).saturating_sub(VALUE_AT);
    let mut lines = facts(model, &pane.attempt, theme, room);
    lines.push(Line::default());
    if pane.attempt.can_be_settled() {
        lines.extend(answers(theme, usize::from(cells)));
        lines.push(Line::default());
    }
    if let Some(reply) = pane.attempt.ended.reply() {
        lines.extend(headers(model, pane, reply, theme, room));
        lines.push(Line::default());
    }
    lines
}

fn facts(model: &Model, attempt: &Attempt, theme: &Theme, room: usize) -> Vec<Line<'static>> {
    let intent = &attempt.intent;
    let all = intent.fingerprint.bytes;
    let mut lines = Vec::new();
    let mut fact = |label: &str, value: String| {
        lines.push(labelled(theme, label, [Span::raw(cut_middle(&value, room, theme.ellipsis()))]));
    };
    // Where the header above names another host, the log is being read.
    if host(&intent.address) != model.options.host {
        fact("to", intent.address.clone());
    }
    let reply = attempt.ended.reply();
    let key_matters = reply.is_some_and(|reply| matches!(reply.about(), About::Key | About::Forbidden | About::Plan));
    match attempt.outcome {
        Outcome::Unknown => {
            let status =
                reply.map_or_else(|| "no status line read".to_owned(), |r| format!("status {} read", r.status));
            let sent = attempt.ended.sent.min(all);
            fact("certain", format!("{} of {} bytes sent, {status}", thousands(sent), thousands(all)));
            fact("not certain", "whether the service took them".to_owned());
        }
        Outcome::Refused if key_matters => fact("key", intent.key_origin.clone()),
        Outcome::NotSent => {}
        Outcome::Accepted | Outcome::Refused => {
            fact("sent", format!("{}, {}", counted(intent.rows.into(), "row"), exact_bytes(all)));
        }
    }
    if let Some(cause) = attempt.ended.cause() {
        fact("cause", cause);
    }
    if attempt.outcome == Outcome::Accepted {
        fact("sha-256", intent.fingerprint.hex());
    } else if let Some(error) = reply.and_then(|reply| reply.vendor_error()) {
        match (error.code, error.message) {
            (Some(code), _) => fact("code", code),
            (None, Some(message)) => fact("message", message),
            (None, None) => {}
        }
    }
    if let Some(said) = attempt.settled {
        let at = model.now.at(said.at_ms);
        fact("settled", format!("{}, {} {}", settled_words(said), at.short_date(), at.clock()));
    }
    let record = if attempt.under_way { started(model, attempt) } else { ended(model, attempt) };
    fact("record", format!("kept in the ledger, {}", record.clock()));
    lines
}

fn answers(theme: &Theme, cells: usize) -> Vec<Line<'static>> {
    let ask = "Look in the dashboard for new tasks of the index, then say:";
    let mut lines: Vec<Line<'_>> = wrap(ask, cells).into_iter().map(Line::raw).collect();
    lines.push(Line::default());
    for (key, answer, meaning) in [
        ("A", "  it was accepted", "the manifest counts as sent"),
        ("N", "  it was not", "the upload opens again"),
        ("Esc", " decide later", "it stays blocked, also after a restart"),
    ] {
        let key = Span::styled(key, theme.key());
        let answer = Span::raw(pad_to(answer, 21 - key.content.len()));
        lines.push(Line::from(vec![theme.bar(), Span::raw(" "), key, answer, Span::raw(meaning)]));
    }
    lines
}

/// A few headers of an accepted upload, a count of the others' until they are asked for.
fn headers(model: &Model, pane: &ResultPane, reply: &Reply, theme: &Theme, room: usize) -> Vec<Line<'static>> {
    let mut shown: Vec<(String, String)> = Vec::new();
    if pane.all_headers {
        shown = reply.headers.clone();
    } else if pane.attempt.outcome == Outcome::Accepted {
        for name in ["date", "x-api-version"] {
            shown.extend(reply.header(name).map(|value| (name.to_owned(), value.to_owned())));
        }
        shown.extend(limit(model, &pane.attempt, reply));
    }
    if shown.is_empty() {
        let mut value = vec![Span::raw(reply.headers.len().to_string())];
        if !reply.headers.is_empty() && !pane.all_headers {
            value.extend([Span::raw("   "), Span::styled("h", theme.key()), Span::raw(" shows them")]);
        }
        return vec![labelled(theme, "headers", value)];
    }
    let header = |(at, (name, value)): (usize, &(String, String))| {
        let name = format!("{}  ", pad_to(&cut_end(name, HEADER_NAME - 2, theme.ellipsis()), HEADER_NAME - 2));
        let value = cut_end(value, room.saturating_sub(HEADER_NAME), theme.ellipsis());
        labelled(theme, if at == 0 { "headers" } else { "" }, [Span::raw(name), Span::raw(value)])
    };
    shown.iter().enumerate().map(header).collect()
}

/// `987 of 1,000, back at 00:00`
fn limit(model: &Model, attempt: &Attempt, reply: &Reply) -> Option<(String, String)> {
    const NAME: &str = "x-ratelimit-remaining";
    let number = |name: &str| {
        let value = reply.header(name)?.trim();
        Some(value.parse().map_or_else(|_| value.to_owned(), thousands))
    };
    let mut words = number(NAME)?;
    if let Some(limit) = number("x-ratelimit-limit") {
        words.push_str(&format!(" of {limit}"));
    }
    let at = ended(model, attempt).unix_ms;
    if let Some(wait) = reply.opens_again_in(at.div_euclid(1_000)) {
        let back = model.now.at(at.saturating_add_unsigned(wait.as_secs().saturating_mul(1_000)));
        words.push_str(&format!(", back at {}", back.short_clock()));
    }
    Some((NAME.to_owned(), words))
}

/// A line of the body, the first one with its label and what the body is.
fn body_line(pane: &ResultPane, at: usize, theme: &Theme, cells: u16) -> Line<'static> {
    let reply = pane.attempt.ended.reply();
    let state = match reply.map(|reply| reply.body_state) {
        None | Some(BodyState::Whole | BodyState::NotLoaded) => "",
        Some(BodyState::Truncated) => ", the rest was not read",
        Some(BodyState::Cut) => ", the rest did not arrive",
    };
    let bytes = reply.map_or(0, |reply| reply.body.len()) as u64;
    let Some(text) = pane.shown.get(at) else {
        return labelled(theme, "body", [Span::raw(format!("{}, {}{state}", pane.body_kind, exact_bytes(bytes)))]);
    };
    let found = pane.matched == Some(at);
    let about = if at == 0 { format!("{}, {}{state}", exact_bytes(bytes), pane.body_kind) } else { String::new() };
    let about = Line::styled(about, theme.dim());
    let room = usize::from(cells).saturating_sub(VALUE_AT + usize::from(line_width(&about)) + 2 * usize::from(at == 0));
    let style = if found { theme.bold() } else { theme.plain() };
    let mark = if found { theme.mark(Mark::Choice) } else { Span::raw(" ") };
    let label = Span::styled(pad_to(if at == 0 { "body" } else { "" }, VALUE_AT - 2), theme.dim());
    let line =
        Line::from(vec![label, mark, Span::raw(" "), Span::styled(cut_end(text, room, theme.ellipsis()), style)]);
    apart(line, about, cells)
}

/// The latest uploads, this one marked.
fn earlier(model: &Model, pane: &ResultPane, theme: &Theme, most: usize) -> Vec<Line<'static>> {
    let line = |(at, attempt): (usize, &Attempt)| {
        let label = pad_to(if at == 0 { "earlier" } else { "" }, VALUE_AT - 1);
        let here = Gutter { cursor: Cursor::HereUnfocused, ..Gutter::default() };
        let [bar, ..] = theme.gutter(if attempt.id == pane.attempt.id { here } else { Gutter::default() });
        let at = started(model, attempt);
        let time = if at.date() == model.now.date() { at.clock() } else { at.short_date() };
        let status = attempt.ended.reply().map(|reply| reply.status.to_string()).unwrap_or_default();
        let sha256: String = attempt.intent.fingerprint.hex().chars().take(8).collect();
        let mut line = Line::from(vec![Span::styled(label, theme.dim()), bar, Span::raw(pad_to(&time, 10))]);
        let outcome = outcome_line(attempt, theme);
        let blanks = 12_usize.saturating_sub(line_width(&outcome).into());
        line.spans.extend(outcome.spans);
        line.push_span(" ".repeat(blanks));
        line.push_span(pad_to(&status, 9));
        line.push_span(pad_to(&counted(attempt.intent.rows.into(), "row"), 15));
        line.push_span(format!("sha-256 {sha256}{}", theme.ellipsis()));
        line
    };
    pane.earlier.iter().enumerate().take(most.min(8)).map(line).collect()
}
