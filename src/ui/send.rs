//! Draws the gate, the upload under way, and its result.

use ratatui::Frame;

use crate::app::Model;
use crate::app::layout::Layout;
use crate::app::screens::SendScreen;
use crate::ui::theme::Theme;

pub fn draw(_model: &Model, _screen: &SendScreen, _layout: &Layout, _theme: &Theme, _frame: &mut Frame<'_>) {}
