//! Draws one row to decide: its neighbours in the file, the question, the numbered candidates, and their cues side by side
//! from the first difference. It must never call a candidate fine before it was read.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::text::{Line, Span};

use super::body::{chosen_line, file_part, head, key_and, place_in, shown_key, side_pane, write, write_right};
use super::difference::tell_apart;
use super::evidence::{self, Beside, PREVIEW, RowEvidence, contents};
use super::frame::{Title, rect};
use super::picker::short_date;
use super::text::{cut_end, cut_key, cut_middle, pad_left, safe, short_bytes, thousands, width, without_secret, wrap};
use super::theme::Theme;
use crate::app::action::Action;
use crate::app::layout::{Area, Layout};
use crate::app::model::Model;
use crate::app::next::Ask;
use crate::app::screens::Decide;
use crate::app::screens::decide::{Offered, question};
use crate::app::scroll::Scroll;
use crate::app::session::Session;
use crate::domain::draft::{Change, Edit};
use crate::domain::format::{counted, row_number};
use crate::domain::manifest::{Field, RowId};

/// Number of candidates in the preview.
const READ: usize = 3;
/// Number of rows listed of those that the same answer fills.
const FILLS: usize = 32;
/// Column of the candidates' keys.
const KEY_AT: u16 = 5;
const SIZE: u16 = 8;
const DATE: u16 = 6;

pub fn draw(model: &Model, screen: &Decide, layout: &Layout, theme: &Theme, frame: &mut Frame<'_>) {
    let (Some(session), Some(row)) = (model.session(), screen.row()) else { return };
    let buffer = frame.buffer_mut();
    let decide = Deciding { model, session, screen, layout, theme, row };
    let panes = layout.decide(screen.choices.len());
    let left = screen.time_left().unwrap_or_default();
    let (name, phrase) = decide.title();
    head(
        buffer,
        layout,
        theme,
        panes.main,
        &Title { name, phrase: &phrase, phrase_at: Title::PHRASE_AT, right: &left },
        "",
    );
    decide.rows(buffer, panes.main);
    side_pane(buffer, layout, theme, panes.side, |area, is_beside| {
        let (title, cues) = decide.preview(area.width.into());
        let verdicts = decide.verdicts(area.width.into());
        contents(theme, (title, cues), verdicts, decide.kind(), is_beside)
    });
}

struct Deciding<'a> {
    model: &'a Model,
    session: &'a Session,
    screen: &'a Decide,
    layout: &'a Layout,
    theme: &'a Theme,
    row: RowId,
}

impl<'a> Deciding<'a> {
    fn title(&self) -> (&'static str, String) {
        let (at, of) = (thousands(self.screen.at as u64 + 1), thousands(self.screen.queue.len() as u64));
        match (self.screen.ask, self.screen.queue.question_at(self.screen.at)) {
            (Ask::Through(class), _) => (class.name(), format!("{at} of {of}")),
            (Ask::Contradict, _) => ("contradict", format!("{at} of {of}")),
            (_, Some((number, _))) => {
                let questions = thousands(self.screen.queue.questions() as u64);
                ("decide", format!("{at} of {of}, question {} of {questions}", thousands(number as u64 + 1)))
            }
            (_, None) => ("decide", format!("{at} of {of}")),
        }
    }

    /// The rows before and after, the current row, the question and its candidates, each at a fixed place.
    fn rows(&self, buffer: &mut Buffer, area: Area) {
        let (theme, is_wide) = (self.theme, self.layout.window.width >= 110 && area.height >= 24);
        let around = if is_wide { 3 } else { 1 };
        let gap = u16::from(is_wide);
        let mut y = area.y;
        for before in (1..=around).rev() {
            self.neighbour(buffer, area, y, self.row.checked_sub(before), "first row");
            y += 1;
        }
        y += gap;
        let own = self.own(usize::from(area.width));
        let lines = own.len() as u16;
        for (at, line) in own.into_iter().enumerate() {
            let y = y + at as u16;
            write(buffer, area, y, 2, line);
            theme.stand_out(buffer, rect(Area { y, height: 1, ..area }));
            write(buffer, area, y, 0, theme.bar());
        }
        self.facts(buffer, area, y);
        if is_wide {
            let index = self.session.now().value(self.row, Field::IndexId);
            let language = self.session.now().value(self.row, Field::Language);
            let at = 4 + self.layout.digits;
            let text = format!("language {}   index {}", safe(language.text()), safe(index.text()));
            let room = usize::from(area.width.saturating_sub(at + 1));
            write(buffer, area, y + lines, at, Line::styled(cut_end(&text, room, theme.ellipsis()), theme.dim()));
            write(buffer, area, y + lines, 0, theme.bar());
        }
        // A long address takes the place of the row after it.
        let next = y + if is_wide { lines + 2 } else { 1 };
        for after in 1..=around {
            let row = self.row.checked_add(after).filter(|row| *row < self.session.total());
            if next + u16::try_from(after).unwrap_or(1) > y + lines {
                self.neighbour(buffer, area, next + u16::try_from(after - 1).unwrap_or(0), row, "last row");
            }
        }
        y = next + u16::try_from(around).unwrap_or(1) + 1;
        self.question(buffer, area, y);
        self.candidates(buffer, Area { y: y + 1, height: area.bottom().saturating_sub(y + 1), ..area });
    }

