//! The keys of the screen below, from the table of commands; typing filters, Enter runs.

use crate::app::action::Action;
use crate::app::command::{Command, Scope, Why};
use crate::app::context::{Act, Ctx};
use crate::app::layout::Layout;
use crate::app::line_input::LineInput;
use crate::app::next::{Next, Request};
use std::borrow::Cow;

/// A command with the keys it has now.
#[derive(Clone, Debug)]
pub struct Offered {
    pub command: &'static Command,
    pub keys: Vec<String>,
    /// What it does here and now.
    pub label: Cow<'static, str>,
    /// Why it can't be done now.
    pub off: Option<Why>,
}

/// The cells of the keys before what they do.
pub const KEYS: usize = 9;
/// Signs that are explained after the keys.
pub const SIGNS: usize = 10;

impl Offered {
    /// As many of its keys as fit before what it does, and always the first.
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

    /// The cells of its line.
    fn cells(&self) -> usize {
        self.short_keys().chars().count().max(KEYS - 1) + 1 + self.label.chars().count()
    }
}

/// A line of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    Blank,
    Heading(&'static str),
    /// One of the entries.
    Key(usize),
    Sign(usize),
}

/// What is seen at once: columns of lines, each so many cells wide.
#[derive(Clone, Debug, Default)]
pub struct Page {
    pub columns: Vec<Vec<Item>>,
}

impl Page {
    /// It shows this entry.
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
    /// The scopes of the screen that help was called on.
    pub scopes: Vec<Scope>,
    /// All screens instead.
    pub all: bool,
    pub choice: usize,
    /// The page that is seen.
    pub page: usize,
    /// Every command that has a key, in the order of the table.
    pub offered: Vec<Offered>,
}

impl Help {
    pub fn new(scopes: Vec<Scope>, offered: Vec<Offered>) -> Help {
        let offered = offered.into_iter().filter(|it| !it.keys.is_empty()).collect();
        Help { input: LineInput::new(""), scopes, all: false, choice: 0, page: 0, offered }
    }

    /// The lines that match what is typed, by group, or of all screens by screen; how many there would be without.
    pub fn entries(&self) -> (Vec<&Offered>, usize) {
        let word = self.input.text().trim().to_lowercase();
        let shown: Vec<&Offered> =
            self.offered.iter().filter(|it| self.all || self.scopes.contains(&it.command.scope)).collect();
        let all = shown.len();
        let matches = |it: &&Offered| {
            word.is_empty()
                || it.label.to_lowercase().contains(&word)
                || it.command.name.contains(&word)
                || it.keys.iter().any(|key| key.to_lowercase() == word)
        };
        let mut entries: Vec<&Offered> = shown.into_iter().filter(matches).collect();
        match self.all {
            true => entries.sort_by_key(|it| it.command.scope),
            false => entries.sort_by_key(|it| it.command.group),
        }
        (entries, all)
    }

    /// How many columns there is room for, so that no line is cut in any of them.
    pub fn columns(&self, width: u16) -> u16 {
        let widest = self.offered.iter().map(Offered::cells).max().unwrap_or(1);
        (width / u16::try_from(widest + 2).unwrap_or(u16::MAX)).clamp(1, 4)
    }

    /// The pages for a window of that layout; there is always one.
    pub fn pages(&self, layout: &Layout) -> Vec<Page> {
        let columns = usize::from(self.columns(layout.body.width));
        let height = usize::from(layout.body.height).saturating_sub(2).max(1);
        let blocks = self.blocks();
        // In columns as short as possible; over several pages where they are more than fit.
        let flowed = (1..=height).map(|height| flow(&blocks, height)).find(|flowed| flowed.len() <= columns);
        let flowed = flowed.unwrap_or_else(|| flow(&blocks, height));
        let pages: Vec<Page> = flowed.chunks(columns).map(|columns| Page { columns: columns.to_vec() }).collect();
        if pages.is_empty() { vec![Page::default()] } else { pages }
    }

    /// The entries under the headings of their groups or screens, and the signs.
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

    /// Turns to the page that holds the choice.
    fn turn_to_choice(&mut self, layout: &Layout) {
        let pages = self.pages(layout);
        self.page = pages.iter().position(|page| page.shows(self.choice)).unwrap_or(0);
    }

    /// Turns to another page, and chooses its first key.
    fn turn(&mut self, layout: &Layout, pages_on: isize) {
        let pages = self.pages(layout);
        self.page = self.page.saturating_add_signed(pages_on).min(pages.len() - 1);
        self.choice = pages.get(self.page).and_then(Page::first_key).unwrap_or(self.choice);
    }
}

/// A block goes on in the next column where it must, but never leaves its heading alone.
fn flow(blocks: &[Vec<Item>], height: usize) -> Vec<Vec<Item>> {
    let mut columns: Vec<Vec<Item>> = vec![Vec::new()];
    for block in blocks {
        let used = columns.last().map_or(0, Vec::len);
        let left = height.saturating_sub(used + usize::from(used > 0));
        // A block is kept whole where the next column has room for it.
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

    fn input(&mut self) -> Option<&mut LineInput> {
        Some(&mut self.input)
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
                // On the page of the signs no key is chosen.
                let in_sight = self.pages(&layout).get(self.page).is_some_and(|page| page.shows(self.choice));
                // A key of another screen means nothing here, and `Y` is pressed in the gate or not at all.
                let chosen = entries.get(self.choice).filter(|_| in_sight).map(|it| it.command);
                let chosen = chosen.filter(|it| self.scopes.contains(&it.scope) && it.action != Action::Confirm);
                return chosen.map_or(Next::Close, |command| Next::Run(Request::of(command.action)));
            }
            _ => {}
        }
        Next::Stay
    }
}
