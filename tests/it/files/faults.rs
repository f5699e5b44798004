//! Every system call of a save fails once or forever: the disk holds the complete old or new file, temporary files are
//! reported, and "saved" is said only if it is true.

use super::*;
use cuecard::io::files::{NotSaved, Real, System, save_with};
use std::cell::{Cell, RefCell};
use std::ffi::{CStr, CString};
use std::fs::{File, Metadata};
use std::io;
use std::path::PathBuf;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Fails {
    Once,
    ForEver,
    /// Once, after the call has succeeded.
    Late,
}

/// Makes the `at`-th call, counted from 0, fail.
pub(super) struct Faulty {
    pub(super) at: usize,
    pub(super) fails: Fails,
    pub(super) errno: rustix::io::Errno,
    pub(super) calls: Cell<usize>,
    /// The calls that failed.
    pub(super) hit: RefCell<Vec<&'static str>>,
    /// Simulates a disk or older system without exchange.
    pub(super) without_exchange: bool,
    /// Another program's action before a call, counted from 0.
    pub(super) other: Option<Box<dyn Fn(usize, &'static str)>>,
    /// A file that must be complete, old or new, after each call: what a kill at that instant would leave.
    pub(super) watch: Option<PathBuf>,
    /// More calls that fail, by name and number among those of their name.
    pub(super) refuses: Vec<(&'static str, usize, rustix::io::Errno)>,
    /// A call that succeeds and reports a failure, by name and number among those of its name.
    pub(super) loses_the_reply_to: Option<(&'static str, usize)>,
    /// All calls, in order.
    pub(super) made: RefCell<Vec<&'static str>>,
    /// A disk that does not note when a file gets or loses a name: what it told first of this file it tells always.
    pub(super) keeps_times_of: Cell<Option<u64>>,
    pub(super) first_told: RefCell<Option<Metadata>>,
}

impl Faulty {
    /// No call fails.
    pub(super) fn none() -> Faulty {
        Faulty::new(usize::MAX, Fails::Once, rustix::io::Errno::IO)
    }

    pub(super) fn new(at: usize, fails: Fails, errno: rustix::io::Errno) -> Faulty {
        Faulty {
            at,
            fails,
            errno,
            calls: Cell::new(0),
            hit: RefCell::default(),
            without_exchange: false,
            other: None,
            watch: None,
            refuses: Vec::new(),
            loses_the_reply_to: None,
            made: RefCell::default(),
            keeps_times_of: Cell::new(None),
            first_told: RefCell::default(),
        }
    }

    fn as_first_told(&self, now: Metadata) -> Metadata {
        if self.keeps_times_of.get() != Some(now.ino()) {
            return now;
        }
        self.first_told.borrow_mut().get_or_insert(now).clone()
    }

    fn call<T>(&self, name: &'static str, carry_out: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        let call = self.calls.replace(self.calls.get() + 1);
        if let Some(other) = &self.other {
            other(call, name);
        }
        self.made.borrow_mut().push(name);
        let is_the = |nth: usize| self.made.borrow().iter().filter(|made| **made == name).count() == nth + 1;
        if let Some((.., errno)) = self.refuses.iter().find(|(call, nth, _)| *call == name && is_the(*nth)) {
            return Err((*errno).into());
        }
        if self.loses_the_reply_to.is_some_and(|(call, nth)| call == name && is_the(nth)) {
            return carry_out().and(Err(rustix::io::Errno::IO.into()));
        }
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

    fn exchanges(&self, name: &'static str, carry_out: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
        let without = || Err(rustix::io::Errno::NOSYS.into());
        self.call(name, || if self.without_exchange { without() } else { carry_out() })
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
        self.call("metadata", || Ok(self.as_first_told(Real.metadata(file)?)))
    }
    fn metadata_at(&self, path: &Path) -> io::Result<Metadata> {
        self.call("metadata_at", || Ok(self.as_first_told(Real.metadata_at(path)?)))
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
    fn rename_new(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.exchanges("rename_new", || Real.rename_new(from, to))
    }
    fn exchange(&self, one: &Path, other: &Path) -> io::Result<()> {
        self.exchanges("exchange", || Real.exchange(one, other))
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

/// File names in the result.
pub(super) fn told(result: &Result<Saved, NotSaved>) -> Vec<String> {
    let name = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
    let said = result.as_ref().map_or_else(NotSaved::to_string, Saved::to_string);
    let mut paths: Vec<String> = match result {
        Err(NotSaved { why: Why::ChangedTwice(path), .. }) => vec![name(path)],
        Err(NotSaved { left_behind, .. }) => left_behind.iter().map(name).collect(),
        Ok(Saved::LeftBehind(path) | Saved::OtherKept(path) | Saved::OtherLost(path)) => vec![name(path)],
        Ok(Saved::NotCompared { kept, .. }) => vec![name(kept)],
        // The file may still have two names.
        Ok(Saved::NotConfirmed { .. }) => {
            said.split([' ', ';']).filter(|word| word.starts_with(".cuecard")).map(str::to_owned).collect()
        }
        _ => Vec::new(),
    };
    assert!(paths.iter().all(|path| said.contains(path)), "{said} names {paths:?}");
    paths.sort();
    paths
}

/// One save with one fault. None if the fault was not reached.
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
            // Calls whose failure can be compensated: an interruption, a removal that is retried, and steps with an
            // alternative.
            let made_good = ["remove", "link", "rename_new", "exchange"];
            let harmless = faulty.errno == rustix::io::Errno::INTR || hit.iter().all(|call| made_good.contains(call));
            assert!(harmless, "{about}");
        }
        Ok(Saved::LeftBehind(_)) => assert_eq!(on_disk, Some(new()), "{about}"),
        Ok(Saved::OtherKept(_) | Saved::OtherLost(_))
        | Err(NotSaved { why: Why::ChangedOnDisk | Why::ChangedTwice(_), .. }) => {
            panic!("nobody changed it: {about}")
        }
        Ok(saved @ (Saved::NotConfirmed { .. } | Saved::NotCompared { .. })) => {
            assert_eq!(on_disk, Some(new()), "{about}");
            assert!(!saved.to_string().contains("saved"), "{about}");
        }
        Err(NotSaved { why: Why::Unclear { .. }, .. }) => {
            assert!(on_disk == before || on_disk == Some(new()), "{about}");
        }
        Err(_) => assert_eq!(on_disk, before, "{about}"),
    }
    let litter = names(folder.path()).into_iter().filter(|name| name != "m.json").collect::<Vec<_>>();
    let told = told(&result);
    // A call that creates the file and then reports a failure leaves a name nobody knows.
    let made_unseen = faulty.fails == Fails::Late && hit.as_slice() == ["create"];
    // If nothing can be inspected any more, a name may be reported that doesn't exist.
    let too_many = faulty.fails == Fails::ForEver && litter.iter().all(|name| told.contains(name));
    assert!(made_unseen || litter == told || too_many, "{about}: {litter:?}");
    (!hit.is_empty()).then_some(result)
}

#[test]
fn any_failing_system_call_leaves_the_file_whole() {
    use rustix::io::Errno;
    for (over_old, without_exchange) in [(true, false), (true, true), (false, false), (false, true)] {
        for errno in [Errno::IO, Errno::INTR, Errno::PERM] {
            for fails in [Fails::Once, Fails::ForEver, Fails::Late] {
                // A call that succeeded is not reported as interrupted.
                if (errno, fails) == (Errno::INTR, Fails::Late) {
                    continue;
                }
                let mut reached = 0;
                let faulty = |at| Faulty { without_exchange, ..Faulty::new(at, fails, errno) };
                while let Some(result) = attempt(&faulty(reached), over_old) {
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

/// What a save over the old file says if the first call of this name fails.
fn failing(call: &str, fails: Fails, errno: rustix::io::Errno) -> Result<Saved, Why> {
    for at in 0.. {
        let (_folder, path) = folder_with("m.json");
        let faulty = Faulty::new(at, fails, errno);
        let result = save_with(&faulty, &path, Over::This(&OLD.to_vec()), &new(), false);
        let hit = faulty.hit.borrow().first().copied().expect("such a call is made");
        if hit == call {
            return result.map_err(|error| error.why);
        }
    }
    unreachable!()
}

#[test]
fn a_name_that_is_taken_is_passed_over_and_so_are_some_more() {
    use rustix::io::Errno;
    assert_eq!(failing("create", Fails::Once, Errno::EXIST), Ok(Saved::Durable));
    let none_free = failing("create", Fails::ForEver, Errno::EXIST).unwrap_err().to_string();
    let said = "not saved, file untouched: creating a file beside it: a file with this name already exists";
    assert_eq!(none_free, said);
}

#[test]
fn a_file_is_only_told_as_missing_if_it_is() {
    use rustix::io::Errno;
    for call in ["resolve", "open"] {
        assert_eq!(failing(call, Fails::Once, Errno::NOENT), Err(Why::Missing), "{call}");
        let said = failing(call, Fails::Once, Errno::ACCESS).unwrap_err().to_string();
        assert!(said.ends_with("ing the file: permission denied"), "{said}");
    }
}

#[test]
fn an_attribute_that_may_not_be_set_is_a_loss_and_a_disk_that_fails_is_a_failure() {
    use rustix::io::Errno;
    assert_eq!(failing("set_mode", Fails::Once, Errno::PERM), Err(Why::WouldLose(vec![Loss::Mode])));
    for errno in [Errno::IO, Errno::NOSPC] {
        let said = failing("set_mode", Fails::Once, errno).unwrap_err();
        let step = "copying owner, mode and attributes";
        assert!(matches!(said, Why::Failed { step: at, .. } if at == step), "{said}");
    }
}

#[test]
fn the_file_is_old_or_new_after_every_call() {
    for without_exchange in [false, true] {
        let (folder, path) = folder_with("m.json");
        let healthy = Faulty::new(usize::MAX, Fails::Once, rustix::io::Errno::IO);
        let watching = Faulty { watch: Some(path.clone()), without_exchange, ..healthy };
        let result = save_with(&watching, &path, Over::This(&OLD.to_vec()), &new(), false);
        assert_eq!(result, Ok(Saved::Durable));
        assert!(watching.calls.get() > 20 && watching.hit.borrow().is_empty());
        assert_eq!(names(folder.path()), ["m.json"]);
    }
}

#[test]
fn an_owner_that_cannot_be_kept_is_asked_about() {
    let (folder, path) = folder_with("m.json");
    if !rustix::process::geteuid().is_root() {
        return; // Without root there is no file of another's to save over.
    }
    std::os::unix::fs::chown(&path, Some(65534), Some(65534)).unwrap();
    let refusing = (0..).map(|at| Faulty::new(at, Fails::Once, rustix::io::Errno::PERM));
    for faulty in refusing {
        let result = save_with(&faulty, &path, Over::This(&OLD.to_vec()), &new(), false);
        let hit = faulty.hit.borrow().first().copied().expect("the owner is set");
        if hit == "set_owner" {
            assert_eq!(result.unwrap_err().why, Why::WouldLose(vec![Loss::Owner]));
            break;
        }
    }
    assert_eq!(fs::read(&path).unwrap(), OLD);
    assert_eq!(names(folder.path()), ["m.json"]);
}

#[test]
fn a_mode_that_another_program_sets_meanwhile_is_kept_or_told() {
    let (mut kept, mut told) = (0, 0);
    for without_exchange in [false, true] {
        for at in 0.. {
            let (_folder, path) = folder_with("m.json");
            let (their_path, done) = (path.clone(), std::rc::Rc::new(Cell::new("")));
            let told_done = std::rc::Rc::clone(&done);
            let other = move |call: usize, name: &'static str| {
                if call == at {
                    fs::set_permissions(&their_path, fs::Permissions::from_mode(0o640)).unwrap();
                    told_done.set(name);
                }
            };
            let healthy = Faulty::new(usize::MAX, Fails::Once, rustix::io::Errno::IO);
            let racing = Faulty { without_exchange, other: Some(Box::new(other)), ..healthy };
            let result = save_with(&racing, &path, Over::This(&OLD.to_vec()), &new(), false);
            if done.get().is_empty() {
                break;
            }
            let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode, 0o640, "before call {at}, {}: {result:?}", done.get());
            if result.is_ok() { kept += 1 } else { told += 1 }
        }
    }
    assert!(kept > 10 && told > 10, "{kept} {told}");
}

#[test]
fn a_file_that_a_slow_rename_replaced_is_told_and_the_one_before_is_kept() {
    let (folder, path) = folder_with("m.json");
    let their_path = path.clone();
    let a_tick_of_the_disks_clock = std::time::Duration::from_millis(50);
    std::thread::sleep(a_tick_of_the_disks_clock);
    let other = move |_: usize, name: &'static str| {
        let is_last = name == "rename" && names(their_path.parent().unwrap()).iter().any(|name| name.ends_with(".old"));
        let is_linked = fs::metadata(&their_path).unwrap().nlink() == 2;
        if is_last && is_linked {
            let new = their_path.with_file_name("their.tmp");
            fs::write(&new, THEIRS).unwrap();
            fs::rename(&new, &their_path).unwrap();
            // A disk in the network takes its time.
            std::thread::sleep(a_tick_of_the_disks_clock);
        }
    };
    let healthy = Faulty::new(usize::MAX, Fails::Once, rustix::io::Errno::IO);
    let racing = Faulty { without_exchange: true, other: Some(Box::new(other)), ..healthy };
    let result = save_with(&racing, &path, Over::This(&OLD.to_vec()), &new(), false);
    let Ok(Saved::OtherLost(kept)) = &result else { panic!("{result:?}") };
    assert_eq!((fs::read(&path).unwrap(), fs::read(kept).unwrap()), (new(), OLD.to_vec()));
    assert_eq!(names(folder.path()).len(), 2);
    assert!(result.unwrap().to_string().contains("what it wrote is lost"));
}

/// Another program's change to a file, given its path and the file opened before.
type Change = fn(&Path, &File);

const CHANGES: [(&str, Change); 6] = [
    ("writes as many bytes, and the time back", |path, _| {
        let modified = fs::metadata(path).unwrap().modified().unwrap();
        fs::write(path, THEIRS).unwrap();
        File::options().write(true).open(path).unwrap().set_modified(modified).unwrap();
    }),
    ("writes more", |path, _| fs::write(path, [THEIRS, b" "].concat()).unwrap()),
    ("puts another file there", |path, _| {
        let new = path.with_file_name("their.tmp");
        fs::write(&new, THEIRS).unwrap();
        fs::rename(&new, path).unwrap();
    }),
    ("puts a link there", |path, _| {
        let real = path.with_file_name("theirs.json");
        fs::write(&real, THEIRS).unwrap();
        fs::remove_file(path).unwrap();
        symlink(&real, path).unwrap();
    }),
    ("writes into the file that it had open", |_, open| {
        std::os::unix::fs::FileExt::write_all_at(open, THEIRS, 0).unwrap();
    }),
    ("removes it", |path, _| fs::remove_file(path).unwrap()),
];
pub(super) const THEIRS: &[u8] = br#"[{"object":"OLD"}]"#;

#[test]
fn another_programs_change_is_never_lost_at_whatever_instant_it_comes() {
    let (mut asked, mut after) = (0, 0);
    for without_exchange in [false, true] {
        for (what, change) in CHANGES {
            for at in 0.. {
                let (folder, path) = folder_with("m.json");
                let open = File::options().read(true).write(true).open(&path).unwrap();
                let (their_path, done) = (path.clone(), std::rc::Rc::new(Cell::new("")));
                let told_done = std::rc::Rc::clone(&done);
                let other = move |call: usize, name: &'static str| {
                    if call == at {
                        change(&their_path, &open);
                        told_done.set(name);
                    }
                };
                let healthy = Faulty::new(usize::MAX, Fails::Once, rustix::io::Errno::IO);
                let racing = Faulty { without_exchange, other: Some(Box::new(other)), ..healthy };
                let result = save_with(&racing, &path, Over::This(&OLD.to_vec()), &new(), false);
                if done.get().is_empty() {
                    assert!(at > 20, "reached {at} calls");
                    break;
                }
                let about = format!("{what} before call {at}, {}: {result:?}", done.get());
                // Undetectable: the instant between the last comparison and the removal; and, without an exchange, that
                // between the comparison and the rename.
                let last_look = done.get() == "remove" && what.contains("had open");
                let last_rename =
                    without_exchange && done.get() == "rename" && (what.contains("there") || what == "removes it");
                if last_look || last_rename {
                    continue;
                }
                let there = fs::read(&path).ok();
                if what == "removes it" {
                    // Reported as that, or after the save.
                    let is_told = match &result {
                        Err(error) => matches!(error.why, Why::Missing | Why::ChangedOnDisk),
                        Ok(saved) => *saved == Saved::Durable,
                    };
                    assert!(there.is_none() && is_told, "{about}");
                    continue;
                }
                let is_theirs = |bytes: &[u8]| bytes.starts_with(THEIRS);
                let kept = told(&result).iter().any(|name| is_theirs(&fs::read(folder.path().join(name)).unwrap()));
                assert!(there.as_deref().is_some_and(is_theirs) || kept, "{about}");
                match &result {
                    Err(NotSaved { why: Why::ChangedOnDisk, .. }) => asked += 1,
                    // They overwrote the new file.
                    Ok(Saved::Durable) => after += 1,
                    _ => {}
                }
                let untold = names(folder.path()).into_iter().filter(|name| name.starts_with(".cuecard"));
                assert!(untold.eq(told(&result)), "{about}: {:?}", names(folder.path()));
            }
        }
    }
    assert!(asked > 100 && after > 10, "{asked} {after}");
}
