//! Saves: writes a new file beside the old one with the same attributes and makes it durable; [`super::replace`] then
//! puts it in place. The target is never opened for writing.

use super::beside;
use super::system::{Real, System};
use super::{Contents, holds, retry};
use crate::io::error_words;
use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// What the save may replace.
#[derive(Clone, Copy)]
pub enum Over<'a> {
    /// The file, if it still holds this content: as loaded or last saved.
    This(&'a dyn Contents),
    /// Anything. Only after the operator confirmed it.
    Anything,
    /// Nothing: the file must not exist.
    Nothing,
}

impl std::fmt::Debug for Over<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Over::This(_) => "This",
            Over::Anything => "Anything",
            Over::Nothing => "Nothing",
        })
    }
}

/// The file holds the new bytes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Saved {
    /// They survive a power cut.
    #[error("saved")]
    Durable,
    #[error("written, but the disk has not confirmed it: {why}")]
    NotConfirmed { why: String },
    /// Durable, but a temporary file could not be removed.
    #[error("saved, but the old version could not be removed: it is in {}", beside::name(.0))]
    LeftBehind(PathBuf),
    /// Another program wrote to the file at the same time. Its version is kept under this name.
    #[error("saved, but another program changed the file at the same moment: what it wrote is in {}", beside::name(.0))]
    OtherKept(PathBuf),
    /// Another program put a file there that the rename replaced. The file before both is kept under this name.
    #[error("saved, but another program replaced the file at the same moment: what it wrote is lost, what was there before is in {}", beside::name(.0))]
    OtherLost(PathBuf),
    /// The old version can't be read, so it is kept under this name: another program may have changed it.
    #[error("written, but what was there can't be compared any more: {why}; it is in {}", beside::name(.kept))]
    NotCompared { why: String, kept: PathBuf },
}

/// The file was not replaced.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}{}", left_words(.left_behind))]
pub struct NotSaved {
    pub why: Why,
    /// Temporary files that could not be removed.
    pub left_behind: Vec<PathBuf>,
}

