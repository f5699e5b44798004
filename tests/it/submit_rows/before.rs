//! Rows that stand in a file that was sent are not sent again in another one, unless somebody says so.

use super::{Desk, INDEX, row, rows, told};
use cuecard::domain::follow::SentRow;
use cuecard::domain::outcome::Intent;
use cuecard::domain::request::Fingerprint;
use cuecard::domain::sent_before::{VideoAt, VideoKey};
use cuecard::io::store::{Compared, Ledger, RowsToKeep};
use cuecard::sandbox::Answer;
use std::time::{Duration, Instant};

impl Desk {
    fn write(&self, name: &str, rows: &[String]) {
        std::fs::write(self.path(name), format!("[{}]\n", rows.join(",\n"))).unwrap();
    }

    fn whole(&self, name: &str, more: &[&str]) -> (i32, String, String) {
        self.whole_at(name, &self.api_url, more)
    }

    fn whole_at(&self, name: &str, url: &str, more: &[&str]) -> (i32, String, String) {
        told(&self.command(&[&["submit", name, "--yes", "--api-url", url], more].concat()).output().unwrap())
    }
}

#[test]
fn a_new_file_with_rows_that_were_accepted_is_blocked_like_the_same_file() {
    let desk = Desk::new(&rows(3));
    assert_eq!(desk.whole("m.json", &[]).0, 0);
    desk.write("n.json", &[rows(5), rows(0)].concat());
    let (exit, out, err) = desk.whole("n.json", &[]);
    assert_eq!((exit, out.as_str()), (1, ""), "{err}");
    assert!(err.contains("3 of 5 rows were accepted on 20") && err.contains(", in m.json."), "{err}");
    assert!(err.contains("Nothing was sent; --again sends them once more."), "{err}");
    let (exit, out, _) = desk.whole("n.json", &["--dry-run"]);
    assert!(exit == 1 && out.contains("before   3 of 5 rows were accepted on "), "{out}");
    let (_, out, _) = told(&desk.command(&["check", "n.json", "--api-url", &desk.api_url]).output().unwrap());
    assert!(out.contains("already-sent: row 1: 3 of 5 rows were accepted"), "{out}");
    // Another version of the same host is the same service; another host is not.
    let newer = desk.api_url.replace("v1.2", "v1.3");
    assert_eq!(desk.whole_at("n.json", &newer, &[]).0, 1);
    assert_eq!(desk.whole_at("m.json", &newer, &[]).0, 1, "the same bytes, too");
    let other = Desk::new(&rows(0));
    assert_eq!(desk.whole_at("n.json", &other.api_url, &[]).0, 0);
    // A row with another transcript or in another file is the same video; in another index it is not.
    let other_index = row("0000.mp4").replace(INDEX, "6298d673f1090f1100476d4d");
    desk.write("n.json", &[other_index, row("0009.mp4")]);
    assert_eq!(desk.whole("n.json", &[]).0, 0);
    desk.write("n.json", &[row("0001.mp4").replace(".srt", ".vtt"), row("0010.mp4")]);
    let (exit, _, err) = desk.whole("n.json", &[]);
    assert!(exit == 1 && err.contains("1 of 2 rows was accepted on "), "{err}");
    assert_eq!(desk.whole("n.json", &["--again"]).0, 0);
}

#[test]
fn rows_of_an_upload_that_nobody_knows_of_block_until_it_is_settled() {
    let desk = Desk::new(&rows(3));
    desk.sandbox.answer_with(Answer::Drop);
    assert_eq!(desk.whole("m.json", &[]).0, 5);
    desk.sandbox.answer_with(Answer::NoContent);
    desk.write("n.json", &[row("0001.mp4"), row("0007.mp4")]);
    let (exit, _, err) = desk.whole("n.json", &[]);
    assert!(exit == 1 && err.contains("1 of 2 rows is in attempt 1, whose outcome is unknown, sent on 20"), "{err}");
    assert!(err.contains("cuecard history settle 1 accepted, or not-accepted"), "{err}");
    // Whoever types --again has not looked; the same bytes are sent again knowingly.
    let (exit, _, err) = desk.whole("n.json", &["--again"]);
    assert!(exit == 1 && err.contains("--again does not send them either"), "{err}");
    let (exit, _, err) = desk.whole("m.json", &["--dry-run"]);
    assert!(exit == 1 && err.contains("--again sends them once more"), "{err}");
    let (exit, out, err) = told(
        &desk.command(&["submit", "n.json", "--route", "tasks", "--yes", "--api-url", &desk.api_url]).output().unwrap(),
    );
    assert!(exit == 1 && err.contains("1 row cannot go: 1 unknown in an earlier attempt"), "{out}{err}");
    let settled = told(&desk.command(&["history", "settle", "1", "not-accepted"]).output().unwrap());
    assert_eq!(settled.0, 0, "{settled:?}");
    assert_eq!(desk.whole("n.json", &[]).0, 0);
}

