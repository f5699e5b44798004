//! Draws the log: earlier uploads of all files from the ledger, newest first, and the selected one in full.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::text::{Line, Span};
use std::time::Duration;

use super::body::{VALUE_AT, counted, head, labelled, marked, place_in, told, window, write, write_lines};
use super::frame::{Title, line_width, rect, titled_rule};
use super::send::{ended, host, outcome_line, short_hash, started, went_to};
use super::text::{cut_end, cut_middle, exact_bytes, pad_left, thousands, took, width};
use super::theme::{Mark, Theme};
use crate::app::action::Action;
use crate::app::layout::{Area, Layout};
use crate::app::message::Message;
use crate::app::model::Model;
use crate::app::screens::Log;
use crate::app::scroll::Scroll;
use crate::app::session::file_name;
use crate::domain::follow::State;
use crate::domain::outcome::{Attempt, Followed, How, settled_words};
use std::path::Path;

/// Widths of a time, of a time without seconds for narrow windows, and of an outcome, in cells.
const TIME: u16 = 15;
const SHORT_TIME: u16 = 12;
const OUTCOME: u16 = 14;
/// Digits of the hash that are shown.
const HASH: u16 = 8;
/// Window widths from which the hash is shown, and the endpoint and what became of the rows, too.
const HASH_FROM: u16 = 76;
const ADDRESS_FROM: u16 = 109;
const ADDRESS: u16 = 17;
const SINCE: u16 = 22;

pub fn draw(model: &Model, screen: &Log, layout: &Layout, theme: &Theme, frame: &mut Frame<'_>) {
    let buffer = frame.buffer_mut();
    let (all, shown) = (screen.attempts.as_deref().unwrap_or_default(), screen.shown());
    let phrase = match (all.len(), shown.len()) {
        (0, _) => String::new(),
        (all, shown) if all == shown => format!("{} from this machine, newest first", counted(all as u64, "attempt")),
        (all, shown) => format!("{} of {}, newest first", thousands(shown as u64), counted(all as u64, "attempt")),
    };
    let cursor = screen.scroll.cursor.min(shown.len().saturating_sub(1));
    let right = match shown.len() {
        0 => String::new(),
        len => place_in(Scroll { cursor, ..screen.scroll }, len, list_lines(layout, len)),
    };
    let title = Title { name: "log", phrase: &phrase, phrase_at: Title::PHRASE_AT, right: &right };
    head(buffer, layout, theme, layout.body, &title, "");

    let area = Area { width: layout.body.width.saturating_sub(1), ..layout.body };
    let Some(chosen) = shown.get(cursor) else {
        let cells = usize::from(area.width).saturating_sub(1);
        let said = match (&screen.fault, &screen.attempts) {
            (Some(fault), _) => vec![marked(theme, Mark::Error, &format!("the ledger can't be read: {fault}"))],
            (None, None) => vec![marked(theme, Mark::Checking, "reading the ledger")],
            (None, Some(all)) if all.is_empty() => vec![Line::raw("Nothing was sent from this machine.")],
            (None, Some(_)) => {
                let text = format!("No attempt matches {}.", screen.filter.text().trim());
                told(model, theme, Mark::Note, &Message::plain(text).offer(Action::Back, "clears the filter"), cells)
            }
        };
        write_lines(buffer, area, &said);
        return;
    };
    let columns = Columns::of(all, area.width);
    columns.write(
        buffer,
        area,
        area.y,
        &["#", "sent", "outcome", "rows", "file", "address", "sha-256", "since then"]
            .map(|heading| Line::styled(heading, theme.dim())),
    );
    let lines = list_lines(layout, shown.len());
    let list = Area { y: area.y + 1, height: lines, ..area };
    let scroll = Scroll { cursor, ..screen.scroll };
    for (y, at) in (list.y..list.bottom()).zip(window(scroll, shown.len(), lines)) {
        let Some(attempt) = shown.get(at) else { break };
        columns.write(buffer, area, y, &cells_of(model, attempt, &columns, theme));
        if at == cursor {
            theme.stand_out(buffer, rect(Area { y, height: 1, ..area }));
            write(buffer, area, y, 0, theme.bar());
        }
    }
    let rule = list.bottom();
    titled_rule(buffer, layout, theme, rule, &format!("attempt {}", chosen.id), "", false);
    let below = Area { y: rule + 1, height: layout.body.bottom().saturating_sub(rule + 1), ..layout.body };
    write_lines(buffer, below, &spelled_out(model, chosen, theme, below));
}

