//! Sends one manifest to the service, once, or one of its rows, and reports the result; requests indexes and tasks. It never decides whether to send,
//! never retries, never follows a redirect, and gives the API key to no other address.

mod body;
mod index;
mod redact;
mod single;
mod tasks;

pub use crate::io::proxy::Proxy;
pub use index::Indexes;
pub use single::Singles;
pub use tasks::{Answer as TasksAnswer, Tasks, Told};

use crate::domain::outcome::{BodyState, Ended, How, Reply};
use crate::domain::request::{Address, Fingerprint, request_bytes, wire_name};
use crate::domain::submission::Phase;
use crate::io::client::cause_of;
use crate::io::trust::Trust;
use body::{Checked, Meter};
use futures_util::TryStreamExt;
use redact::Redactor;
use reqwest::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use reqwest::{Body, Client, Response, multipart};
use secrecy::{ExposeSecret, SecretString};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// Most bytes of a reply's body that are kept, after decompression.
pub const BODY_LIMIT: usize = 1024 * 1024;

/// One manifest to send.
#[derive(Clone, Debug)]
pub struct UploadRequest {
    pub address: Address,
    pub api_key: Arc<SecretString>,
    /// Opened once; its content must match `expected`.
    pub file: PathBuf,
    pub expected: Fingerprint,
    pub route: Route,
    pub limits: Limits,
}

/// How to reach the service.
#[derive(Clone, Debug, Default)]
pub struct Route {
    /// From [`Proxy::from_environment`]; the one shown is the one used.
    pub proxy: Option<Proxy>,
    pub trust: Trust,
}

/// Timeouts. There is none for the whole upload: a slow one that moves is fine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Name lookup, connection and TLS handshake.
    pub connect: Duration,
    /// No progress: no byte of the file taken, no reply head.
    pub idle: Duration,
    /// For the whole body of the reply: a trickle must not block the operator.
    pub body: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { connect: Duration::from_secs(10), idle: Duration::from_secs(120), body: Duration::from_secs(60) }
    }
}

/// Sends the manifest. Always returns; cancelling `stop` ends it soon, and the result says how much had been sent by
/// then.
///
/// `progress` is called on the network's task and must not block.
pub async fn submit(
    upload: UploadRequest,
    progress: impl Fn(Phase) + Send + Sync + 'static,
    stop: CancellationToken,
) -> Ended {
    let started = Instant::now();
    let meter = Arc::new(Meter::new(upload.expected.bytes, Box::new(progress)));
    let how = exchange(&upload, &meter, &stop).await;
    meter.close();
    let took_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    Ended { how, begun: meter.begun(), sent: meter.sent(), took_ms }
}

async fn exchange(upload: &UploadRequest, meter: &Arc<Meter>, stop: &CancellationToken) -> How {
    let opened = tokio::select! {
        biased;
        () = stop.cancelled() => return How::Stopped,
        opened = body::open(upload.file.clone(), upload.expected) => opened,
    };
    let file = match opened {
        Ok(Checked::Same(file)) => file,
        Ok(Checked::Differs) => return How::FileChanged,
        Err(error) => return How::NotStarted(format!("the file can't be read: {}", cause_of(&error))),
    };
    let client = match client(upload.limits.connect, &upload.route) {
        Ok(client) => client,
        Err(why) => return How::NotStarted(why),
    };
    let request = match request(&client, upload, file, meter) {
        Ok(request) => request,
        Err(why) => return How::NotStarted(why),
    };
    meter.report(Phase::Connecting);
    let response = tokio::select! {
        biased;
        response = request.send() => response,
        () = stop.cancelled() => return How::Stopped,
        () = meter.stands_still(upload.limits.idle) => {
            return How::TimedOut(format!("nothing moved for {} s", upload.limits.idle.as_secs_f32()));
        }
    };
    match response {
        Ok(response) => {
            // If a server echoes the API key, it must not reach the screen or the ledger.
            let redactors = [Redactor::new(upload.api_key.expose_secret())];
            How::Replied(read_reply(response, &redactors, upload.limits.body, meter, stop).await)
        }
        Err(_) if meter.changed() => How::FileChanged,
        // Only this proves that no byte of the request was sent.
        Err(error) if error.is_connect() || error.is_builder() => not_connected(error, upload.limits.connect),
        Err(error) => How::NoReply(cause_of(&error.without_url())),
    }
}

