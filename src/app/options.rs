//! Settings that the screens show or obey, and their look.

use crate::domain::limits::Limits;
use crate::domain::request::Address;
use std::path::PathBuf;

#[derive(Clone, Debug, Default)]
pub struct AppOptions {
    /// `api.twelvelabs.io`
    pub host: String,
    /// Endpoint of the upload.
    pub address: Option<Address>,
    pub profile: Option<String>,
    /// Environment variable that holds the API key, if one does.
    pub key_variable: Option<&'static str>,
    /// The profile requires the operator to type the row count before an upload.
    pub protect: bool,
    pub offline: bool,
    /// The vendor's limits for videos.
    pub limits: Limits,
    /// Sources of transcript S3 keys given on the command line.
    pub sources: Vec<String>,
    /// Where the settings are read from, whether the file is there or not; None in the demo.
    pub settings_file: Option<PathBuf>,
    /// File the demo's tour is for.
    pub tour: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    pub ascii: bool,
    pub no_color: bool,
    pub high_contrast: bool,
}
