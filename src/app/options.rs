//! What the settings say that the screens show or obey, and how the screens look.

use crate::domain::limits::Limits;
use crate::domain::request::Address;
use std::path::PathBuf;

#[derive(Clone, Debug, Default)]
pub struct Options {
    /// `api.twelvelabs.io`
    pub host: String,
    /// Where the upload goes.
    pub address: Option<Address>,
    pub profile: Option<String>,
    /// The environment variable that holds the API key, if one does.
    pub key_variable: Option<&'static str>,
    /// The profile wants the row count typed before a send.
    pub protect: bool,
    pub offline: bool,
    /// The vendor's limits that videos are held against.
    pub limits: Limits,
    /// Sources of transcript keys given on the command line.
    pub sources: Vec<String>,
    /// The file that the demo's tour leads through.
    pub tour: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    pub ascii: bool,
    pub no_color: bool,
    pub high_contrast: bool,
}
