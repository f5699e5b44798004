//! A change of many rows is counted and shown before it is made: what an operator types, sees, and gets.

use crate::app_driver::{App, NOW};
use crate::manifests::{INDEX, manifest, row};
use cuecard::app::effect::JournalLine;
use cuecard::app::{Effect, Msg};
use cuecard::domain::draft::Snapshot;
use cuecard::domain::manifest::Field;
use cuecard::ui::sanitize::style_faults;
use cuecard::ui::theme::Theme;
use proptest::prelude::*;
use ratatui::style::Modifier;

/// Twelve videos with transcripts in an old bucket, the last without one.
fn old_captions() -> String {
    manifest((1..=12).map(|n| {
        let row = row(format!("s3://acme-video/news/2026/07{n:02}.mp4"));
        if n == 12 { row } else { row.transcript(format!("s3://old-captions/2026/07{n:02}.srt")) }
    }))
}

fn value(app: &App, row: u32, field: Field) -> String {
    app.model.session().unwrap().now().value(row, field).text().to_owned()
}

fn transcript(app: &App, row: u32) -> String {
    value(app, row, Field::Transcription)
}

fn bytes(snapshot: &Snapshot) -> Vec<u8> {
    snapshot.pieces().flatten().copied().collect()
}

fn operations(app: &App) -> usize {
    app.model.session().unwrap().draft.operations().len()
}

const REPLACE: &str = "a:replace<Enter>^s3://old-captions/(\\d{4})/(.+)\\.srt$<Enter>s3://acme-captions/news/$1/$2.vtt";

#[test]
fn a_replacement_is_shown_before_it_is_made_and_is_one_step_of_undo() {
    let json = old_captions();
    let app = App::open(&json).size(80, 24).keys(REPLACE);
    app.draw()
        .shows(" replace       in the transcript of 12 selected rows")
        .shows(" find     ^s3://old-captions/(\\d{4})/(.+)\\.srt$")
        .shows(" with   > s3://acme-captions/news/$1/$2.vtt")
        .shows(" › changes 11     already so 0     no match 1     would break 0")
        .shows("- s3://old-captions/2026/0701.srt")
        .shows("+ s3://acme-captions/news/2026/0701.vtt")
        .shows("Enter change 11");
    assert_eq!(operations(&app), 0);
    let app = app.keys("<Enter>");
    app.draw().shows("✓ changed 11 values, one step.  u undo");
    assert_eq!(transcript(&app, 10), "s3://acme-captions/news/2026/0711.vtt");
    assert_eq!((operations(&app), transcript(&app, 11).as_str()), (1, ""));
    let app = app.keys("u");
    assert_eq!(bytes(app.model.session().unwrap().now()), json.as_bytes());
}

/// The preview in all windows, drawn in every theme without a sign that a terminal may not have.
#[test]
fn the_preview_shows_what_is_typed_the_counts_and_the_values() {
    let news = |size: (u16, u16)| {
        App::open(&old_captions())
            .with_keys("acme-captions", &["news/2026/0701.vtt", "news/2026/0702.vtt", "news/2026/0704.vtt"])
            .size(size.0, size.1)
    };
    for size in [(120, 40), (80, 24), (60, 18)] {
        let name = |what: &str| format!("{what}-{}x{}", size.0, size.1);
        let faults = |app: &App| style_faults(&app.draw().buffer, &Theme::default());
        let app = news(size).keys(REPLACE);
        assert_eq!(faults(&app), Vec::<String>::new());
        insta::assert_snapshot!(name("bulk-preview"), app.draw().text());
        let app = news(size).keys("a:replace<Enter>^s3://old-captions/(\\d{4}");
        assert_eq!(faults(&app), Vec::<String>::new());
        insta::assert_snapshot!(name("bulk-fault"), app.draw().text());
        let app = App::open(&faulty()).size(size.0, size.1).keys("!X");
        assert_eq!(faults(&app), Vec::<String>::new());
        insta::assert_snapshot!(name("bulk-fix"), app.draw().text());
    }
}

