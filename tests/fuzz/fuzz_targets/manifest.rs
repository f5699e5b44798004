//! The manifest over any bytes: parsed ones are checked, edited and written, and parse again; bytes that no edit
//! touches stay unchanged.
#![no_main]

use cuecard_domain::draft::{Change, Draft, Edit, Snapshot};
use cuecard_domain::findings::Findings;
use cuecard_domain::manifest::{Field, Manifest, Value};
use cuecard_domain::row_set::RowSet;
use libfuzzer_sys::fuzz_target;
use std::sync::Arc;

const TEXT: &str = "s3://b-b/\"\\\u{1}é 한.srt";

fuzz_target!(|data: &[u8]| {
    let prefix = Manifest::prefix(data.to_vec());
    let manifest = match Manifest::parse(data.to_vec()) {
        Ok(manifest) => Arc::new(manifest),
        Err(refusal) => {
            let _ = (refusal.to_string(), prefix.len());
            // An array that another parser accepts must not be refused.
            let text = std::str::from_utf8(data).unwrap_or_default();
            let is_array = serde_json::from_str::<Vec<serde::de::IgnoredAny>>(text).is_ok();
            assert!(!is_array, "refused: {refusal}");
            return;
        }
    };
    assert!(prefix.len() <= manifest.len());
    let base = Snapshot::of(Arc::clone(&manifest));
    assert_eq!(written(&base), data, "without an edit, every byte");

    let findings = Findings::check(&base, |_| true).expect("nobody stops it");
    let tallies = findings.tallies();
    let mut counted = (0, 0, 0);
    for row in 0..manifest.len() {
        for hit in findings.of_row(&base, row) {
            let finding = findings.explain(&base, row, &hit);
            assert!(!finding.message.is_empty());
            match hit.severity {
                cuecard_domain::rules::Severity::Error => counted.0 += 1,
                cuecard_domain::rules::Severity::Warning => counted.1 += 1,
                cuecard_domain::rules::Severity::Note => counted.2 += 1,
            }
        }
    }
    assert_eq!(counted, (tallies.errors, tallies.warnings, tallies.notes));

    let Some(row) = (0..manifest.len()).find(|row| manifest.is_object(*row)) else { return };
    let field = Field::ALL[data.len() % 4];
    let mut draft = Draft::new(Arc::clone(&manifest));
    let mut followed = findings;
    let before = draft.now().clone();
    let changed = draft.apply(Edit { rows: RowSet::from_iter([row]), change: Change::Set(field, TEXT.into()) });
    followed.update(&before, draft.now(), &changed);
    let fresh = Findings::check(draft.now(), |_| true).expect("nobody stops it");
    assert_eq!(followed.tallies(), fresh.tallies(), "followed and checked anew");

    let bytes = written(draft.now());
    let again = Manifest::parse(bytes.clone()).expect("what is written can be read");
    assert_eq!(again.len(), manifest.len());
    assert_eq!(again.value(row, field), Value::Text(TEXT.into()));
    for other in (0..manifest.len()).filter(|other| *other != row) {
        assert_eq!(again.element(other), manifest.element(other), "other rows are as they were");
    }
    let span = manifest.row_span(row).expect("it is there");
    assert_eq!(bytes.get(..span.start), data.get(..span.start));
    assert!(bytes.ends_with(&data[span.end..]));

    draft.undo();
    assert_eq!(written(draft.now()), data, "taken back, every byte");

    draft.apply(Edit { rows: RowSet::from_iter([row]), change: Change::Exclude });
    let without = Manifest::parse(written(draft.now())).expect("a row less can be read");
    assert_eq!(without.len(), manifest.len() - 1);
});

fn written(snapshot: &Snapshot) -> Vec<u8> {
    snapshot.pieces().flatten().copied().collect()
}
