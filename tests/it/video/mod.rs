//! The probe over real headers (made by `make.sh`, committed) and over virtual objects: its results and its cost.

mod elements;
mod hostile;
mod long;

use cuecard::domain::video::{Container, Doubt, Facts, Length, Probe, Step};
use std::ops::Range;

/// The cost of a probe.
struct Cost {
    requests: usize,
    bytes: u64,
    ranges: Vec<Range<u64>>,
}

/// Runs a probe over an object of `size` bytes that `read` serves.
fn look(size: u64, mut read: impl FnMut(Range<u64>) -> Vec<u8>) -> (Facts, Cost) {
    let mut probe = Probe::new();
    let mut cost = Cost { requests: 0, bytes: 0, ranges: Vec::new() };
    loop {
        match probe.step() {
            Step::Done(facts) => return (facts, cost),
            Step::Need(range) => {
                assert!(range.start < range.end, "an empty range was asked for");
                cost.requests += 1;
                cost.bytes += range.end - range.start;
                cost.ranges.push(range.clone());
                assert!(cost.requests <= 8 && cost.bytes <= 2 * 1024 * 1024, "{:?}", cost.ranges);
                let bytes = read(range.start..range.end.min(size));
                probe.give(range.start, &bytes, size);
            }
        }
    }
}

fn look_at(bytes: &[u8]) -> (Facts, Cost) {
    look(bytes.len() as u64, |range| bytes[range.start as usize..range.end as usize].to_vec())
}

