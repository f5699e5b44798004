//! Twelve Labs' description of an index (`GET /indexes/{id}`), as far as limits and rules read it.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Index {
    pub name: Option<Box<str>>,
    /// Named as by the service: `marengo2.6`, `pegasus1.1`.
    pub engines: Vec<Box<str>>,
    /// Whether an engine processes audio: `conversation` (v1.1, v1.2) or `audio` (v1.3).
    pub needs_audio: Option<bool>,
    /// In Unix milliseconds; None if it does not expire or does not say.
    pub expires_ms: Option<i64>,
}
