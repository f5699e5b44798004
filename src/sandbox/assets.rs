//! The demo's files, embedded.

/// The demo's manifest: mostly sound or missing rows, and among them every kind of local finding and some online ones.
pub const MANIFEST: &str = include_str!("../../assets/demo/manifest.json");

/// The objects of the demo's buckets: after each line `=== BUCKET/KEY` comes the object's content.
const OBJECTS: &str = include_str!("../../assets/demo/objects.txt");

/// One gzipped cue.
const GZIPPED: &[u8] = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x33\xe4\x32\x30\xb0\x02\x21\x43\x1d\x03\x03\x03\x05\x5d\x5d\x3b\x05\xa8\x80\x91\x8e\xa9\x81\x01\x97\x7b\x7e\x7e\x8a\x42\x6a\x59\x6a\x5e\x66\x5e\xba\x1e\x17\x00\x02\x5c\xd6\x1b\x2e\x00\x00\x00";

/// The demo's objects: bucket, key, content.
pub(super) fn objects() -> impl Iterator<Item = (&'static str, &'static str, Vec<u8>)> {
    let written = OBJECTS.split("=== ").skip(1).filter_map(|object| {
        let (name, content) = object.split_once('\n')?;
        let (bucket, key) = name.split_once('/')?;
        let bytes = match key.rsplit('/').next() {
            Some("latin-1.srt") => latin_1(content),
            Some("utf-16.srt") => utf_16(content),
            _ => content.as_bytes().to_vec(),
        };
        Some((bucket, key, bytes))
    });
    written.chain([(super::CAPTIONS, "faults/gzip.srt", GZIPPED.to_vec())])
}

/// Characters outside the code page become question marks, as in old programs.
fn latin_1(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(c).unwrap_or(b'?')).collect()
}

/// Little-endian with a BOM.
fn utf_16(text: &str) -> Vec<u8> {
    std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}
