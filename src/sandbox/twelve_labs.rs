//! The Twelve Labs stand-in: transfers, indexes and tasks as documented for version 1.2.

use super::answer::Answer;
use super::index;
use super::manifest::{self, Usable};
use super::record::{Delay, Record, recorded};
use super::serve::Cut;
use axum::body::{Body, Bytes};
use axum::extract::multipart::{Multipart, MultipartRejection};
use axum::extract::{DefaultBodyLimit, Path, RawQuery, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Extension, Router};
use serde_json::{Value, json};
use std::collections::{HashMap, VecDeque};
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Transfers kept, so that a sandbox can run for days.
const KEPT: usize = 256;

/// One `POST /tasks/transfers` as received.
#[derive(Clone, Debug)]
pub struct Transfer {
    /// All headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Of the part `file`.
    pub file_name: Option<String>,
    /// Of the part `file`.
    pub content_type: Option<String>,
    /// The content of the part `file`: the manifest's bytes.
    pub bytes: Bytes,
    /// Its answer; `BadRequest` also if the sandbox itself rejected it.
    pub answer: Answer,
}

impl Transfer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

#[derive(Debug)]
pub(super) struct State {
    now: Mutex<Now>,
    slow: Duration,
    /// The target of redirects.
    elsewhere: String,
    pub(super) record: Record,
    used: AtomicU64,
}

#[derive(Debug)]
struct Now {
    answer: Answer,
    received: VecDeque<Transfer>,
    tasks: Vec<Task>,
}

#[derive(Clone, Debug)]
struct Task {
    id: String,
    row: Usable,
    created: Instant,
    at: String,
}

impl State {
    pub(super) fn new(answer: Answer, slow: Duration, elsewhere: String) -> State {
        let now = Now { answer, received: VecDeque::new(), tasks: Vec::new() };
        State { now: Mutex::new(now), slow, elsewhere, record: Record::default(), used: AtomicU64::new(12) }
    }

    pub(super) fn received(&self) -> Vec<Transfer> {
        self.now().received.iter().cloned().collect()
    }

    pub(super) fn answer_with(&self, answer: Answer) {
        self.now().answer = answer;
    }

    fn now(&self) -> MutexGuard<'_, Now> {
        // The state is consistent at any time: every change is one assignment or push.
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) fn router(state: Arc<State>) -> Router {
    // Transfers are kept with their manifests instead.
    let read = Router::new()
        .route("/v1.2/tasks", get(tasks))
        .route("/v1.2/indexes", get(indexes))
        .route("/v1.2/indexes/{id}", get(one_index))
        .layer(axum::middleware::from_fn(recorded))
        .layer(Extension(state.record.clone()))
        .layer(Extension(Delay(Duration::ZERO)));
    let guarded = Router::new()
        .route("/v1.2/tasks/transfers", post(transfer).layer(DefaultBodyLimit::disable()))
        .merge(read)
        .layer(axum::middleware::from_fn(with_key))
        .layer(axum::middleware::from_fn(with_limits));
    Router::new()
        .merge(guarded)
        .route("/answer/{name}", put(set_answer))
        .fallback(async || fault(StatusCode::NOT_FOUND, "endpoint_not_exist", "There is no such endpoint here"))
        .layer(Extension(state))
}

async fn set_answer(Extension(state): Extension<Arc<State>>, Path(name): Path<String>) -> Response {
    if let Some(answer) = Answer::named(&name) {
        state.answer_with(answer);
        return StatusCode::NO_CONTENT.into_response();
    }
    let names: Vec<_> = Answer::ALL.into_iter().map(|(name, _)| name).collect();
    json_reply(StatusCode::NOT_FOUND, &json!({ "answers": names }))
}

async fn with_key(request: Request, next: axum::middleware::Next) -> Response {
    if request.headers().get("x-api-key").is_some_and(|key| !key.is_empty()) {
        return next.run(request).await;
    }
    fault(StatusCode::UNAUTHORIZED, "api_key_invalid", "The x-api-key header is missing")
}

/// Adds the headers of every reply.
async fn with_limits(
    Extension(state): Extension<Arc<State>>,
    request: Request,
    next: axum::middleware::Next,
) -> Response {
    let used = state.used.fetch_add(1, Ordering::Relaxed) + 1;
    let mut response = next.run(request).await;
    let refused = response.status() == StatusCode::TOO_MANY_REQUESTS;
    let used = if refused { 1_000 } else { used % 1_000 };
    // Daily limits reset at midnight UTC.
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let reset = (seconds / 86_400 + 1) * 86_400;
    let headers = response.headers_mut();
    for (name, number) in [
        ("x-ratelimit-limit", 1_000),
        ("x-ratelimit-used", used),
        ("x-ratelimit-remaining", 1_000 - used),
        ("x-ratelimit-reset", reset),
    ] {
        headers.insert(HeaderName::from_static(name), HeaderValue::from(number));
    }
    headers.insert("x-api-version", HeaderValue::from_static("v1.2"));
    response
}

