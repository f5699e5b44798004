//! The manifest on disk: reading it whole, and replacing it so that at any instant it is either old or new. Nothing
//! here interprets the bytes, and only [`save()`] writes.
//!
//! Everything blocks: call it on a thread that may.

mod beside;
mod read;
mod replace;
mod save;
mod system;

pub use beside::{Left, sweep};
pub use read::{DASH, Loaded, NotRead, is_stream, kind, must_be_read_once, read, read_once, read_prefix};
pub use save::{Loss, NotSaved, Over, Saved, Why, save, save_with};
pub use system::{Real, Stamp, System};

use crate::domain::draft::Snapshot;
use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::unix::ffi::OsStringExt as _;
use std::path::Path;

/// The content of a file, in pieces.
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

/// How a file compares with the expected content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnDisk {
    Same,
    Different,
    Missing,
}

/// Compares a file with the expected content, byte by byte.
///
/// # Errors
/// If the file exists but can't be read.
pub fn on_disk(path: &Path, contents: &dyn Contents) -> io::Result<OnDisk> {
    match retry(|| Real.open(path)) {
        Ok(file) if holds(&Real, &file, contents)? => Ok(OnDisk::Same),
        Ok(_) => Ok(OnDisk::Different),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(OnDisk::Missing),
        Err(error) => Err(error),
    }
}

/// Whether the file holds exactly these bytes from its current position.
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

/// The names in a folder, as far as they can be read. (The standard library panics if a folder can't be closed.)
pub fn names_in(folder: &Path) -> impl Iterator<Item = OsString> {
    use rustix::fs::{Dir, Mode, OFlags, open};
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let opened = open(folder, flags, Mode::empty()).and_then(Dir::new);
    // Stop at an error: the next call may fail forever.
    let entries = opened.into_iter().flatten().map_while(Result::ok);
    let names = entries.map(|entry| entry.file_name().to_bytes().to_vec());
    names.filter(|name| name != b"." && name != b"..").map(OsString::from_vec)
}

/// Repeats a call interrupted by a signal, a limited number of times.
fn retry<T>(mut call: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    for _ in 0..1000 {
        match call() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            done => return done,
        }
    }
    call()
}
