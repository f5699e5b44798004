//! The demo's tour: its lines alone lead a newcomer to `204`.

use crate::app_driver::App;
use cuecard::app::Effect;
use cuecard::app::message::Offer;
use cuecard::app::tour;
use cuecard::domain::manifest::Field;
use cuecard::domain::rules::Fix;

const SAMPLE: &str = include_str!("../../assets/demo/manifest.json");
const OBJECTS: &str = include_str!("../../assets/demo/objects.txt");

fn demo() -> App {
    let mut app = App::new();
    app.model.options.tour = Some("/videos/news-2026.json".into());
    app.load(SAMPLE);
    app.size(80, 24)
}

/// With the keys of the demo's buckets, as the demo lists them.
fn listed() -> App {
    let mut app = demo().keys(":source keys.txt<Enter>");
    let keys = OBJECTS.lines().filter_map(|line| line.strip_prefix("=== "));
    let keys: Vec<String> = keys.filter_map(|name| Some(format!("s3://{}", name.split(" ").next()?))).collect();
    app.source_holds("keys.txt", &keys.join("\n"));
    app
}

/// The keys named by the tour's current line.
fn told(app: &App) -> Vec<String> {
    let stop = tour::stop(&app.model).expect("the tour has a line on every screen");
    let key = |offer: &Offer| {
        let first = app.model.key_for(offer.action)?;
        let then = offer.then.and_then(|then| app.model.keymap.any_key_for(then)).unwrap_or_default();
        Some(first + &then)
    };
    stop.line.offers.iter().filter_map(key).collect()
}

#[test]
fn the_tour_leads_to_a_green_manifest_and_the_gate_by_its_lines_alone() {
    let (mut app, mut pressed, mut seen) = (listed(), 0, Vec::new());
    for _ in 0..25 {
        let stop = tour::stop(&app.model).unwrap();
        if stop.step == Some(8) {
            break;
        }
        let line = app.draw();
        line.shows(&format!("tour {} of {}", stop.step.unwrap(), tour::STEPS));
        seen.push(stop.step.unwrap());
        for key in told(&app) {
            let named = ["Enter", "Esc", "^s"].contains(&key.as_str());
            app.press(&if named { format!("<{key}>") } else { key.clone() });
            pressed += if named { 1 } else { key.chars().count() };
            // Answers the save as the disk would.
            if app.effects.iter().any(|effect| matches!(effect, Effect::Save(_))) {
                app = app.saved();
            }
        }
    }
    assert_eq!(tour::stop(&app.model).unwrap().step, Some(8), "{seen:?}");
    assert!(pressed <= 16, "{pressed} keys");
    let session = app.model.session().unwrap();
    assert_eq!(session.errors(), 0);
    assert!(!session.draft.is_dirty());
    seen.dedup();
    assert_eq!(seen, [1, 2, 3, 4, 5, 6, 7]);
}

/// The keys of the current line, pressed as an operator would. Saves are answered as the disk would.
fn follow_the_line(mut app: App) -> App {
    for key in told(&app) {
        let named = ["Enter", "Esc", "^s"].contains(&key.as_str());
        app.press(&if named { format!("<{key}>") } else { key });
        if app.effects.iter().any(|effect| matches!(effect, Effect::Save(_))) {
            app = app.saved();
        }
    }
    app
}

#[test]
fn every_line_shows_all_its_keys_in_the_smallest_window() {
    let mut app = listed().size(60, 18);
    let mut seen = Vec::new();
    while let Some(stop) = tour::stop(&app.model).filter(|stop| stop.step != Some(8)) {
        let picture = app.draw();
        let keys = told(&app);
        assert!(!keys.is_empty(), "{stop:?}");
        for offer in &stop.line.offers {
            picture.shows(&format!(" {}", offer.words));
        }
        seen.push(stop.step);
        assert!(seen.len() < 25, "{seen:?}");
        app = follow_the_line(app);
    }
    assert!(seen.len() > 10, "{seen:?}");
}

