//! The Twelve Labs stand-in: transfers, single videos, indexes and tasks as documented for version 1.2.

use super::answer::Answer;
use super::objects::Objects;
use super::record::{Delay, Record, recorded};
use super::replies::{Manner, fault, json_reply, reply};
use super::serve::Cut;
use super::tasks::Tasks;
use super::{SandboxOptions, index, manifest, single};
use axum::body::Bytes;
use axum::extract::multipart::{Multipart, MultipartRejection};
use axum::extract::{DefaultBodyLimit, Path, RawQuery, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Extension, Router};
use serde_json::{Value, json};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

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
    pub(super) manner: Manner,
    pub(super) record: Record,
    pub(super) objects: Objects,
    /// The buckets' address, without a slash at the end.
    pub(super) s3_endpoint: String,
}

#[derive(Debug)]
pub(super) struct Now {
    /// To a transfer.
    answer: Answer,
    /// To a single video; `NoContent` for the documented one.
    pub(super) to_single: Answer,
    /// To a question for tasks; `NoContent` for the documented one.
    to_listing: Answer,
    received: VecDeque<Transfer>,
    pub(super) tasks: Tasks,
    writing: Limit,
    reading: Limit,
}

/// A limit of requests in a window of time.
#[derive(Clone, Copy, Debug)]
struct Limit {
    most: u64,
    used: u64,
    /// In seconds.
    window: i64,
}

impl Limit {
    /// False if none is left.
    fn take(&mut self) -> bool {
        let is_left = self.used < self.most;
        self.used += u64::from(is_left);
        is_left
    }

    fn tell(self, now: i64, headers: &mut HeaderMap) {
        let reset = (now / self.window + 1) * self.window;
        for (name, number) in [
            ("x-ratelimit-limit", self.most),
            ("x-ratelimit-used", self.used),
            ("x-ratelimit-remaining", self.most - self.used),
            ("x-ratelimit-reset", reset.unsigned_abs()),
        ] {
            headers.insert(HeaderName::from_static(name), HeaderValue::from(number));
        }
    }
}

impl State {
    pub(super) fn new(options: &SandboxOptions, s3_endpoint: &str, objects: Objects) -> State {
        let now = Now {
            answer: options.answer,
            to_single: Answer::NoContent,
            to_listing: Answer::NoContent,
            received: VecDeque::new(),
            tasks: Tasks::new(options.life, options.ahead),
            writing: Limit { most: options.videos_a_day, used: 12.min(options.videos_a_day), window: 86_400 },
            reading: Limit { most: 3_000, used: 3, window: 3_600 },
        };
        // Another origin than the API's: a client that follows redirects would leak its API key there.
        let elsewhere = format!("{s3_endpoint}/{}/moved-here", super::CAPTIONS);
        State {
            now: Mutex::new(now),
            manner: Manner { slow: options.slow, elsewhere },
            record: Record::default(),
            objects,
            s3_endpoint: s3_endpoint.to_owned(),
        }
    }

    pub(super) fn received(&self) -> Vec<Transfer> {
        self.now().received.iter().cloned().collect()
    }

    pub(super) fn answer_with(&self, answer: Answer) {
        self.now().answer = answer;
    }

    pub(super) fn answer_single_with(&self, answer: Answer) {
        self.now().to_single = answer;
    }

    pub(super) fn answer_listing_with(&self, answer: Answer) {
        self.now().to_listing = answer;
    }

    pub(super) fn with_tasks(&self, change: impl FnOnce(&mut Tasks)) {
        change(&mut self.now().tasks);
    }

    pub(super) fn now(&self) -> MutexGuard<'_, Now> {
        // The state is consistent at any time: every change is one assignment or push.
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) fn router(state: Arc<State>) -> Router {
    // Transfers are kept with their manifests instead.
    let read = Router::new()
        .route("/v1.2/tasks", get(tasks).post(single::taken))
        .route("/v1.2/tasks/{id}", get(one_task))
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
        .route("/answer/{to}/{name}", put(set_other_answer))
        .fallback(async || fault(StatusCode::NOT_FOUND, "endpoint_not_exist", "There is no such endpoint here"))
        .layer(Extension(state))
}

async fn set_answer(Extension(state): Extension<Arc<State>>, Path(name): Path<String>) -> Response {
    set(&name, |answer| state.answer_with(answer))
}

/// `PUT /answer/single/NAME` for `POST /tasks`, `PUT /answer/tasks/NAME` for `GET /tasks`.
async fn set_other_answer(
    Extension(state): Extension<Arc<State>>,
    Path((to, name)): Path<(String, String)>,
) -> Response {
    match &*to {
        "single" => set(&name, |answer| state.answer_single_with(answer)),
        "tasks" => set(&name, |answer| state.answer_listing_with(answer)),
        _ => json_reply(StatusCode::NOT_FOUND, &json!({ "answers to": ["single", "tasks"] })),
    }
}

