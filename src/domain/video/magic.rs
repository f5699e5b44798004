//! Identifies files by their first bytes. It never reads a header and never rejects a possible video: what is not
//! certainly something else is unknown.

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum FileKind {
    IsoMedia,
    Ebml,
    /// May contain video, but is not parsed.
    Other(&'static str),
    /// Sound without a picture.
    Sound(&'static str),
    NotVideo(Box<str>),
    /// Nothing but zeros: what was copied never arrived.
    Zeros,
    Unknown,
}

/// Offset, bytes, name.
type Magic = (usize, &'static [u8], &'static str);

const VIDEOS: &[Magic] = &[
    (8, b"AVI ", "AVI"),
    (0, b"\x00\x00\x01\xba", "MPEG-PS"),
    (0, b"\x00\x00\x01\xb3", "MPEG video"),
    (0, b"FLV\x01", "FLV"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "ASF (WMV)"),
    (0, b"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02", "MXF"),
    (0, b"OggS", "Ogg"),
    (0, b".RMF", "RealMedia"),
    (0, b"DKIF", "IVF"),
    (0, b"YUV4MPEG2 ", "YUV4MPEG2"),
    (0, b"\x00\x00\x00\x01\x67", "H.264 without a container"),
    (0, b"\x00\x00\x00\x01\x40\x01", "HEVC without a container"),
];

const SOUNDS: &[Magic] = &[
    (8, b"WAVE", "a WAV file, sound only"),
    (8, b"AIFF", "an AIFF file, sound only"),
    (8, b"AIFC", "an AIFF file, sound only"),
    (0, b"ID3", "an MP3 file, sound only"),
    (0, b"fLaC", "a FLAC file, sound only"),
    (0, b"#!AMR", "an AMR file, sound only"),
];

const OTHERS: &[Magic] = &[
    (0, b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    (0, b"\xff\xd8\xff", "a JPEG picture"),
    (0, b"GIF87a", "a GIF picture"),
    (0, b"GIF89a", "a GIF picture"),
    (8, b"WEBP", "a WebP picture"),
    (0, b"II*\x00", "a TIFF picture"),
    (0, b"MM\x00*", "a TIFF picture"),
    (0, b"8BPS", "a Photoshop picture"),
    (0, b"%PDF-", "a PDF document"),
    (0, b"PK\x03\x04", "a ZIP archive"),
    (0, b"\x1f\x8b\x08", "a gzip archive"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (0, b"Rar!\x1a\x07", "a RAR archive"),
    (0, b"\x00\x05\x16\x07", "what macOS keeps beside a file (._)"),
    (0, b"\x00\x05\x16\x00", "what macOS keeps beside a file (._)"),
];

/// Image brands that share the MP4 container.
const STILLS: [&[u8; 4]; 7] = [b"heic", b"heix", b"mif1", b"avif", b"heim", b"heis", b"crx "];

/// Possible first boxes of an ISO or QuickTime file. Very old ones have no `ftyp`.
const BOXES: [&[u8; 4]; 11] =
    [b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"styp", b"sidx", b"moof", b"emsg"];

/// Identifies a file by `head`: its first few KiB, or all of a shorter file.
pub(super) fn recognise(head: &[u8]) -> FileKind {
    if head.is_empty() {
        return FileKind::NotVideo("empty".into());
    }
    if head.iter().all(|byte| *byte == 0) {
        return FileKind::Zeros;
    }
    let kind = head.get(4..8).unwrap_or_default();
    // Only the frames and the movie header may be so long that the first length byte is not 0: text has letters there.
    let is_plausible = head.first() == Some(&0) || matches!(kind, b"mdat" | b"moov");
    if is_plausible && BOXES.iter().any(|known| *known == kind) {
        let brand = head.get(8..12).unwrap_or_default();
        return match kind == b"ftyp" && STILLS.iter().any(|still| *still == brand) {
            true => FileKind::NotVideo("a HEIF picture".into()),
            false => FileKind::IsoMedia,
        };
    }
    if head.starts_with(b"\x1a\x45\xdf\xa3") {
        return FileKind::Ebml;
    }
    if let Some(name) = find(VIDEOS, head) {
        return FileKind::Other(name);
    }
    // Packets of 188 bytes, or of 192 with a timestamp before each.
    let is_sync = |at: usize| head.get(at) == Some(&0x47);
    if is_sync(0) && is_sync(188) && is_sync(376) || is_sync(4) && is_sync(196) && is_sync(388) {
        return FileKind::Other("MPEG-TS");
    }
    if let Some(name) = find(SOUNDS, head) {
        return FileKind::Sound(name);
    }
    if is_mp3(head) {
        return FileKind::Sound("an MP3 file, sound only");
    }
    if is_aac(head) {
        return FileKind::Sound("an AAC file, sound only");
    }
    match find(OTHERS, head) {
        Some(name) => FileKind::NotVideo(name.into()),
        None => text(head).map_or(FileKind::Unknown, FileKind::NotVideo),
    }
}

/// How many bytes the file has at least, by its own word; None if it doesn't say.
pub(super) fn told_size(head: &[u8]) -> Option<u64> {
    let len = head.strip_prefix(b"RIFF")?.first_chunk().copied().map(u32::from_le_bytes)?;
    // Writers that don't know the end yet leave one of these.
    (len != 0 && len != u32::MAX).then_some(len.into())
}

fn find(magics: &[Magic], head: &[u8]) -> Option<&'static str> {
    let found = magics.iter().find(|(at, bytes, _)| head.get(*at..).is_some_and(|rest| rest.starts_with(bytes)));
    found.map(|(_, _, name)| *name)
}

/// Two bytes are a weak sign, so a second frame must follow at the announced offset.
fn is_mp3(head: &[u8]) -> bool {
    const KBITS: [usize; 16] = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0];
    const KBITS_LOW: [usize; 16] = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0];
    const HZ: [usize; 4] = [44_100, 48_000, 32_000, 0];
    let Some([0xff, flags, rates, ..]) = head.get(..4) else { return false };
    let is_layer_3 = flags & 0b1110_0110 == 0b1110_0010;
    let (kbits, divisor, samples) = match flags >> 3 & 3 {
        3 => (KBITS, 1, 144),
        2 => (KBITS_LOW, 2, 72),
        0 => (KBITS_LOW, 4, 72),
        _ => return false,
    };
    let kbits = kbits.get(usize::from(rates >> 4)).copied().unwrap_or_default();
    let hz = HZ.get(usize::from(rates >> 2 & 3)).copied().unwrap_or_default() / divisor;
    let Some(len) = (samples * kbits * 1_000).checked_div(hz).filter(|len| *len > 0) else { return false };
    let next = len + usize::from(rates >> 1 & 1);
    is_layer_3 && matches!(head.get(next..next + 2), Some([0xff, again]) if again & 0b1111_1110 == flags & 0b1111_1110)
}

/// Two frames, as for MP3.
fn is_aac(head: &[u8]) -> bool {
    let Some([0xff, flags, _, a, b, c]) = head.get(..6) else { return false };
    let len = usize::from(a & 3) << 11 | usize::from(*b) << 3 | usize::from(c >> 5);
    flags & 0b1111_0110 == 0b1111_0000
        && len > 6
        && matches!(head.get(len..len + 2), Some([0xff, again]) if again == flags)
}

/// A name for text; None if it is not text.
fn text(head: &[u8]) -> Option<Box<str>> {
    if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") {
        return Some("text".into());
    }
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    if head.iter().any(|byte| byte.is_ascii_control() && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b)) {
        return None;
    }
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        // `head` may end inside a character.
        Err(cut) if cut.error_len().is_none() => std::str::from_utf8(head.get(..cut.valid_up_to())?).ok()?,
        Err(_) => return None,
    };
    let text = text.trim_start();
    let lower: String = text.chars().take(1_024).collect::<String>().to_ascii_lowercase();
    let name = if lower.starts_with("<!doctype html") || lower.starts_with("<html") {
        "an HTML page"
    } else if lower.starts_with('<') && lower.contains("<error>") && lower.contains("<code>") {
        return Some(match s3_code(text) {
            Some(code) => format!("an S3 error ({code})").into(),
            None => "an S3 error".into(),
        });
    } else if lower.starts_with("#extm3u") || lower.contains("<mpd") {
        "a playlist"
    } else if lower.starts_with("<?xml") {
        "an XML file"
    } else if lower.starts_with("webvtt") || lower.contains(" --> ") {
        "a transcript"
    } else if lower.starts_with(['{', '[']) {
        "a JSON file"
    } else {
        "text"
    };
    Some(name.into())
}

/// `NoSuchKey`: the code of what looks like an S3 error.
fn s3_code(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("<Code>")?;
    let (code, _) = rest.split_once("</Code>")?;
    (!code.is_empty() && code.len() <= 40 && code.bytes().all(|byte| byte.is_ascii_alphanumeric())).then_some(code)
}
