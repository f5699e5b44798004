//! What was learnt online, on the screens: built by hand, drawn, and what must and must not be in the picture.

use crate::app_driver::{App, NOW};
use crate::screens::{clean, news};
use cuecard::app::Msg;
use cuecard::app::layout::Layout;
use cuecard::app::msg::JobId;
use cuecard::app::screens::Screen;
use cuecard::domain::evidence::{
    Answer, Fact, Found, Index, IndexAnswer, Kind, Learnt, Looked, Object, Progress, Scope, Subject, SweepState,
    Unclear,
};
use cuecard::domain::manifest::{Field, RowId};
use cuecard::domain::subtitle::{Cue, Encoding, Format, Inspected, Other, Transcript};
use cuecard::domain::video::{Facts, Length};
use proptest::prelude::*;
use std::sync::Arc;
use std::time::Duration;

/// The news that every mock-up shows: it stands from the second to the given end.
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
        has_video: Some(true),
        has_audio: Some(true),
        ..Facts::default()
    })
}

fn video_of(what: Facts) -> Fact {
    let answer = Answer::Found(Found { size: 1_200_000_000, etag: None, what });
    Fact::Video(Object { region: Some("us-west-2".into()), signed: false, answer })
}

/// Takes in an answer about what a row names, seven seconds after the rows were drawn first.
pub fn learn(app: &mut App, row: RowId, fact: Fact) {
    learn_as(app, row, Looked { at_ms: NOW.unix_ms + 7_000, requests: 1, remembered: false, fact });
}

fn learn_as(app: &mut App, row: RowId, looked: Looked) {
    let kind = match looked.fact {
        Fact::Transcript(_) => Kind::Transcript,
        Fact::Video(_) => Kind::Video,
        Fact::Index(_) => Kind::Index,
    };
    let desk = app.model.desk().unwrap();
    let subject = Subject::of(kind, desk.now().value(row, kind.field()).text()).expect("it can be asked about");
    learn_of(app, row, subject, looked);
}

fn learn_of(app: &mut App, row: RowId, subject: Subject, looked: Looked) {
    let job = app.model.desk().unwrap().looking.job;
    app.send(Msg::Learnt(job, vec![Learnt { rows: vec![row], subject, looked: Arc::new(looked) }]));
}

/// All transcripts that the screen wants to know of are there, and fine.
pub fn all_fine(app: &mut App) {
    let is_transcript = |subject: &Subject| [".srt", ".vtt"].iter().any(|end| subject.name().ends_with(end));
    let wanted = std::mem::take(&mut app.looked_at);
    for (row, subject) in wanted.into_iter().filter(|(_, subject)| is_transcript(subject)) {
        let looked = Looked { at_ms: NOW.unix_ms, requests: 1, remembered: false, fact: read(cues(755_000)) };
        learn_of(app, row, subject, looked);
    }
}

/// A check of many rows, so far.
pub fn sweep(app: &mut App, progress: Progress) {
    let scope = Scope { rows: None, transcripts: true, videos: false, indexes: false, afresh: false };
    let desk = app.model.desk_mut().unwrap();
    desk.looking.sweep = Some(scope);
    let job = desk.looking.job;
    app.send(Msg::Looking(job, progress));
}

pub fn under_way() -> Progress {
    Progress {
        done: 1_204,
        total: 9_368,
        now: vec![16, 17],
        next_row: 18,
        requests: 1_206,
        each: Some(Duration::from_millis(240)),
        state: SweepState::Running,
    }
}

/// The table of the other pictures, half of it looked at: 0711 has another row's transcript, too long for its video.
pub fn half_known() -> App {
    let mut app = App::open(&news()).keys("5Gd").keys("15Gx").keys("10Gk<space><space>").keys("12G");
    for row in [0, 1, 2, 3, 7, 8] {
        learn(&mut app, row, read(cues(755_000)));
    }
    learn(&mut app, 11, read(cues(1_862_000)));
    learn(&mut app, 11, video(760));
    learn(&mut app, 19, transcript(Answer::Missing { deleted: false, instead: None }));
    sweep(&mut app, under_way());
    app
}

/// Rows 1 and 2 with a transcript each, at row 1.
fn two() -> App {
    let row = |n: u32| {
        serde_json::json!({"index_id": "6298d673f1090f1100476d4c", "language": "en",
            "object": format!("s3://acme-video/news/{n:04}.mp4"), "transcription": format!("s3://acme-captions/news/{n:04}.srt")})
    };
    App::open(&serde_json::to_string(&[row(711), row(712)]).unwrap())
}

