//! `:evidence PART`: what a part of a divided check learnt, beside what is known already.

use super::*;
use cuecard::app::compute::Compute;
use cuecard::app::effect::Effect;
use cuecard::app::msg::PartRead;
use cuecard::domain::evidence::{Evidence, Shard};

/// What the program asks for after `:evidence part-3.json`.
fn reading() -> (App, Effect) {
    let mut app = App::open(&news());
    observe(&mut app, 0, read(cues(755_000)));
    let mut app = app.keys(":evidence part-3.json<Enter>");
    let at = app.effects.iter().position(|effect| matches!(effect, Effect::ReadPart { .. })).expect("it is read");
    let effect = app.effects.remove(at);
    (app, effect)
}

fn part(number: u32) -> PartRead {
    PartRead { shard: Shard::new(number, 8).unwrap(), answers: 1_560, when: "today 13:40".into() }
}

/// The check of all rows with one answer more: the transcript of row 20 is missing.
fn checked(app: &mut App, effect: Effect, part: PartRead) {
    let Effect::ReadPart { job, path, snapshot, mut evidence } = effect else { unreachable!() };
    assert_eq!(path.to_str(), Some("part-3.json"));
    let subject = Subject::of(SubjectKind::Transcript, snapshot.value(19, Field::Transcription).text()).unwrap();
    let fact = transcript(Answer::Missing { deleted: false, instead: None });
    evidence.observe(&subject, &Observation { at_ms: NOW.unix_ms, requests: 1, cached: true, fact });
    app.send(Msg::PartRead(job, Ok(part)));
    app.carry_out(Effect::Compute(job, Compute::Check { snapshot, evidence }));
}

fn evidence(app: &App) -> &Evidence {
    app.model.session().unwrap().findings.as_ref().unwrap().evidence()
}

#[test]
fn evidence_part_is_merged_and_all_rows_are_judged_again() {
    let (mut app, effect) = reading();
    checked(&mut app, effect, part(3));
    app.draw().shows("part 3 of 8, asked today 13:40: 1,560 answers");
    assert_eq!(evidence(&app).len(), 2);
    let mut app = app.keys("20G");
    app.draw().shows("transcript-not-found");
    // An edit does not lose it.
    app = app.keys("x");
    assert_eq!(evidence(&app).len(), 2);
}

#[test]
fn answers_during_part_reading_are_kept() {
    let (mut app, effect) = reading();
    observe(&mut app, 1, read(cues(755_000)));
    checked(&mut app, effect, part(3));
    assert_eq!(evidence(&app).len(), 3);
}

#[test]
fn parts_are_counted_and_one_that_was_taken_in_twice_counts_once() {
    let (mut app, effect) = reading();
    checked(&mut app, effect, part(3));
    app.draw().shows("1,560 answers; 1 of 8 parts taken in");
    for (number, words) in [(3, "part 3 of 8 was taken in before; 1 of 8 parts taken in"), (4, "2 of 8 parts taken in")]
    {
        app.press(":evidence part-3.json<Enter>");
        let at = app.effects.iter().position(|effect| matches!(effect, Effect::ReadPart { .. })).expect("it is read");
        let effect = app.effects.remove(at);
        checked(&mut app, effect, part(number));
        app.draw().shows(words);
    }
}

#[test]
fn a_part_that_cannot_be_read_leaves_what_is_known() {
    let (mut app, effect) = reading();
    let Effect::ReadPart { job, .. } = effect else { unreachable!() };
    app.send(Msg::PartRead(job, Err("part-3.json is not a part of a check".into())));
    app.draw().shows("part-3.json is not a part of a check");
    assert_eq!(evidence(&app).len(), 1);
    assert!(app.model.session().unwrap().checking.is_none());
    let app = app.keys(":evidence<Enter>");
    app.draw().shows(":evidence takes the path of a part of a divided check");
}
