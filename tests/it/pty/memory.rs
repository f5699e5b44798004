//! Copies of the API key in the idle program's memory, and that no core dump is written.
#![cfg(target_os = "linux")]

use super::screen::Place;
use super::{KEY, five_rows, rows};
use std::fs::{File, read_to_string};
use std::os::unix::fs::FileExt;

/// How often a text occurs in a process's writable memory; None if it can't be read.
fn in_memory(process: u32, text: &str) -> Option<usize> {
    let memory = File::open(format!("/proc/{process}/mem")).ok()?;
    let maps = read_to_string(format!("/proc/{process}/maps")).ok()?;
    let ranges = maps.lines().filter(|line| line.contains(" rw")).filter_map(|line| {
        let (start, end) = line.split_once(' ')?.0.split_once('-')?;
        Some((u64::from_str_radix(start, 16).ok()?, u64::from_str_radix(end, 16).ok()?))
    });
    let found = ranges.map(|(start, end)| {
        let mut bytes = vec![0; (end - start) as usize];
        match memory.read_at(&mut bytes, start) {
            Ok(len) => memchr::memmem::find_iter(&bytes[..len], text).count(),
            Err(_) => 0,
        }
    });
    Some(found.sum())
}

#[test]
fn the_key_is_in_memory_once_beside_the_environment_and_no_dump_is_made_of_it() {
    let place = Place::new().with("m.json", rows(5)).env("TWELVELABS_API_KEY", KEY);
    let mut screen = five_rows(&place);
    screen.keys("RS").until("in the environment");
    let limits = read_to_string(format!("/proc/{}/limits", screen.pid())).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().nth(4), Some("0"), "{core}");
    if let Some(found) = in_memory(screen.pid(), KEY) {
        assert!(found <= 2, "{found} times");
    }
    screen.keys("qqq");
    assert_eq!(screen.ends(), 0);
}
