//! The screens: one file each, with its state and what its keys do. Impossible states can't be held.

pub mod editor;
pub mod find;
pub mod help;
pub mod log;
pub mod menu;
pub mod open;
pub mod palette;
pub mod picker;
pub mod problems;
pub mod prompt;
pub mod review;
pub mod send;
pub mod table;

pub use editor::Editor;
pub use find::Find;
pub use help::Help;
pub use log::Log;
pub use menu::Menu;
pub use open::{Chooser, Unreadable};
pub use palette::Palette;
pub use picker::Picker;
pub use problems::Problems;
pub use prompt::Prompt;
pub use review::Review;
pub use send::SendScreen;

use super::keymap::{Action, Scope};
use super::line_input::LineInput;
use super::model::Model;
use super::view::Scroll;
use crate::domain::outcome::Outcome;

/// A screen over the table. It replaces the body; the frame stays.
#[derive(Debug)]
pub enum Screen {
    Editor(Box<Editor>),
    Find(Find),
    Picker(Box<Picker>),
    Palette(Palette),
    Help(Help),
    Problems(Problems),
    Review(Review),
    Send(Box<SendScreen>),
    Log(Log),
    Prompt(Prompt),
    Menu(Menu),
}

impl Screen {
    /// Where its keys are looked up, nearest first. Where letters are text, no letter is a command.
    pub fn scopes(&self) -> Vec<Scope> {
        match self {
            Screen::Editor(_) => vec![Scope::Editor, Scope::Input],
            Screen::Find(_) => vec![Scope::Find, Scope::Input],
            Screen::Picker(_) => vec![Scope::Picker, Scope::Input],
            Screen::Palette(_) => vec![Scope::Palette, Scope::Input],
            Screen::Help(_) => vec![Scope::Help, Scope::Input],
            Screen::Prompt(_) => vec![Scope::Prompt, Scope::Input],
            Screen::Problems(_) => vec![Scope::Problems, Scope::Global],
            Screen::Review(review) if review.recovered.is_some() => vec![Scope::Recovery, Scope::Global],
            Screen::Review(_) => vec![Scope::Review, Scope::Global],
            Screen::Send(send) => send.scopes(),
            Screen::Log(_) => vec![Scope::Log, Scope::Global],
            Screen::Menu(menu) => vec![menu.scope()],
        }
    }

    /// The result of an upload that the service took.
    pub fn is_accepted(&self) -> bool {
        match self {
            Screen::Send(send) => match &**send {
                SendScreen::Result(pane) => pane.attempt.outcome == Outcome::Accepted,
                _ => false,
            },
            _ => false,
        }
    }

    /// The line of text that takes what is typed.
    pub fn input(&mut self) -> Option<&mut LineInput> {
        match self {
            Screen::Editor(editor) => Some(&mut editor.input),
            Screen::Find(find) => Some(&mut find.input),
            Screen::Picker(picker) => Some(&mut picker.input),
            Screen::Palette(palette) => Some(&mut palette.input),
            Screen::Help(help) => Some(&mut help.input),
            Screen::Prompt(prompt) => Some(&mut prompt.input),
            Screen::Send(send) => send.input(),
            _ => None,
        }
    }
}

/// Puts a screen in front.
pub fn show(model: &mut Model, screen: Screen) {
    model.pending = Default::default();
    model.screens.push(screen);
}

/// Takes the screen in front away.
pub fn close(model: &mut Model) {
    model.pending = Default::default();
    // What was said of this screen doesn't hold for the one below.
    if matches!(model.screens.last(), Some(Screen::Review(_) | Screen::Problems(_) | Screen::Send(_))) {
        model.message = None;
    }
    model.screens.pop();
}

/// Moves in a list of `len` lines of which `height` are in sight.
pub fn move_in(scroll: &mut Scroll, action: Action, count: Option<u32>, len: usize, height: usize) {
    let many = count.unwrap_or(1).max(1) as isize;
    let page = height.saturating_sub(1).max(1) as isize;
    match action {
        Action::Down => scroll.step(many, len, height),
        Action::Up => scroll.step(-many, len, height),
        Action::PageDown => scroll.step(page, len, height),
        Action::PageUp => scroll.step(-page, len, height),
        Action::HalfDown => scroll.step((page / 2).max(1), len, height),
        Action::HalfUp => scroll.step(-(page / 2).max(1), len, height),
        Action::First => scroll.to(0, len, height),
        Action::Last => scroll.to(count.map_or(usize::MAX, |n| n as usize - usize::from(n > 0)), len, height),
        _ => {}
    }
}
