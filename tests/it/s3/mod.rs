//! S3 requests: against the sandbox's buckets, and against servers that misbehave byte by byte.

mod demo;
mod faulty;
mod ffprobe;
mod list;
mod object;
mod signed;
mod sources;
mod video;

use cuecard::io::s3::{Endpoint, ListError, Page, S3, S3Options, Summary};
use std::time::Duration;
use tokio::sync::mpsc;

/// A client for a store, with short timeouts.
fn s3(endpoint: &str) -> S3 {
    S3::new(impatient(endpoint)).unwrap()
}

fn impatient(endpoint: &str) -> S3Options {
    S3Options {
        endpoint: Some(Endpoint::parse(endpoint).unwrap()),
        pause: Duration::from_millis(1),
        silence: Duration::from_millis(300),
        ..S3Options::default()
    }
}

/// Lists a bucket to its end: the result, and the pages.
async fn listed(s3: &S3, bucket: &str, prefix: &str) -> (Result<Summary, ListError>, Vec<Page>) {
    let (sender, mut receiver) = mpsc::channel(1);
    let collect = async {
        let mut pages = Vec::new();
        while let Some(page) = receiver.recv().await {
            pages.push(page);
        }
        pages
    };
    tokio::join!(s3.list(bucket, prefix, sender), collect)
}
