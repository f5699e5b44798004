//! A damaged journal: lines that are edits, or nearly, for a manifest of other bytes. Those that can be read are
//! applied, and what is written is still that manifest with single values changed.
//!
//! Input: one edit a line; after an empty line, the manifest.
#![no_main]

use cuecard_domain::draft::{Draft, Edit, Snapshot};
use cuecard_domain::manifest::Manifest;
use libfuzzer_sys::fuzz_target;
use std::sync::Arc;

fuzz_target!(|data: &[u8]| {
    let Some(end) = data.windows(2).position(|two| two == b"\n\n") else { return };
    let Ok(manifest) = Manifest::parse(data[end + 2..].to_vec()) else { return };
    let manifest = Arc::new(manifest);
    let mut draft = Draft::new(Arc::clone(&manifest));
    let lines = std::str::from_utf8(&data[..end]).unwrap_or_default().lines();
    for edit in lines.filter_map(|line| serde_json::from_str::<Edit>(line).ok()) {
        let changed = draft.apply(edit);
        assert!(changed.iter().all(|row| row < manifest.len()), "{changed:?}");
    }
    let bytes = written(draft.now());
    let again = Manifest::parse(bytes.clone()).expect("what is written can be read");
    assert_eq!(again.len() as usize, draft.now().kept_rows().len());

    // The journal of this session is as good as the one it was read from.
    let mut replayed = Draft::new(manifest);
    for edit in draft.operations() {
        let line = serde_json::to_string(edit.as_ref()).expect("it is plain data");
        let read: Edit = serde_json::from_str(&line).expect("what was written can be read");
        assert_eq!(&read, edit.as_ref());
        replayed.apply(read);
    }
    assert_eq!(written(replayed.now()), bytes);
    while draft.undo().is_some() {}
    assert_eq!(written(draft.now()), data[end + 2..], "taken back, every byte");
});

fn written(snapshot: &Snapshot) -> Vec<u8> {
    snapshot.pieces().flatten().copied().collect()
}
