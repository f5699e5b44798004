//! Screen geometry, computed from the window's size and the number of rows. `update` pages and hit-tests with it and
//! the screens draw into it, so drawing never feeds back into the state.
//! It must never depend on the rows' contents, or a column would move while a value is typed.

/// The smallest window that is drawn, in columns and rows.
pub const SMALLEST: (u16, u16) = (60, 18);
/// Height of the inline editor, in rows.
pub const EDITOR_ROWS: u16 = 9;

const GUTTER: u16 = 4;
const GAP: u16 = 2;
const LANGUAGE: u16 = 5;
const WIDE_LANGUAGE: u16 = 12;
/// Least width of a video or transcript, in cells.
const NAME: u16 = 12;
const STATE: u16 = 10;
const PANE_GAP: u16 = 3;
const STACKED_ROWS: u16 = 6;
/// Of the pairs, and of a row to decide, beside what there is to know of them.
const PAIRS: u16 = 66;

/// A rectangle in cells.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Area {
    pub x: u16,
    pub y: u16,
    pub width: u16,
    pub height: u16,
}

impl Area {
    pub const fn new(x: u16, y: u16, width: u16, height: u16) -> Area {
        Area { x, y, width, height }
    }

    /// The first column to the right of it.
    pub const fn right(self) -> u16 {
        self.x.saturating_add(self.width)
    }

    /// The first row below it.
    pub const fn bottom(self) -> u16 {
        self.y.saturating_add(self.height)
    }

    pub const fn contains(self, x: u16, y: u16) -> bool {
        x >= self.x && x < self.right() && y >= self.y && y < self.bottom()
    }

    const fn is_empty(self) -> bool {
        self.width == 0 || self.height == 0
    }
}

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
            (Column::Number | Column::State, _) => return Err("the number and the state of a row always stay"),
            (Column::Language, _) => self.hides_language = true,
            (column, Some(hidden)) if hidden != column => return Err("of video and transcript one stays"),
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
            Column::Number | Column::State => return Err("the number and the state are as wide as they get"),
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

/// Position of a screen's second pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Right of the main pane; its title is in the row of headings.
    Beside(Area),
    /// Under the main pane; the rule in row `rule` between them holds its title.
    Below { rule: u16, area: Area },
    /// No room: a command shows it in place of the main pane.
    Hidden,
}

impl Side {
    pub const fn area(self) -> Option<Area> {
        match self {
            Side::Beside(area) | Side::Below { area, .. } => Some(area),
            Side::Hidden => None,
        }
    }
}

/// A body split into two panes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Panes {
    pub main: Area,
    pub side: Side,
}

/// Layout of the template screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Filling {
    pub list: Area,
    pub parts: Area,
    pub saved: Area,
    pub is_beside: bool,
}

/// Layout of the screen of S3 key sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keys {
    pub list: Area,
    /// What was not understood in sources other than the selected one.
    pub doubts: Area,
    pub side: Side,
}

/// What is drawn at a cell of the main screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Line of the table's viewport, from 0, and the column, if the cell is in one.
    Row {
        line: u16,
        column: Option<Column>,
    },
    Heading(Column),
    Inspector {
        line: u16,
    },
    Tallies,
    Message,
    Hints,
}

/// The geometry of one window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    pub window: Area,
    /// Rows of the manifest, as passed in.
    pub total: u64,
    /// Width of a row number or count with its separators, in cells.
    pub digits: u16,
    pub header: Area,
    pub tallies: Area,
    pub headings: Area,
    pub rule: Area,
    /// Everything between the rule and the message, without the blank row above the message.
    pub body: Area,
    pub table: Area,
    pub columns: Columns,
    pub inspector: Side,
    pub message: Area,
    pub hints: Area,
}

impl Layout {
    /// `total` is the number of rows in the manifest, even while a filter shows fewer.
    pub fn new(width: u16, height: u16, total: u64) -> Layout {
        Layout::shaped(width, height, total, false, Shape::default())
    }

    /// With `line`, one row under the body is kept free; from 30 rows on there is a blank one anyway.
    pub fn shaped(width: u16, height: u16, total: u64, line: bool, shape: Shape) -> Layout {
        let row = |y: u16| Area::new(0, y.min(height), width, u16::from(y < height));
        // In the smallest window the body keeps at least one row, so the rows of the frame never overlap.
        let blank = u16::from(height >= 30 || line);
        let body = Area::new(0, 4.min(height), width, height.saturating_sub(6 + blank));
        let Panes { main: table, side: inspector } = table_and_inspector(body, height);
        let digits = digits(total);
        Layout {
            window: Area::new(0, 0, width, height),
            total,
            digits,
            header: row(0),
            tallies: row(1),
            headings: row(2),
            rule: row(3),
            body,
            table,
            columns: columns(width, table, digits, shape),
            inspector,
            message: row(height.saturating_sub(2).max(4)),
            hints: row(height.saturating_sub(1).max(5)),
        }
    }