fn sample(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/assets/samples/video/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn samples() -> Vec<(String, Vec<u8>)> {
    let folder = format!("{}/assets/samples/video", env!("CARGO_MANIFEST_DIR"));
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut samples: Vec<(String, Vec<u8>)> = names.map(|name| (name.clone(), sample(&name))).collect();
    samples.sort();
    samples
}

/// One line to compare: container, length, coded and display size, turn, picture, sound, doubt.
fn line(facts: &Facts) -> String {
    let container = match &facts.container {
        Container::IsoMedia(brand) => brand.to_string(),
        Container::Matroska => "mkv".into(),
        Container::WebM => "webm".into(),
        Container::Other(name) => format!("other {name}"),
        Container::NotVideo(name) => format!("not {name}"),
        Container::Unknown => "unknown".into(),
    };
    let length = match facts.duration {
        None => "-".into(),
        Some(Length { ms, is_rough, media_ms }) => {
            let media = media_ms.map(|ms| format!("/{ms}")).unwrap_or_default();
            format!("{}{ms}{media}", if is_rough { "~" } else { "" })
        }
    };
    let size = |size: Option<(u32, u32)>| size.map_or("-".into(), |(width, height)| format!("{width}x{height}"));
    let tell = |word: &str, told: Option<bool>| match told {
        None => format!("{word}?"),
        Some(true) => word.into(),
        Some(false) => format!("no {word}"),
    };
    let mut line = format!("{container} | {length} | {} {}", size(facts.coded), size(facts.display));
    if facts.rotation != 0 {
        line.push_str(&format!(" turned {}", facts.rotation));
    }
    line.push_str(&format!(" | {}, {}", tell("picture", facts.has_video), tell("sound", facts.has_audio)));
    if let Some(doubt) = facts.doubt {
        line.push_str(&format!(" | {doubt:?}"));
    }
    line
}

const EXPECTED: &[(&str, &str)] = &[
    ("anamorphic.mkv", "mkv | 12000 | 64x36 85x36 | picture, no sound"),
    ("anamorphic.mp4", "isom | 12000 | 64x36 85x36 | picture, no sound"),
    ("audio-only.m4a", "M4A | 12000 | - - | no picture, sound"),
    ("audio-only.mka", "mkv | 12128 | - - | no picture, sound"),
    ("audio-only.mp4", "isom | 12000 | - - | no picture, sound"),
    ("bare.mp3", "not an MP3 file, sound only | - | - - | no picture, sound"),
    ("camera.mov", "qt | 12000 | 64x36 64x36 | picture, sound"),
    ("cut-behind-moov.mp4", "isom | 12000 | 64x36 64x36 | picture, sound | Truncated"),
    ("cut.mp4", "isom | - | - - | picture?, sound? | Truncated"),
    ("edit-list.mp4", "isom | 8701/12128 | 64x36 64x36 | picture, sound"),
    ("faststart.mp4", "isom | 12000 | 64x36 64x36 | picture, sound"),
    ("fragmented-bare.mp4", "iso5 | - | 64x36 64x36 | picture, sound | Fragmented"),
    // Its first fragment is in the header, with its own length.
    ("fragmented-late.mp4", "isom | ~12000 | 64x36 64x36 | picture, no sound"),
    ("fragmented-sidx-each.mp4", "iso5 | ~12000 | 64x36 64x36 | picture, no sound"),
    ("fragmented-sidx.mp4", "iso5 | ~12128 | 64x36 64x36 | picture, sound"),
    ("fragmented.mp4", "iso5 | ~12128 | 64x36 64x36 | picture, sound"),
    ("hevc.mp4", "isom | 12000 | 64x36 64x36 | picture, no sound"),
    ("live.mkv", "mkv | - | 64x36 64x36 | picture, sound | Unfinished"),
    ("live.webm", "webm | - | 64x36 64x36 | picture, no sound | Unfinished"),
    ("mjpeg.mov", "qt | 12000 | 64x36 64x36 | picture, no sound"),
    ("moov-at-end.mp4", "isom | 12000 | 64x36 64x36 | picture, sound"),
    ("no-audio.mp4", "isom | 12000 | 64x36 64x36 | picture, no sound"),
    ("phone.3gp", "3gp4 | 2000 | 64x36 64x36 | picture, no sound"),
    ("plain.aac", "not an AAC file, sound only | - | - - | no picture, sound"),
    ("plain.avi", "other AVI | - | - - | picture?, sound?"),
    ("plain.flv", "other FLV | - | - - | picture?, sound?"),
    ("plain.mkv", "mkv | 12128 | 64x36 64x36 | picture, sound"),
    ("plain.mpg", "other MPEG-PS | - | - - | picture?, sound?"),
    ("plain.mxf", "other MXF | - | - - | picture?, sound?"),
    ("plain.ogv", "other Ogg | - | - - | picture?, sound?"),
    ("plain.ts", "other MPEG-TS | - | - - | picture?, sound?"),
    ("plain.wav", "not a WAV file, sound only | - | - - | no picture, sound"),
    ("plain.webm", "webm | 12008 | 64x36 64x36 | picture, sound"),
    ("plain.wmv", "other ASF (WMV) | - | - - | picture?, sound?"),
    ("prores.mov", "qt | 2000 | 64x36 64x36 | picture, no sound"),
    // 90 for ffprobe, which counts the other way round.
    ("rotated.mp4", "isom | 12000 | 64x36 64x36 turned 270 | picture, no sound"),
    ("tagged.mp3", "not an MP3 file, sound only | - | - - | no picture, sound"),
    ("timecode.mov", "qt | 80 | 64x36 64x36 | picture, no sound"),
];

#[test]
fn each_kind_of_header_is_read_as_ffprobe_reads_it() {
    let found: Vec<(String, String)> =
        samples().into_iter().map(|(name, bytes)| (name, line(&look_at(&bytes).0))).collect();
    let expected: Vec<(String, String)> =
        EXPECTED.iter().map(|(name, line)| ((*name).into(), (*line).into())).collect();
    let differing: Vec<_> = found.iter().zip(&expected).filter(|(found, expected)| found != expected).collect();
    assert!(differing.is_empty(), "{differing:#?}");
    assert_eq!(found.len(), expected.len());
}

#[test]
fn a_small_object_takes_one_request() {
    for (name, bytes) in samples() {
        assert_eq!(look_at(&bytes).1.requests, 1, "{name}");
    }
}

#[test]
fn what_is_no_video_is_named() {
    for (bytes, name) in [
        (&b""[..], "empty"),
        (b"<!DOCTYPE html><html><body>Sign in", "an HTML page"),
        (b"\xef\xbb\xbf \r\n<HTML>", "an HTML page"),
        (
            b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>AccessDenied</Code><Message>",
            "an S3 error (AccessDenied)",
        ),
        (b"<Error><Code>\x1b[31m</Code>", "an S3 error"),
        (b"<?xml version=\"1.0\"?><rss>", "an XML file"),
        (b"[{\"index_id\": \"", "a JSON file"),
        (b"#EXTM3U\n#EXT-X-VERSION:3", "a playlist"),
        (b"1\r\n00:00:01,000 --> 00:00:02,000\r\nGood evening", "a transcript"),
        (b"WEBVTT\n\n", "a transcript"),
        (b"Get free of it, said the captain", "text"),
        ("Zażółć gęślą jaźń".as_bytes(), "text"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a PNG picture"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "a JPEG picture"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "a HEIF picture"),
        (b"PK\x03\x04", "a ZIP archive"),
        (b"%PDF-1.7", "a PDF document"),
    ] {
        let (facts, cost) = look_at(bytes);
        assert_eq!(facts.container, Container::NotVideo(name.into()));
        assert_eq!((facts.has_video, cost.requests), (Some(false), 1), "{name}");
    }
    for bytes in [&b"\x01\x02\x03\x04\x05"[..], b"caf\xe9 au lait", b"\xff\xfb\x90\x64 not a second frame"] {
        assert_eq!(look_at(bytes).0, Facts::default(), "{bytes:?}");
    }
}

#[test]
fn a_file_that_is_cut_anywhere_is_told_as_cut_or_as_not_told() {
    for (name, bytes) in samples() {
        if !name.ends_with(".mp4") && !name.ends_with(".mov") && !name.ends_with(".mkv") && !name.ends_with(".avi") {
            continue;
        }
        let is_whole = look_at(&bytes).0.broken().is_none();
        assert_eq!(is_whole, !name.starts_with("cut"), "{name}");
        for cut in (16..bytes.len()).step_by(61) {
            let facts = look_at(&bytes[..cut]).0;
            // An index at the end may be missing where the frames before it are all there.
            let is_told = facts.broken().is_some() || facts.untold().is_some() || facts.has_video == Some(false);
            let is_live = name.starts_with("live") || name.starts_with("fragmented");
            let frames_end = bytes
                .windows(4)
                .rposition(|window| window == b"mdat")
                .map_or(bytes.len(), |at| at - 4 + u32::from_be_bytes(bytes[at - 4..at].try_into().unwrap()) as usize);
            assert!(is_told || is_live || cut >= frames_end, "{name} cut at {cut}: {facts:?}");
        }
    }
}

#[test]
fn missing_headers_and_zeros_are_reported() {
    let doubt = |bytes: &[u8]| look_at(bytes).0.doubt;
    assert_eq!(doubt(b"\0\0\0\x14ftypisom\0\0\0\0isom"), Some(Doubt::Headless), "only the type");
    assert_eq!(doubt(b"\0\0\0\x14ftypisom\0\0\0\0isom\0\0\0\x0cmdat0123"), Some(Doubt::Headless), "no header at all");
    assert_eq!(doubt(&[0; 100_000]), Some(Doubt::Zeros));
    let avi = sample("plain.avi");
    assert_eq!((doubt(&avi), doubt(&avi[..300])), (None, Some(Doubt::Truncated)));
    for told in [0_u32, u32::MAX] {
        let mut live = avi.clone();
        live[4..8].copy_from_slice(&told.to_le_bytes());
        assert_eq!(doubt(&live[..300]), None, "a recorder that does not know the end yet");
    }
    let apple = [&b"\x00\x05\x16\x07\0\x02\0\0Mac OS X        "[..], &[0; 4_000]].concat();
    assert_eq!(look_at(&apple).0.container, Container::NotVideo("what macOS keeps beside a file (._)".into()));
    // Rubbish behind the frames cuts nothing off.
    let tailed = [&sample("faststart.mp4")[..], b"Copyright 2024 by us"].concat();
    assert_eq!(look_at(&tailed).0.broken(), None);
}

#[test]
fn a_header_without_a_single_frame_is_broken() {
    let whole = sample("faststart.mp4");
    let frames = whole.windows(4).rposition(|window| window == b"mdat").unwrap() - 4;
    let header = &whole[..frames];
    for (name, tail) in [
        ("an upload that ended behind the header", &b""[..]),
        ("room is left", b"\0\0\0\x08free"),
        ("a few bytes more", b"\0\0\0"),
        ("an empty box", b"\0\0\0\x08mdat"),
        ("an empty box, and room", b"\0\0\0\x08mdat\0\0\0\x0cfree0123"),
        ("an empty box up to the end", b"\0\0\0\0mdat"),
    ] {
        let facts = look_at(&[header, tail].concat()).0;
        assert_eq!((facts.broken(), facts.untold()), (Some(Doubt::Frameless), None), "{name}");
    }
    let cut = look_at(&whole[..frames + 8]).0;
    assert_eq!(cut.broken(), Some(Doubt::Truncated), "only the head of the frames");
    // An empty box before the frames is what old cameras leave.
    let spaced = [header, b"\0\0\0\x08mdat", &whole[frames..]].concat();
    assert_eq!(look_at(&spaced).0.broken(), None);
    assert_eq!(look_at(&sample("moov-at-end.mp4")).0.broken(), None);
}

/// Without its `pasp` boxes, which become boxes that mean nothing.
fn without_pasp(mut bytes: Vec<u8>) -> Vec<u8> {
    while let Some(at) = bytes.windows(4).position(|window| window == b"pasp") {
        bytes[at..at + 4].copy_from_slice(b"free");
    }
    bytes
}

#[test]
fn a_pixel_shape_that_stands_only_in_the_codecs_header_is_read_or_not_told() {
    // FFmpeg writes the shown width of a stretched picture into the track header, too: make it the coded one.
    let coded = |name: &str| {
        let mut bytes = without_pasp(sample(name));
        let head = bytes.windows(4).position(|window| window == b"tkhd").unwrap();
        bytes[head + 80..head + 84].copy_from_slice(&(64_u32 << 16).to_be_bytes());
        bytes
    };
    let plain = coded("anamorphic.mp4");
    assert_eq!(look_at(&plain).0.display, Some((85, 36)), "from H.264");
    let mut in_band = plain.clone();
    let set = in_band.windows(4).position(|window| window == b"avcC").unwrap();
    in_band[set + 9] = 0xe0;
    let facts = look_at(&in_band).0;
    assert_eq!((facts.display, facts.coded), (None, Some((64, 36))));
    assert_eq!(facts.untold().as_deref(), Some("the header does not tell the shape of the picture"));
    assert_eq!(look_at(&coded("faststart.mp4")).0.display, Some((64, 36)));
    assert_eq!(look_at(&coded("phone.3gp")).0.untold(), None, "MPEG-4");
}

#[test]
fn a_movie_of_pieces_is_never_said_to_be_of_no_length() {
    for (name, bytes) in samples().iter().filter(|(name, _)| name.starts_with("fragmented")) {
        for cut in (0..bytes.len()).step_by(7).chain([bytes.len()]) {
            let length = look_at(&bytes[..cut]).0.duration;
            assert!(length.is_none_or(|length| length.ms > 0 && length.is_rough), "{name} cut at {cut}: {length:?}");
        }
    }
}

#[test]
fn an_encrypted_track_and_a_compressed_header_are_doubts_and_no_faults() {
    let mut bytes = sample("faststart.mp4");
    let at = bytes.windows(4).position(|window| window == b"avc1").unwrap();
    // The brand list names avc1 too: the sample description is the last one.
    let last = bytes.windows(4).rposition(|window| window == b"avc1").unwrap();
    assert!(at < last);
    bytes[last..last + 4].copy_from_slice(b"encv");
    assert_eq!(line(&look_at(&bytes).0), "isom | 12000 | 64x36 64x36 | picture, sound | Encrypted");

    let compressed = b"\0\0\0\x14ftypqt  \0\0\0\0qt  \0\0\0\x18moov\0\0\0\x10cmov\0\0\0\x08dcom";
    assert_eq!(line(&look_at(compressed).0), "qt | - | - - | picture?, sound? | Unreadable");
}

#[test]
fn disabled_track_is_reported_as_unknown() {
    let mut bytes = sample("faststart.mp4");
    let places: Vec<usize> = (0..bytes.len() - 4).filter(|at| &bytes[*at..*at + 4] == b"tkhd").collect();
    for place in places {
        bytes[place + 7] &= !1;
    }
    assert_eq!(line(&look_at(&bytes).0), "isom | 12000 | - - | picture?, sound?");
}

#[test]
fn zero_timescale_gives_no_duration() {
    let mut bytes = sample("no-audio.mp4");
    for clock in [b"mvhd", b"mdhd"] {
        let at = bytes.windows(4).position(|window| window == clock).unwrap();
        bytes[at + 16..at + 20].fill(0);
    }
    let facts = look_at(&bytes).0;
    assert_eq!((facts.duration, facts.doubt), (None, Some(Doubt::Unfinished)));
    // Nor does a clock so fast that the whole movie is under a millisecond.
    for clock in [b"mvhd", b"mdhd"] {
        let at = bytes.windows(4).position(|window| window == clock).unwrap();
        bytes[at + 16..at + 20].fill(0xff);
    }
    assert_eq!(look_at(&bytes).0.duration, None);
}

#[test]
fn announced_fragment_length_needs_a_complete_file_end() {
    let mut bytes = sample("fragmented.mp4");
    // Replaces the first of the track defaults, which take 32 bytes.
    let at = bytes.windows(4).position(|window| window == b"trex").unwrap() - 4;
    let announced =
        |ms: u32| [&b"\0\0\0\x10mehd\0\0\0\0"[..], &ms.to_be_bytes(), b"\0\0\0\x10free\0\0\0\0\0\0\0\0"].concat();
    bytes[at..at + 32].copy_from_slice(&announced(12_500));
    assert_eq!(line(&look_at(&bytes).0), "iso5 | 12500 | 64x36 64x36 | picture, sound");
    // Without the index at the end, nothing says that all pieces are there.
    let index = bytes.windows(4).position(|window| window == b"mfra").unwrap() - 4;
    assert_eq!(line(&look_at(&bytes[..index]).0), "iso5 | - | 64x36 64x36 | picture, sound | Fragmented");
    bytes[at..at + 32].copy_from_slice(&announced(9_000));
    assert_eq!(line(&look_at(&bytes).0), "iso5 | ~12128 | 64x36 64x36 | picture, sound");
}

#[test]
fn a_movie_that_does_not_know_its_length_has_that_of_its_tracks() {
    let mut bytes = sample("no-audio.mp4");
    let at = bytes.windows(4).position(|window| window == b"mvhd").unwrap();
    bytes[at + 20..at + 24].fill(0xff);
    assert_eq!(line(&look_at(&bytes).0), "isom | ~12000 | 64x36 64x36 | picture, no sound");
}

#[test]
fn lengths_of_64_bits_are_read() {
    let bytes = sample("no-audio.mp4");
    let at = bytes.windows(4).position(|window| window == b"mvhd").unwrap() - 4;
    // Replaces the old header of 108 bytes by one with 12 bytes more; the enclosing header grows.
    let mut header = bytes[at..at + 12].to_vec();
    header[3] += 12;
    header[8] = 1;
    header.extend([0; 16]);
    header.extend(1_000_u32.to_be_bytes());
    header.extend(7_200_000_u64.to_be_bytes());
    header.extend(&bytes[at + 28..at + 108]);
    let moov = bytes.windows(4).position(|window| window == b"moov").unwrap() - 4;
    let mut longer = [&bytes[..at], &header, &bytes[at + 108..]].concat();
    let len = u32::from_be_bytes(longer[moov..moov + 4].try_into().unwrap()) + 12;
    longer[moov..moov + 4].copy_from_slice(&len.to_be_bytes());
    assert_eq!(line(&look_at(&longer).0), "isom | 7200000/12000 | 64x36 64x36 | picture, no sound");
}
