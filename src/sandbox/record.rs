//! Records the requests to a sandbox server: the last ones in full, the count per target, and the concurrency. Bounded,
//! so that a sandbox can run for days.

use axum::Extension;
use axum::body::Body;
use axum::extract::Request as Incoming;
use axum::http::HeaderValue;
use axum::middleware::Next;
use axum::response::Response;
use futures_util::StreamExt;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Requests kept in full.
const KEPT: usize = 1_000;

/// Targets counted individually.
const COUNTED: usize = 1_000_000;

/// One request as received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub method: String,
    /// Path and query, not decoded.
    pub target: String,
    /// All headers, names in lower case.
    pub headers: Vec<(String, String)>,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

#[derive(Clone, Debug, Default)]
pub(super) struct Record(Arc<Mutex<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    last: VecDeque<Request>,
    targets: BTreeMap<String, u64>,
    all: u64,
    open: usize,
    most_open: usize,
}

impl Record {
    pub(super) fn last(&self) -> Vec<Request> {
        self.kept().last.iter().cloned().collect()
    }

    /// How often each method and path was requested: `GET /bucket/key`.
    pub(super) fn targets(&self) -> BTreeMap<String, u64> {
        self.kept().targets.clone()
    }

    pub(super) fn all(&self) -> u64 {
        self.kept().all
    }

    pub(super) fn most_at_once(&self) -> usize {
        self.kept().most_open
    }

    /// Clears everything except open requests.
    pub(super) fn clear(&self) {
        let mut kept = self.kept();
        *kept = Kept { open: kept.open, most_open: kept.open, ..Kept::default() };
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        // The data is consistent at any time.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records a request, which is open until the returned value is dropped.
    fn open(&self, request: &Incoming) -> Open {
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let mut kept = self.kept();
        let target = format!("{} {}", request.method(), request.uri().path());
        if kept.targets.len() < COUNTED || kept.targets.contains_key(&target) {
            *kept.targets.entry(target).or_default() += 1;
        }
        kept.all += 1;
        if kept.last.len() == KEPT {
            kept.last.pop_front();
        }
        kept.last.push_back(Request {
            method: request.method().to_string(),
            target: request.uri().path_and_query().map_or_else(String::new, ToString::to_string),
            headers: request.headers().iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect(),
        });
        kept.open += 1;
        kept.most_open = kept.most_open.max(kept.open);
        Open(self.clone())
    }
}

struct Open(Record);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.kept().open -= 1;
    }
}

/// Delay of each S3 reply: without it, requests on loopback never overlap.
#[derive(Clone, Copy, Debug)]
pub(super) struct Delay(pub(super) Duration);

/// The recording layer. A request is open until the last byte of its reply is handed over.
pub(super) async fn recorded(
    Extension(record): Extension<Record>,
    Extension(Delay(delay)): Extension<Delay>,
    request: Incoming,
    next: Next,
) -> Response {
    let open = record.open(&request);
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    let (head, body) = next.run(request).await.into_parts();
    if head.headers.get("content-length").is_none_or(|length| length == "0") {
        return Response::from_parts(head, body);
    }
    let mut held = Some(open);
    let stream =
        body.into_data_stream().map(Some).chain(futures_util::stream::once(async { None })).filter_map(move |piece| {
            if piece.is_none() {
                held.take();
            }
            std::future::ready(piece)
        });
    Response::from_parts(head, Body::from_stream(stream))
}
