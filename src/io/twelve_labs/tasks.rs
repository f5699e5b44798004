//! Asks for tasks, one page at a time, once each: what the service tells about its tasks, its limit and its clock. It
//! reads codes and times as `index` does.

use super::index::{code, unix_ms};
use super::redact::Redactor;
use super::{BODY_LIMIT, Route, client};
use crate::domain::follow::{Limit, PAGE, Page};
use crate::domain::request::Address;
use crate::io::client::cause_of;
use jiff::{Timestamp, fmt::rfc2822};
use reqwest::header::{ACCEPT, AGE, DATE, HeaderMap, HeaderValue, RETRY_AFTER, SERVER};
use reqwest::{Client, Response};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use std::time::Duration;

/// Reads a timestamp into Unix milliseconds.
type Time = fn(&str) -> Option<i64>;

/// Timeout for connecting. For the complete reply see [`Tasks::new`].
const CONNECT: Duration = Duration::from_secs(10);

/// Asks one address with one API key. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Tasks {
    client: Client,
    /// `https://api.twelvelabs.io/v1.2/tasks`
    base: String,
    key: HeaderValue,
    patience: Duration,
}

/// The reply to one question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    pub answer: Answer,
    /// As far as the reply tells it.
    pub limit: Option<Limit>,
    /// The service's clock minus this machine's, in milliseconds; exact to a second.
    pub ahead_ms: Option<i64>,
    /// cuecard's own sandbox says that it is one: everything is over in half a minute.
    pub rehearses: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Page(Page),
    /// 429. How many milliseconds to wait, if it was told.
    Limited(Option<i64>),
    /// 401 or 403: the API key was not accepted.
    Refused(u16),
    /// 404 or 410 of the address itself: there are no tasks to read.
    Gone(u16),
    /// Another status, with the service's code if there is one.
    Status(u16, Option<String>),
    /// No reply, with the cause.
    Silent(String),
    /// A reply that is no list of tasks.
    Garbled,
}

impl Tasks {
    /// Default timeout for a complete reply.
    pub const PATIENCE: Duration = Duration::from_secs(30);

    /// Sends nothing. Uses the same route as uploads.
    ///
    /// # Errors
    /// A sentence without its full stop: the API key is not valid in a header, or TLS could not be set up.
    pub fn new(address: &Address, key: &SecretString, route: &Route, patience: Duration) -> Result<Tasks, String> {
        let mut header = HeaderValue::from_str(key.expose_secret())
            .map_err(|_| "the API key contains characters that are not allowed in an HTTP header".to_owned())?;
        header.set_sensitive(true);
        Ok(Tasks { client: client(CONNECT.min(patience), route)?, base: Tasks::url(address), key: header, patience })
    }

    /// `https://api.twelvelabs.io/v1.2/tasks`
    pub fn url(address: &Address) -> String {
        let base = address.as_str();
        format!("{}/tasks", base.strip_suffix(Address::PATH).unwrap_or(base))
    }

    /// Asks for one page, counted from 1.
    pub async fn page(&self, index: &str, page: u32) -> Told {
        self.patiently(self.ask(index, page)).await
    }

    /// Asks for the task with this id, which the service told. None if it can't stand in an address as it is.
    pub async fn one(&self, id: &str) -> Option<Told> {
        let is_plain = !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
        let url = is_plain.then(|| format!("{}/{id}", self.base))?;
        Some(self.patiently(self.get(url, Page::of_one)).await)
    }

    async fn patiently(&self, asking: impl Future<Output = reqwest::Result<Told>>) -> Told {
        let silent = |why: String| Told { answer: Answer::Silent(why), limit: None, ahead_ms: None, rehearses: false };
        match tokio::time::timeout(self.patience, asking).await {
            Ok(Ok(told)) => told,
            Ok(Err(error)) => silent(cause_of(&error.without_url())),
            Err(_) => silent(format!("no answer within {} s", self.patience.as_secs())),
        }
    }

    async fn ask(&self, index: &str, page: u32) -> reqwest::Result<Told> {
        let url = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("index_id", index)
            .append_pair("page", &page.to_string())
            .append_pair("page_limit", &PAGE.to_string())
            .finish();
        self.get(format!("{}?{url}", self.base), |body, time| Page::read(body, page, time)).await
    }

