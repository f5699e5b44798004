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

/// The innermost cause of an error as a phrase in lower case, without the system's number: `connection refused`. Never contains
/// a URL.
pub(super) fn cause_of(error: &(dyn std::error::Error + 'static)) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    let text = innermost.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut characters = text.chars();
    match characters.next() {
        // `UnknownIssuer` and `HTTP` keep their capitals.
        Some(first) if characters.clone().next().is_some_and(|c| c.is_lowercase()) => {
            first.to_lowercase().chain(characters).collect()
        }
        _ => text.to_owned(),
    }
}
