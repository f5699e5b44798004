//! Neither the API key nor a presigned link is anywhere but on the wire, even if the service echoes them.

use super::{Desk, INDEX, KEY, told};
use crate::pty::screen::Place;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cuecard::sandbox::{CAPTIONS, FOOTAGE, Owner, SandboxOptions, VIDEOS, Video};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

const ID: &str = "AKIDCANARY";
const SECRET: &str = "wJalrXUtnFEMI/canary";
const TOKEN: &str = "FwoGZXIvYXdzEB+canary/TOKEN==";

/// A service that repeats all it was sent in its refusal.
fn echo() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}/v1.2", listener.local_addr().unwrap());
    let heard = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&heard);
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let kept = Arc::clone(&kept);
            std::thread::spawn(move || {
                let mut request = Vec::new();
                let mut piece = [0; 4096];
                let is_whole = |request: &[u8]| {
                    let text = String::from_utf8_lossy(request);
                    text.trim_end().ends_with("--") || text.starts_with("GET ") && text.ends_with("\r\n\r\n")
                };
                while !is_whole(&request) {
                    match stream.read(&mut piece) {
                        Ok(0) | Err(_) => break,
                        Ok(read) => request.extend_from_slice(&piece[..read]),
                    }
                }
                let request = String::from_utf8_lossy(&request).into_owned();
                let body = serde_json::json!({ "code": "video_file_broken", "message": format!("Can't: {request}") });
                let body = body.to_string();
                let head = "HTTP/1.1 400 Bad\r\nContent-Type: application/json\r\nConnection: close";
                kept.lock().unwrap().push(request);
                let _ = stream.write_all(format!("{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).as_bytes());
            });
        }
    });
    (base, heard)
}

#[test]
fn a_presigned_link_is_on_the_wire_and_nowhere_else() {
    let video = |name: &str, bucket: &str| {
        format!(
            r#"{{"index_id": "{INDEX}", "language": "en", "object": "s3://{bucket}/{name}", "transcription": "s3://acme-captions/a.srt"}}"#
        )
    };
    let owner = Some(Owner { access_key_id: ID.to_owned(), secret_access_key: SECRET.to_owned() });
    let mut desk = Desk::with(&[video("private.mp4", VIDEOS)], SandboxOptions { owner, ..SandboxOptions::default() });
    desk.sandbox.put(VIDEOS, "private.mp4", b"0123456789");
    let (base, heard) = echo();
    let endpoint = desk.sandbox.s3_endpoint().to_owned();
    let submit = |desk: &Desk, more: &[&str]| {
        let mut command = desk.rows(&[&["--aws", "--s3-endpoint", &endpoint], more].concat());
        command.env("AWS_ACCESS_KEY_ID", ID).env("AWS_SECRET_ACCESS_KEY", SECRET).env("AWS_SESSION_TOKEN", TOKEN);
        told(&command.output().unwrap())
    };
    desk.api_url = base;
    let (exit, out, err) = submit(&desk, &[]);
    assert_eq!(exit, 4, "{out}{err}");
    assert!(err.contains("1 video by presigned link"), "{err}");
    let requests = heard.lock().unwrap().clone();
    assert_eq!(requests.len(), 1);
    let signature = requests[0].split("X-Amz-Signature=").nth(1).unwrap().get(..64).unwrap().to_owned();
    let link = requests[0].lines().find(|line| line.contains("X-Amz-Signature=")).unwrap();
    let lives: u64 = link.split("X-Amz-Expires=").nth(1).unwrap().split('&').next().unwrap().parse().unwrap();
    assert_eq!(lives, 3_600);
    assert!(requests[0].contains(KEY) && link.starts_with(&format!("{endpoint}/{VIDEOS}/private.mp4?")), "{link}");

    let encoded = TOKEN.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    let secrets = [KEY, &signature, SECRET, TOKEN, &encoded, "X-Amz-"];
    let is_free = |what: &str, bytes: &[u8]| {
        for secret in secrets {
            assert!(memchr::memmem::find(bytes, secret.as_bytes()).is_none(), "{secret} in {what}");
        }
    };
    is_free("stdout", out.as_bytes());
    is_free("stderr", err.as_bytes());
    let (_, history, _) = told(&desk.command(&["history", "--format", "json"]).output().unwrap());
    is_free("history", history.as_bytes());
    for entry in std::fs::read_dir(desk.path("state")).unwrap() {
        let path = entry.unwrap().path();
        is_free(&path.display().to_string(), &std::fs::read(&path).unwrap());
    }
    let (_, receipt, _) = told(&desk.command(&["history", "show", "1"]).output().unwrap());
    assert!(receipt.contains("\"refused\": 1"), "{receipt}");
    is_free("the receipt", receipt.as_bytes());
    // Nor in the curl command.
    let (_, out, _) = submit(&desk, &["--dry-run"]);
    is_free("the dry run", out.as_bytes());
}

