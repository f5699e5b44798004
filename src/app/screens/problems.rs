//! The list of problems, grouped by rule, with the rows of the selected rule; fixes them or goes to a row.

use crate::app::action::Action;
use crate::app::command::{Scope, Why};
use crate::app::context::{Act, Ctx};
use crate::app::message::Message;
use crate::app::next::{BulkForm, Next, Request, Target};
use crate::app::options::AppOptions;
use crate::app::scroll::Scroll;
use crate::app::session::online::InSight;
use crate::app::session::{Changed, Session};
use crate::domain::findings::Group;
use crate::domain::fixes::{edit_of, fix_for};
use crate::domain::format::{counted, row_number};
use crate::domain::manifest::RowId;
use crate::domain::row_set::RowSet;
use crate::domain::rules::{Rule, Severity};
use crate::domain::search::{Query, StateFilter};

#[derive(Debug)]
pub struct Problems {
    /// In the order they had when the list was opened; only counts are updated.
    pub groups: Vec<Group>,
    /// Number of rows with an error or a warning.
    pub affected: u64,
    pub scroll: Scroll,
    /// Rows of the selected group.
    pub rows: Vec<RowId>,
    pub row_scroll: Scroll,
    /// Whether the focus is in the rows, not in the groups.
    pub in_rows: bool,
}

impl Problems {
    pub fn open(ctx: &mut Ctx<'_>) -> Problems {
        let groups = ctx.session().and_then(|session| session.findings.as_ref()).map(|findings| findings.groups());
        *ctx.message = None;
        let mut problems = Problems {
            groups: groups.unwrap_or_default(),
            affected: affected(ctx.session()),
            scroll: Scroll::default(),
            rows: Vec::new(),
            row_scroll: Scroll::default(),
            in_rows: false,
        };
        problems.choose(ctx.session());
        problems
    }

    pub fn rule(&self) -> Option<Rule> {
        self.groups.get(self.scroll.cursor).map(|group| group.rule)
    }

    /// The row that is fixed or gone to.
    pub fn row(&self) -> Option<RowId> {
        self.rows.get(if self.in_rows { self.row_scroll.cursor } else { 0 }).copied()
    }

    /// Looks up the rows of the selected group.
    fn choose(&mut self, session: Option<&Session>) {
        let Some(rule) = self.rule() else { return };
        let rows = session.and_then(|session| Some(session.findings.as_ref()?.rows_of(session.now(), rule)));
        self.rows = rows.unwrap_or_default();
        self.row_scroll.to(self.row_scroll.cursor, self.rows.len(), usize::MAX / 2);
    }

    /// Fixes the selected row.
    fn fix(&self, ctx: &mut Ctx<'_>) {
        let (Some(rule), Some(row)) = (self.rule(), self.row()) else { return };
        let fix = ctx.session().and_then(|session| fix_for(session.findings.as_deref()?, session.now(), row, rule));
        match fix {
            Some(fix) => ctx.on(|session, env| {
                let said = |_| format!("fixed {} of row {}.", rule.code(), row_number(row));
                session.edit(env, edit_of(&fix, RowSet::one(row)), said)
            }),
            None => {
                let text = format!("no fix is known for row {}.", row_number(row));
                ctx.say(Message::plain(text).offer(Action::Accept, "goes there"));
            }
        }
    }
}

fn affected(session: Option<&Session>) -> u64 {
    let findings = session.and_then(|session| session.findings.as_ref());
    findings.map_or(0, |findings| findings.rows_with(Severity::Warning).len() as u64)
}

impl Act for Problems {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Problems, Scope::Global]
    }

    fn label(&self, _session: Option<&Session>, _options: &AppOptions, action: Action) -> Option<String> {
        match action {
            Action::Accept if self.in_rows => Some("to this row".into()),
            Action::Back if self.in_rows => Some("rules".into()),
            _ => None,
        }
    }

    fn can(&self, _session: Option<&Session>, action: Action) -> Result<(), Why> {
        let asks = matches!(action, Action::Accept | Action::OnlyThese | Action::Fix | Action::FixAll);
        match (self.groups.get(self.scroll.cursor), action) {
            (_, Action::FixEverything) if self.groups.iter().all(|group| group.fixes == 0) => {
                Err("no fix is known for any of these".into())
            }
            _ if !asks => Ok(()),
            (None, _) => Err("there is no problem".into()),
            (Some(group), Action::Fix | Action::FixAll) if group.fixes == 0 => {
                Err("no fix is known for this rule".into())
            }
            _ => Ok(()),
        }
    }

    fn act(&mut self, ctx: &mut Ctx<'_>, request: &Request) -> Next {
        let panes = ctx.layout().problems(u16::try_from(self.groups.len()).unwrap_or(u16::MAX));
        let groups_height = usize::from(panes.main.height);
        let rows_height = panes.side.area().map_or(1, |area| usize::from(area.height));
        match request.action {
            Action::Back if self.in_rows => self.in_rows = false,
            Action::Back => return Next::Close,
            Action::FixEverything => return Next::Open(Target::Bulk(BulkForm::FixEverything(None))),
            Action::FixAll => return Next::Open(Target::Bulk(BulkForm::FixEverything(self.rule()))),
            Action::Accept if !self.in_rows && !self.rows.is_empty() => self.in_rows = true,
            Action::Accept => {
                if let Some(row) = self.row() {
                    *ctx.message = None;
                    ctx.on(|session, env| session.show_row(env, row));
                    return Next::Close;
                }
            }
            Action::Fix => self.fix(ctx),
            Action::OnlyThese => {
                let Some(rule) = self.rule() else { return Next::Stay };
                ctx.on(|session, env| {
                    session.view.query = Query { rule: Some(rule), state: StateFilter::All, ..Query::default() };
                    session.refresh(env)
                });
                // Which rule stands at the right of the line for as long as the filter does.
                let text = format!("{}.", counted(self.rows.len() as u64, "row"));
                ctx.say(Message::plain(text).offer(Action::Back, "shows all rows"));
                return Next::Close;
            }
            Action::Undo => ctx.on(|session, env| session.undo(env)),
            action if self.in_rows => self.row_scroll.act(action, request.count, self.rows.len(), rows_height),
            action => {
                let before = self.scroll.cursor;
                self.scroll.act(action, request.count, self.groups.len(), groups_height);
                if self.scroll.cursor != before {
                    self.row_scroll = Scroll::default();
                    self.choose(ctx.session());
                }
            }
        }
        Next::Stay
    }

    /// Updates counts and rows, and keeps the order of the groups.
    fn follow(&mut self, ctx: &mut Ctx<'_>, changed: Changed) {
        if !changed.findings {
            return;
        }
        let groups = ctx.session().and_then(|session| session.findings.as_ref()).map(|findings| findings.groups());
        let Some(groups) = groups else { return };
        self.affected = affected(ctx.session());
        for group in &mut self.groups {
            let now = groups.iter().find(|now| now.rule == group.rule);
            (group.count, group.fixes) = now.map_or((0, 0), |now| (now.count, now.fixes));
        }
        for group in groups {
            if !self.groups.iter().any(|known| known.rule == group.rule) {
                self.groups.push(group);
            }
        }
        self.choose(ctx.session());
    }

    fn in_sight(&self) -> InSight {
        InSight::default()
    }
}
