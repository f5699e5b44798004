//! Draws the sources of transcript S3 keys: one line each, what was not understood in them, and the question of a
//! table; in `add`, the screen that adds one.

mod add;

pub use add::draw as draw_add;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::text::{Line, Span};

use crate::app::action::Action;
use crate::app::jobs::Task;
use crate::app::layout::{Area, Layout, Side};
use crate::app::model::Model;
use crate::app::msg::Moment;
use crate::app::screens::Keys;
use crate::app::screens::keys::NUMBERED;
use crate::app::session::{Asks, KeySource, Session, SourceState};
use crate::domain::format::counted;
use crate::domain::keys::{End, Source, Summary, TableColumn, WhichColumns};
use crate::ui::body::{head, key_and, more, window, write, write_right};
use crate::ui::frame::{Title, pane_title, rect, titled_rule};
use crate::ui::text::{cut_end, cut_middle, pad_to, safe, thousands, wrap};
use crate::ui::theme::{Mark, Theme};

/// Columns of a source's name, and of the format it was read as.
const NAME_AT: u16 = 4;
const SHAPE_AT: u16 = 29;
/// From this width on, the format is shown.
const WITH_SHAPE: u16 = 66;
/// The time of a reading older than this, in milliseconds, is dim.
const OLD_MS: i64 = 24 * 60 * 60 * 1_000;

pub fn draw(model: &Model, screen: &Keys, layout: &Layout, theme: &Theme, frame: &mut Frame<'_>) {
    let Some(session) = model.session() else { return };
    let buffer = frame.buffer_mut();
    let all = session.keys.all.as_slice();
    let panes = layout.keys(u16::try_from(all.len() + 1).unwrap_or(u16::MAX));
    let is_settled = !model.jobs.reads_keys() && !model.jobs.has(Task::Gather);
    let phrase = sums(session, is_settled, layout.window.width < 70);
    let title = Title { name: "keys", phrase: &phrase, phrase_at: Title::PHRASE_AT, right: "" };
    let main = Area { y: layout.body.y, ..panes.list };
    head(buffer, layout, theme, main, &title, "");

    let lines = Lines { theme, model, columns: Columns::of(panes.list.width, layout.window.width) };
    lines.headings(buffer, Area { y: layout.body.y, height: 1, ..panes.list });
    let seen = window(screen.scroll, all.len() + 1, panes.list.height);
    for (y, at) in (panes.list.y..panes.list.bottom()).zip(seen.clone()) {
        let row = Area { y, height: 1, ..panes.list };
        match all.get(at) {
            Some(source) => lines.source(buffer, row, source),
            None => write(buffer, row, y, 1, "+ add a source"),
        }
        if at == screen.scroll.cursor {
            theme.stand_out(buffer, rect(row));
            write(buffer, row, y, 0, theme.bar());
        }
    }
    let goes_on = more(seen.start > 0, seen.end < all.len() + 1).trim_start_matches(", ");
    write_right(
        buffer,
        layout.rule,
        layout.rule.y,
        panes.list.right().saturating_sub(2),
        Line::styled(pad(goes_on), theme.dim()),
    );

    let in_hand = screen.in_hand(session);
    let beside = matches!(panes.side, Side::Beside(_));
    let others = all.iter().filter(|source| in_hand.is_none_or(|hand| hand.id != source.id));
    doubts(buffer, theme, others, panes.doubts, beside);
    let Some(source) = in_hand else { return };
    let (name, shape) = (source.name(), shape(source));
    let area = match panes.side {
        Side::Beside(area) => {
            pane_title(buffer, layout, theme, area, &name, &shape, true);
            area
        }
        Side::Below { rule, area } => {
            titled_rule(buffer, layout, theme, rule, &name, "", true);
            Area { x: 1, width: area.width.saturating_sub(2), ..area }
        }
        Side::Hidden => return,
    };
    let told = match screen.columns(session) {
        Some(which) => question(model, theme, screen, which, area),
        None => facts(model, theme, source, usize::from(area.width)),
    };
    for (y, line) in (area.y..area.bottom()).zip(told) {
        write(buffer, area, y, area.x, line);
    }
}

