//! Two transcripts of one row side by side, from where they differ: for rows to decide, of the pairs and of a merge.

use crate::app_driver::App;
use crate::manifests::{manifest, row};
use crate::observed::cues;
use cuecard::app::jobs::Task;
use cuecard::app::{Effect, JobId, Msg};
use cuecard::domain::evidence::{Answer, Fact, Found, Object, Observation, Observed, Subject, SubjectKind};
use cuecard::domain::subtitle::{Cue, Difference, Inspected};
use std::sync::Arc;

const GB: &str = "s3://acme-media/talks/interview-06.en-GB.vtt";
const US: &str = "s3://acme-media/talks/interview-06.en-US.vtt";

/// The transcript was read, and begins like all of these.
fn read(app: &mut App, row: u32, url: &str, etag: &str) {
    let answer = Answer::Found(Found {
        size: 38_412,
        etag: Some(etag.into()),
        what: Inspected::Subtitles(Box::new(cues(1_862_000))),
    });
    let fact = Fact::Transcript(Object { region: Some("us-west-2".into()), signed: false, answer });
    let observation = Some(Arc::new(Observation { at_ms: 0, requests: 1, cached: false, fact }));
    let subject = Subject::of(SubjectKind::Transcript, url).unwrap();
    let job = app.model.session().unwrap().online.job;
    app.send(Msg::Observed(job, vec![Observed { rows: vec![row], subject, observation }]));
}

fn cue(second: u64, text: &str) -> Option<Cue> {
    Some(Cue { start_ms: second * 1_000, end_ms: second * 1_000 + 900, text: text.into() })
}

fn colours() -> Difference {
    let one = cue(72, "The colour of the harbour, early in the morning,");
    Difference::At { cue: 14, one, two: cue(72, "The color of the harbor, early in the morning,") }
}

/// The comparisons that were asked for, and whether they were cancelled since.
fn asked(app: &App) -> Vec<(JobId, [String; 2], bool)> {
    let is_cancelled = |job| app.effects.iter().any(|effect| matches!(effect, Effect::Cancel(it) if *it == job));
    let asked = app.effects.iter().filter_map(|effect| match effect {
        Effect::CompareCues { job, pair, regions, .. } => {
            assert!(regions.iter().all(|region| region.as_deref() == Some("us-west-2")), "{regions:?}");
            Some((*job, pair.each_ref().map(|it| it.name().to_owned()), is_cancelled(*job)))
        }
        _ => None,
    });
    asked.collect()
}

/// A row to decide whose two candidates were read.
fn deciding(size: (u16, u16)) -> App {
    let mut app = crate::pairs::app().size(size.0, size.1).keys("PA<Enter>");
    read(&mut app, 4, GB, "a");
    read(&mut app, 4, US, "b");
    app
}

#[test]
fn what_differs_after_the_first_cues_is_read_and_shown_side_by_side() {
    for size in [(80, 24), (120, 40)] {
        let mut app = deciding(size);
        app.draw().shows("1 and 2 begin with the same 3 cues").shows("reading on to where they differ");
        let [(job, pair, false)] = &asked(&app)[..] else { panic!("{:?}", asked(&app)) };
        assert_eq!(*pair, [GB, US]);
        let job = *job;
        app.send(Msg::CuesCompared(job, Ok(colours())));
        let picture = app.draw();
        picture.shows("1 and 2 differ first at cue 14").hides("reading on");
        picture.shows("1  0:01:12").shows("The colour of the harbour").shows("The color of the harbor");
        // What is known is not read again.
        assert_eq!(asked(&app.keys("jk<Esc><Enter>")).len(), 1);
    }
}

#[test]
fn a_row_that_is_left_before_the_answer_drops_the_comparison() {
    let mut app = deciding((80, 24));
    let job = app.model.jobs.id(Task::Cues).unwrap();
    app.press("1");
    assert!(asked(&app)[0].2 && !app.model.jobs.has(Task::Cues));
    // A late answer is of a row that is not in front any more.
    app.send(Msg::CuesCompared(job, Ok(colours())));
    app.draw().hides("cue 14");
    app.press("u");
    assert_eq!(asked(&app).len(), 2, "back at the row, it is asked again");
}

