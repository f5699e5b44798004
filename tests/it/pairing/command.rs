//! `cuecard pair` for scripts and people.

use assert_cmd::Command;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

const MANIFEST: &str = r#"[
  { "index_id": "65a1b2c3d4e5f60718293a4b", "language": "en", "object": "s3://b/v/ep01.mp4", "transcription": "", "own": 1.10 },
  {"index_id":"65a1b2c3d4e5f60718293a4b","language":"en","object":"s3://b/v/ep02.mp4"},
  { "index_id": "65a1b2c3d4e5f60718293a4b", "language": "en", "object": "s3://b/v/ep03.mp4", "transcription": null },
  { "index_id": "65a1b2c3d4e5f60718293a4b", "language": "en", "object": "s3://b/v/ep04.mp4", "transcription": "s3://b/v/ep05.srt" }
]
"#;
const LIST: &str = "s3://b/v/ep01.srt\ns3://b/v/ep02.en.srt\ns3://b/v/ep03.en-GB.srt\ns3://b/v/ep03.en-US.srt\n";

struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Place {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("m.json"), MANIFEST).unwrap();
        fs::write(folder.path().join("keys.txt"), LIST).unwrap();
        Place { folder }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn pair(&self, arguments: &[&str]) -> Command {
        let mut command = Command::cargo_bin("cuecard").unwrap();
        command
            .current_dir(self.path())
            .env("CUECARD_STATE_DIR", self.path().join("state"))
            .env("CUECARD_CONFIG_DIR", self.path().join("config"))
            .arg("pair")
            .args(arguments);
        command
    }

    fn manifest(&self) -> String {
        fs::read_to_string(self.path().join("m.json")).unwrap()
    }
}

fn filled() -> String {
    MANIFEST.replacen(r#""transcription": "", "own""#, r#""transcription": "s3://b/v/ep01.srt", "own""#, 1).replacen(
        r#""object":"s3://b/v/ep02.mp4"}"#,
        r#""object":"s3://b/v/ep02.mp4","transcription":"s3://b/v/ep02.en.srt"}"#,
        1,
    )
}

#[test]
fn proposals_are_printed_and_nothing_is_written() {
    let place = Place::new();
    let done = place.pair(&["m.json", "--from", "keys.txt"]).assert().code(0);
    let text = String::from_utf8(done.get_output().stdout.clone()).unwrap();
    assert!(text.contains("row 1: s3://b/v/ep01.mp4 -> s3://b/v/ep01.srt  exact: same name · same folder"), "{text}");
    assert!(
        text.contains("row 3: s3://b/v/ep03.mp4  ambiguous: two fit: en-GB and en-US; the row says en: "),
        "{text}"
    );
    assert!(!text.contains("row 4"), "{text}");
    assert!(
        text.starts_with(
            "                  rows       sure  to decide\nexact                1          1          0   same name"
        ),
        "{text}"
    );
    let said = String::from_utf8(done.get_output().stderr.clone()).unwrap();
    assert!(said.contains("3 rows without a transcript: 2 sure, 1 to decide, 0 nothing fits"), "{said}");
    assert_eq!(place.manifest(), MANIFEST);
}

#[test]
fn as_json_there_is_an_entry_for_each_row_without_a_transcript() {
    let place = Place::new();
    let done = place.pair(&["m.json", "--from", "-", "--format", "json"]).write_stdin(LIST).assert().code(0);
    let rows: serde_json::Value = serde_json::from_slice(&done.get_output().stdout).unwrap();
    let confidence: Vec<&str> =
        rows.as_array().unwrap().iter().map(|row| row["confidence"].as_str().unwrap()).collect();
    assert_eq!(confidence, ["exact", "normalised", "ambiguous"]);
    assert_eq!(rows[2]["transcript"], serde_json::Value::Null);
    assert_eq!(rows[2]["alternatives"], serde_json::json!(["s3://b/v/ep03.en-GB.srt", "s3://b/v/ep03.en-US.srt"]));
}

