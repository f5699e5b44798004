//! The inline editor of one field: checks the text at every keystroke and completes it from the listed S3 keys.

use crate::app::action::Action;
use crate::app::command::{Scope, Why};
use crate::app::compute::{Compute, Rank};
use crate::app::context::{Act, Ctx, Heard, refused};
use crate::app::effect::Effect;
use crate::app::jobs::Task;
use crate::app::line_input::LineInput;
use crate::app::message::Message;
use crate::app::msg::Msg;
use crate::app::next::{Next, Request, Text};
use crate::app::session::online::InSight;
use crate::app::session::{Changed, KeyOffer, Session};
use crate::domain::draft::{Change, Edit};
use crate::domain::evidence::{Subject, SubjectKind};
use crate::domain::format::row_number;
use crate::domain::manifest::{Field, Row, RowId, Value};
use crate::domain::row_set::RowSet;
use crate::domain::rules::{self, Finding, Fix, Severity};
use crate::domain::s3_url;

/// Number of completions shown under the input.
const COMPLETIONS: usize = 3;
/// Debounce before S3 keys are looked up, in milliseconds.
const PAUSE: u64 = 60;

/// The field's value when the editor opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Was {
    Absent,
    Null,
    Text(String),
    /// Raw JSON that is not a string.
    Other(String),
}

#[derive(Debug)]
pub struct Editor {
    pub row: RowId,
    pub field: Field,
    pub input: LineInput,
    pub was: Was,
    /// Findings of the typed text, worst first.
    pub findings: Vec<Finding>,
    /// At most three.
    pub completions: Vec<KeyOffer>,
    pub choice: usize,
    /// How a paste was converted: `shown as s3://, it was an https link`.
    pub note: Option<String>,
}

impl Editor {
    /// Opens the editor on a field of a row.
    ///
    /// # Errors
    /// Why the row, or the pasted text, can't be edited.
    pub fn open(ctx: &mut Ctx<'_>, row: RowId, field: Field, text: &Text) -> Result<Editor, Message> {
        let Some(session) = ctx.session() else { return Err(Message::plain("no manifest is open")) };
        let now = session.now().row(row);
        if !now.is_object {
            return Err(not_an_object(row));
        }
        let value = now.value(field);
        let input = match text {
            Text::AsItIs => LineInput::new(value.text()),
            Text::Empty => LineInput::new(""),
            Text::Chosen(text) => LineInput::new(text),
            Text::Pasted(text) => {
                let mut input = LineInput::new("");
                // One insert, so that it is one undo step.
                input.paste(text).map_err(|why| refused(why, text))?;
                input
            }
        };
        let was = was(value);
        // A signed link contains credentials: it is shown without them.
        let is_recognised = matches!(text, Text::Pasted(_)) || s3_url::carries_secret(input.text());
        let (findings, completions) = (Vec::new(), Vec::new());
        let mut editor = Editor { row, field, input, was, findings, completions, choice: 0, note: None };
        // An empty message line shows what is being edited.
        *ctx.message = None;
        if is_recognised {
            editor.recognise();
        }
        editor.look_up(ctx);
        let size = ctx.size;
        if let Some(session) = ctx.session_mut() {
            session.make_room_for_editor(size, row);
        }
        Ok(editor)
    }

    /// The rest of the selected completion, shown behind the text.
    pub fn ghost(&self) -> Option<&str> {
        let offer = self.completions.get(self.choice)?;
        offer.url.strip_prefix(self.input.text()).filter(|rest| !rest.is_empty())
    }

    /// Whether the typed text breaks a rule that the service enforces.
    pub fn has_error(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }

    /// The fix of the worst finding that has one.
    pub fn fix(&self) -> Option<&str> {
        self.findings.iter().find_map(|finding| match &finding.fix {
            Some(Fix::Set(field, value)) if *field == self.field => Some(value.as_str()),
            _ => None,
        })
    }

