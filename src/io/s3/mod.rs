//! Questions to S3: is there such a bucket, such an object, and what is in it. Its client is its own: it never holds the Twelve Labs key, follows no redirect,
//! talks to `*.amazonaws.com` or the configured endpoint only, and signs nothing unless it is given credentials.

mod address;
mod bucket;
mod credentials;
mod exchange;
mod list;
mod object;
mod video;

pub use address::{BadEndpoint, Endpoint};
pub use bucket::Bucket;
pub use credentials::Credentials;
pub use list::{ListError, Page, Summary};

use crate::io::trust::Trust;
use credentials::Signing;
use reqwest::ClientBuilder;
use std::time::Duration;

/// How to reach S3.
#[derive(Clone, Debug)]
pub struct Options {
    /// None: Amazon's, beginning with us-west-2, where the service wants its buckets.
    pub endpoint: Option<Endpoint>,
    /// Before the first retry of a throttled request; doubled for each further one.
    pub pause: Duration,
    /// The operator's own, used for listings and for what anonymous requests are refused. None: nothing is ever signed.
    pub credentials: Option<Credentials>,
    pub trust: Trust,
    /// No byte for so long ends a request.
    pub silence: Duration,
    /// A request with its whole reply: a drip of bytes must not hold the operator.
    pub most: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            endpoint: None,
            credentials: None,
            trust: Trust::default(),
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
    signing: Option<Signing>,
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
        let mut builder = client(&options)
            // What is asked for is small: a body that unpacks to gigabytes is never wanted.
            .no_gzip()
            // S3 speaks HTTP/1.1 only; what is checked together finds its connection kept, until S3 would close it.
            .http1_only()
            .pool_max_idle_per_host(32)
            .pool_idle_timeout(Duration::from_secs(10))
            .tcp_nodelay(true);
        if options.endpoint.as_ref().is_some_and(Endpoint::is_loopback) {
            builder = builder.no_proxy();
        }
        let built = |builder: ClientBuilder| builder.build().map_err(|error| NoClient(innermost(&error)));
        let signing = match &options.credentials {
            // Sign-in services are others than S3, and know nothing of its endpoint.
            Some(credentials) => Some(Signing::new(credentials, built(client(&options))?)),
            None => None,
        };
        Ok(S3 { client: built(builder)?, signing, options })
    }

    /// Where the credentials come from that requests are signed with: `profile acme`. None when nothing is ever signed.
    pub fn credentials(&self) -> Option<String> {
        self.signing.as_ref().map(|signing| signing.origin().to_owned())
    }
}

/// What holds for whomever is asked.
fn client(options: &Options) -> ClientBuilder {
    let builder = crate::io::client::builder().connect_timeout(Duration::from_secs(10)).read_timeout(options.silence);
    options.trust.added_to(builder)
}

/// The cause at the bottom of a chain: the only link that tells an operator something. Never holds a URL.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    let cause = error.to_string();
    // A number of the system's says nothing beside its words.
    cause.split(" (os error").next().unwrap_or(&cause).to_owned()
}
