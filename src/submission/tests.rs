use super::*;
use crate::domain::outcome::Outcome;

fn submissions(state: &Path) -> Arc<Submissions> {
    let address = Address::parse("https://api.twelvelabs.io/v1.2", false).unwrap();
    let to = Destination { address, profile: None, route: Route::default(), idle: Duration::from_secs(1) };
    let read = Box::new(|| Ok(Arc::new("tlk_CANARY".into())));
    let keys = ApiKeys::new(Some(Configured { origin: "from a test".into(), variable: Some("TL_API_KEY"), read }));
    Arc::new(Submissions::new(state.to_owned(), to, keys))
}

fn parcel() -> Parcel {
    let snapshot = Snapshot::of(Arc::new(crate::domain::manifest::Manifest::parse(b"[1]".to_vec()).unwrap()));
    Parcel { file: "/m.json".into(), fingerprint: Fingerprint::of([&b"[1]"[..]]), rows: 1, snapshot, again: false }
}

/// An upload of this process that has begun.
fn begun(submissions: &Arc<Submissions>) -> UnderWay {
    let (intent, this) = (submissions.intent(&parcel()), Arc::clone(submissions));
    this.begin(&intent, parcel()).unwrap().0
}

fn refused(body: &[u8]) -> Ended {
    let reply = crate::domain::outcome::Reply {
        status: 400,
        reason: "Bad Request".into(),
        version: "HTTP/1.1".into(),
        headers: Vec::new(),
        body: body.to_vec(),
        body_state: crate::domain::outcome::BodyState::Whole,
    };
    Ended { how: How::Replied(reply), begun: true, sent: 3, took_ms: 1 }
}

#[test]
fn an_upload_that_is_not_open_cannot_be_settled_and_the_words_say_why() {
    let folder = tempfile::tempdir().unwrap();
    let submissions = submissions(folder.path());
    let under_way = begun(&submissions);
    let id = under_way.id();
    let settle = || submissions.settle(id, true).map(|attempt| attempt.outcome);
    assert_eq!(settle(), Err("this upload is still being sent".into()));
    under_way.finish(refused(b"no")).unwrap();
    assert_eq!(settle(), Err("this upload is not open: it was refused".into()));
    assert_eq!(submissions.settle(id + 1, true), Err("this upload is not in the ledger".into()));
}

#[test]
fn an_upload_whose_task_broke_off_is_unknown_and_a_word_on_it_can_be_corrected() {
    let folder = tempfile::tempdir().unwrap();
    let submissions = submissions(folder.path());
    let id = begun(&submissions).id();
    let settled = submissions.settle(id, false).unwrap();
    assert_eq!((settled.outcome, settled.blocks()), (Outcome::Unknown, false));
    let again = submissions.settle(id, false).unwrap_err();
    assert_eq!(again, "this is already recorded: not accepted, says the operator");
    let corrected = submissions.settle(id, true).unwrap();
    assert!(corrected.blocks());
    assert_eq!(corrected.settled.map(|word| word.accepted), Some(true));
    assert_eq!(corrected.settled_before, settled.settled.into_iter().collect::<Vec<_>>());
}

#[test]
fn an_outcome_is_in_the_ledger_when_the_call_that_writes_it_returns() {
    let folder = tempfile::tempdir().unwrap();
    let submissions = submissions(folder.path());
    let under_way = begun(&submissions);
    let id = under_way.id();
    under_way.finish(refused(b"why")).unwrap();
    let ledger = Ledger::open(folder.path()).unwrap();
    assert_eq!(ledger.attempt(id).unwrap().unwrap().ended, refused(b"why"));
}

#[test]
fn an_outcome_that_could_not_be_written_is_written_when_the_ledger_can_be_again() {
    let folder = tempfile::tempdir().unwrap();
    let submissions = submissions(folder.path());
    let under_way = begun(&submissions);
    let id = under_way.id();
    let database = rusqlite::Connection::open(folder.path().join("ledger.db")).unwrap();
    let full = "CREATE TRIGGER full BEFORE UPDATE ON attempt BEGIN SELECT RAISE(ABORT, 'full'); END";
    database.execute_batch(full).unwrap();
    under_way.finish(refused(b"why")).unwrap_err();
    assert!(submissions.settle(id, true).is_err());
    assert!(submissions.log().unwrap().0[0].under_way, "the log can be read all the same");
    database.execute_batch("DROP TRIGGER full").unwrap();
    let listed = submissions.log().unwrap().0.remove(0);
    assert_eq!((listed.outcome, listed.is_whole()), (Outcome::Refused, false));
    let whole = submissions.attempt(id).unwrap().unwrap();
    assert_eq!(whole.ended, refused(b"why"));
}

#[test]
fn the_facts_name_the_newest_attempt_of_these_bytes_and_what_blocks() {
    let folder = tempfile::tempdir().unwrap();
    let submissions = submissions(folder.path());
    let file = folder.path().join("m.json");
    std::fs::write(&file, "[1]").unwrap();
    let manifest = crate::domain::manifest::Manifest::parse(b"[1]".to_vec()).unwrap();
    let snapshot = Snapshot::of(Arc::new(manifest));
    let facts = || submissions.prepare(&snapshot, &file).unwrap();
    assert_eq!((facts().earlier, facts().same_on_disk), (Earlier::default(), true));
    assert_eq!(facts().key_origin.as_deref(), Some("from a test"));
    begun(&submissions).finish(refused(b"why")).unwrap();
    let earlier = facts().earlier;
    assert_eq!((earlier.newest.map(|attempt| attempt.outcome), earlier.blocking), (Some(Outcome::Refused), None));
    drop(begun(&submissions));
    let earlier = facts().earlier;
    assert_eq!(earlier.newest, earlier.blocking);
    assert_eq!(earlier.blocking.map(|attempt| attempt.outcome), Some(Outcome::Unknown));
    std::fs::write(&file, "[2]").unwrap();
    assert!(!facts().same_on_disk);
}

#[test]
fn a_typed_key_takes_the_place_of_the_configured_one_and_a_fetched_one_is_read_once() {
    use secrecy::ExposeSecret;
    use std::sync::atomic::{AtomicU32, Ordering};
    let reads = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&reads);
    let read = Box::new(move || {
        counted.fetch_add(1, Ordering::SeqCst);
        Ok(Arc::new("tlk_configured".into()))
    });
    let keys = ApiKeys::new(Some(Configured { origin: "from a test".into(), variable: Some("TL_API_KEY"), read }));
    keys.fetch().unwrap();
    assert_eq!(keys.api_key().unwrap().expose_secret(), "tlk_configured");
    assert_eq!((reads.load(Ordering::SeqCst), keys.origin().as_deref()), (1, Some("from a test")));
    assert_eq!(keys.variable(), Some("TL_API_KEY"));
    keys.type_in("tlk_typed".into());
    assert_eq!(keys.api_key().unwrap().expose_secret(), "tlk_typed");
    assert_eq!(keys.origin().as_deref(), Some("typed in for this session"));
    assert_eq!(keys.variable(), None);
    assert!(!format!("{keys:?}").contains("tlk_typed"));
    assert!(matches!(ApiKeys::new(None).api_key(), Err(KeyError::Missing)));
}
