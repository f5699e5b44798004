//! Fills the rows of the frame from the model: file, tallies, message, running job and hints.
//! It must never show more than the model knows: a count that is not known yet is not zero.

use ratatui::Frame;
use ratatui::text::{Line, Span};
use std::borrow::Cow;
use std::time::Duration;

use super::body::answers;
use super::frame::{self, Header, Hint, Message, Running, Tallies, Unsaved};
use super::text::{cut_end, safe, short_bytes, thousands, took, width};
use super::theme::{Mark, Theme};
use super::{in_sight, input};
use crate::app::action::Action;
use crate::app::command::Scope;
use crate::app::jobs::Task;
use crate::app::layout::{Area, Layout};
use crate::app::line_input::LineInput;
use crate::app::message::Mark as Said;
use crate::app::model::Stage;
use crate::app::next::{FindKind, Menu};
use crate::app::screens::{Screen, SendScreen, pair};
use crate::app::session::{Question, Session, count_selected};
use crate::app::{Model, tour};
use crate::domain::evidence::SweepState;
use crate::domain::format::row_number;
use crate::domain::pair::Progress;
use crate::domain::search::{SortKey, StateFilter};

/// Draws the header and the tallies.
pub fn above(model: &Model, layout: &Layout, theme: &Theme, frame: &mut Frame<'_>) {
    let buffer = frame.buffer_mut();
    let file = model.file_name();
    let unsaved = match &model.stage {
        Stage::Choosing(_) => Unsaved::NoFile,
        Stage::Unreadable(_) => Unsaved::NotLoaded,
        Stage::Open(session) if session.loading.is_some() => Unsaved::Reading,
        Stage::Open(_) if model.screens.iter().any(|screen| matches!(screen, Screen::Merge(_))) => Unsaved::NotMerged,
        Stage::Open(session) => match session.draft.unsaved() {
            0 => Unsaved::Saved,
            changes => Unsaved::Changes(changes as u64),
        },
    };
    let header = Header {
        file: file.as_deref().unwrap_or("no file"),
        unsaved,
        profile: model.options.profile.as_deref().unwrap_or_default(),
        host: &model.options.host,
    };
    frame::header(buffer, layout, theme, &header);
    if let Some(session) = model.session() {
        frame::tallies(buffer, layout, theme, &tallies(session));
    }
}

fn tallies(session: &Session) -> Tallies {
    if !session.is_ready() {
        return Tallies::default();
    }
    let found = session.findings.as_ref().map(|findings| findings.tallies());
    Tallies {
        errors: found.map(|found| found.errors),
        warnings: found.map(|found| found.warnings),
        missing: found.map(|found| found.missing),
        edited: Some(session.now().edited_rows().len() as u64),
        excluded: Some(session.now().excluded_rows().len() as u64),
        rows: Some(session.total().into()),
    }
}

/// Draws the tour's line above the message line: the step dim, keys bold.
fn tour(model: &Model, layout: &Layout, theme: &Theme, frame: &mut Frame<'_>) {
    let Some(stop) = tour::stop(model) else { return };
    let step = stop.step.map_or_else(|| "tour".to_owned(), |step| format!("tour {step} of {}", tour::STEPS));
    let mut line = Line::from(vec![Span::styled(format!("{step}   "), theme.dim())]);
    if !stop.line.text.is_empty() {
        line.push_span(format!("{}  ", safe(&stop.line.text)));
    }
    for (at, (key, words)) in answers(model, &stop.line).into_iter().enumerate() {
        if at > 0 {
            line.push_span(", ");
        }
        line.spans.extend([Span::styled(safe(&key).into_owned(), theme.key()), Span::raw(format!(" {words}"))]);
    }
    let row = Area { y: layout.message.y.saturating_sub(1), ..layout.message };
    frame::put(frame.buffer_mut(), row, 1, &line);
}

