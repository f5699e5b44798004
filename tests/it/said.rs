//! What the screens say, where operators were once told something else: each sentence, hint and key as it is now.

use crate::app_driver::App;
use crate::manifests::{manifest, row};
use cuecard::app::msg::Recent;
use cuecard::app::screens::Screen;
use cuecard::app::{Effect, Msg};
use cuecard::domain::manifest::Field;
use cuecard::domain::rules::Rule;
use std::collections::BTreeSet;

/// Row 1 is sound, row 2 has an index id of 25 digits, row 3 a language nobody documents.
fn faulty() -> App {
    let sound = |n: usize| {
        row(format!("s3://acme-video/news/071{n}.mp4")).transcript(format!("s3://acme-captions/news/071{n}.srt"))
    };
    let rows = [sound(1), sound(2).index("6298d673f1090f1100476d4c0"), sound(3).language("engl\u{1b}ish")];
    App::open(&manifest(rows)).size(80, 24)
}

fn hints(app: &App) -> String {
    app.draw().row(app.model.size.1 - 1)
}

#[test]
fn an_edit_after_the_next_problem_opens_the_field_that_is_wrong() {
    let app = faulty().keys("}");
    assert!(hints(&app).contains("e edit index"), "{}", hints(&app));
    app.keys("e").draw().shows("editing index of row 2");
    faulty().keys("}}e").draw().shows("editing language of row 3");
}

#[test]
fn without_a_fix_the_field_that_is_wrong_is_offered_to_be_edited() {
    let app = faulty().keys("j.");
    app.draw().shows("no fix is known for this row.  e edits its index");
    app.keys("e").draw().shows("editing index of row 2");
    faulty().keys(".").draw().shows("nothing is wrong with this row.");
}

#[test]
fn the_hint_to_edit_names_the_focused_field() {
    let app = faulty();
    assert!(hints(&app).starts_with(" e edit   "), "{}", hints(&app));
    let app = app.keys("h");
    assert!(hints(&app).starts_with(" e edit language"), "{}", hints(&app));
    let app = app.keys("h");
    assert!(hints(&app).starts_with(" e edit index"), "{}", hints(&app));
}

#[test]
fn over_a_filter_or_an_order_esc_is_hinted_with_what_it_brings_back() {
    let app = faulty().keys("f071<Enter>");
    assert!(hints(&app).contains("Esc all rows"), "{}", hints(&app));
    let app = app.keys("<Esc>st");
    assert!(hints(&app).contains("Esc file order"), "{}", hints(&app));
    assert!(!hints(&app.keys("<Esc>")).contains("Esc"));
    let app = faulty().keys("<Tab>");
    assert!(hints(&app).contains("Tab table"), "{}", hints(&app));
}

#[test]
fn no_key_stands_twice_in_the_help_of_a_screen() {
    for keys in
        ["", "!", "!<Enter>", "R", "P", "L", "e", "/", "f", "o", ":", "s", "y", "F", ":open<Enter>", ":sources<Enter>"]
    {
        let app = faulty().keys(keys).keys("<F1>");
        let Some(Screen::Help(help)) = app.model.screens.last() else { panic!("no help over «{keys}»") };
        let mut seen = BTreeSet::new();
        for offered in &help.here {
            for key in &offered.keys {
                assert!(seen.insert(key), "{key} twice over «{keys}»: {}", offered.label);
            }
        }
    }
}

#[test]
fn the_help_of_all_screens_names_the_way_back_to_this_one() {
    let app = faulty().keys("?");
    assert!(hints(&app).contains("Tab all screens"), "{}", hints(&app));
    let app = app.keys("<Tab>");
    assert!(hints(&app).contains("Tab this screen"), "{}", hints(&app));
}

#[test]
fn the_editor_never_stands_on_its_own_row() {
    let many = manifest((0..60).map(|n| row(format!("s3://acme-video/news/{n:05}.mp4"))));
    for height in 18..=32 {
        for line in 0..height - 6 {
            let app = App::open(&many).size(80, height).keys("20j").keys(&"k".repeat(usize::from(line))).keys("e");
            let row = app.model.session().unwrap().current().unwrap();
            app.draw().shows(&format!("{row:05}.mp4"));
        }
    }
}

#[test]
fn the_editor_tells_the_worst_finding_whole() {
    for size in [(80, 24), (120, 40)] {
        let app = faulty().size(size.0, size.1).keys("c").paste("s3://acme-captions/elsewhere/07");
        let findings = match app.model.screens.last() {
            Some(Screen::Editor(editor)) => editor.findings.clone(),
            other => panic!("{other:?}"),
        };
        let text = app.draw().text().split_whitespace().collect::<Vec<_>>().join(" ");
        for word in findings[0].message.split_whitespace() {
            assert!(text.contains(word), "«{word}» of «{}» is not in\n{text}", findings[0].message);
        }
    }
}

#[test]
fn a_save_counts_rows_left_out_apart_from_rows_changed_and_keeps_room_for_the_way_back() {
    let app = faulty().keys("djx<^s>").saved();
    app.draw().shows("saved; 1 row left out, 1 changed.").shows("u takes them back").shows(":w PATH keeps both");
    faulty().keys("d<^s>").saved().draw().shows("1 row changed, every other byte as it was");
}

