//! Draws a receipt in words, and from thirty lines on the beginning of the file that it can be saved as.

use ratatui::Frame;
use ratatui::text::{Line, Span};

use super::body::{VALUE_AT, apart, counted, head, labelled, marked, write_lines};
use super::frame::Title;
use super::text::{cut_end, cut_middle, exact_bytes, thousands, width};
use super::theme::{Mark, Theme};
use crate::app::layout::{Area, Layout};
use crate::app::model::Model;
use crate::app::msg::{ReceiptRead, ReceiptVerdict};
use crate::app::screens::ReceiptPane;
use crate::domain::receipt::{FollowedRows, Receipt, RowOutcomes, RowsAsSent};

/// From this height on, the file's beginning is shown.
const FILE_FROM: u16 = 30;
/// Lines of it.
const FILE_LINES: usize = 8;
/// Rows that differ and are named.
const NAMED: usize = 8;
/// Digits of the checksum, and of a hash inside the file.
const CHECKSUM: usize = 8;
const HASH: usize = 16;
/// A file's name keeps this many cells in the verdict.
const NAME: usize = 16;

const NEVER: &str = "the API key, presigned links, cookies, text of transcripts";

pub fn draw(model: &Model, pane: &ReceiptPane, layout: &Layout, theme: &Theme, frame: &mut Frame<'_>) {
    let right = pane.place.map(|(at, of)| format!("{} of {}", thousands(at as u64), thousands(of as u64)));
    let right = right.unwrap_or_default();
    let cells = layout.body.width.saturating_sub(2);
    let (phrase, lines) = match &pane.read {
        None => (String::new(), vec![marked(theme, Mark::Checking, "reading the receipt")]),
        Some(Err(fault)) => (String::new(), vec![marked(theme, Mark::Error, fault)]),
        Some(Ok(read)) => {
            let receipt = &read.receipt;
            let attempt = format!("attempt {}, ", receipt.attempt);
            let began = format!(", {}", told(model, &receipt.began));
            let taken = usize::from(Title::PHRASE_AT) + width(&attempt) + width(&began) + right.len() + 3;
            let room = usize::from(layout.headings.width).saturating_sub(taken);
            let name = cut_middle(&receipt.file.name, room, theme.ellipsis());
            let mut lines = facts(model, pane, read, theme, cells);
            if layout.window.height >= FILE_FROM {
                lines.push(Line::default());
                lines.extend(as_a_file(&read.text, theme, cells));
            }
            (format!("{attempt}{name}{began}"), lines)
        }
    };
    let title = Title { name: "receipt", phrase: &phrase, phrase_at: Title::PHRASE_AT, right: &right };
    head(frame.buffer_mut(), layout, theme, layout.body, &title, "");
    write_lines(frame.buffer_mut(), Area { ..layout.body }, &lines);
}

