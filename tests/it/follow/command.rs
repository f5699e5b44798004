//! `cuecard follow` and what it leaves in the history, in scripts.

use super::{INDEX, rows};
use assert_cmd::Command;
use cuecard::sandbox::{Answer, Sandbox, SandboxOptions};
use predicates::prelude::*;
use std::path::PathBuf;
use std::time::Duration;

struct Session {
    folder: tempfile::TempDir,
    sandbox: Sandbox,
    _runtime: tokio::runtime::Runtime,
}

impl Session {
    fn new(life: Duration, manifest: &str) -> Session {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let options = SandboxOptions { life, ..SandboxOptions::default() };
        let sandbox = runtime.block_on(Sandbox::start(options)).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("m.json"), manifest).unwrap();
        Session { folder, sandbox, _runtime: runtime }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, key: &str, line: &str) -> assert_cmd::assert::Assert {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cuecard"));
        command.current_dir(self.folder.path()).env_clear();
        for name in ["PATH", "LLVM_PROFILE_FILE"] {
            command.envs(std::env::var_os(name).map(|value| (name, value)));
        }
        command
            .env("CUECARD_STATE_DIR", self.path("state"))
            .env("CUECARD_CONFIG_DIR", self.path("config"))
            .env("CUECARD_API_URL", self.sandbox.api_url())
            .env("TWELVELABS_API_KEY", key);
        command.args(line.split(' ')).timeout(Duration::from_secs(60)).assert()
    }

    fn out(&self, line: &str) -> String {
        String::from_utf8(self.run("k", line).get_output().stdout.clone()).unwrap()
    }
}

#[test]
fn all_ready_is_exit_0_and_nothing_is_printed_without_all() {
    let session = Session::new(Duration::ZERO, &rows(0, 3));
    session.run("k", "submit m.json --yes").success();
    let told =
        predicate::str::contains("attempt 1: m.json, accepted ").and(predicate::str::contains("settled: 3 ready"));
    session.run("k", "follow").code(0).stdout("").stderr(told);
    let all = session.out("follow 1 --all --quiet");
    let lines: Vec<Vec<&str>> = all.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!(
        (lines.len(), &lines[0][..2], lines[0][3..].to_vec()),
        (3, &["1", "ready"][..], vec!["name", "s3://acme-video/0000.mp4", "-"])
    );
    let history = session.out("history");
    assert!(
        history.starts_with(" #  sent ") && history.contains("accepted 204 ") && history.contains("  3 ready "),
        "{history}"
    );
}

#[test]
fn a_failed_row_is_exit_1_in_text_and_json_and_becomes_a_draft() {
    let session = Session::new(Duration::ZERO, &rows(0, 8));
    session.run("k", "submit m.json --yes").success();
    let text = session.run("k", "follow").code(1);
    let line = String::from_utf8(text.get_output().stdout.clone()).unwrap();
    assert_eq!(line.split('\t').map(str::trim_end).collect::<Vec<_>>()[..2], ["5", "failed"]);
    assert!(line.ends_with("\tname\ts3://acme-video/0004.mp4\tno reason given\n"), "{line}");
    let json: serde_json::Value = serde_json::from_str(&session.out("follow --format json")).unwrap();
    assert_eq!(
        (&json["settled"], &json["identity"], &json["counts"]["failed"]),
        (&true.into(), &"guess".into(), &1.into())
    );
    assert_eq!((&json["rows"][0]["row"], &json["rows"][0]["status"]), (&5.into(), &"failed".into()));
    let history: serde_json::Value = serde_json::from_str(&session.out("history --format json")).unwrap();
    assert_eq!((&history[0]["follow"]["counts"]["ready"], &history[0]["route"]), (&7.into(), &"transfer".into()));
    session.run("k", "history draft 1 --only failed -o retry.json").code(0);
    let draft = std::fs::read_to_string(session.path("retry.json")).unwrap();
    assert!(draft.contains("0004.mp4") && draft.matches(INDEX).count() == 1, "{draft}");
    session.run("k", "history draft 1 --only failed -o retry.json").code(2);
    session.run("k", "history draft 1 --only not-seen -o other.json").code(1);
    session.run("k", "history draft 1 --only ready -o other.json").code(2);
    assert!(!session.path("other.json").exists());
}

