//! Merges an edited manifest into a fresh export: the operator takes transcripts by class, or decides row by row.
//! Everything taken is at once an edit of the export.

use crate::app::action::Action;
use crate::app::command::{Scope, Why};
use crate::app::compute::Compute;
use crate::app::context::{Act, Ctx, Heard};
use crate::app::count::{Chosen, Merged};
use crate::app::effect::Effect;
use crate::app::jobs::Task;
use crate::app::message::Message;
use crate::app::msg::{Moment, Msg};
use crate::app::next::{Next, Request, Target};
use crate::app::scroll::Scroll;
use crate::app::session::online::InSight;
use crate::app::session::{Changed, MergeFrom, Session, StepFrom};
use crate::domain::draft::{Change, Edit};
use crate::domain::format::{counted, row_number, thousands};
use crate::domain::manifest::{Field, RowId};
use crate::domain::merge::{Class, Merge};
use crate::domain::row_set::RowSet;

/// A table of more bytes is written to a file: few terminals accept so much for the clipboard.
const LONGEST_COPY: usize = 64 * 1024;
/// Lines that most rows of a list take at most.
const ROW: usize = 4;
/// Number of rows shown of a class that is not listed.
const SAMPLES: usize = 64;

#[derive(Debug)]
pub struct Merging {
    pub from: MergeFrom,
    /// None while the files are being compared.
    pub merged: Option<Merged>,
    /// Rows compared so far, and when the comparison started.
    pub done: u32,
    pub since: Moment,
    /// Over the classes.
    pub scroll: Scroll,
    pub sums: [Sums; Class::ALL.len()],
    /// The first rows of each class, those to decide first.
    pub samples: [Vec<RowId>; Class::ALL.len()],
    /// The list of the rows of a class, while it is open.
    pub list: Option<List>,
    /// Rows of the export that have taken a transcript.
    taken: RowSet,
    /// Rows decided in favour of the export: they stay unchanged.
    kept: RowSet,
    /// What was answered or taken, in order, for undo.
    history: Vec<Given>,
    /// Asking whether to leave with rows that are not taken or decided.
    asks: bool,
}

#[derive(Debug)]
pub struct List {
    pub class: Class,
    pub rows: Vec<RowId>,
    pub scroll: Scroll,
}

/// A step of the history: an answer, or the taking of a class.
#[derive(Clone, Copy, Debug)]
struct Given {
    /// The row of an answer, and whether the export was kept for it before.
    row: Option<(RowId, bool)>,
    /// Operations of the draft before it; None if it changed none.
    before: Option<usize>,
}

/// Numbers of rows in a class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    pub rows: u64,
    pub sure: u64,
    pub to_decide: u64,
    /// Sure rows that are not taken.
    pub sure_left: u64,
    pub undecided: u64,
}

/// One of the numbered answers for a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// `yours`, `export`
    pub word: &'static str,
    pub text: String,
    /// None keeps the row as it is.
    edit: Option<Edit>,
}

/// State of a row in the merge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Sure,
    ToDecide,
    Taken,
    /// Decided in favour of the export.
    Kept,
    Nothing,
}

impl Merging {
    /// # Errors
    /// No manifest to merge was opened.
    pub fn open(ctx: &mut Ctx<'_>) -> Result<Merging, Message> {
        let from = ctx.session_mut().and_then(|session| session.merge_from.take());
        let from = from.ok_or_else(|| Message::plain("no export was read to merge with"))?;
        let mut merging = Merging {
            from: *from,
            merged: None,
            done: 0,
            since: ctx.now,
            scroll: Scroll::default(),
            sums: Default::default(),
            samples: Default::default(),
            list: None,
            taken: RowSet::new(),
            kept: RowSet::new(),
            history: Vec::new(),
            asks: false,
        };
        *ctx.message = None;
        merging.compare(ctx);
        Ok(merging)
    }

    fn compare(&mut self, ctx: &mut Ctx<'_>) {
        let Some(new) = ctx.session().map(|session| session.now().clone()) else { return };
        (self.done, self.since) = (0, ctx.now);
        let job = ctx.begin(Task::Merge);
        ctx.ask(Effect::Compute(job, Compute::Merge { old: self.from.old.clone(), new }));
    }

    pub fn merge(&self) -> Option<&Merge> {
        self.merged.as_ref().map(|merged| &*merged.merge)
    }

    /// The class that is listed, else the one under the cursor.
    fn in_hand(&self) -> Class {
        self.list.as_ref().map_or(self.class(), |list| list.class)
    }

