//! `cuecard check`: the findings of a manifest, for people, scripts and code scanners.
//!
//! stdout is data, stderr narration. It changes nothing, and uses the network only with `--online`.

mod online;
mod parts;

use super::Failure;
use crate::domain::draft::Snapshot;
use crate::domain::evidence::Shard;
use crate::domain::findings::Findings;
use crate::domain::format::{counted, thousands};
use crate::domain::manifest::Manifest;
use crate::domain::printable::printable;
use crate::domain::report::{self, Count, Gap, Placed, Report};
use crate::domain::rules::Rule;
use crate::io::{error_words, files};
pub use online::Asked;
pub(super) use online::observe;
pub(super) use parts::{joined, part};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// No finding of severity error.
const FINE: u8 = 0;
/// At least one finding of severity error.
const ERRORS: u8 = 1;
/// The manifest can't be read, the findings can't be written, or no service answered.
const UNREADABLE: u8 = 2;

#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
pub struct Check {
    /// The manifest to check; - is standard input
    pub manifest: PathBuf,
    /// Report only these rows, from 1, both included (A.. and ..B are allowed). Rules across rows still read the whole
    /// file
    #[arg(long, value_name = "A..B", value_parser = row_range)]
    pub rows: Option<(u32, u32)>,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Check transcripts and videos on S3, and with an API key indexes on Twelve Labs
    #[arg(long)]
    pub online: bool,
    /// Check only transcripts and indexes online
    #[arg(long, requires = "online")]
    pub no_videos: bool,
    /// Check again what was checked within the last day
    #[arg(long, requires = "online")]
    pub afresh: bool,
    /// Concurrent requests, 1 to 64 [default: 16]
    #[arg(long, requires = "online", value_name = "N", value_parser = at_once)]
    pub at_once: Option<usize>,
    /// Check only part I of N online, for array jobs; env takes I and N from AWS Batch or Slurm. No object is asked
    /// about in two parts
    #[arg(long, requires_all = ["online", "output"], conflicts_with_all = ["rows", "format"], value_name = "I/N|env", value_parser = shard)]
    pub shard: Option<Shard>,
    /// Write the part here, over an earlier one
    #[arg(short, long, requires = "shard", value_name = "PART")]
    pub output: Option<PathBuf>,
    /// Join the parts of a check: the findings and the exit code are those of one run
    #[arg(long, conflicts_with = "online", value_name = "PART", num_args = 1..)]
    pub merge: Vec<PathBuf>,
    /// Missing parts are only a warning
    #[arg(long, requires = "merge")]
    pub allow_missing: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// One line per finding, like a compiler
    #[default]
    Text,
    /// One array of {row, line, code, severity, field, message, fix}
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
}

