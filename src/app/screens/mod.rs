//! The screens, one file each: its state and what its commands do. They use the session but not each other, with these
//! exceptions: `picker` and `everywhere` write through `editor`, `everywhere` sets through `table`, and the gate leaves
//! through `review`.

pub mod add_source;
pub mod bulk;
mod confirm;
pub mod decide;
pub mod editor;
pub mod everywhere;
pub mod find;
pub mod follow;
pub mod help;
pub mod keys;
pub mod log;
pub mod menu;
pub mod merge;
pub mod open;
pub mod pair;
pub mod palette;
pub mod picker;
pub mod problems;
pub mod prompt;
pub mod receipt;
pub mod review;
pub mod rows;
pub mod send;
pub mod table;
pub mod template;

pub use add_source::AddSource;
pub use bulk::Bulk;
pub use confirm::Confirmation;
pub use decide::Decide;
pub use editor::Editor;
pub use find::Find;
pub use follow::Following;
pub use help::{Help, Offered};
pub use keys::Keys;
pub use log::Log;
pub use merge::Merging;
pub use open::{Chooser, Unreadable};
pub use pair::Pair;
pub use palette::Palette;
pub use picker::Picker;
pub use problems::Problems;
pub use prompt::Prompt;
pub use receipt::ReceiptPane;
pub use review::Review;
pub use rows::RowsScreen;
pub use send::SendScreen;
pub use table::Table;
pub use template::Templating;

use super::context::{Act, Ctx};
use super::message::Message;
use super::next::{Menu, Target};

/// A screen over the table. It replaces the body and keeps the frame.
#[derive(Debug)]
pub enum Screen {
    Editor(Box<Editor>),
    Find(Find),
    Picker(Box<Picker>),
    Palette(Palette),
    Help(Help),
    Problems(Problems),
    Pair(Pair),
    Decide(Box<Decide>),
    Bulk(Box<Bulk>),
    Merge(Box<Merging>),
    Review(Review),
    Send(Box<SendScreen>),
    Rows(Box<RowsScreen>),
    Log(Log),
    Receipt(ReceiptPane),
    Follow(Box<Following>),
    Keys(Keys),
    AddSource(Box<AddSource>),
    Template(Box<Templating>),
    Prompt(Prompt),
    Menu(Menu),
}

impl Screen {
    /// Opens the screen for a target.
    ///
    /// # Errors
    /// The message on why it cannot be opened; None when there is nothing to say.
    pub fn open(ctx: &mut Ctx<'_>, target: Target, below: Below) -> Result<Screen, Option<Message>> {
        Ok(match target {
            Target::Editor { row, field, text } => {
                Screen::Editor(Box::new(Editor::open(ctx, row, field, &text).map_err(Some)?))
            }
            Target::Find(kind) => Screen::Find(Find::open(ctx, kind).ok_or(None)?),
            Target::Picker => Screen::Picker(Box::new(Picker::open(ctx).map_err(Some)?)),
            Target::Palette(text) => Screen::Palette(Palette::new(&text, &below.scopes, below.offered)),
            Target::Help => Screen::Help(Help::new(below.scopes, below.offered)),
            Target::Bulk(form) => Screen::Bulk(Box::new(Bulk::open(ctx, form).map_err(Some)?)),
            Target::Merge => Screen::Merge(Box::new(Merging::open(ctx).map_err(Some)?)),
            Target::Problems => Screen::Problems(Problems::open(ctx)),
            Target::Pair => Screen::Pair(Pair::open(ctx)),
            Target::Decide(ask) => Screen::Decide(Box::new(Decide::open(ctx, ask).ok_or(None)?)),
            Target::Review => Screen::Review(Review::open(ctx)),
            Target::Gate => Screen::Send(Box::new(SendScreen::gate(ctx).ok_or(None)?)),
            Target::Result { attempt, earlier } => Screen::Send(Box::new(SendScreen::result(ctx, *attempt, earlier))),
            Target::RowsGate(why) => Screen::Rows(Box::new(RowsScreen::open(ctx, why).ok_or(None)?)),
            Target::RowsOf(read) => Screen::Rows(Box::new(RowsScreen::of_kept(ctx, &read))),
            Target::Log => Screen::Log(Log::open(ctx)),
            Target::Receipt(of) => Screen::Receipt(ReceiptPane::open(ctx, of)),
            Target::Follow(id) => Screen::Follow(Box::new(Following::open(ctx, id).map_err(Some)?)),
            Target::Keys => Screen::Keys(Keys::open(ctx)),
            Target::Template(answer) => Screen::Template(Box::new(Templating::open(ctx, answer).map_err(Some)?)),
            Target::AddSource { then, place } => {
                Screen::AddSource(Box::new(AddSource::open(ctx, then, place).ok_or(None)?))
            }
            Target::Prompt(purpose, text) => Screen::Prompt(Prompt::new(purpose, &text)),
            Target::Menu(menu) => Screen::Menu(menu),
        })
    }

    pub fn as_act(&self) -> &dyn Act {
        match self {
            Screen::Editor(screen) => &**screen,
            Screen::Find(screen) => screen,
            Screen::Picker(screen) => &**screen,
            Screen::Palette(screen) => screen,
            Screen::Help(screen) => screen,
            Screen::Problems(screen) => screen,
            Screen::Pair(screen) => screen,
            Screen::Decide(screen) => &**screen,
            Screen::Bulk(screen) => &**screen,
            Screen::Merge(screen) => &**screen,
            Screen::Review(screen) => screen,
            Screen::Send(screen) => &**screen,
            Screen::Rows(screen) => &**screen,
            Screen::Log(screen) => screen,
            Screen::Receipt(screen) => screen,
            Screen::Follow(screen) => &**screen,
            Screen::Keys(screen) => screen,
            Screen::AddSource(screen) => &**screen,
            Screen::Template(screen) => &**screen,
            Screen::Prompt(screen) => screen,
            Screen::Menu(screen) => screen,
        }
    }

    pub fn as_act_mut(&mut self) -> &mut dyn Act {
        match self {
            Screen::Editor(screen) => &mut **screen,
            Screen::Find(screen) => screen,
            Screen::Picker(screen) => &mut **screen,
            Screen::Palette(screen) => screen,
            Screen::Help(screen) => screen,
            Screen::Problems(screen) => screen,
            Screen::Pair(screen) => screen,
            Screen::Decide(screen) => &mut **screen,
            Screen::Bulk(screen) => &mut **screen,
            Screen::Merge(screen) => &mut **screen,
            Screen::Review(screen) => screen,
            Screen::Send(screen) => &mut **screen,
            Screen::Rows(screen) => &mut **screen,
            Screen::Log(screen) => screen,
            Screen::Receipt(screen) => screen,
            Screen::Follow(screen) => &mut **screen,
            Screen::Keys(screen) => screen,
            Screen::AddSource(screen) => &mut **screen,
            Screen::Template(screen) => &mut **screen,
            Screen::Prompt(screen) => screen,
            Screen::Menu(screen) => screen,
        }
    }
}

/// What a new screen needs to know of the one below it.
#[derive(Debug, Default)]
pub struct Below {
    pub scopes: Vec<super::command::Scope>,
    /// All commands, with their state on that screen.
    pub offered: Vec<Offered>,
}
