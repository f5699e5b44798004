//! Where cuecard keeps what it remembers and where its configuration is looked for: the platform's folders, or those
//! that the environment names. Finds and reads; creates nothing.

use std::io;
use std::path::{Path, PathBuf};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folders {
    /// Databases and the log.
    pub state: PathBuf,
    /// `config.toml`
    pub config: PathBuf,
}

impl Folders {
    /// `CUECARD_STATE_DIR` and `CUECARD_CONFIG_DIR`, else the platform's. Nothing when there is no home folder either.
    pub fn find(variable: impl Fn(&str) -> Option<std::ffi::OsString>) -> Option<Folders> {
        let named = |name: &str| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let platform = directories::ProjectDirs::from("", "", "cuecard");
        let platform = platform.as_ref();
        Some(Folders {
            state: named("CUECARD_STATE_DIR")
                .or_else(|| platform.map(|p| p.state_dir().unwrap_or(p.data_local_dir()).to_owned()))?,
            config: named("CUECARD_CONFIG_DIR").or_else(|| platform.map(|p| p.config_dir().to_owned()))?,
        })
    }

    pub fn config_file(&self) -> PathBuf {
        self.config.join("config.toml")
    }
}

/// The text of a configuration file. One that isn't there is no error, unless it was asked for by name.
pub fn read_config(path: &Path, named: bool) -> io::Result<Option<String>> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound && !named => Ok(None),
        Err(error) => Err(error),
    }
}
