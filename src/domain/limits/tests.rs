//! Tables of a video, an index, a profile, and the expected findings.

use super::*;
use crate::video::Length;

fn video(ms: u64) -> Facts {
    Facts {
        container: Container::IsoMedia("isom".into()),
        duration: Some(Length { ms, is_rough: false, media_ms: None }),
        coded: Some((1920, 1080)),
        display: Some((1920, 1080)),
        rotation: 0,
        has_video: Some(true),
        has_audio: Some(true),
        doubt: None,
        teller: None,
    }
}

fn index(engines: &[&str], needs_audio: Option<bool>) -> Index {
    let engines = engines.iter().map(|engine| (*engine).into()).collect();
    Index { engines, needs_audio, ..Index::default() }
}

const MARENGO: &[&str] = &["marengo2.6"];
const PEGASUS: &[&str] = &["pegasus1.1"];
const BOTH: &[&str] = &["marengo2.6", "pegasus1"];

/// `video-duration error`, or empty.
fn said(profile: &str, facts: &Facts, size: u64, index: Option<&Index>) -> String {
    let limits = Limits { profile: Profile::named(profile).unwrap() };
    let breaches = limits.breaches(facts, size, index);
    for breach in &breaches {
        assert!(breach.message.ends_with('.') && !breach.message.contains(".."), "{}", breach.message);
    }
    let words = breaches.iter().map(|breach| format!("{} {}", breach.rule.code(), breach.severity.word()));
    words.collect::<Vec<_>>().join(", ")
}

#[test]
fn every_profile_has_a_name_of_its_own_and_its_own_table() {
    for (place, profile) in Profile::ALL.into_iter().enumerate() {
        assert_eq!(Profile::named(profile.name()), Some(profile));
        assert_eq!(profile.table().profile, profile);
        assert_eq!(profile as usize, place);
        assert!(!profile.source().is_empty());
    }
    assert_eq!(Profile::default().name(), "v1.2");
    assert_eq!(Profile::named("v1.3"), Profile::named("v1.3-2025-11"));
    assert_eq!(Profile::named("v2"), None);
}

#[test]
fn lengths_are_judged_by_the_engines_of_the_index() {
    let error = "video-duration error";
    let warning = "video-duration warning";
    for (profile, ms, engines, expected) in [
        ("v1.2", 760_000, BOTH, ""),
        ("v1.2", 3_000, MARENGO, error),
        ("v1.2", 3_499, MARENGO, error),
        ("v1.2", 3_500, MARENGO, warning),
        ("v1.2", 4_000, MARENGO, warning),
        ("v1.2", 4_501, MARENGO, ""),
        ("v1.2", 7_199_400, MARENGO, ""),
        ("v1.2", 7_200_500, MARENGO, warning),
        ("v1.2", 7_200_501, MARENGO, error),
        ("v1.2", 1_900_000, MARENGO, ""),
        ("v1.2", 1_900_000, PEGASUS, error),
        ("v1.2", 1_900_000, BOTH, error),
        ("v1.2", 1_900_000, &[], warning),
        ("v1.2", 1_900_000, &["oracle1"], warning),
        ("v1.2", 1_900_000, &["Pegasus1.1"], error),
        ("v1.2", 8_000_000, &[], error),
        ("v1.2-2024-03", 1_700_000, PEGASUS, error),
        ("v1.2-2024-07", 1_700_000, PEGASUS, ""),
        ("v1.1.2", 20_000, PEGASUS, error),
        ("v1.1.2", 20_000, MARENGO, ""),
        ("v1.1", 12_000, MARENGO, "video-resolution error"),
        ("v1.0", 12_000, MARENGO, "video-duration error, video-resolution error"),
        ("v1.3", 14_000_000, MARENGO, ""),
        ("v1.3", 14_000_000, BOTH, error),
        ("v1.3-2025-03", 3_000_000, PEGASUS, ""),
    ] {
        let found = said(profile, &video(ms), 1_000, Some(&index(engines, Some(false))));
        assert_eq!(found, expected, "{profile}, {ms} ms, {engines:?}");
    }
}

#[test]
fn a_length_that_is_not_sure_is_never_an_error() {
    let with = |length: Length| Facts { duration: Some(length), ..video(0) };
    let marengo = index(MARENGO, None);
    let is = |length: Length| said("v1.2", &with(length), 1_000, Some(&marengo));
    assert_eq!(is(Length { ms: 9_000_000, is_rough: true, media_ms: None }), "video-duration warning");
    assert_eq!(is(Length { ms: 8_700, is_rough: true, media_ms: None }), "");
    assert_eq!(is(Length { ms: 3_000, is_rough: false, media_ms: Some(12_000) }), "video-duration warning");
    assert_eq!(is(Length { ms: 2_000, is_rough: false, media_ms: Some(3_000) }), "video-duration error");
    assert_eq!(said("v1.2", &Facts { duration: None, ..video(0) }, 1_000, Some(&marengo)), "");
}

