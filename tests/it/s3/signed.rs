//! The operator's own AWS credentials: against an S3 that verifies signatures. Without them nothing is signed.

use super::{impatient, listed};
use cuecard::domain::evidence::{Answer, Unclear};
use cuecard::domain::s3_url::S3Url;
use cuecard::io::s3::{Bucket, Credentials, ListError, S3, S3Options};
use cuecard::sandbox::{self, CAPTIONS, Owner, Sandbox, VIDEOS};
use std::path::Path;

const ID: &str = "AKIDCANARY";
const SECRET: &str = "wJalrXUtnFEMI/canary";

/// Captions are public; videos need a signature.
struct Store {
    sandbox: Sandbox,
    folder: tempfile::TempDir,
}

impl Store {
    async fn start() -> Store {
        let owner = Some(Owner { access_key_id: ID.to_owned(), secret_access_key: SECRET.to_owned() });
        let sandbox = Sandbox::start(sandbox::SandboxOptions { owner, ..Default::default() }).await.unwrap();
        for (bucket, key) in
            [(VIDEOS, "a b+ü%20.srt"), (VIDEOS, "video.mp4"), (VIDEOS, "two words.srt"), (CAPTIONS, "two words.srt")]
        {
            sandbox.put(bucket, key, b"1\n00:00:01,000 --> 00:00:02,000\nx\n");
        }
        Store { sandbox, folder: tempfile::tempdir().unwrap() }
    }

    fn s3(&self, credentials: Option<Credentials>) -> S3 {
        S3::new(S3Options { credentials, ..impatient(self.sandbox.s3_endpoint()) }).unwrap()
    }

    /// How many requests were signed, and how many there were.
    fn signed(&self) -> (usize, usize) {
        let requests = self.sandbox.s3_requests();
        (requests.iter().filter(|request| request.header("authorization").is_some()).count(), requests.len())
    }

