use super::*;
use crate::draft::Draft;
use crate::manifest::Manifest;
use proptest::prelude::*;
use std::sync::Arc;

/// Index, video, language and transcript of a row, about one letter each.
type Line<'a> = (&'a str, &'a str, &'a str, &'a str);

fn json(rows: &[Line<'_>]) -> String {
    let row = |(index, object, language, transcript): &Line<'_>| {
        format!(
            r#"  {{"x": 1.10, "index_id": "{index}", "object": "{object}", "language": "{language}", "transcription": "{transcript}"}}"#
        )
    };
    format!("[\r\n{}\r\n]", rows.iter().map(row).collect::<Vec<_>>().join(",\r\n"))
}

fn snapshot(text: &str) -> Snapshot {
    Snapshot::of(Arc::new(Manifest::parse(text.as_bytes().to_vec()).unwrap()))
}

fn merged(old: &[Line<'_>], new: &[Line<'_>]) -> Merge {
    merge(snapshot(&json(old)), snapshot(&json(new)), |_| true).unwrap()
}

fn rows(set: &RowSet) -> Vec<RowId> {
    set.iter().collect()
}

/// Each class with its sure rows and its rows to decide.
fn said(merge: &Merge) -> String {
    let class = |class: Class| {
        let (sure, ask) = (merge.sure(class).len(), merge.to_decide(class).len());
        let all = merge.rows(class).len();
        if class.carries() { format!("{} {sure}+{ask}", class.word()) } else { format!("{} {all}", class.word()) }
    };
    Class::ALL.into_iter().filter(|class| !merge.rows(*class).is_empty()).map(class).collect::<Vec<_>>().join(", ")
}

#[test]
fn each_row_of_the_export_is_told_by_index_and_video() {
    for (old, new, expected) in [
        (&[("A", "v", "en", "t")][..], &[("A", "v", "en", "")][..], "same row 1+0"),
        (&[("A", "v", "en", "t")], &[("B", "v", "en", "")], "same video 1+0"),
        (&[("A", "v", "en", "t")], &[("A", "v", "en", "u")], "conflict 0+1"),
        (&[("A", "v", "en", "t")], &[("A", "v", "en", "t")], ""),
        (&[("A", "v", "en", "")], &[("A", "v", "en", "u")], ""),
        (&[("A", "v", "en", "t")], &[("A", "v", "ko", "")], "same row 1+0, changed 1"),
        (&[("A", "v", "en", "")], &[("B", "v", "en", "")], "changed 1"),
        (&[("A", "v", "en", "t")], &[("B", "v", "en", "t")], "changed 1"),
        (&[("A", "v", "en", "t")], &[("B", "v", "en", "u")], "conflict 0+1, changed 1"),
        (&[("A", "v", "en", "t")], &[("A", "w", "en", "")], "new 1, gone 1"),
        (&[("A", "", "en", "t")], &[("A", "", "en", "")], "new 1, gone 1"),
        (&[], &[("A", "v", "en", "")], "new 1"),
        (&[("A", "v", "en", "")], &[], "gone 1"),
        // The same video in two indexes: the index decides.
        (
            &[("A", "v", "en", "t"), ("B", "v", "en", "u")],
            &[("B", "v", "en", ""), ("A", "v", "en", "")],
            "same row 2+0",
        ),
        // One index was replaced, and the video occurs twice: the operator must decide.
        (
            &[("A", "v", "en", "t"), ("B", "v", "en", "u")],
            &[("A", "v", "en", ""), ("C", "v", "en", "")],
            "same row 1+0, same video 0+1",
        ),
        (&[("A", "v", "en", "t")], &[("A", "v", "en", ""), ("C", "v", "en", "")], "same row 1+0, same video 0+1"),
        (&[("A", "v", "en", "t"), ("B", "v", "en", "u")], &[("A", "v", "en", "")], "same row 1+0, gone 1"),
        (&[("A", "v", "en", "t"), ("B", "v", "en", "u")], &[("C", "v", "en", "")], "same video 0+1"),
        // Two indistinguishable rows.
        (&[("A", "v", "en", "t"), ("A", "v", "en", "u")], &[("A", "v", "en", "")], "same row 0+1"),
        (&[("A", "v", "en", "t")], &[("A", "v", "en", ""), ("A", "v", "en", "")], "same row 0+2"),
        (
            &[("A", "v", "en", "t"), ("A", "v", "en", "")],
            &[("A", "v", "en", "t"), ("A", "v", "en", "u")],
            "conflict 0+1",
        ),
        (&[("A", "v", "en", ""), ("A", "v", "en", "")], &[("A", "v", "en", "")], ""),
    ] {
        assert_eq!(said(&merged(old, new)), expected, "{old:?} {new:?}");
    }
}

