//! What is checked online by itself, what on command, and what happens with the answers.

use crate::app_driver::{App, NOW};
use crate::manifests::{self, INDEX};
use cuecard::app::Effect;
use cuecard::app::compute::Compute;
use cuecard::app::effect::SweepOrder;
use cuecard::app::message::Mark;
use cuecard::app::msg::Msg;
use cuecard::app::session::online::{Asked, asked};
use cuecard::domain::evidence::{
    Answer, Fact, IndexAnswer, Object, Observation, Observed, Progress, Subject, SubjectKind, SweepState, Unclear,
};
use cuecard::domain::manifest::RowId;
use cuecard::domain::subtitle::Inspected;
use std::sync::Arc;

/// Rows with a transcript each.
fn manifest(rows: usize) -> String {
    manifests::manifest(
        (1..=rows).map(|n| {
            manifests::row(format!("s3://acme-video/{n}.mp4")).transcript(format!("s3://acme-captions/{n}.srt"))
        }),
    )
}

fn captions(row: RowId) -> Subject {
    Subject::of(SubjectKind::Transcript, &format!("s3://acme-captions/{}.srt", row + 1)).unwrap()
}

fn missing(row: RowId) -> Observed {
    answered(row, Answer::Missing { deleted: false, instead: None })
}

fn answered(row: RowId, answer: Answer<Inspected>) -> Observed {
    let fact = Fact::Transcript(Object { region: None, signed: false, answer });
    let observation = Observation { at_ms: NOW.unix_ms, requests: 1, cached: false, fact };
    Observed { rows: vec![row], subject: captions(row), observation: Some(Arc::new(observation)) }
}

fn observe(app: &mut App, batch: Vec<Observed>) {
    let job = app.model.session().unwrap().online.job;
    app.send(Msg::Observed(job, batch));
}

fn rows(app: &App) -> Vec<RowId> {
    app.looked_at.iter().map(|(row, _)| *row).collect()
}

fn state(app: &App, row: RowId) -> Option<Asked> {
    asked(app.model.session().unwrap(), row)
}

#[test]
fn rows_on_the_screen_are_asked_about_the_one_in_hand_first_and_nothing_else() {
    let app = App::open(&manifest(500)).keys("gg20j");
    let rows = rows(&app);
    assert_eq!(rows[0], 20);
    assert_eq!(rows.len(), app.model.session().unwrap().in_view().min(rows.len()));
    assert!(rows.len() < 40, "{rows:?}");
    assert!(
        app.looked_at.iter().all(|(_, subject)| subject.kind() == SubjectKind::Transcript),
        "videos are never asked unasked"
    );
    assert_eq!((state(&app, 20), state(&app, 400)), (Some(Asked::Waits), None));
}

#[test]
fn scrolling_asks_only_about_rows_not_known_yet() {
    let mut app = App::open(&manifest(500)).size(120, 40);
    let first = rows(&app);
    observe(&mut app, first.iter().map(|row| missing(*row)).collect());
    assert_eq!(state(&app, 0), None);
    app.press("5j");
    assert_eq!(app.looked_at, [], "the rows in sight did not change");
    app.press("<PgDn>");
    let second = rows(&app);
    assert!(!second.is_empty() && second.iter().all(|row| !first.contains(row)), "{second:?}");
}

#[test]
fn offline_nothing_is_asked() {
    let mut app = App::new();
    app.model.options.offline = true;
    app.load(&manifest(50));
    app.press("jj:check all<Enter>:recheck<Enter>");
    assert_eq!(app.looked_at, []);
    let asks = |effect: &Effect| {
        matches!(effect, Effect::AskNow { .. } | Effect::AskAll { .. } | Effect::Compute(_, Compute::Plan { .. }))
    };
    assert!(!app.effects.iter().any(asks));
    app.draw().shows("offline");
}

