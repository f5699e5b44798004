//! Persistent data, and what survives a crash.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod damaged;

use cuecard::domain::outcome::{BodyState, Ended, How, Intent, Outcome, Reply, Settlement};
use cuecard::domain::request::Fingerprint;
use cuecard::domain::row_set::RowSet;
use cuecard::io::store::{BeginError, Cache, Fit, Ledger, Mark, Recovered, RowsToKeep, StoreError, renumbered};
use proptest::prelude::*;
use std::path::Path;

const ADDRESS: &str = "https://api.twelvelabs.io/v1.2/tasks/transfers";

fn intent(bytes: &[u8]) -> Intent {
    Intent {
        started_ms: jiff::Timestamp::now().as_millisecond(),
        address: ADDRESS.into(),
        profile: Some("prod".into()),
        file: "m.json".into(),
        fingerprint: Fingerprint::of([bytes]),
        rows: 2,
        key_origin: "from TWELVELABS_API_KEY in the environment".into(),
    }
}

fn replied(status: u16) -> Ended {
    // A 2xx has the empty body that is documented.
    let is_success = (200..300).contains(&status);
    let reply = Reply {
        status,
        reason: "Reason".into(),
        version: "HTTP/1.1".into(),
        headers: vec![("a".into(), "1".into()), ("a".into(), "2\u{1b}".into())],
        body: if is_success { Vec::new() } else { vec![b'{', 0, 255] },
        body_state: if is_success { BodyState::Whole } else { BodyState::Truncated },
    };
    Ended { how: How::Replied(reply), begun: true, sent: 2, took_ms: 1800 }
}

/// As if this process had ended and another one had reused its number.
fn orphan(folder: &Path) {
    let connection = rusqlite::Connection::open(folder.join("ledger.db")).unwrap();
    for table in ["attempt", "session"] {
        connection.execute(&format!("UPDATE {table} SET identity = 'an earlier start'"), []).unwrap();
    }
}

#[test]
fn an_attempt_comes_back_as_it_was_kept() {
    let folder = tempfile::tempdir().unwrap();
    let ends = [
        replied(204),
        replied(400),
        Ended { how: How::NotConnected("refused".into()), begun: false, sent: 0, took_ms: 3 },
        Ended { how: How::NotTrusted("UnknownIssuer".into()), begun: false, sent: 0, took_ms: 3 },
        Ended { how: How::NoReply("reset".into()), begun: true, sent: 2, took_ms: 3 },
        Ended { how: How::TimedOut("nothing moved for 9 s".into()), begun: true, sent: 2, took_ms: 3 },
        Ended { how: How::Stopped, begun: true, sent: 1, took_ms: 3 },
        Ended { how: How::FileChanged, begun: false, sent: 0, took_ms: 3 },
        Ended { how: How::NotStarted("no".into()), begun: false, sent: 0, took_ms: 3 },
    ];
    for ended in &ends {
        let mut ledger = Ledger::open(folder.path()).unwrap();
        let id = ledger.begin(&intent(b"[]"), &RowsToKeep::default(), true).unwrap();
        ledger.finish(id, ended).unwrap();
    }
    let ledger = Ledger::open(folder.path()).unwrap();
    let kept = ledger.attempts(100).unwrap();
    let whole: Vec<_> = kept.iter().map(|listed| ledger.attempt(listed.id).unwrap().unwrap()).collect();
    assert_eq!(whole.iter().rev().map(|a| a.ended.clone()).collect::<Vec<_>>(), ends);
    let mut each = Vec::new();
    ledger
        .each(|attempt| {
            each.push(attempt);
            each.len() < whole.len() - 1
        })
        .unwrap();
    assert_eq!(each, whole[..whole.len() - 1], "until it is told to stop");
    assert_eq!(kept.last().map(|a| a.outcome), Some(Outcome::Accepted));
    assert_eq!(kept[0].intent, Intent { started_ms: kept[0].intent.started_ms, ..intent(b"[]") });
    assert_eq!(ledger.attempts(2).unwrap(), kept[..2]);
}