#[test]
fn sure_rows_are_one_edit_and_other_bytes_stay() {
    let old = [("A", "v", "en", "t"), ("B", "w", "en", "u"), ("A", "x", "en", "mine"), ("A", "y", "en", "gone\\tone")];
    let new = [("A", "x", "en", "theirs"), ("C", "w", "ko", ""), ("A", "v", "en", ""), ("A", "z", "en", "")];
    let merge = merged(&old, &new);
    assert_eq!(said(&merge), "same row 1+0, same video 1+0, conflict 0+1, changed 1, new 1, gone 1");
    assert_eq!((merge.carried(), merge.questions(), merge.gone_transcripts(), merge.common()), (2, 1, 1, 3));
    let mut draft = Draft::new(Arc::clone(merge.export().base()));
    draft.apply(merge.take_all_sure().unwrap());
    let mut expected = new;
    (expected[1].3, expected[2].3) = ("u", "t");
    let bytes = |draft: &Draft| String::from_utf8(draft.now().pieces().flatten().copied().collect()).unwrap();
    assert_eq!(bytes(&draft), json(&expected));

    let question = merge.question(0).unwrap();
    assert_eq!(question, Question { yours: vec![(2, "mine".into())], export: Some("theirs".into()) });
    draft.apply(merge.choose(0, 2));
    expected[0].3 = "mine";
    assert_eq!(bytes(&draft), json(&expected));
    assert_eq!(
        merge.changes(1),
        [(Field::IndexId, "B".into(), "C".into()), (Field::Language, "en".into(), "ko".into())]
    );
    draft.apply(merge.put_back(1).unwrap());
    (expected[1].0, expected[1].2) = ("B", "en");
    assert_eq!(bytes(&draft), json(&expected));
    for _ in 0..3 {
        draft.undo();
    }
    assert_eq!(bytes(&draft), json(&new));
    assert_eq!(merge.gone_table(), "object\ttranscription\tlanguage\tindex_id\ny\t\"gone\tone\"\ten\tA\n");
}

#[test]
fn exclusions_of_a_draft_are_carried_over() {
    let mut old = Draft::new(Arc::clone(snapshot(&json(&[("A", "v", "en", "t"), ("A", "w", "en", "")])).base()));
    old.apply(Edit { rows: RowSet::one(1), change: Change::Exclude });
    let new = snapshot(&json(&[("A", "w", "en", ""), ("A", "v", "en", "")]));
    let merge = merge(old.now().clone(), new, |_| true).unwrap();
    assert_eq!(rows(merge.excluded()), [0]);
    let mut draft = Draft::new(Arc::clone(merge.export().base()));
    draft.apply(merge.take_all_sure().unwrap());
    assert!(draft.now().is_excluded(0) && draft.now().value(1, Field::Transcription).text() == "t");
}

#[test]
fn the_wrong_file_and_the_same_file_are_known() {
    let rows = [("A", "v", "en", "t"), ("A", "v", "en", "t"), ("A", "w", "en", "")];
    let same = merged(&rows, &rows);
    assert!(same.is_same() && !same.has_nothing_in_common(), "{}", said(&same));
    assert!(merged(&rows, &[("A", "q", "en", "")]).has_nothing_in_common());
    assert!(merged(&rows, &[]).has_nothing_in_common());
    assert!(!merged(&[], &[]).has_nothing_in_common());
    assert!(merge(snapshot("[{}]"), snapshot("[{}]"), |_| false).is_none());
}

