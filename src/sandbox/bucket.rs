//! The demo's buckets, with path-style addresses: what the public and the owner may do with each, and the object names
//! that stand for faults.

use super::footage::{self, PIECE, Sparse};
use super::listing::Asked;
use super::objects::{Object, Objects};
use super::record::{Delay, Record, recorded};
use super::signature::{self, Owner};
use super::{SandboxOptions, assets};
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_LENGTH, CONTENT_RANGE, ETAG, IF_MATCH, RANGE};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{AppendHeaders, IntoResponse, Response};
use axum::{Extension, Router};
use futures_util::StreamExt;
use percent_encoding::percent_decode_str;
use std::collections::HashSet;
use std::convert::Infallible;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

/// Public and listable: transcripts.
pub const CAPTIONS: &str = "cuecard-demo-captions";
/// Public objects without public listing: like most public buckets.
pub const CLOSED: &str = "cuecard-demo-closed";
/// Private: the service reads videos through a role, nobody else can.
pub const VIDEOS: &str = "cuecard-demo-videos";
/// Public and listable, with dots in its name, so that it needs path-style addresses.
pub const DOTTED: &str = "cuecard.demo.captions";
/// Public videos.
pub const FOOTAGE: &str = "cuecard-demo-footage";
/// In another region.
pub const ELSEWHERE: &str = "cuecard-demo-elsewhere";

/// Every reply of S3 has one; a sign-in page in front of it has none.
const REQUEST_ID: &str = "4442587FB7D0A2F9";

const HOME: &str = "us-west-2";

/// The initial objects of the buckets.
pub(super) fn stocked() -> Objects {
    let objects = Objects::default();
    for (bucket, key, bytes) in assets::objects() {
        objects.put(bucket, key, Sparse::whole(bytes));
    }
    for (key, video) in footage::all() {
        objects.put(FOOTAGE, key, Sparse::of(&video));
    }
    objects
}

pub(super) fn router(options: &SandboxOptions, record: Record, objects: Objects) -> Router {
    let owner = options.owner.clone();
    let buckets = Buckets { objects, owner, page: options.page, throttled: Mutex::default() };
    Router::new()
        .fallback(answer)
        .with_state(Arc::new(buckets))
        .layer(axum::middleware::from_fn(recorded))
        .layer(Extension(record))
        .layer(Extension(Delay(options.delay)))
}

#[derive(Debug)]
struct Buckets {
    objects: Objects,
    owner: Option<Owner>,
    page: usize,
    /// Objects that were already throttled once.
    throttled: Mutex<HashSet<String>>,
}

async fn answer(State(buckets): State<Arc<Buckets>>, request: Request) -> Response {
    let is_head = request.method() == Method::HEAD;
    let mut response = match buckets.answer(&request) {
        Ok(response) => response,
        // A HEAD reply has no body for the error.
        Err(Fault { status, header, .. }) if is_head => (status, AppendHeaders(header)).into_response(),
        Err(fault) => fault.into_response(),
    };
    response.headers_mut().insert("x-amz-request-id", HeaderValue::from_static(REQUEST_ID));
    response
}

impl Buckets {
    fn answer(&self, request: &Request) -> Result<Response, Fault> {
        let is_owner = signature::is_owners(request, self.owner.as_ref())?;
        let path = request.uri().path().trim_start_matches('/');
        let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
        let (bucket, key) = (decoded(bucket)?, decoded(key)?);
        match (request.method(), &*bucket, &*key) {
            (&Method::HEAD, bucket, "") => head_bucket(bucket, is_owner),
            (&Method::GET, bucket, "") => self.list(bucket, request.uri().query().unwrap_or_default(), is_owner),
            (&Method::HEAD, bucket, key) => self.head(bucket, key, is_owner),
            (&Method::GET, bucket, key) => self.get(bucket, key, request.headers(), is_owner),
            _ => Err(DENIED),
        }
    }

    fn list(&self, bucket: &str, query: &str, is_owner: bool) -> Result<Response, Fault> {
        match bucket {
            CAPTIONS | DOTTED | FOOTAGE => {}
            CLOSED | VIDEOS if is_owner => {}
            CLOSED | VIDEOS => return Err(DENIED),
            bucket => return Err(no_bucket(bucket)),
        }
        let asked = Asked::read(query, self.page)?.ok_or(NOT_PLAYED)?;
        Ok(([XML], asked.page(bucket, &self.objects)).into_response())
    }

