//! `cuecard merge`: carries the transcripts of an edited manifest over into a fresh export. Rows that need a decision
//! stay as in the export and are listed, and so is every transcript without a row.

use super::arguments::Format;
use super::document::{Input, Output};
use super::report::{Rows, report};
use super::{Context, Failure, say};
use crate::domain::draft::{Draft, Snapshot};
use crate::domain::format::{counted, row_number, thousands};
use crate::domain::manifest::{Field, RowId};
use crate::domain::merge::{Class, Merge, merge};
use crate::domain::printable::printable;
use crate::domain::rules::{Rule, error_in};
use crate::domain::s3_url::without_secret;
use serde_json::{Value, json};
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    /// The manifest with the transcripts; - is standard input
    pub old: PathBuf,
    /// The fresh export to fill; - is standard input
    pub new: PathBuf,
    #[command(flatten)]
    pub output: Output,
    /// Print what would be carried over, without writing it
    #[arg(long)]
    pub dry_run: bool,
    /// Carry over transcripts that are errors, too
    #[arg(long)]
    pub allow_errors: bool,
    /// Output format of the counts and listed rows
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

/// # Errors
/// [`Failure`] with exit code 2 if something can't be read or written, or the files have nothing in common.
pub fn run(arguments: &Arguments, context: &Context) -> Result<u8, Failure> {
    if arguments.output.output.is_none() && !arguments.dry_run {
        return Err(Failure::usage("name a file for the merged manifest with -o, or use --dry-run"));
    }
    if arguments.old == arguments.new {
        return Err(Failure::usage("both arguments name the same manifest"));
    }
    let (old, new) = (Input::read(&arguments.old)?, Input::read(&arguments.new)?);
    let of = |input: &Input| Snapshot::of(Arc::clone(&input.manifest));
    let found = merge(of(&old), of(&new), |_| true).ok_or_else(|| Failure::usage("the rows could not be processed"))?;
    if found.has_nothing_in_common() {
        return Err(Failure::usage(format!("no row of {} is in {}. Is it the right file?", new.name, old.name)));
    }
    let mut draft = Draft::new(Arc::clone(&new.manifest));
    if let Some(edit) = found.take_all_sure() {
        draft.apply(edit);
    }
    let broken = broken(&found, draft.now());
    if !broken.is_empty() && !arguments.allow_errors {
        let why = told(&broken);
        return Err(Failure::blocked(format!("{why}. Nothing was written; --allow-errors carries them over")));
    }
    let written = (!arguments.dry_run).then(|| arguments.output.write(context, &[&new, &old], draft.now()));
    let written = written.transpose()?;
    report(arguments.output.is_stdout() && !arguments.dry_run, |out| match arguments.format {
        Format::Text => text(&found, out),
        Format::Json => as_json(&found, [&old.name, &new.name], written.as_deref(), out),
    })?;
    narrate(&found, written.as_deref());
    if !broken.is_empty() {
        say(&told(&broken));
    }
    Ok(0)
}

/// The rows whose transcript would come from the old manifest and is an error.
fn broken(found: &Merge, result: &Snapshot) -> Vec<(RowId, Rule)> {
    let mut hits = Vec::new();
    let mut broken = Vec::new();
    for class in Class::ALL.into_iter().filter(|class| class.carries()) {
        for row in found.sure(class).iter() {
            let value = result.value(row, Field::Transcription);
            if value != found.export().value(row, Field::Transcription)
                && let Some(rule) = error_in(Field::Transcription, value.text(), &mut hits)
            {
                broken.push((row, rule));
            }
        }
    }
    broken.sort_unstable();
    broken
}

/// `2 carried transcripts are errors: row 5 transcription-extension, row 9 key-missing`
fn told(broken: &[(RowId, Rule)]) -> String {
    const SHOWN: usize = 10;
    let shown = broken.iter().take(SHOWN).map(|(row, rule)| format!("row {} {}", row_number(*row), rule.code()));
    let shown = shown.collect::<Vec<_>>().join(", ");
    let more = match broken.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {}", counted(more as u64, "more row")),
    };
    let is = if broken.len() == 1 { "is an error" } else { "are errors" };
    format!("{} {is}: {shown}{more}", counted(broken.len() as u64, "carried transcript"))
}

fn narrate(found: &Merge, written: Option<&str>) {
    if found.is_same() {
        say("The export holds the same rows and transcripts.");
    } else {
        let questions = match found.questions() {
            0 => String::new(),
            1 => ", 1 to decide stays as the export has it".into(),
            count => format!(", {} to decide stay as the export has them", thousands(count)),
        };
        say(&format!("{} carried over{questions}", counted(found.carried(), "transcript")));
        match found.gone_transcripts() {
            0 => {}
            1 => say("1 transcript belongs to a row that is gone"),
            count => say(&format!("{} transcripts belong to rows that are gone", thousands(count))),
        }
    }
    match written {
        Some(name) => say(&format!("saved {name}, every other byte is the export's")),
        None => say("nothing was written: this was a dry run"),
    }
}

