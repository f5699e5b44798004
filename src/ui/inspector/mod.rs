//! Draws the inspector: everything about the row under the cursor, beside the table, below it or in its place.
//! It must never cut a value: a long one is wrapped, and lines that do not fit are counted and can be scrolled to.

mod online;
mod proposal;

use ratatui::buffer::Buffer;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::body::apart;
use super::frame::{self, put};
use super::text::{cut_key, pad_to, width, without_secret, wrap};
use super::theme::{Mark, State, Theme};
use crate::app::Model;
use crate::app::action::Action;
use crate::app::layout::{Area, Layout, Side};
use crate::app::screens::Screen;
use crate::app::screens::table::fix_of;
use crate::app::session::Session;
use crate::domain::format::{counted, row_number};
use crate::domain::manifest::{Field, RowId, Value};
use crate::domain::row_state::RowState;
use crate::domain::rules::{Finding, Fix, Severity};
use crate::domain::s3_url::carries_secret;

/// Only this many bytes of a value are drawn, the rest is counted: no valid value is longer.
const LONGEST: usize = 16 * 1024;

/// Draws the inspector beside or below the table.
pub fn draw(model: &Model, session: &Session, layout: &Layout, theme: &Theme, buffer: &mut Buffer) {
    let Some(row) = session.current() else { return };
    let inspector = Inspector { model, session, row, theme };
    let title = format!("row {}", row_number(row));
    match layout.inspector {
        Side::Beside(area) => {
            frame::pane_title(buffer, layout, theme, area, &title, &inspector.moment(), session.in_inspector);
            inspector.scrolled(buffer, area, inspector.tall(area));
        }
        Side::Below { rule, area } => {
            frame::titled_rule(buffer, layout, theme, rule, &title, "", session.in_inspector);
            let area = Area { x: area.x + 1, width: area.width.saturating_sub(1), ..area };
            inspector.scrolled(buffer, area, inspector.flat(area));
        }
        Side::Hidden => {}
    }
}

/// Draws the inspector in place of the table, when there is no room for both.
pub fn alone(model: &Model, session: &Session, layout: &Layout, theme: &Theme, buffer: &mut Buffer) {
    frame::rule(buffer, layout, theme, None);
    let Some(row) = session.current() else { return };
    let inspector = Inspector { model, session, row, theme };
    let area = Area { x: layout.body.x + 1, width: layout.body.width.saturating_sub(1), ..layout.body };
    let title = format!("row {}", row_number(row));
    frame::pane_title(buffer, layout, theme, area, &title, &inspector.moment(), true);
    inspector.scrolled(buffer, area, inspector.tall(area));
}

/// Describes in two or three words what a fix does to a text.
pub fn fix_words(text: &str, fix: &Fix, cells: usize, theme: &Theme) -> String {
    let Fix::Set(_, value) = fix else { return "leave the row out".into() };
    let (verb, part) = match (value.strip_prefix(text), text.strip_prefix(value.as_str())) {
        _ if value.is_empty() => return "clear it".into(),
        // Never show what is dropped: it is credentials.
        _ if carries_secret(text) => ("use", value.as_str()),
        (Some(added), _) if !text.is_empty() => ("add", added),
        (_, Some(dropped)) if dropped.trim().is_empty() => return "drop the blanks".into(),
        (_, Some(dropped)) => ("drop", dropped),
        _ => ("use", value.as_str()),
    };
    let key = cut_key(part, cells.saturating_sub(verb.len() + 1).max(8), theme.ellipsis());
    format!("{verb} {}{}", key.directory, key.name)
}

/// A value for display, and whether it is the name of an empty state, which is drawn dim so that it is not taken for
/// text.
pub fn value_words(value: &Value<'_>) -> (String, bool) {
    match value {
        Value::Absent => ("no key".into(), true),
        Value::Null => ("null".into(), true),
        Value::Text(text) if text.is_empty() => ("\"\" (empty)".into(), true),
        Value::Text(text) => (bounded(&without_secret(text)), false),
        Value::Other(raw) => (bounded(&without_secret(raw)), false),
    }
}

