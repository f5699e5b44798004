//! Lists of transcript keys: every form they are saved in, and the order in which they are offered.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use cuecard::domain::keys::parse::{ListingError, Place, of_manifest, usual_bucket};
use cuecard::domain::keys::{Key, KeyList, KeyRef, Ranking, Reason, complete, parse, rank};
use cuecard::domain::manifest::RowId;
use proptest::prelude::*;
use std::sync::atomic::AtomicBool;

static GO: AtomicBool = AtomicBool::new(false);

fn urls(keys: &KeyList) -> Vec<String> {
    (0..keys.len()).filter_map(|index| keys.get(index)).map(|key| key.url()).collect()
}

fn in_bucket(bucket: &str) -> Place<'_> {
    Place { bucket: Some(bucket), prefix: "" }
}

#[test]
fn a_recursive_listing_gives_keys_with_their_blanks_sizes_and_dates() {
    let text = "\
2026-11-12 13:58:00      41207 news/2026/0712.vtt
2026-11-12 13:58:01        980 news/한국어 저녁  뉴스.srt
2026-11-12 13:58:02          0 news/
2026-11-12 13:58:03 1234567890  leading blank.srt
                           PRE older/

Total Objects: 4
   Total Size: 1234610077
";
    let parsed = parse(text.as_bytes(), in_bucket("acme")).unwrap();
    assert_eq!(
        urls(&parsed.keys),
        ["s3://acme/news/2026/0712.vtt", "s3://acme/news/한국어 저녁  뉴스.srt", "s3://acme/ leading blank.srt"]
    );
    assert_eq!((parsed.completed, parsed.keys.others(), parsed.unreadable), (3, 1, 0));
    let first = parsed.keys.get(0).unwrap();
    assert_eq!((first.size, first.modified.as_deref()), (Some(41_207), Some("2026-11-12 13:58:00")));
}

#[test]
fn human_readable_sizes_are_understood() {
    let text = "2026-11-12 13:58:00   40.2 KiB a.srt\n2026-11-12 13:58:00    1.5 MiB b c.srt\n\
                2026-11-12 13:58:00   12 Bytes d.srt\n2026-11-12 13:58:00         12 KiB.srt\n";
    let parsed = parse(text.as_bytes(), in_bucket("acme")).unwrap();
    let sizes: Vec<_> = (0..4).map(|at| parsed.keys.get(at).and_then(|key| key.size)).collect();
    assert_eq!(sizes, [Some(41_164), Some(1_572_864), Some(12), Some(12)]);
    assert_eq!(parsed.keys.get(3).unwrap().key, "KiB.srt");
}

#[test]
fn an_answer_of_list_objects_is_read_with_or_without_its_bucket() {
    let text = r#"{ "Contents": [
        { "Key": "a \"b\".srt", "LastModified": "2026-11-12T13:58:00+00:00", "ETag": "\"x\"", "Size": 7 },
        { "Key": "c.mp4", "Size": 8 } ], "RequestCharged": null }"#;
    let parsed = parse(text.as_bytes(), in_bucket("acme")).unwrap();
    assert_eq!(urls(&parsed.keys), ["s3://acme/a \"b\".srt"]);
    assert_eq!(parsed.keys.get(0).unwrap().modified.as_deref(), Some("2026-11-12 13:58:00"));
    assert_eq!((parsed.completed, parsed.keys.others()), (1, 1));

    let named = r#"{"Name": "own", "Contents": [{"Key": "a.srt"}]} {"Name": "own", "Contents": [{"Key": "b.srt"}]}"#;
    let parsed = parse(named.as_bytes(), in_bucket("acme")).unwrap();
    assert_eq!((urls(&parsed.keys), parsed.completed), (vec!["s3://own/a.srt".into(), "s3://own/b.srt".into()], 0));
}

