//! A damaged ledger is set aside with all its content, and until the operator confirms, its unknown history doesn't
//! count as "never sent".

use super::*;
use std::fs;
use std::path::PathBuf;

const LEDGER: &str = "ledger.db";

/// A state folder with one accepted submission that is still in the write-ahead log.
fn accepted() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let state = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::open(state.path()).unwrap();
    let id = ledger.begin(&intent(b"[]"), &RowsToKeep::default(), false).unwrap();
    ledger.finish(id, &replied(204)).unwrap();
    // As left by a killed process.
    for name in files(state.path()) {
        fs::copy(state.path().join(&name), folder.path().join(&name)).unwrap();
    }
    assert!(fs::metadata(folder.path().join("ledger.db-wal")).unwrap().len() > 0);
    folder
}

fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn sql(folder: &Path, statements: &str) {
    let connection = rusqlite::Connection::open(folder.join(LEDGER)).unwrap();
    connection.execute_batch(statements).unwrap();
}

/// With the log written back, as after a normal end.
fn settled(folder: &Path) -> PathBuf {
    sql(folder, "PRAGMA wal_checkpoint(TRUNCATE)");
    folder.join(LEDGER)
}

type Damage = fn(&Path);

const DAMAGES: [(&str, Damage); 17] = [
    ("the log alone is left", |folder| fs::remove_file(folder.join(LEDGER)).unwrap()),
    ("the index of the log alone is left", |folder| {
        fs::remove_file(folder.join(LEDGER)).unwrap();
        fs::remove_file(folder.join("ledger.db-wal")).unwrap();
    }),
    ("the attempts are gone", |folder| sql(folder, "PRAGMA foreign_keys = OFF; DELETE FROM attempt")),
    ("the attempts are gone, and how many there were", |folder| {
        sql(folder, "PRAGMA foreign_keys = OFF; INSERT INTO settlement (attempt, accepted, at_ms) VALUES (1, 0, 1)");
        sql(folder, "DELETE FROM settlement; DELETE FROM attempt; DELETE FROM sqlite_sequence WHERE name = 'attempt'");
    }),
    ("an address is empty", |folder| sql(folder, "UPDATE attempt SET address = ''")),
    ("an address is cut", |folder| sql(folder, "UPDATE attempt SET address = 'https://'")),
    ("the log is left beside an empty database", |folder| fs::write(folder.join(LEDGER), "").unwrap()),
    ("the database is emptied", |folder| fs::write(settled(folder), "").unwrap()),
    ("the log is lost before it was ever written back", |folder| {
        fs::remove_file(folder.join("ledger.db-wal")).unwrap();
    }),
    ("the database is cut", |folder| {
        fs::File::options().write(true).open(settled(folder)).unwrap().set_len(9000).unwrap();
    }),
    ("it is something else", |folder| fs::write(settled(folder), "somebody's notes".repeat(1000)).unwrap()),
    ("a page is overwritten", |folder| {
        let path = settled(folder);
        let mut bytes = fs::read(&path).unwrap();
        bytes[4096..].iter_mut().for_each(|byte| *byte = 0);
        fs::write(path, bytes).unwrap();
    }),
    ("a hash is a text", |folder| {
        sql(folder, "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'STRICT', '')");
        sql(folder, "UPDATE attempt SET sha256 = hex(sha256)");
    }),
    ("a hash is a text, where texts are forbidden", |folder| {
        let schema = "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql";
        sql(folder, &format!("{schema} = replace(sql, 'STRICT', '/*STRICT*/')"));
        sql(folder, "UPDATE attempt SET address = 5, sha256 = hex(sha256)");
        sql(folder, &format!("{schema} = replace(sql, '/*STRICT*/', 'STRICT')"));
    }),
    ("a status is none", |folder| sql(folder, "UPDATE attempt SET status = 70000")),
    ("the table has another name", |folder| sql(folder, "ALTER TABLE attempt RENAME TO attempts")),
    ("the layout is forgotten", |folder| sql(folder, "PRAGMA user_version = 0")),
];

#[test]
fn damaged_ledger_blocks_resending_without_consent() {
    for (what, damage) in DAMAGES {
        let folder = accepted();
        damage(folder.path());
        let before = files(folder.path());
        let mut ledger = Ledger::open(folder.path()).unwrap();
        let aside = ledger.set_aside().unwrap_or_else(|| panic!("{what}: {:?}", files(folder.path()))).clone();
        assert!(aside.to_string().contains("ledger.db.damaged-"), "{what}: {aside}");
        assert!(Ledger::exists(folder.path()), "{what}");
        // All of it exists under the new name.
        let moved = aside.path.file_name().unwrap().to_str().unwrap();
        let renamed = before.iter().filter(|name| !name.ends_with("-shm")).map(|name| name.replace(LEDGER, moved));
        let now = files(folder.path());
        assert!(renamed.clone().all(|name| now.contains(&name)), "{what}: {before:?}, then {now:?}");

        for _ in 0..2 {
            let refused = ledger.begin(&intent(b"[]"), &RowsToKeep::default(), false);
            assert!(matches!(refused, Err(BeginError::NotKnown(ref by)) if *by == aside), "{what}: {refused:?}");
        }
        let id = ledger.begin(&intent(b"[]"), &RowsToKeep::default(), true).unwrap();
        ledger.finish(id, &replied(204)).unwrap();
        drop(ledger);
        let mut ledger = Ledger::open(folder.path()).unwrap();
        assert_eq!((ledger.set_aside(), ledger.attempts(9).unwrap().len()), (Some(&aside), 1), "{what}");
        assert!(
            matches!(ledger.begin(&intent(b"[]"), &RowsToKeep::default(), false), Err(BeginError::SentBefore(_))),
            "{what}"
        );
        assert!(
            matches!(ledger.begin(&intent(b"[1]"), &RowsToKeep::default(), false), Err(BeginError::NotKnown(_))),
            "{what}"
        );

        // The operator removed it.
        for name in files(folder.path()).iter().filter(|name| name.starts_with(moved)) {
            fs::remove_file(folder.path().join(name)).unwrap();
        }
        let mut ledger = Ledger::open(folder.path()).unwrap();
        assert!(
            ledger.set_aside().is_none() && ledger.begin(&intent(b"[1]"), &RowsToKeep::default(), false).is_ok(),
            "{what}"
        );
    }
}