#[test]
fn the_part_that_differs_is_bold() {
    let app = App::open(&old_captions()).size(80, 24).keys("a:replace<Enter>srt<Enter>vtt");
    let picture = app.draw();
    let (y, _) = picture.find("+ s3://old-captions/2026/0701.vtt");
    let cells = (10..75).filter(|x| picture.buffer[(*x, y)].modifier.contains(Modifier::BOLD));
    assert_eq!(cells.map(|x| picture.buffer[(x, y)].symbol()).collect::<String>(), "vtt");
}

#[test]
fn esc_leaves_everything_as_it_was() {
    let app = App::open(&old_captions()).keys(REPLACE).keys("<Esc>");
    assert!(app.model.screens.is_empty() && !app.model.session().unwrap().draft.is_dirty());
    assert_eq!(app.model.session().unwrap().selection.len(), 12, "the selection stays");
}

#[test]
fn the_chosen_count_is_what_enter_does_and_what_the_list_shows() {
    let json = manifest([
        row("s3://videos/1.mp4").language("en"),
        row("s3://videos/2.mp4").language("de"),
        row("s3://videos/3.mp4").language("en"),
    ]);
    let app = App::open(&json).size(80, 24).keys("a:set language de<Enter>");
    app.draw().shows(" set           language of 3 selected rows").shows("› changes 2     already so 1");
    let app = app.keys("<Tab>");
    app.draw().shows("› already so 1").shows("2.mp4").hides("1.mp4");
    let app = app.keys("<Enter>");
    app.draw().shows("nothing would change");
    assert_eq!(operations(&app), 0);
    let app = app.keys("<Tab><Enter>");
    assert_eq!((0..3).map(|row| value(&app, row, Field::Language)).collect::<Vec<_>>(), ["de"; 3]);
}

#[test]
fn values_that_would_be_errors_are_left_unless_somebody_says_y() {
    let json = manifest([
        row("s3://videos/1.mp4").transcript("s3://captions/1.srt"),
        row("s3://videos/2.mp4").transcript("s3://captions/2.vtt"),
    ]);
    let app = App::open(&json).size(80, 24).keys("a:replace<Enter>\\.srt<Enter>.vt");
    app.draw()
        .shows("changes 0     already so 0     no match 1     would break 1")
        .hides("Enter change")
        .shows("would break: 1 value would be an error.  Tab shows it");
    let app = app.keys("<Tab><Tab>");
    app.draw().shows("✗ transcription-extension").shows("+ s3://captions/1.vt");
    let app = app.keys("<Enter>");
    app.draw().shows("▲ 1 value would be an error.  Y writes it, Esc does not");
    let app = app.keys("x<Enter><Esc>");
    assert_eq!((operations(&app), app.model.screens.len()), (0, 1));
    let app = app.keys("<Enter>Y");
    assert_eq!(transcript(&app, 0), "s3://captions/1.vt");
}

#[test]
fn a_wrong_pattern_is_told_at_its_place_and_nothing_is_changed() {
    let app = App::open(&old_captions()).size(80, 24).keys("a:replace<Enter>^s3://old-captions/(\\d{4}");
    let picture = app.draw();
    picture.shows("✗ unclosed group, column 20");
    let (y, carets) = picture.find("^");
    let (line, typed) = picture.find("find");
    assert_eq!(y, line, "the pattern itself begins with a caret: {carets}");
    assert_eq!(picture.row(line + 1).find('^'), typed.find('('), "{}", picture.text());
    picture.shows("with");
    let app = app.keys("<Enter><Enter>");
    assert_eq!(operations(&app), 0);
    app.draw().shows("unclosed group");
    let app = app.keys("<Up>)<Down>s3://new-captions/1.srt");
    app.draw().hides("unclosed").shows("changes 11");
    // A group that isn't there, in the other line.
    let app = app.keys("$2");
    app.draw().shows("✗ no group 2 in the pattern, column 24");
}

