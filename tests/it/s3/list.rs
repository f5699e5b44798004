//! Listing buckets: against the sandbox, and against a faulty server that records requests.

use super::faulty::{Faulty, fault, reply};
use super::{listed, s3};
use cuecard::domain::keys::KeyList;
use cuecard::io::s3::{ListError, Page, S3, S3Options};
use cuecard::sandbox::{self, CAPTIONS, CLOSED, Sandbox};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

fn keys(pages: &[Page]) -> Vec<&str> {
    pages.iter().flat_map(|page| &page.keys).map(|key| key.key.as_str()).collect()
}

fn page(contents: &str, next: Option<&str>) -> String {
    let more = next.map_or_else(String::new, |token| format!("<NextContinuationToken>{token}</NextContinuationToken>"));
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
         <Name>acme</Name><EncodingType>url</EncodingType><IsTruncated>{}</IsTruncated>{more}{contents}</ListBucketResult>",
        next.is_some()
    );
    reply("200 OK", "", &body)
}

#[tokio::test]
async fn a_public_bucket_is_listed_over_pages_with_keys_as_they_are() {
    let sandbox = Sandbox::start(sandbox::SandboxOptions { page: 7, ..Default::default() }).await.unwrap();
    sandbox.put(CAPTIONS, "odd/a+b & c%20d=é.srt", b"1");
    let (summary, pages) = listed(&s3(sandbox.s3_endpoint()), CAPTIONS, "").await;
    let summary = summary.unwrap();
    assert!(pages.len() > 4 && pages.iter().all(|page| page.keys.len() <= 7));
    assert_eq!((summary.requests as usize, summary.keys as usize), (pages.len(), keys(&pages).len()));
    for key in ["odd/a+b & c%20d=é.srt", "news/2026/한국어 저녁 뉴스.srt", "interviews/entrevista con la alcaldesa.srt"]
    {
        assert!(keys(&pages).contains(&key), "{key}");
    }
    let all: Vec<_> = pages.into_iter().flat_map(|page| page.keys).collect();
    let listed = all.len();
    let list: KeyList = all.into_iter().collect();
    assert_eq!((listed - list.len() as usize, list.get(0).unwrap().size.is_some()), (2, true));
    assert!(list.get(0).unwrap().modified.is_some());
    assert!(sandbox.s3_requests().iter().all(|request| request.header("x-api-key").is_none()));
    assert!(sandbox.s3_requests().iter().all(|request| request.header("authorization").is_none()));
}

#[tokio::test]
async fn a_prefix_lists_only_what_begins_with_it() {
    let sandbox = Sandbox::start(sandbox::SandboxOptions::default()).await.unwrap();
    let (summary, pages) = listed(&s3(sandbox.s3_endpoint()), CAPTIONS, "lectures/日本語/第1回 ").await;
    assert_eq!((summary.unwrap().keys, keys(&pages)), (1, vec!["lectures/日本語/第1回 はじめに.srt"]));
}

#[tokio::test]
async fn a_bucket_that_does_not_list_says_how_to_make_a_list() {
    let sandbox = Sandbox::start(sandbox::SandboxOptions::default()).await.unwrap();
    let s3 = s3(sandbox.s3_endpoint());
    let refused = listed(&s3, CLOSED, "captions/").await.0.unwrap_err();
    assert_eq!(refused, ListError::Refused { bucket: CLOSED.into(), prefix: "captions/".into() });
    let words = refused.to_string();
    assert!(words.starts_with("The bucket does not let us list."), "{words}");
    assert!(words.contains("aws s3 ls --recursive s3://cuecard-demo-closed/captions/ > keys.txt"), "{words}");
    let nowhere = listed(&s3, "cuecard-demo-nowhere", "").await.0;
    assert_eq!(nowhere, Err(ListError::NoBucket("cuecard-demo-nowhere".into())));
}

