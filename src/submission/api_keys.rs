//! The configured API key, and the one in use. It is passed only to the network.

use crate::io::api_key::{self, KeyError};
use secrecy::SecretString;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// The configured source of the API key.
pub struct Configured {
    /// `from TWELVELABS_API_KEY in the environment`
    pub origin: String,
    /// The environment variable that holds it, if any.
    pub variable: Option<&'static str>,
    /// Gets the API key without prompting. May run a command.
    pub read: Box<dyn Fn() -> Result<Arc<SecretString>, KeyError> + Send + Sync>,
}

impl fmt::Debug for Configured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Configured").field("origin", &self.origin).finish_non_exhaustive()
    }
}

#[derive(Debug)]
struct Kept {
    key: Arc<SecretString>,
    origin: String,
}

#[derive(Debug)]
pub struct ApiKeys {
    configured: Option<Configured>,
    kept: Mutex<Option<Kept>>,
}

impl ApiKeys {
    /// Without a configured source, the operator must type the API key.
    pub fn new(configured: Option<Configured>) -> ApiKeys {
        ApiKeys { configured, kept: Mutex::new(None) }
    }

    /// Sets a typed API key, which then replaces any other.
    pub fn type_in(&self, key: SecretString) {
        self.keep(Arc::new(key), "typed in for this session".to_owned());
    }

    /// Gets the configured API key now and keeps it, so that a command runs only once.
    ///
    /// # Errors
    /// [`KeyError`] if that fails.
    pub fn fetch(&self) -> Result<(), KeyError> {
        let key = self.api_key()?;
        if let Some(origin) = self.origin() {
            self.keep(key, origin);
        }
        Ok(())
    }

    fn keep(&self, key: Arc<SecretString>, origin: String) {
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(Kept { key, origin });
    }

    /// The origin of the API key; None if none is configured.
    pub fn origin(&self) -> Option<String> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = kept.as_ref().map(|kept| kept.origin.clone());
        kept.or_else(|| Some(self.configured.as_ref()?.origin.clone()))
    }

    /// The environment variable that the API key comes from.
    pub fn variable(&self) -> Option<&'static str> {
        let configured = self.configured.as_ref()?;
        // A typed API key is in no variable.
        (self.origin()? == configured.origin).then_some(configured.variable)?
    }

    /// The API key, if available without prompting. May run a command.
    ///
    /// # Errors
    /// [`KeyError`] if it is not available or malformed.
    pub fn api_key(&self) -> Result<Arc<SecretString>, KeyError> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = kept.as_ref().map(|kept| Arc::clone(&kept.key));
        match (kept, &self.configured) {
            (Some(key), _) => api_key::sound_shared(&key),
            (None, Some(configured)) => (configured.read)(),
            (None, None) => Err(KeyError::Missing),
        }
    }
}
