//! Following an attempt, against the sandbox and against a service that behaves badly.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod command;
mod screen;

use crate::loopback::{Act, Server, answer};
use cuecard::domain::draft::Snapshot;
use cuecard::domain::evidence::{self, Fact, Found, Object, Observation, Subject, SubjectKind};
use cuecard::domain::follow::{Guess, Look, State, Status, Tone, Trouble};
use cuecard::domain::manifest::Manifest;
use cuecard::domain::request::{Address, Fingerprint};
use cuecard::domain::video::{Facts, Length};
use cuecard::io::store::{Cache, Ledger};
use cuecard::io::twelve_labs::Route;
use cuecard::sandbox::{Answer, Sandbox, SandboxOptions, Shape};
use cuecard::submission::{ApiKeys, Configured, Destination, Follower, NoFollow, Parcel, Submissions};
use jiff::SignedDuration;
use serde_json::json;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const INDEX: &str = "6298d673f1090f1100476d4c";
const HOUR: Duration = Duration::from_secs(3_600);

fn rows(from: usize, to: usize) -> String {
    let rows: Vec<_> = (from..to)
        .map(|at| json!({"index_id": INDEX, "language": "en", "object": format!("s3://acme-video/{at:04}.mp4"), "transcription": ""}))
        .collect();
    serde_json::to_string(&rows).unwrap()
}

async fn started(ahead: i64) -> Sandbox {
    let ahead = SignedDuration::from_secs(ahead);
    Sandbox::start(SandboxOptions { life: HOUR, ahead, ..SandboxOptions::default() }).await.unwrap()
}

fn submissions(base: &str, state: &Path, key: &'static str) -> Arc<Submissions> {
    let address = Address::parse(base, false).unwrap();
    let to = Destination { address, profile: None, route: Route::default(), idle: Duration::from_secs(5) };
    let read = Box::new(|| Ok(Arc::new(key.into())));
    let keys = ApiKeys::new(Some(Configured { origin: "from a test".into(), variable: None, read }));
    Arc::new(Submissions::new(state.to_owned(), to, keys))
}

/// Sends a manifest, and returns the attempt's number.
async fn send(submissions: &Arc<Submissions>, folder: &Path, name: &str, manifest: &str) -> i64 {
    let file = folder.join(name);
    std::fs::write(&file, manifest).unwrap();
    let snapshot = Snapshot::of(Arc::new(Manifest::parse(manifest.as_bytes().to_vec()).unwrap()));
    let fingerprint = Fingerprint::of(snapshot.pieces());
    let parcel = Parcel { file, fingerprint, rows: snapshot.len(), snapshot, again: true };
    submissions.send(parcel, |_| (), CancellationToken::new()).await.unwrap().attempt.id
}

async fn round(follower: &mut Follower) -> Look {
    follower.round(&mut |_| ()).await;
    follower.look().clone()
}

#[tokio::test]
async fn rows_go_from_no_task_to_ready_or_failed_and_it_goes_on_after_a_restart() {
    let (sandbox, folder) = (started(0).await, tempfile::tempdir().unwrap());
    let submissions = submissions(sandbox.api_url(), folder.path(), "k");
    let id = send(&submissions, folder.path(), "m.json", &rows(0, 120)).await;
    let mut follower = submissions.follower(None, None).unwrap();
    assert_eq!((follower.attempt.id, follower.look().counts().no_task()), (id, 120));
    let look = round(&mut follower).await;
    assert_eq!((look.counts().running(), look.counts().no_task(), look.rounds), (1, 119, 1));
    sandbox.let_pass(Duration::from_secs(1_200));
    let look = round(&mut follower).await;
    assert_eq!((look.counts().running(), look.counts().no_task()), (119, 1));
    drop(follower);
    // The file is not needed any more.
    std::fs::remove_file(folder.path().join("m.json")).unwrap();
    sandbox.let_pass(HOUR);
    let mut resumed = submissions.follower(Some(id), None).unwrap();
    assert_eq!((resumed.look().resumed.map(|(_, tasks)| tasks), resumed.look().counts().running()), (Some(119), 119));
    let look = round(&mut resumed).await;
    assert_eq!((look.counts().ready(), look.counts().failed(), look.counts().no_task()), (117, 2, 1));
    assert!(!look.is_settled(), "by the tasks' own times something was new just now");
    let attempt = submissions.attempt(id).unwrap().unwrap();
    assert_eq!(attempt.followed.unwrap().in_short(), "117 ready, 2 failed");
}