/// Draws the message line and the hints.
pub fn below(model: &Model, layout: &Layout, theme: &Theme, frame: &mut Frame<'_>) {
    // In a narrow window this question needs the whole line.
    let asks = matches!(model.screens.last(), Some(Screen::Menu(Menu::Decide(Question::CheckOnline { .. }))));
    let running = running(model).filter(|job| !(asks && matches!(job, Job::Note(_))));
    let running = running.as_ref().map(Job::shown);
    let mut left_out = 0;
    match model.screens.last() {
        None if matches!(&model.stage, Stage::Choosing(chooser) if chooser.filter.is_some()) => {
            if let Stage::Choosing(chooser) = &model.stage
                && let Some(input) = &chooser.filter
            {
                ask("filter ", input, layout, theme, frame);
            }
        }
        Some(Screen::Find(find)) => {
            let label = if find.kind == FindKind::Search { "/" } else { "filter " };
            ask(label, &find.input, layout, theme, frame);
            // The result of the search, if the typed text leaves room for it.
            let typed = width(label) + width(&safe(find.input.text()));
            let said = model.message.as_ref().map(|message| safe(&message.text)).unwrap_or_default();
            if typed + width(&said) + 6 <= usize::from(layout.message.width) {
                frame::put_right(frame.buffer_mut(), layout.message, &Line::styled(said, theme.dim()));
            }
        }
        Some(Screen::Log(log)) if log.is_typing => ask("filter ", &log.filter, layout, theme, frame),
        Some(Screen::Prompt(prompt)) => {
            let label = prompt.label();
            let label = if label == "/" { label.to_owned() } else { format!("{label} ") };
            ask(&label, &prompt.input, layout, theme, frame);
        }
        Some(Screen::Menu(menu)) => {
            let warns = matches!(menu, Menu::Quit | Menu::Decide(Question::Consent { .. }));
            let question = menu.question(model.session());
            let short = match menu {
                // The cost comes first, so that it is not cut.
                Menu::Decide(Question::CheckOnline { .. }) => {
                    question.rsplit_once(": ").map_or_else(String::new, |(things, cost)| format!("{cost}: {things}"))
                }
                _ => question.replace("not saved, file untouched: ", "not saved: "),
            };
            let sign = warns.then_some(Mark::Warning);
            let mut above = answers_above(model, layout);
            let cells = |key: &Key| width(&safe(&key.keys)) + width(&key.label) + 3;
            let asked = width(&safe(if short.is_empty() { &question } else { &short }));
            let before = if warns { 2 } else { 0 };
            if asked + before + 2 + above.iter().map(cells).sum::<usize>() > usize::from(layout.message.width) {
                // Drop the answers rather than cut the question.
                above.clear();
            }
            left_out = above.len();
            let keys: Vec<(&str, &str)> = above.iter().map(|key| (key.keys.as_str(), &*key.label)).collect();
            let message = Message { sign, text: &question, short: &short, keys: &keys };
            frame::message(frame.buffer_mut(), layout, theme, model.ticks, Some(&message), running.as_ref());
        }
        screen => {
            let standing = || match screen {
                Some(Screen::Pair(_)) => model.session().and_then(|session| pair::words(session, &model.jobs)),
                _ => None,
            };
            let message = model.message.clone().or_else(standing);
            let (sign, text) = match (&message, screen) {
                (Some(message), _) => (sign(message.mark), message.text.clone()),
                (None, Some(Screen::Editor(editor))) => {
                    (None, format!("editing {} of row {}", editor.field.word(), row_number(editor.row)))
                }
                (None, _) => (None, String::new()),
            };
            let keys = message.as_ref().map(|message| answers(model, message)).unwrap_or_default();
            let keys: Vec<(&str, &str)> = keys.iter().map(|(key, words)| (key.as_str(), words.as_str())).collect();
            let message = Message { sign, text: &text, keys: &keys, ..Message::default() };
            let message = (!text.is_empty()).then_some(message);
            frame::message(frame.buffer_mut(), layout, theme, model.ticks, message.as_ref(), running.as_ref());
        }
    }
    tour(model, layout, theme, frame);
    hints(model, layout, theme, frame, left_out);
}

/// The first answers to a menu's question that do not fit on the hint line: they follow the question instead.
fn answers_above(model: &Model, layout: &Layout) -> Vec<Key> {
    let scopes = model.scopes();
    let mut keys = from_key_table(model, &scopes);
    let help = model.keymap.key_for(&scopes, Action::Help).map_or(0, |keys| width(&keys) + "   help ".len());
    let selected = match model.session().map_or(0, count_selected) {
        0 => 0,
        count => "◆  selected   ".chars().count() + thousands(count).len(),
    };
    let room = usize::from(layout.hints.width).saturating_sub(2 + help + selected);
    let cells = |key: &Key| width(&safe(&key.keys)) + 1 + width(&key.label) + 3;
    let mut left: usize = keys.iter().map(cells).sum();
    let fits = |key: &Key| {
        let has_room = left <= room + 3;
        left = left.saturating_sub(cells(key));
        has_room
    };
    let at = keys.iter().position(fits).unwrap_or(keys.len());
    keys.truncate(at);
    keys
}

fn sign(said: Said) -> Option<Mark> {
    match said {
        Said::Fine => Some(Mark::Ok),
        Said::Warning => Some(Mark::Warning),
        Said::Error => Some(Mark::Error),
        Said::Unknown => Some(Mark::Unknown),
        Said::Plain => None,
    }
}