/// Calls `put` for each row that needs attention.
fn each(found: &Merge, mut put: impl FnMut(Class, RowId, &str) -> io::Result<()>) -> io::Result<()> {
    for class in [Class::SameRow, Class::SameVideo, Class::Conflict, Class::Changed, Class::Gone] {
        let rows = if class.carries() { found.to_decide(class) } else { found.rows(class).clone() };
        let file = if class == Class::Gone { found.old() } else { found.export() };
        for row in rows.iter() {
            put(class, row, file.value(row, Field::Object).text())?;
        }
    }
    Ok(())
}

fn text(found: &Merge, out: &mut dyn Write) -> io::Result<()> {
    let shown = |text: &str| printable(&without_secret(text)).into_owned();
    for class in Class::ALL {
        let rows = thousands(found.rows(class).len() as u64);
        let (sure, to_decide) = (found.sure(class).len() as u64, found.to_decide(class).len() as u64);
        let more = match class {
            Class::SameRow | Class::SameVideo | Class::Conflict => {
                format!(", {} sure, {} to decide", thousands(sure), thousands(to_decide))
            }
            Class::Gone => format!(", {} had transcripts", thousands(found.gone_transcripts())),
            Class::Changed | Class::New => String::new(),
        };
        writeln!(out, "{} {rows}{more}", class.word())?;
    }
    each(found, |class, row, video| {
        let head = format!("{}, row {}, {}", class.word(), row + 1, shown(video));
        match class {
            Class::SameRow | Class::SameVideo | Class::Conflict => {
                let Some(question) = found.question(row) else { return Ok(()) };
                let yours = question.yours.iter().map(|(_, text)| shown(text)).collect::<Vec<_>>().join(" or ");
                let export = question.export.map(|text| format!("; the export has {}", shown(&text)));
                writeln!(out, "{head}: yours {yours}{}", export.unwrap_or_default())
            }
            Class::Changed => {
                let change = |(field, old, new): &(Field, String, String)| {
                    format!("{} {} -> {}", field.name(), shown(old), shown(new))
                };
                let changes = found.changes(row).iter().map(change).collect::<Vec<_>>().join(", ");
                writeln!(out, "{head}: {changes}")
            }
            Class::Gone => {
                let value = found.old().value(row, Field::Transcription);
                let transcript = if value.text().is_empty() { "no transcript".into() } else { shown(value.text()) };
                writeln!(out, "{head}: {transcript}")
            }
            Class::New => Ok(()),
        }
    })
}

fn as_json(found: &Merge, names: [&str; 2], written: Option<&str>, out: &mut dyn Write) -> io::Result<()> {
    let class = |class: Class| {
        let rows = found.rows(class).len();
        let counts = match class.carries() {
            true => json!({"rows": rows, "sure": found.sure(class).len(), "to_decide": found.to_decide(class).len()}),
            false => json!({"rows": rows}),
        };
        (class.code().to_owned(), counts)
    };
    let [old, new] = names;
    let head = json!({
        "old": old,
        "new": new,
        "carried": found.carried(),
        "to_decide": found.questions(),
        "already_so": found.agree().len(),
        "gone_transcripts": found.gone_transcripts(),
        "classes": Class::ALL.into_iter().map(class).collect::<serde_json::Map<String, Value>>(),
        "written": written,
    });
    let mut rows = Rows::begin(out, &head, "rows")?;
    each(found, |class, row, video| {
        let mut element = json!({"class": class.code(), "row": row + 1, "object": without_secret(video)});
        let mut set = |name: &str, value: Value| {
            element.as_object_mut().map(|object| object.insert(name.to_owned(), value));
        };
        if let Some(question) = found.question(row).filter(|_| class.carries()) {
            let yours = |(row, text): &(RowId, String)| json!({"row": row + 1, "transcription": without_secret(text)});
            set("yours", question.yours.iter().map(yours).collect());
            set("export", question.export.map(|text| without_secret(&text).into_owned()).into());
        } else if class == Class::Gone {
            set("transcription", without_secret(found.old().value(row, Field::Transcription).text()).into());
        } else {
            let change =
                |(field, old, new): &(Field, String, String)| json!({"field": field.name(), "old": old, "new": new});
            set("changes", found.changes(row).iter().map(change).collect());
        }
        rows.put(&element)
    })?;
    rows.end()
}
