//! Draws a merge: the classes of rows, and the rows of the selected class with both values.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::text::{Line, Span};

use super::body::{chosen_line, counted, head, place_in, side_pane, window, write, write_right};
use super::difference::names_apart;
use super::evidence::{self, Beside, RowEvidence, contents};
use super::frame::{Title, pane_title, rect, titled_rule};
use super::text::{cut_end, cut_middle, pad_left, pad_to, safe, thousands, without_secret};
use super::theme::{Mark, Theme};
use crate::app::action::Action;
use crate::app::jobs::Task;
use crate::app::layout::{Area, Layout, Panes, Side};
use crate::app::model::Model;
use crate::app::screens::Merging;
use crate::app::screens::merge::{Answer, List, Standing, Sums};
use crate::app::session::Session;
use crate::domain::format::row_number;
use crate::domain::manifest::{Field, RowId};
use crate::domain::merge::{Class, Merge};

/// Right ends of the columns of numbers, exclusive, and the column of the reasons.
const ROWS_END: u16 = 24;
const SURE_END: u16 = 32;
const DECIDE_END: u16 = 43;
const WHY_AT: u16 = 46;
/// How long the comparison runs before its progress is shown, in milliseconds.
const UNSAID: i64 = 150;

pub fn draw(model: &Model, screen: &Merging, layout: &Layout, theme: &Theme, frame: &mut Frame<'_>) {
    let Some(session) = model.session() else { return };
    let buffer = frame.buffer_mut();
    let view = View { model, session, screen, theme, layout };
    match (&screen.list, screen.merge()) {
        (Some(list), Some(merge)) => view.list(buffer, list, merge),
        (_, Some(merge)) if screen.is_over() => view.nothing(buffer, merge),
        (_, Some(merge)) => view.overview(buffer, merge),
        (_, None) => view.comparing(buffer),
    }
}

struct View<'a> {
    model: &'a Model,
    session: &'a Session,
    screen: &'a Merging,
    theme: &'a Theme,
    layout: &'a Layout,
}

