//! Virtual objects of many megabytes: the cost of probing them.

use super::{line, look, sample};
use std::ops::Range;

/// An object: byte ranges with zeros between them.
#[derive(Default)]
struct Object {
    size: u64,
    parts: Vec<(u64, Vec<u8>)>,
}

impl Object {
    fn push(&mut self, bytes: &[u8]) {
        self.parts.push((self.size, bytes.to_vec()));
        self.size += bytes.len() as u64;
    }

    fn zeros(&mut self, len: u64) {
        self.size += len;
    }

    fn read(&self, range: Range<u64>) -> Vec<u8> {
        let mut bytes = vec![0; (range.end - range.start) as usize];
        for (at, part) in &self.parts {
            for (offset, byte) in part.iter().enumerate() {
                let place = at + offset as u64;
                if range.contains(&place) {
                    bytes[(place - range.start) as usize] = *byte;
                }
            }
        }
        bytes
    }
}

fn boxed(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    [&(body.len() as u32 + 8).to_be_bytes(), &kind[..], body].concat()
}

/// The children of a box, by kind, with their heads.
fn children(bytes: &[u8]) -> Vec<([u8; 4], Vec<u8>)> {
    let mut found = Vec::new();
    let mut rest = bytes;
    while rest.len() >= 8 {
        let len = u32::from_be_bytes(rest[..4].try_into().unwrap()) as usize;
        found.push((rest[4..8].try_into().unwrap(), rest[..len].to_vec()));
        rest = &rest[len..];
    }
    found
}

/// The header of a sample, with its sample tables grown by `table` bytes per track: the parts around each table.
fn grown_header(name: &str, table: u64) -> (Vec<Vec<u8>>, u64) {
    let file = sample(name);
    let (_, moov) = children(&file).into_iter().find(|(kind, _)| kind == b"moov").unwrap();
    let mut parts = vec![Vec::new()];
    let mut tracks = 0;
    let mut body = Vec::new();
    for (kind, piece) in children(&moov[8..]) {
        if &kind != b"trak" {
            body.extend(piece);
            continue;
        }
        tracks += 1;
        // A table as the last box of stbl: every enclosing box grows.
        let mut grown = piece.clone();
        for path in [&["trak"][..], &["trak", "mdia"], &["trak", "mdia", "minf"], &["trak", "mdia", "minf", "stbl"]] {
            let at = find(&piece, path);
            let len = u32::from_be_bytes(grown[at..at + 4].try_into().unwrap()) + table as u32;
            grown[at..at + 4].copy_from_slice(&len.to_be_bytes());
        }
        let stbl = find(&piece, &["trak", "mdia", "minf", "stbl"]);
        let end = stbl + u32::from_be_bytes(piece[stbl..stbl + 4].try_into().unwrap()) as usize;
        body.extend(&grown[..end]);
        body.extend((table as u32).to_be_bytes());
        body.extend(b"stsz");
        parts.last_mut().unwrap().append(&mut body);
        parts.push(Vec::new());
        body = grown[end..].to_vec();
    }
    parts.last_mut().unwrap().append(&mut body);
    let len = moov.len() as u64 + tracks * table;
    let head = [&(len as u32).to_be_bytes(), &b"moov"[..]].concat();
    parts[0].splice(0..0, head);
    (parts, table - 8)
}

fn find(bytes: &[u8], path: &[&str]) -> usize {
    let (mut start, mut end, mut found) = (0, bytes.len(), 0);
    for kind in path {
        let mut at = start;
        while &bytes[at + 4..at + 8] != kind.as_bytes() {
            at += u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
            assert!(at < end);
        }
        found = at;
        end = at + u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
        start = at + 8;
    }
    found
}

fn push_header(object: &mut Object, (parts, gap): &(Vec<Vec<u8>>, u64)) {
    let (last, before) = parts.split_last().unwrap();
    for part in before {
        object.push(part);
        object.zeros(*gap);
    }
    object.push(last);
}