fn not_connected(error: reqwest::Error, limit: Duration) -> How {
    if error.is_timeout() {
        return How::NotConnected(format!("time-out: no connection within {} s", limit.as_secs_f32()));
    }
    let why = cause_of(&error.without_url());
    if why.contains("certificate") { How::NotTrusted(why) } else { How::NotConnected(why) }
}

fn client(connect: Duration, route: &Route) -> Result<Client, String> {
    let builder = crate::io::client::builder().connect_timeout(connect).pool_max_idle_per_host(0).no_proxy();
    let mut builder = route.trust.added_to(builder);
    if let Some(proxy) = &route.proxy {
        builder = builder.proxy(proxy.for_client()?);
    }
    builder.build().map_err(|error| {
        let cause = cause_of(&error.without_url());
        if cause.contains("CA certificates") {
            "no CA certificates were found on this machine: install the package ca-certificates, or point SSL_CERT_FILE to a bundle".to_owned()
        } else {
            format!("TLS could not be set up: {cause}")
        }
    })
}

fn request(
    client: &Client,
    upload: &UploadRequest,
    file: tokio::fs::File,
    meter: &Arc<Meter>,
) -> Result<reqwest::RequestBuilder, String> {
    let name = wire_name(&upload.file.file_name().unwrap_or_default().to_string_lossy());
    let whole = request_bytes(&name, upload.expected.bytes);
    let mut key = HeaderValue::from_str(upload.api_key.expose_secret())
        .map_err(|_| "the API key contains characters that are not allowed in an HTTP header".to_owned())?;
    key.set_sensitive(true);
    let part = multipart::Part::stream_with_length(
        Body::wrap_stream(body::stream(file, upload.expected, Arc::clone(meter))),
        upload.expected.bytes,
    )
    .file_name(name)
    .mime_str("application/json")
    .map_err(|e| e.to_string())?;
    let form = multipart::Form::new().part("file", part);
    let content_type = format!("multipart/form-data; boundary={}", form.boundary());
    // The form's stream is wrapped to notice its first poll: from then on bytes may have been sent.
    let first_poll = Arc::clone(meter);
    let parts = form.into_stream().inspect_ok(move |_| first_poll.begin());
    Ok(client
        .post(upload.address.url().clone())
        .header(ACCEPT, "application/json")
        .header("x-api-key", key)
        .header(CONTENT_TYPE, content_type)
        .header(CONTENT_LENGTH, whole)
        .body(Body::wrap_stream(parts)))
}

/// From here on the status is known; a failing body only becomes shorter.
async fn read_reply(
    mut response: Response,
    redactors: &[Redactor],
    patience: Duration,
    meter: &Meter,
    stop: &CancellationToken,
) -> Reply {
    let status = response.status();
    let redacted = |bytes: &[u8], is_cut| {
        redactors.iter().fold(bytes.to_vec(), |bytes, redactor| redactor.redacted(&bytes, is_cut))
    };
    let without_key = |bytes: &[u8]| String::from_utf8_lossy(&redacted(bytes, false)).into_owned();
    let headers = response
        .headers()
        .iter()
        .map(|(name, value)| (without_key(name.as_str().as_bytes()), without_key(value.as_bytes())))
        .collect();
    let version = format!("{:?}", response.version());
    let mut body = Vec::new();
    let deadline = tokio::time::sleep(patience);
    tokio::pin!(deadline);
    meter.report(Phase::Reading);
    let body_state = loop {
        let chunk = tokio::select! {
            biased;
            () = stop.cancelled() => break BodyState::Cut,
            () = &mut deadline => break BodyState::Cut,
            chunk = response.chunk() => chunk,
        };
        match chunk {
            Ok(Some(chunk)) => {
                let room = BODY_LIMIT - body.len();
                body.extend(chunk.iter().take(room));
                if chunk.len() > room {
                    break BodyState::Truncated;
                }
            }
            Ok(None) => break BodyState::Whole,
            Err(_) => break BodyState::Cut,
        }
    };
    Reply {
        status: status.as_u16(),
        reason: status.canonical_reason().unwrap_or_default().to_owned(),
        version,
        headers,
        body: redacted(&body, body_state != BodyState::Whole),
        body_state,
    }
}
