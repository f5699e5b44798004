//! The editor under a row: one field, checked at every keystroke, completed from the known keys.

use super::picker::Offer;
use super::table::{name, number};
use super::{Screen, close, show, table};
use crate::app::change::change;
use crate::app::effect::{Effect, Rank};
use crate::app::keymap::Action;
use crate::app::line_input::LineInput;
use crate::app::model::{Mark, Model};
use crate::app::msg::JobId;
use crate::app::update::refuse_paste;
use crate::domain::draft::{Change, Edit};
use crate::domain::manifest::{Field, Row, RowId, Value};
use crate::domain::printable::printable;
use crate::domain::row_set::RowSet;
use crate::domain::rules::{self, Finding, Fix, Severity};
use crate::domain::s3_url;

/// Completions shown under the input.
const COMPLETIONS: usize = 3;
/// Typing pauses this long, in milliseconds, before keys are looked up.
const PAUSE: u64 = 60;

/// What stood in the field when the editor opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Was {
    Absent,
    Null,
    Text(String),
    /// No string: the raw JSON.
    Other(String),
}

#[derive(Debug)]
pub struct Editor {
    pub row: RowId,
    pub field: Field,
    pub input: LineInput,
    pub was: Was,
    /// Of the typed text, worst first; empty when it looks right.
    pub findings: Vec<Finding>,
    /// At most three.
    pub completions: Vec<Offer>,
    pub choice: usize,
    /// The pause, or the look-up, that is awaited.
    pub job: Option<JobId>,
    /// What was done to a paste: `shown as s3://, it was an https link`.
    pub note: Option<String>,
}

impl Editor {
    /// What Tab would put behind the cursor.
    pub fn ghost(&self) -> Option<&str> {
        let offer = self.completions.get(self.choice)?;
        offer.url.strip_prefix(self.input.text()).filter(|rest| !rest.is_empty())
    }

    /// The typed text breaks a rule that the service insists on.
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
}

fn was(value: &Value<'_>) -> Was {
    match value {
        Value::Absent => Was::Absent,
        Value::Null => Was::Null,
        Value::Text(text) => Was::Text(text.clone().into_owned()),
        Value::Other(raw) => Was::Other((*raw).to_owned()),
    }
}

/// Opens the editor on the focused field of the row under the cursor; `clear` empties it first.
pub fn open(model: &mut Model, clear: bool) -> Vec<Effect> {
    let Some(session) = model.session() else { return Vec::new() };
    let Some(row) = session.current() else { return Vec::new() };
    open_on(model, row, session.view.focus, clear)
}

pub fn open_on(model: &mut Model, row: RowId, field: Field, clear: bool) -> Vec<Effect> {
    let Some(session) = model.session() else { return Vec::new() };
    let now = session.now().row(row);
    if !now.is_object {
        model.say(Mark::Error, format!("row {} is no object and can't be edited; x leaves it out", number(row)));
        return Vec::new();
    }
    let value = now.value(field);
    let text = if clear { "" } else { value.text() };
    let editor = Editor {
        row,
        field,
        input: LineInput::new(text),
        was: was(value),
        findings: Vec::new(),
        completions: Vec::new(),
        choice: 0,
        job: None,
        note: None,
    };
    // The line says what is being edited, until something happens in the editor.
    model.message = None;
    let signed = s3_url::carries_secret(editor.input.text());
    show(model, Screen::Editor(Box::new(editor)));
    if signed {
        // A signed link is a password: it is not shown, its form without one is.
        return pasted(model);
    }
    typed(model)
}

/// A paste onto a row: its editor opens with the text, nothing is committed.
pub fn open_with_paste(model: &mut Model, text: &str) -> Vec<Effect> {
    let mut probe = LineInput::new("");
    if let Err(why) = probe.paste(text) {
        return refuse_paste(model, why, text);
    }
    let mut effects = open(model, true);
    if let Some(editor) = editor(model) {
        // As one insert: one step of undo.
        let _ = editor.input.paste(text);
        effects.extend(pasted(model));
    }
    effects
}

fn editor(model: &mut Model) -> Option<&mut Editor> {
    model.screens.iter_mut().rev().find_map(|screen| match screen {
        Screen::Editor(editor) => Some(&mut **editor),
        _ => None,
    })
}

/// Something was pasted: a form of an S3 URL that the service doesn't take is shown as the one it takes.
pub fn pasted(model: &mut Model) -> Vec<Effect> {
    if let Some(editor) = editor(model) {
        let text = editor.input.text().trim().to_owned();
        if matches!(editor.field, Field::Transcription | Field::Object)
            && let Some(url) = s3_url::recognise(&text)
            && url != text
        {
            editor.input.replace(&url);
            editor.note = Some(format!("shown as s3://, it was {}", form_of(&text)));
        } else if text != editor.input.text() {
            editor.input.replace(&text);
        }
    }
    typed(model)
}

fn form_of(text: &str) -> &'static str {
    match text.split_once(':').map_or("", |(scheme, _)| scheme) {
        "arn" => "an ARN",
        "https" | "http" if text.contains("X-Amz-") || text.contains("Signature=") => {
            "a signed link; its secret was dropped"
        }
        "https" | "http" if text.contains("console.aws") => "a console link",
        "https" | "http" => "an https link",
        _ => "another form",
    }
}