fn left_words(paths: &[PathBuf]) -> String {
    let names: Vec<String> = paths.iter().map(|path| beside::name(path)).collect();
    match names.as_slice() {
        [] => String::new(),
        [name] => format!("; {name} stays beside it"),
        names => format!("; {} stay beside it", names.join(" and ")),
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    #[error("not saved, file untouched: another program changed it")]
    ChangedOnDisk,
    #[error("not saved: another program changed the file twice meanwhile; one of its versions is in place, the other is in {}", beside::name(.0))]
    ChangedTwice(PathBuf),
    #[error("not saved: the file no longer exists")]
    Missing,
    #[error("not saved, file untouched: a file with this name already exists")]
    Exists,
    #[error("not saved: the name does not lead to a file")]
    NotAFile,
    #[error("not saved, file untouched: {}", Loss::list(.0))]
    WouldLose(Vec<Loss>),
    #[error("not saved, file untouched: {step}: {why}")]
    Failed { step: &'static str, why: String },
    /// The rename failed and the file can't be inspected. It is complete in either case.
    #[error("the file is whole; whether it holds the old or the new bytes is unknown: {why}")]
    Unclear { why: String },
}

/// An attribute of the old file that the new one can't have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Loss {
    #[error("its owner or group would change")]
    Owner,
    #[error("its mode would change")]
    Mode,
    #[error("its attribute {0} would be lost")]
    Attribute(String),
    #[error("{} of it would keep the old content", if *.others == 1 { "another name".to_owned() } else { format!("{others} other names") })]
    HardLinks { others: u64 },
    #[error("it is write-protected")]
    WriteProtection,
}

impl Loss {
    /// All losses in words, separated by commas.
    pub fn list(losses: &[Loss]) -> String {
        losses.iter().map(Loss::to_string).collect::<Vec<_>>().join(", ")
    }
}

/// Saves so that at any instant the disk holds the complete old or new file.
///
/// With [`Over::This`] and [`Over::Anything`] symbolic links are followed, and an attribute of the old file that the
/// new one can't have (owner, mode, attributes, hard links) stops the save unless `allow_losses`.
///
/// # Errors
/// [`NotSaved`]: the target is unchanged, and no temporary file is left unless it says so.
pub fn save(path: &Path, over: Over<'_>, new: &dyn Contents, allow_losses: bool) -> Result<Saved, NotSaved> {
    save_with(&Real, path, over, new, allow_losses)
}

/// [`save`] with replaceable system calls.
///
/// # Errors
/// As [`save`].
pub fn save_with(
    system: &dyn System,
    path: &Path,
    over: Over<'_>,
    new: &dyn Contents,
    allow_losses: bool,
) -> Result<Saved, NotSaved> {
    let early = |why| NotSaved { why, left_behind: Vec::new() };
    let (target, old) = target(system, path, over).map_err(early)?;
    // The new file stays private until it has the old one's mode; a file without predecessor gets the default mode.
    let mode = if old.is_some() { 0o600 } else { 0o666 };
    let (temporary, file) = create(system, &target, mode).map_err(early)?;
    let save = Save { system, target: &target, old: old.as_ref(), temporary: &temporary, file: &file };
    match save.prepare(over, new, allow_losses) {
        Ok(()) => save.replace(over, new),
        Err(why) => Err(save.give_up(&[&temporary], why)),
    }
}

/// The file to replace, open for reading.
pub(super) struct Old {
    pub(super) file: File,
    pub(super) metadata: Metadata,
}

pub(super) fn failed(step: &'static str) -> impl Fn(io::Error) -> Why {
    move |error| Why::Failed { step, why: error_words(&error) }
}

/// Of a step that needs the file: whether it is gone says more than what could not be done to it.
pub(super) fn missing_or_failed(step: &'static str) -> impl Fn(io::Error) -> Why {
    move |error| match error.kind() {
        io::ErrorKind::NotFound => Why::Missing,
        _ => failed(step)(error),
    }
}

/// The path of the new file, and the file there now.
fn target(system: &dyn System, path: &Path, over: Over<'_>) -> Result<(PathBuf, Option<Old>), Why> {
    let opened = match over {
        Over::Nothing => None,
        Over::This(_) | Over::Anything => match retry(|| system.resolve(path)) {
            Ok(target) => Some(target),
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed("finding the file")(error)),
            Err(_) if matches!(over, Over::This(_)) => return Err(Why::Missing),
            Err(_) => None,
        },
    };
    if let Some(target) = opened {
        let file = retry(|| system.open(&target)).map_err(missing_or_failed("opening the file"))?;
        let metadata = retry(|| system.metadata(&file)).map_err(failed("opening the file"))?;
        if !metadata.is_file() {
            return Err(Why::NotAFile);
        }
        return Ok((target, Some(Old { file, metadata })));
    }
    let name = path.file_name().ok_or(Why::NotAFile)?;
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let folder = retry(|| system.resolve(folder)).map_err(failed("finding the folder"))?;
    let target = folder.join(name);
    match retry(|| system.metadata_at(&target)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok((target, None)),
        Err(error) => Err(failed("finding the file")(error)),
        // A dangling symbolic link ends here too.
        Ok(_) => Err(Why::Exists),
    }
}

/// Names tried for a new file: each is used once by this process, so one that exists is rare.
const MOST_NAMES: usize = 100;

/// A new file in the target's folder with a unique name.
fn create(system: &dyn System, target: &Path, mode: u32) -> Result<(PathBuf, File), Why> {
    for _ in 0..MOST_NAMES {
        let path = beside::new(target);
        match retry(|| system.create(&path, mode)) {
            Ok(file) => {
                // The lock shows that a save is running; without locks the process number does.
                let _ = file.try_lock();
                return Ok((path, file));
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(failed("creating a file beside it")(error)),
        }
    }
    Err(failed("creating a file beside it")(io::ErrorKind::AlreadyExists.into()))
}

pub(super) struct Save<'a> {
    pub(super) system: &'a dyn System,
    pub(super) target: &'a Path,
    pub(super) old: Option<&'a Old>,
    pub(super) temporary: &'a Path,
    pub(super) file: &'a File,
}