    /// The class under the cursor.
    pub fn class(&self) -> Class {
        Class::ALL.get(self.scroll.cursor).copied().unwrap_or(Class::SameRow)
    }

    pub fn sums_of(&self, class: Class) -> Sums {
        self.sums.get(class as usize).copied().unwrap_or_default()
    }

    fn all(&self, of: impl Fn(&Sums) -> u64) -> u64 {
        self.sums.iter().map(of).sum()
    }

    pub fn undecided(&self) -> u64 {
        self.all(|sums| sums.undecided)
    }

    /// Whether the merge has nothing to take at all.
    pub fn is_over(&self) -> bool {
        self.merge().is_none_or(|merge| merge.has_nothing_in_common() || merge.is_same())
    }

    pub fn standing(&self, class: Class, row: RowId) -> Standing {
        let Some(merge) = self.merge().filter(|_| class.carries()) else { return Standing::Nothing };
        match () {
            () if self.taken.contains(row) => Standing::Taken,
            () if self.kept.contains(row) => Standing::Kept,
            () if merge.question(row).is_some() => Standing::ToDecide,
            () => Standing::Sure,
        }
    }

    /// Up to `most` rows of a class, those to decide first.
    fn rows(&self, class: Class, most: usize) -> Vec<RowId> {
        let Some(merge) = self.merge() else { return Vec::new() };
        if !class.carries() {
            return merge.rows(class).iter().take(most).collect();
        }
        let (to_decide, sure) = (merge.to_decide(class), merge.sure(class));
        to_decide.iter().chain(sure.iter()).take(most).collect()
    }

    /// The numbered answers for the row under the cursor; none where a number answers nothing.
    pub fn answers_in_hand(&self) -> Vec<Answer> {
        let list = self.list.as_ref().filter(|_| !self.asks);
        let row = list.and_then(|list| Some((list.class, *list.rows.get(list.scroll.cursor)?)));
        row.map(|(class, row)| self.answers(class, row)).unwrap_or_default()
    }

    /// The answers for a row, in the order of their numbers.
    pub fn answers(&self, class: Class, row: RowId) -> Vec<Answer> {
        let Some(merge) = self.merge() else { return Vec::new() };
        let mut answers = Vec::new();
        if class == Class::Changed {
            let of = |text: fn(&(Field, String, String)) -> &String| {
                let changes = merge.changes(row);
                changes.iter().map(|it| format!("{} {}", it.0.word(), text(it))).collect::<Vec<_>>().join(", ")
            };
            answers.push(Answer { word: "yours", text: of(|it| &it.1), edit: merge.put_back(row) });
            answers.push(Answer { word: "export", text: of(|it| &it.2), edit: None });
            return answers;
        }
        if !class.carries() {
            return answers;
        }
        let yours = |(old, text): (RowId, String)| Answer { word: "yours", text, edit: Some(merge.choose(row, old)) };
        match (merge.question(row), merge.old_row(row)) {
            (Some(question), _) => {
                answers.extend(question.yours.into_iter().map(yours));
                answers.push(Answer { word: "export", text: question.export.unwrap_or_default(), edit: None });
            }
            (None, Some(old)) => {
                let text = merge.old().value(old, Field::Transcription).text().to_owned();
                answers.push(yours((old, text)));
                answers.push(Answer { word: "export", text: String::new(), edit: None });
            }
            (None, None) => {}
        }
        answers
    }

    /// Updates the numbers of rows from the draft.
    fn count(&mut self, session: Option<&Session>) {
        let Some(session) = session else { return };
        self.taken = RowSet::new();
        session.draft.operations().iter().for_each(|edit| take_in(&mut self.taken, edit));
        let Some(merge) = self.merged.as_ref().map(|merged| merged.merge.clone()) else { return };
        let answered = self.taken.union(&self.kept);
        for (class, sums) in Class::ALL.into_iter().zip(&mut self.sums) {
            let (sure, to_decide) = (merge.sure(class), merge.to_decide(class));
            *sums = Sums {
                rows: merge.rows(class).len() as u64,
                sure: sure.len() as u64,
                to_decide: to_decide.len() as u64,
                sure_left: sure.difference(&answered).len() as u64,
                undecided: to_decide.difference(&answered).len() as u64,
            };
        }
    }

