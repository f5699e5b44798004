//! Merges an edited manifest into a fresh export: the operator takes transcripts by class, or decides row by row.
//! Everything taken is at once an edit of the export.

mod answers;

pub use answers::{Answer, List, Standing};

use answers::{Given, in_sight};

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
use crate::app::options::AppOptions;
use crate::app::scroll::Scroll;
use crate::app::session::online::InSight;
use crate::app::session::{Changed, MergeFrom, Session};
use crate::domain::draft::{Change, Edit};
use crate::domain::evidence::{Subject, SubjectKind};
use crate::domain::format::{counted, thousands};
use crate::domain::manifest::{Field, RowId};
use crate::domain::merge::{Class, Merge};
use crate::domain::printable::printable;
use crate::domain::row_set::RowSet;

/// A table of more bytes is written to a file: few terminals accept so much for the clipboard.
const LONGEST_COPY: usize = 64 * 1024;
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
    /// The export is the wrong file, and the manifest that was open opens again.
    goes_back: bool,
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
            goes_back: false,
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

    /// Sure rows that are not taken.
    pub fn sure_left(&self) -> u64 {
        self.all(|sums| sums.sure_left)
    }

    /// Rows of the export that have taken a transcript.
    pub fn taken(&self) -> u64 {
        self.taken.len() as u64
    }

    pub fn undecided(&self) -> u64 {
        self.all(|sums| sums.undecided)
    }

    /// Whether the merge has nothing to take at all.
    pub fn is_over(&self) -> bool {
        self.merge().is_none_or(|merge| merge.has_nothing_in_common() || merge.is_same())
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
        let left = class.map_or_else(|| self.sure_left(), |class| self.sums_of(class).sure_left);
        let excluded = if class.is_none() { merge.excluded().len() } else { 0 };
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

    /// Whether `A` has something to take: sure rows, or exclusions that nothing came before.
    fn has_sure(&self, merge: &Merge) -> bool {
        self.sure_left() > 0 || (!merge.excluded().is_empty() && self.history.is_empty())
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
        let is_wrong = self.merge().is_some_and(Merge::has_nothing_in_common);
        let is_same_file = ctx.session().is_some_and(|session| session.path == self.from.path);
        if is_wrong && !is_same_file {
            self.goes_back = true;
            let text = format!("{} is open again, nothing was merged", printable(&self.from.name));
            return Next::LoadSaying(self.from.path.clone(), Message::plain(text));
        }
        let (sure, undecided) = (self.sure_left(), self.undecided());
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

/// Adds the rows whose transcript an edit sets, and removes those where it reverts or clears it.
fn take_in(taken: &mut RowSet, edit: &Edit) {
    match &edit.change {
        Change::Set(Field::Transcription, _) | Change::SetEach(Field::Transcription, _) => taken.add(&edit.rows),
        Change::Revert(Field::Transcription) | Change::Clear(Field::Transcription) => taken.subtract(&edit.rows),
        Change::Together(edits) => edits.iter().for_each(|edit| take_in(taken, edit)),
        _ => {}
    }
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
            (Action::TakeAll, Some(merge)) if !self.has_sure(merge) => Err("nothing to take".into()),
            (Action::TakeClass, _) if self.sums_of(self.in_hand()).sure_left == 0 => {
                Err("nothing that is sure is left in this class".into())
            }
            (Action::Accept, Some(_)) if self.list.is_none() && self.is_over() => {
                Err("there is nothing to merge".into())
            }
            _ => Ok(()),
        }
    }

    /// With nothing left to decide, Enter only lists rows.
    fn label(&self, _session: Option<&Session>, _options: &AppOptions, action: Action) -> Option<String> {
        let lists = action == Action::Accept && self.list.is_none() && self.merged.is_some() && self.undecided() == 0;
        lists.then(|| "look".to_owned())
    }

    fn refusal(&self, _session: Option<&Session>, action: Action) -> Option<Message> {
        let is_it = action == Action::TakeAll && self.merge().is_some_and(|merge| !self.has_sure(merge));
        let undecided = Some(self.undecided()).filter(|rows| is_it && *rows > 0 && !self.is_over())?;
        let text = format!("nothing to take: {} to decide.", thousands(undecided));
        Some(Message::plain(text).offer(Action::Accept, "decides"))
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
        if !self.goes_back {
            ctx.ask(Effect::ForgetEarlier);
        }
    }

    fn in_sight(&self) -> InSight {
        let Some((row, answers)) = self.compared() else { return InSight::default() };
        let subject = |answer: &Answer| Subject::of(SubjectKind::Transcript, &answer.text);
        let subjects: Vec<Subject> = answers.iter().filter_map(subject).collect();
        let pair = match (answers.as_slice(), subjects.as_slice()) {
            ([first, second, ..], [one, two, ..]) if first.is_of(one) && second.is_of(two) => {
                Some([one.clone(), two.clone()])
            }
            _ => None,
        };
        InSight { typed: subjects.into_iter().map(|subject| (row, subject)).collect(), rows: false, pair }
    }
}
