//! One template for many rows: learnt from what an operator fills by hand, typed, kept, and filled as one step.

use crate::app_driver::{App, NOW};
use crate::manifests;
use cuecard::app::effect::TemplateOrder;
use cuecard::app::next::{AnswerOf, Target};
use cuecard::app::screens::Screen;
use cuecard::app::{Effect, Msg};
use cuecard::domain::manifest::{Field, RowId};
use cuecard::domain::row_set::RowSet;
use cuecard::domain::template::SavedTemplate;

/// Twelve videos; the listing has transcripts of the first ten.
fn news() -> App {
    let rows = (1..=12).map(|n| manifests::row(format!("s3://acme-video/news/2026/07{n:02}.mp4")));
    App::open(&manifests::manifest(rows))
}

fn listed() -> App {
    let names: Vec<String> = (1..=10).map(|n| format!("news/2026/07{n:02}.en.vtt")).collect();
    news().with_keys("acme-captions", &names.iter().map(String::as_str).collect::<Vec<_>>())
}

fn fill(app: App, row: RowId) -> App {
    app.keys(&format!("{row}G")).keys(&format!("e<^u>s3://acme-captions/news/2026/07{row:02}.en.vtt<Enter>"))
}

fn transcripts(app: &App) -> Vec<String> {
    let now = app.model.session().unwrap().now();
    (0..now.len()).map(|row| now.value(row, Field::Transcription).text().to_owned()).collect()
}

fn filled(app: &App) -> usize {
    transcripts(app).iter().filter(|text| !text.is_empty()).count()
}

#[test]
fn fills_by_hand_offer_the_same_for_the_other_rows_once() {
    // Of a listing that holds most of them one is enough.
    let app = fill(listed(), 3);
    app.draw().shows("{folder}/{stem}.{lang}.vtt fits 11 rows: 9 exist, 2 do not.  T shows them");
    let app = fill(app, 4);
    app.draw().hides("T shows them");
    let app = app.keys("T");
    app.draw().shows("template      learnt from 3 and 4").shows("› exist 8").shows("not listed 2").shows("all 10");
    app.draw().shows("news/2026/0701.mp4").shows("news/2026/0701.en.vtt").hides("news/2026/0711.mp4");
    let app = app.keys("<Enter>");
    app.draw().shows("✓ filled 8 rows, one step, 2 left.  u undo");
    assert_eq!(filled(&app), 10);
    assert!(
        transcripts(&app)[..10].iter().enumerate().all(|(n, text)| text.ends_with(&format!("07{:02}.en.vtt", n + 1)))
    );
    assert_eq!(filled(&app.keys("u")), 2);
}

#[test]
fn a_row_that_the_offered_template_explains_says_what_it_would_get_and_one_key_takes_it() {
    for (width, height) in [(80, 24), (120, 40)] {
        let app = fill(listed().size(width, height), 3).keys("6G");
        let picture = app.draw();
        picture.shows("› template").shows("news/2026/0706.en.vtt").shows("is in the list").shows(". take it");
        let app = app.keys(".");
        app.draw().shows("✓ row 6 took what the template says.  u undo").hides("› template");
        assert_eq!(transcripts(&app)[5], "s3://acme-captions/news/2026/0706.en.vtt");
        // Row 11 would get a key that no list has.
        let app = app.keys("11G");
        app.draw().shows("row 11").hides("› template");
        assert!(transcripts(&app.keys("."))[10].is_empty());
    }
}

#[test]
fn what_a_template_says_of_a_row_is_not_called_listed_where_there_is_no_list() {
    let app = fill(fill(news().size(80, 24), 3), 4).keys("6G");
    app.draw().shows("› template").shows("0706.en.vtt").shows("whether it exists is not known").shows(". take it");
    // Once the template was left, it says nothing more.
    app.keys("T<Esc>").draw().hides("› template");
}

