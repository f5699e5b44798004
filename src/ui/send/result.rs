//! Draws the result of an upload, in one layout for every outcome: the outcome and its meaning stay, the rest scrolls.
//! The service's texts are shown as received, escaped by the domain; nothing here depends on them.

use ratatui::Frame;
use ratatui::text::{Line, Span};
use std::time::Duration;

use super::{ended, host, outcome_line, outcome_mark, short_hash, started, went_to};
use crate::app::action::Action;
use crate::app::command::Scope;
use crate::app::layout::{Area, Layout};
use crate::app::model::Model;
use crate::app::screens::send::{OpenFile, ResultPane};
use crate::domain::outcome::{
    About, Attempt, BodyState, How, Outcome, OutcomeWords, Reply, ReplyContext, settled_words, words,
};
use crate::ui::body::{VALUE_AT, apart, counted, head, labelled, more, write_lines};
use crate::ui::frame::{Title, line_width};
use crate::ui::text::{cut_end, cut_middle, exact_bytes, pad_to, safe, thousands, took, width, wrap};
use crate::ui::theme::{Mark, Theme};

/// From this height on, earlier uploads are shown below the reply.
const EARLIER_FROM: u16 = 30;
/// Their row, counted from the top of the body, if the reply is short enough.
const EARLIER_AT: usize = 20;
/// Width of a header's name, in cells.
const HEADER_NAME: usize = 24;

pub fn draw(model: &Model, pane: &ResultPane, layout: &Layout, theme: &Theme, frame: &mut Frame<'_>) {
    let attempt = &pane.attempt;
    let of = pane.place().map(|(at, of)| format!("{} of {}", thousands(at as u64), thousands(of as u64)));
    let of = of.unwrap_or_default();
    let sent = format!(", sent {}", model.now.tell(attempt.intent.started_ms));
    let room =
        usize::from(layout.headings.width).saturating_sub(usize::from(Title::PHRASE_AT) + sent.len() + of.len() + 3);
    let phrase = cut_middle(&pane.file_name(), room, theme.ellipsis()) + &sent;
    let title = Title { name: "result", phrase: &phrase, phrase_at: Title::PHRASE_AT, right: &of };

    let cells = layout.body.width.saturating_sub(2);
    let told = told(model, attempt);
    let mut fixed = vec![outcome(attempt, &told, theme, cells), Line::default()];
    fixed.extend(told.sentences.iter().flat_map(|text| wrap(text, usize::from(cells))).map(Line::raw));
    let follow = model.keymap.key_for(&[Scope::Result], Action::Follow).filter(|_| pane.can(Action::Follow).is_ok());
    if let (Some(key), Some(last), Outcome::Accepted) = (follow, fixed.last_mut(), attempt.outcome) {
        let key = safe(&key).into_owned();
        if usize::from(line_width(last)) + width(&key) + 15 <= usize::from(cells) {
            last.spans.extend([Span::raw("  "), Span::styled(key, theme.key()), Span::raw(" follows them")]);
        }
    }
    fixed.push(Line::default());
    write_lines(frame.buffer_mut(), layout.body, &fixed);

    let below = u16::try_from(fixed.len()).unwrap_or(u16::MAX).min(layout.body.height);
    let area = Area { y: layout.body.y + below, height: layout.body.height - below, ..layout.body };
    let facts = details(model, pane, theme, cells);
    let body_lines = if attempt.ended.reply().is_some() { pane.shown.len().max(1) } else { 0 };
    let mut tail = Vec::new();
    if layout.window.height >= EARLIER_FROM && !pane.earlier.is_empty() {
        let pad = EARLIER_AT.saturating_sub(fixed.len() + facts.len() + body_lines).max(1);
        tail.extend(std::iter::repeat_n(Line::default(), pad));
        tail.extend(of_this_file(model, pane, theme, usize::from(area.height)));
    }
    // With a match, `scroll` counts from the reply's body; show two lines before the match.
    let top = match pane.matched {
        Some(_) => (facts.len() + pane.scroll.top).saturating_sub(2),
        None => pane.scroll.top,
    };
    let (height, len) = (usize::from(area.height), facts.len() + body_lines + tail.len());
    let top = top.min(len.saturating_sub(height));
    let goes_on = more(top > 0, top + height < len).trim_start_matches(", ");
    head(frame.buffer_mut(), layout, theme, layout.body, &title, goes_on);
    // A body can have half a million lines: only visible ones are built.
    let lines: Vec<Line<'_>> = (top..(top + height).min(len))
        .filter_map(|at| match at.checked_sub(facts.len()) {
            None => facts.get(at).cloned(),
            Some(at) if at < body_lines => Some(body_line(pane, at, theme, cells)),
            Some(at) => tail.get(at - body_lines).cloned(),
        })
        .collect();
    write_lines(frame.buffer_mut(), area, &lines);
}