    fn head(&self, bucket: &str, key: &str, is_owner: bool) -> Result<Response, Fault> {
        let (Object { content, .. }, archived) = self.object(bucket, key, is_owner)?;
        let mut response = described(&content, content.size);
        if archived {
            response.headers_mut().insert("x-amz-storage-class", HeaderValue::from_static("GLACIER"));
        }
        Ok(response)
    }

    fn get(&self, bucket: &str, key: &str, headers: &HeaderMap, is_owner: bool) -> Result<Response, Fault> {
        let (Object { content, .. }, archived) = self.object(bucket, key, is_owner)?;
        if archived {
            let message = "The operation is not valid for the object's storage class";
            return Err(Fault::new(StatusCode::FORBIDDEN, "InvalidObjectState", message));
        }
        let etag = format!("\"{}\"", content.etag);
        if headers.get(IF_MATCH).is_some_and(|meant| meant != "*" && *meant != etag) {
            let message = "At least one of the pre-conditions you specified did not hold";
            return Err(Fault::new(StatusCode::PRECONDITION_FAILED, "PreconditionFailed", message));
        }
        let size = content.size;
        let asked = headers.get(RANGE).and_then(|range| range.to_str().ok()).and_then(Asks::read);
        let (status, range) = match asked {
            None => (StatusCode::OK, 0..size),
            Some(asked) => (StatusCode::PARTIAL_CONTENT, asked.of(size).ok_or(NO_SUCH_RANGE)?),
        };
        let mut response = described(&content, range.end - range.start);
        *response.status_mut() = status;
        if status == StatusCode::PARTIAL_CONTENT {
            let range_header = format!("bytes {}-{}/{size}", range.start, range.end - 1);
            response
                .headers_mut()
                .extend(HeaderValue::from_str(&range_header).ok().map(|range_header| (CONTENT_RANGE, range_header)));
        }
        let pieces = futures_util::stream::iter(range.clone().step_by(PIECE))
            .map(move |at| Ok::<_, Infallible>(Bytes::from(content.piece(at..range.end))));
        *response.body_mut() = Body::from_stream(pieces);
        Ok(response)
    }

    /// The object, and whether it is in cold storage: then `HEAD` answers 200 and `GET` fails.
    ///
    /// Some file names stand for faults in any bucket.
    fn object(&self, bucket: &str, key: &str, is_owner: bool) -> Result<(Object, bool), Fault> {
        match bucket {
            VIDEOS if !is_owner => return Err(DENIED),
            CAPTIONS | CLOSED | DOTTED | FOOTAGE | VIDEOS => {}
            bucket => return Err(no_bucket(bucket)),
        }
        let name = key.rsplit('/').next().unwrap_or(key);
        match name {
            "denied.srt" if !is_owner => return Err(DENIED),
            "slow-down.srt" => return Err(SLOW_DOWN),
            "slow-down-once.srt" if self.is_first(bucket, key) => return Err(SLOW_DOWN),
            "moved.srt" => return Err(MOVED),
            "deleted.srt" => return Err(Fault { header: Some(("x-amz-delete-marker", "true")), ..NO_KEY }),
            _ => {}
        }
        // Without list permission S3 doesn't reveal what is missing.
        let missing = if bucket == CLOSED && !is_owner { DENIED } else { NO_KEY };
        Ok((self.objects.get(bucket, key).ok_or(missing)?, name == "archived.srt"))
    }

    fn is_first(&self, bucket: &str, key: &str) -> bool {
        self.throttled.lock().unwrap_or_else(PoisonError::into_inner).insert(format!("{bucket}/{key}"))
    }
}

fn head_bucket(bucket: &str, is_owner: bool) -> Result<Response, Fault> {
    let region = ("x-amz-bucket-region", HOME);
    match bucket {
        CAPTIONS | DOTTED | FOOTAGE => Ok([region].into_response()),
        CLOSED | VIDEOS if is_owner => Ok([region].into_response()),
        CLOSED | VIDEOS => Err(Fault { header: Some(region), ..DENIED }),
        bucket => Err(no_bucket(bucket)),
    }
}

/// The reply's headers for `length` bytes of the object.
fn described(content: &Sparse, length: u64) -> Response {
    let etag = format!("\"{}\"", content.etag);
    ([(ETAG, etag), (CONTENT_LENGTH, length.to_string())], Body::empty()).into_response()
}