#[tokio::test]
async fn the_request_names_the_bucket_and_prefix_exactly_and_nothing_more() {
    let server = Faulty::start([page("", Some("a+/=b")), page("", None)]).await;
    listed(&s3(&server.url), "acme-captions", "a b/../é?#%2e+&c=").await.0.unwrap();
    let query = "list-type=2&encoding-type=url&prefix=a%20b%2F..%2F%C3%A9%3F%23%252e%2B%26c%3D";
    assert_eq!(
        server.targets(),
        [
            format!("GET /acme-captions/?{query} HTTP/1.1"),
            format!("GET /acme-captions/?{query}&continuation-token=a%2B%2F%3Db HTTP/1.1"),
        ]
    );
    let heads = server.heads().join("").to_lowercase();
    assert!(!heads.contains("api-key") && !heads.contains("authorization") && !heads.contains("cookie"), "{heads}");
}

#[tokio::test]
async fn text_that_would_change_the_host_is_refused_before_anything_is_asked() {
    let server = Faulty::silent().await;
    let (endpoint, amazon) = (s3(&server.url), S3::new(S3Options::default()).unwrap());
    for bucket in ["evil.com#", "x@evil.com:443/", "../acme", "acme/..", "a b", "", "AC"] {
        for s3 in [&endpoint, &amazon] {
            assert_eq!(listed(s3, bucket, "").await.0, Err(ListError::BadBucket(bucket.into())), "{bucket}");
        }
    }
    assert_eq!(server.targets(), Vec::<String>::new());
}

#[tokio::test]
async fn no_redirect_is_followed() {
    for (status, code) in [("301 Moved", "PermanentRedirect"), ("307 Temporary Redirect", "TemporaryRedirect")] {
        let body = format!("<Error><Code>{code}</Code></Error>");
        let target = Faulty::silent().await;
        let headers = format!("location: {}/x\r\nx-amz-bucket-region: eu-west-1\r\n", target.url);
        let server = Faulty::start([reply(status, &headers, &body)]).await;
        assert_eq!(listed(&s3(&server.url), "acme", "").await.0, Err(ListError::Redirected("acme".into())));
        assert_eq!((server.targets().len(), target.targets().len()), (1, 0));
    }
}

#[tokio::test]
async fn throttling_is_waited_out_for_a_few_tries() {
    let slow = || fault("503 Slow Down", "SlowDown");
    let server = Faulty::start([slow(), slow(), page("<Contents><Key>a.srt</Key></Contents>", None)]).await;
    let (summary, pages) = listed(&s3(&server.url), "acme", "").await;
    assert_eq!((summary.unwrap().requests, keys(&pages)), (3, vec!["a.srt"]));
    let server = Faulty::start((0..9).map(|_| slow())).await;
    assert_eq!(listed(&s3(&server.url), "acme", "").await.0, Err(ListError::Throttled));
    assert_eq!(server.targets().len(), 4);
}

#[tokio::test]
async fn pages_before_a_failure_are_kept_and_the_failure_is_named() {
    let one = "<Contents><Key>a.srt</Key></Contents>";
    let deep = "<a>".repeat(200_000);
    let doctype = "<!DOCTYPE x [<!ENTITY a \"aaaa\">]><ListBucketResult></ListBucketResult>";
    let entity = "<Contents><Key>&lol;</Key></Contents>";
    for (second, name) in [
        (reply("200 OK", "", "<html>sign in</html>"), "html"),
        (reply("200 OK", "", doctype), "doctype"),
        (reply("200 OK", "", "<ListBucketResult><Contents>"), "cut"),
        (reply("200 OK", "", "\u{1}garbage<ListBucketResult"), "garbage"),
        (page(&deep, None), "deep"),
        (page(entity, None), "entity"),
        (page(one, Some("t")), "circle"),
        (page(one, Some("")), "no token"),
        (reply("200 OK", "", &" ".repeat(9 * 1024 * 1024)), "huge"),
    ] {
        let server = Faulty::start([page(one, Some("t")), second]).await;
        let (result, pages) = listed(&s3(&server.url), "acme", "").await;
        // A page without a type is told by its beginning.
        let is_named = matches!(result, Err(ListError::Garbled(_) | ListError::Gateway(200)));
        assert!(is_named, "{name}: {result:?}");
        assert_eq!(keys(&pages).first(), Some(&"a.srt"), "{name}");
    }
}

