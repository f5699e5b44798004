//! Answers: giving one, taking it back, giving it to all rows with the same question. Each is an edit at once.

use super::{Decide, Offered, Rest};
use crate::app::action::Action;
use crate::app::compute::Compute;
use crate::app::context::Ctx;
use crate::app::effect::Effect;
use crate::app::jobs::Task;
use crate::app::message::{Mark, Message};
use crate::app::next::{AnswerOf, Next, Target};
use crate::app::pairs::Same;
use crate::app::session::{Session, StepFrom};
use crate::domain::draft::{Change, Edit};
use crate::domain::format::{counted, row_number, thousands};
use crate::domain::manifest::{Field, RowId};
use crate::domain::printable::printable;
use crate::domain::row_set::RowSet;
use crate::domain::s3_url::key;
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    Took(u32),
    /// A key that was no candidate.
    TookOther,
    /// The transcript it already had.
    Kept,
    Left,
    Excluded,
}

/// An answer that can be taken back.
#[derive(Debug)]
pub struct Given {
    pub at: usize,
    pub what: What,
    pub rows: RowSet,
    /// Number of operations before it: later changes from elsewhere are not taken back here.
    pub before: usize,
}

impl Decide {
    /// Goes to the next row without an answer; past the last row if there is none.
    pub(super) fn go_on(&mut self, ctx: &Ctx<'_>) {
        let Some(session) = ctx.session() else { return };
        self.at += 1;
        while self.asks_questions() && self.at < self.queue.len() && !self.is_asked(session) {
            self.at += 1;
        }
    }

    /// After an answer: goes on, or ends with the sums.
    pub(super) fn answered(&mut self, ctx: &mut Ctx<'_>, what: What, rows: RowSet) -> Next {
        let before = before_this(ctx);
        if let Some((number, _)) = self.queue.question_at(self.at) {
            *self.answered.entry(number).or_insert(0) += rows.len();
        }
        self.done.add(&rows);
        self.given.push(Given { at: self.at, what, rows, before });
        self.pace.push(ctx.now.unix_ms - self.last_ms);
        self.last_ms = ctx.now.unix_ms;
        self.count_rest(ctx);
        self.go_on(ctx);
        self.arrive(ctx)
    }

    /// Looks up which other rows the last answer fits, so that `T` promises what it does.
    fn count_rest(&mut self, ctx: &mut Ctx<'_>) {
        ctx.end(Task::Same);
        self.rest = Rest::NotAsked;
        let Some(What::Took(key)) = self.given.last().map(|given| given.what.clone()) else { return };
        let Some(AnswerOf { row: answered, rows }) = self.answer_of(ctx).filter(|it| !it.rows.is_empty()) else {
            return;
        };
        let Some(session) = ctx.session() else { return };
        let (Some(pairing), snapshot) = (session.proposals.pairing.clone(), session.now().clone()) else { return };
        let rows = rows.iter().collect();
        let job = ctx.begin(Task::Same);
        ctx.ask(Effect::Compute(job, Compute::Same(Same { pairing, answered, key, rows, snapshot })));
        self.rest = Rest::Counting { is_wanted: false };
    }

    /// The other rows are known: offers them with the message about the answer, or does what `T` waited for.
    pub(super) fn rest_is_known(&mut self, ctx: &mut Ctx<'_>, edit: Option<Arc<Edit>>) {
        let is_wanted = matches!(self.rest, Rest::Counting { is_wanted: true });
        self.rest = edit.map_or(Rest::FitsNone, Rest::Fits);
        match ctx.message.take() {
            _ if is_wanted => self.same(ctx),
            Some(message) if message.mark == Mark::Fine && message.offers.is_empty() => {
                ctx.say(self.with_same(message));
            }
            other => *ctx.message = other,
        }
    }