fn decoded(text: &str) -> Result<String, Fault> {
    let no_text = Fault::new(StatusCode::BAD_REQUEST, "InvalidURI", "Couldn't parse the specified URI.");
    Ok(percent_decode_str(text).decode_utf8().map_err(|_| no_text)?.into_owned())
}

/// The range in a header. An unreadable one is ignored (RFC 9110, 14.2).
#[derive(Debug, PartialEq, Eq)]
enum Asks {
    FromTo(u64, u64),
    From(u64),
    Last(u64),
}

impl Asks {
    fn read(header: &str) -> Option<Asks> {
        let number = |text: &str| text.parse::<u64>().ok();
        match header.strip_prefix("bytes=")?.split_once('-')? {
            ("", last) => number(last).map(Asks::Last),
            (from, "") => number(from).map(Asks::From),
            (from, to) => Some(Asks::FromTo(number(from)?, number(to)?)).filter(Asks::is_in_order),
        }
    }

    fn is_in_order(&self) -> bool {
        !matches!(self, Asks::FromTo(from, to) if from > to)
    }

    /// None if the range is outside the object.
    fn of(&self, size: u64) -> Option<Range<u64>> {
        let range = match *self {
            Asks::FromTo(from, to) => from..size.min(to.saturating_add(1)),
            Asks::From(from) => from..size,
            Asks::Last(last) => size.saturating_sub(last)..size,
        };
        (!range.is_empty()).then_some(range)
    }
}

/// An error reply (Amazon S3 API, error responses).
#[derive(Clone, Copy, Debug)]
pub(super) struct Fault {
    status: StatusCode,
    code: &'static str,
    /// Contains nothing that XML would have to escape.
    message: &'static str,
    header: Option<(&'static str, &'static str)>,
}

const XML: (&str, &str) = ("content-type", "application/xml");
const DENIED: Fault = Fault::new(StatusCode::FORBIDDEN, "AccessDenied", "Access Denied");
const NO_KEY: Fault = Fault::new(StatusCode::NOT_FOUND, "NoSuchKey", "The specified key does not exist.");
const SLOW_DOWN: Fault = Fault::new(StatusCode::SERVICE_UNAVAILABLE, "SlowDown", "Please reduce your request rate.");
const NO_SUCH_RANGE: Fault =
    Fault::new(StatusCode::RANGE_NOT_SATISFIABLE, "InvalidRange", "The requested range is not satisfiable");
const NOT_PLAYED: Fault =
    Fault::new(StatusCode::NOT_IMPLEMENTED, "NotImplemented", "The sandbox does not play this part of S3");
const MOVED: Fault = Fault {
    status: StatusCode::MOVED_PERMANENTLY,
    code: "PermanentRedirect",
    message: "The bucket you are attempting to access must be addressed using the specified endpoint.",
    header: Some(("x-amz-bucket-region", "eu-west-1")),
};

fn no_bucket(bucket: &str) -> Fault {
    let nowhere = Fault::new(StatusCode::NOT_FOUND, "NoSuchBucket", "The specified bucket does not exist");
    if bucket == ELSEWHERE { MOVED } else { nowhere }
}

impl Fault {
    pub(super) const fn new(status: StatusCode, code: &'static str, message: &'static str) -> Fault {
        Fault { status, code, message, header: None }
    }

    pub(super) const fn argument(message: &'static str) -> Fault {
        Fault::new(StatusCode::BAD_REQUEST, "InvalidArgument", message)
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let Fault { status, code, message, header } = self;
        let body = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>"
        );
        (status, [XML], AppendHeaders(header), body).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_read_as_the_standard_says() {
        for (header, size, range) in [
            ("bytes=0-9", 100, Some(0..10)),
            ("bytes=0-0", 1, Some(0..1)),
            ("bytes=90-200", 100, Some(90..100)),
            ("bytes=0-18446744073709551615", 100, Some(0..100)),
            ("bytes=90-", 100, Some(90..100)),
            ("bytes=-10", 100, Some(90..100)),
            ("bytes=-200", 100, Some(0..100)),
            ("bytes=100-", 100, None),
            ("bytes=100-200", 100, None),
            ("bytes=-0", 100, None),
            ("bytes=0-0", 0, None),
        ] {
            assert_eq!(Asks::read(header).unwrap().of(size), range, "{header} of {size}");
        }
        for header in ["", "bytes=", "bytes=-", "bytes=9-0", "bytes=a-b", "bytes=0-1,3-4", "items=0-1"] {
            assert_eq!(Asks::read(header), None, "{header}");
        }
    }
}