#[test]
fn where_nothing_matches_enter_says_that_nothing_would_change() {
    let app = App::open(&old_captions()).size(80, 24).keys("a:replace<Enter>nowhere<Enter>x");
    app.draw().shows("no match 12");
    let app = app.keys("<Enter>");
    app.draw().shows("nothing would change");
    assert_eq!(app.model.screens.len(), 1);
    // And nothing typed at all is no pattern that matches everything.
    let app = App::open(&old_captions()).keys("a:replace<Enter><Enter><Enter>");
    app.draw().shows("type what to find first");
    assert_eq!(operations(&app), 0);
}

#[test]
fn selected_rows_that_a_filter_hides_count_and_are_told() {
    let app = App::open(&old_captions()).size(80, 24).keys("af0702<Enter>:set language de<Enter>");
    app.draw().shows("language of 12 selected rows, 11 not in view").shows("changes 12");
    let app = app.keys("<Enter><Esc>");
    assert_eq!(value(&app, 5, Field::Language), "de");
}

#[test]
fn bulk_edit_without_selection_changes_the_cursor_row() {
    let app = App::open(&old_captions()).size(80, 24).keys("j:set language de<Enter>");
    app.draw().shows("language of this row").shows("changes 1");
    let app = app.keys("<Enter>");
    assert_eq!(value(&app, 1, Field::Language), "de");
    assert_eq!(value(&app, 0, Field::Language), "en");
    app.draw().shows("✓ changed 1 value, one step.  u undo");
}

#[test]
fn d_clears_one_row_at_once_and_a_selection_after_a_look() {
    let app = App::open(&old_captions()).keys("d");
    assert_eq!((transcript(&app, 0).as_str(), app.model.screens.len()), ("", 0));
    let app = app.keys("ad");
    app.draw().shows("clear         transcript of 12 selected rows").shows("› changes 10").shows("already empty 2");
    assert_eq!(operations(&app), 1);
    let app = app.keys("<Enter>");
    assert_eq!((operations(&app), transcript(&app, 4).as_str()), (2, ""));
}

#[test]
fn putting_into_many_rows_shows_a_preview_first() {
    let app = App::open(&old_captions()).keys("hyvap");
    app.draw().shows("set           language of 12 selected rows").shows("already so 12");
}

#[test]
fn several_pasted_lines_go_down_from_the_row_in_hand() {
    let app = App::open(&old_captions()).size(80, 24).keys("jj");
    let app = app.paste("s3://acme-captions/a.srt\n\ns3://acme-captions/c.srt\n");
    app.draw()
        .shows("fill down     3 lines from row 3")
        .shows("› changes 2   already so 0   would break 0   lines left 0   rows left 1");
    let app = app.keys("<Enter>");
    let rows: Vec<String> = (1..6).map(|row| transcript(&app, row)).collect();
    let old = |n: u8| format!("s3://old-captions/2026/07{n:02}.srt");
    assert_eq!(rows, [old(2), "s3://acme-captions/a.srt".into(), old(4), "s3://acme-captions/c.srt".into(), old(6)]);
    assert_eq!(operations(&app), 1);
}

#[test]
fn more_lines_than_rows_and_more_rows_than_lines_are_told() {
    let app = App::open(&old_captions())
        .size(80, 24)
        .keys("G")
        .paste("s3://captions/a.srt\ns3://captions/b.srt\ns3://captions/c.srt\n");
    app.draw().shows("› changes 1").shows("lines left 2");
    let app = app.keys("<Tab>");
    app.draw().shows("no row is left for 2 lines");
    let app = app.keys("<Enter>");
    app.draw().shows("nothing would change");
    let app = App::open(&old_captions())
        .size(80, 24)
        .keys("<space><space><space>")
        .paste("s3://captions/a.srt\ns3://captions/b.srt\n");
    app.draw().shows("2 lines into 3 selected rows").shows("rows left 1");
}

