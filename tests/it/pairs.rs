//! Pairing on the screen, as an operator does it: what is sure at once, what is not row by row, and the same for all like it.

use crate::app_driver::App;
use crate::manifests::{manifest, row};
use cuecard::app::jobs::Task;
use cuecard::app::msg::{KeysSoFar, SourceId};
use cuecard::app::screens::Screen;
use cuecard::app::session::KeySource;
use cuecard::app::{Effect, Msg};
use cuecard::domain::keys::{End, Key, Summary};
use cuecard::domain::manifest::Field;
use std::fmt::Write as _;
use std::sync::Arc;

/// Four that one key fits, three that two fit, one with a close second, and one that nothing fits.
pub const VIDEOS: [&str; 9] = [
    "news/0701.mp4",
    "news/0702.mp4",
    "news/0703.mp4",
    "news/0704.mp4",
    "talks/interview-06.mp4",
    "talks/interview-07.mp4",
    "talks/interview-08.mp4",
    "odd/ferry.mp4",
    "odd/trailer.mp4",
];

pub const KEYS: [&str; 12] = [
    "news/0701.srt",
    "news/0702.srt",
    "news/0703.srt",
    "news/0704.srt",
    "talks/interview-06.en-GB.vtt",
    "talks/interview-06.en-US.vtt",
    "talks/interview-07.en-GB.vtt",
    "talks/interview-07.en-US.vtt",
    "talks/interview-08.en-GB.vtt",
    "talks/interview-08.en-US.vtt",
    "odd/ferry 2.srt",
    "news/chapters.txt.srt",
];

pub fn json() -> String {
    manifest(VIDEOS.map(|video| row(format!("s3://acme-media/{video}"))))
}

pub fn app() -> App {
    App::open(&json()).with_keys("acme-media", &KEYS).size(80, 24)
}

pub fn transcript(app: &App, row: u32) -> String {
    app.model.session().unwrap().now().value(row, Field::Transcription).text().to_owned()
}

pub fn filled(app: &App) -> usize {
    (0..app.model.session().unwrap().total()).filter(|row| !transcript(app, *row).is_empty()).count()
}

pub fn steps(app: &App) -> usize {
    app.model.session().unwrap().draft.operations().len()
}

#[test]
fn sure_rows_are_taken_and_undone_as_one_step() {
    let app = app().keys("P");
    app.draw().shows("4 sure, 3 to decide, 2 nothing fits").shows("3 rows want your decision: 1 question");
    let app = app.keys("A");
    app.draw().shows("took 4 rows, one step.  u undo").shows("✓ exact");
    assert_eq!((filled(&app), steps(&app)), (4, 1));
    assert_eq!(transcript(&app, 2), "s3://acme-media/news/0703.srt");
    let app = app.keys("u");
    app.draw().shows("- undone, 4 rows are empty again").shows("4 sure");
    assert_eq!(filled(&app), 0);
}

#[test]
fn taking_moves_the_cursor_to_undecided_rows_and_enter_decides() {
    let app = app().keys("PA");
    assert!(app.draw().find("ambiguous").1.starts_with('▌'));
    let app = app.keys("<Enter>");
    app.draw()
        .shows("decide        1 of 3, question 1 of 1")
        .shows("two fit: en-GB and en-US")
        .shows("3 rows ask this");
    let app = app.keys("1");
    assert_eq!(transcript(&app, 4), "s3://acme-media/talks/interview-06.en-GB.vtt");
    app.draw().shows("5 took 1, interview-06.en-GB.vtt.  T does that to the 2 like it").shows("2 of 3");
}

#[test]
fn the_template_opens_from_the_pairs_and_returns_to_them() {
    let app = app().keys("PT");
    app.draw().shows("template      typed");
    app.keys("<Esc>").draw().shows(" pair ").shows("nothing was filled");
    let wide = self::app().size(120, 40).keys("P");
    assert!(wide.draw().row(39).contains("T template"), "{}", wide.draw().row(39));
}