#[tokio::test]
async fn an_attempt_settles_once_and_nothing_is_news_at_the_first_answer() {
    let (sandbox, folder) = (started(0).await, tempfile::tempdir().unwrap());
    let submissions = submissions(sandbox.api_url(), folder.path(), "k");
    let id = send(&submissions, folder.path(), "m.json", &rows(0, 4)).await;
    sandbox.let_pass(HOUR);
    let first = round(&mut submissions.follower(Some(id), None).unwrap()).await;
    assert_eq!((first.settled_ms, first.place), (first.asked_ms, Some((1, 1))));
    assert_eq!((first.counts().ready(), first.newly_ready), (4, 0), "there was no earlier answer");
    tokio::time::sleep(Duration::from_millis(5)).await;
    let again = round(&mut submissions.follower(Some(id), None).unwrap()).await;
    assert_ne!(again.asked_ms, first.asked_ms);
    assert_eq!((again.settled_ms, again.finished_ms()), (first.settled_ms, first.finished_ms()));
}

#[tokio::test]
async fn an_attempt_at_another_address_makes_no_task_here() {
    let (sandbox, folder) = (started(0).await, tempfile::tempdir().unwrap());
    let submissions = submissions(sandbox.api_url(), folder.path(), "k");
    let first = send(&submissions, folder.path(), "m.json", &rows(0, 3)).await;
    let second = send(&submissions, folder.path(), "m.json", &rows(0, 3)).await;
    let others = || submissions.follower(Some(second), None).unwrap().look().others.clone();
    assert_eq!(others(), [(first, 3)]);
    let ledger = rusqlite::Connection::open(folder.path().join("ledger.db")).unwrap();
    let elsewhere = "UPDATE attempt SET address = 'https://other.example/v1.2/tasks/transfers' WHERE id = ?1";
    ledger.execute(elsewhere, [first]).unwrap();
    assert_eq!(others(), []);
}

#[tokio::test]
async fn every_shape_and_an_unknown_status_are_read() {
    for shape in [Shape::V10, Shape::V12, Shape::V13] {
        let (sandbox, folder) = (started(0).await, tempfile::tempdir().unwrap());
        sandbox.shape_tasks(shape);
        sandbox.odd_status("Re-Indexing");
        let submissions = submissions(sandbox.api_url(), folder.path(), "k");
        send(&submissions, folder.path(), "m.json", &rows(0, 60)).await;
        sandbox.let_pass(Duration::from_secs(1_800));
        let look = round(&mut submissions.follower(None, None).unwrap()).await;
        let odd = State::Of(Status::read("Re-Indexing"));
        assert_eq!((look.counts().get(&odd), look.counts().running()), (59, 59), "{shape:?}");
    }
}

#[tokio::test]
async fn a_clock_that_is_ten_minutes_off_loses_no_task() {
    for ahead in [600, -600] {
        let (sandbox, folder) = (started(ahead).await, tempfile::tempdir().unwrap());
        let submissions = submissions(sandbox.api_url(), folder.path(), "k");
        send(&submissions, folder.path(), "m.json", &rows(0, 5)).await;
        // Of an earlier upload by someone else.
        sandbox.let_pass(HOUR);
        let look = round(&mut submissions.follower(None, None).unwrap()).await;
        assert_eq!((look.counts().ready(), look.counts().failed()), (4, 1), "{ahead}");
        sandbox.let_pass(Duration::ZERO);
        let said = Look { newly_ready: 0, settled_ms: None, ..look }.says(0, |_| String::new()).unwrap();
        let words = said.whole();
        assert_eq!(said.tone, Tone::Warning);
        assert!(words.starts_with("the service's clock is ") && words.ends_with("; taken into account"), "{words}");
    }
}