    fn take(&mut self, ctx: &mut Ctx<'_>, merged: Merged) {
        self.merged = Some(merged);
        self.count(ctx.session());
        self.samples = Class::ALL.map(|class| self.rows(class, SAMPLES));
        let first = Class::ALL.iter().position(|class| self.sums_of(*class).rows > 0).unwrap_or(0);
        self.scroll.cursor = first;
        let gone = self.merge().map_or(0, Merge::gone_transcripts);
        if self.is_over() {
            return;
        }
        let message = match gone {
            0 => return,
            1 => Message::plain("1 transcript belongs to a row that is gone.").offer(Action::CopyGone, "copies it"),
            n => {
                let text = format!("{} transcripts belong to rows that are gone.", thousands(n));
                Message::plain(text).offer(Action::CopyGone, "copies them")
            }
        };
        ctx.say(message);
    }

    /// Takes the sure rows of a class, or those of all classes with the exclusions.
    fn take_sure(&mut self, ctx: &mut Ctx<'_>, class: Option<Class>) {
        let Some(merge) = self.merged.as_ref().map(|merged| merged.merge.clone()) else { return };
        let left = class.map_or_else(|| self.all(|sums| sums.sure_left), |class| self.sums_of(class).sure_left);
        let excluded = if class.is_none() { merge.excluded().len() } else { 0 };
        if left == 0 && (excluded == 0 || !self.history.is_empty()) {
            let text = match self.undecided() {
                0 => "nothing to take.".to_owned(),
                n => format!("nothing to take: {} to decide.", thousands(n)),
            };
            ctx.say(Message::plain(text).offer(Action::Accept, "decides"));
            return;
        }
        if let Some(why) = ctx.session().and_then(Session::why_not_editable) {
            ctx.say(Message::plain(why));
            return;
        }
        let besides = match excluded {
            0 => String::new(),
            n => format!(", {} carried over", counted(n as u64, "exclusion")),
        };
        let rows = usize::try_from(left).unwrap_or(usize::MAX).saturating_add(excluded);
        self.history.push(Given { row: None, before: Some(steps(ctx)) });
        ctx.on(|session, env| {
            session.carry_out(env, Chosen::Merge(merge, class), rows, |_| {
                format!("took {}{besides}, one step.", counted(left, "row"))
            })
        });
        if let Some(at) = Class::ALL.iter().position(|class| self.sums_of(*class).undecided > 0) {
            self.scroll.cursor = at;
        }
    }

    /// Lists the rows of the class under the cursor, with the cursor on the first one to decide.
    fn list(&mut self, ctx: &mut Ctx<'_>) {
        let class = self.class();
        let rows = self.rows(class, usize::MAX);
        if rows.is_empty() {
            ctx.say(Message::plain(format!("no row is {}", class.word())));
            return;
        }
        *ctx.message = None;
        self.list = Some(List { class, rows, scroll: Scroll::default() });
        self.next_question(ctx, 0);
    }

    fn next_question(&mut self, ctx: &Ctx<'_>, from: usize) {
        let Some(list) = &self.list else { return };
        let is_open =
            |at: &usize| list.rows.get(*at).is_some_and(|row| self.standing(list.class, *row) == Standing::ToDecide);
        let len = list.rows.len();
        let to = (from..len).chain(0..from).find(is_open).unwrap_or_else(|| from.min(len.saturating_sub(1)));
        let height = in_sight(ctx);
        if let Some(list) = &mut self.list {
            list.scroll.to(to, len, height);
        }
    }

    /// Gives a numbered answer to the selected row.
    fn choose(&mut self, ctx: &mut Ctx<'_>, number: usize) {
        let Some(list) = &self.list else {
            ctx.say(Message::plain("choose a row first.").offer(Action::Accept, "lists them"));
            return;
        };
        let (class, at) = (list.class, list.scroll.cursor);
        let Some(row) = list.rows.get(at).copied() else { return };
        let answers = self.answers(class, row);
        let Some(answer) = number.checked_sub(1).and_then(|at| answers.get(at)).cloned() else {
            let text = match answers.len() {
                0 => "there is nothing to choose in this row".to_owned(),
                n => format!("there are {n} answers"),
            };
            ctx.say(Message::plain(text));
            return;
        };
        if let Some(why) = ctx.session().and_then(Session::why_not_editable) {
            ctx.say(Message::plain(why));
            return;
        }
        let number = row_number(row);
        let back = ctx.session().and_then(|session| put_back(session, class, row));
        let (edit, said, keeps) = match answer.edit {
            Some(edit) => (Some(edit), format!("row {number} took yours."), false),
            None if back.is_some() => (back, format!("row {number} is the export's again."), true),
            None => (None, format!("row {number} stays as the export has it."), true),
        };
        let before = steps(ctx);
        match edit {
            Some(edit) => ctx.on(|session, env| session.edit(env, edit, |_| said.clone())),
            None => ctx.say(Message::fine(said).offer(Action::Undo, "undo")),
        }
        let (before, was_kept) = ((steps(ctx) > before).then_some(before), self.kept.contains(row));
        if before.is_some() || was_kept != keeps {
            self.history.push(Given { row: Some((row, was_kept)), before });
        }
        self.keep(row, keeps);
        self.count(ctx.session());
        self.next_question(ctx, at + 1);
    }

