//! A receipt from any bytes: one that is whole stays the same when it is written again, and a damaged one is not taken
//! for whole. A file is compared with it.
//!
//! Input: the receipt, a byte 255, which no JSON holds, then the file.
#![no_main]

use cuecard_domain::receipt::{Receipt, Verdict};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let end = data.iter().position(|byte| *byte == 255).unwrap_or(data.len());
    let (bytes, file) = (&data[..end], data.get(end + 1..).unwrap_or_default());
    let whole = Receipt::parse(bytes);
    if let Err(error) = &whole {
        assert!(!error.to_string().is_empty());
    }
    let Some(receipt) = Receipt::parse_damaged(bytes) else {
        assert!(whole.is_err());
        return;
    };
    let text = receipt.text();
    assert_eq!(Receipt::parse_damaged(text.as_bytes()).as_ref(), Some(&receipt), "{text}");
    if let Ok(whole) = whole {
        assert_eq!(whole, receipt);
        assert_eq!(Receipt::parse(text.as_bytes()).ok(), Some(whole));
    }
    let _ = receipt.outcome_words();
    let (sha256, verdict) = receipt.verify(file.to_vec());
    assert_eq!(verdict == Verdict::Same, sha256 == receipt.file.sha256);
    if let Verdict::Other(Some(rows)) = verdict {
        assert_eq!(rows.as_sent as usize + rows.differ.len(), rows.sent as usize);
        assert!(rows.differ.iter().all(|row| (1..=rows.sent).contains(row)));
        assert!(!rows.words().is_empty());
    }
});
