//! The sources of transcript S3 keys: reads, removes and restores them, and asks for the columns of a table.

use crate::app::action::Action;
use crate::app::command::{Scope, Why};
use crate::app::context::{Act, Ctx};
use crate::app::message::Message;
use crate::app::next::{Next, Request, Target};
use crate::app::scroll::Scroll;
use crate::app::session::{Answer, Asks, Changed, KeySource, Session, SourceState};
use crate::domain::keys::{Column, Columns, WhichColumns};

/// Number of columns that can be chosen, each by a digit.
pub const NUMBERED: usize = 9;

#[derive(Debug, Default)]
pub struct Keys {
    /// Over the sources and the line that adds one.
    pub scroll: Scroll,
    /// Columns chosen so far for the selected table, from 1: the video's (0 for none), then the transcript's.
    pub named: Vec<usize>,
}

impl Keys {
    /// Opens with the cursor on the first source with a question.
    pub fn open(ctx: &mut Ctx<'_>) -> Keys {
        let mut keys = Keys::default();
        let all = ctx.session().map(|session| session.keys.all.as_slice()).unwrap_or_default();
        let cursor = all.iter().position(|source| source.asks().is_some()).unwrap_or(0);
        let len = all.len() + 1;
        keys.scroll.to(cursor, len, height(ctx));
        *ctx.message = None;
        keys
    }

    /// The source under the cursor; None on the line that adds one.
    pub fn in_hand<'a>(&self, session: &'a Session) -> Option<&'a KeySource> {
        session.keys.all.get(self.scroll.cursor)
    }

    /// The question about columns, if the selected source is a table with one.
    pub fn columns<'a>(&self, session: &'a Session) -> Option<&'a WhichColumns> {
        match self.in_hand(session)?.asks()? {
            Asks::Columns(which) => Some(which),
            Asks::Place => None,
        }
    }

    /// The columns that Enter accepts, from 1: the video's (0 for none) and the transcript's. Chosen ones, else guesses
    /// from the values.
    pub fn answer(&self, which: &WhichColumns) -> (Option<usize>, Option<usize>) {
        let number = |column: &Column| match column {
            Column::Number(number) => Some(*number),
            Column::Name(_) => None,
        };
        let guess = which.guess.as_ref();
        let video = guess.map(|guess| guess.video.as_ref().and_then(number).unwrap_or(0));
        let transcript = guess.and_then(|guess| number(&guess.transcript));
        match *self.named.as_slice() {
            [] => (video, transcript),
            [video] => (Some(video), transcript.filter(|column| *column != video)),
            [video, transcript, ..] => (Some(video), Some(transcript)),
        }
    }

    fn accept(&self, ctx: &mut Ctx<'_>) -> Next {
        let Some(session) = ctx.session() else { return Next::Close };
        let Some(source) = self.in_hand(session) else {
            return Next::Open(Target::AddSource { then: None, place: None });
        };
        let id = source.id;
        match (&source.state, source.asks()) {
            (_, Some(Asks::Columns(which))) => match self.answer(which) {
                (Some(video), Some(transcript)) => {
                    let video = Some(video).filter(|video| *video > 0).map(Column::Number);
                    let columns = Columns { video, transcript: Column::Number(transcript) };
                    ctx.on(|session, env| session.answer_source(env, id, Answer::Columns(columns)));
                }
                (Some(_), None) => ctx.say(Message::plain("now choose the transcript's column")),
                (None, _) => ctx.say(Message::plain("choose the video's column first, 0 for none")),
            },
            (_, Some(Asks::Place)) => return Next::Open(Target::AddSource { then: None, place: Some(id) }),
            (SourceState::Known(_) | SourceState::Refused(_), None) => {
                ctx.on(|session, env| session.read_again(env, id));
            }
            (SourceState::Reading(_) | SourceState::Read { .. }, None) => return Next::Close,
        }
        Next::Stay
    }
}

fn height(ctx: &Ctx<'_>) -> usize {
    let lines = ctx.session().map_or(1, |session| session.keys.all.len() + 1);
    usize::from(ctx.layout().keys(u16::try_from(lines).unwrap_or(u16::MAX)).list.height)
}

impl Act for Keys {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Keys, Scope::Global]
    }

    fn can(&self, session: Option<&Session>, action: Action) -> Result<(), Why> {
        let has_source = session.is_some_and(|session| self.in_hand(session).is_some());
        match action {
            Action::ListAgain | Action::Clear if !has_source => Err("no source is selected".into()),
            Action::Sources => Err("these are the sources".into()),
            Action::Undo if session.is_none_or(|session| !session.keys.has_removed()) => {
                Err("no source was removed".into())
            }
            _ => Ok(()),
        }
    }

    fn act(&mut self, ctx: &mut Ctx<'_>, request: &Request) -> Next {
        let Some(session) = ctx.session() else { return Next::Close };
        let (len, in_hand) = (session.keys.all.len() + 1, self.in_hand(session).map(|source| source.id));
        match (request.action, in_hand) {
            (Action::Accept, _) => return self.accept(ctx),
            (Action::ListAgain, Some(id)) => ctx.on(|session, env| session.read_again(env, id)),
            (Action::Clear, Some(id)) => ctx.on(|session, env| session.remove_source(env, id)),
            (Action::Undo, _) => ctx.on(|session, env| session.bring_back_source(env)),
            (Action::Back, _) => return Next::Close,
            (action, _) => {
                let before = self.scroll.cursor;
                self.scroll.act(action, request.count, len, height(ctx));
                if self.scroll.cursor != before {
                    self.named.clear();
                }
            }
        }
        Next::Stay
    }

    fn numbers(&self, session: Option<&Session>) -> bool {
        session.is_some_and(|session| self.columns(session).is_some())
    }

    fn number(&mut self, ctx: &mut Ctx<'_>, number: usize) -> Next {
        let Some(which) = ctx.session().and_then(|session| self.columns(session)) else { return Next::Stay };
        let columns = which.columns.len().min(NUMBERED);
        if self.named.len() >= 2 {
            self.named.clear();
        }
        match number {
            0 if self.named.is_empty() => self.named.push(0),
            n if (1..=columns).contains(&n) && !self.named.contains(&n) => self.named.push(n),
            _ => ctx.say(Message::plain(if columns == 1 {
                "choose column 1".to_owned()
            } else {
                format!("choose one of 1–{columns}")
            })),
        }
        Next::Stay
    }

    /// Keeps the cursor on its line while sources come and go.
    fn follow(&mut self, ctx: &mut Ctx<'_>, changed: Changed) {
        if changed.keys {
            let len = ctx.session().map_or(1, |session| session.keys.all.len() + 1);
            self.scroll.to(self.scroll.cursor, len, height(ctx));
            if !self.numbers(ctx.session()) {
                self.named.clear();
            }
        }
    }
}
