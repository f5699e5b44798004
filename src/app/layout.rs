//! Owns where things stand: plain geometry from the window's size and the number of rows. `update` pages and hit-tests
//! with it and the screens draw into it, so nothing that was drawn ever feeds back into the state.
//! It must never depend on what is in the rows, or a column would move while a value is typed.

/// The smallest window that is drawn.
pub const SMALLEST: (u16, u16) = (60, 18);
/// The rows of the inline editor.
pub const EDITOR_ROWS: u16 = 9;

const GUTTER: u16 = 4;
const GAP: u16 = 2;
const LANGUAGE: u16 = 5;
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

    /// The first cell to the right of it.
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

/// A column as cells from the left edge of the window.
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

impl Columns {
    /// The columns with their cells, left to right.
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
    }
}

/// Where the second pane of a screen stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Right of the main pane, its title in the row of the headings.
    Beside(Area),
    /// Under the main pane and a rule at the row `rule` that holds its title.
    Below { rule: u16, area: Area },
    /// No room: a key shows it in place of the main pane.
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

/// A body of two panes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Panes {
    pub main: Area,
    pub side: Side,
}

/// What a place on the screen is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The `line`th row of the table that is in view, and the column where the place is in one.
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
    /// The rows of the manifest, as given.
    pub total: u64,
    /// Cells of a row number or a count of rows, with its commas.
    pub digits: u16,
    pub header: Area,
    pub tallies: Area,
    pub headings: Area,
    pub rule: Area,
    /// Everything between the rule and the message, without the blank row before the message.
    pub body: Area,
    pub table: Area,
    pub columns: Columns,
    pub inspector: Side,
    pub message: Area,
    pub hints: Area,
}

impl Layout {
    /// `total` is the number of rows in the manifest, also while a filter shows fewer.
    pub fn new(width: u16, height: u16, total: u64) -> Layout {
        Layout::with_line(width, height, total, false)
    }

    /// With a line kept free under the body: in a high window it is blank anyway.
    pub fn with_line(width: u16, height: u16, total: u64, line: bool) -> Layout {
        let row = |y: u16| Area::new(0, y.min(height), width, u16::from(y < height));
        // At least one row is left to the body in the smallest window, so the rows of the frame never overlap.
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
            columns: columns(width, table, digits),
            inspector,
            message: row(height.saturating_sub(2).max(4)),
            hints: row(height.saturating_sub(1).max(5)),
        }
    }

    /// Too small to draw anything but that.
    pub const fn is_too_small(&self) -> bool {
        self.window.width < SMALLEST.0 || self.window.height < SMALLEST.1
    }

    /// The rows of the table in view: a page.
    pub const fn page(&self) -> u16 {
        self.table.height
    }

    /// The cell after the last one of the label in the rule: the table's right edge, with some rule left after it.
    pub fn label_end(&self) -> u16 {
        self.columns.state.right().min(self.window.width.saturating_sub(2))
    }

    /// The layout while the inline editor is open: where the inspector is below the table, its rows are the table's.
    pub fn while_editing(mut self) -> Layout {
        if matches!(self.inspector, Side::Below { .. }) {
            self.table.height = self.body.height;
            self.inspector = Side::Hidden;
        }
        self
    }

    /// The rows that the inline editor covers when it belongs to the row of the table at `y`: below it, or above it
    /// where too few rows are left.
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

    /// The list of the picker, from the second row under its input, and the preview.
    pub fn picker(&self) -> Panes {
        let list = Area { y: self.body.y + 2, height: self.body.height.saturating_sub(2), ..self.body };
        let below = if self.window.height < 22 { None } else { Some(self.body.height.saturating_sub(3) / 2) };
        // The preview stands from the rule on, so that it has room for the address above the verdicts.
        match split(self.body, 66, below, 1) {
            Panes { main, side: side @ Side::Beside(_) } => Panes { main: Area { width: main.width, ..list }, side },
            Panes { main, side } => Panes { main: Area { height: main.bottom().saturating_sub(list.y), ..list }, side },
        }
    }

    /// The list of problems, with room for `groups`, and under it the rows of the chosen one. Never beside each other: in
    /// half of a wide window there would be less room for a rule and for a row than in a narrow one.
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

    /// A change of many rows, and beside it where there is room what it comes to.
    pub fn bulk(&self) -> Panes {
        split(self.body, 66, None, 0)
    }

    /// The changes, and what will be sent; without room for both, the latter is one line above the former.
    pub fn review(&self) -> Panes {
        match split(self.body, 76, None, 0) {
            Panes { main, side: Side::Beside(area) } => {
                Panes { main, side: Side::Beside(Area { x: area.x + 1, width: area.width.saturating_sub(1), ..area }) }
            }
            panes => panes,
        }
    }

    /// What is at a cell of the main screen.
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

/// Cells of the greatest row number with its commas, at least 3.
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

/// `body` in two: beside each other with `main` cells at the left from 110 cells on; else `below` rows under a rule,
/// with `gap` blank rows before it.
fn split(body: Area, main: u16, below: Option<u16>, gap: u16) -> Panes {
    if body.width >= 110 {
        let x = main + PANE_GAP;
        let side = Area::new(x, body.y, body.width.saturating_sub(x), body.height);
        return Panes { main: Area { width: main, ..body }, side: Side::Beside(side) };
    }
    stacked(body, below.unwrap_or(0), gap)
}

/// `body` in two, the lower one of `below` rows under a rule.
fn stacked(body: Area, below: u16, gap: u16) -> Panes {
    let rows = below.min(body.height.saturating_sub(2 + gap));
    let area = Area { y: body.bottom() - rows, height: rows, ..body };
    if area.is_empty() {
        return Panes { main: body, side: Side::Hidden };
    }
    let rule = area.y - 1;
    Panes { main: Area { height: rule - gap - body.y, ..body }, side: Side::Below { rule, area } }
}

fn columns(window: u16, table: Area, digits: u16) -> Columns {
    // Beside a pane the table's last cell is its own; else one cell stays free as at the left.
    let end = if table.width == window { table.width.saturating_sub(1) } else { table.width };
    let language = if window >= 70 { LANGUAGE } else { 0 };
    let gaps = GAP * if language > 0 { 4 } else { 3 };
    let rest = end.saturating_sub(GUTTER + digits + language + STATE + gaps);
    let mut x = 0;
    let mut take = |width: u16, gap: u16| {
        let cells = Cells { x, width };
        x += width + gap;
        cells
    };
    Columns {
        gutter: take(GUTTER, 0),
        number: take(digits, GAP),
        video: take((rest / 2).max(12), GAP),
        language: (language > 0).then(|| take(language, GAP)),
        transcript: take((rest - rest / 2).max(12), GAP),
        state: take(STATE, 0),
    }
}

#[cfg(test)]
#[path = "layout_tests.rs"]
mod tests;
