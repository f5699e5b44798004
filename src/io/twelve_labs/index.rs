//! The service's description of an index: its engines, whether one processes audio, when it expires. API versions use
//! three shapes (facts: `GET /indexes/{id}`); all are accepted from any version, and missing data is unknown.

use super::redact::Redactor;
use super::{BODY_LIMIT, Route, client};
use crate::domain::evidence::{Index, IndexAnswer, Unclear};
use crate::domain::request::Address;
use crate::domain::rules::is_index_id;
use crate::io::client::cause_of;
use reqwest::header::{ACCEPT, HeaderValue};
use reqwest::{Client, Response};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use std::time::Duration;

/// Timeout for connecting. For the complete reply see [`Indexes::new`].
const CONNECT: Duration = Duration::from_secs(10);

/// Requests indexes from one address with one API key. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Indexes {
    client: Client,
    /// `https://api.twelvelabs.io/v1.2/indexes/`
    base: String,
    key: HeaderValue,
    patience: Duration,
}

impl Indexes {
    /// Default timeout for a complete reply.
    pub const PATIENCE: Duration = Duration::from_secs(30);

    /// Sends nothing. Uses the same route as uploads.
    ///
    /// # Errors
    /// A sentence without its full stop: the API key is not valid in a header, or TLS could not be set up.
    pub fn new(address: &Address, key: &SecretString, route: &Route, patience: Duration) -> Result<Indexes, String> {
        let mut header = HeaderValue::from_str(key.expose_secret())
            .map_err(|_| "the API key contains characters that are not allowed in an HTTP header".to_owned())?;
        header.set_sensitive(true);
        let base = address.as_str();
        let base = format!("{}/indexes/", base.strip_suffix(Address::PATH).unwrap_or(base));
        Ok(Indexes { client: client(CONNECT.min(patience), route)?, base, key: header, patience })
    }

    /// Requests one index, once.
    pub async fn index(&self, id: &str) -> IndexAnswer {
        if !is_index_id(id) {
            return IndexAnswer::Unclear(Unclear::Garbled);
        }
        match tokio::time::timeout(self.patience, self.ask(id)).await {
            Ok(Ok((status, body))) => answer(status, &body, id),
            Ok(Err(unclear)) => IndexAnswer::Unclear(unclear),
            Err(_) => IndexAnswer::Unclear(Unclear::Silent(self.patience.as_secs())),
        }
    }

    async fn ask(&self, id: &str) -> Result<(u16, Vec<u8>), Unclear> {
        let request = self.client.get(format!("{}{id}", self.base));
        let request = request.header(ACCEPT, "application/json").header("x-api-key", self.key.clone());
        let response = request.send().await.map_err(failed)?;
        let (status, body) = (response.status().as_u16(), body(response).await?);
        // A name or a code in the reply may contain the API key.
        Ok((status, Redactor::new(self.key.to_str().unwrap_or_default()).redacted(&body, false)))
    }
}

fn failed(error: reqwest::Error) -> Unclear {
    let connecting = error.is_connect() || error.is_builder();
    let cause = cause_of(&error.without_url()).into();
    if connecting { Unclear::Unreachable(cause) } else { Unclear::Broken(cause) }
}