#[tokio::test]
async fn a_used_up_limit_is_waited_for_with_and_without_a_word_on_it() {
    let (sandbox, folder) = (started(0).await, tempfile::tempdir().unwrap());
    let submissions = submissions(sandbox.api_url(), folder.path(), "k");
    send(&submissions, folder.path(), "m.json", &rows(0, 5)).await;
    let mut follower = submissions.follower(None, None).unwrap();
    round(&mut follower).await;
    sandbox.answer_listing_with(Answer::TooManyRequests);
    let look = round(&mut follower).await;
    assert_eq!((&look.trouble, look.next_ms.is_some()), (&Some(Trouble::Limited), true));
    assert!(look.next_ms <= look.limit.unwrap().reset_ms.map(|reset| reset + 1_000));
    sandbox.answer_listing_with(Answer::TooManyEmpty);
    let mut waits = Vec::new();
    for tries in 1..4 {
        let before = jiff::Timestamp::now().as_millisecond();
        let look = round(&mut follower).await;
        assert_eq!(look.trouble, Some(Trouble::LimitedUntold(tries)));
        waits.push((look.next_ms.unwrap() - before) / 1_000);
    }
    assert!(waits[0] < waits[1] && waits[1] < waits[2], "{waits:?}");
    assert_eq!(look.counts().all(), 5, "what was known still stands");
    sandbox.answer_listing_with(Answer::NoContent);
    sandbox.let_pass(HOUR);
    let look = round(&mut follower).await;
    assert_eq!((look.trouble.clone(), look.counts().finished(), look.is_settled()), (None, 5, true));
}

#[tokio::test]
async fn a_refused_key_and_a_missing_endpoint_stand_still_and_a_broken_answer_is_tried_again() {
    let (sandbox, folder) = (started(0).await, tempfile::tempdir().unwrap());
    let submissions = submissions(sandbox.api_url(), folder.path(), "k");
    send(&submissions, folder.path(), "m.json", &rows(0, 5)).await;
    for (answer, trouble, stands_still) in [
        (Answer::Unauthorized, Trouble::Refused(401), true),
        (Answer::Forbidden, Trouble::Refused(403), true),
        (Answer::NotFound, Trouble::Gone(404), true),
        (Answer::Gone, Trouble::Gone(410), true),
        (Answer::ServerError, Trouble::Silent("it answers 500".into(), 1), false),
        (Answer::Ok, Trouble::Silent("the reply can't be understood".into(), 1), false),
        (Answer::BadRequest, Trouble::Silent("it answers 400 parameter_invalid".into(), 1), false),
        (Answer::Redirect, Trouble::Silent("it answers 302".into(), 1), false),
    ] {
        sandbox.answer_listing_with(answer);
        let look = round(&mut submissions.follower(None, None).unwrap()).await;
        assert_eq!((look.trouble, look.next_ms.is_none()), (Some(trouble), stands_still), "{answer:?}");
        assert_eq!(look.asked_ms, None);
    }
    sandbox.answer_listing_with(Answer::Drop);
    let look = round(&mut submissions.follower(None, None).unwrap()).await;
    assert!(matches!(look.trouble, Some(Trouble::Silent(_, 1))), "{:?}", look.trouble);
}