#[test]
fn a_value_is_asked_about_while_it_is_typed_and_an_edited_row_when_it_has_left_the_screen() {
    let mut app = App::open(&manifest(500)).keys("gge<^u>");
    app.press("s3://acme-captions/300.srt");
    assert_eq!(app.looked_at[0].1, captions(299), "the typed text comes first");
    app.press("<Enter>G");
    assert!(app.looked_at.contains(&(0, captions(299))), "{:?}", app.looked_at);
    // Text that names no object is not checked.
    let app = App::open(&manifest(1)).keys("gge<^u>s3://acme");
    assert_eq!(app.looked_at, [(0, captions(0))], "the row as it stands, nothing of what is typed");
}

#[test]
fn an_answer_becomes_a_finding_of_its_row_and_of_no_edited_one() {
    let mut app = App::open(&manifest(3)).keys("ggd");
    observe(&mut app, vec![missing(0), missing(1)]);
    let session = app.model.session().unwrap();
    let findings = session.findings.as_ref().unwrap();
    assert_eq!((findings.tallies().errors, findings.tallies_of(1).errors), (1, 1));
    // Answers about another manifest are dropped.
    let mut app = App::open(&manifest(3));
    let job = app.model.session().unwrap().online.job;
    app.load(&manifest(2));
    app.send(Msg::Observed(job, vec![missing(0)]));
    assert_eq!(app.model.session().unwrap().findings.as_ref().unwrap().tallies().errors, 0);
}

#[test]
fn an_answer_that_was_told_before_reaches_another_row_and_is_asked_for_again_if_it_was_lost() {
    let mut app = App::open(&manifest(3));
    let told_before = || Observed { rows: vec![1], subject: captions(0), observation: None };
    let asks = |app: &App| {
        let asked = app.effects.iter().filter_map(|effect| match effect {
            Effect::AskNow { wanted, afresh: true, .. } => Some(wanted.clone()),
            _ => None,
        });
        asked.flatten().collect::<Vec<_>>()
    };
    observe(&mut app, vec![missing(0)]);
    app.effects.clear();
    observe(&mut app, vec![told_before()]);
    assert_eq!(asks(&app), []);
    let mut app = App::open(&manifest(3));
    observe(&mut app, vec![told_before()]);
    assert_eq!(asks(&app), [(1, captions(0))]);
}

#[test]
fn index_answer_applies_to_all_its_rows() {
    let mut app = App::open(&manifest(3)).keys(":check<Enter>");
    let index = Subject::of(SubjectKind::Index, INDEX).unwrap();
    let observation =
        Observation { at_ms: NOW.unix_ms, requests: 1, cached: false, fact: Fact::Index(IndexAnswer::Missing) };
    let errors = |app: &App| app.model.session().unwrap().findings.as_ref().unwrap().tallies().errors;
    observe(&mut app, vec![Observed { rows: vec![0], subject: index, observation: Some(Arc::new(observation)) }]);
    assert_eq!(errors(&app), 1, "the rest of what row 1 asked is still on its way");
    let video = Subject::of(SubjectKind::Video, "s3://acme-video/1.mp4").unwrap();
    let refused = Fact::Video(Box::new(Object {
        region: None,
        signed: false,
        answer: Answer::Refused { there: None, instead: None, because: None },
    }));
    let observation = Some(Arc::new(Observation { at_ms: NOW.unix_ms, requests: 1, cached: false, fact: refused }));
    observe(&mut app, vec![Observed { rows: vec![0], subject: video, observation }, missing(0)]);
    assert_eq!(errors(&app), 4, "three rows of that index, and one transcript");
}

#[test]
fn a_video_in_the_place_of_a_transcript_is_not_fetched() {
    let json = manifest(2).replace("acme-captions/2.srt", "acme-captions/2.mp4");
    assert_eq!(rows(&App::open(&json)), [0]);
}

#[test]
fn answers_during_a_full_check_are_kept() {
    let mut app = App::open(&manifest(3));
    app.held = true;
    // No edits remain: a check of all rows is started by hand, as after a stopped one.
    app.press("xu");
    let jobs = &mut app.model.jobs;
    let (options, size) = (cuecard::app::options::AppOptions::default(), (120, 40));
    let cuecard::app::model::Stage::Open(session) = &mut app.model.stage else { panic!("it is open") };
    let mut env = cuecard::app::session::Env { jobs, options: &options, now: NOW, size };
    let effects = session.check_again(&mut env).effects;
    observe(&mut app, vec![missing(1)]);
    app.held = false;
    effects.into_iter().for_each(|effect| app.carry_out(effect));
    assert_eq!(app.model.session().unwrap().findings.as_ref().unwrap().tallies().errors, 1);
}

