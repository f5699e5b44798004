//! Draws the screen that adds a source of S3 keys: the input, the sources that were found, and the kinds there are.

use ratatui::Frame;
use ratatui::text::{Line, Span};

use super::date;
use crate::app::layout::{Area, Layout};
use crate::app::model::Model;
use crate::app::msg::Moment;
use crate::app::screens::AddSource;
use crate::app::screens::add_source::Found;
use crate::app::session::Session;
use crate::domain::format::{counted, short_bytes, thousands};
use crate::ui::body::{head, input, marked, place_in, row, window, write};
use crate::ui::frame::{Title, rect, titled_rule};
use crate::ui::text::{cut_end, cut_middle, safe, width};
use crate::ui::theme::{Mark, Theme};

/// Column of the description of a source that was found, and in a narrow window.
const WORDS_AT: u16 = 38;
const WORDS_AT_NARROW: u16 = 30;
const NAME_AT: u16 = 2;

/// Only what this build reads.
const INVENTORY: &str = match cfg!(feature = "parquet") {
    true => "its manifest.json, with the CSV or Parquet files beside",
    false => "its manifest.json, with the CSV files beside",
};

/// The kinds of sources, with a description.
const SHAPES: [(&str, &str); 5] = [
    ("s3://bucket/prefix/", "listed now, several can be added"),
    ("a saved listing", "aws s3 ls, s3api, s5cmd, s3cmd, rclone, mc, ls, find"),
    ("an S3 Inventory", INVENTORY),
    ("a table", "CSV or TSV: a column of videos, one of transcripts"),
    ("a plain list", "one key or address a line"),
];

pub fn draw(model: &Model, screen: &AddSource, layout: &Layout, theme: &Theme, frame: &mut Frame<'_>) {
    let Some(session) = model.session() else { return };
    let body = layout.body;
    let buffer = frame.buffer_mut();
    let phrase = phrase(session);
    let (name, phrase) = match screen.then {
        Some(_) => ("pair", phrase.as_str()),
        None => ("keys", "one more source"),
    };
    let found = screen.found(session);
    // What the names don't need is left to the words beside them.
    let longest = found.iter().map(|found| width(&safe(&found.name()))).max().unwrap_or(0);
    let words_at = if body.width < 70 { WORDS_AT_NARROW } else { WORDS_AT };
    let words_at = words_at.min(u16::try_from(longest).unwrap_or(u16::MAX).saturating_add(NAME_AT + 2));
    // In a low window, what was found is more useful than the kinds.
    let shapes_height = if body.height < 16 { 0 } else { SHAPES.len() as u16 + 1 };
    let room = body.height.saturating_sub(7 + shapes_height + 1).max(1);
    let list = Area { y: body.y + 4, height: (found.len() as u16).min(room), ..body };
    let place = if found.len() > usize::from(list.height) {
        place_in(screen.scroll, found.len(), list.height)
    } else {
        String::new()
    };
    let title = Title { name, phrase, phrase_at: Title::PHRASE_AT, right: "" };
    head(buffer, layout, theme, body, &title, &place);
    match &screen.refusal {
        Some(refusal) => write(
            buffer,
            body,
            body.y,
            1,
            marked(theme, Mark::Error, &cut_end(refusal, usize::from(body.width.saturating_sub(4)), theme.ellipsis())),
        ),
        None => write(buffer, body, body.y, 1, "Pairing compares names. It needs a list of the transcripts' keys."),
    }

    for (y, at) in (list.y..list.bottom()).zip(window(screen.scroll, found.len(), list.height)) {
        let Some(found) = found.get(at) else { break };
        let row = Area { y, height: 1, ..list };
        let room = usize::from(words_at - NAME_AT - 2);
        write(buffer, row, y, NAME_AT, cut_middle(&found.name(), room, theme.ellipsis()));
        let words = words(session, *found, model.now);
        write(
            buffer,
            row,
            y,
            words_at,
            cut_end(&words, usize::from(row.width.saturating_sub(words_at + 1)), theme.ellipsis()),
        );
        // Typed text takes precedence over the list.
        if at == screen.scroll.cursor && screen.input.text().trim().is_empty() {
            theme.stand_out(buffer, rect(row));
            write(buffer, row, y, 0, theme.bar());
        }
    }
    let below = list.bottom() + u16::from(list.height > 0);
    let hint =
        if found.is_empty() { "Type an address or a path." } else { "Nothing is requested from S3 before you choose." };
    write(buffer, body, below, 1, hint);
    let top = below + 2;
    if shapes_height > 0 && top + shapes_height <= body.bottom() {
        if layout.window.width < 110 {
            titled_rule(buffer, layout, theme, top, "what can be a source", "", false);
        } else {
            write(buffer, body, top, 1, Line::styled("what can be a source", theme.dim()));
        }
        for (y, (shape, what)) in (top + 1..body.bottom()).zip(SHAPES) {
            let room = usize::from(body.width.saturating_sub(24));
            write(
                buffer,
                body,
                y,
                1,
                Line::from(vec![Span::raw(format!("{shape:<22}")), Span::raw(cut_end(what, room, theme.ellipsis()))]),
            );
        }
    }
    write(frame.buffer_mut(), body, body.y + 2, 1, Span::styled(">", theme.bold()));
    input(frame, Area { width: body.width.saturating_sub(1), ..row(body, body.y + 2) }, 3, theme, &screen.input);
}

/// `10,000 rows without a transcript, no keys are known`
fn phrase(session: &Session) -> String {
    let missing = session.findings.as_ref().map(|findings| findings.tallies().missing);
    let rows = missing.map(|missing| format!("{} without a transcript, ", counted(missing, "row")));
    format!("{}no keys are known", rows.unwrap_or_default())
}

fn words(session: &Session, found: Found<'_>, now: Moment) -> String {
    match found {
        Found::Known(known) => {
            let keys =
                if known.usable == 1 { "1 transcript" } else { &format!("{} transcripts", thousands(known.usable)) };
            format!("{keys} when it was read, {}", date(now, known.read_ms))
        }
        Found::Bucket(bucket) => {
            let of = |count: u32, what: &str| {
                let total = u64::from(session.total());
                match u64::from(count) {
                    1 => format!("1 {what}"),
                    n if n == total => format!("all {} {what}s", thousands(n)),
                    n => format!("{} {what}s", thousands(n)),
                }
            };
            match (bucket.transcripts, bucket.videos) {
                (0, videos) => format!("the bucket of {}", of(videos, "video")),
                (transcripts, 0) => format!("the bucket of {}", of(transcripts, "transcript")),
                (transcripts, videos) => {
                    format!("the bucket of {}, {}", of(transcripts, "transcript"), of(videos, "video"))
                }
            }
        }
        Found::List(list) => {
            safe(&format!("{}, here, {}, {}", list.shape, short_bytes(list.size), list.when)).into_owned()
        }
    }
}