#[test]
fn rows_are_called_guessed_after_a_transfer_and_known_after_a_send_row_by_row() {
    let known = || predicate::str::contains("each row is known by its task id");
    let guessed = || predicate::str::contains("guessed by name and length");
    for (route, is_known) in [("", false), (" --route tasks", true)] {
        let session = Session::new(
            Duration::ZERO,
            &rows(0, 3).replace(r#""transcription":"""#, r#""transcription":"s3://acme-captions/a.srt""#),
        );
        session.run("k", &format!("submit m.json --yes{route}")).code(0);
        let told = session.run("k", "follow --once");
        let told = if is_known {
            told.stderr(known().and(guessed().not()))
        } else {
            told.stderr(guessed().and(known().not()))
        };
        told.code(0);
    }
}

#[test]
fn a_draft_takes_the_rows_from_where_they_stand_now() {
    let session = Session::new(Duration::ZERO, &rows(0, 8));
    session.run("k", "submit m.json --yes").success();
    session.run("k", "follow --once --quiet").code(1);
    std::fs::write(session.path("m.json"), rows(3, 8)).unwrap();
    let told = predicate::str::contains("m.json was changed since. The draft takes the rows as they are now.");
    session.run("k", "history draft 1 --only failed -o retry.json").code(0).stderr(told);
    assert!(std::fs::read_to_string(session.path("retry.json")).unwrap().contains("0004.mp4"));
}

#[test]
fn follow_exit_codes_tell_running_from_unreachable() {
    let session = Session::new(Duration::from_secs(9_999), &rows(0, 3));
    session.run("k", "follow").code(2).stderr(predicate::str::contains("nothing to follow"));
    session.run("k", "submit m.json --yes").success();
    session.run("k", "follow --once").code(6).stdout(predicate::str::contains("validating"));
    session.run("k", "follow --until 1s --format jsonl").code(6);
    session.run("k", "follow 9").code(2).stderr(predicate::str::contains("There is no attempt 9"));
    session.run("k", "follow --until tomorrow").code(2);
    session.run("k", "follow --offline").code(2);
    session.run("k-401", "follow").code(4).stderr(predicate::str::contains("401: the API key was not accepted"));
    session.sandbox.answer_listing_with(Answer::NotFound);
    session.run("k", "follow").code(4);
    let fresh = Session::new(Duration::ZERO, &rows(0, 3));
    fresh.run("k", "submit m.json --yes").success();
    fresh.sandbox.answer_listing_with(Answer::Drop);
    fresh.run("k", "follow --once").code(3);
    // What an earlier run was told is no answer of this one.
    session.sandbox.answer_listing_with(Answer::Drop);
    let told = predicate::str::contains("so far: 0 ready, 1 running");
    session.run("k", "follow --once").code(3).stderr(predicate::str::contains("no answer since ").and(told));
}

#[test]
fn of_a_send_row_by_row_only_rows_that_may_have_a_task_are_followed() {
    let transcribed = rows(0, 6).replace(r#""transcription":"""#, r#""transcription":"s3://acme-captions/a.srt""#);
    let session = Session::new(Duration::ZERO, &transcribed);
    session.run("k", "submit m.json --yes --route tasks").code(0);
    // As if the service had refused the first row, dropped the second and third, and never been asked for the fourth.
    let ledger = rusqlite::Connection::open(session.path("state/ledger.db")).unwrap();
    for (place, state, accepted) in
        [(0, "refused", None), (1, "unknown", None), (2, "unknown", Some(true)), (3, "not_sent", None)]
    {
        let change =
            "UPDATE sent_row SET state = ?2, task = NULL, settled_accepted = ?3, settled_ms = 1 WHERE place = ?1";
        ledger.execute(change, rusqlite::params![place, state, accepted]).unwrap();
    }
    ledger.execute("UPDATE attempt SET outcome = 'unknown'", []).unwrap();
    let told =
        predicate::str::contains("attempt 1: m.json, sent ").and(predicate::str::contains(", 3 of 6 rows accepted, "));
    let known = "the task ids of 2 rows were told, 2 others are guessed by name and length\n";
    let all = session.run("k", "follow --once --all").code(0);
    let all = all.stderr(told.and(predicate::str::contains(known)).and(predicate::str::contains("all").not()));
    let text = String::from_utf8(all.get_output().stdout.clone()).unwrap();
    let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split('\t').collect()).collect();
    let told: Vec<_> = lines.iter().map(|line| (line[0], line[1], line[3])).collect();
    assert_eq!(
        told,
        [("2", "ready", "name"), ("3", "ready", "name"), ("5", "ready", "task-id"), ("6", "ready", "task-id")]
    );
}

#[test]
fn counts_come_to_all_rows_before_and_after_everything_has_settled() {
    let session = Session::new(Duration::from_secs(9_999), &rows(0, 3));
    session.run("k", "submit m.json --yes").success();
    let json = || -> serde_json::Value { serde_json::from_str(&session.out("follow --once --format json")).unwrap() };
    let early = json();
    assert_eq!((&early["counts"]["rows"], &early["counts"]["not_seen"]), (&3.into(), &2.into()), "{early}");
    assert_eq!(early["rows"][1]["state"], "no_task_yet");
    session.sandbox.let_pass(Duration::from_secs(99_999));
    let late = json();
    assert_eq!(late["counts"]["not_seen"], 0, "{late}");
}

#[test]
fn an_unknown_attempt_is_told_how_likely_it_was_accepted_and_can_be_settled() {
    let session = Session::new(Duration::ZERO, &rows(0, 4));
    session.run("k-drop", "submit m.json --yes").code(5);
    let told = "4 of 4 rows have a new task: very likely accepted (a guess). cuecard history settle 1 accepted";
    session.run("k", "follow --once").code(0).stderr(predicate::str::contains(told));
    session.run("k", "history settle 1 accepted").code(0);
    session.run("k", "history settle 1 accepted").code(2).stderr(predicate::str::contains("already recorded"));
    session.run("k", "history settle 9 not-accepted").code(2);
    assert!(session.out("history").contains("accepted, by you"));
    session.run("k", "follow --once").stderr(predicate::str::contains("attempt 1: m.json, accepted, by your word 2"));
    session.run("k", "history settle 1 not-accepted").code(0);
    session.run("k", "follow 1 --once").stderr(predicate::str::contains("m.json, not accepted, by your word 2"));
}