fn with(facts: impl IntoIterator<Item = Fact>) -> App {
    let mut app = two();
    facts.into_iter().for_each(|fact| learn(&mut app, 0, fact));
    app
}

/// The pane beside the table, without its blank lines.
fn pane(app: &App) -> Vec<String> {
    let picture = clean(app);
    let x = Layout::new(120, 40, 48).inspector.area().unwrap().x;
    let lines = (4..37).map(|y| (x..120).map(|x| picture.buffer[(x, y)].symbol()).collect::<String>());
    lines.map(|line| line.trim_end().to_owned()).filter(|line| !line.is_empty()).collect()
}

#[track_caller]
fn has(app: &App, line: &str) {
    let pane = pane(app);
    assert!(pane.iter().any(|of| of.contains(line)), "{line:?} is not in\n{}", pane.join("\n"));
}

#[test]
fn rows_being_asked_about_say_so_unless_they_have_something_to_tell() {
    let mut app = half_known();
    let state = |app: &App, row: u32| -> String {
        let picture = clean(app);
        let line =
            (4..37).map(|y| picture.row(y)).find(|line| line.chars().skip(4).take(3).eq(format!("{row:>3}").chars()));
        let line = line.unwrap_or_else(|| panic!("{}", picture.text()));
        line.chars().skip(64).take(12).collect::<String>().trim().to_owned()
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
    // A second question keeps the old word until the new one is there.
    sweep(&mut app, Progress { now: vec![0, 11, 19], ..under_way() });
    assert!(state(&app, 1).ends_with("✓ ok") && state(&app, 20).ends_with("✗ error 1"));
}

#[test]
fn the_inspector_tells_facts_and_how_they_were_learnt() {
    let app = with([read(cues(755_000)), video(760)]);
    has(&app, "video            12:40  1920x1080  audio");
    has(&app, "transcript          412 cues  SRT  38 KB");
    has(&app, "transcript  checked 14:01:07, 1 request");
    has(&app, "video       checked 14:01:07, 1 request");
    has(&app, "cues                 0:01 to 12:35, 89 %");
    has(&app, "0:00                               12:40");
    has(&app, " 1  0:00:01  Good evening.");
    has(&app, "             Here is the news.");
    has(&app, " 2  0:00:04  The harbour reopened today");
}

#[test]
fn what_is_not_known_is_a_dash_in_its_place_and_what_cannot_be_told_is_left_out() {
    let app = two();
    has(&app, "video                                  –");
    has(&app, "transcript                             –");
    assert!(!pane(&app).iter().any(|line| line.contains("cues")));
    let facts = |facts: Facts| with([video_of(facts)]);
    has(&facts(Facts::default()), "1.2 GB");
    has(&facts(Facts { has_audio: Some(false), ..Facts::default() }), "no audio");
    let rough = Some(Length { ms: 760_000, is_rough: true, media_ms: None });
    let upright = Facts { duration: rough, display: Some((1_920, 1_080)), rotation: 90, ..Facts::default() };
    has(&facts(upright), "about 12:40  1080x1920");
}

#[test]
fn what_was_not_verified_says_why_and_is_no_finding() {
    let private =
        Fact::Video(Object { region: None, signed: false, answer: Answer::Refused { there: None, instead: None } });
    let app = with([private, transcript(Answer::Unclear(Unclear::Throttled))]);
    has(&app, "video               private, not checked");
    has(&app, "transcript                  not verified");
    has(&app, "transcript  not verified: S3 asks to");
    clean(&app).shows("✗ errors 0");
}

#[test]
fn an_earlier_run_is_named_with_its_day_and_credentials_are_not_hidden() {
    let mut app = two();
    let Fact::Transcript(object) = read(cues(755_000)) else { unreachable!() };
    let fact = Fact::Transcript(Object { signed: true, ..object });
    let looked = Looked { at_ms: NOW.unix_ms - 11 * 86_400_000, requests: 1, remembered: true, fact };
    learn_as(&mut app, 0, looked);
    has(&app, "transcript  remembered from 12 Nov");
    assert!(pane(&app).join(" ").contains("asked with your AWS"), "{}", pane(&app).join("\n"));
    // What these credentials can read need not be public.
    let app = app.keys("e");
    clean(&app).shows("i read with your AWS credentials, 412 cues, 38 KB").hides("✓ public");
}

#[test]
fn an_index_is_named() {
    let index =
        Index { name: Some("evening\u{1b}[31m news".into()), engines: vec!["marengo2.6".into()], ..Index::default() };
    let app = with([Fact::Index(IndexAnswer::Found(index))]);
    has(&app, "index       checked 14:01:07, 1 request;");
    assert!(pane(&app).join(" ").contains("marengo2.6"));
}

#[test]
fn what_stands_after_the_end_of_the_video_is_marked() {
    let app = with([read(cues(1_862_000)), video(760)]);
    has(&app, "▲ cues-past-end");
    let carets = pane(&app).into_iter().find(|line| line.contains('^')).expect("it is marked");
    assert_eq!(carets, format!("0:00       12:40 {}", "^".repeat(23)), "12:40 of 31:02 are 17 of 40 cells");
    // A clock that rounds is no fault.
    assert!(!pane(&with([read(cues(760_400)), video(760)])).iter().any(|line| line.contains('^')));
}

#[test]
fn the_bar_shows_where_cues_stand_in_glyphs_that_every_terminal_has() {
    let half = Transcript { slices: [u64::MAX, 0], ..cues(760_000) };
    let mut app = with([read(half), video(760)]);
    has(&app, &format!("{}{}", "━".repeat(20), "─".repeat(20)));
    app.model.look.ascii = true;
    has(&app, &format!("{}{}", "=".repeat(20), "-".repeat(20)));
    // Without the video the cues have the whole bar, and the scale says how long that is.
    let app = with([read(cues(400_000))]);
    has(&app, "0:00                                6:40");
}

#[test]
fn cues_begin_at_the_same_line_however_much_is_known() {
    let line_of = |app: &App| clean(app).find("0:00:01").0;
    let lines = [
        with([read(cues(755_000))]),
        with([read(cues(755_000)), video(760)]),
        with([video(760), read(cues(1_862_000))]),
    ];
    assert_eq!(lines.each_ref().map(line_of), [line_of(&lines[0]); 3]);
}

#[test]
fn in_the_few_lines_below_the_table_the_first_cue_stands_last() {
    let app = with([read(cues(1_862_000)), video(760)]).size(80, 24);
    let picture = clean(&app);
    assert!(picture.row(16).ends_with(" 12:40"), "{}", picture.text());
    assert!(picture.row(17).ends_with(" 412 cues"), "{}", picture.text());
    assert!(picture.row(21).starts_with(" 1  0:00:01  Good evening. Here is the news."), "{}", picture.text());
    assert!(picture.row(21).ends_with("lines  Tab"), "{}", picture.text());
    clean(&app.keys("<Tab>jjjjjjjjjjjj")).shows("first ferry");
}

#[test]
fn hostile_and_wide_cues_are_shown_safely() {
    let mut hostile = cues(755_000);
    hostile.opening = vec![
        Cue { start_ms: 0, end_ms: 1, text: "\u{1b}[2J\u{202e}drow\u{200b}\r\n\t\0x".into() },
        Cue {
            start_ms: 1_000, end_ms: 2_000, text: "한국어 저녁 뉴스입니다. 항구가 오늘 다시 열렸습니다.".into()
        },
        Cue { start_ms: 2_000, end_ms: 3_000, text: "".into() },
    ];
    hostile.encoding = Encoding::Legacy("\u{1b}]0;x\u{7}".into());
    for (width, height) in [(120, 40), (80, 24), (60, 18)] {
        let app = with([read(hostile.clone())]).size(width, height);
        let app = if width == 60 { app.keys("<Tab>jjjjjj") } else { app };
        clean(&app).shows("‹U+202E›").hides("\u{1b}").hides("\u{202e}");
    }
    let app = with([read(hostile)]);
    has(&app, " 3  0:00:02");
    clean(&app).shows("한국어");
}

#[test]
fn the_editor_says_what_s3_says_of_the_typed_transcript() {
    let typed = "s3://acme-captions/evening/0711.srt";
    let edit = |fact: Option<Fact>| {
        let mut app = two();
        if let Some(fact) = fact {
            let looked = Looked { at_ms: NOW.unix_ms, requests: 1, remembered: false, fact };
            learn_of(&mut app, 0, Subject::of(Kind::Transcript, typed).unwrap(), looked);
        }
        app.keys("c").paste(typed)
    };
    clean(&edit(None)).shows("▌ ◌ asking S3");
    clean(&edit(Some(read(cues(755_000))))).shows("✓ looks right").shows("▌ ✓ public, 412 cues, 38 KB");
    clean(&edit(Some(transcript(Answer::Missing { deleted: false, instead: None })))).shows("▌ ✗ not there");
    clean(&edit(Some(transcript(Answer::Unclear(Unclear::Silent(10))))))
        .shows("▌ ? not verified: S3 was silent for 10");
    let html = Answer::Found(Found { size: 900, etag: None, what: Inspected::Other(Other::Html) });
    clean(&edit(Some(transcript(html)))).shows("▌ ✗ transcript-not-subtitles  This is an HTML page");
    // At 120 cells the inspector has the typed text's cues, and says whose they are.
    clean(&edit(Some(read(cues(755_000))))).shows("cues of the typed text").shows("Good evening.");
    clean(&edit(None)).shows("no cues to show yet").shows("not read yet");
    let mut offline = edit(None);
    offline.model.options.offline = true;
    clean(&offline).shows("· in the bucket: not looked up, offline");
}

#[test]
fn a_text_with_an_error_is_not_looked_up() {
    let app = two().keys("c").paste("s3://acme-captions/news/0711.vt");
    clean(&app).shows("· in the bucket: not looked up while the text has an error");
    assert!(!app.looked_at.iter().any(|(_, subject)| subject.name().ends_with(".vt")), "{:?}", app.looked_at);
}

/// The picker on row 1 with the key of row 2 and another one.
fn picking(facts: impl IntoIterator<Item = Fact>) -> App {
    let mut app = two().with_keys("acme-captions", &["news/0711.en.vtt", "news/0712.srt"]);
    app.model.desk_mut().unwrap().keys.source = Some("s3://acme-captions/".into());
    app.press("o");
    let Some(Screen::Picker(picker)) = app.model.screens.last() else { panic!("it is open") };
    let url = picker.offers[picker.scroll.cursor].url.clone();
    assert_eq!(url, "s3://acme-captions/news/0711.en.vtt");
    for fact in facts {
        if matches!(fact, Fact::Video(_)) {
            learn(&mut app, 0, fact);
        } else {
            let looked = Looked { at_ms: NOW.unix_ms, requests: 1, remembered: false, fact };
            learn_of(&mut app, 0, Subject::of(Kind::Transcript, &url).unwrap(), looked);
        }
    }
    app
}

#[test]
fn the_preview_reads_the_chosen_transcript() {
    let loading = picking([]);
    clean(&loading).shows("◌ reading it").shows("in the listing, 41,207 bytes").shows("✓ no other row uses it");
    let vtt = Transcript { format: Format::WebVtt, ..cues(499_000) };
    let app = picking([video(502), read(vtt.clone())]);
    let picture = clean(&app);
    picture.shows("news/0711.mp4  8:22").shows("WebVTT  UTF-8").shows("✓ 412 cues, 0:01 to 8:19, the video ends 8:22");
    picture.shows("✓ public, 38,412 bytes").shows("✓ no other row uses it").shows(" 1  0:00:01  Good evening.");
    let picture = clean(&app.size(80, 24));
    picture.shows("✓ public, 38,412 bytes, no other row uses it").shows("Here is the news.");
    picture.hides("s3://acme-captions/news/0711.en.vtt");
    // Its worst fault takes a line of the three.
    let lost = picking([read(Transcript { recovered: 10, ..vtt })]);
    clean(&lost).shows("✗ 10 of 412 cues, 0:01 to 8:19").shows("✗ cues-lost  A common parser").shows("✓ public");
    clean(&picking([transcript(Answer::Refused { there: Some(true), instead: None })]))
        .shows("✗ there, and not public");
    let mut offline = picking([]);
    offline.model.options.offline = true;
    clean(&offline).shows("· offline, not read").hides("reading it");
}

#[test]
fn the_review_says_how_much_was_looked_at_and_when() {
    let mut app = two().keys("R");
    clean(&app).shows("not checked online.  :check all does");
    clean(&two().size(80, 24).keys("R")).shows("not checked online.  :check all does");
    app.model.options.offline = true;
    clean(&app).hides("not checked online");
    let known = |app: &mut App| {
        learn(app, 0, read(cues(755_000)));
        learn(app, 0, video(760));
        learn(app, 1, transcript(Answer::Unclear(Unclear::Throttled)));
    };
    let mut app = two().keys("R");
    known(&mut app);
    let picture = clean(&app);
    let line = |word: &str| picture.find(word).1.split_whitespace().rev().take(3).collect::<Vec<_>>().join(" ");
    assert_eq!(line("verified online"), "14:01 online verified");
    assert_eq!(line("transcripts "), "2 of 1");
    assert_eq!(line("videos "), "2 of 1");
    assert_eq!(line("could not be told "), "1 told be");
    clean(&app.keys("S")).shows("✓ 1 transcript verified 14:01");
    let mut app = two().keys("R");
    known(&mut app);
    let app = app.size(80, 24);
    clean(&app).shows("verified online: transcripts 1 of 2, 14:01   could not be told 1");
    assert!(matches!(app.model.screens.last(), Some(Screen::Review(_))));
}

#[test]
fn problems_say_that_they_are_not_all_while_links_are_checked() {
    let mut app = two();
    sweep(&mut app, under_way());
    app.press("!");
    clean(&app).shows("No problems in 2 rows.").shows("so far, 1,204 of 9,368 links checked");
    learn(&mut app, 0, transcript(Answer::Empty));
    let app = app.keys("<Esc>!");
    clean(&app).shows("1 finding, 1 rule so far").shows("transcript-empty");
}

#[test]
fn the_message_line_tells_how_far_a_check_is_and_why_it_stands() {
    let mut app = two();
    sweep(&mut app, under_way());
    clean(&app).shows("◓ checking 1,204 of 9,368, about 2:02 min left  ━╸──────────");
    clean(&app.size(60, 18)).shows("◓ checking 1,204 of 9,368");
    let mut app = two();
    sweep(&mut app, Progress { state: SweepState::Paused, ..under_way() });
    clean(&app).shows("paused, 1,204 of 9,368 checked");
    sweep(&mut app, Progress { state: SweepState::Resting("S3 asks to slow down".into()), ..under_way() });
    app.model.message = None;
    clean(&app).shows("stands still, 1,204 of 9,368 checked: S3 asks to slow down");
}

#[test]
fn the_question_before_a_check_of_all_keeps_what_it_costs() {
    let rows: Vec<_> = (0..60)
        .map(|n| serde_json::json!({"index_id": format!("{n:024x}"), "language": "en",
            "object": format!("s3://acme-video-{n}/{n}.mp4"), "transcription": format!("s3://acme-captions-{n}/{n}.srt")}))
        .collect();
    let app = App::open(&serde_json::to_string(&rows).unwrap());
    let app = app.keys(":check all<Enter>");
    clean(&app).shows("60 transcripts, 60 videos, 60 indexes, 120 buckets: 300 requests, about 1.5 s");
    for (width, height) in [(76, 24), (60, 18)] {
        let mut app = App::open(&serde_json::to_string(&rows).unwrap()).size(width, height).keys("fs3<Enter>");
        app.press(":check all<Enter>");
        clean(&app).shows("300 requests, about 1.5 s: 60 transcripts").shows("t only transcripts   v videos too");
    }
}

#[test]
fn only_what_has_something_to_ask_is_offered() {
    let rows: Vec<_> = (0..40)
        .map(|n| serde_json::json!({"index_id": "", "language": "en", "object": "", "transcription": format!("s3://acme-captions/{n}.srt")}))
        .collect();
    let app = App::open(&serde_json::to_string(&rows).unwrap()).keys(":check all<Enter>");
    clean(&app).shows("t only transcripts").hides("videos too");
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
            learn(&mut app, row, fact);
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
        // Whatever was learnt, each screen that tells of it can be drawn.
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
        Subject::of(Kind::Transcript, app.model.desk().unwrap().now().value(0, Field::Transcription).text()).unwrap();
    let looked = Arc::new(Looked { at_ms: 0, requests: 1, remembered: false, fact: transcript(Answer::Empty) });
    app.send(Msg::Learnt(JobId(u64::MAX), vec![Learnt { rows: vec![0], subject, looked }]));
    assert_eq!(clean(&app).text(), before);
}