#[tokio::test]
async fn of_two_attempts_with_the_same_rows_each_task_counts_for_one() {
    let (sandbox, folder) = (started(0).await, tempfile::tempdir().unwrap());
    let submissions = submissions(sandbox.api_url(), folder.path(), "k");
    let first = send(&submissions, folder.path(), "m.json", &rows(0, 14)).await;
    sandbox.let_pass(HOUR);
    round(&mut submissions.follower(None, None).unwrap()).await;
    // The clocks of the sandbox and of this machine went apart by an hour: that is measured with every answer.
    let second = send(&submissions, folder.path(), "again.json", &rows(4, 6)).await;
    sandbox.let_pass(HOUR);
    let (mut older, mut newer) =
        (submissions.follower(Some(first), None).unwrap(), submissions.follower(Some(second), None).unwrap());
    let look = round(&mut older).await;
    assert_eq!(look.others, [(second, 2)]);
    assert_eq!(look.standing.rows[4].also, Some(second));
    let look = round(&mut newer).await;
    assert_eq!(look.others, [(first, 2)]);
}

/// Tasks of rows 0 to 99 in an order of its own on every page, with repetitions and a lying `page_info`.
fn unruly(began: jiff::Timestamp) -> Server {
    let script = move |head: &str| {
        let page: usize = head.split("page=").nth(1).unwrap().split('&').next().unwrap().parse().unwrap();
        let task = |at: usize| {
            let created = began + SignedDuration::from_secs((at * 7 % 13) as i64);
            json!({"_id": format!("t{at}"), "index_id": INDEX, "status": if page > 2 { "ready" } else { "indexing" },
                "created_at": created.to_string(), "updated_at": (created + SignedDuration::from_secs(page as i64)).to_string(),
                "metadata": {"filename": format!("{at:04}.mp4")}})
        };
        // Every page begins with ten tasks of the one before: the list grew while it was read.
        let from = (page - 1) * 40;
        let data: Vec<_> = (from..(from + 50).min(100)).rev().map(task).collect();
        let body =
            json!({"data": data, "page_info": {"page": 0, "total_page": 1, "total_results": 7, "limit_per_page": 50}});
        answer("HTTP/1.1 200 OK\nContent-Type: application/json\nConnection: close", body.to_string().as_bytes())
    };
    Server::start(Act::Script(Box::new(script)))
}

#[tokio::test]
async fn pages_that_move_repeat_and_lie_about_themselves_lose_no_task() {
    let (sandbox, folder) = (started(0).await, tempfile::tempdir().unwrap());
    let first = submissions(sandbox.api_url(), folder.path(), "k");
    let server = unruly(jiff::Timestamp::now() + SignedDuration::from_secs(1));
    let id = send(&first, folder.path(), "m.json", &rows(0, 100)).await;
    // The attempt went elsewhere: the key must not follow it there.
    let other = submissions(&server.base(), folder.path(), "k");
    assert!(matches!(other.follower(Some(id), None), Err(NoFollow::Elsewhere(..))));
    assert_eq!(server.requests().len(), 0);
    let ledger = rusqlite::Connection::open(folder.path().join("ledger.db")).unwrap();
    ledger.execute("UPDATE attempt SET address = ?1", [format!("{}/tasks/transfers", server.base())]).unwrap();
    let look = round(&mut other.follower(Some(id), None).unwrap()).await;
    assert_eq!((look.counts().all(), look.counts().no_task()), (100, 0));
    assert_eq!(look.standing.tasks.len(), 100);
    assert!(server.requests().iter().all(|request| String::from_utf8_lossy(request).contains("page_limit=50")));
}

