//! What the sandbox makes of accepted videos: tasks on a clock, and single videos taken row by row.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use cuecard::sandbox::{Answer, CAPTIONS, FOOTAGE, Sandbox, SandboxOptions, Shape, VIDEOS};
use reqwest::multipart::{Form, Part};
use reqwest::{Client, Response};
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;

const INDEX: &str = "6298d673f1090f1100476d4c";

fn client() -> Client {
    cuecard::io::client::builder().tls_certs_only([]).no_proxy().build().unwrap()
}

async fn started() -> Sandbox {
    // Nothing happens by itself while a test looks.
    let life = Duration::from_secs(3_600);
    Sandbox::start(SandboxOptions { life, videos_a_day: 25, ..SandboxOptions::default() }).await.unwrap()
}

async fn transfer(sandbox: &Sandbox, rows: usize) -> Response {
    let rows: Vec<_> = (0..rows)
        .map(|at| serde_json::json!({"index_id": INDEX, "language": "en", "object": format!("s3://b/{at}.mp4")}))
        .collect();
    let part = Part::bytes(serde_json::to_vec(&rows).unwrap()).file_name("m.json");
    let url = format!("{}/tasks/transfers", sandbox.api_url());
    client().post(url).header("x-api-key", "k").multipart(Form::new().part("file", part)).send().await.unwrap()
}

async fn asked(sandbox: &Sandbox, key: &str, query: &str) -> Response {
    client().get(format!("{}/tasks{query}", sandbox.api_url())).header("x-api-key", key).send().await.unwrap()
}

async fn read(response: Response) -> Value {
    serde_json::from_str(&response.text().await.unwrap()).unwrap()
}