#[test]
fn one_answer_serves_all_rows_that_ask_the_same() {
    let app = app().keys("PA<Enter>2T");
    app.draw().shows("the answer of 5 fills 2 rows.  Enter does it");
    assert_eq!(steps(&app), 2, "it is told before it is done");
    let app = app.keys("<Enter>");
    for (row, name) in [(4, "06"), (5, "07"), (6, "08")] {
        assert_eq!(transcript(&app, row), format!("s3://acme-media/talks/interview-{name}.en-US.vtt"));
    }
    assert_eq!(steps(&app), 3);
    app.draw().shows("decided 3").shows("pair");
    app.keys("u").draw().shows("2 rows are empty again");
}

#[test]
fn what_the_same_answer_fills_is_listed_before_it_is_done() {
    for (width, height) in [(80, 24), (120, 40)] {
        let app = app().size(width, height).keys("PA<Enter>2T");
        let picture = app.draw();
        picture.shows("the same answer fills 2 rows");
        assert!(picture.find("08.en-US.vtt").1.contains("interview-08.mp4"));
    }
}

#[test]
fn the_answer_becomes_a_template_that_can_be_edited() {
    let app = app().keys("PA<Enter>2TT");
    app.draw().shows("template      the answer of 5 for 2 rows").shows("› exist 2");
    let app = app.keys("<Enter>");
    for (row, name) in [(4, "06"), (5, "07"), (6, "08")] {
        assert_eq!(transcript(&app, row), format!("s3://acme-media/talks/interview-{name}.en-US.vtt"));
    }
}

#[test]
fn esc_cancels_applying_one_answer_to_similar_rows() {
    let app = app().keys("PA<Enter>2T<Esc>");
    app.draw().shows("not done").shows("2 of 3");
    assert_eq!(filled(&app), 5);
}

#[test]
fn repeated_enter_fills_nothing_between_equal_matches() {
    let app = app().keys("PA<Enter><Enter><Enter><Enter>");
    app.draw().shows("choose one first: 1–2");
    assert_eq!(filled(&app), 4);
    let app = app.keys("j<Enter>");
    assert_eq!(transcript(&app, 4), "s3://acme-media/talks/interview-06.en-GB.vtt");
    app.keys("9").draw().shows("choose one first: 1–2");
}

#[test]
fn an_answer_is_taken_back_and_its_row_is_asked_again() {
    let app = app().keys("PA<Enter>1u");
    app.draw().shows("back at 5, nothing taken").shows("1 of 3").shows("3 rows ask this");
    assert_eq!(transcript(&app, 4), "");
    // A row that was left is asked again, too; what is left is asked no more.
    let app = app.keys("su");
    app.draw().shows("back at 5").shows("3 rows ask this");
    let app = app.keys("s<Esc>");
    app.draw().shows("2 rows want your decision");
    app.keys("<Enter>").draw().shows("1 of 2").shows("interview-07");
}

#[test]
fn leave_and_exclude_apply_to_all_similar_rows() {
    let app = app().keys("PA<Enter>sT<Enter>");
    app.draw().shows("decided 0, left 3");
    app.keys("j").draw().shows("every row that something fits is taken or left.  R review");
    let app = crate::pairs::app().keys("PA<Enter>xT");
    app.draw().shows("the answer of 5 excludes 2 rows.");
    let app = app.keys("<Enter>");
    assert_eq!(app.model.session().unwrap().now().excluded_rows().len(), 3);
}

#[test]
fn picking_any_listed_key_continues_to_the_next_row() {
    let app = app().keys("PA<Enter>o");
    app.draw().shows("pick a transcript");
    let app = app.keys("ferry<Enter>");
    assert_eq!(transcript(&app, 4), "s3://acme-media/odd/ferry 2.srt");
    app.draw().shows("5 took ferry 2.srt").shows("2 of 3");
}

