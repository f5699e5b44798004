//! The probe over any bytes, served in any way: it stays within its budget and its result is repeatable. A first byte
//! of 0 serves honestly; any other makes a server that lies about sizes, or sends less, more, or other bytes.
#![no_main]

use cuecard_domain::video::{FIRST, Facts, MOST_BYTES, MOST_REQUESTS, Probe, Step};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((mood, bytes)) = data.split_first() else { return };
    let facts = look(*mood, bytes);
    assert_eq!(facts, look(*mood, bytes), "the same bytes say the same");
    assert!(facts.duration.is_none_or(|length| length.ms > 0), "nothing is 0 s long");
    assert!(matches!(facts.rotation, 0 | 90 | 180 | 270));
    for (width, height) in [facts.coded, facts.display].into_iter().flatten() {
        assert!(width > 0 && height > 0);
    }
});

fn look(mood: u8, bytes: &[u8]) -> Facts {
    let mut probe = Probe::new();
    let (mut requests, mut asked) = (0_usize, 0);
    let mut lies = bytes.iter().rev().copied().cycle();
    let mut lie = || lies.next().unwrap_or(1);
    loop {
        let range = match probe.step() {
            Step::Done(facts) => return facts,
            Step::Need(range) => range,
        };
        assert!(requests > 0 || range == (0..FIRST));
        assert!(range.start < range.end);
        requests += 1;
        asked += range.end - range.start;
        assert!(requests <= MOST_REQUESTS && asked <= MOST_BYTES);
        // The bytes are at the start and again at the end of an object with a hole in the middle, so that jumps hit
        // them.
        let hole = if mood & 1 == 0 { 0 } else { 1_u64 << (mood >> 3) };
        let second = bytes.len() as u64 + hole;
        let size = second + if hole > 0 { bytes.len() as u64 } else { 0 };
        let end = range.end.min(size).max(range.start);
        let mut served = vec![0; (end - range.start) as usize];
        for start in [0, second] {
            let (from, to) = (range.start.max(start), end.min(start + bytes.len() as u64));
            if from < to {
                let source = &bytes[(from - start) as usize..(to - start) as usize];
                served[(from - range.start) as usize..(to - range.start) as usize].copy_from_slice(source);
            }
        }
        if mood & 2 == 0 {
            probe.give(range.start, &served, size);
            continue;
        }
        let at = if lie() > 200 { range.start.wrapping_add(u64::from(lie()) << 20) } else { range.start };
        let len = served.len() * usize::from(lie()) / 200;
        let size = if lie() > 128 { size.wrapping_mul(u64::from(lie())) } else { size };
        probe.give(at, served.get(..len).unwrap_or(&served), if mood & 4 == 0 { size } else { u64::MAX });
    }
}
