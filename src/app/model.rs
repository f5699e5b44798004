//! The whole application state. Only [`super::update()`] changes it.

use super::action::Action;
use super::burst::Listening;
use super::command::{Command, Keymap, Scope, TABLE, Why};
use super::context::{Act, Ctx};
use super::jobs::Jobs;
use super::key::Key;
use super::layout::Layout;
use super::message::Message;
use super::msg::Moment;
use super::next::Menu;
use super::options::{AppOptions, Look};
use super::screens::{Below, Chooser, Offered, Screen, Table, Unreadable};
use super::session::{Session, count_selected, file_name};
use crate::domain::format::thousands;
use std::borrow::Cow;

/// The bottom layer, under the stack of screens.
#[derive(Debug)]
pub enum Stage {
    Choosing(Box<Chooser>),
    Open(Box<Session>),
    Unreadable(Unreadable),
}

/// Count and keystrokes typed so far that do not form a complete binding yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pending {
    pub count: Option<u32>,
    pub keys: Vec<Key>,
}

impl Pending {
    pub fn is_empty(&self) -> bool {
        self.count.is_none() && self.keys.is_empty()
    }
}

#[derive(Debug)]
pub struct Model {
    pub options: AppOptions,
    pub look: Look,
    pub keymap: Keymap,
    /// Columns and rows of the terminal, in cells.
    pub size: (u16, u16),
    pub now: Moment,
    pub stage: Stage,
    /// The manifest that was open before the one being read: it returns when that one can't be read.
    pub before: Option<Box<Session>>,
    /// The stack over `stage`; the last screen is in front and has the focus.
    pub screens: Vec<Screen>,
    pub jobs: Jobs,
    pub message: Option<Message>,
    pub pending: Pending,
    /// The text last copied; [`Action::Put`] inserts it.
    pub clipboard: Option<String>,
    /// The last command was [`Action::Interrupt`] with nothing running: a second one quits.
    pub interrupted: bool,
    /// Keystrokes before this Unix time in milliseconds are dropped: a question appeared unasked, and they were typed
    /// for the screen under it.
    pub typeahead_blocked_until: i64,
    /// What the screen in front asked when it was drawn last.
    pub drawn: u64,
    /// Animation step of the spinner.
    pub ticks: u64,
}

/// The [`Stage`], borrowed as an [`Act`].
pub(super) enum Base<'a> {
    Table(Table),
    Chooser(&'a mut Chooser),
    Unreadable(&'a mut Unreadable),
}

impl Base<'_> {
    pub fn as_act(&mut self) -> &mut dyn Act {
        match self {
            Base::Table(table) => table,
            Base::Chooser(chooser) => *chooser,
            Base::Unreadable(unreadable) => *unreadable,
        }
    }
}

impl Model {
    pub fn new(options: AppOptions, look: Look, keymap: Keymap, size: (u16, u16)) -> Model {
        Model {
            options,
            look,
            keymap,
            size,
            now: Moment::default(),
            stage: Stage::Choosing(Box::default()),
            before: None,
            screens: Vec::new(),
            jobs: Jobs::default(),
            message: None,
            pending: Pending::default(),
            clipboard: None,
            interrupted: false,
            typeahead_blocked_until: 0,
            drawn: 0,
            ticks: 0,
        }
    }

    pub fn session(&self) -> Option<&Session> {
        match &self.stage {
            Stage::Open(session) => Some(session),
            _ => None,
        }
    }

    pub fn session_mut(&mut self) -> Option<&mut Session> {
        match &mut self.stage {
            Stage::Open(session) => Some(session),
            _ => None,
        }
    }

    /// Splits the model into the screens, the stage and a [`Ctx`], so that a screen can act on the rest.
    pub(super) fn parts(&mut self) -> (&mut Vec<Screen>, Base<'_>, Ctx<'_>) {
        let (base, session) = match &mut self.stage {
            Stage::Open(session) => (Base::Table(Table), Some(&mut **session)),
            Stage::Choosing(chooser) => (Base::Chooser(chooser), None),
            Stage::Unreadable(unreadable) => (Base::Unreadable(unreadable), None),
        };
        let ctx = Ctx::new(
            &self.options,
            &self.keymap,
            &mut self.jobs,
            &mut self.clipboard,
            &mut self.message,
            self.now,
            self.size,
            session,
        );
        (&mut self.screens, base, ctx)
    }

