//! The public buckets: a real S3 implementation of the protocol and of listings over a folder, read-only, and beside it
//! what it lacks: buckets that refuse to list, objects that are denied, moved or archived, and keys encoded as S3 encodes them.

use super::footage::{self, PIECE, Sparse, Video};
use super::record::{Delay, Record, recorded};
use super::{Options, assets};
use axum::body::Bytes;
use axum::error_handling::HandleError;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::{Extension, Router};
use futures_util::StreamExt;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use s3s::dto::{
    ETag, ETagCondition, EncodingType, GetObjectInput, GetObjectOutput, HeadBucketInput, HeadBucketOutput,
    HeadObjectInput, HeadObjectOutput, ListObjectsV2Input, ListObjectsV2Output, Object, StorageClass, StreamingBlob,
};
use s3s::service::S3ServiceBuilder;
use s3s::{HttpError, S3, S3Error, S3Request as Request, S3Response, S3Result, s3_error};
use s3s_fs::FileSystem;
use std::collections::{BTreeMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Public and listable: transcripts.
pub const CAPTIONS: &str = "cuecard-demo-captions";
/// Its objects are public, its listing is not: as most public buckets are.
pub const CLOSED: &str = "cuecard-demo-closed";
/// Private: the service reads videos by a role, nobody else does.
pub const VIDEOS: &str = "cuecard-demo-videos";
/// Public and listable, with dots in its name, so that it is asked by path.
pub const DOTTED: &str = "cuecard.demo.captions";
/// Public: videos that anybody may read.
pub const FOOTAGE: &str = "cuecard-demo-footage";
/// In another region.
pub const ELSEWHERE: &str = "cuecard-demo-elsewhere";

const HOME: &str = "us-west-2";

/// What S3 leaves as it is in a listing with `encoding-type=url`; blanks become a plus.
const LISTED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'*').remove(b'/').remove(b' ');

/// The videos of [`FOOTAGE`], by key.
#[derive(Clone, Debug)]
pub(super) struct Videos(Arc<Mutex<BTreeMap<String, Sparse>>>);

impl Default for Videos {
    fn default() -> Self {
        let videos = footage::all().into_iter().map(|(key, video)| (key.to_owned(), Sparse::of(&video)));
        Videos(Arc::new(Mutex::new(videos.collect())))
    }
}

impl Videos {
    pub(super) fn put(&self, key: &str, video: &Video) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key.to_owned(), Sparse::of(video));
    }

    /// They are few: one page.
    fn list(&self, asked: ListObjectsV2Input) -> S3Response<ListObjectsV2Output> {
        let prefix = asked.prefix.clone().unwrap_or_default();
        let videos = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let contents = videos.iter().filter(|(key, _)| key.starts_with(&prefix)).map(|(key, video)| {
            let size = i64::try_from(video.size).ok();
            Object { key: Some(key.clone()), size, e_tag: Some(ETag::Strong(video.etag.clone())), ..Object::default() }
        });
        let mut output = ListObjectsV2Output {
            contents: Some(contents.collect()),
            name: Some(asked.bucket),
            prefix: asked.prefix,
            is_truncated: Some(false),
            encoding_type: asked.encoding_type,
            ..ListObjectsV2Output::default()
        };
        encode_if_asked(&mut output);
        S3Response::new(output)
    }

    fn get(&self, bucket: &str, key: &str) -> Option<Sparse> {
        let videos = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        videos.get(key).filter(|_| bucket == FOOTAGE).cloned()
    }
}

/// The buckets that lie as folders in `root`.
pub(super) fn router(root: &Path, options: &Options, record: Record, videos: Videos) -> io::Result<Router> {
    let files = FileSystem::new(root).map_err(|error| io::Error::other(format!("{error:?}")))?;
    let buckets = Buckets { root: root.to_owned(), files, videos, page: options.page, throttled: Mutex::default() };
    let service = S3ServiceBuilder::new(buckets).build();
    let broken = async |error: HttpError| (StatusCode::INTERNAL_SERVER_ERROR, format!("{error:?}"));
    Ok(Router::new()
        .fallback_service(HandleError::new(service, broken))
        .layer(axum::middleware::from_fn(recorded))
        .layer(Extension(record))
        .layer(Extension(Delay(options.delay))))
}

struct Buckets {
    root: PathBuf,
    /// For listings.
    files: FileSystem,
    videos: Videos,
    page: i32,
    /// Keys that were throttled once.
    throttled: Mutex<HashSet<String>>,
}

impl Buckets {
    /// What the public may do with an object. Some file names in any bucket stand for what can go wrong.
    fn permit(&self, bucket: &str, key: &str) -> S3Result<Permit> {
        match bucket {
            VIDEOS => return Err(s3_error!(AccessDenied, "Access Denied")),
            CAPTIONS | CLOSED | DOTTED | FOOTAGE => {}
            bucket => return Err(no_bucket(bucket)),
        }
        let slow_down = s3_error!(SlowDown, "Please reduce your request rate.");
        match key.rsplit('/').next() {
            Some("denied.srt") => Err(s3_error!(AccessDenied, "Access Denied")),
            Some("slow-down.srt") => Err(slow_down),
            Some("slow-down-once.srt") if self.is_first(bucket, key) => Err(slow_down),
            Some("moved.srt") => Err(moved()),
            Some("deleted.srt") => Err(deleted()),
            name => Ok(Permit { archived: name == Some("archived.srt"), hides: bucket == CLOSED }),
        }
    }