/// Checks a manifest and writes its findings. `observe` makes the online checks; if it fails, nothing is written.
/// `already_sent` returns, in one sentence, when and where these bytes or some of the rows were sent before; that becomes a
/// finding on row 1. Returns the exit code.
pub fn run(
    options: &Check,
    observe: &dyn Fn(&Snapshot) -> Result<Asked, Failure>,
    already_sent: &dyn Fn(&Snapshot) -> Option<String>,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> u8 {
    let (name, snapshot) = match read(&options.manifest) {
        Ok(read) => read,
        Err(failure) => {
            // If stderr is gone there is nobody to tell.
            let _ = writeln!(err, "{}", failure.message);
            return failure.exit;
        }
    };
    if let Err(failure) = rows_are_there(options.rows, snapshot.len()) {
        let _ = writeln!(err, "{}", failure.message);
        return failure.exit;
    }
    let Asked { evidence, is_verified, gap } = match observe(&snapshot) {
        Ok(asked) => asked,
        Err(failure) => {
            let _ = writeln!(err, "{}", printable(&failure.message));
            return failure.exit;
        }
    };
    let Some(findings) = Findings::check_with(&snapshot, evidence, |_| true) else { return UNREADABLE };
    let sent = already_sent(&snapshot);
    match write_all(options, &name, &snapshot, &findings, sent.as_deref(), gap.as_ref(), out) {
        Ok(count) => {
            let _ = writeln!(err, "{}", summary(count, options.rows, snapshot.len()));
            match count.errors {
                _ if !is_verified => UNREADABLE,
                0 if gap.is_none_or(|gap| gap.is_allowed) => FINE,
                _ => ERRORS,
            }
        }
        // The reader has seen enough: `cuecard check … | head`.
        Err(broken) if broken.kind() == io::ErrorKind::BrokenPipe && is_verified => FINE,
        Err(broken) if broken.kind() == io::ErrorKind::BrokenPipe => UNREADABLE,
        Err(broken) => {
            let _ = writeln!(err, "cuecard: the findings could not be written: {}", error_words(&broken));
            UNREADABLE
        }
    }
}

/// The manifest, and its name for messages.
fn read(path: &Path) -> Result<(String, Snapshot), Failure> {
    let name = match path.to_str() {
        Some(files::DASH) => "standard input".to_owned(),
        _ => path.display().to_string(),
    };
    let refused = |why: String| Failure::usage(format!("{}: {why}", printable(&name)));
    let (_, bytes) = files::read_once(path).map_err(|why| refused(why.to_string()))?;
    let manifest = Manifest::parse(bytes).map_err(|refusal| {
        let advice =
            if refusal.advice.is_empty() { String::new() } else { format!("\n  {}", printable(&refusal.advice)) };
        refused(format!("line {}, column {}: {}{advice}", refusal.line, refusal.column, printable(&refusal.why)))
    })?;
    Ok((name, Snapshot::of(Arc::new(manifest))))
}

fn write_all(
    options: &Check,
    name: &str,
    snapshot: &Snapshot,
    findings: &Findings,
    already_sent: Option<&str>,
    gap: Option<&Gap>,
    out: &mut dyn Write,
) -> io::Result<Count> {
    let (first, last) = options.rows.unwrap_or((1, u32::MAX));
    let format = match options.format {
        Format::Text => report::Format::Text,
        Format::Json => report::Format::Json,
        Format::Sarif => report::Format::Sarif,
    };
    let mut report = Report::begin(format, name, |bytes| out.write_all(bytes))?;
    if let Some(sentence) = already_sent.filter(|_| first == 1) {
        let rule = Rule::AlreadySent;
        let base = snapshot.base();
        let line = base.row_span(0).map_or(1, |span| base.lines().line_of(span.start));
        let message = &printable(sentence);
        report.put(&Placed { row: 1, line, rule, severity: rule.severity(), field: None, message, fix: None })?;
    }
    report.rows(snapshot, findings, first - 1..last.min(snapshot.len()), |_| true)?;
    let count = report.end(gap)?;
    out.flush()?;
    Ok(count)
}

/// `1 error, 2 warnings, 0 notes in 12 rows`
fn summary(count: Count, range: Option<(u32, u32)>, rows: u32) -> String {
    let found = [(count.errors, "error"), (count.warnings, "warning"), (count.notes, "note")];
    let found = found.map(|(n, what)| counted(n, what)).join(", ");
    let Some((first, last)) = range else { return format!("{found} in {}", counted(rows.into(), "row")) };
    let [first, last, all] = [first, last.min(rows), rows].map(|number| thousands(number.into()));
    if first == last {
        format!("{found} in row {first} of {all}")
    } else {
        format!("{found} in rows {first} to {last} of {all}")
    }
}

fn at_once(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|most| (1..=64).contains(most)).ok_or_else(|| "it can be 1 to 64".into())
}

/// `3/8`, or `env`.
fn shard(text: &str) -> Result<Shard, String> {
    match text {
        "env" => Shard::from_environment(|name| std::env::var(name).ok()),
        _ => text.parse(),
    }
}

/// Rejects a range that starts after the last row. One that ends after it ends with the manifest.
///
/// # Errors
/// [`Failure`] that says how many rows there are.
pub(super) fn rows_are_there(range: Option<(u32, u32)>, rows: u32) -> Result<(), Failure> {
    let Some((first, _)) = range.filter(|(first, _)| *first > rows) else { return Ok(()) };
    let rows = if rows == 0 { "no rows".to_owned() } else { counted(rows.into(), "row") };
    Err(Failure::usage(format!("--rows begins at row {}, but the manifest has {rows}", thousands(first.into()))))
}

/// `A..B`, from 1, both included; `A..` and `..B` are open-ended. The largest number here exceeds any manifest.
pub(super) fn row_range(text: &str) -> Result<(u32, u32), String> {
    let number = |text: &str, open: u32| match text {
        "" => Some(open),
        _ if text.bytes().all(|b| b.is_ascii_digit()) => Some(text.parse().unwrap_or(u32::MAX)),
        _ => None,
    };
    let range = text.split_once("..").filter(|(first, last)| !(first.is_empty() && last.is_empty()));
    match range.and_then(|(first, last)| number(first, 1).zip(number(last, u32::MAX))) {
        Some((0, _) | (_, 0)) => Err("rows count from 1".into()),
        Some((first, last)) if first > last => Err("the first row comes before the last, like 1..5000".into()),
        Some(range) => Ok(range),
        None => Err("expected two row numbers, like 1..5000".into()),
    }
}