#[test]
fn rows_that_nothing_fits_say_what_came_nearest_and_can_be_left_out_together() {
    let app = app().keys("PG<Enter>");
    app.draw().shows("none          1 of 2").shows("nothing fits. Near: ferry 2.srt, 2 is extra");
    let app = app.keys("<Enter>");
    app.draw().shows("nothing fits.  o picks any key");
    let app = app.keys("<Esc>x");
    app.draw().shows("left out 2 rows that nothing fits, one step.");
    assert_eq!(app.model.session().unwrap().now().excluded_rows().len(), 2);
}

#[test]
fn class_can_be_reviewed_row_by_row() {
    let app = app().keys("P<Enter>");
    app.draw().shows("exact         1 of 4").shows("same name");
    let app = app.keys("<Enter><Enter>");
    assert_eq!(filled(&app), 2);
    app.keys("<Esc>").draw().shows("2 taken, 2 sure");
}

#[test]
fn a_key_pressed_before_its_row_was_drawn_answers_nothing() {
    let mut app = app().keys("PA<Enter>");
    app.blind = true;
    app.press("1222ssxx");
    assert_eq!(filled(&app), 5, "the first answer was for what stood there");
    assert_eq!(app.model.session().unwrap().now().excluded_rows().len(), 0);
    app.blind = false;
    app.send(Msg::Ticked(crate::app_driver::NOW));
    app.press("2");
    assert_eq!(transcript(&app, 5), "s3://acme-media/talks/interview-07.en-US.vtt");
}

#[test]
fn a_paste_never_answers() {
    let app = app().keys("PA<Enter>").paste("1\n1\n1\n");
    assert_eq!(filled(&app), 4);
    app.draw().shows("a paste does nothing here");
}

#[test]
fn table_shows_proposals_as_ghost_text_and_dot_takes_them() {
    let mut app = app().keys("P<Esc>");
    app.draw().shows("› proposed").shows("› choose 2").shows(". take it");
    assert!(!app.model.session().unwrap().draft.is_dirty(), "a proposal is not in the file");
    app.press("2G.");
    assert_eq!(transcript(&app, 1), "s3://acme-media/news/0702.srt");
    app.press("5G");
    app.draw().shows("› ambiguous").shows("two fit: en-GB and en-US").shows("talks/interview-06.en-GB.vtt");
    app.press(".");
    assert_eq!(transcript(&app, 4), "", "nobody chose");
    app.press("8G");
    app.draw().shows("nothing fits  near: ferry 2.srt, 2 is extra").shows("○ missing");
    app.press("1Ga.");
    app.draw().shows("took 3 of 6, 3 want a decision.");
    assert_eq!(filled(&app), 4);
}

#[test]
fn rows_are_narrowed_to_those_with_a_proposal_and_those_to_decide() {
    let app = app().keys("P<Esc>Fp");
    app.draw().shows("1 of 4 in view").shows("only proposed");
    let app = app.keys("Fd");
    app.draw().shows("1 of 3 in view").shows("only to decide");
}

#[test]
fn an_edit_by_hand_ends_a_proposal_and_frees_its_key() {
    // The second row is given the first one's key by hand: the first has to be asked about now.
    let mut app = app().keys("P<Esc>2G").paste("s3://acme-media/news/0701.srt").keys("<Enter>");
    let pairing = app.model.session().unwrap().proposals.pairing.clone().unwrap();
    assert!(pairing.of_row(1).is_none(), "it has a transcript");
    assert!(pairing.of_row(0).is_some_and(|proposal| !proposal.is_sure()));
    app.press("u");
    let pairing = app.model.session().unwrap().proposals.pairing.clone().unwrap();
    assert!([0, 1].iter().all(|row| pairing.of_row(*row).is_some_and(|proposal| proposal.is_sure())));
}

#[test]
fn with_a_selection_only_its_rows_are_paired() {
    let app = app().keys("<space><space>P");
    app.draw().shows("of 2 selected: 2 sure, 0 to decide, 0 nothing fits");
    let app = app.keys("A");
    assert_eq!(filled(&app), 2);
    app.keys("<Esc><Esc>P").draw().hides("selected").shows("2 taken, 2 sure");
}

