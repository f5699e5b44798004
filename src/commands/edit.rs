//! `cuecard set`, `clear` and `replace`: bulk edits for scripts, with the table's engine.

use super::arguments::Format;
use super::check::{row_range, rows_are_there};
use super::document::{Input, Output};
use super::report::{Rows, report};
use super::{Context, Failure, say};
use crate::domain::bulk::{Action, Class, Condition, Pattern, Plan, plan, rows_where};
use crate::domain::draft::{Draft, Snapshot};
use crate::domain::findings::Findings;
use crate::domain::format::{counted, thousands};
use crate::domain::manifest::{self, Field};
use crate::domain::printable::printable;
use crate::domain::row_set::RowSet;
use crate::domain::s3_url::without_secret;
use serde::Serialize;
use std::io::{self, Write};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use unicode_width::UnicodeWidthStr;

#[derive(Clone, Debug, clap::Args)]
pub struct Set {
    /// The manifest to change; - is standard input
    pub manifest: PathBuf,
    /// index_id, language, object or transcription
    #[arg(value_parser = field)]
    pub field: Field,
    /// The new value; parts in braces are filled in for each row, as in s3://bucket/{folder}/{stem}.{lang}.vtt ({{ is a
    /// brace)
    pub value: String,
    #[command(flatten)]
    pub which: Which,
}

#[derive(Clone, Debug, clap::Args)]
pub struct Clear {
    /// The manifest to change; - is standard input
    pub manifest: PathBuf,
    /// index_id, language, object or transcription
    #[arg(value_parser = field)]
    pub field: Field,
    #[command(flatten)]
    pub which: Which,
}

#[derive(Clone, Debug, clap::Args)]
pub struct Replace {
    /// The manifest to change; - is standard input
    pub manifest: PathBuf,
    /// index_id, language, object or transcription
    #[arg(value_parser = field)]
    pub field: Field,
    /// The regular expression to search for, in the syntax of Rust's regex
    #[arg(value_name = "PATTERN")]
    pub find: String,
    /// The replacement for every match: $1 and ${name} are groups, $$ is a dollar sign
    #[arg(value_name = "WITH")]
    pub with: String,
    #[command(flatten)]
    pub which: Which,
}

/// Which rows to change, and where to write the result.
#[derive(Clone, Debug, clap::Args)]
pub struct Which {
    /// Only these rows, counted from 1, both included
    #[arg(long, value_name = "A..B", value_parser = row_range)]
    pub rows: Option<(u32, u32)>,
    /// Only rows that meet this condition: missing, error, warning, FIELD=VALUE, FIELD!=VALUE, FIELD~PATTERN or
    /// FIELD!~PATTERN; repeat it to combine conditions
    #[arg(long = "where", value_name = "CONDITION", value_parser = Condition::parse)]
    pub conditions: Vec<Condition>,
    /// Also write values that are errors
    #[arg(long)]
    pub allow_errors: bool,
    /// List the changes without writing them
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub output: Output,
    /// Output format of the counts
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

fn field(name: &str) -> Result<Field, String> {
    Field::named(name).ok_or_else(|| "there are index_id, language, object and transcription".to_owned())
}

/// # Errors
/// [`Failure`] with exit code 2 if something can't be read or written.
pub fn set(arguments: &Set, context: &Context) -> Result<u8, Failure> {
    let action = Action::typed(arguments.field, &arguments.value).map_err(|fault| {
        point(&arguments.value, &fault.span);
        Failure::usage(fault.to_string())
    })?;
    run(&arguments.manifest, action, &arguments.which, context)
}

/// # Errors
/// As [`set`].
pub fn clear(arguments: &Clear, context: &Context) -> Result<u8, Failure> {
    run(&arguments.manifest, Action::Clear(arguments.field), &arguments.which, context)
}

/// # Errors
/// As [`set`], and for a wrong pattern, with its position.
pub fn replace(arguments: &Replace, context: &Context) -> Result<u8, Failure> {
    let Replace { find, with, .. } = arguments;
    let pattern = Pattern::new(find, with).map_err(|fault| {
        let line = match fault.part {
            crate::domain::bulk::Part::Find => find,
            crate::domain::bulk::Part::With => with,
        };
        point(line, &fault.span);
        Failure::usage(fault.to_string())
    })?;
    run(&arguments.manifest, Action::Replace(arguments.field, pattern), &arguments.which, context)
}

/// Prints a line with carets under a part of it.
fn point(line: &str, span: &Range<usize>) {
    let shown = |range: Range<usize>| printable(line.get(range).unwrap_or_default()).into_owned();
    let before = " ".repeat(shown(0..span.start).width());
    say(&format!("  {line}"));
    say(&format!("  {before}{}", "^".repeat(shown(span.clone()).width().max(1))));
}

fn run(manifest: &std::path::Path, action: Action, which: &Which, context: &Context) -> Result<u8, Failure> {
    which.output.must_be_given_for(manifest)?;
    let input = Input::read(manifest)?;
    let mut draft = Draft::new(Arc::clone(&input.manifest));
    let rows = rows(draft.now(), which)?;
    let plan = plan(action, draft.now(), &rows, None, |_| true).ok_or_else(stopped)?;

    let classes: &[Class] = if which.allow_errors { &[Class::Changes, Class::WouldBreak] } else { &[Class::Changes] };
    let before = draft.now().clone();
    let changed = plan.edit(&before, classes, |_| true).map_or(0, |edit| draft.apply(edit).len());
    // With an output path the result is written even if nothing changed.
    let is_written = !which.dry_run && (changed > 0 || which.output.output.is_some());
    let written = is_written.then(|| which.output.write(context, &[&input], draft.now())).transpose()?;

    let said = Report {
        input: &input,
        snapshot: &before,
        plan: &plan,
        rows: rows.len() as u64,
        which,
        written: written.as_deref(),
    };
    report(which.output.is_stdout(), |out| match which.format {
        Format::Text => said.text(out),
        Format::Json => said.json(out),
    })?;
    said.narrate(changed as u64);
    let left = if which.allow_errors { 0 } else { plan.count(Class::WouldBreak) };
    Ok(u8::from(left > 0))
}

fn stopped() -> Failure {
    Failure::usage("the rows could not be processed")
}

fn rows(snapshot: &Snapshot, which: &Which) -> Result<RowSet, Failure> {
    rows_are_there(which.rows, snapshot.len())?;
    let rows = which.rows.map_or((0, snapshot.len()), |(first, last)| (first - 1, last));
    let rows = RowSet::range(rows.0, rows.1);
    let findings = if which.conditions.iter().any(Condition::needs_findings) {
        Some(Findings::check(snapshot, |_| true).ok_or_else(stopped)?)
    } else {
        None
    };
    rows_where(&which.conditions, snapshot, findings.as_ref(), &rows, |_| true).ok_or_else(stopped)
}

/// The output for an edit.
struct Report<'a> {
    input: &'a Input,
    snapshot: &'a Snapshot,
    plan: &'a Plan,
    rows: u64,
    which: &'a Which,
    written: Option<&'a str>,
}

