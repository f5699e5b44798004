//! Reading a video's header: small ranges of the same version of an object.

use super::faulty::{Act, Faulty, fault, part, reply};
use super::s3;
use cuecard::domain::evidence::{Answer, Unclear};
use cuecard::domain::s3_url::S3Url;
use cuecard::domain::video::Facts;
use cuecard::io::s3::Bucket;
use cuecard::sandbox::{self, FOOTAGE, Sandbox};

async fn told<A: Into<Act>>(acts: impl IntoIterator<Item = A>) -> (Answer<Facts>, u32) {
    let server = Faulty::start(acts).await;
    let url = S3Url::new("acme", "a b.mp4").unwrap();
    let (object, requests) = s3(&server.url).video(&url, &Bucket::default()).await;
    (object.answer, requests)
}

#[tokio::test]
async fn a_private_video_is_refused_and_nothing_more_is_asked() {
    let refused = Answer::Refused { there: None, instead: None, because: None };
    assert_eq!(told([fault("403 Forbidden", "AccessDenied")]).await, (refused, 1));
}

#[tokio::test]
async fn video_answers_are_classified_like_transcript_answers() {
    for (reply, answer) in [
        (fault("404 Not Found", "NoSuchKey"), Answer::Missing { deleted: false, instead: None }),
        (fault("404 Not Found", "NoSuchBucket"), Answer::NoBucket),
        (fault("416 Range Not Satisfiable", "InvalidRange"), Answer::Empty),
        (part("5-9/10", "\"a\"", "xxxxx"), Answer::Unclear(Unclear::Garbled)),
        (
            reply("403 Forbidden", "", "<Error><Code>InvalidObjectState</Code></Error>"),
            Answer::Archived("GLACIER".into()),
        ),
    ] {
        // What may be missing only by its spelling is looked for once among the names beside it.
        let requests = 1 + u32::from(matches!(answer, Answer::Missing { .. }));
        assert_eq!(told([reply.clone()]).await, (answer, requests), "{reply}");
    }
}

/// The first 64 KiB of a large MP4 that has its header at the end.
fn beginning(etag: &str) -> String {
    let mut bytes = b"\0\0\0\x14ftypisom\0\0\x02\0isom\0\0\0\0mdat".to_vec();
    bytes[20..24].copy_from_slice(&(SIZE - 20 - 1_000).to_be_bytes());
    bytes.resize(64 * 1024, 0);
    part(&format!("0-65535/{SIZE}"), etag, std::str::from_utf8(&bytes).unwrap())
}

/// Chosen so that the length of the part between is ASCII, too.
const SIZE: u32 = 0x7000_0000 + 1_020;

#[tokio::test]
async fn an_object_that_changes_while_it_is_read_is_begun_again_once() {
    let changed = || fault("412 Precondition Failed", "PreconditionFailed");
    let server = Faulty::start([beginning("\"a\""), changed(), beginning("\"b\""), changed()]).await;
    let url = S3Url::new("acme", "a.mp4").unwrap();
    let (object, requests) = s3(&server.url).video(&url, &Bucket::default()).await;
    assert_eq!((object.answer, requests), (Answer::Unclear(Unclear::Changing), 4));
    let heads = server.heads();
    let tag = |at: usize| heads[at].lines().find(|line| line.starts_with("if-match")).map(str::to_owned);
    assert_eq!(
        [tag(0), tag(1), tag(2), tag(3)],
        [None, Some("if-match: \"a\"".into()), None, Some("if-match: \"b\"".into())]
    );
}

#[tokio::test]
async fn changed_object_is_detected_even_if_if_match_is_ignored() {
    let later = |etag: &str| part(&format!("{}-{}/{SIZE}", SIZE - 1_000, SIZE - 1), etag, &"x".repeat(1_000));
    let (answer, _) = told([beginning("\"a\""), later("\"b\""), beginning("W/\"a\""), later("\"b\"")]).await;
    assert_eq!(answer, Answer::Unclear(Unclear::Changing));
}

#[tokio::test]
async fn sandbox_videos_have_their_declared_facts() {
    let sandbox = Sandbox::start(sandbox::SandboxOptions::default()).await.unwrap();
    let s3 = s3(sandbox.s3_endpoint());
    let bucket = s3.bucket(FOOTAGE).await;
    assert_eq!(bucket.region.as_deref(), Some("us-west-2"));
    for (key, size, ms, coded, audio, most) in [
        ("news/2026/0720.mp4", 18_000_000, 30_000, (1920, 1080), true, 1),
        ("news/2026/0721.mp4", 240_000_000, 30_000, (1920, 1080), true, 3),
        ("faults/too-short.mp4", 18_000_000, 2_400, (1920, 1080), true, 1),
        ("faults/too-small.mp4", 18_000_000, 30_000, (320, 240), true, 1),
        ("faults/silent.mp4", 18_000_000, 30_000, (1920, 1080), false, 1),
        ("faults/too-big.mp4", 3_000_000_000, 1_500_000, (1920, 1080), true, 3),
    ] {
        let url = S3Url::new(FOOTAGE, key).unwrap();
        let (object, requests) = s3.video(&url, &bucket).await;
        let Answer::Found(found) = object.answer else { panic!("{key}: {object:?}") };
        assert_eq!((found.size, object.region.as_deref()), (size, Some("us-west-2")), "{key}");
        assert_eq!(found.what.duration.map(|length| length.ms), Some(ms), "{key}");
        assert_eq!((found.what.coded, found.what.has_audio), (Some(coded), Some(audio)), "{key}");
        assert!(requests <= most, "{key}: {requests} requests");
    }
}