    fn undo(&mut self, ctx: &mut Ctx<'_>) {
        let Some(given) = self.history.last().copied() else {
            ctx.say(Message::plain("nothing was taken yet"));
            return;
        };
        if let Some(before) = given.before {
            if let Some(why) = ctx.session().and_then(Session::why_not_editable) {
                ctx.say(Message::plain(why));
                return;
            }
            match ctx.session().map(|session| session.step_from(before)) {
                Some(StepFrom::Last) => ctx.on(|session, env| session.undo(env)),
                Some(StepFrom::NotLast) => {
                    ctx.say(Message::plain("other rows were changed since; undo those in the table first"));
                    return;
                }
                Some(StepFrom::Gone) | None => ctx.say(Message::plain("that was not applied, or is undone already")),
            }
        }
        self.history.pop();
        if let Some((row, was_kept)) = given.row {
            self.keep(row, was_kept);
            if given.before.is_none() {
                ctx.say(Message::plain(format!("row {} is to decide again", row_number(row))));
            }
        }
        self.count(ctx.session());
    }

    /// Records whether a row is decided in favour of the export.
    fn keep(&mut self, row: RowId, keeps: bool) {
        if keeps { self.kept.insert(row) } else { self.kept.remove(row) }
    }

    fn copy_gone(&self, ctx: &mut Ctx<'_>) {
        let Some(merge) = self.merge() else { return };
        let table = merge.gone_table();
        let rows = merge.gone_transcripts();
        if table.len() > LONGEST_COPY {
            let Some(path) = ctx.session().map(|session| session.path.with_extension("gone.tsv")) else { return };
            let job = ctx.begin(Task::WriteFile);
            ctx.ask(Effect::WriteFile { job, path, bytes: table.into_bytes() });
            return;
        }
        ctx.say(Message::handed(&format!("{} as a table", counted(rows, "gone transcript"))));
        ctx.ask(Effect::Copy(table));
    }

    /// Leaves the merge, after asking (unless `is_said`) if rows are not taken or decided.
    fn leave(&mut self, ctx: &mut Ctx<'_>, is_said: bool) -> Next {
        let (sure, undecided) = (self.all(|sums| sums.sure_left), self.undecided());
        if !is_said && !self.is_over() && sure + undecided > 0 {
            self.asks = true;
            let left = match (sure, undecided) {
                (0, n) => format!("{} to decide", thousands(n)),
                (n, 0) => format!("{} not taken", thousands(n)),
                (n, undecided) => format!("{} not taken and {} to decide", thousands(n), thousands(undecided)),
            };
            let (stay, have) = if sure + undecided == 1 { ("stays", "it") } else { ("stay", "them") };
            let message = Message::warning(format!("{left} {stay} as the export has {have}."));
            ctx.say(message.offer(Action::Confirm, "leaves").offer(Action::Back, "stays"));
            return Next::Stay;
        }
        if is_said {
            *ctx.message = None;
        }
        Next::Close
    }
}

/// Operations of the draft.
fn steps(ctx: &Ctx<'_>) -> usize {
    ctx.session().map_or(0, |session| session.draft.operations().len())
}

/// Estimated number of visible rows of a list.
fn in_sight(ctx: &Ctx<'_>) -> usize {
    (usize::from(ctx.layout().body.height) / ROW).max(1)
}

/// Adds the rows whose transcript an edit sets, and removes those where it reverts or clears it.
fn take_in(taken: &mut RowSet, edit: &Edit) {
    match &edit.change {
        Change::Set(Field::Transcription, _) | Change::SetEach(Field::Transcription, _) => taken.add(&edit.rows),
        Change::Revert(Field::Transcription) | Change::Clear(Field::Transcription) => taken.subtract(&edit.rows),
        Change::Together(edits) => edits.iter().for_each(|edit| take_in(taken, edit)),
        _ => {}
    }
}

