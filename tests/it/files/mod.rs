//! Files on a real disk: reading, replacing, and attributes that are kept.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

mod faults;
mod told;

use cuecard::domain::draft::{Change, Draft, Edit};
use cuecard::domain::manifest::{Field, Manifest};
use cuecard::domain::row_set::RowSet;
use cuecard::io::files::{Loss, NotRead, OnDisk, Over, Saved, Stamp, Why, on_disk, read, read_prefix, save};
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

const OLD: &[u8] = br#"[{"object":"old"}]"#;

fn new() -> Vec<u8> {
    br#"[{"object":"new and longer"}]"#.to_vec()
}

fn folder_with(name: &str) -> (TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, OLD).unwrap();
    (folder, path)
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn save_over_old(path: &Path) -> Result<Saved, Why> {
    save(path, Over::This(&OLD.to_vec()), &new(), false).map_err(|error| {
        assert!(error.left_behind.is_empty());
        error.why
    })
}

#[test]
fn a_draft_is_saved_over_its_file_and_then_over_itself() {
    let (folder, path) = folder_with("m.json");
    let loaded = read(&path, |_, _| true).unwrap();
    let mut draft = Draft::new(Arc::new(Manifest::parse(loaded.bytes).unwrap()));
    for text in ["first", "second"] {
        draft.apply(Edit { rows: RowSet::one(0), change: Change::Set(Field::Object, text.into()) });
        let moment = draft.now().clone();
        assert_eq!(on_disk(&path, draft.saved()).unwrap(), OnDisk::Same);
        assert_eq!(save(&loaded.path, Over::This(draft.saved()), &moment, false), Ok(Saved::Durable));
        draft.mark_saved(&moment);
        assert_eq!(fs::read_to_string(&path).unwrap(), format!(r#"[{{"object":"{text}"}}]"#));
    }
    assert_eq!(names(folder.path()), ["m.json"]);
}

#[test]
fn reading_tells_how_far_it_is_and_can_be_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.json");
    let bytes = vec![b' '; 20 << 20];
    fs::write(&path, &bytes).unwrap();
    let mut seen = Vec::new();
    let loaded = read(&path, |read, total| {
        seen.push((read, total));
        true
    });
    assert!(loaded.unwrap().bytes == bytes);
    assert!(seen.len() > 1 && seen.is_sorted() && seen.last() == Some(&(20 << 20, 20 << 20)));
    assert_eq!(read(&path, |_, _| false).unwrap_err(), NotRead::Stopped);
    assert_eq!(read_prefix(&path, 100).unwrap().bytes.len(), 100);
}

#[test]
fn what_is_no_readable_file_is_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    assert_eq!(read(&at("none"), |_, _| true).unwrap_err(), NotRead::Missing);
    assert_eq!(read(folder.path(), |_, _| true).unwrap_err(), NotRead::Folder);
    rustix::fs::mknodat(rustix::fs::CWD, at("pipe"), rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0).unwrap();
    assert_eq!(read(&at("pipe"), |_, _| true).unwrap_err(), NotRead::NotAFile("a pipe"));
    assert_eq!(read_prefix(Path::new("/dev/null"), 9).unwrap_err(), NotRead::NotAFile("a device"));
    let _listening = std::os::unix::net::UnixListener::bind(at("socket")).unwrap();
    assert_eq!(read(&at("socket"), |_, _| true).unwrap_err(), NotRead::NotAFile("a socket"));
    symlink(at("loop"), at("loop")).unwrap();
    assert!(matches!(read(&at("loop"), |_, _| true).unwrap_err(), NotRead::Failed(_)));
}

#[test]
fn a_file_that_changes_while_it_is_read_is_not_taken() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.json");
    fs::write(&path, vec![b' '; 20 << 20]).unwrap();
    let grows = read(&path, |_, _| {
        let mut bytes = fs::read(&path).unwrap();
        bytes.push(b' ');
        fs::write(&path, bytes).unwrap();
        true
    });
    assert_eq!(grows.unwrap_err(), NotRead::Changed);
}

#[test]
fn mode_owner_and_attributes_are_kept() {
    let (folder, path) = folder_with("m.json");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    // Only root can change a file's owner; otherwise this has no effect.
    let given_away = std::os::unix::fs::chown(&path, Some(65534), Some(65534)).is_ok();
    let attribute = || rustix::fs::setxattr(&path, "user.origin", b"dashboard", rustix::fs::XattrFlags::empty());
    let attributes = attribute().is_ok();
    assert_eq!(save_over_old(&path), Ok(Saved::Durable));
    let is = fs::metadata(&path).unwrap();
    assert_eq!(is.mode() & 0o7777, 0o640);
    if given_away {
        assert_eq!((is.uid(), is.gid()), (65534, 65534));
    }
    if attributes {
        let mut value = [0; 32];
        let len = rustix::fs::getxattr(&path, "user.origin", &mut value).unwrap();
        assert_eq!(&value[..len], b"dashboard");
    }
    assert_eq!(names(folder.path()), ["m.json"]);
    assert_eq!(fs::read(&path).unwrap(), new());
}

