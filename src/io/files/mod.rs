//! The manifest on disk: reading it whole, and replacing it so that it is old or new at every instant and never
//! anything else. Nothing here knows what the bytes mean, and nothing is written but through [`save()`].
//!
//! All of it blocks: call it from a thread that may.

mod beside;
mod read;
mod replace;
mod save;
mod system;

pub use beside::{Left, sweep};
pub use read::{DASH, Loaded, NotRead, kind, read, read_once, read_prefix};
pub use save::{Loss, NotSaved, Over, Saved, Why, save, save_with};
pub use system::{Real, Stamp, System};

use crate::domain::draft::Snapshot;
use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::unix::ffi::OsStringExt as _;
use std::path::Path;

/// What a file holds or is to hold, in pieces.
pub trait Contents {
    fn pieces(&self) -> Box<dyn Iterator<Item = &[u8]> + '_>;
}

impl Contents for Snapshot {
    fn pieces(&self) -> Box<dyn Iterator<Item = &[u8]> + '_> {
        Box::new(Snapshot::pieces(self))
    }
}

impl Contents for Vec<u8> {
    fn pieces(&self) -> Box<dyn Iterator<Item = &[u8]> + '_> {
        Box::new(std::iter::once(self.as_slice()))
    }
}

/// How a file compares with what it should hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnDisk {
    Same,
    Different,
    Missing,
}

/// Compares a file with what it should hold, byte by byte.
///
/// # Errors
/// When the file is there and can't be read.
pub fn on_disk(path: &Path, contents: &dyn Contents) -> io::Result<OnDisk> {
    match retry(|| Real.open(path)) {
        Ok(file) if holds(&Real, &file, contents)? => Ok(OnDisk::Same),
        Ok(_) => Ok(OnDisk::Different),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(OnDisk::Missing),
        Err(error) => Err(error),
    }
}

/// Whether the file holds exactly these bytes from its present position on.
fn holds(system: &dyn System, file: &File, contents: &dyn Contents) -> io::Result<bool> {
    let mut buffer = vec![0; 256 * 1024];
    let (mut start, mut end) = (0, 0);
    for mut piece in contents.pieces() {
        while !piece.is_empty() {
            if start == end {
                (start, end) = (0, retry(|| system.read(file, &mut buffer))?);
            }
            let there = buffer.get(start..end).unwrap_or_default();
            let len = there.len().min(piece.len());
            let (head, rest) = piece.split_at(len);
            if len == 0 || there.get(..len) != Some(head) {
                return Ok(false);
            }
            (start, piece) = (start + len, rest);
        }
    }
    Ok(start == end && retry(|| system.read(file, &mut buffer))? == 0)
}

/// The names in a folder, as far as they can be had. (The standard library panics over a folder that can't be closed.)
pub fn names_in(folder: &Path) -> impl Iterator<Item = OsString> {
    use rustix::fs::{Dir, Mode, OFlags, open};
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let opened = open(folder, flags, Mode::empty()).and_then(Dir::new);
    let names = opened.into_iter().flatten().flatten().map(|entry| entry.file_name().to_bytes().to_vec());
    names.filter(|name| name != b"." && name != b"..").map(OsString::from_vec)
}

/// Calls again what a signal interrupted; not for ever.
fn retry<T>(mut call: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    for _ in 0..1000 {
        match call() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            done => return done,
        }
    }
    call()
}