    pub(super) fn arrive(&mut self, ctx: &mut Ctx<'_>) -> Next {
        self.same = None;
        self.choices.clear();
        self.hand = None;
        if self.at >= self.queue.len() {
            let sum = |is: fn(&What) -> bool| -> usize {
                self.given.iter().filter(|given| is(&given.what)).map(|given| given.rows.len()).sum()
            };
            let decided = sum(|what| matches!(what, What::Took(_) | What::TookOther | What::Kept));
            let (left, excluded) = (sum(|what| *what == What::Left), sum(|what| *what == What::Excluded));
            let parts = [(decided, "decided"), (left, "left"), (excluded, "excluded")];
            let parts: Vec<String> = parts
                .iter()
                .enumerate()
                .filter(|(at, (count, _))| *at == 0 || *count > 0)
                .map(|(_, (count, word))| format!("{word} {}", thousands(*count as u64)))
                .collect();
            ctx.say(Message::fine(parts.join(", ")));
            return Next::Close;
        }
        if let Some(session) = ctx.session() {
            self.look(session);
        }
        Next::Stay
    }

    /// A message, with `T` where there are rows like it.
    pub(super) fn tell(&self, ctx: &mut Ctx<'_>, message: Message, next: &Next) {
        if matches!(next, Next::Close) {
            // The sums say more.
            return;
        }
        ctx.say(self.with_same(message));
    }

    fn with_same(&self, message: Message) -> Message {
        match self.like_it() as u64 {
            0 => message,
            1 => message.offer(Action::Same, "does that to the one like it"),
            many => message.offer_count(Action::Same, "does that to the # like it", many),
        }
    }

    pub(super) fn take(&mut self, ctx: &mut Ctx<'_>, at: usize) -> Next {
        let (Some(row), Some(choice)) = (self.row(), self.choices.get(at).cloned()) else { return Next::Stay };
        let name = printable(key::file_name(&choice.url)).into_owned();
        let (number, nth) = (row_number(row), at + 1);
        let now = ctx.session().map(|session| session.now().value(row, Field::Transcription).text().to_owned());
        if choice.key.is_none() || now.as_deref() == Some(choice.url.as_str()) {
            let next = self.answered(ctx, What::Kept, RowSet::one(row));
            self.tell(ctx, Message::fine(format!("{number} keeps {name}")), &next);
            return next;
        }
        let edit = Edit { rows: RowSet::one(row), change: Change::Set(Field::Transcription, choice.url) };
        if let Some(session) = ctx.session_mut() {
            session.takes(&edit.rows);
        }
        if !changed_by(ctx, edit) {
            return Next::Stay;
        }
        let next = self.answered(ctx, choice.key.map_or(What::TookOther, What::Took), RowSet::one(row));
        self.tell(ctx, Message::fine(format!("{number} took {nth}, {name}.")), &next);
        next
    }

    pub(super) fn choose_first(&self, ctx: &mut Ctx<'_>) {
        let text = match self.choices.len() {
            0 => "nothing fits.".to_owned(),
            1 => "there is only one: 1 takes it".to_owned(),
            many => format!("choose one first: 1–{many}"),
        };
        let message = Message::plain(text);
        ctx.say(if self.choices.is_empty() { message.offer(Action::Pick, "picks any key") } else { message });
    }

    /// The last answer was a numbered candidate.
    pub fn took(&self) -> bool {
        self.given.last().is_some_and(|given| matches!(given.what, What::Took(_)))
    }

    /// The row that was answered last, and the open rows with the same question.
    fn answer_of(&self, ctx: &Ctx<'_>) -> Option<AnswerOf> {
        let (_, range) = self.last_question()?;
        let row = self.given.last()?.rows.iter().next()?;
        let rows = self.queue.rows().get(range).unwrap_or_default();
        let like: RowSet = rows.iter().copied().filter(|other| *other != row).collect();
        let standing = ctx.session()?.proposals.standing.as_ref();
        let open = standing.map(|standing| standing.to_decide.intersection(&like).difference(&self.done));
        Some(AnswerOf { row, rows: open.unwrap_or_default() })
    }

