//! Draws what transcripts of one row hold: a verdict on each, and the cues of two from their first difference on. It must
//! never call a transcript fine before it was read, nor two alike before both were read to their ends.

use ratatui::text::{Line, Span};
use std::time::Duration;

use super::{RowEvidence, cue_lines, cues, in_bucket, in_words};
use crate::app::model::Model;
use crate::app::session::Session;
use crate::domain::evidence::{Answer, Fact, Found, Object, Subject, SubjectKind};
use crate::domain::manifest::RowId;
use crate::domain::rules::{Rule, Severity};
use crate::domain::subtitle::{Cue, Difference, Inspected, Other, Transcript};
use crate::ui::body::SidePane;
use crate::ui::difference::side_by_side;
use crate::ui::frame::line_width;
use crate::ui::text::{cue_clock, cue_time, cut_end, safe, thousands, width};
use crate::ui::theme::{Mark, Theme};

/// Title of the preview while nothing more can be said of it.
pub const PREVIEW: &str = "preview";

/// The pane of such transcripts: the verdicts, then the cues under their title. A pane below has that title in its rule.
pub fn contents(
    theme: &Theme,
    (title, cues): (String, Vec<Line<'static>>),
    verdicts: Vec<Line<'static>>,
    kind: String,
    is_beside: bool,
) -> SidePane {
    let mut lines = verdicts;
    if !is_beside {
        lines.extend(cues);
        return SidePane { title, right: kind, lines };
    }
    if !cues.is_empty() {
        // The pane's title says that it is a preview.
        let title = (title != PREVIEW).then(|| [Line::default(), Line::styled(title, theme.dim())]);
        lines.extend(title.into_iter().flatten().chain(cues));
    }
    SidePane { title: PREVIEW.to_owned(), right: kind, lines }
}

/// Transcripts that a row may take.
#[derive(Clone, Copy)]
pub struct Beside<'a> {
    pub model: &'a Model,
    pub session: &'a Session,
    pub theme: &'a Theme,
    pub row: RowId,
}

impl<'a> Beside<'a> {
    pub fn known(&self, url: &str) -> RowEvidence {
        RowEvidence::of(self.session, self.row).with_transcript(self.session, url)
    }