#[test]
fn in_a_narrow_window_the_offer_keeps_its_counts_and_cuts_the_template_at_a_slash() {
    let app = fill(listed().size(68, 24), 3);
    app.draw().shows(" …/{stem}.{lang}.vtt fits 11 rows: 9 exist, 2 do not.  T shows them");
}

#[test]
fn without_a_list_it_is_told_that_nothing_is_known_and_enter_fills_all_the_same() {
    let app = fill(fill(news(), 3), 4);
    app.draw().shows("fits 10 rows; whether they exist is not known.  T shows them");
    let app = app.keys("T");
    app.draw().shows("▲ no list: whether they exist is not known.  Enter fills them all the same").shows("› all 10");
    let app = app.keys("<Enter>");
    app.draw().shows("✓ filled 10 rows, one step.  u undo");
    assert_eq!(filled(&app), 12);
}

#[test]
fn tab_chooses_another_count_and_enter_fills_exactly_that() {
    let app = fill(fill(listed(), 3), 4).keys("T<Tab>").size(80, 24);
    app.draw().shows("› not listed 2").shows("news/2026/0711.mp4").shows("Enter fill 2").hides("news/2026/0701.mp4");
    let app = app.keys("<Enter>");
    assert_eq!(filled(&app), 4);
    assert!(transcripts(&app)[10].ends_with("0711.en.vtt") && transcripts(&app)[0].is_empty());
}

#[test]
fn dismissed_template_is_not_offered_again_but_t_opens_it() {
    let app = fill(fill(listed(), 3), 4).keys("T<Esc>");
    app.draw().shows("nothing was filled");
    let app = fill(app, 5);
    app.draw().hides("T shows them").shows("set transcript of row 5.");
    app.keys("T").draw().shows("learnt from 4 and 5").shows("› exist 7");
}

#[test]
fn rows_that_no_template_explains_are_no_offer() {
    let app = fill(listed(), 3).keys("7G").keys("e<^u>s3://other/x.srt<Enter>");
    app.draw().hides("T shows them");
    app.keys("T").draw().shows("template      typed").shows("parts stand in braces");
}

#[test]
fn a_fault_stands_under_its_place_and_nothing_is_filled() {
    let mut app = listed().size(80, 24);
    app.press("T");
    for (text, words) in [
        ("s3://acme-captions/{stm}.vtt", "✗ {stm} is no part. Did you mean {stem}?"),
        ("s3://acme-captions/{stem", "✗ a } is missing"),
    ] {
        app.press("<^u>");
        app.send(Msg::Paste(text.into()));
        let picture = app.draw();
        let (y, line) = picture.find("^^^");
        assert_eq!(line.find('^'), Some(3 + text.find('{').unwrap()), "{line}");
        assert_eq!((y, picture.find(words).0), (5, 6));
        app.press("<Enter>");
        assert_eq!(filled(&app), 0);
    }
}

#[test]
fn a_part_that_a_row_does_not_have_leaves_it_out() {
    let mut app = listed();
    app.press("T");
    app.send(Msg::Paste("s3://acme-captions/{folder:3}/{stem}.vtt".into()));
    app.draw().shows("no value 12");
    app.press("<Enter>");
    app.draw().shows("there is nothing to fill");
    assert_eq!(filled(&app), 0);
}

#[test]
fn the_same_transcript_twice_and_one_in_use_cannot_be_filled() {
    let mut app = listed().keys("2G").keys("e<^u>s3://acme-captions/used.vtt<Enter>T");
    app.send(Msg::Paste("s3://acme-captions/{folder:1}.vtt".into()));
    app.draw().shows("twice 11");
    app.press("<Tab><Enter>");
    assert_eq!(filled(&app), 1);
    app.press("<Esc>1G<space>T");
    app.send(Msg::Paste("s3://acme-captions/used.vtt".into()));
    app.press("<Tab>");
    app.draw().shows("used by 2").shows("in use");
    app.press("<Enter>");
    app.draw().shows("another row uses the transcript");
    assert_eq!(filled(&app), 1);
}

