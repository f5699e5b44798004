//! What a save says and does when a certain call fails, or another program acts at a certain instant.

use super::faults::{Faulty, THEIRS, told};
use super::*;
use cuecard::io::files::{Contents, NotSaved, Real, System, save_with};
use rustix::io::Errno;
use std::cell::Cell;
use std::rc::Rc;

/// A save over the old file, or of a new one, in which these calls fail.
fn saved(over_old: bool, without_exchange: bool, refuses: &[(&'static str, usize, Errno)]) -> Result<Saved, Why> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.json");
    if over_old {
        fs::write(&path, OLD).unwrap();
    }
    let expected = OLD.to_vec();
    let over = if over_old { Over::This(&expected) } else { Over::Nothing };
    let system = Faulty { without_exchange, refuses: refuses.to_vec(), ..Faulty::none() };
    let result = save_with(&system, &path, over, &new(), false);
    let is_new = fs::read(&path).is_ok_and(|there| there == new());
    assert_eq!(is_new, result.is_ok(), "{refuses:?}: {result:?}");
    let litter = names(folder.path()).into_iter().filter(|name| name != "m.json").collect::<Vec<_>>();
    assert_eq!(litter, told(&result), "{refuses:?}: {result:?}");
    result.map_err(|error| error.why)
}

#[test]
fn a_file_that_is_gone_at_the_last_moment_is_told_as_missing_and_a_disk_that_fails_is_not() {
    for (call, step) in [("metadata_at", "comparing with the file"), ("exchange", "renaming")] {
        assert_eq!(saved(true, false, &[(call, 0, Errno::NOENT)]), Err(Why::Missing), "{call}");
        let failed = Why::Failed { step, why: "permission denied".into() };
        assert_eq!(saved(true, false, &[(call, 0, Errno::ACCESS)]), Err(failed), "{call}");
    }
}

#[test]
fn a_disk_that_lacks_exchange_or_links_can_be_saved_to_and_one_that_fails_is_told() {
    for errno in [Errno::INVAL, Errno::NOSYS, Errno::NOTSUP, Errno::PERM] {
        for lacks in [
            vec![("exchange", 0, errno)],
            vec![("exchange", 0, errno), ("link", 0, errno)],
            vec![("exchange", 0, errno), ("link", 0, Errno::MLINK)],
        ] {
            assert_eq!(saved(true, false, &lacks), Ok(Saved::Durable), "{lacks:?}");
        }
        for lacks in [vec![("link", 0, errno)], vec![("link", 0, errno), ("rename_new", 0, errno)]] {
            assert_eq!(saved(false, false, &lacks), Ok(Saved::Durable), "{lacks:?}");
        }
    }
    let no_link = ("link", 0, Errno::PERM);
    let fails = |over_old, refuses: &[_]| match saved(over_old, false, refuses) {
        Err(Why::Failed { step, .. }) => step,
        other => panic!("{refuses:?}: {other:?}"),
    };
    assert_eq!(fails(true, &[("exchange", 0, Errno::IO)]), "renaming");
    assert_eq!(fails(false, &[no_link, ("rename_new", 0, Errno::IO)]), "renaming");
    // Whether a file has come there meanwhile can't be seen.
    assert_eq!(
        fails(false, &[no_link, ("rename_new", 0, Errno::NOSYS), ("metadata_at", 2, Errno::ACCESS)]),
        "renaming"
    );
    assert_eq!(saved(false, false, &[no_link, ("rename_new", 0, Errno::EXIST)]), Err(Why::Exists));
}

/// Saves over the old file while another program acts: at the first call of a name, and at the second.
fn racing(
    system: Faulty,
    call: &'static str,
    first: fn(&Path),
    second: fn(&Path),
) -> (TempDir, Result<Saved, NotSaved>) {
    let (folder, path) = folder_with("m.json");
    let (theirs, seen) = (path.clone(), Rc::new(Cell::new(0)));
    let other = move |_: usize, name: &'static str| {
        if name == call {
            seen.set(seen.get() + 1);
            match seen.get() {
                1 => first(&theirs),
                2 => second(&theirs),
                _ => {}
            }
        }
    };
    let system = Faulty { other: Some(Box::new(other)), ..system };
    let result = save_with(&system, &path, Over::This(&OLD.to_vec()), &new(), false);
    (folder, result)
}

fn puts_another_there(path: &Path) {
    let new = path.with_file_name("their.tmp");
    fs::write(&new, THEIRS).unwrap();
    fs::rename(&new, path).unwrap();
}

fn writes(path: &Path) {
    fs::write(path, [THEIRS, b"again"].concat()).unwrap();
}

#[test]
fn another_programs_file_is_put_back_even_if_the_disk_loses_the_reply() {
    let late = Faulty { loses_the_reply_to: Some(("exchange", 1)), ..Faulty::none() };
    for system in [Faulty::none(), late] {
        let (folder, result) = racing(system, "exchange", puts_another_there, |_| {});
        assert_eq!(result.unwrap_err(), NotSaved { why: Why::ChangedOnDisk, left_behind: Vec::new() });
        assert_eq!(names(folder.path()), ["m.json"]);
        assert_eq!(fs::read(folder.path().join("m.json")).unwrap(), THEIRS);
    }
}

#[test]
fn what_another_program_writes_into_the_new_file_before_it_is_taken_back_is_kept() {
    for again in [writes, puts_another_there] {
        let (folder, result) = racing(Faulty::none(), "exchange", puts_another_there, again);
        let why = result.unwrap_err().why;
        let Why::ChangedTwice(kept) = why else { panic!("{why:?}") };
        assert_eq!(fs::read(folder.path().join("m.json")).unwrap(), THEIRS);
        assert!(fs::read(kept).unwrap().starts_with(THEIRS));
    }
}

#[test]
fn a_write_between_the_last_look_and_the_rename_is_put_back() {
    // The first rename gives the new file its name beside the old one.
    let system = Faulty { without_exchange: true, ..Faulty::none() };
    let (folder, result) = racing(system, "rename", |_| {}, writes);
    assert_eq!(result.unwrap_err(), NotSaved { why: Why::ChangedOnDisk, left_behind: Vec::new() });
    assert_eq!(names(folder.path()), ["m.json"]);
    assert!(fs::read(folder.path().join("m.json")).unwrap().starts_with(THEIRS));
}

#[test]
fn a_disk_that_does_not_note_names_in_its_times_does_not_let_a_save_look_like_a_loss() {
    let (folder, path) = folder_with("m.json");
    let a_tick_of_the_disks_clock = std::time::Duration::from_millis(50);
    std::thread::sleep(a_tick_of_the_disks_clock);
    let system = Faulty { without_exchange: true, ..Faulty::none() };
    system.keeps_times_of.set(Some(fs::metadata(&path).unwrap().ino()));
    assert_eq!(save_with(&system, &path, Over::This(&OLD.to_vec()), &new(), false), Ok(Saved::Durable));
    assert_eq!(names(folder.path()), ["m.json"]);
}

#[test]
fn a_file_that_changed_before_the_save_is_left_alone_and_that_is_told_first() {
    let (folder, path) = folder_with("m.json");
    fs::write(&path, THEIRS).unwrap();
    for other_name in [false, true] {
        if other_name {
            fs::hard_link(&path, folder.path().join("other.json")).unwrap();
        }
        let system = Faulty::none();
        let result = save_with(&system, &path, Over::This(&OLD.to_vec()), &new(), false);
        assert_eq!(result.unwrap_err().why, Why::ChangedOnDisk, "other name: {other_name}");
        let made = system.made.borrow();
        assert!(!made.contains(&"exchange") && !made.contains(&"rename"), "{made:?}");
    }
}

#[test]
fn a_write_protected_file_is_asked_about() {
    if rustix::process::geteuid().is_root() {
        return; // Root may write to any file.
    }
    let (_folder, path) = folder_with("m.json");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
    assert_eq!(save_over_old(&path), Err(Why::WouldLose(vec![Loss::WriteProtection])));
}

struct Pieces(Vec<Vec<u8>>);

impl Contents for Pieces {
    fn pieces(&self) -> Box<dyn Iterator<Item = &[u8]> + '_> {
        Box::new(self.0.iter().map(Vec::as_slice))
    }
}

