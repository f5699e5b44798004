//! `cuecard submit --route tasks`: row by row, against the sandbox and its own record.

mod before;
mod killed;
mod ledger;
mod secrets;

use crate::pty::screen::Place;
use cuecard::sandbox::{Answer, Sandbox, SandboxOptions};
use rustix::process::Signal;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::Duration;
use tokio::runtime::Runtime;

const KEY: &str = "tlk_CANARY_0123456789";
const INDEX: &str = "6298d673f1090f1100476d4c";

/// A folder with a manifest and its state, and a sandbox.
struct Desk {
    folder: tempfile::TempDir,
    runtime: Runtime,
    sandbox: Sandbox,
    api_url: String,
}

impl Desk {
    fn new(rows: &[String]) -> Desk {
        Desk::with(rows, SandboxOptions::default())
    }

    fn with(rows: &[String], options: SandboxOptions) -> Desk {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("m.json"), format!("[{}]\n", rows.join(",\n"))).unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let options = SandboxOptions { life: Duration::from_secs(3_600), ..options };
        let sandbox = runtime.block_on(Sandbox::start(options)).unwrap();
        let api_url = sandbox.api_url().to_owned();
        Desk { folder, runtime, sandbox, api_url }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cuecard"));
        command.current_dir(self.folder.path()).env_clear().args(arguments).stdin(Stdio::null());
        for name in ["PATH", "LLVM_PROFILE_FILE"] {
            command.envs(std::env::var_os(name).map(|value| (name, value)));
        }
        command.env("CUECARD_STATE_DIR", self.path("state")).env("CUECARD_CONFIG_DIR", self.path("config"));
        command.env("CUECARD_LOG", "trace").env("TWELVELABS_API_KEY", KEY);
        command
    }

    fn rows(&self, more: &[&str]) -> Command {
        self.command(&[&["submit", "m.json", "--route", "tasks", "--yes", "--api-url", &self.api_url], more].concat())
    }

    fn run(&self, more: &[&str]) -> (i32, String, String) {
        told(&self.rows(more).output().unwrap())
    }

    /// How often the service took each video in, by its name, with the ids of the tasks.
    fn taken(&self) -> BTreeMap<String, Vec<String>> {
        let client = cuecard::io::client::builder().tls_certs_only([]).no_proxy().build().unwrap();
        let mut taken: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for page in 1.. {
            let url = format!("{}/tasks?page={page}&page_limit=50", self.sandbox.api_url());
            let text = self.runtime.block_on(async {
                client.get(url).header("x-api-key", "k").send().await.unwrap().text().await.unwrap()
            });
            let listed: Value = serde_json::from_str(&text).unwrap();
            let tasks = listed["data"].as_array().unwrap();
            for task in tasks {
                let name = task["metadata"]["filename"].as_str().unwrap().to_owned();
                taken.entry(name).or_default().push(task["_id"].as_str().unwrap().to_owned());
            }
            if tasks.len() < 50 {
                break;
            }
        }
        taken
    }
}

