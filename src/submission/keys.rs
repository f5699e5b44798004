//! Where the API key is had, and the one that this process already has. It leaves here for the network only.

use crate::io::api_key::{self, KeyError};
use secrecy::SecretString;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// What the settings say about the key.
pub struct Configured {
    /// `from TWELVELABS_API_KEY in the environment`
    pub origin: String,
    /// The environment variable that holds it, if one does.
    pub variable: Option<&'static str>,
    /// Has the key without asking anybody. May run a command.
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
pub struct Keys {
    configured: Option<Configured>,
    kept: Mutex<Option<Kept>>,
}

impl Keys {
    /// Without anything configured, a key has to be typed in.
    pub fn new(configured: Option<Configured>) -> Keys {
        Keys { configured, kept: Mutex::new(None) }
    }

    /// Takes a key that was typed in: from now on it is the one.
    pub fn type_in(&self, key: SecretString) {
        self.keep(Arc::new(key), "typed in for this session".to_owned());
    }

    /// Has the configured key now and keeps it, so that a command runs once.
    ///
    /// # Errors
    /// [`KeyError`] when it can't be had.
    pub fn fetch(&self) -> Result<(), KeyError> {
        let key = self.key()?;
        if let Some(origin) = self.origin() {
            self.keep(key, origin);
        }
        Ok(())
    }

    fn keep(&self, key: Arc<SecretString>, origin: String) {
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(Kept { key, origin });
    }

    /// Where the key would come from; None when nobody said.
    pub fn origin(&self) -> Option<String> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = kept.as_ref().map(|kept| kept.origin.clone());
        kept.or_else(|| Some(self.configured.as_ref()?.origin.clone()))
    }

    /// The environment variable that the key would come from.
    pub fn variable(&self) -> Option<&'static str> {
        let configured = self.configured.as_ref()?;
        // A key that was typed in is in no variable.
        (self.origin()? == configured.origin).then_some(configured.variable)?
    }

    /// The key, if it can be had without asking anybody. May run a command.
    ///
    /// # Errors
    /// [`KeyError`] when it can't be had, or can't be one.
    pub fn key(&self) -> Result<Arc<SecretString>, KeyError> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = kept.as_ref().map(|kept| Arc::clone(&kept.key));
        match (kept, &self.configured) {
            (Some(key), _) => api_key::sound_shared(&key),
            (None, Some(configured)) => (configured.read)(),
            (None, None) => Err(KeyError::Missing),
        }
    }
}
