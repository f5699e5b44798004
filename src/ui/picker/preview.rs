//! Draws the preview of the selected S3 key: at most three verdicts, and the first cues.
//! It must never call a transcript fine before it was read.

use ratatui::buffer::Buffer;
use ratatui::text::{Line, Span};

use super::{Columns, shown_key};
use crate::app::layout::{Layout, Side};
use crate::app::model::Model;
use crate::app::screens::Picker;
use crate::app::session::KeyOffer;
use crate::app::session::Session;
use crate::domain::evidence::Observation;
use crate::domain::format::row_number;
use crate::domain::rules::Severity;
use crate::ui::body::{file_part, marked, write};
use crate::ui::evidence::{self, RowEvidence};
use crate::ui::frame::{pane_title, titled_rule};
use crate::ui::inspector::mark_of;
use crate::ui::text::{cue_clock, cut_end, exact_bytes, safe, width, wrap};
use crate::ui::theme::{Mark, Theme};

pub struct Preview<'a> {
    pub model: &'a Model,
    pub session: &'a Session,
    pub screen: &'a Picker,
    pub theme: &'a Theme,
}

impl Preview<'_> {
    /// `end` is the right end of the list, exclusive.
    pub fn draw(&self, buffer: &mut Buffer, layout: &Layout, side: Side, end: u16) {
        let offer = self.screen.offers.get(self.screen.scroll.cursor);
        let known = RowEvidence::of(self.session, self.screen.row);
        let known = offer.map(|offer| known.with_transcript(self.session, &offer.url)).unwrap_or_default();
        let kind = offer.map_or_else(String::new, |offer| kind(&known, offer));
        let (area, x) = match side {
            Side::Beside(area) => {
                pane_title(buffer, layout, self.theme, area, "preview", &kind, false);
                (area, area.x)
            }
            Side::Below { rule, area } => {
                titled_rule(buffer, layout, self.theme, rule, "preview", &kind, false);
                (area, area.x + 1)
            }
            Side::Hidden => return,
        };
        let Some(offer) = offer else { return };
        let beside = matches!(side, Side::Beside(_));
        let cells = usize::from(area.right().saturating_sub(x + 1));
        let mut lines = Vec::new();
        // In a low pane, show the whole URL only if the list cuts it.
        let is_cut = width(&safe(shown_key(self.session, &offer.url))) > usize::from(Columns::of(end).key);
        if beside || is_cut {
            lines.extend(wrap(&offer.url, cells).into_iter().map(Line::raw));
        }
        if beside {
            lines.push(Line::default());
        }
        lines.extend(self.verdicts(&known, offer, cells, beside));
        if let Some(transcript) = known.cues() {
            if beside {
                lines.push(Line::default());
            }
            lines.extend(evidence::cue_lines(transcript, cells, self.theme));
        }
        for (y, line) in (area.y..area.bottom()).zip(lines) {
            write(buffer, area, y, x, line);
        }
    }

    fn verdicts(&self, known: &RowEvidence, offer: &KeyOffer, cells: usize, beside: bool) -> Vec<Line<'static>> {
        let mut said = Vec::new();
        let mut fault = None;
        match &known.transcript {
            Some(observation) => {
                let (mark, words) = evidence::in_bucket(observation, true);
                if evidence::is_read(observation) {
                    fault = self.fault(offer);
                    said.extend(self.cues(known, fault.as_ref(), cells));
                }
                said.push((mark, words));
            }
            None => {
                said.push(if self.model.options.offline {
                    (Mark::Queued, "offline, not read".into())
                } else {
                    (Mark::Checking, "reading it".into())
                });
                said.push(listed(offer));
            }
        }
        let usage = self.usage(offer);
        // Usage gets a line of its own if there is room; else it follows what the bucket says.
        let alone = usage.0 == Mark::Warning || (beside && fault.is_none());
        match said.last_mut().filter(|_| !alone) {
            Some((_, words)) if width(words) + width(&usage.1) + 4 <= cells => {
                words.push_str(", ");
                words.push_str(&usage.1);
            }
            _ => said.push(usage),
        }
        let mut lines: Vec<_> = said
            .into_iter()
            .map(|(mark, words)| {
                marked(self.theme, mark, &cut_end(&words, cells.saturating_sub(2), self.theme.ellipsis()))
            })
            .collect();
        if let Some((mark, code, message)) = fault {
            let code = Span::styled(code, self.theme.bold());
            let room = cells.saturating_sub(width(&code.content) + 4);
            let message = Span::raw(cut_end(&message, room, self.theme.ellipsis()));
            let line = vec![self.theme.mark(mark), Span::raw(" "), code, Span::raw("  "), message];
            lines.insert(1.min(lines.len()), Line::from(line));
        }
        lines.truncate(3);
        lines
    }

    /// The worst fault in the transcript's contents.
    fn fault(&self, offer: &KeyOffer) -> Option<(Mark, &'static str, String)> {
        let worst = self.session.against_transcript(self.screen.row, &offer.url).into_iter().next();
        let worst = worst.filter(|fault| fault.severity != Severity::Note)?;
        Some((mark_of(worst.severity), worst.rule.code(), worst.message))
    }

    /// `398 cues, 0:00 to 8:19, the video ends 8:22`
    fn cues(
        &self,
        known: &RowEvidence,
        fault: Option<&(Mark, &'static str, String)>,
        cells: usize,
    ) -> Option<(Mark, String)> {
        let transcript = known.cues()?;
        let mut words = format!(
            "{}, {} to {}",
            evidence::cues(transcript),
            cue_clock(transcript.first_ms),
            cue_clock(transcript.last_ms)
        );
        if let Some(length) = known.length().map(evidence::in_words) {
            let said = format!(", the video ends {length}");
            let fits = 2 + width(&words) + width(&said) <= cells;
            words.push_str(&if fits { said } else { format!(", video {length}") });
        }
        Some((fault.map_or(Mark::Ok, |fault| fault.0), words))
    }

    fn usage(&self, offer: &KeyOffer) -> (Mark, String) {
        let findings = self.session.findings.as_deref();
        match findings.and_then(|f| f.used_by(self.session.now(), &offer.url, Some(self.screen.row))) {
            Some(row) => (Mark::Warning, format!("row {} uses it too", row_number(row))),
            None if findings.is_none() => (Mark::Queued, "the rows are still being checked".into()),
            None => (Mark::Ok, "no other row uses it".into()),
        }
    }
}

/// Format and encoding; the format by its extension while it is not read.
fn kind(known: &RowEvidence, offer: &KeyOffer) -> String {
    if let Some(transcript) = known.cues() {
        return format!("{}  {}", evidence::format(transcript.format), evidence::encoding(&transcript.encoding));
    }
    if known.transcript.as_ref().is_some_and(Observation::is_settled) {
        return String::new();
    }
    match file_part(&offer.url).rsplit_once('.') {
        Some((_, end)) if end.eq_ignore_ascii_case("vtt") => "WebVTT".into(),
        Some((_, end)) if end.eq_ignore_ascii_case("srt") => "SRT".into(),
        _ => String::new(),
    }
}

/// Size and date from the listing.
fn listed(offer: &KeyOffer) -> (Mark, String) {
    let date = offer.modified.as_deref().and_then(|date| date.get(..10)).map(|date| format!("changed {}", safe(date)));
    let parts: Vec<String> = offer.size.map(exact_bytes).into_iter().chain(date).collect();
    let mark = if offer.size == Some(0) { Mark::Warning } else { Mark::Ok };
    let listed = if parts.is_empty() { String::new() } else { format!(", {}", parts.join(", ")) };
    (mark, format!("in the listing{listed}"))
}
