//! Neither the API key nor a presigned link is anywhere but on the wire, even if the service echoes them.

use super::{Desk, INDEX, KEY, told};
use cuecard::sandbox::{Owner, SandboxOptions, VIDEOS};
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
            let mut request = Vec::new();
            let mut piece = [0; 4096];
            while !String::from_utf8_lossy(&request).trim_end().ends_with("--") {
                match stream.read(&mut piece) {
                    Ok(0) | Err(_) => break,
                    Ok(read) => request.extend_from_slice(&piece[..read]),
                }
            }
            let request = String::from_utf8_lossy(&request).into_owned();
            let body = serde_json::json!({ "code": "video_file_broken", "message": format!("Can't: {request}") });
            let body = body.to_string();
            let head =
                format!("HTTP/1.1 400 Bad\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n", body.len());
            kept.lock().unwrap().push(request);
            let _ = stream.write_all(format!("{head}{body}").as_bytes());
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
    // Nor in the curl command.
    let (_, out, _) = submit(&desk, &["--dry-run"]);
    is_free("the dry run", out.as_bytes());
}

#[test]
fn the_service_can_fetch_a_private_video_by_its_link_and_without_credentials_it_is_told() {
    let video = format!(
        r#"{{"index_id": "{INDEX}", "language": "en", "object": "s3://{VIDEOS}/private.mp4", "transcription": "s3://{}/news/2026/0700.srt"}}"#,
        cuecard::sandbox::CAPTIONS
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