/// The edit that restores the export's values of a row; None when it has them.
fn put_back(session: &Session, class: Class, row: RowId) -> Option<Edit> {
    let fields: &[Field] =
        if class == Class::Changed { &[Field::IndexId, Field::Language] } else { &[Field::Transcription] };
    let changed = fields.iter().filter(|field| session.now().is_changed(row, **field));
    Edit::together(changed.map(|field| Edit { rows: RowSet::one(row), change: Change::Revert(*field) }).collect())
}

impl Act for Merging {
    fn scopes(&self) -> &'static [Scope] {
        match (self.asks, &self.list) {
            (true, _) => &[Scope::LeaveMerge],
            (false, Some(_)) => &[Scope::MergeRows, Scope::Global],
            (false, None) => &[Scope::Merge, Scope::Global],
        }
    }

    fn numbers(&self, _session: Option<&Session>) -> bool {
        self.list.is_some() && !self.asks
    }

    fn number(&mut self, ctx: &mut Ctx<'_>, number: usize) -> Next {
        self.choose(ctx, number);
        Next::Stay
    }

    fn can(&self, _session: Option<&Session>, action: Action) -> Result<(), Why> {
        let is_of_merge = matches!(action, Action::TakeAll | Action::TakeClass | Action::CopyGone | Action::Pair);
        match (action, self.merge()) {
            (Action::Accept, None) => Ok(()),
            (Action::Undo, _) if self.history.is_empty() => Err("nothing was taken yet".into()),
            (_, None) if is_of_merge => Err("the files are still being compared".into()),
            (_, Some(_)) if is_of_merge && self.is_over() => Err("there is nothing to merge".into()),
            (Action::Pair, Some(_)) if self.sums_of(Class::New).rows == 0 => Err("no row is new".into()),
            (Action::CopyGone, Some(merge)) if merge.gone_transcripts() == 0 => {
                Err("no row that is gone had a transcript".into())
            }
            (Action::TakeClass, _) if self.sums_of(self.in_hand()).sure_left == 0 => {
                Err("nothing that is sure is left in this class".into())
            }
            (Action::Accept, Some(_)) if self.list.is_none() && self.is_over() => {
                Err("there is nothing to merge".into())
            }
            _ => Ok(()),
        }
    }

    fn act(&mut self, ctx: &mut Ctx<'_>, request: &Request) -> Next {
        match request.action {
            Action::Back if self.asks => {
                self.asks = false;
                *ctx.message = None;
            }
            Action::Confirm if self.asks => return self.leave(ctx, true),
            Action::Back if self.list.is_some() => self.list = None,
            Action::Back => return self.leave(ctx, false),
            Action::Accept if self.merged.is_none() => {
                if !ctx.jobs.has(Task::Merge) {
                    self.compare(ctx);
                }
            }
            Action::Accept if self.list.is_none() => self.list(ctx),
            Action::TakeAll => self.take_sure(ctx, None),
            Action::TakeClass => {
                let class = self.in_hand();
                self.take_sure(ctx, Some(class));
            }
            Action::Undo => self.undo(ctx),
            Action::CopyGone => self.copy_gone(ctx),
            Action::Pair => {
                // Pairing is for the selected rows.
                let new: RowSet = self.rows(Class::New, usize::MAX).into_iter().collect();
                ctx.on(|session, _| session.select_only(new));
                return Next::Open(Target::Pair);
            }
            action => {
                let height = in_sight(ctx);
                match &mut self.list {
                    Some(list) => list.scroll.act(action, request.count, list.rows.len(), height),
                    None => self.scroll.act(action, request.count, Class::ALL.len(), Class::ALL.len()),
                }
            }
        }
        Next::Stay
    }

    fn follow(&mut self, ctx: &mut Ctx<'_>, changed: Changed) {
        if changed.rows {
            self.count(ctx.session());
        }
    }

    fn hear(&mut self, ctx: &mut Ctx<'_>, msg: Msg) -> Heard {
        match msg {
            Msg::Merging(job, done) if ctx.jobs.awaits(Task::Merge, job) => {
                self.done = self.done.max(done);
                Heard::Taken(Next::Stay)
            }
            Msg::Merged(job, merged) if ctx.jobs.finish(Task::Merge, job) => {
                self.take(ctx, merged);
                Heard::Taken(Next::Stay)
            }
            msg => Heard::NotMine(msg),
        }
    }

    /// The operator took or left the earlier edits: drops their journal.
    fn closed(&mut self, ctx: &mut Ctx<'_>) {
        ctx.end(Task::Merge);
        ctx.ask(Effect::ForgetEarlier);
    }

    fn in_sight(&self) -> InSight {
        InSight::default()
    }
}
