//! A bulk change, counted and shown before it is made. Enter applies the selected count to exactly its rows, as one
//! undo step. Rows and texts come from `form`, the counts from `counts`.

mod counts;
mod form;

pub use counts::Part;
pub use form::{Form, FormKind};

use crate::app::action::Action;
use crate::app::command::{Scope, Why};
use crate::app::compute::Compute;
use crate::app::context::{Act, Ctx, Heard, refused};
use crate::app::count::{Count, Counted, Fault};
use crate::app::effect::Effect;
use crate::app::jobs::{Jobs, Task};
use crate::app::line_input::LineInput;
use crate::app::message::Message;
use crate::app::msg::{Moment, Msg};
use crate::app::next::{BulkForm, Next, Request};
use crate::app::session::online::InSight;
use crate::app::session::{Changed, Session};
use crate::domain::bulk::Class;
use crate::domain::format::{counted as so_many, thousands};
use crate::domain::row_set::RowSet;

/// Debounce before rows are counted, in milliseconds.
const PAUSE: u64 = 120;
/// Rows of the form above the list, and of one entry of the list.
const ABOVE: u16 = 7;
const VALUE: u16 = 3;

#[derive(Debug)]
pub struct Bulk {
    pub form: Form,
    pub lines: Vec<LineInput>,
    /// Index of the line with the focus.
    pub at: usize,
    pub counted: Option<Counted>,
    /// Whether the counts are of an earlier input.
    pub is_stale: bool,
    pub fault: Option<Fault>,
    /// Rows counted so far, and when the count started.
    pub done: u32,
    pub since: Moment,
    /// First visible entry of the list: an index into the rows of the selected count.
    pub top: usize,
    part: Option<Part>,
    /// Asking whether to write values that would be errors.
    asks: bool,
    /// Enter was pressed before the counts were complete.
    enter_waits: bool,
    /// Revision of the draft that was counted.
    revision: u64,
    /// Index of the recalled input that is in the lines.
    earlier: Option<usize>,
}

impl Bulk {
    /// Whether it applies fixes, instead of a change the operator described.
    pub fn is_of_fixes(&self) -> bool {
        matches!(self.form.kind, FormKind::Fix(_))
    }

    /// # Errors
    /// Why there is nothing to change.
    pub fn open(ctx: &mut Ctx<'_>, order: BulkForm) -> Result<Bulk, Message> {
        let session = ctx.session().ok_or_else(|| Message::plain("no manifest is open"))?;
        let form = Form::of(session, &order)?;
        let part = match form.kind {
            FormKind::Fix(rule) => rule.map(Part::Fixes),
            _ => None,
        };
        let mut lines: Vec<LineInput> = form.labels().iter().map(|_| LineInput::new("")).collect();
        if let (BulkForm::Set(_, text), Some(line)) = (&order, lines.first_mut()) {
            *line = LineInput::new(text);
        }
        let mut bulk = Bulk {
            form,
            lines,
            at: 0,
            counted: None,
            is_stale: true,
            fault: None,
            done: 0,
            since: ctx.now,
            top: 0,
            part,
            asks: false,
            enter_waits: false,
            revision: 0,
            earlier: None,
        };
        *ctx.message = None;
        bulk.count(ctx);
        Ok(bulk)
    }

    /// The counts with name and number; empty while nothing is counted.
    pub fn counts(&self) -> Vec<(Part, &'static str, u64)> {
        self.counted.as_ref().map(counts::of).unwrap_or_default()
    }

    /// The selected count, which Enter applies.
    pub fn chosen(&self) -> Option<(Part, u64)> {
        let counts = self.counts();
        let found = counts.iter().find(|(part, ..)| Some(*part) == self.part).or(counts.first());
        found.map(|(part, _, count)| (*part, *count))
    }

    /// The rows of the selected count.
    pub fn rows(&self) -> &RowSet {
        const NONE: &RowSet = &RowSet::new();
        match (&self.counted, self.chosen()) {
            (Some(counted), Some((part, _))) => counts::rows(counted, part),
            _ => NONE,
        }
    }

    /// Whether there is something to count.
    pub fn is_whole(&self) -> bool {
        match (&self.form.kind, self.lines.first()) {
            (FormKind::Set | FormKind::Replace, Some(line)) => !line.text().trim().is_empty(),
            _ => true,
        }
    }