    /// Converts other forms of an S3 URL to the `s3://` form that the service accepts.
    fn recognise(&mut self) {
        let text = self.input.text().trim().to_owned();
        if matches!(self.field, Field::Transcription | Field::Object)
            && let Some(url) = s3_url::recognise(&text)
            && url != text
        {
            self.input.replace(&url);
            self.note = Some(format!("rewritten as s3://; it was {}", form_of(&text)));
        } else if text != self.input.text() {
            self.input.replace(&text);
        }
    }

    /// Checks the typed text and starts the debounce for completions.
    fn look_up(&mut self, ctx: &mut Ctx<'_>) {
        let Some(session) = ctx.session() else { return };
        let row = session.now().row(self.row);
        self.findings = check(&row, self.field, self.input.text());
        let no_keys = session.keys.list.is_empty() || self.field != Field::Transcription;
        // Until new completions arrive, keep only those that still match the text.
        let Editor { completions, input, .. } = self;
        completions.retain(|offer| offer.url.contains(input.text()));
        self.choice = 0;
        if !no_keys {
            let job = ctx.begin(Task::TypingPause);
            ctx.ask(Effect::After { job, ms: PAUSE });
        }
    }

    /// The debounce is over: looks up completions for the text.
    fn complete(&self, ctx: &mut Ctx<'_>) {
        let Some(session) = ctx.session() else { return };
        let (list, snapshot, findings) = (session.keys.list.clone(), session.now().clone(), session.findings.clone());
        let object = snapshot.value(self.row, Field::Object).text().to_owned();
        let (query, row, limit) = (self.input.text().to_owned(), self.row, COMPLETIONS);
        let rank = Rank { list, object, query, complete: true, snapshot, findings, row, limit };
        let job = ctx.begin(Task::Complete);
        ctx.ask(Effect::Compute(job, Compute::Rank(rank)));
    }

    /// Keeps the text, moves one row down and returns to the table.
    fn commit(&self, ctx: &mut Ctx<'_>) -> Next {
        let (row, field, text) = (self.row, self.field, self.input.text());
        let unchanged = matches!(&self.was, Was::Text(was) if was == text)
            || (text.is_empty() && matches!(self.was, Was::Absent | Was::Null));
        if unchanged {
            *ctx.message = None;
        } else {
            write(ctx, row, field, text);
        }
        ctx.on(|session, env| {
            session.go_to(env.size, row);
            session.step_rows(env.size, 1);
            Default::default()
        });
        Next::Close
    }
}

