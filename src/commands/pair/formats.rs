//! The output of `cuecard pair`: the classes and a line per row, or a JSON array of rows.

use crate::commands::Failure;
use crate::commands::arguments::Format;
use crate::commands::report::report;
use crate::domain::format::{counted, thousands};
use crate::domain::manifest::{Field, RowId};
use crate::domain::pair::{Class, Comparison, Pairing, Proposal, Verdict};
use crate::domain::parallel;
use crate::domain::printable::printable;
use crate::domain::report::write_json;
use crate::domain::s3_url::{key, without_secret};
use serde::Serialize;
use std::io::{self, Write};
use std::ops::Range;

/// Folders and schemes listed individually.
const MOST: usize = 9;

/// A filled row in JSON output.
#[derive(Serialize)]
struct Filled<'a> {
    row: u32,
    object: &'a str,
    transcript: &'a str,
    verdict: &'static str,
    better: Option<String>,
}

pub(super) struct Report {
    format: Format,
    to_stderr: bool,
}

impl Report {
    /// `to_stderr`: standard output is used for the manifest.
    pub fn new(format: Format, to_stderr: bool) -> Report {
        Report { format, to_stderr }
    }

    /// # Errors
    /// [`Failure`] if the output can't be written; a closed pipe is not an error.
    pub fn pairing(&self, pairing: &Pairing) -> Result<(), Failure> {
        pairing.prepare_words();
        report(self.to_stderr, |out| match self.format {
            Format::Text => text(pairing, out),
            Format::Json => array(out, pairing.proposals(), |out, proposal| {
                pairing.push_json(out, proposal);
                Ok(())
            }),
        })
    }

    /// # Errors
    /// As [`Report::pairing`].
    pub fn comparison(&self, comparison: &Comparison) -> Result<(), Failure> {
        let snapshot = comparison.pairing.snapshot();
        report(self.to_stderr, |out| match self.format {
            Format::Text => {
                for row in comparison.rows.iter().filter(|row| row.verdict != Verdict::Agree) {
                    let used = snapshot.value(row.row, Field::Transcription);
                    let better = row.better.map(|key| format!("; {} fits better", shown(&comparison.pairing.url(key))));
                    let (video, used) = (video(&comparison.pairing, row.row), shown(used.text()));
                    let better = better.unwrap_or_default();
                    writeln!(out, "row {}: {video} has {used}  {}{better}", row.row + 1, row.verdict.name())?;
                }
                Ok(())
            }
            Format::Json => array(out, &comparison.rows, |out, row| {
                let (object, used) =
                    (snapshot.value(row.row, Field::Object), snapshot.value(row.row, Field::Transcription));
                write_json(
                    out,
                    &Filled {
                        row: row.row + 1,
                        object: &without_secret(object.text()),
                        transcript: &without_secret(used.text()),
                        verdict: row.verdict.name(),
                        better: row.better.map(|key| comparison.pairing.url(key)),
                    },
                )
            }),
        })
    }
}

fn array<T: Sync>(
    out: &mut dyn Write,
    rows: &[T],
    put: impl Fn(&mut Vec<u8>, &T) -> io::Result<()> + Sync,
) -> io::Result<()> {
    out.write_all(b"[")?;
    in_order(out, rows, |out, at, row| {
        out.extend_from_slice(if at == 0 { b"\n" } else { b",\n" });
        put(out, row)
    })?;
    out.write_all(b"\n]\n")
}

/// Puts the rows into words on all cores, and writes them in order.
fn in_order<T: Sync>(
    out: &mut dyn Write,
    rows: &[T],
    put: impl Fn(&mut Vec<u8>, usize, &T) -> io::Result<()> + Sync,
) -> io::Result<()> {
    const PIECE: usize = 2 * 1024;
    let words = |range: Range<usize>| {
        let mut piece = Vec::new();
        for at in range {
            if let Some(row) = rows.get(at) {
                put(&mut piece, at, row)?;
            }
        }
        Ok::<_, io::Error>(piece)
    };
    parallel::in_order(rows.len(), PIECE, &words, &mut |piece| out.write_all(&piece?))
}

fn text(pairing: &Pairing, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{:<11}{:>11}{:>11}{:>11}", "", "rows", "sure", "to decide")?;
    for class in Class::ALL {
        let count = pairing.overview().of(class);
        let [rows, sure, to_decide] = [count.rows, count.sure, count.to_decide].map(|count| thousands(count.into()));
        writeln!(out, "{:<11}{rows:>11}{sure:>11}{to_decide:>11}   {}", class.name(), pairing.why(class))?;
    }
    for scheme in pairing.schemes().iter().take(MOST) {
        let (rows, of) = (thousands(scheme.rows.into()), thousands(scheme.of.into()));
        let (pattern, example) = (pairing.pattern(scheme), file(&object(pairing, scheme.row)));
        writeln!(out, "scheme     {rows} of {of} as {pattern}, such as {example}")?;
    }
    in_order(out, pairing.proposals(), |out, _, proposal| writeln!(out, "{}", line(pairing, proposal)))
}

fn line(pairing: &Pairing, proposal: &Proposal) -> String {
    let (row, class, reason) = (proposal.row + 1, proposal.class.name(), pairing.reason(proposal));
    let video = video(pairing, proposal.row);
    if let Some(key) = proposal.transcript() {
        return format!("row {row}: {video} -> {}  {class}: {reason}", shown(&pairing.url(key)));
    }
    let candidates = pairing.alternatives(proposal);
    let mut names: Vec<String> = candidates.iter().take(MOST).map(|key| shown(&pairing.url(*key))).collect();
    if candidates.len() > MOST {
        names.push(format!("{} more", thousands((candidates.len() - MOST) as u64)));
    }
    let names = if names.is_empty() { String::new() } else { format!(": {}", names.join(", ")) };
    format!("row {row}: {video}  {class}: {reason}{names}")
}

/// Warnings to read before anything is taken.
pub(super) fn warnings(pairing: &Pairing) -> Vec<String> {
    let mut warnings = Vec::new();
    let seconds = pairing.close_seconds();
    if seconds > 0 {
        let have = if seconds == 1 { "has" } else { "have" };
        let rows = counted(seconds.into(), "row");
        warnings.push(format!("{rows} {have} a close second: it would be taken if the first were missing"));
    }
    for alarm in pairing.alarms().iter().take(MOST) {
        let url = object(pairing, alarm.row);
        let folder = shown(key::folder(&url));
        let (none, left) = (file(&url), file(&pairing.url(alarm.left)));
        let rows = counted(alarm.rows.into(), "row");
        warnings.push(format!("{rows} in {folder} may be shifted by one: {none} has none, {left} is left"));
    }
    warnings
}

fn object(pairing: &Pairing, row: RowId) -> String {
    without_secret(pairing.snapshot().value(row, Field::Object).text()).into_owned()
}

fn video(pairing: &Pairing, row: RowId) -> String {
    shown(&object(pairing, row))
}

fn file(url: &str) -> String {
    shown(key::file_name(url))
}

fn shown(text: &str) -> String {
    printable(&without_secret(text)).into_owned()
}
