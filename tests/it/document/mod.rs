//! The document: bytes that no edit touches are unchanged, every edit changes only its own span, and a file that is not
//! a manifest is refused in words.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

mod any_operations;
mod formattings;
mod hostile;

use cuecard::domain::draft::{Change, Draft, Edit, Snapshot, Summary};
use cuecard::domain::manifest::{Field, Manifest, Refusal, Value, excerpt};
use cuecard::domain::row_set::RowSet;
use proptest::prelude::*;
use std::sync::Arc;

fn read(text: &str) -> Arc<Manifest> {
    Arc::new(Manifest::parse(text.as_bytes().to_vec()).unwrap_or_else(|refusal| panic!("{refusal} in {text}")))
}

fn bytes(snapshot: &Snapshot) -> Vec<u8> {
    snapshot.pieces().collect::<Vec<_>>().concat()
}

fn text(snapshot: &Snapshot) -> String {
    String::from_utf8(bytes(snapshot)).unwrap()
}

fn set(row: u32, field: Field, text: &str) -> Edit {
    Edit { rows: RowSet::one(row), change: Change::Set(field, text.to_owned()) }
}

fn on(rows: &[u32], change: Change) -> Edit {
    Edit { rows: rows.iter().copied().collect(), change }
}

fn after(source: &str, edits: impl IntoIterator<Item = Edit>) -> String {
    let mut draft = Draft::new(read(source));
    for edit in edits {
        draft.apply(edit);
    }
    let size = draft.now().size();
    let saved = text(draft.now());
    assert_eq!(size.bytes as usize, saved.len());
    saved
}

#[test]
fn excluded_rows_take_one_comma_each() {
    let pretty = "[\n  {\"a\": 1},\n  {\"a\": 2},\n  {\"a\": 3},\n  {\"a\": 4}\n]\n";
    for (gone, expected) in [
        (&[0][..], "[\n  {\"a\": 2},\n  {\"a\": 3},\n  {\"a\": 4}\n]\n"),
        (&[1], "[\n  {\"a\": 1},\n  {\"a\": 3},\n  {\"a\": 4}\n]\n"),
        (&[3], "[\n  {\"a\": 1},\n  {\"a\": 2},\n  {\"a\": 3}\n]\n"),
        (&[1, 2], "[\n  {\"a\": 1},\n  {\"a\": 4}\n]\n"),
        (&[0, 2], "[\n  {\"a\": 2},\n  {\"a\": 4}\n]\n"),
        (&[0, 1, 3], "[\n  {\"a\": 3}\n]\n"),
        (&[0, 1, 2, 3], "[\n]\n"),
    ] {
        assert_eq!(after(pretty, [on(gone, Change::Exclude)]), expected);
    }
    assert_eq!(after("[1,2,3]", [on(&[0, 2], Change::Exclude)]), "[2]");
    assert_eq!(after("[ 1 ]", [on(&[0], Change::Exclude)]), "[ ]");
    assert_eq!(after("[[1],[2]]", [on(&[0, 1], Change::Exclude)]), "[]");
}