#[test]
fn apply_fills_in_what_is_sure_and_leaves_every_other_byte() {
    let place = Place::new();
    place.pair(&["m.json", "--from", "keys.txt", "--apply"]).assert().code(0);
    assert_eq!(place.manifest(), filled());
}

#[test]
fn only_the_classes_that_were_named_are_filled_in() {
    let place = Place::new();
    place.pair(&["m.json", "--from", "keys.txt", "--apply", "--classes", "exact"]).assert().code(0);
    assert!(place.manifest().contains("ep01.srt") && !place.manifest().contains("ep02.en.srt"));
}

#[test]
fn the_result_goes_to_a_new_file_or_to_standard_output_and_never_over_another() {
    let place = Place::new();
    place.pair(&["m.json", "--from", "keys.txt", "-o", "out.json"]).assert().code(0);
    assert_eq!(fs::read_to_string(place.path().join("out.json")).unwrap(), filled());
    place.pair(&["m.json", "--from", "keys.txt", "-o", "out.json"]).assert().code(2);
    let done = place.pair(&["-", "--from", "keys.txt", "-o", "-"]).write_stdin(MANIFEST).assert().code(0);
    assert_eq!(String::from_utf8(done.get_output().stdout.clone()).unwrap(), filled());
    assert_eq!(place.manifest(), MANIFEST);
}

#[test]
fn a_dry_run_says_how_many_rows_it_would_fill() {
    let place = Place::new();
    let done = place.pair(&["m.json", "--from", "keys.txt", "--apply", "--dry-run"]).assert().code(0);
    let said = String::from_utf8(done.get_output().stderr.clone()).unwrap();
    assert!(said.contains("2 rows would be filled in; nothing was written"), "{said}");
    assert_eq!(place.manifest(), MANIFEST);
}

#[test]
fn filled_rows_are_compared_with_their_names() {
    let place = Place::new();
    let done = place.pair(&["m.json", "--from", "keys.txt", "--check", "--format", "json"]).assert().code(0);
    let rows: serde_json::Value = serde_json::from_slice(&done.get_output().stdout).unwrap();
    assert_eq!(
        rows,
        serde_json::json!([{"row": 4, "object": "s3://b/v/ep04.mp4", "transcript": "s3://b/v/ep05.srt", "verdict": "contradict",
                            "better": null}])
    );
    fs::write(place.path().join("keys.txt"), "s3://b/v/ep04.srt\n").unwrap();
    let done = place.pair(&["m.json", "--from", "keys.txt", "--check"]).assert().code(0);
    let text = String::from_utf8(done.get_output().stdout.clone()).unwrap();
    assert_eq!(text, "row 4: s3://b/v/ep04.mp4 has s3://b/v/ep05.srt  contradict; s3://b/v/ep04.srt fits better\n");
}

#[test]
fn a_table_wins_over_names_and_says_what_of_it_is_of_this_manifest() {
    let place = Place::new();
    let crossed = "v,t\nv/ep01.mp4,v/ep02.en.srt\nv/ep02.mp4,v/ep01.srt\nv/ep09.mp4,v/ep01.srt\n";
    fs::write(place.path().join("pairs.csv"), crossed).unwrap();
    let done = place.pair(&["m.json", "--from", "keys.txt", "--from", "pairs.csv", "--apply"]).assert().code(0);
    let said = String::from_utf8(done.get_output().stderr.clone()).unwrap();
    assert!(said.contains("pairs.csv: table, 4 lines, 3 pairs\n"), "{said}");
    assert!(
        said.contains(
            "pairs.csv: 2 of 3 videos are objects of this manifest, 2 of 2 transcripts are in the lists; not line 4, \"v/ep09.mp4\""
        ),
        "{said}"
    );
    let written = place.manifest();
    let at = |text: &str| written.find(text).unwrap_or_else(|| panic!("{text}: {written}"));
    assert!(at("ep01.mp4") < at("s3://b/v/ep02.en.srt") && at("s3://b/v/ep02.en.srt") < at("ep02.mp4"));
    assert!(at("ep02.mp4") < at("s3://b/v/ep01.srt"));
}

