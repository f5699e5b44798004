//! Draws the palette: an input, and the matching commands with their bindings.

use ratatui::Frame;
use ratatui::text::{Line, Span};

use super::body::{head, input, place_in, row, window, write, write_right};
use super::frame::{Title, rect};
use super::text::{cut_end, width};
use super::theme::{Mark, Theme};
use crate::app::layout::{Area, Layout};
use crate::app::screens::Palette;
use crate::app::scroll::Scroll;

/// Column of the labels, unless a command's name is longer.
const LABEL_AT: u16 = 26;

pub fn draw(screen: &Palette, layout: &Layout, theme: &Theme, frame: &mut Frame<'_>) {
    let entries = screen.entries();
    let body = layout.body;
    let area =
        Area { y: body.y + 2, height: body.height.saturating_sub(2), width: body.width.saturating_sub(1), ..body };
    let buffer = frame.buffer_mut();
    let phrase = "a name and Enter, or the number of a row";
    let title = Title { name: "commands", phrase, phrase_at: Title::PHRASE_AT, right: "" };
    let scroll = Scroll { cursor: screen.choice, top: 0 };
    let label = place_in(scroll, entries.len(), area.height);
    head(buffer, layout, theme, body, &title, &label);

    for (y, at) in (area.y..area.bottom()).zip(window(scroll, entries.len(), area.height)) {
        let Some(entry) = entries.get(at) else { break };
        let style = if entry.off.is_some() { theme.dim() } else { theme.plain() };
        let name_style = if entry.off.is_some() { theme.dim() } else { theme.bold() };
        let keys = entry.keys.join(" ");
        let right = entry.off.as_ref().map_or(keys.as_str(), |why| &why.text);
        let right = cut_end(right, usize::from(area.width / 2), theme.ellipsis());
        let right_style = if entry.off.is_some() { theme.dim() } else { theme.key() };
        let right_at = write_right(buffer, area, y, area.right(), Line::styled(right, right_style));
        let name = format!("{} {}", entry.command.typed(), entry.command.takes);
        let name = name.trim_end().to_owned();
        let label_at = LABEL_AT.max(u16::try_from(5 + width(&name)).unwrap_or(LABEL_AT));
        write(buffer, area, y, 3, Line::styled(name, name_style));
        let room = usize::from(right_at.saturating_sub(label_at + 2));
        write(buffer, area, y, label_at, Line::styled(cut_end(&entry.label, room, theme.ellipsis()), style));
        if at == screen.choice {
            if entry.off.is_none() {
                theme.stand_out(buffer, rect(Area { y, height: 1, ..area }));
            }
            write(buffer, area, y, 1, theme.mark(Mark::Choice));
        }
    }
    if entries.is_empty() {
        write(buffer, area, area.y, 1, "No command matches.");
    }
    write(buffer, body, body.y, 1, Span::styled(":", theme.bold()));
    let line = Area { width: area.width, ..row(body, body.y) };
    input(frame, line, 3, theme, &screen.input);
}
