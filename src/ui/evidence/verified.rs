//! How much of what will be sent was checked online, when, and what could not be checked. Any clear answer counts as
//! checked, good or bad.
//! It must never count an unclear answer.

use ratatui::text::{Line, Span};

use super::moment;
use crate::app::model::Model;
use crate::app::session::Session;
use crate::domain::evidence::SubjectKind;
use crate::domain::findings::{Findings, Verified};
use crate::ui::body::apart;
use crate::ui::text::{cut_end, thousands, width};
use crate::ui::theme::{Mark, Theme};

/// Counts over the rows that stay in the file, with their names.
struct Counts {
    /// Such as `transcripts` and `9,368 of 9,370`.
    known: Vec<(&'static str, String)>,
    unclear: u64,
    /// `14:01 to 14:03`
    when: String,
}

impl Counts {
    /// None when nothing was checked.
    fn of(model: &Model, session: &Session, findings: &Findings) -> Option<Counts> {
        let verified = findings.verified();
        let Verified { transcripts, videos, indexes, .. } = verified;
        let unclear = verified.transcripts_unclear + verified.videos_unclear + verified.indexes_unclear;
        if transcripts + videos + indexes + unclear == 0 {
            return None;
        }
        let rows = u64::from(session.total()) - session.now().excluded_rows().len() as u64;
        let filled = rows.saturating_sub(findings.tallies().missing);
        let of = |known: u64, all: u64| format!("{} of {}", thousands(known), thousands(all));
        let kinds = [
            ("transcripts", transcripts, filled, true),
            ("videos", videos, rows, videos + verified.videos_unclear > 0),
            ("indexes", indexes, rows, indexes + verified.indexes_unclear > 0),
        ];
        let known = kinds.into_iter().filter(|kind| kind.3).map(|(word, known, all, _)| (word, of(known, all)));
        let when = verified.between.map_or_else(String::new, |(oldest, newest)| {
            let at = |ms: i64| moment(model.now.at(ms), model.now);
            if at(oldest) == at(newest) { at(newest) } else { format!("{} to {}", at(oldest), at(newest)) }
        });
        Some(Counts { known: known.collect(), unclear, when })
    }
}

/// Why nothing was checked, and the command that does.
fn nothing(model: &Model, theme: &Theme) -> Line<'static> {
    if model.options.offline {
        return Line::raw("offline, links are not checked");
    }
    let mut line = Line::raw("not checked online.  ");
    line.spans.extend([Span::styled(":check all", theme.key()), Span::raw(" does")]);
    line
}

/// For a pane: a heading and a line for each kind.
pub fn block(model: &Model, session: &Session, theme: &Theme, cells: u16) -> Vec<Line<'static>> {
    let Some(findings) = session.findings.as_deref() else { return Vec::new() };
    let heading =
        |right: String| apart(Line::styled("verified online", theme.dim()), Line::styled(right, theme.dim()), cells);
    let Some(counts) = Counts::of(model, session, findings) else {
        return vec![nothing(model, theme)];
    };
    let mut lines = vec![heading(counts.when)];
    lines.extend(counts.known.into_iter().map(|(word, of)| apart(Line::raw(word), Line::raw(of), cells)));
    if counts.unclear > 0 {
        lines.push(apart(Line::raw("could not be checked"), Line::raw(thousands(counts.unclear)), cells));
        if let Some(why) = findings.evidence().untold(|_| true).why() {
            lines.push(Line::styled(cut_end(&why, cells.into(), theme.ellipsis()), theme.dim()));
        }
    }
    lines
}

/// The same on one line, as much of it as fits.
pub fn in_one_line(model: &Model, session: &Session, theme: &Theme, cells: u16) -> Line<'static> {
    let Some(findings) = session.findings.as_deref() else { return Line::default() };
    let Some(counts) = Counts::of(model, session, findings) else {
        return nothing(model, theme);
    };
    let unclear = (counts.unclear > 0).then(|| format!("could not be checked {}", thousands(counts.unclear)));
    let mut known = counts.known.into_iter().map(|(word, of)| format!("{word} {of}"));
    let first = known.next().unwrap_or_default();
    let when = if counts.when.is_empty() { String::new() } else { format!(", {}", counts.when) };
    let mut line = format!("verified online: {first}{when}");
    for part in unclear.into_iter().chain(known) {
        if width(&line) + 3 + width(&part) <= usize::from(cells) {
            line = format!("{line}   {part}");
        }
    }
    Line::from(vec![Span::raw(line)])
}

/// For the gate: `9,368 transcripts looked at since 14:01`, the time of the oldest answer, or the number of unclear
/// ones. None when nothing was checked.
pub fn in_short(model: &Model, session: &Session) -> Option<(Mark, String)> {
    let findings = session.findings.as_deref()?;
    let verified = findings.verified();
    let unclear = [
        (verified.transcripts_unclear, verified.transcripts, "transcripts", SubjectKind::Transcript),
        (verified.videos_untold, verified.videos, "videos", SubjectKind::Video),
        (verified.indexes_unclear, verified.indexes, "indexes", SubjectKind::Index),
    ];
    let evidence = findings.evidence();
    let is_untold = |kind: SubjectKind| evidence.untold(|other| other == kind).count > 0;
    let unchecked: Vec<String> = unclear
        .into_iter()
        .filter(|(untold, .., kind)| *untold > 0 && is_untold(*kind))
        .map(|(untold, known, what, _)| format!("{} of {} {what}", thousands(untold), thousands(known + untold)))
        .collect();
    if !unchecked.is_empty() {
        return Some((Mark::Warning, format!("{} unchecked", unchecked.join(", "))));
    }
    let (oldest, _) = verified.between.filter(|_| verified.transcripts > 0)?;
    let word = if verified.transcripts == 1 { "transcript" } else { "transcripts" };
    let at = moment(model.now.at(oldest), model.now);
    Some((Mark::Note, format!("{} {word} checked since {at}", thousands(verified.transcripts))))
}
