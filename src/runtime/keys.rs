//! Reads transcript keys from where the operator says they are, page by page.

use super::work::Stop;
use crate::app::{JobId, Msg};
use crate::domain::draft::Snapshot;
use crate::domain::keys::parse::{Parsed, Place, of_manifest, parse, usual_bucket};
use crate::domain::keys::{KeyList, Source};
use crate::domain::manifest::Field;
use crate::io::s3::S3;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{Sender, channel};

/// A saved list longer than this, in bytes, is not read.
const LONGEST_LIST: u64 = 1 << 30;
/// Rows whose transcripts tell which bucket a list without buckets is of.
const SAMPLE: u32 = 10_000;
/// Pages are shown at most so often.
const TELL: Duration = Duration::from_millis(100);

pub async fn list(
    job: JobId,
    s3: S3,
    list: Arc<KeyList>,
    source: String,
    snapshot: Snapshot,
    results: Sender<Msg>,
    stop: Stop,
) {
    let reading = async {
        match Source::parse(&source).map_err(|error| error.to_string())? {
            Source::Bucket { bucket, prefix } => from_bucket(job, &s3, list, &bucket, &prefix, &results).await,
            Source::File { path, at } => {
                let read = tokio::task::spawn_blocking(move || from_file(&path, at, &snapshot)).await;
                let parsed = read.map_err(|_| "the list could not be read".to_owned())??;
                append(job, list, parsed.keys, &results).await;
                Ok(())
            }
            Source::Manifest => {
                let read = tokio::task::spawn_blocking(move || from_manifest(&snapshot)).await;
                append(job, list, read.map_err(|_| "the rows could not be read".to_owned())?, &results).await;
                Ok(())
            }
        }
    };
    let end = tokio::select! {
        biased;
        () = stop.token.cancelled() => return,
        end = reading => end,
    };
    let _ = results.send(Msg::KeysEnded(job, end)).await;
}

async fn from_bucket(
    job: JobId,
    s3: &S3,
    list: Arc<KeyList>,
    bucket: &str,
    prefix: &str,
    results: &Sender<Msg>,
) -> Result<(), String> {
    let (pages_in, mut pages) = channel(4);
    let mut list = Arc::unwrap_or_clone(list);
    let listing = s3.list(bucket, prefix, pages_in);
    let receiving = async {
        let mut told: Option<Instant> = None;
        while let Some(page) = pages.recv().await {
            list.append(page.keys);
            if told.is_none_or(|at| at.elapsed() > TELL) {
                told = Some(Instant::now());
                let _ = results.send(Msg::KeysListed(job, Arc::new(list.clone()))).await;
            }
        }
        let _ = results.send(Msg::KeysListed(job, Arc::new(list))).await;
    };
    let (end, ()) = tokio::join!(listing, receiving);
    end.map(|_| ()).map_err(|error| error.to_string())
}

async fn append(job: JobId, list: Arc<KeyList>, more: KeyList, results: &Sender<Msg>) {
    let list = if list.is_empty() { more } else { both(list, &more) };
    let _ = results.send(Msg::KeysListed(job, Arc::new(list))).await;
}

fn both(list: Arc<KeyList>, more: &KeyList) -> KeyList {
    let mut list = Arc::unwrap_or_clone(list);
    list.append((0..more.len()).filter_map(|index| {
        let key = more.get(index)?;
        Some(crate::domain::keys::Key {
            bucket: key.bucket.to_owned(),
            key: key.key.to_owned(),
            size: key.size,
            modified: key.modified,
        })
    }));
    list
}

fn from_file(path: &Path, at: Option<(String, String)>, snapshot: &Snapshot) -> Result<Parsed, String> {
    let shown = path.display();
    let wrong = |error: std::io::Error| format!("{shown} can't be read: {error}");
    let facts = std::fs::metadata(path).map_err(wrong)?;
    if !facts.is_file() {
        return Err(format!("{shown} is no file; a source is s3://bucket/prefix or a list in a file"));
    }
    if facts.len() > LONGEST_LIST {
        return Err(format!("{shown} is longer than 1 GiB; list one prefix at a time"));
    }
    let bytes = std::fs::read(path).map_err(wrong)?;
    let (bucket, prefix) = match at {
        Some((bucket, prefix)) => (Some(bucket), prefix),
        // A listing by `aws s3 ls` doesn't say whose it is: most likely the bucket the transcripts are in already.
        None => (bucket_of(snapshot), String::new()),
    };
    let place = Place { bucket: bucket.as_deref(), prefix: &prefix };
    let parsed = parse(&bytes, place).map_err(|error| format!("{shown}: {error}"))?;
    if parsed.keys.is_empty() {
        let left_out = parsed.without_bucket;
        return Err(match left_out {
            0 => format!("{shown} lists no .srt or .vtt"),
            _ => format!("{shown} names no bucket; say whose list it is: :source {shown}@s3://BUCKET"),
        });
    }
    Ok(parsed)
}

fn texts(snapshot: &Snapshot, field: Field, rows: u32) -> Vec<String> {
    (0..snapshot.len().min(rows)).map(|row| snapshot.value(row, field).text().to_owned()).collect()
}

fn bucket_of(snapshot: &Snapshot) -> Option<String> {
    let usual = |field| usual_bucket(texts(snapshot, field, SAMPLE).iter().map(String::as_str));
    usual(Field::Transcription).or_else(|| usual(Field::Object))
}

fn from_manifest(snapshot: &Snapshot) -> KeyList {
    of_manifest(texts(snapshot, Field::Transcription, u32::MAX).iter().map(String::as_str))
}
