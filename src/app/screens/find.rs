//! The input of search and of the live filter, on the message line under the table.

use crate::app::action::Action;
use crate::app::command::Scope;
use crate::app::context::{Act, Ctx};
use crate::app::jobs::Task;
use crate::app::line_input::LineInput;
use crate::app::next::{FindKind, Next, Request};
use crate::app::session::{Done, Session};
use crate::domain::manifest::RowId;
use crate::domain::search::Query;

#[derive(Debug)]
pub struct Find {
    pub kind: FindKind,
    pub input: LineInput,
    /// The query [`Action::Back`] restores.
    pub before: Query,
    pub row_before: RowId,
}

impl Find {
    pub fn open(ctx: &mut Ctx<'_>, kind: FindKind) -> Option<Find> {
        let session = ctx.session()?;
        let text = if kind == FindKind::Filter { session.view.query.text.as_str() } else { "" };
        let find = Find {
            kind,
            input: LineInput::new(text),
            before: session.view.query.clone(),
            row_before: session.current().unwrap_or(session.view.anchor),
        };
        *ctx.message = None;
        Some(find)
    }
}

impl Act for Find {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Find, Scope::Input]
    }

    fn input(&mut self) -> Option<&mut LineInput> {
        Some(&mut self.input)
    }

    fn line(&self) -> Option<&LineInput> {
        Some(&self.input)
    }

    /// Filters, or moves to the nearest match, at every keystroke.
    fn typed(&mut self, ctx: &mut Ctx<'_>) -> Next {
        let (kind, text, from) = (self.kind, self.input.text().to_owned(), self.row_before);
        ctx.on(|session, env| match kind {
            FindKind::Filter if session.view.query.text == text => Done::nothing(),
            FindKind::Filter => {
                session.view.query.text = text;
                session.refresh(env)
            }
            FindKind::Search if text.is_empty() => {
                session.search.clear();
                session.hit = None;
                session.go_to(env.size, from);
                Done::effects(env.jobs.end(Task::Find))
            }
            FindKind::Search => {
                session.search = text;
                // The search starts at the row itself, because it may be the match.
                let at = session.view.position_of(from, session.total()).unwrap_or(0);
                let before = at.checked_sub(1).unwrap_or(session.in_view().saturating_sub(1));
                session.find_from(env, before, true)
            }
        });
        Next::Stay
    }

    fn act(&mut self, ctx: &mut Ctx<'_>, request: &Request) -> Next {
        match request.action {
            Action::Accept => {
                // The result replaces the input on the message line.
                let found = ctx.session().filter(|_| self.kind == FindKind::Search).and_then(Session::hit_in_words);
                if let Some(found) = found {
                    ctx.say(found);
                }
                Next::Close
            }
            Action::Back => {
                let (kind, before, row) = (self.kind, self.before.clone(), self.row_before);
                ctx.on(|session, env| {
                    if kind == FindKind::Search {
                        session.marks_search = false;
                        session.go_to(env.size, row);
                        return Done::effects(env.jobs.end(Task::Find));
                    }
                    // Clears the text only; a filter by state or rule goes with the next Esc, on the table.
                    session.view.query =
                        if before.text.is_empty() { before } else { Query { text: String::new(), ..before } };
                    session.view.anchor = row;
                    session.refresh(env)
                });
                Next::Close
            }
            action => {
                let page = isize::from(ctx.layout().page().saturating_sub(1).max(1) as i16);
                let steps = match action {
                    Action::Down => 1,
                    Action::Up => -1,
                    Action::PageDown => page,
                    Action::PageUp => -page,
                    _ => return Next::Stay,
                };
                ctx.on(|session, env| {
                    session.step_rows(env.size, steps);
                    Done::nothing()
                });
                Next::Stay
            }
        }
    }
}