fn set(name: &str, apply: impl FnOnce(Answer)) -> Response {
    if let Some(answer) = Answer::named(name) {
        apply(answer);
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

/// Counts the request and adds the headers of every reply. Reading and writing have limits of their own.
async fn with_limits(
    Extension(state): Extension<Arc<State>>,
    request: Request,
    next: axum::middleware::Next,
) -> Response {
    let reads = request.method() == Method::GET;
    let is_left = {
        let mut now = state.now();
        if reads { now.reading.take() } else { now.writing.take() }
    };
    let (mut response, told) = match is_left {
        true => {
            let response = next.run(request).await;
            // This answer is known for saying nothing.
            let empty =
                response.status() == StatusCode::TOO_MANY_REQUESTS && !response.headers().contains_key("content-type");
            (response, !empty)
        }
        false => (too_many(), true),
    };
    let refused = response.status() == StatusCode::TOO_MANY_REQUESTS;
    let now = state.now();
    let clock = now.tasks.clock();
    let headers = response.headers_mut();
    if told {
        let mut limit = if reads { now.reading } else { now.writing };
        if refused {
            limit.used = limit.most;
        }
        limit.tell(clock.as_second(), headers);
    }
    let date = clock.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    headers.extend(HeaderValue::from_str(&date).ok().map(|date| (header::DATE, date)));
    headers.insert(header::SERVER, HeaderValue::from_static("cuecard-sandbox"));
    headers.insert("x-api-version", HeaderValue::from_static("v1.2"));
    response
}

fn too_many() -> Response {
    let message = "You have exceeded the rate limit (1000req/1day). Please try again later.";
    fault(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", message)
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
    let answer = asked_by(&headers).unwrap_or_else(|| state.now().answer);
    let headers = headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
    let Part { file_name, content_type, bytes } = match read {
        Ok(part) => part,
        Err(why) => return fault(StatusCode::BAD_REQUEST, "parameter_not_provided", &why),
    };
    let taken = manifest::read(&bytes);
    let answer = if taken.is_err() && answer.takes_in() { Answer::BadRequest } else { answer };
    let kept = Transfer { headers, file_name, content_type, bytes, answer };
    {
        let mut now = state.now();
        if now.received.len() == KEPT {
            now.received.pop_front();
        }
        now.received.push_back(kept);
        if let Ok(taken) = &taken
            && answer.takes_in()
        {
            now.tasks.take_transfer(&taken.usable);
        }
    }
    let why = taken.err().unwrap_or_else(|| "The sandbox was told to refuse this manifest".to_owned());
    reply(answer, &state.manner, cut, &why).await
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

/// The answer that the request's API key asks for.
pub(super) fn asked_by(headers: &HeaderMap) -> Option<Answer> {
    Answer::asked_by(&String::from_utf8_lossy(headers.get("x-api-key")?.as_bytes()))
}

/// What the key asks for, unless it is about the transfer endpoint, else what was set.
pub(super) fn other_than_transfer(headers: &HeaderMap, set: Answer) -> Answer {
    asked_by(headers).filter(|answer| !answer.is_about_the_endpoint() && !answer.takes_in()).unwrap_or(set)
}

async fn tasks(
    Extension(state): Extension<Arc<State>>,
    Extension(cut): Extension<Cut>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let answer = other_than_transfer(&headers, state.now().to_listing);
    if answer != Answer::NoContent {
        return reply(answer, &state.manner, cut, "The sandbox was told to refuse this").await;
    }
    let query = parameters(query);
    match page_of(&query) {
        Ok((page, limit)) => {
            let index_id = query.get("index_id").map(String::as_str);
            json_reply(StatusCode::OK, &state.now().tasks.listed(index_id, page, limit))
        }
        Err(refused) => refused,
    }
}

async fn one_task(Extension(state): Extension<Arc<State>>, Path(id): Path<String>) -> Response {
    let task = state.now().tasks.one(&id);
    task.map_or_else(
        || {
            let message = format!("Resource with id {id} does not exist in the tasks collection");
            fault(StatusCode::BAD_REQUEST, "resource_not_exist", &message)
        },
        |task| json_reply(StatusCode::OK, &task),
    )
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
    match (asked_by(&headers), index::find(&id)) {
        (Some(answer), _) if !answer.takes_in() => {
            reply(answer, &state.manner, cut, "The sandbox was told to refuse this").await
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

/// Page and its length, as asked for.
#[expect(clippy::result_large_err, reason = "the error is the reply")]
fn page_of(query: &HashMap<String, String>) -> Result<(usize, usize), Response> {
    let number = |name: &str| query.get(name).map(|text| text.parse::<usize>());
    match (number("page").unwrap_or(Ok(1)), number("page_limit").unwrap_or(Ok(10))) {
        (Ok(page @ 1..), Ok(limit @ 1..=50)) => Ok((page, limit)),
        _ => Err(fault(StatusCode::BAD_REQUEST, "parameter_invalid", "The page or page_limit parameter is invalid")),
    }
}

fn paged(all: Vec<Value>, query: &HashMap<String, String>) -> Response {
    let (page, limit) = match page_of(query) {
        Ok(asked) => asked,
        Err(refused) => return refused,
    };
    let (total, pages) = (all.len(), all.len().div_ceil(limit));
    let data: Vec<Value> = all.into_iter().skip((page - 1).saturating_mul(limit)).take(limit).collect();
    let info = json!({ "limit_per_page": limit, "page": page, "total_page": pages, "total_results": total });
    json_reply(StatusCode::OK, &json!({ "data": data, "page_info": info }))
}
