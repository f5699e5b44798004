//! Small inputs reduced from reported files, with the expected faults.

use super::transcript;
use cuecard::domain::rules::Severity;
use cuecard::domain::subtitle::FaultKind;

#[test]
fn captions_that_roll_up_lose_no_cue_and_say_how_many_repeat() {
    let found = transcript(include_bytes!("cases/youtube-rolling.vtt"));
    assert_eq!((found.apparent, found.left()), (4, None), "{:#?}", found.faults);
    let repeated = found.faults.iter().find(|fault| fault.kind == FaultKind::RepeatedText).unwrap();
    assert_eq!((repeated.count, repeated.severity), (3, Severity::Warning));
}

#[test]
fn a_region_of_the_old_draft_costs_cues() {
    let found = transcript(include_bytes!("cases/region-lowercase.vtt"));
    assert_eq!((found.apparent, found.recovered), (2, 0), "{:#?}", found.faults);
    assert!(found.faults.iter().any(|fault| fault.severity == Severity::Error));
}

#[test]
fn a_call_with_speakers_is_clean_but_for_a_note() {
    let found = transcript(include_bytes!("cases/teams.vtt"));
    assert_eq!((found.apparent, found.recovered), (3, 3));
    assert!(found.faults.iter().all(|fault| fault.severity == Severity::Note), "{:#?}", found.faults);
}

#[test]
fn times_that_run_backwards_are_told_at_their_lines() {
    let found = transcript(include_bytes!("cases/whisper-backwards.srt"));
    let of = |kind| found.faults.iter().find(|fault| fault.kind == kind).map(|fault| (fault.line, fault.count));
    assert_eq!(of(FaultKind::EndBeforeStart), Some((10, 2)), "{:#?}", found.faults);
    assert_eq!(of(FaultKind::CueOrder), Some((14, 2)), "{:#?}", found.faults);
}

#[test]
fn broadcast_start_times_are_kept() {
    let found = transcript(include_bytes!("cases/resolve-hour.srt"));
    assert_eq!((found.apparent, found.recovered, found.faults.len()), (5, 5, 0));
    assert_eq!(found.first_ms, 3_603_000, "what cues-start-late is told by");
}
