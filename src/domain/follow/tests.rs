use super::*;
use crate::draft::Snapshot;
use crate::manifest::Manifest;
use proptest::prelude::*;
use std::collections::{HashMap, HashSet};

const BEGAN: i64 = 1_000_000;

fn row(object: &str, length: Option<u64>) -> SentRow {
    SentRow {
        place: 0,
        index: "i".into(),
        object: object.into(),
        transcript: "".into(),
        length_ms: length,
        task: None,
        is_unknown: false,
    }
}

fn task(id: &str, name: &str, status: &str, length: Option<u64>, after: i64) -> Task {
    Task {
        id: id.into(),
        index: Some("i".into()),
        status: Status::read(status),
        created_ms: Some(BEGAN + after),
        changed_ms: Some(BEGAN + after),
        name: (!name.is_empty()).then(|| name.into()),
        length_ms: length,
        reason: None,
    }
}

fn told(standing: &Standing) -> Vec<String> {
    let line = |row: &RowStanding| {
        let task = standing.task(row).map_or("-", |task| &task.id);
        let also = row.also.map(|also| format!(", {also}?")).unwrap_or_default();
        format!("{} {task} {}{also}", row.state.word(false), row.guess.map(Guess::words).unwrap_or_default())
    };
    standing.rows.iter().map(line).collect()
}

#[test]
fn tasks_match_rows_by_name_and_length_sets_the_certainty() {
    let rows = [row("s3://b/x/1.mp4", Some(60_000)), row("s3://b/2.mp4", None), row("s3://b/3.mp4", Some(60_000))];
    let tasks = [
        task("a", "1.mp4", "ready", Some(60_400), 1),
        task("b", "2.mp4", "Indexing", Some(5_000), 1),
        task("c", "other.mp4", "ready", Some(60_000), 1),
    ];
    let standing = stand(&rows, &tasks, BEGAN, &[]);
    assert_eq!(told(&standing), ["ready a name, length", "indexing b name only", "no task yet - "]);
    assert_eq!(standing.without_row, 1, "a real name of nobody's is nobody's");
}

#[test]
fn machine_made_task_names_are_matched_by_length_only() {
    let uuid = "1c20f123-0a1b-4c2d-9e3f-112233445566";
    let rows =
        [row("s3://b/1.mp4", Some(60_000)), row("s3://b/2.mp4", Some(90_000)), row("s3://b/3.mp4", Some(90_500))];
    let tasks = [task("a", uuid, "ready", Some(60_100), 1), task("b", "", "ready", Some(90_200), 1)];
    let standing = stand(&rows, &tasks, BEGAN, &[]);
    assert_eq!(told(&standing), ["ready a length only", "no task yet - ", "no task yet - "]);
    assert_eq!(standing.without_row, 1);
}

#[test]
fn rows_with_equal_names_are_matched_only_by_length() {
    let rows =
        |lengths: [Option<u64>; 2]| [row("s3://b/x/intro.mp4", lengths[0]), row("s3://b/y/intro.mp4", lengths[1])];
    let tasks = [task("a", "intro.mp4", "ready", Some(60_000), 1), task("b", "intro.mp4", "failed", Some(90_000), 1)];
    let apart = stand(&rows([Some(60_000), Some(90_000)]), &tasks, BEGAN, &[]);
    assert_eq!(told(&apart), ["ready a name, length", "failed b name, length"]);
    for lengths in [[None, None], [Some(60_000), None], [Some(60_000), Some(60_000)], [Some(60_000), Some(60_500)]] {
        let together = stand(&rows(lengths), &tasks, BEGAN, &[]);
        assert_eq!(told(&together), ["unclear - 2 rows fit", "unclear - 2 rows fit"], "{lengths:?}");
    }
    let same = [tasks[0].clone(), Task { status: Status::Ready, ..tasks[1].clone() }];
    assert_eq!(told(&stand(&rows([None, None]), &same, BEGAN, &[])), ["ready - 2 rows fit", "ready - 2 rows fit"]);
    let one = stand(&rows([None, None]), &tasks[..1], BEGAN, &[]);
    assert_eq!(told(&one), ["unclear - 2 rows fit", "unclear - 2 rows fit"], "one task is not enough for two");
}

