//! Requests to S3: does a bucket or an object exist, and what does it contain. It has its own client, which never holds
//! the Twelve Labs key, follows no redirect, contacts only `*.amazonaws.com` or the configured endpoint, and signs
//! nothing without credentials.

mod address;
mod beside;
mod bucket;
mod credentials;
mod exchange;
mod ffprobe;
mod link;
mod list;
mod object;
mod video;

pub use address::{BadEndpoint, Endpoint};
pub use bucket::Bucket;
pub use credentials::Credentials;
pub use ffprobe::Ffprobe;
pub use link::Place;
pub use list::{ListError, Page, Summary};

use crate::domain::request::Address;
use crate::io::client::cause_of;
use crate::io::proxy::Proxy;
use crate::io::trust::Trust;
use beside::Folders;
use credentials::Signing;
use reqwest::ClientBuilder;
use std::time::Duration;

/// As many as ask at once at most: a connection that nobody waits for now is wanted in a moment.
const MOST_AT_ONCE: usize = 64;

/// How to reach S3.
#[derive(Clone, Debug)]
pub struct S3Options {
    /// None for Amazon, starting in us-west-2, where the service requires its buckets.
    pub endpoint: Option<Endpoint>,
    /// Pause before the first retry of a throttled request; doubled each time.
    pub pause: Duration,
    /// The operator's own, for listings and for refused anonymous requests. None: requests are never signed.
    pub credentials: Option<Credentials>,
    pub trust: Trust,
    /// Asked about videos whose header our own probe does not read. None: it is never started.
    pub ffprobe: Option<Ffprobe>,
    /// Timeout without any byte received.
    pub silence: Duration,
    /// Timeout for a complete reply: a trickle of bytes must not block the operator.
    pub most: Duration,
}

impl Default for S3Options {
    fn default() -> Self {
        S3Options {
            endpoint: None,
            credentials: None,
            trust: Trust::default(),
            ffprobe: None,
            pause: Duration::from_millis(400),
            silence: Duration::from_secs(20),
            most: Duration::from_secs(120),
        }
    }
}

impl S3Options {
    /// The store that is asked: `aws` or an address.
    pub fn store(&self) -> String {
        self.endpoint.as_ref().map_or_else(|| "aws".to_owned(), Endpoint::to_string)
    }
}

/// A client for such requests. Cheap to clone.
#[derive(Clone, Debug)]
pub struct S3 {
    client: reqwest::Client,
    signing: Option<Signing>,
    options: S3Options,
    folders: Folders,
}

#[derive(Debug, thiserror::Error)]
pub enum NoClient {
    #[error(
        "no HTTPS client could be set up: {0}. Where a system has no CA certificates, install them (ca-certificates) or point SSL_CERT_FILE to a bundle"
    )]
    Tls(String),
    #[error("{0}")]
    Proxy(String),
}

impl S3 {
    /// Creates a client; sends nothing.
    ///
    /// # Errors
    /// [`NoClient`] if the system has no usable certificates, or names a proxy that can't be used.
    pub fn new(options: S3Options) -> Result<S3, NoClient> {
        unusable_proxy(&options).map_or(Ok(()), |why| Err(NoClient::Proxy(why)))?;
        let built = |builder: ClientBuilder| builder.build().map_err(|error| NoClient::Tls(cause_of(&error)));
        let signing = match &options.credentials {
            // Sign-in services are not S3 and don't use its endpoint.
            Some(credentials) => Some(Signing::new(credentials, built(client(&options))?)),
            None => None,
        };
        Ok(S3 { client: built(for_objects(&options))?, signing, options, folders: Folders::default() })
    }

    /// The same, with connections of its own: one is served by the runtime that opened it.
    #[must_use]
    pub fn on_own_connections(&self) -> S3 {
        let client = for_objects(&self.options).build().unwrap_or_else(|_| self.client.clone());
        S3 { client, ..self.clone() }
    }

    /// The origin of the signing credentials: `profile acme`. None if nothing is signed.
    pub fn credentials(&self) -> Option<String> {
        self.signing.as_ref().map(|signing| signing.origin().to_owned())
    }
}

/// Why the environment's proxy can't be used: the client would go round it without a word.
fn unusable_proxy(options: &S3Options) -> Option<String> {
    let asked =
        options.endpoint.as_ref().map_or_else(|| "https://s3.us-west-2.amazonaws.com".into(), Endpoint::to_string);
    let address = Address::parse(&asked, true).ok()?;
    Proxy::from_environment(&address, |name| std::env::var(name).ok())?.for_client().err()
}

fn for_objects(options: &S3Options) -> ClientBuilder {
    let builder = client(options)
        // Responses are small, so one that unpacks to gigabytes is never wanted.
        .no_gzip()
        // S3 speaks HTTP/1.1 only; successive checks reuse connections that S3 has not closed yet.
        .http1_only()
        .pool_max_idle_per_host(MOST_AT_ONCE)
        .pool_idle_timeout(Duration::from_secs(10))
        .tcp_nodelay(true);
    if options.endpoint.as_ref().is_some_and(Endpoint::is_loopback) { builder.no_proxy() } else { builder }
}

/// Options common to all clients.
fn client(options: &S3Options) -> ClientBuilder {
    let builder = crate::io::client::builder().connect_timeout(Duration::from_secs(10)).read_timeout(options.silence);
    options.trust.added_to(builder)
}
