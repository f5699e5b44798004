//! The review: old and new values of every change, reverting them, and what blocks the upload. Also decides on
//! recovered changes.

use crate::app::action::Action;
use crate::app::command::{Scope, Why};
use crate::app::compute::Compute;
use crate::app::context::{Act, Ctx, Heard};
use crate::app::effect::Effect;
use crate::app::jobs::Task;
use crate::app::message::Message;
use crate::app::msg::Msg;
use crate::app::next::{Next, Request, Target};
use crate::app::scroll::Scroll;
use crate::app::session::online::InSight;
use crate::app::session::{BULK, Changed, Done, RecoveredMark, Session};
use crate::domain::draft::{Change, Edit};
use crate::domain::format::{row_number, thousands};
use crate::domain::manifest::RowId;
use crate::domain::row_set::RowSet;
use crate::domain::rules::Severity;

#[derive(Debug)]
pub struct Review {
    /// The changed rows, ascending.
    pub rows: Vec<RowId>,
    /// Over `rows`.
    pub scroll: Scroll,
    /// Set when the changes come from the journal: take or drop them.
    pub recovered: Option<RecoveredMark>,
    /// Dropping was requested once; the second time drops them.
    pub drop_asked: bool,
}

impl Review {
    pub fn open(ctx: &mut Ctx<'_>) -> Review {
        let rows = changed_rows(ctx.session());
        // Start at the change nearest to the table's cursor: the operator likely means that one.
        let at = ctx.session().and_then(Session::current).map_or(0, |row| rows.partition_point(|r| *r < row));
        let mut scroll = Scroll::default();
        scroll.to(at, rows.len(), 4);
        *ctx.message = match ctx.session().map_or(0, Session::errors) {
            0 => None,
            1 => Some(Message::error("1 error blocks the upload.").offer(Action::NextProblem, "goes to it")),
            n => {
                let text = format!("{} errors block the upload.", thousands(n));
                Some(Message::error(text).offer(Action::NextProblem, "goes to the first"))
            }
        };
        count(ctx);
        Review { rows, scroll, recovered: None, drop_asked: false }
    }

    /// Opens on a crashed session's changes: nothing else can be done until they are taken or dropped.
    pub fn of_recovered(ctx: &mut Ctx<'_>, mark: RecoveredMark) -> Review {
        let (takes, drops) = if mark.changes == 1 { ("takes it", "drops it") } else { ("takes them", "drops them") };
        let message = Message::warning(format!("{}.", mark.words()));
        ctx.say(message.offer(Action::Take, takes).offer(Action::Drop, drops));
        let rows = changed_rows(ctx.session());
        count(ctx);
        Review { rows, scroll: Scroll::default(), recovered: Some(mark), drop_asked: false }
    }

    /// Reverts a row to the file as opened, as one undo step for each changed field.
    fn revert(ctx: &mut Ctx<'_>, row: RowId) {
        ctx.on(|session, env| {
            let mut edits: Vec<Change> =
                session.now().changes(row).iter().map(|(field, ..)| Change::Revert(*field)).collect();
            if session.now().is_excluded(row) {
                edits.push(Change::Restore);
            }
            edits.into_iter().fold(Done::nothing(), |done, change| {
                let said = |_| format!("put back row {}.", row_number(row));
                done.then(session.edit(env, Edit { rows: RowSet::one(row), change }, said))
            })
        });
    }
}

fn changed_rows(session: Option<&Session>) -> Vec<RowId> {
    session.map(|session| session.now().edited_rows().iter().collect()).unwrap_or_default()
}

/// Lines a changed row takes in the list, without the blank line after it.
pub fn lines_of(session: &Session, row: RowId) -> usize {
    let fields: usize = session
        .now()
        .changes(row)
        .iter()
        .map(|(_, old, new)| usize::from(!old.is_empty()) + usize::from(!new.is_empty() || old.is_empty()))
        .sum();
    1 + fields
}

