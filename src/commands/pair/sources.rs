//! The keys to search for transcripts: every source is read to its end, one after another.

use crate::commands::{Context, Failure, say};
use crate::domain::draft::Snapshot;
use crate::domain::format::{counted, thousands};
use crate::domain::keys::{Columns, End, Given, Input, KeyList, Listed, Source, Summary};
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
}

/// # Errors
/// [`Failure`] with exit code 2 for the first source without usable keys.
pub(super) fn read(
    named: &[String],
    columns: Option<&Columns>,
    manifest: &Snapshot,
    is_stdin_taken: bool,
    context: &Context,
) -> Result<Keys, Failure> {
    let sources = named
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
    let offline = &context.settings.offline;
    let s3 = match offline.value {
        true => Err(format!("a bucket can't be listed: offline is set {}", offline.origin)),
        false => S3::new(context.s3()?).map_err(|error| error.to_string()),
    };
    let world = World { s3, manifest: manifest.clone(), ask_columns: false };
    let runtime = crate::io::threads::runtime(None);
    let runtime = runtime.map_err(|error| Failure::usage(format!("the sources can't be read: {error}")))?;
    let mut keys = Keys::default();
    for source in &sources {
        let reading = key_sources::read(source, &world, |page| {
            keys.list.extend(&page.keys);
            keys.given.extend(page.given);
            ControlFlow::Continue(())
        });
        let summary = runtime.block_on(reading).map_err(|fault| Failure::usage(fault.to_string()))?;
        narrate(source, &summary);
        if let End::Early(why) = &summary.end {
            keys.broken = Some(format!("{source} ends early, {why}"));
        }
    }
    if !keys.given.is_empty() {
        let given: Vec<&Given> = keys.given.iter().collect();
        keys.list = Listed::with_pairs(&[&keys.list], &given).keys().clone();
    }
    Ok(keys)
}

fn narrate(source: &Source, summary: &Summary) {
    let mut line = format!("{source}: {}, {}", summary.shape, counted(summary.usable, "transcript"));
    let others = summary.others.total();
    if others > 0 {
        line.push_str(&format!(", {} other keys: {}", thousands(others), summary.others));
    }
    if let Some(bucket) = &summary.assumed_bucket {
        line.push_str(&format!("; taken as keys of s3://{bucket}"));
    }
    if summary.not_keys.count > 0 {
        line.push_str(&format!("; {}", summary.not_keys));
    }
    if let End::Early(why) = &summary.end {
        line.push_str(&format!("; it ends early, {why}: a better key may be missing"));
    }
    say(&line);
}
