//! Draws the problems by rule.

use ratatui::Frame;

use crate::app::Model;
use crate::app::layout::Layout;
use crate::app::screens::Problems;
use crate::ui::theme::Theme;

pub fn draw(_model: &Model, _screen: &Problems, _layout: &Layout, _theme: &Theme, _frame: &mut Frame<'_>) {}