#[test]
fn lines_go_down_the_rows_as_they_are_sorted_and_filtered() {
    let json = manifest(["c", "a", "b"].map(|name| row(format!("s3://videos/{name}.mp4"))));
    let app = App::open(&json)
        .keys("svgg")
        .paste("s3://captions/a.srt\ns3://captions/b.srt\ns3://captions/c.srt\n")
        .keys("<Enter>");
    assert_eq!(
        ["s3://captions/c.srt", "s3://captions/a.srt", "s3://captions/b.srt"],
        [0, 1, 2].map(|row| transcript(&app, row)).as_ref()
    );
}

#[test]
fn a_pasted_table_is_no_column_and_says_what_takes_it() {
    let app = App::open(&old_captions())
        .paste("1\ts3://videos/1.mp4\ts3://captions/1.srt\n2\ts3://videos/2.mp4\ts3://captions/2.srt\n");
    app.draw().shows("✗ 3 columns in line 1. Copy one, or use :source for a table");
    assert!(app.model.screens.is_empty());
}

#[test]
fn pasted_lines_never_run_as_keys() {
    let app = App::open(&old_captions()).paste("dd\nxx\nY\n").paste("d\nx\n");
    assert_eq!(operations(&app), 0);
}

#[test]
fn the_row_above_is_copied_down_a_selection() {
    let json = manifest([
        row("s3://videos/1.mp4").language("de"),
        row("s3://videos/2.mp4").language("en"),
        row("s3://videos/3.mp4").language("fr"),
    ]);
    let app = App::open(&json).size(80, 24).keys("jv<Down>:copy-above language<Enter>");
    app.draw()
        .shows("copy          from the row above, language of 2 selected rows")
        .shows("› changes 2     already so 0     nothing above 0");
    let app = app.keys("<Enter>");
    assert_eq!([0, 1, 2].map(|row| value(&app, row, Field::Language)), ["de"; 3]);
}

fn faulty() -> String {
    manifest([
        row("s3://videos/1.mp4").transcript("s3://captions/1.vt"),
        row("s3://videos/2.mp4").transcript("https://captions.s3.amazonaws.com/2.srt"),
        row("s3://videos/3.mp4").transcript(" s3://captions/3.srt"),
        row("s3://videos/4.mp4").transcript("nothing"),
        row("s3://videos/5.mp4").transcript("s3://captions/5.srt"),
    ])
}

#[test]
fn all_that_can_be_fixed_is_one_step_by_rule_or_all_at_once() {
    let app = App::open(&faulty()).size(80, 24).keys("a:fix<Enter>");
    app.draw()
        .shows("fix           all that can be fixed in 5 selected rows")
        .shows("› all 3")
        .shows("transcription-extension 1")
        .shows("cannot be fixed 1")
        .shows("+ s3://captions/1.vtt")
        .shows("Enter fix 3");
    let app = app.keys("<Enter>");
    app.draw().shows("✓ fixed 3 rows, one step.");
    let fixed = ["s3://captions/1.vtt", "s3://captions/2.srt", "s3://captions/3.srt", "nothing", "s3://captions/5.srt"];
    assert_eq!([0, 1, 2, 3, 4].map(|row| transcript(&app, row)).as_ref(), fixed.as_ref());
    let app = app.keys("u");
    assert_eq!(bytes(app.model.session().unwrap().now()), faulty().as_bytes());
    // The same by the key that fixes one row, on a selection.
    App::open(&faulty()).keys("a.").draw().shows("all that can be fixed in 5 selected rows");
}

#[test]
fn the_list_of_problems_fixes_a_rule_or_everything_after_a_look() {
    let app = App::open(&faulty()).size(80, 24).keys("!X");
    app.draw().shows("fix           all that can be fixed").shows("› all 3");
    let app = app.keys("<Esc>!");
    assert_eq!(app.model.screens.len(), 1, "Esc leads back to the list");
    let rules = |app: &App| app.draw().find("›").1;
    let app = App::open(&faulty()).size(80, 24).keys("!A");
    let line = rules(&app);
    assert!(!line.contains("› all"), "the rule in hand is chosen first: {line}");
    let app = app.keys("<Enter>");
    assert_eq!(operations(&app), 1);
    app.draw().shows("✓ fixed 1 row, one step.");
}

