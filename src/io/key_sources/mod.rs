//! Reads sources of transcript keys page by page, from buckets and files. For screens and commands.
//!
//! Dropping the future stops the reading.

mod file;
mod inventory;
mod parquet;

use super::s3::{self, ListError, S3};
use crate::domain::draft::Snapshot;
use crate::domain::keys::listing::{self, ReadOptions, Reading, of_manifest};
use crate::domain::keys::{
    End, KeyList, NotKeys, Page, Shape, Source, SourceFault, SourcePlace, Summary, Unit, is_transcript,
};
use crate::domain::manifest::Field;
use crate::domain::pair;
use std::ops::ControlFlow;
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// What sources may need.
#[derive(Clone, Debug)]
pub struct World {
    /// The error is the sentence shown when a bucket should be listed but can't: offline, or no client.
    pub s3: Result<S3, String>,
    /// The manifest that needs the keys.
    pub manifest: Snapshot,
    /// Don't guess a table's columns: return [`SourceFault::Columns`] even if the values identify them.
    pub ask_columns: bool,
}

/// Reads a source and passes each page on as it arrives, until its end or until `on_page` stops it.
///
/// A source that breaks off still returns a [`Summary`], whose `end` says why: the pages so far are good.
///
/// # Errors
/// [`SourceFault`] if it holds no usable keys.
pub async fn read(
    source: &Source,
    world: &World,
    on_page: impl FnMut(Page) -> ControlFlow<()>,
) -> Result<Summary, SourceFault> {
    match source {
        Source::Bucket(place) => bucket(place, world, on_page).await,
        Source::File { .. } | Source::Manifest => {
            let (pages_in, pages) = channel(4);
            let (source, manifest, ask) = (source.clone(), world.manifest.clone(), world.ask_columns);
            let reading = tokio::task::spawn_blocking(move || blocking(&source, &manifest, ask, &pages_in));
            hand_on(pages, on_page).await;
            reading.await.map_err(|_| SourceFault::Unreadable("the source could not be read".to_owned()))?
        }
    }
}

/// What kind of list a file seems to be, from its beginning; None where that holds no key.
pub fn shape_of(path: &std::path::Path) -> Option<String> {
    file::begin(path, BEGIN).and_then(|begin| look_into(&begin))
}

/// So many bytes tell what a file is.
const BEGIN: u64 = 64 * 1024;

fn look_into(begin: &[u8]) -> Option<String> {
    let source = Source::parse("list").ok()?;
    let place = || Some("bucket".to_owned());
    let options = ReadOptions { source: &source, ask_columns: false, assume: &place };
    let read = listing::read(begin, &options, &mut |_| ControlFlow::Continue(()));
    match read {
        Ok(Reading::Inventory(_)) => Some("S3 Inventory".to_owned()),
        Ok(Reading::Listing(summary)) => {
            // A text that names a key now and then is no list.
            let is_list = summary.usable + summary.given > 0 && summary.not_keys.count * 2 <= summary.entries;
            is_list.then(|| match summary.shape {
                Shape::Table { .. } => "a table".to_owned(),
                shape => shape.to_string(),
            })
        }
        Err(SourceFault::Columns(_)) => Some("a table".to_owned()),
        Err(SourceFault::RelativeNames { .. }) => Some("aws s3 ls".to_owned()),
        Err(_) => None,
    }
}

/// Forwards pages until the sender is done or `on_page` stops; the sender then finds the receiver gone.
async fn hand_on(mut pages: Receiver<Page>, mut on_page: impl FnMut(Page) -> ControlFlow<()>) {
    while let Some(page) = pages.recv().await {
        if on_page(page).is_break() {
            return;
        }
    }
}

async fn bucket(
    place: &SourcePlace,
    world: &World,
    on_page: impl FnMut(Page) -> ControlFlow<()>,
) -> Result<Summary, SourceFault> {
    let s3 = world.s3.as_ref().map_err(|why| SourceFault::Unreadable(why.clone()))?;
    let (pages_in, pages) = channel(4);
    let listing = s3.list(&place.bucket, &place.prefix, pages_in);
    let (end, mut summary) = tokio::join!(listing, take(pages, &place.prefix, on_page));
    summary.shape = Shape::Bucket { signed: s3.credentials().is_some() };
    match end {
        Ok(listed) => {
            for _ in 0..listed.unreadable {
                summary.entries += 1;
                summary.not_keys.add(summary.entries, "a key that is not UTF-8 text");
            }
            if listed.stopped {
                summary.end = End::Stopped;
            }
        }
        Err(error) if summary.entries > 0 => summary.end = End::early(&error.to_string()),
        Err(error @ ListError::Refused { .. }) => {
            let source = Box::new(Source::Bucket(place.clone()));
            return Err(SourceFault::NotAllowed { source, help: error.to_string() });
        }
        Err(error) => return Err(SourceFault::Unreadable(error.to_string())),
    }
    Ok(summary)
}

/// Forwards the pages of a listing. When `on_page` stops, the listing finds the receiver gone.
async fn take(
    mut pages: Receiver<s3::Page>,
    prefix: &str,
    mut on_page: impl FnMut(Page) -> ControlFlow<()>,
) -> Summary {
    let not_keys = NotKeys { unit: Unit::Entry, ..NotKeys::default() };
    let mut summary = Summary { not_keys, ..Summary::default() };
    while let Some(page) = pages.recv().await {
        let mut keys = KeyList::new();
        for key in page.keys {
            summary.entries += 1;
            // A store that does not know prefixes lists what nobody asked for.
            if !key.key.starts_with(prefix) {
                summary.not_keys.add(summary.entries, &format!("{}, which is outside {prefix}", key.key));
                continue;
            }
            if key.key.ends_with('/') {
                summary.folders += 1;
                continue;
            }
            summary.keys += 1;
            if is_transcript(&key.key) {
                keys.push(key.entry());
            } else {
                summary.others.count(&key.key);
            }
        }
        summary.usable += u64::from(keys.len());
        if on_page(Page { keys, given: Vec::new() }).is_break() {
            break;
        }
    }
    summary
}

fn blocking(
    source: &Source,
    manifest: &Snapshot,
    ask_columns: bool,
    pages: &Sender<Page>,
) -> Result<Summary, SourceFault> {
    let mut on_page = |page| match pages.blocking_send(page) {
        Ok(()) => ControlFlow::Continue(()),
        Err(_) => ControlFlow::Break(()),
    };
    match source {
        Source::File { file, .. } => {
            let assume = || pair::bucket_of(manifest);
            let mut read = file::read(file, &ReadOptions { source, ask_columns, assume: &assume }, &mut on_page);
            if let Err(SourceFault::Columns(which)) = &mut read {
                pair::count_objects(which, manifest);
            }
            read
        }
        _ => {
            let texts = (0..manifest.len()).map(|row| manifest.value(row, Field::Transcription));
            let urls: Vec<String> = texts.map(|value| value.text().to_owned()).collect();
            of_manifest(urls.iter().map(String::as_str), &mut on_page)
        }
    }
}
