//! `cuecard set`, `clear` and `replace` in scripts: what they write, print and return.

use assert_cmd::Command;
use cuecard::io::store::{Ledger, Mark};
use predicates::prelude::*;
use std::path::PathBuf;

const ROWS: &str = "[\r\n  {\"index_id\": \"6298d673f1090f1100476d4c\", \"language\":\"en-US\", \"object\": \"s3://acme-video/1.mp4\", \"transcription\": \"\", \"n\": 1.10},\r\n  {\"index_id\": \"6298d673f1090f1100476d4c\", \"language\": \"en\", \"object\": \"s3://acme-video/2.mp4\", \"transcription\": \"s3://old-captions/2.srt\"},\r\n  {\"index_id\": \"6298d673f1090f1100476d4c\", \"language\": \"ko\", \"object\": \"s3:\\/\\/acme-video\\/3.mp4\", \"transcription\": null}\r\n]\r\n";

/// A folder with a manifest and a state of its own.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Folder {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("m.json"), ROWS).unwrap();
        Folder(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    fn run(&self, arguments: &[&str]) -> assert_cmd::assert::Assert {
        self.command(arguments).assert()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cuecard"));
        command.current_dir(self.0.path()).env_clear().args(arguments);
        for name in ["PATH", "LLVM_PROFILE_FILE"] {
            command.envs(std::env::var_os(name).map(|value| (name, value)));
        }
        command.env("CUECARD_STATE_DIR", self.path("state")).env("CUECARD_CONFIG_DIR", self.path("config"));
        command
    }
}

#[test]
fn set_writes_only_the_values_it_counts() {
    let folder = Folder::new();
    folder
        .run(&["set", "m.json", "language", "en", "--where", "language=en-US"])
        .code(0)
        .stdout("changes 1, already so 0, would break 0\n")
        .stderr("saved m.json, 1 value changed, every other byte as it was\n");
    assert_eq!(folder.text("m.json"), ROWS.replace("en-US", "en"));
    folder
        .run(&["set", "m.json", "lang", "en", "--where", "language=en-US"])
        .code(0)
        .stdout("changes 0, already so 0, would break 0\n")
        .stderr("nothing to change\n");
    folder.run(&["clear", "m.json", "transcript", "--rows", "2..9"]).code(0).stdout("changes 1, already empty 1\n");
    assert_eq!(folder.text("m.json"), ROWS.replace("en-US", "en").replace("s3://old-captions/2.srt", ""));
}

#[test]
fn replace_prints_counts_as_data_and_a_dry_run_lists_the_rows_and_writes_nothing() {
    let folder = Folder::new();
    let replace = ["replace", "m.json", "transcription", "^s3://old-captions/(.+)\\.srt$", "s3://acme-captions/$1.vtt"];
    folder
        .run(&[&replace[..], &["--dry-run"]].concat())
        .code(0)
        .stdout("row 2: s3://old-captions/2.srt -> s3://acme-captions/2.vtt\nchanges 1, already so 0, no match 2, would break 0\n")
        .stderr("nothing was written: this was a dry run\n");
    assert_eq!(folder.text("m.json"), ROWS);
    let assert = folder.run(&[&replace[..], &["--dry-run", "--format", "json"]].concat()).code(0);
    let json: serde_json::Value = serde_json::from_slice(&assert.get_output().stdout).unwrap();
    assert_eq!(
        json,
        serde_json::json!({
            "manifest": "m.json", "field": "transcription", "rows": 3, "written": null,
            "counts": {"changes": 1, "already_so": 0, "no_match": 2, "would_break": 0},
            "used": 0, "twice": 0,
            "values": [{"row": 2, "old": "s3://old-captions/2.srt", "new": "s3://acme-captions/2.vtt", "code": null}],
        })
    );
    let assert = folder.run(&[&replace[..], &["--format", "json"]].concat()).code(0);
    let json: serde_json::Value = serde_json::from_slice(&assert.get_output().stdout).unwrap();
    assert_eq!((&json["written"], &json["values"]), (&"m.json".into(), &serde_json::json!([])));
    assert_eq!(folder.text("m.json"), ROWS.replace("s3://old-captions/2.srt", "s3://acme-captions/2.vtt"));
}

#[test]
fn values_that_would_be_errors_are_left_and_told_unless_they_are_wanted() {
    let folder = Folder::new();
    let set = ["set", "m.json", "transcription", "s3://acme-captions/x.txt", "--rows", "1..2"];
    folder
        .run(&set)
        .code(1)
        .stdout(
            "row 1: \"\" -> s3://acme-captions/x.txt  error transcription-extension\n\
             row 2: s3://old-captions/2.srt -> s3://acme-captions/x.txt  error transcription-extension\n\
             changes 0, already so 0, would break 2\n",
        )
        .stderr(predicate::str::contains(
            "2 values would be errors and were left: transcription-extension 2; --allow-errors writes them",
        ));
    assert_eq!(folder.text("m.json"), ROWS);
    folder.run(&[&set[..], &["--allow-errors"]].concat()).code(0);
    assert_eq!(folder.text("m.json").matches("x.txt").count(), 2);
}

