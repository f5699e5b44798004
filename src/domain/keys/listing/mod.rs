//! Parses saved listings. The tool that printed a listing is detected by its format, and a line in another format is
//! never taken for a key.
//!
//! | file | owns |
//! |---|---|
//! | `text` | bytes to lines, in any encoding |
//! | `shape` | detecting the kind of listing from its first bytes |
//! | `lines` | one line of each tool that prints lines |
//! | `foreign` | what is surely no name of an object, and no listing |
//! | `json` | JSON output of tools |
//! | `table` | pairs of video and transcript as CSV or TSV |
//! | `inventory` | reports of S3 Inventory |
//! | `sink` | adding missing buckets and prefixes, counting, paging |

mod foreign;
mod inventory;
mod json;
mod lines;
mod shape;
mod sink;
mod table;
mod text;

pub use inventory::{DataFile, Field, Format, Inventory, NotInventory, Row};

use super::{Columns, EXPECTED, End, Entry, Page, Shape, Source, SourceFault, SourcePlace, Summary, s3_object};
use lines::Tool;
use shape::Form;
use sink::{Names, Sink};
use std::io::{BufRead, Read};
use std::ops::ControlFlow;
use text::{Lines, Text};

/// What to read, and how.
#[derive(Clone, Copy)]
pub struct ReadOptions<'a> {
    pub source: &'a Source,
    /// Don't guess the columns of a table without headings: return [`SourceFault::Columns`].
    pub ask_columns: bool,
    /// The bucket for names without one. Called at most once, and only if there are such names.
    pub assume: &'a dyn Fn() -> Option<String>,
}

impl std::fmt::Debug for ReadOptions<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReadOptions").field("source", &self.source).field("ask_columns", &self.ask_columns).finish()
    }
}

impl<'a> ReadOptions<'a> {
    fn at(&self) -> Option<&'a SourcePlace> {
        match self.source {
            Source::File { at, .. } => at.as_ref(),
            _ => None,
        }
    }

    fn columns(&self) -> Option<&'a Columns> {
        match self.source {
            Source::File { columns, .. } => columns.as_ref(),
            _ => None,
        }
    }
}

/// The result of reading a file.
#[derive(Debug)]
pub enum Reading {
    /// A listing, read to its end.
    Listing(Box<Summary>),
    /// The manifest of an S3 Inventory, unparsed: its keys are in other files.
    Inventory(Vec<u8>),
}

/// Receives a page and returns whether to continue.
pub type OnPage<'a> = dyn FnMut(Page) -> ControlFlow<()> + 'a;

/// Receives an inventory row and returns whether to continue.
pub type OnRow<'a> = dyn FnMut(Row<'_>) -> ControlFlow<()> + 'a;

/// Reads a saved listing of any kind to its end, or until `on_page` stops it.
///
/// # Errors
/// [`SourceFault`] if it holds no usable keys.
pub fn read(input: impl Read, options: &ReadOptions<'_>, on_page: &mut OnPage<'_>) -> Result<Reading, SourceFault> {
    let unreadable = |error: std::io::Error| SourceFault::Unreadable(format!("{}: {error}", options.source));
    let text = Text::new(input).map_err(unreadable)?;
    let (sample, is_whole) = text.sample();
    if inventory::is_manifest(&sample) {
        let mut bytes = Vec::new();
        text.whole().read_to_end(&mut bytes).map_err(unreadable)?;
        return Ok(Reading::Inventory(bytes));
    }
    let source = options.source;
    let refused = |what: &str| Err(SourceFault::Unreadable(format!("{source} is {what}. Expected {EXPECTED}")));
    if let Some(what) = foreign::file(text.begin(), &sample) {
        return refused(what);
    }
    let mut sink = Sink::new(options, on_page);
    let input = text.whole();
    let summary = match shape::of(&sample, is_whole, options.columns()) {
        Form::Json => {
            let end = json::read(input, &mut sink);
            sink.finish(end)
        }
        Form::Table(table) => table::read(input, table, options, sink),
        Form::Lines(Tool::Plain | Tool::Addresses) if let Some(what) = foreign::plain_file(&sample) => {
            return refused(what);
        }
        Form::Lines(kind) => {
            let end = read_lines(Lines::new(input, &sample), kind, &mut sink);
            sink.finish(end)
        }
    };
    Ok(Reading::Listing(Box::new(summary?)))
}

/// Reads the rows of an inventory, from any source, into one summary.
///
/// # Errors
/// [`SourceFault`] if it holds no usable keys.
pub fn read_inventory(
    inventory: &Inventory,
    options: &ReadOptions<'_>,
    on_page: &mut OnPage<'_>,
    files: &mut dyn FnMut(&mut OnRow<'_>) -> Result<(), String>,
) -> Result<Summary, SourceFault> {
    let mut sink = Sink::new(options, on_page);
    sink.summary.shape = Shape::Inventory { files: inventory.files.len() };
    let end = files(&mut |row| {
        inventory.take(row, &mut sink);
        if sink.is_stopped() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    sink.finish(end.map_or_else(End::Early, |()| End::Whole))
}

/// The transcripts of a manifest, each once, in file order.
pub fn of_manifest<'a>(
    transcripts: impl IntoIterator<Item = &'a str>,
    on_page: &mut OnPage<'_>,
) -> Result<Summary, SourceFault> {
    let options = ReadOptions { source: &Source::Manifest, ask_columns: false, assume: &|| None };
    let mut sink = Sink::new(&options, on_page);
    sink.summary.shape = Shape::Manifest;
    let mut seen = std::collections::HashSet::new();
    for (row, url) in (1..).zip(transcripts) {
        if sink.is_stopped() {
            break;
        }
        if url.is_empty() || !seen.insert(url) {
            continue;
        }
        match s3_object(url) {
            Some((bucket, key)) => sink.key(Entry::named(&bucket, &key), Names::Whole),
            None => sink.not_key(row, url),
        }
    }
    sink.finish(End::Whole)
}

fn read_lines(mut lines: Lines<impl BufRead>, kind: Tool, sink: &mut Sink<'_>) -> End {
    let mut reader = lines::Reader::new(kind);
    let mut number = 0;
    let end = loop {
        if sink.is_stopped() {
            break End::Stopped;
        }
        number += 1;
        match lines.next() {
            Ok(None) => break End::Whole,
            Ok(Some(text::Line::Text(line, has_end))) => reader.line(number, line, has_end, sink),
            Ok(Some(text::Line::NotText(shown))) => sink.not_key(number, &shown),
            Err(error) => break End::Early(error.to_string()),
        }
    };
    sink.summary.shape = reader.shape();
    match (end, reader.broken()) {
        (End::Whole, Some(why)) => End::Early(why),
        (end, _) => end,
    }
}
