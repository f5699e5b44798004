//! The help: the bindings of the screen below, or of all screens. Typing filters them, Enter runs one.

use crate::app::action::Action;
use crate::app::command::{Command, Scope, Why};
use crate::app::context::{Act, Ctx};
use crate::app::layout::Layout;
use crate::app::line_input::LineInput;
use crate::app::next::{Next, Request};
use crate::app::options::AppOptions;
use crate::app::session::Session;
use std::borrow::Cow;

/// A command with its bindings in force.
#[derive(Clone, Debug)]
pub struct Offered {
    pub command: &'static Command,
    pub keys: Vec<String>,
    /// Its label on the screen below.
    pub label: Cow<'static, str>,
    /// Why it is not available now.
    pub off: Option<Why>,
}

/// Width of the bindings before a label, in cells.
pub const KEYS: usize = 9;
/// Number of signs explained after the bindings.
pub const SIGNS: usize = 10;

impl Offered {
    /// As many of its bindings as fit before the label, but at least the first.
    pub fn short_keys(&self) -> String {
        let mut keys = String::new();
        for key in &self.keys {
            let longer = if keys.is_empty() { key.clone() } else { format!("{keys} {key}") };
            if !keys.is_empty() && longer.chars().count() >= KEYS {
                break;
            }
            keys = longer;
        }
        keys
    }

    /// Width of its line, in cells.
    fn cells(&self) -> usize {
        self.short_keys().chars().count().max(KEYS - 1) + 1 + self.label.chars().count()
    }
}

/// A line of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    Blank,
    Heading(&'static str),
    /// Index of an entry.
    Key(usize),
    Sign(usize),
}

/// One page: columns of lines.
#[derive(Clone, Debug, Default)]
pub struct Page {
    pub columns: Vec<Vec<Item>>,
}

impl Page {
    /// Whether it shows this entry.
    pub fn shows(&self, entry: usize) -> bool {
        self.columns.iter().flatten().any(|item| *item == Item::Key(entry))
    }

    fn first_key(&self) -> Option<usize> {
        self.columns.iter().flatten().find_map(|item| match item {
            Item::Key(at) => Some(*at),
            _ => None,
        })
    }
}

#[derive(Debug)]
pub struct Help {
    pub input: LineInput,
    /// The scopes of the screen that the help was opened on.
    pub scopes: Vec<Scope>,
    /// Show the bindings of all screens.
    pub all: bool,
    pub choice: usize,
    /// The page shown, from 0.
    pub page: usize,
    /// Every command with a binding, in the order of the command table.
    pub offered: Vec<Offered>,
    /// Those of the screen below, with the bindings that mean them there.
    pub here: Vec<Offered>,
}

impl Help {
    pub fn new(scopes: Vec<Scope>, offered: Vec<Offered>) -> Help {
        let offered: Vec<Offered> = offered.into_iter().filter(|it| !it.keys.is_empty()).collect();
        let here = on_screen(&scopes, &offered);
        Help { input: LineInput::new(""), scopes, all: false, choice: 0, page: 0, offered, here }
    }

    /// The entries that match the filter, sorted by group, or by scope for all screens; and their number without the
    /// filter.
    pub fn entries(&self) -> (Vec<&Offered>, usize) {
        let word = self.input.text().trim().to_lowercase();
        let shown = if self.all { &self.offered } else { &self.here };
        let all = shown.len();
        let matches = |it: &&Offered| {
            word.is_empty()
                || it.label.to_lowercase().contains(&word)
                || it.command.name.contains(&word)
                || it.keys.iter().any(|key| key.to_lowercase() == word)
        };
        let mut entries: Vec<&Offered> = shown.iter().filter(matches).collect();
        match self.all {
            true => entries.sort_by_key(|it| it.command.scope),
            false => entries.sort_by_key(|it| it.command.group),
        }
        (entries, all)
    }

    /// Number of columns that fit without cutting a line, 1 to 4.
    pub fn columns(&self, width: u16) -> u16 {
        let widest = self.offered.iter().map(Offered::cells).max().unwrap_or(1);
        (width / u16::try_from(widest + 2).unwrap_or(u16::MAX)).clamp(1, 4)
    }

    /// The pages for a layout; at least one.
    pub fn pages(&self, layout: &Layout) -> Vec<Page> {
        let columns = usize::from(self.columns(layout.body.width));
        let height = usize::from(layout.body.height).saturating_sub(2).max(1);
        let blocks = self.blocks();
        // One page with columns as short as possible; else several pages with full columns.
        let flowed = (1..=height).map(|height| flow(&blocks, height)).find(|flowed| flowed.len() <= columns);
        let flowed = flowed.unwrap_or_else(|| flow(&blocks, height));
        let pages: Vec<Page> = flowed.chunks(columns).map(|columns| Page { columns: columns.to_vec() }).collect();
        if pages.is_empty() { vec![Page::default()] } else { pages }
    }