/// Checks the typed text, and asks for completions when typing pauses.
pub fn typed(model: &mut Model) -> Vec<Effect> {
    let job = model.new_job();
    let Some(session) = model.session() else { return Vec::new() };
    let Some(Screen::Editor(editor)) = model.screens.last() else { return Vec::new() };
    let text = editor.input.text();
    let row = session.now().row(editor.row);
    let findings = check(&row, editor.field, text);
    let no_keys = session.keys.list.is_empty() || editor.field != Field::Transcription;
    let Some(Screen::Editor(editor)) = model.screens.last_mut() else { return Vec::new() };
    editor.findings = findings;
    // Until new ones are there, only those that still continue the text can be taken.
    let Editor { completions, input, .. } = &mut **editor;
    completions.retain(|offer| offer.url.starts_with(input.text()));
    editor.choice = 0;
    if no_keys {
        return Vec::new();
    }
    editor.job = Some(job);
    vec![Effect::After { job, ms: PAUSE }]
}

/// The findings of one field, were it to hold `text`.
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

/// Typing paused: look up completions for what stands there now.
pub fn elapsed(model: &mut Model, job: JobId) -> Vec<Effect> {
    let next = model.new_job();
    let Some(session) = model.session() else { return Vec::new() };
    let (list, snapshot, findings) = (session.keys.list.clone(), session.now().clone(), session.findings.clone());
    let Some(editor) = editor(model) else { return Vec::new() };
    if editor.job.take_if(|waiting| *waiting == job).is_none() {
        return Vec::new();
    }
    editor.job = Some(next);
    let object = snapshot.value(editor.row, Field::Object).text().to_owned();
    let (query, row) = (editor.input.text().to_owned(), editor.row);
    let limit = COMPLETIONS;
    vec![Effect::Rank(Rank { job: next, list, object, query, complete: true, snapshot, findings, row, limit })]
}

/// The looked-up completions, if they are still awaited.
pub fn completed(model: &mut Model, job: JobId, offers: Vec<Offer>) {
    if let Some(editor) = editor(model)
        && editor.job.take_if(|waiting| *waiting == job).is_some()
    {
        editor.completions = offers;
        editor.choice = 0;
    }
}

pub fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(editor) = editor(model) else { return Vec::new() };
    match action {
        Action::Accept => return commit(model),
        Action::Back => {
            close(model);
            model.message = None;
        }
        Action::Down => editor.choice = (editor.choice + 1).min(editor.completions.len().saturating_sub(1)),
        Action::Up => editor.choice = editor.choice.saturating_sub(1),
        Action::Complete => {
            if let Some(url) = editor.completions.get(editor.choice).map(|offer| offer.url.clone()) {
                editor.input.replace(&url);
                return typed(model);
            }
        }
        Action::TakeFix => {
            if let Some(value) = editor.fix().map(str::to_owned) {
                editor.input.replace(&value);
                return typed(model);
            }
        }
        _ => {}
    }
    Vec::new()
}

/// Enter: keeps the text, moves one row down and returns to the table.
fn commit(model: &mut Model) -> Vec<Effect> {
    let Some(editor) = editor(model) else { return Vec::new() };
    let (row, field, text) = (editor.row, editor.field, editor.input.text().to_owned());
    let unchanged = matches!(&editor.was, Was::Text(was) if *was == text)
        || (text.is_empty() && matches!(editor.was, Was::Absent | Was::Null));
    close(model);
    let effects = if unchanged {
        model.message = None;
        Vec::new()
    } else {
        write(model, row, field, &text)
    };
    table::go_to(model, row);
    table::act(model, Action::Down, None);
    effects
}

/// Puts a text into one field of one row.
pub fn write(model: &mut Model, row: RowId, field: Field, text: &str) -> Vec<Effect> {
    let change_to = if text.is_empty() { Change::Clear(field) } else { Change::Set(field, text.to_owned()) };
    let verb = if text.is_empty() { "cleared" } else { "set" };
    change(model, Edit { rows: RowSet::one(row), change: change_to }, |_| {
        format!("{verb} {} of row {}.  u undo", name(field), number(row))
    })
}

/// `:edit`: hands the focused value to $EDITOR.
pub fn hand_over(model: &mut Model) -> Vec<Effect> {
    let job = model.new_job();
    let Some(session) = model.session_mut() else { return Vec::new() };
    let Some(row) = session.current() else { return Vec::new() };
    let text = session.now().value(row, session.view.focus).text().to_owned();
    // A signed link is a password: not even its own file gets it.
    let text = if s3_url::carries_secret(&text) { s3_url::recognise(&text).unwrap_or_default() } else { text };
    session.handed_over = Some((job, row, session.view.focus));
    vec![Effect::EditText { job, text }]
}

/// What $EDITOR saved, or a file that was edited at its fault.
pub fn came_back(model: &mut Model, job: JobId, text: Result<String, String>) -> Vec<Effect> {
    let handed = model.session_mut().and_then(|session| session.handed_over.take_if(|(waiting, ..)| *waiting == job));
    match (handed, text) {
        (_, Err(fault)) => {
            model.say(Mark::Error, printable(&fault).into_owned());
            Vec::new()
        }
        (Some((_, row, field)), Ok(text)) => {
            let text = text.trim_end_matches(['\r', '\n']);
            let mut probe = LineInput::new("");
            match probe.paste(text) {
                Err(why) => refuse_paste(model, why, text),
                Ok(()) => write(model, row, field, text),
            }
        }
        (None, Ok(_)) if matches!(model.stage, crate::app::model::Stage::Unreadable(_)) => {
            super::open::read_again(model)
        }
        (None, Ok(_)) => Vec::new(),
    }
}