#[test]
fn what_was_refused_or_not_sent_as_a_whole_leaves_its_rows_free() {
    for (answer, exit) in [(Answer::BadRequest, 4), (Answer::Unauthorized, 4)] {
        let desk = Desk::new(&rows(3));
        desk.sandbox.answer_with(answer);
        assert_eq!(desk.whole("m.json", &[]).0, exit);
        desk.sandbox.answer_with(Answer::NoContent);
        desk.write("n.json", &rows(2));
        assert_eq!(desk.whole("n.json", &[]).0, 0);
    }
}

#[test]
fn a_retry_of_failed_rows_goes_and_says_that_none_of_them_stands_accepted() {
    let desk = Desk::new(&rows(40));
    assert_eq!(desk.whole("m.json", &[]).0, 0);
    desk.sandbox.let_pass(Duration::from_secs(7_200));
    let follow = ["follow", "--once", "--api-url", &desk.api_url];
    assert_eq!(told(&desk.command(&follow).output().unwrap()).0, 6, "one is never seen");
    let draft = desk.command(&["history", "draft", "1", "--only", "failed", "-o", "retry.json"]).output().unwrap();
    let failed = std::fs::read_to_string(desk.path("retry.json")).unwrap().matches(INDEX).count();
    assert!(draft.status.success() && failed > 0);
    let (exit, out, err) = desk.whole("retry.json", &["--dry-run"]);
    assert_eq!(exit, 0, "{err}");
    let said = format!("{failed} of {failed} row");
    assert!(out.contains(&said) && out.contains("failed since then; none of them stands accepted"), "{out}");
    // With one more, which is ready, the file blocks.
    let text = std::fs::read_to_string(desk.path("retry.json")).unwrap();
    let ready = (0..40).map(|at| row(&format!("{at:04}.mp4"))).find(|row| !text.contains(&row[60..100])).unwrap();
    std::fs::write(
        desk.path("more.json"),
        text.trim_end().trim_end_matches(']').trim_end().to_owned() + "," + &ready + "]",
    )
    .unwrap();
    let (exit, _, err) = desk.whole("more.json", &[]);
    assert!(exit == 1 && err.contains(&format!("{failed} failed since then")), "{err}");
    assert_eq!(desk.whole("retry.json", &[]).0, 0);
}

#[test]
fn row_by_row_leaves_out_what_another_file_had_accepted_and_the_other_way() {
    let desk = Desk::new(&rows(3));
    assert_eq!(desk.whole("m.json", &[]).0, 0);
    desk.write("m.json", &rows(5));
    let (exit, out, err) = desk.run(&[]);
    assert_eq!(exit, 0, "{err}");
    assert!(err.contains("3 rows of other attempts are accepted and left out"), "{err}");
    assert!(out.ends_with("Rows: 2 accepted, 0 refused, 0 unknown, 0 not sent, 0 cannot go\n"), "{out}");
    let taken = desk.taken();
    assert!(["0003.mp4", "0004.mp4"].iter().all(|name| taken[*name].len() == 1), "{taken:?}");
    desk.write("n.json", &[row("0004.mp4"), row("0009.mp4")]);
    let (exit, _, err) = desk.whole("n.json", &[]);
    assert!(exit == 1 && err.contains("1 of 2 rows was accepted on "), "{err}");
}

