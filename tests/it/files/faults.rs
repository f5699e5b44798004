//! Every system call of a save fails once and for ever: what is on disk is old or new and whole, nothing is left
//! behind silently, and "saved" is only said when it is so.

use super::*;
use cuecard::io::files::{NotSaved, Real, System, save_with};
use std::cell::{Cell, RefCell};
use std::ffi::{CStr, CString};
use std::fs::{File, Metadata};
use std::io;
use std::path::PathBuf;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fails {
    Once,
    ForEver,
    /// Once, after the call was carried out.
    Late,
}

/// Lets the `at`-th call, counted from zero, fail.
struct Faulty {
    at: usize,
    fails: Fails,
    errno: rustix::io::Errno,
    calls: Cell<usize>,
    /// What was let fail.
    hit: RefCell<Vec<&'static str>>,
    /// A file that must hold old or new, whole, after each call: what a kill at that instant would leave.
    watch: Option<PathBuf>,
}

impl Faulty {
    fn new(at: usize, fails: Fails, errno: rustix::io::Errno) -> Faulty {
        Faulty { at, fails, errno, calls: Cell::new(0), hit: RefCell::default(), watch: None }
    }

    fn call<T>(&self, name: &'static str, carry_out: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        let call = self.calls.replace(self.calls.get() + 1);
        let now = if self.fails == Fails::ForEver { call >= self.at } else { call == self.at };
        if !now {
            let result = carry_out();
            if let Some(path) = &self.watch {
                let there = fs::read(path).unwrap();
                assert!(there == OLD || there == new(), "after {name}: {}", String::from_utf8_lossy(&there));
            }
            return result;
        }
        self.hit.borrow_mut().push(name);
        if self.fails == Fails::Late {
            drop(carry_out());
        }
        Err(self.errno.into())
    }
}

impl System for Faulty {
    fn resolve(&self, path: &Path) -> io::Result<PathBuf> {
        self.call("resolve", || Real.resolve(path))
    }
    fn open(&self, path: &Path) -> io::Result<File> {
        self.call("open", || Real.open(path))
    }
    fn create(&self, path: &Path, mode: u32) -> io::Result<File> {
        self.call("create", || Real.create(path, mode))
    }
    fn read(&self, file: &File, buffer: &mut [u8]) -> io::Result<usize> {
        self.call("read", || Real.read(file, &mut buffer[..5]))
    }
    fn write(&self, file: &File, bytes: &[u8]) -> io::Result<usize> {
        self.call("write", || Real.write(file, &bytes[..bytes.len().min(7)]))
    }
    fn rewind(&self, file: &File) -> io::Result<()> {
        self.call("rewind", || Real.rewind(file))
    }
    fn metadata(&self, file: &File) -> io::Result<Metadata> {
        self.call("metadata", || Real.metadata(file))
    }
    fn metadata_at(&self, path: &Path) -> io::Result<Metadata> {
        self.call("metadata_at", || Real.metadata_at(path))
    }
    fn may_write(&self, path: &Path) -> io::Result<bool> {
        self.call("may_write", || Real.may_write(path))
    }
    fn set_owner(&self, file: &File, user: u32, group: u32) -> io::Result<()> {
        self.call("set_owner", || Real.set_owner(file, user, group))
    }
    fn set_mode(&self, file: &File, mode: u32) -> io::Result<()> {
        self.call("set_mode", || Real.set_mode(file, mode))
    }
    fn attributes(&self, file: &File) -> io::Result<Vec<(CString, Vec<u8>)>> {
        self.call("attributes", || Real.attributes(file))
    }
    fn set_attribute(&self, file: &File, name: &CStr, value: &[u8]) -> io::Result<()> {
        self.call("set_attribute", || Real.set_attribute(file, name, value))
    }
    fn remove_attribute(&self, file: &File, name: &CStr) -> io::Result<()> {
        self.call("remove_attribute", || Real.remove_attribute(file, name))
    }
    fn sync(&self, file: &File) -> io::Result<()> {
        self.call("sync", || Real.sync(file))
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.call("rename", || Real.rename(from, to))
    }
    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.call("link", || Real.link(from, to))
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        self.call("remove", || Real.remove(path))
    }
    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        self.call("sync_folder", || Real.sync_folder(path))
    }
}

