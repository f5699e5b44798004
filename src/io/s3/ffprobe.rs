//! Asks an installed ffprobe about a video whose header our own probe does not read, if the operator allows it.
//!
//! ffprobe gets one address on loopback, which serves the ranges of this one object, over our own connection: it can
//! contact no other host, may open no other protocol, and its requests, bytes and time are bounded. It gets none of our
//! environment but `PATH`, so no key and no credentials.

use super::S3;
use super::bucket::Bucket;
use super::object::{Asked, content};
use crate::domain::evidence::Answer;
use crate::domain::format::counted;
use crate::domain::s3_url::S3Url;
use crate::domain::video::{Facts, Length, Teller};
use crate::io::error_words;
use serde::Deserialize;
use std::hash::{BuildHasher as _, RandomState};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// An ffprobe the operator allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ffprobe {
    /// A path, or a name that is looked up in `PATH`.
    pub program: PathBuf,
    /// Most time for one video.
    pub patience: Duration,
}

impl Ffprobe {
    pub fn at(program: PathBuf) -> Ffprobe {
        Ffprobe { program, patience: Duration::from_secs(30) }
    }
}

/// Most bytes of one object that are handed to ffprobe.
const MOST_BYTES: u64 = 24 * 1024 * 1024;
/// Most requests for one object.
const MOST_REQUESTS: u32 = 200;
/// Bytes fetched at once.
const CHUNK: u64 = 256 * 1024;
/// Most bytes of what ffprobe says.
const MOST_SAID: u64 = 256 * 1024;
/// Most bytes of a request's head.
const HEAD: usize = 8 * 1024;

/// The object that is served.
struct Object {
    s3: S3,
    url: S3Url,
    bucket: Bucket,
    signed: bool,
    etag: Option<Box<str>>,
    size: u64,
    /// The path of the address, which nobody else knows.
    path: String,
    served: AtomicU64,
    requests: AtomicU32,
}

/// Completes the facts about a video, or adds why ffprobe did not tell. Returns the requests made.
pub(super) async fn complete(
    asked: &Asked<'_>,
    ffprobe: &Ffprobe,
    facts: &mut Facts,
    size: u64,
    etag: Option<&str>,
) -> u32 {
    let (s3, url, bucket, signed) = asked.again();
    let path = format!("/{:016x}{:016x}", RandomState::new().hash_one(0), RandomState::new().hash_one(1));
    let (served, requests) = (AtomicU64::new(0), AtomicU32::new(0));
    let object = Arc::new(Object { s3, url, bucket, signed, etag: etag.map(Into::into), size, path, served, requests });
    let told = match tokio::time::timeout(ffprobe.patience, run(&ffprobe.program, &object)).await {
        Ok(told) => told,
        Err(_) => Err(format!("did not end within {}", counted(ffprobe.patience.as_secs(), "second"))),
    };
    match told {
        Ok(told) => told.put_into(facts),
        Err(why) => facts.teller = Some(Teller::NotFfprobe(why.into())),
    }
    object.requests.load(Ordering::Relaxed)
}

async fn run(program: &Path, object: &Arc<Object>) -> Result<Told, String> {
    let system = |error: std::io::Error| format!("can't be used: {}", error_words(&error));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(system)?;
    let address = listener.local_addr().map_err(system)?;
    let mut child = tokio::process::Command::new(program)
        .args(["-v", "error", "-protocol_whitelist", "http,tcp", "-analyzeduration", "10000000"])
        .args(["-probesize", "8000000", "-print_format", "json", "-show_format", "-show_streams", "-i"])
        .arg(format!("http://{address}{}", object.path))
        .env_clear()
        .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| format!("can't be started: {}", error_words(&error)))?;
    let mut said = Vec::new();
    let mut out = child.stdout.take().ok_or_else(|| "has no output".to_owned())?.take(MOST_SAID + 1);
    let mut connections = JoinSet::new();
    {
        let read = out.read_to_end(&mut said);
        tokio::pin!(read);
        loop {
            tokio::select! {
                read = &mut read => {
                    read.map_err(system)?;
                    break;
                }
                Ok((stream, _)) = listener.accept() => {
                    let object = Arc::clone(object);
                    connections.spawn(async move { drop(object.serve(stream).await) });
                }
            }
        }
    }
    if said.len() as u64 > MOST_SAID {
        return Err("says too much".to_owned());
    }
    let status = child.wait().await.map_err(system)?;
    if !status.success() {
        return Err("can't read it".to_owned());
    }
    serde_json::from_slice(&said).map_err(|_| "answers something else".to_owned())
}

