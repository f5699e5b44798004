//! The summary of a transcript besides its faults.

use super::transcript;
use cuecard::domain::subtitle::{Inspected, MOST_BYTES, inspect, same_language};

#[test]
fn the_summary_tells_where_cues_stand() {
    let found = transcript(
        b"1\n00:00:10,000 --> 00:00:20,000\nOne\n\n2\n00:00:15,000 --> 00:00:30,000\nTwo\n\n3\n00:02:00,000 --> 00:02:08,000\nLast\n",
    );
    assert_eq!((found.first_ms, found.last_ms, found.covered_ms), (10_000, 128_000, 28_000));
    // 128 slices of a second each: 10 to 29, and 120 to 127.
    assert_eq!(found.slices, [0x3FFF_FC00, 0xFF00_0000_0000_0000]);
}

#[test]
fn the_first_cues_are_shown_without_tags_and_escapes() {
    let long = "word ".repeat(100);
    let text = format!(
        "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Bob>R&amp;D &lt;3\n<i>and</i> more &unknown;\n\n00:03.000 --> 00:04.000\n{long}\n\n\
         00:05.000 --> 00:06.000\nc\n\n00:07.000 --> 00:08.000\nd\n\n00:09.000 --> 00:10.000\ne\n"
    );
    let found = transcript(text.as_bytes());
    assert_eq!(found.opening.len(), 4);
    assert_eq!(&*found.opening[0].text, "R&D <3 and more &unknown;");
    assert_eq!((found.opening[0].start_ms, found.opening[0].end_ms), (1000, 2000));
    assert_eq!(found.opening[1].text.chars().count(), 160);
    assert_eq!(&*found.opening[3].text, "d");
    let srt = transcript(b"1\n00:00:01,000 --> 00:00:02,000\n{\\an8}<font color=red>R&amp;D</font> 1 < 2 {x}\n");
    assert_eq!(&*srt.opening[0].text, "R&amp;D 1 < 2 {x}");
}

#[test]
fn the_language_is_told_only_when_it_is_sure() {
    let cues = |text: &str| {
        let cue = |n: usize| format!("{n}\n00:00:{n:02},000 --> 00:00:{n:02},500\n{text}\n\n");
        transcript((1..10).map(cue).collect::<String>().as_bytes()).language
    };
    let english = cues("We dig a tunnel under the city and release it into the wild, mainly with spoons.");
    assert_eq!(english.as_deref(), Some("en"));
    let german = cues("Wir graben einen Tunnel unter der Stadt und lassen ihn dann in die Wildnis frei.");
    assert_eq!(german.as_deref(), Some("de"));
    assert_eq!(cues("우리는 도시 아래에 터널을 파고 숟가락으로 그것을 풀어줍니다").as_deref(), Some("ko"));
    assert_eq!(cues("ok").as_deref(), None);
    assert_eq!(same_language("en-GB", english.as_deref().unwrap()), Some(true));
    assert_eq!(same_language("en-GB", german.as_deref().unwrap()), Some(false));
}

#[test]
fn the_beginning_of_a_longer_object_is_not_called_cut_off() {
    let whole = "1\n00:00:01,000 --> 00:00:02,000\nOné\n\n2\n00:00:03,000 --> 00:00:04,000\nTwo\n";
    for end in 1..whole.len() {
        let Inspected::Subtitles(found) = inspect(&whole.as_bytes()[..end], true) else { continue };
        assert!(found.is_cut);
        assert_eq!(found.faults, [], "cut at {end}");
        assert_eq!(found.recovered, found.apparent, "cut at {end}");
    }
    let webvtt = "WEBVTT\n\na\n00:01.000 --> 00:02.000\nOné\n\nb\n00:03.000 --> 00:04.000\nTwo\n";
    for end in 8..webvtt.len() {
        let Inspected::Subtitles(found) = inspect(&webvtt.as_bytes()[..end], true) else { panic!("{end}") };
        assert_eq!(found.faults, [], "cut at {end}");
    }
}

#[test]
fn reading_stops_at_the_byte_limit() {
    let cue = "1\n00:00:01,000 --> 00:00:02,000\nOne and only\n\n";
    let long = cue.repeat(MOST_BYTES / cue.len() + 2);
    let Inspected::Subtitles(found) = inspect(long.as_bytes(), false) else { panic!("no subtitles") };
    assert!(found.is_cut);
    assert_eq!(found.apparent as usize, MOST_BYTES / cue.len());
}