    pub fn is_counting(jobs: &Jobs) -> bool {
        jobs.has(Task::Count) || jobs.has(Task::TypingPause)
    }

    /// The label for Enter: `change 8,390`.
    pub fn enter_words(&self) -> String {
        if self.at + 1 < self.lines.len() {
            return "next line".to_owned();
        }
        match self.chosen().filter(|_| !self.is_stale) {
            Some((part, count)) if self.counted.as_ref().is_some_and(|it| counts::chosen(it, part).is_some()) => {
                format!("{} {}", self.form.verb(), thousands(count))
            }
            _ => self.form.verb().to_owned(),
        }
    }

    /// The counts are complete, and the selected one stands for no change.
    fn has_nothing_to_do(&self) -> bool {
        let Some(counted) = self.counted.as_ref().filter(|_| !self.is_stale && self.at + 1 >= self.lines.len()) else {
            return false;
        };
        self.chosen().is_none_or(|(part, rows)| rows == 0 || counts::chosen(counted, part).is_none())
    }

    /// The input changed: marks the counts as stale.
    fn changed(&mut self) {
        self.is_stale = true;
        self.fault = None;
        self.part = None;
        self.top = 0;
        self.enter_waits = false;
    }

    fn count(&mut self, ctx: &mut Ctx<'_>) {
        ctx.end(Task::TypingPause);
        let texts: Vec<&str> = self.lines.iter().map(LineInput::text).collect();
        let order = ctx.session().and_then(|session| {
            let listed = match &self.counted {
                // The same S3 keys need not be indexed again.
                Some(Counted::Plan { listed: Some(listed), .. }) if listed.keys().is_same(&session.keys.list) => {
                    Some(listed.clone())
                }
                _ => None,
            };
            let order = self.form.order(session, &texts)?;
            let (snapshot, keys) = (session.now().clone(), session.keys.list.clone());
            Some(Count { order, snapshot, rows: self.form.rows.clone(), keys, listed })
        });
        (self.is_stale, self.done, self.since) = (true, 0, ctx.now);
        let Some(order) = order else {
            self.counted = None;
            ctx.end(Task::Count);
            return;
        };
        self.revision = order.snapshot.revision();
        let job = ctx.begin(Task::Count);
        ctx.ask(Effect::Compute(job, Compute::Count(order)));
    }

    fn take(&mut self, ctx: &mut Ctx<'_>, counted: Result<Counted, Fault>) -> Next {
        self.is_stale = false;
        match counted {
            Ok(counted) => self.counted = Some(counted),
            Err(fault) => {
                self.counted = None;
                self.fault = Some(fault);
            }
        }
        let breaks = self.counts().iter().find(|(part, ..)| *part == Part::Class(Class::WouldBreak)).map(|it| it.2);
        if let Some(breaks) = breaks.filter(|breaks| *breaks > 0) {
            let text = format!("would break: {}.", would_be_errors(breaks));
            let (shows, leaves) = if breaks == 1 { ("shows it", "leaves it") } else { ("shows them", "leaves them") };
            ctx.say(Message::plain(text).offer(Action::NextCount, shows).offer(Action::Accept, leaves));
        }
        if std::mem::take(&mut self.enter_waits) { self.enter(ctx, false) } else { Next::Stay }
    }

