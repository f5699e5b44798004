//! Draws the preview of a bulk change: the input, the counts, and the values of the selected count. Computes values
//! only for visible rows.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::text::{Line, Span};

use super::body::{apart, head, key_and, row, write, write_right};
use super::change::{self, shown};
use super::difference::names_apart;
use super::frame::{Title, line_width, pane_title};
use super::input::{self, Drawn};
use super::text::{cut_end, cut_middle, pad_left, pad_to, safe, thousands, width, without_secret, wrap};
use super::theme::{Mark, Theme};
use crate::app::action::Action;
use crate::app::count::Counted;
use crate::app::layout::{Area, Layout, Side};
use crate::app::line_input::LineInput;
use crate::app::model::Model;
use crate::app::screens::Bulk;
use crate::app::screens::bulk::Part;
use crate::app::session::Session;
use crate::domain::bulk::{self, Class, Plan, fixes_of};
use crate::domain::fixes::fix_for;
use crate::domain::format::{counted, row_number};
use crate::domain::manifest::{Field, RowId, Value};
use crate::domain::rules::Fix;

/// Column of the input text.
const TEXT_AT: u16 = 10;
/// Cells of the labels in the side pane, and most lines of a value there.
const LABEL: usize = 5;
const LINES_OF_A_VALUE: usize = 4;
/// How long a count runs before its progress is shown, in milliseconds.
const UNSAID: i64 = 150;

pub fn draw(model: &Model, screen: &Bulk, layout: &Layout, theme: &Theme, frame: &mut Frame<'_>) {
    let Some(session) = model.session() else { return };
    let panes = layout.bulk();
    let beside = matches!(panes.side, Side::Beside(_));
    let end = if beside { panes.main.right() } else { panes.main.right().saturating_sub(1) };
    let form = Preview { model, session, screen, theme, area: Area { width: end, ..panes.main }, beside };

    let phrase = screen.form.phrase();
    let title = Title { name: screen.form.name(), phrase: &phrase, phrase_at: Title::PHRASE_AT, right: "" };
    head(frame.buffer_mut(), layout, theme, panes.main, &title, "");
    let below = form.lines(frame);
    let below = form.counts(frame.buffer_mut(), below);
    let Some(below) = below else { return };
    if let (Side::Beside(area), Some(first)) = (panes.side, screen.rows().iter_from(screen.top).next()) {
        let name = format!("row {}", row_number(first));
        pane_title(frame.buffer_mut(), layout, theme, area, &name, "", false);
        form.aside(frame.buffer_mut(), Area { width: area.width.saturating_sub(1), ..area }, first);
    }
    form.values(frame.buffer_mut(), layout, below);
}

struct Preview<'a> {
    model: &'a Model,
    session: &'a Session,
    screen: &'a Bulk,
    theme: &'a Theme,
    area: Area,
    beside: bool,
}