#[test]
fn plain_lines_comments_and_urls_may_be_mixed() {
    let text =
        "# captions of November\r\n\r\nnews/0712.srt\r\n  s3://other/0713.vtt  \r\nnotes.txt\r\nftp://x/y.srt\r\n";
    let parsed = parse(text.as_bytes(), in_bucket("acme")).unwrap();
    assert_eq!(urls(&parsed.keys), ["s3://other/0713.vtt", "s3://acme/news/0712.srt"]);
    assert_eq!((parsed.completed, parsed.keys.others(), parsed.unreadable), (1, 1, 1));
}

#[test]
fn without_a_bucket_bare_keys_are_counted_and_not_guessed() {
    let parsed = parse(b"a.srt\nb.srt\ns3://own/c.srt\n", Place::default()).unwrap();
    assert_eq!((urls(&parsed.keys), parsed.without_bucket), (vec!["s3://own/c.srt".to_owned()], 2));
}

#[test]
fn names_listed_relative_to_a_prefix_get_it_and_whole_keys_do_not() {
    let place = Place { bucket: Some("acme"), prefix: "news/" };
    assert_eq!(urls(&parse(b"a.srt\nb.srt", place).unwrap().keys), ["s3://acme/news/a.srt", "s3://acme/news/b.srt"]);
    assert_eq!(urls(&parse(b"news/a.srt", place).unwrap().keys), ["s3://acme/news/a.srt"]);
}

#[test]
fn other_manifests_and_arrays_of_urls_are_lists_too() {
    let text =
        br#"[{"transcription":"s3://b/a.srt","object":"s3://b/a.mp4"},{"transcription":""},{"transcription":null},
                    {}, "s3://b/c.vtt", 7]"#;
    let parsed = parse(text, Place::default()).unwrap();
    assert_eq!((urls(&parsed.keys), parsed.unreadable), (vec!["s3://b/a.srt".into(), "s3://b/c.vtt".into()], 1));
}

#[test]
fn what_powershell_writes_is_read_and_what_is_no_text_is_refused() {
    let wide: Vec<u8> = [0xFF, 0xFE].into_iter().chain("é.srt\r\n".encode_utf16().flat_map(u16::to_le_bytes)).collect();
    assert_eq!(urls(&parse(&wide, in_bucket("acme")).unwrap().keys), ["s3://acme/é.srt"]);
    assert_eq!(urls(&parse(b"\xEF\xBB\xBFa.srt", in_bucket("acme")).unwrap().keys), ["s3://acme/a.srt"]);
    assert_eq!(parse(b"\xC0\x80.srt", in_bucket("acme")).unwrap_err(), ListingError::NotText);
}

#[test]
fn broken_json_is_refused_with_its_place() {
    let error = parse(b"{\"Contents\": [\n  {\"Key\": 7}]}", Place::default()).unwrap_err();
    assert!(matches!(&error, ListingError::Json { line: 2, .. }), "{error}");
    assert!(parse("[".repeat(100_000).as_bytes(), Place::default()).is_err());
}

#[test]
fn a_manifest_gives_its_own_keys_once_each_and_its_usual_bucket() {
    let rows = ["s3://a/1.srt", "", "s3://b/2.srt", "s3://a/1.srt", "s3://b/3.mp4", "https://x/4.srt"];
    assert_eq!(urls(&of_manifest(rows)), ["s3://a/1.srt", "s3://b/2.srt"]);
    assert_eq!(usual_bucket(rows).as_deref(), Some("a"), "as common as b, and first");
    assert_eq!(usual_bucket(["", "x"]), None);
}

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
fn what_is_typed_filters_and_then_outweighs_the_name() {
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
    fn any_bytes_are_a_list_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = parse(&bytes, in_bucket("acme"));
    }

    #[test]
    fn a_listing_comes_back_as_it_was_printed(names in prop::collection::vec("[^\\n\\r]{1,30}", 1..20)) {
        let names: Vec<String> = names.into_iter().map(|name| format!("{name}.srt")).collect();
        let text: String = names.iter().map(|name| format!("2026-11-12 13:58:00 {:>10} {name}\n", name.len())).collect();
        let parsed = parse(text.as_bytes(), in_bucket("acme")).unwrap();
        prop_assert_eq!(urls(&parsed.keys), names.iter().map(|name| format!("s3://acme/{name}")).collect::<Vec<_>>());
    }

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