/// A service whose limit is smaller than its list: each third request gets 429, or each second reply says that nothing is
/// left.
fn narrow(began: jiff::Timestamp, says: bool) -> Server {
    let asked = AtomicUsize::new(0);
    let script = move |head: &str| {
        let nth = asked.fetch_add(1, Ordering::SeqCst);
        if !says && nth % 3 == 2 {
            return answer("HTTP/1.1 429 Too Many Requests\nRetry-After: 1\nConnection: close", b"");
        }
        let task = |at: usize| {
            json!({"_id": format!("t{at}"), "index_id": INDEX, "status": "ready", "created_at": began.to_string(),
                "updated_at": began.to_string(), "metadata": {"filename": format!("{at:04}.mp4")}})
        };
        let from = (page_of(head).parse::<usize>().unwrap() - 1) * 50;
        let data: Vec<_> = (from.min(130)..(from + 50).min(130)).map(task).collect();
        let reset = jiff::Timestamp::now().as_second() + 1;
        let none_left = format!("X-Ratelimit-Limit: 2\nX-Ratelimit-Remaining: 0\nX-Ratelimit-Reset: {reset}\n");
        let limits = if says && nth % 2 == 1 { none_left.as_str() } else { "" };
        let head = format!("HTTP/1.1 200 OK\n{limits}Content-Type: application/json\nConnection: close");
        answer(&head, json!({ "data": data }).to_string().as_bytes())
    };
    Server::start(Act::Script(Box::new(script)))
}

fn page_of(request: &str) -> &str {
    request.split("&page=").nth(1).unwrap().split('&').next().unwrap()
}

#[tokio::test]
async fn a_list_that_is_longer_than_the_limit_is_read_on_where_it_stood() {
    for (says, pages) in [(false, "1 2 3 3 4"), (true, "1 2 3 4")] {
        let (sandbox, folder) = (started(0).await, tempfile::tempdir().unwrap());
        let first = submissions(sandbox.api_url(), folder.path(), "k");
        let id = send(&first, folder.path(), "m.json", &rows(0, 130)).await;
        let server = narrow(jiff::Timestamp::now() + SignedDuration::from_secs(1), says);
        let ledger = rusqlite::Connection::open(folder.path().join("ledger.db")).unwrap();
        ledger.execute("UPDATE attempt SET address = ?1", [format!("{}/tasks/transfers", server.base())]).unwrap();
        let mut follower = submissions(&server.base(), folder.path(), "k").follower(Some(id), None).unwrap();
        let look = round(&mut follower).await;
        assert_eq!((look.trouble.clone(), look.counts().no_task()), (Some(Trouble::Limited), 30), "what came is known");
        follower.pause().await;
        let look = round(&mut follower).await;
        assert_eq!((look.trouble.clone(), look.counts().ready()), (None, 130));
        let asked = server.requests();
        let asked: Vec<_> = asked.iter().map(|request| String::from_utf8_lossy(request)).collect();
        assert_eq!(asked.iter().map(|request| page_of(request)).collect::<Vec<_>>().join(" "), pages);
    }
}

#[tokio::test]
async fn what_was_not_accepted_cannot_be_followed_and_the_reason_is_told() {
    let (sandbox, folder) = (started(0).await, tempfile::tempdir().unwrap());
    let submissions = submissions(sandbox.api_url(), folder.path(), "k");
    let why = |id| submissions.follower(id, None).map(drop).unwrap_err().to_string();
    assert_eq!(why(None), "no attempt was accepted or is unknown, so there is nothing to follow");
    assert_eq!(why(Some(7)), "there is no attempt 7 in the ledger");
    sandbox.answer_with(Answer::BadRequest);
    let id = send(&submissions, folder.path(), "m.json", &rows(0, 5)).await;
    assert_eq!(why(Some(id)), "attempt 1 was refused: nothing was accepted, so there is nothing to follow");
    sandbox.answer_with(Answer::Drop);
    let unknown = send(&submissions, folder.path(), "n.json", &rows(0, 5)).await;
    assert_eq!(submissions.follower(None, None).unwrap().attempt.id, unknown);
    // A ledger from before rows were kept: the file serves while it is the same.
    let ledger = rusqlite::Connection::open(folder.path().join("ledger.db")).unwrap();
    ledger.execute("DELETE FROM manifest_rows", []).unwrap();
    assert_eq!(submissions.follower(Some(unknown), None).unwrap().look().counts().all(), 5);
    std::fs::write(folder.path().join("n.json"), rows(0, 4)).unwrap();
    assert!(why(Some(unknown)).starts_with("the rows of attempt 2 are not in the ledger, and "));
}

