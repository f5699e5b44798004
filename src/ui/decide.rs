//! Draws one row to decide: its neighbours in the file, the question, the numbered candidates, and their cues side by side
//! from the first difference. It must never call a candidate fine before it was read.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::text::{Line, Span};

use super::body::{file_part, head, key_and, place_in, write, write_right};
use super::difference::{side_by_side, tell_apart};
use super::evidence::{self, RowEvidence};
use super::frame::{Title, line_width, pane_title, rect, titled_rule};
use super::picker::short_date;
use super::text::{
    cue_clock, cue_time, cut_end, cut_key, cut_middle, pad_left, safe, short_bytes, thousands, width, without_secret,
    wrap,
};
use super::theme::{Mark, Theme};
use crate::app::action::Action;
use crate::app::layout::{Area, Layout, Side};
use crate::app::model::Model;
use crate::app::next::Ask;
use crate::app::screens::Decide;
use crate::app::screens::decide::{Choice, Offered, question};
use crate::app::scroll::Scroll;
use crate::app::session::Session;
use crate::domain::draft::{Change, Edit};
use crate::domain::evidence::{Answer, Fact, Object};
use crate::domain::format::{counted, row_number};
use crate::domain::manifest::{Field, RowId};
use crate::domain::rules::{Rule, Severity};
use crate::domain::subtitle::{Cue, Transcript};
use std::time::Duration;