#[test]
fn one_row_is_checked_at_once_with_its_video_and_index() {
    let app = App::open(&manifest(3)).keys("j:check<Enter>");
    let asks: Vec<_> = app
        .effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::AskNow { wanted, afresh, .. } => Some((wanted.clone(), *afresh)),
            _ => None,
        })
        .collect();
    assert_eq!(asks.len(), 1);
    let kinds: Vec<(RowId, SubjectKind)> = asks[0].0.iter().map(|(row, subject)| (*row, subject.kind())).collect();
    assert_eq!(kinds, [(1, SubjectKind::Transcript), (1, SubjectKind::Video), (1, SubjectKind::Index)]);
    assert!(!asks[0].1);
    assert_eq!(state(&app, 1), Some(Asked::Waits));
}

#[test]
fn a_recheck_asks_for_what_is_known_too() {
    let mut app = App::open(&manifest(1));
    observe(&mut app, vec![missing(0)]);
    app.press(":check<Enter>");
    let subjects = |app: &App| match app.effects.last() {
        Some(Effect::AskNow { wanted, afresh, .. }) => (wanted.len(), *afresh),
        other => panic!("{other:?}"),
    };
    assert_eq!(subjects(&app), (3, false), "what is known is answered without a request");
    app.press(":recheck<Enter>");
    assert_eq!(subjects(&app), (3, true));
}

#[test]
fn checking_everything_says_first_what_it_asks_for() {
    let mut app = App::open(&manifest(1_000)).keys(":check all<Enter>");
    app.draw().shows("1,000 transcripts, 1,000 videos, 1 index, 2 buckets: 2,003 requests, about 10.0 s");
    assert!(!app.effects.iter().any(|effect| matches!(effect, Effect::AskAll { .. })));
    app.press("t");
    let Some(Effect::AskAll { scope, total, .. }) = app.effects.last() else { panic!("{:?}", app.effects.last()) };
    assert_eq!((scope.transcripts, scope.videos, scope.indexes, *total), (true, false, false, 1_000));
    assert_eq!(state(&app, 999), Some(Asked::Waits));

    let mut app = App::open(&manifest(1_000)).keys(":check all<Enter>v");
    let Some(Effect::AskAll { scope, total, .. }) = app.effects.last() else { panic!("{:?}", app.effects.last()) };
    assert_eq!((scope.videos, *total), (true, 2_001));
    // Esc starts no check.
    app.effects.clear();
    app.press(":check all<Enter><Esc>");
    assert!(!app.effects.iter().any(|effect| matches!(effect, Effect::AskAll { .. })));
}

#[test]
fn a_check_of_many_rows_can_pause_go_on_and_stop_and_says_its_end() {
    let mut app = App::open(&manifest(1_000)).keys(":check all<Enter>t:pause<Enter>");
    let job = app.model.session().unwrap().online.job;
    assert!(matches!(app.effects.last(), Some(Effect::OrderOnline(_, SweepOrder::Pause))));
    app.press(":resume<Enter>");
    assert!(matches!(app.effects.last(), Some(Effect::OrderOnline(_, SweepOrder::GoOn))));
    let progress = Progress {
        sweep: 1,
        done: 500,
        total: 1_000,
        next_row: 510,
        now: vec![505],
        requests: 501,
        ..Progress::default()
    };
    app.send(Msg::OnlineMoved(job, Progress { state: SweepState::Running, ..progress.clone() }));
    assert_eq!([state(&app, 505), state(&app, 600)], [Some(Asked::Now), Some(Asked::Waits)]);
    app.press("<^c>");
    assert!(matches!(app.effects.last(), Some(Effect::OrderOnline(_, SweepOrder::Stop))));
    assert_eq!(state(&app, 999), None);

    app.press(":check all<Enter>t");
    // The last report of an earlier check ends nothing.
    app.send(Msg::OnlineMoved(job, Progress { done: 1_000, state: SweepState::Done, ..progress.clone() }));
    assert!(app.model.session().unwrap().online.sweep.is_some());
    app.send(Msg::OnlineMoved(
        job,
        Progress { sweep: 2, done: 1_000, state: SweepState::Done, now: Vec::new(), ..progress },
    ));
    app.draw().shows("checked 1,000 online with 501 requests; no errors");
    assert!(!app.model.is_busy());
}