#[tokio::test]
async fn lengths_that_checks_told_before_or_after_the_upload_tell_namesakes_apart() {
    let (sandbox, folder) = (started(0).await, tempfile::tempdir().unwrap());
    let submissions = submissions(sandbox.api_url(), folder.path(), "k");
    let objects: Vec<String> = (0..4).map(|at| format!("s3://acme-video/{at}/intro.mp4")).collect();
    let manifest: Vec<_> = objects
        .iter()
        .map(|object| json!({"index_id": INDEX, "language": "en", "object": object, "transcription": ""}))
        .collect();
    let check = |object: &str, seconds: u64| {
        let mut cache = Cache::open(folder.path()).unwrap();
        let duration = Some(Length { ms: seconds * 1_000, is_rough: false, media_ms: None });
        let what = Facts { duration, ..Facts::default() };
        let answer = evidence::Answer::Found(Found { size: 9, etag: None, what });
        let fact = Fact::Video(Box::new(Object { region: None, signed: false, answer }));
        let at_ms = jiff::Timestamp::now().as_millisecond();
        let observation = Observation { at_ms, requests: 1, cached: false, fact };
        let subject = Subject::of(SubjectKind::Video, object).unwrap();
        cache.keep("aws", [(&subject, &observation)]).unwrap();
    };
    let id = send(&submissions, folder.path(), "m.json", &serde_json::to_string(&manifest).unwrap()).await;
    sandbox.let_pass(HOUR);
    let look = round(&mut submissions.follower(Some(id), None).unwrap()).await;
    assert!(look.standing.rows.iter().all(|row| row.task.is_none()), "four rows fit each task");
    // What the service says of their lengths, as a check finds it.
    let client = cuecard::io::client::builder().tls_certs_only([]).no_proxy().build().unwrap();
    let url = format!("{}/tasks?index_id={INDEX}&page_limit=50", sandbox.api_url());
    let text = client.get(url).header("x-api-key", "k").send().await.unwrap().text().await.unwrap();
    let listed: serde_json::Value = serde_json::from_str(&text).unwrap();
    // Newest first.
    let tasks: Vec<_> = listed["data"].as_array().unwrap().iter().rev().collect();
    assert_eq!(tasks.len(), objects.len(), "{text}");
    for (object, task) in objects.iter().zip(&tasks) {
        check(object, task["metadata"]["duration"].as_f64().unwrap() as u64);
    }
    let look = round(&mut submissions.follower(Some(id), None).unwrap()).await;
    for (row, task) in look.standing.rows.iter().zip(&tasks) {
        assert_eq!(row.guess, Some(Guess::NameAndLength));
        assert_eq!(look.standing.task(row).map(|task| &*task.id), task["_id"].as_str());
    }
    // What was known when it was sent stays with the attempt.
    let again =
        send(&submissions, folder.path(), "n.json", &format!("{} ", serde_json::to_string(&manifest).unwrap())).await;
    let kept = Ledger::open(folder.path()).unwrap().sent_rows(again).unwrap().unwrap();
    assert!(kept.iter().all(|row| row.length_ms.is_some()), "{kept:?}");
    // Another store tells another length: neither counts.
    let mut cache = Cache::open(folder.path()).unwrap();
    let wanted = objects.iter().map(String::as_str).collect();
    assert_eq!(cache.video_lengths(&wanted).unwrap().len(), 4);
    let subject = Subject::of(SubjectKind::Video, &objects[0]).unwrap();
    let what = Facts { duration: Some(Length { ms: 5, is_rough: false, media_ms: None }), ..Facts::default() };
    let answer = evidence::Answer::Found(Found { size: 9, etag: None, what });
    let fact = Fact::Video(Box::new(Object { region: None, signed: false, answer }));
    cache.keep("other", [(&subject, &Observation { at_ms: 1, requests: 1, cached: false, fact })]).unwrap();
    assert_eq!(cache.video_lengths(&wanted).unwrap().len(), 3);
}
