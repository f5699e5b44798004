//! Requesting buckets and transcripts: each answer is recognised, and faulty servers neither hang nor mislead.

use super::faulty::{Act, Faulty, fault, part, reply};
use super::{impatient, s3};
use cuecard::domain::evidence::{Answer, Object, Unclear};
use cuecard::domain::s3_url::S3Url;
use cuecard::domain::subtitle::{Inspected, MOST_BYTES};
use cuecard::io::s3::{Bucket, S3};
use std::time::Duration;
use tokio::net::TcpListener;

const SRT: &str = "1\r\n00:00:01,000 --> 00:00:02,500\r\nGood evening.\r\n";

fn url(key: &str) -> S3Url {
    S3Url::new("acme", key).unwrap()
}

async fn asked(s3: &S3, key: &str) -> (Answer<Inspected>, u32) {
    let (Object { answer, signed, .. }, requests) = s3.transcript(&url(key), &Bucket::default()).await;
    assert!(!signed);
    (answer, requests)
}

/// The result for a transcript on a server with these acts.
async fn told<A: Into<Act>>(acts: impl IntoIterator<Item = A>) -> (Answer<Inspected>, u32) {
    let server = Faulty::start(acts).await;
    asked(&s3(&server.url), "a.srt").await
}

fn srt() -> String {
    part(&format!("0-{}/{}", SRT.len() - 1, SRT.len()), "\"abc\"", SRT)
}

#[tokio::test]
async fn one_ranged_get_tells_existence_size_tag_and_content() {
    let server = Faulty::start([srt()]).await;
    let (answer, requests) = asked(&s3(&server.url), "a b/é?#%2e+&c=.srt").await;
    let Answer::Found(found) = answer else { panic!("{answer:?}") };
    assert_eq!((found.size, found.etag.as_deref(), requests), (SRT.len() as u64, Some("\"abc\""), 1));
    assert_eq!(server.targets(), ["GET /acme/a%20b/%C3%A9%3F%23%252e%2B%26c%3D.srt HTTP/1.1"]);
    let head = server.heads()[0].to_lowercase();
    assert!(head.contains(&format!("\r\nrange: bytes=0-{}\r\n", MOST_BYTES - 1)), "{head}");
    for never in ["api-key", "authorization", "cookie", "accept-encoding", "x-amz-", "referer"] {
        assert!(!head.contains(never), "{head}");
    }
}

#[tokio::test]
async fn the_request_line_holds_the_very_bytes_of_the_key() {
    let keys = [
        "/a",
        "a//b",
        "a/",
        "\\..\\a",
        "%2e%2e/a",
        "a\tb",
        "soap",
        "?x",
        "#",
        ".../..a/.a",
        "日本語/第1回.srt",
        "a|b^`{}",
    ];
    let server = Faulty::start(keys.iter().map(|_| srt())).await;
    let s3 = s3(&server.url);
    for key in keys {
        asked(&s3, key).await;
        let line = server.targets().pop().unwrap();
        let path = line.strip_prefix("GET /acme/").unwrap().strip_suffix(" HTTP/1.1").unwrap();
        let meant = percent_encoding::percent_decode_str(path).decode_utf8().unwrap();
        assert_eq!(meant, key, "{line}");
    }
    for key in ["..", "a/../b.srt", "./a.srt", "a/."] {
        assert_eq!(asked(&s3, key).await, (Answer::Unclear(Unclear::NotAskable), 0), "{key}");
    }
    assert_eq!(server.targets().len(), keys.len());
}