#[test]
fn rows_are_left_out_and_taken_back_in_without_a_question() {
    let app = App::open(&old_captions()).keys("a:exclude<Enter>");
    app.draw().shows("left out 12 selected rows");
    assert_eq!((operations(&app), app.model.screens.len()), (1, 0));
    let app = app.keys("a:exclude<Enter>");
    assert_eq!(app.model.session().unwrap().now().excluded_rows().len(), 12, "it only leaves out");
    let app = app.keys("a:restore<Enter>");
    assert!(app.model.session().unwrap().now().excluded_rows().is_empty());
}

#[test]
fn invert_flips_the_selection_in_view_and_filters_keep_it() {
    let app = App::open(&old_captions()).keys("<space><space>:invert<Enter>");
    let selected = |app: &App| app.model.session().unwrap().selection.iter().collect::<Vec<_>>();
    assert_eq!(selected(&app), (2..12).collect::<Vec<_>>());
    let app = app.keys("f0701<Enter>:invert<Enter><Esc>");
    assert_eq!(selected(&app), [vec![0], (2..12).collect()].concat(), "what is out of view stays as it is");
}

#[test]
fn both_lines_of_a_replacement_are_pasted_at_once() {
    let app = App::open(&old_captions()).size(80, 24).keys("a:replace<Enter>").paste("old-captions\nacme-captions\n");
    app.draw().shows("find     old-captions").shows("with   > acme-captions").shows("changes 11");
    app.paste("a\nb").draw().shows("the paste has 2 lines").shows("> acme-captions");
}

#[test]
fn values_that_are_emptied_are_no_addresses_to_be_told_of() {
    let app = App::open(&old_captions()).with_keys("acme-captions", &["a.srt"]).keys("a:replace<Enter>.*<Enter>");
    app.draw().shows("the same twice                   0").shows("cleared");
}

#[test]
fn control_p_recalls_earlier_replacements() {
    let app = App::open(&old_captions()).size(80, 24);
    let app = app.keys("a:replace<Enter>0701<Enter>9901<Enter>").keys(":replace<Enter>0702<Enter>9902<Enter>");
    let app = app.keys(":replace<Enter>");
    app.draw().shows("^p earlier ones");
    let app = app.keys("<^p><^p>");
    app.draw().shows("> 0701").shows("9901").shows("no match 12");
    let app = app.keys("<^n>");
    app.draw().shows("> 0702");
    // One of another form is none of these.
    let app = app.keys("<Esc>:set language<Enter><^p>");
    app.draw().hides("0702");
}

#[test]
fn new_transcripts_are_compared_with_the_listing() {
    let app = App::open(&old_captions())
        .with_keys("acme-captions", &["news/2026/0701.vtt", "news/2026/0702.vtt"])
        .size(80, 24)
        .keys(REPLACE);
    app.draw()
        .shows("of the new values 2 are in the list, 9 are not")
        .shows("0701.mp4                                                         listed")
        .shows("not listed");
    let app = App::open(&old_captions()).size(80, 24).keys(REPLACE);
    app.draw().shows("no list: whether they exist is not known");
}

#[test]
fn a_template_is_filled_for_each_row() {
    let app = App::open(&old_captions()).keys("a:set transcript s3://acme-captions/{stem}.{lang}.vtt<Enter><Enter>");
    assert_eq!(transcript(&app, 11), "s3://acme-captions/0712.en.vtt");
    let app = App::open(&old_captions()).size(80, 24).keys("a:set transcript s3://captions/{stm}.vtt<Enter>");
    app.draw().shows("Did you mean {stem}?");
}

