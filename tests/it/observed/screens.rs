//! The editor, the picker, the review, the list of problems, and the message line.

use super::*;
use crate::manifests::{manifest, row};
use cuecard::domain::subtitle::{Fault, FaultKind};

#[test]
fn the_editor_says_what_s3_says_of_the_typed_transcript() {
    let typed = "s3://acme-captions/evening/0711.srt";
    let edit = |fact: Option<Fact>| {
        let mut app = two();
        if let Some(fact) = fact {
            let observation = Observation { at_ms: NOW.unix_ms, requests: 1, cached: false, fact };
            learn_of(&mut app, 0, Subject::of(SubjectKind::Transcript, typed).unwrap(), observation);
        }
        app.keys("c").paste(typed)
    };
    clean(&edit(None)).shows("▌ ◌ asking S3");
    clean(&edit(Some(read(cues(755_000))))).shows("✓ the address is well formed").shows("▌ ✓ public, 412 cues, 38 KB");
    clean(&edit(Some(transcript(Answer::Missing { deleted: false, instead: None })))).shows("▌ ✗ no such object");
    clean(&edit(Some(transcript(Answer::Unclear(Unclear::Silent(10))))))
        .shows("▌ ? not verified: S3 was silent for 10");
    let html = Answer::Found(Found { size: 900, etag: None, what: Inspected::Other(Other::Html) });
    clean(&edit(Some(transcript(html)))).shows("▌ ✗ transcript-not-subtitles  This is an HTML page");
    // At 120 cells the inspector shows the typed text's cues and says so.
    clean(&edit(Some(read(cues(755_000))))).shows("cues of the typed text").shows("Good evening.");
    clean(&edit(None)).shows("no cues yet").shows("not read yet");
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

/// The picker on row 1 with row 2's key and another one.
fn picking(facts: impl IntoIterator<Item = Fact>) -> App {
    let mut app = two().size(120, 40).with_keys("acme-captions", &["news/0711.en.vtt", "news/0712.srt"]);
    app.press("o");
    let Some(Screen::Picker(picker)) = app.model.screens.last() else { panic!("it is open") };
    let url = picker.offers[picker.scroll.cursor].url.clone();
    assert_eq!(url, "s3://acme-captions/news/0711.en.vtt");
    for fact in facts {
        if matches!(fact, Fact::Video(_)) {
            observe(&mut app, 0, fact);
        } else {
            let observation = Observation { at_ms: NOW.unix_ms, requests: 1, cached: false, fact };
            learn_of(&mut app, 0, Subject::of(SubjectKind::Transcript, &url).unwrap(), observation);
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
    // Its worst fault takes one of the three lines.
    let kind = FaultKind::BlankMissing;
    let fault = Fault { kind, severity: kind.severity(), line: 14, column: 1, count: 2 };
    let lost = picking([video(502), read(Transcript { recovered: 10, faults: vec![fault], ..vtt })]);
    clean(&lost)
        .shows("✗ 10 of 412 cues, 0:01 to 8:19, video 8:22")
        .shows("✗ cues-lost  A common parser")
        .shows("✓ public");
    clean(&picking([transcript(Answer::Refused { there: Some(true), instead: None, because: None })]))
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
        observe(app, 0, read(cues(755_000)));
        observe(app, 0, video(760));
        observe(app, 1, transcript(Answer::Unclear(Unclear::Throttled)));
    };
    let mut app = two().keys("R");
    known(&mut app);
    let picture = clean(&app);
    let line = |word: &str| picture.find(word).1.split_whitespace().rev().take(3).collect::<Vec<_>>().join(" ");
    assert_eq!(line("verified online"), "14:01 online verified");
    assert_eq!(line("transcripts "), "2 of 1");
    assert_eq!(line("videos "), "2 of 1");
    assert_eq!(line("could not be checked "), "1 checked be");
    clean(&app.keys("S")).shows("▲ 1 of 2 transcripts unchecked");
    let mut app = two().keys("R");
    known(&mut app);
    let app = app.size(80, 24);
    clean(&app).shows("verified online: transcripts 1 of 2, 14:01   could not be checked 1");
    assert!(matches!(app.model.screens.last(), Some(Screen::Review(_))));
}

#[test]
fn problems_say_that_they_are_not_all_while_links_are_checked() {
    let mut app = two();
    sweep(&mut app, under_way());
    app.press("!");
    clean(&app).shows("No problems in 2 rows.").shows("so far, 1,204 of 9,368 links checked");
    observe(&mut app, 0, transcript(Answer::Empty));
    let app = app.keys("<Esc>!");
    clean(&app).shows("1 finding in 1 row, 1 rule so far").shows("transcript-empty");
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
    clean(&app).shows("paused, 1,204 of 9,368 checked: S3 asks to slow down");
}

#[test]
fn the_question_before_a_check_of_all_keeps_what_it_costs() {
    let rows = manifest((0..60).map(|n| {
        let transcript = format!("s3://acme-captions-{n}/{n}.srt");
        row(format!("s3://acme-video-{n}/{n}.mp4")).index(format!("{n:024x}")).transcript(transcript)
    }));
    let app = App::open(&rows);
    let app = app.keys(":check all<Enter>");
    clean(&app).shows("60 transcripts, 60 videos, 60 indexes, 120 buckets: 300 requests, about 1.5 s");
    for (width, height) in [(76, 24), (60, 18)] {
        let mut app = App::open(&rows).size(width, height).keys("fs3<Enter>");
        app.press(":check all<Enter>");
        clean(&app).shows("300 requests, about 1.5 s: 60 transcripts").shows("t only transcripts   v videos too");
    }
}

#[test]
fn online_check_offers_only_kinds_with_requests() {
    let rows = manifest((0..40).map(|n| row("").index("").transcript(format!("s3://acme-captions/{n}.srt"))));
    let app = App::open(&rows).keys(":check all<Enter>");
    clean(&app).shows("t only transcripts").hides("videos too");
}