fn facts(model: &Model, pane: &ReceiptPane, read: &ReceiptRead, theme: &Theme, cells: u16) -> Vec<Line<'static>> {
    let receipt = &read.receipt;
    let room = usize::from(cells).saturating_sub(VALUE_AT);
    let fact = |label: &str, text: String| labelled(theme, label, [Span::raw(cut_end(&text, room, theme.ellipsis()))]);
    let mut lines = vec![verdict(pane, read, theme, cells), Line::default()];
    if let ReceiptVerdict::Other(Some(rows)) = &read.verdict
        && !rows.differ.is_empty()
    {
        lines.push(fact("differ", differing(rows)));
    }
    let size = format!(", {}", exact_bytes(receipt.file.bytes));
    let path = read.file.as_ref().unwrap_or(&receipt.file.name);
    let path = cut_middle(path, room.saturating_sub(size.len()), theme.ellipsis());
    lines.push(labelled(theme, "file", [Span::raw(format!("{path}{size}"))]));
    lines.push(labelled(theme, "sha-256", [Span::raw(cut_middle(&receipt.file.sha256, room, theme.ellipsis()))]));
    let mut to = Vec::new();
    let mut left = room;
    if let Some(profile) = &receipt.profile {
        let profile = cut_end(profile, 16, theme.ellipsis());
        left = left.saturating_sub(width(&profile) + 2);
        to.extend([Span::styled(profile, theme.bold()), Span::raw("  ")]);
    }
    to.push(Span::raw(cut_middle(&receipt.address, left, theme.ellipsis())));
    lines.push(labelled(theme, "to", to));
    lines.push(fact("rows", rows(receipt)));
    lines.push(fact("times", times(model, receipt)));
    lines.push(fact("outcome", outcome(receipt)));
    if !receipt.headers.is_empty() {
        lines.push(fact("headers", header_names(receipt)));
    }
    if let Some(changed) = changed(receipt) {
        lines.push(fact("changed", changed));
    }
    if let Some(followed) = &receipt.followed {
        lines.push(fact("followed", since(model, followed)));
    }
    lines.push(Line::default());
    lines.push(fact("never in it", NEVER.to_owned()));
    let checksum = receipt.checksum.get(..CHECKSUM).unwrap_or(&receipt.checksum);
    lines.push(fact("checksum", format!("{checksum}, of the receipt itself: shows damage, proves no author")));
    lines
}

fn verdict(pane: &ReceiptPane, read: &ReceiptRead, theme: &Theme, cells: u16) -> Line<'static> {
    let name = &read.name;
    let is_by_row = read.receipt.row_outcomes.is_some_and(|rows| rows.not_sent + rows.cannot_go > 0);
    // From the longest words to the shortest: facts are never cut for the time or a long name.
    let (mark, word, words) = match &read.verdict {
        ReceiptVerdict::Same if is_by_row => {
            (Mark::Ok, "SAME BYTES", vec![("{} on disk is the file these rows came from".to_owned())])
        }
        ReceiptVerdict::Same => (Mark::Ok, "SAME BYTES", vec!["{} on disk is what was sent".to_owned()]),
        ReceiptVerdict::Other(Some(rows)) if read.is_given => {
            let rows = rows.words();
            (
                Mark::Warning,
                "OTHER BYTES",
                vec![format!("{{}} holds other bytes: {rows}"), format!("{{}}: {rows}"), rows],
            )
        }
        ReceiptVerdict::Other(Some(rows)) => {
            let rows = rows.words();
            let words = vec![format!("{{}} was changed since: {rows}"), format!("{{}}: {rows}"), rows];
            (Mark::Warning, "OTHER BYTES", words)
        }
        ReceiptVerdict::Other(None) if read.is_given => {
            (Mark::Warning, "OTHER BYTES", vec!["{} holds other bytes".to_owned()])
        }
        ReceiptVerdict::Other(None) => (Mark::Warning, "OTHER BYTES", vec!["{} was changed since".to_owned()]),
        ReceiptVerdict::NoFile => {
            let words = ["{} is not there; the receipt stands by itself", "{} is not there"];
            (Mark::Excluded, "NO FILE", words.map(str::to_owned).to_vec())
        }
        ReceiptVerdict::Damaged => {
            let words =
                ["the receipt's own checksum does not fit; it was edited or cut", "its own checksum does not fit"];
            (Mark::Error, "DAMAGED", words.map(str::to_owned).to_vec())
        }
    };
    let at = format!("read {}", pane.at.clock());
    let room = usize::from(cells).saturating_sub(word.len() + 6);
    let with_time = room.saturating_sub(at.len() + 2);
    // A name that is cut still tells itself apart from this many cells on.
    let fit = |words: &String, room: usize, least: usize| {
        let left = room.checked_sub(width(words).saturating_sub(2 * usize::from(words.contains("{}"))))?;
        let name = cut_middle(name, left, theme.ellipsis());
        (!words.contains("{}") || left >= least).then(|| words.replace("{}", &name))
    };
    let longest = words.first().cloned().unwrap_or_default();
    let whole = width(name).max(1);
    let said = fit(&longest, with_time, whole).map(|said| (said, true));
    let said = said.or_else(|| fit(&longest, room, whole.min(NAME)).map(|said| (said, false)));
    let said = said.or_else(|| words.iter().find_map(|words| Some((fit(words, room, NAME.min(whole))?, false))));
    let (said, has_time) =
        said.unwrap_or_else(|| (words.last().map(|words| words.replace("{}", "")).unwrap_or_default(), false));
    let left = Line::from(vec![
        theme.mark(mark),
        Span::raw(" "),
        Span::styled(format!(" {word} "), theme.reversed().patch(theme.bold())),
        Span::raw(format!("  {}", cut_end(&said, room, theme.ellipsis()))),
    ]);
    if has_time { apart(left, Line::styled(at, theme.dim()), cells) } else { left }
}

