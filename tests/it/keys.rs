//! Lists of transcript keys and their ranking.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use cuecard::domain::keys::{Key, KeyList, KeyRef, Ranking, Reason, complete, rank};
use cuecard::domain::manifest::RowId;
use proptest::prelude::*;
use std::sync::atomic::AtomicBool;

static GO: AtomicBool = AtomicBool::new(false);

fn list(keys: &[&str]) -> KeyList {
    keys.iter().map(|key| Key::named("acme-captions", *key)).collect()
}

fn ranked(list: &KeyList, query: &str, used: &dyn Fn(&KeyRef<'_>) -> Option<RowId>) -> Vec<(String, String)> {
    let ranking = rank(list, "s3://acme-video/news/2026/0712.mp4", query, used, 100, &GO).unwrap();
    let shown = |at: u32| list.get(at).unwrap().key.to_owned();
    ranking.keys.into_iter().map(|key| (shown(key.index), key.reason.to_string())).collect()
}

const CAPTIONS: [&str; 8] = [
    "lectures/intro.srt",
    "news/2026/0712-draft.srt",
    "news/2026/0713.srt",
    "news/2026/0712.en.vtt",
    "news/2026/0698.srt",
    "archive/2026/0500.srt",
    "news/2026/0712.vtt",
    "archive/0712.srt",
];

#[test]
fn before_anything_is_typed_the_likely_keys_stand_first_with_their_reason() {
    let used = |key: &KeyRef<'_>| key.key.ends_with("0713.srt").then_some(4_712);
    let expected = [
        ("news/2026/0712.vtt", "same name"),
        ("news/2026/0712.en.vtt", "same name"),
        ("archive/0712.srt", "same name"),
        ("news/2026/0712-draft.srt", "close name"),
        ("news/2026/0713.srt", "used by 4,713"),
        ("news/2026/0698.srt", "same folder"),
        ("archive/2026/0500.srt", "same folder"),
        ("lectures/intro.srt", "other folder"),
    ];
    let ranked = ranked(&list(&CAPTIONS), "", &used);
    let ranked: Vec<_> = ranked.iter().map(|(key, reason)| (key.as_str(), reason.as_str())).collect();
    assert_eq!(ranked, expected);
}

#[test]
fn typed_text_filters_keys_and_outranks_the_video_name() {
    let keys = list(&CAPTIONS);
    let first = |query| ranked(&keys, query, &|_| None).into_iter().map(|(key, _)| key).next();
    assert_eq!(first("0712").as_deref(), Some("news/2026/0712.vtt"));
    assert_eq!(first("draft").as_deref(), Some("news/2026/0712-draft.srt"));
    assert_eq!(first("intro").as_deref(), Some("lectures/intro.srt"));
    assert_eq!(first("s3://acme-captions/lect").as_deref(), Some("lectures/intro.srt"));
    assert_eq!(first("07l2"), None);
}

#[test]
fn a_used_key_stands_behind_a_free_one_of_its_kind() {
    let keys = list(&["x/0712.srt", "x/0712.vtt"]);
    let used = |key: &KeyRef<'_>| key.key.ends_with("srt").then_some(0);
    assert_eq!(
        ranked(&keys, "", &used),
        [("x/0712.vtt".to_owned(), "same name".to_owned()), ("x/0712.srt".to_owned(), "used by 1".to_owned()),]
    );
}

#[test]
fn a_ranking_counts_all_matches_and_asks_about_no_more_than_it_shows() {
    let keys: KeyList = (0..40_000).map(|at| Key::named("b", format!("k/{at:05}.srt"))).collect();
    let asked = std::cell::Cell::new(0);
    let used = |_: &KeyRef<'_>| {
        asked.set(asked.get() + 1);
        None
    };
    let Ranking { keys: best, matches } = rank(&keys, "k/39999.mp4", "", &used, 50, &GO).unwrap();
    assert_eq!((best.len(), matches, asked.get()), (50, 40_000, 50));
    assert_eq!(keys.get(best[0].index).unwrap().key, "k/39999.srt");
    assert_eq!(best[0].reason, Reason::SameName);
}

#[test]
fn a_stopped_ranking_gives_nothing() {
    let keys = list(&CAPTIONS);
    let stop = AtomicBool::new(true);
    assert_eq!(rank(&keys, "a.mp4", "", &|_| None, 9, &stop), None);
    assert_eq!(rank(&keys, "a.mp4", "a", &|_| None, 9, &stop), None);
    assert_eq!(complete(&keys, "s3://", "a.mp4", &|_| None, 9, &stop), None);
}

#[test]
fn completions_begin_with_what_was_typed_and_the_likely_one_is_first() {
    let keys = list(&CAPTIONS);
    let offered = |typed: &str| -> Vec<String> {
        let offered = complete(&keys, typed, "s3://acme-video/news/2026/0712.mp4", &|_| None, 3, &GO).unwrap();
        offered.into_iter().map(|key| keys.get(key.index).unwrap().key.to_owned()).collect()
    };
    assert_eq!(
        offered("s3://acme-captions/news/2026/07"),
        ["news/2026/0712.vtt", "news/2026/0712.en.vtt", "news/2026/0712-draft.srt"]
    );
    assert_eq!(offered("s3://acme")[0], "news/2026/0712.vtt");
    assert_eq!(
        offered("s3://acme-captions/archive/0712"),
        ["archive/0712.srt", "news/2026/0712.vtt", "news/2026/0712.en.vtt"]
    );
    assert_eq!(offered("0713"), ["news/2026/0713.srt"]);
    assert_eq!(offered("s3://other/"), Vec::<String>::new());
    assert_eq!(offered(""), Vec::<String>::new());
}

proptest! {
    #[test]
    fn any_names_rank_the_same_twice_and_lose_no_key(
        names in prop::collection::vec("[a-z0-9/._ 가-각é-]{0,16}", 0..60),
        video in "[A-Za-z0-9/._ 가-각É-]{0,16}",
        query in "[a-z0-9 ^$!'\\\\]{0,6}",
    ) {
        let keys: KeyList = names.iter().map(|name| Key::named("b", format!("{name}.srt"))).collect();
        let all = rank(&keys, &video, "", &|_| None, 1_000, &GO).unwrap();
        prop_assert_eq!(all.keys.len(), names.len());
        let some = rank(&keys, &video, &query, &|_| None, 5, &GO).unwrap();
        prop_assert_eq!(some.keys.len(), 5.min(some.matches as usize));
        prop_assert_eq!(rank(&keys, &video, &query, &|_| None, 5, &GO), Some(some));
    }
}
