//! Reads a manifest with progress. Never blocks on a pipe and never opens for writing.

use super::retry;
use super::system::{Real, Stamp, System as _};
use crate::io::error_words;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path, PathBuf};

/// Bytes between two calls of `progress`: about 2 ms.
const CHUNK: usize = 8 * 1024 * 1024;

pub struct Loaded {
    /// With all symbolic links resolved: what a save replaces, and the journal's session path.
    pub path: PathBuf,
    pub bytes: Vec<u8>,
    pub stamp: Stamp,
}

impl fmt::Debug for Loaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loaded").field("path", &self.path).field("bytes", &self.bytes.len()).finish_non_exhaustive()
    }
}

/// Why a file could not be read, in words that follow its name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotRead {
    #[error("there is no such file")]
    Missing,
    #[error("is a folder; name a file in it")]
    Folder,
    #[error("is {0}; a regular file is needed, since it is read again later")]
    NotAFile(&'static str),
    #[error("is {0}, not a file; standard input is read as -")]
    NotAFileOrStream(&'static str),
    #[error("can't be read: permission denied")]
    NoPermission,
    #[error("has {bytes} bytes, more than fit into memory")]
    TooLarge { bytes: u64 },
    #[error("is larger than 4 GiB")]
    TooLong,
    #[error("was changed by another program while it was read; read it again")]
    Changed,
    #[error("was not read to the end")]
    Stopped,
    #[error("could not be read: {0}")]
    Failed(String),
}

impl From<io::Error> for NotRead {
    fn from(error: io::Error) -> NotRead {
        match error.kind() {
            io::ErrorKind::NotFound => NotRead::Missing,
            io::ErrorKind::PermissionDenied => NotRead::NoPermission,
            io::ErrorKind::IsADirectory => NotRead::Folder,
            _ => NotRead::Failed(error_words(&error)),
        }
    }
}

/// Reads a whole file. `progress` gets the bytes read so far and in total, and returns false to stop.
///
/// # Errors
/// [`NotRead`]; [`NotRead::Stopped`] if `progress` returned false.
pub fn read(path: &Path, mut progress: impl FnMut(u64, u64) -> bool) -> Result<Loaded, NotRead> {
    let (path, file, stamp) = open(path)?;
    let mut bytes = space(stamp.len)?;
    let mut read = 0;
    loop {
        let rest = bytes.get_mut(read..).unwrap_or_default();
        let chunk = rest.len().min(CHUNK);
        match retry(|| Real.read(&file, rest.get_mut(..chunk).unwrap_or_default()))? {
            0 => break,
            more => read += more,
        }
        if !progress(read as u64, stamp.len) {
            return Err(NotRead::Stopped);
        }
    }
    bytes.truncate(read);
    let after = Stamp::from(&file.metadata()?);
    if after.len != bytes.len() as u64 || after.modified != stamp.modified {
        return Err(NotRead::Changed);
    }
    Ok(Loaded { path, bytes, stamp })
}

/// Means standard input or output.
pub const DASH: &str = "-";

/// Whether a path means standard input, or another stream that can't be read again: `-`, `/dev/stdin`, `/dev/fd/N`.
pub fn is_stream(path: &Path) -> bool {
    let is_number = |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit());
    let numbered = |folder: &str| path.strip_prefix(folder).ok()?.to_str().map(is_number);
    path.as_os_str() == DASH
        || path == Path::new("/dev/stdin")
        || ["/dev/fd", "/proc/self/fd", "/proc/thread-self/fd"].into_iter().any(|folder| numbered(folder) == Some(true))
}

/// Refuses by name what is neither a file nor a [stream](is_stream), before it is opened: a pipe with a name would wait
/// for a writer, and a device may never end.
///
/// # Errors
/// [`NotRead`], also if nothing is there.
pub fn must_be_read_once(path: &Path) -> Result<(), NotRead> {
    if is_stream(path) {
        return Ok(());
    }
    let metadata = fs::metadata(path)?;
    match must_be_a_file(&metadata) {
        Err(NotRead::NotAFile(kind)) => Err(NotRead::NotAFileOrStream(kind)),
        other => other,
    }
}

