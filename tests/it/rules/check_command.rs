//! `cuecard check`: from a file to stdout and stderr.

use clap::Parser;
use cuecard::commands::check::{Check, Format, run};
use cuecard::domain::evidence::Evidence;
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

/// The vendor's own guide, unchanged: an id of 25 digits, and transcripts without file names.
const VENDOR: &str = r#"[
  {
    "index_id": "629d807aa9e2a3a33a92c00b1",
    "language": "en",
    "object": "s3://twelve-labs-docs/01.mp4",
    "transcription": "s3://twelve-labs-docs/"
  },
  {
    "index_id": "6298d673f1090f1100476d4c",
    "object": "https://acme.s3.us-west-2.amazonaws.com/02.mp4?X-Amz-Signature=CANARY",
    "language": "en-US",
    "transcription": "s3://twelve-labs-docs/0\u202e2.vt"
  }
]
"#;

struct Ran {
    exit: u8,
    out: String,
    err: String,
}

fn check(bytes: &[u8], rows: Option<(u32, u32)>, format: Format, sent: Option<&str>) -> Ran {
    let folder = tempfile::tempdir().unwrap();
    let manifest = folder.path().join("m.json");
    std::fs::write(&manifest, bytes).unwrap();
    check_path(manifest, rows, format, sent)
}

fn check_path(manifest: PathBuf, rows: Option<(u32, u32)>, format: Format, sent: Option<&str>) -> Ran {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let folder = format!("{}/", manifest.parent().unwrap().display());
    let options = Check { manifest, rows, format, ..Check::default() };
    let observed = |_: &_| Ok(Evidence::default().into());
    let exit = run(&options, &observed, &|_| sent.map(str::to_owned), &mut out, &mut err);
    let text = |bytes| String::from_utf8(bytes).unwrap().replace(&folder, "");
    Ran { exit, out: text(out), err: text(err) }
}

#[test]
fn text_is_one_line_a_finding_as_compilers_write_it() {
    let ran = check(VENDOR.as_bytes(), None, Format::Text, None);
    assert_eq!(
        ran.out,
        "\
m.json:3: error index-id-format: row 1, index_id: 25 characters, an index id has 24.
m.json:6: error key-missing: row 1, transcription: Only a bucket, no object. Add the transcript's key.
m.json:10: error url-presigned: row 2, object: This is a signed link: it expires, and its signature is a secret. The fix keeps only bucket and key.
m.json:12: error transcription-extension: row 2, transcription: .vt is not .srt or .vtt.
m.json:11: warning language-undocumented: row 2, language: en-US; only en is documented.
m.json:12: warning key-invisible: row 2, transcription: The key contains a character that reorders the text around it, U+202E.
"
    );
    assert_eq!(ran.err, "4 errors, 2 warnings, 0 notes in 2 rows\n");
    assert_eq!(ran.exit, 1);
}

#[test]
fn json_is_one_array_that_a_terminal_can_show() {
    let ran = check(VENDOR.as_bytes(), None, Format::Json, Some("Sent 11:02 today, answered 204."));
    assert_eq!(
        ran.out,
        r#"[
{"row":1,"line":2,"code":"already-sent","severity":"warning","field":null,"message":"Sent 11:02 today, answered 204.","fix":null},
{"row":1,"line":3,"code":"index-id-format","severity":"error","field":"index_id","message":"25 characters, an index id has 24.","fix":null},
{"row":1,"line":6,"code":"key-missing","severity":"error","field":"transcription","message":"Only a bucket, no object. Add the transcript's key.","fix":null},
{"row":2,"line":10,"code":"url-presigned","severity":"error","field":"object","message":"This is a signed link: it expires, and its signature is a secret. The fix keeps only bucket and key.","fix":"s3://acme/02.mp4"},
{"row":2,"line":12,"code":"transcription-extension","severity":"error","field":"transcription","message":".vt is not .srt or .vtt.","fix":"s3://twelve-labs-docs/0\u202e2.vtt"},
{"row":2,"line":11,"code":"language-undocumented","severity":"warning","field":"language","message":"en-US; only en is documented.","fix":"en"},
{"row":2,"line":12,"code":"key-invisible","severity":"warning","field":"transcription","message":"The key contains a character that reorders the text around it, U+202E.","fix":"s3://twelve-labs-docs/02.vt"}
]
"#
    );
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&ran.out).unwrap()[4]["fix"],
        "s3://twelve-labs-docs/0\u{202e}2.vtt"
    );
}