fn pad(words: &str) -> String {
    if words.is_empty() { String::new() } else { format!(" {words} ") }
}

/// `11,206 from 3 sources, 10,914 are transcripts`
fn sums(session: &Session, is_settled: bool, is_narrow: bool) -> String {
    let in_use: Vec<[u64; 2]> = session.keys.all.iter().filter_map(in_use).collect();
    let sources = in_use.len() as u64;
    let [keys, usable] = in_use.iter().fold([0, 0], |[keys, usable], it| [keys + it[0], usable + it[1]]);
    if session.keys.all.is_empty() {
        return "no source yet".to_owned();
    }
    if !session.keys.is_used() {
        return format!("{} of an earlier session, none read yet", counted(session.keys.all.len() as u64, "source"));
    }
    if in_use.is_empty() {
        return "no source is read".to_owned();
    }
    // Keys that are still being read are not held against the others yet.
    let once = if is_settled { u64::from(session.keys.list.len()).min(usable) } else { usable };
    // Pairs of a table name keys that lists have, too.
    let has_tables = session.keys.all.iter().any(|source| !source.given.is_empty());
    let repeats =
        if usable > once && !has_tables { format!(", {}", counted(usable - once, "repeat")) } else { String::new() };
    if is_narrow {
        return format!("{} from {sources}, {} usable{repeats}", thousands(keys), thousands(once));
    }
    let are = if once == 1 { "1 is a transcript".to_owned() } else { format!("{} are transcripts", thousands(once)) };
    format!("{} from {}, {are}{repeats}", thousands(keys), counted(sources, "source"))
}

/// The keys and the usable ones of a source that was read in this session, or is being read.
fn in_use(source: &KeySource) -> Option<[u64; 2]> {
    match &source.state {
        SourceState::Reading(so_far) => {
            let usable = u64::from(source.list.len().max(so_far.list.len()));
            Some([usable, usable])
        }
        SourceState::Read { summary, .. } => {
            Some([summary.keys + summary.given, summary.usable + source.table.given.len() as u64])
        }
        SourceState::Known(_) | SourceState::Refused(_) => None,
    }
}

/// Positions of the columns; None for those that do not fit.
struct Columns {
    shape: Option<u16>,
    keys: u16,
    usable: u16,
    read: Option<u16>,
}

impl Columns {
    fn of(width: u16, window: u16) -> Columns {
        if width < window {
            // Beside a pane, the time is in the column of the format.
            return Columns { shape: Some(SHAPE_AT), keys: width - 9, usable: width - 1, read: None };
        }
        let end = width.saturating_sub(2);
        Columns {
            shape: (width >= WITH_SHAPE).then_some(SHAPE_AT),
            keys: end.saturating_sub(18),
            usable: end.saturating_sub(10),
            read: Some(end),
        }
    }
}

struct Lines<'a> {
    theme: &'a Theme,
    model: &'a Model,
    columns: Columns,
}

impl Lines<'_> {
    fn headings(&self, buffer: &mut Buffer, row: Area) {
        let dim = |text: &'static str| Line::styled(text, self.theme.dim());
        write(buffer, row, row.y, NAME_AT, dim("source"));
        if let Some(x) = self.columns.shape {
            write(buffer, row, row.y, x, dim("read as"));
        }
        write_right(buffer, row, row.y, self.columns.keys, dim("keys"));
        write_right(buffer, row, row.y, self.columns.usable, dim("usable"));
        if let Some(end) = self.columns.read {
            write_right(buffer, row, row.y, end, dim("read"));
        }
    }

    fn source(&self, buffer: &mut Buffer, row: Area, source: &KeySource) {
        let (theme, Columns { shape: shape_at, keys, usable, read }) = (self.theme, &self.columns);
        let y = row.y;
        write(buffer, row, y, 2, sign(self.model, theme, source));
        let name_end = shape_at.unwrap_or(keys.saturating_sub(9)).saturating_sub(2);
        let name = cut_middle(&source.name(), usize::from(name_end.saturating_sub(NAME_AT)), theme.ellipsis());
        write(buffer, row, y, NAME_AT, name);
        let counts = counts(source).map(|count| count.map_or_else(|| theme.not_known().to_owned(), thousands));
        let [of_keys, of_usable] = &counts;
        if let Some(x) = *shape_at {
            let words = if read.is_some() { shape(source) } else { shape_and_time(source, self.model.now) };
            let room = usize::from(keys.saturating_sub(x + 2)).saturating_sub(of_keys.len());
            write(buffer, row, y, x, cut_end(&words, room, theme.ellipsis()));
        }
        write_right(buffer, row, y, *keys, of_keys.as_str());
        write_right(buffer, row, y, *usable, of_usable.as_str());
        if let Some(end) = *read {
            write_right(buffer, row, y, end, when(theme, source, self.model.now));
        }
    }
}