#[test]
fn pictures_are_judged_by_every_reading_of_the_limit() {
    let error = "video-resolution error";
    let warning = "video-resolution warning";
    for (profile, coded, display, rotation, expected) in [
        ("v1.2", (640, 360), (640, 360), 0, ""),
        ("v1.2", (640, 358), (640, 358), 0, error),
        ("v1.2", (360, 640), (360, 640), 0, ""),
        ("v1.2", (640, 360), (640, 360), 90, ""),
        // Portrait: 202 is the shorter side, 360 the height.
        ("v1.2", (202, 360), (202, 360), 0, warning),
        ("v1.2", (360, 202), (360, 202), 90, warning),
        ("v1.2", (360, 202), (360, 202), 0, error),
        // Pixels taller than wide: coded and shown size differ.
        ("v1.2", (640, 300), (640, 400), 0, warning),
        ("v1.2", (3840, 2160), (3840, 2160), 0, ""),
        ("v1.2", (2160, 3840), (2160, 3840), 0, ""),
        ("v1.2", (4096, 2160), (4096, 2160), 0, warning),
        ("v1.2", (7680, 4320), (7680, 4320), 0, error),
        ("v1.2-2024-11", (4096, 2160), (4096, 2160), 0, error),
        ("v1.2-2024-11", (360, 480), (360, 480), 0, ""),
        ("v1.2-2024-11", (400, 400), (400, 400), 0, error),
        ("v1.1.1", (1920, 1080), (1920, 1080), 0, ""),
        ("v1.1.1", (1080, 1920), (1080, 1920), 0, warning),
        ("v1.1.1", (2560, 1440), (2560, 1440), 0, error),
        ("v1.1", (1920, 1080), (1920, 1080), 0, error),
        ("v1.1", (1280, 720), (1280, 720), 0, ""),
        ("v1.3-2025-08", (4096, 2160), (4096, 2160), 0, warning),
        ("v1.3", (360, 360), (360, 360), 0, ""),
        ("v1.3", (5120, 2160), (5120, 2160), 0, warning),
    ] {
        let facts = Facts { coded: Some(coded), display: Some(display), rotation, ..video(60_000) };
        assert_eq!(said(profile, &facts, 1_000, None), expected, "{profile}, {coded:?} as {display:?}, {rotation}");
    }
    let unknown = Facts { coded: None, display: None, ..video(60_000) };
    assert_eq!(said("v1.3", &unknown, 1_000, None), "");
}

#[test]
fn aspect_ratio_is_checked_only_where_the_profile_limits_it() {
    for (profile, size, expected) in [
        ("v1.3", (1920, 800), ""),
        ("v1.3", (1920, 796), "video-aspect warning"),
        ("v1.3", (1920, 790), "video-aspect error"),
        ("v1.3", (720, 1280), ""),
        ("v1.3-2025-08", (1920, 1080), ""),
        ("v1.3-2025-08", (1080, 1920), ""),
        ("v1.3-2025-08", (854, 480), ""),
        ("v1.3-2025-08", (1920, 804), "video-aspect warning"),
        ("v1.3-2025-08", (2000, 500), "video-aspect error"),
        ("v1.2", (2000, 500), ""),
    ] {
        let facts = Facts { coded: Some(size), display: Some(size), ..video(60_000) };
        assert_eq!(said(profile, &facts, 1_000, None), expected, "{profile}, {size:?}");
    }
}

#[test]
fn size_between_decimal_and_binary_limit_is_a_warning() {
    for (profile, size, engines, expected) in [
        ("v1.2", 2_000_000_000, BOTH, ""),
        ("v1.2", 2_000_000_001, BOTH, "video-size warning"),
        ("v1.2", 1 << 31, BOTH, "video-size warning"),
        ("v1.2", (1 << 31) + 1, BOTH, "video-size error"),
        ("v1.2", u64::MAX, &[], "video-size error"),
        ("v1.3", 3_000_000_000, MARENGO, ""),
        ("v1.3", 3_000_000_000, BOTH, "video-size error"),
        ("v1.3", 3_000_000_000, &[], "video-size warning"),
        ("v1.1.1", 3_000_000_000, MARENGO, "video-size error"),
    ] {
        let found = said(profile, &video(60_000), size, Some(&index(engines, None)));
        assert_eq!(found, expected, "{profile}, {size}, {engines:?}");
    }
}