    /// Enter: moves to the next line, or applies the selected count.
    fn enter(&mut self, ctx: &mut Ctx<'_>, errors_too: bool) -> Next {
        if self.at + 1 < self.lines.len() {
            self.at += 1;
            return Next::Stay;
        }
        if !self.is_whole() {
            let what = if matches!(self.form.kind, FormKind::Set) { "type the new value" } else { "type what to find" };
            ctx.say(Message::plain(format!("{what} first")));
            return Next::Stay;
        }
        if let Some(fault) = &self.fault {
            ctx.say(Message::error(fault.words.clone()));
            return Next::Stay;
        }
        let is_of_now = ctx.session().is_some_and(|session| session.now().revision() == self.revision);
        if self.is_stale || !is_of_now {
            let is_being_counted = ctx.jobs.has(Task::Count) || ctx.jobs.has(Task::TypingPause);
            if !ctx.jobs.has(Task::Count) {
                self.count(ctx);
            }
            if !is_being_counted {
                // The count was stopped. What it comes to has to be seen before another Enter does it.
                *ctx.message = None;
                return Next::Stay;
            }
            self.enter_waits = true;
            ctx.say(Message::plain("counting first, then it is done.").offer(Action::Interrupt, "stops"));
            return Next::Stay;
        }
        let Some((counted, (part, rows))) = self.counted.as_ref().zip(self.chosen()) else { return Next::Stay };
        let Some(chosen) = counts::chosen(counted, part).filter(|_| rows > 0) else {
            ctx.say(Message::plain("nothing would change"));
            return Next::Stay;
        };
        if part == Part::Class(Class::WouldBreak) && !errors_too {
            self.asks = true;
            let message = Message::warning(format!("{}.", would_be_errors(rows)));
            let writes = if rows == 1 { "writes it" } else { "writes them" };
            ctx.say(message.offer(Action::Confirm, writes).offer(Action::Back, "does not"));
            return Next::Stay;
        }
        if let Some(why) = ctx.session().and_then(Session::why_not_editable) {
            ctx.say(Message::plain(why));
            return Next::Stay;
        }
        let texts: Vec<String> = self.lines.iter().map(|line| line.text().to_owned()).collect();
        let is_fix = matches!(self.form.kind, FormKind::Fix(_));
        self.counted = None;
        ctx.on(|session, env| {
            if !texts.is_empty() {
                session.earlier.retain(|earlier| *earlier != texts);
                session.earlier.push(texts);
            }
            let rows = usize::try_from(rows).unwrap_or(usize::MAX);
            session.carry_out(env, chosen, rows, |rows| match is_fix {
                true => format!("fixed {}, one step.", so_many(rows as u64, "row")),
                false => format!("changed {}, one step.", so_many(rows as u64, "value")),
            })
        });
        Next::Close
    }

    /// The next count that is not 0.
    fn next_part(&self) -> Option<Part> {
        let counts = self.counts();
        let chosen = self.chosen().map(|(part, _)| part);
        let at = counts.iter().position(|(part, ..)| Some(*part) == chosen).unwrap_or(0);
        let mut others = counts.iter().skip(at + 1).chain(counts.iter().take(at));
        others.find(|(.., count)| *count > 0).map(|(part, ..)| *part)
    }

    /// The session's earlier inputs that have as many lines as this form.
    fn earlier<'a>(&self, session: &'a Session) -> Vec<&'a Vec<String>> {
        session.earlier.iter().filter(|texts| texts.len() == self.lines.len()).collect()
    }

    fn recall(&mut self, ctx: &mut Ctx<'_>, action: Action) {
        let Some(session) = ctx.session() else { return };
        let all = self.earlier(session);
        let at = match (self.earlier, action) {
            (None, Action::Earlier) => all.len().checked_sub(1),
            (Some(at), Action::Earlier) => Some(at.saturating_sub(1)),
            (at, _) => at.map(|at| (at + 1).min(all.len().saturating_sub(1))),
        };
        let Some(texts) = at.and_then(|at| all.get(at)) else { return };
        for (line, text) in self.lines.iter_mut().zip(texts.iter()) {
            line.replace(text);
        }
        self.earlier = at;
        self.changed();
        self.count(ctx);
    }

    fn scroll(&mut self, steps: isize) {
        let last = self.rows().len().saturating_sub(1);
        self.top = self.top.saturating_add_signed(steps).min(last);
    }
}

/// `2 values would be errors`
fn would_be_errors(values: u64) -> String {
    if values == 1 {
        "1 value would be an error".to_owned()
    } else {
        format!("{} values would be errors", thousands(values))
    }
}