#[test]
fn a_signed_link_that_is_put_into_rows_loses_its_secret_and_is_not_shown() {
    let link = "https://acme-captions.s3.us-west-2.amazonaws.com/1.srt?X-Amz-Signature=CANARY&X-Amz-Credential=AKIA";
    let app = App::open(&old_captions()).keys(":set transcript<Enter>").paste(link);
    app.draw().hides("CANARY").shows("s3://acme-captions/1.srt");
    let app = app.keys("<Enter>");
    assert_eq!(transcript(&app, 0), "s3://acme-captions/1.srt");
}

/// Counts what was held back.
fn count(app: &mut App) {
    app.holds_counts = false;
    while let Some(at) = app.effects.iter().position(|effect| matches!(effect, Effect::Compute(..))) {
        let count = app.effects.remove(at);
        app.carry_out(count);
    }
    app.holds_counts = true;
}

#[test]
fn enter_waits_for_the_count_and_any_other_key_cancels() {
    let mut app = App::open(&old_captions()).size(80, 24);
    app.holds_counts = true;
    app.press("a:set language de<Enter><Enter>");
    app.model.now.unix_ms += 1_000;
    app.draw().shows("◓ 0 of 12").shows("counting first, then it is done");
    assert_eq!(operations(&app), 0);
    count(&mut app);
    app.draw().shows("changed 12 values");
    app.press(":set language fr<Enter><Enter>t");
    assert_eq!(app.model.screens.len(), 1);
    count(&mut app);
    assert_eq!((operations(&app), app.model.screens.len()), (1, 1));
    app.draw().shows("> frt").shows("› changes 12");
}

#[test]
fn a_late_count_of_an_earlier_text_is_dropped() {
    let mut app = App::open(&old_captions()).size(80, 24);
    app.holds_counts = true;
    app.press("a:set language de<Enter>x");
    assert_eq!(app.effects.iter().filter(|effect| matches!(effect, Effect::Compute(..))).count(), 2);
    app.effects.reverse();
    count(&mut app);
    app.press("<Enter>");
    assert_eq!(value(&app, 0, Field::Language), "dex");
}

#[test]
fn counting_is_stopped_and_begun_again() {
    let mut app = App::open(&old_captions()).size(80, 24);
    app.holds_counts = true;
    app.press("a:set language de<Enter><^c>");
    app.draw().shows("not counted  Enter counts");
    // One Enter counts, and what was counted stands; the next one does it.
    app.press("<Enter>");
    app.model.now.unix_ms += 1_000;
    app.draw().shows("◓ 0 of 12");
    count(&mut app);
    app.draw().shows("› changes 12");
    assert_eq!(operations(&app), 0);
    app.press("<Enter>");
    app.draw().shows("changed 12 values");
}

#[test]
fn background_bulk_edit_reports_like_a_direct_one() {
    let json =
        manifest((0..2_500).map(|n| row(format!("s3://videos/{n}.mp4")).transcript(format!("s3://captions/{n}.srt"))));
    let app = App::open(&json).size(80, 24).keys("a:replace<Enter>srt<Enter>vtt<Enter>");
    app.draw().shows("✓ changed 2,500 values, one step.  u undo");
    assert_eq!(transcript(&app, 2_499), "s3://captions/2499.vtt");
    let app = app.keys("u");
    assert_eq!(bytes(app.model.session().unwrap().now()), json.as_bytes());
}

fn fields() -> impl Strategy<Value = (String, String, Option<String>)> {
    let language = prop::sample::select(vec!["en", "de", "", "en "]);
    let transcript = prop::sample::select(vec![
        "\"\"",
        "null",
        "42",
        "\"s3://captions/1.srt\"",
        "\"s3://captions/x/2.vtt\"",
        "\"s3://captions/3.vt\"",
    ]);
    ("[a-c]{1,2}", language, prop::option::of(transcript)).prop_map(|(name, language, transcript)| {
        (format!("s3://videos/{name}.mp4"), language.to_owned(), transcript.map(str::to_owned))
    })
}