    /// Whether the window is too small to draw anything but a notice.
    pub const fn is_too_small(&self) -> bool {
        self.window.width < SMALLEST.0 || self.window.height < SMALLEST.1
    }

    /// Height of the table's viewport, in rows: a page.
    pub const fn page(&self) -> u16 {
        self.table.height
    }

    /// Right end of the label in the rule, exclusive: the table's right edge, with some rule left after it.
    pub fn label_end(&self) -> u16 {
        self.columns.state.right().min(self.window.width.saturating_sub(2))
    }

    /// The layout while the inline editor is open: an inspector below the table gives its rows to the table.
    pub fn while_editing(mut self) -> Layout {
        if matches!(self.inspector, Side::Below { .. }) {
            self.table.height = self.body.height;
            self.inspector = Side::Hidden;
        }
        self
    }

    /// Area of the inline editor for the table row at `y`: below that row, or above it where too few rows are left.
    pub fn editor(&self, y: u16) -> Area {
        let height = EDITOR_ROWS.min(self.table.height);
        let below = y.saturating_add(1);
        let top = if below.saturating_add(height) <= self.table.bottom() {
            below
        } else {
            y.min(self.table.bottom()).saturating_sub(height).max(self.table.y)
        };
        Area { y: top, height, ..self.table }
    }

    /// The picker's list, from the second row under its input, and the preview.
    pub fn picker(&self) -> Panes {
        let list = Area { y: self.body.y + 2, height: self.body.height.saturating_sub(2), ..self.body };
        let below = if self.window.height < 22 { None } else { Some(self.body.height.saturating_sub(3) / 2) };
        // The preview starts at the rule, so that it has room for the URL above the verdicts.
        match split(self.body, 66, below, 1) {
            Panes { main, side: side @ Side::Beside(_) } => Panes { main: Area { width: main.width, ..list }, side },
            Panes { main, side } => Panes { main: Area { height: main.bottom().saturating_sub(list.y), ..list }, side },
        }
    }

    /// The list of problems, with room for `groups`, and under it the rows of the selected one. Never side by side:
    /// half of a wide window has less room for a rule or a row than a narrow window.
    pub fn problems(&self, groups: u16) -> Panes {
        // A rule, its rows and two blank rows take the rest; the list gets no more than half of the body.
        let list = groups.clamp(1, (self.body.height / 2).max(1));
        stacked(self.body, self.body.height.saturating_sub(list + 2), 1)
    }

    /// Pairs by class, and what there is to know of the one in hand.
    pub fn pair(&self) -> Panes {
        // The headings and five classes, a blank row and the rule.
        split(self.body, PAIRS, Some(self.body.height.saturating_sub(8)), 1)
    }

    /// A row to decide with so many candidates, and what they hold. Where these are few the preview never moves.
    pub fn decide(&self, candidates: usize) -> Panes {
        if self.body.width >= 110 {
            return split(self.body, PAIRS, None, 0);
        }
        // Three rows of the file, a blank one, the question, the candidates, a blank one, the rule.
        let least = 6 + u16::try_from(candidates).unwrap_or(u16::MAX).min(9);
        let rule = least.max(self.body.height.saturating_sub(7).min(11));
        stacked(self.body, self.body.height.saturating_sub(rule + 1), 1)
    }

    /// The template screen: input and counts in the first rows, then the rows it fills; parts and saved templates
    /// beside them from 110 cells on, else below.
    pub fn template(&self) -> Filling {
        let body = self.body;
        let top = body.y + 4.min(body.height);
        if body.width >= 110 {
            let Panes { main, side } = split(body, 66, None, 0);
            let side = side.area().unwrap_or_default();
            let parts = Area { height: 10.min(side.height), ..side };
            let saved = Area { y: parts.bottom() + 1, height: side.height.saturating_sub(parts.height + 1), ..side };
            let list = Area { y: top, height: main.bottom().saturating_sub(top), ..main };
            return Filling { list, parts, saved, is_beside: true };
        }
        // Parts take a rule and two rows, saved templates a rule and up to two; a low window shows only the rows.
        let (parts_height, saved_height) = match body.height {
            18.. => (3, 3),
            14.. => (3, 0),
            _ => (0, 0),
        };
        let saved = Area { y: body.bottom() - saved_height, height: saved_height, ..body };
        let gap = u16::from(saved_height > 0);
        let parts = Area { y: saved.y - parts_height - gap, height: parts_height, ..body };
        let gap = u16::from(parts_height > 0);
        Filling {
            list: Area { y: top, height: parts.y.saturating_sub(top + gap), ..body },
            parts,
            saved,
            is_beside: false,
        }
    }

