//! `cuecard check --online`, from a manifest to findings, narration and exit code.

use super::*;
use cuecard::domain::rules::Rule;
use cuecard::sandbox::{self, ELSEWHERE, FOOTAGE};
use std::process::{Command, Output, Stdio};
use std::time::Instant;

const KEY: &str = "tlk_CANARY_0123456789";

pub(super) struct Session {
    pub sandbox: Sandbox,
    pub folder: tempfile::TempDir,
}

impl Session {
    pub async fn new(options: sandbox::SandboxOptions, rows: &[String]) -> Session {
        let sandbox = Sandbox::start(options).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("m.json"), format!("[{}]", rows.join(",\n"))).unwrap();
        Session { sandbox, folder }
    }

    pub fn command(&self, more: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cuecard"));
        command.current_dir(self.folder.path()).env_clear();
        for name in ["PATH", "LLVM_PROFILE_FILE"] {
            command.envs(std::env::var_os(name).map(|value| (name, value)));
        }
        command
            .env("CUECARD_STATE_DIR", self.folder.path().join("state"))
            .env("CUECARD_CONFIG_DIR", self.folder.path().join("config"))
            .env("CUECARD_S3_ENDPOINT", self.sandbox.s3_endpoint())
            .env("CUECARD_API_URL", self.sandbox.api_url())
            .env("TWELVELABS_API_KEY", KEY)
            .args(["check", "m.json"])
            .args(more);
        command
    }

    pub async fn check(&self, more: &[&str]) -> Output {
        let mut command = self.command(more);
        tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
    }
}

pub(super) fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

pub(super) fn findings(output: &Output) -> Vec<serde_json::Value> {
    serde_json::from_slice(&output.stdout).unwrap()
}

fn codes(findings: &[serde_json::Value]) -> BTreeSet<String> {
    findings.iter().map(|finding| finding["code"].as_str().unwrap().to_owned()).collect()
}

fn index_row(index: &str, video: &str, transcript: &str) -> String {
    row(video, transcript).replace("6298d673f1090f1100476d4c", index)
}

/// Rows that break every online rule.
pub(super) fn faulty() -> Vec<String> {
    let fault = |name: &str| url(&format!("faults/{name}.srt"));
    let video = |name: &str| format!("s3://{FOOTAGE}/faults/{name}.mp4");
    let mut rows: Vec<String> = [
        "none",
        "denied",
        "archived",
        "empty",
        "not-subtitles",
        "latin-1",
        "cues-lost",
        "cue-timing",
        "cue-format",
        "cue-order",
        "cue-overlap",
        "format-extension",
        "language",
    ]
    .map(|name| row("s3://acme-video/a.mp4", &fault(name)))
    .to_vec();
    rows.extend(["past-end", "sparse"].map(|name| row(&video(name), &fault(name))));
    rows.extend(
        ["none", "too-short", "too-long", "too-small", "too-wide", "too-big", "silent"]
            .map(|name| row(&video(name), "")),
    );
    rows.push(row("", "s3://cuecard-demo-nowhere/a.srt"));
    rows.push(row("", &format!("s3://{ELSEWHERE}/a.srt")));
    rows.push(index_row("5eed00000000000000000014", "", ""));
    rows.push(index_row("5eed00000000000000000016", "", &url("faults/good.srt")));
    rows.push(index_row("5eed00000000000000000099", "", ""));
    rows.extend(["repeated", "start-late"].map(|name| row("s3://acme-video/a.mp4", &fault(name))));
    rows.push(row("", &fault("slow-down")));
    rows
}