#[test]
fn a_list_comes_without_the_bodies_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::open(folder.path()).unwrap();
    for body in [vec![b'x'; 1024 * 1024], Vec::new()] {
        let id = ledger.begin(&intent(b"[]"), &RowsToKeep::default(), true).unwrap();
        let Ended { how: How::Replied(reply), .. } = replied(400) else { panic!("it is a reply") };
        ledger.finish(id, &Ended { how: How::Replied(Reply { body, ..reply }), ..replied(400) }).unwrap();
    }
    let listed = ledger.attempts(9).unwrap();
    let state = |at: usize| listed[at].ended.reply().map(|reply| (reply.body.len(), reply.body_state));
    assert_eq!((state(1), listed[1].is_whole()), (Some((0, BodyState::NotLoaded)), false));
    assert_eq!((state(0), listed[0].is_whole()), (Some((0, BodyState::Truncated)), true), "there is none to load");
    let whole = ledger.attempt(listed[1].id).unwrap().unwrap();
    assert_eq!(whole.ended.reply().map(|reply| reply.body.len()), Some(1024 * 1024));
}

#[test]
fn a_ledger_of_the_first_layout_is_brought_to_the_newest_with_all_it_holds() {
    let folder = tempfile::tempdir().unwrap();
    let connection = rusqlite::Connection::open(folder.path().join("ledger.db")).unwrap();
    connection.execute_batch(include_str!("store/layout_1.sql")).unwrap();
    drop(connection);
    let ledger = &mut Ledger::open(folder.path()).unwrap();
    let bodies = ledger.attempts(9).unwrap().into_iter().map(|listed| {
        let whole = ledger.attempt(listed.id).unwrap().unwrap();
        (whole.outcome, whole.under_way, whole.ended.reply().map(|reply| reply.body.clone()))
    });
    let expected = [
        (Outcome::Unknown, false, None),
        (Outcome::Accepted, false, Some(Vec::new())),
        (Outcome::Refused, false, Some(b"why".to_vec())),
    ];
    assert_eq!(bodies.collect::<Vec<_>>(), expected);
    let settled: Vec<_> = ledger.attempts(9).unwrap().iter().map(|attempt| attempt.settled).collect();
    assert_eq!(settled, [Some(Settlement { accepted: false, at_ms: 9 }), None, None]);
    let found = ledger.recover(Path::new("/m.json"), "base").unwrap().unwrap();
    assert_eq!((found.fit, found.edits), (Fit::Base, vec!["a".to_owned()]));
}

#[test]
fn an_intent_without_an_outcome_is_unknown_and_blocks() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::open(folder.path()).unwrap();
    let id = ledger.begin(&intent(b"[]"), &RowsToKeep::default(), false).unwrap();
    let said = Settlement { accepted: false, at_ms: 5 };
    assert!(ledger.attempt(id).unwrap().unwrap().under_way);
    assert!(!ledger.settle(id, said).unwrap(), "it is still being sent");
    orphan(folder.path());
    let found =
        Ledger::open(folder.path()).unwrap().earlier(&intent(b"[]").fingerprint, ADDRESS).unwrap().blocking.unwrap();
    assert_eq!((found.outcome, found.under_way, found.ended.how), (Outcome::Unknown, false, How::Interrupted));
    assert!(
        matches!(ledger.begin(&intent(b"[]"), &RowsToKeep::default(), false), Err(BeginError::SentBefore(before)) if before.id == id)
    );
    assert!(ledger.settle(id, said).unwrap());
    assert!(!ledger.settle(id, Settlement { at_ms: 6, ..said }).unwrap(), "said already");
    assert_eq!(ledger.attempt(id).unwrap().unwrap().settled, Some(said));
    assert!(ledger.begin(&intent(b"[]"), &RowsToKeep::default(), false).is_ok());
}

#[test]
fn the_operators_word_can_be_corrected_and_every_word_is_kept_with_its_time() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::open(folder.path()).unwrap();
    let id = ledger.begin(&intent(b"[]"), &RowsToKeep::default(), false).unwrap();
    ledger.finish(id, &Ended { how: How::NoReply("reset".into()), begun: true, sent: 2, took_ms: 3 }).unwrap();
    let words = [(true, 5), (false, 7), (true, 9)].map(|(accepted, at_ms)| Settlement { accepted, at_ms });
    for word in words {
        assert!(ledger.settle(id, word).unwrap());
        let blocks = ledger.earlier(&intent(b"[]").fingerprint, ADDRESS).unwrap().blocking.is_some();
        assert_eq!(blocks, word.accepted);
    }
    for attempt in [ledger.attempt(id).unwrap().unwrap(), ledger.attempts(1).unwrap().remove(0)] {
        assert_eq!((attempt.settled, attempt.settled_before), (Some(words[2]), words[..2].to_vec()));
    }
}