#[test]
fn a_check_that_nobody_answered_says_how_many_could_not_be_checked_and_why() {
    let mut app = App::open(&manifest(3)).size(200, 40);
    app.press(":check all<Enter>t");
    let refused = |row| {
        let answer = Answer::Unclear(Unclear::Unreachable("connection refused".into()));
        let fact = Fact::Transcript(Object { region: None, signed: false, answer });
        let observation = Observation { at_ms: NOW.unix_ms, requests: 1, cached: false, fact };
        Observed { rows: vec![row], subject: captions(row), observation: Some(Arc::new(observation)) }
    };
    observe(&mut app, (0..3).map(refused).collect());
    let job = app.model.session().unwrap().online.job;
    let sweep = 1;
    let progress = Progress { sweep, done: 3, total: 3, requests: 1, state: SweepState::Done, ..Progress::default() };
    app.send(Msg::OnlineMoved(job, progress));
    let message = app.model.message.as_ref().unwrap();
    assert!(message.text.starts_with("asked 3 online with 1 request, 3 could not be checked: "), "{}", message.text);
    assert!(message.text.ends_with("connection refused; no errors"), "{}", message.text);
    assert_eq!(message.mark, Mark::Warning, "no green tick");
    app.press("R");
    app.draw().shows("could not be checked");
}

#[test]
fn a_transcript_found_while_names_are_compared_with_the_keys_stays_found() {
    let mut app = App::open(&manifest(3));
    observe(&mut app, vec![missing(1), missing(2)]);
    app.press(":source keys.txt<Enter>");
    app.held = true;
    app.source_holds("keys.txt", "s3://acme-captions/2.SRT\ns3://acme-captions/3.SRT\n");
    observe(&mut app, vec![answered(1, Answer::Empty)]);
    app.held = false;
    let spell = app.effects.iter().position(|effect| matches!(effect, Effect::Compute(_, Compute::Spell { .. })));
    let spell = app.effects.remove(spell.expect("the names are compared"));
    app.carry_out(spell);
    let evidence = app.model.session().unwrap().findings.as_ref().unwrap().evidence();
    let of = |row| match evidence.get(&captions(row)).unwrap().fact {
        Fact::Transcript(object) => object.answer,
        _ => unreachable!(),
    };
    assert_eq!(of(1), Answer::Empty);
    assert_eq!(of(2), Answer::Missing { deleted: false, instead: Some("3.SRT".into()) });
}

#[test]
fn a_transcript_that_is_listed_in_another_case_is_offered_whichever_is_known_first() {
    for keys_first in [true, false] {
        let mut app = App::open(&manifest(3));
        let list = |app: &mut App| {
            app.press(":source keys.txt<Enter>");
            app.source_holds("keys.txt", "s3://acme-captions/2.SRT\ns3://acme-captions/3.srt\n");
            app.press("<Esc>");
        };
        if keys_first {
            list(&mut app);
        }
        observe(&mut app, vec![missing(0), missing(1), missing(2)]);
        if !keys_first {
            list(&mut app);
        }
        app.press("ggj");
        app.draw().shows("2.SRT");
        let session = app.model.session().unwrap();
        let findings = session.findings.as_ref().unwrap();
        let fixes = |row| {
            let hits = findings.of_row(session.now(), row);
            hits.iter().filter_map(|hit| findings.explain(session.now(), row, hit).fix).count()
        };
        assert_eq!([0, 1, 2].map(fixes), [0, 1, 0], "keys first: {keys_first}");
    }
}