#[test]
fn a_symbolic_link_stays_one_and_its_file_is_replaced() {
    let (folder, path) = folder_with("real.json");
    let (elsewhere, link) = (tempfile::tempdir().unwrap(), "link.json");
    let link = elsewhere.path().join(link);
    symlink(&path, &link).unwrap();
    assert_eq!(save_over_old(&link), Ok(Saved::Durable));
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(fs::read(&path).unwrap(), new());
    assert_eq!(names(folder.path()), ["real.json"]);
    assert_eq!(names(elsewhere.path()), ["link.json"]);
}

#[test]
fn hard_links_need_consent_before_a_save() {
    let (folder, path) = folder_with("m.json");
    let other = folder.path().join("other.json");
    fs::hard_link(&path, &other).unwrap();
    assert_eq!(save_over_old(&path), Err(Why::WouldLose(vec![Loss::HardLinks { others: 1 }])));
    assert_eq!(fs::read(&path).unwrap(), OLD);
    assert_eq!(save(&path, Over::This(&OLD.to_vec()), &new(), true), Ok(Saved::Durable));
    assert_eq!((fs::read(&path).unwrap(), fs::read(&other).unwrap()), (new(), OLD.to_vec()));
    assert_eq!(names(folder.path()), ["m.json", "other.json"]);
}

#[test]
fn another_programs_change_is_never_overwritten() {
    let (folder, path) = folder_with("m.json");
    let stamp = Stamp::of(&path).unwrap();
    let modified = fs::metadata(&path).unwrap().modified().unwrap();
    for theirs in [&br#"[{"object":"OLD"}]"#[..], b"", br#"[{"object":"old"}] "#, br#"[{"object":"old"}"#] {
        fs::write(&path, theirs).unwrap();
        fs::File::options().write(true).open(&path).unwrap().set_modified(modified).unwrap();
        assert_ne!(Stamp::of(&path).unwrap(), stamp, "a stamp shows even a change of same size and time");
        assert_eq!(save_over_old(&path), Err(Why::ChangedOnDisk));
        assert_eq!(on_disk(&path, &OLD.to_vec()).unwrap(), OnDisk::Different);
        assert_eq!(fs::read(&path).unwrap(), theirs);
    }
    fs::remove_file(&path).unwrap();
    assert_eq!(save_over_old(&path), Err(Why::Missing));
    assert_eq!(on_disk(&path, &OLD.to_vec()).unwrap(), OnDisk::Missing);
    assert!(names(folder.path()).is_empty());
}

#[test]
fn new_file_never_overwrites_without_consent() {
    let (folder, path) = folder_with("m.json");
    let refused = save(&path, Over::Nothing, &new(), false).unwrap_err();
    assert_eq!(refused.why, Why::Exists);
    assert_eq!(refused.to_string(), "not saved, file untouched: a file with this name already exists");
    let copy = folder.path().join("copy.json");
    assert_eq!(save(&copy, Over::Nothing, &new(), false), Ok(Saved::Durable));
    assert_eq!(save(&path, Over::Anything, &new(), false), Ok(Saved::Durable));
    assert_eq!((fs::read(&copy).unwrap(), fs::read(&path).unwrap()), (new(), new()));
    symlink(folder.path().join("gone"), folder.path().join("dangling")).unwrap();
    for over in [Over::Nothing, Over::Anything] {
        let why = save(&folder.path().join("dangling"), over, &new(), false).unwrap_err().why;
        assert_eq!(why, Why::Exists);
    }
    assert!(matches!(
        save(&folder.path().join("no/m.json"), Over::Nothing, &new(), false).unwrap_err().why,
        Why::Failed { .. }
    ));
    assert_eq!(save(folder.path(), Over::Anything, &new(), false).unwrap_err().why, Why::NotAFile);
    assert_eq!(names(folder.path()), ["copy.json", "dangling", "m.json"]);
}

#[test]
fn what_a_save_would_lose_is_listed() {
    let losses = [Loss::Owner, Loss::Attribute("user.origin".into()), Loss::HardLinks { others: 2 }];
    assert_eq!(
        Why::WouldLose(losses.into()).to_string(),
        "not saved, file untouched: its owner or group would change, its attribute user.origin would be lost, \
         2 other names of it would keep the old content"
    );
}

#[test]
fn a_name_without_a_folder_is_one_in_the_current_folder() {
    // Tests run in the folder of Cargo.toml.
    let there = save(Path::new("Cargo.toml"), Over::Nothing, &new(), false).unwrap_err();
    assert_eq!(there.why, Why::Exists);
}