#[test]
fn sarif_is_valid_where_scanners_look() {
    let ran = check(VENDOR.as_bytes(), None, Format::Sarif, None);
    let sarif: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let run = &sarif["runs"][0];
    assert_eq!((&sarif["version"], run["results"].as_array().unwrap().len()), (&"2.1.0".into(), 6));
    for result in run["results"].as_array().unwrap() {
        let rule = &run["tool"]["driver"]["rules"][result["ruleIndex"].as_u64().unwrap() as usize];
        assert_eq!(rule["id"], result["ruleId"]);
        let place = &result["locations"][0]["physicalLocation"];
        assert!(place["region"]["startLine"].as_u64() > Some(0));
        assert_eq!(place["artifactLocation"]["uri"], "file://m.json");
    }
    assert!(!ran.out.contains("CANARY"));
}

#[test]
fn a_row_range_limits_what_is_reported_but_not_what_is_compared() {
    let row = r#"{"index_id": "6298d673f1090f1100476d4c", "language": "en", "object": "s3://abc/1.mp4", "transcription": ""}"#;
    let bytes = format!("[{row},\n{row},\n{row}]");
    let ran = check(bytes.as_bytes(), Some((2, 2)), Format::Json, Some("Sent before."));
    let found: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let brief: Vec<_> =
        found.as_array().unwrap().iter().map(|f| (&f["row"], &f["line"], &f["code"], &f["fix"])).collect();
    let (two, null) = (2.into(), serde_json::Value::Null);
    assert_eq!(
        brief,
        [
            (&two, &two, &"object-duplicate".into(), &"exclude".into()),
            (&two, &two, &"transcription-missing".into(), &null)
        ]
    );
    assert_eq!((ran.exit, ran.err.as_str()), (0, "0 errors, 1 warning, 1 note in row 2 of 3\n"));
    let to_the_end = check(bytes.as_bytes(), Some((2, u32::MAX)), Format::Json, None);
    assert!(to_the_end.err.ends_with("in rows 2 to 3 of 3\n"), "{}", to_the_end.err);
}

#[test]
fn what_cannot_be_read_exits_2_with_line_and_column() {
    let ran = check(b"[\n  {},\n  x\n]", None, Format::Json, None);
    assert_eq!((ran.exit, ran.out.as_str()), (2, ""));
    assert!(ran.err.starts_with("m.json: line 3, column 3: "), "{}", ran.err);
    let ran = check(b"{}", None, Format::Text, None);
    assert_eq!(ran.exit, 2);
    assert!(ran.err.starts_with("m.json: line 1, column 1: "), "{}", ran.err);
    let ran = check_path(tempfile::tempdir().unwrap().path().join("none.json"), None, Format::Text, None);
    assert_eq!(ran.exit, 2);
    assert_eq!(ran.err, "none.json: there is no such file\n");
}

#[test]
fn rows_that_the_manifest_does_not_have_are_a_usage_error_that_says_how_many_there_are() {
    let row = "{}";
    for (rows, range, words) in [
        (4, (5, 9), "--rows begins at row 5, but the manifest has 4 rows"),
        (1, (2, 2), "--rows begins at row 2, but the manifest has 1 row"),
        (1, (u32::MAX, u32::MAX), "--rows begins at row 4,294,967,295, but the manifest has 1 row"),
        (0, (1, 1), "--rows begins at row 1, but the manifest has no rows"),
    ] {
        let bytes = format!("[{}]", vec![row; rows].join(","));
        let ran = check(bytes.as_bytes(), Some(range), Format::Json, None);
        assert_eq!((ran.exit, ran.out.as_str(), ran.err), (2, "", format!("{words}\n")));
    }
}

