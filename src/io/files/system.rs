//! The system calls of a save, one method each, so that a test can make any of them fail.

use rustix::fs::{Mode, OFlags};
use std::ffi::{CStr, CString};
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// Detects that a file was replaced or written, without reading it. Equal stamps don't prove equal bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    pub device: u64,
    pub inode: u64,
    /// Size in bytes.
    pub len: u64,
    /// Seconds and nanoseconds.
    pub modified: (i64, i64),
    /// Last change of content, mode, owner or links: seconds and nanoseconds.
    pub changed: (i64, i64),
}

impl Stamp {
    /// The stamp of the file at a path, through symbolic links.
    ///
    /// # Errors
    /// If there is no file or it can't be inspected.
    pub fn of(path: &Path) -> io::Result<Stamp> {
        Ok(Stamp::from(&fs::metadata(path)?))
    }
}

impl From<&fs::Metadata> for Stamp {
    fn from(of: &fs::Metadata) -> Stamp {
        Stamp {
            device: of.dev(),
            inode: of.ino(),
            len: of.len(),
            modified: (of.mtime(), of.mtime_nsec()),
            changed: (of.ctime(), of.ctime_nsec()),
        }
    }
}

pub trait System {
    /// Resolves all symbolic links.
    fn resolve(&self, path: &Path) -> io::Result<PathBuf>;
    fn open(&self, path: &Path) -> io::Result<File>;
    /// Creates a file we can read and write, with this mode less the umask; fails if it exists.
    fn create(&self, path: &Path, mode: u32) -> io::Result<File>;
    fn read(&self, file: &File, buffer: &mut [u8]) -> io::Result<usize>;
    fn write(&self, file: &File, bytes: &[u8]) -> io::Result<usize>;
    fn rewind(&self, file: &File) -> io::Result<()>;
    fn metadata(&self, file: &File) -> io::Result<fs::Metadata>;
    fn metadata_at(&self, path: &Path) -> io::Result<fs::Metadata>;
    /// Whether this user may write to the file.
    fn may_write(&self, path: &Path) -> io::Result<bool>;
    fn set_owner(&self, file: &File, user: u32, group: u32) -> io::Result<()>;
    fn set_mode(&self, file: &File, mode: u32) -> io::Result<()>;
    /// Extended attributes, including access control lists.
    fn attributes(&self, file: &File) -> io::Result<Vec<(CString, Vec<u8>)>>;
    fn set_attribute(&self, file: &File, name: &CStr, value: &[u8]) -> io::Result<()>;
    fn remove_attribute(&self, file: &File, name: &CStr) -> io::Result<()>;
    fn sync(&self, file: &File) -> io::Result<()>;
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// As [`System::rename`], but fails if `to` exists.
    fn rename_new(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Swaps two names in one step.
    fn exchange(&self, one: &Path, other: &Path) -> io::Result<()>;
    /// Adds a second name to a file; fails if it exists.
    fn link(&self, from: &Path, to: &Path) -> io::Result<()>;
    fn remove(&self, path: &Path) -> io::Result<()>;
    fn sync_folder(&self, path: &Path) -> io::Result<()>;
}

/// The real system. Each method is one call: the standard library would retry interrupted calls forever, so the caller
/// retries, with a limit.
#[derive(Clone, Copy, Debug, Default)]
pub struct Real;

impl System for Real {
    fn resolve(&self, path: &Path) -> io::Result<PathBuf> {
        fs::canonicalize(path)
    }

    fn open(&self, path: &Path) -> io::Result<File> {
        // Without NONBLOCK, a pipe in the file's place would block forever.
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        Ok(rustix::fs::open(path, flags, Mode::empty())?.into())
    }

    fn create(&self, path: &Path, mode: u32) -> io::Result<File> {
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        Ok(rustix::fs::open(path, flags, Mode::from_raw_mode(mode as _))?.into())
    }

    fn read(&self, mut file: &File, buffer: &mut [u8]) -> io::Result<usize> {
        file.read(buffer)
    }

    fn write(&self, mut file: &File, bytes: &[u8]) -> io::Result<usize> {
        file.write(bytes)
    }

    fn rewind(&self, mut file: &File) -> io::Result<()> {
        io::Seek::rewind(&mut file)
    }