impl Act for Bulk {
    fn scopes(&self) -> &'static [Scope] {
        match (self.asks, self.lines.is_empty()) {
            (true, _) => &[Scope::Breaks],
            (false, true) => &[Scope::Bulk],
            (false, false) => &[Scope::Bulk, Scope::Input],
        }
    }

    fn input(&mut self) -> Option<&mut LineInput> {
        self.lines.get_mut(self.at).filter(|_| !self.asks)
    }

    fn line(&self) -> Option<&LineInput> {
        self.lines.get(self.at).filter(|_| !self.asks)
    }

    fn can(&self, session: Option<&Session>, action: Action) -> Result<(), Why> {
        match action {
            Action::Earlier | Action::Later if session.is_none_or(|session| self.earlier(session).is_empty()) => {
                Err("there is no earlier one".into())
            }
            Action::NextCount if self.next_part().is_none() => Err("there is no other count".into()),
            Action::Accept if self.has_nothing_to_do() => Err("nothing would change".into()),
            _ => Ok(()),
        }
    }

    fn act(&mut self, ctx: &mut Ctx<'_>, request: &Request) -> Next {
        self.enter_waits = false;
        let page = isize::try_from((ctx.layout().bulk().main.height.saturating_sub(ABOVE) / VALUE).max(1)).unwrap_or(1);
        match request.action {
            Action::Back if self.asks => {
                self.asks = false;
                *ctx.message = None;
            }
            Action::Confirm if self.asks => {
                self.asks = false;
                return self.enter(ctx, true);
            }
            Action::Back => {
                *ctx.message = None;
                return Next::Close;
            }
            Action::Accept => return self.enter(ctx, false),
            Action::NextCount => {
                self.part = self.next_part().or(self.part);
                self.top = 0;
            }
            Action::Earlier | Action::Later => self.recall(ctx, request.action),
            Action::Down if self.lines.len() > 1 => self.at = (self.at + 1).min(self.lines.len() - 1),
            Action::Up if self.lines.len() > 1 => self.at = self.at.saturating_sub(1),
            Action::Down => self.scroll(1),
            Action::Up => self.scroll(-1),
            Action::PageDown => self.scroll(page),
            Action::PageUp => self.scroll(-page),
            _ => {}
        }
        Next::Stay
    }

    fn typed(&mut self, ctx: &mut Ctx<'_>) -> Next {
        self.changed();
        self.earlier = None;
        ctx.end(Task::Count);
        let job = ctx.begin(Task::TypingPause);
        ctx.ask(Effect::After { job, ms: PAUSE });
        Next::Stay
    }

    /// Pasted lines fill the form's lines from the focused one on, if there are exactly as many.
    fn paste(&mut self, ctx: &mut Ctx<'_>, text: &str) -> Next {
        let texts: Vec<&str> = text.lines().collect();
        let is_for_all = texts.len() > 1 && self.at + texts.len() == self.lines.len() && !self.asks;
        let Some(input) = self.input() else {
            ctx.say(Message::plain("a paste does nothing here"));
            return Next::Stay;
        };
        let first = if is_for_all { texts.first().copied().unwrap_or_default() } else { text };
        if let Err(why) = input.paste(first) {
            ctx.say(refused(why, text));
            return Next::Stay;
        }
        if is_for_all {
            for text in texts.iter().skip(1) {
                self.at += 1;
                if let Some(Err(why)) = self.input().map(|input| input.paste(text)) {
                    ctx.say(refused(why, text));
                }
            }
        }
        self.typed(ctx)
    }

    fn hear(&mut self, ctx: &mut Ctx<'_>, msg: Msg) -> Heard {
        match msg {
            Msg::Elapsed(job) if ctx.jobs.finish(Task::TypingPause, job) => {
                self.count(ctx);
                Heard::Taken(Next::Stay)
            }
            Msg::Counting(job, done) if ctx.jobs.awaits(Task::Count, job) => {
                // Threads report in any order.
                self.done = self.done.max(done);
                Heard::Taken(Next::Stay)
            }
            Msg::Counted(job, counted) if ctx.jobs.finish(Task::Count, job) => Heard::Taken(self.take(ctx, counted)),
            msg => Heard::NotMine(msg),
        }
    }

    fn follow(&mut self, ctx: &mut Ctx<'_>, changed: Changed) {
        if changed.rows || changed.keys {
            self.enter_waits = false;
            self.count(ctx);
        }
    }

    fn closed(&mut self, ctx: &mut Ctx<'_>) {
        ctx.end(Task::Count);
        ctx.end(Task::TypingPause);
    }

    fn in_sight(&self) -> InSight {
        InSight::default()
    }
}
