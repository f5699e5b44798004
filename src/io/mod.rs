//! Adapters: each talks to one outside thing and decides nothing.

pub mod api_key;
pub mod checks;
pub mod client;
mod error_words;
pub mod files;
pub mod folders;
pub mod key_sources;
pub mod parts;
mod process;
mod proxy;
pub mod s3;
pub mod store;
pub mod threads;
pub mod trust;
pub mod twelve_labs;

pub use error_words::error_words;
