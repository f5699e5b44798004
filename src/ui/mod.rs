//! Draws the model into a frame. It must never change the model or keep state of its own.

mod body;
pub mod bulk;
mod change;
mod confirm;
pub mod decide;
pub mod difference;
mod editor;
mod evidence;
pub mod follow;
pub mod frame;
pub mod help;
mod input;
mod inspector;
pub mod log;
pub mod merge;
mod open;
pub mod pair;
pub mod palette;
pub mod picker;
pub mod picture;
pub mod problems;
pub mod receipt;
pub mod review;
pub mod rows;
pub mod sanitize;
pub mod send;
mod sent_before;
pub mod sources;
mod status;
mod table;
pub mod template;
pub mod text;
pub mod theme;

use ratatui::Frame;

use crate::app::Model;
use crate::app::layout::Layout;
use crate::app::model::Stage;
use crate::app::screens::Screen;
use theme::Theme;

/// Draws a frame. The same model gives the same frame.
pub fn draw(model: &Model, frame: &mut Frame<'_>) {
    let theme = theme(model);
    let layout = model.layout();
    if layout.is_too_small() {
        status::too_small(model, &layout, &theme, frame);
    } else {
        status::above(model, &layout, &theme, frame);
        body(model, &layout, &theme, frame);
        status::below(model, &layout, &theme, frame);
    }
    sanitize::sanitize(frame.buffer_mut(), &theme);
}

/// The theme from the operator's settings.
pub fn theme(model: &Model) -> Theme {
    let look = model.look;
    Theme { ascii: look.ascii, color: !look.no_color, high_contrast: look.high_contrast }
}

/// The screen whose body is drawn; None for the stage. A search, prompt or menu only takes the message line.
fn in_sight(model: &Model) -> Option<&Screen> {
    let on_message_line = |screen: &Screen| matches!(screen, Screen::Find(_) | Screen::Prompt(_) | Screen::Menu(_));
    model.screens.iter().rev().find(|screen| !on_message_line(screen))
}

/// Draws the title or headings, the rule, and everything down to the message line.
fn body(model: &Model, layout: &Layout, theme: &Theme, frame: &mut Frame<'_>) {
    match in_sight(model) {
        Some(Screen::Review(screen)) => review::draw(model, screen, layout, theme, frame),
        Some(Screen::Send(screen)) => send::draw(model, screen, layout, theme, frame),
        Some(Screen::Rows(screen)) => rows::draw(model, screen, layout, theme, frame),
        Some(Screen::Picker(screen)) => picker::draw(model, screen, layout, theme, frame),
        Some(Screen::Pair(screen)) => pair::draw(model, screen, layout, theme, frame),
        Some(Screen::Decide(screen)) => decide::draw(model, screen, layout, theme, frame),
        Some(Screen::Problems(screen)) => problems::draw(model, screen, layout, theme, frame),
        Some(Screen::Merge(screen)) => merge::draw(model, screen, layout, theme, frame),
        Some(Screen::Bulk(screen)) => bulk::draw(model, screen, layout, theme, frame),
        Some(Screen::Help(screen)) => help::draw(screen, layout, theme, frame),
        Some(Screen::Palette(screen)) => palette::draw(screen, layout, theme, frame),
        Some(Screen::Receipt(screen)) => receipt::draw(model, screen, layout, theme, frame),
        Some(Screen::Log(screen)) => log::draw(model, screen, layout, theme, frame),
        Some(Screen::Follow(screen)) => follow::draw(model, screen, layout, theme, frame),
        Some(Screen::Keys(screen)) => sources::draw(model, screen, layout, theme, frame),
        Some(Screen::Template(screen)) => template::draw(model, screen, layout, theme, frame),
        Some(Screen::AddSource(screen)) => sources::draw_add(model, screen, layout, theme, frame),
        None | Some(Screen::Editor(_) | Screen::Find(_) | Screen::Prompt(_) | Screen::Menu(_)) => match &model.stage {
            Stage::Open(session) => table::draw(model, session, layout, theme, frame),
            Stage::Choosing(chooser) => open::chooser(model, chooser, layout, theme, frame.buffer_mut()),
            Stage::Unreadable(unreadable) => open::unreadable(unreadable, layout, theme, frame.buffer_mut()),
        },
    }
}
