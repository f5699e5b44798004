//! Draws the inline editor under its row, or above it near the end of the table: always nine lines in the same order,
//! so that nothing moves while a value is typed.
//! It must never hide the text around the cursor, except credentials.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::text::{Line, Span};
use std::borrow::Cow;

use super::difference::{side_by_side, tell_apart};
use super::evidence::{self, RowEvidence};
use super::frame::{line_width, put, rect};
use super::input;
use super::inspector::{fix_words, mark_of, value_words};
use super::text::{Key, cut_end, cut_middle, pad_left, pad_to, short_bytes, width, without_secret, wrap};
use super::theme::{Mark, Theme};
use crate::app::Model;
use crate::app::action::Action;
use crate::app::layout::{Area, Layout};
use crate::app::line_input::LineInput;
use crate::app::screens::Editor;
use crate::app::screens::editor::Was;
use crate::app::session::KeyOffer;
use crate::app::session::Session;
use crate::domain::evidence::{Subject, SubjectKind};
use crate::domain::manifest::{Field, Value};
use crate::domain::rules::{Finding, Fix, Severity};

pub fn draw(model: &Model, session: &Session, editor: &Editor, layout: &Layout, theme: &Theme, frame: &mut Frame<'_>) {
    let line = session.line_of(layout, editor.row).unwrap_or_default();
    let area = layout.editor(layout.table.y + line);
    let buffer = frame.buffer_mut();
    for position in rect(area).intersection(buffer.area).positions() {
        if let Some(cell) = buffer.cell_mut(position) {
            cell.reset();
        }
    }
    for y in area.y..area.bottom() {
        put(buffer, Area { y, ..area }, area.x, &Line::from(theme.bar()));
    }
    // Between the bar and the table's right end.
    let x = area.x + 2;
    let panel =
        Panel { model, editor, theme, area: Area { x, width: layout.columns.state.right().saturating_sub(x), ..area } };
    panel.label(buffer);
    // Typed or pasted credentials are not shown either.
    let cut = match without_secret(editor.input.text()) {
        Cow::Owned(shown) => Some(LineInput::new(&shown)),
        Cow::Borrowed(_) => None,
    };
    let ghost = editor.ghost().filter(|_| cut.is_none()).unwrap_or_default();
    let drawn = input::draw(buffer, panel.line(1), cut.as_ref().unwrap_or(&editor.input), ghost, theme);
    panel.caret(buffer, &drawn);
    panel.diagnostics(buffer);
    panel.note(buffer);
    panel.completions(buffer);
    frame.set_cursor_position((drawn.cursor, panel.line(1).y));
}

/// Widths of a completion's reason and size, in cells.
const REASON: usize = 13;
const SIZE: usize = 8;

struct Panel<'a> {
    model: &'a Model,
    editor: &'a Editor,
    theme: &'a Theme,
    area: Area,
}

