//! Online answers on the screens: built by hand and drawn, with assertions about the picture.

mod inspector;
mod parts;
mod screens;

use crate::app_driver::{App, NOW};
use crate::manifests::{manifest, row};
use crate::screens::{clean, news};
use cuecard::app::Msg;
use cuecard::app::layout::Layout;
use cuecard::app::msg::JobId;
use cuecard::app::screens::Screen;
use cuecard::domain::evidence::{
    Answer, Fact, Found, Index, IndexAnswer, Object, Observation, Observed, Progress, Scope, Subject, SubjectKind,
    SweepState, Unclear,
};
use cuecard::domain::manifest::{Field, RowId};
use cuecard::domain::subtitle::{Cue, Encoding, Format, Inspected, Other, Transcript};
use cuecard::domain::video::{Facts, Length};
use proptest::prelude::*;
use std::sync::Arc;
use std::time::Duration;

/// The news transcript of every mock-up, from the second to the given end.
pub fn cues(last_ms: u64) -> Transcript {
    let cue =
        |second: u64, text: &str| Cue { start_ms: second * 1_000, end_ms: second * 1_000 + 2_000, text: text.into() };
    Transcript {
        format: Format::Srt,
        encoding: Encoding::Utf8 { bom: false },
        apparent: 412,
        recovered: 412,
        first_ms: 1_000,
        last_ms,
        covered_ms: last_ms * 9 / 10,
        slices: [u64::MAX << 2, u64::MAX ^ (0xFFFF << 20)],
        opening: vec![
            cue(1, "Good evening.\nHere is the news."),
            cue(4, "The harbour reopened today after two years of works."),
            cue(9, "Our reporter was on the first ferry across."),
        ],
        faults: Vec::new(),
        language: None,
        is_cut: false,
    }
}

pub fn transcript(answer: Answer<Inspected>) -> Fact {
    Fact::Transcript(Object { region: Some("us-west-2".into()), signed: false, answer })
}

pub fn read(transcript_of: Transcript) -> Fact {
    let what = Inspected::Subtitles(Box::new(transcript_of));
    transcript(Answer::Found(Found { size: 38_412, etag: None, what }))
}

pub fn video(seconds: u64) -> Fact {
    let length = Length { ms: seconds * 1_000, is_rough: false, media_ms: None };
    video_of(Facts {
        duration: Some(length),
        coded: Some((1_920, 1_080)),
        display: Some((1_920, 1_080)),
        has_video: Some(true),
        has_audio: Some(true),
        ..Facts::default()
    })
}

fn video_of(what: Facts) -> Fact {
    let answer = Answer::Found(Found { size: 1_200_000_000, etag: None, what });
    Fact::Video(Box::new(Object { region: Some("us-west-2".into()), signed: false, answer }))
}

/// Applies an answer about a row, seven seconds after the first frame.
pub fn observe(app: &mut App, row: RowId, fact: Fact) {
    learn_as(app, row, Observation { at_ms: NOW.unix_ms + 7_000, requests: 1, cached: false, fact });
}

fn learn_as(app: &mut App, row: RowId, observation: Observation) {
    let kind = match observation.fact {
        Fact::Transcript(_) => SubjectKind::Transcript,
        Fact::Video(_) => SubjectKind::Video,
        Fact::Index(_) => SubjectKind::Index,
    };
    let session = app.model.session().unwrap();
    let subject = Subject::of(kind, session.now().value(row, kind.field()).text()).expect("it can be asked about");
    learn_of(app, row, subject, observation);
}

fn learn_of(app: &mut App, row: RowId, subject: Subject, observation: Observation) {
    let job = app.model.session().unwrap().online.job;
    app.send(Msg::Observed(job, vec![Observed { rows: vec![row], subject, observation: Some(Arc::new(observation)) }]));
}

/// All transcripts that the screen wants checked exist and are fine.
pub fn all_fine(app: &mut App) {
    let is_transcript = |subject: &Subject| [".srt", ".vtt"].iter().any(|end| subject.name().ends_with(end));
    let wanted = std::mem::take(&mut app.looked_at);
    for (row, subject) in wanted.into_iter().filter(|(_, subject)| is_transcript(subject)) {
        let observation = Observation { at_ms: NOW.unix_ms, requests: 1, cached: false, fact: read(cues(755_000)) };
        learn_of(app, row, subject, observation);
    }
}

/// Progress of a check of many rows.
pub fn sweep(app: &mut App, progress: Progress) {
    let scope = Scope { rows: None, transcripts: true, videos: false, indexes: false, afresh: false, share: None };
    let session = app.model.session_mut().unwrap();
    session.online.sweep = Some(scope);
    let job = session.online.job;
    app.send(Msg::OnlineMoved(job, progress));
}

pub fn under_way() -> Progress {
    Progress {
        sweep: 0,
        done: 1_204,
        total: 9_368,
        now: vec![16, 17],
        next_row: 18,
        requests: 1_206,
        each: Some(Duration::from_millis(240)),
        state: SweepState::Running,
    }
}

/// The table of the other pictures, half checked: 0711 has another row's transcript, too long for its video.
pub fn half_known() -> App {
    let mut app = App::open(&news()).keys("5Gd").keys("15Gx").keys("10Gk<space><space>").keys("12G");
    for row in [0, 1, 2, 3, 7, 8] {
        observe(&mut app, row, read(cues(755_000)));
    }
    observe(&mut app, 11, read(cues(1_862_000)));
    observe(&mut app, 11, video(760));
    observe(&mut app, 19, transcript(Answer::Missing { deleted: false, instead: None }));
    sweep(&mut app, under_way());
    app
}

