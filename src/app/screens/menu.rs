//! Menus: questions answered with one keystroke, such as what to copy, which rows to show, how to quit.

use crate::app::action::Action;
use crate::app::command::{Scope, Why};
use crate::app::context::{Act, Ctx};
use crate::app::effect::Effect;
use crate::app::next::{Menu, Next, Request};
use crate::app::session::Unsaved;
use crate::app::session::{AfterSave, Consent, Question, Session};
use crate::domain::format::thousands;
use crate::domain::printable::printable;
use crate::domain::search::StateFilter;

impl Menu {
    /// The question, for the message line; the hint line shows its answers.
    pub fn question(&self, session: Option<&Session>) -> String {
        match self {
            Menu::Yank => "what to copy?".into(),
            Menu::FilterBy => "which rows?".into(),
            Menu::SortBy => "sort by what? The same key again reverses the order".into(),
            Menu::Quit => session.map_or_else(String::new, |session| {
                let name = printable(&session.name()).into_owned();
                match session.draft.unsaved() {
                    1 => format!("1 change of {name} is not saved"),
                    unsaved => format!("{} changes of {name} are not saved", thousands(unsaved as u64)),
                }
            }),
            Menu::Decide(Question::Consent { why, .. }) => why.clone(),
            Menu::Decide(Question::CheckOnline { words, .. }) => words.clone(),
            Menu::Decide(Question::StillUnsaved | Question::Recovered(_)) => String::new(),
        }
    }
}

impl Act for Menu {
    fn scopes(&self) -> &'static [Scope] {
        match self {
            Menu::Yank => &[Scope::Yank],
            Menu::FilterBy => &[Scope::FilterBy],
            Menu::SortBy => &[Scope::SortBy],
            Menu::Quit | Menu::Decide(Question::StillUnsaved | Question::Recovered(_)) => &[Scope::Quit],
            Menu::Decide(Question::CheckOnline { .. }) => &[Scope::CheckOnline],
            Menu::Decide(Question::Consent { .. }) => &[Scope::Changed],
        }
    }

    fn can(&self, session: Option<&Session>, action: Action) -> Result<(), Why> {
        match (self, action) {
            (Menu::Decide(Question::Consent { consent, .. }), Action::MergeWithDisk) if !consent.over_changes => {
                Err("the file has not changed".into())
            }
            (Menu::Decide(Question::CheckOnline { plan, .. }), Action::CheckTranscripts) if plan.transcripts == 0 => {
                Err("every transcript was checked already".into())
            }
            (Menu::Decide(Question::CheckOnline { plan, .. }), Action::CheckEverything)
                if plan.videos + plan.indexes == 0 =>
            {
                Err("there is no video or index to check".into())
            }
            (Menu::FilterBy, Action::Show(StateFilter::Proposed | StateFilter::ToDecide))
                if session.is_none_or(|session| session.proposals.standing.is_none()) =>
            {
                Err("no row has a proposal".into())
            }
            _ => Ok(()),
        }
    }

    fn act(&mut self, ctx: &mut Ctx<'_>, request: &Request) -> Next {
        match (request.action, &*self) {
            (Action::Back, _) => Next::Close,
            (Action::SaveAndQuit, _) => {
                ctx.on(|session, env| session.save(env, AfterSave::Quit, Consent::default()));
                Next::Close
            }
            (Action::DiscardAndQuit, _) => {
                ctx.ask(Effect::ForgetJournal);
                ctx.ask(Effect::Quit(0));
                Next::Close
            }
            (Action::Overwrite, Menu::Decide(Question::Consent { then, consent, .. })) => {
                let (then, consent) = (*then, *consent);
                ctx.on(|session, env| session.save(env, then, consent));
                Next::Close
            }
            (Action::CheckTranscripts | Action::CheckEverything, Menu::Decide(question)) => {
                if let Question::CheckOnline { plan, scope, .. } = question {
                    let videos = request.action == Action::CheckEverything;
                    *ctx.message = None;
                    ctx.on(|session, _| session.check_many(scope.clone(), plan, videos));
                }
                Next::Close
            }
            (Action::ReadAgain, _) => Next::ReadAgain(Unsaved::Keep),
            (Action::MergeWithDisk, _) => match ctx.session().map(|session| session.path.clone()) {
                Some(path) => Next::Merge(path),
                None => Next::Close,
            },
            (Action::Yank(_) | Action::Show(_) | Action::SortBy(_), _) => Next::Run(request.clone()),
            // Movement, such as from the wheel, is not an answer.
            _ => Next::Stay,
        }
    }
}