#[test]
fn a_copy_names_its_path() {
    let app = faulty().keys("d:w /tmp/copy.json<Enter>").saved();
    app.draw().shows("saved a copy as /tmp/copy.json; this file stays as it was");
}

#[test]
fn what_is_copied_is_handed_to_the_terminal_and_not_called_done() {
    faulty().keys("yv").draw().shows("handed to the terminal's clipboard").hides("✓ transcript of row 1");
}

#[test]
fn an_undo_offers_to_redo_and_a_redo_to_undo() {
    let app = faulty().keys("du");
    app.draw().shows("U redo");
    app.keys("U").draw().shows("u undo");
}

#[test]
fn a_message_goes_with_esc_and_with_the_end_of_a_range() {
    let app = faulty().keys(".");
    app.draw().shows("nothing is wrong with this row.");
    app.keys("<Esc>").draw().hides("nothing is wrong with this row.");
    let app = faulty().keys("v").keys("oq");
    let app = app.keys("<Esc><Esc>.");
    app.draw().shows("nothing is wrong with this row.");
    app.keys("v<Esc>").draw().hides("nothing is wrong with this row.");
}

#[test]
fn the_first_line_of_the_sandbox_waits_for_a_key() {
    let sample = manifest([row("s3://acme-video/news/0712.mp4")]);
    let mut app = App::new();
    app.model.options.tour = Some("/videos/news-2026.json".into());
    app.load(&sample);
    let first = app.model.message.clone();
    app.press(":source keys.txt<Enter>");
    app.model.message = first;
    app.source_holds("keys.txt", "s3://acme-captions/news/0712.srt");
    app.draw().shows("sandbox: no real key, nothing leaves this machine.").shows(":tour off");
    app.keys("j").draw().hides("no real key");
}

#[test]
fn the_problems_are_paged_and_say_where_they_go_on() {
    let many = manifest((0..60).map(|n| row(format!("s3://acme-video/news/{n:05}.mp4")).language("en-US")));
    let app = App::open(&many).size(80, 24).keys("!<Enter>");
    let first = app.draw().text();
    assert!(first.contains(" of 60"), "{first}");
    let app = app.keys("<PgDn>");
    assert_ne!(app.draw().text(), first);
    assert!(hints(&app).contains("Enter to this row") && hints(&app).contains("Esc rules"), "{}", hints(&app));
}

#[test]
fn an_empty_transcript_shows_its_best_key_on_the_line_before_anything_is_typed() {
    let app = App::open(&manifest([row("s3://acme-video/news/0712.mp4")]))
        .with_keys("acme-captions", &["news/0712.srt", "news/0713.srt"])
        .keys("e");
    let (y, _) = app.draw().find("transcript");
    let line = app.draw().row(y + 1);
    assert!(line.contains("news/0712.srt") || app.draw().text().matches("news/0712.srt").count() > 1, "{line}");
    let app = app.keys("<Tab><Enter>");
    let value = app.model.session().unwrap().now().value(0, Field::Transcription).text().to_owned();
    assert_eq!(value, "s3://acme-captions/news/0712.srt");
}

#[test]
fn nothing_that_needs_a_key_is_hinted_where_no_key_matches() {
    let app = App::open(&manifest([row("s3://acme-video/news/0712.mp4")]))
        .with_keys("acme-captions", &["news/0712.srt"])
        .keys("ozzzq");
    assert!(!hints(&app).contains("Enter") && !hints(&app).contains("^n"), "{}", hints(&app));
    assert!(hints(&app).contains("Esc"), "{}", hints(&app));
}

#[test]
fn titles_of_rules_say_the_fault_plainly() {
    assert_eq!(Rule::FieldNotString.title(), "the value is not a JSON string");
    assert_eq!(Rule::FieldDuplicate.title(), "a field occurs twice in the row");
}

#[test]
fn a_long_list_of_files_is_paged_and_says_where_it_goes_on_also_while_it_is_filtered() {
    let mut app = App::new().size(80, 24);
    let Some(Effect::ListFiles(job)) = cuecard::app::choose(&mut app.model).pop() else {
        panic!("a list is asked for")
    };
    let files = (0..40).map(|n| Recent { path: format!("/v/{n:03}.json").into(), rows: None, when: "today".into() });
    app.send(Msg::FilesListed(job, files.collect()));
    app.draw().shows("1 of 40, more below").shows("000.json");
    app.press("<PgDn>");
    app.draw().shows("more above and below").hides("000.json");
    app.press("fjson");
    app.draw().shows("1 of 40, more below");
    app.press("<PgDn>");
    app.draw().shows("more above and below").hides("000.json");
}

#[test]
fn while_a_search_is_typed_the_rows_can_be_moved_through() {
    let many = manifest((0..60).map(|n| row(format!("s3://acme-video/news/{n:05}.mp4"))));
    let app = App::open(&many).size(80, 24).keys("fnews<Down><Down>");
    assert_eq!(app.model.session().unwrap().current(), Some(2));
    let app = app.keys("<PgDn>");
    assert!(app.model.session().unwrap().current() > Some(8));
}
