//! Identifies bytes that are not subtitles by content, never by name.

use super::Other;
use super::lines::Lines;
use memchr::memchr_iter;
use memchr::memmem::find;
use serde::de::IgnoredAny;

/// Bytes examined to distinguish text from binary data.
const SAMPLE: usize = 64 * 1024;

/// Binary formats by their first bytes.
pub(super) fn container(bytes: &[u8]) -> Option<Other> {
    const UTF32: [&[u8]; 2] = [b"\xFF\xFE\0\0", b"\0\0\xFE\xFF"];
    match bytes {
        [0x1F, 0x8B, ..] => Some(Other::Gzip),
        [b'P', b'K', 3 | 5 | 7, 4 | 6 | 8, ..] => Some(Other::Zip),
        [b'%', b'P', b'D', b'F', b'-', ..] => Some(Other::Pdf),
        // Matroska, MP4, RIFF, Ogg, zstd, xz, bzip2, 7z
        [0x1A, 0x45, 0xDF, 0xA3, ..]
        | [_, _, _, _, b'f', b't', b'y', b'p', ..]
        | [b'R', b'I', b'F', b'F', _, _, _, _, b'W' | b'A', ..]
        | [b'O', b'g', b'g', b'S', ..]
        | [0x28, 0xB5, 0x2F, 0xFD, ..]
        | [0xFD, b'7', b'z', b'X', b'Z', 0, ..]
        | [b'B', b'Z', b'h', b'1'..=b'9', b'1', b'A', ..]
        | [b'7', b'z', 0xBC, 0xAF, ..] => Some(Other::Binary),
        _ if UTF32.iter().any(|mark| bytes.starts_with(mark)) => Some(Other::Binary),
        _ => None,
    }
}

/// The byte order of UTF-16 text without a BOM: its ASCII has a NUL in every other byte. `Some(true)` for
/// little-endian.
pub(super) fn utf16_order(bytes: &[u8]) -> Option<bool> {
    let sample = bytes.get(..SAMPLE).unwrap_or(bytes);
    let (mut even, mut odd) = (0usize, 0usize);
    for at in memchr_iter(0, sample) {
        if at % 2 == 0 { even += 1 } else { odd += 1 }
    }
    // Times and line ends are ASCII in every language: far more than a tenth of the bytes.
    let enough = sample.len() / 10;
    match (even, odd) {
        (_, odd) if odd > enough && odd / 20 >= even => Some(true),
        (even, _) if even > enough && even / 20 >= odd => Some(false),
        _ => None,
    }
}

/// Whether many bytes can't be text.
pub(super) fn is_binary(bytes: &[u8]) -> bool {
    let sample = bytes.get(..SAMPLE).unwrap_or(bytes);
    let odd = sample.iter().filter(|b| matches!(b, 0..=8 | 0x0E..=0x1A | 0x1C..=0x1F)).count();
    odd > sample.len() / 20
}

/// A markup document, which may contain what looks like cues.
pub(super) fn markup(text: &str) -> Option<Other> {
    let start = text.trim_start();
    if !start.starts_with('<') {
        return None;
    }
    let head = start.get(..start.floor_char_boundary(1024)).unwrap_or(start).to_ascii_lowercase();
    if head.starts_with("<!doctype html") || head.starts_with("<html") || head.starts_with("<head") {
        return Some(Other::Html);
    }
    if head.starts_with("<!--") && head.contains("<html") {
        return Some(Other::Html);
    }
    if let Some(error) = error_of_s3(start) {
        return Some(error);
    }
    let xml = ["<?xml", "<!doctype", "<!--", "<tt", "<sami", "<error"];
    if head.starts_with("<?xml") && head.contains("<html") {
        return Some(Other::Html);
    }
    xml.iter().any(|mark| head.starts_with(mark)).then_some(Other::Xml)
}

/// `<Error><Code>AccessDenied</Code>…`, with or without an XML declaration.
fn error_of_s3(text: &str) -> Option<Other> {
    let after = match text.strip_prefix("<?xml") {
        Some(declared) => declared.split_once("?>")?.1.trim_start(),
        None => text,
    };
    let body = after.strip_prefix("<Error>")?;
    let start = find(body.as_bytes(), b"<Code>");
    let code = start.and_then(|at| body.get(at + 6..)).and_then(|rest| rest.split_once('<')).map(|(code, _)| code);
    let is_code = |code: &&str| !code.is_empty() && code.len() <= 64 && code.bytes().all(|b| b.is_ascii_alphanumeric());
    Some(Other::S3Error(code.filter(is_code).map(Into::into)))
}

/// The kind of a text without any cue.
pub(super) fn without_cues(text: &str) -> Other {
    let start = text.trim_start();
    match start.as_bytes() {
        _ if is_binary(text.as_bytes()) => Other::Binary,
        [b'<', next, ..] if next.is_ascii_alphabetic() && start.contains("</") => Other::Xml,
        [b'{' | b'[', ..] if is_json(start) => Other::Json,
        _ if Lines::of(text).take(PREAMBLE).any(|line| is_printed(line.text)) => Other::Console,
        _ => Other::Text,
    }
}

/// Lines in which a transcriber tells what it does before it prints what it hears.
const PREAMBLE: usize = 200;

/// `[00:00.000 --> 00:02.380]  Hi` as whisper prints it, `[0.00s -> 2.38s] Hi` as faster-whisper does.
fn is_printed(line: &str) -> bool {
    let Some((times, _)) = line.trim_start().strip_prefix('[').and_then(|rest| rest.split_once(']')) else {
        return false;
    };
    let Some((start, end)) = times.split_once("-->").or_else(|| times.split_once("->")) else { return false };
    [start, end].into_iter().all(|time| {
        let time = time.trim().trim_end_matches('s');
        time.contains(['.', ',', ':'])
            && time.bytes().any(|b| b.is_ascii_digit())
            && time.bytes().all(|b| b.is_ascii_digit() || matches!(b, b':' | b'.' | b','))
    })
}

/// JSON, complete, truncated, or invalid further on. Transcripts have brackets, too (`[00:12.00]`, `[100][200]`,
/// `{1}{25}`), so a bracket alone proves nothing.
fn is_json(text: &str) -> bool {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
    match values.next() {
        Some(Ok(_)) => {
            let rest = text.get(values.byte_offset()..).unwrap_or_default().trim_start();
            // One object per line is JSON, too.
            rest.is_empty() || (text.starts_with('{') && rest.starts_with('{'))
        }
        Some(Err(error)) => {
            let inside = text.trim_start_matches(['[', ' ', '\t', '\r', '\n']);
            // A bracket that was opened, and nothing more, is anything.
            error.is_eof() && !inside.trim_start_matches('{').trim().is_empty() || opens_object(inside)
        }
        None => false,
    }
}

/// `{ "name":`
fn opens_object(text: &str) -> bool {
    let name = text.strip_prefix('{').and_then(|rest| rest.trim_start().strip_prefix('"'));
    name.and_then(|rest| rest.split_once('"')).is_some_and(|(_, rest)| rest.trim_start().starts_with(':'))
}