const FTYP: &[u8] = b"\0\0\0\x14ftypisom\0\0\0\0isom";
const FACTS: &str = "isom | 12000 | 64x36 64x36 | picture, sound";

/// The header before or after the frames, with tables of `table` bytes per track.
fn movie(header_first: bool, table: u64, frames: u64) -> Object {
    let header = grown_header("faststart.mp4", table);
    let mut object = Object::default();
    object.push(FTYP);
    if header_first {
        push_header(&mut object, &header);
    }
    if frames > u64::from(u32::MAX) {
        object.push(&[&b"\0\0\0\x01mdat"[..], &(frames + 16).to_be_bytes()].concat());
    } else {
        object.push(&[&(frames as u32 + 8).to_be_bytes(), &b"mdat"[..]].concat());
    }
    object.zeros(frames);
    if !header_first {
        push_header(&mut object, &header);
    }
    object
}

const MB: u64 = 1_000_000;

#[test]
fn a_header_of_megabytes_costs_a_few_requests_wherever_it_stands() {
    for (header_first, table, frames, requests) in [
        (true, 16, 4 * MB, 1),
        // One more for the length of the frames: they may be cut off.
        (true, 3 * MB, 86 * MB, 3),
        (false, 16, 86 * MB, 2),
        (false, 106_000, 86 * MB, 3),
        (false, 3 * MB, 86 * MB, 3),
        // Over 4 GiB: the length of the frames takes 64 bits.
        (false, 3 * MB, 5_000 * MB, 3),
    ] {
        let object = movie(header_first, table, frames);
        let (facts, cost) = look(object.size, |range| object.read(range));
        assert_eq!(line(&facts), FACTS);
        assert_eq!(cost.requests, requests, "header first {header_first}, tables {table}: {:?}", cost.ranges);
        assert!(cost.bytes <= 64 * 1024 * requests as u64);
    }
}

#[test]
fn frames_behind_a_long_header_are_known_to_be_cut_off() {
    let mut object = movie(true, 3 * MB, 86 * MB);
    object.size -= MB;
    let (facts, cost) = look(object.size, |range| object.read(range));
    assert_eq!(line(&facts), format!("{FACTS} | Truncated"));
    assert_eq!(cost.requests, 3, "{:?}", cost.ranges);
}

#[test]
fn without_sound_the_whole_header_is_walked_before_saying_so() {
    let header = grown_header("no-audio.mp4", 6 * MB);
    let mut object = Object::default();
    object.push(FTYP);
    object.push(&[&(86_000_008_u32).to_be_bytes(), &b"mdat"[..]].concat());
    object.zeros(86 * MB);
    push_header(&mut object, &header);
    let (facts, cost) = look(object.size, |range| object.read(range));
    assert_eq!(line(&facts), "isom | 12000 | 64x36 64x36 | picture, no sound");
    assert_eq!(cost.requests, 3, "{:?}", cost.ranges);
}

#[test]
fn probing_a_scattered_header_stops_at_the_request_budget() {
    let mut object = Object::default();
    object.push(FTYP);
    for _ in 0..20 {
        object.push(&[&(1_000_008_u32).to_be_bytes(), &b"mdat"[..]].concat());
        object.zeros(MB);
    }
    push_header(&mut object, &grown_header("faststart.mp4", 16));
    let (facts, cost) = look(object.size, |range| object.read(range));
    assert_eq!(line(&facts), "isom | - | - - | picture?, sound? | Budget");
    assert_eq!(cost.requests, 8);
}

