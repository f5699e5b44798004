//! cuecard's own files beside a manifest: their names, and removing those a killed save left. Never removes what
//! another program may have written.

use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

/// A process number may be reused, so it proves an owner only for a file younger than this.
const YOUNG: Duration = Duration::from_secs(60);

/// The file name, for a sentence about the manifest beside it.
pub(super) fn name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

fn next() -> u32 {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    COUNT.fetch_add(1, Ordering::Relaxed)
}

/// The name of a file being written, known only to this process.
pub(super) fn new(target: &Path) -> PathBuf {
    target.with_file_name(format!(".cuecard-{}-{}.tmp", std::process::id(), next()))
}

/// The name beside the manifest during the exchange: before it, `ours` is there; after it, the old manifest, which
/// should match `old`. The name lets anyone tell these two from a third file.
pub(super) fn aside(target: &Path, ours: &Metadata, old: &Metadata) -> PathBuf {
    let NameFacts { inode, len, modified } = NameFacts::of(ours, old);
    let (pid, count) = (std::process::id(), next());
    target.with_file_name(format!(".cuecard-{pid}-{count}-{inode:x}-{len:x}-{modified:x}.old"))
}

/// What may be removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct NameFacts {
    /// Inode of the file we wrote.
    inode: u64,
    /// Size in bytes and time in nanoseconds of the manifest as last seen.
    len: u64,
    modified: u64,
}

impl NameFacts {
    fn of(ours: &Metadata, old: &Metadata) -> NameFacts {
        NameFacts { inode: ours.ino(), len: old.len(), modified: modified(old) }
    }

    fn is(self, found: &Metadata) -> bool {
        found.ino() == self.inode || (found.len(), modified(found)) == (self.len, self.modified)
    }
}

fn modified(of: &Metadata) -> u64 {
    of.mtime().wrapping_mul(1_000_000_000).wrapping_add(of.mtime_nsec()).cast_unsigned()
}

/// The owner and the removal conditions encoded in a name; None if it is not ours.
fn parse(name: &str) -> Option<(u32, Option<NameFacts>)> {
    let (numbers, kind) = name.strip_prefix(".cuecard-")?.rsplit_once('.')?;
    let numbers: Vec<&str> = numbers.split('-').collect();
    let hex = |text: &&str| u64::from_str_radix(text, 16).ok();
    match (numbers.as_slice(), kind) {
        ([pid, count], "tmp") => count.parse::<u32>().ok().and(pid.parse().ok()).map(|pid| (pid, None)),
        ([pid, _, inode, len, modified], "old") => {
            let known = NameFacts { inode: hex(inode)?, len: hex(len)?, modified: hex(modified)? };
            Some((pid.parse().ok()?, Some(known)))
        }
        _ => None,
    }
}

/// Files of earlier saves that are still there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// Useless, but not removable.
    pub ours: Vec<PathBuf>,
    /// What another program wrote to the manifest during a save that was killed.
    pub others: Vec<PathBuf>,
}

impl Left {
    /// One sentence about remaining files, if there are any.
    pub fn words(&self) -> Option<String> {
        match (self.others.first(), self.ours.first()) {
            (Some(other), _) => {
                Some(format!("a killed save left another program's change in {}: look at it", name(other)))
            }
            (None, Some(ours)) => Some(format!("{} of an earlier save can't be removed", name(ours))),
            (None, None) => None,
        }
    }
}

/// Removes what killed saves left in the manifest's folder and reports what had to stay.
pub fn sweep(manifest: &Path) -> Left {
    sweep_with(manifest, |path| fs::remove_file(path))
}

fn sweep_with(manifest: &Path, remove: impl Fn(&Path) -> io::Result<()>) -> Left {
    let folder = manifest.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut left = Left::default();
    for name in super::names_in(folder) {
        let Some((pid, known)) = name.to_str().and_then(parse) else { continue };
        let path = folder.join(&name);
        let Ok(found) = fs::symlink_metadata(&path) else { continue };
        if is_in_use(&path, pid, &found) {
            continue;
        }
        if known.is_some_and(|known| !known.is(&found)) || !found.is_file() {
            left.others.push(path);
        } else if remove(&path).is_err_and(|error| error.kind() != io::ErrorKind::NotFound) {
            left.ours.push(path);
        }
    }
    left
}