impl Desk {
    /// Waits until the service took the first video in.
    fn until_taken(&self) {
        let give_up = std::time::Instant::now() + Duration::from_secs(30);
        while self.taken().is_empty() && std::time::Instant::now() < give_up {
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

fn told(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let told = (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr));
    assert!(!format!("{told:?}").contains(KEY), "{told:?}");
    told
}

fn row(video: &str) -> String {
    format!(
        r#"{{"index_id": "{INDEX}", "language": "en", "object": "s3://acme-video/{video}", "transcription": "s3://acme-captions/{video}.srt"}}"#
    )
}

fn rows(count: usize) -> Vec<String> {
    (0..count).map(|at| row(&format!("{at:04}.mp4"))).collect()
}

#[test]
fn each_row_is_a_line_with_its_task_and_the_summary_is_last() {
    let desk = Desk::new(&rows(6));
    let (exit, out, err) = desk.run(&[]);
    assert_eq!(exit, 0, "{err}");
    let taken = desk.taken();
    assert_eq!(taken.len(), 6);
    let mut lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines.pop(), Some("Rows: 6 accepted, 0 refused, 0 unknown, 0 not sent, 0 cannot go"));
    lines.sort_unstable();
    for (at, line) in lines.iter().enumerate() {
        let id = &taken[&format!("{at:04}.mp4")][0];
        assert_eq!(*line, format!("{:<4} accepted  201  {id}", at + 1));
    }
    assert!(err.contains("6 requests to http://127.0.0.1:"), "{err}");
    assert!(err.contains("attempt 1: 6 accepted, 0 refused"), "{err}");
    let (_, history, _) = told(&desk.command(&["history"]).output().unwrap());
    assert!(history.contains("  6 of 6  "), "{history}");
    let (_, history, _) = told(&desk.command(&["history", "--format", "json"]).output().unwrap());
    let history: Value = serde_json::from_str(&history).unwrap();
    assert_eq!((&history[0]["route"], &history[0]["outcomes"]["accepted"]), (&"tasks".into(), &6.into()));
    let (exit, out, err) = desk.run(&[]);
    assert_eq!((exit, out.lines().count()), (0, 1), "{err}");
    assert!(err.contains("No row is left to send."), "{err}");
    assert!(desk.taken().values().all(|ids| ids.len() == 1), "the same command again sends nothing twice");
}

#[test]
fn rows_that_cannot_go_block_until_they_are_skipped_and_a_refused_one_is_told_with_its_reason() {
    let without = row("none.mp4").replace("s3://acme-captions/none.mp4.srt", "");
    let wrong = row("wrong.mp4").replace(INDEX, "no");
    let desk = Desk::new(&[row("a.mp4"), without, row("too-small.mp4"), wrong, row("a.mp4")]);
    let (exit, out, err) = desk.run(&[]);
    assert_eq!((exit, out.as_str()), (1, ""), "{err}");
    assert!(err.contains("3 rows cannot go: 1 error, 1 without transcript, 1 twice in the file"), "{err}");
    assert!(err.contains("--skip-blocked") && desk.taken().is_empty(), "{err}");
    let (exit, out, err) = desk.run(&["--skip-blocked", "--format", "json"]);
    assert_eq!(exit, 4, "{err}");
    let objects: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let refused = objects.iter().find(|object| object["row"] == 3).unwrap();
    assert_eq!((&refused["outcome"], &refused["status"]), (&"refused".into(), &400.into()));
    assert_eq!((&refused["code"], &refused["task"]), (&"video_resolution_too_low".into(), &Value::Null));
    assert_eq!(refused["object"], "s3://acme-video/too-small.mp4");
    let summary = &objects.last().unwrap()["summary"];
    assert_eq!((&summary["accepted"], &summary["refused"], &summary["cannot_go"]), (&1.into(), &1.into(), &3.into()));
    let (exit, _, err) = desk.run(&["--skip-blocked", "--without-transcripts"]);
    assert_eq!(exit, 4, "{err}");
    assert_eq!(desk.taken().into_keys().collect::<Vec<_>>(), ["a.mp4", "none.mp4"]);
}

#[test]
fn the_exit_code_is_that_of_the_worst_row_and_what_was_not_sent_goes_the_next_time() {
    for (answer, exit, words) in [
        (Answer::Unauthorized, 4, "401, the API key was not accepted. 7 rows not sent"),
        (Answer::Forbidden, 4, "403, this needs a paid plan. 7 rows not sent"),
        (Answer::Gone, 4, "Stopped: this address has no POST /tasks either. 7 rows not sent"),
        (Answer::TooManyRequests, 3, "The limit is used up until"),
        (Answer::TooManyEmpty, 3, "no time told: 7 rows not sent"),
    ] {
        let desk = Desk::new(&rows(7));
        desk.sandbox.answer_single_with(answer);
        let (code, out, err) = desk.run(&[]);
        assert_eq!(code, exit, "{answer:?} {err}");
        assert!(err.contains(words) && out.ends_with("0 unknown, 7 not sent, 0 cannot go\n"), "{out}{err}");
        desk.sandbox.answer_single_with(Answer::NoContent);
        let (code, _, err) = desk.run(&["--resume", "1"]);
        assert_eq!((code, desk.taken().len()), (0, 7), "{answer:?} {err}");
        assert!(err.contains("attempt 1 goes on"), "{err}");
    }
}

#[test]
fn five_silent_rows_end_the_upload_and_are_not_resent() {
    let desk = Desk::new(&rows(30));
    desk.sandbox.answer_single_with(Answer::Drop);
    let (exit, out, err) = desk.run(&[]);
    assert_eq!(exit, 5, "{err}");
    assert!(err.contains("in a row without a clear answer"), "{err}");
    let unknown = out.lines().filter(|line| line.contains(" unknown ")).count();
    assert!((5..=8).contains(&unknown), "{out}");
    assert_eq!(desk.taken().len(), unknown, "the sandbox took them, and nobody could know");
    desk.sandbox.answer_single_with(Answer::NoContent);
    let (exit, _, err) = desk.run(&[]);
    assert_eq!(exit, 5, "{err}");
    let taken = desk.taken();
    assert!(taken.len() == 30 && taken.values().all(|ids| ids.len() == 1), "{taken:?}");
}

#[test]
fn nobody_at_the_address_leaves_every_row_not_sent() {
    let mut desk = Desk::new(&rows(9));
    desk.api_url = "http://127.0.0.1:1/v1.2".into();
    let (exit, out, err) = desk.run(&[]);
    assert_eq!((exit, out.contains("connection refused")), (3, true), "{out}{err}");
    assert!(out.ends_with("Rows: 0 accepted, 0 refused, 0 unknown, 9 not sent, 0 cannot go\n"), "{out}");
}

#[test]
fn a_used_up_limit_is_not_run_into() {
    // Twelve are used up from the start.
    let desk = Desk::with(&rows(9), SandboxOptions { videos_a_day: 15, ..SandboxOptions::default() });
    let (exit, out, err) = desk.run(&[]);
    assert_eq!((exit, desk.taken().len()), (3, 3), "{out}{err}");
    assert!(err.contains("limit: ") && err.contains(" of 15 left, back at "), "{err}");
    assert!(out.ends_with("Rows: 3 accepted, 0 refused, 0 unknown, 6 not sent, 0 cannot go\n"), "{out}");
}

#[test]
fn whole_and_row_uploads_block_each_other() {
    let desk = Desk::new(&rows(3));
    let whole = || told(&desk.command(&["submit", "m.json", "--yes", "--api-url", &desk.api_url]).output().unwrap());
    assert_eq!(whole().0, 0);
    let (exit, _, err) = desk.run(&[]);
    assert!(exit == 1 && err.contains("As a whole, these bytes were accepted with 204"), "{exit} {err}");
    let desk = Desk::new(&rows(3));
    assert_eq!(desk.run(&[]).0, 0);
    let (exit, _, err) =
        told(&desk.command(&["submit", "m.json", "--yes", "--api-url", &desk.api_url]).output().unwrap());
    assert!(exit == 1 && err.contains("Rows of these bytes were accepted one by one"), "{exit} {err}");
}

#[test]
fn rows_accepted_in_another_file_are_left_out() {
    let desk = Desk::new(&rows(3));
    assert_eq!(desk.run(&[]).0, 0);
    std::fs::write(desk.path("m.json"), format!("[{}]", rows(5).join(","))).unwrap();
    let (exit, out, err) = desk.run(&[]);
    assert_eq!(exit, 0, "{err}");
    assert!(err.contains("3 rows of other attempts are accepted and left out"), "{err}");
    assert!(out.ends_with("Rows: 2 accepted, 0 refused, 0 unknown, 0 not sent, 0 cannot go\n"), "{out}");
    assert!(desk.taken().values().all(|ids| ids.len() == 1));
    let (exit, _, err) = desk.run(&["--resume", "1"]);
    assert!(exit == 2 && err.contains("attempt 1 did not send these bytes row by row"), "{err}");
}

#[test]
fn a_version_that_takes_no_transcript_sends_nothing_until_they_may_be_lost() {
    let mut desk = Desk::new(&rows(2));
    desk.api_url = desk.api_url.replace("v1.2", "v1.3");
    let (exit, _, err) = desk.run(&[]);
    assert!(exit == 1 && err.contains("2 rows cannot go: 2 would lose their transcript"), "{err}");
    assert!(err.contains("--without-transcripts"), "{err}");
}

#[test]
fn a_dry_run_shows_the_request_of_the_first_row_and_sends_nothing() {
    let desk = Desk::new(&rows(2));
    let (exit, out, err) = desk.run(&["--dry-run"]);
    assert_eq!(exit, 0, "{err}");
    for part in [
        "2 requests to ",
        "-H \"x-api-key: $TWELVELABS_API_KEY\"",
        "-F provide_transcription=true -F language=en -F index_id=6298d673f1090f1100476d4c",
        "-F video_url=https://acme-video.s3.us-west-2.amazonaws.com/0000.mp4",
        "-F transcription_url=https://acme-captions.s3.us-west-2.amazonaws.com/0000.mp4.srt",
    ] {
        assert!(out.contains(part), "{part}\n{out}");
    }
    let request: Vec<&str> = out.lines().skip_while(|line| !line.starts_with("curl ")).collect();
    assert!(request.len() > 4, "{out}");
    let (last, before) = request.split_last().unwrap();
    assert!(before.iter().all(|line| line.ends_with(" \\")) && !last.ends_with('\\'), "one command of a shell: {out}");
    assert!(out.contains("-H 'accept: application/json'") && !out.contains("U+000A"), "{out}");
    assert!(out.contains("videos count as public unless a check found them private"), "{out}");
    assert!(desk.taken().is_empty());
}

#[test]
fn the_screen_ends_by_a_signal_after_the_rows_under_way() {
    for (signal, exit) in [(Signal::TERM, 143), (Signal::HUP, 129)] {
        let desk = Desk::with(&rows(40), slow_answers());
        desk.sandbox.answer_single_with(Answer::Slow);
        let place = Place::new().with("m.json", std::fs::read(desk.path("m.json")).unwrap());
        let place = place.env("TWELVELABS_API_KEY", KEY);
        let mut screen = place.cuecard(&["m.json", "--api-url", &desk.api_url, "--offline"]);
        screen.until("0001.mp4").keys(":submit tasks\r").until("send 40 rows").settles();
        screen.keys("Y").until("sending, 4 at once");
        desk.until_taken();
        assert_eq!(screen.signal(signal).ends(), exit);
        let taken = desk.taken().len();
        let mut log = place.cuecard(&["history"]);
        assert_eq!(log.ends(), 0);
        let told = String::from_utf8_lossy(log.raw()).into_owned();
        assert!(told.contains(&format!("{taken} of 40")) && !told.contains("unknown"), "{taken}: {told}");
    }
}

fn slow_answers() -> SandboxOptions {
    SandboxOptions { slow: Duration::from_millis(700), ..SandboxOptions::default() }
}

#[test]
fn a_signal_ends_it_after_the_rows_under_way() {
    let desk = Desk::with(&rows(40), slow_answers());
    desk.sandbox.answer_single_with(Answer::Slow);
    let child = desk.rows(&[]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    desk.until_taken();
    let sent = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    let (exit, out, err) = told(&child.wait_with_output().unwrap());
    assert_eq!(exit, 143, "{out}{err}");
    let taken = desk.taken().len();
    assert!(
        out.ends_with(&format!("Rows: {taken} accepted, 0 refused, 0 unknown, {} not sent, 0 cannot go\n", 40 - taken)),
        "{out}"
    );
    desk.sandbox.answer_single_with(Answer::NoContent);
    assert_eq!((desk.run(&[]).0, desk.taken().len()), (0, 40));
}
