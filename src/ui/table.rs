//! Draws the table, or a text in its place when no row is in view. It must never read a row outside the viewport.

use super::body::state_of;
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use std::borrow::Cow;

use super::difference::tell_apart;
use super::frame::{self, put};
use super::text::{Key, cut_end, cut_key, pad_left, safe, thousands, without_secret};
use super::theme::{Cursor, Gutter, Theme};
use super::{editor, inspector};
use crate::app::Model;
use crate::app::action::Action;
use crate::app::jobs::Task;
use crate::app::layout::{Area, Cells, Column, Layout, Side};
use crate::app::screens::Screen;
use crate::app::session::Session;
use crate::domain::manifest::{Field, Row, RowId, Value};
use crate::domain::search::{Query, SearchWords, SortKey, StateFilter};

/// Draws the main screen between the tallies and the message line.
pub fn draw(model: &Model, session: &Session, layout: &Layout, theme: &Theme, frame: &mut Frame<'_>) {
    let editing = match model.screens.last() {
        Some(Screen::Editor(editor)) => Some(editor),
        _ => None,
    };
    let none_in_view = session.in_view() == 0;
    let bare = none_in_view || !session.is_ready();
    if session.in_inspector && !bare && layout.inspector == Side::Hidden && editing.is_none() {
        inspector::alone(model, session, layout, theme, frame.buffer_mut());
        return;
    }
    let layout = if bare || editing.is_some() { &layout.while_editing() } else { layout };
    let buffer = frame.buffer_mut();
    frame::headings(buffer, layout, theme, column(session.view.focus), sorted(&session.view.query));
    frame::rule(buffer, layout, theme, Some(&place(session)));
    if none_in_view {
        words(model, session, layout, theme, buffer);
        return;
    }
    rows(session, layout, theme, buffer);
    if !bare {
        inspector::draw(model, session, layout, theme, buffer);
    }
    if let Some(editor) = editing {
        editor::draw(model, session, editor, layout, theme, frame);
    }
}

/// The column of a field; None for the index, which has none.
fn column(field: Field) -> Option<Column> {
    match field {
        Field::IndexId => None,
        Field::Language => Some(Column::Language),
        Field::Object => Some(Column::Video),
        Field::Transcription => Some(Column::Transcript),
    }
}

/// The sorted column, and whether it is descending; None in file order.
fn sorted(query: &Query) -> Option<(Column, bool)> {
    let column = match query.sort {
        SortKey::File => Column::Number,
        SortKey::Video => Column::Video,
        SortKey::Transcript => Column::Transcript,
        SortKey::Language => Column::Language,
        SortKey::State => Column::State,
    };
    (!query.is_in_file_order()).then_some((column, query.descending))
}

/// Position of the cursor, for the label in the rule.
fn place(session: &Session) -> String {
    let count = |rows: usize| thousands(rows as u64);
    let (total, in_view) = (thousands(session.total().into()), session.in_view());
    let at = count((session.view.scroll.cursor + 1).min(in_view));
    let so_far = if !session.is_ready() || session.view.partial { " so far" } else { "" };
    if session.view.query.narrows() && in_view > 0 {
        let rows = if session.total() == 1 { "row" } else { "rows" };
        return format!("{at} of {} in view{so_far}, {total} {rows}", count(in_view));
    }
    format!("{at} of {total}{so_far}")
}

fn rows(session: &Session, layout: &Layout, theme: &Theme, buffer: &mut Buffer) {
    let mut rows = Vec::new();
    for line in 0..layout.page() {
        let position = session.view.scroll.top + usize::from(line);
        let Some(row) = session.view.row_at(position, session.total()) else { break };
        let y = layout.table.y + line;
        let proposed = proposed(session, row);
        rows.push((OneRow { session, layout, theme, position, row, y, proposed }, session.now().row(row)));
    }
    // How an S3 key is shortened depends on the other visible ones, and on no others.
    let keys = |field: Field, cells: Cells| {
        let cells = usize::from(cells.width);
        if cells == 0 {
            // The column is hidden.
            return vec![Key { directory: String::new(), name: String::new() }; rows.len()];
        }
        let texts = rows.iter().map(|(row, value)| match (value.value(field), &row.proposed) {
            (_, Some(url)) if field == Field::Transcription => Cow::Borrowed(url.as_str()),
            (Value::Text(text), _) => ends(text),
            _ => Cow::Borrowed(""),
        });
        tell_apart(texts, cells, theme.ellipsis(), |text| cut_key(text, cells, theme.ellipsis()))
    };
    let videos = keys(Field::Object, layout.columns.video);
    let transcripts = keys(Field::Transcription, layout.columns.transcript);
    let found = session.marks_search.then(|| SearchWords::new(&session.search));
    for (((row, value), video), transcript) in rows.iter().zip(videos).zip(transcripts) {
        row.draw(buffer, value, video, transcript);
        if let Some(words) = &found {
            row.mark_found(buffer, words);
        }
    }
}

