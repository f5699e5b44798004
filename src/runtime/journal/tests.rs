use super::*;
use crate::domain::manifest::Field;

const PATH: &str = "/m.json";

/// The thread's state, with its own state folder.
struct Session {
    folder: Arc<tempfile::TempDir>,
    keeper: Keeper,
}

impl Session {
    fn new() -> Session {
        Session::on(&Arc::new(tempfile::tempdir().unwrap()))
    }

    fn on(folder: &Arc<tempfile::TempDir>) -> Session {
        let (results, _) = results::channel(1);
        Session { folder: Arc::clone(folder), keeper: Keeper::new(folder.path().to_owned(), results) }
    }

    /// Another process, after this one is gone.
    fn after_a_crash(&self) -> Session {
        self.database().execute("UPDATE session SET identity = 'an earlier start'", []).unwrap();
        Session::on(&self.folder)
    }

    fn database(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.folder.path().join("ledger.db")).unwrap()
    }

    fn open(&mut self, text: &str) -> Option<Recovered> {
        self.keeper.open(Path::new(PATH), &manifest(text)).unwrap()
    }

    fn order(&mut self, order: JournalOrder) {
        assert!(self.keeper.take(order).is_none());
    }

    fn did(&mut self, text: &str) {
        self.order(JournalOrder::Lines(vec![JournalLine::Did(edit(text).into())]));
    }

    /// Makes writes fail, as on a full disk.
    fn fill_the_disk(&self) {
        let full = "CREATE TRIGGER full BEFORE INSERT ON mark BEGIN SELECT RAISE(ABORT, 'full'); END";
        self.database().execute_batch(full).unwrap();
    }

    fn make_room(&self) {
        self.database().execute_batch("DROP TRIGGER full").unwrap();
    }
}

fn manifest(text: &str) -> Manifest {
    Manifest::parse(text.as_bytes().to_vec()).unwrap()
}

fn edit(text: &str) -> Edit {
    Edit { rows: crate::domain::row_set::RowSet::range(0, 1), change: Change::Set(Field::Language, text.into()) }
}

/// The thread on a state folder, with what it says.
fn thread(folder: &Path) -> (Journal, results::Receiver<Msg>) {
    let (results, told) = results::channel(8);
    (Journal::start(folder.to_owned(), results), told)
}

/// What the thread found for a file as it opened it.
fn opened(journal: &Journal, told: &mut results::Receiver<Msg>, text: &str) -> Option<Recovered> {
    journal.open(JobId(7), PATH.into(), Arc::new(manifest(text)));
    match told.blocking_recv() {
        Some(Msg::JournalRead(JobId(7), found)) => found.unwrap(),
        other => panic!("{other:?}"),
    }
}

fn edits(found: Option<Recovered>) -> Vec<Edit> {
    found.map(|found| found.edits).unwrap_or_default()
}

#[test]
fn edits_before_a_reload_stay_in_the_journal_until_forgotten() {
    for forget in [false, true] {
        let mut session = Session::new();
        assert_eq!(session.open("[1]"), None);
        session.did("a");
        assert_eq!(session.open("[1]"), None, "a process is not offered what it did itself");
        if forget {
            session.order(JournalOrder::ForgetEarlier);
        }
        assert_eq!(edits(session.after_a_crash().open("[1]")), if forget { vec![] } else { vec![edit("a")] });
    }
}

#[test]
fn an_undo_after_a_write_that_failed_undoes_no_other_edit() {
    let mut session = Session::new();
    session.open("[1]");
    session.did("a");
    session.fill_the_disk();
    session.did("b");
    session.order(JournalOrder::Lines(vec![JournalLine::Undid]));
    session.make_room();
    session.did("c");
    assert_eq!(edits(session.after_a_crash().open("[1]")), [edit("a"), edit("c")]);
}