#[test]
fn with_one_in_hand_its_own_cues_are_shown_and_nothing_is_compared() {
    let app = deciding((80, 24)).keys("j");
    app.draw().shows("1, first cues").hides("reading on");
    assert!(asked(&app)[0].2, "it is not needed any more");
}

#[test]
fn the_same_bytes_and_a_difference_in_the_first_cues_need_no_reading() {
    let mut app = crate::pairs::app().keys("PA<Enter>");
    read(&mut app, 4, GB, "a");
    read(&mut app, 4, US, "a");
    app.draw().shows("1 and 2 are the same bytes");
    assert!(asked(&app).is_empty());
}

#[test]
fn what_is_not_known_is_said() {
    let mut app = deciding((80, 24));
    let job = app.model.jobs.id(Task::Cues).unwrap();
    app.send(Msg::CuesCompared(job, Err("it asks to slow down".into())));
    app.draw().shows("begin with the same 3 cues").shows("? the rest is not known: it asks to slow down");
    for (difference, words) in [
        (Difference::SameBytes, "1 and 2 are the same bytes"),
        (Difference::Nowhere { cues: 412, is_whole: true }, "1 and 2 say the same in all 412 cues"),
        (
            Difference::Nowhere { cues: 9_000, is_whole: false },
            "1 and 2 begin with the same 9,000 cues; the rest is not read",
        ),
        (
            Difference::Everywhere { one: cue(1, "a").unwrap(), two: cue(1, "b").unwrap() },
            "1 and 2 differ in every cue",
        ),
        (Difference::NoCues, "1 and 2 can't be compared"),
    ] {
        let mut app = deciding((80, 24));
        let job = app.model.jobs.id(Task::Cues).unwrap();
        app.send(Msg::CuesCompared(job, Ok(difference)));
        app.draw().shows(words);
    }
    // A broken comparison is no endless one.
    let mut app = deciding((80, 24));
    let job = app.model.jobs.id(Task::Cues).unwrap();
    app.send(Msg::JobFailed(job, "a bug".into()));
    app.draw().shows("? the rest is not known: it could not be compared");
    assert_eq!(asked(&app).len(), 1);
}

#[test]
fn offline_nothing_is_read() {
    let mut app = crate::pairs::app().keys("PA<Enter>");
    app.model.options.offline = true;
    read(&mut app, 4, GB, "a");
    read(&mut app, 4, US, "b");
    app.draw().shows("the rest is not read, offline");
    assert!(asked(&app).is_empty());
}

#[test]
fn a_conflict_of_a_merge_shows_both_transcripts_from_where_they_differ() {
    let video = || row("s3://acme-media/talks/interview-06.mp4");
    for size in [(80, 24), (120, 40)] {
        let mut app = crate::merge::merging(&manifest([video().transcript(GB)]), &manifest([video().transcript(US)]));
        app = app.size(size.0, size.1).keys("<Enter>");
        app.draw().shows("1 yours").shows("2 export").shows("1  ◌ reading the first 64 KB");
        assert_eq!(app.looked_at.iter().map(|(_, it)| it.name()).collect::<Vec<_>>()[..2], [GB, US]);
        read(&mut app, 0, GB, "a");
        read(&mut app, 0, US, "b");
        app.draw().shows("412 cues, the last at 31:02").shows("reading on to where they differ");
        let job = app.model.jobs.id(Task::Cues).unwrap();
        app.send(Msg::CuesCompared(job, Ok(colours())));
        app.draw().shows("1 and 2 differ first at cue 14").shows("2  0:01:12  The color of the harbor");
        // The table shows no pair.
        assert!(app.keys("2<Esc>").model.jobs.id(Task::Cues).is_none());
    }
}
