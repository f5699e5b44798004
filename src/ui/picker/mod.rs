//! Draws the picker: the S3 keys for one row, best first, and a preview of the selected one.

mod preview;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::text::{Line, Span};

use preview::Preview;

use crate::app::action::Action;
use crate::app::command::Scope;
use crate::app::jobs::Task;
use crate::app::layout::{Area, Layout, Side};
use crate::app::model::Model;
use crate::app::screens::Picker;
use crate::app::session::{Session, SourceState, asks};
use crate::domain::format::row_number;
use crate::domain::manifest::Field;
use crate::domain::s3_url::S3Url;
use crate::ui::body::{head, input, place_in, row, window, write, write_right};
use crate::ui::difference::tell_apart;
use crate::ui::evidence::{self, RowEvidence};
use crate::ui::frame::{Title, rect};
use crate::ui::text::{cut_end, cut_key, pad_left, short_bytes, thousands, without_secret, wrap};
use crate::ui::theme::Theme;

const REASON: u16 = 13;
const SIZE: u16 = 8;
const DATE: u16 = 6;
/// Cells an S3 key must keep for a further column to be shown.
const KEY: u16 = 30;

pub fn draw(model: &Model, screen: &Picker, layout: &Layout, theme: &Theme, frame: &mut Frame<'_>) {
    let Some(session) = model.session() else { return };
    let panes = layout.picker();
    let beside = matches!(panes.side, Side::Beside(_));
    let end = if beside { panes.main.right() } else { panes.main.right().saturating_sub(1) };
    let list = Area { width: end, ..panes.main };

    let buffer = frame.buffer_mut();
    let now = session.now();
    let video = now.value(screen.row, Field::Object);
    let video = without_secret(video.text());
    let key = S3Url::parse(&video).map_or_else(|_| video.to_string(), |url| url.key().to_owned());
    let length = RowEvidence::of(session, screen.row).length().map(evidence::in_words);
    let length = length.map_or_else(String::new, |length| format!("  {length}"));
    let phrase = format!("row {}  {key}{length}", row_number(screen.row));
    let keys = session.keys.heading().unwrap_or_default();
    let title = Title { name: "pick a transcript", phrase: &phrase, phrase_at: 0, right: &keys };
    let place = place_in(screen.scroll, screen.offers.len(), list.height);
    head(buffer, layout, theme, panes.main, &title, &place);

    let count = format!("{} of {}", thousands(screen.matches as u64), thousands(u64::from(session.keys.list.len())));
    let count_at = write_right(buffer, layout.body, layout.body.y, end, count);
    if screen.offers.is_empty() {
        nothing(buffer, theme, model, session, screen, list);
    } else {
        offers(buffer, theme, session, screen, list);
    }
    Preview { model, session, screen, theme }.draw(buffer, layout, panes.side, end);

    write(frame.buffer_mut(), layout.body, layout.body.y, 1, Span::styled(">", theme.bold()));
    let line = Area { width: count_at.saturating_sub(2), ..row(layout.body, layout.body.y) };
    input(frame, line, 3, theme, &screen.input);
}

/// Positions of the columns that fit.
struct Columns {
    key: u16,
    reason: Option<u16>,
    size: Option<u16>,
    date: Option<u16>,
}

impl Columns {
    /// Gives up the date first, then the size, then the reason.
    fn of(end: u16) -> Columns {
        let mut left = end;
        let mut columns = Columns { key: 0, reason: None, size: None, date: None };
        let room = |cells: u16| end.saturating_sub(2 + cells + 2) >= KEY;
        let (with_reason, with_size) = (REASON, REASON + SIZE);
        if room(with_size + 2 + DATE) {
            left -= DATE;
            columns.date = Some(left);
            left -= 2;
        }
        if room(with_size) {
            left -= SIZE;
            columns.size = Some(left);
        }
        if room(with_reason) {
            left -= REASON;
            columns.reason = Some(left);
            left -= 2;
        }
        columns.key = left.saturating_sub(2);
        columns
    }
}

