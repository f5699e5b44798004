//! Simulated videos: the header of an MP4, and zeros for the rest of the file, which nobody reads.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;

/// Bytes of a body generated at a time.
pub(super) const PIECE: usize = 64 * 1024;

/// Properties of a simulated MP4.
#[derive(Clone, Copy, Debug, Hash)]
pub struct Video {
    pub milliseconds: u32,
    /// In pixels.
    pub width: u16,
    /// In pixels.
    pub height: u16,
    pub audio: bool,
    /// Size of the file. At least that of its header.
    pub bytes: u64,
    /// The header is at the end, as most cameras and editors write it.
    pub header_at_end: bool,
}

impl Default for Video {
    /// A sound video of half a minute.
    fn default() -> Self {
        Video { milliseconds: 30_000, width: 1920, height: 1080, audio: true, bytes: 18_000_000, header_at_end: false }
    }
}

/// A file with some content; the rest is zeros.
#[derive(Clone, Debug)]
pub(super) struct Sparse {
    pub(super) size: u64,
    /// 32 hex digits.
    pub(super) etag: String,
    pieces: Vec<(u64, Vec<u8>)>,
}

impl Sparse {
    pub(super) fn of(video: &Video) -> Sparse {
        let kind = boxed(b"ftyp", &[b"isom", &word(0x200), b"isom", b"iso2", b"avc1", b"mp41"]);
        let header = header(video);
        let (kind_len, header_len) = (kind.len() as u64, header.len() as u64);
        let data = video.bytes.max(kind_len + header_len + 16) - kind_len - header_len;
        let mut data_head = match u32::try_from(data) {
            Ok(short) => word(short).to_vec(),
            Err(_) => word(1).to_vec(),
        };
        data_head.extend_from_slice(b"mdat");
        if u32::try_from(data).is_err() {
            data_head.extend_from_slice(&data.to_be_bytes());
        }
        let size = kind_len + header_len + data;
        let pieces = if video.header_at_end {
            vec![(0, [kind, data_head].concat()), (size - header_len, header)]
        } else {
            vec![(0, [kind, header, data_head].concat())]
        };
        let mut hash = DefaultHasher::new();
        video.hash(&mut hash);
        Sparse { size, etag: format!("{:032x}", hash.finish()), pieces }
    }

    /// A file with complete content.
    pub(super) fn whole(bytes: Vec<u8>) -> Sparse {
        let mut hash = DefaultHasher::new();
        bytes.hash(&mut hash);
        Sparse { size: bytes.len() as u64, etag: format!("{:032x}", hash.finish()), pieces: vec![(0, bytes)] }
    }

    /// The beginning of a range, at most [`PIECE`] bytes.
    pub(super) fn piece(&self, range: Range<u64>) -> Vec<u8> {
        let end = range.end.min(self.size).min(range.start.saturating_add(PIECE as u64));
        let mut bytes = vec![0; usize::try_from(end.saturating_sub(range.start)).unwrap_or(0)];
        for (at, piece) in &self.pieces {
            // Align both: skip what comes before the later start.
            let into = usize::try_from(at.saturating_sub(range.start)).unwrap_or(usize::MAX);
            let from = usize::try_from(range.start.saturating_sub(*at)).unwrap_or(usize::MAX);
            for (byte, real) in bytes.iter_mut().skip(into).zip(piece.iter().skip(from)) {
                *byte = *real;
            }
        }
        bytes
    }
}

fn header(video: &Video) -> Vec<u8> {
    let duration = word(video.milliseconds);
    let movie: [&[u8]; 10] =
        [&word(0), &[0; 8], &word(1_000), &duration, &word(0x1_0000), &[1, 0], &[0; 10], &MATRIX, &[0; 24], &word(3)];
    let picture = trak(video, 1, b"vide", &boxed(b"vmhd", &[&word(1), &[0; 8]]), &{
        let (width, height) = (video.width.to_be_bytes(), video.height.to_be_bytes());
        let resolution = word(0x48_0000);
        let parts: [&[u8]; 11] = [
            &[0; 7],
            &[1],
            &[0; 16],
            &width,
            &height,
            &resolution,
            &resolution,
            &[0; 4],
            &[0, 1],
            &[0; 32],
            &[0, 24, 0xFF, 0xFF],
        ];
        boxed(b"avc1", &parts)
    });
    let sound = trak(video, 2, b"soun", &boxed(b"smhd", &[&[0; 8]]), &{
        boxed(b"mp4a", &[&[0; 7], &[1], &[0; 8], &[0, 2, 0, 16], &[0; 4], &word(48_000 << 16)])
    });
    boxed(b"moov", &[&boxed(b"mvhd", &movie), &picture, if video.audio { &sound } else { &[] }])
}

