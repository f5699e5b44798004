//! The columns of the table: their widths, and how the operator arranged them.

use super::Area;

const GUTTER: u16 = 4;
const GAP: u16 = 2;
const LANGUAGE: u16 = 5;
const WIDE_LANGUAGE: u16 = 12;
/// Least width of a video or transcript, in cells.
const NAME: u16 = 12;
const STATE: u16 = 10;

/// Horizontal extent of a column, in cells from the left edge of the window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cells {
    pub x: u16,
    pub width: u16,
}

impl Cells {
    pub const fn right(self) -> u16 {
        self.x.saturating_add(self.width)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Columns {
    pub gutter: Cells,
    pub number: Cells,
    pub video: Cells,
    /// Hidden in windows narrower than 70 cells.
    pub language: Option<Cells>,
    pub transcript: Cells,
    pub state: Cells,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Column {
    Number,
    Video,
    Language,
    Transcript,
    State,
}

impl Column {
    /// As its heading calls it, or longer.
    pub fn named(name: &str) -> Option<Column> {
        match name {
            "#" | "number" => Some(Column::Number),
            "video" => Some(Column::Video),
            "lang" | "language" => Some(Column::Language),
            "transcript" => Some(Column::Transcript),
            "state" => Some(Column::State),
            _ => None,
        }
    }
}

/// How the operator arranged the columns. The number and the state always stay, and of video and transcript one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Shape {
    /// Of video and transcript, the one that is hidden.
    hidden: Option<Column>,
    hides_language: bool,
    pub wide: Option<Column>,
}

impl Shape {
    pub fn shows(&self, column: Column) -> bool {
        self.hidden != Some(column) && !(column == Column::Language && self.hides_language)
    }

    /// # Errors
    /// Why the column stays.
    pub fn hide(&mut self, column: Column) -> Result<(), &'static str> {
        match (column, self.hidden) {
            (Column::Number | Column::State, _) => return Err("the number and the state always stay"),
            (Column::Language, _) => self.hides_language = true,
            (column, Some(hidden)) if hidden != column => return Err("one of video and transcript must stay"),
            (column, _) => self.hidden = Some(column),
        }
        self.wide = self.wide.filter(|wide| *wide != column);
        Ok(())
    }

    /// Gives a column more room; one that was hidden comes back.
    ///
    /// # Errors
    /// Why it has its width.
    pub fn widen(&mut self, column: Column) -> Result<(), &'static str> {
        match column {
            Column::Number | Column::State => return Err("the number and the state have a fixed width"),
            Column::Language => self.hides_language = false,
            column => self.hidden = self.hidden.filter(|hidden| *hidden != column),
        }
        self.wide = Some(column);
        Ok(())
    }
}

impl Columns {
    /// The columns in sight, left to right.
    pub fn each(&self) -> impl Iterator<Item = (Column, Cells)> {
        [
            Some((Column::Number, self.number)),
            Some((Column::Video, self.video)),
            self.language.map(|cells| (Column::Language, cells)),
            Some((Column::Transcript, self.transcript)),
            Some((Column::State, self.state)),
        ]
        .into_iter()
        .flatten()
        .filter(|(_, cells)| cells.width > 0)
    }
}

/// Width of the largest row number with its separators, in cells, at least 3.
pub(super) fn digits(total: u64) -> u16 {
    let digits = total.checked_ilog10().unwrap_or(0) + 1;
    u16::try_from(digits + (digits - 1) / 3).unwrap_or(u16::MAX).max(3)
}

pub(super) fn columns(window: u16, table: Area, digits: u16, shape: Shape) -> Columns {
    // Without a pane beside it, the table leaves one cell free at its right end.
    let end = if table.width == window { table.width.saturating_sub(1) } else { table.width };
    let both = shape.shows(Column::Video) && shape.shows(Column::Transcript);
    // A wide language leaves the columns of names what they need.
    let names = NAME * (1 + u16::from(both));
    let besides = GUTTER + digits + STATE + GAP * (3 + u16::from(both)) + names;
    let language = match shape.wide {
        _ if window < 70 || !shape.shows(Column::Language) => 0,
        Some(Column::Language) => WIDE_LANGUAGE.min(end.saturating_sub(besides)).max(LANGUAGE),
        _ => LANGUAGE,
    };
    let gaps = GAP * (2 + u16::from(both) + u16::from(language > 0));
    let rest = end.saturating_sub(GUTTER + digits + language + STATE + gaps);
    // Of what two columns share, a wide one gets two thirds, if the other keeps what it needs.
    let narrow = (rest / 3).max(NAME).min(rest / 2);
    let share = |column: Column, half: u16| match shape.wide {
        _ if !shape.shows(column) => 0,
        _ if !both => rest.max(NAME),
        Some(wide) if wide == column => rest - narrow,
        Some(Column::Video | Column::Transcript) => narrow,
        _ => half.max(NAME),
    };
    let (video, transcript) = (share(Column::Video, rest / 2), share(Column::Transcript, rest - rest / 2));
    let mut x = 0;
    let mut take = |width: u16, gap: u16| {
        let cells = Cells { x, width };
        x += width + if width > 0 { gap } else { 0 };
        cells
    };
    Columns {
        gutter: take(GUTTER, 0),
        number: take(digits, GAP),
        video: take(video, GAP),
        language: (language > 0).then(|| take(language, GAP)),
        transcript: take(transcript, GAP),
        state: take(STATE, 0),
    }
}
