//! Draws the changes, and what will be sent.

use ratatui::Frame;

use crate::app::Model;
use crate::app::layout::Layout;
use crate::app::screens::Review;
use crate::ui::theme::Theme;

pub fn draw(_model: &Model, _screen: &Review, _layout: &Layout, _theme: &Theme, _frame: &mut Frame<'_>) {}