#[test]
fn the_same_video_twice_is_one_task() {
    let rows = [row("s3://b/1.mp4", None), row("s3://b/1.mp4", None)];
    let tasks = [task("a", "1.mp4", "ready", None, 1), task("b", "1.mp4", "ready", None, 5)];
    assert_eq!(told(&stand(&rows, &tasks[..1], BEGAN, &[])), ["ready a name only", "ready a name only"]);
    assert_eq!(told(&stand(&rows, &tasks, BEGAN, &[])), ["ready b name only", "ready b name only"], "the newest");
}

#[test]
fn of_tasks_that_differ_none_is_claimed_unless_the_length_tells() {
    let known = [row("s3://b/1.mp4", Some(12_000))];
    let unknown = [row("s3://b/1.mp4", None)];
    let task = |id, status, length: Option<u64>, after| task(id, "1.mp4", status, length, after);
    let (ours, theirs) = (task("a", "failed", Some(12_100), 1), task("b", "ready", Some(600_000), 2));
    for (rows, tasks, says) in [
        (&unknown, vec![ours.clone(), theirs.clone()], "unclear - 2 tasks fit"),
        (&known, vec![ours.clone(), theirs.clone()], "failed a name, length"),
        (&known, vec![theirs.clone()], "unclear - other length"),
        (&known, vec![task("c", "ready", None, 1), task("d", "failed", None, 2)], "unclear - 2 tasks fit"),
        (&known, vec![theirs.clone(), task("c", "ready", None, 1)], "ready c name only"),
        (&known, vec![ours.clone(), task("e", "ready", Some(12_200), 9)], "unclear - 2 tasks fit"),
    ] {
        let standing = stand(rows, &tasks, BEGAN, &[]);
        assert_eq!(told(&standing), [says], "{tasks:?}");
        assert_eq!(standing.counts.with_task(), 1);
    }
}

#[test]
fn no_more_rows_have_a_task_than_there_are_tasks() {
    let rows: Vec<SentRow> = (0..40).map(|at| row(&format!("s3://b/{at}/intro.mp4"), None)).collect();
    let tasks: Vec<Task> = (0..3).map(|at| task(&at.to_string(), "intro.mp4", "ready", None, 1)).collect();
    for count in 0..=3 {
        let counts = stand(&rows, &tasks[..count], BEGAN, &[]).counts;
        assert_eq!(counts.with_task() as usize, count);
        let claim = Claim::of(&counts, 1_000);
        assert_eq!(claim, if count == 0 { Claim::TooEarly } else { Claim::Part });
    }
}

#[test]
fn task_without_a_name_counts_for_the_newest_attempt_too() {
    let rows = [row("s3://b/1.mp4", Some(60_000))];
    let tasks = [task("a", "", "ready", Some(60_000), 90_000)];
    let newer = Other { attempt: 43, began_ms: BEGAN + 60_000, videos: HashSet::from([rows[0].video()]) };
    assert_eq!(told(&stand(&rows, &tasks, BEGAN, &[])), ["ready a length only"]);
    let standing = stand(&rows, &tasks, BEGAN, &[newer]);
    assert_eq!(told(&standing), ["no task yet - , 43?"]);
    assert_eq!(standing.without_row, 0);
}

