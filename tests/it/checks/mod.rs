//! The engine of online checks, against the sandbox.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod command;
mod memory;
mod order;
mod shards;

use crate::manifests;
use cuecard::domain::draft::Snapshot;
use cuecard::domain::evidence::{Observation, Observed, Progress, Scope, Subject, SubjectKind, SweepState};
use cuecard::domain::manifest::{Manifest, RowId};
use cuecard::io::checks::{CheckOptions, Checks, Report};
use cuecard::io::s3::{self, Endpoint, S3};
use cuecard::sandbox::{CAPTIONS, Sandbox};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::Receiver;

/// A port without a listener.
const NOBODY: &str = "http://127.0.0.1:1";

/// One cue.
const CUE: &[u8] = b"1\n00:00:01,000 --> 00:00:02,500\nGood evening.\n";

const ALL: Scope = Scope { rows: None, transcripts: true, videos: true, indexes: true, afresh: false, share: None };
const TRANSCRIPTS: Scope = Scope { videos: false, indexes: false, ..ALL };

fn s3(endpoint: &str) -> S3 {
    let endpoint = Some(Endpoint::parse(endpoint).unwrap());
    S3::new(s3::S3Options { endpoint, pause: Duration::from_millis(1), ..s3::S3Options::default() }).unwrap()
}

fn options() -> CheckOptions {
    CheckOptions { per_second: None, pause: Duration::from_millis(20), ..CheckOptions::default() }
}

fn remembering(folder: &Path, sandbox: &Sandbox) -> CheckOptions {
    CheckOptions { evidence_cache: Some((folder.to_owned(), sandbox.s3_endpoint().to_owned())), ..options() }
}

fn row(video: &str, transcript: &str) -> String {
    manifests::row(video).transcript(transcript).to_string()
}

fn snapshot(rows: impl IntoIterator<Item = String>) -> Snapshot {
    Snapshot::of(Arc::new(Manifest::parse(manifests::manifest(rows).into_bytes()).unwrap()))
}

fn transcript(key: &str) -> Subject {
    Subject::of(SubjectKind::Transcript, &url(key)).unwrap()
}

fn url(key: &str) -> String {
    format!("s3://{CAPTIONS}/{key}")
}

/// All reports up to the end of a sweep: batches, and the last progress.
async fn until_done(told: &mut Receiver<Report>) -> (Vec<Vec<Observed>>, Progress) {
    let mut batches = Vec::new();
    loop {
        match told.recv().await.expect("it goes on until it is done") {
            Report::Observed(batch) => batches.push(batch),
            Report::Moved(progress) if progress.state == SweepState::Done => return (batches, progress),
            Report::Moved(_) => {}
        }
    }
}

/// The next answers.
async fn observed(told: &mut Receiver<Report>) -> Vec<Observed> {
    loop {
        if let Report::Observed(batch) = told.recv().await.expect("something is learnt") {
            return batch;
        }
    }
}

/// The first progress report that meets the condition.
async fn progress(told: &mut Receiver<Report>, fits: impl Fn(&Progress) -> bool) -> Progress {
    loop {
        match told.recv().await.expect("it is told how far it is") {
            Report::Moved(progress) if fits(&progress) => return progress,
            _ => {}
        }
    }
}

/// Runs a sweep to its end, with everything cached.
async fn swept(
    sandbox: &Sandbox,
    snapshot: &Snapshot,
    scope: Scope,
    options: CheckOptions,
) -> (Vec<Observed>, Progress) {
    let (checks, mut told) = Checks::start(s3(sandbox.s3_endpoint()), None, options);
    checks.sweep(1, snapshot.clone(), scope, 0);
    let (batches, progress) = until_done(&mut told).await;
    drop(checks);
    while told.recv().await.is_some() {}
    (batches.into_iter().flatten().collect(), progress)
}

/// The answers, without rows that got one that was told before.
fn told(observed: &[Observed]) -> impl Iterator<Item = &Observation> {
    observed.iter().filter_map(|observed| observed.observation.as_deref())
}

fn rows(observed: &[Observed]) -> BTreeSet<RowId> {
    observed.iter().flat_map(|observed| observed.rows.iter().copied()).collect()
}
