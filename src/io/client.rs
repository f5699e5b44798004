//! The base of every HTTP client: nothing is sent twice or redirected.

use reqwest::{Client, ClientBuilder, redirect, retry};
use rustls::crypto::ring;

pub fn builder() -> ClientBuilder {
    // Process-wide; a second call finds it installed.
    let _ = ring::default_provider().install_default();
    Client::builder()
        .user_agent(concat!("cuecard/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
}