async fn tally(sandbox: &Sandbox) -> BTreeMap<String, usize> {
    let listed = read(asked(sandbox, "k", &format!("?index_id={INDEX}&page_limit=50")).await).await;
    let mut counts = BTreeMap::new();
    for task in listed["data"].as_array().unwrap() {
        *counts.entry(task["status"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    counts
}

async fn single(sandbox: &Sandbox, key: &str, fields: &[(&str, &str)]) -> Response {
    let form =
        fields.iter().fold(Form::new(), |form, (name, value)| form.text((*name).to_owned(), (*value).to_owned()));
    client().post(format!("{}/tasks", sandbox.api_url())).header("x-api-key", key).multipart(form).send().await.unwrap()
}

#[tokio::test]
async fn tasks_appear_one_after_another_and_go_through_every_state() {
    let sandbox = started().await;
    assert_eq!(transfer(&sandbox, 40).await.status(), 204);
    assert_eq!(tally(&sandbox).await, BTreeMap::from([("validating".to_owned(), 1)]));
    sandbox.odd_status("re_indexing");
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..20 {
        sandbox.let_pass(Duration::from_secs(180));
        seen.extend(tally(&sandbox).await.into_keys());
    }
    assert_eq!(
        seen.iter().map(String::as_str).collect::<Vec<_>>(),
        ["failed", "pending", "queued", "re_indexing", "ready", "validating"]
    );
    assert_eq!(tally(&sandbox).await, BTreeMap::from([("failed".to_owned(), 2), ("ready".to_owned(), 37)]));
}

#[tokio::test]
async fn a_page_has_the_shape_of_its_version() {
    let sandbox = started().await;
    transfer(&sandbox, 40).await;
    sandbox.let_pass(Duration::from_secs(3_600));
    let page = |number: u32| format!("?index_id={INDEX}&page={number}&page_limit=20");
    let flat = read(asked(&sandbox, "k", &page(2)).await).await;
    assert_eq!((flat["data"].as_array().unwrap().len(), &flat["page_info"]["total_results"]), (19, &39.into()));
    assert!(flat["data"][0]["metadata"]["duration"].is_number());
    let one = flat["data"][0]["_id"].as_str().unwrap();
    assert_eq!(read(asked(&sandbox, "k", &format!("/{one}")).await).await["_id"], one);
    sandbox.shape_tasks(Shape::V13);
    assert!(read(asked(&sandbox, "k", &page(1)).await).await["data"][0]["system_metadata"]["filename"].is_string());
    sandbox.shape_tasks(Shape::V10);
    let wrapped = read(asked(&sandbox, "k", &page(1)).await).await;
    assert_eq!(wrapped["data"]["page_info"]["total_page"], 0);
    assert!(!wrapped["data"]["data"][0]["created_at"].as_str().unwrap().ends_with('Z'));
}

#[tokio::test]
async fn a_question_for_tasks_can_be_refused_with_and_without_a_word_on_the_limit() {
    let sandbox = started().await;
    let told = asked(&sandbox, "k", "").await;
    assert_eq!(&told.headers()["x-ratelimit-limit"], "3000");
    let refused = asked(&sandbox, "k-429", "").await;
    assert_eq!((refused.status().as_u16(), &refused.headers()["x-ratelimit-remaining"]), (429, &"0".parse().unwrap()));
    sandbox.answer_listing_with(Answer::TooManyEmpty);
    let silent = asked(&sandbox, "k", "").await;
    assert_eq!((silent.status().as_u16(), silent.headers().get("x-ratelimit-reset")), (429, None));
    assert_eq!(silent.bytes().await.unwrap().len(), 0);
    sandbox.answer_listing_with(Answer::NoContent);
    // These say that there is no transfer endpoint. The tasks are another.
    for key in ["k-404", "k-410", "k-upgrade", "k-drop"] {
        assert_eq!(asked(&sandbox, key, "").await.status(), 200, "{key}");
    }
}

#[tokio::test]
async fn where_transfers_are_gone_single_videos_are_still_taken() {
    let sandbox = started().await;
    for (answer, status, code) in [
        (Answer::NotFound, 404, "api_upgrade_required"),
        (Answer::Gone, 410, "endpoint_not_exist"),
        (Answer::UpgradeRequired, 400, "api_upgrade_required"),
    ] {
        sandbox.answer_with(answer);
        let refused = transfer(&sandbox, 3).await;
        assert_eq!(refused.status().as_u16(), status);
        assert_eq!(read(refused).await["code"], code);
    }
    let video = format!("{}/{FOOTAGE}/news/2026/0720.mp4", sandbox.s3_endpoint());
    let fields = [("index_id", INDEX), ("language", "en"), ("video_url", video.as_str())];
    let taken = single(&sandbox, "k", &fields).await;
    assert_eq!(taken.status(), 201);
    let id = read(taken).await["_id"].as_str().unwrap().to_owned();
    let task = read(asked(&sandbox, "k", &format!("/{id}")).await).await;
    assert_eq!((&task["status"], &task["metadata"]["filename"]), (&"validating".into(), &"0720.mp4".into()));
    // Nothing says that a second request is skipped, so the sandbox does the worst.
    assert_ne!(read(single(&sandbox, "k-410", &fields).await).await["_id"], id);
}

#[tokio::test]
async fn a_single_video_is_refused_with_the_reason() {
    let sandbox = started().await;
    let s3 = |path: &str| format!("{}/{path}", sandbox.s3_endpoint());
    let video = s3(&format!("{FOOTAGE}/news/2026/0720.mp4"));
    let captions = s3(&format!("{CAPTIONS}/news/2026/0700.srt"));
    let stale = "X-Amz-Signature=0&X-Amz-Date=20200101T000000Z&X-Amz-Expires=60";
    let in_force = stale.replace("2020", "2026").replace("=60", "=999999999");
    let with = |name: &'static str, value: String| {
        let fields = [("index_id", INDEX.to_owned()), ("video_url", video.clone())];
        let kept = fields.into_iter().filter(move |(known, _)| *known != name);
        kept.chain([(name, value)]).collect::<Vec<_>>()
    };
    let transcript =
        |url: String| [with("provide_transcription", "true".into()), vec![("transcription_url", url)]].concat();
    for (fields, code) in [
        (with("index_id", String::new()), "parameter_not_provided"),
        (with("index_id", "0".repeat(24)), "resource_not_exist"),
        (with("language", "fr".into()), "parameter_invalid"),
        (with("video_url", "s3://b/a.mp4".into()), "parameter_invalid"),
        (with("video_url", s3(&format!("{FOOTAGE}/none.mp4"))), "video_file_broken"),
        (with("video_url", s3(&format!("{VIDEOS}/a.mp4"))), "video_file_broken"),
        (with("video_url", s3(&format!("{VIDEOS}/a.mp4?{stale}"))), "video_file_broken"),
        (with("video_url", s3(&format!("{FOOTAGE}/faults/too-small.mp4"))), "video_resolution_too_low"),
        (with("provide_transcription", "true".into()), "parameter_not_provided"),
        (transcript(s3(&format!("{CAPTIONS}/none.srt"))), "parameter_invalid"),
        (with("colour", "red".into()), "parameter_unknown"),
        (with("video_url", s3(&format!("{VIDEOS}/a.mp4?{in_force}"))), "taken"),
        (transcript(captions), "taken"),
    ] {
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let reply = single(&sandbox, "k", &fields).await;
        let status = reply.status().as_u16();
        let body = read(reply).await;
        match code {
            "taken" => assert_eq!(status, 201, "{fields:?}: {body}"),
            code => assert_eq!((status, &body["code"]), (400, &code.into()), "{fields:?}"),
        }
    }
    // Twelve of the 25 were used up before.
    let mut last = single(&sandbox, "k", &[]).await;
    assert_eq!((last.status().as_u16(), &last.headers()["x-ratelimit-remaining"]), (429, &"0".parse().unwrap()));
    last = asked(&sandbox, "k", "").await;
    assert_eq!(last.status(), 200, "reading has a limit of its own");
}