#[test]
fn on_the_terminal_too_a_presigned_link_is_on_the_wire_and_nowhere_else() {
    let video = format!(
        r#"{{"index_id": "{INDEX}", "language": "en", "object": "s3://{VIDEOS}/private.mp4", "transcription": "s3://{CAPTIONS}/news/2026/0700.srt"}}"#
    );
    let owner = Some(Owner { access_key_id: ID.to_owned(), secret_access_key: SECRET.to_owned() });
    let desk = Desk::with(std::slice::from_ref(&video), SandboxOptions { owner, ..SandboxOptions::default() });
    desk.sandbox.put_video("private.mp4", &Video { bytes: 20_000, ..Video::default() });
    let endpoint = desk.sandbox.s3_endpoint().to_owned();
    let bytes = desk.runtime.block_on(async {
        let client = cuecard::io::client::builder().tls_certs_only([]).no_proxy().build().unwrap();
        client.get(format!("{endpoint}/{FOOTAGE}/private.mp4")).send().await.unwrap().bytes().await.unwrap()
    });
    desk.sandbox.put(VIDEOS, "private.mp4", &bytes);
    let (base, heard) = echo();
    let place = Place::new()
        .with("m.json", format!("[{video}]"))
        .size(120, 40)
        .env("AWS_ACCESS_KEY_ID", ID)
        .env("AWS_SECRET_ACCESS_KEY", SECRET)
        .env("AWS_SESSION_TOKEN", TOKEN)
        .env("CUECARD_S3_ENDPOINT", &endpoint)
        .env("CUECARD_LOG", "trace")
        .env("TWELVELABS_API_KEY", KEY);
    let mut screen = place.cuecard(&["m.json", "--aws", "--api-url", &base]);
    screen.until("errors 0").keys(":check all\r").until("videos too").keys("v");
    screen.until_it("the video is known", |screen| screen.text().contains("0:30"));
    screen.keys(":submit tasks\r").until("1 by presigned link").until("send 1 row one by one");
    // Late answers of the check have the gate gather its facts again: then a key that came too early is told so.
    while !screen.shows("without the key") {
        screen.keys("c").until_it("it was copied, or not yet", |screen| {
            screen.shows("without the key") || screen.shows("still being looked at")
        });
        screen.watch(std::time::Duration::from_millis(100));
    }
    while !screen.shows("video_file_broken") {
        screen.watch(std::time::Duration::from_millis(310));
        screen.keys("Y").until_it("it was sent, or not", |screen| {
            screen.shows("video_file_broken") || screen.shows("nothing was sent")
        });
    }
    // Keys typed before the result could be read are dropped.
    screen.until("ACCEPTED 0 OF 1").watch(std::time::Duration::from_millis(310));
    screen.keys("\t");
    let requests = heard.lock().unwrap().clone();
    let sent = requests.iter().find(|request| request.contains("X-Amz-Signature=")).expect("the row went by link");
    assert!(sent.contains(KEY));
    let signature = sent.split("X-Amz-Signature=").nth(1).unwrap().get(..64).unwrap().to_owned();
    let encoded = TOKEN.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    let secrets = [KEY, &signature, SECRET, TOKEN, &encoded, "X-Amz-Signature"];
    let is_free = |what: &str, bytes: &[u8]| {
        for secret in secrets {
            assert!(memchr::memmem::find(bytes, secret.as_bytes()).is_none(), "{secret} in {what}");
        }
    };
    for process in std::fs::read_dir("/proc").unwrap().flatten() {
        let line = std::fs::read(process.path().join("cmdline")).unwrap_or_default();
        is_free(&format!("{}", process.path().display()), &line);
    }
    screen.keys("r").until("SAME BYTES").keys("y").until("the receipt").esc("SAME BYTES");
    screen.keys("L").until("newest first").esc("newest first");
    screen.keys("qqq");
    assert_eq!(screen.ends(), 0);
    is_free("the terminal", screen.raw());
    // What was handed to the terminal's clipboard: the curl command and the receipt.
    let raw = String::from_utf8_lossy(screen.raw()).into_owned();
    let copied: Vec<_> =
        raw.split("\x1b]52;c;").skip(1).filter_map(|rest| rest.split(['\x07', '\x1b']).next()).collect();
    assert!(copied.len() >= 2, "{}", copied.len());
    for text in copied {
        is_free("the clipboard", &STANDARD.decode(text).unwrap());
    }
    let mut folders = vec![place.path("")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                is_free(&path.display().to_string(), &std::fs::read(&path).unwrap());
            }
        }
    }
}

#[test]
fn the_service_can_fetch_a_private_video_by_its_link_and_without_credentials_it_is_told() {
    let video = format!(
        r#"{{"index_id": "{INDEX}", "language": "en", "object": "s3://{VIDEOS}/private.mp4", "transcription": "s3://{}/news/2026/0700.srt"}}"#,
        CAPTIONS
    );
    let owner = Some(Owner { access_key_id: ID.to_owned(), secret_access_key: SECRET.to_owned() });
    let desk = Desk::with(&[video], SandboxOptions { owner, ..SandboxOptions::default() });
    desk.sandbox.put(VIDEOS, "private.mp4", b"0123456789");
    let endpoint = ["--s3-endpoint", desk.sandbox.s3_endpoint()];
    // Nobody asked for credentials: it goes by its public address, and the service says that it can't read it.
    let (exit, out, err) = told(&desk.rows(&endpoint).output().unwrap());
    assert!(exit == 4 && out.contains("video_file_broken"), "{exit} {out} {err}");
    std::fs::remove_dir_all(desk.path("state")).unwrap();
    let mut signed = desk.rows(&[&endpoint[..], &["--aws"]].concat());
    signed.env("AWS_ACCESS_KEY_ID", ID).env("AWS_SECRET_ACCESS_KEY", SECRET);
    let (exit, out, err) = told(&signed.output().unwrap());
    assert!(exit == 0 && desk.taken().len() == 1, "{exit} {out} {err}");
    // Credentials that are not there leave the row not sent.
    std::fs::remove_dir_all(desk.path("state")).unwrap();
    let mut unsigned = desk.rows(&[&endpoint[..], &["--aws"]].concat());
    let (exit, out, err) = told(&unsigned.env("AWS_PROFILE", "none").output().unwrap());
    assert!(exit == 3 && out.contains("no presigned link: profile none has none"), "{exit} {out} {err}");
}