impl Panel<'_> {
    /// Line `at` of the nine, from 0.
    fn line(&self, at: u16) -> Area {
        Area { y: self.area.y + at, height: u16::from(at < self.area.height), ..self.area }
    }

    /// Draws `left` at the start of a line and `right` at its end.
    fn put(&self, buffer: &mut Buffer, at: u16, left: &Line<'_>, right: &Line<'_>) {
        let line = self.line(at);
        if line.height == 0 {
            return;
        }
        put(buffer, line, line.x, left);
        put(buffer, line, line.right().saturating_sub(line_width(right)).max(line.x), right);
    }

    fn cells(&self) -> usize {
        self.area.width.into()
    }

    /// Draws the field's name, and its value when the editor opened.
    fn label(&self, buffer: &mut Buffer) {
        let label = self.editor.field.word();
        let was = match &self.editor.was {
            Was::Absent => Value::Absent,
            Was::Null => Value::Null,
            Was::Text(text) => Value::Text(text.as_str().into()),
            Was::Other(raw) => Value::Other(raw),
        };
        let room = self.cells().saturating_sub(label.len() + 2 + "was ".len());
        let (was, is_named) = value_words(&was);
        let mut right = vec![Span::styled("was ", self.theme.dim())];
        // The part that differs from the typed text is never cut.
        let typed = without_secret(self.editor.input.text());
        if is_named || typed.is_empty() {
            right.push(Span::raw(cut_middle(&was, room, self.theme.ellipsis())));
        } else {
            let [was, _] = side_by_side(&was, &typed, room, self.theme.ellipsis());
            right.extend(was.spans(self.theme));
        }
        let right = Line::from(right);
        self.put(buffer, 0, &Line::styled(label, self.theme.bold()), &right);
    }

    /// Draws carets under the span of the worst finding, unless that is a note.
    fn caret(&self, buffer: &mut Buffer, drawn: &input::Drawn) {
        let Some(worst) = self.editor.findings.first().filter(|worst| worst.severity != Severity::Note) else { return };
        let span = worst.span.start as usize..worst.span.end as usize;
        let (line, mark) = (self.line(2), self.theme.mark(Mark::Caret));
        for x in drawn.columns(span).into_iter().flatten() {
            put(buffer, line, x, &Line::from(mark.clone()));
        }
    }

    fn diagnostics(&self, buffer: &mut Buffer) {
        let Some((first, others)) = self.editor.findings.split_first() else {
            let checked = match self.editor.field {
                Field::IndexId => " the id is well formed",
                Field::Language => " a documented language",
                Field::Object | Field::Transcription => " the address is well formed",
            };
            let fine = vec![self.theme.mark(Mark::Ok), Span::raw(checked)];
            self.put(buffer, 3, &Line::from(fine), &Line::default());
            return self.bucket(buffer, 4);
        };
        // `Action::TakeFix` takes the first fix for this field.
        let fixable = |finding: &Finding| match &finding.fix {
            Some(Fix::Set(field, _)) => *field == self.editor.field,
            _ => false,
        };
        let at = self.editor.findings.iter().position(fixable);
        // The worst finding is told whole; what it needs, the others and the bucket go without.
        let end = if self.editor.note.is_none() { 6 } else { 5 };
        let mut next = 4;
        let rest = self.finding(buffer, 3, first, at == Some(0), true, 0);
        let wrapped = wrap(&rest, self.cells().saturating_sub(2).max(1));
        for text in wrapped.iter().filter(|text| !text.is_empty()).take(usize::from(end - next)) {
            self.put(buffer, next, &Line::raw(format!("  {text}")), &Line::default());
            next += 1;
        }
        if let Some((second, more)) = others.split_first().filter(|_| next < end) {
            self.finding(buffer, next, second, at == Some(1), false, more.len());
            next += 1;
        }
        if next < end {
            self.bucket(buffer, next);
        }
    }

    /// Draws what S3 says about the typed transcript.
    fn bucket(&self, buffer: &mut Buffer, at: u16) {
        let Some(session) = self.model.session().filter(|_| self.editor.field == Field::Transcription) else { return };
        let text = self.editor.input.text();
        let observation = RowEvidence::default().with_transcript(session, text).transcript;
        let fault = session.against_transcript(self.editor.row, text).into_iter().next();
        let fault = fault
            .filter(|fault| fault.severity != Severity::Note && observation.as_ref().is_some_and(evidence::is_read));
        let (mark, code, words) = match (observation, fault) {
            (_, Some(fault)) => (mark_of(fault.severity), fault.rule.code(), fault.message),
            (Some(observation), None) => {
                let (mark, words) = evidence::in_bucket(&observation, false);
                (mark, "", words)
            }
            _ if text.is_empty() => return,
            _ if self.editor.has_error() => {
                (Mark::Queued, "", "in the bucket: not looked up while the text has an error".to_owned())
            }
            _ if self.model.options.offline => (Mark::Queued, "", "in the bucket: not looked up, offline".to_owned()),
            _ if Subject::of(SubjectKind::Transcript, text).is_none() => return,
            _ => (Mark::Checking, "", "asking S3".to_owned()),
        };
        let mut line = Line::from(vec![self.theme.mark(mark), Span::raw(" ")]);
        if !code.is_empty() {
            line.spans.extend([Span::styled(code, self.theme.bold()), Span::raw("  ")]);
        }
        let room = self.cells().saturating_sub(line_width(&line).into());
        line.push_span(cut_end(&words, room, self.theme.ellipsis()));
        self.put(buffer, at, &line, &Line::default());
    }

    /// Draws a finding on one line. If it is the only one, returns the rest of its text for the next line.
    fn finding(&self, buffer: &mut Buffer, at: u16, finding: &Finding, fix: bool, alone: bool, more: usize) -> String {
        let mut right = Line::default();
        if let Some(fix) = finding.fix.as_ref().filter(|_| fix) {
            let key = self.model.key_for(Action::TakeFix).unwrap_or_default();
            let words = fix_words(self.editor.input.text(), fix, self.cells() / 3, self.theme);
            right.spans.extend([Span::styled(key, self.theme.key()), Span::raw(format!(" {words}"))]);
        }
        if more > 0 {
            right.push_span(format!("  +{more} more"));
        }
        let code = finding.rule.code();
        let mut left = Line::from(vec![
            self.theme.mark(mark_of(finding.severity)),
            Span::raw(" "),
            Span::styled(code, self.theme.bold()),
            Span::raw("  "),
        ]);
        let room = self.cells().saturating_sub(usize::from(line_width(&left) + line_width(&right)) + 2);
        let mut lines = wrap(&finding.message, room.max(1)).into_iter();
        if alone {
            left.push_span(lines.next().unwrap_or_default());
        } else {
            left.push_span(cut_end(&finding.message, room, self.theme.ellipsis()));
        }
        self.put(buffer, at, &left, &right);
        lines.collect::<Vec<_>>().join(" ")
    }

    /// Draws how a paste was converted.
    fn note(&self, buffer: &mut Buffer) {
        if let Some(note) = &self.editor.note {
            let text = cut_end(note, self.cells().saturating_sub(2), self.theme.ellipsis());
            let line = Line::from(vec![self.theme.mark(Mark::Note), Span::raw(" "), Span::raw(text)]);
            self.put(buffer, 5, &line, &Line::default());
        }
    }

    fn completions(&self, buffer: &mut Buffer) {
        let offers = &self.editor.completions;
        let reason = offers.iter().map(|offer| width(&offer.reason)).max().unwrap_or_default().max(REASON);
        let room = self.cells().saturating_sub(reason + SIZE + 4);
        let short = |url: &str| Key { directory: String::new(), name: cut_middle(url, room, self.theme.ellipsis()) };
        let urls = tell_apart(offers.iter().map(|offer| offer.url.as_str().into()), room, self.theme.ellipsis(), short);
        for (at, (choice, (offer, url))) in (6..self.area.height).zip(offers.iter().zip(urls).enumerate()) {
            self.completion(buffer, at, offer, url, choice == self.editor.choice);
        }
    }

    fn completion(&self, buffer: &mut Buffer, at: u16, offer: &KeyOffer, url: Key, chosen: bool) {
        let style = if chosen { self.theme.plain() } else { self.theme.dim() };
        let right = Line::from(vec![
            Span::styled(pad_to(&offer.reason, REASON.max(width(&offer.reason))), style),
            Span::styled(pad_left(&offer.size.map_or_else(String::new, short_bytes), SIZE), style),
        ]);
        let sign = if chosen { self.theme.mark(Mark::Choice) } else { Span::raw(" ") };
        let url = Span::raw(url.directory + &url.name);
        self.put(buffer, at, &Line::from(vec![sign, Span::raw(" "), url]), &right);
    }
}