/// The texts of the outcome, including how the operator settled it.
fn told(model: &Model, attempt: &Attempt) -> OutcomeWords {
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
    let place = ReplyContext { host: host(&attempt.intent.address), bytes: attempt.intent.fingerprint.bytes, reset };
    let mut told = words(&attempt.ended, attempt.outcome, &place);
    let [_, now] = &mut told.sentences;
    if attempt.under_way {
        told.word = "UNDER WAY";
        told.status = "another cuecard is sending it".to_owned();
        told.sentences = ["It was begun and has not ended.".to_owned(), "The log tells it when it has.".to_owned()];
    } else if let Some(said) = attempt.settled {
        *now = if said.accepted {
            "You said that it was accepted: the file counts as sent.".to_owned()
        } else {
            "You said that it was not accepted: the file can be sent again.".to_owned()
        };
    }
    told
}

fn outcome(attempt: &Attempt, told: &OutcomeWords, theme: &Theme, cells: u16) -> Line<'static> {
    // Settling changes what counts, not what is known: the outcome stays unknown.
    let is_open = attempt.outcome == Outcome::Unknown && !attempt.under_way;
    let mark = if is_open && attempt.tally.is_none() { Mark::Unknown } else { outcome_mark(attempt) };
    let rows = attempt.tally.filter(|_| !attempt.under_way);
    let word = rows.map_or_else(|| told.word.to_owned(), |_| format!("ACCEPTED {}", attempt.in_short().to_uppercase()));
    let word = Span::styled(format!(" {word} "), theme.reversed().patch(theme.bold()));
    let room = usize::from(cells).saturating_sub(told.word.len() + 16);
    let status = Span::raw(format!("  {}", cut_end(&told.status, room, theme.ellipsis())));
    let left = Line::from(vec![theme.mark(mark), Span::raw(" "), word, status]);
    // Without an end there is no time to tell.
    let has_ended = !attempt.under_way && attempt.ended.how != How::Interrupted;
    let time = || took(Duration::from_millis(attempt.ended.took_ms));
    let duration = if has_ended { time() } else { String::new() };
    apart(left, Line::raw(duration), cells)
}

/// The lines before the reply's body: facts, answers, headers.
fn details(model: &Model, pane: &ResultPane, theme: &Theme, cells: u16) -> Vec<Line<'static>> {
    let room = usize::from(cells).saturating_sub(VALUE_AT);
    let mut lines = facts(model, pane, theme, room);
    lines.push(Line::default());
    let answers = answers(model, pane, theme, usize::from(cells));
    if !answers.is_empty() {
        lines.extend(answers);
        lines.push(Line::default());
    }
    if let Some(reply) = pane.attempt.ended.reply() {
        lines.extend(headers(model, pane, reply, theme, room));
        lines.push(Line::default());
    }
    lines
}

/// Facts on the attempt: file, endpoint, contents, outcome.
fn facts(model: &Model, pane: &ResultPane, theme: &Theme, room: usize) -> Vec<Line<'static>> {
    let attempt = &pane.attempt;
    let (intent, all) = (&attempt.intent, attempt.intent.fingerprint.bytes);
    let mut lines = Vec::new();
    let mut fact = |label: &str, value: String| {
        lines.push(labelled(theme, label, [Span::raw(cut_middle(&value, room, theme.ellipsis()))]));
    };
    if let Some(how) = to_open_file(model, pane) {
        fact("attempt", format!("{}, {how}", attempt.id));
    }
    fact("file", intent.file.clone());
    fact("to", went_to(attempt));
    fact("sha-256", intent.fingerprint.hex());
    let (reply, rows) = (attempt.ended.reply(), counted(intent.rows.into(), "row"));
    match attempt.outcome {
        // What has left is not known before it ends.
        _ if attempt.under_way => fact("rows", rows),
        Outcome::Unknown => {
            let status =
                reply.map_or_else(|| "no status line read".to_owned(), |r| format!("status {} read", r.status));
            let sent = thousands(attempt.ended.sent.min(all));
            fact("sent", format!("{rows}, {sent} of {}, {status}", exact_bytes(all)));
        }
        Outcome::NotSent => fact("not sent", format!("{rows}, {}", exact_bytes(all))),
        Outcome::Accepted | Outcome::Refused => fact("sent", format!("{rows}, {}", exact_bytes(all))),
    }
    if reply.is_some_and(|reply| matches!(reply.about(), About::Key | About::Forbidden | About::Plan)) {
        fact("key", intent.key_origin.clone());
    }
    if let Some(cause) = attempt.ended.cause().filter(|_| !attempt.under_way) {
        fact("cause", cause);
    }
    if attempt.outcome != Outcome::Accepted
        && let Some(error) = reply.and_then(|reply| reply.vendor_error())
    {
        match (error.code, error.message) {
            (Some(code), _) => fact("code", code),
            (None, Some(message)) => fact("message", message),
            (None, None) => {}
        }
    }
    if let Some(tally) = attempt.tally {
        fact("one by one", tally.in_short());
    }
    if let Some(said) = attempt.settled {
        fact("settled", format!("{}, {}", settled_words(said), model.now.tell(said.at_ms)));
    }
    let record = if attempt.under_way { started(model, attempt) } else { ended(model, attempt) };
    fact("record", format!("kept in the ledger, {}", model.now.tell(record.unix_ms)));
    lines
}

