//! Asking S3: against the sandbox's buckets, and against servers that misbehave byte by byte.

mod faulty;
mod list;
mod object;
mod video;

use cuecard::io::s3::{Endpoint, Options, S3};
use std::time::Duration;

/// A client of that store that loses patience soon.
fn s3(endpoint: &str) -> S3 {
    S3::new(impatient(endpoint)).unwrap()
}

fn impatient(endpoint: &str) -> Options {
    Options {
        endpoint: Some(Endpoint::parse(endpoint).unwrap()),
        pause: Duration::from_millis(1),
        silence: Duration::from_millis(300),
        ..Options::default()
    }
}