#[test]
fn complete_manifest_is_compared_with_its_names() {
    let wrong = |name: &str| match name {
        "news/0702.mp4" => "news/0703.srt".to_owned(),
        "news/0703.mp4" => "news/0702.srt".to_owned(),
        name => name.replace(".mp4", ".srt"),
    };
    let rows = VIDEOS
        .iter()
        .take(4)
        .map(|video| row(format!("s3://acme-media/{video}")).transcript(format!("s3://acme-media/{}", wrong(video))));
    let app = App::open(&manifest(rows)).with_keys("acme-media", &KEYS).size(80, 24).keys("P");
    app.draw().shows("no row is without a transcript. 4 compared with their names").shows("contradict");
    assert!(app.draw().find("contradict").1.starts_with('▌'));
    let app = app.keys("<Enter>");
    app.draw().shows("contradict    1 of 2").shows("used now");
    let app = app.keys("2");
    assert_eq!(transcript(&app, 1), "s3://acme-media/news/0702.srt");
}

#[test]
fn pairing_without_undecided_rows_says_so() {
    let app = App::open("[]").with_keys("b", &["a.srt"]).size(80, 24).keys("P");
    app.draw().shows("This manifest has no rows.");
    let rows = VIDEOS.iter().take(2).map(|video| row(format!("s3://acme-media/{video}")));
    let app = App::open(&manifest(rows)).with_keys("acme-media", &KEYS).size(80, 24).keys("axP");
    app.draw().shows("2 rows are excluded, none is left to pair.");
}

#[test]
fn without_a_source_of_keys_the_way_leads_to_one() {
    let app = App::open(&json()).size(80, 24).keys("P");
    assert!(!matches!(app.model.screens.last(), Some(Screen::Pair(_))));
    app.draw().shows("source");
}

/// The source that is being read.
pub fn listing(app: &App) -> (cuecard::app::JobId, SourceId) {
    let of = |source: &KeySource| Some((app.model.jobs.id(Task::ListKeys(source.id))?, source.id));
    app.model.session().unwrap().keys.all.iter().find_map(of).expect("a source is read")
}

pub fn end(app: &mut App, summary: Summary) {
    let (job, id) = listing(app);
    app.send(Msg::KeysEnded(job, id, Ok(Box::new(summary))));
}

pub fn page(app: &mut App, names: &[&str]) {
    let list = names.iter().map(|name| Key::named("acme-media", *name)).collect();
    let (job, id) = listing(app);
    app.send(Msg::KeysListed(job, id, KeysSoFar { list: Arc::new(list), ..KeysSoFar::default() }));
}

#[test]
fn while_the_list_is_read_counts_grow_and_taking_waits_for_its_end() {
    let mut app = App::open(&json()).size(80, 24).keys(":source s3://acme-media/<Enter>P");
    page(&mut app, KEYS.get(..2).unwrap());
    let picture = app.draw();
    picture.shows("so far, the list is still being read").shows("when the list is complete");
    let app = app.keys("A").size(120, 40);
    app.draw().shows("taking waits for the end of the list.  ^c ends it here");
    assert_eq!(filled(&app), 0);
    let mut app = app;
    page(&mut app, &KEYS);
    end(&mut app, Summary { keys: 12, usable: 12, ..Summary::default() });
    app.draw().shows("4 sure, 3 to decide, 2 nothing fits").hides("so far");
    let app = app.keys("A");
    assert_eq!(filled(&app), 4);
}

#[test]
fn a_list_that_ends_early_is_told_and_can_be_taken_from() {
    let mut app = App::open(&json()).size(80, 24).keys(":source s3://acme-media/<Enter>P");
    page(&mut app, KEYS.get(..2).unwrap());
    let app = app.keys("<^c>");
    app.draw().shows("the list is not complete, 2 keys").shows("list ends early: a better key may be missing");
    let mut app = app.keys("A");
    assert_eq!(filled(&app), 2);
    // So does one that S3 broke off.
    app.press("<Esc>:source s3://acme-other/<Enter>");
    page(&mut app, &KEYS);
    let early = End::Early("the connection was lost".into());
    end(&mut app, Summary { keys: 12, usable: 12, end: early, ..Summary::default() });
    app.keys("P").draw().shows("list ends early");
}

