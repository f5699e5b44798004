//! The headless commands: each calls domain and io, prints, and returns an exit code.

pub mod arguments;
pub mod check;
pub mod history;
#[cfg(feature = "sandbox")]
pub mod sandbox;
pub mod submit;