#[test]
fn merge_ignores_rows_that_are_not_objects() {
    let old = snapshot(r#"[7, {"object": "v", "transcription": "t"}, {"object": "w", "transcription": 5}]"#);
    let new = snapshot(r#"[{"object": "v"}, {"object": "w", "transcription": null}, "x"]"#);
    let merge = merge(old, new, |_| true).unwrap();
    assert_eq!(said(&merge), "same row 1+0, new 1, gone 1");
}

fn any_rows() -> impl Strategy<Value = Vec<(String, String, String, String)>> {
    let row = ("[AB]", "[v-y]?", "(en|ko)", "[t-v]?")
        .prop_map(|(index, object, language, transcript)| (index, object, language, transcript));
    prop::collection::vec(row, 0..9)
}

proptest! {
    #[test]
    fn no_transcript_is_lost_unlisted_and_the_export_stands(old in any_rows(), new in any_rows(), out in 0u32..9) {
        let lines = |rows: &[(String, String, String, String)]| {
            json(&rows.iter().map(|(a, b, c, d)| (a.as_str(), b.as_str(), c.as_str(), d.as_str())).collect::<Vec<_>>())
        };
        let export = lines(&new);
        let mut draft = Draft::new(Arc::clone(snapshot(&lines(&old)).base()));
        draft.apply(Edit { rows: RowSet::one(out), change: Change::Exclude });
        let merge = merge(draft.now().clone(), snapshot(&export), |_| true).unwrap();

        let mut merged = Draft::new(Arc::clone(merge.export().base()));
        if let Some(edit) = merge.take_all_sure() {
            merged.apply(edit);
        }
        // Every transcript of the old file: in the result for its video, up for decision, or listed as gone.
        for (at, (_, object, _, transcript)) in old.iter().enumerate().filter(|(_, row)| !row.3.is_empty()) {
            let at = at as RowId;
            let stands = (0..merge.export().len()).any(|row| {
                let row = merged.now().row(row);
                row.text(Field::Object) == object && row.text(Field::Transcription) == transcript
            });
            let is_asked = (0..merge.export().len()).any(|row| {
                merge.export().value(row, Field::Object).text() == object
                    && merge.question(row).is_some_and(|question| question.yours.iter().any(|(_, yours)| yours == transcript))
            });
            let is_gone = merge.rows(Class::Gone).contains(at);
            prop_assert!(stands || is_asked || is_gone, "row {} of {:?}", at, old);
        }
        // In the export, only empty transcripts of sure rows have changed.
        for row in 0..merge.export().len() {
            let (was, is) = (merge.export().row(row), merged.now().row(row));
            for field in [Field::IndexId, Field::Language, Field::Object] {
                prop_assert_eq!(was.value(field), is.value(field));
            }
            if was.value(Field::Transcription) != is.value(Field::Transcription) {
                prop_assert!(was.value(Field::Transcription).is_empty());
                let old = merge.old().row(merge.old_row(row).unwrap());
                prop_assert_eq!(old.text(Field::Object), was.text(Field::Object));
                prop_assert_eq!(old.text(Field::Transcription), is.text(Field::Transcription));
            }
            let classes = [Class::SameRow, Class::SameVideo, Class::Conflict, Class::New];
            prop_assert!(classes.into_iter().filter(|class| merge.rows(*class).contains(row)).count() <= 1);
        }
        while merged.undo().is_some() {}
        prop_assert_eq!(merged.now().pieces().flatten().copied().collect::<Vec<u8>>(), export.into_bytes());
        let all: u64 = [Class::SameRow, Class::SameVideo, Class::Conflict].into_iter().map(|class| merge.to_decide(class).len() as u64).sum();
        prop_assert_eq!(all, merge.questions());
    }
}
