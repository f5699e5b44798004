//! `POST /tasks`: one video with its transcript, both fetched from addresses (guide "Provide transcriptions from URLs",
//! version 1.2). It uses `twelve_labs` for the state.

use super::answer::Answer;
use super::bucket::{CAPTIONS, CLOSED, DOTTED, FOOTAGE};
use super::index;
use super::manifest::Usable;
use super::replies::{fault, json_reply, reply};
use super::serve::Cut;
use super::twelve_labs::{State, other_than_transfer};
use axum::Extension;
use axum::extract::multipart::{Multipart, MultipartRejection};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use jiff::civil::DateTime;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use percent_encoding::percent_decode_str;
use serde_json::json;
use std::collections::HashMap;
use std::sync::Arc;
use url::Url;

/// Names in a video's key that stand for what is wrong with it: the name, the code, the message.
const FAULTS: [(&str, &str, &str); 5] = [
    (
        "too-small",
        "video_resolution_too_low",
        "The resolution of the video is too low. Please upload a video with a resolution between 360x360 and 5184x2160. \
         Current resolution is 320x240.",
    ),
    (
        "too-wide",
        "video_resolution_invalid_aspect_ratio",
        "The aspect ratio of the video is invalid. Please upload a video with aspect ratio between 1:1 and 2.4:1.",
    ),
    (
        "too-short",
        "video_duration_too_short",
        "Video is too short. Please use video with duration between 10 seconds and 2 hours(7200 seconds).",
    ),
    (
        "too-long",
        "video_duration_too_long",
        "Video is too long. Please use video with duration between 10 seconds and 2 hours(7200 seconds).",
    ),
    ("too-big", "video_filesize_too_large", "The video is too large. Please use a video smaller than 2GB."),
];

/// `POST /tasks`
pub(super) async fn taken(
    Extension(state): Extension<Arc<State>>,
    Extension(cut): Extension<Cut>,
    headers: HeaderMap,
    multipart: Result<Multipart, MultipartRejection>,
) -> Response {
    let form = match multipart {
        Ok(multipart) => read(multipart).await,
        Err(rejection) => Err(("parameter_invalid", rejection.body_text())),
    };
    let answer = other_than_transfer(&headers, state.now().to_single);
    let row = match form.and_then(|form| usable(&state, &form)) {
        Ok(row) => row,
        Err((code, message)) => return fault(StatusCode::BAD_REQUEST, code, &message),
    };
    if !answer.takes_in() {
        return reply(answer, &state.manner, cut, "The sandbox was told to refuse this video").await;
    }
    let id = state.now().tasks.take_one(&row);
    match answer {
        Answer::NoContent | Answer::Ok => {
            // Some clients accept 200 here, so some version must have answered it.
            let status = if answer == Answer::Ok { StatusCode::OK } else { StatusCode::CREATED };
            json_reply(status, &json!({ "_id": id, "video_id": id }))
        }
        Answer::Slow => {
            tokio::time::sleep(state.manner.slow).await;
            json_reply(StatusCode::CREATED, &json!({ "_id": id, "video_id": id }))
        }
        answer => reply(answer, &state.manner, cut, "").await,
    }
}

type Refusal = (&'static str, String);

async fn read(mut multipart: Multipart) -> Result<HashMap<String, String>, Refusal> {
    let cut = |error: axum::extract::multipart::MultipartError| ("parameter_invalid", error.body_text());
    let mut form = HashMap::new();
    while let Some(field) = multipart.next_field().await.map_err(cut)? {
        let name = field.name().unwrap_or_default().to_owned();
        if !KNOWN.contains(&&*name) {
            return Err(("parameter_unknown", format!("The parameter {name} is not supported")));
        }
        let value = field.text().await.map_err(cut)?;
        if form.insert(name.clone(), value).is_some() {
            return Err(("parameter_invalid", format!("The {name} parameter was given twice")));
        }
    }
    Ok(form)
}

const KNOWN: [&str; 6] =
    ["index_id", "language", "video_url", "provide_transcription", "transcription_url", "disable_video_stream"];

fn usable(state: &State, form: &HashMap<String, String>) -> Result<Usable, Refusal> {
    let given = |name: &str| {
        let value = form.get(name).filter(|value| !value.is_empty());
        value.ok_or_else(|| ("parameter_not_provided", format!("The required parameter {name} was not provided")))
    };
    let invalid = |name: &str| ("parameter_invalid", format!("The {name} parameter is invalid"));
    let index_id = given("index_id")?;
    if form.get("language").is_some_and(|language| language != "en") {
        return Err(invalid("language"));
    }
    if index::find(index_id).is_none() {
        let message = format!("Resource with id {index_id} does not exist in the indexes collection");
        return Err(("resource_not_exist", message));
    }
    let video = address(given("video_url")?).ok_or_else(|| invalid("video_url"))?;
    let with_transcript = match form.get("provide_transcription").map(String::as_str) {
        Some("true") => true,
        None | Some("false") => false,
        Some(_) => return Err(invalid("provide_transcription")),
    };
    if with_transcript {
        let transcript = address(given("transcription_url")?).ok_or_else(|| invalid("transcription_url"))?;
        can_be_fetched(state, &transcript)
            .map_err(|why| ("parameter_invalid", format!("The transcription_url parameter is invalid: {why}")))?;
    }
    can_be_fetched(state, &video).map_err(|why| ("video_file_broken", format!("Unable to read the video: {why}")))?;
    let key = percent_decode_str(video.path()).decode_utf8_lossy().into_owned();
    match FAULTS.iter().find(|(name, ..)| key.contains(name)) {
        Some((_, code, message)) => Err((code, (*message).to_owned())),
        None => {
            Ok(Usable { index_id: index_id.clone(), object: format!("{}{key}", video.origin().ascii_serialization()) })
        }
    }
}

fn address(text: &str) -> Option<Url> {
    Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"))
}

/// Whether the service could fetch it: an object of the sandbox's buckets must be there and public, or presigned for
/// some time to come. Other addresses are believed.
fn can_be_fetched(state: &State, url: &Url) -> Result<(), &'static str> {
    if url.origin().ascii_serialization() != state.s3_endpoint {
        return Ok(());
    }
    let path = percent_decode_str(url.path().trim_start_matches('/')).decode_utf8_lossy();
    let (bucket, key) = path.split_once('/').ok_or("404 Not Found")?;
    let signed: HashMap<_, _> = url.query_pairs().collect();
    if signed.contains_key("X-Amz-Signature") {
        return if is_in_force(&signed, state.now().tasks.clock()) { Ok(()) } else { Err("403 Forbidden") };
    }
    match bucket {
        CAPTIONS | CLOSED | DOTTED | FOOTAGE => state.objects.get(bucket, key).map(drop).ok_or("404 Not Found"),
        _ => Err("403 Forbidden"),
    }
}

fn is_in_force(signed: &HashMap<std::borrow::Cow<'_, str>, std::borrow::Cow<'_, str>>, now: Timestamp) -> bool {
    let read = || {
        let signed_at = DateTime::strptime("%Y%m%dT%H%M%SZ", &**signed.get("X-Amz-Date")?).ok()?;
        let seconds = signed.get("X-Amz-Expires")?.parse::<i64>().ok()?;
        let from = signed_at.to_zoned(TimeZone::UTC).ok()?.timestamp();
        Some(now < from.saturating_add(SignedDuration::from_secs(seconds)).ok()?)
    };
    read().unwrap_or(false)
}