    /// The screen with the focus: the top of the stack, else the stage.
    fn front(&self) -> &dyn Act {
        match (self.screens.last(), &self.stage) {
            (Some(screen), _) => screen.as_act(),
            (None, Stage::Open(_)) => &Table,
            (None, Stage::Choosing(chooser)) => &**chooser,
            (None, Stage::Unreadable(unreadable)) => unreadable,
        }
    }

    pub fn layout(&self) -> Layout {
        match self.session() {
            Some(session) => session.layout(self.size),
            None => Layout::new(self.size.0, self.size.1, 0),
        }
    }

    /// Name of the open file, or of the one that could not be read.
    pub fn file_name(&self) -> Option<String> {
        match &self.stage {
            Stage::Open(session) => Some(session.name()),
            Stage::Unreadable(unreadable) => Some(file_name(&unreadable.path)),
            Stage::Choosing(_) => None,
        }
    }

    /// Whether a text input has the focus.
    pub fn is_typing(&mut self) -> bool {
        let (screens, mut base, _) = self.parts();
        match screens.last_mut() {
            Some(screen) => screen.as_act_mut().input().is_some(),
            None => base.as_act().input().is_some(),
        }
    }

    /// Tells what the screen in front makes of characters; after Enter in an input, the table has the focus.
    pub fn tell(&mut self, listening: &mut Listening) {
        let typing = self.is_typing();
        let after = || vec![Scope::Table, Scope::Always, Scope::Global, Scope::Typed];
        let scopes = if typing { after() } else { self.bound_scopes() };
        listening.follow(&self.keymap, &scopes, typing);
    }

    /// Whether digits pick a numbered choice on the screen in front, instead of typing a count.
    pub fn numbers(&self) -> bool {
        self.front().numbers(self.session())
    }

    /// Whether changes would be lost if the program ended without a journal.
    pub fn has_unsaved(&self) -> bool {
        match &self.stage {
            Stage::Open(session) => {
                session.draft.is_dirty() || session.unsaved_edits.is_some() || session.offer.is_some()
            }
            Stage::Unreadable(unreadable) => unreadable.unsaved_edits.is_some(),
            Stage::Choosing(_) => false,
        }
    }

    pub fn blocks_typeahead(&self) -> bool {
        self.now.unix_ms < self.typeahead_blocked_until
    }

    /// Drops keystrokes for 400 ms: they were not meant for the question that appears now.
    pub(super) fn block_typeahead(&mut self) {
        self.typeahead_blocked_until = self.now.unix_ms + 400;
    }

    /// What the screen in front asks, as a number: another one for another row or count.
    pub fn asked(&self) -> u64 {
        let asks = self.front().asks(self.session());
        asks.wrapping_mul(31).wrapping_add(self.screens.len() as u64)
    }

    /// The action answers something that was not drawn yet.
    pub(super) fn is_blind(&self, action: Action) -> bool {
        self.front().answers(action) && self.drawn != self.asked()
    }

    /// Why an action can't be done.
    pub(super) fn refusal(&self, action: Action, why: Why) -> Message {
        self.front().refusal(self.session(), action).unwrap_or_else(|| why.message())
    }

    /// Whether the operator has yet to take or drop a crashed session's changes.
    pub fn is_recovering(&self) -> bool {
        self.screens.iter().any(|screen| matches!(screen, Screen::Review(review) if review.recovered.is_some()))
    }

    /// Whether an upload is in progress.
    pub fn is_sending(&self) -> bool {
        self.screens.iter().any(|screen| match screen {
            Screen::Send(send) => send.is_sending(),
            Screen::Rows(rows) => rows.is_sending(),
            _ => false,
        })
    }

    /// Whether the cursor is on the row with this number, counted from 1, without separators.
    pub fn is_on_row(&self, number: &str) -> bool {
        self.session().and_then(Session::current).is_some_and(|row| (u64::from(row) + 1).to_string() == number)
    }

    /// The scopes of a window too small to draw: quitting, where its key is no text, and what it asks. Recovered changes
    /// must be seen before anyone quits.
    pub fn scopes_when_small(&self) -> Vec<Scope> {
        match self.screens.last() {
            Some(Screen::Menu(Menu::Quit)) => vec![Scope::Quit, Scope::Always],
            _ if self.is_recovering() || !self.scopes().contains(&Scope::Global) => vec![Scope::Always],
            _ => vec![Scope::Global, Scope::Always],
        }
    }

