//! The one background activity on the message line, and what stands there while nothing runs: a paused check, the filter
//! and order in force, that the program is offline.

use std::time::Duration;

use super::in_sight;
use crate::app::Model;
use crate::app::action::Action;
use crate::app::command::Scope;
use crate::app::jobs::Task;
use crate::app::screens::rows::{Board, Count};
use crate::app::screens::{Screen, SendScreen};
use crate::app::session::Session;
use crate::domain::evidence::SweepState;
use crate::domain::pair::Progress;
use crate::domain::rows::{Hold, RowState};
use crate::domain::search::{SortKey, StateFilter};
use crate::ui::follow;
use crate::ui::frame::Running;
use crate::ui::text::{cut_end, safe, short_bytes, thousands, took};

/// The activity that is shown, with its texts.
pub(super) enum Job {
    Plain(String, Option<f64>),
    /// An online check of many rows: progress, fraction and time left.
    Sweep(String, f64, String),
    Reading(f64, String),
    Note(String),
    /// Spinner and words at the left, where no message stands, and a note at the right.
    Left(String, String),
}

impl Job {
    pub fn shown(&self) -> Running<'_> {
        match self {
            Job::Plain(text, fraction) => Running::Job { text, fraction: *fraction, left: "" },
            Job::Sweep(text, fraction, left) => Running::Job { text, fraction: Some(*fraction), left },
            Job::Reading(fraction, numbers) => Running::Reading { word: "reading", fraction: *fraction, numbers },
            Job::Note(text) => Running::Note(text),
            Job::Left(word, note) => Running::Left { word, note },
        }
    }
}

/// The one activity to show: the one the operator most waits for.
pub(super) fn of(model: &Model) -> Option<Job> {
    let plain = |text: &str| Some(Job::Plain(text.to_owned(), None));
    match in_sight(model) {
        Some(Screen::Send(send)) => match &**send {
            // It draws its own phases and the only spinner.
            SendScreen::Sending(_) => return None,
            SendScreen::Gate(_) if model.jobs.has(Task::Prepare) => return plain(Task::Prepare.words()),
            _ => {}
        },
        Some(Screen::Rows(rows)) if rows.sending().is_some() => {
            return rows.sending().and_then(|it| of_rows(model, it));
        }
        Some(Screen::Rows(_)) if model.jobs.has(Task::Prepare) => return plain(Task::Prepare.words()),
        Some(Screen::Merge(_)) if model.jobs.has(Task::Merge) => return None,
        // The counts have the only spinner.
        Some(Screen::Bulk(_) | Screen::Template(_)) if model.jobs.has(Task::Count) => return None,
        Some(Screen::Follow(screen)) => {
            let reads = follow::reading(screen).and_then(|text| plain(&text));
            return reads.or_else(|| follow::aside(model, screen).map(Job::Note));
        }
        Some(Screen::Log(_)) if model.jobs.has(Task::ReadLog) => return plain(Task::ReadLog.words()),
        Some(Screen::Log(log)) if !log.filter.text().trim().is_empty() => {
            return Some(Job::Note(cut_end(&format!("filter {}", log.filter.text().trim()), 40, "..")));
        }
        _ => {}
    }
    let note = model.options.offline.then(|| Job::Note("offline, links are not checked".into()));
    let session = model.session();
    let stands_still = || {
        let words: Vec<String> = session.and_then(in_force).into_iter().chain(session.and_then(standing)).collect();
        let offline = model.options.offline.then(|| "offline".to_owned());
        (!words.is_empty()).then(|| Job::Note(words.into_iter().chain(offline).collect::<Vec<_>>().join("  ")))
    };
    session.and_then(|session| of_session(model, session)).or_else(stands_still).or(note)
}

/// Rows that go one by one: what runs at the left, and at the right what the key does that stops it, or what is left.
fn of_rows(model: &Model, board: &Board) -> Option<Job> {
    let of = |state| board.count_of(Count::State(state));
    let (under_way, not_sent) = (thousands(of(RowState::UnderWay)), of(RowState::NotSent));
    let key = |does: &str| {
        let key = model.keymap.key_for(&[Scope::SendingRows], Action::StopRows);
        key.map(|key| format!("{} {does}", safe(&key))).unwrap_or_default()
    };
    let left = format!("{} not sent", thousands(not_sent));
    match &board.hold {
        _ if board.cut_off_words().is_some() => None,
        _ if board.is_ending => {
            Some(Job::Left(format!("stopping, {under_way} under way"), key("again leaves them unknown")))
        }
        Some(Hold::Paused) if board.rests() => Some(Job::Note(left)),
        Some(Hold::Paused) => Some(Job::Left(format!("pausing, {under_way} under way"), left)),
        Some(_) => None,
        None if board.wait.is_some() => None,
        None => Some(Job::Left(Task::SendRows.words().to_owned(), key("stops after the rows under way"))),
    }
}

