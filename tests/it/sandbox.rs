//! The sandbox's promises, tested with separate clients: the other tests rely on them.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use cuecard::domain::draft::Snapshot;
use cuecard::domain::findings::Findings;
use cuecard::domain::manifest::Manifest;
use cuecard::domain::rules::Rule;
use cuecard::sandbox::{
    Answer, CAPTIONS, CLOSED, DOTTED, ELSEWHERE, FOOTAGE, MANIFEST, Sandbox, SandboxOptions, VIDEOS, Video,
};
use reqwest::header::RANGE;
use reqwest::multipart::{Form, Part};
use reqwest::{Client, Response, StatusCode};
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

const ROW: &str = r#"[{"index_id":"6298d673f1090f1100476d4c","language":"en","object":"s3://b/1.mp4"}]"#;

fn client() -> Client {
    // Without TLS no certificates are loaded, which would take a tenth of a second.
    cuecard::io::client::builder().tls_certs_only([]).no_proxy().build().unwrap()
}

async fn started() -> Sandbox {
    let life = Duration::ZERO;
    Sandbox::start(SandboxOptions { slow: Duration::from_millis(20), page: 7, life, ..SandboxOptions::default() })
        .await
        .unwrap()
}

async fn transfer(sandbox: &Sandbox, key: &str, manifest: &str) -> reqwest::Result<Response> {
    let part = Part::bytes(manifest.as_bytes().to_vec()).file_name("m.json").mime_str("application/json").unwrap();
    let url = format!("{}/tasks/transfers", sandbox.api_url());
    client().post(url).header("x-api-key", key).multipart(Form::new().part("file", part)).send().await
}

async fn get(sandbox: &Sandbox, path: &str) -> Value {
    let url = format!("{}{path}", sandbox.api_url());
    let body = client().get(url).header("x-api-key", "k").send().await.unwrap().text().await.unwrap();
    serde_json::from_str(&body).unwrap()
}

#[tokio::test]
async fn a_transfer_is_kept_byte_by_byte_and_answered_204_with_limits() {
    let sandbox = started().await;
    let reply = transfer(&sandbox, "k", ROW).await.unwrap();
    assert_eq!(reply.status(), StatusCode::NO_CONTENT);
    assert_eq!(reply.headers()["x-api-version"], "v1.2");
    let number = |name: &str| reply.headers()[name].to_str().unwrap().parse::<u64>().unwrap();
    assert_eq!(number("x-ratelimit-used") + number("x-ratelimit-remaining"), number("x-ratelimit-limit"));
    assert_eq!(number("x-ratelimit-reset") % 86_400, 0);
    let [received] = &sandbox.received()[..] else { panic!("one transfer") };
    assert_eq!(received.bytes, ROW.as_bytes());
    assert_eq!(
        (received.file_name.as_deref(), received.content_type.as_deref()),
        (Some("m.json"), Some("application/json"))
    );
    assert_eq!(received.header("x-api-key"), Some("k"));
}

#[tokio::test]
async fn each_answer_can_be_asked_for_by_the_key_or_set_for_all() {
    let sandbox = started().await;
    for (name, answer) in Answer::ALL {
        let reply = transfer(&sandbox, &format!("sandbox-{name}"), ROW).await;
        match answer {
            Answer::Drop => assert!(reply.is_err(), "no head comes"),
            Answer::Slow => assert_eq!(reply.unwrap().status(), 204),
            Answer::UpgradeRequired => assert_eq!(reply.unwrap().status(), 400),
            Answer::TooManyEmpty => assert_eq!(reply.unwrap().status(), 429),
            Answer::Escape => {
                let reply = reply.unwrap();
                assert_eq!(reply.status(), 400);
                assert!(reply.bytes().await.unwrap().contains(&0x1b));
            }
            Answer::Cut => {
                let reply = reply.unwrap();
                assert_eq!(reply.status(), 200);
                assert!(reply.bytes().await.is_err(), "the body breaks off");
            }
            _ => assert_eq!(reply.unwrap().status().as_str(), name),
        }
        assert_eq!(sandbox.received().last().unwrap().answer, answer);
    }
    let control = sandbox.api_url().replace("v1.2", "answer/429");
    assert_eq!(client().put(control).send().await.unwrap().status(), 204);
    let reply = transfer(&sandbox, "k", ROW).await.unwrap();
    assert_eq!((reply.status().as_u16(), &reply.headers()["x-ratelimit-remaining"]), (429, &"0".parse().unwrap()));
    sandbox.answer_with(Answer::Ok);
    let body: Value = serde_json::from_str(&transfer(&sandbox, "k", ROW).await.unwrap().text().await.unwrap()).unwrap();
    assert_eq!(body["type"], "index_task_create");
}

