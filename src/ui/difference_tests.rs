//! Tests that differences stay visible, whatever is cut.

use proptest::prelude::*;

use super::*;
use crate::ui::text::cut_key;

fn joined(parts: &Parts) -> String {
    format!("{}{}{}", parts.before, parts.differs, parts.after)
}

fn marked(parts: &Parts) -> String {
    format!("{}[{}]{}", parts.before, parts.differs, parts.after)
}

#[test]
fn the_part_that_differs_is_shown_in_both_at_the_same_place() {
    let uuid = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
    let old = format!("s3://acme-captions/{uuid}/recording.srt");
    for (new, cells, expected) in [
        (format!("s3://other-captions/{uuid}/recording.srt"), 40, ["s3://[acme]-captio…", "s3://[other]-captio…"]),
        (format!("s3://acme-captions/{uuid}/recording.vtt"), 40, ["….[srt]", "….[vtt]"]),
    ] {
        let both = side_by_side(&old, &new, cells, "…");
        for (parts, expected) in both.iter().zip(expected) {
            let (before, after) = expected.split_once('…').unwrap_or((expected, ""));
            let shown = marked(parts);
            assert!(shown.starts_with(before) && shown.ends_with(after), "{shown}");
            assert!(width(&joined(parts)) <= cells, "{shown}");
        }
        assert_eq!(both[0].before, both[1].before);
    }
}

#[test]
fn what_fits_is_whole_and_differing_words_are_marked_whole() {
    let both = side_by_side("s3://b/news/0704.srt", "s3://b/news/0771.vtt", 40, "…");
    assert_eq!(both.each_ref().map(marked), ["s3://b/news/[0704.srt]", "s3://b/news/[0771.vtt]"]);
    let both = side_by_side("en-US", "en", 40, "…");
    assert_eq!(both.each_ref().map(marked), ["[en-US]", "[en]"]);
}

#[test]
fn a_difference_that_nobody_can_see_is_told_in_words() {
    let told = |old, new| unseen(old, new).map(|[old, new]| format!("{old} | {new}"));
    assert_eq!(told("s3://b/k ", "s3://b/k").as_deref(), Some("with a blank | without the blank"));
    assert_eq!(told("s3://b/k", "  s3://b/k").as_deref(), Some("without the blank | with 2 blanks"));
    assert_eq!(told("a\u{a0}b", "a b").as_deref(), Some("U+00A0 | U+0020"));
    assert_eq!(told("s3://b/\u{e9}t", "s3://b/e\u{301}t").as_deref(), Some("U+00E9 | U+0065 U+0301"));
    assert_eq!(told("0704.srt", "0704.vtt"), None);
    assert_eq!(told("same", "same"), None);
}

#[test]
fn a_difference_deep_in_a_text_of_megabytes_is_shown_too() {
    let text = |end: &str| format!("{}{end}", "ab/".repeat(1_000_000));
    let both = side_by_side(&text("0704.srt"), &text("0771.srt"), 60, "…");
    assert_eq!(both.each_ref().map(|parts| parts.differs.clone()), ["0704", "0771"]);
}

fn text() -> impl Strategy<Value = String> {
    "(s3://)?[ab]{0,30}(/[ab한é._-]{0,40}){0,4}(\\.srt|\\.vtt)?"
}

proptest! {
    #[test]
    fn two_texts_that_differ_never_look_the_same(old in text(), new in text(), cells in 24usize..120) {
        prop_assume!(old != new);
        let both = side_by_side(&old, &new, cells, "…");
        prop_assert_ne!(joined(&both[0]), joined(&both[1]));
        prop_assert_eq!(&both[0].before, &both[1].before);
        for (parts, whole) in both.iter().zip([&old, &new]) {
            prop_assert!(width(&joined(parts)) <= cells, "{:?}", parts);
            if width(&old).max(width(&new)) <= cells {
                prop_assert_eq!(&joined(parts), whole);
            }
        }
    }

    #[test]
    fn keys_one_under_another_can_be_told_apart(
        keys in prop::collection::vec(text(), 1..30), cells in 12usize..60
    ) {
        let shown = tell_apart(keys.iter().map(|key| key.as_str().into()), cells, "…", |key| cut_key(key, cells, "…"));
        let shown: Vec<String> = shown.into_iter().map(|key| key.directory + &key.name).collect();
        for (a, key) in shown.iter().zip(&keys) {
            prop_assert!(width(a) <= cells, "{a}");
            for (b, other) in shown.iter().zip(&keys) {
                prop_assert!(key == other || a != b, "{key} and {other} are both {a}");
            }
        }
    }
}

#[test]
fn recordings_that_differ_in_their_folder_alone_show_that_folder() {
    let ids =
        ["7c9e6679-7425-40de-944b-e07fc1f90ae7", "0f8fad5b-d9cb-469f-a165-70867728950e", "d290f1ee-6c54-4b01-90e6"];
    let keys = ids.map(|id| format!("s3://acme-clips/{id}/recording.mp4"));
    let shown = tell_apart(keys.iter().map(|key| key.as_str().into()), 24, "…", |key| cut_key(key, 24, "…"));
    for (key, id) in shown.iter().zip(ids) {
        assert!(
            id.starts_with(&key.name.trim_start_matches('/').chars().take(8).collect::<String>())
                && key.name.ends_with(".mp4"),
            "{key:?}"
        );
    }
    let names = names_apart(keys.iter().map(|key| key.as_str().into()), 20, "…");
    assert!(
        names.iter().zip(ids).all(|(name, id)| name.contains(&id.chars().take(6).collect::<String>())),
        "{names:?}"
    );
    // Names that differ already stay as they are.
    let names = names_apart(["s3://b/a/1.mp4", "s3://b/a/2.mp4"].map(Cow::from), 20, "…");
    assert_eq!(names, ["1.mp4", "2.mp4"]);
}