/// An online check of many rows that is paused or rests.
fn standing(session: &Session) -> Option<String> {
    let progress = &session.online.progress;
    let how_far = format!("{} of {}", thousands(progress.done), thousands(progress.total));
    match &progress.state {
        SweepState::Paused => Some(format!("paused, {how_far} checked")),
        SweepState::Resting(why) => Some(format!("paused, {how_far} checked: {}", safe(why))),
        SweepState::None | SweepState::Running | SweepState::Done => None,
    }
}

/// What a run over names is doing.
fn pairing(progress: Option<Progress>) -> &'static str {
    match progress {
        None | Some(Progress::Reading) => "pairing, reading names",
        Some(Progress::Comparing) => "pairing, comparing names",
        Some(Progress::Spelling) => "pairing, comparing spellings",
        Some(Progress::Schemes | Progress::Done) => "pairing, looking for schemes",
    }
}

/// The filter and order in force, so that nobody takes a part of the rows for all of them.
fn in_force(session: &Session) -> Option<String> {
    if session.in_view() == 0 {
        // The body says it in place of the rows.
        return None;
    }
    let query = &session.view.query;
    let mut words = Vec::new();
    if !query.text.trim().is_empty() {
        words.push(format!("filter {}", safe(query.text.trim())));
    }
    words.extend(query.rule.map(|rule| format!("only {}", rule.code())));
    words.extend(match query.state {
        StateFilter::All => None,
        StateFilter::Missing => Some("only missing".to_owned()),
        StateFilter::Error => Some("only errors".to_owned()),
        StateFilter::Warning => Some("only warnings".to_owned()),
        StateFilter::Edited => Some("only edited".to_owned()),
        StateFilter::Excluded => Some("only excluded".to_owned()),
        StateFilter::Selected => Some("only these rows".to_owned()),
        StateFilter::Proposed => Some("only proposed".to_owned()),
        StateFilter::ToDecide => Some("only to decide".to_owned()),
    });
    let sorted = match query.sort {
        SortKey::File => query.descending.then(|| "last row first".to_owned()),
        SortKey::Video => Some("by video".to_owned()),
        SortKey::Transcript => Some("by transcript".to_owned()),
        SortKey::Language => Some("by language".to_owned()),
        SortKey::State => Some("by state".to_owned()),
    };
    let turned = if query.descending && query.sort != SortKey::File { ", descending" } else { "" };
    words.extend(sorted.map(|words| words + turned));
    (!words.is_empty()).then(|| cut_end(&words.join("  "), 40, ".."))
}

/// The most important running job of the session, with its numbers.
fn of_session(model: &Model, session: &Session) -> Option<Job> {
    let plain = |text: &str| Some(Job::Plain(text.to_owned(), None));
    let how_far = |done: u64, total: u64| format!("checking {} of {}", thousands(done), thousands(total));
    match model.jobs.seen().next() {
        Some(Task::Load) => {
            let reading = session.loading?;
            let (read, total) = (reading.read, reading.total);
            return Some(Job::Reading(fraction(read, total), of_bytes(read, total)));
        }
        Some(Task::View) => return plain(if session.view.query.narrows() { "filtering" } else { "sorting" }),
        Some(Task::ListKeys(_)) => {
            let listed = u64::from(session.keys.list.len());
            return Some(Job::Plain(format!("listing keys, {} so far", thousands(listed)), None));
        }
        Some(Task::Check) => {
            let checking = session.checking.as_ref()?;
            let (done, total) = (u64::from(checking.done), u64::from(checking.snapshot.len()));
            return Some(Job::Plain(how_far(done, total), Some(fraction(done, total))));
        }
        Some(task @ (Task::Save | Task::Apply | Task::Find | Task::Plan | Task::Compare)) => {
            return plain(task.words());
        }
        Some(Task::Pair) => return plain(pairing(session.proposals.progress)),
        _ => {}
    }
    let progress = &session.online.progress;
    match progress.state {
        SweepState::Running if session.online.sweep.is_some() => {
            let left = progress.left().filter(|left| *left >= Duration::from_secs(1));
            let left = left.map_or_else(String::new, |left| format!("about {} left", took(left)));
            let (done, total) = (progress.done, progress.total);
            Some(Job::Sweep(how_far(done, total), fraction(done, total), left))
        }
        _ if session.online.is_busy() => plain("checking online"),
        _ => None,
    }
}

fn fraction(done: u64, total: u64) -> f64 {
    if total == 0 { 0.0 } else { done as f64 / total as f64 }
}

/// `124 of 204 MB`: both in the unit of the total, so that only one number changes.
fn of_bytes(read: u64, total: u64) -> String {
    const MB: u64 = 1_000_000;
    match total {
        0 => short_bytes(read),
        total if total >= 10 * MB => format!("{} of {} MB", thousands(read / MB), thousands(total / MB)),
        total => format!("{} of {} KB", thousands(read / 1_000), thousands(total.div_ceil(1_000))),
    }
}