#[test]
fn output_file_must_be_new_without_force() {
    let folder = Folder::new();
    let set = ["set", "m.json", "language", "en", "-o", "out.json"];
    folder.run(&set).code(0).stderr("saved out.json, 2 values changed, every other byte as it was\n");
    let out = ROWS.replace("en-US", "en").replace("\"ko\"", "\"en\"");
    assert_eq!((folder.text("m.json"), folder.text("out.json")), (ROWS.to_owned(), out.clone()));
    std::fs::write(folder.path("out.json"), "mine").unwrap();
    folder
        .run(&set)
        .code(2)
        .stderr(predicate::str::contains("a file with this name already exists; --force writes over it"));
    assert_eq!(folder.text("out.json"), "mine");
    folder.run(&[&set[..], &["--force"]].concat()).code(0);
    assert_eq!(folder.text("out.json"), out);
    // The manifest itself exists.
    folder.run(&["set", "m.json", "language", "en", "-o", "m.json"]).code(2);
    assert_eq!(folder.text("m.json"), ROWS);
}

#[test]
fn standard_input_and_output_make_a_filter() {
    let folder = Folder::new();
    folder
        .command(&["clear", "-", "transcription"])
        .write_stdin(ROWS)
        .assert()
        .code(2)
        .stderr(predicate::str::contains("-o"));
    folder
        .command(&["clear", "-", "transcription", "-o", "-"])
        .write_stdin(ROWS)
        .assert()
        .code(0)
        .stdout(ROWS.replace("s3://old-captions/2.srt", ""))
        .stderr("changes 1, already empty 2\nsaved standard output, 1 value changed, every other byte as it was\n");
    folder
        .command(&["clear", "-", "transcription", "-o", "-"])
        .write_stdin("[{]")
        .assert()
        .code(2)
        .stderr(predicate::str::contains("line 1, column 3"));
}

#[test]
fn what_is_wrong_with_the_arguments_is_said_at_its_place() {
    let folder = Folder::new();
    folder
        .run(&["replace", "m.json", "transcription", "^s3://(\\d{4}", "x"])
        .code(2)
        .stderr("  ^s3://(\\d{4}\n        ^\ncuecard: unclosed group, column 7\n");
    folder
        .run(&["replace", "m.json", "transcription", "(2)", "$1_x"])
        .code(2)
        .stderr(predicate::str::contains("is ${1}_x meant?"));
    folder.run(&["set", "m.json", "title", "x"]).code(2).stderr(predicate::str::contains("index_id, language, object"));
    folder
        .run(&["clear", "m.json", "language", "--where", "missng"])
        .code(2)
        .stderr(predicate::str::contains("it can be missing"));
    folder
        .run(&["clear", "gone.json", "language"])
        .code(2)
        .stderr(predicate::str::contains("gone.json: there is no such file"));
    folder.run(&["clear", "m.json", "language", "--rows", "3..1"]).code(2);
    assert_eq!(folder.text("m.json"), ROWS);
}

#[test]
fn a_value_with_braces_is_a_template() {
    let folder = Folder::new();
    let set = ["set", "m.json", "transcription", "s3://acme-captions/{stem}.{lang:short}.srt", "--where", "missing"];
    folder.run(&set).code(0).stdout("changes 2, already so 0, would break 0\n");
    let row = |n: u32, language: &str| format!("s3://acme-captions/{n}.{language}.srt");
    let text = ROWS.replace("\"transcription\": \"\"", &format!("\"transcription\": \"{}\"", row(1, "en")));
    assert_eq!(folder.text("m.json"), text.replace("null", &format!("\"{}\"", row(3, "ko"))));
    folder.run(&["set", "m.json", "transcription", "s3://acme-captions/{stm}.srt"]).code(2).stderr(
        "  s3://acme-captions/{stm}.srt\n                     ^^^^^\ncuecard: {stm} is no part. Did you mean {stem}?\n",
    );
    folder
        .run(&["set", "m.json", "transcription", "s3://acme-captions/{bucket}.srt", "--dry-run"])
        .code(0)
        .stderr(predicate::str::contains("of 3 new transcripts another row, with another video, gets it too"));
    folder
        .run(&["set", "m.json", "transcription", "s3://acme-captions/{number:2}.srt"])
        .code(0)
        .stdout("changes 0, already so 0, would break 0, no value 3\n");
}

#[test]
fn non_string_values_are_shown_as_json() {
    let folder = Folder::new();
    std::fs::write(folder.path("m.json"), r#"[{"language": 5}, 7]"#).unwrap();
    folder
        .run(&["set", "m.json", "language", "en", "--dry-run"])
        .code(0)
        .stdout("row 1: 5 -> en\nchanges 1, already so 0, would break 0, not an object 1\n");
}

#[test]
fn a_file_with_changes_that_were_not_saved_is_not_written_over() {
    let folder = Folder::new();
    let path = folder.path("m.json").canonicalize().unwrap();
    let content = cuecard::domain::request::Fingerprint::of([ROWS.as_bytes()]).hex();
    let ledger = || Ledger::open(&folder.path("state")).unwrap();
    let session = ledger().open_session(&path, &content, 0).unwrap();
    ledger().record(session, 0, &[Mark::Did("{}".into())], 0).unwrap();
    // This process is alive, so its session is not a leftover.
    folder.run(&["set", "m.json", "language", "en", "--dry-run"]).code(0);
    let database = rusqlite::Connection::open(folder.path("state").join("ledger.db")).unwrap();
    database.execute("UPDATE session SET process = 0, identity = 'gone'", []).unwrap();
    drop(database);
    folder
        .run(&["set", "m.json", "language", "en"])
        .code(2)
        .stderr(predicate::str::contains("m.json: 1 change of it was not saved"));
    assert_eq!(folder.text("m.json"), ROWS);
    folder.run(&["set", "m.json", "language", "en", "-o", "out.json"]).code(0);
}
