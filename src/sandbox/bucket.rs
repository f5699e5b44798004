//! The public buckets: a real S3 implementation over a folder, read-only, and in front of it what it lacks: buckets
//! that refuse to list, objects that are denied, moved or archived, and keys encoded as S3 encodes them.

use axum::Router;
use axum::error_handling::HandleError;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use s3s::dto::{
    EncodingType, GetObjectInput, GetObjectOutput, HeadBucketInput, HeadBucketOutput, HeadObjectInput,
    HeadObjectOutput, ListObjectsV2Input, ListObjectsV2Output, StorageClass,
};
use s3s::service::S3ServiceBuilder;
use s3s::{HttpError, S3, S3Error, S3Request as Request, S3Response, S3Result, s3_error};
use s3s_fs::FileSystem;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// Public and listable: transcripts.
pub const CAPTIONS: &str = "cuecard-demo-captions";
/// Its objects are public, its listing is not: as most public buckets are.
pub const CLOSED: &str = "cuecard-demo-closed";
/// Private: the service reads videos by a role, nobody else does.
pub const VIDEOS: &str = "cuecard-demo-videos";
/// In another region.
pub const ELSEWHERE: &str = "cuecard-demo-elsewhere";

const HOME: &str = "us-west-2";

/// What S3 leaves as it is in a listing with `encoding-type=url`; blanks become a plus.
const LISTED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'*').remove(b'/').remove(b' ');

/// One request for a bucket or an object, as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct S3Request {
    pub method: String,
    /// Path and query, not decoded.
    pub target: String,
    /// All headers, names in lower case.
    pub headers: Vec<(String, String)>,
}

impl S3Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

#[derive(Clone, Debug, Default)]
pub(super) struct Requests(Arc<Mutex<Vec<S3Request>>>);

impl Requests {
    pub(super) fn all(&self) -> Vec<S3Request> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn keep<T>(&self, request: &Request<T>) {
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let kept = S3Request {
            method: request.method.to_string(),
            target: request.uri.path_and_query().map_or_else(String::new, ToString::to_string),
            headers: request.headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect(),
        };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(kept);
    }
}

/// The buckets that lie as folders in `root`.
pub(super) fn router(root: &Path, page: i32, requests: Requests) -> io::Result<Router> {
    let files = FileSystem::new(root).map_err(|error| io::Error::other(format!("{error:?}")))?;
    let service = S3ServiceBuilder::new(Buckets { files, page, requests }).build();
    let broken = async |error: HttpError| (StatusCode::INTERNAL_SERVER_ERROR, format!("{error:?}"));
    Ok(Router::new().fallback_service(HandleError::new(service, broken)))
}

struct Buckets {
    files: FileSystem,
    page: i32,
    requests: Requests,
}

#[async_trait::async_trait]
impl S3 for Buckets {
    async fn head_bucket(&self, request: Request<HeadBucketInput>) -> S3Result<S3Response<HeadBucketOutput>> {
        self.requests.keep(&request);
        match request.input.bucket.as_str() {
            CAPTIONS => {
                let output = HeadBucketOutput { bucket_region: Some(HOME.to_owned()), ..HeadBucketOutput::default() };
                Ok(S3Response::new(output))
            }
            CLOSED | VIDEOS => Err(in_region(s3_error!(AccessDenied), HOME)),
            bucket => Err(no_bucket(bucket)),
        }
    }

    async fn list_objects_v2(
        &self,
        mut request: Request<ListObjectsV2Input>,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
        self.requests.keep(&request);
        match request.input.bucket.as_str() {
            CAPTIONS => {}
            CLOSED | VIDEOS => return Err(s3_error!(AccessDenied, "Access Denied")),
            bucket => return Err(no_bucket(bucket)),
        }
        let asked = request.input.max_keys.unwrap_or(self.page);
        request.input.max_keys = Some(asked.clamp(0, self.page));
        let mut response = self.files.list_objects_v2(request).await?;
        if response.output.encoding_type.as_ref().is_some_and(|kind| kind.as_str() == EncodingType::URL) {
            encode(&mut response.output);
        }
        Ok(response)
    }

    async fn get_object(&self, request: Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
        self.requests.keep(&request);
        let Permit { archived, hides } = permit(&request.input.bucket, &request.input.key)?;
        if archived {
            return Err(s3_error!(InvalidObjectState, "The operation is not valid for the object's storage class"));
        }
        self.files.get_object(request).await.map_err(|error| hidden(error, hides))
    }

    async fn head_object(&self, request: Request<HeadObjectInput>) -> S3Result<S3Response<HeadObjectOutput>> {
        self.requests.keep(&request);
        let Permit { archived, hides } = permit(&request.input.bucket, &request.input.key)?;
        let mut response = self.files.head_object(request).await.map_err(|error| hidden(error, hides))?;
        if archived {
            response.output.storage_class = Some(StorageClass::from_static(StorageClass::GLACIER));
        }
        Ok(response)
    }
}

struct Permit {
    /// There, but in cold storage: a HEAD says 200, a GET fails.
    archived: bool,
    /// A missing object looks like a denied one, because the public may not list.
    hides: bool,
}

/// What the public may do with an object. Some file names in any bucket stand for what can go wrong.
fn permit(bucket: &str, key: &str) -> S3Result<Permit> {
    match (bucket, key.rsplit('/').next()) {
        (VIDEOS, _) | (CAPTIONS | CLOSED, Some("denied.srt")) => Err(s3_error!(AccessDenied, "Access Denied")),
        (CAPTIONS | CLOSED, Some("slow-down.srt")) => Err(s3_error!(SlowDown, "Please reduce your request rate.")),
        (CAPTIONS | CLOSED, Some("moved.srt")) => Err(moved()),
        (CAPTIONS | CLOSED, name) => Ok(Permit { archived: name == Some("archived.srt"), hides: bucket == CLOSED }),
        (bucket, _) => Err(no_bucket(bucket)),
    }
}

fn hidden(error: S3Error, hides: bool) -> S3Error {
    if hides && error.code().as_str() == "NoSuchKey" { s3_error!(AccessDenied, "Access Denied") } else { error }
}

fn no_bucket(bucket: &str) -> S3Error {
    if bucket == ELSEWHERE { moved() } else { s3_error!(NoSuchBucket, "The specified bucket does not exist") }
}

fn moved() -> S3Error {
    let message = "The bucket you are attempting to access must be addressed using the specified endpoint.";
    let mut error = S3Error::with_message(s3s::S3ErrorCode::PermanentRedirect, message);
    error.set_status_code(StatusCode::MOVED_PERMANENTLY);
    in_region(error, "eu-west-1")
}

fn in_region(mut error: S3Error, region: &'static str) -> S3Error {
    let mut headers = HeaderMap::new();
    headers.insert("x-amz-bucket-region", HeaderValue::from_static(region));
    error.set_headers(headers);
    error
}

/// The file system says that it encodes, and does not.
fn encode(output: &mut ListObjectsV2Output) {
    let encode = |text: &mut Option<String>| {
        if let Some(text) = text {
            *text = utf8_percent_encode(text, LISTED).to_string().replace(' ', "+");
        }
    };
    for object in output.contents.iter_mut().flatten() {
        encode(&mut object.key);
    }
    for folder in output.common_prefixes.iter_mut().flatten() {
        encode(&mut folder.prefix);
    }
    encode(&mut output.prefix);
    encode(&mut output.delimiter);
    encode(&mut output.start_after);
}