/// Title of the preview while nothing more can be said of it.
const PREVIEW: &str = "preview";
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
    match panes.side {
        Side::Beside(area) => {
            pane_title(buffer, layout, theme, area, PREVIEW, &decide.kind(), false);
            let cells = usize::from(area.width.saturating_sub(1));
            let (title, lines) = decide.preview(cells);
            let mut all = decide.verdicts(cells);
            if !lines.is_empty() {
                // The pane's title says that it is a preview.
                let title = (title != PREVIEW).then(|| [Line::default(), Line::styled(title, theme.dim())]);
                all.extend(title.into_iter().flatten().chain(lines));
            }
            for (y, line) in (area.y..area.bottom()).zip(all) {
                write(buffer, area, y, area.x, line);
            }
        }
        Side::Below { rule, area } => {
            let area = Area { x: 1, width: area.width.saturating_sub(2), ..area };
            let cells = usize::from(area.width);
            let (title, lines) = decide.preview(cells);
            titled_rule(buffer, layout, theme, rule, &title, &decide.kind(), false);
            for (y, line) in (area.y..area.bottom()).zip(decide.verdicts(cells).into_iter().chain(lines)) {
                write(buffer, area, y, area.x, line);
            }
        }
        Side::Hidden => {}
    }
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
                self.theme.stand_out(buffer, rect(Area { y, height: 1, ..area }));
                write(buffer, area, y, 0, self.theme.bar());
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

    fn known(&self, choice: &Choice) -> RowEvidence<'a> {
        RowEvidence::of(self.session, self.row).with_transcript(self.session, &choice.url)
    }

    /// Format and encoding of the selected candidate, else of the first.
    fn kind(&self) -> String {
        let choice = self.screen.choices.get(self.screen.hand.unwrap_or(0));
        let cues = choice.and_then(|choice| self.known(choice).cues());
        cues.map_or_else(String::new, |cues| {
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
        let choices = shown.into_iter().filter_map(|at| Some((at, self.screen.choices.get(at)?)));
        choices
            .map(|(at, choice)| {
                let (mark, words) = self.verdict(choice);
                let words = cut_end(&words, cells.saturating_sub(5), self.theme.ellipsis());
                Line::from(vec![
                    Span::styled(format!("{}", at + 1), self.theme.key()),
                    Span::raw("  "),
                    self.theme.mark(mark),
                    Span::raw(format!(" {words}")),
                ])
            })
            .collect()
    }

    fn verdict(&self, choice: &Choice) -> (Mark, String) {
        let known = self.known(choice);
        let Some(observation) = known.transcript else {
            return match self.model.options.offline {
                true => (Mark::Queued, "not read, offline".to_owned()),
                false => (Mark::Checking, "reading the first 64 KB".to_owned()),
            };
        };
        if let Fact::Transcript(Object { answer, .. }) = &observation.fact {
            match answer {
                Answer::Missing { .. } | Answer::Refused { there: Some(false), .. } => {
                    return (Mark::Error, "no such object".to_owned());
                }
                Answer::Refused { there: Some(true), .. } => return (Mark::Error, "not public".to_owned()),
                _ => {}
            }
        }
        let Some(cues) = known.cues() else { return evidence::in_bucket(observation, false) };
        let faults = self.session.against_transcript(self.row, &choice.url);
        let ends = known.length().map(evidence::in_words);
        if let (true, Some(ends)) = (faults.iter().any(|fault| fault.rule == Rule::CuesPastEnd), &ends) {
            return (Mark::Warning, format!("last cue {}, the video ends {ends}", cue_clock(cues.last_ms)));
        }
        let mark = match faults.iter().map(|fault| fault.severity).min() {
            Some(Severity::Error) => Mark::Error,
            Some(Severity::Warning) => Mark::Warning,
            _ => Mark::Ok,
        };
        let ends = ends.map_or_else(String::new, |ends| format!(", the video ends {ends}"));
        (mark, format!("{}, the last at {}{ends}", evidence::cues(cues), cue_clock(cues.last_ms)))
    }

    /// The candidates' cues: those of the selected one from the first cue on, else of the first two from where they differ.
    fn preview(&self, cells: usize) -> (String, Vec<Line<'static>>) {
        if let Some((edit, texts)) = self.offered() {
            return self.fills(edit, texts, cells);
        }
        let cues_of = |at: usize| self.known(self.screen.choices.get(at)?).cues();
        if self.screen.choices.is_empty() {
            let mut lines: Vec<Line<'_>> =
                wrap("No transcript fits, so none is shown.", cells).into_iter().map(Line::raw).collect();
            lines.push(Line::from(key_and(self.model, self.theme, Action::Pick, "picks any key")));
            return (PREVIEW.to_owned(), lines);
        }
        let alone = self.screen.hand.or((self.screen.choices.len() == 1).then_some(0));
        if let Some(at) = alone {
            let lines = cues_of(at).map_or_else(Vec::new, |cues| evidence::cue_lines(cues, cells, self.theme));
            return (format!("{}, first cues", at + 1), lines);
        }
        let (Some(one), Some(two)) = (cues_of(0), cues_of(1)) else { return (PREVIEW.to_owned(), Vec::new()) };
        if self.same_bytes() {
            return ("1 and 2 are the same bytes".to_owned(), evidence::cue_lines(one, cells, self.theme));
        }
        match first_difference(one, two) {
            Some(at) => {
                let every = at == 0 && one.opening.iter().zip(&two.opening).all(|(a, b)| a.text != b.text);
                let is_whole = one.apparent as usize == one.opening.len() && two.apparent as usize == two.opening.len();
                let title = match every && is_whole && one.opening.len() == two.opening.len() {
                    true => "1 and 2 differ in every cue".to_owned(),
                    false => format!("1 and 2 differ first at cue {}", at + 1),
                };
                (title, self.both(one.opening.get(at), two.opening.get(at), cells))
            }
            None => {
                let many = one.opening.len().min(two.opening.len());
                let cues = if many == 1 { "cue".to_owned() } else { format!("{many} cues") };
                (format!("1 and 2 begin with the same {cues}"), evidence::cue_lines(one, cells, self.theme))
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

    fn same_bytes(&self) -> bool {
        let etag = |at: usize| {
            let choice = self.screen.choices.get(at)?;
            match &self.known(choice).transcript?.fact {
                Fact::Transcript(object) => Some((object.found()?.size, object.found()?.etag.clone()?)),
                _ => None,
            }
        };
        etag(0).is_some_and(|one| Some(one) == etag(1))
    }

    /// The first cue in which two transcripts differ, one below the other.
    fn both(&self, one: Option<&Cue>, two: Option<&Cue>, cells: usize) -> Vec<Line<'static>> {
        let head = |number: usize, cue: Option<&Cue>| {
            let time = cue.map_or_else(|| "no cue".to_owned(), |cue| cue_time(Duration::from_millis(cue.start_ms)));
            Span::styled(format!("{number}  {time}  "), self.theme.dim())
        };
        let text = |cue: Option<&Cue>| {
            let text = cue.map_or("", |cue| &cue.text);
            text.split(['\n', '\r']).map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
        };
        let heads = [head(1, one), head(2, two)];
        let indent = heads.iter().map(|head| width(&head.content)).max().unwrap_or(0);
        let parts = side_by_side(&text(one), &text(two), cells.saturating_sub(indent), self.theme.ellipsis());
        heads
            .into_iter()
            .zip(parts)
            .map(|(head, parts)| {
                let mut line = Line::from(head);
                let blanks = indent.saturating_sub(usize::from(line_width(&line)));
                line.push_span(" ".repeat(blanks));
                line.spans.extend(parts.spans(self.theme));
                line
            })
            .collect()
    }
}

/// The first known cue in which two transcripts differ.
fn first_difference(one: &Transcript, two: &Transcript) -> Option<usize> {
    let differ = one.opening.iter().zip(&two.opening).position(|(a, b)| a.text != b.text || a.start_ms != b.start_ms);
    let (a, b) = (one.opening.len(), two.opening.len());
    differ.or((a != b).then_some(a.min(b)))
}

/// The key without its bucket while all keys come from one bucket.
fn shown_key<'a>(session: &Session, url: &'a str) -> &'a str {
    match session.keys.list.buckets() {
        [bucket] => url
            .strip_prefix("s3://")
            .and_then(|rest| rest.strip_prefix(bucket.as_str())?.strip_prefix('/'))
            .filter(|key| !key.is_empty())
            .unwrap_or(url),
        _ => url,
    }
}
