//! Draws the editor under a row.
use super::theme::Theme;
use crate::app::Model;
use crate::app::desk::Desk;
use crate::app::layout::Layout;
use crate::app::screens::Editor;
use ratatui::Frame;
pub fn draw(_model: &Model, _desk: &Desk, _editor: &Editor, _layout: &Layout, _theme: &Theme, _frame: &mut Frame<'_>) {}