#[test]
fn from_the_table_it_is_told_how_many_rows_have_a_proposal() {
    let mut app = App::open(&json()).size(80, 24).keys(":source s3://acme-media/<Enter>");
    page(&mut app, &KEYS);
    end(&mut app, Summary { keys: 12, usable: 12, ..Summary::default() });
    app.draw().shows("7 rows have a proposal.  P shows them").shows("P pair");
}

#[test]
fn a_run_that_was_stopped_changes_nothing() {
    let mut app = app();
    app.held = true;
    app.press("P");
    let at = app.effects.iter().position(|effect| matches!(effect, Effect::Compute(..))).unwrap();
    let old = app.effects.remove(at);
    app.press("<^c>");
    app.carry_out(old);
    assert!(app.model.session().unwrap().proposals.pairing.is_none());
}

#[test]
fn what_was_taken_is_journalled_and_reviewed_like_any_edit() {
    let app = app().keys("PA<Enter>1T<Enter>R");
    app.draw().shows("7 changes").shows("7 filled");
    let lines = app.effects.iter().filter(|effect| matches!(effect, Effect::Journal(_))).count();
    assert_eq!(lines, 3, "taken, decided, and the same for the rest");
}

#[test]
fn many_rows_are_taken_in_the_background() {
    let (mut rows, mut keys) = (Vec::new(), Vec::new());
    for n in 0..2_500 {
        let mut name = String::new();
        let _ = write!(name, "a{}/clip-{n:04}", n / 40);
        rows.push(row(format!("s3://acme-media/{name}.mp4")));
        keys.push(format!("{name}.srt"));
    }
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let app = App::open(&manifest(rows)).with_keys("acme-media", &keys).size(120, 40).keys("PA");
    app.draw().shows("took 2,500 rows, one step: 2,500 exact.  u undo");
    assert_eq!((filled(&app), steps(&app)), (2_500, 1));
    let app = app.keys("u");
    app.draw().shows("- undone, 2,500 rows are empty again");
    assert_eq!(filled(&app), 0);
}

/// The screens at the sizes of all others.
#[test]
fn pictures_of_pairs_and_of_a_row_to_decide() {
    for (width, height) in [(120, 40), (80, 24), (60, 18), (59, 17)] {
        let size = format!("{width}x{height}");
        let app = app().size(width, height).keys("P");
        insta::assert_snapshot!(format!("pair-{size}"), app.draw().text());
        let app = app.keys("A");
        insta::assert_snapshot!(format!("pair-taken-{size}"), app.draw().text());
        let app = app.keys("<Enter>1");
        insta::assert_snapshot!(format!("decide-{size}"), app.draw().text());
        let app = app.keys("<Esc><Esc>5G");
        insta::assert_snapshot!(format!("pair-table-{size}"), app.draw().text());
    }
}

#[test]
fn the_same_for_thousands_of_rows_goes_back_as_one_answer() {
    let videos: Vec<String> = (0..2_500).map(|n| format!("talks/interview-{n:04}.mp4")).collect();
    let keys: Vec<String> =
        (0..2_500).flat_map(|n| ["en-GB", "en-US"].map(|lang| format!("talks/interview-{n:04}.{lang}.vtt"))).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let json = manifest(videos.iter().map(|video| row(format!("s3://acme-media/{video}"))));
    let app = App::open(&json).with_keys("acme-media", &keys).size(80, 24).keys("P<Enter>2");
    assert_eq!(filled(&app), 1);
    let app = app.keys("T<Enter>");
    assert_eq!(filled(&app), 2_500);
    // Back where it was decided: the thousands go together, the single answer stays.
    let app = app.keys("u");
    assert_eq!(filled(&app), 1);
}