    /// The sources of S3 keys, with room for `lines`, and details of the selected one: beside the list from 110 cells
    /// on, else below.
    pub fn keys(&self, lines: u16) -> Keys {
        // The first row has the headings; a blank row and one for doubts follow the list.
        let below = (self.window.height >= 22).then(|| self.body.height.saturating_sub(lines.max(4) + 5).clamp(3, 12));
        let Panes { main, side } = split(self.body, 66, below, 1);
        let list = Area { y: main.y + 1, height: lines.min(main.height.saturating_sub(1)), ..main };
        let y = (list.bottom() + 1).min(main.bottom());
        let doubts = Area { y, height: main.bottom() - y, ..main };
        Keys { list, doubts, side }
    }

    /// The form of a bulk change and, beside it where there is room, its counts.
    pub fn bulk(&self) -> Panes {
        split(self.body, 66, None, 0)
    }

    /// The classes of a merge, and the rows of the selected one: beside them from 110 cells on, else below.
    pub fn merge(&self) -> Panes {
        split(self.body, 66, Some(self.body.height.saturating_sub(9)), 0)
    }

    /// The changes, and beside them what will be sent; without room for both, the latter is one line above the changes.
    pub fn review(&self) -> Panes {
        match split(self.body, 76, None, 0) {
            Panes { main, side: Side::Beside(area) } => {
                Panes { main, side: Side::Beside(Area { x: area.x + 1, width: area.width.saturating_sub(1), ..area }) }
            }
            panes => panes,
        }
    }

    /// What is drawn at a cell of the main screen; None for blank space.
    pub fn place(&self, x: u16, y: u16) -> Option<Place> {
        let column =
            || self.columns.each().find(|(_, cells)| x >= cells.x && x < cells.right()).map(|(column, _)| column);
        if self.table.contains(x, y) {
            return Some(Place::Row { line: y - self.table.y, column: column() });
        }
        if let Some(area) = self.inspector.area().filter(|area| area.contains(x, y)) {
            return Some(Place::Inspector { line: y - area.y });
        }
        if self.headings.contains(x, y) {
            return column().map(Place::Heading);
        }
        [(self.tallies, Place::Tallies), (self.message, Place::Message), (self.hints, Place::Hints)]
            .into_iter()
            .find(|(area, _)| area.contains(x, y))
            .map(|(_, place)| place)
    }
}

/// Width of the largest row number with its separators, in cells, at least 3.
fn digits(total: u64) -> u16 {
    let digits = total.checked_ilog10().unwrap_or(0) + 1;
    u16::try_from(digits + (digits - 1) / 3).unwrap_or(u16::MAX).max(3)
}

fn table_and_inspector(body: Area, height: u16) -> Panes {
    let width = body.width;
    if width >= 110 {
        let inspector = if width < 130 { 41 } else { (u32::from(width) * 34 / 100).min(64) as u16 };
        return split(body, width - inspector - PANE_GAP, None, 0);
    }
    split(body, width, (height >= 22).then_some(STACKED_ROWS), 0)
}

/// Splits `body` in two. From 110 cells on: side by side, with `main` cells at the left. Else: `below` rows under a
/// rule, with `gap` blank rows before it.
fn split(body: Area, main: u16, below: Option<u16>, gap: u16) -> Panes {
    if body.width >= 110 {
        let x = main + PANE_GAP;
        let side = Area::new(x, body.y, body.width.saturating_sub(x), body.height);
        return Panes { main: Area { width: main, ..body }, side: Side::Beside(side) };
    }
    stacked(body, below.unwrap_or(0), gap)
}

/// Splits `body` in two, with `below` rows under a rule.
fn stacked(body: Area, below: u16, gap: u16) -> Panes {
    let rows = below.min(body.height.saturating_sub(2 + gap));
    let area = Area { y: body.bottom() - rows, height: rows, ..body };
    if area.is_empty() {
        return Panes { main: body, side: Side::Hidden };
    }
    let rule = area.y - 1;
    Panes { main: Area { height: rule - gap - body.y, ..body }, side: Side::Below { rule, area } }
}

fn columns(window: u16, table: Area, digits: u16, shape: Shape) -> Columns {
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

#[cfg(test)]
#[path = "layout_tests.rs"]
mod tests;