/// Lines of the list of attempts: as many as it has, and two for rhythm, where the window has room.
fn list_lines(layout: &Layout, attempts: usize) -> u16 {
    Log::list_lines(layout.body.height).min(u16::try_from(attempts).unwrap_or(u16::MAX).saturating_add(2))
}

/// Widths of the columns in cells. Numbers fit the longest one, the file gets the rest; a column of width 0 is hidden.
struct Columns {
    number: u16,
    time: u16,
    rows: u16,
    file: u16,
    address: u16,
    hash: u16,
    since: u16,
}

impl Columns {
    fn of(all: &[Attempt], width: u16) -> Columns {
        let longest = |least: usize, text: &dyn Fn(&Attempt) -> String| {
            let longest = all.iter().map(|attempt| text(attempt).len()).max().unwrap_or(0).max(least);
            u16::try_from(longest).unwrap_or(u16::MAX)
        };
        let number = longest(3, &|attempt| attempt.id.to_string());
        let rows = longest(7, &|attempt| thousands(attempt.intent.rows.into()));
        let hash = if width >= HASH_FROM { HASH } else { 0 };
        let address = if width >= ADDRESS_FROM { ADDRESS } else { 0 };
        let since = if width >= ADDRESS_FROM { SINCE } else { 0 };
        let time = if hash > 0 { TIME } else { SHORT_TIME };
        let mut columns = Columns { number, time, rows, file: 0, address, hash, since };
        let taken: u16 = columns.cells().iter().filter(|cells| **cells > 0).map(|cells| cells + 2).sum();
        // Nothing follows the last one.
        columns.file = width.saturating_sub(2 + taken).max(8);
        columns
    }

    /// In display order.
    fn cells(&self) -> [u16; 8] {
        [self.number, self.time, OUTCOME, self.rows, self.file, self.address, self.hash, self.since]
    }

    fn write(&self, buffer: &mut Buffer, area: Area, y: u16, texts: &[Line<'static>; 8]) {
        let mut x = 2;
        for (at, (cells, text)) in self.cells().into_iter().zip(texts).enumerate().filter(|(_, (cells, _))| *cells > 0)
        {
            // Numbers are right-aligned.
            let indent = if matches!(at, 0 | 3) { cells.saturating_sub(line_width(text)) } else { 0 };
            let end = (x + cells).min(area.width);
            write(buffer, Area { width: end, ..area }, y, x + indent, text.clone());
            x += cells + 2;
        }
    }
}

fn cells_of(model: &Model, attempt: &Attempt, columns: &Columns, theme: &Theme) -> [Line<'static>; 8] {
    let (intent, at) = (&attempt.intent, started(model, attempt));
    let cut = |text: &str, cells: u16| Line::raw(cut_middle(text, cells.into(), theme.ellipsis()));
    [
        Line::styled(attempt.id.to_string(), theme.dim()),
        // The short column cuts the seconds.
        Line::raw(format!("{} {}", pad_left(&at.short_date(), 6), at.clock())),
        outcome_line(attempt, theme),
        Line::raw(thousands(intent.rows.into())),
        cut(&file_name(Path::new(&intent.file)), columns.file),
        cut(host(&intent.address), columns.address),
        Line::raw(short_hash(attempt)),
        Line::raw(cut_end(&since_in_short(attempt, theme), columns.since.into(), theme.ellipsis())),
    ]
}

/// `8,411 ready, 31 failed`; a dash where nothing was accepted.
fn since_in_short(attempt: &Attempt, theme: &Theme) -> String {
    match &attempt.followed {
        Some(followed) => followed.in_short(),
        None if attempt.blocks() => "not followed".to_owned(),
        None => theme.not_known().to_owned(),
    }
}

/// The selected attempt in full, the most important lines first in case the rest is cut.
fn spelled_out(model: &Model, attempt: &Attempt, theme: &Theme, area: Area) -> Vec<Line<'static>> {
    let intent = &attempt.intent;
    let room = usize::from(area.width).saturating_sub(VALUE_AT + 2);
    let fact =
        |label: &str, value: &str| labelled(theme, label, [Span::raw(cut_middle(value, room, theme.ellipsis()))]);
    let at = started(model, attempt);
    let sent = format!(
        "{} {} {}, {}, {}",
        at.day(),
        at.year(),
        at.clock(),
        counted(intent.rows.into(), "row"),
        exact_bytes(intent.fingerprint.bytes)
    );
    let outcome = came_to(model, attempt, room);
    let outcome = labelled(theme, "outcome", [Span::raw(cut_end(&outcome, room, theme.ellipsis()))]);
    let word = attempt.settled.map(|said| format!("{}, {}", settled_words(said), model.now.tell(said.at_ms)));
    let word = word.map(|word| fact("settled", &word));
    let (sent, hash, key) =
        (fact("sent", &sent), fact("sha-256", &intent.fingerprint.hex()), fact("key", &intent.key_origin));
    let mut lines = vec![fact("file", &intent.file), fact("to", &went_to(attempt))];
    if area.width >= ADDRESS_FROM {
        lines.extend([sent, hash, outcome]);
        lines.extend(word);
        lines.extend([key, Line::default()]);
        lines.extend(since_spelled_out(model, attempt, theme));
        return lines;
    }
    lines.extend([hash, outcome]);
    lines.extend(word);
    if attempt.blocks() {
        let since = attempt.followed.as_ref().map_or_else(
            || "not followed".to_owned(),
            |followed| format!("{}; asked {}", since_then(followed), model.now.tell(followed.asked_ms)),
        );
        lines.push(labelled(theme, "since then", [Span::raw(cut_end(&since, room, theme.ellipsis()))]));
    }
    lines.extend([sent, key]);
    lines
}