/// `rows 4,711, 5,002`
fn differing(differ: &RowsAsSent) -> String {
    let named: Vec<String> = differ.differ.iter().take(NAMED).map(|row| thousands((*row).into())).collect();
    let noun = if differ.differ.len() == 1 { "row" } else { "rows" };
    let more = match differ.differ.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {} more", thousands(more as u64)),
    };
    format!("{noun} {}{more}", named.join(", "))
}

/// `12,468 of 12,480, 12 excluded, 3,112 without transcript`
fn rows(receipt: &Receipt) -> String {
    let sent = u64::from(receipt.rows.sent);
    let mut words = receipt.row_outcomes.map_or_else(|| as_a_whole(receipt, sent), |rows| of_file(&rows));
    match receipt.rows.without_transcript {
        Some(0) => words.push_str(", all with transcript"),
        Some(without) => words.push_str(&format!(", {} without transcript", thousands(without))),
        None => {}
    }
    words
}

/// `16 of 40 sent, 21 not sent, 3 cannot go`
fn of_file(rows: &RowOutcomes) -> String {
    let others = [(rows.not_sent, "not sent"), (rows.cannot_go, "cannot go")];
    let all = rows.sent() + rows.not_sent + rows.cannot_go;
    let others = others.into_iter().filter(|(count, _)| *count > 0);
    let others: String = others.map(|(count, word)| format!(", {} {word}", thousands(count))).collect();
    format!("{} of {} sent{others}", thousands(rows.sent()), thousands(all))
}

fn as_a_whole(receipt: &Receipt, sent: u64) -> String {
    match receipt.rows.excluded {
        Some(excluded) if excluded > 0 => {
            format!("{} of {}, {} excluded", thousands(sent), thousands(sent + excluded), thousands(excluded))
        }
        _ => thousands(sent),
    }
}

/// `began 14:03:07.112, ended 14:03:08.934, local, +01:00`
fn times(model: &Model, receipt: &Receipt) -> String {
    let clock = |text: &str| match model.now.of(text) {
        Some(at) => format!("{}.{:03}", at.clock(), at.unix_ms.rem_euclid(1_000)),
        None => text.to_owned(),
    };
    let ended = receipt.ended.as_ref().map_or_else(|| "not ended".to_owned(), |at| format!("ended {}", clock(at)));
    let minutes = model.now.offset_s / 60;
    let (sign, away) = (if minutes < 0 { '-' } else { '+' }, minutes.unsigned_abs());
    format!("began {}, {ended}, local, {sign}{:02}:{:02}", clock(&receipt.began), away / 60, away % 60)
}

/// `8,411 ready, 31 failed, 1,876 without a task; asked 14:58:12`; once it has settled those are `not seen`.
fn since(model: &Model, followed: &FollowedRows) -> String {
    let counts = [
        (followed.ready, "ready"),
        (followed.failed, "failed"),
        (followed.running, "running"),
        (followed.unclear, "unclear"),
        (followed.without_task, if followed.settled { "not seen" } else { "without a task" }),
    ];
    let counts = counts.into_iter().filter(|(count, _)| *count > 0);
    let told: Vec<String> = counts.map(|(count, word)| format!("{} {word}", thousands(count.into()))).collect();
    let at = model.now.of(&followed.asked).map_or_else(|| followed.asked.clone(), |at| model.now.tell(at.unix_ms));
    format!("{}; asked {at}", told.join(", "))
}