#[test]
fn short_and_long_pieces_are_written_in_their_order() {
    const MIB: usize = 1024 * 1024;
    for lengths in [[1, MIB, 1, MIB + 1, 1], [MIB - 1, 1, 1, MIB / 2, MIB], [3, MIB - 1, 3, 2 * MIB, 3]] {
        let pieces = lengths.iter().zip(b'a'..).map(|(len, byte)| vec![byte; *len]).collect();
        let new = Pieces(pieces);
        let (_folder, path) = folder_with("m.json");
        assert_eq!(save(&path, Over::This(&OLD.to_vec()), &new, false), Ok(Saved::Durable), "{lengths:?}");
        assert!(fs::read(&path).unwrap() == new.0.concat(), "{lengths:?}");
    }
}

#[test]
fn an_attribute_that_only_the_new_file_got_is_taken_from_it() {
    let (folder, path) = folder_with("m.json");
    let set = |path: &Path, name: &str| rustix::fs::setxattr(path, name, b"x", rustix::fs::XattrFlags::empty());
    if set(&path, "user.origin").is_err() {
        return; // A disk without attributes.
    }
    // As a folder's default access control list does.
    let beside = folder.path().to_owned();
    let other = move |_: usize, name: &'static str| {
        for name in names(&beside).iter().filter(|file| name == "write" && file.ends_with(".tmp")) {
            set(&beside.join(name), "user.given").unwrap();
        }
    };
    let system = Faulty { other: Some(Box::new(other)), ..Faulty::none() };
    assert_eq!(save_with(&system, &path, Over::This(&OLD.to_vec()), &new(), false), Ok(Saved::Durable));
    let file = fs::File::open(&path).unwrap();
    let kept: Vec<_> = Real.attributes(&file).unwrap().into_iter().map(|(name, _)| name).collect();
    assert_eq!(kept, [c"user.origin".to_owned()]);
}