/// How the attempt relates to the open file; None when that holds the bytes that were sent, or is being compared.
fn to_open_file(model: &Model, pane: &ResultPane) -> Option<String> {
    match pane.open_file {
        OpenFile::Same | OpenFile::Looking => None,
        OpenFile::Changed => Some("of the open file, which holds other bytes now".to_owned()),
        OpenFile::Elsewhere => Some("of the open file, to another address than now".to_owned()),
        OpenFile::Other => {
            let open = model.file_name().unwrap_or_else(|| "no file".to_owned());
            Some(format!("of {}; open now is {open}", pane.file_name()))
        }
    }
}

/// The answers with which the operator can settle an unknown outcome, or correct that.
fn answers(model: &Model, pane: &ResultPane, theme: &Theme, cells: usize) -> Vec<Line<'static>> {
    let answer = |action, does: &str, meaning: &str| {
        pane.can(action).ok()?;
        let key = model.keymap.key_for(&[Scope::Settle, Scope::Result], action)?;
        let key = Span::styled(safe(&key).into_owned(), theme.key());
        let does = pad_to(&format!(" {does}"), 24_usize.saturating_sub(width(&key.content)));
        let meaning = cut_end(meaning, cells.saturating_sub(26), theme.ellipsis());
        Some(Line::from(vec![theme.bar(), Span::raw(" "), key, Span::raw(does), Span::raw(meaning)]))
    };
    let name = pane.file_name();
    let accepted = answer(Action::ItWasAccepted, " it was accepted", &format!("{name} counts as sent"));
    let not = answer(Action::ItWasNot, " it was not", &format!("{name} can be sent again"));
    let said: Vec<Line<'_>> = accepted.into_iter().chain(not).collect();
    if pane.is_gone() || pane.attempt.is_row_by_row() {
        let meaning = match pane.is_gone() {
            true => "one POST /tasks for each row; a gate comes first",
            false => "the rows that were not sent; a gate comes first",
        };
        let rows = answer(Action::RowByRow, " row by row", meaning);
        let back = rows.is_some().then(|| answer(Action::Back, "back", "")).flatten();
        return rows.into_iter().chain(back).collect();
    }
    if said.is_empty() || pane.attempt.settled.is_some() {
        return said;
    }
    let later = answer(Action::Back, "decide later", "sending again asks for words, also after a restart");
    let since = format!("what the service made since {}", model.now.tell(pane.attempt.intent.started_ms));
    let look = answer(Action::Follow, " look for its tasks", &since);
    look.into_iter().chain(said).chain(later).collect()
}

/// A few headers of an accepted upload, else their number; all of them on request.
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
        if !reply.headers.is_empty()
            && !pane.all_headers
            && let Some(key) = model.keymap.key_for(&[Scope::Result], Action::Headers)
        {
            value.extend([Span::raw("   "), Span::styled(key, theme.key()), Span::raw(" shows them")]);
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

/// A line of the reply's body; the first has a label, and size and kind of the body.
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

/// The latest uploads of the same file, marking those with the same bytes.
fn of_this_file(model: &Model, pane: &ResultPane, theme: &Theme, most: usize) -> Vec<Line<'static>> {
    let intent = &pane.attempt.intent;
    let line = |(at, attempt): (usize, &Attempt)| {
        let label = pad_to(if at == 0 { "of this file" } else { "" }, VALUE_AT);
        let started = started(model, attempt);
        let time = pad_to(&format!("{} {}", started.short_date(), started.clock()), 17);
        let mut line = Line::from(vec![Span::styled(label, theme.dim()), Span::raw(time)]);
        let outcome = outcome_line(attempt, theme);
        let blanks = 16_usize.saturating_sub(line_width(&outcome).into());
        line.spans.extend(outcome.spans);
        line.push_span(" ".repeat(blanks));
        line.push_span(pad_to(&counted(attempt.intent.rows.into(), "row"), 14));
        let same = match () {
            () if attempt.id == pane.attempt.id => "   this one",
            () if attempt.intent.fingerprint == intent.fingerprint => "   the same bytes",
            () => "",
        };
        line.push_span(format!("sha-256 {}{same}", short_hash(attempt)));
        line
    };
    let of_it = pane.earlier.iter().filter(|attempt| attempt.intent.file == intent.file);
    of_it.enumerate().take(most.min(8)).map(line).collect()
}
