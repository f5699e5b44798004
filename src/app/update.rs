//! `update`: the only place that changes state. Keys go to the screen in front, results to where they were asked for.

use super::change;
use super::effect::Effect;
use super::key::Key;
use super::keymap::{Action, Lookup, Scope};
use super::line_input::Rejected;
use super::model::{Mark, Model, Stage};
use super::msg::Msg;
use super::online;
use super::screens::menu::Menu;
use super::screens::{
    self, Screen, SendScreen, editor, find, help, log, menu, open, palette, picker, problems, prompt,
};
use super::screens::{review, send, table};
use crossterm::event::{KeyCode, KeyEvent, KeyEventKind};

/// Takes in what happened and says what must be done.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    let moves_nothing = matches!(msg, Msg::Clock(_) | Msg::Ticked);
    let mut effects = take_in(model, msg);
    if !moves_nothing {
        effects.extend(online::settle(model));
    }
    effects
}

fn take_in(model: &mut Model, msg: Msg) -> Vec<Effect> {
    match msg {
        Msg::Clock(now) => {
            model.now = now;
            Vec::new()
        }
        Msg::Key(event) => press(model, &event),
        Msg::Paste(text) => paste(model, &text),
        Msg::Mouse(event) => table::mouse(model, event),
        Msg::Resized(width, height) => {
            model.size = (width, height);
            table::rescroll(model);
            send::wrap(model);
            Vec::new()
        }
        Msg::Ticked => {
            model.ticks += 1;
            Vec::new()
        }

        Msg::FilesListed(job, files) => open::files_listed(model, job, files),
        Msg::PrefixRead(job, manifest, reading) | Msg::RowsIndexed(job, manifest, reading) => {
            open::rows_so_far(model, job, manifest, reading)
        }
        Msg::Loaded(job, loaded) => open::loaded(model, job, *loaded),
        Msg::LoadRefused(job, refusal, excerpt) => open::refused(model, job, *refusal, excerpt),
        Msg::LoadFailed(job, fault) => open::failed(model, job, fault),

        Msg::Checking(job, done) => change::checking(model, job, done),
        Msg::Checked(job, findings) => change::checked(model, job, *findings),
        Msg::Observed(job, batch) => online::observed(model, job, batch),
        Msg::OnlineMoved(job, progress) => online::moved(model, job, progress),
        Msg::Planned(job, plan) => online::planned(model, job, plan),
        Msg::Viewed(job, rows, progress) => table::viewed(model, job, rows, progress),
        Msg::Found(job, row) => table::found(model, job, row),
        Msg::Applied(job, draft, rows) => change::applied(model, job, *draft, &rows),

        Msg::Saved(job, snapshot, end) => change::saved(model, job, &snapshot, end),
        Msg::JournalRead(job, found) => open::journal_read(model, job, found),
        Msg::JournalFailed(fault) => {
            model.say(Mark::Warning, format!("the journal does not take edits, save often: {fault}"));
            Vec::new()
        }

        Msg::KeysListed(job, list) => picker::keys_listed(model, job, list),
        Msg::KeysEnded(job, end) => picker::keys_ended(model, job, end),
        Msg::Ranked(job, ranked, matches) => picker::ranked(model, job, &ranked, matches),

        Msg::Prepared(job, facts) => send::prepared(model, job, facts),
        Msg::SendMoved(job, phase) => send::moved(model, job, phase),
        Msg::Sent(job, attempt) => send::sent(model, job, *attempt),
        Msg::Settled(result) => send::settled(model, result),
        Msg::LogRead(job, attempts) => log::read(model, job, attempts),

        Msg::Hashed(hex) => {
            model.say(Mark::Fine, format!("copied {hex}"));
            vec![Effect::Copy(hex)]
        }
        Msg::Copied(result) => {
            if let Err(fault) = result {
                model.say(Mark::Error, format!("not copied: {fault}"));
            }
            Vec::new()
        }
        Msg::FileWritten(_, Ok(path)) => {
            model.say(Mark::Fine, format!("written to {}", path.display()));
            Vec::new()
        }
        Msg::FileWritten(_, Err(fault)) => {
            model.say(Mark::Error, fault);
            Vec::new()
        }
        Msg::EditorClosed(job, text) => editor::came_back(model, job, text),
        Msg::Elapsed(job) => match online::elapsed(model, job) {
            Some(effects) => effects,
            None => editor::elapsed(model, job),
        },
        Msg::JobFailed(job, what) => {
            model.say(Mark::Error, what);
            change::job_failed(model, job)
        }
        Msg::Failed(what) => {
            model.say(Mark::Error, what);
            Vec::new()
        }
    }
}

