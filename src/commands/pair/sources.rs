//! The keys to search for transcripts: every source is read to its end, one after another.

use crate::commands::{Context, Failure, say};
use crate::domain::draft::Snapshot;
use crate::domain::format::counted;
use crate::domain::keys::{Columns, EXPECTED, End, Given, Input, KeyList, Listed, Source, SourceFault, Summary};
use crate::domain::pair::{Lack, Table, matched};
use crate::domain::printable::printable;
use crate::io::key_sources::{self, World};
use crate::io::s3::S3;
use std::ops::ControlFlow;

/// The content of the sources.
#[derive(Debug, Default)]
pub(super) struct Keys {
    pub list: KeyList,
    pub given: Vec<Given>,
    /// A source that broke off, and why.
    pub broken: Option<String>,
    /// That no source has a key, where that is probably a mistake.
    pub none: Option<String>,
}

/// The sources that are named, before anything is read.
///
/// # Errors
/// [`Failure`] with exit code 2 for a source that names nothing, or standard input twice.
pub(super) fn named(from: &[String], columns: Option<&Columns>, is_stdin_taken: bool) -> Result<Vec<Source>, Failure> {
    let sources = from
        .iter()
        .map(|text| Source::parse(text).map_err(|why| Failure::usage(why.to_string())))
        .map(|source| {
            source.map(|source| columns.map_or(source.clone(), |columns| source.with_columns(columns.clone())))
        })
        .collect::<Result<Vec<_>, _>>()?;
    let from_stdin = sources.iter().filter(|it| matches!(it, Source::File { file: Input::Stdin, .. })).count();
    if from_stdin + usize::from(is_stdin_taken) > 1 {
        return Err(Failure::usage("standard input is named twice; it can be read once"));
    }
    Ok(sources)
}

/// # Errors
/// [`Failure`] with exit code 2 for the first source that can't be read, and for a table that states nothing about this
/// manifest.
pub(super) fn read(sources: &[Source], manifest: &Snapshot, context: &Context) -> Result<Keys, Failure> {
    let offline = &context.settings.offline;
    let s3 = match offline.value {
        true => Err(format!("a bucket can't be listed: offline is set {}", offline.origin)),
        false => S3::new(context.s3()?).map_err(|error| error.to_string()),
    };
    let world = World { s3, manifest: manifest.clone(), ask_columns: false };
    let runtime = crate::io::threads::runtime(None);
    let runtime = runtime.map_err(|error| Failure::usage(format!("the sources can't be read: {error}")))?;
    let mut keys = Keys::default();
    let mut tables: Vec<(&Source, Vec<Given>)> = Vec::new();
    for source in sources {
        let mut given = Vec::new();
        let reading = key_sources::read(source, &world, |page| {
            keys.list.extend(&page.keys);
            given.extend(page.given);
            ControlFlow::Continue(())
        });
        let summary = runtime.block_on(reading).map_err(|fault| Failure::usage(fault.to_string()))?;
        narrate(source, &summary);
        if let End::Early(why) = &summary.end {
            keys.broken = Some(format!("{source} ends early: {why}"));
        }
        if !given.is_empty() {
            tables.push((source, given));
        }
    }
    let pairs: Vec<&[Given]> = tables.iter().map(|(_, given)| given.as_slice()).collect();
    for ((source, _), table) in tables.iter().zip(matched(&pairs, manifest, &[&keys.list])) {
        keys.given.extend(stated(source, table)?);
    }
    if !keys.given.is_empty() {
        let given: Vec<&Given> = keys.given.iter().collect();
        keys.list = Listed::with_pairs(&[&keys.list], &given).keys().clone();
    }
    // A folder of a bucket may well be empty; a file without a key is another file than was meant.
    if keys.list.is_empty() && !sources.iter().any(|source| matches!(source, Source::Bucket(_))) {
        let what = if sources.len() == 1 { "the source has" } else { "the sources have" };
        keys.none = Some(format!("{what} no key that ends in .srt or .vtt. Expected {EXPECTED}"));
    }
    Ok(keys)
}

/// The pairs of a table for this manifest.
fn stated(source: &Source, table: Table) -> Result<Vec<Given>, Failure> {
    let source = Box::new(source.clone());
    match table.lacks {
        Some(Lack::Bucket) => return Err(Failure::usage(SourceFault::NoBucket { source }.to_string())),
        Some(Lack::Prefix) => return Err(Failure::usage(SourceFault::RelativeNames { source }.to_string())),
        None => {}
    }
    let words = format!("{}: {}", printable(&source.to_string()), table.words());
    if table.given.is_empty() {
        return Err(Failure::usage(words));
    }
    say(&words);
    Ok(table.given)
}

fn narrate(source: &Source, summary: &Summary) {
    let has = match (summary.given, summary.entries) {
        (0, 0) => "empty".to_owned(),
        (0, _) => format!("{}, {}", summary.shape, counted(summary.usable, "transcript")),
        (given, _) => format!("{}, {}", summary.shape, counted(given, "pair")),
    };
    let remarks = summary.remarks().into_iter().filter(|_| summary.entries > 0);
    let words: Vec<String> = [has].into_iter().chain(remarks).collect();
    say(&format!("{}: {}", printable(&source.to_string()), words.join("; ")));
}