#[tokio::test]
async fn what_is_no_transfer_is_refused_with_a_reason() {
    let sandbox = started().await;
    for (manifest, reason) in [("{}", "expected an array"), ("[]", "no rows"), (r#"[{"a":1}]"#, "language is missing")]
    {
        let reply = transfer(&sandbox, "k", manifest).await.unwrap();
        assert_eq!(reply.status(), 400);
        let body = reply.text().await.unwrap();
        assert!(body.contains(reason), "{body}");
    }
    let url = format!("{}/tasks/transfers", sandbox.api_url());
    let without_key = client().post(&url).send().await.unwrap();
    assert_eq!(without_key.status(), 401);
    assert!(without_key.text().await.unwrap().contains("api_key_invalid"));
    let wrong_part = Form::new().part("manifest", Part::text(ROW));
    let reply = client().post(&url).header("x-api-key", "k").multipart(wrong_part).send().await.unwrap();
    assert_eq!(reply.status(), 400);
    assert_eq!(client().post(&url).header("x-api-key", "k").body(ROW).send().await.unwrap().status(), 400);
    assert!(sandbox.received().iter().all(|transfer| transfer.answer == Answer::BadRequest));
}

#[tokio::test]
async fn a_redirect_points_to_another_origin_that_records_who_follows() {
    let sandbox = started().await;
    let reply = transfer(&sandbox, "canary-302", ROW).await.unwrap();
    let to = reply.headers()["location"].to_str().unwrap();
    assert!(to.starts_with(sandbox.s3_endpoint()));
    assert_eq!(sandbox.s3_requests(), []);
    client().get(to).header("x-api-key", "canary-302").send().await.unwrap();
    assert_eq!(sandbox.s3_requests()[0].header("x-api-key"), Some("canary-302"));
}

#[tokio::test]
async fn indexes_and_tasks_have_the_documented_shape() {
    let sandbox = started().await;
    transfer(&sandbox, "k", MANIFEST).await.unwrap();
    let indexes = get(&sandbox, "/indexes").await;
    assert_eq!(indexes["page_info"]["total_results"], 2);
    let id = indexes["data"][0]["_id"].as_str().unwrap();
    assert_eq!(get(&sandbox, &format!("/indexes/{id}")).await["engines"][0]["engine_name"], "marengo2.6");
    assert_eq!(get(&sandbox, "/indexes/000000000000000000000000").await["code"], "resource_not_exist");
    let tasks = get(&sandbox, &format!("/tasks?index_id={id}&page=2&page_limit=5")).await;
    assert_eq!(tasks["data"].as_array().unwrap().len(), 5);
    assert_eq!(tasks["data"][0]["index_id"], id);
    assert!(tasks["data"][0]["metadata"]["filename"].is_string());
    assert_eq!(get(&sandbox, "/tasks?page_limit=51").await["code"], "parameter_invalid");
}

#[tokio::test]
async fn the_buckets_answer_as_s3_does() {
    let sandbox = started().await;
    let s3 = |path: &str| format!("{}/{path}", sandbox.s3_endpoint());
    for (path, status, code) in [
        (format!("{CAPTIONS}/news/2026/0700.srt"), 206, ""),
        (format!("{CAPTIONS}/news/2026/none.srt"), 404, "NoSuchKey"),
        (format!("{CAPTIONS}/faults/denied.srt"), 403, "AccessDenied"),
        (format!("{CAPTIONS}/faults/archived.srt"), 403, "InvalidObjectState"),
        (format!("{CAPTIONS}/faults/slow-down.srt"), 503, "SlowDown"),
        (format!("{CAPTIONS}/faults/moved.srt"), 301, "PermanentRedirect"),
        (format!("{CAPTIONS}/faults/empty.srt"), 416, "InvalidRange"),
        (format!("{CAPTIONS}/faults/deleted.srt"), 404, "NoSuchKey"),
        (format!("{CAPTIONS}/faults/slow-down-once.srt"), 503, "SlowDown"),
        (format!("{CAPTIONS}/faults/slow-down-once.srt"), 206, ""),
        (format!("{CAPTIONS}/faults/two%20words.srt"), 206, ""),
        (format!("{CAPTIONS}/faults/two%2520words.srt"), 404, "NoSuchKey"),
        (format!("{CAPTIONS}/faults/cafe%CC%81.srt"), 206, ""),
        (format!("{CAPTIONS}/faults/caf%C3%A9.srt"), 404, "NoSuchKey"),
        (format!("{DOTTED}/0740.srt"), 206, ""),
        (format!("{FOOTAGE}/news/2026/0720.mp4"), 206, ""),
        (format!("{FOOTAGE}/news/2026/none.mp4"), 404, "NoSuchKey"),
        (format!("{CLOSED}/captions/0730.srt"), 206, ""),
        (format!("{CLOSED}/captions/none.srt"), 403, "AccessDenied"),
        (format!("{CLOSED}?list-type=2"), 403, "AccessDenied"),
        (format!("{VIDEOS}/news/2026/0700.mp4"), 403, "AccessDenied"),
        (format!("{ELSEWHERE}/a.srt"), 301, "PermanentRedirect"),
        ("cuecard-demo-nowhere/a.srt".to_owned(), 404, "NoSuchBucket"),
    ] {
        let reply = client().get(s3(&path)).header(RANGE, "bytes=0-9").send().await.unwrap();
        assert_eq!(reply.status(), status, "{path}");
        let region = reply.headers().get("x-amz-bucket-region").cloned();
        assert_eq!(region.is_some(), status == 301, "{path}");
        let body = reply.text().await.unwrap();
        assert!(body.contains(code), "{path}: {body}");
    }
    let head = client().head(s3(&format!("{CAPTIONS}/faults/archived.srt"))).send().await.unwrap();
    assert_eq!((head.status().as_u16(), &head.headers()["x-amz-storage-class"]), (200, &"GLACIER".parse().unwrap()));
    let put = client().put(s3(&format!("{CAPTIONS}/mine.srt"))).body("x").send().await.unwrap();
    assert_eq!(put.status(), 403, "the public can't write");
    for (path, status, code) in [
        (CAPTIONS.to_owned(), 501, "NotImplemented"),
        (format!("{CAPTIONS}?list-type=2&max-keys=x"), 400, "InvalidArgument"),
        (format!("{CAPTIONS}/%FF.srt"), 400, "InvalidURI"),
        (format!("{CAPTIONS}/news/2026/0700.srt?x-id=GetObject"), 200, "-->"),
    ] {
        let reply = client().get(s3(&path)).send().await.unwrap();
        assert_eq!(reply.status(), status, "{path}");
        let body = reply.text().await.unwrap();
        assert!(body.contains(code), "{path}: {body}");
    }
    let signed = client().get(s3(&format!("{CAPTIONS}/news/2026/0700.srt")));
    for (authorization, status) in [
        ("Basic eDp5", 400),
        ("AWS4-HMAC-SHA256 Credential=A/20260101/r/s3/aws4_request,SignedHeaders=host,Signature=0", 403),
    ] {
        let reply = signed.try_clone().unwrap().header("authorization", authorization).send().await.unwrap();
        assert_eq!(reply.status(), status, "nobody owns these buckets: {authorization}");
    }
}

#[tokio::test]
async fn a_bucket_tells_its_region_whatever_its_permissions() {
    let sandbox = started().await;
    for (bucket, status, region) in [
        (CAPTIONS, 200, Some("us-west-2")),
        (FOOTAGE, 200, Some("us-west-2")),
        (DOTTED, 200, Some("us-west-2")),
        (CLOSED, 403, Some("us-west-2")),
        (VIDEOS, 403, Some("us-west-2")),
        (ELSEWHERE, 301, Some("eu-west-1")),
        ("cuecard-demo-nowhere", 404, None),
    ] {
        let reply = client().head(format!("{}/{bucket}", sandbox.s3_endpoint())).send().await.unwrap();
        let told = reply.headers().get("x-amz-bucket-region").map(|region| region.to_str().unwrap());
        assert_eq!((reply.status().as_u16(), told), (status, region), "{bucket}");
    }
}

#[tokio::test]
async fn a_video_of_three_gigabytes_is_read_in_parts_while_it_stays_the_same() {
    let sandbox = started().await;
    let url = format!("{}/{FOOTAGE}/faults/too-big.mp4", sandbox.s3_endpoint());
    let part = async |range: &str, etag: &str| {
        client().get(&url).header(RANGE, range).header("if-match", etag).send().await.unwrap()
    };
    let first = part("bytes=0-31", "*").await;
    assert_eq!(first.headers()["content-range"], "bytes 0-31/3000000000");
    let etag = first.headers()["etag"].to_str().unwrap().to_owned();
    assert_eq!(&first.bytes().await.unwrap()[4..8], b"ftyp");
    let end = part("bytes=2999990000-3000000000", &etag).await.bytes().await.unwrap();
    assert_eq!((end.len(), end.windows(4).any(|name| name == b"moov")), (10_000, true));
    sandbox.put_video("faults/too-big.mp4", &Video::default());
    assert_eq!(part("bytes=0-31", &etag).await.status(), 412);
    let whole = client().get(&url).send().await.unwrap();
    assert_eq!((whole.status().as_u16(), whole.content_length()), (200, Some(18_000_000)));
    assert_eq!(whole.bytes().await.unwrap().len(), 18_000_000);
}

#[tokio::test]
async fn requests_are_counted_by_target_and_those_open_at_once() {
    let sandbox =
        Sandbox::start(SandboxOptions { delay: Duration::from_millis(40), ..SandboxOptions::default() }).await.unwrap();
    for at in 0..2_000 {
        sandbox.put(CAPTIONS, &format!("load/{at}.srt"), b"1");
    }
    let client = client();
    let url = |at: u32| format!("{}/{CAPTIONS}/load/{at}.srt", sandbox.s3_endpoint());
    let asked = (0..3).map(|at| client.get(url(at)).send());
    futures_util::future::join_all(asked).await;
    client.get(url(1)).send().await.unwrap();
    assert_eq!((sandbox.s3_count(), sandbox.most_at_once()), (4, 3));
    assert_eq!(sandbox.s3_targets()[&format!("GET /{CAPTIONS}/load/1.srt")], 2);
    sandbox.forget_s3_requests();
    assert_eq!((sandbox.s3_count(), sandbox.s3_requests()), (0, Vec::new()));
}

#[tokio::test]
async fn an_index_has_one_of_three_shapes_and_may_be_unknown_or_out_of_reach() {
    let sandbox = started().await;
    let index = async |last: &str| get(&sandbox, &format!("/indexes/5eed00000000000000000{last}")).await;
    assert_eq!(index("011").await["engine_id"], "marengo2.5");
    assert_eq!(index("012").await["engines"][1]["engine_name"], "pegasus1.1");
    assert_eq!(index("013").await["models"][0]["model_options"][1], "audio");
    assert_eq!(index("014").await["expires_at"], "2026-01-31T00:00:00Z");
    assert!(index("015").await["expires_at"].is_string());
    assert_eq!(index("016").await["engines"][0]["engine_options"].as_array().unwrap().len(), 1);
    assert_eq!(index("099").await["code"], "resource_not_exist");
    let url = format!("{}/indexes/6298d673f1090f1100476d4c", sandbox.api_url());
    for (key, status) in [("sandbox-401", 401), ("sandbox-429", 429), ("sandbox-204", 200)] {
        assert_eq!(client().get(&url).header("x-api-key", key).send().await.unwrap().status(), status, "{key}");
    }
    let asked = sandbox.api_requests();
    assert_eq!((asked.len(), asked[9].header("x-api-key")), (10, Some("sandbox-204")));
}

#[tokio::test]
async fn a_listing_encodes_keys_as_s3_does() {
    let sandbox = started().await;
    let url = format!("{}/{CAPTIONS}?list-type=2&encoding-type=url&prefix=interviews/", sandbox.s3_endpoint());
    let body = client().get(url).send().await.unwrap().text().await.unwrap();
    assert!(body.contains("<Key>interviews/entrevista+con+la+alcaldesa.srt</Key>"), "{body}");
    assert!(body.contains("<Key>interviews/gespr%C3%A4ch-mit-dem-b%C3%BCrgermeister.srt</Key>"), "{body}");
}

#[tokio::test]
async fn a_dropped_sandbox_is_gone() {
    let sandbox = started().await;
    let address = sandbox.s3_endpoint().trim_start_matches("http://").to_owned();
    let held = tokio::net::TcpStream::connect(&address).await.unwrap();
    drop(sandbox);
    // Both are events: the connection ends, and the port is free again.
    let mut byte = [0];
    held.readable().await.unwrap();
    assert!(matches!(held.try_read(&mut byte), Ok(0) | Err(_)));
    while tokio::net::TcpListener::bind(&address).await.is_err() {
        tokio::task::yield_now().await;
    }
}

#[test]
fn the_demo_manifest_is_an_array_as_the_dashboard_prints_it() {
    let rows: Vec<Value> = serde_json::from_str(MANIFEST).unwrap();
    assert!(rows.len() >= 30);
    assert!(MANIFEST.starts_with("[\n  {\n    \"index_id\": \"") && MANIFEST.ends_with("  }\n]\n"));
    let missing = rows.iter().filter(|row| row["transcription"].as_str().is_none_or(str::is_empty)).count();
    assert!(missing >= 8, "there is something to do: {missing}");
}

#[test]
fn the_demo_manifest_shows_every_finding_that_needs_no_network() {
    let manifest = Manifest::parse(MANIFEST.as_bytes().to_vec()).unwrap();
    let snapshot = Snapshot::of(Arc::new(manifest));
    let findings = Findings::check(&snapshot, |_| true).unwrap();
    let shown: BTreeSet<_> = findings.groups().into_iter().map(|group| group.rule.code()).collect();
    let missing: Vec<_> = Rule::ALL
        .iter()
        .filter(|rule| !rule.is_online())
        .map(|rule| rule.code())
        .filter(|code| !shown.contains(code))
        .collect();
    // One needs a ledger; the others are left to files that nobody made by hand.
    assert_eq!(missing, ["field-misspelt", "already-sent", "manifest-bom"]);
}

#[tokio::test]
async fn what_the_demo_manifest_names_lies_in_the_demo_bucket() {
    let sandbox = started().await;
    let rows: Vec<Value> = serde_json::from_str(MANIFEST).unwrap();
    let prefix = sandbox.captions();
    let keys: BTreeSet<_> =
        rows.iter().filter_map(|row| row["transcription"].as_str()?.strip_prefix(&prefix).map(str::to_owned)).collect();
    let mut found = 0;
    for key in &keys {
        let url = format!("{}/{CAPTIONS}/{}", sandbox.s3_endpoint(), key.replace('%', "%25"));
        found += usize::from(client().get(url).send().await.unwrap().status().is_success());
    }
    assert!(found >= 15 && found < keys.len(), "{found} of {}", keys.len());
}