#[derive(Serialize)]
struct Value<'a> {
    row: u32,
    old: &'a str,
    new: &'a str,
    /// The rule that the new value breaks.
    code: Option<&'static str>,
}

impl Report<'_> {
    /// Rows listed individually: in a dry run all changes, otherwise the rows that were left.
    fn listed(&self) -> RowSet {
        let breaks = self.plan.rows(Class::WouldBreak);
        if self.which.dry_run { self.plan.rows(Class::Changes).union(breaks) } else { breaks.clone() }
    }

    fn each(&self, mut put: impl FnMut(&Value<'_>) -> io::Result<()>) -> io::Result<()> {
        for row in self.listed().iter() {
            let sample = self.plan.sample(self.snapshot, row);
            let old = match &sample.old {
                manifest::Value::Other(raw) => raw,
                value => value.text(),
            };
            let (old, new) = (without_secret(old), sample.new.unwrap_or_default());
            let code = sample.rule.map(|rule| rule.code());
            put(&Value { row: row + 1, old: &old, new: &without_secret(&new), code })?;
        }
        Ok(())
    }

    fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        let shown = |text: &str| if text.is_empty() { "\"\"".to_owned() } else { printable(text).into_owned() };
        self.each(|value| {
            let code = value.code.map(|code| format!("  error {code}")).unwrap_or_default();
            writeln!(out, "row {}: {} -> {}{code}", value.row, shown(value.old), shown(value.new))
        })?;
        let count = |(class, count): &(Class, u64)| format!("{} {}", class.word(self.plan.action()), thousands(*count));
        writeln!(out, "{}", self.plan.counts().iter().map(count).collect::<Vec<_>>().join(", "))
    }

    fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        let counts: serde_json::Map<String, serde_json::Value> =
            self.plan.counts().iter().map(|(class, count)| (class.code().to_owned(), (*count).into())).collect();
        let head = serde_json::json!({
            "manifest": self.input.name,
            "field": self.plan.action().field().name(),
            "rows": self.rows,
            "counts": counts,
            "used": self.plan.used,
            "twice": self.plan.twice,
            "written": self.written,
        });
        let mut rows = Rows::begin(out, &head, "values")?;
        self.each(|value| rows.put(value))?;
        rows.end()
    }

    fn narrate(&self, changed: u64) {
        let breaks = self.plan.count(Class::WouldBreak);
        if breaks > 0 && !self.which.allow_errors {
            let rules = self.plan.breaks.iter().map(|(rule, count)| format!("{} {}", rule.code(), thousands(*count)));
            say(&format!(
                "{} would be {} and {} left: {}; --allow-errors writes them",
                counted(breaks, "value"),
                if breaks == 1 { "an error" } else { "errors" },
                if breaks == 1 { "was" } else { "were" },
                rules.collect::<Vec<_>>().join(", "),
            ));
        }
        for (count, has) in [(self.plan.used, "has it already"), (self.plan.twice, "gets it too")] {
            if count > 0 {
                say(&format!("of {} another row, with another video, {has}", counted(count, "new transcript")));
            }
        }
        let values = counted(changed, "value");
        match self.written {
            _ if self.which.dry_run => say("nothing was written: this was a dry run"),
            None => say("nothing to change"),
            Some(name) => say(&format!("saved {name}, {values} changed, every other byte as it was")),
        }
    }
}