#[test]
fn only_the_same_bytes_to_the_same_address_block() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::open(folder.path()).unwrap();
    for (bytes, ended) in [(b"[]", replied(204)), (b"[1", replied(400)), (b"[2", replied(503))] {
        let id = ledger.begin(&intent(bytes), &RowsToKeep::default(), false).unwrap();
        ledger.finish(id, &ended).unwrap();
    }
    let blocked = |bytes: &[u8], address: &str| {
        ledger.earlier(&Fingerprint::of([bytes]), address).unwrap().blocking.map(|attempt| attempt.outcome)
    };
    assert_eq!(blocked(b"[]", ADDRESS), Some(Outcome::Accepted));
    assert_eq!(blocked(b"[1", ADDRESS), None);
    assert_eq!(blocked(b"[2", ADDRESS), Some(Outcome::Unknown));
    assert_eq!(blocked(b"[3", ADDRESS), None);
    assert_eq!(blocked(b"[]", "https://elsewhere/"), None);
}

#[test]
fn a_later_refusal_does_not_hide_an_earlier_acceptance() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::open(folder.path()).unwrap();
    for status in [204, 400] {
        let id = ledger.begin(&intent(b"[]"), &RowsToKeep::default(), true).unwrap();
        ledger.finish(id, &replied(status)).unwrap();
    }
    let found = ledger.earlier(&intent(b"[]").fingerprint, ADDRESS).unwrap().blocking;
    assert_eq!(found.map(|attempt| attempt.outcome), Some(Outcome::Accepted));
}

#[test]
fn only_one_of_many_concurrent_attempts_may_send() {
    let folder = tempfile::tempdir().unwrap();
    let begun = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    Ledger::open(folder.path()).unwrap().begin(&intent(b"[]"), &RowsToKeep::default(), false).is_ok()
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).filter(|begun| *begun).count()
    });
    assert_eq!(begun, 1);
}

fn saving(content: &str, left_out: &[u32]) -> Mark {
    Mark::Saving { content: content.into(), left_out: left_out.iter().copied().collect() }
}

fn did(text: &str) -> Mark {
    Mark::Did(text.into())
}

/// What a later process recovers from these marks on base `base`, if the file now holds `now`.
fn recovered(marks: &[Mark], now: &str) -> Option<Recovered> {
    let folder = tempfile::tempdir().unwrap();
    let path = Path::new("/m.json");
    let mut ledger = Ledger::open(folder.path()).unwrap();
    let session = ledger.open_session(path, "base", 10).unwrap();
    for (at, mark) in marks.iter().enumerate() {
        ledger.record(session, at, std::slice::from_ref(mark), 20).unwrap();
    }
    assert_eq!(ledger.recover(path, now).unwrap(), None, "its process is still there");
    orphan(folder.path());
    assert_eq!(ledger.recover(Path::new("/other.json"), now).unwrap(), None);
    let found = ledger.recover(path, now).unwrap();
    assert_eq!(ledger.recover(path, now).unwrap(), found, "looking changes nothing");
    ledger.forget(session).unwrap();
    assert_eq!(ledger.recover(path, now).unwrap(), None);
    found
}

#[test]
fn a_crash_leaves_what_was_done_since_the_file_was_last_saved() {
    let undid = || Mark::Undid;
    // The marks, the current content, and the remainder: the fit, the edits, the operations undone after a save.
    type Left = Option<(Fit, &'static [&'static str], usize)>;
    let cases: Vec<(&str, Vec<Mark>, &str, Left)> = vec![
        ("nothing done", vec![], "base", None),
        ("never saved", vec![did("a"), did("b")], "base", Some((Fit::Base, &["a", "b"], 0))),
        ("undone", vec![did("a"), undid()], "base", None),
        ("redone", vec![did("a"), undid(), Mark::Redid], "base", Some((Fit::Base, &["a"], 0))),
        ("done anew after undo", vec![did("a"), undid(), did("b"), Mark::Redid], "base", Some((Fit::Base, &["b"], 0))),
        ("undo of nothing", vec![undid(), did("a")], "base", Some((Fit::Base, &["a"], 0))),
        ("all saved", vec![did("a"), saving("s", &[])], "s", None),
        ("edited after a save", vec![did("a"), saving("s", &[]), did("b")], "s", Some((Fit::Save, &["b"], 0))),
        ("crash before the replace", vec![did("a"), saving("s", &[])], "base", Some((Fit::Base, &["a"], 0))),
        (
            "the second save failed",
            vec![did("a"), saving("s", &[]), did("b"), saving("t", &[]), did("c")],
            "s",
            Some((Fit::Save, &["b", "c"], 0)),
        ),
        (
            "undone past a save",
            vec![did("a"), did("b"), saving("s", &[]), undid(), did("c")],
            "s",
            Some((Fit::Save, &["c"], 1)),
        ),
        (
            "the same edit anew is another one",
            vec![did("a"), saving("s", &[]), undid(), did("a")],
            "s",
            Some((Fit::Save, &["a"], 1)),
        ),
        ("saved back to the base", vec![did("a"), saving("s", &[]), undid(), saving("base", &[])], "base", None),
        ("changed by somebody else", vec![did("a")], "foreign", Some((Fit::Neither, &["a"], 0))),
    ];
    for (name, marks, now, expected) in cases {
        let found = recovered(&marks, now);
        let found = found
            .as_ref()
            .map(|r| (r.fit, r.edits.iter().map(String::as_str).collect::<Vec<_>>(), r.undone_after_save));
        assert_eq!(found, expected.map(|(fit, edits, undone)| (fit, edits.to_vec(), undone)), "{name}");
    }
}