#[tokio::test(flavor = "multi_thread")]
async fn every_online_finding_is_reported_with_its_code() {
    let session = Session::new(sandbox::SandboxOptions::default(), &faulty()).await;
    let output = session.check(&["--online", "--format", "json"]).await;
    assert_eq!(output.status.code(), Some(1), "{}", err(&output));
    let found = findings(&output);
    let wanted: BTreeSet<&str> = Rule::ALL.iter().filter(|rule| rule.is_online()).map(|rule| rule.code()).collect();
    // Limits that only the newest table has.
    let newest = findings(&session.check(&["--online", "--format", "json", "--limits", "v1.3"]).await);
    let mut found_codes = codes(&found);
    found_codes.extend(codes(&newest).into_iter().filter(|code| code == "video-aspect"));
    let missing: Vec<_> = wanted.iter().filter(|code| !found_codes.contains(**code)).collect();
    assert!(missing.is_empty(), "{missing:?}");
    let rows: Vec<u64> = found.iter().map(|finding| finding["row"].as_u64().unwrap()).collect();
    assert!(rows.is_sorted());
    let lost = found.iter().find(|finding| finding["code"] == "cues-lost" && finding["row"] == 7).unwrap();
    assert_eq!((&lost["line"], &lost["field"]), (&7.into(), &"transcription".into()));
    let said = err(&output);
    assert!(
        said.starts_with("Checking 21 transcripts, 10 videos, 4 indexes, 5 buckets: 40 requests, under a second."),
        "{said}"
    );
    assert!(said.contains("\n1 transcript could not be checked: it asks to slow down.\n"), "{said}");
    assert!(said.contains(" errors, ") && !said.contains('\x1b'), "{said}");
    // No online findings unless asked for.
    let offline = session.check(&["--format", "json"]).await;
    assert!(codes(&findings(&offline)).iter().all(|code| !wanted.contains(code.as_str())));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_key_goes_to_the_api_and_never_to_s3() {
    let session = Session::new(sandbox::SandboxOptions::default(), &faulty()).await;
    let output = session.check(&["--online"]).await;
    let s3 = session.sandbox.s3_requests();
    assert!(s3.len() > 20);
    for request in &s3 {
        assert!(!request.target.contains("CANARY"), "{request:?}");
        assert!(request.headers.iter().all(|(name, value)| name != "x-api-key" && !value.contains("CANARY")));
    }
    let api = session.sandbox.api_requests();
    assert_eq!(api.len(), 4);
    assert!(api.iter().all(|it| it.target.contains("/indexes/") && it.header("x-api-key") == Some(KEY)), "{api:?}");
    assert!(!err(&output).contains("CANARY") && !String::from_utf8_lossy(&output.stdout).contains("CANARY"));
    for file in std::fs::read_dir(session.folder.path().join("state")).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(memchr::memmem::find(&bytes, b"CANARY").is_none());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_rows_and_kinds_asked_for_are_asked_about_and_only_once() {
    let session = Session::new(sandbox::SandboxOptions::default(), &faulty()).await;
    let rows = ["--online", "--rows", "13..14", "--no-videos", "--at-once", "1", "--format", "json"];
    let output = session.check(&rows).await;
    assert_eq!(session.sandbox.s3_count(), 3, "{:?}", session.sandbox.s3_targets());
    assert_eq!(session.sandbox.most_at_once(), 1);
    assert!(findings(&output).iter().all(|finding| [13, 14].contains(&finding["row"].as_u64().unwrap())));
    session.sandbox.forget_s3_requests();
    let again = session.check(&rows).await;
    assert_eq!((session.sandbox.s3_count(), again.stdout), (0, output.stdout));
    let mut afresh = rows.to_vec();
    afresh.push("--afresh");
    session.check(&afresh).await;
    assert_eq!(session.sandbox.s3_count(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn contradicting_options_are_refused_before_any_request() {
    let session = Session::new(sandbox::SandboxOptions::default(), &faulty()).await;
    for (more, why) in [
        (&["--online", "--offline"][..], "--online needs the network, but offline is set from --offline\n"),
        (&["--online", "--limits", "v9"], "unknown limits \"v9\", from --limits; known ones are v1.2, "),
        (&["--online", "--at-once", "65"], "it can be 1 to 64"),
        (&["--no-videos"], "--online"),
    ] {
        let output = session.check(more).await;
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{more:?}");
        assert!(err(&output).contains(why), "{}", err(&output));
    }
    assert_eq!(session.sandbox.s3_count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_limits_give_other_findings() {
    let video = format!("s3://{FOOTAGE}/faults/too-short.mp4");
    let session = Session::new(sandbox::SandboxOptions::default(), &[row(&video, "")]).await;
    let message = async |more: &[&str]| {
        let output = session.check(&[&["--online", "--format", "json"], more].concat()).await;
        let found = findings(&output);
        found.iter().find(|it| it["code"] == "video-duration").map(|it| it["message"].as_str().unwrap().to_owned())
    };
    assert!(message(&[]).await.unwrap().contains("v1.2"));
    assert!(message(&["--limits", "v1.3"]).await.unwrap().contains("v1.3"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_ends_it_soon_and_writes_no_half_of_a_report() {
    let delay = Duration::from_millis(50);
    let rows: Vec<String> = (0..5_000).map(|n| row("", &url(&format!("{n}.srt")))).collect();
    let session = Session::new(sandbox::SandboxOptions { delay, ..Default::default() }, &rows).await;
    let mut command = session.command(&["--online", "--format", "json"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    while session.sandbox.s3_count() < 100 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let pid = rustix::process::Pid::from_raw(child.id() as i32).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let told = Instant::now();
    let output = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap()).await.unwrap();
    assert!(told.elapsed() < Duration::from_secs(15));
    assert_eq!((output.status.code(), output.stdout.len()), (Some(130), 0));
    assert!(err(&output).contains("\nEnded by signal 2: "), "{}", err(&output));
    assert!(err(&output).ends_with(" of 5,001 were asked about. No findings are written.\n"), "{}", err(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_connection_it_says_so_and_reports_what_stands_in_the_file() {
    let rows: Vec<String> = (0..300).map(|n| row("", &url(&format!("{n}.srt")))).collect();
    let session = Session::new(sandbox::SandboxOptions::default(), &rows).await;
    let output = session.check(&["--online", "--s3-endpoint", NOBODY, "--format", "json"]).await;
    let said = err(&output);
    assert!(said.contains("The check stopped, no connection, "), "{said}");
    assert!(said.contains(" of 301 were asked about.\n"), "{said}");
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("Without a connection nothing is verified online: "), "{said}");
    assert!(codes(&findings(&output)).iter().all(|code| !code.starts_with("transcript-")));
    // A few subjects are all tried, and the message is the same.
    let few = session.check(&["--online", "--rows", "1..2", "--s3-endpoint", NOBODY, "--format", "json"]).await;
    assert_eq!(few.status.code(), Some(2), "{}", err(&few));
    assert!(findings(&few).is_empty() || findings(&few).iter().all(|it| it["row"].as_u64() <= Some(2)));
}

#[tokio::test(flavor = "multi_thread")]
async fn unusable_answers_are_not_reported_as_checked() {
    let rows = [index_row("x", "", &url("faults/moved.srt"))];
    let session = Session::new(sandbox::SandboxOptions::default(), &rows).await;
    let output = session.check(&["--online", "--rows", "1..1", "--format", "json"]).await;
    let said = err(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains(": 0 could be checked.\n") && said.contains("No answer could be used"), "{said}");
    assert!(!said.contains("Checked 1 online"), "{said}");
    let found = findings(&output);
    let untold: Vec<_> = found.iter().filter(|it| it["code"] == "not-checked").collect();
    assert_eq!(
        (untold.len(), untold[0]["row"].as_u64(), untold[0]["field"].as_str()),
        (1, Some(1), Some("transcription"))
    );
}
