//! Draws everything about the row under the cursor.
use super::theme::Theme;
use crate::app::Model;
use crate::app::desk::Desk;
use crate::app::layout::Layout;
use ratatui::buffer::Buffer;
pub fn draw(_model: &Model, _desk: &Desk, _layout: &Layout, _theme: &Theme, _buffer: &mut Buffer) {}
pub fn alone(_model: &Model, _desk: &Desk, _layout: &Layout, _theme: &Theme, _buffer: &mut Buffer) {}