    fn metadata(&self, file: &File) -> io::Result<fs::Metadata> {
        file.metadata()
    }

    fn metadata_at(&self, path: &Path) -> io::Result<fs::Metadata> {
        fs::symlink_metadata(path)
    }

    fn may_write(&self, path: &Path) -> io::Result<bool> {
        match rustix::fs::access(path, rustix::fs::Access::WRITE_OK) {
            Ok(()) => Ok(true),
            Err(rustix::io::Errno::ACCESS | rustix::io::Errno::PERM) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    fn set_owner(&self, file: &File, user: u32, group: u32) -> io::Result<()> {
        std::os::unix::fs::fchown(file, Some(user), Some(group))
    }

    fn set_mode(&self, file: &File, mode: u32) -> io::Result<()> {
        Ok(rustix::fs::fchmod(file, Mode::from_raw_mode(mode as _))?)
    }

    #[cfg(any(target_os = "linux", target_os = "android", target_os = "macos"))]
    fn attributes(&self, file: &File) -> io::Result<Vec<(CString, Vec<u8>)>> {
        use rustix::fs::{fgetxattr, flistxattr};
        use rustix::io::Errno;
        // 64 KiB is the kernel's limit for the list and each value.
        let mut buffer = vec![0; 64 * 1024];
        let len = match flistxattr(file, &mut buffer) {
            Ok(len) => len,
            Err(Errno::NOTSUP | Errno::NOSYS) => return Ok(Vec::new()),
            Err(error) => return Err(error.into()),
        };
        let names = buffer.get(..len).unwrap_or_default().to_vec();
        let names = names.split_inclusive(|byte| *byte == 0).filter_map(|name| CStr::from_bytes_with_nul(name).ok());
        let mut attributes = Vec::new();
        for name in names {
            let len = fgetxattr(file, name, &mut buffer)?;
            attributes.push((name.to_owned(), buffer.get(..len).unwrap_or_default().to_vec()));
        }
        Ok(attributes)
    }

    #[cfg(not(any(target_os = "linux", target_os = "android", target_os = "macos")))]
    fn attributes(&self, _: &File) -> io::Result<Vec<(CString, Vec<u8>)>> {
        Ok(Vec::new())
    }

    #[cfg(any(target_os = "linux", target_os = "android", target_os = "macos"))]
    fn set_attribute(&self, file: &File, name: &CStr, value: &[u8]) -> io::Result<()> {
        Ok(rustix::fs::fsetxattr(file, name, value, rustix::fs::XattrFlags::empty())?)
    }

    #[cfg(not(any(target_os = "linux", target_os = "android", target_os = "macos")))]
    fn set_attribute(&self, _: &File, _: &CStr, _: &[u8]) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    #[cfg(any(target_os = "linux", target_os = "android", target_os = "macos"))]
    fn remove_attribute(&self, file: &File, name: &CStr) -> io::Result<()> {
        Ok(rustix::fs::fremovexattr(file, name)?)
    }

    #[cfg(not(any(target_os = "linux", target_os = "android", target_os = "macos")))]
    fn remove_attribute(&self, _: &File, _: &CStr) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn sync(&self, file: &File) -> io::Result<()> {
        Ok(durably(file)?)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    #[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
    fn rename_new(&self, from: &Path, to: &Path) -> io::Result<()> {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        Ok(renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE)?)
    }

    #[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
    fn rename_new(&self, _: &Path, _: &Path) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    #[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
    fn exchange(&self, one: &Path, other: &Path) -> io::Result<()> {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        Ok(renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE)?)
    }

    #[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
    fn exchange(&self, _: &Path, _: &Path) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::hard_link(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(durably(rustix::fs::open(path, flags, Mode::empty())?)?)
    }
}

#[cfg(not(target_vendor = "apple"))]
fn durably(file: impl std::os::fd::AsFd) -> rustix::io::Result<()> {
    rustix::fs::fsync(file)
}

/// There, `fsync` alone leaves the bytes in the drive's cache.
#[cfg(target_vendor = "apple")]
fn durably(file: impl std::os::fd::AsFd) -> rustix::io::Result<()> {
    rustix::fs::fcntl_fullfsync(file)
}
