//! Any bytes, served in any way: no panic, no loop, never over budget.

use super::{line, look, look_at, sample, samples};
use cuecard::domain::video::{Probe, Step};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 200 } else { 2_000 }))]

    #[test]
    fn changed_headers_are_read_within_the_budget(
        which in 0..38_usize,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..40),
        cut in any::<prop::sample::Index>(),
    ) {
        let samples = samples();
        let mut bytes = samples[which % samples.len()].1.clone();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        look_at(&bytes);
        look_at(&bytes[..cut.index(bytes.len())]);
    }

    #[test]
    fn any_bytes_are_read_within_the_budget(bytes in prop::collection::vec(any::<u8>(), 0..4_000)) {
        look_at(&bytes);
        // As the content of a container that is parsed.
        look_at(&[&b"\0\0\0\x10ftypisom\0\0\0\0\0\0\0\0moov"[..], &bytes].concat());
        look_at(&[&b"\x1a\x45\xdf\xa3\x80\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff"[..], &bytes].concat());
    }

    /// Wrong sizes, and ranges that are short, too long or misplaced.
    #[test]
    fn probing_ends_for_any_server_behaviour(
        which in 0..38_usize,
        sizes in prop::collection::vec(any::<u64>(), 8),
        lens in prop::collection::vec(0..200_000_usize, 8),
        shifts in prop::collection::vec(prop_oneof![3 => Just(0_u64), 1 => any::<u64>()], 8),
    ) {
        let samples = samples();
        let bytes = &samples[which % samples.len()].1;
        let mut probe = Probe::new();
        for ((size, len), shift) in sizes.into_iter().zip(lens).zip(shifts) {
            let Step::Need(range) = probe.step() else { break };
            let mut served: Vec<u8> = bytes.iter().copied().skip(range.start as usize).collect();
            served.resize(len, 7);
            probe.give(range.start.wrapping_add(shift), &served, size);
        }
        let is_done = matches!(probe.step(), Step::Done(_));
        prop_assert!(is_done);
    }
}

#[test]
fn probe_repeats_a_range_until_the_server_answers_it() {
    let mut probe = Probe::new();
    let first = probe.step();
    assert_eq!(first, Step::Need(0..65_536));
    assert_eq!(probe.step(), first);
    probe.give(0, b"", 1_000_000);
    let Step::Done(facts) = probe.step() else { panic!("it asks again for what does not come") };
    assert_eq!(line(&facts), "unknown | - | - - | picture?, sound? | Withheld");
    // Later bytes change nothing.
    probe.give(0, b"<html>", 6);
    assert_eq!(probe.step(), Step::Done(facts));
}

#[test]
fn partial_answers_are_continued_where_they_ended() {
    let file = sample("plain.mkv");
    let (facts, cost) = look(file.len() as u64, |range| {
        file[range.start as usize..range.end as usize].iter().copied().take(700).collect()
    });
    assert_eq!(line(&facts), "mkv | 12128 | 64x36 64x36 | picture, sound");
    assert!(cost.requests > 1 && cost.requests <= 4, "{:?}", cost.ranges);
    assert_eq!(cost.ranges[1].start, 700);
}

#[test]
fn whole_file_answers_to_range_requests_are_accepted() {
    let file = sample("moov-at-end.mp4");
    let mut probe = Probe::new();
    assert_eq!(probe.step(), Step::Need(0..65_536));
    probe.give(0, &[&file[..], &vec![0; 3_000_000]].concat(), file.len() as u64);
    let Step::Done(facts) = probe.step() else { panic!("all is there") };
    assert_eq!(facts.coded, Some((64, 36)));
}

#[test]
fn a_million_tiny_boxes_take_no_noticeable_time() {
    let mut bytes = b"\0\0\0\x10ftypisom\0\0\0\0\0\0\0\0moov".to_vec();
    while bytes.len() < 1_500_000 {
        bytes.extend(b"\0\0\0\x08free");
    }
    let mut probe = Probe::new();
    assert!(matches!(probe.step(), Step::Need(_)));
    probe.give(0, &bytes, bytes.len() as u64);
    let start = std::time::Instant::now();
    assert!(matches!(probe.step(), Step::Done(_)));
    assert!(start.elapsed() < std::time::Duration::from_secs(2));
}