    /// A file on the operator's machine.
    fn write(&self, name: &str, text: &str) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

fn environment<const N: usize>(pairs: [(&str, &str); N]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn given(id: &str, secret: &str) -> Option<Credentials> {
    Some(Credentials::new(None, None, environment([("AWS_ACCESS_KEY_ID", id), ("AWS_SECRET_ACCESS_KEY", secret)])))
}

fn private(key: &str) -> S3Url {
    S3Url::new(VIDEOS, key).unwrap()
}

fn public(key: &str) -> S3Url {
    S3Url::new(CAPTIONS, key).unwrap()
}

#[tokio::test]
async fn nothing_is_signed_when_no_credentials_are_given() {
    let store = Store::start().await;
    let s3 = store.s3(None);
    assert_eq!(s3.credentials(), None);
    let none = Bucket::default();
    let refused = |object| matches!(object, Answer::Refused { there: None, instead: None, because: None });
    assert!(refused(s3.transcript(&private("two words.srt"), &none).await.0.answer));
    assert!(matches!(s3.video(&private("video.mp4"), &none).await.0.answer, Answer::Refused { .. }));
    assert!(matches!(listed(&s3, VIDEOS, "").await.0, Err(ListError::Refused { .. })));
    s3.bucket(VIDEOS).await;
    assert_eq!(store.signed(), (0, 4));
    let requests = store.sandbox.s3_requests();
    assert!(!requests.iter().flat_map(|request| &request.headers).any(|(name, _)| name.starts_with("x-amz")));
}

#[tokio::test]
async fn transcripts_are_requested_unsigned_first_then_signed() {
    let store = Store::start().await;
    let s3 = store.s3(given(ID, SECRET));
    assert_eq!(s3.credentials().as_deref(), Some("the environment"));
    let none = Bucket::default();
    let (found, requests) = s3.transcript(&public("two words.srt"), &none).await;
    assert!(matches!(found.answer, Answer::Found(_)) && !found.signed);
    assert_eq!((requests, store.signed()), (1, (0, 1)));
    for (key, there) in [("a b+ü%20.srt", true), ("none.srt", false)] {
        let (object, requests) = s3.transcript(&private(key), &none).await;
        assert_eq!(object.answer, Answer::Refused { there: Some(there), instead: None, because: None }, "{key}");
        assert_eq!((object.signed, requests), (true, 2));
    }
    assert_eq!(store.signed(), (2, 5));
}

#[tokio::test]
async fn a_private_video_is_read_and_a_private_bucket_listed_with_credentials() {
    let store = Store::start().await;
    let s3 = store.s3(given(ID, SECRET));
    let (video, requests) = s3.video(&private("video.mp4"), &Bucket::default()).await;
    assert!(matches!(&video.answer, Answer::Found(found) if found.size == 34) && video.signed, "{video:?}");
    assert!(requests >= 2);
    let (summary, pages) = listed(&s3, VIDEOS, "").await;
    assert_eq!(summary.unwrap().keys, 3);
    assert!(pages[0].keys.iter().any(|key| key.key == "two words.srt"));
}

#[tokio::test]
async fn credentials_that_s3_does_not_take_are_said_to_be_so() {
    let store = Store::start().await;
    for credentials in [given(ID, "another"), given("AKIDOTHER", SECRET)] {
        let s3 = store.s3(credentials);
        let (video, _) = s3.video(&private("video.mp4"), &Bucket::default()).await;
        assert!(matches!(video.answer, Answer::Unclear(Unclear::Status(403, Some(_)))), "{video:?}");
        assert!(matches!(listed(&s3, VIDEOS, "").await.0, Err(ListError::Unsigned(_))));
    }
}

#[tokio::test]
async fn profiles_and_programs_give_credentials_too() {
    let store = Store::start().await;
    let keys = format!("aws_access_key_id = {ID}\naws_secret_access_key = {SECRET}\n");
    let shared = store.write("credentials", &format!("[acme]\n{keys}"));
    let json = format!("{{\"Version\": 1, \"AccessKeyId\": \"{ID}\", \"SecretAccessKey\": \"{SECRET}\"}}");
    let printed = store.write("printed.json", &json);
    let config = store.write("config", &format!("[profile tool]\ncredential_process = cat {printed}\n"));
    let files =
        || environment([("AWS_CONFIG_FILE", config.as_str()), ("AWS_SHARED_CREDENTIALS_FILE", shared.as_str())]);
    // A named profile takes precedence over keys in the environment, as with the AWS tools.
    let beside = files().into_iter().chain(environment([("AWS_ACCESS_KEY_ID", "no"), ("AWS_SECRET_ACCESS_KEY", "no")]));
    let selected = files().into_iter().chain(environment([("AWS_PROFILE", "acme")]));
    for (credentials, origin) in [
        (Credentials::new(Some("acme"), None, beside), "profile acme"),
        (Credentials::new(None, None, selected), "profile acme"),
        (Credentials::new(Some("tool"), None, files()), "profile tool"),
    ] {
        assert!(!format!("{credentials:?}").contains("no"), "a secret is shown nowhere");
        let s3 = store.s3(Some(credentials));
        assert_eq!(s3.credentials().as_deref(), Some(origin));
        assert_eq!(listed(&s3, VIDEOS, "").await.0.unwrap().keys, 3, "{origin}");
    }
}

#[tokio::test]
async fn missing_credentials_still_check_public_objects_and_say_what_is_missing() {
    let store = Store::start().await;
    let s3 = store.s3(Some(Credentials::new(Some("none"), Some(Path::new("/nowhere").into()), Vec::new())));
    let none = Bucket::default();
    assert!(matches!(s3.transcript(&public("two words.srt"), &none).await.0.answer, Answer::Found(_)));
    let refused = s3.transcript(&private("two words.srt"), &none).await.0;
    assert_eq!(
        (refused.answer, refused.signed),
        (Answer::Refused { there: None, instead: None, because: None }, false)
    );
    let (video, _) = s3.video(&private("video.mp4"), &none).await;
    let Answer::Unclear(unclear) = video.answer else { panic!("{video:?}") };
    assert_eq!(unclear.to_string(), "the AWS credentials can't be used, profile none has none, or they have expired");
    assert_eq!(store.signed().0, 0);
}