#[test]
fn repeated_journal_marks_are_kept_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::open(folder.path()).unwrap();
    let session = ledger.open_session(Path::new("/m.json"), "base", 10).unwrap();
    ledger.record(session, 0, &[did("a")], 20).unwrap();
    ledger.record(session, 1, &[did("b")], 20).unwrap();
    ledger.record(session, 1, &[did("b"), did("c")], 20).unwrap();
    orphan(folder.path());
    assert_eq!(ledger.recover(Path::new("/m.json"), "base").unwrap().unwrap().edits, ["a", "b", "c"]);
}

#[test]
fn unfitting_edits_do_not_hide_fitting_ones() {
    let folder = tempfile::tempdir().unwrap();
    let path = Path::new("/m.json");
    let mut ledger = Ledger::open(folder.path()).unwrap();
    for (base, edit) in [("older", "a"), ("now", "b"), ("foreign", "c"), ("other", "d")] {
        let session = ledger.open_session(path, base, 10).unwrap();
        ledger.record(session, 0, &[did(edit)], 20).unwrap();
    }
    orphan(folder.path());
    let mut found = Vec::new();
    while let Some(next) = ledger.recover(path, "now").unwrap() {
        ledger.forget(next.session).unwrap();
        found.extend(next.edits);
    }
    assert_eq!(found, ["b", "d", "c", "a"]);
}

#[test]
fn rows_that_left_the_file_are_known_to_the_recovery() {
    let found = recovered(&[did("exclude"), saving("s", &[1, 2, 5]), did("later")], "s").unwrap();
    assert_eq!((found.changed_ms, &found.edits[..]), (20, &["later".to_owned()][..]));
    let moved = |rows: &[u32]| renumbered(&rows.iter().copied().collect(), &found.left_out).iter().collect::<Vec<_>>();
    assert_eq!(moved(&[0, 1, 2, 3, 4, 5, 6, 9]), [0, 1, 2, 3, 6]);
    assert_eq!(renumbered(&RowSet::range(0, 3), &RowSet::new()), RowSet::range(0, 3));
}

#[test]
fn a_journal_that_names_four_billion_rows_is_renumbered_at_once() {
    let left_out: RowSet = [3, 4, 9].into_iter().collect();
    assert_eq!(renumbered(&RowSet::range(0, u32::MAX), &left_out), RowSet::range(0, u32::MAX - 3));
    assert_eq!(renumbered(&RowSet::range(4, 10), &left_out), RowSet::range(3, 7));
    assert_eq!(renumbered(&RowSet::range(3, 5), &left_out), RowSet::new());
}

proptest! {
    #[test]
    fn rows_move_up_by_those_that_left_the_file_before_them(
        rows in proptest::collection::btree_set(0_u32..50, 0..30),
        left_out in proptest::collection::btree_set(0_u32..50, 0..30),
    ) {
        let moved: Vec<u32> = rows.difference(&left_out).map(|row| row - left_out.range(..row).count() as u32).collect();
        let found = renumbered(&rows.into_iter().collect(), &left_out.into_iter().collect());
        prop_assert_eq!(found.iter().collect::<Vec<_>>(), moved);
    }
}

#[test]
fn recent_files_are_newest_first_and_each_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut cache = Cache::open(folder.path()).unwrap();
    for (path, at) in [("/a", 1), ("/b", 2), ("/a", 3)] {
        cache.opened(Path::new(path), 7, at).unwrap();
    }
    let paths: Vec<_> = cache.recent(10).unwrap().into_iter().map(|r| (r.path, r.opened_ms)).collect();
    assert_eq!(paths, [("/a".into(), 3), ("/b".into(), 2)]);
}