async fn body(mut response: Response) -> Result<Vec<u8>, Unclear> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(failed)? {
        if body.len() + chunk.len() > BODY_LIMIT {
            return Err(Unclear::Garbled);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn answer(status: u16, body: &[u8], id: &str) -> IndexAnswer {
    let json = serde_json::from_slice::<Value>(body).ok().filter(Value::is_object);
    let code = json.as_ref().and_then(code);
    match (status, code, &json) {
        (200..=299, _, Some(json)) => match index(json, id) {
            Some(index) => IndexAnswer::Found(index),
            None => IndexAnswer::Unclear(Unclear::Garbled),
        },
        (200..=299, ..) => IndexAnswer::Unclear(Unclear::Garbled),
        // A 404 from something other than the service, or for the path, says nothing about the index.
        (400 | 404, Some("resource_not_exist"), _) => IndexAnswer::Missing,
        (429, ..) => IndexAnswer::Unclear(Unclear::Throttled),
        (status, code, _) => IndexAnswer::Unclear(Unclear::Status(status, code.map(Into::into))),
    }
}

/// The code of an error, if it is a plain word: `api_key_invalid`.
pub(super) fn code(json: &Value) -> Option<&str> {
    let code = json.get("code").or_else(|| json.get("error_code"))?.as_str()?;
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    ((1..=64).contains(&code.len()) && code.bytes().all(is_word)).then_some(code)
}

/// None if it is not an index, or another one.
fn index(json: &Value, id: &str) -> Option<Index> {
    // Version 1.0 wraps it, sometimes twice.
    let json = json.get("data").filter(|inner| inner.is_object()).unwrap_or(json);
    let json = json.get("data").filter(|inner| inner.is_object()).unwrap_or(json);
    if json.get("_id").or_else(|| json.get("id"))?.as_str()? != id {
        return None;
    }
    let text = |value: &Value, names: &[&str]| {
        names.iter().find_map(|name| value.get(name)?.as_str()).filter(|text| !text.is_empty()).map(Box::from)
    };
    let list = ["engines", "models"].into_iter().find_map(|name| json.get(name)?.as_array());
    let mut index = Index {
        name: text(json, &["index_name", "name"]),
        expires_ms: json.get("expires_at").and_then(Value::as_str).and_then(unix_ms),
        ..Index::default()
    };
    match list {
        Some(engines) => {
            index.engines = engines.iter().filter_map(|engine| text(engine, &["engine_name", "model_name"])).collect();
            let options = |engine: &Value| {
                processes_audio(["engine_options", "model_options"].into_iter().find_map(|name| engine.get(name)))
            };
            let told: Vec<Option<bool>> = engines.iter().map(options).collect();
            // One engine with audio is enough; that none has it is known only if all say so.
            index.needs_audio = match told.contains(&Some(true)) {
                true => Some(true),
                false => (!told.is_empty() && !told.contains(&None)).then_some(false),
            };
        }
        None => {
            index.engines.extend(text(json, &["engine_id"]));
            index.needs_audio = processes_audio(json.get("index_options"));
        }
    }
    Some(index)
}

/// `conversation` up to version 1.2, `audio` since 1.3. None if the options are missing.
fn processes_audio(options: Option<&Value>) -> Option<bool> {
    let options = options?.as_array()?;
    Some(options.iter().any(|option| matches!(option.as_str(), Some("conversation" | "audio"))))
}

/// Unix milliseconds of `2022-06-28T09:12:54`, with or without fractions and zone; without a zone it is UTC. The zero
/// time that some programs write for "none" gives None.
pub(super) fn unix_ms(text: &str) -> Option<i64> {
    let text = text.trim();
    let at = text.parse::<jiff::Timestamp>().ok().or_else(|| {
        let local = text.parse::<jiff::civil::DateTime>().ok()?;
        Some(local.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
    })?;
    Some(at.as_millisecond()).filter(|ms| *ms > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const ID: &str = "6298d673f1090f1100476d4c";

    fn read(json: Value) -> Option<Index> {
        index(&json, ID)
    }

    #[test]
    fn an_index_is_read_in_each_shape_it_has_had() {
        let flat = json!({ "_id": ID, "index_name": "n", "engine_id": "marengo2.5", "index_options": ["visual", "conversation"],
            "expires_at": "2022-06-28T09:12:54" });
        let wanted = Index {
            name: Some("n".into()),
            engines: vec!["marengo2.5".into()],
            needs_audio: Some(true),
            expires_ms: Some(1_656_407_574_000),
        };
        assert_eq!(read(flat.clone()), Some(wanted.clone()));
        assert_eq!(read(json!({ "data": { "data": flat }, "type": "get_index" })), Some(wanted));
        let engines = json!({ "_id": ID, "engines": [
            { "engine_name": "marengo2.6", "engine_options": ["visual"] },
            { "engine_name": "pegasus1.1", "engine_options": ["visual", "conversation"] },
        ], "expires_at": null });
        let engines = read(engines).unwrap();
        assert_eq!(engines.engines, ["marengo2.6".into(), "pegasus1.1".into()]);
        assert_eq!((engines.needs_audio, engines.expires_ms, engines.name), (Some(true), None, None));
        let models = json!({ "_id": ID, "models": [{ "model_name": "marengo2.7", "model_options": ["visual"] }] });
        assert_eq!(read(models).unwrap().needs_audio, Some(false));
    }

    #[test]
    fn missing_index_fields_stay_unknown() {
        let needs = |engines: Value| read(json!({ "_id": ID, "engines": engines })).unwrap().needs_audio;
        assert_eq!(needs(json!([])), None);
        assert_eq!(needs(json!([{ "engine_name": "x" }])), None);
        assert_eq!(needs(json!([{ "engine_options": ["visual"] }, { "engine_name": "x" }])), None);
        assert_eq!(needs(json!([{ "engine_options": ["audio"] }, 7, null])), Some(true));
        assert_eq!(read(json!({ "_id": ID, "engines": "x", "expires_at": 7 })), Some(Index::default()));
        for other in [json!({}), json!({ "_id": 7 }), json!({ "_id": "6298d673f1090f1100476d4d" })] {
            assert_eq!(read(other), None);
        }
    }

    #[test]
    fn a_time_is_read_with_and_without_fractions_and_zone() {
        for text in [
            "2022-06-28T09:12:54",
            "2022-06-28T09:12:54Z",
            "2022-06-28T09:12:54.000Z",
            "2022-06-28T09:12:54.000",
            "2022-06-28 09:12:54",
            "2022-06-28T11:12:54+02:00",
        ] {
            assert_eq!(unix_ms(text), Some(1_656_407_574_000), "{text}");
        }
        for text in ["", "never", "0001-01-01T00:00:00Z", "28.6.2022", "1656407574"] {
            assert_eq!(unix_ms(text), None, "{text}");
        }
    }

    #[test]
    fn only_the_service_itself_can_say_that_there_is_no_such_index() {
        let status = |status, code: Option<&str>| IndexAnswer::Unclear(Unclear::Status(status, code.map(Into::into)));
        for (code, body, wanted) in [
            (400, r#"{"code":"resource_not_exist"}"#, IndexAnswer::Missing),
            (404, r#"{"code":"resource_not_exist"}"#, IndexAnswer::Missing),
            (404, "{}", status(404, None)),
            (404, "<html>", status(404, None)),
            (404, r#"{"code":"api_upgrade_required"}"#, status(404, Some("api_upgrade_required"))),
            (400, r#"{"code":"parameter_invalid"}"#, status(400, Some("parameter_invalid"))),
            (401, r#"{"code":"api_key_invalid"}"#, status(401, Some("api_key_invalid"))),
            (403, "", status(403, None)),
            (302, "", status(302, None)),
            (500, r#"{"code":"\u001b[31m"}"#, status(500, None)),
            (429, "{}", IndexAnswer::Unclear(Unclear::Throttled)),
            (200, "", IndexAnswer::Unclear(Unclear::Garbled)),
            (200, "[]", IndexAnswer::Unclear(Unclear::Garbled)),
            (200, "{}", IndexAnswer::Unclear(Unclear::Garbled)),
        ] {
            assert_eq!(answer(code, body.as_bytes(), ID), wanted, "{code} {body}");
        }
    }
}