/// A pipe that nobody writes to, a device that never ends, and a folder: opening them would wait, or read without end.
fn no_files() -> (tempfile::TempDir, Vec<(PathBuf, &'static str)>) {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let linked = folder.path().join("linked.json");
    std::os::unix::fs::symlink(&pipe, &linked).unwrap();
    let all = vec![
        (pipe, "is a pipe"),
        (linked, "is a pipe"),
        ("/dev/zero".into(), "is a device"),
        (folder.path().to_owned(), "is a folder"),
    ];
    (folder, all)
}

#[test]
fn commands_that_read_a_file_refuse_pipes_devices_and_folders_at_once() {
    let (folder, all) = no_files();
    let manifest = folder.path().join("m.json");
    std::fs::write(&manifest, VENDOR).unwrap();
    let manifest = manifest.to_str().unwrap();
    for (path, what) in &all {
        let path = path.to_str().unwrap();
        let commands: [&[&str]; 9] = [
            &["check", path],
            &["set", path, "language", "en"],
            &["replace", path, "transcription", "a", "b"],
            &["pair", path, "--from", manifest],
            &["pair", manifest, "--from", path],
            &["merge", path, manifest, "-o", "out.json"],
            &["merge", manifest, path, "-o", "out.json"],
            &["submit", path, "--dry-run"],
            &["--config", path, "check", manifest],
        ];
        for arguments in commands {
            let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_cuecard"));
            command.env("CUECARD_STATE_DIR", folder.path()).env("CUECARD_CONFIG_DIR", folder.path());
            let command = command.current_dir(folder.path()).args(arguments).timeout(Duration::from_secs(20));
            let assert = command.assert().code(2);
            let said = String::from_utf8(assert.get_output().stderr.clone()).unwrap();
            assert!(said.contains(path) && said.contains(what), "{arguments:?}: {said}");
        }
    }
}

#[test]
fn a_manifest_comes_from_standard_input_by_either_name() {
    for (name, shown) in [("-", "standard input"), ("/dev/stdin", "/dev/stdin")] {
        let folder = tempfile::tempdir().unwrap();
        let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_cuecard"));
        command.env("CUECARD_STATE_DIR", folder.path()).env("CUECARD_CONFIG_DIR", folder.path());
        let assert = command.args(["check", name]).write_stdin(VENDOR).assert().code(1);
        let out = String::from_utf8(assert.get_output().stdout.clone()).unwrap();
        assert!(out.starts_with(&format!("{shown}:3: error index-id-format")), "{out}");
    }
}

#[test]
fn closed_stdout_is_not_an_error() {
    struct Closed;
    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let manifest = folder.path().join("m.json");
    std::fs::write(&manifest, VENDOR).unwrap();
    let mut err = Vec::new();
    let options = Check { manifest, ..Check::default() };
    let exit = run(&options, &|_| Ok(Evidence::default().into()), &|_| None, &mut Closed, &mut err);
    assert_eq!((exit, err), (0, Vec::new()));
}

#[test]
fn rows_are_two_numbers_from_1() {
    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        check: Check,
    }
    let parse =
        |rows: &str| Line::try_parse_from(["check", "m.json", "--rows", rows]).ok().and_then(|line| line.check.rows);
    assert_eq!(parse("1..5000"), Some((1, 5000)));
    assert_eq!(parse("7..7"), Some((7, 7)));
    assert_eq!(parse("3.."), Some((3, u32::MAX)));
    assert_eq!(parse("..3"), Some((1, 3)));
    assert_eq!(parse("1..99999999999"), Some((1, u32::MAX)), "to the end, however far that is");
    for wrong in ["0..5", "0..", "..0", "0..0", "5..1", "5", "..", "a..b", "+1..3", "1...3", "1..3..5", "-1..3", ""] {
        assert_eq!(parse(wrong), None, "{wrong}");
    }
}

#[test]
fn a_misspelt_key_and_a_byte_order_mark_are_told() {
    let row = |more: &str| {
        format!(
            r#"{{"index_id": "6298d673f1090f1100476d4c", "language": "en", "object": "s3://acme-video/01.mp4", {more}}}"#
        )
    };
    let manifest = format!(
        "\u{feff}[{},\n{},\n{}]",
        row(r#""transcription": "s3://acme-captions/01.srt", "id": 7"#),
        row(r#""transcript": "s3://acme-captions/01.srt""#),
        row(r#""transcription": "s3://acme-captions/01.srt", "transcript": "other""#),
    );
    let ran = check(manifest.as_bytes(), None, Format::Json, None);
    let found: Vec<serde_json::Value> = serde_json::from_str(&ran.out).unwrap();
    let of = |code: &str| -> Vec<(u64, String)> {
        let own = found.iter().filter(|it| it["code"] == code);
        own.map(|it| (it["row"].as_u64().unwrap(), it["message"].as_str().unwrap().to_owned())).collect()
    };
    let misspelt = "transcript is not a field of the service. Is it meant to be transcription?";
    assert_eq!(of("field-misspelt"), [(2, misspelt.to_owned())], "the third row has the field as well");
    let bom = of("manifest-bom");
    assert_eq!((bom.len(), bom[0].0), (1, 1));
    assert_eq!(check(&manifest.as_bytes()[3..], None, Format::Json, None).out.matches("manifest-bom").count(), 0);
}
