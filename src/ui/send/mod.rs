//! Draws the upload: gate, sending, result. The first two share one form whose lines stay in place.
//! It must never show an API key, only its origin.

mod gate;
mod result;
mod sending;

use ratatui::Frame;
use ratatui::text::{Line, Span};

use super::body::{counted, labelled};
use super::text::{cut_end, cut_middle, exact_bytes, safe, thousands, width};
use super::theme::Theme;
use crate::app::layout::Layout;
use crate::app::model::Model;
use crate::app::msg::{GateFacts, Moment};
use crate::app::screens::SendScreen;
use crate::domain::draft::Snapshot;
use crate::domain::manifest::Field;
use crate::domain::outcome::{Attempt, Outcome};
use crate::domain::rows::Tally;
use crate::domain::rules::Rule;
use crate::ui::theme::Mark;

pub fn draw(model: &Model, screen: &SendScreen, layout: &Layout, theme: &Theme, frame: &mut Frame<'_>) {
    match screen {
        SendScreen::Gate(gate) => gate::draw(model, gate, layout, theme, frame),
        SendScreen::Sending(sending) => sending::draw(model, sending, layout, theme, frame),
        SendScreen::Result(pane) => result::draw(model, pane, layout, theme, frame),
    }
}

/// The form: what is sent, and where to. A fact that is not known yet keeps its line.
fn form(
    model: &Model,
    snapshot: &Snapshot,
    facts: Option<&GateFacts>,
    theme: &Theme,
    cells: usize,
) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    let unknown = || Span::styled(theme.not_known(), theme.dim());
    let cut = |text: &str| Span::raw(cut_middle(text, cells, theme.ellipsis()));

    let mut to = Vec::new();
    let mut room = cells;
    if let Some(profile) = &model.options.profile {
        let profile = cut_end(profile, 16, theme.ellipsis());
        room = room.saturating_sub(width(&profile) + 2);
        to.extend([Span::styled(profile, theme.bold()), Span::raw("  ")]);
    }
    to.push(match &model.options.address {
        Some(address) => Span::raw(cut_middle(address.as_str(), room, theme.ellipsis())),
        None => unknown(),
    });
    lines.push(labelled(theme, "to", to));

    let saved = model.session().and_then(|session| session.saved_at).map(|at| format!(", saved {}", at.clock()));
    let same =
        facts.map_or("", |facts| if facts.same_on_disk { ", same bytes on disk" } else { ", other bytes on disk" });
    let name = model.session().map(|session| session.name()).unwrap_or_default();
    // The time is dropped before the name is cut.
    let mut known = format!("{}{same}", saved.unwrap_or_default());
    if width(&safe(&name)) + known.len() > cells {
        same.clone_into(&mut known);
    }
    let name = cut_middle(&name, cells.saturating_sub(known.len()), theme.ellipsis());
    lines.push(labelled(theme, "file", [Span::raw(format!("{name}{known}"))]));

    let size = facts.map_or_else(unknown, |facts| Span::raw(exact_bytes(facts.fingerprint.bytes)));
    lines.push(labelled(theme, "size", [size]));
    let sha256 = facts.map_or_else(unknown, |facts| cut(&facts.fingerprint.hex()));
    lines.push(labelled(theme, "sha-256", [sha256]));
    let edited = facts.map_or(0, |facts| facts.earlier.rows.edited());
    let edited = if edited == 0 { String::new() } else { format!(", {} edited since", thousands(edited)) };
    let is_again = facts.is_some_and(|facts| facts.earlier.tells_of_rows());
    let rows = rows(model, snapshot, is_again) + &edited;
    lines.push(labelled(theme, "rows", [Span::raw(cut_end(&rows, cells, theme.ellipsis()))]));
    lines.push(labelled(theme, "index", [cut(&index(model, snapshot, theme, cells))]));
    let key = match facts.map(|facts| &facts.key_origin) {
        None => unknown(),
        Some(Some(origin)) => cut(origin),
        Some(None) => Span::raw("none"),
    };
    lines.push(labelled(theme, "key", [key]));
    if let Some(proxy) = facts.and_then(|facts| facts.proxy.as_ref()) {
        lines.push(labelled(theme, "proxy", [cut(proxy)]));
    }
    lines
}

/// `is_again`: the rows were sent before, and so were all of them.
fn rows(model: &Model, snapshot: &Snapshot, is_again: bool) -> String {
    let all = u64::from(snapshot.len());
    let excluded = snapshot.excluded_rows().len() as u64;
    let mut words = match excluded {
        0 if is_again => format!("{} of {}", thousands(all), thousands(all)),
        0 => thousands(all),
        _ => format!("{} of {}, {} excluded", thousands(all - excluded), thousands(all), thousands(excluded)),
    };
    if let Some(missing) = model.session().and_then(|session| Some(session.findings.as_ref()?.tallies().missing)) {
        match missing {
            0 => words.push_str(", all with transcript"),
            _ => words.push_str(&format!(", {} without transcript", thousands(missing))),
        }
    }
    words
}

