//! Reading a video's header: small ranges of one and the same object.

use super::faulty::{Act, Faulty, fault, part, reply};
use super::s3;
use cuecard::domain::evidence::{Answer, Unclear};
use cuecard::domain::s3_url::S3Url;
use cuecard::domain::video::Facts;
use cuecard::io::s3::Bucket;

async fn told<A: Into<Act>>(acts: impl IntoIterator<Item = A>) -> (Answer<Facts>, u32) {
    let server = Faulty::start(acts).await;
    let url = S3Url::new("acme", "a b.mp4").unwrap();
    let (object, requests) = s3(&server.url).video(&url, &Bucket::default()).await;
    (object.answer, requests)
}

#[tokio::test]
async fn a_private_video_is_refused_and_nothing_more_is_asked() {
    let refused = Answer::Refused { there: None, instead: None };
    assert_eq!(told([fault("403 Forbidden", "AccessDenied")]).await, (refused, 1));
}

#[tokio::test]
async fn what_is_said_of_a_video_is_told_apart_as_for_a_transcript() {
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
        assert_eq!(told([reply.clone()]).await, (answer, 1), "{reply}");
    }
}

#[tokio::test]
async fn the_size_is_known_however_short_the_part() {
    let (answer, requests) = told([part("0-9/3221225472", "\"a\"", "0123456789")]).await;
    let Answer::Found(found) = answer else { panic!("{answer:?}") };
    assert_eq!((found.size, found.etag.as_deref(), requests), (3_221_225_472, Some("\"a\""), 1));
}
