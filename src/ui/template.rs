//! Draws the template screen: input, counts, rows to fill, the parts of the selected row, and the saved templates.
//! Computes values only for visible rows.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::text::{Line, Span};

use super::body::{file_part, head, row, window, write, write_right};
use super::frame::{Title, pane_title, rect, titled_rule};
use super::input;
use super::text::{cut_end, cut_middle, pad_left, safe, thousands, width};
use super::theme::{Mark, Theme};
use crate::app::action::Action;
use crate::app::layout::{Area, Layout};
use crate::app::model::Model;
use crate::app::screens::Templating;
use crate::app::screens::template::title as origin;
use crate::app::session::Session;
use crate::domain::format::row_number;
use crate::domain::manifest::{Field, RowId};
use crate::domain::s3_url::split;
use crate::domain::template::{Fit, Rival, SavedTemplate, Template};

/// How long a count runs before its progress is shown, in milliseconds.
const UNSAID: i64 = 150;

pub fn draw(model: &Model, screen: &Templating, layout: &Layout, theme: &Theme, frame: &mut Frame<'_>) {
    let Some(session) = model.session() else { return };
    let places = layout.template();
    let phrase = origin(screen);
    let keys = if places.is_beside { None } else { session.keys.heading() };
    let title = Title {
        name: "template",
        phrase: &phrase,
        phrase_at: Title::PHRASE_AT,
        right: keys.as_deref().unwrap_or_default(),
    };
    head(frame.buffer_mut(), layout, theme, places.list, &title, "");
    let view = View { model, session, screen, theme, layout };
    match &screen.rival {
        Some(rival) => view.rival(frame.buffer_mut(), rival, Area { y: layout.body.y, ..places.list }),
        None => {
            view.line(frame, Area { y: layout.body.y, height: 2, ..places.list });
            view.counts(frame.buffer_mut(), Area { y: layout.body.y + 2, height: 2, ..places.list });
            view.rows(frame.buffer_mut(), places.list);
        }
    }
    view.parts(frame.buffer_mut(), places.parts, places.is_beside);
    view.saved(frame.buffer_mut(), places.saved, places.is_beside);
}

struct View<'a> {
    model: &'a Model,
    session: &'a Session,
    screen: &'a Templating,
    theme: &'a Theme,
    layout: &'a Layout,
}