async fn transfer(
    Extension(state): Extension<Arc<State>>,
    Extension(cut): Extension<Cut>,
    headers: HeaderMap,
    multipart: Result<Multipart, MultipartRejection>,
) -> Response {
    let read = match multipart {
        Ok(multipart) => read_part(multipart).await,
        Err(rejection) => Err(rejection.body_text()),
    };
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let asked = headers.get("x-api-key").and_then(|key| Answer::asked_by(&text(key)));
    let answer = asked.unwrap_or_else(|| state.now().answer);
    let headers = headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
    let Part { file_name, content_type, bytes } = match read {
        Ok(part) => part,
        Err(why) => return fault(StatusCode::BAD_REQUEST, "parameter_not_provided", &why),
    };
    let taken = manifest::read(&bytes);
    let answer = if taken.is_err() && takes_in(answer) { Answer::BadRequest } else { answer };
    let kept = Transfer { headers, file_name, content_type, bytes, answer };
    {
        let mut now = state.now();
        if now.received.len() == KEPT {
            now.received.pop_front();
        }
        now.received.push_back(kept);
        if let Ok(taken) = &taken
            && takes_in(answer)
        {
            now.take_in(&taken.usable);
        }
    }
    let why = taken.err().unwrap_or_else(|| "The sandbox was told to refuse this manifest".to_owned());
    reply(answer, &state, cut, &why).await
}

/// With this answer the service has the manifest, whether or not the client learns it.
fn takes_in(answer: Answer) -> bool {
    matches!(answer, Answer::NoContent | Answer::Ok | Answer::Slow | Answer::Drop | Answer::Cut)
}

struct Part {
    file_name: Option<String>,
    content_type: Option<String>,
    bytes: Bytes,
}

async fn read_part(mut multipart: Multipart) -> Result<Part, String> {
    let mut found = None;
    while let Some(field) = multipart.next_field().await.map_err(|error| error.body_text())? {
        if field.name() == Some("file") && found.is_none() {
            let file_name = field.file_name().map(str::to_owned);
            let content_type = field.content_type().map(str::to_owned);
            let bytes = field.bytes().await.map_err(|error| error.body_text())?;
            found = Some(Part { file_name, content_type, bytes });
        } else {
            let name = field.name().unwrap_or_default().to_owned();
            return Err(format!("The part {name:?} is not expected: send one part named \"file\""));
        }
    }
    found.ok_or_else(|| "The required parameter file was not provided".to_owned())
}

