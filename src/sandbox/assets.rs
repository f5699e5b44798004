//! The demo's files, embedded, and how they are unpacked.

use std::io;
use std::path::{Component, Path, PathBuf};

/// The demo's manifest: mostly fine or missing rows, and among them every kind of local finding and some that
/// only asking S3 and Twelve Labs brings.
pub const MANIFEST: &str = include_str!("../../assets/demo/manifest.json");

/// The objects of the demo's buckets: after each line `=== BUCKET/KEY` the content of that object.
const OBJECTS: &str = include_str!("../../assets/demo/objects.txt");

/// `gzip` of one cue.
const GZIPPED: &[u8] = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x33\xe4\x32\x30\xb0\x02\x21\x43\x1d\x03\x03\x03\x05\x5d\x5d\x3b\x05\xa8\x80\x91\x8e\xa9\x81\x01\x97\x7b\x7e\x7e\x8a\x42\x6a\x59\x6a\x5e\x66\x5e\xba\x1e\x17\x00\x02\x5c\xd6\x1b\x2e\x00\x00\x00";

/// Writes the demo's objects into `root`, a folder for each bucket.
pub(super) fn unpack(root: &Path) -> io::Result<()> {
    for bucket in [super::CAPTIONS, super::CLOSED, super::DOTTED, super::FOOTAGE, super::VIDEOS] {
        std::fs::create_dir_all(root.join(bucket))?;
    }
    for object in OBJECTS.split("=== ").skip(1) {
        let Some((name, content)) = object.split_once('\n') else { continue };
        let Some((bucket, key)) = name.split_once('/') else { continue };
        let bytes = match key.rsplit('/').next() {
            Some("latin-1.srt") => latin_1(content),
            Some("utf-16.srt") => utf_16(content),
            _ => content.as_bytes().to_vec(),
        };
        write(root, Path::new(bucket), key, &bytes)?;
    }
    write(root, Path::new(super::CAPTIONS), "faults/gzip.srt", GZIPPED)
}

/// What the first code page has no byte for becomes a question mark, as old programs do it.
fn latin_1(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(c).unwrap_or(b'?')).collect()
}

/// Little-endian, with its mark.
fn utf_16(text: &str) -> Vec<u8> {
    std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

/// Writes one object. A key that would leave its bucket's folder is refused.
pub(super) fn write(root: &Path, bucket: &Path, key: &str, bytes: &[u8]) -> io::Result<()> {
    let path = path(root, bucket, key)?;
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, bytes)
}

/// Reads one object.
pub(super) fn read(root: &Path, bucket: &Path, key: &str) -> io::Result<Vec<u8>> {
    std::fs::read(path(root, bucket, key)?)
}

fn path(root: &Path, bucket: &Path, key: &str) -> io::Result<PathBuf> {
    let path = bucket.join(key);
    // A path has fewer names than a bucket has keys: `a//b` and `a/./b` are others than `a/b`.
    let is_plain = key.split('/').all(|part| !matches!(part, "" | "." | ".."));
    if is_plain && path.components().all(|part| matches!(part, Component::Normal(_))) {
        return Ok(root.join(path));
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, "the key can't be a file's path"))
}
