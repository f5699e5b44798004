//! Draws the list of transcript keys.

use ratatui::Frame;

use crate::app::Model;
use crate::app::layout::Layout;
use crate::app::screens::Picker;
use crate::ui::theme::Theme;

pub fn draw(_model: &Model, _screen: &Picker, _layout: &Layout, _theme: &Theme, _frame: &mut Frame<'_>) {}
