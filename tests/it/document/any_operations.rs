//! Any sequence of operations, compared with a simple model of the rows.

use super::*;
use std::collections::BTreeMap;

const SOURCE: &str = "[\n  {\"object\": \"a\\/b\", \"transcription\": null, \"n\": 1.10},\n  {\"language\": \"en\"},\n  7,\n  {},\n  {\"object\": 5, \"object\": \"\"},\n  {\n    \"transcription\": \"t\"\n  }\n]\n";
/// Enough copies to make an edit a layer.
fn source() -> String {
    let inner = SOURCE.trim_start_matches('[').trim_end().trim_end_matches(']').trim_end();
    format!("[{}\n]\n", vec![inner; 20].join(","))
}

fn field() -> impl Strategy<Value = Field> {
    prop::sample::select(Field::ALL.to_vec())
}

fn some_text() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["", "a/b", "en", "t", "s3://b/k\".srt", "日本\u{0}"]).prop_map(str::to_owned)
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        4 => (field(), some_text()).prop_map(|(field, text)| Change::Set(field, text)),
        2 => (field(), prop::collection::vec(some_text(), 0..100)).prop_map(|(field, texts)| Change::SetEach(field, texts)),
        1 => field().prop_map(Change::Clear),
        1 => field().prop_map(Change::Revert),
        2 => Just(Change::Exclude),
        1 => Just(Change::Restore),
    ]
}

#[derive(Clone, Debug)]
enum Step {
    Apply(Edit),
    Undo,
    Redo,
    Save,
}

fn step() -> impl Strategy<Value = Step> {
    let rows = prop_oneof![
        3 => (0u32..120).prop_map(RowSet::one),
        1 => (0u32..120, 0u32..130).prop_map(|(start, len)| RowSet::range(start, start + len)),
    ];
    let several = [Field::Language, Field::Transcription].map(|field| {
        let texts = prop::collection::vec(some_text(), 0..40).prop_map(move |texts| Change::SetEach(field, texts));
        let change = prop_oneof![some_text().prop_map(move |text| Change::Set(field, text)), texts];
        (rows.clone(), change).prop_map(|(rows, change)| Edit { rows, change })
    });
    let out = rows.clone().prop_map(|rows| Edit { rows, change: Change::Exclude });
    let together = (several, out).prop_map(|([a, b], c)| Edit::together(vec![a, b, c]).unwrap());
    prop_oneof![
        6 => (rows, change()).prop_map(|(rows, change)| Step::Apply(Edit { rows, change })),
        1 => together.prop_map(Step::Apply),
        2 => Just(Step::Undo),
        1 => Just(Step::Redo),
        1 => Just(Step::Save),
    ]
}

/// The simple model of a row: replaced texts by field, and whether it is excluded.
type Plain = BTreeMap<(u32, Option<Field>), String>;

fn plain_apply(plain: &Plain, base: &Manifest, edit: &Edit) -> Plain {
    if let Change::Together(edits) = &edit.change {
        return edits.iter().fold(plain.clone(), |plain, edit| plain_apply(&plain, base, edit));
    }
    let mut next = plain.clone();
    for (at, row) in edit.rows.iter().enumerate().filter(|(_, row)| *row < base.len()) {
        let (field, text) = match &edit.change {
            Change::Exclude => {
                next.insert((row, None), String::new());
                continue;
            }
            Change::Restore => {
                next.remove(&(row, None));
                continue;
            }
            Change::Revert(field) => {
                next.remove(&(row, Some(*field)));
                continue;
            }
            Change::Clear(field) => (*field, Some("")),
            Change::Set(field, text) => (*field, Some(text.as_str())),
            Change::SetEach(field, texts) => (*field, texts.get(at).map(String::as_str)),
            Change::Together(_) => continue,
        };
        let Some(text) = text.filter(|_| base.row(row).is_object) else { continue };
        let original = base.row(row).value(field).clone();
        if original == Value::Text(text.into()) || (text.is_empty() && original.is_empty()) {
            next.remove(&(row, Some(field)));
        } else {
            next.insert((row, Some(field)), text.into());
        }
    }
    next
}

fn agrees(now: &Snapshot, plain: &Plain) {
    let base = now.base();
    let written = bytes(now);
    let saved =
        Manifest::parse(written.clone()).unwrap_or_else(|r| panic!("{r}: {}", String::from_utf8_lossy(&written)));
    serde_json::from_slice::<serde::de::IgnoredAny>(&written).unwrap();
    let mut at = 0;
    for row in 0..base.len() {
        let out = plain.contains_key(&(row, None));
        assert_eq!(now.is_excluded(row), out);
        let touched = out || Field::ALL.iter().any(|field| plain.contains_key(&(row, Some(*field))));
        assert_eq!(now.is_edited(row), touched, "row {row}");
        let expected = |field: Field| match plain.get(&(row, Some(field))) {
            Some(text) => Value::Text(text.as_str().into()),
            None => base.row(row).value(field).clone(),
        };
        for field in Field::ALL {
            assert_eq!(*now.row(row).value(field), expected(field));
            assert_eq!(now.value(row, field), expected(field));
        }
        if !out {
            for field in Field::ALL {
                assert_eq!(*saved.row(at).value(field), expected(field), "row {row} {field:?}");
            }
            if !touched {
                assert_eq!(saved.element(at), base.element(row));
            }
            at += 1;
        }
    }
    assert_eq!(saved.len(), at);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn any_operations_agree_with_a_plain_model(steps in prop::collection::vec(step(), 1..40)) {
        let source = source();
        let base = read(&source);
        let mut draft = Draft::new(Arc::clone(&base));
        let mut moments: Vec<Plain> = vec![Plain::new()];
        let mut at = 0;
        let mut saved = Plain::new();
        for step in steps {
            match step {
                Step::Apply(edit) => {
                    let next = plain_apply(&moments[at], &base, &edit);
                    let changed = draft.apply(edit);
                    prop_assert_eq!(changed.is_empty(), next == moments[at]);
                    if !changed.is_empty() {
                        moments.truncate(at + 1);
                        moments.push(next);
                        at += 1;
                    }
                }
                Step::Undo => {
                    prop_assert_eq!(draft.undo().is_some(), at > 0);
                    at = at.saturating_sub(1);
                }
                Step::Redo => {
                    let can = at + 1 < moments.len();
                    prop_assert_eq!(draft.redo().is_some(), can);
                    at += usize::from(can);
                }
                Step::Save => {
                    draft.mark_saved(&draft.now().clone());
                    saved = moments[at].clone();
                }
            }
            let differ: std::collections::BTreeSet<u32> = moments[at].iter().filter(|(key, text)| saved.get(key) != Some(text))
                .chain(saved.iter().filter(|(key, text)| moments[at].get(key) != Some(text)))
                .map(|((row, _), _)| *row).collect();
            prop_assert_eq!(draft.unsaved(), differ.len());
            prop_assert_eq!(draft.operations().len(), at);
        }
        agrees(draft.now(), &moments[at]);

        // The journal, written and read back, gives the same bytes.
        let journal = serde_json::to_string(&draft.operations().iter().map(AsRef::as_ref).collect::<Vec<&Edit>>()).unwrap();
        let mut replayed = Draft::new(Arc::clone(&base));
        for edit in serde_json::from_str::<Vec<Edit>>(&journal).unwrap() {
            replayed.apply(edit);
        }
        prop_assert_eq!(bytes(replayed.now()), bytes(draft.now()));

        while draft.undo().is_some() {}
        prop_assert_eq!(text(draft.now()), source);
    }
}
