//! The rows of one class, the numbered answers for each, and undo of what was answered or taken.

use super::{Merging, steps};
use crate::app::action::Action;
use crate::app::context::Ctx;
use crate::app::message::Message;
use crate::app::scroll::Scroll;
use crate::app::session::{Session, StepFrom};
use crate::domain::draft::{Change, Edit};
use crate::domain::evidence::Subject;
use crate::domain::format::row_number;
use crate::domain::manifest::{Field, RowId};
use crate::domain::merge::Class;
use crate::domain::row_set::RowSet;

/// Lines that most rows of a list take at most.
const ROW: usize = 4;

#[derive(Debug)]
pub struct List {
    pub class: Class,
    pub rows: Vec<RowId>,
    pub scroll: Scroll,
}

/// A step of the history: an answer, or the taking of a class.
#[derive(Clone, Copy, Debug)]
pub(super) struct Given {
    /// The row of an answer, and whether the export was kept for it before.
    pub row: Option<(RowId, bool)>,
    /// Operations of the draft before it; None if it changed none.
    pub before: Option<usize>,
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

impl Answer {
    pub(super) fn is_of(&self, subject: &Subject) -> bool {
        self.text == subject.name()
    }
}

impl Merging {
    /// The row under the cursor, and the answers whose transcripts are compared: none where no transcript is in question.
    pub fn compared(&self) -> Option<(RowId, Vec<Answer>)> {
        let list = self.list.as_ref().filter(|list| list.class.carries())?;
        let row = *list.rows.get(list.scroll.cursor)?;
        Some((row, self.answers(list.class, row)))
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
    pub(super) fn rows(&self, class: Class, most: usize) -> Vec<RowId> {
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

    /// Lists the rows of the class under the cursor, with the cursor on the first one to decide.
    pub(super) fn list(&mut self, ctx: &mut Ctx<'_>) {
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
    pub(super) fn choose(&mut self, ctx: &mut Ctx<'_>, number: usize) {
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

    pub(super) fn undo(&mut self, ctx: &mut Ctx<'_>) {
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
}

/// Estimated number of visible rows of a list.
pub(super) fn in_sight(ctx: &Ctx<'_>) -> usize {
    (usize::from(ctx.layout().merge_rows().main.height) / ROW).max(1)
}

/// The edit that restores the export's values of a row; None when it has them.
fn put_back(session: &Session, class: Class, row: RowId) -> Option<Edit> {
    let fields: &[Field] =
        if class == Class::Changed { &[Field::IndexId, Field::Language] } else { &[Field::Transcription] };
    let changed = fields.iter().filter(|field| session.now().is_changed(row, **field));
    Edit::together(changed.map(|field| Edit { rows: RowSet::one(row), change: Change::Revert(*field) }).collect())
}