    /// `T` once more: the answer as a template, which can be edited before it fills.
    pub(super) fn by_template(&self, ctx: &Ctx<'_>) -> Next {
        self.answer_of(ctx).map_or(Next::Stay, |answer| Next::Open(Target::Template(Some(answer))))
    }

    /// `T`: the last answer for all rows with the same question. It is announced before it is given.
    pub(super) fn same(&mut self, ctx: &mut Ctx<'_>) {
        let Some(given) = self.given.last() else { return };
        let Some(AnswerOf { row: answered, rows: open }) = self.answer_of(ctx) else { return };
        match (&given.what, &mut self.rest) {
            (What::Took(_), Rest::Fits(edit)) => {
                let edit = Arc::clone(edit);
                self.ask_for(ctx, edit.rows.len(), answered, "fills", open.len().saturating_sub(edit.rows.len()));
                self.same = Some(Offered::Edit(edit));
            }
            (What::Took(_), Rest::Counting { is_wanted }) => {
                *is_wanted = true;
                ctx.say(Message::plain("counting the rows like it"));
            }
            (What::Took(_), _) => {
                let text = format!("the answer of {} fits no other row; they stay.", row_number(answered));
                ctx.say(Message::plain(text).offer(Action::Same, "tries a template"));
            }
            (What::Left, _) => {
                self.ask_for(ctx, open.len(), answered, "leaves", 0);
                self.same = Some(Offered::Leave(open));
            }
            (What::Excluded, _) => {
                self.ask_for(ctx, open.len(), answered, "excludes", 0);
                self.same = Some(Offered::Edit(Arc::new(Edit { rows: open, change: Change::Exclude })));
            }
            (What::TookOther | What::Kept, _) => {}
        }
    }

    pub(super) fn ask_for(&self, ctx: &mut Ctx<'_>, rows: usize, answered: RowId, verb: &str, rest: usize) {
        let rest = match rest {
            0 => String::new(),
            1 => ", 1 stays to decide".to_owned(),
            many => format!(", {} stay to decide", thousands(many as u64)),
        };
        let rows = counted(rows as u64, "row");
        let text = format!("the answer of {} {verb} {rows}{rest}.", row_number(answered));
        let message = Message::plain(text).offer(Action::Accept, "does it");
        ctx.say(match self.took() {
            true => message.offer(Action::Same, "as a template"),
            false => message.offer(Action::Back, "does not"),
        });
    }

    /// Gives all rows like it the announced answer.
    pub(super) fn do_same(&mut self, ctx: &mut Ctx<'_>, offered: Offered) -> Next {
        let Some(last_at) = self.given.last().map(|given| given.at) else { return Next::Stay };
        let (what, rows) = match offered {
            Offered::Leave(rows) => {
                ctx.on(|session, env| session.leave_rows(env, &rows, true));
                (What::Left, rows)
            }
            Offered::Edit(edit) => {
                let what = if edit.change == Change::Exclude { What::Excluded } else { What::TookOther };
                if let Some(session) = ctx.session_mut().filter(|_| what == What::TookOther) {
                    session.takes(&edit.rows);
                }
                if !changed_by(ctx, (*edit).clone()) {
                    return Next::Stay;
                }
                (what, edit.rows.clone())
            }
        };
        let verb = match what {
            What::Left => "left",
            What::Excluded => "excluded",
            _ => "filled",
        };
        let text = format!("{verb} {} like it, one step.", counted(rows.len() as u64, "row"));
        let here = self.at;
        self.at = last_at;
        let before = before_this(ctx);
        if let Some((number, _)) = self.queue.question_at(self.at) {
            *self.answered.entry(number).or_insert(0) += rows.len();
        }
        self.done.add(&rows);
        self.given.push(Given { at: here, what, rows, before });
        self.last_ms = ctx.now.unix_ms;
        self.rest = Rest::NotAsked;
        self.go_on(ctx);
        let next = self.arrive(ctx);
        if !matches!(next, Next::Close) {
            ctx.say(Message::fine(text).offer(Action::Undo, "back"));
        }
        next
    }