#[test]
fn a_missing_key_is_added_in_the_style_of_its_row() {
    let add = |source: &str| after(source, [set(0, Field::Transcription, "s3://b/t.srt")]);
    for (source, expected) in [
        ("[{}]", r#"[{"transcription": "s3://b/t.srt"}]"#),
        (r#"[{"object":"v"}]"#, r#"[{"object":"v","transcription":"s3://b/t.srt"}]"#),
        (r#"[{ "object" : "v" }]"#, r#"[{ "object" : "v", "transcription" : "s3://b/t.srt" }]"#),
        (r#"[{"object": "v", "x": 1}]"#, r#"[{"object": "v", "transcription": "s3://b/t.srt", "x": 1}]"#),
        (r#"[{"x": 1, "y": 2}]"#, r#"[{"x": 1, "y": 2, "transcription": "s3://b/t.srt"}]"#),
        (
            "[\n  {\n    \"object\": \"v\"\n  }\n]",
            "[\n  {\n    \"object\": \"v\",\n    \"transcription\": \"s3://b/t.srt\"\n  }\n]",
        ),
        (
            "[{\r\n\t\"language\":\"en\",\r\n\t\"object\":\"v\"\r\n}]",
            "[{\r\n\t\"language\":\"en\",\r\n\t\"object\":\"v\",\r\n\t\"transcription\":\"s3://b/t.srt\"\r\n}]",
        ),
    ] {
        assert_eq!(add(source), expected);
    }
    let all = Field::ALL.map(|field| set(0, field, "v"));
    assert_eq!(after("[{}]", all), r#"[{"index_id": "v", "language": "v", "object": "v", "transcription": "v"}]"#);
}

#[test]
fn a_repeated_key_is_edited_where_it_counts() {
    let source = r#"[{"object":"a","language":"en","object":"b"}]"#;
    assert!(read(source).row(0).is_repeated(Field::Object));
    assert!(!read(source).row(0).is_repeated(Field::Language));
    assert_eq!(after(source, [set(0, Field::Object, "c")]), r#"[{"object":"a","language":"en","object":"c"}]"#);
}

#[test]
fn the_three_empty_states_stay_apart() {
    let source =
        r#"[{"transcription":""},{"transcription":null},{"object":"v"},{"transcription":"x"},{"transcription":7}]"#;
    let all = RowSet::range(0, 5);
    let clear = Edit { rows: all.clone(), change: Change::Clear(Field::Transcription) };
    let fill = Edit { rows: all, change: Change::Set(Field::Transcription, "t".into()) };
    let cleared =
        r#"[{"transcription":""},{"transcription":null},{"object":"v"},{"transcription":""},{"transcription":""}]"#;
    assert_eq!(after(source, [clear.clone()]), cleared);
    assert_eq!(after(source, [fill, clear.clone()]), cleared);
    let mut draft = Draft::new(read(source));
    assert_eq!(draft.apply(clear).iter().collect::<Vec<_>>(), [3, 4]);
    assert!(draft.apply(set(1, Field::Transcription, "")).is_empty(), "an empty text over null is no change");
}

#[test]
fn restoring_a_value_restores_its_original_bytes() {
    let source = r#"[{"object":"s3:\/\/b\/caf\u00e9.mp4"}]"#;
    let mut draft = Draft::new(read(source));
    assert!(draft.apply(set(0, Field::Object, "s3://b/café.mp4")).is_empty());
    assert!(!draft.can_undo());
    draft.apply(set(0, Field::Object, "other"));
    assert!(draft.now().is_changed(0, Field::Object) && draft.now().is_edited(0) && draft.is_dirty());
    assert_eq!(
        draft.now().changes(0),
        [(Field::Object, Value::Text("s3://b/café.mp4".into()), Value::Text("other".into()))]
    );
    draft.apply(set(0, Field::Object, "s3://b/café.mp4"));
    assert!(!draft.now().is_edited(0) && !draft.is_dirty());
    assert_eq!(text(draft.now()), source);
    draft.undo();
    assert_eq!(draft.now().row(0).text(Field::Object), "other");
    draft.apply(on(&[0], Change::Revert(Field::Object)));
    assert_eq!(text(draft.now()), source);
}

#[test]
fn the_summary_counts_values_and_the_rows_that_leave() {
    let source = r#"[{"language":"en","transcription":null},{"language":"en"},{"language":"de"}]"#;
    let mut draft = Draft::new(read(source));
    assert_eq!(draft.now().summary(), Summary::default());
    draft.apply(set(0, Field::Transcription, "t"));
    draft.apply(set(0, Field::Language, "fr"));
    draft.apply(on(&[1], Change::Clear(Field::Language)));
    draft.apply(set(2, Field::Language, "en"));
    draft.apply(on(&[2], Change::Exclude));
    assert_eq!(draft.now().summary(), Summary { filled: 1, changed: 1, cleared: 1, excluded: 1 });
    draft.undo();
    assert_eq!(draft.now().summary(), Summary { filled: 1, changed: 2, cleared: 1, excluded: 0 });
}

#[test]
fn a_row_that_is_no_object_can_only_leave() {
    let source = r#"[1, "object", [{"object":"x"}], null, {"object":"v"}]"#;
    let mut draft = Draft::new(read(source));
    assert!((0..4).all(|row| !draft.now().row(row).is_object));
    let all = Edit { rows: RowSet::range(0, 99), change: Change::Set(Field::Object, "w".into()) };
    assert_eq!(draft.apply(all), RowSet::one(4));
    assert_eq!(draft.apply(on(&[0, 1, 2, 3], Change::Exclude)).len(), 4);
    assert_eq!(text(draft.now()), r#"[{"object":"w"}]"#);
    assert!(draft.apply(on(&[1], Change::Exclude)).is_empty());
    assert_eq!(draft.apply(on(&[1, 4], Change::Restore)), RowSet::one(1));
}

#[test]
fn mark_saved_covers_only_the_snapshot() {
    let mut draft = Draft::new(read(r#"[{"object":"a"},{"object":"b"}]"#));
    draft.apply(set(0, Field::Object, "x"));
    let moment = draft.now().clone();
    draft.apply(set(1, Field::Object, "y"));
    assert_eq!(draft.unsaved(), 2);
    draft.mark_saved(&moment);
    assert_eq!((draft.unsaved(), draft.is_dirty()), (1, true));
    draft.undo();
    assert!(!draft.is_dirty());
    draft.undo();
    assert_eq!(draft.unsaved(), 1, "undo crosses the save");
    assert_eq!(text(draft.saved()), r#"[{"object":"x"},{"object":"b"}]"#);
    draft.apply(set(0, Field::Object, "x"));
    assert!(!draft.is_dirty(), "the same bytes as saved, on another way");
}

#[test]
fn one_edit_of_many_rows_is_one_step() {
    let rows = 1000;
    let source = format!("[{}]", vec![r#"{"language":"en"}"#; rows].join(","));
    let mut draft = Draft::new(read(&source));
    draft.apply(set(7, Field::Language, "fr"));
    let all = RowSet::range(0, 1000);
    assert_eq!(draft.apply(Edit { rows: all.clone(), change: Change::Set(Field::Language, "de".into()) }).len(), rows);
    draft.apply(set(8, Field::Language, "es"));
    assert_eq!(draft.apply(Edit { rows: all, change: Change::Set(Field::Language, "en".into()) }).len(), rows);
    assert!(draft.now().edited_rows().is_empty());
    draft.undo();
    assert_eq!(draft.now().row(8).text(Field::Language), "es");
    assert_eq!(draft.now().row(7).text(Field::Language), "de");
    draft.undo();
    draft.undo();
    assert_eq!(draft.now().edited_rows(), &RowSet::one(7));
    assert_eq!(draft.operations().len(), 1);
}

#[test]
fn a_prefix_holds_the_whole_rows_of_the_first_bytes() {
    let source = "\u{FEFF}[{\"object\":\"é\"}, {\"object\":\"b\"}, 12345]";
    for end in 0..=source.len() {
        let prefix = Manifest::prefix(source.as_bytes()[..end].to_vec());
        let whole = read(source);
        for row in 0..prefix.len() {
            assert_eq!(prefix.element(row), whole.element(row), "the first {end} bytes");
        }
        assert_eq!(!prefix.is_empty(), end >= whole.row_span(0).unwrap().end);
    }
}

#[test]
fn loading_hands_out_the_rows_so_far_and_can_be_stopped() {
    let source = Arc::new(format!("[{}]", vec![r#"{"object":"v"}"#; 30_000].join(",")).into_bytes());
    let mut seen = Vec::new();
    let manifest = Manifest::parse_with(Arc::clone(&source), |so_far| {
        assert_eq!(so_far.row(so_far.len() - 1).text(Field::Object), "v");
        seen.push(so_far.len());
        true
    });
    assert_eq!(manifest.unwrap().len(), 30_000);
    assert!(seen.len() > 1 && seen.is_sorted());
    let stopped = Manifest::parse_with(source, |_| false).unwrap();
    assert_eq!(stopped.len(), seen[0]);
}

#[test]
fn line_numbers_are_found_for_bytes_in_any_order() {
    let manifest = read("[\n1,\n\n2\n]");
    let mut lines = manifest.lines();
    let found: Vec<_> = [0, 2, 6, 2, 99].map(|byte| lines.line_of(byte)).into();
    assert_eq!(found, [1, 2, 4, 2, 5]);
    assert_eq!(manifest.line_column(6), (4, 1));
}