#[test]
fn table_view_is_kept_only_for_recent_files() {
    let folder = tempfile::tempdir().unwrap();
    let mut cache = Cache::open(folder.path()).unwrap();
    let (news, talks) = (Path::new("/m/news.json"), Path::new("/m/talks.json"));
    cache.opened(news, 1, 1).unwrap();
    assert_eq!(cache.look(news).unwrap(), None);
    cache.keep_look(news, "by video").unwrap();
    cache.keep_look(news, "by state, descending").unwrap();
    cache.keep_look(talks, "-language").unwrap();
    assert_eq!(cache.look(news).unwrap().as_deref(), Some("by state, descending"));
    cache.opened(news, 1, 2).unwrap();
    assert_eq!(cache.look(talks).unwrap(), None, "it is no recent file");
}

#[test]
fn sources_are_remembered_for_their_manifest_as_they_were_named() {
    use cuecard::domain::keys::{Columns, KnownSource, Source};
    use std::os::unix::ffi::OsStringExt;
    let folder = tempfile::tempdir().unwrap();
    let mut cache = Cache::open(folder.path()).unwrap();
    let (news, talks) = (Path::new("/m/news.json"), Path::new("/m/talks.json"));
    let source = |text: &str| Source::parse(text).unwrap();
    let known = |source: Source| KnownSource { source, shape: "plain list".into(), keys: 12, usable: 9, read_ms: 5 };
    let sources = [
        known(source("s3://acme/caps/")),
        known(source("/lists/keys.txt@s3://acme/old")),
        known(source("/lists/pairs.csv").with_columns(Columns::parse("clip,3").unwrap())),
        known(source("manifest")),
    ];
    cache.opened(news, 1, 1).unwrap();
    cache.keep_sources(news, &sources).unwrap();
    assert_eq!(cache.known_sources(news).unwrap(), sources);
    assert_eq!(cache.known_sources(talks).unwrap(), []);
    // In the folder where it was named it has the name it was given.
    cache.keep_sources(news, &[known(source("lists/a.txt"))]).unwrap();
    assert_eq!(cache.known_sources(news).unwrap(), [known(source("lists/a.txt"))]);

    let odd = std::ffi::OsString::from_vec(b"/lists/\xFF.txt".to_vec());
    let Source::File { at, columns, .. } = source("x") else { panic!() };
    let odd = Source::File { file: cuecard::domain::keys::Input::Path(odd.into()), at, columns };
    cache.keep_sources(news, &[known(source("-")), known(odd), known(source("/lists/a.txt"))]).unwrap();
    assert_eq!(
        cache.known_sources(news).unwrap(),
        [known(source("/lists/a.txt"))],
        "what can't be read again is left out"
    );

    cache.keep_sources(talks, &sources).unwrap();
    cache.opened(news, 1, 2).unwrap();
    assert_eq!(cache.known_sources(talks).unwrap(), [], "its manifest is no recent file");
    drop(cache);
    assert_eq!(Cache::open(folder.path()).unwrap().known_sources(news).unwrap().len(), 1);
}

#[test]
fn a_damaged_database_is_told_of_and_never_overwritten_but_the_cache() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["ledger.db", "cache.db"] {
        std::fs::write(folder.path().join(name), b"this is not a database, but somebody's notes".repeat(100)).unwrap();
    }
    let ledger = Ledger::open(folder.path()).unwrap();
    assert!(std::fs::read(&ledger.set_aside().unwrap().path).unwrap().starts_with(b"this is not"));
    assert_eq!(Cache::open(folder.path()).unwrap().recent(1).unwrap(), []);
}

#[test]
fn a_newer_layout_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    drop(Ledger::open(folder.path()).unwrap());
    let connection = rusqlite::Connection::open(folder.path().join("ledger.db")).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    assert!(matches!(Ledger::open(folder.path()), Err(StoreError::Newer { found: 99, .. })));
}

#[test]
fn nobody_else_can_read_what_is_kept() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("a/b");
    let mut ledger = Ledger::open(&state).unwrap();
    ledger.begin(&intent(b"[]"), &RowsToKeep::default(), false).unwrap();
    let _cache = Cache::open(&state).unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&state), 0o700);
    let files: Vec<_> = std::fs::read_dir(&state).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(files.len() >= 2);
    for file in files {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

#[test]
fn a_state_folder_that_cannot_be_is_an_error_with_advice() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = Ledger::open(&file.join("state")).unwrap_err();
    assert!(error.to_string().contains("CUECARD_STATE_DIR"), "{error}");
}