impl Object {
    /// Answers one request with the bytes from its range on, until the reader has enough or the budget is spent.
    async fn serve(&self, mut stream: TcpStream) -> std::io::Result<()> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            if head.len() >= HEAD {
                return Ok(());
            }
            head.push(stream.read_u8().await?);
        }
        let head = String::from_utf8_lossy(&head);
        let mut words = head.split(' ');
        let is_asked = words.next() == Some("GET") && words.next() == Some(&self.path);
        let Some(range) = range(&head, self.size).filter(|_| is_asked) else {
            return stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").await;
        };
        let (start, end) = (range.start, range.end);
        let answer = format!(
            "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes {start}-{}/{}\r\nContent-Length: {}\r\n\
             Accept-Ranges: bytes\r\nConnection: close\r\n\r\n",
            end - 1,
            self.size,
            end - start
        );
        stream.write_all(answer.as_bytes()).await?;
        let mut at = start;
        while at < end {
            let Some(bytes) = self.fetch(at..end.min(at + CHUNK)).await else { return Ok(()) };
            stream.write_all(&bytes).await?;
            at += bytes.len() as u64;
        }
        stream.shutdown().await
    }

    /// None if the budget is spent, or the object can't be read or has changed.
    async fn fetch(&self, range: Range<u64>) -> Option<Vec<u8>> {
        let length = range.end - range.start;
        let is_within = self.served.fetch_add(length, Ordering::Relaxed) + length <= MOST_BYTES
            && self.requests.fetch_add(1, Ordering::Relaxed) < MOST_REQUESTS;
        if !is_within {
            return None;
        }
        let mut asked = Asked::new(&self.s3, &self.url, &self.bucket);
        if self.signed {
            asked.sign();
        }
        let start = range.start;
        let reply = asked.get(&self.url, range, self.etag.as_deref()).await.ok()?;
        let size = content::<Facts>(&reply, start).map_err(drop_answer).ok()?;
        (size == self.size && !reply.body.is_empty()).then_some(reply.body)
    }
}

fn drop_answer(_: Answer<Facts>) {}

/// The bytes that a request's head asks for; all of them without a range.
fn range(head: &str, size: u64) -> Option<Range<u64>> {
    let line = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("range").then_some(value.trim())
    });
    let Some(line) = line else { return (size > 0).then_some(0..size) };
    let (start, last) = line.strip_prefix("bytes=")?.split_once('-')?;
    let start: u64 = start.parse().ok()?;
    let end = if last.is_empty() { size } else { last.parse::<u64>().ok()?.checked_add(1)?.min(size) };
    (start < end).then_some(start..end)
}

/// What ffprobe says, as far as it is used.
#[derive(Debug, Deserialize)]
struct Told {
    #[serde(default)]
    streams: Vec<Stream>,
    #[serde(default)]
    format: Format,
}