impl View<'_> {
    fn title(&self, buffer: &mut Buffer, main: Area, phrase: &str, place: &str) {
        let beside = main.right() < self.layout.window.width;
        let right = if beside { "" } else { self.screen.from.name.as_str() };
        let title = Title { name: "merge", phrase, phrase_at: Title::PHRASE_AT, right };
        head(buffer, self.layout, self.theme, main, &title, place);
    }

    fn comparing(&self, buffer: &mut Buffer) {
        let body = self.layout.body;
        self.title(buffer, body, "", "");
        if !self.model.jobs.has(Task::Merge) {
            let key = self.model.key_for(Action::Accept).unwrap_or_default();
            let line = vec![Span::raw("not compared  "), Span::styled(key, self.theme.key()), Span::raw(" compares")];
            write(buffer, body, body.y, 1, line);
        } else if self.model.now.unix_ms - self.screen.since.unix_ms >= UNSAID {
            let all = u64::from(self.screen.from.old.len()) + u64::from(self.session.total());
            let so_far = format!(" {} of {}", thousands(u64::from(self.screen.done).min(all)), thousands(all));
            write(buffer, body, body.y, 1, vec![self.theme.spinner(self.model.ticks), Span::raw(so_far)]);
        }
    }

    fn nothing(&self, buffer: &mut Buffer, merge: &Merge) {
        let body = self.layout.body;
        self.title(buffer, body, "", "");
        if merge.has_nothing_in_common() {
            let words = format!(" no row of the export is in {}. Is it the right file?", safe(&self.screen.from.name));
            let room = usize::from(body.width.saturating_sub(3));
            let words = cut_end(&words, room, self.theme.ellipsis());
            write(buffer, body, body.y, 1, vec![self.theme.mark(Mark::Error), Span::raw(words)]);
        } else {
            write(buffer, body, body.y, 1, "The export holds the same rows and transcripts.");
        }
    }

    fn overview(&self, buffer: &mut Buffer, merge: &Merge) {
        let panes = self.layout.merge();
        let (sure, to_decide) = (self.screen.sure_left(), self.screen.undecided());
        let carried = match (self.screen.taken(), panes.side) {
            (0, _) => String::new(),
            (taken, Side::Beside(_)) => format!("{} carried over, ", thousands(taken)),
            (taken, _) => format!("{} carried over, ", counted(taken, "transcript")),
        };
        let phrase = format!("{carried}{} sure, {} to decide", thousands(sure), thousands(to_decide));
        self.title(buffer, panes.main, &phrase, "");
        self.classes(buffer, panes.main, merge);
        let class = self.screen.class();
        let rows = counted(self.screen.sums_of(class).rows, "row");
        match panes.side {
            Side::Beside(area) => {
                self.files(
                    buffer,
                    Area { y: panes.main.y + 8, height: panes.main.height.saturating_sub(8), ..panes.main },
                );
                pane_title(buffer, self.layout, self.theme, area, class.word(), &rows, false);
                self.samples(buffer, Area { width: area.width.saturating_sub(1), ..area }, class, 1, 1);
            }
            Side::Below { rule, area } => {
                let name = format!("{}, {rows}", class.word());
                titled_rule(buffer, self.layout, self.theme, rule, &name, "", false);
                let area = Area { width: area.width.saturating_sub(1), ..area };
                // Without room for both, the rows matter more than the note.
                let above = if area.height < 8 { 0 } else { 2 };
                if above > 0 {
                    let words = "changed and new rows stay as the export has them";
                    write(buffer, area, area.bottom().saturating_sub(1), 1, words);
                }
                let indent = self.layout.digits + 2;
                self.samples(buffer, Area { x: 1, height: area.height - above, ..area }, class, indent, 0);
            }
            Side::Hidden => {}
        }
    }

    fn classes(&self, buffer: &mut Buffer, area: Area, merge: &Merge) {
        let theme = self.theme;
        for (end, word) in [(ROWS_END, "rows"), (SURE_END, "sure"), (DECIDE_END, "to decide")] {
            write_right(buffer, area, area.y, end, Span::styled(word, theme.dim()));
        }
        for (y, (at, class)) in (area.y + 1..area.bottom()).zip(Class::ALL.into_iter().enumerate()) {
            let sums = self.screen.sums_of(class);
            write(buffer, area, y, 2, theme.mark(sign(class, sums)));
            write(buffer, area, y, 4, class.word());
            write_right(buffer, area, y, ROWS_END, thousands(sums.rows));
            let number = |number: u64| if class.carries() { thousands(number) } else { theme.not_known().to_owned() };
            write_right(buffer, area, y, SURE_END, number(sums.sure_left));
            write_right(buffer, area, y, DECIDE_END, number(sums.undecided));
            let room = usize::from(area.right().saturating_sub(WHY_AT + 1));
            let why = if class.carries() && sums.rows > 0 && sums.sure_left + sums.undecided == 0 {
                "taken or decided".to_owned()
            } else {
                why(class, merge)
            };
            write(buffer, area, y, WHY_AT, cut_end(&why, room, theme.ellipsis()));
            if at == self.screen.scroll.cursor {
                chosen_line(buffer, theme, Area { y, height: 1, ..area });
            }
        }
    }

    /// Draws names and sizes of both files.
    fn files(&self, buffer: &mut Buffer, area: Area) {
        let Some(merged) = &self.screen.merged else { return };
        let new = self.session.name();
        let names = [self.screen.from.name.as_str(), new.as_str()];
        let rows = [self.screen.from.old.len(), self.session.total()];
        for (at, label) in ["old", "new"].into_iter().enumerate() {
            let name = names.get(at).copied().unwrap_or_default();
            let name = pad_to(&cut_middle(name, 20, self.theme.ellipsis()), 20);
            let rows = thousands(rows.get(at).copied().unwrap_or_default().into());
            let filled = thousands(merged.filled.get(at).copied().unwrap_or_default());
            let line = vec![
                Span::styled(format!("{label}  "), self.theme.dim()),
                Span::raw(format!("{name}{} rows, {} with transcripts", pad_left(&rows, 7), pad_left(&filled, 5))),
            ];
            let y = area.y + u16::try_from(at).unwrap_or(0);
            write(buffer, Area { width: area.width.saturating_sub(1), ..area }, y, 1, line);
        }
        write(buffer, area, area.y + 3, 1, "Every byte of the export stays as it is, but for what you take.");
    }

    /// Draws the first rows of a class, with `gap` blank rows between them, and the number of further rows.
    fn samples(&self, buffer: &mut Buffer, area: Area, class: Class, indent: u16, gap: u16) {
        let rows = self.screen.samples.get(class as usize).map(Vec::as_slice).unwrap_or_default();
        let rows = rows.get(..rows.len().min(area.height.into())).unwrap_or_default();
        let all = self.screen.sums_of(class).rows as usize;
        let digits = rows.iter().map(|row| row_number(*row).len()).max().unwrap_or(0);
        let mut y = area.y;
        let mut drawn = 0;
        for (row, name) in rows.iter().zip(self.names(class, rows, area)) {
            let lines = self.lines(class, *row, usize::from(area.width.saturating_sub(indent)));
            let height = u16::try_from(1 + lines.len()).unwrap_or(u16::MAX);
            if y + height + u16::from(drawn + 1 < all) > area.bottom() {
                break;
            }
            self.entry(buffer, Area { y, height, ..area }, class, *row, &name, (indent, digits, lines));
            y += height + gap;
            drawn += 1;
        }
        if drawn < all {
            write(buffer, area, y, area.x + 2, format!("{} more", thousands((all - drawn) as u64)));
        }
    }

    /// Draws the list of the rows of a class.
    fn list(&self, buffer: &mut Buffer, list: &List, merge: &Merge) {
        let compared = self.screen.compared();
        let panes = match &compared {
            Some(_) => self.layout.merge_rows(),
            None => Panes { main: self.layout.body, side: Side::Hidden },
        };
        if let Some((row, answers)) = &compared {
            self.beside(buffer, panes.side, *row, answers);
        }
        let body = panes.main;
        let area = Area { width: body.width.saturating_sub(1), ..body };
        let sums = self.screen.sums_of(list.class);
        let phrase = match (list.class.carries(), sums.undecided) {
            (true, n) if n > 0 => format!("{}: {} to decide", list.class.word(), thousands(n)),
            _ => format!("{}: {}", list.class.word(), why(list.class, merge)),
        };
        let cells = usize::from(area.width.saturating_sub(self.layout.digits + 6));
        // Rows take several lines: begin with the first one that keeps the selected row visible.
        let height = |row: RowId| u16::try_from(1 + self.lines(list.class, row, cells).len()).unwrap_or(u16::MAX);
        let mut first = list.scroll.top.min(list.scroll.cursor);
        let mut room = area.height;
        for at in (first..=list.scroll.cursor).rev() {
            let Some(row) = list.rows.get(at) else { break };
            match room.checked_sub(height(*row)) {
                Some(left) => room = left,
                None => {
                    first = at + 1;
                    break;
                }
            }
        }
        let seen = window(list.scroll, list.rows.len(), area.height).len().max(1);
        let rows: Vec<RowId> = list.rows.iter().skip(first).take(seen).copied().collect();
        self.title(buffer, body, &phrase, &place_in(list.scroll, list.rows.len(), area.height));
        let mut y = area.y;
        for ((at, row), name) in (first..).zip(&rows).zip(self.names(list.class, &rows, area)) {
            if y >= area.bottom() {
                break;
            }
            let lines = self.lines(list.class, *row, cells);
            let height = u16::try_from(1 + lines.len()).unwrap_or(u16::MAX).min(area.bottom() - y);
            let place = Area { x: area.x + 2, y, height, width: area.width.saturating_sub(2) };
            self.entry(buffer, place, list.class, *row, &name, (self.layout.digits + 2, 0, lines));
            if at == list.scroll.cursor {
                self.theme.stand_out(buffer, rect(Area { y, height: 1, ..area }));
                for y in y..y + height {
                    write(buffer, area, y, area.x, self.theme.bar());
                }
            }
            y += height;
        }
    }

    /// Draws what the transcripts hold that a row may take, and the cues of the first two from where they differ.
    fn beside(&self, buffer: &mut Buffer, side: Side, row: RowId, answers: &[Answer]) {
        let view = Beside { model: self.model, session: self.session, theme: self.theme, row };
        let named = || (1..).zip(answers).filter(|(_, answer)| !answer.text.is_empty());
        let preview = |cells: usize| match answers {
            [one, two, ..] if !one.text.is_empty() && !two.text.is_empty() => {
                view.compared([&one.text, &two.text], cells)
            }
            _ => named().next().map(|(number, one)| view.alone(number, &one.text, cells)).unwrap_or_default(),
        };
        let verdicts =
            |cells: usize| view.verdicts((1..).zip(answers.iter().map(|answer| answer.text.as_str())), cells);
        side_pane(buffer, self.layout, self.theme, side, |area, is_beside| {
            let cells = usize::from(area.width);
            contents(self.theme, preview(cells), verdicts(cells), String::new(), is_beside)
        });
    }

    fn names(&self, class: Class, rows: &[RowId], area: Area) -> Vec<String> {
        let file = if class == Class::Gone { &self.screen.from.old } else { self.session.now() };
        let videos: Vec<_> = rows.iter().map(|row| file.value(*row, Field::Object)).collect();
        let room = usize::from(area.width.saturating_sub(self.layout.digits + 16));
        let texts = videos.iter().map(|video| without_secret(video.text()));
        names_apart(texts, room, self.theme.ellipsis())
    }

    /// Draws a row: number, video and standing, and its values below.
    fn entry(
        &self,
        buffer: &mut Buffer,
        area: Area,
        class: Class,
        row: RowId,
        name: &str,
        (indent, digits, lines): (u16, usize, Vec<Line<'static>>),
    ) {
        // If the values are under the number, its column is as wide as the numbers in sight.
        let digits = if indent > 1 { usize::from(self.layout.digits) } else { digits };
        let number = pad_left(&row_number(row), digits);
        let text_at = area.x + u16::try_from(number.len()).unwrap_or(0) + 2;
        write(buffer, area, area.y, area.x, Span::styled(number, self.theme.dim()));
        let word = match self.screen.standing(class, row) {
            Standing::Sure => "sure",
            Standing::ToDecide => "to decide",
            Standing::Taken => "taken",
            Standing::Kept => "as the export has it",
            Standing::Nothing if class == Class::Changed && self.is_put_back(row) => "yours",
            Standing::Nothing => "",
        };
        let end = write_right(buffer, area, area.y, area.right(), Span::styled(word, self.theme.dim()));
        write(buffer, Area { width: end.saturating_sub(area.x), ..area }, area.y, text_at, name.to_owned());
        for (y, line) in (area.y + 1..area.bottom()).zip(lines) {
            write(buffer, area, y, area.x + indent, line);
        }
    }

    fn is_put_back(&self, row: RowId) -> bool {
        let now = self.session.now();
        now.is_changed(row, Field::Language) || now.is_changed(row, Field::IndexId)
    }

    /// The lines of the numbered answers for a row; for a row that is gone, its transcript.
    fn lines(&self, class: Class, row: RowId, cells: usize) -> Vec<Line<'static>> {
        let theme = self.theme;
        if class == Class::Gone {
            let value = self.screen.from.old.value(row, Field::Transcription);
            let text = without_secret(value.text()).into_owned();
            if text.is_empty() {
                return Vec::new();
            }
            let text = cut_middle(&text, cells.saturating_sub(2), theme.ellipsis());
            return vec![Line::from(vec![theme.mark(Mark::Removed), Span::raw(format!(" {text}"))])];
        }
        let answers = self.screen.answers(class, row);
        let line = |(at, answer): (usize, &Answer)| {
            let known = RowEvidence::of(self.session, row).with_transcript(self.session, &answer.text);
            let cues = known.cues().map(|cues| format!("  {}", evidence::cues(cues))).unwrap_or_default();
            let text = if answer.text.is_empty() { "\"\" (empty)".into() } else { without_secret(&answer.text) };
            let text = cut_middle(&text, cells.saturating_sub(9 + cues.len()), theme.ellipsis());
            Line::from(vec![
                Span::styled((at + 1).to_string(), theme.key()),
                Span::raw(format!(" {} {text}", pad_to(answer.word, 6))),
                Span::styled(cues, theme.dim()),
            ])
        };
        answers.iter().enumerate().map(line).collect()
    }
}

fn sign(class: Class, sums: Sums) -> Mark {
    match class {
        Class::Changed => Mark::Edited,
        Class::New => Mark::Added,
        Class::Gone => Mark::Removed,
        _ if sums.rows == 0 => Mark::Missing,
        _ if sums.sure_left + sums.undecided == 0 => Mark::Ok,
        Class::Conflict => Mark::Warning,
        _ => Mark::Choice,
    }
}

fn why(class: Class, merge: &Merge) -> String {
    match class {
        Class::SameRow => "index, video agree".to_owned(),
        Class::SameVideo => "the index differs".to_owned(),
        Class::Conflict => "two transcripts".to_owned(),
        Class::Changed => "language, index".to_owned(),
        Class::New => "only in export".to_owned(),
        Class::Gone if merge.gone_transcripts() == 1 => "1 had a transcript".to_owned(),
        Class::Gone => format!("{} had transcripts", thousands(merge.gone_transcripts())),
    }
}