/// Goes to the first row with an error in the table.
pub fn first_error(ctx: &mut Ctx<'_>) -> Next {
    let first = ctx.session().and_then(|session| {
        let last = session.total().saturating_sub(1);
        session.findings.as_ref()?.next(session.now(), last, true, Severity::Error)
    });
    match first {
        Some(row) => {
            ctx.on(|session, env| {
                session.focus_on_worst(row);
                session.show_row(env, row)
            });
            Next::ToTable
        }
        None => {
            ctx.say(Message::fine("no errors"));
            Next::Stay
        }
    }
}

/// Has the sums of many edits counted in the background.
fn count(ctx: &mut Ctx<'_>) {
    let snapshot = ctx.session().map(|session| session.now().clone());
    if let Some(snapshot) = snapshot.filter(|snapshot| snapshot.sums(BULK).is_none()) {
        let job = ctx.begin(Task::Sums);
        ctx.ask(Effect::Compute(job, Compute::Sums(snapshot)));
    }
}

impl Act for Review {
    fn scopes(&self) -> &'static [Scope] {
        match self.recovered {
            Some(_) => &[Scope::Recovery, Scope::Global],
            None => &[Scope::Review, Scope::Global],
        }
    }

    fn can(&self, _session: Option<&Session>, action: Action) -> Result<(), Why> {
        match action {
            Action::Revert | Action::Accept if self.rows.is_empty() => Err("nothing is changed".into()),
            _ => Ok(()),
        }
    }

    fn pressed(&mut self, action: Option<Action>) {
        self.drop_asked &= action == Some(Action::Drop);
    }

    fn act(&mut self, ctx: &mut Ctx<'_>, request: &Request) -> Next {
        let row = self.rows.get(self.scroll.cursor).copied();
        let answers = |message: Message| message.offer(Action::Take, "takes them").offer(Action::Drop, "drops them");
        match (request.action, self.recovered) {
            (Action::Take, Some(mark)) => {
                ctx.on(|session, _| session.take_recovered(mark.unreadable));
                return Next::Close;
            }
            (Action::Drop, Some(_)) if !self.drop_asked => {
                self.drop_asked = true;
                ctx.say(answers(Message::warning("dropped changes are gone for good.")));
            }
            (Action::Drop, Some(_)) => {
                ctx.on(|session, env| session.drop_recovered(env));
                return Next::Close;
            }
            (Action::Back, Some(_)) => {
                let message = Message::plain("take or drop the recovered changes first.");
                ctx.say(answers(message).offer(Action::Interrupt, "twice quits and keeps them for later"));
            }
            (Action::Back, None) => return Next::Close,
            (Action::Accept, _) => {
                if let Some(row) = row {
                    ctx.on(|session, env| session.show_row(env, row));
                    return Next::Close;
                }
            }
            (Action::Revert, _) => {
                if let Some(row) = row {
                    Self::revert(ctx, row);
                }
            }
            (Action::Undo, _) => ctx.on(|session, env| session.undo(env)),
            (Action::Submit, _) => return Next::Open(Target::Gate),
            (Action::NextProblem, _) => return first_error(ctx),
            (action, _) => {
                let lines = usize::from(ctx.size.1).saturating_sub(8).max(1);
                // A row takes several lines: this is an estimate, and the drawing adjusts the scroll position.
                self.scroll.act(action, request.count, self.rows.len(), (lines / 4).max(1));
            }
        }
        Next::Stay
    }

    fn follow(&mut self, ctx: &mut Ctx<'_>, changed: Changed) {
        if changed.rows {
            self.rows = changed_rows(ctx.session());
            self.scroll.to(self.scroll.cursor, self.rows.len(), 4);
            count(ctx);
        }
    }

    fn hear(&mut self, ctx: &mut Ctx<'_>, msg: Msg) -> Heard {
        match msg {
            Msg::Summed(job) if ctx.jobs.finish(Task::Sums, job) => Heard::Taken(Next::Stay),
            msg => Heard::NotMine(msg),
        }
    }

    fn closed(&mut self, ctx: &mut Ctx<'_>) {
        ctx.end(Task::Sums);
    }

    fn in_sight(&self) -> InSight {
        InSight::default()
    }
}