    /// A line for each transcript, after its number: what is known about its contents.
    pub fn verdicts<'u>(&self, numbered: impl Iterator<Item = (usize, &'u str)>, cells: usize) -> Vec<Line<'static>> {
        let line = |(number, url): (usize, &str)| {
            let (mark, words) = self.verdict(url);
            let words = cut_end(&words, cells.saturating_sub(5), self.theme.ellipsis());
            Line::from(vec![
                Span::styled(number.to_string(), self.theme.key()),
                Span::raw("  "),
                self.theme.mark(mark),
                Span::raw(format!(" {words}")),
            ])
        };
        numbered.map(line).collect()
    }

    fn verdict(&self, url: &str) -> (Mark, String) {
        if url.is_empty() {
            return (Mark::Missing, "no transcript".to_owned());
        }
        let known = self.known(url);
        let Some(observation) = &known.transcript else {
            return match (Subject::of(SubjectKind::Transcript, url), self.model.options.offline) {
                (None, _) => (Mark::Unknown, "not read: it is no address of an object".to_owned()),
                (_, true) => (Mark::Queued, "not read, offline".to_owned()),
                (_, false) => (Mark::Checking, "reading the first 64 KB".to_owned()),
            };
        };
        if let Fact::Transcript(Object { answer, .. }) = &observation.fact {
            match answer {
                Answer::Missing { .. } | Answer::Refused { there: Some(false), .. } => {
                    return (Mark::Error, "no such object".to_owned());
                }
                Answer::Refused { there: Some(true), .. } => return (Mark::Error, "not public".to_owned()),
                Answer::Found(Found { what: Inspected::Other(Other::Unread), .. }) => {
                    return (Mark::Unknown, "no cue in what was read".to_owned());
                }
                Answer::Found(Found { what: Inspected::Other(_), .. }) => {
                    return (Mark::Error, "no subtitles in it".to_owned());
                }
                _ => {}
            }
        }
        let Some(transcript) = known.cues() else { return in_bucket(observation, false) };
        let faults = self.session.against_transcript(self.row, url);
        let ends = known.length().map(in_words);
        if let (true, Some(ends)) = (faults.iter().any(|fault| fault.rule == Rule::CuesPastEnd), &ends) {
            return (Mark::Warning, format!("last cue {}, the video ends {ends}", cue_clock(transcript.last_ms)));
        }
        let worst = faults.iter().min_by_key(|fault| fault.severity).filter(|fault| fault.severity < Severity::Note);
        let mark = match worst.map(|fault| fault.severity) {
            Some(Severity::Error) => Mark::Error,
            Some(_) => Mark::Warning,
            None => Mark::Ok,
        };
        if let Some(fault) = worst {
            let last = cue_clock(transcript.last_ms);
            return (mark, format!("{}, the last at {last}: {}", cues(transcript), fault.rule.code()));
        }
        let ends = ends.map_or_else(String::new, |ends| format!(", the video ends {ends}"));
        (mark, format!("{}, the last at {}{ends}", cues(transcript), cue_clock(transcript.last_ms)))
    }

    /// The first cues of one of them, below a title.
    pub fn alone(&self, number: usize, url: &str, cells: usize) -> (String, Vec<Line<'static>>) {
        let lines = self.known(url).cues().map(|cues| cue_lines(cues, cells, self.theme)).unwrap_or_default();
        (format!("{number}, first cues"), lines)
    }

    /// The cues of 1 and 2 from where they differ, below a title.
    pub fn compared(&self, urls: [&str; 2], cells: usize) -> (String, Vec<Line<'static>>) {
        let [first, second] = urls.map(|url| self.known(url));
        let (Some(one), Some(two)) = (first.cues(), second.cues()) else { return (PREVIEW.to_owned(), Vec::new()) };
        if has_same_bytes(&first, &second) {
            return (Self::alike(&Difference::SameBytes), cue_lines(one, cells, self.theme));
        }
        if let Some(at) = one.opening_differs(two) {
            let cues = [one.opening.get(at), two.opening.get(at)];
            let title = match at == 0 && differ_everywhere(one, two) {
                true => "1 and 2 differ in every cue".to_owned(),
                false => format!("1 and 2 differ first at cue {}", at + 1),
            };
            return (title, self.both(cues, cells));
        }
        let [Some(a), Some(b)] = urls.map(|url| Subject::of(SubjectKind::Transcript, url)) else {
            return (PREVIEW.to_owned(), Vec::new());
        };
        let pair = [a, b];
        match self.session.cues.of(&pair) {
            Some(Ok(Difference::At { cue, one, two })) => {
                let title = format!("1 and 2 differ first at cue {}", thousands(*cue as u64));
                (title, self.both([one.as_ref(), two.as_ref()], cells))
            }
            Some(Ok(Difference::Everywhere { one, two })) => {
                ("1 and 2 differ in every cue".to_owned(), self.both([Some(one), Some(two)], cells))
            }
            Some(Ok(alike)) => (Self::alike(alike), cue_lines(one, cells, self.theme)),
            told => {
                let note = match told {
                    Some(Err(why)) => {
                        vec![
                            self.theme.mark(Mark::Unknown),
                            Span::raw(format!(" the rest is not known: {}", safe(why))),
                        ]
                    }
                    _ if self.session.cues.reads(&pair) => {
                        vec![self.theme.spinner(self.model.ticks), Span::raw(" reading on to where they differ")]
                    }
                    _ if self.model.options.offline => {
                        vec![self.theme.mark(Mark::Queued), Span::raw(" the rest is not read, offline")]
                    }
                    _ => vec![self.theme.mark(Mark::Queued), Span::raw(" the rest is not read yet")],
                };
                let mut lines = vec![Line::from(note)];
                lines.extend(cue_lines(one, cells, self.theme));
                (begin_alike(one.opening.len()), lines)
            }
        }
    }

    fn alike(difference: &Difference) -> String {
        match difference {
            Difference::SameBytes => "1 and 2 are the same bytes".to_owned(),
            Difference::Nowhere { cues: 1, is_whole: true } => "1 and 2 say the same in their only cue".to_owned(),
            Difference::Nowhere { cues, is_whole: true } => {
                format!("1 and 2 say the same in all {} cues", thousands(*cues as u64))
            }
            Difference::Nowhere { cues, is_whole: false } => format!("{}; the rest is not read", begin_alike(*cues)),
            _ => "1 and 2 can't be compared".to_owned(),
        }
    }

    /// The cue in which two transcripts differ, one below the other.
    fn both(&self, cues: [Option<&Cue>; 2], cells: usize) -> Vec<Line<'static>> {
        let head = |number: usize, cue: Option<&Cue>| {
            let time = cue.map_or_else(|| "no cue".to_owned(), |cue| cue_time(Duration::from_millis(cue.start_ms)));
            Span::styled(format!("{number}  {time}  "), self.theme.dim())
        };
        let text = |cue: Option<&Cue>| {
            let text = cue.map_or("", |cue| &cue.text);
            text.split(['\n', '\r']).map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
        };
        let [one, two] = cues;
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

fn begin_alike(cues: usize) -> String {
    let cues = if cues == 1 { "cue".to_owned() } else { format!("{} cues", thousands(cues as u64)) };
    format!("1 and 2 begin with the same {cues}")
}

/// S3 says so.
fn has_same_bytes(one: &RowEvidence, two: &RowEvidence) -> bool {
    let (Some(one), Some(two)) = (&one.transcript, &two.transcript) else { return false };
    match (&one.fact, &two.fact) {
        (Fact::Transcript(one), Fact::Transcript(two)) => {
            matches!((one.found(), two.found()), (Some(one), Some(two)) if one.has_bytes_of(two))
        }
        _ => false,
    }
}

/// Known of short ones, whose cues are all kept.
fn differ_everywhere(one: &Transcript, two: &Transcript) -> bool {
    let is_whole = |transcript: &Transcript| transcript.apparent as usize == transcript.opening.len();
    let differ = || one.opening.iter().zip(&two.opening).all(|(a, b)| a.text != b.text);
    is_whole(one) && is_whole(two) && one.opening.len() == two.opening.len() && differ()
}