impl View<'_> {
    fn line(&self, frame: &mut Frame<'_>, area: Area) {
        let theme = self.theme;
        let text = Area { x: 3, width: area.right().saturating_sub(4), ..row(area, area.y) };
        let drawn = input::draw(frame.buffer_mut(), text, &self.screen.input, "", theme);
        write(frame.buffer_mut(), area, area.y, 1, Span::styled(">", theme.bold()));
        frame.set_cursor_position((drawn.cursor, area.y));
        let Some(fault) = &self.screen.fault else { return };
        // The template was parsed without its leading blanks: shift the span by them.
        let typed = self.screen.input.text();
        let before = typed.len() - typed.trim_start().len();
        for x in drawn.columns(fault.span.start + before..fault.span.end + before).into_iter().flatten() {
            write(frame.buffer_mut(), area, area.y + 1, x, theme.mark(Mark::Caret));
        }
    }

    /// Draws the counts, or the fault or progress in their place.
    fn counts(&self, buffer: &mut Buffer, area: Area) {
        let (screen, theme, mut y) = (self.screen, self.theme, area.y);
        let end = usize::from(area.right().saturating_sub(4));
        if let Some(fault) = &screen.fault {
            let words = cut_end(&safe(&fault.why), end, theme.ellipsis());
            return write(buffer, area, area.y, 1, vec![theme.mark(Mark::Error), Span::raw(format!(" {words}"))]);
        }
        let waits = self.model.now.unix_ms.saturating_sub(screen.since.unix_ms) >= UNSAID;
        if screen.is_stale && waits && self.model.jobs.has(crate::app::jobs::Task::Count) {
            let all = screen.only.as_ref().map_or_else(|| missing(self.session), |rows| rows.len() as u64);
            let done = format!(" {} of {}", thousands(screen.done.into()), thousands(all));
            return write(buffer, area, area.y, 1, vec![theme.spinner(self.model.ticks), Span::raw(done)]);
        }
        let Some(filled) = &screen.filled else {
            let hint = "parts stand in braces: s3://bucket/{folder}/{stem}.{lang}.vtt";
            return write(buffer, area, area.y, 1, cut_end(hint, end, theme.ellipsis()));
        };
        let counts = filled.applied.counts();
        let cells = |word: &str, count: u64| 2 + width(word) + 1 + thousands(count).len();
        let all: usize = counts.iter().map(|(fit, count)| cells(fit.word(), *count) + 3).sum();
        let gap = if all > usize::from(area.right()) { 1 } else { 3 };
        let style = if screen.is_stale { theme.dim() } else { theme.plain() };
        let mut x = 1_u16;
        for (fit, count) in counts {
            let is_chosen = screen.fit() == Some(fit);
            let own = u16::try_from(cells(fit.word(), count)).unwrap_or(u16::MAX);
            if x > 1 && x.saturating_add(own) > area.right() {
                (x, y) = (1, y + 1);
            }
            if is_chosen {
                write(buffer, area, y, x, theme.mark(Mark::Choice));
            }
            let number = Span::styled(thousands(count), if is_chosen { theme.bold() } else { style });
            write(buffer, area, y, x + 2, vec![Span::styled(format!("{} ", fit.word()), style), number]);
            x = x.saturating_add(own + gap);
        }
    }

    /// Draws the rows of the selected count with their new values.
    fn rows(&self, buffer: &mut Buffer, area: Area) {
        let Some((filled, rows)) = self.screen.filled.as_ref().zip(self.screen.rows()) else { return };
        let theme = self.theme;
        let digits = usize::from(self.layout.digits).max(5);
        let names_at = u16::try_from(2 + digits + 2).unwrap_or(9);
        let half = area.right().saturating_sub(names_at + 3) / 2;
        let seen = window(self.screen.scroll, rows.len(), area.height);
        let list = rows.iter_from(seen.start).take(seen.len());
        for (y, (at, row)) in (area.y..area.bottom()).zip(seen.clone().zip(list)) {
            let line = Area { y, height: 1, ..area };
            let cut = |text: &str, cells: u16| cut_middle(text, usize::from(cells), theme.ellipsis());
            write(buffer, line, y, 2, pad_left(&row_number(row), digits));
            let object = self.session.now().value(row, Field::Object);
            write(buffer, line, y, names_at, cut(key_of(object.text()), half.saturating_sub(2)));
            let (words, style) = match filled.template.value(self.session.now(), row) {
                Err(why) => (why.to_string(), theme.dim()),
                Ok(value) => {
                    let value = key_of(&value).to_owned();
                    match (self.screen.fit(), filled.applied.other(row)) {
                        (Some(Fit::Twice), Some(other)) => {
                            (format!("{value}  as {}", row_number(other)), theme.plain())
                        }
                        (Some(Fit::InUse), Some(other)) => {
                            (format!("{value}  used by {}", row_number(other)), theme.plain())
                        }
                        (Some(Fit::NotListed), _) => match self.near(row) {
                            Some(near) if width(&safe(&value)) + width(&safe(&near)) + 8 <= usize::from(half) => {
                                (format!("{value}  near: {near}"), theme.plain())
                            }
                            Some(near) => (format!("near: {near}"), theme.plain()),
                            None => (value, theme.plain()),
                        },
                        _ => (value, theme.plain()),
                    }
                }
            };
            write(buffer, line, y, names_at + half, Line::styled(cut(&words, half), style));
            if at == self.screen.scroll.cursor {
                theme.stand_out(buffer, rect(line));
                write(buffer, line, y, 0, theme.bar());
            }
        }
    }

    /// The name of the listed key that comes nearest to a row, as far as pairs are known.
    fn near(&self, row: RowId) -> Option<String> {
        let pairing = self.session.proposals.pairing.as_ref()?;
        let fits = pairing.of_row(row).and_then(|proposal| pairing.choices(proposal).first().copied());
        let key = fits.or_else(|| pairing.nearest(row).map(|(key, _)| key))?;
        Some(file_part(&pairing.url(key)).to_owned())
    }

    /// Draws the question between two templates that fit, with their values for a row where they differ.
    fn rival(&self, buffer: &mut Buffer, rival: &Rival, area: Area) {
        let theme = self.theme;
        let object = self.session.now().value(rival.row, Field::Object);
        let end = usize::from(area.right().saturating_sub(8));
        let question = format!("two templates fit. Which transcript is that of row {}?", row_number(rival.row));
        write(buffer, area, area.y, 1, cut_end(&question, end + 6, theme.ellipsis()));
        write(buffer, area, area.y + 1, 4, cut_middle(key_of(object.text()), end, theme.ellipsis()));
        for (y, (number, value)) in (area.y + 3..).zip((1..).zip(&rival.values)) {
            let value = cut_middle(value, end, theme.ellipsis());
            write(
                buffer,
                Area { height: 8, ..area },
                y,
                2,
                vec![Span::styled(number.to_string(), theme.key()), Span::raw(format!("  {value}"))],
            );
        }
    }

    fn parts(&self, buffer: &mut Buffer, area: Area, beside: bool) {
        let Some(row) = self.screen.row_in_hand(self.session).filter(|_| area.height > 0) else { return };
        let theme = self.theme;
        let title = format!("parts, as they are in row {}", row_number(row));
        let used = self.screen.filled.as_ref().map(|filled| &filled.template);
        let parts = Template::parts_of(used, self.session.now(), row);
        if beside {
            pane_title(buffer, self.layout, theme, area, &title, "", false);
            for (y, (part, value, means)) in (area.y..area.bottom()).zip(parts) {
                let value = value.map_or_else(|| theme.not_known().to_owned(), |value| safe(&value).into_owned());
                let words = match (means, part.as_str()) {
                    ("", _) => value,
                    (means, "{stem:lower:-}") => means.to_owned(),
                    (means, _) => format!("{value}, {means}"),
                };
                write(buffer, area, y, area.x, part);
                let room = usize::from(area.right().saturating_sub(area.x + 17));
                write(buffer, area, y, area.x + 16, cut_end(&words, room, theme.ellipsis()));
            }
            return;
        }
        titled_rule(buffer, self.layout, theme, area.y, &title, "", false);
        let (mut x, mut y) = (1_u16, area.y + 1);
        for (part, value, _) in parts {
            let value =
                value.map_or_else(|| theme.not_known().to_owned(), |value| cut_end(&value, 24, theme.ellipsis()));
            let cells = u16::try_from(width(&part) + 1 + width(&value)).unwrap_or(u16::MAX);
            if x > 1 && x.saturating_add(cells) >= area.right() {
                (x, y) = (1, y + 1);
            }
            if y < area.bottom() {
                write(buffer, area, y, x, vec![Span::styled(part, theme.dim()), Span::raw(format!(" {value}"))]);
            }
            x = x.saturating_add(cells + 3);
        }
    }

    fn saved(&self, buffer: &mut Buffer, area: Area, beside: bool) {
        let templates = &self.session.templates;
        let Some(bucket) = templates.bucket.as_ref().filter(|_| area.height > 1) else { return };
        let theme = self.theme;
        let title = format!("saved for s3://{bucket}");
        match beside {
            true => write(buffer, area, area.y, area.x, safe(&title).into_owned()),
            false => titled_rule(buffer, self.layout, theme, area.y, &title, "", false),
        }
        let x = area.x + if beside { 2 } else { 3 };
        let list = Area { y: area.y + 1, height: area.height - 1, ..area };
        if templates.saved.is_empty() {
            // The prompt for its name is no scope of its own, but the key stays.
            let key = self
                .model
                .keymap
                .any_key_for(Action::KeepTemplate)
                .map(|key| safe(&key).into_owned())
                .unwrap_or_default();
            let keep = vec![Span::raw("none saved.  "), Span::styled(key, theme.key()), Span::raw(" keeps this one")];
            return write(buffer, list, list.y, x, keep);
        }
        let step = if beside { 2 } else { 1 };
        for (y, saved) in (list.y..list.bottom()).step_by(step).zip(&templates.saved) {
            let SavedTemplate { name, text, saved_ms } = saved;
            let date = self.model.now.at(*saved_ms).short_date();
            let end = write_right(buffer, list, y, list.right().saturating_sub(1), date);
            let name = cut_end(name, 20, theme.ellipsis());
            write(buffer, list, y, x, name.clone());
            let text_at = if beside { x } else { x + u16::try_from(width(&name).max(8)).unwrap_or(8) + 2 };
            let right = if beside { list.right() } else { end };
            let room = usize::from(right.saturating_sub(text_at + 2));
            write(buffer, list, y + u16::from(beside), text_at, cut_middle(text, room, theme.ellipsis()));
        }
    }
}

fn missing(session: &Session) -> u64 {
    session.findings.as_ref().map_or(0, |findings| findings.tallies().missing)
}

/// The S3 key of a URL, else the text.
fn key_of(url: &str) -> &str {
    split(url).map_or(url, |(_, key)| key)
}