/// Whether an action can be done now; if not, why, in words for the help and the message line.
pub fn enabled(model: &Model, action: Action) -> Result<(), &'static str> {
    use Action as A;
    if model.is_recovering() && !allowed_while_recovering(action) {
        return Err("t takes the recovered changes, d drops them; nothing else before that");
    }
    let ready = || match model.session() {
        None => Err("no manifest is open"),
        Some(session) if !session.is_ready() => Err("rows can be changed when the file is read"),
        Some(session) if session.applying.is_some() => Err(change::APPLYING),
        Some(session) => Ok(session),
    };
    let row = || ready().and_then(|session| session.current().map(|_| ()).ok_or("no row is in view"));
    match action {
        A::AnotherKey | A::Submit if model.screens.last().is_some_and(Screen::is_accepted) => Err("it was accepted"),
        A::Edit | A::ClearAndEdit | A::Clear | A::Exclude | A::Pick | A::Select | A::SelectRange => row(),
        A::Fix if model.screens.is_empty() => row(),
        A::Put => row().and_then(|()| model.clipboard.as_ref().map(|_| ()).ok_or("nothing was copied yet")),
        A::Undo => ready().and_then(|d| if d.draft.can_undo() { Ok(()) } else { Err("nothing to undo") }),
        A::Redo => ready().and_then(|d| if d.draft.can_redo() { Ok(()) } else { Err("nothing to redo") }),
        A::SearchNext | A::SearchPrevious if model.screens.is_empty() => ready().and_then(|session| {
            if session.search.is_empty() { Err("nothing was searched for,  / searches") } else { Ok(()) }
        }),
        A::Review | A::Problems | A::Search | A::Filter | A::FilterByState | A::Sort | A::SelectAll | A::Refresh => {
            ready().map(|_| ())
        }
        A::NextProblem | A::PreviousProblem => {
            ready().and_then(|session| session.findings.as_ref().map(|_| ()).ok_or("the rows are still being checked"))
        }
        A::Save if matches!(model.screens.last(), Some(Screen::Send(s)) if matches!(**s, SendScreen::Result(_))) => {
            Ok(())
        }
        A::Save => ready().and_then(|session| {
            if session.saving.is_some() {
                Err("the file is being saved")
            } else if session.draft.is_dirty() {
                Ok(())
            } else {
                Err("nothing has changed since the last save")
            }
        }),
        A::Submit => ready().and_then(|session| {
            if session.now().len() as usize > session.now().excluded_rows().len() {
                Ok(())
            } else {
                Err("This manifest has no rows. There is nothing to upload.")
            }
        }),
        A::TakeFix => match model.screens.last() {
            Some(Screen::Editor(editor)) if editor.fix().is_some() => Ok(()),
            _ => Err("no fix is known for this text"),
        },
        A::Complete => match model.screens.last() {
            Some(Screen::Editor(editor)) if editor.completions.is_empty() => {
                Err("nothing to complete from.  :source reads a list of keys")
            }
            _ => Ok(()),
        },
        A::Revert | A::Accept if matches!(model.screens.last(), Some(Screen::Review(review)) if review.rows.is_empty()) => {
            Err("nothing is changed")
        }
        A::Accept | A::OnlyThese | A::Fix | A::FixAll => match model.screens.last() {
            Some(Screen::Problems(problems)) => problems.can(action),
            _ => Ok(()),
        },
        A::CheckTranscripts | A::CheckEverything => match model.screens.last() {
            Some(Screen::Menu(Menu::CheckOnline { plan, .. })) if action == A::CheckTranscripts => {
                if plan.transcripts > 0 { Ok(()) } else { Err("every transcript is known already") }
            }
            Some(Screen::Menu(Menu::CheckOnline { plan, .. })) if plan.videos + plan.indexes == 0 => {
                Err("there is no video or index to ask about")
            }
            _ => Ok(()),
        },
        A::ItWasAccepted | A::ItWasNot => match model.screens.last() {
            Some(Screen::Send(send)) if send.can_be_settled() => Ok(()),
            _ => Err("the outcome is known"),
        },
        _ => Ok(()),
    }
}

