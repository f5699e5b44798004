//! Keystrokes, pastes and the mouse: each is looked up and led to the screen in front.

use super::{interrupt, offer_recovered, over_front, over_session, perform, quit};
use crate::app::action::Action;
use crate::app::command::Lookup;
use crate::app::effect::Effect;
use crate::app::key::Key;
use crate::app::layout::{CellPlace, Column};
use crate::app::model::{Model, Pending};
use crate::app::next::Request;
use crate::app::screens::Screen;
use crate::app::session::Done;
use crate::domain::manifest::Field;
use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, MouseButton, MouseEvent, MouseEventKind};

/// Handles a keystroke, then offers a crashed session's edits if that had to wait.
pub(super) fn press(model: &mut Model, event: &KeyEvent) -> Vec<Effect> {
    if event.kind == KeyEventKind::Release {
        return Vec::new();
    }
    let mut effects = take_key(model, Key::of(event));
    effects.extend(offer_recovered(model));
    effects
}

pub(super) fn take_key(model: &mut Model, key: Key) -> Vec<Effect> {
    if model.layout().is_too_small() {
        return in_a_small_window(model, key);
    }
    if model.blocks_typeahead() {
        // Keystrokes meant for the screen below must not answer a question that appeared unasked.
        return Vec::new();
    }
    let typing = model.is_typing();
    if !typing && model.pending.keys.is_empty() {
        let digit = key.typed().and_then(|c| c.to_digit(10));
        if let Some(digit) = digit.filter(|_| model.numbers()) {
            if model.is_blind(Action::Choose) {
                return Vec::new();
            }
            forget_message(model);
            return over_front(model, |front, ctx| front.number(ctx, digit as usize));
        }
        // Digits are counts, never bindings.
        if let Some(digit) = digit
            && (digit != 0 || model.pending.count.is_some())
        {
            model.pending.count = Some(model.pending.count.unwrap_or(0).saturating_mul(10).saturating_add(digit));
            return Vec::new();
        }
    }
    if key == Key::plain(KeyCode::Esc) && !model.pending.is_empty() {
        model.pending = Pending::default();
        return Vec::new();
    }
    model.pending.keys.push(key);
    match model.keymap.look_up(&model.bound_scopes(), &model.pending.keys) {
        Lookup::Begun => Vec::new(),
        // The way back drops a count before it leaves anything.
        Lookup::Found(Action::Back) if model.pending.count.is_some() => {
            model.pending = Pending::default();
            Vec::new()
        }
        Lookup::Found(action) if model.is_blind(action) => {
            model.pending = Pending::default();
            Vec::new()
        }
        Lookup::Found(action) => {
            let count = std::mem::take(&mut model.pending).count;
            forget_message(model);
            pressed(model, Some(action));
            model.interrupted &= action == Action::Interrupt;
            perform(model, &Request { count, is_pressed: true, ..Request::of(action) })
        }
        Lookup::Nothing if key.alt => {
            // Not bound with Alt: a terminal reports Esc and a quick next keystroke as one Alt chord.
            model.pending = Pending::default();
            let mut effects = take_key(model, Key::plain(KeyCode::Esc));
            effects.extend(take_key(model, Key { alt: false, ..key }));
            effects
        }
        Lookup::Nothing => {
            model.pending = Pending::default();
            pressed(model, None);
            if std::mem::take(&mut model.interrupted) {
                // It says that the same key again quits.
                forget_message(model);
            }
            let Some(c) = key.typed().filter(|_| typing) else { return Vec::new() };
            forget_message(model);
            over_front(model, |front, ctx| {
                if let Some(input) = front.input() {
                    input.type_char(c);
                }
                front.typed(ctx)
            })
        }
    }
}

/// Tells every screen which command was called for.
pub(super) fn pressed(model: &mut Model, action: Option<Action>) {
    model.screens.iter_mut().for_each(|screen| screen.as_act_mut().pressed(action));
}

/// Clears the message at the next command, unless it stays.
pub(super) fn forget_message(model: &mut Model) {
    model.message.take_if(|message| !message.stays);
}

/// In a window too small to read, only interrupt, quit and suspend work, and the answers to the question that quitting
/// asks.
fn in_a_small_window(model: &mut Model, key: Key) -> Vec<Effect> {
    model.pending = Pending::default();
    match model.keymap.look_up(&model.scopes_when_small(), &[key]) {
        Lookup::Found(Action::Interrupt) => interrupt(model),
        Lookup::Found(Action::Quit) => quit(model),
        Lookup::Found(Action::Suspend) => vec![Effect::Suspend],
        Lookup::Found(action @ (Action::SaveAndQuit | Action::DiscardAndQuit | Action::Back)) => {
            perform(model, &Request::of(action))
        }
        _ => Vec::new(),
    }
}

/// Hands a paste to the screen in front. It is never interpreted as keystrokes.
pub(super) fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    model.pending = Pending::default();
    if model.layout().is_too_small() || model.blocks_typeahead() {
        return Vec::new();
    }
    forget_message(model);
    if model.screens.is_empty()
        && model.session().is_some()
        && let Err(why) = model.enabled(Action::Edit)
    {
        model.message = Some(why.message());
        return Vec::new();
    }
    over_front(model, |front, ctx| front.paste(ctx, text))
}

/// A click moves the cursor to a row and column, the wheel scrolls the table. On other screens the wheel moves the
/// cursor of their list.
pub(super) fn mouse(model: &mut Model, event: MouseEvent) -> Vec<Effect> {
    let lines = match event.kind {
        MouseEventKind::ScrollDown => 3,
        MouseEventKind::ScrollUp => -3,
        MouseEventKind::Down(MouseButton::Left) if model.screens.is_empty() => return click(model, event),
        _ => return Vec::new(),
    };
    if model.screens.is_empty() && model.session().is_some() {
        forget_message(model);
        return over_session(model, |session, env| {
            session.wheel(env.size, lines);
            Done::nothing()
        });
    }
    let action = if lines > 0 { Action::Down } else { Action::Up };
    let typing = model.is_typing();
    let listed = matches!(model.screens.last(), Some(Screen::Picker(_) | Screen::Help(_) | Screen::Palette(_)));
    if typing && !listed { Vec::new() } else { perform(model, &Request::of(action)) }
}

pub(super) fn click(model: &mut Model, event: MouseEvent) -> Vec<Effect> {
    let layout = model.layout();
    let Some(CellPlace::Row { line, column }) = layout.place(event.column, event.row) else { return Vec::new() };
    let size = model.size;
    forget_message(model);
    if let Some(session) = model.session_mut() {
        let position = session.view.scroll.top + usize::from(line);
        if position < session.in_view() {
            session.to_position(size, position);
            session.view.focus = match column {
                Some(Column::Language) => Field::Language,
                Some(Column::Transcript) => Field::Transcription,
                _ => session.view.focus,
            };
            session.in_inspector = false;
        }
    }
    Vec::new()
}
