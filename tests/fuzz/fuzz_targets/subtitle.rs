//! Properties of any transcript, shared by the two targets.

use cuecard_domain::subtitle::{Inspected, inspect};

pub fn check(bytes: &[u8]) {
    for is_cut in [false, true] {
        let Inspected::Subtitles(found) = inspect(bytes, is_cut) else { continue };
        assert!(found.recovered <= found.apparent);
        assert!(found.recovered == found.apparent || !found.faults.is_empty());
        assert!(found.covered_ms <= found.last_ms);
        let lines = bytes.iter().filter(|b| matches!(b, b'\n' | b'\r')).count() + 1;
        for fault in &found.faults {
            assert!(fault.count >= 1 && fault.line >= 1 && fault.line as usize <= lines, "{fault:?}");
            assert!(fault.column >= 1 && fault.column as usize <= bytes.len() + 1, "{fault:?}");
        }
    }
}