#[test]
fn recovered_edits_stay_until_they_are_rewritten() {
    let mut session = Session::new();
    session.open("[1]");
    session.did("a");
    let mut session = session.after_a_crash();
    assert!(session.open("[1]").is_some());
    session.fill_the_disk();
    session.did("a");
    session.order(JournalOrder::ForgetRecovered);
    assert_eq!(edits(Session::on(&session.folder).open("[1]")), [edit("a")], "it is still there");
    session.make_room();
    session.did("b");
    assert_eq!(Session::on(&session.folder).open("[1]"), None, "and goes when the taken edits are written");
    assert_eq!(edits(session.after_a_crash().open("[1]")), [edit("a"), edit("b")]);
}

#[test]
fn unreadable_or_unfitting_edits_are_counted_and_can_be_dropped() {
    let mut session = Session::new();
    session.open("[1]");
    session.did("a");
    session.database().execute("INSERT INTO mark VALUES (1, 9, 'did', 'of another version', '')", []).unwrap();
    for (now, edits, fit) in [("[1]", vec![edit("a")], msg::Fit::AsOpened), ("[2]", vec![], msg::Fit::ChangedSince)] {
        let found = session.after_a_crash().open(now).unwrap();
        assert_eq!((found.found, found.unreadable, found.edits, found.fit), (2, 1, edits, fit));
    }
    let mut later = session.after_a_crash();
    assert!(later.open("[2]").is_some());
    later.order(JournalOrder::ForgetRecovered);
    assert_eq!(session.after_a_crash().open("[2]"), None);
}

#[test]
fn a_change_that_was_saved_and_undone_is_told_and_can_be_dropped() {
    let mut session = Session::new();
    session.open("[1]");
    session.did("a");
    let content = Fingerprint::of([b"[2]".as_slice()]).hex();
    session.keeper.record([Mark::Saving { content, left_out: crate::domain::row_set::RowSet::new() }]).unwrap();
    session.order(JournalOrder::Lines(vec![JournalLine::Undid]));
    let found = session.after_a_crash().open("[2]").unwrap();
    assert_eq!((found.found, found.undone_after_save, found.fit), (0, 1, msg::Fit::AsSaved));
    let mut later = session.after_a_crash();
    assert!(later.open("[2]").is_some());
    later.order(JournalOrder::ForgetRecovered);
    assert_eq!(session.after_a_crash().open("[2]"), None);
}

#[test]
fn what_was_given_to_the_journal_is_on_disk_when_it_has_ended() {
    for keep in [true, false] {
        let session = Session::new();
        let (journal, mut told) = thread(session.folder.path());
        assert_eq!(opened(&journal, &mut told, "[1]"), None);
        journal.record(vec![JournalLine::Did(edit("a").into()), JournalLine::Did(edit("b").into())]);
        journal.record(vec![JournalLine::Undid]);
        journal.end(keep);
        let left = edits(session.after_a_crash().open("[1]"));
        assert_eq!(left, if keep { vec![edit("a")] } else { vec![] }, "kept: {keep}");
    }
}

#[test]
fn a_save_is_in_the_journal_before_the_file_is_replaced() {
    let session = Session::new();
    let (journal, mut told) = thread(session.folder.path());
    opened(&journal, &mut told, "[{}]");
    journal.record(vec![JournalLine::Did(edit("a").into())]);
    let mut draft = crate::domain::draft::Draft::new(Arc::new(manifest("[{}]")));
    draft.apply(edit("a"));
    assert_eq!(journal.saving(draft.now().clone()), Ok(()));
    let saved: String = draft.now().pieces().map(|piece| str::from_utf8(piece).unwrap()).collect();
    assert_eq!(session.after_a_crash().open(&saved), None, "the file holds the edit");

    session.fill_the_disk();
    assert!(journal.saving(draft.now().clone()).is_err());
    session.make_room();
    journal.end(true);
}

