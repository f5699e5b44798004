//! Draws the earlier uploads.

use ratatui::Frame;

use crate::app::Model;
use crate::app::layout::Layout;
use crate::app::screens::Log;
use crate::ui::theme::Theme;

pub fn draw(_model: &Model, _screen: &Log, _layout: &Layout, _theme: &Theme, _frame: &mut Frame<'_>) {}
