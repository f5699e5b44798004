//! Saved listings of keys from any bytes: read or refused, every entry counted once, no key without its bucket.
#![no_main]

use cuecard_domain::keys::listing::{ReadOptions, Reading, read};
use cuecard_domain::keys::{Columns, KeyList, Source, Summary};
use libfuzzer_sys::fuzz_target;
use std::ops::ControlFlow;

fuzz_target!(|data: &[u8]| {
    // The first byte selects how the list is named.
    let Some((way, bytes)) = data.split_first() else { return };
    let source = match way % 4 {
        0 => Source::parse("keys.txt"),
        1 => Source::parse("keys.txt@s3://acme"),
        _ => Source::parse("keys.txt@s3://acme/caps/"),
    };
    let mut source = source.expect("a source");
    if way % 4 == 3 {
        source = source.with_columns(Columns::parse("1,2").expect("columns"));
    }
    let assume = || (way & 4 != 0).then(|| "acme".to_owned());
    let order = ReadOptions { source: &source, ask_columns: way & 8 != 0, assume: &assume };
    let (mut keys, mut given) = (KeyList::new(), 0);
    let reading = read(bytes, &order, &mut |page| {
        keys.extend(&page.keys);
        given += page.given.len() as u64;
        ControlFlow::Continue(())
    });
    match reading {
        Ok(Reading::Listing(summary)) => {
            let Summary { entries, usable, folders, not_keys, passed, delete_markers, older_versions, .. } = &*summary;
            let parts = summary.keys + folders + not_keys.count + passed + given + delete_markers + older_versions;
            assert_eq!(*entries, parts, "{summary:?}");
            assert_eq!(summary.keys, usable + summary.others.total() + summary.unplaced, "{summary:?}");
            assert_eq!((*usable, summary.given), (u64::from(keys.len()), given));
            assert!(keys.buckets().iter().all(|bucket| !bucket.is_empty()));
            let _ = summary.remarks();
        }
        Ok(Reading::Inventory(_)) => {}
        Err(fault) => assert!(!fault.to_string().is_empty()),
    }
});
