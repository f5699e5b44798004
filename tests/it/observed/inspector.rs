//! The inspector: facts beside the labels, their origin, the first cues, and the bar of their times.

use super::*;

/// The pane beside the table, without its blank lines.
fn pane(app: &App) -> Vec<String> {
    let picture = clean(app);
    let x = Layout::new(WIDE.0, WIDE.1, 48).inspector.area().unwrap().x;
    let lines = (4..37).map(|y| (x..WIDE.0).map(|x| picture.buffer[(x, y)].symbol()).collect::<String>());
    lines.map(|line| line.trim_end().to_owned()).filter(|line| !line.is_empty()).collect()
}

#[track_caller]
fn has(app: &App, line: &str) {
    let pane = pane(app);
    assert!(pane.iter().any(|of| of.contains(line)), "{line:?} is not in\n{}", pane.join("\n"));
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
fn unknown_facts_show_a_dash_and_unclear_ones_are_omitted() {
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
fn unverified_objects_say_why_without_a_finding() {
    let private = Fact::Video(Box::new(Object {
        region: None,
        signed: false,
        answer: Answer::Refused { there: None, instead: None, because: None },
    }));
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
    let observation = Observation { at_ms: NOW.unix_ms - 11 * 86_400_000, requests: 1, cached: true, fact };
    learn_as(&mut app, 0, observation);
    has(&app, "transcript  remembered from 12 Nov");
    assert!(pane(&app).join(" ").contains("asked with your AWS"), "{}", pane(&app).join("\n"));
    // An object readable with these credentials need not be public.
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
    // A difference from rounding is not a fault.
    assert!(!pane(&with([read(cues(760_400)), video(760)])).iter().any(|line| line.contains('^')));
}

#[test]
fn the_bar_shows_where_cues_stand_in_glyphs_that_every_terminal_has() {
    let half = Transcript { slices: [u64::MAX, 0], ..cues(760_000) };
    let mut app = with([read(half), video(760)]);
    has(&app, &format!("{}{}", "━".repeat(20), "─".repeat(20)));
    app.model.look.ascii = true;
    has(&app, &format!("{}{}", "=".repeat(20), "-".repeat(20)));
    // Without the video the cues fill the bar, and the scale shows their length.
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
