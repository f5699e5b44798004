//! Killed at any moment and taken up again: no row is sent twice, and none is lost.

use super::{Desk, rows, told};
use cuecard::domain::rows::RowState;
use cuecard::io::store::Ledger;
use cuecard::sandbox::SandboxOptions;
use std::process::Stdio;
use std::time::{Duration, Instant};

const ROWS: usize = 1_000;

#[test]
fn a_thousand_rows_survive_kills_at_any_moment() {
    // 200 kills take minutes: tests/faults/rows.sh asks for them.
    let kills: usize = std::env::var("CUECARD_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(25);
    let options = SandboxOptions { videos_a_day: 1_000_000, ..SandboxOptions::default() };
    let desk = Desk::with(&rows(ROWS), options);
    let mut seed = u64::from(std::process::id());
    let mut random = move |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    let began = Instant::now();
    let (mut killed, mut before) = (0, 0);
    while killed < kills && (kills > 25 || began.elapsed() < Duration::from_secs(60)) {
        let mut child = desk.rows(&[]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // Not before it sends, or little would be seen; the rest of the rows is left for the other kills.
        let most = u64::try_from((ROWS - before) / (kills - killed)).unwrap();
        let until = before + usize::try_from(random(most.max(1))).unwrap();
        let wait = Instant::now();
        while seen(&desk) < until && wait.elapsed() < Duration::from_secs(20) {
            std::thread::sleep(Duration::from_micros(300));
        }
        std::thread::sleep(Duration::from_micros(random(60_000)));
        let had_ended = child.try_wait().unwrap().is_some();
        child.kill().unwrap();
        child.wait().unwrap();
        if had_ended {
            break;
        }
        killed += 1;
        before = seen(&desk);
    }
    let (exit, out, err) = told(&desk.rows(&[]).output().unwrap());
    assert!(exit == 0 || exit == 5, "{exit} {out} {err}");
    let taken = desk.taken();
    let twice: Vec<_> = taken.iter().filter(|(_, ids)| ids.len() > 1).collect();
    assert!(twice.is_empty(), "sent twice after {killed} kills: {twice:?}");

    let ledger = Ledger::open(&desk.path("state")).unwrap();
    let kept = ledger.rows_of(1).unwrap();
    assert_eq!(kept.iter().map(|row| row.place).collect::<Vec<_>>(), (0..ROWS as u32).collect::<Vec<_>>());
    let mut unknown = 0;
    for row in &kept {
        let name = row.object.rsplit('/').next().unwrap();
        match row.state {
            RowState::Accepted => assert_eq!(row.task.as_ref(), taken[name].first(), "{row:?}"),
            RowState::Unknown => unknown += 1,
            state => panic!("{state:?} after {killed} kills: {row:?}"),
        }
    }
    // What the service took and the ledger doesn't call accepted is called unknown, never not sent.
    assert!(unknown <= killed * 4, "{unknown} unknown after {killed} kills");
    eprintln!("{killed} kills in {:.1?}: {unknown} unknown, {} taken in", began.elapsed(), taken.len());
    assert!(killed >= 10, "only {killed} kills");
}

fn seen(desk: &Desk) -> usize {
    desk.sandbox.api_count() as usize
}
