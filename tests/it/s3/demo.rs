//! The sandbox's buckets hold an object for every answer, and each is recognised.

use super::s3;
use cuecard::domain::evidence::{Answer, Object, Unclear};
use cuecard::domain::s3_url::S3Url;
use cuecard::domain::subtitle::{Encoding, Format, Inspected, Other, Transcript};
use cuecard::io::s3::{Endpoint, S3, S3Options};
use cuecard::sandbox::{self, CAPTIONS, CLOSED, DOTTED, ELSEWHERE, Sandbox, VIDEOS};
use futures_util::StreamExt;
use std::time::Duration;

async fn observation(s3: &S3, bucket: &str, key: &str) -> Object<Inspected> {
    let bucket_there = s3.bucket(bucket).await;
    s3.transcript(&S3Url::new(bucket, key).unwrap(), &bucket_there).await.0
}

#[tokio::test]
async fn every_answer_can_be_had_from_the_sandbox() {
    let sandbox = Sandbox::start(sandbox::SandboxOptions::default()).await.unwrap();
    let s3 = s3(sandbox.s3_endpoint());
    let spelt = |key: &str| Some(Box::from(key));
    for (bucket, key, answer) in [
        (CAPTIONS, "faults/none.srt", Answer::Missing { deleted: false, instead: None }),
        (CAPTIONS, "faults/deleted.srt", Answer::Missing { deleted: true, instead: None }),
        (CAPTIONS, "faults/denied.srt", Answer::Refused { there: None, instead: None, because: None }),
        (CAPTIONS, "faults/archived.srt", Answer::Archived("GLACIER".into())),
        (CAPTIONS, "faults/empty.srt", Answer::Empty),
        (CAPTIONS, "faults/slow-down.srt", Answer::Unclear(Unclear::Throttled)),
        (CAPTIONS, "faults/moved.srt", Answer::Unclear(Unclear::Elsewhere)),
        (CLOSED, "captions/none.srt", Answer::Refused { there: None, instead: None, because: None }),
        (VIDEOS, "news/2026/0700.srt", Answer::Refused { there: None, instead: None, because: None }),
        (ELSEWHERE, "a.srt", Answer::Unclear(Unclear::Elsewhere)),
        ("cuecard-demo-nowhere", "a.srt", Answer::NoBucket),
        (
            CAPTIONS,
            "faults/two%20words.srt",
            Answer::Missing { deleted: false, instead: spelt("faults/two words.srt") },
        ),
        (
            CAPTIONS,
            "faults/caf\u{e9}.srt",
            Answer::Missing { deleted: false, instead: spelt("faults/cafe\u{301}.srt") },
        ),
        (CAPTIONS, "faults/Two Words.SRT", Answer::Missing { deleted: false, instead: spelt("faults/two words.srt") }),
        (CAPTIONS, "Faults/Empty.srt", Answer::Missing { deleted: false, instead: spelt("faults/empty.srt") }),
    ] {
        let object = observation(&s3, bucket, key).await;
        assert_eq!(object.answer, answer, "{bucket}/{key}");
        assert_eq!(
            object.region.as_deref() == Some("eu-west-1"),
            answer == Answer::Unclear(Unclear::Elsewhere),
            "{key}"
        );
    }
}

#[tokio::test]
async fn sandbox_transcripts_match_their_names() {
    let sandbox = Sandbox::start(sandbox::SandboxOptions::default()).await.unwrap();
    let s3 = s3(sandbox.s3_endpoint());
    let found = async |bucket: &str, key: &str| match observation(&s3, bucket, key).await.answer {
        Answer::Found(found) => found.what,
        other => panic!("{key}: {other:?}"),
    };
    for (key, what) in [
        ("faults/not-subtitles.srt", Other::Html),
        ("faults/s3-error.srt", Other::S3Error(Some("AccessDenied".into()))),
        ("faults/gzip.srt", Other::Gzip),
    ] {
        assert_eq!(found(CAPTIONS, key).await, Inspected::Other(what), "{key}");
    }
    let transcript = async |bucket: &str, key: &str| match found(bucket, key).await {
        Inspected::Subtitles(transcript) => transcript,
        other => panic!("{key}: {other:?}"),
    };
    for (bucket, key) in [
        (CAPTIONS, "news/2026/0720.srt"),
        (CAPTIONS, "news/2026/0721.vtt"),
        (CAPTIONS, "faults/slow-down-once.srt"),
        (CAPTIONS, "faults/past-end.srt"),
        (DOTTED, "0740.srt"),
        (CLOSED, "captions/0730.srt"),
    ] {
        let Transcript { faults, apparent, recovered, .. } = *transcript(bucket, key).await;
        assert_eq!((faults, recovered), (Vec::new(), apparent), "{key}");
    }
    for (key, code) in [
        ("latin-1", "encoding"),
        ("utf-16", "encoding"),
        ("cues-lost", "cues-lost"),
        ("cue-timing", "cue-timing"),
        ("cue-order", "cue-order"),
        ("cue-overlap", "cue-overlap"),
    ] {
        let faults = transcript(CAPTIONS, &format!("faults/{key}.srt")).await.faults;
        assert!(faults.iter().any(|fault| fault.kind.rule().code() == code), "{key}: {faults:?}");
    }
    assert!(matches!(transcript(CAPTIONS, "faults/latin-1.srt").await.encoding, Encoding::Legacy(_)));
    assert_eq!(transcript(CAPTIONS, "faults/format-extension.srt").await.format, Format::WebVtt);
    assert_eq!(transcript(CAPTIONS, "faults/language.srt").await.language.as_deref(), Some("fr"));
}

#[tokio::test]
async fn each_object_costs_one_request_and_connections_are_kept() {
    let options = sandbox::SandboxOptions { delay: Duration::from_millis(5), ..sandbox::SandboxOptions::default() };
    let sandbox = Sandbox::start(options).await.unwrap();
    for at in 0..200 {
        sandbox.put(CAPTIONS, &format!("load/{at}.srt"), b"1\n00:00:01,000 --> 00:00:02,000\nx\n");
    }
    // Long timeouts: the machine may be busy.
    let s3 =
        S3::new(S3Options { endpoint: Some(Endpoint::parse(sandbox.s3_endpoint()).unwrap()), ..S3Options::default() });
    let s3 = s3.unwrap();
    let bucket = s3.bucket(CAPTIONS).await;
    let asked = futures_util::stream::iter(0..200).map(|at| {
        let url = S3Url::new(CAPTIONS, format!("load/{at}.srt")).unwrap();
        let (s3, bucket) = (&s3, &bucket);
        async move { s3.transcript(&url, bucket).await }
    });
    let answers: Vec<_> = asked.buffer_unordered(16).collect().await;
    assert!(answers.iter().all(|(object, requests)| matches!(object.answer, Answer::Found(_)) && *requests == 1));
    assert_eq!(sandbox.s3_count(), 201);
    assert!((2..=16).contains(&sandbox.most_at_once()), "{}", sandbox.most_at_once());
    assert!(sandbox.s3_requests().iter().all(|request| request.header("x-api-key").is_none()));
    assert!(sandbox.s3_requests().iter().all(|request| request.header("authorization").is_none()));
}