/// A running save still uses it.
fn is_in_use(path: &Path, pid: u32, found: &Metadata) -> bool {
    let young = || {
        let age = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        age.as_secs().saturating_sub(u64::try_from(found.ctime()).unwrap_or_default()) < YOUNG.as_secs()
    };
    let lives = || crate::io::process::has_process(pid);
    // Open only regular files: a pipe would block.
    match found.is_file().then(|| File::open(path)) {
        Some(Ok(file)) => match file.try_lock() {
            Ok(()) => lives() && young(),
            Err(fs::TryLockError::WouldBlock) => true,
            Err(fs::TryLockError::Error(_)) => lives(),
        },
        _ => lives() && young(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    /// A process number that is never used.
    const NOBODY: u32 = 0x7fff_fffe;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(|e| name(&e.unwrap().path())).collect();
        names.sort();
        names
    }

    #[test]
    fn only_leftovers_of_killed_saves_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let manifest = at("m.json");
        let own = std::process::id();
        fs::write(&manifest, "[]").unwrap();
        let stay = [
            "m.json".to_owned(),
            // Being written now, with its owner's number.
            format!(".cuecard-{own}-7.tmp"),
            ".cuecard.tmp".into(),
            ".cuecard-1-2-3.tmp".into(),
            ".cuecard-x-1.tmp".into(),
            format!(".cuecard-{NOBODY}-0.txt"),
            format!("cuecard-{NOBODY}-0.tmp"),
        ];
        for name in stay.iter().skip(1).cloned().chain([format!(".cuecard-{NOBODY}-0.tmp")]) {
            fs::write(at(&name), "[1]").unwrap();
        }
        assert_eq!(sweep(&manifest), Left::default());
        let mut stay = stay.to_vec();
        stay.sort();
        assert_eq!(names(folder.path()), stay);
    }

    #[test]
    fn the_number_of_a_new_process_does_not_keep_an_old_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(format!(".cuecard-{}-0.tmp", std::process::id()));
        fs::write(&path, "[1]").unwrap();
        let found = fs::symlink_metadata(&path).unwrap();
        assert!(is_in_use(&path, std::process::id(), &found));
        let locked = File::open(&path).unwrap();
        locked.try_lock().unwrap();
        assert!(is_in_use(&path, NOBODY, &found), "its owner is in another container");
        drop(locked);
        assert!(!is_in_use(&path, NOBODY, &found));
    }

    #[test]
    fn what_cannot_be_removed_is_told_unless_it_is_gone_already() {
        let folder = tempfile::tempdir().unwrap();
        let left = folder.path().join(format!(".cuecard-{NOBODY}-0.tmp"));
        fs::write(&left, "[1]").unwrap();
        let swept = |kind: io::ErrorKind| sweep_with(&folder.path().join("m.json"), |_| Err(kind.into()));
        let told = swept(io::ErrorKind::PermissionDenied);
        assert_eq!(told, Left { ours: vec![left], others: Vec::new() });
        let words = format!(".cuecard-{NOBODY}-0.tmp of an earlier save can't be removed");
        assert_eq!(told.words(), Some(words));
        assert_eq!(swept(io::ErrorKind::NotFound), Left::default(), "another start was faster");
    }

    #[test]
    fn files_of_other_programs_are_kept_and_reported() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let (ours, old) = (at("ours"), at("m.json"));
        fs::write(&ours, "[1]").unwrap();
        fs::write(&old, "[22]").unwrap();
        let known = NameFacts::of(&fs::metadata(&ours).unwrap(), &fs::metadata(&old).unwrap());
        let NameFacts { inode, len, modified } = known;
        let beside = |count: u32| at(&format!(".cuecard-{NOBODY}-{count}-{inode:x}-{len:x}-{modified:x}.old"));
        // After the exchange it is the manifest, so its inode is not reused.
        fs::hard_link(&ours, at("manifest")).unwrap();
        // Before the exchange, and after it.
        fs::rename(&ours, beside(0)).unwrap();
        fs::rename(&old, beside(1)).unwrap();
        assert_eq!(sweep(&old), Left::default());
        assert_eq!(names(folder.path()), ["manifest"]);
        // Longer, or with another time, or not a regular file.
        fs::write(beside(0), "[333]").unwrap();
        fs::write(beside(1), "[44]").unwrap();
        symlink(at("elsewhere"), beside(2)).unwrap();
        let left = sweep(&old);
        assert_eq!((left.ours.len(), left.others.len(), names(folder.path()).len()), (0, 3, 4));
        assert!(left.words().unwrap().contains(".cuecard-"));
    }
}