#[test]
fn a_long_index_of_segments_is_read_whole() {
    let file = sample("fragmented-sidx.mp4");
    let moov = children(&file).into_iter().find(|(kind, _)| kind == b"moov").unwrap().1;
    // 4 hours in segments of 2 seconds, each of 10 kB.
    let count = 7_200_u16;
    let mut index = [0_u32, 1, 1_000, 0, 0].map(u32::to_be_bytes).concat();
    index.extend([0, 0]);
    index.extend(count.to_be_bytes());
    for _ in 0..count {
        index.extend([10_000_u32, 2_000, 0x9000_0000].map(u32::to_be_bytes).concat());
    }
    let build = |missing: u64| {
        let mut object = Object::default();
        object.push(FTYP);
        object.push(&moov);
        object.push(&boxed(b"sidx", &index));
        object.push(&[&(10_000_u32 * u32::from(count)).to_be_bytes(), &b"moof"[..]].concat());
        object.zeros(10_000 * u64::from(count) - 8 - missing);
        object
    };
    let object = build(0);
    let (facts, cost) = look(object.size, |range| object.read(range));
    assert_eq!(line(&facts), "isom | ~14400000 | 64x36 64x36 | picture, sound");
    assert_eq!(cost.requests, 2, "{:?}", cost.ranges);
}

#[test]
fn last_fragment_is_found_by_the_index_at_the_end() {
    let file = sample("fragmented.mp4");
    let places: Vec<usize> = (4..file.len()).filter(|at| file[*at..].starts_with(b"moof")).map(|at| at - 4).collect();
    let [first, last] = places[..] else { panic!("two pieces: {places:?}") };
    let index = file.windows(4).position(|window| window == b"mfra").unwrap() - 4;
    let mut object = Object::default();
    object.push(&file[..first]);
    object.push(&[&(86_000_008_u32).to_be_bytes(), &b"moof"[..]].concat());
    object.zeros(86 * MB);
    let moved = object.size;
    object.push(&file[last..index]);
    let mut index = file[index..].to_vec();
    for at in 0..index.len() - 8 {
        if index[at..at + 8] == (last as u64).to_be_bytes() {
            index[at..at + 8].copy_from_slice(&moved.to_be_bytes());
        }
    }
    object.push(&index);
    let (facts, cost) = look(object.size, |range| object.read(range));
    assert_eq!(line(&facts), "iso5 | ~12128 | 64x36 64x36 | picture, sound");
    assert_eq!(cost.requests, 2, "{:?}", cost.ranges);
}

#[test]
fn tracks_behind_all_frames_are_found_by_the_table_of_contents() {
    let file = sample("plain.mkv");
    // The file has its own table of contents, which contains the same ids: search from the end.
    let [info, tracks, tags] = [b"\x15\x49\xa9\x66", b"\x16\x54\xae\x6b", b"\x12\x54\xc3\x67"]
        .map(|id| file.windows(4).rposition(|window| window == id).unwrap());
    assert!(info < tracks && tracks < tags);
    let head = 5 + 23_u64;
    let seek = |id: &[u8; 4], position: u64| {
        let body = [&b"\x53\xab\x84"[..], id, b"\x53\xac\x84", &(position as u32).to_be_bytes()].concat();
        [&b"\x4d\xbb"[..], &[0x80 | body.len() as u8], &body].concat()
    };
    let contents_len = 4 + 1 + 2 * 17_u64;
    let cluster_len = 12 + 86 * MB;
    let contents = [
        &b"\x11\x4d\x9b\x74\xa2"[..],
        &seek(b"\x15\x49\xa9\x66", contents_len + cluster_len),
        &seek(b"\x16\x54\xae\x6b", contents_len + cluster_len + (tracks - info) as u64),
    ]
    .concat();
    assert_eq!(contents.len() as u64, contents_len);
    let mut object = Object::default();
    object.push(b"\x1a\x45\xdf\xa3\x8b\x42\x82\x88matroska");
    assert_eq!(object.size + 12, head);
    object.push(b"\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff");
    object.push(&contents);
    object.push(&[&b"\x1f\x43\xb6\x75"[..], &(1 << 56 | (86 * MB)).to_be_bytes()].concat());
    object.zeros(86 * MB);
    object.push(&file[info..tags]);
    let (facts, cost) = look(object.size, |range| object.read(range));
    assert_eq!(line(&facts), "mkv | 12128 | 64x36 64x36 | picture, sound");
    assert_eq!(cost.requests, 2, "{:?}", cost.ranges);
}
