//! Everything the screens show. Changed by [`super::update()`] only.

use super::action::Action;
use super::command::{Command, Keymap, Scope, TABLE, Why};
use super::context::{Act, Ctx};
use super::jobs::Jobs;
use super::key::Key;
use super::layout::Layout;
use super::message::Message;
use super::msg::Moment;
use super::options::{Look, Options};
use super::screens::{Below, Chooser, Offered, Screen, Table, Unreadable};
use super::session::{Session, count_selected, file_name};
use crate::domain::format::thousands;
use std::borrow::Cow;

/// What stands under all screens.
#[derive(Debug)]
pub enum Stage {
    Choosing(Box<Chooser>),
    Open(Box<Session>),
    Unreadable(Unreadable),
}

/// Keys typed so far that are no whole command yet.
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
    pub options: Options,
    pub look: Look,
    pub keymap: Keymap,
    /// Columns and rows of the terminal, in cells.
    pub size: (u16, u16),
    pub now: Moment,
    pub stage: Stage,
    /// Over the stage, the last one in front.
    pub screens: Vec<Screen>,
    pub jobs: Jobs,
    pub message: Option<Message>,
    pub pending: Pending,
    /// What was last copied: what `p` puts.
    pub clipboard: Option<String>,
    /// `^c` was pressed with nothing running: once more quits.
    pub interrupted: bool,
    /// A question came up by itself: keys typed before this moment, in unix milliseconds, were meant for another screen.
    pub typeahead_blocked_until: i64,
    /// What the screen in front asked when it was drawn last.
    pub drawn: u64,
    /// Steps of the spinner.
    pub ticks: u64,
}

/// What stands under all screens, as something that acts.
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
    pub fn new(options: Options, look: Look, keymap: Keymap, size: (u16, u16)) -> Model {
        Model {
            options,
            look,
            keymap,
            size,
            now: Moment::default(),
            stage: Stage::Choosing(Box::default()),
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

    /// The screens, what stands under them, and what they may touch: apart, so that one can act on the other.
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

    /// The screen in front, or what stands under all screens.
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

    /// The name of the file that is open, or was to be.
    pub fn file_name(&self) -> Option<String> {
        match &self.stage {
            Stage::Open(session) => Some(session.name()),
            Stage::Unreadable(unreadable) => Some(file_name(&unreadable.path)),
            Stage::Choosing(_) => None,
        }
    }

    /// An input has the focus.
    pub fn is_typing(&mut self) -> bool {
        let (screens, mut base, _) = self.parts();
        match screens.last_mut() {
            Some(screen) => screen.as_act_mut().input().is_some(),
            None => base.as_act().input().is_some(),
        }
    }

    /// Something would be lost if the program ended without a journal.
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

    /// Keys typed right now were not meant for the question that comes up.
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

    /// Digits take what they number.
    pub(super) fn takes_digits(&self) -> bool {
        self.front().takes_digits()
    }

    /// Why an action can't be done.
    pub(super) fn refusal(&self, action: Action, why: Why) -> Message {
        self.front().refusal(self.session(), action).unwrap_or_else(|| why.message())
    }

    /// Changes of a crashed session wait to be taken or dropped.
    pub fn is_recovering(&self) -> bool {
        self.screens.iter().any(|screen| matches!(screen, Screen::Review(review) if review.recovered.is_some()))
    }

    /// An upload is under way.
    pub fn is_sending(&self) -> bool {
        self.screens.iter().any(|screen| matches!(screen, Screen::Send(send) if send.is_sending()))
    }

    /// The cursor stands on the row of that number, as shown.
    pub fn is_on_row(&self, number: &str) -> bool {
        self.session().and_then(Session::current).is_some_and(|row| (u64::from(row) + 1).to_string() == number)
    }

    /// Something runs: the spinner turns.
    pub fn is_busy(&self) -> bool {
        self.jobs.seen().next().is_some() || self.session().is_some_and(|session| session.online.is_busy())
    }

    /// The scopes a key is looked up in, nearest first.
    pub fn scopes(&self) -> Vec<Scope> {
        self.front().scopes().iter().copied().chain([Scope::Always]).collect()
    }

    /// The command of an action on the screen in front.
    fn command(&self, action: Action) -> Option<&'static Command> {
        let scopes = self.scopes();
        let found = |scope: &Scope| TABLE.iter().find(|command| command.action == action && command.scope == *scope);
        scopes.iter().chain([&Scope::Typed]).find_map(found)
    }

    /// Whether an action can be done now.
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
        self.front().can(self.session(), action)
    }

    /// What a command does here and now; on how many rows, where that is more than one.
    pub fn label(&self, command: &'static Command) -> Cow<'static, str> {
        if let Some(label) = self.front().label(command.action) {
            return label.into();
        }
        if let (Some(Screen::Bulk(bulk)), Scope::Bulk, Action::Accept) =
            (self.screens.last(), command.scope, command.action)
        {
            return bulk.enter_words().into();
        }
        let acts_on_all = matches!(command.action, Action::Clear | Action::Exclude | Action::Put);
        let selected = self.session().filter(|_| acts_on_all).map_or(0, count_selected);
        match selected {
            0 => command.label.into(),
            rows => format!("{} {}", command.label, thousands(rows)).into(),
        }
    }

    /// What a screen that is opened has to know of the one in front.
    pub fn below(&self) -> Below {
        let offered = |command: &'static Command| Offered {
            command,
            keys: self.keymap.keys_of(command),
            label: self.label(command),
            off: self.enabled(command.action).and_then(|()| (command.needs)(self.session())).err(),
        };
        Below { scopes: self.scopes(), offered: TABLE.iter().map(offered).collect() }
    }

    /// How an action is called for on the screen in front: its key, else what is typed for it. None where neither does.
    pub fn key_for(&self, action: Action) -> Option<String> {
        let scopes = self.scopes();
        let typed = || {
            let has_line = scopes.contains(&Scope::Global);
            let command = TABLE.iter().find(|command| command.action == action && command.scope == Scope::Typed)?;
            has_line.then(|| format!(":{}", command.typed()))
        };
        self.keymap.key_for(&scopes, action).or_else(typed)
    }
}

/// While recovered changes wait for an answer: look at them, answer, or leave.
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
