//! The reply: head, body, and the data in them. All of it is untrusted, so every text that leaves this file for a
//! screen is printable.

use super::shown::{ShownBody, shown};
use crate::printable::printable;
use serde::Deserializer as _;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// How much of a body was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BodyState {
    Whole,
    /// Longer than cuecard keeps; the rest was not read.
    Truncated,
    /// The connection ended or stalled before the body was complete.
    Cut,
    /// Stored in the ledger, but not loaded into this copy.
    NotLoaded,
}

/// A reply as received: untrusted, and unchanged except for an echoed API key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    /// The registered reason phrase; empty for an unregistered code.
    pub reason: String,
    /// `HTTP/1.1`
    pub version: String,
    pub headers: Vec<(String, String)>,
    /// After decompression, at most 1 MiB.
    pub body: Vec<u8>,
    pub body_state: BodyState,
}

/// The service's error, printable.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VendorError {
    pub code: Option<String>,
    pub message: Option<String>,
}

impl Reply {
    /// `204 No Content`
    pub fn status_line(&self) -> String {
        if self.reason.is_empty() {
            self.status.to_string()
        } else {
            format!("{} {}", self.status, printable(&self.reason))
        }
    }

    /// The first header of that name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Code and message of the vendor's error body, in any of its three shapes: `{code, message}` (v1.1 and later),
    /// `{error_code, message}` (v1.0) and `{error: {code, message}}` (some of v1.3). A gateway's HTML has neither.
    pub fn vendor_error(&self) -> Option<VendorError> {
        // This runs on every frame, and no error message is longer.
        const LONGEST: usize = 64 * 1024;
        if self.body.len() > LONGEST {
            return None;
        }
        let fields = self.fields().or_else(|| first(std::str::from_utf8(&self.body).ok()?))?;
        let inner = fields.get("error").and_then(|e| serde_json::from_str::<BTreeMap<String, &RawValue>>(e.get()).ok());
        let listed = || first(fields.get("errors")?.get());
        let fields = inner.or_else(listed).unwrap_or(fields);
        let code = ["code", "error_code"].iter().find_map(|name| word(fields.get(*name)?));
        let message = fields.get("message").and_then(|m| word(m));
        (code.is_some() || message.is_some()).then_some(VendorError { code, message })
    }

    /// The fields of a JSON object; of a truncated one, those that are complete.
    pub(crate) fn fields(&self) -> Option<BTreeMap<String, &RawValue>> {
        let mut fields = BTreeMap::new();
        let mut json = serde_json::Deserializer::from_slice(&self.body);
        let whole = json.deserialize_map(Fields(&mut fields)).and_then(|()| json.end()).is_ok();
        (whole || matches!(self.body_state, BodyState::Cut | BodyState::Truncated)).then_some(fields)
    }

    /// Time until the service accepts requests again, from `x-ratelimit-reset` (UTC epoch seconds) or `retry-after`
    /// (seconds). `now` is Unix time in seconds. None if the reply doesn't say, or the value is impossible.
    pub fn opens_again_in(&self, now: i64) -> Option<Duration> {
        const LONGEST: Duration = Duration::from_secs(400 * 24 * 3600);
        let retry = self.header("retry-after").and_then(|v| v.trim().parse::<i64>().ok());
        let reset = self.header("x-ratelimit-reset").and_then(|v| v.trim().parse::<i64>().ok());
        let seconds = retry.or_else(|| reset.and_then(|at| at.checked_sub(now)))?;
        let wait = Duration::from_secs(u64::try_from(seconds).ok()?);
        (wait <= LONGEST).then_some(wait)
    }

    /// The body as printable lines: JSON is indented with its keys, numbers and escapes unchanged, other text is shown
    /// as it is, anything else as a byte count. If the body is too long, the last line says how much is missing.
    pub fn shown_body(&self) -> ShownBody {
        shown(&self.body)
    }
}

/// The fields of the first object in a JSON array.
fn first(array: &str) -> Option<BTreeMap<String, &RawValue>> {
    serde_json::from_str::<Vec<BTreeMap<String, &RawValue>>>(array).ok()?.into_iter().next()
}

/// Stores fields where they survive a later error.
struct Fields<'a, 'de>(&'a mut BTreeMap<String, &'de RawValue>);

impl<'de> Visitor<'de> for Fields<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        while let Some((name, value)) = map.next_entry()? {
            self.0.insert(name, value);
        }
        Ok(())
    }
}

/// A JSON string or number as printable text.
fn word(raw: &RawValue) -> Option<String> {
    let text = raw.get();
    let text = match serde_json::from_str::<String>(text) {
        Ok(text) => text,
        Err(_) if text.starts_with(|c: char| c.is_ascii_digit() || c == '-') => text.to_owned(),
        Err(_) => return None,
    };
    let text = printable(text.trim()).into_owned();
    (!text.is_empty()).then_some(text)
}