#[test]
fn sound_is_missed_where_the_index_processes_audio() {
    let silent = Facts { has_audio: Some(false), ..video(60_000) };
    for (profile, index, expected) in [
        ("v1.2", Some(index(BOTH, Some(true))), "video-audio error"),
        ("v1.2", Some(index(BOTH, Some(false))), ""),
        ("v1.2", Some(index(BOTH, None)), "video-audio warning"),
        ("v1.2", None, "video-audio warning"),
        ("v1.1.1", Some(index(MARENGO, Some(false))), "video-audio error"),
    ] {
        assert_eq!(said(profile, &silent, 1_000, index.as_ref()), expected, "{profile}, {index:?}");
    }
    assert_eq!(said("v1.2", &Facts { has_audio: None, ..silent }, 1_000, None), "");
}

#[test]
fn non_video_object_gives_one_warning() {
    let page = Facts { container: Container::NotVideo("an HTML page".into()), has_video: Some(false), ..video(1) };
    let sound = Facts { has_video: Some(false), coded: None, display: None, ..video(1) };
    for (facts, message) in [
        (page, "The object is an HTML page; the service wants a video."),
        (sound.clone(), "There is sound in the file and no picture; the service wants a video."),
        (Facts { has_audio: None, ..sound }, "There is no picture in the file; the service wants a video."),
    ] {
        let breaches = Limits::default().breaches(&facts, 1 << 40, None);
        let [only] = &breaches[..] else { panic!("{breaches:?}") };
        assert_eq!(only.message, message);
        assert_eq!((only.rule, only.severity), (Rule::ObjectNotVideo, Severity::Warning));
    }
    for container in [Container::Unknown, Container::Other("AVI".into())] {
        let facts = Facts { container, ..Facts::default() };
        assert_eq!(said("v1.3", &facts, 1_000, None), "", "what can't be told is no finding");
    }
}

#[test]
fn messages_name_the_measure_the_limit_and_the_table() {
    let message = |facts: &Facts, size, index: Option<&Index>| {
        let breaches = Limits::default().breaches(facts, size, index);
        breaches.into_iter().map(|breach| breach.message).collect::<Vec<_>>().join("\n")
    };
    let wide = Facts { coded: Some((2000, 500)), display: Some((2000, 500)), ..video(60_000) };
    let newest = Limits { profile: Profile::V13November2025 }.breaches(&wide, 0, None);
    assert_eq!(
        newest[0].message,
        "The picture is 2000x500, 4.000:1; a video may have 1:1 to 2.4:1 (limits v1.3-2025-11)."
    );
    for (facts, size, index, expected) in [
        (video(3_400), 0, Some(index(MARENGO, None)), "It plays 3.4 s; Marengo takes 4 s to 2:00:00 (limits v1.2)."),
        (
            video(1_900_000),
            0,
            None,
            "It plays 31:40; Pegasus takes 5 s to 30:00 (limits v1.2). A warning only: it is unknown whether the index \
             has Pegasus.",
        ),
        (
            Facts { coded: Some((202, 360)), display: Some((202, 360)), ..video(60_000) },
            0,
            None,
            "The picture is 202x360; a video may have from 360p (limits v1.2). A warning only: it depends on how 360p is \
             read.",
        ),
        (video(60_000), 3_000_000_000, None, "The file has 3.0 GB; a video may have up to 2 GB (limits v1.2)."),
        (
            Facts { has_audio: Some(false), ..video(60_000) },
            0,
            None,
            "The video has no audio, which some indexes need (limits v1.2). A warning only: it is unknown \
             whether the index needs audio.",
        ),
    ] {
        assert_eq!(message(&facts, size, index.as_ref()), expected);
    }
}

#[test]
fn an_index_that_ends_or_does_not_listen_is_told_of() {
    const DAY: i64 = 86_400_000;
    const NOW: i64 = 1_700 * DAY;
    let said = |expires_ms: Option<i64>, needs_audio: Option<bool>, has_transcript: bool| {
        let index = Index { expires_ms, needs_audio, ..Index::default() };
        let faults = index_faults(&index, NOW, has_transcript).into_iter();
        faults
            .map(|fault| format!("{} {} {}", fault.rule.code(), fault.severity.word(), fault.message))
            .collect::<Vec<_>>()
    };
    let none: [&str; 0] = [];
    assert_eq!(said(None, None, true), none);
    assert_eq!(said(Some(NOW + 8 * DAY), Some(true), true), none);
    assert_eq!(said(Some(NOW + 3 * DAY), None, true), ["index-expired warning The index expires in 3 days."]);
    assert_eq!(
        said(Some(NOW), None, true),
        ["index-expired error The index expired less than a day ago. Choose another one."]
    );
    assert_eq!(
        said(Some(NOW - 12 * DAY), None, true),
        ["index-expired error The index expired 12 days ago. Choose another one."]
    );
    assert_eq!(said(Some(i64::MIN), None, false).len(), 1);
    assert_eq!(said(None, Some(false), false), none);
    assert_eq!(said(None, Some(false), true).len(), 1);
}