#[test]
fn a_row_that_was_refused_by_itself_may_go_again() {
    let desk = Desk::new(&[row("too-small.mp4"), row("a.mp4")]);
    assert_eq!(desk.run(&[]).0, 4);
    desk.write("n.json", &[row("too-small.mp4"), row("b.mp4")]);
    let (exit, out, err) = desk.whole("n.json", &["--dry-run"]);
    assert!(exit == 0 && out.contains("1 of 2 rows was refused on "), "{out}{err}");
}

fn kept(objects: std::ops::Range<u32>) -> RowsToKeep {
    let rows = objects.clone().map(|at| SentRow {
        place: 0,
        index: INDEX.into(),
        object: object(at).into(),
        transcript: "".into(),
        length_ms: None,
        task: None,
        is_unknown: false,
    });
    RowsToKeep::new(rows, videos(objects))
}

fn object(at: u32) -> String {
    format!("s3://acme-video/news/2026/{at:07}.mp4")
}

fn videos(objects: std::ops::Range<u32>) -> Vec<VideoAt> {
    let at = |(place, at)| VideoAt { video: VideoKey::of(INDEX, &object(at)), place, transcript: 0 };
    let mut videos: Vec<_> = (0..).zip(objects).map(at).collect();
    videos.sort_unstable();
    videos
}

fn intent(number: u32, address: &str) -> Intent {
    Intent {
        started_ms: jiff::Timestamp::now().as_millisecond(),
        address: address.into(),
        profile: None,
        file: format!("{number}.json"),
        fingerprint: Fingerprint::of([&number.to_le_bytes()[..]]),
        rows: 3,
        key_origin: "from a test".into(),
    }
}

#[test]
fn of_many_files_that_begin_at_once_with_one_row_in_common_one_may_send() {
    let folder = tempfile::tempdir().unwrap();
    let begun = std::thread::scope(|scope| {
        let begin = |at: u32| {
            let whole = intent(at, "https://api.twelvelabs.io/v1.2/tasks/transfers");
            let single = intent(at, "https://api.twelvelabs.io/v1.2/tasks");
            let mut ledger = Ledger::open(folder.path()).unwrap();
            // Each has a row of its own, and the last in common.
            let mut rows = videos(at..at + 1);
            rows.push(VideoAt { place: 1, ..videos(99..100)[0] });
            rows.sort_unstable();
            let rows = RowsToKeep::new(std::iter::empty(), rows);
            if at.is_multiple_of(2) {
                ledger.begin(&whole, &rows, false).is_ok()
            } else {
                ledger.begin_rows(&single, &rows, false).is_ok()
            }
        };
        let threads: Vec<_> = (0..8).map(|at| scope.spawn(move || begin(at))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).filter(|begun| *begun).count()
    });
    assert_eq!(begun, 1);
}

/// A million rows with `CUECARD_MANY=1000000`: what the guard costs.
#[test]
fn many_rows_are_compared_without_walking_through_every_attempt() {
    let many: u32 = std::env::var("CUECARD_MANY").ok().and_then(|many| many.parse().ok()).unwrap_or(20_000);
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::open(folder.path()).unwrap();
    let address = "https://api.twelvelabs.io/v1.2/tasks/transfers";
    let began = Instant::now();
    for attempt in 0..3 {
        ledger.begin(&intent(attempt, address), &kept(attempt * many..(attempt + 1) * many), true).unwrap();
    }
    let begun = began.elapsed() / 3;
    let fingerprint = Fingerprint::of([&b"other"[..]]);
    let mut before = |objects: std::ops::Range<u32>| {
        let videos = videos(objects);
        let began = Instant::now();
        let all = videos.len() as u32;
        let compared = Compared { videos: &videos, all, address, fingerprint: &fingerprint, goes_on: None };
        (ledger.rows_before(&compared).unwrap().rows.len(), began.elapsed())
    };
    let (none, fresh) = before(3 * many..4 * many);
    let (few, some) = before(3 * many - 12..4 * many - 12);
    let (all, whole) = before(0..many);
    assert_eq!((none, few, all), (0, 12, many as usize));
    eprintln!("{many} rows: begun {begun:.1?}, none of 3 attempts {fresh:.1?}, 12 of them {some:.1?}, all {whole:.1?}");
}