#[test]
fn a_row_whose_transcript_in_a_table_is_in_no_list_is_asked_and_not_paired_by_name() {
    let place = Place::new();
    fs::write(place.path().join("pairs.csv"), "v,t\nv/ep01.mp4,v/ep77.srt\nv/ep02.mp4,v/ep02.en.srt\n").unwrap();
    let arguments = ["m.json", "--from", "keys.txt", "--from", "pairs.csv", "--format", "json"];
    let done = place.pair(&arguments).assert().code(0);
    let rows: serde_json::Value = serde_json::from_slice(&done.get_output().stdout).unwrap();
    assert_eq!((&rows[0]["confidence"], &rows[0]["transcript"]), (&"ambiguous".into(), &serde_json::Value::Null));
    assert_eq!(rows[0]["reason"], "not in the lists: given by pairs.csv, line 2");
    assert_eq!(rows[1]["transcript"], "s3://b/v/ep02.en.srt");
}

#[test]
fn a_source_without_a_key_is_told_and_its_rows_are_printed_as_ever() {
    let place = Place::new();
    fs::write(place.path().join("empty.txt"), "\n").unwrap();
    let done = place.pair(&["m.json", "--from", "empty.txt", "--format", "json"]).assert().code(0);
    let output = done.get_output();
    let rows: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(rows.as_array().unwrap().iter().all(|row| row["confidence"] == "none"), "{rows}");
    let said = String::from_utf8(output.stderr.clone()).unwrap();
    assert!(said.contains("no key that ends in .srt or .vtt. Expected a listing"), "{said}");
}

#[test]
fn what_cannot_be_read_ends_with_2_and_names_what_to_do() {
    let place = Place::new();
    for (name, text) in [
        ("none.csv", "v,t\nv/gone.mp4,s3://b/v/ep01.srt\nv/lost.mp4,s3://b/v/ep02.srt\n"),
        ("bare.csv", "v,t\nv/ep01.mp4,ep02.srt\n"),
        ("empty.txt", "\n"),
        ("videos.txt", "s3://b/v/ep01.mp4\n"),
    ] {
        fs::write(place.path().join(name), text).unwrap();
    }
    for (arguments, says) in [
        (&["m.json", "--from", "missing.txt"][..], "missing.txt"),
        (&["none.json", "--from", "keys.txt"], "none.json"),
        (&["-", "--from", "-"], "standard input is named twice"),
        (&["-", "--from", "https://acme.s3.amazonaws.com/", "--from", "-"], "standard input is named twice"),
        (&["m.json", "--from", "https://example.com/"], "is no address of a bucket"),
        (
            &["m.json", "--from", "none.csv"],
            "no video of it is an object of this manifest, such as line 2, \"v/gone.mp4\"",
        ),
        (&["m.json", "--from", "bare.csv"], "bare.csv: names are relative. Name the prefix they belong to"),
        (&["m.json", "--from", "empty.txt", "--apply"], "no key that ends in .srt or .vtt. Expected a listing"),
        (&["m.json", "--from", "videos.txt", "--apply"], "no key that ends in .srt or .vtt. Expected a listing"),
        (&["m.json", "--from", "manifest.txt", "--from", "empty.txt", "--check"], "manifest.txt does not exist"),
        (&["-", "--from", "keys.txt", "--apply"], "name a file for the result with -o"),
        (&["m.json"], "--from"),
    ] {
        let done = place.pair(arguments).write_stdin(MANIFEST).assert().code(2);
        let said = String::from_utf8(done.get_output().stderr.clone()).unwrap();
        assert!(said.contains(says), "{arguments:?}: {said}");
    }
}
