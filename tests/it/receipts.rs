//! Receipts as files: what stands in them, what never does, and `cuecard history show` and `cuecard receipt verify`.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use crate::loopback::Server;
use assert_cmd::Command;
use cuecard::domain::outcome::{Attempt, BodyState, Ended, Followed, How, Intent, Reply, Settlement, judge};
use cuecard::domain::receipt::{Digests, Receipt, ReceiptError, SentFacts};
use cuecard::domain::request::Fingerprint;
use cuecard::domain::rows::Tally;
use std::collections::BTreeMap;
use std::path::PathBuf;

const ROWS: [&str; 3] = [
    r#"  {"index_id": "6298d673f1090f1100476d4c", "language": "en", "object": "s3://acme-video/news/0700.mp4", "transcription": "s3://acme-captions/news/0700.srt"}"#,
    r#"  {"index_id": "6298d673f1090f1100476d4c", "language": "en", "object": "s3://acme-video/news/0701.mp4", "transcription": ""}"#,
    r#"  {"index_id": "6298d673f1090f1100476d4c", "language": "en", "object": "s3://acme-video/news/0702.mp4", "transcription": "s3://acme-captions/news/0702.srt"}"#,
];

fn manifest() -> String {
    format!("[\n{}\n]\n", ROWS.join(",\n"))
}

/// Every place that could hold a secret holds one.
fn attempt() -> Attempt {
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let headers = vec![
        header("date", "Mon, 23 Nov 2026 14:03:09 GMT"),
        header("set-cookie", "session=CANARY"),
        header("x-api-key", "CANARY"),
        header("authorization", "Bearer CANARY"),
        header("location", "https://b.s3.amazonaws.com/k?X-Amz-Signature=CANARY"),
        header("x-link", "https://b.s3.amazonaws.com/k?X-Amz-Signature=CANARY"),
        header("x-ratelimit-limit", "1000"),
    ];
    let body = b"Good evening, CANARY. https://b/k?X-Amz-Signature=CANARY".to_vec();
    let (reason, version) = ("OK".into(), "HTTP/1.1".into());
    let reply = Reply { status: 200, reason, version, headers, body, body_state: BodyState::Whole };
    let ended = Ended { how: How::Replied(reply), begun: true, sent: 9, took_ms: 1_822 };
    Attempt {
        id: 41,
        intent: Intent {
            started_ms: 1_795_442_587_112,
            address: "https://api.twelvelabs.io/v1.2/tasks/transfers".into(),
            profile: Some("prod".into()),
            file: "/home/CANARY/work/news \u{202e}2026.json".into(),
            fingerprint: Fingerprint::of([manifest().as_bytes()]),
            rows: 3,
            key_origin: "from the file /home/CANARY/key".into(),
        },
        outcome: judge(&ended),
        ended,
        under_way: false,
        settled: Some(Settlement { accepted: true, at_ms: 1_795_442_600_000 }),
        settled_before: vec![Settlement { accepted: false, at_ms: 1_795_442_590_000 }],
        followed: None,
        tally: None,
    }
}

#[test]
fn a_receipt_tells_what_became_of_the_rows_as_last_seen() {
    let counts = BTreeMap::from([("ready".to_owned(), 2), ("failed".to_owned(), 1)]);
    let followed = Some(Followed { asked_ms: 1_795_442_700_000, settled: true, counts: counts.into() });
    let tally = Some(Tally { accepted: 2, refused: 1, ..Tally::default() });
    let instant = |ms: i64| jiff::Timestamp::from_millisecond(ms).unwrap().to_string();
    let receipt = Receipt::of(&Attempt { followed, tally, ..attempt() }, None, instant, false);
    let again = Receipt::parse(receipt.text().as_bytes()).unwrap();
    assert_eq!(again, receipt);
    let followed = again.followed.unwrap();
    assert_eq!((followed.ready, followed.failed, followed.without_task, followed.settled), (2, 1, 0, true));
    assert_eq!(again.row_outcomes.unwrap().accepted, 2);
    // One of before that has neither.
    let older = self::receipt(false);
    assert!(!older.text().contains("followed") && Receipt::parse(older.text().as_bytes()).is_ok());
}