fn change() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        ":set language de<Enter>",
        ":set transcript s3://captions/{stem}.srt<Enter>",
        ":set index 6298d673f1090f1100476aaa<Enter>",
        ":clear transcript<Enter>",
        ":replace transcript<Enter>(\\d)\\.<Enter>n$1.",
        ":replace transcript<Enter>vtt?$<Enter>vt",
        ":replace language<Enter>^$<Enter>en",
        ":copy-above transcript<Enter>",
        ":fix<Enter>",
    ])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// Exactly the values that were shown as changing are others afterwards, and each byte between them is as it was.
    #[test]
    fn only_the_values_of_the_chosen_count_differ_after_a_save(
        rows in prop::collection::vec(fields(), 1..12),
        selected in prop::collection::vec(any::<bool>(), 12),
        change in change(), tabs in 0usize..3, is_confirmed in any::<bool>(),
    ) {
        let json = manifest(rows.iter().map(|(object, language, transcript)| {
            let row = row(object).language(language).index(INDEX);
            match transcript {
                Some(json) => row.transcription(json),
                None => row.without_transcription(),
            }
        }));
        let mut app = App::open(&json).size(80, 24);
        for is_selected in selected.iter().take(rows.len()) {
            app.press(if *is_selected { "<space>" } else { "j" });
        }
        let targets = cuecard::app::session::targets(app.model.session().unwrap());
        app.press(change);
        app.press(&"<Tab>".repeat(tabs));
        let chosen = match app.model.screens.last() {
            Some(cuecard::app::screens::Screen::Bulk(bulk)) => bulk.rows().clone(),
            _ => Default::default(),
        };
        app.press("<Enter>");
        if is_confirmed {
            app.press("Y");
        }
        prop_assert_eq!(chosen.difference(&targets).len(), 0);
        let session = app.model.session().unwrap();
        prop_assert_eq!(session.now().edited_rows().difference(&chosen).len(), 0, "no row besides the chosen ones");
        prop_assert!(operations(&app) <= 1);
        let after = String::from_utf8(bytes(session.now())).unwrap();
        // A row a line: those that were not chosen are the same bytes.
        let excluded = session.now().excluded_rows().len();
        if excluded == 0 {
            for (at, (old, new)) in json.lines().zip(after.lines()).enumerate() {
                let row = at.checked_sub(1).map(|row| row as u32);
                if row.is_none_or(|row| !chosen.contains(row)) {
                    prop_assert_eq!(old, new);
                }
            }
            prop_assert_eq!(json.lines().count(), after.lines().count());
        }
        let journal = app.effects.iter().filter(|effect| matches!(effect, Effect::Journal(lines) if matches!(lines.as_slice(), [JournalLine::Did(_)]))).count();
        prop_assert_eq!(journal, operations(&app), "the journal has it");
        app.press("u");
        prop_assert_eq!(bytes(app.model.session().unwrap().now()), json.as_bytes());
    }
}

#[test]
fn keys_that_are_listed_meanwhile_are_counted_in() {
    let mut app = App::open(&old_captions()).size(80, 24).keys(REPLACE);
    app.draw().shows("no list");
    app = app.with_keys("acme-captions", &["news/2026/0701.vtt"]);
    app.send(Msg::Ticked(NOW));
    app.press("<Backspace>t");
    app.draw().shows("of the new values 1 is in the list, 10 are not");
}

#[test]
fn names_and_values_are_whole_where_there_is_room() {
    let json = manifest((1..=3).map(|n| {
        row(format!("s3://cuecard-demo-videos/news/2026/07{n:02}.mp4"))
            .transcript(format!("s3://acme-captions-2/part-{n}/of-a-longer-folder/part14.ja.vtt"))
    }));
    for size in [(80, 24), (120, 40)] {
        let app = App::open(&json).size(size.0, size.1).keys("a:set transcript s3://acme/x.srt<Enter>");
        app.draw().hides("…").shows("0701.mp4");
    }
    let app = App::open(&json).size(120, 40).keys("a:set transcript s3://acme/x.srt<Enter>");
    app.draw().shows("now  s3://acme-captions-2");
}