/// While recovered changes wait for an answer: look at them, answer, or leave.
fn allowed_while_recovering(action: Action) -> bool {
    use Action as A;
    let online = matches!(
        action,
        A::Down | A::Up | A::First | A::Last | A::PageDown | A::PageUp | A::HalfDown | A::HalfUp | A::Text(_)
    );
    online
        || matches!(
            action,
            A::Take | A::Drop | A::Help | A::OtherScope | A::Back | A::Quit | A::Accept | A::Interrupt | A::Suspend
        )
}

/// Takes in a key. Whatever it did, edits of a crashed session that could not be offered yet are offered now.
fn press(model: &mut Model, event: &KeyEvent) -> Vec<Effect> {
    if event.kind == KeyEventKind::Release {
        return Vec::new();
    }
    let mut effects = take_key(model, Key::of(event));
    effects.extend(open::offer_recovered(model));
    effects
}

fn take_key(model: &mut Model, key: Key) -> Vec<Effect> {
    if table::layout(model).is_too_small() {
        return in_a_small_window(model, key);
    }
    if model.blocks_typeahead() {
        // A question that came up by itself is not answered by what was typed for another screen.
        return Vec::new();
    }
    let typing = model.screens.last_mut().is_some_and(|screen| screen.input().is_some());
    if !typing && model.pending.keys.is_empty() {
        // A digit is only ever a count.
        if let Some(digit) = key.typed().and_then(|c| c.to_digit(10))
            && (digit != 0 || model.pending.count.is_some())
        {
            model.pending.count = Some(model.pending.count.unwrap_or(0).saturating_mul(10).saturating_add(digit));
            return Vec::new();
        }
    }
    if key == Key::plain(KeyCode::Esc) && !model.pending.is_empty() {
        model.pending = Default::default();
        return Vec::new();
    }
    model.pending.keys.push(key);
    match model.keymap.look_up(&model.scopes(), &model.pending.keys) {
        Lookup::Begun => Vec::new(),
        Lookup::Found(action) => {
            let count = std::mem::take(&mut model.pending).count;
            model.interrupted &= action == Action::Interrupt;
            match action {
                // Only the key itself sends: no palette, no help, no Enter.
                Action::Confirm => send::confirm(model),
                action => perform(model, action, count),
            }
        }
        Lookup::Nothing if key.alt => {
            // No chord of ours: a terminal sends Esc and a key typed fast after it as one.
            model.pending = Default::default();
            let mut effects = take_key(model, Key::plain(KeyCode::Esc));
            effects.extend(take_key(model, Key { alt: false, ..key }));
            effects
        }
        Lookup::Nothing => {
            model.pending = Default::default();
            model.interrupted = false;
            match (typing, key.typed()) {
                (true, Some(c)) => {
                    if let Some(input) = model.screens.last_mut().and_then(Screen::input) {
                        input.type_char(c);
                    }
                    typed(model)
                }
                _ => Vec::new(),
            }
        }
    }
}

/// Carries out an action of the screen in front, if it is enabled; else says why not.
pub(super) fn perform(model: &mut Model, action: Action, count: Option<u32>) -> Vec<Effect> {
    if let Err(reason) = enabled(model, action) {
        model.say(Mark::Plain, reason);
        return Vec::new();
    }
    match action {
        Action::Text(edit) => {
            if let Some(input) = model.screens.last_mut().and_then(Screen::input) {
                input.apply(edit);
            }
            return typed(model);
        }
        Action::Help => return help::open(model),
        Action::Palette => return palette::open(model),
        Action::Log => return log::open(model),
        Action::Suspend => return vec![Effect::Suspend],
        Action::Interrupt => return interrupt(model),
        _ => {}
    }
    match model.screens.last() {
        None => match &model.stage {
            Stage::Open(_) => table::act(model, action, count),
            Stage::Choosing(_) | Stage::Unreadable(_) => open::act(model, action, count),
        },
        Some(Screen::Editor(_)) => editor::act(model, action),
        Some(Screen::Find(_)) => find::act(model, action),
        Some(Screen::Picker(_)) => picker::act(model, action),
        Some(Screen::Palette(_)) => palette::act(model, action),
        Some(Screen::Help(_)) => help::act(model, action),
        Some(Screen::Problems(_)) => problems::act(model, action, count),
        Some(Screen::Review(_)) => review::act(model, action, count),
        Some(Screen::Send(_)) => send::act(model, action, count),
        Some(Screen::Log(_)) => log::act(model, action, count),
        Some(Screen::Prompt(_)) => prompt::act(model, action),
        Some(Screen::Menu(_)) => menu::act(model, action),
    }
}

