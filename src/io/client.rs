//! What every HTTP client of cuecard begins with: nothing is ever sent twice or to another address, whoever is asked.

use reqwest::{Client, ClientBuilder, redirect, retry};
use rustls::crypto::ring;

pub fn builder() -> ClientBuilder {
    // For the whole process; whoever comes second finds it there.
    let _ = ring::default_provider().install_default();
    Client::builder()
        .user_agent(concat!("cuecard/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
}
