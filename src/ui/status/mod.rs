//! Fills the rows of the frame from the model: file, tallies, message, running job (`running`) and hints (`hints`).
//! It must never show more than the model knows: a count that is not known yet is not zero.

mod hints;
mod running;

use ratatui::Frame;
use ratatui::text::{Line, Span};

use super::body::answers;
use super::frame::{self, Header, Message, Tallies, Unsaved};
use super::text::{cut_end, safe, thousands, width};
use super::theme::{Mark, Theme};
use super::{in_sight, input};
use crate::app::action::Action;
use crate::app::command::Scope;
use crate::app::layout::{Area, Layout};
use crate::app::line_input::LineInput;
use crate::app::message::Mark as Said;
use crate::app::model::Stage;
use crate::app::next::{FindKind, Menu};
use crate::app::screens::send::came_to;
use crate::app::screens::{Screen, SendScreen, pair};
use crate::app::session::{Question, Session};
use crate::app::{self, Model, tour};
use crate::domain::format::row_number;
use hints::Hinted;
use running::Job;

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

/// Draws the notice in place of a screen that does not fit: what becomes of the changes, or the question that quitting
/// asks, and the keys that work.
pub fn too_small(model: &Model, layout: &Layout, theme: &Theme, frame: &mut Frame<'_>) {
    let unsaved = model.session().map_or(0, |session| session.draft.unsaved() as u64);
    let words = match (model.screens.last(), unsaved) {
        (Some(Screen::Menu(menu @ Menu::Quit)), _) => format!("{}.", menu.question(model.session())),
        (_, 0) => "Nothing is lost.".to_owned(),
        (_, 1) => "Nothing is lost: 1 change is kept.".to_owned(),
        (_, more) => format!("Nothing is lost: {} changes are kept.", thousands(more)),
    };
    let scopes = model.scopes_when_small();
    let stops = match (model.interrupted, unsaved) {
        (true, 0) => "again quits",
        (true, _) => "again quits, the journal keeps the changes",
        (false, _) => "twice quits",
    };
    let all = [
        (Action::SaveAndQuit, "save and quit"),
        (Action::DiscardAndQuit, "discard and quit"),
        (Action::Back, "stay"),
        (Action::Quit, "quit"),
        (Action::Interrupt, if model.is_sending() { "stop" } else { stops }),
    ];
    let is_there = |action: Action| match action {
        // Going back is an answer, and there is one way to quit.
        Action::Back => scopes.contains(&Scope::Quit),
        Action::Interrupt => model.interrupted || !scopes.iter().any(|it| matches!(it, Scope::Quit | Scope::Global)),
        _ => true,
    };
    let keys = all.into_iter().filter(|(action, _)| is_there(*action));
    let keys = keys.filter_map(|(action, does)| Some((model.keymap.key_for(&scopes, action)?, does)));
    frame::too_small(frame.buffer_mut(), layout, theme, &words, &keys.collect::<Vec<_>>());
}

/// Draws the tour's line above the message line: the step dim, keys bold. In a narrow window the line gets shorter,
/// then the step goes; the keys stay.
fn tour(model: &Model, layout: &Layout, theme: &Theme, frame: &mut Frame<'_>) {
    let Some(stop) = tour::stop(model) else { return };
    let step = stop.step.map_or_else(|| "tour".to_owned(), |step| format!("tour {step} of {}", tour::STEPS));
    let mut keys = Vec::new();
    for (at, (key, words)) in answers(model, &stop.line).into_iter().enumerate() {
        keys.push(Span::raw(if at > 0 { ", " } else { "" }));
        keys.extend([Span::styled(safe(&key).into_owned(), theme.key()), Span::raw(format!(" {words}"))]);
    }
    let taken: usize = keys.iter().map(Span::width).sum::<usize>() + if keys.is_empty() { 0 } else { 2 };
    let room = usize::from(layout.message.width).saturating_sub(2 + taken);
    let (steps, whole) = (width(&step) + 3, safe(&stop.line.text).into_owned());
    let texts: Vec<String> =
        [whole.clone()].into_iter().chain(stop.line.shorter.iter().map(|text| safe(text).into_owned())).collect();
    let with = |stands: bool| texts.iter().map(move |text| (stands, text.clone()));
    let mut shown = with(true).chain(with(false));
    let fits = |(stands, text): &(bool, String)| width(text) + if *stands { steps } else { 0 } <= room;
    let (stands, text) = shown.find(fits).unwrap_or_else(|| (false, cut_end(&whole, room, theme.ellipsis())));
    let mut line = Line::default();
    if stands {
        line.push_span(Span::styled(format!("{step}   "), theme.dim()));
    }
    if !text.is_empty() {
        line.push_span(if keys.is_empty() { text } else { format!("{text}  ") });
    }
    line.spans.extend(keys);
    let row = Area { y: layout.message.y.saturating_sub(1), ..layout.message };
    frame::put(frame.buffer_mut(), row, 1, &line);
}

/// Draws the message line and the hints.
pub fn below(model: &Model, layout: &Layout, theme: &Theme, frame: &mut Frame<'_>) {
    // In a narrow window this question needs the whole line.
    let asks = matches!(model.screens.last(), Some(Screen::Menu(Menu::Decide(Question::CheckOnline { .. }))));
    let running = running::of(model).filter(|job| !(asks && matches!(job, Job::Note(_))));
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
            let mut above = hints::left_over(model, layout);
            let cells = |key: &Hinted| width(&safe(&key.keys)) + width(&key.label) + 3;
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
                Some(Screen::Follow(follow)) => follow.words(model.now),
                // What blocks another upload stays in sight.
                Some(Screen::Send(send)) => match &**send {
                    SendScreen::Result(pane) if pane.attempt.can_be_settled() => Some(came_to(&pane.attempt)),
                    _ => None,
                },
                Some(Screen::Rows(rows)) => rows.words(),
                _ => None,
            };
            // A send that runs is not hidden by a word about a key.
            let sending = match screen {
                Some(Screen::Send(send)) => send.words().filter(|_| {
                    model.message.as_ref().is_none_or(|said| !matches!(said.mark, Said::Error | Said::Warning))
                }),
                _ => None,
            };
            let message = sending.or_else(|| model.message.clone()).or_else(standing);
            let (sign, text) = match (&message, screen) {
                (Some(message), _) => (sign(message.mark), whole_or_shorter(model, layout, message)),
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
    hints::draw(model, layout, theme, frame, left_out);
}

/// The longest of a message's texts that fits with all its keys; else the shortest.
fn whole_or_shorter(model: &Model, layout: &Layout, message: &app::message::Message) -> String {
    let keys =
        answers(model, message).iter().map(|(key, words)| width(&safe(key)) + width(&safe(words)) + 3).sum::<usize>();
    let room =
        usize::from(layout.message.width).saturating_sub(2 + keys + if sign(message.mark).is_some() { 2 } else { 0 });
    let mut texts = std::iter::once(&message.text).chain(&message.shorter);
    let fits = texts.find(|text| width(&safe(text)) <= room);
    fits.or(message.shorter.last()).unwrap_or(&message.text).clone()
}

fn sign(said: Said) -> Option<Mark> {
    match said {
        Said::Fine => Some(Mark::Ok),
        Said::Warning => Some(Mark::Warning),
        Said::Error => Some(Mark::Error),
        Said::Unknown => Some(Mark::Unknown),
        Said::Still => Some(Mark::Queued),
        Said::Missing => Some(Mark::Missing),
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