    /// Drops an announced answer that was not confirmed.
    pub(super) fn forget_same(&mut self) -> Option<Offered> {
        if let Rest::Counting { is_wanted } = &mut self.rest {
            *is_wanted = false;
        }
        self.same.take()
    }

    /// Takes the last answer back, and returns to its row.
    pub(super) fn back(&mut self, ctx: &mut Ctx<'_>) -> Next {
        let Some(given) = self.given.last() else {
            ctx.say(Message::plain("nothing was answered here yet"));
            return Next::Stay;
        };
        let is_edit = !matches!(given.what, What::Left | What::Kept);
        let rows = given.rows.clone();
        if is_edit {
            let before = given.before;
            if let Some(why) = ctx.session().and_then(Session::why_not_editable) {
                ctx.say(Message::plain(why));
                return Next::Stay;
            }
            match ctx.session().map(|session| session.step_from(before)) {
                Some(StepFrom::Last) => ctx.on(|session, env| session.undo(env)),
                Some(StepFrom::NotLast) => {
                    ctx.say(Message::plain("other rows were changed since; undo those in the table first"));
                    return Next::Stay;
                }
                Some(StepFrom::Gone) | None => {}
            }
        } else if given.what == What::Left {
            ctx.on(|session, env| session.leave_rows(env, &rows, false));
        }
        let Some(given) = self.given.pop() else { return Next::Stay };
        let first = rows.iter().next();
        let at = if rows.len() > 1 { Some(given.at) } else { None };
        self.at = at.unwrap_or(given.at);
        let number = first.and_then(|row| self.queue.rows().iter().position(|it| *it == row));
        if let Some((number, _)) = number.and_then(|at| self.queue.question_at(at))
            && let Some(answered) = self.answered.get_mut(&number)
        {
            *answered = answered.saturating_sub(rows.len());
        }
        self.done.subtract(&rows);
        self.pace.pop();
        self.last_ms = ctx.now.unix_ms;
        self.count_rest(ctx);
        let next = self.arrive(ctx);
        if let Some(row) = self.row() {
            ctx.say(Message::plain(format!("back at {}, nothing taken", row_number(row))));
        }
        next
    }

    /// Goes to the next or the previous question.
    pub(super) fn other_question(&mut self, ctx: &mut Ctx<'_>, forward: bool) -> Next {
        let Some((number, range)) = self.queue.question_at(self.at) else { return Next::Stay };
        let to = if forward {
            Some(range.end).filter(|end| *end < self.queue.len())
        } else {
            number.checked_sub(1).and_then(|_| self.queue.question_at(range.start - 1)).map(|(_, before)| before.start)
        };
        let Some(to) = to else {
            let which = if forward { "last" } else { "first" };
            ctx.say(Message::plain(format!("this is the {which} question")));
            return Next::Stay;
        };
        let (from, last) = (self.at, self.queue.question_at(to).map_or(to, |(_, range)| range.end));
        self.at = to;
        while self.at < last && !ctx.session().is_some_and(|session| self.is_asked(session)) {
            self.at += 1;
        }
        if self.at >= last {
            self.at = from;
            ctx.say(Message::plain("that question is answered"));
            return Next::Stay;
        }
        self.arrive(ctx)
    }
}

/// Operations of the draft before the edit that was just made, or that the background is about to make.
fn before_this(ctx: &Ctx<'_>) -> usize {
    let operations = ctx.session().map_or(0, |session| session.draft.operations().len());
    operations.saturating_sub(usize::from(!ctx.jobs.has(Task::Apply)))
}

/// Applies an edit and returns whether it changed something.
pub(super) fn changed_by(ctx: &mut Ctx<'_>, edit: Edit) -> bool {
    let before = ctx.session().map(|session| session.now().revision());
    ctx.on(|session, env| session.edit(env, edit, |n| format!("filled {}.", counted(n as u64, "row"))));
    let after = ctx.session().map(|session| session.now().revision());
    before != after || ctx.jobs.has(Task::Apply)
}