#[tokio::test]
async fn a_page_that_contradicts_itself_about_the_next_one_is_not_the_end() {
    let of = |flag: &str| {
        let body = format!("<ListBucketResult>{flag}<Contents><Key>a.srt</Key></Contents></ListBucketResult>");
        reply("200 OK", "", &body)
    };
    let token = "<NextContinuationToken>t</NextContinuationToken>";
    let (no, yes) = ("<IsTruncated>false</IsTruncated>", "<IsTruncated>true</IsTruncated>");
    for (flag, why) in [
        (no.to_owned(), None),
        (String::new(), None),
        (format!("{no}{token}"), Some("no more pages, and where")),
        (yes.to_owned(), Some("but not where")),
    ] {
        let server = Faulty::start([of(&flag)]).await;
        let (end, pages) = listed(&s3(&server.url), "acme", "").await;
        assert_eq!(keys(&pages), ["a.srt"], "the page itself is good");
        assert_eq!(end.err().map(|error| error.to_string().contains(why.unwrap_or("-"))), why.map(|_| true), "{flag}");
    }
    let last = page("<Contents><Key>b.srt</Key></Contents>", None);
    let server = Faulty::start([of(token), last]).await;
    let (end, pages) = listed(&s3(&server.url), "acme", "").await;
    assert_eq!((keys(&pages), end.is_ok()), (vec!["a.srt", "b.srt"], true));
}

#[tokio::test]
async fn listing_tells_silent_closed_and_odd_servers_apart() {
    let silent = Faulty::silent().await;
    assert!(matches!(listed(&s3(&silent.url), "acme", "").await.0, Err(ListError::Silent(_))));
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let result = listed(&s3(&format!("http://{closed}")), "acme", "").await.0;
    assert!(matches!(result, Err(ListError::Unreachable(_))), "{result:?}");
    let odd = Faulty::start([fault("400 Bad Request", "KeyTooLongError"), fault("404 Not Found", "\u{1b}[31m")]).await;
    let s3 = s3(&odd.url);
    let code = Some("KeyTooLongError: no".to_owned());
    assert_eq!(listed(&s3, "acme", "").await.0, Err(ListError::Answer { status: 400, code }));
    assert!(!format!("{:?}", listed(&s3, "acme", "").await.0).contains("31m"), "a code is never shown raw");
}

#[tokio::test]
async fn keys_are_decoded_as_a_form_and_what_is_no_text_is_counted() {
    let contents = "<Contents><Key>a+b%2Bc%0D.srt</Key><Size>7</Size><LastModified>2026-11-12T13:58:00.000Z</LastModified>\
                    <ETag>&quot;x&quot;</ETag></Contents><Contents><Key>%FF.srt</Key></Contents>";
    let server = Faulty::start([page(contents, None)]).await;
    let (summary, pages) = listed(&s3(&server.url), "acme", "").await;
    assert_eq!((keys(&pages), summary.unwrap().unreadable), (vec!["a b+c\r.srt"], 1));
    assert_eq!(pages[0].keys[0].size, Some(7));
}

#[tokio::test]
async fn a_listing_ends_when_nobody_takes_its_pages() {
    let server = Faulty::start((0..50).map(|at| page("", Some(&at.to_string())))).await;
    let (sender, mut receiver) = mpsc::channel(1);
    let s3 = s3(&server.url);
    let listing = tokio::spawn(async move { s3.list("acme", "", sender).await });
    receiver.recv().await.unwrap();
    drop(receiver);
    assert!(listing.await.unwrap().unwrap().stopped);
    assert!(server.targets().len() <= 4);
}

#[tokio::test]
async fn a_listing_that_goes_in_a_circle_with_ever_new_tokens_ends_with_a_sentence() {
    let of =
        |key: &str, token: usize| page(&format!("<Contents><Key>{key}</Key></Contents>"), Some(&token.to_string()));
    let circle = Faulty::start((0..50).map(|at| of(["a.srt", "b.srt", "c.srt"][at % 3], at))).await;
    let (end, pages) = listed(&s3(&circle.url), "acme", "").await;
    assert_eq!(keys(&pages), ["a.srt", "b.srt", "c.srt"], "what came before is good, once");
    assert!(end.unwrap_err().to_string().contains("goes in a circle"));
    assert_eq!(circle.targets().len(), 4);
    let empty = Faulty::start((0..1100).map(|at| page("", Some(&at.to_string())))).await;
    let (end, _) = listed(&s3(&empty.url), "acme", "").await;
    assert!(end.unwrap_err().to_string().contains("never ends"));
}