impl Preview<'_> {
    /// Draws the input lines, with carets under a fault, and returns the row of the counts.
    fn lines(&self, frame: &mut Frame<'_>) -> u16 {
        let (area, theme) = (self.area, self.theme);
        let mut y = area.y;
        for (at, (label, line)) in self.screen.form.labels().iter().zip(&self.screen.lines).enumerate() {
            // Pasted credentials are not shown.
            let cut = match without_secret(line.text()) {
                std::borrow::Cow::Owned(shown) => Some(LineInput::new(&shown)),
                std::borrow::Cow::Borrowed(_) => None,
            };
            let buffer = frame.buffer_mut();
            write(buffer, area, y, 1, Span::styled(*label, theme.dim()));
            let text = Area { x: TEXT_AT, width: area.right().saturating_sub(TEXT_AT), ..row(area, y) };
            let drawn = input::draw(buffer, text, cut.as_ref().unwrap_or(line), "", theme);
            if at == self.screen.at {
                write(buffer, area, y, TEXT_AT - 2, Span::styled(">", theme.bold()));
                frame.set_cursor_position((drawn.cursor, y));
            }
            y += 1;
            if self.screen.fault.as_ref().is_some_and(|fault| fault.line == at) {
                self.carets(frame.buffer_mut(), y, &drawn);
                y += 1;
            }
        }
        match self.screen.lines.len() {
            0 => y,
            // The carets take the blank row.
            _ => y + u16::from(self.screen.fault.is_none()),
        }
    }

    fn carets(&self, buffer: &mut Buffer, y: u16, drawn: &Drawn) {
        let Some(fault) = &self.screen.fault else { return };
        for x in drawn.columns(fault.span.clone()).into_iter().flatten() {
            write(buffer, self.area, y, x, self.theme.mark(Mark::Caret));
        }
    }

    /// Draws the counts, or the fault or progress in their place. Returns the row of the values; None when there are
    /// none.
    fn counts(&self, buffer: &mut Buffer, mut y: u16) -> Option<u16> {
        let (screen, theme, area) = (self.screen, self.theme, self.area);
        if let Some(fault) = &screen.fault {
            let words = cut_end(&fault.words, usize::from(area.right().saturating_sub(4)), theme.ellipsis());
            write(buffer, area, y, 1, vec![theme.mark(Mark::Error), Span::raw(format!(" {words}"))]);
            return None;
        }
        if screen.is_stale && screen.is_whole() && self.says_how_far(buffer, y) {
            return None;
        }
        let chosen = screen.chosen().map(|(part, _)| part);
        let mut x = 1;
        let counts = screen.counts();
        let cells =
            |word: &str, count: u64| u16::try_from(2 + width(word) + 1 + thousands(count).len()).unwrap_or(u16::MAX);
        let all: u16 = counts.iter().map(|(_, word, count)| cells(word, *count) + 3).sum();
        let gap = if self.beside || all > area.right() { 1 } else { 3 };
        let style = if screen.is_stale { theme.dim() } else { theme.plain() };
        for (part, word, count) in counts {
            let (number, cells) = (thousands(count), cells(word, count));
            if x > 1 && x + cells > area.right() {
                (x, y) = (1, y + 1);
            }
            let is_chosen = chosen == Some(part);
            if is_chosen {
                write(buffer, area, y, x, theme.mark(Mark::Choice));
            }
            let number = if is_chosen && !screen.is_stale {
                Span::styled(number, theme.bold())
            } else {
                Span::styled(number, style)
            };
            write(buffer, area, y, x + 2, vec![Span::styled(format!("{word} "), style), number]);
            x += cells + gap;
        }
        screen.counted.as_ref().map(|_| y + 2)
    }

    /// Draws the progress of a slow count, or that nothing is counted; false when it drew neither.
    fn says_how_far(&self, buffer: &mut Buffer, y: u16) -> bool {
        let theme = self.theme;
        if !Bulk::is_counting(&self.model.jobs) {
            let mut line = vec![Span::raw("not counted  ")];
            line.extend(key_and(self.model, theme, Action::Accept, "counts"));
            write(buffer, self.area, y, 1, line);
            return true;
        }
        if self.model.now.unix_ms - self.screen.since.unix_ms < UNSAID {
            return false;
        }
        let all = self.screen.form.rows.len() as u64;
        let so_far = format!(" {} of {}", thousands(u64::from(self.screen.done).min(all)), thousands(all));
        write(buffer, self.area, y, 1, vec![theme.spinner(self.model.ticks), Span::raw(so_far)]);
        true
    }

    fn plan(&self) -> Option<&Plan> {
        match &self.screen.counted {
            Some(Counted::Plan { plan, .. }) => Some(plan),
            _ => None,
        }
    }

    /// In one line, whether the new transcripts are listed, used by other rows or repeated.
    fn in_one_line(&self) -> Option<String> {
        let plan = self.plan().filter(|plan| is_about_transcripts(plan))?;
        let others = [(plan.used, "used by another row"), (plan.twice, "the same twice")];
        let others = others.into_iter().filter(|(count, _)| *count > 0);
        let others: String = others.map(|(count, words)| format!(", {} {words}", thousands(count))).collect();
        Some(match plan.in_list {
            Some(list) => {
                let (are, are_not) = (verb(list.listed), verb(list.not_listed));
                let (listed, not_listed) = (thousands(list.listed), thousands(list.not_listed));
                format!("of the new values {listed} {are} in the list, {not_listed} {are_not} not{others}")
            }
            None => format!("no list: whether they exist is not known{others}"),
        })
    }

    /// Draws the rows of the selected count, each with old and new value.
    fn values(&self, buffer: &mut Buffer, layout: &Layout, mut y: u16) {
        let (area, theme) = (self.area, self.theme);
        if let Some(words) = self.in_one_line().filter(|_| !self.beside) {
            write(buffer, area, y, 1, cut_end(&words, usize::from(area.right().saturating_sub(2)), theme.ellipsis()));
            y += 2;
        }
        let rows = self.screen.rows();
        let text_at = 2 + layout.digits + 3;
        let in_sight: Vec<RowId> =
            rows.iter_from(self.screen.top).take(usize::from(area.bottom().saturating_sub(y))).collect();
        let now = self.session.now();
        let videos: Vec<_> = in_sight.iter().map(|row| shown(&now.value(*row, Field::Object))).collect();
        let cells = usize::from(area.right().saturating_sub(text_at + 2));
        let told: Vec<_> = in_sight.iter().map(|row| self.value_lines(*row, cells)).collect();
        // A name gets what the tags leave.
        let tags = told.iter().map(|(tag, _)| line_width(tag)).max().unwrap_or(0);
        let room = usize::from(area.right().saturating_sub(text_at + if tags > 0 { tags + 2 } else { 0 }));
        let names = names_apart(videos.iter().map(|video| video.as_str().into()), room, theme.ellipsis());
        let mut drawn = 0;
        for ((row, name), (tag, lines)) in in_sight.iter().zip(names).zip(told) {
            let height = u16::try_from(1 + lines.len()).unwrap_or(u16::MAX);
            // Keep a line for the number of further rows.
            let is_last = self.screen.top + drawn + 1 == rows.len();
            if y + height + u16::from(!is_last) > area.bottom() {
                break;
            }
            let number = pad_left(&row_number(*row), layout.digits.into());
            write(buffer, area, y, 2, Span::styled(number, theme.dim()));
            write(buffer, area, y, text_at, name);
            write_right(buffer, area, y, area.right(), tag);
            for (at, line) in (y + 1..).zip(lines) {
                let right = write_right(buffer, area, at, area.right(), Line::styled(line.right, theme.dim()));
                let left = Area { width: right.saturating_sub(area.x), ..area };
                if let Some(mark) = line.mark {
                    write(buffer, left, at, text_at, theme.mark(mark));
                }
                write(buffer, left, at, text_at + 2, line.text);
            }
            y += height;
            drawn += 1;
        }
        let more = (rows.len() - self.screen.top.min(rows.len())).saturating_sub(drawn);
        let left_over = self.screen.chosen().filter(|(part, _)| *part == Part::Class(Class::LinesLeft));
        if let Some((_, lines)) = left_over.filter(|(_, lines)| *lines > 0) {
            write(buffer, area, y, 3, format!("no row is left for {}", counted(lines, "line")));
        } else if more > 0 {
            write(buffer, area, y, 3, format!("{} more", thousands(more as u64)));
        }
    }

    fn value_lines(&self, row: RowId, cells: usize) -> (Line<'static>, Vec<ValueLine>) {
        let now = self.session.now();
        match &self.screen.counted {
            Some(Counted::Plan { plan, listed }) => {
                let sample = plan.sample(now, row);
                let new = match (&sample.new, sample.class) {
                    (Some(new), Class::Changes | Class::WouldBreak) => Value::Text(new.as_str().into()),
                    _ => {
                        let text = cut_middle(&shown(&sample.old), cells, self.theme.ellipsis());
                        let text = vec![Span::styled(text, self.theme.dim())];
                        return (Line::default(), vec![ValueLine { mark: None, text, right: String::new() }]);
                    }
                };
                let tag = match (sample.rule, listed.as_ref().filter(|_| is_about_transcripts(plan))) {
                    (Some(rule), _) => {
                        Line::from(vec![self.theme.mark(Mark::Error), Span::raw(format!(" {}", rule.code()))])
                    }
                    (None, Some(listed)) if new.is_empty() || listed.contains(new.text()) => {
                        Line::raw(if new.is_empty() { "" } else { "listed" })
                    }
                    (None, Some(_)) => Line::raw("not listed"),
                    (None, None) => Line::default(),
                };
                (tag, self.change("", &sample.old, &new, cells))
            }
            Some(Counted::Fixes { findings, .. }) => {
                let fixes = match self.screen.chosen() {
                    Some((Part::Fixes(rule), _)) => fix_for(findings, now, row, rule).into_iter().collect(),
                    Some((Part::AllFixes, _)) => fixes_of(findings, now, row),
                    _ => Vec::new(),
                };
                let mut lines = Vec::new();
                for fix in fixes {
                    match fix {
                        Fix::Exclude => lines.push(ValueLine {
                            mark: Some(Mark::Excluded),
                            text: vec![Span::raw("leaves the file")],
                            right: String::new(),
                        }),
                        Fix::Set(field, text) => {
                            let label = if field == Field::Transcription { "" } else { field.word() };
                            let new = Value::Text(text.into());
                            lines.extend(self.change(label, &now.value(row, field), &new, cells));
                        }
                    }
                }
                if lines.is_empty()
                    && let Some(hit) = findings.of_row(now, row).first()
                {
                    let words = findings.explain(now, row, hit).message;
                    let words = cut_end(&words, cells, self.theme.ellipsis());
                    lines.push(ValueLine { mark: None, text: vec![Span::raw(words)], right: String::new() });
                }
                (Line::default(), lines)
            }
            None => (Line::default(), Vec::new()),
        }
    }

    fn change(&self, label: &str, old: &Value<'_>, new: &Value<'_>, cells: usize) -> Vec<ValueLine> {
        let lines = change::lines(self.theme, label, old, new, cells).into_iter();
        lines.map(|line| ValueLine { mark: Some(line.mark), text: line.text, right: line.right }).collect()
    }

    /// Draws the side pane: how the first visible row gets its new value, and counts over all new values.
    fn aside(&self, buffer: &mut Buffer, area: Area, row: RowId) {
        let theme = self.theme;
        let number = |label: String, count: u64| apart(Line::raw(label), Line::raw(thousands(count)), area.width);
        let mut lines = Vec::new();
        if let Some(plan) = self.plan() {
            let sample = plan.sample(self.session.now(), row);
            // A value stands whole, over as many lines as it needs.
            let value = |label: &str, text: &str| {
                let room = usize::from(area.width).saturating_sub(LABEL);
                let parts = wrap(text, room.max(1)).into_iter().take(LINES_OF_A_VALUE).enumerate();
                let label = |at| Span::styled(pad_to(if at == 0 { label } else { "" }, LABEL), theme.dim());
                parts.map(|(at, part)| Line::from(vec![label(at), Span::raw(part)])).collect::<Vec<_>>()
            };
            lines.extend(value("now", &shown(&sample.old)));
            if let bulk::Action::Replace(_, pattern) = plan.action() {
                let groups = pattern.groups(sample.old.text());
                lines.extend(groups.iter().take(9).flat_map(|(name, text)| value(name, &safe(text))));
            }
            if let Some(new) = &sample.new {
                lines.extend(value("new", &shown(&Value::Text(new.as_str().into()))));
            }
            lines.push(Line::default());
            if is_about_transcripts(plan) {
                lines.push(Line::raw("the new values"));
                match plan.in_list {
                    Some(list) => {
                        lines.push(number("  in the list".into(), list.listed));
                        lines.push(number("  not in the list".into(), list.not_listed));
                    }
                    None => lines.extend(
                        wrap("no list: whether they exist is not known", usize::from(area.width.saturating_sub(2)))
                            .into_iter()
                            .map(|line| Line::styled(format!("  {line}"), theme.dim())),
                    ),
                }
                lines.push(number("  used by another row".into(), plan.used));
                lines.push(number("  the same twice".into(), plan.twice));
                lines.push(Line::default());
            }
            let breaks: u64 = plan.breaks.iter().map(|(_, count)| count).sum();
            if breaks > 0 {
                lines.push(number("would break".into(), breaks));
                for (rule, count) in plan.breaks.iter().take(6) {
                    let left = Line::from(vec![
                        Span::raw("  "),
                        theme.mark(Mark::Error),
                        Span::raw(format!(" {}", rule.code())),
                    ]);
                    lines.push(apart(left, Line::raw(thousands(*count)), area.width));
                }
                lines.push(Line::default());
            }
        }
        lines.push(Line::raw("one undo step"));
        for (y, line) in (area.y..area.bottom()).zip(lines) {
            write(buffer, area, y, area.x, line);
        }
    }
}

struct ValueLine {
    mark: Option<Mark>,
    text: Vec<Span<'static>>,
    right: String,
}

/// Whether its new values are transcript URLs, which may be in the list.
fn is_about_transcripts(plan: &Plan) -> bool {
    plan.action().field() == Field::Transcription && !matches!(plan.action(), bulk::Action::Clear(_))
}

fn verb(count: u64) -> &'static str {
    if count == 1 { "is" } else { "are" }
}