/// Rows 1 and 2 with a transcript each, at row 1.
/// The inspector has 40 cells and a margin.
const WIDE: (u16, u16) = (123, 40);

fn two() -> App {
    App::open(&manifest([711, 712].map(|n| {
        row(format!("s3://acme-video/news/{n:04}.mp4")).transcript(format!("s3://acme-captions/news/{n:04}.srt"))
    })))
    .size(WIDE.0, WIDE.1)
}

fn with(facts: impl IntoIterator<Item = Fact>) -> App {
    let mut app = two();
    facts.into_iter().for_each(|fact| observe(&mut app, 0, fact));
    app
}

#[test]
fn rows_being_asked_about_say_so_unless_they_have_something_to_tell() {
    let mut app = half_known();
    let state = |app: &App, row: u32| -> String {
        let picture = clean(app);
        let line =
            (4..37).map(|y| picture.row(y)).find(|line| line.chars().skip(4).take(3).eq(format!("{row:>3}").chars()));
        let line = line.unwrap_or_else(|| panic!("{}", picture.text()));
        line.chars().skip(67).take(12).collect::<String>().trim().to_owned()
    };
    for (row, word) in [
        (1, "✓ ok"),
        (6, "○ missing"),
        (12, "▲ warn 2"),
        (13, "✗ error 1"),
        (15, "- excluded"),
        (16, "▲ warn 1"),
        (17, "◌ checking"),
        (18, "◌ checking"),
        (19, "· queued"),
        (20, "✗ error 1"),
    ] {
        assert!(state(&app, row).ends_with(word), "{row} is not {word}: {}", state(&app, row));
    }
    // During a repeated check the old word stays until the new answer.
    sweep(&mut app, Progress { now: vec![0, 11, 19], ..under_way() });
    assert!(state(&app, 1).ends_with("✓ ok") && state(&app, 20).ends_with("✗ error 1"));
}

fn fact() -> impl Strategy<Value = Fact> {
    let text = prop_oneof![".{0,80}", "[\u{0}-\u{1f}\u{200b}-\u{202e}한뉴👩\u{200d}e\u{301}a\n ]{0,40}"];
    let transcript_of = (
        any::<u64>(),
        any::<u32>(),
        any::<u32>(),
        any::<[u64; 2]>(),
        prop::collection::vec((any::<u64>(), text), 0..4),
    )
        .prop_map(|(last_ms, apparent, recovered, slices, opening)| {
            let opening =
                opening.into_iter().map(|(start_ms, text)| Cue { start_ms, end_ms: start_ms, text: text.into() });
            Transcript {
                apparent,
                recovered,
                slices,
                opening: opening.collect(),
                last_ms,
                covered_ms: last_ms / 3,
                ..cues(0)
            }
        });
    let facts = (any::<u64>(), any::<bool>(), any::<Option<(u32, u32)>>(), any::<Option<bool>>()).prop_map(
        |(ms, is_rough, coded, has_audio)| {
            video_of(Facts {
                duration: Some(Length { ms, is_rough, media_ms: None }),
                coded,
                has_audio,
                ..Facts::default()
            })
        },
    );
    let gone = prop_oneof![
        Just(Answer::NoBucket),
        Just(Answer::Empty),
        Just(Answer::Archived("\u{1b}GLACIER".into())),
        Just(Answer::Missing { deleted: true, instead: Some("a\u{202e}b.srt".into()) }),
        Just(Answer::Unclear(Unclear::Unreachable("\u{7}gone".into()))),
    ];
    prop_oneof![3 => transcript_of.prop_map(read), 2 => facts, 1 => gone.prop_map(transcript)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn an_answer_changes_nothing_but_states_tallies_inspector_and_message(
        facts in prop::collection::vec((0u32..2, fact()), 1..4), width in 60u16..150, height in 18u16..45
    ) {
        let mut app = two().size(width, height);
        let before = app.draw();
        for (row, fact) in facts {
            observe(&mut app, row, fact);
            sweep(&mut app, Progress { now: vec![row], ..under_way() });
        }
        let after = clean(&app);
        let layout = Layout::new(width, height, 2);
        for y in 4..layout.table.bottom() {
            for x in 0..layout.columns.state.x {
                prop_assert_eq!(&before.buffer[(x, y)], &after.buffer[(x, y)], "cell {},{}", x, y);
            }
        }
        for y in [0, 2, 3, height - 1] {
            prop_assert_eq!(before.row(y), after.row(y));
        }
        // With any answer, every screen that shows it can be drawn.
        for keys in ["<Tab>jjjj", "<Esc><Esc>e", "<Esc>R", "<Esc>!", "<Esc>"] {
            app.press(keys);
            clean(&app);
        }
    }
}

#[test]
fn an_answer_of_another_manifest_changes_nothing() {
    let mut app = two();
    let before = clean(&app).text();
    let subject =
        Subject::of(SubjectKind::Transcript, app.model.session().unwrap().now().value(0, Field::Transcription).text())
            .unwrap();
    let observation = Observation { at_ms: 0, requests: 1, cached: false, fact: transcript(Answer::Empty) };
    let observation = Some(Arc::new(observation));
    app.send(Msg::Observed(JobId(u64::MAX), vec![Observed { rows: vec![0], subject, observation }]));
    assert_eq!(clean(&app).text(), before);
}