fn offers(buffer: &mut Buffer, theme: &Theme, session: &Session, screen: &Picker, area: Area) {
    let columns = Columns::of(area.width);
    let cells = usize::from(columns.key);
    let in_sight = window(screen.scroll, screen.offers.len(), area.height);
    let offers = || in_sight.clone().filter_map(|at| Some((at, screen.offers.get(at)?)));
    let keys = offers().map(|(_, offer)| shown_key(session, &offer.url).into());
    let keys = tell_apart(keys, cells, theme.ellipsis(), |key| cut_key(key, cells, theme.ellipsis()));
    for ((y, (at, offer)), key) in (area.y..area.bottom()).zip(offers()).zip(keys) {
        let chosen = at == screen.scroll.cursor;
        write(buffer, area, y, 2, key.spans(theme).to_vec());
        if let Some(x) = columns.reason {
            let reason = cut_end(&offer.reason, usize::from(REASON), theme.ellipsis());
            write(buffer, area, y, x, Line::styled(reason, theme.dim()));
        }
        if let Some((x, size)) = columns.size.zip(offer.size) {
            write(buffer, area, y, x, pad_left(&short_bytes(size), usize::from(SIZE)));
        }
        if let Some((x, date)) = columns.date.zip(offer.modified.as_deref().and_then(short_date)) {
            write(buffer, area, y, x, pad_left(&date, usize::from(DATE)));
        }
        if chosen {
            theme.stand_out(buffer, rect(Area { y, height: 1, ..area }));
            write(buffer, area, y, 0, theme.bar());
        }
    }
}

/// The S3 key without its bucket while all of them are in one bucket; else the URL.
fn shown_key<'a>(session: &Session, url: &'a str) -> &'a str {
    let only = match session.keys.list.buckets() {
        [only] => Some(only.as_str()),
        _ => None,
    };
    only.and_then(|bucket| url.strip_prefix("s3://")?.strip_prefix(bucket)?.strip_prefix('/'))
        .filter(|key| !key.is_empty())
        .unwrap_or(url)
}

/// `12 Nov` from `2026-11-12 13:58:00`.
pub fn short_date(date: &str) -> Option<String> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let mut parts = date.get(..10)?.split('-').skip(1);
    let month: usize = parts.next()?.parse().ok()?;
    let day: u8 = parts.next()?.parse().ok()?;
    Some(format!("{day} {}", MONTHS.get(month.checked_sub(1)?)?))
}

/// Draws why there is no S3 key to pick, and what to do about it.
fn nothing(buffer: &mut Buffer, theme: &Theme, model: &Model, session: &Session, screen: &Picker, area: Area) {
    let keys = &session.keys;
    let source = keys.all.iter().rev().find(|source| !matches!(source.state, SourceState::Known(_)));
    let lines: Vec<String> = if !keys.list.is_empty() {
        let typed = screen.input.text();
        let none = if typed.is_empty() { "No key fits.".to_owned() } else { format!("No key matches {typed}.") };
        if model.jobs.has(Task::Rank) { Vec::new() } else { vec![none] }
    } else {
        match source.map(|source| (source.name(), &source.state)) {
            Some((name, SourceState::Reading(_))) => vec![format!("Reading the listing of {name}.")],
            Some((_, SourceState::Refused(fault))) => match asks(fault) {
                Some(_) => vec!["A source needs an answer.  :sources asks for it".to_owned()],
                None => vec![fault.to_string(), "Paste a listing: :source FILE".to_owned()],
            },
            Some((name, _)) => vec![format!("There is no transcript in {name}.  :source names another place")],
            None => match session.place_of(screen.row) {
                Some(place) => {
                    let key = model.keymap.key_for(&[Scope::Picker], Action::ListAgain).unwrap_or_default();
                    vec![format!("No listing yet.  {key} lists {place}")]
                }
                None => vec!["No listing yet.  :source s3://bucket/prefix or :source FILE".to_owned()],
            },
        }
    };
    let cells = usize::from(area.width.saturating_sub(3));
    let lines = lines.iter().flat_map(|line| wrap(line, cells));
    for (y, line) in (area.y..area.bottom()).zip(lines) {
        write(buffer, area, y, 2, Line::styled(line, theme.plain()));
    }
}
