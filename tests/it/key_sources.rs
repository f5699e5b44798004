//! Sources of transcript keys, read as the screens and the commands read them.

use cuecard::domain::draft::Snapshot;
use cuecard::domain::keys::{End, KeyList, Shape, Source, SourceFault, Summary};
use cuecard::domain::manifest::Manifest;
use cuecard::io::key_sources::{World, read};
use std::ops::ControlFlow;
use std::sync::Arc;

fn world(manifest: &str) -> World {
    let manifest = Manifest::parse(manifest.as_bytes().to_vec()).unwrap();
    World { s3: Err("offline".to_owned()), manifest: Snapshot::of(Arc::new(manifest)) }
}

const ONE_BUCKET: &str = r#"[{"object":"s3://v/1.mp4","transcription":"s3://t/1.srt"},{"object":"s3://w/2.mp4"}]"#;
const TWO_BUCKETS: &str = r#"[{"object":"s3://v/1.mp4"},{"object":"s3://w/2.mp4"}]"#;

async fn all(source: &Source, world: &World) -> (Result<Summary, SourceFault>, Vec<String>) {
    let mut list = KeyList::new();
    let summary = read(source, world, |page| {
        list.extend(&page.keys);
        ControlFlow::Continue(())
    })
    .await;
    (summary, (0..list.len()).filter_map(|index| list.get(index)).map(|key| key.url()).collect())
}

fn file(folder: &tempfile::TempDir, name: &str, text: &[u8], at: &str) -> Source {
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    Source::parse(&format!("{}{at}", path.display())).unwrap()
}

#[tokio::test]
async fn a_list_without_a_bucket_gets_the_one_that_is_named_or_the_only_one_of_the_manifest_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let named = file(&folder, "keys.txt", b"c/1.srt\nc/1.mp4\n", "@s3://acme");
    let (summary, urls) = all(&named, &world(TWO_BUCKETS)).await;
    let summary = summary.unwrap();
    assert_eq!(urls, ["s3://acme/c/1.srt"]);
    assert_eq!((summary.keys, summary.usable, summary.assumed_bucket, summary.end), (2, 1, None, End::Whole));

    let unnamed = file(&folder, "keys.txt", b"c/1.srt\n", "");
    let (summary, urls) = all(&unnamed, &world(ONE_BUCKET)).await;
    assert_eq!((urls, summary.unwrap().assumed_bucket), (vec!["s3://t/c/1.srt".to_owned()], Some("t".to_owned())));

    let (refused, urls) = all(&unnamed, &world(TWO_BUCKETS)).await;
    let refused = refused.unwrap_err();
    assert_eq!((&refused, urls.len()), (&SourceFault::NoBucket { source: unnamed.clone() }, 0));
    assert!(refused.to_string().ends_with(&format!("Say whose list it is: {unnamed}@s3://BUCKET")), "{refused}");
}

#[tokio::test]
async fn the_manifest_is_a_source_and_what_cannot_be_read_says_why() {
    let (summary, urls) = all(&Source::Manifest, &world(ONE_BUCKET)).await;
    assert_eq!((summary.unwrap().shape, urls), (Shape::Manifest, vec!["s3://t/1.srt".to_owned()]));
    let nowhere = Source::parse("/nowhere/keys.txt").unwrap();
    let fault = all(&nowhere, &world(ONE_BUCKET)).await.0.unwrap_err().to_string();
    assert!(fault.starts_with("/nowhere/keys.txt can't be read: "), "{fault}");
    let offline = all(&Source::parse("s3://acme").unwrap(), &world(ONE_BUCKET)).await.0;
    assert_eq!(offline, Err(SourceFault::Unreadable("offline".to_owned())));
}
