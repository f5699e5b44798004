//! What the pair screen and a row to decide say: while they are worked out, after each step, and where nothing is to do.

use crate::app_driver::App;
use crate::manifests::{manifest, row};
use crate::pairs::{KEYS, VIDEOS, app, end, filled, json, page, transcript};
use cuecard::app::Effect;
use cuecard::domain::keys::Summary;

fn videos(names: &[&str], bucket: &str) -> String {
    manifest(names.iter().map(|name| row(format!("s3://{bucket}/{name}"))))
}

/// The pair screen with its run held back, long enough to be shown.
fn computing() -> App {
    let mut app = app();
    app.held = true;
    app.press("P");
    app.send(cuecard::app::Msg::Clock(cuecard::app::msg::Moment {
        unix_ms: app.model.now.unix_ms + 1_000,
        ..app.model.now
    }));
    app
}

#[test]
fn while_names_are_compared_nothing_is_counted_and_the_way_to_stop_is_shown() {
    let app = computing();
    let picture = app.draw();
    picture.shows("so far, names are still being compared").shows("^c stop pairing").shows("words and numbers agree");
    picture.hides("when the list is complete").hides("take all sure");
    assert!(picture.find("· exact").1.contains("–           –"), "{}", picture.text());
    let app = app.keys("A");
    app.draw().shows("nothing is paired yet").hides("nothing to take");
}

#[test]
fn a_stopped_pairing_says_so_and_enter_begins_it_again() {
    let mut app = computing();
    app.effects.clear();
    app.press("<^c>");
    let picture = app.draw();
    picture.shows("stopped, nothing is paired").shows("Enter pair").hides("· likely              0");
    app.press("<Enter>");
    app.draw().shows("so far, names are still being compared");
    let at = app.effects.iter().position(|effect| matches!(effect, Effect::Compute(..))).unwrap();
    let run = app.effects.remove(at);
    app.held = false;
    app.carry_out(run);
    app.draw().shows("4 sure, 3 to decide, 2 nothing fits").shows("A take all sure");
}

#[test]
fn a_list_stopped_before_its_first_page_leads_back_to_the_sources() {
    let app = App::open(&json()).size(80, 24).keys(":source s3://acme-media/<Enter>P<^c>");
    app.draw().shows("the list is not complete, 0 keys").shows("▲ list ends early").shows("Enter");
    app.keys("<Enter>").draw().shows("keys          ");
}

#[test]
fn title_column_and_rule_count_the_same_rows_after_each_step() {
    let app = app().keys("PA");
    let told = |app: &App, title: &str, class: &str, rule: &str| {
        let picture = app.draw();
        picture.shows(title).shows(rule);
        assert!(picture.find(class).1.contains("same name, same folder"), "{}", picture.text());
    };
    told(&app, "4 taken, 3 to decide, 2 nothing fits", "✓ exact              4        0           0", "3 to decide ─");
    let app = app.keys("ukkkk<Enter>");
    app.draw().shows("exact         1 of 4");
    let app = app.keys("<Enter><Esc>kkkk");
    told(
        &app,
        "1 taken, 3 sure, 3 to decide, 2 nothing fits",
        "› exact              4        3           0",
        "1 taken, 3 sure, 0 to decide ─",
    );
    // The sample of the row that was taken says so, the others say why they would be.
    let picture = app.draw();
    assert!(picture.find("0701.srt").1.ends_with("taken"));
    assert!(picture.find("0704.srt").1.ends_with("same folder"));
    let picture = app.keys("Agg").draw();
    assert!(["0701.srt", "0704.srt"].iter().all(|name| picture.find(name).1.ends_with("taken")), "{}", picture.text());
}

#[test]
fn rows_that_a_template_or_a_hand_filled_are_not_called_taken() {
    let app = app().keys("P<Esc>1G").keys("e<^u>s3://acme-media/news/0701.srt<Enter>P");
    app.draw().shows("3 sure, 3 to decide, 2 nothing fits").hides("taken");
    let app = app.keys("A<Enter>");
    app.draw().hides("first row");
    assert_eq!(filled(&app), 4);
}

/// Three of one class have a close second.
fn seconds() -> App {
    let names = ["a/walk 1.mp4", "a/walk 2.mp4", "b/same.mp4"];
    let keys = ["a/walk_1.srt", "a/walk 1 b.srt", "a/walk_2.srt", "b/same.srt"];
    App::open(&videos(&names, "acme-media")).with_keys("acme-media", &keys).size(80, 24).keys("P")
}

#[test]
fn a_warning_stands_under_the_class_it_is_about() {
    let mut app = seconds();
    let mut with = Vec::new();
    for class in ["exact", "normalised", "likely", "ambiguous", "none"] {
        let picture = app.draw();
        assert!(picture.find(class).1.starts_with('▌') || class != "exact");
        let row = picture.find(&format!("─ {class}, ")).1;
        if picture.text().contains("a close second") {
            with.push(class);
            assert!(!row.contains(" 0 to decide"), "{row}");
        }
        app.press("j");
    }
    assert!(with.len() <= 1, "{with:?}");
}

#[test]
fn a_class_without_rows_is_no_way_to_decide_and_no_success() {
    let app = app().keys("Pgg");
    let app = app.keys("j");
    let picture = app.draw();
    assert!(picture.find("normalised").1.starts_with("▌ ○"), "{}", picture.text());
    picture.hides("Enter decide").shows("o keys");
    let app = app.keys("<Enter>");
    app.draw().shows("no row is in this class");
}

#[test]
fn a_class_with_sure_rows_keeps_the_hint_for_the_keys() {
    app().keys("Pgg").draw().shows("A take all sure   Enter look   a this class   o keys").shows("Esc table");
}

