//! Online evidence in the inspector: facts beside the labels, how they were obtained, the first cues, and a timeline of
//! all cues.
//! It must never show the unknown as known.

use ratatui::text::{Line, Span};

use super::Inspector;
use crate::app::screens::{Editor, Screen};
use crate::app::session::Session;
use crate::domain::evidence::{Observation, Subject, SubjectKind};
use crate::domain::format::counted;
use crate::domain::manifest::{Field, RowId};
use crate::domain::rules::Rule;
use crate::domain::subtitle::Transcript;
use crate::ui::body::apart;
use crate::ui::evidence::{self, EvidenceWords, RowEvidence};
use crate::ui::frame::line_width;
use crate::ui::text::{cut_end, safe, width};

/// Column of the text behind a label.
const SAID_AT: usize = 12;

impl<'a> Inspector<'a> {
    fn known(&self) -> RowEvidence {
        RowEvidence::of(self.session, self.row)
    }

    /// The editor, if it is open on this row's transcript.
    fn editor(&self) -> Option<&'a Editor> {
        match self.model.screens.last() {
            Some(Screen::Editor(editor)) if editor.row == self.row && editor.field == Field::Transcription => {
                Some(editor)
            }
            _ => None,
        }
    }

    /// The facts about the object a field names; None for a field that names none.
    pub(super) fn facts(&self, field: Field) -> Option<EvidenceWords> {
        let (kind, observation) = match field {
            Field::Object => (SubjectKind::Video, self.known().video),
            Field::Transcription => (SubjectKind::Transcript, self.known().transcript),
            Field::IndexId | Field::Language => return None,
        };
        let words = if kind == SubjectKind::Video { evidence::of_video } else { evidence::of_transcript };
        let words = observation.as_ref().and_then(words);
        words.or_else(|| {
            Subject::of(kind, self.session.now().value(self.row, field).text())?;
            let editing = kind == SubjectKind::Transcript && self.editor().is_some();
            let none = if editing { "not read yet" } else { self.theme.not_known() };
            Some(EvidenceWords { full: none.into(), short: none.into(), quiet: true })
        })
    }

    /// A label, with the facts about its value at the right.
    pub(super) fn heading(&self, label: &str, field: Field, cells: usize) -> Line<'static> {
        let label = Line::styled(label.to_owned(), self.theme.dim());
        let Some(words) = self.facts(field) else { return label };
        let room = cells.saturating_sub(usize::from(line_width(&label)) + 2);
        let style = if words.quiet { self.theme.dim() } else { self.theme.plain() };
        let right = Line::styled(cut_end(&words.full, room, self.theme.ellipsis()), style);
        apart(label, right, u16::try_from(cells).unwrap_or(u16::MAX))
    }

    /// How the facts were obtained, a line for each subject.
    pub(super) fn how(&self, cells: usize) -> Vec<Line<'static>> {
        let known = self.known();
        let said = |label: &str, observation: &Option<Observation>| {
            let observation = observation.as_ref()?;
            let mut words = evidence::how(observation, self.model.now);
            words.extend(evidence::of_index(observation).map(|index| format!("; {index}")));
            Some(self.hung(label, SAID_AT, &words, self.theme.dim(), cells))
        };
        let lines = [said("transcript", &known.transcript), said("video", &known.video), said("index", &known.index)];
        lines.into_iter().flatten().flatten().collect()
    }

    /// What is known of the row, with the transcript that the editor has.
    pub(super) fn shown(&self) -> RowEvidence {
        match self.editor() {
            Some(editor) => self.known().with_transcript(self.session, editor.input.text()),
            None => self.known(),
        }
    }

    /// The timeline of the cues, and the first of them.
    pub(super) fn cues(&self, cells: usize) -> Vec<Line<'static>> {
        let known = self.shown();
        let typed = self.editor().map(|editor| editor.input.text());
        let stored = self.session.now().value(self.row, Field::Transcription);
        let title = if typed.is_some_and(|typed| typed != stored.text()) { "cues of the typed text" } else { "cues" };
        let title = Line::styled(title, self.theme.dim());
        let Some(transcript) = known.cues() else {
            let none = Line::styled("no cues yet", self.theme.dim());
            return if typed.is_some() { vec![title, none] } else { Vec::new() };
        };
        let span = Line::styled(evidence::span(transcript, known.length()), self.theme.dim());
        let mut lines = vec![apart(title, span, u16::try_from(cells).unwrap_or(u16::MAX))];
        let is_past = past_end(self.session, self.row, typed.unwrap_or(stored.text()));
        lines.extend(evidence::timeline(transcript, known.length(), is_past, cells, self.theme));
        lines.extend(evidence::cue_lines(transcript, cells, self.theme));
        lines
    }

    /// The first cue on one line, with the number of hidden lines.
    pub(super) fn last_line(&self, transcript: &Transcript, hidden: usize, cells: usize) -> Option<Line<'static>> {
        let line = evidence::first_cue(transcript, self.theme)?;
        let key = self.inspector_key();
        let count = Line::from(vec![
            Span::styled(format!("+{}  ", counted(hidden as u64, "line")), self.theme.dim()),
            Span::styled(safe(&key).into_owned(), self.theme.key()),
        ]);
        let room = cells.saturating_sub(usize::from(line_width(&count)) + 2);
        let mut spans = line.spans.into_iter();
        let (head, text) = (spans.next()?, spans.next()?);
        let room = room.saturating_sub(width(&head.content));
        let text = Span::raw(cut_end(&text.content, room, self.theme.ellipsis()));
        Some(apart(Line::from(vec![head, text]), count, u16::try_from(cells).unwrap_or(u16::MAX)))
    }
}

/// Whether cues of this transcript are after the end of the row's video.
fn past_end(session: &Session, row: RowId, text: &str) -> bool {
    session.against_transcript(row, text).iter().any(|fault| fault.rule == Rule::CuesPastEnd)
}