impl Save<'_> {
    /// Completes the new file except for its name.
    fn prepare(&self, over: Over<'_>, new: &dyn Contents, allow_losses: bool) -> Result<(), Why> {
        self.write(new).map_err(failed("writing"))?;
        let losses = match self.old {
            Some(old) => self.rebase_edits(old).map_err(missing_or_failed("copying owner, mode and attributes"))?,
            None => Vec::new(),
        };
        if !losses.is_empty() && !allow_losses {
            // An operator who accepts the losses must not thereby overwrite a change they have not seen.
            self.compare(over)?;
            return Err(Why::WouldLose(losses));
        }
        // Never repeat a failed fsync on the same descriptor: it may have dropped the pages and then report success.
        retry(|| self.system.sync(self.file)).map_err(failed("writing to the disk"))?;
        retry(|| self.system.rewind(self.file)).map_err(failed("reading back"))?;
        if !holds(self.system, self.file, new).map_err(failed("reading back"))? {
            let why = "the disk returned other bytes than were written".to_owned();
            return Err(Why::Failed { step: "reading back", why });
        }
        self.compare(over)
    }

    /// Whether the file still holds what it is expected to.
    fn compare(&self, over: Over<'_>) -> Result<(), Why> {
        match (over, self.old) {
            (Over::This(expected), Some(old))
                if !holds(self.system, &old.file, expected).map_err(failed("comparing with the file"))? =>
            {
                Err(Why::ChangedOnDisk)
            }
            _ => Ok(()),
        }
    }

    fn write(&self, new: &dyn Contents) -> io::Result<()> {
        let mut buffer = Vec::with_capacity(1024 * 1024);
        for piece in new.pieces() {
            // Many short pieces become few calls; long ones are written without copying.
            if buffer.len() + piece.len() > buffer.capacity() {
                self.write_all(&buffer)?;
                buffer.clear();
            }
            if piece.len() >= buffer.capacity() {
                self.write_all(piece)?;
            } else {
                buffer.extend_from_slice(piece);
            }
        }
        self.write_all(&buffer)
    }

    fn write_all(&self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            match retry(|| self.system.write(self.file, bytes))? {
                0 => return Err(io::ErrorKind::WriteZero.into()),
                written => bytes = bytes.get(written..).unwrap_or_default(),
            }
        }
        Ok(())
    }

    /// Copies the old file's attributes and reports those that can't be copied.
    fn rebase_edits(&self, old: &Old) -> io::Result<Vec<Loss>> {
        let (system, old_is) = (self.system, &old.metadata);
        let mut losses = Vec::new();
        if old_is.nlink() > 1 {
            losses.push(Loss::HardLinks { others: old_is.nlink() - 1 });
        }
        if !retry(|| system.may_write(self.target))? {
            losses.push(Loss::WriteProtection);
        }
        let new_is = retry(|| system.metadata(self.file))?;
        if (new_is.uid(), new_is.gid()) != (old_is.uid(), old_is.gid())
            && let Err(error) = retry(|| system.set_owner(self.file, old_is.uid(), old_is.gid()))
        {
            refused(error)?;
            // For a file shared by a group, at least the group keeps its access.
            retry(|| system.set_owner(self.file, new_is.uid(), old_is.gid())).or_else(refused)?;
            losses.push(Loss::Owner);
        }
        self.carry_attributes(old, &mut losses)?;
        // Last: changing the owner clears some mode bits, and an access control list sets others.
        if let Err(error) = retry(|| system.set_mode(self.file, old_is.mode() & 0o7777)) {
            refused(error)?;
            losses.push(Loss::Mode);
        }
        Ok(losses)
    }

    fn carry_attributes(&self, old: &Old, losses: &mut Vec<Loss>) -> io::Result<()> {
        let system = self.system;
        let wanted = retry(|| system.attributes(&old.file))?;
        let present = retry(|| system.attributes(self.file))?;
        // The folder's default access control list may have given the new file one that the old file lacks.
        for (name, _) in present.iter().filter(|(name, _)| wanted.iter().all(|(other, _)| other != name)) {
            if let Err(error) = retry(|| system.remove_attribute(self.file, name)) {
                refused(error)?;
                losses.push(Loss::Attribute(name.to_string_lossy().into_owned()));
            }
        }
        for (name, value) in wanted.iter().filter(|attribute| !present.contains(attribute)) {
            if let Err(error) = retry(|| system.set_attribute(self.file, name, value)) {
                refused(error)?;
                losses.push(Loss::Attribute(name.to_string_lossy().into_owned()));
            }
        }
        Ok(())
    }
}

/// Ignores errors that only mean that an attribute can't be kept.
fn refused(error: io::Error) -> io::Result<()> {
    match error.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::Unsupported | io::ErrorKind::InvalidInput => Ok(()),
        _ => Err(error),
    }
}