#[derive(Debug, Default, Deserialize)]
struct Format {
    duration: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Stream {
    codec_type: Option<String>,
    width: Option<u32>,
    height: Option<u32>,
    sample_aspect_ratio: Option<String>,
    #[serde(default)]
    disposition: Disposition,
    #[serde(default)]
    side_data_list: Vec<SideData>,
}

#[derive(Debug, Default, Deserialize)]
struct Disposition {
    #[serde(default)]
    attached_pic: u8,
}

#[derive(Debug, Deserialize)]
struct SideData {
    rotation: Option<f64>,
}

impl Told {
    fn put_into(self, facts: &mut Facts) {
        let is = |stream: &&Stream, kind: &str| stream.codec_type.as_deref() == Some(kind);
        let picture = self.streams.iter().find(|stream| is(stream, "video") && stream.disposition.attached_pic == 0);
        facts.has_video = Some(picture.is_some());
        facts.has_audio = Some(self.streams.iter().any(|stream| is(&stream, "audio")));
        let seconds = self.format.duration.and_then(|text| text.parse::<f64>().ok());
        let seconds = seconds.filter(|seconds| (0.001..1e9).contains(seconds));
        // Without an index it is worked out from the times or the rate of what was read.
        facts.duration =
            seconds.map(|seconds| Length { ms: (seconds * 1000.0) as u64, is_rough: true, media_ms: None });
        let sound = |size: &u32| (1..=100_000).contains(size);
        facts.coded = picture.and_then(|picture| picture.width.filter(sound).zip(picture.height.filter(sound)));
        let shape = picture.and_then(|picture| {
            let (width, height) = picture.sample_aspect_ratio.as_deref()?.split_once(':')?;
            Some((width.parse::<u32>().ok().filter(sound)?, height.parse::<u32>().ok().filter(sound)?))
        });
        facts.display = facts.coded.and_then(|(width, height)| {
            let (across, down) = shape.unwrap_or((1, 1));
            let width = u64::from(width) * u64::from(across) / u64::from(down);
            Some((u32::try_from(width).ok().filter(sound)?, height))
        });
        let turned = picture.and_then(|picture| picture.side_data_list.iter().find_map(|data| data.rotation));
        facts.rotation = turned.map_or(0, |degrees| (-degrees).rem_euclid(360.0) as u16);
        facts.teller = Some(Teller::Ffprobe);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_served_exactly_or_not_at_all() {
        let asked = |range: &str| super::range(&format!("GET /x HTTP/1.1\r\nRange: {range}\r\n\r\n"), 100);
        assert_eq!(asked("bytes=0-"), Some(0..100));
        assert_eq!(asked("bytes=7-9"), Some(7..10));
        assert_eq!(asked("bytes=90-900"), Some(90..100));
        for bad in ["bytes=100-", "bytes=-5", "bytes=9-7", "lines=0-", "bytes=0-18446744073709551615", "bytes=a-b"] {
            assert_eq!(asked(bad), None, "{bad}");
        }
        assert_eq!(range("GET /x HTTP/1.1\r\n\r\n", 100), Some(0..100));
        assert_eq!(range("GET /x HTTP/1.1\r\n\r\n", 0), None);
    }

    #[test]
    fn ffprobe_output_becomes_facts_and_nonsense_is_ignored() {
        let facts = |json: &str| {
            let mut facts = Facts::default();
            serde_json::from_str::<Told>(json).unwrap().put_into(&mut facts);
            facts
        };
        let told = facts(
            r#"{"streams": [
                {"codec_type": "video", "width": 64, "height": 64, "disposition": {"attached_pic": 1}},
                {"codec_type": "video", "width": 720, "height": 576, "sample_aspect_ratio": "16:15",
                 "side_data_list": [{"rotation": -90}]},
                {"codec_type": "audio"}], "format": {"duration": "12.480000"}}"#,
        );
        assert_eq!((told.coded, told.display, told.rotation), (Some((720, 576)), Some((768, 576)), 90));
        assert_eq!((told.has_video, told.has_audio), (Some(true), Some(true)));
        assert_eq!(told.duration.unwrap().ms, 12_480);
        let none = facts(r#"{"format": {"duration": "N/A"}}"#);
        assert_eq!((none.duration, none.has_video, none.coded), (None, Some(false), None));
        for wild in ["-1", "1e300", "NaN", "inf", ""] {
            assert_eq!(facts(&format!(r#"{{"format": {{"duration": "{wild}"}}}}"#)).duration, None, "{wild}");
        }
    }
}
