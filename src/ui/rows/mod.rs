//! Draws a send row by row: the gate, and the board of rows. It must never show an API key or a presigned link.

mod board;
mod gate;
mod list;

use ratatui::Frame;

use super::theme::Theme;
use crate::app::layout::Layout;
use crate::app::model::Model;
use crate::app::screens::RowsScreen;
use crate::app::screens::rows::RowsGate;

pub fn draw(model: &Model, screen: &RowsScreen, layout: &Layout, theme: &Theme, frame: &mut Frame<'_>) {
    match screen {
        RowsScreen::Gate(RowsGate { board: Some(board), .. }) => board::draw(model, board, layout, theme, frame),
        RowsScreen::Gate(gate) => gate::draw(model, gate, layout, theme, frame),
        RowsScreen::Board(board) => board::draw(model, board, layout, theme, frame),
    }
}