fn receipt(with_folder: bool) -> Receipt {
    let facts = SentFacts { excluded: 2, without_transcript: 1, filled: 3, changed: 0, cleared: 1 };
    let known = (facts, Digests::from_bytes(vec![1, 2, 3]).unwrap());
    let instant = |ms: i64| jiff::Timestamp::from_millisecond(ms).unwrap().to_string();
    Receipt::of(&attempt(), Some(&known), instant, with_folder)
}

#[test]
fn nothing_secret_and_no_folder_is_in_a_receipt() {
    let text = receipt(false).text();
    assert!(!text.contains("CANARY") && !text.contains("/home"), "{text}");
    assert!(text.contains("\"date\"") && text.contains("x-ratelimit-limit"), "{text}");
    assert!(!text.contains('\u{202e}') && text.contains("\\u202e"), "{text}");
    assert!(receipt(true).text().contains("\"folder\": \"/home/CANARY/work\""));
}

#[test]
fn a_receipt_is_laid_out_one_fact_a_line_and_read_as_it_was_written() {
    let receipt = receipt(false);
    let text = receipt.text();
    for line in [
        "{",
        "  \"cuecard_receipt\": 1,",
        "  \"attempt\": 41,",
        "  \"began\": \"2026-11-23T14:03:07.112Z\", \"ended\": \"2026-11-23T14:03:08.934Z\",",
        "  \"rows\": { \"sent\": 3, \"excluded\": 2, \"without_transcript\": 1 },",
    ] {
        assert!(text.lines().any(|own| own == line), "{line} is not in\n{text}");
    }
    assert_eq!(Receipt::parse(text.as_bytes()), Ok(receipt.clone()));
    // Another layout of the same values is no damage.
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(Receipt::parse(json.to_string().as_bytes()), Ok(receipt.clone()));
    assert_eq!(Receipt::parse(&serde_json::to_vec_pretty(&json).unwrap()), Ok(receipt));
}

#[test]
fn every_edit_and_every_cut_is_damage() {
    let text = receipt(false).text();
    for (old, new) in
        [("41", "42"), ("prod", "test"), ("\"sent\": 3", "\"sent\": 4"), ("true", "false"), ("2026", "2027")]
    {
        assert!(text.contains(old));
        assert_eq!(Receipt::parse(text.replacen(old, new, 1).as_bytes()), Err(ReceiptError::Damaged), "{old}");
    }
    let without = text.lines().filter(|line| !line.contains("\"profile\"")).collect::<Vec<_>>().join("\n");
    assert_eq!(Receipt::parse(without.as_bytes()), Err(ReceiptError::Damaged));
    for cut in 24..text.len() - 2 {
        if text.is_char_boundary(cut) {
            assert_eq!(Receipt::parse(&text.as_bytes()[..cut]), Err(ReceiptError::Damaged), "{cut}");
        }
    }
    for other in ["", "[]", "{}", &manifest(), "{\"cuecard_part\":1}", "WEBVTT"] {
        assert_eq!(Receipt::parse(other.as_bytes()), Err(ReceiptError::NotAReceipt), "{other}");
    }
    let newer = text.replacen("\"cuecard_receipt\": 1", "\"cuecard_receipt\": 2", 1);
    assert_eq!(Receipt::parse(newer.as_bytes()), Err(ReceiptError::Newer));
}

struct Folder(tempfile::TempDir);

impl Folder {
    /// A folder whose manifest was sent, and its receipt in `receipt.json`.
    fn sent() -> Folder {
        let folder = Folder(tempfile::tempdir().unwrap());
        std::fs::write(folder.path("news.json"), manifest()).unwrap();
        let server = Server::answering("HTTP/1.1 204 No Content", b"");
        let address = server.base();
        let submit = folder.run(&["submit", "news.json", "--yes", "--allow-errors", "--api-url", &address]);
        submit.success();
        let shown = folder.run(&["history", "show", "1"]).success();
        std::fs::write(folder.path("receipt.json"), &shown.get_output().stdout).unwrap();
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, args: &[&str]) -> assert_cmd::assert::Assert {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cuecard"));
        command.current_dir(self.0.path()).env_clear().env("TWELVELABS_API_KEY", "tlk_CANARY_0123456789");
        command.env("CUECARD_STATE_DIR", self.path("state")).env("CUECARD_CONFIG_DIR", self.path("config"));
        command.args(args).assert()
    }