fn bounded(text: &str) -> String {
    if text.len() <= LONGEST {
        return text.to_owned();
    }
    let shown = text.get(..text.floor_char_boundary(LONGEST)).unwrap_or_default();
    format!("{shown}  and {} more", counted((text.len() - shown.len()) as u64, "byte"))
}

pub fn mark_of(severity: Severity) -> Mark {
    match severity {
        Severity::Error => Mark::Error,
        Severity::Warning => Mark::Warning,
        Severity::Note => Mark::Note,
    }
}

const SENT_BEFORE: &str = "sent before";

struct Inspector<'a> {
    model: &'a Model,
    session: &'a Session,
    row: RowId,
    theme: &'a Theme,
}

impl Inspector<'_> {
    /// When the row was last edited, for the right of the title.
    fn moment(&self) -> String {
        if matches!(self.model.screens.last(), Some(Screen::Editor(_))) {
            return "editing".into();
        }
        let edited = self.session.now().is_edited(self.row);
        let at = self.session.edited_at.get(&self.row).filter(|_| edited);
        at.map_or_else(String::new, |at| format!("edited {}", at.short_clock()))
    }

    /// Lines for a narrow, high pane: values under their labels. The order never changes.
    fn tall(&self, area: Area) -> Vec<Line<'static>> {
        let cells = usize::from(area.width.saturating_sub(1));
        let mut lines = Vec::new();
        for field in [Field::Object, Field::IndexId, Field::Language, Field::Transcription] {
            let short = matches!(field, Field::IndexId | Field::Language);
            if short {
                lines.extend(self.labelled(field.word(), 10, field, cells));
                lines.extend(self.was(field, 10, cells));
                if field == Field::IndexId {
                    continue;
                }
            } else {
                lines.push(self.heading(field.word(), field, cells));
                lines.extend(self.labelled("", 0, field, cells));
                lines.extend(self.was(field, 0, cells));
            }
            lines.push(Line::default());
        }
        for (finding, by_key) in self.findings() {
            lines.push(self.code(&finding, None));
            lines.extend(
                wrap(&finding.message, cells.saturating_sub(2)).into_iter().map(|l| Line::raw(format!("  {l}"))),
            );
            if let Some(fix) = &finding.fix {
                let mut line = Line::raw("  ");
                let key = self.fix_key().filter(|_| by_key).unwrap_or_else(|| "fix:".into());
                let style = if by_key { self.theme.key() } else { self.theme.dim() };
                let room = cells.saturating_sub(3 + width(&key));
                line.spans.extend([Span::styled(key, style), Span::raw(" "), self.fix(&finding, fix, room)]);
                lines.push(line);
            }
            lines.push(Line::default());
        }
        for proposed in [self.templated_tall(cells), self.proposed_tall(cells)] {
            if !proposed.is_empty() {
                lines.extend(proposed);
                lines.push(Line::default());
            }
        }
        lines.extend(self.verdict());
        lines.extend(self.how(cells));
        lines.extend(self.sent_before(cells));
        let cues = self.cues(cells);
        if !cues.is_empty() {
            // Cues begin at a fixed line, unless the lines above need more room.
            let from = usize::from(area.height) / 2 + 1;
            let gap = usize::from(lines.last().is_some_and(|line| !line.spans.is_empty()));
            lines.resize((lines.len() + gap).max(from), Line::default());
        }
        lines.extend(cues);
        trimmed(lines)
    }

    /// What became of the row in an earlier attempt.
    fn sent_before(&self, cells: usize) -> Vec<Line<'static>> {
        let Some(told) = self.session.before.of_place(self.row) else { return Vec::new() };
        let mut wrapped = wrap(&told, cells.saturating_sub(SENT_BEFORE.len() + 2)).into_iter();
        let first = Line::from(vec![
            Span::styled(format!("{SENT_BEFORE}  "), self.theme.dim()),
            Span::raw(wrapped.next().unwrap_or_default()),
        ]);
        let indent = " ".repeat(SENT_BEFORE.len() + 2);
        std::iter::once(first).chain(wrapped.map(|line| Line::raw(format!("{indent}{line}")))).collect()
    }

    /// Lines for a wide, low pane: values beside their labels.
    fn flat(&self, area: Area) -> Vec<Line<'static>> {
        const LABEL: usize = 12;
        let cells = usize::from(area.width.saturating_sub(1));
        let value = |field| {
            let facts = self.facts(field).map(|words| {
                let style = if words.quiet { self.theme.dim() } else { self.theme.plain() };
                Line::styled(words.short, style)
            });
            let taken = facts.as_ref().map_or(0, |facts| usize::from(frame::line_width(facts)) + 2);
            let mut lines = self.labelled(field.word(), LABEL, field, cells.saturating_sub(taken));
            if let (Some(first), Some(facts)) = (lines.first_mut(), facts) {
                *first = apart(std::mem::take(first), facts, area.width.saturating_sub(1));
            }
            lines.extend(self.was(field, LABEL, cells));
            lines
        };
        // The index has no column in the table: while it has the focus, it comes first.
        let index_first = self.session.view.focus == Field::IndexId;
        let mut lines = if index_first { value(Field::IndexId) } else { Vec::new() };
        lines.extend(value(Field::Object));
        lines.extend(value(Field::Transcription));
        let findings = self.findings();
        let code_cells = findings.iter().map(|(finding, _)| finding.rule.code().len()).max().unwrap_or_default();
        for (finding, by_key) in findings {
            let indent = 2 + code_cells + 2;
            let fix = finding.fix.as_ref().filter(|_| by_key).zip(self.fix_key());
            let right = fix.map_or_else(Vec::new, |(fix, key)| {
                let words = self.fix(&finding, fix, 24);
                let roomy = cells >= indent + 30 + width(&words.content) && width(&words.content) <= 24;
                let words = if roomy { words } else { Span::raw("fix") };
                vec![Span::raw("  "), Span::styled(key, self.theme.key()), Span::raw(" "), words]
            });
            let taken: usize = right.iter().map(|span| width(&span.content)).sum();
            let room = cells.saturating_sub(indent + taken).max(8);
            let mut sentence = wrap(&finding.message, room).into_iter();
            let mut first = self.code(&finding, Some(code_cells));
            first.spans.extend([Span::raw("  "), Span::raw(pad_to(&sentence.next().unwrap_or_default(), room))]);
            first.spans.extend(right);
            lines.push(first);
            lines.extend(sentence.map(|line| Line::raw(format!("{}{line}", " ".repeat(indent)))));
        }
        lines.extend(self.templated_flat(cells));
        lines.extend(self.proposed_flat(cells));
        lines.extend(self.verdict());
        let mut rest = if index_first { Vec::new() } else { value(Field::IndexId) };
        rest.extend(value(Field::Language));
        rest.extend(self.how(cells));
        rest.extend(self.sent_before(cells));
        let cues = self.cues(cells);
        // The last of the few lines shows the first cue.
        let above = usize::from(area.height).saturating_sub(1);
        if let Some(transcript) = self.shown().cues()
            && !self.session.in_inspector
            && lines.len() <= above
        {
            let hidden = (lines.len() + rest.len()).saturating_sub(above) + cues.len() - 1;
            if let Some(last) = self.last_line(transcript, hidden, cells) {
                lines.extend(rest);
                lines.resize(above, Line::default());
                lines.push(last);
                return lines;
            }
        }
        lines.extend(rest);
        lines.extend(cues);
        lines
    }

    /// A field's value, wrapped beside its label.
    fn labelled(&self, label: &str, indent: usize, field: Field, cells: usize) -> Vec<Line<'static>> {
        let (words, named) = value_words(&self.session.now().value(self.row, field));
        let style = match field {
            // The index has no cell in the table to show the focus in.
            Field::IndexId if self.session.view.focus == field && !self.session.in_inspector => self.theme.reversed(),
            _ if named => self.theme.dim(),
            _ => self.theme.plain(),
        };
        self.hung(label, indent, &words, style, cells)
    }

    /// The field's value in the file as opened, if it has changed.
    fn was(&self, field: Field, indent: usize, cells: usize) -> Vec<Line<'static>> {
        if !self.session.now().is_changed(self.row, field) {
            return Vec::new();
        }
        let (words, named) = value_words(&self.session.now().base().value(self.row, field));
        let style = if named { self.theme.dim() } else { self.theme.plain() };
        // At least as wide as its own label.
        self.hung("was", indent.max(5), &words, style, cells)
    }

    fn hung(&self, label: &str, indent: usize, words: &str, style: Style, cells: usize) -> Vec<Line<'static>> {
        let lines = wrap(words, cells.saturating_sub(indent).max(8));
        let labels = std::iter::once(label).chain(std::iter::repeat(""));
        labels
            .zip(lines)
            .map(|(label, text)| {
                let label = Span::styled(pad_to(label, indent), self.theme.dim());
                Line::from(vec![label, Span::styled(text, style)])
            })
            .collect()
    }

    /// Findings, worst first, each with whether [`Action::Fix`] applies its fix.
    fn findings(&self) -> Vec<(Finding, bool)> {
        let Some(findings) = &self.session.findings else { return Vec::new() };
        let now = self.session.now();
        let mut applied = fix_of(self.session, self.row).map(|(finding, _)| finding);
        let explained = findings.of_row(now, self.row).into_iter().map(|hit| findings.explain(now, self.row, &hit));
        explained
            .map(|finding| {
                let by_key = applied.take_if(|applied| *applied == finding).is_some();
                (finding, by_key)
            })
            .collect()
    }

    /// The state of a row that findings do not describe: excluded, or not checked yet.
    fn verdict(&self) -> Vec<Line<'static>> {
        let state = match RowState::of(self.session.now(), self.session.findings.as_deref(), self.row) {
            RowState::Excluded => State::Excluded,
            RowState::Unchecked => State::Queued,
            _ => return Vec::new(),
        };
        let mut line = Line::from(self.theme.sign(state).spans().to_vec());
        if state == State::Excluded {
            line.push_span(", not sent");
        }
        vec![line]
    }

    fn code(&self, finding: &Finding, cells: Option<usize>) -> Line<'static> {
        let code = finding.rule.code();
        let code = cells.map_or_else(|| code.to_owned(), |cells| pad_to(code, cells));
        let mark = self.theme.mark(mark_of(finding.severity));
        Line::from(vec![mark, Span::raw(" "), Span::styled(code, self.theme.bold())])
    }

    fn fix_key(&self) -> Option<String> {
        self.model.key_for(Action::Fix)
    }

    fn fix(&self, finding: &Finding, fix: &Fix, cells: usize) -> Span<'static> {
        let text = finding.field.map(|field| self.session.now().value(self.row, field));
        let text = text.as_ref().map_or("", Value::text);
        Span::raw(fix_words(text, fix, cells, self.theme))
    }

    /// The key that scrolls to the hidden lines.
    fn inspector_key(&self) -> String {
        let action = if self.session.in_inspector { Action::Down } else { Action::Inspector };
        self.model.key_for(action).unwrap_or_default()
    }

    /// Draws the lines that fit; the last one counts those that are hidden.
    fn scrolled(&self, buffer: &mut Buffer, area: Area, mut lines: Vec<Line<'static>>) {
        let height = usize::from(area.height);
        let top = if self.session.in_inspector { self.session.inspector_top } else { 0 };
        let top = top.min(lines.len().saturating_sub(height));
        let hidden = lines.len().saturating_sub(top + height);
        if hidden > 0
            && let Some(last) = lines.get_mut(top + height.saturating_sub(1))
        {
            let key = self.inspector_key();
            let count = hidden + 1;
            *last = Line::from(vec![
                Span::styled(format!("{} {count} more lines  ", self.theme.ellipsis()), self.theme.dim()),
                Span::styled(key, self.theme.key()),
            ]);
        }
        for (y, line) in (area.y..area.bottom()).zip(lines.iter().skip(top)) {
            put(buffer, Area { y, height: 1, ..area }, area.x, line);
        }
    }
}

/// Removes blank lines at the end.
fn trimmed(mut lines: Vec<Line<'static>>) -> Vec<Line<'static>> {
    while lines.last().is_some_and(|line| line.spans.is_empty()) {
        lines.pop();
    }
    lines
}