#[test]
fn an_empty_comparison_carries_no_tick() {
    let wrong = row("s3://acme-media/news/0702.mp4").transcript("s3://acme-media/news/0703.srt");
    let app = App::open(&manifest([wrong])).with_keys("acme-media", &KEYS).size(120, 40).keys("P");
    app.draw().shows("○ agree").hides("✓ agree").shows("1 compared with their names");
    let app = app.keys("k");
    app.draw().hides("Enter decide");
}

#[test]
fn the_title_of_a_comparison_uses_the_whole_line() {
    let rows = VIDEOS.iter().take(4).map(|video| {
        row(format!("s3://acme-media/{video}")).transcript(format!("s3://acme-media/{}", video.replace("mp4", "srt")))
    });
    let app = App::open(&manifest(rows)).with_keys("acme-media", &KEYS).size(120, 40).keys(" P");
    app.draw().shows("of 1 selected: no row is without a transcript. 1 compared with their names");
}

#[test]
fn without_rows_pair_says_so_whether_keys_are_known_or_not() {
    let app = App::open("[]").size(80, 24);
    app.draw().hides("P pair").hides("f filter").hides("next problem");
    let app = app.keys("P");
    app.draw().shows("This manifest has no rows.").hides("no keys are known").hides("take all sure");
    app.keys("<Esc>R").draw().shows("This manifest has no rows. There is nothing to upload.").hides("sent as it is");
    for keys in [&[][..], &KEYS] {
        let app = App::open(&videos(&VIDEOS[..2], "acme-media")).with_keys("acme-media", keys).size(80, 24);
        app.keys("axP").draw().shows("2 rows are excluded, none is left to pair.");
    }
    // Excluded rows that have a transcript are none to compare either.
    let own = row("s3://acme-media/news/0701.mp4").transcript("s3://acme-media/news/0701.srt");
    let app = App::open(&manifest([own])).with_keys("acme-media", &KEYS).size(80, 24).keys("axP");
    app.draw().shows("1 row is excluded, none is left to pair.");
}

#[test]
fn the_question_names_each_of_three_that_fit() {
    let keys = ["t/ep.es.srt", "t/ep.fr.srt", "t/ep.ja.srt"];
    let app = App::open(&videos(&["t/ep.mp4"], "acme-media")).with_keys("acme-media", &keys).size(80, 24);
    app.keys("P<Enter>").draw().shows("3 fit: es, fr and ja; the row says en");
}

/// Two rows ask whether another language will do.
fn one_of_its_kind() -> App {
    let names = ["t/a.mp4", "t/b.mp4"];
    let keys = ["t/a.es.srt", "t/b.es.srt"];
    App::open(&videos(&names, "acme-media")).with_keys("acme-media", &keys).size(80, 24).keys("P<Enter>")
}

#[test]
fn t_promises_exactly_the_rows_it_fills() {
    let app = app().keys("PA<Enter>2");
    app.draw().shows("T does that to the 2 like it").shows("T same for 2");
    let app = app.keys("T");
    app.draw()
        .shows("the answer of 5 fills 2 rows.  Enter does it, T as a template")
        .shows("Enter fill 2   T as a template   Esc not");
    let app = app.keys("<Enter>");
    assert_eq!(filled(&app), 7);
    let app = one_of_its_kind().keys("1");
    let promised = app.draw().text().contains("T same for 1");
    let before = filled(&app);
    let app = app.keys("T<Enter>");
    assert_eq!(filled(&app) > before, promised, "{}", app.draw().text());
}

#[test]
fn with_one_candidate_enter_names_the_one_number() {
    let app = one_of_its_kind();
    app.draw().shows("only in es, the row says en");
    app.keys("<Enter>").draw().shows("there is only one: 1 takes it");
}

#[test]
fn size_and_date_of_a_candidate_stand_two_blanks_apart() {
    use cuecard::domain::keys::Key;
    let mut app = App::open(&videos(&["t/a.mp4"], "acme-media")).size(80, 24).keys(":source s3://acme-media/<Enter>P");
    let key = |name: &str| Key {
        size: Some(684),
        modified: Some("2026-11-26T10:00:00.000Z".into()),
        ..Key::named("acme-media", name)
    };
    let list = ["t/a.es.srt", "t/a.fr.srt"].map(key).into_iter().collect();
    let (job, id) = crate::pairs::listing(&app);
    let so_far = cuecard::app::msg::KeysSoFar { list: std::sync::Arc::new(list), ..Default::default() };
    app.send(cuecard::app::Msg::KeysListed(job, id, so_far));
    end(&mut app, Summary { keys: 2, usable: 2, ..Summary::default() });
    app.keys("<Enter>").draw().shows("684 B  26 Nov");
}

#[test]
fn looking_through_rows_that_nothing_fits_the_preview_says_why_it_is_empty() {
    let app = app().size(120, 40).keys("PG<Enter>");
    let picture = app.draw();
    picture.shows("No transcript fits, so none is shown.").shows("o picks any key");
    assert_eq!(picture.text().matches("preview").count(), 1, "{}", picture.text());
}

#[test]
fn a_row_that_was_taken_is_not_called_filled_when_proposals_are_made_anew() {
    let mut app = app().keys("PA<Esc>:source s3://acme-more/<Enter>");
    page(&mut app, &["zz/other.srt"]);
    end(&mut app, Summary { keys: 1, usable: 1, ..Summary::default() });
    let app = app.keys("Pgg<Enter>");
    assert!(!transcript(&app, 0).is_empty());
    app.draw().shows("taken before these proposals were made").hides("filled before");
}