impl Act for Editor {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Editor, Scope::Input]
    }

    fn input(&mut self) -> Option<&mut LineInput> {
        Some(&mut self.input)
    }

    fn line(&self) -> Option<&LineInput> {
        Some(&self.input)
    }

    fn can(&self, _session: Option<&Session>, action: Action) -> Result<(), Why> {
        match action {
            Action::TakeFix if self.fix().is_none() => Err("no fix is known for this text".into()),
            Action::ListAgain if self.field != Field::Transcription || !self.input.text().starts_with("s3://") => {
                Err("type s3://BUCKET/ to list what is there".into())
            }
            Action::Complete if self.completions.is_empty() => {
                Err(Why::but("there are no keys to complete from.", Action::ReadSource, "reads a list of keys"))
            }
            _ => Ok(()),
        }
    }

    fn act(&mut self, ctx: &mut Ctx<'_>, request: &Request) -> Next {
        match request.action {
            Action::Accept => return self.commit(ctx),
            Action::Back => {
                *ctx.message = None;
                return Next::Close;
            }
            Action::Down => self.choice = (self.choice + 1).min(self.completions.len().saturating_sub(1)),
            Action::Up => self.choice = self.choice.saturating_sub(1),
            Action::Complete => {
                if let Some(url) = self.completions.get(self.choice).map(|offer| offer.url.clone()) {
                    self.input.replace(&url);
                    self.look_up(ctx);
                }
            }
            Action::ListAgain => {
                let text = self.input.text();
                let folder = text.rsplit_once('/').map_or(text, |(folder, _)| folder);
                let source = if folder.len() > "s3:/".len() { format!("{folder}/") } else { text.to_owned() };
                ctx.on(|session, env| session.read_named(env, &source));
            }
            Action::TakeFix => {
                if let Some(value) = self.fix().map(str::to_owned) {
                    self.input.replace(&value);
                    self.look_up(ctx);
                }
            }
            _ => {}
        }
        Next::Stay
    }

    fn typed(&mut self, ctx: &mut Ctx<'_>) -> Next {
        self.look_up(ctx);
        Next::Stay
    }

    fn paste(&mut self, ctx: &mut Ctx<'_>, text: &str) -> Next {
        match self.input.paste(text) {
            Ok(()) => {
                self.recognise();
                self.look_up(ctx);
            }
            Err(why) => ctx.say(refused(why, text)),
        }
        Next::Stay
    }

    fn hear(&mut self, ctx: &mut Ctx<'_>, msg: Msg) -> Heard {
        match msg {
            Msg::Elapsed(job) if ctx.jobs.finish(Task::TypingPause, job) => self.complete(ctx),
            Msg::Ranked(job, offers, _) if ctx.jobs.finish(Task::Complete, job) => {
                self.completions = offers;
                self.choice = 0;
            }
            msg => return Heard::NotMine(msg),
        }
        Heard::Taken(Next::Stay)
    }

    fn follow(&mut self, ctx: &mut Ctx<'_>, changed: Changed) {
        if changed.keys {
            self.look_up(ctx);
        }
    }

    fn closed(&mut self, ctx: &mut Ctx<'_>) {
        ctx.end(Task::TypingPause);
        ctx.end(Task::Complete);
    }

    fn in_sight(&self) -> InSight {
        // A text with an error is incomplete or names no transcript.
        let asks = self.field == Field::Transcription && !self.has_error();
        let subject = if asks { Subject::of(SubjectKind::Transcript, self.input.text()) } else { None };
        InSight { typed: subject.map(|subject| (self.row, subject)).into_iter().collect(), rows: true, pair: None }
    }
}

fn was(value: &Value<'_>) -> Was {
    match value {
        Value::Absent => Was::Absent,
        Value::Null => Was::Null,
        Value::Text(text) => Was::Text(text.clone().into_owned()),
        Value::Other(raw) => Was::Other((*raw).to_owned()),
    }
}

/// Message on a row that can't be edited.
pub fn not_an_object(row: RowId) -> Message {
    let text = format!("row {} is not a JSON object, so it can't be edited.", row_number(row));
    Message::error(text).offer(Action::Exclude, "leaves it out")
}

fn form_of(text: &str) -> &'static str {
    match text.split_once(':').map_or("", |(scheme, _)| scheme) {
        "arn" => "an ARN",
        "https" | "http" if text.contains("X-Amz-") || text.contains("Signature=") => {
            "a signed link, its secret is dropped"
        }
        "https" | "http" if text.contains("console.aws") => "a console link",
        "https" | "http" => "an https link",
        _ => "another form",
    }
}

/// The findings one field would have with `text` as its value.
fn check(row: &Row<'_>, field: Field, text: &str) -> Vec<Finding> {
    let values = Field::ALL.map(|f| match f == field {
        true => Value::Text(text.into()),
        false => row.value(f).clone(),
    });
    let row = Row::new(true, values, 0);
    let mut hits = Vec::new();
    rules::check_row(&row, &mut hits);
    hits.retain(|hit| hit.field == Some(field));
    hits.iter().map(|hit| rules::explain(&row, hit)).collect()
}

/// Sets one field of one row, or clears it if the text is empty.
pub fn write(ctx: &mut Ctx<'_>, row: RowId, field: Field, text: &str) {
    let change = if text.is_empty() { Change::Clear(field) } else { Change::Set(field, text.to_owned()) };
    let verb = if text.is_empty() { "cleared" } else { "set" };
    ctx.on(|session, env| {
        let done = session.edit(env, Edit { rows: RowSet::one(row), change }, |_| {
            format!("{verb} {} of row {}.", field.word(), row_number(row))
        });
        let is_filled = field == Field::Transcription && !text.is_empty() && done.changed.rows;
        if is_filled { done.then(session.filled_by_hand(env, row)) } else { done }
    });
}