    /// The video in full.
    fn own(&self, cells: usize) -> Vec<Line<'static>> {
        let digits = usize::from(self.layout.digits);
        let value = self.session.now().value(self.row, Field::Object);
        let video = without_secret(value.text()).into_owned();
        let room = cells.saturating_sub(digits + 5);
        let taken = width(&self.facts_words()) + 2;
        let shown =
            if width(&safe(&video)) + taken > room { video.strip_prefix("s3://").unwrap_or(&video) } else { &video };
        let first = room.saturating_sub(if width(&safe(shown)) + taken > room { taken } else { 0 });
        let lines = wrap(shown, first).into_iter().take(2);
        let number = row_number(self.row);
        lines
            .enumerate()
            .map(|(at, text)| {
                let number = if at == 0 { pad_left(&number, digits) } else { " ".repeat(digits) };
                Line::from(vec![Span::styled(number, self.theme.dim()), Span::raw(format!("  {text}"))])
            })
            .collect()
    }

    fn facts_words(&self) -> String {
        let language = self.session.now().value(self.row, Field::Language);
        let length = RowEvidence::of(self.session, self.row).length().map(evidence::in_words);
        let length = length.map_or_else(String::new, |length| format!("   {length}"));
        format!("{}{length}", cut_end(language.text(), 8, self.theme.ellipsis()))
    }

    fn facts(&self, buffer: &mut Buffer, area: Area, y: u16) {
        write_right(
            buffer,
            area,
            y,
            area.right().saturating_sub(1),
            Line::styled(self.facts_words(), self.theme.bold()),
        );
    }

    fn neighbour(&self, buffer: &mut Buffer, area: Area, y: u16, row: Option<RowId>, none: &'static str) {
        let theme = self.theme;
        let digits = self.layout.digits;
        let Some(row) = row else {
            write(buffer, area, y, 4 + digits, Line::styled(none, theme.dim()));
            return;
        };
        let now = self.session.now();
        let stands = self.screen.neighbour(self.session, row);
        let transcript = now.value(row, Field::Transcription);
        let words = match transcript.is_empty() {
            true => stands.words().to_owned(),
            false => {
                let name = without_secret(transcript.text()).into_owned();
                format!("{}   {}", cut_middle(file_part(&name), 30, theme.ellipsis()), stands.words())
            }
        };
        let words = cut_middle(&words, usize::from(area.width / 2), theme.ellipsis());
        let start = write_right(buffer, area, y, area.right().saturating_sub(1), words);
        write(buffer, area, y, 2, Line::styled(pad_left(&row_number(row), usize::from(digits)), theme.dim()));
        let at = 4 + digits;
        let object = now.value(row, Field::Object);
        let name = without_secret(object.text()).into_owned();
        let room = usize::from(start.saturating_sub(at + 2));
        write(buffer, area, y, at, cut_middle(file_part(&name), room, theme.ellipsis()));
    }

    fn question(&self, buffer: &mut Buffer, area: Area, y: u16) {
        let asks = self.screen.asking().filter(|_| self.screen.asks_questions());
        let right = match asks {
            Some(rows) if rows > 1 => format!("{} rows ask this", thousands(rows as u64)),
            _ => String::new(),
        };
        let start = write_right(buffer, area, y, area.right().saturating_sub(1), Line::styled(right, self.theme.dim()));
        let room = usize::from(start.saturating_sub(3));
        write(buffer, area, y, 1, cut_end(&question(self.screen, self.session), room, self.theme.ellipsis()));
    }

    fn candidates(&self, buffer: &mut Buffer, area: Area) {
        let end = area.right().saturating_sub(1);
        let has_date = area.width >= 78 && self.screen.choices.iter().any(|choice| choice.modified.is_some());
        let has_size = self.screen.choices.iter().any(|choice| choice.size.is_some());
        let date = end.saturating_sub(DATE);
        let size = if has_date { date.saturating_sub(SIZE + 2) } else { end.saturating_sub(SIZE) };
        let size = if has_size { size } else { end };
        // `claimed by 12,480` is the longest.
        let reason_cells = 15 + self.layout.digits.saturating_sub(6);
        let reason = size.saturating_sub(reason_cells + 1);
        let cells = usize::from(reason.saturating_sub(KEY_AT + 2));
        let keys = self.screen.choices.iter().map(|choice| shown_key(self.session, &choice.url).to_owned().into());
        let keys = tell_apart(keys, cells, self.theme.ellipsis(), |key| cut_key(key, cells, self.theme.ellipsis()));
        for (at, (choice, key)) in self.screen.choices.iter().zip(keys).enumerate() {
            let y = area.y + u16::try_from(at).unwrap_or(0);
            if y >= area.bottom() {
                break;
            }
            write(buffer, area, y, 2, Line::styled(format!("{}", at + 1), self.theme.key()));
            write(buffer, area, y, KEY_AT, key.spans(self.theme).to_vec());
            let word = cut_end(&choice.word, usize::from(reason_cells), self.theme.ellipsis());
            write(buffer, area, y, reason, Line::styled(word, self.theme.dim()));
            if let Some(bytes) = choice.size {
                write(buffer, area, y, size, pad_left(&short_bytes(bytes), usize::from(SIZE)));
            }
            if let Some(day) = choice.modified.as_deref().and_then(short_date).filter(|_| has_date) {
                write(buffer, area, y, date, pad_left(&day, usize::from(DATE)));
            }
            if self.screen.hand == Some(at) {
                chosen_line(buffer, self.theme, Area { y, height: 1, ..area });
            }
        }
        let shown = self.screen.choices.len();
        if self.screen.fitting > shown {
            let key = self.model.key_for(Action::Pick).unwrap_or_default();
            let scroll = Scroll { cursor: shown.saturating_sub(1), top: 0 };
            let place = place_in(scroll, self.screen.fitting, u16::try_from(shown).unwrap_or(0));
            let place = place.split(',').next().unwrap_or_default().to_owned();
            let line = vec![
                Span::styled(format!("{place}, "), self.theme.dim()),
                Span::styled(key, self.theme.key()),
                Span::raw(" shows all"),
            ];
            write(buffer, area, area.y + u16::try_from(shown).unwrap_or(0), KEY_AT, line);
        }
    }

    fn beside(&self) -> Beside<'a> {
        Beside { model: self.model, session: self.session, theme: self.theme, row: self.row }
    }

    /// Format and encoding of the selected candidate, else of the first.
    fn kind(&self) -> String {
        let choice = self.screen.choices.get(self.screen.hand.unwrap_or(0));
        let known = choice.map(|choice| self.beside().known(&choice.url));
        known.as_ref().and_then(RowEvidence::cues).map_or_else(String::new, |cues| {
            format!("{}  {}", evidence::format(cues.format), evidence::encoding(&cues.encoding))
        })
    }

    /// A line for each candidate: what is known about its contents.
    fn verdicts(&self, cells: usize) -> Vec<Line<'static>> {
        if self.offered().is_some() {
            return Vec::new();
        }
        let shown: Vec<usize> = match self.screen.hand {
            Some(at) if at >= READ => vec![0, 1, at],
            _ => (0..READ).collect(),
        };
        let choices = shown.into_iter().filter_map(|at| Some((at + 1, self.screen.choices.get(at)?.url.as_str())));
        self.beside().verdicts(choices, cells)
    }

    /// The candidates' cues: those of the selected one from the first cue on, else of the first two from where they differ.
    fn preview(&self, cells: usize) -> (String, Vec<Line<'static>>) {
        if let Some((edit, texts)) = self.offered() {
            return self.fills(edit, texts, cells);
        }
        if self.screen.choices.is_empty() {
            let mut lines: Vec<Line<'_>> =
                wrap("No transcript fits, so none is shown.", cells).into_iter().map(Line::raw).collect();
            lines.push(Line::from(key_and(self.model, self.theme, Action::Pick, "picks any key")));
            return (PREVIEW.to_owned(), lines);
        }
        let urls: Vec<&str> = self.screen.choices.iter().map(|choice| choice.url.as_str()).collect();
        match (self.screen.hand, urls.as_slice()) {
            (None, [one, two, ..]) => self.beside().compared([one, two], cells),
            (hand, urls) => {
                let at = hand.unwrap_or(0);
                self.beside().alone(at + 1, urls.get(at).copied().unwrap_or_default(), cells)
            }
        }
    }

    /// What the last answer would fill, while the question stands.
    fn offered(&self) -> Option<(&'a Edit, &'a [String])> {
        match self.screen.same.as_ref()? {
            Offered::Edit(edit) => match &edit.change {
                Change::SetEach(_, texts) => Some((edit, texts)),
                _ => None,
            },
            _ => None,
        }
    }

    /// The first rows with the same question, and what the last answer would fill in.
    fn fills(&self, edit: &Edit, texts: &[String], cells: usize) -> (String, Vec<Line<'static>>) {
        let now = self.session.now();
        let digits = usize::from(self.layout.digits);
        let rest = cells.saturating_sub(digits + 4) / 2;
        let lines = edit.rows.iter().zip(texts).take(FILLS).map(|(row, text)| {
            let video = without_secret(now.value(row, Field::Object).text()).into_owned();
            let video = cut_middle(file_part(&video), rest, self.theme.ellipsis());
            let gap = " ".repeat(rest.saturating_sub(width(&safe(&video))) + 2);
            let key = cut_key(shown_key(self.session, text), rest, self.theme.ellipsis());
            let mut line = Line::from(Span::styled(pad_left(&row_number(row), digits), self.theme.dim()));
            line.push_span(Span::raw(format!("  {}{gap}", safe(&video))));
            line.spans.extend(key.spans(self.theme));
            line
        });
        (format!("the same answer fills {}", counted(edit.rows.len() as u64, "row")), lines.collect())
    }
}
