//! Saved listings of transcript keys, in every format.

mod lines;
mod other;
mod properties;

use cuecard::domain::keys::listing::{ReadOptions, Reading, read};
use cuecard::domain::keys::{Given, KeyList, Source, SourceFault, Summary};
use std::ops::ControlFlow;

/// The result of reading a listing.
#[derive(Debug)]
pub struct Got {
    pub summary: Summary,
    pub urls: Vec<String>,
    pub given: Vec<Given>,
    pub keys: KeyList,
}

/// Reads as `--from SOURCE` does, for a manifest whose only bucket is `assumed`.
pub fn read_from(source: &Source, text: &[u8], assumed: Option<&str>) -> Result<Got, SourceFault> {
    let (mut keys, mut given) = (KeyList::new(), Vec::new());
    let order = ReadOptions { source, ask_columns: false, assume: &|| assumed.map(str::to_owned) };
    let reading = read(text, &order, &mut |page| {
        keys.extend(&page.keys);
        given.extend(page.given);
        ControlFlow::Continue(())
    });
    let Reading::Listing(summary) = reading? else { panic!("an inventory") };
    let urls = (0..keys.len()).filter_map(|index| keys.get(index)).map(|key| key.url()).collect();
    Ok(Got { summary: *summary, urls, given, keys })
}

/// A list with a given place, as with `@s3://…`.
pub fn at(place: &str, text: impl AsRef<[u8]>) -> Got {
    read_from(&Source::parse(&format!("keys.txt@{place}")).unwrap(), text.as_ref(), None).unwrap()
}

/// A list without a place, for a manifest with one bucket.
pub fn assumed(text: impl AsRef<[u8]>) -> Result<Got, SourceFault> {
    read_from(&Source::parse("keys.txt").unwrap(), text.as_ref(), Some("acme"))
}

/// A list without a place, for a manifest without one bucket.
pub fn bare(text: impl AsRef<[u8]>) -> Result<Got, SourceFault> {
    read_from(&Source::parse("keys.txt").unwrap(), text.as_ref(), None)
}

pub fn is_relative(read: &Result<Got, SourceFault>) -> bool {
    matches!(read, Err(SourceFault::RelativeNames { .. }))
}
