//! `cuecard pair`: proposes a transcript by name for every row without one, and fills in the sure ones.
//!
//! stdout is data, stderr narration. Without `--apply` or `-o` nothing is written. Rows that need a decision are never
//! filled in.

mod formats;
mod sources;

use super::document::{Input, Output};
use super::{Context, Failure, say};
use crate::domain::draft::{Draft, Snapshot};
use crate::domain::format::{counted, thousands};
use crate::domain::keys::Columns;
use crate::domain::pair::{Class, Inputs, Pairing, Prefer, Verdict, compare, run as pair};
use crate::io::files::is_stream;
use clap::ValueEnum;
use formats::Report;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    /// The manifest to find transcripts for; - is standard input
    pub manifest: PathBuf,
    /// Transcript keys to search: s3://bucket/prefix, a saved listing, a plain list, or - for standard input
    #[arg(long, required = true, value_name = "SOURCE")]
    pub from: Vec<String>,
    /// Columns of a table given with --from: names or numbers, 0 for none
    #[arg(long, value_name = "VIDEO,TRANSCRIPT", value_parser = Columns::parse)]
    pub columns: Option<Columns>,
    /// Compare the transcripts that rows have with their names, and fill in nothing
    #[arg(long, conflicts_with_all = ["apply", "output"])]
    pub check: bool,
    /// Write the sure ones into the manifest
    #[arg(long, conflicts_with = "output")]
    pub apply: bool,
    /// Fill in only these classes
    #[arg(long, value_enum, value_delimiter = ',', value_name = "CLASSES", default_values_t = Sure::ALL)]
    pub classes: Vec<Sure>,
    /// The preferred format if a transcript exists in both
    #[arg(long, value_enum, default_value_t)]
    pub prefer: Format,
    /// Print what would be filled in, without writing it
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub output: Output,
    /// Output format
    #[arg(long, value_enum, default_value_t = super::arguments::Format::Text)]
    pub format: super::arguments::Format,
}

/// Classes that may be filled in without a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Sure {
    /// The same name in the same place
    Exact,
    /// The same name in another spelling
    Normalised,
    /// Names with the same meaning
    Likely,
}

impl Sure {
    const ALL: [Sure; 3] = [Sure::Exact, Sure::Normalised, Sure::Likely];

    fn class(self) -> Class {
        match self {
            Sure::Exact => Class::Exact,
            Sure::Normalised => Class::Normalised,
            Sure::Likely => Class::Likely,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    #[default]
    Srt,
    Vtt,
}

/// # Errors
/// [`Failure`] with exit code 2 if something can't be read or written.
pub fn run(arguments: &Arguments, context: &Context) -> Result<u8, Failure> {
    let writes = (arguments.apply || arguments.output.output.is_some()) && !arguments.dry_run;
    if arguments.apply {
        arguments.output.must_be_given_for(&arguments.manifest)?;
    }
    let sources = sources::named(&arguments.from, arguments.columns.as_ref(), is_stream(&arguments.manifest))?;
    let input = Input::read(&arguments.manifest)?;
    let snapshot = Snapshot::of(Arc::clone(&input.manifest));
    let keys = sources::read(&sources, &snapshot, context)?;
    if let Some(why) = keys.none.as_ref().filter(|_| !writes) {
        say(why);
    }
    let prefer = match arguments.prefer {
        Format::Srt => Prefer::Srt,
        Format::Vtt => Prefer::Vtt,
    };
    let inputs = Inputs { given: &keys.given, prefer, ..Inputs::new(&snapshot, &keys.list) };
    let stopped = || Failure::usage("the rows could not be processed");
    let stop = AtomicBool::new(false);
    if arguments.check {
        let comparison = compare(&inputs, &|_| {}, &stop).ok_or_else(stopped)?;
        let counts =
            Verdict::ALL.map(|verdict| format!("{} {}", thousands(comparison.count(verdict).into()), verdict.name()));
        say(&format!("{} compared by name: {}", counted(comparison.rows.len() as u64, "row"), counts.join(", ")));
        return Report::new(arguments.format, false).comparison(&comparison).map(|()| 0);
    }
    let pairing = pair(&inputs, &|_| {}, &stop).ok_or_else(stopped)?;
    narrate(&pairing);
    // Rows are printed before anything is written: a closed pipe does no harm, and a full disk does not hide them.
    Report::new(arguments.format, arguments.output.is_stdout() && writes).pairing(&pairing)?;
    if arguments.dry_run || !writes {
        if arguments.dry_run {
            let rows = fill(&pairing, arguments).map_or(0, |draft| draft.now().summary().filled);
            say(&format!("{} would be filled in; nothing was written: this was a dry run", counted(rows, "row")));
        }
        return Ok(0);
    }
    if let Some(why) = keys.none {
        return Err(Failure::usage(format!("{why}. Nothing was written")));
    }
    if let Some(why) = keys.broken {
        return Err(Failure::usage(format!("{why}. A better key may be missing: nothing was written")));
    }
    write(&pairing, &input, arguments, context).map(|()| 0)
}

/// The manifest with the sure transcripts; None if there are none.
fn fill(pairing: &Pairing, arguments: &Arguments) -> Option<Draft> {
    let classes: Vec<Class> = arguments.classes.iter().map(|class| class.class()).collect();
    let edit = pairing.edit(&classes)?;
    let mut draft = Draft::new(Arc::clone(pairing.snapshot().base()));
    draft.apply(edit);
    Some(draft)
}

fn write(pairing: &Pairing, input: &Input, arguments: &Arguments, context: &Context) -> Result<(), Failure> {
    let draft = fill(pairing, arguments);
    // With an output path the result is written even if nothing changed.
    let result = match &draft {
        Some(draft) => draft.now(),
        None if arguments.apply => {
            say("nothing to fill in: the file is unchanged");
            return Ok(());
        }
        None => pairing.snapshot(),
    };
    let name = arguments.output.write(context, &[input], result)?;
    let rows = counted(draft.as_ref().map_or(0, |draft| draft.now().summary().filled), "row");
    say(&format!("saved {name}, {rows} filled in, every other byte as it was"));
    Ok(())
}

fn narrate(pairing: &Pairing) {
    let overview = pairing.overview();
    let rows = pairing.proposals().len() as u64;
    if rows == 0 {
        return say("no row is without a transcript; --check compares the transcripts with their names");
    }
    say(&format!(
        "{} without a transcript: {} sure, {} to decide, {} nothing fits",
        counted(rows, "row"),
        thousands(overview.sure().into()),
        thousands(overview.to_decide().into()),
        thousands(overview.nothing_fits().into()),
    ));
    for warning in formats::warnings(pairing) {
        say(&warning);
    }
}
