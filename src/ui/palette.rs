//! Draws the commands.

use ratatui::Frame;

use crate::app::Model;
use crate::app::layout::Layout;
use crate::app::screens::Palette;
use crate::ui::theme::Theme;

pub fn draw(_model: &Model, _screen: &Palette, _layout: &Layout, _theme: &Theme, _frame: &mut Frame<'_>) {}