    async fn get(&self, url: String, read: impl Fn(&[u8], Time) -> Option<Page>) -> reqwest::Result<Told> {
        let request = self.client.get(url);
        let request = request.header(ACCEPT, "application/json").header("x-api-key", self.key.clone());
        let asked = Timestamp::now().as_millisecond();
        let response = request.send().await?;
        let now = Timestamp::now().as_millisecond();
        // A cache tells the time at which it asked, and how long ago that was.
        let age = number(response.headers(), AGE.as_str()).and_then(|seconds| i64::try_from(seconds).ok()).unwrap_or(0);
        let date = date(response.headers()).map(|date| date.saturating_add(age.saturating_mul(1_000)));
        let ahead_ms = date.map(|date| whole_seconds(date - (asked + now) / 2));
        let limit = limit(response.headers(), ahead_ms.unwrap_or(0));
        let wait = wait(response.headers(), limit.as_ref(), now);
        let rehearses = text(response.headers(), SERVER.as_str()) == Some("cuecard-sandbox");
        let status = response.status().as_u16();
        let answer = match body(response).await? {
            // A name in the reply may contain the API key.
            Some(body) => {
                let body = Redactor::new(self.key.to_str().unwrap_or_default()).redacted(&body, false);
                answer(status, &body, read, wait)
            }
            None => Answer::Garbled,
        };
        Ok(Told { answer, limit, ahead_ms, rehearses })
    }
}

fn answer(status: u16, body: &[u8], read: impl Fn(&[u8], Time) -> Option<Page>, wait: Option<i64>) -> Answer {
    match status {
        200..=299 => read(body, unix_ms).map_or_else(|| no_page(status, body), Answer::Page),
        429 => Answer::Limited(wait),
        // A gateway or a sign-in page refuses in words of its own.
        401 | 403 if body.trim_ascii().first().is_some_and(|first| !matches!(first, b'{' | b'[' | b'"')) => {
            Answer::Silent(format!("something else answered, with status {status}"))
        }
        401 | 403 => Answer::Refused(status),
        404 | 410 => Answer::Gone(status),
        status => {
            let json = serde_json::from_slice(body).unwrap_or(Value::Null);
            Answer::Status(status, code(&json).map(str::to_owned))
        }
    }
}

/// A reply without tasks, though its status says that all went well: its code may tell why.
fn no_page(status: u16, body: &[u8]) -> Answer {
    let json = serde_json::from_slice(body).unwrap_or(Value::Null);
    match code(&json) {
        Some(code) if code.starts_with("api_key") => Answer::Refused(status),
        Some(code) => Answer::Status(status, Some(code.to_owned())),
        None => Answer::Garbled,
    }
}

/// None if it is longer than anything a page can be.
async fn body(mut response: Response) -> reqwest::Result<Option<Vec<u8>>> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > BODY_LIMIT {
            return Ok(None);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Some(body))
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn number(headers: &HeaderMap, name: &str) -> Option<u64> {
    text(headers, name)?.trim().parse().ok()
}

fn date(headers: &HeaderMap) -> Option<i64> {
    let at = rfc2822::DateTimeParser::new().parse_timestamp(text(headers, DATE.as_str())?).ok()?;
    Some(at.as_millisecond())
}

/// The header tells whole seconds, so less than two are no difference.
fn whole_seconds(ms: i64) -> i64 {
    if ms.abs() < 2_000 { 0 } else { ms / 1_000 * 1_000 }
}

fn limit(headers: &HeaderMap, ahead_ms: i64) -> Option<Limit> {
    let reset =
        number(headers, "x-ratelimit-reset").and_then(|seconds| i64::try_from(seconds).ok()?.checked_mul(1_000));
    Some(Limit {
        most: number(headers, "x-ratelimit-limit")?,
        remaining: number(headers, "x-ratelimit-remaining")?,
        reset_ms: reset.and_then(|reset| reset.checked_sub(ahead_ms)),
    })
}

/// Milliseconds until the limit opens again, if the reply tells it. Not in the past, and never longer than a day.
fn wait(headers: &HeaderMap, limit: Option<&Limit>, now_ms: i64) -> Option<i64> {
    let after =
        number(headers, RETRY_AFTER.as_str()).and_then(|seconds| i64::try_from(seconds).ok()?.checked_mul(1_000));
    let reset = limit.and_then(|limit| limit.reset_ms).map(|reset| reset - now_ms);
    after.or(reset).filter(|ms| *ms >= 0).map(|ms| ms.clamp(1_000, 86_400_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_service_itself_can_say_that_the_key_is_not_accepted() {
        let told = |status, body: &str| answer(status, body.as_bytes(), |_, _| None, None);
        for body in ["", "{}", r#"{"code":"api_key_invalid"}"#, "\n{\"message\":\"no\"}"] {
            assert_eq!(told(403, body), Answer::Refused(403), "{body}");
        }
        for body in ["<html>Sign in</html>", "Blocked by policy", " error code: 1020"] {
            assert!(matches!(told(403, body), Answer::Silent(why) if why.contains("something else")), "{body}");
        }
    }
}
