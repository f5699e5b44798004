//! Whether the body of a success status agrees with it. The service documents an empty body, and for v1.0 a message with
//! its type; its errors, and those of gateways, also come with 200.

use super::About;
use super::reply::{BodyState, Reply};
use serde_json::Value;

/// What the body of a success status says. Of several, the last in this order counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tenor {
    /// Nothing against the status.
    Fine,
    /// An error in other words than the service's, or no reply of the service at all.
    Foreign,
    /// One of the service's own error codes.
    Refusal,
}

impl Reply {
    /// The service gave up on the request, and doesn't say whether it had taken it by then.
    pub(super) fn is_time_out(&self) -> bool {
        self.vendor_error().and_then(|error| error.code).is_some_and(|code| code == "request_canceled_or_timed_out")
    }

    pub(super) fn tenor(&self) -> Tenor {
        let is_cut = matches!(self.body_state, BodyState::Cut | BodyState::Truncated);
        let code = self.vendor_error().and_then(|error| error.code);
        if code.as_deref().and_then(About::of_code).is_some() {
            return Tenor::Refusal;
        }
        // 207 announces a status for each part; the service has no parts.
        if code.is_some() || self.status == 207 || self.is_web_page() {
            return Tenor::Foreign;
        }
        let body = self.body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&self.body).trim_ascii();
        if body.is_empty() {
            return if self.is_html() || is_cut { Tenor::Foreign } else { Tenor::Fine };
        }
        match serde_json::from_slice::<Value>(body) {
            // A status, or a count of nothing: `0`, `401`.
            Ok(Value::Number(_)) => Tenor::Foreign,
            Ok(value) => of_value(&value),
            // It breaks off within an error.
            Err(_)
                if is_cut
                    && [&b"\"code\""[..], b"\"error"].iter().any(|name| memchr::memmem::find(body, name).is_some()) =>
            {
                Tenor::Foreign
            }
            // What arrived of an object is all there is to judge by.
            Err(_) if is_cut && matches!(body.first(), Some(b'{' | b'[')) => {
                let fields = self.fields().unwrap_or_default();
                let value =
                    fields.into_iter().filter_map(|(name, raw)| Some((name, serde_json::from_str(raw.get()).ok()?)));
                match of_value(&Value::Object(value.collect())) {
                    // The type that a message needs may be in the part that is missing.
                    Tenor::Foreign
                        if self.fields().is_some_and(|fields| fields.keys().all(|name| name == "message")) =>
                    {
                        Tenor::Fine
                    }
                    tenor => tenor,
                }
            }
            Err(_) => Tenor::Foreign,
        }
    }
}

/// At any depth: the parser of JSON takes no more than 128 levels.
fn of_value(value: &Value) -> Tenor {
    match value {
        Value::Array(items) => items.iter().map(of_value).max().unwrap_or(Tenor::Fine),
        Value::Object(fields) => {
            if fields.iter().any(|(name, value)| tells_of_error(name, value)) {
                return refusal_of(fields).unwrap_or(Tenor::Foreign);
            }
            if let Some(refusal) = refusal_of(fields) {
                return refusal;
            }
            let inner = ["error", "errors", "failures", "failed_files"].into_iter().filter_map(|name| fields.get(name));
            let inner: Vec<&Value> = inner.filter(|value| !is_nothing(value)).collect();
            let of_inner = inner.iter().copied().map(of_value).max();
            if of_inner == Some(Tenor::Refusal) {
                return Tenor::Refusal;
            }
            let is_false = |name: &str| fields.get(name) == Some(&Value::Bool(false));
            let says = |name: &str, is_bad: fn(&Value) -> bool| fields.get(name).is_some_and(is_bad);
            let is_error = !inner.is_empty()
                || ["code", "error_code"].into_iter().any(|name| says(name, |value| !is_nothing(value)))
                || is_false("success")
                || is_false("ok")
                || ["status", "status_code", "statusCode"].into_iter().any(|name| says(name, is_bad_status))
                // The service's own message comes with a type.
                || fields.contains_key("message") && !fields.contains_key("type")
                || ["results", "data", "items"]
                    .into_iter()
                    .filter_map(|name| fields.get(name))
                    .any(|value| of_value(value) != Tenor::Fine);
            if is_error { Tenor::Foreign } else { Tenor::Fine }
        }
        Value::Bool(false) => Tenor::Foreign,
        // Prose in quotes.
        Value::String(text) if !text.is_empty() => Tenor::Foreign,
        _ => Tenor::Fine,
    }
}

/// One of the service's codes, beside words of an error.
fn refusal_of(fields: &serde_json::Map<String, Value>) -> Option<Tenor> {
    let codes = ["code", "error_code"].into_iter().filter_map(|name| fields.get(name)).filter_map(as_word);
    codes.into_iter().any(|code| About::of_code(&code).is_some()).then_some(Tenor::Refusal)
}

/// Fields in which others tell of an error with 200: AWS Lambda and API Gateway, Apigee, FastAPI, OAuth, a captive portal.
/// Their spelling differs: `errorMessage`, `error_message`, `ErrorMessage`.
fn tells_of_error(name: &str, value: &Value) -> bool {
    const ERRORS: &str = " errormessage errormsg errmsg errortype errorcode errcode errordescription detail fault faultstring exception \
          type reason captive ";
    let folded: String = name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    match folded.as_str() {
        // The service's own spelling is judged by what it says.
        _ if matches!(name, "type" | "code" | "error_code" | "message") => false,
        "code" | "message" => !is_nothing(value),
        "stat" | "result" | "state" | "access" => is_bad_status(value),
        known => ERRORS.contains(&format!(" {known} ")) && !is_nothing(value),
    }
}

fn as_word(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// `null`, `false`, `""`, `[]`, `{}`: an error field that says there is none.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Number(number) => number.as_u64() == Some(0),
        Value::Bool(true) => false,
    }
}

fn is_bad_status(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.as_u64().is_some_and(|status| status >= 300),
        Value::String(text) => {
            let text = text.trim().to_ascii_lowercase();
            matches!(text.as_str(), "error" | "fail" | "failed" | "failure" | "refused" | "rejected" | "denied")
                || text.parse::<u16>().is_ok_and(|status| status >= 300)
        }
        _ => false,
    }
}
