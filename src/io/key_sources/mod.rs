//! Reads sources of transcript keys, page by page: lists buckets, reads files. For the screens and the commands alike.
//!
//! Dropping the future ends the reading.

use super::s3::{self, S3};
use crate::domain::draft::Snapshot;
use crate::domain::keys::parse::{self, of_manifest, parse};
use crate::domain::keys::{End, Input, KeyList, Page, Place, Shape, Source, SourceFault, Summary, is_transcript};
use crate::domain::manifest::Field;
use std::io::Read;
use std::ops::ControlFlow;
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// A saved list longer than this, in bytes, is not read.
const LONGEST_LIST: u64 = 1 << 30;

/// What a source may need beside itself.
#[derive(Clone, Debug)]
pub struct World {
    /// The error is the sentence that is told when a bucket should be listed: offline, or no client can be set up.
    pub s3: Result<S3, String>,
    /// The manifest that keys are wanted for.
    pub manifest: Snapshot,
}

/// Reads a source and hands each page on as it comes, until its end or until `on_page` wants no more.
///
/// What broke off in the middle is a [`Summary`] all the same, and its `end` says why: the pages before are good.
///
/// # Errors
/// [`SourceFault`] when it brought nothing.
pub async fn read(
    source: &Source,
    world: &World,
    on_page: impl FnMut(Page) -> ControlFlow<()>,
) -> Result<Summary, SourceFault> {
    match source {
        Source::Bucket(place) => bucket(place, world, on_page).await,
        Source::File { .. } | Source::Manifest => {
            let (pages_in, pages) = channel(4);
            let (source, manifest) = (source.clone(), world.manifest.clone());
            let reading = tokio::task::spawn_blocking(move || blocking(&source, &manifest, &pages_in));
            hand_on(pages, on_page).await;
            reading.await.map_err(|_| SourceFault::Unreadable("the source could not be read".to_owned()))?
        }
    }
}

/// Until the sender is done, or nobody wants more: then the receiver is gone, and the sender sees it.
async fn hand_on(mut pages: Receiver<Page>, mut on_page: impl FnMut(Page) -> ControlFlow<()>) {
    while let Some(page) = pages.recv().await {
        if on_page(page).is_break() {
            return;
        }
    }
}

async fn bucket(
    place: &Place,
    world: &World,
    on_page: impl FnMut(Page) -> ControlFlow<()>,
) -> Result<Summary, SourceFault> {
    let s3 = world.s3.as_ref().map_err(|why| SourceFault::Unreadable(why.clone()))?;
    let (pages_in, pages) = channel(4);
    let listing = s3.list(&place.bucket, &place.prefix, pages_in);
    let (end, mut summary) = tokio::join!(listing, take(pages, on_page));
    summary.shape = Shape::Bucket { signed: s3.credentials().is_some() };
    match end {
        Ok(listed) if listed.stopped => summary.end = End::Stopped,
        Ok(_) => {}
        Err(error) if summary.keys > 0 => summary.end = End::Early(error.to_string()),
        Err(error) => return Err(SourceFault::Unreadable(error.to_string())),
    }
    Ok(summary)
}

/// Takes the pages of a listing until its end. When nobody wants more the receiver is gone, and the listing sees it.
async fn take(mut pages: Receiver<s3::Page>, mut on_page: impl FnMut(Page) -> ControlFlow<()>) -> Summary {
    let mut summary = Summary::default();
    while let Some(page) = pages.recv().await {
        let mut keys = KeyList::new();
        for key in page.keys {
            summary.keys += 1;
            if is_transcript(&key.key) {
                keys.append([key]);
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

fn blocking(source: &Source, manifest: &Snapshot, pages: &Sender<Page>) -> Result<Summary, SourceFault> {
    let (mut summary, keys) = match source {
        Source::File { file, at } => file_of(source, file, at.as_ref(), manifest)?,
        _ => {
            let named: Vec<String> = texts(manifest, Field::Transcription).collect();
            let keys = of_manifest(named.iter().map(String::as_str));
            (Summary { shape: Shape::Manifest, ..Summary::default() }, keys)
        }
    };
    summary.usable = u64::from(keys.len());
    summary.keys = summary.usable + keys.others();
    if pages.blocking_send(Page { keys, given: Vec::new() }).is_err() {
        summary.end = End::Stopped;
    }
    Ok(summary)
}

fn file_of(
    source: &Source,
    file: &Input,
    at: Option<&Place>,
    manifest: &Snapshot,
) -> Result<(Summary, KeyList), SourceFault> {
    let bytes = bytes_of(file).map_err(|why| SourceFault::Unreadable(format!("{file} {why}")))?;
    let assumed = if at.is_none() { only_bucket(manifest) } else { None };
    let place = parse::Place {
        bucket: at.map(|at| &*at.bucket).or(assumed.as_deref()),
        prefix: at.map_or("", |at| &at.prefix),
    };
    let parsed = parse(&bytes, place).map_err(|error| SourceFault::Unreadable(format!("{file}: {error}")))?;
    if parsed.keys.is_empty() && parsed.without_bucket > 0 {
        return Err(SourceFault::NoBucket { source: source.clone() });
    }
    let mut summary = Summary { completed: parsed.completed, ..Summary::default() };
    summary.assumed_bucket = assumed.filter(|_| parsed.completed > 0);
    summary.not_keys.count = parsed.unreadable;
    Ok((summary, parsed.keys))
}

fn bytes_of(file: &Input) -> Result<Vec<u8>, String> {
    let wrong = |error: std::io::Error| format!("can't be read: {}", crate::io::error_words(&error));
    let mut bytes = Vec::new();
    match file {
        Input::Stdin => {
            std::io::stdin().lock().take(LONGEST_LIST + 1).read_to_end(&mut bytes).map_err(wrong)?;
        }
        Input::Path(path) => {
            let facts = std::fs::metadata(path).map_err(wrong)?;
            if !facts.is_file() {
                return Err("is no file; a source is s3://bucket/prefix or a list in a file".to_owned());
            }
            let opened = std::fs::File::open(path).map_err(wrong)?;
            opened.take(LONGEST_LIST + 1).read_to_end(&mut bytes).map_err(wrong)?;
        }
    }
    if bytes.len() as u64 > LONGEST_LIST {
        return Err("is longer than 1 GiB; list one prefix at a time".to_owned());
    }
    Ok(bytes)
}

fn texts(manifest: &Snapshot, field: Field) -> impl Iterator<Item = String> {
    (0..manifest.len()).map(move |row| manifest.value(row, field).text().to_owned())
}

/// The bucket that all transcripts of the manifest lie in, or where it has none all videos. None where there are several.
fn only_bucket(manifest: &Snapshot) -> Option<String> {
    [Field::Transcription, Field::Object].into_iter().find_map(|field| {
        let mut only: Option<String> = None;
        for text in texts(manifest, field) {
            let Some((bucket, _)) = crate::domain::s3_url::split(&text) else { continue };
            match &only {
                Some(known) if known != bucket => return Some(None),
                Some(_) => {}
                None => only = Some(bucket.to_owned()),
            }
        }
        only.map(Some)
    })?
}