#[test]
fn presigned_links_in_a_task_are_cut_out() {
    let link = "http://s3.example/b/00001.mp4?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=CANARY%2Fus&X-Amz-Security-Token=CANARY&X-Amz-Signature=CANARY";
    let name = link.rsplit('/').next().unwrap_or_default();
    for (field, name) in [
        (format!(r#""error_message":"Unable to fetch {link} (403)""#), "00001.mp4"),
        (format!(r#""error":{{"message":"{link}"}}"#), "00001.mp4"),
        (format!(r#""status":"{link}""#), "00001.mp4"),
        (String::from(r#""x":1"#), name),
        (String::from(r#""x":1"#), link),
    ] {
        let body = format!(r#"[{{"_id":"t",{field},"metadata":{{"filename":"{name}"}}}}]"#);
        let page = Page::read(body.as_bytes(), 1, time).unwrap();
        let task = &page.tasks[0];
        assert!(!format!("{task:?}").contains("CANARY"), "{task:?}");
        assert_eq!(task.name.as_deref(), Some("00001.mp4"), "{body}");
        if field.starts_with(r#""error_message"#) {
            assert_eq!(task.reason.as_deref(), Some("Unable to fetch http://s3.example/b/00001.mp4?(secret) (403)"));
        }
    }
}

#[test]
fn a_row_with_a_signed_link_is_kept_without_its_signature_and_found_again() {
    let link = "https://b.s3.us-west-2.amazonaws.com/v/1.mp4?X-Amz-Credential=CANARY&X-Amz-Signature=CANARY";
    let json = format!(r#"[{{"index_id":"i","language":"en","object":"{link}","transcription":"{link}"}}]"#);
    let snapshot = Snapshot::of(Arc::new(Manifest::parse(json.into_bytes()).unwrap()));
    let rows: Vec<SentRow> = sent_rows(&snapshot).collect();
    assert!(!format!("{rows:?}").contains("CANARY"), "{rows:?}");
    assert_eq!(rows[0].name(), "1.mp4");
    assert_eq!(located(&rows, &[0], &snapshot).len(), 1);
}

#[test]
fn older_tasks_and_tasks_of_other_indexes_do_not_match() {
    let rows = [row("s3://b/1.mp4", None)];
    let elsewhere = Task { index: Some("j".into()), ..task("b", "1.mp4", "ready", None, 1) };
    let undated = Task { created_ms: None, ..task("c", "1.mp4", "ready", None, 1) };
    let standing = stand(&rows, &[task("a", "1.mp4", "ready", None, -60_000), elsewhere, undated], BEGAN, &[]);
    assert_eq!((told(&standing), standing.without_row), (vec!["no task yet - ".to_owned()], 3));
    let same_second = stand(&rows, &[task("a", "1.mp4", "ready", None, -900)], BEGAN, &[]);
    assert_eq!(told(&same_second), ["ready a name only"]);
}

#[test]
fn task_counts_for_the_newest_attempt_that_could_have_made_it() {
    let rows = [row("s3://b/1.mp4", None), row("s3://b/2.mp4", None)];
    let other = |began| Other { attempt: 43, began_ms: BEGAN + began, videos: HashSet::from([rows[0].video()]) };
    let tasks = [task("a", "1.mp4", "failed", None, 10_000), task("b", "1.mp4", "ready", None, 90_000)];
    let newer = stand(&rows, &tasks, BEGAN, &[other(60_000)]);
    assert_eq!(told(&newer), ["failed a name only, 43?", "no task yet - "]);
    let older = stand(&rows, &tasks, BEGAN, &[other(-60_000)]);
    assert_eq!(told(&older), ["unclear - 2 tasks fit, 43?", "no task yet - "]);
    assert_eq!(newer.without_row, 0, "a task of the newer attempt is nobody else's");
}

#[test]
fn a_row_sent_by_itself_has_the_task_whose_id_was_told() {
    let sent = SentRow { task: Some("b".into()), ..row("s3://b/1.mp4", None) };
    let tasks = [task("a", "1.mp4", "failed", None, 5), task("b", "x", "ready", None, -99_000)];
    let standing = stand(&[sent], &tasks, BEGAN, &[]);
    assert_eq!(told(&standing), ["ready b task id"]);
    assert_eq!(standing.without_row, 1);
}

#[test]
fn rows_that_were_told_one_task_id_are_unclear_and_none_of_them_is_ready_or_retried() {
    let sent = |object, id: &str| SentRow { task: Some(id.into()), ..row(object, None) };
    let rows = [sent("s3://b/1.mp4", "a"), sent("s3://b/2.mp4", "a"), sent("s3://b/3.mp4", "c")];
    let tasks = [task("a", "1.mp4", "ready", None, 5), task("c", "3.mp4", "ready", None, 5)];
    let standing = stand(&rows, &tasks, BEGAN, &[]);
    assert_eq!(told(&standing), ["unclear - ", "unclear - ", "ready c task id"]);
    assert_eq!((standing.counts.ready(), standing.without_row), (1, 0));
    let look = Look { rows: Arc::new(rows.to_vec()), ..Look::default() };
    assert_eq!(look.shared_ids(), 2);
}

#[test]
fn a_name_is_the_same_in_either_unicode_form() {
    let rows = [row("s3://b/cafe\u{301}.mp4", None)];
    let standing = stand(&rows, &[task("a", "caf\u{e9}.mp4", "ready", None, 1)], BEGAN, &[]);
    assert_eq!(told(&standing), ["ready a name only"]);
}

fn time(text: &str) -> Option<i64> {
    text.parse().ok()
}

#[test]
fn a_page_is_read_in_each_shape_and_an_unknown_status_is_kept() {
    let task = r#"{"_id":"t","index_id":"i","status":"Re-Indexing","created_at":"7","metadata":{"filename":"x/1.mp4","duration":1.5}}"#;
    let new = task.replace("metadata", "system_metadata").replace("_id\":\"t", "id\":\"t");
    let info = r#""page_info":{"limit_per_page":10,"page":1,"total_page":3,"total_results":21}"#;
    for (body, more) in [
        (format!(r#"{{"data":[{task}],{info}}}"#), true),
        (format!(r#"{{"data":{{"data":[{task}],{info}}},"type":"x"}}"#), true),
        (format!(r#"{{"data":[{new}, 7, {{}}]}}"#), false),
        (format!("[{task}]"), false),
    ] {
        let page = Page::read(body.as_bytes(), 1, time).unwrap();
        let read = &page.tasks[0];
        assert_eq!((&*read.id, read.status.word(), read.created_ms), ("t", "Re-Indexing", Some(7)), "{body}");
        assert_eq!((read.name.as_deref(), read.length_ms), (Some("1.mp4"), Some(1_500)), "{body}");
        assert_eq!((page.claims_more, page.garbled > 0), (more, body.contains('7') && body.contains("{}")), "{body}");
    }
    for body in ["", "{}", "7", r#"{"code":"x"}"#, "<html>"] {
        assert_eq!(Page::read(body.as_bytes(), 1, time), None, "{body}");
    }
    let failed = r#"[{"_id":"t","status":"FAILED","error":{"message":"too low"}},{"_id":"u"}]"#;
    let page = Page::read(failed.as_bytes(), 1, time).unwrap();
    assert_eq!((&page.tasks[0].status, page.tasks[0].reason.as_deref()), (&Status::Failed, Some("too low")));
    assert_eq!(page.tasks[1].status.word(), "no status");
}

/// A service with `count` tasks, page by page.
fn read_all(count: usize, limit: usize, info: bool, mut shift: impl FnMut(u32) -> usize) -> (Known, Round) {
    let tasks: Vec<Task> =
        (0..count).map(|at| task(&at.to_string(), "n", "ready", None, (count - at) as i64)).collect();
    let (mut known, mut round) = (Known::default(), Round::new(["i".into()], BEGAN));
    while let Some((_, page)) = round.next() {
        let from = ((page as usize - 1) * limit).saturating_sub(shift(page)).min(count);
        let to = (from + limit).min(count);
        let claims_more = info && to < count;
        let page = Page { tasks: tasks[from..to].to_vec(), garbled: 0, claims_more, limit: Some(limit) };
        round.heard(&page);
        known.take(&page.tasks, BEGAN, |_| false, 0);
    }
    known.ended(&round, 0);
    (known, round)
}

#[test]
fn a_round_ends_whether_or_not_the_service_tells_how_many_pages_there_are() {
    // Short pages of a service that does not tell how long its pages are.
    let mut round = Round::new(["i".into()], BEGAN);
    for (page, tasks) in [(1, 0..10), (2, 10..20), (3, 20..25), (4, 25..25)] {
        assert_eq!(round.next().map(|(_, page)| page), Some(page));
        let tasks = tasks.map(|at| task(&format!("{at}"), "n", "ready", None, 99 - at)).collect();
        round.heard(&Page { tasks, ..Page::default() });
    }
    assert_eq!(round.next(), None);
    for (count, limit) in [(0, 50), (1, 50), (50, 50), (120, 50), (120, 10), (100, 50)] {
        for info in [true, false] {
            let (known, round) = read_all(count, limit, info, |_| 0);
            assert_eq!(known.count(), count, "{count} {limit} {info}");
            assert!(round.pages() as usize <= count / limit + 2);
        }
    }
    // The same page for ever.
    let (_, round) = read_all(120, 50, true, |page| (page as usize - 1) * 50);
    assert_eq!(round.pages(), 3);
    // Fifty new tasks come in at the top between two pages: the second one repeats the first.
    let (known, _) = read_all(120, 50, true, |page| if page > 1 { 50 } else { 0 });
    assert_eq!(known.count(), 120);
}

#[test]
fn polling_stops_at_tasks_that_are_older_or_final() {
    let page = |created: &[i64]| Page {
        tasks: created.iter().map(|at| task(&at.to_string(), "n", "ready", None, *at)).collect(),
        claims_more: true,
        ..Page::default()
    };
    let mut round = Round::new(["i".into(), "j".into()], BEGAN);
    round.heard(&page(&[5, 4, -1]));
    assert_eq!(round.next().map(|(index, page)| (&**index, page)), Some(("i", 2)), "one is still of this upload");
    round.heard(&page(&[-2, -3]));
    assert_eq!(round.next().map(|(index, page)| (&**index, page)), Some(("j", 1)));
    // An unsorted list proves nothing by its order.
    round.heard(&page(&[9, 12]));
    round.heard(&page(&[-7, -8]));
    assert_eq!(round.next().map(|(_, page)| page), Some(3));
}

#[test]
fn a_task_is_known_once_and_an_older_word_does_not_replace_a_newer_one() {
    let mut known = Known::default();
    let new = Task { changed_ms: Some(BEGAN + 9), ..task("a", "n", "ready", None, 1) };
    assert_eq!(known.take(&[new.clone(), new.clone()], BEGAN, |_| false, 5).len(), 1);
    assert_eq!(known.take(&[task("a", "n", "indexing", None, 1)], BEGAN, |_| false, 6).len(), 0);
    assert_eq!((known.count(), known.news_ms), (1, Some(5)));
    assert_eq!(known.take(&[task("old", "n", "ready", None, -1)], BEGAN, |_| false, 7).len(), 0);
    assert_eq!(known.take(&[task("ours", "n", "ready", None, -90)], BEGAN, |id| id == "ours", 8).len(), 1);
}

#[test]
fn a_rate_needs_three_answers_and_is_never_endless() {
    let mut pace = Pace::default();
    for (minute, finished) in [(0, 0), (1, 100)] {
        pace.heard(minute * 60_000, finished);
        assert_eq!(pace.rate(), Rate::NotYet);
    }
    pace.heard(120_000, 300);
    assert_eq!(pace.rate(), Rate::PerMinute(150.0));
    assert_eq!(about_left(pace.rate(), 4_026).as_deref(), Some("about 26 min left"));
    assert_eq!(about_left(Rate::PerMinute(0.5), 1_000).as_deref(), Some("about 33 h left"));
    for minute in 3..20 {
        pace.heard(minute * 60_000, 300);
    }
    assert_eq!(pace.rate(), Rate::Nothing);
    assert_eq!(about_left(pace.rate(), 7), None);
}

const MINUTE: i64 = 60_000;

/// A look at rows `1.mp4`, `2.mp4`, … of which the first ones have these tasks: status, and when it changed after the
/// beginning.
fn look(rows: u32, tasks: &[(&str, i64)]) -> Look {
    let rows: Vec<SentRow> =
        (1..=rows).map(|at| SentRow { place: at - 1, ..row(&format!("s3://b/{at}.mp4"), None) }).collect();
    let tasks: Vec<Task> = (1..)
        .zip(tasks)
        .map(|(at, (status, after))| Task {
            changed_ms: Some(BEGAN + after),
            ..task(&format!("t{at}"), &format!("{at}.mp4"), status, None, 1_000)
        })
        .collect();
    let standing = Arc::new(stand(&rows, &tasks, BEGAN, &[]));
    Look { rows: Arc::new(rows), standing, began_ms: BEGAN, rounds: 1, ..Look::default() }
}

fn heard(news_ms: Option<i64>, settled_ms: Option<i64>, ahead_ms: i64) -> Known {
    let mut known = Known::default();
    (known.news_ms, known.settled_ms, known.ahead_ms) = (news_ms, settled_ms, ahead_ms);
    known
}

#[test]
fn an_attempt_settles_by_what_its_tasks_tell_and_not_by_when_somebody_looks() {
    let patience = Patience::default();
    let ready = ("ready", 5 * MINUTE);
    for (rows, tasks, after, settles, why) in [
        (2, &[ready, ready][..], 5 * MINUTE, true, "all have finished"),
        (2, &[ready, ("indexing", 6 * MINUTE)], 90 * MINUTE, false, "one still runs"),
        (2, &[ready], 14 * MINUTE, false, "the other may still come"),
        (2, &[ready], 15 * MINUTE, true, "nothing was new for ten minutes"),
        (1, &[], 59 * MINUTE, false, "not one task was seen"),
        (1, &[], 60 * MINUTE, true, "not one task was seen for an hour"),
    ] {
        let look = look(rows, tasks);
        // It was heard just now, by somebody who only begins to look.
        let mut known = heard(Some(BEGAN + after), None, 0);
        known.settle(&look.standing, BEGAN, &patience, BEGAN + after);
        assert_eq!(known.settled_ms, settles.then_some(BEGAN + after), "{why}");
        // Looking again later moves nothing, here or after a restart.
        let mut again: Known = serde_json::from_str(&serde_json::to_string(&known).unwrap()).unwrap();
        again.settle(&look.standing, BEGAN, &patience, BEGAN + after + 1);
        assert_eq!(again.settled_ms, known.settled_ms, "{why}");
    }
    // By the service's clock, which is an hour ahead.
    let late = look(2, &[("ready", 60 * MINUTE)]);
    let mut known = heard(Some(BEGAN + 9 * MINUTE), None, 60 * MINUTE);
    known.settle(&late.standing, BEGAN, &patience, BEGAN + 9 * MINUTE);
    assert_eq!(known.settled_ms, None);
    // What settled opens again when a task comes late.
    let mut known = heard(None, Some(BEGAN), 0);
    known.settle(&look(2, &[ready, ("queued", 20 * MINUTE)]).standing, BEGAN, &patience, BEGAN + 21 * MINUTE);
    assert_eq!(known.settled_ms, None);
}

#[test]
fn times_count_from_the_upload_to_the_last_finished_task_whenever_it_is_looked_at() {
    let mut look = look(3, &[("ready", 30_000), ("failed", 12_000), ("indexing", 40_000)]);
    for answer in 0..3 {
        look.pace.heard(BEGAN + answer, 2);
    }
    for minutes in [1, 9, 600] {
        let words = look.pace_words(BEGAN + minutes * MINUTE);
        assert_eq!(words, format!("nothing finished for {}", span(minutes * MINUTE - 30_000)));
    }
    look.settled_ms = Some(BEGAN + 700 * MINUTE);
    assert_eq!(look.pace_words(BEGAN + 800 * MINUTE), "finished in 0:30");
    look.ahead_ms = 10_000;
    assert_eq!(look.pace_words(0), "finished in 0:20");
    let none = Look { settled_ms: Some(BEGAN + 60 * MINUTE), ..self::look(3, &[]) };
    assert_eq!(none.pace_words(0), "nothing finished");
}

#[test]
fn what_is_said_gets_shorter_without_losing_what_it_is_about() {
    let clock = |ms: i64| format!("at {ms}");
    let looks = [
        Look { trouble: Some(Trouble::Limited), next_ms: Some(9), ..look(2, &[]) },
        Look { trouble: Some(Trouble::LimitedUntold(1)), next_ms: Some(9), ..look(2, &[]) },
        Look { trouble: Some(Trouble::Silent("connection refused".into(), 3)), next_ms: Some(9), ..look(2, &[]) },
        Look { trouble: Some(Trouble::Refused(401)), ..look(2, &[]) },
        Look { trouble: Some(Trouble::Gone(404)), ..look(2, &[]) },
        Look { disagreed: true, ..look(2, &[]) },
        Look { resumed: Some((7, 12)), ..look(2, &[]) },
        Look { ahead_ms: 602_000, ..look(2, &[]) },
        Look { others: vec![(43, 59)], ..look(2, &[]) },
        Look { settled_ms: Some(7), ..look(2, &[("ready", 1)]) },
    ];
    for look in looks {
        let said = look.says(0, clock).unwrap();
        assert!(said.texts.len() > 1, "{said:?}");
        assert!(said.texts.windows(2).all(|pair| pair[1].len() < pair[0].len()), "{said:?}");
        assert!(said.texts[1].len() < 76, "{said:?}");
    }
    let others = Look { others: vec![(43, 59)], ..look(2, &[]) }.says(0, clock).unwrap();
    assert!(others.texts.iter().all(|text| text.starts_with("attempt 43 holds 59 of these rows, too")), "{others:?}");
    assert_eq!(others.texts[1], "attempt 43 holds 59 of these rows, too: tasks count for the newest one");
    assert_eq!(look(2, &[]).says(0, clock), None);
}

#[test]
fn rows_that_share_their_tasks_tell_when_the_newest_of_them_changed() {
    let rows = [row("s3://b/x/intro.mp4", None), row("s3://b/y/intro.mp4", None)];
    let tasks = [task("a", "intro.mp4", "ready", None, 5), task("b", "intro.mp4", "failed", None, 9)];
    let standing = stand(&rows, &tasks, BEGAN, &[]);
    for row in &standing.rows {
        assert_eq!((row.task, standing.latest(row).map(|task| &*task.id)), (None, Some("b")));
    }
}

#[test]
fn an_unknown_row_is_guessed_among_the_tasks_of_nobody_and_never_retried_unless_its_task_failed() {
    let told = SentRow { task: Some("a".into()), ..row("s3://b/1.mp4", None) };
    let unknown = |object| SentRow { is_unknown: true, ..row(object, None) };
    let rows = [told, unknown("s3://b/1b.mp4"), unknown("s3://b/3.mp4"), unknown("s3://b/4.mp4")];
    let tasks = [
        task("a", "1.mp4", "ready", None, 1),
        task("c", "3.mp4", "ready", None, 1),
        task("d", "4.mp4", "failed", None, 1),
    ];
    let standing = stand(&rows, &tasks, BEGAN, &[]);
    assert_eq!(self::told(&standing), ["ready a task id", "no task yet - ", "ready c name only", "failed d name only"]);
    assert_eq!(to_retry(&rows, &standing, |_| true), [3]);
}

#[test]
fn remaining_requests_are_spread_over_the_limit_window() {
    let usual = Patience::default();
    let after = |rounds, pages, remaining, window_ms| {
        let limit = Limit { most: 3_000, remaining, reset_ms: Some(window_ms) };
        usual.after_round(rounds, pages, Some(&limit), 0)
    };
    assert_eq!(
        [1, 3, 4, 5, 6, 60].map(|rounds| usual.after_round(rounds, 1, None, 0)),
        [10_000, 10_000, 20_000, 40_000, 60_000, 60_000]
    );
    assert_eq!(after(9, 250, 2_500, 3_600_000), 360_000);
    assert_eq!(after(9, 250, 249, 3_600_000), 3_600_000);
    assert_eq!(after(9, 1, 2_500, 3_600_000), 60_000);
    assert_eq!([1, 2, 3, 9].map(|tries| usual.after_refusal(tries) / 60_000), [2, 4, 8, 15]);
    assert_eq!([1, 2, 3, 9].map(|tries| usual.after_silence(tries) / 1_000), [10, 20, 40, 60]);
}

#[test]
fn a_claim_about_an_unknown_outcome_is_as_strong_as_the_share_of_rows_with_a_task() {
    let counts = |with: usize, without: usize| {
        let with = std::iter::repeat_n(&State::Of(Status::Ready), with);
        Counts::of(with.chain(std::iter::repeat_n(&State::NoTask, without)))
    };
    for (with, without, minutes, claim) in [
        (9, 1, 1, "9 of 10 rows have a new task. The manifest was very likely accepted."),
        (1, 0, 1, "1 of 1 row has a new task. The manifest was very likely accepted."),
        (
            1,
            9,
            1,
            "1 of 10 rows has a new task. Part of it, or somebody else's upload. Wait, or look in the dashboard.",
        ),
        (0, 9, 32, "No row has a new task after 32 min. It looks as if it was not accepted, but nothing proves it."),
        (0, 9, 9, "No row has a new task yet."),
    ] {
        let (counts, ms) = (counts(with, without), minutes * 60_000);
        assert_eq!(Claim::of(&counts, ms).words(&counts, ms), claim);
    }
    assert_eq!(counts(12_467, 1).percent(), 99);
}

prop_compose! {
    fn some_row()(name in 0..6u8, folder in 0..4u8) -> SentRow {
        // A video has one length, known or not.
        let length = (name + folder) % 3 > 0 || folder == 0;
        row(&format!("s3://b/{folder}/{name}.mp4"), length.then(|| 10_000 + u64::from(name * folder % 4) * 20_000))
    }
}

prop_compose! {
    fn some_task()(
        name in 0..8u8, length in proptest::option::of(0..5u64), status in 0..4usize, after in -5_000..9_000i64,
    ) -> Task {
        let status = ["ready", "failed", "indexing", "odd"][status];
        let name = if name == 7 { String::new() } else { format!("{name}.mp4") };
        task("", &name, status, length.map(|length| 10_000 + length * 20_000), after)
    }
}

fn numbered(tasks: Vec<Task>) -> Vec<Task> {
    tasks.into_iter().enumerate().map(|(at, task)| Task { id: at.to_string().into(), ..task }).collect()
}

proptest! {
    #[test]
    fn counts_add_up_and_no_task_is_claimed_twice_or_where_two_videos_fit(
        rows in proptest::collection::vec(some_row(), 0..30),
        tasks in proptest::collection::vec(some_task(), 0..30),
    ) {
        let tasks = numbered(tasks);
        let standing = stand(&rows, &tasks, BEGAN, &[]);
        prop_assert_eq!(standing.counts.all() as usize, rows.len());
        prop_assert_eq!(standing.counts.each().map(|(_, count)| count).sum::<u32>(), standing.counts.all());
        let mut claimed: HashMap<u32, &str> = HashMap::new();
        for (row, standing_row) in rows.iter().zip(&standing.rows) {
            let Some(at) = standing_row.task else { continue };
            let owner = claimed.entry(at).or_insert(&row.object);
            prop_assert_eq!(*owner, &*row.object, "one task for two videos");
            let task = &standing.tasks[at as usize];
            prop_assert_eq!(&standing_row.state, &State::Of(task.status.clone()));
            let rivals = rows.iter().filter(|other| other.object != row.object && other.name() == row.name());
            for rival in rivals {
                prop_assert!(row.length_ms.is_some() && rival.length_ms != row.length_ms, "a rival fits as well");
            }
        }
    }

    #[test]
    fn the_order_of_pages_and_rows_changes_nothing(
        rows in proptest::collection::vec(some_row(), 0..20),
        tasks in proptest::collection::vec(some_task(), 0..20),
        turn in 0..20usize,
    ) {
        let mut tasks = numbered(tasks);
        let one = stand(&rows, &tasks, BEGAN, &[]);
        tasks.reverse();
        let by = turn.min(tasks.len());
        tasks.rotate_left(by);
        let repeated: Vec<Task> = tasks.iter().chain(&tasks).cloned().collect();
        let mut known = Known::default();
        repeated.chunks(7).for_each(|page| { known.take(page, i64::MIN, |_| false, 0); });
        prop_assert_eq!(&stand(&rows, known.tasks(), BEGAN, &[]), &one);
        let mut turned = rows.clone();
        turned.reverse();
        let mut other = stand(&turned, &tasks, BEGAN, &[]);
        other.rows.reverse();
        prop_assert_eq!(other.rows, one.rows);
    }
}

#[test]
fn two_hundred_thousand_rows_of_one_name_are_matched_at_once() {
    let rows: Vec<SentRow> = (0..200_000).map(|at| row(&format!("s3://b/{at}/same.mp4"), Some(at * 3))).collect();
    let tasks: Vec<Task> =
        (0..200_000u64).map(|at| task(&at.to_string(), "same.mp4", "ready", Some(at * 3), at as i64)).collect();
    // Quadratic work would run into the time limit of a test.
    let standing = stand(&rows, &tasks, BEGAN, &[]);
    assert_eq!(standing.counts.ready(), 200_000);
}

/// A service that knows which video each task is of, and a manifest with a share of names that several videos have.
#[test]
fn guesses_are_right_or_not_made_whatever_the_service_tells_of_names_and_lengths() {
    let mut seed = 41_u64;
    let mut random = move |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    let mut sums = [0_u64; 4];
    for round in 0..40 {
        // What checks and the service know of lengths, and whether the service keeps names.
        let (ours, theirs, named) = (round % 4, round % 3 > 0, round % 5 > 0);
        let count = 200;
        let mut truth: HashMap<String, u64> = HashMap::new();
        let (mut rows, mut tasks) = (Vec::new(), Vec::new());
        for at in 0..count {
            // One of three has a name that others have, too; many lengths come twice.
            let name = if random(3) == 0 { format!("intro-{}.mp4", random(12)) } else { format!("{at:04}.mp4") };
            let length = 10_000 + random(400) * 2_000;
            rows.push(row(&format!("s3://b/{at}/{name}"), (random(4) < ours).then_some(length)));
            if random(10) > 0 {
                let id = format!("t{}", tasks.len());
                truth.insert(id.clone(), at);
                let status = ["ready", "failed", "indexing"][random(3) as usize];
                let shown = if named { name } else { format!("1c20f123-0a1b-4c2d-9e3f-{at:012}") };
                tasks.push(task(&id, &shown, status, theirs.then_some(length + random(400)), random(90_000) as i64));
            }
        }
        // Somebody else uploads to the same index, too.
        tasks.extend((0..9).map(|at| task(&format!("x{at}"), &format!("other-{at}.mp4"), "ready", Some(77_000), at)));
        let standing = stand(&rows, &tasks, BEGAN, &[]);
        for (at, standing_row) in (0_u64..).zip(&standing.rows) {
            let sum = match standing.task(standing_row) {
                Some(task) if truth.get(&*task.id) == Some(&at) => 0,
                Some(_) => 1,
                None if standing_row.state == State::Unclear => 2,
                None => 3,
            };
            sums[sum] += 1;
        }
    }
    let [right, wrong, unclear, none] = sums;
    eprintln!("{right} right, {wrong} wrong, {unclear} unclear, {none} without a guess");
    assert!(right > 3_000, "{right} right");
    assert_eq!(wrong, 0, "a row was told the state of another one's task");
}