#[tokio::test]
async fn every_answer_of_s3_is_told_from_the_others() {
    let missing = |deleted| Answer::Missing { deleted, instead: None };
    let status = |status, code: &str| Answer::Unclear(Unclear::Status(status, Some(format!("{code}: no").into())));
    let archived = "<Error><Code>InvalidObjectState</Code><StorageClass>DEEP_ARCHIVE</StorageClass></Error>";
    for (reply, answer) in [
        (fault("404 Not Found", "NoSuchKey"), missing(false)),
        (reply("404 Not Found", "x-amz-delete-marker: true\r\n", ""), missing(true)),
        (fault("404 Not Found", "NoSuchBucket"), Answer::NoBucket),
        (reply("404 Not Found", "", "gone"), Answer::Unclear(Unclear::Status(404, None))),
        (fault("403 Forbidden", "AccessDenied"), Answer::Refused { there: None, instead: None, because: None }),
        (reply("403 Forbidden", "", archived), Answer::Archived("DEEP_ARCHIVE".into())),
        (fault("403 Forbidden", "AllAccessDisabled"), Answer::Barred("no".into())),
        (fault("403 Forbidden", "AccountProblem"), Answer::Barred("no".into())),
        (fault("400 Bad Request", "KMS.DisabledException"), Answer::Barred("no".into())),
        (fault("400 Bad Request", "KMS.ThrottlingException"), status(400, "KMS.ThrottlingException")),
        (worded("400 Bad Request", "InvalidRequest", OWN_KEY), Answer::Barred(OWN_KEY.into())),
        (
            reply("403 Forbidden", "content-type: application/json\r\n", r#"{"message":"Forbidden"}"#),
            Answer::Unclear(Unclear::Status(403, Some("in JSON, which is not how S3 refuses".into()))),
        ),
        (fault("403 Forbidden", "RequestTimeTooSkewed"), status(403, "RequestTimeTooSkewed")),
        (fault("400 Bad Request", "KeyTooLongError"), status(400, "KeyTooLongError")),
        (fault("416 Range Not Satisfiable", "InvalidRange"), Answer::Empty),
        (reply("200 OK", "", ""), Answer::Empty),
        (reply("204 No Content", "", ""), Answer::Unclear(Unclear::Status(204, None))),
        (fault("404 Not Found", "\u{1b}[31m"), Answer::Unclear(Unclear::Status(404, None))),
    ] {
        // What may be missing only by its spelling is looked for once among the names beside it.
        let requests = 1 + u32::from(matches!(answer, Answer::Missing { .. }));
        assert_eq!(told([reply.clone()]).await, (answer, requests), "{reply}");
    }
}

/// Of an object with a key that only its owner has (SSE-C).
const OWN_KEY: &str = "The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.";

/// S3's error with its own words.
fn worded(status: &str, code: &str, message: &str) -> String {
    reply(status, "", &format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>"))
}

#[tokio::test]
async fn a_refusal_for_its_encryption_or_its_bill_is_not_public_with_s3s_own_reason() {
    let kms = "Requests specifying Server Side Encryption with AWS KMS managed keys require AWS Signature Version 4.";
    let pays = "Access denied. The bucket is a Requester Pays bucket, and anonymous requests can't be charged.";
    for (reply, there, message) in [
        (worded("400 Bad Request", "InvalidArgument", kms), Some(true), kms),
        (worded("403 Forbidden", "AccessDenied", pays), None, pays),
        (
            worded("400 Bad Request", "InvalidRequest", "Missing header x-amz-request-payer"),
            None,
            "Missing header x-amz-request-payer",
        ),
    ] {
        let server = Faulty::start([reply.clone(), reply]).await;
        let (answer, _) = asked(&s3(&server.url), "a.srt").await;
        assert_eq!(answer, Answer::Refused { there, instead: None, because: Some(message.into()) });
    }
    // Another complaint stays what it is, with S3's words.
    let told = told([worded("400 Bad Request", "InvalidArgument", "\u{1b}[31mno such\u{202e} thing")]).await.0;
    let Answer::Unclear(Unclear::Status(400, Some(why))) = told else { panic!("{told:?}") };
    assert!(why.starts_with("InvalidArgument: ") && why.contains("no such"), "{why}");
    assert!(!why.contains(['\u{1b}', '\u{202e}']), "{why}");
}

#[tokio::test]
async fn a_web_page_in_place_of_s3_is_told_as_a_gateways() {
    for status in ["401 Unauthorized", "403 Forbidden", "404 Not Found", "407 Proxy Authentication Required"] {
        let page = reply(status, "content-type: text/html\r\n", "<!DOCTYPE html><title>Sign in</title>");
        let answer = told([page.clone()]).await.0;
        let code = status[..3].parse().unwrap();
        assert_eq!(answer, Answer::Unclear(Unclear::Gateway(code)), "{status}");
        let why = Unclear::Gateway(code).to_string();
        assert!(why.contains("something else answered") && why.contains(&status[..3]), "{why}");
        // A listing, too, is no bucket that refuses.
        let server = Faulty::start([page]).await;
        let (pages, _kept) = tokio::sync::mpsc::channel(4);
        let error = s3(&server.url).list("acme", "", pages).await.unwrap_err().to_string();
        assert!(error.contains("Something else than S3 answered") && error.contains(&status[..3]), "{error}");
    }
}

#[tokio::test]
async fn a_sign_in_page_in_front_of_s3_is_no_evidence_about_an_object() {
    let page = || reply("200 OK", "content-type: text/html\r\n", "<html><body>Please sign in</body></html>");
    let moved = || reply("302 Found", "location: http://portal.example/login?t=secret\r\n", "");
    let captive = || reply("200 OK", "content-type: application/captive+json\r\n", "{\"captive\":true}");
    for (page, why) in [
        (page as fn() -> String, Unclear::Gateway(200)),
        (captive, Unclear::Gateway(200)),
        (moved, Unclear::Redirected("portal.example".into())),
    ] {
        let server = Faulty::start([page(), page(), page(), page()]).await;
        let s3 = s3(&server.url);
        let bucket = s3.bucket("acme").await;
        assert_eq!((bucket.exists, bucket.unclear.as_ref()), (None, Some(&why)));
        assert_eq!(s3.transcript(&url("a.srt"), &bucket).await.0.answer, Answer::Unclear(why.clone()));
        assert_eq!(s3.video(&url("a.mp4"), &bucket).await.0.answer, Answer::Unclear(why.clone()));
        assert_eq!(s3.place(&url("a.mp4")).await, None);
        assert!(!why.to_string().contains("region") && !why.to_string().contains("secret"), "{why}");
    }
    for (page, words) in [(page(), "with a web page and status 200"), (moved(), "points to portal.example")] {
        let server = Faulty::start([page]).await;
        let (pages, _kept) = tokio::sync::mpsc::channel(4);
        let error = s3(&server.url).list("acme", "", pages).await.unwrap_err().to_string();
        assert!(error.contains("Something else than S3 answered") && error.contains(words), "{error}");
    }
    // A page with 404 is not a bucket that does not exist.
    let server = Faulty::start([reply("404 Not Found", "content-type: text/html\r\n", "")]).await;
    assert_eq!(s3(&server.url).bucket("acme").await.unclear, Some(Unclear::Gateway(404)));
    // In a store, a page under a transcript's name is what it was: the object.
    let object = reply("200 OK", "content-type: text/html\r\nx-amz-request-id: 44\r\n", "<html></html>");
    assert!(matches!(told([object]).await.0, Answer::Found(_)));
}

#[tokio::test]
async fn a_refusal_in_plain_words_is_not_s3s() {
    for body in ["Blocked by ZScaler", "error code: 1020"] {
        let answer = told([reply("403 Forbidden", "content-type: text/plain\r\n", body)]).await.0;
        assert!(matches!(answer, Answer::Unclear(Unclear::Status(403, Some(_)))), "{answer:?}");
    }
}

#[tokio::test]
async fn a_plus_that_was_a_blank_is_found_as_a_blank() {
    let byte = part("0-0/50", "\"a\"", "1");
    let server = Faulty::start([fault("404 Not Found", "NoSuchKey"), byte]).await;
    let instead = Some("caps/my first clip.srt".into());
    let (answer, requests) = asked(&s3(&server.url), "caps/my+first+clip.srt").await;
    assert_eq!((answer, requests), (Answer::Missing { deleted: false, instead }, 2));
    assert_eq!(server.targets()[1], "GET /acme/caps/my%20first%20clip.srt HTTP/1.1");
}

#[tokio::test]
async fn a_range_that_is_not_heeded_is_cut_short() {
    let long = "x".repeat(MOST_BYTES + 1);
    let (answer, _) = told([reply("200 OK", "", &long)]).await;
    let Answer::Found(found) = answer else { panic!("{answer:?}") };
    assert_eq!(found.size, long.len() as u64);
    let (answer, _) = told([reply("200 OK", "", SRT)]).await;
    assert!(matches!(answer, Answer::Found(found) if found.size == SRT.len() as u64));
}

#[tokio::test]
async fn throttling_is_waited_out_for_a_few_tries() {
    let slow = || fault("503 Slow Down", "SlowDown");
    let (answer, requests) = told([slow(), fault("500 Oh", "InternalError"), srt()]).await;
    assert!(matches!(answer, Answer::Found(_)));
    assert_eq!(requests, 3);
    assert_eq!(told([slow(), slow(), slow(), slow(), srt()]).await, (Answer::Unclear(Unclear::Throttled), 4));
    let broken = (0..4).map(|_| fault("500 Oh", "InternalError"));
    let answer = Answer::Unclear(Unclear::Status(500, Some("InternalError: no".into())));
    assert_eq!(told(broken).await, (answer, 4));
}

#[tokio::test]
async fn a_reply_that_breaks_off_is_asked_for_once_more() {
    let cut = || Act::Reply(srt().into_bytes()[..90].to_vec());
    let (answer, requests) = told([Act::Reset, srt().into()]).await;
    assert!(matches!(answer, Answer::Found(_)), "{answer:?}");
    assert_eq!(requests, 2);
    let (answer, requests) = told([cut(), srt().into()]).await;
    assert!(matches!(answer, Answer::Found(_)), "{answer:?}");
    assert_eq!(requests, 2);
    for act in [|| Act::Reset, || Act::Reply(Vec::new()), || Act::Reply(b"\x16\x03\x01garbage\r\n\r\n".to_vec())] {
        let (answer, requests) = told([act(), act(), srt().into()]).await;
        assert!(matches!(answer, Answer::Unclear(Unclear::Broken(_))), "{answer:?}");
        assert_eq!(requests, 2);
    }
    let (answer, _) = told([cut(), cut(), srt().into()]).await;
    assert!(matches!(answer, Answer::Unclear(Unclear::Broken(_))), "{answer:?}");
}

#[tokio::test]
async fn a_huge_head_and_a_reply_that_contradicts_itself_are_no_answer() {
    let head = || reply("200 OK", &format!("x-a: {}\r\n", "a".repeat(4 * 1024 * 1024)), SRT);
    let many = || reply("200 OK", &"x-a: b\r\n".repeat(5_000), SRT);
    for act in [head, many] {
        let (answer, _) = told([act(), act()]).await;
        assert!(matches!(answer, Answer::Unclear(Unclear::Broken(_))), "{answer:?}");
    }
    let wrong = |range: &str| part(range, "\"a\"", SRT);
    for range in ["0-9/10", "1-50/51", "0-49/10", "0-49/*", "9-0/10", "", "0-18446744073709551615/18446744073709551615"]
    {
        assert_eq!(told([wrong(range)]).await.0, Answer::Unclear(Unclear::Garbled), "{range}");
    }
}

#[tokio::test]
async fn silent_slow_and_closed_servers_time_out() {
    assert_eq!(told([Act::Hold]).await.0, Answer::Unclear(Unclear::Silent(0)));
    let server = Faulty::start([Act::Drip(b"HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\nx".to_vec())]).await;
    let most = Duration::from_millis(200);
    let dripped = S3::new(cuecard::io::s3::S3Options { most, ..impatient(&server.url) }).unwrap();
    assert_eq!(asked(&dripped, "a.srt").await.0, Answer::Unclear(Unclear::Slow(0)));
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let (answer, requests) = asked(&s3(&format!("http://{closed}")), "a.srt").await;
    assert!(matches!(answer, Answer::Unclear(Unclear::Unreachable(_))), "{answer:?}");
    assert_eq!(requests, 1);
}

#[tokio::test]
async fn no_redirect_is_followed_and_the_region_it_tells_is_kept() {
    let target = Faulty::silent().await;
    for (status, code) in [("301 Moved", "PermanentRedirect"), ("307 Temporary Redirect", "TemporaryRedirect")] {
        let headers = format!("location: {}/x\r\nx-amz-bucket-region: eu-west-1\r\n", target.url);
        let body = format!("<Error><Code>{code}</Code></Error>");
        let server = Faulty::start([reply(status, &headers, &body)]).await;
        let (object, requests) = s3(&server.url).transcript(&url("a.srt"), &Bucket::default()).await;
        assert_eq!((object.answer, requests), (Answer::Unclear(Unclear::Elsewhere), 1));
        assert_eq!(object.region.as_deref(), Some("eu-west-1"));
    }
    assert_eq!(target.targets(), Vec::<String>::new());
}

#[tokio::test]
async fn another_spelling_is_tried_when_the_literal_one_is_not_there() {
    let gone = || fault("404 Not Found", "NoSuchKey");
    let denied = || fault("403 Forbidden", "AccessDenied");
    let byte = || part("0-0/50", "\"a\"", "1");
    let server = Faulty::start([gone(), byte(), denied(), byte(), gone(), gone()]).await;
    let s3 = s3(&server.url);
    let instead = Some("a b.srt".into());
    assert_eq!(asked(&s3, "a%20b.srt").await, (Answer::Missing { deleted: false, instead }, 2));
    let instead = Some("cafe\u{301}.srt".into());
    assert_eq!(asked(&s3, "caf\u{e9}.srt").await, (Answer::Refused { there: None, instead, because: None }, 2));
    assert_eq!(asked(&s3, "e\u{301}.srt").await, (Answer::Missing { deleted: false, instead: None }, 3));
    let targets = server.targets();
    assert_eq!((&*targets[1], &*targets[3]), ("GET /acme/a%20b.srt HTTP/1.1", "GET /acme/cafe%CC%81.srt HTTP/1.1"));
    assert!(server.heads()[1].contains("range: bytes=0-0\r\n"));
}

/// A page of a folder: keys and folders in it.
fn folder(names: &[&str]) -> String {
    let entry = |name: &&str| match name.ends_with('/') {
        true => format!("<CommonPrefixes><Prefix>{name}</Prefix></CommonPrefixes>"),
        false => format!("<Contents><Key>{name}</Key></Contents>"),
    };
    let entries: String = names.iter().map(entry).collect();
    reply("200 OK", "", &format!("<ListBucketResult>{entries}</ListBucketResult>"))
}

#[tokio::test]
async fn a_key_in_another_case_is_found_with_one_listing_for_all_that_are_missing_in_its_folder() {
    let gone = || fault("404 Not Found", "NoSuchKey");
    let byte = || part("0-0/50", "\"a\"", "1");
    let names = folder(&["caps/UPPER.srt", "caps/1.srt", "caps/a+b%20c.srt", "caps/a.SRT", "caps/A.srt"]);
    let server = Faulty::start([gone(), names, byte(), gone(), byte(), gone(), gone(), gone()]).await;
    let s3 = s3(&server.url);
    let found = |key: &str| Answer::Missing { deleted: false, instead: Some(key.into()) };
    assert_eq!(asked(&s3, "caps/upper.srt").await, (found("caps/UPPER.srt"), 3));
    assert_eq!(asked(&s3, "caps/1.SRT").await, (found("caps/1.srt"), 2));
    let none = Answer::Missing { deleted: false, instead: None };
    assert_eq!(asked(&s3, "caps/2.srt").await, (none.clone(), 1), "nothing like it is there");
    assert_eq!(asked(&s3, "caps/a.srt").await, (none.clone(), 1), "two are like it");
    let targets = server.targets();
    let listing = "GET /acme/?list-type=2&encoding-type=url&delimiter=%2F&prefix=caps%2F HTTP/1.1";
    assert_eq!(targets.iter().filter(|target| *target == listing).count(), 1, "{targets:?}");
    assert_eq!(targets.len(), 7);
    // It is there no more, or is private.
    let names = folder(&["caps/UPPER.srt"]);
    let server = Faulty::start([gone(), names, fault("403 Forbidden", "AccessDenied")]).await;
    assert_eq!(asked(&super::s3(&server.url), "caps/upper.srt").await, (none, 3));
}

#[tokio::test]
async fn a_folder_in_another_case_is_looked_for_from_the_top() {
    let gone = || fault("404 Not Found", "NoSuchKey");
    let server = Faulty::start([
        gone(),
        folder(&[]),
        folder(&["folder/", "other/", "a.srt"]),
        folder(&["folder/Sub/"]),
        folder(&["folder/Sub/z.srt"]),
        part("0-0/50", "\"a\"", "1"),
    ])
    .await;
    // A store that knows no folders lists all keys below.
    let all = || folder(&["folder/Sub/z.srt", "other/a.srt"]);
    let byte = part("0-0/50", "\"a\"", "1");
    let flat = Faulty::start([gone(), folder(&[]), all(), all(), all(), byte]).await;
    let (answer, _) = asked(&s3(&flat.url), "Folder/sub/z.srt").await;
    assert!(matches!(answer, Answer::Missing { instead: Some(_), .. }), "{answer:?}");
    let instead = Some("folder/Sub/z.srt".into());
    let (answer, requests) = asked(&s3(&server.url), "Folder/sub/z.srt").await;
    assert_eq!((answer, requests), (Answer::Missing { deleted: false, instead }, 6));
}

#[tokio::test]
async fn where_listing_is_refused_nothing_more_is_said_or_asked() {
    let gone = || fault("404 Not Found", "NoSuchKey");
    let page = || reply("200 OK", "content-type: text/html\r\n", "<html>");
    for refusal in [fault("403 Forbidden", "AccessDenied"), page(), reply("200 OK", "", "{}")] {
        let server = Faulty::start([gone(), refusal, gone(), gone()]).await;
        let s3 = s3(&server.url);
        let none = Answer::Missing { deleted: false, instead: None };
        assert_eq!(asked(&s3, "caps/a.srt").await, (none.clone(), 2));
        assert_eq!(asked(&s3, "caps/b.srt").await, (none.clone(), 1));
        assert_eq!(asked(&s3, "other/c.srt").await, (none, 1));
    }
}

#[tokio::test]
async fn a_bucket_is_asked_for_by_head_and_tells_its_region_whatever_the_status() {
    let head = |status: &str, region: &str| match region {
        "" => reply(status, "", ""),
        region => reply(status, &format!("x-amz-bucket-region: {region}\r\n"), ""),
    };
    for (status, region, exists, known) in [
        ("200 OK", "us-west-2", Some(true), Some("us-west-2")),
        ("403 Forbidden", "eu-west-1", Some(true), Some("eu-west-1")),
        ("301 Moved", "eu-central-1", Some(true), Some("eu-central-1")),
        ("400 Bad Request", "af-south-1", Some(true), Some("af-south-1")),
        ("404 Not Found", "", Some(false), None),
        // Stores that are not Amazon's.
        ("200 OK", "", Some(true), None),
        ("403 Forbidden", "", None, None),
        ("200 OK", "evil.com/", Some(true), None),
    ] {
        let server = Faulty::start([head(status, region)]).await;
        let bucket = s3(&server.url).bucket("acme.video").await;
        assert_eq!((bucket.exists, bucket.region.as_deref()), (exists, known), "{status} {region}");
        assert_eq!((bucket.unclear, bucket.requests), (None, 1));
        assert_eq!(server.targets(), ["HEAD /acme.video HTTP/1.1"]);
    }
    let server = Faulty::start([head("501 Not Implemented", "")]).await;
    assert_eq!(s3(&server.url).bucket("acme").await.unclear, Some(Unclear::Status(501, None)));
    let server = Faulty::start((0..4).map(|_| head("503 Slow Down", ""))).await;
    assert_eq!(s3(&server.url).bucket("acme").await.unclear, Some(Unclear::Throttled));
    assert_eq!(s3(&server.url).bucket("evil.com#").await.unclear, Some(Unclear::NotAskable));
}

#[tokio::test]
async fn nothing_is_asked_of_a_bucket_that_does_not_exist() {
    let server = Faulty::silent().await;
    let s3 = s3(&server.url);
    let gone = Bucket { exists: Some(false), ..Bucket::default() };
    assert_eq!(s3.transcript(&url("a.srt"), &gone).await.0.answer, Answer::NoBucket);
    assert_eq!(s3.video(&url("a.mp4"), &gone).await.0.answer, Answer::NoBucket);
    assert_eq!(server.targets(), Vec::<String>::new());
}

#[tokio::test]
async fn the_bytes_of_two_that_are_compared_are_read_in_the_region_they_were_found_in() {
    let server = Faulty::start([srt(), part(&format!("0-{}/{}", SRT.len() - 1, MOST_BYTES + 9), "\"abc\"", SRT)]).await;
    let s3 = s3(&server.url);
    let read = async |key: &str| s3.transcript_bytes(&url(key), Some("eu-west-1".into())).await;
    assert_eq!(read("a.srt").await, Ok((SRT.as_bytes().to_vec(), false)));
    assert!(matches!(read("b.srt").await, Ok((_, true))), "it goes on after what was read");
    let gone = Faulty::start([fault("404 Not Found", "NoSuchKey")]).await;
    let gone = super::s3(&gone.url).transcript_bytes(&url("a.srt"), None).await;
    assert_eq!(gone, Err(Unclear::Changing));
}