/// Each count with its sign, and when that was asked: `✓ ready 8,411   ✗ failed 31`.
fn since_spelled_out(model: &Model, attempt: &Attempt, theme: &Theme) -> Vec<Line<'static>> {
    if !attempt.blocks() {
        return Vec::new();
    }
    let Some(followed) = &attempt.followed else {
        return vec![labelled(theme, "since then", [Span::raw("not followed")])];
    };
    let counts = &followed.counts;
    let all = [
        (counts.ready(), Mark::Ok, "ready"),
        (counts.failed(), Mark::Error, "failed"),
        (counts.running(), Mark::Checking, "running"),
        (counts.unclear(), Mark::Unknown, "unclear"),
        (counts.no_task(), Mark::Missing, State::NoTask.word(followed.settled)),
    ];
    let mut value = Vec::new();
    for (rows, mark, word) in all.into_iter().filter(|(rows, ..)| *rows > 0) {
        if !value.is_empty() {
            value.push(Span::raw("   "));
        }
        value.extend([theme.mark(mark), Span::raw(format!(" {word} {}", thousands(rows.into())))]);
    }
    let stopped = if followed.settled { "" } else { "; following stopped when you left it" };
    let asked = format!("asked {}{stopped}", model.now.tell(followed.asked_ms));
    vec![labelled(theme, "since then", value), labelled(theme, "", [Span::raw(asked)])]
}

/// `8,411 ready, 31 failed, 6 unclear, 1,876 without a task`, which once it has settled are `not seen`.
fn since_then(followed: &Followed) -> String {
    let lacks_task = if followed.settled { "not seen" } else { "without a task" };
    let others = [(followed.counts.unclear(), "unclear"), (followed.counts.no_task(), lacks_task)];
    let others = others.into_iter().filter(|(rows, _)| *rows > 0);
    let others: String = others.map(|(rows, word)| format!(", {} {word}", thousands(rows.into()))).collect();
    followed.in_short() + &others
}

/// `accepted 14:03:09, 204 No Content, 1.8 s`
fn came_to(model: &Model, attempt: &Attempt, room: usize) -> String {
    if attempt.under_way {
        return "under way: it was begun and has not ended".to_owned();
    }
    let word = attempt.outcome.code().replace('_', " ");
    let at = model.now.tell(ended(model, attempt).unix_ms);
    if let Some(tally) = attempt.tally {
        let by_word = match tally.by_word {
            0 => String::new(),
            rows => format!(" ({} by your word)", thousands(rows)),
        };
        let short = tally.in_short().replacen(" accepted", &format!(" accepted{by_word}"), 1);
        let whole = format!("row by row: {short}, until {at}");
        let shorter = format!("{short}, until {at}");
        return [whole, shorter].into_iter().find(|words| width(words) <= room).unwrap_or(short);
    }
    let why =
        attempt.ended.reply().map(|reply| reply.status_line()).or_else(|| attempt.ended.cause()).unwrap_or_default();
    match attempt.ended.how {
        // Nobody knows when it ended.
        How::Interrupted => format!("{word}, {why}"),
        _ => format!("{word} {at}, {why}, {}", took(Duration::from_millis(attempt.ended.took_ms))),
    }
}
