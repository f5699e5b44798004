//! Locates the state and configuration folders: the platform's, or those named by the environment. Reads but creates
//! nothing.

use super::files::{NotRead, must_be_read_once};
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
    /// `CUECARD_STATE_DIR` and `CUECARD_CONFIG_DIR`, else the platform's folders. None if there is no home folder
    /// either.
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

/// The text of a configuration file. A missing file is an error only if it was named; what is no file is never opened.
pub fn read_config(path: &Path, named: bool) -> io::Result<Option<String>> {
    match must_be_read_once(path) {
        Ok(()) | Err(NotRead::Missing) => {}
        Err(why) => return Err(io::Error::other(format!("it {why}"))),
    }
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound && !named => Ok(None),
        Err(error) => Err(error),
    }
}
