use super::*;
use crate::domain::request::Address;
use crate::settings::Origin;

fn world(state: &Path) -> World {
    World {
        state: state.to_owned(),
        address: Address::parse("https://api.twelvelabs.io/v1.2", false).unwrap(),
        profile: None,
        key: Setting { value: KeySource::Given("tlk_CANARY".into()), origin: Origin::Default },
        idle: Duration::from_secs(1),
        s3: crate::io::s3::Options::default(),
        offline: true,
        at_once: 1,
    }
}

/// An upload of this process that has begun.
fn begun(world: &World, unwritten: &Arc<Unwritten>) -> UnderWay {
    let manifest = crate::domain::manifest::Manifest::parse(b"[1]".to_vec()).unwrap();
    let snapshot = Snapshot::of(Arc::new(manifest));
    let fingerprint = Fingerprint::of(snapshot.pieces());
    let path = "/m.json".into();
    let order = effect::Send { job: JobId(1), snapshot, path, fingerprint, rows: 1, again: false };
    let begun = begin(world, &Keys::new(world.key.clone()), unwritten, &order);
    begun.map_err(|not_begun| not_begun.why).unwrap().1
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
    let (world, unwritten) = (world(folder.path()), Arc::default());
    let mut under_way = begun(&world, &unwritten);
    let id = under_way.id;
    let settle = || settle(&world, &unwritten, id, true).map(|attempt| attempt.outcome);
    assert_eq!(settle(), Err("this upload is not open: it is still being sent".into()));
    under_way.ended = refused(b"no");
    drop(under_way);
    assert_eq!(settle(), Err("this upload is not open: it was refused".into()));
    assert_eq!(super::settle(&world, &unwritten, id + 1, true), Err("this upload is not in the ledger".into()));
}

#[test]
fn an_upload_whose_task_broke_off_is_unknown_and_can_be_settled_once() {
    let folder = tempfile::tempdir().unwrap();
    let (world, unwritten) = (world(folder.path()), Arc::default());
    let id = {
        let under_way = begun(&world, &unwritten);
        under_way.id
    };
    let settled = settle(&world, &unwritten, id, false).unwrap();
    assert_eq!((settled.outcome, settled.blocks()), (Outcome::Unknown, false));
    let again = settle(&world, &unwritten, id, true).unwrap_err();
    assert_eq!(again, "this upload is not open: not accepted, says the operator");
}

#[test]
fn an_outcome_that_could_not_be_written_is_written_when_the_ledger_can_be_again() {
    let folder = tempfile::tempdir().unwrap();
    let (world, unwritten) = (world(folder.path()), Arc::default());
    let mut under_way = begun(&world, &unwritten);
    let id = under_way.id;
    let database = rusqlite::Connection::open(folder.path().join("ledger.db")).unwrap();
    let full = "CREATE TRIGGER full BEFORE UPDATE ON attempt BEGIN SELECT RAISE(ABORT, 'full'); END";
    database.execute_batch(full).unwrap();
    under_way.ended = refused(b"why");
    drop(under_way);
    assert!(settle(&world, &unwritten, id, true).is_err());
    assert!(log(&world, &unwritten).unwrap()[0].under_way, "the log can be read all the same");
    database.execute_batch("DROP TRIGGER full").unwrap();
    let listed = log(&world, &unwritten).unwrap().remove(0);
    assert_eq!((listed.outcome, listed.is_whole()), (Outcome::Refused, false));
    let whole = attempt(&world, &unwritten, id).unwrap().unwrap();
    assert_eq!(whole.ended, refused(b"why"));
}