#[test]
fn what_may_have_been_a_ledger_counts_as_one() {
    let nothing = tempfile::tempdir().unwrap();
    assert!(!Ledger::exists(nothing.path()) && !Ledger::exists(&nothing.path().join("not there")));
    let linked = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("/nowhere/at/all", linked.path().join(LEDGER)).unwrap();
    let file = nothing.path().join("a file in the folder's place");
    fs::write(&file, "").unwrap();
    for (what, folder) in [("a link to nothing", linked.path()), ("a file in the folder's place", &*file)] {
        assert!(Ledger::exists(folder), "{what}");
        assert!(Ledger::open(folder).is_err(), "{what}");
    }
}

#[test]
fn a_ledger_whose_own_creation_failed_is_a_new_one() {
    let header = {
        let folder = tempfile::tempdir().unwrap();
        sql(folder.path(), "PRAGMA journal_mode = wal");
        fs::read(folder.path().join(LEDGER)).unwrap()
    };
    type Left<'a> = &'a [(&'a str, &'a [u8])];
    let left: [(&str, Left<'_>); 4] = [
        ("an empty file, and that it was begun", &[(LEDGER, b""), ("ledger.db-begun", b"")]),
        ("that it was begun", &[("ledger.db-begun", b"")]),
        ("a header", &[(LEDGER, &header), ("ledger.db-begun", b"")]),
        ("an empty file and an empty log", &[(LEDGER, b""), ("ledger.db-wal", b""), ("ledger.db-begun", b"")]),
    ];
    for (what, files_left) in left {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in files_left {
            fs::write(folder.path().join(name), bytes).unwrap();
        }
        let mut ledger = Ledger::open(folder.path()).unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!(ledger.set_aside(), None, "{what}");
        let id = ledger.begin(&intent(b"[]"), &RowsToKeep::default(), false).unwrap();
        ledger.finish(id, &replied(204)).unwrap();
        drop(ledger);
        let mut ledger = Ledger::open(folder.path()).unwrap();
        assert!(
            matches!(ledger.begin(&intent(b"[]"), &RowsToKeep::default(), false), Err(BeginError::SentBefore(_))),
            "{what}"
        );
        assert!(!folder.path().join("ledger.db-begun").exists(), "{what}");
    }
}

#[test]
fn of_many_that_create_the_ledger_at_once_all_open_the_same() {
    for _ in 0..5 {
        let folder = tempfile::tempdir().unwrap();
        let begun = std::thread::scope(|scope| {
            let begin =
                || Ledger::open(folder.path()).unwrap().begin(&intent(b"[]"), &RowsToKeep::default(), false).is_ok();
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(begin)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).filter(|begun| *begun).count()
        });
        assert_eq!(begun, 1);
        assert!(!files(folder.path()).iter().any(|name| name.contains("damaged")), "{:?}", files(folder.path()));
    }
}

#[test]
fn what_a_killed_process_left_is_no_damage() {
    let folder = accepted();
    let mut ledger = Ledger::open(folder.path()).unwrap();
    assert_eq!(ledger.set_aside(), None);
    assert!(matches!(ledger.begin(&intent(b"[]"), &RowsToKeep::default(), false), Err(BeginError::SentBefore(_))));
}

#[test]
fn of_many_that_find_the_damage_at_once_one_sets_it_aside() {
    let folder = accepted();
    fs::remove_file(folder.path().join(LEDGER)).unwrap();
    let begun = std::thread::scope(|scope| {
        let begin =
            || Ledger::open(folder.path()).unwrap().begin(&intent(b"[]"), &RowsToKeep::default(), false).is_ok();
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(begin)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).filter(|begun| *begun).count()
    });
    assert_eq!(begun, 0);
    let aside = files(folder.path()).into_iter().filter(|name| name.contains("damaged") && name.ends_with("-wal"));
    assert_eq!(aside.count(), 1, "{:?}", files(folder.path()));
}

#[test]
fn a_pipe_a_folder_or_a_device_in_the_place_of_a_store_is_refused_at_once() {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    let put: [(&str, Damage); 3] = [
        ("a pipe", |path| mknodat(CWD, path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap()),
        ("a folder", |path| fs::create_dir(path).unwrap()),
        ("a device", |path| std::os::unix::fs::symlink("/dev/zero", path).unwrap()),
    ];
    for (what, put) in put {
        for name in ["ledger.db", "ledger.db-wal", "ledger.db-shm", "ledger.db-journal", "cache.db"] {
            let folder = tempfile::tempdir().unwrap();
            put(&folder.path().join(name));
            let error = match name {
                "cache.db" => Cache::open(folder.path()).unwrap_err(),
                _ => Ledger::open(folder.path()).unwrap_err(),
            };
            assert!(matches!(error, StoreError::NotAFile { .. }), "{what} {name}: {error}");
            assert!(error.to_string().contains(&format!("{name} is {what}: move it away")), "{error}");
            assert_eq!(files(folder.path()), [name], "nothing is made beside it");
        }
    }
}