/// One save with one fault. None when the fault was not reached.
fn attempt(faulty: &Faulty, over_old: bool) -> Option<Result<Saved, NotSaved>> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.json");
    let expected = OLD.to_vec();
    let over = if over_old { Over::This(&expected) } else { Over::Nothing };
    if over_old {
        fs::write(&path, OLD).unwrap();
        let _ = std::os::unix::fs::chown(&path, Some(65534), Some(65534));
        let _ = rustix::fs::setxattr(&path, "user.origin", b"x", rustix::fs::XattrFlags::empty());
    }
    let result = save_with(faulty, &path, over, &new(), false);
    let hit = faulty.hit.borrow();
    let on_disk = fs::read(&path).ok();
    let about = format!("{:?} {:?} at {} {hit:?}: {result:?}", faulty.errno, faulty.fails, faulty.at);

    let before = over_old.then(|| OLD.to_vec());
    match &result {
        Ok(Saved::Durable) => {
            assert_eq!(on_disk, Some(new()), "{about}");
            // What may fail and still be made good: an interruption, and removing a file that a second try removes.
            let harmless = faulty.errno == rustix::io::Errno::INTR || hit.iter().all(|call| *call == "remove");
            assert!(harmless || hit.is_empty() || hit.contains(&"link"), "{about}");
        }
        Ok(Saved::NotConfirmed { .. }) => assert_eq!(on_disk, Some(new()), "{about}"),
        Err(NotSaved { why: Why::Unclear { .. }, .. }) => {
            assert!(on_disk == before || on_disk == Some(new()), "{about}");
        }
        Err(_) => assert_eq!(on_disk, before, "{about}"),
    }
    let litter = names(folder.path()).into_iter().filter(|name| name != "m.json").collect::<Vec<_>>();
    let told = match &result {
        Err(NotSaved { left_behind: Some(path), .. }) => vec![path.file_name().unwrap().to_str().unwrap().to_owned()],
        // The new file has its second, lasting name already, and the message names the first.
        Ok(Saved::NotConfirmed { why }) => litter.iter().filter(|name| why.contains(*name)).cloned().collect(),
        _ => Vec::new(),
    };
    // A call that reports a failure after it made the file leaves a name that nobody knows.
    let made_unseen = faulty.fails == Fails::Late && hit.as_slice() == ["create"];
    assert!(made_unseen || litter == told, "{about}: {litter:?}");
    (!hit.is_empty()).then_some(result)
}

#[test]
fn any_call_may_fail() {
    use rustix::io::Errno;
    for over_old in [true, false] {
        for errno in [Errno::IO, Errno::NOSPC, Errno::ACCESS, Errno::INTR] {
            for fails in [Fails::Once, Fails::ForEver, Fails::Late] {
                // A call that was carried out is not reported as interrupted.
                if (errno, fails) == (Errno::INTR, Fails::Late) {
                    continue;
                }
                let mut reached = 0;
                while let Some(result) = attempt(&Faulty::new(reached, fails, errno), over_old) {
                    if (errno, fails) == (Errno::INTR, Fails::Once) {
                        assert_eq!(result, Ok(Saved::Durable), "an interruption is no failure");
                    }
                    reached += 1;
                }
                assert!(reached > 15, "the plan reached only {reached} calls");
            }
        }
    }
}

#[test]
fn the_file_is_old_or_new_after_every_call() {
    let (_folder, path) = folder_with("m.json");
    let watching = Faulty { watch: Some(path.clone()), ..Faulty::new(usize::MAX, Fails::Once, rustix::io::Errno::IO) };
    let result = save_with(&watching, &path, Over::This(&OLD.to_vec()), &new(), false);
    assert_eq!(result, Ok(Saved::Durable));
    assert!(watching.calls.get() > 20 && watching.hit.borrow().is_empty());
}

#[test]
fn an_owner_that_cannot_be_kept_is_asked_about() {
    let (folder, path) = folder_with("m.json");
    if std::os::unix::fs::chown(&path, Some(65534), Some(65534)).is_err() {
        return; // Without root there is no file of another's to save over.
    }
    let refusing = (0..).map(|at| Faulty::new(at, Fails::Once, rustix::io::Errno::PERM));
    for faulty in refusing {
        let result = save_with(&faulty, &path, Over::This(&OLD.to_vec()), &new(), false);
        if faulty.hit.borrow().first() == Some(&"set_owner") {
            assert_eq!(result.unwrap_err().why, Why::WouldLose(vec![Loss::Owner]));
            break;
        }
    }
    assert_eq!(fs::read(&path).unwrap(), OLD);
    assert_eq!(names(folder.path()), ["m.json"]);
}
