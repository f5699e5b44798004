//! Questions to S3: is there such a bucket, such an object, and what is in it. Its client is its own: it never holds the Twelve Labs key, signs nothing, follows no
//! redirect, and talks to `*.amazonaws.com` or the configured endpoint only.

mod address;
mod bucket;
mod exchange;
mod list;
mod object;
mod video;

pub use address::{BadEndpoint, Endpoint};
pub use bucket::Bucket;
pub use list::{ListError, Page, Summary};

use std::time::Duration;

/// How to reach S3.
#[derive(Clone, Debug)]
pub struct Options {
    /// None: Amazon's, beginning with us-west-2, where the service wants its buckets.
    pub endpoint: Option<Endpoint>,
    /// Before the first retry of a throttled request; doubled for each further one.
    pub pause: Duration,
    /// No byte for so long ends a request.
    pub silence: Duration,
    /// A request with its whole reply: a drip of bytes must not hold the operator.
    pub most: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            endpoint: None,
            pause: Duration::from_millis(400),
            silence: Duration::from_secs(20),
            most: Duration::from_secs(120),
        }
    }
}

/// A client for such questions. Cheap to clone.
#[derive(Clone, Debug)]
pub struct S3 {
    client: reqwest::Client,
    options: Options,
}

#[derive(Debug, thiserror::Error)]
#[error(
    "no HTTPS client could be set up: {0}. Where a system has no CA certificates, install them (ca-certificates) or point SSL_CERT_FILE to a bundle"
)]
pub struct NoClient(String);

impl S3 {
    /// Sets up a client; nothing is sent.
    ///
    /// # Errors
    /// [`NoClient`] when the system has no usable certificates.
    pub fn new(options: Options) -> Result<S3, NoClient> {
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("cuecard/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            // What is asked for is small: a body that unpacks to gigabytes is never wanted.
            .no_gzip()
            // S3 speaks HTTP/1.1 only; what is checked together finds its connection kept, until S3 would close it.
            .http1_only()
            .pool_max_idle_per_host(32)
            .pool_idle_timeout(Duration::from_secs(10))
            .tcp_nodelay(true)
            .connect_timeout(Duration::from_secs(10))
            .read_timeout(options.silence);
        if options.endpoint.as_ref().is_some_and(Endpoint::is_loopback) {
            builder = builder.no_proxy();
        }
        let client = builder.build().map_err(|error| NoClient(innermost(&error)))?;
        Ok(S3 { client, options })
    }
}

/// The cause at the bottom of a chain: the only link that tells an operator something. Never holds a URL.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}