    /// Files are read at once: they are small, and a real implementation's care with them costs a dozen steps each.
    fn object(&self, bucket: &str, key: &str, hides: bool) -> S3Result<Sparse> {
        let missing = || match hides {
            true => s3_error!(AccessDenied, "Access Denied"),
            false => s3_error!(NoSuchKey, "The specified key does not exist."),
        };
        let file = || assets::read(&self.root, Path::new(bucket), key).ok().map(Sparse::whole);
        self.videos.get(bucket, key).or_else(file).ok_or_else(missing)
    }

    fn is_first(&self, bucket: &str, key: &str) -> bool {
        self.throttled.lock().unwrap_or_else(PoisonError::into_inner).insert(format!("{bucket}/{key}"))
    }
}

#[async_trait::async_trait]
impl S3 for Buckets {
    async fn head_bucket(&self, request: Request<HeadBucketInput>) -> S3Result<S3Response<HeadBucketOutput>> {
        match request.input.bucket.as_str() {
            CAPTIONS | DOTTED | FOOTAGE => {
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
        match request.input.bucket.as_str() {
            CAPTIONS | DOTTED => {}
            FOOTAGE => return Ok(self.videos.list(request.input)),
            CLOSED | VIDEOS => return Err(s3_error!(AccessDenied, "Access Denied")),
            bucket => return Err(no_bucket(bucket)),
        }
        let asked = request.input.max_keys.unwrap_or(self.page);
        request.input.max_keys = Some(asked.clamp(0, self.page));
        let mut response = self.files.list_objects_v2(request).await?;
        encode_if_asked(&mut response.output);
        Ok(response)
    }

    async fn get_object(&self, request: Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
        let Permit { archived, hides } = self.permit(&request.input.bucket, &request.input.key)?;
        if archived {
            return Err(s3_error!(InvalidObjectState, "The operation is not valid for the object's storage class"));
        }
        let object = self.object(&request.input.bucket, &request.input.key, hides)?;
        part(object, &request.input)
    }

    async fn head_object(&self, request: Request<HeadObjectInput>) -> S3Result<S3Response<HeadObjectOutput>> {
        let Permit { archived, hides } = self.permit(&request.input.bucket, &request.input.key)?;
        let Sparse { size, etag, .. } = self.object(&request.input.bucket, &request.input.key, hides)?;
        Ok(S3Response::new(HeadObjectOutput {
            content_length: i64::try_from(size).ok(),
            e_tag: Some(ETag::Strong(etag)),
            storage_class: archived.then(|| StorageClass::from_static(StorageClass::GLACIER)),
            ..HeadObjectOutput::default()
        }))
    }
}

struct Permit {
    /// There, but in cold storage: a HEAD says 200, a GET fails.
    archived: bool,
    /// A missing object looks like a denied one, because the public may not list.
    hides: bool,
}

/// The bytes of an object that are asked for.
fn part(object: Sparse, input: &GetObjectInput) -> S3Result<S3Response<GetObjectOutput>> {
    let etag = ETag::Strong(object.etag.clone());
    let is_meant = match &input.if_match {
        None | Some(ETagCondition::Any) => true,
        Some(ETagCondition::ETag(meant)) => *meant == etag,
    };
    if !is_meant {
        return Err(s3_error!(PreconditionFailed, "At least one of the pre-conditions you specified did not hold"));
    }
    let range = match input.range {
        Some(range) => range.check(object.size)?,
        None => 0..object.size,
    };
    let content_range =
        input.range.is_some().then(|| format!("bytes {}-{}/{}", range.start, range.end - 1, object.size));
    let content_length = i64::try_from(range.end - range.start).ok();
    let pieces = futures_util::stream::iter(range.clone().step_by(PIECE))
        .map(move |at| Ok::<_, io::Error>(Bytes::from(object.piece(at..range.end))));
    Ok(S3Response::new(GetObjectOutput {
        body: Some(StreamingBlob::wrap(pieces)),
        content_length,
        content_range,
        e_tag: Some(etag),
        ..GetObjectOutput::default()
    }))
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

fn in_region(error: S3Error, region: &'static str) -> S3Error {
    with_header(error, "x-amz-bucket-region", region)
}

fn deleted() -> S3Error {
    with_header(s3_error!(NoSuchKey, "The specified key does not exist."), "x-amz-delete-marker", "true")
}

fn with_header(mut error: S3Error, name: &'static str, value: &'static str) -> S3Error {
    let mut headers = HeaderMap::new();
    headers.insert(name, HeaderValue::from_static(value));
    error.set_headers(headers);
    error
}

/// The file system says that it encodes, and does not.
fn encode_if_asked(output: &mut ListObjectsV2Output) {
    if output.encoding_type.as_ref().is_none_or(|kind| kind.as_str() != EncodingType::URL) {
        return;
    }
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