    /// The entries under headings of their groups or scopes, and the signs.
    fn blocks(&self) -> Vec<Vec<Item>> {
        let (entries, _) = self.entries();
        let mut blocks: Vec<Vec<Item>> = Vec::new();
        let mut heading = None;
        for (at, entry) in entries.iter().enumerate() {
            let title = if self.all { entry.command.scope.title() } else { entry.command.group.title() };
            if heading.replace(title) != Some(title) {
                blocks.push(vec![Item::Heading(title)]);
            }
            blocks.last_mut().into_iter().for_each(|block| block.push(Item::Key(at)));
        }
        if self.input.text().is_empty() {
            blocks.push(std::iter::once(Item::Heading("signs")).chain((0..SIGNS).map(Item::Sign)).collect());
        }
        blocks
    }

    /// Shows the page with the selected entry.
    fn turn_to_choice(&mut self, layout: &Layout) {
        let pages = self.pages(layout);
        self.page = pages.iter().position(|page| page.shows(self.choice)).unwrap_or(0);
    }

    /// Shows the page `pages_on` further and selects its first entry.
    fn turn(&mut self, layout: &Layout, pages_on: isize) {
        let pages = self.pages(layout);
        self.page = self.page.saturating_add_signed(pages_on).min(pages.len() - 1);
        self.choice = pages.get(self.page).and_then(Page::first_key).unwrap_or(self.choice);
    }
}

/// The commands of a screen's scopes. A binding that an inner scope uses means nothing in an outer one.
fn on_screen(scopes: &[Scope], offered: &[Offered]) -> Vec<Offered> {
    let depth = |it: &Offered| scopes.iter().position(|scope| *scope == it.command.scope);
    let is_taken = |key: &String, at: usize| {
        offered.iter().any(|other| depth(other).is_some_and(|inner| inner < at) && other.keys.contains(key))
    };
    let here = offered.iter().filter_map(|it| {
        let at = depth(it)?;
        let keys: Vec<String> = it.keys.iter().filter(|key| !is_taken(key, at)).cloned().collect();
        (!keys.is_empty()).then(|| Offered { keys, ..it.clone() })
    });
    here.collect()
}

/// Fills columns of `height` lines. A block may continue in the next column, but its heading never stands alone.
fn flow(blocks: &[Vec<Item>], height: usize) -> Vec<Vec<Item>> {
    let mut columns: Vec<Vec<Item>> = vec![Vec::new()];
    for block in blocks {
        let used = columns.last().map_or(0, Vec::len);
        let left = height.saturating_sub(used + usize::from(used > 0));
        // A block stays whole if the next column has room for it.
        let breaks = used > 0 && left < block.len() && (block.len() <= height || left < 3);
        if breaks {
            columns.push(Vec::new());
        } else if used > 0 {
            columns.last_mut().into_iter().for_each(|column| column.push(Item::Blank));
        }
        for item in block {
            if columns.last().is_some_and(|column| column.len() >= height) {
                columns.push(Vec::new());
            }
            columns.last_mut().into_iter().for_each(|column| column.push(*item));
        }
    }
    columns
}

impl Act for Help {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Help, Scope::Input]
    }

    fn label(&self, _session: Option<&Session>, _options: &AppOptions, action: Action) -> Option<String> {
        (action == Action::OtherScope && self.all).then(|| "this screen".into())
    }

    fn input(&mut self) -> Option<&mut LineInput> {
        Some(&mut self.input)
    }

    fn line(&self) -> Option<&LineInput> {
        Some(&self.input)
    }

    fn typed(&mut self, _ctx: &mut Ctx<'_>) -> Next {
        (self.choice, self.page) = (0, 0);
        Next::Stay
    }

    fn act(&mut self, ctx: &mut Ctx<'_>, request: &Request) -> Next {
        let layout = ctx.layout();
        let (entries, _) = self.entries();
        let last = entries.len().saturating_sub(1);
        match request.action {
            Action::Down | Action::Up => {
                let step = if request.action == Action::Down { 1 } else { -1 };
                self.choice = self.choice.saturating_add_signed(step).min(last);
                self.turn_to_choice(&layout);
            }
            Action::PageDown => self.turn(&layout, 1),
            Action::PageUp => self.turn(&layout, -1),
            Action::OtherScope => {
                self.all = !self.all;
                (self.choice, self.page) = (0, 0);
            }
            Action::Back | Action::Help => return Next::Close,
            Action::Accept => {
                // The page of the signs has no selected entry.
                let in_sight = self.pages(&layout).get(self.page).is_some_and(|page| page.shows(self.choice));
                // A command of another screen cannot run here, and an upload is confirmed in the gate only.
                let chosen = entries.get(self.choice).filter(|_| in_sight).map(|it| it.command);
                let chosen = chosen.filter(|it| self.scopes.contains(&it.scope) && it.action != Action::Confirm);
                return chosen.map_or(Next::Close, |command| Next::Run(Request::of(command.action)));
            }
            _ => {}
        }
        Next::Stay
    }
}