    /// Whether the spinner turns.
    pub fn is_busy(&self) -> bool {
        self.jobs.seen().next().is_some() || self.session().is_some_and(|session| session.online.is_busy())
    }

    /// The scopes a keystroke is looked up in, innermost first.
    pub fn scopes(&self) -> Vec<Scope> {
        self.front().scopes().iter().copied().chain([Scope::Always]).collect()
    }

    /// The scopes of [`Model::scopes`], and that of the `:` commands where the command line can be opened: the settings may
    /// bind a key to one.
    pub(super) fn bound_scopes(&self) -> Vec<Scope> {
        let mut scopes = self.scopes();
        if scopes.contains(&Scope::Global) {
            scopes.push(Scope::Typed);
        }
        scopes
    }

    /// The command for an action in the current scopes, else the `:` command for it.
    fn command(&self, action: Action) -> Option<&'static Command> {
        let scopes = self.scopes();
        let found = |scope: &Scope| TABLE.iter().find(|command| command.action == action && command.scope == *scope);
        scopes.iter().chain([&Scope::Typed]).find_map(found)
    }

    /// Whether an action is available now.
    ///
    /// # Errors
    /// Why not.
    pub fn enabled(&self, action: Action) -> Result<(), Why> {
        if self.is_recovering() && !allowed_while_recovering(action) {
            return Err(Why::but("take or drop the recovered changes first.", Action::Take, "takes them"));
        }
        if let Some(command) = self.command(action) {
            (command.needs)(self.session())?;
        }
        if action == Action::DraftOf && !matches!(self.screens.last(), Some(Screen::Follow(_) | Screen::Rows(_))) {
            let text = "a draft is made where rows are followed.";
            return Err(Why::but(text, Action::FollowAttempt, "follows those sent last"));
        }
        self.front().can(self.session(), action)
    }

    /// Whether there is nothing before the cursor that could be cleared.
    pub fn has_nothing_typed(&self) -> bool {
        self.front().line().is_none_or(|line| line.text().is_empty())
    }

    /// A command's label on the screen in front, with the number of selected rows where it acts on all of them.
    pub fn label(&self, command: &'static Command) -> Cow<'static, str> {
        if let Some(label) = self.front().label(self.session(), &self.options, command.action) {
            return label.into();
        }
        if let (Some(Screen::Bulk(bulk)), Scope::Bulk, Action::Accept) =
            (self.screens.last(), command.scope, command.action)
        {
            return bulk.enter_words().into();
        }
        if let (Some(Screen::Template(template)), Scope::Template, Action::Accept) =
            (self.screens.last(), command.scope, command.action)
        {
            return template.enter_words().into();
        }
        let acts_on_all = matches!(command.action, Action::Clear | Action::Exclude | Action::Put);
        let selected = self.session().filter(|_| acts_on_all).map_or(0, count_selected);
        match selected {
            0 => command.label.into(),
            rows => format!("{} {}", command.label, thousands(rows)).into(),
        }
    }

    /// What the help and the palette need to know of the screen they open over.
    pub fn below(&self) -> Below {
        let offered = |command: &'static Command| Offered {
            command,
            keys: self.keymap.keys_of(command),
            label: self.label(command),
            off: self.enabled(command.action).and_then(|()| (command.needs)(self.session())).err(),
        };
        Below { scopes: self.scopes(), offered: TABLE.iter().map(offered).collect() }
    }

    /// How to invoke an action on the screen in front: its binding, else its `:` command; None when it has neither.
    pub fn key_for(&self, action: Action) -> Option<String> {
        let scopes = self.scopes();
        let typed = || {
            let has_line = scopes.contains(&Scope::Global);
            let command = TABLE.iter().find(|command| command.action == action && command.scope == Scope::Typed)?;
            has_line.then(|| format!(":{}", command.typed()))
        };
        self.keymap.key_for(&self.bound_scopes(), action).or_else(typed)
    }
}

/// While recovered changes wait for a decision, the operator can read them, decide or leave.
fn allowed_while_recovering(action: Action) -> bool {
    use Action as A;
    matches!(
        action,
        A::Down | A::Up | A::First | A::Last | A::PageDown | A::PageUp | A::HalfDown | A::HalfUp | A::Text(_)
    ) || matches!(
        action,
        A::Take | A::Drop | A::Help | A::OtherScope | A::Back | A::Quit | A::Accept | A::Interrupt | A::Suspend
    )
}
