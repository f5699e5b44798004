//! How the bodies of the screens are split into panes.
//! A pane beside the table or a bulk change must never take the room that rows and values have in a window of 80 cells.

use super::{Area, Layout};

const PANE_GAP: u16 = 3;
const STACKED_ROWS: u16 = 6;
/// From this width on, two panes are side by side, if the second one gets `NARROWEST` cells.
const WIDE: u16 = 110;
const NARROWEST: u16 = 31;
/// Width of the columns of the table in a window of 80 cells.
const TABLE: u16 = 79;
/// Of the pairs, and of a row to decide, beside what there is to know of them.
const PAIRS: u16 = 66;

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

impl Layout {
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

    /// Rows that are sent one by one: so many counts under a head, which is taller when all is over, and the rows of one
    /// count. In a low window the head makes room for the rows once they have the focus.
    pub fn rows(&self, counts: u16, is_over: bool, in_rows: bool) -> Panes {
        // A rule and two rows at least.
        let head = match is_over {
            true if in_rows && self.body.height < 24 => 2,
            true => 9,
            false => 3,
        };
        let head = head.min(self.body.height.saturating_sub(counts + 3));
        let main = Area { y: self.body.y + head, height: counts.min(self.body.height - head), ..self.body };
        let below = self.body.bottom().saturating_sub(main.bottom() + 1);
        if below == 0 {
            return Panes { main, side: Side::Hidden };
        }
        let rule = main.bottom();
        Panes { main, side: Side::Below { rule, area: Area { y: rule + 1, height: below, ..self.body } } }
    }

    /// Pairs by class, and what there is to know of the one in hand.
    pub fn pair(&self) -> Panes {
        // The headings and five classes, a blank row and the rule.
        split(self.body, PAIRS, Some(self.body.height.saturating_sub(8)), 1)
    }

    /// A row to decide with so many candidates, and what they hold. Where these are few the preview never moves.
    pub fn decide(&self, candidates: usize) -> Panes {
        if self.body.width >= WIDE {
            return split(self.body, PAIRS, None, 0);
        }
        // Three rows of the file, a blank one, the question, the candidates, a blank one, the rule.
        let least = 6 + u16::try_from(candidates).unwrap_or(u16::MAX).min(9);
        let rule = least.max(self.body.height.saturating_sub(7).min(11));
        stacked(self.body, self.body.height.saturating_sub(rule + 1), 1)
    }

    /// Rows of a merge that are answered one by one, and what the transcripts of the one in hand hold.
    pub fn merge_rows(&self) -> Panes {
        if self.body.width >= WIDE {
            return split(self.body, PAIRS, None, 0);
        }
        // The rule, two verdicts and two cues; a low window shows only the rows.
        let below = if self.body.height < 15 { 0 } else { 6 };
        stacked(self.body, below, 1)
    }

    /// The template screen: input and counts in the first rows, then the rows it fills; parts and saved templates
    /// beside them from 110 cells on, else below.
    pub fn template(&self) -> Filling {
        let body = self.body;
        let top = body.y + 4.min(body.height);
        if body.width >= WIDE {
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
        split(self.body, TABLE + 1, None, 0)
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
}

pub(super) fn table_and_inspector(body: Area, height: u16) -> Panes {
    let share = (u32::from(body.width) * 34 / 100).min(64) as u16;
    let table = body.width.saturating_sub(share + PANE_GAP).max(TABLE);
    split(body, table, (height >= 22).then_some(STACKED_ROWS), 0)
}

/// Splits `body` in two. In a wide window: side by side, with `main` cells at the left. Else: `below` rows under a
/// rule, with `gap` blank rows before it.
fn split(body: Area, main: u16, below: Option<u16>, gap: u16) -> Panes {
    let x = main + PANE_GAP;
    if body.width >= WIDE.max(x + NARROWEST) {
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