#[test]
fn edits_that_were_dropped_are_not_offered_again() {
    // In this session, before the file was read again, and in a session that crashed.
    let forget: [fn(&Journal); 3] = [Journal::forget, Journal::forget_earlier, Journal::forget_recovered];
    for (at, forget) in forget.into_iter().enumerate() {
        let session = Session::new();
        let (journal, mut told) = thread(session.folder.path());
        opened(&journal, &mut told, "[1]");
        journal.record(vec![JournalLine::Did(edit("a").into())]);
        let (journal, mut told) = if at == 2 {
            journal.end(true);
            session.after_a_crash();
            thread(session.folder.path())
        } else {
            (journal, told)
        };
        if at > 0 {
            opened(&journal, &mut told, "[1]");
        }
        forget(&journal);
        journal.end(true);
        assert_eq!(edits(session.after_a_crash().open("[1]")), [], "{at}");
    }
}

#[test]
fn edits_of_a_crashed_session_move_up_with_the_rows_that_a_save_left_out() {
    let rows = || crate::domain::row_set::RowSet::range(0, 3);
    let each = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let set_each = Edit { rows: rows(), change: Change::SetEach(Field::Language, each(&["a", "b", "c"])) };
    let moved = moved_up(set_each.clone(), &crate::domain::row_set::RowSet::one(1));
    let two = crate::domain::row_set::RowSet::range(0, 2);
    let left = Edit { rows: two.clone(), change: Change::SetEach(Field::Language, each(&["a", "c"])) };
    assert_eq!(moved, left);
    let together = Edit { rows: rows(), change: Change::Together(vec![set_each]) };
    let moved = moved_up(together, &crate::domain::row_set::RowSet::one(1));
    assert_eq!(moved, Edit { rows: two, change: Change::Together(vec![left]) });
}

#[test]
fn recovered_edits_tell_when_the_last_of_them_was_made() {
    let before = jiff::Timestamp::now().as_millisecond();
    let mut session = Session::new();
    session.open("[1]");
    session.did("a");
    let last = session.after_a_crash().open("[1]").unwrap().last;
    assert!((before..=jiff::Timestamp::now().as_millisecond()).contains(&last.unix_ms), "{last:?}");
}

#[test]
fn the_time_of_recovered_edits_is_told_by_the_clock_of_their_day() {
    let berlin = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
    for (day, hours) in [("2026-07-01T12:00:00Z", 2), ("2026-12-01T12:00:00Z", 1)] {
        let at: jiff::Timestamp = day.parse().unwrap();
        assert_eq!(offset_at(at.as_millisecond(), &berlin), hours * 3_600, "{day}");
    }
}

#[test]
fn the_first_edit_that_no_journal_keeps_is_told_so_when_it_is_made() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("ledger.db")).unwrap();
    let (results, mut told) = results::channel(4);
    let mut session = Session {
        keeper: Keeper::new(folder.path().to_owned(), results),
        folder: Arc::new(tempfile::tempdir().unwrap()),
    };
    let manifest = Arc::new(manifest("[1]"));
    session.order(JournalOrder::Open { job: JobId(1), path: PATH.into(), manifest });
    assert!(matches!(told.try_recv(), Ok(Msg::JournalRead(_, Err(_)))));
    session.did("a");
    // Whatever else was said since the file was opened.
    assert!(matches!(told.try_recv(), Ok(Msg::JournalFailed(_))));
    session.did("b");
    assert!(told.try_recv().is_err(), "once is enough");
}

#[test]
fn edits_are_told_to_be_kept_nowhere_while_the_disk_does_not_answer() {
    let (results, mut told) = results::channel(4);
    let watch = Watch::start(results, Duration::from_millis(20));
    let heard = watch.during(|| told.blocking_recv());
    assert!(matches!(heard, Some(Msg::JournalFailed(why)) if why.contains("does not answer")));
    drop(watch);
    assert!(told.blocking_recv().is_none(), "once for each order");
}