/// Draws an input on the message line, with the terminal's cursor in it.
fn ask(label: &str, line: &LineInput, layout: &Layout, theme: &Theme, frame: &mut Frame<'_>) {
    let row = layout.message;
    let label = Line::from(vec![Span::raw(" "), Span::styled(label.to_owned(), theme.bold())]);
    let x = row.x + frame::line_width(&label).min(row.width / 2);
    frame::put(frame.buffer_mut(), Area { width: x, ..row }, row.x, &label);
    let area = Area { x, width: row.right().saturating_sub(x + 1), ..row };
    let drawn = input::draw(frame.buffer_mut(), area, line, "", theme);
    frame.set_cursor_position((drawn.cursor, area.y));
}

/// The activity that is shown, with its texts.
enum Job {
    Plain(String, Option<f64>),
    /// An online check of many rows: progress, fraction and time left.
    Sweep(String, f64, String),
    Reading(f64, String),
    Note(String),
}

impl Job {
    fn shown(&self) -> Running<'_> {
        match self {
            Job::Plain(text, fraction) => Running::Job { text, fraction: *fraction, left: "" },
            Job::Sweep(text, fraction, left) => Running::Job { text, fraction: Some(*fraction), left },
            Job::Reading(fraction, numbers) => Running::Reading { word: "reading", fraction: *fraction, numbers },
            Job::Note(text) => Running::Note(text),
        }
    }
}

/// The one activity to show: the one the operator most waits for.
fn running(model: &Model) -> Option<Job> {
    let plain = |text: &str| Some(Job::Plain(text.to_owned(), None));
    match in_sight(model) {
        Some(Screen::Send(send)) => match &**send {
            // It draws its own phases and the only spinner.
            SendScreen::Sending(_) => return None,
            SendScreen::Gate(_) if model.jobs.has(Task::Prepare) => return plain(Task::Prepare.words()),
            _ => {}
        },
        Some(Screen::Merge(_)) if model.jobs.has(Task::Merge) => return None,
        // The counts have the only spinner.
        Some(Screen::Bulk(_) | Screen::Template(_)) if model.jobs.has(Task::Count) => return None,
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
        (!words.is_empty()).then(|| Job::Note(words.join("  ")))
    };
    session.and_then(|session| of_session(model, session)).or_else(stands_still).or(note)
}