/// The mark of a source's state.
fn sign(model: &Model, theme: &Theme, source: &KeySource) -> Span<'static> {
    match &source.state {
        SourceState::Reading(_) => theme.spinner(model.ticks),
        SourceState::Known(_) if source.not_again.is_some() => theme.mark(Mark::Error),
        SourceState::Known(_) => theme.mark(Mark::Queued),
        SourceState::Refused(_) if source.asks().is_some() => theme.mark(Mark::Choice),
        SourceState::Refused(_) => theme.mark(Mark::Error),
        SourceState::Read { .. } if source.not_again.is_some() || source.table.is_doubtful() => {
            theme.mark(Mark::Warning)
        }
        SourceState::Read { summary, .. } if summary.end == End::Stopped => theme.mark(Mark::Excluded),
        SourceState::Read { summary, .. } if summary.is_doubtful() => theme.mark(Mark::Warning),
        SourceState::Read { .. } => theme.mark(Mark::Ok),
    }
}

fn shape(source: &KeySource) -> String {
    match &source.state {
        SourceState::Known(known) => known.shape.clone(),
        SourceState::Reading(_) => "reading".to_owned(),
        SourceState::Refused(_) => match source.asks() {
            Some(Asks::Columns(_)) => "table, columns?".to_owned(),
            Some(Asks::Place) => "whose names?".to_owned(),
            None => "refused".to_owned(),
        },
        SourceState::Read { summary, .. } if summary.end == End::Stopped => "stopped".to_owned(),
        SourceState::Read { summary, .. } => summary.shape.to_string(),
    }
}

/// The time and how it was read, for beside a pane, where the time has no column.
fn shape_and_time(source: &KeySource, now: Moment) -> String {
    match &source.state {
        SourceState::Read { summary, at } if summary.end != End::Stopped => {
            let word = if matches!(source.source, Source::Bucket(_)) { "listed" } else { "read" };
            let signed = matches!(summary.shape, crate::domain::keys::Shape::Bucket { signed: true });
            format!("{word} {}{}", now.tell(at.unix_ms), if signed { ", aws" } else { "" })
        }
        SourceState::Known(known) => format!("read {}", date(now, known.read_ms)),
        _ => shape(source),
    }
}

/// Number of S3 keys, and of usable ones.
fn counts(source: &KeySource) -> [Option<u64>; 2] {
    match &source.state {
        SourceState::Known(known) => [Some(known.keys), Some(known.usable)],
        SourceState::Reading(so_far) => [None, Some(so_far.list.len().into())],
        SourceState::Refused(_) => [None, None],
        SourceState::Read { .. } => in_use(source).map_or([None, None], |counts| counts.map(Some)),
    }
}

fn when(theme: &Theme, source: &KeySource, now: Moment) -> Line<'static> {
    let at = match &source.state {
        SourceState::Known(known) => known.read_ms,
        SourceState::Read { at, .. } => at.unix_ms,
        _ => return Line::raw(theme.not_known().to_owned()),
    };
    let is_old = now.unix_ms.saturating_sub(at) > OLD_MS;
    let style = if is_old { theme.dim() } else { theme.plain() };
    Line::styled(date(now, at), style)
}