/// No rotation or scaling.
const MATRIX: [u8; 36] = {
    let mut matrix = [0; 36];
    (matrix[1], matrix[17], matrix[32]) = (1, 1, 0x40);
    matrix
};

fn trak(video: &Video, id: u32, kind: &[u8; 4], media: &[u8], entry: &[u8]) -> Vec<u8> {
    let duration = word(video.milliseconds);
    let is_picture = kind == b"vide";
    let size = |pixels: u16| word(if is_picture { u32::from(pixels) << 16 } else { 0 });
    let volume: [u8; 2] = if is_picture { [0, 0] } else { [1, 0] };
    let track = boxed(
        b"tkhd",
        &[
            &word(7),
            &[0; 8],
            &word(id),
            &[0; 4],
            &duration,
            &[0; 12],
            &volume,
            &[0; 2],
            &MATRIX,
            &size(video.width),
            &size(video.height),
        ],
    );
    let media_head = boxed(b"mdhd", &[&[0; 12], &word(1_000), &duration, &[0x55, 0xC4, 0, 0]]);
    let handler = boxed(b"hdlr", &[&[0; 8], kind, &[0; 12], b"sandbox\0"]);
    let data = boxed(b"dinf", &[&boxed(b"dref", &[&[0; 4], &word(1), &boxed(b"url ", &[&word(1)])])]);
    let empty = |name: &[u8; 4], words: usize| boxed(name, &[&vec![0; 4 * words]]);
    let table = boxed(
        b"stbl",
        &[
            &boxed(b"stsd", &[&[0; 4], &word(1), entry]),
            &empty(b"stts", 2),
            &empty(b"stsc", 2),
            &empty(b"stsz", 3),
            &empty(b"stco", 2),
        ],
    );
    boxed(b"trak", &[&track, &boxed(b"mdia", &[&media_head, &handler, &boxed(b"minf", &[media, &data, &table])])])
}

fn word(number: u32) -> [u8; 4] {
    number.to_be_bytes()
}

/// Length, name, content: the building block of an MP4.
fn boxed(name: &[u8; 4], parts: &[&[u8]]) -> Vec<u8> {
    let length = 8 + parts.iter().map(|part| part.len()).sum::<usize>();
    let mut out = word(u32::try_from(length).unwrap_or(u32::MAX)).to_vec();
    out.extend_from_slice(name);
    parts.iter().for_each(|part| out.extend_from_slice(part));
    out
}

/// The initial videos of the public bucket.
pub(super) fn all() -> Vec<(&'static str, Video)> {
    let good = Video::default();
    vec![
        ("news/2026/0720.mp4", good),
        ("news/2026/0721.mp4", Video { header_at_end: true, bytes: 240_000_000, ..good }),
        ("faults/past-end.mp4", Video { milliseconds: 20_000, ..good }),
        ("faults/sparse.mp4", Video { milliseconds: 3_600_000, bytes: 1_400_000_000, ..good }),
        ("faults/too-short.mp4", Video { milliseconds: 2_400, ..good }),
        ("faults/too-long.mp4", Video { milliseconds: 9_000_000, bytes: 1_900_000_000, ..good }),
        ("faults/too-small.mp4", Video { width: 320, height: 240, ..good }),
        ("faults/too-wide.mp4", Video { width: 3840, height: 1080, ..good }),
        ("faults/too-big.mp4", Video { milliseconds: 1_500_000, bytes: 3_000_000_000, header_at_end: true, ..good }),
        ("faults/silent.mp4", Video { audio: false, ..good }),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_video_is_as_long_as_it_says_and_its_boxes_add_up() {
        for header_at_end in [false, true] {
            let file = Sparse::of(&Video { bytes: 3_000_000_000, header_at_end, ..Video::default() });
            assert_eq!(file.size, 3_000_000_000);
            let mut at = 0;
            let mut names = Vec::new();
            while at < file.size {
                let head = file.piece(at..at + 8);
                names.push(String::from_utf8(head[4..].to_vec()).unwrap());
                at += u64::from(u32::from_be_bytes(head[..4].try_into().unwrap()));
            }
            assert_eq!(at, file.size);
            assert_eq!(names, if header_at_end { ["ftyp", "mdat", "moov"] } else { ["ftyp", "moov", "mdat"] });
            let end = file.piece(file.size - 4..u64::MAX);
            assert_eq!(end.len(), 4);
        }
        let huge = Sparse::of(&Video { bytes: 6_000_000_000, ..Video::default() });
        assert_eq!((huge.size, huge.piece(0..u64::MAX).len()), (6_000_000_000, 65_536));
    }
}
