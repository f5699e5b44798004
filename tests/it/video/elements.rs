//! Handmade Matroska that no available muxer writes.

use super::{line, look_at};

fn element(id: &[u8], body: &[u8]) -> Vec<u8> {
    [id, &(1_u64 << 56 | body.len() as u64).to_be_bytes(), body].concat()
}

/// Of unknown length.
fn open(id: &[u8], body: &[u8]) -> Vec<u8> {
    [id, b"\xff", body].concat()
}

fn info(ticks: f64, scale: &[u8]) -> Vec<u8> {
    element(
        b"\x15\x49\xa9\x66",
        &[element(b"\x2a\xd7\xb1", scale), element(b"\x44\x89", &ticks.to_be_bytes())].concat(),
    )
}

fn track(kind: u8, more: &[u8]) -> Vec<u8> {
    element(b"\xae", &[&element(b"\x83", &[kind]), more].concat())
}

fn tracks(entries: &[Vec<u8>]) -> Vec<u8> {
    element(b"\x16\x54\xae\x6b", &entries.concat())
}

/// A picture of 1440x1080 with additional elements.
fn picture(more: &[Vec<u8>]) -> Vec<u8> {
    let size = [element(b"\xb0", b"\x05\xa0"), element(b"\xba", b"\x04\x38")].concat();
    element(b"\xe0", &[size, more.concat()].concat())
}

fn file(segment: &[Vec<u8>]) -> Vec<u8> {
    let head = element(b"\x1a\x45\xdf\xa3", &element(b"\x42\x82", b"matroska"));
    [head, open(b"\x18\x53\x80\x67", &segment.concat())].concat()
}

const SCALE: &[u8] = b"\x0f\x42\x40";

#[test]
fn cut_edges_and_units_give_the_size_as_shown() {
    let width = |bytes: &[u8]| element(b"\x54\xb0", bytes);
    let height = |bytes: &[u8]| element(b"\x54\xba", bytes);
    let unit = |unit: u8| element(b"\x54\xb2", &[unit]);
    for (more, expected) in [
        (vec![], "1440x1080"),
        (vec![width(b"\x07\x80"), height(b"\x04\x38")], "1920x1080"),
        (vec![width(b"\x10"), height(b"\x09"), unit(3)], "1920x1080"),
        (vec![width(b"\x10"), height(b"\x09"), unit(4)], "-"),
        (vec![element(b"\x54\xaa", b"\x08"), element(b"\x54\xbb", b"\x08")], "1440x1064"),
        (vec![element(b"\x54\xcc", b"\xff\xff")], "-"),
    ] {
        let bytes = file(&[info(5_000.0, SCALE), tracks(&[track(1, &picture(&more))])]);
        assert_eq!(line(&look_at(&bytes).0), format!("mkv | 5000 | 1440x1080 {expected} | picture, no sound"));
    }
}

#[test]
fn a_phone_held_upright_is_told_by_the_roll_of_the_projection() {
    for (roll, turned) in [(0.0, 0), (90.0, 270), (-90.0, 90), (180.0, 180), (89.9, 270), (f64::NAN, 0), (1e300, 0)] {
        let projection = element(b"\x76\x70", &element(b"\x76\x75", &f64::to_be_bytes(roll)));
        let bytes = file(&[info(5_000.0, SCALE), tracks(&[track(1, &picture(&[projection])), track(2, b"")])]);
        assert_eq!(look_at(&bytes).0.rotation, turned, "{roll}");
    }
}

#[test]
fn invalid_durations_are_ignored() {
    let of = |ticks: f64, scale: &[u8]| line(&look_at(&file(&[info(ticks, scale), tracks(&[track(2, b"")])])).0);
    assert_eq!(of(5_000.0, SCALE), "mkv | 5000 | - - | no picture, sound");
    assert_eq!(of(5_000.0, b"\x01\x86\xa0"), "mkv | 500 | - - | no picture, sound");
    for ticks in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e300] {
        assert_eq!(of(ticks, SCALE), "mkv | - | - - | no picture, sound | Unfinished");
    }
    assert_eq!(of(5_000.0, b"\0"), "mkv | - | - - | no picture, sound | Unfinished");
}

#[test]
fn elements_of_unknown_length_end_where_the_next_begins() {
    let info_body = &info(5_000.0, SCALE)[12..];
    let tracks_body = &tracks(&[track(1, &picture(&[])), track(2, b"")])[12..];
    let bytes = file(&[
        open(b"\x15\x49\xa9\x66", info_body),
        open(b"\x16\x54\xae\x6b", tracks_body),
        open(b"\x1f\x43\xb6\x75", &[0; 50]),
    ]);
    assert_eq!(line(&look_at(&bytes).0), "mkv | 5000 | 1440x1080 1440x1080 | picture, sound");
}

#[test]
fn tracks_that_are_off_or_encrypted_are_told_apart() {
    let off = element(b"\xb9", b"\0");
    let bytes = file(&[info(5_000.0, SCALE), tracks(&[track(1, &[picture(&[]), off].concat()), track(2, b"")])]);
    assert_eq!(line(&look_at(&bytes).0), "mkv | 5000 | - - | picture?, sound");

    let encrypted = element(b"\x6d\x80", &element(b"\x62\x40", &element(b"\x50\x35", b"")));
    let bytes = file(&[info(5_000.0, SCALE), tracks(&[track(1, &[picture(&[]), encrypted].concat())])]);
    assert_eq!(line(&look_at(&bytes).0), "mkv | 5000 | 1440x1080 1440x1080 | picture, no sound | Encrypted");
}

#[test]
fn frames_before_the_tracks_without_a_table_of_contents_leave_all_open() {
    let bytes = file(&[element(b"\x1f\x43\xb6\x75", &[0; 50]), info(5_000.0, SCALE), tracks(&[track(1, b"")])]);
    assert_eq!(line(&look_at(&bytes).0), "mkv | - | - - | picture?, sound? | Unreadable");
}