/// The index id of all rows, or the ids with their numbers of rows from the findings.
fn index(model: &Model, snapshot: &Snapshot, theme: &Theme, cells: usize) -> String {
    let first = match snapshot.excluded_rows().ranges().first() {
        Some((0, end)) => *end,
        _ => 0,
    };
    if first >= snapshot.len() {
        return "no row".to_owned();
    }
    let value = snapshot.value(first, Field::IndexId);
    let id = if value.text().is_empty() { "none in the first row" } else { value.text() };
    let Some(findings) = model.session().and_then(|session| session.findings.as_ref()) else { return id.to_owned() };
    let of_rule = |rule: Rule| findings.groups().iter().find(|group| group.rule == rule).map_or(0, |group| group.count);
    match of_rule(Rule::IndexMixed) {
        // Malformed or missing ids are findings of other rules.
        0 if of_rule(Rule::IndexIdFormat) + of_rule(Rule::FieldMissing) + of_rule(Rule::FieldNotString) > 0 => {
            format!("{id}, not all rows")
        }
        0 => format!("{id}, all rows"),
        _ => {
            // Ids made on one day share their beginning, and some their end: show both ends.
            let indexes = findings.indexes();
            let words = |id: &str, rows: u64| format!("{id} {}", counted(rows, "row"));
            let whole: Vec<String> = indexes.iter().take(3).map(|(id, rows)| words(id, *rows)).collect();
            let fits = indexes.len() <= 3 && width(&whole.join(", ")) <= cells;
            let all = indexes.iter().take(3).zip(whole).map(|((id, rows), whole)| {
                if fits { whole } else { words(&cut_middle(id, 13, theme.ellipsis()), *rows) }
            });
            let more = match indexes.len().saturating_sub(3) {
                0 => String::new(),
                more => format!(", {} more", thousands(more as u64)),
            };
            format!("{}{more}", all.collect::<Vec<_>>().join(", "))
        }
    }
}

/// The mark for an attempt's outcome, as settled by the operator if it was unknown.
fn outcome_mark(attempt: &Attempt) -> Mark {
    match (attempt.outcome, attempt.settled) {
        _ if attempt.under_way => Mark::Checking,
        _ if let Some(tally) = attempt.tally => of_rows(&tally),
        (Outcome::Accepted, _) => Mark::Ok,
        (Outcome::Refused, _) => Mark::Error,
        (Outcome::NotSent, _) => Mark::Excluded,
        (Outcome::Unknown, None) => Mark::Unknown,
        (Outcome::Unknown, Some(said)) if said.accepted => Mark::Ok,
        (Outcome::Unknown, Some(_)) => Mark::Excluded,
    }
}

/// The mark of rows that were sent one by one.
fn of_rows(tally: &Tally) -> Mark {
    match tally {
        Tally { unknown: 1.., .. } => Mark::Unknown,
        Tally { refused: 0, not_sent: 0, accepted: 1.., .. } => Mark::Ok,
        _ => Mark::Warning,
    }
}

/// `✓ accepted 204`
pub(super) fn outcome_line(attempt: &Attempt, theme: &Theme) -> Line<'static> {
    Line::from(vec![theme.mark(outcome_mark(attempt)), Span::raw(format!(" {}", attempt.in_short()))])
}

/// `prod  https://api.twelvelabs.io/v1.2/tasks/transfers`
pub(super) fn went_to(attempt: &Attempt) -> String {
    let intent = &attempt.intent;
    intent.profile.as_ref().map_or_else(String::new, |profile| format!("{profile}  ")) + &intent.address
}

/// The first 8 digits of the SHA-256.
pub(super) fn short_hash(attempt: &Attempt) -> String {
    attempt.intent.fingerprint.hex().chars().take(8).collect()
}

pub(super) fn started(model: &Model, attempt: &Attempt) -> Moment {
    model.now.at(attempt.intent.started_ms)
}

pub(super) fn ended(model: &Model, attempt: &Attempt) -> Moment {
    model.now.at(attempt.ended_ms())
}

/// `11:02 today`, `11:02 on 3 Jan`.
fn when(model: &Model, moment: Moment) -> String {
    if moment.date() == model.now.date() {
        format!("{} today", moment.short_clock())
    } else {
        format!("{} on {}", moment.short_clock(), moment.short_date())
    }
}

/// The host of an endpoint URL.
pub(super) fn host(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}