/// `13:58` today, else `12 Nov`.
pub(super) fn date(now: Moment, unix_ms: i64) -> String {
    let at = now.at(unix_ms);
    if at.date() == now.date() { at.short_clock() } else { at.short_date() }
}

/// Draws what was not understood in the other sources: with `whole` a block for each, else a line.
fn doubts<'a>(
    buffer: &mut Buffer,
    theme: &Theme,
    sources: impl Iterator<Item = &'a KeySource>,
    area: Area,
    whole: bool,
) {
    let doubtful =
        sources.filter_map(|source| Some((source, source.summary().filter(|summary| summary.is_doubtful())?)));
    let mut y = area.y;
    for (source, summary) in doubtful {
        let mut line = vec![theme.mark(Mark::Warning), Span::raw(" ")];
        if !whole {
            let remark = summary.remarks().into_iter().next().unwrap_or_default();
            let room = usize::from(area.width.saturating_sub(5));
            line.push(Span::raw(cut_end(&format!("{}: {remark}", source.name()), room, theme.ellipsis())));
            write(buffer, area, y, 1, line);
            y += 1;
            continue;
        }
        line.push(Span::raw(safe(&format!("{}, as {}", source.name(), summary.shape)).into_owned()));
        write(buffer, area, y, 1, line);
        let told = remarks(summary, usize::from(area.width.saturating_sub(2)));
        for line in told {
            y += 1;
            write(buffer, area, y, 1, line);
        }
        y += 2;
    }
}

/// All remarks on a source that was read, with examples.
fn remarks(summary: &Summary, cells: usize) -> Vec<Line<'static>> {
    let mut lines: Vec<Line<'static>> = Vec::new();
    let not_keys = summary.not_keys.to_string();
    let others = summary.others.total();
    for remark in summary.remarks() {
        if summary.not_keys.count > 0 && remark == not_keys {
            let (are, keys) = if summary.not_keys.count == 1 { ("line is", "key") } else { ("lines are", "keys") };
            lines.push(Line::raw(format!("{} {are} no {keys}:", thousands(summary.not_keys.count))));
            for (line, text) in &summary.not_keys.first {
                lines.push(Line::raw(format!("{:>7}  \"{}\"", thousands(*line), safe(text))));
            }
            let left = summary.not_keys.count.saturating_sub(summary.not_keys.first.len() as u64);
            if left > 0 {
                lines.push(Line::raw(format!("{} more", thousands(left))));
            }
        } else if others > 0 && remark.starts_with("not usable") {
            let are = if others == 1 { "1 key is" } else { &format!("{} keys are", thousands(others)) };
            lines.push(Line::raw(format!("{are} no .srt or .vtt:")));
            let ends = summary.others.most_first().into_iter();
            let ends = ends.map(|(end, count)| {
                let end = if end.is_empty() { "no ending".into() } else { safe(end) };
                format!("{end} {}", thousands(count))
            });
            lines.extend(wrap(&ends.collect::<Vec<_>>().join("   "), cells).into_iter().map(Line::raw));
        } else {
            lines.extend(wrap(&remark, cells).into_iter().map(Line::raw));
        }
    }
    lines
}

/// The lines about the selected source.
fn facts(model: &Model, theme: &Theme, source: &KeySource, cells: usize) -> Vec<Line<'static>> {
    let said = |text: &str| wrap(text, cells).into_iter().map(Line::raw).collect::<Vec<_>>();
    let again = source.not_again.as_ref().map(|fault| said(&format!("Not read again: {fault}"))).unwrap_or_default();
    again
        .into_iter()
        .chain(match &source.state {
            SourceState::Known(known) => {
                let (keys, usable) = (counted(known.keys, "key"), thousands(known.usable));
                let keys =
                    format!("{keys}, {usable} usable when it was last read, {}.", date(model.now, known.read_ms));
                let mut lines = said(&keys);
                lines.push(Line::from(key_and(model, theme, Action::Accept, "reads it again")));
                lines
            }
            SourceState::Reading(so_far) => {
                let mut lines = said(&format!("{} so far.", counted(so_far.list.len().into(), "transcript")));
                lines.push(Line::from(key_and(model, theme, Action::Interrupt, "stops it and keeps them")));
                lines
            }
            SourceState::Refused(fault) => {
                let mut lines = match source.asks() {
                    Some(Asks::Place) => said("names are relative. Which prefix do they belong to?"),
                    _ => said(&fault.to_string()),
                };
                let does = if source.asks().is_some() { "takes the prefix" } else { "tries again" };
                lines.push(Line::from(key_and(model, theme, Action::Accept, does)));
                lines
            }
            SourceState::Read { summary, .. } => {
                let mut lines = remarks(summary, cells);
                if summary.given > 0 {
                    let words = format!("{} given, {}", counted(summary.given, "pair"), source.table.words());
                    lines.splice(0..0, said(&words));
                }
                if lines.is_empty() {
                    lines.push(Line::raw("every key is .srt or .vtt"));
                }
                lines
            }
        })
        .collect()
}

