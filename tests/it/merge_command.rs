//! `cuecard merge` in scripts.

use assert_cmd::Command;
use predicates::prelude::*;
use std::path::PathBuf;

struct Folder(tempfile::TempDir);

/// Index, video, language, transcript.
fn manifest(rows: &[(&str, &str, &str, &str)]) -> String {
    let row = |(index, object, language, transcript): &(&str, &str, &str, &str)| {
        format!(
            "  {{ \"index_id\":\"{index}\", \"object\":\"s3://v/{object}.mp4\", \"language\":\"{language}\", \"transcription\":\"{transcript}\", \"n\":1.0 }}"
        )
    };
    format!("[\n{}\n]", rows.iter().map(row).collect::<Vec<_>>().join(",\n"))
}

impl Folder {
    fn new() -> Folder {
        let folder = Folder(tempfile::tempdir().unwrap());
        let old = [
            ("A", "1", "en", "s3://ccc/1.srt"),
            ("A", "2", "en", "s3://ccc/2.srt"),
            ("A", "3", "en", "s3://ccc/3.srt"),
            ("A", "4", "en", ""),
        ];
        let new =
            [("A", "2", "en", "s3://ccc/other.srt"), ("A", "1", "en", ""), ("A", "4", "ko", ""), ("A", "5", "en", "")];
        std::fs::write(folder.path("old.json"), manifest(&old)).unwrap();
        std::fs::write(folder.path("new.json"), manifest(&new)).unwrap();
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cuecard"));
        command.current_dir(self.0.path()).env_clear().arg("merge").args(arguments);
        for name in ["PATH", "LLVM_PROFILE_FILE"] {
            command.envs(std::env::var_os(name).map(|value| (name, value)));
        }
        command.env("CUECARD_STATE_DIR", self.path("state")).env("CUECARD_CONFIG_DIR", self.path("config"));
        command
    }

    fn run(&self, arguments: &[&str]) -> assert_cmd::assert::Assert {
        self.command(arguments).assert()
    }
}

const SAID: &str = "\
same row 1, 1 sure, 0 to decide
same video 0, 0 sure, 0 to decide
conflict 1, 0 sure, 1 to decide
changed 1
new 1
gone 1, 1 had transcripts
conflict, row 1, s3://v/2.mp4: yours s3://ccc/2.srt; the export has s3://ccc/other.srt
changed, row 3, s3://v/4.mp4: language en -> ko
gone, row 3, s3://v/3.mp4: s3://ccc/3.srt
";

#[test]
fn transcripts_are_carried_over_and_what_is_not_is_listed() {
    let folder = Folder::new();
    let export = folder.text("new.json");
    folder.run(&["old.json", "new.json", "-o", "out.json"]).code(0).stdout(SAID).stderr(
        "1 transcript carried over, 1 to decide stays as the export has it\n\
             1 transcript belongs to a row that is gone\n\
             saved out.json, every other byte is the export's\n",
    );
    let row = "\"object\":\"s3://v/1.mp4\", \"language\":\"en\", \"transcription\":\"";
    assert_eq!(folder.text("out.json"), export.replace(row, &format!("{row}s3://ccc/1.srt")));
    assert_eq!(folder.text("new.json"), export);
    folder.run(&["out.json", "out.json", "-o", "x"]).code(2);
    folder.run(&["old.json", "new.json", "-o", "out.json"]).code(2).stderr(predicate::str::contains("--force"));
    // Overwrites the export itself only when told to.
    folder.run(&["old.json", "new.json", "-o", "new.json"]).code(2);
    folder.run(&["old.json", "new.json", "-o", "new.json", "--force"]).code(0);
    assert_eq!(folder.text("new.json"), folder.text("out.json"));
}

#[test]
fn a_dry_run_says_the_same_and_json_is_one_object() {
    let folder = Folder::new();
    folder.run(&["old.json", "new.json", "--dry-run"]).code(0).stdout(SAID).stderr(predicate::str::contains("dry run"));
    folder
        .run(&["old.json", "new.json"])
        .code(2)
        .stderr(predicate::str::contains("name a file for the merged manifest"));
    let assert = folder.run(&["old.json", "new.json", "--dry-run", "--format", "json"]).code(0);
    let json: serde_json::Value = serde_json::from_slice(&assert.get_output().stdout).unwrap();
    assert_eq!(
        json,
        serde_json::json!({
            "old": "old.json", "new": "new.json", "carried": 1, "to_decide": 1, "already_so": 0, "gone_transcripts": 1, "written": null,
            "classes": {
                "same_row": {"rows": 1, "sure": 1, "to_decide": 0},
                "same_video": {"rows": 0, "sure": 0, "to_decide": 0},
                "conflict": {"rows": 1, "sure": 0, "to_decide": 1},
                "changed": {"rows": 1}, "new": {"rows": 1}, "gone": {"rows": 1},
            },
            "rows": [
                {"class": "conflict", "row": 1, "object": "s3://v/2.mp4", "yours": [{"row": 2, "transcription": "s3://ccc/2.srt"}], "export": "s3://ccc/other.srt"},
                {"class": "changed", "row": 3, "object": "s3://v/4.mp4", "changes": [{"field": "language", "old": "en", "new": "ko"}]},
                {"class": "gone", "row": 3, "object": "s3://v/3.mp4", "transcription": "s3://ccc/3.srt"},
            ],
        })
    );
}

#[test]
fn one_of_the_two_may_come_from_standard_input() {
    let folder = Folder::new();
    let export = folder.text("new.json");
    let merged = folder.command(&["old.json", "-", "-o", "-"]).write_stdin(export.clone()).assert().code(0);
    let out = String::from_utf8(merged.get_output().stdout.clone()).unwrap();
    assert_eq!(out, export.replacen("\"transcription\":\"\"", "\"transcription\":\"s3://ccc/1.srt\"", 1));
    folder.command(&["-", "-", "-o", "-"]).write_stdin("[]").assert().code(2);
}

#[test]
fn the_wrong_file_writes_nothing() {
    let folder = Folder::new();
    std::fs::write(folder.path("other.json"), manifest(&[("A", "9", "en", "")])).unwrap();
    folder
        .run(&["old.json", "other.json", "-o", "out.json"])
        .code(2)
        .stderr("cuecard: no row of other.json is in old.json. Is it the right file?\n");
    assert!(!folder.path("out.json").exists());
    std::fs::write(folder.path("other.json"), folder.text("old.json")).unwrap();
    folder
        .run(&["old.json", "other.json", "--dry-run"])
        .code(0)
        .stderr(predicate::str::contains("holds the same rows"));
}

#[test]
fn a_transcript_that_is_an_error_is_not_carried_over_unseen() {
    let folder = Folder::new();
    let old = folder.text("old.json").replace("s3://ccc/1.srt", "s3://ccc/1.txt");
    std::fs::write(folder.path("old.json"), old).unwrap();
    let said = "1 carried transcript is an error: row 2 transcription-extension";
    folder
        .run(&["old.json", "new.json", "-o", "out.json"])
        .code(1)
        .stdout("")
        .stderr(predicate::str::contains(format!("{said}. Nothing was written; --allow-errors carries them over")));
    assert!(!folder.path("out.json").exists());
    folder
        .run(&["old.json", "new.json", "-o", "out.json", "--allow-errors"])
        .code(0)
        .stderr(predicate::str::contains(said));
    assert!(folder.text("out.json").contains("s3://ccc/1.txt"));
}
