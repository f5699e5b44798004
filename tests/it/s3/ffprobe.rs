//! Asking an ffprobe the operator allows, with a script in its place: it gets one address, and its word is told as its.

use super::faulty::{Faulty, part};
use super::impatient;
use cuecard::domain::evidence::{Answer, Object};
use cuecard::domain::s3_url::S3Url;
use cuecard::domain::video::{Facts, Teller};
use cuecard::io::s3::{Bucket, Ffprobe, S3, S3Options};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

/// With no size told, as by a writer that does not know the end yet.
const AVI: &str = "RIFF\0\0\0\0AVI bbbb";
const JSON: &str = r#"{"streams": [{"codec_type": "video", "width": 1280, "height": 720}, {"codec_type": "audio"}],
    "format": {"duration": "61.5"}}"#;

fn stand_in(folder: &Path, script: &str) -> Ffprobe {
    let program = folder.join("ffprobe");
    std::fs::write(&program, format!("#!/usr/bin/env bash\ncd {}\n{script}\n", folder.display())).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    Ffprobe { patience: Duration::from_secs(10), ..Ffprobe::at(program) }
}

/// What is told of an object that begins as an AVI does, and the request lines.
async fn told(ffprobe: Option<Ffprobe>, served: &[String]) -> (Facts, Vec<String>) {
    let first = part(&format!("0-{}/{}", AVI.len() - 1, AVI.len()), "\"a\"", AVI);
    let server = Faulty::start([first].into_iter().chain(served.iter().cloned())).await;
    let s3 = S3::new(S3Options { ffprobe, ..impatient(&server.url) }).unwrap();
    let url = S3Url::new("acme", "a.avi").unwrap();
    let (Object { answer, .. }, requests) = s3.video(&url, &Bucket::default()).await;
    assert_eq!(requests as usize, server.targets().len());
    let Answer::Found(found) = answer else { panic!("{answer:?}") };
    (found.what, server.targets())
}

#[tokio::test]
async fn no_ffprobe_is_started_unless_the_operator_allows_it() {
    let (facts, requests) = told(None, &[]).await;
    assert_eq!((facts.teller.clone(), facts.duration, requests.len()), (None, None, 1));
    assert_eq!(facts.untold().unwrap(), "the header of AVI is not read");
}

#[tokio::test]
async fn an_allowed_ffprobe_tells_what_our_own_probe_cannot_and_is_named_as_the_teller() {
    let folder = tempfile::tempdir().unwrap();
    let script = format!("printf '%s\\n' \"$@\" >arguments; env >environment; cat <<'E'\n{JSON}\nE");
    let (facts, _) = told(Some(stand_in(folder.path(), &script)), &[]).await;
    assert_eq!(facts.teller, Some(Teller::Ffprobe));
    assert_eq!((facts.coded, facts.duration.unwrap().ms), (Some((1280, 720)), 61_500));
    assert_eq!((facts.has_video, facts.has_audio, facts.untold()), (Some(true), Some(true), None));

    let arguments = std::fs::read_to_string(folder.path().join("arguments")).unwrap();
    let arguments: Vec<&str> = arguments.lines().collect();
    let whitelist = arguments.iter().position(|it| *it == "-protocol_whitelist").unwrap();
    assert_eq!(arguments[whitelist + 1], "http,tcp");
    assert!(arguments.last().unwrap().starts_with("http://127.0.0.1:"), "{arguments:?}");
    assert!(!arguments.iter().any(|it| it.contains("acme")), "it never learns the object's address");
    let environment = std::fs::read_to_string(folder.path().join("environment")).unwrap();
    let shell = ["PATH=", "PWD=", "SHLVL=", "_=", "OLDPWD="];
    for line in environment.lines() {
        assert!(shell.iter().any(|name| line.starts_with(name)), "{line}");
    }
}

#[tokio::test]
async fn ffprobe_gets_the_bytes_it_asks_for_of_this_object_and_of_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let script = format!(
        r#"url=${{@: -1}}; place=${{url#http://}}; port=${{place%%/*}}; port=${{port#*:}}; path=/${{place#*/}}
        ask() {{ exec 3<>/dev/tcp/127.0.0.1/$port; printf 'GET %s HTTP/1.1\r\n%s\r\n' "$1" "$2" >&3; cat <&3 >"$3"; }}
        ask "$path" $'Range: bytes=8-11\r\n' ranged; ask /other '' other; ask "$path" $'Range: bytes=99-\r\n' beyond
        cat <<'E'
{JSON}
E"#
    );
    let served = [part(&format!("8-11/{}", AVI.len()), "\"a\"", "AVI ")];
    let (facts, requests) = told(Some(stand_in(folder.path(), &script)), &served).await;
    assert_eq!(facts.teller, Some(Teller::Ffprobe));
    assert_eq!(requests, ["GET /acme/a.avi HTTP/1.1"; 2]);
    let got = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    let ranged = got("ranged");
    assert!(ranged.starts_with("HTTP/1.1 206 ") && ranged.contains("Content-Range: bytes 8-11/16\r\n"), "{ranged}");
    assert!(ranged.ends_with("\r\n\r\nAVI "), "{ranged}");
    for name in ["other", "beyond"] {
        assert!(got(name).starts_with("HTTP/1.1 404 "), "{name}");
    }
}

#[tokio::test]
async fn an_ffprobe_that_fails_hangs_or_talks_nonsense_is_told_and_nothing_is_believed() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str, script: &str| {
        let folder = folder.path().join(name);
        std::fs::create_dir(&folder).unwrap();
        stand_in(&folder, script)
    };
    let missing = Ffprobe::at(folder.path().join("none"));
    let slow = Ffprobe { patience: Duration::from_secs(1), ..at("slow", "sleep 60") };
    for (ffprobe, why) in [
        (at("fails", &format!("cat <<'E'\n{JSON}\nE\nexit 1")), "ffprobe can't read it"),
        (at("nonsense", "echo '<html>'"), "ffprobe answers something else"),
        (at("babbles", "yes"), "ffprobe says too much"),
        (missing, "ffprobe can't be started"),
        (slow, "ffprobe did not end within 1 second"),
    ] {
        let (facts, _) = told(Some(ffprobe), &[]).await;
        assert!(matches!(facts.teller, Some(Teller::NotFfprobe(_))), "{facts:?}");
        assert_eq!((facts.duration, facts.coded), (None, None));
        let untold = facts.untold().unwrap();
        assert!(untold.starts_with("the header of AVI is not read, and ") && untold.contains(why), "{untold}");
    }
}
