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