    fn verify(&self, manifest: &str, more: &[&str]) -> (Option<i32>, String, String) {
        let assert = self.run(&[&["receipt", "verify", "receipt.json", manifest], more].concat());
        let output = assert.get_output();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    }
}

#[test]
fn the_file_that_was_sent_is_told_from_any_other() {
    let folder = Folder::sent();
    let text = std::fs::read_to_string(folder.path("receipt.json")).unwrap();
    assert!(!text.contains("CANARY") && !text.contains(folder.0.path().to_str().unwrap()), "{text}");
    let sha256 = Fingerprint::of([manifest().as_bytes()]).hex();
    let (code, out, err) = folder.verify("news.json", &[]);
    assert_eq!((code, out.as_str()), (Some(0), "same bytes: news.json is what attempt 1 sent\n"), "{err}");
    let lines: Vec<&str> = err.lines().collect();
    assert_eq!(lines[0], format!("sha-256 {sha256}, {} bytes, 3 rows", manifest().len()));
    assert!(lines[1].starts_with("accepted 204 at 20") && lines[1].contains(" by http://127.0.0.1:"), "{err}");
    assert_eq!(lines[2], "the checksum shows damage; it does not prove who wrote the receipt");

    std::fs::write(folder.path("edited.json"), manifest().replace("0701.mp4", "0771.mp4")).unwrap();
    let (code, out, _) = folder.verify("edited.json", &[]);
    assert_eq!((code, out.as_str()), (Some(1), "other bytes: 2 of 3 rows are as sent; differ: 2\n"));
    // The same rows in another layout, with one more in front.
    std::fs::write(folder.path("more.json"), format!("[{{}},{}]", ROWS.map(|row| row.replace(": ", ":")).join(",")))
        .unwrap();
    assert_eq!(folder.verify("more.json", &[]).1, "other bytes: 3 of 3 rows are as sent\n");
    std::fs::write(folder.path("no.json"), "not a manifest").unwrap();
    assert_eq!(folder.verify("no.json", &[]).1, "other bytes: no.json is not what attempt 1 sent\n");

    let json = |manifest: &str| -> serde_json::Value {
        serde_json::from_str(&folder.verify(manifest, &["--format", "json"]).1).unwrap()
    };
    let same = json("news.json");
    assert_eq!(same["verdict"], "same");
    assert_eq!(same["sha256"]["receipt"], same["sha256"]["file"]);
    assert_eq!(same["rows"], serde_json::json!({"sent": 3, "as_sent": 3, "differ": []}));
    let other = json("edited.json");
    assert_eq!((&other["verdict"], &other["attempt"]), (&"other".into(), &1.into()));
    assert_eq!(other["rows"], serde_json::json!({"sent": 3, "as_sent": 2, "differ": [2]}));
    assert_eq!(other["sha256"]["receipt"], sha256);
}

#[test]
fn what_is_no_sound_receipt_ends_with_code_2() {
    let folder = Folder::sent();
    let text = std::fs::read_to_string(folder.path("receipt.json")).unwrap();
    std::fs::write(folder.path("receipt.json"), text.replace("\"accepted\"", "\"refused\"")).unwrap();
    let (code, out, err) = folder.verify("news.json", &[]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert_eq!(err, "receipt.json: the receipt's own checksum does not fit; it was edited or cut\n");
    let (code, out, _) = folder.verify("news.json", &["--format", "json"]);
    assert_eq!((code, out.contains("\"verdict\":\"damaged\"")), (Some(2), true), "{out}");
    std::fs::write(folder.path("receipt.json"), manifest()).unwrap();
    let (code, _, err) = folder.verify("news.json", &[]);
    assert_eq!(code, Some(2));
    assert!(err.ends_with("receipt.json is not a receipt\n"), "{err}");
    assert_eq!(folder.verify("none.json", &[]).0, Some(2));
    let none = folder.run(&["history", "show", "7"]).code(2);
    assert!(String::from_utf8_lossy(&none.get_output().stderr).contains("there is no attempt 7"));
    // With the folder only on demand.
    let shown = folder.run(&["history", "show", "1", "--with-path"]).success();
    assert!(String::from_utf8_lossy(&shown.get_output().stdout).contains("\"folder\""));
}
