//! The trusted certificates: the system's, plus those of a CA file named by the operator, for networks with an
//! intercepting proxy.

use super::files::{NotRead, must_be_read_once};
use std::path::{Path, PathBuf};

/// Certificates in addition to the system's.
#[derive(Clone, Debug, Default)]
pub struct Trust(Vec<reqwest::Certificate>);

#[derive(Debug, thiserror::Error)]
pub enum NoTrust {
    #[error("the CA file {} can't be read: {}", path.display(), super::error_words(source))]
    NotRead { path: PathBuf, source: std::io::Error },
    #[error("the CA file {} contains no certificate; it must be PEM, with -----BEGIN CERTIFICATE-----", path.display())]
    NoCertificate { path: PathBuf },
}

impl Trust {
    /// The certificates of a PEM file.
    ///
    /// # Errors
    /// [`NoTrust`] if it can't be read or contains none.
    pub fn from_file(path: &Path) -> Result<Trust, NoTrust> {
        let read = match must_be_read_once(path) {
            Ok(()) | Err(NotRead::Missing) => std::fs::read(path),
            Err(why) => Err(std::io::Error::other(format!("it {why}"))),
        };
        let pem = read.map_err(|source| NoTrust::NotRead { path: path.to_owned(), source })?;
        match reqwest::Certificate::from_pem_bundle(&pem) {
            Ok(certificates) if !certificates.is_empty() => Ok(Trust(certificates)),
            _ => Err(NoTrust::NoCertificate { path: path.to_owned() }),
        }
    }

    pub(super) fn added_to(&self, builder: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
        if self.0.is_empty() { builder } else { builder.tls_certs_merge(self.0.iter().cloned()) }
    }
}
