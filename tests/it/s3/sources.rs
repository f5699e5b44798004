//! Buckets as sources of keys: listed live, page by page.

use super::faulty::{Faulty, fault, reply};
use super::{impatient, s3};
use cuecard::domain::draft::Snapshot;
use cuecard::domain::keys::{End, KeyList, Source, SourceFault};
use cuecard::domain::manifest::Manifest;
use cuecard::io::key_sources::{World, read};
use cuecard::io::s3::{S3, S3Options};
use cuecard::sandbox::{self, CAPTIONS, Sandbox};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

fn world(endpoint: &str) -> World {
    let manifest = Snapshot::of(Arc::new(Manifest::parse(b"[]".to_vec()).unwrap()));
    World { s3: Ok(s3(endpoint)), manifest, ask_columns: false }
}

fn page(next: Option<&str>, keys: &[&str]) -> String {
    let more = next.map_or_else(String::new, |token| format!("<NextContinuationToken>{token}</NextContinuationToken>"));
    let keys: String = keys.iter().map(|key| format!("<Contents><Key>{key}</Key></Contents>")).collect();
    let body = format!(
        "<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>{}</IsTruncated>{more}{keys}</ListBucketResult>",
        next.is_some()
    );
    reply("200 OK", "", &body)
}

#[tokio::test]
async fn fifty_thousand_keys_come_page_by_page_and_a_reader_who_has_enough_ends_the_listing() {
    let sandbox = Sandbox::start(sandbox::SandboxOptions::default()).await.unwrap();
    for n in 0..50_000 {
        sandbox.put(CAPTIONS, &format!("many/{n:05}.{}", if n % 5 == 0 { "mp4" } else { "srt" }), b"1");
    }
    // Long timeouts: the sandbox sorts the keys again for each page.
    let patient = S3Options { silence: Duration::from_secs(60), ..impatient(sandbox.s3_endpoint()) };
    let world = World { s3: Ok(S3::new(patient).unwrap()), ..world(sandbox.s3_endpoint()) };
    let source = Source::parse(&format!("s3://{CAPTIONS}/many/")).unwrap();
    let before = sandbox.s3_requests().len();
    let (mut list, mut sizes) = (KeyList::new(), Vec::new());
    let summary = read(&source, &world, |page| {
        sizes.push(page.keys.len());
        list.extend(&page.keys);
        ControlFlow::Continue(())
    });
    let summary = summary.await.unwrap();
    assert_eq!((summary.keys, summary.usable, list.len()), (50_000, 40_000, 40_000));
    assert_eq!(summary.others.to_string(), "10,000 .mp4");
    assert_eq!((summary.shape.to_string(), &summary.end), ("listed, anonymous".to_owned(), &End::Whole));
    assert_eq!((sizes.len(), sizes.iter().max()), (50, Some(&800)), "each page as it comes");

    let whole = sandbox.s3_requests().len() - before;
    let summary = read(&source, &world, |_| ControlFlow::Break(())).await.unwrap();
    assert_eq!((summary.end, whole), (End::Stopped, 50));
    let asked = sandbox.s3_requests().len() - before - whole;
    assert!(asked <= 8, "{asked} requests after the first page was enough");
}

#[tokio::test]
async fn a_listing_that_goes_in_a_circle_or_breaks_off_ends_with_a_sentence_and_keeps_its_keys() {
    for (second, why) in [
        (page(Some("t"), &["b.srt"]), "it repeats the same page"),
        (page(Some(""), &["b.srt"]), "it says that there are more pages, but not where they are"),
        (fault("500 Internal Server Error", "InternalError"), "S3"),
        (reply("200 OK", "", "<ListBucketResult><Contents>"), "the listing can't be read: "),
    ] {
        let server = Faulty::start([page(Some("t"), &["a.srt", "folder/", "x.txt"]), second]).await;
        let mut list = KeyList::new();
        let (source, world) = (Source::parse("s3://acme").unwrap(), world(&server.url));
        let summary = read(&source, &world, |page| {
            list.extend(&page.keys);
            ControlFlow::Continue(())
        });
        let summary = summary.await.unwrap();
        assert!(matches!(&summary.end, End::Early(said) if said.contains(why)), "{why}: {:?}", summary.end);
        assert!(summary.is_doubtful() && !list.is_empty());
        assert_eq!((summary.folders, summary.others.total()), (1, 1));
        assert!(server.targets().len() <= 8, "{why}: {:?}", server.targets());
    }
}

#[tokio::test]
async fn keys_outside_the_prefix_that_was_asked_for_are_told_and_not_used() {
    let server = Faulty::start([page(None, &["caps/a.srt", "other/b.srt", "caps", "c.srt"])]).await;
    let mut list = KeyList::new();
    let (source, world) = (Source::parse("s3://acme/caps/").unwrap(), world(&server.url));
    let summary = read(&source, &world, |page| {
        list.extend(&page.keys);
        ControlFlow::Continue(())
    });
    let summary = summary.await.unwrap();
    assert_eq!(list.get(0).map(|key| key.url()).as_deref(), Some("s3://acme/caps/a.srt"));
    assert_eq!((list.len(), summary.usable, summary.not_keys.count), (1, 1, 3));
    let told = "3 entries are no keys, entry 2: \"other/b.srt, which is outside caps/\"";
    assert_eq!((summary.remarks(), summary.is_doubtful()), (vec![told.to_owned()], true));
}

#[tokio::test]
async fn a_bucket_that_does_not_list_is_a_fault_that_says_how_to_make_a_list() {
    let server = Faulty::start([fault("403 Forbidden", "AccessDenied")]).await;
    let end =
        read(&Source::parse("s3://acme/caps/").unwrap(), &world(&server.url), |_| ControlFlow::Continue(())).await;
    let Err(SourceFault::NotAllowed { help: why, .. }) = end else { panic!("{end:?}") };
    assert!(why.contains("aws s3 ls --recursive s3://acme/caps/ > keys.txt, then :source keys.txt@s3://acme"), "{why}");
}