/// Reads input that need not be read again: a file, what a shell puts in the place of `<(…)`, or standard input as
/// [`DASH`]. Only a file has a path, with all symbolic links resolved.
///
/// # Errors
/// [`NotRead`], as [`read`].
pub fn read_once(path: &Path) -> Result<(Option<PathBuf>, Vec<u8>), NotRead> {
    if path.as_os_str() == DASH {
        return Ok((None, to_end(io::stdin().lock())?));
    }
    // Even where it is a file: its name says that it is read once, from where the stream stands.
    if is_stream(path) {
        return Ok((None, to_end(File::open(path)?)?));
    }
    must_be_read_once(path)?;
    let Loaded { path, bytes, .. } = read(path, |_, _| true)?;
    Ok((Some(path), bytes))
}

fn to_end(from: impl io::Read) -> Result<Vec<u8>, NotRead> {
    // Rows have 32-bit offsets: a larger input is not a manifest, and an endless stream must end.
    const MOST: u64 = u32::MAX as u64;
    let mut bytes = Vec::new();
    let read = from.take(MOST + 1).read_to_end(&mut bytes)? as u64;
    if read > MOST { Err(NotRead::TooLong) } else { Ok(bytes) }
}

/// Reads the first bytes of a file, for a first screen.
///
/// # Errors
/// [`NotRead`], as [`read`].
pub fn read_prefix(path: &Path, len: u64) -> Result<Loaded, NotRead> {
    let (path, file, stamp) = open(path)?;
    let mut bytes = space(stamp.len.min(len))?;
    let mut read = 0;
    while let Some(rest) = bytes.get_mut(read..).filter(|rest| !rest.is_empty()) {
        match retry(|| Real.read(&file, rest))? {
            0 => break,
            more => read += more,
        }
    }
    bytes.truncate(read.min(usize::try_from(len).unwrap_or(usize::MAX)));
    Ok(Loaded { path, bytes, stamp })
}

fn open(path: &Path) -> Result<(PathBuf, File, Stamp), NotRead> {
    let path = fs::canonicalize(path)?;
    // Check before opening: opening a device can have side effects.
    must_be_a_file(&fs::metadata(&path)?)?;
    let file = retry(|| Real.open(&path))?;
    let metadata = file.metadata()?;
    must_be_a_file(&metadata)?;
    Ok((path, file, Stamp::from(&metadata)))
}

fn must_be_a_file(metadata: &fs::Metadata) -> Result<(), NotRead> {
    match () {
        () if metadata.is_file() => Ok(()),
        () if metadata.is_dir() => Err(NotRead::Folder),
        () => Err(NotRead::NotAFile(kind(metadata))),
    }
}

/// What is there instead of a file: `a pipe`.
pub fn kind(metadata: &fs::Metadata) -> &'static str {
    let kind = metadata.file_type();
    match () {
        () if kind.is_file() => "a file",
        () if kind.is_dir() => "a folder",
        () if kind.is_fifo() => "a pipe",
        () if kind.is_socket() => "a socket",
        () => "a device",
    }
}

/// One byte more than expected, to detect growth. Zeroed pages from the system cost nothing.
fn space(len: u64) -> Result<Vec<u8>, NotRead> {
    let too_large = || NotRead::TooLarge { bytes: len };
    let room = usize::try_from(len).ok().and_then(|len| len.checked_add(1)).ok_or_else(too_large)?;
    Vec::<u8>::new().try_reserve_exact(room).map_err(|_| too_large())?;
    Ok(vec![0; room])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_standard_input_is_a_stream() {
        for path in ["-", "/dev/stdin", "/dev/fd/0", "/dev/fd/63", "/proc/self/fd/3"] {
            assert!(is_stream(Path::new(path)), "{path}");
        }
        for path in ["./-", "/dev/null", "/dev/fd", "/dev/fd/x", "/dev/fd/3/a", "m.json", "/proc/self/fdinfo/3"] {
            assert!(!is_stream(Path::new(path)), "{path}");
        }
    }
}