/// `accepted, 204 No Content, empty body`
fn outcome(receipt: &Receipt) -> String {
    if let Some(RowOutcomes { accepted, refused, unknown, by_word, .. }) = receipt.row_outcomes {
        let [accepted, refused, unknown] = [accepted, refused, unknown].map(thousands);
        let by_word = if by_word == 0 { String::new() } else { format!("; {} by your word", thousands(by_word)) };
        return format!("row by row: {accepted} accepted, {refused} refused, {unknown} unknown{by_word}");
    }
    let mut words = vec![receipt.outcome_words()];
    match (receipt.status, &receipt.cause) {
        (Some(status), _) => {
            words.push(format!("{status} {}", receipt.reason.as_deref().unwrap_or_default()).trim_end().to_owned());
            words.push(match receipt.body.bytes {
                0 => "empty body".to_owned(),
                bytes => format!("body of {}", exact_bytes(bytes)),
            });
        }
        (None, Some(cause)) => words.push(format!("no reply: {cause}")),
        (None, None) => words.push("no reply".to_owned()),
    }
    words.join(", ")
}

/// `date, x-api-version, x-ratelimit-limit, -remaining, -reset`
fn header_names(receipt: &Receipt) -> String {
    let mut names: Vec<String> = Vec::new();
    let mut stem = "";
    for (name, _) in &receipt.headers {
        let own = name.rfind('-').map_or("", |at| name.get(..at).unwrap_or_default());
        // One letter before a dash, as in x-…, is no common name.
        let is_like = own.len() > 2 && own == stem;
        names.push(if is_like { name.get(own.len()..).unwrap_or_default().to_owned() } else { name.clone() });
        stem = own;
    }
    names.join(", ")
}

/// `37 since the export: 31 filled, 4 changed, 2 excluded`
fn changed(receipt: &Receipt) -> Option<String> {
    let changed = receipt.changed.as_ref()?;
    let counts = [
        (changed.filled, "filled"),
        (changed.changed, "changed"),
        (changed.cleared, "cleared"),
        (changed.excluded, "excluded"),
    ];
    let all: u64 = counts.iter().map(|(count, _)| count).sum();
    let told: Vec<String> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{} {word}", thousands(*count)))
        .collect();
    Some(format!("{} since the export: {}", thousands(all), told.join(", ")))
}

fn as_a_file(text: &str, theme: &Theme, cells: u16) -> Vec<Line<'static>> {
    let room = usize::from(cells).saturating_sub(VALUE_AT);
    let all = text.lines().count();
    let mut lines: Vec<Line<'static>> = text
        .lines()
        .take(FILE_LINES)
        .enumerate()
        .map(|(at, line)| {
            let line = cut_end(&short_hashes(line, theme), room, theme.ellipsis());
            labelled(theme, if at == 0 { "as a file" } else { "" }, [Span::raw(line)])
        })
        .collect();
    if all > FILE_LINES {
        let more = format!("  {} and {}", theme.ellipsis(), counted((all - FILE_LINES) as u64, "more line"));
        lines.push(labelled(theme, "", [Span::styled(more, theme.dim())]));
    }
    lines
}

/// A SHA-256 would fill the line.
fn short_hashes(line: &str, theme: &Theme) -> String {
    let mut parts: Vec<String> = Vec::new();
    for part in line.split('"') {
        let is_hash = part.len() == 64 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
        parts.push(match part.get(..HASH).filter(|_| is_hash) {
            Some(start) => format!("{start}{}", theme.ellipsis()),
            None => part.to_owned(),
        });
    }
    parts.join("\"")
}

/// `Mon 23 Nov 14:03:07`
fn told(model: &Model, at: &str) -> String {
    model.now.of(at).map_or_else(|| at.to_owned(), |at| format!("{} {}", at.day(), at.clock()))
}
