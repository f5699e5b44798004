//! The demo's files, embedded, and how they are unpacked.

use std::io;
use std::path::{Component, Path};

/// The demo's manifest: mostly fine or missing rows, and among them every kind of local finding.
pub const MANIFEST: &str = include_str!("../../assets/demo/manifest.json");

/// The objects of the demo's buckets: after each line `=== BUCKET/KEY` the content of that object.
const OBJECTS: &str = include_str!("../../assets/demo/objects.txt");

/// Writes the demo's objects into `root`, a folder for each bucket.
pub(super) fn unpack(root: &Path) -> io::Result<()> {
    for bucket in [super::CAPTIONS, super::CLOSED, super::VIDEOS] {
        std::fs::create_dir_all(root.join(bucket))?;
    }
    for object in OBJECTS.split("=== ").skip(1) {
        let Some((name, content)) = object.split_once('\n') else { continue };
        let Some((bucket, key)) = name.split_once('/') else { continue };
        write(root, Path::new(bucket), key, content.as_bytes())?;
    }
    Ok(())
}

/// Writes one object. A key that would leave its bucket's folder is refused.
pub(super) fn write(root: &Path, bucket: &Path, key: &str, bytes: &[u8]) -> io::Result<()> {
    let path = bucket.join(key);
    if !path.components().all(|part| matches!(part, Component::Normal(_))) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "the key can't be a file's path"));
    }
    let path = root.join(path);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, bytes)
}