/// Nothing can be read there, so nothing can be meant but to leave. The journal keeps what is not saved.
fn in_a_small_window(model: &mut Model, key: Key) -> Vec<Effect> {
    model.pending = Default::default();
    let sending = model.screens.iter().any(|screen| matches!(screen, Screen::Send(s) if s.is_sending()));
    match model.keymap.look_up(&[Scope::Global, Scope::Always], &[key]) {
        Lookup::Found(Action::Interrupt) => interrupt(model),
        Lookup::Found(Action::Quit) if !sending => vec![Effect::Quit(0)],
        Lookup::Found(Action::Suspend) => vec![Effect::Suspend],
        _ => Vec::new(),
    }
}

/// The text of the input in front changed.
fn typed(model: &mut Model) -> Vec<Effect> {
    match model.screens.last() {
        Some(Screen::Editor(_)) => editor::typed(model),
        Some(Screen::Find(_)) => find::typed(model),
        Some(Screen::Picker(_)) => picker::typed(model),
        Some(Screen::Palette(_)) => palette::typed(model),
        Some(Screen::Help(_)) => help::typed(model),
        _ => Vec::new(),
    }
}

/// A paste is never keys: it goes into the input in front, or opens the editor of the row under the cursor.
fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    model.pending = Default::default();
    if table::layout(model).is_too_small() || model.blocks_typeahead() {
        return Vec::new();
    }
    if let Some(screen) = model.screens.last_mut() {
        let editing = matches!(screen, Screen::Editor(_));
        // The gate takes no paste, whatever it asks for.
        if matches!(screen, Screen::Send(_)) {
            model.say(Mark::Plain, "a paste does nothing here");
            return Vec::new();
        }
        let Some(input) = screen.input() else {
            model.say(Mark::Plain, "a paste does nothing here");
            return Vec::new();
        };
        return match input.paste(text) {
            Err(why) => refuse_paste(model, why, text),
            Ok(()) if editing => editor::pasted(model),
            Ok(()) => typed(model),
        };
    }
    match &model.stage {
        Stage::Open(_) => match enabled(model, Action::Edit) {
            Ok(()) => editor::open_with_paste(model, text),
            Err(reason) => {
                model.say(Mark::Plain, reason);
                Vec::new()
            }
        },
        _ => Vec::new(),
    }
}

pub(super) fn refuse_paste(model: &mut Model, why: Rejected, text: &str) -> Vec<Effect> {
    model.say(
        Mark::Error,
        match why {
            Rejected::SeveralLines => {
                let lines = text.trim_end_matches(['\r', '\n']).replace("\r\n", "\n").split(['\r', '\n']).count();
                format!("the paste has {lines} lines, a field takes one.  o picks from a list, :source FILE reads one")
            }
            Rejected::TooLong => "the paste is too long for a field; an S3 key has at most 1,024 bytes".into(),
        },
    );
    Vec::new()
}

/// `^c`: stops what runs; with nothing running, twice quits. The journal keeps the edits.
fn interrupt(model: &mut Model) -> Vec<Effect> {
    if let Some(job) = send::stop(model) {
        return vec![Effect::Cancel(job)];
    }
    if let Some(effects) = open::stop_reading(model) {
        return effects;
    }
    let stopped = table::stop(model);
    if !stopped.is_empty() {
        let check = if model.session().is_some_and(|session| !session.is_checked()) {
            ".  :check checks the rows again"
        } else {
            ""
        };
        model.say(Mark::Plain, format!("stopped{check}"));
        return stopped;
    }
    if model.session().is_some_and(|session| session.saving.is_some()) {
        model.say(Mark::Plain, "the file is being saved; that is not stopped half-way");
        return Vec::new();
    }
    if model.interrupted {
        return vec![Effect::Quit(0)];
    }
    model.interrupted = true;
    let kept = if model.session().is_some_and(|session| session.draft.is_dirty()) {
        "; the journal keeps the changes"
    } else {
        ""
    };
    model.say(Mark::Plain, format!("nothing runs.  ^c again quits{kept}"));
    Vec::new()
}

/// Leaves the program if nothing would be lost, else asks.
pub(super) fn quit(model: &mut Model) -> Vec<Effect> {
    match model.session() {
        Some(session) if session.saving.is_some() => {
            model.say(Mark::Plain, "the file is being saved.  q again when it is");
            Vec::new()
        }
        Some(session) if session.draft.is_dirty() => {
            screens::show(model, Screen::Menu(Menu::Quit));
            Vec::new()
        }
        // What waits to be carried over or offered stays in the journal.
        _ => vec![Effect::Quit(0)],
    }
}
