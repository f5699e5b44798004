//! The cache of earlier answers.

use super::*;
use cuecard::sandbox;

#[tokio::test]
async fn afresh_ignores_cached_answers() {
    let sandbox = Sandbox::start(sandbox::SandboxOptions::default()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    sandbox.put(CAPTIONS, "a.srt", CUE);
    let snapshot = snapshot([row("", &url("a.srt"))]);
    let sweep = async |scope| swept(&sandbox, &snapshot, scope, remembering(folder.path(), &sandbox)).await.1.requests;
    assert_eq!(sweep(TRANSCRIPTS).await, 2);
    assert_eq!(sweep(TRANSCRIPTS).await, 0);
    assert_eq!(sweep(Scope { afresh: true, ..TRANSCRIPTS }).await, 2);
}

#[tokio::test]
async fn a_broken_or_locked_memory_does_not_stop_a_check() {
    let sandbox = Sandbox::start(sandbox::SandboxOptions::default()).await.unwrap();
    let snapshot = snapshot((0..40).map(|n| row("", &url(&format!("{n}.srt")))));
    let folder = tempfile::tempdir().unwrap();
    // A file in place of the folder.
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let (_, last) = swept(&sandbox, &snapshot, TRANSCRIPTS, remembering(&file, &sandbox)).await;
    // With the bucket, and one look at what is there instead.
    assert_eq!((last.done, last.requests), (40, 42));

    let options = remembering(folder.path(), &sandbox);
    swept(&sandbox, &snapshot, Scope { rows: Some([0].into_iter().collect()), ..TRANSCRIPTS }, options.clone()).await;
    let other = rusqlite::Connection::open(folder.path().join("cache.db")).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let (_, last) = swept(&sandbox, &snapshot, TRANSCRIPTS, options).await;
    assert_eq!(last.done, 40);
}

#[tokio::test]
async fn what_is_remembered_holds_neither_a_key_nor_anything_signed() {
    let sandbox = Sandbox::start(sandbox::SandboxOptions::default()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let signed = format!("https://{CAPTIONS}.s3.us-west-2.amazonaws.com/a.srt?X-Amz-Signature=CANARY");
    let snapshot = snapshot([row(&signed, &url("a.srt")), row("s3://a/b?X-Amz-Signature=CANARY", &signed)]);
    swept(&sandbox, &snapshot, ALL, remembering(folder.path(), &sandbox)).await;
    let mut files = 0;
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(memchr::memmem::find(&bytes, b"CANARY").is_none());
        files += 1;
    }
    assert!(files > 0);
}