async fn reply(answer: Answer, state: &State, cut: Cut, why: &str) -> Response {
    match answer {
        Answer::NoContent => StatusCode::NO_CONTENT.into_response(),
        Answer::Ok => {
            // Spelled as by the vendor.
            let message = "Succesfully requested indexing task";
            json_reply(StatusCode::OK, &json!({ "message": message, "type": "index_task_create" }))
        }
        Answer::BadRequest => fault(StatusCode::BAD_REQUEST, "parameter_invalid", why),
        Answer::Unauthorized => {
            let message = "The API key is either invalid or expired. Please, generate a new key.";
            fault(StatusCode::UNAUTHORIZED, "api_key_invalid", message)
        }
        Answer::Forbidden => {
            fault(StatusCode::FORBIDDEN, "api_allowed_for_paid_plan", "This API is allowed for the paid plan only.")
        }
        Answer::NotFound => {
            fault(StatusCode::NOT_FOUND, "api_upgrade_required", "The endpoint is not in this version of the API.")
        }
        Answer::TooLarge => {
            let page = "<html><head><title>413 Request Entity Too Large</title></head></html>\n";
            (StatusCode::PAYLOAD_TOO_LARGE, [(header::CONTENT_TYPE, "text/html")], page).into_response()
        }
        Answer::TooManyRequests => {
            let message = "You have exceeded the rate limit (1000req/1day). Please try again later.";
            fault(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", message)
        }
        Answer::Redirect => (StatusCode::FOUND, [(header::LOCATION, state.elsewhere.as_str())]).into_response(),
        Answer::ServerError => {
            let page = "<html><body><h1>500 Internal Server Error</h1></body></html>\n";
            (StatusCode::INTERNAL_SERVER_ERROR, [(header::CONTENT_TYPE, "text/html")], page).into_response()
        }
        Answer::Slow => {
            tokio::time::sleep(state.slow).await;
            StatusCode::NO_CONTENT.into_response()
        }
        Answer::Drop => cut.now().await,
        Answer::Cut => {
            let chunks = futures_util::stream::unfold(0, async |chunk| match chunk {
                0 => Some((Ok(Bytes::from_static(b"{\"message\": \"Succesfully req")), 1)),
                _ => {
                    // The head and the first chunk must be sent before the connection breaks.
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    Some((Err(io::Error::from(io::ErrorKind::BrokenPipe)), 1))
                }
            });
            let head = [(header::CONTENT_TYPE, "application/json"), (header::CONTENT_LENGTH, "83")];
            (head, Body::from_stream(chunks)).into_response()
        }
        Answer::Escape => {
            let hostile = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{1b}[31mred\u{1b}[0m \u{9b}31m \u{202e}txt.evil\u{202c} \u{200b}zero \
                           \u{e0041}tag \u{1b}]52;c;cm0gLXJmIC8=\u{7}\u{0}\u{8}\u{7f}\r\n\u{1b}[?1049l done";
            let body =
                json!({ "code": "parameter_invalid", "message": hostile, "docs_url": "\u{1b}]8;;http://evil\u{7}" });
            // Once escaped as in JSON and once raw: none of these bytes may reach the terminal.
            let raw = format!("{body}\n{hostile}\n");
            (StatusCode::BAD_REQUEST, [(header::CONTENT_TYPE, "application/json")], raw).into_response()
        }
    }
}

fn fault(status: StatusCode, code: &str, message: &str) -> Response {
    let docs_url = "https://docs.twelvelabs.io/docs/error-codes";
    json_reply(status, &json!({ "code": code, "message": message, "docs_url": docs_url }))
}

fn json_reply(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

impl Now {
    fn take_in(&mut self, rows: &[Usable]) {
        let at = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string();
        for row in rows {
            let id = format!("{:024x}", 0x6620_0000_0000_u64 + self.tasks.len() as u64);
            self.tasks.push(Task { id, row: row.clone(), created: Instant::now(), at: at.clone() });
        }
    }
}

impl Task {
    fn json(&self) -> Value {
        // A rehearsal goes through every state within half a minute.
        let (status, percentage) = match self.created.elapsed().as_secs() {
            0..2 => ("validating", 0),
            2..4 => ("pending", 0),
            4..6 => ("queued", 0),
            6..20 => ("indexing", (self.created.elapsed().as_secs() - 6) * 100 / 14),
            _ => ("ready", 100),
        };
        let Usable { index_id, object } = &self.row;
        json!({
            "_id": self.id, "index_id": index_id, "status": status, "created_at": self.at, "updated_at": self.at,
            "metadata": { "filename": object.rsplit('/').next(), "duration": 760.0, "width": 1920, "height": 1080 },
            "process": { "percentage": percentage, "remain_seconds": null }, "type": "index_task_info",
        })
    }
}

async fn tasks(Extension(state): Extension<Arc<State>>, RawQuery(query): RawQuery) -> Response {
    let query = parameters(query);
    let wanted = query.get("index_id");
    let newest_first: Vec<Value> = {
        let now = state.now();
        now.tasks.iter().rev().filter(|task| wanted.is_none_or(|id| *id == task.row.index_id)).map(Task::json).collect()
    };
    paged(newest_first, &query)
}

async fn indexes(RawQuery(query): RawQuery) -> Response {
    paged(index::listed(), &parameters(query))
}

async fn one_index(
    Extension(state): Extension<Arc<State>>,
    Extension(cut): Extension<Cut>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Response {
    let asked = headers.get("x-api-key").and_then(|key| Answer::asked_by(&String::from_utf8_lossy(key.as_bytes())));
    match (asked, index::find(&id)) {
        (Some(answer), _) if !takes_in(answer) => {
            reply(answer, &state, cut, "The sandbox was told to refuse this").await
        }
        (_, Some(index)) => json_reply(StatusCode::OK, &index),
        (_, None) => {
            let message = format!("Resource with id {id} does not exist in the indexes collection");
            fault(StatusCode::BAD_REQUEST, "resource_not_exist", &message)
        }
    }
}

fn parameters(query: Option<String>) -> HashMap<String, String> {
    url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect()
}

fn paged(all: Vec<Value>, query: &HashMap<String, String>) -> Response {
    let number = |name: &str| query.get(name).map(|text| text.parse::<usize>());
    let (page, limit) = match (number("page").unwrap_or(Ok(1)), number("page_limit").unwrap_or(Ok(10))) {
        (Ok(page @ 1..), Ok(limit @ 1..=50)) => (page, limit),
        _ => return fault(StatusCode::BAD_REQUEST, "parameter_invalid", "The page or page_limit parameter is invalid"),
    };
    let (total, pages) = (all.len(), all.len().div_ceil(limit));
    let data: Vec<Value> = all.into_iter().skip((page - 1).saturating_mul(limit)).take(limit).collect();
    let info = json!({ "limit_per_page": limit, "page": page, "total_page": pages, "total_results": total });
    json_reply(StatusCode::OK, &json!({ "data": data, "page_info": info }))
}
