//! Formats written by people and programs, and the effect of an edit on each.

use super::*;

const ROW: &str =
    r#"{"index_id":"6298d673f1090f1100476d4c","language":"en","object":"s3://b/v.mp4","transcription":""}"#;

/// One value in each is `""` in row 1 (or as noted below), so that the edit changes one span.
fn table() -> Vec<(&'static str, String)> {
    let pretty = |indent: &str| {
        let member = |key: &str, value: &str| format!("{indent}{indent}\"{key}\": {value}");
        let row = |transcript: &str| {
            let members = [
                member("index_id", "\"6298d673f1090f1100476d4c\""),
                member("language", "\"en\""),
                member("object", "\"s3://b/v.mp4\""),
                member("transcription", transcript),
            ];
            format!("{indent}{{\n{}\n{indent}}}", members.join(",\n"))
        };
        format!("[\n{},\n{}\n]\n", row("\"s3://b/1.srt\""), row("\"\""))
    };
    vec![
        ("two blanks", pretty("  ")),
        ("four blanks", pretty("    ")),
        ("tabs", pretty("\t")),
        ("windows line ends", pretty("  ").replace('\n', "\r\n")),
        ("byte order mark", format!("\u{FEFF}{}", pretty("  "))),
        ("no last line end", pretty("  ").trim_end().to_owned()),
        ("compact", format!("[{ROW},{ROW}]")),
        ("one row a line", format!("[\n{ROW},\n{ROW}\n]\n")),
        ("comma first", format!("[ {ROW}\n, {ROW}\n]\n")),
        (
            "odd blanks",
            format!(" \n\t[\r\n\r\n {ROW} ,\t\n\n {} ]\n\n\n", ROW.replace("\":", "\" :\t").replace(',', "\n ,")),
        ),
        (
            "unknown fields",
            format!("[{ROW},{}]", ROW.replace('{', r#"{"a":1.10,"b":1e400,"c":[null,{"object":"no"}],"#)),
        ),
        (
            "odd key order",
            format!(r#"[{ROW},{{"transcription":"","zz":-0.0,"object":"s3:\/\/b\/caf\u00e9.mp4","language":"en"}}]"#),
        ),
        ("escaped keys", format!(r#"[{ROW},{{"transcri\u0070tion":"","\"":"\\","obj\u0065ct":"x"}}]"#)),
        ("null", format!("[{ROW},{}]", ROW.replace(r#""transcription":"""#, r#""transcription":null"#))),
        (
            "escapes in the old value",
            format!(
                "[{ROW},{}]",
                ROW.replace(r#""transcription":"""#, r#""transcription":"s3:\/\/b\/\u00e9\ud83d\ude00.srt""#)
            ),
        ),
    ]
}

#[test]
fn a_file_that_nobody_edited_is_written_byte_for_byte() {
    for (name, source) in table() {
        let draft = Draft::new(read(&source));
        assert_eq!(text(draft.now()), source, "{name}");
        assert_eq!(draft.now().size().untouched as usize, source.len(), "{name}");
    }
}

#[test]
fn one_edit_changes_one_span_and_undo_takes_it_back() {
    for (name, source) in table() {
        let base = read(&source);
        let span = base.value_span(1, Field::Transcription).unwrap();
        let mut draft = Draft::new(Arc::clone(&base));
        let new = "s3://b/é \"2\"\\\u{1}.vtt";
        assert_eq!(draft.apply(set(1, Field::Transcription, new)), RowSet::one(1), "{name}");
        let saved = text(draft.now());
        let tail = source.len() - span.end;
        assert_eq!(saved[..span.start], source[..span.start], "{name}");
        assert_eq!(saved[saved.len() - tail..], source[span.end..], "{name}");
        assert_eq!(&saved[span.start..saved.len() - tail], r#""s3://b/é \"2\"\\\u0001.vtt""#, "{name}");
        assert_eq!(read(&saved).row(1).text(Field::Transcription), new, "{name}");
        assert_eq!(draft.now().size().untouched as usize, source.len() - span.len(), "{name}");
        draft.undo();
        assert_eq!(text(draft.now()), source, "{name}");
    }
}

#[test]
fn excluding_rows_leaves_valid_json_without_empty_lines() {
    for (name, source) in table() {
        let lines = |text: &str| text.lines().filter(|line| line.trim().is_empty()).count();
        for gone in [&[0][..], &[1], &[0, 1]] {
            let saved = after(&source, [on(gone, Change::Exclude)]);
            let left = read(&saved);
            assert_eq!(left.len() as usize, 2 - gone.len(), "{name} without {gone:?}: {saved}");
            assert!(lines(&saved) <= lines(&source), "{name} without {gone:?}: {saved}");
            for kept in [0, 1].iter().filter(|row| !gone.contains(row)) {
                let base = read(&source);
                assert_eq!(left.element(0), base.element(*kept), "{name}");
            }
        }
    }
}