/// The question which column of a table has the videos, and which the transcripts.
fn question(model: &Model, theme: &Theme, screen: &Keys, which: &WhichColumns, area: Area) -> Vec<Line<'static>> {
    let cells = usize::from(area.width);
    let mut lines: Vec<Line<'static>> =
        wrap("Which column names the video, which the transcript?", cells).into_iter().map(Line::raw).collect();
    let columns: Vec<(usize, &TableColumn)> = (1..).zip(&which.columns).take(NUMBERED).collect();
    let room = usize::from(area.height).saturating_sub(lines.len() + 3);
    let name = |column: &TableColumn| safe(column.name.as_deref().unwrap_or("")).into_owned();
    let longest = columns.iter().map(|(_, column)| crate::ui::text::width(&name(column))).max().unwrap_or(0).min(16);
    for (number, column) in columns.iter().take(room) {
        let value = cut_end(&column.first, cells.saturating_sub(longest + 9), theme.ellipsis());
        let name = pad_to(&cut_end(&name(column), longest, theme.ellipsis()), longest);
        lines.push(Line::from(vec![
            Span::raw("  "),
            Span::styled(number.to_string(), theme.key()),
            Span::raw(format!("  {name}   {value}")),
        ]));
    }
    let (video, transcript) = screen.answer(which);
    let told = |label: &str, number: Option<usize>, holds: &dyn Fn(&TableColumn) -> (u32, &'static str)| {
        let number_shown = number.map_or_else(|| theme.not_known().to_owned(), |number| number.to_string());
        let column = number.and_then(|number| which.columns.get(number.checked_sub(1)?));
        let words = match (number, column) {
            (Some(0), _) => "none: a list of transcripts".to_owned(),
            (_, Some(column)) => {
                let (of, what) = holds(column);
                format!("{} of {} {what}", thousands(of.into()), thousands(column.filled.into()))
            }
            _ => String::new(),
        };
        Line::raw(format!("{label:<12}{number_shown}  {words}"))
    };
    lines.push(told("video", video, &|column| match column.objects {
        Some(objects) if cells < 60 => (objects, "are in this manifest"),
        Some(objects) => (objects, "are objects of this manifest"),
        None => (column.videos, "are files of videos"),
    }));
    lines.push(told("transcript", transcript, &|column| (column.transcripts, "are .srt or .vtt")));
    let last = columns.len();
    let takes = match (video, transcript, model.key_for(Action::Accept)) {
        (Some(video), Some(transcript), Some(key)) => Some((key, format!("takes {video} and {transcript}."))),
        _ => None,
    };
    let words = match &takes {
        Some((key, takes)) => {
            format!("{key} {takes}  1–{last} names another, first the video, then the transcript")
        }
        None => format!("1–{last} names one: first the video, 0 for none, then the transcript"),
    };
    let key = takes.map(|(key, _)| key).unwrap_or_default();
    lines.extend(wrap(&words, cells).into_iter().enumerate().map(|(at, line)| match line.strip_prefix(&key) {
        Some(rest) if at == 0 => {
            Line::from(vec![Span::styled(safe(&key).into_owned(), theme.key()), Span::raw(rest.to_owned())])
        }
        _ => Line::raw(line),
    }));
    lines
}