#[test]
fn after_the_accepted_upload_the_table_is_the_end_of_the_tour_until_the_file_is_changed() {
    let mut app = listed();
    while tour::stop(&app.model).is_some_and(|stop| stop.step != Some(6)) {
        app = follow_the_line(app);
    }
    let mark = |app: &mut App| {
        let session = app.model.session_mut().unwrap();
        session.accepted = Some(session.draft.saved().revision());
    };
    mark(&mut app);
    app.draw().shows("tour 9 of 9   Sent.  :follow shows what became of each row");
    // The question of a menu or a prompt changes nothing.
    let mut app = app.keys(":re");
    app.press("<Esc>");
    assert_eq!(tour::stop(&app.model).unwrap().step, Some(9));
    let app = app.keys("d");
    assert_ne!(tour::stop(&app.model).unwrap().step, Some(9));
    assert_eq!(tour::stop(&app.keys("u").model).unwrap().step, Some(9), "undone, it is what was sent");
}

#[test]
fn a_prompt_has_the_line_of_the_screen_below() {
    let app = demo().keys("L");
    assert_eq!(tour::stop(&app.model).unwrap().step, None);
    let app = app.keys("f");
    assert_eq!(tour::stop(&app.model).unwrap().step, None);
    let app = demo().keys("!:");
    assert_eq!(tour::stop(&app.model).unwrap().step, None, "the palette");
    let app = demo().keys("F");
    assert_eq!(tour::stop(&app.model).unwrap().step, Some(1));
}

#[test]
fn the_gate_counts_errors_without_calling_them_new() {
    let mut app = demo();
    app.press(":submit<Enter>");
    app.draw().shows("errors block the upload.  } goes to the first").hides("came to light");
}

#[test]
fn the_whole_sample_is_asked_about_so_that_no_error_comes_to_light_by_scrolling() {
    let mut app = demo();
    app.press("j");
    assert_eq!(app.looked_at.iter().map(|(row, _)| *row).max(), Some(60));
}

#[test]
fn the_tour_never_hides_a_row_of_the_frame_and_can_be_switched_off() {
    let app = demo();
    app.draw().shows("no real key").shows(":tour off").shows("tour 1 of 9");
    let app = app.keys(":tour off<Enter>");
    app.draw().hides("tour 1 of");
    let app = app.keys(":tour<Enter>");
    app.draw().shows("tour 1 of 9");
    // Undo goes one step back.
    let app = app.keys("!X<Enter><Esc>");
    app.draw().shows("tour 3 of 9");
    app.keys("u").draw().shows("tour 1 of 9");
}

#[test]
fn the_tour_advises_no_change_but_the_fixes() {
    let app = demo().keys("ad");
    app.draw().shows("clear         transcript of").hides("applies them");
    demo().keys("!X").draw().shows("applies them");
}

#[test]
fn another_file_has_no_tour() {
    let mut app = demo();
    let effects = cuecard::app::load(&mut app.model, "/videos/mine.json".into());
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Load(..))));
    assert!(!app.model.session().unwrap().tour);
    assert_eq!(tour::stop(&app.model), None);
    app.model.session_mut().unwrap().loading = None;
    app.press(":tour<Enter>");
    assert!(!app.model.session().unwrap().tour);
    app.draw().shows("the tour is of the demo's own file only");
}

#[test]
fn every_fix_of_the_sample_leads_to_a_transcript_that_the_bucket_holds() {
    let app = demo();
    let session = app.model.session().unwrap();
    let findings = session.findings.as_ref().unwrap();
    let held: Vec<&str> = OBJECTS.lines().filter_map(|line| line.strip_prefix("=== ")?.split(" ").next()).collect();
    let mut led_to = 0;
    for row in 0..session.total() {
        findings.each_of_row(session.now(), row, |finding| {
            if let Some(Fix::Set(Field::Transcription, to)) = &finding.fix
                && let Some(object) = to.strip_prefix("s3://")
            {
                led_to += 1;
                assert!(
                    OBJECTS.contains(&format!("=== {object}\n")) || held.contains(&object),
                    "row {}: {to}",
                    row + 1
                );
            }
        });
    }
    assert!(led_to >= 5, "{led_to}");
}