/// An online check of many rows that is paused or rests.
fn standing(session: &Session) -> Option<String> {
    let progress = &session.online.progress;
    let how_far = format!("{} of {}", thousands(progress.done), thousands(progress.total));
    match &progress.state {
        SweepState::Paused => Some(format!("paused, {how_far} checked")),
        SweepState::Resting(why) => Some(format!("stands still, {how_far} checked: {}", safe(why))),
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
        StateFilter::Selected => Some("only selected".to_owned()),
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

/// A hint: a key and what it does; a smaller `place` is more useful.
struct Key {
    keys: String,
    label: Cow<'static, str>,
    place: u8,
}

/// Draws the hint line without the first `left_out` hints, which are on the message line.
fn hints(model: &Model, layout: &Layout, theme: &Theme, frame: &mut Frame<'_>, left_out: usize) {
    let scopes = model.scopes();
    let mut keys = special(model, &scopes).unwrap_or_else(|| from_key_table(model, &scopes));
    keys.drain(..left_out.min(keys.len()));
    let pending = pending(model);
    let mut hints = Vec::new();
    if !pending.is_empty() {
        hints.push(Hint { keys: &pending, label: "typed so far, Esc drops it", priority: u8::MAX });
    }
    hints.extend(keys.iter().map(|key| Hint { keys: &key.keys, label: &key.label, priority: u8::MAX - 1 - key.place }));
    let help =
        model.keymap.key_for(&scopes, Action::Help).filter(|_| !matches!(model.screens.last(), Some(Screen::Help(_))));
    let help = help.as_deref().map(|keys| Hint { keys, label: "help", priority: u8::MAX });
    // The number of selected rows is shown only where commands use the selection.
    let is_of_selection = match in_sight(model) {
        None => true,
        Some(Screen::Bulk(_)) => layout.window.width >= 110,
        Some(_) => false,
    };
    let selected = model.session().filter(|_| is_of_selection).map_or(0, count_selected);
    frame::hints(frame.buffer_mut(), layout, theme, &hints, selected, help);
}

/// Hints for the available commands of the current scopes, most useful first.
fn from_key_table(model: &Model, scopes: &[Scope]) -> Vec<Key> {
    let mut shown: Vec<Key> = Vec::new();
    for scope in scopes {
        for (binding, keys) in model.keymap.of(*scope) {
            let Some(first) = keys.into_iter().next().filter(|_| binding.hint > 0) else { continue };
            // An inner scope may bind the same key.
            if model.enabled(binding.action).is_ok() && !shown.iter().any(|key| key.keys == first) {
                shown.push(Key { keys: first, label: model.label(binding), place: binding.hint });
            }
        }
    }
    // Rows wait for a decision: the way to it comes first.
    let waits = |session: &Session| session.proposals.standing.as_ref().is_some_and(|it| it.to_decide() > 0);
    if model.screens.is_empty()
        && model.session().is_some_and(waits)
        && let Some(pairs) = model.keymap.key_for(scopes, Action::Pair)
        && let Some(key) = shown.iter_mut().find(|key| key.keys == pairs)
    {
        key.place = 0;
    }
    shown.sort_by_key(|key| key.place);
    shown
}

/// Other hints for the table while it is being read, while no row matches, and while rows are selected.
fn special(model: &Model, scopes: &[Scope]) -> Option<Vec<Key>> {
    match model.screens.last() {
        Some(Screen::Decide(decide)) => {
            let mut keys = from_key_table(model, scopes);
            let digits = match decide.choices.len() {
                0 => return Some(keys),
                1 => "1".to_owned(),
                many => format!("1{}{many}", if model.look.ascii { "-" } else { "–" }),
            };
            keys.insert(0, Key { keys: digits, label: "take".into(), place: 1 });
            return Some(keys);
        }
        Some(Screen::Merge(merge)) => {
            let words = merge.answers_in_hand().into_iter().map(|answer| answer.word);
            let digits = (1..).zip(words).map(|(n, word)| Key { keys: n.to_string(), label: word.into(), place: 1 });
            return Some(digits.chain(from_key_table(model, scopes)).collect());
        }
        Some(Screen::Pair(_))
            if model.session().is_some_and(|it| pair::stage(it, &model.jobs) == pair::Stage::Reading) =>
        {
            let key = |action, label: &'static str, place| {
                let keys = model.keymap.key_for(&model.scopes(), action)?;
                Some(Key { keys, label: label.into(), place })
            };
            let keys = [
                key(Action::Accept, "look", 1),
                key(Action::Sources, "keys", 2),
                key(Action::Interrupt, "stop reading", 3),
                key(Action::Back, "table", 4),
            ];
            return Some(keys.into_iter().flatten().collect());
        }
        _ => {}
    }
    let session = model.session().filter(|_| model.screens.is_empty())?;
    let key = |action| model.keymap.key_for(scopes, action);
    let keys = if !session.is_ready() {
        let both = format!("{} {}", key(Action::Down)?, key(Action::Up)?);
        vec![(Some(both), "move"), (key(Action::Interrupt), "stop reading")]
    } else if session.in_view() == 0 && session.view.query.narrows() {
        vec![
            (key(Action::Back), "clear the filter"),
            (key(Action::Filter), "change it"),
            (key(Action::FilterByState), "by state"),
        ]
    } else {
        return special_for_selection(model, session, scopes);
    };
    let shown = |(place, (keys, label)): (u8, (Option<String>, &'static str))| {
        keys.map(|keys| Key { keys, label: label.into(), place })
    };
    Some((1..).zip(keys).filter_map(shown).collect())
}

/// Hints for the commands that act on all selected rows, with their number.
fn special_for_selection(model: &Model, session: &Session, scopes: &[Scope]) -> Option<Vec<Key>> {
    let count = thousands(Some(count_selected(session)).filter(|count| *count > 0)?);
    let actions = [
        (Action::Clear, format!("clear {count}")),
        (Action::Exclude, format!("exclude {count}")),
        (Action::Put, format!("put into {count}")),
        (Action::Select, "select".to_owned()),
        (Action::SelectAll, "all in view".to_owned()),
        (Action::Back, "select none".to_owned()),
    ];
    let can = |action: Action| match action {
        Action::Put => model.clipboard.is_some(),
        // Esc removes a filter first.
        Action::Back => session.view.query.is_plain(),
        _ => true,
    };
    let shown = |(place, (action, label)): (u8, (Action, String))| {
        let keys = model.keymap.key_for(scopes, action).filter(|_| can(action) && model.enabled(action).is_ok())?;
        Some(Key { keys, label: label.into(), place })
    };
    Some((1..).zip(actions).filter_map(shown).collect())
}

/// The count and keystrokes typed so far.
fn pending(model: &Model) -> String {
    let count = model.pending.count.map(|count| count.to_string()).unwrap_or_default();
    let keys: String = model.pending.keys.iter().map(ToString::to_string).collect();
    safe(&(count + &keys)).into_owned()
}
