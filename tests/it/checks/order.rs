//! How many requests are made, in which order, and that they can be stopped.

use super::*;
use cuecard::domain::evidence::{AT_ONCE, Answer, Fact, Unclear};
use cuecard::domain::row_set::RowSet;
use cuecard::sandbox::{self, VIDEOS};
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const MANY: u32 = 10_000;

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_transcripts_take_one_request_each_and_none_the_second_time() {
    let sandbox = Sandbox::start(sandbox::SandboxOptions::default()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    for n in 0..MANY {
        sandbox.put(CAPTIONS, &format!("many/{n}.srt"), CUE);
    }
    // Each transcript is in two rows, and some rows name a missing bucket.
    let of_row = |n: u32| match n % 1000 {
        0 => row("", "s3://cuecard-demo-nowhere/a.srt"),
        _ => row("", &url(&format!("many/{}.srt", n % MANY))),
    };
    let snapshot = snapshot((0..2 * MANY).map(of_row));
    let (first, last) = swept(&sandbox, &snapshot, TRANSCRIPTS, remembering(folder.path(), &sandbox)).await;
    let distinct = u64::from(MANY - MANY / 1000);
    assert_eq!(rows(&first).len(), 2 * MANY as usize);
    assert_eq!((last.done, last.total), (distinct + 1, distinct + 1));
    // The objects, and two buckets.
    assert_eq!((last.requests, sandbox.s3_count()), (distinct + 2, distinct + 2));
    assert!(sandbox.s3_targets().values().all(|times| *times == 1));
    assert!((2..=AT_ONCE).contains(&sandbox.most_at_once()), "{}", sandbox.most_at_once());
    assert!(told(&first).all(|observation| !observation.cached && observation.is_settled()));

    sandbox.forget_s3_requests();
    let (second, last) = swept(&sandbox, &snapshot, TRANSCRIPTS, remembering(folder.path(), &sandbox)).await;
    assert_eq!((sandbox.s3_count(), last.requests, last.done), (0, 0, distinct + 1));
    assert_eq!(rows(&second).len(), 2 * MANY as usize);
    assert!(told(&second).all(|observation| observation.cached));
}

#[tokio::test]
async fn visible_and_ordered_rows_overtake_a_sweep() {
    let delay = Duration::from_millis(20);
    let sandbox = Sandbox::start(sandbox::SandboxOptions { delay, ..Default::default() }).await.unwrap();
    let snapshot = snapshot((0..500).map(|n| row("", &url(&format!("sweep/{n}.srt")))));
    let (checks, mut told) = Checks::start(s3(sandbox.s3_endpoint()), None, CheckOptions { at_once: 1, ..options() });
    checks.sweep(1, snapshot, TRANSCRIPTS, 500);
    observed(&mut told).await;
    checks.look(vec![(900, transcript("sight.srt"))]);
    checks.ask(vec![(901, transcript("order.srt"))], false);
    while observed(&mut told).await.iter().all(|observed| observed.rows != [900]) {}
    let targets: Vec<String> = sandbox.s3_requests().into_iter().map(|request| request.target).collect();
    let place = |name: &str| targets.iter().position(|target| target.contains(name)).unwrap();
    assert!(place("order.srt") < place("sight.srt"));
    assert!(targets.len() < 100, "{}", targets.len());
}

#[tokio::test]
async fn a_sweep_that_is_stopped_asks_nothing_more_and_one_that_is_paused_goes_on_where_it_was() {
    let delay = Duration::from_millis(5);
    let sandbox = Sandbox::start(sandbox::SandboxOptions { delay, ..Default::default() }).await.unwrap();
    let snapshot = snapshot((0..3_000).map(|n| row("", &url(&format!("sweep/{n}.srt")))));
    let (checks, mut told) = Checks::start(s3(sandbox.s3_endpoint()), None, options());
    checks.sweep(1, snapshot.clone(), TRANSCRIPTS, 3_000);
    observed(&mut told).await;
    checks.pause();
    let paused = progress(&mut told, |told| told.state == SweepState::Paused && told.now.is_empty()).await;
    assert!(paused.done < 3_000 && paused.next_row < 3_000 && paused.total == 3_000);
    let asked = sandbox.s3_count();
    // Another order is still executed.
    checks.ask(vec![(1, transcript("order.srt"))], false);
    while observed(&mut told).await.iter().all(|observed| observed.subject != transcript("order.srt")) {}
    assert_eq!(sandbox.s3_count(), asked + 1);
    checks.resume();
    progress(&mut told, |told| told.done > paused.done + 50).await;
    checks.stop();
    let stopped = progress(&mut told, |told| told.state == SweepState::None && told.now.is_empty()).await;
    assert!(stopped.done < 3_000);
    let asked = sandbox.s3_count();
    checks.ask(vec![(1, transcript("another.srt"))], false);
    while observed(&mut told).await.iter().all(|observed| observed.subject != transcript("another.srt")) {}
    assert_eq!(sandbox.s3_count(), asked + 1);
    // Earlier answers are not requested again.
    assert_eq!((paused.sweep, stopped.sweep), (1, 0));
    checks.sweep(2, snapshot, TRANSCRIPTS, 3_000 - stopped.done);
    assert_eq!(until_done(&mut told).await.1.sweep, 2);
    // The bucket, too, is listed for its missing keys: by two prefixes.
    let objects = sandbox.s3_targets().into_iter().filter(|(target, _)| !target.ends_with('/'));
    assert_eq!(objects.filter(|(_, times)| *times != 1).collect::<Vec<_>>(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_stop_while_answers_are_not_read() {
    let sandbox = Sandbox::start(sandbox::SandboxOptions::default()).await.unwrap();
    let snapshot = snapshot((0..6_000).map(|n| row("", &url(&format!("sweep/{n}.srt")))));
    let (checks, mut told) = Checks::start(s3(sandbox.s3_endpoint()), None, options());
    checks.sweep(1, snapshot, TRANSCRIPTS, 6_000);
    // It stops by itself while a few batches wait.
    let (mut asked, mut times) = (0, 0);
    while asked == 0 || times < 5 {
        tokio::time::sleep(Duration::from_millis(200)).await;
        times = if sandbox.s3_count() == asked { times + 1 } else { 0 };
        asked = sandbox.s3_count();
    }
    assert!((256..2_500).contains(&asked), "{asked}");
    let (batches, last) = until_done(&mut told).await;
    assert_eq!((last.done, sandbox.s3_count()), (6_000, 6_003));
    assert!(batches.iter().all(|batch| batch.len() <= 256 + AT_ONCE));
}

#[tokio::test]
async fn one_row_of_each_kind_and_only_the_rows_asked_for() {
    let sandbox = Sandbox::start(sandbox::SandboxOptions::default()).await.unwrap();
    let video = format!("s3://{VIDEOS}/news/0711.mp4");
    let snapshot = snapshot((0..9).map(|n| row(&video, &url(&format!("sweep/{n}.srt")))));
    let scope = Scope { rows: Some(RowSet::range(2, 4).union(&RowSet::one(7))), ..ALL };
    let (observed, last) = swept(&sandbox, &snapshot, scope, options()).await;
    assert_eq!(rows(&observed), BTreeSet::from([2, 3, 7]));
    // Three transcripts, one video, one index without an API key; two buckets; the folder of the missing ones, which is
    // not there, and the one above it.
    assert_eq!((last.done, last.requests), (5, 8));
    let index = observed.iter().find(|observed| observed.subject.kind() == SubjectKind::Index).unwrap();
    assert_eq!(index.rows, [2, 3, 7]);
    assert!(index.observation.as_ref().is_some_and(|observation| !observation.is_settled()));
    assert!(last.now.is_empty());
}

#[tokio::test]
async fn a_sweep_rests_when_there_is_no_connection() {
    let snapshot = snapshot((0..2_000).map(|n| row("", &url(&format!("{n}.srt")))));
    let (checks, mut told) = Checks::start(s3(NOBODY), None, options());
    checks.sweep(1, snapshot, TRANSCRIPTS, 2_000);
    let resting = |told: &Progress| matches!(told.state, SweepState::Resting(_));
    let rested = progress(&mut told, resting).await;
    let SweepState::Resting(why) = rested.state else { panic!() };
    assert!(why.starts_with("no connection, "), "{why}");
    // Resumed, it again finds no network.
    checks.resume();
    let again = progress(&mut told, |told| resting(told) && told.done >= rested.done + 30).await;
    assert!(again.done < 200, "{} {}", rested.done, again.done);
}

#[tokio::test]
async fn throttling_pauses_requests() {
    let sandbox = Sandbox::start(sandbox::SandboxOptions::default()).await.unwrap();
    let keys = ["slow-down.srt", "a.srt", "b.srt"];
    let snapshot = snapshot(keys.map(|key| row("", &url(key))));
    let pause = Duration::from_millis(300);
    let before = std::time::Instant::now();
    let (observed, _) = swept(&sandbox, &snapshot, TRANSCRIPTS, CheckOptions { at_once: 1, pause, ..options() }).await;
    assert!(before.elapsed() >= pause);
    let first: Vec<Observed> = observed.iter().filter(|it| it.rows == [0]).cloned().collect();
    let Some(Fact::Transcript(throttled)) = told(&first).map(|observation| &observation.fact).next() else { panic!() };
    assert_eq!(throttled.answer, Answer::Unclear(Unclear::Throttled));
    assert_eq!(rows(&observed).len(), 3);
}

#[tokio::test]
async fn unclear_bucket_is_not_asked_again_for_each_object() {
    let store = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", store.local_addr().unwrap());
    let heads = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&heads);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = store.accept().await {
            let mut asked = [0; 4096];
            let read = stream.read(&mut asked).await.unwrap_or(0);
            counted.fetch_add(u32::from(asked[..read].starts_with(b"HEAD ")), Ordering::Relaxed);
            let _ =
                stream.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").await;
        }
    });
    let snapshot = snapshot((0..40).map(|n| row("", &url(&format!("{n}.srt")))));
    let (checks, mut told) = Checks::start(s3(&endpoint), None, options());
    checks.sweep(1, snapshot, TRANSCRIPTS, 40);
    assert_eq!(until_done(&mut told).await.1.done, 40);
    assert_eq!(heads.load(Ordering::Relaxed), 1);
}