/// What is proposed for a row, where nobody has to choose.
fn proposed(session: &Session, row: RowId) -> Option<String> {
    let key = session.proposal_of(row).filter(|proposal| proposal.is_sure())?.transcript()?;
    Some(session.proposals.pairing.as_ref()?.url(key))
}

struct OneRow<'a> {
    session: &'a Session,
    layout: &'a Layout,
    theme: &'a Theme,
    position: usize,
    row: RowId,
    y: u16,
    /// As ghost text: it is not in the file.
    proposed: Option<String>,
}

impl OneRow<'_> {
    fn draw(&self, buffer: &mut Buffer, value: &Row<'_>, video: Key, transcript: Key) {
        let OneRow { session, theme, row, .. } = self;
        let (session, theme, row) = (*session, *theme, *row);
        let columns = self.layout.columns;
        let excluded = session.now().is_excluded(row);
        let here = self.position == session.view.scroll.cursor;
        let away = session.in_inspector && self.layout.inspector != Side::Hidden;

        let gutter = Gutter {
            cursor: match here {
                false => Cursor::Away,
                true if away => Cursor::HereUnfocused,
                true => Cursor::Here,
            },
            selected: self.is_selected(),
            edited: session.now().is_edited(row),
            excluded,
        };
        self.put(buffer, columns.gutter, theme.gutter(gutter).to_vec());
        let number = pad_left(&thousands(u64::from(row) + 1), columns.number.width.into());
        self.put(buffer, columns.number, vec![Span::styled(number, theme.dim())]);
        self.put(buffer, columns.video, self.video(value, video));
        if let Some(cells) = columns.language {
            self.put(buffer, cells, self.text(value.value(Field::Language), cells));
        }
        let cells = columns.transcript;
        match &self.proposed {
            Some(_) => {
                let ghost = Span::styled(transcript.directory + &transcript.name, theme.dim());
                self.put(buffer, cells, vec![ghost]);
            }
            None => self.put(buffer, cells, self.key(value.value(Field::Transcription), transcript, cells)),
        }
        self.put(buffer, columns.state, theme.sign(state_of(session, self.row)).spans().to_vec());

        let after_gutter = columns.gutter.right();
        let text = Rect::new(after_gutter, self.y, columns.state.right() - after_gutter, 1);
        if excluded {
            theme.step_back(buffer, text);
        } else if here {
            theme.stand_out(buffer, text);
        }
        if here && !away {
            let focused = columns.each().find(|(each, _)| Some(*each) == column(session.view.focus));
            if let Some((_, cells)) = focused {
                buffer.set_style(Rect::new(cells.x, self.y, cells.width, 1), theme.reversed());
            }
        }
    }

    /// Highlights visible matches of the search.
    fn mark_found(&self, buffer: &mut Buffer, words: &SearchWords) {
        let columns = self.layout.columns;
        for cells in [Some(columns.video), columns.language, Some(columns.transcript)].into_iter().flatten() {
            let (mut text, mut columns) = (String::new(), Vec::new());
            for x in cells.x..cells.right() {
                let symbol = buffer.cell((x, self.y)).map_or("", |cell| cell.symbol());
                let symbol = if words.folds() { symbol.to_lowercase() } else { symbol.to_owned() };
                columns.resize(columns.len() + symbol.len(), x);
                text.push_str(&symbol);
            }
            let found = words.places(&text).filter_map(|bytes| columns.get(bytes)).flatten();
            for x in found {
                if let Some(cell) = buffer.cell_mut((*x, self.y)) {
                    self.theme.mark_found(cell);
                }
            }
        }
    }

    fn put(&self, buffer: &mut Buffer, cells: Cells, spans: Vec<Span<'_>>) {
        put(buffer, Area::new(cells.x, self.y, cells.width, 1), cells.x, &Line::from(spans));
    }

    /// Whether the row is selected or in the open range.
    fn is_selected(&self) -> bool {
        let view = &self.session.view;
        let in_range = self
            .session
            .range_from
            .is_some_and(|from| (from.min(view.scroll.cursor)..=from.max(view.scroll.cursor)).contains(&self.position));
        in_range || self.session.selection.contains(self.row)
    }

    /// The video of a row. A row that is no JSON object is shown as its raw text, which is all that identifies it.
    fn video(&self, value: &Row<'_>, key: Key) -> Vec<Span<'static>> {
        let cells = self.layout.columns.video;
        if value.is_object {
            return self.key(value.value(Field::Object), key, cells);
        }
        let element = self.session.now().base().element(self.row);
        let start = String::from_utf8_lossy(element.get(..LONGEST).unwrap_or(element));
        vec![Span::styled(
            cut_end(&without_secret(&start), cells.width.into(), self.theme.ellipsis()),
            self.theme.dim(),
        )]
    }

    fn key(&self, value: &Value<'_>, key: Key, cells: Cells) -> Vec<Span<'static>> {
        match value {
            Value::Text(_) => key.spans(self.theme).to_vec(),
            _ => self.text(value, cells),
        }
    }

    fn text(&self, value: &Value<'_>, cells: Cells) -> Vec<Span<'static>> {
        let text = match value {
            Value::Text(text) => text,
            Value::Other(raw) => *raw,
            Value::Absent | Value::Null => return Vec::new(),
        };
        vec![Span::raw(cut_end(&ends(text), cells.width.into(), self.theme.ellipsis()))]
    }
}

/// Cells are cut from this many bytes at each end of a text.
const LONGEST: usize = 4_096;

/// The two ends of a long text, so that cutting many megabytes is as fast as cutting a short text.
fn ends(text: &str) -> Cow<'_, str> {
    let whole = without_secret(text);
    let text = match &whole {
        Cow::Borrowed(text) => *text,
        Cow::Owned(_) => return whole,
    };
    if text.len() <= 2 * LONGEST {
        return text.into();
    }
    let start = text.get(..text.floor_char_boundary(LONGEST)).unwrap_or_default();
    let end = text.get(text.ceil_char_boundary(text.len() - LONGEST)..).unwrap_or_default();
    format!("{start}{end}").into()
}

/// Draws the text in place of the rows.
fn words(model: &Model, session: &Session, layout: &Layout, theme: &Theme, buffer: &mut Buffer) {
    // Nothing is beside it.
    let body = layout.body;
    let y = body.y + body.height.saturating_sub(5) / 2;
    let mut line = |y: u16, line: Line<'_>| put(buffer, Area { y, height: 1, ..body }, 12.min(body.width), &line);
    if !session.is_ready() || model.jobs.has(Task::View) || session.view.partial {
        // Rows may still arrive.
        return;
    }
    if session.total() == 0 {
        return line(y, Line::raw("This manifest has no rows. There is nothing to upload."));
    }
    let room = usize::from(body.width.saturating_sub(13));
    if session.view.awaits_findings {
        return line(y, Line::raw("The rows are still being checked."));
    }
    let key = model.key_for(Action::Back).unwrap_or_default();
    let row = thousands(u64::from(session.view.anchor) + 1);
    line(y, Line::raw(cut_end(&no_row(&session.view.query), room, theme.ellipsis())));
    line(
        y + 1,
        Line::from(vec![
            Span::styled(safe(&key).into_owned(), theme.key()),
            Span::raw(format!(" clears the filter. Row {row} comes back into view.")),
        ]),
    );
}

/// The sentence that no row matches the query.
fn no_row(query: &Query) -> String {
    let state = match query.state {
        StateFilter::All => None,
        StateFilter::Missing => Some("is without a transcript"),
        StateFilter::Error => Some("has an error"),
        StateFilter::Warning => Some("has a warning"),
        StateFilter::Edited => Some("is edited"),
        StateFilter::Excluded => Some("is excluded"),
        StateFilter::Selected => Some("is selected"),
        StateFilter::Proposed => Some("has a sure proposal"),
        StateFilter::ToDecide => Some("needs a decision"),
    };
    let text = query.text.trim();
    let parts = [
        state.map(str::to_owned),
        query.rule.map(|rule| format!("has {}", rule.code())),
        (!text.is_empty()).then(|| format!("contains {text}")),
    ];
    format!("No row {}.", parts.into_iter().flatten().collect::<Vec<_>>().join(" and "))
}
