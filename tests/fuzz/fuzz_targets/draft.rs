//! A manifest and a sequence of edits: what is written can be read again, holds the edits and every other byte as it
//! was; undo and redo go back and forth; a journal of the edits gives the same bytes.
//!
//! Input: three bytes for each step, a byte 255, which no manifest holds, then the manifest.
#![no_main]

use cuecard_domain::draft::{Change, Draft, Edit, Snapshot};
use cuecard_domain::manifest::{Field, Manifest};
use cuecard_domain::rebase::UnsavedEdits;
use cuecard_domain::row_set::RowSet;
use libfuzzer_sys::fuzz_target;
use std::sync::Arc;

const TEXTS: [&str; 8] = [
    "",
    "en",
    "s3://b-b/\"\\\u{1}é 한.srt",
    "https://b-b.s3.amazonaws.com/k.srt?X-Amz-Signature=0123456789abcdef",
    " ",
    "\u{2028}\u{10ffff}",
    "}],{[",
    "\u{feff}",
];

fuzz_target!(|data: &[u8]| {
    let Some(at) = data.iter().position(|byte| *byte == 255) else { return };
    let (steps, bytes) = (&data[..at], &data[at + 1..]);
    let Ok(manifest) = Manifest::parse(bytes.to_vec()) else { return };
    let manifest = Arc::new(manifest);
    let mut draft = Draft::new(Arc::clone(&manifest));
    // What was written after each step that counts, and where in it the draft is.
    let (mut states, mut now) = (vec![bytes.to_vec()], 0);
    for step in steps.chunks_exact(3).take(24) {
        let field = Field::ALL[usize::from(step[0] >> 6)];
        match step[0] % 16 {
            0 => {
                let undone = draft.undo().is_some();
                assert_eq!(undone, now > 0);
                now -= usize::from(undone);
            }
            1 => {
                let redone = draft.redo().is_some();
                assert_eq!(redone, now + 1 < states.len());
                now += usize::from(redone);
            }
            2 => {
                let moment = draft.now().clone();
                draft.mark_saved(&moment);
                assert!(!draft.is_dirty() && UnsavedEdits::of(&draft).is_none());
            }
            kind => {
                let changed = draft.apply(edit(kind, field, step[1], step[2]));
                assert!(changed.iter().all(|row| row < manifest.len()));
                if !changed.is_empty() {
                    states.truncate(now + 1);
                    states.push(written(draft.now()));
                    now += 1;
                }
            }
        }
        assert_eq!(written(draft.now()), states[now], "every state is as it was");
        assert_eq!((draft.can_undo(), draft.can_redo()), (now > 0, now + 1 < states.len()));
    }
    check(&manifest, draft.now(), bytes, &states[now]);

    let journal = draft.operations().iter().map(|edit| serde_json::to_string(edit.as_ref()).expect("it is plain data"));
    let mut replayed = Draft::new(manifest);
    for line in journal {
        assert!(!line.contains("0123456789abcdef"), "no signature is kept: {line}");
        replayed.apply(serde_json::from_str(&line).expect("what was written can be read"));
    }
    assert_eq!(written(replayed.now()), states[now], "replayed");
    onto_the_saved_file(&draft);
});

fn edit(kind: u8, field: Field, where_: u8, what: u8) -> Edit {
    let start = u32::from(where_ >> 3);
    let rows = match where_ & 7 {
        0 => RowSet::range(0, u32::MAX),
        more => RowSet::range(start, start + u32::from(more)),
    };
    let text = TEXTS[usize::from(what & 7)].to_owned();
    let change = match kind {
        3..=6 => Change::Set(field, text),
        7 => Change::SetEach(field, (0..where_ & 7).map(|at| TEXTS[usize::from((what ^ at) & 7)].to_owned()).collect()),
        8 => Change::Clear(field),
        9 | 10 => Change::Exclude,
        11 => Change::Restore,
        12 => Change::Revert(field),
        _ => Change::Together(vec![
            edit(3 + what % 10, Field::ALL[usize::from(what >> 6)], where_ ^ what, what >> 3),
            edit(3 + (what >> 4) % 10, field, where_, what >> 2),
        ]),
    };
    Edit { rows, change }
}

/// The bytes hold the edits, and everything else as it was.
fn check(base: &Manifest, now: &Snapshot, before: &[u8], bytes: &[u8]) {
    let size = now.size();
    assert_eq!(size.bytes, bytes.len() as u64);
    assert!(size.untouched <= before.len() as u64);
    let again = Manifest::parse(bytes.to_vec()).expect("what is written can be read");
    let kept: Vec<u32> = now.kept_rows().iter().collect();
    assert_eq!(again.len() as usize, kept.len());
    for (place, row) in (0..).zip(kept) {
        if !now.is_edited(row) {
            assert_eq!(again.element(place), base.element(row), "a row that nobody edited");
            continue;
        }
        for field in Field::ALL {
            if now.is_changed(row, field) {
                assert_eq!(again.value(place, field), now.value(row, field));
            } else {
                assert_eq!(again.value(place, field), base.value(row, field));
            }
        }
    }
    if let Some(first) = now.edited_rows().iter().next() {
        let span = base.row_span(first).expect("it is there");
        let excluded = now.is_excluded(first);
        assert!(excluded || bytes.starts_with(&before[..span.start]), "what stands before the first edited row");
    } else {
        assert_eq!(before, bytes, "without an edit, every byte");
    }
    let last = now.edited_rows().iter().last().filter(|row| !now.is_excluded(*row));
    if let Some(span) = last.and_then(|row| base.row_span(row)) {
        assert!(bytes.ends_with(&before[span.end..]), "what stands after the last edited row");
    }
}

/// The unsaved edits fit the file as it was saved, and give it the same texts.
fn onto_the_saved_file(draft: &Draft) {
    let Some(unsaved) = UnsavedEdits::of(draft) else { return };
    let saved = Manifest::parse(written(draft.saved())).expect("what is written can be read");
    let (edits, left_out) = unsaved.rebase(&saved);
    let rows: Vec<u32> = draft.saved().kept_rows().iter().collect();
    let restored = draft.saved().excluded_rows().difference(draft.now().excluded_rows());
    let without_place = draft.unsaved_rows().intersection(draft.saved().excluded_rows());
    assert_eq!(left_out, without_place.len(), "{restored:?}");
    let mut rebased = Draft::new(Arc::new(saved));
    edits.into_iter().for_each(|edit| drop(rebased.apply(edit)));
    for (place, row) in (0..).zip(rows) {
        assert_eq!(rebased.now().is_excluded(place), draft.now().is_excluded(row));
        for field in Field::ALL {
            assert_eq!(rebased.now().row(place).text(field), draft.now().row(row).text(field), "{field:?} of {row}");
        }
    }
}

fn written(snapshot: &Snapshot) -> Vec<u8> {
    snapshot.pieces().flatten().copied().collect()
}