#[test]
fn files_of_a_save_are_not_handed_to_programs_and_never_wait_for_a_pipe() {
    let (folder, path) = folder_with("m.json");
    let beside = folder.path().join("beside");
    for file in [Real.open(&path).unwrap(), Real.create(&beside, 0o600).unwrap()] {
        assert_eq!(rustix::io::fcntl_getfd(&file).unwrap(), rustix::io::FdFlags::CLOEXEC);
    }
    assert_eq!(Real.create(&beside, 0o600).unwrap_err().kind(), std::io::ErrorKind::AlreadyExists);
    let pipe = folder.path().join("pipe");
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0).unwrap();
    assert_eq!(save(&pipe, Over::Anything, &new(), false).unwrap_err().why, Why::NotAFile);
}

#[test]
fn what_cannot_be_made_durable_is_not_told_as_durable() {
    let (folder, path) = folder_with("m.json");
    assert!(Real.sync(&fs::File::open("/dev/null").unwrap()).is_err(), "it keeps nothing");
    assert!(Real.sync(&fs::File::open(&path).unwrap()).is_ok());
    assert_eq!(Real.sync_folder(&path).unwrap_err().kind(), std::io::ErrorKind::NotADirectory);
    assert!(Real.sync_folder(folder.path()).is_ok());
}

#[test]
fn what_a_save_may_replace_is_logged_without_its_content() {
    let logged = [Over::This(&OLD.to_vec()), Over::Anything, Over::Nothing].map(|over| format!("{over:?}"));
    assert_eq!(logged, ["This", "Anything", "Nothing"]);
}