#[test]
fn the_selection_is_what_is_filled_and_its_parts_are_of_the_row_in_hand() {
    let mut app = listed().keys("<space><space><space>T").size(80, 24);
    app.draw().shows("template      for 3 selected rows");
    app.send(Msg::Paste("s3://acme-captions/{folder}/{stem}.{lang}.vtt".into()));
    app.draw().shows("› exist 3").shows("parts, as they are in row 1").shows("{stem} 0701");
    app.press("<Down>");
    app.draw().shows("parts, as they are in row 2").shows("{stem} 0702");
    app.press("<Enter>");
    assert_eq!(filled(&app), 3);
}

fn answer(app: &mut App, saved: Vec<SavedTemplate>) -> TemplateOrder {
    let at = app.effects.iter().rposition(|effect| matches!(effect, Effect::Templates(..))).unwrap();
    let Effect::Templates(job, order) = app.effects.remove(at) else { unreachable!() };
    let forgotten = match &order {
        TemplateOrder::Forget { name, .. } => Some(format!("{name} is forgotten")),
        TemplateOrder::Keep { name, .. } => Some(format!("kept as {name}")),
        TemplateOrder::Read { .. } => None,
    };
    app.send(Msg::TemplatesRead(job, Ok((saved, forgotten))));
    order
}

fn saved(name: &str, text: &str) -> SavedTemplate {
    SavedTemplate { name: name.into(), text: text.into(), saved_ms: NOW.unix_ms }
}

const NEWS: &str = "s3://acme-captions/{folder}/{stem}.{lang}.vtt";

#[test]
fn a_template_is_kept_under_a_name_and_comes_back_with_control_n() {
    let mut app = listed().keys("T").size(80, 24);
    let bucket = "acme-video".to_owned();
    assert_eq!(answer(&mut app, Vec::new()), TemplateOrder::Read { bucket: bucket.clone() });
    app.draw().shows("saved for s3://acme-video").shows("none saved.  ^s keeps this one");
    app.press("<^s>");
    app.draw().shows("there is no template to keep yet");
    app.send(Msg::Paste(NEWS.into()));
    app.press("<^s>");
    app.draw().shows("name:");
    app.press("news<Enter>");
    app.draw().hides("kept as news");
    let order = answer(&mut app, vec![saved("news", NEWS), saved("sport", "s3://acme-captions/sport/{stem}.srt")]);
    assert_eq!(order, TemplateOrder::Keep { bucket, name: "news".into(), text: NEWS.into() });
    app.draw().shows("template      news").shows("sport").shows("23 Nov").shows("kept as news");
    app.press("<^n>");
    app.draw().shows("> s3://acme-captions/sport/{stem}.srt").shows("template      sport");
    app.press("<^n>");
    app.draw().shows(&format!("> {NEWS}")).shows("› exist 10");
    let mut app = app.keys("<Esc>:forget news<Enter>");
    let order = answer(&mut app, Vec::new());
    assert_eq!(order, TemplateOrder::Forget { bucket: "acme-video".into(), name: "news".into() });
    app.draw().shows("news is forgotten");
}

#[test]
fn a_template_that_is_a_signed_link_is_not_kept() {
    let mut app = listed().keys("T").size(80, 24);
    answer(&mut app, Vec::new());
    app.send(Msg::Paste("https://b.s3.amazonaws.com/{stem}.srt?X-Amz-Signature=0123456789abcdef".into()));
    app.press("<^s>news<Enter>");
    app.draw().shows("a signed link is a password");
    assert!(!app.effects.iter().any(|effect| matches!(effect, Effect::Templates(_, TemplateOrder::Keep { .. }))));
}

#[test]
fn the_answer_of_one_row_is_done_for_the_rows_like_it() {
    let mut app = fill(listed(), 3).size(80, 24);
    let rows: RowSet = [0, 4, 5, 6, 7, 11].into_iter().collect();
    let answer = AnswerOf { row: 2, rows };
    open(&mut app, answer);
    app.draw().shows("template      the answer of 3 for 6 rows").shows("› exist 5").shows("not listed 1");
    app.press("<Enter>");
    assert_eq!(filled(&app), 6);
}

/// As *decide* opens it.
fn open(app: &mut App, answer: AnswerOf) {
    for effect in cuecard::app::open(&mut app.model, Target::Template(Some(answer))) {
        app.carry_out(effect);
    }
    assert!(matches!(app.model.screens.last(), Some(Screen::Template(_))));
}

#[test]
fn keys_that_are_not_in_the_list_are_filled_only_where_that_was_chosen() {
    let app = listed().size(80, 24).keys("Ts3://acme-captions/other/{stem}.vtt");
    app.draw().shows("› exist 0").shows("not listed 12").hides("Enter fill");
    let app = app.keys("<Enter>");
    app.draw().shows("none of these keys is in the list.  Tab chooses those that are not");
    assert_eq!(filled(&app), 0);
    let app = app.keys("<Tab>");
    app.draw().shows("› not listed 12").shows("Enter fill 12");
    assert_eq!(filled(&app.keys("<Enter>")), 12);
}

#[test]
fn a_template_that_cannot_fill_hints_no_enter() {
    let app = listed().size(80, 24).keys("T");
    app.draw().hides("Enter fill");
    app.keys("<Enter>").draw().shows("type a template first");
    let app = listed().size(80, 24).keys("Ts3://acme-captions/{stm}.vtt");
    app.draw().hides("Enter fill");
    app.keys("<Enter>").draw().shows("{stm} is no part");
}

#[test]
fn the_parts_a_template_uses_come_first_in_the_list_of_parts() {
    let app = listed().size(80, 24).keys("Ts3://acme-captions/{lang:long}/{stem}.{ext}");
    let picture = app.draw();
    let row = picture.find("{lang:long} english").1;
    assert!(row.find("{lang:long}") < row.find("{bucket}") || !row.contains("{bucket}"), "{row}");
    picture.shows("{stem} 0701").shows("{ext} mp4");
}

#[test]
fn a_value_that_is_not_listed_shows_the_key_that_comes_nearest() {
    let app = listed().keys("P<Esc>Ts3://acme-captions/{folder}/{stem}.srt").size(120, 40);
    let app = app.keys("<Tab>");
    app.draw().shows("› not listed 12").shows("near: 0701.en.vtt");
}

#[test]
fn while_a_name_is_asked_the_key_that_keeps_a_template_stays() {
    let app = listed().size(80, 24).keys("Ts3://acme-captions/{stem}.vtt<^s>");
    app.draw().shows("none saved.  ^s keeps this one");
    listed().size(80, 24).keys("Ts3://acme-captions/{stem}.vtt").draw().hides("saved ones");
}

#[test]
fn every_count_of_a_template_stands_on_the_screen_in_full() {
    for size in [(80, 24), (120, 40)] {
        let app = some_without_a_folder(size);
        let text = app.draw().text();
        for word in ["exist ", "not listed ", "twice ", "in use ", "no value ", "all 12"] {
            assert!(text.contains(word), "{word}: {text}");
        }
    }
}

/// Four videos lack the folder that the template asks for.
fn some_without_a_folder(size: (u16, u16)) -> App {
    let rows = (1..=12).map(|n| match n {
        1..=4 => manifests::row(format!("s3://acme-video/07{n:02}.mp4")),
        _ => manifests::row(format!("s3://acme-video/news/07{n:02}.mp4")),
    });
    let app = App::open(&manifests::manifest(rows)).with_keys("acme-captions", &["0709.vtt"]).size(size.0, size.1);
    app.keys("Ts3://acme-captions/{folder:1}/{number:1}.vtt")
}

#[test]
fn the_offer_of_a_template_can_be_taken_from_what_the_screen_says() {
    let mut app = fill(fill(news().size(80, 24), 3), 4);
    app.draw().shows("T shows them").shows("T template");
    app.model.options.offline = true;
    app.draw().shows("T shows them").shows("T template");
    app.keys("T<Esc>").draw().hides("T template");
}
